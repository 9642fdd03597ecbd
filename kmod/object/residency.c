// SPDX-License-Identifier: GPL-2.0-only
/*
 * residency.c: D3DKMTMakeResident, D3DKMTEvict
 *
 * Both change the counts of a list of bindings, or of none. MakeResident then brings the content:
 * where it needs to wait for nobody it does so itself, else the paging queue does.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

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
 * vdxg_alloc_list_read - copy a list of handles from the caller
 * @list: the list
 * @user: the caller's array
 * @count: its length: 1 to VDXG_MAX_ALLOCATIONS
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY for a long list.
 */
int vdxg_alloc_list_read(struct vdxg_alloc_list *list, u64 user, u32 count)
{
	size_t size = count * sizeof(*list->handles);

	if (!user || !count || count > VDXG_MAX_ALLOCATIONS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "alloc_count", count,
				   "no list, an empty one, or too long a one");
	list->count = count;
	list->found = 0;
	list->refs = list->short_refs;
	list->handles = list->short_handles;
	if (count > VDXG_SHORT_LIST) {
		list->refs = kvmalloc(count * sizeof(*list->refs) + size,
				      VDXG_GFP);
		if (!list->refs)
			return STATUS_NO_MEMORY;
		list->handles = (u32 *)(list->refs + count);
	}
	if (!copy_from_user(list->handles, u64_to_user_ptr(user), size))
		return STATUS_SUCCESS;
	vdxg_alloc_list_free(list);
	return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocations", user, "cannot be read");
}

/**
 * vdxg_alloc_list_find - look a list up
 * @list: the list
 * @process: the process, locked
 * @device: the device that owns all of it
 *
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER; vdxg_alloc_list_free() is due in both cases.
 */
int vdxg_alloc_list_find(struct vdxg_alloc_list *list, struct vdxg_process *process,
			 struct vdxg_device *device)
{
	struct vdxg_allocation *allocation;

	for (; list->found < list->count; list->found++) {
		allocation = vdxg_allocation_peek(process, device, list->handles[list->found]);
		if (!allocation)
			return STATUS_INVALID_PARAMETER;
		vdxg_object_get(&allocation->obj);
		list->refs[list->found].alloc = vdxg_allocation_mem(allocation);
		list->refs[list->found].count = &allocation->resident;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/**
 * vdxg_alloc_list_free - drop the references of a list, and its memory
 * @list: the list
 *
 * Context: no locks; sleeps.
 */
void vdxg_alloc_list_free(struct vdxg_alloc_list *list)
{
	struct vdxg_allocation *allocation;
	u32 i;

	for (i = 0; i < list->found; i++) {
		allocation = container_of(list->refs[i].count, struct vdxg_allocation, resident);
		vdxg_allocation_put(allocation);
		cond_resched();
	}
	if (list->refs != list->short_refs)
		kvfree(list->refs);
}

/**
 * vdxg_bring - bring required allocations to where the GPU reaches them
 * @queue: the queue that does so if somebody has to be waited for
 * @refs: the allocations
 * @count: how many, not 0
 * @before: as for vidmm_page_in()
 * @fence_value: with STATUS_PENDING, what the queue's fence will get
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_PENDING; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED;
 * STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vdxg_bring(struct vdxg_paging_queue *queue, struct vidmm_ref *refs, u32 count, u64 before,
	       u64 *fence_value)
{
	int status = STATUS_PENDING;

	if (vidmm_paging_queue_idle(queue->queue))
		status = vidmm_page_in_granted(refs, count, before, VIDMM_NOWAIT);
	if (status == STATUS_PENDING)
		status = vidmm_queue_page_in(queue->queue, refs, count, fence_value);
	return status;
}

static int make_resident(struct vdxg_call *call, struct vdxg_paging_queue *queue,
			 struct vdxg_device *device, struct vdxg_alloc_list *list)
{
	struct d3dddi_makeresident *args = call->args;
	struct vidmm_client *client = device->client;
	u64 before = vidmm_new_stamp(client->mm);
	int status, replied;

	status = vidmm_require(client, list->refs, list->count,
			       args->flags & D3DDDI_MAKERESIDENT_CANT_TRIM_FURTHER,
			       &args->num_bytes_to_trim);
	if (status)
		return status;
	status = vdxg_bring(queue, list->refs, list->count, before, &args->paging_fence_value);
	if (status >= 0) {
		args->alloc_count = list->count;
		replied = vdxg_call_reply(call);
		if (!replied)
			return status;
		status = replied;
	}
	vidmm_undo_require(client, list->refs, list->count);
	if (status == STATUS_NO_MEMORY)
		args->num_bytes_to_trim = vidmm_trim_size(client);
	return status;
}

/**
 * vdxg_make_resident - D3DKMTMakeResident
 * @call: the call; struct d3dddi_makeresident
 *
 * Return: STATUS_SUCCESS: all are resident; STATUS_PENDING: they will be when the queue's fence
 * reaches its value; STATUS_NO_MEMORY: too much, nothing changed, and the caller is told how much
 * to trim; STATUS_INVALID_PARAMETER; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTMakeResident;
 * Documentation/behaviour-memory.rst, "Residency")
 */
int vdxg_make_resident(struct vdxg_call *call)
{
	struct d3dddi_makeresident *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_paging_queue *queue;
	struct vdxg_alloc_list list;
	struct vdxg_device *device;
	int status;

	if (args->flags & ~D3DDDI_MAKERESIDENT_ALL ||
	    (args->flags & D3DDDI_MAKERESIDENT_ALL) == D3DDDI_MAKERESIDENT_MUST_SUCCEED)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits, or MustSucceed without CantTrimFurther");
	status = vdxg_alloc_list_read(&list, args->allocation_list, args->alloc_count);
	if (status)
		return status;
	queue = vdxg_paging_queue_get(process, args->paging_queue, &device);
	if (!queue) {
		vdxg_alloc_list_free(&list);
		return STATUS_INVALID_PARAMETER;
	}
	args->alloc_count = 0;
	args->paging_fence_value = 0;
	args->num_bytes_to_trim = 0;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto out;
	vdxg_process_lock(process);
	status = vdxg_alloc_list_find(&list, process, device);
	vdxg_process_unlock(process);
	if (status)
		goto out;
	status = make_resident(call, queue, device, &list);
	if (status == STATUS_NO_MEMORY) {
		vdxg_refuse(0, "num_bytes_to_trim", args->num_bytes_to_trim,
			    "more than there is room for");
		call->reply_on_failure = true;
		if (args->flags & D3DDDI_MAKERESIDENT_MUST_SUCCEED)
			vdxg_device_set_error(device, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
	}
out:
	vdxg_alloc_list_free(&list);
	vdxg_paging_queue_put(queue);
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_evict - D3DKMTEvict
 * @call: the call; struct d3dkmt_evict
 *
 * Works on a device whose adapter is gone.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also for more than MakeResident gave: nothing
 * changed; VDXG_STATUS_FAULT likewise; STATUS_NO_MEMORY for a long list. (d3dkmthk, D3DKMTEvict;
 * Documentation/behaviour-memory.rst, "Residency")
 */
int vdxg_evict(struct vdxg_call *call)
{
	struct d3dkmt_evict *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_alloc_list list;
	struct vdxg_device *device;
	int status;

	if (args->flags & ~D3DDDI_EVICT_ALL)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	status = vdxg_alloc_list_read(&list, args->allocations, args->alloc_count);
	if (status)
		return status;
	vdxg_process_lock(process);
	device = vdxg_device_peek(process, args->device);
	if (device)
		vdxg_object_get(&device->obj);
	status = device ? vdxg_alloc_list_find(&list, process, device) : STATUS_INVALID_PARAMETER;
	vdxg_process_unlock(process);
	/* Whether the outputs can be written is known before anything changes. */
	if (!status)
		status = vdxg_call_reply(call);
	if (!status)
		status = vidmm_unrequire(device->client, list.refs, list.count,
					 args->flags & D3DDDI_EVICT_ONLY_IF_NECESSARY);
	if (status == STATUS_INVALID_PARAMETER) {
		vdxg_refuse(status, "allocations", args->allocations,
			    "not of the device, or evicted more often than made resident");
	} else if (!status) {
		args->num_bytes_to_trim = vidmm_trim_size(device->client);
		vdxg_call_reply_again(call);
	}
	vdxg_alloc_list_free(&list);
	if (device)
		vdxg_device_put(device);
	return status;
}
