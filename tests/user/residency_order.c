// SPDX-License-Identifier: MIT
/*
 * residency_order.c: who loses its place first
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "paging.h"

#define NUM	4

static NTSTATUS kmt_set_priority(D3DKMT_HANDLE device, D3DKMT_HANDLE resource,
				 const D3DKMT_HANDLE *list, uint32_t n, const UINT *priorities)
{
	D3DKMT_SETALLOCATIONPRIORITY set = {
		.hDevice = device,
		.hResource = resource,
		.phAllocationList = list,
		.AllocationCount = n,
		.pPriorities = priorities,
	};

	return D3DKMTSetAllocationPriority(&set);
}

/* a quarter of the segment each, and nobody requires them any more */
static void need_quarters(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE *list)
{
	need_allocations_in(device, need_capacity(VDXG_SEGMENT_LOCAL) / NUM,
			    VDXG_SEGMENT_SET_LOCAL, NUM, list);
	need_resident(queue, list, NUM);
	EXPECT_STATUS(kmt_evict(device, list, NUM, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
}

/* one quarter more has to leave, and it is @victim */
static void expect_next(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE victim,
			D3DKMT_HANDLE survivor)
{
	D3DKMT_HANDLE more = need_local(device, need_capacity(VDXG_SEGMENT_LOCAL) / NUM);

	EXPECT_EQ(need_residency(device, victim), RESIDENT_IN_GPU_MEMORY);
	need_resident(queue, &more, 1);
	EXPECT_EQ(need_residency(device, victim), NOT_RESIDENT);
	if (survivor)
		EXPECT_EQ(need_residency(device, survivor), RESIDENT_IN_GPU_MEMORY);
}

static void T40_by_priority(void)
{
	const UINT priorities[NUM] = { 0xa0000000, 0x78000001, 0x78000000, 0xffffffff };
	D3DKMT_HANDLE device = need_device(), list[NUM];
	struct queue queue = need_queue(device);

	need_quarters(device, &queue, list);
	EXPECT_STATUS(kmt_set_priority(device, 0, list, NUM, priorities), STATUS_SUCCESS);
	expect_next(device, &queue, list[2], list[1]);
	expect_next(device, &queue, list[1], list[0]);
	expect_next(device, &queue, list[0], list[3]);
	expect_next(device, &queue, list[3], 0);
}

static void T40_by_use(void)
{
	D3DKMT_HANDLE device = need_device(), list[NUM];
	struct queue queue = need_queue(device);

	need_quarters(device, &queue, list);
	/* the first one is used again, so it is the last to go */
	need_resident(&queue, list, 1);
	EXPECT_STATUS(kmt_evict(device, list, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	expect_next(device, &queue, list[1], list[2]);
	expect_next(device, &queue, list[2], list[3]);
	expect_next(device, &queue, list[3], list[0]);
	expect_next(device, &queue, list[0], 0);
}

static void by_use_of_the_cpu(void)
{
	D3DKMT_HANDLE device = need_device(), list[NUM];
	struct queue queue = need_queue(device);

	need_quarters(device, &queue, list);
	*(volatile uint8_t *)need_lock(device, list[0]) = 1;
	expect_next(device, &queue, list[1], list[2]);
	expect_next(device, &queue, list[2], list[3]);
	expect_next(device, &queue, list[3], list[0]);
	expect_next(device, &queue, list[0], 0);
}

static void T41_by_resource(void)
{
	uint64_t quarter = need_capacity(VDXG_SEGMENT_LOCAL) / NUM;
	const UINT low = 0x28000000;
	D3DKMT_HANDLE device = need_device(), list[NUM], resource = 0;
	struct vdxg_allocation_data data;
	struct queue queue = need_queue(device);

	need_allocations_in(device, quarter, VDXG_SEGMENT_SET_LOCAL, 2, list);
	vdxg_allocation_data_init(&data, quarter);
	vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_LOCAL);
	REQUIRE_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, &data, 0, 2, list + 2),
		       STATUS_SUCCESS);
	need_resident(&queue, list, NUM);
	EXPECT_STATUS(kmt_evict(device, list, NUM, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_set_priority(device, resource, NULL, 0, &low), STATUS_SUCCESS);
	expect_next(device, &queue, list[2], list[0]);
	expect_next(device, &queue, list[3], list[0]);
	expect_next(device, &queue, list[0], list[1]);
}

static const struct test_case cases[] = {
	CASE(T40_by_priority, "the lowest of all 32 bits of priority goes first"),
	CASE(T40_by_use, "of equal priority the one that was used longest ago goes first"),
	CASE(by_use_of_the_cpu, "a page fault of the CPU is a use, too"),
	CASE(T41_by_resource, "the priority of a resource is that of all its allocations"),
};

TEST_MAIN(cases)
