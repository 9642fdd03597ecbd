/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * The ioctl interface of /dev/dxg: D3DKMT, the WDDM kernel-mode thunks, as
 * WSL's guests and their libraries speak it.
 *
 * One ioctl is one D3DKMT function; its only argument is the structure named
 * in the LX_DX* table at the end.  A structure whose size is not exactly the
 * one in the request word is refused with ENOTTY.  Results: 0, a positive
 * NTSTATUS success code (STATUS_PENDING, STATUS_TIMEOUT), -1 with an errno
 * from <vdxg_status.h>, or a negative NTSTATUS as the value itself.
 *
 * The layout is the same for 32- and 64-bit callers: every pointer is an
 * __aligned_u64 holding a user address.  Words marked "flags" hold the masks
 * defined above the structure; undefined bits must be zero.  WCHAR strings are
 * UTF-16 in __u16 here, whatever wchar_t is.
 *
 * This includes vdxg_status.h, the statuses; d3dkmt_enums.h, the numbers;
 * d3dkmt_query.h and d3dkmt_statistics.h, what the query buffers hold.
 */
#ifndef _UAPI_D3DKMTHK_H
#define _UAPI_D3DKMTHK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "d3dkmt_enums.h"
#include "vdxg_status.h"

/* Any handle: adapter, device, allocation, ...  0 is never valid. */
struct d3dkmthandle {
	__u32 v;
};

/* What a nested operation answered: an NTSTATUS. */
struct ntstatus {
	__s32 v;
};

/* Names an adapter for as long as it is there. */
struct winluid {
	__u32 a;			/* low part */
	__u32 b;			/* high part */
};

/* ---- adapters ---------------------------------------------------------- */

struct d3dkmt_adapterinfo {
	struct d3dkmthandle adapter_handle;	/* out: close it */
	struct winluid adapter_luid;
	__u32 num_sources;
	__u32 present_move_regions_preferred;	/* BOOL */
};

struct d3dkmt_enumadapters2 {
	__u32 num_adapters;		/* in: room; out: written */
	__u32 reserved;
	__aligned_u64 adapters;		/* d3dkmt_adapterinfo[], or NULL */
};

#define D3DKMT_ENUMADAPTERS_INCLUDE_COMPUTE_ONLY	(1ULL << 0)
#define D3DKMT_ENUMADAPTERS_INCLUDE_DISPLAY_ONLY	(1ULL << 1)

struct d3dkmt_enumadapters3 {
	__aligned_u64 filter;		/* D3DKMT_ENUMADAPTERS_* */
	__u32 adapter_count;		/* in: room; out: written */
	__u32 reserved;
	__aligned_u64 adapters;		/* d3dkmt_adapterinfo[], or NULL */
};

struct d3dkmt_closeadapter {
	struct d3dkmthandle adapter_handle;
};

struct d3dkmt_openadapterfromluid {
	struct winluid adapter_luid;
	struct d3dkmthandle adapter_handle;	/* out */
};

struct d3dkmt_queryadapterinfo {
	struct d3dkmthandle adapter;
	__u32 type;			/* enum kmtqueryadapterinfotype */
	__aligned_u64 private_data;
	__u32 private_data_size;
	__u32 reserved;
};

struct d3dkmt_flushheaptransitions {
	struct d3dkmthandle adapter;
};

struct d3dkmt_enumprocesses {
	struct winluid adapter_luid;
	__aligned_u64 buffer;		/* __u32[] of process ids, or NULL */
	__aligned_u64 buffer_count;	/* in: room; out: how many */
};

#define DXGK_FEATURE_ENABLED			(1 << 0)
#define DXGK_FEATURE_KNOWN			(1 << 1)
#define DXGK_FEATURE_SUPPORTED_BY_DRIVER	(1 << 2)
#define DXGK_FEATURE_SUPPORTED_ON_CONFIG	(1 << 3)

struct dxgk_isfeatureenabled_result {
	__u16 version;
	__u16 flags;			/* DXGK_FEATURE_* */
};

struct d3dkmt_isfeatureenabled {
	struct d3dkmthandle adapter;
	__u32 feature_id;
	struct dxgk_isfeatureenabled_result result;	/* out */
};

#define DXGK_GPUCLOCKDATA_CONTEXT_MANAGEMENT_PROCESSOR	(1 << 0)

struct dxgk_gpuclockdata {
	__u64 gpu_frequency;		/* Hz */
	__u64 gpu_clock_counter;
	__u64 cpu_clock_counter;
	__u32 flags;			/* DXGK_GPUCLOCKDATA_* */
} __attribute__((packed));

struct d3dkmt_queryclockcalibration {
	struct d3dkmthandle adapter;
	__u32 node_ordinal;
	__u32 physical_adapter_index;
	struct dxgk_gpuclockdata clock_data;	/* out */
} __attribute__((packed));

struct d3dkmt_queryvideomemoryinfo {
	__aligned_u64 process;		/* 0: the caller */
	struct d3dkmthandle adapter;
	__u32 memory_segment_group;	/* enum d3dkmt_memory_segment_group */
	__aligned_u64 budget;		/* out, as the next three */
	__aligned_u64 current_usage;
	__aligned_u64 current_reservation;
	__aligned_u64 available_for_reservation;
	__u32 physical_adapter_index;
	__u32 reserved;
};

struct d3dkmt_changevideomemoryreservation {
	__aligned_u64 process;		/* 0: the caller */
	struct d3dkmthandle adapter;
	__u32 memory_segment_group;	/* enum d3dkmt_memory_segment_group */
	__aligned_u64 reservation;
	__u32 physical_adapter_index;
	__u32 reserved;
};

/* ---- devices ----------------------------------------------------------- */

#define D3DKMT_CREATEDEVICE_LEGACY_MODE		(1U << 0)
#define D3DKMT_CREATEDEVICE_REQUEST_VSYNC	(1U << 1)
#define D3DKMT_CREATEDEVICE_DISABLE_GPU_TIMEOUT	(1U << 2)
#define D3DKMT_CREATEDEVICE_FLAGS		0x7U

struct d3dkmt_createdevice {
	struct d3dkmthandle adapter;
	__u32 reserved3;
	__u32 flags;			/* D3DKMT_CREATEDEVICE_* */
	struct d3dkmthandle device;	/* out */
	__aligned_u64 command_buffer;	/* out: D3D10 compatibility, NULL */
	__u32 command_buffer_size;
	__u32 reserved;
	__aligned_u64 allocation_list;	/* out: likewise */
	__u32 allocation_list_size;
	__u32 reserved1;
	__aligned_u64 patch_location_list;	/* out: likewise */
	__u32 patch_location_list_size;
	__u32 reserved2;
};

struct d3dkmt_destroydevice {
	struct d3dkmthandle device;
};

#define D3DKMT_DEVICERESET_DESKTOP_SWITCHED	(1U << 0)

struct d3dkmt_devicereset_state {
	__u32 value;			/* D3DKMT_DEVICERESET_* */
};

#define DXGK_FAULT_ERROR_DEVICE_SPECIFIC	(1U << 0)

struct dxgk_fault_error_code {
	__u32 value;	/* DXGK_FAULT_ERROR_DEVICE_SPECIFIC, code << 1 */
};

struct d3dkmt_devicepagefault_state {
	__aligned_u64 faulted_primitive_api_sequence_number;
	__u32 faulted_pipeline_stage;
	__u32 faulted_bind_table_entry;
	__u32 page_fault_flags;		/* enum dxgk_page_fault_flags */
	struct dxgk_fault_error_code fault_error_code;
	__aligned_u64 faulted_virtual_address;	/* 0: unknown */
};

struct d3dkmt_getdevicestate {
	struct d3dkmthandle device;
	__u32 state_type;		/* enum d3dkmt_devicestate_type */
	union {				/* out, by state_type */
		__u32 execution_state;	/* enum d3dkmt_deviceexecution_state */
		struct d3dkmt_devicereset_state reset_state;
		struct d3dkmt_devicepagefault_state page_fault_state;
		__u8 alignment[48];
	};
};

struct d3dkmt_markdeviceaserror {
	struct d3dkmthandle device;
	__u32 reason;			/* enum d3dkmt_device_error_reason */
};

/* ---- escapes: driver-private and test hooks ----------------------------- */

#define D3DDDI_ESCAPE_HARDWARE_ACCESS		(1U << 0)
#define D3DDDI_ESCAPE_DEVICE_STATUS_QUERY	(1U << 1)
#define D3DDDI_ESCAPE_CHANGE_FRAME_LATENCY	(1U << 2)
#define D3DDDI_ESCAPE_NO_ADAPTER_SYNCHRONIZATION (1U << 3)
#define D3DDDI_ESCAPE_VIRTUAL_MACHINE_DATA	(1U << 5)
#define D3DDDI_ESCAPE_DRIVER_KNOWN_ESCAPE	(1U << 6)
#define D3DDDI_ESCAPE_DRIVER_COMMON_ESCAPE	(1U << 7)
#define D3DDDI_ESCAPE_FLAGS			0xefU

struct d3dkmt_escape {
	struct d3dkmthandle adapter;
	struct d3dkmthandle device;
	__u32 type;			/* enum d3dkmt_escapetype */
	__u32 flags;			/* D3DDDI_ESCAPE_* */
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	struct d3dkmthandle context;
};

/* d3dkmt_vidmm_escape.evict_by_criteria.flags */
#define D3DKMT_EVICTION_PRIMARY			(1U << 0)

/*
 * Private data of D3DKMT_ESCAPE_VIDMM, for callers with CAP_SYS_ADMIN: the part
 * that is used of Microsoft's structure, which is longer.  What is not named
 * here is STATUS_NOT_SUPPORTED.
 *
 * @evict: what is named, of the caller's device: a resource, or an allocation;
 *	neither: everything of a process, as hProcess names it elsewhere.  It
 *	leaves the GPU's segments although it is required, with its content.
 * @set_budget: the caller's budgets, in bytes, whatever others want; 0: the
 *	computed one again
 * @get_budget: out, what the caller requires beyond its budgets, in bytes
 * @set_trim_intervals: of the adapter, in units of 100 ns
 * @evict_by_criteria: everything of everybody whose size is from minimum_size
 *	to maximum_size bytes; 0 is no maximum.  There are no primaries.
 * @wake: notifications that are due are sent now; with flush, what paging
 *	queues have under way is finished
 * @delay_execution: queue an operation that takes milliseconds, 10,000 at most;
 *	out, its fence value
 * @verify_integrity: compare what is counted in a segment (0: everywhere) with
 *	what is there; STATUS_UNSUCCESSFUL if it differs
 */
struct d3dkmt_vidmm_escape {
	__u32 type;			/* enum d3dkmt_vidmmescapetype */
	__u32 reserved;
	union {
		struct {
			struct d3dkmthandle resource;
			struct d3dkmthandle allocation;
			__aligned_u64 process;
		} evict;
		struct {
			__aligned_u64 local_memory_budget;
			__aligned_u64 system_memory_budget;
		} set_budget;
		struct {
			__aligned_u64 num_bytes_to_trim;
		} get_budget;
		struct {
			__u32 min_trim_interval;
			__u32 max_trim_interval;
			__u32 idle_trim_interval;
		} set_trim_intervals;
		struct {
			__aligned_u64 minimum_size;
			__aligned_u64 maximum_size;
			__u32 flags;
		} evict_by_criteria;
		struct {
			__u32 flush;
		} wake;
		struct {
			struct d3dkmthandle paging_queue;
			__u32 physical_adapter_index;
			__u32 milliseconds;
			__u32 reserved;
			__aligned_u64 paging_fence_value;
		} delay_execution;
		struct {
			__u32 segment_id;
		} verify_integrity;
	};
};

/* Private data of two driver-known escapes: a handle, a command buffer. */
struct d3dddi_translate_allocation_handle {
	__u32 escape_type;
	struct d3dkmthandle allocation;
};

struct d3dddi_testcommand {
	char buffer[72];
};

struct d3dddi_buildtestcommandbuffer {
	__u32 escape_type;
	struct d3dkmthandle device;
	struct d3dkmthandle context;
	__u32 flags;
	struct d3dddi_testcommand command;
	__aligned_u64 dma_buffer;
	__aligned_u64 dma_buffer_priv_data;
	__u32 dma_buffer_size;
	__u32 dma_buffer_priv_data_size;
};

/* ---- allocations ------------------------------------------------------- */

#define D3DKMT_CREATE_RESOURCE			(1U << 0)
#define D3DKMT_CREATE_SHARED			(1U << 1)
#define D3DKMT_CREATE_NON_SECURE		(1U << 2)
#define D3DKMT_CREATE_PROTECTED			(1U << 3)  /* kernel only */
#define D3DKMT_CREATE_RESTRICT_SHARED_ACCESS	(1U << 4)
#define D3DKMT_CREATE_EXISTING_SYSMEM		(1U << 5)
#define D3DKMT_CREATE_NT_SECURITY_SHARING	(1U << 6)
#define D3DKMT_CREATE_READ_ONLY			(1U << 7)
#define D3DKMT_CREATE_WRITE_COMBINED		(1U << 8)  /* kernel only */
#define D3DKMT_CREATE_CACHED			(1U << 9)  /* kernel only */
#define D3DKMT_CREATE_SWAP_CHAIN_BACK_BUFFER	(1U << 10)
#define D3DKMT_CREATE_CROSS_ADAPTER		(1U << 11)
#define D3DKMT_CREATE_OPEN_CROSS_ADAPTER	(1U << 12) /* kernel only */
#define D3DKMT_CREATE_PARTIAL_SHARED_CREATION	(1U << 13)
#define D3DKMT_CREATE_ZEROED			(1U << 14) /* out */
#define D3DKMT_CREATE_WRITE_WATCH		(1U << 15)
#define D3DKMT_CREATE_STANDARD_ALLOCATION	(1U << 16)
#define D3DKMT_CREATE_EXISTING_SECTION		(1U << 17)
#define D3DKMT_CREATE_ALLOW_NOT_ZEROED		(1U << 18)
#define D3DKMT_CREATE_PHYSICALLY_CONTIGUOUS	(1U << 19)
#define D3DKMT_CREATE_NO_KMD_ACCESS		(1U << 20)
#define D3DKMT_CREATE_SHARED_DISPLAYABLE	(1U << 21)
#define D3DKMT_CREATEALLOCATION_FLAGS		0x003fffffU

struct d3dkmt_standardallocation_existingheap {
	__aligned_u64 size;		/* bytes, whole pages */
};

struct d3dkmt_createstandardallocation {
	__u32 type;			/* enum d3dkmt_standardallocationtype */
	__u32 reserved;
	struct d3dkmt_standardallocation_existingheap existing_heap_data;
	__u32 flags;			/* none defined */
	__u32 reserved1;
};

#define D3DDDI_ALLOCATIONINFO_PRIMARY		(1U << 0)
#define D3DDDI_ALLOCATIONINFO_STEREO		(1U << 1)
#define D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY	(1U << 2)
#define D3DDDI_ALLOCATIONINFO_FLAGS		0x7U

struct d3dddi_allocationinfo2 {
	struct d3dkmthandle allocation;	/* out */
	__u32 reserved0;
	union {
		__aligned_u64 sysmem;	/* EXISTING_SYSMEM: user address */
		__aligned_u64 section;	/* EXISTING_SECTION: descriptor */
	};
	__aligned_u64 priv_drv_data;	/* struct vdxg_allocation_data */
	__u32 priv_drv_data_size;
	__u32 vidpn_source_id;		/* of a primary */
	__u32 flags;			/* D3DDDI_ALLOCATIONINFO_* */
	__u32 reserved1;
	__aligned_u64 gpu_virtual_address;	/* out */
	union {
		__u32 priority;		/* with OVERRIDE_PRIORITY */
		__aligned_u64 unused;
	};
	__aligned_u64 reserved[5];
};

struct d3dkmt_createallocation {
	struct d3dkmthandle device;
	struct d3dkmthandle resource;	/* in: add to; out: the new one */
	struct d3dkmthandle global_share;	/* out */
	__u32 reserved;
	__aligned_u64 private_runtime_data;
	__u32 private_runtime_data_size;
	__u32 reserved1;
	union {
		/* STANDARD_ALLOCATION: d3dkmt_createstandardallocation */
		__aligned_u64 standard_allocation;
		__aligned_u64 priv_drv_data;
	};
	__u32 priv_drv_data_size;
	__u32 alloc_count;
	__aligned_u64 allocation_info;	/* d3dddi_allocationinfo2[] */
	__u32 flags;			/* D3DKMT_CREATE_* */
	__u32 reserved2;		/* padding on Windows: not looked at */
	__aligned_u64 private_runtime_resource_handle;
};

#define D3DKMT_DESTROY_ASSUME_NOT_IN_USE	(1U << 0)
#define D3DKMT_DESTROY_SYNCHRONOUS		(1U << 1)
#define D3DKMT_DESTROY_SYSTEM_USE_ONLY		(1U << 31) /* kernel only */
#define D3DKMT_DESTROYALLOCATION2_FLAGS		0x3U

struct d3dkmt_destroyallocation2 {
	struct d3dkmthandle device;
	struct d3dkmthandle resource;	/* the whole resource, */
	__aligned_u64 allocations;	/* or these: d3dkmthandle[] */
	__u32 alloc_count;
	__u32 flags;			/* D3DKMT_DESTROY_* */
};

struct d3dkmt_lock2 {
	struct d3dkmthandle device;
	struct d3dkmthandle allocation;
	__u32 flags;			/* none defined */
	__u32 reserved;
	__aligned_u64 data;		/* out: user address */
};

struct d3dkmt_unlock2 {
	struct d3dkmthandle device;
	struct d3dkmthandle allocation;
};

struct d3dkmt_invalidatecache {
	struct d3dkmthandle device;
	struct d3dkmthandle allocation;
	__aligned_u64 offset;
	__aligned_u64 length;
};

struct d3dkmt_setallocationpriority {
	struct d3dkmthandle device;
	struct d3dkmthandle resource;	/* either this ... */
	__aligned_u64 allocation_list;	/* ... or these: d3dkmthandle[] */
	__u32 allocation_count;
	__u32 reserved;
	__aligned_u64 priorities;	/* __u32[] */
};

struct d3dkmt_getallocationpriority {
	struct d3dkmthandle device;
	struct d3dkmthandle resource;
	__aligned_u64 allocation_list;
	__u32 allocation_count;
	__u32 reserved;
	__aligned_u64 priorities;	/* __u32[], written */
};

struct d3dkmt_queryallocationresidency {
	struct d3dkmthandle device;
	struct d3dkmthandle resource;	/* either this ... */
	__aligned_u64 allocations;	/* ... or these: d3dkmthandle[] */
	__u32 allocation_count;
	__u32 reserved;
	__aligned_u64 residency_status;	/* __u32[], written */
};

/* Five slots of 6 bits from bit 0: segment id, then direction; 0 ends. */
#define D3DDDI_SEGMENTPREFERENCE_SLOTS		5
#define D3DDDI_SEGMENTPREFERENCE_SLOT_BITS	6
#define D3DDDI_SEGMENTPREFERENCE_ID_MASK	0x1fU
#define D3DDDI_SEGMENTPREFERENCE_FROM_END	0x20U
#define D3DDDI_SEGMENTPREFERENCE_MASK		0x3fffffffU

struct d3dddi_segmentpreference {
	__u32 value;
};

#define D3DDDI_UPDATEALLOC_ACCESSED_PHYSICALLY		(1U << 0)
#define D3DDDI_UPDATEALLOC_UNMOVEABLE			(1U << 1)
#define D3DDDI_UPDATEALLOC_FLAGS			0x3U

#define D3DDDI_UPDATEALLOC_SET_ACCESSED_PHYSICALLY	(1U << 0)
#define D3DDDI_UPDATEALLOC_SET_SUPPORTED_SEGMENT_SET	(1U << 1)
#define D3DDDI_UPDATEALLOC_SET_PREFERRED_SEGMENT	(1U << 2)
#define D3DDDI_UPDATEALLOC_SET_UNMOVEABLE		(1U << 3)
#define D3DDDI_UPDATEALLOC_PROPERTIES			0xfU

struct d3dddi_updateallocproperty {
	struct d3dkmthandle paging_queue;
	struct d3dkmthandle allocation;
	__u32 supported_segment_set;	/* bit n: segment n + 1 */
	struct d3dddi_segmentpreference preferred_segment;
	__u32 flags;			/* D3DDDI_UPDATEALLOC_* */
	__u32 reserved;
	__aligned_u64 paging_fence_value;	/* out */
	__u32 property_mask;		/* D3DDDI_UPDATEALLOC_SET_* */
	__u32 reserved1;
};

/* What a driver is told of an allocation the system itself asks for. */
struct d3dddi_rational {
	__u32 numerator;
	__u32 denominator;
};

struct d3dkmdt_gdisurfacedata {
	__u32 width;
	__u32 height;
	__u32 format;
	__u32 type;
	__u32 flags;
	__u32 pitch;
};

struct d3dkmdt_stagingsurfacedata {
	__u32 width;
	__u32 height;
	__u32 pitch;
};

struct d3dkmdt_sharedprimarysurfacedata {
	__u32 width;
	__u32 height;
	__u32 format;
	struct d3dddi_rational refresh_rate;
	__u32 vidpn_source_id;
};

struct d3dkmdt_shadowsurfacedata {
	__u32 width;
	__u32 height;
	__u32 format;
	__u32 pitch;
};

/* ---- sharing and opening ----------------------------------------------- */

struct d3dkmt_shareobjects {
	__u32 object_count;
	__u32 reserved;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__aligned_u64 object_attr;
	__u32 desired_access;
	__u32 reserved1;
	__aligned_u64 shared_handle;	/* __u64, written: a descriptor */
};

struct d3dkmt_shareobjectwithhost {
	struct d3dkmthandle device_handle;
	struct d3dkmthandle object_handle;
	__aligned_u64 reserved;
	__aligned_u64 object_vail_nt_handle;	/* out */
};

struct d3dddi_openallocationinfo2 {
	struct d3dkmthandle allocation;	/* out */
	__u32 reserved0;
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	__u32 reserved1;
	__aligned_u64 gpu_va;		/* out */
	__aligned_u64 reserved[6];
};

struct d3dkmt_queryresourceinfo {
	struct d3dkmthandle device;
	struct d3dkmthandle global_share;
	__aligned_u64 private_runtime_data;
	__u32 private_runtime_data_size;	/* out, as all that follow */
	__u32 total_priv_drv_data_size;
	__u32 resource_priv_drv_data_size;
	__u32 allocation_count;
};

struct d3dkmt_queryresourceinfofromnthandle {
	struct d3dkmthandle device;
	__u32 reserved;
	__aligned_u64 nt_handle;	/* a descriptor */
	__aligned_u64 private_runtime_data;
	__u32 private_runtime_data_size;	/* out, as all that follow */
	__u32 total_priv_drv_data_size;
	__u32 resource_priv_drv_data_size;
	__u32 allocation_count;
};

struct d3dkmt_openresource {
	struct d3dkmthandle device;
	struct d3dkmthandle global_share;
	__u32 allocation_count;
	__u32 reserved;
	__aligned_u64 open_alloc_info;	/* d3dddi_openallocationinfo2[] */
	__aligned_u64 private_runtime_data;
	__u32 private_runtime_data_size;
	__u32 reserved1;
	__aligned_u64 resource_priv_drv_data;
	__u32 resource_priv_drv_data_size;
	__u32 reserved2;
	__aligned_u64 total_priv_drv_data;
	__u32 total_priv_drv_data_size;	/* in/out */
	struct d3dkmthandle resource;	/* out */
};

struct d3dkmt_openresourcefromnthandle {
	struct d3dkmthandle device;
	__u32 reserved;
	__aligned_u64 nt_handle;	/* a descriptor */
	__u32 allocation_count;
	__u32 reserved1;
	__aligned_u64 open_alloc_info;	/* d3dddi_openallocationinfo2[] */
	__u32 private_runtime_data_size;
	__u32 reserved2;
	__aligned_u64 private_runtime_data;
	__u32 resource_priv_drv_data_size;
	__u32 reserved3;
	__aligned_u64 resource_priv_drv_data;
	__u32 total_priv_drv_data_size;	/* in/out */
	__u32 reserved4;
	__aligned_u64 total_priv_drv_data;
	struct d3dkmthandle resource;	/* out */
	struct d3dkmthandle keyed_mutex;	/* out */
	__aligned_u64 keyed_mutex_private_data;
	__u32 keyed_mutex_private_data_size;
	struct d3dkmthandle sync_object;	/* out */
};

struct d3dkmt_getsharedresourceadapterluid {
	struct d3dkmthandle global_share;	/* either this ... */
	__u32 reserved;
	__aligned_u64 nt_handle;		/* ... or this descriptor */
	struct winluid adapter_luid;		/* out */
};

/* ---- residency, paging, offer and reclaim -------------------------------- */

struct d3dkmt_createpagingqueue {
	struct d3dkmthandle device;
	__s32 priority;			/* enum d3dddi_pagingqueue_priority */
	struct d3dkmthandle paging_queue;	/* out */
	struct d3dkmthandle sync_object;	/* out */
	__aligned_u64 fence_cpu_virtual_address;	/* out */
	__u32 physical_adapter_index;
	__u32 reserved;
};

struct d3dddi_destroypagingqueue {
	struct d3dkmthandle paging_queue;
};

#define D3DDDI_MAKERESIDENT_CANT_TRIM_FURTHER	(1U << 0)
#define D3DDDI_MAKERESIDENT_MUST_SUCCEED	(1U << 1)
#define D3DDDI_MAKERESIDENT_ALL		0x3U

/* What a driver is asked to trim. */
#define D3DDDI_TRIM_PERIODIC			(1U << 0)
#define D3DDDI_TRIM_RESTART_PERIODIC		(1U << 1)
#define D3DDDI_TRIM_TO_BUDGET			(1U << 2)

struct d3dddi_makeresident {
	struct d3dkmthandle paging_queue;
	__u32 alloc_count;		/* in/out */
	__aligned_u64 allocation_list;	/* d3dkmthandle[] */
	__aligned_u64 priority_list;	/* ignored */
	__u32 flags;			/* D3DDDI_MAKERESIDENT_* */
	__u32 reserved;
	__aligned_u64 paging_fence_value;	/* out */
	__aligned_u64 num_bytes_to_trim;	/* out */
};

#define D3DDDI_EVICT_ONLY_IF_NECESSARY		(1U << 0)
#define D3DDDI_EVICT_NOT_WRITTEN_TO		(1U << 1)
#define D3DDDI_EVICT_ALL			0x3U

struct d3dkmt_evict {
	struct d3dkmthandle device;
	__u32 alloc_count;
	__aligned_u64 allocations;	/* d3dkmthandle[] */
	__u32 flags;			/* D3DDDI_EVICT_* */
	__u32 reserved;
	__aligned_u64 num_bytes_to_trim;	/* out */
};

#define D3DKMT_OFFER_IMMEDIATELY		(1U << 0)
#define D3DKMT_OFFER_ALLOW_DECOMMIT		(1U << 1)
#define D3DKMT_OFFER_ALL			0x3U

struct d3dkmt_offerallocations {
	struct d3dkmthandle device;
	__u32 reserved;
	__aligned_u64 resources;	/* either these d3dkmthandle[] ... */
	__aligned_u64 allocations;	/* ... or these */
	__u32 allocation_count;
	__u32 priority;			/* enum d3dkmt_offer_priority */
	__u32 flags;			/* D3DKMT_OFFER_* */
	__u32 reserved1;
};

struct d3dkmt_reclaimallocations2 {
	struct d3dkmthandle paging_queue;
	__u32 allocation_count;
	__aligned_u64 resources;	/* either these d3dkmthandle[] ... */
	__aligned_u64 allocations;	/* ... or these */
	union {
		__aligned_u64 discarded;	/* __u32[] of BOOL, or NULL */
		__aligned_u64 results;	/* enum d3dddi_reclaim_result[] */
	};
	__aligned_u64 paging_fence_value;	/* out */
};

/* ---- GPU virtual addresses ---------------------------------------------- */

struct d3dddi_reservegpuvirtualaddress {
	union {
		struct d3dkmthandle adapter;
		struct d3dkmthandle paging_queue;
	};
	__u32 reserved;
	__aligned_u64 base_address;
	__aligned_u64 minimum_address;
	__aligned_u64 maximum_address;
	__aligned_u64 size;
	__u32 reservation_type;		/* enum d3dddigpuvirtualaddress_reservation_type */
	__u32 reserved1;
	__aligned_u64 driver_protection;
	__aligned_u64 virtual_address;		/* out */
	__aligned_u64 paging_fence_value;	/* out */
};

#define D3DDDIGPUVA_PROTECTION_WRITE		(1ULL << 0)
#define D3DDDIGPUVA_PROTECTION_EXECUTE		(1ULL << 1)
#define D3DDDIGPUVA_PROTECTION_ZERO		(1ULL << 2)
#define D3DDDIGPUVA_PROTECTION_NO_ACCESS	(1ULL << 3)
#define D3DDDIGPUVA_PROTECTION_SYSTEM_USE_ONLY	(1ULL << 4)
#define D3DDDIGPUVA_PROTECTION_FLAGS		0xfULL

struct d3dddigpuva_protection_type {
	__aligned_u64 value;		/* D3DDDIGPUVA_PROTECTION_* */
};

struct d3dddi_mapgpuvirtualaddress {
	struct d3dkmthandle paging_queue;
	__u32 reserved;
	__aligned_u64 base_address;
	__aligned_u64 minimum_address;
	__aligned_u64 maximum_address;
	struct d3dkmthandle allocation;
	__u32 reserved2;
	__aligned_u64 offset_in_pages;	/* of 4 KiB */
	__aligned_u64 size_in_pages;
	struct d3dddigpuva_protection_type protection;
	__aligned_u64 driver_protection;
	__u32 reserved0;
	__u32 reserved3;
	__aligned_u64 reserved1;
	__aligned_u64 virtual_address;		/* out */
	__aligned_u64 paging_fence_value;	/* out */
};

struct d3dddi_updategpuvirtualaddress_operation {
	__u32 operation;
	__u32 reserved;
	union {
		struct {
			__aligned_u64 base_address;
			__aligned_u64 size;
			struct d3dkmthandle allocation;
			__u32 reserved;
			__aligned_u64 allocation_offset;
			__aligned_u64 allocation_size;
		} map;
		struct {
			__aligned_u64 base_address;
			__aligned_u64 size;
			struct d3dkmthandle allocation;
			__u32 reserved;
			__aligned_u64 allocation_offset;
			__aligned_u64 allocation_size;
			struct d3dddigpuva_protection_type protection;
			__aligned_u64 driver_protection;
		} map_protect;
		struct {
			__aligned_u64 base_address;
			__aligned_u64 size;
			struct d3dddigpuva_protection_type protection;
		} unmap;
		struct {
			__aligned_u64 source_address;
			__aligned_u64 size;
			__aligned_u64 dest_address;
		} copy;
	};
};

#define D3DKMT_UPDATEGPUVA_DO_NOT_WAIT		(1U << 0)

struct d3dkmt_updategpuvirtualaddress {
	struct d3dkmthandle device;
	struct d3dkmthandle context;
	struct d3dkmthandle fence_object;
	__u32 num_operations;
	__aligned_u64 operations;
	__u32 reserved0;
	__u32 reserved1;
	__aligned_u64 reserved2;
	__aligned_u64 fence_value;
	__u32 flags;			/* D3DKMT_UPDATEGPUVA_* */
	__u32 reserved3;
};

struct d3dkmt_freegpuvirtualaddress {
	struct d3dkmthandle adapter;
	__u32 reserved;
	__aligned_u64 base_address;
	__aligned_u64 size;
};

/* ---- contexts, queues, submission ---------------------------------------- */

struct d3dddi_allocationlist {
	struct d3dkmthandle allocation;
	__u32 value;	/* bit 0 written, bit 1 keep instance, 2-4 offer */
};

struct d3dddi_patchlocationlist {
	__u32 allocation_index;
	__u32 slot_id;			/* 24 bits */
	__u32 driver_id;
	__u32 allocation_offset;
	__u32 patch_offset;
	__u32 split_offset;
};

#define D3DDDI_CREATECONTEXT_NULL_RENDERING	(1U << 0)
#define D3DDDI_CREATECONTEXT_INITIAL_DATA	(1U << 1)
#define D3DDDI_CREATECONTEXT_DISABLE_GPU_TIMEOUT (1U << 2)
#define D3DDDI_CREATECONTEXT_SYNCHRONIZATION_ONLY (1U << 3)
#define D3DDDI_CREATECONTEXT_HW_QUEUE_SUPPORTED	(1U << 4)
#define D3DDDI_CREATECONTEXT_NO_KMD_ACCESS	(1U << 5)
#define D3DDDI_CREATECONTEXT_FLAGS		0x3fU

struct d3dkmt_createcontext {
	struct d3dkmthandle device;
	__u32 node_ordinal;
	__u32 engine_affinity;
	__u32 flags;			/* D3DDDI_CREATECONTEXT_* */
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	__u32 client_hint;		/* enum d3dkmt_clienthint */
	struct d3dkmthandle context;	/* out, as all that follow */
	__u32 reserved;
	__aligned_u64 command_buffer;
	__u32 command_buffer_size;
	__u32 reserved1;
	__aligned_u64 allocation_list;
	__u32 allocation_list_size;
	__u32 reserved2;
	__aligned_u64 patch_location_list;
	__u32 patch_location_list_size;
	__u32 reserved3;
	__aligned_u64 command_buffer_gpu_va;
};

struct d3dkmt_createcontextvirtual {
	struct d3dkmthandle device;
	__u32 node_ordinal;
	__u32 engine_affinity;
	__u32 flags;			/* D3DDDI_CREATECONTEXT_* */
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	__u32 client_hint;		/* enum d3dkmt_clienthint */
	struct d3dkmthandle context;	/* out */
	__u32 reserved;
};

struct d3dkmt_destroycontext {
	struct d3dkmthandle context;
};

struct d3dkmt_createhwcontext {
	struct d3dkmthandle device;
	__u32 node_ordinal;
	__u32 engine_affinity;
	__u32 flags;			/* none defined */
	__u32 priv_drv_data_size;
	__u32 reserved;
	__aligned_u64 priv_drv_data;
	struct d3dkmthandle hw_context;	/* out */
	__u32 reserved1;
};

struct d3dkmt_destroyhwcontext {
	struct d3dkmthandle hw_context;
};

#define D3DDDI_CREATEHWQUEUE_DISABLE_GPU_TIMEOUT	(1U << 0)
#define D3DDDI_CREATEHWQUEUE_NO_BROADCAST_SIGNAL	(1U << 1)
#define D3DDDI_CREATEHWQUEUE_NO_BROADCAST_WAIT		(1U << 2)
#define D3DDDI_CREATEHWQUEUE_NO_KMD_ACCESS		(1U << 3)
#define D3DDDI_CREATEHWQUEUE_FLAGS			0xfU

struct d3dkmt_createhwqueue {
	struct d3dkmthandle context;
	__u32 flags;			/* D3DDDI_CREATEHWQUEUE_* */
	__u32 priv_drv_data_size;
	__u32 reserved;
	__aligned_u64 priv_drv_data;
	struct d3dkmthandle queue;	/* out, as all that follow */
	struct d3dkmthandle queue_progress_fence;
	__aligned_u64 queue_progress_fence_cpu_va;
	__aligned_u64 queue_progress_fence_gpu_va;
};

struct d3dkmt_destroyhwqueue {
	struct d3dkmthandle queue;
};

#define D3DKMT_SUBMITCOMMAND_NULL_RENDERING	(1U << 0)
#define D3DKMT_SUBMITCOMMAND_PRESENT_REDIRECTED	(1U << 1)
#define D3DKMT_SUBMITCOMMAND_NO_KMD_ACCESS	(1U << 2)
#define D3DKMT_SUBMITCOMMAND_FLAGS		0x7U

struct d3dkmt_submitcommand {
	__aligned_u64 command_buffer;	/* GPU virtual address */
	__u32 command_length;
	__u32 flags;			/* D3DKMT_SUBMITCOMMAND_* */
	__aligned_u64 present_history_token;
	__u32 broadcast_context_count;
	struct d3dkmthandle broadcast_context[D3DDDI_MAX_BROADCAST_CONTEXT];
	__u32 reserved;
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	__u32 num_primaries;
	struct d3dkmthandle written_primaries[D3DDDI_MAX_WRITTEN_PRIMARIES];
	__u32 num_history_buffers;
	__u32 reserved1;
	__aligned_u64 history_buffer_array;	/* d3dkmthandle[] */
};

struct d3dkmt_submitcommandtohwqueue {
	struct d3dkmthandle hwqueue;
	__u32 reserved;
	__aligned_u64 hwqueue_progress_fence_id;
	__aligned_u64 command_buffer;	/* GPU virtual address */
	__u32 command_length;
	__u32 priv_drv_data_size;
	__aligned_u64 priv_drv_data;
	__u32 num_primaries;
	__u32 reserved1;
	__aligned_u64 written_primaries;	/* d3dkmthandle[] */
};

#define D3DKMT_RENDER_RESIZE_COMMAND_BUFFER	(1U << 0)
#define D3DKMT_RENDER_RESIZE_ALLOCATION_LIST	(1U << 1)
#define D3DKMT_RENDER_RESIZE_PATCH_LOCATION_LIST (1U << 2)
#define D3DKMT_RENDER_NULL_RENDERING		(1U << 3)
#define D3DKMT_RENDER_PRESENT_REDIRECTED	(1U << 4)
#define D3DKMT_RENDER_RENDER_KM			(1U << 5)
#define D3DKMT_RENDER_RENDER_KM_READBACK	(1U << 6)
#define D3DKMT_RENDER_FLAGS			0x7fU

struct d3dkmt_render {
	union {
		struct d3dkmthandle device;
		struct d3dkmthandle context;
	};
	__u32 command_offset;
	__u32 command_length;
	__u32 allocation_count;
	__u32 patch_location_count;
	__u32 reserved;
	__aligned_u64 new_command_buffer;	/* out */
	__u32 new_command_buffer_size;		/* in/out */
	__u32 reserved1;
	__aligned_u64 new_allocation_list;	/* out */
	__u32 new_allocation_list_size;		/* in/out */
	__u32 reserved2;
	__aligned_u64 new_patch_location_list;	/* out */
	__u32 new_patch_location_list_size;	/* in/out */
	__u32 flags;			/* D3DKMT_RENDER_* */
	__aligned_u64 present_history_token;
	__u32 broadcast_context_count;
	struct d3dkmthandle broadcast_context[D3DDDI_MAX_BROADCAST_CONTEXT];
	__u32 queued_buffer_count;	/* out */
	__aligned_u64 new_command_buffer_gpu_va;	/* out */
	__aligned_u64 priv_drv_data;
	__u32 priv_drv_data_size;
	__u32 reserved3;
};

struct d3dkmt_setcontextschedulingpriority {
	struct d3dkmthandle context;
	__s32 priority;			/* -7 .. 7 */
};

struct d3dkmt_setcontextinprocessschedulingpriority {
	struct d3dkmthandle context;
	__s32 priority;
};

struct d3dkmt_getcontextschedulingpriority {
	struct d3dkmthandle context;
	__s32 priority;			/* out */
};

struct d3dkmt_getcontextinprocessschedulingpriority {
	struct d3dkmthandle context;
	__s32 priority;			/* out */
};

/* ---- synchronization objects --------------------------------------------- */

#define D3DDDI_SYNC_SHARED			(1U << 0)
#define D3DDDI_SYNC_NT_SECURITY_SHARING		(1U << 1)
#define D3DDDI_SYNC_CROSS_ADAPTER		(1U << 2)
#define D3DDDI_SYNC_TOP_OF_PIPELINE		(1U << 3)
#define D3DDDI_SYNC_NO_SIGNAL			(1U << 4)
#define D3DDDI_SYNC_NO_WAIT			(1U << 5)
#define D3DDDI_SYNC_NO_SIGNAL_MAX_VALUE_ON_TDR	(1U << 6)
#define D3DDDI_SYNC_NO_GPU_ACCESS		(1U << 7)
#define D3DDDI_SYNC_SIGNAL_BY_KMD		(1U << 8)
#define D3DDDI_SYNC_FLAGS			0x1ffU

struct d3dddi_synchronizationobjectinfo2 {
	__u32 type;		/* enum d3dddi_synchronizationobject_type */
	__u32 flags;		/* D3DDDI_SYNC_* */
	union {
		struct {
			__u32 initial_state;
		} synchronization_mutex;
		struct {
			__u32 max_count;
			__u32 initial_count;
		} semaphore;
		struct {
			__aligned_u64 fence_value;
		} fence;
		struct {
			__aligned_u64 event;	/* an eventfd */
		} cpu_notification;
		struct {
			__aligned_u64 initial_fence_value;
			__aligned_u64 fence_cpu_virtual_address; /* out */
			__aligned_u64 fence_gpu_virtual_address; /* out */
			__u32 engine_affinity;
			__u32 pad;
		} monitored_fence;
		struct {
			struct d3dkmthandle adapter;
			__u32 vidpn_target_id;
			__aligned_u64 time;
			__aligned_u64 fence_cpu_virtual_address; /* out */
			__aligned_u64 fence_gpu_virtual_address; /* out */
			__u32 engine_affinity;
			__u32 pad;
		} periodic_monitored_fence;
		__aligned_u64 reserved[8];
	};
	struct d3dkmthandle shared_handle;	/* out */
	__u32 reserved1;
};

struct d3dkmt_createsynchronizationobject2 {
	struct d3dkmthandle device;
	__u32 reserved;
	struct d3dddi_synchronizationobjectinfo2 info;
	struct d3dkmthandle sync_object;	/* out */
	__u32 reserved1;
};

struct d3dkmt_destroysynchronizationobject {
	struct d3dkmthandle sync_object;
};

struct d3dkmt_opensynchronizationobject {
	struct d3dkmthandle shared_handle;
	struct d3dkmthandle sync_object;	/* out */
	__aligned_u64 reserved[8];
};

struct d3dkmt_opensyncobjectfromnthandle2 {
	__aligned_u64 nt_handle;	/* a descriptor */
	struct d3dkmthandle device;
	__u32 flags;			/* D3DDDI_SYNC_* */
	struct d3dkmthandle sync_object;	/* out */
	__u32 reserved1;
	union {
		struct {
			__aligned_u64 fence_value_cpu_va;	/* out */
			__aligned_u64 fence_value_gpu_va;	/* out */
			__u32 engine_affinity;
			__u32 pad;
		} monitored_fence;
		__aligned_u64 reserved[8];
	};
};

#define D3DDDICB_SIGNAL_AT_SUBMISSION		(1U << 0)
#define D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT	(1U << 1)
#define D3DDDICB_SIGNAL_ALLOW_FENCE_REWIND	(1U << 2)
#define D3DDDICB_SIGNAL_FLAGS			0x7U

struct d3dkmt_signalsynchronizationobject2 {
	struct d3dkmthandle context;
	__u32 object_count;
	struct d3dkmthandle object_array[D3DDDI_MAX_OBJECT_SIGNALED];
	__u32 flags;			/* D3DDDICB_SIGNAL_* */
	__u32 context_count;
	struct d3dkmthandle contexts[D3DDDI_MAX_BROADCAST_CONTEXT];
	union {
		struct {
			__aligned_u64 fence_value;
		} fence;
		__aligned_u64 cpu_event_handle;
		__aligned_u64 reserved[8];
	};
};

struct d3dkmt_waitforsynchronizationobject2 {
	struct d3dkmthandle context;
	__u32 object_count;
	struct d3dkmthandle object_array[D3DDDI_MAX_OBJECT_WAITED_ON];
	union {
		struct {
			__aligned_u64 fence_value;
		} fence;
		__aligned_u64 reserved[8];
	};
};

#define D3DDDI_WAIT_ANY				(1U << 0)
#define D3DDDI_WAITFROMCPU_FLAGS		0x1U

struct d3dkmt_waitforsynchronizationobjectfromcpu {
	struct d3dkmthandle device;
	__u32 object_count;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__aligned_u64 fence_values;	/* __u64[] */
	__aligned_u64 async_event;	/* an eventfd; 0: block */
	__u32 flags;			/* D3DDDI_WAIT_ANY */
	__u32 reserved;
};

struct d3dkmt_signalsynchronizationobjectfromcpu {
	struct d3dkmthandle device;
	__u32 object_count;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__aligned_u64 fence_values;	/* __u64[] */
	__u32 flags;			/* D3DDDICB_SIGNAL_* */
	__u32 reserved;
};

struct d3dkmt_waitforsynchronizationobjectfromgpu {
	struct d3dkmthandle context;
	__u32 object_count;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	union {
		__aligned_u64 monitored_fence_values;	/* __u64[] */
		__aligned_u64 fence_value;
		__aligned_u64 reserved[8];
	};
};

struct d3dkmt_signalsynchronizationobjectfromgpu {
	struct d3dkmthandle context;
	__u32 object_count;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	union {
		__aligned_u64 monitored_fence_values;	/* __u64[] */
		__aligned_u64 reserved[8];
	};
};

struct d3dkmt_signalsynchronizationobjectfromgpu2 {
	__u32 object_count;
	__u32 reserved1;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__u32 flags;			/* D3DDDICB_SIGNAL_* */
	__u32 context_count;
	__aligned_u64 contexts;		/* d3dkmthandle[] */
	union {
		__aligned_u64 fence_value;
		__aligned_u64 cpu_event_handle;
		__aligned_u64 monitored_fence_values;	/* __u64[] */
		__aligned_u64 reserved[8];
	};
};

struct d3dkmt_submitsignalsyncobjectstohwqueue {
	__u32 flags;			/* D3DDDICB_SIGNAL_* */
	__u32 hwqueue_count;
	__aligned_u64 hwqueues;		/* d3dkmthandle[] */
	__u32 object_count;
	__u32 reserved;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__aligned_u64 fence_values;	/* __u64[] */
};

struct d3dkmt_submitwaitforsyncobjectstohwqueue {
	struct d3dkmthandle hwqueue;
	__u32 object_count;
	__aligned_u64 objects;		/* d3dkmthandle[] */
	__aligned_u64 fence_values;	/* __u64[] */
};

struct d3dkmt_createsyncfile {
	struct d3dkmthandle device;
	struct d3dkmthandle monitored_fence;
	__aligned_u64 fence_value;
	__aligned_u64 sync_file_handle;	/* out: a descriptor */
};

struct d3dkmt_waitsyncfile {
	__aligned_u64 sync_file_handle;
	struct d3dkmthandle context;
	__u32 reserved;
};

struct d3dkmt_opensyncobjectfromsyncfile {
	__aligned_u64 sync_file_handle;
	struct d3dkmthandle device;
	struct d3dkmthandle syncobj;	/* out, as all that follow */
	__aligned_u64 fence_value;
	__aligned_u64 fence_value_cpu_va;
	__aligned_u64 fence_value_gpu_va;
};

#include "d3dkmt_query.h"

/* ---- the ioctls ----------------------------------------------------------- */


#define LX_DX(nr, type)		_IOWR(0x47, nr, type)

#define LX_DXOPENADAPTERFROMLUID \
	LX_DX(0x01, struct d3dkmt_openadapterfromluid)
#define LX_DXCREATEDEVICE \
	LX_DX(0x02, struct d3dkmt_createdevice)
#define LX_DXCREATECONTEXT \
	LX_DX(0x03, struct d3dkmt_createcontext)
#define LX_DXCREATECONTEXTVIRTUAL \
	LX_DX(0x04, struct d3dkmt_createcontextvirtual)
#define LX_DXDESTROYCONTEXT \
	LX_DX(0x05, struct d3dkmt_destroycontext)
#define LX_DXCREATEALLOCATION \
	LX_DX(0x06, struct d3dkmt_createallocation)
#define LX_DXCREATEPAGINGQUEUE \
	LX_DX(0x07, struct d3dkmt_createpagingqueue)
#define LX_DXRESERVEGPUVIRTUALADDRESS \
	LX_DX(0x08, struct d3dddi_reservegpuvirtualaddress)
#define LX_DXQUERYADAPTERINFO \
	LX_DX(0x09, struct d3dkmt_queryadapterinfo)
#define LX_DXQUERYVIDEOMEMORYINFO \
	LX_DX(0x0a, struct d3dkmt_queryvideomemoryinfo)
#define LX_DXMAKERESIDENT \
	LX_DX(0x0b, struct d3dddi_makeresident)
#define LX_DXMAPGPUVIRTUALADDRESS \
	LX_DX(0x0c, struct d3dddi_mapgpuvirtualaddress)
#define LX_DXESCAPE \
	LX_DX(0x0d, struct d3dkmt_escape)
#define LX_DXGETDEVICESTATE \
	LX_DX(0x0e, struct d3dkmt_getdevicestate)
#define LX_DXSUBMITCOMMAND \
	LX_DX(0x0f, struct d3dkmt_submitcommand)
#define LX_DXCREATESYNCHRONIZATIONOBJECT \
	LX_DX(0x10, struct d3dkmt_createsynchronizationobject2)
#define LX_DXSIGNALSYNCHRONIZATIONOBJECT \
	LX_DX(0x11, struct d3dkmt_signalsynchronizationobject2)
#define LX_DXWAITFORSYNCHRONIZATIONOBJECT \
	LX_DX(0x12, struct d3dkmt_waitforsynchronizationobject2)
#define LX_DXDESTROYALLOCATION2 \
	LX_DX(0x13, struct d3dkmt_destroyallocation2)
#define LX_DXENUMADAPTERS2 \
	LX_DX(0x14, struct d3dkmt_enumadapters2)
#define LX_DXCLOSEADAPTER \
	LX_DX(0x15, struct d3dkmt_closeadapter)
#define LX_DXCHANGEVIDEOMEMORYRESERVATION \
	LX_DX(0x16, struct d3dkmt_changevideomemoryreservation)
#define LX_DXCREATEHWCONTEXT \
	LX_DX(0x17, struct d3dkmt_createhwcontext)
#define LX_DXCREATEHWQUEUE \
	LX_DX(0x18, struct d3dkmt_createhwqueue)
#define LX_DXDESTROYDEVICE \
	LX_DX(0x19, struct d3dkmt_destroydevice)
#define LX_DXDESTROYHWCONTEXT \
	LX_DX(0x1a, struct d3dkmt_destroyhwcontext)
#define LX_DXDESTROYHWQUEUE \
	LX_DX(0x1b, struct d3dkmt_destroyhwqueue)
#define LX_DXDESTROYPAGINGQUEUE \
	LX_DX(0x1c, struct d3dddi_destroypagingqueue)
#define LX_DXDESTROYSYNCHRONIZATIONOBJECT \
	LX_DX(0x1d, struct d3dkmt_destroysynchronizationobject)
#define LX_DXEVICT \
	LX_DX(0x1e, struct d3dkmt_evict)
#define LX_DXFLUSHHEAPTRANSITIONS \
	LX_DX(0x1f, struct d3dkmt_flushheaptransitions)
#define LX_DXFREEGPUVIRTUALADDRESS \
	LX_DX(0x20, struct d3dkmt_freegpuvirtualaddress)
#define LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY \
	LX_DX(0x21, struct d3dkmt_getcontextinprocessschedulingpriority)
#define LX_DXGETCONTEXTSCHEDULINGPRIORITY \
	LX_DX(0x22, struct d3dkmt_getcontextschedulingpriority)
#define LX_DXGETSHAREDRESOURCEADAPTERLUID \
	LX_DX(0x23, struct d3dkmt_getsharedresourceadapterluid)
#define LX_DXINVALIDATECACHE \
	LX_DX(0x24, struct d3dkmt_invalidatecache)
#define LX_DXLOCK2 \
	LX_DX(0x25, struct d3dkmt_lock2)
#define LX_DXMARKDEVICEASERROR \
	LX_DX(0x26, struct d3dkmt_markdeviceaserror)
#define LX_DXOFFERALLOCATIONS \
	LX_DX(0x27, struct d3dkmt_offerallocations)
#define LX_DXOPENRESOURCE \
	LX_DX(0x28, struct d3dkmt_openresource)
#define LX_DXOPENSYNCHRONIZATIONOBJECT \
	LX_DX(0x29, struct d3dkmt_opensynchronizationobject)
#define LX_DXQUERYALLOCATIONRESIDENCY \
	LX_DX(0x2a, struct d3dkmt_queryallocationresidency)
#define LX_DXQUERYRESOURCEINFO \
	LX_DX(0x2b, struct d3dkmt_queryresourceinfo)
#define LX_DXRECLAIMALLOCATIONS2 \
	LX_DX(0x2c, struct d3dkmt_reclaimallocations2)
#define LX_DXRENDER \
	LX_DX(0x2d, struct d3dkmt_render)
#define LX_DXSETALLOCATIONPRIORITY \
	LX_DX(0x2e, struct d3dkmt_setallocationpriority)
#define LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY \
	LX_DX(0x2f, struct d3dkmt_setcontextinprocessschedulingpriority)
#define LX_DXSETCONTEXTSCHEDULINGPRIORITY \
	LX_DX(0x30, struct d3dkmt_setcontextschedulingpriority)
#define LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU \
	LX_DX(0x31, struct d3dkmt_signalsynchronizationobjectfromcpu)
#define LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU \
	LX_DX(0x32, struct d3dkmt_signalsynchronizationobjectfromgpu)
#define LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2 \
	LX_DX(0x33, struct d3dkmt_signalsynchronizationobjectfromgpu2)
#define LX_DXSUBMITCOMMANDTOHWQUEUE \
	LX_DX(0x34, struct d3dkmt_submitcommandtohwqueue)
#define LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE \
	LX_DX(0x35, struct d3dkmt_submitsignalsyncobjectstohwqueue)
#define LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE \
	LX_DX(0x36, struct d3dkmt_submitwaitforsyncobjectstohwqueue)
#define LX_DXUNLOCK2 \
	LX_DX(0x37, struct d3dkmt_unlock2)
#define LX_DXUPDATEALLOCPROPERTY \
	LX_DX(0x38, struct d3dddi_updateallocproperty)
#define LX_DXUPDATEGPUVIRTUALADDRESS \
	LX_DX(0x39, struct d3dkmt_updategpuvirtualaddress)
#define LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU \
	LX_DX(0x3a, struct d3dkmt_waitforsynchronizationobjectfromcpu)
#define LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU \
	LX_DX(0x3b, struct d3dkmt_waitforsynchronizationobjectfromgpu)
#define LX_DXGETALLOCATIONPRIORITY \
	LX_DX(0x3c, struct d3dkmt_getallocationpriority)
#define LX_DXQUERYCLOCKCALIBRATION \
	LX_DX(0x3d, struct d3dkmt_queryclockcalibration)
#define LX_DXENUMADAPTERS3 \
	LX_DX(0x3e, struct d3dkmt_enumadapters3)
#define LX_DXSHAREOBJECTS \
	LX_DX(0x3f, struct d3dkmt_shareobjects)
#define LX_DXOPENSYNCOBJECTFROMNTHANDLE2 \
	LX_DX(0x40, struct d3dkmt_opensyncobjectfromnthandle2)
#define LX_DXQUERYRESOURCEINFOFROMNTHANDLE \
	LX_DX(0x41, struct d3dkmt_queryresourceinfofromnthandle)
#define LX_DXOPENRESOURCEFROMNTHANDLE \
	LX_DX(0x42, struct d3dkmt_openresourcefromnthandle)
#define LX_DXQUERYSTATISTICS \
	LX_DX(0x43, struct d3dkmt_querystatistics)
#define LX_DXSHAREOBJECTWITHHOST \
	LX_DX(0x44, struct d3dkmt_shareobjectwithhost)
#define LX_DXCREATESYNCFILE \
	LX_DX(0x45, struct d3dkmt_createsyncfile)
#define LX_DXWAITSYNCFILE \
	LX_DX(0x46, struct d3dkmt_waitsyncfile)
#define LX_DXOPENSYNCOBJECTFROMSYNCFILE \
	LX_DX(0x47, struct d3dkmt_opensyncobjectfromsyncfile)
#define LX_DXENUMPROCESSES \
	LX_DX(0x48, struct d3dkmt_enumprocesses)
#define LX_ISFEATUREENABLED \
	LX_DX(0x49, struct d3dkmt_isfeatureenabled)

/* Numbers below this are Microsoft's; those from here up are vdxg.h's. */
#define LX_DX_LAST_NR		0x49

#endif /* _UAPI_D3DKMTHK_H */
