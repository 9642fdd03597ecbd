// SPDX-License-Identifier: GPL-2.0-only
/*
 * resource.c: groups of allocations
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../refuse.h"
#include "allocation.h"
#include "process.h"
#include "sharing_resource.h"

static void free_resource(struct vdxg_object *obj)
{
	struct vdxg_resource *resource = container_of(obj, struct vdxg_resource, obj);

	if (resource->shared)
		vdxg_shareable_close(&resource->shared->base);
	kfree(resource);
}

const struct vdxg_class vdxg_resource_class = {
	.name = "resource",
	.release = free_resource,
};

/**
 * vdxg_resource_create - make an empty resource that is not published
 *
 * Return: the resource, or NULL without memory.
 */
struct vdxg_resource *vdxg_resource_create(void)
{
	struct vdxg_resource *resource = kzalloc(sizeof(*resource), VDXG_GFP);

	if (!resource)
		return NULL;
	vdxg_object_init(&resource->obj, &vdxg_resource_class);
	INIT_LIST_HEAD(&resource->allocations);
	return resource;
}

/**
 * vdxg_resource_peek - look a device's resource up
 * @process: the process, locked
 * @device: the device
 * @handle: the handle, not trusted
 *
 * Return: the resource, good until the lock is dropped; NULL if @device has no such resource.
 */
struct vdxg_resource *vdxg_resource_peek(struct vdxg_process *process, struct vdxg_device *device,
					 u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle,
						   &vdxg_resource_class);
	struct vdxg_resource *resource;

	if (!obj)
		return NULL;
	resource = container_of(obj, struct vdxg_resource, obj);
	if (resource->device == device)
		return resource;
	vdxg_refuse(0, "resource", handle, "is another device's");
	return NULL;
}

/**
 * vdxg_resource_unpublish - let a resource and its allocations die
 * @process: the process, locked
 * @resource: the resource; its published reference goes to the caller
 * @doomed: where its allocations go, for vdxg_allocations_close()
 */
void vdxg_resource_unpublish(struct vdxg_process *process, struct vdxg_resource *resource,
			     struct list_head *doomed)
{
	struct vdxg_allocation *allocation;

	list_for_each_entry(allocation, &resource->allocations, link) {
		vdxg_allocation_unpublish(process, allocation);
		cond_resched();
	}
	list_splice_tail_init(&resource->allocations, doomed);
	list_del(&resource->link);
	resource->device = NULL;
	vdxg_handle_unpublish(&process->handles, &resource->obj);
}
