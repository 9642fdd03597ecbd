/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fence.h: monitored fences
 *
 * A fence is a 64-bit value that grows, and those who wait until it has reached something. It knows
 * neither handles nor user pointers. The value may lie in a page of its own, which processes map
 * read-only.
 *
 *	struct vdxg_fence *fence = vdxg_fence_create(&adapter->fences, 0, VDXG_FENCE_VISIBLE);
 *
 *	vdxg_fence_signal(fence, 1, false);	any context
 *	status = vdxg_fence_wait(fence, 1);	sleeps; a task that signals do not kill restarts
 *	vdxg_fence_put(fence);			any context
 *
 * Whoever must not sleep adds a waiter (vdxg_fence_add_waiter()), whose function is called, once,
 * by whoever signals.
 *
 * Fences belong to a group, one for each adapter. When that dies, every fence of it ends at the
 * largest value, so that nobody waits for ever.
 */
#ifndef VDXG_FENCE_H
#define VDXG_FENCE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct page;

/* What a fence ends at. */
#define VDXG_FENCE_MAX		U64_MAX
/* Waiters of one fence, at most: they are all served in one go, with interrupts off. */
#define VDXG_FENCE_MAX_WAITERS	65536U

/* The value has a page. */
#define VDXG_FENCE_VISIBLE	0x1
/* The value stays as it is when the group dies; waiters go nevertheless. */
#define VDXG_FENCE_KEEP_VALUE	0x2

/**
 * struct vdxg_fence_group - fences that die together
 * @fences: list of them (&vdxg_fence.link)
 * @dead: they have died, and no fence can be made here any more
 */
struct vdxg_fence_group {
	struct list_head fences;
	bool dead;
};

/**
 * struct vdxg_fence - a monitored fence
 * @refs: references
 * @flags: VDXG_FENCE_*
 * @lock: protects what follows; may be taken with interrupts off; no two at once
 * @waiters: those who wait, by value
 * @num_waiters: how many they are
 * @dead: it ended at the largest value and takes no other
 * @value: where the value is: in @page or @inlined
 * @inlined: the value of a fence without a page
 * @page: a page for the value alone, or NULL
 * @group: its group, NULL after that died
 * @link: in &vdxg_fence_group.fences
 */
struct vdxg_fence {
	refcount_t refs;
	u32 flags;
	spinlock_t lock;
	struct rb_root_cached waiters;
	u32 num_waiters;
	bool dead;
	u64 *value;
	u64 inlined;
	struct page *page;
	struct vdxg_fence_group *group;
	struct list_head link;
};

/**
 * struct vdxg_fence_waiter - somebody who waits
 * @node: in &vdxg_fence.waiters; empty when it does not wait
 * @value: what it waits for
 * @fire: called once when the fence has got there or is dead: under the fence's lock, with
 *	interrupts off. It must not touch a fence; afterwards the fence does not know the waiter any
 *	more
 */
struct vdxg_fence_waiter {
	struct rb_node node;
	u64 value;
	void (*fire)(struct vdxg_fence_waiter *waiter);
};

/* What vdxg_fence_add_waiter() did. */
enum vdxg_fence_added {
	VDXG_FENCE_WAITING,	/* the waiter will be called */
	VDXG_FENCE_REACHED,	/* nothing to wait for: not added */
	VDXG_FENCE_CROWDED,	/* too many waiters: not added */
};

void vdxg_fence_group_init(struct vdxg_fence_group *group);
void vdxg_fence_group_kill(struct vdxg_fence_group *group);
struct vdxg_fence *vdxg_fence_create(struct vdxg_fence_group *group, u64 initial,
				     unsigned int flags);
void vdxg_fence_put(struct vdxg_fence *fence);
int vdxg_fence_signal(struct vdxg_fence *fence, u64 value, bool allow_rewind);
void vdxg_fence_kill(struct vdxg_fence *fence);
enum vdxg_fence_added vdxg_fence_add_waiter(struct vdxg_fence *fence,
					    struct vdxg_fence_waiter *waiter);
bool vdxg_fence_remove_waiter(struct vdxg_fence *fence, struct vdxg_fence_waiter *waiter);
int vdxg_fence_wait(struct vdxg_fence *fence, u64 value);

static inline void vdxg_fence_get(struct vdxg_fence *fence)
{
	refcount_inc(&fence->refs);
}

/* The value now; the work that was done before it was signalled is seen by who reads it. */
static inline u64 vdxg_fence_value(const struct vdxg_fence *fence)
{
	/* Pairs with vdxg_fence_signal(). */
	return smp_load_acquire(fence->value);
}

/* Has it reached a value? A dead one that kept its value counts as if it had. */
static inline bool vdxg_fence_reached(const struct vdxg_fence *fence, u64 value)
{
	return vdxg_fence_value(fence) >= value || READ_ONCE(fence->dead);
}

#endif
