/* SPDX-License-Identifier: MIT */
/*
 * D3DDDI_*: what user-mode drivers and the kernel share.  Included by
 * d3dkmthk.h, which a program includes instead of this.
 */
#ifndef _D3DUKMDT_H_
#define _D3DUKMDT_H_

#include "d3dkmt_types.h"
#include "uapi/d3dkmt_enums.h"

typedef enum d3dddi_pagingqueue_priority D3DDDI_PAGINGQUEUE_PRIORITY;
typedef enum d3dddi_reclaim_result D3DDDI_RECLAIM_RESULT;
typedef enum d3dddi_synchronizationobject_type
	D3DDDI_SYNCHRONIZATIONOBJECT_TYPE;
typedef enum d3dddigpuvirtualaddress_reservation_type
	D3DDDIGPUVIRTUALADDRESS_RESERVATION_TYPE;
typedef enum d3dddi_updategpuvirtualaddress_operation_type
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_TYPE;
typedef enum d3dddi_queryregistry_type D3DDDI_QUERYREGISTRY_TYPE;
typedef enum d3dddi_queryregistry_status D3DDDI_QUERYREGISTRY_STATUS;

typedef struct _D3DDDI_RATIONAL {
	UINT Numerator;
	UINT Denominator;
} D3DDDI_RATIONAL;

/* ---- allocations ---- */

typedef struct _D3DDDI_ALLOCATIONINFO {
	D3DKMT_HANDLE hAllocation;		/* out */
	CONST VOID *pSystemMem;
	VOID *pPrivateDriverData;		/* struct vdxg_allocation_data */
	UINT PrivateDriverDataSize;
	D3DDDI_VIDEO_PRESENT_SOURCE_ID VidPnSourceId;
	union {
		struct {
			UINT Primary : 1;
			UINT Stereo : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	} Flags;
} D3DDDI_ALLOCATIONINFO;

typedef struct _D3DDDI_ALLOCATIONINFO2 {
	D3DKMT_HANDLE hAllocation;		/* out */
	union {
		HANDLE hSection;		/* with ExistingSection */
		CONST VOID *pSystemMem;		/* with ExistingSysMem */
	};
	VOID *pPrivateDriverData;		/* struct vdxg_allocation_data */
	UINT PrivateDriverDataSize;
	D3DDDI_VIDEO_PRESENT_SOURCE_ID VidPnSourceId;
	union {
		struct {
			UINT Primary : 1;
			UINT Stereo : 1;
			UINT OverridePriority : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	} Flags;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS GpuVirtualAddress;	/* out */
	union {
		UINT Priority;			/* with OverridePriority */
		D3DKMT_ALIGN64 UINT64 Unused;
	};
	D3DKMT_ALIGN64 UINT64 Reserved[5];
} D3DDDI_ALLOCATIONINFO2;

typedef struct _D3DDDI_OPENALLOCATIONINFO {
	D3DKMT_HANDLE hAllocation;		/* out */
	CONST VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
} D3DDDI_OPENALLOCATIONINFO;

typedef struct _D3DDDI_OPENALLOCATIONINFO2 {
	D3DKMT_HANDLE hAllocation;		/* out */
	CONST VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS GpuVirtualAddress;	/* out */
	D3DKMT_ALIGN64 UINT64 Reserved[6];
} D3DDDI_OPENALLOCATIONINFO2;

typedef struct _D3DDDI_ALLOCATIONLIST {
	D3DKMT_HANDLE hAllocation;
	union {
		struct {
			UINT WriteOperation : 1;
			UINT DoNotRetireInstance : 1;
			UINT OfferPriority : 3;
			UINT Reserved : 27;
		};
		UINT Value;
	};
} D3DDDI_ALLOCATIONLIST;

typedef struct _D3DDDI_PATCHLOCATIONLIST {
	UINT AllocationIndex;
	union {
		struct {
			UINT SlotId : 24;
			UINT Reserved : 8;
		};
		UINT Value;
	};
	UINT DriverId;
	UINT AllocationOffset;
	UINT PatchOffset;
	UINT SplitOffset;
} D3DDDI_PATCHLOCATIONLIST;

typedef struct _D3DDDICB_DESTROYALLOCATION2FLAGS {
	union {
		struct {
			UINT AssumeNotInUse : 1;
			UINT SynchronousDestroy : 1;
			UINT Reserved : 29;
			UINT SystemUseOnly : 1;
		};
		UINT Value;
	};
} D3DDDICB_DESTROYALLOCATION2FLAGS;

typedef struct _D3DDDICB_LOCKFLAGS {
	union {
		struct {
			UINT ReadOnly : 1;
			UINT WriteOnly : 1;
			UINT DonotWait : 1;
			UINT IgnoreSync : 1;
			UINT LockEntire : 1;
			UINT DonotEvict : 1;
			UINT AcquireAperture : 1;
			UINT Discard : 1;
			UINT NoExistingReference : 1;
			UINT UseAlternateVA : 1;
			UINT IgnoreReadSync : 1;
			UINT Reserved : 21;
		};
		UINT Value;
	};
} D3DDDICB_LOCKFLAGS;

typedef struct _D3DDDICB_LOCK2FLAGS {
	union {
		struct {
			UINT Reserved;
		};
		UINT Value;
	};
} D3DDDICB_LOCK2FLAGS;

typedef struct _D3DDDI_SEGMENTPREFERENCE {
	union {
		struct {
			UINT SegmentId0 : 5;
			UINT Direction0 : 1;
			UINT SegmentId1 : 5;
			UINT Direction1 : 1;
			UINT SegmentId2 : 5;
			UINT Direction2 : 1;
			UINT SegmentId3 : 5;
			UINT Direction3 : 1;
			UINT SegmentId4 : 5;
			UINT Direction4 : 1;
			UINT Reserved : 2;
		};
		UINT Value;
	};
} D3DDDI_SEGMENTPREFERENCE;

typedef struct _D3DDDI_UPDATEALLOCPROPERTY_FLAGS {
	union {
		struct {
			UINT AccessedPhysically : 1;
			UINT Unmoveable : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DDDI_UPDATEALLOCPROPERTY_FLAGS;

typedef struct _D3DDDI_UPDATEALLOCPROPERTY {
	D3DKMT_HANDLE hPagingQueue;
	D3DKMT_HANDLE hAllocation;
	UINT SupportedSegmentSet;
	D3DDDI_SEGMENTPREFERENCE PreferredSegment;
	D3DDDI_UPDATEALLOCPROPERTY_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 PagingFenceValue;			/* out */
	union {
		struct {
			UINT SetAccessedPhysically : 1;
			UINT SetSupportedSegmentSet : 1;
			UINT SetPreferredSegment : 1;
			UINT SetUnmoveable : 1;
			UINT Reserved : 28;
		};
		UINT PropertyMaskValue;
	};
} D3DDDI_UPDATEALLOCPROPERTY;

/* ---- residency ---- */

typedef struct _D3DDDI_MAKERESIDENT_FLAGS {
	union {
		struct {
			UINT CantTrimFurther : 1;
			UINT MustSucceed : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DDDI_MAKERESIDENT_FLAGS;

typedef struct _D3DDDI_MAKERESIDENT {
	D3DKMT_HANDLE hPagingQueue;
	UINT NumAllocations;				/* in/out */
	CONST D3DKMT_HANDLE *AllocationList;
	CONST UINT *PriorityList;			/* ignored */
	D3DDDI_MAKERESIDENT_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 PagingFenceValue;		/* out */
	D3DKMT_ALIGN64 UINT64 NumBytesToTrim;		/* out */
} D3DDDI_MAKERESIDENT;

typedef struct _D3DDDI_EVICT_FLAGS {
	union {
		struct {
			UINT EvictOnlyIfNecessary : 1;
			UINT NotWrittenTo : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DDDI_EVICT_FLAGS;

typedef struct _D3DDDI_TRIMRESIDENCYSET_FLAGS {
	union {
		struct {
			UINT PeriodicTrim : 1;
			UINT RestartPeriodicTrim : 1;
			UINT TrimToBudget : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	};
} D3DDDI_TRIMRESIDENCYSET_FLAGS;

typedef struct _D3DDDI_DESTROYPAGINGQUEUE {
	D3DKMT_HANDLE hPagingQueue;
} D3DDDI_DESTROYPAGINGQUEUE;

/* ---- GPU virtual addresses ---- */

typedef struct _D3DDDIGPUVIRTUALADDRESS_PROTECTION_TYPE {
	union {
		struct {
			UINT64 Write : 1;
			UINT64 Execute : 1;
			UINT64 Zero : 1;
			UINT64 NoAccess : 1;
			UINT64 SystemUseOnly : 1;
			UINT64 Reserved : 59;
		};
		D3DKMT_ALIGN64 UINT64 Value;
	};
} D3DDDIGPUVIRTUALADDRESS_PROTECTION_TYPE;

typedef struct _D3DDDI_RESERVEGPUVIRTUALADDRESS {
	union {
		D3DKMT_HANDLE hPagingQueue;
		D3DKMT_HANDLE hAdapter;
	};
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS MinimumAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS MaximumAddress;
	D3DKMT_ALIGN64 D3DGPU_SIZE_T Size;
	union {
		D3DDDIGPUVIRTUALADDRESS_RESERVATION_TYPE ReservationType;
		UINT Reserved0;
	};
	union {
		D3DKMT_ALIGN64 UINT64 DriverProtection;
		D3DKMT_ALIGN64 UINT64 Reserved1;
	};
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS VirtualAddress;	/* out */
	union {
		D3DKMT_ALIGN64 UINT64 PagingFenceValue;		/* out */
		D3DKMT_ALIGN64 UINT64 Reserved2;
	};
} D3DDDI_RESERVEGPUVIRTUALADDRESS;

typedef struct _D3DDDI_MAPGPUVIRTUALADDRESS {
	D3DKMT_HANDLE hPagingQueue;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS MinimumAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS MaximumAddress;
	D3DKMT_HANDLE hAllocation;
	D3DKMT_ALIGN64 D3DGPU_SIZE_T OffsetInPages;	/* of 4 KiB */
	D3DKMT_ALIGN64 D3DGPU_SIZE_T SizeInPages;
	D3DDDIGPUVIRTUALADDRESS_PROTECTION_TYPE Protection;
	D3DKMT_ALIGN64 UINT64 DriverProtection;
	UINT Reserved0;
	D3DKMT_ALIGN64 UINT64 Reserved1;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS VirtualAddress;	/* out */
	D3DKMT_ALIGN64 UINT64 PagingFenceValue;			/* out */
} D3DDDI_MAPGPUVIRTUALADDRESS;

typedef struct _D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION {
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION_TYPE OperationType;
	union {
		struct {
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T SizeInBytes;
			D3DKMT_HANDLE hAllocation;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T AllocationOffsetInBytes;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T AllocationSizeInBytes;
		} Map;
		struct {
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T SizeInBytes;
			D3DKMT_HANDLE hAllocation;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T AllocationOffsetInBytes;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T AllocationSizeInBytes;
			D3DDDIGPUVIRTUALADDRESS_PROTECTION_TYPE Protection;
			D3DKMT_ALIGN64 UINT64 DriverProtection;
		} MapProtect;
		struct {
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T SizeInBytes;
			D3DDDIGPUVIRTUALADDRESS_PROTECTION_TYPE Protection;
		} Unmap;
		struct {
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS SourceAddress;
			D3DKMT_ALIGN64 D3DGPU_SIZE_T SizeInBytes;
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS DestAddress;
		} Copy;
	};
} D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION;

/* ---- contexts and queues ---- */

typedef struct _D3DDDI_CREATECONTEXTFLAGS {
	union {
		struct {
			UINT NullRendering : 1;
			UINT InitialData : 1;
			UINT DisableGpuTimeout : 1;
			UINT SynchronizationOnly : 1;
			UINT HwQueueSupported : 1;
			UINT NoKmdAccess : 1;
			UINT Reserved : 26;
		};
		UINT Value;
	};
} D3DDDI_CREATECONTEXTFLAGS;

typedef struct _D3DDDI_CREATEHWCONTEXTFLAGS {
	union {
		struct {
			UINT Reserved;
		};
		UINT Value;
	};
} D3DDDI_CREATEHWCONTEXTFLAGS;

typedef struct _D3DDDI_CREATEHWQUEUEFLAGS {
	union {
		struct {
			UINT DisableGpuTimeout : 1;
			UINT NoBroadcastSignal : 1;
			UINT NoBroadcastWait : 1;
			UINT NoKmdAccess : 1;
			UINT Reserved : 28;
		};
		UINT Value;
	};
} D3DDDI_CREATEHWQUEUEFLAGS;

typedef struct _D3DDDI_ESCAPEFLAGS {
	union {
		struct {
			UINT HardwareAccess : 1;
			UINT DeviceStatusQuery : 1;
			UINT ChangeFrameLatency : 1;
			UINT NoAdapterSynchronization : 1;
			UINT Reserved : 1;
			UINT VirtualMachineData : 1;
			UINT DriverKnownEscape : 1;
			UINT DriverCommonEscape : 1;
			UINT Reserved2 : 24;
		};
		UINT Value;
	};
} D3DDDI_ESCAPEFLAGS;

/* ---- synchronization objects ---- */

typedef struct _D3DDDI_SYNCHRONIZATIONOBJECT_FLAGS {
	union {
		struct {
			UINT Shared : 1;
			UINT NtSecuritySharing : 1;
			UINT CrossAdapter : 1;
			UINT TopOfPipeline : 1;
			UINT NoSignal : 1;
			UINT NoWait : 1;
			UINT NoSignalMaxValueOnTdr : 1;
			UINT NoGPUAccess : 1;
			UINT SignalByKmd : 1;
			UINT Reserved : 22;
			UINT D3DDDI_SYNCHRONIZATIONOBJECT_FLAGS_RESERVED0 : 1;
		};
		UINT Value;
	};
} D3DDDI_SYNCHRONIZATIONOBJECT_FLAGS;

/* First form: mutexes and semaphores only. */
typedef struct _D3DDDI_SYNCHRONIZATIONOBJECTINFO {
	D3DDDI_SYNCHRONIZATIONOBJECT_TYPE Type;
	union {
		struct {
			BOOL InitialState;
		} SynchronizationMutex;
		struct {
			UINT MaxCount;
			UINT InitialCount;
		} Semaphore;
		struct {
			UINT Reserved[16];
		} Reserved;
	};
} D3DDDI_SYNCHRONIZATIONOBJECTINFO;

typedef struct _D3DDDI_SYNCHRONIZATIONOBJECTINFO2 {
	D3DDDI_SYNCHRONIZATIONOBJECT_TYPE Type;
	D3DDDI_SYNCHRONIZATIONOBJECT_FLAGS Flags;
	union {
		struct {
			BOOL InitialState;
		} SynchronizationMutex;
		struct {
			UINT MaxCount;
			UINT InitialCount;
		} Semaphore;
		struct {
			D3DKMT_ALIGN64 UINT64 FenceValue;
		} Fence;
		struct {
			HANDLE Event;		/* an eventfd */
		} CPUNotification;
		struct {
			D3DKMT_ALIGN64 UINT64 InitialFenceValue;
			/* out, as the next */
			VOID *FenceValueCPUVirtualAddress;
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS
				FenceValueGPUVirtualAddress;
			UINT EngineAffinity;
		} MonitoredFence;
		struct {
			D3DKMT_HANDLE hAdapter;
			D3DDDI_VIDEO_PRESENT_TARGET_ID VidPnTargetId;
			D3DKMT_ALIGN64 UINT64 Time;
			/* out, as the next */
			VOID *FenceValueCPUVirtualAddress;
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS
				FenceValueGPUVirtualAddress;
			UINT EngineAffinity;
		} PeriodicMonitoredFence;
		struct {
			D3DKMT_ALIGN64 UINT64 Reserved[8];
		} Reserved;
	};
	D3DKMT_HANDLE SharedHandle;	/* out */
} D3DDDI_SYNCHRONIZATIONOBJECTINFO2;

typedef struct _D3DDDICB_SIGNALFLAGS {
	union {
		struct {
			UINT SignalAtSubmission : 1;
			UINT EnqueueCpuEvent : 1;
			UINT AllowFenceRewind : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	};
} D3DDDICB_SIGNALFLAGS;

typedef struct _D3DDDI_WAITFORSYNCHRONIZATIONOBJECTFROMCPU_FLAGS {
	union {
		struct {
			UINT WaitAny : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	};
} D3DDDI_WAITFORSYNCHRONIZATIONOBJECTFROMCPU_FLAGS;

/* ---- the registry, as QueryAdapterInfo offers it ---- */

typedef struct _D3DDDI_QUERYREGISTRY_FLAGS {
	union {
		struct {
			UINT TranslatePath : 1;
			UINT MutableValue : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DDDI_QUERYREGISTRY_FLAGS;

/* The value starts at the union; the buffer may be longer than this. */
typedef struct _D3DDDI_QUERYREGISTRY_INFO {
	D3DDDI_QUERYREGISTRY_TYPE QueryType;
	D3DDDI_QUERYREGISTRY_FLAGS QueryFlags;
	WCHAR ValueName[MAX_PATH];
	ULONG ValueType;
	ULONG PhysicalAdapterIndex;
	ULONG OutputValueSize;			/* out: bytes */
	D3DDDI_QUERYREGISTRY_STATUS Status;	/* out */
	union {
		DWORD OutputDword;
		D3DKMT_ALIGN64 UINT64 OutputQword;
		WCHAR OutputString[1];
		BYTE OutputBinary[1];
	};
} D3DDDI_QUERYREGISTRY_INFO;

#endif /* _D3DUKMDT_H_ */
