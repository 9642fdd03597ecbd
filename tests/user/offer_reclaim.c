// SPDX-License-Identifier: MIT
/*
 * offer_reclaim.c: memory that may be given up, and taken back
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "paging.h"
#include "raw.h"
#include "share.h"

#define LOW		1
#define NORMAL		2
#define HIGH		3
#define AUTO		4
#define OFFER_IMMEDIATELY	(1U << 0)
#define OFFER_ALLOW_DECOMMIT	(1U << 1)
#define RESULT_OK		0
#define RESULT_DISCARDED	1

static NTSTATUS kmt_offer(D3DKMT_HANDLE device, const D3DKMT_HANDLE *resources,
			  const D3DKMT_HANDLE *list, uint32_t n, int priority, uint32_t flags)
{
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.pResources = (D3DKMT_HANDLE *)resources,
		.HandleList = list,
		.NumAllocations = n,
		.Priority = priority,
	};

	SET_FLAGS(offer.Flags, flags);
	return D3DKMTOfferAllocations(&offer);
}

static NTSTATUS kmt_reclaim(const struct queue *queue, const D3DKMT_HANDLE *resources,
			    const D3DKMT_HANDLE *list, uint32_t n, uint32_t *results)
{
	D3DKMT_RECLAIMALLOCATIONS2 reclaim = {
		.hPagingQueue = queue->handle,
		.NumAllocations = n,
		.pResources = (D3DKMT_HANDLE *)resources,
		.HandleList = list,
		.pResults = (void *)results,
	};
	NTSTATUS status = D3DKMTReclaimAllocations2(&reclaim);

	if (status != STATUS_PENDING)
		return status;
	EXPECT_NE(reclaim.PagingFenceValue, 0);
	wait_value(queue, reclaim.PagingFenceValue);
	return STATUS_SUCCESS;
}

/* fill the local segment but for @spare, so that everything else has to go */
static void press(D3DKMT_HANDLE device, const struct queue *queue, uint64_t spare)
{
	D3DKMT_HANDLE all = need_local(device, need_capacity(VDXG_SEGMENT_LOCAL) - spare);

	need_resident(queue, &all, 1);
	EXPECT_STATUS(kmt_destroy_one(device, all), STATUS_SUCCESS);
}

static void T30_without_pressure(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	uint32_t result = 77;

	write_pattern(device, a, MIB, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_offer(device, NULL, &a, 1, LOW, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, &a, 1, &result), STATUS_SUCCESS);
	EXPECT_EQ(result, RESULT_OK);
	expect_pattern(device, a, MIB, 1);
}

static void structure_readonly(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	struct d3dkmt_reclaimallocations2 args = {
		.paging_queue.v = queue.handle,
		.allocation_count = 1,
		.allocations = (uintptr_t)&a,
	};
	uint32_t result = 77;
	int fd = test_open();
	void *p;

	EXPECT_STATUS(kmt_offer(device, NULL, &a, 1, LOW, 0), STATUS_SUCCESS);
	EXPECT_STATUS(raw_call(fd, LX_DXRECLAIMALLOCATIONS2, test_readonly(&args, sizeof(args))),
		      -EFAULT);
	EXPECT_STATUS(kmt_lock(device, a, &p), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, &a, 1, &result), STATUS_SUCCESS);
	EXPECT_NE(result, 77);
	EXPECT_STATUS(kmt_lock(device, a, &p), STATUS_SUCCESS);
}

static void T31_pressure(void)
{
	const int priorities[] = { HIGH, LOW, NORMAL };
	D3DKMT_HANDLE device = need_device(), list[3], more;
	uint64_t quarter = need_capacity(VDXG_SEGMENT_LOCAL) / 4;
	struct queue queue = need_queue(device);
	uint32_t results[3] = { 77, 77, 77 }, i;

	/* low goes first, then normal, then high */
	need_allocations_in(device, quarter, VDXG_SEGMENT_SET_LOCAL, 3, list);
	for (i = 0; i < 3; i++) {
		write_pattern(device, list[i], quarter, i);
		need_resident(&queue, &list[i], 1);
		EXPECT_STATUS(kmt_evict(device, &list[i], 1, EVICT_ONLY_IF_NECESSARY),
			      STATUS_SUCCESS);
		EXPECT_STATUS(kmt_offer(device, NULL, &list[i], 1, priorities[i], 0),
			      STATUS_SUCCESS);
	}
	more = need_local(device, 2 * quarter);
	need_resident(&queue, &more, 1);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, list[1]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[2]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_destroy_one(device, more), STATUS_SUCCESS);
	more = need_local(device, 3 * quarter);
	need_resident(&queue, &more, 1);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, list[2]), NOT_RESIDENT);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 3, results), STATUS_SUCCESS);
	EXPECT_EQ(results[0], RESULT_OK);
	EXPECT_EQ(results[1], RESULT_DISCARDED);
	EXPECT_EQ(results[2], RESULT_DISCARDED);
	expect_pattern(device, list[0], quarter, 0);
	/* a discarded allocation is there, and empty */
	EXPECT_EQ(*(uint64_t *)need_lock(device, list[1]), 0);
	/* it can be offered and reclaimed again */
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 3, results), STATUS_SUCCESS);
	EXPECT_EQ(results[1], RESULT_OK);
}

static void T32_locks(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	uint32_t result = 77;
	void *data;

	need_lock(device, a);
	EXPECT_STATUS(kmt_offer(device, NULL, &a, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(device, a), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_offer(device, NULL, &a, 1, LOW, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(device, a, &data), STATUS_INVALID_PARAMETER);
	press(device, &queue, 0);
	EXPECT_STATUS(kmt_lock(device, a, &data), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, &a, 1, &result), STATUS_SUCCESS);
	EXPECT_EQ(result, RESULT_DISCARDED);
	EXPECT_EQ(*(uint64_t *)need_lock(device, a), 0);
}

/* A lock counts on whatever device it was taken, and by whatever process. */
static void T32_locked_elsewhere(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), other = need_device_of(adapter);
	struct shared shared = need_shared(device, MIB, 1, SHARED), opened;
	struct queue queue = need_queue(device);
	uint32_t result = 77;
	void *data;

	REQUIRE_STATUS(kmt_open_global(other, shared.global, 1, &opened), STATUS_SUCCESS);
	need_lock(other, opened.allocations[0]);
	EXPECT_STATUS(kmt_offer(device, NULL, shared.allocations, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, &shared.resource, NULL, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(other, opened.allocations[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_offer(device, NULL, shared.allocations, 1, LOW, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(other, opened.allocations[0], &data), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, shared.allocations, 1, &result), STATUS_SUCCESS);
	need_lock(other, opened.allocations[0]);
}

/* A list may name a resource more than once, but not more allocations than there can be. */
static void named_over_and_over(void)
{
	enum { ALLOCATIONS = 512, TIMES = 65536 };
	static D3DKMT_HANDLE list[ALLOCATIONS], resources[TIMES];
	static uint32_t results[TIMES];
	D3DKMT_HANDLE device = need_device(), resource = need_resource(device, 4096, ALLOCATIONS, list);
	struct queue queue = need_queue(device);
	unsigned int i;
	void *data;

	for (i = 0; i < TIMES; i++)
		resources[i] = resource;
	EXPECT_STATUS(kmt_offer(device, resources, NULL, TIMES, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, resources, NULL, TIMES, results), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_lock(device, list[0], &data), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_offer(device, resources, NULL, 3, LOW, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_reclaim(&queue, resources, NULL, 3, results), STATUS_SUCCESS);
}

static void T33_forms(void)
{
	D3DKMT_HANDLE device = need_device(), list[2], resource = need_resource(device, 4096, 2,
										list);
	struct queue queue = need_queue(device);
	uint32_t results[2] = { 77, 77 };
	int priority;

	EXPECT_STATUS(D3DKMTOfferAllocations(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTReclaimAllocations2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, &resource, list, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, NULL, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 0, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 65537, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, test_unmapped(), 1, LOW, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 1, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 1, 5, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 1, LOW, 4), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(0, NULL, list, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, list, NULL, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_offer(device, NULL, &resource, 1, LOW, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, &resource, list, 1, results), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, NULL, 1, results), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 0, results), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, &resource, 1, results), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 2, test_unmapped()),
		      STATUS_INVALID_PARAMETER);
	EXPECT_EQ(results[0], 77);
	/* the second is no allocation: the first is not offered either */
	{
		D3DKMT_HANDLE bad[] = { list[0], device };
		void *data;

		EXPECT_STATUS(kmt_offer(device, NULL, bad, 2, LOW, 0), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_lock(device, list[0], &data), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	}
	for (priority = LOW; priority <= AUTO; priority++) {
		EXPECT_STATUS(kmt_offer(device, NULL, list, 2, priority,
					OFFER_IMMEDIATELY | OFFER_ALLOW_DECOMMIT), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 2, NULL), STATUS_SUCCESS);
	}
}

static void by_resource(void)
{
	D3DKMT_HANDLE device = need_device(), a[3], b[1];
	D3DKMT_HANDLE resources[2];
	struct queue queue = need_queue(device);
	uint32_t results[2] = { 77, 77 };
	void *data;

	resources[0] = need_resource(device, MIB, 3, a);
	resources[1] = need_resource(device, MIB, 1, b);
	EXPECT_STATUS(kmt_offer(device, resources, NULL, 2, NORMAL, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(device, a[2], &data), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_lock(device, b[0], &data), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reclaim(&queue, resources, NULL, 2, results), STATUS_SUCCESS);
	EXPECT_EQ(results[0], RESULT_OK);
	EXPECT_EQ(results[1], RESULT_OK);
	EXPECT_STATUS(kmt_lock(device, a[2], &data), STATUS_SUCCESS);
	/* one locked allocation keeps the whole resource, and the other */
	EXPECT_STATUS(kmt_offer(device, resources, NULL, 2, NORMAL, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_lock(device, b[0], &data), STATUS_SUCCESS);
}

static void T34_residency(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	struct queue queue = need_queue(device);

	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_LOCAL, 3, list);
	write_pattern(device, list[0], MIB, 1);
	write_pattern(device, list[1], MIB, 2);
	need_resident(&queue, list, 3);
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, list + 2, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 2, LOW, 0), STATUS_SUCCESS);
	/* room for one has to be made, and what is on offer goes before what is only not needed */
	press(device, &queue, MIB);
	EXPECT_EQ(need_residency(device, list[1]), NOT_RESIDENT);
	EXPECT_STATUS(kmt_reclaim(&queue, NULL, list, 2, NULL), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[1]), RESIDENT_IN_GPU_MEMORY);
	/* what nobody took away is as it was */
	expect_pattern(device, list[0], MIB, 1);
	EXPECT_STATUS(kmt_evict(device, list + 1, 1, 0), STATUS_SUCCESS);
}

static void destroy_offered(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), list[4];

	need_allocations(device, MIB, 4, list);
	need_lock(device, list[0]);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_offer(device, NULL, list, 4, LOW, OFFER_ALLOW_DECOMMIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(T30_without_pressure, "offered and reclaimed without pressure: nothing is lost"),
	CASE(structure_readonly, "Reclaim, where the outputs cannot be written: still on offer"),
	CASE(T31_pressure, "pressure discards LOW, then NORMAL, then HIGH"),
	CASE(T32_locks, "Lock2 and an offer exclude each other; after the reclaim Lock2 works"),
	CASE(T32_locked_elsewhere, "a lock by another device forbids an offer, too"),
	CASE(named_over_and_over, "a resource named so often that nothing could hold the list is refused"),
	CASE(T33_forms, "either resources or allocations, or nothing happens"),
	CASE(by_resource, "a resource is offered and reclaimed as a whole"),
	CASE(T34_residency, "reclaiming pages in what the device requires, and nothing else"),
	CASE(destroy_offered, "what is on offer can be destroyed"),
};

TEST_MAIN(cases)
