// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock.c: CPU access: D3DKMTLock2, D3DKMTUnlock2, D3DKMTInvalidateCache
 *
 * Locks are counted. The first one gives the allocation memory and maps it; as long as it is locked the
 * address stays the same, wherever the content moves. An allocation over the caller's own memory is at the
 * address where the caller has it.
 */
#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "process.h"

static struct vdxg_allocation *find(struct vdxg_process *process, struct d3dkmthandle device,
				    struct d3dkmthandle allocation)
{
	struct vdxg_device *dev = vdxg_device_peek(process, device);

	return dev ? vdxg_allocation_peek(process, dev, allocation.v) : NULL;
}

/* Of memory the caller of its creation had, the address is nothing to another process. */
static bool has_address(const struct vdxg_allocation *allocation)
{
	if (vdxg_allocation_mem(allocation)->flags & VIDMM_EXISTING)
		return allocation->sysmem;
	return vdxg_allocation_mem(allocation)->flags & VIDMM_CPU_VISIBLE;
}

static bool may_lock(const struct vdxg_allocation *allocation)
{
	if (!has_address(allocation))
		vdxg_refuse(0, "allocation", allocation->obj.handle, "the CPU may not see it");
	else if (vdxg_allocation_mem(allocation)->offer)
		vdxg_refuse(0, "allocation", allocation->obj.handle, "offered");
	else
		return true;
	return false;
}

static u64 address_of(const struct vdxg_allocation *allocation)
{
	return vdxg_allocation_mem(allocation)->flags & VIDMM_EXISTING ? allocation->sysmem :
		allocation->map->address;
}

/* One more lock of an allocation that has an address already. */
static int lock_again(struct vdxg_allocation *allocation, u64 *address)
{
	if (allocation->locks == U32_MAX)
		return vdxg_refuse(STATUS_GRAPHICS_TOO_MANY_REFERENCES, "allocation",
				   allocation->obj.handle, "locked too often");
	allocation->locks++;
	*address = address_of(allocation);
	return STATUS_SUCCESS;
}

/*
 * The first lock: the allocation, referenced, gets a mapping and memory; in this order, so that a call that fails for
 * the mapping's sake has changed nothing. Of two threads that get here at once, one publishes its mapping.
 */
static int lock_first(struct vdxg_process *process, struct vdxg_allocation *allocation,
		      u64 *address)
{
	struct vidmm_alloc *mem = vdxg_allocation_mem(allocation);
	struct vidmm_cpuspace *space = &process->space;
	struct vidmm_cpumap *map = NULL;
	int status;

	mutex_lock(&space->lock);
	status = vidmm_cpumap_create(space, mem, allocation->readonly, &map);
	mutex_unlock(&space->lock);
	if (status)
		return status;
	status = vidmm_populate(mem);
	vdxg_process_lock(process);
	/* It may have been destroyed or offered meanwhile. */
	if (!status && (!allocation->obj.handle || mem->offer))
		status = STATUS_INVALID_PARAMETER;
	if (!status && !allocation->map) {
		allocation->map = map;
		map = NULL;
	}
	if (!status)
		status = lock_again(allocation, address);
	vdxg_process_unlock(process);
	if (map)
		vidmm_cpumap_destroy(map);
	return status;
}

/* Undo one lock; whether there was one. */
static bool unlock_one(struct vdxg_process *process, struct d3dkmthandle device,
		       struct d3dkmthandle handle)
{
	struct vdxg_allocation *allocation;
	struct vidmm_cpumap *map = NULL;
	bool locked;

	vdxg_process_lock(process);
	allocation = find(process, device, handle);
	locked = allocation && allocation->locks;
	if (allocation && !locked)
		vdxg_refuse(0, "allocation", handle.v, "not locked");
	if (locked && !--allocation->locks &&
	    !(vdxg_allocation_mem(allocation)->flags & VIDMM_EXISTING)) {
		map = allocation->map;
		allocation->map = NULL;
		vdxg_object_get(&allocation->obj);
	}
	vdxg_process_unlock(process);
	if (map) {
		vidmm_cpumap_destroy(map);
		vdxg_allocation_put(allocation);
	}
	return locked;
}

/**
 * vdxg_lock2 - D3DKMTLock2
 * @call: the call; struct d3dkmt_lock2
 *
 * Waits for no work of the GPU.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, a flag, or an allocation the CPU may not
 * see; STATUS_NO_MEMORY; STATUS_GRAPHICS_TOO_MANY_REFERENCES; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTLock2)
 */
int vdxg_lock2(struct vdxg_call *call)
{
	struct d3dkmt_lock2 *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_allocation *allocation;
	struct vidmm_alloc *mem;
	bool empty, first;
	int status;

	if (args->flags)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	vdxg_process_lock(process);
	allocation = find(process, args->device, args->allocation);
	if (!allocation || !may_lock(allocation)) {
		vdxg_process_unlock(process);
		return STATUS_INVALID_PARAMETER;
	}
	if (vdxg_adapter_removed(allocation->device->adapter)) {
		vdxg_process_unlock(process);
		return STATUS_DEVICE_REMOVED;
	}
	/* Whoever fails after this puts everything back, the memory too, if it came for this call. */
	mem = vdxg_allocation_mem(allocation);
	empty = READ_ONCE(mem->segment) == VIDMM_NOWHERE;
	first = !allocation->locks && !(mem->flags & VIDMM_EXISTING);
	status = first ? STATUS_SUCCESS : lock_again(allocation, &args->data);
	vdxg_object_get(&allocation->obj);
	vdxg_process_unlock(process);
	if (first)
		status = lock_first(process, allocation, &args->data);
	if (!status) {
		status = vdxg_call_reply(call);
		if (status)
			unlock_one(process, args->device, args->allocation);
	}
	if (status && empty)
		vidmm_unpopulate(mem);
	vdxg_allocation_put(allocation);
	return status;
}

/**
 * vdxg_unlock2 - D3DKMTUnlock2
 * @call: the call; struct d3dkmt_unlock2
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle or an allocation that is not locked.
 * (d3dkmthk, D3DKMTUnlock2)
 */
int vdxg_unlock2(struct vdxg_call *call)
{
	struct d3dkmt_unlock2 *args = call->args;

	return unlock_one(call->process, args->device, args->allocation) ? STATUS_SUCCESS :
		STATUS_INVALID_PARAMETER;
}

/**
 * vdxg_invalidate_cache - D3DKMTInvalidateCache
 * @call: the call; struct d3dkmt_invalidatecache
 *
 * The CPU's caches are coherent with all memory here, so there is nothing to do but to check.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle or a range beyond the allocation;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTInvalidateCache)
 */
int vdxg_invalidate_cache(struct vdxg_call *call)
{
	struct d3dkmt_invalidatecache *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_allocation *allocation;
	int status = STATUS_SUCCESS;
	u64 bytes;

	vdxg_process_lock(process);
	allocation = find(process, args->device, args->allocation);
	if (!allocation) {
		status = STATUS_INVALID_PARAMETER;
	} else {
		bytes = (u64)vdxg_allocation_mem(allocation)->npages << PAGE_SHIFT;
		if (args->offset > bytes || args->length > bytes - args->offset)
			status = vdxg_refuse(STATUS_INVALID_PARAMETER, "offset", args->offset,
					     "the range goes beyond the allocation");
		else if (vdxg_adapter_removed(allocation->device->adapter))
			status = STATUS_DEVICE_REMOVED;
	}
	vdxg_process_unlock(process);
	return status;
}
