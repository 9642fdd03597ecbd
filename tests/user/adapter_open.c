// SPDX-License-Identifier: MIT
/*
 * adapter_open.c: OpenAdapterFromLuid and CloseAdapter
 */
#include "kmt.h"

static void open_and_close(void)
{
	D3DKMT_HANDLE first = need_adapter(), second = need_adapter();

	EXPECT(is_local_handle(first));
	EXPECT_NE(first, second);
	EXPECT_STATUS(kmt_close_adapter(first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(first), STATUS_INVALID_PARAMETER);
	/* each open needs its own close */
	EXPECT_EQ(count_live(0).adapters, 1);
	EXPECT_STATUS(kmt_close_adapter(second), STATUS_SUCCESS);
	EXPECT_EQ(count_live(0).adapters, 0);
}

static void luid_unknown(void)
{
	D3DKMT_OPENADAPTERFROMLUID open = {
		.AdapterLuid = { .LowPart = 0xfeedface, .HighPart = 0x7eedface },
		.hAdapter = 0x12345678,
	};

	EXPECT_STATUS(D3DKMTOpenAdapterFromLuid(&open), STATUS_INVALID_PARAMETER);
	open.AdapterLuid.LowPart = 0;
	open.AdapterLuid.HighPart = 0;
	EXPECT_STATUS(D3DKMTOpenAdapterFromLuid(&open), STATUS_INVALID_PARAMETER);
	/* half of it is right */
	open.AdapterLuid.LowPart = test_adapter.luid_low;
	open.AdapterLuid.HighPart = ~test_adapter.luid_high;
	EXPECT_STATUS(D3DKMTOpenAdapterFromLuid(&open), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(count_live(0).adapters, 0);
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTOpenAdapterFromLuid(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCloseAdapter(NULL), STATUS_INVALID_PARAMETER);
}

static void close_what_is_no_adapter(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);
	const D3DKMT_HANDLE wrong[] = { 0,	   device,	resource,
					owned,	   adapter | 1, adapter ^ 0xc0000000,
					0xdeadbec0 };
	struct live before = count_live(device);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_STATUS(kmt_close_adapter(wrong[i]), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

/* the handle goes; what was made through it either goes too or lives on, but nothing may break */
static void close_under_a_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE allocation = need_allocation(device, 4096), again;
	NTSTATUS status;

	need_lock(device, allocation);
	EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_device(adapter, &again), STATUS_INVALID_PARAMETER);
	status = kmt_device_state(device, NULL);
	EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_device(device), status);
	/* and it can be opened anew */
	need_device();
}

static const struct test_case cases[] = {
	CASE(open_and_close, "every open gives a handle of its own, closed once"),
	CASE(luid_unknown, "an unknown LUID is refused, whatever hAdapter held before"),
	CASE(null_argument, "NULL is refused"),
	CASE(close_what_is_no_adapter, "other handles cannot be closed as adapters"),
	CASE(close_under_a_device, "closing an adapter that has a device"),
};

TEST_MAIN(cases)
