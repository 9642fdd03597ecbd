// SPDX-License-Identifier: GPL-2.0-only
/*
 * room.c: an allocation enters a segment, and others leave it for that (see room.h)
 *
 * Whoever makes room has claimed the allocation that moves in. He claims victims one at a time without waiting for any;
 * where none is stable he waits for those who are busy, but not for those who wait for room themselves.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "place.h"
#include "room.h"
#include "run.h"
#include "transfer.h"

/* Victims that are passed over for one that can be moved. */
#define MAX_PASSED	32

/**
 * vidmm_claim_victim - claim who is to leave a segment next
 * @mm: the manager
 * @id: the segment
 * @before: nobody used since this stamp
 * @force: if need be, take from clients within their budget
 * @run: only among those that have runs
 *
 * Context: under &vidmm.lock.
 * Return: the victim, claimed and referenced, or NULL.
 */
struct vidmm_alloc *vidmm_claim_victim(struct vidmm *mm, unsigned int id, u64 before, bool force,
				       bool run)
{
	struct vidmm_alloc *victim;

	/* One whose last reference goes just now is not offered again. */
	do {
		victim = run ? vidmm_victim_run(mm, id, before, force) :
			vidmm_victim(mm, id, before, force);
	} while (victim && !refcount_inc_not_zero(&victim->refs));
	if (victim) {
		victim->busy = -1;
		mm->busy++;
	}
	return victim;
}

/**
 * vidmm_pass_over - a victim that cannot be copied now goes last, so that the next one is another
 * @victim: the victim, claimed
 * @passed: how many have been passed over; one more now
 *
 * Context: any but under &vidmm.lock.
 * Return: whether to go on.
 */
bool vidmm_pass_over(struct vidmm_alloc *victim, unsigned int *passed)
{
	struct vidmm *mm = vidmm_of(victim);

	spin_lock(&mm->lock);
	vidmm_touch(victim);
	spin_unlock(&mm->lock);
	return ++*passed < MAX_PASSED;
}

/**
 * vidmm_leave - an allocation leaves its segment: given up, demoted, or evicted
 * @alloc: the allocation, claimed, in a segment of the GPU
 * @why: why; one that was to be evicted and is required again stays
 *
 * Context: sleeps.
 * Return: as vidmm_transfer().
 */
int vidmm_leave(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct vidmm_room room;

	if (alloc->offer) {
		vidmm_discard(alloc, why);
		return STATUS_SUCCESS;
	}
	if (READ_ONCE(alloc->required)) {
		/* Required again since it was to be evicted: it stays, and nobody has to bring it back. */
		if (why == VIDMM_WHY_EVICTED)
			return STATUS_SUCCESS;
		if (alloc->segment == VIDMM_LOCAL && alloc->supported & BIT(VIDMM_APERTURE - 1) &&
		    vidmm_room_try(alloc, VIDMM_APERTURE, &room))
			return vidmm_transfer(alloc, &room, why);
	}
	return vidmm_transfer_beyond(alloc, VIDMM_SYSTEM, why);
}

/* Wait until somebody else's move has ended; under the lock, which is dropped and taken again. */
static int wait_for_others(struct vidmm *mm)
	__releases(&mm->lock)
	__acquires(&mm->lock)
{
	DEFINE_WAIT(wait);
	int status = STATUS_SUCCESS;

	mm->waiting++;
	/* Those that wait for us look again. */
	wake_up_all(&mm->wait);
	prepare_to_wait(&mm->wait, &wait, TASK_KILLABLE);
	spin_unlock(&mm->lock);
	if (fatal_signal_pending(current))
		status = STATUS_UNSUCCESSFUL;
	else
		schedule();
	finish_wait(&mm->wait, &wait);
	spin_lock(&mm->lock);
	mm->waiting--;
	return status;
}

/*
 * Promise room in a segment, evicting what has to go. The caller has claimed the allocation that moves in, and nothing
 * else, so @mm->busy is at least one.
 */
static int make_room(struct vidmm *mm, struct vidmm_room *room, u64 before, bool force,
		     unsigned int flags)
{
	struct vidmm_segment *segment = &mm->segments[room->id];
	int status = STATUS_SUCCESS;
	struct vidmm_alloc *victim;
	unsigned int passed = 0;

	spin_lock(&mm->lock);
	while (!status && !vidmm_room_take(mm, room)) {
		if (room->npages > segment->capacity) {
			status = STATUS_NO_MEMORY;
			break;
		}
		/* With pages enough, it is a run that is missing. */
		victim = vidmm_claim_victim(mm, room->id, before, force, !room->npages ||
					    vidmm_has_pages(segment, room->npages));
		if (!victim) {
			/* Those that wait here make no room, and we are one of the busy. */
			if (!force || mm->busy - 1 <= mm->waiting)
				status = STATUS_NO_MEMORY;
			else if (flags & VIDMM_NOWAIT)
				status = STATUS_PENDING;
			else
				status = wait_for_others(mm);
			continue;
		}
		spin_unlock(&mm->lock);
		status = vidmm_leave(victim, VIDMM_WHY_ROOM);
		if (status == STATUS_GRAPHICS_ALLOCATION_BUSY)
			status = vidmm_pass_over(victim, &passed) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
		vidmm_release(victim);
		vidmm_alloc_put(victim);
		if (!status && fatal_signal_pending(current))
			status = STATUS_UNSUCCESSFUL;
		cond_resched();
		spin_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
	if (status)
		kfree(room->run);
	return status;
}

/* A claimed allocation enters a segment that has promised room. */
static int enter(struct vidmm_alloc *alloc, struct vidmm_room *room)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	mm->stats.faults++;
	mm->stats.moved_in += alloc->npages;
	spin_unlock(&mm->lock);
	return alloc->segment == VIDMM_NOWHERE ? vidmm_fill(alloc, room, VIDMM_WHY_REQUIRED) :
		vidmm_transfer(alloc, room, VIDMM_WHY_REQUIRED);
}

/* One victim more leaves a segment; whether there was one. */
static bool evict_one(struct vidmm *mm, unsigned int id, u64 before, bool force)
{
	struct vidmm_alloc *victim;
	int status;

	spin_lock(&mm->lock);
	victim = vidmm_claim_victim(mm, id, before, force, false);
	spin_unlock(&mm->lock);
	if (!victim)
		return false;
	status = vidmm_leave(victim, VIDMM_WHY_ROOM);
	vidmm_release(victim);
	vidmm_alloc_put(victim);
	return !status && !fatal_signal_pending(current);
}

/*
 * A claimed allocation enters a segment, whoever has to leave for it. Pages enough may still not be had, where they
 * are left of a device's object that is charged to others: then more have to leave.
 */
static int make_room_and_enter(struct vidmm_alloc *alloc, unsigned int id, u64 before, bool force,
			       unsigned int flags)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vidmm_room room;
	int status;

	do {
		status = vidmm_room_need(alloc, id, &room);
		room.later = flags & VIDMM_LATER;
		if (!status)
			status = make_room(mm, &room, before, force, flags);
		if (!status)
			status = enter(alloc, &room);
	} while (status == STATUS_GRAPHICS_NO_VIDEO_MEMORY && evict_one(mm, id, before, force));
	/* Neither is an answer of those who ask for a place. */
	return status == STATUS_GRAPHICS_NO_VIDEO_MEMORY ||
	       status == STATUS_GRAPHICS_ALLOCATION_BUSY ? STATUS_NO_MEMORY : status;
}

/**
 * vidmm_enter_aperture - bring an allocation where other drivers reach it, whoever has to leave for it
 * @alloc: the allocation, claimed by the caller, not on offer, and one that may live there
 * @flags: VIDMM_NOWAIT, VIDMM_LATER
 *
 * Context: sleeps.
 * Return: as vidmm_page_in().
 */
int vidmm_enter_aperture(struct vidmm_alloc *alloc, unsigned int flags)
{
	return make_room_and_enter(alloc, VIDMM_APERTURE, U64_MAX, true, flags);
}

/**
 * vidmm_enter_preferred - bring a claimed allocation into the first of its segments that can be had
 * @alloc: the allocation, claimed; it stays where it is if that is as good
 * @before: as for vidmm_page_in()
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps.
 * Return: as vidmm_page_in().
 */
int vidmm_enter_preferred(struct vidmm_alloc *alloc, u64 before, unsigned int flags)
{
	int status = STATUS_NO_MEMORY;
	unsigned int i, id, force;

	for (force = 0; force < 2; force++) {
		for (i = 0; (id = vidmm_preference(alloc, i)); i++) {
			if (id == alloc->segment)
				return STATUS_SUCCESS;
			status = make_room_and_enter(alloc, id, before, force, flags);
			if (status != STATUS_NO_MEMORY)
				return status;
		}
	}
	return status;
}

/**
 * vidmm_take_run - find a run for a claimed allocation where it is
 * @alloc: the allocation, claimed, accessed physically, in a segment of the GPU, without a run
 * @before: as for vidmm_page_in()
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps.
 * Return: as vidmm_page_in().
 */
int vidmm_take_run(struct vidmm_alloc *alloc, u64 before, unsigned int flags)
{
	const struct vidmm_placement as_it_is = {
		.preferred = alloc->preferred,
		.flags = alloc->flags,
		.supported = alloc->supported,
	};
	struct vidmm *mm = vidmm_of(alloc);
	int status = STATUS_NO_MEMORY;
	struct vidmm_room room;
	unsigned int force;

	for (force = 0; status == STATUS_NO_MEMORY && force < 2; force++) {
		status = vidmm_room_need(alloc, alloc->segment, &room);
		if (status)
			return status;
		room.npages = 0;
		status = make_room(mm, &room, before, force, flags);
	}
	if (status)
		return status;
	spin_lock(&mm->lock);
	vidmm_replace(alloc, &as_it_is, room.run);
	spin_unlock(&mm->lock);
	return STATUS_SUCCESS;
}
