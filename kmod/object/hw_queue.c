// SPDX-License-Identifier: GPL-2.0-only
/*
 * hw_queue.c: CreateHwQueue, DestroyHwQueue (see hw_queue.h)
 *
 * A context whose hardware queue is made is a hardware context, or was made with HwQueueSupported: the
 * interface of WSL has no call for hardware contexts, so programs there do the latter.
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/cpumap.h"
#include "adapter.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "hw_queue.h"
#include "process.h"
#include "sync.h"

static void release_hw_queue(struct vdxg_object *obj)
{
	struct vdxg_hw_queue *queue = container_of(obj, struct vdxg_hw_queue, obj);

	if (queue->queue)
		vdxg_queue_put(queue->queue);
	kfree(queue);
}

const struct vdxg_class vdxg_hw_queue_class = {
	.name = "hardware queue",
	.release = release_hw_queue,
};

/**
 * vdxg_hw_queue_peek - look a hardware queue up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the queue, good until the lock is dropped, or NULL.
 */
struct vdxg_hw_queue *vdxg_hw_queue_peek(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle.v,
						   &vdxg_hw_queue_class);

	return obj ? container_of(obj, struct vdxg_hw_queue, obj) : NULL;
}

/**
 * vdxg_hw_queue_unpublish - let a hardware queue die
 * @process: the process, locked
 * @queue: a published queue; stays in its list, for vdxg_hw_queues_close()
 */
void vdxg_hw_queue_unpublish(struct vdxg_process *process, struct vdxg_hw_queue *queue)
{
	vdxg_handle_unpublish(&process->handles, &queue->obj);
	queue->context = NULL;
	vdxg_sync_unpublish(process, queue->progress, &queue->syncs);
}

/**
 * vdxg_hw_queues_close - release unpublished hardware queues
 * @queues: list of them
 * @kill: let nothing finish that they have to do
 *
 * Context: no locks; sleeps until they have nothing more to do (see vdxg_queue_close()).
 */
void vdxg_hw_queues_close(struct list_head *queues, bool kill)
{
	struct vdxg_hw_queue *queue, *next;

	list_for_each_entry_safe(queue, next, queues, link) {
		vdxg_queue_close(queue->queue, kill);
		vdxg_syncs_close(&queue->syncs);
		vdxg_object_put(&queue->obj);
		cond_resched();
	}
	INIT_LIST_HEAD(queues);
}

/* A context that may have hardware queues, and its device, both referenced. */
static struct vdxg_context *get_context(struct vdxg_process *process, struct d3dkmthandle handle,
					struct vdxg_device **device)
{
	struct vdxg_context *context;

	vdxg_process_lock(process);
	context = vdxg_context_peek(process, handle);
	if (context && !context->hardware &&
	    !(context->flags & D3DDDI_CREATECONTEXT_HW_QUEUE_SUPPORTED)) {
		vdxg_refuse(0, "context", handle.v, "created without HwQueueSupported");
		context = NULL;
	}
	if (context) {
		vdxg_object_get(&context->obj);
		*device = context->device;
		vdxg_object_get(&context->device->obj);
	}
	vdxg_process_unlock(process);
	return context;
}

/* The queue and its fence, without handles; undo() is due on failure too. */
static int set_up(struct vdxg_hw_queue *queue, struct vdxg_device *device,
		  struct vdxg_context *context, u32 flags)
{
	u32 no_timeout = context->flags & D3DDDI_CREATECONTEXT_DISABLE_GPU_TIMEOUT ||
			 device->flags & D3DKMT_CREATEDEVICE_DISABLE_GPU_TIMEOUT ||
			 flags & D3DDDI_CREATEHWQUEUE_DISABLE_GPU_TIMEOUT;
	int status;

	vdxg_object_init(&queue->obj, &vdxg_hw_queue_class);
	INIT_LIST_HEAD(&queue->link);
	INIT_LIST_HEAD(&queue->syncs);
	queue->flags = flags;
	status = vdxg_sync_new_fence(device, 0, 0, &queue->progress);
	if (status) {
		queue->progress = NULL;
		return status;
	}
	queue->progress->system = true;
	queue->queue = vdxg_queue_create(&device->timeline);
	if (!queue->queue)
		return STATUS_NO_MEMORY;
	queue->queue->no_timeout = no_timeout;
	queue->queue->null = context->flags & D3DDDI_CREATECONTEXT_NULL_RENDERING;
	return STATUS_SUCCESS;
}

/* The queue first, then its fence. */
static int reserve(struct vdxg_process *process, struct vdxg_hw_queue *queue)
{
	int status;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &queue->obj);
	if (!status)
		status = vdxg_handle_reserve(&process->handles, &queue->progress->obj);
	vdxg_process_unlock(process);
	return status;
}

/* Now or never: the context may have been destroyed meanwhile. */
static int publish(struct vdxg_process *process, struct vdxg_context *context,
		   struct vdxg_hw_queue *queue)
{
	int status = STATUS_INVALID_PARAMETER;

	vdxg_process_lock(process);
	if (context->obj.handle) {
		queue->context = context;
		list_add_tail(&queue->link, &context->hw_queues);
		vdxg_queue_set_priority(queue->queue, context->priority, context->in_process);
		vdxg_handle_publish(&process->handles, &queue->obj);
		vdxg_sync_publish(process, queue->progress);
		status = STATUS_SUCCESS;
	}
	vdxg_process_unlock(process);
	return status;
}

static void undo(struct vdxg_process *process, struct vdxg_hw_queue *queue)
{
	vdxg_process_lock(process);
	if (queue->obj.handle)
		vdxg_handle_abandon(&process->handles, &queue->obj);
	vdxg_process_unlock(process);
	if (queue->progress)
		vdxg_sync_undo(process, queue->progress);
	vdxg_object_put(&queue->obj);
}

/**
 * vdxg_create_hw_queue - D3DKMTCreateHwQueue
 * @call: the call; struct d3dkmt_createhwqueue
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context or flag, and for a context without
 * hardware queues; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTCreateHwQueue)
 */
int vdxg_create_hw_queue(struct vdxg_call *call)
{
	struct d3dkmt_createhwqueue *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_context *context;
	struct vdxg_hw_queue *queue;
	struct vdxg_device *device;
	int status;

	if (args->flags & ~D3DDDI_CREATEHWQUEUE_FLAGS ||
	    (args->priv_drv_data_size && !args->priv_drv_data))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits, or a size without data");
	context = get_context(process, args->context, &device);
	if (!context)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto put;
	status = STATUS_NO_MEMORY;
	queue = kzalloc(sizeof(*queue), VDXG_GFP);
	if (!queue)
		goto put;
	status = set_up(queue, device, context, args->flags);
	if (!status)
		status = reserve(process, queue);
	if (!status) {
		args->queue.v = queue->obj.handle;
		args->queue_progress_fence.v = queue->progress->obj.handle;
		args->queue_progress_fence_cpu_va = queue->progress->map->address;
		args->queue_progress_fence_gpu_va = queue->progress->gpu_address;
		status = vdxg_call_reply(call);
	}
	if (!status)
		status = publish(process, context, queue);
	if (status)
		undo(process, queue);
put:
	vdxg_object_put(&context->obj);
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_destroy_hw_queue - D3DKMTDestroyHwQueue
 * @call: the call; struct d3dkmt_destroyhwqueue
 *
 * Lets finish what can. Destroys the progress fence, its handle and its addresses too.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk, D3DKMTDestroyHwQueue)
 */
int vdxg_destroy_hw_queue(struct vdxg_call *call)
{
	struct d3dkmt_destroyhwqueue *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_hw_queue *queue;
	LIST_HEAD(doomed);

	vdxg_process_lock(process);
	queue = vdxg_hw_queue_peek(process, args->queue);
	if (queue) {
		vdxg_hw_queue_unpublish(process, queue);
		list_move_tail(&queue->link, &doomed);
	}
	vdxg_process_unlock(process);
	if (!queue)
		return STATUS_INVALID_PARAMETER;
	vdxg_hw_queues_close(&doomed, false);
	return STATUS_SUCCESS;
}
