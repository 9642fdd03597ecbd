// SPDX-License-Identifier: GPL-2.0-only
/*
 * context.c: CreateContextVirtual, CreateContext, DestroyContext, CreateHwContext, DestroyHwContext
 *
 * The private data that a driver would look at when a context is made means nothing here, and is not
 * read. There is one node, the engine.
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "adapter.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "gpuva.h"
#include "hw_queue.h"
#include "process.h"

static void release_context(struct vdxg_object *obj)
{
	struct vdxg_context *context = container_of(obj, struct vdxg_context, obj);

	if (context->queue)
		vdxg_queue_put(context->queue);
	vdxg_va_companion_put(context->companion);
	kfree(context);
}

const struct vdxg_class vdxg_context_class = {
	.name = "context",
	.release = release_context,
};

/**
 * vdxg_context_peek - look a context up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the context, a hardware one or not, good until the lock is dropped; or NULL.
 */
struct vdxg_context *vdxg_context_peek(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle.v,
						   &vdxg_context_class);

	return obj ? container_of(obj, struct vdxg_context, obj) : NULL;
}

/**
 * vdxg_context_queue - look the queue of a context up
 * @process: the process
 * @handle: the handle, not trusted
 *
 * Context: takes the process's lock; sleeps.
 * Return: the queue, referenced; NULL if there is no such context, or a hardware context has it.
 */
struct vdxg_queue *vdxg_context_queue(struct vdxg_process *process, struct d3dkmthandle handle)
{
	struct vdxg_queue *queue = NULL;
	struct vdxg_context *context;

	vdxg_process_lock(process);
	context = vdxg_context_peek(process, handle);
	if (context && context->queue) {
		queue = context->queue;
		vdxg_queue_get(queue);
	} else if (context) {
		vdxg_refuse(0, "context", handle.v, "a hardware context: only its queues take work");
	}
	vdxg_process_unlock(process);
	return queue;
}

/* Let a context and its hardware queues die; the process is locked. */
static void unpublish(struct vdxg_process *process, struct vdxg_context *context,
		      struct list_head *doomed)
{
	struct vdxg_hw_queue *queue;

	list_for_each_entry(queue, &context->hw_queues, link)
		vdxg_hw_queue_unpublish(process, queue);
	vdxg_handle_unpublish(&process->handles, &context->obj);
	context->device = NULL;
	list_move_tail(&context->link, doomed);
}

/**
 * vdxg_contexts_unpublish - let all contexts of a device die
 * @process: the process, locked
 * @device: the device; they go to &vdxg_device.doomed_contexts
 */
void vdxg_contexts_unpublish(struct vdxg_process *process, struct vdxg_device *device)
{
	struct vdxg_context *context, *next;

	list_for_each_entry_safe(context, next, &device->contexts, link)
		unpublish(process, context, &device->doomed_contexts);
}

/* Nothing can be submitted to a context any more. */
static void shut(struct vdxg_context *context)
{
	struct vdxg_hw_queue *queue;

	list_for_each_entry(queue, &context->hw_queues, link)
		vdxg_queue_shut(queue->queue);
	if (context->queue)
		vdxg_queue_shut(context->queue);
	vdxg_va_companion_shut(context->companion);
}

/**
 * vdxg_contexts_close - release unpublished contexts
 * @doomed: list of them
 * @kill: let nothing finish that they have to do
 *
 * Context: no locks; sleeps until their queues have nothing more to do (see vdxg_queue_close()).
 */
void vdxg_contexts_close(struct list_head *doomed, bool kill)
{
	struct vdxg_context *context, *next;

	list_for_each_entry(context, doomed, link) {
		shut(context);
		cond_resched();
	}
	list_for_each_entry_safe(context, next, doomed, link) {
		vdxg_hw_queues_close(&context->hw_queues, kill);
		if (context->queue)
			vdxg_queue_close(context->queue, kill);
		vdxg_va_companion_close(context->companion, kill);
		vdxg_object_put(&context->obj);
		cond_resched();
	}
	INIT_LIST_HEAD(doomed);
}

static struct vdxg_context *new_context(struct vdxg_device *device, u32 flags, bool hardware)
{
	struct vdxg_context *context = kzalloc(sizeof(*context), VDXG_GFP);

	if (!context)
		return NULL;
	vdxg_object_init(&context->obj, &vdxg_context_class);
	INIT_LIST_HEAD(&context->link);
	INIT_LIST_HEAD(&context->hw_queues);
	context->flags = flags;
	context->hardware = hardware;
	if (hardware)
		return context;
	context->queue = vdxg_queue_create(&device->timeline);
	if (!context->queue) {
		vdxg_object_put(&context->obj);
		return NULL;
	}
	context->queue->no_timeout = flags & D3DDDI_CREATECONTEXT_DISABLE_GPU_TIMEOUT ||
				     device->flags & D3DKMT_CREATEDEVICE_DISABLE_GPU_TIMEOUT;
	context->queue->null = flags & D3DDDI_CREATECONTEXT_NULL_RENDERING;
	return context;
}

/* Give a context its handle, answer the call, and publish it; or undo everything. */
static int finish(struct vdxg_call *call, struct vdxg_device *device, struct vdxg_context *context,
		  struct d3dkmthandle *handle)
{
	struct vdxg_process *process = call->process;
	int status;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &context->obj);
	vdxg_process_unlock(process);
	if (status)
		goto put;
	handle->v = context->obj.handle;
	status = vdxg_call_reply(call);

	vdxg_process_lock(process);
	/* The device may have been destroyed meanwhile. */
	if (!status && !device->obj.handle)
		status = STATUS_INVALID_PARAMETER;
	if (status) {
		vdxg_handle_abandon(&process->handles, &context->obj);
	} else {
		context->device = device;
		list_add_tail(&context->link, &device->contexts);
		vdxg_handle_publish(&process->handles, &context->obj);
	}
	vdxg_process_unlock(process);
put:
	if (status)
		vdxg_object_put(&context->obj);
	return status;
}

/* What all kinds of contexts are made of. */
struct wanted {
	struct d3dkmthandle device;
	u32 node;
	u32 affinity;
	u32 flags;
	u64 data;
	u32 data_size;
	bool hardware;
};

static int create(struct vdxg_call *call, const struct wanted *wanted, struct d3dkmthandle *handle)
{
	struct vdxg_context *context;
	struct vdxg_device *device;
	int status;

	/* Hardware contexts have none. */
	if (wanted->flags & ~(wanted->hardware ? 0 : D3DDDI_CREATECONTEXT_FLAGS))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", wanted->flags,
				   "undefined bits");
	if (wanted->node || wanted->affinity > 1)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "node_ordinal", wanted->node,
				   "there is one node, and one engine");
	if (wanted->data_size && !wanted->data)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priv_drv_data_size",
				   wanted->data_size, "no data");
	device = vdxg_device_get(call->process, wanted->device);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (vdxg_adapter_removed(device->adapter))
		goto put_device;
	status = STATUS_NO_MEMORY;
	context = new_context(device, wanted->flags, wanted->hardware);
	if (context)
		status = finish(call, device, context, handle);
put_device:
	vdxg_device_put(device);
	return status;
}

/**
 * vdxg_create_context_virtual - D3DKMTCreateContextVirtual
 * @call: the call; struct d3dkmt_createcontextvirtual
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device, node, engine or flag;
 * STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTCreateContextVirtual)
 */
int vdxg_create_context_virtual(struct vdxg_call *call)
{
	struct d3dkmt_createcontextvirtual *args = call->args;
	const struct wanted wanted = {
		.device = args->device,
		.node = args->node_ordinal,
		.affinity = args->engine_affinity,
		.flags = args->flags,
		.data = args->priv_drv_data,
		.data_size = args->priv_drv_data_size,
	};

	return create(call, &wanted, &args->context);
}

/**
 * vdxg_create_context - D3DKMTCreateContext
 * @call: the call; struct d3dkmt_createcontext
 *
 * A context like any other. Since Render is not supported, there are no buffers and lists for it: their
 * addresses and sizes are 0.
 *
 * Return: as vdxg_create_context_virtual(). (d3dkmthk, D3DKMTCreateContext)
 */
int vdxg_create_context(struct vdxg_call *call)
{
	struct d3dkmt_createcontext *args = call->args;
	const struct wanted wanted = {
		.device = args->device,
		.node = args->node_ordinal,
		.affinity = args->engine_affinity,
		.flags = args->flags,
		.data = args->priv_drv_data,
		.data_size = args->priv_drv_data_size,
	};

	args->command_buffer = 0;
	args->command_buffer_size = 0;
	args->allocation_list = 0;
	args->allocation_list_size = 0;
	args->patch_location_list = 0;
	args->patch_location_list_size = 0;
	args->command_buffer_gpu_va = 0;
	return create(call, &wanted, &args->context);
}

/**
 * vdxg_create_hw_context - D3DKMTCreateHwContext
 * @call: the call; struct d3dkmt_createhwcontext
 *
 * Return: as vdxg_create_context_virtual(). (d3dkmthk, D3DKMTCreateHwContext)
 */
int vdxg_create_hw_context(struct vdxg_call *call)
{
	struct d3dkmt_createhwcontext *args = call->args;
	const struct wanted wanted = {
		.device = args->device,
		.node = args->node_ordinal,
		.affinity = args->engine_affinity,
		.flags = args->flags,
		.data = args->priv_drv_data,
		.data_size = args->priv_drv_data_size,
		.hardware = true,
	};

	return create(call, &wanted, &args->hw_context);
}

static int destroy(struct vdxg_process *process, struct d3dkmthandle handle, bool hardware)
{
	struct vdxg_context *context;
	LIST_HEAD(doomed);

	vdxg_process_lock(process);
	context = vdxg_context_peek(process, handle);
	if (context && context->hardware == hardware)
		unpublish(process, context, &doomed);
	else if (context)
		vdxg_refuse(STATUS_INVALID_PARAMETER, "context", handle.v,
			    "of the other kind: hardware contexts have calls of their own");
	vdxg_process_unlock(process);
	if (list_empty(&doomed))
		return STATUS_INVALID_PARAMETER;
	vdxg_contexts_close(&doomed, false);
	return STATUS_SUCCESS;
}

/**
 * vdxg_destroy_context - D3DKMTDestroyContext
 * @call: the call; struct d3dkmt_destroycontext
 *
 * Lets finish what can; destroys its hardware queues too.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk, D3DKMTDestroyContext)
 */
int vdxg_destroy_context(struct vdxg_call *call)
{
	struct d3dkmt_destroycontext *args = call->args;

	return destroy(call->process, args->context, false);
}

/**
 * vdxg_destroy_hw_context - D3DKMTDestroyHwContext
 * @call: the call; struct d3dkmt_destroyhwcontext
 *
 * As DestroyContext.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk, D3DKMTDestroyHwContext)
 */
int vdxg_destroy_hw_context(struct vdxg_call *call)
{
	struct d3dkmt_destroyhwcontext *args = call->args;

	return destroy(call->process, args->hw_context, true);
}
