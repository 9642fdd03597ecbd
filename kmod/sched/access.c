// SPDX-License-Identifier: GPL-2.0-only
/*
 * access.c: the engine's way to memory (see access.h)
 *
 * An address is translated, then its memory is pinned, then it is looked where that is. What the device
 * requires may have lost its place to another process since it was brought there: it is brought back
 * and everything tried again.
 *
 * Of two allocations only the first is waited for while nothing is pinned, since whoever moves one may
 * wait for the other to be unpinned.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <d3dkmthk.h>

#include "../vidmm/paging.h"
#include "../vidmm/turn.h"
#include "access.h"
#include "queue.h"

/* How often what others took away meanwhile is brought back before that is given up. */
#define ATTEMPTS	64

static void put_runs(struct vdxg_side *sides, unsigned int count)
{
	while (count--)
		vidmm_va_run_put(&sides[count].run);
}

/*
 * Look up where all addresses lead, and for how many bytes they do so together. STATUS_UNSUCCESSFUL
 * and no reference if one of them is a fault.
 */
static int translate(struct vdxg_timeline *timeline, struct vdxg_side *sides, unsigned int count,
		     u64 *bytes)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct vdxg_side *side = &sides[i];

		side->what = vidmm_va_translate(&timeline->mm->va, timeline->owner, side->address,
						side->access, &side->run);
		/* Pages that the process gave us to read only. */
		if (side->what == VIDMM_VA_MEMORY && side->access == VIDMM_VA_WRITE &&
		    !vidmm_writable(side->run.alloc))
			side->what = VIDMM_VA_READ_ONLY;
		if (vidmm_va_faulted(side->what)) {
			put_runs(sides, i + 1);
			return STATUS_UNSUCCESSFUL;
		}
		*bytes = min(*bytes, side->run.bytes);
	}
	return STATUS_SUCCESS;
}

/* The allocations behind some addresses, each once; up to @count. */
static unsigned int allocs_of(struct vdxg_side *sides, unsigned int count,
			      struct vidmm_ref *refs)
{
	unsigned int i, n = 0;

	for (i = 0; i < count; i++) {
		struct vidmm_alloc *alloc = sides[i].run.alloc;

		if (sides[i].what == VIDMM_VA_MEMORY && (!n || refs[0].alloc != alloc))
			refs[n++].alloc = alloc;
	}
	return n;
}

static int pin_all(struct vidmm_ref *refs, unsigned int count)
{
	int status = STATUS_SUCCESS;
	unsigned int first = 0;

	if (!count)
		return STATUS_SUCCESS;
	for (;; first = 1 - first) {
		status = vidmm_pin(refs[first].alloc);
		if (status || count == 1)
			return status;
		if (vidmm_trypin(refs[1 - first].alloc, &status)) {
			if (status)
				vidmm_unpin(refs[first].alloc);
			return status;
		}
		/* Wait for that one with nothing pinned, then try this one. */
		vidmm_unpin(refs[first].alloc);
	}
}

static void unpin_all(struct vidmm_ref *refs, unsigned int count)
{
	while (count--)
		vidmm_unpin(refs[count].alloc);
}

static bool all_there(struct vidmm_ref *refs, unsigned int count)
{
	while (count--)
		if (!vidmm_in_gpu_segment(refs[count].alloc))
			return false;
	return true;
}

/* What is on offer is not brought back; is that so? */
static bool any_offered(struct vdxg_side *sides, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (sides[i].what != VIDMM_VA_MEMORY || !READ_ONCE(sides[i].run.alloc->offer))
			continue;
		sides[i].offered = true;
		sides[i].what = VIDMM_VA_NOT_RESIDENT;
		return true;
	}
	return false;
}

/* Pin all memory behind some addresses in segments of the GPU. */
static int pin_there(struct vdxg_side *sides, unsigned int count, bool here)
{
	struct vidmm_ref refs[VDXG_MAX_SIDES] = { };
	unsigned int n = allocs_of(sides, count, refs), attempt;
	int status;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		status = pin_all(refs, n);
		if (status || all_there(refs, n))
			return status;
		unpin_all(refs, n);
		if (any_offered(sides, count))
			return STATUS_INVALID_PARAMETER;
		if (here)
			return STATUS_PENDING;
		status = vidmm_page_in_list(refs, n, vidmm_touch_list(refs, n), 0);
		/* Who came later keeps his place; next time that is us. */
		if (status && status != STATUS_NO_MEMORY)
			return status;
		cond_resched();
	}
	return STATUS_NO_MEMORY;
}

/**
 * vdxg_access_begin - get hold of memory
 * @timeline: the device that runs
 * @sides: the addresses
 * @count: how many, up to VDXG_MAX_SIDES
 * @here: do not page in
 * @bytes: how many bytes are wanted, not 0; becomes how many there are at once
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_UNSUCCESSFUL if one of them is a fault (&vdxg_side.what);
 * STATUS_PENDING if it cannot be done here, or the caller is being killed; STATUS_NO_MEMORY if what is
 * required cannot be brought back; STATUS_DEVICE_REMOVED.
 */
int vdxg_access_begin(struct vdxg_timeline *timeline, struct vdxg_side *sides, unsigned int count,
		      bool here, u64 *bytes)
{
	int status;

	status = translate(timeline, sides, count, bytes);
	if (status)
		return status;
	status = pin_there(sides, count, here);
	if (status)
		put_runs(sides, count);
	if (status == STATUS_INVALID_PARAMETER)
		return STATUS_UNSUCCESSFUL;
	/* Only who is being killed hears this; the worker cannot be. */
	return status == STATUS_UNSUCCESSFUL ? STATUS_PENDING : status;
}

/* Let go of the memory behind an address. */
static void finish(struct vdxg_side *side, u64 bytes)
{
	struct vidmm_alloc *alloc = side->run.alloc;
	unsigned long first = side->run.offset >> PAGE_SHIFT;
	unsigned long last = (side->run.offset + bytes - 1) >> PAGE_SHIFT;

	vidmm_used(alloc);
	if (side->access == VIDMM_VA_WRITE)
		vidmm_written(alloc, first, last - first + 1);
}

/**
 * vdxg_access_end - let go of memory
 * @sides: as for vdxg_access_begin(), which succeeded
 * @count: how many
 * @bytes: how many bytes have been used
 *
 * Context: sleeps, where the device has to be told what was written.
 */
void vdxg_access_end(struct vdxg_side *sides, unsigned int count, u64 bytes)
{
	struct vidmm_ref refs[VDXG_MAX_SIDES] = { };
	unsigned int n = allocs_of(sides, count, refs), i;

	for (i = 0; i < count; i++)
		if (sides[i].what == VIDMM_VA_MEMORY)
			finish(&sides[i], bytes);
	unpin_all(refs, n);
	put_runs(sides, count);
}

/* Where the kernel sees a byte, and how many go on from there. */
static void *at(const struct vdxg_side *side, u64 done, u64 *room)
{
	u64 offset = side->run.offset + done;
	unsigned int in_page = offset_in_page(offset);
	void *page;

	if (side->what == VIDMM_VA_MEMORY)
		page = vidmm_vaddr(side->run.alloc, offset >> PAGE_SHIFT);
	else
		page = page_address(side->run.page);
	*room = min(*room, (u64)PAGE_SIZE - in_page);
	return page + in_page;
}

/**
 * vdxg_access_fill - write a pattern
 * @to: where, a multiple of 4
 * @value: the pattern
 * @bytes: how much, a multiple of 4
 */
void vdxg_access_fill(const struct vdxg_side *to, u32 value, u64 bytes)
{
	u64 done, n;
	void *p;

	if (to->what == VIDMM_VA_ZERO)
		return;
	for (done = 0; done < bytes; done += n) {
		n = bytes - done;
		p = at(to, done, &n);
		memset32(p, value, n / sizeof(value));
	}
}

/* Two addresses may lead to the same memory. */
static void copy_piece(void *to, const void *from, size_t n)
{
	if (to + n <= from || from + n <= to)
		memcpy(to, from, n);
	else
		memmove(to, from, n);
}

/**
 * vdxg_access_copy - copy
 * @to: where to
 * @from: where from
 * @bytes: how much
 *
 * Upwards, a page at a time: a caller that wants more than uapi/vdxg.h promises of memory copied over itself
 * would have to know of all mappings before the first byte.
 */
void vdxg_access_copy(const struct vdxg_side *to, const struct vdxg_side *from, u64 bytes)
{
	void *p, *q = NULL;
	u64 done, n;

	if (to->what == VIDMM_VA_ZERO)
		return;
	for (done = 0; done < bytes; done += n) {
		n = bytes - done;
		p = at(to, done, &n);
		/* A statement of its own: how much goes on at both is known only after it. */
		if (from->what != VIDMM_VA_ZERO)
			q = at(from, done, &n);
		if (q)
			copy_piece(p, q, n);
		else
			memset(p, 0, n);
	}
}

/**
 * vdxg_access_read - read into memory of the kernel
 * @from: where from
 * @to: where to
 * @bytes: how much
 */
void vdxg_access_read(const struct vdxg_side *from, void *to, u64 bytes)
{
	u64 done, n;
	void *p;

	if (from->what == VIDMM_VA_ZERO) {
		memset(to, 0, bytes);
		return;
	}
	for (done = 0; done < bytes; done += n) {
		n = bytes - done;
		p = at(from, done, &n);
		memcpy(to + done, p, n);
	}
}

/**
 * vdxg_access_write - write from memory of the kernel
 * @to: where to
 * @from: where from
 * @bytes: how much
 */
void vdxg_access_write(const struct vdxg_side *to, const void *from, u64 bytes)
{
	u64 done, n;
	void *p;

	if (to->what == VIDMM_VA_ZERO)
		return;
	for (done = 0; done < bytes; done += n) {
		n = bytes - done;
		p = at(to, done, &n);
		memcpy(p, from + done, n);
	}
}
