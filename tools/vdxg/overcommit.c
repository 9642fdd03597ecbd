// SPDX-License-Identifier: MIT
/*
 * overcommit.c: the part of vdxg demo that uses four times as much memory as the GPU has
 *
 * All of it is written while it is resident, evicted by what comes after it, and read back. Where the machine has not
 * memory enough for four times all that the GPU has, one allocation takes most of the GPU first, as another program
 * might, and the rest is overcommitted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdxg.h>

#include "demo.h"

#define COUNT	16
#define TIMES	4
/* What is overcommitted, at most; it is written and read by the CPU, and should not take long. */
#define WINDOW	(32 * MIB)

/**
 * struct overcommit - what belongs to this part
 * @demo: the demonstration
 * @queue: a paging queue
 * @progress: the value of its fence
 * @handles: the allocations, and one more that takes the rest of the GPU
 * @bytes: the size of each allocation
 * @rest: that of the one more; 0 where there is none
 */
struct overcommit {
	struct demo *demo;
	D3DKMT_HANDLE queue;
	const volatile UINT64 *progress;
	D3DKMT_HANDLE handles[COUNT + 1];
	uint64_t bytes;
	uint64_t rest;
};

static bool create_queue(struct overcommit *o)
{
	D3DKMT_CREATEPAGINGQUEUE args;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.hDevice = o->demo->device;
	status = D3DKMTCreatePagingQueue(&args);
	o->queue = args.hPagingQueue;
	o->progress = args.FenceValueCPUVirtualAddress;
	return answered(o->demo, "Create a paging queue, which brings content to the GPU", status,
			STATUS_SUCCESS);
}

static NTSTATUS create_one(struct overcommit *o, uint64_t bytes, D3DKMT_HANDLE *handle)
{
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info;
	D3DKMT_CREATEALLOCATION args;
	NTSTATUS status;

	vdxg_allocation_data_init(&data, bytes);
	vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_LOCAL);
	memset(&args, 0, sizeof(args));
	memset(&info, 0, sizeof(info));
	info.pPrivateDriverData = &data;
	info.PrivateDriverDataSize = sizeof(data);
	args.hDevice = o->demo->device;
	args.NumAllocations = 1;
	args.pAllocationInfo2 = &info;
	status = D3DKMTCreateAllocation2(&args);
	*handle = info.hAllocation;
	return status;
}

/* Resident when this returns. */
static NTSTATUS make_resident(struct overcommit *o, D3DKMT_HANDLE handle)
{
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.hPagingQueue = o->queue;
	args.NumAllocations = 1;
	args.AllocationList = &handle;
	status = D3DKMTMakeResident(&args);
	if (status != STATUS_PENDING)
		return status;
	while (*o->progress < args.PagingFenceValue)
		;
	return STATUS_SUCCESS;
}

/* We need it no longer; it stays until somebody needs the place. */
static NTSTATUS let_go(struct overcommit *o, D3DKMT_HANDLE handle)
{
	D3DKMT_EVICT args;

	memset(&args, 0, sizeof(args));
	args.hDevice = o->demo->device;
	args.NumAllocations = 1;
	args.AllocationList = &handle;
	args.Flags.EvictOnlyIfNecessary = 1;
	return D3DKMTEvict(&args);
}

static uint64_t word(unsigned int i, uint64_t index)
{
	return (uint64_t)(i + 1) << 48 | index;
}

/* Make one resident and write it, or see that it holds what was written. */
static NTSTATUS visit(struct overcommit *o, unsigned int i, bool write, bool *right)
{
	uint64_t j, words = o->bytes / sizeof(uint64_t), *content;
	NTSTATUS status;
	void *data;

	status = make_resident(o, o->handles[i]);
	if (status != STATUS_SUCCESS)
		return status;
	status = lock(o->demo, o->handles[i], &data);
	if (status != STATUS_SUCCESS)
		return status;
	content = data;
	for (j = 0; j < words; j++) {
		if (write)
			content[j] = word(i, j);
		else
			*right = *right && content[j] == word(i, j);
	}
	status = unlock(o->demo, o->handles[i]);
	return status == STATUS_SUCCESS ? let_go(o, o->handles[i]) : status;
}

static bool visit_all(struct overcommit *o, const char *what, bool write)
{
	NTSTATUS status = STATUS_SUCCESS;
	bool right = true;
	unsigned int i;

	for (i = 0; i < COUNT && status == STATUS_SUCCESS; i++)
		status = visit(o, i, write, &right);
	if (!right)
		return step(o->demo, false, "%s: it is not what was written", what);
	return answered(o->demo, what, status, STATUS_SUCCESS);
}

static uint64_t evictions(struct overcommit *o)
{
	D3DKMT_QUERYSTATISTICS args;

	memset(&args, 0, sizeof(args));
	args.Type = D3DKMT_QUERYSTATISTICS_ADAPTER;
	args.AdapterLuid = o->demo->adapter->luid;
	if (D3DKMTQueryStatistics(&args) != STATUS_SUCCESS)
		return 0;
	return args.QueryResult.AdapterInformation.PagingFault.Evictions.Count;
}

static void show_table(struct overcommit *o)
{
	static const char *const names[] = { "system memory", "local (the GPU's own)", "aperture" };
	struct adapter *adapter = o->demo->adapter;
	char used[32], limit[32];
	unsigned int i;

	if (!adapter_read_segments(adapter))
		return;
	printf("      %-24s %12s %12s\n", "segment", "holds", "of");
	for (i = 0; i < adapter->num_segments && i < ARRAY_SIZE(names); i++) {
		const struct segment *segment = &adapter->segments[i];

		printf("      %-24s %12s %12s\n", names[i],
		       size_text(segment->resident, used, sizeof(used)),
		       segment->limit ? size_text(segment->limit, limit, sizeof(limit)) : "");
	}
}

/* How much, and what has to be taken first for that to be four times as much as is left. */
static void choose_sizes(struct overcommit *o)
{
	uint64_t capacity = o->demo->adapter->segments[VDXG_SEGMENT_LOCAL].limit;
	uint64_t window = capacity < WINDOW ? capacity : WINDOW;

	o->bytes = window * TIMES / COUNT;
	o->rest = capacity - o->bytes * COUNT / TIMES;
}

static bool create_all(struct overcommit *o)
{
	NTSTATUS status = STATUS_SUCCESS;
	char what[160], each[32], all[32], left[32];
	unsigned int i;

	if (o->rest) {
		snprintf(what, sizeof(what), "Take %s of the GPU, as another program might: %s are left",
			 size_text(o->rest, all, sizeof(all)),
			 size_text(o->bytes * COUNT / TIMES, left, sizeof(left)));
		status = create_one(o, o->rest, &o->handles[COUNT]);
		if (status == STATUS_SUCCESS)
			status = make_resident(o, o->handles[COUNT]);
		if (!answered(o->demo, what, status, STATUS_SUCCESS))
			return false;
	}
	for (i = 0; i < COUNT && status == STATUS_SUCCESS; i++)
		status = create_one(o, o->bytes, &o->handles[i]);
	snprintf(what, sizeof(what), "Create %d allocations of %s, %s in all: %d times as much as fits",
		 COUNT, size_text(o->bytes, each, sizeof(each)),
		 size_text(o->bytes * COUNT, all, sizeof(all)), TIMES);
	return answered(o->demo, what, status, STATUS_SUCCESS);
}

static void run(struct overcommit *o)
{
	uint64_t before = evictions(o), count;

	if (!create_all(o))
		return;
	show_table(o);
	if (!visit_all(o, "Make each resident and write it: each takes the place of another", true))
		return;
	show_table(o);
	count = evictions(o) - before;
	step(o->demo, count >= COUNT - COUNT / TIMES,
	     "%" PRIu64 " allocations had to leave the GPU; their content is in system memory",
	     count);
	visit_all(o, "Make each resident again: every byte is what was written", false);
	step(o->demo, evictions(o) - before >= 2 * (COUNT - COUNT / TIMES),
	     "%" PRIu64 " allocations had to leave by now", evictions(o) - before);
}

static void destroy_all(struct overcommit *o)
{
	D3DKMT_DESTROYALLOCATION2 args;
	D3DKMT_HANDLE list[COUNT + 1];
	D3DDDI_DESTROYPAGINGQUEUE queue = { .hPagingQueue = o->queue };
	UINT count = 0, i;

	for (i = 0; i <= COUNT; i++)
		if (o->handles[i])
			list[count++] = o->handles[i];
	memset(&args, 0, sizeof(args));
	args.hDevice = o->demo->device;
	args.phAllocationList = list;
	args.AllocationCount = count;
	answered(o->demo, "Destroy all of them, wherever they are",
		 D3DKMTDestroyAllocation2(&args), STATUS_SUCCESS);
	answered(o->demo, "Destroy the paging queue", D3DKMTDestroyPagingQueue(&queue),
		 STATUS_SUCCESS);
	show_table(o);
}

/**
 * demo_overcommit - use more memory than the GPU has
 * @demo: the demonstration, with a device
 */
void demo_overcommit(struct demo *demo)
{
	struct overcommit o = { .demo = demo };

	printf("\nFour times as much as the GPU has\n");
	choose_sizes(&o);
	if (!create_queue(&o))
		return;
	run(&o);
	destroy_all(&o);
}
