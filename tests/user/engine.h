/* SPDX-License-Identifier: MIT */
/*
 * engine.h: a device with a queue, and memory that both the GPU and the CPU see, for the tests of
 * command buffers (see gpu.h)
 *
 *	struct gpu gpu = need_gpu();
 *	struct memory a = need_memory(&gpu, 65536);
 *	struct vdxg_commands c = commands(&gpu);
 *
 *	vdxg_commands_fill(&c, a.gpu, 65536, 1);
 *	EXPECT_EQ(run(&gpu, &c), D3DKMT_DEVICEEXECUTION_ACTIVE);
 */
#ifndef VDXG_TEST_ENGINE_H
#define VDXG_TEST_ENGINE_H

#include "gpu.h"
#include "gpuva.h"

#define COMMANDS_ROOM	16384U

/**
 * struct memory - an allocation
 * @handle: its handle
 * @gpu: where the GPU sees it
 * @cpu: where the CPU does
 * @bytes: its size
 */
struct memory {
	D3DKMT_HANDLE handle;
	uint64_t gpu;
	uint32_t *cpu;
	uint64_t bytes;
};

/**
 * struct gpu - a device with a hardware queue
 * @adapter: the adapter
 * @device: the device
 * @paging: its paging queue
 * @queue: its hardware queue
 * @last: the last progress value submitted
 * @buffer: its command buffer
 */
struct gpu {
	D3DKMT_HANDLE adapter, device;
	struct queue paging;
	struct hw_queue queue;
	uint64_t last;
	struct memory buffer;
};

/* memory that is mapped, but not resident */
static inline struct memory need_absent_memory(struct gpu *gpu, uint64_t bytes)
{
	struct memory m = { .handle = need_allocation(gpu->device, bytes), .bytes = bytes };

	m.cpu = need_lock(gpu->device, m.handle);
	m.gpu = need_mapping(gpu->paging.handle, m.handle, (bytes + PAGE - 1) / PAGE);
	return m;
}

static inline struct memory need_memory(struct gpu *gpu, uint64_t bytes)
{
	struct memory m = need_absent_memory(gpu, bytes);

	need_resident(&gpu->paging, &m.handle, 1);
	return m;
}

static inline struct gpu need_gpu_on(D3DKMT_HANDLE adapter)
{
	struct gpu gpu = { .adapter = adapter, .device = need_device_of(adapter) };

	gpu.paging = need_queue(gpu.device);
	gpu.queue = need_hw_queue(gpu.device);
	gpu.buffer = need_memory(&gpu, COMMANDS_ROOM);
	return gpu;
}

static inline struct gpu need_gpu(void)
{
	return need_gpu_on(need_adapter());
}

/* begin to write the command buffer anew */
static inline struct vdxg_commands commands(struct gpu *gpu)
{
	struct vdxg_commands c;

	vdxg_commands_begin(&c, gpu->buffer.cpu, COMMANDS_ROOM);
	return c;
}

/* submit @bytes of the command buffer and wait for the end of it; returns the execution state */
static inline uint32_t run_bytes(struct gpu *gpu, uint32_t bytes)
{
	REQUIRE_STATUS(kmt_submit_hw(&gpu->queue, gpu->buffer.gpu, bytes, ++gpu->last),
		       STATUS_SUCCESS);
	wait_hw(&gpu->queue, gpu->last);
	return kmt_execution(gpu->device);
}

/* end the command buffer, and run it */
static inline uint32_t run(struct gpu *gpu, struct vdxg_commands *c)
{
	uint32_t bytes = vdxg_commands_end(c);

	REQUIRE(bytes);
	return run_bytes(gpu, bytes);
}

static inline D3DKMT_DEVICEPAGEFAULT_STATE need_fault(D3DKMT_HANDLE device)
{
	D3DKMT_GETDEVICESTATE state = {
		.hDevice = device,
		.StateType = D3DKMT_DEVICESTATE_PAGE_FAULT,
	};

	REQUIRE_STATUS(D3DKMTGetDeviceState(&state), STATUS_SUCCESS);
	return state.PageFaultState;
}

/* of FaultErrorCode: device specific, and this */
static inline uint32_t fault_code(const D3DKMT_DEVICEPAGEFAULT_STATE *fault)
{
	uint32_t value;

	memcpy(&value, &fault->FaultErrorCode, sizeof(value));
	return value & 1 ? value >> 1 : 0;
}

#define ACTIVE		D3DKMT_DEVICEEXECUTION_ACTIVE
#define HUNG		D3DKMT_DEVICEEXECUTION_HUNG
#define STOPPED		D3DKMT_DEVICEEXECUTION_STOPPED
#define DMA_FAULT	D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT
#define PAGE_FAULT	D3DKMT_DEVICEEXECUTION_ERROR_DMAPAGEFAULT

#endif
