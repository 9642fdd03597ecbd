/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paging.h: operations that are done later, in order
 *
 * A device has a &struct vidmm_pager, a worker that does the operations of all its paging queues
 * one after the other: those of higher priority first, those of equal priority in the order they
 * were queued. So no device waits for another's operations. A &struct vidmm_paging_queue has a
 * fence; every operation gets the next value of it, which is signalled when the operation has been
 * done.
 *
 *	pager = vidmm_pager_create();
 *	queue = vidmm_paging_queue_create(pager, fence, 0);
 *
 *	status = vidmm_queue_page_in(queue, refs, count, &value);
 *	... the fence reaches value ...
 *
 *	vidmm_paging_queue_drain(queue);
 *	vidmm_paging_queue_put(queue);
 *	vidmm_pager_put(pager);
 *
 * An operation holds references on the queue and on whatever it is about, so that it is done even
 * when nobody waits for it any more.
 */
#ifndef VDXG_PAGING_H
#define VDXG_PAGING_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct vdxg_fence;
struct vidmm_ref;

/* Priorities of paging queues, as in the ABI. */
#define VIDMM_PAGING_LOWEST	(-1)
#define VIDMM_PAGING_HIGHEST	1
#define VIDMM_PAGING_PRIORITIES	3

/**
 * struct vidmm_pager - the worker of a device
 * @refs: its device, its queues, and the work while it is under way
 * @lock: protects @ops, @held and what &struct vidmm_paging_queue says of it; innermost
 * @ops: what is to be done (&vidmm_paging_op.link), by priority, the highest first
 * @ages: all of it (&vidmm_paging_op.age), the oldest first
 * @added: number of the operation queued last
 * @ending: number of the operation that has been done and is being released, or 0
 * @held: nothing is begun
 * @failed: there was no memory for an operation, although it had been promised
 * @work: does the operations
 * @wait: for operations that have been done
 */
struct vidmm_pager {
	refcount_t refs;
	spinlock_t lock;
	struct list_head ops[VIDMM_PAGING_PRIORITIES];
	struct list_head ages;
	u64 added;
	u64 ending;
	bool held;
	bool failed;
	struct work_struct work;
	wait_queue_head_t wait;
};

/**
 * struct vidmm_paging_queue - an order of operations
 * @refs: its owner, and its operations
 * @pager: whose queue it is, referenced
 * @fence: its progress, referenced
 * @list: index of its priority in &vidmm_pager.ops
 * @last: the value of the operation queued last; under &vidmm_pager.lock
 * @pending: operations not done yet; under &vidmm_pager.lock
 */
struct vidmm_paging_queue {
	refcount_t refs;
	struct vidmm_pager *pager;
	struct vdxg_fence *fence;
	unsigned int list;
	u64 last;
	unsigned long pending;
};

/**
 * struct vidmm_paging_op - an operation; embedded in what knows what it is about
 * @link: in &vidmm_pager.ops
 * @age: in &vidmm_pager.ages
 * @number: of all operations of the pager, in the order they were queued
 * @queue: its queue, referenced
 * @value: what the fence gets when it has been done
 * @run: does it; returns a status, of which STATUS_NO_MEMORY marks the pager as failed
 * @release: frees it
 */
struct vidmm_paging_op {
	struct list_head link;
	struct list_head age;
	u64 number;
	struct vidmm_paging_queue *queue;
	u64 value;
	int (*run)(struct vidmm_paging_op *op);
	void (*release)(struct vidmm_paging_op *op);
};

int vidmm_paging_init(void);
void vidmm_paging_exit(void);
void vidmm_paging_flush(void);
struct vidmm_pager *vidmm_pager_create(void);
void vidmm_pager_put(struct vidmm_pager *pager);
void vidmm_pager_hold(struct vidmm_pager *pager, bool hold);
u64 vidmm_pager_mark(struct vidmm_pager *pager);
int vidmm_pager_wait(struct vidmm_pager *pager, u64 mark, unsigned int state);
struct vidmm_paging_queue *vidmm_paging_queue_create(struct vidmm_pager *pager,
						     struct vdxg_fence *fence, int priority);
void vidmm_paging_queue_put(struct vidmm_paging_queue *queue);
bool vidmm_paging_queue_idle(struct vidmm_paging_queue *queue);
int vidmm_paging_queue_drain(struct vidmm_paging_queue *queue);
u64 vidmm_paging_queue_add(struct vidmm_paging_queue *queue, struct vidmm_paging_op *op);
u64 vidmm_touch_list(struct vidmm_ref *refs, u32 count);
int vidmm_page_in_list(struct vidmm_ref *refs, u32 count, u64 before, unsigned int flags);
int vidmm_page_in_granted(struct vidmm_ref *refs, u32 count, u64 before, unsigned int flags);
int vidmm_queue_page_in(struct vidmm_paging_queue *queue, struct vidmm_ref *refs, u32 count,
			u64 *value);

#endif
