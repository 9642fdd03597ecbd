// SPDX-License-Identifier: MIT
/*
 * update_property.c: UpdateAllocationProperty, and allocations that are accessed physically
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "paging.h"

#define SET_PHYSICAL	(1U << 0)
#define SET_SUPPORTED	(1U << 1)
#define SET_PREFERRED	(1U << 2)
#define SET_UNMOVEABLE	(1U << 3)

#define PHYSICAL	(1U << 0)
#define UNMOVEABLE	(1U << 1)

#define LOCAL		VDXG_SEGMENT_LOCAL
#define APERTURE	VDXG_SEGMENT_APERTURE

struct change {
	uint32_t mask;
	uint32_t supported;
	uint32_t preferred;
	uint32_t flags;
};

static NTSTATUS update_args(D3DDDI_UPDATEALLOCPROPERTY *args, D3DKMT_HANDLE queue,
			    D3DKMT_HANDLE allocation, const struct change *change)
{
	memset(args, 0, sizeof(*args));
	args->hPagingQueue = queue;
	args->hAllocation = allocation;
	args->PropertyMaskValue = change->mask;
	args->SupportedSegmentSet = change->supported;
	args->PreferredSegment.Value = change->preferred;
	args->Flags.Value = change->flags;
	args->PagingFenceValue = ~0ULL;
	return D3DKMTUpdateAllocationProperty(args);
}

/* PENDING is waited for, and SUCCESS */
static NTSTATUS update(const struct queue *queue, D3DKMT_HANDLE allocation, struct change change)
{
	D3DDDI_UPDATEALLOCPROPERTY args;
	NTSTATUS status = update_args(&args, queue->handle, allocation, &change);

	if (status == STATUS_SUCCESS)
		EXPECT_EQ(args.PagingFenceValue, 0);
	if (status != STATUS_PENDING)
		return status;
	wait_value(queue, args.PagingFenceValue);
	return STATUS_SUCCESS;
}

static struct change to_set(uint32_t set)
{
	return (struct change) { .mask = SET_SUPPORTED, .supported = set };
}

static struct change to_flags(uint32_t mask, uint32_t flags)
{
	return (struct change) { .mask = mask, .flags = flags };
}

static void nothing_changes(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);

	EXPECT_STATUS(update(&queue, a, (struct change) { 0 }), STATUS_SUCCESS);
	/* what the mask does not name is not looked at, but for unknown bits */
	EXPECT_STATUS(update(&queue, a, (struct change) { 0, 0xff, 0xff, PHYSICAL }),
		      STATUS_SUCCESS);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(update(&queue, a, to_set(VDXG_SEGMENT_SET_LOCAL)), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
}

static void follows_at_once(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE a = need_local(device, 3 * MIB);
	struct queue queue = need_queue(device);

	write_pattern(device, a, 3 * MIB, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(update(&queue, a, to_set(VDXG_SEGMENT_SET_APERTURE)), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_SHARED_MEMORY);
	expect_pattern(device, a, 3 * MIB, 1);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentUsage, 0);
	EXPECT_EQ(need_video_memory(adapter, NON_LOCAL_GROUP).CurrentUsage, 3 * MIB);
	/* the preference brings it back, if it may */
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_PREFERRED, 0, LOCAL, 0 }),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_SUPPORTED | SET_PREFERRED,
							  VDXG_SEGMENT_SET_ALL, APERTURE, 0 }),
		      STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_SHARED_MEMORY);
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_PREFERRED, 0, LOCAL, 0 }),
		      STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	expect_pattern(device, a, 3 * MIB, 1);
	/* the count is what it was */
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_INVALID_PARAMETER);
	expect_pattern(device, a, 3 * MIB, 1);
}

static void what_nobody_requires(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, MIB);
	struct queue queue = need_queue(device);

	write_pattern(device, a, MIB, 2);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_evict(device, &a, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(update(&queue, a, to_set(VDXG_SEGMENT_SET_APERTURE)), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
	need_resident(&queue, &a, 1);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_SHARED_MEMORY);
	expect_pattern(device, a, MIB, 2);
}

static void arguments(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device(), a = need_local(device, MIB),
		theirs = need_local(other, MIB), large;
	struct queue queue = need_queue(device);
	D3DDDI_UPDATEALLOCPROPERTY args;
	struct change change = to_set(0);

	EXPECT_STATUS(D3DKMTUpdateAllocationProperty(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, change), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, to_set(1U << 2)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, to_flags(SET_PHYSICAL, 1U << 2)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, to_flags(1U << 4, 0)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_PREFERRED, 0, APERTURE, 0 }),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_PREFERRED, 0, 3, 0 }),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, (struct change) { SET_PREFERRED, 0, 1U << 30, 0 }),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, theirs, to_flags(0, 0)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, device, to_flags(0, 0)), STATUS_INVALID_PARAMETER);
	change = to_flags(0, 0);
	EXPECT_STATUS(update_args(&args, 0, a, &change), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update_args(&args, queue.fence, a, &change), STATUS_INVALID_PARAMETER);
	/* nothing was changed by all of this */
	need_resident(&queue, &a, 1);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	need_allocations_in(device, 16 * MIB, VDXG_SEGMENT_SET_ALL, 1, &large);
	EXPECT_STATUS(update(&queue, large, to_set(VDXG_SEGMENT_SET_LOCAL)), STATUS_SUCCESS);
}

static void existing_memory(void)
{
	D3DKMT_HANDLE device = need_device(), a;
	struct queue queue = need_queue(device);

	REQUIRE_STATUS(kmt_create_over(device, test_pages(65536), 65536, 0, &a), STATUS_SUCCESS);
	EXPECT_STATUS(update(&queue, a, to_set(VDXG_SEGMENT_SET_APERTURE)), STATUS_SUCCESS);
	EXPECT_STATUS(update(&queue, a, to_set(VDXG_SEGMENT_SET_ALL)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(update(&queue, a, to_flags(SET_PHYSICAL, PHYSICAL)),
		      STATUS_INVALID_PARAMETER);
}

static void no_room(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), a, b;
	uint64_t budget = need_video_memory(adapter, LOCAL_GROUP).Budget;
	struct queue queue = need_queue(device);

	a = need_local(device, budget);
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_APERTURE, 1, &b);
	write_pattern(device, b, MIB, 3);
	need_resident(&queue, &b, 1);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(update(&queue, b, to_set(VDXG_SEGMENT_SET_LOCAL)), STATUS_NO_MEMORY);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, b), RESIDENT_IN_SHARED_MEMORY);
	expect_pattern(device, b, MIB, 3);
	/* with room it goes */
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(update(&queue, b, to_set(VDXG_SEGMENT_SET_LOCAL)), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, b), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_make_resident(&queue, &a, 1, 0), STATUS_NO_MEMORY);
	expect_pattern(device, b, MIB, 3);
}

/* ---- accessed physically ---- */

static D3DKMT_HANDLE need_physical(D3DKMT_HANDLE device, uint64_t bytes, uint32_t alignment,
				   uint32_t set)
{
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE handle;

	vdxg_allocation_data_init(&data, bytes);
	vdxg_allocation_data_flags(&data, VDXG_ALLOC_CPU_VISIBLE | VDXG_ALLOC_CACHED |
				   VDXG_ALLOC_ACCESSED_PHYSICALLY);
	vdxg_allocation_data_segments(&data, set);
	vdxg_allocation_data_align(&data, alignment);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
	return handle;
}

#define MAX_RUNS	16

struct run {
	uint64_t first, size;
};

/* the runs in this process's adapter's local segment, in KiB, from debugfs */
static unsigned int read_runs(struct run *runs)
{
	char path[128], line[512];
	unsigned long long size, first;
	unsigned int n = 0;
	int pid;
	FILE *f;

	if (access("/sys/kernel/debug/vdxg", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	snprintf(path, sizeof(path), "/sys/kernel/debug/vdxg/%08x-%08x/allocations",
		 test_adapter.luid_high, test_adapter.luid_low);
	f = fopen(path, "r");
	REQUIRE(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "local %*s %*x %*u %d %llu %*u %*d %llu", &pid, &size, &first) != 3)
			continue;
		REQUIRE(n < MAX_RUNS);
		if (pid == getpid())
			runs[n++] = (struct run) { first, size };
	}
	fclose(f);
	return n;
}

static unsigned int expect_runs_apart(uint64_t alignment)
{
	struct run runs[MAX_RUNS];
	unsigned int n = read_runs(runs), i, j;

	for (i = 0; i < n; i++) {
		EXPECT_EQ(runs[i].first % (alignment / 1024), 0);
		EXPECT(runs[i].first + runs[i].size <= 16 * 1024);
		for (j = 0; j < i; j++)
			EXPECT(runs[i].first + runs[i].size <= runs[j].first ||
			       runs[j].first + runs[j].size <= runs[i].first);
	}
	return n;
}

static void runs_are_apart(void)
{
	D3DKMT_HANDLE device = need_device(), list[5], plain = need_local(device, MIB);
	struct queue queue = need_queue(device);
	unsigned int i;

	need_resident(&queue, &plain, 1);
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		list[i] = need_physical(device, MIB + i * test_page_size(), 64 << 10,
					VDXG_SEGMENT_SET_LOCAL);
		write_pattern(device, list[i], MIB, i);
	}
	need_resident(&queue, list, ARRAY_SIZE(list));
	EXPECT_EQ(expect_runs_apart(64 << 10), ARRAY_SIZE(list));
	EXPECT_STATUS(kmt_evict(device, &list[1], 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(expect_runs_apart(64 << 10), ARRAY_SIZE(list) - 1);
	/* an ordinary one gets a run, and loses it again */
	EXPECT_STATUS(update(&queue, plain, to_flags(SET_PHYSICAL, PHYSICAL)), STATUS_SUCCESS);
	EXPECT_EQ(expect_runs_apart(test_page_size()), ARRAY_SIZE(list));
	EXPECT_STATUS(update(&queue, plain, to_flags(SET_PHYSICAL, 0)), STATUS_SUCCESS);
	EXPECT_EQ(expect_runs_apart(test_page_size()), ARRAY_SIZE(list) - 1);
	for (i = 0; i < ARRAY_SIZE(list); i++)
		expect_pattern(device, list[i], MIB, i);
}

static void a_run_is_made(void)
{
	D3DKMT_HANDLE device = need_device(), list[4], half, ordinary = need_local(device, MIB);
	struct queue queue = need_queue(device);
	unsigned int i;

	/* quarters, of which the first and the third go: half is free, but not in one run */
	for (i = 0; i < 4; i++) {
		list[i] = need_physical(device, 3 * MIB + 512 * 1024, 0, VDXG_SEGMENT_SET_LOCAL);
		write_pattern(device, list[i], MIB, i);
		need_resident(&queue, &list[i], 1);
	}
	need_resident(&queue, &ordinary, 1);
	EXPECT_STATUS(kmt_evict(device, &list[1], 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &list[0], 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &list[2], 1, 0), STATUS_SUCCESS);
	half = need_physical(device, 7 * MIB, 0, VDXG_SEGMENT_SET_LOCAL);
	need_resident(&queue, &half, 1);
	/* of those in the way the one that nobody requires; what has no run is in nobody's way */
	EXPECT_EQ(need_residency(device, half), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, list[1]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[3]), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(need_residency(device, ordinary), RESIDENT_IN_GPU_MEMORY);
	EXPECT_EQ(expect_runs_apart(test_page_size()), 2);
	for (i = 0; i < 4; i++)
		expect_pattern(device, list[i], MIB, i);
}

/* ---- unmoveable ---- */

static void victim_of_another(uint32_t flags, NTSTATUS expected)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 2 * MIB);
	UINT lowest = 1;
	D3DKMT_SETALLOCATIONPRIORITY set = {
		.hDevice = device,
		.phAllocationList = &a,
		.AllocationCount = 1,
		.pPriorities = &lowest,
	};
	struct queue queue = need_queue(device);
	pid_t child;

	REQUIRE_STATUS(D3DKMTSetAllocationPriority(&set), STATUS_SUCCESS);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(update(&queue, a, to_flags(SET_UNMOVEABLE, flags)), STATUS_SUCCESS);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE theirs = need_device(), b = need_local(theirs, 16 * MIB);
		struct queue q = need_queue(theirs);

		EXPECT_STATUS(kmt_make_resident(&q, &b, 1, CANT_TRIM_FURTHER), expected);
		test_exit();
	}
	EXPECT(!test_wait(child));
	EXPECT_EQ(need_residency(device, a), flags ? RESIDENT_IN_GPU_MEMORY : NOT_RESIDENT);
	/* it is not pinned: whoever requires it can let it go */
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, a), NOT_RESIDENT);
}

static void unmoveable(void)
{
	victim_of_another(UNMOVEABLE, STATUS_NO_MEMORY);
}

static void moveable(void)
{
	victim_of_another(0, STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(nothing_changes, "what is so already is ignored: SUCCESS, fence value 0"),
	CASE(follows_at_once, "what is resident goes where it may be, and prefers to be"),
	CASE(what_nobody_requires, "what nobody requires only leaves, and follows later"),
	CASE(arguments, "bad handles, bits and segments are refused"),
	CASE(existing_memory, "the caller's own pages stay where they are"),
	CASE(no_room, "NO_MEMORY where the budget does not allow it, nothing changed"),
	CASE(runs_are_apart, "what is accessed physically has aligned places of its own"),
	CASE(a_run_is_made, "what is in the way of a run goes, ordinary allocations are not"),
	CASE(unmoveable, "within its share a process keeps what is unmoveable"),
	CASE(moveable, "and loses what is not"),
};

TEST_MAIN(cases)
