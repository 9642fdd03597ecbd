// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_signal.c: synchronization objects that queues signal (see sync_signal.h)
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include "../compat.h"
#include "../gfp.h"
#include "../sched/counter.h"
#include "../sched/packet.h"
#include "sync.h"
#include "sync_signal.h"

static struct vdxg_signal *signal_of(struct vdxg_packet *packet)
{
	return container_of(packet, struct vdxg_signal_part, packet)->signal;
}

/**
 * vdxg_signal_create - something to signal
 * @targets: objects at most
 * @queues: queues at most
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: it, or NULL without memory. vdxg_signal_submit() and vdxg_signal_drop() end it.
 */
struct vdxg_signal *vdxg_signal_create(u32 targets, u32 queues)
{
	struct vdxg_signal *signal;

	signal = kzalloc(size_add(struct_size(signal, parts, queues),
				  array_size(targets, sizeof(*signal->targets))), VDXG_GFP);
	if (!signal)
		return NULL;
	atomic_set(&signal->users, 1);
	signal->targets = (struct vdxg_signal_target *)&signal->parts[queues];
	return signal;
}

static void put(struct vdxg_signal *signal)
{
	u32 i;

	if (!atomic_dec_and_test(&signal->users))
		return;
	for (i = 0; i < signal->num_targets; i++)
		vdxg_shareable_put(&signal->targets[i].sync->base);
	if (signal->event)
		eventfd_ctx_put(signal->event);
	kfree(signal);
}

/**
 * vdxg_signal_add_target - one more object
 * @signal: not submitted yet
 * @sync: the object; a reference is taken
 * @value: for a fence
 *
 * Context: any.
 */
void vdxg_signal_add_target(struct vdxg_signal *signal, struct vdxg_sync *sync, u64 value)
{
	vdxg_shareable_get(&sync->base);
	signal->targets[signal->num_targets++] = (struct vdxg_signal_target){ sync, value };
}

static void signal_target(const struct vdxg_signal *signal,
			  const struct vdxg_signal_target *target)
{
	struct vdxg_sync *sync = target->sync;

	/* One that would go back, and may not, stays as it is. */
	if (sync->fence)
		vdxg_fence_signal(sync->fence, target->value, signal->rewind);
	else if (sync->counter)
		vdxg_counter_signal(sync->counter, signal->owner);
	else
		vdxg_eventfd_signal(sync->event);
}

static void signal_all(struct vdxg_signal *signal)
{
	u32 i;

	for (i = 0; i < signal->num_targets; i++)
		signal_target(signal, &signal->targets[i]);
	if (signal->event)
		vdxg_eventfd_signal(signal->event);
}

static enum vdxg_ran run_signal(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct vdxg_signal *signal = signal_of(packet);

	if (!signal->early && atomic_dec_and_test(&signal->missing))
		signal_all(signal);
	return VDXG_RAN_DONE;
}

/* A queue will not get there: nobody may wait for that for ever. */
static void give_up(struct vdxg_signal *signal, enum vdxg_cancel why)
{
	struct vdxg_signal_target *target;
	u32 i;

	for (i = 0; i < signal->num_targets; i++) {
		target = &signal->targets[i];
		if (target->sync->fence)
			vdxg_fence_give_up(target->sync->fence, why);
		else if (why != VDXG_CANCEL_CLOSED)
			signal_target(signal, target);
	}
}

/*
 * If its queue was destroyed by its owner the objects stay as they are: others may still signal
 * them. An event tells in any case: who waits for it waits for nothing else.
 */
static void cancel_signal(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	struct vdxg_signal *signal = signal_of(packet);

	if (signal->early)
		return;
	if (signal->event && !atomic_xchg(&signal->ended, 1))
		vdxg_eventfd_signal(signal->event);
	give_up(signal, why);
}

static void release_signal(struct vdxg_packet *packet)
{
	put(signal_of(packet));
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
 * vdxg_signal_add_queue - one more queue that has to get there
 * @signal: not submitted yet
 * @queue: the queue; a reference is taken
 *
 * Context: any.
 */
void vdxg_signal_add_queue(struct vdxg_signal *signal, struct vdxg_queue *queue)
{
	struct vdxg_signal_part *part = &signal->parts[signal->num_parts++];

	part->signal = signal;
	atomic_inc(&signal->users);
	atomic_inc(&signal->missing);
	vdxg_packet_init(&part->packet, &signal_ops, queue);
}

static void list_parts(struct vdxg_signal *signal, struct list_head *packets)
{
	u32 i;

	for (i = 0; i < signal->num_parts; i++)
		list_add_tail(&signal->parts[i].packet.link, packets);
}

/**
 * vdxg_signal_drop - end it without signalling
 * @signal: not submitted
 *
 * Context: no locks; sleeps.
 */
void vdxg_signal_drop(struct vdxg_signal *signal)
{
	LIST_HEAD(packets);

	list_parts(signal, &packets);
	vdxg_packets_drop(&packets);
	put(signal);
}

/**
 * vdxg_signal_submit - let the queues signal
 * @signal: it; gone afterwards, also on failure
 *
 * Context: no locks; sleeps.
 * Return: as vdxg_packets_submit().
 */
int vdxg_signal_submit(struct vdxg_signal *signal)
{
	LIST_HEAD(packets);
	int status;

	list_parts(signal, &packets);
	status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	else if (signal->early)
		signal_all(signal);
	put(signal);
	return status;
}
