// SPDX-License-Identifier: GPL-2.0-only
/*
 * offer.c: D3DKMTOfferAllocations, D3DKMTReclaimAllocations2
 *
 * Both name either resources or allocations. What they name is looked up in one critical section,
 * together with what may refuse it; so an offer is made for all of it or for nothing.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "paging_queue.h"
#include "process.h"
#include "residency.h"

/**
 * struct named - allocations that a call names
 * @count: length of the caller's list
 * @by_resource: it is a list of resources
 * @handles: kernel copy of it
 * @num: number of allocations
 * @room: how many @refs and @entries have room for
 * @refs: the allocations, each with a reference on the binding once @num counts it
 * @entries: for each of them, the entry of the list that names it
 */
struct named {
	u32 count;
	bool by_resource;
	u32 *handles;
	u32 num;
	u32 room;
	struct vidmm_ref *refs;
	u32 *entries;
};

/*
 * Allocations that a call may name: as many as a process can have handles. A list of resources is more only if it
 * names some of them over and over.
 */
#define MAX_NAMED	VDXG_HANDLE_MAX

/* How often a list of resources is looked up that others add to meanwhile. */
#define MAX_ATTEMPTS	16

static struct vdxg_allocation *binding(struct vidmm_ref *ref)
{
	return container_of(ref->count, struct vdxg_allocation, resident);
}

static void forget(struct named *n)
{
	while (n->num) {
		vdxg_allocation_put(binding(&n->refs[--n->num]));
		cond_resched();
	}
}

static void free_named(struct named *n)
{
	forget(n);
	kvfree(n->refs);
	kvfree(n->handles);
}

static int make_room(struct named *n, u32 room)
{
	kvfree(n->refs);
	n->room = 0;
	n->refs = kvmalloc(room * (sizeof(*n->refs) + sizeof(*n->entries)), VDXG_GFP);
	if (!n->refs)
		return STATUS_NO_MEMORY;
	n->entries = (u32 *)(n->refs + room);
	n->room = room;
	return STATUS_SUCCESS;
}

/* Read the list; free_named() is due afterwards in any case. */
static int read_named(struct named *n, u64 resources, u64 allocations, u32 count)
{
	u64 list = resources ? resources : allocations;
	size_t size = count * sizeof(*n->handles);

	memset(n, 0, sizeof(*n));
	if (!resources == !allocations)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "resources", resources,
				   "either these or allocations, and not both");
	if (!count || count > VDXG_MAX_ALLOCATIONS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_count", count,
				   "an empty list, or too long a one");
	n->count = count;
	n->by_resource = resources;
	n->handles = kvmalloc(size, VDXG_GFP);
	if (!n->handles)
		return STATUS_NO_MEMORY;
	if (copy_from_user(n->handles, u64_to_user_ptr(list), size))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", list,
				   "cannot be read");
	return make_room(n, count);
}

/* Count an allocation, with or without room for it; false if there are too many. */
static bool add(struct named *n, struct vdxg_allocation *allocation, u32 entry, u32 *total)
{
	if (*total == MAX_NAMED)
		return false;
	if (++*total > n->room)
		return true;
	vdxg_object_get(&allocation->obj);
	n->refs[n->num].alloc = vdxg_allocation_mem(allocation);
	n->refs[n->num].count = &allocation->resident;
	n->entries[n->num++] = entry;
	return true;
}

static int add_resource(struct named *n, struct vdxg_resource *resource, u32 entry, u32 *total)
{
	struct vdxg_allocation *allocation;

	list_for_each_entry(allocation, &resource->allocations, link) {
		if (!add(n, allocation, entry, total))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "resources", resource->obj.handle,
					   "more allocations than a process can have");
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/* Look everything up, under the lock; @total is how many there are, which may be more than fit. */
static int find_once(struct named *n, struct vdxg_process *process, struct vdxg_device *device,
		     u32 *total)
{
	struct vdxg_allocation *allocation;
	struct vdxg_resource *resource;
	int status;
	u32 i;

	*total = 0;
	for (i = 0; i < n->count; i++) {
		if (n->by_resource) {
			resource = vdxg_resource_peek(process, device, n->handles[i]);
			if (!resource)
				return STATUS_INVALID_PARAMETER;
			status = add_resource(n, resource, i, total);
			if (status)
				return status;
		} else {
			allocation = vdxg_allocation_peek(process, device, n->handles[i]);
			if (!allocation)
				return STATUS_INVALID_PARAMETER;
			add(n, allocation, i, total);
		}
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/*
 * Look everything up. On success the process is locked, so that what is true of the allocations
 * stays true; on failure it is not.
 */
static int find_and_lock(struct named *n, struct vdxg_process *process, struct vdxg_device *device)
{
	unsigned int attempt;
	int status;
	u32 total;

	for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		vdxg_process_lock(process);
		status = find_once(n, process, device, &total);
		if (!status && total <= n->room)
			return STATUS_SUCCESS;
		vdxg_process_unlock(process);
		forget(n);
		if (!status)
			status = make_room(n, total);
		if (status)
			return status;
	}
	return STATUS_NO_MEMORY;
}

/* The process is locked. */
static int check_offer(const struct vdxg_allocation *allocation)
{
	if (allocation->locks)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", allocation->obj.handle,
				   "locked");
	/* Its content would go. */
	if (allocation->readonly)
		return vdxg_refuse(STATUS_ACCESS_DENIED, "allocations", allocation->obj.handle,
				   "opened for reading only");
	if (!vidmm_may_offer(vdxg_allocation_mem(allocation)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", allocation->obj.handle,
				   "locked by another device");
	return STATUS_SUCCESS;
}

/**
 * vdxg_offer_allocations - D3DKMTOfferAllocations
 * @call: the call; struct d3dkmt_offerallocations
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also for an allocation that is locked, nothing
 * offered; STATUS_ACCESS_DENIED for one that the caller may only read; STATUS_NO_MEMORY;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTOfferAllocations;
 * Documentation/behaviour-memory.rst, "Offer and reclaim")
 */
int vdxg_offer_allocations(struct vdxg_call *call)
{
	struct d3dkmt_offerallocations *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_device *device;
	struct named n;
	int status;
	u32 i;

	if (args->flags & ~D3DKMT_OFFER_ALL || args->priority < D3DKMT_OFFER_PRIORITY_LOW ||
	    args->priority > D3DKMT_OFFER_PRIORITY_AUTO)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priority", args->priority,
				   "there is no such priority, or undefined bits in flags");
	status = read_named(&n, args->resources, args->allocations, args->allocation_count);
	if (status)
		goto free;
	status = STATUS_INVALID_PARAMETER;
	device = vdxg_device_get(process, args->device);
	if (!device)
		goto free;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto put_device;
	status = find_and_lock(&n, process, device);
	if (status)
		goto put_device;
	for (i = 0; i < n.num && !status; i++)
		status = check_offer(binding(&n.refs[i]));
	for (i = 0; i < n.num && !status; i++) {
		vidmm_offer(n.refs[i].alloc, args->priority,
			    args->flags & D3DKMT_OFFER_ALLOW_DECOMMIT);
		cond_resched();
	}
	vdxg_process_unlock(process);
put_device:
	vdxg_device_put(device);
free:
	free_named(&n);
	return status;
}

/*
 * Take everything back, the results by entry of the list. Those that the device requires move to
 * the front of the list: they are to be brought back. Returns how many they are.
 */
static int reclaim(struct named *n, u32 *results, u32 *required)
{
	int status = STATUS_SUCCESS;
	u32 i, result;

	*required = 0;
	for (i = 0; i < n->num; i++) {
		status = vidmm_reclaim(n->refs[i].alloc, &result);
		if (status)
			break;
		/* The worst of a resource counts; they are numbered in that order. */
		results[n->entries[i]] = max(results[n->entries[i]], result);
		if (result != D3DDDI_RECLAIM_RESULT_NOT_COMMITTED && READ_ONCE(*n->refs[i].count)) {
			swap(n->refs[i], n->refs[*required]);
			++*required;
		}
		cond_resched();
	}
	return status;
}

static int reclaim_all(struct d3dkmt_reclaimallocations2 *args, struct named *n,
		       struct vdxg_paging_queue *queue)
{
	size_t size = n->count * sizeof(u32);
	u32 *results = kvzalloc(size, VDXG_GFP);
	int status = STATUS_SUCCESS;
	u32 required;

	if (!results)
		return STATUS_NO_MEMORY;
	/* Whether they can be written is known before anything is reclaimed. */
	if (args->results && copy_to_user(u64_to_user_ptr(args->results), results, size))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "results", args->results,
				     "cannot be written");
	if (!status)
		status = reclaim(n, results, &required);
	if (!status && args->results &&
	    copy_to_user(u64_to_user_ptr(args->results), results, size))
		status = STATUS_INVALID_PARAMETER;
	if (!status && required)
		status = vdxg_bring(queue, n->refs, required,
				    vidmm_touch_list(n->refs, required),
				    &args->paging_fence_value);
	kvfree(results);
	return status;
}

/**
 * vdxg_reclaim_allocations2 - D3DKMTReclaimAllocations2
 * @call: the call; struct d3dkmt_reclaimallocations2
 *
 * Return: STATUS_SUCCESS; STATUS_PENDING: those that are required will be resident when the queue's
 * fence reaches @paging_fence_value; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTReclaimAllocations2; Documentation/behaviour-memory.rst,
 * "Offer and reclaim")
 */
int vdxg_reclaim_allocations2(struct vdxg_call *call)
{
	struct d3dkmt_reclaimallocations2 *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_paging_queue *queue;
	struct vdxg_device *device;
	struct named n;
	int status;

	status = read_named(&n, args->resources, args->allocations, args->allocation_count);
	if (status)
		goto free;
	status = STATUS_INVALID_PARAMETER;
	queue = vdxg_paging_queue_get(process, args->paging_queue, &device);
	if (!queue)
		goto free;
	status = STATUS_DEVICE_REMOVED;
	if (!vdxg_adapter_removed(device->adapter))
		status = find_and_lock(&n, process, device);
	if (!status) {
		vdxg_process_unlock(process);
		/* Whether the outputs can be written is known before anything changes. */
		status = vdxg_call_reply(call);
	}
	if (!status) {
		args->paging_fence_value = 0;
		status = reclaim_all(args, &n, queue);
		if (status >= 0)
			vdxg_call_reply_again(call);
	}
	vdxg_paging_queue_put(queue);
	vdxg_device_put(device);
free:
	free_named(&n);
	return status;
}
