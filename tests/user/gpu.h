/* SPDX-License-Identifier: MIT */
/*
 * gpu.h: short forms of the calls about contexts and what is submitted to them, for the tests (see
 * kmt.h)
 */
#ifndef VDXG_TEST_GPU_H
#define VDXG_TEST_GPU_H

#include <sched.h>

#include "kmt.h"

#define CONTEXT_NULL_RENDERING		(1U << 0)
#define CONTEXT_DISABLE_GPU_TIMEOUT	(1U << 2)
#define CONTEXT_SYNCHRONIZATION_ONLY	(1U << 3)
#define CONTEXT_HW_QUEUE_SUPPORTED	(1U << 4)

/**
 * struct hw_queue - a hardware queue
 * @handle: its handle
 * @fence: its progress fence
 * @value: where the fence's value is
 * @gpu: where the GPU sees it
 */
struct hw_queue {
	D3DKMT_HANDLE handle;
	D3DKMT_HANDLE fence;
	const volatile uint64_t *value;
	uint64_t gpu;
};

static inline NTSTATUS kmt_create_context(D3DKMT_HANDLE device, uint32_t flags,
					  D3DKMT_HANDLE *context)
{
	D3DKMT_CREATECONTEXTVIRTUAL create = { .hDevice = device };
	NTSTATUS status;

	SET_FLAGS(create.Flags, flags);
	status = D3DKMTCreateContextVirtual(&create);
	*context = create.hContext;
	return status;
}

static inline D3DKMT_HANDLE need_context_flags(D3DKMT_HANDLE device, uint32_t flags)
{
	D3DKMT_HANDLE context;

	REQUIRE_STATUS(kmt_create_context(device, flags, &context), STATUS_SUCCESS);
	return context;
}

static inline D3DKMT_HANDLE need_context(D3DKMT_HANDLE device)
{
	return need_context_flags(device, 0);
}

static inline NTSTATUS kmt_destroy_context(D3DKMT_HANDLE context)
{
	D3DKMT_DESTROYCONTEXT destroy = { .hContext = context };

	return D3DKMTDestroyContext(&destroy);
}

static inline NTSTATUS kmt_create_hw_queue(D3DKMT_HANDLE context, uint32_t flags,
					   struct hw_queue *queue)
{
	D3DKMT_CREATEHWQUEUE create = { .hHwContext = context };
	NTSTATUS status;

	SET_FLAGS(create.Flags, flags);
	status = D3DKMTCreateHwQueue(&create);
	queue->handle = create.hHwQueue;
	queue->fence = create.hHwQueueProgressFence;
	queue->value = create.HwQueueProgressFenceCPUVirtualAddress;
	queue->gpu = create.HwQueueProgressFenceGPUVirtualAddress;
	return status;
}

static inline NTSTATUS kmt_destroy_hw_queue(D3DKMT_HANDLE queue)
{
	D3DKMT_DESTROYHWQUEUE destroy = { .hHwQueue = queue };

	return D3DKMTDestroyHwQueue(&destroy);
}

/* a hardware queue of a context of its own */
static inline struct hw_queue need_hw_queue(D3DKMT_HANDLE device)
{
	struct hw_queue queue;

	REQUIRE_STATUS(kmt_create_hw_queue(need_context_flags(device, CONTEXT_HW_QUEUE_SUPPORTED),
					   0, &queue), STATUS_SUCCESS);
	return queue;
}

/* as the call wants it; the caller may change it before it is made */
static inline D3DKMT_SUBMITCOMMAND submit_args(D3DKMT_HANDLE context, uint64_t address,
					       uint32_t bytes)
{
	return (D3DKMT_SUBMITCOMMAND) {
		.Commands = address,
		.CommandLength = bytes,
		.BroadcastContextCount = 1,
		.BroadcastContext = { context },
	};
}

static inline NTSTATUS kmt_submit(D3DKMT_HANDLE context, uint64_t address, uint32_t bytes)
{
	D3DKMT_SUBMITCOMMAND submit = submit_args(context, address, bytes);

	return D3DKMTSubmitCommand(&submit);
}

static inline NTSTATUS kmt_submit_hw(const struct hw_queue *queue, uint64_t address, uint32_t bytes,
				     uint64_t id)
{
	D3DKMT_SUBMITCOMMANDTOHWQUEUE submit = {
		.hHwQueue = queue->handle,
		.HwQueueProgressFenceId = id,
		.CommandBuffer = address,
		.CommandLength = bytes,
	};

	return D3DKMTSubmitCommandToHwQueue(&submit);
}

/* wait until what was submitted with @id is done */
static inline void wait_hw(const struct hw_queue *queue, uint64_t id)
{
	while (*queue->value < id)
		sched_yield();
}

static inline NTSTATUS kmt_create_fence(D3DKMT_HANDLE device, uint32_t flags, uint64_t initial,
					D3DKMT_HANDLE *fence, const volatile uint64_t **value)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = {
		.hDevice = device,
		.Info.Type = D3DDDI_MONITORED_FENCE,
		.Info.MonitoredFence.InitialFenceValue = initial,
	};
	NTSTATUS status;

	SET_FLAGS(create.Info.Flags, flags);
	status = D3DKMTCreateSynchronizationObject2(&create);
	*fence = create.hSyncObject;
	if (value)
		*value = create.Info.MonitoredFence.FenceValueCPUVirtualAddress;
	return status;
}

static inline NTSTATUS kmt_execution(D3DKMT_HANDLE device)
{
	uint32_t state = 0;

	REQUIRE_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
	return state;
}

#endif
