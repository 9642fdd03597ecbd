// SPDX-License-Identifier: MIT
/*
 * gpusync_failnth.c: every allocation and every copy of the calls for waiting and signalling fails
 * once
 *
 * As failnth.c, for what contexts and hardware queues wait for and signal, and for destroying while
 * they do.
 *
 * vm-when: kernel=debug
 */
#include <unistd.h>

#include "failnth.h"
#include "gpusync.h"

static D3DKMT_HANDLE device, context, queue, semaphore;
static struct fence fence;
static struct gate gate;
static int event, sync_file, foreign;

static void start(void)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	struct sync_merge_data merge = { .name = "both" };
	struct fence one, two;

	failnth_start();
	device = need_device();
	context = need_context(device);
	queue = need_hw_queue(device);
	fence = need_fence(device, 1, 0);
	gate = need_gate(device);
	create.Info.Semaphore.MaxCount = 1U << 30;
	create.Info.Semaphore.InitialCount = 1U << 29;
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SEMAPHORE, 0, &create), STATUS_SUCCESS);
	semaphore = create.hSyncObject;
	event = need_event();
	one = need_fence(device, 0, 0);
	two = need_fence(device, 0, 0);
	sync_file = need_sync_file(device, one.handle, 1, IMPATIENT);
	merge.fd2 = need_sync_file(device, two.handle, 1, IMPATIENT);
	REQUIRE(!ioctl(sync_file, SYNC_IOC_MERGE, &merge));
	foreign = merge.fence;
}

/* Each of these undoes what it did, if it did it, and says how the call ended. */

static NTSTATUS end(NTSTATUS status)
{
	failnth_disarm();
	return status;
}

static NTSTATUS wait_for_fence(void)
{
	return end(gpu_wait(context, fence.handle, 1));
}

static NTSTATUS wait_for_both(void)
{
	D3DKMT_HANDLE both[2] = { fence.handle, semaphore };
	uint64_t values[2] = { 1, 1 };

	return end(gpu_wait_many(context, both, values, 2));
}

static NTSTATUS wait_on_queue(void)
{
	return end(hw_wait(queue, fence.handle, 1));
}

static NTSTATUS signal_fence(void)
{
	return end(gpu_signal(context, fence.handle, 1));
}

static NTSTATUS signal_both(void)
{
	D3DKMT_HANDLE contexts[2] = { context, gate.context };
	D3DKMT_HANDLE both[2] = { fence.handle, semaphore };
	uint64_t values[2] = { 1, 1 };

	return end(gpu_signal2(contexts, 2, both, values, 2, 0));
}

static NTSTATUS signal_event(void)
{
	return end(gpu_event(&context, 1, event));
}

static NTSTATUS signal_from_queue(void)
{
	return end(hw_signal(queue, fence.handle, 1));
}

static NTSTATUS wait_for_file(void)
{
	D3DKMT_WAITSYNCFILE wait = { .hSyncFile = (UINT64)foreign, .hContext = context };

	return end(D3DKMTWaitSyncFile(&wait));
}

static NTSTATUS open_file(void)
{
	struct fence opened;
	uint64_t value;
	NTSTATUS status = end(kmt_open_sync_file(device, foreign, &opened, &value));

	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(opened.handle), STATUS_SUCCESS);
	return status;
}

static void every_point(void)
{
	start();
	failnth_sweep("WaitForSynchronizationObjectFromGpu", wait_for_fence);
	failnth_sweep("the same of two kinds", wait_for_both);
	failnth_sweep("SubmitWaitForSyncObjectsToHwQueue", wait_on_queue);
	failnth_sweep("SignalSynchronizationObjectFromGpu", signal_fence);
	failnth_sweep("SignalSynchronizationObjectFromGpu2", signal_both);
	failnth_sweep("the same with an event", signal_event);
	failnth_sweep("SubmitSignalSyncObjectsToHwQueue", signal_from_queue);
	failnth_sweep("WaitSyncFile", wait_for_file);
	failnth_sweep("OpenSyncObjectFromSyncFile of another driver", open_file);
	/* the contexts still work */
	open_gate(&gate);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
}

/* ---- fences of the old kind and semaphores ---- */

/* how many units there are at first, which nobody waits for in vain */
#define UNITS	100

static D3DKMT_HANDLE other, old_fence, units;

/* what was done, for both */
static unsigned int given, taken;

static void start_old(void)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create_fence = { 0 }, create_units = { 0 };

	start();
	other = need_context(device);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_FENCE, 0, &create_fence), STATUS_SUCCESS);
	old_fence = create_fence.hSyncObject;
	create_units.Info.Semaphore.MaxCount = 1U << 30;
	create_units.Info.Semaphore.InitialCount = UNITS;
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SEMAPHORE, 0, &create_units), STATUS_SUCCESS);
	units = create_units.hSyncObject;
}

static NTSTATUS signal_old(void)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 signal = {
		.hContext = context,
		.ObjectCount = 2,
		.ObjectHandleArray = { old_fence, units },
		.BroadcastContextCount = 1,
		.BroadcastContext = { other },
		.Fence.FenceValue = given + 1,
	};
	NTSTATUS status = end(D3DKMTSignalSynchronizationObject2(&signal));

	given += status == STATUS_SUCCESS;
	return status;
}

static NTSTATUS wait_old(void)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 wait = {
		.hContext = context,
		.ObjectCount = 2,
		.ObjectHandleArray = { old_fence, units },
		.Fence.FenceValue = given,
	};
	NTSTATUS status = end(D3DKMTWaitForSynchronizationObject2(&wait));

	taken += status == STATUS_SUCCESS;
	return status;
}

/* a fresh context that waits for the object so often, and a fence that it signals then */
static struct fence need_waiter(D3DKMT_HANDLE object, uint64_t value, unsigned int times)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 wait = {
		.hContext = need_context(device),
		.ObjectCount = 1,
		.ObjectHandleArray = { object },
		.Fence.FenceValue = value,
	};
	struct fence mark = need_fence(device, 0, 0);

	while (times--)
		REQUIRE_STATUS(D3DKMTWaitForSynchronizationObject2(&wait), STATUS_SUCCESS);
	REQUIRE_STATUS(gpu_signal(wait.hContext, mark.handle, 1), STATUS_SUCCESS);
	return mark;
}

static void expect_passed(struct fence mark)
{
	EXPECT_STATUS(kmt_wait(device, mark.handle, 1, 0), STATUS_SUCCESS);
}

static void expect_blocked(struct fence mark)
{
	let_run(device);
	EXPECT_EQ(*mark.value, 0);
}

static void every_point_old(void)
{
	struct fence done;

	start_old();
	failnth_sweep("SignalSynchronizationObject2", signal_old);
	failnth_sweep("WaitForSynchronizationObject2", wait_old);
	done = need_fence(device, 0, 0);
	REQUIRE_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	expect_passed(done);
	expect_passed(need_waiter(old_fence, given, 1));
	expect_blocked(need_waiter(old_fence, given + 1, 1));
	expect_passed(need_waiter(units, 0, UNITS + given - taken));
	expect_blocked(need_waiter(units, 0, 1));
}

/* The copy of the list may fail, and memory is not needed. */
static void destroy_deferred(void)
{
	struct usage before;
	unsigned int n, denied = 0, flags;
	D3DKMT_HANDLE list[32];
	NTSTATUS status;

	start();
	before = need_usage();
	for (n = 1; n < 60; n++) {
		flags = n & 1 ? 0 : DESTROY_ASSUME_NOT_IN_USE;
		need_allocations(device, 4096, 32, list);
		failnth_arm(n / 2 + 1);
		status = kmt_destroy(device, 0, list, 32, flags);
		failnth_disarm();
		if (status != STATUS_SUCCESS) {
			denied++;
			EXPECT(failnth_documented(status) && status != STATUS_NO_MEMORY);
			EXPECT_STATUS(kmt_destroy(device, 0, list, 32, flags), STATUS_SUCCESS);
		}
	}
	EXPECT(denied <= 4);
	open_gate(&gate);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(every_point, "each failure is answered, and leaves nothing"),
	CASE(every_point_old, "what failed has neither signalled nor taken anything"),
	CASE(destroy_deferred, "destroying needs no memory"),
};

TEST_MAIN(cases)
