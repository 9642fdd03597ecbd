/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * allocation.h: allocations of a device, and the resources that group them
 *
 * A &struct vdxg_allocation binds memory (&struct vidmm_alloc) to one device: it has the handle, the CPU
 * mapping and the locks. Opening a shared resource makes another binding of the same memory. The binding an
 * allocation is created with lies in the same piece of kernel memory as the memory it binds
 * (&struct vdxg_new_allocation), which is therefore freed when both are gone; the others are freed alone
 * (&struct vdxg_opened_allocation). vdxg_allocation_mem() and vdxg_allocation_client() know both.
 *
 * An allocation belongs to a resource or, without one, directly to its device. @device and @resource are
 * set while the allocation is published, under the process's lock, and hold no reference: the parent takes
 * its children with it.
 */
#ifndef VDXG_ALLOCATION_H
#define VDXG_ALLOCATION_H

#include <linux/list.h>

#include <d3dkmthk.h>

#include "../vidmm/vidmm.h"
#include "device.h"
#include "object.h"
#include "process.h"

struct vdxg_pool;
struct vdxg_shared;
struct vidmm_cpumap;

/* Handles in one CreateAllocation or DestroyAllocation call, at most. */
#define VDXG_MAX_ALLOCATIONS	65536U

/**
 * struct vdxg_allocation - the binding of memory to a device
 * @obj: what the handle table knows
 * @link: in &vdxg_resource.allocations or &vdxg_device.allocations
 * @device: its device
 * @resource: its resource, or NULL
 * @map: its CPU mapping while it is locked; under the process's lock
 * @sysmem: for existing system memory, the user address it was made from; else 0
 * @after: while its release is deferred: see &vdxg_deferral.allocations
 * @va: it as the address space of its process knows it, once it has been mapped there; else NULL
 * @resident: number of MakeResident calls not yet undone; under &vidmm.lock
 * @locks: number of Lock2 calls not yet undone; under the process's lock
 * @slot: in a shared resource, its slot there
 * @readonly: of a resource opened without the right to write: neither CPU nor GPU can change it
 * @opened: part of a &struct vdxg_opened_allocation, else of a &struct vdxg_new_allocation
 * @marked: named in the list that is being destroyed; under the process's lock
 */
struct vdxg_allocation {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_device *device;
	struct vdxg_resource *resource;
	union {
		struct vidmm_cpumap *map;
		u64 sysmem;
		u64 after;
	};
	struct vidmm_va_owner *va;
	u32 resident;
	u32 locks;
	u32 slot;
	bool readonly;
	bool opened;
	bool marked;
};

/**
 * struct vdxg_new_allocation - memory together with its first binding
 * @binding: the first binding, referencing @mem
 * @mem: the memory, on the account of the device that @binding is made for; frees the structure
 */
struct vdxg_new_allocation {
	struct vdxg_allocation binding;
	struct vidmm_alloc mem;
};

/*
 * All that an allocation needs besides a word of the handle table until somebody uses it; programs have a million of
 * them. 26 of this size fit on a page. What only some need, or none before it first has memory, goes elsewhere: into
 * &struct vidmm_place, &struct vdxg_opened_allocation, &struct vidmm_cpumap, &struct vidmm_va_owner.
 */
static_assert(sizeof(struct vdxg_new_allocation) <= 152);

/**
 * struct vdxg_opened_allocation - another binding of memory
 * @binding: the binding
 * @mem: the memory, referenced
 * @client: the account of the device, which need not be that of the memory
 */
struct vdxg_opened_allocation {
	struct vdxg_allocation binding;
	struct vidmm_alloc *mem;
	struct vidmm_client *client;
};

/**
 * struct vdxg_resource - a group of allocations of one device
 * @obj: what the handle table knows
 * @link: in &vdxg_device.resources
 * @device: its device; as for an allocation
 * @allocations: its allocations; under the process's lock
 * @shared: what it shares with others, opened; nothing can be added to it. Or NULL
 * @readonly: opened without the right to write
 */
struct vdxg_resource {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_device *device;
	struct list_head allocations;
	struct vdxg_shared *shared;
	bool readonly;
};

extern const struct vdxg_class vdxg_allocation_class;
extern const struct vdxg_class vdxg_resource_class;

/* allocation.c */
int vdxg_allocation_init(void);
void vdxg_allocation_exit(void);
u32 vdxg_allocations_new(struct vidmm_client *client, u32 count,
			 struct vdxg_new_allocation **fresh);
void vdxg_allocations_drop(struct vidmm_client *client, u32 count,
			   struct vdxg_new_allocation **fresh);
void vdxg_allocations_free_pool(struct vdxg_pool *pool);
void vdxg_allocation_free(struct vidmm_alloc *mem);
struct vdxg_allocation *vdxg_allocation_open(struct vidmm_alloc *mem, struct vdxg_device *device,
					     struct vdxg_resource *resource, u32 slot);
struct vdxg_allocation *vdxg_allocation_refuse(u32 handle) __cold;
void vdxg_allocation_leave(struct vdxg_allocation *allocation);
void vdxg_allocations_unmap(struct list_head *doomed);
void vdxg_allocations_close(struct list_head *doomed);

/* resource.c */
struct vdxg_resource *vdxg_resource_create(void);
struct vdxg_resource *vdxg_resource_peek(struct vdxg_process *process, struct vdxg_device *device,
					 u32 handle);
void vdxg_resource_unpublish(struct vdxg_process *process, struct vdxg_resource *resource,
			     struct list_head *doomed);

/* Set a binding up; a reference on the memory becomes its own. */
static inline void vdxg_binding_init(struct vdxg_allocation *allocation, bool opened,
				     struct vdxg_device *device, struct vdxg_resource *resource)
{
	vdxg_object_init(&allocation->obj, &vdxg_allocation_class);
	allocation->device = device;
	allocation->resource = resource;
	allocation->map = NULL;
	allocation->resident = 0;
	allocation->locks = 0;
	allocation->slot = 0;
	allocation->va = NULL;
	allocation->readonly = resource && resource->readonly;
	allocation->opened = opened;
	allocation->marked = false;
}

/**
 * vdxg_allocation_bind - set up the first binding of new memory
 * @fresh: both; the memory has its one reference
 * @device: the device it will belong to, of the account the memory is on
 * @resource: the resource it will belong to, or NULL
 */
static inline void vdxg_allocation_bind(struct vdxg_new_allocation *fresh,
					struct vdxg_device *device,
					struct vdxg_resource *resource)
{
	vdxg_binding_init(&fresh->binding, false, device, resource);
}

/* The memory of an allocation, which references it. */
static inline struct vidmm_alloc *vdxg_allocation_mem(const struct vdxg_allocation *allocation)
{
	struct vdxg_allocation *binding = (struct vdxg_allocation *)allocation;

	if (unlikely(binding->opened))
		return container_of(binding, struct vdxg_opened_allocation, binding)->mem;
	return &container_of(binding, struct vdxg_new_allocation, binding)->mem;
}

/* The account of the device of an allocation, also when it has been unpublished. */
static inline struct vidmm_client *vdxg_allocation_client(const struct vdxg_allocation *allocation)
{
	if (unlikely(allocation->opened))
		return container_of(allocation, struct vdxg_opened_allocation, binding)->client;
	return vdxg_allocation_mem(allocation)->client;
}

/**
 * vdxg_allocation_peek - look a device's allocation up
 * @process: the process, locked
 * @device: the device
 * @handle: the handle, not trusted
 *
 * Return: the allocation, good until the lock is dropped; NULL if @device has no such allocation.
 */
static inline struct vdxg_allocation *vdxg_allocation_peek(struct vdxg_process *process,
							   struct vdxg_device *device, u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle,
						   &vdxg_allocation_class);
	struct vdxg_allocation *allocation = container_of(obj, struct vdxg_allocation, obj);

	if (!obj)
		return NULL;
	return likely(allocation->device == device) ? allocation : vdxg_allocation_refuse(handle);
}

/**
 * vdxg_allocation_unpublish - let an allocation die
 * @process: the process, locked
 * @allocation: a published allocation
 *
 * The caller moves it, with its published reference, to a list for vdxg_allocations_close().
 */
static inline void vdxg_allocation_unpublish(struct vdxg_process *process,
					     struct vdxg_allocation *allocation)
{
	vdxg_handle_unpublish(&process->handles, &allocation->obj);
	if (allocation->resource)
		vdxg_allocation_leave(allocation);
	allocation->device = NULL;
	allocation->locks = 0;
}

/*
 * list_add_tail() to a list that the caller has begun himself, on his stack: there is nothing to check in it, which
 * the kernel's function would do.
 */
static inline void vdxg_allocation_collect(struct vdxg_allocation *allocation,
					   struct list_head *list)
{
	struct list_head *last = list->prev;

	allocation->link.next = list;
	allocation->link.prev = last;
	last->next = &allocation->link;
	list->prev = &allocation->link;
}

static inline void vdxg_allocation_put(struct vdxg_allocation *allocation)
{
	vdxg_object_put(&allocation->obj);
}

#endif
