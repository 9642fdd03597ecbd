// SPDX-License-Identifier: GPL-2.0-only
/*
 * property.c: what can be asked and told of allocations: priority and residency
 *
 * These calls name either a resource or a list of allocations. Values are read from or written to the caller
 * without the process's lock; what they apply to is looked up in one critical section, so that a bad handle
 * changes nothing.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "process.h"

/**
 * struct selection - what a property call is about
 * @process: the caller
 * @device: the device named
 * @resource: the resource named, or 0
 * @list: the caller's list of handles, or 0
 * @count: its length
 * @values: the caller's array of values
 * @handles: kernel copy of the list
 * @array: kernel copy of the values, one for each handle; one for a resource
 */
struct selection {
	struct vdxg_process *process;
	struct d3dkmthandle device;
	u32 resource;
	u64 list;
	u32 count;
	u64 values;
	u32 *handles;
	u32 *array;
};

/* Either a resource or a list, and somewhere for the values. */
static int open_selection(struct selection *s)
{
	size_t size;

	if (!s->resource == !s->list)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "resource", s->resource,
				   "either this or a list, and not both");
	if (!s->values)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "values", 0, "nowhere to put them");
	if (s->resource ? s->count : !s->count || s->count > VDXG_MAX_ALLOCATIONS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_count", s->count,
				   "an empty list, too long a one, or not 0 with a resource");
	if (s->resource)
		s->count = 1;
	size = s->count * sizeof(u32);
	s->handles = kvmalloc(2 * size, VDXG_GFP);
	if (!s->handles)
		return STATUS_NO_MEMORY;
	s->array = s->handles + s->count;
	if (s->list && copy_from_user(s->handles, u64_to_user_ptr(s->list), size)) {
		kvfree(s->handles);
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_list", s->list,
				   "cannot be read");
	}
	return STATUS_SUCCESS;
}

static int write_values(const struct selection *s)
{
	if (copy_to_user(u64_to_user_ptr(s->values), s->array, s->count * sizeof(u32)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "values", s->values,
				   "cannot be written");
	return STATUS_SUCCESS;
}

/* Calls that answer for a device need it to be there; those that only look need its adapter too. */
static int find_device(struct selection *s, struct vdxg_device **device)
{
	*device = vdxg_device_peek(s->process, s->device);
	if (!*device)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed((*device)->adapter))
		return STATUS_DEVICE_REMOVED;
	return STATUS_SUCCESS;
}

/* Every handle of the list is the device's; under the lock. */
static int check_list(struct selection *s, struct vdxg_device *device)
{
	u32 i;

	for (i = 0; i < s->count; i++) {
		if (!vdxg_allocation_peek(s->process, device, s->handles[i]))
			return STATUS_INVALID_PARAMETER;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

static int apply_priorities(struct selection *s)
{
	struct vdxg_allocation *allocation;
	struct vdxg_resource *resource;
	struct vdxg_device *device;
	int status;
	u32 i;

	status = find_device(s, &device);
	if (status)
		return status;
	if (s->resource) {
		resource = vdxg_resource_peek(s->process, device, s->resource);
		if (!resource)
			return STATUS_INVALID_PARAMETER;
		list_for_each_entry(allocation, &resource->allocations, link) {
			vidmm_set_priority(vdxg_allocation_mem(allocation), s->array[0]);
			cond_resched();
		}
		return STATUS_SUCCESS;
	}
	status = check_list(s, device);
	for (i = 0; !status && i < s->count; i++) {
		allocation = vdxg_allocation_peek(s->process, device, s->handles[i]);
		vidmm_set_priority(vdxg_allocation_mem(allocation), s->array[i]);
		cond_resched();
	}
	return status;
}

/**
 * vdxg_set_allocation_priority - D3DKMTSetAllocationPriority
 * @call: the call; struct d3dkmt_setallocationpriority
 *
 * With a resource, one value applies to all its allocations, and the list is NULL with a count of 0.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, nothing changed; STATUS_NO_MEMORY for a long list;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTSetAllocationPriority)
 */
int vdxg_set_allocation_priority(struct vdxg_call *call)
{
	struct d3dkmt_setallocationpriority *args = call->args;
	struct selection s = {
		.process = call->process,
		.device = args->device,
		.resource = args->resource.v,
		.list = args->allocation_list,
		.count = args->allocation_count,
		.values = args->priorities,
	};
	int status;

	status = open_selection(&s);
	if (status)
		return status;
	if (copy_from_user(s.array, u64_to_user_ptr(s.values), s.count * sizeof(u32))) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "priorities", s.values,
				     "cannot be read");
	} else {
		vdxg_process_lock(s.process);
		status = apply_priorities(&s);
		vdxg_process_unlock(s.process);
	}
	kvfree(s.handles);
	return status;
}

static u32 priority_of(const struct vdxg_allocation *allocation)
{
	return READ_ONCE(vdxg_allocation_mem(allocation)->priority);
}

static u32 residency_of(const struct vdxg_allocation *allocation)
{
	switch (READ_ONCE(vdxg_allocation_mem(allocation)->segment)) {
	case VIDMM_LOCAL:
		return D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY;
	case VIDMM_APERTURE:
		return D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINSHAREDMEMORY;
	default:
		return D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT;
	}
}

/* What a resource answers, from the values of its allocations so far and one more. */
typedef u32 (*combine_fn)(u32 sofar, u32 value);

/* The first of them: they were set together, or their owner knows. */
static u32 combine_priority(u32 sofar, u32 value)
{
	return sofar;
}

/* The farthest away: the statuses are numbered in that order. */
static u32 combine_residency(u32 sofar, u32 value)
{
	return max(sofar, value);
}

/* Collect one value for each allocation of the list, or one for the resource; under the lock. */
static int collect(struct selection *s, u32 (*value_of)(const struct vdxg_allocation *),
		   combine_fn combine, u32 of_empty)
{
	struct vdxg_allocation *allocation;
	struct vdxg_resource *resource;
	struct vdxg_device *device;
	bool first = true;
	int status;
	u32 i;

	status = find_device(s, &device);
	if (status)
		return status;
	if (s->resource) {
		resource = vdxg_resource_peek(s->process, device, s->resource);
		if (!resource)
			return STATUS_INVALID_PARAMETER;
		s->array[0] = of_empty;
		list_for_each_entry(allocation, &resource->allocations, link) {
			u32 value = value_of(allocation);

			s->array[0] = first ? value : combine(s->array[0], value);
			first = false;
			cond_resched();
		}
		return STATUS_SUCCESS;
	}
	for (i = 0; i < s->count; i++) {
		allocation = vdxg_allocation_peek(s->process, device, s->handles[i]);
		if (!allocation)
			return STATUS_INVALID_PARAMETER;
		s->array[i] = value_of(allocation);
		cond_resched();
	}
	return STATUS_SUCCESS;
}

static int query(struct selection *s, u32 (*value_of)(const struct vdxg_allocation *),
		 combine_fn combine, u32 of_empty)
{
	int status;

	status = open_selection(s);
	if (status)
		return status;
	vdxg_process_lock(s->process);
	status = collect(s, value_of, combine, of_empty);
	vdxg_process_unlock(s->process);
	if (!status)
		status = write_values(s);
	kvfree(s->handles);
	return status;
}

/**
 * vdxg_get_allocation_priority - D3DKMTGetAllocationPriority
 * @call: the call; struct d3dkmt_getallocationpriority
 *
 * With a resource, one value: that of its first allocation, or normal if it has none.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY for a long list;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTGetAllocationPriority)
 */
int vdxg_get_allocation_priority(struct vdxg_call *call)
{
	struct d3dkmt_getallocationpriority *args = call->args;
	struct selection s = {
		.process = call->process,
		.device = args->device,
		.resource = args->resource.v,
		.list = args->allocation_list,
		.count = args->allocation_count,
		.values = args->priorities,
	};

	return query(&s, priority_of, combine_priority, D3DDDI_ALLOCATIONPRIORITY_NORMAL);
}

/**
 * vdxg_query_allocation_residency - D3DKMTQueryAllocationResidency
 * @call: the call; struct d3dkmt_queryallocationresidency
 *
 * With a resource, one value: if any of its allocations is not resident it is not, else if any is in system
 * memory that the GPU reaches, it is there. An empty one is resident.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY for a long list;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTQueryAllocationResidency)
 */
int vdxg_query_allocation_residency(struct vdxg_call *call)
{
	struct d3dkmt_queryallocationresidency *args = call->args;
	struct selection s = {
		.process = call->process,
		.device = args->device,
		.resource = args->resource.v,
		.list = args->allocations,
		.count = args->allocation_count,
		.values = args->residency_status,
	};

	return query(&s, residency_of, combine_residency,
		     D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY);
}
