// SPDX-License-Identifier: GPL-2.0-only
/*
 * open.c: opening shared resources: QueryResourceInfo, OpenResource, both also from NT handles,
 * GetSharedResourceAdapterLuid
 *
 * An opened resource has bindings of its own to the memory of the one it was opened from, and
 * belongs to the device it was opened on. Either everything is made, or nothing.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "keyed_mutex.h"
#include "nt_handle.h"
#include "process.h"
#include "sharing_resource.h"
#include "sync.h"

/**
 * struct request - what an OpenResource asks for, whichever it is
 * @count: length of @infos
 * @infos: struct d3dddi_openallocationinfo2 of the caller's
 * @runtime: room for the runtime's private data
 * @runtime_size: how much
 * @driver: room for the driver's private data of the resource
 * @driver_size: how much
 * @total: room for the private data of all allocations
 * @total_size: how much, then how much was written
 */
struct request {
	u32 count;
	u64 infos;
	u64 runtime;
	u32 runtime_size;
	u64 driver;
	u32 driver_size;
	u64 total;
	u32 total_size;
};

/**
 * struct opening - an OpenResource on its way
 * @process: the caller
 * @device: where, referenced
 * @shared: what, referenced
 * @resource: the new resource, or NULL
 * @allocations: its allocations so far
 * @mutex: the keyed mutex opened with it, or NULL
 * @sync: the synchronization object opened with it, or NULL
 */
struct opening {
	struct vdxg_process *process;
	struct vdxg_device *device;
	struct vdxg_shared *shared;
	struct vdxg_resource *resource;
	struct list_head allocations;
	struct vdxg_keyed_mutex_open *mutex;
	struct vdxg_sync_open *sync;
};

static int check_request(struct vdxg_shared *shared, const struct request *r)
{
	u32 live = vdxg_shared_live(shared);

	if (!r->count || r->count != live || !r->infos)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_count", r->count,
				   "not what QueryResourceInfo says");
	if (r->runtime_size != shared->runtime_size || (r->runtime_size && !r->runtime) ||
	    r->driver_size != shared->driver_size || (r->driver_size && !r->driver) ||
	    !r->total)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_runtime_data_size",
				   r->runtime_size,
				   "the sizes are not what QueryResourceInfo says");
	if (r->total_size < (u64)live * sizeof(struct vdxg_allocation_data))
		return vdxg_refuse(STATUS_NO_MEMORY, "total_priv_drv_data_size", r->total_size,
				   "too small");
	return STATUS_SUCCESS;
}

/* Bind every allocation that is still there. */
static int bind_all(struct opening *o, u32 count)
{
	struct vdxg_shared *shared = o->shared;
	struct vdxg_allocation *allocation;
	struct vidmm_alloc *mem;
	u32 slot;

	for (slot = 0; slot < shared->count; slot++) {
		mem = vdxg_shared_bind(shared, slot);
		if (!mem)
			continue;
		allocation = vdxg_allocation_open(mem, o->device, o->resource, slot);
		if (!allocation) {
			vdxg_shared_unbind(shared, slot);
			vidmm_alloc_put(mem);
			return STATUS_NO_MEMORY;
		}
		/* The address means something in the process that has the memory. */
		if (mem->flags & VIDMM_EXISTING && mem->client == o->device->client)
			allocation->sysmem = shared->slots[slot].sysmem;
		list_add_tail(&allocation->link, &o->allocations);
		count--;
		if (fatal_signal_pending(current))
			return STATUS_UNSUCCESSFUL;
		cond_resched();
	}
	/* Some have been destroyed since the request was checked. */
	return count ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static int reserve_handles(struct opening *o)
{
	struct vdxg_handles *handles = &o->process->handles;
	struct vdxg_allocation *allocation;
	int status;

	vdxg_process_lock(o->process);
	status = vdxg_handle_reserve(handles, &o->resource->obj);
	list_for_each_entry(allocation, &o->allocations, link) {
		if (status)
			break;
		status = vdxg_handle_reserve(handles, &allocation->obj);
	}
	if (!status && o->mutex)
		status = vdxg_handle_reserve(handles, &o->mutex->obj);
	if (!status && o->sync)
		status = vdxg_handle_reserve(handles, &o->sync->obj);
	vdxg_process_unlock(o->process);
	return status;
}

/* The allocations' handles and data. */
static int write_infos(struct opening *o, struct request *r)
{
	struct d3dddi_openallocationinfo2 __user *user = u64_to_user_ptr(r->infos);
	struct d3dddi_openallocationinfo2 info = {
		.priv_drv_data = r->total,
		.priv_drv_data_size = sizeof(struct vdxg_allocation_data),
	};
	struct vdxg_allocation *allocation;

	list_for_each_entry(allocation, &o->allocations, link) {
		info.allocation.v = allocation->obj.handle;
		if (copy_to_user(user++, &info, sizeof(info)) ||
		    copy_to_user(u64_to_user_ptr(info.priv_drv_data),
				 &o->shared->slots[allocation->slot].data,
				 sizeof(struct vdxg_allocation_data)))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "open_alloc_info", r->infos,
					   "it, or the driver's data, cannot be written");
		info.priv_drv_data += sizeof(struct vdxg_allocation_data);
	}
	r->total_size = info.priv_drv_data - r->total;
	return STATUS_SUCCESS;
}

static int write_data(struct opening *o, struct request *r)
{
	struct vdxg_shared *shared = o->shared;

	if (copy_to_user(u64_to_user_ptr(r->runtime), shared->runtime, shared->runtime_size) ||
	    copy_to_user(u64_to_user_ptr(r->driver), shared->driver, shared->driver_size))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_runtime_data", r->runtime,
				   "it, or the resource's data, cannot be written");
	return write_infos(o, r);
}

/* Make the resource, as far as its outputs are written. */
static int open_resource(struct opening *o, struct request *r, bool readonly)
{
	int status;

	if (vdxg_adapter_removed(o->device->adapter))
		return STATUS_DEVICE_REMOVED;
	if (o->shared->adapter != o->device->adapter)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "device", o->device->obj.handle,
				   "of another adapter than the resource");
	status = check_request(o->shared, r);
	if (status)
		return status;
	o->resource = vdxg_resource_create();
	if (!o->resource)
		return STATUS_NO_MEMORY;
	o->resource->shared = o->shared;
	o->resource->readonly = readonly;
	vdxg_shareable_open(&o->shared->base);
	status = bind_all(o, r->count);
	if (!status)
		status = reserve_handles(o);
	if (!status)
		status = write_data(o, r);
	return status;
}

static void undo(struct opening *o)
{
	struct vdxg_handles *handles = &o->process->handles;
	struct vdxg_allocation *allocation;

	vdxg_process_lock(o->process);
	list_for_each_entry(allocation, &o->allocations, link) {
		if (allocation->obj.handle)
			vdxg_handle_abandon(handles, &allocation->obj);
		vdxg_shared_unbind(o->shared, allocation->slot);
	}
	if (o->resource && o->resource->obj.handle)
		vdxg_handle_abandon(handles, &o->resource->obj);
	if (o->mutex && o->mutex->obj.handle)
		vdxg_handle_abandon(handles, &o->mutex->obj);
	vdxg_process_unlock(o->process);
	vdxg_allocations_close(&o->allocations);
	if (o->resource)
		vdxg_object_put(&o->resource->obj);
	if (o->mutex)
		vdxg_object_put(&o->mutex->obj);
	if (o->sync)
		vdxg_sync_undo(o->process, o->sync);
}

/* Now or never: the device may have been destroyed meanwhile. */
static int publish(struct opening *o)
{
	struct vdxg_handles *handles = &o->process->handles;
	struct vdxg_allocation *allocation;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(o->process);
	if (!o->device->obj.handle) {
		status = STATUS_INVALID_PARAMETER;
		goto unlock;
	}
	o->resource->device = o->device;
	list_add_tail(&o->resource->link, &o->device->resources);
	vdxg_handle_publish(handles, &o->resource->obj);
	list_for_each_entry(allocation, &o->allocations, link)
		vdxg_handle_publish(handles, &allocation->obj);
	list_splice_tail(&o->allocations, &o->resource->allocations);
	if (o->mutex)
		vdxg_keyed_mutex_publish(o->process, o->mutex);
	if (o->sync)
		vdxg_sync_publish(o->process, o->sync);
unlock:
	vdxg_process_unlock(o->process);
	return status;
}

/* Answer and publish, or take everything back. */
static int finish(struct vdxg_call *call, struct opening *o, int status)
{
	if (!status)
		status = vdxg_call_reply(call);
	if (!status)
		status = publish(o);
	if (status)
		undo(o);
	return status;
}

static struct vdxg_shared *global_resource(struct d3dkmthandle handle)
{
	struct vdxg_shareable *obj = vdxg_global_open(handle.v, &vdxg_shared_resource_class);

	if (obj)
		return vdxg_shared_of(obj);
	vdxg_refuse(0, "global_share", handle.v, "no global handle of this user's");
	return NULL;
}

/**
 * vdxg_open_resource - D3DKMTOpenResource, D3DKMTOpenResource2
 * @call: the call; struct d3dkmt_openresource
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, and for sizes and a count
 * other than QueryResourceInfo's; STATUS_NO_MEMORY, also for too small a buffer for all data;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTOpenResource2; Documentation/behaviour-sharing.rst)
 */
int vdxg_open_resource(struct vdxg_call *call)
{
	struct d3dkmt_openresource *args = call->args;
	struct opening o = {
		.process = call->process,
		.allocations = LIST_HEAD_INIT(o.allocations),
	};
	struct request r = {
		.count = args->allocation_count,
		.infos = args->open_alloc_info,
		.runtime = args->private_runtime_data,
		.runtime_size = args->private_runtime_data_size,
		.driver = args->resource_priv_drv_data,
		.driver_size = args->resource_priv_drv_data_size,
		.total = args->total_priv_drv_data,
		.total_size = args->total_priv_drv_data_size,
	};
	int status;

	o.device = vdxg_device_get(call->process, args->device);
	if (!o.device)
		return STATUS_INVALID_PARAMETER;
	o.shared = global_resource(args->global_share);
	if (!o.shared) {
		vdxg_device_put(o.device);
		return STATUS_INVALID_PARAMETER;
	}
	status = open_resource(&o, &r, false);
	if (!status) {
		args->total_priv_drv_data_size = r.total_size;
		args->resource.v = o.resource->obj.handle;
	}
	status = finish(call, &o, status);
	vdxg_shareable_close(&o.shared->base);
	vdxg_device_put(o.device);
	return status;
}

/* The other members of the set that the NT handle stands for. */
static int open_members(struct opening *o, const struct vdxg_nt_object *nt,
			const struct d3dkmt_openresourcefromnthandle *args)
{
	if (nt->mutex) {
		/* The data are copied only where the caller has room for them. */
		if (args->keyed_mutex_private_data_size < nt->mutex->data_size)
			return vdxg_refuse(STATUS_INVALID_PARAMETER,
					   "keyed_mutex_private_data_size",
					   args->keyed_mutex_private_data_size, "too small");
		vdxg_shareable_open(&nt->mutex->base);
		o->mutex = vdxg_keyed_mutex_open_new(nt->mutex);
		if (!o->mutex)
			return STATUS_NO_MEMORY;
	}
	if (nt->sync) {
		vdxg_shareable_open(&nt->sync->base);
		return vdxg_sync_open_on(o->device, nt->sync, 0, &o->sync);
	}
	return STATUS_SUCCESS;
}

static int open_from_nt(struct vdxg_call *call, struct opening *o, struct vdxg_nt_handle *nt)
{
	struct d3dkmt_openresourcefromnthandle *args = call->args;
	struct request r = {
		.count = args->allocation_count,
		.infos = args->open_alloc_info,
		.runtime = args->private_runtime_data,
		.runtime_size = args->private_runtime_data_size,
		.driver = args->resource_priv_drv_data,
		.driver_size = args->resource_priv_drv_data_size,
		.total = args->total_priv_drv_data,
		.total_size = args->total_priv_drv_data_size,
	};
	u32 data_size = 0;
	int status;

	o->shared = nt->object->resource;
	status = open_members(o, nt->object, args);
	if (!status)
		status = open_resource(o, &r, !(nt->access & VDXG_ACCESS_WRITE));
	if (!status && o->mutex)
		status = vdxg_keyed_mutex_copy_data(nt->object->mutex,
						    args->keyed_mutex_private_data,
						    args->keyed_mutex_private_data_size,
						    &data_size);
	if (!status) {
		args->total_priv_drv_data_size = r.total_size;
		args->resource.v = o->resource->obj.handle;
		args->keyed_mutex.v = o->mutex ? o->mutex->obj.handle : 0;
		args->keyed_mutex_private_data_size = data_size;
		args->sync_object.v = o->sync ? o->sync->obj.handle : 0;
	}
	return finish(call, o, status);
}

/**
 * vdxg_open_resource_from_nt_handle - D3DKMTOpenResourceFromNtHandle
 * @call: the call; struct d3dkmt_openresourcefromnthandle
 *
 * Opens the keyed mutex and the synchronization object, too, that were shared together with the
 * resource. A handle without the right to write gives allocations that CPU and GPU can only read.
 *
 * Return: as vdxg_open_resource(); STATUS_INVALID_HANDLE for what is no descriptor;
 * STATUS_OBJECT_TYPE_MISMATCH for one of something else; STATUS_ACCESS_DENIED. (d3dkmthk,
 * D3DKMTOpenResourceFromNtHandle; Documentation/behaviour-sharing.rst)
 */
int vdxg_open_resource_from_nt_handle(struct vdxg_call *call)
{
	struct d3dkmt_openresourcefromnthandle *args = call->args;
	struct opening o = {
		.process = call->process,
		.allocations = LIST_HEAD_INIT(o.allocations),
	};
	struct vdxg_nt_handle *nt;
	int status;

	o.device = vdxg_device_get(call->process, args->device);
	if (!o.device)
		return STATUS_INVALID_PARAMETER;
	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_RESOURCE, &status);
	if (nt) {
		status = open_from_nt(call, &o, nt);
		vdxg_nt_handle_put(nt);
	}
	vdxg_device_put(o.device);
	return status;
}

/* Both queries: a device must be there, and of the same adapter. */
static int query(struct vdxg_process *process, struct d3dkmthandle handle,
		 struct vdxg_shared *shared, u32 sizes[4])
{
	struct vdxg_device *device = vdxg_device_get(process, handle);
	int status = STATUS_SUCCESS;

	if (!device)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else if (shared->adapter != device->adapter)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "device", handle.v,
				     "of another adapter than the resource");
	vdxg_device_put(device);
	if (status)
		return status;
	sizes[3] = vdxg_shared_live(shared);
	sizes[2] = shared->driver_size;
	sizes[1] = sizes[3] * sizeof(struct vdxg_allocation_data);
	sizes[0] = shared->runtime_size;
	return status;
}

/**
 * vdxg_query_resource_info - D3DKMTQueryResourceInfo
 * @call: the call; struct d3dkmt_queryresourceinfo
 *
 * Answers sizes only, whatever the sizes were; no buffer is written.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle; STATUS_DEVICE_REMOVED.
 * (d3dkmthk, D3DKMTQueryResourceInfo)
 */
int vdxg_query_resource_info(struct vdxg_call *call)
{
	struct d3dkmt_queryresourceinfo *args = call->args;
	struct vdxg_shared *shared = global_resource(args->global_share);
	u32 sizes[4];
	int status;

	if (!shared)
		return STATUS_INVALID_PARAMETER;
	status = query(call->process, args->device, shared, sizes);
	vdxg_shareable_close(&shared->base);
	if (status)
		return status;
	args->private_runtime_data_size = sizes[0];
	args->total_priv_drv_data_size = sizes[1];
	args->resource_priv_drv_data_size = sizes[2];
	args->allocation_count = sizes[3];
	return STATUS_SUCCESS;
}

/**
 * vdxg_query_resource_info_from_nt_handle - D3DKMTQueryResourceInfoFromNtHandle
 * @call: the call; struct d3dkmt_queryresourceinfofromnthandle
 *
 * Return: as vdxg_query_resource_info(), and as vdxg_open_resource_from_nt_handle() for the NT
 * handle. (d3dkmthk, D3DKMTQueryResourceInfoFromNtHandle)
 */
int vdxg_query_resource_info_from_nt_handle(struct vdxg_call *call)
{
	struct d3dkmt_queryresourceinfofromnthandle *args = call->args;
	struct vdxg_nt_handle *nt;
	u32 sizes[4];
	int status;

	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_RESOURCE, &status);
	if (!nt)
		return status;
	status = query(call->process, args->device, nt->object->resource, sizes);
	vdxg_nt_handle_put(nt);
	if (status)
		return status;
	args->private_runtime_data_size = sizes[0];
	args->total_priv_drv_data_size = sizes[1];
	args->resource_priv_drv_data_size = sizes[2];
	args->allocation_count = sizes[3];
	return STATUS_SUCCESS;
}

/**
 * vdxg_get_shared_resource_adapter_luid - D3DKMTGetSharedResourceAdapterLuid
 * @call: the call; struct d3dkmt_getsharedresourceadapterluid
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad global handle; as
 * vdxg_open_resource_from_nt_handle() for an NT handle. (d3dkmthk,
 * D3DKMTGetSharedResourceAdapterLuid)
 */
int vdxg_get_shared_resource_adapter_luid(struct vdxg_call *call)
{
	struct d3dkmt_getsharedresourceadapterluid *args = call->args;
	struct vdxg_shared *shared;
	struct vdxg_nt_handle *nt;
	int status;

	if (args->global_share.v) {
		shared = global_resource(args->global_share);
		if (!shared)
			return STATUS_INVALID_PARAMETER;
		args->adapter_luid = shared->adapter->luid;
		vdxg_shareable_close(&shared->base);
		return STATUS_SUCCESS;
	}
	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_RESOURCE, &status);
	if (!nt)
		return status;
	args->adapter_luid = nt->object->resource->adapter->luid;
	vdxg_nt_handle_put(nt);
	return STATUS_SUCCESS;
}
