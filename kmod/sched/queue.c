// SPDX-License-Identifier: GPL-2.0-only
/*
 * queue.c: packets in order, and the queues of a device (see queue.h)
 */
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../gfp.h"
#include "engine.h"
#include "queue.h"

/**
 * vdxg_timeline_init - set the timeline of a device up
 * @timeline: the timeline, zeroed
 * @engine: its engine; a reference is taken
 * @client: its process, which lives as long
 * @ops: its owner's
 *
 * Context: any.
 */
void vdxg_timeline_init(struct vdxg_timeline *timeline, struct vdxg_engine *engine,
			struct vdxg_engine_client *client, const struct vdxg_timeline_ops *ops)
{
	timeline->ops = ops;
	timeline->engine = engine;
	timeline->client = client;
	INIT_LIST_HEAD(&timeline->queues);
	timeline->barriers = RB_ROOT_CACHED;
	refcount_inc(&engine->refs);
	spin_lock_irq(&engine->lock);
	list_add_tail(&timeline->link, &engine->timelines);
	spin_unlock_irq(&engine->lock);
}

/**
 * vdxg_timeline_fini - end a timeline
 * @timeline: a timeline without queues
 *
 * Context: any with interrupts on.
 */
void vdxg_timeline_fini(struct vdxg_timeline *timeline)
{
	struct vdxg_engine *engine = timeline->engine;

	WARN_ON_ONCE(!list_empty(&timeline->queues));
	spin_lock_irq(&engine->lock);
	list_del(&timeline->link);
	spin_unlock_irq(&engine->lock);
	vdxg_engine_put(engine);
}

/* Let everything a queue has be cancelled; the engine's lock is held. */
static void cancel_queue(struct vdxg_queue *queue, enum vdxg_cancel why)
{
	if (queue->cancel >= why)
		return;
	if (queue->state == VDXG_QUEUE_READY) {
		/* Its place in the order changes with it. */
		vdxg_engine_unready(queue);
		queue->cancel = why;
		vdxg_engine_ready(queue);
	} else {
		WRITE_ONCE(queue->cancel, why);
		if (queue->state == VDXG_QUEUE_BLOCKED)
			vdxg_engine_ready(queue);
	}
	vdxg_engine_kick(queue->timeline->engine);
	/* It may be asleep, or somebody wait for room in it. */
	wake_up_all(&queue->timeline->engine->wait);
}

/**
 * vdxg_engine_stop - the adapter of an engine is gone
 * @engine: the engine; accepts nothing any more
 *
 * Context: sleeps until everything has been cancelled.
 */
void vdxg_engine_stop(struct vdxg_engine *engine)
{
	struct vdxg_timeline *timeline;
	struct vdxg_queue *queue;
	LIST_HEAD(todo);

	spin_lock_irq(&engine->lock);
	engine->stopped = true;
	list_splice_init(&engine->timelines, &todo);
	while ((timeline = list_first_entry_or_null(&todo, struct vdxg_timeline, link))) {
		list_move_tail(&timeline->link, &engine->timelines);
		list_for_each_entry(queue, &timeline->queues, link)
			cancel_queue(queue, VDXG_CANCEL_REMOVED);
		spin_unlock_irq(&engine->lock);
		cond_resched();
		spin_lock_irq(&engine->lock);
	}
	spin_unlock_irq(&engine->lock);
	wait_event(engine->wait, !READ_ONCE(engine->packets));
}

/**
 * vdxg_timeline_fail - put a device in error
 * @timeline: the timeline
 * @error: a D3DKMT_DEVICEEXECUTION_STATE; the first one stays
 *
 * Everything its queues have is cancelled, and nothing accepted any more.
 *
 * Context: any.
 */
void vdxg_timeline_fail(struct vdxg_timeline *timeline, u32 error)
{
	struct vdxg_engine *engine = timeline->engine;
	struct vdxg_queue *queue;
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	if (!timeline->error)
		WRITE_ONCE(timeline->error, error);
	list_for_each_entry(queue, &timeline->queues, link)
		cancel_queue(queue, VDXG_CANCEL_RESET);
	spin_unlock_irqrestore(&engine->lock, irq);
}

/**
 * vdxg_timeline_fault - put a device in error for what a command buffer of it stumbled over
 * @timeline: the timeline
 * @fault: what; the first one stays
 *
 * Context: any.
 */
void vdxg_timeline_fault(struct vdxg_timeline *timeline, const struct vdxg_fault *fault)
{
	struct vdxg_engine *engine = timeline->engine;
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	if (!timeline->fault.missing)
		timeline->fault = *fault;
	spin_unlock_irqrestore(&engine->lock, irq);
	vdxg_timeline_fail(timeline, fault->missing == VDXG_FAULT_MALFORMED ?
			   D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT :
			   D3DKMT_DEVICEEXECUTION_ERROR_DMAPAGEFAULT);
}

/**
 * vdxg_timeline_last_fault - what put a device in error
 * @timeline: the timeline
 * @fault: gets it; all 0 if nothing did
 *
 * Context: any with interrupts on.
 */
void vdxg_timeline_last_fault(struct vdxg_timeline *timeline, struct vdxg_fault *fault)
{
	spin_lock_irq(&timeline->engine->lock);
	*fault = timeline->fault;
	spin_unlock_irq(&timeline->engine->lock);
}

/**
 * vdxg_timeline_error - what stopped a device
 * @timeline: the timeline
 *
 * Return: the D3DKMT_DEVICEEXECUTION_STATE it was put in, or 0.
 */
u32 vdxg_timeline_error(const struct vdxg_timeline *timeline)
{
	return READ_ONCE(timeline->error);
}

/**
 * vdxg_timeline_idle - has everything been retired?
 * @timeline: the timeline
 */
bool vdxg_timeline_idle(struct vdxg_timeline *timeline)
{
	return !READ_ONCE(timeline->unfinished);
}

static struct vdxg_packet *first_packet(struct list_head *packets)
{
	return list_first_entry(packets, struct vdxg_packet, link);
}

static struct vdxg_barrier *barrier_of(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_barrier, node);
}

static bool barrier_earlier(struct rb_node *a, const struct rb_node *b)
{
	return barrier_of(a)->number < barrier_of(b)->number;
}

/**
 * vdxg_barrier_add - be told when what a device has queued so far has been retired
 * @timeline: the timeline
 * @barrier: its @fire is set
 *
 * Context: any.
 * Return: true if @fire will be called; false if there is nothing to wait for: then it will not.
 */
bool vdxg_barrier_add(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier)
{
	struct vdxg_engine *engine = timeline->engine;
	unsigned long irq;
	bool wait;

	RB_CLEAR_NODE(&barrier->node);
	spin_lock_irqsave(&engine->lock, irq);
	wait = timeline->unfinished;
	if (wait) {
		barrier->number = engine->stamp;
		barrier->pending = timeline->unfinished;
		rb_add_cached(&barrier->node, &timeline->barriers, barrier_earlier);
	}
	spin_unlock_irqrestore(&engine->lock, irq);
	return wait;
}

/**
 * vdxg_timeline_mark - what a device has queued by now
 * @timeline: the timeline
 *
 * Context: any.
 * Return: for vdxg_barrier_add_at(); 0 if there is nothing to wait for.
 */
u64 vdxg_timeline_mark(struct vdxg_timeline *timeline)
{
	struct vdxg_engine *engine = timeline->engine;
	unsigned long irq;
	u64 mark;

	spin_lock_irqsave(&engine->lock, irq);
	mark = timeline->unfinished ? engine->stamp : 0;
	spin_unlock_irqrestore(&engine->lock, irq);
	return mark;
}

/**
 * vdxg_barrier_add_at - be told when what a device had queued at some time has been retired
 * @timeline: the timeline
 * @barrier: its @fire is set
 * @mark: from vdxg_timeline_mark() at that time
 *
 * Context: any.
 * Return: as vdxg_barrier_add().
 */
bool vdxg_barrier_add_at(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier, u64 mark)
{
	struct vdxg_engine *engine = timeline->engine;
	struct vdxg_queue *queue;
	unsigned long irq;
	bool wait;

	RB_CLEAR_NODE(&barrier->node);
	barrier->number = mark;
	barrier->pending = 0;
	spin_lock_irqsave(&engine->lock, irq);
	list_for_each_entry(queue, &timeline->queues, link)
		if (queue->length && first_packet(&queue->packets)->number <= mark)
			barrier->pending++;
	wait = barrier->pending;
	if (wait)
		rb_add_cached(&barrier->node, &timeline->barriers, barrier_earlier);
	spin_unlock_irqrestore(&engine->lock, irq);
	return wait;
}

static void remove_barrier(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier)
{
	rb_erase_cached(&barrier->node, &timeline->barriers);
	RB_CLEAR_NODE(&barrier->node);
}

/**
 * vdxg_barrier_remove - do not be told any more
 * @timeline: the timeline
 * @barrier: a barrier that vdxg_barrier_add() has seen
 *
 * Context: any but from @fire.
 * Return: whether it was waiting; if not, its @fire has been called and has returned, or it was
 * never added.
 */
bool vdxg_barrier_remove(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier)
{
	struct vdxg_engine *engine = timeline->engine;
	unsigned long irq;
	bool waiting;

	spin_lock_irqsave(&engine->lock, irq);
	waiting = !RB_EMPTY_NODE(&barrier->node);
	if (waiting)
		remove_barrier(timeline, barrier);
	spin_unlock_irqrestore(&engine->lock, irq);
	return waiting;
}

/* Somebody who sleeps until a barrier fires. */
struct idle_wait {
	struct vdxg_barrier barrier;
	struct completion done;
};

static void wake_idle(struct vdxg_barrier *barrier)
{
	complete(&container_of(barrier, struct idle_wait, barrier)->done);
}

/**
 * vdxg_timeline_wait_idle - wait until what has been queued so far has been retired
 * @timeline: the timeline
 *
 * Context: sleeps interruptibly.
 * Return: STATUS_SUCCESS; -ERESTARTNOINTR for a signal: the call starts anew by itself.
 */
int vdxg_timeline_wait_idle(struct vdxg_timeline *timeline)
{
	struct idle_wait wait = { .barrier.fire = wake_idle };
	int interrupted;

	init_completion(&wait.done);
	if (!vdxg_barrier_add(timeline, &wait.barrier))
		return STATUS_SUCCESS;
	interrupted = wait_for_completion_interruptible(&wait.done);
	/* Also waits until wake_idle() has left the stack here. */
	return vdxg_barrier_remove(timeline, &wait.barrier) && interrupted ? -ERESTARTNOINTR :
		STATUS_SUCCESS;
}

/* The first barrier at a number or after it, or NULL. */
static struct vdxg_barrier *barrier_from(struct vdxg_timeline *timeline, u64 number)
{
	struct rb_node *node = timeline->barriers.rb_root.rb_node;
	struct vdxg_barrier *found = NULL;

	while (node) {
		struct vdxg_barrier *barrier = barrier_of(node);

		if (barrier->number >= number) {
			found = barrier;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/* A queue has nothing to do any more from @number up to before @next: count barriers in there down. */
static void pass_barriers(struct vdxg_timeline *timeline, u64 number, u64 next)
{
	struct vdxg_barrier *barrier = barrier_from(timeline, number), *following;
	struct rb_node *node;

	for (; barrier && barrier->number < next; barrier = following) {
		node = rb_next(&barrier->node);
		following = node ? barrier_of(node) : NULL;
		if (--barrier->pending)
			continue;
		remove_barrier(timeline, barrier);
		barrier->fire(barrier);
	}
}

/**
 * vdxg_queue_retire - take the first packet off its queue
 * @queue: the queue, which runs; the engine's lock is held
 * @packet: its first packet; the engine releases it
 */
void vdxg_queue_retire(struct vdxg_queue *queue, struct vdxg_packet *packet)
{
	struct vdxg_timeline *timeline = queue->timeline;
	u64 next = U64_MAX;

	lockdep_assert_held(&timeline->engine->lock);
	list_del_init(&packet->link);
	queue->length--;
	queue->retired = packet->number;
	WRITE_ONCE(timeline->engine->packets, timeline->engine->packets - 1);
	if (list_empty(&queue->packets))
		WRITE_ONCE(timeline->unfinished, timeline->unfinished - 1);
	else
		next = first_packet(&queue->packets)->number;
	if (!RB_EMPTY_ROOT(&timeline->barriers.rb_root))
		pass_barriers(timeline, packet->number, next);
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
	queue->timeline = timeline;
	spin_lock_irq(&engine->lock);
	if (timeline->num_queues == VDXG_TIMELINE_QUEUES) {
		spin_unlock_irq(&engine->lock);
		kfree(queue);
		return NULL;
	}
	timeline->num_queues++;
	timeline->ops->get(timeline);
	if (engine->stopped)
		queue->cancel = VDXG_CANCEL_REMOVED;
	else if (timeline->error)
		queue->cancel = VDXG_CANCEL_RESET;
	list_add_tail(&queue->link, &timeline->queues);
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
	list_del(&queue->link);
	timeline->num_queues--;
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
	cancel_queue(queue, VDXG_CANCEL_RESET);
	spin_unlock_irqrestore(&timeline->engine->lock, irq);
}

/* Has a queue done what it can do by itself? What others of its process do may let it go on. */
static bool at_rest(struct vdxg_queue *queue)
{
	struct vdxg_timeline *timeline = queue->timeline;
	bool rest;

	spin_lock_irq(&timeline->engine->lock);
	rest = !queue->length || queue->cancel ||
	       (queue->state == VDXG_QUEUE_BLOCKED && !timeline->client->active);
	spin_unlock_irq(&timeline->engine->lock);
	return rest;
}

/**
 * vdxg_queue_close - the owner lets go of a queue
 * @queue: the queue, referenced; accepts nothing any more
 * @kill: do not let it finish
 *
 * What can run does, unless it is not to; what then waits for something that nothing of this process
 * is on its way to is cancelled. A caller who is being killed does not wait, and lets nothing finish.
 *
 * Context: no locks; sleeps.
 */
void vdxg_queue_close(struct vdxg_queue *queue, bool kill)
{
	struct vdxg_engine *engine = queue->timeline->engine;

	spin_lock_irq(&engine->lock);
	queue->closed = true;
	queue->no_timeout = false;
	spin_unlock_irq(&engine->lock);
	if (!kill)
		kill = wait_event_killable(engine->wait, at_rest(queue));
	spin_lock_irq(&engine->lock);
	if (queue->length)
		cancel_queue(queue, kill ? VDXG_CANCEL_RESET : VDXG_CANCEL_CLOSED);
	spin_unlock_irq(&engine->lock);
	wait_event_killable(engine->wait, !READ_ONCE(queue->length));
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

/* Do all queues accept packets? STATUS_PENDING if one of them is full. */
static int check_queues(struct list_head *packets)
{
	struct vdxg_packet *packet;
	int status = STATUS_SUCCESS;

	list_for_each_entry(packet, packets, link) {
		struct vdxg_queue *queue = packet->queue;

		if (queue->closed)
			return STATUS_INVALID_PARAMETER;
		if (queue->cancel)
			return STATUS_DEVICE_REMOVED;
		if (queue->length >= VDXG_QUEUE_LENGTH)
			status = STATUS_PENDING;
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
	vdxg_engine_ready(queue);
}

static bool has_room(struct vdxg_engine *engine, struct list_head *packets)
{
	int status;

	spin_lock_irq(&engine->lock);
	status = check_queues(packets);
	spin_unlock_irq(&engine->lock);
	return status != STATUS_PENDING;
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
	bool idle;
	int status;

	spin_lock_irq(&engine->lock);
	while ((status = check_queues(packets)) == STATUS_PENDING) {
		spin_unlock_irq(&engine->lock);
		if (wait_event_interruptible(engine->wait, has_room(engine, packets)))
			return -ERESTARTNOINTR;
		spin_lock_irq(&engine->lock);
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
