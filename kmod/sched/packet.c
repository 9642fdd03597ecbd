// SPDX-License-Identifier: GPL-2.0-only
/*
 * packet.c: packets that wait for fences and signal them (see packet.h)
 */
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "fence.h"
#include "packet.h"
#include "queue.h"

/**
 * struct wait_packet - waits for a fence
 * @packet: what the queue knows
 * @fence: the fence, referenced
 * @waiter: waits for it
 * @added: the fence has seen the waiter
 * @fired: it has been called
 */
struct wait_packet {
	struct vdxg_packet packet;
	struct vdxg_fence *fence;
	struct vdxg_fence_waiter waiter;
	bool added;
	bool fired;
};

static struct wait_packet *wait_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct wait_packet, packet);
}

static void fire(struct vdxg_fence_waiter *waiter)
{
	struct wait_packet *wait = container_of(waiter, struct wait_packet, waiter);

	WRITE_ONCE(wait->fired, true);
	vdxg_queue_wake(wait->packet.queue);
}

static enum vdxg_ran run_wait(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct wait_packet *wait = wait_of(packet);

	/* A fence that has been rewound since it fired still has been there. */
	if (wait->added)
		return READ_ONCE(wait->fired) ? VDXG_RAN_DONE : VDXG_RAN_BLOCKED;
	wait->added = true;
	switch (vdxg_fence_add_waiter(wait->fence, &wait->waiter)) {
	case VDXG_FENCE_WAITING:
		return VDXG_RAN_BLOCKED;
	case VDXG_FENCE_CROWDED:
		vdxg_timeline_fail(packet->queue->timeline, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
		break;
	case VDXG_FENCE_REACHED:
		break;
	}
	return VDXG_RAN_DONE;
}

static void release_wait(struct vdxg_packet *packet)
{
	struct wait_packet *wait = wait_of(packet);

	/* Also waits for the end of fire(). */
	if (wait->added)
		vdxg_fence_remove_waiter(wait->fence, &wait->waiter);
	vdxg_fence_put(wait->fence);
	kfree(wait);
}

static const struct vdxg_packet_ops wait_ops = {
	.name = "wait",
	.kind = VDXG_PACKET_WAIT,
	.brief = true,
	.run = run_wait,
	.release = release_wait,
};

/**
 * vdxg_wait_packet - a packet that waits until a fence has reached a value
 * @queue: its queue, referenced
 * @fence: the fence; a reference is taken
 * @value: the value
 *
 * A fence that dies lets it go on.
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the packet, or NULL.
 */
struct vdxg_packet *vdxg_wait_packet(struct vdxg_queue *queue, struct vdxg_fence *fence, u64 value)
{
	struct wait_packet *wait = kzalloc(sizeof(*wait), VDXG_GFP);

	if (!wait)
		return NULL;
	vdxg_packet_init(&wait->packet, &wait_ops, queue);
	vdxg_fence_get(fence);
	wait->fence = fence;
	wait->waiter.value = value;
	wait->waiter.fire = fire;
	return &wait->packet;
}

/**
 * struct signal_packet - signals a fence
 * @packet: what the queue knows
 * @fence: the fence, referenced
 * @value: what it gets
 * @allow_rewind: it may be less than the fence has
 */
struct signal_packet {
	struct vdxg_packet packet;
	struct vdxg_fence *fence;
	u64 value;
	bool allow_rewind;
};

static struct signal_packet *signal_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct signal_packet, packet);
}

static enum vdxg_ran run_signal(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct signal_packet *signal = signal_of(packet);

	/* A value that the fence has passed already was signalled, too. */
	vdxg_fence_signal(signal->fence, signal->value, signal->allow_rewind);
	return VDXG_RAN_DONE;
}

/**
 * vdxg_fence_give_up - a packet that was to signal a fence is cancelled
 * @fence: the fence; gets the largest value, so that nobody waits for ever, unless it is to keep its
 *	value
 * @why: why it is cancelled; a queue that its owner closes signals nothing
 *
 * Context: any.
 */
void vdxg_fence_give_up(struct vdxg_fence *fence, enum vdxg_cancel why)
{
	if (why != VDXG_CANCEL_CLOSED && !(fence->flags & VDXG_FENCE_KEEP_VALUE))
		vdxg_fence_signal(fence, VDXG_FENCE_MAX, false);
}

static void cancel_signal(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	vdxg_fence_give_up(signal_of(packet)->fence, why);
}

static void release_signal(struct vdxg_packet *packet)
{
	struct signal_packet *signal = signal_of(packet);

	vdxg_fence_put(signal->fence);
	kfree(signal);
}

static const struct vdxg_packet_ops signal_ops = {
	.name = "signal",
	.kind = VDXG_PACKET_SIGNAL,
	.brief = true,
	.run = run_signal,
	.cancel = cancel_signal,
	.release = release_signal,
};

/**
 * vdxg_signal_packet - a packet that sets the value of a fence
 * @queue: its queue, referenced
 * @fence: the fence; a reference is taken
 * @value: the value
 * @allow_rewind: it may be less than the fence has; otherwise nothing happens then
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the packet, or NULL.
 */
struct vdxg_packet *vdxg_signal_packet(struct vdxg_queue *queue, struct vdxg_fence *fence, u64 value,
				       bool allow_rewind)
{
	struct signal_packet *signal = kzalloc(sizeof(*signal), VDXG_GFP);

	if (!signal)
		return NULL;
	vdxg_packet_init(&signal->packet, &signal_ops, queue);
	vdxg_fence_get(fence);
	signal->fence = fence;
	signal->value = value;
	signal->allow_rewind = allow_rewind;
	return &signal->packet;
}
