// SPDX-License-Identifier: GPL-2.0-only
/*
 * update_property.c: D3DKMTUpdateAllocationProperty
 *
 * The caller does what needs to wait for nobody; else the paging queue does it, in its order.
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "paging_queue.h"
#include "process.h"

/**
 * struct update - a change that waits in a paging queue
 * @op: what the queue knows
 * @properties: what is to change
 * @device: the device, referenced
 * @allocation: its allocation, referenced
 */
struct update {
	struct vidmm_paging_op op;
	struct vidmm_properties properties;
	struct vdxg_device *device;
	struct vdxg_allocation *allocation;
};

static int apply(struct vdxg_device *device, struct vdxg_allocation *allocation,
		 const struct vidmm_properties *properties, unsigned int flags)
{
	struct vidmm_ref ref = {
		.alloc = vdxg_allocation_mem(allocation),
		.count = &allocation->resident,
	};

	return vidmm_set_properties(device->client, &ref, properties, flags);
}

static int run_update(struct vidmm_paging_op *op)
{
	struct update *update = container_of(op, struct update, op);
	int status;

	/* Destroyed since. */
	if (!READ_ONCE(update->allocation->obj.handle))
		return STATUS_SUCCESS;
	status = apply(update->device, update->allocation, &update->properties, 0);
	/* Nobody is there any more who could be told. */
	if (status == STATUS_INVALID_PARAMETER)
		vdxg_device_set_error(update->device, D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
	return status;
}

static void release_update(struct vidmm_paging_op *op)
{
	struct update *update = container_of(op, struct update, op);

	vdxg_allocation_put(update->allocation);
	vdxg_device_put(update->device);
	kfree(update);
}

static int queue_update(struct vdxg_paging_queue *queue, struct vdxg_device *device,
			struct vdxg_allocation *allocation,
			const struct vidmm_properties *properties, u64 *fence_value)
{
	struct update *update = kzalloc(sizeof(*update), VDXG_GFP);

	if (!update)
		return STATUS_NO_MEMORY;
	update->op.run = run_update;
	update->op.release = release_update;
	update->properties = *properties;
	vdxg_object_get(&device->obj);
	update->device = device;
	vdxg_object_get(&allocation->obj);
	update->allocation = allocation;
	*fence_value = vidmm_paging_queue_add(queue->queue, &update->op);
	return STATUS_PENDING;
}

static int update(struct vdxg_call *call, struct vdxg_paging_queue *queue,
		  struct vdxg_device *device, struct vdxg_allocation *allocation)
{
	struct d3dddi_updateallocproperty *args = call->args;
	const struct vidmm_properties properties = {
		.mask = args->property_mask,
		.supported = args->supported_segment_set,
		.preferred = args->preferred_segment.value,
		.flags = args->flags,
	};
	int status;

	status = vidmm_check_properties(vdxg_allocation_mem(allocation), &properties);
	/* Whether the outputs can be written is known before anything changes. */
	if (!status)
		status = vdxg_call_reply(call);
	if (status)
		return status;
	status = STATUS_PENDING;
	if (vidmm_paging_queue_idle(queue->queue))
		status = apply(device, allocation, &properties, VIDMM_NOWAIT);
	if (status == STATUS_PENDING) {
		status = queue_update(queue, device, allocation, &properties,
				      &args->paging_fence_value);
		call->replied = false;
	}
	return status;
}

/**
 * vdxg_update_alloc_property - D3DKMTUpdateAllocationProperty
 * @call: the call; struct d3dddi_updateallocproperty
 *
 * Return: STATUS_SUCCESS: it is so now; STATUS_PENDING: it will be when the queue's fence reaches its value, or the
 * device will be in error; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY if there is no room where it has to go;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTUpdateAllocationProperty; Documentation/behaviour-memory.rst,
 * "Properties")
 */
int vdxg_update_alloc_property(struct vdxg_call *call)
{
	struct d3dddi_updateallocproperty *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_allocation *allocation;
	struct vdxg_paging_queue *queue;
	struct vdxg_device *device;
	int status;

	if (args->flags & ~D3DDDI_UPDATEALLOC_FLAGS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	if (args->property_mask & ~D3DDDI_UPDATEALLOC_PROPERTIES)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "property_mask", args->property_mask,
				   "undefined bits");
	queue = vdxg_paging_queue_get(process, args->paging_queue, &device);
	if (!queue)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "paging_queue", args->paging_queue.v,
				   "no paging queue of this process");
	args->paging_fence_value = 0;
	vdxg_process_lock(process);
	allocation = vdxg_allocation_peek(process, device, args->allocation.v);
	if (allocation)
		vdxg_object_get(&allocation->obj);
	vdxg_process_unlock(process);
	if (!allocation) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation", args->allocation.v,
				     "no allocation of the queue's device");
		goto put_queue;
	}
	status = STATUS_DEVICE_REMOVED;
	if (!vdxg_adapter_removed(device->adapter))
		status = update(call, queue, device, allocation);
	vdxg_allocation_put(allocation);
put_queue:
	vdxg_paging_queue_put(queue);
	vdxg_device_put(device);
	return status;
}
