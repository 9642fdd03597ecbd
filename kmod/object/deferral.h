/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deferral.h: allocations whose end waits for what their device has queued
 *
 * What is destroyed while the device has work is released when that has been retired, without the
 * caller having to wait. A batch of unpublished allocations goes into the &struct vdxg_deferral of
 * the device; it needs no memory but what the allocations have already.
 *
 *	ticket = vdxg_defer(device, &doomed);		may release them at once
 *	vdxg_deferral_wait(device, ticket);		if the caller wants to see it
 *
 * Batches are released in the order they came, and the first knows the number of the work it waits
 * for, so that one barrier is enough for all: see gpu-timeline.rst.
 */
#ifndef VDXG_DEFERRAL_H
#define VDXG_DEFERRAL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../sched/queue.h"

struct vdxg_device;

/**
 * struct vdxg_deferral - what a device has still to release
 * @lock: protects what follows but for @armed; the engine's lock is taken inside
 * @allocations: them (&vdxg_allocation.link), batch after batch; the first of each has the number
 *	of the work it waits for in &vdxg_allocation.after, the others 0
 * @queued: batches that have come so far
 * @released: batches that have been released so far
 * @armed: @barrier has been added, and has not fired
 * @barrier: for the first batch
 * @work: releases what may be released; has a reference on the device, as has each batch
 * @wait: for @released
 */
struct vdxg_deferral {
	spinlock_t lock;
	struct list_head allocations;
	u64 queued;
	u64 released;
	bool armed;
	struct vdxg_barrier barrier;
	struct work_struct work;
	wait_queue_head_t wait;
};

int vdxg_deferrals_init(void);
void vdxg_deferrals_exit(void);
void vdxg_deferral_init(struct vdxg_deferral *deferral);
u64 vdxg_defer(struct vdxg_device *device, struct list_head *doomed);
void vdxg_deferral_wait(struct vdxg_device *device, u64 ticket);

#endif
