/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sharing.h: what makes objects known outside their process
 *
 * A &struct vdxg_shareable is the head of what several processes may have: a shared resource, a
 * synchronization object, a keyed mutex. Each of their handles is an open of it; NT handles
 * (descriptors, see nt_handle.h) keep it without being opens. It may have a global handle: a number
 * that is the same for everybody who has the same user and PID namespace as its creator, and that
 * dies with the last open.
 */
#ifndef VDXG_SHARING_H
#define VDXG_SHARING_H

#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct pid_namespace;
struct vdxg_shareable;

/**
 * struct vdxg_shareable_class - a kind of shareable object
 * @name: its type, as Windows calls it
 * @release: frees an object without references; called without locks, may sleep
 */
struct vdxg_shareable_class {
	const char *name;
	void (*release)(struct vdxg_shareable *obj);
};

/**
 * struct vdxg_owner - who shares something
 * @ns: the PID namespace, referenced
 * @uid: the user
 */
struct vdxg_owner {
	struct pid_namespace *ns;
	kuid_t uid;
};

/**
 * struct vdxg_shareable - the head of what may be shared
 * @class: its kind
 * @refs: one for each open, one for each NT handle
 * @opens: handles of processes; under a lock of sharing.c
 * @global: its global handle, or 0
 * @owner: who may use @global; set if there is one
 */
struct vdxg_shareable {
	const struct vdxg_shareable_class *class;
	refcount_t refs;
	u32 opens;
	u32 global;
	struct vdxg_owner owner;
};

void vdxg_owner_init(struct vdxg_owner *owner);
void vdxg_owner_fini(struct vdxg_owner *owner);
bool vdxg_owner_is_current(const struct vdxg_owner *owner);

void vdxg_shareable_init(struct vdxg_shareable *obj, const struct vdxg_shareable_class *class);
int vdxg_shareable_make_global(struct vdxg_shareable *obj);
void vdxg_shareable_announce(struct vdxg_shareable *obj);
void vdxg_shareable_put(struct vdxg_shareable *obj);
void vdxg_shareable_open(struct vdxg_shareable *obj);
void vdxg_shareable_close(struct vdxg_shareable *obj);
struct vdxg_shareable *vdxg_global_open(u32 handle, const struct vdxg_shareable_class *class);
void vdxg_sharing_exit(void);

static inline void vdxg_shareable_get(struct vdxg_shareable *obj)
{
	refcount_inc(&obj->refs);
}

#endif
