// SPDX-License-Identifier: MIT
/*
 * client_runtimes.c: the calls, in their order, of AMD's compute runtime (librocdxg) and of Mesa's
 * winsys for D3DKMT (wddm2)
 *
 * Both find every function by its name in libdxcore.so. Their private driver data is their own; here it
 * is ours, so that what is tested is everything else.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "gpu.h"
#include "gpuva.h"

#define NON_SECURE	(1U << 2)

/* librocdxg loads nothing if one of these is missing */
static const char * const rocdxg[] = {
	"CloseAdapter", "CreateAllocation2", "CreateContextVirtual", "CreateDevice", "CreateHwQueue",
	"CreatePagingQueue", "CreateSynchronizationObject2", "DestroyAllocation2", "DestroyContext",
	"DestroyDevice", "DestroyHwQueue", "DestroyPagingQueue", "DestroySynchronizationObject",
	"EnumAdapters2", "Escape", "Evict", "FreeGpuVirtualAddress", "Lock2", "MakeResident",
	"MapGpuVirtualAddress", "OpenResourceFromNtHandle", "QueryAdapterInfo",
	"QueryClockCalibration", "QueryResourceInfoFromNtHandle", "QueryStatistics",
	"ReserveGpuVirtualAddress", "ShareObjects", "SignalSynchronizationObjectFromGpu",
	"SubmitCommand", "SubmitCommandToHwQueue", "Unlock2", "WaitForSynchronizationObjectFromCpu",
	"WaitForSynchronizationObjectFromGpu",
	/* used if they are there */
	"EnumProcesses", "QueryVideoMemoryInfo", "SignalSynchronizationObjectFromCpu",
};

static const char * const mesa[] = {
	"CloseAdapter", "CreateAllocation2", "CreateContextVirtual", "CreateDevice", "CreateHwQueue",
	"CreatePagingQueue", "CreateSynchronizationObject2", "DestroyAllocation2", "DestroyContext",
	"DestroyDevice", "DestroyHwQueue", "DestroyPagingQueue", "DestroySynchronizationObject",
	"Evict", "FreeGpuVirtualAddress", "GetDeviceState", "Lock2", "MakeResident",
	"MapGpuVirtualAddress", "OpenAdapterFromLuid", "OpenResourceFromNtHandle",
	"OpenSyncObjectFromNtHandle2", "QueryAdapterInfo", "QueryResourceInfoFromNtHandle",
	"QueryStatistics", "QueryVideoMemoryInfo", "ReserveGpuVirtualAddress", "ShareObjects",
	"SignalSynchronizationObjectFromCpu", "SignalSynchronizationObjectFromGpu",
	"SignalSynchronizationObjectFromGpu2", "SubmitCommand", "SubmitCommandToHwQueue",
	"SubmitSignalSyncObjectsToHwQueue", "SubmitWaitForSyncObjectsToHwQueue", "Unlock2",
	"UpdateGpuVirtualAddress", "WaitForSynchronizationObjectFromCpu",
	"WaitForSynchronizationObjectFromGpu",
};

static void need_names(const char * const *names, size_t n)
{
	void *dxcore = dlopen("libdxcore.so", RTLD_NOW);
	char name[64];
	size_t i;

	REQUIRE(dxcore != NULL);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "D3DKMT%s", names[i]);
		if (!EXPECT(dlsym(dxcore, name) != NULL))
			test_note("%s", name);
	}
}

static void all_names(void)
{
	need_names(rocdxg, ARRAY_SIZE(rocdxg));
	need_names(mesa, ARRAY_SIZE(mesa));
}

/* wait on the CPU for what a paging queue has been asked to do */
static void wait_paging(D3DKMT_HANDLE device, const struct queue *queue, uint64_t value)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU wait = {
		.hDevice = device,
		.ObjectCount = 1,
		.ObjectHandleArray = &queue->fence,
		.FenceValueArray = &value,
	};

	EXPECT_STATUS(D3DKMTWaitForSynchronizationObjectFromCpu(&wait), STATUS_SUCCESS);
}

static void make_resident(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE allocation)
{
	D3DDDI_MAKERESIDENT args = {
		.hPagingQueue = queue->handle,
		.NumAllocations = 1,
		.AllocationList = &allocation,
		.Flags.CantTrimFurther = 1,
	};
	NTSTATUS status = D3DKMTMakeResident(&args);

	REQUIRE(status == STATUS_SUCCESS || status == STATUS_PENDING);
	if (status == STATUS_PENDING)
		wait_paging(device, queue, args.PagingFenceValue);
}

static void map(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE allocation,
		uint64_t base, uint64_t bytes)
{
	D3DDDI_MAPGPUVIRTUALADDRESS args = {
		.hPagingQueue = queue->handle,
		.BaseAddress = base,
		.hAllocation = allocation,
		.SizeInPages = bytes / PAGE,
		.Protection.Write = 1,
	};
	NTSTATUS status = D3DKMTMapGpuVirtualAddress(&args);

	REQUIRE(status == STATUS_SUCCESS || status == STATUS_PENDING);
	if (status == STATUS_PENDING)
		wait_paging(device, queue, args.PagingFenceValue);
	EXPECT_EQ(args.VirtualAddress, base);
}

static NTSTATUS create(D3DKMT_HANDLE device, uint32_t flags, uint64_t bytes,
		       D3DKMT_HANDLE *resource, D3DKMT_HANDLE *allocation)
{
	static const uint32_t runtime = 0x1234;
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = {
		.pPrivateDriverData = &data,
		.PrivateDriverDataSize = sizeof(data),
		.VidPnSourceId = D3DDDI_ID_UNINITIALIZED,
	};
	D3DKMT_CREATEALLOCATION args = {
		.hDevice = device,
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
		.pPrivateRuntimeData = flags & CREATE_SHARED ? &runtime : NULL,
		.PrivateRuntimeDataSize = flags & CREATE_SHARED ? sizeof(runtime) : 0,
	};
	NTSTATUS status;

	vdxg_allocation_data_init(&data, bytes);
	SET_FLAGS(args.Flags, flags);
	status = D3DKMTCreateAllocation2(&args);
	*resource = args.hResource;
	*allocation = info.hAllocation;
	return status;
}

/*
 * librocdxg: an address first, then the memory, by resource where it is video memory; destroying alone
 * gives back residency and mapping, the address stays reserved until it is freed.
 */
static void compute_runtime(void)
{
	static const uint32_t kinds[] = {
		0, CREATE_RESOURCE | CREATE_SHARED | CREATE_NT_SECURITY_SHARING,
	};
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), resource,
		allocation;
	struct queue queue = need_queue(device);
	struct live before = count_live(device);
	const uint64_t bytes = 2 * UNIT;
	uint64_t address;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		address = need_reservation(adapter, bytes, RESERVE_ZERO);
		REQUIRE_STATUS(create(device, kinds[i], bytes, &resource, &allocation),
			       STATUS_SUCCESS);
		map(device, &queue, allocation, address, bytes);
		make_resident(device, &queue, allocation);
		memset(need_lock(device, allocation), 0x5a, bytes);
		EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_free_va(adapter, address, bytes), STATUS_SUCCESS);
		EXPECT_STATUS(resource ? kmt_destroy_resource(device, resource) :
			      kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	}
	EXPECT_SAME_LIVE(count_live(device), before);

	/* destroyed while mapped and resident */
	address = need_reservation(adapter, bytes, RESERVE_ZERO);
	REQUIRE_STATUS(create(device, 0, bytes, &resource, &allocation), STATUS_SUCCESS);
	map(device, &queue, allocation, address, bytes);
	make_resident(device, &queue, allocation);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(adapter, address, bytes), STATUS_SUCCESS);
	EXPECT_SAME_LIVE(count_live(device), before);
}

/* what it asks of the machine before it does anything */
static void compute_runtime_starts(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	struct queue queue = need_queue(device);
	D3DKMT_QUERYCLOCKCALIBRATION clocks = { .hAdapter = adapter };
	struct hw_queue hw = need_hw_queue(device);

	EXPECT_EQ(*queue.value, 0);
	EXPECT_EQ(*hw.value, 0);
	EXPECT_STATUS(D3DKMTQueryClockCalibration(&clocks), STATUS_SUCCESS);
	EXPECT(clocks.ClockData.GpuFrequency);
	/* an empty packet: done as soon as the queue reaches it */
	EXPECT_STATUS(kmt_submit_hw(&hw, 0, 0, 1), STATUS_SUCCESS);
	wait_hw(&hw, 1);
	EXPECT_STATUS(kmt_destroy_hw_queue(hw.handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_queue(queue.handle), STATUS_SUCCESS);
}

/*
 * Mesa: every buffer is a resource of one allocation, is evicted and unmapped, and is then destroyed by
 * a list of one; the empty resource stays until the device goes.
 */
static void mesa_buffers(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), resource,
		allocation;
	struct queue queue = need_queue(device);
	const uint64_t bytes = UNIT;
	struct usage usage = need_usage();
	uint64_t address;
	int i;

	for (i = 0; i < 8; i++) {
		uint32_t shared = i & 1 ? CREATE_SHARED | CREATE_NT_SECURITY_SHARING : 0;

		REQUIRE_STATUS(create(device, CREATE_RESOURCE | NON_SECURE | shared, bytes,
				      &resource, &allocation), STATUS_SUCCESS);
		address = need_reservation(queue.handle, bytes, RESERVE_NO_ACCESS);
		map(device, &queue, allocation, address, bytes);
		make_resident(device, &queue, allocation);
		memset(need_lock(device, allocation), i, bytes);
		EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_free_va(adapter, address, bytes), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	}
	expect_usage_back(usage);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE_ONCE(all_names, "libdxcore.so has every name they look for"),
	CASE(compute_runtime_starts, "librocdxg: queues, clocks, an empty packet"),
	CASE(compute_runtime, "librocdxg: address, memory, mapping, residency, and back"),
	CASE(mesa_buffers, "Mesa: buffers are resources, destroyed by lists of one"),
};

TEST_MAIN(cases)
