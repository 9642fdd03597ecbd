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
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "share.h"

#define MAX_POINTS 500

static int fail_nth = -1;
static D3DKMT_HANDLE device;
static struct shared global, nt;
static HANDLE resource_handle, sync_handle;
static struct fence fence;
static int event;

static void knob(const char *fault, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", fault, name);
	test_write_file(path, value);
}

static void start(void)
{
	if (access("/sys/kernel/debug/failslab", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0 || access("/sys/kernel/debug/failslab", F_OK))
		test_skip("needs root and a kernel with CONFIG_FAULT_INJECTION (the debug kernel)");
	knob("failslab", "ignore-gfp-wait", "N");
	knob("failslab", "cache-filter", "N");
	knob("failslab", "verbose", "0");
	knob("fail_page_alloc", "ignore-gfp-wait", "N");
	knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	knob("fail_page_alloc", "min-order", "0");
	knob("fail_page_alloc", "verbose", "0");
	knob("fail_usercopy", "verbose", "0");
	device = need_device();
	global = need_shared(device, 4096, 3, SHARED);
	nt = need_shared(device, 4096, 3, SHARED_NT);
	resource_handle = need_share(nt.resource);
	fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	sync_handle = need_share(fence.handle);
	event = need_event();
}

static void arm(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	REQUIRE(pwrite(fail_nth, text, length, 0) == length);
}

/* returns whether the failure has happened */
static bool disarm(void)
{
	char text[16] = "";
	ssize_t n = pread(fail_nth, text, sizeof(text) - 1, 0);
	bool hit = n > 0 && !strtol(text, NULL, 10);

	if (pwrite(fail_nth, "0", 1, 0) != 1)
		REQUIRE(pwrite(fail_nth, "0", 1, 0) == 1);
	return hit;
}

/* Each of these undoes what it did, if it did it, and says how the call ended. */

static NTSTATUS open_global(void)
{
	struct opener o;
	NTSTATUS status;

	init_opener(&o, device, global.global, NULL, 3);
	status = D3DKMTOpenResource2(&o.global);
	disarm();
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
	disarm();
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
	disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_resource(device, create.hResource), STATUS_SUCCESS);
	return status;
}

static NTSTATUS share_named(void)
{
	HANDLE handle;
	NTSTATUS status = kmt_share_as(&nt.resource, 1, L"fail", ACCESS_ALL, &handle);

	disarm();
	if (status == STATUS_SUCCESS)
		close(fd_of(handle));
	return status;
}

static NTSTATUS create_sync(int type, uint32_t flags)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	NTSTATUS status = kmt_create_sync(device, type, flags, &create);

	disarm();
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

	disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_sync(opened.handle), STATUS_SUCCESS);
	return status;
}

static NTSTATUS wait_async(void)
{
	NTSTATUS status = kmt_wait(device, fence.handle, UINT64_MAX, event);

	disarm();
	return status;
}

static NTSTATUS signal_fence(void)
{
	static uint64_t value;
	NTSTATUS status = kmt_signal(device, fence.handle, ++value);

	disarm();
	return status;
}

static NTSTATUS keyed_mutex(void)
{
	char data[8] = "data";
	D3DKMT_CREATEKEYEDMUTEX2 create = {
		.pPrivateRuntimeData = data, .PrivateRuntimeDataSize = sizeof(data),
	};
	NTSTATUS status = D3DKMTCreateKeyedMutex2(&create);

	disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(D3DKMTDestroyKeyedMutex(
			&(D3DKMT_DESTROYKEYEDMUTEX) { create.hKeyedMutex }), STATUS_SUCCESS);
	return status;
}

static bool documented(NTSTATUS status)
{
	/* a fault on the structure itself is EFAULT, which the library makes UNSUCCESSFUL */
	return status == STATUS_NO_MEMORY || status == STATUS_INVALID_PARAMETER ||
	       status == STATUS_UNSUCCESSFUL;
}

static void sweep(const char *name, NTSTATUS (*call)(void))
{
	unsigned int n, failed = 0, in_a_row = 0;
	NTSTATUS status;

	/* what is tolerated succeeds, so that only many successes say that no point is left */
	for (n = 1; n < MAX_POINTS && in_a_row < 20; n++) {
		arm(n);
		status = call();
		disarm();
		in_a_row = status == STATUS_SUCCESS ? in_a_row + 1 : 0;
		failed += status != STATUS_SUCCESS;
		if (status != STATUS_SUCCESS && !documented(status))
			test_fail(__FILE__, __LINE__, "%s: point %u: %s", name, n, status_name(status));
	}
	test_note("%s: %u failure points made it fail", name, failed);
	EXPECT(failed > 0 && n < MAX_POINTS);
}

static void calls(void)
{
	struct live before, after;

	start();
	before = count_live(device);
	sweep("OpenResource", open_global);
	sweep("OpenResourceFromNtHandle", open_nt);
	sweep("CreateAllocation2, shared", create_shared);
	sweep("ShareObjects", share_named);
	sweep("CreateSynchronizationObject2, fence", create_fence);
	sweep("CreateSynchronizationObject2, semaphore", create_semaphore);
	sweep("OpenSyncObjectFromNtHandle2", open_fence);
	sweep("WaitForSynchronizationObjectFromCpu", wait_async);
	sweep("SignalSynchronizationObjectFromCpu", signal_fence);
	sweep("CreateKeyedMutex2", keyed_mutex);
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
