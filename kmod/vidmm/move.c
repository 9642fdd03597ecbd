// SPDX-License-Identifier: GPL-2.0-only
/*
 * move.c: allocations get memory, come to the GPU, and lose their place
 *
 * What callers want of one allocation, or of the next ones. Whoever moves an allocation has claimed it; how its content
 * moves is in transfer.c, who has to leave for it in room.c, and what is given up in discard.c.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "room.h"
#include "transfer.h"

/* A claimed allocation that was swapped out comes back to system memory. */
static int swap_in(struct vidmm_alloc *alloc)
{
	return vidmm_transfer_beyond(alloc, VIDMM_SYSTEM, VIDMM_WHY_USED);
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
		victim = mm->removed ? NULL :
			vidmm_claim_victim(mm, VIDMM_SYSTEM, U64_MAX, true, false);
		spin_unlock(&mm->lock);
		if (!victim)
			break;
		status = vidmm_transfer_beyond(victim, VIDMM_SWAPPED, VIDMM_WHY_MEMORY);
		if (!status)
			done += victim->npages;
		else if (status == STATUS_GRAPHICS_ALLOCATION_BUSY && vidmm_pass_over(victim, &passed))
			status = STATUS_SUCCESS;
		vidmm_release(victim);
		vidmm_alloc_put(victim);
		cond_resched();
	}
	return done;
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
	struct vidmm_room room;
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
		if (!vidmm_room_try(alloc, id, &room))
			continue;
		status = vidmm_fill(alloc, &room, VIDMM_WHY_USED);
		if (status != STATUS_NO_MEMORY && status != STATUS_GRAPHICS_NO_VIDEO_MEMORY)
			goto release;
	}
	vidmm_room_try(alloc, VIDMM_SYSTEM, &room);
	status = vidmm_fill(alloc, &room, VIDMM_WHY_USED);
	/* Nobody evicts anything for the CPU, so that a full device is no other answer. */
	if (status == STATUS_GRAPHICS_NO_VIDEO_MEMORY)
		status = STATUS_NO_MEMORY;
release:
	vidmm_release(alloc);
	return status;
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
 * vidmm_move_out - take a claimed allocation to system memory, also one that is required or on offer
 * @alloc: the allocation, claimed, in a segment of the GPU, and not over the caller's own pages
 *
 * Context: sleeps.
 * Return: as vidmm_populate().
 */
int vidmm_move_out(struct vidmm_alloc *alloc)
{
	int status = vidmm_transfer_beyond(alloc, VIDMM_SYSTEM, VIDMM_WHY_EVICTED);

	return status == STATUS_GRAPHICS_ALLOCATION_BUSY ? STATUS_NO_MEMORY : status;
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
		status = vidmm_leave(alloc, VIDMM_WHY_EVICTED);
	vidmm_release(alloc);
	return status;
}
