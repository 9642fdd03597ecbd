// SPDX-License-Identifier: GPL-2.0-only
/*
 * handle.c: the handle table of a process (see handle.h)
 *
 * An entry is one word. The pointer of a live object has its three low bits free, which hold the uniqueness
 * (bits 0 and 1) and say that the entry is not live (bit 2); an entry that is not live links to the next free
 * one, or is reserved:
 *
 *	live		object | unique
 *	free		next index << 3 | NOT_LIVE | unique
 *	reserved	NO_NEXT << 3 | NOT_LIVE | unique
 *
 * Entries lie in pages, which are charged to the memory cgroup of whoever makes the table grow.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "handle.h"

#define UNIQUE_MASK	3UL
#define NOT_LIVE	4UL
#define NEXT_SHIFT	3
#define NO_NEXT		VDXG_HANDLE_MAX

static inline u32 make_handle(u32 index, unsigned long unique)
{
	return (u32)unique << VDXG_HANDLE_UNIQUE_SHIFT | index << VDXG_HANDLE_INDEX_SHIFT;
}

/**
 * vdxg_handles_init - set up an empty table
 * @table: the table
 *
 * Context: any.
 */
void vdxg_handles_init(struct vdxg_handles *table)
{
	memset(table, 0, sizeof(*table));
	mutex_init(&table->lock);
	table->limit = VDXG_HANDLE_MAX;
	table->head = NO_NEXT;
	table->tail = NO_NEXT;
}

/**
 * vdxg_handles_fini - free a table
 * @table: the table; whatever is still published in it is forgotten, not put
 *
 * Context: may sleep; nobody else uses the table any more.
 */
void vdxg_handles_fini(struct vdxg_handles *table)
{
	u32 i;

	for (i = 0; i < table->num_pages; i++)
		free_page((unsigned long)table->pages[i]);
	kvfree(table->pages);
	mutex_destroy(&table->lock);
}

/* Add one page of entries. The array of pages doubles, so that growing is linear in all. */
static int grow(struct vdxg_handles *table)
{
	unsigned long *page;

	if (table->num_pages == table->max_pages) {
		u32 max = max(8U, table->max_pages * 2);
		unsigned long **pages;

		pages = kvmalloc_array(max, sizeof(*pages), VDXG_GFP);
		if (!pages)
			return -ENOMEM;
		if (table->num_pages)
			memcpy(pages, table->pages, table->num_pages * sizeof(*pages));
		kvfree(table->pages);
		table->pages = pages;
		table->max_pages = max;
	}
	page = (unsigned long *)__get_free_page(VDXG_GFP);
	if (!page)
		return -ENOMEM;
	table->pages[table->num_pages++] = page;
	return 0;
}

static void push_free(struct vdxg_handles *table, u32 index, unsigned long unique)
{
	*vdxg_handle_entry(table, index) = (unsigned long)NO_NEXT << NEXT_SHIFT | NOT_LIVE | unique;
	if (table->num_free++) {
		unsigned long *tail = vdxg_handle_entry(table, table->tail);

		*tail = (unsigned long)index << NEXT_SHIFT | (*tail & VDXG_HANDLE_TAG_MASK);
	} else {
		table->head = index;
	}
	table->tail = index;
}

static u32 pop_free(struct vdxg_handles *table)
{
	u32 index = table->head;
	unsigned long *entry = vdxg_handle_entry(table, index);
	unsigned long last = *entry & UNIQUE_MASK, unique = last < UNIQUE_MASK ? last + 1 : 1;

	table->head = *entry >> NEXT_SHIFT;
	table->num_free--;
	*entry = (unsigned long)NO_NEXT << NEXT_SHIFT | NOT_LIVE | unique;
	return make_handle(index, unique);
}

/* One index that is not in use, as a handle; 0 if there is none. */
static u32 reserve_one(struct vdxg_handles *table)
{
	u32 index = table->fresh;

	if (table->num_free >= VDXG_HANDLE_REUSE ||
	    (index >= table->limit && table->num_free))
		return pop_free(table);
	if (index >= table->limit)
		return 0;
	if (index / VDXG_HANDLES_PER_PAGE >= table->num_pages && grow(table))
		return 0;
	table->fresh++;
	*vdxg_handle_entry(table, index) = (unsigned long)NO_NEXT << NEXT_SHIFT | NOT_LIVE | 1;
	return make_handle(index, 1);
}

/**
 * vdxg_handle_reserve - take a handle that does not answer yet
 * @table: the table, locked
 * @obj: what it is to name; its @handle is set
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY: no memory, or no handle left.
 */
int vdxg_handle_reserve(struct vdxg_handles *table, struct vdxg_object *obj)
{
	lockdep_assert_held(&table->lock);
	obj->handle = reserve_one(table);
	return obj->handle ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/**
 * vdxg_handle_abandon - give a reserved handle back
 * @table: the table, locked
 * @obj: an object with a reserved handle
 */
void vdxg_handle_abandon(struct vdxg_handles *table, struct vdxg_object *obj)
{
	lockdep_assert_held(&table->lock);
	push_free(table, vdxg_handle_index(obj->handle), obj->handle >> VDXG_HANDLE_UNIQUE_SHIFT);
	obj->handle = 0;
}

/**
 * vdxg_handle_publish - let a reserved handle answer
 * @table: the table, locked
 * @obj: an object with a reserved handle; the table takes over the caller's reference
 */
void vdxg_handle_publish(struct vdxg_handles *table, struct vdxg_object *obj)
{
	lockdep_assert_held(&table->lock);
	*vdxg_handle_entry(table, vdxg_handle_index(obj->handle)) =
		(unsigned long)obj | obj->handle >> VDXG_HANDLE_UNIQUE_SHIFT;
}

/**
 * vdxg_handle_unpublish - let a handle die
 * @table: the table, locked
 * @obj: a published object; the table's reference goes to the caller
 */
void vdxg_handle_unpublish(struct vdxg_handles *table, struct vdxg_object *obj)
{
	vdxg_handle_abandon(table, obj);
}

/* Of a look-up that fails: an event, for whoever traces what is refused. */
/**
 * vdxg_handle_refuse - tell why nothing answers to a handle
 * @value: the handle
 * @class: the kind it was to be of
 * @why: what is wrong with it
 *
 * Return: NULL.
 */
struct vdxg_object *vdxg_handle_refuse(u32 value, const struct vdxg_class *class, const char *why)
{
	vdxg_refuse(0, class->name, value, why);
	return NULL;
}

/**
 * vdxg_handle_next - walk over the objects of a kind
 * @table: the table, locked; the lock may be dropped between two steps
 * @index: where to go on, 0 to begin; is moved beyond what is returned
 * @class: the kind
 *
 * Context: sleeps.
 * Return: the next object, as vdxg_handle_peek(); NULL at the end.
 */
struct vdxg_object *vdxg_handle_next(struct vdxg_handles *table, u32 *index,
				     const struct vdxg_class *class)
{
	struct vdxg_object *obj;
	unsigned long entry;

	lockdep_assert_held(&table->lock);
	while (*index < table->fresh) {
		entry = *vdxg_handle_entry(table, (*index)++);
		cond_resched();
		if (entry & NOT_LIVE)
			continue;
		obj = (struct vdxg_object *)(entry & ~VDXG_HANDLE_TAG_MASK);
		if (obj->class == class)
			return obj;
	}
	return NULL;
}

/**
 * vdxg_handle_get - look a handle up
 * @table: the table
 * @value: the handle, not trusted
 * @class: the kind it must be of
 *
 * Context: takes the table's lock; sleeps.
 * Return: the object with a reference of the caller's, or NULL.
 */
struct vdxg_object *vdxg_handle_get(struct vdxg_handles *table, u32 value,
				    const struct vdxg_class *class)
{
	struct vdxg_object *obj;

	mutex_lock(&table->lock);
	obj = vdxg_handle_peek(table, value, class);
	if (obj)
		vdxg_object_get(obj);
	mutex_unlock(&table->lock);
	return obj;
}
