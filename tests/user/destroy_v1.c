// SPDX-License-Identifier: MIT
/*
 * destroy_v1.c: the first DestroyAllocation, whose structure has padding where the second has its
 * flags
 */
#include "kmt.h"

static void T14_dirty_padding(void)
{
	D3DKMT_HANDLE device = need_device(), allocation, owned;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 1, &owned);
	D3DKMT_DESTROYALLOCATION destroy;
	int pattern;

	for (pattern = 0; pattern < 256; pattern += 51) {
		allocation = need_allocation(device, 4096);
		memset(&destroy, pattern, sizeof(destroy));
		destroy.hDevice = device;
		destroy.hResource = 0;
		destroy.phAllocationList = &allocation;
		destroy.AllocationCount = 1;
		EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
	}
	memset(&destroy, 0xff, sizeof(destroy));
	destroy.hDevice = device;
	destroy.hResource = resource;
	destroy.phAllocationList = NULL;
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, owned), STATUS_INVALID_PARAMETER);
}

static void forms(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, list);
	D3DKMT_DESTROYALLOCATION destroy = { .hDevice = device };

	/* as in the second version: nothing, a count without a list, both, and too late */
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_SUCCESS);
	destroy.AllocationCount = 1;
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_INVALID_PARAMETER);
	destroy.hResource = resource;
	destroy.phAllocationList = list;
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, list[1]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_INVALID_PARAMETER);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);
	D3DKMT_DESTROYALLOCATION destroy = { .phAllocationList = &allocation,
					     .AllocationCount = 1 };

	EXPECT_STATUS(D3DKMTDestroyAllocation(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_INVALID_PARAMETER);
	destroy.hDevice = device;
	destroy.AllocationCount = 65537;
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_INVALID_PARAMETER);
	destroy.AllocationCount = 1;
	destroy.phAllocationList = test_unmapped();
	EXPECT_STATUS(D3DKMTDestroyAllocation(&destroy), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(T14_dirty_padding, "whatever is in the padding, the flags are 0"),
	CASE(forms, "the same forms as DestroyAllocation2"),
	CASE(arguments_bad, "the same refusals as DestroyAllocation2"),
};

TEST_MAIN(cases)
