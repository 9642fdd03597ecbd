// SPDX-License-Identifier: GPL-2.0-only
/*
 * handle.c: the handle table of a process (see handle.h)
 *
 * An entry is one word. The pointer of a live object has its three low bits free, which hold the uniqueness
 * (bits 0 and 1) and say that the entry is not live (bit 2); an entry that is not live links to the next free
 * one, or is reserved:
 *
 *	live		object | unique
 *	free		next index << 3 | NOT_LIVE | unique; the last one has no next: its bits are 0
 *	reserved	NOT_LIVE; what else is there counts no more
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

/**
 * vdxg_handle_reserve_more - the part of vdxg_handle_reserve() where the table is full
 * @table: the table, locked; it has no room for an index never used, or there is no other
 * @obj: what it is to name; its @handle is set
 *
 * Context: sleeps.
 * Return: as vdxg_handle_reserve().
 */
int vdxg_handle_reserve_more(struct vdxg_handles *table, struct vdxg_object *obj)
{
	obj->handle = 0;
	if (table->fresh < table->limit) {
		if (grow(table))
			return STATUS_NO_MEMORY;
		return vdxg_handle_reserve(table, obj);
	}
	if (!table->num_free)
		return STATUS_NO_MEMORY;
	obj->handle = vdxg_handle_pop(table);
	return STATUS_SUCCESS;
}

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
		if (entry & VDXG_HANDLE_NOT_LIVE)
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
