// SPDX-License-Identifier: MIT
/*
 * engine.c: what it costs to have something executed
 *
 * A round trip is what a program does: submit, and know that it is done. It looks at the progress fence, and
 * waits where it is not there yet.
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "dxg.h"

#define MIB		(1ULL << 20)
#define PAGE		4096ULL

/**
 * struct gpu - a hardware queue, and memory for it
 * @dxg: the device
 * @queue: the hardware queue
 * @fence: its progress fence
 * @value: where that is
 * @submit: the call
 * @wait: the other call
 */
struct gpu {
	struct dxg *dxg;
	uint32_t queue;
	uint32_t fence;
	const volatile uint64_t *value;
	struct d3dkmt_submitcommandtohwqueue submit;
	struct d3dkmt_waitforsynchronizationobjectfromcpu wait;
};

static uint32_t create_context(struct dxg *dxg)
{
	struct d3dkmt_createcontextvirtual create = {
		.device.v = dxg->device,
		.flags = D3DDDI_CREATECONTEXT_HW_QUEUE_SUPPORTED,
	};

	must_ioctl(dxg->fd, LX_DXCREATECONTEXTVIRTUAL, &create, "CreateContextVirtual");
	return create.context.v;
}

static struct gpu *gpu_open(void)
{
	struct gpu *gpu = calloc(1, sizeof(*gpu));
	struct dxg *dxg = dxg_open(true);
	struct d3dkmt_createhwqueue create = { .context.v = create_context(dxg) };

	must_ioctl(dxg->fd, LX_DXCREATEHWQUEUE, &create, "CreateHwQueue");
	gpu->dxg = dxg;
	gpu->queue = create.queue.v;
	gpu->fence = create.queue_progress_fence.v;
	gpu->value = (const volatile uint64_t *)(uintptr_t)create.queue_progress_fence_cpu_va;
	gpu->submit.hwqueue = create.queue;
	gpu->wait = (struct d3dkmt_waitforsynchronizationobjectfromcpu) {
		.device.v = dxg->device,
		.object_count = 1,
		.objects = (uintptr_t)&gpu->fence,
		.fence_values = (uintptr_t)&gpu->submit.hwqueue_progress_fence_id,
	};
	return gpu;
}

/* Memory that is resident and mapped: its address for the GPU, and for the CPU. */
static uint64_t need_memory(struct gpu *gpu, uint64_t bytes, void **cpu)
{
	struct dxg *dxg = gpu->dxg;
	struct d3dkmt_lock2 lock = { .device.v = dxg->device };
	struct d3dddi_mapgpuvirtualaddress map = {
		.paging_queue.v = dxg->queue,
		.size_in_pages = bytes / PAGE,
		.protection.value = 1,
	};
	uint32_t handle;

	dxg_describe(dxg, bytes, VDXG_SEGMENT_SET_LOCAL);
	handle = dxg_create_one(dxg);
	dxg_make_resident(dxg, &handle, 1);
	map.allocation.v = handle;
	must_ioctl(dxg->fd, LX_DXMAPGPUVIRTUALADDRESS, &map, "MapGpuVirtualAddress");
	lock.allocation.v = handle;
	must_ioctl(dxg->fd, LX_DXLOCK2, &lock, "Lock2");
	*cpu = (void *)(uintptr_t)lock.data;
	return map.virtual_address;
}

static void round_trip(struct gpu *gpu)
{
	gpu->submit.hwqueue_progress_fence_id++;
	must_ioctl(gpu->dxg->fd, LX_DXSUBMITCOMMANDTOHWQUEUE, &gpu->submit,
		   "SubmitCommandToHwQueue");
	if (*gpu->value < gpu->submit.hwqueue_progress_fence_id)
		must_ioctl(gpu->dxg->fd, LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, &gpu->wait,
			   "WaitForSynchronizationObjectFromCpu");
}

static void measure(struct samples *s, struct gpu *gpu)
{
	while (more(s)) {
		begin(s);
		round_trip(gpu);
		end(s, 1);
	}
	if (*gpu->value != gpu->submit.hwqueue_progress_fence_id)
		fail("the engine", -1);
}

static void submit_complete(struct samples *s)
{
	struct gpu *gpu = gpu_open();
	struct vdxg_commands c;
	void *cpu;

	gpu->submit.command_buffer = need_memory(gpu, PAGE, &cpu);
	vdxg_commands_begin(&c, cpu, PAGE);
	gpu->submit.command_length = vdxg_commands_end(&c);
	measure(s, gpu);
}

static void engine_copy_1m(struct samples *s)
{
	struct gpu *gpu = gpu_open();
	struct vdxg_commands c;
	uint64_t to, from;
	void *cpu;

	to = need_memory(gpu, MIB, &cpu);
	from = need_memory(gpu, MIB, &cpu);
	gpu->submit.command_buffer = need_memory(gpu, PAGE, &cpu);
	vdxg_commands_begin(&c, cpu, PAGE);
	vdxg_commands_copy(&c, to, from, MIB);
	gpu->submit.command_length = vdxg_commands_end(&c);
	measure(s, gpu);
}

const struct benchmark bench_engine[] = {
	{ .name = "submit_complete", .run = submit_complete },
	{ .name = "engine_copy_1m", .run = engine_copy_1m, .samples = 15, .once = true },
	{ }
};
