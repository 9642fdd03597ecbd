// SPDX-License-Identifier: GPL-2.0-only
/*
 * drm_object.c: dumb buffers of a KMS driver
 *
 * A device object is a dumb buffer with one row of pixels a page, so that page n of it is row
 * n.
 *
 * What is created is counted here, because virtio-gpu's host refuses beyond its limit without
 * telling the guest. The driver's own dumb_create() does not check for overflow either.
 *
 * The object is mapped by the driver (vmap) as long as it lives; that pins its pages. They
 * belong to the device, so CPU mappings insert bare page frame numbers.
 */
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_vma_manager.h>

#include "../compat.h"
#include "../gfp.h"
#include "drm_object.h"

/* Objects at most: the host's list is linear. */
#define MAX_OBJECTS	10000

/* Drivers compute the bytes of a dumb buffer in 32 bits. */
#define MAX_OBJECT_PAGES ((1UL << 32 >> PAGE_SHIFT) - 1)

/**
 * vdxg_drm_object_address - where the kernel sees a page
 * @obj: the object
 * @page: the page of it
 */
void *vdxg_drm_object_address(const struct drm_object *obj, unsigned long page)
{
	void *start = obj->map.is_iomem ? (void __force *)obj->map.vaddr_iomem : obj->map.vaddr;

	return start + (page << PAGE_SHIFT);
}

/**
 * vdxg_drm_object_pfn - the page frame of a page
 * @obj: the object
 * @page: the page of it
 *
 * Context: any.
 */
unsigned long vdxg_drm_object_pfn(const struct drm_object *obj, unsigned long page)
{
	void *addr = vdxg_drm_object_address(obj, page);

	return is_vmalloc_addr(addr) ? vmalloc_to_pfn(addr) : page_to_pfn(virt_to_page(addr));
}

/**
 * vdxg_drm_object_zero - zero a page
 * @obj: the object
 * @page: the page of it
 */
void vdxg_drm_object_zero(struct drm_object *obj, unsigned long page)
{
	/* not through the driver's mapping, which may be write-combined while the user's is not */
	if (obj->map.is_iomem)
		iosys_map_memset(&obj->map, page << PAGE_SHIFT, 0, PAGE_SIZE);
	else
		clear_highpage(pfn_to_page(vdxg_drm_object_pfn(obj, page)));
}

/* Plain memory comes zeroed, as every page that user space may map; video memory may not. */
static void zero_iomem(struct drm_object *obj)
{
	unsigned long i;

	for (i = 0; obj->map.is_iomem && i < obj->npages; i++) {
		vdxg_drm_object_zero(obj, i);
		cond_resched();
	}
}

static int create_dumb(struct drm_memory *m, struct drm_object *obj)
{
	struct drm_mode_create_dumb args = {
		.width = ROW_PIXELS,
		.height = obj->npages,
		.bpp = 32,
	};
	int ret;

	ret = m->dev->driver->dumb_create(m->file, m->dev, &args);
	if (ret)
		return ret;
	obj->handle = args.handle;
	if (args.size < obj->npages << PAGE_SHIFT) {
		ret = -EINVAL;
		goto err_handle;
	}
	obj->gem = drm_gem_object_lookup(m->file, args.handle);
	if (!obj->gem) {
		ret = -ENOENT;
		goto err_handle;
	}
	ret = vdxg_gem_vmap(obj->gem, &obj->map);
	if (ret)
		goto err_gem;
	return 0;

err_gem:
	drm_gem_object_put(obj->gem);
err_handle:
	drm_gem_handle_delete(m->file, args.handle);
	return ret;
}

static int reserve(struct drm_memory *m, unsigned long npages)
{
	int ret = 0;

	mutex_lock(&m->lock);
	if (m->gone) {
		ret = -ENODEV;
	} else if (m->objects >= MAX_OBJECTS || npages > m->base.limit - m->pages) {
		ret = -ENOSPC;
	} else {
		m->pages += npages;
		m->objects++;
	}
	mutex_unlock(&m->lock);
	return ret;
}

static void unreserve(struct drm_memory *m, unsigned long npages)
{
	mutex_lock(&m->lock);
	m->pages -= npages;
	m->objects--;
	mutex_unlock(&m->lock);
}

/**
 * vdxg_drm_object_new - create an object
 * @m: the memory it counts to
 * @npages: its size
 * @shared: a chunk, charged to the active memory cgroup
 *
 * Context: sleeps.
 * Return: the object, zeroed and in no list; -ENOSPC if that is more than the limits allow; -ENODEV;
 * -ENOMEM.
 */
struct drm_object *vdxg_drm_object_new(struct drm_memory *m, unsigned long npages, bool shared)
{
	struct drm_object *obj;
	int idx;
	int ret;

	if (npages > MAX_OBJECT_PAGES)
		return ERR_PTR(-ENOSPC);
	ret = reserve(m, npages);
	if (ret)
		return ERR_PTR(ret);
	ret = -ENOMEM;
	obj = kzalloc(sizeof(*obj), VDXG_GFP);
	if (!obj)
		goto err_reserve;
	obj->npages = npages;
	obj->shared = shared;
	if (shared && active_memcg()) {
		obj->memcg = active_memcg();
		css_get(&obj->memcg->css);
	}
	obj->largest = npages;
	INIT_LIST_HEAD(&obj->link);
	/* on a device that is unplugged the driver would create an object without a host's */
	ret = -ENODEV;
	if (!drm_dev_enter(m->dev, &idx))
		goto err_free;
	ret = create_dumb(m, obj);
	drm_dev_exit(idx);
	if (ret)
		goto err_free;
	zero_iomem(obj);
	return obj;

err_free:
	mem_cgroup_put(obj->memcg);
	kfree(obj);
err_reserve:
	unreserve(m, npages);
	/* interrupted, or whatever else a driver may say */
	if (ret != -ENODEV && ret != -ENOSPC)
		ret = -ENOMEM;
	return ERR_PTR(ret);
}

static void free_object(struct drm_memory *m, struct drm_object *obj)
{
	struct drm_vma_offset_node *node = &obj->gem->vma_node;
	unsigned long start = drm_vma_node_start(node);
	unsigned long pages = drm_mm_node_allocated(&node->vm_node) ? drm_vma_node_size(node) : 0;

	vdxg_gem_vunmap(obj->gem, &obj->map);
	drm_gem_object_put(obj->gem);
	drm_gem_handle_delete(m->file, obj->handle);

	mutex_lock(&m->lock);
	m->pages -= obj->npages;
	m->objects--;
	m->last_start = start;
	m->last_pages = pages;
	mutex_unlock(&m->lock);
	mem_cgroup_put(obj->memcg);
	kfree(obj);
}

/**
 * vdxg_drm_objects_free - free objects
 * @m: the memory they counted to
 * @list: the objects, by &drm_object.link; nobody uses them
 *
 * Context: sleeps.
 */
void vdxg_drm_objects_free(struct drm_memory *m, struct list_head *list)
{
	struct drm_object *obj, *next;

	list_for_each_entry_safe(obj, next, list, link)
		free_object(m, obj);
}

/**
 * vdxg_drm_object_still_held - does the driver still hold the object that was freed last?
 * @m: the memory
 */
bool vdxg_drm_object_still_held(struct drm_memory *m)
{
	struct drm_vma_offset_manager *mgr = m->dev->vma_offset_manager;
	bool held;

	if (!m->last_pages)
		return false;
	drm_vma_offset_lock_lookup(mgr);
	held = drm_vma_offset_exact_lookup_locked(mgr, m->last_start, m->last_pages);
	drm_vma_offset_unlock_lookup(mgr);
	return held;
}
