// SPDX-License-Identifier: MIT
/*
 * adjust.c: what a valid call needs beyond what its fields say
 *
 * Each function gets a structure that call.c has filled field by field, and makes its fields agree
 * with each other.
 */
#include <string.h>
#include <time.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "adjust.h"
#include "fuzz.h"

/* one of two fields, each 0 or a value; leaves one of them */
#define ONE_OF(s, a, b) do { \
	if (draw(s, 2)) \
		(a) = 0; \
	else \
		(b) = 0; \
} while (0)

ADJUST(query)
{
	static const struct {
		uint32_t type, size;
	} sizes[] = {
		{ KMTQAITYPE_GETSEGMENTSIZE, sizeof(struct d3dkmt_segmentsizeinfo) },
		{ KMTQAITYPE_ADAPTERGUID, sizeof(struct d3dkmt_guid) },
		{ KMTQAITYPE_ADAPTERADDRESS, sizeof(struct d3dkmt_adapteraddress) },
		{ KMTQAITYPE_ADAPTERREGISTRYINFO, sizeof(struct d3dkmt_adapterregistryinfo) },
		{ KMTQAITYPE_DRIVERVERSION, 4 },
		{ KMTQAITYPE_ADAPTERTYPE, sizeof(struct d3dkmt_adaptertype) },
		{ KMTQAITYPE_NODEMETADATA, sizeof(struct d3dkmt_nodemetadata) },
		{ KMTQAITYPE_PHYSICALADAPTERCOUNT, 4 },
		{ KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, sizeof(struct d3dkmt_query_device_ids) },
		{ KMTQAITYPE_GETSEGMENTGROUPSIZE, sizeof(struct d3dkmt_segmentgroupsizeinfo) },
		{ KMTQAITYPE_QUERYREGISTRY, sizeof(struct d3dddi_queryregistry_info) + 64 },
		{ KMTQAITYPE_ADAPTERPERFDATA, sizeof(struct d3dkmt_adapter_perfdata) },
		{ KMTQUITYPE_GPUVERSION, sizeof(struct d3dkmt_gpuversion) },
		{ KMTQAITYPE_WDDM_2_7_CAPS, sizeof(struct d3dkmt_wddm_caps) },
		{ KMTQAITYPE_DRIVER_DESCRIPTION, sizeof(struct d3dkmt_driver_description) },
	};
	struct d3dkmt_queryadapterinfo *args = p;
	unsigned int i = draw(s, ARRAY_SIZE(sizes) + 2);

	if (i >= ARRAY_SIZE(sizes))
		return;
	args->type = sizes[i].type;
	args->private_data_size = sizes[i].size;
	args->private_data = (uintptr_t)arena_take(s, sizes[i].size);
}

/* The test hooks; the others are refused. */
ADJUST(escape)
{
	static const uint32_t types[] = {
		D3DKMT_VIDMMESCAPETYPE_EVICT, D3DKMT_VIDMMESCAPETYPE_SET_BUDGET,
		D3DKMT_VIDMMESCAPETYPE_GET_BUDGET, D3DKMT_VIDMMESCAPETYPE_SET_TRIM_INTERVALS,
		D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA, D3DKMT_VIDMMESCAPETYPE_WAKE,
		D3DKMT_VIDMMESCAPETYPE_VALIDATE_INTEGRITY,
	};
	struct d3dkmt_vidmm_escape *hook = arena_take(s, sizeof(*hook));
	struct d3dkmt_escape *args = p;

	if (!draw(s, 4))
		return;
	memset(hook, 0, sizeof(*hook));
	hook->type = types[draw(s, ARRAY_SIZE(types))];
	if (hook->type == D3DKMT_VIDMMESCAPETYPE_SET_BUDGET) {
		hook->set_budget.local_memory_budget = (uint64_t)draw(s, 64) << 20;
		hook->set_budget.system_memory_budget = (uint64_t)draw(s, 64) << 20;
	} else if (hook->type == D3DKMT_VIDMMESCAPETYPE_SET_TRIM_INTERVALS) {
		hook->set_trim_intervals.min_trim_interval = 10000 * (1 + draw(s, 100));
		hook->set_trim_intervals.max_trim_interval = 1000000;
		hook->set_trim_intervals.idle_trim_interval = 1000000;
	} else if (hook->type == D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA) {
		hook->evict_by_criteria.maximum_size = UINT64_MAX;
	}
	args->type = D3DKMT_ESCAPE_VIDMM;
	args->flags = 0;
	args->priv_drv_data = (uintptr_t)hook;
	args->priv_drv_data_size = sizeof(*hook);
}

static void create_standard(struct call_state *s, struct d3dkmt_createallocation *args)
{
	struct d3dkmt_createstandardallocation *standard = arena_take(s, sizeof(*standard));
	struct d3dddi_allocationinfo2 *info = (void *)(uintptr_t)args->allocation_info;
	uintptr_t memory = (uintptr_t)arena_take(s, 4 * 4096);

	standard->type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP;
	standard->existing_heap_data.size = 4096 * (1 + draw(s, 3));
	args->standard_allocation = (uintptr_t)standard;
	args->priv_drv_data_size = 0;
	args->alloc_count = 1;
	args->resource.v = 0;
	args->flags |= D3DKMT_CREATE_EXISTING_SYSMEM;
	info->sysmem = (memory + 4095) & ~4095UL;
	info->priv_drv_data = 0;
	info->priv_drv_data_size = 0;
}

ADJUST(create)
{
	struct d3dkmt_createallocation *args = p;
	struct d3dddi_allocationinfo2 *info = (void *)(uintptr_t)args->allocation_info;
	uint32_t i;

	/* what nobody can lock, or open, leads nowhere: there should be some of it, but not much */
	if (!draw(s, 3))
		args->flags |= D3DKMT_CREATE_NT_SECURITY_SHARING;
	for (i = 0; i < args->alloc_count; i++) {
		struct vdxg_allocation_data *data = (void *)(uintptr_t)info[i].priv_drv_data;

		if (draw(s, 8))
			data->flags |= VDXG_ALLOC_CPU_VISIBLE;
	}
	if (args->flags & D3DKMT_CREATE_NT_SECURITY_SHARING)
		args->flags |= D3DKMT_CREATE_SHARED;
	if (args->flags & D3DKMT_CREATE_SHARED)
		args->flags |= D3DKMT_CREATE_RESOURCE;
	if (draw(s, 4) || args->flags & D3DKMT_CREATE_RESOURCE)
		args->resource.v = 0;
	if (draw(s, 4))
		args->flags &= ~D3DKMT_CREATE_STANDARD_ALLOCATION;
	if (args->flags & D3DKMT_CREATE_STANDARD_ALLOCATION)
		create_standard(s, args);
}

ADJUST(destroy)
{
	struct d3dkmt_destroyallocation2 *args = p;

	switch (draw(s, 8)) {
	case 0:		/* both */
		break;
	case 1:		/* the resource */
		args->allocations = 0;
		args->alloc_count = 0;
		break;
	default:	/* a list, most of length 1: one of several resources is refused */
		args->resource.v = 0;
		if (draw(s, 4))
			args->alloc_count = 1;
	}
}

#define EITHER(name, type, list, num) \
ADJUST(name) \
{ \
	struct type *args = p; \
	ONE_OF(s, args->resource.v, args->list); \
	if (!args->list) \
		args->num = 0; \
}

EITHER(set_priority, d3dkmt_setallocationpriority, allocation_list, allocation_count)
EITHER(get_priority, d3dkmt_getallocationpriority, allocation_list, allocation_count)
EITHER(residency, d3dkmt_queryallocationresidency, allocations, allocation_count)

ADJUST(offer)
{
	struct d3dkmt_offerallocations *args = p;

	args->allocation_count = 1 + draw(s, 3);
	ONE_OF(s, args->resources, args->allocations);
}

ADJUST(reclaim)
{
	struct d3dkmt_reclaimallocations2 *args = p;

	args->allocation_count = 1 + draw(s, 3);
	ONE_OF(s, args->resources, args->allocations);
}

ADJUST(open)
{
	struct d3dkmt_openresource *args = p;
	struct d3dkmt_queryresourceinfo *query = arena_take(s, sizeof(*query));

	query->device = args->device;
	query->global_share = args->global_share;
	if (call_ioctl(s, LX_DXQUERYRESOURCEINFO, query) < 0 || query->allocation_count > 64)
		return;
	args->allocation_count = query->allocation_count;
	args->private_runtime_data_size = query->private_runtime_data_size;
	args->resource_priv_drv_data_size = query->resource_priv_drv_data_size;
	args->total_priv_drv_data_size = query->total_priv_drv_data_size;
}

ADJUST(open_nt)
{
	struct d3dkmt_openresourcefromnthandle *args = p;
	struct d3dkmt_queryresourceinfofromnthandle *query = arena_take(s, sizeof(*query));

	query->device = args->device;
	query->nt_handle = args->nt_handle;
	if (call_ioctl(s, LX_DXQUERYRESOURCEINFOFROMNTHANDLE, query) < 0 ||
	    query->allocation_count > 64)
		return;
	args->allocation_count = query->allocation_count;
	args->private_runtime_data_size = query->private_runtime_data_size;
	args->resource_priv_drv_data_size = query->resource_priv_drv_data_size;
	args->total_priv_drv_data_size = query->total_priv_drv_data_size;
}

ADJUST(sync)
{
	struct d3dkmt_createsynchronizationobject2 *args = p;
	struct d3dddi_synchronizationobjectinfo2 *info = &args->info;

	if (draw(s, 3))
		info->type = D3DDDI_MONITORED_FENCE;
	if (!draw(s, 3))
		info->flags |= D3DDDI_SYNC_NT_SECURITY_SHARING;
	switch (info->type) {
	case D3DDDI_SEMAPHORE:
		info->semaphore.max_count = 1 + draw(s, 8);
		info->semaphore.initial_count = draw(s, 2);
		break;
	case D3DDDI_FENCE:
		info->fence.fence_value = draw(s, 4);
		break;
	case D3DDDI_CPU_NOTIFICATION:
		info->cpu_notification.event = pool_pick(s, EVENT);
		info->flags &= ~(D3DDDI_SYNC_SHARED | D3DDDI_SYNC_NT_SECURITY_SHARING);
		break;
	case D3DDDI_MONITORED_FENCE:
		info->monitored_fence.initial_fence_value = draw(s, 4);
		if (info->flags & D3DDDI_SYNC_SHARED)
			info->flags |= D3DDDI_SYNC_NT_SECURITY_SHARING;
		if (draw(s, 6))
			info->flags &= ~(D3DDDI_SYNC_NO_SIGNAL | D3DDDI_SYNC_NO_WAIT);
		break;
	case D3DDDI_PERIODIC_MONITORED_FENCE:
		info->periodic_monitored_fence.adapter.v = pool_pick(s, ADAPTER);
		info->periodic_monitored_fence.time = draw(s, 1000);
	}
	if (info->flags & D3DDDI_SYNC_NT_SECURITY_SHARING)
		info->flags |= D3DDDI_SYNC_SHARED;
	if (info->type != D3DDDI_MONITORED_FENCE)
		info->flags &= D3DDDI_SYNC_SHARED | D3DDDI_SYNC_NT_SECURITY_SHARING |
			       D3DDDI_SYNC_CROSS_ADAPTER;
}

/* values of fences: those that are signalled grow, those that are waited for are small */
static void set_values(struct call_state *s, uint64_t address, uint32_t most)
{
	uint64_t *values = (void *)(uintptr_t)address;
	unsigned int i;

	for (i = 0; i < 8 && values; i++)
		values[i] = draw(s, most);
}

ADJUST(wait_cpu)
{
	struct d3dkmt_waitforsynchronizationobjectfromcpu *args = p;

	set_values(s, args->fence_values, draw(s, 4) ? 4 : 40);
	/* one that blocks ends when it is interrupted, which costs time */
	if (!draw(s, 6))
		args->async_event = 0;
}

ADJUST(signal_cpu)
{
	struct d3dkmt_signalsynchronizationobjectfromcpu *args = p;

	set_values(s, args->fence_values, 60);
	if (draw(s, 2))
		args->flags |= D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND;
}

ADJUST(wait_gpu)
{
	set_values(s, ((struct d3dkmt_waitforsynchronizationobjectfromgpu *)p)->
		   monitored_fence_values, 20);
}

ADJUST(signal_gpu)
{
	set_values(s, ((struct d3dkmt_signalsynchronizationobjectfromgpu *)p)->
		   monitored_fence_values, 60);
}

ADJUST(signal_gpu2)
{
	struct d3dkmt_signalsynchronizationobjectfromgpu2 *args = p;

	args->flags &= ~D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT;
	set_values(s, args->monitored_fence_values, 60);
}

ADJUST(signal_queue)
{
	struct d3dkmt_submitsignalsyncobjectstohwqueue *args = p;

	args->flags &= ~D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT;
	set_values(s, args->fence_values, 60);
}

ADJUST(wait_queue)
{
	set_values(s, ((struct d3dkmt_submitwaitforsyncobjectstohwqueue *)p)->fence_values, 20);
}

/* names of resources and of synchronization objects are not the same, or few would be found */
static uint64_t name_attributes(struct call_state *s, char first)
{
	struct vdxg_object_attributes *attributes = arena_take(s, sizeof(*attributes));
	struct vdxg_unicode_string *name = arena_take(s, sizeof(*name));
	uint16_t *text = arena_take(s, 16);

	text[0] = first;
	text[1] = 'a' + draw(s, 4);
	name->length = 4;
	name->maximum_length = 16;
	name->buffer = (uintptr_t)text;
	attributes->length = sizeof(*attributes);
	attributes->object_name = (uintptr_t)name;
	attributes->attributes = draw(s, 2) ? VDXG_OBJ_INHERIT : 0;
	return (uintptr_t)attributes;
}

ADJUST(share)
{
	struct d3dkmt_shareobjects *args = p;

	if (draw(s, 4))
		args->desired_access |= VDXG_ACCESS_GENERIC_ALL;
}

/* a resource with a keyed mutex and a fence, which are made for it */
ADJUST(share_set)
{
	struct vdxg_createkeyedmutex *mutex = arena_take(s, sizeof(*mutex));
	struct d3dkmt_createsynchronizationobject2 *sync = arena_take(s, sizeof(*sync));
	struct d3dkmt_shareobjects *args = p;
	uint32_t *objects = (void *)(uintptr_t)args->objects;

	adjust_share(s, p);
	mutex->flags = VDXG_KEYED_MUTEX_NT_SECURITY_SHARING;
	call_ioctl(s, LX_VDXGCREATEKEYEDMUTEX, mutex);
	sync->device.v = s->device;
	sync->info.type = D3DDDI_MONITORED_FENCE;
	sync->info.flags = D3DDDI_SYNC_SHARED | D3DDDI_SYNC_NT_SECURITY_SHARING;
	call_ioctl(s, LX_DXCREATESYNCHRONIZATIONOBJECT, sync);
	objects[1] = mutex->keyed_mutex;
	objects[2] = sync->sync_object.v;
}

ADJUST(share_named)
{
	struct d3dkmt_shareobjects *args = p;

	adjust_share(s, p);
	args->object_attr = name_attributes(s, s->resource ? 'r' : 's');
}

ADJUST(name)
{
	struct vdxg_opennthandlefromname *args = p;

	args->object_attr = name_attributes(s, args->flags & VDXG_NAME_OF_SYNC_OBJECT ? 's' : 'r');
	args->desired_access |= VDXG_ACCESS_GENERIC_ALL;
}

ADJUST(acquire)
{
	struct vdxg_acquirekeyedmutex *args = p;
	struct timespec now;

	if (draw(s, 2))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	args->deadline = now.tv_sec * 1000000000ULL + now.tv_nsec + draw(s, 5000000);
}

ADJUST(update)
{
	struct d3dkmt_updategpuvirtualaddress *args = p;
	struct d3dddi_updategpuvirtualaddress_operation *operations =
		(void *)(uintptr_t)args->operations;
	unsigned int i;

	for (i = 0; i < args->num_operations; i++) {
		if (operations[i].operation == D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_UNMAP) {
			operations[i].unmap.protection.value = draw(s, 2) ?
				D3DDDIGPUVA_PROTECTION_ZERO : 0;
			operations[i].map.allocation_offset = 0;
		} else if (operations[i].operation ==
			   D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_COPY) {
			operations[i].copy.dest_address = pool_pick(s, GPU_ADDRESS);
		}
	}
	if (draw(s, 2)) {
		args->fence_object.v = 0;
		args->fence_value = 0;
	}
}

/* ---- work -------------------------------------------------------------------- */

/**
 * struct buffer - a command buffer on its way
 * @s: the operation
 * @data: the CPU's address of it
 * @length: of the commands
 */
struct buffer {
	struct call_state *s;
	void *data;
	uint32_t length;
};

static void write_commands(void *arg)
{
	struct buffer *buffer = arg;
	struct call_state *s = buffer->s;
	unsigned int n = draw(s, 6);
	struct vdxg_commands c;

	vdxg_commands_begin(&c, buffer->data, 1024);
	while (n--) {
		uint64_t to = pool_pick(s, GPU_ADDRESS), from = pool_pick(s, GPU_ADDRESS);

		switch (draw(s, 5)) {
		case 0:
			vdxg_commands_fill(&c, to, 4 * (1 + draw(s, 1024)), n);
			break;
		case 1:
			vdxg_commands_copy(&c, to, from, 1 + draw(s, 8192));
			break;
		case 2:
			vdxg_commands_timestamp(&c, to);
			break;
		case 3:
			vdxg_commands_delay(&c, draw(s, 2000000));
			break;
		default:
			vdxg_commands_nop(&c, 8 * (1 + draw(s, 8)));
		}
	}
	buffer->length = vdxg_commands_end(&c);
	/* some are no commands */
	if (!draw(s, 8))
		((uint32_t *)buffer->data)[draw(s, 64)] = next_random(&s->random);
}

/* Let the GPU see an allocation; its address there, or 0. */
static uint64_t map_allocation(struct call_state *s, uint32_t allocation)
{
	struct d3dddi_mapgpuvirtualaddress *map = arena_take(s, sizeof(*map));
	struct d3dddi_makeresident *resident = arena_take(s, sizeof(*resident));
	uint32_t *list = arena_take(s, sizeof(*list));

	map->paging_queue.v = pool_pick(s, PAGING_QUEUE);
	map->allocation.v = allocation;
	map->size_in_pages = 1;
	map->protection.value = D3DDDIGPUVA_PROTECTION_WRITE;
	if (call_ioctl(s, LX_DXMAPGPUVIRTUALADDRESS, map) < 0)
		return 0;
	pool_put(s, GPU_ADDRESS, map->virtual_address);
	*list = allocation;
	resident->paging_queue = map->paging_queue;
	resident->alloc_count = 1;
	resident->allocation_list = (uintptr_t)list;
	/* who forgets this gets a page fault */
	if (draw(s, 6))
		call_ioctl(s, LX_DXMAKERESIDENT, resident);
	return map->virtual_address;
}

/* A buffer of real commands: an allocation that is written, mapped, and resident. */
static uint64_t make_commands(struct call_state *s, uint32_t *length)
{
	struct d3dkmt_lock2 *lock = arena_take(s, sizeof(*lock));
	struct d3dkmt_unlock2 *unlock = arena_take(s, sizeof(*unlock));
	struct buffer buffer = { .s = s };
	uint64_t address;

	lock->device.v = s->device;
	lock->allocation.v = pool_pick(s, ALLOCATION);
	if (call_ioctl(s, LX_DXLOCK2, lock) < 0)
		return 0;
	buffer.data = (void *)(uintptr_t)lock->data;
	address = map_allocation(s, lock->allocation.v);
	try_memory(write_commands, &buffer);
	unlock->device = lock->device;
	unlock->allocation = lock->allocation;
	call_ioctl(s, LX_DXUNLOCK2, unlock);
	*length = buffer.length;
	return address;
}

ADJUST(submit)
{
	struct d3dkmt_submitcommand *args = p;
	uint64_t address;
	uint32_t length;

	if (!draw(s, 4))
		return;
	address = make_commands(s, &length);
	if (!address)
		return;
	args->command_buffer = address;
	args->command_length = length;
}

ADJUST(submit_queue)
{
	struct d3dkmt_submitcommandtohwqueue *args = p;
	uint64_t address;
	uint32_t length;

	if (!draw(s, 4))
		return;
	address = make_commands(s, &length);
	if (!address)
		return;
	args->command_buffer = address;
	args->command_length = length;
}
