/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sync_signal.h: synchronization objects that queues signal
 *
 * A &struct vdxg_signal has a packet in each of its queues. When the last of them has been reached
 * it signals all its objects. It references the objects themselves, not only their fences: as long as
 * somebody is going to signal an object, those who wait for it are not let go.
 *
 *	signal = vdxg_signal_create(num_targets, num_queues);
 *	vdxg_signal_add_target(signal, sync, value);		process locked
 *	vdxg_signal_add_queue(signal, queue);			process locked
 *	status = vdxg_signal_submit(signal);			which is its end in any case
 */
#ifndef VDXG_SYNC_SIGNAL_H
#define VDXG_SYNC_SIGNAL_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "../sched/queue.h"

struct eventfd_ctx;
struct vdxg_counter_owner;
struct vdxg_signal;
struct vdxg_sync;

/**
 * struct vdxg_signal_target - an object that is to be signalled
 * @sync: the object, referenced
 * @value: for a fence
 */
struct vdxg_signal_target {
	struct vdxg_sync *sync;
	u64 value;
};

/**
 * struct vdxg_signal_part - a queue that has to get there
 * @packet: what the queue knows
 * @signal: the whole
 */
struct vdxg_signal_part {
	struct vdxg_packet packet;
	struct vdxg_signal *signal;
};

/**
 * struct vdxg_signal - objects that are signalled when all its queues have got there
 * @users: its packets, and its maker; the last frees it
 * @missing: queues that have not got there
 * @ended: @event has been signalled because a queue will not get there
 * @early: signal when it has been submitted, whatever the queues have to do before
 * @rewind: fences may go back
 * @event: is signalled, too, referenced, or NULL
 * @owner: whose mutexes may be released
 * @num_targets: objects so far
 * @num_parts: queues so far
 * @targets: the objects; behind @parts
 * @parts: the queues
 */
struct vdxg_signal {
	atomic_t users;
	atomic_t missing;
	atomic_t ended;
	bool early;
	bool rewind;
	struct eventfd_ctx *event;
	struct vdxg_counter_owner *owner;
	u32 num_targets;
	u32 num_parts;
	struct vdxg_signal_target *targets;
	struct vdxg_signal_part parts[];
};

struct vdxg_signal *vdxg_signal_create(u32 targets, u32 queues);
void vdxg_signal_add_target(struct vdxg_signal *signal, struct vdxg_sync *sync, u64 value);
void vdxg_signal_add_queue(struct vdxg_signal *signal, struct vdxg_queue *queue);
int vdxg_signal_submit(struct vdxg_signal *signal);
void vdxg_signal_drop(struct vdxg_signal *signal);

#endif
