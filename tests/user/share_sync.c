// SPDX-License-Identifier: MIT
/*
 * share_sync.c: sharing synchronization objects by NT handles, and names of NT handles
 *
 * What begins with S17 is a row of section 1.7 of the measured Windows behaviour.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "share.h"

static void S17_share_sync(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATESYNCHRONIZATIONOBJECT first = { .hDevice = device,
						     .Info.Type = D3DDDI_SYNCHRONIZATION_MUTEX };
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	char path[64], link[64] = "";
	HANDLE handle;

	REQUIRE_STATUS(D3DKMTCreateSynchronizationObject(&first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_share(first.hSyncObject, &handle), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX, 0, &create),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_share(create.hSyncObject, &handle), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX, SYNC_SHARED, &create),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_share(create.hSyncObject, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_share(create.Info.SharedHandle, &handle), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX,
				       SYNC_SHARED | SYNC_NT, &create),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_share(create.hSyncObject, &handle), STATUS_SUCCESS);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_of(handle));
	EXPECT(readlink(path, link, sizeof(link) - 1) > 0);
	EXPECT(strstr(link, "DxgkSharedSyncObject"));
	EXPECT_STATUS(kmt_destroy_sync((uintptr_t)handle), STATUS_INVALID_PARAMETER);
	close(fd_of(handle));
	EXPECT_STATUS(kmt_share(need_fence(device, 0, SYNC_SHARED | SYNC_NT).handle, &handle),
		      STATUS_SUCCESS);
}

static void S17_open_after_creator(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 4, SYNC_SHARED | SYNC_NT), opened;
	HANDLE handle = need_share(fence.handle), again;
	D3DKMT_OPENSYNCOBJECTFROMNTHANDLE open = { .hNtHandle = NULL };
	D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 second = { .hNtHandle = handle, .hDevice = device };
	uint32_t flags;

	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTOpenSyncObjectFromNtHandle(&open), STATUS_INVALID_HANDLE);
	open.hNtHandle = handle;
	EXPECT_STATUS(D3DKMTOpenSyncObjectFromNtHandle(&open), STATUS_SUCCESS);
	EXPECT(is_local_handle(open.hSyncObject));
	EXPECT_STATUS(kmt_open_sync_nt(device, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync_nt(0, handle, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync_nt(device, handle, 0, &opened), STATUS_SUCCESS);
	EXPECT_EQ(*opened.value, 4);
	EXPECT_STATUS(D3DKMTOpenSyncObjectFromNtHandle2(&second), STATUS_SUCCESS);
	memcpy(&flags, &second.Flags, sizeof(flags));
	EXPECT_EQ(flags, 0);
	EXPECT_STATUS(kmt_signal(device, open.hSyncObject, 5), STATUS_SUCCESS);
	EXPECT_EQ(*opened.value, 5);
	EXPECT_STATUS(kmt_share(opened.handle, &again), STATUS_SUCCESS);
	close(fd_of(handle));
	EXPECT_STATUS(kmt_open_sync_nt(device, handle, 0, NULL), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_open_sync_nt(device, again, 0, NULL), STATUS_SUCCESS);
}

static void S17_names(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	wchar_t text[] = L"\\Sessions\\Fence \x1f600 one";
	wchar_t upper[] = L"\\SESSIONS\\FENCE \x1f600 ONE";
	UNICODE_STRING name = { sizeof(text) - sizeof(*text), sizeof(text), text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_ALL };
	D3DKMT_OPENNTHANDLEFROMNAME other = { .dwDesiredAccess = ACCESS_ALL,
					      .pObjAttrib = &attributes };
	HANDLE handle, second;

	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_INVALID_PARAMETER);
	open.pObjAttrib = &attributes;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&other), STATUS_OBJECT_NAME_NOT_FOUND);
	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, text, ACCESS_ALL, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_share_as(&fence.handle, 1, upper, ACCESS_ALL, &second),
		      STATUS_OBJECT_NAME_COLLISION);
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_sync_nt(device, open.hNtHandle, 0, NULL), STATUS_SUCCESS);
	name.Buffer = upper;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_SUCCESS);
	close(fd_of(open.hNtHandle));
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&other), STATUS_OBJECT_TYPE_MISMATCH);
	open.dwDesiredAccess = 0;
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_ACCESS_DENIED);
	name.Length -= sizeof(*text);
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_OBJECT_NAME_NOT_FOUND);
}

static NTSTATUS open_name(const wchar_t *text, uint32_t access, HANDLE *handle)
{
	size_t bytes = wcslen(text) * sizeof(*text);
	UNICODE_STRING name = { bytes, bytes, (wchar_t *)text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .dwDesiredAccess = access, .pObjAttrib = &attributes };
	NTSTATUS status = D3DKMTOpenNtHandleFromName(&open);

	*handle = open.hNtHandle;
	return status;
}

static void S17_names_of_resources(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, 4096, 1, SHARED_NT).resource;
	OBJECT_ATTRIBUTES nameless = { .Length = sizeof(nameless) };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_ALL };
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME sync = { .dwDesiredAccess = ACCESS_ALL };
	struct shared opened;
	HANDLE handle, named;

	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&sync), STATUS_INVALID_PARAMETER);
	open.pObjAttrib = sync.pObjAttrib = &nameless;
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&sync), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(open_name(L"Surface", ACCESS_ALL, &named), STATUS_OBJECT_NAME_NOT_FOUND);
	REQUIRE_STATUS(kmt_share_as(&resource, 1, L"Surface", ACCESS_ALL, &handle),
		       STATUS_SUCCESS);
	EXPECT_STATUS(open_name(L"Surface", 0, &named), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(open_name(L"sURFACE", ACCESS_ALL, &named), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_nt(device, named, 1, &opened), STATUS_SUCCESS);
}

static void case_of_names(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, 4096, 1, SHARED_NT).resource;
	HANDLE handle, named;

	/* letters beyond ASCII are as they are */
	REQUIRE_STATUS(kmt_share_as(&resource, 1, L"\xe9t\xe9", ACCESS_ALL, &handle),
		       STATUS_SUCCESS);
	EXPECT_STATUS(open_name(L"\xe9T\xe9", ACCESS_ALL, &named), STATUS_SUCCESS);
	EXPECT_STATUS(open_name(L"\xc9t\xe9", ACCESS_ALL, &named), STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(kmt_share_as(&resource, 1, L"\xc9t\xe9", ACCESS_ALL, &handle),
		      STATUS_SUCCESS);
	/* neither the beginning of a name nor a longer one is the name */
	EXPECT_STATUS(open_name(L"\xe9t", ACCESS_ALL, &named), STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(open_name(L"\xe9t\xe9s", ACCESS_ALL, &named), STATUS_OBJECT_NAME_NOT_FOUND);
	EXPECT_STATUS(kmt_share_as(&resource, 1, L"\\a\\b", ACCESS_ALL, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(open_name(L"/a/b", ACCESS_ALL, &named), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* Others neither find a name nor are kept from using it. */
static void expect_own_names(const wchar_t *text)
{
	HANDLE handle;

	EXPECT_STATUS(open_name(text, ACCESS_ALL, &handle), STATUS_OBJECT_NAME_NOT_FOUND);
	REQUIRE_STATUS(kmt_share_as(&(D3DKMT_HANDLE) {
			       need_shared(need_device(), 4096, 1, SHARED_NT).resource },
		       1, text, ACCESS_ALL, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(open_name(text, ACCESS_ALL, &handle), STATUS_SUCCESS);
	test_exit();
}

static void names_of_others(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, 4096, 1, SHARED_NT).resource;
	HANDLE handle;
	pid_t pid;

	if (geteuid())
		test_skip("needs root to become another user, and for a PID namespace");
	REQUIRE_STATUS(kmt_share_as(&resource, 1, L"mine", ACCESS_ALL, &handle), STATUS_SUCCESS);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		test_drop_root();
		expect_own_names(L"mine");
	}
	EXPECT_EQ(test_wait(pid), 0);
	REQUIRE(!unshare(CLONE_NEWPID));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		expect_own_names(L"mine");
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_STATUS(open_name(L"mine", ACCESS_ALL, &handle), STATUS_SUCCESS);
}

static void S17_name_lifetime(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, 4096, 1, SHARED_NT).resource;
	wchar_t text[] = L"short lived";
	UNICODE_STRING name = { sizeof(text) - sizeof(*text), sizeof(text), text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	D3DKMT_OPENNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_ALL,
					     .pObjAttrib = &attributes };
	struct shared opened;
	HANDLE handle, second;

	REQUIRE_STATUS(kmt_share_as(&resource, 1, text, ACCESS_ALL, &handle), STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_SUCCESS);
	second = open.hNtHandle;
	REQUIRE_STATUS(kmt_open_nt(device, second, 1, &opened), STATUS_SUCCESS);
	close(fd_of(handle));
	REQUIRE_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_SUCCESS);
	close(fd_of(open.hNtHandle));
	close(fd_of(second));
	EXPECT_STATUS(D3DKMTOpenNtHandleFromName(&open), STATUS_OBJECT_NAME_NOT_FOUND);
	need_lock(device, opened.allocations[0]);
	REQUIRE_STATUS(kmt_share_as(&resource, 1, text, ACCESS_ALL, &handle), STATUS_SUCCESS);
}

static void attributes_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource = need_shared(device, 4096, 1, SHARED_NT).resource;
	wchar_t *longest = calloc(1100, sizeof(*longest));
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes) - 1 };
	HANDLE handle;

	EXPECT_STATUS(D3DKMTShareObjects(1, &resource, &attributes, ACCESS_ALL, &handle),
		      STATUS_INVALID_PARAMETER);
	attributes.Length++;
	attributes.RootDirectory = handle_of(1);
	EXPECT_STATUS(D3DKMTShareObjects(1, &resource, &attributes, ACCESS_ALL, &handle),
		      STATUS_INVALID_PARAMETER);
	attributes.RootDirectory = NULL;
	attributes.Attributes = OBJ_INHERIT;
	EXPECT_STATUS(D3DKMTShareObjects(1, &resource, &attributes, ACCESS_ALL, &handle),
		      STATUS_SUCCESS);
	EXPECT(!(fcntl(fd_of(handle), F_GETFD) & FD_CLOEXEC));
	wmemset(longest, L'x', 1024);
	EXPECT_STATUS(kmt_share_as(&resource, 1, longest, ACCESS_ALL, &handle), STATUS_SUCCESS);
	longest[1024] = L'x';
	EXPECT_STATUS(kmt_share_as(&resource, 1, longest, ACCESS_ALL, &handle),
		      STATUS_OBJECT_NAME_INVALID);
}

static void rights(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT), opened;
	HANDLE wait, signal, read, none;

	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, NULL, ACCESS_WAIT, &wait), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, NULL, ACCESS_SIGNAL, &signal),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, NULL, STANDARD_RIGHTS_READ, &read),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, NULL, 0, &none), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_sync_nt(device, none, 0, NULL), STATUS_ACCESS_DENIED);
	REQUIRE_STATUS(kmt_open_sync_nt(device, wait, 0, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, opened.handle, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share(opened.handle, &none), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_share_as(&opened.handle, 1, NULL, ACCESS_WAIT, &none), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync_nt(device, signal, 0, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, opened.handle, 0, 0), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 1);
	REQUIRE_STATUS(kmt_open_sync_nt(device, read, 0, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, opened.handle, 0, 0), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 2), STATUS_ACCESS_DENIED);
	EXPECT_EQ(*opened.value, 1);
}

static void flags_of_the_opener(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_SHARED | SYNC_NT | SYNC_NO_SIGNAL), opened;
	HANDLE handle = need_share(fence.handle);

	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_ACCESS_DENIED);
	REQUIRE_STATUS(kmt_open_sync_nt(device, handle, 0, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync_nt(device, handle, SYNC_NO_WAIT, &opened), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, opened.handle, 0, 0), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_open_sync_nt(device, handle, SYNC_NO_WAIT | SYNC_NO_SIGNAL, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync_nt(device, handle, 1U << 9, NULL), STATUS_INVALID_PARAMETER);
}

static void between_processes(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence ping = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	struct fence pong = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	HANDLE ping_handle = need_share(ping.handle), pong_handle = need_share(pong.handle);
	unsigned int i, rounds = test_rounds(300);
	int child = fork();

	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE mine = need_device();
		struct fence my_ping, my_pong;

		REQUIRE_STATUS(kmt_open_sync_nt(mine, ping_handle, 0, &my_ping), STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_open_sync_nt(mine, pong_handle, 0, &my_pong), STATUS_SUCCESS);
		for (i = 1; i <= rounds; i++) {
			EXPECT_STATUS(kmt_wait(mine, my_ping.handle, i, 0), STATUS_SUCCESS);
			EXPECT_EQ(*my_ping.value, i);
			EXPECT_STATUS(kmt_signal(mine, my_pong.handle, i), STATUS_SUCCESS);
		}
		test_exit();
	}
	for (i = 1; i <= rounds; i++) {
		EXPECT_STATUS(kmt_signal(device, ping.handle, i), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_wait(device, pong.handle, i, 0), STATUS_SUCCESS);
		EXPECT_EQ(*pong.value, i);
	}
	EXPECT_EQ(test_wait(child), 0);
}

static void creator_exits(void)
{
	D3DKMT_HANDLE device;
	struct fence fence;
	int fds[2], child, event = need_event();
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME open = { .dwDesiredAccess = ACCESS_ALL };
	wchar_t text[] = L"of a process that ends";
	UNICODE_STRING name = { sizeof(text) - sizeof(*text), sizeof(text), text };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &name };
	char byte = 0;

	REQUIRE(!pipe(fds));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE mine = need_device();
		HANDLE handle;

		fence = need_fence(mine, 7, SYNC_SHARED | SYNC_NT);
		REQUIRE_STATUS(kmt_share_as(&fence.handle, 1, text, ACCESS_ALL, &handle),
			       STATUS_SUCCESS);
		REQUIRE(write(fds[1], &byte, 1) == 1);
		/* until the parent, who has only this end then, has closed it */
		close(fds[1]);
		pause();
		test_exit();
	}
	close(fds[1]);
	REQUIRE(read(fds[0], &byte, 1) == 1);
	open.pObjAttrib = &attributes;
	REQUIRE_STATUS(D3DKMTOpenSyncObjectNtHandleFromName(&open), STATUS_SUCCESS);
	kill(child, 9);
	EXPECT_EQ(test_wait(child), 128 + 9);
	device = need_device();
	REQUIRE_STATUS(kmt_open_sync_nt(device, open.hNtHandle, 0, &fence), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 7);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 8, event), STATUS_SUCCESS);
	EXPECT(!fired(event));
	EXPECT_STATUS(kmt_signal(device, fence.handle, 8), STATUS_SUCCESS);
	EXPECT(fired(event));
}

static const struct test_case cases[] = {
	CASE(S17_share_sync, "only objects created for it can be shared"),
	CASE(S17_open_after_creator, "an NT handle opens after its creator is destroyed"),
	CASE(S17_names, "names, whatever their case"),
	CASE(S17_names_of_resources, "names of resources, too"),
	CASE(case_of_names, "case does not matter in ASCII, everything else does"),
	CASE(names_of_others, "another user and another PID namespace have names of their own"),
	CASE(S17_name_lifetime, "a name goes with the last NT handle"),
	CASE(attributes_bad, "bad attributes and names that are too long"),
	CASE(rights, "an NT handle allows what it was made for, also to those it is shared on to"),
	CASE(flags_of_the_opener, "NoSignal and NoWait are the opener's own"),
	CASE(between_processes, "two processes take turns"),
	CASE(creator_exits, "a fence outlives the process that made it"),
};

TEST_MAIN(cases)
