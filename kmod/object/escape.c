// SPDX-License-Identifier: GPL-2.0-only
/*
 * escape.c: D3DKMTEscape
 *
 * There is no driver-private escape: this driver has no other half in user space. The escapes of the video memory
 * manager are hooks for tests, which could hurt other processes, and are for the privileged only. Their structure is the
 * beginning of Microsoft's; the rest of that is not looked at.
 */
#include <linux/capability.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/hooks.h"
#include "../vidmm/paging.h"
#include "../vidmm/watch.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "client.h"
#include "paging_queue.h"
#include "process.h"

/* Types that Windows knows: 0 to the first, and from the second to the third. */
#define LAST_TYPE	39
#define FIRST_WIN32K	1024
#define LAST_WIN32K	1038

/* An operation is not delayed for longer. */
#define MAX_DELAY_MS	10000U

/**
 * struct vidmm_call - a VIDMM escape
 * @process: the caller
 * @adapter: the adapter named
 * @device: the device named, or 0
 * @args: the kernel's copy of the structure
 */
struct vidmm_call {
	struct vdxg_process *process;
	struct vdxg_adapter *adapter;
	struct d3dkmthandle device;
	struct d3dkmt_vidmm_escape args;
};

static struct vidmm_client *own_client(struct vidmm_call *c)
{
	return vdxg_client_find(c->process, c->adapter);
}

static int no_device(void)
{
	return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter", 0,
			   "the caller has never had a device on it");
}

static int set_budget(struct vidmm_call *c)
{
	struct vidmm_client *client = own_client(c);

	if (!client)
		return no_device();
	vidmm_set_budget(client, VIDMM_GROUP_LOCAL, c->args.set_budget.local_memory_budget);
	vidmm_set_budget(client, VIDMM_GROUP_NON_LOCAL, c->args.set_budget.system_memory_budget);
	return STATUS_SUCCESS;
}

static int get_budget(struct vidmm_call *c)
{
	struct vidmm_client *client = own_client(c);

	if (!client)
		return no_device();
	c->args.get_budget.num_bytes_to_trim = vidmm_trim_size(client);
	return STATUS_SUCCESS;
}

/* Everything that a process has on the adapter. */
static int evict_process(struct vidmm_call *c)
{
	struct vidmm_client *client;
	struct vdxg_process *process;
	int status;

	status = vdxg_process_of(c->process, c->args.evict.process, &process);
	if (status || !process)
		return status;
	client = vdxg_client_find(process, c->adapter);
	if (client)
		status = vidmm_evict_all(&c->adapter->mm, client, 0, U64_MAX);
	vdxg_process_put(process);
	return status;
}

/* The allocations of a resource, or one allocation, referenced; at most @room, returns how many there are. */
static u32 collect(struct vidmm_call *c, struct vdxg_allocation **found, u32 room)
{
	struct vdxg_device *device = vdxg_device_peek(c->process, c->device);
	struct vdxg_allocation *allocation;
	struct vdxg_resource *resource;
	u32 count = 0;

	if (!device || device->adapter != c->adapter)
		return 0;
	if (c->args.evict.allocation.v) {
		allocation = vdxg_allocation_peek(c->process, device, c->args.evict.allocation.v);
		if (allocation && ++count <= room) {
			vdxg_object_get(&allocation->obj);
			found[0] = allocation;
		}
		return count;
	}
	resource = vdxg_resource_peek(c->process, device, c->args.evict.resource.v);
	if (!resource)
		return 0;
	list_for_each_entry(allocation, &resource->allocations, link) {
		if (++count > room)
			continue;
		vdxg_object_get(&allocation->obj);
		found[count - 1] = allocation;
	}
	return count;
}

static int evict_named(struct vidmm_call *c)
{
	struct vdxg_allocation **found;
	int status = STATUS_SUCCESS;
	u32 count, i;

	vdxg_process_lock(c->process);
	count = collect(c, NULL, 0);
	vdxg_process_unlock(c->process);
	if (!count)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "device", c->device.v,
				   "of another adapter, or without such an allocation or resource");
	found = kvmalloc_array(count, sizeof(*found), VDXG_GFP);
	if (!found)
		return STATUS_NO_MEMORY;
	vdxg_process_lock(c->process);
	count = min(count, collect(c, found, count));
	vdxg_process_unlock(c->process);
	for (i = 0; i < count; i++) {
		if (!status)
			status = vidmm_evict_one(vdxg_allocation_mem(found[i]));
		vdxg_allocation_put(found[i]);
		cond_resched();
	}
	kvfree(found);
	return status;
}

static int evict(struct vidmm_call *c)
{
	u32 resource = c->args.evict.resource.v, allocation = c->args.evict.allocation.v;

	if (resource && allocation)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "resource", resource,
				   "an allocation is named, too");
	return resource || allocation ? evict_named(c) : evict_process(c);
}

static int evict_by_criteria(struct vidmm_call *c)
{
	u64 min = c->args.evict_by_criteria.minimum_size;
	u64 max = c->args.evict_by_criteria.maximum_size ?: U64_MAX;

	if (c->args.evict_by_criteria.flags & ~D3DKMT_EVICTION_PRIMARY || max < min)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags",
				   c->args.evict_by_criteria.flags,
				   "undefined bits, or at least more than at most");
	/* There are no primaries. */
	if (c->args.evict_by_criteria.flags)
		return STATUS_SUCCESS;
	return vidmm_evict_all(&c->adapter->mm, NULL, min, max);
}

static int set_trim_intervals(struct vidmm_call *c)
{
	u32 min = c->args.set_trim_intervals.min_trim_interval;
	int status;

	status = vidmm_set_trim_intervals(&c->adapter->mm, min,
					  c->args.set_trim_intervals.max_trim_interval,
					  c->args.set_trim_intervals.idle_trim_interval);
	if (status)
		vdxg_refuse(status, "min_trim_interval", min,
			    "one is 0, or the shortest is longer than the longest");
	return status;
}

static int wake(struct vidmm_call *c)
{
	vidmm_watches_flush(&c->adapter->mm);
	if (c->args.wake.flush)
		vidmm_paging_flush();
	return STATUS_SUCCESS;
}

/**
 * struct delay - an operation of a paging queue that only takes time
 * @op: what the queue knows
 * @ms: how much
 */
struct delay {
	struct vidmm_paging_op op;
	u32 ms;
};

static int run_delay(struct vidmm_paging_op *op)
{
	msleep(container_of(op, struct delay, op)->ms);
	return STATUS_SUCCESS;
}

static void release_delay(struct vidmm_paging_op *op)
{
	kfree(container_of(op, struct delay, op));
}

static int delay_execution(struct vidmm_call *c)
{
	int status = STATUS_INVALID_PARAMETER;
	struct vdxg_paging_queue *queue;
	struct vdxg_device *device;
	struct delay *delay;

	if (c->args.delay_execution.milliseconds > MAX_DELAY_MS ||
	    c->args.delay_execution.physical_adapter_index)
		return vdxg_refuse(status, "milliseconds",
				   c->args.delay_execution.milliseconds,
				   "too long, or physical_adapter_index is not 0");
	queue = vdxg_paging_queue_get(c->process, c->args.delay_execution.paging_queue, &device);
	if (!queue)
		return status;
	if (device->adapter != c->adapter) {
		vdxg_refuse(status, "paging_queue",
			    c->args.delay_execution.paging_queue.v, "of another adapter");
		goto put;
	}
	status = STATUS_NO_MEMORY;
	delay = kzalloc(sizeof(*delay), VDXG_GFP);
	if (!delay)
		goto put;
	delay->op.run = run_delay;
	delay->op.release = release_delay;
	delay->ms = c->args.delay_execution.milliseconds;
	c->args.delay_execution.paging_fence_value = vidmm_paging_queue_add(queue->queue,
									    &delay->op);
	status = STATUS_SUCCESS;
put:
	vdxg_paging_queue_put(queue);
	vdxg_device_put(device);
	return status;
}

static int validate_integrity(struct vidmm_call *c)
{
	u32 id = c->args.verify_integrity.segment_id;

	if (id >= VIDMM_NUM_GPU_SEGMENTS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "segment_id", id,
				   "no such segment");
	return vidmm_adds_up(&c->adapter->mm, id) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static int vidmm_escape(struct vidmm_call *c)
{
	switch (c->args.type) {
	case D3DKMT_VIDMMESCAPETYPE_EVICT:
		return evict(c);
	case D3DKMT_VIDMMESCAPETYPE_SET_BUDGET:
		return set_budget(c);
	case D3DKMT_VIDMMESCAPETYPE_GET_BUDGET:
		return get_budget(c);
	case D3DKMT_VIDMMESCAPETYPE_SET_TRIM_INTERVALS:
		return set_trim_intervals(c);
	case D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA:
		return evict_by_criteria(c);
	case D3DKMT_VIDMMESCAPETYPE_WAKE:
		return wake(c);
	case D3DKMT_VIDMMESCAPETYPE_DELAYEXECUTION:
		return delay_execution(c);
	case D3DKMT_VIDMMESCAPETYPE_VALIDATE_INTEGRITY:
		return validate_integrity(c);
	default:
		return vdxg_refuse(c->args.type <= D3DKMT_VIDMMESCAPETYPE_SET_EVICTION_CONFIG ?
				   STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER, "type",
				   c->args.type, "no escape of the memory manager here");
	}
}

static int escape_to_vidmm(struct vdxg_process *process, struct vdxg_adapter *adapter,
			   const struct d3dkmt_escape *args)
{
	struct vidmm_call c = {
		.process = process,
		.adapter = adapter,
		.device = args->device,
	};
	void __user *user = u64_to_user_ptr(args->priv_drv_data);
	int status;

	if (!capable(CAP_SYS_ADMIN))
		return vdxg_refuse(STATUS_ACCESS_DENIED, "type", args->type,
				   "test hooks want CAP_SYS_ADMIN");
	if (args->priv_drv_data_size < sizeof(c.args))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priv_drv_data_size",
				   args->priv_drv_data_size, "less than the structure");
	/* Whether the outputs can be written is known before anything happens. */
	if (copy_from_user(&c.args, user, sizeof(c.args)) ||
	    copy_to_user(user, &c.args, sizeof(c.args)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priv_drv_data", args->priv_drv_data,
				   "cannot be read and written");
	status = vidmm_escape(&c);
	if (!status && copy_to_user(user, &c.args, sizeof(c.args)))
		status = STATUS_INVALID_PARAMETER;
	return status;
}

static bool is_device_of(struct vdxg_process *process, struct d3dkmthandle handle,
			 const struct vdxg_adapter *adapter)
{
	struct vdxg_device *device;
	bool is;

	if (!handle.v)
		return true;
	vdxg_process_lock(process);
	device = vdxg_device_peek(process, handle);
	is = device && device->adapter == adapter;
	vdxg_process_unlock(process);
	return is;
}

/**
 * vdxg_escape - D3DKMTEscape
 * @call: the call; struct d3dkmt_escape
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, flag or size, and for a type that there is not;
 * STATUS_NOT_SUPPORTED for one that there is on Windows, and for the driver's own; STATUS_ACCESS_DENIED for test hooks
 * without CAP_SYS_ADMIN; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if VALIDATE_INTEGRITY finds
 * something. (d3dkmthk, D3DKMTEscape; uapi/d3dkmthk.h describes the test hooks)
 */
int vdxg_escape(struct vdxg_call *call)
{
	struct d3dkmt_escape *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_adapter_open *open = vdxg_adapter_open_get(process, args->adapter);
	int status;

	if (!open)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter", args->adapter.v,
				   "no adapter of this process");
	if (args->flags & ~D3DDDI_ESCAPE_FLAGS)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				     "undefined bits");
	else if (!is_device_of(process, args->device, open->adapter))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "device", args->device.v,
				     "no device of the adapter");
	else if (vdxg_adapter_removed(open->adapter))
		status = STATUS_DEVICE_REMOVED;
	else if (args->type == D3DKMT_ESCAPE_VIDMM)
		status = escape_to_vidmm(process, open->adapter, args);
	else if (args->type <= LAST_TYPE ||
		 (args->type >= FIRST_WIN32K && args->type <= LAST_WIN32K))
		status = vdxg_refuse(STATUS_NOT_SUPPORTED, "type", args->type,
				     "Windows' or a driver's own");
	else
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "type", args->type, "unknown");
	vdxg_object_put(&open->obj);
	return status;
}
