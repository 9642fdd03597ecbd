/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.h: what a handle points to
 *
 * Every kind of object begins with a &struct vdxg_object. The handle table holds one reference, every lookup
 * takes another, and the class's release function runs when the last is gone.
 */
#ifndef VDXG_OBJECT_H
#define VDXG_OBJECT_H

#include <linux/refcount.h>
#include <linux/types.h>

struct vdxg_object;

/**
 * struct vdxg_class - a kind of object
 * @name: for diagnostics
 * @release: frees an object without references; called without locks, may sleep
 */
struct vdxg_class {
	const char *name;
	void (*release)(struct vdxg_object *obj);
};

/**
 * struct vdxg_object - the head of every object that has a handle
 * @class: its kind
 * @refs: references
 * @handle: its handle while it is reserved or published, else 0; under the process's lock
 */
struct vdxg_object {
	const struct vdxg_class *class;
	refcount_t refs;
	u32 handle;
};

static inline void vdxg_object_init(struct vdxg_object *obj, const struct vdxg_class *class)
{
	obj->class = class;
	refcount_set(&obj->refs, 1);
	obj->handle = 0;
}

static inline void vdxg_object_get(struct vdxg_object *obj)
{
	refcount_inc(&obj->refs);
}

static inline void vdxg_object_put(struct vdxg_object *obj)
{
	if (refcount_dec_and_test(&obj->refs))
		obj->class->release(obj);
}

#endif
