// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_file.c: monitored fences for other drivers: CreateSyncFile, OpenSyncObjectFromSyncFile
 *
 * A sync_file is a descriptor for which every Linux driver can wait. Ours stands for one value of a
 * monitored fence, and keeps that fence as an NT handle does, so that whoever is given the
 * descriptor can open the fence.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/sync_file.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../sched/sync_point.h"
#include "adapter.h"
#include "calls.h"
#include "device.h"
#include "process.h"
#include "sync.h"

/**
 * struct shared_point - the dma_fence of a sync_file
 * @point: first, for it is freed as a dma_fence
 * @sync: the object, referenced
 * @flags: D3DDDI_SYNC_* of the handle it was made with: who opens it can do no more
 */
struct shared_point {
	struct vdxg_sync_point point;
	struct vdxg_sync *sync;
	u32 flags;
};

static void release_point(struct vdxg_sync_point *point)
{
	vdxg_shareable_put(&container_of(point, struct shared_point, point)->sync->base);
}

/* The point for a value of the fence behind a handle, with one reference. */
static int new_point(struct vdxg_process *process,
		     const struct d3dkmt_createsyncfile *args, struct dma_fence **dma)
{
	struct shared_point *point = kzalloc(sizeof(*point), VDXG_GFP);
	struct vdxg_sync_open *open;
	struct vdxg_device *device;
	int status = STATUS_SUCCESS;

	if (!point)
		return STATUS_NO_MEMORY;
	vdxg_process_lock(process);
	device = vdxg_device_peek(process, args->device);
	open = vdxg_sync_peek(process, args->monitored_fence.v);
	if (!device || !open || (open->device && open->device != device) ||
	    open->sync->type != D3DDDI_MONITORED_FENCE) {
		status = STATUS_INVALID_PARAMETER;
	} else if (open->flags & D3DDDI_SYNC_NO_WAIT) {
		status = STATUS_ACCESS_DENIED;
	} else if (vdxg_adapter_removed(device->adapter)) {
		status = STATUS_DEVICE_REMOVED;
	} else {
		point->sync = open->sync;
		point->flags = open->flags;
		vdxg_shareable_get(&point->sync->base);
		vdxg_sync_point_init(&point->point, point->sync->fence, args->fence_value,
				     release_point);
	}
	vdxg_process_unlock(process);
	if (status)
		kfree(point);
	else
		*dma = &point->point.base;
	return status;
}

static int give_file(struct vdxg_call *call, struct sync_file *file)
{
	struct d3dkmt_createsyncfile *args = call->args;
	int fd = get_unused_fd_flags(O_CLOEXEC);
	int status;

	if (fd < 0) {
		fput(file->file);
		return STATUS_NO_MEMORY;
	}
	args->sync_file_handle = fd;
	status = vdxg_call_reply(call);
	if (status) {
		put_unused_fd(fd);
		fput(file->file);
		return status;
	}
	fd_install(fd, file->file);
	return STATUS_SUCCESS;
}

/**
 * vdxg_create_sync_file - D3DKMTCreateSyncFile
 * @call: the call; struct d3dkmt_createsyncfile
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles and for what is no monitored
 * fence of the device; STATUS_ACCESS_DENIED for a fence this handle may not wait for;
 * STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY. (Linux only; Documentation/behaviour-sharing.rst)
 */
int vdxg_create_sync_file(struct vdxg_call *call)
{
	struct sync_file *file;
	struct dma_fence *dma;
	int status;

	status = new_point(call->process, call->args, &dma);
	if (status)
		return status;
	status = vdxg_sync_point_arm(container_of(dma, struct vdxg_sync_point, base));
	file = status ? NULL : sync_file_create(dma);
	dma_fence_put(dma);
	return file ? give_file(call, file) : STATUS_NO_MEMORY;
}

static int open_point(struct vdxg_call *call, struct vdxg_device *device,
		      const struct shared_point *point)
{
	struct d3dkmt_opensyncobjectfromsyncfile *args = call->args;
	struct vdxg_sync_open *open;
	int status;

	if (vdxg_adapter_removed(device->adapter))
		return STATUS_DEVICE_REMOVED;
	vdxg_shareable_open(&point->sync->base);
	status = vdxg_sync_open_on(device, point->sync, point->flags, &open);
	if (status)
		return status;
	args->fence_value = point->point.waiter.value;
	args->fence_value_cpu_va = open->map->address;
	args->fence_value_gpu_va = 0;
	return vdxg_sync_finish(call, open, &args->syncobj.v);
}

/**
 * vdxg_open_sync_object_from_sync_file - D3DKMTOpenSyncObjectFromSyncFile
 * @call: the call; struct d3dkmt_opensyncobjectfromsyncfile
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE for what is no descriptor of a sync_file;
 * STATUS_OBJECT_TYPE_MISMATCH for a sync_file of another driver; STATUS_INVALID_PARAMETER for a bad
 * device or one of another adapter; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY. (Linux only;
 * Documentation/behaviour-sharing.rst)
 */
int vdxg_open_sync_object_from_sync_file(struct vdxg_call *call)
{
	const struct d3dkmt_opensyncobjectfromsyncfile *args = call->args;
	struct vdxg_sync_point *point;
	struct vdxg_device *device;
	struct dma_fence *dma;
	int status;

	dma = args->sync_file_handle > INT_MAX ? NULL : sync_file_get_fence(args->sync_file_handle);
	if (!dma)
		return STATUS_INVALID_HANDLE;
	point = vdxg_sync_point_of(dma);
	status = point ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
	device = vdxg_device_get(call->process, args->device);
	if (!status && !device)
		status = STATUS_INVALID_PARAMETER;
	if (!status)
		status = open_point(call, device, container_of(point, struct shared_point, point));
	if (device)
		vdxg_device_put(device);
	dma_fence_put(dma);
	return status;
}
