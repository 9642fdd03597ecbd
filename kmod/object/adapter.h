/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * adapter.h: the GPUs this driver offers, and a process's handles to them
 *
 * An adapter is created by whoever finds a device (backend/drm.c, or main.c for the software adapter) and
 * removed by it. Its LUID is never used again: a GPU that is bound again becomes a new adapter.
 * A &struct vdxg_adapter_open is what an adapter handle of a process points to; every enumeration or open
 * makes another.
 */
#ifndef VDXG_ADAPTER_H
#define VDXG_ADAPTER_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/uuid.h>

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "../sched/fence.h"
#include "../vidmm/vidmm.h"
#include "object.h"

struct dentry;
struct vdxg_engine;

/**
 * struct vdxg_adapter - a GPU
 * @ref: one for the list, one for each open and device
 * @link: in the list of adapters, in the order of their creation
 * @luid: its locally unique identifier
 * @guid: its unique GUID
 * @desc: what it says of itself
 * @mm: its memory
 * @engine: runs what is submitted to it, referenced
 * @fences: the fences of its devices; they end when it is removed
 * @local: the backend of its local segment, destroyed with the adapter
 * @aperture: the backend of its aperture segment, likewise
 * @debugfs: its directory there
 */
struct vdxg_adapter {
	struct kref ref;
	struct list_head link;
	struct winluid luid;
	guid_t guid;
	struct vdxg_adapter_desc desc;
	struct vidmm mm;
	struct vdxg_engine *engine;
	struct vdxg_fence_group fences;
	struct vdxg_backend *local;
	struct vdxg_backend *aperture;
	struct dentry *debugfs;
};

/**
 * struct vdxg_adapter_open - a process's handle to an adapter
 * @obj: what the handle table knows
 * @link: in &vdxg_process.adapters
 * @adapter: the adapter, referenced
 */
struct vdxg_adapter_open {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_adapter *adapter;
};

struct vdxg_adapter *vdxg_adapter_create(const struct vdxg_adapter_desc *desc,
					 struct vdxg_backend *local);
void vdxg_adapter_remove(struct vdxg_adapter *adapter);
struct vdxg_adapter *vdxg_adapter_find(struct winluid luid);
void vdxg_adapter_get(struct vdxg_adapter *adapter);
void vdxg_adapter_put(struct vdxg_adapter *adapter);
void vdxg_adapter_trim(struct vdxg_adapter *adapter);
struct vdxg_adapter *vdxg_adapter_next(struct vdxg_adapter *adapter, bool reclaim);

/**
 * vdxg_adapter_removed - is the device behind an adapter gone?
 * @adapter: the adapter
 */
static inline bool vdxg_adapter_removed(const struct vdxg_adapter *adapter)
{
	return READ_ONCE(adapter->mm.removed);
}

#endif
