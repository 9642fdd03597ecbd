// SPDX-License-Identifier: MIT
/*
 * abi.c: the table of calls: adapters, devices, allocations, residency, sharing, fences
 *
 * Each structure is a list of its fields; fields that are not in it stay 0.
 */
#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "adjust.h"
#include "fuzz.h"

/* ---- adapters ------------------------------------------------------------- */

#define T struct d3dkmt_adapterinfo
static const struct field adapter_info[] = {
	OUT(adapter_handle, ADAPTER), END
};
#undef T

#define T struct d3dkmt_enumadapters2
static const struct field enum_adapters2[] = {
	ARRAY(adapters, num_adapters, struct d3dkmt_adapterinfo, adapter_info, 2, 34), END
};
#undef T

#define T struct d3dkmt_enumadapters3
static const struct field enum_adapters3[] = {
	FLAGS(filter, 3),
	ARRAY(adapters, adapter_count, struct d3dkmt_adapterinfo, adapter_info, 2, 34), END
};
#undef T

#define T struct d3dkmt_closeadapter
static const struct field close_adapter[] = { GONE(adapter_handle, ADAPTER), END };
#undef T

#define T struct d3dkmt_openadapterfromluid
static const struct field open_adapter[] = {
	LUID(adapter_luid), OUT(adapter_handle, ADAPTER), END
};
#undef T

#define T struct d3dkmt_queryadapterinfo
static const struct field query_adapter_info[] = {
	IN(adapter, ADAPTER), RANGE(type, 0, 84), BUFFER(private_data, private_data_size, 4, 8), END
};
#undef T

#define T struct d3dkmt_flushheaptransitions
static const struct field flush_heap[] = { IN(adapter, ADAPTER), END };
#undef T

#define T struct d3dkmt_enumprocesses
static const struct field enum_processes[] = {
	LUID(adapter_luid), BUFFER(buffer, buffer_count, 64, 1024), END
};
#undef T

#define T struct d3dkmt_isfeatureenabled
static const struct field is_feature_enabled[] = {
	IN(adapter, ADAPTER), RANGE(feature_id, 0, 64), END
};
#undef T

#define T struct d3dkmt_queryclockcalibration
static const struct field query_clock[] = {
	IN(adapter, ADAPTER), RANGE(node_ordinal, 0, 1), END
};
#undef T

#define T struct d3dkmt_queryvideomemoryinfo
static const struct field query_video_memory[] = {
	IN(adapter, ADAPTER), RANGE(memory_segment_group, 0, 1), END
};
#undef T

#define T struct d3dkmt_changevideomemoryreservation
static const struct field change_reservation[] = {
	IN(adapter, ADAPTER), RANGE(memory_segment_group, 0, 1), PAGES(reservation, 0, 256), END
};
#undef T

#define T struct d3dkmt_querystatistics
static const struct field query_statistics[] = {
	RANGE(type, 0, 15), LUID(adapter_luid), RANGE(query_id, 0, 3), END
};
#undef T

#define T struct d3dkmt_escape
static const struct field escape[] = {
	IN(adapter, ADAPTER), IN(device, DEVICE), RANGE(type, 0, 8), FLAGS(flags, 1),
	BUFFER(priv_drv_data, priv_drv_data_size, 8, 256), END
};
#undef T

/* ---- devices ---------------------------------------------------------------- */

#define T struct d3dkmt_createdevice
static const struct field create_device[] = {
	IN(adapter, ADAPTER), FLAGS(flags, D3DKMT_CREATEDEVICE_FLAGS), OUT(device, DEVICE), END
};
#undef T

#define T struct d3dkmt_destroydevice
static const struct field destroy_device[] = { GONE(device, DEVICE), END };
#undef T

#define T struct d3dkmt_getdevicestate
static const struct field get_device_state[] = {
	IN(device, DEVICE), RANGE(state_type, 1, 6), END
};
#undef T

#define T struct d3dkmt_markdeviceaserror
static const struct field mark_error[] = { IN(device, DEVICE), RANGE(reason, 0, 6), END };
#undef T

/* ---- allocations -------------------------------------------------------------- */

#define T struct vdxg_allocation_data
static const struct field allocation_data[] = {
	RANGE(magic, VDXG_ALLOCATION_MAGIC, VDXG_ALLOCATION_MAGIC), RANGE(version, 1, 1),
	RANGE(size, sizeof(T), sizeof(T)), PAGES(bytes, 1, 64), FLAGS(flags, 3),
	RANGE(supported_segments, 0, 3), RANGE(priority, 0, 0xc8000000), END
};
#undef T

#define T struct d3dddi_allocationinfo2
static const struct field allocation_info[] = {
	OUT(allocation, ALLOCATION),
	POINTER(priv_drv_data, struct vdxg_allocation_data, allocation_data),
	RANGE(priv_drv_data_size, sizeof(struct vdxg_allocation_data),
	      sizeof(struct vdxg_allocation_data)),
	FLAGS(flags, D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY), RANGE(priority, 1, 0xc8000000), END
};
#undef T

#define T struct d3dkmt_createallocation
static const struct field create_allocation[] = {
	IN(device, DEVICE), INOUT(resource, RESOURCE), OUT(global_share, GLOBAL_RESOURCE),
	BUFFER(private_runtime_data, private_runtime_data_size, 0, 64),
	BUFFER(priv_drv_data, priv_drv_data_size, 0, 16),
	ARRAY(allocation_info, alloc_count, struct d3dddi_allocationinfo2, allocation_info, 1, 12),
	FLAGS(flags, D3DKMT_CREATE_RESOURCE | D3DKMT_CREATE_SHARED |
	      D3DKMT_CREATE_NT_SECURITY_SHARING | D3DKMT_CREATE_READ_ONLY |
	      D3DKMT_CREATE_STANDARD_ALLOCATION), END
};
#undef T

#define T struct d3dkmt_destroyallocation2
static const struct field destroy_allocation2[] = {
	IN(device, DEVICE), GONE(resource, RESOURCE),
	LIST_GONE(allocations, alloc_count, ALLOCATION, 1, 3), FLAGS(flags, 3), END
};
#undef T

#define T struct d3dkmt_lock2
static const struct field lock2[] = {
	IN(device, DEVICE), IN(allocation, ALLOCATION), OUT(data, ADDRESS), END
};
#undef T

#define T struct d3dkmt_unlock2
static const struct field unlock2[] = { IN(device, DEVICE), IN(allocation, ALLOCATION), END };
#undef T

#define T struct d3dkmt_invalidatecache
static const struct field invalidate_cache[] = {
	IN(device, DEVICE), IN(allocation, ALLOCATION), RANGE(offset, 0, 4096),
	RANGE(length, 0, 4096), END
};
#undef T

/* ALLOCATION_CALL names either a resource or a list: adjust_either() */
#define T struct d3dkmt_setallocationpriority
static const struct field set_priority[] = {
	IN(device, DEVICE), IN(resource, RESOURCE),
	LIST(allocation_list, allocation_count, ALLOCATION, 1, 8),
	FIELD(priorities, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 32, .high = 32), END
};
#undef T

#define T struct d3dkmt_getallocationpriority
static const struct field get_priority[] = {
	IN(device, DEVICE), IN(resource, RESOURCE),
	LIST(allocation_list, allocation_count, ALLOCATION, 1, 8),
	FIELD(priorities, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 32, .high = 32), END
};
#undef T

#define T struct d3dkmt_queryallocationresidency
static const struct field query_residency[] = {
	IN(device, DEVICE), IN(resource, RESOURCE),
	LIST(allocations, allocation_count, ALLOCATION, 1, 8),
	FIELD(residency_status, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 32, .high = 32), END
};
#undef T

#define T struct d3dddi_updateallocproperty
static const struct field update_property[] = {
	IN(paging_queue, PAGING_QUEUE), IN(allocation, ALLOCATION),
	RANGE(supported_segment_set, 0, 3), RANGE(preferred_segment, 0, 3), FLAGS(flags, 3),
	FLAGS(property_mask, D3DDDI_UPDATEALLOC_PROPERTIES), END
};
#undef T

/* ---- residency ------------------------------------------------------------------ */

#define T struct d3dkmt_createpagingqueue
static const struct field create_paging_queue[] = {
	IN(device, DEVICE), RANGE(priority, 0, 1), OUT(paging_queue, PAGING_QUEUE),
	OUT(sync_object, SYNC), OUT(fence_cpu_virtual_address, ADDRESS), END
};
#undef T

#define T struct d3dddi_destroypagingqueue
static const struct field destroy_paging_queue[] = { GONE(paging_queue, PAGING_QUEUE), END };
#undef T

#define T struct d3dddi_makeresident
static const struct field make_resident[] = {
	IN(paging_queue, PAGING_QUEUE), LIST(allocation_list, alloc_count, ALLOCATION, 1, 16),
	FLAGS(flags, D3DDDI_MAKERESIDENT_CANT_TRIM_FURTHER), END
};
#undef T

#define T struct d3dkmt_evict
static const struct field evict[] = {
	IN(device, DEVICE), LIST(allocations, alloc_count, ALLOCATION, 1, 3),
	FLAGS(flags, D3DDDI_EVICT_ALL), END
};
#undef T

#define T struct d3dkmt_offerallocations
static const struct field offer[] = {
	IN(device, DEVICE), LIST(resources, allocation_count, RESOURCE, 1, 3),
	LIST(allocations, allocation_count, ALLOCATION, 1, 8), RANGE(priority, 1, 4),
	FLAGS(flags, D3DKMT_OFFER_ALL), END
};
#undef T

#define T struct d3dkmt_reclaimallocations2
static const struct field reclaim[] = {
	IN(paging_queue, PAGING_QUEUE), LIST(resources, allocation_count, RESOURCE, 1, 3),
	LIST(allocations, allocation_count, ALLOCATION, 1, 8),
	FIELD(results, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 32, .high = 32), END
};
#undef T

/* ---- sharing -------------------------------------------------------------------- */

#define T struct shared_descriptor
static const struct field shared_resource[] = { OUT(fd, NT_RESOURCE), END };
static const struct field shared_sync[] = { OUT(fd, NT_SYNC), END };
#undef T

#define T struct d3dkmt_shareobjects
static const struct field share_resource[] = {
	LIST(objects, object_count, RESOURCE, 1, 1), FLAGS(desired_access, 0xf2020003),
	POINTER(shared_handle, struct shared_descriptor, shared_resource), END
};
static const struct field share_sync[] = {
	LIST(objects, object_count, SYNC, 1, 1), FLAGS(desired_access, 0xf2020003),
	POINTER(shared_handle, struct shared_descriptor, shared_sync), END
};
#undef T

#define T struct d3dkmt_queryresourceinfo
static const struct field query_resource[] = {
	IN(device, DEVICE), IN(global_share, GLOBAL_RESOURCE), END
};
#undef T

#define T struct d3dkmt_queryresourceinfofromnthandle
static const struct field query_resource_nt[] = {
	IN(device, DEVICE), IN(nt_handle, NT_RESOURCE), END
};
#undef T

#define T struct d3dddi_openallocationinfo2
static const struct field open_info[] = { OUT(allocation, ALLOCATION), END };
#undef T

/* the sizes are what a query answers: adjust_open() */
#define T struct d3dkmt_openresource
static const struct field open_resource[] = {
	IN(device, DEVICE), IN(global_share, GLOBAL_RESOURCE), OUT(resource, RESOURCE),
	ARRAY(open_alloc_info, allocation_count, struct d3dddi_openallocationinfo2, open_info,
	      1, 64),
	BUFFER(private_runtime_data, private_runtime_data_size, 64, 64),
	BUFFER(resource_priv_drv_data, resource_priv_drv_data_size, 64, 64),
	BUFFER(total_priv_drv_data, total_priv_drv_data_size, 4096, 4096), END
};
#undef T

#define T struct d3dkmt_openresourcefromnthandle
static const struct field open_resource_nt[] = {
	IN(device, DEVICE), IN(nt_handle, NT_RESOURCE), OUT(resource, RESOURCE),
	ARRAY(open_alloc_info, allocation_count, struct d3dddi_openallocationinfo2, open_info,
	      1, 64),
	BUFFER(private_runtime_data, private_runtime_data_size, 64, 64),
	BUFFER(resource_priv_drv_data, resource_priv_drv_data_size, 64, 64),
	BUFFER(total_priv_drv_data, total_priv_drv_data_size, 4096, 4096),
	BUFFER(keyed_mutex_private_data, keyed_mutex_private_data_size, 64, 64),
	OUT(keyed_mutex, KEYED_MUTEX), OUT(sync_object, SYNC), END
};
#undef T

#define T struct d3dkmt_getsharedresourceadapterluid
static const struct field shared_luid[] = { IN(global_share, GLOBAL_RESOURCE), END };
static const struct field shared_luid_nt[] = { IN(nt_handle, NT_RESOURCE), END };
#undef T

#define T struct d3dkmt_shareobjectwithhost
static const struct field share_with_host[] = {
	IN(device_handle, DEVICE), IN(object_handle, SYNC), END
};
#undef T

/* ---- synchronization objects ------------------------------------------------------ */

/* what the information is depends on the type: adjust_sync() */
#define T struct d3dkmt_createsynchronizationobject2
static const struct field create_sync[] = {
	IN(device, DEVICE), RANGE(info.type, 1, 6),
	FLAGS(info.flags, D3DDDI_SYNC_FLAGS & ~D3DDDI_SYNC_SIGNAL_BY_KMD),
	OUT(info.shared_handle, GLOBAL_SYNC), OUT(sync_object, SYNC), END
};
#undef T

#define T struct d3dkmt_destroysynchronizationobject
static const struct field destroy_sync[] = { GONE(sync_object, SYNC), END };
#undef T

#define T struct d3dkmt_opensynchronizationobject
static const struct field open_sync[] = {
	IN(shared_handle, GLOBAL_SYNC), OUT(sync_object, SYNC), END
};
#undef T

#define T struct d3dkmt_opensyncobjectfromnthandle2
static const struct field open_sync_nt2[] = {
	IN(nt_handle, NT_SYNC), IN(device, DEVICE), FLAGS(flags, 0xff),
	OUT(sync_object, SYNC), OUT(monitored_fence.fence_value_cpu_va, ADDRESS), END
};
#undef T

/* fence_values is set by adjust_values() */
#define T struct d3dkmt_waitforsynchronizationobjectfromcpu
static const struct field wait_cpu[] = {
	IN(device, DEVICE), LIST(objects, object_count, SYNC, 1, 3),
	FIELD(fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256, .high = 256),
	IN(async_event, EVENT), FLAGS(flags, D3DDDI_WAIT_ANY), END
};
#undef T

#define T struct d3dkmt_signalsynchronizationobjectfromcpu
static const struct field signal_cpu[] = {
	IN(device, DEVICE), LIST(objects, object_count, SYNC, 1, 3),
	FIELD(fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256, .high = 256),
	FLAGS(flags, D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND), END
};
#undef T

#define T struct d3dkmt_createsyncfile
static const struct field create_sync_file[] = {
	IN(device, DEVICE), IN(monitored_fence, SYNC), RANGE(fence_value, 0, 20),
	OUT(sync_file_handle, SYNC_FILE), END
};
#undef T

#define T struct d3dkmt_waitsyncfile
static const struct field wait_sync_file[] = {
	IN(sync_file_handle, SYNC_FILE), IN(context, CONTEXT), END
};
#undef T

#define T struct d3dkmt_opensyncobjectfromsyncfile
static const struct field open_sync_file[] = {
	IN(sync_file_handle, SYNC_FILE), IN(device, DEVICE), OUT(syncobj, SYNC),
	OUT(fence_value_cpu_va, ADDRESS), END
};
#undef T

/* ---- the table --------------------------------------------------------------------- */

const struct call abi_calls[] = {
	CALL(LX_DXENUMADAPTERS2, enum_adapters2, 2),
	CALL(LX_DXENUMADAPTERS3, enum_adapters3, 2),
	CALL(LX_DXOPENADAPTERFROMLUID, open_adapter, 3),
	CALL(LX_DXCLOSEADAPTER, close_adapter, 2),
	CALL(LX_DXQUERYADAPTERINFO, query_adapter_info, 8, .adjust = adjust_query),
	CALL(LX_DXFLUSHHEAPTRANSITIONS, flush_heap, 1),
	CALL(LX_DXENUMPROCESSES, enum_processes, 2),
	CALL(LX_ISFEATUREENABLED, is_feature_enabled, 2),
	CALL(LX_DXQUERYCLOCKCALIBRATION, query_clock, 2),
	CALL(LX_DXQUERYVIDEOMEMORYINFO, query_video_memory, 3),
	CALL(LX_DXCHANGEVIDEOMEMORYRESERVATION, change_reservation, 3),
	CALL(LX_DXQUERYSTATISTICS, query_statistics, 6),
	CALL(LX_DXESCAPE, escape, 2, .adjust = adjust_escape),
	CALL(LX_DXCREATEDEVICE, create_device, 6),
	CALL(LX_DXDESTROYDEVICE, destroy_device, 2),
	CALL(LX_DXGETDEVICESTATE, get_device_state, 4),
	CALL(LX_DXMARKDEVICEASERROR, mark_error, 1),
	CALL(LX_DXCREATEALLOCATION, create_allocation, 30, .adjust = adjust_create),
	CALL(LX_DXDESTROYALLOCATION2, destroy_allocation2, 14, .adjust = adjust_destroy),
	CALL(LX_DXLOCK2, lock2, 14),
	CALL(LX_DXUNLOCK2, unlock2, 8),
	CALL(LX_DXINVALIDATECACHE, invalidate_cache, 2),
	CALL(LX_DXSETALLOCATIONPRIORITY, set_priority, 6, .adjust = adjust_set_priority),
	CALL(LX_DXGETALLOCATIONPRIORITY, get_priority, 3, .adjust = adjust_get_priority),
	CALL(LX_DXQUERYALLOCATIONRESIDENCY, query_residency, 4, .adjust = adjust_residency),
	CALL(LX_DXUPDATEALLOCPROPERTY, update_property, 4),
	CALL(LX_DXCREATEPAGINGQUEUE, create_paging_queue, 6),
	CALL(LX_DXDESTROYPAGINGQUEUE, destroy_paging_queue, 2),
	CALL(LX_DXMAKERESIDENT, make_resident, 14),
	CALL(LX_DXEVICT, evict, 8),
	CALL(LX_DXOFFERALLOCATIONS, offer, 8, .adjust = adjust_offer),
	CALL(LX_DXRECLAIMALLOCATIONS2, reclaim, 8, .adjust = adjust_reclaim),
	CALL(LX_DXSHAREOBJECTS, share_resource, 8, .adjust = adjust_share),
	CALL(LX_DXSHAREOBJECTS, share_sync, 8, .adjust = adjust_share),
	CALL(LX_DXQUERYRESOURCEINFO, query_resource, 2),
	CALL(LX_DXQUERYRESOURCEINFOFROMNTHANDLE, query_resource_nt, 2),
	CALL(LX_DXOPENRESOURCE, open_resource, 6, .adjust = adjust_open),
	CALL(LX_DXOPENRESOURCEFROMNTHANDLE, open_resource_nt, 6, .adjust = adjust_open_nt),
	CALL(LX_DXGETSHAREDRESOURCEADAPTERLUID, shared_luid, 2),
	CALL(LX_DXGETSHAREDRESOURCEADAPTERLUID, shared_luid_nt, 2),
	CALL(LX_DXSHAREOBJECTWITHHOST, share_with_host, 1),
	CALL(LX_DXCREATESYNCHRONIZATIONOBJECT, create_sync, 12, .adjust = adjust_sync),
	CALL(LX_DXDESTROYSYNCHRONIZATIONOBJECT, destroy_sync, 4),
	CALL(LX_DXOPENSYNCHRONIZATIONOBJECT, open_sync, 3),
	CALL(LX_DXOPENSYNCOBJECTFROMNTHANDLE2, open_sync_nt2, 4),
	CALL(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, wait_cpu, 10, .adjust = adjust_wait_cpu),
	CALL(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU, signal_cpu, 10,
	     .adjust = adjust_signal_cpu),
	CALL(LX_DXCREATESYNCFILE, create_sync_file, 5),
	CALL(LX_DXWAITSYNCFILE, wait_sync_file, 3),
	CALL(LX_DXOPENSYNCOBJECTFROMSYNCFILE, open_sync_file, 4),
	{ 0 }
};
