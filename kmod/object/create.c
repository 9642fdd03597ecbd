// SPDX-License-Identifier: GPL-2.0-only
/*
 * create.c: D3DKMTCreateAllocation2
 *
 * Either everything is made or nothing. The allocations are built in chunks, so that a list of any length
 * needs little memory besides them; then handles are reserved for all, written to the caller, and published
 * together.
 */
#include <linux/log2.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../backend/usermem.h"
#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "foreign.h"
#include "process.h"
#include "sharing_resource.h"
#include "user.h"

/* Allocation descriptions read from the caller at once. */
#define CHUNK	32

/* Private data of one resource, at most; what one message to a Windows host could carry. */
#define MAX_PRIVATE_DATA	(128U << 10)

/* Flags that only the kernel may set, and sections, which are an object Linux does not have. */
#define FORBIDDEN_FLAGS	(D3DKMT_CREATE_PROTECTED | D3DKMT_CREATE_WRITE_COMBINED | \
			 D3DKMT_CREATE_CACHED | D3DKMT_CREATE_OPEN_CROSS_ADAPTER | \
			 D3DKMT_CREATE_EXISTING_SECTION)

/**
 * struct creation - a CreateAllocation2 on its way
 * @process: the caller
 * @args: what it asks for
 * @device: where, referenced
 * @resource: the resource, new or existing, referenced; or NULL
 * @fresh: @resource is new
 * @made: how many allocations have been made
 * @allocations: those made so far; they own their commitment
 */
struct creation {
	struct vdxg_process *process;
	struct d3dkmt_createallocation *args;
	struct vdxg_device *device;
	struct vdxg_resource *resource;
	bool fresh;
	u32 made;
	struct list_head allocations;
};

static int bad(const char *field, u64 value, const char *why)
{
	return vdxg_refuse(STATUS_INVALID_PARAMETER, field, value, why);
}

static int check_flags(const struct d3dkmt_createallocation *args, u32 flags)
{
	bool standard = flags & D3DKMT_CREATE_STANDARD_ALLOCATION;

	if (flags & ~D3DKMT_CREATEALLOCATION_FLAGS || flags & FORBIDDEN_FLAGS)
		return bad("flags", flags, "undefined bits, or the kernel's");
	if (flags & D3DKMT_CREATE_SHARED && !(flags & D3DKMT_CREATE_RESOURCE))
		return bad("flags", flags, "shared, but no resource is created");
	if (flags & D3DKMT_CREATE_NT_SECURITY_SHARING && !(flags & D3DKMT_CREATE_SHARED))
		return bad("flags", flags, "NT handles, but not shared");
	if (standard != !!(flags & D3DKMT_CREATE_EXISTING_SYSMEM))
		return bad("flags", flags, "a standard allocation is over existing memory");
	if (standard && (args->alloc_count != 1 || args->priv_drv_data_size))
		return bad("alloc_count", args->alloc_count,
			   "one standard allocation, without private data, at a time");
	return STATUS_SUCCESS;
}

static int check_args(const struct d3dkmt_createallocation *args)
{
	u32 flags = args->flags;
	int status = flags ? check_flags(args, flags) : STATUS_SUCCESS;

	if (status)
		return status;
	if (!args->alloc_count && !(flags & D3DKMT_CREATE_RESOURCE))
		return bad("alloc_count", 0, "neither allocations nor a resource");
	if (args->alloc_count > VDXG_MAX_ALLOCATIONS)
		return bad("alloc_count", args->alloc_count, "too many");
	if (args->alloc_count && !args->allocation_info)
		return bad("allocation_info", 0, "no descriptions");
	if (args->private_runtime_data_size > MAX_PRIVATE_DATA)
		return bad("private_runtime_data_size", args->private_runtime_data_size,
			   "too large");
	if (args->priv_drv_data_size > MAX_PRIVATE_DATA)
		return bad("priv_drv_data_size", args->priv_drv_data_size, "too large");
	return STATUS_SUCCESS;
}

/* The device, and the resource that is named or to be made. */
static int get_parents(struct creation *c)
{
	struct d3dkmt_createallocation *args = c->args;
	struct vdxg_resource *existing = NULL;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(c->process);
	c->device = vdxg_device_peek(c->process, args->device);
	if (!c->device) {
		status = STATUS_INVALID_PARAMETER;
		goto unlock;
	}
	if (args->resource.v) {
		existing = vdxg_resource_peek(c->process, c->device, args->resource.v);
		if (!existing)
			status = STATUS_INVALID_HANDLE;
		else if (existing->shared || args->flags & (D3DKMT_CREATE_RESOURCE |
							     D3DKMT_CREATE_STANDARD_ALLOCATION))
			status = bad("resource", args->resource.v,
				     "nothing of this kind can be added to this resource");
		if (status)
			goto unlock;
		vdxg_object_get(&existing->obj);
		c->resource = existing;
	}
	vdxg_object_get(&c->device->obj);
unlock:
	vdxg_process_unlock(c->process);
	if (status) {
		c->device = NULL;
		return status;
	}
	if (vdxg_adapter_removed(c->device->adapter))
		return STATUS_DEVICE_REMOVED;
	if (args->flags & D3DKMT_CREATE_RESOURCE) {
		c->resource = vdxg_resource_create();
		if (!c->resource)
			return STATUS_NO_MEMORY;
		c->fresh = true;
	}
	return STATUS_SUCCESS;
}

/* Make the new resource what the flags say. */
static int share_resource(struct creation *c)
{
	const struct d3dkmt_createallocation *args = c->args;
	int status;

	if (!c->fresh)
		return STATUS_SUCCESS;
	if (!(args->flags & D3DKMT_CREATE_SHARED)) {
		/* Nobody will ever read it, but it has to be there. */
		if (fault_in_readable(u64_to_user_ptr(args->private_runtime_data),
				      args->private_runtime_data_size))
			return bad("private_runtime_data", args->private_runtime_data,
				   "cannot be read");
		if (fault_in_readable(u64_to_user_ptr(args->priv_drv_data),
				      args->priv_drv_data_size))
			return bad("priv_drv_data", args->priv_drv_data, "cannot be read");
		return STATUS_SUCCESS;
	}
	c->resource->shared = vdxg_shared_create(c->device->adapter, args, &status);
	return status;
}

/* Private driver data: ours, or what is made of another driver's. */
static int read_data(const struct d3dddi_allocationinfo2 *info, struct vdxg_allocation_data *data)
{
	if (info->priv_drv_data_size == sizeof(*data)) {
		if (!vdxg_read_struct(data, u64_to_user_ptr(info->priv_drv_data)))
			return bad("allocation_info.priv_drv_data", info->priv_drv_data,
				   "cannot be read");
		if (likely(data->magic == VDXG_ALLOCATION_MAGIC))
			return STATUS_SUCCESS;
	}
	return vdxg_foreign_data(info->priv_drv_data, info->priv_drv_data_size, data);
}

/* It is of this version, and says nothing we do not know. */
static int parse_data(const struct d3dddi_allocationinfo2 *info, struct vidmm_alloc_desc *desc,
		      struct vdxg_allocation_data *data)
{
	int status;

	if (info->sysmem)
		return bad("allocation_info.sysmem", info->sysmem, "not with private driver data");
	status = read_data(info, data);
	if (status)
		return status;
	if (data->version != VDXG_ALLOCATION_VERSION || data->size != sizeof(*data) ||
	    data->flags & ~VDXG_ALLOC_FLAGS ||
	    data->reserved[0] || data->reserved[1] || data->reserved[2])
		return bad("allocation_info.priv_drv_data.flags", data->flags,
			   "undefined bits, or another version");
	if (data->alignment & (data->alignment - 1))
		return bad("allocation_info.priv_drv_data.alignment", data->alignment,
			   "no power of two");
	if (data->supported_segments > U8_MAX)
		return bad("allocation_info.priv_drv_data.supported_segments",
			   data->supported_segments, "there are no such segments");
	*desc = (struct vidmm_alloc_desc) {
		.bytes = data->bytes,
		.preferred = data->preferred_segments,
		.priority = data->priority ?: D3DDDI_ALLOCATIONPRIORITY_NORMAL,
		.flags = (data->flags & VDXG_ALLOC_CPU_VISIBLE ? VIDMM_CPU_VISIBLE : 0) |
			 (data->flags & VDXG_ALLOC_CACHED ? VIDMM_CACHED : 0) |
			 (data->flags & VDXG_ALLOC_ACCESSED_PHYSICALLY ? VIDMM_PHYSICAL : 0),
		.supported = data->supported_segments,
		.order = data->alignment > PAGE_SIZE ? ilog2(data->alignment) - PAGE_SHIFT : 0,
	};
	return STATUS_SUCCESS;
}

static int parse_info(const struct vidmm *mm, const struct d3dddi_allocationinfo2 *info,
		      struct vidmm_alloc_desc *desc, struct vdxg_allocation_data *data)
{
	int status;

	/* A primary would need a source of video, of which there are none. */
	if (info->flags & ~D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY || info->reserved[0] ||
	    info->reserved[1] || info->reserved[2] || info->reserved[3] || info->reserved[4])
		return bad("allocation_info.flags", info->flags,
			   "a primary, undefined bits, or reserved words that are not 0");
	status = parse_data(info, desc, data);
	if (status)
		return status;
	if (info->flags & D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY)
		desc->priority = info->priority;
	return vidmm_desc_check(mm, desc);
}

/* What the new resource shares, if it does. */
static struct vdxg_shared *shared_of(const struct creation *c)
{
	return c->fresh ? c->resource->shared : NULL;
}

/* Put the new allocations of a chunk, set up, on the account and to the others; or free them. */
static __always_inline int add_chunk(struct creation *c, struct vdxg_new_allocation **fresh,
				     u32 count, unsigned long npages)
{
	struct vidmm_client *client = c->device->client;
	struct vdxg_shared *shared = shared_of(c);
	int status = vidmm_commit(client, npages, count);
	u32 i;

	if (status) {
		vdxg_allocations_drop(client, count, fresh);
		return vdxg_refuse(status, "pages", npages, "more than the process may have");
	}
	for (i = 0; i < count; i++) {
		vdxg_allocation_collect(&fresh[i]->binding, &c->allocations);
		if (shared) {
			fresh[i]->binding.slot = c->made + i;
			vdxg_shared_add(shared, c->made + i, &fresh[i]->mem);
		}
	}
	c->made += count;
	return STATUS_SUCCESS;
}

/* Set a new allocation up as the caller describes it. */
static __always_inline int make_one(struct creation *c,
				    const struct d3dddi_allocationinfo2 __user *user,
				    struct vdxg_new_allocation *fresh, u32 slot)
{
	struct vdxg_shared *shared = shared_of(c);
	struct d3dddi_allocationinfo2 info __uninitialized;
	struct vdxg_allocation_data data __uninitialized;
	struct vidmm_alloc_desc desc;
	int status;

	if (!vdxg_read_struct(&info, user))
		return bad("allocation_info", (uintptr_t)user, "cannot be read");
	status = parse_info(&c->device->adapter->mm, &info, &desc, &data);
	if (status)
		return status;
	if (shared)
		shared->slots[slot].data = data;
	vidmm_alloc_init(&fresh->mem, c->device->client, &desc);
	vdxg_allocation_bind(fresh, c->device, c->resource);
	return STATUS_SUCCESS;
}

/* Make up to CHUNK allocations. */
static int make_chunk(struct creation *c, const struct d3dddi_allocationinfo2 __user *user,
		      u32 count)
{
	struct vdxg_new_allocation *fresh[CHUNK] __uninitialized;
	struct vidmm_client *client = c->device->client;
	unsigned long npages = 0;
	int status;
	u32 i;

	if (!vdxg_allocations_new(client, count, fresh))
		return STATUS_NO_MEMORY;
	for (i = 0; i < count; i++) {
		status = make_one(c, &user[i], fresh[i], c->made + i);
		if (status) {
			vdxg_allocations_drop(client, count, fresh);
			return status;
		}
		npages += fresh[i]->mem.npages;
	}
	return add_chunk(c, fresh, count, npages);
}

static int create_from_data(struct creation *c)
{
	const struct d3dddi_allocationinfo2 __user *user =
		u64_to_user_ptr(c->args->allocation_info);
	u32 n, left = c->args->alloc_count;
	int status;

	while (left) {
		n = min_t(u32, left, CHUNK);
		status = make_chunk(c, user, n);
		if (status)
			return status;
		user += n;
		left -= n;
		if (!left)
			break;
		if (fatal_signal_pending(current))
			return STATUS_UNSUCCESSFUL;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

/* An allocation over memory that is pinned, and stays so on failure. */
static int add_standard(struct creation *c, const struct vidmm_alloc_desc *desc,
			const struct vdxg_memory *memory, u64 sysmem)
{
	struct vdxg_new_allocation *fresh;
	int status;

	if (!vdxg_allocations_new(c->device->client, 1, &fresh))
		return STATUS_NO_MEMORY;
	vidmm_alloc_init(&fresh->mem, c->device->client, desc);
	vdxg_allocation_bind(fresh, c->device, c->resource);
	status = add_chunk(c, &fresh, 1, fresh->mem.npages);
	if (status)
		return status;
	fresh->binding.sysmem = sysmem;
	return vidmm_alloc_adopt(&fresh->mem, memory);
}

/* A standard allocation: one, over memory the caller has. */
static int create_standard(struct creation *c)
{
	struct d3dkmt_createstandardallocation standard;
	struct vdxg_shared *shared = shared_of(c);
	struct d3dddi_allocationinfo2 info;
	struct vidmm_alloc_desc desc = {
		.flags = VIDMM_CPU_VISIBLE | VIDMM_CACHED | VIDMM_EXISTING,
		.supported = BIT(VIDMM_APERTURE - 1),
		.preferred = VIDMM_APERTURE,
		.priority = D3DDDI_ALLOCATIONPRIORITY_NORMAL,
	};
	struct vdxg_memory memory;
	int status;

	if (copy_from_user(&standard, u64_to_user_ptr(c->args->standard_allocation),
			   sizeof(standard)) ||
	    copy_from_user(&info, u64_to_user_ptr(c->args->allocation_info), sizeof(info)))
		return bad("standard_allocation", c->args->standard_allocation,
			   "it, or allocation_info, cannot be read");
	if (standard.type != D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP || standard.flags)
		return bad("standard_allocation.type", standard.type, "not an existing heap");
	if (info.flags & ~D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY || !info.sysmem ||
	    memchr_inv(info.reserved, 0, sizeof(info.reserved)))
		return bad("allocation_info.sysmem", info.sysmem,
			   "no memory, undefined bits, or reserved words that are not 0");
	if (info.flags & D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY)
		desc.priority = info.priority;
	desc.bytes = standard.existing_heap_data.size;
	if (!PAGE_ALIGNED(desc.bytes) || !PAGE_ALIGNED(info.sysmem))
		return bad("allocation_info.sysmem", info.sysmem, "not whole pages");
	status = vidmm_desc_check(&c->device->adapter->mm, &desc);
	if (status)
		return status;
	if (shared) {
		struct vdxg_allocation_data *data = &shared->slots[0].data;

		/* What a driver would say of it to who opens it. */
		vdxg_allocation_data_init(data, desc.bytes);
		vdxg_allocation_data_segments(data, VDXG_SEGMENT_SET_APERTURE);
		vdxg_allocation_data_priority(data, desc.priority);
	}
	status = vdxg_usermem_pin(info.sysmem, vidmm_pages(desc.bytes),
				  c->args->flags & D3DKMT_CREATE_READ_ONLY, &memory);
	if (status)
		return vdxg_refuse(status, "allocation_info.sysmem", info.sysmem,
				   "cannot be pinned: not all memory of the caller's, or too much");
	if (shared)
		shared->slots[0].sysmem = info.sysmem;
	status = add_standard(c, &desc, &memory, info.sysmem);
	if (status)
		vdxg_usermem_backend.ops->put(&vdxg_usermem_backend, 0, &memory);
	return status;
}

/* Handles for all: the resource first. On failure those reserved are abandoned with the rest. */
static int reserve_handles(struct creation *c)
{
	struct vdxg_allocation *allocation;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(c->process);
	if (c->fresh)
		status = vdxg_handle_reserve(&c->process->handles, &c->resource->obj);
	list_for_each_entry(allocation, &c->allocations, link) {
		if (status)
			break;
		status = vdxg_handle_reserve(&c->process->handles, &allocation->obj);
	}
	vdxg_process_unlock(c->process);
	return status;
}

static int write_handles(struct vdxg_call *call, struct creation *c)
{
	struct d3dddi_allocationinfo2 __user *user = u64_to_user_ptr(c->args->allocation_info);
	struct vdxg_allocation *allocation;

	if (!user_write_access_begin(user, c->args->alloc_count * sizeof(*user)))
		return bad("allocation_info", c->args->allocation_info, "cannot be written");
	list_for_each_entry(allocation, &c->allocations, link)
		unsafe_put_user(allocation->obj.handle, &user++->allocation.v, fault);
	user_write_access_end();
	c->args->global_share.v = 0;
	if (c->fresh) {
		c->args->resource.v = c->resource->obj.handle;
		if (c->resource->shared)
			c->args->global_share.v = c->resource->shared->base.global;
	}
	return vdxg_call_reply_sized(call, sizeof(*c->args));
fault:
	user_write_access_end();
	return bad("allocation_info", c->args->allocation_info, "cannot be written");
}

/* Now or never: the device, or the resource, may have been destroyed meanwhile. */
static int publish(struct creation *c)
{
	struct vdxg_allocation *allocation;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(c->process);
	/* The same answers as if they had been destroyed before the call. */
	if (!c->device->obj.handle)
		status = STATUS_INVALID_PARAMETER;
	else if (c->resource && !c->resource->obj.handle)
		status = STATUS_INVALID_HANDLE;
	if (status) {
		vdxg_process_unlock(c->process);
		return status;
	}
	if (c->fresh) {
		c->resource->device = c->device;
		list_add_tail(&c->resource->link, &c->device->resources);
		vdxg_handle_publish(&c->process->handles, &c->resource->obj);
		/* The caller's reference is the table's now; another for the caller. */
		vdxg_object_get(&c->resource->obj);
		if (c->resource->shared)
			vdxg_shareable_announce(&c->resource->shared->base);
	}
	list_for_each_entry(allocation, &c->allocations, link)
		vdxg_handle_publish(&c->process->handles, &allocation->obj);
	list_splice_tail(&c->allocations, c->resource ? &c->resource->allocations :
			 &c->device->allocations);
	vdxg_process_unlock(c->process);
	return STATUS_SUCCESS;
}

static void undo(struct creation *c)
{
	struct vdxg_allocation *allocation;

	vdxg_process_lock(c->process);
	list_for_each_entry(allocation, &c->allocations, link)
		if (allocation->obj.handle)
			vdxg_handle_abandon(&c->process->handles, &allocation->obj);
	if (c->fresh && c->resource->obj.handle)
		vdxg_handle_abandon(&c->process->handles, &c->resource->obj);
	vdxg_process_unlock(c->process);
	vdxg_allocations_close(&c->allocations);
}

/**
 * vdxg_create_allocation - D3DKMTCreateAllocation2
 * @call: the call; struct d3dkmt_createallocation
 *
 * Creates allocations, in a new resource, in an existing one that is not shared, or without one.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_INVALID_HANDLE if @resource names no resource of
 * the device; STATUS_NO_MEMORY; STATUS_GRAPHICS_NO_VIDEO_MEMORY for one that fits nowhere;
 * STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTCreateAllocation2; Documentation/behaviour.rst, "Creating")
 */
int vdxg_create_allocation(struct vdxg_call *call)
{
	struct creation c = {
		.process = call->process,
		.args = call->args,
		.allocations = LIST_HEAD_INIT(c.allocations),
	};
	int status;

	status = check_args(c.args);
	if (status)
		return status;
	status = get_parents(&c);
	if (!status)
		status = share_resource(&c);
	if (!status)
		status = c.args->flags & D3DKMT_CREATE_STANDARD_ALLOCATION ?
			create_standard(&c) : create_from_data(&c);
	if (!status)
		status = reserve_handles(&c);
	if (!status)
		status = write_handles(call, &c);
	if (!status)
		status = publish(&c);
	if (status)
		undo(&c);
	if (c.resource)
		vdxg_object_put(&c.resource->obj);
	if (c.device)
		vdxg_device_put(c.device);
	return status;
}
