// SPDX-License-Identifier: GPL-2.0-only
/*
 * discard.c: memory goes, and what was in it
 *
 * What is on offer loses its content, and its commitment too if its owner allows it; and what nobody has seen, which
 * is all zero, is not worth keeping. Nothing here allocates any memory, so that it can be called to get some.
 */
#include <linux/kernel.h>

#include "../backend/backend.h"
#include "../trace.h"
#include "cpumap.h"
#include "place.h"
#include "vidmm.h"

/* A claimed allocation has no memory any more; under the lock. The caller gives back what it had. */
static struct vdxg_memory vacate(struct vidmm_alloc *alloc)
{
	vidmm_unlink(alloc);
	alloc->segment = VIDMM_NOWHERE;
	return alloc->place->memory;
}

/* What is on offer is not committed any more, if its owner allows it; under the lock. */
static void decommit(struct vidmm_alloc *alloc)
{
	struct vidmm_client *client = alloc->client;
	unsigned long npages = vidmm_decommittable(alloc);

	if (!npages)
		return;
	client->decommittable -= npages;
	client->decommits++;
	client->commit -= npages;
	client->mm->commit -= npages;
	alloc->state |= VIDMM_DECOMMITTED;
}

/**
 * vidmm_discard - an allocation on offer loses its content, and its commitment if it may
 * @alloc: the allocation, claimed, with memory
 * @why: for the trace
 *
 * Context: no locks; sleeps, and allocates nothing.
 */
void vidmm_discard(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[alloc->segment].backend;
	struct vdxg_memory memory;

	vidmm_cpumaps_zap(alloc);
	spin_lock(&mm->lock);
	mm->stats.discards++;
	trace_vdxg_discard(alloc, why);
	memory = vacate(alloc);
	alloc->state |= VIDMM_DISCARDED;
	decommit(alloc);
	spin_unlock(&mm->lock);
	backend->ops->put(backend, alloc->npages, &memory);
}

/**
 * vidmm_decommit - take back the commitment of an allocation on offer, if its owner allows it
 * @alloc: the allocation, referenced
 * @only_discarded: only if its content has gone already
 *
 * Context: sleeps.
 * Return: pages that are not committed any more.
 */
unsigned long vidmm_decommit(struct vidmm_alloc *alloc, bool only_discarded)
{
	struct vidmm *mm = vidmm_of(alloc);
	unsigned long npages;
	bool any;

	if (vidmm_claim(alloc, 0))
		return 0;
	spin_lock(&mm->lock);
	npages = vidmm_decommittable(alloc);
	if (alloc->holds || (only_discarded && !(alloc->state & VIDMM_DISCARDED)))
		npages = 0;
	any = npages && alloc->segment != VIDMM_NOWHERE;
	if (npages && !any) {
		alloc->state |= VIDMM_DISCARDED;
		decommit(alloc);
	}
	spin_unlock(&mm->lock);
	if (any)
		vidmm_discard(alloc, VIDMM_WHY_MEMORY);
	vidmm_release(alloc);
	return npages;
}

/**
 * vidmm_discard_one - give an offered allocation up, for the machine
 * @mm: the manager
 *
 * Context: no locks; allocates nothing: called to reclaim memory.
 * Return: the allocation, referenced and without memory; the caller puts it where that is safe. NULL if there
 * is none.
 */
struct vidmm_alloc *vidmm_discard_one(struct vidmm *mm)
{
	struct vidmm_alloc *victim;

	spin_lock(&mm->lock);
	do {
		victim = mm->removed ? NULL : vidmm_victim_offered(mm);
	} while (victim && !refcount_inc_not_zero(&victim->refs));
	if (victim) {
		victim->busy = -1;
		mm->busy++;
	}
	spin_unlock(&mm->lock);
	if (!victim)
		return NULL;
	vidmm_discard(victim, VIDMM_WHY_MEMORY);
	vidmm_release(victim);
	return victim;
}

/**
 * vidmm_unpopulate - undo vidmm_populate() where nobody has noticed it
 * @alloc: the allocation, referenced
 *
 * Memory that nobody has seen is all zero, as what comes in its place will be.
 *
 * Context: no locks; may sleep.
 */
void vidmm_unpopulate(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = NULL;
	struct vdxg_memory memory;

	if (vidmm_claim(alloc, VIDMM_NOWAIT))
		return;
	spin_lock(&mm->lock);
	if (alloc->segment != VIDMM_NOWHERE && !alloc->touched && !alloc->required &&
	    hlist_empty(&alloc->maps)) {
		backend = mm->segments[alloc->segment].backend;
		memory = vacate(alloc);
	}
	spin_unlock(&mm->lock);
	if (backend)
		backend->ops->put(backend, alloc->npages, &memory);
	vidmm_release(alloc);
}
