/* SPDX-License-Identifier: MIT */
/*
 * kmt.h: short forms of the D3DKMT calls, for the tests
 *
 * What begins with kmt_ is one call of the library and returns its status; what begins with need_
 * ends the case if that is not SUCCESS.
 */
#ifndef VDXG_TEST_KMT_H
#define VDXG_TEST_KMT_H

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <d3dkmthk.h>
#include "uapi/vdxg.h"

#include "harness.h"

/* the bits of D3DKMT_CREATEALLOCATIONFLAGS, which C knows as a structure of bit fields */
#define CREATE_RESOURCE			(1U << 0)
#define CREATE_SHARED			(1U << 1)
#define CREATE_PROTECTED		(1U << 3)
#define CREATE_EXISTING_SYSMEM		(1U << 5)
#define CREATE_NT_SECURITY_SHARING	(1U << 6)
#define CREATE_READ_ONLY		(1U << 7)
#define CREATE_WRITE_COMBINED		(1U << 8)
#define CREATE_CACHED			(1U << 9)
#define CREATE_OPEN_CROSS_ADAPTER	(1U << 12)
#define CREATE_STANDARD_ALLOCATION	(1U << 16)

/* those of D3DDDICB_DESTROYALLOCATION2FLAGS */
#define DESTROY_ASSUME_NOT_IN_USE	(1U << 0)
#define DESTROY_SYNCHRONOUS		(1U << 1)
#define DESTROY_SYSTEM_USE_ONLY		(1U << 31)

#define ADAPTERTYPE_RENDER_SUPPORTED	(1U << 0)
#define ADAPTERTYPE_SOFTWARE_DEVICE	(1U << 2)

#define PRIORITY_NORMAL			0x78000000U
#define RESIDENT_IN_GPU_MEMORY		1
#define RESIDENT_IN_SHARED_MEMORY	2
#define NOT_RESIDENT			3

#define MAX_HANDLES			65536U
#define HANDLE_STEP			0x40U

/* Flags are structures of bit fields in the Windows headers: set all their bits at once. */
#define SET_FLAGS(field, value) do { \
	uint32_t bits__ = (value); \
	_Static_assert(sizeof(field) == sizeof(bits__), "32 bits of flags"); \
	memcpy(&(field), &bits__, sizeof(bits__)); \
} while (0)

static inline bool is_local_handle(D3DKMT_HANDLE h)
{
	return (h & 0xc0000000) && !(h & 0x3f);
}

static inline bool is_global_handle(D3DKMT_HANDLE h)
{
	return (h & 0xc0000000) && (h & 0x3f) == 2;
}

/* ---- adapters and devices ---- */

static inline NTSTATUS kmt_open_adapter(D3DKMT_HANDLE *adapter)
{
	D3DKMT_OPENADAPTERFROMLUID open = {
		.AdapterLuid = {
			.LowPart = test_adapter.luid_low,
			.HighPart = test_adapter.luid_high,
		},
	};
	NTSTATUS status = D3DKMTOpenAdapterFromLuid(&open);

	*adapter = open.hAdapter;
	return status;
}

static inline D3DKMT_HANDLE need_adapter(void)
{
	D3DKMT_HANDLE adapter;

	REQUIRE_STATUS(kmt_open_adapter(&adapter), STATUS_SUCCESS);
	return adapter;
}

static inline NTSTATUS kmt_close_adapter(D3DKMT_HANDLE adapter)
{
	D3DKMT_CLOSEADAPTER close = { .hAdapter = adapter };

	return D3DKMTCloseAdapter(&close);
}

static inline NTSTATUS kmt_create_device(D3DKMT_HANDLE adapter, D3DKMT_HANDLE *device)
{
	D3DKMT_CREATEDEVICE create = { .hAdapter = adapter };
	NTSTATUS status = D3DKMTCreateDevice(&create);

	*device = create.hDevice;
	return status;
}

static inline D3DKMT_HANDLE need_device_of(D3DKMT_HANDLE adapter)
{
	D3DKMT_HANDLE device;

	REQUIRE_STATUS(kmt_create_device(adapter, &device), STATUS_SUCCESS);
	return device;
}

/* a device of the adapter under test */
static inline D3DKMT_HANDLE need_device(void)
{
	return need_device_of(need_adapter());
}

static inline NTSTATUS kmt_destroy_device(D3DKMT_HANDLE device)
{
	D3DKMT_DESTROYDEVICE destroy = { .hDevice = device };

	return D3DKMTDestroyDevice(&destroy);
}

static inline NTSTATUS kmt_device_state(D3DKMT_HANDLE device, uint32_t *execution)
{
	D3DKMT_GETDEVICESTATE state = {
		.hDevice = device,
		.StateType = D3DKMT_DEVICESTATE_EXECUTION,
	};
	NTSTATUS status = D3DKMTGetDeviceState(&state);

	if (execution)
		*execution = state.ExecutionState;
	return status;
}

static inline NTSTATUS kmt_query_adapter(D3DKMT_HANDLE adapter, int type, void *data, uint32_t size)
{
	D3DKMT_QUERYADAPTERINFO query = {
		.hAdapter = adapter,
		.Type = type,
		.pPrivateDriverData = data,
		.PrivateDriverDataSize = size,
	};

	return D3DKMTQueryAdapterInfo(&query);
}

/* ---- allocations ---- */

/*
 * CreateAllocation2 with one description for each of @n allocations, the same one if @step is 0.
 * @resource goes in and comes out.
 */
static inline NTSTATUS kmt_create(D3DKMT_HANDLE device, D3DKMT_HANDLE *resource, uint32_t flags,
				  struct vdxg_allocation_data *data, size_t step, uint32_t n,
				  D3DKMT_HANDLE *handles)
{
	D3DDDI_ALLOCATIONINFO2 *info = calloc(n ? n : 1, sizeof(*info));
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.hResource = resource ? *resource : 0,
		.NumAllocations = n,
		.pAllocationInfo2 = info,
	};
	NTSTATUS status;
	uint32_t i;

	REQUIRE(info);
	SET_FLAGS(create.Flags, flags);
	for (i = 0; i < n; i++) {
		info[i].pPrivateDriverData = data + i * step;
		info[i].PrivateDriverDataSize = sizeof(*data);
	}
	status = D3DKMTCreateAllocation2(&create);
	for (i = 0; i < n && handles; i++)
		handles[i] = info[i].hAllocation;
	if (resource)
		*resource = create.hResource;
	free(info);
	return status;
}

/* @n ordinary allocations of @bytes without a resource */
static inline void need_allocations(D3DKMT_HANDLE device, uint64_t bytes, uint32_t n,
				    D3DKMT_HANDLE *handles)
{
	struct vdxg_allocation_data data;

	vdxg_allocation_data_init(&data, bytes);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, n, handles), STATUS_SUCCESS);
}

/* a standard allocation over memory that the caller has; more flags than those that say so, or 0 */
static inline NTSTATUS kmt_create_over(D3DKMT_HANDLE device, void *memory, uint64_t bytes,
				       uint32_t flags, D3DKMT_HANDLE *handle)
{
	D3DKMT_CREATESTANDARDALLOCATION standard = {
		.Type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP,
		.ExistingHeapData.Size = bytes,
	};
	D3DDDI_ALLOCATIONINFO2 info = { .pSystemMem = memory };
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.pStandardAllocation = &standard,
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
	};
	NTSTATUS status;

	SET_FLAGS(create.Flags, CREATE_EXISTING_SYSMEM | CREATE_STANDARD_ALLOCATION | flags);
	status = D3DKMTCreateAllocation2(&create);
	*handle = info.hAllocation;
	return status;
}

static inline D3DKMT_HANDLE need_allocation(D3DKMT_HANDLE device, uint64_t bytes)
{
	D3DKMT_HANDLE handle;

	need_allocations(device, bytes, 1, &handle);
	return handle;
}

/* a resource of @n ordinary allocations */
static inline D3DKMT_HANDLE need_resource(D3DKMT_HANDLE device, uint64_t bytes, uint32_t n,
					  D3DKMT_HANDLE *handles)
{
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE resource = 0;

	vdxg_allocation_data_init(&data, bytes);
	REQUIRE_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, &data, 0, n, handles),
		       STATUS_SUCCESS);
	return resource;
}

static inline NTSTATUS kmt_destroy(D3DKMT_HANDLE device, D3DKMT_HANDLE resource,
				   const D3DKMT_HANDLE *list, uint32_t n, uint32_t flags)
{
	D3DKMT_DESTROYALLOCATION2 destroy = {
		.hDevice = device,
		.hResource = resource,
		.phAllocationList = list,
		.AllocationCount = n,
	};

	SET_FLAGS(destroy.Flags, flags);
	return D3DKMTDestroyAllocation2(&destroy);
}

static inline NTSTATUS kmt_destroy_list(D3DKMT_HANDLE device, const D3DKMT_HANDLE *list, uint32_t n)
{
	return kmt_destroy(device, 0, list, n, 0);
}

static inline NTSTATUS kmt_destroy_one(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	return kmt_destroy(device, 0, &allocation, 1, 0);
}

static inline NTSTATUS kmt_destroy_resource(D3DKMT_HANDLE device, D3DKMT_HANDLE resource)
{
	return kmt_destroy(device, resource, NULL, 0, 0);
}

static inline NTSTATUS kmt_lock(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, void **data)
{
	D3DKMT_LOCK2 lock = { .hDevice = device, .hAllocation = allocation };
	NTSTATUS status = D3DKMTLock2(&lock);

	*data = lock.pData;
	return status;
}

static inline void *need_lock(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	void *data = NULL;

	REQUIRE_STATUS(kmt_lock(device, allocation, &data), STATUS_SUCCESS);
	REQUIRE(data);
	return data;
}

static inline NTSTATUS kmt_unlock(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	D3DKMT_UNLOCK2 unlock = { .hDevice = device, .hAllocation = allocation };

	return D3DKMTUnlock2(&unlock);
}

static inline NTSTATUS kmt_get_priority(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation,
					uint32_t *priority)
{
	UINT value = 0;
	D3DKMT_GETALLOCATIONPRIORITY get = {
		.hDevice = device,
		.phAllocationList = &allocation,
		.AllocationCount = 1,
		.pPriorities = &value,
	};
	NTSTATUS status = D3DKMTGetAllocationPriority(&get);

	if (priority)
		*priority = value;
	return status;
}

static inline NTSTATUS kmt_residency(D3DKMT_HANDLE device, D3DKMT_HANDLE resource,
				     const D3DKMT_HANDLE *list, uint32_t n, uint32_t *results)
{
	D3DKMT_QUERYALLOCATIONRESIDENCY query = {
		.hDevice = device,
		.hResource = resource,
		.phAllocationList = list,
		.AllocationCount = n,
		.pResidencyStatus = (void *)results,
	};

	return D3DKMTQueryAllocationResidency(&query);
}

/**
 * struct usage - what an adapter counts, of all processes
 * @allocs: allocations that live
 * @committed: bytes promised
 * @resident: bytes that are somewhere
 */
struct usage {
	uint64_t allocs, committed, resident;
};

typedef D3DKMT_QUERYSTATISTICS_SEGMENT_INFORMATION SEGMENT_STATISTICS;

static inline NTSTATUS kmt_statistics(uint32_t segment,
				      SEGMENT_STATISTICS *info)
{
	D3DKMT_QUERYSTATISTICS query;
	NTSTATUS status;

	memset(&query, 0, sizeof(query));
	query.Type = D3DKMT_QUERYSTATISTICS_SEGMENT;
	query.AdapterLuid.LowPart = test_adapter.luid_low;
	query.AdapterLuid.HighPart = test_adapter.luid_high;
	query.QuerySegment.SegmentId = segment;
	status = D3DKMTQueryStatistics(&query);
	*info = query.QueryResult.SegmentInformation;
	return status;
}

static inline NTSTATUS kmt_usage(struct usage *usage)
{
	SEGMENT_STATISTICS info;
	NTSTATUS status = STATUS_SUCCESS;
	uint32_t id;

	memset(usage, 0, sizeof(*usage));
	for (id = 0; id <= VDXG_SEGMENT_APERTURE && status == STATUS_SUCCESS; id++) {
		status = kmt_statistics(id, &info);
		usage->allocs += info.Memory.AllocsCommitted;
		usage->committed += info.BytesCommitted;
		usage->resident += info.BytesResident;
	}
	return status;
}

static inline struct usage need_usage(void)
{
	struct usage usage;

	REQUIRE_STATUS(kmt_usage(&usage), STATUS_SUCCESS);
	return usage;
}

/* bytes that a segment holds at most */
static inline uint64_t need_capacity(uint32_t segment)
{
	SEGMENT_STATISTICS info;

	REQUIRE_STATUS(kmt_statistics(segment, &info), STATUS_SUCCESS);
	REQUIRE(info.CommitLimit >= 1 << 20);
	return info.CommitLimit;
}

/*
 * Wait until the adapter counts what it counted before. What ends with a process ends a little
 * later, so this waits; how long does not matter, but a leak must not hang the test.
 */
static inline void expect_usage_back(struct usage before)
{
	struct timespec pause = { .tv_nsec = 10000000 };
	struct usage now;
	int i;

	for (i = 0; i < 6000; i++) {
		now = need_usage();
		if (now.allocs == before.allocs && now.committed == before.committed &&
		    now.resident == before.resident)
			return;
		nanosleep(&pause, NULL);
	}
	EXPECT_EQ(now.allocs, before.allocs);
	EXPECT_EQ(now.committed, before.committed);
	EXPECT_EQ(now.resident, before.resident);
}

/* ---- what lives ---- */

#define SCAN_INDEXES 24

/**
 * struct live - how many objects of this process answer to a handle, and what the adapter counts
 * @adapters: adapters
 * @devices: devices
 * @allocations: allocations of the device given
 * @resources: its resources that are not empty
 * @usage: allocations and bytes of the adapter; of this process, while no other uses it
 */
struct live {
	unsigned int adapters, devices, allocations, resources;
	struct usage usage;
};

/*
 * Try every handle with an index below SCAN_INDEXES, with calls that change nothing. A test
 * compares what lived before a failing call with what lives after it.
 */
static inline struct live count_live(D3DKMT_HANDLE device)
{
	struct live live = { .usage = need_usage() };
	uint32_t index, unique;

	for (index = 0; index < SCAN_INDEXES; index++) {
		for (unique = 1; unique <= 3; unique++) {
			D3DKMT_HANDLE h = unique << 30 | index << 6;
			uint32_t type;

			live.adapters += kmt_query_adapter(h, KMTQAITYPE_ADAPTERTYPE, &type,
							   sizeof(type)) == STATUS_SUCCESS;
			live.devices += kmt_device_state(h, NULL) == STATUS_SUCCESS;
			if (!device)
				continue;
			live.allocations += kmt_get_priority(device, h, NULL) == STATUS_SUCCESS;
			live.resources += kmt_residency(device, h, NULL, 0, &type) ==
					  STATUS_SUCCESS;
		}
	}
	return live;
}

#define EXPECT_SAME_LIVE(one, two) do { \
	struct live one__ = (one), two__ = (two); \
	EXPECT_EQ(one__.adapters, two__.adapters); \
	EXPECT_EQ(one__.devices, two__.devices); \
	EXPECT_EQ(one__.allocations, two__.allocations); \
	EXPECT_EQ(one__.resources, two__.resources); \
	EXPECT_EQ(one__.usage.allocs, two__.usage.allocs); \
	EXPECT_EQ(one__.usage.committed, two__.usage.committed); \
	EXPECT_EQ(one__.usage.resident, two__.usage.resident); \
} while (0)

#endif
