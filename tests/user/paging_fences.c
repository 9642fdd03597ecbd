// SPDX-License-Identifier: MIT
/*
 * paging_fences.c: what MakeResident leaves to a paging queue, and who waits for it
 *
 * A call is PENDING where somebody has to be waited for. Here that is a thread which moves the same allocation all
 * the time; how often the two meet is up to the scheduler, so the tests go on until they have met.
 *
 * vm-options: --module-params "local_mb=8 aperture_mb=8 drm_limit_mb=8 software_move=copy"
 */
#include <pthread.h>

#include "paging.h"
#include "share.h"

#define BYTES	(4 * MIB)
#define MEETINGS	3
#define MOST	20000

/**
 * struct mover - a thread that moves an allocation
 * @device: its device
 * @allocation: the allocation
 * @queue: a paging queue of that device
 * @stop: end
 */
struct mover {
	D3DKMT_HANDLE device, allocation;
	struct queue queue;
	int stop;
};

static void *move(void *arg)
{
	struct mover *m = arg;

	while (!__atomic_load_n(&m->stop, __ATOMIC_SEQ_CST)) {
		need_resident(&m->queue, &m->allocation, 1);
		EXPECT_STATUS(kmt_evict(m->device, &m->allocation, 1, 0), STATUS_SUCCESS);
	}
	return NULL;
}

/**
 * struct meeting - two devices that share an allocation, which the thread of one of them moves
 * @mover: the thread
 * @thread: the same
 * @device: the other device
 * @allocation: the allocation as that one knows it
 */
struct meeting {
	struct mover mover;
	pthread_t thread;
	D3DKMT_HANDLE device, allocation;
};

static void begin_meeting(struct meeting *m)
{
	D3DKMT_HANDLE adapter = need_adapter();
	struct shared shared;

	m->mover.device = need_device_of(adapter);
	m->mover.queue = need_queue(m->mover.device);
	m->mover.stop = 0;
	shared = need_shared(m->mover.device, BYTES, 1, SHARED);
	m->mover.allocation = shared.allocations[0];
	m->device = need_device_of(adapter);
	REQUIRE_STATUS(kmt_open_global(m->device, shared.global, 1, &shared), STATUS_SUCCESS);
	m->allocation = shared.allocations[0];
	write_pattern(m->mover.device, m->mover.allocation, BYTES, 1);
	REQUIRE(!pthread_create(&m->thread, NULL, move, &m->mover));
}

static void end_meeting(struct meeting *m)
{
	__atomic_store_n(&m->mover.stop, 1, __ATOMIC_SEQ_CST);
	REQUIRE(!pthread_join(m->thread, NULL));
	expect_pattern(m->mover.device, m->mover.allocation, BYTES, 1);
}

static void T23_pending_is_signalled(void)
{
	unsigned int i, pending = 0;
	struct queue queue;
	struct meeting m;
	D3DDDI_MAKERESIDENT args;
	uint64_t last = 0;
	NTSTATUS status;

	begin_meeting(&m);
	queue = need_queue(m.device);
	for (i = 0; i < MOST && pending < MEETINGS && !test_failed(); i++) {
		status = kmt_make_resident_args(&args, queue.handle, &m.allocation, 1, 0);
		EXPECT_EQ(args.NumAllocations, 1);
		if (status == STATUS_PENDING) {
			EXPECT_EQ(args.PagingFenceValue, ++last);
			wait_value(&queue, last);
			pending++;
		} else {
			EXPECT_STATUS(status, STATUS_SUCCESS);
			EXPECT_EQ(args.PagingFenceValue, 0);
		}
		/* now, and for as long as this device requires it */
		EXPECT_EQ(need_residency(m.device, m.allocation), RESIDENT_IN_GPU_MEMORY);
		EXPECT_STATUS(kmt_evict(m.device, &m.allocation, 1, 0), STATUS_SUCCESS);
		EXPECT_EQ(*queue.value, last);
	}
	test_note("%u calls were PENDING, of %u", pending, i);
	EXPECT(pending == MEETINGS);
	end_meeting(&m);
}

static void T27_destroying_a_queue_waits(void)
{
	unsigned int i, pending = 0;
	struct queue queue;
	struct meeting m;
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status;

	begin_meeting(&m);
	for (i = 0; i < MOST && pending < MEETINGS && !test_failed(); i++) {
		queue = need_queue(m.device);
		status = kmt_make_resident_args(&args, queue.handle, &m.allocation, 1, 0);
		pending += status == STATUS_PENDING;
		EXPECT(status == STATUS_PENDING || status == STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_SUCCESS);
		/* it has been done, though nobody can look at the fence any more */
		EXPECT_EQ(need_residency(m.device, m.allocation), RESIDENT_IN_GPU_MEMORY);
		EXPECT(test_gone((void *)(uintptr_t)queue.value));
		EXPECT_STATUS(kmt_evict(m.device, &m.allocation, 1, 0), STATUS_SUCCESS);
	}
	test_note("%u calls were PENDING, of %u", pending, i);
	EXPECT(pending == MEETINGS);
	end_meeting(&m);
}

static void T24_shared_memory(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), one = need_device_of(adapter),
		two = need_device_of(adapter);
	struct queue queue_one = need_queue(one), queue_two = need_queue(two);
	struct shared ours = need_shared(one, BYTES, 1, SHARED), theirs;

	REQUIRE_STATUS(kmt_open_global(two, ours.global, 1, &theirs), STATUS_SUCCESS);
	need_resident(&queue_one, ours.allocations, 1);
	EXPECT_STATUS(kmt_evict(two, theirs.allocations, 1, 0), STATUS_INVALID_PARAMETER);
	need_resident(&queue_two, theirs.allocations, 1);
	EXPECT_STATUS(kmt_evict(one, ours.allocations, 1, 0), STATUS_SUCCESS);
	/* the same memory, which the other device requires */
	EXPECT_EQ(need_residency(one, ours.allocations[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(one, ours.allocations, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(two, theirs.allocations, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(one, ours.allocations[0]), NOT_RESIDENT);
	/* a device that goes requires nothing any more */
	need_resident(&queue_two, theirs.allocations, 1);
	EXPECT_STATUS(kmt_destroy_device(two), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(one, ours.allocations, 1, 0), STATUS_INVALID_PARAMETER);
	need_resident(&queue_one, ours.allocations, 1);
	EXPECT_STATUS(kmt_evict(one, ours.allocations, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(one, ours.allocations[0]), NOT_RESIDENT);
}

static const struct test_case cases[] = {
	CASE(T23_pending_is_signalled, "a PENDING value is reached, and a value of 0 never needs waiting"),
	CASE(T27_destroying_a_queue_waits, "DestroyPagingQueue waits for what was queued"),
	CASE(T24_shared_memory, "each device has a count of its own of memory that they share"),
};

TEST_MAIN(cases)
