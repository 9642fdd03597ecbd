/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.h: the functions behind the ioctls, one for each D3DKMT function (see call.h)
 */
#ifndef VDXG_CALLS_H
#define VDXG_CALLS_H

#include "call.h"

/* adapter.c */
int vdxg_enum_adapters2(struct vdxg_call *call);
int vdxg_enum_adapters3(struct vdxg_call *call);
int vdxg_open_adapter_from_luid(struct vdxg_call *call);
int vdxg_close_adapter(struct vdxg_call *call);

/* query.c, query_statistics.c */
int vdxg_query_adapter_info(struct vdxg_call *call);
int vdxg_query_statistics(struct vdxg_call *call);

/* query_adapter.c */
int vdxg_enum_processes(struct vdxg_call *call);
int vdxg_is_feature_enabled(struct vdxg_call *call);
int vdxg_query_clock_calibration(struct vdxg_call *call);

/* device.c */
int vdxg_create_device(struct vdxg_call *call);
int vdxg_destroy_device(struct vdxg_call *call);
int vdxg_get_device_state(struct vdxg_call *call);
int vdxg_mark_device_as_error(struct vdxg_call *call);
int vdxg_wait_for_idle(struct vdxg_call *call);

/* context.c, context_priority.c */
int vdxg_create_context(struct vdxg_call *call);
int vdxg_create_context_virtual(struct vdxg_call *call);
int vdxg_destroy_context(struct vdxg_call *call);
int vdxg_create_hw_context(struct vdxg_call *call);
int vdxg_destroy_hw_context(struct vdxg_call *call);
int vdxg_set_context_priority(struct vdxg_call *call);
int vdxg_get_context_priority(struct vdxg_call *call);
int vdxg_set_context_in_process_priority(struct vdxg_call *call);
int vdxg_get_context_in_process_priority(struct vdxg_call *call);

/* hw_queue.c */
int vdxg_create_hw_queue(struct vdxg_call *call);
int vdxg_destroy_hw_queue(struct vdxg_call *call);

/* submit.c */
int vdxg_submit_command(struct vdxg_call *call);
int vdxg_submit_command_to_hw_queue(struct vdxg_call *call);
int vdxg_render(struct vdxg_call *call);

/* create.c */
int vdxg_create_allocation(struct vdxg_call *call);

/* destroy.c */
int vdxg_destroy_allocation2(struct vdxg_call *call);
int vdxg_destroy(struct vdxg_process *process, struct d3dkmthandle device, u32 resource,
		 const u32 *handles, u32 count, u32 flags);

/* lock.c */
int vdxg_lock2(struct vdxg_call *call);
int vdxg_unlock2(struct vdxg_call *call);
int vdxg_invalidate_cache(struct vdxg_call *call);

/* paging_queue.c */
int vdxg_create_paging_queue(struct vdxg_call *call);
int vdxg_destroy_paging_queue(struct vdxg_call *call);

/* residency.c */
int vdxg_make_resident(struct vdxg_call *call);
int vdxg_evict(struct vdxg_call *call);

/* gpuva.c */
int vdxg_reserve_gpu_virtual_address(struct vdxg_call *call);
int vdxg_map_gpu_virtual_address(struct vdxg_call *call);
int vdxg_free_gpu_virtual_address(struct vdxg_call *call);
int vdxg_update_gpu_virtual_address(struct vdxg_call *call);

/* offer.c */
int vdxg_offer_allocations(struct vdxg_call *call);
int vdxg_reclaim_allocations2(struct vdxg_call *call);

/* video_memory.c */
int vdxg_query_video_memory_info(struct vdxg_call *call);
int vdxg_change_video_memory_reservation(struct vdxg_call *call);
int vdxg_flush_heap_transitions(struct vdxg_call *call);

/* property.c */
int vdxg_set_allocation_priority(struct vdxg_call *call);
int vdxg_get_allocation_priority(struct vdxg_call *call);
int vdxg_query_allocation_residency(struct vdxg_call *call);

/* notification.c */
int vdxg_register_notification(struct vdxg_call *call);

/* commitment.c */
int vdxg_query_process_offer_info(struct vdxg_call *call);
int vdxg_trim_process_commitment(struct vdxg_call *call);

/* escape.c */
int vdxg_escape(struct vdxg_call *call);

/* update_property.c */
int vdxg_update_alloc_property(struct vdxg_call *call);

/* sync.c, sync_cpu.c */
int vdxg_create_sync(struct vdxg_call *call);
int vdxg_create_sync_file(struct vdxg_call *call);
int vdxg_wait_sync_file(struct vdxg_call *call);
int vdxg_open_sync_object_from_sync_file(struct vdxg_call *call);
int vdxg_destroy_sync(struct vdxg_call *call);
int vdxg_open_sync(struct vdxg_call *call);
int vdxg_wait_from_cpu(struct vdxg_call *call);
int vdxg_signal_from_cpu(struct vdxg_call *call);

/* sync_gpu.c */
int vdxg_wait_from_gpu(struct vdxg_call *call);
int vdxg_wait2(struct vdxg_call *call);
int vdxg_wait_on_hw_queue(struct vdxg_call *call);
int vdxg_signal_from_gpu(struct vdxg_call *call);
int vdxg_signal_from_gpu2(struct vdxg_call *call);
int vdxg_signal2(struct vdxg_call *call);
int vdxg_signal_from_hw_queues(struct vdxg_call *call);

/* nt_handle.c */
int vdxg_share_objects(struct vdxg_call *call);
int vdxg_open_nt_handle_from_name(struct vdxg_call *call);
int vdxg_open_sync_from_nt_handle(struct vdxg_call *call);
int vdxg_open_sync_from_nt_handle2(struct vdxg_call *call);

/* open.c */
int vdxg_open_resource(struct vdxg_call *call);
int vdxg_open_resource_from_nt_handle(struct vdxg_call *call);
int vdxg_query_resource_info(struct vdxg_call *call);
int vdxg_query_resource_info_from_nt_handle(struct vdxg_call *call);
int vdxg_get_shared_resource_adapter_luid(struct vdxg_call *call);

/* export.c, import.c */
int vdxg_export_dma_buf(struct vdxg_call *call);
int vdxg_import_dma_buf(struct vdxg_call *call);

/* keyed_mutex.c */
int vdxg_create_keyed_mutex(struct vdxg_call *call);
int vdxg_open_keyed_mutex(struct vdxg_call *call);
int vdxg_destroy_keyed_mutex(struct vdxg_call *call);
int vdxg_acquire_keyed_mutex(struct vdxg_call *call);
int vdxg_release_keyed_mutex(struct vdxg_call *call);

#endif
