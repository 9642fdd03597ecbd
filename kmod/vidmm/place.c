// SPDX-License-Identifier: GPL-2.0-only
/*
 * place.c: who loses its place first
 *
 * Every allocation that has memory, and is not fixed, is in one tree of candidates: of its segment, if it is offered
 * or no device requires it, else of its client. Each tree is ordered by priority, then by stamp, so that its first
 * is its next victim. The stamp is a number, given out in order; no rule reads a clock.
 *
 * A victim is looked for in the trees of the segment, in the order of &enum vidmm_class; then among the first of
 * each client over its budget; then, if it must be, of each client within. That is logarithmic in the number of
 * allocations and linear in that of processes.
 *
 * All functions want &vidmm.lock, except vidmm_set_priority() and those that make and free a &struct vidmm_place.
 */
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "place.h"
#include "run.h"
#include "vidmm.h"

static struct kmem_cache *cache;

/**
 * vidmm_place_make - make the place of an allocation, unless it has one
 * @alloc: the allocation, claimed, or known to nobody else; with or without memory
 *
 * Context: sleeps; charged to the owner's cgroup, as the pages will be.
 * Return: whether it has one now; if not, there was no memory.
 */
bool vidmm_place_make(struct vidmm_alloc *alloc)
{
	struct mem_cgroup *old;

	if (alloc->place)
		return true;
	old = set_active_memcg(alloc->client->memcg);
	alloc->place = kmem_cache_alloc(cache, VDXG_GFP);
	set_active_memcg(old);
	if (!alloc->place)
		return false;
	alloc->place->alloc = alloc;
	return true;
}

/**
 * vidmm_place_free - the kernel memory of an allocation goes
 * @place: its place; in no tree
 *
 * Context: any.
 */
void vidmm_place_free(struct vidmm_place *place)
{
	kmem_cache_free(cache, place);
}

/**
 * vidmm_goes_before - the order within a tree of candidates
 * @x: an allocation
 * @y: another
 *
 * Return: whether @x loses its place before @y.
 */
bool vidmm_goes_before(const struct vidmm_alloc *x, const struct vidmm_alloc *y)
{
	return x->priority != y->priority ? x->priority < y->priority : x->stamp < y->stamp;
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return vidmm_goes_before(vidmm_placed(a), vidmm_placed(b));
}

static enum vidmm_class class_of(const struct vidmm_alloc *alloc)
{
	if (alloc->flags & VIDMM_EXISTING || alloc->segment == VIDMM_NOWHERE || alloc->holds)
		return VIDMM_FIXED;
	if (alloc->flags & VIDMM_IMPORTED)
		return VIDMM_FOREIGN;
	switch (alloc->offer) {
	case D3DKMT_OFFER_PRIORITY_LOW:
		return VIDMM_OFFERED_LOW;
	case D3DKMT_OFFER_PRIORITY_NORMAL:
		return VIDMM_OFFERED_NORMAL;
	case D3DKMT_OFFER_PRIORITY_HIGH:
		return VIDMM_OFFERED_HIGH;
	default:
		break;
	}
	if (!alloc->required)
		return VIDMM_UNREFERENCED;
	return alloc->flags & VIDMM_UNMOVEABLE && vidmm_in_gpu_segment(alloc) ? VIDMM_KEPT :
		VIDMM_REQUIRED;
}

static struct rb_root_cached *tree_of(struct vidmm_alloc *alloc)
{
	if (alloc->class == VIDMM_REQUIRED)
		return &alloc->client->required[alloc->segment];
	if (alloc->class == VIDMM_FOREIGN)
		return &vidmm_of(alloc)->foreign;
	if (alloc->class == VIDMM_KEPT)
		return &alloc->client->kept[alloc->segment];
	return &vidmm_of(alloc)->segments[alloc->segment].classes[alloc->class];
}

/* What the machine may have back: offered, and ordinary memory. */
static unsigned long given_up(const struct vidmm_alloc *alloc)
{
	return alloc->class <= VIDMM_OFFERED_HIGH &&
	       vidmm_of(alloc)->segments[alloc->segment].backend->ops->pages_refcounted ?
		alloc->npages : 0;
}

static void insert(struct vidmm_alloc *alloc)
{
	alloc->class = class_of(alloc);
	if (alloc->class == VIDMM_FIXED)
		return;
	vidmm_of(alloc)->offered += given_up(alloc);
	if (alloc->class <= VIDMM_OFFERED_HIGH)
		alloc->client->purgeable[alloc->segment] += alloc->npages;
	rb_add_cached(&alloc->place->node, tree_of(alloc), less);
	if (alloc->has_run)
		vidmm_run_rank(alloc);
}

static void erase(struct vidmm_alloc *alloc)
{
	if (alloc->class == VIDMM_FIXED)
		return;
	vidmm_of(alloc)->offered -= given_up(alloc);
	if (alloc->class <= VIDMM_OFFERED_HIGH)
		alloc->client->purgeable[alloc->segment] -= alloc->npages;
	if (alloc->has_run)
		vidmm_run_unrank(alloc);
	rb_erase_cached(&alloc->place->node, tree_of(alloc));
	alloc->class = VIDMM_FIXED;
}

/* An allocation out of the trees has no run any more. */
static void drop_run(struct vidmm_alloc *alloc)
{
	struct vidmm_run *run = vidmm_run_of(alloc);

	vidmm_run_remove(&vidmm_of(alloc)->segments[alloc->segment], run);
	alloc->has_run = false;
	kfree(run);
}

/**
 * vidmm_link - an allocation has moved into a segment
 * @alloc: with a place, and @segment and @has_run set; the segment's @used counts it already
 */
void vidmm_link(struct vidmm_alloc *alloc)
{
	lockdep_assert_held(&vidmm_of(alloc)->lock);
	vidmm_of(alloc)->segments[alloc->segment].allocs++;
	alloc->client->used[alloc->segment] += alloc->npages;
	insert(alloc);
}

/**
 * vidmm_unlink - an allocation leaves its segment
 * @alloc: the allocation; the segment's @used counts it no longer
 */
void vidmm_unlink(struct vidmm_alloc *alloc)
{
	struct vidmm_segment *segment = &vidmm_of(alloc)->segments[alloc->segment];

	lockdep_assert_held(&vidmm_of(alloc)->lock);
	erase(alloc);
	if (alloc->has_run)
		drop_run(alloc);
	segment->allocs--;
	segment->used -= alloc->npages;
	alloc->client->used[alloc->segment] -= alloc->npages;
}

/**
 * vidmm_relink - what decides over the place of an allocation has changed
 * @alloc: the allocation, its @offer or @required just changed
 */
void vidmm_relink(struct vidmm_alloc *alloc)
{
	lockdep_assert_held(&vidmm_of(alloc)->lock);
	erase(alloc);
	insert(alloc);
}

/**
 * vidmm_replace - what an allocation says of its place changes
 * @alloc: the allocation, claimed
 * @to: what it says from now on
 * @run: it has this run now, in the segment it is in; or NULL
 *
 * One that is not accessed physically any more loses its run.
 */
void vidmm_replace(struct vidmm_alloc *alloc, const struct vidmm_placement *to,
		   struct vidmm_run *run)
{
	lockdep_assert_held(&vidmm_of(alloc)->lock);
	erase(alloc);
	alloc->flags = to->flags;
	alloc->supported = to->supported;
	WRITE_ONCE(alloc->preferred, to->preferred);
	if (run)
		alloc->has_run = true;
	else if (alloc->has_run && !(to->flags & VIDMM_PHYSICAL))
		drop_run(alloc);
	insert(alloc);
}

/**
 * vidmm_touch - an allocation has been used
 * @alloc: the allocation
 */
void vidmm_touch(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	lockdep_assert_held(&mm->lock);
	erase(alloc);
	alloc->stamp = ++mm->stamp;
	insert(alloc);
}

/**
 * vidmm_set_priority - change the eviction priority
 * @alloc: the allocation
 * @priority: any value
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_set_priority(struct vidmm_alloc *alloc, u32 priority)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	erase(alloc);
	WRITE_ONCE(alloc->priority, priority);
	insert(alloc);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_preference - a segment an allocation may live in
 * @alloc: the allocation
 * @index: 0 is the one it prefers, and so on
 *
 * Return: the segment, or 0 if there are no more.
 */
unsigned int vidmm_preference(const struct vidmm_alloc *alloc, unsigned int index)
{
	unsigned int slot, id, seen = 0;

	for (slot = 0; slot < D3DDDI_SEGMENTPREFERENCE_SLOTS + VIDMM_NUM_GPU_SEGMENTS - 1; slot++) {
		/* The slots it names, then every segment it supports. */
		if (slot < D3DDDI_SEGMENTPREFERENCE_SLOTS)
			id = vidmm_slot(alloc->preferred, slot);
		else
			id = slot - D3DDDI_SEGMENTPREFERENCE_SLOTS + 1;
		if (!id || seen & BIT(id) || !(alloc->supported & BIT(id - 1)))
			continue;
		if (!index--)
			return id;
		seen |= BIT(id);
	}
	return VIDMM_NOWHERE;
}

/**
 * vidmm_group_of - the budget an allocation counts to
 * @alloc: the allocation
 *
 * Return: that of the segment it prefers.
 */
enum vidmm_group vidmm_group_of(const struct vidmm_alloc *alloc)
{
	return vidmm_preference(alloc, 0) == VIDMM_APERTURE ? VIDMM_GROUP_NON_LOCAL :
		VIDMM_GROUP_LOCAL;
}

/**
 * vidmm_priority_class - the class of a priority in the statistics
 * @priority: any
 *
 * Return: 0 for minimum to 4 for maximum: the highest whose value @priority reaches.
 */
unsigned int vidmm_priority_class(u32 priority)
{
	if (priority >= D3DDDI_ALLOCATIONPRIORITY_MAXIMUM)
		return 4;
	if (priority >= D3DDDI_ALLOCATIONPRIORITY_HIGH)
		return 3;
	if (priority >= D3DDDI_ALLOCATIONPRIORITY_NORMAL)
		return 2;
	return priority >= D3DDDI_ALLOCATIONPRIORITY_LOW;
}

/* The first of a tree that has a higher priority than this. */
static struct rb_node *first_above(struct rb_root_cached *tree, u32 priority)
{
	struct rb_node *node = tree->rb_root.rb_node, *first = NULL;

	while (node) {
		if (vidmm_placed(node)->priority > priority) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}

/*
 * The first of a tree that is stable and was not used since @before. Those that are busy, or are being freed and
 * leave by themselves, are passed over; what comes after one that was used since, and has its priority, was so, too.
 */
static struct vidmm_alloc *first_stable(struct rb_root_cached *tree, u64 before)
{
	struct rb_node *node = rb_first_cached(tree);

	while (node) {
		struct vidmm_alloc *alloc = vidmm_placed(node);

		if (alloc->stamp >= before) {
			node = first_above(tree, alloc->priority);
			continue;
		}
		if (!alloc->busy && refcount_read(&alloc->refs))
			return alloc;
		node = rb_next(node);
	}
	return NULL;
}

/* What @client has to give of a segment, if it is over its budget or if it must be. */
static struct vidmm_alloc *first_of_client(struct vidmm_client *client, unsigned int id,
					   enum vidmm_group group, u64 before)
{
	struct vidmm_alloc *alloc = first_stable(&client->required[id], before), *kept;

	if (id >= VIDMM_NUM_GPU_SEGMENTS || client->demand[group] <= client->share[group])
		return alloc;
	kept = first_stable(&client->kept[id], before);
	return kept && (!alloc || vidmm_goes_before(kept, alloc)) ? kept : alloc;
}

/**
 * vidmm_may_go - may a candidate be taken from its client?
 * @alloc: a candidate in a segment of the GPU
 * @force: also if that is within its budget
 */
bool vidmm_may_go(const struct vidmm_alloc *alloc, bool force)
{
	enum vidmm_group group = alloc->segment - VIDMM_LOCAL;
	const struct vidmm_client *client = alloc->client;

	if (alloc->class < VIDMM_REQUIRED)
		return true;
	if (alloc->class == VIDMM_KEPT && client->demand[group] <= client->share[group])
		return false;
	return force || client->demand[group] > vidmm_budget(client, group);
}

static struct vidmm_alloc *first_of_clients(struct vidmm *mm, unsigned int id, u64 before,
					    bool over_budget)
{
	enum vidmm_group group = id == VIDMM_APERTURE ? VIDMM_GROUP_NON_LOCAL : VIDMM_GROUP_LOCAL;
	struct vidmm_alloc *best = NULL, *alloc;
	struct vidmm_client *client;

	list_for_each_entry(client, &mm->clients, link) {
		if (over_budget != (client->demand[group] > vidmm_budget(client, group)) ||
		    client->turn >= before)
			continue;
		alloc = first_of_client(client, id, group, before);
		if (alloc && (!best || vidmm_goes_before(alloc, best)))
			best = alloc;
	}
	return best;
}

/**
 * vidmm_victim - who is to leave a segment next
 * @mm: the manager
 * @id: the segment
 * @before: nobody used since this stamp
 * @force: if need be, take from clients within their budget
 *
 * Return: a stable allocation, or NULL.
 */
struct vidmm_alloc *vidmm_victim(struct vidmm *mm, unsigned int id, u64 before, bool force)
{
	struct vidmm_alloc *alloc;
	unsigned int class;

	lockdep_assert_held(&mm->lock);
	for (class = 0; class < VIDMM_NUM_SEGMENT_CLASSES; class++) {
		alloc = first_stable(&mm->segments[id].classes[class], before);
		if (alloc)
			return alloc;
	}
	alloc = first_of_clients(mm, id, before, true);
	if (!alloc && force)
		alloc = first_of_clients(mm, id, before, false);
	return alloc;
}

/**
 * vidmm_victim_offered - who is to be given up when the machine needs memory
 * @mm: the manager
 *
 * Return: a stable, offered allocation in ordinary memory, the least worth first; or NULL.
 */
struct vidmm_alloc *vidmm_victim_offered(struct vidmm *mm)
{
	struct vidmm_alloc *alloc;
	unsigned int class, id;

	lockdep_assert_held(&mm->lock);
	for (class = VIDMM_OFFERED_LOW; class <= VIDMM_OFFERED_HIGH; class++) {
		/* Those farthest from the GPU first. */
		for (id = VIDMM_SYSTEM; id > VIDMM_NOWHERE; id--) {
			if (!mm->segments[id].backend->ops->pages_refcounted)
				continue;
			alloc = first_stable(&mm->segments[id].classes[class], U64_MAX);
			if (alloc)
				return alloc;
		}
	}
	return NULL;
}

static struct vidmm_alloc *first_in(struct rb_root_cached *tree)
{
	struct rb_node *node = rb_first_cached(tree);

	return node ? vidmm_placed(node) : NULL;
}

/**
 * vidmm_any_in - one of the allocations in a segment
 * @mm: the manager
 * @id: the segment
 *
 * Return: a candidate, busy or not, referenced or not; NULL if there is none.
 */
struct vidmm_alloc *vidmm_any_in(struct vidmm *mm, unsigned int id)
{
	struct vidmm_alloc *alloc = NULL;
	struct vidmm_client *client;
	unsigned int class;

	lockdep_assert_held(&mm->lock);
	for (class = 0; !alloc && class < VIDMM_NUM_SEGMENT_CLASSES; class++)
		alloc = first_in(&mm->segments[id].classes[class]);
	list_for_each_entry(client, &mm->clients, link) {
		if (alloc)
			break;
		alloc = first_in(&client->required[id]);
		if (!alloc && id < VIDMM_NUM_GPU_SEGMENTS)
			alloc = first_in(&client->kept[id]);
	}
	return alloc;
}

/**
 * vidmm_any_foreign - one of the allocations in memory of other drivers
 * @mm: the manager
 *
 * Return: an allocation, as vidmm_any_in(); NULL if there is none.
 */
struct vidmm_alloc *vidmm_any_foreign(struct vidmm *mm)
{
	lockdep_assert_held(&mm->lock);
	return first_in(&mm->foreign);
}

/**
 * vidmm_place_init - make the cache
 *
 * Return: 0 or -ENOMEM.
 */
int vidmm_place_init(void)
{
	cache = kmem_cache_create("vdxg_place", sizeof(struct vidmm_place), 0, SLAB_ACCOUNT, NULL);
	return cache ? 0 : -ENOMEM;
}

/**
 * vidmm_place_exit - free it; there are no allocations any more
 */
void vidmm_place_exit(void)
{
	kmem_cache_destroy(cache);
}
