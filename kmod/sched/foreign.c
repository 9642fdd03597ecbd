// SPDX-License-Identifier: GPL-2.0-only
/*
 * foreign.c: fences of other drivers (see foreign.h)
 *
 * Their callbacks come in any context and under their lock: ours take the locks of fences and
 * engines, under which nobody here touches a dma_fence.
 */
#include <linux/dma-fence.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "fence.h"
#include "foreign.h"
#include "queue.h"

static struct workqueue_struct *free_queue;

/**
 * struct foreign_wait - a packet that waits for a dma_fence
 * @packet: what the queue knows
 * @dma: the dma_fence, referenced
 * @cb: its callback
 * @waiting: @cb has been added
 */
struct foreign_wait {
	struct vdxg_packet packet;
	struct dma_fence *dma;
	struct dma_fence_cb cb;
	bool waiting;
};

static struct foreign_wait *wait_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct foreign_wait, packet);
}

static void wake(struct dma_fence *dma, struct dma_fence_cb *cb)
{
	vdxg_queue_wake(container_of(cb, struct foreign_wait, cb)->packet.queue);
}

/* The callback has returned, or will not come: the packet may leave its queue. */
static void stop_waiting(struct foreign_wait *wait)
{
	if (wait->waiting)
		dma_fence_remove_callback(wait->dma, &wait->cb);
	wait->waiting = false;
}

static enum vdxg_ran run_wait(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct foreign_wait *wait = wait_of(packet);

	if (!wait->waiting && !dma_fence_add_callback(wait->dma, &wait->cb, wake))
		wait->waiting = true;
	if (wait->waiting && !dma_fence_is_signaled(wait->dma))
		return VDXG_RAN_BLOCKED;
	stop_waiting(wait);
	return VDXG_RAN_DONE;
}

static void cancel_wait(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	stop_waiting(wait_of(packet));
}

static void release_wait(struct vdxg_packet *packet)
{
	dma_fence_put(wait_of(packet)->dma);
	kfree(wait_of(packet));
}

static const struct vdxg_packet_ops wait_ops = {
	.name = "wait for a dma_fence",
	.kind = VDXG_PACKET_WAIT,
	.brief = true,
	.run = run_wait,
	.cancel = cancel_wait,
	.release = release_wait,
};

/**
 * vdxg_foreign_packet - a packet that waits for another driver
 * @queue: its queue
 * @dma: what it waits for; a reference is taken
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the packet, not submitted, or NULL without memory.
 */
struct vdxg_packet *vdxg_foreign_packet(struct vdxg_queue *queue, struct dma_fence *dma)
{
	struct foreign_wait *wait = kzalloc(sizeof(*wait), VDXG_GFP);

	if (!wait)
		return NULL;
	wait->dma = dma_fence_get(dma);
	vdxg_packet_init(&wait->packet, &wait_ops, queue);
	return &wait->packet;
}

/**
 * struct follower - a monitored fence that follows a dma_fence
 * @cb: callback of the dma_fence
 * @dma: the dma_fence, referenced
 * @fence: the monitored fence, referenced
 * @free: frees it, for the callback must not
 */
struct follower {
	struct dma_fence_cb cb;
	struct dma_fence *dma;
	struct vdxg_fence *fence;
	struct work_struct free;
};

static void free_follower(struct follower *follower)
{
	vdxg_fence_put(follower->fence);
	dma_fence_put(follower->dma);
	kfree(follower);
	/* The module's exit waits for the queue. */
	module_put(THIS_MODULE);
}

static void free_work(struct work_struct *work)
{
	free_follower(container_of(work, struct follower, free));
}

static void ended(struct dma_fence *dma, struct dma_fence_cb *cb)
{
	struct follower *follower = container_of(cb, struct follower, cb);

	vdxg_fence_signal(follower->fence, 1, false);
	queue_work(free_queue, &follower->free);
}

/**
 * vdxg_foreign_follow - let a monitored fence reach 1 when a dma_fence ends
 * @dma: the dma_fence; a reference is taken
 * @fence: the monitored fence; a reference is taken
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: STATUS_SUCCESS or STATUS_NO_MEMORY.
 */
int vdxg_foreign_follow(struct dma_fence *dma, struct vdxg_fence *fence)
{
	struct follower *follower = kzalloc(sizeof(*follower), VDXG_GFP);

	if (!follower)
		return STATUS_NO_MEMORY;
	__module_get(THIS_MODULE);
	follower->dma = dma_fence_get(dma);
	vdxg_fence_get(fence);
	follower->fence = fence;
	INIT_WORK(&follower->free, free_work);
	if (dma_fence_add_callback(dma, &follower->cb, ended)) {
		vdxg_fence_signal(fence, 1, false);
		free_follower(follower);
	}
	return STATUS_SUCCESS;
}

/**
 * vdxg_foreign_init - when the module is loaded
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_foreign_init(void)
{
	free_queue = alloc_workqueue("vdxg-foreign-free", WQ_UNBOUND, 0);
	return free_queue ? 0 : -ENOMEM;
}

/**
 * vdxg_foreign_exit - when the module goes: nobody waits any more
 */
void vdxg_foreign_exit(void)
{
	destroy_workqueue(free_queue);
}
