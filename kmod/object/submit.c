// SPDX-License-Identifier: GPL-2.0-only
/*
 * submit.c: SubmitCommand, SubmitCommandToHwQueue, Render
 *
 * What is checked here is the call; what the command buffer says is found out when it is executed.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <vdxg.h>

#include "../refuse.h"
#include "../sched/execute.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "hw_queue.h"
#include "process.h"
#include "sync.h"

/* Nothing in it is smaller, or begins elsewhere. */
#define COMMAND_ALIGN	8

/* Is this a range of addresses that may hold a command buffer? */
static bool is_range(u64 address, u32 bytes)
{
	return bytes <= VDXG_MAX_COMMAND_BYTES && IS_ALIGNED(address, COMMAND_ALIGN) &&
	       IS_ALIGNED(bytes, COMMAND_ALIGN) && address <= U64_MAX - bytes && (address || !bytes);
}

/* Are these allocations of a device? The process is locked. */
static bool are_allocations(struct vdxg_process *process, struct vdxg_device *device,
			    const struct d3dkmthandle *handles, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (!vdxg_allocation_peek(process, device, handles[i].v))
			return false;
	return true;
}

/* Paging queues put a device in error from afar: let its queues know. */
static void note_failure(struct vdxg_device *device)
{
	if (unlikely(READ_ONCE(device->pager->failed)))
		vdxg_device_set_error(device, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
}

/* The queue of a context that executes command buffers on @device, or on any if that is NULL. */
static struct vdxg_queue *queue_of(struct vdxg_process *process, struct d3dkmthandle handle,
				   struct vdxg_device **device)
{
	struct vdxg_context *context = vdxg_context_peek(process, handle);

	if (!context || !context->queue ||
	    context->flags & D3DDDI_CREATECONTEXT_SYNCHRONIZATION_ONLY)
		return NULL;
	if (!*device)
		*device = context->device;
	return *device == context->device ? context->queue : NULL;
}

static bool is_among(const struct vdxg_queue *queue, struct vdxg_queue *const *queues, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (queues[i] == queue)
			return true;
	return false;
}

/* The queues of all contexts a command buffer goes to, referenced. */
static int take_queues(struct vdxg_process *process, const struct d3dkmt_submitcommand *args,
		       struct vdxg_queue **queues)
{
	struct vdxg_device *device = NULL;
	u32 i;

	vdxg_process_lock(process);
	for (i = 0; i < args->broadcast_context_count; i++) {
		queues[i] = queue_of(process, args->broadcast_context[i], &device);
		if (!queues[i] || is_among(queues[i], queues, i)) {
			vdxg_refuse(0, "broadcast_context", args->broadcast_context[i].v,
				    "named twice, not of the first one's device, or not for commands");
			goto bad;
		}
	}
	if (!are_allocations(process, device, args->written_primaries, args->num_primaries))
		goto bad;
	note_failure(device);
	while (i--)
		vdxg_queue_get(queues[i]);
	vdxg_process_unlock(process);
	return STATUS_SUCCESS;
bad:
	vdxg_process_unlock(process);
	return STATUS_INVALID_PARAMETER;
}

static int add_packet(struct list_head *packets, struct vdxg_queue *queue,
		      const struct vdxg_commands_at *commands)
{
	struct vdxg_packet *packet = vdxg_execute_packet(queue, commands);

	if (!packet)
		return STATUS_NO_MEMORY;
	list_add_tail(&packet->link, packets);
	return STATUS_SUCCESS;
}

/* Queue a command buffer on each of some queues, or on none; drops the references. */
static int submit(struct vdxg_queue **queues, u32 count, const struct vdxg_commands_at *commands)
{
	int status = STATUS_SUCCESS;
	LIST_HEAD(packets);
	u32 i;

	for (i = 0; !status && i < count; i++)
		status = add_packet(&packets, queues[i], commands);
	if (!status)
		status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	for (i = 0; i < count; i++)
		vdxg_queue_put(queues[i]);
	return status;
}

/**
 * vdxg_submit_command - D3DKMTSubmitCommand
 * @call: the call; struct d3dkmt_submitcommand
 *
 * Goes to all contexts or to none. They are of one device, none of them named twice.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context, flag, range of addresses, primary, and
 * for history buffers; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED if the device is in error, a context has been
 * reset, or the adapter is gone. (d3dkmthk, D3DKMTSubmitCommand)
 */
int vdxg_submit_command(struct vdxg_call *call)
{
	struct d3dkmt_submitcommand *args = call->args;
	const struct vdxg_commands_at commands = {
		.address = args->command_buffer,
		.bytes = args->command_length,
		.null = args->flags & D3DKMT_SUBMITCOMMAND_NULL_RENDERING,
	};
	struct vdxg_queue *queues[D3DDDI_MAX_BROADCAST_CONTEXT];
	int status;

	if (args->flags & ~D3DKMT_SUBMITCOMMAND_FLAGS ||
	    args->flags & D3DKMT_SUBMITCOMMAND_PRESENT_REDIRECTED ||
	    !args->broadcast_context_count ||
	    args->broadcast_context_count > D3DDDI_MAX_BROADCAST_CONTEXT ||
	    args->num_primaries > D3DDDI_MAX_WRITTEN_PRIMARIES || args->num_history_buffers ||
	    (args->priv_drv_data_size && !args->priv_drv_data) ||
	    !is_range(commands.address, commands.bytes))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "command_length", commands.bytes,
				   "flags, counts, or a range that cannot be");
	status = take_queues(call->process, args, queues);
	if (status)
		return status;
	return submit(queues, args->broadcast_context_count, &commands);
}

/* A hardware queue and its fence, referenced. */
static int take_hw_queue(struct vdxg_process *process,
			 const struct d3dkmt_submitcommandtohwqueue *args,
			 const struct d3dkmthandle *primaries, struct vdxg_queue **queue,
			 struct vdxg_fence **fence)
{
	struct vdxg_hw_queue *hw_queue;
	struct vdxg_device *device;
	int status = STATUS_INVALID_PARAMETER;

	vdxg_process_lock(process);
	hw_queue = vdxg_hw_queue_peek(process, args->hwqueue);
	if (!hw_queue)
		goto unlock;
	device = hw_queue->context->device;
	if (!are_allocations(process, device, primaries, args->num_primaries))
		goto unlock;
	note_failure(device);
	*queue = hw_queue->queue;
	vdxg_queue_get(*queue);
	*fence = hw_queue->progress->sync->fence;
	vdxg_fence_get(*fence);
	status = STATUS_SUCCESS;
unlock:
	vdxg_process_unlock(process);
	return status;
}

/**
 * vdxg_submit_command_to_hw_queue - D3DKMTSubmitCommandToHwQueue
 * @call: the call; struct d3dkmt_submitcommandtohwqueue
 *
 * The progress fence gets the value of the call when the command buffer is done, unless it is beyond that
 * already.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad queue, range of addresses, or primary;
 * STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED, as SubmitCommand. (d3dkmthk, D3DKMTSubmitCommandToHwQueue)
 */
int vdxg_submit_command_to_hw_queue(struct vdxg_call *call)
{
	struct d3dkmt_submitcommandtohwqueue *args = call->args;
	struct d3dkmthandle primaries[D3DDDI_MAX_WRITTEN_PRIMARIES];
	struct vdxg_commands_at commands = {
		.address = args->command_buffer,
		.bytes = args->command_length,
		.value = args->hwqueue_progress_fence_id,
	};
	struct vdxg_queue *queue;
	int status;

	if (args->num_primaries > D3DDDI_MAX_WRITTEN_PRIMARIES ||
	    (args->priv_drv_data_size && !args->priv_drv_data) ||
	    !is_range(commands.address, commands.bytes))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "command_length", commands.bytes,
				   "flags, counts, or a range that cannot be");
	if (args->num_primaries &&
	    copy_from_user(primaries, u64_to_user_ptr(args->written_primaries),
			   args->num_primaries * sizeof(*primaries)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "written_primaries",
				   args->written_primaries, "cannot be read");
	status = take_hw_queue(call->process, args, primaries, &queue, &commands.progress);
	if (status)
		return status;
	status = submit(&queue, 1, &commands);
	vdxg_fence_put(commands.progress);
	return status;
}

/**
 * vdxg_render - D3DKMTRender
 * @call: the call; struct d3dkmt_render
 *
 * Its command buffers name allocations by lists, which a driver patches into them; ours have addresses:
 * SubmitCommand.
 *
 * Return: STATUS_INVALID_HANDLE for a bad context (documented); STATUS_INVALID_PARAMETER for a bad flag or
 * too many contexts; else STATUS_NOT_SUPPORTED. (d3dkmthk, D3DKMTRender)
 */
int vdxg_render(struct vdxg_call *call)
{
	struct d3dkmt_render *args = call->args;
	struct vdxg_queue *queue;

	queue = vdxg_context_queue(call->process, args->context);
	if (!queue)
		return STATUS_INVALID_HANDLE;
	vdxg_queue_put(queue);
	if (args->flags & ~D3DKMT_RENDER_FLAGS ||
	    args->broadcast_context_count > D3DDDI_MAX_BROADCAST_CONTEXT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits, or too many contexts");
	return vdxg_refuse(STATUS_NOT_SUPPORTED, "context", args->context.v,
			   "command buffers have addresses here: SubmitCommand");
}
