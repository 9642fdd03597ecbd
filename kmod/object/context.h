/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * context.h: contexts and hardware queues: what work is submitted to
 *
 * A context has a queue (sched/queue.h). A hardware context, or a context made with HwQueueSupported,
 * has hardware queues, each with a queue and a progress fence of its own. All belong to a device,
 * which takes them with it.
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
struct vdxg_sync_open;

/* Contexts of one device, at most, of both kinds. */
#define VDXG_MAX_CONTEXTS	4096U

/**
 * struct vdxg_context - a context
 * @obj: what the handle table knows
 * @link: in &vdxg_device.contexts
 * @device: its device while it is published; under the process's lock
 * @queue: what it has to do, referenced; NULL for a hardware context
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
	struct list_head hw_queues;
	u32 flags;
	bool hardware;
	s8 priority;
	s8 in_process;
};

/**
 * struct vdxg_hw_queue - a hardware queue
 * @obj: what the handle table knows
 * @link: in &vdxg_context.hw_queues
 * @context: its context while it is published; under the process's lock
 * @queue: what it has to do, referenced
 * @flags: D3DDDI_CREATEHWQUEUE_*
 * @progress: its fence, with a handle and where the process reads it, until it is unpublished
 * @syncs: the fence afterwards, for vdxg_syncs_close()
 */
struct vdxg_hw_queue {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_context *context;
	struct vdxg_queue *queue;
	u32 flags;
	struct vdxg_sync_open *progress;
	struct list_head syncs;
};

extern const struct vdxg_class vdxg_context_class;
extern const struct vdxg_class vdxg_hw_queue_class;

struct vdxg_context *vdxg_context_peek(struct vdxg_process *process, struct d3dkmthandle handle);
struct vdxg_hw_queue *vdxg_hw_queue_peek(struct vdxg_process *process, struct d3dkmthandle handle);
struct vdxg_queue *vdxg_context_queue(struct vdxg_process *process, struct d3dkmthandle handle);
void vdxg_contexts_unpublish(struct vdxg_process *process, struct vdxg_device *device);
void vdxg_contexts_close(struct vdxg_device *device, bool kill);

#endif
