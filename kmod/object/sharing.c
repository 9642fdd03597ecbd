// SPDX-License-Identifier: GPL-2.0-only
/*
 * sharing.c: shareable objects and their global handles (see sharing.h)
 *
 * A global handle looks like a handle, but for its low six bits, which are 2, so that neither is
 * ever taken for the other. Numbers are used again as late as possible.
 */
#include <linux/cred.h>
#include <linux/idr.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "sharing.h"

#define GLOBAL_TAG	2U
#define GLOBAL_TOP	(1U << 30)
#define GLOBAL_MASK	(3U << 30 | 0x3fU)
#define INDEX_SHIFT	6
#define MAX_INDEX	((1U << 24) - 1)

/* Protects the table and the numbers of opens. */
static DEFINE_MUTEX(globals_lock);
static DEFINE_IDR(globals);

static int index_of(u32 handle)
{
	return (handle & ~GLOBAL_MASK) >> INDEX_SHIFT;
}

/**
 * vdxg_owner_init - the caller shares something
 * @owner: who that is
 */
void vdxg_owner_init(struct vdxg_owner *owner)
{
	owner->ns = get_pid_ns(task_active_pid_ns(current));
	owner->uid = current_euid();
}

/**
 * vdxg_owner_fini - undo vdxg_owner_init()
 * @owner: the owner; may be zero
 */
void vdxg_owner_fini(struct vdxg_owner *owner)
{
	if (owner->ns)
		put_pid_ns(owner->ns);
}

/**
 * vdxg_owner_is_current - does the caller share numbers and names with somebody?
 * @owner: who shares
 */
bool vdxg_owner_is_current(const struct vdxg_owner *owner)
{
	return owner->ns == task_active_pid_ns(current) && uid_eq(owner->uid, current_euid());
}

/**
 * vdxg_shareable_init - set a shareable object up
 * @obj: the object; with one open afterwards
 * @class: its kind
 */
void vdxg_shareable_init(struct vdxg_shareable *obj, const struct vdxg_shareable_class *class)
{
	obj->class = class;
	refcount_set(&obj->refs, 1);
	obj->opens = 1;
	obj->global = 0;
	obj->owner.ns = NULL;
}

/**
 * vdxg_shareable_make_global - give an object a global handle, which does not answer yet
 * @obj: an object that nobody else knows; its @global is set
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY.
 */
int vdxg_shareable_make_global(struct vdxg_shareable *obj)
{
	int index;

	vdxg_owner_init(&obj->owner);
	mutex_lock(&globals_lock);
	index = idr_alloc_cyclic(&globals, NULL, 1, MAX_INDEX, VDXG_GFP);
	mutex_unlock(&globals_lock);
	if (index < 0)
		return STATUS_NO_MEMORY;
	obj->global = GLOBAL_TOP | index << INDEX_SHIFT | GLOBAL_TAG;
	return STATUS_SUCCESS;
}

/**
 * vdxg_shareable_announce - let the global handle of an object answer
 * @obj: an open object, with a global handle or not
 *
 * Context: sleeps.
 */
void vdxg_shareable_announce(struct vdxg_shareable *obj)
{
	if (!obj->global)
		return;
	mutex_lock(&globals_lock);
	idr_replace(&globals, obj, index_of(obj->global));
	mutex_unlock(&globals_lock);
}

/**
 * vdxg_shareable_put - drop a reference
 * @obj: the object
 *
 * Context: no locks; sleeps.
 */
void vdxg_shareable_put(struct vdxg_shareable *obj)
{
	if (!refcount_dec_and_test(&obj->refs))
		return;
	vdxg_owner_fini(&obj->owner);
	obj->class->release(obj);
}

/**
 * vdxg_shareable_open - one more open
 * @obj: the object, referenced by the caller
 *
 * Context: sleeps.
 */
void vdxg_shareable_open(struct vdxg_shareable *obj)
{
	vdxg_shareable_get(obj);
	mutex_lock(&globals_lock);
	obj->opens++;
	mutex_unlock(&globals_lock);
}

/**
 * vdxg_shareable_close - one open less
 * @obj: the object; gone afterwards, if this was the last and there is no NT handle
 *
 * Context: no locks; sleeps.
 */
void vdxg_shareable_close(struct vdxg_shareable *obj)
{
	mutex_lock(&globals_lock);
	if (!--obj->opens && obj->global) {
		idr_remove(&globals, index_of(obj->global));
		obj->global = 0;
	}
	mutex_unlock(&globals_lock);
	vdxg_shareable_put(obj);
}

/**
 * vdxg_global_open - open what a global handle names
 * @handle: the global handle, not trusted
 * @class: the kind it must be of
 *
 * Context: sleeps.
 * Return: the object with one more open; NULL if there is none of that kind, or it is not the
 * caller's to open.
 */
struct vdxg_shareable *vdxg_global_open(u32 handle, const struct vdxg_shareable_class *class)
{
	struct vdxg_shareable *obj = NULL;

	if ((handle & GLOBAL_MASK) != (GLOBAL_TOP | GLOBAL_TAG))
		return NULL;
	mutex_lock(&globals_lock);
	obj = idr_find(&globals, index_of(handle));
	if (obj && (obj->class != class || !vdxg_owner_is_current(&obj->owner)))
		obj = NULL;
	if (obj) {
		vdxg_shareable_get(obj);
		obj->opens++;
	}
	mutex_unlock(&globals_lock);
	return obj;
}

void vdxg_sharing_exit(void)
{
	idr_destroy(&globals);
}
