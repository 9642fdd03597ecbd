// SPDX-License-Identifier: GPL-2.0-only
/*
 * drm_memory.c: segment memory in dumb buffers of a KMS driver
 *
 * A device object is a dumb buffer with one row of pixels a page, so that page n of it is row
 * n. The host of a virtual GPU walks its objects one by one, hence they are few and large:
 * small runs of pages share objects of CHUNK_PAGES, and only a run that would waste a chunk has
 * an object of its own.
 *
 * What is created is counted here, because virtio-gpu's host refuses beyond its limit without
 * telling the guest. The driver's own dumb_create() does not check for overflow either: see
 * new_object().
 *
 * The object is mapped by the driver (vmap) as long as it lives; that pins its pages. They
 * belong to the device, so CPU mappings insert bare page frame numbers. Pages of a chunk are
 * zeroed when they are handed out again; until then nobody else can see them.
 *
 * A chunk is charged to the memory cgroup for which it was created, and holds runs for that one
 * only: else one cgroup's pages would come out of what another has paid for.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/iosys-map.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include <drm/drm_client.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_vma_manager.h>
#include <uapi/drm/virtgpu_drm.h>

#include "../gfp.h"
#include "../compat.h"
#include "drm.h"

/* 2 MiB; a run of more than half of it has an object of its own. */
#define CHUNK_PAGES	512UL

/* Empty chunks that are kept for the next run. */
#define CACHED_CHUNKS	4

/* Objects at most: the host's list is linear. */
#define MAX_OBJECTS	10000

/* Drivers compute the bytes of a dumb buffer in 32 bits. */
#define MAX_OBJECT_PAGES ((1UL << 32 >> PAGE_SHIFT) - 1)

/* A row of an object is a page of 32-bit pixels. */
#define ROW_PIXELS	(PAGE_SIZE / 4)

/* How long the driver may take to let go of freed objects before it is unbound. */
#define DRAIN_MS	3000

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
static struct mem_cgroup *active_memcg(void)
{
#ifdef CONFIG_MEMCG
	return current->active_memcg;
#else
	return NULL;
#endif
}

static struct drm_memory *to_memory(struct vdxg_backend *be)
{
	return container_of(be, struct drm_memory, base);
}

static void *object_address(const struct drm_object *obj, unsigned long page)
{
	void *start = obj->map.is_iomem ? (void __force *)obj->map.vaddr_iomem : obj->map.vaddr;

	return start + (page << PAGE_SHIFT);
}

static unsigned long object_pfn(const struct drm_object *obj, unsigned long page)
{
	void *addr = object_address(obj, page);

	return is_vmalloc_addr(addr) ? vmalloc_to_pfn(addr) : page_to_pfn(virt_to_page(addr));
}

static void zero_page(struct drm_object *obj, unsigned long page)
{
	/* not through the driver's mapping, which may be write-combined while the user's is not */
	if (obj->map.is_iomem)
		iosys_map_memset(&obj->map, page << PAGE_SHIFT, 0, PAGE_SIZE);
	else
		clear_highpage(pfn_to_page(object_pfn(obj, page)));
}

/* Plain memory comes zeroed, as every page that user space may map; video memory may not. */
static void zero_iomem(struct drm_object *obj)
{
	unsigned long i;

	for (i = 0; obj->map.is_iomem && i < obj->npages; i++) {
		zero_page(obj, i);
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

static struct drm_object *new_object(struct drm_memory *m, unsigned long npages, bool shared)
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

static void free_objects(struct drm_memory *m, struct list_head *list)
{
	struct drm_object *obj, *next;

	list_for_each_entry_safe(obj, next, list, link)
		free_object(m, obj);
}

static void reap(struct work_struct *work)
{
	struct drm_memory *m = container_of(work, struct drm_memory, reap);
	LIST_HEAD(list);

	mutex_lock(&m->lock);
	list_splice_init(&m->later, &list);
	mutex_unlock(&m->lock);
	free_objects(m, &list);
}

static void drm_trim(struct vdxg_backend *be)
{
	struct drm_memory *m = to_memory(be);
	struct drm_object *obj, *next;
	LIST_HEAD(list);

	mutex_lock(&m->lock);
	list_for_each_entry_safe(obj, next, &m->open, link) {
		if (!obj->nused)
			list_move(&obj->link, &list);
	}
	m->empty = 0;
	mutex_unlock(&m->lock);
	free_objects(m, &list);
}

/* Takes a run from a chunk that has it and is charged to whom this memory is for. */
static bool take_run(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	struct mem_cgroup *memcg = active_memcg();
	struct drm_object *obj;
	unsigned long first;

	lockdep_assert_held(&m->lock);
	list_for_each_entry(obj, &m->open, link) {
		if (obj->largest < npages || obj->memcg != memcg)
			continue;
		first = bitmap_find_next_zero_area(obj->used, CHUNK_PAGES, 0, npages, 0);
		if (first + npages > CHUNK_PAGES) {
			obj->largest = npages - 1;
			continue;
		}
		bitmap_set(obj->used, first, npages);
		if (!obj->nused) {
			m->empty--;
			list_move(&obj->link, &m->open);
		}
		obj->nused += npages;
		if (obj->nused == CHUNK_PAGES)
			list_move(&obj->link, &m->full);
		mem->priv = obj;
		mem->first = first;
		return true;
	}
	return false;
}

static bool take_run_locked(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	bool found;

	mutex_lock(&m->lock);
	found = take_run(m, npages, mem);
	mutex_unlock(&m->lock);
	return found;
}

static int get_shared(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_object *obj;
	unsigned long i;
	int ret = 0;

	if (!take_run_locked(m, npages, mem)) {
		if (mutex_lock_killable(&m->grow))
			return -ENOMEM;
		if (!take_run_locked(m, npages, mem)) {
			obj = new_object(m, CHUNK_PAGES, true);
			if (IS_ERR(obj)) {
				ret = PTR_ERR(obj);
			} else {
				mutex_lock(&m->lock);
				list_add(&obj->link, &m->open);
				m->empty++;
				take_run(m, npages, mem);
				mutex_unlock(&m->lock);
			}
		}
		mutex_unlock(&m->grow);
		if (ret)
			return ret;
	}
	obj = mem->priv;
	for (i = mem->first; i < mem->first + npages; i++) {
		if (test_and_clear_bit(i, obj->dirty))
			zero_page(obj, i);
	}
	return 0;
}

static int get_own(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_object *obj = new_object(m, npages, false);

	if (obj == ERR_PTR(-ENOSPC) && m->empty) {
		drm_trim(&m->base);
		obj = new_object(m, npages, false);
	}
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	mutex_lock(&m->lock);
	list_add(&obj->link, &m->own);
	mutex_unlock(&m->lock);
	mem->priv = obj;
	mem->first = 0;
	return 0;
}

static int get(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	int ret = -ENOSPC;

	if (npages <= CHUNK_PAGES / 2)
		ret = get_shared(m, npages, mem);
	/* what is left below the limit may be less than a chunk */
	if (ret == -ENOSPC)
		ret = get_own(m, npages, mem);
	return ret;
}

static int drm_get(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	int ret;

	if (!npages || npages > be->limit)
		return -ENOSPC;
	ret = get(m, npages, mem);
	if (ret == -ENOSPC && flush_work(&m->reap))
		ret = get(m, npages, mem);
	return ret;
}

/* Take a run back from a chunk; returns the chunk if it is to be freed. */
static struct drm_object *put_shared(struct drm_memory *m, struct drm_object *obj,
				     unsigned long first, unsigned long npages)
{
	struct drm_object *victim = NULL;
	unsigned long i;

	for (i = first; i < first + npages; i++)
		set_bit(i, obj->dirty);

	mutex_lock(&m->lock);
	bitmap_clear(obj->used, first, npages);
	if (obj->nused == CHUNK_PAGES)
		list_move(&obj->link, &m->open);
	obj->nused -= npages;
	obj->largest = CHUNK_PAGES - obj->nused;
	if (!obj->nused) {
		if (m->empty == CACHED_CHUNKS) {
			list_del(&obj->link);
			victim = obj;
		} else {
			list_move_tail(&obj->link, &m->open);
			m->empty++;
		}
	}
	mutex_unlock(&m->lock);
	return victim;
}

/* Take a run back; returns the object if it is to be freed, in no list. */
static struct drm_object *take_back(struct drm_memory *m, unsigned long npages,
				    struct vdxg_memory *mem)
{
	struct drm_object *obj = mem->priv;

	mem->priv = NULL;
	if (obj->shared)
		return put_shared(m, obj, mem->first, npages);
	mutex_lock(&m->lock);
	list_del(&obj->link);
	mutex_unlock(&m->lock);
	return obj;
}

static void drm_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	struct drm_object *obj = take_back(m, npages, mem);

	if (obj)
		free_object(m, obj);
}

static void drm_put_later(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	struct drm_object *obj = take_back(m, npages, mem);

	if (!obj)
		return;
	mutex_lock(&m->lock);
	list_add_tail(&obj->link, &m->later);
	mutex_unlock(&m->lock);
	queue_work(system_unbound_wq, &m->reap);
}

static unsigned long drm_pfn(struct vdxg_backend *be, const struct vdxg_memory *mem,
			     unsigned long index)
{
	return object_pfn(mem->priv, mem->first + index);
}

static void *drm_vaddr(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index)
{
	const struct drm_object *obj = mem->priv;

	/* see zero_page() */
	return obj->map.is_iomem ? object_address(obj, mem->first + index) :
		page_address(pfn_to_page(object_pfn(obj, mem->first + index)));
}

static pgprot_t drm_prot(struct vdxg_backend *be, const struct vdxg_memory *mem, pgprot_t prot)
{
	const struct drm_object *obj = mem->priv;

	return obj->map.is_iomem ? pgprot_writecombine(prot) : prot;
}

static int drm_flush(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long first,
		     unsigned long npages)
{
	struct drm_memory *m = to_memory(be);
	struct drm_object *obj = mem->priv;
	struct drm_virtgpu_3d_transfer_to_host args = {
		.bo_handle = obj->handle,
		.box = {
			.y = mem->first + first,
			.w = ROW_PIXELS,
			.h = npages,
			.d = 1,
		},
		.offset = (mem->first + first) << PAGE_SHIFT,
	};
	int idx;
	int ret;

	if (!m->transfer)
		return 0;
	if (!drm_dev_enter(m->dev, &idx))
		return -ENODEV;
	ret = m->transfer(m->dev, &args, m->file);
	drm_dev_exit(idx);
	/* where the device has blobs, the driver refuses: the host reads these very pages */
	return ret == -EINVAL ? 0 : ret;
}

static void memory_put(struct drm_memory *m)
{
	if (refcount_dec_and_test(&m->refs))
		kfree(m);
}

static void drm_destroy(struct vdxg_backend *be)
{
	memory_put(to_memory(be));
}

static const struct vdxg_backend_ops drm_ops = {
	.name = "drm",
	.get = drm_get,
	.put = drm_put,
	.put_later = drm_put_later,
	.pfn = drm_pfn,
	.vaddr = drm_vaddr,
	.prot = drm_prot,
	.flush = drm_flush,
	.trim = drm_trim,
	.destroy = drm_destroy,
};

/* virtio-gpu's host has a copy of an object; its driver brings it up to date by an ioctl. */
static drm_ioctl_t *find_transfer(const struct drm_driver *driver)
{
	if (strcmp(driver->name, "virtio_gpu") ||
	    driver->num_ioctls <= DRM_VIRTGPU_TRANSFER_TO_HOST)
		return NULL;
	return driver->ioctls[DRM_VIRTGPU_TRANSFER_TO_HOST].func;
}

/**
 * vdxg_drm_memory_create() - take memory from a DRM device
 * @client: opened on the device; stays open until vdxg_drm_memory_detach()
 * @limit: pages to take at most
 *
 * Tries the driver with one object, which it frees again.
 *
 * Return: the backend, or an error pointer. It has two owners: the caller, who ends with
 * vdxg_drm_memory_detach(), and the adapter, with &vdxg_backend_ops.destroy.
 */
struct vdxg_backend *vdxg_drm_memory_create(struct drm_client_dev *client, unsigned long limit)
{
	struct drm_memory *m = kzalloc(sizeof(*m), GFP_KERNEL);
	struct drm_object *obj;

	if (!m)
		return ERR_PTR(-ENOMEM);
	m->base.ops = &drm_ops;
	m->base.limit = limit;
	m->base.dev = client->dev->dev;
	refcount_set(&m->refs, 2);
	m->dev = client->dev;
	m->file = client->file;
	m->transfer = find_transfer(m->dev->driver);
	mutex_init(&m->lock);
	mutex_init(&m->grow);
	INIT_LIST_HEAD(&m->open);
	INIT_LIST_HEAD(&m->full);
	INIT_LIST_HEAD(&m->own);
	INIT_LIST_HEAD(&m->later);
	INIT_WORK(&m->reap, reap);

	obj = new_object(m, 1, false);
	if (IS_ERR(obj)) {
		kfree(m);
		return ERR_CAST(obj);
	}
	free_object(m, obj);
	return &m->base;
}

/* Does the driver still hold the object that was freed last? */
static bool still_held(struct drm_memory *m)
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

/**
 * vdxg_drm_memory_detach() - free every object on the device and let go of it
 * @be: a backend of vdxg_drm_memory_create(), of which nothing is handed out any more
 *
 * virtio-gpu frees an object when the host has answered, in the order of the requests, and
 * loses those without an answer when it is unbound. So this returns when the last one is free,
 * or after DRAIN_MS.
 */
void vdxg_drm_memory_detach(struct vdxg_backend *be)
{
	struct drm_memory *m = to_memory(be);
	unsigned long end;

	mutex_lock(&m->lock);
	m->gone = true;
	mutex_unlock(&m->lock);
	flush_work(&m->reap);
	WARN_ON(!list_empty(&m->own) || !list_empty(&m->full));
	free_objects(m, &m->own);
	free_objects(m, &m->full);
	free_objects(m, &m->open);

	end = jiffies + msecs_to_jiffies(DRAIN_MS);
	while (still_held(m) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	memory_put(m);
}
