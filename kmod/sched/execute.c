// SPDX-License-Identifier: GPL-2.0-only
/*
 * execute.c: packets that execute command buffers (see execute.h)
 */
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "execute.h"
#include "fence.h"
#include "packet.h"
#include "queue.h"

/**
 * struct execute_packet - executes a command buffer
 * @packet: what the queue knows
 * @commands: the command buffer; its fence is referenced
 */
struct execute_packet {
	struct vdxg_packet packet;
	struct vdxg_commands commands;
};

static struct execute_packet *execute_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct execute_packet, packet);
}

static enum vdxg_ran run_execute(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct execute_packet *execute = execute_of(packet);

	if (execute->commands.progress)
		vdxg_fence_signal(execute->commands.progress, execute->commands.value, false);
	return VDXG_RAN_DONE;
}

static void cancel_execute(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	struct execute_packet *execute = execute_of(packet);

	if (execute->commands.progress)
		vdxg_fence_give_up(execute->commands.progress, why);
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
					const struct vdxg_commands *commands)
{
	struct execute_packet *execute = kzalloc(sizeof(*execute), VDXG_GFP);

	if (!execute)
		return NULL;
	vdxg_packet_init(&execute->packet, &execute_ops, queue);
	execute->commands = *commands;
	if (commands->progress)
		vdxg_fence_get(commands->progress);
	return &execute->packet;
}
