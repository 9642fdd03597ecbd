// SPDX-License-Identifier: MIT
/*
 * priority.c: SetAllocationPriority and GetAllocationPriority
 */
#include "kmt.h"

static NTSTATUS set(D3DKMT_HANDLE device, D3DKMT_HANDLE resource, const D3DKMT_HANDLE *list,
		    uint32_t n, const uint32_t *priorities)
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

static NTSTATUS get(D3DKMT_HANDLE device, D3DKMT_HANDLE resource, const D3DKMT_HANDLE *list,
		    uint32_t n, uint32_t *priorities)
{
	D3DKMT_GETALLOCATIONPRIORITY get = {
		.hDevice = device,
		.hResource = resource,
		.phAllocationList = list,
		.AllocationCount = n,
		.pPriorities = priorities,
	};

	return D3DKMTGetAllocationPriority(&get);
}

static void normal_at_first(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	uint32_t priorities[3] = { 0 };
	int i;

	need_allocations(device, 4096, 3, list);
	EXPECT_STATUS(get(device, 0, list, 3, priorities), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(priorities[i], PRIORITY_NORMAL);
}

static void of_private_data(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	struct vdxg_allocation_data data;
	uint32_t priority = 0;

	vdxg_allocation_data_init(&data, 4096);
	vdxg_allocation_data_priority(&data, 0xa0000001);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_get_priority(device, handle, &priority), STATUS_SUCCESS);
	EXPECT_EQ(priority, 0xa0000001);
}

static void override_at_creation(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DKMT_CREATEALLOCATION create = { .hDevice = device,
					   .NumAllocations = 1,
					   .pAllocationInfo2 = &info };
	uint32_t priority = 0;

	vdxg_allocation_data_init(&data, 4096);
	vdxg_allocation_data_priority(&data, 0x50000000);
	info.Priority = 0xc8000000;
	SET_FLAGS(info.Flags, 1U << 2);
	REQUIRE_STATUS(D3DKMTCreateAllocation2(&create), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_get_priority(device, info.hAllocation, &priority), STATUS_SUCCESS);
	EXPECT_EQ(priority, 0xc8000000);
}

static void all_bits_kept(void)
{
	static const uint32_t values[] = { 1,	       0x28000000, 0x50000000, 0x78000000,
					   0x78000001, 0xa0000000, 0xc8000000, 0x12345678,
					   0x80000000, 0xffffffff };
	D3DKMT_HANDLE device = need_device(), list[ARRAY_SIZE(values)];
	uint32_t back[ARRAY_SIZE(values)] = { 0 };
	size_t i;

	need_allocations(device, 4096, ARRAY_SIZE(values), list);
	EXPECT_STATUS(set(device, 0, list, ARRAY_SIZE(values), values), STATUS_SUCCESS);
	EXPECT_STATUS(get(device, 0, list, ARRAY_SIZE(values), back), STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(values); i++)
		EXPECT_EQ(back[i], values[i]);
}

static void T41_by_resource(void)
{
	D3DKMT_HANDLE device = need_device(), list[3], other = need_allocation(device, 4096);
	D3DKMT_HANDLE resource = need_resource(device, 4096, 3, list);
	uint32_t value = 0xa0000000, back[3] = { 0 };
	int i;

	EXPECT_STATUS(set(device, resource, NULL, 0, &value), STATUS_SUCCESS);
	EXPECT_STATUS(get(device, 0, list, 3, back), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(back[i], value);
	EXPECT_STATUS(get(device, 0, &other, 1, back), STATUS_SUCCESS);
	EXPECT_EQ(back[0], PRIORITY_NORMAL);
}

static void forms(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, list);
	uint32_t values[2] = { 0xa0000000, 0xa0000000 }, back[2];

	/* neither, both, a count with the resource, a list without a count */
	EXPECT_STATUS(set(device, 0, NULL, 0, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, NULL, 2, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, list, 0, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, resource, list, 2, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, resource, NULL, 1, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, resource, NULL, 0xffffffff, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, NULL, 0, back), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, NULL, 2, back), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, resource, list, 2, back), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, list, 2, back), STATUS_SUCCESS);
	EXPECT_EQ(back[0], PRIORITY_NORMAL);
	EXPECT_EQ(back[1], PRIORITY_NORMAL);
}

static void one_bad_of_many(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE good = need_allocation(device, 4096), foreign = need_allocation(other, 4096),
		      list[3];
	const D3DKMT_HANDLE bad[] = { 0, device, foreign, good | 1, 0xdeadbec0 };
	uint32_t values[3] = { 5, 6, 7 }, back[3], one;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		list[0] = list[2] = good;
		list[1] = bad[i];
		EXPECT_STATUS(set(device, 0, list, 3, values), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(get(device, 0, list, 3, back), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_get_priority(device, good, &one), STATUS_SUCCESS);
		EXPECT_EQ(one, PRIORITY_NORMAL);
	}
}

static void pointers_bad(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	uint32_t values[2] = { 5, 6 }, back[2] = { 0 };

	need_allocations(device, 4096, 2, list);
	EXPECT_STATUS(D3DKMTSetAllocationPriority(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTGetAllocationPriority(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, list, 2, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, list, 2, test_unmapped()), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, list, 2, test_straddle(sizeof(values))),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, test_unmapped(), 2, values), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, 0, test_straddle(sizeof(list)), 2, values),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, list, 2, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, list, 2, test_unmapped()), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, list, 2, test_readonly(NULL, sizeof(back))),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, test_unmapped(), 2, back), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(get(device, 0, list, 2, back), STATUS_SUCCESS);
	EXPECT_EQ(back[0], PRIORITY_NORMAL);
	EXPECT_EQ(back[1], PRIORITY_NORMAL);
	/* neither reads nor writes beyond the last entry */
	EXPECT_STATUS(set(device, 0, test_page_end(list, sizeof(list)), 2,
			  test_page_end(values, sizeof(values))),
		      STATUS_SUCCESS);
	EXPECT_STATUS(get(device, 0, list, 2, test_page_end(NULL, sizeof(back))), STATUS_SUCCESS);
}

static void counts(void)
{
	static const uint32_t huge[] = { 65537, 0x40000001, 0x80000000, 0xffffffff };
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE *list = calloc(MAX_HANDLES, sizeof(*list));
	uint32_t *values = calloc(MAX_HANDLES, sizeof(*values));
	uint32_t i;

	REQUIRE(list && values);
	list[0] = need_allocation(device, 4096);
	for (i = 0; i < MAX_HANDLES; i++) {
		list[i] = list[0];
		values[i] = i + 1;
	}
	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		EXPECT_STATUS(set(device, 0, list, huge[i], values), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(get(device, 0, list, huge[i], values), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(set(device, 0, list, MAX_HANDLES, values), STATUS_SUCCESS);
	EXPECT_STATUS(get(device, 0, list, MAX_HANDLES, values), STATUS_SUCCESS);
}

static void device_or_resource_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);
	const D3DKMT_HANDLE bad[] = { 0, adapter, owned, device | 1, 0xdeadbec0, other };
	uint32_t value = 5;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_STATUS(set(bad[i], 0, &owned, 1, &value), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(get(bad[i], 0, &owned, 1, &value), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(set(bad[i], resource, NULL, 0, &value), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(set(device, owned, NULL, 0, &value), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(set(device, device, NULL, 0, &value), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(normal_at_first, "a new allocation has normal priority"),
	CASE(of_private_data, "private data can give another"),
	CASE(override_at_creation, "OverridePriority wins over it"),
	CASE(all_bits_kept, "all 32 bits are kept"),
	CASE(T41_by_resource, "a resource's priority is that of all its allocations, of no other"),
	CASE(forms, "either a resource or a list"),
	CASE(one_bad_of_many, "one bad handle in a list: nothing changes"),
	CASE(pointers_bad, "bad pointers are refused and nothing changes"),
	CASE(counts, "65,536 entries at once and not one more"),
	CASE(device_or_resource_bad, "a bad or foreign device or resource is refused"),
};

TEST_MAIN(cases)
