// SPDX-License-Identifier: GPL-2.0-only
/*
 * allocation.c: allocations as objects: their kernel memory, look-up, and how they end
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/place.h"
#include "allocation.h"
#include "client.h"
#include "gpuva.h"
#include "process.h"
#include "sharing_resource.h"

static struct kmem_cache *cache;

/* What vdxg_allocations_close() frees at once. */
#define CLOSE_BATCH	32

static struct vdxg_new_allocation *fresh_of(struct vidmm_alloc *mem)
{
	return container_of(mem, struct vdxg_new_allocation, mem);
}

/* The device does not require it any more: nobody changes the count of a binding without references. */
static void forget_residency(struct vdxg_allocation *allocation)
{
	struct vidmm_ref ref = {
		.alloc = vdxg_allocation_mem(allocation),
		.count = &allocation->resident,
	};

	if (allocation->resident)
		vidmm_forget(vdxg_allocation_client(allocation), &ref);
}

/* The first binding lies in the memory of what it binds, which frees it; those that were opened do not. */
static void free_opened(struct vdxg_allocation *allocation)
{
	kfree(container_of(allocation, struct vdxg_opened_allocation, binding));
}

static void release_allocation(struct vdxg_object *obj)
{
	struct vdxg_allocation *allocation = container_of(obj, struct vdxg_allocation, obj);
	struct vidmm_alloc *mem = vdxg_allocation_mem(allocation);

	forget_residency(allocation);
	vdxg_va_unmap_allocation(allocation);
	if (allocation->opened)
		free_opened(allocation);
	vidmm_alloc_put(mem);
}

const struct vdxg_class vdxg_allocation_class = {
	.name = "allocation",
	.release = release_allocation,
};

static void free_place(struct vidmm_alloc *mem)
{
	if (mem->place)
		vidmm_place_free(mem->place);
}

/* Out of line, as the next: who has to do with the pool alone saves no registers for them. */
static noinline void free_all(u32 count, void **objects)
{
	struct vdxg_new_allocation **fresh = (struct vdxg_new_allocation **)objects;
	u32 i;

	for (i = 0; i < count; i++)
		free_place(&fresh[i]->mem);
	kmem_cache_free_bulk(cache, count, objects);
}

static noinline bool alloc_all(u32 count, struct vdxg_new_allocation **fresh)
{
	u32 i;

	if (count == 1) {
		fresh[0] = kmem_cache_alloc(cache, VDXG_GFP);
		if (!fresh[0])
			return false;
	} else if (!kmem_cache_alloc_bulk(cache, VDXG_GFP, count, (void **)fresh)) {
		return false;
	}
	for (i = 0; i < count; i++)
		fresh[i]->mem.place = NULL;
	return true;
}

/**
 * vdxg_allocations_new - kernel memory for new allocations
 * @client: the account they will be on
 * @count: how many
 * @fresh: where they go, not initialised but for &vidmm_alloc.place
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: @count, or 0 without memory.
 */
u32 vdxg_allocations_new(struct vidmm_client *client, u32 count,
			 struct vdxg_new_allocation **fresh)
{
	u32 got = vdxg_pool_take(vdxg_client_pool(client), (void **)fresh, count);
	u32 rest = count - got;

	if (!rest || alloc_all(rest, fresh + got))
		return count;
	if (got)
		free_all(got, (void **)fresh);
	return 0;
}

/* Keep what fits, free the rest. */
static void drop(struct vidmm_client *client, u32 count, void **objects)
{
	u32 kept = vdxg_pool_give(vdxg_client_pool(client), objects, count);

	if (kept < count)
		free_all(count - kept, objects + kept);
}

/**
 * vdxg_allocations_drop - undo vdxg_allocations_new()
 * @client: the account
 * @count: how many
 * @fresh: the memory, with nothing in it but places
 */
void vdxg_allocations_drop(struct vidmm_client *client, u32 count,
			   struct vdxg_new_allocation **fresh)
{
	drop(client, count, (void **)fresh);
}

/**
 * vdxg_allocations_free_pool - free what an account has kept
 * @pool: its pool, to which nobody gives anything any more
 */
void vdxg_allocations_free_pool(struct vdxg_pool *pool)
{
	if (pool->count)
		free_all(pool->count, pool->objects);
	pool->count = 0;
}

/**
 * vdxg_allocation_free - give the kernel memory of an allocation back
 * @mem: the allocation, without references and memory of its own
 */
void vdxg_allocation_free(struct vidmm_alloc *mem)
{
	free_place(mem);
	kmem_cache_free(cache, fresh_of(mem));
}

/**
 * vdxg_allocation_open - bind memory once more
 * @mem: the memory; the caller's reference becomes the binding's, except on failure
 * @device: the device it will belong to
 * @resource: the shared resource it will belong to
 * @slot: its slot there
 *
 * Context: sleeps; charged to the caller's cgroup.
 * Return: the binding, not published, or NULL without memory.
 */
struct vdxg_allocation *vdxg_allocation_open(struct vidmm_alloc *mem, struct vdxg_device *device,
					     struct vdxg_resource *resource, u32 slot)
{
	struct vdxg_opened_allocation *opened = kmalloc(sizeof(*opened), VDXG_GFP);

	if (!opened)
		return NULL;
	vdxg_binding_init(&opened->binding, true, device, resource);
	opened->binding.slot = slot;
	opened->mem = mem;
	opened->client = device->client;
	return &opened->binding;
}

/**
 * vdxg_allocation_refuse - tell that an allocation is another device's
 * @handle: its handle
 *
 * Return: NULL.
 */
struct vdxg_allocation *vdxg_allocation_refuse(u32 handle)
{
	vdxg_refuse(0, "allocation", handle, "is another device's");
	return NULL;
}

/**
 * vdxg_allocation_leave - let an allocation that dies go from its resource
 * @allocation: an allocation of a resource; the process is locked
 */
void vdxg_allocation_leave(struct vdxg_allocation *allocation)
{
	if (allocation->resource->shared)
		vdxg_shared_unbind(allocation->resource->shared, allocation->slot);
	allocation->resource = NULL;
}

/* What vdxg_allocations_close() has collected of one client. */
struct batch {
	struct vidmm_client *client;
	unsigned long npages;
	u32 count;
	void *free[CLOSE_BATCH];
};

static void flush_batch(struct batch *batch)
{
	if (!batch->count)
		return;
	drop(batch->client, batch->count, batch->free);
	vidmm_uncommit(batch->client, batch->npages, batch->count);
	batch->npages = 0;
	batch->count = 0;
}

/* Drop the references of an allocation; what this frees is collected instead. */
static void close_one(struct vdxg_allocation *allocation, struct batch *batch)
{
	struct vidmm_alloc *mem = vdxg_allocation_mem(allocation);

	if (!refcount_dec_and_test(&allocation->obj.refs))
		return;
	forget_residency(allocation);
	if (allocation->va)
		vdxg_va_unmap_allocation(allocation);
	if (allocation->opened)
		free_opened(allocation);
	if (!refcount_dec_and_test(&mem->refs))
		return;
	if (!vidmm_alloc_is_empty(mem))
		vidmm_alloc_empty(mem);
	if (batch->client != mem->client || batch->count == CLOSE_BATCH) {
		flush_batch(batch);
		cond_resched();
		batch->client = mem->client;
	}
	batch->npages += vidmm_committed(mem);
	batch->free[batch->count++] = fresh_of(mem);
}

static void unmap(struct vdxg_allocation *allocation)
{
	if (allocation->map && !(vdxg_allocation_mem(allocation)->flags & VIDMM_EXISTING))
		vidmm_cpumap_destroy(allocation->map);
}

/**
 * vdxg_allocations_unmap - end the CPU mappings of unpublished allocations that stay for a while
 * @doomed: list of them; &vdxg_allocation.after is 0 afterwards
 *
 * Context: as vdxg_allocations_close().
 */
void vdxg_allocations_unmap(struct list_head *doomed)
{
	struct vdxg_allocation *allocation;

	list_for_each_entry(allocation, doomed, link) {
		unmap(allocation);
		allocation->after = 0;
		cond_resched();
	}
}

/**
 * vdxg_allocations_close - release unpublished allocations
 * @doomed: list of them
 *
 * Their CPU mappings go now, their memory with the last reference.
 *
 * Context: no locks; sleeps. In the process itself the mappings are removed from its address space; anywhere
 * else they are only made to fault.
 */
void vdxg_allocations_close(struct list_head *doomed)
{
	struct vdxg_allocation *allocation, *next;
	struct batch batch __uninitialized;

	batch.client = NULL;
	batch.npages = 0;
	batch.count = 0;
	list_for_each_entry_safe(allocation, next, doomed, link) {
		unmap(allocation);
		close_one(allocation, &batch);
	}
	flush_batch(&batch);
	INIT_LIST_HEAD(doomed);
}

/**
 * vdxg_allocation_init - make the cache
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_allocation_init(void)
{
	cache = kmem_cache_create("vdxg_allocation", sizeof(struct vdxg_new_allocation), 0,
				  SLAB_ACCOUNT, NULL);
	return cache ? 0 : -ENOMEM;
}

void vdxg_allocation_exit(void)
{
	kmem_cache_destroy(cache);
}
