/* SPDX-License-Identifier: MIT */
/*
 * What QueryAdapterInfo and QueryStatistics buffers hold.  Included by
 * d3dkmthk.h, which a program includes instead of this.
 */
#ifndef _D3DKMDT_H_
#define _D3DKMDT_H_

#include "d3dkmt_types.h"
#include "uapi/d3dkmt_enums.h"

typedef enum kmtqueryadapterinfotype KMTQUERYADAPTERINFOTYPE;
typedef enum d3dkmt_driverversion D3DKMT_DRIVERVERSION;
typedef enum d3dkmt_memory_segment_group D3DKMT_MEMORY_SEGMENT_GROUP;
typedef enum d3dkmt_clienthint D3DKMT_CLIENTHINT;
typedef enum d3dkmt_querystatistics_type D3DKMT_QUERYSTATISTICS_TYPE;
typedef enum dxgk_engine_type DXGK_ENGINE_TYPE;
typedef enum d3dkmdt_graphics_preemption_granularity
	D3DKMDT_GRAPHICS_PREEMPTION_GRANULARITY;
typedef enum d3dkmdt_compute_preemption_granularity
	D3DKMDT_COMPUTE_PREEMPTION_GRANULARITY;

/* ---- QueryAdapterInfo ---- */

typedef struct _D3DKMT_UMDFILENAMEINFO {
	UINT Version;				/* in: KMTUMDVERSION */
	WCHAR UmdFileName[MAX_PATH];
} D3DKMT_UMDFILENAMEINFO;

typedef struct _D3DKMT_OPENGLINFO {
	WCHAR UmdOpenGlIcdFileName[MAX_PATH];
	ULONG Version;
	ULONG Flags;
} D3DKMT_OPENGLINFO;

typedef struct _D3DKMT_SEGMENTSIZEINFO {
	D3DKMT_ALIGN64 ULONGLONG DedicatedVideoMemorySize;
	D3DKMT_ALIGN64 ULONGLONG DedicatedSystemMemorySize;
	D3DKMT_ALIGN64 ULONGLONG SharedSystemMemorySize;
} D3DKMT_SEGMENTSIZEINFO;

typedef struct _D3DKMT_SEGMENTGROUPSIZEINFO {
	UINT32 PhysicalAdapterIndex;		/* in */
	D3DKMT_SEGMENTSIZEINFO LegacyInfo;
	D3DKMT_ALIGN64 ULONGLONG LocalMemory;
	D3DKMT_ALIGN64 ULONGLONG NonLocalMemory;
	D3DKMT_ALIGN64 ULONGLONG NonBudgetMemory;
} D3DKMT_SEGMENTGROUPSIZEINFO;

typedef struct _D3DKMT_SEGMENT_CAPS {
	D3DKMT_ALIGN64 UINT64 Size;
	UINT PageSize;
	ULONG SegmentId;
	BOOLEAN bAperture;
	BOOLEAN bReservedSysMem;
	D3DKMT_MEMORY_SEGMENT_GROUP BudgetGroup;
} D3DKMT_SEGMENT_CAPS;

typedef struct _D3DKMT_GET_SEGMENT_CAPS {
	UINT PhysicalAdapterIndex;		/* in */
	UINT NumSegments;
	D3DKMT_SEGMENT_CAPS SegmentCaps[D3DKMT_MAX_SEGMENT_COUNT];
} D3DKMT_GET_SEGMENT_CAPS;

typedef struct _D3DKMT_ADAPTERADDRESS {
	UINT BusNumber;
	UINT DeviceNumber;
	UINT FunctionNumber;			/* 0xffff: not PCI */
} D3DKMT_ADAPTERADDRESS;

typedef struct _D3DKMT_ADAPTERREGISTRYINFO {
	WCHAR AdapterString[MAX_PATH];
	WCHAR BiosString[MAX_PATH];
	WCHAR DacType[MAX_PATH];
	WCHAR ChipType[MAX_PATH];
} D3DKMT_ADAPTERREGISTRYINFO;

typedef struct _D3DKMT_VIRTUALADDRESSFLAGS {
	union {
		struct {
			UINT VirtualAddressSupported : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	};
} D3DKMT_VIRTUALADDRESSFLAGS;

typedef struct _D3DKMT_VIRTUALADDRESSINFO {
	D3DKMT_VIRTUALADDRESSFLAGS VirtualAddressFlags;
} D3DKMT_VIRTUALADDRESSINFO;

typedef struct _D3DKMT_ADAPTERTYPE {
	union {
		struct {
			UINT RenderSupported : 1;
			UINT DisplaySupported : 1;
			UINT SoftwareDevice : 1;
			UINT PostDevice : 1;
			UINT HybridDiscrete : 1;
			UINT HybridIntegrated : 1;
			UINT IndirectDisplayDevice : 1;
			UINT Paravirtualized : 1;
			UINT ACGSupported : 1;
			UINT SupportSetTimingsFromVidPn : 1;
			UINT Detachable : 1;
			UINT ComputeOnly : 1;
			UINT Prototype : 1;
			UINT RuntimePowerManagement : 1;
			UINT Reserved : 18;
		};
		UINT Value;
	};
} D3DKMT_ADAPTERTYPE;

typedef struct _D3DKMDT_PREEMPTION_CAPS {
	D3DKMDT_GRAPHICS_PREEMPTION_GRANULARITY GraphicsPreemptionGranularity;
	D3DKMDT_COMPUTE_PREEMPTION_GRANULARITY ComputePreemptionGranularity;
} D3DKMDT_PREEMPTION_CAPS;

typedef struct _D3DKMT_WDDM_1_2_CAPS {
	D3DKMDT_PREEMPTION_CAPS PreemptionCaps;
	union {
		struct {
			UINT SupportNonVGA : 1;
			UINT SupportSmoothRotation : 1;
			UINT SupportPerEngineTDR : 1;
			UINT SupportKernelModeCommandBuffer : 1;
			UINT SupportCCD : 1;
			UINT SupportSoftwareDeviceBitmaps : 1;
			UINT SupportGammaRamp : 1;
			UINT SupportHWCursor : 1;
			UINT SupportHWVSync : 1;
			UINT SupportSurpriseRemovalInHibernation : 1;
			UINT Reserved : 22;
		};
		UINT Value;
	};
} D3DKMT_WDDM_1_2_CAPS;

typedef struct _D3DKMT_WDDM_1_3_CAPS {
	union {
		struct {
			UINT SupportMiracast : 1;
			UINT IsHybridIntegratedGPU : 1;
			UINT IsHybridDiscreteGPU : 1;
			UINT SupportPowerManagementPStates : 1;
			UINT SupportVirtualModes : 1;
			UINT SupportCrossAdapterResource : 1;
			UINT Reserved : 26;
		};
		UINT Value;
	};
} D3DKMT_WDDM_1_3_CAPS;

typedef struct _D3DKMT_WDDM_2_0_CAPS {
	union {
		struct {
			UINT Support64BitAtomics : 1;
			UINT GpuMmuSupported : 1;
			UINT IoMmuSupported : 1;
			UINT FlipOverwriteSupported : 1;
			UINT SupportContextlessPresent : 1;
			UINT SupportSurpriseRemoval : 1;
			UINT Reserved : 26;
		};
		UINT Value;
	};
} D3DKMT_WDDM_2_0_CAPS;

typedef struct _D3DKMT_WDDM_2_7_CAPS {
	union {
		struct {
			UINT HwSchSupported : 1;
			UINT HwSchEnabled : 1;
			UINT HwSchEnabledByDefault : 1;
			UINT IndependentVidPnVSyncControl : 1;
			UINT Reserved : 28;
		};
		UINT Value;
	};
} D3DKMT_WDDM_2_7_CAPS;

typedef struct _D3DKMT_WDDM_2_9_CAPS {
	union {
		struct {
			UINT HwSchSupportState : 2;
			UINT HwSchEnabled : 1;
			UINT SelfRefreshMemorySupported : 1;
			UINT Reserved : 28;
		};
		UINT Value;
	};
} D3DKMT_WDDM_2_9_CAPS;

typedef struct _D3DKMT_WDDM_3_0_CAPS {
	union {
		struct {
			UINT HwFlipQueueSupportState : 2;
			UINT HwFlipQueueEnabled : 1;
			UINT DisplayableSupported : 1;
			UINT Reserved : 28;
		};
		UINT Value;
	};
} D3DKMT_WDDM_3_0_CAPS;

typedef struct _D3DKMT_WDDM_3_1_CAPS {
	union {
		struct {
			UINT NativeGpuFenceSupported : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	};
} D3DKMT_WDDM_3_1_CAPS;

typedef struct _D3DKMT_UMD_DRIVER_VERSION {
	D3DKMT_ALIGN64 LARGE_INTEGER DriverVersion;
} D3DKMT_UMD_DRIVER_VERSION;

typedef struct _D3DKMT_KMD_DRIVER_VERSION {
	D3DKMT_ALIGN64 LARGE_INTEGER DriverVersion;
} D3DKMT_KMD_DRIVER_VERSION;

typedef struct _D3DKMT_PHYSICAL_ADAPTER_COUNT {
	UINT Count;
} D3DKMT_PHYSICAL_ADAPTER_COUNT;

typedef struct _D3DKMT_DEVICE_IDS {
	UINT VendorID;
	UINT DeviceID;
	UINT SubVendorID;
	UINT SubSystemID;
	UINT RevisionID;
	UINT BusType;
} D3DKMT_DEVICE_IDS;

typedef struct _D3DKMT_QUERY_DEVICE_IDS {
	UINT PhysicalAdapterIndex;		/* in */
	D3DKMT_DEVICE_IDS DeviceIds;
} D3DKMT_QUERY_DEVICE_IDS;

typedef struct _D3DKMT_GPUMMU_CAPS {
	union {
		struct {
			UINT ReadOnlyMemorySupported : 1;
			UINT NoExecuteMemorySupported : 1;
			UINT CacheCoherentMemorySupported : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	} Flags;
	UINT VirtualAddressBitCount;
} D3DKMT_GPUMMU_CAPS;

typedef struct _D3DKMT_QUERY_GPUMMU_CAPS {
	UINT PhysicalAdapterIndex;		/* in */
	D3DKMT_GPUMMU_CAPS Caps;
} D3DKMT_QUERY_GPUMMU_CAPS;

typedef struct _DXGK_NODEMETADATA_FLAGS {
	union {
		struct {
			UINT ContextSchedulingSupported : 1;
			UINT RingBufferFenceRelease : 1;
			UINT SupportTrackedWorkload : 1;
			UINT Reserved : 13;
			UINT MaxInFlightHwQueueBuffers : 16;
		};
		UINT32 Value;
	};
} DXGK_NODEMETADATA_FLAGS;

#pragma pack(push, 1)
typedef struct _DXGK_NODEMETADATA {
	DXGK_ENGINE_TYPE EngineType;
	WCHAR FriendlyName[DXGK_MAX_METADATA_NAME_LENGTH];
	DXGK_NODEMETADATA_FLAGS Flags;
	BOOLEAN GpuMmuSupported;
	BOOLEAN IoMmuSupported;
} DXGK_NODEMETADATA;

typedef struct _D3DKMT_NODEMETADATA {
	UINT NodeOrdinalAndAdapterIndex;	/* in: low, high 16 bits */
	DXGK_NODEMETADATA NodeData;
} D3DKMT_NODEMETADATA;

typedef struct _DXGK_GPUCLOCKDATA {
	ULONGLONG GpuFrequency;			/* Hz */
	ULONGLONG GpuClockCounter;
	ULONGLONG CpuClockCounter;
	union {
		struct {
			UINT ContextManagementProcessor : 1;
			UINT Reserved : 31;
		};
		UINT32 Value;
	} Flags;
} DXGK_GPUCLOCKDATA;
#pragma pack(pop)

/* "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}" */
typedef struct _D3DKMT_QUERY_ADAPTER_UNIQUE_GUID {
	WCHAR AdapterUniqueGUID[40];
} D3DKMT_QUERY_ADAPTER_UNIQUE_GUID;

typedef struct _D3DKMT_NODE_PERFDATA {
	UINT32 NodeOrdinal;			/* in */
	UINT32 PhysicalAdapterIndex;		/* in */
	D3DKMT_ALIGN64 ULONGLONG Frequency;	/* Hz */
	D3DKMT_ALIGN64 ULONGLONG MaxFrequency;
	D3DKMT_ALIGN64 ULONGLONG MaxFrequencyOC;
	ULONG Voltage;				/* mV */
	ULONG VoltageMax;
	ULONG VoltageMaxOC;
	D3DKMT_ALIGN64 ULONGLONG MaxTransitionLatency;	/* 100 ns */
} D3DKMT_NODE_PERFDATA;

typedef struct _D3DKMT_ADAPTER_PERFDATA {
	UINT32 PhysicalAdapterIndex;		/* in */
	D3DKMT_ALIGN64 ULONGLONG MemoryFrequency;	/* Hz */
	D3DKMT_ALIGN64 ULONGLONG MaxMemoryFrequency;
	D3DKMT_ALIGN64 ULONGLONG MaxMemoryFrequencyOC;
	D3DKMT_ALIGN64 ULONGLONG MemoryBandwidth;	/* bytes */
	D3DKMT_ALIGN64 ULONGLONG PCIEBandwidth;
	ULONG FanRPM;
	ULONG Power;				/* tenths of a percent */
	ULONG Temperature;			/* tenths of a degree Celsius */
	UCHAR PowerStateOverride;
} D3DKMT_ADAPTER_PERFDATA;

typedef struct _D3DKMT_ADAPTER_PERFDATACAPS {
	UINT32 PhysicalAdapterIndex;		/* in */
	D3DKMT_ALIGN64 ULONGLONG MaxMemoryBandwidth;
	D3DKMT_ALIGN64 ULONGLONG MaxPCIEBandwidth;
	ULONG MaxFanRPM;
	ULONG TemperatureMax;
	ULONG TemperatureWarning;
} D3DKMT_ADAPTER_PERFDATACAPS;

typedef struct _D3DKMT_GPUVERSION {
	UINT32 PhysicalAdapterIndex;		/* in */
	WCHAR BiosVersion[DXGK_MAX_GPUVERSION_NAME_LENGTH];
	WCHAR GpuArchitecture[DXGK_MAX_GPUVERSION_NAME_LENGTH];
} D3DKMT_GPUVERSION;

typedef struct _D3DKMT_DRIVER_DESCRIPTION {
	WCHAR DriverDescription[4096];
} D3DKMT_DRIVER_DESCRIPTION;

typedef struct _D3DKMT_CROSSADAPTERRESOURCE_SUPPORT {
	UINT SupportTier;
} D3DKMT_CROSSADAPTERRESOURCE_SUPPORT;

/* ---- QueryStatistics ---- */

typedef struct _D3DKMT_QUERYSTATISTICS_COUNTER {
	ULONG Count;
	D3DKMT_ALIGN64 ULONGLONG Bytes;
} D3DKMT_QUERYSTATISTICS_COUNTER;

typedef struct _D3DKMT_QUERYSTATSTICS_REFERENCE_DMA_BUFFER {
	ULONG NbCall;
	ULONG NbAllocationsReferenced;
	ULONG MaxNbAllocationsReferenced;
	ULONG NbNULLReference;
	ULONG NbWriteReference;
	ULONG NbRenamedAllocationsReferenced;
	ULONG NbIterationSearchingRenamedAllocation;
	ULONG NbLockedAllocationReferenced;
	ULONG NbAllocationWithValidPrepatchingInfoReferenced;
	ULONG NbAllocationWithInvalidPrepatchingInfoReferenced;
	ULONG NbDMABufferSuccessfullyPrePatched;
	ULONG NbPrimariesReferencesOverflow;
	ULONG NbAllocationWithNonPreferredResources;
	ULONG NbAllocationInsertedInMigrationTable;
} D3DKMT_QUERYSTATSTICS_REFERENCE_DMA_BUFFER;

typedef struct _D3DKMT_QUERYSTATSTICS_RENAMING {
	ULONG NbAllocationsRenamed;
	ULONG NbAllocationsShrinked;
	ULONG NbRenamedBuffer;
	ULONG MaxRenamingListLength;
	ULONG NbFailuresDueToRenamingLimit;
	ULONG NbFailuresDueToCreateAllocation;
	ULONG NbFailuresDueToOpenAllocation;
	ULONG NbFailuresDueToLowResource;
	ULONG NbFailuresDueToNonRetiredLimit;
} D3DKMT_QUERYSTATSTICS_RENAMING;

typedef struct _D3DKMT_QUERYSTATSTICS_PREPRATION {
	ULONG BroadcastStall;
	ULONG NbDMAPrepared;
	ULONG NbDMAPreparedLongPath;
	ULONG ImmediateHighestPreparationPass;
	D3DKMT_QUERYSTATISTICS_COUNTER AllocationsTrimmed;
} D3DKMT_QUERYSTATSTICS_PREPRATION;

typedef struct _D3DKMT_QUERYSTATSTICS_PAGING_FAULT {
	D3DKMT_QUERYSTATISTICS_COUNTER Faults;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsFirstTimeAccess;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsReclaimed;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsMigration;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsIncorrectResource;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsLostContent;
	D3DKMT_QUERYSTATISTICS_COUNTER FaultsEvicted;
	D3DKMT_QUERYSTATISTICS_COUNTER AllocationsMEM_RESET;
	D3DKMT_QUERYSTATISTICS_COUNTER AllocationsUnresetSuccess;
	D3DKMT_QUERYSTATISTICS_COUNTER AllocationsUnresetFail;
	ULONG AllocationsUnresetSuccessRead;
	ULONG AllocationsUnresetFailRead;
	D3DKMT_QUERYSTATISTICS_COUNTER Evictions;
	D3DKMT_QUERYSTATISTICS_COUNTER EvictionsDueToPreparation;
	D3DKMT_QUERYSTATISTICS_COUNTER EvictionsDueToLock;
	D3DKMT_QUERYSTATISTICS_COUNTER EvictionsDueToClose;
	D3DKMT_QUERYSTATISTICS_COUNTER EvictionsDueToPurge;
	D3DKMT_QUERYSTATISTICS_COUNTER EvictionsDueToSuspendCPUAccess;
} D3DKMT_QUERYSTATSTICS_PAGING_FAULT;

typedef struct _D3DKMT_QUERYSTATSTICS_PAGING_TRANSFER {
	D3DKMT_ALIGN64 ULONGLONG BytesFilled;
	D3DKMT_ALIGN64 ULONGLONG BytesDiscarded;
	D3DKMT_ALIGN64 ULONGLONG BytesMappedIntoAperture;
	D3DKMT_ALIGN64 ULONGLONG BytesUnmappedFromAperture;
	D3DKMT_ALIGN64 ULONGLONG BytesTransferredFromMdlToMemory;
	D3DKMT_ALIGN64 ULONGLONG BytesTransferredFromMemoryToMdl;
	D3DKMT_ALIGN64 ULONGLONG BytesTransferredFromApertureToMemory;
	D3DKMT_ALIGN64 ULONGLONG BytesTransferredFromMemoryToAperture;
} D3DKMT_QUERYSTATSTICS_PAGING_TRANSFER;

typedef struct _D3DKMT_QUERYSTATSTICS_SWIZZLING_RANGE {
	ULONG NbRangesAcquired;
	ULONG NbRangesReleased;
} D3DKMT_QUERYSTATSTICS_SWIZZLING_RANGE;

typedef struct _D3DKMT_QUERYSTATSTICS_LOCKS {
	ULONG NbLocks;
	ULONG NbLocksWaitFlag;
	ULONG NbLocksDiscardFlag;
	ULONG NbLocksNoOverwrite;
	ULONG NbLocksNoReadSync;
	ULONG NbLocksLinearization;
	ULONG NbComplexLocks;
} D3DKMT_QUERYSTATSTICS_LOCKS;

typedef struct _D3DKMT_QUERYSTATSTICS_ALLOCATIONS {
	D3DKMT_QUERYSTATISTICS_COUNTER Created;
	D3DKMT_QUERYSTATISTICS_COUNTER Destroyed;
	D3DKMT_QUERYSTATISTICS_COUNTER Opened;
	D3DKMT_QUERYSTATISTICS_COUNTER Closed;
	D3DKMT_QUERYSTATISTICS_COUNTER MigratedSuccess;
	D3DKMT_QUERYSTATISTICS_COUNTER MigratedFail;
	D3DKMT_QUERYSTATISTICS_COUNTER MigratedAbandoned;
} D3DKMT_QUERYSTATSTICS_ALLOCATIONS;

typedef struct _D3DKMT_QUERYSTATSTICS_TERMINATIONS {
	D3DKMT_QUERYSTATISTICS_COUNTER TerminatedShared;
	D3DKMT_QUERYSTATISTICS_COUNTER TerminatedNonShared;
	D3DKMT_QUERYSTATISTICS_COUNTER DestroyedShared;
	D3DKMT_QUERYSTATISTICS_COUNTER DestroyedNonShared;
} D3DKMT_QUERYSTATSTICS_TERMINATIONS;

typedef struct _D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION_FLAGS {
	union {
		struct {
			UINT64 NumberOfMemoryGroups : 2;
			UINT64 SupportsDemotion : 1;
			UINT64 Reserved : 61;
		};
		D3DKMT_ALIGN64 UINT64 Value;
	};
} D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION_FLAGS;

typedef struct _D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION {
	ULONG NbSegments;
	ULONG NodeCount;
	ULONG VidPnSourceCount;
	ULONG VSyncEnabled;
	ULONG TdrDetectedCount;
	D3DKMT_ALIGN64 LONGLONG ZeroLengthDmaBuffers;
	D3DKMT_ALIGN64 ULONGLONG RestartedPeriod;
	D3DKMT_QUERYSTATSTICS_REFERENCE_DMA_BUFFER ReferenceDmaBuffer;
	D3DKMT_QUERYSTATSTICS_RENAMING Renaming;
	D3DKMT_QUERYSTATSTICS_PREPRATION Preparation;
	D3DKMT_QUERYSTATSTICS_PAGING_FAULT PagingFault;
	D3DKMT_QUERYSTATSTICS_PAGING_TRANSFER PagingTransfer;
	D3DKMT_QUERYSTATSTICS_SWIZZLING_RANGE SwizzlingRange;
	D3DKMT_QUERYSTATSTICS_LOCKS Locks;
	D3DKMT_QUERYSTATSTICS_ALLOCATIONS Allocations;
	D3DKMT_QUERYSTATSTICS_TERMINATIONS Terminations;
	D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 Reserved[7];
} D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION;

/* The names in here are UTF-16, as the kernel writes them. */
typedef struct _D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER_INFORMATION {
	D3DKMT_ADAPTER_PERFDATA AdapterPerfData;
	D3DKMT_ADAPTER_PERFDATACAPS AdapterPerfDataCaps;
	struct {
		UINT32 PhysicalAdapterIndex;
		UINT16 BiosVersion[DXGK_MAX_GPUVERSION_NAME_LENGTH];
		UINT16 GpuArchitecture[DXGK_MAX_GPUVERSION_NAME_LENGTH];
	} GpuVersion;
} D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_MEMORY {
	D3DKMT_ALIGN64 ULONGLONG TotalBytesEvicted;
	ULONG AllocsCommitted;
	ULONG AllocsResident;
} D3DKMT_QUERYSTATISTICS_MEMORY;

typedef struct _D3DKMT_QUERYSTATISTICS_SEGMENT_INFORMATION {
	D3DKMT_ALIGN64 ULONGLONG CommitLimit;
	D3DKMT_ALIGN64 ULONGLONG BytesCommitted;
	D3DKMT_ALIGN64 ULONGLONG BytesResident;
	D3DKMT_QUERYSTATISTICS_MEMORY Memory;
	ULONG Aperture;				/* a BOOL */
	D3DKMT_ALIGN64 ULONGLONG TotalBytesEvictedByPriority[5];
	D3DKMT_ALIGN64 UINT64 SystemMemoryEndAddress;
	struct {
		D3DKMT_ALIGN64 UINT64 PreservedDuringStandby : 1;
		UINT64 PreservedDuringHibernate : 1;
		UINT64 PartiallyPreservedDuringHibernate : 1;
		UINT64 Reserved : 61;
	} PowerFlags;
	struct {
		D3DKMT_ALIGN64 UINT64 SystemMemory : 1;
		UINT64 PopulatedByReservedDDRByFirmware : 1;
		UINT64 Reserved : 62;
	} SegmentProperties;
	D3DKMT_ALIGN64 UINT64 Reserved[5];
} D3DKMT_QUERYSTATISTICS_SEGMENT_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_PACKET_INFORMATION {
	struct {
		ULONG PacketSubmited;
		ULONG PacketCompleted;
	} QueuePacket[8];
	struct {
		ULONG PacketSubmited;
		ULONG PacketCompleted;
		ULONG PacketPreempted;
		ULONG PacketFaulted;
	} DmaPacket[4];
} D3DKMT_QUERYSTATISTICS_PACKET_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_PREEMPTION_INFORMATION {
	ULONG PreemptionCounter[16];
} D3DKMT_QUERYSTATISTICS_PREEMPTION_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION {
	D3DKMT_ALIGN64 LARGE_INTEGER RunningTime;	/* microseconds */
	ULONG ContextSwitch;
	D3DKMT_QUERYSTATISTICS_PREEMPTION_INFORMATION PreemptionStatistics;
	D3DKMT_QUERYSTATISTICS_PACKET_INFORMATION PacketStatistics;
	D3DKMT_ALIGN64 UINT64 Reserved[8];
} D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_NODE_INFORMATION {
	D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION GlobalInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION SystemInformation;
	D3DKMT_NODE_PERFDATA NodePerfData;
	UINT32 Reserved[3];
} D3DKMT_QUERYSTATISTICS_NODE_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_SYSTEM_MEMORY {
	D3DKMT_ALIGN64 ULONGLONG BytesAllocated;
	D3DKMT_ALIGN64 ULONGLONG BytesReserved;
	ULONG SmallAllocationBlocks;
	ULONG LargeAllocationBlocks;
	D3DKMT_ALIGN64 ULONGLONG WriteCombinedBytesAllocated;
	D3DKMT_ALIGN64 ULONGLONG WriteCombinedBytesReserved;
	D3DKMT_ALIGN64 ULONGLONG CachedBytesAllocated;
	D3DKMT_ALIGN64 ULONGLONG CachedBytesReserved;
	D3DKMT_ALIGN64 ULONGLONG SectionBytesAllocated;
	D3DKMT_ALIGN64 ULONGLONG SectionBytesReserved;
	D3DKMT_ALIGN64 ULONGLONG BytesZeroed;
} D3DKMT_QUERYSTATISTICS_SYSTEM_MEMORY;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_INFORMATION {
	ULONG NodeCount;
	ULONG VidPnSourceCount;
	D3DKMT_QUERYSTATISTICS_SYSTEM_MEMORY SystemMemory;
	D3DKMT_ALIGN64 UINT64 Reserved[7];
} D3DKMT_QUERYSTATISTICS_PROCESS_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_DMA_BUFFER {
	D3DKMT_QUERYSTATISTICS_COUNTER Size;
	ULONG AllocationListBytes;
	ULONG PatchLocationListBytes;
} D3DKMT_QUERYSTATISTICS_DMA_BUFFER;

typedef struct _D3DKMT_QUERYSTATISTICS_COMMITMENT_DATA {
	D3DKMT_ALIGN64 UINT64 TotalBytesEvictedFromProcess;
	D3DKMT_ALIGN64 UINT64 BytesBySegmentPreference[5];
} D3DKMT_QUERYSTATISTICS_COMMITMENT_DATA;

typedef struct _D3DKMT_QUERYSTATISTICS_POLICY {
	D3DKMT_ALIGN64 ULONGLONG PreferApertureForRead[5];
	D3DKMT_ALIGN64 ULONGLONG PreferAperture[5];
	D3DKMT_ALIGN64 ULONGLONG MemResetOnPaging;
	D3DKMT_ALIGN64 ULONGLONG RemovePagesFromWorkingSetOnPaging;
	D3DKMT_ALIGN64 ULONGLONG MigrationEnabled;
} D3DKMT_QUERYSTATISTICS_POLICY;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_INTERFERENCE_COUNTERS {
	D3DKMT_ALIGN64 UINT64 InterferenceCount[9];
} D3DKMT_QUERYSTATISTICS_PROCESS_INTERFERENCE_COUNTERS;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER_INFORMATION {
	ULONG NbSegments;
	ULONG NodeCount;
	ULONG VidPnSourceCount;
	ULONG VirtualMemoryUsage;
	D3DKMT_QUERYSTATISTICS_DMA_BUFFER DmaBuffer;
	D3DKMT_QUERYSTATISTICS_COMMITMENT_DATA CommitmentData;
	D3DKMT_QUERYSTATISTICS_POLICY _Policy;
	D3DKMT_QUERYSTATISTICS_PROCESS_INTERFERENCE_COUNTERS
		ProcessInterferenceCounters;
	D3DKMT_CLIENTHINT ClientHint;
} D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_VIDEO_MEMORY {
	ULONG AllocsCommitted;
	D3DKMT_QUERYSTATISTICS_COUNTER AllocsResidentInP[5];
	D3DKMT_QUERYSTATISTICS_COUNTER AllocsResidentInNonPreferred;
	D3DKMT_ALIGN64 ULONGLONG TotalBytesEvictedDueToPreparation;
} D3DKMT_QUERYSTATISTICS_VIDEO_MEMORY;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_POLICY {
	D3DKMT_ALIGN64 ULONGLONG UseMRU;
} D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_POLICY;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_INFORMATION {
	D3DKMT_ALIGN64 ULONGLONG BytesCommitted;
	D3DKMT_ALIGN64 ULONGLONG MaximumWorkingSet;
	D3DKMT_ALIGN64 ULONGLONG MinimumWorkingSet;
	ULONG NbReferencedAllocationEvictedInPeriod;
	UINT Padding;
	D3DKMT_QUERYSTATISTICS_VIDEO_MEMORY VideoMemory;
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_POLICY _Policy;
	D3DKMT_ALIGN64 UINT64 Reserved[8];
} D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP_INFORMATION {
	D3DKMT_ALIGN64 UINT64 Budget;
	D3DKMT_ALIGN64 UINT64 Requested;
	D3DKMT_ALIGN64 UINT64 Usage;
	D3DKMT_ALIGN64 UINT64 Demoted[5];
} D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP_INFORMATION;

typedef struct _D3DKMT_QUERYSTATISTICS_MEMORY_USAGE {
	D3DKMT_ALIGN64 UINT64 AllocatedBytes;
	D3DKMT_ALIGN64 UINT64 FreeBytes;
	D3DKMT_ALIGN64 UINT64 ZeroBytes;
	D3DKMT_ALIGN64 UINT64 ModifiedBytes;
	D3DKMT_ALIGN64 UINT64 StandbyBytes;
} D3DKMT_QUERYSTATISTICS_MEMORY_USAGE;

typedef union _D3DKMT_QUERYSTATISTICS_RESULT {
	D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION AdapterInformation;
	D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER_INFORMATION
		PhysAdapterInformation;
	D3DKMT_QUERYSTATISTICS_SEGMENT_INFORMATION SegmentInformation;
	D3DKMT_QUERYSTATISTICS_NODE_INFORMATION NodeInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_INFORMATION ProcessInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER_INFORMATION
		ProcessAdapterInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_INFORMATION
		ProcessSegmentInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION ProcessNodeInformation;
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP_INFORMATION
		ProcessSegmentGroupInformation;
	D3DKMT_QUERYSTATISTICS_MEMORY_USAGE SegmentUsageInformation;
	D3DKMT_QUERYSTATISTICS_MEMORY_USAGE SegmentGroupUsageInformation;
	BYTE Padding[776];
} D3DKMT_QUERYSTATISTICS_RESULT;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT {
	ULONG SegmentId;
} D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_NODE {
	ULONG NodeId;
} D3DKMT_QUERYSTATISTICS_QUERY_NODE;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_VIDPNSOURCE {
	ULONG VidPnSourceId;
} D3DKMT_QUERYSTATISTICS_QUERY_VIDPNSOURCE;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_PHYSICAL_ADAPTER {
	ULONG PhysicalAdapterIndex;
} D3DKMT_QUERYSTATISTICS_QUERY_PHYSICAL_ADAPTER;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_USAGE {
	UINT16 PhysicalAdapterIndex;
	UINT16 SegmentId;
} D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_USAGE;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_GROUP_USAGE {
	UINT16 PhysicalAdapterIndex;
	UINT16 SegmentGroup;
} D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_GROUP_USAGE;

typedef struct _D3DKMT_QUERYSTATISTICS_QUERY_NODE2 {
	UINT16 PhysicalAdapterIndex;
	UINT16 NodeOrdinal;
} D3DKMT_QUERYSTATISTICS_QUERY_NODE2;

typedef struct _D3DKMT_QUERYSTATISTICS {
	D3DKMT_QUERYSTATISTICS_TYPE Type;
	LUID AdapterLuid;
	HANDLE hProcess;			/* a pid; NULL: the caller */
	D3DKMT_QUERYSTATISTICS_RESULT QueryResult;	/* out */
	union {					/* in */
		D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT QuerySegment;
		D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT QueryProcessSegment;
		D3DKMT_MEMORY_SEGMENT_GROUP QueryProcessSegmentGroup;
		D3DKMT_QUERYSTATISTICS_QUERY_NODE QueryNode;
		D3DKMT_QUERYSTATISTICS_QUERY_NODE QueryProcessNode;
		D3DKMT_QUERYSTATISTICS_QUERY_VIDPNSOURCE QueryVidPnSource;
		D3DKMT_QUERYSTATISTICS_QUERY_VIDPNSOURCE QueryProcessVidPnSource;
		D3DKMT_QUERYSTATISTICS_QUERY_PHYSICAL_ADAPTER QueryPhysAdapter;
		D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_USAGE QuerySegmentUsage;
		D3DKMT_QUERYSTATISTICS_QUERY_SEGMENT_GROUP_USAGE
			QuerySegmentGroupUsage;
		D3DKMT_QUERYSTATISTICS_QUERY_NODE2 QueryNode2;
	};
} D3DKMT_QUERYSTATISTICS;

#endif /* _D3DKMDT_H_ */
