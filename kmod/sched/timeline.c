// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline.c: the queues of a device, its errors, and its barriers (see queue.h)
 *
 * What is done to all queues at once is done to a few of them at a time, since there may be thousands and the
 * engine's lock is held with interrupts off.
 */
#include <linux/completion.h>
#include <linux/sched.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "engine.h"
#include "queue.h"

/* Queues that are cancelled at once. */
#define AT_ONCE	64U

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
	timeline->pending = RB_ROOT_CACHED;
	init_waitqueue_head(&timeline->wait);
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

	WARN_ON_ONCE(timeline->num_queues);
	spin_lock_irq(&engine->lock);
	list_del(&timeline->link);
	spin_unlock_irq(&engine->lock);
	vdxg_engine_put(engine);
}

static struct vdxg_queue *queue_of(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_queue, pending);
}

/* The number of the first packet of a queue, which has some. */
static u64 first_number(const struct vdxg_queue *queue)
{
	return list_first_entry(&queue->packets, struct vdxg_packet, link)->number;
}

static bool queue_earlier(struct rb_node *a, const struct rb_node *b)
{
	return first_number(queue_of(a)) < first_number(queue_of(b));
}

/**
 * vdxg_timeline_pending - a queue has another first packet
 * @timeline: its timeline; the engine's lock is held
 * @queue: the queue, which has packets, and is not in &vdxg_timeline.pending
 */
void vdxg_timeline_pending(struct vdxg_timeline *timeline, struct vdxg_queue *queue)
{
	lockdep_assert_held(&timeline->engine->lock);
	rb_add_cached(&queue->pending, &timeline->pending, queue_earlier);
}

/* The first queue whose first packet has this number or a later one, or NULL. */
static struct vdxg_queue *queue_from(struct vdxg_timeline *timeline, u64 number)
{
	struct rb_node *node = timeline->pending.rb_root.rb_node;
	struct vdxg_queue *found = NULL;

	while (node) {
		struct vdxg_queue *queue = queue_of(node);

		if (first_number(queue) >= number) {
			found = queue;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/*
 * Let everything that the queues of a timeline have be cancelled. It accepts nothing any more; a queue that has
 * not been met yet goes on, and its first number only grows, so that it will be.
 */
static void cancel_all(struct vdxg_timeline *timeline, enum vdxg_cancel why)
{
	struct vdxg_engine *engine = timeline->engine;
	struct vdxg_queue *queue;
	unsigned int n = 0;
	u64 from = 0;

	spin_lock_irq(&engine->lock);
	while ((queue = queue_from(timeline, from))) {
		from = first_number(queue) + 1;
		vdxg_queue_cancel(queue, why);
		if (++n % AT_ONCE)
			continue;
		spin_unlock_irq(&engine->lock);
		cond_resched();
		spin_lock_irq(&engine->lock);
	}
	spin_unlock_irq(&engine->lock);
	/* The one that is being run may be asleep. */
	wake_up_all(&engine->wait);
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
	LIST_HEAD(todo);
	bool busy;

	spin_lock_irq(&engine->lock);
	engine->stopped = true;
	list_splice_init(&engine->timelines, &todo);
	while ((timeline = list_first_entry_or_null(&todo, struct vdxg_timeline, link))) {
		list_move_tail(&timeline->link, &engine->timelines);
		/* Its queues keep it, as long as they have packets. */
		busy = timeline->unfinished;
		if (busy)
			timeline->ops->get(timeline);
		spin_unlock_irq(&engine->lock);
		if (busy) {
			cancel_all(timeline, VDXG_CANCEL_REMOVED);
			timeline->ops->put(timeline);
		}
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
 * Context: no spinlocks; may sleep, but not for the work.
 */
void vdxg_timeline_fail(struct vdxg_timeline *timeline, u32 error)
{
	struct vdxg_engine *engine = timeline->engine;

	spin_lock_irq(&engine->lock);
	if (!timeline->error)
		WRITE_ONCE(timeline->error, error);
	spin_unlock_irq(&engine->lock);
	cancel_all(timeline, VDXG_CANCEL_RESET);
}

/**
 * vdxg_timeline_fault - put a device in error for what a command buffer of it stumbled over
 * @timeline: the timeline
 * @fault: what; the first one stays
 *
 * Context: as vdxg_timeline_fail().
 */
void vdxg_timeline_fault(struct vdxg_timeline *timeline, const struct vdxg_fault *fault)
{
	struct vdxg_engine *engine = timeline->engine;

	spin_lock_irq(&engine->lock);
	if (!timeline->fault.missing)
		timeline->fault = *fault;
	spin_unlock_irq(&engine->lock);
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

static struct vdxg_barrier *barrier_of(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_barrier, node);
}

static bool barrier_earlier(struct rb_node *a, const struct rb_node *b)
{
	return barrier_of(a)->number < barrier_of(b)->number;
}

static bool add_barrier(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier, u64 mark)
{
	struct rb_node *first = rb_first_cached(&timeline->pending);

	if (!first || first_number(queue_of(first)) > mark)
		return false;
	barrier->number = mark;
	rb_add_cached(&barrier->node, &timeline->barriers, barrier_earlier);
	return true;
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
	return vdxg_barrier_add_at(timeline, barrier, U64_MAX);
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
 * @mark: from vdxg_timeline_mark() at that time, or U64_MAX for now
 *
 * Context: any.
 * Return: as vdxg_barrier_add().
 */
bool vdxg_barrier_add_at(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier, u64 mark)
{
	struct vdxg_engine *engine = timeline->engine;
	unsigned long irq;
	bool wait;

	RB_CLEAR_NODE(&barrier->node);
	spin_lock_irqsave(&engine->lock, irq);
	wait = add_barrier(timeline, barrier, min(mark, engine->stamp));
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

/**
 * vdxg_timeline_passed - a packet has been retired
 * @timeline: its timeline; the engine's lock is held
 *
 * Calls the barriers that have nothing to wait for any more.
 */
void vdxg_timeline_passed(struct vdxg_timeline *timeline)
{
	struct rb_node *first = rb_first_cached(&timeline->pending), *node;
	u64 oldest = first ? first_number(queue_of(first)) : U64_MAX;
	struct vdxg_barrier *barrier;

	lockdep_assert_held(&timeline->engine->lock);
	while ((node = rb_first_cached(&timeline->barriers))) {
		barrier = barrier_of(node);
		if (barrier->number >= oldest)
			break;
		remove_barrier(timeline, barrier);
		barrier->fire(barrier);
	}
}
