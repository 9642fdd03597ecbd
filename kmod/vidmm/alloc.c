// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc.c: allocations of the memory manager, their memory and who may touch it (see vidmm.h)
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "../backend/imported.h"
#include "../backend/usermem.h"
#include "../refuse.h"
#include "cpumap.h"
#include "place.h"
#include "turn.h"
#include "vidmm.h"

static struct vdxg_backend *backend_of(const struct vidmm_alloc *alloc)
{
	if (alloc->flags & VIDMM_EXISTING)
		return &vdxg_usermem_backend;
	if (alloc->flags & VIDMM_IMPORTED)
		return &vdxg_imported_backend;
	return vidmm_of(alloc)->segments[alloc->segment].backend;
}

/**
 * vidmm_preference_ok - does a preference name segments that may be had?
 * @preferred: as D3DDDI_SEGMENTPREFERENCE
 * @supported: bit n: segment n + 1 may be had
 *
 * Context: any.
 */
bool vidmm_preference_ok(u32 preferred, u32 supported)
{
	unsigned int slot, id;

	if (preferred & ~D3DDDI_SEGMENTPREFERENCE_MASK)
		return false;
	for (slot = 0; slot < D3DDDI_SEGMENTPREFERENCE_SLOTS; slot++) {
		id = vidmm_slot(preferred, slot);
		if (id && (id >= VIDMM_NUM_GPU_SEGMENTS || !(supported & BIT(id - 1))))
			return false;
	}
	return true;
}

/**
 * vidmm_desc_check_choice - the part of vidmm_desc_check() for what does not leave all to the driver, or is wrong
 * @mm: the manager
 * @desc: what it is to be
 *
 * Context: any.
 * Return: as vidmm_desc_check().
 */
int vidmm_desc_check_choice(const struct vidmm *mm, struct vidmm_alloc_desc *desc)
{
	unsigned long largest = 0;
	unsigned int id;

	if (!desc->bytes || !desc->priority || desc->supported & ~VIDMM_SUPPORT_ALL)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "bytes", desc->bytes,
				   "no bytes, no priority, or segments that do not exist");
	if (!desc->supported)
		desc->supported = VIDMM_SUPPORT_ALL;
	if (!desc->preferred)
		desc->preferred = VIDMM_PREFER_LOCAL;
	else if (!vidmm_preference_ok(desc->preferred, desc->supported))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "preferred_segments",
				   desc->preferred, "a segment that is not supported");
	for (id = VIDMM_LOCAL; id < VIDMM_NUM_GPU_SEGMENTS; id++)
		if (desc->supported & BIT(id - 1))
			largest = max(largest, mm->segments[id].capacity);
	if (desc->bytes > (u64)largest << PAGE_SHIFT)
		return vdxg_refuse(STATUS_GRAPHICS_NO_VIDEO_MEMORY, "bytes", desc->bytes,
				   "more than any of its segments has");
	return STATUS_SUCCESS;
}

/* Pages that are there already become the memory of an allocation, under the lock. */
static void settle(struct vidmm_alloc *alloc, const struct vdxg_memory *memory)
{
	alloc->place->memory = *memory;
	alloc->segment = VIDMM_APERTURE;
	vidmm_of(alloc)->segments[VIDMM_APERTURE].used += alloc->npages;
	vidmm_link(alloc);
}

/**
 * vidmm_alloc_adopt - give an allocation the caller's own pages
 * @alloc: an allocation with VIDMM_EXISTING that nobody else knows yet
 * @memory: from vdxg_usermem_pin(); the allocation's now, except on failure
 *
 * The pages are system memory the GPU reaches through the aperture. They are there already, so they count
 * even where they exceed its capacity.
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY.
 */
int vidmm_alloc_adopt(struct vidmm_alloc *alloc, const struct vdxg_memory *memory)
{
	struct vidmm *mm = vidmm_of(alloc);

	if (!vidmm_place_make(alloc))
		return STATUS_NO_MEMORY;
	spin_lock(&mm->lock);
	settle(alloc, memory);
	spin_unlock(&mm->lock);
	return STATUS_SUCCESS;
}

/**
 * vidmm_alloc_import - give an allocation memory of another driver
 * @alloc: an allocation with VIDMM_IMPORTED that nobody else knows yet
 * @memory: from vdxg_imported_open(); the allocation's now, except on failure
 *
 * As with the caller's own pages, but it goes when the device does.
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY; STATUS_DEVICE_REMOVED.
 */
int vidmm_alloc_import(struct vidmm_alloc *alloc, const struct vdxg_memory *memory)
{
	struct vidmm *mm = vidmm_of(alloc);

	if (!vidmm_place_make(alloc))
		return STATUS_NO_MEMORY;
	spin_lock(&mm->lock);
	if (mm->removed) {
		spin_unlock(&mm->lock);
		return STATUS_DEVICE_REMOVED;
	}
	/* What others wrote is there already. */
	alloc->touched = true;
	settle(alloc, memory);
	spin_unlock(&mm->lock);
	return STATUS_SUCCESS;
}

/* Memory that an allocation had and somebody is about to give back. */
struct taken {
	struct vdxg_backend *backend;
	struct vdxg_memory memory;
};

/*
 * Take its memory from an allocation, under the lock. From here to give_back() the manager is busy, so that
 * a device does not go while some of its memory is on the way back. The caller's own pages are not the
 * device's, and giving them back takes mmap_lock, for which nobody here may wait: a page fault that holds it
 * may wait for somebody who waits until the manager is less busy.
 */
static void take_memory(struct vidmm_alloc *alloc, struct taken *taken)
{
	taken->backend = backend_of(alloc);
	taken->memory = alloc->place->memory;
	vidmm_unlink(alloc);
	if (!(alloc->flags & VIDMM_EXISTING))
		vidmm_of(alloc)->busy++;
	/* Pairs with vidmm_alloc_is_empty(): nothing here touches the allocation or its place after this. */
	smp_store_release(&alloc->segment, VIDMM_NOWHERE);
}

static void done_busy(struct vidmm *mm)
{
	lockdep_assert_held(&mm->lock);
	/* A removal waits for the last; who waits for room has to know when nobody can make any. */
	if (!--mm->busy || mm->waiting)
		wake_up_all(&mm->wait);
}

static void give_back(struct vidmm *mm, unsigned long npages, struct taken *taken)
{
	taken->backend->ops->put(taken->backend, npages, &taken->memory);
	if (taken->backend == &vdxg_usermem_backend)
		return;
	spin_lock(&mm->lock);
	done_busy(mm);
	spin_unlock(&mm->lock);
}

/* An allocation that is going away is not on offer any more. */
static void drop_offer(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	alloc->client->offered -= alloc->npages;
	alloc->client->decommittable -= vidmm_decommittable(alloc);
	alloc->offer = 0;
	vidmm_relink(alloc);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_alloc_empty - take its memory from an allocation that is going away
 * @alloc: an allocation without references; its CPU mappings are gone
 *
 * Context: no locks; may sleep.
 */
void vidmm_alloc_empty(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct taken taken;
	bool any;

	if (alloc->offer)
		drop_offer(alloc);
	if (vidmm_alloc_is_empty(alloc))
		return;
	spin_lock(&mm->lock);
	any = alloc->segment != VIDMM_NOWHERE;
	if (any)
		take_memory(alloc, &taken);
	spin_unlock(&mm->lock);
	if (any)
		give_back(mm, alloc->npages, &taken);
}

/**
 * vidmm_alloc_put - drop a reference
 * @alloc: the allocation; freed if this was the last
 *
 * Context: no locks; may sleep.
 */
void vidmm_alloc_put(struct vidmm_alloc *alloc)
{
	struct vidmm_client *client = alloc->client;
	unsigned long npages;

	if (!refcount_dec_and_test(&alloc->refs))
		return;
	vidmm_alloc_empty(alloc);
	npages = vidmm_committed(alloc);
	client->ops->free(alloc);
	vidmm_uncommit(client, npages, 1);
}

/**
 * vidmm_lose_local - empty the local segment of a device that is gone, and let go of others' memory
 * @mm: a manager that is removed and not busy
 *
 * Context: no locks; sleeps.
 */
void vidmm_lose_local(struct vidmm *mm)
{
	struct vidmm_alloc *alloc;
	unsigned long npages;
	struct taken taken;
	bool alive;

	spin_lock(&mm->lock);
	while ((alloc = vidmm_any_in(mm, VIDMM_LOCAL) ?: vidmm_any_foreign(mm))) {
		/* While it is in a tree it is there, even if its last reference is gone. */
		alive = refcount_inc_not_zero(&alloc->refs);
		npages = alloc->npages;
		alloc->state |= VIDMM_LOST;
		take_memory(alloc, &taken);
		spin_unlock(&mm->lock);
		/* Without a reference there is no binding, hence no CPU mapping. */
		if (alive)
			vidmm_cpumaps_zap(alloc);
		give_back(mm, npages, &taken);
		if (alive)
			vidmm_alloc_put(alloc);
		cond_resched();
		spin_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
}

/* Whether the caller may go on, under the lock; a removed device lets nobody through. */
static bool wait_stable(struct vidmm_alloc *alloc, bool shared, int *status)
{
	struct vidmm *mm = vidmm_of(alloc);
	bool done = true;

	spin_lock(&mm->lock);
	if (mm->removed) {
		*status = STATUS_DEVICE_REMOVED;
	} else if (shared ? alloc->busy >= 0 : !alloc->busy) {
		alloc->busy = shared ? alloc->busy + 1 : -1;
		mm->busy++;
		*status = STATUS_SUCCESS;
	} else {
		done = false;
	}
	spin_unlock(&mm->lock);
	return done;
}

/**
 * vidmm_pin - keep an allocation from moving
 * @alloc: the allocation, referenced
 *
 * For as long as it takes to look at its pages, not longer.
 *
 * Context: sleeps until nobody moves it.
 * Return: STATUS_SUCCESS; STATUS_DEVICE_REMOVED; STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vidmm_pin(struct vidmm_alloc *alloc)
{
	int status;

	if (wait_event_killable(vidmm_of(alloc)->wait, wait_stable(alloc, true, &status)))
		return STATUS_UNSUCCESSFUL;
	return status;
}

/**
 * vidmm_trypin - vidmm_pin() for those who must not sleep
 * @alloc: the allocation, referenced
 * @status: as vidmm_pin(), if the answer is known
 *
 * Context: any but under &vidmm.lock.
 * Return: false if somebody moves it now.
 */
bool vidmm_trypin(struct vidmm_alloc *alloc, int *status)
{
	return wait_stable(alloc, true, status);
}

/**
 * vidmm_unpin - undo vidmm_pin()
 * @alloc: the allocation
 */
void vidmm_unpin(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	if (!--alloc->busy)
		wake_up_all(&mm->wait);
	done_busy(mm);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_claim - become the one who moves an allocation
 * @alloc: the allocation, referenced
 * @flags: VIDMM_NOWAIT
 *
 * Context: sleeps until it is stable and not pinned.
 * Return: as vidmm_pin(); STATUS_PENDING with VIDMM_NOWAIT, if somebody has it.
 */
int vidmm_claim(struct vidmm_alloc *alloc, unsigned int flags)
{
	int status;

	if (flags & VIDMM_NOWAIT)
		return wait_stable(alloc, false, &status) ? status : STATUS_PENDING;
	if (wait_event_killable(vidmm_of(alloc)->wait, wait_stable(alloc, false, &status)))
		return STATUS_UNSUCCESSFUL;
	return status;
}

/**
 * vidmm_release - undo vidmm_claim()
 * @alloc: the allocation, stable again
 */
void vidmm_release(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	/* Pairs with vidmm_page_in(), which looks without the lock. */
	smp_store_release(&alloc->busy, 0);
	wake_up_all(&mm->wait);
	done_busy(mm);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_pfn - where a page of an allocation is
 * @alloc: an allocation with memory, pinned or claimed by the caller
 * @index: the page
 *
 * Return: its page frame number.
 */
unsigned long vidmm_pfn(const struct vidmm_alloc *alloc, unsigned long index)
{
	struct vdxg_backend *backend = backend_of(alloc);

	return backend->ops->pfn(backend, &alloc->place->memory, index);
}

/**
 * vidmm_vaddr - where the kernel sees a page of an allocation
 * @alloc: an allocation in a segment of the GPU, pinned or claimed by the caller
 * @index: the page
 *
 * Return: its address.
 */
void *vidmm_vaddr(const struct vidmm_alloc *alloc, unsigned long index)
{
	struct vdxg_backend *backend = backend_of(alloc);

	return backend->ops->vaddr(backend, &alloc->place->memory, index);
}

/**
 * vidmm_written - the kernel has written to pages of an allocation
 * @alloc: an allocation in a segment of the GPU, pinned by the caller
 * @first: the first page
 * @npages: how many
 *
 * A device that is gone loses its memory anyway.
 *
 * Context: sleeps.
 */
void vidmm_written(struct vidmm_alloc *alloc, unsigned long first, unsigned long npages)
{
	struct vdxg_backend *backend = backend_of(alloc);

	WRITE_ONCE(alloc->touched, true);
	if (backend->ops->flush)
		backend->ops->flush(backend, &alloc->place->memory, first, npages);
}

/**
 * vidmm_prot - how the CPU may map the pages of an allocation
 * @alloc: an allocation with memory, pinned or claimed by the caller
 * @prot: what the mapping would use for ordinary memory
 *
 * Return: @prot, or what the device's memory needs instead.
 */
pgprot_t vidmm_prot(const struct vidmm_alloc *alloc, pgprot_t prot)
{
	struct vdxg_backend *backend = backend_of(alloc);

	return backend->ops->prot ? backend->ops->prot(backend, &alloc->place->memory, prot) : prot;
}
