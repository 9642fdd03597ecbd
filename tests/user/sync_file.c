// SPDX-License-Identifier: MIT
/*
 * sync_file.c: sync_files made from monitored fences, and fences opened from sync_files
 *
 * A sync_file is watched with poll(), which is what other drivers' users do, and asked for its
 * status with the ioctl of linux/sync_file.h.
 */
#include <errno.h>
#include <linux/sync_file.h>
#include <sys/ioctl.h>

#include "share.h"

#define LONG_MS	60000

/*
 * How long a sync_file may take: longer than any test where it is to end otherwise, so that time decides nothing;
 * short where nobody signals it, for the module stays until it has ended.
 */
#define PATIENT		"600000"
#define IMPATIENT	"100"

static void need_patience(const char *ms)
{
	if (!test_write_file("/sys/module/vdxg/parameters/sync_file_ms", ms))
		test_skip("needs root, to set the module's sync_file_ms");
}

static NTSTATUS kmt_create_sync_file(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value,
				     int *fd)
{
	D3DKMT_CREATESYNCFILE create = {
		.hDevice = device,
		.hMonitoredFence = fence,
		.FenceValue = value,
	};
	NTSTATUS status = D3DKMTCreateSyncFile(&create);

	*fd = create.hSyncFile;
	return status;
}

static NTSTATUS kmt_open_sync_file(D3DKMT_HANDLE device, int fd, struct fence *fence,
				   uint64_t *value)
{
	D3DKMT_OPENSYNCOBJECTFROMSYNCFILE open = { .hSyncFile = (UINT64)fd, .hDevice = device };
	NTSTATUS status = D3DKMTOpenSyncObjectFromSyncFile(&open);

	fence->handle = open.hSyncObject;
	fence->value = open.FenceValueCPUVirtualAddress;
	*value = open.FenceValue;
	return status;
}

static int need_sync_file(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value)
{
	int fd;

	REQUIRE_STATUS(kmt_create_sync_file(device, fence, value, &fd), STATUS_SUCCESS);
	return fd;
}

/* Whether it has ended, waiting for that up to @ms. */
static bool ended(int fd, int ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, ms) == 1;
}

/* 1: reached; 0: not yet; else a negative errno. */
static int status_of(int fd)
{
	struct sync_file_info info = { 0 };

	REQUIRE(!ioctl(fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(info.num_fences, 1);
	return info.status;
}

static void reached(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 5, 0);
	int past, next, other;

	need_patience(PATIENT);
	past = need_sync_file(device, fence.handle, 5);
	next = need_sync_file(device, fence.handle, 6);
	other = need_sync_file(device, fence.handle, 7);
	EXPECT(ended(past, 0));
	EXPECT_EQ(status_of(past), 1);
	EXPECT(!ended(next, 0));
	EXPECT_EQ(status_of(next), 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 6), STATUS_SUCCESS);
	EXPECT(ended(next, LONG_MS));
	EXPECT_EQ(status_of(next), 1);
	EXPECT_EQ(status_of(other), 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 8), STATUS_SUCCESS);
	EXPECT(ended(other, LONG_MS));
	EXPECT_EQ(status_of(other), 1);
}

static void expires(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int fd;

	need_patience(IMPATIENT);
	fd = need_sync_file(device, fence.handle, 1);
	EXPECT(ended(fd, LONG_MS));
	EXPECT_EQ(status_of(fd), -ETIMEDOUT);
	/* the fence does not mind, and what has ended does not end again */
	EXPECT_EQ(*fence.value, 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_EQ(status_of(fd), -ETIMEDOUT);
}

static void merged(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);
	struct sync_merge_data merge = { .name = "both" };
	int fd;

	need_patience(PATIENT);
	fd = need_sync_file(device, a.handle, 1);
	merge.fd2 = need_sync_file(device, b.handle, 1);
	REQUIRE(!ioctl(fd, SYNC_IOC_MERGE, &merge));
	EXPECT_STATUS(kmt_signal(device, a.handle, 1), STATUS_SUCCESS);
	EXPECT(ended(fd, LONG_MS));
	EXPECT(!ended(merge.fence, 0));
	EXPECT_STATUS(kmt_signal(device, b.handle, 1), STATUS_SUCCESS);
	EXPECT(ended(merge.fence, LONG_MS));
}

static void opened_elsewhere(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 3, 0);
	pid_t pid;
	int fd;

	need_patience(PATIENT);
	fd = need_sync_file(device, fence.handle, 4);
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
	EXPECT(ended(fd, LONG_MS));
	EXPECT_EQ(status_of(fd), 1);
}

static void rights_go_with_it(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, SYNC_NO_SIGNAL), opened;
	struct fence deaf = need_fence(device, 0, SYNC_NO_WAIT);
	uint64_t value;
	int fd, none;

	need_patience(IMPATIENT);
	fd = need_sync_file(device, fence.handle, 1);
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &opened, &value), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, opened.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_create_sync_file(device, deaf.handle, 1, &none), STATUS_ACCESS_DENIED);
}

static void refused(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device();
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	struct fence fence = need_fence(device, 0, 0), opened;
	int fd = need_sync_file(device, fence.handle, 0), event = need_event();
	uint64_t value;

	EXPECT_STATUS(kmt_create_sync_file(0, fence.handle, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(device, 0, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(device, device, 1, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_sync_file(other, fence.handle, 1, &fd),
		      STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_FENCE, 0, &create), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_sync_file(device, create.hSyncObject, 0, &fd),
		      STATUS_INVALID_PARAMETER);

	fd = need_sync_file(device, fence.handle, 0);
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

	need_patience(IMPATIENT);
	first = need_sync_file(device, fence.handle, 1);
	second = need_sync_file(device, fence.handle, 2);
	/* a descriptor that goes first, and a device that goes first */
	close(first);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(ended(second, LONG_MS));
	EXPECT_EQ(status_of(second), -ETIMEDOUT);
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
