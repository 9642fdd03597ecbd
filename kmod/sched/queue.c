// SPDX-License-Identifier: GPL-2.0-only
/*
 * queue.c: packets in order (see queue.h)
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "engine.h"
#include "queue.h"

static struct vdxg_packet *first_packet(struct list_head *packets)
{
	return list_first_entry(packets, struct vdxg_packet, link);
}

/**
 * vdxg_queue_retire - take the first packet off its queue
 * @queue: the queue, which runs; the engine's lock is held
 * @packet: its first packet; the engine releases it
 */
void vdxg_queue_retire(struct vdxg_queue *queue, struct vdxg_packet *packet)
{
	struct vdxg_timeline *timeline = queue->timeline;

	lockdep_assert_held(&timeline->engine->lock);
	rb_erase_cached(&queue->pending, &timeline->pending);
	list_del_init(&packet->link);
	queue->length--;
	queue->retired = packet->number;
	WRITE_ONCE(timeline->engine->packets, timeline->engine->packets - 1);
	if (list_empty(&queue->packets))
		WRITE_ONCE(timeline->unfinished, timeline->unfinished - 1);
	else
		vdxg_timeline_pending(timeline, queue);
	/* One: whoever has waited wakes the next. */
	if (waitqueue_active(&queue->room))
		wake_up(&queue->room);
	if (!RB_EMPTY_ROOT(&timeline->barriers.rb_root))
		vdxg_timeline_passed(timeline);
}

/**
 * vdxg_queue_create - a queue for a context or a hardware queue
 * @timeline: its device; a reference is taken
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the queue with one reference, for vdxg_queue_close() and vdxg_queue_put(); NULL without memory,
 * or if the device has too many.
 */
struct vdxg_queue *vdxg_queue_create(struct vdxg_timeline *timeline)
{
	struct vdxg_queue *queue = kzalloc(sizeof(*queue), VDXG_GFP);
	struct vdxg_engine *engine = timeline->engine;

	if (!queue)
		return NULL;
	refcount_set(&queue->refs, 1);
	INIT_LIST_HEAD(&queue->packets);
	init_waitqueue_head(&queue->room);
	queue->timeline = timeline;
	spin_lock_irq(&engine->lock);
	if (timeline->num_queues == VDXG_TIMELINE_QUEUES) {
		spin_unlock_irq(&engine->lock);
		kfree(queue);
		return NULL;
	}
	timeline->num_queues++;
	timeline->ops->get(timeline);
	spin_unlock_irq(&engine->lock);
	return queue;
}

/**
 * vdxg_queue_get - take a reference
 * @queue: the queue
 */
void vdxg_queue_get(struct vdxg_queue *queue)
{
	refcount_inc(&queue->refs);
}

/**
 * vdxg_queue_put - drop a reference
 * @queue: the queue
 *
 * Context: no locks; may sleep.
 */
void vdxg_queue_put(struct vdxg_queue *queue)
{
	struct vdxg_timeline *timeline = queue->timeline;

	if (!refcount_dec_and_test(&queue->refs))
		return;
	spin_lock_irq(&timeline->engine->lock);
	timeline->num_queues--;
	/* The next one may get the same memory, and is another all the same. */
	if (timeline->engine->last == queue)
		timeline->engine->last = NULL;
	spin_unlock_irq(&timeline->engine->lock);
	timeline->ops->put(timeline);
	kfree(queue);
}

/**
 * vdxg_queue_wake - run the first packet of a queue again
 * @queue: the queue, referenced
 *
 * Context: any, also under a fence's lock.
 */
void vdxg_queue_wake(struct vdxg_queue *queue)
{
	struct vdxg_engine *engine = queue->timeline->engine;
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	queue->woken = true;
	if (queue->state == VDXG_QUEUE_BLOCKED) {
		vdxg_engine_ready(queue);
		vdxg_engine_kick(engine);
	}
	spin_unlock_irqrestore(&engine->lock, irq);
}

/**
 * vdxg_queue_cancel - let everything a queue has be cancelled
 * @queue: the queue; the engine's lock is held
 * @why: why; what is more urgent stays
 *
 * The packet that is being run may have to be woken afterwards (&vdxg_engine.wait).
 */
void vdxg_queue_cancel(struct vdxg_queue *queue, enum vdxg_cancel why)
{
	lockdep_assert_held(&queue->timeline->engine->lock);
	if (queue->cancel >= why)
		return;
	if (queue->state == VDXG_QUEUE_READY) {
		/* Its place in the order changes with it. */
		vdxg_engine_unready(queue);
		WRITE_ONCE(queue->cancel, why);
		vdxg_engine_ready(queue);
	} else {
		WRITE_ONCE(queue->cancel, why);
		if (queue->state == VDXG_QUEUE_BLOCKED)
			vdxg_engine_ready(queue);
	}
	vdxg_engine_kick(queue->timeline->engine);
}

/**
 * vdxg_queue_reset - cancel everything a queue has, and accept nothing any more
 * @queue: the queue
 *
 * Context: any.
 */
void vdxg_queue_reset(struct vdxg_queue *queue)
{
	struct vdxg_timeline *timeline = queue->timeline;
	unsigned long irq;

	spin_lock_irqsave(&timeline->engine->lock, irq);
	timeline->hung = true;
	vdxg_queue_cancel(queue, VDXG_CANCEL_RESET);
	spin_unlock_irqrestore(&timeline->engine->lock, irq);
	wake_up_all(&timeline->engine->wait);
}

/**
 * vdxg_queue_shut - a queue accepts nothing any more
 * @queue: the queue, referenced
 *
 * For queues that are closed together: before the first of them is closed all are shut, so that what one waits
 * for another may still do.
 *
 * Context: any with interrupts on.
 */
void vdxg_queue_shut(struct vdxg_queue *queue)
{
	struct vdxg_engine *engine = queue->timeline->engine;

	spin_lock_irq(&engine->lock);
	if (!queue->closed) {
		queue->closed = true;
		WRITE_ONCE(queue->no_timeout, false);
		if (queue->state == VDXG_QUEUE_READY || queue->state == VDXG_QUEUE_RUNNING)
			queue->timeline->closing++;
	}
	spin_unlock_irq(&engine->lock);
}

/*
 * Has a queue done what it can do? Only others that are being closed may let it go on: they accept nothing
 * more and have a limit, so that this ends.
 */
static bool at_rest(struct vdxg_queue *queue)
{
	struct vdxg_timeline *timeline = queue->timeline;
	bool rest;

	spin_lock_irq(&timeline->engine->lock);
	rest = !queue->length || queue->cancel ||
	       (queue->state == VDXG_QUEUE_BLOCKED && !timeline->closing);
	spin_unlock_irq(&timeline->engine->lock);
	return rest;
}

/**
 * vdxg_queue_close - the owner lets go of a queue
 * @queue: the queue, referenced; accepts nothing any more
 * @kill: do not let it finish
 *
 * What can run does, unless it is not to. What then waits for something is cancelled, unless a queue of the
 * device that is being closed, too, still has something to do: whatever else runs is not waited for. A caller
 * who is being killed does not wait, and lets nothing finish.
 *
 * Context: no locks; sleeps.
 */
void vdxg_queue_close(struct vdxg_queue *queue, bool kill)
{
	struct vdxg_timeline *timeline = queue->timeline;
	struct vdxg_engine *engine = timeline->engine;

	vdxg_queue_shut(queue);
	if (!kill)
		kill = wait_event_killable(timeline->wait, at_rest(queue));
	spin_lock_irq(&engine->lock);
	if (queue->length)
		vdxg_queue_cancel(queue, kill ? VDXG_CANCEL_RESET : VDXG_CANCEL_CLOSED);
	spin_unlock_irq(&engine->lock);
	wake_up_all(&engine->wait);
	wait_event_killable(timeline->wait, !READ_ONCE(queue->length));
}

/**
 * vdxg_queue_set_priority - how urgent a queue is
 * @queue: the queue
 * @priority: of its context, VDXG_PRIORITY_LOWEST to VDXG_PRIORITY_HIGHEST
 * @in_process: its priority among those of its process that are equally urgent, likewise
 *
 * Holds for what has not been begun.
 *
 * Context: any with interrupts on.
 */
void vdxg_queue_set_priority(struct vdxg_queue *queue, int priority, int in_process)
{
	struct vdxg_engine *engine = queue->timeline->engine;
	bool ready;

	spin_lock_irq(&engine->lock);
	ready = queue->state == VDXG_QUEUE_READY;
	if (ready)
		vdxg_engine_unready(queue);
	queue->priority = priority;
	queue->in_process = in_process;
	if (ready)
		vdxg_engine_ready(queue);
	spin_unlock_irq(&engine->lock);
}

/**
 * vdxg_packet_init - set a packet up
 * @packet: the packet
 * @ops: what it is
 * @queue: its queue; a reference is taken, which goes when it is released
 *
 * Context: any.
 */
void vdxg_packet_init(struct vdxg_packet *packet, const struct vdxg_packet_ops *ops,
		      struct vdxg_queue *queue)
{
	INIT_LIST_HEAD(&packet->link);
	packet->ops = ops;
	packet->queue = queue;
	packet->number = 0;
	vdxg_queue_get(queue);
}

static bool cancelled(const struct vdxg_queue *queue)
{
	return queue->cancel || queue->timeline->error || queue->timeline->engine->stopped;
}

/* Do all queues accept packets? STATUS_PENDING if one of them is full. */
static int check_queues(struct list_head *packets, struct vdxg_queue **full)
{
	struct vdxg_packet *packet;
	int status = STATUS_SUCCESS;

	list_for_each_entry(packet, packets, link) {
		struct vdxg_queue *queue = packet->queue;

		if (queue->closed)
			return STATUS_INVALID_PARAMETER;
		if (cancelled(queue))
			return STATUS_DEVICE_REMOVED;
		if (queue->length >= VDXG_QUEUE_LENGTH) {
			*full = queue;
			status = STATUS_PENDING;
		}
	}
	return status;
}

static void append(struct vdxg_packet *packet)
{
	struct vdxg_queue *queue = packet->queue;
	struct vdxg_timeline *timeline = queue->timeline;
	struct vdxg_engine *engine = timeline->engine;

	packet->number = ++engine->stamp;
	queue->submitted = packet->number;
	list_move_tail(&packet->link, &queue->packets);
	WRITE_ONCE(engine->packets, engine->packets + 1);
	engine->figures.submitted[packet->ops->kind]++;
	timeline->client->figures.submitted[packet->ops->kind]++;
	if (queue->length++)
		return;
	WRITE_ONCE(timeline->unfinished, timeline->unfinished + 1);
	vdxg_timeline_pending(timeline, queue);
	vdxg_engine_ready(queue);
}

static bool has_room(struct vdxg_queue *queue)
{
	struct vdxg_engine *engine = queue->timeline->engine;
	bool room;

	spin_lock_irq(&engine->lock);
	room = queue->length < VDXG_QUEUE_LENGTH;
	spin_unlock_irq(&engine->lock);
	return room;
}

/* Whoever was woken for room in a queue has used it, or not: perhaps there is some for the next. */
static void wake_next(struct vdxg_queue *waited)
{
	if (!waited)
		return;
	wake_up(&waited->room);
	vdxg_queue_put(waited);
}

/**
 * vdxg_packets_submit - queue packets, all of them or none
 * @packets: list of them (&vdxg_packet.link), of one engine, in the order in which each queue gets
 *	them; empty afterwards, unless it failed
 *
 * Waits for room in queues that are full. If the engine has nothing else to do, what is brief may
 * have been run already when this returns.
 *
 * Context: no locks; sleeps interruptibly.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER if a queue is being destroyed;
 * STATUS_DEVICE_REMOVED if one is cancelled: its device in error, its context reset, the adapter gone;
 * -ERESTARTNOINTR for a signal: the call starts anew by itself.
 */
int vdxg_packets_submit(struct list_head *packets)
{
	struct vdxg_engine *engine = first_packet(packets)->queue->timeline->engine;
	struct vdxg_queue *waited = NULL, *full;
	bool idle;
	int status;

	spin_lock_irq(&engine->lock);
	while ((status = check_queues(packets, &full)) == STATUS_PENDING) {
		vdxg_queue_get(full);
		spin_unlock_irq(&engine->lock);
		wake_next(waited);
		waited = full;
		status = wait_event_interruptible_exclusive(waited->room, has_room(waited));
		spin_lock_irq(&engine->lock);
		if (status) {
			status = -ERESTARTNOINTR;
			break;
		}
	}
	if (!status) {
		idle = !engine->busy && !engine->held && RB_EMPTY_ROOT(&engine->ready.rb_root);
		while (!list_empty(packets))
			append(first_packet(packets));
		if (idle)
			vdxg_engine_run_here(engine);
		else
			vdxg_engine_kick(engine);
	}
	spin_unlock_irq(&engine->lock);
	wake_next(waited);
	return status;
}

/**
 * vdxg_packets_drop - free packets that were not submitted
 * @packets: list of them
 *
 * Context: no locks; may sleep.
 */
void vdxg_packets_drop(struct list_head *packets)
{
	while (!list_empty(packets)) {
		struct vdxg_packet *packet = first_packet(packets);
		struct vdxg_queue *queue = packet->queue;

		list_del_init(&packet->link);
		packet->ops->release(packet);
		vdxg_queue_put(queue);
	}
}
