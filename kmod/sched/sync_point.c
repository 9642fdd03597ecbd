// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_point.c: values of monitored fences as dma_fences (see sync_point.h)
 *
 * The monitored fence calls its waiter under its lock and with interrupts off; who waits for a
 * dma_fence may do anything allowed there, such as signal another fence of ours. So a worker ends
 * the dma_fence. Its queue has a thread in reserve, for who waits may be what memory waits for; what
 * frees a point may sleep, and has a queue of its own.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>

#include <d3dkmthk.h>

#include "sync_point.h"

static unsigned int sync_file_ms = 2000;
module_param(sync_file_ms, uint, 0644);
MODULE_PARM_DESC(sync_file_ms,
		 "How long a sync_file may take before it ends with an error, in ms (default 2000)");

static struct workqueue_struct *signal_queue;
static struct workqueue_struct *free_queue;

static const char *driver_name(struct dma_fence *dma)
{
	return "vdxg";
}

static const char *timeline_name(struct dma_fence *dma)
{
	return "monitored fence";
}

/* In any context. */
static void release(struct dma_fence *dma)
{
	queue_work(free_queue, &container_of(dma, struct vdxg_sync_point, base)->free);
}

static const struct dma_fence_ops point_ops = {
	.get_driver_name = driver_name,
	.get_timeline_name = timeline_name,
	.release = release,
};

static void free_point(struct work_struct *work)
{
	struct vdxg_sync_point *point = container_of(work, struct vdxg_sync_point, free);

	vdxg_fence_put(point->fence);
	point->release(point);
	dma_fence_free(&point->base);
	/* The module's exit waits for this queue. */
	module_put(THIS_MODULE);
}

/* The path that others wait for: it must not allocate, nor wait for who does. */
static void end(struct vdxg_sync_point *point, int error)
{
	bool cookie = dma_fence_begin_signalling();

	if (error)
		dma_fence_set_error(&point->base, error);
	dma_fence_signal(&point->base);
	dma_fence_end_signalling(cookie);
}

static void signal_work(struct work_struct *work)
{
	struct vdxg_sync_point *point = container_of(work, struct vdxg_sync_point, signal);

	end(point, point->error);
	if (cancel_delayed_work(&point->expire))
		dma_fence_put(&point->base);
	dma_fence_put(&point->base);
}

static void expire_work(struct work_struct *work)
{
	struct vdxg_sync_point *point =
		container_of(to_delayed_work(work), struct vdxg_sync_point, expire);

	if (vdxg_fence_remove_waiter(point->fence, &point->waiter)) {
		end(point, -ETIMEDOUT);
		/* The reference of the signal that will not come. */
		dma_fence_put(&point->base);
	}
	dma_fence_put(&point->base);
}

static void got_there(struct vdxg_fence_waiter *waiter)
{
	struct vdxg_sync_point *point = container_of(waiter, struct vdxg_sync_point, waiter);

	/* Now, under the fence's lock: later it may die of something else. */
	point->error = point->fence->dead ? -ENODEV : 0;
	queue_work(signal_queue, &point->signal);
}

/**
 * vdxg_sync_point_init - make a dma_fence for a monitored fence's value
 * @point: the memory of it, at the start of what kmalloc() returned; from here on dma_fence_put()
 *	frees it
 * @fence: the monitored fence; a reference is taken
 * @value: the value
 * @release: lets go what the surrounding structure has; sleeps
 *
 * The module stays as long as the point.
 *
 * Context: any.
 */
void vdxg_sync_point_init(struct vdxg_sync_point *point, struct vdxg_fence *fence, u64 value,
			  void (*release)(struct vdxg_sync_point *point))
{
	__module_get(THIS_MODULE);
	spin_lock_init(&point->lock);
	vdxg_fence_get(fence);
	point->fence = fence;
	point->waiter.value = value;
	point->waiter.fire = got_there;
	point->error = 0;
	RB_CLEAR_NODE(&point->waiter.node);
	INIT_WORK(&point->signal, signal_work);
	INIT_DELAYED_WORK(&point->expire, expire_work);
	INIT_WORK(&point->free, free_point);
	point->release = release;
	/* Fences can be rewound, so that one value does not come after another. */
	dma_fence_init(&point->base, &point_ops, &point->lock, dma_fence_context_alloc(1), 1);
}

/**
 * vdxg_sync_point_arm - let a point end from now on
 * @point: a point
 *
 * Context: any but under a fence's lock.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY if too many wait for the fence: then it has ended with
 * -ENOMEM.
 */
int vdxg_sync_point_arm(struct vdxg_sync_point *point)
{
	int status = STATUS_SUCCESS;

	/* One for the signal, one for the expiry, which may come in either order. */
	dma_fence_get(&point->base);
	switch (vdxg_fence_add_waiter(point->fence, &point->waiter)) {
	case VDXG_FENCE_WAITING:
		dma_fence_get(&point->base);
		queue_delayed_work(signal_queue, &point->expire, msecs_to_jiffies(sync_file_ms));
		return STATUS_SUCCESS;
	case VDXG_FENCE_REACHED:
		end(point, READ_ONCE(point->fence->dead) ? -ENODEV : 0);
		break;
	case VDXG_FENCE_CROWDED:
		end(point, -ENOMEM);
		status = STATUS_NO_MEMORY;
		break;
	}
	dma_fence_put(&point->base);
	return status;
}

/**
 * vdxg_sync_point_of - is a dma_fence one of ours?
 * @dma: any dma_fence
 *
 * Return: its point, or NULL.
 */
struct vdxg_sync_point *vdxg_sync_point_of(struct dma_fence *dma)
{
	return dma->ops == &point_ops ? container_of(dma, struct vdxg_sync_point, base) : NULL;
}

/**
 * vdxg_sync_points_init - when the module is loaded
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_sync_points_init(void)
{
	signal_queue = alloc_workqueue("vdxg-sync-point", WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM,
				       0);
	if (!signal_queue)
		return -ENOMEM;
	free_queue = alloc_workqueue("vdxg-sync-point-free", WQ_UNBOUND, 0);
	if (free_queue)
		return 0;
	destroy_workqueue(signal_queue);
	return -ENOMEM;
}

/**
 * vdxg_sync_points_exit - when the module goes: there are no points any more
 */
void vdxg_sync_points_exit(void)
{
	destroy_workqueue(signal_queue);
	destroy_workqueue(free_queue);
	/* Who looks at a dma_fence under RCU calls our functions. */
	synchronize_rcu();
}
