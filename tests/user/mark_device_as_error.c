// SPDX-License-Identifier: MIT
/*
 * mark_device_as_error.c: MarkDeviceAsError, and what a device in error does
 */
#include "gpusync.h"
#include "paging.h"

/* what a device in error answers */
#define REFUSED STATUS_DEVICE_REMOVED

static uint32_t state_of(D3DKMT_HANDLE device)
{
	uint32_t state = 0;

	EXPECT_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
	return state;
}

static void reasons(void)
{
	D3DKMT_HANDLE one = need_device(), two = need_device();

	EXPECT_EQ(state_of(one), D3DKMT_DEVICEEXECUTION_ACTIVE);
	EXPECT_STATUS(kmt_mark_error(one, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	EXPECT_EQ(state_of(one), D3DKMT_DEVICEEXECUTION_HUNG);
	EXPECT_EQ(state_of(two), D3DKMT_DEVICEEXECUTION_ACTIVE);
	EXPECT_STATUS(kmt_mark_error(two, D3DKMT_DEVICE_ERROR_REASON_DRIVER_ERROR), STATUS_SUCCESS);
	EXPECT_EQ(state_of(two), D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
}

static void first_stays(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_DRIVER_ERROR),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	EXPECT_EQ(state_of(device), D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
}

/* Every submission is refused, with one and the same status, and does nothing. */
static void submissions_refused(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	D3DKMT_HANDLE queue = need_hw_queue(device);
	struct fence fence = need_fence(device, 0, 0);
	int event = need_event();
	uint64_t one = 1;
	NTSTATUS status;

	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	status = gpu_wait(context, fence.handle, 0);
	EXPECT_STATUS(status, REFUSED);
	EXPECT_STATUS(gpu_signal(context, fence.handle, 1), REFUSED);
	EXPECT_STATUS(gpu_signal2(&context, 1, &fence.handle, &one, 1, 0), REFUSED);
	EXPECT_STATUS(gpu_signal2(&context, 1, &fence.handle, &one, 1, SIGNAL_AT_SUBMISSION),
		      REFUSED);
	EXPECT_STATUS(gpu_event(&context, 1, event), REFUSED);
	EXPECT_STATUS(hw_wait(queue, fence.handle, 0), REFUSED);
	EXPECT_STATUS(hw_signal(queue, fence.handle, 1), REFUSED);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 0);
	EXPECT(!fired(event));
	/* bad arguments come first */
	EXPECT_STATUS(gpu_wait(context, 0, 0), STATUS_INVALID_PARAMETER);
}

static void work_is_cancelled(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device(), context = need_context(other);
	struct gate gate = need_gate(device);
	struct fence shared = need_fence(device, 0, SYNC_SHARED | SYNC_NT), opened;
	struct fence done = need_fence(other, 0, 0);
	HANDLE nt = need_share(shared.handle);

	REQUIRE_STATUS(kmt_open_sync_nt(other, nt, 0, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(gate.context, shared.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait(context, opened.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	let_run(other);
	EXPECT_EQ(*done.value, 0);
	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	/* nobody waits for ever for what the device was to signal */
	EXPECT_STATUS(kmt_wait(other, done.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*opened.value, UINT64_MAX);
	EXPECT_EQ(state_of(other), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

/* What is no submission still works. */
static void the_rest_works(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 4096);
	struct fence fence = need_fence(device, 0, 0);
	struct queue queue = need_queue(device);

	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	memset(need_lock(device, allocation), 1, 4096);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_mark_error(0, D3DKMT_DEVICE_ERROR_REASON_GENERIC),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_mark_error(need_adapter(), D3DKMT_DEVICE_ERROR_REASON_GENERIC),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_mark_error(device, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_mark_error(device, 6), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_mark_error(device, 0x80000001), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(state_of(device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static const struct test_case cases[] = {
	CASE(reasons, "the reason says which state the device is in then"),
	CASE(first_stays, "the first error stays"),
	CASE(submissions_refused, "every submission is refused"),
	CASE(work_is_cancelled, "what was queued is cancelled, and leaves nobody waiting"),
	CASE(the_rest_works, "memory, the CPU's signals, and destroying still work"),
	CASE(arguments_bad, "bad handles and reasons are refused"),
};

TEST_MAIN(cases)
