// SPDX-License-Identifier: MIT
/*
 * share_failnth.c: every allocation and every copy of the calls for sharing fails once
 *
 * As failnth.c, for sharing, fences and keyed mutexes: each call runs again and again with its first failure
 * point, its second, and so on, until none is left. Whatever fails, the answer is a documented one, and in the end
 * nothing is left: neither handles nor memory (the machine looks for leaks, too).
 *
 * vm-when: kernel=debug
 */
#include <unistd.h>

#include "failnth.h"
#include "share.h"

static D3DKMT_HANDLE device;
static struct shared global, nt;
static HANDLE resource_handle, sync_handle;
static struct fence fence;
static int event;
static uint64_t sync_file_fd;

static void start(void)
{
	D3DKMT_CREATESYNCFILE create = { 0 };

	failnth_start();
	device = need_device();
	global = need_shared(device, 4096, 3, SHARED);
	nt = need_shared(device, 4096, 3, SHARED_NT);
	resource_handle = need_share(nt.resource);
	fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	sync_handle = need_share(fence.handle);
	event = need_event();
	create.hDevice = device;
	create.hMonitoredFence = fence.handle;
	REQUIRE_STATUS(D3DKMTCreateSyncFile(&create), STATUS_SUCCESS);
	sync_file_fd = create.hSyncFile;
}

/* Each of these undoes what it did, if it did it, and says how the call ended. */

static NTSTATUS open_global(void)
{
	struct opener o;
	NTSTATUS status;

	init_opener(&o, device, global.global, NULL, 3);
	status = D3DKMTOpenResource2(&o.global);
	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_resource(device, o.global.hResource), STATUS_SUCCESS);
	return status;
}

static NTSTATUS open_nt(void)
{
	struct opener o;
	NTSTATUS status;

	init_opener(&o, device, 0, resource_handle, 3);
	status = D3DKMTOpenResourceFromNtHandle(&o.nt);
	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_resource(device, o.nt.hResource), STATUS_SUCCESS);
	return status;
}

static NTSTATUS create_shared(void)
{
	static D3DDDI_ALLOCATIONINFO2 info;
	static struct vdxg_allocation_data data;
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.pPrivateRuntimeData = &runtime_data,
		.PrivateRuntimeDataSize = sizeof(runtime_data),
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
	};
	NTSTATUS status;

	vdxg_allocation_data_init(&data, 4096);
	info.pPrivateDriverData = &data;
	info.PrivateDriverDataSize = sizeof(data);
	SET_FLAGS(create.Flags, SHARED);
	status = D3DKMTCreateAllocation2(&create);
	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_resource(device, create.hResource), STATUS_SUCCESS);
	return status;
}

static NTSTATUS share_named(void)
{
	HANDLE handle;
	NTSTATUS status = kmt_share_as(&nt.resource, 1, L"fail", ACCESS_ALL, &handle);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		close(fd_of(handle));
	return status;
}

static NTSTATUS create_sync(int type, uint32_t flags)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	NTSTATUS status = kmt_create_sync(device, type, flags, &create);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(create.hSyncObject), STATUS_SUCCESS);
	return status;
}

static NTSTATUS create_fence(void)
{
	return create_sync(D3DDDI_MONITORED_FENCE, SYNC_SHARED | SYNC_NT);
}

static NTSTATUS create_semaphore(void)
{
	return create_sync(D3DDDI_SEMAPHORE, SYNC_SHARED);
}

static NTSTATUS open_fence(void)
{
	struct fence opened;
	NTSTATUS status = kmt_open_sync_nt(device, sync_handle, 0, &opened);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(opened.handle), STATUS_SUCCESS);
	return status;
}

static NTSTATUS wait_async(void)
{
	NTSTATUS status = kmt_wait(device, fence.handle, UINT64_MAX, event);

	failnth_disarm();
	return status;
}

static NTSTATUS sync_file(void)
{
	D3DKMT_CREATESYNCFILE create = {
		.hDevice = device,
		.hMonitoredFence = fence.handle,
		.FenceValue = 1ULL << 40,
	};
	NTSTATUS status = D3DKMTCreateSyncFile(&create);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		close((int)create.hSyncFile);
	return status;
}

static NTSTATUS open_sync_file(void)
{
	D3DKMT_OPENSYNCOBJECTFROMSYNCFILE open = { .hDevice = device, .hSyncFile = sync_file_fd };
	NTSTATUS status = D3DKMTOpenSyncObjectFromSyncFile(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(open.hSyncObject), STATUS_SUCCESS);
	return status;
}

static NTSTATUS signal_fence(void)
{
	static uint64_t value;
	NTSTATUS status = kmt_signal(device, fence.handle, ++value);

	failnth_disarm();
	return status;
}

static NTSTATUS keyed_mutex(void)
{
	char data[8] = "data";
	D3DKMT_CREATEKEYEDMUTEX2 create = {
		.pPrivateRuntimeData = data, .PrivateRuntimeDataSize = sizeof(data),
	};
	NTSTATUS status = D3DKMTCreateKeyedMutex2(&create);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(D3DKMTDestroyKeyedMutex(
			&(D3DKMT_DESTROYKEYEDMUTEX) { create.hKeyedMutex }), STATUS_SUCCESS);
	return status;
}

static void calls(void)
{
	struct live before, after;

	start();
	before = count_live(device);
	failnth_sweep("OpenResource", open_global);
	failnth_sweep("OpenResourceFromNtHandle", open_nt);
	failnth_sweep("CreateAllocation2, shared", create_shared);
	failnth_sweep("ShareObjects", share_named);
	failnth_sweep("CreateSynchronizationObject2, fence", create_fence);
	failnth_sweep("CreateSynchronizationObject2, semaphore", create_semaphore);
	failnth_sweep("OpenSyncObjectFromNtHandle2", open_fence);
	failnth_sweep("WaitForSynchronizationObjectFromCpu", wait_async);
	failnth_sweep("CreateSyncFile", sync_file);
	failnth_sweep("OpenSyncObjectFromSyncFile", open_sync_file);
	failnth_sweep("SignalSynchronizationObjectFromCpu", signal_fence);
	failnth_sweep("CreateKeyedMutex2", keyed_mutex);
	after = count_live(device);
	EXPECT_SAME_LIVE(after, before);
	/* what could not be opened holds nothing */
	EXPECT_STATUS(kmt_destroy_resource(device, global.resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_global(device, global.global, 3, &nt), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(calls, "calls for sharing fail whole"),
};

TEST_MAIN(cases)
