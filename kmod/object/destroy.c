// SPDX-License-Identifier: GPL-2.0-only
/*
 * destroy.c: D3DKMTDestroyAllocation2
 *
 * Releases a resource with all its allocations, a list of allocations, or both. Looking everything up,
 * finding duplicates and letting the handles die is one critical section: either every handle dies at once
 * or nothing changes. What the handles named is released after it, without the lock: at once, or, if the
 * device has work that may use it, when that has been retired (deferral.h).
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "deferral.h"
#include "process.h"
#include "user.h"

/* A list this short needs no memory of its own. */
#define SHORT_LIST	32

/* Allocations between two looks at the scheduler. */
#define RESCHED		32

/**
 * struct destruction - a DestroyAllocation2 on its way
 * @process: the caller
 * @device: the device; while the process is locked, or referenced
 * @handles: the list, not trusted, or NULL
 * @count: its length
 * @resource: the resource named besides, or 0
 * @doomed: what has been unpublished
 * @emptied: the resource that has been unpublished, or NULL
 */
struct destruction {
	struct vdxg_process *process;
	struct vdxg_device *device;
	const u32 *handles;
	u32 count;
	u32 resource;
	struct list_head doomed;
	struct vdxg_resource *emptied;
};

/* Forget about the list: it goes back to where it was taken from. */
static void put_back(struct destruction *d, struct list_head *allocations)
{
	struct vdxg_allocation *allocation;

	list_for_each_entry(allocation, &d->doomed, link)
		allocation->marked = false;
	list_splice_tail_init(&d->doomed, allocations);
}

/*
 * Look the whole list up and take it out of its parent, marked, which finds duplicates. All of it must belong
 * to @resource or, where none is named, to the same resource, or to none.
 */
static int take_list(struct destruction *d, struct vdxg_resource *resource)
{
	struct vdxg_allocation *allocation;
	u32 i;

	for (i = 0; i < d->count; i++) {
		allocation = vdxg_allocation_peek(d->process, d->device, d->handles[i]);
		if (!allocation)
			break;
		if (allocation->marked) {
			vdxg_refuse(0, "allocations", d->handles[i], "named twice");
			break;
		}
		if (!i && !d->resource)
			resource = allocation->resource;
		if (allocation->resource != resource) {
			vdxg_refuse(0, "allocations", d->handles[i],
				    "not of the same resource as the others");
			break;
		}
		allocation->marked = true;
		/* list_move_tail(): only leaving the parent's list needs the kernel's checks. */
		__list_del_entry(&allocation->link);
		vdxg_allocation_collect(allocation, &d->doomed);
		if (i % RESCHED == RESCHED - 1)
			cond_resched();
	}
	if (i == d->count)
		return STATUS_SUCCESS;
	put_back(d, resource ? &resource->allocations : &d->device->allocations);
	return STATUS_INVALID_PARAMETER;
}

static void unpublish_list(struct destruction *d)
{
	struct vdxg_allocation *allocation;
	u32 i = 0;

	list_for_each_entry(allocation, &d->doomed, link) {
		vdxg_allocation_unpublish(d->process, allocation);
		if (++i % RESCHED == 0)
			cond_resched();
	}
}

/* The critical section. */
static int unpublish(struct destruction *d, struct d3dkmthandle device)
{
	struct vdxg_resource *resource = NULL;
	int status;

	d->device = vdxg_device_peek(d->process, device);
	if (!d->device)
		return STATUS_INVALID_PARAMETER;
	if (d->resource) {
		resource = vdxg_resource_peek(d->process, d->device, d->resource);
		if (!resource)
			return STATUS_INVALID_PARAMETER;
	}
	status = take_list(d, resource);
	if (status)
		return status;
	unpublish_list(d);
	if (resource) {
		/* The list was part of it. */
		vdxg_resource_unpublish(d->process, resource, &d->doomed);
		d->emptied = resource;
	}
	return STATUS_SUCCESS;
}

/*
 * Release what has been unpublished where the device, referenced, may have work, or the caller has wishes.
 * Who is killed while it waits does not see the rest, which happens nevertheless.
 */
static noinline void finish(struct destruction *d, u32 flags)
{
	u64 mark = vidmm_pager_mark(d->device->pager);
	u64 ticket = 0;

	if (flags & D3DKMT_DESTROY_ASSUME_NOT_IN_USE)
		vdxg_allocations_close(&d->doomed);
	else
		ticket = vdxg_defer(d->device, &d->doomed);
	if (flags & D3DKMT_DESTROY_SYNCHRONOUS) {
		vdxg_deferral_wait(d->device, ticket);
		/* What pages it in holds on to it. */
		vidmm_pager_wait(d->device->pager, mark, TASK_KILLABLE);
	}
	vdxg_device_put(d->device);
}

/* What vdxg_destroy() does; inline in the call. */
static __always_inline int destroy(struct vdxg_process *process, struct d3dkmthandle device,
				   u32 resource, const u32 *handles, u32 count, u32 flags)
{
	struct destruction d = {
		.process = process,
		.handles = handles,
		.count = count,
		.resource = resource,
		.doomed = LIST_HEAD_INIT(d.doomed),
	};
	bool simple = true;
	int status;

	vdxg_process_lock(process);
	status = unpublish(&d, device);
	if (!status && unlikely(flags | READ_ONCE(d.device->timeline.unfinished))) {
		simple = false;
		vdxg_object_get(&d.device->obj);
	}
	vdxg_process_unlock(process);
	if (status)
		return status;
	if (likely(simple))
		vdxg_allocations_close(&d.doomed);
	else
		finish(&d, flags);
	if (d.emptied)
		vdxg_object_put(&d.emptied->obj);
	return STATUS_SUCCESS;
}

/**
 * vdxg_destroy - release a resource, a list of allocations, or both
 * @process: the process
 * @device: the device that owns them
 * @resource: the resource, or 0
 * @handles: the list, not trusted, or NULL
 * @count: its length
 * @flags: D3DKMT_DESTROY_*
 *
 * Context: takes the process's lock; sleeps; with SynchronousDestroy until the memory is back.
 * Return: STATUS_SUCCESS, also if nothing is named; STATUS_INVALID_PARAMETER for a handle that is not the
 * device's, named twice, or not of the resource; then nothing has changed.
 */
int vdxg_destroy(struct vdxg_process *process, struct d3dkmthandle device, u32 resource,
		 const u32 *handles, u32 count, u32 flags)
{
	return destroy(process, device, resource, handles, count, flags);
}

static int read_list(u32 *handles, const u32 __user *user, u32 count)
{
	if (count == 1)
		return get_user(*handles, user);
	return vdxg_copy_in(handles, user, count * sizeof(*handles)) ? -EFAULT : 0;
}

/**
 * vdxg_destroy_allocation2 - D3DKMTDestroyAllocation2
 * @call: the call; struct d3dkmt_destroyallocation2
 *
 * With a resource and no list, @alloc_count is ignored. Works on a device in error and on one whose adapter
 * is gone. Residency, CPU mappings and locks are released with the allocation.
 *
 * Return: STATUS_SUCCESS, also where nothing is named; STATUS_INVALID_PARAMETER, nothing changed;
 * STATUS_NO_MEMORY for a long list, nothing changed. (d3dkmthk, D3DKMTDestroyAllocation2;
 * Documentation/behaviour.rst, "Destroying")
 */
int vdxg_destroy_allocation2(struct vdxg_call *call)
{
	struct d3dkmt_destroyallocation2 *args = call->args;
	u32 short_list[SHORT_LIST] __aligned(8) __uninitialized;
	u32 *handles = short_list;
	u32 count = args->alloc_count;
	int status;

	if (args->flags & ~D3DKMT_DESTROYALLOCATION2_FLAGS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	if (!args->allocations) {
		if (count && !args->resource.v)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", 0, "no list");
		count = 0;
	}
	if (count > VDXG_MAX_ALLOCATIONS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "alloc_count", count, "too many");
	if (count > SHORT_LIST) {
		handles = kvmalloc_array(count, sizeof(*handles),
					 VDXG_GFP);
		if (!handles)
			return STATUS_NO_MEMORY;
	}
	if (read_list(handles, u64_to_user_ptr(args->allocations), count))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", args->allocations,
				     "cannot be read");
	else
		status = destroy(call->process, args->device, args->resource.v, handles, count,
				 args->flags);
	if (handles != short_list)
		kvfree(handles);
	return status;
}
