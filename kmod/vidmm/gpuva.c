// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva.c: the GPU virtual addresses of a process on an adapter (see gpuva.h)
 *
 * Whatever a change needs is allocated before anything changes, under the lock: a change is made as a
 * whole, or not at all.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "gpuva_tree.h"
#include "vidmm.h"

#define END_PAGE	vidmm_va_page(VIDMM_VA_END)
#define START_PAGE	vidmm_va_page(VIDMM_VA_START)

#define NOT_MEMORY	(D3DDDIGPUVA_PROTECTION_ZERO | D3DDDIGPUVA_PROTECTION_NO_ACCESS)

/* The fences' addresses are in the upper half, where nobody meets them. */
#define FENCES_MIN	(VIDMM_VA_END / 2)

/**
 * vidmm_va_space_init - an empty address space
 * @space: the space
 *
 * Context: any.
 */
void vidmm_va_space_init(struct vidmm_va_space *space)
{
	mutex_init(&space->lock);
	space->ranges = RB_ROOT;
	space->mapped = RB_ROOT;
	space->count = 0;
	space->reservations = 0;
	space->dead = false;
}

/* What addresses belong to. */
enum place {
	PLACE_FREE,		/* all are free */
	PLACE_RESERVED,		/* all are in one reservation */
	PLACE_MAPPED,		/* all are in one range that was mapped */
	PLACE_MIXED,		/* none of these */
};

/* What addresses belong to; the first entry of it, if they are not free. */
static enum place place_of(struct vidmm_va_space *space, u64 first, u64 end, struct vidmm_va **at)
{
	struct vidmm_va *va = vidmm_va_find(&space->ranges, first), *next;

	*at = va;
	if (!va || va->first >= end)
		return PLACE_FREE;
	if (va->first > first || va->kind == VIDMM_VA_IS_FENCE)
		return PLACE_MIXED;
	for (; va->end < end; va = next) {
		next = vidmm_va_next(va);
		if (!next || !next->continued)
			return PLACE_MIXED;
		cond_resched();
	}
	return (*at)->kind == VIDMM_VA_IS_RESERVED ? PLACE_RESERVED : PLACE_MAPPED;
}

static bool aligned(u64 address, u64 unit)
{
	return !(address & (unit - 1));
}

/* Where a range is to be: at @where->base, which may be in use, or where there is room. */
static int choose(struct vidmm_va_space *space, const struct vidmm_va_where *where, u64 unit,
		  u64 pages, u64 *first)
{
	u64 max = where->maximum ? min(where->maximum, VIDMM_VA_END) : VIDMM_VA_END;

	if (where->base) {
		*first = vidmm_va_page(where->base);
		if (!aligned(where->base, unit) || *first < START_PAGE || *first > END_PAGE ||
		    pages > END_PAGE - *first)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "base_address", where->base,
					   "not aligned, or not in the address space");
		return STATUS_SUCCESS;
	}
	if (!aligned(where->minimum, unit) || where->minimum >= max)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "minimum_address", where->minimum,
				   "not aligned, or not below the maximum");
	return vidmm_va_find_gap(&space->ranges, pages, vidmm_va_page(where->minimum),
				 vidmm_va_page(max), first) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/**
 * vidmm_va_reserve - reserve a range
 * @space: the space
 * @where: where it is to be, in units of VIDMM_VA_UNIT
 * @bytes: its size, likewise
 * @zero: it reads as zero, else it faults
 * @driver_protection: opaque
 * @address: where it is
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also if something is there already;
 * STATUS_NO_MEMORY: no memory, or no room.
 */
int vidmm_va_reserve(struct vidmm_va_space *space, const struct vidmm_va_where *where, u64 bytes,
		     bool zero, u64 driver_protection, u64 *address)
{
	u64 pages = vidmm_va_page(bytes), first;
	struct vidmm_va *va, *at;
	int status;

	if (!bytes || !aligned(bytes, VIDMM_VA_UNIT) || bytes > VIDMM_VA_END)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "size", bytes,
				   "not whole units of 64 KiB");
	mutex_lock(&space->lock);
	status = choose(space, where, VIDMM_VA_UNIT, pages, &first);
	if (status)
		goto unlock;
	status = STATUS_INVALID_PARAMETER;
	if (place_of(space, first, first + pages, &at) != PLACE_FREE)
		goto unlock;
	status = STATUS_NO_MEMORY;
	va = vidmm_va_new(space);
	if (!va)
		goto unlock;
	va->kind = VIDMM_VA_IS_RESERVED;
	va->zero = zero;
	va->first = first;
	va->end = first + pages;
	va->reservation = ++space->reservations;
	va->driver_protection = driver_protection;
	vidmm_va_insert(space, va);
	*address = first << VIDMM_VA_PAGE_SHIFT;
	status = STATUS_SUCCESS;
unlock:
	mutex_unlock(&space->lock);
	return status;
}

/**
 * vidmm_va_check - can there be such a mapping at all?
 * @mapping: the mapping
 *
 * Context: any.
 * Return: STATUS_SUCCESS or STATUS_INVALID_PARAMETER.
 */
int vidmm_va_check(const struct vidmm_va_mapping *mapping)
{
	u64 size;

	if (!mapping->bytes || !aligned(mapping->bytes, VIDMM_VA_PAGE) ||
	    mapping->bytes > VIDMM_VA_END ||
	    mapping->protection & ~D3DDDIGPUVA_PROTECTION_FLAGS ||
	    (mapping->protection & NOT_MEMORY) == NOT_MEMORY)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "protection", mapping->protection,
				   "undefined bits, or a size that cannot be");
	if (mapping->protection & NOT_MEMORY)
		return mapping->owner ?
			vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation", mapping->protection,
				    "zero and no access are without one") : STATUS_SUCCESS;
	if (!mapping->owner || !mapping->period || mapping->bytes % mapping->period ||
	    !aligned(mapping->offset, VIDMM_VA_PAGE) || !aligned(mapping->period, VIDMM_VA_PAGE))
		return STATUS_INVALID_PARAMETER;
	/* An owner whose binding is gone has no size any more; nothing gets mapped then. */
	size = mapping->owner->bytes;
	if (mapping->offset > size || mapping->period > size - mapping->offset)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "offset_in_pages",
				   mapping->offset >> VIDMM_VA_PAGE_SHIFT,
				   "the range goes beyond the allocation");
	return STATUS_SUCCESS;
}

static bool overlap(u64 first, u64 end, u64 other_first, u64 other_end)
{
	return first < other_end && other_first < end;
}

/* Does an entry use any of these pages of its memory? */
static bool uses(const struct vidmm_va *va, u64 first, u64 end)
{
	u64 length = va->end - va->first;

	/* Part of one repetition; if it did not begin anew, it would not repeat. */
	if (length < va->period)
		return overlap(first, end, va->offset + va->phase, va->offset + va->period) ||
		       overlap(first, end, va->offset,
			       va->offset + va->phase + length - va->period);
	return overlap(first, end, va->offset, va->offset + (va->period ? va->period : length));
}

/*
 * Where two mappings use the same page of the memory, and one of them has a unique driver protection,
 * both must have the same. Linear in the mappings of the memory, but only for those who use it.
 */
static bool conflicts(const struct vidmm_va *va)
{
	struct vidmm_va_owner *owner = va->owner;
	bool unique = va->driver_protection & D3DGPU_UNIQUE_DRIVER_PROTECTION;
	u64 end = va->offset + (va->period ? va->period : va->end - va->first);
	struct vidmm_va *other;

	if (!unique && !owner->unique)
		return false;
	hlist_for_each_entry(other, &owner->mappings, link) {
		if (other->driver_protection != va->driver_protection &&
		    (unique || other->driver_protection & D3DGPU_UNIQUE_DRIVER_PROTECTION) &&
		    uses(other, va->offset, end))
			return true;
		owner->space->work++;
		cond_resched();
	}
	return false;
}

/**
 * vidmm_va_set_up - what an entry is to mean
 * @va: the entry
 * @first: its first page
 * @mapping: as vidmm_va_check() passed it
 */
void vidmm_va_set_up(struct vidmm_va *va, u64 first, const struct vidmm_va_mapping *mapping)
{
	va->first = first;
	va->end = first + vidmm_va_page(mapping->bytes);
	va->driver_protection = mapping->driver_protection;
	if (mapping->protection & D3DDDIGPUVA_PROTECTION_ZERO) {
		va->kind = VIDMM_VA_IS_ZERO;
	} else if (mapping->protection & D3DDDIGPUVA_PROTECTION_NO_ACCESS) {
		va->kind = VIDMM_VA_IS_NO_ACCESS;
	} else {
		va->kind = VIDMM_VA_IS_MEMORY;
		va->owner = mapping->owner;
		va->write = mapping->protection & D3DDDIGPUVA_PROTECTION_WRITE;
		va->offset = vidmm_va_page(mapping->offset);
		va->period = mapping->period < mapping->bytes ? vidmm_va_page(mapping->period) : 0;
	}
}

/* A reservation already means this where nothing is mapped into it. */
static bool means_nothing(const struct vidmm_va *va, const struct vidmm_va *reservation)
{
	return va->kind == (reservation->zero ? VIDMM_VA_IS_ZERO : VIDMM_VA_IS_NO_ACCESS);
}

/**
 * vidmm_va_put_inner - map into a reservation
 * @space: the space, locked
 * @reservation: the reservation
 * @va: the entry, set up and within the reservation; gone if it was not needed, but not on failure
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a conflict of driver protections;
 * STATUS_NO_MEMORY.
 */
int vidmm_va_put_inner(struct vidmm_va_space *space, struct vidmm_va *reservation,
		       struct vidmm_va *va)
{
	struct vidmm_va *spare = NULL;

	if (va->kind == VIDMM_VA_IS_MEMORY && conflicts(va))
		return STATUS_INVALID_PARAMETER;
	if (vidmm_va_cut_splits(&space->mapped, va->first, va->end)) {
		spare = vidmm_va_new(space);
		if (!spare)
			return STATUS_NO_MEMORY;
	}
	vidmm_va_cut(space, &space->mapped, va->first, va->end, &spare);
	va->inner = true;
	if (means_nothing(va, reservation))
		vidmm_va_delete(space, va);
	else
		vidmm_va_insert(space, va);
	return STATUS_SUCCESS;
}

/* Map anew what is part of a range that was mapped; it stays one range. */
static int put_over(struct vidmm_va_space *space, struct vidmm_va *at, struct vidmm_va *va)
{
	bool continues = at->first < va->first || at->continued;
	struct vidmm_va *spare = NULL, *last, *next;
	bool continued;

	if (va->kind != VIDMM_VA_IS_MEMORY || conflicts(va))
		return STATUS_INVALID_PARAMETER;
	if (vidmm_va_cut_splits(&space->ranges, va->first, va->end)) {
		spare = vidmm_va_new(space);
		if (!spare)
			return STATUS_NO_MEMORY;
	}
	last = vidmm_va_find(&space->ranges, va->end - 1);
	next = vidmm_va_next(last);
	continued = last->end > va->end || (next && next->continued);
	vidmm_va_cut(space, &space->ranges, va->first, va->end, &spare);
	va->continued = continues;
	vidmm_va_insert(space, va);
	next = vidmm_va_next(va);
	if (next)
		next->continued = continued;
	return STATUS_SUCCESS;
}

static int put(struct vidmm_va_space *space, struct vidmm_va *va)
{
	struct vidmm_va *at;

	switch (place_of(space, va->first, va->end, &at)) {
	case PLACE_FREE:
		if (va->kind == VIDMM_VA_IS_MEMORY && conflicts(va))
			return STATUS_INVALID_PARAMETER;
		vidmm_va_insert(space, va);
		return STATUS_SUCCESS;
	case PLACE_RESERVED:
		return vidmm_va_put_inner(space, at, va);
	case PLACE_MAPPED:
		return put_over(space, at, va);
	default:
		return STATUS_INVALID_PARAMETER;
	}
}

/**
 * vidmm_va_map - map memory, or nothing, or zeroes
 * @space: the space
 * @where: where, in pages: free addresses, or such as are part of a reservation or, but for zeroes and
 *	nothing, of a range that was mapped
 * @mapping: what
 * @address: where it is
 *
 * Context: sleeps; the caller has a reference on the binding of @mapping->owner.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY: no memory, or no room.
 */
int vidmm_va_map(struct vidmm_va_space *space, const struct vidmm_va_where *where,
		 const struct vidmm_va_mapping *mapping, u64 *address)
{
	int status = vidmm_va_check(mapping);
	struct vidmm_va *va;
	u64 first;

	if (status)
		return status;
	mutex_lock(&space->lock);
	status = choose(space, where, VIDMM_VA_PAGE, vidmm_va_page(mapping->bytes), &first);
	if (status)
		goto unlock;
	status = STATUS_NO_MEMORY;
	va = vidmm_va_new(space);
	if (!va)
		goto unlock;
	vidmm_va_set_up(va, first, mapping);
	status = put(space, va);
	if (status)
		vidmm_va_delete(space, va);
	else
		*address = first << VIDMM_VA_PAGE_SHIFT;
unlock:
	mutex_unlock(&space->lock);
	return status;
}

/**
 * vidmm_va_map_page - show the GPU the page of a fence
 * @space: the space
 * @page: the page, which gets another reference
 * @address: where it is
 *
 * Only vidmm_va_unmap_page() frees it.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS or STATUS_NO_MEMORY.
 */
int vidmm_va_map_page(struct vidmm_va_space *space, struct page *page, u64 *address)
{
	struct vidmm_va *va;
	u64 first;

	mutex_lock(&space->lock);
	va = vidmm_va_new(space);
	if (!va || !vidmm_va_find_gap(&space->ranges, 1, vidmm_va_page(FENCES_MIN), END_PAGE,
				      &first)) {
		vidmm_va_delete(space, va);
		mutex_unlock(&space->lock);
		return STATUS_NO_MEMORY;
	}
	va->kind = VIDMM_VA_IS_FENCE;
	va->first = first;
	va->end = first + 1;
	get_page(page);
	va->page = page;
	vidmm_va_insert(space, va);
	mutex_unlock(&space->lock);
	*address = first << VIDMM_VA_PAGE_SHIFT;
	return STATUS_SUCCESS;
}

/**
 * vidmm_va_unmap_page - undo vidmm_va_map_page()
 * @space: the space, which may have been cleared
 * @address: where it is
 *
 * Context: sleeps.
 */
void vidmm_va_unmap_page(struct vidmm_va_space *space, u64 address)
{
	struct vidmm_va *va;

	mutex_lock(&space->lock);
	va = vidmm_va_find(&space->ranges, vidmm_va_page(address));
	if (va)
		vidmm_va_remove(space, va);
	mutex_unlock(&space->lock);
}

/* Is every page part of a range, and none of a fence's? */
static bool all_in_use(struct vidmm_va_space *space, u64 first, u64 end)
{
	struct vidmm_va *va = vidmm_va_find(&space->ranges, first);

	while (va && va->first <= first && va->kind != VIDMM_VA_IS_FENCE) {
		if (va->end >= end)
			return true;
		first = va->end;
		va = vidmm_va_next(va);
		cond_resched();
	}
	return false;
}

/**
 * vidmm_va_free - free addresses
 * @space: the space
 * @address: the first
 * @bytes: how many; ranges, or parts of some, without anything free between them
 *
 * What is left of a range goes on, in two ranges if it was freed in the middle.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY: nothing has changed.
 */
int vidmm_va_free(struct vidmm_va_space *space, u64 address, u64 bytes)
{
	u64 first = vidmm_va_page(address), end = vidmm_va_page(address + bytes);
	struct vidmm_va *spare = NULL, *inner_spare = NULL;
	int status = STATUS_INVALID_PARAMETER;

	if (!bytes || !aligned(address, VIDMM_VA_PAGE) || !aligned(bytes, VIDMM_VA_PAGE) ||
	    bytes > VIDMM_VA_END || address > VIDMM_VA_END - bytes)
		return status;
	mutex_lock(&space->lock);
	if (!all_in_use(space, first, end))
		goto unlock;
	status = STATUS_NO_MEMORY;
	if (vidmm_va_cut_splits(&space->ranges, first, end)) {
		spare = vidmm_va_new(space);
		if (!spare)
			goto unlock;
	}
	if (vidmm_va_cut_splits(&space->mapped, first, end)) {
		inner_spare = vidmm_va_new(space);
		if (!inner_spare)
			goto unlock;
	}
	vidmm_va_cut(space, &space->ranges, first, end, &spare);
	vidmm_va_cut(space, &space->mapped, first, end, &inner_spare);
	status = STATUS_SUCCESS;
unlock:
	vidmm_va_delete(space, spare);
	mutex_unlock(&space->lock);
	return status;
}

/**
 * vidmm_va_owner_create - let the memory of a binding be mapped
 * @space: the space of its process
 * @alloc: the memory; the binding has a reference on it
 * @device: whose binding it is
 * @resident: how often that device has made it resident
 * @handle: what to call it
 *
 * Context: sleeps.
 * Return: the owner with one reference, for the binding, or NULL.
 */
struct vidmm_va_owner *vidmm_va_owner_create(struct vidmm_va_space *space,
					     struct vidmm_alloc *alloc, const void *device,
					     const u32 *resident, u32 handle)
{
	struct vidmm_va_owner *owner = kmalloc(sizeof(*owner), VDXG_GFP);

	if (!owner)
		return NULL;
	refcount_set(&owner->refs, 1);
	owner->space = space;
	owner->alloc = alloc;
	owner->bytes = (u64)alloc->npages << PAGE_SHIFT;
	owner->device = device;
	owner->resident = resident;
	owner->handle = handle;
	owner->unique = 0;
	INIT_HLIST_HEAD(&owner->mappings);
	return owner;
}

/**
 * vidmm_va_owner_unmap - the binding goes
 * @owner: the owner; afterwards it has no mappings and gets none
 *
 * What was mapped in free space is free; a reservation means again what it did.
 *
 * Context: no locks; sleeps.
 */
void vidmm_va_owner_unmap(struct vidmm_va_owner *owner)
{
	struct vidmm_va_space *space = owner->space;
	struct vidmm_va *va;
	struct hlist_node *next;

	mutex_lock(&space->lock);
	hlist_for_each_entry_safe(va, next, &owner->mappings, link) {
		vidmm_va_remove(space, va);
		cond_resched();
	}
	owner->alloc = NULL;
	mutex_unlock(&space->lock);
}

/**
 * vidmm_va_owner_put - drop a reference
 * @owner: the owner
 *
 * Context: any.
 */
void vidmm_va_owner_put(struct vidmm_va_owner *owner)
{
	if (refcount_dec_and_test(&owner->refs))
		kfree(owner);
}
