// SPDX-License-Identifier: MIT
/*
 * invalidate_cache.c: InvalidateCache
 */
#include "kmt.h"

#define SIZE (4 * 4096)

static NTSTATUS invalidate(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, uint64_t offset,
			   uint64_t length)
{
	D3DKMT_INVALIDATECACHE args = {
		.hDevice = device,
		.hAllocation = allocation,
		.Offset = offset,
		.Length = length,
	};

	return D3DKMTInvalidateCache(&args);
}

static void ranges(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p;
	int locked;

	for (locked = 0; locked < 2; locked++) {
		EXPECT_STATUS(invalidate(device, allocation, 0, SIZE), STATUS_SUCCESS);
		EXPECT_STATUS(invalidate(device, allocation, 0, 1), STATUS_SUCCESS);
		EXPECT_STATUS(invalidate(device, allocation, SIZE - 1, 1), STATUS_SUCCESS);
		EXPECT_STATUS(invalidate(device, allocation, 4095, 2), STATUS_SUCCESS);
		if (locked)
			break;
		p = need_lock(device, allocation);
		memset(p, 7, SIZE);
	}
	EXPECT_EQ(p[0], 7);
	EXPECT_EQ(p[SIZE - 1], 7);
}

static void ranges_bad(void)
{
	static const uint64_t bad[][2] = {
		{ 0, SIZE + 1 },    { SIZE, 1 },      { SIZE - 1, 2 },
		{ SIZE + 1, 0 },    { 4096, SIZE },   { 1, ~0ULL },
		{ ~0ULL, 1 },	    { ~0ULL, ~0ULL }, { 1ULL << 63, 1ULL << 63 },
		{ 4096, -4096ULL },
	};
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!EXPECT_STATUS(invalidate(device, allocation, bad[i][0], bad[i][1]),
				   STATUS_INVALID_PARAMETER))
			test_note("offset 0x%llx, length 0x%llx", (unsigned long long)bad[i][0],
				  (unsigned long long)bad[i][1]);
}

static void handles_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, SIZE, 1, &owned);
	const D3DKMT_HANDLE bad_devices[] = { 0, adapter, owned, other, device | 1, 0xdeadbec0 };
	const D3DKMT_HANDLE bad_allocations[] = { 0, resource, device, owned | 1, 0xdeadbec0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_devices); i++)
		EXPECT_STATUS(invalidate(bad_devices[i], owned, 0, SIZE), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad_allocations); i++)
		EXPECT_STATUS(invalidate(device, bad_allocations[i], 0, SIZE),
			      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTInvalidateCache(NULL), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(ranges, "any range within the allocation, locked or not; the content stays"),
	CASE(ranges_bad, "ranges that leave the allocation or overflow are refused"),
	CASE(handles_bad, "bad and foreign handles are refused"),
};

TEST_MAIN(cases)
