// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c: CreateDevice, DestroyDevice, GetDeviceState
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "client.h"
#include "device.h"
#include "paging_queue.h"
#include "process.h"
#include "sync.h"

static void release_device(struct vdxg_object *obj)
{
	struct vdxg_device *device = container_of(obj, struct vdxg_device, obj);

	if (device->pager)
		vidmm_pager_put(device->pager);
	vdxg_adapter_put(device->adapter);
	vdxg_process_put(device->process);
	kfree(device);
}

const struct vdxg_class vdxg_device_class = {
	.name = "device",
	.release = release_device,
};

/**
 * vdxg_device_peek - look a device up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the device, good until the lock is dropped, or NULL.
 */
struct vdxg_device *vdxg_device_peek(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle.v, &vdxg_device_class);

	return obj ? container_of(obj, struct vdxg_device, obj) : NULL;
}

/**
 * vdxg_device_get - look a device up and take a reference
 * @process: the process
 * @handle: the handle, not trusted
 *
 * Context: takes the process's lock; sleeps.
 * Return: the device, or NULL.
 */
struct vdxg_device *vdxg_device_get(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_get(&process->handles, handle.v, &vdxg_device_class);

	return obj ? container_of(obj, struct vdxg_device, obj) : NULL;
}

/**
 * vdxg_create_device - D3DKMTCreateDevice
 * @call: the call; struct d3dkmt_createdevice
 *
 * The command buffer, allocation list and patch location list of the old interface are not used: their
 * pointers and sizes are 0.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad adapter or flag; STATUS_DEVICE_REMOVED;
 * STATUS_NO_MEMORY. (d3dkmthk, D3DKMTCreateDevice)
 */
int vdxg_create_device(struct vdxg_call *call)
{
	struct d3dkmt_createdevice *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_adapter_open *open;
	struct vdxg_device *device;
	int status;

	if (args->flags & ~D3DKMT_CREATEDEVICE_FLAGS)
		return STATUS_INVALID_PARAMETER;
	open = vdxg_adapter_open_get(process, args->adapter);
	if (!open)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(open->adapter))
		goto put_open;
	status = STATUS_NO_MEMORY;
	device = kzalloc(sizeof(*device), VDXG_GFP);
	if (!device)
		goto put_open;
	vdxg_object_init(&device->obj, &vdxg_device_class);
	INIT_LIST_HEAD(&device->resources);
	INIT_LIST_HEAD(&device->allocations);
	INIT_LIST_HEAD(&device->paging_queues);
	INIT_LIST_HEAD(&device->syncs);
	INIT_LIST_HEAD(&device->waits);
	INIT_LIST_HEAD(&device->doomed);
	INIT_LIST_HEAD(&device->doomed_queues);
	INIT_LIST_HEAD(&device->doomed_syncs);
	device->adapter = open->adapter;
	vdxg_adapter_get(device->adapter);
	device->process = process;
	vdxg_process_get(process);
	device->client = vdxg_client_of(process, device->adapter);
	device->pager = vidmm_pager_create();
	if (!device->client || !device->pager)
		goto put_device;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &device->obj);
	vdxg_process_unlock(process);
	if (status)
		goto put_device;
	args->device.v = device->obj.handle;
	args->command_buffer = 0;
	args->command_buffer_size = 0;
	args->allocation_list = 0;
	args->allocation_list_size = 0;
	args->patch_location_list = 0;
	args->patch_location_list_size = 0;
	status = vdxg_call_reply(call);

	vdxg_process_lock(process);
	if (status) {
		vdxg_handle_abandon(&process->handles, &device->obj);
	} else {
		vdxg_handle_publish(&process->handles, &device->obj);
		list_add_tail(&device->link, &process->devices);
	}
	vdxg_process_unlock(process);
	if (!status)
		goto put_open;
put_device:
	vdxg_device_put(device);
put_open:
	vdxg_object_put(&open->obj);
	return status;
}

/**
 * vdxg_device_unpublish - let a device and everything it owns die
 * @process: the process, locked
 * @device: a published device; the reference goes to the caller, who must call vdxg_device_close()
 */
void vdxg_device_unpublish(struct vdxg_process *process, struct vdxg_device *device)
{
	struct vdxg_allocation *allocation;
	struct vdxg_paging_queue *queue, *next_queue;
	struct vdxg_sync_open *sync, *next_sync;
	struct vdxg_resource *resource;

	vdxg_waits_cancel(device);
	list_for_each_entry_safe(queue, next_queue, &device->paging_queues, link)
		vdxg_paging_queue_unpublish(process, queue, &device->doomed_queues);
	list_for_each_entry_safe(sync, next_sync, &device->syncs, link)
		vdxg_sync_unpublish(process, sync, &device->doomed_syncs);
	while ((resource = list_first_entry_or_null(&device->resources, struct vdxg_resource,
						    link))) {
		vdxg_resource_unpublish(process, resource, &device->doomed);
		vdxg_object_put(&resource->obj);
		cond_resched();
	}
	list_for_each_entry(allocation, &device->allocations, link) {
		vdxg_allocation_unpublish(process, allocation);
		cond_resched();
	}
	list_splice_tail_init(&device->allocations, &device->doomed);
	list_del(&device->link);
	vdxg_handle_unpublish(&process->handles, &device->obj);
}

/**
 * vdxg_device_close - release what an unpublished device owned
 * @device: after vdxg_device_unpublish(); may be gone afterwards
 *
 * Context: no locks; sleeps.
 */
void vdxg_device_close(struct vdxg_device *device)
{
	/* No test keeps its operations waiting any more. */
	vidmm_pager_hold(device->pager, false);
	vdxg_paging_queues_close(&device->doomed_queues);
	vdxg_allocations_close(&device->doomed);
	vdxg_syncs_close(&device->doomed_syncs);
	vdxg_device_put(device);
}

/**
 * vdxg_destroy_device - D3DKMTDestroyDevice
 * @call: the call; struct d3dkmt_destroydevice
 *
 * Destroys its allocations and resources too. Works on a device whose adapter is gone.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk, D3DKMTDestroyDevice)
 */
int vdxg_destroy_device(struct vdxg_call *call)
{
	struct d3dkmt_destroydevice *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_device *device;

	vdxg_process_lock(process);
	device = vdxg_device_peek(process, args->device);
	if (device)
		vdxg_device_unpublish(process, device);
	vdxg_process_unlock(process);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	vdxg_device_close(device);
	return STATUS_SUCCESS;
}

/**
 * vdxg_device_set_error - put a device in error
 * @device: the device
 * @state: a D3DKMT_DEVICEEXECUTION_STATE; the first one stays
 *
 * Context: any.
 */
void vdxg_device_set_error(struct vdxg_device *device, u32 state)
{
	cmpxchg(&device->error, 0, state);
}

/**
 * vdxg_device_state - can a device still execute anything?
 * @device: the device
 *
 * Return: D3DKMT_DEVICEEXECUTION_ACTIVE, or the error it is in.
 */
u32 vdxg_device_state(struct vdxg_device *device)
{
	u32 error = READ_ONCE(device->error);

	if (error)
		return error;
	return READ_ONCE(device->pager->failed) ? D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY :
		D3DKMT_DEVICEEXECUTION_ACTIVE;
}

/**
 * vdxg_get_device_state - D3DKMTGetDeviceState
 * @call: the call; struct d3dkmt_getdevicestate
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device or state type; STATUS_DEVICE_REMOVED;
 * STATUS_NOT_SUPPORTED for the states of the display, which there is none of, and for those not kept yet.
 * (d3dkmthk, D3DKMTGetDeviceState)
 */
int vdxg_get_device_state(struct vdxg_call *call)
{
	struct d3dkmt_getdevicestate *args = call->args;
	struct vdxg_device *device = vdxg_device_get(call->process, args->device);
	int status = STATUS_SUCCESS;

	if (!device)
		return STATUS_INVALID_PARAMETER;
	if (args->state_type < D3DKMT_DEVICESTATE_EXECUTION ||
	    args->state_type > D3DKMT_DEVICESTATE_PRESENT_QUEUE)
		status = STATUS_INVALID_PARAMETER;
	else if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else if (args->state_type == D3DKMT_DEVICESTATE_EXECUTION)
		args->execution_state = vdxg_device_state(device);
	else
		status = STATUS_NOT_SUPPORTED;
	vdxg_device_put(device);
	return status;
}
