// SPDX-License-Identifier: MIT
/*
 * sync_file.c: sync_files made from monitored fences, and fences opened from sync_files
 *
 * A sync_file is watched with poll(), which is what other drivers' users do, and asked for its
 * status with the ioctl of linux/sync_file.h.
 */
#include <errno.h>

#include "share.h"

static void reached(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 5, 0);
	int past, next, other;

	past = need_sync_file(device, fence.handle, 5, PATIENT);
	next = need_sync_file(device, fence.handle, 6, PATIENT);
	other = need_sync_file(device, fence.handle, 7, PATIENT);
	EXPECT(sync_file_ended(past, 0));
	EXPECT_EQ(sync_file_status(past), 1);
	EXPECT(!sync_file_ended(next, 0));
	EXPECT_EQ(sync_file_status(next), 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 6), STATUS_SUCCESS);
	EXPECT(sync_file_ended(next, LONG_MS));
	EXPECT_EQ(sync_file_status(next), 1);
	EXPECT_EQ(sync_file_status(other), 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 8), STATUS_SUCCESS);
	EXPECT(sync_file_ended(other, LONG_MS));
	EXPECT_EQ(sync_file_status(other), 1);
}

static void expires(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int fd;

	fd = need_sync_file(device, fence.handle, 1, IMPATIENT);
	EXPECT(sync_file_ended(fd, LONG_MS));
	EXPECT_EQ(sync_file_status(fd), -ETIMEDOUT);
	/* the fence does not mind, and what has ended does not end again */
	EXPECT_EQ(*fence.value, 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_EQ(sync_file_status(fd), -ETIMEDOUT);
}

static void merged(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);
	struct sync_merge_data merge = { .name = "both" };
	int fd;

	fd = need_sync_file(device, a.handle, 1, PATIENT);
	merge.fd2 = need_sync_file(device, b.handle, 1, PATIENT);
	REQUIRE(!ioctl(fd, SYNC_IOC_MERGE, &merge));
	EXPECT_STATUS(kmt_signal(device, a.handle, 1), STATUS_SUCCESS);
	EXPECT(sync_file_ended(fd, LONG_MS));
	EXPECT(!sync_file_ended(merge.fence, 0));
	EXPECT_STATUS(kmt_signal(device, b.handle, 1), STATUS_SUCCESS);
	EXPECT(sync_file_ended(merge.fence, LONG_MS));
}

static void opened_elsewhere(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 3, 0);
	pid_t pid;
	int fd;

	fd = need_sync_file(device, fence.handle, 4, PATIENT);
	/* the fence lives on in the descriptor */
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE mine = need_device();
		struct fence opened;
		uint64_t value;

		REQUIRE_STATUS(kmt_open_sync_file(mine, fd, &opened, &value), STATUS_SUCCESS);
		EXPECT_EQ(value, 4);
		EXPECT_EQ(*opened.value, 3);
		EXPECT_STATUS(kmt_signal(mine, opened.handle, 4), STATUS_SUCCESS);
		EXPECT_EQ(*opened.value, 4);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT(sync_file_ended(fd, LONG_MS));
	EXPECT_EQ(sync_file_status(fd), 1);
}

static void rights_go_with_it(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_NO_SIGNAL), opened;
	struct fence deaf = need_fence(device, 0, SYNC_NO_WAIT);
	uint64_t value;
	int fd, none;

	fd = need_sync_file(device, fence.handle, 1, IMPATIENT);
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &opened, &value), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_create_sync_file(device, deaf.handle, 1, &none), STATUS_ACCESS_DENIED);
}

static void refused(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device();
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	struct fence fence = need_fence(device, 0, 0), opened;
	int fd = need_sync_file(device, fence.handle, 0, IMPATIENT), event = need_event();
	uint64_t value;

	EXPECT_STATUS(kmt_create_sync_file(0, fence.handle, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(device, 0, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(device, device, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(other, fence.handle, 1, &fd),
		      STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_FENCE, 0, &create), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_sync_file(device, create.hSyncObject, 0, &fd),
		      STATUS_INVALID_PARAMETER);

	fd = need_sync_file(device, fence.handle, 0, IMPATIENT);
	EXPECT_STATUS(kmt_open_sync_file(0, fd, &opened, &value), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_open_sync_file(device, -1, &opened, &value), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_open_sync_file(device, event, &opened, &value), STATUS_INVALID_HANDLE);
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &opened, &value), STATUS_SUCCESS);
}

static void lifetimes(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int first, second;

	first = need_sync_file(device, fence.handle, 1, IMPATIENT);
	second = need_sync_file(device, fence.handle, 2, IMPATIENT);
	/* a descriptor that goes first, and a device that goes first */
	close(first);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(sync_file_ended(second, LONG_MS));
	EXPECT_EQ(sync_file_status(second), -ETIMEDOUT);
	close(second);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(reached, "a sync_file ends when the fence has reached the value, and not before"),
	CASE(expires, "one whose value nobody signals ends with ETIMEDOUT"),
	CASE(merged, "two merged by the kernel end when both have"),
	CASE(opened_elsewhere, "the fence is opened from it in another process, after its handle went"),
	CASE(rights_go_with_it, "who opens it can do no more than the handle it was made with"),
	CASE(refused, "bad devices, fences and descriptors are refused"),
	CASE(lifetimes, "descriptor first, device first: nothing is left"),
};

TEST_MAIN(cases)
