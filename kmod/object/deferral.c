// SPDX-License-Identifier: GPL-2.0-only
/*
 * deferral.c: allocations whose end waits for what their device has queued (see deferral.h)
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "allocation.h"
#include "deferral.h"
#include "device.h"

/* Allocations between two looks at the scheduler. */
#define RESCHED		64

static struct workqueue_struct *deferral_queue;

/**
 * vdxg_deferrals_init - get ready for deferrals
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_deferrals_init(void)
{
	deferral_queue = alloc_workqueue("vdxg-deferral", WQ_UNBOUND, 0);
	return deferral_queue ? 0 : -ENOMEM;
}

/**
 * vdxg_deferrals_exit - wait for the last release; the engines have stopped
 */
void vdxg_deferrals_exit(void)
{
	destroy_workqueue(deferral_queue);
}

static struct vdxg_device *device_of(struct vdxg_deferral *d)
{
	return container_of(d, struct vdxg_device, deferral);
}

/* See that the work runs, or runs again; the caller knows of a reference on the device. */
static void kick(struct vdxg_deferral *d)
{
	vdxg_object_get(&device_of(d)->obj);
	if (!queue_work(deferral_queue, &d->work))
		vdxg_device_put(device_of(d));
}

/* Under the engine's lock; the batch that waits has a reference. */
static void retired(struct vdxg_barrier *barrier)
{
	struct vdxg_deferral *d = container_of(barrier, struct vdxg_deferral, barrier);

	WRITE_ONCE(d->armed, false);
	kick(d);
}

static struct vdxg_allocation *first(struct vdxg_deferral *d)
{
	return list_first_entry_or_null(&d->allocations, struct vdxg_allocation, link);
}

/* Whether the first batch has to wait; the barrier will tell when no longer. */
static bool arm(struct vdxg_deferral *d)
{
	lockdep_assert_held(&d->lock);
	/* It may fire before this returns. */
	WRITE_ONCE(d->armed, true);
	if (vdxg_barrier_add_at(&device_of(d)->timeline, &d->barrier, first(d)->after))
		return true;
	WRITE_ONCE(d->armed, false);
	return false;
}

/* Take the batches whose work has been retired; returns how many. */
static u64 take_ready(struct vdxg_deferral *d, struct list_head *ready)
{
	struct vdxg_allocation *allocation;
	unsigned int i = 0;
	u64 batches = 0;

	spin_lock(&d->lock);
	/* Kicked by somebody else than the barrier, which will come. */
	if (READ_ONCE(d->armed))
		goto unlock;
	while ((allocation = first(d)) && !arm(d)) {
		batches++;
		do {
			allocation->after = 0;
			list_move_tail(&allocation->link, ready);
			if (++i % RESCHED == 0)
				cond_resched_lock(&d->lock);
			allocation = first(d);
		} while (allocation && !allocation->after);
	}
unlock:
	spin_unlock(&d->lock);
	return batches;
}

static void release_ready(struct work_struct *work)
{
	struct vdxg_deferral *d = container_of(work, struct vdxg_deferral, work);
	struct vdxg_device *device = device_of(d);
	LIST_HEAD(ready);
	u64 batches;

	batches = take_ready(d, &ready);
	vdxg_allocations_close(&ready);
	spin_lock(&d->lock);
	d->released += batches;
	spin_unlock(&d->lock);
	wake_up_all(&d->wait);
	while (batches--)
		vdxg_device_put(device);
	vdxg_device_put(device);
}

/**
 * vdxg_deferral_init - set up the deferral of a new device
 * @deferral: the deferral
 */
void vdxg_deferral_init(struct vdxg_deferral *deferral)
{
	spin_lock_init(&deferral->lock);
	INIT_LIST_HEAD(&deferral->allocations);
	RB_CLEAR_NODE(&deferral->barrier.node);
	deferral->barrier.fire = retired;
	INIT_WORK(&deferral->work, release_ready);
	init_waitqueue_head(&deferral->wait);
}

/**
 * vdxg_defer - release allocations when what the device has queued has been retired
 * @device: the device, referenced
 * @doomed: unpublished allocations of it; an empty list afterwards
 *
 * Their CPU mappings go now. Everything else goes now, too, if the device has nothing to do.
 *
 * Context: no locks; sleeps, but not for the work.
 * Return: for vdxg_deferral_wait(); 0 if they have been released.
 */
u64 vdxg_defer(struct vdxg_device *device, struct list_head *doomed)
{
	struct vdxg_deferral *d = &device->deferral;
	struct vdxg_allocation *leader;
	u64 ticket = 0, number;

	leader = list_first_entry_or_null(doomed, struct vdxg_allocation, link);
	if (!leader)
		return 0;
	vdxg_allocations_unmap(doomed);
	spin_lock(&d->lock);
	/* Under the lock, so that batches are in the order of their numbers. */
	number = vdxg_timeline_mark(&device->timeline);
	if (number) {
		leader->after = number;
		list_splice_tail_init(doomed, &d->allocations);
		ticket = ++d->queued;
		vdxg_object_get(&device->obj);
		if (!READ_ONCE(d->armed) && !arm(d))
			kick(d);
	}
	spin_unlock(&d->lock);
	vdxg_allocations_close(doomed);
	return ticket;
}

static bool was_released(struct vdxg_deferral *d, u64 ticket)
{
	bool yes;

	spin_lock(&d->lock);
	yes = d->released >= ticket;
	spin_unlock(&d->lock);
	return yes;
}

/**
 * vdxg_deferral_wait - wait until a batch has been released
 * @device: the device, referenced
 * @ticket: from vdxg_defer()
 *
 * Context: sleeps; returns early if the caller is being killed.
 */
void vdxg_deferral_wait(struct vdxg_device *device, u64 ticket)
{
	struct vdxg_deferral *d = &device->deferral;

	wait_event_killable(d->wait, was_released(d, ticket));
}
