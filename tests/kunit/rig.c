// SPDX-License-Identifier: GPL-2.0-only
/*
 * rig.c: a memory manager on mock backends (see rig.h)
 */
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "vidmm/place.h"

/* Longer than anything takes; a thread that is not done by then never will be. */
#define FOREVER	(60 * HZ)

/**
 * struct rig_memory - an allocation
 * @mem: what the manager knows
 * @rig: whose
 */
struct rig_memory {
	struct vidmm_alloc mem;
	struct rig *rig;
};

static void release_client(struct vidmm_client *client)
{
	container_of(client, struct rig_account, client)->released++;
}

static void free_alloc(struct vidmm_alloc *mem)
{
	struct rig_memory *memory = container_of(mem, struct rig_memory, mem);
	struct kunit *test = memory->rig->test;

	KUNIT_EXPECT_EQ_MSG(test, mem->segment, VIDMM_NOWHERE, "freed with memory");
	KUNIT_EXPECT_EQ_MSG(test, mem->busy, 0, "freed in use");
	KUNIT_EXPECT_EQ_MSG(test, refcount_read(&mem->refs), 0, "freed with references");
	atomic_dec(&memory->rig->live);
	if (mem->place)
		vidmm_place_free(mem->place);
	kfree(memory);
}

static const struct vidmm_client_ops client_ops = {
	.release = release_client,
	.free = free_alloc,
};

/**
 * rig_init - what a suite's init function is
 * @test: the test; its priv is the rig afterwards
 */
int rig_init(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->test = test;
	rig->local = mock_backend_create(test, RIG_LOCAL);
	rig->aperture = mock_backend_create(test, RIG_APERTURE);
	vidmm_init(&rig->mm, &rig->local->be, &rig->aperture->be, RIG_COMMIT);
	test->priv = rig;
	return 0;
}

/**
 * rig_exit - what a suite's exit function is
 * @test: the test; fails if something is left
 */
void rig_exit(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int i;

	if (!rig)
		return;
	for (i = 0; i < rig->num_accounts; i++) {
		if (!rig->accounts[i].left)
			rig_leave(rig, &rig->accounts[i].client);
		KUNIT_EXPECT_EQ_MSG(test, rig->accounts[i].released, 1, "account %u", i);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->live), 0);
	KUNIT_EXPECT_EQ(test, rig->mm.allocs, 0);
	KUNIT_EXPECT_EQ(test, rig->mm.commit, 0);
	KUNIT_EXPECT_EQ(test, rig->mm.busy, 0);
	for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, rig->mm.segments[i].used, 0, "segment %u", i);
		KUNIT_EXPECT_EQ_MSG(test, rig->mm.segments[i].allocs, 0, "segment %u", i);
	}
	rig->local->be.ops->destroy(&rig->local->be);
	rig->aperture->be.ops->destroy(&rig->aperture->be);
}

/**
 * rig_client - open an account
 * @rig: the rig
 *
 * Return: the account, which rig_exit() closes.
 */
struct vidmm_client *rig_client(struct rig *rig)
{
	struct rig_account *account = &rig->accounts[rig->num_accounts];

	KUNIT_ASSERT_LT(rig->test, rig->num_accounts, RIG_MAX_CLIENTS);
	vidmm_client_init(&account->client, &rig->mm, &client_ops);
	rig->num_accounts++;
	return &account->client;
}

/**
 * rig_leave - the process of an account ends
 * @rig: the rig
 * @client: the account
 */
void rig_leave(struct rig *rig, struct vidmm_client *client)
{
	container_of(client, struct rig_account, client)->left = true;
	vidmm_client_leave(client);
}

/**
 * rig_released - has the account been released?
 * @client: the account
 */
bool rig_released(struct vidmm_client *client)
{
	return container_of(client, struct rig_account, client)->released;
}

/**
 * rig_alloc_in - make an allocation
 * @client: on this account
 * @npages: its size
 * @supported: as in &struct vidmm_alloc_desc
 * @preferred: likewise
 *
 * Return: the allocation without memory, with one reference; without one the test ends.
 */
struct vidmm_alloc *rig_alloc_in(struct vidmm_client *client, unsigned long npages, u8 supported,
				 u32 preferred)
{
	struct rig *rig = container_of(client->mm, struct rig, mm);
	struct vidmm_alloc_desc desc = {
		.bytes = (u64)npages << PAGE_SHIFT,
		.priority = D3DDDI_ALLOCATIONPRIORITY_NORMAL,
		.supported = supported,
		.preferred = preferred,
	};
	struct rig_memory *memory;

	KUNIT_ASSERT_EQ(rig->test, vidmm_desc_check(&rig->mm, &desc), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(rig->test, vidmm_commit(client, npages, 1), STATUS_SUCCESS);
	memory = kzalloc(sizeof(*memory), GFP_KERNEL);
	if (!memory) {
		vidmm_uncommit(client, npages, 1);
		KUNIT_FAIL_AND_ABORT(rig->test, "no memory");
	}
	memory->rig = rig;
	atomic_inc(&rig->live);
	vidmm_alloc_init(&memory->mem, client, &desc);
	return &memory->mem;
}

/**
 * rig_alloc - make an allocation that may be anywhere and prefers the local segment
 * @client: on this account
 * @npages: its size
 *
 * Return: as rig_alloc_in().
 */
struct vidmm_alloc *rig_alloc(struct vidmm_client *client, unsigned long npages)
{
	return rig_alloc_in(client, npages, 0, 0);
}

static int thread_main(void *data)
{
	struct rig_thread *thread = data;

	allow_signal(SIGKILL);
	thread->status = thread->function(thread->data);
	complete(&thread->done);
	return 0;
}

/**
 * rig_thread_start - do something beside the test
 * @test: the test
 * @function: what
 * @data: its argument
 *
 * The thread can be killed with SIGKILL, as a process's.
 *
 * Return: the thread, for rig_thread_join().
 */
struct rig_thread *rig_thread_start(struct kunit *test, int (*function)(void *data), void *data)
{
	struct rig_thread *thread = kunit_kzalloc(test, sizeof(*thread), GFP_KERNEL);
	struct task_struct *task;

	KUNIT_ASSERT_NOT_NULL(test, thread);
	thread->function = function;
	thread->data = data;
	init_completion(&thread->done);
	task = kthread_create(thread_main, thread, "vdxg-kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	thread->task = get_task_struct(task);
	wake_up_process(task);
	return thread;
}

/**
 * rig_thread_join - wait for a thread
 * @test: the test; ends if the thread does not
 * @thread: the thread
 *
 * Return: its status.
 */
int rig_thread_join(struct kunit *test, struct rig_thread *thread)
{
	unsigned long left = wait_for_completion_timeout(&thread->done, FOREVER);

	KUNIT_ASSERT_NE_MSG(test, left, 0, "the thread waits for ever");
	put_task_struct(thread->task);
	return thread->status;
}

/**
 * rig_thread_done - has a thread done it?
 * @thread: the thread
 */
bool rig_thread_done(struct rig_thread *thread)
{
	return completion_done(&thread->done);
}
