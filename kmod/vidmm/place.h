/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * place.h: what an allocation needs from when it first has memory
 *
 * Most allocations of a process may never have any, so it is in a piece of kernel memory of its own. That is made
 * before the first pages are taken, follows the allocation through all segments, and stays when the pages go, for the
 * next ones: it is freed with the kernel memory of the allocation itself, which a pool (object/pool.h) may keep for
 * another allocation. So nothing is allocated for one that moves or loses its memory, and only pages for one that gets
 * some again.
 *
 *	if (vidmm_place_make(alloc))
 *		... pages to alloc->place->memory; then under &vidmm.lock ...
 *	alloc->segment = id;
 *	vidmm_link(alloc);
 *
 *	... and under it again ...
 *	vidmm_unlink(alloc);
 *	memory = alloc->place->memory;
 *	alloc->segment = VIDMM_NOWHERE;
 *	... pages back from memory ...
 *
 *	... and with the kernel memory of the allocation ...
 *	if (alloc->place)
 *		vidmm_place_free(alloc->place);
 *
 * Whether an allocation has memory its segment says.
 */
#ifndef VDXG_PLACE_H
#define VDXG_PLACE_H

#include <linux/rbtree.h>

#include "vidmm.h"

/*
 * How often somebody tries again where others took the room that was made for him: each time he is the latest to
 * come, so those who came before give way.
 */
#define VIDMM_ATTEMPTS	32

/**
 * struct vidmm_place - where an allocation is
 * @alloc: whose it is
 * @node: in the tree of candidates; under &vidmm.lock
 * @memory: the pages, while the allocation has memory; changes under a claim and &vidmm.lock
 */
struct vidmm_place {
	struct vidmm_alloc *alloc;
	struct rb_node node;
	struct vdxg_memory memory;
};

int vidmm_place_init(void);
void vidmm_place_exit(void);
bool vidmm_place_make(struct vidmm_alloc *alloc);
void vidmm_place_free(struct vidmm_place *place);

/* The trees of candidates, and who goes first. */
void vidmm_link(struct vidmm_alloc *alloc);
void vidmm_unlink(struct vidmm_alloc *alloc);
void vidmm_relink(struct vidmm_alloc *alloc);
void vidmm_replace(struct vidmm_alloc *alloc, const struct vidmm_placement *to,
		   struct vidmm_run *run);
void vidmm_touch(struct vidmm_alloc *alloc);
bool vidmm_goes_before(const struct vidmm_alloc *x, const struct vidmm_alloc *y);
bool vidmm_may_go(const struct vidmm_alloc *alloc, bool force);
struct vidmm_alloc *vidmm_victim(struct vidmm *mm, unsigned int segment, u64 before, bool force);
struct vidmm_alloc *vidmm_victim_offered(struct vidmm *mm);
struct vidmm_alloc *vidmm_any_in(struct vidmm *mm, unsigned int segment);
struct vidmm_alloc *vidmm_any_foreign(struct vidmm *mm);

/* The allocation that is in a tree of candidates. */
static inline struct vidmm_alloc *vidmm_placed(const struct rb_node *node)
{
	return rb_entry(node, struct vidmm_place, node)->alloc;
}

#endif
