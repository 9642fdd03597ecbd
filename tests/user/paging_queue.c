// SPDX-License-Identifier: MIT
/*
 * paging_queue.c: paging queues, their fences, and what MakeResident takes
 */
#include "paging.h"

static NTSTATUS kmt_destroy_fence(D3DKMT_HANDLE fence)
{
	D3DKMT_DESTROYSYNCHRONIZATIONOBJECT destroy = { .hSyncObject = fence };

	return D3DKMTDestroySynchronizationObject(&destroy);
}

static void create_and_destroy(void)
{
	D3DKMT_HANDLE device = need_device();
	struct queue queue;
	int priority;

	for (priority = -1; priority <= 1; priority++) {
		REQUIRE_STATUS(kmt_create_queue(device, priority, &queue), STATUS_SUCCESS);
		EXPECT(is_local_handle(queue.handle));
		EXPECT_EQ(queue.fence, queue.handle + HANDLE_STEP);
		EXPECT_STATUS(kmt_destroy_fence(queue.fence), STATUS_INVALID_PARAMETER);
		EXPECT_EQ(*queue.value, 0);
		EXPECT(!test_touch((volatile void *)queue.value, false));
		/* the process can read it, nothing else */
		EXPECT(test_touch((volatile void *)queue.value, true));
		EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_SUCCESS);
		EXPECT(test_gone((volatile void *)queue.value));
		EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_INVALID_PARAMETER);
	}
}

static void arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 4096);
	const D3DKMT_HANDLE bad[] = { 0, adapter, a, device | 1, 0xdeadbec0 };
	D3DKMT_CREATEPAGINGQUEUE create = { .hDevice = device, .PhysicalAdapterIndex = 1 };
	struct queue queue;
	size_t i;

	EXPECT_STATUS(D3DKMTCreatePagingQueue(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyPagingQueue(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreatePagingQueue(&create), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_queue(device, 2, &queue), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_queue(device, -2, &queue), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_STATUS(kmt_create_queue(bad[i], 0, &queue), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_queue(bad[i]), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(kmt_destroy_queue(device), STATUS_INVALID_PARAMETER);
}

static void goes_with_the_device(void)
{
	D3DKMT_HANDLE device = need_device();
	struct queue queue = need_queue(device);

	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_INVALID_PARAMETER);
	EXPECT(test_gone((volatile void *)queue.value));
}

static void make_resident_arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		other = need_device_of(adapter);
	D3DKMT_HANDLE list[2], foreign = need_local(other, 4096), resource, owned;
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;
	size_t i;

	resource = need_resource(device, 4096, 1, &owned);
	need_allocations(device, 4096, 2, list);
	{
		const D3DKMT_HANDLE bad_queues[] = { 0, adapter, device, list[0], queue.handle | 1,
			0xdeadbec0 };
		const D3DKMT_HANDLE bad[] = { 0, adapter, device, queue.handle, resource, foreign,
			list[0] | 1 };

		for (i = 0; i < ARRAY_SIZE(bad_queues); i++)
			EXPECT_STATUS(kmt_make_resident_args(&args, bad_queues[i], list, 2, 0),
				      STATUS_INVALID_PARAMETER);
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			const D3DKMT_HANDLE both[] = { list[0], bad[i] };

			EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, both, 2, 0),
				      STATUS_INVALID_PARAMETER);
			EXPECT_STATUS(kmt_evict(device, both, 2, 0), STATUS_INVALID_PARAMETER);
		}
	}
	EXPECT_STATUS(D3DKMTMakeResident(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTEvict(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 0, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, NULL, 2, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, test_unmapped(), 2, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 65537, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 0xffffffff, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 2, MUST_SUCCEED),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 2, 4),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, list, 2, 1U << 31),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(device, list, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(device, NULL, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(device, list, 65537, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_evict(device, list, 2, 4), STATUS_INVALID_PARAMETER);
	/* nothing of all that counted */
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_make_resident(&queue, list, 2, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, list, 2, 0), STATUS_SUCCESS);
}

static void success_needs_no_wait(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_allocation(device, 65536);
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;

	EXPECT_STATUS(kmt_make_resident_args(&args, queue.handle, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(args.PagingFenceValue, 0);
	EXPECT_EQ(args.NumAllocations, 1);
	EXPECT_EQ(args.NumBytesToTrim, 0);
	EXPECT_EQ(*queue.value, 0);
}

static void many_at_once(void)
{
	D3DKMT_HANDLE device = need_device(), *list = calloc(65536, sizeof(*list));
	struct queue queue = need_queue(device);
	const uint32_t n = 10240;
	uint32_t i;

	REQUIRE(list);
	need_allocations(device, 4096, n, list);
	need_resident(&queue, list, n);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, list[n - 1]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, list, n, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	/* the longest list there can be */
	for (i = 1; i < 65536; i++)
		list[i] = list[0];
	need_resident(&queue, list, 65536);
	EXPECT_STATUS(kmt_evict(device, list, 65535, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, list, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	free(list);
}

static const struct test_case cases[] = {
	CASE(create_and_destroy,
	     "a queue has two handles and an address at which the process reads 0"),
	CASE(arguments, "bad handles, priorities and physical adapters are refused"),
	CASE(goes_with_the_device, "destroying the device destroys its queues"),
	CASE(make_resident_arguments, "what MakeResident and Evict refuse changes no count"),
	CASE(success_needs_no_wait,
	     "where nobody has to be waited for the answer is SUCCESS, without a fence value"),
	CASE(many_at_once, "10,240 allocations at once, and a list of 65,536"),
};

TEST_MAIN(cases)
