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
static int fill(struct vidmm_alloc *alloc, unsigned int id)
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
	return STATUS_SUCCESS;
}

static void copy_pages(struct vdxg_backend *to, const struct vdxg_memory *dst,
		       struct vdxg_backend *from, const struct vdxg_memory *src,
		       unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++) {
		memcpy(to->ops->vaddr(to, dst, i), from->ops->vaddr(from, src, i), PAGE_SIZE);
		if (i % 256 == 255)
			cond_resched();
	}
}

/* A claimed allocation moves to a segment that has promised room. */
static int move(struct vidmm_alloc *alloc, unsigned int id)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *from = mm->segments[alloc->segment].backend;
	struct vdxg_backend *to = mm->segments[id].backend;
	struct vdxg_memory old = alloc->memory, new = alloc->memory;
	bool copy = from != to && !(from->shared_pool && to->shared_pool);
	int err;

	if (copy) {
		err = get_pages_for(alloc, to, &new);
		if (err) {
			drop_room(mm, id, alloc->npages);
			return status_of_error(err);
		}
		vidmm_cpumaps_zap(alloc);
		copy_pages(to, &new, from, &old, alloc->npages);
		if (to->ops->flush)
			to->ops->flush(to, &new, 0, alloc->npages);
	}
	spin_lock(&mm->lock);
	if (id == VIDMM_SYSTEM) {
		mm->segments[alloc->segment].evicted[vidmm_priority_class(alloc->priority)] +=
			alloc->npages;
		alloc->client->evicted += alloc->npages;
		mm->stats.evictions++;
		mm->stats.moved_out += alloc->npages;
	}
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
static void discard(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[alloc->segment].backend;
	struct vidmm_client *client = alloc->client;

	vidmm_cpumaps_zap(alloc);
	spin_lock(&mm->lock);
	mm->stats.discards++;
	vidmm_unlink(alloc);
	alloc->segment = VIDMM_NOWHERE;
	alloc->state |= VIDMM_DISCARDED;
	if (alloc->state & VIDMM_MAY_DECOMMIT) {
		alloc->state |= VIDMM_DECOMMITTED;
		client->commit -= alloc->npages;
		mm->commit -= alloc->npages;
	}
	spin_unlock(&mm->lock);
	backend->ops->put(backend, alloc->npages, &alloc->memory);
}

/* A claimed allocation leaves its segment: given up, demoted, or evicted. */
static int leave(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	if (alloc->offer) {
		discard(alloc);
		return STATUS_SUCCESS;
	}
	if (alloc->required && alloc->segment == VIDMM_LOCAL &&
	    alloc->supported & BIT(VIDMM_APERTURE - 1) &&
	    try_room(mm, VIDMM_APERTURE, alloc->npages))
		return move(alloc, VIDMM_APERTURE);
	/* There is always room in system memory, if there is memory. */
	try_room(mm, VIDMM_SYSTEM, alloc->npages);
	return move(alloc, VIDMM_SYSTEM);
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
		status = leave(victim);
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
	return alloc->segment == VIDMM_NOWHERE ? fill(alloc, id) : move(alloc, id);
}

/**
 * vidmm_populate - give an allocation memory, unless it has memory
 * @alloc: the allocation, referenced
 *
 * In the first of its segments that has room, without taking anybody's place; else in system memory, where the CPU
 * reaches it too.
 *
 * Context: sleeps; the memory is charged to the owner's cgroup.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY if there is none, or the cgroup is full; STATUS_DEVICE_REMOVED;
 * STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_populate(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	unsigned int i, id;
	int status;

	status = vidmm_claim(alloc, 0);
	if (status)
		return status;
	if (alloc->segment != VIDMM_NOWHERE)
		goto release;
	for (i = 0; (id = vidmm_preference(alloc, i)); i++) {
		if (!try_room(mm, id, alloc->npages))
			continue;
		status = fill(alloc, id);
		if (status != STATUS_NO_MEMORY)
			goto release;
	}
	try_room(mm, VIDMM_SYSTEM, alloc->npages);
	status = fill(alloc, VIDMM_SYSTEM);
release:
	vidmm_release(alloc);
	return status;
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
	struct vidmm *mm = vidmm_of(alloc);
	unsigned int i, id, force;
	int status;

	if (vidmm_in_gpu_segment(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	if (vidmm_in_gpu_segment(alloc))
		goto release;
	for (force = 0; force < 2; force++) {
		for (i = 0; (id = vidmm_preference(alloc, i)); i++) {
			status = make_room(mm, id, alloc->npages, before, force, flags);
			if (!status)
				status = enter(alloc, id);
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

	if (alloc->flags & VIDMM_EXISTING || !vidmm_in_gpu_segment(alloc))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, flags);
	if (status)
		return status;
	if (vidmm_in_gpu_segment(alloc) && !READ_ONCE(alloc->required))
		status = leave(alloc);
	vidmm_release(alloc);
	return status;
}
