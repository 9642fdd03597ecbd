/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paging_queue.h: paging queues as objects
 */
#ifndef VDXG_PAGING_QUEUE_H
#define VDXG_PAGING_QUEUE_H

#include <linux/list.h>

#include <d3dkmthk.h>

#include "object.h"

struct vdxg_device;
struct vdxg_process;
struct vdxg_sync_open;
struct vidmm_paging_queue;

/**
 * struct vdxg_paging_queue - a paging queue
 * @obj: what the handle table knows
 * @link: in &vdxg_device.paging_queues
 * @device: its device while it is published; under the process's lock
 * @queue: its operations, referenced
 * @sync: its fence, with a handle and where the process reads the value, until it is unpublished
 * @syncs: the fence afterwards, for vdxg_syncs_close()
 */
struct vdxg_paging_queue {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_device *device;
	struct vidmm_paging_queue *queue;
	struct vdxg_sync_open *sync;
	struct list_head syncs;
};

struct vdxg_paging_queue *vdxg_paging_queue_get(struct vdxg_process *process,
						struct d3dkmthandle handle,
						struct vdxg_device **device);
void vdxg_paging_queue_unpublish(struct vdxg_process *process, struct vdxg_paging_queue *queue,
				 struct list_head *doomed);
void vdxg_paging_queues_close(struct list_head *doomed);

static inline void vdxg_paging_queue_put(struct vdxg_paging_queue *queue)
{
	vdxg_object_put(&queue->obj);
}

#endif
