// SPDX-License-Identifier: GPL-2.0-only
/*
 * offer.c: memory that may be given up, and taken back
 *
 * An offered allocation keeps its place until somebody needs it; then its content goes first of all, without being
 * written anywhere. Offering changes no residency count.
 */
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "../trace.h"
#include "cpumap.h"
#include "place.h"
#include "vidmm.h"

/* What the driver makes of an offer that leaves the priority to it. */
static unsigned int automatic(u32 priority)
{
	if (priority > D3DDDI_ALLOCATIONPRIORITY_NORMAL)
		return D3DKMT_OFFER_PRIORITY_HIGH;
	return priority < D3DDDI_ALLOCATIONPRIORITY_NORMAL ? D3DKMT_OFFER_PRIORITY_LOW :
		D3DKMT_OFFER_PRIORITY_NORMAL;
}

/**
 * vidmm_decommittable - what can be taken back of the commitment of an allocation
 * @alloc: the allocation
 *
 * Context: under &vidmm.lock.
 * Return: pages.
 */
unsigned long vidmm_decommittable(const struct vidmm_alloc *alloc)
{
	return alloc->offer && !(alloc->flags & (VIDMM_EXISTING | VIDMM_IMPORTED)) &&
	       (alloc->state & (VIDMM_MAY_DECOMMIT | VIDMM_DECOMMITTED)) == VIDMM_MAY_DECOMMIT ?
		alloc->npages : 0;
}

/* Does anybody have it locked? Whoever locks it later looks whether it is on offer. A file that shows it does not count. */
static bool is_locked(const struct vidmm_alloc *alloc)
{
	const struct vidmm_cpumap *map;

	lockdep_assert_held(&vidmm_of(alloc)->lock);
	hlist_for_each_entry(map, &alloc->maps, link)
		if (!map->inode)
			return true;
	return false;
}

/**
 * vidmm_may_offer - may an allocation be offered?
 * @alloc: the allocation, referenced
 *
 * Context: no locks but a process's.
 * Return: false if it is locked, on whatever device of whatever process.
 */
bool vidmm_may_offer(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	bool may;

	spin_lock(&mm->lock);
	may = !is_locked(alloc);
	spin_unlock(&mm->lock);
	return may;
}

/**
 * vidmm_offer - let an allocation be given up
 * @alloc: the allocation, referenced
 * @priority: D3DKMT_OFFER_PRIORITY_LOW to _AUTO; the last offer counts
 * @may_decommit: with its content its commitment may go
 *
 * One that another process has locked since vidmm_may_offer() is not on offer afterwards.
 *
 * Context: no locks but a process's.
 */
void vidmm_offer(struct vidmm_alloc *alloc, unsigned int priority, bool may_decommit)
{
	struct vidmm *mm = vidmm_of(alloc);

	if (priority == D3DKMT_OFFER_PRIORITY_AUTO)
		priority = automatic(READ_ONCE(alloc->priority));
	spin_lock(&mm->lock);
	if (is_locked(alloc))
		goto unlock;
	if (!alloc->offer)
		alloc->client->offered += alloc->npages;
	alloc->client->decommittable -= vidmm_decommittable(alloc);
	alloc->offer = priority;
	if (may_decommit)
		alloc->state |= VIDMM_MAY_DECOMMIT;
	else
		alloc->state &= ~VIDMM_MAY_DECOMMIT;
	alloc->client->decommittable += vidmm_decommittable(alloc);
	trace_vdxg_offer(alloc, priority);
	vidmm_relink(alloc);
unlock:
	spin_unlock(&mm->lock);
}

/**
 * vidmm_reclaim - take an offered allocation back
 * @alloc: the allocation, referenced
 * @result: a D3DDDI_RECLAIM_RESULT; NOT_COMMITTED leaves it offered
 *
 * One that was not offered is as it was: OK.
 *
 * Context: sleeps until nobody moves it.
 * Return: STATUS_SUCCESS; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_reclaim(struct vidmm_alloc *alloc, u32 *result)
{
	struct vidmm_client *client = alloc->client;
	struct vidmm *mm = vidmm_of(alloc);
	int status;

	*result = D3DDDI_RECLAIM_RESULT_OK;
	status = vidmm_claim(alloc, 0);
	if (status)
		return status;
	spin_lock(&mm->lock);
	if (!alloc->offer)
		goto unlock;
	if (alloc->state & VIDMM_DECOMMITTED) {
		if (alloc->npages > mm->commit_limit ||
		    client->commit > mm->commit_limit - alloc->npages) {
			*result = D3DDDI_RECLAIM_RESULT_NOT_COMMITTED;
			goto unlock;
		}
		client->commit += alloc->npages;
		mm->commit += alloc->npages;
	}
	if (alloc->state & VIDMM_DISCARDED)
		*result = D3DDDI_RECLAIM_RESULT_DISCARDED;
	client->offered -= alloc->npages;
	client->decommittable -= vidmm_decommittable(alloc);
	alloc->offer = 0;
	alloc->state &= VIDMM_LOST;
	mm->stats.reclaimed++;
	trace_vdxg_reclaim(alloc, *result);
	vidmm_relink(alloc);
unlock:
	spin_unlock(&mm->lock);
	vidmm_release(alloc);
	return status;
}
