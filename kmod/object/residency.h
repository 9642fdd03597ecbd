/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * residency.h: lists of allocations that the residency calls name
 *
 *	struct vdxg_alloc_list list;
 *
 *	status = vdxg_alloc_list_read(&list, user, count);
 *	if (status)
 *		return status;
 *	vdxg_process_lock(process);
 *	status = vdxg_alloc_list_find(&list, process, device);
 *	vdxg_process_unlock(process);
 *	... list.refs ...
 *	vdxg_alloc_list_free(&list);
 */
#ifndef VDXG_RESIDENCY_H
#define VDXG_RESIDENCY_H

#include <linux/types.h>

#include "../vidmm/vidmm.h"

struct vdxg_device;
struct vdxg_paging_queue;
struct vdxg_process;

/* A list this short needs no memory of its own. */
#define VDXG_SHORT_LIST	16

/**
 * struct vdxg_alloc_list - allocations by handle
 * @count: how many
 * @found: how many of them @refs has, each with a reference on the binding
 * @handles: the caller's list, not trusted
 * @refs: what they name
 * @short_handles: memory for @handles
 * @short_refs: memory for @refs
 */
struct vdxg_alloc_list {
	u32 count;
	u32 found;
	u32 *handles;
	struct vidmm_ref *refs;
	u32 short_handles[VDXG_SHORT_LIST];
	struct vidmm_ref short_refs[VDXG_SHORT_LIST];
};

int vdxg_alloc_list_read(struct vdxg_alloc_list *list, u64 user, u32 count);
int vdxg_alloc_list_find(struct vdxg_alloc_list *list, struct vdxg_process *process,
			 struct vdxg_device *device);
void vdxg_alloc_list_free(struct vdxg_alloc_list *list);
int vdxg_bring(struct vdxg_paging_queue *queue, struct vidmm_ref *refs, u32 count, u64 before,
	       u64 *fence_value);

#endif
