/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine.h: the engine of an adapter, which runs the packets of all queues (see queue.h)
 *
 * One &struct vdxg_engine is made with each adapter and stops when that is removed. It runs one
 * packet at a time: in a worker, or, if there is nothing else to run, in the caller that submits
 * something brief (see vdxg_packets_submit()), so that an idle engine costs no switch of tasks.
 *
 * Which queue is next
 *	The one whose context has the highest priority. Processes that have such queues take turns:
 *	a turn is over after a quantum of work (VDXG_ENGINE_QUANTUM), which is counted in bytes, not in
 *	time, so that the same work is done in the same order. Within a process the queue with the
 *	highest in-process priority is next, and of equal ones the one that has not run the longest.
 *
 *	Nobody waits for ever: when so much work (VDXG_ENGINE_PATIENCE) has been done while processes
 *	with nothing so urgent were ready, the one that waits the longest is next, once.
 *
 * A packet that is not done when the quantum is over is continued later: to the scheduler a large
 * command buffer is many small ones. Time matters in one place only: a command buffer that has run
 * for longer than the module parameter tdr_ms is stopped (sched/execute.c).
 *
 *	engine = vdxg_engine_create(&vdxg_engine_clock);	with the adapter
 *	vdxg_engine_stop(engine);				its device is gone: cancels everything
 *	vdxg_engine_put(engine);
 */
#ifndef VDXG_ENGINE_H
#define VDXG_ENGINE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* Priorities of contexts, as in the ABI; 0 is normal, higher goes first. */
#define VDXG_PRIORITY_LOWEST	(-7)
#define VDXG_PRIORITY_HIGHEST	7

/*
 * Work of one turn, in bytes: as many of them as are copied in the time. A packet costs VDXG_PACKET_WORK, a command
 * VDXG_COMMAND_WORK besides what it fills or copies, a nanosecond of delay one byte.
 */
#define VDXG_ENGINE_QUANTUM	(1U << 20)
#define VDXG_PACKET_WORK	1024U
#define VDXG_COMMAND_WORK	2048U
/* Work for which somebody less urgent is passed over. */
#define VDXG_ENGINE_PATIENCE	(16 * VDXG_ENGINE_QUANTUM)
/* Work that may be done in a caller that submits it. */
#define VDXG_ENGINE_BRIEF	(64U << 10)

struct vdxg_packet;
struct vdxg_queue;
struct vdxg_timeline;

/* Kinds of packets, numbered as D3DKMTQueryStatistics numbers them. */
enum vdxg_packet_kind {
	VDXG_PACKET_COMMANDS = 0,
	VDXG_PACKET_WAIT = 4,
	VDXG_PACKET_SIGNAL = 5,
	VDXG_PACKET_SOFTWARE = 7,	/* all else */
	VDXG_PACKET_KINDS,
};

/**
 * struct vdxg_figures - what an engine has done, for all or for one process
 * @running: nanoseconds in which it executed commands
 * @switches: how often it went on with another queue than before
 * @faulted: command buffers that ended in a fault
 * @submitted: packets, by kind
 * @retired: those that are over, done or cancelled
 */
struct vdxg_figures {
	u64 running;
	u32 switches;
	u32 faulted;
	u32 submitted[VDXG_PACKET_KINDS];
	u32 retired[VDXG_PACKET_KINDS];
};

/**
 * struct vdxg_clock - where an engine gets its time from; KUnit has one of its own
 * @now: nanoseconds, never less than before
 * @sleep: sleep so many nanoseconds, or until the packet that is being run is cancelled
 */
struct vdxg_clock {
	u64 (*now)(const struct vdxg_clock *clock);
	void (*sleep)(const struct vdxg_clock *clock, struct vdxg_packet *packet, u64 ns);
};

extern const struct vdxg_clock vdxg_engine_clock;

/**
 * struct vdxg_engine - an engine
 * @refs: its adapter, its timelines, and the work while it is under way
 * @lock: protects everything here and in the timelines, queues and packets on it but for what says
 *	otherwise; taken with interrupts off, inside of a fence's lock; innermost
 * @clock: its time
 * @ready: clients with queues that are ready, the one whose turn it is first
 * @waiting: the same clients by &vdxg_engine_client.turn
 * @passed: work done since somebody less urgent had a turn, while there was one
 * @timelines: all of them (&vdxg_timeline.link)
 * @stamp: the last number given out: of packets and turns
 * @packets: packets that all queues have
 * @figures: what it has done
 * @last: the queue that it ran last; only compared
 * @busy: somebody runs packets: the work, or a caller
 * @held: begin nothing but what is cancelled; for tests
 * @stopped: its adapter is gone; nothing can be submitted
 * @work: runs what is ready
 * @wait: for what is being run to be cancelled, and for the last packet after the engine was stopped
 */
struct vdxg_engine {
	refcount_t refs;
	spinlock_t lock;
	const struct vdxg_clock *clock;
	struct rb_root_cached ready;
	struct rb_root_cached waiting;
	u64 passed;
	struct list_head timelines;
	u64 stamp;
	unsigned long packets;
	struct vdxg_figures figures;
	const struct vdxg_queue *last;
	bool busy;
	bool held;
	bool stopped;
	struct work_struct work;
	wait_queue_head_t wait;
};

/**
 * struct vdxg_engine_client - a process, as an engine sees it: those who take turns
 * @ready: its queues that are ready, the next one first
 * @node: in &vdxg_engine.ready while @ready is not empty
 * @waiting: in &vdxg_engine.waiting meanwhile
 * @turn: its place among those of equal priority: lower is earlier
 * @used: work it has done in this turn, less what it has been given credit for
 * @figures: what the engine has done for it
 */
struct vdxg_engine_client {
	struct rb_root_cached ready;
	struct rb_node node;
	struct rb_node waiting;
	u64 turn;
	s64 used;
	struct vdxg_figures figures;
};

int vdxg_engine_init(void);
void vdxg_engine_exit(void);
struct vdxg_engine *vdxg_engine_create(const struct vdxg_clock *clock);
void vdxg_engine_stop(struct vdxg_engine *engine);
void vdxg_engine_put(struct vdxg_engine *engine);
void vdxg_engine_hold(struct vdxg_engine *engine, bool hold);
void vdxg_engine_client_init(struct vdxg_engine_client *client);
void vdxg_engine_look(struct vdxg_engine *engine, const struct vdxg_engine_client *client,
		      struct vdxg_figures *figures);

/* For queue.c. */
void vdxg_engine_ready(struct vdxg_queue *queue);
void vdxg_engine_unready(struct vdxg_queue *queue);
void vdxg_engine_kick(struct vdxg_engine *engine);
void vdxg_engine_run_here(struct vdxg_engine *engine);

#endif
