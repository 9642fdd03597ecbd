// SPDX-License-Identifier: MIT
/*
 * fence_create.c: creating, opening and destroying synchronization objects
 *
 * What begins with S18 is a row of section 1.8 of the measured Windows behaviour.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "share.h"

static NTSTATUS create(D3DKMT_HANDLE device, int type, uint32_t flags, D3DKMT_HANDLE *global)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args = { 0 };
	NTSTATUS status = kmt_create_sync(device, type, flags, &args);

	if (status == STATUS_SUCCESS)
		EXPECT(is_local_handle(args.hSyncObject));
	if (global)
		*global = args.Info.SharedHandle;
	return status;
}

static void S18_create_first_version(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATESYNCHRONIZATIONOBJECT args = { 0 };

	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_INVALID_PARAMETER);
	args.hDevice = device;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_INVALID_PARAMETER);
	args.Info.Type = D3DDDI_FENCE;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_INVALID_PARAMETER);
	args.Info.Type = D3DDDI_SYNCHRONIZATION_MUTEX;
	args.hDevice = 0;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_INVALID_PARAMETER);
	args.hDevice = device;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_SUCCESS);
	EXPECT(is_local_handle(args.hSyncObject));
	memset(&args.Info, 0, sizeof(args.Info));
	args.Info.Type = D3DDDI_SEMAPHORE;
	args.Info.Semaphore.MaxCount = 3;
	args.Info.Semaphore.InitialCount = 2;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_SUCCESS);
	args.Info.Semaphore.InitialCount = 4;
	EXPECT_STATUS(D3DKMTCreateSynchronizationObject(&args), STATUS_INVALID_PARAMETER);
}

static void S18_create_types(void)
{
	D3DKMT_HANDLE device = need_device();
	int type;

	EXPECT_STATUS(D3DKMTCreateSynchronizationObject2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(0, D3DDDI_MONITORED_FENCE, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, 0, 0, NULL), STATUS_INVALID_PARAMETER);
	for (type = D3DDDI_SYNCHRONIZATION_MUTEX; type <= D3DDDI_FENCE; type++)
		EXPECT_STATUS(create(device, type, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(create(device, D3DDDI_PERIODIC_MONITORED_FENCE, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, 7, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, 0x7fffffff, 0, NULL), STATUS_INVALID_PARAMETER);
}

static void S18_cpu_notification(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args = { 0 };
	int event = need_event();

	EXPECT_STATUS(kmt_create_sync(device, D3DDDI_CPU_NOTIFICATION, 0, &args),
		      STATUS_INVALID_HANDLE);
	args.Info.CPUNotification.Event = handle_of(event);
	EXPECT_STATUS(kmt_create_sync(device, D3DDDI_CPU_NOTIFICATION, 0, &args), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(args.hSyncObject), STATUS_SUCCESS);
	args.Info.CPUNotification.Event = handle_of(test_open());
	EXPECT_STATUS(kmt_create_sync(device, D3DDDI_CPU_NOTIFICATION, 0, &args),
		      STATUS_OBJECT_TYPE_MISMATCH);
	args.Info.CPUNotification.Event = handle_of(9999);
	EXPECT_STATUS(kmt_create_sync(device, D3DDDI_CPU_NOTIFICATION, 0, &args),
		      STATUS_INVALID_HANDLE);
}

static void S18_create_flags(void)
{
	static const uint32_t monitored[] = {
		SYNC_TOP_OF_PIPELINE, SYNC_NO_SIGNAL, SYNC_NO_WAIT, SYNC_KEEP_VALUE,
		SYNC_NO_GPU_ACCESS,
	};
	D3DKMT_HANDLE device = need_device(), global;
	int bit, type;
	size_t i;

	for (type = D3DDDI_SYNCHRONIZATION_MUTEX; type <= D3DDDI_FENCE; type++) {
		EXPECT_STATUS(create(device, type, SYNC_NT, NULL), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(create(device, type, SYNC_SHARED, &global), STATUS_SUCCESS);
		EXPECT(is_global_handle(global));
		EXPECT_STATUS(create(device, type, SYNC_SHARED | SYNC_NT, &global),
			      STATUS_SUCCESS);
		EXPECT_EQ(global, 0);
	}
	EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, SYNC_NT, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, SYNC_SHARED | SYNC_NT, &global),
		      STATUS_SUCCESS);
	EXPECT_EQ(global, 0);
	EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, SYNC_SHARED, NULL),
		      STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(monitored); i++) {
		EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, monitored[i], NULL),
			      STATUS_SUCCESS);
		EXPECT_STATUS(create(device, D3DDDI_FENCE, monitored[i], NULL),
			      STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, SYNC_NO_SIGNAL | SYNC_NO_WAIT, NULL),
		      STATUS_INVALID_PARAMETER);
	for (bit = 8; bit < 32; bit++)
		EXPECT_STATUS(create(device, D3DDDI_MONITORED_FENCE, 1U << bit, NULL),
			      STATUS_INVALID_PARAMETER);
}

static void S18_destroy(void)
{
	D3DKMT_HANDLE device = need_device(), global, opened;
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args = { 0 };

	EXPECT_STATUS(D3DKMTDestroySynchronizationObject(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_sync(0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_sync(device), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SEMAPHORE, SYNC_SHARED, &args),
		       STATUS_SUCCESS);
	global = args.Info.SharedHandle;
	EXPECT_STATUS(kmt_destroy_sync(global), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync(global, &opened), STATUS_SUCCESS);
	EXPECT(is_local_handle(opened));
	EXPECT_STATUS(kmt_destroy_sync(args.hSyncObject), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(args.hSyncObject), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_sync(opened), STATUS_SUCCESS);
}

static void S18_open_global(void)
{
	D3DKMT_HANDLE device = need_device(), first, second, other;
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args = { 0 };

	EXPECT_STATUS(kmt_open_sync(0, &first), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync(0x1eadbee2, &first), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX, SYNC_SHARED, &args),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_sync(args.hSyncObject, &first), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_open_sync(args.Info.SharedHandle, &first), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync(args.Info.SharedHandle, &second), STATUS_SUCCESS);
	EXPECT_NE(first, second);
	EXPECT_STATUS(kmt_destroy_sync(args.hSyncObject), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_sync(args.Info.SharedHandle, &first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(second), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_open_sync(args.Info.SharedHandle, &other), STATUS_INVALID_PARAMETER);
}

static void of_the_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	struct fence fence = need_fence(device, 5, 0);

	EXPECT_EQ(*fence.value, 5);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_INVALID_PARAMETER);
	EXPECT(test_gone((void *)fence.value));
}

static void value_read_only(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 7, 0);
	void *page = (void *)((uintptr_t)fence.value & ~(test_page_size() - 1));

	EXPECT_EQ(*fence.value, 7);
	EXPECT_EQ(test_touch((void *)fence.value, true), 11);
	EXPECT(mprotect(page, test_page_size(), PROT_READ | PROT_WRITE) == -1);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 8), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 8);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	EXPECT(test_gone((void *)fence.value));
}

static void many(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fences[200];
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(fences); i++)
		fences[i] = need_fence(device, i, 0);
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		EXPECT_EQ(*fences[i].value, i);
	for (i = 0; i < ARRAY_SIZE(fences); i += 2)
		EXPECT_STATUS(kmt_destroy_sync(fences[i].handle), STATUS_SUCCESS);
	for (i = 1; i < ARRAY_SIZE(fences); i += 2)
		EXPECT_STATUS(kmt_signal(device, fences[i].handle, 1000 + i), STATUS_SUCCESS);
	for (i = 1; i < ARRAY_SIZE(fences); i += 2)
		EXPECT_EQ(*fences[i].value, 1000 + i);
}

static const struct test_case cases[] = {
	CASE(S18_create_first_version, "the first version makes mutexes and semaphores only"),
	CASE(S18_create_types, "every type there is, and no other"),
	CASE(S18_cpu_notification, "a CPU notification wants an event"),
	CASE(S18_create_flags, "flags, and which handles they give"),
	CASE(S18_destroy, "destroying twice, or by the global handle, is refused"),
	CASE(S18_open_global, "a global handle opens until the last local one is gone"),
	CASE(of_the_device, "an object goes with its device, and so does its value's address"),
	CASE(value_read_only, "the value of a fence can be read, not written"),
	CASE(many, "200 fences have 200 values"),
};

TEST_MAIN(cases)
