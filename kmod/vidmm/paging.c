// SPDX-License-Identifier: GPL-2.0-only
/*
 * paging.c: operations that are done later, in order (see paging.h)
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../sched/fence.h"
#include "paging.h"
#include "place.h"
#include "vidmm.h"

static struct workqueue_struct *paging_workqueue;

/**
 * vidmm_paging_init - get ready for pagers
 *
 * Return: 0 or -ENOMEM.
 */
int vidmm_paging_init(void)
{
	paging_workqueue = alloc_workqueue("vdxg-paging", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE);
	return paging_workqueue ? 0 : -ENOMEM;
}

/**
 * vidmm_paging_exit - wait for the last operations; there are no pagers any more
 */
void vidmm_paging_exit(void)
{
	destroy_workqueue(paging_workqueue);
}

/**
 * vidmm_paging_flush - wait for the operations that are being done
 *
 * Context: sleeps.
 */
void vidmm_paging_flush(void)
{
	flush_workqueue(paging_workqueue);
}

/* The next operation to do, or NULL. */
static struct vidmm_paging_op *take_op(struct vidmm_pager *pager)
{
	struct vidmm_paging_op *op = NULL;
	unsigned int i;

	spin_lock(&pager->lock);
	for (i = 0; !op && !pager->held && i < VIDMM_PAGING_PRIORITIES; i++)
		op = list_first_entry_or_null(&pager->ops[i], struct vidmm_paging_op, link);
	if (op)
		list_del(&op->link);
	spin_unlock(&pager->lock);
	return op;
}

static void work(struct work_struct *work)
{
	struct vidmm_pager *pager = container_of(work, struct vidmm_pager, work);
	struct vidmm_paging_queue *queue;
	struct vidmm_paging_op *op;

	while ((op = take_op(pager))) {
		queue = op->queue;
		if (op->run(op) == STATUS_NO_MEMORY)
			WRITE_ONCE(pager->failed, true);
		vdxg_fence_signal(queue->fence, op->value, false);
		spin_lock(&pager->lock);
		list_del(&op->age);
		pager->ending = op->number;
		spin_unlock(&pager->lock);
		op->release(op);
		spin_lock(&pager->lock);
		pager->ending = 0;
		queue->pending--;
		wake_up_all(&pager->wait);
		spin_unlock(&pager->lock);
		vidmm_paging_queue_put(queue);
		cond_resched();
	}
	vidmm_pager_put(pager);
}

/* See that the work runs, or runs again. */
static void kick(struct vidmm_pager *pager)
{
	refcount_inc(&pager->refs);
	if (!queue_work(paging_workqueue, &pager->work))
		vidmm_pager_put(pager);
}

/**
 * vidmm_pager_create - a pager for a device
 *
 * Context: sleeps.
 * Return: the pager with one reference, or NULL.
 */
struct vidmm_pager *vidmm_pager_create(void)
{
	struct vidmm_pager *pager = kzalloc(sizeof(*pager), VDXG_GFP);
	unsigned int i;

	if (!pager)
		return NULL;
	refcount_set(&pager->refs, 1);
	spin_lock_init(&pager->lock);
	for (i = 0; i < VIDMM_PAGING_PRIORITIES; i++)
		INIT_LIST_HEAD(&pager->ops[i]);
	INIT_LIST_HEAD(&pager->ages);
	INIT_WORK(&pager->work, work);
	init_waitqueue_head(&pager->wait);
	return pager;
}

/**
 * vidmm_pager_put - drop a reference
 * @pager: the pager
 *
 * Context: any.
 */
void vidmm_pager_put(struct vidmm_pager *pager)
{
	if (refcount_dec_and_test(&pager->refs))
		kfree(pager);
}

/**
 * vidmm_pager_hold - begin no operation, or go on
 * @pager: the pager
 * @hold: which
 *
 * For tests, which want to see what is queued.
 *
 * Context: any.
 */
void vidmm_pager_hold(struct vidmm_pager *pager, bool hold)
{
	spin_lock(&pager->lock);
	pager->held = hold;
	spin_unlock(&pager->lock);
	if (!hold)
		kick(pager);
}

/**
 * vidmm_pager_mark - what has been queued by now
 * @pager: the pager
 *
 * Context: any.
 * Return: for vidmm_pager_wait().
 */
u64 vidmm_pager_mark(struct vidmm_pager *pager)
{
	u64 mark;

	spin_lock(&pager->lock);
	mark = pager->added;
	spin_unlock(&pager->lock);
	return mark;
}

/* Whether everything up to a mark has been done, and has dropped its references. */
static bool done_up_to(struct vidmm_pager *pager, u64 mark)
{
	struct vidmm_paging_op *oldest;
	bool done;

	spin_lock(&pager->lock);
	oldest = list_first_entry_or_null(&pager->ages, struct vidmm_paging_op, age);
	done = (!oldest || oldest->number > mark) && (!pager->ending || pager->ending > mark);
	spin_unlock(&pager->lock);
	return done;
}

/**
 * vidmm_pager_wait - wait until everything up to a mark has been done
 * @pager: the pager
 * @mark: from vidmm_pager_mark()
 * @state: TASK_KILLABLE or TASK_INTERRUPTIBLE
 *
 * Context: sleeps.
 * Return: 0, or -ERESTARTSYS for a signal.
 */
int vidmm_pager_wait(struct vidmm_pager *pager, u64 mark, unsigned int state)
{
	if (state == TASK_INTERRUPTIBLE)
		return wait_event_interruptible(pager->wait, done_up_to(pager, mark));
	return wait_event_killable(pager->wait, done_up_to(pager, mark));
}

/**
 * vidmm_paging_queue_create - a queue
 * @pager: whose
 * @fence: the fence for its progress, which starts at 0 and nobody else signals; referenced by the
 * queue
 * @priority: VIDMM_PAGING_LOWEST to VIDMM_PAGING_HIGHEST
 *
 * Context: sleeps.
 * Return: the queue with one reference, or NULL.
 */
struct vidmm_paging_queue *vidmm_paging_queue_create(struct vidmm_pager *pager,
						     struct vdxg_fence *fence, int priority)
{
	struct vidmm_paging_queue *queue = kzalloc(sizeof(*queue), VDXG_GFP);

	if (!queue)
		return NULL;
	refcount_set(&queue->refs, 1);
	refcount_inc(&pager->refs);
	queue->pager = pager;
	vdxg_fence_get(fence);
	queue->fence = fence;
	queue->list = VIDMM_PAGING_HIGHEST - priority;
	return queue;
}

/**
 * vidmm_paging_queue_put - drop a reference
 * @queue: the queue
 *
 * Context: any.
 */
void vidmm_paging_queue_put(struct vidmm_paging_queue *queue)
{
	if (!refcount_dec_and_test(&queue->refs))
		return;
	vdxg_fence_put(queue->fence);
	vidmm_pager_put(queue->pager);
	kfree(queue);
}

/**
 * vidmm_paging_queue_idle - has everything been done?
 * @queue: the queue
 */
bool vidmm_paging_queue_idle(struct vidmm_paging_queue *queue)
{
	return !READ_ONCE(queue->pending);
}

/**
 * vidmm_paging_queue_drain - wait until everything has been done
 * @queue: the queue
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, or STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_paging_queue_drain(struct vidmm_paging_queue *queue)
{
	if (wait_event_killable(queue->pager->wait, vidmm_paging_queue_idle(queue)))
		return STATUS_UNSUCCESSFUL;
	return STATUS_SUCCESS;
}

/**
 * vidmm_paging_queue_add - queue an operation
 * @queue: the queue
 * @op: the operation, its @run and @release set; may be gone when this returns
 *
 * Context: any.
 * Return: the value that the fence gets when it has been done.
 */
u64 vidmm_paging_queue_add(struct vidmm_paging_queue *queue, struct vidmm_paging_op *op)
{
	struct vidmm_pager *pager = queue->pager;
	u64 value;

	refcount_inc(&queue->refs);
	op->queue = queue;
	spin_lock(&pager->lock);
	value = ++queue->last;
	op->value = value;
	queue->pending++;
	op->number = ++pager->added;
	list_add_tail(&op->age, &pager->ages);
	list_add_tail(&op->link, &pager->ops[queue->list]);
	spin_unlock(&pager->lock);
	kick(pager);
	return value;
}

/**
 * vidmm_touch_list - allocations are used now: none of them has to go for another
 * @refs: the allocations, of one manager
 * @count: how many, not 0
 *
 * Context: no locks; may sleep.
 * Return: a stamp before theirs, for vidmm_page_in().
 */
u64 vidmm_touch_list(struct vidmm_ref *refs, u32 count)
{
	struct vidmm *mm = vidmm_of(refs[0].alloc);
	u64 before = vidmm_new_stamp(mm);
	u32 i;

	spin_lock(&mm->lock);
	for (i = 0; i < count; i++) {
		vidmm_touch(refs[i].alloc);
		cond_resched_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
	return before;
}

/**
 * vidmm_page_in_list - bring allocations into segments of the GPU
 * @refs: the allocations, referenced
 * @count: how many
 * @before: as for vidmm_page_in(), not later than the stamps of these
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps.
 * Return: as vidmm_page_in(), of the first that fails; those before it are there.
 */
int vidmm_page_in_list(struct vidmm_ref *refs, u32 count, u64 before, unsigned int flags)
{
	int status = STATUS_SUCCESS;
	u32 i;

	for (i = 0; !status && i < count; i++) {
		status = vidmm_page_in(refs[i].alloc, before, flags);
		cond_resched();
	}
	return status;
}

/**
 * vidmm_page_in_granted - bring allocations into segments of the GPU that have been promised their place
 * @refs: the allocations, referenced, of one manager; those that no device requires any more are passed over
 * @count: how many, not 0
 * @before: as for vidmm_page_in_list()
 * @flags: VIDMM_NOWAIT
 *
 * Others may have had a turn on the GPU since @before, and keep what they brought back for it. So it is tried
 * again: each time these are the latest to come.
 *
 * Context: sleeps.
 * Return: as vidmm_page_in_list(); STATUS_NO_MEMORY only without memory.
 */
int vidmm_page_in_granted(struct vidmm_ref *refs, u32 count, u64 before, unsigned int flags)
{
	unsigned int attempt;
	int status;
	u32 i;

	for (attempt = 0; attempt < VIDMM_ATTEMPTS; attempt++) {
		for (i = 0, status = STATUS_SUCCESS; !status && i < count; i++) {
			/* Evicted or destroyed since. */
			if (READ_ONCE(refs[i].alloc->required))
				status = vidmm_page_in(refs[i].alloc, before, flags);
			cond_resched();
		}
		if (status != STATUS_NO_MEMORY)
			break;
		before = vidmm_touch_list(refs, count);
	}
	return status;
}

/**
 * struct page_in - the operation behind vidmm_queue_page_in()
 * @op: what the queue knows
 * @count: number of allocations
 * @refs: the allocations, referenced; the counts may be gone
 */
struct page_in {
	struct vidmm_paging_op op;
	u32 count;
	struct vidmm_ref refs[];
};

static int run_page_in(struct vidmm_paging_op *op)
{
	struct page_in *in = container_of(op, struct page_in, op);

	return vidmm_page_in_granted(in->refs, in->count, vidmm_touch_list(in->refs, in->count), 0);
}

static void release_page_in(struct vidmm_paging_op *op)
{
	struct page_in *in = container_of(op, struct page_in, op);
	u32 i;

	for (i = 0; i < in->count; i++) {
		vidmm_alloc_put(in->refs[i].alloc);
		cond_resched();
	}
	kvfree(in);
}

/**
 * vidmm_queue_page_in - bring allocations into segments of the GPU later
 * @queue: the queue
 * @refs: the allocations, of one manager; required
 * @count: how many, not 0
 * @value: what the fence will get when they are there
 *
 * Context: sleeps.
 * Return: STATUS_PENDING, or STATUS_NO_MEMORY.
 */
int vidmm_queue_page_in(struct vidmm_paging_queue *queue, struct vidmm_ref *refs, u32 count,
			u64 *value)
{
	struct page_in *in = kvmalloc(struct_size(in, refs, count),
				      VDXG_GFP);
	u32 i;

	if (!in)
		return STATUS_NO_MEMORY;
	in->op.run = run_page_in;
	in->op.release = release_page_in;
	in->count = count;
	for (i = 0; i < count; i++) {
		in->refs[i].alloc = refs[i].alloc;
		in->refs[i].count = NULL;
		refcount_inc(&refs[i].alloc->refs);
	}
	*value = vidmm_paging_queue_add(queue, &in->op);
	return STATUS_PENDING;
}
