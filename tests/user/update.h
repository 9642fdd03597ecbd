/* SPDX-License-Identifier: MIT */
/*
 * update.h: short forms of UpdateGpuVirtualAddress, for the tests (see gpuva.h)
 */
#ifndef VDXG_TEST_UPDATE_H
#define VDXG_TEST_UPDATE_H

#include "gpu.h"
#include "gpuva.h"

#define UPDATE_DO_NOT_WAIT	(1U << 0)
#define FENCE_NO_SIGNAL		(1U << 4)

/**
 * struct tiles - what an update needs
 * @adapter: adapter
 * @device: device
 * @context: context
 * @allocation: of 16 pages
 * @fence: a monitored fence, at 0
 * @value: where its value is
 * @queue: a paging queue
 * @at: a reservation of 16 pages that reads as zero
 */
struct tiles {
	D3DKMT_HANDLE adapter, device, context, allocation, fence;
	const volatile uint64_t *value;
	struct queue queue;
	uint64_t at;
};

static inline struct tiles need_tiles(void)
{
	struct tiles t = { .adapter = need_adapter() };

	t.device = need_device_of(t.adapter);
	t.context = need_context(t.device);
	t.allocation = need_allocation(t.device, 16 * PAGE);
	REQUIRE_STATUS(kmt_create_fence(t.device, 0, 0, &t.fence, &t.value), STATUS_SUCCESS);
	t.queue = need_queue(t.device);
	t.at = need_reservation(t.adapter, UNIT, RESERVE_ZERO);
	return t;
}

static inline NTSTATUS kmt_signal_cpu(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU signal = {
		.hDevice = device,
		.ObjectCount = 1,
		.ObjectHandleArray = &fence,
		.FenceValueArray = &value,
	};

	return D3DKMTSignalSynchronizationObjectFromCpu(&signal);
}

static inline void wait_fence(const struct tiles *t, uint64_t value)
{
	while (*t->value < value)
		sched_yield();
}

/* @part 0: all of it is mapped once */
static inline D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION map_op(const struct tiles *t, uint64_t at,
							      uint64_t bytes, uint64_t part,
							      uint64_t offset)
{
	return (D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION) {
		.OperationType = D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_MAP,
		.Map = {
			.BaseAddress = at,
			.SizeInBytes = bytes,
			.hAllocation = t->allocation,
			.AllocationOffsetInBytes = offset,
			.AllocationSizeInBytes = part,
		},
	};
}

static inline D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION protect_op(const struct tiles *t,
								  uint64_t at, uint64_t bytes,
								  uint64_t protection,
								  uint64_t driver_protection)
{
	return (D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION) {
		.OperationType = D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_MAP_PROTECT,
		.MapProtect = {
			.BaseAddress = at,
			.SizeInBytes = bytes,
			.hAllocation = t->allocation,
			.Protection = { .Value = protection },
			.DriverProtection = driver_protection,
		},
	};
}

static inline D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION unmap_op(uint64_t at, uint64_t bytes,
								uint64_t protection)
{
	return (D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION) {
		.OperationType = D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_UNMAP,
		.Unmap = {
			.BaseAddress = at,
			.SizeInBytes = bytes,
			.Protection = { .Value = protection },
		},
	};
}

static inline D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION copy_op(uint64_t to, uint64_t from,
							       uint64_t bytes)
{
	return (D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION) {
		.OperationType = D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_COPY,
		.Copy = { .SourceAddress = from, .SizeInBytes = bytes, .DestAddress = to },
	};
}

static inline D3DKMT_UPDATEGPUVIRTUALADDRESS
update_args(const struct tiles *t, D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION *ops, uint32_t n,
	    uint64_t value, uint32_t flags)
{
	return (D3DKMT_UPDATEGPUVIRTUALADDRESS) {
		.hDevice = t->device,
		.hContext = t->context,
		.hFenceObject = t->fence,
		.NumOperations = n,
		.Operations = ops,
		.FenceValue = value,
		.Flags = { .Value = flags },
	};
}

static inline NTSTATUS kmt_update(const struct tiles *t,
				  D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION *ops, uint32_t n,
				  uint64_t value, uint32_t flags)
{
	D3DKMT_UPDATEGPUVIRTUALADDRESS args = update_args(t, ops, n, value, flags);

	return D3DKMTUpdateGpuVirtualAddress(&args);
}

/* at once, and done when it returns */
static inline void need_update(const struct tiles *t, D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION *ops,
			       uint32_t n)
{
	uint64_t value = *t->value;

	REQUIRE_STATUS(kmt_update(t, ops, n, value, UPDATE_DO_NOT_WAIT), STATUS_SUCCESS);
	wait_fence(t, value + 1);
}

#endif
