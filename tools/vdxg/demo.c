// SPDX-License-Identifier: MIT
/*
 * demo.c: vdxg demo, one of everything that can be done with memory
 *
 * Every step is a line, and a check: what the driver answered is compared with what it
 * must answer, and the memory it counts with what has been created. A step that fails
 * does not end the demonstration, unless there is nothing left to go on with.
 *
 * The adapter counts for everybody: another program that uses it meanwhile makes the sums wrong.
 */
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <vdxg.h>

#include "demo.h"

/**
 * struct item - an allocation of the demonstration
 * @bytes: its size
 * @segments: where it may live, 0 for anywhere
 * @residency: where it lives, as D3DKMT_ALLOCATIONRESIDENCYSTATUS
 * @handle: its handle
 * @expected: where it must live once it has been written
 */
struct item {
	uint64_t bytes;
	uint32_t segments;
	D3DKMT_ALLOCATIONRESIDENCYSTATUS expected;
	D3DKMT_ALLOCATIONRESIDENCYSTATUS residency;
	D3DKMT_HANDLE handle;
};

/**
 * step - say what has been done
 * @demo: the demonstration
 * @success: it went as it must
 * @format: what it was, for printf
 *
 * Return: @success.
 */
bool step(struct demo *demo, bool success, const char *format, ...)
{
	va_list args;

	demo->steps++;
	if (!success)
		demo->failures++;
	printf("  %s ", success ? demo->good : demo->bad);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return success;
}

/**
 * answered - a call was made: did it answer what it must?
 * @demo: the demonstration
 * @what: what the call was to do
 * @status: its answer
 * @expected: what it must be
 *
 * Return: whether it was.
 */
bool answered(struct demo *demo, const char *what, NTSTATUS status, NTSTATUS expected)
{
	char wanted[64];

	if (status == expected && status == STATUS_SUCCESS)
		return step(demo, true, "%s", what);
	if (status == expected)
		return step(demo, true, "%s: refused with %s", what, status_name(status));
	snprintf(wanted, sizeof(wanted), "%s", status_name(expected));
	return step(demo, false, "%s: %s, expected %s", what, status_name(status), wanted);
}

static const char *residency_name(D3DKMT_ALLOCATIONRESIDENCYSTATUS residency)
{
	switch (residency) {
	case D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY:
		return "in GPU memory";
	case D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINSHAREDMEMORY:
		return "in shared memory";
	case D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT:
		return "not resident";
	default:
		return "nowhere it could be";
	}
}

static uint64_t total(const struct item *items, size_t count)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < count; i++)
		bytes += items[i].bytes;
	return bytes;
}

static bool create(struct demo *demo, const char *what, struct item *items, size_t count,
		   D3DKMT_HANDLE *resource)
{
	struct vdxg_allocation_data data[8];
	D3DDDI_ALLOCATIONINFO2 info[8];
	D3DKMT_CREATEALLOCATION args;
	NTSTATUS status;
	size_t i;

	memset(&args, 0, sizeof(args));
	memset(info, 0, sizeof(info));
	for (i = 0; i < count; i++) {
		vdxg_allocation_data_init(&data[i], items[i].bytes);
		vdxg_allocation_data_segments(&data[i], items[i].segments);
		info[i].pPrivateDriverData = &data[i];
		info[i].PrivateDriverDataSize = sizeof(data[i]);
		info[i].VidPnSourceId = D3DDDI_ID_UNINITIALIZED;
	}
	args.hDevice = demo->device;
	args.Flags.CreateResource = resource != NULL;
	args.NumAllocations = count;
	args.pAllocationInfo2 = info;
	status = D3DKMTCreateAllocation2(&args);
	if (status == STATUS_SUCCESS) {
		for (i = 0; i < count; i++)
			items[i].handle = info[i].hAllocation;
		if (resource)
			*resource = args.hResource;
	}
	return answered(demo, what, status, STATUS_SUCCESS);
}

static NTSTATUS destroy(struct demo *demo, D3DKMT_HANDLE resource, const struct item *items,
			size_t count)
{
	D3DKMT_DESTROYALLOCATION2 args;
	D3DKMT_HANDLE list[8];
	size_t i;

	for (i = 0; i < count; i++)
		list[i] = items[i].handle;
	memset(&args, 0, sizeof(args));
	args.hDevice = demo->device;
	args.hResource = resource;
	args.phAllocationList = count ? list : NULL;
	args.AllocationCount = count;
	return D3DKMTDestroyAllocation2(&args);
}

/**
 * lock - Lock2
 * @demo: the demonstration
 * @allocation: of its device
 * @data: where the CPU finds it
 *
 * Return: the call's status.
 */
NTSTATUS lock(struct demo *demo, D3DKMT_HANDLE allocation, void **data)
{
	D3DKMT_LOCK2 args;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.hDevice = demo->device;
	args.hAllocation = allocation;
	status = D3DKMTLock2(&args);
	*data = args.pData;
	return status;
}

/**
 * unlock - Unlock2
 * @demo: the demonstration
 * @allocation: of its device, locked
 *
 * Return: the call's status.
 */
NTSTATUS unlock(struct demo *demo, D3DKMT_HANDLE allocation)
{
	D3DKMT_UNLOCK2 args;

	memset(&args, 0, sizeof(args));
	args.hDevice = demo->device;
	args.hAllocation = allocation;
	return D3DKMTUnlock2(&args);
}

/* What word @index of an allocation holds: no two words of the demonstration are alike. */
static uint64_t pattern(const struct item *item, size_t index)
{
	return (uint64_t)item->handle << 32 | index;
}

static bool new_memory_is_zero(const uint64_t *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (words[i])
			return false;
	}
	return true;
}

static void write_items(struct demo *demo, const char *what, const struct item *items,
			size_t count)
{
	NTSTATUS status = STATUS_SUCCESS;
	bool zero = true;
	size_t i, j;

	for (i = 0; i < count && status == STATUS_SUCCESS; i++) {
		size_t words = items[i].bytes / sizeof(uint64_t);
		uint64_t *word;
		void *data;

		status = lock(demo, items[i].handle, &data);
		if (status != STATUS_SUCCESS)
			break;
		word = data;
		zero = zero && new_memory_is_zero(word, words);
		for (j = 0; j < words; j++)
			word[j] = pattern(&items[i], j);
		status = unlock(demo, items[i].handle);
	}
	if (answered(demo, what, status, STATUS_SUCCESS))
		step(demo, zero, "The new memory %s", zero ?
		     "was all zero: nobody's old data in it" : "was not all zero");
}

static void read_items(struct demo *demo, const char *what, const struct item *items, size_t count)
{
	NTSTATUS status = STATUS_SUCCESS;
	size_t i, j;

	for (i = 0; i < count && status == STATUS_SUCCESS; i++) {
		size_t words = items[i].bytes / sizeof(uint64_t);
		uint64_t *word;
		void *data;

		status = lock(demo, items[i].handle, &data);
		if (status != STATUS_SUCCESS)
			break;
		word = data;
		for (j = 0; j < words; j++) {
			if (word[j] != pattern(&items[i], j)) {
				step(demo, false, "%s: word %zu of allocation %zu is wrong", what,
				     j, i);
				unlock(demo, items[i].handle);
				return;
			}
		}
		status = unlock(demo, items[i].handle);
	}
	answered(demo, what, status, STATUS_SUCCESS);
}

static NTSTATUS query_residency(struct demo *demo, struct item *items, size_t count)
{
	D3DKMT_ALLOCATIONRESIDENCYSTATUS residency[8];
	D3DKMT_QUERYALLOCATIONRESIDENCY args;
	D3DKMT_HANDLE list[8];
	NTSTATUS status;
	size_t i;

	for (i = 0; i < count; i++)
		list[i] = items[i].handle;
	memset(residency, 0, sizeof(residency));
	memset(&args, 0, sizeof(args));
	args.hDevice = demo->device;
	args.phAllocationList = list;
	args.AllocationCount = count;
	args.pResidencyStatus = residency;
	status = D3DKMTQueryAllocationResidency(&args);
	for (i = 0; i < count; i++)
		items[i].residency = residency[i];
	return status;
}

static void show_residency(struct demo *demo, const char *what, struct item *items, size_t count,
			   bool written)
{
	NTSTATUS status = query_residency(demo, items, count);
	char size[32];
	size_t i;

	if (status != STATUS_SUCCESS) {
		answered(demo, what, status, STATUS_SUCCESS);
		return;
	}
	for (i = 0; i < count; i++) {
		D3DKMT_ALLOCATIONRESIDENCYSTATUS expected = written ?
			items[i].expected : D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT;

		step(demo, items[i].residency == expected, "%s %zu, %s: %s%s%s", what, i + 1,
		     size_text(items[i].bytes, size, sizeof(size)),
		     residency_name(items[i].residency),
		     items[i].residency == expected ? "" : ", expected ",
		     items[i].residency == expected ? "" : residency_name(expected));
	}
}

static uint64_t committed(const struct adapter *adapter)
{
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < adapter->num_segments; i++)
		bytes += adapter->segments[i].committed;
	return bytes;
}

static uint64_t resident(const struct adapter *adapter)
{
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < adapter->num_segments; i++)
		bytes += adapter->segments[i].resident;
	return bytes;
}

/* The adapter must count so much more than before: promised, and really taken. */
static void show_memory(struct demo *demo, uint64_t promised, uint64_t taken)
{
	char more_promised[32], more_taken[32], wanted_promised[32], wanted_taken[32];
	uint64_t is_promised, is_taken;
	bool success;

	if (!adapter_read_segments(demo->adapter)) {
		step(demo, false, "The adapter does not say how much memory it counts");
		return;
	}
	is_promised = committed(demo->adapter) - committed(&demo->before);
	is_taken = resident(demo->adapter) - resident(&demo->before);
	success = is_promised == promised && is_taken == taken;
	size_text(is_promised, more_promised, sizeof(more_promised));
	size_text(is_taken, more_taken, sizeof(more_taken));
	if (success) {
		step(demo, true, "The adapter counts %s promised and %s in use by us",
		     more_promised, more_taken);
		return;
	}
	size_text(promised, wanted_promised, sizeof(wanted_promised));
	size_text(taken, wanted_taken, sizeof(wanted_taken));
	step(demo, false, "The adapter counts %s promised and %s in use by us, expected %s and %s",
	     more_promised, more_taken, wanted_promised, wanted_taken);
}

static void show_segments(struct demo *demo)
{
	char limit[32], used[32];
	unsigned int i;

	for (i = 0; i < demo->adapter->num_segments; i++) {
		const struct segment *segment = &demo->adapter->segments[i];

		if (segment->limit)
			printf("      segment %u, %-8s  %s of %s used\n", i, segment_name(i),
			       size_text(segment->resident, used, sizeof(used)),
			       size_text(segment->limit, limit, sizeof(limit)));
	}
}

static bool open_device(struct demo *demo)
{
	D3DKMT_CREATEDEVICE args;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.hAdapter = demo->adapter->handle;
	status = D3DKMTCreateDevice(&args);
	demo->device = args.hDevice;
	return answered(demo, "Create a device on the adapter", status, STATUS_SUCCESS);
}

static void close_device(struct demo *demo)
{
	D3DKMT_DESTROYDEVICE args = { .hDevice = demo->device };

	answered(demo, "Destroy the device", D3DKMTDestroyDevice(&args), STATUS_SUCCESS);
}

static void demonstrate(struct demo *demo)
{
	const D3DKMT_ALLOCATIONRESIDENCYSTATUS gpu =
		D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY;
	const D3DKMT_ALLOCATIONRESIDENCYSTATUS shared =
		D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINSHAREDMEMORY;
	struct item parts[] = {
		{ .bytes = 2 * MIB, .expected = gpu },
		{ .bytes = 1 * MIB, .expected = gpu },
		{ .bytes = 64 * KIB, .expected = gpu },
	};
	struct item alone[] = {
		{ .bytes = 256 * KIB, .expected = gpu },
		{ .bytes = 128 * KIB, .segments = VDXG_SEGMENT_SET_APERTURE, .expected = shared },
	};
	struct item both[] = {
		{ .bytes = 512 * KIB, .expected = gpu },
		{ .bytes = 4 * KIB, .expected = gpu },
	};
	const size_t num_parts = ARRAY_SIZE(parts);
	const size_t num_alone = ARRAY_SIZE(alone);
	const size_t num_both = ARRAY_SIZE(both);
	uint64_t sum = total(parts, num_parts) + total(alone, num_alone);
	D3DKMT_HANDLE resource, second;
	void *data;

	printf("\nCreate\n");
	if (!create(demo, "Create a resource of three allocations", parts, num_parts, &resource) ||
	    !create(demo, "Create two stand-alone allocations, one for shared memory only", alone,
		    num_alone, NULL))
		return;
	show_residency(demo, "Resource, allocation", parts, num_parts, false);
	show_memory(demo, sum, 0);

	printf("\nWrite and read, through Lock2\n");
	write_items(demo, "Write the resource", parts, num_parts);
	write_items(demo, "Write the stand-alone allocations", alone, num_alone);
	read_items(demo, "Read the resource back", parts, num_parts);
	read_items(demo, "Read the stand-alone allocations back", alone, num_alone);

	printf("\nWhere they live now\n");
	show_residency(demo, "Resource, allocation", parts, num_parts, true);
	show_residency(demo, "Stand-alone allocation", alone, num_alone, true);
	show_memory(demo, sum, sum);
	show_segments(demo);

	printf("\nDestroy a resource, a list, and both at once\n");
	answered(demo, "Destroy the resource: its three allocations go with it",
		 destroy(demo, resource, NULL, 0), STATUS_SUCCESS);
	sum = total(alone, num_alone);
	show_memory(demo, sum, sum);
	answered(demo, "Destroy the stand-alone allocations by a list",
		 destroy(demo, 0, alone, num_alone), STATUS_SUCCESS);
	show_memory(demo, 0, 0);
	if (create(demo, "Create another resource, of two allocations", both, num_both, &second)) {
		write_items(demo, "Write it", both, num_both);
		sum = total(both, num_both);
		show_memory(demo, sum, sum);
		answered(demo, "Destroy it together with the list of its allocations",
			 destroy(demo, second, both, num_both), STATUS_SUCCESS);
		show_memory(demo, 0, 0);
	}

	printf("\nHandles that are no more\n");
	answered(demo, "Destroy the list again", destroy(demo, 0, alone, num_alone),
		 STATUS_INVALID_PARAMETER);
	answered(demo, "Destroy the resource again", destroy(demo, resource, NULL, 0),
		 STATUS_INVALID_PARAMETER);
	answered(demo, "Lock an allocation of it", lock(demo, parts[0].handle, &data),
		 STATUS_INVALID_PARAMETER);
}

/**
 * demo_command - vdxg demo
 * @adapter: on this adapter
 * @chosen: the user named it
 *
 * Return: the exit status: 0 if every step went as expected.
 */
int demo_command(struct adapter *adapter, bool chosen)
{
	struct demo demo = { .adapter = adapter, .before = *adapter };
	bool utf8;

	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	demo.good = utf8 ? "\xe2\x9c\x93" : "OK    ";
	demo.bad = utf8 ? "\xe2\x9c\x97 FAILED:" : "FAILED";

	printf("Adapter %u, %s%s%s%s: %s\n", adapter->index, adapter->name,
	       adapter->node[0] ? " (" : "", adapter->node, adapter->node[0] ? ")" : "",
	       chosen ? "as asked for" : adapter->software ?
	       "there is no GPU, so the software adapter" : "the first GPU");

	printf("\nBegin\n");
	if (open_device(&demo)) {
		demonstrate(&demo);
		demo_overcommit(&demo);
		demo_forgotten(&demo);
		printf("\nEnd\n");
		close_device(&demo);
		show_memory(&demo, 0, 0);
	}

	if (demo.failures)
		printf("\n%u of %u steps FAILED\n", demo.failures, demo.steps);
	else
		printf("\nAll %u steps went as expected\n", demo.steps);
	return demo.failures ? 1 : 0;
}
