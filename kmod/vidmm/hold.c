// SPDX-License-Identifier: GPL-2.0-only
/*
 * hold.c: allocations that other drivers use
 *
 * Another driver that has mapped an exported allocation for its device cannot be told that the content
 * moves: neither kernel that is supported is built with CONFIG_DMABUF_MOVE_NOTIFY. So it is held in the
 * aperture segment as long as somebody uses it: ordinary pages that outlive the GPU they belonged to.
 * It counts against the budget of the process it is charged to, so that nobody fills the segment with
 * what cannot leave.
 *
 *	status = vidmm_hold(alloc, 0);
 *	... vidmm_pfn(alloc, i) stays ...
 *	vidmm_unhold(alloc);
 */
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "place.h"
#include "vidmm.h"

/* One more hold of an allocation that is held already; whether it is. */
static bool hold_again(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	bool held;

	spin_lock(&mm->lock);
	held = alloc->holds;
	if (held)
		alloc->holds++;
	spin_unlock(&mm->lock);
	return held;
}

/* Whether the pages are within the budget; they count from here on. */
static bool take_budget(struct vidmm_alloc *alloc)
{
	struct vidmm_client *client = alloc->client;
	struct vidmm *mm = client->mm;
	bool fits;

	spin_lock(&mm->lock);
	vidmm_demand_changed(client, VIDMM_GROUP_NON_LOCAL, alloc->npages);
	fits = client->demand[VIDMM_GROUP_NON_LOCAL] <= vidmm_budget(client, VIDMM_GROUP_NON_LOCAL);
	if (!fits)
		vidmm_demand_changed(client, VIDMM_GROUP_NON_LOCAL, -(long)alloc->npages);
	spin_unlock(&mm->lock);
	return fits;
}

static void drop_budget(struct vidmm_alloc *alloc)
{
	lockdep_assert_held(&vidmm_of(alloc)->lock);
	vidmm_demand_changed(alloc->client, VIDMM_GROUP_NON_LOCAL, -(long)alloc->npages);
}

/* Would it take a copy out of a device's memory? */
static bool must_copy(const struct vidmm_alloc *alloc)
{
	return alloc->segment == VIDMM_LOCAL &&
	       !vidmm_of(alloc)->segments[VIDMM_LOCAL].backend->shared_pool;
}

/* The first hold of a claimed allocation. */
static int settle(struct vidmm_alloc *alloc, unsigned int flags)
{
	struct vidmm *mm = vidmm_of(alloc);
	int status = STATUS_SUCCESS;

	/* What is on offer has no memory to ask for until it is reclaimed. */
	if (READ_ONCE(alloc->offer))
		return STATUS_INVALID_PARAMETER;
	if (flags & VIDMM_IN_PLACE && must_copy(alloc))
		return STATUS_PENDING;
	if (!take_budget(alloc))
		return STATUS_NO_MEMORY;
	if (alloc->segment != VIDMM_APERTURE)
		status = vidmm_enter_aperture(alloc, flags);
	spin_lock(&mm->lock);
	if (status) {
		drop_budget(alloc);
	} else {
		alloc->holds = 1;
		alloc->touched = true;
		vidmm_relink(alloc);
	}
	spin_unlock(&mm->lock);
	return status;
}

/**
 * vidmm_hold - keep an allocation in the aperture segment, for another driver
 * @alloc: the allocation, referenced; one that may live there
 * @flags: VIDMM_NOWAIT, VIDMM_IN_PLACE, VIDMM_LATER: what the caller's locks forbid
 *
 * It is not a candidate for eviction, and not given up, until vidmm_unhold().
 *
 * Context: sleeps until nobody moves it.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY, also beyond the budget; STATUS_INVALID_PARAMETER if it is on
 * offer; STATUS_PENDING as @flags say; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being
 * killed.
 */
int vidmm_hold(struct vidmm_alloc *alloc, unsigned int flags)
{
	int status;

	/* Nobody moves what is held. */
	if (hold_again(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags & VIDMM_NOWAIT);
	if (status)
		return status;
	if (!hold_again(alloc))
		status = settle(alloc, flags);
	vidmm_release(alloc);
	return status;
}

/**
 * vidmm_unhold - undo vidmm_hold()
 * @alloc: the allocation
 *
 * Context: any but under &vidmm.lock. Works on a removed device.
 */
void vidmm_unhold(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	if (!--alloc->holds) {
		drop_budget(alloc);
		vidmm_relink(alloc);
	}
	spin_unlock(&mm->lock);
}

/**
 * vidmm_is_on - may an allocation live in the memory of this device?
 * @alloc: the allocation
 * @dev: the device; not looked into
 *
 * Context: any.
 */
bool vidmm_is_on(const struct vidmm_alloc *alloc, const struct device *dev)
{
	const struct vdxg_backend *backend = vidmm_of(alloc)->segments[VIDMM_LOCAL].backend;

	return backend->dev && backend->dev == dev;
}
