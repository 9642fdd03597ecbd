// SPDX-License-Identifier: MIT
/*
 * wait_sync_file.c: contexts that wait for sync_files, and fences opened from other drivers'
 *
 * What the kernel makes of two sync_files is another driver's to us.
 */
#include <errno.h>

#include "gpusync.h"

static NTSTATUS wait_file(D3DKMT_HANDLE context, int fd)
{
	D3DKMT_WAITSYNCFILE wait = { .hSyncFile = (UINT64)fd, .hContext = context };

	return D3DKMTWaitSyncFile(&wait);
}

/* a sync_file of the kernel's that ends when both fences have got to 1 */
static int need_merged(D3DKMT_HANDLE device, const struct fence *a, const struct fence *b,
		       const char *ms)
{
	struct sync_merge_data merge = { .name = "both" };
	int fd = need_sync_file(device, a->handle, 1, ms);

	merge.fd2 = need_sync_file(device, b->handle, 1, ms);
	REQUIRE(!ioctl(fd, SYNC_IOC_MERGE, &merge));
	close(fd);
	close(merge.fd2);
	return merge.fence;
}

static void our_own(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence fence = need_fence(device, 0, 0), done = need_fence(device, 0, 0);
	int fd = need_sync_file(device, fence.handle, 2, PATIENT);

	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
	/* and one that has ended */
	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 2, 0), STATUS_SUCCESS);
}

/* That the descriptor has ended in an error does not mean that the work is done. */
static void our_own_expired(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence fence = need_fence(device, 0, 0), done = need_fence(device, 0, 0);
	int fd = need_sync_file(device, fence.handle, 1, IMPATIENT);

	EXPECT(sync_file_ended(fd, LONG_MS));
	EXPECT_EQ(sync_file_status(fd), -ETIMEDOUT);
	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
}

static void another_drivers(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);
	struct fence done = need_fence(device, 0, 0);
	int fd = need_merged(device, &a, &b, PATIENT);

	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	/* the descriptor is not needed any more */
	close(fd);
	EXPECT_STATUS(kmt_signal(device, a.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	EXPECT_STATUS(kmt_signal(device, b.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
}

static void another_drivers_fails(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);
	struct fence done = need_fence(device, 0, 0);
	int fd = need_merged(device, &a, &b, IMPATIENT);

	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*a.value, 0);
}

static void opened(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0), fence;
	struct fence done = need_fence(device, 0, 0);
	int fd = need_merged(device, &a, &b, PATIENT);
	uint64_t value = 0;

	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &fence, &value), STATUS_SUCCESS);
	close(fd);
	EXPECT_EQ(value, 1);
	EXPECT_EQ(*fence.value, 0);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(gpu_signal(context, fence.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(gpu_wait(context, fence.handle, value), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, a.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	EXPECT_EQ(*fence.value, 0);
	EXPECT_STATUS(kmt_signal(device, b.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 1);
}

static void opened_when_it_has_ended(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence a = need_fence(device, 1, 0), b = need_fence(device, 0, 0), fence;
	int fd = need_merged(device, &a, &b, PATIENT);
	uint64_t value;

	EXPECT_STATUS(kmt_signal(device, b.handle, 1), STATUS_SUCCESS);
	EXPECT(sync_file_ended(fd, LONG_MS));
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &fence, &value), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 0), STATUS_SUCCESS);
}

/* The GPU's work ends a sync_file, for which anybody can wait. */
static void work_for_others(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	struct fence fence = need_fence(device, 0, 0);
	int fd = need_sync_file(device, fence.handle, 1, PATIENT);

	EXPECT_STATUS(gpu_signal(gate.context, fence.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT(!sync_file_ended(fd, 0));
	open_gate(&gate);
	EXPECT(sync_file_ended(fd, LONG_MS));
	EXPECT_EQ(sync_file_status(fd), 1);
}

/* A device that goes while its context and its fence wait for another driver. */
static void given_up(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0), fence;
	int fd = need_merged(device, &a, &b, IMPATIENT);
	uint64_t value;

	EXPECT_STATUS(wait_file(context, fd), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_sync_file(device, fd, &fence, &value), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	close(fd);
	expect_usage_back(before);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence fence = need_fence(device, 0, 0);
	int fd = need_sync_file(device, fence.handle, 0, IMPATIENT);
	D3DKMT_WAITSYNCFILE wait = { .hSyncFile = (UINT64)fd, .hContext = context, .Reserved = 1 };

	EXPECT_STATUS(wait_file(context, -1), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(wait_file(context, 12345), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(wait_file(context, need_event()), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(wait_file(0, fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(wait_file(device, fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTWaitSyncFile(&wait), STATUS_INVALID_PARAMETER);
	wait.Reserved = 0;
	wait.hSyncFile |= 1ULL << 32;
	EXPECT_STATUS(D3DKMTWaitSyncFile(&wait), STATUS_INVALID_HANDLE);
}

static const struct test_case cases[] = {
	CASE(our_own, "a context waits for a sync_file of a monitored fence"),
	CASE(our_own_expired, "and for the fence itself where the descriptor has expired"),
	CASE(another_drivers, "a context waits for another driver's"),
	CASE(another_drivers_fails, "which has ended when it has failed"),
	CASE(opened, "a fence opened from another driver's reaches 1 when that has ended"),
	CASE(opened_when_it_has_ended, "or has ended already"),
	CASE(work_for_others, "what the GPU signals ends a sync_file"),
	CASE(given_up, "a device that goes meanwhile"),
	CASE(arguments_bad, "bad descriptors and contexts are refused"),
};

TEST_MAIN(cases)
