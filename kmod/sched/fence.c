// SPDX-License-Identifier: GPL-2.0-only
/*
 * fence.c: monitored fences (see fence.h)
 */
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "fence.h"

/* Protects the membership of every fence in its group; outside of a fence's lock. */
static DEFINE_SPINLOCK(groups_lock);

/**
 * vdxg_fence_group_init - set a group up
 * @group: the group
 */
void vdxg_fence_group_init(struct vdxg_fence_group *group)
{
	INIT_LIST_HEAD(&group->fences);
	group->dead = false;
}

/**
 * vdxg_fence_create - make a fence
 * @group: its group
 * @initial: its value
 * @flags: VDXG_FENCE_*
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the fence with one reference; NULL without memory, or when the group is dead.
 */
struct vdxg_fence *vdxg_fence_create(struct vdxg_fence_group *group, u64 initial,
				     unsigned int flags)
{
	struct vdxg_fence *fence = kzalloc(sizeof(*fence), VDXG_GFP);
	bool dead;

	if (!fence)
		return NULL;
	refcount_set(&fence->refs, 1);
	fence->flags = flags;
	spin_lock_init(&fence->lock);
	fence->waiters = RB_ROOT_CACHED;
	fence->value = &fence->inlined;
	if (flags & VDXG_FENCE_VISIBLE) {
		fence->page = alloc_page(VDXG_GFP | __GFP_ZERO | __GFP_NOWARN);
		if (!fence->page)
			goto free;
		fence->value = page_address(fence->page);
	}
	*fence->value = initial;

	spin_lock_irq(&groups_lock);
	dead = group->dead;
	if (!dead) {
		fence->group = group;
		list_add_tail(&fence->link, &group->fences);
	}
	spin_unlock_irq(&groups_lock);
	if (!dead)
		return fence;
	if (fence->page)
		put_page(fence->page);
free:
	kfree(fence);
	return NULL;
}

/**
 * vdxg_fence_put - drop a reference
 * @fence: the fence
 *
 * Context: any.
 */
void vdxg_fence_put(struct vdxg_fence *fence)
{
	unsigned long irq;

	if (!refcount_dec_and_test(&fence->refs))
		return;
	/* Who waits has a reference. */
	WARN_ON_ONCE(fence->num_waiters);
	spin_lock_irqsave(&groups_lock, irq);
	if (fence->group)
		list_del(&fence->link);
	spin_unlock_irqrestore(&groups_lock, irq);
	/* Those who have it mapped have references on the page. */
	if (fence->page)
		put_page(fence->page);
	kfree(fence);
}

static struct vdxg_fence_waiter *waiter_of(struct rb_node *node)
{
	return rb_entry(node, struct vdxg_fence_waiter, node);
}

static void remove(struct vdxg_fence *fence, struct vdxg_fence_waiter *waiter)
{
	rb_erase_cached(&waiter->node, &fence->waiters);
	RB_CLEAR_NODE(&waiter->node);
	fence->num_waiters--;
}

/* Serve everybody who waits for @value or less. */
static void fire_up_to(struct vdxg_fence *fence, u64 value)
{
	struct vdxg_fence_waiter *waiter;
	struct rb_node *node;

	lockdep_assert_held(&fence->lock);
	while ((node = rb_first_cached(&fence->waiters))) {
		waiter = waiter_of(node);
		if (waiter->value > value)
			break;
		remove(fence, waiter);
		waiter->fire(waiter);
	}
}

/**
 * vdxg_fence_signal - set the value
 * @fence: the fence
 * @value: the value
 * @allow_rewind: it may be less than the fence has
 *
 * Those whom it serves have been called when this returns.
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a rewind that is not allowed;
 * STATUS_DEVICE_REMOVED for a dead fence.
 */
int vdxg_fence_signal(struct vdxg_fence *fence, u64 value, bool allow_rewind)
{
	int status = STATUS_SUCCESS;
	unsigned long irq;

	spin_lock_irqsave(&fence->lock, irq);
	if (fence->dead) {
		status = STATUS_DEVICE_REMOVED;
	} else if (value < *fence->value && !allow_rewind) {
		status = STATUS_INVALID_PARAMETER;
	} else {
		/* Who reads the value sees what was done before: vdxg_fence_value(). */
		smp_store_release(fence->value, value);
		fire_up_to(fence, value);
	}
	spin_unlock_irqrestore(&fence->lock, irq);
	return status;
}

/**
 * vdxg_fence_kill - nobody will signal a fence any more
 * @fence: the fence; ends at VDXG_FENCE_MAX, unless it is to keep its value
 *
 * Context: any.
 */
void vdxg_fence_kill(struct vdxg_fence *fence)
{
	unsigned long irq;

	spin_lock_irqsave(&fence->lock, irq);
	WRITE_ONCE(fence->dead, true);
	if (!(fence->flags & VDXG_FENCE_KEEP_VALUE)) {
		/* As in vdxg_fence_signal(). */
		smp_store_release(fence->value, VDXG_FENCE_MAX);
	}
	fire_up_to(fence, VDXG_FENCE_MAX);
	spin_unlock_irqrestore(&fence->lock, irq);
}

/**
 * vdxg_fence_group_kill - let all fences of a group die
 * @group: the group; no fence refers to it afterwards
 *
 * Context: sleeps.
 */
void vdxg_fence_group_kill(struct vdxg_fence_group *group)
{
	struct vdxg_fence *fence;

	spin_lock_irq(&groups_lock);
	group->dead = true;
	while ((fence = list_first_entry_or_null(&group->fences, struct vdxg_fence, link))) {
		list_del_init(&fence->link);
		fence->group = NULL;
		/* Without a reference it is being freed, and nobody waits for it. */
		if (!refcount_inc_not_zero(&fence->refs))
			continue;
		spin_unlock_irq(&groups_lock);
		vdxg_fence_kill(fence);
		vdxg_fence_put(fence);
		cond_resched();
		spin_lock_irq(&groups_lock);
	}
	spin_unlock_irq(&groups_lock);
}

static bool earlier(struct rb_node *a, const struct rb_node *b)
{
	return waiter_of(a)->value < rb_entry(b, struct vdxg_fence_waiter, node)->value;
}

/**
 * vdxg_fence_add_waiter - wait without sleeping
 * @fence: the fence, on which the waiter needs a reference until it is called or removed
 * @waiter: its @value and @fire are set
 *
 * Context: any but from @fire.
 * Return: VDXG_FENCE_WAITING if @fire will be called; VDXG_FENCE_REACHED if there is nothing to
 * wait for, and VDXG_FENCE_CROWDED if there are too many waiters: then it will not.
 */
enum vdxg_fence_added vdxg_fence_add_waiter(struct vdxg_fence *fence,
					    struct vdxg_fence_waiter *waiter)
{
	enum vdxg_fence_added added = VDXG_FENCE_WAITING;
	unsigned long irq;

	RB_CLEAR_NODE(&waiter->node);
	spin_lock_irqsave(&fence->lock, irq);
	if (fence->dead || *fence->value >= waiter->value) {
		added = VDXG_FENCE_REACHED;
	} else if (fence->num_waiters == VDXG_FENCE_MAX_WAITERS) {
		added = VDXG_FENCE_CROWDED;
	} else {
		rb_add_cached(&waiter->node, &fence->waiters, earlier);
		fence->num_waiters++;
	}
	spin_unlock_irqrestore(&fence->lock, irq);
	return added;
}

/**
 * vdxg_fence_remove_waiter - stop waiting
 * @fence: the fence
 * @waiter: a waiter that vdxg_fence_add_waiter() has seen
 *
 * Context: any but from @fire.
 * Return: whether it was waiting; if not, its @fire has been called and has returned, or it was
 * never added.
 */
bool vdxg_fence_remove_waiter(struct vdxg_fence *fence, struct vdxg_fence_waiter *waiter)
{
	unsigned long irq;
	bool waiting;

	spin_lock_irqsave(&fence->lock, irq);
	waiting = !RB_EMPTY_NODE(&waiter->node);
	if (waiting)
		remove(fence, waiter);
	spin_unlock_irqrestore(&fence->lock, irq);
	return waiting;
}

struct sleeper {
	struct vdxg_fence_waiter waiter;
	struct completion done;
};

static void wake_sleeper(struct vdxg_fence_waiter *waiter)
{
	complete(&container_of(waiter, struct sleeper, waiter)->done);
}

/**
 * vdxg_fence_wait - sleep until a fence has reached a value
 * @fence: the fence
 * @value: the value
 *
 * Context: sleeps interruptibly, without locks.
 * Return: STATUS_SUCCESS; STATUS_DEVICE_REMOVED if the fence is dead; STATUS_NO_MEMORY if too many
 * wait; -ERESTARTNOINTR for a signal: the call starts anew by itself.
 */
int vdxg_fence_wait(struct vdxg_fence *fence, u64 value)
{
	struct sleeper sleeper = {
		.waiter.value = value,
		.waiter.fire = wake_sleeper,
	};
	int status = STATUS_SUCCESS;

	init_completion(&sleeper.done);
	switch (vdxg_fence_add_waiter(fence, &sleeper.waiter)) {
	case VDXG_FENCE_CROWDED:
		return STATUS_NO_MEMORY;
	case VDXG_FENCE_REACHED:
		break;
	case VDXG_FENCE_WAITING:
		if (wait_for_completion_interruptible(&sleeper.done) &&
		    vdxg_fence_remove_waiter(fence, &sleeper.waiter))
			status = -ERESTARTNOINTR;
		break;
	}
	/*
	 * The fence's lock is free only after whoever served us has left complete(): the sleeper
	 * lies on this stack.
	 */
	if (!status)
		vdxg_fence_remove_waiter(fence, &sleeper.waiter);
	if (!status && READ_ONCE(fence->dead))
		status = STATUS_DEVICE_REMOVED;
	return status;
}
