// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync.c: synchronization objects: CreateSynchronizationObject2, DestroySynchronizationObject,
 * OpenSynchronizationObject (see sync.h)
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../sched/counter.h"
#include "../vidmm/gpuva.h"
#include "adapter.h"
#include "calls.h"
#include "device.h"
#include "process.h"
#include "sync.h"

/* Flags that mean something for monitored fences only. */
#define MONITORED_FLAGS	(D3DDDI_SYNC_TOP_OF_PIPELINE | D3DDDI_SYNC_NO_SIGNAL | \
			 D3DDDI_SYNC_NO_WAIT | D3DDDI_SYNC_NO_SIGNAL_MAX_VALUE_ON_TDR | \
			 D3DDDI_SYNC_NO_GPU_ACCESS)

static void release_sync(struct vdxg_shareable *obj)
{
	struct vdxg_sync *sync = vdxg_sync_of(obj);

	/* Nobody can signal it any more: let go who still waits. */
	if (sync->fence) {
		vdxg_fence_kill(sync->fence);
		vdxg_fence_put(sync->fence);
	}
	if (sync->counter) {
		vdxg_counter_kill(sync->counter);
		vdxg_counter_put(sync->counter);
	}
	if (sync->event)
		eventfd_ctx_put(sync->event);
	vdxg_adapter_put(sync->adapter);
	kfree(sync);
}

const struct vdxg_shareable_class vdxg_shared_sync_class = {
	.name = "DxgkSharedSyncObject",
	.release = release_sync,
};

static void release_open(struct vdxg_object *obj)
{
	struct vdxg_sync_open *open = container_of(obj, struct vdxg_sync_open, obj);

	vdxg_shareable_close(&open->sync->base);
	kfree(open);
}

const struct vdxg_class vdxg_sync_class = {
	.name = "synchronization object",
	.release = release_open,
};

static struct vdxg_sync *new_sync(struct vdxg_device *device, u32 type, u32 flags)
{
	struct vdxg_sync *sync = kzalloc(sizeof(*sync), VDXG_GFP);

	if (!sync)
		return NULL;
	vdxg_shareable_init(&sync->base, &vdxg_shared_sync_class);
	sync->type = type;
	sync->flags = flags;
	sync->adapter = device->adapter;
	vdxg_adapter_get(sync->adapter);
	return sync;
}

/**
 * vdxg_sync_open_new - what a handle to an object will point to
 * @sync: the object; the caller's open becomes this one's, also on failure
 * @flags: D3DDDI_SYNC_* of the handle
 *
 * Context: sleeps.
 * Return: the open, not published, or NULL without memory.
 */
struct vdxg_sync_open *vdxg_sync_open_new(struct vdxg_sync *sync, u32 flags)
{
	struct vdxg_sync_open *open = kzalloc(sizeof(*open), VDXG_GFP);

	if (!open) {
		vdxg_shareable_close(&sync->base);
		return NULL;
	}
	vdxg_object_init(&open->obj, &vdxg_sync_class);
	INIT_LIST_HEAD(&open->link);
	open->sync = sync;
	open->flags = flags;
	open->rights = VDXG_RIGHTS;
	return open;
}

/* Let the GPU see the value of a monitored fence at an address of the process. */
static int map_for_gpu(struct vdxg_device *device, struct vdxg_sync_open *open)
{
	struct vidmm_va_space *space = &device->client->va;
	int status;

	if ((open->flags | open->sync->flags) & D3DDDI_SYNC_NO_GPU_ACCESS)
		return STATUS_SUCCESS;
	status = vidmm_va_map_page(space, open->sync->fence->page, &open->gpu_address);
	if (!status)
		open->space = space;
	return status;
}

/* Let the calling process see the value of a monitored fence. */
static int map_value(struct vdxg_device *device, struct vdxg_sync_open *open)
{
	struct vidmm_cpuspace *space = &device->process->space;
	int status;

	if (open->sync->type != D3DDDI_MONITORED_FENCE)
		return STATUS_SUCCESS;
	mutex_lock(&space->lock);
	status = vidmm_cpumap_create_page(space, open->sync->fence->page, &open->map);
	mutex_unlock(&space->lock);
	return status ? status : map_for_gpu(device, open);
}

static void close_open(struct vdxg_sync_open *open)
{
	if (open->map)
		vidmm_cpumap_destroy(open->map);
	open->map = NULL;
	if (open->space)
		vidmm_va_unmap_page(open->space, open->gpu_address);
	open->space = NULL;
	vdxg_object_put(&open->obj);
}

/**
 * vdxg_sync_open_on - open an object on a device, for the calling process
 * @device: the device, referenced
 * @sync: the object; the caller's open becomes the handle's, also on failure
 * @flags: D3DDDI_SYNC_* of the handle
 * @result: the open, not published; vdxg_sync_undo() takes it back
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for an object of another adapter that was not
 * made for several; STATUS_NO_MEMORY.
 */
int vdxg_sync_open_on(struct vdxg_device *device, struct vdxg_sync *sync, u32 flags,
		      struct vdxg_sync_open **result)
{
	struct vdxg_sync_open *open;
	int status;

	if (sync->adapter != device->adapter && !(sync->flags & D3DDDI_SYNC_CROSS_ADAPTER)) {
		vdxg_shareable_close(&sync->base);
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "device", device->obj.handle,
				   "of another adapter than the object");
	}
	open = vdxg_sync_open_new(sync, flags);
	if (!open)
		return STATUS_NO_MEMORY;
	open->device = device;
	status = map_value(device, open);
	if (status)
		close_open(open);
	else
		*result = open;
	return status;
}

/* Give a new object the fence in it. */
static int add_fence(struct vdxg_sync *sync, u64 initial)
{
	unsigned int flags = 0;

	if (sync->type == D3DDDI_MONITORED_FENCE)
		flags |= VDXG_FENCE_VISIBLE;
	if (sync->flags & D3DDDI_SYNC_NO_SIGNAL_MAX_VALUE_ON_TDR)
		flags |= VDXG_FENCE_KEEP_VALUE;
	sync->fence = vdxg_fence_create(&sync->adapter->fences, initial, flags);
	if (sync->fence)
		return STATUS_SUCCESS;
	return vdxg_adapter_removed(sync->adapter) ? STATUS_DEVICE_REMOVED : STATUS_NO_MEMORY;
}

/**
 * vdxg_sync_new_fence - make a monitored fence on a device, for the calling process
 * @device: the device, referenced
 * @initial: its value
 * @flags: D3DDDI_SYNC_*
 * @result: its open, not published; vdxg_sync_undo() takes it back
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, STATUS_NO_MEMORY or STATUS_DEVICE_REMOVED.
 */
int vdxg_sync_new_fence(struct vdxg_device *device, u64 initial, u32 flags,
			struct vdxg_sync_open **result)
{
	struct vdxg_sync *sync = new_sync(device, D3DDDI_MONITORED_FENCE, flags);
	int status;

	if (!sync)
		return STATUS_NO_MEMORY;
	status = add_fence(sync, initial);
	if (status) {
		vdxg_shareable_close(&sync->base);
		return status;
	}
	return vdxg_sync_open_on(device, sync, flags, result);
}

/**
 * vdxg_sync_peek - look a synchronization object up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the open, good until the lock is dropped, or NULL.
 */
struct vdxg_sync_open *vdxg_sync_peek(struct vdxg_process *process, u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle, &vdxg_sync_class);

	return obj ? container_of(obj, struct vdxg_sync_open, obj) : NULL;
}

/**
 * vdxg_sync_publish - let the handle of an open answer
 * @process: the process, locked
 * @open: an open with a reserved handle; its device, if it has one, is published
 */
void vdxg_sync_publish(struct vdxg_process *process, struct vdxg_sync_open *open)
{
	vdxg_handle_publish(&process->handles, &open->obj);
	list_add_tail(&open->link, open->device ? &open->device->syncs : &process->syncs);
}

/**
 * vdxg_sync_unpublish - let the handle of an open die
 * @process: the process, locked
 * @open: a published open
 * @doomed: where it goes, with its published reference, for vdxg_syncs_close()
 */
void vdxg_sync_unpublish(struct vdxg_process *process, struct vdxg_sync_open *open,
			 struct list_head *doomed)
{
	vdxg_handle_unpublish(&process->handles, &open->obj);
	open->device = NULL;
	list_move_tail(&open->link, doomed);
}

/**
 * vdxg_syncs_close - release unpublished opens
 * @doomed: list of them
 *
 * Context: no locks; sleeps. In the process itself the mapped values go from its address space.
 */
void vdxg_syncs_close(struct list_head *doomed)
{
	struct vdxg_sync_open *open, *next;

	list_for_each_entry_safe(open, next, doomed, link) {
		close_open(open);
		cond_resched();
	}
	INIT_LIST_HEAD(doomed);
}

/**
 * vdxg_sync_undo - take back an open that has not been published
 * @process: the process
 * @open: the open; its handle may be reserved
 *
 * Context: no locks; sleeps.
 */
void vdxg_sync_undo(struct vdxg_process *process, struct vdxg_sync_open *open)
{
	vdxg_process_lock(process);
	if (open->obj.handle)
		vdxg_handle_abandon(&process->handles, &open->obj);
	vdxg_process_unlock(process);
	close_open(open);
}

/**
 * vdxg_sync_finish - give an open its handle, answer the call, and publish it
 * @call: the call
 * @open: the open; taken back on failure
 * @handle: where in the arguments the handle goes
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY; STATUS_INVALID_PARAMETER if the device is gone;
 * VDXG_STATUS_FAULT.
 */
int vdxg_sync_finish(struct vdxg_call *call, struct vdxg_sync_open *open, u32 *handle)
{
	struct vdxg_process *process = call->process;
	int status;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &open->obj);
	vdxg_process_unlock(process);
	if (!status) {
		*handle = open->obj.handle;
		status = vdxg_call_reply(call);
	}
	vdxg_process_lock(process);
	/* The device may have been destroyed meanwhile. */
	if (!status && open->device && !open->device->obj.handle)
		status = STATUS_INVALID_PARAMETER;
	if (!status) {
		vdxg_sync_publish(process, open);
		vdxg_shareable_announce(&open->sync->base);
	}
	vdxg_process_unlock(process);
	if (status)
		vdxg_sync_undo(process, open);
	return status;
}

static int check_info(const struct d3dddi_synchronizationobjectinfo2 *info)
{
	u32 flags = info->flags;
	bool shared = flags & D3DDDI_SYNC_SHARED;
	bool nt = flags & D3DDDI_SYNC_NT_SECURITY_SHARING;

	/* Signals by a driver in the kernel are none of ours. */
	if (flags & ~D3DDDI_SYNC_FLAGS || flags & D3DDDI_SYNC_SIGNAL_BY_KMD || (nt && !shared))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "info.flags", flags,
				   "undefined bits, the kernel's, or NT handles but not shared");
	if (info->type != D3DDDI_MONITORED_FENCE && flags & MONITORED_FLAGS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "info.flags", flags,
				   "for monitored fences only");
	switch (info->type) {
	case D3DDDI_SYNCHRONIZATION_MUTEX:
	case D3DDDI_FENCE:
		return STATUS_SUCCESS;
	case D3DDDI_SEMAPHORE:
		return info->semaphore.initial_count > info->semaphore.max_count ?
			vdxg_refuse(STATUS_INVALID_PARAMETER, "info.semaphore.initial_count",
				    info->semaphore.initial_count, "more than the most") :
			STATUS_SUCCESS;
	case D3DDDI_CPU_NOTIFICATION:
		return shared ? vdxg_refuse(STATUS_INVALID_PARAMETER, "info.flags", flags,
					    "an event cannot be shared") : STATUS_SUCCESS;
	case D3DDDI_MONITORED_FENCE:
		/* A number anybody can guess would share too much, so there is none. */
		if (shared && !nt)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "info.flags", flags,
					   "a monitored fence is shared by NT handle");
		if (flags & D3DDDI_SYNC_NO_SIGNAL && flags & D3DDDI_SYNC_NO_WAIT)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "info.flags", flags,
					   "neither signal nor wait");
		/* There is one physical adapter, number 0. */
		return info->monitored_fence.engine_affinity > 1 ?
			vdxg_refuse(STATUS_INVALID_PARAMETER,
				    "info.monitored_fence.engine_affinity",
				    info->monitored_fence.engine_affinity, "no such adapter") :
			STATUS_SUCCESS;
	default:
		/* A periodic fence follows a video output, of which there are none. */
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "info.type", info->type,
				   "no such object");
	}
}

/**
 * vdxg_event_get - what a caller means by an event
 * @handle: an eventfd, not trusted
 * @event: it, referenced
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE for what is no descriptor;
 * STATUS_OBJECT_TYPE_MISMATCH for that of something else.
 */
int vdxg_event_get(u64 handle, struct eventfd_ctx **event)
{
	struct eventfd_ctx *ctx;

	ctx = handle && handle <= INT_MAX ? eventfd_ctx_fdget(handle) : ERR_PTR(-EBADF);
	if (IS_ERR(ctx))
		return vdxg_refuse(PTR_ERR(ctx) == -EBADF ? STATUS_INVALID_HANDLE :
				   STATUS_OBJECT_TYPE_MISMATCH, "event", handle, "no eventfd");
	*event = ctx;
	return STATUS_SUCCESS;
}

static int set_counter(struct vdxg_sync *sync, struct vdxg_counter *counter)
{
	sync->counter = counter;
	return counter ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static int init_sync(struct vdxg_sync *sync, struct vdxg_device *device,
		     const struct d3dddi_synchronizationobjectinfo2 *info)
{
	int status = STATUS_SUCCESS;

	switch (sync->type) {
	case D3DDDI_SYNCHRONIZATION_MUTEX:
		status = set_counter(sync, vdxg_mutex_create(info->synchronization_mutex.initial_state ?
							     &device->mutexes : NULL));
		break;
	case D3DDDI_SEMAPHORE:
		status = set_counter(sync, vdxg_semaphore_create(info->semaphore.max_count,
								 info->semaphore.initial_count));
		break;
	case D3DDDI_FENCE:
		status = add_fence(sync, info->fence.fence_value);
		break;
	case D3DDDI_CPU_NOTIFICATION:
		status = vdxg_event_get(info->cpu_notification.event, &sync->event);
		break;
	default:
		status = add_fence(sync, info->monitored_fence.initial_fence_value);
	}
	if (!status && sync->flags & D3DDDI_SYNC_SHARED &&
	    !(sync->flags & D3DDDI_SYNC_NT_SECURITY_SHARING))
		status = vdxg_shareable_make_global(&sync->base);
	return status;
}

static int create_on(struct vdxg_call *call, struct vdxg_device *device)
{
	struct d3dkmt_createsynchronizationobject2 *args = call->args;
	struct d3dddi_synchronizationobjectinfo2 *info = &args->info;
	struct vdxg_sync_open *open;
	struct vdxg_sync *sync;
	int status;

	sync = new_sync(device, info->type, info->flags);
	if (!sync)
		return STATUS_NO_MEMORY;
	status = init_sync(sync, device, info);
	if (status) {
		vdxg_shareable_close(&sync->base);
		return status;
	}
	status = vdxg_sync_open_on(device, sync, info->flags, &open);
	if (status)
		return status;
	info->shared_handle.v = sync->base.global;
	if (open->map) {
		info->monitored_fence.fence_cpu_virtual_address = open->map->address;
		info->monitored_fence.fence_gpu_virtual_address = open->gpu_address;
	}
	return vdxg_sync_finish(call, open, &args->sync_object.v);
}

/**
 * vdxg_create_sync - D3DKMTCreateSynchronizationObject2
 * @call: the call; struct d3dkmt_createsynchronizationobject2
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_INVALID_HANDLE for a CPU notification
 * without an event; STATUS_OBJECT_TYPE_MISMATCH for one with another descriptor;
 * STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY. (d3dkmthk, D3DKMTCreateSynchronizationObject2;
 * Documentation/behaviour-sharing.rst)
 */
int vdxg_create_sync(struct vdxg_call *call)
{
	struct d3dkmt_createsynchronizationobject2 *args = call->args;
	struct vdxg_device *device;
	int status;

	status = check_info(&args->info);
	if (status)
		return status;
	device = vdxg_device_get(call->process, args->device);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else
		status = create_on(call, device);
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_destroy_sync - D3DKMTDestroySynchronizationObject
 * @call: the call; struct d3dkmt_destroysynchronizationobject
 *
 * What others have of the object goes on. If this was all there was, those who wait for a fence are
 * let go.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, a global one, or a paging
 * queue's fence. (d3dkmthk, D3DKMTDestroySynchronizationObject)
 */
int vdxg_destroy_sync(struct vdxg_call *call)
{
	struct d3dkmt_destroysynchronizationobject *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_sync_open *open;
	LIST_HEAD(doomed);

	vdxg_process_lock(process);
	open = vdxg_sync_peek(process, args->sync_object.v);
	if (open && open->system)
		vdxg_refuse(0, "sync_object", args->sync_object.v, "a queue's fence");
	else if (open)
		vdxg_sync_unpublish(process, open, &doomed);
	vdxg_process_unlock(process);
	if (list_empty(&doomed))
		return STATUS_INVALID_PARAMETER;
	vdxg_syncs_close(&doomed);
	return STATUS_SUCCESS;
}

/**
 * vdxg_open_sync - D3DKMTOpenSynchronizationObject
 * @call: the call; struct d3dkmt_opensynchronizationobject
 *
 * The handle belongs to the process, not to a device.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for what is no global handle of the caller's
 * user and PID namespace; STATUS_NO_MEMORY. (d3dkmthk, D3DKMTOpenSynchronizationObject)
 */
int vdxg_open_sync(struct vdxg_call *call)
{
	struct d3dkmt_opensynchronizationobject *args = call->args;
	struct vdxg_shareable *obj = vdxg_global_open(args->shared_handle.v,
						      &vdxg_shared_sync_class);
	struct vdxg_sync_open *open;

	if (!obj)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "shared_handle",
				   args->shared_handle.v, "no global handle of this user's");
	open = vdxg_sync_open_new(vdxg_sync_of(obj), vdxg_sync_of(obj)->flags);
	if (!open)
		return STATUS_NO_MEMORY;
	return vdxg_sync_finish(call, open, &args->sync_object.v);
}
