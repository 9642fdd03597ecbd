// SPDX-License-Identifier: MIT
/*
 * share_rights.c: what a descriptor does not allow is not to be had by any other way
 *
 * The reader of a shared resource must not change it: neither with the CPU (share_resource: read_only) nor
 * with the GPU, and not by giving its content up. Nobody who shares on gives more rights than he has.
 */
#include <signal.h>

#include "engine.h"
#include "share.h"
#include "update.h"

#define BYTES	65536U

/**
 * struct readable - a resource that is opened for reading only
 * @gpu: the device, of reader and writer
 * @writer: where the creator sees it
 * @resource: the reader's resource
 * @allocation: its allocation
 */
struct readable {
	struct gpu gpu;
	uint32_t *writer;
	D3DKMT_HANDLE resource, allocation;
};

static struct readable need_readable(void)
{
	struct readable r = { .gpu = need_gpu() };
	struct shared shared = need_shared(r.gpu.device, BYTES, 1, SHARED_NT), opened;
	HANDLE handle;

	r.writer = need_lock(r.gpu.device, shared.allocations[0]);
	r.writer[0] = 0x12345678;
	REQUIRE_STATUS(kmt_share_as(&shared.resource, 1, NULL, STANDARD_RIGHTS_READ, &handle),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_nt(r.gpu.device, handle, 1, &opened), STATUS_SUCCESS);
	r.resource = opened.resource;
	r.allocation = opened.allocations[0];
	need_resident(&r.gpu.paging, &r.allocation, 1);
	return r;
}

/* @at shows the content to the GPU, and only that. */
static void expect_read_only(struct readable *r, uint64_t at)
{
	struct memory copy = need_memory(&r->gpu, BYTES);
	struct vdxg_commands c = commands(&r->gpu);
	D3DKMT_DEVICEPAGEFAULT_STATE fault;

	vdxg_commands_copy(&c, copy.gpu, at, 4);
	EXPECT_EQ(run(&r->gpu, &c), ACTIVE);
	EXPECT_EQ(copy.cpu[0], 0x12345678);
	c = commands(&r->gpu);
	vdxg_commands_fill(&c, at, 4, 0xffffffff);
	EXPECT_EQ(run(&r->gpu, &c), PAGE_FAULT);
	fault = need_fault(r->gpu.device);
	EXPECT_EQ(fault.FaultedVirtualAddress, at);
	EXPECT_EQ(r->writer[0], 0x12345678);
}

static void gpu_reads(void)
{
	struct readable r = need_readable();
	D3DKMT_HANDLE queue = r.gpu.paging.handle;
	uint64_t at = 0;

	EXPECT_STATUS(kmt_map_va(queue, r.allocation, 0, 16, PROTECT_WRITE, &at),
		      STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_map_va(queue, r.allocation, 0, 16, PROTECT_WRITE | PROTECT_EXECUTE, &at),
		      STATUS_ACCESS_DENIED);
	REQUIRE_STATUS(kmt_map_va(queue, r.allocation, 0, 16, 0, &at), STATUS_SUCCESS);
	/* nor over what is mapped already, which stays */
	EXPECT_STATUS(kmt_map_va(queue, r.allocation, at, 16, PROTECT_WRITE, NULL),
		      STATUS_ACCESS_DENIED);
	expect_read_only(&r, at);
}

static void gpu_reads_after_update(void)
{
	struct readable r = need_readable();
	struct tiles t = { .adapter = r.gpu.adapter, .device = r.gpu.device,
			   .allocation = r.allocation, .queue = r.gpu.paging };
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;

	t.context = need_context(t.device);
	REQUIRE_STATUS(kmt_create_fence(t.device, 0, 0, &t.fence, &t.value), STATUS_SUCCESS);
	t.at = need_reservation(t.adapter, UNIT, RESERVE_ZERO);
	op = protect_op(&t, t.at, UNIT, PROTECT_WRITE, 0);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 0, 0), STATUS_ACCESS_DENIED);
	op = map_op(&t, t.at, UNIT, 0, 0);
	REQUIRE_STATUS(kmt_update(&t, &op, 1, 0, 0), STATUS_SUCCESS);
	wait_fence(&t, 1);
	expect_read_only(&r, t.at);
}

static NTSTATUS offer(D3DKMT_HANDLE device, const D3DKMT_HANDLE *allocations, uint32_t n)
{
	D3DKMT_OFFERALLOCATIONS args = {
		.hDevice = device,
		.HandleList = allocations,
		.NumAllocations = n,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};

	return D3DKMTOfferAllocations(&args);
}

static void content_stays(void)
{
	struct readable r = need_readable();
	D3DKMT_HANDLE list[2] = { need_allocation(r.gpu.device, BYTES), r.allocation };
	D3DKMT_OFFERALLOCATIONS whole = {
		.hDevice = r.gpu.device,
		.pResources = &r.resource,
		.NumAllocations = 1,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};

	EXPECT_STATUS(offer(r.gpu.device, &r.allocation, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(D3DKMTOfferAllocations(&whole), STATUS_ACCESS_DENIED);
	/* all or nothing: what is on offer cannot be locked */
	EXPECT_STATUS(offer(r.gpu.device, list, 2), STATUS_ACCESS_DENIED);
	need_lock(r.gpu.device, list[0]);
	EXPECT_EQ(r.writer[0], 0x12345678);
}

/* A set that is shared to be read: a reader takes turns, too, so the other members come with all rights. */
static void set_for_reading(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, BYTES, 1, SHARED_NT);
	D3DKMT_CREATEKEYEDMUTEX2 mutex = { .Flags.NtSecuritySharing = 1 };
	D3DKMT_ACQUIREKEYEDMUTEX acquire = { 0 };
	D3DKMT_RELEASEKEYEDMUTEX release = { .Key = 1 };
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	D3DKMT_HANDLE set[3], resource;
	HANDLE reader, again;
	struct opener o;

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&mutex), STATUS_SUCCESS);
	set[0] = shared.resource;
	set[1] = mutex.hKeyedMutex;
	set[2] = fence.handle;
	REQUIRE_STATUS(kmt_share_as(set, 3, NULL, STANDARD_RIGHTS_READ, &reader), STATUS_SUCCESS);
	init_opener(&o, device, 0, reader, 1);
	REQUIRE_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(need_lock(device, o.info[0].hAllocation), true), SIGSEGV);
	acquire.hKeyedMutex = release.hKeyedMutex = o.nt.hKeyedMutex;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex(&release), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, o.nt.hSyncObject, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, o.nt.hSyncObject, 1), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 1);
	/* shared on, the resource is still one to be read */
	set[0] = resource = o.nt.hResource;
	set[1] = o.nt.hKeyedMutex;
	set[2] = o.nt.hSyncObject;
	EXPECT_STATUS(kmt_share(resource, &again), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(set, 3, NULL, ACCESS_ALL, &again), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(set, 3, NULL, ACCESS_WRITE, &again), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(set, 3, NULL, STANDARD_RIGHTS_READ, &again), STATUS_SUCCESS);
}

/* The handle of a fence that may be waited for only. */
static D3DKMT_HANDLE need_waiter(D3DKMT_HANDLE device)
{
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT), opened;
	HANDLE handle;

	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, NULL, ACCESS_WAIT, &handle), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync_nt(device, handle, 0, &opened), STATUS_SUCCESS);
	return opened.handle;
}

static void set_wants_all_rights(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATEKEYEDMUTEX2 mutex = { .Flags.NtSecuritySharing = 1 };
	D3DKMT_HANDLE set[3];
	HANDLE handle;

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&mutex), STATUS_SUCCESS);
	set[0] = need_shared(device, BYTES, 1, SHARED_NT).resource;
	set[1] = mutex.hKeyedMutex;
	set[2] = need_waiter(device);
	EXPECT_STATUS(kmt_share_as(set, 3, NULL, ACCESS_ALL, &handle), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(set, 3, NULL, STANDARD_RIGHTS_READ, &handle),
		      STATUS_ACCESS_DENIED);
}

static void names_give_no_more(void)
{
	struct readable r = need_readable();
	D3DKMT_HANDLE device = r.gpu.device, waiter = need_waiter(device);
	wchar_t text[] = L"with fewer rights", text_sync[] = L"to be waited for";
	UNICODE_STRING name = { sizeof(text) - sizeof(*text), sizeof(text), text };
	UNICODE_STRING name_sync = { sizeof(text_sync) - sizeof(*text), sizeof(text_sync), text_sync };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	OBJECT_ATTRIBUTES of_sync = { .Length = sizeof(of_sync), .ObjectName = &name_sync };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .pObjAttrib = &attributes };
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME open_sync = { .pObjAttrib = &of_sync };
	HANDLE handle;

	REQUIRE_STATUS(kmt_share_as(&r.resource, 1, text, STANDARD_RIGHTS_READ, &handle),
		       STATUS_SUCCESS);
	open.dwDesiredAccess = ACCESS_WRITE;
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_ACCESS_DENIED);
	open.dwDesiredAccess = ACCESS_ALL;
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_ACCESS_DENIED);
	open.dwDesiredAccess = STANDARD_RIGHTS_READ;
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_SUCCESS);

	REQUIRE_STATUS(kmt_share_as(&waiter, 1, text_sync, ACCESS_WAIT, &handle), STATUS_SUCCESS);
	open_sync.dwDesiredAccess = ACCESS_SIGNAL;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open_sync), STATUS_ACCESS_DENIED);
	open_sync.dwDesiredAccess = ACCESS_ALL;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open_sync), STATUS_ACCESS_DENIED);
	open_sync.dwDesiredAccess = ACCESS_WAIT;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open_sync), STATUS_SUCCESS);
}

/* The creator's own descriptor limits nobody who opens by name: the creator may do everything. */
static void names_of_the_creator(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, BYTES, 1, SHARED_NT).resource;
	wchar_t text[] = L"of the creator";
	UNICODE_STRING name = { sizeof(text) - sizeof(*text), sizeof(text), text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_WRITE,
					     .pObjAttrib = &attributes };
	struct shared opened;
	HANDLE handle;

	REQUIRE_STATUS(kmt_share_as(&resource, 1, text, STANDARD_RIGHTS_READ, &handle),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_nt(device, open.hNtHandle, 1, &opened), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(need_lock(device, opened.allocations[0]), true), 0);
}

static void sync_file_gives_no_more(void)
{
	D3DKMT_HANDLE device = need_device(), waiter = need_waiter(device);
	struct fence opened;
	HANDLE handle;
	uint64_t value;
	int fd;

	/* one that has ended already keeps nobody waiting */
	REQUIRE_STATUS(kmt_create_sync_file(device, waiter, 0, &fd), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &opened, &value), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share(opened.handle, &handle), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(&opened.handle, 1, NULL, ACCESS_SIGNAL, &handle),
		      STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(&opened.handle, 1, NULL, ACCESS_WAIT, &handle), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(gpu_reads, "a reader's addresses are for reading only"),
	CASE(gpu_reads_after_update, "so are those of UpdateGpuVirtualAddress"),
	CASE(content_stays, "a reader cannot give the content up"),
	CASE(set_for_reading, "a set that is shared for reading"),
	CASE(set_wants_all_rights, "a set wants a sync object with all rights"),
	CASE(names_give_no_more, "a name gives no more than whoever gave it had"),
	CASE(names_of_the_creator, "a name of the creator's gives everything"),
	CASE(sync_file_gives_no_more, "a fence opened from a sync file is shared on with no more"),
};

TEST_MAIN(cases)
