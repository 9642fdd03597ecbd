// SPDX-License-Identifier: MIT
/*
 * demo_forgotten.c: how a residency bug is found: a program that forgot MakeResident, and the report it gets
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vdxg.h>

#include "demo.h"

#define BYTES 65536U
#define PAGE 4096U

/**
 * struct program - a program that lets the GPU fill memory
 * @device: its device
 * @paging: its paging queue
 * @queue: its hardware queue
 * @progress: how far that is
 * @commands: memory for its command buffer
 * @commands_address: where the GPU sees that
 * @picture: what is to be filled
 * @picture_address: where the GPU sees that
 */
struct program {
	D3DKMT_HANDLE device, paging, queue;
	const volatile uint64_t *progress;
	D3DKMT_HANDLE commands, picture;
	uint64_t commands_address, picture_address;
};

static NTSTATUS create_queues(struct program *p, D3DKMT_HANDLE adapter)
{
	D3DKMT_CREATEDEVICE device = { .hAdapter = adapter };
	D3DKMT_CREATEPAGINGQUEUE paging = { .hDevice = 0 };
	D3DKMT_CREATECONTEXTVIRTUAL context = { .Flags.HwQueueSupported = 1 };
	D3DKMT_CREATEHWQUEUE queue = { .hHwContext = 0 };
	NTSTATUS status = D3DKMTCreateDevice(&device);

	p->device = device.hDevice;
	paging.hDevice = context.hDevice = p->device;
	if (!status)
		status = D3DKMTCreatePagingQueue(&paging);
	p->paging = paging.hPagingQueue;
	if (!status)
		status = D3DKMTCreateContextVirtual(&context);
	queue.hHwContext = context.hContext;
	if (!status)
		status = D3DKMTCreateHwQueue(&queue);
	p->queue = queue.hHwQueue;
	p->progress = queue.HwQueueProgressFenceCPUVirtualAddress;
	return status;
}

/* Memory that has an address for the GPU. */
static NTSTATUS create_memory(struct program *p, D3DKMT_HANDLE *allocation, uint64_t *address)
{
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = {
		.pPrivateDriverData = &data,
		.PrivateDriverDataSize = sizeof(data),
	};
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = p->device,
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
	};
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = p->paging,
		.SizeInPages = BYTES / PAGE,
		.Protection.Write = 1,
	};
	NTSTATUS status;

	vdxg_allocation_data_init(&data, BYTES);
	status = D3DKMTCreateAllocation2(&create);
	*allocation = map.hAllocation = info.hAllocation;
	if (!status)
		status = D3DKMTMapGpuVirtualAddress(&map);
	*address = map.VirtualAddress;
	return status;
}

static NTSTATUS make_resident(struct program *p, D3DKMT_HANDLE allocation)
{
	D3DDDI_MAKERESIDENT args = {
		.hPagingQueue = p->paging,
		.NumAllocations = 1,
		.AllocationList = &allocation,
	};
	NTSTATUS status = D3DKMTMakeResident(&args);

	/* What is pending would be waited for on the paging queue's fence; so little is not. */
	return status == STATUS_PENDING ? STATUS_SUCCESS : status;
}

static NTSTATUS write_commands(struct program *p, uint32_t value, uint32_t *bytes)
{
	D3DKMT_LOCK2 lock = { .hDevice = p->device, .hAllocation = p->commands };
	D3DKMT_UNLOCK2 unlock = { .hDevice = p->device, .hAllocation = p->commands };
	struct vdxg_commands c;
	NTSTATUS status = D3DKMTLock2(&lock);

	if (status)
		return status;
	vdxg_commands_begin(&c, lock.pData, BYTES);
	vdxg_commands_fill(&c, p->picture_address, BYTES, value);
	*bytes = vdxg_commands_end(&c);
	return D3DKMTUnlock2(&unlock);
}

static NTSTATUS submit(struct program *p, uint32_t bytes)
{
	D3DKMT_SUBMITCOMMANDTOHWQUEUE submit = {
		.hHwQueue = p->queue,
		.HwQueueProgressFenceId = 1,
		.CommandBuffer = p->commands_address,
		.CommandLength = bytes,
	};
	NTSTATUS status = D3DKMTSubmitCommandToHwQueue(&submit);

	while (!status && !*p->progress)
		sched_yield();
	return status;
}

static int device_state(struct program *p)
{
	D3DKMT_GETDEVICESTATE state = {
		.hDevice = p->device,
		.StateType = D3DKMT_DEVICESTATE_EXECUTION,
	};

	return D3DKMTGetDeviceState(&state) ? 0 : state.ExecutionState;
}

static D3DKMT_DEVICEPAGEFAULT_STATE page_fault(struct program *p)
{
	D3DKMT_GETDEVICESTATE state = {
		.hDevice = p->device,
		.StateType = D3DKMT_DEVICESTATE_PAGE_FAULT,
	};

	D3DKMTGetDeviceState(&state);
	return state.PageFaultState;
}

/* The last line of ours in the kernel's log, if it may be read. */
static void show_report(int log)
{
	char line[2048], last[2048] = "";
	ssize_t n;
	char *text;

	while (log >= 0 && (n = read(log, line, sizeof(line) - 1)) > 0) {
		line[n] = 0;
		text = strstr(line, "vdxg: ");
		if (text)
			snprintf(last, sizeof(last), "%s", strtok(text, "\n"));
	}
	if (*last)
		printf("  The kernel's log: %s\n", last);
}

/* Everything up to the submission; @forget MakeResident for what is filled. */
static bool prepare(struct demo *demo, struct program *p, bool forget, uint32_t *bytes)
{
	NTSTATUS status = create_queues(p, demo->adapter->handle);

	if (!status)
		status = create_memory(p, &p->commands, &p->commands_address);
	if (!status)
		status = create_memory(p, &p->picture, &p->picture_address);
	if (!status)
		status = make_resident(p, p->commands);
	if (!status && !forget)
		status = make_resident(p, p->picture);
	if (!status)
		status = write_commands(p, 0xdecade, bytes);
	return answered(demo, forget ?
			"Prepare a command buffer that fills memory, and forget MakeResident" :
			"Prepare another, and remember it", status, STATUS_SUCCESS);
}

static void finish(struct program *p)
{
	D3DKMT_DESTROYDEVICE destroy = { .hDevice = p->device };

	D3DKMTDestroyDevice(&destroy);
}

/**
 * demo_forgotten - a residency bug is found, and mended
 * @demo: the demonstration
 */
void demo_forgotten(struct demo *demo)
{
	struct program wrong = { .device = 0 }, right = { .device = 0 };
	D3DKMT_DEVICEPAGEFAULT_STATE fault;
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint32_t bytes;

	printf("\nA residency bug, and how it is found\n");
	if (log >= 0)
		lseek(log, 0, SEEK_END);
	if (prepare(demo, &wrong, true, &bytes)) {
		answered(demo, "Submit it: that is not checked before it is executed",
			 submit(&wrong, bytes), STATUS_SUCCESS);
		step(demo, device_state(&wrong) == D3DKMT_DEVICEEXECUTION_ERROR_DMAPAGEFAULT,
		     "The device is in error: a page fault");
		fault = page_fault(&wrong);
		step(demo, fault.FaultedVirtualAddress == wrong.picture_address,
		     "GetDeviceState names the address: 0x%" PRIx64,
		     (uint64_t)fault.FaultedVirtualAddress);
		show_report(log);
		answered(demo, "Submit once more", submit(&wrong, bytes), STATUS_DEVICE_REMOVED);
	}
	finish(&wrong);
	if (prepare(demo, &right, false, &bytes)) {
		answered(demo, "Submit it", submit(&right, bytes), STATUS_SUCCESS);
		step(demo, device_state(&right) == D3DKMT_DEVICEEXECUTION_ACTIVE,
		     "The device is active, the memory filled");
	}
	finish(&right);
	if (log >= 0)
		close(log);
}
