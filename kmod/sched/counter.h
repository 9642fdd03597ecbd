/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counter.h: semaphores and mutexes of the GPU
 *
 * A &struct vdxg_counter has so many units; a queue takes one by waiting, and gives one back by
 * signalling. A mutex is a counter of one unit that belongs, while it is taken, to whoever took it
 * (&struct vdxg_counter_owner, one for each device): nobody else can give it back.
 *
 *	struct vdxg_counter *counter = vdxg_semaphore_create(3, 1);	or vdxg_mutex_create(owner)
 *
 *	packet = vdxg_acquire_packet(queue, owner, counters, count);	takes one of each at once
 *	vdxg_counter_signal(counter, owner);				any context
 *	vdxg_counter_put(counter);
 *
 * All counters have one lock, for a packet takes from several at once: otherwise two packets could
 * each have what the other waits for. What is done under it is short.
 */
#ifndef VDXG_COUNTER_H
#define VDXG_COUNTER_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct vdxg_packet;
struct vdxg_queue;

/* Packets that may wait for a counter: all of them are woken under the lock of all counters. */
#define VDXG_COUNTER_MAX_WAITERS	4096U

/**
 * struct vdxg_counter_owner - who may own mutexes
 * @held: those it owns (&vdxg_counter.held)
 */
struct vdxg_counter_owner {
	struct list_head held;
};

/**
 * struct vdxg_counter - a semaphore or mutex; everything but @refs under the lock of all counters
 * @refs: references
 * @count: units there are
 * @max: units there can be
 * @mutex: it is a mutex
 * @dead: nobody can signal it any more: nobody waits for it either
 * @owner: of a mutex, who took it, or NULL
 * @held: in &vdxg_counter_owner.held
 * @waiters: packets that wait for it
 * @num_waiters: how many those are
 */
struct vdxg_counter {
	refcount_t refs;
	u32 count;
	u32 max;
	bool mutex;
	bool dead;
	struct vdxg_counter_owner *owner;
	struct list_head held;
	struct list_head waiters;
	u32 num_waiters;
};

struct vdxg_counter *vdxg_semaphore_create(u32 max, u32 initial);
struct vdxg_counter *vdxg_mutex_create(struct vdxg_counter_owner *owner);
void vdxg_counter_put(struct vdxg_counter *counter);
void vdxg_counter_signal(struct vdxg_counter *counter, struct vdxg_counter_owner *owner);
void vdxg_counter_kill(struct vdxg_counter *counter);
void vdxg_counter_owner_leave(struct vdxg_counter_owner *owner);
struct vdxg_packet *vdxg_acquire_packet(struct vdxg_queue *queue, struct vdxg_counter_owner *owner,
					struct vdxg_counter **counters, u32 count);

static inline void vdxg_counter_get(struct vdxg_counter *counter)
{
	refcount_inc(&counter->refs);
}

static inline void vdxg_counter_owner_init(struct vdxg_counter_owner *owner)
{
	INIT_LIST_HEAD(&owner->held);
}

#endif
