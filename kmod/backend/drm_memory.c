// SPDX-License-Identifier: GPL-2.0-only
/*
 * drm_memory.c: segment memory in dumb buffers of a KMS driver
 *
 * The host of a virtual GPU walks its objects (drm_object.c) one by one, hence they are few and
 * large: small runs of pages share objects of CHUNK_PAGES, and only a run that would waste a chunk
 * has an object of its own. Pages of a chunk are zeroed when they are handed out again; until then
 * nobody else can see them.
 *
 * A chunk is charged to the memory cgroup for which it was created, and holds runs for that one
 * only: else one cgroup's pages would come out of what another has paid for.
 *
 * What nobody uses counts as free, wherever it is. So where neither a chunk nor the limit has room
 * for a run in one piece, the run is in pieces: in what is left of chunks, and in an object of its
 * own.
 */
#include <linux/delay.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <drm/drm_client.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <uapi/drm/virtgpu_drm.h>

#include "../gfp.h"
#include "drm.h"
#include "drm_object.h"

/* Empty chunks that are kept for the next run. */
#define CACHED_CHUNKS	4

/* &vdxg_memory.first of a run in pieces; &vdxg_memory.priv is a struct drm_pieces. */
#define IN_PIECES	ULONG_MAX

/* How long the driver may take to let go of freed objects before it is unbound. */
#define DRAIN_MS	3000

/**
 * struct drm_piece - pages of a run that are together
 * @obj: their object
 * @first: the first of them in @obj
 * @start: the same in the run
 * @npages: how many
 */
struct drm_piece {
	struct drm_object *obj;
	unsigned long first;
	unsigned long start;
	unsigned long npages;
};

/**
 * struct drm_pieces - a run in pieces
 * @count: how many
 * @npages: of all of them
 * @piece: in the order of the run
 */
struct drm_pieces {
	unsigned long count;
	unsigned long npages;
	struct drm_piece piece[];
};

static struct drm_memory *to_memory(struct vdxg_backend *be)
{
	return container_of(be, struct drm_memory, base);
}

/* The piece in which page @index of a run is, from that page on. */
static struct drm_piece piece_at(const struct vdxg_memory *mem, unsigned long index)
{
	const struct drm_pieces *pieces = mem->priv;
	unsigned long low = 0, high, middle, into;
	struct drm_piece piece;

	if (mem->first != IN_PIECES)
		return (struct drm_piece){
			.obj = mem->priv, .first = mem->first + index, .start = index,
			.npages = ULONG_MAX,
		};
	/* the last one that does not start after it */
	for (high = pieces->count; high - low > 1;) {
		middle = low + (high - low) / 2;
		if (pieces->piece[middle].start <= index)
			low = middle;
		else
			high = middle;
	}
	piece = pieces->piece[low];
	into = index - piece.start;
	piece.first += into;
	piece.start += into;
	piece.npages -= into;
	return piece;
}

static void reap(struct work_struct *work)
{
	struct drm_memory *m = container_of(work, struct drm_memory, reap);
	LIST_HEAD(list);

	mutex_lock(&m->lock);
	list_splice_init(&m->later, &list);
	mutex_unlock(&m->lock);
	vdxg_drm_objects_free(m, &list);
}

static void drm_trim(struct vdxg_backend *be)
{
	struct drm_memory *m = to_memory(be);
	int idx = srcu_read_lock(&m->freeing);
	struct drm_object *obj, *next;
	LIST_HEAD(list);

	mutex_lock(&m->lock);
	list_for_each_entry_safe(obj, next, &m->open, link) {
		if (!obj->nused)
			list_move(&obj->link, &list);
	}
	m->empty = 0;
	mutex_unlock(&m->lock);
	vdxg_drm_objects_free(m, &list);
	srcu_read_unlock(&m->freeing, idx);
}

static unsigned long drm_cached(struct vdxg_backend *be)
{
	return READ_ONCE(to_memory(be)->empty) * CHUNK_PAGES;
}

/* Pages of a chunk that has them free. */
static void use_pages(struct drm_memory *m, struct drm_object *obj, unsigned long first,
		      unsigned long npages)
{
	lockdep_assert_held(&m->lock);
	bitmap_set(obj->used, first, npages);
	if (!obj->nused) {
		m->empty--;
		list_move(&obj->link, &m->open);
	}
	obj->nused += npages;
	if (obj->nused == CHUNK_PAGES)
		list_move(&obj->link, &m->full);
}

/* Pages that are handed out again, in use already. */
static void clean_pages(struct drm_object *obj, unsigned long first, unsigned long npages)
{
	unsigned long i;

	for (i = first; i < first + npages; i++) {
		if (test_and_clear_bit(i, obj->dirty))
			vdxg_drm_object_zero(obj, i);
	}
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
		use_pages(m, obj, first, npages);
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
	int ret = 0;

	if (!take_run_locked(m, npages, mem)) {
		if (mutex_lock_killable(&m->grow))
			return -ENOMEM;
		if (!take_run_locked(m, npages, mem)) {
			obj = vdxg_drm_object_new(m, CHUNK_PAGES, true);
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
	clean_pages(mem->priv, mem->first, npages);
	return 0;
}

static int get_own(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_object *obj = vdxg_drm_object_new(m, npages, false);

	if (obj == ERR_PTR(-ENOSPC) && m->empty) {
		drm_trim(&m->base);
		obj = vdxg_drm_object_new(m, npages, false);
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

/* Take pages back; adds their object to @list if it is to be freed. */
static void put_pages_of(struct drm_memory *m, struct drm_object *obj, unsigned long first,
			 unsigned long npages, struct list_head *list)
{
	if (obj->shared) {
		obj = put_shared(m, obj, first, npages);
	} else {
		mutex_lock(&m->lock);
		list_del(&obj->link);
		mutex_unlock(&m->lock);
	}
	if (obj)
		list_add_tail(&obj->link, list);
}

/* Take a run back; adds the objects that are to be freed to @list. */
static void take_back(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem,
		      struct list_head *list)
{
	struct drm_pieces *pieces = mem->priv;
	struct drm_piece *piece;

	mem->priv = NULL;
	if (mem->first != IN_PIECES) {
		put_pages_of(m, (void *)pieces, mem->first, npages, list);
		return;
	}
	for (piece = pieces->piece; piece < pieces->piece + pieces->count; piece++)
		put_pages_of(m, piece->obj, piece->first, piece->npages, list);
	kvfree(pieces);
}

static void drm_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	int idx = srcu_read_lock(&m->freeing);
	LIST_HEAD(list);

	take_back(m, npages, mem, &list);
	vdxg_drm_objects_free(m, &list);
	srcu_read_unlock(&m->freeing, idx);
}

static void drm_put_later(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	LIST_HEAD(list);

	take_back(m, npages, mem, &list);
	if (list_empty(&list))
		return;
	mutex_lock(&m->lock);
	list_splice_tail(&list, &m->later);
	mutex_unlock(&m->lock);
	queue_work(system_unbound_wq, &m->reap);
}

/* Free runs in chunks that are charged to whom this memory is for. */
static unsigned long count_holes(struct drm_memory *m)
{
	struct mem_cgroup *memcg = active_memcg();
	unsigned long start, end, count = 0;
	struct drm_object *obj;

	mutex_lock(&m->lock);
	list_for_each_entry(obj, &m->open, link) {
		if (obj->memcg != memcg)
			continue;
		for_each_clear_bitrange(start, end, obj->used, CHUNK_PAGES)
			count++;
	}
	mutex_unlock(&m->lock);
	return count;
}

static void add_piece(struct drm_pieces *pieces, struct drm_object *obj, unsigned long first,
		      unsigned long npages)
{
	pieces->piece[pieces->count++] = (struct drm_piece){
		.obj = obj, .first = first, .start = pieces->npages, .npages = npages,
	};
	pieces->npages += npages;
}

/* Take what is free in chunks, up to @npages in @room pieces. */
static void fill_holes(struct drm_memory *m, unsigned long npages, struct drm_pieces *pieces,
		       unsigned long room)
{
	struct mem_cgroup *memcg = active_memcg();
	unsigned long start, end, n, i;
	struct drm_object *obj, *next;

	mutex_lock(&m->lock);
	list_for_each_entry_safe(obj, next, &m->open, link) {
		if (obj->memcg != memcg)
			continue;
		for_each_clear_bitrange(start, end, obj->used, CHUNK_PAGES) {
			n = min(end - start, npages - pieces->npages);
			if (!n || pieces->count == room)
				break;
			use_pages(m, obj, start, n);
			add_piece(pieces, obj, start, n);
		}
	}
	mutex_unlock(&m->lock);
	for (i = 0; i < pieces->count; i++)
		clean_pages(pieces->piece[i].obj, pieces->piece[i].first, pieces->piece[i].npages);
}

static int get_pieces(struct drm_memory *m, unsigned long npages, struct vdxg_memory *mem)
{
	unsigned long room = count_holes(m);
	struct drm_pieces *pieces;
	struct drm_object *obj;

	/* one more for an object of its own */
	pieces = kvzalloc(struct_size(pieces, piece, room + 1), VDXG_GFP);
	if (!pieces)
		return -ENOMEM;
	mem->priv = pieces;
	mem->first = IN_PIECES;
	fill_holes(m, npages, pieces, room);
	if (pieces->npages == npages)
		return 0;
	obj = vdxg_drm_object_new(m, npages - pieces->npages, false);
	if (IS_ERR(obj)) {
		drm_put(&m->base, pieces->npages, mem);
		return PTR_ERR(obj);
	}
	mutex_lock(&m->lock);
	list_add(&obj->link, &m->own);
	mutex_unlock(&m->lock);
	add_piece(pieces, obj, 0, obj->npages);
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
	if (ret == -ENOSPC)
		ret = get_pieces(m, npages, mem);
	return ret;
}

/*
 * What is being freed counts no more for the memory manager. No lock: the driver may need memory to free an object, and
 * the kernel free another one to get it.
 */
static void wait_for_frees(struct drm_memory *m)
{
	flush_work(&m->reap);
	synchronize_srcu_expedited(&m->freeing);
}

static int drm_get(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct drm_memory *m = to_memory(be);
	int ret;

	if (!npages || npages > be->limit)
		return -ENOSPC;
	ret = get(m, npages, mem);
	if (ret == -ENOSPC) {
		wait_for_frees(m);
		ret = get(m, npages, mem);
	}
	return ret;
}

static unsigned long drm_pfn(struct vdxg_backend *be, const struct vdxg_memory *mem,
			     unsigned long index)
{
	const struct drm_piece piece = piece_at(mem, index);

	return vdxg_drm_object_pfn(piece.obj, piece.first);
}

static void *drm_vaddr(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index)
{
	const struct drm_piece piece = piece_at(mem, index);

	/* see vdxg_drm_object_zero() */
	return piece.obj->map.is_iomem ? vdxg_drm_object_address(piece.obj, piece.first) :
		page_address(pfn_to_page(vdxg_drm_object_pfn(piece.obj, piece.first)));
}

static pgprot_t drm_prot(struct vdxg_backend *be, const struct vdxg_memory *mem, pgprot_t prot)
{
	return piece_at(mem, 0).obj->map.is_iomem ? pgprot_writecombine(prot) : prot;
}

static int flush_pages(struct drm_memory *m, const struct drm_piece *piece)
{
	struct drm_virtgpu_3d_transfer_to_host args = {
		.bo_handle = piece->obj->handle,
		.box = {
			.y = piece->first,
			.w = ROW_PIXELS,
			.h = piece->npages,
			.d = 1,
		},
		.offset = piece->first << PAGE_SHIFT,
	};
	int idx;
	int ret;

	if (!drm_dev_enter(m->dev, &idx))
		return -ENODEV;
	ret = m->transfer(m->dev, &args, m->file);
	drm_dev_exit(idx);
	/* where the device has blobs, the driver refuses: the host reads these very pages */
	return ret == -EINVAL ? 0 : ret;
}

static int drm_flush(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long first,
		     unsigned long npages)
{
	const unsigned long end = first + npages;
	struct drm_memory *m = to_memory(be);
	struct drm_piece piece;
	int ret = 0;

	for (; m->transfer && !ret && first < end; first += piece.npages) {
		piece = piece_at(mem, first);
		piece.npages = min(piece.npages, end - first);
		ret = flush_pages(m, &piece);
	}
	return ret;
}

static void memory_put(struct drm_memory *m)
{
	if (!refcount_dec_and_test(&m->refs))
		return;
	cleanup_srcu_struct(&m->freeing);
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
	.cached = drm_cached,
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
	LIST_HEAD(list);

	if (!m)
		return ERR_PTR(-ENOMEM);
	if (init_srcu_struct(&m->freeing)) {
		kfree(m);
		return ERR_PTR(-ENOMEM);
	}
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

	obj = vdxg_drm_object_new(m, 1, false);
	if (IS_ERR(obj)) {
		cleanup_srcu_struct(&m->freeing);
		kfree(m);
		return ERR_CAST(obj);
	}
	list_add(&obj->link, &list);
	vdxg_drm_objects_free(m, &list);
	return &m->base;
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
	vdxg_drm_objects_free(m, &m->own);
	vdxg_drm_objects_free(m, &m->full);
	vdxg_drm_objects_free(m, &m->open);

	end = jiffies + msecs_to_jiffies(DRAIN_MS);
	while (vdxg_drm_object_still_held(m) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	memory_put(m);
}
