// SPDX-License-Identifier: MIT
/*
 * gpu_signal.c: SignalSynchronizationObjectFromGpu and SignalSynchronizationObjectFromGpu2
 */
#include "gpusync.h"

static void many(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), handles[32];
	struct fence fences[32];
	uint64_t values[32];
	unsigned int i;

	for (i = 0; i < 32; i++) {
		fences[i] = need_fence(device, 0, 0);
		handles[i] = fences[i].handle;
		values[i] = 100 + i;
	}
	EXPECT_STATUS(gpu_signal_many(context, handles, values, 32), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 32, 0, 0), STATUS_SUCCESS);
	for (i = 0; i < 32; i++)
		EXPECT_EQ(*fences[i].value, 100 + i);
}

static void no_signal(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence dumb = need_fence(device, 0, SYNC_NO_SIGNAL), fence = need_fence(device, 0, 0);
	D3DKMT_HANDLE handles[2] = { fence.handle, dumb.handle };
	uint64_t values[2] = { 1, 1 };

	EXPECT_STATUS(gpu_signal(context, dumb.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(gpu_signal2(&context, 1, handles, values, 2, 0), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(gpu_wait(context, dumb.handle, 0), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*fence.value, 0);
	EXPECT_EQ(*dumb.value, 0);
}

static void rewind(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct gate gate = need_gate(device);
	struct fence fence = need_fence(device, 10, 0);
	uint64_t nine = 9, eleven = 11;

	EXPECT_STATUS(gpu_signal(context, fence.handle, 9), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(context, fence.handle, 10), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal2(&context, 1, &fence.handle, &nine, 1, SIGNAL_REWIND),
		      STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*fence.value, 9);
	/* one that turns out to go back is left alone */
	EXPECT_STATUS(gpu_signal2(&gate.context, 1, &fence.handle, &eleven, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 20), STATUS_SUCCESS);
	open_gate(&gate);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 20);
}

static void broadcast(void)
{
	D3DKMT_HANDLE device = need_device(), contexts[64];
	struct fence fence = need_fence(device, 0, 0);
	uint64_t one = 1;
	struct gate gates[3];
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (i % 30 == 1) {
			gates[i / 30] = need_gate(device);
			contexts[i] = gates[i / 30].context;
		} else {
			contexts[i] = need_context(device);
		}
	}
	EXPECT_STATUS(gpu_signal2(contexts, 64, &fence.handle, &one, 1, 0), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		let_run(device);
		EXPECT_EQ(*fence.value, 0);
		open_gate(&gates[i]);
	}
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
}

/* The others of a broadcast do not wait for the last. */
static void broadcast_does_not_block(void)
{
	D3DKMT_HANDLE device = need_device(), contexts[2];
	struct fence fence = need_fence(device, 0, 0), beside = need_fence(device, 0, 0);
	struct gate gate = need_gate(device);
	uint64_t one = 1;

	contexts[0] = need_context(device);
	contexts[1] = gate.context;
	EXPECT_STATUS(gpu_signal2(contexts, 2, &fence.handle, &one, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(contexts[0], beside.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, beside.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 0);
	open_gate(&gate);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
}

static void cpu_event(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct gate gate = need_gate(device);
	D3DKMT_HANDLE both[2] = { context, gate.context };
	struct fence fence = need_fence(device, 0, 0);
	int event = need_event(), other = need_event();
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 signal = { 0 };
	uint64_t one = 1;

	EXPECT_STATUS(gpu_event(&context, 1, event), STATUS_SUCCESS);
	EXPECT(event_came(event, LONG_MS));
	EXPECT_STATUS(gpu_event(both, 2, event), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_event(&context, 1, other), STATUS_SUCCESS);
	EXPECT(event_came(other, LONG_MS));
	EXPECT(!fired(event));
	open_gate(&gate);
	EXPECT(event_came(event, LONG_MS));

	EXPECT_STATUS(gpu_event(&context, 1, 0), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(gpu_event(&context, 1, 12345), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(gpu_event(&context, 1, test_open()), STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(gpu_event(NULL, 1, event), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_event(&context, 0, event), STATUS_INVALID_PARAMETER);
	/* an event and an object, and neither */
	signal.ObjectCount = 1;
	signal.ObjectHandleArray = &fence.handle;
	SET_FLAGS(signal.Flags, SIGNAL_CPU_EVENT);
	signal.BroadcastContextCount = 1;
	signal.BroadcastContextArray = &context;
	signal.CpuEventHandle = handle_of(event);
	EXPECT_STATUS(D3DKMTSignalSynchronizationObjectFromGpu2(&signal),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal2(&context, 1, NULL, &one, 0, 0), STATUS_INVALID_PARAMETER);
	let_run(device);
	EXPECT(!fired(event));
}

static void cpu_notification(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	int event = need_event();
	D3DKMT_HANDLE sync = need_cpu_notification(device, event);

	EXPECT_STATUS(gpu_signal(gate.context, sync, 0), STATUS_SUCCESS);
	let_run(device);
	EXPECT(!fired(event));
	open_gate(&gate);
	EXPECT(event_came(event, LONG_MS));
}

static void at_submission(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	struct fence fence = need_fence(device, 0, 0);
	uint64_t one = 1;

	EXPECT_STATUS(gpu_signal2(&gate.context, 1, &fence.handle, &one, 1, SIGNAL_AT_SUBMISSION),
		      STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 1);
	/* and not again */
	one = 0;
	EXPECT_STATUS(kmt_signal_many(device, &fence.handle, &one, 1, SIGNAL_REWIND),
		      STATUS_SUCCESS);
	open_gate(&gate);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 0);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), other = need_device();
	D3DKMT_HANDLE contexts[65], handles[33], two[2] = { context, need_context(other) };
	struct fence fence = need_fence(device, 0, 0), foreign = need_fence(other, 0, 0);
	uint64_t values[33] = { 0 };
	unsigned int i;

	for (i = 0; i < 33; i++)
		handles[i] = fence.handle;
	for (i = 0; i < 65; i++)
		contexts[i] = context;
	EXPECT_STATUS(gpu_signal_many(context, handles, values, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal_many(context, handles, values, 32), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal_many(context, handles, values, 33), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal_many(context, NULL, values, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal_many(context, handles, NULL, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(0, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(context, 0, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(context, foreign.handle, 1), STATUS_INVALID_PARAMETER);

	EXPECT_STATUS(gpu_signal2(contexts, 64, handles, values, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal2(contexts, 65, handles, values, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal2(contexts, 0, handles, values, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal2(NULL, 1, handles, values, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal2(two, 2, handles, values, 1, 0), STATUS_INVALID_PARAMETER);
	contexts[1] = 0;
	EXPECT_STATUS(gpu_signal2(contexts, 2, handles, values, 1, 0), STATUS_INVALID_PARAMETER);
	for (i = 3; i < 32; i++)
		EXPECT_STATUS(gpu_signal2(&context, 1, handles, values, 1, 1U << i),
			      STATUS_INVALID_PARAMETER);
}

/* As long as a context is going to signal a fence, nobody who waits for it is let go. */
static void handle_destroyed(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct gate gate = need_gate(device);
	struct fence fence = need_fence(device, 0, 0), done = need_fence(device, 0, 0);

	EXPECT_STATUS(gpu_signal(gate.context, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait(context, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	open_gate(&gate);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
}

/* A device in error signals what it was going to signal, at the largest value. */
static void device_in_error(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	struct fence fence = need_fence(device, 3, 0), kept = need_fence(device, 3, SYNC_KEEP_VALUE);
	int event = need_event();

	EXPECT_STATUS(gpu_signal(gate.context, fence.handle, 4), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(gate.context, kept.handle, 4), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_event(&gate.context, 1, event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, UINT64_MAX);
	EXPECT_EQ(*kept.value, 3);
	EXPECT(event_came(event, LONG_MS));
}

static const struct test_case cases[] = {
	CASE(many, "32 fences, each its own value"),
	CASE(no_signal, "NoSignal: ACCESS_DENIED, and nothing is signalled"),
	CASE(rewind, "going back is refused, or left alone, unless it is allowed"),
	CASE(broadcast, "a broadcast to 64 contexts signals when the last has got there"),
	CASE(broadcast_does_not_block, "the others go on meanwhile"),
	CASE(cpu_event, "EnqueueCpuEvent: an event, and no object"),
	CASE(cpu_notification, "a CPU notification signals its event"),
	CASE(at_submission, "SignalAtSubmission signals at once, and once"),
	CASE(arguments_bad, "bad handles, numbers, flags and arrays are refused"),
	CASE(handle_destroyed, "a fence without a handle is still signalled, and waited for"),
	CASE(device_in_error, "a device in error leaves nobody waiting"),
};

TEST_MAIN(cases)
