// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_file.c: sync_files: CreateSyncFile, WaitSyncFile, OpenSyncObjectFromSyncFile
 *
 * A sync_file is a descriptor for which every Linux driver can wait. Ours stands for one value of a
 * monitored fence, and keeps that fence as an NT handle does, so that whoever is given the
 * descriptor can open the fence. For another driver's a context can wait, and what is opened from it
 * is a new monitored fence, which reaches 1 when the other driver has done its work.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/sync_file.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../sched/foreign.h"
#include "../sched/packet.h"
#include "../sched/queue.h"
#include "../sched/sync_point.h"
#include "adapter.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "process.h"
#include "sync.h"

/**
 * struct shared_point - the dma_fence of a sync_file
 * @point: first, for it is freed as a dma_fence
 * @sync: the object, referenced
 * @flags: D3DDDI_SYNC_* of the handle it was made with: who opens it can do no more
 * @rights: of that handle: nor can who opens it share more
 */
struct shared_point {
	struct vdxg_sync_point point;
	struct vdxg_sync *sync;
	u32 flags;
	u32 rights;
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
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "monitored_fence",
				     args->monitored_fence.v,
				     "no monitored fence, or another device's");
	} else if (open->flags & D3DDDI_SYNC_NO_WAIT) {
		status = vdxg_refuse(STATUS_ACCESS_DENIED, "monitored_fence",
				     args->monitored_fence.v, "may not be waited for");
	} else if (vdxg_adapter_removed(device->adapter)) {
		status = STATUS_DEVICE_REMOVED;
	} else {
		point->sync = open->sync;
		point->flags = open->flags;
		point->rights = open->rights;
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

/* The dma_fence behind a descriptor, with a reference, or NULL. */
static struct dma_fence *get_dma(u64 descriptor)
{
	struct dma_fence *dma = descriptor > INT_MAX ? NULL : sync_file_get_fence(descriptor);

	if (!dma)
		vdxg_refuse(0, "sync_file_handle", descriptor, "no descriptor of a sync file");
	return dma;
}

/* ---- waiting ---- */

/*
 * Of our own sync_file it is the fence that counts: the descriptor may end before, when it has taken
 * too long for other drivers.
 */
static struct vdxg_packet *wait_packet(struct vdxg_queue *queue, struct dma_fence *dma)
{
	struct vdxg_sync_point *point = vdxg_sync_point_of(dma);

	return point ? vdxg_wait_packet(queue, point->fence, point->waiter.value) :
		vdxg_foreign_packet(queue, dma);
}

static int submit_wait(struct vdxg_queue *queue, struct dma_fence *dma)
{
	struct vdxg_packet *packet = wait_packet(queue, dma);
	LIST_HEAD(packets);
	int status;

	if (!packet)
		return STATUS_NO_MEMORY;
	list_add_tail(&packet->link, &packets);
	status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	return status;
}

/**
 * vdxg_wait_sync_file - D3DKMTWaitSyncFile
 * @call: the call; struct d3dkmt_waitsyncfile
 *
 * The context goes on when the sync_file has ended.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE for what is no descriptor of a sync_file;
 * STATUS_INVALID_PARAMETER for a bad context; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY; the error of
 * a device in error. (Linux only; Documentation/behaviour-gpusync.rst)
 */
int vdxg_wait_sync_file(struct vdxg_call *call)
{
	const struct d3dkmt_waitsyncfile *args = call->args;
	struct vdxg_queue *queue;
	struct dma_fence *dma;
	int status;

	if (args->reserved)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "reserved", args->reserved, "not 0");
	dma = get_dma(args->sync_file_handle);
	if (!dma)
		return STATUS_INVALID_HANDLE;
	queue = vdxg_context_queue(call->process, args->context);
	status = queue ? submit_wait(queue, dma) : STATUS_INVALID_PARAMETER;
	if (queue)
		vdxg_queue_put(queue);
	dma_fence_put(dma);
	return status;
}

/* ---- opening ---- */

static int open_point(struct vdxg_device *device, const struct shared_point *point,
		      struct vdxg_sync_open **open)
{
	int status;

	vdxg_shareable_open(&point->sync->base);
	status = vdxg_sync_open_on(device, point->sync, point->flags, open);
	if (!status)
		(*open)->rights = point->rights;
	return status;
}

/* A fence that nobody can signal but the other driver. */
static int open_foreign(struct vdxg_device *device, struct dma_fence *dma,
			struct vdxg_sync_open **open)
{
	int status = vdxg_sync_new_fence(device, 0, D3DDDI_SYNC_NO_SIGNAL, open);

	if (status)
		return status;
	status = vdxg_foreign_follow(dma, (*open)->sync->fence);
	if (status)
		vdxg_sync_undo(device->process, *open);
	return status;
}

static int open_dma(struct vdxg_call *call, struct vdxg_device *device, struct dma_fence *dma)
{
	struct d3dkmt_opensyncobjectfromsyncfile *args = call->args;
	struct vdxg_sync_point *point = vdxg_sync_point_of(dma);
	struct vdxg_sync_open *open;
	int status;

	if (vdxg_adapter_removed(device->adapter))
		return STATUS_DEVICE_REMOVED;
	status = point ? open_point(device, container_of(point, struct shared_point, point), &open) :
		open_foreign(device, dma, &open);
	if (status)
		return status;
	args->fence_value = point ? point->waiter.value : 1;
	args->fence_value_cpu_va = open->map->address;
	args->fence_value_gpu_va = open->gpu_address;
	return vdxg_sync_finish(call, open, &args->syncobj.v);
}

/**
 * vdxg_open_sync_object_from_sync_file - D3DKMTOpenSyncObjectFromSyncFile
 * @call: the call; struct d3dkmt_opensyncobjectfromsyncfile
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE for what is no descriptor of a sync_file;
 * STATUS_INVALID_PARAMETER for a bad device or one of another adapter; STATUS_DEVICE_REMOVED;
 * STATUS_NO_MEMORY. (Linux only; Documentation/behaviour-gpusync.rst)
 */
int vdxg_open_sync_object_from_sync_file(struct vdxg_call *call)
{
	const struct d3dkmt_opensyncobjectfromsyncfile *args = call->args;
	struct dma_fence *dma = get_dma(args->sync_file_handle);
	struct vdxg_device *device;
	int status;

	if (!dma)
		return STATUS_INVALID_HANDLE;
	device = vdxg_device_get(call->process, args->device);
	status = device ? open_dma(call, device, dma) : STATUS_INVALID_PARAMETER;
	if (device)
		vdxg_device_put(device);
	dma_fence_put(dma);
	return status;
}
