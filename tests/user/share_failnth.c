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
static HANDLE resource_handle, sync_handle, set_handle;
static D3DKMT_HANDLE semaphore_global;
static struct fence fence;
static int event;
static uint64_t sync_file_fd;

/* the mutex of the set, by two handles; what it was created with */
static D3DKMT_HANDLE mutex, second_mutex;
static uint64_t mutex_data = 1;

/* what is shared together: a resource, a mutex, a fence */
static void need_set(void)
{
	D3DKMT_CREATEKEYEDMUTEX2 create = {
		.pPrivateRuntimeData = &mutex_data,
		.PrivateRuntimeDataSize = sizeof(mutex_data),
		.Flags.NtSecuritySharing = 1,
	};
	D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE open = {
		.pPrivateRuntimeData = &mutex_data,
		.PrivateRuntimeDataSize = sizeof(mutex_data),
	};
	D3DKMT_HANDLE set[3] = { nt.resource, 0, fence.handle };

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	mutex = create.hKeyedMutex;
	set[1] = mutex;
	REQUIRE_STATUS(kmt_share_as(set, 3, NULL, ACCESS_ALL, &set_handle), STATUS_SUCCESS);
	open.hNtHandle = set_handle;
	REQUIRE_STATUS(D3DKMTOpenKeyedMutexFromNtHandle(&open), STATUS_SUCCESS);
	second_mutex = open.hKeyedMutex;
}

static void start(void)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 semaphore = { .Info.Semaphore.MaxCount = 1 };
	D3DKMT_CREATESYNCFILE create = { 0 };

	failnth_start();
	device = need_device();
	global = need_shared(device, 4096, 3, SHARED);
	nt = need_shared(device, 4096, 3, SHARED_NT);
	REQUIRE_STATUS(kmt_share_as(&nt.resource, 1, L"resource", ACCESS_ALL, &resource_handle), STATUS_SUCCESS);
	fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, L"fence", ACCESS_ALL, &sync_handle), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SEMAPHORE, SYNC_SHARED, &semaphore), STATUS_SUCCESS);
	semaphore_global = semaphore.Info.SharedHandle;
	need_set();
	event = need_event();
	create.hDevice = device;
	create.hMonitoredFence = fence.handle;
	REQUIRE_STATUS(D3DKMTCreateSyncFile(&create), STATUS_SUCCESS);
	sync_file_fd = create.hSyncFile;
}

/* Descriptors that stay open show: the next one has another number. */
static int next_fd(void)
{
	int fd = dup(event);

	REQUIRE(fd >= 0);
	close(fd);
	return fd;
}

static NTSTATUS destroy_mutex(D3DKMT_HANDLE handle)
{
	return D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) { handle });
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

/* the mutex's data are copied, too, if there is room for them */
static NTSTATUS open_set(void)
{
	uint64_t content = 0;
	struct opener o;
	NTSTATUS status;

	init_opener(&o, device, 0, set_handle, 3);
	o.nt.pKeyedMutexPrivateRuntimeData = &content;
	o.nt.KeyedMutexPrivateRuntimeDataSize = sizeof(content);
	status = D3DKMTOpenResourceFromNtHandle(&o.nt);
	failnth_disarm();
	if (status != STATUS_SUCCESS)
		return status;
	EXPECT_EQ(content, mutex_data);
	EXPECT_STATUS(kmt_destroy_resource(device, o.nt.hResource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(o.nt.hSyncObject), STATUS_SUCCESS);
	EXPECT_STATUS(destroy_mutex(o.nt.hKeyedMutex), STATUS_SUCCESS);
	return status;
}

static NTSTATUS query_global(void)
{
	D3DKMT_QUERYRESOURCEINFO query = { .hDevice = device, .hGlobalShare = global.global };
	NTSTATUS status = D3DKMTQueryResourceInfo(&query);

	failnth_disarm();
	EXPECT_EQ(query.NumAllocations, status == STATUS_SUCCESS ? 3 : 0);
	return status;
}

static NTSTATUS query_nt(void)
{
	D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE query = { .hDevice = device, .hNtHandle = resource_handle };
	NTSTATUS status = D3DKMTQueryResourceInfoFromNtHandle(&query);

	failnth_disarm();
	EXPECT_EQ(query.NumAllocations, status == STATUS_SUCCESS ? 3 : 0);
	return status;
}

static NTSTATUS adapter_luid(void)
{
	D3DKMT_GETSHAREDRESOURCEADAPTERLUID get = { .hNtHandle = resource_handle };
	NTSTATUS status = D3DKMTGetSharedResourceAdapterLuid(&get);

	failnth_disarm();
	EXPECT_EQ(get.AdapterLuid.LowPart, status == STATUS_SUCCESS ? test_adapter.luid_low : 0);
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

static NTSTATUS open_name(const wchar_t *text, bool sync)
{
	size_t bytes = wcslen(text) * sizeof(*text);
	UNICODE_STRING name = { bytes, bytes, (wchar_t *)text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_ALL, .pObjAttrib = &attributes };
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME open_sync = {
		.dwDesiredAccess = ACCESS_ALL, .pObjAttrib = &attributes,
	};
	NTSTATUS status = sync ? D3DKMTOpenSyncObjectNtHandleFromName(&open_sync) :
		D3DKMTOpenNtHandleFromName(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		close(fd_of(sync ? open_sync.hNtHandle : open.hNtHandle));
	return status;
}

static NTSTATUS open_resource_name(void)
{
	return open_name(L"resource", false);
}

static NTSTATUS open_fence_name(void)
{
	return open_name(L"fence", true);
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

/* the first version: of no device */
static NTSTATUS open_fence_alone(void)
{
	D3DKMT_OPENSYNCOBJECTFROMNTHANDLE open = { .hNtHandle = sync_handle };
	NTSTATUS status = D3DKMTOpenSyncObjectFromNtHandle(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(open.hSyncObject), STATUS_SUCCESS);
	return status;
}

static NTSTATUS open_semaphore(void)
{
	D3DKMT_HANDLE opened;
	NTSTATUS status = kmt_open_sync(semaphore_global, &opened);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(opened), STATUS_SUCCESS);
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
		EXPECT_STATUS(destroy_mutex(create.hKeyedMutex), STATUS_SUCCESS);
	return status;
}

/* ---- a mutex that is there ---- */

static D3DKMT_HANDLE mutex_global;

static NTSTATUS open_mutex(void)
{
	D3DKMT_OPENKEYEDMUTEX open = { .hSharedHandle = mutex_global };
	NTSTATUS status = D3DKMTOpenKeyedMutex(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(destroy_mutex(open.hKeyedMutex), STATUS_SUCCESS);
	return status;
}

static NTSTATUS open_mutex2(void)
{
	uint64_t room;
	D3DKMT_OPENKEYEDMUTEX2 open = {
		.hSharedHandle = mutex_global, .pPrivateRuntimeData = &room, .PrivateRuntimeDataSize = sizeof(room),
	};
	NTSTATUS status = D3DKMTOpenKeyedMutex2(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(destroy_mutex(open.hKeyedMutex), STATUS_SUCCESS);
	return status;
}

static NTSTATUS open_mutex_nt(void)
{
	uint64_t room;
	D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE open = {
		.hNtHandle = set_handle, .pPrivateRuntimeData = &room, .PrivateRuntimeDataSize = sizeof(room),
	};
	NTSTATUS status = D3DKMTOpenKeyedMutexFromNtHandle(&open);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(destroy_mutex(open.hKeyedMutex), STATUS_SUCCESS);
	return status;
}

/* Does not wait; the fence's value that comes with it is the key. */
static NTSTATUS acquire(D3DKMT_HANDLE handle, uint64_t key, uint64_t *content)
{
	LARGE_INTEGER now = { .QuadPart = 0 };
	D3DKMT_ACQUIREKEYEDMUTEX2 acquire = {
		.hKeyedMutex = handle,
		.Key = key,
		.pTimeout = &now,
		.pPrivateRuntimeData = content,
		.PrivateRuntimeDataSize = sizeof(*content),
	};
	NTSTATUS status = D3DKMTAcquireKeyedMutex2(&acquire);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_EQ(acquire.FenceValue, key);
	return status;
}

static NTSTATUS release(D3DKMT_HANDLE handle, uint64_t key, uint64_t *content)
{
	D3DKMT_RELEASEKEYEDMUTEX2 release = {
		.hKeyedMutex = handle,
		.Key = key,
		.FenceValue = key,
		.pPrivateRuntimeData = content,
		.PrivateRuntimeDataSize = content ? sizeof(*content) : 0,
	};
	NTSTATUS status = D3DKMTReleaseKeyedMutex2(&release);

	failnth_disarm();
	return status;
}

/* nobody has it; who acquires it gets the data */
static void expect_free(uint64_t key)
{
	uint64_t content = 0;

	EXPECT_STATUS(release(mutex, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(acquire(second_mutex, key, &content), STATUS_SUCCESS);
	EXPECT_EQ(content, mutex_data);
	EXPECT_STATUS(release(second_mutex, 0, NULL), STATUS_SUCCESS);
}

static NTSTATUS acquire_mutex(void)
{
	uint64_t content = 0;
	NTSTATUS status = acquire(mutex, 0, &content);

	if (status == STATUS_SUCCESS) {
		EXPECT_EQ(content, mutex_data);
		EXPECT_STATUS(release(mutex, 0, NULL), STATUS_SUCCESS);
	}
	expect_free(0);
	return status;
}

static NTSTATUS release_mutex(void)
{
	uint64_t content, next = mutex_data + 1;
	NTSTATUS status;

	failnth_disarm_first();
	REQUIRE_STATUS(acquire(mutex, 0, &content), STATUS_SUCCESS);
	failnth_rearm();
	status = release(mutex, 5, &next);
	if (status == STATUS_SUCCESS) {
		mutex_data = next;
		expect_free(5);
		return status;
	}
	/* it is still acquired, and has what it had */
	EXPECT_STATUS(acquire(second_mutex, 0, &content), STATUS_TIMEOUT);
	EXPECT_STATUS(release(mutex, 5, NULL), STATUS_SUCCESS);
	expect_free(5);
	return status;
}

static void mutexes(void)
{
	D3DKMT_CREATEKEYEDMUTEX2 create = {
		.pPrivateRuntimeData = &mutex_data, .PrivateRuntimeDataSize = sizeof(mutex_data),
	};
	struct live before;

	start();
	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	mutex_global = create.hSharedHandle;
	before = count_live(device);
	failnth_sweep("OpenKeyedMutex", open_mutex);
	failnth_sweep("OpenKeyedMutex2", open_mutex2);
	failnth_sweep("OpenKeyedMutexFromNtHandle", open_mutex_nt);
	failnth_sweep("AcquireKeyedMutex2", acquire_mutex);
	failnth_sweep("ReleaseKeyedMutex2", release_mutex);
	EXPECT_SAME_LIVE(count_live(device), before);
	/* what could not be opened holds nothing */
	EXPECT_STATUS(destroy_mutex(create.hKeyedMutex), STATUS_SUCCESS);
	EXPECT_STATUS(open_mutex(), STATUS_INVALID_PARAMETER);
}

static void calls(void)
{
	struct live before, after;
	int fd;

	start();
	before = count_live(device);
	fd = next_fd();
	failnth_sweep("OpenResource", open_global);
	failnth_sweep("OpenResourceFromNtHandle", open_nt);
	failnth_sweep("OpenResourceFromNtHandle of a set", open_set);
	failnth_sweep("QueryResourceInfo", query_global);
	failnth_sweep("QueryResourceInfoFromNtHandle", query_nt);
	failnth_sweep("GetSharedResourceAdapterLuid", adapter_luid);
	failnth_sweep("CreateAllocation2, shared", create_shared);
	failnth_sweep("ShareObjects", share_named);
	failnth_sweep("OpenNtHandleFromName", open_resource_name);
	failnth_sweep("OpenSyncObjectNtHandleFromName", open_fence_name);
	failnth_sweep("CreateSynchronizationObject2, fence", create_fence);
	failnth_sweep("CreateSynchronizationObject2, semaphore", create_semaphore);
	failnth_sweep("OpenSyncObjectFromNtHandle2", open_fence);
	failnth_sweep("OpenSyncObjectFromNtHandle", open_fence_alone);
	failnth_sweep("OpenSynchronizationObject", open_semaphore);
	failnth_sweep("WaitForSynchronizationObjectFromCpu", wait_async);
	failnth_sweep("CreateSyncFile", sync_file);
	failnth_sweep("OpenSyncObjectFromSyncFile", open_sync_file);
	failnth_sweep("SignalSynchronizationObjectFromCpu", signal_fence);
	failnth_sweep("CreateKeyedMutex2", keyed_mutex);
	after = count_live(device);
	EXPECT_SAME_LIVE(after, before);
	EXPECT_EQ(next_fd(), fd);
	close(fd_of(resource_handle));
	close(fd_of(sync_handle));
	EXPECT_STATUS(open_resource_name(), STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(open_fence_name(), STATUS_OBJECT_NAME_NOT_FOUND);
	/* what could not be opened holds nothing */
	EXPECT_STATUS(kmt_destroy_resource(device, global.resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_global(device, global.global, 3, &nt), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(calls, "calls for sharing fail whole"),
	CASE(mutexes, "a mutex that could not be had or given back is where it was"),
};

TEST_MAIN(cases)
