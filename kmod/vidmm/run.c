// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c: places of allocations that are accessed physically (see run.h)
 *
 * The runs of a segment are a tree by offset, and another by allocation. Each knows the gap before it, and the largest gap below it, so that the
 * first gap that is long enough is found in logarithmic time. A second tree has them in the order in which they lose
 * their place. All functions but vidmm_run_new() want &vidmm.lock.
 */
#include <linux/kernel.h>
#include <linux/rbtree_augmented.h>
#include <linux/slab.h>

#include "../gfp.h"
#include "place.h"
#include "run.h"

static struct vidmm_run *run_of(const struct rb_node *node)
{
	return rb_entry(node, struct vidmm_run, node);
}

static unsigned long gap_of(struct vidmm_run *run)
{
	return run->gap;
}

RB_DECLARE_CALLBACKS_MAX(static, gap_callbacks, struct vidmm_run, node, unsigned long, largest,
			 gap_of)

static unsigned long end_of(const struct vidmm_run *run)
{
	return run->first + run->npages;
}

/**
 * vidmm_run_new - a run without a place
 * @alloc: whose it will be
 *
 * Context: sleeps.
 * Return: the run, which kfree() frees, or NULL without memory.
 */
struct vidmm_run *vidmm_run_new(struct vidmm_alloc *alloc)
{
	struct vidmm_run *run = kzalloc(sizeof(*run), VDXG_GFP);

	if (!run)
		return NULL;
	RB_CLEAR_NODE(&run->rank);
	run->alloc = alloc;
	run->npages = alloc->npages;
	return run;
}

/* Where a run goes in the tree, from the start of the segment: the first gap of @want pages. */
static bool first_gap(struct vidmm_segment *segment, unsigned long want, unsigned long *start)
{
	struct rb_node *node = segment->runs.rb_node;

	while (node) {
		if (node->rb_left && run_of(node->rb_left)->largest >= want) {
			node = node->rb_left;
		} else if (run_of(node)->gap >= want) {
			*start = run_of(node)->first - run_of(node)->gap;
			return true;
		} else if (node->rb_right && run_of(node->rb_right)->largest >= want) {
			node = node->rb_right;
		} else {
			return false;
		}
	}
	return false;
}

/* The lowest offset with room for a run; what is promised of an alignment in the middle is always enough. */
static bool find_place(struct vidmm_segment *segment, struct vidmm_run *run)
{
	unsigned long align = 1UL << run->alloc->order, n = run->npages, start = 0;
	struct rb_node *first = rb_first(&segment->runs), *last = rb_last(&segment->runs);
	unsigned long all = segment->capacity;

	/* The start of the segment is aligned to everything. */
	if (!first || run_of(first)->gap >= n) {
		run->first = 0;
		return n <= all;
	}
	if (!first_gap(segment, n + align - 1, &start))
		start = end_of(run_of(last));
	run->first = ALIGN(start, align);
	return n <= all && run->first <= all - n;
}

static struct vidmm_run *owned(const struct rb_node *node)
{
	return rb_entry(node, struct vidmm_run, owner);
}

static bool owner_before(struct rb_node *a, const struct rb_node *b)
{
	return owned(a)->alloc < owned(b)->alloc;
}

static void set_gap(struct vidmm_run *run, unsigned long gap)
{
	run->gap = gap;
	gap_callbacks.propagate(&run->node, NULL);
}

/**
 * vidmm_run_place - find a run a place
 * @segment: the segment
 * @run: from vidmm_run_new()
 *
 * Return: whether there was one; the lowest is taken.
 */
bool vidmm_run_place(struct vidmm_segment *segment, struct vidmm_run *run)
{
	struct rb_node **link = &segment->runs.rb_node, *parent = NULL, *node;

	if (!find_place(segment, run))
		return false;
	while (*link) {
		parent = *link;
		link = run->first < run_of(parent)->first ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&run->node, parent, link);
	node = rb_prev(&run->node);
	run->gap = run->first - (node ? end_of(run_of(node)) : 0);
	run->largest = run->gap;
	gap_callbacks.propagate(parent, NULL);
	rb_insert_augmented(&run->node, &segment->runs, &gap_callbacks);
	node = rb_next(&run->node);
	if (node)
		set_gap(run_of(node), run_of(node)->first - end_of(run));
	rb_add(&run->owner, &segment->owners, owner_before);
	return true;
}

/**
 * vidmm_run_remove - take a run's place from it
 * @segment: the segment
 * @run: with a place; its allocation is in no tree of candidates
 */
void vidmm_run_remove(struct vidmm_segment *segment, struct vidmm_run *run)
{
	struct rb_node *next = rb_next(&run->node);

	if (next)
		set_gap(run_of(next), run_of(next)->gap + run->npages + run->gap);
	rb_erase_augmented(&run->node, &segment->runs, &gap_callbacks);
	rb_erase(&run->owner, &segment->owners);
}

/**
 * vidmm_run_of - the run of an allocation
 * @alloc: an allocation that has one (&vidmm_alloc.has_run)
 */
struct vidmm_run *vidmm_run_of(const struct vidmm_alloc *alloc)
{
	struct rb_node *node = vidmm_of(alloc)->segments[alloc->segment].owners.rb_node;

	while (node && owned(node)->alloc != alloc)
		node = alloc < owned(node)->alloc ? node->rb_left : node->rb_right;
	return node ? owned(node) : NULL;
}

/**
 * vidmm_offset - where in its segment an allocation is
 * @alloc: any
 *
 * Return: its first page, or VIDMM_NO_RUN if it is not contiguous there.
 */
unsigned long vidmm_offset(const struct vidmm_alloc *alloc)
{
	return alloc->has_run ? vidmm_run_of(alloc)->first : VIDMM_NO_RUN;
}

static struct vidmm_run *ranked(const struct rb_node *node)
{
	return rb_entry(node, struct vidmm_run, rank);
}

static bool ranks_before(struct rb_node *a, const struct rb_node *b)
{
	const struct vidmm_alloc *x = ranked(a)->alloc, *y = ranked(b)->alloc;

	return x->class != y->class ? x->class < y->class : vidmm_goes_before(x, y);
}

/**
 * vidmm_run_rank - an allocation with a run becomes a candidate for eviction
 * @alloc: the allocation, its &vidmm_alloc.class set
 */
void vidmm_run_rank(struct vidmm_alloc *alloc)
{
	struct vidmm_segment *segment = &vidmm_of(alloc)->segments[alloc->segment];

	rb_add_cached(&vidmm_run_of(alloc)->rank, &segment->ranks, ranks_before);
}

/**
 * vidmm_run_unrank - it is none any more
 * @alloc: the allocation, nothing that decides over its place changed yet
 */
void vidmm_run_unrank(struct vidmm_alloc *alloc)
{
	struct vidmm_segment *segment = &vidmm_of(alloc)->segments[alloc->segment];
	struct vidmm_run *run = vidmm_run_of(alloc);

	rb_erase_cached(&run->rank, &segment->ranks);
	RB_CLEAR_NODE(&run->rank);
}

/**
 * vidmm_victim_run - who is to leave a segment next, that a run may come free
 * @mm: the manager
 * @id: the segment
 * @before: nobody used since this stamp
 * @force: if need be, take from clients within their budget
 *
 * Return: a stable allocation, or NULL.
 */
struct vidmm_alloc *vidmm_victim_run(struct vidmm *mm, unsigned int id, u64 before, bool force)
{
	struct rb_node *node;

	lockdep_assert_held(&mm->lock);
	for (node = rb_first_cached(&mm->segments[id].ranks); node; node = rb_next(node)) {
		struct vidmm_alloc *alloc = ranked(node)->alloc;

		/* What a client requires counts as used in its turn (see turn.h). */
		if (alloc->class >= VIDMM_REQUIRED && alloc->client->turn >= before)
			continue;
		if (!alloc->busy && alloc->stamp < before && refcount_read(&alloc->refs) &&
		    vidmm_may_go(alloc, force))
			return alloc;
	}
	return NULL;
}
