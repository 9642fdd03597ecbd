// SPDX-License-Identifier: GPL-2.0-only
/*
 * sharing_resource.c: what the resources that share memory have in common (see sharing_resource.h)
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/vidmm.h"
#include "adapter.h"
#include "sharing_resource.h"

static void release_shared(struct vdxg_shareable *obj)
{
	struct vdxg_shared *shared = vdxg_shared_of(obj);
	u32 i;

	for (i = 0; i < shared->count; i++) {
		if (shared->slots[i].mem)
			vidmm_alloc_put(shared->slots[i].mem);
		cond_resched();
	}
	kvfree(shared->runtime);
	kvfree(shared->driver);
	vdxg_adapter_put(shared->adapter);
	kvfree(shared);
}

const struct vdxg_shareable_class vdxg_shared_resource_class = {
	.name = "DxgkSharedResource",
	.release = release_shared,
};

/* Private data of the caller's; NULL if there are none. */
static void *read_data(u64 user, u32 size, int *status)
{
	void *data;

	if (!size || *status)
		return NULL;
	data = kvmalloc(size, VDXG_GFP);
	if (!data)
		*status = STATUS_NO_MEMORY;
	else if (copy_from_user(data, u64_to_user_ptr(user), size))
		*status = vdxg_refuse(STATUS_INVALID_PARAMETER, "private_runtime_data", user,
				      "it, or the resource's, cannot be read");
	return data;
}

/**
 * vdxg_shared_create - what a new resource will share
 * @adapter: its adapter
 * @args: its creation, checked; the private data are read from the caller
 * @status: STATUS_NO_MEMORY, or STATUS_INVALID_PARAMETER for data that cannot be read
 *
 * Context: sleeps.
 * Return: the shared part with empty slots and one open, or NULL.
 */
struct vdxg_shared *vdxg_shared_create(struct vdxg_adapter *adapter,
				       const struct d3dkmt_createallocation *args, int *status)
{
	bool standard = args->flags & D3DKMT_CREATE_STANDARD_ALLOCATION;
	struct vdxg_shared *shared;

	*status = STATUS_SUCCESS;
	shared = kvzalloc(struct_size(shared, slots, args->alloc_count),
			  VDXG_GFP);
	if (!shared) {
		*status = STATUS_NO_MEMORY;
		return NULL;
	}
	vdxg_shareable_init(&shared->base, &vdxg_shared_resource_class);
	shared->adapter = adapter;
	vdxg_adapter_get(adapter);
	shared->nt = args->flags & D3DKMT_CREATE_NT_SECURITY_SHARING;
	spin_lock_init(&shared->lock);
	shared->count = args->alloc_count;
	shared->runtime_size = args->private_runtime_data_size;
	shared->runtime = read_data(args->private_runtime_data, shared->runtime_size, status);
	/* A standard allocation's description is where the driver's data would be. */
	if (!standard) {
		shared->driver_size = args->priv_drv_data_size;
		shared->driver = read_data(args->priv_drv_data, shared->driver_size, status);
	}
	if (!*status && !shared->nt)
		*status = vdxg_shareable_make_global(&shared->base);
	if (!*status)
		return shared;
	vdxg_shareable_close(&shared->base);
	return NULL;
}

/**
 * vdxg_shared_add - put an allocation into a slot, bound by the resource being created
 * @shared: a shared part that nobody else knows yet
 * @slot: the slot
 * @mem: the memory
 */
void vdxg_shared_add(struct vdxg_shared *shared, u32 slot, struct vidmm_alloc *mem)
{
	refcount_inc(&mem->refs);
	shared->slots[slot].mem = mem;
	shared->slots[slot].bindings = 1;
}

/**
 * vdxg_shared_bind - bind an allocation once more
 * @shared: the shared part
 * @index: its slot
 *
 * Context: any.
 * Return: the memory, with a reference for the caller; NULL if nobody has it any more.
 */
struct vidmm_alloc *vdxg_shared_bind(struct vdxg_shared *shared, u32 index)
{
	struct vdxg_slot *slot = &shared->slots[index];
	struct vidmm_alloc *mem;

	spin_lock(&shared->lock);
	mem = slot->mem;
	if (mem) {
		slot->bindings++;
		refcount_inc(&mem->refs);
	}
	spin_unlock(&shared->lock);
	return mem;
}

/**
 * vdxg_shared_unbind - one binding less
 * @shared: the shared part
 * @index: the slot; the caller still has a reference on its memory
 *
 * Context: any.
 */
void vdxg_shared_unbind(struct vdxg_shared *shared, u32 index)
{
	struct vdxg_slot *slot = &shared->slots[index];

	spin_lock(&shared->lock);
	if (!--slot->bindings && !shared->holds) {
		/* Not the last one: the caller's is yet to come. */
		refcount_dec(&slot->mem->refs);
		slot->mem = NULL;
	}
	spin_unlock(&shared->lock);
}

/**
 * vdxg_shared_live - how many allocations there still are
 * @shared: the shared part
 */
u32 vdxg_shared_live(struct vdxg_shared *shared)
{
	u32 i, live = 0;

	spin_lock(&shared->lock);
	for (i = 0; i < shared->count; i++)
		live += !!shared->slots[i].mem;
	spin_unlock(&shared->lock);
	return live;
}

/**
 * vdxg_shared_hold - keep everything, for an NT handle
 * @shared: the shared part, referenced by the caller
 */
void vdxg_shared_hold(struct vdxg_shared *shared)
{
	vdxg_shareable_get(&shared->base);
	spin_lock(&shared->lock);
	shared->holds++;
	spin_unlock(&shared->lock);
}

/**
 * vdxg_shared_unhold - an NT handle is gone
 * @shared: the shared part
 *
 * Context: no locks; sleeps.
 */
void vdxg_shared_unhold(struct vdxg_shared *shared)
{
	struct vidmm_alloc *mem;
	u32 i;

	spin_lock(&shared->lock);
	if (!--shared->holds) {
		for (i = 0; i < shared->count && !shared->holds; i++) {
			mem = shared->slots[i].mem;
			if (!mem || shared->slots[i].bindings)
				continue;
			shared->slots[i].mem = NULL;
			spin_unlock(&shared->lock);
			vidmm_alloc_put(mem);
			spin_lock(&shared->lock);
		}
	}
	spin_unlock(&shared->lock);
	vdxg_shareable_put(&shared->base);
}
