// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva_update.c: several changes of a reservation at once, made later (see gpuva_update.h)
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "gpuva_tree.h"
#include "gpuva_update.h"

/* The reservation that all of a range is in, or NULL. */
static struct vidmm_va *reservation_of(struct vidmm_va_space *space, u64 address, u64 bytes)
{
	struct vidmm_va *va = vidmm_va_find(&space->ranges, vidmm_va_page(address));

	if (!va || va->kind != VIDMM_VA_IS_RESERVED || va->first > vidmm_va_page(address) ||
	    va->end < vidmm_va_page(address + bytes))
		return NULL;
	return va;
}

/* A range is in a reservation that reads as zero, the same as those before. */
static bool check_range(struct vidmm_va_space *space, u64 address, u64 bytes, u64 *number)
{
	struct vidmm_va *va;

	if (address & (VIDMM_VA_PAGE - 1) || address > VIDMM_VA_END - bytes)
		return false;
	va = reservation_of(space, address, bytes);
	if (!va || !va->zero || (*number && va->reservation != *number))
		return false;
	*number = va->reservation;
	return true;
}

static int check_op(struct vidmm_va_update *update, const struct vidmm_va_op *op)
{
	u64 bytes = op->mapping.bytes;

	if (!op->source && vidmm_va_check(&op->mapping))
		return STATUS_INVALID_PARAMETER;
	if (!bytes || bytes & (VIDMM_VA_PAGE - 1) || bytes > VIDMM_VA_END ||
	    !check_range(update->space, op->address, bytes, &update->target) ||
	    (op->source && !check_range(update->space, op->source, bytes, &update->source)))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

/**
 * vidmm_va_update_check - can an update be made?
 * @update: the update, filled but for @target and @source
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS or STATUS_INVALID_PARAMETER.
 */
int vidmm_va_update_check(struct vidmm_va_update *update)
{
	int status = STATUS_SUCCESS;
	u32 i;

	update->target = 0;
	update->source = 0;
	mutex_lock(&update->space->lock);
	for (i = 0; !status && i < update->count; i++) {
		status = check_op(update, &update->ops[i]);
		cond_resched();
	}
	mutex_unlock(&update->space->lock);
	return status;
}

/* Map into a reservation, or unmap. */
static int apply_mapping(struct vidmm_va_space *space, struct vidmm_va *target,
			 const struct vidmm_va_op *op)
{
	struct vidmm_va *va;
	int status;

	/* The binding has gone since. */
	if (op->mapping.owner && !op->mapping.owner->alloc)
		return STATUS_SUCCESS;
	va = vidmm_va_new(space);
	if (!va)
		return STATUS_NO_MEMORY;
	vidmm_va_set_up(va, vidmm_va_page(op->address), &op->mapping);
	if (op->inherit)
		va->driver_protection = target->driver_protection;
	status = vidmm_va_put_inner(space, target, va);
	if (status)
		vidmm_va_delete(space, va);
	return status;
}

static void delete_copies(struct vidmm_va_space *space, struct hlist_head *copies)
{
	struct vidmm_va *va;
	struct hlist_node *next;

	hlist_for_each_entry_safe(va, next, copies, link) {
		vidmm_va_delete(space, va);
		cond_resched();
	}
}

/* Entries that one change may copy: others who use the GPU wait for it. */
#define MAX_COPIES	BIT(18)

/* What is mapped in a range, as if it were mapped at @to. Where nothing is, nothing will be. */
static int copy_entries(struct vidmm_va_space *space, u64 first, u64 end, u64 to,
			struct hlist_head *copies)
{
	struct vidmm_va *va, *copy;
	unsigned long count = 0;

	for (va = vidmm_va_find(&space->mapped, first); va && va->first < end;
	     va = vidmm_va_next(va)) {
		copy = count++ < MAX_COPIES ? vidmm_va_new(space) : NULL;
		if (!copy)
			return STATUS_NO_MEMORY;
		vidmm_va_clone(copy, va, max(va->first, first), min(va->end, end));
		copy->first += to - first;
		copy->end += to - first;
		hlist_add_head(&copy->link, copies);
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/* Both reservations read as zero, so that what is not mapped in one is copied by unmapping the other. */
static int apply_copy(struct vidmm_va_space *space, const struct vidmm_va_op *op)
{
	u64 first = vidmm_va_page(op->source), to = vidmm_va_page(op->address);
	u64 pages = vidmm_va_page(op->mapping.bytes);
	struct vidmm_va *spare = NULL, *va;
	struct hlist_node *next;
	HLIST_HEAD(copies);

	if (copy_entries(space, first, first + pages, to, &copies))
		goto fail;
	if (vidmm_va_cut_splits(&space->mapped, to, to + pages)) {
		spare = vidmm_va_new(space);
		if (!spare)
			goto fail;
	}
	vidmm_va_cut(space, &space->mapped, to, to + pages, &spare);
	hlist_for_each_entry_safe(va, next, &copies, link) {
		vidmm_va_insert(space, va);
		cond_resched();
	}
	return STATUS_SUCCESS;
fail:
	delete_copies(space, &copies);
	return STATUS_NO_MEMORY;
}

/**
 * vidmm_va_update_op - make one of the changes
 * @update: the update, checked
 * @index: which one
 * @work: how many entries of the space it has cost
 *
 * Nothing happens where the reservation or the allocation is gone.
 *
 * Context: no locks; sleeps; memory is charged to the caller's or the active cgroup.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a conflict of driver protections;
 * STATUS_NO_MEMORY, also for a copy of too many mappings: nothing has changed.
 */
int vidmm_va_update_op(struct vidmm_va_update *update, u32 index, u64 *work)
{
	const struct vidmm_va_op *op = &update->ops[index];
	struct vidmm_va_space *space = update->space;
	struct vidmm_va *target, *source = NULL;
	u64 bytes = op->mapping.bytes;
	int status = STATUS_SUCCESS;

	mutex_lock(&space->lock);
	*work = space->work;
	target = reservation_of(space, op->address, bytes);
	if (!target || target->reservation != update->target)
		goto unlock;
	if (op->source) {
		source = reservation_of(space, op->source, bytes);
		if (source && source->reservation == update->source)
			status = apply_copy(space, op);
	} else {
		status = apply_mapping(space, target, op);
	}
unlock:
	*work = space->work - *work;
	mutex_unlock(&space->lock);
	return status;
}

/**
 * vidmm_va_update_release - drop what an update refers to
 * @update: the update, which is the caller's to free
 *
 * Context: any.
 */
void vidmm_va_update_release(struct vidmm_va_update *update)
{
	u32 i;

	for (i = 0; i < update->count; i++)
		if (update->ops[i].mapping.owner)
			vidmm_va_owner_put(update->ops[i].mapping.owner);
}
