// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine.c: which queue is next, and who runs it (see engine.h)
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "engine.h"
#include "queue.h"

static struct workqueue_struct *engine_workqueue;

static u64 real_now(const struct vdxg_clock *clock)
{
	return ktime_get_ns();
}

static void real_sleep(const struct vdxg_clock *clock, struct vdxg_packet *packet, u64 ns)
{
	struct vdxg_engine *engine = packet->queue->timeline->engine;

	wait_event_hrtimeout(engine->wait, vdxg_packet_cancelled(packet), ns_to_ktime(ns));
}

const struct vdxg_clock vdxg_engine_clock = {
	.now = real_now,
	.sleep = real_sleep,
};

static struct vdxg_queue *queue_of(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_queue, node);
}

static struct vdxg_engine_client *client_of(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_engine_client, node);
}

/* What is cancelled goes before everything: it takes no time, and somebody may wait for its end. */
static int urgency(const struct vdxg_queue *queue)
{
	return queue->cancel ? VDXG_PRIORITY_HIGHEST + 1 : queue->priority;
}

static bool queue_earlier(struct rb_node *a, const struct rb_node *b)
{
	const struct vdxg_queue *x = queue_of(a), *y = queue_of(b);

	if (urgency(x) != urgency(y))
		return urgency(x) > urgency(y);
	if (x->in_process != y->in_process)
		return x->in_process > y->in_process;
	return x->turn < y->turn;
}

static struct vdxg_queue *first_of(const struct vdxg_engine_client *client)
{
	return queue_of(rb_first_cached(&client->ready));
}

static bool client_earlier(struct rb_node *a, const struct rb_node *b)
{
	const struct vdxg_engine_client *x = client_of(a), *y = client_of(b);
	int ux = urgency(first_of(x)), uy = urgency(first_of(y));

	return ux != uy ? ux > uy : x->turn < y->turn;
}

static struct vdxg_engine_client *waiting_client(const struct rb_node *node)
{
	return rb_entry(node, struct vdxg_engine_client, waiting);
}

static bool waits_longer(struct rb_node *a, const struct rb_node *b)
{
	return waiting_client(a)->turn < waiting_client(b)->turn;
}

/* A client leaves the order while what decides over its place changes. */
static void lift(struct vdxg_engine *engine, struct vdxg_engine_client *client)
{
	if (RB_EMPTY_ROOT(&client->ready.rb_root))
		return;
	rb_erase_cached(&client->node, &engine->ready);
	rb_erase_cached(&client->waiting, &engine->waiting);
}

static void settle(struct vdxg_engine *engine, struct vdxg_engine_client *client)
{
	if (RB_EMPTY_ROOT(&client->ready.rb_root))
		return;
	rb_add_cached(&client->node, &engine->ready, client_earlier);
	rb_add_cached(&client->waiting, &engine->waiting, waits_longer);
}

/**
 * vdxg_engine_ready - a queue waits for its turn
 * @queue: a queue with packets that is not ready; the engine's lock is held
 */
void vdxg_engine_ready(struct vdxg_queue *queue)
{
	struct vdxg_engine_client *client = queue->timeline->client;
	struct vdxg_engine *engine = queue->timeline->engine;

	lockdep_assert_held(&engine->lock);
	lift(engine, client);
	/* Its first turn comes after those of who is here already. */
	if (!client->turn)
		client->turn = ++engine->stamp;
	if (queue->closed && queue->state != VDXG_QUEUE_RUNNING)
		queue->timeline->closing++;
	queue->state = VDXG_QUEUE_READY;
	rb_add_cached(&queue->node, &client->ready, queue_earlier);
	settle(engine, client);
}

/**
 * vdxg_engine_unready - a queue does not wait for its turn any more
 * @queue: a ready queue, which runs now; the engine's lock is held
 */
void vdxg_engine_unready(struct vdxg_queue *queue)
{
	struct vdxg_engine_client *client = queue->timeline->client;
	struct vdxg_engine *engine = queue->timeline->engine;

	lockdep_assert_held(&engine->lock);
	lift(engine, client);
	rb_erase_cached(&queue->node, &client->ready);
	queue->state = VDXG_QUEUE_RUNNING;
	settle(engine, client);
}

/* The next queue to run, or NULL. */
static struct vdxg_queue *next_queue(struct vdxg_engine *engine)
{
	struct rb_node *node = rb_first_cached(&engine->ready);
	struct vdxg_queue *queue = node ? first_of(client_of(node)) : NULL;

	if (queue && !queue->cancel && engine->passed >= VDXG_ENGINE_PATIENCE)
		queue = first_of(waiting_client(rb_first_cached(&engine->waiting)));
	return queue && engine->held && !queue->cancel ? NULL : queue;
}

/* Count work for which others were passed over that are less urgent. */
static void pass_over(struct vdxg_engine *engine, const struct vdxg_queue *queue, s64 work)
{
	struct rb_node *last = rb_last(&engine->ready.rb_root);

	if (!last || urgency(first_of(client_of(last))) >= urgency(queue))
		engine->passed = 0;
	else if (work > 0)
		engine->passed += work;
}

/* Count work that a queue has done, and end its client's turn. */
static void charge(struct vdxg_queue *queue, s64 work)
{
	struct vdxg_engine_client *client = queue->timeline->client;
	struct vdxg_engine *engine = queue->timeline->engine;

	queue->turn = ++engine->stamp;
	pass_over(engine, queue, work);
	client->used += work;
	if (client->used < VDXG_ENGINE_QUANTUM)
		return;
	lift(engine, client);
	client->used = 0;
	client->turn = ++engine->stamp;
	settle(engine, client);
}

/* Where a queue goes whose first packet has been run. */
static void put_down(struct vdxg_queue *queue, enum vdxg_ran ran)
{
	bool blocked = ran == VDXG_RAN_BLOCKED && !queue->woken && !queue->cancel;

	if (!blocked && !list_empty(&queue->packets)) {
		vdxg_engine_ready(queue);
		return;
	}
	queue->state = blocked ? VDXG_QUEUE_BLOCKED : VDXG_QUEUE_IDLE;
	if (queue->closed)
		queue->timeline->closing--;
}

/* Count what has become of a queue's first packet. */
static void count(struct vdxg_figures *figures, const struct vdxg_slice *slice, bool another,
		  bool retired, enum vdxg_packet_kind kind)
{
	figures->running += slice->running;
	figures->switches += another;
	figures->faulted += slice->faulted;
	figures->retired[kind] += retired;
}

static void count_for_both(struct vdxg_queue *queue, const struct vdxg_slice *slice, bool retired,
			   enum vdxg_packet_kind kind)
{
	struct vdxg_engine *engine = queue->timeline->engine;
	bool another = engine->last != queue;

	count(&engine->figures, slice, another, retired, kind);
	count(&queue->timeline->client->figures, slice, another, retired, kind);
	engine->last = queue;
}

/*
 * Run the first packet of the next queue; under the lock, which is dropped and taken again. Whether
 * there was one.
 */
static bool run_one(struct vdxg_engine *engine, struct vdxg_slice *slice)
	__releases(&engine->lock)
	__acquires(&engine->lock)
{
	struct vdxg_queue *queue = next_queue(engine);
	enum vdxg_ran ran = VDXG_RAN_DONE;
	struct vdxg_packet *packet;
	enum vdxg_cancel why;
	bool rests, stopped;

	if (!queue)
		return false;
	packet = list_first_entry(&queue->packets, struct vdxg_packet, link);
	why = queue->cancel;
	if (slice->here && (why || !packet->ops->brief))
		return false;
	if (engine->passed >= VDXG_ENGINE_PATIENCE && !why)
		engine->passed = 0;
	vdxg_engine_unready(queue);
	queue->woken = false;
	spin_unlock_irq(&engine->lock);

	slice->used = 0;
	slice->credit = 0;
	slice->running = 0;
	slice->faulted = false;
	if (!why)
		ran = packet->ops->run(packet, slice);
	else if (packet->ops->cancel)
		packet->ops->cancel(packet, why);

	spin_lock_irq(&engine->lock);
	charge(queue, why ? 0 : slice->used + VDXG_PACKET_WORK - slice->credit);
	count_for_both(queue, slice, ran == VDXG_RAN_DONE, packet->ops->kind);
	if (ran == VDXG_RAN_DONE)
		vdxg_queue_retire(queue, packet);
	put_down(queue, ran);
	rests = queue->closed && queue->state != VDXG_QUEUE_READY;
	stopped = engine->stopped && !engine->packets;
	spin_unlock_irq(&engine->lock);

	/* There may be many, so with interrupts on. */
	if (rests)
		wake_up_all(&queue->timeline->wait);
	if (stopped)
		wake_up_all(&engine->wait);
	if (ran == VDXG_RAN_DONE) {
		packet->ops->release(packet);
		vdxg_queue_put(queue);
	}
	spin_lock_irq(&engine->lock);
	return true;
}

static void work(struct work_struct *work)
{
	struct vdxg_engine *engine = container_of(work, struct vdxg_engine, work);
	struct vdxg_slice slice = { };

	spin_lock_irq(&engine->lock);
	if (!engine->busy) {
		engine->busy = true;
		do {
			slice.budget = VDXG_ENGINE_QUANTUM;
			if (need_resched()) {
				spin_unlock_irq(&engine->lock);
				cond_resched();
				spin_lock_irq(&engine->lock);
			}
		} while (run_one(engine, &slice));
		engine->busy = false;
	}
	spin_unlock_irq(&engine->lock);
	vdxg_engine_put(engine);
}

/**
 * vdxg_engine_kick - see that what is ready gets run
 * @engine: the engine, its lock held
 */
void vdxg_engine_kick(struct vdxg_engine *engine)
{
	lockdep_assert_held(&engine->lock);
	/* Who runs packets looks again before he stops. */
	if (engine->busy || !next_queue(engine))
		return;
	refcount_inc(&engine->refs);
	if (!queue_work(engine_workqueue, &engine->work))
		refcount_dec(&engine->refs);
}

/**
 * vdxg_engine_run_here - run what is ready and brief, and leave the rest to the worker
 * @engine: the engine, its lock held with interrupts off, not busy; the lock is dropped and taken again
 *
 * Context: may sleep.
 */
void vdxg_engine_run_here(struct vdxg_engine *engine)
{
	struct vdxg_slice slice = { .budget = VDXG_ENGINE_BRIEF, .here = true };

	engine->busy = true;
	while (slice.budget > VDXG_PACKET_WORK && run_one(engine, &slice))
		slice.budget -= min(slice.budget, slice.used + VDXG_PACKET_WORK);
	engine->busy = false;
	vdxg_engine_kick(engine);
}

/**
 * vdxg_engine_init - get ready for engines
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_engine_init(void)
{
	engine_workqueue = alloc_workqueue("vdxg-engine", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE);
	return engine_workqueue ? 0 : -ENOMEM;
}

/**
 * vdxg_engine_exit - there are no engines any more
 */
void vdxg_engine_exit(void)
{
	destroy_workqueue(engine_workqueue);
}

/**
 * vdxg_engine_create - an engine for an adapter
 * @clock: its time
 *
 * Context: sleeps.
 * Return: the engine with one reference, or NULL.
 */
struct vdxg_engine *vdxg_engine_create(const struct vdxg_clock *clock)
{
	struct vdxg_engine *engine = kzalloc(sizeof(*engine), GFP_KERNEL);

	if (!engine)
		return NULL;
	refcount_set(&engine->refs, 1);
	spin_lock_init(&engine->lock);
	engine->clock = clock;
	engine->ready = RB_ROOT_CACHED;
	engine->waiting = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&engine->timelines);
	INIT_WORK(&engine->work, work);
	init_waitqueue_head(&engine->wait);
	return engine;
}

/**
 * vdxg_engine_put - drop a reference
 * @engine: the engine
 *
 * Context: any.
 */
void vdxg_engine_put(struct vdxg_engine *engine)
{
	if (refcount_dec_and_test(&engine->refs))
		kfree(engine);
}

/**
 * vdxg_engine_hold - begin no packet, or go on
 * @engine: the engine
 * @hold: which
 *
 * For tests, which want to see what is queued. What is cancelled is cancelled nevertheless.
 *
 * Context: any.
 */
void vdxg_engine_hold(struct vdxg_engine *engine, bool hold)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	engine->held = hold;
	vdxg_engine_kick(engine);
	spin_unlock_irqrestore(&engine->lock, irq);
}

/**
 * vdxg_engine_look - what an engine has done
 * @engine: the engine
 * @client: for whom, of this engine; NULL: for all, those who are gone included
 * @figures: is filled
 *
 * Context: any.
 */
void vdxg_engine_look(struct vdxg_engine *engine, const struct vdxg_engine_client *client,
		      struct vdxg_figures *figures)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	*figures = client ? client->figures : engine->figures;
	spin_unlock_irqrestore(&engine->lock, irq);
}

/**
 * vdxg_engine_client_init - set a client up
 * @client: the client
 */
void vdxg_engine_client_init(struct vdxg_engine_client *client)
{
	memset(client, 0, sizeof(*client));
	client->ready = RB_ROOT_CACHED;
}
