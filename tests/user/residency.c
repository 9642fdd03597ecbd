// SPDX-License-Identifier: MIT
/*
 * residency.c: QueryAllocationResidency
 */
#include "kmt.h"

static D3DKMT_HANDLE need_in(D3DKMT_HANDLE device, uint32_t set, D3DKMT_HANDLE *resource)
{
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE handle;

	vdxg_allocation_data_init(&data, 8192);
	vdxg_allocation_data_segments(&data, set);
	REQUIRE_STATUS(kmt_create(device, resource, resource && !*resource ? CREATE_RESOURCE : 0,
				  &data, 0, 1, &handle),
		       STATUS_SUCCESS);
	return handle;
}

static uint32_t residency_of(D3DKMT_HANDLE device, D3DKMT_HANDLE handle)
{
	uint32_t status = 0;

	EXPECT_STATUS(kmt_residency(device, 0, &handle, 1, &status), STATUS_SUCCESS);
	return status;
}

static void not_resident_before_use(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	uint32_t status[3] = { 0 };
	int i;

	need_allocations(device, 4096, 3, list);
	EXPECT_STATUS(kmt_residency(device, 0, list, 3, status), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(status[i], NOT_RESIDENT);
}

static void where_lock_put_it(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE any = need_allocation(device, 4096);
	D3DKMT_HANDLE local = need_in(device, VDXG_SEGMENT_SET_LOCAL, NULL);
	D3DKMT_HANDLE aperture = need_in(device, VDXG_SEGMENT_SET_APERTURE, NULL);

	need_lock(device, any);
	need_lock(device, local);
	need_lock(device, aperture);
	EXPECT_EQ(residency_of(device, any), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(residency_of(device, local), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(residency_of(device, aperture), RESIDENT_IN_SHARED_MEMORY);
	EXPECT_STATUS(kmt_unlock(device, any), STATUS_SUCCESS);
	EXPECT_EQ(residency_of(device, any), RESIDENT_IN_GPU_MEMORY);
}

static void preference(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	struct vdxg_allocation_data data;

	vdxg_allocation_data_init(&data, 4096);
	vdxg_allocation_data_prefer(&data, VDXG_SEGMENT_APERTURE, VDXG_SEGMENT_LOCAL);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
	need_lock(device, handle);
	EXPECT_EQ(residency_of(device, handle), RESIDENT_IN_SHARED_MEMORY);
}

static void T42_by_resource(void)
{
	D3DKMT_HANDLE device = need_device(), resource = 0;
	D3DKMT_HANDLE a = need_in(device, VDXG_SEGMENT_SET_LOCAL, &resource);
	D3DKMT_HANDLE b = need_in(device, VDXG_SEGMENT_SET_LOCAL, &resource);
	D3DKMT_HANDLE c = need_in(device, VDXG_SEGMENT_SET_APERTURE, &resource);
	uint32_t status = 0;

	EXPECT_STATUS(kmt_residency(device, resource, NULL, 0, &status), STATUS_SUCCESS);
	EXPECT_EQ(status, NOT_RESIDENT);
	need_lock(device, a);
	need_lock(device, c);
	EXPECT_STATUS(kmt_residency(device, resource, NULL, 0, &status), STATUS_SUCCESS);
	EXPECT_EQ(status, NOT_RESIDENT);
	need_lock(device, b);
	EXPECT_STATUS(kmt_residency(device, resource, NULL, 0, &status), STATUS_SUCCESS);
	EXPECT_EQ(status, RESIDENT_IN_SHARED_MEMORY);
	EXPECT_STATUS(kmt_destroy_one(device, c), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_residency(device, resource, NULL, 0, &status), STATUS_SUCCESS);
	EXPECT_EQ(status, RESIDENT_IN_GPU_MEMORY);
}

static void forms(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, list);
	uint32_t status[2] = { 77, 77 };

	EXPECT_STATUS(kmt_residency(device, 0, NULL, 0, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, NULL, 2, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 0, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, resource, list, 2, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 65537, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 0x40000000, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 0xffffffff, status), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(status[0], 77);
	EXPECT_EQ(status[1], 77);
}

static void handles_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);
	D3DKMT_HANDLE foreign = need_allocation(other, 4096), list[2];
	const D3DKMT_HANDLE bad_devices[] = { 0, adapter, owned, other, device | 1, 0xdeadbec0 };
	const D3DKMT_HANDLE bad_allocations[] = { 0,	   resource,  device,
						  foreign, owned | 1, 0xdeadbec0 };
	uint32_t status[2] = { 77, 77 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_devices); i++) {
		EXPECT_STATUS(kmt_residency(bad_devices[i], 0, &owned, 1, status),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_residency(bad_devices[i], resource, NULL, 0, status),
			      STATUS_INVALID_PARAMETER);
	}
	for (i = 0; i < ARRAY_SIZE(bad_allocations); i++) {
		list[0] = owned;
		list[1] = bad_allocations[i];
		EXPECT_STATUS(kmt_residency(device, 0, list, 2, status), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(kmt_residency(device, owned, NULL, 0, status), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, device, NULL, 0, status), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(status[0], 77);
	EXPECT_EQ(status[1], 77);
}

static void pointers_bad(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	uint32_t status[2];

	need_allocations(device, 4096, 2, list);
	EXPECT_STATUS(D3DKMTQueryAllocationResidency(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 2, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 2, test_unmapped()), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 2, test_readonly(NULL, 8)),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, list, 2, test_straddle(8)),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, test_unmapped(), 2, status),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, test_straddle(8), 2, status),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_residency(device, 0, test_page_end(list, 8), 2, test_page_end(NULL, 8)),
		      STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(not_resident_before_use, "an allocation nobody used is not resident"),
	CASE(where_lock_put_it, "after Lock2 it is where its segments allow"),
	CASE(preference, "the preferred segment comes first"),
	CASE(T42_by_resource, "a resource is as resident as its least resident allocation"),
	CASE(forms, "either a resource or a list of at most 65,536; else nothing is written"),
	CASE(handles_bad, "bad and foreign handles are refused"),
	CASE(pointers_bad, "bad pointers are refused"),
};

TEST_MAIN(cases)
