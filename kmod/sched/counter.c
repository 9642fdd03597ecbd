// SPDX-License-Identifier: GPL-2.0-only
/*
 * counter.c: semaphores and mutexes of the GPU (see counter.h)
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "counter.h"
#include "queue.h"

/* Protects every counter; outside of an engine's lock. */
static DEFINE_SPINLOCK(counters_lock);

/**
 * struct want - one counter of an acquisition
 * @link: in &vdxg_counter.waiters; empty if it does not wait
 * @counter: the counter, referenced
 * @queue: who waits
 */
struct want {
	struct list_head link;
	struct vdxg_counter *counter;
	struct vdxg_queue *queue;
};

/**
 * struct acquire - a packet that takes a unit of each of its counters
 * @packet: what the queue knows
 * @owner: whose the mutexes are then
 * @count: length of @wants
 * @wants: the counters, each once
 */
struct acquire {
	struct vdxg_packet packet;
	struct vdxg_counter_owner *owner;
	u32 count;
	struct want wants[];
};

static struct vdxg_counter *create(u32 max, u32 initial)
{
	struct vdxg_counter *counter = kzalloc(sizeof(*counter), VDXG_GFP);

	if (!counter)
		return NULL;
	refcount_set(&counter->refs, 1);
	counter->max = max;
	counter->count = initial;
	INIT_LIST_HEAD(&counter->held);
	INIT_LIST_HEAD(&counter->waiters);
	return counter;
}

/**
 * vdxg_semaphore_create - make a semaphore
 * @max: units there can be
 * @initial: units there are
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the semaphore with one reference, or NULL without memory.
 */
struct vdxg_counter *vdxg_semaphore_create(u32 max, u32 initial)
{
	return create(max, initial);
}

static void take(struct vdxg_counter *counter, struct vdxg_counter_owner *owner)
{
	counter->count--;
	if (counter->mutex) {
		counter->owner = owner;
		list_add_tail(&counter->held, &owner->held);
	}
}

/**
 * vdxg_mutex_create - make a mutex
 * @owner: who has it, or NULL
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the mutex with one reference, or NULL without memory.
 */
struct vdxg_counter *vdxg_mutex_create(struct vdxg_counter_owner *owner)
{
	struct vdxg_counter *counter = create(1, 1);
	unsigned long irq;

	if (!counter)
		return NULL;
	counter->mutex = true;
	if (owner) {
		spin_lock_irqsave(&counters_lock, irq);
		take(counter, owner);
		spin_unlock_irqrestore(&counters_lock, irq);
	}
	return counter;
}

/**
 * vdxg_counter_put - drop a reference
 * @counter: the counter
 *
 * Context: any.
 */
void vdxg_counter_put(struct vdxg_counter *counter)
{
	unsigned long irq;

	if (!refcount_dec_and_test(&counter->refs))
		return;
	spin_lock_irqsave(&counters_lock, irq);
	list_del(&counter->held);
	spin_unlock_irqrestore(&counters_lock, irq);
	/* Who waits has a reference. */
	WARN_ON_ONCE(!list_empty(&counter->waiters));
	kfree(counter);
}

/* Let everybody who waits try again. */
static void wake_waiters(struct vdxg_counter *counter)
{
	struct want *want;

	lockdep_assert_held(&counters_lock);
	list_for_each_entry(want, &counter->waiters, link)
		vdxg_queue_wake(want->queue);
}

static void give(struct vdxg_counter *counter)
{
	counter->count++;
	counter->owner = NULL;
	list_del_init(&counter->held);
	wake_waiters(counter);
}

/**
 * vdxg_counter_signal - give a unit back
 * @counter: the counter
 * @owner: who does it
 *
 * Nothing happens to a semaphore that is full, and to a mutex that is somebody else's or nobody's.
 *
 * Context: any.
 */
void vdxg_counter_signal(struct vdxg_counter *counter, struct vdxg_counter_owner *owner)
{
	unsigned long irq;

	spin_lock_irqsave(&counters_lock, irq);
	if (counter->mutex ? counter->owner == owner : counter->count < counter->max)
		give(counter);
	spin_unlock_irqrestore(&counters_lock, irq);
}

/**
 * vdxg_counter_kill - nobody will signal a counter any more
 * @counter: the counter; who waits goes on, and so does whoever comes
 *
 * Context: any.
 */
void vdxg_counter_kill(struct vdxg_counter *counter)
{
	unsigned long irq;

	spin_lock_irqsave(&counters_lock, irq);
	counter->dead = true;
	counter->owner = NULL;
	list_del_init(&counter->held);
	wake_waiters(counter);
	spin_unlock_irqrestore(&counters_lock, irq);
}

/**
 * vdxg_counter_owner_leave - an owner is going away
 * @owner: takes no mutex any more; those it has are free
 *
 * Context: any.
 */
void vdxg_counter_owner_leave(struct vdxg_counter_owner *owner)
{
	struct vdxg_counter *counter;
	unsigned long irq;

	spin_lock_irqsave(&counters_lock, irq);
	while ((counter = list_first_entry_or_null(&owner->held, struct vdxg_counter, held)))
		give(counter);
	spin_unlock_irqrestore(&counters_lock, irq);
}

/* ---- acquiring ---- */

static bool available(const struct acquire *acquire)
{
	u32 i;

	for (i = 0; i < acquire->count; i++)
		if (!acquire->wants[i].counter->count && !acquire->wants[i].counter->dead)
			return false;
	return true;
}

static void stop_waiting(struct acquire *acquire)
{
	u32 i;

	for (i = 0; i < acquire->count; i++) {
		if (list_empty(&acquire->wants[i].link))
			continue;
		list_del_init(&acquire->wants[i].link);
		acquire->wants[i].counter->num_waiters--;
	}
}

/* False if too many wait already; then it does not. */
static bool start_waiting(struct acquire *acquire)
{
	struct vdxg_counter *counter;
	u32 i;

	for (i = 0; i < acquire->count; i++)
		if (acquire->wants[i].counter->num_waiters == VDXG_COUNTER_MAX_WAITERS)
			return false;
	for (i = 0; i < acquire->count; i++) {
		counter = acquire->wants[i].counter;
		list_add_tail(&acquire->wants[i].link, &counter->waiters);
		counter->num_waiters++;
	}
	return true;
}

static enum vdxg_ran run_acquire(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct acquire *acquire = container_of(packet, struct acquire, packet);
	enum vdxg_ran ran = VDXG_RAN_DONE;
	bool crowded = false;
	unsigned long irq;
	u32 i;

	spin_lock_irqsave(&counters_lock, irq);
	stop_waiting(acquire);
	if (available(acquire)) {
		for (i = 0; i < acquire->count; i++)
			if (!acquire->wants[i].counter->dead)
				take(acquire->wants[i].counter, acquire->owner);
	} else if (start_waiting(acquire)) {
		ran = VDXG_RAN_BLOCKED;
	} else {
		crowded = true;
	}
	spin_unlock_irqrestore(&counters_lock, irq);
	if (crowded)
		vdxg_timeline_fail(packet->queue->timeline, D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
	return ran;
}

static void cancel_acquire(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	unsigned long irq;

	spin_lock_irqsave(&counters_lock, irq);
	stop_waiting(container_of(packet, struct acquire, packet));
	spin_unlock_irqrestore(&counters_lock, irq);
}

static void release_acquire(struct vdxg_packet *packet)
{
	struct acquire *acquire = container_of(packet, struct acquire, packet);
	u32 i;

	for (i = 0; i < acquire->count; i++)
		vdxg_counter_put(acquire->wants[i].counter);
	kfree(acquire);
}

static const struct vdxg_packet_ops acquire_ops = {
	.name = "acquire",
	.kind = VDXG_PACKET_WAIT,
	.brief = true,
	.run = run_acquire,
	.cancel = cancel_acquire,
	.release = release_acquire,
};

/**
 * vdxg_acquire_packet - a packet that takes a unit of several counters, all at once
 * @queue: its queue
 * @owner: whose the mutexes are then; there as long as the queue has packets
 * @counters: the counters, each once; references are taken
 * @count: how many
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the packet, not submitted, or NULL without memory.
 */
struct vdxg_packet *vdxg_acquire_packet(struct vdxg_queue *queue, struct vdxg_counter_owner *owner,
					struct vdxg_counter **counters, u32 count)
{
	struct acquire *acquire = kzalloc(struct_size(acquire, wants, count), VDXG_GFP);
	u32 i;

	if (!acquire)
		return NULL;
	acquire->owner = owner;
	acquire->count = count;
	for (i = 0; i < count; i++) {
		INIT_LIST_HEAD(&acquire->wants[i].link);
		vdxg_counter_get(counters[i]);
		acquire->wants[i].counter = counters[i];
		acquire->wants[i].queue = queue;
	}
	vdxg_packet_init(&acquire->packet, &acquire_ops, queue);
	return &acquire->packet;
}
