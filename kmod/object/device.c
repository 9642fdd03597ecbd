// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c: CreateDevice, DestroyDevice, GetDeviceState
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "client.h"
#include "context.h"
#include "device.h"
#include "paging_queue.h"
#include "process.h"
#include "sync.h"

static void release_device(struct vdxg_object *obj)
{
	struct vdxg_device *device = container_of(obj, struct vdxg_device, obj);

	/* Who closed it and was killed did not wait for the last packets, which may have taken a mutex since. */
	vdxg_counter_owner_leave(&device->mutexes);
	if (device->timeline.engine)
		vdxg_timeline_fini(&device->timeline);
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

static struct vdxg_device *device_of(struct vdxg_timeline *timeline)
{
	return container_of(timeline, struct vdxg_device, timeline);
}

static void get_by_timeline(struct vdxg_timeline *timeline)
{
	vdxg_object_get(&device_of(timeline)->obj);
}

static void put_by_timeline(struct vdxg_timeline *timeline)
{
	vdxg_device_put(device_of(timeline));
}

static const struct vdxg_timeline_ops timeline_ops = {
	.get = get_by_timeline,
	.put = put_by_timeline,
};

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
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
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
	vdxg_deferral_init(&device->deferral);
	vdxg_counter_owner_init(&device->mutexes);
	INIT_LIST_HEAD(&device->notifications);
	INIT_LIST_HEAD(&device->doomed);
	INIT_LIST_HEAD(&device->contexts);
	INIT_LIST_HEAD(&device->doomed_contexts);
	INIT_LIST_HEAD(&device->doomed_queues);
	INIT_LIST_HEAD(&device->doomed_syncs);
	device->flags = args->flags;
	device->adapter = open->adapter;
	vdxg_adapter_get(device->adapter);
	device->process = process;
	vdxg_process_get(process);
	device->client = vdxg_client_of(process, device->adapter);
	device->pager = vidmm_pager_create();
	if (!device->client || !device->pager)
		goto put_device;
	device->timeline.mm = device->client;
	device->timeline.owner = device;
	vdxg_timeline_init(&device->timeline, device->adapter->engine,
			   vdxg_client_turns(device->client), &timeline_ops);

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &device->obj);
	vdxg_process_unlock(process);
	if (status)
		goto put_device;
	args->device.v = device->obj.handle;
	device->timeline.handle = device->obj.handle;
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
	vdxg_contexts_unpublish(process, device);
	vdxg_notifications_end(device);
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
 * @kill: let nothing finish that has been submitted to it
 *
 * Context: no locks; sleeps.
 */
void vdxg_device_close(struct vdxg_device *device, bool kill)
{
	if (kill)
		vdxg_device_set_error(device, D3DKMT_DEVICEEXECUTION_STOPPED);
	vdxg_contexts_close(&device->doomed_contexts, kill);
	/* No test keeps its operations waiting any more. */
	vidmm_pager_hold(device->pager, false);
	vdxg_paging_queues_close(&device->doomed_queues);
	vdxg_defer(device, &device->doomed);
	vdxg_counter_owner_leave(&device->mutexes);
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
	vdxg_device_close(device, false);
	return STATUS_SUCCESS;
}

/**
 * vdxg_device_set_error - put a device in error
 * @device: the device
 * @state: a D3DKMT_DEVICEEXECUTION_STATE; the first one stays
 *
 * Context: no spinlocks; may sleep.
 */
void vdxg_device_set_error(struct vdxg_device *device, u32 state)
{
	vdxg_timeline_fail(&device->timeline, state);
}

/**
 * vdxg_device_state - can a device still execute anything?
 * @device: the device
 *
 * Return: D3DKMT_DEVICEEXECUTION_ACTIVE, or the error it is in; D3DKMT_DEVICEEXECUTION_HUNG if one of
 * its contexts was reset, while the others go on.
 */
u32 vdxg_device_state(struct vdxg_device *device)
{
	u32 error = vdxg_timeline_error(&device->timeline);

	if (error)
		return error;
	if (READ_ONCE(device->pager->failed))
		return D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY;
	return READ_ONCE(device->timeline.hung) ? D3DKMT_DEVICEEXECUTION_HUNG :
		D3DKMT_DEVICEEXECUTION_ACTIVE;
}

static void page_fault_state(struct vdxg_device *device, struct d3dkmt_devicepagefault_state *state)
{
	struct vdxg_fault fault;

	vdxg_timeline_last_fault(&device->timeline, &fault);
	*state = (struct d3dkmt_devicepagefault_state) {
		.page_fault_flags = fault.flags,
		.faulted_virtual_address = fault.address,
	};
	if (fault.missing)
		state->fault_error_code.value = DXGK_FAULT_ERROR_DEVICE_SPECIFIC |
						fault.missing << 1;
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
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "state_type", args->state_type,
				     "there is no such state");
	else if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else if (args->state_type == D3DKMT_DEVICESTATE_EXECUTION)
		args->execution_state = vdxg_device_state(device);
	else if (args->state_type == D3DKMT_DEVICESTATE_RESET)
		args->reset_state.value = 0;
	else if (args->state_type == D3DKMT_DEVICESTATE_PAGE_FAULT)
		page_fault_state(device, &args->page_fault_state);
	else
		status = vdxg_refuse(STATUS_NOT_SUPPORTED, "state_type", args->state_type,
				     "nobody keeps this state");
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_mark_device_as_error - D3DKMTMarkDeviceAsError
 * @call: the call; struct d3dkmt_markdeviceaserror
 *
 * What the device has queued is cancelled, and it accepts no more. The first error of a device stays.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device or reason; STATUS_DEVICE_REMOVED.
 * (d3dkmthk, D3DKMTMarkDeviceAsError; Documentation/behaviour-gpusync.rst)
 */
int vdxg_mark_device_as_error(struct vdxg_call *call)
{
	const struct d3dkmt_markdeviceaserror *args = call->args;
	struct vdxg_device *device;
	int status = STATUS_SUCCESS;
	u32 state;

	switch (args->reason) {
	case D3DKMT_DEVICE_ERROR_REASON_GENERIC:
		state = D3DKMT_DEVICEEXECUTION_HUNG;
		break;
	case D3DKMT_DEVICE_ERROR_REASON_DRIVER_ERROR:
		state = D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT;
		break;
	default:
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "reason", args->reason,
				   "no such reason");
	}
	device = vdxg_device_get(call->process, args->device);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else
		vdxg_device_set_error(device, state);
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_wait_for_idle - D3DKMTWaitForIdle
 * @call: the call; struct vdxg_waitforidle
 *
 * Waits until what all contexts, hardware queues and paging queues of the device have to do now has been
 * done, or cancelled.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device; STATUS_DEVICE_REMOVED; -ERESTARTNOINTR
 * for a signal: the call starts anew by itself. (d3dkmthk, D3DKMTWaitForIdle)
 */
int vdxg_wait_for_idle(struct vdxg_call *call)
{
	const struct vdxg_waitforidle *args = call->args;
	struct vdxg_device *device = vdxg_device_get(call->process,
						     (struct d3dkmthandle){ args->device });
	int status = STATUS_SUCCESS;
	u64 mark;

	if (!device)
		return STATUS_INVALID_PARAMETER;
	mark = vidmm_pager_mark(device->pager);
	status = vdxg_timeline_wait_idle(&device->timeline);
	if (!status && vidmm_pager_wait(device->pager, mark, TASK_INTERRUPTIBLE))
		status = -ERESTARTNOINTR;
	if (!status && vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	vdxg_device_put(device);
	return status;
}
