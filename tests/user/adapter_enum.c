// SPDX-License-Identifier: MIT
/*
 * adapter_enum.c: EnumAdapters2 and EnumAdapters3
 */
#include "kmt.h"

#define ALL_KINDS 0x3	/* compute-only and display-only too */

static NTSTATUS enum3(uint64_t filter, D3DKMT_ADAPTERINFO *info, ULONG *n)
{
	D3DKMT_ENUMADAPTERS3 list = { .NumAdapters = *n, .pAdapters = info };
	NTSTATUS status;

	_Static_assert(sizeof(list.Filter) == sizeof(filter), "64 bits of filter");
	memcpy(&list.Filter, &filter, sizeof(filter));
	status = D3DKMTEnumAdapters3(&list);
	*n = list.NumAdapters;
	return status;
}

static bool is_ours(const D3DKMT_ADAPTERINFO *info)
{
	return info->AdapterLuid.LowPart == test_adapter.luid_low &&
	       info->AdapterLuid.HighPart == test_adapter.luid_high;
}

static void maximum_for_null(void)
{
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = 7 };
	struct live before = count_live(0);

	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	EXPECT(list.NumAdapters == 32 || list.NumAdapters == 34);
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void lists_adapters(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	bool found = false;
	ULONG i, j;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	REQUIRE(list.NumAdapters >= 1 && list.NumAdapters <= ARRAY_SIZE(info));
	for (i = 0; i < list.NumAdapters; i++) {
		EXPECT(is_local_handle(info[i].hAdapter));
		EXPECT(info[i].AdapterLuid.LowPart || info[i].AdapterLuid.HighPart);
		for (j = 0; j < i; j++)
			EXPECT(memcmp(&info[i].AdapterLuid, &info[j].AdapterLuid, sizeof(LUID)));
		found |= is_ours(&info[i]);
	}
	EXPECT(found);
	for (i = 0; i < list.NumAdapters; i++)
		EXPECT_STATUS(kmt_close_adapter(info[i].hAdapter), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++)
		EXPECT_STATUS(kmt_close_adapter(info[i].hAdapter), STATUS_INVALID_PARAMETER);
}

static void too_small(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	struct live before;
	ULONG i, n;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	n = list.NumAdapters;
	before = count_live(0);
	for (i = 0; i < n; i++) {
		list.NumAdapters = i;
		EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_BUFFER_TOO_SMALL);
		list.NumAdapters = i;
		EXPECT_STATUS(enum3(ALL_KINDS, info, &list.NumAdapters), STATUS_BUFFER_TOO_SMALL);
	}
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void exact_room(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	ULONG n;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	n = list.NumAdapters;
	/* nothing is written after the last entry */
	list.pAdapters = test_page_end(NULL, n * sizeof(*info));
	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	EXPECT_EQ(list.NumAdapters, n);
	list.NumAdapters = 0xffffffff;
	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	EXPECT_EQ(list.NumAdapters, n);
}

static void array_pointer_bad(void)
{
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = 34 };
	ULONG n = 34;
	struct live before = count_live(0);

	list.pAdapters = test_unmapped();
	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_INVALID_PARAMETER);
	list.pAdapters = test_readonly(NULL, 34 * sizeof(D3DKMT_ADAPTERINFO));
	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_INVALID_PARAMETER);
	list.pAdapters = test_straddle(sizeof(D3DKMT_ADAPTERINFO));
	EXPECT_STATUS(D3DKMTEnumAdapters2(&list), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(enum3(ALL_KINDS, test_unmapped(), &n), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTEnumAdapters2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTEnumAdapters3(NULL), STATUS_INVALID_PARAMETER);
}

static void third_version(void)
{
	D3DKMT_ADAPTERINFO info[34], all[34];
	D3DKMT_ENUMADAPTERS2 second = { .NumAdapters = ARRAY_SIZE(all), .pAdapters = all };
	ULONG n = ARRAY_SIZE(info), max = 0;
	ULONG i;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&second), STATUS_SUCCESS);
	REQUIRE_STATUS(enum3(ALL_KINDS, info, &n), STATUS_SUCCESS);
	EXPECT_EQ(n, second.NumAdapters);
	for (i = 0; i < n; i++) {
		EXPECT(!memcmp(&info[i].AdapterLuid, &all[i].AdapterLuid, sizeof(LUID)));
		EXPECT_NE(info[i].hAdapter, all[i].hAdapter);
		EXPECT_STATUS(kmt_close_adapter(info[i].hAdapter), STATUS_SUCCESS);
	}
	/* without a filter compute-only and display-only adapters are left out */
	n = ARRAY_SIZE(info);
	REQUIRE_STATUS(enum3(0, info, &n), STATUS_SUCCESS);
	EXPECT(n <= second.NumAdapters);
	EXPECT_STATUS(enum3(ALL_KINDS, NULL, &max), STATUS_SUCCESS);
	EXPECT(max == 32 || max == 34);
}

static void filter_reserved(void)
{
	D3DKMT_ADAPTERINFO info[34];
	struct live before = count_live(0);
	ULONG n;
	int bit;

	for (bit = 2; bit < 64; bit++) {
		n = ARRAY_SIZE(info);
		EXPECT_STATUS(enum3(1ULL << bit, info, &n), STATUS_INVALID_PARAMETER);
	}
	EXPECT_SAME_LIVE(count_live(0), before);
}

static const struct test_case cases[] = {
	CASE_ONCE(maximum_for_null,
		  "without an array EnumAdapters2 tells the maximum and opens nothing"),
	CASE(lists_adapters, "each adapter once, with a LUID and a handle that can be closed"),
	CASE_ONCE(too_small, "an array too small is BUFFER_TOO_SMALL and opens nothing"),
	CASE_ONCE(exact_room, "an array just large enough, and a count that is far too large"),
	CASE_ONCE(array_pointer_bad,
		  "an array that cannot be written is refused and opens nothing"),
	CASE_ONCE(null_argument, "NULL is refused"),
	CASE_ONCE(third_version, "EnumAdapters3 lists the same, with handles of its own"),
	CASE_ONCE(filter_reserved, "reserved filter bits are refused"),
};

TEST_MAIN(cases)
