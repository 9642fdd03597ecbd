/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * context.h: contexts: what work is submitted to
 *
 * A context has a queue (sched/queue.h). A hardware context, or a context made with HwQueueSupported,
 * has hardware queues (hw_queue.h). All belong to a device, which takes them with it.
 *
 *	vdxg_process_lock(process);
 *	context = vdxg_context_peek(process, handle);
 *	if (context && context->queue)
 *		vdxg_queue_get(queue = context->queue);
 *	vdxg_process_unlock(process);
 *
 * or vdxg_context_queue(), which does that.
 */
#ifndef VDXG_CONTEXT_H
#define VDXG_CONTEXT_H

#include <linux/list.h>

#include <d3dkmthk.h>

#include "object.h"

struct vdxg_device;
struct vdxg_process;
struct vdxg_queue;
struct vdxg_va_companion;

/**
 * struct vdxg_context - a context
 * @obj: what the handle table knows
 * @link: in &vdxg_device.contexts
 * @device: its device while it is published; under the process's lock
 * @queue: what it has to do, referenced; NULL for a hardware context
 * @companion: its queue for changes of GPU virtual addresses, if there were any; under the process's lock
 * @hw_queues: its hardware queues; under the process's lock
 * @flags: D3DDDI_CREATECONTEXT_*
 * @hardware: made by CreateHwContext
 * @priority: its scheduling priority; under the process's lock
 * @in_process: that among those of its process; under the process's lock
 */
struct vdxg_context {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_device *device;
	struct vdxg_queue *queue;
	struct vdxg_va_companion *companion;
	struct list_head hw_queues;
	u32 flags;
	bool hardware;
	s8 priority;
	s8 in_process;
};

extern const struct vdxg_class vdxg_context_class;

struct vdxg_context *vdxg_context_peek(struct vdxg_process *process, struct d3dkmthandle handle);
struct vdxg_queue *vdxg_context_queue(struct vdxg_process *process, struct d3dkmthandle handle);
void vdxg_contexts_unpublish(struct vdxg_process *process, struct vdxg_device *device);
void vdxg_contexts_close(struct list_head *doomed, bool kill);

#endif
