// SPDX-License-Identifier: GPL-2.0-only
/*
 * paging_queue.c: D3DKMTCreatePagingQueue, D3DKMTDestroyPagingQueue
 *
 * A paging queue has a monitored fence, whose value the process reads at an address of its own.
 * What the queue does is in vidmm/paging.c.
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "calls.h"
#include "device.h"
#include "paging_queue.h"
#include "process.h"
#include "sync.h"

static void release_paging_queue(struct vdxg_object *obj)
{
	struct vdxg_paging_queue *queue = container_of(obj, struct vdxg_paging_queue, obj);

	if (queue->queue)
		vidmm_paging_queue_put(queue->queue);
	kfree(queue);
}

static const struct vdxg_class paging_queue_class = {
	.name = "paging queue",
	.release = release_paging_queue,
};

static struct vdxg_paging_queue *peek(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle.v,
						   &paging_queue_class);

	return obj ? container_of(obj, struct vdxg_paging_queue, obj) : NULL;
}

/**
 * vdxg_paging_queue_get - look a paging queue up, and its device
 * @process: the process
 * @handle: the handle, not trusted
 * @device: its device, referenced
 *
 * Context: takes the process's lock; sleeps.
 * Return: the queue, referenced, or NULL.
 */
struct vdxg_paging_queue *vdxg_paging_queue_get(struct vdxg_process *process,
						struct d3dkmthandle handle,
						struct vdxg_device **device)
{
	struct vdxg_paging_queue *queue;

	vdxg_process_lock(process);
	queue = peek(process, handle);
	if (queue) {
		vdxg_object_get(&queue->obj);
		vdxg_object_get(&queue->device->obj);
		*device = queue->device;
	}
	vdxg_process_unlock(process);
	return queue;
}

/**
 * vdxg_paging_queue_unpublish - let a paging queue die
 * @process: the process, locked
 * @queue: a published paging queue
 * @doomed: where it goes, with its published reference, for vdxg_paging_queues_close()
 */
void vdxg_paging_queue_unpublish(struct vdxg_process *process, struct vdxg_paging_queue *queue,
				 struct list_head *doomed)
{
	vdxg_handle_unpublish(&process->handles, &queue->obj);
	queue->device = NULL;
	list_move_tail(&queue->link, doomed);
	vdxg_sync_unpublish(process, queue->sync, &queue->syncs);
}

/**
 * vdxg_paging_queues_close - finish what unpublished paging queues have to do
 * @doomed: list of them
 *
 * Waits for their operations. A caller that is killed does not wait; they are done nevertheless.
 *
 * Context: no locks; sleeps.
 */
void vdxg_paging_queues_close(struct list_head *doomed)
{
	struct vdxg_paging_queue *queue, *next;

	list_for_each_entry_safe(queue, next, doomed, link) {
		vidmm_paging_queue_drain(queue->queue);
		vdxg_syncs_close(&queue->syncs);
		vdxg_paging_queue_put(queue);
	}
	INIT_LIST_HEAD(doomed);
}

/* The queue and its fence, without handles; undo() is due on failure too. */
static int set_up(struct vdxg_paging_queue *queue, struct vdxg_device *device, int priority)
{
	int status;

	vdxg_object_init(&queue->obj, &paging_queue_class);
	INIT_LIST_HEAD(&queue->link);
	INIT_LIST_HEAD(&queue->syncs);
	status = vdxg_sync_new_fence(device, 0, 0, &queue->sync);
	if (status) {
		queue->sync = NULL;
		return status;
	}
	queue->sync->system = true;
	queue->queue = vidmm_paging_queue_create(device->pager, queue->sync->sync->fence, priority);
	return queue->queue ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* The queue first, then its fence. */
static int reserve(struct vdxg_process *process, struct vdxg_paging_queue *queue)
{
	int status;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &queue->obj);
	if (!status)
		status = vdxg_handle_reserve(&process->handles, &queue->sync->obj);
	vdxg_process_unlock(process);
	return status;
}

/* Now or never: the device may have been destroyed meanwhile. */
static int publish(struct vdxg_process *process, struct vdxg_device *device,
		   struct vdxg_paging_queue *queue)
{
	int status = STATUS_INVALID_PARAMETER;

	vdxg_process_lock(process);
	if (device->obj.handle) {
		queue->device = device;
		list_add_tail(&queue->link, &device->paging_queues);
		vdxg_handle_publish(&process->handles, &queue->obj);
		vdxg_sync_publish(process, queue->sync);
		status = STATUS_SUCCESS;
	}
	vdxg_process_unlock(process);
	return status;
}

static void undo(struct vdxg_process *process, struct vdxg_paging_queue *queue)
{
	vdxg_process_lock(process);
	if (queue->obj.handle)
		vdxg_handle_abandon(&process->handles, &queue->obj);
	vdxg_process_unlock(process);
	if (queue->sync)
		vdxg_sync_undo(process, queue->sync);
	vdxg_paging_queue_put(queue);
}

/**
 * vdxg_create_paging_queue - D3DKMTCreatePagingQueue
 * @call: the call; struct d3dkmt_createpagingqueue
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device, priority or physical adapter;
 * STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTCreatePagingQueue)
 */
int vdxg_create_paging_queue(struct vdxg_call *call)
{
	struct d3dkmt_createpagingqueue *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_paging_queue *queue;
	struct vdxg_device *device;
	int status;

	if (args->priority < VIDMM_PAGING_LOWEST || args->priority > VIDMM_PAGING_HIGHEST ||
	    args->physical_adapter_index)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priority", args->priority,
				   "no such priority, or physical_adapter_index is not 0");
	device = vdxg_device_get(process, args->device);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto put_device;
	status = STATUS_NO_MEMORY;
	queue = kzalloc(sizeof(*queue), VDXG_GFP);
	if (!queue)
		goto put_device;
	status = set_up(queue, device, args->priority);
	if (!status)
		status = reserve(process, queue);
	if (status)
		goto undo;
	args->paging_queue.v = queue->obj.handle;
	args->sync_object.v = queue->sync->obj.handle;
	args->fence_cpu_virtual_address = queue->sync->map->address;
	status = vdxg_call_reply(call);
	if (!status)
		status = publish(process, device, queue);
	if (!status)
		goto put_device;
undo:
	undo(process, queue);
put_device:
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_destroy_paging_queue - D3DKMTDestroyPagingQueue
 * @call: the call; struct d3dddi_destroypagingqueue
 *
 * Waits for everything that was queued. Destroys the fence, its handle and its address too.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk,
 * D3DKMTDestroyPagingQueue)
 */
int vdxg_destroy_paging_queue(struct vdxg_call *call)
{
	struct d3dddi_destroypagingqueue *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_paging_queue *queue;
	LIST_HEAD(doomed);

	vdxg_process_lock(process);
	queue = peek(process, args->paging_queue);
	if (queue)
		vdxg_paging_queue_unpublish(process, queue, &doomed);
	vdxg_process_unlock(process);
	if (!queue)
		return STATUS_INVALID_PARAMETER;
	vdxg_paging_queues_close(&doomed);
	return STATUS_SUCCESS;
}
