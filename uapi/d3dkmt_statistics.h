/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * D3DKMTQueryStatistics: what a type (enum d3dkmt_querystatistics_type) asks
 * for and what the result holds.  Included by d3dkmthk.h.
 */
#ifndef _UAPI_D3DKMT_STATISTICS_H
#define _UAPI_D3DKMT_STATISTICS_H

#include <linux/types.h>

#define D3DKMT_QUERYSTATISTICS_RESULT_SIZE	0x308

/* The priority classes, minimum to maximum; the preferences, first to last. */
#define D3DKMT_QUERYSTATISTICS_PRIORITIES	5
#define D3DKMT_QUERYSTATISTICS_PREFERENCES	5
#define D3DKMT_QUERYSTATISTICS_INTERFERENCES	9
#define D3DKMT_QUERYSTATISTICS_PREEMPTIONS	16
#define D3DKMT_QUERYSTATISTICS_DMA_PACKETS	4
#define D3DKMT_QUERYSTATISTICS_QUEUE_PACKETS	8

struct d3dkmt_querystatistics_counter {
	__u32 count;
	__u32 reserved;
	__aligned_u64 bytes;
};

struct d3dkmt_querystatistics_reference_dma_buffer {
	__u32 nb_call;
	__u32 nb_allocations_referenced;
	__u32 max_nb_allocations_referenced;
	__u32 nb_null_reference;
	__u32 nb_write_reference;
	__u32 nb_renamed_allocations_referenced;
	__u32 nb_iteration_searching_renamed_allocation;
	__u32 nb_locked_allocation_referenced;
	__u32 nb_allocation_with_valid_prepatching_info_referenced;
	__u32 nb_allocation_with_invalid_prepatching_info_referenced;
	__u32 nb_dma_buffer_successfully_pre_patched;
	__u32 nb_primaries_references_overflow;
	__u32 nb_allocation_with_non_preferred_resources;
	__u32 nb_allocation_inserted_in_migration_table;
};

struct d3dkmt_querystatistics_renaming {
	__u32 nb_allocations_renamed;
	__u32 nb_allocations_shrinked;
	__u32 nb_renamed_buffer;
	__u32 max_renaming_list_length;
	__u32 nb_failures_due_to_renaming_limit;
	__u32 nb_failures_due_to_create_allocation;
	__u32 nb_failures_due_to_open_allocation;
	__u32 nb_failures_due_to_low_resource;
	__u32 nb_failures_due_to_non_retired_limit;
};

struct d3dkmt_querystatistics_preparation {
	__u32 broadcast_stall;
	__u32 nb_dma_prepared;
	__u32 nb_dma_prepared_long_path;
	__u32 immediate_highest_preparation_pass;
	struct d3dkmt_querystatistics_counter allocations_trimmed;
};

struct d3dkmt_querystatistics_paging_fault {
	struct d3dkmt_querystatistics_counter faults;
	struct d3dkmt_querystatistics_counter faults_first_time_access;
	struct d3dkmt_querystatistics_counter faults_reclaimed;
	struct d3dkmt_querystatistics_counter faults_migration;
	struct d3dkmt_querystatistics_counter faults_incorrect_resource;
	struct d3dkmt_querystatistics_counter faults_lost_content;
	struct d3dkmt_querystatistics_counter faults_evicted;
	struct d3dkmt_querystatistics_counter allocations_mem_reset;
	struct d3dkmt_querystatistics_counter allocations_unreset_success;
	struct d3dkmt_querystatistics_counter allocations_unreset_fail;
	__u32 allocations_unreset_success_read;
	__u32 allocations_unreset_fail_read;
	struct d3dkmt_querystatistics_counter evictions;
	struct d3dkmt_querystatistics_counter evictions_due_to_preparation;
	struct d3dkmt_querystatistics_counter evictions_due_to_lock;
	struct d3dkmt_querystatistics_counter evictions_due_to_close;
	struct d3dkmt_querystatistics_counter evictions_due_to_purge;
	struct d3dkmt_querystatistics_counter evictions_due_to_suspend_cpu_access;
};

struct d3dkmt_querystatistics_paging_transfer {
	__aligned_u64 bytes_filled;
	__aligned_u64 bytes_discarded;
	__aligned_u64 bytes_mapped_into_aperture;
	__aligned_u64 bytes_unmapped_from_aperture;
	__aligned_u64 bytes_transferred_from_mdl_to_memory;
	__aligned_u64 bytes_transferred_from_memory_to_mdl;
	__aligned_u64 bytes_transferred_from_aperture_to_memory;
	__aligned_u64 bytes_transferred_from_memory_to_aperture;
};

struct d3dkmt_querystatistics_swizzling_range {
	__u32 nb_ranges_acquired;
	__u32 nb_ranges_released;
};

struct d3dkmt_querystatistics_locks {
	__u32 nb_locks;
	__u32 nb_locks_wait_flag;
	__u32 nb_locks_discard_flag;
	__u32 nb_locks_no_overwrite;
	__u32 nb_locks_no_read_sync;
	__u32 nb_locks_linearization;
	__u32 nb_complex_locks;
};

struct d3dkmt_querystatistics_allocations {
	struct d3dkmt_querystatistics_counter created;
	struct d3dkmt_querystatistics_counter destroyed;
	struct d3dkmt_querystatistics_counter opened;
	struct d3dkmt_querystatistics_counter closed;
	struct d3dkmt_querystatistics_counter migrated_success;
	struct d3dkmt_querystatistics_counter migrated_fail;
	struct d3dkmt_querystatistics_counter migrated_abandoned;
};

/* Destroyed: the terminations that were the last of their allocation. */
struct d3dkmt_querystatistics_terminations {
	struct d3dkmt_querystatistics_counter terminated_shared;
	struct d3dkmt_querystatistics_counter terminated_non_shared;
	struct d3dkmt_querystatistics_counter destroyed_shared;
	struct d3dkmt_querystatistics_counter destroyed_non_shared;
};

#define D3DKMT_QUERYSTATISTICS_NUMBER_OF_MEMORY_GROUPS	(3ULL << 0)
#define D3DKMT_QUERYSTATISTICS_SUPPORTS_DEMOTION	(1ULL << 2)

/* D3DKMT_QUERYSTATISTICS_ADAPTER */
struct d3dkmt_querystatistics_adapter_information {
	__u32 nb_segments;
	__u32 node_count;
	__u32 vidpn_source_count;
	__u32 vsync_enabled;
	__u32 tdr_detected_count;
	__u32 pad0;
	__aligned_u64 zero_length_dma_buffers;
	__aligned_u64 restarted_period;
	struct d3dkmt_querystatistics_reference_dma_buffer reference_dma_buffer;
	struct d3dkmt_querystatistics_renaming renaming;
	__u32 pad1;
	struct d3dkmt_querystatistics_preparation preparation;
	struct d3dkmt_querystatistics_paging_fault paging_fault;
	struct d3dkmt_querystatistics_paging_transfer paging_transfer;
	struct d3dkmt_querystatistics_swizzling_range swizzling_range;
	struct d3dkmt_querystatistics_locks locks;
	__u32 pad2;
	struct d3dkmt_querystatistics_allocations allocations;
	struct d3dkmt_querystatistics_terminations terminations;
	__aligned_u64 flags;		/* the two masks above */
	__aligned_u64 reserved[7];
};

/* D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER */
struct d3dkmt_querystatistics_physical_adapter_information {
	struct d3dkmt_adapter_perfdata adapter_perf_data;
	struct d3dkmt_adapter_perfdatacaps adapter_perf_data_caps;
	struct d3dkmt_gpuversion gpu_version;
	__u32 pad;
};

struct d3dkmt_querystatistics_memory {
	__aligned_u64 total_bytes_evicted;
	__u32 allocs_committed;
	__u32 allocs_resident;
};

#define D3DKMT_QUERYSTATISTICS_PRESERVED_DURING_STANDBY		(1ULL << 0)
#define D3DKMT_QUERYSTATISTICS_PRESERVED_DURING_HIBERNATE	(1ULL << 1)
#define D3DKMT_QUERYSTATISTICS_PARTIALLY_PRESERVED		(1ULL << 2)

#define D3DKMT_QUERYSTATISTICS_SEGMENT_SYSTEM_MEMORY		(1ULL << 0)

/* D3DKMT_QUERYSTATISTICS_SEGMENT */
struct d3dkmt_querystatistics_segment_information {
	__aligned_u64 commit_limit;
	__aligned_u64 bytes_committed;
	__aligned_u64 bytes_resident;
	struct d3dkmt_querystatistics_memory memory;
	__u32 aperture;			/* a BOOL */
	__u32 pad;
	__aligned_u64 total_bytes_evicted_by_priority[D3DKMT_QUERYSTATISTICS_PRIORITIES];
	__aligned_u64 system_memory_end_address;
	__aligned_u64 power_flags;
	__aligned_u64 segment_properties;
	__aligned_u64 reserved[5];
};

struct d3dkmt_querystatistics_process_node_information {
	__aligned_u64 running_time;	/* microseconds */
	__u32 context_switch;
	__u32 preemption_counter[D3DKMT_QUERYSTATISTICS_PREEMPTIONS];
	struct {
		__u32 submitted;
		__u32 completed;
	} queue_packet[D3DKMT_QUERYSTATISTICS_QUEUE_PACKETS];
	struct {
		__u32 submitted;
		__u32 completed;
		__u32 preempted;
		__u32 faulted;
	} dma_packet[D3DKMT_QUERYSTATISTICS_DMA_PACKETS];
	__u32 pad;
	__aligned_u64 reserved[8];
};

/* D3DKMT_QUERYSTATISTICS_NODE */
struct d3dkmt_querystatistics_node_information {
	struct d3dkmt_querystatistics_process_node_information global;
	struct d3dkmt_querystatistics_process_node_information system;
	struct d3dkmt_node_perfdata node_perf_data;
	__u32 reserved[3];
	__u32 pad;
};

struct d3dkmt_querystatistics_system_memory {
	__aligned_u64 bytes_allocated;
	__aligned_u64 bytes_reserved;
	__u32 small_allocation_blocks;
	__u32 large_allocation_blocks;
	__aligned_u64 write_combined_bytes_allocated;
	__aligned_u64 write_combined_bytes_reserved;
	__aligned_u64 cached_bytes_allocated;
	__aligned_u64 cached_bytes_reserved;
	__aligned_u64 section_bytes_allocated;
	__aligned_u64 section_bytes_reserved;
	__aligned_u64 bytes_zeroed;
};

/* D3DKMT_QUERYSTATISTICS_PROCESS */
struct d3dkmt_querystatistics_process_information {
	__u32 node_count;
	__u32 vidpn_source_count;
	struct d3dkmt_querystatistics_system_memory system_memory;
	__aligned_u64 reserved[7];
};

/* D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER */
struct d3dkmt_querystatistics_process_adapter_information {
	__u32 nb_segments;
	__u32 node_count;
	__u32 vidpn_source_count;
	__u32 virtual_memory_usage;
	struct d3dkmt_querystatistics_counter dma_buffer_size;
	__u32 allocation_list_bytes;
	__u32 patch_location_list_bytes;
	__aligned_u64 total_bytes_evicted_from_process;
	__aligned_u64 bytes_by_segment_preference[D3DKMT_QUERYSTATISTICS_PREFERENCES];
	__aligned_u64 prefer_aperture_for_read[D3DKMT_QUERYSTATISTICS_PRIORITIES];
	__aligned_u64 prefer_aperture[D3DKMT_QUERYSTATISTICS_PRIORITIES];
	__aligned_u64 mem_reset_on_paging;
	__aligned_u64 remove_pages_from_working_set_on_paging;
	__aligned_u64 migration_enabled;
	__aligned_u64 interference_count[D3DKMT_QUERYSTATISTICS_INTERFERENCES];
	__u32 client_hint;		/* enum d3dkmt_clienthint */
	__u32 pad;
};

struct d3dkmt_querystatistics_video_memory {
	__u32 allocs_committed;
	__u32 pad;
	struct d3dkmt_querystatistics_counter allocs_resident_in_p[D3DKMT_QUERYSTATISTICS_PREFERENCES];
	struct d3dkmt_querystatistics_counter allocs_resident_in_non_preferred;
	__aligned_u64 total_bytes_evicted_due_to_preparation;
};

/* D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT */
struct d3dkmt_querystatistics_process_segment_information {
	__aligned_u64 bytes_committed;
	__aligned_u64 maximum_working_set;
	__aligned_u64 minimum_working_set;
	__u32 nb_referenced_allocation_evicted_in_period;
	__u32 padding;
	struct d3dkmt_querystatistics_video_memory video_memory;
	__aligned_u64 use_mru;
	__aligned_u64 reserved[8];
};

/* D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP */
struct d3dkmt_querystatistics_process_segment_group_information {
	__aligned_u64 budget;
	__aligned_u64 requested;
	__aligned_u64 usage;
	__aligned_u64 demoted[D3DKMT_QUERYSTATISTICS_PRIORITIES];
};

/* D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE and _SEGMENT_GROUP_USAGE */
struct d3dkmt_querystatistics_memory_usage {
	__aligned_u64 allocated_bytes;
	__aligned_u64 free_bytes;
	__aligned_u64 zero_bytes;
	__aligned_u64 modified_bytes;
	__aligned_u64 standby_bytes;
};

struct d3dkmt_querystatistics_result {
	union {
		struct d3dkmt_querystatistics_adapter_information adapter;
		struct d3dkmt_querystatistics_physical_adapter_information physical_adapter;
		struct d3dkmt_querystatistics_segment_information segment;
		struct d3dkmt_querystatistics_node_information node;
		struct d3dkmt_querystatistics_process_information process;
		struct d3dkmt_querystatistics_process_adapter_information process_adapter;
		struct d3dkmt_querystatistics_process_segment_information process_segment;
		struct d3dkmt_querystatistics_process_segment_group_information process_segment_group;
		struct d3dkmt_querystatistics_process_node_information process_node;
		struct d3dkmt_querystatistics_memory_usage usage;
		char size[D3DKMT_QUERYSTATISTICS_RESULT_SIZE];
	};
};

/* What SEGMENT_USAGE, SEGMENT_GROUP_USAGE and NODE2 are about. */
struct d3dkmt_querystatistics_query2 {
	__u16 physical_adapter_index;
	__u16 id;			/* segment, segment group or node */
};

struct d3dkmt_querystatistics {
	__u32 type;			/* enum d3dkmt_querystatistics_type */
	struct winluid adapter_luid;
	__u32 reserved;
	__aligned_u64 process;		/* a pid; 0: the caller */
	struct d3dkmt_querystatistics_result result;	/* out */
	union {
		__u32 query_id;	/* segment, group, node, adapter index */
		struct d3dkmt_querystatistics_query2 query2;
		__aligned_u64 query;
	};
};

#endif /* _UAPI_D3DKMT_STATISTICS_H */
