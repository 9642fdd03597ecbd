/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h: places of allocations that are accessed physically
 *
 * A segment is a pool of pages: an ordinary allocation takes so many of them and has no place among them, since the
 * GPU reaches it through page tables. One that is accessed physically (VIDMM_PHYSICAL) has to be contiguous: besides
 * its pages it takes a run of segment offsets, which no other such allocation has. Ordinary ones can lie anywhere
 * and never are in the way, and know nothing of runs.
 *
 *	run = vidmm_run_new(alloc);
 *	... under &vidmm.lock ...
 *	if (vidmm_run_place(segment, run))
 *		... the allocation moves in; vidmm_run_of() finds the run again ...
 *	vidmm_run_remove(segment, run);
 *
 * Where the pages suffice and no run is long enough, only others that have runs can help by going:
 * vidmm_victim_run() chooses among them, in the usual order.
 */
#ifndef VDXG_RUN_H
#define VDXG_RUN_H

#include <linux/rbtree.h>

#include "vidmm.h"

/**
 * struct vidmm_run - a run of segment offsets
 * @node: in &vidmm_segment.runs, by @first
 * @owner: in &vidmm_segment.owners, by @alloc
 * @rank: in &vidmm_segment.ranks while its allocation is a candidate for eviction
 * @alloc: whose it is
 * @first: the first page
 * @npages: how many
 * @gap: pages between the run before it, or the start of the segment, and this one
 * @largest: the largest gap of the subtree below @node
 */
struct vidmm_run {
	struct rb_node node;
	struct rb_node owner;
	struct rb_node rank;
	struct vidmm_alloc *alloc;
	unsigned long first;
	unsigned long npages;
	unsigned long gap;
	unsigned long largest;
};

struct vidmm_run *vidmm_run_new(struct vidmm_alloc *alloc);
bool vidmm_run_place(struct vidmm_segment *segment, struct vidmm_run *run);
void vidmm_run_remove(struct vidmm_segment *segment, struct vidmm_run *run);
struct vidmm_run *vidmm_run_of(const struct vidmm_alloc *alloc);
unsigned long vidmm_offset(const struct vidmm_alloc *alloc);
void vidmm_run_rank(struct vidmm_alloc *alloc);
void vidmm_run_unrank(struct vidmm_alloc *alloc);
struct vidmm_alloc *vidmm_victim_run(struct vidmm *mm, unsigned int id, u64 before, bool force);

#endif
