// SPDX-License-Identifier: GPL-2.0-only
/*
 * export.c: ExportDmaBuf (ours), and the dma-bufs it makes
 *
 * While another driver is attached the allocation is held in the aperture segment (vidmm/hold.c), where its
 * pages are ordinary ones: content in a device's memory would have a second copy on the host of a virtual
 * GPU, and go with the GPU. Processes that map the descriptor need no hold: their pages are taken away when
 * the content moves, like those of Lock2.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../backend/imported.h"
#include "../compat.h"
#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/cpumap.h"
#include "../vidmm/place.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "export.h"
#include "process.h"

/**
 * struct export - an allocation as a dma-buf
 * @link: in exports
 * @alloc: the allocation, referenced
 * @dma_buf: the dma-buf, which owns this
 * @map: what its file shows, or NULL
 * @lock: protects @importers
 * @importers: who is attached
 */
struct export {
	struct hlist_node link;
	struct vidmm_alloc *alloc;
	struct dma_buf *dma_buf;
	struct vidmm_cpumap *map;
	struct mutex lock;
	struct list_head importers;
};

/**
 * struct importer - an attached driver
 * @link: in &export.importers
 * @dev: its device
 * @table: the pages as the device sees them, while it has them mapped
 * @mapped: it has; under &export.lock
 */
struct importer {
	struct list_head link;
	struct device *dev;
	struct sg_table table;
	bool mapped;
};

/* Exports by allocation, and what protects it. Whoever is in it has not been freed yet. */
static DEFINE_HASHTABLE(exports, 6);
static DEFINE_MUTEX(exports_lock);

/* What another driver is told. */
static int errno_of(int status)
{
	switch (status) {
	case STATUS_SUCCESS:
		return 0;
	case STATUS_NO_MEMORY:
		return -ENOMEM;
	case STATUS_DEVICE_REMOVED:
		return -ENODEV;
	case STATUS_UNSUCCESSFUL:
		return -EINTR;
	default:
		/* on offer, or content in a device's memory */
		return -EBUSY;
	}
}

static int export_attach(struct dma_buf *dma_buf, struct dma_buf_attachment *attachment)
{
	struct export *export = dma_buf->priv;
	struct importer *importer = kzalloc(sizeof(*importer), VDXG_GFP);
	int status;

	if (!importer)
		return -ENOMEM;
	/*
	 * The driver that attaches may hold a lock of its device that creating and freeing its objects takes, too. So
	 * what is on that very device stays there, and is refused; what is on another is freed later.
	 */
	status = vidmm_hold(export->alloc, vidmm_is_on(export->alloc, attachment->dev) ?
			    VIDMM_NOWAIT | VIDMM_IN_PLACE | VIDMM_LATER : VIDMM_LATER);
	if (status) {
		kfree(importer);
		return errno_of(status);
	}
	importer->dev = attachment->dev;
	attachment->priv = importer;
	mutex_lock(&export->lock);
	list_add(&importer->link, &export->importers);
	mutex_unlock(&export->lock);
	return 0;
}

static void export_detach(struct dma_buf *dma_buf, struct dma_buf_attachment *attachment)
{
	struct export *export = dma_buf->priv;
	struct importer *importer = attachment->priv;

	mutex_lock(&export->lock);
	list_del(&importer->link);
	mutex_unlock(&export->lock);
	kfree(importer);
	vidmm_unhold(export->alloc);
}

/* The pages of an allocation that is held; NULL without memory. */
static struct page **pages_of(const struct vidmm_alloc *alloc)
{
	struct page **pages;
	unsigned long i;

	/* kvmalloc() warns of sizes beyond INT_MAX */
	if (alloc->npages > INT_MAX / sizeof(*pages))
		return NULL;
	pages = kvmalloc_array(alloc->npages, sizeof(*pages), VDXG_GFP);
	for (i = 0; pages && i < alloc->npages; i++)
		pages[i] = pfn_to_page(vidmm_pfn(alloc, i));
	return pages;
}

static struct sg_table *export_map(struct dma_buf_attachment *attachment,
				   enum dma_data_direction direction)
{
	struct export *export = attachment->dmabuf->priv;
	struct vidmm_alloc *alloc = export->alloc;
	struct importer *importer = attachment->priv;
	struct page **pages = pages_of(alloc);
	int err;

	if (!pages)
		return ERR_PTR(-ENOMEM);
	err = sg_alloc_table_from_pages_segment(&importer->table, pages, alloc->npages, 0,
						alloc->npages << PAGE_SHIFT,
						dma_get_max_seg_size(importer->dev), VDXG_GFP);
	kvfree(pages);
	if (err)
		return ERR_PTR(err);
	err = dma_map_sgtable(importer->dev, &importer->table, direction, 0);
	if (err) {
		sg_free_table(&importer->table);
		return ERR_PTR(err);
	}
	mutex_lock(&export->lock);
	importer->mapped = true;
	mutex_unlock(&export->lock);
	return &importer->table;
}

static void export_unmap(struct dma_buf_attachment *attachment, struct sg_table *table,
			 enum dma_data_direction direction)
{
	struct export *export = attachment->dmabuf->priv;
	struct importer *importer = attachment->priv;

	mutex_lock(&export->lock);
	importer->mapped = false;
	mutex_unlock(&export->lock);
	dma_unmap_sgtable(importer->dev, table, direction, 0);
	sg_free_table(table);
}

/* Where a device does not see the pages themselves, what it wrote is brought to them, */
static int export_begin_cpu_access(struct dma_buf *dma_buf, enum dma_data_direction direction)
{
	struct export *export = dma_buf->priv;
	struct importer *importer;

	mutex_lock(&export->lock);
	list_for_each_entry(importer, &export->importers, link)
		if (importer->mapped)
			dma_sync_sgtable_for_cpu(importer->dev, &importer->table, direction);
	mutex_unlock(&export->lock);
	return 0;
}

/* and what the CPU wrote to the device. */
static int export_end_cpu_access(struct dma_buf *dma_buf, enum dma_data_direction direction)
{
	struct export *export = dma_buf->priv;
	struct importer *importer;

	mutex_lock(&export->lock);
	list_for_each_entry(importer, &export->importers, link)
		if (importer->mapped)
			dma_sync_sgtable_for_device(importer->dev, &importer->table, direction);
	mutex_unlock(&export->lock);
	return 0;
}

static int export_mmap(struct dma_buf *dma_buf, struct vm_area_struct *vma)
{
	struct export *export = dma_buf->priv;
	int status;

	if (!(export->alloc->flags & VIDMM_CPU_VISIBLE))
		return -EACCES;
	/* Better here than when it is touched. */
	status = vidmm_populate(export->alloc);
	if (status)
		return errno_of(status);
	return vidmm_cpumap_mmap(export->map, vma);
}

/*
 * For a driver that reads and writes by the CPU. It is usually attached already, and the allocation held;
 * where not, the lock of the dma-buf forbids to copy it out of a device's memory (freeing that takes the
 * lock of another such object).
 */
static int export_vmap(struct dma_buf *dma_buf, struct iosys_map *map)
{
	struct export *export = dma_buf->priv;
	struct vidmm_alloc *alloc = export->alloc;
	struct page **pages;
	void *address = NULL;
	int status;

	status = vidmm_hold(alloc, VIDMM_IN_PLACE);
	if (status)
		return errno_of(status);
	pages = pages_of(alloc);
	if (pages)
		address = vmap(pages, alloc->npages, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	if (!address) {
		vidmm_unhold(alloc);
		return -ENOMEM;
	}
	iosys_map_set_vaddr(map, address);
	return 0;
}

static void export_vunmap(struct dma_buf *dma_buf, struct iosys_map *map)
{
	struct export *export = dma_buf->priv;

	vunmap(map->vaddr);
	vidmm_unhold(export->alloc);
}

static void export_release(struct dma_buf *dma_buf)
{
	struct export *export = dma_buf->priv;

	mutex_lock(&exports_lock);
	hash_del(&export->link);
	mutex_unlock(&exports_lock);
	if (export->map)
		vidmm_cpumap_destroy(export->map);
	vidmm_alloc_put(export->alloc);
	mutex_destroy(&export->lock);
	kfree(export);
}

static const struct dma_buf_ops export_ops = {
	.cache_sgt_mapping = true,
	.attach = export_attach,
	.detach = export_detach,
	.map_dma_buf = export_map,
	.unmap_dma_buf = export_unmap,
	.begin_cpu_access = export_begin_cpu_access,
	.end_cpu_access = export_end_cpu_access,
	.mmap = export_mmap,
	.vmap = export_vmap,
	.vunmap = export_vunmap,
	.release = export_release,
};

/**
 * vdxg_exported - the allocation behind a dma-buf
 * @dma_buf: any dma-buf, referenced by the caller
 *
 * Return: the allocation, which stays as long as the dma-buf; NULL if it is not one of ours.
 */
struct vidmm_alloc *vdxg_exported(const struct dma_buf *dma_buf)
{
	const struct export *export = dma_buf->priv;

	return dma_buf->ops == &export_ops ? export->alloc : NULL;
}

/* The dma-buf there is of an allocation, referenced; one that is being released is none any more. */
static struct dma_buf *find_export(const struct vidmm_alloc *alloc)
{
	struct export *export;

	lockdep_assert_held(&exports_lock);
	hash_for_each_possible(exports, export, link, (unsigned long)alloc)
		if (export->alloc == alloc && vdxg_get_file_not_zero(export->dma_buf->file))
			return export->dma_buf;
	return NULL;
}

static struct dma_buf *make_export(struct vidmm_alloc *alloc)
{
	struct export *export = kzalloc(sizeof(*export), VDXG_GFP);
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *dma_buf;

	lockdep_assert_held(&exports_lock);
	if (!export)
		return NULL;
	mutex_init(&export->lock);
	INIT_LIST_HEAD(&export->importers);
	info.ops = &export_ops;
	info.size = alloc->npages << PAGE_SHIFT;
	info.flags = O_RDWR;
	info.priv = export;
	dma_buf = dma_buf_export(&info);
	if (IS_ERR(dma_buf)) {
		mutex_destroy(&export->lock);
		kfree(export);
		return NULL;
	}
	export->dma_buf = dma_buf;
	export->alloc = alloc;
	refcount_inc(&alloc->refs);
	export->map = vidmm_cpumap_create_file(alloc, dma_buf->file);
	hash_add(exports, &export->link, (unsigned long)alloc);
	return dma_buf;
}

/* The dma-buf of an allocation of ours, referenced; NULL without memory. */
static struct dma_buf *get_export(struct vidmm_alloc *alloc)
{
	struct dma_buf *dma_buf;
	struct export *export;

	mutex_lock(&exports_lock);
	dma_buf = find_export(alloc) ?: make_export(alloc);
	mutex_unlock(&exports_lock);
	if (!dma_buf)
		return NULL;
	export = dma_buf->priv;
	if (export->map)
		return dma_buf;
	dma_buf_put(dma_buf);
	return NULL;
}

/* That of an allocation which was imported: the one it came from. */
static int get_origin(struct vidmm_alloc *alloc, struct dma_buf **dma_buf)
{
	int status = vidmm_pin(alloc);

	if (status)
		return status;
	*dma_buf = vdxg_imported_dma_buf(&alloc->place->memory);
	get_dma_buf(*dma_buf);
	vidmm_unpin(alloc);
	return STATUS_SUCCESS;
}

/* The allocation that is named, referenced, if it may be exported. */
static int find_alloc(struct vdxg_process *process, const struct vdxg_exportdmabuf *args,
		      struct vidmm_alloc **alloc)
{
	struct vdxg_allocation *allocation = NULL;
	struct vdxg_device *device;
	struct vidmm_alloc *mem;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(process);
	device = vdxg_device_peek(process, (struct d3dkmthandle) { args->device });
	if (device)
		allocation = vdxg_allocation_peek(process, device, args->allocation);
	mem = allocation ? vdxg_allocation_mem(allocation) : NULL;
	if (!mem) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation", args->allocation,
				     "no allocation of the device");
	} else if (mem->flags & VIDMM_EXISTING || mem->offer ||
		   !(mem->supported & BIT(VIDMM_APERTURE - 1))) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation", args->allocation,
				     "over existing memory, local memory only, or offered");
	} else if (allocation->readonly) {
		/* no driver asks whether it may write */
		status = vdxg_refuse(STATUS_ACCESS_DENIED, "allocation", args->allocation,
				     "opened for reading only");
	} else if (vdxg_adapter_removed(device->adapter)) {
		status = STATUS_DEVICE_REMOVED;
	} else {
		refcount_inc(&mem->refs);
		*alloc = mem;
	}
	vdxg_process_unlock(process);
	return status;
}

static int give_descriptor(struct vdxg_call *call, struct dma_buf *dma_buf)
{
	struct vdxg_exportdmabuf *args = call->args;
	int fd = get_unused_fd_flags(args->flags & VDXG_DMA_BUF_INHERIT ? 0 : O_CLOEXEC);
	int status;

	if (fd < 0)
		return STATUS_NO_MEMORY;
	args->fd = fd;
	status = vdxg_call_reply(call);
	if (status) {
		put_unused_fd(fd);
		return status;
	}
	get_dma_buf(dma_buf);
	fd_install(fd, dma_buf->file);
	return STATUS_SUCCESS;
}

/**
 * vdxg_export_dma_buf - an allocation as a dma-buf
 * @call: the call; struct vdxg_exportdmabuf
 *
 * The descriptor keeps the memory, charged to the process that created the allocation, whatever happens to
 * its handles.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle or flag, and for an allocation over the
 * caller's own memory, on offer, or that may not live in the aperture segment; STATUS_ACCESS_DENIED for one
 * the caller may only read; STATUS_DEVICE_REMOVED; STATUS_NO_MEMORY, also when there are too many
 * descriptors. (Linux only; Documentation/behaviour-sharing.rst)
 */
int vdxg_export_dma_buf(struct vdxg_call *call)
{
	struct vdxg_exportdmabuf *args = call->args;
	struct dma_buf *dma_buf = NULL;
	struct vidmm_alloc *alloc;
	int status;

	if (args->flags & ~VDXG_DMA_BUF_INHERIT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	status = find_alloc(call->process, args, &alloc);
	if (status)
		return status;
	if (alloc->flags & VIDMM_IMPORTED) {
		status = get_origin(alloc, &dma_buf);
	} else {
		dma_buf = get_export(alloc);
		if (!dma_buf)
			status = STATUS_NO_MEMORY;
	}
	vidmm_alloc_put(alloc);
	if (status)
		return status;
	status = give_descriptor(call, dma_buf);
	dma_buf_put(dma_buf);
	return status;
}
