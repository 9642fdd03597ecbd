// SPDX-License-Identifier: MIT
/*
 * residency_counts.c: MakeResident and Evict count
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "paging.h"
#include "raw.h"

static void T20_counts(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);

	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
	need_resident(&queue, &a, 1);
	need_resident(&queue, &a, 1);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
}

static void twice_in_a_list(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB), list[] = { a, a };
	struct queue queue = need_queue(device);

	need_resident(&queue, list, 2);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, list, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
}

static void underflow(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	struct queue queue = need_queue(device);

	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_LOCAL, 2, list);
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_INVALID_PARAMETER);
	need_resident(&queue, list, 1);
	EXPECT_STATUS(kmt_evict(device, list, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_SUCCESS);
}

static void structure_readonly(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	struct d3dkmt_evict args = {
		.device.v = device,
		.alloc_count = 1,
		.allocations = (uintptr_t)&a,
	};
	int fd = test_open();

	need_resident(&queue, &a, 1);
	EXPECT_STATUS(raw_call(fd, LX_DXEVICT, test_readonly(&args, sizeof(args))), -EFAULT);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
}

static void T21_over_budget(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[3];
	uint64_t budget = need_video_memory(adapter, LOCAL_GROUP).Budget;
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;

	need_allocations_in(device, budget / 2, VDXG_SEGMENT_SET_LOCAL, 3, list);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 3, 0), STATUS_NO_MEMORY);
	EXPECT_EQ(args.NumBytesToTrim, budget / 2 * 3 - budget);
	EXPECT_EQ(args.NumAllocations, 0);
	/* no count has changed: there is nothing to evict, and there is room for two */
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 2, 0), STATUS_SUCCESS);
	EXPECT_EQ(args.NumAllocations, 2);
	EXPECT_EQ(args.NumBytesToTrim, 0);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list + 2, 1, 0),
		      STATUS_NO_MEMORY);
	EXPECT_EQ(args.NumBytesToTrim, budget / 2);
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list + 2, 1, 0), STATUS_SUCCESS);
}

static void T22_beyond_the_budget(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[3];
	uint64_t capacity = need_capacity(VDXG_SEGMENT_LOCAL);
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;
	uint32_t state = 0;

	need_allocations_in(device, capacity / 2, VDXG_SEGMENT_SET_LOCAL, 3, list);
	EXPECT_STATUS(kmt_make_resident(&queue, list, 2, CANT_TRIM_FURTHER), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list + 2, 1, CANT_TRIM_FURTHER),
		      STATUS_NO_MEMORY);
	EXPECT_EQ(args.NumBytesToTrim, capacity / 2);
	EXPECT_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
	EXPECT_EQ(state, D3DKMT_DEVICEEXECUTION_ACTIVE);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list + 2, 1,
					     CANT_TRIM_FURTHER | MUST_SUCCEED),
		      STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
	EXPECT_EQ(state, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
	EXPECT_STATUS(kmt_evict(device, list, 2, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 3), STATUS_SUCCESS);
}

static void T24_independent_devices(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), one = need_device_of(adapter),
		two = need_device_of(adapter);
	D3DKMT_HANDLE a = need_local(one, MIB), b = need_local(two, MIB);
	struct queue queue_one = need_queue(one), queue_two = need_queue(two);

	need_resident(&queue_one, &a, 1);
	need_resident(&queue_two, &b, 1);
	EXPECT_STATUS(kmt_make_resident(&queue_one, &b, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(one, &b, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(one, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(one, a), NOT_RESIDENT);
	EXPECT_EQ(need_residency(two, b), RESIDENT_IN_GPU_MEMORY);
}

static void T25_only_if_necessary(void)
{
	D3DKMT_HANDLE device = need_device(), a, b;
	uint64_t capacity = need_capacity(VDXG_SEGMENT_LOCAL);
	struct queue queue = need_queue(device);

	a = need_local(device, capacity / 2);
	b = need_local(device, capacity);
	need_resident(&queue, &a, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_evict(device, &a, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &a, 1, EVICT_ONLY_IF_NECESSARY), STATUS_INVALID_PARAMETER);
	/* until its place is needed */
	need_resident(&queue, &b, 1);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
}

static void T26_not_written_to(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);

	write_pattern(device, a, MIB, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_evict(device, &a, 1, EVICT_NOT_WRITTEN_TO), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
	need_resident(&queue, &a, 1);
	expect_pattern(device, a, MIB, 1);
}

static void content(void)
{
	D3DKMT_HANDLE device = need_device(), list[32];
	uint64_t bytes = need_capacity(VDXG_SEGMENT_LOCAL) / 8;
	struct queue queue = need_queue(device);
	uint64_t random = test_seed();
	uint32_t i, round;

	/* four times as much as there is room for */
	need_allocations_in(device, bytes, VDXG_SEGMENT_SET_LOCAL, ARRAY_SIZE(list), list);
	for (i = 0; i < ARRAY_SIZE(list); i++)
		write_pattern(device, list[i], bytes, i);
	for (round = 0; round < test_rounds(40); round++) {
		i = test_random(&random) % ARRAY_SIZE(list);
		need_resident(&queue, &list[i], 1);
		EXPECT_EQ(need_residency(device, list[i]), RESIDENT_IN_GPU_MEMORY);
		if (round % 2)
			expect_pattern(device, list[i], bytes, i);
		EXPECT_STATUS(kmt_evict(device, &list[i], 1,
					round % 3 ? EVICT_ONLY_IF_NECESSARY : 0), STATUS_SUCCESS);
		if (test_failed())
			return;
	}
	for (i = 0; i < ARRAY_SIZE(list); i++)
		expect_pattern(device, list[i], bytes, i);
}

static void T10_destroy_resident(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 2 * MIB);
	struct queue queue = need_queue(device);
	uint64_t budget = need_video_memory(adapter, LOCAL_GROUP).Budget;
	int i;

	for (i = 0; i < 3; i++)
		need_resident(&queue, &a, 1);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, 2 * MIB);
	EXPECT_STATUS(kmt_destroy_one(device, a), STATUS_SUCCESS);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, 0);
	/* nor does it count any more */
	a = need_local(device, budget);
	need_resident(&queue, &a, 1);
}

static const struct test_case cases[] = {
	CASE(T20_counts,
	     "MakeResident twice, Evict once: still resident; the second Evict removes"),
	CASE(twice_in_a_list, "an allocation named twice counts twice"),
	CASE(underflow, "Evict of more than there is changes nothing"),
	CASE(structure_readonly, "Evict, where the outputs cannot be written: nothing changes"),
	CASE(T21_over_budget,
	     "over the budget: NO_MEMORY, nothing changed, NumBytesToTrim says how much"),
	CASE(T22_beyond_the_budget,
	     "CantTrimFurther reaches the maximum; MustSucceed beyond it puts the device in error"),
	CASE(T24_independent_devices, "each device counts for itself"),
	CASE(T25_only_if_necessary,
	     "EvictOnlyIfNecessary leaves it in place until the place is needed"),
	CASE(T26_not_written_to, "NotWrittenTo, of what was not written: the content is the same"),
	CASE(content, "content survives being evicted and brought back"),
	CASE(T10_destroy_resident, "destroying a resident allocation needs no Evict"),
};

TEST_MAIN(cases)
