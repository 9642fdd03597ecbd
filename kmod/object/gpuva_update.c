// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva_update.c: D3DKMTUpdateGpuVirtualAddress
 *
 * Everything is checked before anything is queued. The changes are a packet (sched/queue.h) of a queue
 * that the context has for this alone, its companion: it waits for the fence, makes the changes and signals
 * the next value, while the context itself goes on.
 */
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../sched/packet.h"
#include "../vidmm/gpuva_update.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "gpuva.h"
#include "process.h"
#include "sync.h"

/* Changes of one call, at most. */
#define MAX_OPS		65536U
/* Entries of an address space whose change costs as much as a packet does. */
#define ENTRIES_A_PACKET	4U
/* Changes that are queued for one context; beyond that the caller waits. */
#define MAX_QUEUED	128U

/**
 * struct vdxg_va_companion - the queue of a context for changes of addresses
 * @refs: the context, and the packets
 * @queue: the queue, referenced
 * @queued: changes that have not been made yet
 * @wait: for less of them
 */
struct vdxg_va_companion {
	refcount_t refs;
	struct vdxg_queue *queue;
	atomic_t queued;
	wait_queue_head_t wait;
};

static void put_companion(struct vdxg_va_companion *companion)
{
	if (!refcount_dec_and_test(&companion->refs))
		return;
	vdxg_queue_put(companion->queue);
	kfree(companion);
}

/**
 * vdxg_va_companion_set_priority - a context has become more or less urgent
 * @companion: of it, or NULL
 * @priority: as for vdxg_queue_set_priority()
 * @in_process: likewise
 *
 * Context: any with interrupts on.
 */
void vdxg_va_companion_set_priority(struct vdxg_va_companion *companion, int priority,
				    int in_process)
{
	if (companion)
		vdxg_queue_set_priority(companion->queue, priority, in_process);
}

/**
 * vdxg_va_companion_shut - a context accepts nothing any more
 * @companion: of it, or NULL
 *
 * Context: any with interrupts on.
 */
void vdxg_va_companion_shut(struct vdxg_va_companion *companion)
{
	if (companion)
		vdxg_queue_shut(companion->queue);
}

/**
 * vdxg_va_companion_close - a context goes
 * @companion: of it, or NULL
 * @kill: let nothing finish
 *
 * Context: no locks; sleeps as vdxg_queue_close().
 */
void vdxg_va_companion_close(struct vdxg_va_companion *companion, bool kill)
{
	if (companion)
		vdxg_queue_close(companion->queue, kill);
}

/**
 * vdxg_va_companion_put - a context is gone
 * @companion: of it, or NULL
 *
 * Context: no locks; may sleep.
 */
void vdxg_va_companion_put(struct vdxg_va_companion *companion)
{
	if (companion)
		put_companion(companion);
}

/**
 * struct update_packet - changes that are made in order
 * @packet: what the queue knows
 * @companion: the companion, referenced; not before it is submitted
 * @sync: what is signalled afterwards, referenced: until then its end lets nobody go who waits for it
 * @memcg: whom the memory is charged to, referenced
 * @next: the change to make next
 * @update: the changes
 */
struct update_packet {
	struct vdxg_packet packet;
	struct vdxg_va_companion *companion;
	struct vdxg_sync *sync;
	struct mem_cgroup *memcg;
	u32 next;
	struct vidmm_va_update update;
};

static struct update_packet *update_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct update_packet, packet);
}

/* What was possible when it was checked is not any more. */
static void fail(struct vdxg_packet *packet, int status)
{
	vdxg_timeline_fail(packet->queue->timeline, status == STATUS_NO_MEMORY ?
			   D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY :
			   D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
}

static enum vdxg_ran run_update(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct update_packet *up = update_of(packet);
	struct mem_cgroup *active = set_active_memcg(up->memcg);
	int status = STATUS_SUCCESS;
	u64 work;

	for (; !status && up->next < up->update.count; up->next++) {
		if (slice->used > slice->budget || vdxg_packet_cancelled(packet))
			break;
		/* Nobody knows how much a copy is. */
		if (slice->here && up->update.ops[up->next].source)
			break;
		status = vidmm_va_update_op(&up->update, up->next, &work);
		slice->used += VDXG_PACKET_WORK * (1 + work / ENTRIES_A_PACKET);
	}
	set_active_memcg(active);
	if (status) {
		fail(packet, status);
		return VDXG_RAN_DONE;
	}
	return up->next < up->update.count ? VDXG_RAN_AGAIN : VDXG_RAN_DONE;
}

static void release_update(struct vdxg_packet *packet)
{
	struct update_packet *up = update_of(packet);

	if (up->companion) {
		atomic_sub(up->update.count, &up->companion->queued);
		wake_up_all(&up->companion->wait);
		put_companion(up->companion);
	}
	vidmm_va_update_release(&up->update);
	vdxg_shareable_put(&up->sync->base);
	mem_cgroup_put(up->memcg);
	kvfree(up);
}

static const struct vdxg_packet_ops update_ops = {
	.name = "update",
	.kind = VDXG_PACKET_SOFTWARE,
	.brief = true,
	.run = run_update,
	.release = release_update,
};

/**
 * struct updating - an UpdateGpuVirtualAddress on its way
 * @process: the caller
 * @device: the device, referenced
 * @companion: the companion of the context, referenced
 * @sync: the object of the fence, referenced
 */
struct updating {
	struct vdxg_process *process;
	struct vdxg_device *device;
	struct vdxg_va_companion *companion;
	struct vdxg_sync *sync;
};

/* A fence that the device may wait for and signal. */
static int find_fence(struct updating *u, u32 handle)
{
	struct vdxg_sync_open *open = vdxg_sync_peek(u->process, handle);

	if (!open || (open->device && open->device != u->device) ||
	    open->sync->type != D3DDDI_MONITORED_FENCE || open->system)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "fence_object", handle,
				   "no monitored fence of the device");
	if (open->flags & (D3DDDI_SYNC_NO_WAIT | D3DDDI_SYNC_NO_SIGNAL | D3DDDI_SYNC_NO_GPU_ACCESS))
		return vdxg_refuse(STATUS_ACCESS_DENIED, "fence_object", handle,
				   "the GPU may not wait for it and signal it");
	u->sync = open->sync;
	vdxg_shareable_get(&u->sync->base);
	return STATUS_SUCCESS;
}

static struct vdxg_va_companion *new_companion(struct vdxg_device *device)
{
	struct vdxg_va_companion *companion = kzalloc(sizeof(*companion), VDXG_GFP);

	if (!companion)
		return NULL;
	refcount_set(&companion->refs, 1);
	init_waitqueue_head(&companion->wait);
	companion->queue = vdxg_queue_create(&device->timeline);
	if (!companion->queue) {
		kfree(companion);
		return NULL;
	}
	return companion;
}

/* The companion of a context of the device; the process is locked. */
static int find_companion(struct updating *u, struct d3dkmthandle handle)
{
	struct vdxg_context *context = vdxg_context_peek(u->process, handle);

	if (!context || context->device != u->device)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "context", handle.v,
				   "no context of the device");
	if (!context->companion) {
		context->companion = new_companion(u->device);
		vdxg_va_companion_set_priority(context->companion, context->priority,
					       context->in_process);
	}
	if (!context->companion)
		return STATUS_NO_MEMORY;
	u->companion = context->companion;
	refcount_inc(&u->companion->refs);
	return STATUS_SUCCESS;
}

static int find_all(struct updating *u, const struct d3dkmt_updategpuvirtualaddress *args)
{
	int status;

	u->device = vdxg_device_get(u->process, args->device);
	if (!u->device)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed(u->device->adapter))
		return STATUS_DEVICE_REMOVED;
	vdxg_process_lock(u->process);
	status = find_companion(u, args->context);
	if (!status)
		status = find_fence(u, args->fence_object.v);
	vdxg_process_unlock(u->process);
	return status;
}

/* A map without a protection asks for what there is. */
static int check_write(const struct vdxg_allocation *allocation, struct vidmm_va_op *op)
{
	u64 *protection = &op->mapping.protection;

	if (!allocation->readonly || !(*protection & D3DDDIGPUVA_PROTECTION_WRITE))
		return STATUS_SUCCESS;
	if (!op->inherit)
		return vdxg_refuse(STATUS_ACCESS_DENIED, "protection", *protection,
				   "the allocation was opened for reading only");
	*protection &= ~(u64)D3DDDIGPUVA_PROTECTION_WRITE;
	return STATUS_SUCCESS;
}

static int find_owner(struct updating *u, u32 handle, struct vidmm_va_op *op)
{
	struct vidmm_va_owner *owner = NULL;
	struct vdxg_allocation *allocation;
	int status;

	vdxg_process_lock(u->process);
	allocation = vdxg_allocation_peek(u->process, u->device, handle);
	if (allocation)
		vdxg_object_get(&allocation->obj);
	vdxg_process_unlock(u->process);
	if (!allocation)
		return STATUS_INVALID_PARAMETER;
	status = check_write(allocation, op);
	if (!status) {
		owner = vdxg_va_owner(allocation, u->device, handle);
		status = owner ? STATUS_SUCCESS : STATUS_NO_MEMORY;
	}
	if (owner)
		vidmm_va_owner_get(owner);
	op->mapping.owner = owner;
	vdxg_allocation_put(allocation);
	return status;
}

/* The caller's form of a change into the space's. */
static int read_map(struct updating *u, const struct d3dddi_updategpuvirtualaddress_operation *in,
		    struct vidmm_va_op *op)
{
	op->address = in->map.base_address;
	op->mapping.bytes = in->map.size;
	op->mapping.offset = in->map.allocation_offset;
	op->mapping.period = in->map.allocation_size ? in->map.allocation_size : in->map.size;
	if (in->operation == D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_MAP) {
		op->mapping.protection = D3DDDIGPUVA_PROTECTION_WRITE;
		op->inherit = true;
	} else {
		op->mapping.protection = in->map_protect.protection.value;
		op->mapping.driver_protection = in->map_protect.driver_protection;
	}
	return in->map.allocation.v ? find_owner(u, in->map.allocation.v, op) : STATUS_SUCCESS;
}

static int read_op(struct updating *u, const struct d3dddi_updategpuvirtualaddress_operation *in,
		   struct vidmm_va_op *op)
{
	memset(op, 0, sizeof(*op));
	switch (in->operation) {
	case D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_MAP:
	case D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_MAP_PROTECT:
		return read_map(u, in, op);
	case D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_UNMAP:
		op->address = in->unmap.base_address;
		op->mapping.bytes = in->unmap.size;
		op->mapping.protection = in->unmap.protection.value;
		return STATUS_SUCCESS;
	case D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_COPY:
		op->address = in->copy.dest_address;
		op->mapping.bytes = in->copy.size;
		op->source = in->copy.source_address;
		return op->source ? STATUS_SUCCESS :
			vdxg_refuse(STATUS_INVALID_PARAMETER, "operations.copy.source_address", 0,
				    "no source");
	default:
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "operations.operation", in->operation,
				   "there is no such operation");
	}
}

static int read_ops(struct updating *u, struct vidmm_va_update *update, u64 user, u32 count)
{
	const struct d3dddi_updategpuvirtualaddress_operation __user *from = u64_to_user_ptr(user);
	struct d3dddi_updategpuvirtualaddress_operation in;
	int status;

	for (update->count = 0; update->count < count; update->count++) {
		if (copy_from_user(&in, &from[update->count], sizeof(in)))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "operations", user,
					   "cannot be read");
		status = read_op(u, &in, &update->ops[update->count]);
		if (status)
			return status;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/* All packets of a call, in @packets even on failure. */
static int make_packets(struct updating *u, const struct d3dkmt_updategpuvirtualaddress *args,
			struct list_head *packets)
{
	struct vdxg_queue *queue = u->companion->queue;
	struct vdxg_packet *packet;
	struct update_packet *up;
	int status;

	if (!(args->flags & D3DKMT_UPDATEGPUVA_DO_NOT_WAIT)) {
		packet = vdxg_wait_packet(queue, u->sync->fence, args->fence_value);
		if (!packet)
			return STATUS_NO_MEMORY;
		list_add_tail(&packet->link, packets);
	}
	up = kvzalloc(struct_size(up, update.ops, args->num_operations), VDXG_GFP);
	if (!up)
		return STATUS_NO_MEMORY;
	vdxg_packet_init(&up->packet, &update_ops, queue);
	list_add_tail(&up->packet.link, packets);
	up->sync = u->sync;
	vdxg_shareable_get(&up->sync->base);
	up->memcg = get_mem_cgroup_from_mm(current->mm);
	up->update.space = &u->device->client->va;
	status = read_ops(u, &up->update, args->operations, args->num_operations);
	if (status)
		return status;
	status = vidmm_va_update_check(&up->update);
	if (status)
		return vdxg_refuse(status, "operations", args->operations,
				   "a range that cannot be changed, or not all in one reservation");
	packet = vdxg_signal_packet(queue, u->sync->fence, args->fence_value + 1, false);
	if (!packet)
		return STATUS_NO_MEMORY;
	list_add_tail(&packet->link, packets);
	/* From now on it counts. */
	up->companion = u->companion;
	refcount_inc(&u->companion->refs);
	atomic_add(up->update.count, &u->companion->queued);
	return STATUS_SUCCESS;
}

static bool may_queue(const struct vdxg_va_companion *companion)
{
	return atomic_read(&companion->queued) <= MAX_QUEUED;
}

static int queue_update(struct updating *u, const struct d3dkmt_updategpuvirtualaddress *args)
{
	LIST_HEAD(packets);
	int status;

	if (wait_event_interruptible(u->companion->wait, may_queue(u->companion)))
		return -ERESTARTNOINTR;
	status = make_packets(u, args, &packets);
	if (!status)
		status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	return status;
}

/**
 * vdxg_update_gpu_virtual_address - D3DKMTUpdateGpuVirtualAddress
 * @call: the call; struct d3dkmt_updategpuvirtualaddress
 *
 * Waits while more than 128 changes are queued for the context. What becomes impossible later puts the
 * device in error.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER: nothing has been queued; STATUS_ACCESS_DENIED for a
 * fence that may not be waited for or signalled, and for writing to what the caller may only read; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED, also for a
 * device in error. (d3dkmthk, D3DKMTUpdateGpuVirtualAddress; Documentation/behaviour-gpuva.rst)
 */
int vdxg_update_gpu_virtual_address(struct vdxg_call *call)
{
	struct d3dkmt_updategpuvirtualaddress *args = call->args;
	struct updating u = { .process = call->process };
	int status;

	if (args->flags & ~D3DKMT_UPDATEGPUVA_DO_NOT_WAIT || args->reserved0 || args->reserved1 ||
	    args->reserved2 || !args->operations || !args->num_operations ||
	    args->num_operations > MAX_OPS || args->fence_value == U64_MAX)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "num_operations", args->num_operations,
				   "none, too many, undefined bits, or a fence value without a next");
	status = find_all(&u, args);
	if (!status)
		status = queue_update(&u, args);
	if (u.sync)
		vdxg_shareable_put(&u.sync->base);
	if (u.companion)
		put_companion(u.companion);
	if (u.device)
		vdxg_device_put(u.device);
	return status;
}
