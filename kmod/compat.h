/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h: what differs between the supported kernels, 6.1 and 6.12
 */
#ifndef VDXG_COMPAT_H
#define VDXG_COMPAT_H

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>

#include <drm/drm_gem.h>

/* Until 6.2 these were exported without a header, and drivers locked the object themselves. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
int drm_gem_vmap(struct drm_gem_object *obj, struct iosys_map *map);
void drm_gem_vunmap(struct drm_gem_object *obj, struct iosys_map *map);

#define vdxg_gem_vmap	drm_gem_vmap
#define vdxg_gem_vunmap	drm_gem_vunmap
#else
#define vdxg_gem_vmap	drm_gem_vmap_unlocked
#define vdxg_gem_vunmap	drm_gem_vunmap_unlocked
#endif

/* What protects the kernel's mapping of a dma-buf. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define vdxg_dma_buf_vunmap	dma_buf_vunmap

static inline void vdxg_dma_buf_lock(struct dma_buf *dma_buf)
{
	mutex_lock(&dma_buf->lock);
}

static inline void vdxg_dma_buf_unlock(struct dma_buf *dma_buf)
{
	mutex_unlock(&dma_buf->lock);
}
#else
#define vdxg_dma_buf_vunmap	dma_buf_vunmap_unlocked

static inline void vdxg_dma_buf_lock(struct dma_buf *dma_buf)
{
	dma_resv_lock(dma_buf->resv, NULL);
}

static inline void vdxg_dma_buf_unlock(struct dma_buf *dma_buf)
{
	dma_resv_unlock(dma_buf->resv);
}
#endif

/* Until 6.13 the name of a namespace was no string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define VDXG_IMPORT_NS_DMA_BUF	MODULE_IMPORT_NS(DMA_BUF)
#else
#define VDXG_IMPORT_NS_DMA_BUF	MODULE_IMPORT_NS("DMA_BUF")
#endif

/* A reference on a file that may be on its way out, and that its caller keeps from being freed. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline bool vdxg_get_file_not_zero(struct file *file)
{
	return atomic_long_inc_not_zero(&file->f_count);
}
#else
static inline bool vdxg_get_file_not_zero(struct file *file)
{
	return file_ref_get(&file->f_ref);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * Until 6.2 pinning to read did not end the sharing of copy-on-write pages, and the process's next write went to
 * another page than the pinned one. Pinning as for a forced write does; memory that is shared for good refuses it.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define VDXG_FOLL_UNSHARE	(FOLL_WRITE | FOLL_FORCE)
#else
#define VDXG_FOLL_UNSHARE	0
#endif

/* Until 6.7 the caller allocated the shrinker. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *
vdxg_shrinker_create(const char *name,
		     unsigned long (*count)(struct shrinker *, struct shrink_control *),
		     unsigned long (*scan)(struct shrinker *, struct shrink_control *))
{
	struct shrinker *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = DEFAULT_SEEKS;
	if (register_shrinker(s, "%s", name)) {
		kfree(s);
		return NULL;
	}
	return s;
}

static inline void vdxg_shrinker_destroy(struct shrinker *s)
{
	unregister_shrinker(s);
	kfree(s);
}
#else
static inline struct shrinker *
vdxg_shrinker_create(const char *name,
		     unsigned long (*count)(struct shrinker *, struct shrink_control *),
		     unsigned long (*scan)(struct shrinker *, struct shrink_control *))
{
	struct shrinker *s = shrinker_alloc(0, "%s", name);

	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	shrinker_register(s);
	return s;
}

#define vdxg_shrinker_destroy	shrinker_free
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define vdxg_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#else
#define vdxg_eventfd_signal(ctx)	eventfd_signal(ctx)
#endif

#endif
