/* SPDX-License-Identifier: MIT */
/*
 * paging.h: short forms of the calls about residency, for the tests (see kmt.h)
 */
#ifndef VDXG_TEST_PAGING_H
#define VDXG_TEST_PAGING_H

#include <sched.h>

#include "kmt.h"

#define CANT_TRIM_FURTHER	(1U << 0)
#define MUST_SUCCEED		(1U << 1)

#define EVICT_ONLY_IF_NECESSARY	(1U << 0)
#define EVICT_NOT_WRITTEN_TO	(1U << 1)

#define LOCAL_GROUP		0
#define NON_LOCAL_GROUP		1

#define MIB			(1ULL << 20)

/**
 * struct queue - a paging queue
 * @handle: its handle
 * @fence: its fence
 * @value: where the fence's value is
 */
struct queue {
	D3DKMT_HANDLE handle;
	D3DKMT_HANDLE fence;
	const volatile uint64_t *value;
};

static inline NTSTATUS kmt_create_queue(D3DKMT_HANDLE device, int priority, struct queue *queue)
{
	D3DKMT_CREATEPAGINGQUEUE create = { .hDevice = device, .Priority = priority };
	NTSTATUS status = D3DKMTCreatePagingQueue(&create);

	queue->handle = create.hPagingQueue;
	queue->fence = create.hSyncObject;
	queue->value = create.FenceValueCPUVirtualAddress;
	return status;
}

static inline struct queue need_queue(D3DKMT_HANDLE device)
{
	struct queue queue;

	REQUIRE_STATUS(kmt_create_queue(device, 0, &queue), STATUS_SUCCESS);
	return queue;
}

static inline NTSTATUS kmt_destroy_queue(D3DKMT_HANDLE queue)
{
	D3DDDI_DESTROYPAGINGQUEUE destroy = { .hPagingQueue = queue };

	return D3DKMTDestroyPagingQueue(&destroy);
}

/* wait until the queue has done what was queued up to @value */
static inline void wait_value(const struct queue *queue, uint64_t value)
{
	while (*queue->value < value)
		sched_yield();
}

/* as the call answers: what comes out is in @args afterwards */
static inline NTSTATUS kmt_make_resident_args(D3DDDI_MAKERESIDENT *args, D3DKMT_HANDLE queue,
					      const D3DKMT_HANDLE *list,
					      uint32_t n, uint32_t flags)
{
	memset(args, 0, sizeof(*args));
	args->hPagingQueue = queue;
	args->NumAllocations = n;
	args->AllocationList = list;
	SET_FLAGS(args->Flags, flags);
	return D3DKMTMakeResident(args);
}

/* PENDING is waited for, and SUCCESS */
static inline NTSTATUS kmt_make_resident(const struct queue *queue, const D3DKMT_HANDLE *list,
					 uint32_t n, uint32_t flags)
{
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status = kmt_make_resident_args(&args, queue->handle, list, n, flags);

	if (status != STATUS_PENDING)
		return status;
	EXPECT_NE(args.PagingFenceValue, 0);
	wait_value(queue, args.PagingFenceValue);
	return STATUS_SUCCESS;
}

static inline void need_resident(const struct queue *queue, const D3DKMT_HANDLE *list, uint32_t n)
{
	REQUIRE_STATUS(kmt_make_resident(queue, list, n, 0), STATUS_SUCCESS);
}

static inline NTSTATUS kmt_evict_trim(D3DKMT_HANDLE device, const D3DKMT_HANDLE *list, uint32_t n,
				      uint32_t flags,
				      uint64_t *trim)
{
	D3DKMT_EVICT evict = { .hDevice = device, .NumAllocations = n, .AllocationList = list };
	NTSTATUS status;

	SET_FLAGS(evict.Flags, flags);
	status = D3DKMTEvict(&evict);
	*trim = evict.NumBytesToTrim;
	return status;
}

static inline NTSTATUS kmt_evict(D3DKMT_HANDLE device, const D3DKMT_HANDLE *list, uint32_t n,
				 uint32_t flags)
{
	uint64_t trim;

	return kmt_evict_trim(device, list, n, flags, &trim);
}

/* where an allocation is */
static inline uint32_t need_residency(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	uint32_t status = 0;

	REQUIRE_STATUS(kmt_residency(device, 0, &allocation, 1, &status), STATUS_SUCCESS);
	return status;
}

/* @n allocations without a resource that live only where @set says */
static inline void need_allocations_in(D3DKMT_HANDLE device, uint64_t bytes, uint32_t set,
				       uint32_t n,
				       D3DKMT_HANDLE *handles)
{
	struct vdxg_allocation_data data;

	vdxg_allocation_data_init(&data, bytes);
	vdxg_allocation_data_segments(&data, set);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, n, handles), STATUS_SUCCESS);
}

static inline D3DKMT_HANDLE need_local(D3DKMT_HANDLE device, uint64_t bytes)
{
	D3DKMT_HANDLE handle;

	need_allocations_in(device, bytes, VDXG_SEGMENT_SET_LOCAL, 1, &handle);
	return handle;
}

static inline NTSTATUS kmt_video_memory(D3DKMT_HANDLE adapter, uint64_t process, uint32_t group,
					D3DKMT_QUERYVIDEOMEMORYINFO *info)
{
	memset(info, 0, sizeof(*info));
	info->hProcess = (HANDLE)(uintptr_t)process;
	info->hAdapter = adapter;
	info->MemorySegmentGroup = group;
	return D3DKMTQueryVideoMemoryInfo(info);
}

static inline D3DKMT_QUERYVIDEOMEMORYINFO need_video_memory(D3DKMT_HANDLE adapter, uint32_t group)
{
	D3DKMT_QUERYVIDEOMEMORYINFO info;

	REQUIRE_STATUS(kmt_video_memory(adapter, 0, group, &info), STATUS_SUCCESS);
	return info;
}

static inline NTSTATUS kmt_reserve(D3DKMT_HANDLE adapter, uint32_t group, uint64_t bytes)
{
	D3DKMT_CHANGEVIDEOMEMORYRESERVATION change = {
		.hAdapter = adapter,
		.MemorySegmentGroup = group,
		.Reservation = bytes,
	};

	return D3DKMTChangeVideoMemoryReservation(&change);
}

/* every page of an allocation gets its own content, which depends on @seed */
static inline void write_pattern(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, uint64_t bytes,
				 uint64_t seed)
{
	uint64_t *data = need_lock(device, allocation);
	uint64_t i;

	for (i = 0; i < bytes / sizeof(*data); i += 64)
		data[i] = seed * 0x9e3779b97f4a7c15ULL + i;
	REQUIRE_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static inline void expect_pattern(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, uint64_t bytes,
				  uint64_t seed)
{
	uint64_t *data = need_lock(device, allocation);
	uint64_t i;

	for (i = 0; i < bytes / sizeof(*data); i += 64)
		if (!EXPECT_EQ(data[i], seed * 0x9e3779b97f4a7c15ULL + i))
			break;
	REQUIRE_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

#endif
