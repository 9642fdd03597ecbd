/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nt_handle.h: NT handles: descriptors of shared objects
 *
 * A &struct vdxg_nt_object is a set of objects that have been shared together; it lives as long as
 * there is a descriptor of it, and so does its name. A &struct vdxg_nt_handle is what a
 * descriptor's file refers to: the set, and what the one who has the descriptor may do with it.
 */
#ifndef VDXG_NT_HANDLE_H
#define VDXG_NT_HANDLE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include <vdxg.h>

#include "sharing.h"

struct file;
struct vdxg_keyed_mutex;
struct vdxg_shared;
struct vdxg_sync;

/* What a set is, by its first member. */
enum vdxg_nt_kind {
	VDXG_NT_RESOURCE,	/* a resource, perhaps with a keyed mutex and a sync object */
	VDXG_NT_SYNC,		/* a synchronization object */
};

/**
 * struct vdxg_nt_object - objects shared together
 * @refs: its files, and the call that makes it
 * @kind: what they are
 * @resource: the resource, held
 * @mutex: the keyed mutex, referenced, or NULL
 * @sync: the synchronization object, referenced, or NULL
 * @rights: VDXG_ACCESS_* of the one who shared them: no descriptor gives more, by name neither
 * @link: in the table of names, if it has one
 * @owner: who finds the name
 * @name: the name in UTF-16, in lower case
 * @length: its length in characters; 0 without a name
 */
struct vdxg_nt_object {
	refcount_t refs;
	enum vdxg_nt_kind kind;
	struct vdxg_shared *resource;
	struct vdxg_keyed_mutex *mutex;
	struct vdxg_sync *sync;
	u32 rights;
	struct hlist_node link;
	struct vdxg_owner owner;
	u16 *name;
	u32 length;
};

/**
 * struct vdxg_nt_handle - a descriptor's view of a set
 * @file: the file
 * @object: the set, referenced
 * @access: VDXG_ACCESS_*, without generic rights
 */
struct vdxg_nt_handle {
	struct file *file;
	struct vdxg_nt_object *object;
	u32 access;
};

struct vdxg_nt_handle *vdxg_nt_handle_get(u64 fd, enum vdxg_nt_kind kind, int *status);
void vdxg_nt_handle_put(struct vdxg_nt_handle *nt);

#endif
