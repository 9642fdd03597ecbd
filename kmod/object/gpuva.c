// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva.c: D3DKMTReserveGpuVirtualAddress, D3DKMTMapGpuVirtualAddress, D3DKMTFreeGpuVirtualAddress
 *
 * What they do is in vidmm/gpuva.c, and done when they return: the paging fence value is always 0, which
 * says so. A paging queue only tells which device it is about.
 */
#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "client.h"
#include "device.h"
#include "gpuva.h"
#include "paging_queue.h"
#include "process.h"

/**
 * vdxg_va_owner - an allocation as the address space knows it
 * @allocation: the allocation, referenced
 * @device: its device
 * @handle: its handle, for reports
 *
 * Context: sleeps.
 * Return: the owner, there as long as the allocation, or NULL without memory.
 */
struct vidmm_va_owner *vdxg_va_owner(struct vdxg_allocation *allocation,
				     const struct vdxg_device *device, u32 handle)
{
	struct vidmm_va_owner *owner = READ_ONCE(allocation->va), *other;

	if (owner)
		return owner;
	owner = vidmm_va_owner_create(&vdxg_allocation_client(allocation)->va,
				      vdxg_allocation_mem(allocation), device,
				      &allocation->resident, handle);
	if (!owner)
		return NULL;
	other = cmpxchg(&allocation->va, NULL, owner);
	if (!other)
		return owner;
	vidmm_va_owner_put(owner);
	return other;
}

/**
 * vdxg_va_unmap_allocation - an allocation goes: free its addresses
 * @allocation: an allocation without references, whose memory is still there
 *
 * Context: no locks; sleeps.
 */
void vdxg_va_unmap_allocation(struct vdxg_allocation *allocation)
{
	if (!allocation->va)
		return;
	vidmm_va_owner_unmap(allocation->va);
	vidmm_va_owner_put(allocation->va);
}

/* The account of the process with what a handle names: an adapter, or the one of a paging queue. */
static int find_client(struct vdxg_process *process, struct d3dkmthandle handle,
		       struct vidmm_client **client)
{
	struct vdxg_paging_queue *queue;
	struct vdxg_adapter_open *open;
	struct vdxg_device *device;

	queue = vdxg_paging_queue_get(process, handle, &device);
	if (queue) {
		*client = device->client;
		vdxg_device_put(device);
		vdxg_paging_queue_put(queue);
		return STATUS_SUCCESS;
	}
	open = vdxg_adapter_open_get(process, handle);
	if (!open)
		return STATUS_INVALID_PARAMETER;
	*client = vdxg_client_of(process, open->adapter);
	vdxg_object_put(&open->obj);
	return *client ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* What the space of addresses says no to: what there is at the address decides, so that is what is told. */
static int bad_range(int status, u64 address)
{
	return vdxg_refuse(status, "base_address", address, status == STATUS_NO_MEMORY ?
			   "no room there, or no memory" :
			   "not aligned, or not what the rules for the range and its protection allow");
}

/**
 * vdxg_reserve_gpu_virtual_address - D3DKMTReserveGpuVirtualAddress
 * @call: the call; struct d3dddi_reservegpuvirtualaddress
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also where something is at the base address;
 * STATUS_NO_MEMORY: no memory, or no room; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTReserveGpuVirtualAddress; Documentation/behaviour-gpuva.rst)
 */
int vdxg_reserve_gpu_virtual_address(struct vdxg_call *call)
{
	struct d3dddi_reservegpuvirtualaddress *args = call->args;
	const struct vidmm_va_where where = {
		.base = args->base_address,
		.minimum = args->minimum_address,
		.maximum = args->maximum_address,
	};
	struct vidmm_client *client;
	int status;

	if (args->reservation_type > D3DDDIGPUVIRTUALADDRESS_RESERVE_ZERO)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "reservation_type",
				   args->reservation_type, "no such type, or the kernel's");
	status = find_client(call->process, args->adapter, &client);
	if (status)
		return status;
	if (READ_ONCE(client->mm->removed))
		return STATUS_DEVICE_REMOVED;
	status = vidmm_va_reserve(&client->va, &where, args->size,
				  args->reservation_type == D3DDDIGPUVIRTUALADDRESS_RESERVE_ZERO,
				  args->driver_protection, &args->virtual_address);
	if (status)
		return bad_range(status, where.base);
	args->paging_fence_value = 0;
	status = vdxg_call_reply(call);
	if (status)
		vidmm_va_free(&client->va, args->virtual_address, args->size);
	return status;
}

/* The memory that is to be mapped; @allocation is referenced. */
static int find_owner(struct vdxg_process *process, struct vdxg_device *device, u32 handle,
		      struct vidmm_va_mapping *mapping, struct vdxg_allocation **allocation)
{
	vdxg_process_lock(process);
	*allocation = vdxg_allocation_peek(process, device, handle);
	if (*allocation)
		vdxg_object_get(&(*allocation)->obj);
	vdxg_process_unlock(process);
	if (!*allocation)
		return STATUS_INVALID_PARAMETER;
	if ((*allocation)->readonly && mapping->protection & D3DDDIGPUVA_PROTECTION_WRITE)
		return vdxg_refuse(STATUS_ACCESS_DENIED, "protection", mapping->protection,
				   "the allocation was opened for reading only");
	mapping->owner = vdxg_va_owner(*allocation, device, handle);
	return mapping->owner ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/*
 * Where the caller says where, the answer is known before anything is mapped: what was there could not be
 * brought back if the answer did not reach him. Else it is free again.
 */
static int map(struct vdxg_call *call, struct vidmm_va_space *space,
	       const struct vidmm_va_where *where, const struct vidmm_va_mapping *mapping)
{
	struct d3dddi_mapgpuvirtualaddress *args = call->args;
	int status;

	args->virtual_address = where->base;
	args->paging_fence_value = 0;
	if (where->base) {
		status = vidmm_va_check(mapping);
		if (status)
			return bad_range(status, where->base);
		status = vdxg_call_reply(call);
		if (status)
			return status;
	}
	status = vidmm_va_map(space, where, mapping, &args->virtual_address);
	if (status)
		return bad_range(status, where->base);
	if (where->base)
		return STATUS_SUCCESS;
	status = vdxg_call_reply(call);
	if (status)
		vidmm_va_free(space, args->virtual_address, mapping->bytes);
	return status;
}

/**
 * vdxg_map_gpu_virtual_address - D3DKMTMapGpuVirtualAddress
 * @call: the call; struct d3dddi_mapgpuvirtualaddress
 *
 * The allocation need not be resident, and may be on offer.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_ACCESS_DENIED for writing to what the caller
 * may only read; STATUS_NO_MEMORY: no memory, or no room; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTMapGpuVirtualAddress; Documentation/behaviour-gpuva.rst)
 */
int vdxg_map_gpu_virtual_address(struct vdxg_call *call)
{
	struct d3dddi_mapgpuvirtualaddress *args = call->args;
	const struct vidmm_va_where where = {
		.base = args->base_address,
		.minimum = args->minimum_address,
		.maximum = args->maximum_address,
	};
	struct vidmm_va_mapping mapping = {
		.bytes = args->size_in_pages << VIDMM_VA_PAGE_SHIFT,
		.offset = args->offset_in_pages << VIDMM_VA_PAGE_SHIFT,
		.protection = args->protection.value,
		.driver_protection = args->driver_protection,
	};
	struct vdxg_allocation *allocation = NULL;
	struct vdxg_paging_queue *queue;
	struct vdxg_device *device;
	int status;

	mapping.period = mapping.bytes;
	if (args->reserved0 || args->reserved1 ||
	    args->size_in_pages > VIDMM_VA_END >> VIDMM_VA_PAGE_SHIFT ||
	    args->offset_in_pages > VIDMM_VA_END >> VIDMM_VA_PAGE_SHIFT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "size_in_pages", args->size_in_pages,
				   "beyond all addresses, or reserved fields are not 0");
	queue = vdxg_paging_queue_get(call->process, args->paging_queue, &device);
	if (!queue)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto out;
	status = STATUS_SUCCESS;
	if (args->allocation.v)
		status = find_owner(call->process, device, args->allocation.v, &mapping,
				    &allocation);
	if (!status)
		status = map(call, &device->client->va, &where, &mapping);
	if (allocation)
		vdxg_allocation_put(allocation);
out:
	vdxg_paging_queue_put(queue);
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_free_gpu_virtual_address - D3DKMTFreeGpuVirtualAddress
 * @call: the call; struct d3dkmt_freegpuvirtualaddress
 *
 * Works on an adapter that is gone.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also if any of the range is free already;
 * STATUS_NO_MEMORY: nothing has changed. (d3dkmthk, D3DKMTFreeGpuVirtualAddress;
 * Documentation/behaviour-gpuva.rst)
 */
int vdxg_free_gpu_virtual_address(struct vdxg_call *call)
{
	struct d3dkmt_freegpuvirtualaddress *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_adapter_open *open = vdxg_adapter_open_get(process, args->adapter);
	int status = STATUS_INVALID_PARAMETER;
	struct vidmm_client *client;

	if (!open)
		return status;
	client = vdxg_client_find(process, open->adapter);
	vdxg_object_put(&open->obj);
	if (client)
		status = vidmm_va_free(&client->va, args->base_address, args->size);
	return status ? bad_range(status, args->base_address) : STATUS_SUCCESS;
}
