// SPDX-License-Identifier: MIT
/*
 * share_resource.c: sharing resources and opening them, within a process and between several
 *
 * What begins with S16 and S17 is a row of sections 1.6 and 1.7 of the measured Windows behaviour.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "raw.h"
#include "share.h"

#define PAGE	4096

static void S16_query(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 1, SHARED);
	uint32_t buffer = 0x11111111, sizes[] = { 0, 4, 5, 0xdeadbeef };
	D3DKMT_QUERYRESOURCEINFO query;
	size_t i;

	EXPECT(is_global_handle(shared.global));
	EXPECT_STATUS(D3DKMTQueryResourceInfo(NULL), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		query = (D3DKMT_QUERYRESOURCEINFO) {
			.hDevice = device,
			.hGlobalShare = shared.global,
			.pPrivateRuntimeData = &buffer,
			.PrivateRuntimeDataSize = sizes[i],
			.TotalPrivateDriverDataSize = sizes[i],
			.ResourcePrivateDriverDataSize = sizes[i],
			.NumAllocations = sizes[i],
		};
		EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_SUCCESS);
		EXPECT_EQ(query.PrivateRuntimeDataSize, 4);
		EXPECT(query.TotalPrivateDriverDataSize > 0);
		EXPECT(query.TotalPrivateDriverDataSize < 0x1000);
		EXPECT_EQ(query.ResourcePrivateDriverDataSize, 0);
		EXPECT_EQ(query.NumAllocations, 1);
		EXPECT_EQ(buffer, 0x11111111);
	}
	query.hGlobalShare = shared.resource;
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_INVALID_PARAMETER);
	query.hGlobalShare = 0;
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_INVALID_PARAMETER);
	query.hGlobalShare = shared.global;
	query.hDevice = 0;
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_INVALID_PARAMETER);
}

static void S16_open(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, 3 * PAGE, 2, SHARED);
	uint64_t own = 0x1111111111111111, resource = own;
	struct opener o;

	init_opener(&o, device, shared.global, NULL, 2);
	o.info[0].pPrivateDriverData = &own;
	o.info[0].PrivateDriverDataSize = sizeof(own);
	o.global.pResourcePrivateDriverData = &resource;
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_SUCCESS);
	EXPECT(is_local_handle(o.global.hResource));
	EXPECT_EQ(o.info[0].hAllocation, o.global.hResource + HANDLE_STEP);
	EXPECT_EQ(o.info[1].hAllocation, o.global.hResource + 2 * HANDLE_STEP);
	EXPECT_EQ(o.runtime, runtime_data);
	EXPECT_EQ(o.global.TotalPrivateDriverDataBufferSize, 2 * sizeof(*o.total));
	EXPECT_EQ(o.info[1].PrivateDriverDataSize, sizeof(*o.total));
	EXPECT(o.info[1].pPrivateDriverData == &o.total[1]);
	EXPECT_EQ(o.total[1].magic, VDXG_ALLOCATION_MAGIC);
	EXPECT_EQ(o.total[1].bytes, 3 * PAGE);
	EXPECT_EQ(o.info[0].PrivateDriverDataSize, sizeof(*o.total));
	EXPECT_EQ(own, 0x1111111111111111);
	EXPECT_EQ(resource, 0x1111111111111111);

	init_opener(&o, device, shared.resource, NULL, 2);
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, shared.global, NULL, 0);
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, shared.global, NULL, 1);
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, shared.global, NULL, 2);
	o.global.PrivateRuntimeDataSize++;
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
	o.global.PrivateRuntimeDataSize -= 2;
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
	o.global.PrivateRuntimeDataSize++;
	o.global.ResourcePrivateDriverDataSize++;
	EXPECT_STATUS(D3DKMTOpenResource2(&o.global), STATUS_INVALID_PARAMETER);
}

static void S16_open_first_version(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 2, SHARED);
	D3DDDI_OPENALLOCATIONINFO info[2] = { 0 };
	struct opener o;

	init_opener(&o, device, shared.global, NULL, 2);
	o.global.pOpenAllocationInfo = info;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_SUCCESS);
	EXPECT_EQ(info[0].hAllocation, o.global.hResource + HANDLE_STEP);
	EXPECT_EQ(info[1].hAllocation, o.global.hResource + 2 * HANDLE_STEP);
	EXPECT_EQ(info[1].PrivateDriverDataSize, sizeof(*o.total));

	o.global.hGlobalShare = shared.resource;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_INVALID_PARAMETER);
	o.global.hGlobalShare = shared.global;
	o.global.NumAllocations = 0;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_INVALID_PARAMETER);
	o.global.NumAllocations = 2;
	o.global.PrivateRuntimeDataSize++;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_INVALID_PARAMETER);
	o.global.PrivateRuntimeDataSize -= 2;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_INVALID_PARAMETER);
	o.global.PrivateRuntimeDataSize++;
	o.global.ResourcePrivateDriverDataSize++;
	EXPECT_STATUS(D3DKMTOpenResource(&o.global), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenResource(NULL), STATUS_INVALID_PARAMETER);
}

static void S16_open_from_nt_handle(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 1, SHARED_NT);
	HANDLE nt = need_share(shared.resource);
	D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE query = { .hDevice = device, .hNtHandle = nt };
	struct opener o;

	EXPECT_EQ(shared.global, 0);
	EXPECT_STATUS(D3DKMTQueryResourceInfoFromNtHandle(&query), STATUS_SUCCESS);
	EXPECT_EQ(query.PrivateRuntimeDataSize, 4);
	EXPECT_EQ(query.TotalPrivateDriverDataSize, sizeof(*o.total));
	EXPECT_EQ(query.NumAllocations, 1);

	init_opener(&o, device, 0, nt, 1);
	o.nt.hKeyedMutex = o.nt.hSyncObject = 0x1eadbeed;
	o.nt.KeyedMutexPrivateRuntimeDataSize = 0xdead;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_SUCCESS);
	EXPECT_EQ(o.info[0].hAllocation, o.nt.hResource + HANDLE_STEP);
	EXPECT_EQ(o.nt.hKeyedMutex, 0);
	EXPECT_EQ(o.nt.hSyncObject, 0);
	EXPECT_EQ(o.nt.KeyedMutexPrivateRuntimeDataSize, 0);
	EXPECT_EQ(o.runtime, runtime_data);

	init_opener(&o, device, 0, nt, 1);
	o.nt.pOpenAllocationInfo2 = NULL;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, 0, nt, 0);
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, 0, nt, 1);
	o.nt.pPrivateRuntimeData = NULL;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, 0, nt, 1);
	o.nt.PrivateRuntimeDataSize++;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, 0, nt, 1);
	o.nt.pTotalPrivateDriverDataBuffer = NULL;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_INVALID_PARAMETER);
	init_opener(&o, device, 0, nt, 1);
	o.nt.TotalPrivateDriverDataBufferSize--;
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_NO_MEMORY);
}

static void nt_handle_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	HANDLE sync = need_share(fence.handle), resource;
	struct shared shared = need_shared(device, PAGE, 1, SHARED_NT), opened;

	resource = need_share(shared.resource);
	EXPECT_STATUS(kmt_open_nt(device, NULL, 1, &opened), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_nt(device, handle_of(9999), 1, &opened), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_open_nt(device, handle_of(-1), 1, &opened), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_open_nt(device, handle_of(test_open()), 1, &opened),
		      STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(kmt_open_nt(device, sync, 1, &opened), STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(kmt_open_sync_nt(device, resource, 0, NULL), STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(kmt_open_nt(0, resource, 1, &opened), STATUS_INVALID_PARAMETER);
	close(fd_of(resource));
	EXPECT_STATUS(kmt_open_nt(device, resource, 1, &opened), STATUS_INVALID_HANDLE);
}

/* By the bare call: in a 32-bit program the library itself reads and writes the arrays. */
static void late_faults(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 1, SHARED);
	struct live before = count_live(device);
	struct d3dddi_openallocationinfo2 info = { .allocation.v = 0 };
	struct vdxg_allocation_data total;
	uint32_t runtime;
	const struct d3dkmt_openresource good = {
		.device.v = device,
		.global_share.v = shared.global,
		.allocation_count = 1,
		.open_alloc_info = (uintptr_t)&info,
		.private_runtime_data = (uintptr_t)&runtime,
		.private_runtime_data_size = sizeof(runtime),
		.total_priv_drv_data = (uintptr_t)&total,
		.total_priv_drv_data_size = sizeof(total),
	};
	struct d3dkmt_openresource open = good;
	int raw = test_open();

	open.private_runtime_data = (uintptr_t)test_unmapped();
	EXPECT_STATUS(raw_call(raw, LX_DXOPENRESOURCE, &open), -EINVAL);
	open = good;
	open.total_priv_drv_data = (uintptr_t)test_unmapped();
	EXPECT_STATUS(raw_call(raw, LX_DXOPENRESOURCE, &open), -EINVAL);
	open = good;
	open.open_alloc_info = (uintptr_t)test_unmapped();
	EXPECT_STATUS(raw_call(raw, LX_DXOPENRESOURCE, &open), -EINVAL);
	EXPECT_SAME_LIVE(count_live(device), before);
	open = good;
	EXPECT_STATUS(raw_call(raw, LX_DXOPENRESOURCE, &open), 0);
	EXPECT(is_local_handle(info.allocation.v));
}

static void S17_share(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared plain = need_shared(device, PAGE, 1, CREATE_RESOURCE);
	struct shared global = need_shared(device, PAGE, 1, SHARED);
	struct shared nt = need_shared(device, PAGE, 1, SHARED_NT);
	HANDLE handle;
	char path[64], link[64] = "";

	EXPECT_STATUS(kmt_share(0, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(plain.resource, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(global.resource, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(plain.allocations[0], &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(nt.allocations[0], &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(global.allocations[0], &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(global.global, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(nt.resource, &handle), STATUS_SUCCESS);
	EXPECT(handle && !((uintptr_t)handle & 0xc0000000));
	EXPECT(fcntl(fd_of(handle), F_GETFD) & FD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_of(handle));
	EXPECT(readlink(path, link, sizeof(link) - 1) > 0);
	EXPECT(strstr(link, "DxgkSharedResource"));
	EXPECT_STATUS(D3DKMTShareObjects(1, &nt.resource, NULL, ACCESS_ALL, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTShareObjects(1, test_unmapped(), NULL, ACCESS_ALL, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTShareObjects(0, &nt.resource, NULL, ACCESS_ALL, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTShareObjects(4, &nt.resource, NULL, ACCESS_ALL, &handle),
		      STATUS_INVALID_PARAMETER);
}

static D3DKMT_HANDLE need_mutex(void)
{
	D3DKMT_CREATEKEYEDMUTEX2 create = { .Flags.NtSecuritySharing = 1 };

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	EXPECT_EQ(create.hSharedHandle, 0);
	return create.hKeyedMutex;
}

static void S17_sets(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, PAGE, 1, SHARED_NT).resource;
	D3DKMT_HANDLE mutex = need_mutex();
	D3DKMT_HANDLE sync = need_fence(device, 3, SYNC_SHARED | SYNC_NT).handle;
	D3DKMT_CREATEKEYEDMUTEX global = { 0 };
	NTSTATUS created = D3DKMTCreateKeyedMutex(&global);
	const struct {
		D3DKMT_HANDLE objects[4];
		uint32_t n;
	} bad[] = {
		{ { mutex }, 1 },
		{ { global.hKeyedMutex }, 1 },
		{ { global.hSharedHandle }, 1 },
		{ { resource, global.hKeyedMutex, sync }, 3 },
		{ { resource, mutex, sync, sync }, 4 },
		{ { resource, resource, resource }, 3 },
		{ { resource, mutex }, 2 },
		{ { resource, sync }, 2 },
		{ { mutex, sync }, 2 },
		{ { sync, sync }, 2 },
		{ { resource, sync, mutex }, 3 },
		{ { sync, mutex, resource }, 3 },
		{ { mutex, resource, sync }, 3 },
	};
	D3DKMT_HANDLE good[3] = { resource, mutex, sync };
	D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE open_mutex = { 0 };
	struct opener o;
	HANDLE handle;
	size_t i;

	EXPECT_STATUS(created, STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_share_as(bad[i].objects, bad[i].n, NULL, ACCESS_ALL, &handle),
			      STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_share_as(good, 3, NULL, ACCESS_ALL, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(sync), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) { mutex }),
		      STATUS_SUCCESS);
	init_opener(&o, device, 0, handle, 1);
	EXPECT_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_SUCCESS);
	EXPECT(is_local_handle(o.nt.hKeyedMutex));
	EXPECT(is_local_handle(o.nt.hSyncObject));
	EXPECT_STATUS(kmt_wait(device, o.nt.hSyncObject, 3, 0), STATUS_SUCCESS);
	open_mutex.hNtHandle = handle;
	EXPECT_STATUS(D3DKMTOpenKeyedMutexFromNtHandle(&open_mutex), STATUS_SUCCESS);
	open_mutex.hNtHandle = need_share(need_shared(device, PAGE, 1, SHARED_NT).resource);
	EXPECT_STATUS(D3DKMTOpenKeyedMutexFromNtHandle(&open_mutex), STATUS_OBJECT_TYPE_MISMATCH);
}

static void D9_destroy_opened(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared global = need_shared(device, PAGE, 1, SHARED), opened;
	struct shared nt = need_shared(device, PAGE, 1, SHARED_NT);
	HANDLE handle = need_share(nt.resource);
	int i;

	for (i = 0; i < 2; i++) {
		REQUIRE_STATUS(i ? kmt_open_nt(device, handle, 1, &opened) :
			       kmt_open_global(device, global.global, 1, &opened), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_resource(device, opened.resource), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_resource(device, opened.resource),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_one(device, opened.allocations[0]),
			      STATUS_INVALID_PARAMETER);
		REQUIRE_STATUS(i ? kmt_open_nt(device, handle, 1, &opened) :
			       kmt_open_global(device, global.global, 1, &opened), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, opened.allocations[0]), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_resource(device, opened.resource), STATUS_SUCCESS);
	}
	need_lock(device, global.allocations[0]);
	need_lock(device, nt.allocations[0]);
	EXPECT_STATUS(kmt_destroy_resource(device, global.resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, nt.resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_global(device, global.global, 1, &opened), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_nt(device, handle, 1, &opened), STATUS_SUCCESS);
}

static void sealed(void)
{
	D3DKMT_HANDLE device = need_device(), resource, allocation;
	struct shared shared = need_shared(device, PAGE, 1, SHARED), opened;
	struct vdxg_allocation_data data;

	REQUIRE_STATUS(kmt_open_global(device, shared.global, 1, &opened), STATUS_SUCCESS);
	vdxg_allocation_data_init(&data, PAGE);
	resource = shared.resource;
	EXPECT_STATUS(kmt_create(device, &resource, 0, &data, 0, 1, &allocation),
		      STATUS_INVALID_PARAMETER);
	resource = opened.resource;
	EXPECT_STATUS(kmt_create(device, &resource, 0, &data, 0, 1, &allocation),
		      STATUS_INVALID_PARAMETER);
}

static void partly_destroyed(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 3, SHARED), opened;
	D3DKMT_QUERYRESOURCEINFO query = { .hDevice = device, .hGlobalShare = shared.global };

	EXPECT_STATUS(kmt_destroy_one(device, shared.allocations[1]), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_SUCCESS);
	EXPECT_EQ(query.NumAllocations, 2);
	EXPECT_STATUS(kmt_open_global(device, shared.global, 3, &opened), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_open_global(device, shared.global, 2, &opened), STATUS_SUCCESS);
	/* the other still has it: it counts */
	EXPECT_STATUS(kmt_destroy_one(device, shared.allocations[0]), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_SUCCESS);
	EXPECT_EQ(query.NumAllocations, 2);
	EXPECT_STATUS(kmt_destroy_resource(device, opened.resource), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_SUCCESS);
	EXPECT_EQ(query.NumAllocations, 1);
}

static void adapter_luid(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared global = need_shared(device, PAGE, 1, SHARED);
	struct shared nt = need_shared(device, PAGE, 1, SHARED_NT);
	D3DKMT_GETSHAREDRESOURCEADAPTERLUID get = { .hGlobalShare = global.global };

	EXPECT_STATUS(D3DKMTGetSharedResourceAdapterLuid(&get), STATUS_SUCCESS);
	EXPECT_EQ(get.AdapterLuid.LowPart, test_adapter.luid_low);
	EXPECT_EQ(get.AdapterLuid.HighPart, test_adapter.luid_high);
	get = (D3DKMT_GETSHAREDRESOURCEADAPTERLUID) { .hNtHandle = need_share(nt.resource) };
	EXPECT_STATUS(D3DKMTGetSharedResourceAdapterLuid(&get), STATUS_SUCCESS);
	EXPECT_EQ(get.AdapterLuid.LowPart, test_adapter.luid_low);
	get = (D3DKMT_GETSHAREDRESOURCEADAPTERLUID) { .hGlobalShare = global.resource };
	EXPECT_STATUS(D3DKMTGetSharedResourceAdapterLuid(&get), STATUS_INVALID_PARAMETER);
	get = (D3DKMT_GETSHAREDRESOURCEADAPTERLUID) { .hNtHandle = handle_of(9999) };
	EXPECT_STATUS(D3DKMTGetSharedResourceAdapterLuid(&get), STATUS_INVALID_HANDLE);
}

static void read_only(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, PAGE, 1, SHARED_NT), opened;
	uint32_t *mine = need_lock(device, shared.allocations[0]), *theirs;
	HANDLE reader, writer, none;

	REQUIRE_STATUS(kmt_share_as(&shared.resource, 1, NULL, STANDARD_RIGHTS_READ, &reader),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_share_as(&shared.resource, 1, NULL, ACCESS_WRITE, &writer),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_share_as(&shared.resource, 1, NULL, 0, &none), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_nt(device, none, 1, &opened), STATUS_ACCESS_DENIED);
	REQUIRE_STATUS(kmt_open_nt(device, reader, 1, &opened), STATUS_SUCCESS);
	*mine = 0x12345678;
	theirs = need_lock(device, opened.allocations[0]);
	EXPECT_EQ(*theirs, 0x12345678);
	EXPECT_EQ(test_touch(theirs, true), SIGSEGV);
	EXPECT(mprotect(theirs, PAGE, PROT_READ | PROT_WRITE) == -1);
	EXPECT_STATUS(kmt_share(opened.resource, &none), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(&opened.resource, 1, NULL, STANDARD_RIGHTS_READ, &none),
		      STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_nt(device, writer, 1, &opened), STATUS_SUCCESS);
	theirs = need_lock(device, opened.allocations[0]);
	*theirs = 0x87654321;
	EXPECT_EQ(*mine, 0x87654321);
}

/* ---- several processes ---- */

/* Do what a child does and say whether its checks held. */
#define CHILD(code) ({ \
	int pid__ = fork(); \
	REQUIRE(pid__ >= 0); \
	if (!pid__) { \
		code; \
		test_exit(); \
	} \
	pid__; })

static void need_byte(int fd)
{
	char byte;

	REQUIRE(read(fd, &byte, 1) == 1);
}

static void say(int fd)
{
	REQUIRE(write(fd, "x", 1) == 1);
}

static void expect_content(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, uint32_t content)
{
	uint32_t *data = need_lock(device, allocation);

	EXPECT_EQ(data[0], content);
	EXPECT_EQ(data[PAGE / 4], content + 1);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void fill(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, uint32_t content)
{
	uint32_t *data = need_lock(device, allocation);

	data[0] = content;
	data[PAGE / 4] = content + 1;
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void T9_creator_destroys(void)
{
	int up[2], down[2], child;
	D3DKMT_HANDLE device;
	struct shared shared, opened;
	D3DKMT_HANDLE global = 0;

	REQUIRE(!pipe(up) && !pipe(down));
	child = CHILD({
		REQUIRE(read(down[0], &global, sizeof(global)) == sizeof(global));
		device = need_device();
		REQUIRE_STATUS(kmt_open_global(device, global, 1, &opened), STATUS_SUCCESS);
		expect_content(device, opened.allocations[0], 100);
		say(up[1]);
		need_byte(down[0]);
		expect_content(device, opened.allocations[0], 100);
		/* the last one to have it */
		EXPECT_STATUS(kmt_destroy_resource(device, opened.resource), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_open_global(device, global, 1, &opened),
			      STATUS_INVALID_PARAMETER);
	});
	device = need_device();
	shared = need_shared(device, 2 * PAGE, 1, SHARED);
	fill(device, shared.allocations[0], 100);
	REQUIRE(write(down[1], &shared.global, sizeof(shared.global)) == sizeof(shared.global));
	need_byte(up[0]);
	EXPECT_STATUS(kmt_destroy_resource(device, shared.resource), STATUS_SUCCESS);
	say(down[1]);
	EXPECT_EQ(test_wait(child), 0);
}

static void T9_creator_exits(void)
{
	int up[2], down[2], child;
	D3DKMT_HANDLE device;
	struct shared opened;
	D3DKMT_HANDLE global = 0;

	REQUIRE(!pipe(up) && !pipe(down));
	child = CHILD({
		struct shared shared;

		device = need_device();
		shared = need_shared(device, 2 * PAGE, 1, SHARED);
		fill(device, shared.allocations[0], 200);
		global = shared.global;
		REQUIRE(write(up[1], &global, sizeof(global)) == sizeof(global));
		need_byte(down[0]);
	});
	REQUIRE(read(up[0], &global, sizeof(global)) == sizeof(global));
	device = need_device();
	REQUIRE_STATUS(kmt_open_global(device, global, 1, &opened), STATUS_SUCCESS);
	say(down[1]);
	EXPECT_EQ(test_wait(child), 0);
	expect_content(device, opened.allocations[0], 200);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static void opener_exits(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, 2 * PAGE, 1, SHARED_NT);
	HANDLE handle = need_share(shared.resource);
	int child;

	fill(device, shared.allocations[0], 300);
	child = CHILD({
		struct shared opened;
		D3DKMT_HANDLE other = need_device();

		REQUIRE_STATUS(kmt_open_nt(other, handle, 1, &opened), STATUS_SUCCESS);
		expect_content(other, opened.allocations[0], 300);
		fill(other, opened.allocations[0], 301);
	});
	EXPECT_EQ(test_wait(child), 0);
	expect_content(device, shared.allocations[0], 301);
}

static void over_a_socket(void)
{
	struct shared opened;
	D3DKMT_HANDLE device;
	int fds[2], child, fd;

	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	child = CHILD({
		struct shared shared;

		device = need_device();
		shared = need_shared(device, 2 * PAGE, 1, SHARED_NT);
		fill(device, shared.allocations[0], 400);
		give_fd(fds[1], fd_of(need_share(shared.resource)));
	});
	/* the creator is gone, and only the socket has the descriptor */
	EXPECT_EQ(test_wait(child), 0);
	fd = receive_fd(fds[0]);
	device = need_device();
	REQUIRE_STATUS(kmt_open_nt(device, handle_of(fd), 1, &opened), STATUS_SUCCESS);
	close(fd);
	expect_content(device, opened.allocations[0], 400);
}

static void never_received(void)
{
	int fds[2], child;

	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	child = CHILD({
		D3DKMT_HANDLE device = need_device();
		struct shared shared = need_shared(device, 2 * PAGE, 1, SHARED_NT);

		fill(device, shared.allocations[0], 400);
		give_fd(fds[1], fd_of(need_share(shared.resource)));
	});
	EXPECT_EQ(test_wait(child), 0);
	close(fds[0]);
	close(fds[1]);
}

static void another_user(void)
{
	D3DKMT_HANDLE device = need_device(), other;
	struct shared shared = need_shared(device, PAGE, 1, SHARED), opened;
	struct shared nt = need_shared(device, PAGE, 1, SHARED_NT);
	HANDLE handle = need_share(nt.resource);
	int child;

	if (geteuid())
		test_skip("needs root to become another user");
	child = CHILD({
		test_drop_root();
		other = need_device();
		EXPECT_STATUS(kmt_open_global(other, shared.global, 1, &opened),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_open_nt(other, handle, 1, &opened), STATUS_SUCCESS);
	});
	EXPECT_EQ(test_wait(child), 0);
	EXPECT_STATUS(kmt_open_global(device, shared.global, 1, &opened), STATUS_SUCCESS);
}

static void another_pid_namespace(void)
{
	D3DKMT_HANDLE device = need_device(), other;
	struct shared shared = need_shared(device, PAGE, 1, SHARED), opened;
	struct shared nt = need_shared(device, PAGE, 1, SHARED_NT);
	HANDLE handle = need_share(nt.resource);
	int child;

	if (unshare(CLONE_NEWPID))
		test_skip("needs root, for a PID namespace");
	child = CHILD({
		other = need_device();
		EXPECT_STATUS(kmt_open_global(other, shared.global, 1, &opened),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_open_nt(other, handle, 1, &opened), STATUS_SUCCESS);
	});
	EXPECT_EQ(test_wait(child), 0);
	EXPECT_STATUS(kmt_open_global(device, shared.global, 1, &opened), STATUS_SUCCESS);
}

static void existing_memory(void)
{
	char *mine = test_pages(PAGE);
	D3DKMT_CREATESTANDARDALLOCATION standard = {
		.Type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP,
		.ExistingHeapData.Size = PAGE,
	};
	D3DDDI_ALLOCATIONINFO2 info = { .pSystemMem = mine };
	D3DKMT_CREATEALLOCATION create = { .hDevice = need_device(), .NumAllocations = 1,
					   .pStandardAllocation = &standard,
					   .pAllocationInfo2 = &info,
					   .pPrivateRuntimeData = &runtime_data,
					   .PrivateRuntimeDataSize = sizeof(runtime_data) };
	struct shared opened;
	void *data;
	int child;

	SET_FLAGS(create.Flags, SHARED | CREATE_EXISTING_SYSMEM | CREATE_STANDARD_ALLOCATION);
	REQUIRE_STATUS(D3DKMTCreateAllocation2(&create), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_global(create.hDevice, create.hGlobalShare, 1, &opened),
		       STATUS_SUCCESS);
	EXPECT(need_lock(create.hDevice, opened.allocations[0]) == mine);
	child = CHILD({
		D3DKMT_HANDLE other = need_device();

		REQUIRE_STATUS(kmt_open_global(other, create.hGlobalShare, 1, &opened),
			       STATUS_SUCCESS);
		EXPECT_STATUS(kmt_lock(other, opened.allocations[0], &data),
			      STATUS_INVALID_PARAMETER);
	});
	EXPECT_EQ(test_wait(child), 0);
}

static const struct test_case cases[] = {
	CASE(S16_query, "QueryResourceInfo answers sizes, and writes no buffer"),
	CASE(S16_open, "OpenResource2 wants the exact sizes"),
	CASE(S16_open_first_version, "OpenResource converts its array both ways"),
	CASE(S16_open_from_nt_handle, "OpenResourceFromNtHandle and its query"),
	CASE(nt_handle_bad, "what is no NT handle of a resource is refused"),
	CASE(late_faults, "an open that cannot write its outputs opens nothing"),
	CASE(S17_share, "only resources created for it can be shared"),
	CASE(S17_sets, "which sets can be shared; an NT handle keeps all members"),
	CASE(D9_destroy_opened, "destroying an opened resource leaves its creator's alone"),
	CASE(sealed, "nothing can be added to a shared resource"),
	CASE(partly_destroyed, "what nobody has any more is not opened"),
	CASE(adapter_luid, "the adapter of a shared resource"),
	CASE(read_only, "a handle without the right to write gives memory that can only be read"),
	CASE(T9_creator_destroys, "content outlives the creator's resource"),
	CASE(T9_creator_exits, "content outlives the creator"),
	CASE(opener_exits, "what an opener wrote stays when it exits"),
	CASE(over_a_socket, "a descriptor in a socket outlives its creator"),
	CASE(never_received, "a descriptor that nobody receives"),
	CASE(another_user, "another user can use descriptors, but no global handles"),
	CASE(another_pid_namespace, "nor can another PID namespace"),
	CASE(existing_memory, "shared memory of the caller's is locked only in its process"),
};

TEST_MAIN(cases)
