// SPDX-License-Identifier: GPL-2.0-only
/*
 * execute.c: packets that execute command buffers (see execute.h)
 *
 * Before a slice of a command buffer is executed, whatever its process requires is brought to the GPU, so that
 * processes which require more than there is in all have it one after the other. What that costs is added to
 * the turn, so that most of the time is not spent on it.
 *
 * A command buffer that has been executed for longer than the parameter tdr_ms is stopped, and its queue
 * reset (Windows calls it timeout detection and recovery). What counts is the time for which it ran, not that
 * for which it waited for its turn, nor that of paging.
 */
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../trace.h"
#include "../vidmm/turn.h"
#include "command.h"
#include "execute.h"
#include "fence.h"
#include "packet.h"
#include "queue.h"

static unsigned int tdr_ms = 2000;
module_param(tdr_ms, uint, 0644);
MODULE_PARM_DESC(tdr_ms, "A command buffer that runs longer than this is stopped, in ms (default 2000)");

/**
 * struct execute_packet - executes a command buffer
 * @packet: what the queue knows
 * @commands: the command buffer; its fence is referenced
 * @commander: how far it is
 * @spent: nanoseconds for which it ran
 */
struct execute_packet {
	struct vdxg_packet packet;
	struct vdxg_commands_at commands;
	struct vdxg_commander commander;
	u64 spent;
};

static struct execute_packet *execute_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct execute_packet, packet);
}

/* Bring to the GPU what is to be there; STATUS_PENDING if somebody else is to do it. */
static int prepare(struct vdxg_timeline *timeline, struct vdxg_slice *slice)
{
	u64 pages;
	int status;

	if (!timeline->mm || likely(!vidmm_demoted(timeline->mm)))
		return STATUS_SUCCESS;
	if (slice->here)
		return STATUS_PENDING;
	status = vidmm_bring_back(timeline->mm, &pages);
	slice->credit = pages << PAGE_SHIFT;
	return status;
}

/* So many of them in a second; who wants all of them traces vdxg_page_fault. */
static DEFINE_RATELIMIT_STATE(reports, HZ, 5);

/* What a device stumbled over, for people. */
static void report(const struct vdxg_timeline *timeline, const struct vdxg_fault *fault)
{
	static const char * const steps[] = {
		[VDXG_FAULT_NO_MAPPING] = "nothing is mapped there (MapGpuVirtualAddress)",
		[VDXG_FAULT_NO_ACCESS] = "it is reserved or mapped, but for no access",
		[VDXG_FAULT_READ_ONLY] = "it is not mapped to be written (Protection.Write)",
		[VDXG_FAULT_NOT_RESIDENT] = "not resident on this device (MakeResident)",
		[VDXG_FAULT_OFFERED] = "it is on offer (ReclaimAllocations2)",
	};
	const struct vidmm_client *mm = timeline->mm;

	trace_vdxg_page_fault(mm, timeline->handle, fault);
	if (!__ratelimit(&reports))
		return;
	if (fault->missing == VDXG_FAULT_MALFORMED)
		pr_notice("vdxg: %s[%d]: device 0x%x is in error: command buffer at 0x%llx, offset %u: %s\n",
			  mm->comm, mm->pid, timeline->handle, fault->buffer,
			  fault->offset, fault->doing);
	else
		pr_notice("vdxg: %s[%d]: device 0x%x is in error: page fault at 0x%llx, allocation 0x%x, %s for %s (command buffer at 0x%llx, offset %u): %s\n",
			  mm->comm, mm->pid, timeline->handle, fault->address,
			  fault->handle,
			  fault->flags & DXGK_PAGE_FAULT_WRITE ? "written" : "read",
			  fault->doing, fault->buffer, fault->offset,
			  steps[fault->missing]);
}

static void fail(struct execute_packet *execute, int status)
{
	struct vdxg_timeline *timeline = execute->packet.queue->timeline;
	const struct vdxg_fault *fault = &execute->commander.fault;

	switch (status) {
	case STATUS_UNSUCCESSFUL:
		report(timeline, fault);
		vdxg_timeline_fault(timeline, fault);
		break;
	case STATUS_NO_MEMORY:
		vdxg_timeline_fail(timeline, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
		break;
	default:
		/* The adapter goes, and cancels everything. */
		vdxg_queue_reset(execute->packet.queue);
		break;
	}
}

static bool runs_too_long(const struct execute_packet *execute)
{
	const struct vdxg_queue *queue = execute->packet.queue;

	return !READ_ONCE(queue->no_timeout) &&
	       execute->spent > (u64)READ_ONCE(tdr_ms) * NSEC_PER_MSEC;
}

static void stop(struct execute_packet *execute)
{
	const struct vdxg_timeline *timeline = execute->packet.queue->timeline;
	const struct vidmm_client *mm = timeline->mm;

	trace_vdxg_reset(mm, timeline->handle, execute->commands.address, execute->spent);
	if (__ratelimit(&reports))
		pr_notice("vdxg: %s[%d]: device 0x%x: the command buffer at 0x%llx has run for %llu ms; its context is reset\n",
			  mm->comm, mm->pid, timeline->handle, execute->commands.address,
			  div_u64(execute->spent, NSEC_PER_MSEC));
	vdxg_queue_reset(execute->packet.queue);
}

/* Go on with the command buffer; as vdxg_commands_run(). */
static int go_on(struct execute_packet *execute, struct vdxg_slice *slice)
{
	const struct vdxg_clock *clock = execute->packet.queue->timeline->engine->clock;
	u64 before = clock->now(clock);
	int status;

	status = vdxg_commands_run(&execute->commander, slice);
	slice->running = clock->now(clock) - before;
	slice->faulted = status == STATUS_UNSUCCESSFUL;
	execute->spent += slice->running;
	return status;
}

static void finish(struct execute_packet *execute)
{
	if (execute->commands.progress)
		vdxg_fence_signal(execute->commands.progress, execute->commands.value, false);
}

static void give_up(struct execute_packet *execute, enum vdxg_cancel why)
{
	if (execute->commands.progress)
		vdxg_fence_give_up(execute->commands.progress, why);
}

static enum vdxg_ran run_execute(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct execute_packet *execute = execute_of(packet);
	int status = prepare(packet->queue->timeline, slice);

	if (!status && execute->commands.bytes)
		status = go_on(execute, slice);
	if (!status) {
		finish(execute);
		return VDXG_RAN_DONE;
	}
	if (status == STATUS_PENDING && !runs_too_long(execute))
		return VDXG_RAN_AGAIN;
	if (status == STATUS_PENDING)
		stop(execute);
	else
		fail(execute, status);
	give_up(execute, VDXG_CANCEL_RESET);
	return VDXG_RAN_DONE;
}

static void cancel_execute(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	give_up(execute_of(packet), why);
}

static void release_execute(struct vdxg_packet *packet)
{
	struct execute_packet *execute = execute_of(packet);

	if (execute->commands.progress)
		vdxg_fence_put(execute->commands.progress);
	kfree(execute);
}

static const struct vdxg_packet_ops execute_ops = {
	.name = "execute",
	.kind = VDXG_PACKET_COMMANDS,
	.brief = true,
	.run = run_execute,
	.cancel = cancel_execute,
	.release = release_execute,
};

/**
 * vdxg_execute_packet - a packet that executes a command buffer
 * @queue: its queue, referenced
 * @commands: the command buffer; a reference is taken on its fence
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the packet, or NULL.
 */
struct vdxg_packet *vdxg_execute_packet(struct vdxg_queue *queue,
					const struct vdxg_commands_at *commands)
{
	struct execute_packet *execute = kzalloc(sizeof(*execute), VDXG_GFP);

	if (!execute)
		return NULL;
	vdxg_packet_init(&execute->packet, &execute_ops, queue);
	execute->commands = *commands;
	if (commands->progress)
		vdxg_fence_get(commands->progress);
	if (commands->null || queue->null)
		execute->commands.bytes = 0;
	execute->commander.timeline = queue->timeline;
	execute->commander.packet = &execute->packet;
	execute->commander.address = commands->address;
	execute->commander.bytes = commands->bytes;
	return &execute->packet;
}
