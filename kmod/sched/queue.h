/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue.h: what the GPU has to do, in order
 *
 * A &struct vdxg_packet is one thing to do. Packets of one &struct vdxg_queue are run in the order
 * they were submitted, one after the other: each is retired before the next begins. A context has
 * one queue, and so has a hardware queue. The queues of a device form a &struct vdxg_timeline. The
 * engine (engine.h) decides which queue goes on.
 *
 * A packet is embedded in what knows what it is about, and has operations:
 *
 *	static enum vdxg_ran my_run(struct vdxg_packet *packet, struct vdxg_slice *slice);
 *	static void my_cancel(struct vdxg_packet *packet, enum vdxg_cancel why);
 *	static void my_release(struct vdxg_packet *packet);
 *
 *	static const struct vdxg_packet_ops my_ops = {
 *		.name = "my", .brief = true,
 *		.run = my_run, .cancel = my_cancel, .release = my_release,
 *	};
 *
 *	LIST_HEAD(packets);
 *
 *	vdxg_packet_init(&mine->packet, &my_ops, queue);
 *	list_add_tail(&mine->packet.link, &packets);
 *	list_add_tail(&vdxg_signal_packet(queue, fence, value)->link, &packets);
 *	status = vdxg_packets_submit(&packets);		all of them or none
 *	if (status)
 *		vdxg_packets_drop(&packets);
 *
 * Waits and signals of fences are in packet.h, command buffers in execute.h. Whatever else has to
 * happen in order with them (an update of GPU virtual addresses, a CPU event) is a packet of one's
 * own.
 *
 * Numbers
 *	Every packet gets a number when it is submitted, which grows within a queue and within an
 *	engine. &vdxg_queue.submitted is the last number of a queue, &vdxg_queue.retired that of the
 *	packet that left it last: run or cancelled. A &struct vdxg_barrier is called when everything
 *	that the queues of a timeline had to do when it was added has been retired.
 *
 * Waiting
 *	A packet that cannot go on makes sure that somebody will call vdxg_queue_wake(), and returns
 *	VDXG_RAN_BLOCKED; nobody polls. It is run again then. Waking too early or too often is harmless.
 *
 * Failing
 *	vdxg_timeline_fail() puts a device in error: everything its queues have is cancelled, and
 *	nothing is accepted any more. vdxg_queue_reset() does that to one queue. Whoever destroys a queue
 *	calls vdxg_queue_close(); where several go together, vdxg_queue_shut() for all of them before. Cancelling is done by the engine's worker, in order, through
 *	&vdxg_packet_ops.cancel.
 */
#ifndef VDXG_QUEUE_H
#define VDXG_QUEUE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "engine.h"

/* Packets of one queue, at most: who submits more waits until some have been retired. */
#define VDXG_QUEUE_LENGTH	4096U
/* Queues of one device, at most. */
#define VDXG_TIMELINE_QUEUES	4096U

struct vidmm_client;
struct vdxg_packet;
struct vdxg_timeline;

/* How a run of a packet ended. */
enum vdxg_ran {
	VDXG_RAN_DONE,		/* it is to be retired */
	VDXG_RAN_AGAIN,		/* the slice was used up, or is not for this caller: run it again */
	VDXG_RAN_BLOCKED,	/* run it again after vdxg_queue_wake() */
};

/* Why a packet is cancelled. */
enum vdxg_cancel {
	VDXG_CANCEL_NOT,	/* it is not */
	VDXG_CANCEL_CLOSED,	/* its queue is being destroyed by its owner */
	VDXG_CANCEL_RESET,	/* its queue was reset, or its device is in error or killed */
	VDXG_CANCEL_REMOVED,	/* the adapter is gone */
};

/**
 * struct vdxg_slice - how much a packet may do in one run
 * @budget: work, in bytes; what exceeds it by less than a page does no harm
 * @used: work that was done, set by the packet; VDXG_PACKET_WORK is added to it
 * @credit: work of others, such as paging, that the packet caused: its process may do so much more in this
 *	turn, lest the next process undoes it at once
 * @running: nanoseconds in which commands were executed
 * @faulted: a command buffer has ended in a fault
 * @here: runs in the caller that submitted it, which may be killed: return VDXG_RAN_AGAIN rather than
 *	sleep for long; the worker goes on
 */
struct vdxg_slice {
	u64 budget;
	u64 used;
	u64 credit;
	u64 running;
	bool faulted;
	bool here;
};

/**
 * struct vdxg_packet_ops - a kind of packet; all functions may sleep and are called without locks
 */
struct vdxg_packet_ops {
	/** @name: for tracing */
	const char *name;
	/** @kind: for the figures */
	enum vdxg_packet_kind kind;
	/** @brief: may be run by the caller who submits it */
	bool brief;
	/** @run: do it, or go on with it */
	enum vdxg_ran (*run)(struct vdxg_packet *packet, struct vdxg_slice *slice);
	/** @cancel: it will not be run, or not any more. May be NULL */
	void (*cancel)(struct vdxg_packet *packet, enum vdxg_cancel why);
	/** @release: free it; retired, or never submitted. Its queue is still there */
	void (*release)(struct vdxg_packet *packet);
};

/**
 * struct vdxg_packet - one thing to do
 * @link: in &vdxg_queue.packets, and before that in the list of vdxg_packets_submit()
 * @ops: what it is
 * @queue: its queue, referenced
 * @number: of its submission
 */
struct vdxg_packet {
	struct list_head link;
	const struct vdxg_packet_ops *ops;
	struct vdxg_queue *queue;
	u64 number;
};

/* Where a queue is. */
enum vdxg_queue_state {
	VDXG_QUEUE_IDLE,	/* has no packets */
	VDXG_QUEUE_READY,	/* waits for its turn */
	VDXG_QUEUE_RUNNING,	/* its first packet is being run */
	VDXG_QUEUE_BLOCKED,	/* its first packet waits for something */
};

/**
 * struct vdxg_queue - packets in order
 * @refs: its owner, and its packets
 * @timeline: its device, referenced
 * @packets: what it has to do
 * @length: how many they are
 * @submitted: number of the packet submitted last
 * @retired: number of the packet retired last
 * @state: where it is
 * @closed: its owner has let go of it: nothing is accepted
 * @cancel: everything it has is cancelled, and nothing accepted
 * @woken: its first packet was woken while it was running
 * @no_timeout: its command buffers may run for ever
 * @null: its command buffers are not executed
 * @priority: of its context, VDXG_PRIORITY_LOWEST to _HIGHEST
 * @in_process: its priority among equal queues of its process, likewise
 * @turn: its place among those equal in both
 * @node: in &vdxg_engine_client.ready while it is VDXG_QUEUE_READY
 * @pending: in &vdxg_timeline.pending while it has packets
 * @room: those who wait for room in it; one is woken for each packet retired
 */
struct vdxg_queue {
	refcount_t refs;
	struct vdxg_timeline *timeline;
	struct list_head packets;
	unsigned int length;
	u64 submitted;
	u64 retired;
	enum vdxg_queue_state state;
	bool closed;
	enum vdxg_cancel cancel;
	bool woken;
	bool no_timeout;
	bool null;
	s8 priority;
	s8 in_process;
	u64 turn;
	struct rb_node node;
	struct rb_node pending;
	wait_queue_head_t room;
};

/**
 * struct vdxg_fault - what a command buffer stumbled over
 * @missing: VDXG_FAULT_*; 0 is no fault
 * @flags: DXGK_PAGE_FAULT_*
 * @address: the GPU virtual address
 * @handle: of the allocation there, or 0
 * @offset: of the command in its buffer
 * @buffer: where that is
 * @doing: which command, or what is wrong with it
 */
struct vdxg_fault {
	u32 missing;
	u32 flags;
	u64 address;
	u32 handle;
	u32 offset;
	u64 buffer;
	const char *doing;
};

/**
 * struct vdxg_timeline_ops - what the owner of a timeline does for it
 */
struct vdxg_timeline_ops {
	/** @get: take a reference on what the timeline is embedded in; any context */
	void (*get)(struct vdxg_timeline *timeline);
	/** @put: drop one; called without locks, may sleep */
	void (*put)(struct vdxg_timeline *timeline);
};

/**
 * struct vdxg_timeline - the queues of a device
 *
 * Embedded in the device. Its queues hold references on it.
 *
 * @ops: its owner's
 * @engine: the engine, referenced
 * @client: its process, which takes turns with others
 * @mm: the account of its process with the memory manager; NULL in tests without memory
 * @owner: the device, as owners of GPU virtual addresses know it; only compared
 * @handle: what to call it in reports
 * @link: in &vdxg_engine.timelines
 * @num_queues: its queues
 * @unfinished: how many of them have packets
 * @pending: these, by the number of their first packet
 * @closing: how many of them have been closed and are ready or running
 * @wait: for closed queues that have come to rest
 * @barriers: those not called yet, by number
 * @error: 0, or the D3DKMT_DEVICEEXECUTION_STATE it is in for good
 * @hung: one of its queues has been reset
 * @fault: the first page fault
 */
struct vdxg_timeline {
	const struct vdxg_timeline_ops *ops;
	struct vdxg_engine *engine;
	struct vdxg_engine_client *client;
	struct vidmm_client *mm;
	const void *owner;
	u32 handle;
	struct list_head link;
	unsigned int num_queues;
	unsigned int unfinished;
	struct rb_root_cached pending;
	unsigned int closing;
	wait_queue_head_t wait;
	struct rb_root_cached barriers;
	u32 error;
	bool hung;
	struct vdxg_fault fault;
};

/**
 * struct vdxg_barrier - to be told when all work submitted so far has been retired
 * @node: in &vdxg_timeline.barriers; empty when it is not there
 * @number: everything up to this number
 * @fire: called once, under the engine's lock, with interrupts off: it may wake or queue a work, no
 *	more. Afterwards nobody knows the barrier any more
 */
struct vdxg_barrier {
	struct rb_node node;
	u64 number;
	void (*fire)(struct vdxg_barrier *barrier);
};

void vdxg_timeline_init(struct vdxg_timeline *timeline, struct vdxg_engine *engine,
			struct vdxg_engine_client *client, const struct vdxg_timeline_ops *ops);
void vdxg_timeline_fini(struct vdxg_timeline *timeline);
void vdxg_timeline_fail(struct vdxg_timeline *timeline, u32 error);
void vdxg_timeline_fault(struct vdxg_timeline *timeline, const struct vdxg_fault *fault);
void vdxg_timeline_last_fault(struct vdxg_timeline *timeline, struct vdxg_fault *fault);
u32 vdxg_timeline_error(const struct vdxg_timeline *timeline);
bool vdxg_timeline_idle(struct vdxg_timeline *timeline);
int vdxg_timeline_wait_idle(struct vdxg_timeline *timeline);
u64 vdxg_timeline_mark(struct vdxg_timeline *timeline);
bool vdxg_barrier_add_at(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier, u64 mark);
bool vdxg_barrier_add(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier);
bool vdxg_barrier_remove(struct vdxg_timeline *timeline, struct vdxg_barrier *barrier);

struct vdxg_queue *vdxg_queue_create(struct vdxg_timeline *timeline);
void vdxg_queue_get(struct vdxg_queue *queue);
void vdxg_queue_put(struct vdxg_queue *queue);
void vdxg_queue_wake(struct vdxg_queue *queue);
void vdxg_queue_reset(struct vdxg_queue *queue);
void vdxg_queue_shut(struct vdxg_queue *queue);
void vdxg_queue_close(struct vdxg_queue *queue, bool kill);
void vdxg_queue_set_priority(struct vdxg_queue *queue, int priority, int in_process);

/* For each other, and the engine. */
void vdxg_timeline_pending(struct vdxg_timeline *timeline, struct vdxg_queue *queue);
void vdxg_timeline_passed(struct vdxg_timeline *timeline);
void vdxg_queue_cancel(struct vdxg_queue *queue, enum vdxg_cancel why);
void vdxg_queue_retire(struct vdxg_queue *queue, struct vdxg_packet *packet);

void vdxg_packet_init(struct vdxg_packet *packet, const struct vdxg_packet_ops *ops,
		      struct vdxg_queue *queue);
int vdxg_packets_submit(struct list_head *packets);
void vdxg_packets_drop(struct list_head *packets);

/* Has the queue of a packet that is being run been cancelled? */
static inline bool vdxg_packet_cancelled(const struct vdxg_packet *packet)
{
	return READ_ONCE(packet->queue->cancel) != VDXG_CANCEL_NOT;
}

#endif
