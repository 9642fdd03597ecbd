// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_cpu.c: fences from the CPU: WaitForSynchronizationObjectFromCpu,
 * SignalSynchronizationObjectFromCpu
 *
 * What is satisfied already costs no more than looking the fences up. Otherwise a &struct cpu_wait
 * has a waiter on each fence. It ends once: when enough fences have got there, or when its device
 * is destroyed. A blocking one wakes its task, which takes it apart; an asynchronous one signals
 * its event, and a worker takes it apart, since neither the fences' locks nor interrupts off allow
 * that.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/eventfd.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <d3dkmthk.h>

#include "../compat.h"
#include "../gfp.h"
#include "../refuse.h"
#include "adapter.h"
#include "calls.h"
#include "device.h"
#include "process.h"
#include "sync.h"
#include "user.h"

/* More than the fences of any wait: what keeps it from ending while it is being set up. */
#define SETUP	(2 * D3DDDI_MAX_OBJECT_WAITED_ON)

static struct workqueue_struct *end_queue;

struct cpu_wait;

/* One fence of a wait. */
struct wait_item {
	struct vdxg_fence_waiter waiter;
	struct vdxg_fence *fence;
	struct cpu_wait *wait;
};

/**
 * struct cpu_wait - a wait that is not satisfied yet
 * @link: in &vdxg_device.waits; under the process's lock
 * @process: the process, referenced
 * @missing: how many fences it needs yet, and SETUP while it is being set up
 * @ended: satisfied or cancelled
 * @cancelled: the device was destroyed
 * @done: of a blocking wait, its task is to go on
 * @event: of an asynchronous wait, the event, referenced; else NULL
 * @work: takes an asynchronous wait apart
 * @count: length of @items
 * @items: the fences
 */
struct cpu_wait {
	struct list_head link;
	struct vdxg_process *process;
	atomic_t missing;
	atomic_t ended;
	bool cancelled;
	struct completion done;
	struct eventfd_ctx *event;
	struct work_struct work;
	u32 count;
	struct wait_item items[];
};

/**
 * struct fences - the fences a call names
 * @handles: their handles
 * @values: a value for each
 * @count: how many
 */
struct fences {
	u32 handles[D3DDDI_MAX_OBJECT_WAITED_ON];
	u64 values[D3DDDI_MAX_OBJECT_WAITED_ON];
	u32 count;
};

static int unreadable(u64 handles)
{
	return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", handles,
			   "these, or the values, cannot be read");
}

/* Inline, since it is a tenth of a call. */
static __always_inline int read_fences(struct fences *fences, u64 handles, u64 values, u32 count)
{
	const u32 __user *user_handles = u64_to_user_ptr(handles);
	const u64 __user *user_values = u64_to_user_ptr(values);

	if (!count || count > ARRAY_SIZE(fences->handles))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", count,
				   "none, or too many");
	fences->count = count;
	/* What most calls are about costs less this way. */
	if (count == 1)
		return get_user(fences->handles[0], user_handles) ||
		       get_user(fences->values[0], user_values) ? unreadable(handles) :
			STATUS_SUCCESS;
	if (vdxg_copy_in(fences->handles, user_handles, count * sizeof(u32)) ||
	    vdxg_copy_in(fences->values, user_values, count * sizeof(u64)))
		return unreadable(handles);
	return STATUS_SUCCESS;
}

/* The fence behind a handle, good while the process is locked, if the device may use it so. */
static int find_fence(struct vdxg_process *process, struct vdxg_device *device, u32 handle,
		      u32 forbidden, struct vdxg_fence **fence)
{
	struct vdxg_sync_open *open = vdxg_sync_peek(process, handle);

	if (!open)
		return STATUS_INVALID_PARAMETER;
	if (open->device && open->device != device)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", handle,
				   "is another device's");
	if (open->sync->type != D3DDDI_MONITORED_FENCE)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", handle,
				   "is no monitored fence");
	if (open->flags & forbidden)
		return vdxg_refuse(STATUS_ACCESS_DENIED, "objects", handle,
				   "this handle may not do that");
	*fence = open->sync->fence;
	return STATUS_SUCCESS;
}

/*
 * One fence of the very device that is named, which is what most calls are about: the fence says whether the
 * device is right, so that it need not be looked up, and is dead where the adapter is gone. NULL for
 * everything else, wrong or right.
 */
static __always_inline struct vdxg_fence *find_simple(struct vdxg_process *process,
						      struct d3dkmthandle device, u32 handle,
						      u32 forbidden)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle, &vdxg_sync_class);
	struct vdxg_sync_open *open = container_of(obj, struct vdxg_sync_open, obj);

	if (!obj || !open->device || open->device->obj.handle != device.v ||
	    open->sync->type != D3DDDI_MONITORED_FENCE || open->flags & forbidden)
		return NULL;
	return open->sync->fence;
}

static struct vdxg_device *find_device(struct vdxg_process *process, struct d3dkmthandle handle,
				       int *status)
{
	struct vdxg_device *device = vdxg_device_peek(process, handle);

	if (!device)
		*status = STATUS_INVALID_PARAMETER;
	else if (vdxg_adapter_removed(device->adapter))
		*status = STATUS_DEVICE_REMOVED;
	else
		return device;
	return NULL;
}

/* ---- waiting ---- */

/* Only the first call does anything. */
static void end_wait(struct cpu_wait *wait)
{
	if (atomic_xchg(&wait->ended, 1))
		return;
	if (!wait->event) {
		complete(&wait->done);
		return;
	}
	vdxg_eventfd_signal(wait->event);
	queue_work(end_queue, &wait->work);
}

static void fence_got_there(struct vdxg_fence_waiter *waiter)
{
	struct cpu_wait *wait = container_of(waiter, struct wait_item, waiter)->wait;

	if (atomic_dec_return(&wait->missing) <= 0)
		end_wait(wait);
}

/* Take a wait apart that has ended, or will not be waited for. */
static void free_wait(struct cpu_wait *wait)
{
	struct vdxg_process *process = wait->process;
	u32 i;

	vdxg_process_lock(process);
	list_del(&wait->link);
	vdxg_process_unlock(process);
	for (i = 0; i < wait->count; i++) {
		vdxg_fence_remove_waiter(wait->items[i].fence, &wait->items[i].waiter);
		vdxg_fence_put(wait->items[i].fence);
	}
	if (wait->event)
		eventfd_ctx_put(wait->event);
	vdxg_process_put(process);
	kfree(wait);
}

static void free_wait_work(struct work_struct *work)
{
	free_wait(container_of(work, struct cpu_wait, work));
}

/**
 * vdxg_waits_cancel - end the waits of a device
 * @device: a device that is being unpublished; its process is locked
 */
void vdxg_waits_cancel(struct vdxg_device *device)
{
	struct cpu_wait *wait, *next;

	list_for_each_entry_safe(wait, next, &device->waits, link) {
		wait->cancelled = true;
		list_del_init(&wait->link);
		end_wait(wait);
	}
}

/* Whether one of the fences has got there (@any), or all have. */
static bool satisfied(struct vdxg_fence **found, const struct fences *fences, bool any)
{
	u32 i;

	for (i = 0; i < fences->count; i++)
		if (vdxg_fence_reached(found[i], fences->values[i]) == any)
			return any;
	return !any;
}

/* The event, if there is one, becomes the wait's. */
static struct cpu_wait *new_wait(struct vdxg_device *device, struct vdxg_fence **found,
				 const struct fences *fences, bool any,
				 struct eventfd_ctx *event)
{
	struct cpu_wait *wait;
	u32 i;

	wait = kzalloc(struct_size(wait, items, fences->count), VDXG_GFP);
	if (!wait)
		return NULL;
	wait->process = device->process;
	vdxg_process_get(wait->process);
	atomic_set(&wait->missing, (any ? 1 : fences->count) + SETUP);
	init_completion(&wait->done);
	wait->event = event;
	INIT_WORK(&wait->work, free_wait_work);
	wait->count = fences->count;
	for (i = 0; i < wait->count; i++) {
		struct wait_item *item = &wait->items[i];

		vdxg_fence_get(found[i]);
		item->fence = found[i];
		item->wait = wait;
		item->waiter.value = fences->values[i];
		item->waiter.fire = fence_got_there;
		RB_CLEAR_NODE(&item->waiter.node);
	}
	list_add_tail(&wait->link, &device->waits);
	return wait;
}

/*
 * Let the fences know, while the process is locked: the wait cannot be cancelled, nor taken apart,
 * before all of them do. One that failed has ended.
 */
static int start_wait(struct cpu_wait *wait)
{
	enum vdxg_fence_added added;
	u32 i;

	for (i = 0; i < wait->count; i++) {
		struct vdxg_fence_waiter *waiter = &wait->items[i].waiter;

		added = vdxg_fence_add_waiter(wait->items[i].fence, waiter);
		if (added == VDXG_FENCE_REACHED)
			fence_got_there(waiter);
		if (added == VDXG_FENCE_CROWDED) {
			atomic_set(&wait->ended, 1);
			return STATUS_NO_MEMORY;
		}
	}
	if (atomic_sub_return(SETUP, &wait->missing) <= 0)
		end_wait(wait);
	return STATUS_SUCCESS;
}

static int sleep_until_ended(struct cpu_wait *wait, struct vdxg_adapter *adapter)
{
	int status = STATUS_SUCCESS;

	if (wait_for_completion_interruptible(&wait->done))
		status = -ERESTARTNOINTR;
	/* What happened beside a signal counts when the call starts anew. */
	else if (wait->cancelled || vdxg_adapter_removed(adapter))
		status = STATUS_DEVICE_REMOVED;
	free_wait(wait);
	return status;
}

/* Whether a call waits for one fence that has got there. */
static bool wait_is_over(struct vdxg_process *process,
			 const struct d3dkmt_waitforsynchronizationobjectfromcpu *args,
			 const struct fences *fences)
{
	struct vdxg_fence *fence;
	bool over;

	if (fences->count != 1 || args->async_event)
		return false;
	vdxg_process_lock(process);
	fence = find_simple(process, args->device, fences->handles[0], D3DDDI_SYNC_NO_WAIT);
	over = fence && vdxg_fence_value(fence) >= fences->values[0] && !READ_ONCE(fence->dead);
	vdxg_process_unlock(process);
	return over;
}

static noinline int
wait_for_fences(struct vdxg_process *process,
		const struct d3dkmt_waitforsynchronizationobjectfromcpu *args,
		const struct fences *fences)
{
	struct vdxg_fence *found[D3DDDI_MAX_OBJECT_WAITED_ON] __uninitialized;
	bool any = args->flags & D3DDDI_WAIT_ANY;
	struct eventfd_ctx *event = NULL;
	struct vdxg_adapter *adapter = NULL;
	struct cpu_wait *wait = NULL;
	struct vdxg_device *device;
	int status = STATUS_SUCCESS;
	bool done;
	u32 i;

	if (args->async_event) {
		status = vdxg_event_get(args->async_event, &event);
		if (status)
			return status;
	}
	vdxg_process_lock(process);
	device = find_device(process, args->device, &status);
	for (i = 0; !status && i < fences->count; i++)
		status = find_fence(process, device, fences->handles[i], D3DDDI_SYNC_NO_WAIT,
				    &found[i]);
	done = !status && satisfied(found, fences, any);
	if (!status && !done) {
		wait = new_wait(device, found, fences, any, event);
		status = wait ? start_wait(wait) : STATUS_NO_MEMORY;
		adapter = device->adapter;
		vdxg_adapter_get(adapter);
	}
	vdxg_process_unlock(process);
	if (event && done)
		vdxg_eventfd_signal(event);
	if (!wait) {
		if (event)
			eventfd_ctx_put(event);
	} else if (status) {
		free_wait(wait);
	} else if (!event) {
		status = sleep_until_ended(wait, adapter);
	}
	if (adapter)
		vdxg_adapter_put(adapter);
	return status;
}

/**
 * vdxg_wait_from_cpu - D3DKMTWaitForSynchronizationObjectFromCpu
 * @call: the call; struct d3dkmt_waitforsynchronizationobjectfromcpu
 *
 * Waits until all fences, or any, have reached their values; with an event returns at once and
 * signals it then. If the device is destroyed meanwhile the event is signalled, too.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles and for what is no monitored
 * fence; STATUS_ACCESS_DENIED for a fence this handle may not wait for; STATUS_INVALID_HANDLE and
 * STATUS_OBJECT_TYPE_MISMATCH for the event; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY. (d3dkmthk,
 * D3DKMTWaitForSynchronizationObjectFromCpu; Documentation/behaviour-sharing.rst)
 */
int vdxg_wait_from_cpu(struct vdxg_call *call)
{
	const struct d3dkmt_waitforsynchronizationobjectfromcpu *args = call->args;
	struct fences fences __uninitialized;
	int status;

	if (args->flags & ~D3DDDI_WAITFROMCPU_FLAGS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	status = read_fences(&fences, args->objects, args->fence_values, args->object_count);
	if (status || wait_is_over(call->process, args, &fences))
		return status;
	return wait_for_fences(call->process, args, &fences);
}

/* ---- signalling ---- */

/* Signal the one fence of a call; false if it is not as simple as that. */
static bool signal_one(struct vdxg_process *process,
		       const struct d3dkmt_signalsynchronizationobjectfromcpu *args,
		       const struct fences *fences, int *status)
{
	bool rewind = args->flags & D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND;
	struct vdxg_fence *fence;

	if (fences->count != 1)
		return false;
	vdxg_process_lock(process);
	fence = find_simple(process, args->device, fences->handles[0], D3DDDI_SYNC_NO_SIGNAL);
	if (fence)
		*status = vdxg_fence_signal(fence, fences->values[0], rewind);
	vdxg_process_unlock(process);
	return fence;
}

/* What a fence of a call must not go below: its value, or that of an earlier entry. */
static u64 floor_of(struct vdxg_fence **found, const struct fences *fences, u32 index)
{
	u64 floor = vdxg_fence_value(found[index]);
	u32 i;

	for (i = 0; i < index; i++)
		if (found[i] == found[index])
			floor = max(floor, fences->values[i]);
	return floor;
}

static noinline int
signal_fences(struct vdxg_process *process,
	      const struct d3dkmt_signalsynchronizationobjectfromcpu *args,
	      const struct fences *fences)
{
	struct vdxg_fence *found[D3DDDI_MAX_OBJECT_SIGNALED] __uninitialized;
	bool rewind = args->flags & D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND;
	struct vdxg_device *device;
	int status = STATUS_SUCCESS;
	u32 i;

	BUILD_BUG_ON(ARRAY_SIZE(found) < ARRAY_SIZE(fences->handles));
	vdxg_process_lock(process);
	device = find_device(process, args->device, &status);
	for (i = 0; !status && i < fences->count; i++) {
		status = find_fence(process, device, fences->handles[i], D3DDDI_SYNC_NO_SIGNAL,
				    &found[i]);
		if (!status && !rewind && fences->values[i] < floor_of(found, fences, i))
			status = vdxg_refuse(STATUS_INVALID_PARAMETER, "fence_values",
					     fences->values[i], "below the fence's value");
	}
	for (i = 0; !status && i < fences->count; i++)
		status = vdxg_fence_signal(found[i], fences->values[i], rewind);
	vdxg_process_unlock(process);
	return status;
}

/**
 * vdxg_signal_from_cpu - D3DKMTSignalSynchronizationObjectFromCpu
 * @call: the call; struct d3dkmt_signalsynchronizationobjectfromcpu
 *
 * Everything is checked before the first fence is signalled.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles, for what is no monitored fence,
 * and for a value below the fence's unless AllowFenceRewind is set; STATUS_ACCESS_DENIED for a
 * fence this handle may not signal; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTSignalSynchronizationObjectFromCpu; Documentation/behaviour-sharing.rst)
 */
int vdxg_signal_from_cpu(struct vdxg_call *call)
{
	const struct d3dkmt_signalsynchronizationobjectfromcpu *args = call->args;
	struct fences fences __uninitialized;
	int status;

	if (args->flags & ~D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "bits that are not for the CPU");
	status = read_fences(&fences, args->objects, args->fence_values, args->object_count);
	if (status || signal_one(call->process, args, &fences, &status))
		return status;
	return signal_fences(call->process, args, &fences);
}

/**
 * vdxg_waits_init - get ready for waits
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_waits_init(void)
{
	end_queue = alloc_workqueue("vdxg-waits", WQ_UNBOUND, 0);
	return end_queue ? 0 : -ENOMEM;
}

/**
 * vdxg_waits_exit - wait for the last wait to be taken apart; there is no process any more
 */
void vdxg_waits_exit(void)
{
	destroy_workqueue(end_queue);
}
