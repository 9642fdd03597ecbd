// SPDX-License-Identifier: GPL-2.0-only
/*
 * context_priority.c: SetContextSchedulingPriority, GetContextSchedulingPriority, and both for the
 * priority within a process
 *
 * Both range from -7 to 7, 0 at first; contexts of higher priority go first (sched/engine.h). The priority
 * of a hardware context is that of its queues.
 */
#include "../refuse.h"
#include "calls.h"
#include "context.h"
#include "device.h"
#include "gpuva.h"
#include "hw_queue.h"
#include "process.h"

/* Let all queues of a context have its priorities; the process is locked. */
static void apply(struct vdxg_context *context)
{
	struct vdxg_hw_queue *queue;

	if (context->queue)
		vdxg_queue_set_priority(context->queue, context->priority, context->in_process);
	list_for_each_entry(queue, &context->hw_queues, link)
		vdxg_queue_set_priority(queue->queue, context->priority, context->in_process);
	vdxg_va_companion_set_priority(context->companion, context->priority, context->in_process);
}

static int set(struct vdxg_process *process, struct d3dkmthandle handle, s32 priority,
	       bool in_process)
{
	struct vdxg_context *context;

	if (priority < VDXG_PRIORITY_LOWEST || priority > VDXG_PRIORITY_HIGHEST)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "priority", priority,
				   "there is no such priority");
	vdxg_process_lock(process);
	context = vdxg_context_peek(process, handle);
	if (context) {
		if (in_process)
			context->in_process = priority;
		else
			context->priority = priority;
		apply(context);
	}
	vdxg_process_unlock(process);
	return context ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static int get(struct vdxg_process *process, struct d3dkmthandle handle, s32 *priority,
	       bool in_process)
{
	struct vdxg_context *context;

	vdxg_process_lock(process);
	context = vdxg_context_peek(process, handle);
	if (context)
		*priority = in_process ? context->in_process : context->priority;
	vdxg_process_unlock(process);
	return context ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/**
 * vdxg_set_context_priority - D3DKMTSetContextSchedulingPriority
 * @call: the call; struct d3dkmt_setcontextschedulingpriority
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context or priority. (d3dkmthk,
 * D3DKMTSetContextSchedulingPriority)
 */
int vdxg_set_context_priority(struct vdxg_call *call)
{
	struct d3dkmt_setcontextschedulingpriority *args = call->args;

	return set(call->process, args->context, args->priority, false);
}

/**
 * vdxg_get_context_priority - D3DKMTGetContextSchedulingPriority
 * @call: the call; struct d3dkmt_getcontextschedulingpriority
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context. (d3dkmthk,
 * D3DKMTGetContextSchedulingPriority)
 */
int vdxg_get_context_priority(struct vdxg_call *call)
{
	struct d3dkmt_getcontextschedulingpriority *args = call->args;

	return get(call->process, args->context, &args->priority, false);
}

/**
 * vdxg_set_context_in_process_priority - D3DKMTSetContextInProcessSchedulingPriority
 * @call: the call; struct d3dkmt_setcontextinprocessschedulingpriority
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context or priority. (d3dkmthk,
 * D3DKMTSetContextInProcessSchedulingPriority)
 */
int vdxg_set_context_in_process_priority(struct vdxg_call *call)
{
	struct d3dkmt_setcontextinprocessschedulingpriority *args = call->args;

	return set(call->process, args->context, args->priority, true);
}

/**
 * vdxg_get_context_in_process_priority - D3DKMTGetContextInProcessSchedulingPriority
 * @call: the call; struct d3dkmt_getcontextinprocessschedulingpriority
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad context. (d3dkmthk,
 * D3DKMTGetContextInProcessSchedulingPriority)
 */
int vdxg_get_context_in_process_priority(struct vdxg_call *call)
{
	struct d3dkmt_getcontextinprocessschedulingpriority *args = call->args;

	return get(call->process, args->context, &args->priority, true);
}
