// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_gpu.c: synchronization objects in the order of a context's work: the calls whose names end in
 * FromGpu, ToHwQueue, and the older ones, Wait- and SignalSynchronizationObject2
 *
 * A call becomes packets (sched/queue.h): what a context waits for has to have happened before it
 * goes on, what it signals is signalled when it gets there. All of them come down to
 * wait_on_queue() and signal_from_queues(), which differ in where the arguments are.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../sched/counter.h"
#include "../sched/packet.h"
#include "adapter.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "hw_queue.h"
#include "process.h"
#include "sync.h"
#include "sync_signal.h"
#include "user.h"

#define MAX_OBJECTS	D3DDDI_MAX_OBJECT_WAITED_ON
/* A context and those that get its broadcast. */
#define MAX_QUEUES	(D3DDDI_MAX_BROADCAST_CONTEXT + 1)

/**
 * struct sync_args - what a call says
 * @process: the caller
 * @hardware: @queues are hardware queues, else contexts
 * @num_queues: how many
 * @num_objects: how many
 * @queues: handles
 * @objects: handles
 * @values: for monitored fences, one for each object
 * @has_values: the caller gave them
 * @has_value: the caller gave @value
 * @value: for fences of the old kind
 * @flags: D3DDDICB_SIGNAL_*
 * @event: with D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT, a descriptor
 */
struct sync_args {
	struct vdxg_process *process;
	bool hardware;
	u32 num_queues;
	u32 num_objects;
	u32 queues[MAX_QUEUES];
	u32 objects[MAX_OBJECTS];
	u64 values[MAX_OBJECTS];
	bool has_values;
	bool has_value;
	u64 value;
	u32 flags;
	u64 event;
};

/* ---- reading a call ---- */

/* Nothing is known of the objects yet: where their values are may be a value itself. */
static int read_objects(struct sync_args *a, u64 objects, u64 values, u32 count)
{
	if (count > MAX_OBJECTS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", count, "too many");
	a->num_objects = count;
	if (vdxg_copy_in(a->objects, u64_to_user_ptr(objects), count * sizeof(u32)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", objects, "cannot be read");
	a->has_values = !vdxg_copy_in(a->values, u64_to_user_ptr(values), count * sizeof(u64));
	return STATUS_SUCCESS;
}

static int read_queues(struct sync_args *a, u64 queues, u32 count)
{
	if (!count || count > D3DDDI_MAX_BROADCAST_CONTEXT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "context_count", count,
				   "none, or too many");
	a->num_queues = count;
	if (vdxg_copy_in(a->queues, u64_to_user_ptr(queues), count * sizeof(u32)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "contexts", queues, "cannot be read");
	return STATUS_SUCCESS;
}

static void one_queue(struct sync_args *a, struct d3dkmthandle queue)
{
	a->num_queues = 1;
	a->queues[0] = queue.v;
}

static struct sync_args *new_args(struct vdxg_call *call)
{
	struct sync_args *a = kzalloc(sizeof(*a), VDXG_GFP);

	if (a)
		a->process = call->process;
	return a;
}

/* ---- looking things up, with the process locked ---- */

static struct vdxg_queue *find_queue(const struct sync_args *a, u32 handle,
				     struct vdxg_device **device)
{
	struct d3dkmthandle h = { handle };
	struct vdxg_hw_queue *hw_queue;
	struct vdxg_context *context;

	if (a->hardware) {
		hw_queue = vdxg_hw_queue_peek(a->process, h);
		if (!hw_queue)
			return NULL;
		*device = hw_queue->context->device;
		return hw_queue->queue;
	}
	context = vdxg_context_peek(a->process, h);
	if (!context)
		return NULL;
	*device = context->device;
	return context->queue;
}

/* The device of all queues of a call. */
static int find_device(const struct sync_args *a, struct vdxg_device **result)
{
	struct vdxg_device *device, *first = NULL;
	u32 i;

	for (i = 0; i < a->num_queues; i++) {
		if (!find_queue(a, a->queues[i], &device))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "context", a->queues[i],
					   "nothing that work is submitted to");
		if (first && device != first)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "contexts", a->queues[i],
					   "of another device than the first");
		first = device;
	}
	*result = first;
	return vdxg_adapter_removed(first->adapter) ? STATUS_DEVICE_REMOVED : STATUS_SUCCESS;
}

/* Its value, if it is a fence; not every call has one for every kind of object. */
static int find_value(const struct sync_args *a, const struct vdxg_sync *sync, u32 index,
		      bool waits, u64 *value)
{
	bool fine = true;

	switch (sync->type) {
	case D3DDDI_MONITORED_FENCE:
		*value = a->values[index];
		fine = a->has_values;
		break;
	case D3DDDI_FENCE:
		*value = a->value;
		fine = a->has_value;
		break;
	case D3DDDI_CPU_NOTIFICATION:
		/* The CPU waits for it, nobody else. */
		fine = !waits;
		break;
	default:
		fine = !a->hardware;
	}
	return fine ? STATUS_SUCCESS :
		vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", a->objects[index],
			    "of a kind that is not for this call, or without a value");
}

/* An object that the device may use so, and its value. */
static int find_object(const struct sync_args *a, const struct vdxg_device *device, u32 index,
		       bool waits, struct vdxg_sync **result, u64 *value)
{
	struct vdxg_sync_open *open = vdxg_sync_peek(a->process, a->objects[index]);

	if (!open)
		return STATUS_INVALID_PARAMETER;
	if (open->device && open->device != device)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", a->objects[index],
				   "of another device");
	if (open->flags & (waits ? D3DDDI_SYNC_NO_WAIT : D3DDDI_SYNC_NO_SIGNAL))
		return vdxg_refuse(STATUS_ACCESS_DENIED, "objects", a->objects[index],
				   waits ? "made with NoWait" : "made with NoSignal");
	*result = open->sync;
	return find_value(a, open->sync, index, waits, value);
}

/* ---- waiting ---- */

/**
 * struct wanted - what a call waits for, referenced
 * @queue: who waits
 * @owner: whose the mutexes are then
 * @num_fences: fences
 * @num_counters: semaphores and mutexes
 * @fences: them
 * @values: a value for each fence
 * @counters: the semaphores and mutexes
 */
struct wanted {
	struct vdxg_queue *queue;
	struct vdxg_counter_owner *owner;
	u32 num_fences;
	u32 num_counters;
	struct vdxg_fence *fences[MAX_OBJECTS];
	u64 values[MAX_OBJECTS];
	struct vdxg_counter *counters[MAX_OBJECTS];
};

static bool wants_counter(const struct wanted *w, const struct vdxg_counter *counter)
{
	u32 i;

	for (i = 0; i < w->num_counters; i++)
		if (w->counters[i] == counter)
			return true;
	return false;
}

/* Fences need no reference on their objects: nobody waits for what nobody can signal. */
static int want(struct wanted *w, struct vdxg_sync *sync, u64 value)
{
	if (sync->fence) {
		vdxg_fence_get(sync->fence);
		w->values[w->num_fences] = value;
		w->fences[w->num_fences++] = sync->fence;
		return STATUS_SUCCESS;
	}
	/* One cannot have a mutex twice. */
	if (wants_counter(w, sync->counter))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", 0, "one is named twice");
	vdxg_counter_get(sync->counter);
	w->counters[w->num_counters++] = sync->counter;
	return STATUS_SUCCESS;
}

static int find_wanted(const struct sync_args *a, struct wanted *w)
{
	struct vdxg_device *device;
	struct vdxg_sync *sync;
	int status;
	u64 value;
	u32 i;

	vdxg_process_lock(a->process);
	status = find_device(a, &device);
	for (i = 0; !status && i < a->num_objects; i++) {
		status = find_object(a, device, i, true, &sync, &value);
		if (!status)
			status = want(w, sync, value);
	}
	if (!status) {
		w->owner = &device->mutexes;
		w->queue = find_queue(a, a->queues[0], &device);
		vdxg_queue_get(w->queue);
	}
	vdxg_process_unlock(a->process);
	return status;
}

static void put_wanted(struct wanted *w)
{
	u32 i;

	for (i = 0; i < w->num_fences; i++)
		vdxg_fence_put(w->fences[i]);
	for (i = 0; i < w->num_counters; i++)
		vdxg_counter_put(w->counters[i]);
	if (w->queue)
		vdxg_queue_put(w->queue);
	kfree(w);
}

static int submit_waits(struct wanted *w)
{
	struct vdxg_packet *packet;
	LIST_HEAD(packets);
	int status = STATUS_SUCCESS;
	u32 i;

	for (i = 0; !status && i < w->num_fences; i++) {
		packet = vdxg_wait_packet(w->queue, w->fences[i], w->values[i]);
		if (packet)
			list_add_tail(&packet->link, &packets);
		else
			status = STATUS_NO_MEMORY;
	}
	/* Last, so that nothing is taken while it waits for the rest. */
	if (!status && w->num_counters) {
		packet = vdxg_acquire_packet(w->queue, w->owner, w->counters, w->num_counters);
		if (packet)
			list_add_tail(&packet->link, &packets);
		else
			status = STATUS_NO_MEMORY;
	}
	if (!status)
		status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	return status;
}

/* The end of every call that waits: @status is that of reading it. Frees the arguments. */
static int wait_on_queue(struct sync_args *a, int status)
{
	struct wanted *w = NULL;

	if (!status && !a->num_objects)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", 0,
				     "none, or too many");
	if (!status) {
		w = kzalloc(sizeof(*w), VDXG_GFP);
		status = w ? find_wanted(a, w) : STATUS_NO_MEMORY;
	}
	if (!status)
		status = submit_waits(w);
	if (w)
		put_wanted(w);
	kfree(a);
	return status;
}

/**
 * vdxg_wait_from_gpu - D3DKMTWaitForSynchronizationObjectFromGpu
 * @call: the call; struct d3dkmt_waitforsynchronizationobjectfromgpu
 *
 * The context goes on when all objects have got there; it may be told to wait before anybody has
 * been told to signal.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles and numbers; STATUS_ACCESS_DENIED
 * for a fence this handle may not wait for; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY; the error of a
 * device in error. (d3dkmthk, D3DKMTWaitForSynchronizationObjectFromGpu;
 * Documentation/behaviour-gpusync.rst)
 */
int vdxg_wait_from_gpu(struct vdxg_call *call)
{
	const struct d3dkmt_waitforsynchronizationobjectfromgpu *args = call->args;
	struct sync_args *a = new_args(call);
	int status;

	if (!a)
		return STATUS_NO_MEMORY;
	one_queue(a, args->context);
	a->has_value = true;
	a->value = args->fence_value;
	status = read_objects(a, args->objects, args->monitored_fence_values, args->object_count);
	return wait_on_queue(a, status);
}

/**
 * vdxg_wait2 - D3DKMTWaitForSynchronizationObject2
 * @call: the call; struct d3dkmt_waitforsynchronizationobject2
 *
 * Return: as vdxg_wait_from_gpu(); monitored fences are STATUS_INVALID_PARAMETER. (d3dkmthk,
 * D3DKMTWaitForSynchronizationObject2; Documentation/behaviour-gpusync.rst)
 */
int vdxg_wait2(struct vdxg_call *call)
{
	const struct d3dkmt_waitforsynchronizationobject2 *args = call->args;
	struct sync_args *a = new_args(call);

	if (!a)
		return STATUS_NO_MEMORY;
	one_queue(a, args->context);
	a->has_value = true;
	a->value = args->fence.fence_value;
	/* A wrong number is refused as no number. */
	if (args->object_count <= MAX_OBJECTS)
		a->num_objects = args->object_count;
	memcpy(a->objects, args->object_array, sizeof(a->objects));
	return wait_on_queue(a, STATUS_SUCCESS);
}

/**
 * vdxg_wait_on_hw_queue - D3DKMTSubmitWaitForSyncObjectsToHwQueue
 * @call: the call; struct d3dkmt_submitwaitforsyncobjectstohwqueue
 *
 * Return: as vdxg_wait_from_gpu(); everything but monitored fences is STATUS_INVALID_PARAMETER.
 * (d3dkmthk, D3DKMTSubmitWaitForSyncObjectsToHwQueue; Documentation/behaviour-gpusync.rst)
 */
int vdxg_wait_on_hw_queue(struct vdxg_call *call)
{
	const struct d3dkmt_submitwaitforsyncobjectstohwqueue *args = call->args;
	struct sync_args *a = new_args(call);
	int status;

	if (!a)
		return STATUS_NO_MEMORY;
	a->hardware = true;
	one_queue(a, args->hwqueue);
	status = read_objects(a, args->objects, args->fence_values, args->object_count);
	return wait_on_queue(a, status);
}

/* ---- signalling ---- */

static int check_signal(const struct sync_args *a)
{
	bool event = a->flags & D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT;

	if (a->flags & ~D3DDDICB_SIGNAL_FLAGS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", a->flags, "undefined bits");
	if (event == !!a->num_objects)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", a->num_objects,
				   "objects or an event, not both or neither");
	return STATUS_SUCCESS;
}

static int find_event(struct sync_args *a, struct eventfd_ctx **event)
{
	if (!(a->flags & D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT))
		return STATUS_SUCCESS;
	return vdxg_event_get(a->event, event);
}

/* What is certain to go back is refused; what will turn out to is left alone. */
static bool goes_back(const struct sync_args *a, const struct vdxg_sync *sync, u64 value)
{
	return sync->fence && !(a->flags & D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND) &&
	       value < vdxg_fence_value(sync->fence);
}

static int find_targets(const struct sync_args *a, struct vdxg_signal *signal)
{
	struct vdxg_device *device;
	struct vdxg_sync *sync;
	int status;
	u64 value;
	u32 i;

	vdxg_process_lock(a->process);
	status = find_device(a, &device);
	for (i = 0; !status && i < a->num_objects; i++) {
		status = find_object(a, device, i, false, &sync, &value);
		if (!status && goes_back(a, sync, value))
			status = vdxg_refuse(STATUS_INVALID_PARAMETER, "value", value,
					     "less than the fence has");
		if (!status)
			vdxg_signal_add_target(signal, sync, value);
	}
	for (i = 0; !status && i < a->num_queues; i++)
		vdxg_signal_add_queue(signal, find_queue(a, a->queues[i], &device));
	if (!status)
		signal->owner = &device->mutexes;
	vdxg_process_unlock(a->process);
	return status;
}

/* The end of every call that signals, likewise. */
static int signal_from_queues(struct sync_args *a, int status)
{
	struct vdxg_signal *signal = NULL;
	struct eventfd_ctx *event = NULL;

	if (!status)
		status = check_signal(a);
	if (!status)
		status = find_event(a, &event);
	if (!status) {
		signal = vdxg_signal_create(a->num_objects, a->num_queues);
		status = signal ? STATUS_SUCCESS : STATUS_NO_MEMORY;
	}
	if (signal) {
		signal->early = a->flags & D3DDDICB_SIGNAL_AT_SUBMISSION;
		signal->rewind = a->flags & D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND;
		signal->event = event;
		status = find_targets(a, signal);
		if (status)
			vdxg_signal_drop(signal);
		else
			status = vdxg_signal_submit(signal);
	} else if (event) {
		eventfd_ctx_put(event);
	}
	kfree(a);
	return status;
}

/**
 * vdxg_signal_from_gpu - D3DKMTSignalSynchronizationObjectFromGpu
 * @call: the call; struct d3dkmt_signalsynchronizationobjectfromgpu
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles and numbers, for fences of the old
 * kind, and for a value below the fence's; STATUS_ACCESS_DENIED for a fence this handle may not
 * signal; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY; the error of a device in error. (d3dkmthk,
 * D3DKMTSignalSynchronizationObjectFromGpu; Documentation/behaviour-gpusync.rst)
 */
int vdxg_signal_from_gpu(struct vdxg_call *call)
{
	const struct d3dkmt_signalsynchronizationobjectfromgpu *args = call->args;
	struct sync_args *a = new_args(call);
	int status;

	if (!a)
		return STATUS_NO_MEMORY;
	one_queue(a, args->context);
	status = read_objects(a, args->objects, args->monitored_fence_values, args->object_count);
	return signal_from_queues(a, status);
}

/**
 * vdxg_signal_from_gpu2 - D3DKMTSignalSynchronizationObjectFromGpu2
 * @call: the call; struct d3dkmt_signalsynchronizationobjectfromgpu2
 *
 * Signals when all contexts have got there. With EnqueueCpuEvent it is an event that is signalled,
 * and no object.
 *
 * Return: as vdxg_signal_from_gpu(), but for fences of the old kind, which are fine;
 * STATUS_INVALID_HANDLE and STATUS_OBJECT_TYPE_MISMATCH for the event. (d3dkmthk,
 * D3DKMTSignalSynchronizationObjectFromGpu2; Documentation/behaviour-gpusync.rst)
 */
int vdxg_signal_from_gpu2(struct vdxg_call *call)
{
	const struct d3dkmt_signalsynchronizationobjectfromgpu2 *args = call->args;
	struct sync_args *a = new_args(call);
	int status;

	if (!a)
		return STATUS_NO_MEMORY;
	a->flags = args->flags;
	a->event = args->cpu_event_handle;
	a->has_value = true;
	a->value = args->fence_value;
	status = args->reserved1 ?
		vdxg_refuse(STATUS_INVALID_PARAMETER, "reserved1", args->reserved1, "not 0") :
		read_queues(a, args->contexts, args->context_count);
	if (!status)
		status = read_objects(a, args->objects, args->monitored_fence_values,
				      args->object_count);
	return signal_from_queues(a, status);
}

/**
 * vdxg_signal2 - D3DKMTSignalSynchronizationObject2
 * @call: the call; struct d3dkmt_signalsynchronizationobject2
 *
 * Signals when the context, and those it is broadcast to, have got there.
 *
 * Return: as vdxg_signal_from_gpu2(); monitored fences are STATUS_INVALID_PARAMETER. (d3dkmthk,
 * D3DKMTSignalSynchronizationObject2; Documentation/behaviour-gpusync.rst)
 */
int vdxg_signal2(struct vdxg_call *call)
{
	const struct d3dkmt_signalsynchronizationobject2 *args = call->args;
	struct sync_args *a;

	if (args->object_count > MAX_OBJECTS || args->context_count > D3DDDI_MAX_BROADCAST_CONTEXT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", args->object_count,
				   "too many, or too many contexts");
	a = new_args(call);
	if (!a)
		return STATUS_NO_MEMORY;
	one_queue(a, args->context);
	memcpy(a->queues + 1, args->contexts, args->context_count * sizeof(u32));
	a->num_queues += args->context_count;
	memcpy(a->objects, args->object_array, args->object_count * sizeof(u32));
	a->num_objects = args->object_count;
	a->flags = args->flags;
	a->event = args->cpu_event_handle;
	a->has_value = true;
	a->value = args->fence.fence_value;
	return signal_from_queues(a, STATUS_SUCCESS);
}

/**
 * vdxg_signal_from_hw_queues - D3DKMTSubmitSignalSyncObjectsToHwQueue
 * @call: the call; struct d3dkmt_submitsignalsyncobjectstohwqueue
 *
 * Signals when all queues have got there.
 *
 * Return: as vdxg_signal_from_gpu(); everything but monitored fences and CPU notifications is
 * STATUS_INVALID_PARAMETER. (d3dkmthk, D3DKMTSubmitSignalSyncObjectsToHwQueue;
 * Documentation/behaviour-gpusync.rst)
 */
int vdxg_signal_from_hw_queues(struct vdxg_call *call)
{
	const struct d3dkmt_submitsignalsyncobjectstohwqueue *args = call->args;
	struct sync_args *a = new_args(call);
	int status;

	if (!a)
		return STATUS_NO_MEMORY;
	a->hardware = true;
	a->flags = args->flags;
	/* There is no room for an event. */
	if (args->reserved || args->flags & D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				     "no events here, or reserved is not 0");
	else
		status = read_queues(a, args->hwqueues, args->hwqueue_count);
	if (!status)
		status = read_objects(a, args->objects, args->fence_values, args->object_count);
	return signal_from_queues(a, status);
}
