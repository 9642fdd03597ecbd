// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva_tree.c: the entries of an address space (see gpuva_tree.h)
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rbtree_augmented.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "gpuva_tree.h"

#define UNIT_PAGES	vidmm_va_page(VIDMM_VA_UNIT)

static struct kmem_cache *cache;

/**
 * vidmm_va_init - get ready for address spaces
 *
 * Return: 0 or -ENOMEM.
 */
int vidmm_va_init(void)
{
	cache = KMEM_CACHE(vidmm_va, SLAB_ACCOUNT);
	return cache ? 0 : -ENOMEM;
}

/**
 * vidmm_va_exit - there are no address spaces any more
 */
void vidmm_va_exit(void)
{
	kmem_cache_destroy(cache);
}

/**
 * vidmm_va_new - an entry
 * @space: of this space, locked
 *
 * Context: sleeps; charged to the caller's cgroup, or the active one.
 * Return: the entry, zeroed, or NULL: no memory, or too many entries.
 */
struct vidmm_va *vidmm_va_new(struct vidmm_va_space *space)
{
	struct vidmm_va *va;

	lockdep_assert_held(&space->lock);
	if (space->dead || space->count >= VIDMM_VA_MAX)
		return NULL;
	va = kmem_cache_zalloc(cache, VDXG_GFP);
	if (!va)
		return NULL;
	space->count++;
	space->work++;
	return va;
}

/**
 * vidmm_va_delete - undo vidmm_va_new()
 * @space: its space, locked
 * @va: the entry, in no tree; or NULL
 */
void vidmm_va_delete(struct vidmm_va_space *space, struct vidmm_va *va)
{
	if (!va)
		return;
	space->count--;
	space->work++;
	kmem_cache_free(cache, va);
}

static u64 gap_of(const struct vidmm_va *va)
{
	return va->gap;
}

RB_DECLARE_CALLBACKS_MAX(static, gaps, struct vidmm_va, node, u64, max_gap, gap_of)

static u64 first_usable(u64 end)
{
	return round_up(end, UNIT_PAGES);
}

/* What is free between an entry and the one before it. */
static void update_gap(struct vidmm_va *va)
{
	struct vidmm_va *prev = vidmm_va_of(rb_prev(&va->node));
	u64 usable = first_usable(prev ? prev->end : vidmm_va_page(VIDMM_VA_START));
	u64 gap = va->first > usable ? va->first - usable : 0;

	if (gap == va->gap)
		return;
	va->gap = gap;
	gaps_propagate(&va->node, NULL);
}

static void link_entry(struct rb_root *root, struct vidmm_va *va)
{
	struct rb_node **link = &root->rb_node;
	struct rb_node *parent = NULL;
	struct vidmm_va *next;

	while (*link) {
		parent = *link;
		link = va->first < vidmm_va_of(parent)->first ? &parent->rb_left :
			&parent->rb_right;
	}
	rb_link_node(&va->node, parent, link);
	va->gap = 0;
	va->max_gap = 0;
	update_gap(va);
	rb_insert_augmented(&va->node, root, &gaps);
	next = vidmm_va_next(va);
	if (next)
		update_gap(next);
}

static void unlink_entry(struct rb_root *root, struct vidmm_va *va)
{
	struct vidmm_va *next = vidmm_va_next(va);

	rb_erase_augmented(&va->node, root, &gaps);
	if (!next)
		return;
	update_gap(next);
	if (next->first == va->end)
		next->continued = false;
}

/**
 * vidmm_va_find - what is at an address
 * @root: the tree
 * @page: the address
 *
 * Return: the entry there, else the next one after it, else NULL.
 */
struct vidmm_va *vidmm_va_find(struct rb_root *root, u64 page)
{
	struct rb_node *node = root->rb_node;
	struct vidmm_va *found = NULL, *va;

	while (node) {
		va = vidmm_va_of(node);
		if (page >= va->end) {
			node = node->rb_right;
			continue;
		}
		found = va;
		if (page >= va->first)
			break;
		node = node->rb_left;
	}
	return found;
}

static bool has_gap(struct rb_node *node, u64 pages)
{
	return node && vidmm_va_of(node)->max_gap >= pages;
}

/* The first entry of a subtree with such a gap before it; there is one. */
static struct vidmm_va *first_gap(struct rb_node *node, u64 pages)
{
	while (has_gap(node->rb_left, pages) || vidmm_va_of(node)->gap < pages)
		node = has_gap(node->rb_left, pages) ? node->rb_left : node->rb_right;
	return vidmm_va_of(node);
}

/* The first entry after @va with such a gap before it. */
static struct vidmm_va *next_gap(struct vidmm_va *va, u64 pages)
{
	struct rb_node *node = &va->node, *child;

	for (;;) {
		if (has_gap(node->rb_right, pages))
			return first_gap(node->rb_right, pages);
		do {
			child = node;
			node = rb_parent(child);
		} while (node && child == node->rb_right);
		if (!node || vidmm_va_of(node)->gap >= pages)
			return vidmm_va_of(node);
	}
}

/**
 * vidmm_va_find_gap - find free addresses
 * @root: the tree
 * @pages: how many
 * @min: not below this
 * @max: not beyond this
 * @first: the lowest there are, a multiple of VIDMM_VA_UNIT
 *
 * Return: whether there are any.
 */
bool vidmm_va_find_gap(struct rb_root *root, u64 pages, u64 min, u64 max, u64 *first)
{
	u64 base = first_usable(max(min, vidmm_va_page(VIDMM_VA_START)));
	struct vidmm_va *va = vidmm_va_find(root, base);
	u64 found = base;

	if (va && va->first < base + pages) {
		va = next_gap(va, pages);
		if (va)
			found = va->first - va->gap;
		else
			found = first_usable(vidmm_va_of(rb_last(root))->end);
	}
	*first = found;
	return found + pages <= max;
}

/* Memory knows who uses it. */
static void join_owner(struct vidmm_va *va)
{
	if (va->kind != VIDMM_VA_IS_MEMORY)
		return;
	hlist_add_head(&va->link, &va->owner->mappings);
	if (va->driver_protection & D3DGPU_UNIQUE_DRIVER_PROTECTION)
		va->owner->unique++;
}

static void leave_owner(struct vidmm_va *va)
{
	if (va->kind != VIDMM_VA_IS_MEMORY)
		return;
	hlist_del(&va->link);
	if (va->driver_protection & D3DGPU_UNIQUE_DRIVER_PROTECTION)
		va->owner->unique--;
}

/**
 * vidmm_va_insert - put an entry where nothing is
 * @space: the space, locked
 * @va: the entry, set up
 */
void vidmm_va_insert(struct vidmm_va_space *space, struct vidmm_va *va)
{
	lockdep_assert_held(&space->lock);
	join_owner(va);
	link_entry(vidmm_va_root(space, va), va);
}

/* What an entry means is of no interest any more; it is in no tree. */
static void forget(struct vidmm_va_space *space, struct vidmm_va *va)
{
	leave_owner(va);
	if (va->kind == VIDMM_VA_IS_FENCE)
		put_page(va->page);
	vidmm_va_delete(space, va);
}

/**
 * vidmm_va_remove - take an entry out, and delete it
 * @space: the space, locked
 * @va: the entry
 */
void vidmm_va_remove(struct vidmm_va_space *space, struct vidmm_va *va)
{
	lockdep_assert_held(&space->lock);
	unlink_entry(vidmm_va_root(space, va), va);
	forget(space, va);
}

/**
 * vidmm_va_space_clear - free all addresses of a space
 * @space: the space; nothing can be mapped in it afterwards
 *
 * Context: no locks; sleeps.
 */
void vidmm_va_space_clear(struct vidmm_va_space *space)
{
	struct vidmm_va *va, *next;

	mutex_lock(&space->lock);
	space->dead = true;
	rbtree_postorder_for_each_entry_safe(va, next, &space->ranges, node) {
		forget(space, va);
		cond_resched();
	}
	rbtree_postorder_for_each_entry_safe(va, next, &space->mapped, node) {
		forget(space, va);
		cond_resched();
	}
	space->ranges = RB_ROOT;
	space->mapped = RB_ROOT;
	mutex_unlock(&space->lock);
}

/* Without its first pages an entry begins later in the memory. */
static void advance(struct vidmm_va *va, u64 first)
{
	u64 pages = first - va->first;

	if (va->period)
		va->phase = (va->phase + pages) % va->period;
	else if (va->kind == VIDMM_VA_IS_MEMORY)
		va->offset += pages;
	va->first = first;
}

/* What is left of a repetition may not repeat any more. */
static void normalize(struct vidmm_va *va)
{
	if (!va->period || va->phase + (va->end - va->first) > va->period)
		return;
	va->offset += va->phase;
	va->period = 0;
	va->phase = 0;
}

/**
 * vidmm_va_clone - part of an entry
 * @copy: becomes it; in no tree, and not known to its owner
 * @va: the entry
 * @first: the first page of the part
 * @end: the one after the last
 */
void vidmm_va_clone(struct vidmm_va *copy, const struct vidmm_va *va, u64 first, u64 end)
{
	*copy = *va;
	copy->continued = false;
	copy->end = end;
	advance(copy, first);
	normalize(copy);
}

/**
 * vidmm_va_cut_splits - does vidmm_va_cut() need a spare entry?
 * @root: the tree
 * @first: the first page
 * @end: the one after the last
 */
bool vidmm_va_cut_splits(struct rb_root *root, u64 first, u64 end)
{
	struct vidmm_va *va = vidmm_va_find(root, first);

	return va && va->first < first && va->end > end;
}

/* The end of an entry is free now. */
static void cut_end(struct vidmm_va *va, u64 end)
{
	struct vidmm_va *next = vidmm_va_next(va);

	va->end = end;
	normalize(va);
	if (!next)
		return;
	next->continued = false;
	update_gap(next);
}

/* The beginning of an entry is free now. */
static void cut_beginning(struct vidmm_va *va, u64 first)
{
	advance(va, first);
	normalize(va);
	va->continued = false;
	update_gap(va);
}

/* The middle of an entry is free now; what was after it stays together. */
static void cut_middle(struct vidmm_va_space *space, struct vidmm_va *va, u64 first, u64 end,
		       struct vidmm_va *tail)
{
	struct vidmm_va *next = vidmm_va_next(va);
	bool continued = next && next->continued;

	vidmm_va_clone(tail, va, end, va->end);
	cut_end(va, first);
	vidmm_va_insert(space, tail);
	if (continued)
		next->continued = true;
}

/**
 * vidmm_va_cut - free addresses of one of the trees
 * @space: the space, locked
 * @root: &vidmm_va_space.ranges or &vidmm_va_space.mapped
 * @first: the first page
 * @end: the one after the last
 * @spare: if vidmm_va_cut_splits() says so, an entry, which is used up
 *
 * Context: may sleep.
 */
void vidmm_va_cut(struct vidmm_va_space *space, struct rb_root *root, u64 first, u64 end,
		  struct vidmm_va **spare)
{
	struct vidmm_va *va, *next;

	lockdep_assert_held(&space->lock);
	for (va = vidmm_va_find(root, first); va && va->first < end; va = next) {
		next = vidmm_va_next(va);
		if (va->first < first && va->end > end) {
			cut_middle(space, va, first, end, *spare);
			*spare = NULL;
		} else if (va->first < first) {
			cut_end(va, first);
		} else if (va->end > end) {
			cut_beginning(va, end);
		} else {
			vidmm_va_remove(space, va);
		}
		cond_resched();
	}
}
