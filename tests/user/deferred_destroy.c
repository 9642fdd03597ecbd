// SPDX-License-Identifier: MIT
/*
 * deferred_destroy.c: DestroyAllocation2 while the device has work that may use what is destroyed
 *
 * The work is a context that waits for a fence. All four combinations of AssumeNotInUse and
 * SynchronousDestroy; what counts as work; and how such a destruction ends when nobody signals.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "gpusync.h"
#include "paging.h"

#define BYTES	(16 * 4096)

#define SAME_USAGE(one, two) do { \
	struct usage one__ = (one), two__ = (two); \
	EXPECT_EQ(one__.allocs, two__.allocs); \
	EXPECT_EQ(one__.committed, two__.committed); \
	EXPECT_EQ(one__.resident, two__.resident); \
} while (0)

/* an allocation with memory */
static D3DKMT_HANDLE need_filled(D3DKMT_HANDLE device)
{
	D3DKMT_HANDLE allocation = need_allocation(device, BYTES);

	memset(need_lock(device, allocation), 0x5a, BYTES);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	return allocation;
}

static void T6_default(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct usage before = need_usage(), full;
	struct gate gate = need_gate(device);

	allocation = need_filled(device);
	full = need_usage();
	EXPECT_EQ(full.allocs, before.allocs + 1);
	EXPECT_EQ(full.resident, before.resident + BYTES);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	/* the handle is dead, the memory is not */
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, allocation, NULL), STATUS_INVALID_PARAMETER);
	let_run(device);
	SAME_USAGE(need_usage(), full);
	open_gate(&gate);
	expect_usage_back(before);
}

/* ---- SynchronousDestroy, which needs a thread ---- */

struct sync_destroy {
	pthread_t thread;
	D3DKMT_HANDLE device, allocation;
	uint32_t flags;
	NTSTATUS status;
	struct usage after;
	int done;
};

static void *destroy_and_look(void *arg)
{
	struct sync_destroy *d = arg;

	d->status = kmt_destroy(d->device, 0, &d->allocation, 1, d->flags);
	d->after = need_usage();
	__atomic_store_n(&d->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start_destroy(struct sync_destroy *d, D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	*d = (struct sync_destroy) {
		.device = device,
		.allocation = allocation,
		.flags = DESTROY_SYNCHRONOUS,
	};
	REQUIRE(!pthread_create(&d->thread, NULL, destroy_and_look, d));
	/* it has begun when the handle is dead */
	while (kmt_get_priority(device, allocation, NULL) == STATUS_SUCCESS)
		sched_yield();
}

static bool is_done(struct sync_destroy *d)
{
	return __atomic_load_n(&d->done, __ATOMIC_SEQ_CST);
}

static void T7_synchronous(void)
{
	D3DKMT_HANDLE device = need_device();
	struct usage before = need_usage(), full;
	struct gate gate = need_gate(device);
	struct sync_destroy d;
	D3DKMT_HANDLE allocation = need_filled(device);

	full = need_usage();
	start_destroy(&d, device, allocation);
	let_run(device);
	EXPECT(!is_done(&d));
	SAME_USAGE(need_usage(), full);
	open_gate(&gate);
	pthread_join(d.thread, NULL);
	EXPECT_STATUS(d.status, STATUS_SUCCESS);
	SAME_USAGE(d.after, before);
}

static void T8_assume_not_in_use(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct usage before = need_usage();
	struct gate gate = need_gate(device);
	uint32_t flags;

	for (flags = DESTROY_ASSUME_NOT_IN_USE;
	     flags <= (DESTROY_ASSUME_NOT_IN_USE | DESTROY_SYNCHRONOUS);
	     flags += DESTROY_SYNCHRONOUS) {
		allocation = need_filled(device);
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, flags), STATUS_SUCCESS);
		SAME_USAGE(need_usage(), before);
	}
	/* the work is still there */
	allocation = need_filled(device);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	open_gate(&gate);
	expect_usage_back(before);
}

static void nothing_queued(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), allocation;
	struct fence fence = need_fence(device, 0, 0);
	struct usage before = need_usage();
	uint32_t flags;

	EXPECT_STATUS(gpu_signal(context, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	for (flags = 0; flags < 4; flags++) {
		allocation = need_filled(device);
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, flags), STATUS_SUCCESS);
		SAME_USAGE(need_usage(), before);
	}
}

/* ---- what counts as work ---- */

static void several_contexts(void)
{
	D3DKMT_HANDLE device = need_device(), list[3], resource;
	struct usage before = need_usage(), full;
	struct gate gates[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		gates[i] = need_gate(device);
	need_filled(device);
	before = need_usage();
	resource = need_resource(device, BYTES, 3, list);
	full = need_usage();
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	for (i = 0; i < 4; i++) {
		let_run(device);
		SAME_USAGE(need_usage(), full);
		open_gate(&gates[i ^ 1]);
	}
	expect_usage_back(before);
}

static void hardware_queues(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device);
	struct fence fence = need_fence(device, 0, 0);
	struct usage before = need_usage(), full;
	D3DKMT_HANDLE allocation = need_filled(device);

	EXPECT_STATUS(hw_wait(queue, fence.handle, 1), STATUS_SUCCESS);
	full = need_usage();
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	let_run(device);
	SAME_USAGE(need_usage(), full);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	expect_usage_back(before);
}

static void later_work(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct usage before = need_usage();
	struct gate first = need_gate(device), second;
	struct fence never = need_fence(device, 0, 0);

	allocation = need_filled(device);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	/* on another context, and on the same one */
	second = need_gate(device);
	EXPECT_STATUS(gpu_wait(first.context, never.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	open_gate(&first);
	expect_usage_back(before);

	/* what is destroyed now waits for both */
	allocation = need_filled(device);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	open_gate(&second);
	let_run(device);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	EXPECT_STATUS(kmt_signal(device, never.handle, 1), STATUS_SUCCESS);
	expect_usage_back(before);
}

/* Destructions one after the other, each behind more work than the one before. */
static void one_after_the_other(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), list[64];
	struct fence fence = need_fence(device, 0, 0);
	struct usage before = need_usage(), expected;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		EXPECT_STATUS(gpu_wait(context, fence.handle, i + 1), STATUS_SUCCESS);
		need_allocations(device, 4096, 1 + i % 7 * 9, list);
		EXPECT_STATUS(kmt_destroy_list(device, list, 1 + i % 7 * 9), STATUS_SUCCESS);
	}
	expected = need_usage();
	for (i = 0; i < 20; i++) {
		EXPECT_STATUS(kmt_signal(device, fence.handle, i + 1), STATUS_SUCCESS);
		expected.allocs -= 1 + i % 7 * 9;
		expected.committed -= (1 + i % 7 * 9) * 4096;
		expect_usage_back(expected);
	}
	SAME_USAGE(expected, before);
}

static void another_device(void)
{
	D3DKMT_HANDLE busy = need_device(), device = need_device(), allocation;
	struct usage before = need_usage();
	struct gate gate = need_gate(busy);

	need_context(device);
	allocation = need_filled(device);
	EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	SAME_USAGE(need_usage(), before);
	open_gate(&gate);
}

static void large_list(void)
{
	D3DKMT_HANDLE device = need_device(), *list = calloc(4096, sizeof(*list));
	struct usage before = need_usage(), full;
	struct gate gate = need_gate(device);

	REQUIRE(list);
	need_allocations(device, 4096, 4096, list);
	full = need_usage();
	EXPECT_STATUS(kmt_destroy_list(device, list, 4096), STATUS_SUCCESS);
	SAME_USAGE(need_usage(), full);
	open_gate(&gate);
	expect_usage_back(before);
}

/* ---- what goes when ---- */

static void T12_mapping_goes_at_once(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, BYTES);
	struct gate gate = need_gate(device);
	volatile char *p = need_lock(device, allocation);

	p[0] = 1;
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT(test_gone(p));
	open_gate(&gate);
}

static void T10_residency(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct queue queue = need_queue(device);
	struct usage before = need_usage(), full;
	struct gate gate = need_gate(device);
	unsigned int i;

	allocation = need_allocation(device, BYTES);
	for (i = 0; i < 3; i++)
		need_resident(&queue, &allocation, 1);
	full = need_usage();
	EXPECT_EQ(full.resident, before.resident + BYTES);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	let_run(device);
	SAME_USAGE(need_usage(), full);
	open_gate(&gate);
	expect_usage_back(before);
}

static void existing_memory(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct usage before = need_usage(), full;
	struct gate gate = need_gate(device);

	REQUIRE_STATUS(kmt_create_over(device, test_pages(BYTES), BYTES, 0, &allocation),
		       STATUS_SUCCESS);
	need_lock(device, allocation);
	full = need_usage();
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	let_run(device);
	SAME_USAGE(need_usage(), full);
	open_gate(&gate);
	expect_usage_back(before);
}

static void T9_shared(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device();
	struct usage before = need_usage();
	struct gate gate = need_gate(device);
	struct shared shared = need_shared(device, BYTES, 1, SHARED), opened;
	char *p;

	REQUIRE_STATUS(kmt_open_global(other, shared.global, 1, &opened), STATUS_SUCCESS);
	p = need_lock(other, opened.allocations[0]);
	memset(p, 0x77, BYTES);
	EXPECT_STATUS(kmt_destroy(device, shared.resource, NULL, 0,
				  DESTROY_ASSUME_NOT_IN_USE | DESTROY_SYNCHRONOUS),
		      STATUS_SUCCESS);
	EXPECT_EQ(p[BYTES - 1], 0x77);
	/* the other device has nothing to do */
	EXPECT_STATUS(kmt_destroy(other, opened.resource, NULL, 0, DESTROY_SYNCHRONOUS),
		      STATUS_SUCCESS);
	SAME_USAGE(need_usage(), before);
	open_gate(&gate);
}

/* The creator goes with the flag; the opener, whose device has work, keeps the memory. */
static void shared_other_device_busy(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device();
	struct usage before = need_usage();
	struct gate gate = need_gate(other);
	struct shared shared = need_shared(device, BYTES, 1, SHARED), opened;

	REQUIRE_STATUS(kmt_open_global(other, shared.global, 1, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(other, opened.resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy(device, shared.resource, NULL, 0,
				  DESTROY_ASSUME_NOT_IN_USE | DESTROY_SYNCHRONOUS),
		      STATUS_SUCCESS);
	let_run(other);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	open_gate(&gate);
	expect_usage_back(before);
}

/* ---- paging ---- */

static void paging_in_flight(void)
{
	D3DKMT_HANDLE device = need_device(), list[8];
	struct queue queue = need_queue(device);
	struct usage before = need_usage();
	struct gate gate = need_gate(device);
	D3DDDI_MAKERESIDENT args;
	unsigned int round;
	uint32_t flags;
	NTSTATUS status;

	for (round = 0; round < 16; round++) {
		if (round == 8)
			open_gate(&gate);
		need_allocations(device, 64 * 4096, 8, list);
		status = kmt_make_resident_args(&args, queue.handle, list, 8, 0);
		EXPECT(status == STATUS_PENDING || status == STATUS_SUCCESS);
		flags = round % 4;
		/* which alone would not return while the gate is shut */
		if (round < 8 && flags == DESTROY_SYNCHRONOUS)
			flags |= DESTROY_ASSUME_NOT_IN_USE;
		EXPECT_STATUS(kmt_destroy(device, 0, list, 8, flags), STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_SUCCESS);
	expect_usage_back(before);
}

/* What is destroyed synchronously is back, although it was being paged in. */
static void paging_synchronous(void)
{
	D3DKMT_HANDLE device = need_device(), list[8];
	struct queue queue = need_queue(device);
	struct usage before = need_usage();
	D3DDDI_MAKERESIDENT args;
	unsigned int round;
	NTSTATUS status;

	for (round = 0; round < 16; round++) {
		need_allocations(device, 64 * 4096, 8, list);
		status = kmt_make_resident_args(&args, queue.handle, list, 8, 0);
		EXPECT(status == STATUS_PENDING || status == STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy(device, 0, list, 8, DESTROY_SYNCHRONOUS | round % 2),
			      STATUS_SUCCESS);
		SAME_USAGE(need_usage(), before);
	}
}

/* ---- nobody signals ---- */

static void T13_device_in_error(void)
{
	D3DKMT_HANDLE device = need_device();
	struct usage before = need_usage();
	D3DKMT_HANDLE waits = need_filled(device), later = need_filled(device), last;
	struct sync_destroy d;

	last = need_filled(device);
	need_gate(device);
	start_destroy(&d, device, waits);
	EXPECT_STATUS(kmt_destroy_one(device, later), STATUS_SUCCESS);
	EXPECT(!is_done(&d));
	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	pthread_join(d.thread, NULL);
	EXPECT_STATUS(d.status, STATUS_SUCCESS);
	/* and on a device that is in error already */
	EXPECT_STATUS(kmt_destroy(device, 0, &last, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	expect_usage_back(before);
}

static void context_destroyed(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct usage before = need_usage();
	struct gate gate = need_gate(device);

	allocation = need_filled(device);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(gate.context), STATUS_SUCCESS);
	expect_usage_back(before);
}

static void device_destroyed(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), allocation = need_filled(device);

	need_gate(device);
	need_filled(device);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	expect_usage_back(before);
}

/* A child that waits for a fence of the parent's, which is never signalled, and ends as @end says. */
static void child_ends(void (*end)(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, int fd),
		       bool kill_it)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	struct usage before = need_usage();
	HANDLE nt = need_share(fence.handle);
	int fds[2];
	char byte;
	pid_t pid;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE mine = need_device(), context = need_context(mine), allocation;
		struct fence opened;

		REQUIRE_STATUS(kmt_open_sync_nt(mine, nt, 0, &opened), STATUS_SUCCESS);
		REQUIRE_STATUS(gpu_wait(context, opened.handle, 1), STATUS_SUCCESS);
		need_filled(mine);
		allocation = need_filled(mine);
		end(mine, allocation, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	REQUIRE(read(fds[0], &byte, 1) == 1);
	if (kill_it)
		kill(pid, SIGKILL);
	EXPECT_EQ(test_wait(pid), kill_it ? 128 + SIGKILL : 0);
	expect_usage_back(before);
	EXPECT_EQ(*fence.value, 0);
}

static void exit_with_it(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, int fd)
{
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	REQUIRE(write(fd, "", 1) == 1);
}

static void wait_in_it(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, int fd)
{
	struct sync_destroy d;

	start_destroy(&d, device, allocation);
	let_run(device);
	REQUIRE(write(fd, "", 1) == 1);
	pthread_join(d.thread, NULL);
}

static void process_exits(void)
{
	child_ends(exit_with_it, false);
}

static void process_is_killed(void)
{
	child_ends(wait_in_it, true);
}

static const struct test_case cases[] = {
	CASE(T6_default, "the call returns, the memory stays until the fence is signalled"),
	CASE(T7_synchronous, "SynchronousDestroy blocks until then, and the memory is back"),
	CASE(T8_assume_not_in_use, "AssumeNotInUse: back at once, with SynchronousDestroy too"),
	CASE(nothing_queued, "with nothing queued the memory is back whatever the flags"),
	CASE(several_contexts, "all contexts of the device count"),
	CASE(hardware_queues, "hardware queues, too"),
	CASE(later_work, "work that was submitted later does not"),
	CASE(one_after_the_other, "20 destructions, each behind work of its own"),
	CASE(another_device, "nor does the work of another device"),
	CASE(large_list, "4,096 allocations in one call"),
	CASE(T12_mapping_goes_at_once, "the CPU's mapping does not wait"),
	CASE(T10_residency, "nor has residency to be given up before"),
	CASE(existing_memory, "the caller's own memory is kept until then"),
	CASE(T9_shared, "a shared resource stays with who has opened it"),
	CASE(shared_other_device_busy, "AssumeNotInUse is about the own device only"),
	CASE(paging_in_flight, "destroyed while it is paged in, with every combination"),
	CASE(paging_synchronous, "after SynchronousDestroy no paging holds it"),
	CASE(T13_device_in_error, "an error of the device ends the wait; destroying still works"),
	CASE(context_destroyed, "so does the end of the context"),
	CASE(device_destroyed, "and that of the device"),
	CASE(process_exits, "a process that exits leaves nothing"),
	CASE(process_is_killed, "nor does one that is killed in the call"),
};

TEST_MAIN(cases)
