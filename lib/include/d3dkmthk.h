/* SPDX-License-Identifier: MIT */
/*
 * D3DKMT, the kernel-mode thunks of WDDM, under their Windows names: what
 * libd3dkmt.so offers.
 *
 *	#include <d3dkmthk.h>
 *	#include <vdxg.h>
 *
 *	D3DKMT_ENUMADAPTERS2 e = { .NumAdapters = 4, .pAdapters = adapters };
 *	NTSTATUS status = D3DKMTEnumAdapters2(&e);
 *
 * C and C++, 32 and 64 bits.  To use it together with DirectX-Headers include
 * <wsl/winadapter.h> before it, or define VDXG_USE_WINADAPTER.
 *
 * A HANDLE that names an NT object on Windows is a file descriptor here, one
 * that names a process is its pid, both cast to a pointer.  Each function is
 * described where it is implemented, in lib/.
 */
#ifndef _D3DKMTHK_H_
#define _D3DKMTHK_H_

#include "d3dkmt_types.h"
#include "uapi/d3dkmt_enums.h"
#include "uapi/vdxg_status.h"
#include "d3dukmdt.h"
#include "d3dkmdt.h"

typedef enum d3dkmt_devicestate_type D3DKMT_DEVICESTATE_TYPE;
typedef enum d3dkmt_deviceexecution_state D3DKMT_DEVICEEXECUTION_STATE;
typedef enum dxgk_page_fault_flags DXGK_PAGE_FAULT_FLAGS;
typedef enum d3dkmt_device_error_reason D3DKMT_DEVICE_ERROR_REASON;
typedef enum d3dkmt_escapetype D3DKMT_ESCAPETYPE;
typedef enum d3dkmt_vidmmescapetype D3DKMT_VIDMMESCAPETYPE;
typedef enum d3dkmt_standardallocationtype D3DKMT_STANDARDALLOCATIONTYPE;
typedef enum d3dkmt_allocationresidencystatus D3DKMT_ALLOCATIONRESIDENCYSTATUS;
typedef enum d3dkmt_offer_priority D3DKMT_OFFER_PRIORITY;

/* ---- adapters ---- */

#define MAX_ENUM_ADAPTERS	16

typedef struct _D3DKMT_ADAPTERINFO {
	D3DKMT_HANDLE hAdapter;
	LUID AdapterLuid;
	ULONG NumOfSources;
	BOOL bPrecisePresentRegionsPreferred;
} D3DKMT_ADAPTERINFO;

typedef struct _D3DKMT_ENUMADAPTERS {
	ULONG NumAdapters;
	D3DKMT_ADAPTERINFO Adapters[MAX_ENUM_ADAPTERS];
} D3DKMT_ENUMADAPTERS;

typedef struct _D3DKMT_ENUMADAPTERS2 {
	ULONG NumAdapters;			/* in: room; out: written */
	D3DKMT_ADAPTERINFO *pAdapters;
} D3DKMT_ENUMADAPTERS2;

typedef union _D3DKMT_ENUMADAPTERS_FILTER {
	struct {
		ULONGLONG IncludeComputeOnly : 1;
		ULONGLONG IncludeDisplayOnly : 1;
		ULONGLONG Reserved : 62;
	};
	D3DKMT_ALIGN64 ULONGLONG Value;
} D3DKMT_ENUMADAPTERS_FILTER;

typedef struct _D3DKMT_ENUMADAPTERS3 {
	D3DKMT_ENUMADAPTERS_FILTER Filter;
	ULONG NumAdapters;			/* in: room; out: written */
	D3DKMT_ADAPTERINFO *pAdapters;
} D3DKMT_ENUMADAPTERS3;

typedef struct _D3DKMT_OPENADAPTERFROMLUID {
	LUID AdapterLuid;
	D3DKMT_HANDLE hAdapter;			/* out */
} D3DKMT_OPENADAPTERFROMLUID;

typedef struct _D3DKMT_OPENADAPTERFROMGDIDISPLAYNAME {
	WCHAR DeviceName[32];
	D3DKMT_HANDLE hAdapter;			/* out, as all that follow */
	LUID AdapterLuid;
	D3DDDI_VIDEO_PRESENT_SOURCE_ID VidPnSourceId;
} D3DKMT_OPENADAPTERFROMGDIDISPLAYNAME;

typedef struct _D3DKMT_OPENADAPTERFROMHDC {
	HANDLE hDc;				/* an HDC */
	D3DKMT_HANDLE hAdapter;			/* out, as all that follow */
	LUID AdapterLuid;
	D3DDDI_VIDEO_PRESENT_SOURCE_ID VidPnSourceId;
} D3DKMT_OPENADAPTERFROMHDC;

typedef struct _D3DKMT_OPENADAPTERFROMDEVICENAME {
	CONST WCHAR *pDeviceName;		/* a DRM node here */
	D3DKMT_HANDLE hAdapter;			/* out */
	LUID AdapterLuid;			/* out */
} D3DKMT_OPENADAPTERFROMDEVICENAME;

typedef struct _D3DKMT_SETSTABLEPOWERSTATE {
	D3DKMT_HANDLE hAdapter;
	BOOL Enabled;
} D3DKMT_SETSTABLEPOWERSTATE;

typedef struct _D3DKMT_CLOSEADAPTER {
	D3DKMT_HANDLE hAdapter;
} D3DKMT_CLOSEADAPTER;

typedef struct _D3DKMT_QUERYADAPTERINFO {
	D3DKMT_HANDLE hAdapter;
	KMTQUERYADAPTERINFOTYPE Type;
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
} D3DKMT_QUERYADAPTERINFO;

typedef struct _D3DKMT_QUERYCLOCKCALIBRATION {
	D3DKMT_HANDLE hAdapter;
	UINT NodeOrdinal;
	UINT PhysicalAdapterIndex;
	DXGK_GPUCLOCKDATA ClockData;		/* out */
} D3DKMT_QUERYCLOCKCALIBRATION;

typedef struct _D3DKMT_FLUSHHEAPTRANSITIONS {
	D3DKMT_HANDLE hAdapter;
} D3DKMT_FLUSHHEAPTRANSITIONS;

typedef struct _D3DKMT_QUERYVIDEOMEMORYINFO {
	HANDLE hProcess;			/* NULL: the caller */
	D3DKMT_HANDLE hAdapter;
	D3DKMT_MEMORY_SEGMENT_GROUP MemorySegmentGroup;
	D3DKMT_ALIGN64 UINT64 Budget;		/* out, as the next three */
	D3DKMT_ALIGN64 UINT64 CurrentUsage;
	D3DKMT_ALIGN64 UINT64 CurrentReservation;
	D3DKMT_ALIGN64 UINT64 AvailableForReservation;
	UINT PhysicalAdapterIndex;
} D3DKMT_QUERYVIDEOMEMORYINFO;

typedef struct _D3DKMT_CHANGEVIDEOMEMORYRESERVATION {
	HANDLE hProcess;			/* NULL: the caller */
	D3DKMT_HANDLE hAdapter;
	D3DKMT_MEMORY_SEGMENT_GROUP MemorySegmentGroup;
	D3DKMT_ALIGN64 UINT64 Reservation;
	UINT PhysicalAdapterIndex;
} D3DKMT_CHANGEVIDEOMEMORYRESERVATION;

typedef struct _D3DKMT_ENUMPROCESSES {
	LUID AdapterLuid;
	UINT *Buffer;				/* process ids, or NULL */
	D3DKMT_ALIGN64 UINT64 BufferCount;	/* in: room; out: how many */
} D3DKMT_ENUMPROCESSES;

typedef struct _DXGK_ISFEATUREENABLED_RESULT {
	USHORT Version;
	union {
		struct {
			USHORT Enabled : 1;
			USHORT KnownFeature : 1;
			USHORT SupportedByDriver : 1;
			USHORT SupportedOnCurrentConfig : 1;
			USHORT Reserved : 12;
		};
		USHORT Value;
	};
} DXGK_ISFEATUREENABLED_RESULT;

typedef struct _D3DKMT_ISFEATUREENABLED {
	D3DKMT_HANDLE hAdapter;
	UINT FeatureId;
	DXGK_ISFEATUREENABLED_RESULT Result;	/* out */
} D3DKMT_ISFEATUREENABLED;

typedef enum _D3DKMT_SCHEDULINGPRIORITYCLASS {
	D3DKMT_SCHEDULINGPRIORITYCLASS_IDLE		= 0,
	D3DKMT_SCHEDULINGPRIORITYCLASS_BELOW_NORMAL	= 1,
	D3DKMT_SCHEDULINGPRIORITYCLASS_NORMAL		= 2,
	D3DKMT_SCHEDULINGPRIORITYCLASS_ABOVE_NORMAL	= 3,
	D3DKMT_SCHEDULINGPRIORITYCLASS_HIGH		= 4,
	D3DKMT_SCHEDULINGPRIORITYCLASS_REALTIME		= 5,
} D3DKMT_SCHEDULINGPRIORITYCLASS;

/* ---- displays: none, so these have no more than an answer ---- */

typedef enum _D3DKMT_VIDPNSOURCEOWNER_TYPE {
	D3DKMT_VIDPNSOURCEOWNER_UNOWNED		= 0,
	D3DKMT_VIDPNSOURCEOWNER_SHARED		= 1,
	D3DKMT_VIDPNSOURCEOWNER_EXCLUSIVE	= 2,
	D3DKMT_VIDPNSOURCEOWNER_EXCLUSIVEGDI	= 3,
	D3DKMT_VIDPNSOURCEOWNER_EMULATED	= 4,
} D3DKMT_VIDPNSOURCEOWNER_TYPE;

typedef struct _D3DKMT_SETVIDPNSOURCEOWNER {
	D3DKMT_HANDLE hDevice;
	CONST D3DKMT_VIDPNSOURCEOWNER_TYPE *pType;
	CONST D3DDDI_VIDEO_PRESENT_SOURCE_ID *pVidPnSourceId;
	UINT VidPnSourceCount;
} D3DKMT_SETVIDPNSOURCEOWNER;

typedef struct _D3DKMT_CHECKVIDPNEXCLUSIVEOWNERSHIP {
	D3DKMT_HANDLE hAdapter;
	D3DDDI_VIDEO_PRESENT_SOURCE_ID VidPnSourceId;
} D3DKMT_CHECKVIDPNEXCLUSIVEOWNERSHIP;

/* ---- devices ---- */

typedef struct _D3DKMT_CREATEDEVICEFLAGS {
	union {
		struct {
			UINT LegacyMode : 1;
			UINT RequestVSync : 1;
			UINT DisableGpuTimeout : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	};
} D3DKMT_CREATEDEVICEFLAGS;

typedef struct _D3DKMT_CREATEDEVICE {
	union {
		D3DKMT_HANDLE hAdapter;
		VOID *pAdapter;			/* kernel callers */
		D3DKMT_ALIGN64 UINT64 pAdapter_Align;
	};
	D3DKMT_CREATEDEVICEFLAGS Flags;
	D3DKMT_HANDLE hDevice;			/* out, as all that follow */
	VOID *pCommandBuffer;
	UINT CommandBufferSize;
	D3DDDI_ALLOCATIONLIST *pAllocationList;
	UINT AllocationListSize;
	D3DDDI_PATCHLOCATIONLIST *pPatchLocationList;
	UINT PatchLocationListSize;
} D3DKMT_CREATEDEVICE;

typedef struct _D3DKMT_DESTROYDEVICE {
	D3DKMT_HANDLE hDevice;
} D3DKMT_DESTROYDEVICE;

typedef struct _D3DKMT_DEVICERESET_STATE {
	union {
		struct {
			UINT DesktopSwitched : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	};
} D3DKMT_DEVICERESET_STATE;

typedef struct _DXGK_FAULT_ERROR_CODE {
	union {
		struct {
			UINT IsDeviceSpecificCode : 1;
			UINT GeneralErrorCode : 31;
		};
		struct {
			UINT IsDeviceSpecificCodeReservedBit : 1;
			UINT DeviceSpecificCode : 31;
		};
		UINT Value;
	};
} DXGK_FAULT_ERROR_CODE;

typedef struct _D3DKMT_DEVICEPAGEFAULT_STATE {
	D3DKMT_ALIGN64 UINT64 FaultedPrimitiveAPISequenceNumber;
	UINT FaultedPipelineStage;
	UINT FaultedBindTableEntry;
	DXGK_PAGE_FAULT_FLAGS PageFaultFlags;
	DXGK_FAULT_ERROR_CODE FaultErrorCode;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS FaultedVirtualAddress;
} D3DKMT_DEVICEPAGEFAULT_STATE;

typedef struct _D3DKMT_GETDEVICESTATE {
	D3DKMT_HANDLE hDevice;
	D3DKMT_DEVICESTATE_TYPE StateType;
	union {					/* out, by StateType */
		D3DKMT_DEVICEEXECUTION_STATE ExecutionState;
		D3DKMT_DEVICERESET_STATE ResetState;
		D3DKMT_DEVICEPAGEFAULT_STATE PageFaultState;
		D3DKMT_ALIGN64 BYTE Padding[48];
	};
} D3DKMT_GETDEVICESTATE;

typedef struct _D3DKMT_MARKDEVICEASERROR {
	D3DKMT_HANDLE hDevice;
	D3DKMT_DEVICE_ERROR_REASON Reason;
} D3DKMT_MARKDEVICEASERROR;

typedef struct _D3DKMT_WAITFORIDLE {
	D3DKMT_HANDLE hDevice;
} D3DKMT_WAITFORIDLE;

typedef struct _D3DKMT_ESCAPE {
	D3DKMT_HANDLE hAdapter;
	D3DKMT_HANDLE hDevice;			/* or 0 */
	D3DKMT_ESCAPETYPE Type;
	D3DDDI_ESCAPEFLAGS Flags;
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
	D3DKMT_HANDLE hContext;			/* or 0 */
} D3DKMT_ESCAPE;

typedef struct _D3DKMT_EVICTION_CRITERIA {
	D3DKMT_ALIGN64 UINT64 MinimumSize;
	D3DKMT_ALIGN64 UINT64 MaximumSize;
	struct {
		union {
			struct {
				UINT Primary : 1;
				UINT Reserved : 31;
			} Flags;
			UINT Value;
		};
	};
} D3DKMT_EVICTION_CRITERIA;

/* What is used of it here; the kernel takes this size or a larger one. */
typedef struct _D3DKMT_VIDMM_ESCAPE {
	D3DKMT_VIDMMESCAPETYPE Type;
	union {
		struct {
			D3DKMT_HANDLE ResourceHandle;
			D3DKMT_HANDLE AllocationHandle;
			D3DKMT_ALIGN64 UINT64 hProcess;
		} Evict;
		struct {
			D3DKMT_ALIGN64 ULONGLONG LocalMemoryBudget;
			D3DKMT_ALIGN64 ULONGLONG SystemMemoryBudget;
		} SetBudget;
		struct {
			D3DKMT_ALIGN64 UINT64 NumBytesToTrim;
		} GetBudget;
		struct {			/* in units of 100 ns */
			ULONG MinTrimInterval;
			ULONG MaxTrimInterval;
			ULONG IdleTrimInterval;
		} SetTrimIntervals;
		D3DKMT_EVICTION_CRITERIA EvictByCriteria;
		struct {
			BOOL bFlush;
		} Wake;
		struct {
			D3DKMT_HANDLE hPagingQueue;
			UINT PhysicalAdapterIndex;
			ULONG Milliseconds;
			D3DKMT_ALIGN64 ULONGLONG PagingFenceValue;
		} DelayExecution;
		struct {
			UINT SegmentId;
		} VerifyIntegrity;
	};
} D3DKMT_VIDMM_ESCAPE;

/* ---- allocations ---- */

typedef struct _D3DKMT_STANDARDALLOCATION_EXISTINGHEAP {
	D3DKMT_ALIGN64 UINT64 Size;		/* bytes, whole pages */
} D3DKMT_STANDARDALLOCATION_EXISTINGHEAP;

typedef struct _D3DKMT_CREATESTANDARDALLOCATIONFLAGS {
	union {
		struct {
			UINT Reserved;
		};
		UINT Value;
	};
} D3DKMT_CREATESTANDARDALLOCATIONFLAGS;

typedef struct _D3DKMT_CREATESTANDARDALLOCATION {
	D3DKMT_STANDARDALLOCATIONTYPE Type;
	union {
		D3DKMT_STANDARDALLOCATION_EXISTINGHEAP ExistingHeapData;
	};
	D3DKMT_CREATESTANDARDALLOCATIONFLAGS Flags;
} D3DKMT_CREATESTANDARDALLOCATION;

typedef struct _D3DKMT_CREATEALLOCATIONFLAGS {
	union {
		struct {
			UINT CreateResource : 1;
			UINT CreateShared : 1;
			UINT NonSecure : 1;
			UINT CreateProtected : 1;
			UINT RestrictSharedAccess : 1;
			UINT ExistingSysMem : 1;
			UINT NtSecuritySharing : 1;
			UINT ReadOnly : 1;
			UINT CreateWriteCombined : 1;
			UINT CreateCached : 1;
			UINT SwapChainBackBuffer : 1;
			UINT CrossAdapter : 1;
			UINT OpenCrossAdapter : 1;
			UINT PartialSharedCreation : 1;
			UINT Zeroed : 1;
			UINT WriteWatch : 1;
			UINT StandardAllocation : 1;
			UINT ExistingSection : 1;
			UINT AllowNotZeroed : 1;
			UINT PhysicallyContiguous : 1;
			UINT NoKmdAccess : 1;
			UINT SharedDisplayable : 1;
			UINT Reserved : 10;
		};
		UINT Value;
	};
} D3DKMT_CREATEALLOCATIONFLAGS;

typedef struct _D3DKMT_CREATEALLOCATION {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;		/* in: add to; out: the new */
	D3DKMT_HANDLE hGlobalShare;		/* out */
	CONST VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
	union {
		D3DKMT_CREATESTANDARDALLOCATION *pStandardAllocation;
		CONST VOID *pPrivateDriverData;
	};
	UINT PrivateDriverDataSize;
	UINT NumAllocations;
	union {
		D3DDDI_ALLOCATIONINFO *pAllocationInfo;	  /* CreateAllocation */
		D3DDDI_ALLOCATIONINFO2 *pAllocationInfo2; /* ...2 */
	};
	D3DKMT_CREATEALLOCATIONFLAGS Flags;
	HANDLE hPrivateRuntimeResourceHandle;	/* for tracing only */
} D3DKMT_CREATEALLOCATION;

typedef struct _D3DKMT_DESTROYALLOCATION {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;
	CONST D3DKMT_HANDLE *phAllocationList;
	UINT AllocationCount;
} D3DKMT_DESTROYALLOCATION;

typedef struct _D3DKMT_DESTROYALLOCATION2 {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;
	CONST D3DKMT_HANDLE *phAllocationList;
	UINT AllocationCount;
	D3DDDICB_DESTROYALLOCATION2FLAGS Flags;
} D3DKMT_DESTROYALLOCATION2;

typedef struct _D3DKMT_LOCK2 {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hAllocation;
	D3DDDICB_LOCK2FLAGS Flags;
	PVOID pData;				/* out */
} D3DKMT_LOCK2;

typedef struct _D3DKMT_UNLOCK2 {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hAllocation;
} D3DKMT_UNLOCK2;

typedef struct _D3DKMT_INVALIDATECACHE {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hAllocation;
	D3DKMT_ALIGN64 UINT64 Offset;
	D3DKMT_ALIGN64 UINT64 Length;
} D3DKMT_INVALIDATECACHE;

typedef struct _D3DKMT_SETALLOCATIONPRIORITY {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;
	CONST D3DKMT_HANDLE *phAllocationList;
	UINT AllocationCount;
	CONST UINT *pPriorities;
} D3DKMT_SETALLOCATIONPRIORITY;

typedef struct _D3DKMT_GETALLOCATIONPRIORITY {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;
	CONST D3DKMT_HANDLE *phAllocationList;
	UINT AllocationCount;
	UINT *pPriorities;			/* out */
} D3DKMT_GETALLOCATIONPRIORITY;

typedef struct _D3DKMT_QUERYALLOCATIONRESIDENCY {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hResource;
	CONST D3DKMT_HANDLE *phAllocationList;
	UINT AllocationCount;
	D3DKMT_ALLOCATIONRESIDENCYSTATUS *pResidencyStatus;	/* out */
} D3DKMT_QUERYALLOCATIONRESIDENCY;

/* ---- sharing and opening ---- */

#define STANDARD_RIGHTS_READ		0x00020000
#ifndef STANDARD_RIGHTS_REQUIRED
#define STANDARD_RIGHTS_REQUIRED	0x000F0000
#endif
#define SHARED_ALLOCATION_WRITE		0x1
#define SHARED_ALLOCATION_ALL_ACCESS \
	(STANDARD_RIGHTS_REQUIRED | SHARED_ALLOCATION_WRITE)

/*
 * Windows has these in headers of its own (ntdef.h).  A program that has them
 * from elsewhere has OBJ_INHERIT, too.
 */
#ifndef OBJ_INHERIT
#define OBJ_INHERIT			0x00000002
#define OBJ_CASE_INSENSITIVE		0x00000040

typedef struct _UNICODE_STRING {
	USHORT Length;				/* bytes, of wchar_t here */
	USHORT MaximumLength;
	WCHAR *Buffer;
} UNICODE_STRING, *PUNICODE_STRING;

struct _OBJECT_ATTRIBUTES {
	ULONG Length;				/* sizeof(this) */
	HANDLE RootDirectory;			/* NULL */
	PUNICODE_STRING ObjectName;
	ULONG Attributes;			/* OBJ_* */
	PVOID SecurityDescriptor;		/* ignored */
	PVOID SecurityQualityOfService;		/* ignored */
};
#endif

/* Not in Windows' headers: the ioctl behind D3DKMTShareObjects. */
typedef struct _D3DKMT_SHAREOBJECTS {
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	PVOID pObjectAttributes;
	DWORD DesiredAccess;
	HANDLE *pSharedNtHandle;		/* out */
} D3DKMT_SHAREOBJECTS;

typedef struct _D3DKMT_SHAREOBJECTWITHHOST {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hObject;
	D3DKMT_ALIGN64 UINT64 Reserved;
	D3DKMT_ALIGN64 UINT64 hVailProcessNtHandle;	/* out */
} D3DKMT_SHAREOBJECTWITHHOST;

typedef struct _D3DKMT_QUERYRESOURCEINFO {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hGlobalShare;
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;		/* out, as all that follow */
	UINT TotalPrivateDriverDataSize;
	UINT ResourcePrivateDriverDataSize;
	UINT NumAllocations;
} D3DKMT_QUERYRESOURCEINFO;

typedef struct _D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE {
	D3DKMT_HANDLE hDevice;
	HANDLE hNtHandle;
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;		/* out, as all that follow */
	UINT TotalPrivateDriverDataSize;
	UINT ResourcePrivateDriverDataSize;
	UINT NumAllocations;
} D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE;

typedef struct _D3DKMT_OPENRESOURCE {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hGlobalShare;
	UINT NumAllocations;
	union {
		D3DDDI_OPENALLOCATIONINFO *pOpenAllocationInfo;
		D3DDDI_OPENALLOCATIONINFO2 *pOpenAllocationInfo2;
	};
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
	VOID *pResourcePrivateDriverData;
	UINT ResourcePrivateDriverDataSize;
	VOID *pTotalPrivateDriverDataBuffer;
	UINT TotalPrivateDriverDataBufferSize;	/* in/out */
	D3DKMT_HANDLE hResource;		/* out */
} D3DKMT_OPENRESOURCE;

typedef struct _D3DKMT_OPENRESOURCEFROMNTHANDLE {
	D3DKMT_HANDLE hDevice;
	HANDLE hNtHandle;
	UINT NumAllocations;
	D3DDDI_OPENALLOCATIONINFO2 *pOpenAllocationInfo2;
	UINT PrivateRuntimeDataSize;
	VOID *pPrivateRuntimeData;
	UINT ResourcePrivateDriverDataSize;
	VOID *pResourcePrivateDriverData;
	UINT TotalPrivateDriverDataBufferSize;	/* in/out */
	VOID *pTotalPrivateDriverDataBuffer;
	D3DKMT_HANDLE hResource;		/* out */
	D3DKMT_HANDLE hKeyedMutex;		/* out */
	VOID *pKeyedMutexPrivateRuntimeData;
	UINT KeyedMutexPrivateRuntimeDataSize;
	D3DKMT_HANDLE hSyncObject;		/* out */
} D3DKMT_OPENRESOURCEFROMNTHANDLE;

typedef struct _D3DKMT_GETSHAREDRESOURCEADAPTERLUID {
	D3DKMT_HANDLE hGlobalShare;
	HANDLE hNtHandle;
	LUID AdapterLuid;			/* out */
} D3DKMT_GETSHAREDRESOURCEADAPTERLUID;

typedef struct _D3DKMT_OPENNTHANDLEFROMNAME {
	DWORD dwDesiredAccess;
	OBJECT_ATTRIBUTES *pObjAttrib;
	HANDLE hNtHandle;			/* out */
} D3DKMT_OPENNTHANDLEFROMNAME;

typedef struct _D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME {
	DWORD dwDesiredAccess;
	OBJECT_ATTRIBUTES *pObjAttrib;
	HANDLE hNtHandle;			/* out */
} D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME;

/* ---- keyed mutexes ---- */

typedef struct _D3DKMT_CREATEKEYEDMUTEX {
	UINT64 InitialValue;
	D3DKMT_HANDLE hSharedHandle;		/* out */
	D3DKMT_HANDLE hKeyedMutex;		/* out */
} D3DKMT_CREATEKEYEDMUTEX;

typedef struct _D3DKMT_CREATEKEYEDMUTEX2_FLAGS {
	union {
		struct {
			UINT NtSecuritySharing : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	};
} D3DKMT_CREATEKEYEDMUTEX2_FLAGS;

typedef struct _D3DKMT_CREATEKEYEDMUTEX2 {
	UINT64 InitialValue;
	D3DKMT_HANDLE hSharedHandle;		/* out */
	D3DKMT_HANDLE hKeyedMutex;		/* out */
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
	D3DKMT_CREATEKEYEDMUTEX2_FLAGS Flags;
} D3DKMT_CREATEKEYEDMUTEX2;

typedef struct _D3DKMT_OPENKEYEDMUTEX {
	D3DKMT_HANDLE hSharedHandle;
	D3DKMT_HANDLE hKeyedMutex;		/* out */
} D3DKMT_OPENKEYEDMUTEX;

typedef struct _D3DKMT_OPENKEYEDMUTEX2 {
	D3DKMT_HANDLE hSharedHandle;
	D3DKMT_HANDLE hKeyedMutex;		/* out */
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
} D3DKMT_OPENKEYEDMUTEX2;

typedef struct _D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE {
	HANDLE hNtHandle;
	D3DKMT_HANDLE hKeyedMutex;		/* out */
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
} D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE;

typedef struct _D3DKMT_DESTROYKEYEDMUTEX {
	D3DKMT_HANDLE hKeyedMutex;
} D3DKMT_DESTROYKEYEDMUTEX;

typedef struct _D3DKMT_ACQUIREKEYEDMUTEX {
	D3DKMT_HANDLE hKeyedMutex;
	UINT64 Key;
	LARGE_INTEGER *pTimeout;		/* NULL: for ever */
	UINT64 FenceValue;			/* out */
} D3DKMT_ACQUIREKEYEDMUTEX;

typedef struct _D3DKMT_ACQUIREKEYEDMUTEX2 {
	D3DKMT_HANDLE hKeyedMutex;
	UINT64 Key;
	LARGE_INTEGER *pTimeout;		/* NULL: for ever */
	UINT64 FenceValue;			/* out */
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
} D3DKMT_ACQUIREKEYEDMUTEX2;

typedef struct _D3DKMT_RELEASEKEYEDMUTEX {
	D3DKMT_HANDLE hKeyedMutex;
	UINT64 Key;
	UINT64 FenceValue;
} D3DKMT_RELEASEKEYEDMUTEX;

typedef struct _D3DKMT_RELEASEKEYEDMUTEX2 {
	D3DKMT_HANDLE hKeyedMutex;
	UINT64 Key;
	UINT64 FenceValue;
	VOID *pPrivateRuntimeData;
	UINT PrivateRuntimeDataSize;
} D3DKMT_RELEASEKEYEDMUTEX2;

/* ---- residency, offer and reclaim ---- */

typedef struct _D3DKMT_CREATEPAGINGQUEUE {
	D3DKMT_HANDLE hDevice;
	D3DDDI_PAGINGQUEUE_PRIORITY Priority;
	D3DKMT_HANDLE hPagingQueue;		/* out */
	D3DKMT_HANDLE hSyncObject;		/* out */
	VOID *FenceValueCPUVirtualAddress;	/* out */
	UINT PhysicalAdapterIndex;
} D3DKMT_CREATEPAGINGQUEUE;

typedef struct _D3DKMT_EVICT {
	D3DKMT_HANDLE hDevice;
	UINT NumAllocations;
	CONST D3DKMT_HANDLE *AllocationList;
	D3DDDI_EVICT_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 NumBytesToTrim;	/* out */
} D3DKMT_EVICT;

typedef struct _D3DKMT_OFFER_FLAGS {
	union {
		struct {
			UINT OfferImmediately : 1;
			UINT AllowDecommit : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DKMT_OFFER_FLAGS;

typedef struct _D3DKMT_OFFERALLOCATIONS {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE *pResources;
	CONST D3DKMT_HANDLE *HandleList;
	UINT NumAllocations;
	D3DKMT_OFFER_PRIORITY Priority;
	D3DKMT_OFFER_FLAGS Flags;
} D3DKMT_OFFERALLOCATIONS;

typedef struct _D3DKMT_RECLAIMALLOCATIONS {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE *pResources;
	CONST D3DKMT_HANDLE *HandleList;
	BOOL *pDiscarded;			/* out, or NULL */
	UINT NumAllocations;
} D3DKMT_RECLAIMALLOCATIONS;

typedef struct _D3DKMT_RECLAIMALLOCATIONS2 {
	D3DKMT_HANDLE hPagingQueue;
	UINT NumAllocations;
	D3DKMT_HANDLE *pResources;
	CONST D3DKMT_HANDLE *HandleList;
	union {					/* out */
		BOOL *pDiscarded;
		D3DDDI_RECLAIM_RESULT *pResults;
	};
	D3DKMT_ALIGN64 UINT64 PagingFenceValue;	/* out */
} D3DKMT_RECLAIMALLOCATIONS2;

typedef struct _D3DKMT_QUERYPROCESSOFFERINFO {
	UINT cbSize;				/* sizeof(this) */
	HANDLE hProcess;
	D3DKMT_ALIGN64 UINT64 DecommitUniqueness;	/* out */
	D3DKMT_ALIGN64 UINT64 DecommittableBytes;	/* out */
} D3DKMT_QUERYPROCESSOFFERINFO;

typedef struct _D3DKMT_TRIMPROCESSCOMMITMENT_FLAGS {
	union {
		struct {
			UINT Lazy : 1;
			UINT OnlyRepurposed : 1;
			UINT Reserved : 30;
		};
		UINT Value;
	};
} D3DKMT_TRIMPROCESSCOMMITMENT_FLAGS;

typedef struct _D3DKMT_TRIMPROCESSCOMMITMENT {
	UINT cbSize;				/* sizeof(this) */
	HANDLE hProcess;
	D3DKMT_TRIMPROCESSCOMMITMENT_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 DecommitRequested;
	D3DKMT_ALIGN64 UINT64 NumBytesDecommitted;	/* out */
} D3DKMT_TRIMPROCESSCOMMITMENT;

/* ---- trims and budgets ---- */

typedef struct _D3DKMT_TRIMNOTIFICATION {
	VOID *Context;
	D3DDDI_TRIMRESIDENCYSET_FLAGS Flags;
	D3DKMT_ALIGN64 UINT64 NumBytesToTrim;
} D3DKMT_TRIMNOTIFICATION;

typedef VOID (APIENTRY *PFND3DKMT_TRIMNOTIFICATIONCALLBACK)
	(D3DKMT_TRIMNOTIFICATION *);

typedef struct _D3DKMT_REGISTERTRIMNOTIFICATION {
	LUID AdapterLuid;
	D3DKMT_HANDLE hDevice;
	PFND3DKMT_TRIMNOTIFICATIONCALLBACK Callback;
	VOID *Context;
	VOID *Handle;				/* out */
} D3DKMT_REGISTERTRIMNOTIFICATION;

typedef struct _D3DKMT_UNREGISTERTRIMNOTIFICATION {
	VOID *Handle;				/* or NULL: all of Callback */
	PFND3DKMT_TRIMNOTIFICATIONCALLBACK Callback;
} D3DKMT_UNREGISTERTRIMNOTIFICATION;

typedef struct _D3DKMT_BUDGETCHANGENOTIFICATION {
	VOID *Context;
	D3DKMT_ALIGN64 UINT64 Budget;
} D3DKMT_BUDGETCHANGENOTIFICATION;

typedef VOID (APIENTRY *PFND3DKMT_BUDGETCHANGENOTIFICATIONCALLBACK)
	(D3DKMT_BUDGETCHANGENOTIFICATION *);

typedef struct _D3DKMT_REGISTERBUDGETCHANGENOTIFICATION {
	D3DKMT_HANDLE hDevice;
	PFND3DKMT_BUDGETCHANGENOTIFICATIONCALLBACK Callback;
	VOID *Context;
	VOID *Handle;				/* out */
} D3DKMT_REGISTERBUDGETCHANGENOTIFICATION;

typedef struct _D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION {
	VOID *Handle;
} D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION;

/* ---- GPU virtual addresses ---- */

typedef struct _D3DKMT_UPDATEGPUVIRTUALADDRESS {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hContext;
	D3DKMT_HANDLE hFenceObject;
	UINT NumOperations;
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION *Operations;
	D3DKMT_ALIGN64 UINT64 Reserved0;
	D3DKMT_ALIGN64 UINT64 Reserved1;
	D3DKMT_ALIGN64 UINT64 FenceValue;
	union {
		struct {
			UINT DoNotWait : 1;
			UINT Reserved : 31;
		};
		UINT Value;
	} Flags;
} D3DKMT_UPDATEGPUVIRTUALADDRESS;

typedef struct _D3DKMT_FREEGPUVIRTUALADDRESS {
	D3DKMT_HANDLE hAdapter;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS BaseAddress;
	D3DKMT_ALIGN64 D3DGPU_SIZE_T Size;
} D3DKMT_FREEGPUVIRTUALADDRESS;

/* ---- contexts, queues, submission ---- */

typedef struct _D3DKMT_CREATECONTEXT {
	D3DKMT_HANDLE hDevice;
	UINT NodeOrdinal;
	UINT EngineAffinity;
	D3DDDI_CREATECONTEXTFLAGS Flags;
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
	D3DKMT_CLIENTHINT ClientHint;
	D3DKMT_HANDLE hContext;			/* out, as all that follow */
	VOID *pCommandBuffer;
	UINT CommandBufferSize;
	D3DDDI_ALLOCATIONLIST *pAllocationList;
	UINT AllocationListSize;
	D3DDDI_PATCHLOCATIONLIST *pPatchLocationList;
	UINT PatchLocationListSize;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS CommandBuffer;
} D3DKMT_CREATECONTEXT;

typedef struct _D3DKMT_CREATECONTEXTVIRTUAL {
	D3DKMT_HANDLE hDevice;
	UINT NodeOrdinal;
	UINT EngineAffinity;
	D3DDDI_CREATECONTEXTFLAGS Flags;
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
	D3DKMT_CLIENTHINT ClientHint;
	D3DKMT_HANDLE hContext;			/* out */
} D3DKMT_CREATECONTEXTVIRTUAL;

typedef struct _D3DKMT_DESTROYCONTEXT {
	D3DKMT_HANDLE hContext;
} D3DKMT_DESTROYCONTEXT;

typedef struct _D3DKMT_CREATEHWCONTEXT {
	D3DKMT_HANDLE hDevice;
	UINT NodeOrdinal;
	UINT EngineAffinity;
	D3DDDI_CREATEHWCONTEXTFLAGS Flags;
	UINT PrivateDriverDataSize;
	VOID *pPrivateDriverData;
	D3DKMT_HANDLE hHwContext;		/* out */
} D3DKMT_CREATEHWCONTEXT;

typedef struct _D3DKMT_DESTROYHWCONTEXT {
	D3DKMT_HANDLE hHwContext;
} D3DKMT_DESTROYHWCONTEXT;

typedef struct _D3DKMT_CREATEHWQUEUE {
	D3DKMT_HANDLE hHwContext;
	D3DDDI_CREATEHWQUEUEFLAGS Flags;
	UINT PrivateDriverDataSize;
	VOID *pPrivateDriverData;
	D3DKMT_HANDLE hHwQueue;			/* out, as all that follow */
	D3DKMT_HANDLE hHwQueueProgressFence;
	VOID *HwQueueProgressFenceCPUVirtualAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS
		HwQueueProgressFenceGPUVirtualAddress;
} D3DKMT_CREATEHWQUEUE;

typedef struct _D3DKMT_DESTROYHWQUEUE {
	D3DKMT_HANDLE hHwQueue;
} D3DKMT_DESTROYHWQUEUE;

typedef struct _D3DKMT_SUBMITCOMMANDFLAGS {
	union {
		struct {
			UINT NullRendering : 1;
			UINT PresentRedirected : 1;
			UINT NoKmdAccess : 1;
			UINT Reserved : 29;
		};
		UINT Value;
	};
} D3DKMT_SUBMITCOMMANDFLAGS;

typedef struct _D3DKMT_SUBMITCOMMAND {
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS Commands;
	UINT CommandLength;
	D3DKMT_SUBMITCOMMANDFLAGS Flags;
	D3DKMT_ALIGN64 ULONGLONG PresentHistoryToken;
	UINT BroadcastContextCount;
	D3DKMT_HANDLE BroadcastContext[D3DDDI_MAX_BROADCAST_CONTEXT];
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
	UINT NumPrimaries;
	D3DKMT_HANDLE WrittenPrimaries[D3DDDI_MAX_WRITTEN_PRIMARIES];
	UINT NumHistoryBuffers;
	D3DKMT_HANDLE *HistoryBufferArray;
} D3DKMT_SUBMITCOMMAND;

typedef struct _D3DKMT_SUBMITCOMMANDTOHWQUEUE {
	D3DKMT_HANDLE hHwQueue;
	D3DKMT_ALIGN64 UINT64 HwQueueProgressFenceId;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS CommandBuffer;
	UINT CommandLength;
	UINT PrivateDriverDataSize;
	VOID *pPrivateDriverData;
	UINT NumPrimaries;
	D3DKMT_HANDLE CONST *WrittenPrimaries;
} D3DKMT_SUBMITCOMMANDTOHWQUEUE;

typedef struct _D3DKMT_RENDERFLAGS {
	union {
		struct {
			UINT ResizeCommandBuffer : 1;
			UINT ResizeAllocationList : 1;
			UINT ResizePatchLocationList : 1;
			UINT NullRendering : 1;
			UINT PresentRedirected : 1;
			UINT RenderKm : 1;
			UINT RenderKmReadback : 1;
			UINT Reserved : 25;
		};
		UINT Value;
	};
} D3DKMT_RENDERFLAGS;

typedef struct _D3DKMT_RENDER {
	union {
		D3DKMT_HANDLE hDevice;
		D3DKMT_HANDLE hContext;
	};
	UINT CommandOffset;
	UINT CommandLength;
	UINT AllocationCount;
	UINT PatchLocationCount;
	VOID *pNewCommandBuffer;			/* out */
	UINT NewCommandBufferSize;			/* in/out */
	D3DDDI_ALLOCATIONLIST *pNewAllocationList;	/* out */
	UINT NewAllocationListSize;			/* in/out */
	D3DDDI_PATCHLOCATIONLIST *pNewPatchLocationList; /* out */
	UINT NewPatchLocationListSize;			/* in/out */
	D3DKMT_RENDERFLAGS Flags;
	D3DKMT_ALIGN64 ULONGLONG PresentHistoryToken;
	ULONG BroadcastContextCount;
	D3DKMT_HANDLE BroadcastContext[D3DDDI_MAX_BROADCAST_CONTEXT];
	ULONG QueuedBufferCount;			/* out */
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS NewCommandBuffer;	/* out */
	VOID *pPrivateDriverData;
	UINT PrivateDriverDataSize;
} D3DKMT_RENDER;

typedef struct _D3DKMT_SETCONTEXTSCHEDULINGPRIORITY {
	D3DKMT_HANDLE hContext;
	INT Priority;				/* -7 .. 7 */
} D3DKMT_SETCONTEXTSCHEDULINGPRIORITY;

typedef struct _D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY {
	D3DKMT_HANDLE hContext;
	INT Priority;
} D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY;

typedef struct _D3DKMT_GETCONTEXTSCHEDULINGPRIORITY {
	D3DKMT_HANDLE hContext;
	INT Priority;				/* out */
} D3DKMT_GETCONTEXTSCHEDULINGPRIORITY;

typedef struct _D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY {
	D3DKMT_HANDLE hContext;
	INT Priority;				/* out */
} D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY;

/* ---- synchronization objects ---- */

/* Pre-2 form: mutexes and semaphores. */
typedef struct _D3DKMT_CREATESYNCHRONIZATIONOBJECT {
	D3DKMT_HANDLE hDevice;
	D3DDDI_SYNCHRONIZATIONOBJECTINFO Info;
	D3DKMT_HANDLE hSyncObject;		/* out */
} D3DKMT_CREATESYNCHRONIZATIONOBJECT;

typedef struct _D3DKMT_CREATESYNCHRONIZATIONOBJECT2 {
	D3DKMT_HANDLE hDevice;
	D3DKMT_ALIGN64 D3DDDI_SYNCHRONIZATIONOBJECTINFO2 Info;
	D3DKMT_HANDLE hSyncObject;		/* out */
} D3DKMT_CREATESYNCHRONIZATIONOBJECT2;

typedef struct _D3DKMT_DESTROYSYNCHRONIZATIONOBJECT {
	D3DKMT_HANDLE hSyncObject;
} D3DKMT_DESTROYSYNCHRONIZATIONOBJECT;

typedef struct _D3DKMT_OPENSYNCHRONIZATIONOBJECT {
	D3DKMT_HANDLE hSharedHandle;
	D3DKMT_HANDLE hSyncObject;		/* out */
	D3DKMT_ALIGN64 UINT64 Reserved[8];
} D3DKMT_OPENSYNCHRONIZATIONOBJECT;

typedef struct _D3DKMT_OPENSYNCOBJECTFROMNTHANDLE {
	HANDLE hNtHandle;
	D3DKMT_HANDLE hSyncObject;		/* out */
} D3DKMT_OPENSYNCOBJECTFROMNTHANDLE;

typedef struct _D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 {
	HANDLE hNtHandle;
	D3DKMT_HANDLE hDevice;
	D3DDDI_SYNCHRONIZATIONOBJECT_FLAGS Flags;
	D3DKMT_HANDLE hSyncObject;		/* out */
	union {
		struct {
			/* out, as the next */
			VOID *FenceValueCPUVirtualAddress;
			D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS
				FenceValueGPUVirtualAddress;
			UINT EngineAffinity;
		} MonitoredFence;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2;

typedef struct _D3DKMT_WAITFORSYNCHRONIZATIONOBJECT {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	D3DKMT_HANDLE ObjectHandleArray[D3DDDI_MAX_OBJECT_WAITED_ON];
} D3DKMT_WAITFORSYNCHRONIZATIONOBJECT;

typedef struct _D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	D3DKMT_HANDLE ObjectHandleArray[D3DDDI_MAX_OBJECT_WAITED_ON];
	union {
		struct {
			D3DKMT_ALIGN64 UINT64 FenceValue;
		} Fence;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2;

typedef struct _D3DKMT_SIGNALSYNCHRONIZATIONOBJECT {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	D3DKMT_HANDLE ObjectHandleArray[D3DDDI_MAX_OBJECT_SIGNALED];
	D3DDDICB_SIGNALFLAGS Flags;
} D3DKMT_SIGNALSYNCHRONIZATIONOBJECT;

typedef struct _D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	D3DKMT_HANDLE ObjectHandleArray[D3DDDI_MAX_OBJECT_SIGNALED];
	D3DDDICB_SIGNALFLAGS Flags;
	ULONG BroadcastContextCount;
	D3DKMT_HANDLE BroadcastContext[D3DDDI_MAX_BROADCAST_CONTEXT];
	union {
		struct {
			D3DKMT_ALIGN64 UINT64 FenceValue;
		} Fence;
		HANDLE CpuEventHandle;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2;

typedef struct _D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU {
	D3DKMT_HANDLE hDevice;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	CONST UINT64 *FenceValueArray;
	HANDLE hAsyncEvent;			/* an eventfd; NULL: block */
	D3DDDI_WAITFORSYNCHRONIZATIONOBJECTFROMCPU_FLAGS Flags;
} D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU;

typedef struct _D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU {
	D3DKMT_HANDLE hDevice;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	CONST UINT64 *FenceValueArray;
	D3DDDICB_SIGNALFLAGS Flags;
} D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU;

typedef struct _D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	union {
		CONST UINT64 *MonitoredFenceValueArray;
		D3DKMT_ALIGN64 UINT64 FenceValue;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU;

typedef struct _D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU {
	D3DKMT_HANDLE hContext;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	union {
		CONST UINT64 *MonitoredFenceValueArray;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU;

typedef struct _D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 {
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	D3DDDICB_SIGNALFLAGS Flags;
	ULONG BroadcastContextCount;
	CONST D3DKMT_HANDLE *BroadcastContextArray;
	union {
		D3DKMT_ALIGN64 UINT64 FenceValue;
		HANDLE CpuEventHandle;
		CONST UINT64 *MonitoredFenceValueArray;
		D3DKMT_ALIGN64 UINT64 Reserved[8];
	};
} D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2;

typedef struct _D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE {
	D3DKMT_HANDLE hHwQueue;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	CONST UINT64 *FenceValueArray;
} D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE;

typedef struct _D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE {
	D3DDDICB_SIGNALFLAGS Flags;
	ULONG BroadcastHwQueueCount;
	CONST D3DKMT_HANDLE *BroadcastHwQueueArray;
	UINT ObjectCount;
	CONST D3DKMT_HANDLE *ObjectHandleArray;
	CONST UINT64 *FenceValueArray;
} D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE;

/* Linux only: a fence as a sync_file, and back. */
typedef struct _D3DKMT_CREATESYNCFILE {
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hMonitoredFence;
	D3DKMT_ALIGN64 UINT64 FenceValue;
	D3DKMT_ALIGN64 UINT64 hSyncFile;	/* out: a descriptor */
} D3DKMT_CREATESYNCFILE;

typedef struct _D3DKMT_WAITSYNCFILE {
	D3DKMT_ALIGN64 UINT64 hSyncFile;
	D3DKMT_HANDLE hContext;
	UINT Reserved;
} D3DKMT_WAITSYNCFILE;

typedef struct _D3DKMT_OPENSYNCOBJECTFROMSYNCFILE {
	D3DKMT_ALIGN64 UINT64 hSyncFile;
	D3DKMT_HANDLE hDevice;
	D3DKMT_HANDLE hSyncObject;		/* out, as all that follow */
	D3DKMT_ALIGN64 UINT64 FenceValue;
	VOID *FenceValueCPUVirtualAddress;
	D3DKMT_ALIGN64 D3DGPU_VIRTUAL_ADDRESS FenceValueGPUVirtualAddress;
} D3DKMT_OPENSYNCOBJECTFROMSYNCFILE;

/* ---- the functions ---- */

#ifdef __cplusplus
extern "C" {
#endif

#define D3DKMT_FUNCTION(name, args) NTSTATUS APIENTRY D3DKMT##name args

D3DKMT_FUNCTION(EnumAdapters, (CONST D3DKMT_ENUMADAPTERS *));
D3DKMT_FUNCTION(EnumAdapters2, (CONST D3DKMT_ENUMADAPTERS2 *));
D3DKMT_FUNCTION(EnumAdapters3, (D3DKMT_ENUMADAPTERS3 *));
D3DKMT_FUNCTION(OpenAdapterFromLuid, (CONST D3DKMT_OPENADAPTERFROMLUID *));
D3DKMT_FUNCTION(OpenAdapterFromDeviceName,
		(D3DKMT_OPENADAPTERFROMDEVICENAME *));
D3DKMT_FUNCTION(OpenAdapterFromGdiDisplayName,
		(D3DKMT_OPENADAPTERFROMGDIDISPLAYNAME *));
D3DKMT_FUNCTION(OpenAdapterFromHdc, (D3DKMT_OPENADAPTERFROMHDC *));
D3DKMT_FUNCTION(CloseAdapter, (CONST D3DKMT_CLOSEADAPTER *));
D3DKMT_FUNCTION(SetStablePowerState, (CONST D3DKMT_SETSTABLEPOWERSTATE *));
D3DKMT_FUNCTION(QueryAdapterInfo, (CONST D3DKMT_QUERYADAPTERINFO *));
D3DKMT_FUNCTION(QueryClockCalibration, (D3DKMT_QUERYCLOCKCALIBRATION *));
D3DKMT_FUNCTION(FlushHeapTransitions, (CONST D3DKMT_FLUSHHEAPTRANSITIONS *));
D3DKMT_FUNCTION(QueryVideoMemoryInfo, (D3DKMT_QUERYVIDEOMEMORYINFO *));
D3DKMT_FUNCTION(ChangeVideoMemoryReservation,
		(CONST D3DKMT_CHANGEVIDEOMEMORYRESERVATION *));
D3DKMT_FUNCTION(QueryStatistics, (CONST D3DKMT_QUERYSTATISTICS *));
D3DKMT_FUNCTION(EnumProcesses, (D3DKMT_ENUMPROCESSES *));
D3DKMT_FUNCTION(IsFeatureEnabled, (D3DKMT_ISFEATUREENABLED *));

/* Everything the process has is destroyed; no other call may be running. */
VOID D3DKMTCloseDxCoreDevice(VOID);

BOOLEAN APIENTRY D3DKMTCheckExclusiveOwnership(VOID);
D3DKMT_FUNCTION(CheckVidPnExclusiveOwnership,
		(CONST D3DKMT_CHECKVIDPNEXCLUSIVEOWNERSHIP *));
D3DKMT_FUNCTION(SetVidPnSourceOwner, (CONST D3DKMT_SETVIDPNSOURCEOWNER *));
D3DKMT_FUNCTION(ReleaseProcessVidPnSourceOwners, (HANDLE hProcess));

D3DKMT_FUNCTION(CreateDevice, (D3DKMT_CREATEDEVICE *));
D3DKMT_FUNCTION(DestroyDevice, (CONST D3DKMT_DESTROYDEVICE *));
D3DKMT_FUNCTION(GetDeviceState, (D3DKMT_GETDEVICESTATE *));
D3DKMT_FUNCTION(MarkDeviceAsError, (CONST D3DKMT_MARKDEVICEASERROR *));
D3DKMT_FUNCTION(WaitForIdle, (CONST D3DKMT_WAITFORIDLE *));
D3DKMT_FUNCTION(Escape, (CONST D3DKMT_ESCAPE *));

D3DKMT_FUNCTION(CreateAllocation, (D3DKMT_CREATEALLOCATION *));
D3DKMT_FUNCTION(CreateAllocation2, (D3DKMT_CREATEALLOCATION *));
D3DKMT_FUNCTION(DestroyAllocation, (CONST D3DKMT_DESTROYALLOCATION *));
D3DKMT_FUNCTION(DestroyAllocation2, (CONST D3DKMT_DESTROYALLOCATION2 *));
D3DKMT_FUNCTION(Lock2, (D3DKMT_LOCK2 *));
D3DKMT_FUNCTION(Unlock2, (CONST D3DKMT_UNLOCK2 *));
D3DKMT_FUNCTION(InvalidateCache, (CONST D3DKMT_INVALIDATECACHE *));
D3DKMT_FUNCTION(SetAllocationPriority, (CONST D3DKMT_SETALLOCATIONPRIORITY *));
D3DKMT_FUNCTION(GetAllocationPriority, (CONST D3DKMT_GETALLOCATIONPRIORITY *));
D3DKMT_FUNCTION(QueryAllocationResidency,
		(CONST D3DKMT_QUERYALLOCATIONRESIDENCY *));
D3DKMT_FUNCTION(UpdateAllocationProperty, (D3DDDI_UPDATEALLOCPROPERTY *));
D3DKMT_FUNCTION(QueryProcessOfferInfo, (D3DKMT_QUERYPROCESSOFFERINFO *));
D3DKMT_FUNCTION(TrimProcessCommitment, (D3DKMT_TRIMPROCESSCOMMITMENT *));
D3DKMT_FUNCTION(RegisterTrimNotification, (D3DKMT_REGISTERTRIMNOTIFICATION *));
D3DKMT_FUNCTION(UnregisterTrimNotification,
		(D3DKMT_UNREGISTERTRIMNOTIFICATION *));
D3DKMT_FUNCTION(RegisterBudgetChangeNotification,
		(D3DKMT_REGISTERBUDGETCHANGENOTIFICATION *));
D3DKMT_FUNCTION(UnregisterBudgetChangeNotification,
		(CONST D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION *));

D3DKMT_FUNCTION(ShareObjects, (UINT cObjects, CONST D3DKMT_HANDLE *hObjects,
			       POBJECT_ATTRIBUTES pObjectAttributes,
			       DWORD dwDesiredAccess,
			       HANDLE *phSharedNtHandle));
D3DKMT_FUNCTION(ShareObjectsInternal, (D3DKMT_SHAREOBJECTS *));
D3DKMT_FUNCTION(ShareObjectWithHost, (D3DKMT_SHAREOBJECTWITHHOST *));
D3DKMT_FUNCTION(QueryResourceInfo, (D3DKMT_QUERYRESOURCEINFO *));
D3DKMT_FUNCTION(QueryResourceInfoFromNtHandle,
		(D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE *));
D3DKMT_FUNCTION(OpenResource, (D3DKMT_OPENRESOURCE *));
D3DKMT_FUNCTION(OpenResource2, (D3DKMT_OPENRESOURCE *));
D3DKMT_FUNCTION(OpenResourceFromNtHandle, (D3DKMT_OPENRESOURCEFROMNTHANDLE *));
D3DKMT_FUNCTION(GetSharedResourceAdapterLuid,
		(D3DKMT_GETSHAREDRESOURCEADAPTERLUID *));
D3DKMT_FUNCTION(OpenNtHandleFromName, (D3DKMT_OPENNTHANDLEFROMNAME *));
D3DKMT_FUNCTION(OpenSyncObjectNtHandleFromName,
		(D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME *));

D3DKMT_FUNCTION(CreateKeyedMutex, (D3DKMT_CREATEKEYEDMUTEX *));
D3DKMT_FUNCTION(CreateKeyedMutex2, (D3DKMT_CREATEKEYEDMUTEX2 *));
D3DKMT_FUNCTION(OpenKeyedMutex, (D3DKMT_OPENKEYEDMUTEX *));
D3DKMT_FUNCTION(OpenKeyedMutex2, (D3DKMT_OPENKEYEDMUTEX2 *));
D3DKMT_FUNCTION(OpenKeyedMutexFromNtHandle,
		(D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE *));
D3DKMT_FUNCTION(DestroyKeyedMutex, (CONST D3DKMT_DESTROYKEYEDMUTEX *));
D3DKMT_FUNCTION(AcquireKeyedMutex, (D3DKMT_ACQUIREKEYEDMUTEX *));
D3DKMT_FUNCTION(AcquireKeyedMutex2, (D3DKMT_ACQUIREKEYEDMUTEX2 *));
D3DKMT_FUNCTION(ReleaseKeyedMutex, (D3DKMT_RELEASEKEYEDMUTEX *));
D3DKMT_FUNCTION(ReleaseKeyedMutex2, (D3DKMT_RELEASEKEYEDMUTEX2 *));

D3DKMT_FUNCTION(CreatePagingQueue, (D3DKMT_CREATEPAGINGQUEUE *));
D3DKMT_FUNCTION(DestroyPagingQueue, (D3DDDI_DESTROYPAGINGQUEUE *));
D3DKMT_FUNCTION(MakeResident, (D3DDDI_MAKERESIDENT *));
D3DKMT_FUNCTION(Evict, (D3DKMT_EVICT *));
D3DKMT_FUNCTION(OfferAllocations, (CONST D3DKMT_OFFERALLOCATIONS *));
D3DKMT_FUNCTION(ReclaimAllocations, (CONST D3DKMT_RECLAIMALLOCATIONS *));
D3DKMT_FUNCTION(ReclaimAllocations2, (D3DKMT_RECLAIMALLOCATIONS2 *));

D3DKMT_FUNCTION(ReserveGpuVirtualAddress, (D3DDDI_RESERVEGPUVIRTUALADDRESS *));
D3DKMT_FUNCTION(MapGpuVirtualAddress, (D3DDDI_MAPGPUVIRTUALADDRESS *));
D3DKMT_FUNCTION(UpdateGpuVirtualAddress,
		(CONST D3DKMT_UPDATEGPUVIRTUALADDRESS *));
D3DKMT_FUNCTION(FreeGpuVirtualAddress, (CONST D3DKMT_FREEGPUVIRTUALADDRESS *));

D3DKMT_FUNCTION(CreateContext, (D3DKMT_CREATECONTEXT *));
D3DKMT_FUNCTION(CreateContextVirtual, (D3DKMT_CREATECONTEXTVIRTUAL *));
D3DKMT_FUNCTION(DestroyContext, (CONST D3DKMT_DESTROYCONTEXT *));
D3DKMT_FUNCTION(CreateHwContext, (D3DKMT_CREATEHWCONTEXT *));
D3DKMT_FUNCTION(DestroyHwContext, (CONST D3DKMT_DESTROYHWCONTEXT *));
D3DKMT_FUNCTION(CreateHwQueue, (D3DKMT_CREATEHWQUEUE *));
D3DKMT_FUNCTION(DestroyHwQueue, (CONST D3DKMT_DESTROYHWQUEUE *));
D3DKMT_FUNCTION(SubmitCommand, (CONST D3DKMT_SUBMITCOMMAND *));
D3DKMT_FUNCTION(SubmitCommandToHwQueue,
		(CONST D3DKMT_SUBMITCOMMANDTOHWQUEUE *));
D3DKMT_FUNCTION(Render, (D3DKMT_RENDER *));
D3DKMT_FUNCTION(SetContextSchedulingPriority,
		(CONST D3DKMT_SETCONTEXTSCHEDULINGPRIORITY *));
D3DKMT_FUNCTION(GetContextSchedulingPriority,
		(D3DKMT_GETCONTEXTSCHEDULINGPRIORITY *));
D3DKMT_FUNCTION(SetContextInProcessSchedulingPriority,
		(CONST D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY *));
D3DKMT_FUNCTION(GetContextInProcessSchedulingPriority,
		(D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY *));

D3DKMT_FUNCTION(CreateSynchronizationObject,
		(D3DKMT_CREATESYNCHRONIZATIONOBJECT *));
D3DKMT_FUNCTION(CreateSynchronizationObject2,
		(D3DKMT_CREATESYNCHRONIZATIONOBJECT2 *));
D3DKMT_FUNCTION(DestroySynchronizationObject,
		(CONST D3DKMT_DESTROYSYNCHRONIZATIONOBJECT *));
D3DKMT_FUNCTION(OpenSynchronizationObject,
		(D3DKMT_OPENSYNCHRONIZATIONOBJECT *));
D3DKMT_FUNCTION(OpenSyncObjectFromNtHandle,
		(D3DKMT_OPENSYNCOBJECTFROMNTHANDLE *));
D3DKMT_FUNCTION(OpenSyncObjectFromNtHandle2,
		(D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 *));
D3DKMT_FUNCTION(WaitForSynchronizationObject,
		(CONST D3DKMT_WAITFORSYNCHRONIZATIONOBJECT *));
D3DKMT_FUNCTION(WaitForSynchronizationObject2,
		(CONST D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 *));
D3DKMT_FUNCTION(SignalSynchronizationObject,
		(CONST D3DKMT_SIGNALSYNCHRONIZATIONOBJECT *));
D3DKMT_FUNCTION(SignalSynchronizationObject2,
		(CONST D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 *));
D3DKMT_FUNCTION(WaitForSynchronizationObjectFromCpu,
		(CONST D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU *));
D3DKMT_FUNCTION(SignalSynchronizationObjectFromCpu,
		(CONST D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU *));
D3DKMT_FUNCTION(WaitForSynchronizationObjectFromGpu,
		(CONST D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU *));
D3DKMT_FUNCTION(SignalSynchronizationObjectFromGpu,
		(CONST D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU *));
D3DKMT_FUNCTION(SignalSynchronizationObjectFromGpu2,
		(CONST D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 *));
D3DKMT_FUNCTION(SubmitWaitForSyncObjectsToHwQueue,
		(CONST D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE *));
D3DKMT_FUNCTION(SubmitSignalSyncObjectsToHwQueue,
		(CONST D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE *));
D3DKMT_FUNCTION(CreateSyncFile, (D3DKMT_CREATESYNCFILE *));
D3DKMT_FUNCTION(WaitSyncFile, (CONST D3DKMT_WAITSYNCFILE *));
D3DKMT_FUNCTION(OpenSyncObjectFromSyncFile,
		(D3DKMT_OPENSYNCOBJECTFROMSYNCFILE *));

/* ---- and those that answer STATUS_NOT_SUPPORTED ---- */

#define D3DKMT_UNSUPPORTED(name, constness, structure) \
	typedef struct _##structure structure; \
	D3DKMT_FUNCTION(name, (constness structure *));
#define D3DKMT_UNSUPPORTED_PAIR(name, first, second) \
	D3DKMT_FUNCTION(name, (first, second));
#define D3DKMT_UNDOCUMENTED(name) D3DKMT_FUNCTION(name, (VOID *));
#include "d3dkmt_unsupported.h"

#undef D3DKMT_FUNCTION

#ifdef __cplusplus
}
#endif

#endif /* _D3DKMTHK_H_ */
