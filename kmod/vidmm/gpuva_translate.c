// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva_translate.c: what the engine finds at a GPU virtual address (see gpuva.h)
 *
 * An answer is good for the rest of the mapping, and holds references on what it names: nothing is changed, and no
 * lock is kept.
 */
#include <linux/kernel.h>
#include <linux/mm.h>

#include "gpuva_tree.h"
#include "vidmm.h"

/* What memory answers. */
static enum vidmm_va_result look_at_memory(const struct vidmm_va *va, u64 page, const void *device,
					   bool write, struct vidmm_va_run *run)
{
	const struct vidmm_va_owner *owner = va->owner;
	u64 index = page - va->first;
	u64 pages = va->end - page;

	run->handle = owner->handle;
	if (write && !va->write)
		return VIDMM_VA_READ_ONLY;
	if (device && (owner->device != device || !READ_ONCE(*owner->resident)))
		return VIDMM_VA_NOT_RESIDENT;
	if (va->period) {
		index = (va->phase + index) % va->period;
		pages = min(pages, va->period - index);
	}
	run->offset = (va->offset + index) << VIDMM_VA_PAGE_SHIFT;
	run->bytes = pages << VIDMM_VA_PAGE_SHIFT;
	run->alloc = owner->alloc;
	refcount_inc(&owner->alloc->refs);
	return VIDMM_VA_MEMORY;
}

/* What a reservation answers where nothing is mapped into it; @next is what follows there, or NULL. */
static enum vidmm_va_result look_at_reservation(const struct vidmm_va *va, u64 page,
						const struct vidmm_va *next,
						struct vidmm_va_run *run)
{
	if (!va->zero)
		return VIDMM_VA_NO_ACCESS;
	run->bytes = ((next ? min(next->first, va->end) : va->end) - page) << VIDMM_VA_PAGE_SHIFT;
	return VIDMM_VA_ZERO;
}

static enum vidmm_va_result look(struct vidmm_va_space *space, const void *device, u64 page,
				 bool write, struct vidmm_va_run *run)
{
	struct vidmm_va *va = vidmm_va_find(&space->ranges, page), *reservation;

	if (!va || va->first > page)
		return VIDMM_VA_UNMAPPED;
	if (va->kind == VIDMM_VA_IS_RESERVED) {
		reservation = va;
		va = vidmm_va_find(&space->mapped, page);
		if (!va || va->first > page)
			return look_at_reservation(reservation, page, va, run);
	}
	switch (va->kind) {
	case VIDMM_VA_IS_MEMORY:
		return look_at_memory(va, page, device, write, run);
	case VIDMM_VA_IS_FENCE:
		if (write)
			return VIDMM_VA_READ_ONLY;
		get_page(va->page);
		run->page = va->page;
		run->bytes = VIDMM_VA_PAGE;
		return VIDMM_VA_FENCE;
	case VIDMM_VA_IS_ZERO:
		run->bytes = (va->end - page) << VIDMM_VA_PAGE_SHIFT;
		return VIDMM_VA_ZERO;
	default:
		return VIDMM_VA_NO_ACCESS;
	}
}

/**
 * vidmm_va_translate - what is at an address?
 * @space: the space
 * @device: the device that wants to know: its memory must be resident; NULL: never mind
 * @address: the address
 * @access: what it wants to do there
 * @run: the answer; vidmm_va_run_put() is due if it is no fault
 *
 * Context: no locks; sleeps.
 * Return: what it is, or why it cannot be used.
 */
enum vidmm_va_result vidmm_va_translate(struct vidmm_va_space *space, const void *device,
					u64 address, enum vidmm_va_access access,
					struct vidmm_va_run *run)
{
	u64 inside = address & (VIDMM_VA_PAGE - 1);
	enum vidmm_va_result result;

	run->bytes = 0;
	run->alloc = NULL;
	run->offset = 0;
	run->page = NULL;
	run->handle = 0;
	if (address >= VIDMM_VA_END) {
		run->bytes = 1;
		return VIDMM_VA_UNMAPPED;
	}
	mutex_lock(&space->lock);
	result = look(space, device, vidmm_va_page(address), access == VIDMM_VA_WRITE, run);
	mutex_unlock(&space->lock);
	if (vidmm_va_faulted(result)) {
		run->bytes = 1;
	} else {
		run->bytes -= inside;
		run->offset += inside;
	}
	return result;
}

/**
 * vidmm_va_run_put - the answer is of no interest any more
 * @run: the answer, of whatever kind
 *
 * Context: no locks; may sleep.
 */
void vidmm_va_run_put(struct vidmm_va_run *run)
{
	if (run->alloc)
		vidmm_alloc_put(run->alloc);
	if (run->page)
		put_page(run->page);
}
