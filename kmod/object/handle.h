/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handle.h: the handle table of a process
 *
 * A handle is 32 bits: bits 0 to 5 are 0, bits 6 to 29 are an index, bits 30 and 31 a uniqueness of 1 to 3
 * that moves on each time the index is used again, so 0 is no handle and a stale one is refused. Consecutive
 * creations are 0x40 apart whatever their kind. Indexes never used come first; reuse begins when 4,096 are
 * free, the one that has been free the longest first.
 *
 * The table has a lock, &vdxg_handles.lock, which also protects the tree of a process's objects (see
 * Documentation/locking.rst). The caller takes it, so that several changes can be one:
 *
 *	mutex_lock(&table->lock);
 *	status = vdxg_handle_reserve(table, obj);	may fail; sets obj->handle
 *	mutex_unlock(&table->lock);
 *	... write obj->handle to the caller, who may not be there any more ...
 *	mutex_lock(&table->lock);
 *	vdxg_handle_publish(table, obj);		cannot fail; or vdxg_handle_abandon()
 *	mutex_unlock(&table->lock);
 */
#ifndef VDXG_HANDLE_H
#define VDXG_HANDLE_H

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nospec.h>

#include <d3dkmthk.h>

#include "object.h"

/* Free handles that are kept back before the first is used again. */
#define VDXG_HANDLE_REUSE	4096
/* 24 bits of index. */
#define VDXG_HANDLE_MAX		(1U << 24)
/* Distance of two consecutive handles. */
#define VDXG_HANDLE_STEP	0x40U

/* How a handle and an entry of the table are made up (see handle.c). */
#define VDXG_HANDLE_TAG_MASK		7UL
#define VDXG_HANDLE_INDEX_SHIFT		6
#define VDXG_HANDLE_UNIQUE_SHIFT	30
#define VDXG_HANDLE_INSTANCE_MASK	(VDXG_HANDLE_STEP - 1)
#define VDXG_HANDLES_PER_PAGE		(PAGE_SIZE / sizeof(unsigned long))
#define VDXG_HANDLE_UNIQUE_MASK		3UL
#define VDXG_HANDLE_NOT_LIVE		4UL
#define VDXG_HANDLE_NEXT_SHIFT		3

/**
 * struct vdxg_handles - a handle table
 * @lock: protects the table, the object tree of its process, and &vdxg_object.handle
 * @pages: pages of entries
 * @num_pages: how many there are
 * @max_pages: how many @pages has room for
 * @fresh: the first index never used
 * @limit: the first index that will never be used; VDXG_HANDLE_MAX but for tests
 * @num_free: length of the queue of free entries
 * @head: the index that has been free the longest, if any is
 * @tail: the entry freed last, if any is
 */
struct vdxg_handles {
	struct mutex lock;
	unsigned long **pages;
	u32 num_pages;
	u32 max_pages;
	u32 fresh;
	u32 limit;
	u32 num_free;
	u32 head;
	unsigned long *tail;
};

void vdxg_handles_init(struct vdxg_handles *table);
void vdxg_handles_fini(struct vdxg_handles *table);
int vdxg_handle_reserve_more(struct vdxg_handles *table, struct vdxg_object *obj);
struct vdxg_object *vdxg_handle_next(struct vdxg_handles *table, u32 *index,
				     const struct vdxg_class *class);
struct vdxg_object *vdxg_handle_refuse(u32 value, const struct vdxg_class *class, const char *why)
	__cold;
struct vdxg_object *vdxg_handle_get(struct vdxg_handles *table, u32 value,
				    const struct vdxg_class *class);

static inline unsigned long *vdxg_handle_entry(struct vdxg_handles *table, u32 index)
{
	return &table->pages[index / VDXG_HANDLES_PER_PAGE][index % VDXG_HANDLES_PER_PAGE];
}

static inline u32 vdxg_handle_index(u32 value)
{
	return (value >> VDXG_HANDLE_INDEX_SHIFT) & (VDXG_HANDLE_MAX - 1);
}

static inline u32 vdxg_handle_make(u32 index, unsigned long unique)
{
	return (u32)unique << VDXG_HANDLE_UNIQUE_SHIFT | index << VDXG_HANDLE_INDEX_SHIFT;
}

/* The handle that has been free the longest, with its next uniqueness; there is one. */
static inline u32 vdxg_handle_pop(struct vdxg_handles *table)
{
	u32 index = table->head;
	unsigned long entry = *vdxg_handle_entry(table, index);
	unsigned long last = entry & VDXG_HANDLE_UNIQUE_MASK;

	table->head = entry >> VDXG_HANDLE_NEXT_SHIFT;
	table->num_free--;
	return vdxg_handle_make(index, last < VDXG_HANDLE_UNIQUE_MASK ? last + 1 : 1);
}

/**
 * vdxg_handle_reserve - take a handle that does not answer yet
 * @table: the table, locked
 * @obj: what it is to name; its @handle is set
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY: no memory, or no handle left.
 */
static inline int vdxg_handle_reserve(struct vdxg_handles *table, struct vdxg_object *obj)
{
	u32 index = table->fresh;

	lockdep_assert_held(&table->lock);
	if (table->num_free >= VDXG_HANDLE_REUSE) {
		obj->handle = vdxg_handle_pop(table);
		return STATUS_SUCCESS;
	}
	if (unlikely(index >= table->limit || index / VDXG_HANDLES_PER_PAGE >= table->num_pages))
		return vdxg_handle_reserve_more(table, obj);
	table->fresh++;
	*vdxg_handle_entry(table, index) = VDXG_HANDLE_NOT_LIVE;
	obj->handle = vdxg_handle_make(index, 1);
	return STATUS_SUCCESS;
}

/**
 * vdxg_handle_abandon - give a reserved handle back
 * @table: the table, locked
 * @obj: an object with a reserved handle
 */
static inline void vdxg_handle_abandon(struct vdxg_handles *table, struct vdxg_object *obj)
{
	u32 index = vdxg_handle_index(obj->handle);
	unsigned long *entry = vdxg_handle_entry(table, index);

	lockdep_assert_held(&table->lock);
	*entry = VDXG_HANDLE_NOT_LIVE | obj->handle >> VDXG_HANDLE_UNIQUE_SHIFT;
	/* The entry freed last links to nothing yet. */
	if (table->num_free++)
		*table->tail |= (unsigned long)index << VDXG_HANDLE_NEXT_SHIFT;
	else
		table->head = index;
	table->tail = entry;
	obj->handle = 0;
}

/**
 * vdxg_handle_publish - let a reserved handle answer
 * @table: the table, locked
 * @obj: an object with a reserved handle; the table takes over the caller's reference
 */
static inline void vdxg_handle_publish(struct vdxg_handles *table, struct vdxg_object *obj)
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
static inline void vdxg_handle_unpublish(struct vdxg_handles *table, struct vdxg_object *obj)
{
	vdxg_handle_abandon(table, obj);
}

/**
 * vdxg_handle_peek - look a handle up while the table is locked
 * @table: the table, locked
 * @value: the handle, not trusted
 * @class: the kind it must be of
 *
 * Return: the object, without a further reference: it is good until the lock is dropped. NULL if nothing of
 * that kind answers to @value.
 */
static inline struct vdxg_object *vdxg_handle_peek(struct vdxg_handles *table, u32 value,
						   const struct vdxg_class *class)
{
	u32 index = vdxg_handle_index(value);
	struct vdxg_object *obj;
	unsigned long entry;

	lockdep_assert_held(&table->lock);
	if (index >= table->fresh || value & VDXG_HANDLE_INSTANCE_MASK)
		return vdxg_handle_refuse(value, class, "never was a handle");
	index = array_index_nospec(index, table->fresh);
	entry = *vdxg_handle_entry(table, index);
	if ((entry & VDXG_HANDLE_TAG_MASK) != value >> VDXG_HANDLE_UNIQUE_SHIFT)
		return vdxg_handle_refuse(value, class, "is no handle, or no longer one");
	obj = (struct vdxg_object *)(entry & ~VDXG_HANDLE_TAG_MASK);
	return likely(obj->class == class) ? obj :
		vdxg_handle_refuse(value, class, "is a handle of another kind");
}

#endif
