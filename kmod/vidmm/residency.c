// SPDX-License-Identifier: GPL-2.0-only
/*
 * residency.c: what devices require to be resident
 *
 * Each binding of an allocation to a device has a count: MakeResident adds one, Evict takes one away. While any count is
 * above zero the allocation is required, and counts against the budget of the process whose device it is. That is a
 * requirement on scheduling, not a pin: it may still be moved while the device does not run.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "../trace.h"
#include "place.h"
#include "vidmm.h"

/* Counts changed between two looks at the scheduler. */
#define BATCH	128

/**
 * vidmm_new_stamp - a stamp later than all before
 * @mm: the manager
 */
u64 vidmm_new_stamp(struct vidmm *mm)
{
	u64 stamp;

	spin_lock(&mm->lock);
	stamp = ++mm->stamp;
	spin_unlock(&mm->lock);
	return stamp;
}

/* One more for a count; under the lock. */
static void count_one(struct vidmm_client *client, struct vidmm_ref *ref)
{
	struct vidmm_alloc *alloc = ref->alloc;

	if ((*ref->count)++)
		return;
	if (!alloc->required++)
		alloc->group = vidmm_group_of(alloc);
	vidmm_demand_changed(client, alloc->group, alloc->npages);
}

static void add_one(struct vidmm_client *client, struct vidmm_ref *ref)
{
	count_one(client, ref);
	/* Relinks it too. */
	vidmm_touch(ref->alloc);
}

/* Undo take_one(): it has not been used by that. */
static void put_back_one(struct vidmm_client *client, struct vidmm_ref *ref)
{
	count_one(client, ref);
	vidmm_relink(ref->alloc);
}

/* One less; whether nobody requires it now; under the lock. */
static bool take_one(struct vidmm_client *client, struct vidmm_ref *ref)
{
	struct vidmm_alloc *alloc = ref->alloc;

	if (--*ref->count)
		return false;
	vidmm_demand_changed(client, alloc->group, -(long)alloc->npages);
	if (--alloc->required)
		return false;
	vidmm_relink(alloc);
	return true;
}

/**
 * vidmm_undo_require - undo vidmm_require(), whatever happened to the counts since
 * @client: the account of the process whose device it is
 * @refs: the bindings
 * @count: how many
 *
 * Context: no locks; may sleep.
 */
void vidmm_undo_require(struct vidmm_client *client, struct vidmm_ref *refs, u32 count)
{
	struct vidmm *mm = client->mm;
	u32 i;

	spin_lock(&mm->lock);
	for (i = 0; i < count; i++) {
		/* Another thread may have evicted it already. */
		if (*refs[i].count)
			take_one(client, &refs[i]);
		if (i % BATCH == BATCH - 1)
			cond_resched_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
}

/* Pages beyond the limit in a group in which the demand has grown; under the lock. */
static unsigned long excess(const struct vidmm_client *client, const unsigned long *before,
			    bool to_maximum)
{
	unsigned long limit, sum = 0;
	unsigned int group;

	for (group = 0; group < VIDMM_NUM_GROUPS; group++) {
		if (client->demand[group] <= before[group])
			continue;
		limit = to_maximum ?
			client->mm->segments[VIDMM_LOCAL + group].capacity :
			vidmm_budget(client, group);
		if (client->demand[group] > limit)
			sum += client->demand[group] - limit;
	}
	return sum;
}

/**
 * vidmm_require - add one to the counts of bindings
 * @client: the account of the process whose device it is
 * @refs: the bindings
 * @count: how many
 * @to_maximum: up to what the segments hold, not only to the budget
 * @to_trim: where it fails, the bytes beyond the limit
 *
 * Only counts; vidmm_page_in() brings the content.
 *
 * Context: no locks; may sleep.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY, no count changed.
 */
int vidmm_require(struct vidmm_client *client, struct vidmm_ref *refs, u32 count, bool to_maximum,
		  u64 *to_trim)
{
	unsigned long before[VIDMM_NUM_GROUPS];
	struct vidmm *mm = client->mm;
	unsigned long over;
	u32 i;

	spin_lock(&mm->lock);
	client->activity++;
	memcpy(before, client->demand, sizeof(before));
	for (i = 0; i < count; i++) {
		add_one(client, &refs[i]);
		if (i % BATCH == BATCH - 1)
			cond_resched_lock(&mm->lock);
	}
	over = excess(client, before, to_maximum);
	spin_unlock(&mm->lock);
	for (i = 0; trace_vdxg_make_resident_enabled() && !over && i < count; i++)
		trace_vdxg_make_resident(client, refs[i].alloc);
	if (!over)
		return STATUS_SUCCESS;
	vidmm_undo_require(client, refs, count);
	*to_trim = (u64)over << PAGE_SHIFT;
	return STATUS_NO_MEMORY;
}

/**
 * vidmm_unrequire - take one from the counts of bindings
 * @client: the account of the process whose device it is
 * @refs: the bindings
 * @count: how many
 * @keep: leave in place what nobody requires any more, until its place is needed
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER if a count is zero, no count changed.
 */
int vidmm_unrequire(struct vidmm_client *client, struct vidmm_ref *refs, u32 count, bool keep)
{
	struct vidmm *mm = client->mm;
	u32 i, n;

	spin_lock(&mm->lock);
	client->activity++;
	for (n = 0; n < count; n++) {
		if (!*refs[n].count)
			break;
		take_one(client, &refs[n]);
		if (n % BATCH == BATCH - 1)
			cond_resched_lock(&mm->lock);
	}
	if (n < count)
		for (i = 0; i < n; i++)
			put_back_one(client, &refs[i]);
	spin_unlock(&mm->lock);
	if (n < count)
		return STATUS_INVALID_PARAMETER;
	for (i = 0; trace_vdxg_evict_enabled() && i < count; i++)
		trace_vdxg_evict(client, refs[i].alloc);
	/* At the earliest opportunity: now, or whenever its place is needed if somebody has it in hand. */
	for (i = 0; i < count && !keep; i++)
		if (!READ_ONCE(refs[i].alloc->required))
			vidmm_page_out(refs[i].alloc, VIDMM_NOWAIT);
	return STATUS_SUCCESS;
}

/**
 * vidmm_forget - a binding goes away
 * @client: the account of the process whose device it was
 * @ref: the binding; its count becomes 0
 *
 * Context: no locks.
 */
void vidmm_forget(struct vidmm_client *client, struct vidmm_ref *ref)
{
	struct vidmm *mm = client->mm;

	spin_lock(&mm->lock);
	if (*ref->count) {
		*ref->count = 1;
		take_one(client, ref);
	}
	spin_unlock(&mm->lock);
}

/**
 * vidmm_excess - what a process requires beyond its budgets
 * @client: its account
 *
 * Context: under &vidmm.lock.
 * Return: pages.
 */
unsigned long vidmm_excess(const struct vidmm_client *client)
{
	static const unsigned long nothing[VIDMM_NUM_GROUPS];

	return excess(client, nothing, false);
}

/**
 * vidmm_trim_size - what a process should give up
 * @client: its account
 *
 * Context: no locks.
 * Return: bytes it requires beyond its budgets.
 */
u64 vidmm_trim_size(struct vidmm_client *client)
{
	struct vidmm *mm = client->mm;
	unsigned long over;

	spin_lock(&mm->lock);
	over = vidmm_excess(client);
	spin_unlock(&mm->lock);
	return (u64)over << PAGE_SHIFT;
}
