// SPDX-License-Identifier: GPL-2.0-only
/*
 * look.c: the memory manager as a person sees it (see look.h)
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "look.h"
#include "place.h"
#include "run.h"
#include "vidmm.h"

static void look_at_alloc(const struct vidmm_alloc *alloc, struct vidmm_look_alloc *look)
{
	*look = (struct vidmm_look_alloc){
		.id = alloc,
		.pid = alloc->client->pid,
		.npages = alloc->npages,
		.priority = alloc->priority,
		.stamp = alloc->stamp,
		.segment = alloc->segment,
		.class = alloc->class,
		.required = alloc->required,
		.busy = alloc->busy,
		.offset = vidmm_offset(alloc),
	};
}

static void look_at_client(const struct vidmm_client *client, struct vidmm_look_client *look)
{
	unsigned int group;

	lockdep_assert_held(&client->mm->lock);
	look->pid = client->pid;
	strscpy(look->comm, client->comm, sizeof(look->comm));
	look->alive = client->alive;
	look->allocs = client->allocs;
	look->commit = client->commit;
	look->offered = client->offered;
	look->evicted = client->evicted;
	memcpy(look->used, client->used, sizeof(look->used));
	memcpy(look->purgeable, client->purgeable, sizeof(look->purgeable));
	memcpy(look->demand, client->demand, sizeof(look->demand));
	memcpy(look->reservation, client->reservation, sizeof(look->reservation));
	for (group = 0; group < VIDMM_NUM_GROUPS; group++)
		look->budget[group] = vidmm_budget(client, group);
}

/**
 * vidmm_look_at_client - what an account says now
 * @client: the account, which must not go meanwhile
 * @look: the answer
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_look_at_client(const struct vidmm_client *client, struct vidmm_look_client *look)
{
	spin_lock(&client->mm->lock);
	look_at_client(client, look);
	spin_unlock(&client->mm->lock);
}

/**
 * vidmm_look_clients - all accounts
 * @mm: the manager
 * @looks: the answers
 * @room: how many at most
 *
 * Context: any but under &vidmm.lock.
 * Return: how many there are; those beyond @room are not in @looks.
 */
unsigned int vidmm_look_clients(struct vidmm *mm, struct vidmm_look_client *looks,
				unsigned int room)
{
	const struct vidmm_client *client;
	unsigned int count = 0;

	spin_lock(&mm->lock);
	list_for_each_entry(client, &mm->clients, link) {
		if (count < room)
			look_at_client(client, &looks[count]);
		count++;
	}
	spin_unlock(&mm->lock);
	return count;
}

/**
 * vidmm_look_segments - all segments, at one moment
 * @mm: the manager
 * @looks: VIDMM_NUM_SEGMENTS answers, of which the first is not used
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_look_segments(struct vidmm *mm, struct vidmm_look_segment *looks)
{
	unsigned int id;

	spin_lock(&mm->lock);
	for (id = VIDMM_LOCAL; id < VIDMM_NUM_SEGMENTS; id++) {
		looks[id].capacity = mm->segments[id].capacity;
		looks[id].used = mm->segments[id].used;
		looks[id].allocs = mm->segments[id].allocs;
		memcpy(looks[id].evicted, mm->segments[id].evicted, sizeof(looks[id].evicted));
	}
	spin_unlock(&mm->lock);
}

/* The first in a tree that goes after an allocation, which need not be in it. */
static struct rb_node *first_after(struct rb_root_cached *tree, const struct vidmm_alloc *alloc)
{
	struct rb_node *node = tree->rb_root.rb_node, *found = NULL;

	while (node) {
		if (vidmm_goes_before(alloc, vidmm_placed(node))) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/* Those that are busy, or are being freed, are not chosen. */
static struct rb_node *skip_unstable(struct rb_node *node)
{
	while (node && (vidmm_placed(node)->busy || !refcount_read(&vidmm_placed(node)->refs)))
		node = rb_next(node);
	return node;
}

/* The next of a client's tree after @last, or the first. */
static struct vidmm_alloc *next_in(struct rb_root_cached *tree, const struct vidmm_alloc *last)
{
	struct rb_node *node = skip_unstable(last ? first_after(tree, last) :
					     rb_first_cached(tree));

	return node ? vidmm_placed(node) : NULL;
}

/* The next of what a client would have to give. */
static struct vidmm_alloc *next_of_client(struct vidmm_client *client, unsigned int id,
					  enum vidmm_group group, const struct vidmm_alloc *last)
{
	struct vidmm_alloc *alloc = next_in(&client->required[id], last), *kept;

	if (id >= VIDMM_NUM_GPU_SEGMENTS || client->demand[group] <= client->share[group])
		return alloc;
	kept = next_in(&client->kept[id], last);
	return kept && (!alloc || vidmm_goes_before(kept, alloc)) ? kept : alloc;
}

/* The one after @last among those that clients require; it was used at a moment of its own. */
static struct vidmm_alloc *next_required(struct vidmm *mm, unsigned int id, bool over_budget,
					 const struct vidmm_alloc *last)
{
	enum vidmm_group group = id == VIDMM_APERTURE ? VIDMM_GROUP_NON_LOCAL : VIDMM_GROUP_LOCAL;
	struct vidmm_alloc *best = NULL, *alloc;
	struct vidmm_client *client;

	list_for_each_entry(client, &mm->clients, link) {
		if (over_budget != (client->demand[group] > vidmm_budget(client, group)))
			continue;
		alloc = next_of_client(client, id, group, last);
		if (alloc && (!best || vidmm_goes_before(alloc, best)))
			best = alloc;
	}
	return best;
}

/**
 * vidmm_look_victims - who is to leave a segment next, and after that
 * @mm: the manager
 * @id: the segment
 * @looks: the answers, in the order in which vidmm_victim() would choose them
 * @room: how many at most
 *
 * Context: any but under &vidmm.lock.
 * Return: how many.
 */
unsigned int vidmm_look_victims(struct vidmm *mm, unsigned int id, struct vidmm_look_alloc *looks,
				unsigned int room)
{
	unsigned int class, over, count = 0;
	struct vidmm_alloc *alloc;
	struct rb_node *node;

	spin_lock(&mm->lock);
	for (class = 0; class < VIDMM_NUM_SEGMENT_CLASSES; class++) {
		node = skip_unstable(rb_first_cached(&mm->segments[id].classes[class]));
		for (; node && count < room; node = skip_unstable(rb_next(node)))
			look_at_alloc(vidmm_placed(node), &looks[count++]);
	}
	for (over = 2; over--; ) {
		alloc = next_required(mm, id, over, NULL);
		for (; alloc && count < room; alloc = next_required(mm, id, over, alloc))
			look_at_alloc(alloc, &looks[count++]);
	}
	spin_unlock(&mm->lock);
	return count;
}

static struct rb_root_cached *tree_of(struct vidmm *mm, const struct vidmm_cursor *cursor)
{
	if (cursor->class == VIDMM_KEPT)
		return &cursor->client->kept[cursor->segment];
	return cursor->client ? &cursor->client->required[cursor->segment] :
		&mm->segments[cursor->segment].classes[cursor->class];
}

/* Go to the next tree: by segment, then by class, then by client. */
static bool next_tree(struct vidmm *mm, struct vidmm_cursor *cursor)
{
	struct list_head *link = cursor->client ? &cursor->client->link : &mm->clients;

	if (cursor->class < VIDMM_NUM_SEGMENT_CLASSES - 1) {
		cursor->class++;
	} else if (cursor->class == VIDMM_REQUIRED && cursor->segment < VIDMM_NUM_GPU_SEGMENTS) {
		cursor->class = VIDMM_KEPT;
	} else if (link->next != &mm->clients) {
		cursor->class = VIDMM_REQUIRED;
		cursor->client = list_entry(link->next, struct vidmm_client, link);
	} else {
		cursor->class = 0;
		cursor->client = NULL;
		cursor->segment++;
	}
	return cursor->segment < VIDMM_NUM_SEGMENTS;
}

/* Where the cursor's tree goes on: there may be many of the same priority and stamp. */
static struct rb_node *node_after(struct vidmm *mm, const struct vidmm_cursor *cursor)
{
	struct vidmm_alloc *alloc = cursor->alloc;

	if (!alloc)
		return rb_first_cached(tree_of(mm, cursor));
	if (alloc->class == cursor->class && alloc->segment == cursor->segment)
		return rb_next(&alloc->place->node);
	/* It has moved meanwhile. */
	return first_after(tree_of(mm, cursor), alloc);
}

/**
 * vidmm_cursor_begin - begin a walk
 * @cursor: where it is; vidmm_cursor_next() goes to the first
 */
void vidmm_cursor_begin(struct vidmm_cursor *cursor)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->segment = VIDMM_LOCAL;
}

/**
 * vidmm_cursor_next - go on with a walk
 * @mm: the manager
 * @cursor: where it is
 *
 * One that moves during the walk may be met twice, or not at all.
 *
 * Context: no locks; may sleep.
 * Return: false at the end.
 */
bool vidmm_cursor_next(struct vidmm *mm, struct vidmm_cursor *cursor)
{
	struct vidmm_alloc *old = cursor->alloc;
	struct rb_node *node;

	spin_lock(&mm->lock);
	node = cursor->segment < VIDMM_NUM_SEGMENTS ? node_after(mm, cursor) : NULL;
	cursor->alloc = NULL;
	for (;;) {
		while (node && !refcount_inc_not_zero(&vidmm_placed(node)->refs))
			node = rb_next(node);
		if (node) {
			cursor->alloc = vidmm_placed(node);
			look_at_alloc(cursor->alloc, &cursor->row);
			break;
		}
		if (cursor->segment == VIDMM_NUM_SEGMENTS || !next_tree(mm, cursor))
			break;
		node = rb_first_cached(tree_of(mm, cursor));
	}
	spin_unlock(&mm->lock);
	if (old)
		vidmm_alloc_put(old);
	return cursor->alloc;
}

/**
 * vidmm_cursor_end - end a walk, wherever it is
 * @cursor: the cursor
 *
 * Context: no locks; may sleep.
 */
void vidmm_cursor_end(struct vidmm_cursor *cursor)
{
	if (cursor->alloc)
		vidmm_alloc_put(cursor->alloc);
	cursor->alloc = NULL;
}
