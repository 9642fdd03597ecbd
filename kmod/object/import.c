// SPDX-License-Identifier: GPL-2.0-only
/*
 * import.c: ImportDmaBuf (ours): an allocation in the memory of a dma-buf
 *
 * A dma-buf that was exported here, from the same adapter, is opened: another binding of the same memory. Any
 * other one is memory of another driver (backend/imported.c), which counts for the process that imports it,
 * and stays where it is. Either everything is made, or nothing.
 */
#include <linux/dma-buf.h>
#include <linux/file.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../backend/imported.h"
#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "export.h"
#include "process.h"

/**
 * struct import - an ImportDmaBuf on its way
 * @process: the caller
 * @device: where, referenced
 * @dma_buf: what, referenced
 * @resource: the resource to be made, or NULL
 * @allocation: the allocation
 */
struct import {
	struct vdxg_process *process;
	struct vdxg_device *device;
	struct dma_buf *dma_buf;
	struct vdxg_resource *resource;
	struct vdxg_allocation *allocation;
};

static int get_dma_buf_of(int fd, struct dma_buf **dma_buf)
{
	*dma_buf = dma_buf_get(fd);
	if (!IS_ERR(*dma_buf))
		return STATUS_SUCCESS;
	if (PTR_ERR(*dma_buf) == -EBADF)
		return vdxg_refuse(STATUS_INVALID_HANDLE, "fd", fd, "no open descriptor");
	return vdxg_refuse(STATUS_OBJECT_TYPE_MISMATCH, "fd", fd, "no dma-buf");
}

/* Another binding of what was exported from this adapter. */
static int open_own(struct import *im, struct vidmm_alloc *alloc)
{
	refcount_inc(&alloc->refs);
	im->allocation = vdxg_allocation_open(alloc, im->device, im->resource, 0);
	if (im->allocation)
		return STATUS_SUCCESS;
	vidmm_alloc_put(alloc);
	return STATUS_NO_MEMORY;
}

/* The memory of another driver, or of another adapter of ours. */
static int open_memory(struct dma_buf *dma_buf, struct vdxg_memory *memory)
{
	struct vidmm_alloc *own = vdxg_exported(dma_buf);
	int status = STATUS_SUCCESS;
	int err;

	/* Out of a device's memory first, which cannot be done below the dma-buf's lock. */
	if (own)
		status = vidmm_hold(own, 0);
	if (status)
		return status == STATUS_DEVICE_REMOVED ?
			vdxg_refuse(STATUS_INVALID_PARAMETER, "fd", 0, "its adapter is gone") :
			status;
	err = vdxg_imported_open(dma_buf, memory);
	if (own)
		vidmm_unhold(own);
	if (err == -ENOMEM)
		return STATUS_NO_MEMORY;
	if (err == -EINTR || err == -ERESTARTSYS)
		return STATUS_UNSUCCESSFUL;
	return err ? vdxg_refuse(STATUS_INVALID_PARAMETER, "fd", -err,
				 "its driver does not let the CPU see it") : STATUS_SUCCESS;
}

/* New kernel memory for an allocation that has been committed. */
static int bind_memory(struct import *im, const struct vidmm_alloc_desc *desc,
		       struct vdxg_memory *memory)
{
	struct vdxg_new_allocation *fresh;
	int status;

	if (!vdxg_allocations_new(im->device->client, 1, &fresh))
		return STATUS_NO_MEMORY;
	vidmm_alloc_init(&fresh->mem, im->device->client, desc);
	status = vidmm_alloc_import(&fresh->mem, memory);
	if (status) {
		vdxg_allocation_free(&fresh->mem);
		return status;
	}
	vdxg_allocation_bind(fresh, im->device, im->resource);
	im->allocation = &fresh->binding;
	return STATUS_SUCCESS;
}

static int open_foreign(struct import *im)
{
	struct vidmm_client *client = im->device->client;
	struct vidmm_alloc_desc desc = {
		.bytes = im->dma_buf->size,
		.flags = VIDMM_CPU_VISIBLE | VIDMM_CACHED | VIDMM_IMPORTED,
		.supported = BIT(VIDMM_APERTURE - 1),
		.preferred = VIDMM_APERTURE,
		.priority = D3DDDI_ALLOCATIONPRIORITY_NORMAL,
	};
	struct vdxg_memory memory;
	int status;

	if (!PAGE_ALIGNED(desc.bytes))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "fd", desc.bytes,
				   "a dma-buf of parts of pages");
	status = vidmm_desc_check(&im->device->adapter->mm, &desc);
	if (status)
		return status;
	status = vidmm_commit(client, vidmm_pages(desc.bytes), 1);
	if (status)
		return status;
	status = open_memory(im->dma_buf, &memory);
	if (status)
		goto uncommit;
	status = bind_memory(im, &desc, &memory);
	if (!status)
		return STATUS_SUCCESS;
	vdxg_imported_close(&memory);
uncommit:
	vidmm_uncommit(client, vidmm_pages(desc.bytes), 1);
	return status;
}

static int make(struct import *im, u32 flags)
{
	struct vidmm_alloc *own = vdxg_exported(im->dma_buf);
	int status;

	if (vdxg_adapter_removed(im->device->adapter))
		return STATUS_DEVICE_REMOVED;
	if (flags & VDXG_DMA_BUF_RESOURCE) {
		im->resource = vdxg_resource_create();
		if (!im->resource)
			return STATUS_NO_MEMORY;
	}
	if (own && vidmm_of(own) == &im->device->adapter->mm)
		return open_own(im, own);
	status = open_foreign(im);
	/* The kernel does not keep other drivers from writing to it; we do. */
	if (!status && !(im->dma_buf->file->f_mode & FMODE_WRITE))
		im->allocation->readonly = true;
	return status;
}

static int reserve_handles(struct import *im)
{
	struct vdxg_handles *handles = &im->process->handles;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(im->process);
	if (im->resource)
		status = vdxg_handle_reserve(handles, &im->resource->obj);
	if (!status)
		status = vdxg_handle_reserve(handles, &im->allocation->obj);
	vdxg_process_unlock(im->process);
	return status;
}

/* Now or never: the device may have been destroyed meanwhile. */
static int publish(struct import *im)
{
	struct vdxg_handles *handles = &im->process->handles;
	struct vdxg_device *device = im->device;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(im->process);
	if (!device->obj.handle) {
		status = STATUS_INVALID_PARAMETER;
		goto unlock;
	}
	if (im->resource) {
		im->resource->device = device;
		list_add_tail(&im->resource->link, &device->resources);
		vdxg_handle_publish(handles, &im->resource->obj);
	}
	vdxg_handle_publish(handles, &im->allocation->obj);
	list_add_tail(&im->allocation->link, im->resource ? &im->resource->allocations :
		      &device->allocations);
unlock:
	vdxg_process_unlock(im->process);
	return status;
}

static void undo(struct import *im)
{
	struct vdxg_handles *handles = &im->process->handles;
	LIST_HEAD(doomed);

	vdxg_process_lock(im->process);
	if (im->allocation && im->allocation->obj.handle)
		vdxg_handle_abandon(handles, &im->allocation->obj);
	if (im->resource && im->resource->obj.handle)
		vdxg_handle_abandon(handles, &im->resource->obj);
	vdxg_process_unlock(im->process);
	if (im->allocation)
		list_add(&im->allocation->link, &doomed);
	vdxg_allocations_close(&doomed);
	if (im->resource)
		vdxg_object_put(&im->resource->obj);
}

/**
 * vdxg_import_dma_buf - an allocation in the memory of a dma-buf
 * @call: the call; struct vdxg_importdmabuf
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device or flag, and a dma-buf whose driver
 * does not let the CPU see it; STATUS_INVALID_HANDLE for what is no descriptor; STATUS_OBJECT_TYPE_MISMATCH
 * for one of something else; STATUS_GRAPHICS_NO_VIDEO_MEMORY for one that is too large for the adapter;
 * STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed. (Linux only;
 * Documentation/behaviour-sharing.rst)
 */
int vdxg_import_dma_buf(struct vdxg_call *call)
{
	struct vdxg_importdmabuf *args = call->args;
	struct import im = { .process = call->process };
	int status;

	if (args->flags & ~VDXG_DMA_BUF_RESOURCE || args->reserved)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits, or reserved is not 0");
	im.device = vdxg_device_get(call->process, (struct d3dkmthandle) { args->device });
	if (!im.device)
		return STATUS_INVALID_PARAMETER;
	status = get_dma_buf_of(args->fd, &im.dma_buf);
	if (status)
		goto put_device;
	status = make(&im, args->flags);
	if (!status)
		status = reserve_handles(&im);
	if (!status) {
		args->resource = im.resource ? im.resource->obj.handle : 0;
		args->allocation = im.allocation->obj.handle;
		args->bytes = im.dma_buf->size;
		status = vdxg_call_reply(call);
	}
	if (!status)
		status = publish(&im);
	if (status)
		undo(&im);
	dma_buf_put(im.dma_buf);
put_device:
	vdxg_device_put(im.device);
	return status;
}
