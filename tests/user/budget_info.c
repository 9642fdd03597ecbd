// SPDX-License-Identifier: MIT
/*
 * budget_info.c: QueryVideoMemoryInfo and ChangeVideoMemoryReservation
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "paging.h"

static void measured(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_QUERYVIDEOMEMORYINFO info;
	uint32_t group;

	for (group = LOCAL_GROUP; group <= NON_LOCAL_GROUP; group++) {
		EXPECT_STATUS(kmt_video_memory(adapter, 0, group, &info), STATUS_SUCCESS);
		EXPECT(info.Budget >= info.AvailableForReservation);
		EXPECT(info.CurrentUsage <= info.Budget);
		EXPECT_EQ(info.CurrentReservation, 0);
	}
	EXPECT_STATUS(kmt_video_memory(adapter, (uintptr_t)-1, LOCAL_GROUP, &info), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_video_memory(adapter, getpid(), LOCAL_GROUP, &info), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_video_memory(adapter, 0xdeadbeef, LOCAL_GROUP, &info),
		      STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_video_memory(0xdeadbeef, 0, LOCAL_GROUP, &info),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_video_memory(0, 0, LOCAL_GROUP, &info), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_video_memory(adapter, 0, 2, &info), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTQueryVideoMemoryInfo(NULL), STATUS_INVALID_PARAMETER);
	memset(&info, 0, sizeof(info));
	info.hAdapter = adapter;
	info.PhysicalAdapterIndex = 99;
	EXPECT_STATUS(D3DKMTQueryVideoMemoryInfo(&info), STATUS_INVALID_PARAMETER);
}

static void others(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_QUERYVIDEOMEMORYINFO info;
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	/* a process that never opened the device has used nothing */
	EXPECT_STATUS(kmt_video_memory(adapter, child, LOCAL_GROUP, &info), STATUS_SUCCESS);
	EXPECT_EQ(info.CurrentUsage, 0);
	EXPECT(info.Budget > 0);
	test_drop_root();
	EXPECT_STATUS(kmt_video_memory(adapter, 1, LOCAL_GROUP, &info), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_video_memory(adapter, child, LOCAL_GROUP, &info), STATUS_ACCESS_DENIED);
}

static void usage(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, MIB), b;
	struct queue queue = need_queue(device);

	need_allocations_in(device, 2 * MIB, VDXG_SEGMENT_SET_APERTURE, 1, &b);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, 0);
	need_resident(&queue, &a, 1);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, MIB);
	EXPECT_EQ(need_video_memory(adapter, NON_LOCAL_GROUP).CurrentUsage, 0);
	need_resident(&queue, &b, 1);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, MIB);
	EXPECT_EQ(need_video_memory(adapter, NON_LOCAL_GROUP).CurrentUsage, 2 * MIB);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, 0);
}

static void reservation(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_QUERYVIDEOMEMORYINFO info;
	uint64_t available;

	need_device_of(adapter);
	available = need_video_memory(adapter, LOCAL_GROUP).AvailableForReservation;
	EXPECT(available > 0);
	EXPECT_STATUS(kmt_reserve(adapter, LOCAL_GROUP, available + 4096),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve(adapter, LOCAL_GROUP, ~0ULL), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentReservation, 0);
	EXPECT_STATUS(kmt_reserve(adapter, LOCAL_GROUP, available), STATUS_SUCCESS);
	info = need_video_memory(adapter, LOCAL_GROUP);
	EXPECT_EQ(info.CurrentReservation, available);
	EXPECT(info.Budget >= info.AvailableForReservation);
	EXPECT_EQ(need_video_memory(adapter, NON_LOCAL_GROUP).CurrentReservation, 0);
	EXPECT_STATUS(kmt_reserve(adapter, LOCAL_GROUP, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentReservation, 0);
	EXPECT_STATUS(kmt_reserve(adapter, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve(0, LOCAL_GROUP, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTChangeVideoMemoryReservation(NULL), STATUS_INVALID_PARAMETER);
}

/* what the child says it sees, when it has done what it was told */
static uint64_t read_u64(int fd)
{
	uint64_t value = 0;

	REQUIRE(read(fd, &value, sizeof(value)) == sizeof(value));
	return value;
}

static void shrinks_for_others(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), a;
	uint64_t alone = need_video_memory(adapter, LOCAL_GROUP).Budget, theirs;
	int up[2], down[2];
	pid_t child;

	REQUIRE(!pipe(up) && !pipe(down));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE mine = need_adapter(), dev = need_device_of(mine), b = need_local(dev,
											 alone / 4);
		struct queue queue = need_queue(dev);
		uint64_t value;

		need_resident(&queue, &b, 1);
		value = need_video_memory(mine, LOCAL_GROUP).Budget;
		REQUIRE(write(up[1], &value, sizeof(value)) == sizeof(value));
		REQUIRE(read(down[0], &value, 1) == 1);
		value = need_residency(dev, b);
		REQUIRE(write(up[1], &value, sizeof(value)) == sizeof(value));
		REQUIRE(read(down[0], &value, 1) == 1);
		test_exit();
	}
	theirs = read_u64(up[0]);
	/* nobody else wants anything: it may have all but what it has itself is no longer mine */
	EXPECT_EQ(theirs, alone);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).Budget, alone - alone / 4);
	/* I take my budget, and it keeps what it has */
	a = need_local(device, alone - alone / 4);
	{
		struct queue queue = need_queue(device);

		need_resident(&queue, &a, 1);
	}
	REQUIRE(write(down[1], "", 1) == 1);
	EXPECT_EQ(read_u64(up[0]), RESIDENT_IN_GPU_MEMORY);
	REQUIRE(write(down[1], "", 1) == 1);
	EXPECT(!test_wait(child));
}

static void flush(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE a = need_local(device, MIB);
	D3DKMT_FLUSHHEAPTRANSITIONS args = { .hAdapter = adapter };
	struct queue queue = need_queue(device);

	write_pattern(device, a, MIB, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(D3DKMTFlushHeapTransitions(&args), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	expect_pattern(device, a, MIB, 1);
	args.hAdapter = device;
	EXPECT_STATUS(D3DKMTFlushHeapTransitions(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTFlushHeapTransitions(NULL), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(measured, "as measured: Budget, CurrentUsage, bad arguments"),
	CASE(others, "other processes: those of the same user, or for a privileged caller"),
	CASE(usage, "CurrentUsage is what is resident in the group"),
	CASE(reservation, "a reservation within what is available is granted"),
	CASE(flush, "FlushHeapTransitions changes nothing that is in use"),
	CASE(shrinks_for_others,
	     "what others require is missing in the budget, and stays with them"),
};

TEST_MAIN(cases)
