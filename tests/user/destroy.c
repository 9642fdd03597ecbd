// SPDX-License-Identifier: MIT
/*
 * destroy.c: DestroyAllocation2: what is destroyed, and that all is or nothing
 */
#include "kmt.h"

static void D1_nothing_named(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);

	EXPECT_STATUS(kmt_destroy(device, 0, NULL, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

static void D2_list_null(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_destroy(device, 0, NULL, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy(device, 0, NULL, 0xffffffff, 0), STATUS_INVALID_PARAMETER);
}

static void D3_one_live_handle(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_destroy_one(device, need_allocation(device, 4096)), STATUS_SUCCESS);
}

static void D4_same_handle_again(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);

	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
}

static void D5_versions_mixed(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);
	D3DKMT_DESTROYALLOCATION v1 = {
		.hDevice = device,
		.phAllocationList = &allocation,
		.AllocationCount = 1,
	};
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO info = {
		.pPrivateDriverData = &data,
		.PrivateDriverDataSize = sizeof(data),
	};
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.NumAllocations = 1,
		.pAllocationInfo = &info,
	};

	EXPECT_STATUS(D3DKMTDestroyAllocation(&v1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);

	vdxg_allocation_data_init(&data, 4096);
	REQUIRE_STATUS(D3DKMTCreateAllocation(&create), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, info.hAllocation), STATUS_SUCCESS);
}

static void D6_resource_survives(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 1, &allocation);

	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
}

static void D7_resource_twice(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 1, &allocation);

	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_INVALID_PARAMETER);
}

static void D8_resource_takes_allocations(void)
{
	D3DKMT_HANDLE device = need_device(), allocations[3];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 3, allocations);
	int i;

	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_STATUS(kmt_destroy_one(device, allocations[i]), STATUS_INVALID_PARAMETER);
}

static void T1_list_then_again(void)
{
	D3DKMT_HANDLE device = need_device(), list[5];
	struct live before = count_live(device);
	int i;

	need_allocations(device, 4096, 5, list);
	EXPECT_STATUS(kmt_destroy_list(device, list, 5), STATUS_SUCCESS);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_STATUS(kmt_destroy_list(device, list, 5), STATUS_INVALID_PARAMETER);
	for (i = 0; i < 5; i++)
		EXPECT_STATUS(kmt_destroy_one(device, list[i]), STATUS_INVALID_PARAMETER);
}

static void T2_resource_and_list(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 3, list);
	int i;

	/* two of the three are listed, all go */
	EXPECT_STATUS(kmt_destroy(device, resource, list, 2, 0), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_STATUS(kmt_destroy_one(device, list[i]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_INVALID_PARAMETER);
}

static void T2_resource_and_foreign_list(void)
{
	D3DKMT_HANDLE device = need_device(), mine[2], other[1], mixed[2];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, mine);
	D3DKMT_HANDLE other_resource = need_resource(device, 4096, 1, other);
	D3DKMT_HANDLE alone = need_allocation(device, 4096);
	struct live before = count_live(device);

	EXPECT_STATUS(kmt_destroy(device, resource, other, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy(device, resource, &alone, 1, 0), STATUS_INVALID_PARAMETER);
	mixed[0] = mine[0];
	mixed[1] = other[0];
	EXPECT_STATUS(kmt_destroy(device, resource, mixed, 2, 0), STATUS_INVALID_PARAMETER);
	mixed[1] = alone;
	EXPECT_STATUS(kmt_destroy(device, resource, mixed, 2, 0), STATUS_INVALID_PARAMETER);
	mixed[1] = mine[0];
	EXPECT_STATUS(kmt_destroy(device, resource, mixed, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, other_resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, alone), STATUS_SUCCESS);
}

static void T2_resource_null_list_any_count(void)
{
	static const uint32_t counts[] = { 0, 1, 65536, 65537, 0xffffffff };
	D3DKMT_HANDLE device = need_device(), allocation, resource;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		resource = need_resource(device, 4096, 1, &allocation);
		EXPECT_STATUS(kmt_destroy(device, resource, NULL, counts[i], 0), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
	}
}

static void T2_resource_list_count_0(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 1, &allocation);
	D3DKMT_HANDLE alone = need_allocation(device, 4096);

	EXPECT_STATUS(kmt_destroy(device, resource, &alone, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, alone), STATUS_SUCCESS);
}

static void T3_mixed_lists(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_HANDLE device = need_device_of(adapter), device2 = need_device_of(adapter);
	D3DKMT_HANDLE a[2], b[1], list[3];
	D3DKMT_HANDLE resource_a = need_resource(device, 4096, 2, a);
	D3DKMT_HANDLE resource_b = need_resource(device, 4096, 1, b);
	D3DKMT_HANDLE alone = need_allocation(device, 4096);
	D3DKMT_HANDLE foreign = need_allocation(device2, 4096);
	struct live before = count_live(device), before2 = count_live(device2);

	/* two resources */
	list[0] = a[0];
	list[1] = b[0];
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	/* a resource and a stand-alone one, in both orders */
	list[1] = alone;
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	list[0] = alone;
	list[1] = a[0];
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	/* another device */
	list[0] = alone;
	list[1] = foreign;
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device2, alone), STATUS_INVALID_PARAMETER);
	/* one bogus at the end */
	list[0] = a[0];
	list[1] = a[1];
	list[2] = 0xdeadbec0;
	EXPECT_STATUS(kmt_destroy_list(device, list, 3), STATUS_INVALID_PARAMETER);
	list[2] = 0;
	EXPECT_STATUS(kmt_destroy_list(device, list, 3), STATUS_INVALID_PARAMETER);

	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_SAME_LIVE(count_live(device2), before2);
	EXPECT_STATUS(kmt_destroy_list(device, a, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource_a), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource_b), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, alone), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device2, foreign), STATUS_SUCCESS);
}

static void T4_duplicates(void)
{
	D3DKMT_HANDLE device = need_device(), list[4], owned[2];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, owned);
	struct live before;

	need_allocations(device, 4096, 3, list);
	before = count_live(device);
	list[3] = list[0];
	EXPECT_STATUS(kmt_destroy_list(device, list, 4), STATUS_INVALID_PARAMETER);
	owned[1] = owned[0];
	EXPECT_STATUS(kmt_destroy_list(device, owned, 2), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_STATUS(kmt_destroy_list(device, list, 3), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
}

static void T5_empty_resource(void)
{
	D3DKMT_HANDLE device = need_device(), list[3], added;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 3, list);
	struct vdxg_allocation_data data;

	EXPECT_STATUS(kmt_destroy_list(device, list, 3), STATUS_SUCCESS);
	/* the resource is as good as before */
	vdxg_allocation_data_init(&data, 4096);
	EXPECT_STATUS(kmt_create(device, &resource, 0, &data, 0, 1, &added), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, added), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_INVALID_PARAMETER);
}

static void T15_flags(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);
	struct live before = count_live(device);
	uint32_t flags;
	int bit;

	for (bit = 2; bit < 32; bit++) {
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, 1U << bit),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy(device, 0, NULL, 0, 1U << bit), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1,
				  DESTROY_SYSTEM_USE_ONLY | DESTROY_SYNCHRONOUS),
		      STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);

	for (flags = 0; flags <= (DESTROY_ASSUME_NOT_IN_USE | DESTROY_SYNCHRONOUS); flags++) {
		allocation = need_allocation(device, 4096);
		need_lock(device, allocation);
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, flags), STATUS_SUCCESS);
	}
}

static void null_argument(void)
{
	need_device();
	EXPECT_STATUS(D3DKMTDestroyAllocation2(NULL), STATUS_INVALID_PARAMETER);
}

static void device_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE allocation = need_allocation(device, 4096), gone = need_device_of(adapter);
	const D3DKMT_HANDLE bad[] = { 0,	  0xdeadbec0, adapter, allocation,
				      device | 1, device | 2, gone };
	struct live before;
	size_t i;

	REQUIRE_STATUS(kmt_destroy_device(gone), STATUS_SUCCESS);
	before = count_live(device);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_STATUS(kmt_destroy_one(bad[i], allocation), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy(bad[i], 0, NULL, 0, 0), STATUS_INVALID_PARAMETER);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void handles_of_the_wrong_kind(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);
	D3DKMT_HANDLE alone = need_allocation(device, 4096);
	const D3DKMT_HANDLE not_allocations[] = { 0,	    adapter,   device,
						  resource, alone | 1, alone ^ 0xc0000000 };
	const D3DKMT_HANDLE not_resources[] = { adapter, device,       owned,
						alone,	 resource | 2, 0xdeadbec0 };
	struct live before = count_live(device);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_allocations); i++)
		EXPECT_STATUS(kmt_destroy_one(device, not_allocations[i]),
			      STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(not_resources); i++)
		EXPECT_STATUS(kmt_destroy_resource(device, not_resources[i]),
			      STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void resource_of_another_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_HANDLE device = need_device_of(adapter), device2 = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);

	EXPECT_STATUS(kmt_destroy_resource(device2, resource), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy(device2, resource, &owned, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
}

static void count_huge(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);
	static const uint32_t counts[] = { 65537,      0x10000000, 0x40000000,
					   0x40000001, 0x80000000, 0xffffffff };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		EXPECT_STATUS(kmt_destroy_list(device, &allocation, counts[i]),
			      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

static void list_pointer_bad(void)
{
	D3DKMT_HANDLE device = need_device(), list[2], *end;
	struct live before;

	need_allocations(device, 4096, 2, list);
	before = count_live(device);
	EXPECT_STATUS(kmt_destroy_list(device, test_unmapped(), 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_list(device, (void *)-4096L, 2), STATUS_INVALID_PARAMETER);
	/* the second handle cannot be read */
	end = test_page_end(list, sizeof(list));
	EXPECT_STATUS(kmt_destroy_list(device, end + 1, 2), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
	/* exactly two are read, and they are only read */
	EXPECT_STATUS(kmt_destroy_list(device, end, 2), STATUS_SUCCESS);
	EXPECT_EQ(count_live(device).allocations, 0);
}

static void list_read_only(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];

	need_allocations(device, 4096, 2, list);
	EXPECT_STATUS(kmt_destroy_list(device, test_readonly(list, sizeof(list)), 2),
		      STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(D1_nothing_named, "a device and nothing else succeeds"),
	CASE(D2_list_null, "a count without a list is refused"),
	CASE(D3_one_live_handle, "one live handle"),
	CASE(D4_same_handle_again, "the same handle again is refused"),
	CASE(D5_versions_mixed, "what one version creates, the other destroys"),
	CASE(D6_resource_survives, "a resource survives its last allocation"),
	CASE(D7_resource_twice, "a resource is destroyed once"),
	CASE(D8_resource_takes_allocations, "a resource takes its allocations with it"),
	CASE(T1_list_then_again, "a list goes; a second time it is refused"),
	CASE(T2_resource_and_list, "a resource and some of its allocations: all go"),
	CASE(T2_resource_and_foreign_list,
	     "a resource and a list that is not all its own: nothing goes"),
	CASE(T2_resource_null_list_any_count, "a resource with a NULL list: the count is ignored"),
	CASE(T2_resource_list_count_0, "a resource with a list of length 0: the resource form"),
	CASE(T3_mixed_lists, "a list of several owners or devices: nothing goes"),
	CASE(T4_duplicates, "a duplicate in the list: nothing goes"),
	CASE(T5_empty_resource,
	     "an emptied resource can be filled again and is destroyed by its handle"),
	CASE(T15_flags,
	     "reserved flags and SystemUseOnly are refused, the two defined ones are not"),
	CASE(null_argument, "NULL is refused"),
	CASE(device_bad, "a bogus, stale or wrong-typed device is refused"),
	CASE(handles_of_the_wrong_kind, "an allocation is not a resource, nor the other way round"),
	CASE(resource_of_another_device, "a resource goes only with its own device"),
	CASE(count_huge, "huge counts are refused"),
	CASE(list_pointer_bad, "an unreadable list is refused and nothing goes"),
	CASE(list_read_only, "a list in read-only memory will do"),
};

TEST_MAIN(cases)
