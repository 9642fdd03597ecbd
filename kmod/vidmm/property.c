// SPDX-License-Identifier: GPL-2.0-only
/*
 * property.c: where an allocation may live changes after it has been created
 *
 * The change and the move it takes are one: under a claim, the new properties are set, the allocation goes where they
 * say, and if it cannot it gets the old ones back. What is not required only has to leave a segment it may not be in
 * any more; what is required goes to the first of its segments that can be had without taking from others, and stays
 * if it may.
 *
 * What it counts against a budget follows if one binding alone requires it, since only that is known here; else the
 * group stays as long as anybody requires it.
 */
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "../refuse.h"
#include "place.h"
#include "vidmm.h"

/* What an allocation is to be from now on. */
static int resolve(const struct vidmm_alloc *alloc, const struct vidmm_properties *p,
		   struct vidmm_placement *to)
{
	const struct vidmm *mm = vidmm_of(alloc);
	unsigned long largest = 0;
	unsigned int id;

	to->preferred = alloc->preferred;
	to->supported = alloc->supported;
	to->flags = alloc->flags;
	if (p->mask & D3DDDI_UPDATEALLOC_SET_SUPPORTED_SEGMENT_SET) {
		if (!p->supported || p->supported & ~VIDMM_SUPPORT_ALL)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "supported_segment_set",
					   p->supported, "none, or segments that do not exist");
		to->supported = p->supported;
	}
	if (p->mask & D3DDDI_UPDATEALLOC_SET_PREFERRED_SEGMENT) {
		to->preferred = p->preferred ?: VIDMM_PREFER_LOCAL;
		if (p->preferred && !vidmm_preference_ok(p->preferred, to->supported))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "preferred_segment",
					   p->preferred, "a segment that is not supported");
	}
	if (p->mask & D3DDDI_UPDATEALLOC_SET_ACCESSED_PHYSICALLY) {
		to->flags &= ~VIDMM_PHYSICAL;
		if (p->flags & D3DDDI_UPDATEALLOC_ACCESSED_PHYSICALLY)
			to->flags |= VIDMM_PHYSICAL;
	}
	if (p->mask & D3DDDI_UPDATEALLOC_SET_UNMOVEABLE) {
		to->flags &= ~VIDMM_UNMOVEABLE;
		if (p->flags & D3DDDI_UPDATEALLOC_UNMOVEABLE)
			to->flags |= VIDMM_UNMOVEABLE;
	}
	for (id = VIDMM_LOCAL; id < VIDMM_NUM_GPU_SEGMENTS; id++)
		if (to->supported & BIT(id - 1))
			largest = max(largest, mm->segments[id].capacity);
	return alloc->npages > largest ? STATUS_NO_MEMORY : STATUS_SUCCESS;
}

static bool same(const struct vidmm_alloc *alloc, const struct vidmm_placement *to)
{
	return alloc->preferred == to->preferred && alloc->supported == to->supported &&
	       alloc->flags == to->flags;
}

/* The caller's own pages, and another driver's, are where they are. */
static int check(const struct vidmm_alloc *alloc, const struct vidmm_properties *p,
		 struct vidmm_placement *to)
{
	int status = resolve(alloc, p, to);

	if (!status && alloc->flags & (VIDMM_EXISTING | VIDMM_IMPORTED) && !same(alloc, to))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "property_mask", p->mask,
				     "the caller's own or another driver's pages stay where they are");
	return status;
}

/**
 * vidmm_check_properties - would vidmm_set_properties() refuse this now?
 * @alloc: the allocation, referenced
 * @properties: what is to change
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY if it could fit in none of its segments.
 */
int vidmm_check_properties(const struct vidmm_alloc *alloc,
			   const struct vidmm_properties *properties)
{
	struct vidmm_placement to;

	return check(alloc, properties, &to);
}

/* Whether it is alone the binding's that an allocation is required. */
static bool required_by(const struct vidmm_alloc *alloc, const struct vidmm_ref *ref)
{
	return alloc->required == 1 && *ref->count;
}

/*
 * Set the new properties, and let the budget follow; under the lock. Whether the budget allows it is asked only if
 * @may_exceed does not say so already.
 */
static int set(struct vidmm_client *client, struct vidmm_ref *ref, const struct vidmm_placement *to,
	       bool may_exceed)
{
	struct vidmm_alloc *alloc = ref->alloc;
	enum vidmm_group group;

	vidmm_replace(alloc, to, NULL);
	group = vidmm_group_of(alloc);
	if (group == alloc->group || !required_by(alloc, ref))
		return STATUS_SUCCESS;
	if (!may_exceed && client->demand[group] + alloc->npages > vidmm_budget(client, group))
		return STATUS_NO_MEMORY;
	vidmm_demand_changed(client, alloc->group, -(long)alloc->npages);
	vidmm_demand_changed(client, group, alloc->npages);
	alloc->group = group;
	return STATUS_SUCCESS;
}

static int set_locked(struct vidmm_client *client, struct vidmm_ref *ref,
		      const struct vidmm_placement *to, bool may_exceed)
{
	struct vidmm *mm = client->mm;
	int status;

	spin_lock(&mm->lock);
	status = set(client, ref, to, may_exceed);
	spin_unlock(&mm->lock);
	return status;
}

/* A claimed allocation goes where its properties say. */
static int follow(struct vidmm_alloc *alloc, unsigned int flags)
{
	u64 before = vidmm_new_stamp(vidmm_of(alloc));
	int status = STATUS_SUCCESS;

	if (!vidmm_in_gpu_segment(alloc))
		return STATUS_SUCCESS;
	/* Another driver uses it there. */
	if (READ_ONCE(alloc->holds) && !(alloc->supported & BIT(alloc->segment - 1)))
		return STATUS_NO_MEMORY;
	if (READ_ONCE(alloc->required) && !READ_ONCE(alloc->holds) && !READ_ONCE(alloc->offer))
		status = vidmm_enter_preferred(alloc, before, flags);
	else if (!(alloc->supported & BIT(alloc->segment - 1)))
		status = vidmm_move_out(alloc);
	if (!status && vidmm_in_gpu_segment(alloc) && alloc->flags & VIDMM_PHYSICAL &&
	    !alloc->has_run)
		status = vidmm_take_run(alloc, before, flags);
	return status;
}

/**
 * vidmm_set_properties - change where an allocation may live, and see that it does
 * @client: the account of the process whose binding it is
 * @ref: the binding, with its count
 * @properties: what is to change; what is as it is already is ignored
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_PENDING with VIDMM_NOWAIT, if somebody has to be waited for;
 * STATUS_INVALID_PARAMETER for segments there are not, and for the caller's own pages; STATUS_NO_MEMORY if there is no
 * room, or the budget does not allow it; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed.
 * Nothing has changed then.
 */
int vidmm_set_properties(struct vidmm_client *client, struct vidmm_ref *ref,
			 const struct vidmm_properties *properties, unsigned int flags)
{
	struct vidmm_alloc *alloc = ref->alloc;
	struct vidmm_placement to, from;
	int status;

	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	from.preferred = alloc->preferred;
	from.supported = alloc->supported;
	from.flags = alloc->flags;
	status = check(alloc, properties, &to);
	if (status || same(alloc, &to))
		goto release;
	/* A run is given back only when nothing can fail any more. */
	to.flags |= from.flags & VIDMM_PHYSICAL;
	status = set_locked(client, ref, &to, false);
	if (!status)
		status = follow(alloc, flags);
	if (status) {
		set_locked(client, ref, &from, true);
		goto release;
	}
	resolve(alloc, properties, &to);
	set_locked(client, ref, &to, true);
release:
	vidmm_release(alloc);
	return status;
}
