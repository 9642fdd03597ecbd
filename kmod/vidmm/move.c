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

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "../trace.h"
#include "cpumap.h"
#include "vidmm.h"

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
	default:
		return STATUS_NO_MEMORY;
	}
}

/* Promise room in a segment, if there is any. */
static bool take_room(struct vidmm *mm, unsigned int id, unsigned long npages)
{
	struct vidmm_segment *segment = &mm->segments[id];

	lockdep_assert_held(&mm->lock);
	if (npages > segment->capacity || segment->used > segment->capacity - npages)
		return false;
	segment->used += npages;
	return true;
}

static bool try_room(struct vidmm *mm, unsigned int id, unsigned long npages)
{
	bool room;

	spin_lock(&mm->lock);
	room = take_room(mm, id, npages);
	spin_unlock(&mm->lock);
	return room;
}

static void drop_room(struct vidmm *mm, unsigned int id, unsigned long npages)
{
	spin_lock(&mm->lock);
	mm->segments[id].used -= npages;
	spin_unlock(&mm->lock);
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
static int fill(struct vidmm_alloc *alloc, unsigned int id, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[id].backend;
	struct vdxg_memory memory;
	int err;

	err = get_pages_for(alloc, backend, &memory);
	if (err) {
		drop_room(mm, id, alloc->npages);
		return status_of_error(err);
	}
	spin_lock(&mm->lock);
	alloc->memory = memory;
	alloc->segment = id;
	vidmm_link(alloc);
	spin_unlock(&mm->lock);
	trace_vdxg_move(alloc, VIDMM_NOWHERE, id, why);
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
	err = copy_pages(to, new, from, &alloc->memory, alloc->npages);
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
static int move(struct vidmm_alloc *alloc, unsigned int id, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *from = mm->segments[alloc->segment].backend;
	struct vdxg_backend *to = mm->segments[id].backend;
	struct vdxg_memory old = alloc->memory, new = alloc->memory;
	bool copy = from != to && !(from->shared_pool && to->shared_pool);
	int err;

	if (copy) {
		err = copy_to_new(alloc, to, from, &new);
		if (err) {
			drop_room(mm, id, alloc->npages);
			return status_of_error(err);
		}
	}
	spin_lock(&mm->lock);
	if (vidmm_in_gpu_segment(alloc) && id == VIDMM_SYSTEM)
		count_eviction(alloc);
	trace_vdxg_move(alloc, alloc->segment, id, why);
	vidmm_unlink(alloc);
	alloc->memory = new;
	alloc->segment = id;
	vidmm_link(alloc);
	spin_unlock(&mm->lock);
	if (copy)
		from->ops->put(from, alloc->npages, &old);
	return STATUS_SUCCESS;
}

/* A claimed, offered allocation loses its content, and its commitment if it may. */
static void discard(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[alloc->segment].backend;
	struct vidmm_client *client = alloc->client;

	vidmm_cpumaps_zap(alloc);
	spin_lock(&mm->lock);
	mm->stats.discards++;
	trace_vdxg_discard(alloc, why);
	vidmm_unlink(alloc);
	alloc->segment = VIDMM_NOWHERE;
	alloc->state |= VIDMM_DISCARDED;
	if (alloc->state & VIDMM_MAY_DECOMMIT) {
		alloc->state |= VIDMM_DECOMMITTED;
		vidmm_decommit(client, alloc->npages);
	}
	spin_unlock(&mm->lock);
	backend->ops->put(backend, alloc->npages, &alloc->memory);
}

/* A claimed allocation leaves its segment: given up, demoted, or evicted. */
static int leave(struct vidmm_alloc *alloc, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);

	if (alloc->offer) {
		discard(alloc, why);
		return STATUS_SUCCESS;
	}
	if (alloc->required && alloc->segment == VIDMM_LOCAL &&
	    alloc->supported & BIT(VIDMM_APERTURE - 1) &&
	    try_room(mm, VIDMM_APERTURE, alloc->npages))
		return move(alloc, VIDMM_APERTURE, why);
	/* There is always room in system memory, if there is memory. */
	try_room(mm, VIDMM_SYSTEM, alloc->npages);
	return move(alloc, VIDMM_SYSTEM, why);
}

/* The next victim of a segment, claimed and referenced; under the lock. */
static struct vidmm_alloc *claim_victim(struct vidmm *mm, unsigned int id, u64 before, bool force)
{
	struct vidmm_alloc *victim;

	/* One whose last reference goes just now is not offered again. */
	do {
		victim = vidmm_victim(mm, id, before, force);
	} while (victim && !refcount_inc_not_zero(&victim->refs));
	if (victim) {
		victim->busy = -1;
		mm->busy++;
	}
	return victim;
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
static int make_room(struct vidmm *mm, unsigned int id, unsigned long npages, u64 before,
		     bool force, unsigned int flags)
{
	int status = STATUS_SUCCESS;
	struct vidmm_alloc *victim;

	spin_lock(&mm->lock);
	while (!status && !take_room(mm, id, npages)) {
		if (npages > mm->segments[id].capacity) {
			status = STATUS_NO_MEMORY;
			break;
		}
		victim = claim_victim(mm, id, before, force);
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
		vidmm_release(victim);
		vidmm_alloc_put(victim);
		if (!status && fatal_signal_pending(current))
			status = STATUS_UNSUCCESSFUL;
		cond_resched();
		spin_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
	return status;
}

/* A claimed allocation enters a segment that has promised room. */
static int enter(struct vidmm_alloc *alloc, unsigned int id)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	mm->stats.faults++;
	mm->stats.moved_in += alloc->npages;
	spin_unlock(&mm->lock);
	return alloc->segment == VIDMM_NOWHERE ? fill(alloc, id, VIDMM_WHY_REQUIRED) :
		move(alloc, id, VIDMM_WHY_REQUIRED);
}

/* A claimed allocation that was swapped out comes back to system memory. */
static int swap_in(struct vidmm_alloc *alloc)
{
	try_room(vidmm_of(alloc), VIDMM_SYSTEM, alloc->npages);
	return move(alloc, VIDMM_SYSTEM, VIDMM_WHY_USED);
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

	while (done < npages && !status) {
		spin_lock(&mm->lock);
		victim = mm->removed ? NULL : claim_victim(mm, VIDMM_SYSTEM, U64_MAX, true);
		spin_unlock(&mm->lock);
		if (!victim)
			break;
		try_room(mm, VIDMM_SWAPPED, victim->npages);
		status = move(victim, VIDMM_SWAPPED, VIDMM_WHY_MEMORY);
		if (!status)
			done += victim->npages;
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
	struct vidmm *mm = vidmm_of(alloc);
	unsigned int i, id;
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
		if (!try_room(mm, id, alloc->npages))
			continue;
		status = fill(alloc, id, VIDMM_WHY_USED);
		if (status != STATUS_NO_MEMORY && status != STATUS_GRAPHICS_NO_VIDEO_MEMORY)
			goto release;
	}
	try_room(mm, VIDMM_SYSTEM, alloc->npages);
	status = fill(alloc, VIDMM_SYSTEM, VIDMM_WHY_USED);
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
	victim = claim_victim(mm, id, before, force);
	spin_unlock(&mm->lock);
	if (!victim)
		return false;
	status = leave(victim, VIDMM_WHY_ROOM);
	vidmm_release(victim);
	vidmm_alloc_put(victim);
	return !status && !fatal_signal_pending(current);
}

/*
 * A claimed allocation enters a segment, whoever has to leave for it. Pages enough may still not be one run, where
 * a device's objects are in the way: then more have to leave.
 */
static int make_room_and_enter(struct vidmm_alloc *alloc, unsigned int id, u64 before, bool force,
			       unsigned int flags)
{
	struct vidmm *mm = vidmm_of(alloc);
	int status;

	do {
		status = make_room(mm, id, alloc->npages, before, force, flags);
		if (!status)
			status = enter(alloc, id);
	} while (status == STATUS_GRAPHICS_NO_VIDEO_MEMORY && evict_one(mm, id, before, force));
	return status == STATUS_GRAPHICS_NO_VIDEO_MEMORY ? STATUS_NO_MEMORY : status;
}

/**
 * vidmm_enter_aperture - bring an allocation where other drivers reach it, whoever has to leave for it
 * @alloc: the allocation, claimed by the caller, not on offer, and one that may live there
 *
 * Context: sleeps.
 * Return: as vidmm_page_in(), but not STATUS_PENDING.
 */
int vidmm_enter_aperture(struct vidmm_alloc *alloc)
{
	return make_room_and_enter(alloc, VIDMM_APERTURE, U64_MAX, true, 0);
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

	if (vidmm_claim(alloc, VIDMM_NOWAIT))
		return;
	spin_lock(&mm->lock);
	if (alloc->segment != VIDMM_NOWHERE && !alloc->touched && !alloc->required &&
	    hlist_empty(&alloc->maps)) {
		backend = mm->segments[alloc->segment].backend;
		vidmm_unlink(alloc);
		alloc->segment = VIDMM_NOWHERE;
	}
	spin_unlock(&mm->lock);
	if (backend)
		backend->ops->put(backend, alloc->npages, &alloc->memory);
	vidmm_release(alloc);
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
	unsigned int i, id, force;
	int status;

	if (vidmm_in_gpu_segment(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	/* What is on offer comes back when it is reclaimed. */
	if (vidmm_in_gpu_segment(alloc) || READ_ONCE(alloc->offer))
		goto release;
	for (force = 0; force < 2; force++) {
		for (i = 0; (id = vidmm_preference(alloc, i)); i++) {
			status = make_room_and_enter(alloc, id, before, force, flags);
			if (status != STATUS_NO_MEMORY)
				goto release;
		}
	}
release:
	vidmm_release(alloc);
	return status;
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
