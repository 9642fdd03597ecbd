// SPDX-License-Identifier: MIT
/*
 * gpuva_failnth.c: every allocation and every copy of the calls about GPU virtual addresses fails once
 *
 * As failnth.c. Whatever fails, the answer is a documented one, and nothing is left: neither addresses nor
 * memory.
 *
 * vm-when: kernel=debug
 */
#include "failnth.h"
#include "update.h"

#define BASE	0x40000000ULL

static struct tiles t;

static NTSTATUS reserve(void)
{
	uint64_t at;
	NTSTATUS status = kmt_reserve_va(t.adapter, BASE, UNIT, RESERVE_ZERO, &at);

	failnth_disarm();
	if (!status)
		EXPECT_STATUS(kmt_free_va(t.adapter, BASE, UNIT), STATUS_SUCCESS);
	else
		EXPECT(va_is_free(t.adapter, BASE, UNIT));
	return status;
}

/* the first mapping of an allocation needs the most */
static NTSTATUS map(void)
{
	D3DKMT_HANDLE allocation;
	NTSTATUS status;

	status = kmt_map_va(t.queue.handle, t.allocation, BASE, 16, 0, NULL);
	failnth_disarm();
	if (status)
		EXPECT(va_is_free(t.adapter, BASE, UNIT));
	allocation = need_allocation(t.device, 16 * PAGE);
	EXPECT_STATUS(kmt_destroy_one(t.device, t.allocation), STATUS_SUCCESS);
	EXPECT(va_is_free(t.adapter, BASE, UNIT));
	t.allocation = allocation;
	return status;
}

static NTSTATUS map_anywhere(void)
{
	uint64_t at = 0;
	NTSTATUS status = kmt_map_va(t.queue.handle, t.allocation, 0, 16, 0, &at);

	failnth_disarm();
	if (!status)
		EXPECT_STATUS(kmt_free_va(t.adapter, at, UNIT), STATUS_SUCCESS);
	EXPECT(va_is_free(t.adapter, t.at + UNIT, 16 * UNIT));
	return status;
}

/* splits what is there */
static NTSTATUS map_between(void)
{
	NTSTATUS status;

	failnth_disarm_first();
	REQUIRE_STATUS(kmt_map_va(t.queue.handle, t.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	failnth_rearm();
	status = kmt_map_va(t.queue.handle, t.allocation, BASE + PAGE, 2, 0, NULL);
	failnth_disarm();
	EXPECT_STATUS(kmt_free_va(t.adapter, BASE, UNIT), STATUS_SUCCESS);
	return status;
}

static NTSTATUS free_between(void)
{
	NTSTATUS status;

	failnth_disarm_first();
	REQUIRE_STATUS(kmt_map_va(t.queue.handle, t.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	failnth_rearm();
	status = kmt_free_va(t.adapter, BASE + PAGE, 2 * PAGE);
	failnth_disarm();
	if (status)
		EXPECT_STATUS(kmt_free_va(t.adapter, BASE, UNIT), STATUS_SUCCESS);
	else
		EXPECT_STATUS(kmt_destroy_one(t.device, t.allocation), STATUS_SUCCESS);
	EXPECT(va_is_free(t.adapter, BASE, UNIT));
	if (!status)
		t.allocation = need_allocation(t.device, 16 * PAGE);
	return status;
}

/* what fails after it was queued puts the device in error, so each has a device of its own */
static NTSTATUS update(void)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[] = {
		map_op(&t, t.at, 8 * PAGE, 2 * PAGE, 0),
		copy_op(t.at + PAGE, t.at, 15 * PAGE),
		unmap_op(t.at + 3 * PAGE, PAGE, PROTECT_NO_ACCESS),
	};
	NTSTATUS status = kmt_update(&t, ops, ARRAY_SIZE(ops), *t.value, UPDATE_DO_NOT_WAIT);

	failnth_disarm();
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(t.device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(t.adapter), STATUS_SUCCESS);
	t = need_tiles();
	return status;
}

static void calls(void)
{
	failnth_start();
	t = need_tiles();
	failnth_sweep("ReserveGpuVirtualAddress", reserve);
	failnth_sweep("MapGpuVirtualAddress", map);
	failnth_sweep("MapGpuVirtualAddress, anywhere", map_anywhere);
	failnth_sweep("MapGpuVirtualAddress, between", map_between);
	failnth_sweep("FreeGpuVirtualAddress, between", free_between);
	failnth_sweep("UpdateGpuVirtualAddress", update);
}

static const struct test_case cases[] = {
	CASE(calls, "calls about GPU virtual addresses fail whole"),
};

TEST_MAIN(cases)
