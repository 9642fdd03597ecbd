/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What the buffers of D3DKMTQueryAdapterInfo hold, one structure a type (enum
 * kmtqueryadapterinfotype).  Included by d3dkmthk.h; a buffer must have exactly
 * the size of its structure unless it says otherwise.
 */
#ifndef _UAPI_D3DKMT_QUERY_H
#define _UAPI_D3DKMT_QUERY_H

#include <linux/types.h>

/* Characters of a Windows path, the terminating 0 included. */
#define D3DKMT_MAX_PATH			260

struct d3dkmt_guid {
	__u32 data1;
	__u16 data2;
	__u16 data3;
	__u8 data4[8];
};

struct d3dkmt_umdfilenameinfo {
	__u32 version;			/* in: 0 D3D9, 1 D3D10, ... */
	__u16 umd_file_name[D3DKMT_MAX_PATH];
};

struct d3dkmt_openglinfo {
	__u16 umd_opengl_icd_file_name[D3DKMT_MAX_PATH];
	__u32 version;
	__u32 flags;
};

struct d3dkmt_segmentsizeinfo {
	__aligned_u64 dedicated_video_memory_size;
	__aligned_u64 dedicated_system_memory_size;
	__aligned_u64 shared_system_memory_size;
};

struct d3dkmt_segmentgroupsizeinfo {
	__u32 physical_adapter_index;	/* in */
	__u32 reserved;
	struct d3dkmt_segmentsizeinfo legacy_info;
	__aligned_u64 local_memory;
	__aligned_u64 non_local_memory;
	__aligned_u64 non_budget_memory;
};

struct d3dkmt_segment_caps {
	__aligned_u64 size;
	__u32 page_size;
	__u32 segment_id;
	__u8 aperture;
	__u8 reserved_sys_mem;
	__u16 reserved;
	__u32 budget_group;		/* enum d3dkmt_memory_segment_group */
};

/* Part of the VIDMM escape GET_VAD_INFO. */
struct d3dkmt_get_segment_caps {
	__u32 physical_adapter_index;	/* in */
	__u32 num_segments;
	struct d3dkmt_segment_caps segment_caps[D3DKMT_MAX_SEGMENT_COUNT];
};

struct d3dkmt_adapteraddress {
	__u32 bus_number;
	__u32 device_number;
	__u32 function_number;		/* 0xffff: not PCI */
};

struct d3dkmt_adapterregistryinfo {
	__u16 adapter_string[D3DKMT_MAX_PATH];
	__u16 bios_string[D3DKMT_MAX_PATH];
	__u16 dac_type[D3DKMT_MAX_PATH];
	__u16 chip_type[D3DKMT_MAX_PATH];
};

#define D3DKMT_VIRTUALADDRESS_SUPPORTED		(1U << 0)

struct d3dkmt_virtualaddressinfo {
	__u32 flags;			/* D3DKMT_VIRTUALADDRESS_* */
};

#define D3DKMT_ADAPTERTYPE_RENDER_SUPPORTED	(1U << 0)
#define D3DKMT_ADAPTERTYPE_DISPLAY_SUPPORTED	(1U << 1)
#define D3DKMT_ADAPTERTYPE_SOFTWARE_DEVICE	(1U << 2)
#define D3DKMT_ADAPTERTYPE_POST_DEVICE		(1U << 3)
#define D3DKMT_ADAPTERTYPE_HYBRID_DISCRETE	(1U << 4)
#define D3DKMT_ADAPTERTYPE_HYBRID_INTEGRATED	(1U << 5)
#define D3DKMT_ADAPTERTYPE_INDIRECT_DISPLAY	(1U << 6)
#define D3DKMT_ADAPTERTYPE_PARAVIRTUALIZED	(1U << 7)
#define D3DKMT_ADAPTERTYPE_ACG_SUPPORTED	(1U << 8)
#define D3DKMT_ADAPTERTYPE_SET_TIMINGS_FROM_VIDPN (1U << 9)
#define D3DKMT_ADAPTERTYPE_DETACHABLE		(1U << 10)
#define D3DKMT_ADAPTERTYPE_COMPUTE_ONLY		(1U << 11)
#define D3DKMT_ADAPTERTYPE_PROTOTYPE		(1U << 12)
#define D3DKMT_ADAPTERTYPE_RUNTIME_POWER_MANAGEMENT (1U << 13)

struct d3dkmt_adaptertype {
	__u32 value;			/* D3DKMT_ADAPTERTYPE_* */
};

#define D3DKMT_WDDM_1_2_SUPPORT_NON_VGA			(1U << 0)
#define D3DKMT_WDDM_1_2_SUPPORT_SMOOTH_ROTATION		(1U << 1)
#define D3DKMT_WDDM_1_2_SUPPORT_PER_ENGINE_TDR		(1U << 2)
#define D3DKMT_WDDM_1_2_SUPPORT_KERNEL_MODE_COMMAND_BUFFER (1U << 3)
#define D3DKMT_WDDM_1_2_SUPPORT_CCD			(1U << 4)
#define D3DKMT_WDDM_1_2_SUPPORT_SOFTWARE_DEVICE_BITMAPS	(1U << 5)
#define D3DKMT_WDDM_1_2_SUPPORT_GAMMA_RAMP		(1U << 6)
#define D3DKMT_WDDM_1_2_SUPPORT_HW_CURSOR		(1U << 7)
#define D3DKMT_WDDM_1_2_SUPPORT_HW_VSYNC		(1U << 8)
#define D3DKMT_WDDM_1_2_SUPPORT_SURPRISE_REMOVAL_IN_HIBERNATION (1U << 9)

struct d3dkmt_wddm_1_2_caps {
	__u32 graphics_preemption;	/* D3DKMDT_GRAPHICS_PREEMPTION_* */
	__u32 compute_preemption;	/* D3DKMDT_COMPUTE_PREEMPTION_* */
	__u32 value;			/* D3DKMT_WDDM_1_2_* */
};

#define D3DKMT_WDDM_1_3_SUPPORT_MIRACAST		(1U << 0)
#define D3DKMT_WDDM_1_3_IS_HYBRID_INTEGRATED_GPU	(1U << 1)
#define D3DKMT_WDDM_1_3_IS_HYBRID_DISCRETE_GPU		(1U << 2)
#define D3DKMT_WDDM_1_3_SUPPORT_POWER_MANAGEMENT_PSTATES (1U << 3)
#define D3DKMT_WDDM_1_3_SUPPORT_VIRTUAL_MODES		(1U << 4)
#define D3DKMT_WDDM_1_3_SUPPORT_CROSS_ADAPTER_RESOURCE	(1U << 5)

#define D3DKMT_WDDM_2_0_SUPPORT_64BIT_ATOMICS		(1U << 0)
#define D3DKMT_WDDM_2_0_GPUMMU_SUPPORTED		(1U << 1)
#define D3DKMT_WDDM_2_0_IOMMU_SUPPORTED			(1U << 2)
#define D3DKMT_WDDM_2_0_FLIP_OVERWRITE_SUPPORTED	(1U << 3)
#define D3DKMT_WDDM_2_0_SUPPORT_CONTEXTLESS_PRESENT	(1U << 4)
#define D3DKMT_WDDM_2_0_SUPPORT_SURPRISE_REMOVAL	(1U << 5)

#define D3DKMT_WDDM_2_7_HWSCH_SUPPORTED			(1U << 0)
#define D3DKMT_WDDM_2_7_HWSCH_ENABLED			(1U << 1)
#define D3DKMT_WDDM_2_7_HWSCH_ENABLED_BY_DEFAULT	(1U << 2)
#define D3DKMT_WDDM_2_7_INDEPENDENT_VIDPN_VSYNC_CONTROL	(1U << 3)

#define D3DKMT_WDDM_2_9_HWSCH_SUPPORT_STATE		(3U << 0)
#define D3DKMT_WDDM_2_9_HWSCH_ENABLED			(1U << 2)
#define D3DKMT_WDDM_2_9_SELF_REFRESH_MEMORY_SUPPORTED	(1U << 3)

#define D3DKMT_WDDM_3_0_HW_FLIP_QUEUE_SUPPORT_STATE	(3U << 0)
#define D3DKMT_WDDM_3_0_HW_FLIP_QUEUE_ENABLED		(1U << 2)
#define D3DKMT_WDDM_3_0_DISPLAYABLE_SUPPORTED		(1U << 3)

#define D3DKMT_WDDM_3_1_NATIVE_GPU_FENCE_SUPPORTED	(1U << 0)

/* 1.3, 2.0, 2.7, 2.9, 3.0 and 3.1 */
struct d3dkmt_wddm_caps {
	__u32 value;
};

/* Four 16-bit parts, the most significant first. */
struct d3dkmt_umd_driver_version {
	__aligned_u64 driver_version;
};

#define DXGK_NODEMETADATA_CONTEXT_SCHEDULING_SUPPORTED	(1U << 0)
#define DXGK_NODEMETADATA_RING_BUFFER_FENCE_RELEASE	(1U << 1)
#define DXGK_NODEMETADATA_SUPPORT_TRACKED_WORKLOAD	(1U << 2)

/* Packed: 78 bytes. */
struct d3dkmt_nodemetadata {
	__u32 node_ordinal_and_adapter_index;	/* in: low, high 16 bits */
	__u32 engine_type;		/* enum dxgk_engine_type */
	__u16 friendly_name[DXGK_MAX_METADATA_NAME_LENGTH];
	__u32 flags;			/* DXGK_NODEMETADATA_* */
	__u8 gpummu_supported;
	__u8 iommu_supported;
} __attribute__((packed));

struct d3dkmt_device_ids {
	__u32 vendor_id;
	__u32 device_id;
	__u32 sub_vendor_id;
	__u32 sub_system_id;
	__u32 revision_id;
	__u32 bus_type;
};

struct d3dkmt_query_device_ids {
	__u32 physical_adapter_index;	/* in */
	struct d3dkmt_device_ids device_ids;
};

#define D3DKMT_GPUMMU_READ_ONLY_MEMORY		(1U << 0)
#define D3DKMT_GPUMMU_NO_EXECUTE_MEMORY		(1U << 1)
#define D3DKMT_GPUMMU_CACHE_COHERENT_MEMORY	(1U << 2)

struct d3dkmt_query_gpummu_caps {
	__u32 physical_adapter_index;	/* in */
	__u32 flags;			/* D3DKMT_GPUMMU_* */
	__u32 virtual_address_bit_count;
};

/* "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}" */
struct d3dkmt_query_adapter_unique_guid {
	__u16 adapter_unique_guid[40];
};

struct d3dkmt_node_perfdata {
	__u32 node_ordinal;		/* in */
	__u32 physical_adapter_index;	/* in */
	__aligned_u64 frequency;	/* Hz */
	__aligned_u64 max_frequency;
	__aligned_u64 max_frequency_oc;
	__u32 voltage;			/* mV */
	__u32 voltage_max;
	__u32 voltage_max_oc;
	__u32 reserved;
	__aligned_u64 max_transition_latency;	/* 100 ns */
};

struct d3dkmt_adapter_perfdata {
	__u32 physical_adapter_index;	/* in */
	__u32 reserved;
	__aligned_u64 memory_frequency;	/* Hz */
	__aligned_u64 max_memory_frequency;
	__aligned_u64 max_memory_frequency_oc;
	__aligned_u64 memory_bandwidth;	/* bytes */
	__aligned_u64 pcie_bandwidth;
	__u32 fan_rpm;
	__u32 power;			/* tenths of a percent */
	__u32 temperature;		/* tenths of a degree Celsius */
	__u8 power_state_override;
	__u8 reserved1[3];
};

struct d3dkmt_adapter_perfdatacaps {
	__u32 physical_adapter_index;	/* in */
	__u32 reserved;
	__aligned_u64 max_memory_bandwidth;
	__aligned_u64 max_pcie_bandwidth;
	__u32 max_fan_rpm;
	__u32 temperature_max;
	__u32 temperature_warning;
	__u32 reserved1;
};

struct d3dkmt_gpuversion {
	__u32 physical_adapter_index;	/* in */
	__u16 bios_version[DXGK_MAX_GPUVERSION_NAME_LENGTH];
	__u16 gpu_architecture[DXGK_MAX_GPUVERSION_NAME_LENGTH];
};

struct d3dkmt_driver_description {
	__u16 driver_description[4096];
};

#define D3DDDI_QUERYREGISTRY_TRANSLATE_PATH	(1U << 0)
#define D3DDDI_QUERYREGISTRY_MUTABLE_VALUE	(1U << 1)

/* Text and binary values start at the union and may go on behind it. */
struct d3dddi_queryregistry_info {
	__u32 query_type;		/* enum d3dddi_queryregistry_type */
	__u32 query_flags;		/* D3DDDI_QUERYREGISTRY_*_ */
	__u16 value_name[D3DKMT_MAX_PATH];
	__u32 value_type;		/* 1 string, 3 binary, 4 word, 11 u64 */
	__u32 physical_adapter_index;
	__u32 output_value_size;	/* out: bytes */
	__u32 status;			/* enum d3dddi_queryregistry_status */
	union {
		__u32 output_dword;
		__aligned_u64 output_qword;
	};
};

#include "d3dkmt_statistics.h"

#endif /* _UAPI_D3DKMT_QUERY_H */
