/* SPDX-License-Identifier: MIT */
/*
 * gpusync.h: contexts and hardware queues that wait and signal, for the tests (see kmt.h)
 *
 * Nothing here waits for time to pass. What has to happen is waited for without an end; what must
 * not happen is looked at when something that was asked for later has happened.
 */
#ifndef VDXG_TEST_GPUSYNC_H
#define VDXG_TEST_GPUSYNC_H

#include <poll.h>

#include "share.h"

#define SIGNAL_AT_SUBMISSION	(1U << 0)
#define SIGNAL_CPU_EVENT	(1U << 1)

static inline NTSTATUS kmt_create_context(D3DKMT_HANDLE device, D3DKMT_HANDLE *context)
{
	D3DKMT_CREATECONTEXTVIRTUAL create = { .hDevice = device };
	NTSTATUS status = D3DKMTCreateContextVirtual(&create);

	*context = create.hContext;
	return status;
}

static inline D3DKMT_HANDLE need_context(D3DKMT_HANDLE device)
{
	D3DKMT_HANDLE context;

	REQUIRE_STATUS(kmt_create_context(device, &context), STATUS_SUCCESS);
	return context;
}

static inline NTSTATUS kmt_destroy_context(D3DKMT_HANDLE context)
{
	D3DKMT_DESTROYCONTEXT destroy = { .hContext = context };

	return D3DKMTDestroyContext(&destroy);
}

static inline D3DKMT_HANDLE need_hw_queue(D3DKMT_HANDLE device)
{
	D3DKMT_CREATEHWCONTEXT context = { .hDevice = device };
	D3DKMT_CREATEHWQUEUE queue = { 0 };

	REQUIRE_STATUS(D3DKMTCreateHwContext(&context), STATUS_SUCCESS);
	queue.hHwContext = context.hHwContext;
	REQUIRE_STATUS(D3DKMTCreateHwQueue(&queue), STATUS_SUCCESS);
	return queue.hHwQueue;
}

static inline D3DKMT_HANDLE need_cpu_notification(D3DKMT_HANDLE device, int event)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };

	create.Info.CPUNotification.Event = handle_of(event);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_CPU_NOTIFICATION, 0, &create),
		       STATUS_SUCCESS);
	return create.hSyncObject;
}

/* ---- waiting and signalling ---- */

static inline NTSTATUS gpu_wait_many(D3DKMT_HANDLE context, const D3DKMT_HANDLE *fences,
				     const uint64_t *values, uint32_t n)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU wait = { 0 };

	wait.hContext = context;
	wait.ObjectCount = n;
	wait.ObjectHandleArray = fences;
	wait.MonitoredFenceValueArray = (const void *)values;
	return D3DKMTWaitForSynchronizationObjectFromGpu(&wait);
}

static inline NTSTATUS gpu_wait(D3DKMT_HANDLE context, D3DKMT_HANDLE fence, uint64_t value)
{
	return gpu_wait_many(context, &fence, &value, 1);
}

static inline NTSTATUS gpu_signal_many(D3DKMT_HANDLE context, const D3DKMT_HANDLE *fences,
				       const uint64_t *values, uint32_t n)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU signal = { 0 };

	signal.hContext = context;
	signal.ObjectCount = n;
	signal.ObjectHandleArray = fences;
	signal.MonitoredFenceValueArray = (const void *)values;
	return D3DKMTSignalSynchronizationObjectFromGpu(&signal);
}

static inline NTSTATUS gpu_signal(D3DKMT_HANDLE context, D3DKMT_HANDLE fence, uint64_t value)
{
	return gpu_signal_many(context, &fence, &value, 1);
}

static inline NTSTATUS gpu_signal2(const D3DKMT_HANDLE *contexts, uint32_t num_contexts,
				   const D3DKMT_HANDLE *fences, const uint64_t *values, uint32_t n,
				   uint32_t flags)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 signal = { 0 };

	signal.ObjectCount = n;
	signal.ObjectHandleArray = fences;
	SET_FLAGS(signal.Flags, flags);
	signal.BroadcastContextCount = num_contexts;
	signal.BroadcastContextArray = contexts;
	signal.MonitoredFenceValueArray = (const void *)values;
	return D3DKMTSignalSynchronizationObjectFromGpu2(&signal);
}

static inline NTSTATUS gpu_event(const D3DKMT_HANDLE *contexts, uint32_t num_contexts, int event)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 signal = { 0 };

	SET_FLAGS(signal.Flags, SIGNAL_CPU_EVENT);
	signal.BroadcastContextCount = num_contexts;
	signal.BroadcastContextArray = contexts;
	signal.CpuEventHandle = handle_of(event);
	return D3DKMTSignalSynchronizationObjectFromGpu2(&signal);
}

static inline NTSTATUS hw_wait(D3DKMT_HANDLE queue, D3DKMT_HANDLE fence, uint64_t value)
{
	D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE wait = {
		.hHwQueue = queue,
		.ObjectCount = 1,
		.ObjectHandleArray = &fence,
		.FenceValueArray = (const void *)&value,
	};

	return D3DKMTSubmitWaitForSyncObjectsToHwQueue(&wait);
}

static inline NTSTATUS hw_signal_many(const D3DKMT_HANDLE *queues, uint32_t num_queues,
				      D3DKMT_HANDLE fence, uint64_t value, uint32_t flags)
{
	D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE signal = {
		.BroadcastHwQueueCount = num_queues,
		.BroadcastHwQueueArray = queues,
		.ObjectCount = 1,
		.ObjectHandleArray = &fence,
		.FenceValueArray = (const void *)&value,
	};

	SET_FLAGS(signal.Flags, flags);
	return D3DKMTSubmitSignalSyncObjectsToHwQueue(&signal);
}

static inline NTSTATUS hw_signal(D3DKMT_HANDLE queue, D3DKMT_HANDLE fence, uint64_t value)
{
	return hw_signal_many(&queue, 1, fence, value, 0);
}

static inline NTSTATUS kmt_wait_idle(D3DKMT_HANDLE device)
{
	D3DKMT_WAITFORIDLE wait = { .hDevice = device };

	return D3DKMTWaitForIdle(&wait);
}

static inline NTSTATUS kmt_mark_error(D3DKMT_HANDLE device, uint32_t reason)
{
	D3DKMT_MARKDEVICEASERROR mark = { .hDevice = device };

	memcpy(&mark.Reason, &reason, sizeof(reason));
	return D3DKMTMarkDeviceAsError(&mark);
}

/* Has the event been signalled? Waits for that up to @ms. */
static inline bool event_came(int event, int ms)
{
	struct pollfd poll_fd = { .fd = event, .events = POLLIN };

	return poll(&poll_fd, 1, ms) == 1 && fired(event);
}

/*
 * Let everything that can go on do so: what a fresh context has to do is done after what the
 * others of the device could do before.
 */
static inline void let_run(D3DKMT_HANDLE device)
{
	D3DKMT_HANDLE context = need_context(device);
	struct fence fence = need_fence(device, 0, 0);

	REQUIRE_STATUS(gpu_signal(context, fence.handle, 1), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
}

/**
 * struct gate - a context that waits until the CPU opens it
 * @device: the device
 * @context: the context
 * @fence: it waits for 1, 2, ... of it
 */
struct gate {
	D3DKMT_HANDLE device, context;
	struct fence fence;
};

static inline struct gate need_gate(D3DKMT_HANDLE device)
{
	struct gate gate = { device, need_context(device), need_fence(device, 0, 0) };

	REQUIRE_STATUS(gpu_wait(gate.context, gate.fence.handle, 1), STATUS_SUCCESS);
	return gate;
}

static inline void open_gate(const struct gate *gate)
{
	EXPECT_STATUS(kmt_signal(gate->device, gate->fence.handle, 1), STATUS_SUCCESS);
}

#endif
