/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hw_queue.h: hardware queues of contexts
 *
 * A hardware queue has a queue (sched/queue.h) and a monitored fence that tells how far it is. Its
 * context takes it with it.
 */
#ifndef VDXG_HW_QUEUE_H
#define VDXG_HW_QUEUE_H

#include <linux/list.h>

#include <d3dkmthk.h>

#include "object.h"

struct vdxg_context;
struct vdxg_process;
struct vdxg_queue;
struct vdxg_sync_open;

/**
 * struct vdxg_hw_queue - a hardware queue
 * @obj: what the handle table knows
 * @link: in &vdxg_context.hw_queues, also when it is not published any more
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

extern const struct vdxg_class vdxg_hw_queue_class;

struct vdxg_hw_queue *vdxg_hw_queue_peek(struct vdxg_process *process, struct d3dkmthandle handle);
void vdxg_hw_queue_unpublish(struct vdxg_process *process, struct vdxg_hw_queue *queue);
void vdxg_hw_queues_close(struct list_head *queues, bool kill);

#endif
