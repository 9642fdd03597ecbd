// SPDX-License-Identifier: GPL-2.0-only
/*
 * transfer.c: one allocation gets memory in a segment, or goes to another with its content (see transfer.h)
 *
 * Where source and destination are the same pool of ordinary pages, the pages change their owner and stay where they
 * are: nothing is copied and CPU mappings stay. Elsewhere every CPU that sees the allocation is made to fault, the
 * content is copied, and the old memory goes back.
 */
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "../trace.h"
#include "cpumap.h"
#include "place.h"
#include "run.h"
#include "transfer.h"

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

/**
 * vidmm_room_need - what an allocation needs to move to a segment
 * @alloc: the allocation, claimed
 * @id: the segment
 * @room: what it needs; a failure leaves nothing
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS or STATUS_NO_MEMORY.
 */
int vidmm_room_need(struct vidmm_alloc *alloc, unsigned int id, struct vidmm_room *room)
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

/**
 * vidmm_room_take - promise room in a segment, if there is any
 * @mm: the manager
 * @room: from vidmm_room_need()
 *
 * Context: under &vidmm.lock.
 * Return: whether there was.
 */
bool vidmm_room_take(struct vidmm *mm, struct vidmm_room *room)
{
	struct vidmm_segment *segment = &mm->segments[room->id];

	lockdep_assert_held(&mm->lock);
	if (room->npages && !vidmm_has_pages(segment, room->npages))
		return false;
	if (room->run && !vidmm_run_place(segment, room->run))
		return false;
	segment->used += room->npages;
	return true;
}

/**
 * vidmm_room_try - promise room in a segment to an allocation, if there is any
 * @alloc: the allocation, claimed
 * @id: the segment
 * @room: the promise; nothing on failure
 *
 * Context: sleeps.
 * Return: whether there was room, and memory to remember it.
 */
bool vidmm_room_try(struct vidmm_alloc *alloc, unsigned int id, struct vidmm_room *room)
{
	struct vidmm *mm = vidmm_of(alloc);
	bool taken;

	if (vidmm_room_need(alloc, id, room))
		return false;
	spin_lock(&mm->lock);
	taken = vidmm_room_take(mm, room);
	spin_unlock(&mm->lock);
	if (!taken)
		kfree(room->run);
	return taken;
}

static void drop_room(struct vidmm *mm, struct vidmm_room *room)
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
static void occupy(struct vidmm_alloc *alloc, const struct vidmm_room *room)
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

/**
 * vidmm_fill - an allocation without memory gets zeroed pages
 * @alloc: the allocation, claimed
 * @room: in a segment that has promised room
 * @why: for the trace
 *
 * Context: sleeps; the memory is charged to the owner's cgroup.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY; STATUS_GRAPHICS_NO_VIDEO_MEMORY if the device is full;
 * STATUS_DEVICE_REMOVED.
 */
int vidmm_fill(struct vidmm_alloc *alloc, struct vidmm_room *room, enum vidmm_why why)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vdxg_backend *backend = mm->segments[room->id].backend;
	int err = vidmm_place_make(alloc) ?
		get_pages_for(alloc, backend, &alloc->place->memory) : -ENOMEM;

	if (err) {
		drop_room(mm, room);
		return status_of_error(err);
	}
	spin_lock(&mm->lock);
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

/**
 * vidmm_transfer - an allocation moves with its content
 * @alloc: the allocation, claimed, with memory
 * @room: to a segment that has promised room
 * @why: for the trace
 *
 * Context: sleeps; the memory is charged to the owner's cgroup.
 * Return: as vidmm_fill(); STATUS_GRAPHICS_ALLOCATION_BUSY if it cannot be copied now.
 */
int vidmm_transfer(struct vidmm_alloc *alloc, struct vidmm_room *room, enum vidmm_why why)
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

/**
 * vidmm_transfer_beyond - an allocation moves where there is always room, if there is memory
 * @alloc: the allocation, claimed, with memory
 * @id: VIDMM_SYSTEM or VIDMM_SWAPPED
 * @why: for the trace
 *
 * Context: sleeps.
 * Return: as vidmm_transfer().
 */
int vidmm_transfer_beyond(struct vidmm_alloc *alloc, unsigned int id, enum vidmm_why why)
{
	struct vidmm_room room;

	vidmm_room_try(alloc, id, &room);
	return vidmm_transfer(alloc, &room, why);
}
