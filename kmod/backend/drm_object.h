/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drm_object.h: the memory of a DRM device, and the dumb buffers it is made of (drm_object.c); drm_memory.c hands
 * them out
 */
#ifndef VDXG_DRM_OBJECT_H
#define VDXG_DRM_OBJECT_H

#include <linux/bitmap.h>
#include <linux/iosys-map.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>

#include <drm/drm_ioctl.h>

#include "backend.h"

struct drm_device;
struct drm_file;
struct drm_gem_object;
struct mem_cgroup;

/* 2 MiB; a run of more than half of it has an object of its own. */
#define CHUNK_PAGES	512UL

/* A row of an object is a page of 32-bit pixels. */
#define ROW_PIXELS	(PAGE_SIZE / 4)

/**
 * struct drm_memory - the memory of one DRM device
 * @base: what the memory manager knows
 * @refs: one of the attachment (drm.c), one of the adapter, which may live longer
 * @dev: the device
 * @file: owner of the objects' handles
 * @transfer: the ioctl that brings an object's content to the host, or NULL
 * @lock: everything below
 * @gone: the device is being unbound
 * @pages: pages of all objects, and of those being created
 * @objects: how many these are
 * @open: chunks with room, the empty ones last
 * @full: chunks without room
 * @own: objects with one run
 * @empty: chunks in @open without any run
 * @last_start: mmap offset of the object freed last
 * @last_pages: its size in the mmap offset space; 0 if it had no offset
 * @grow: held while a chunk is created, so that one is enough for all who wait
 * @freeing: read by those who free, so that who needs room can wait for them
 * @later: objects that a worker frees; they count until then
 * @reap: the worker
 */
struct drm_memory {
	struct vdxg_backend base;
	refcount_t refs;
	struct drm_device *dev;
	struct drm_file *file;
	drm_ioctl_t *transfer;
	struct mutex lock;
	bool gone;
	unsigned long pages;
	unsigned long objects;
	struct list_head open;
	struct list_head full;
	struct list_head own;
	unsigned long empty;
	unsigned long last_start;
	unsigned long last_pages;
	struct mutex grow;
	struct srcu_struct freeing;
	struct list_head later;
	struct work_struct reap;
};

/**
 * struct drm_object - a dumb buffer
 * @link: in one of the lists of &struct drm_memory
 * @gem: the object, referenced
 * @handle: its handle in &drm_memory.file
 * @map: where the kernel sees it
 * @npages: its size
 * @shared: a chunk; only then what follows holds
 * @memcg: who is charged for it, referenced
 * @nused: pages in use
 * @largest: no free run is longer than this
 * @used: the pages in use
 * @dirty: free pages that must be zeroed before they are handed out; set before a bit of @used is
 *	   cleared, cleared after it is set, hence by one at a time
 */
struct drm_object {
	struct list_head link;
	struct drm_gem_object *gem;
	u32 handle;
	struct iosys_map map;
	unsigned long npages;
	bool shared;
	struct mem_cgroup *memcg;
	unsigned long nused;
	unsigned long largest;
	DECLARE_BITMAP(used, CHUNK_PAGES);
	DECLARE_BITMAP(dirty, CHUNK_PAGES);
};

/* Who is charged for what is created now: set_active_memcg() of the caller. */
static inline struct mem_cgroup *active_memcg(void)
{
#ifdef CONFIG_MEMCG
	return current->active_memcg;
#else
	return NULL;
#endif
}

struct drm_object *vdxg_drm_object_new(struct drm_memory *m, unsigned long npages, bool shared);
void vdxg_drm_objects_free(struct drm_memory *m, struct list_head *list);
void *vdxg_drm_object_address(const struct drm_object *obj, unsigned long page);
unsigned long vdxg_drm_object_pfn(const struct drm_object *obj, unsigned long page);
void vdxg_drm_object_zero(struct drm_object *obj, unsigned long page);
bool vdxg_drm_object_still_held(struct drm_memory *m);

#endif
