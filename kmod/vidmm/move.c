// SPDX-License-Identifier: GPL-2.0-only
/*
 * move.c: allocations get memory, move between segments, and lose their place
 *
 * Whoever moves an allocation has claimed it. Room in the destination is promised first (it counts as used), then the
 * content moves without locks, then the result is committed under the lock.
 *
 * Where source and destination are the same pool of ordinary pages, the pages change their owner and stay where they
 * are: nothing is copied and CPU mappings stay. Elsewhere every CPU that sees the allocation is made to fault, the
 * content is copied, and the old memory goes back.
 */
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "../trace.h"
#include "cpumap.h"
#include "place.h"
#include "run.h"
#include "vidmm.h"

/* Victims that are passed over for one that can be moved. */
#define MAX_PASSED	32

/**
 * struct room - what somebody who moves is promised
 * @id: the segment
 * @npages: so many pages of it
 * @run: if it is accessed physically, its run; until the promise is kept or taken back
 * @later: what it leaves is freed by a worker, if it is a device's
 */
struct room {
	unsigned int id;
	unsigned long npages;
	struct vidmm_run *run;
	bool later;
};

static int status_of_error(int err)
{
	switch (err) {
	case 0:
		return STATUS_SUCCESS;
	case -ENODEV:
		return STATUS_DEVICE_REMOVED;
	case -EINTR:
		return STATUS_UNSUCCESSFUL;
	case -ENOSPC:
		return STATUS_GRAPHICS_NO_VIDEO_MEMORY;
	case -EBUSY:
		return STATUS_GRAPHICS_ALLOCATION_BUSY;
	default:
		return STATUS_NO_MEMORY;
	}
}

/* What an allocation needs to move to a segment; a failure leaves nothing. */
static int need_room(struct vidmm_alloc *alloc, unsigned int id, struct room *room)
{
	room->id = id;
	room->npages = alloc->npages;
	room->run = NULL;
	room->later = false;
	if (!(alloc->flags & VIDMM_PHYSICAL) || id >= VIDMM_NUM_GPU_SEGMENTS)
		return STATUS_SUCCESS;
	room->run = vidmm_run_new(alloc);
	return room->run ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static bool has_pages(const struct vidmm_segment *segment, unsigned long npages)
{
	return npages <= segment->capacity && segment->used <= segment->capacity - npages;
}

/* Promise room in a segment, if there is any. */
static bool take_room(struct vidmm *mm, struct room *room)
{
	struct vidmm_segment *segment = &mm->segments[room->id];

	lockdep_assert_held(&mm->lock);
	if (room->npages && !has_pages(segment, room->npages))
		return false;
	if (room->run && !vidmm_run_place(segment, room->run))
		return false;
	segment->used += room->npages;
	return true;
}

static bool try_room(struct vidmm_alloc *alloc, unsigned int id, struct room *room)
{
	struct vidmm *mm = vidmm_of(alloc);
	bool taken;

	if (need_room(alloc, id, room))
		return false;
	spin_lock(&mm->lock);
	taken = take_room(mm, room);
	spin_unlock(&mm->lock);
	if (!taken)
		kfree(room->run);
	return taken;
}

static void drop_room(struct vidmm *mm, struct room *room)
{
	struct vidmm_segment *segment = &mm->segments[room->id];

	spin_lock(&mm->lock);
	segment->used -= room->npages;
	if (room->run)
		vidmm_run_remove(segment, room->run);
	spin_unlock(&mm->lock);
	kfree(room->run);
}

/* The promise is kept: under the lock. */
static void occupy(struct vidmm_alloc *alloc, const struct room *room)
{
	alloc->segment = room->id;
	alloc->has_run = !!room->run;
	vidmm_link(alloc);
}

/* Take pages from a backend, charged to the cgroup of whose allocation it is, whoever the caller is. */
static int get_pages_for(struct vidmm_alloc *alloc, struct vdxg_backend *backend,
			 struct vdxg_memory *memory)
{
	struct mem_cgroup *old = set_active_memcg(alloc->client->memcg);
	int err = backend->ops->get(backend, alloc->npages, memory);

	set_active_memcg(old);
	return err;
}

/* A claimed allocation without memory gets zeroed pages in a segment that has promised room. */
static int fill(struct vidmm_alloc *alloc, struct room *room, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[room->id].backend;
	struct vidmm_place *place = vidmm_place_new(alloc);
	int err = place ? get_pages_for(alloc, backend, &place->memory) : -ENOMEM;

	if (err) {
		if (place)
			vidmm_place_free(place);
		drop_room(mm, room);
		return status_of_error(err);
	}
	spin_lock(&mm->lock);
	alloc->place = place;
	occupy(alloc, room);
	spin_unlock(&mm->lock);
	trace_vdxg_move(alloc, VIDMM_NOWHERE, room->id, why);
	return STATUS_SUCCESS;
}

static int copy_page_between(struct vdxg_backend *to, const struct vdxg_memory *dst,
			     struct vdxg_backend *from, const struct vdxg_memory *src,
			     unsigned long i)
{
	/* Of any two at least one has a fixed place: nothing moves from shared memory to shared memory. */
	if (!from->ops->vaddr)
		return from->ops->read(from, src, i, to->ops->vaddr(to, dst, i));
	if (!to->ops->vaddr)
		return to->ops->write(to, dst, i, from->ops->vaddr(from, src, i));
	memcpy(to->ops->vaddr(to, dst, i), from->ops->vaddr(from, src, i), PAGE_SIZE);
	return 0;
}

static int copy_pages(struct vdxg_backend *to, const struct vdxg_memory *dst,
		      struct vdxg_backend *from, const struct vdxg_memory *src,
		      unsigned long npages)
{
	unsigned long i;
	int err;

	for (i = 0; i < npages; i++) {
		err = copy_page_between(to, dst, from, src, i);
		if (err)
			return err;
		if (i % 256 == 255)
			cond_resched();
	}
	return to->ops->flush ? to->ops->flush(to, dst, 0, npages) : 0;
}

/*
 * Whether the kernel holds on to a page of a claimed allocation that no CPU maps any more: direct input, or a pipe. What
 * it writes there would be missing in a copy.
 */
static bool is_held(struct vidmm_alloc *alloc, struct vdxg_backend *from)
{
	unsigned long i;

	if (!from->ops->pages_refcounted || !from->ops->vaddr)
		return false;
	for (i = 0; i < alloc->npages; i++) {
		if (page_count(pfn_to_page(from->ops->pfn(from, &alloc->place->memory, i))) > 1)
			return true;
		if (i % 4096 == 4095)
			cond_resched();
	}
	return false;
}

/* Copy the content of a claimed allocation to new memory of a backend. */
static int copy_to_new(struct vidmm_alloc *alloc, struct vdxg_backend *to,
		       struct vdxg_backend *from, struct vdxg_memory *new)
{
	struct mem_cgroup *old;
	int err;

	err = get_pages_for(alloc, to, new);
	if (err)
		return err;
	vidmm_cpumaps_zap(alloc);
	/* Shared memory gets its pages only now. */
	old = set_active_memcg(alloc->client->memcg);
	err = is_held(alloc, from) ? -EBUSY :
		copy_pages(to, new, from, &alloc->place->memory, alloc->npages);
	set_active_memcg(old);
	if (err)
		to->ops->put(to, alloc->npages, new);
	return err;
}

static void count_eviction(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	mm->segments[alloc->segment].evicted[vidmm_priority_class(alloc->priority)] +=
		alloc->npages;
	alloc->client->evicted += alloc->npages;
	mm->stats.evictions++;
	mm->stats.moved_out += alloc->npages;
}

/* A claimed allocation moves to a segment that has promised room. */
static int move(struct vidmm_alloc *alloc, struct room *room, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *from = mm->segments[alloc->segment].backend;
	struct vdxg_backend *to = mm->segments[room->id].backend;
	struct vdxg_memory old = alloc->place->memory, new = old;
	bool copy = from != to && !(from->shared_pool && to->shared_pool);
	int err;

	if (copy) {
		err = copy_to_new(alloc, to, from, &new);
		if (err) {
			drop_room(mm, room);
			return status_of_error(err);
		}
	}
	spin_lock(&mm->lock);
	if (vidmm_in_gpu_segment(alloc) && room->id == VIDMM_SYSTEM)
		count_eviction(alloc);
	trace_vdxg_move(alloc, alloc->segment, room->id, why);
	vidmm_unlink(alloc);
	alloc->place->memory = new;
	occupy(alloc, room);
	spin_unlock(&mm->lock);
	if (copy && room->later && from->ops->put_later)
		from->ops->put_later(from, alloc->npages, &old);
	else if (copy)
		from->ops->put(from, alloc->npages, &old);
	return STATUS_SUCCESS;
}

/* A claimed allocation has no memory any more; under the lock. The caller frees what it had with free_place(). */
static struct vidmm_place *vacate(struct vidmm_alloc *alloc)
{
	struct vidmm_place *place = alloc->place;

	vidmm_unlink(alloc);
	alloc->place = NULL;
	alloc->segment = VIDMM_NOWHERE;
	return place;
}

static void free_place(struct vdxg_backend *backend, unsigned long npages,
		       struct vidmm_place *place)
{
	backend->ops->put(backend, npages, &place->memory);
	vidmm_place_free(place);
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

/* A claimed, offered allocation loses its content, and its commitment if it may. */
static void discard(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[alloc->segment].backend;
	struct vidmm_place *place;

	vidmm_cpumaps_zap(alloc);
	spin_lock(&mm->lock);
	mm->stats.discards++;
	trace_vdxg_discard(alloc, why);
	place = vacate(alloc);
	alloc->state |= VIDMM_DISCARDED;
	decommit(alloc);
	spin_unlock(&mm->lock);
	free_place(backend, alloc->npages, place);
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
		discard(alloc, VIDMM_WHY_MEMORY);
	vidmm_release(alloc);
	return npages;
}

/* There is always room in system memory, if there is memory; and where that goes. */
static int move_beyond(struct vidmm_alloc *alloc, unsigned int id, enum vidmm_why why)
{
	struct room room;

	try_room(alloc, id, &room);
	return move(alloc, &room, why);
}

/* A claimed allocation leaves its segment: given up, demoted, or evicted. */
static int leave(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct room room;

	if (alloc->offer) {
		discard(alloc, why);
		return STATUS_SUCCESS;
	}
	if (READ_ONCE(alloc->required)) {
		/* Required again since it was to be evicted: it stays, and nobody has to bring it back. */
		if (why == VIDMM_WHY_EVICTED)
			return STATUS_SUCCESS;
		if (alloc->segment == VIDMM_LOCAL && alloc->supported & BIT(VIDMM_APERTURE - 1) &&
		    try_room(alloc, VIDMM_APERTURE, &room))
			return move(alloc, &room, why);
	}
	return move_beyond(alloc, VIDMM_SYSTEM, why);
}

/* The next victim of a segment, or of its runs, claimed and referenced; under the lock. */
static struct vidmm_alloc *claim_victim(struct vidmm *mm, unsigned int id, u64 before, bool force,
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

/* A victim that cannot be copied now goes last, so that the next one is another; whether to go on. */
static bool pass_over(struct vidmm_alloc *victim, unsigned int *passed)
{
	struct vidmm *mm = vidmm_of(victim);

	spin_lock(&mm->lock);
	vidmm_touch(victim);
	spin_unlock(&mm->lock);
	return ++*passed < MAX_PASSED;
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
static int make_room(struct vidmm *mm, struct room *room, u64 before, bool force,
		     unsigned int flags)
{
	struct vidmm_segment *segment = &mm->segments[room->id];
	int status = STATUS_SUCCESS;
	struct vidmm_alloc *victim;
	unsigned int passed = 0;

	spin_lock(&mm->lock);
	while (!status && !take_room(mm, room)) {
		if (room->npages > segment->capacity) {
			status = STATUS_NO_MEMORY;
			break;
		}
		/* With pages enough, it is a run that is missing. */
		victim = claim_victim(mm, room->id, before, force,
				      !room->npages || has_pages(segment, room->npages));
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
		status = leave(victim, VIDMM_WHY_ROOM);
		if (status == STATUS_GRAPHICS_ALLOCATION_BUSY)
			status = pass_over(victim, &passed) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
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
static int enter(struct vidmm_alloc *alloc, struct room *room)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	mm->stats.faults++;
	mm->stats.moved_in += alloc->npages;
	spin_unlock(&mm->lock);
	return alloc->segment == VIDMM_NOWHERE ? fill(alloc, room, VIDMM_WHY_REQUIRED) :
		move(alloc, room, VIDMM_WHY_REQUIRED);
}

/* A claimed allocation that was swapped out comes back to system memory. */
static int swap_in(struct vidmm_alloc *alloc)
{
	return move_beyond(alloc, VIDMM_SYSTEM, VIDMM_WHY_USED);
}

/**
 * vidmm_swap_in - bring swapped content back where the CPU reaches it
 * @alloc: the allocation, referenced
 *
 * Context: sleeps; the memory is charged to the owner's cgroup.
 * Return: as vidmm_populate().
 */
int vidmm_swap_in(struct vidmm_alloc *alloc)
{
	int status;

	status = vidmm_claim(alloc, 0);
	if (status)
		return status;
	if (alloc->segment == VIDMM_SWAPPED)
		status = swap_in(alloc);
	vidmm_release(alloc);
	return status;
}

/**
 * vidmm_swap_out - let evicted content be swapped
 * @mm: the manager
 * @npages: about how much
 *
 * Context: a worker: allocates memory, sleeps.
 * Return: pages moved.
 */
unsigned long vidmm_swap_out(struct vidmm *mm, unsigned long npages)
{
	struct vidmm_alloc *victim;
	unsigned long done = 0;
	int status = STATUS_SUCCESS;
	unsigned int passed = 0;

	while (done < npages && !status) {
		spin_lock(&mm->lock);
		victim = mm->removed ? NULL : claim_victim(mm, VIDMM_SYSTEM, U64_MAX, true,
							       false);
		spin_unlock(&mm->lock);
		if (!victim)
			break;
		status = move_beyond(victim, VIDMM_SWAPPED, VIDMM_WHY_MEMORY);
		if (!status)
			done += victim->npages;
		else if (status == STATUS_GRAPHICS_ALLOCATION_BUSY && pass_over(victim, &passed))
			status = STATUS_SUCCESS;
		vidmm_release(victim);
		vidmm_alloc_put(victim);
		cond_resched();
	}
	return done;
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
	discard(victim, VIDMM_WHY_MEMORY);
	vidmm_release(victim);
	return victim;
}

/**
 * vidmm_populate - give an allocation memory, unless it has memory
 * @alloc: the allocation, referenced
 *
 * In the first of its segments that has room, without taking anybody's place; else in system memory, where the CPU
 * reaches it too.
 *
 * Context: sleeps; the memory is charged to the owner's cgroup.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY if there is none, or the cgroup is full; STATUS_INVALID_PARAMETER if it
 * is on offer; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_populate(struct vidmm_alloc *alloc)
{
	unsigned int i, id;
	struct room room;
	int status;

	status = vidmm_claim(alloc, 0);
	if (status)
		return status;
	/* What is on offer has no memory to ask for until it is reclaimed. */
	if (READ_ONCE(alloc->offer)) {
		status = STATUS_INVALID_PARAMETER;
		goto release;
	}
	if (alloc->segment == VIDMM_SWAPPED)
		status = swap_in(alloc);
	if (alloc->segment != VIDMM_NOWHERE)
		goto release;
	for (i = 0; (id = vidmm_preference(alloc, i)); i++) {
		if (!try_room(alloc, id, &room))
			continue;
		status = fill(alloc, &room, VIDMM_WHY_USED);
		if (status != STATUS_NO_MEMORY && status != STATUS_GRAPHICS_NO_VIDEO_MEMORY)
			goto release;
	}
	try_room(alloc, VIDMM_SYSTEM, &room);
	status = fill(alloc, &room, VIDMM_WHY_USED);
	/* Nobody evicts anything for the CPU, so that a full device is no other answer. */
	if (status == STATUS_GRAPHICS_NO_VIDEO_MEMORY)
		status = STATUS_NO_MEMORY;
release:
	vidmm_release(alloc);
	return status;
}

/* One victim more leaves a segment; whether there was one. */
static bool evict_one(struct vidmm *mm, unsigned int id, u64 before, bool force)
{
	struct vidmm_alloc *victim;
	int status;

	spin_lock(&mm->lock);
	victim = claim_victim(mm, id, before, force, false);
	spin_unlock(&mm->lock);
	if (!victim)
		return false;
	status = leave(victim, VIDMM_WHY_ROOM);
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
	struct room room;
	int status;

	do {
		status = need_room(alloc, id, &room);
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
	struct vidmm_place *place;

	if (vidmm_claim(alloc, VIDMM_NOWAIT))
		return;
	spin_lock(&mm->lock);
	if (alloc->segment != VIDMM_NOWHERE && !alloc->touched && !alloc->required &&
	    hlist_empty(&alloc->maps)) {
		backend = mm->segments[alloc->segment].backend;
		place = vacate(alloc);
	}
	spin_unlock(&mm->lock);
	if (backend)
		free_place(backend, alloc->npages, place);
	vidmm_release(alloc);
}

/*
 * In a segment of the GPU, and not on the way out: whoever claims it after this has looked evicts it later, not
 * instead. Who is seen to be stable is seen where it is.
 */
static bool is_there(const struct vidmm_alloc *alloc)
{
	/* Pairs with vidmm_release(). */
	return smp_load_acquire(&alloc->busy) >= 0 && vidmm_in_gpu_segment(alloc);
}

/**
 * vidmm_page_in - bring an allocation into a segment of the GPU
 * @alloc: the allocation, referenced
 * @before: nobody used since this stamp has to go for it
 * @flags: VIDMM_NOWAIT
 *
 * Into the first of its segments that can be had without taking from processes within their budget; else it takes
 * from them.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_PENDING with VIDMM_NOWAIT, if somebody has to be waited for; STATUS_NO_MEMORY;
 * STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_page_in(struct vidmm_alloc *alloc, u64 before, unsigned int flags)
{
	int status;

	if (is_there(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	/* What is on offer comes back when it is reclaimed. */
	if (!vidmm_in_gpu_segment(alloc) && !READ_ONCE(alloc->offer))
		status = vidmm_enter_preferred(alloc, before, flags);
	vidmm_release(alloc);
	return status;
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
 * vidmm_move_out - take a claimed allocation to system memory, also one that is required or on offer
 * @alloc: the allocation, claimed, in a segment of the GPU, and not over the caller's own pages
 *
 * Context: sleeps.
 * Return: as vidmm_populate().
 */
int vidmm_move_out(struct vidmm_alloc *alloc)
{
	int status = move_beyond(alloc, VIDMM_SYSTEM, VIDMM_WHY_EVICTED);

	return status == STATUS_GRAPHICS_ALLOCATION_BUSY ? STATUS_NO_MEMORY : status;
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
	unsigned int force;
	struct room room;

	for (force = 0; status == STATUS_NO_MEMORY && force < 2; force++) {
		status = need_room(alloc, alloc->segment, &room);
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

/**
 * vidmm_page_out - take an allocation out of its segment now
 * @alloc: the allocation, referenced
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, also if it is in none or somebody requires it again; else as vidmm_page_in().
 */
int vidmm_page_out(struct vidmm_alloc *alloc, unsigned int flags)
{
	int status;

	if (alloc->flags & (VIDMM_EXISTING | VIDMM_IMPORTED) || !vidmm_in_gpu_segment(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	if (vidmm_in_gpu_segment(alloc) && !READ_ONCE(alloc->required) && !READ_ONCE(alloc->holds))
		status = leave(alloc, VIDMM_WHY_EVICTED);
	vidmm_release(alloc);
	return status;
}
