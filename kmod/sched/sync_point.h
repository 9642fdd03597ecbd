/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sync_point.h: a value of a monitored fence, as other drivers see it: a dma_fence
 *
 *	vdxg_sync_point_init(point, fence, value, release);	one reference, the caller's
 *	status = vdxg_sync_point_arm(point);
 *	... sync_file_create(&point->base) ...
 *	dma_fence_put(&point->base);
 *
 * A dma_fence must end. This one ends when the monitored fence has got there, with -ENODEV when that
 * died before, and with -ETIMEDOUT when that takes longer than the module parameter sync_file_ms.
 * Whoever waits for it holds no lock of ours, and what signals it allocates nothing.
 */
#ifndef VDXG_SYNC_POINT_H
#define VDXG_SYNC_POINT_H

#include <linux/dma-fence.h>
#include <linux/workqueue.h>

#include "fence.h"

/**
 * struct vdxg_sync_point - a monitored fence's value as a dma_fence
 * @base: the dma_fence, which is freed as the whole, hence first
 * @lock: its lock
 * @fence: the monitored fence, referenced
 * @waiter: waits for it
 * @error: what the dma_fence ends with; set when the waiter is called
 * @signal: ends the dma_fence after it; has a reference from vdxg_sync_point_arm() on
 * @expire: ends it when that takes too long; has a reference, too
 * @free: after the last reference
 * @release: of the surrounding structure, called before it is freed: may sleep, frees nothing
 */
struct vdxg_sync_point {
	struct dma_fence base;
	spinlock_t lock;
	struct vdxg_fence *fence;
	struct vdxg_fence_waiter waiter;
	int error;
	struct work_struct signal;
	struct delayed_work expire;
	struct work_struct free;
	void (*release)(struct vdxg_sync_point *point);
};

void vdxg_sync_point_init(struct vdxg_sync_point *point, struct vdxg_fence *fence, u64 value,
			  void (*release)(struct vdxg_sync_point *point));
int vdxg_sync_point_arm(struct vdxg_sync_point *point);
struct vdxg_sync_point *vdxg_sync_point_of(struct dma_fence *dma);
int vdxg_sync_points_init(void);
void vdxg_sync_points_exit(void);

#endif
