// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks.c: what tests want of the manager that programs do not: the VIDMM escapes
 */
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "hooks.h"
#include "look.h"
#include "place.h"

/**
 * vidmm_evict_one - evict an allocation although it may be required
 * @alloc: the allocation, referenced
 *
 * It comes back when its place is asked for again.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, also where there is nothing to evict; else as vidmm_page_out().
 */
int vidmm_evict_one(struct vidmm_alloc *alloc)
{
	int status;

	if (alloc->flags & (VIDMM_EXISTING | VIDMM_IMPORTED))
		return STATUS_SUCCESS;
	status = vidmm_claim(alloc, 0);
	if (status)
		return status;
	if (vidmm_in_gpu_segment(alloc) && !READ_ONCE(alloc->holds))
		status = vidmm_move_out(alloc);
	vidmm_release(alloc);
	return status;
}

/**
 * vidmm_evict_all - evict all allocations of a size, as vidmm_evict_one()
 * @mm: the manager
 * @client: whose; NULL for everybody's
 * @min: of at least so many bytes
 * @max: and at most so many
 *
 * Those that are made resident meanwhile may stay.
 *
 * Context: sleeps.
 * Return: as vidmm_evict_one(), of the first that fails.
 */
int vidmm_evict_all(struct vidmm *mm, const struct vidmm_client *client, u64 min, u64 max)
{
	struct vidmm_cursor cursor;
	struct vidmm_alloc *alloc;
	int status = STATUS_SUCCESS;
	u64 bytes;

	vidmm_cursor_begin(&cursor);
	while (!status && vidmm_cursor_next(mm, &cursor) &&
	       cursor.segment < VIDMM_NUM_GPU_SEGMENTS) {
		alloc = cursor.alloc;
		bytes = (u64)alloc->npages << PAGE_SHIFT;
		if ((!client || alloc->client == client) && bytes >= min && bytes <= max)
			status = vidmm_evict_one(alloc);
		cond_resched();
	}
	vidmm_cursor_end(&cursor);
	return status;
}

static unsigned long pages_in(const struct rb_root_cached *tree, unsigned long *count)
{
	unsigned long pages = 0;
	struct rb_node *node;

	for (node = rb_first_cached(tree); node; node = rb_next(node)) {
		pages += vidmm_placed(node)->npages;
		++*count;
	}
	return pages;
}

/* A segment's trees hold no more than the segment, and its clients what it says, but for those who move. */
static bool segment_adds_up(struct vidmm *mm, unsigned int id)
{
	unsigned long pages = 0, count = 0, held = 0;
	struct vidmm_segment *segment = &mm->segments[id];
	struct vidmm_client *client;
	unsigned int class;

	for (class = 0; class < VIDMM_NUM_SEGMENT_CLASSES; class++)
		pages += pages_in(&segment->classes[class], &count);
	list_for_each_entry(client, &mm->clients, link) {
		pages += pages_in(&client->required[id], &count);
		if (id < VIDMM_NUM_GPU_SEGMENTS)
			pages += pages_in(&client->kept[id], &count);
		held += client->used[id];
	}
	return pages <= held && count <= segment->allocs && held <= segment->used &&
	       (mm->busy || held == segment->used);
}

/**
 * vidmm_adds_up - is what the manager counts consistent?
 * @mm: the manager
 * @id: the segment to look at; VIDMM_NOWHERE for all of them and everything else
 *
 * For tests: takes as long as there are allocations, and everybody else waits.
 *
 * Context: any but under &vidmm.lock.
 */
bool vidmm_adds_up(struct vidmm *mm, unsigned int id)
{
	unsigned long commit = 0, allocs = 0, shares[VIDMM_NUM_GROUPS] = { };
	const struct vidmm_client *client;
	bool good = true;
	unsigned int i;

	spin_lock(&mm->lock);
	for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++)
		if (id == VIDMM_NOWHERE || id == i)
			good &= segment_adds_up(mm, i);
	list_for_each_entry(client, &mm->clients, link) {
		commit += client->commit;
		allocs += client->allocs;
		for (i = 0; i < VIDMM_NUM_GROUPS; i++)
			shares[i] += client->share[i];
	}
	good &= commit == mm->commit && allocs == mm->allocs;
	for (i = 0; i < VIDMM_NUM_GROUPS; i++)
		good &= shares[i] == mm->shares[i];
	spin_unlock(&mm->lock);
	return good;
}
