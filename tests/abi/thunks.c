// SPDX-License-Identifier: MIT
/*
 * thunks.c: every function of the library sends its request, in a structure of
 * the request's size
 *
 * The library's sources are compiled in, with a vdxg_call() that looks instead
 * of calling: the shape a thunk gives its structure (lib/shape.h) must fill
 * exactly the kernel's structure, and exactly the caller's, whose size with
 * 32-bit pointers is that of windows.inc.
 *
 * Nothing of this is C++; there it only says so.
 */
#include <stdio.h>

#ifdef __cplusplus
int main(void)
{
	printf("TAP version 13\n1..0 # SKIP the library is C\n");
	return 0;
}
#else

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/device.h"

static unsigned long sent;
static char sent_shape[64];
static D3DKMT_DESTROYALLOCATION2 sent_destroy;

/* The kernel's part in a creation: a handle for each description. */
static void create(const D3DKMT_CREATEALLOCATION *args)
{
	struct d3dddi_allocationinfo2 *infos = (void *)args->pAllocationInfo2;
	UINT i;

	for (i = 0; i < args->NumAllocations; i++)
		infos[i].allocation.v = infos[i].priv_drv_data_size + 1;
}

NTSTATUS vdxg_call(unsigned long request, const void *args, const char *shape)
{
	sent = args ? request : 0;
	if (sent == LX_DXDESTROYALLOCATION2)
		memcpy(&sent_destroy, args, sizeof(sent_destroy));
	if (sent == LX_DXCREATEALLOCATION)
		create(args);
	snprintf(sent_shape, sizeof(sent_shape), "%s", shape);
	return STATUS_SUCCESS;
}

NTSTATUS vdxg_call_root(unsigned long request, const void *args,
			const char *shape)
{
	return vdxg_call(request, args, shape);
}

#include "lib/shape.c"
#include "lib/adapter.c"
#include "lib/allocation.c"
#include "lib/context.c"
#include "lib/display.c"
#include "lib/dma_buf.c"
#include "lib/nt_handle.c"
#include "lib/query.c"
#include "lib/residency.c"
#include "lib/sharing.c"
#include "lib/sync.c"

enum {
#define STRUCT(name, wide, narrow) WIDE_##name = wide, NARROW_##name = narrow,
#define FIELD(name, member, wide, narrow)
#include "windows.inc"
#undef STRUCT
#undef FIELD
};

/* The size a shape comes to: its members and the padding at the end. */
static size_t shape_size(const char *shape, size_t pointer, bool abi)
{
	struct walk w = { shape, 0, 0, pointer, sizeof(wchar_t) };
	size_t to = 1, size;
	struct member m;

	while (next_member(&w, &m)) {
		size = abi ? abi_size(m.kind) : native_size(&w, m.kind);
		if (size > to)
			to = size;
	}
	return align(abi ? w.abi : w.native, to);
}

static unsigned int count, failures;
static bool failed;

static void check(const char *what, size_t is, size_t should)
{
	if (is == should)
		return;
	printf("# %s is %zu, not %zu (shape \"%s\")\n", what, is, should,
	       sent_shape);
	failed = true;
}

static void look(const char *name, unsigned long request, size_t wide,
		 size_t narrow)
{
	size_t abi = _IOC_SIZE(request);

	failed = false;
	check("the request", sent, request);
	check("the size with 64-bit pointers",
	      shape_size(sent_shape, 8, false), wide);
	check("the size with 32-bit pointers",
	      shape_size(sent_shape, 4, false), narrow);
	check("the size in the kernel", shape_size(sent_shape, 8, true), abi);
	check("the size of the request", abi, wide);
	sent = 0;
	failures += failed;
	printf("%sok %u - %s%s sends %zu bytes\n", failed ? "not " : "",
	       ++count, strncmp(name, "vdxg_", 5) ? "D3DKMT" : "", name, abi);
}

#define THUNK(name, type, request) do { \
	static type args; \
	D3DKMT##name(&args); \
	look(#name, request, WIDE_##type, NARROW_##type); \
} while (0)

static void report(bool good, const char *what)
{
	failures += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++count, what);
}

static void query_adapter_info(void)
{
	D3DKMT_SEGMENTSIZEINFO info;
	D3DKMT_QUERYADAPTERINFO args = {
		.Type = KMTQAITYPE_GETSEGMENTSIZE,
		.pPrivateDriverData = &info,
		.PrivateDriverDataSize = sizeof(info),
	};
	const struct text_query *t;
	size_t i;

	D3DKMTQueryAdapterInfo(&args);
	look("QueryAdapterInfo", LX_DXQUERYADAPTERINFO,
	     WIDE_D3DKMT_QUERYADAPTERINFO, NARROW_D3DKMT_QUERYADAPTERINFO);
	for (i = 0; i < ARRAY_SIZE(text_queries); i++) {
		t = &text_queries[i];
		failed = false;
		snprintf(sent_shape, sizeof(sent_shape), "%s", t->shape);
		/* NODEMETADATA is packed: two bytes fewer than its members */
		check("the size of the program's buffer",
		      shape_size(t->shape, sizeof(void *), false),
		      (t->native + 3) / 4 * 4);
		check("the size of the kernel's buffer",
		      (shape_size(t->shape, 8, true) + 3) / 4 * 4,
		      (t->abi + 3) / 4 * 4);
		failures += failed;
		printf("%sok %u - text of QueryAdapterInfo type %d\n",
		       failed ? "not " : "", ++count, t->type);
	}
}

static void share_objects(void)
{
	HANDLE handle;

	D3DKMTShareObjects(0, NULL, NULL, 0, &handle);
	report(sent == LX_DXSHAREOBJECTS, "D3DKMTShareObjects");
	sent = 0;
	report(D3DKMTShareObjects(0, NULL, NULL, 0, NULL) ==
	       STATUS_INVALID_PARAMETER && !sent,
	       "D3DKMTShareObjects with nowhere to put the handle");
}

static void dma_bufs(void)
{
	unsigned int allocation;
	int fd;

	vdxg_export_dma_buf(1, 2, 0, &fd);
	look("vdxg_export_dma_buf", LX_VDXGEXPORTDMABUF,
	     sizeof(struct vdxg_exportdmabuf), sizeof(struct vdxg_exportdmabuf));
	vdxg_import_dma_buf(1, 2, NULL, &allocation, NULL);
	look("vdxg_import_dma_buf", LX_VDXGIMPORTDMABUF,
	     sizeof(struct vdxg_importdmabuf), sizeof(struct vdxg_importdmabuf));
	report(vdxg_export_dma_buf(1, 2, 0, NULL) == STATUS_INVALID_PARAMETER &&
	       vdxg_import_dma_buf(1, 2, NULL, NULL, NULL) ==
	       STATUS_INVALID_PARAMETER && !sent,
	       "dma-bufs with nowhere to put the result");
}

/* First versions, which become a second: every member arrives. */
static void first_versions(void)
{
	static D3DKMT_ENUMADAPTERS enumeration;
	D3DKMT_CREATESYNCHRONIZATIONOBJECT create = {
		.Info.Type = D3DDDI_SYNCHRONIZATION_MUTEX,
	};
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT wait = { .ObjectCount = 33 };
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT signal = { .ObjectCount = 33 };
	D3DKMT_DESTROYALLOCATION destroy;

	D3DKMTEnumAdapters(&enumeration);
	report(sent == LX_DXENUMADAPTERS2, "D3DKMTEnumAdapters");
	D3DKMTCreateSynchronizationObject(&create);
	report(sent == LX_DXCREATESYNCHRONIZATIONOBJECT,
	       "D3DKMTCreateSynchronizationObject, a mutex");
	create.Info.Type = D3DDDI_FENCE;
	report(D3DKMTCreateSynchronizationObject(&create) ==
	       STATUS_INVALID_PARAMETER,
	       "D3DKMTCreateSynchronizationObject, a fence: refused");
	report(D3DKMTWaitForSynchronizationObject(&wait) ==
	       STATUS_INVALID_PARAMETER,
	       "D3DKMTWaitForSynchronizationObject, 33 objects: refused");
	report(D3DKMTSignalSynchronizationObject(&signal) ==
	       STATUS_INVALID_PARAMETER,
	       "D3DKMTSignalSynchronizationObject, 33 objects: refused");
	memset(&destroy, 0xff, sizeof(destroy));
	D3DKMTDestroyAllocation(&destroy);
	report(sent == LX_DXDESTROYALLOCATION2 && !sent_destroy.Flags.Value &&
	       sent_destroy.AllocationCount == ~0U,
	       "D3DKMTDestroyAllocation with dirty padding has no flags");
}

static void create_first_version(void)
{
	D3DDDI_ALLOCATIONINFO infos[20];
	D3DKMT_CREATEALLOCATION args = {
		.NumAllocations = 20,
		.pAllocationInfo = infos,
	};
	bool good = true;
	UINT i;

	memset(infos, 0, sizeof(infos));
	for (i = 0; i < 20; i++)
		infos[i].PrivateDriverDataSize = 100 + i;
	D3DKMTCreateAllocation(&args);
	for (i = 0; i < 20; i++)
		good &= infos[i].hAllocation == 101 + i;
	report(good && args.pAllocationInfo == infos,
	       "D3DKMTCreateAllocation hands out the handle of each entry");
	sent = 0;
	infos[3].Flags.Value = D3DDDI_ALLOCATIONINFO_OVERRIDE_PRIORITY;
	report(D3DKMTCreateAllocation(&args) == STATUS_INVALID_PARAMETER &&
	       !sent, "D3DKMTCreateAllocation knows no OverridePriority");
	args.NumAllocations = VDXG_MAX_LIST + 1;
	report(D3DKMTCreateAllocation(&args) == STATUS_INVALID_PARAMETER,
	       "D3DKMTCreateAllocation of 65,537 entries");
}

static void driver_store(void)
{
	WCHAR path[64] = L"\\SystemRoot\\DriverStore\\FileRepository\\a\\b.so";
	WCHAR tight[21] = L"\\FILEREPOSITORY\\abc";
	WCHAR other[8] = L"a\\file";

	find_in_store(path, ARRAY_SIZE(path));
	report(!wcscmp(path, L"/usr/lib/wsl/drivers/a/b.so"),
	       "a path in the driver store");
	find_in_store(tight, ARRAY_SIZE(tight));
	report(!wcscmp(tight, L"\\FILEREPOSITORY\\abc"),
	       "one that would not fit stays");
	find_in_store(other, ARRAY_SIZE(other));
	report(!wcscmp(other, L"a\\file"), "another path stays");
}

static void no_display(void)
{
	D3DKMT_SETVIDPNSOURCEOWNER owner = { 0 };

	report(D3DKMTSetVidPnSourceOwner(&owner) == STATUS_SUCCESS &&
	       sent == LX_DXGETDEVICESTATE, "D3DKMTSetVidPnSourceOwner of none");
	owner.VidPnSourceCount = 1;
	report(D3DKMTSetVidPnSourceOwner(&owner) == STATUS_INVALID_PARAMETER,
	       "D3DKMTSetVidPnSourceOwner of one");
	report(D3DKMTOpenAdapterFromGdiDisplayName(NULL) == STATUS_UNSUCCESSFUL,
	       "D3DKMTOpenAdapterFromGdiDisplayName");
	report(D3DKMTOpenAdapterFromHdc(NULL) == STATUS_INVALID_PARAMETER,
	       "D3DKMTOpenAdapterFromHdc");
	report(D3DKMTCheckVidPnExclusiveOwnership(NULL) ==
	       STATUS_INVALID_PARAMETER && !D3DKMTCheckExclusiveOwnership(),
	       "nobody owns a display");
}

static void characters(void)
{
	static const wchar_t native[8] = { 'a', 0xe9, 0x1f600, 'z' };
	static const uint16_t abi[8] = { 'a', 0xe9, 0xd83d, 0xde00, 'z' };
	static const wchar_t full[3] = { 'a', 'b', 0x1f600 };
	uint16_t narrowed[8];
	wchar_t widened[8];

	vdxg_shape_to_abi("w8", native, narrowed);
	report(!memcmp(narrowed, abi, sizeof(abi)), "text to UTF-16");
	vdxg_shape_from_abi("w8", abi, widened);
	report(!memcmp(widened, native, sizeof(native)), "text from UTF-16");
	vdxg_shape_to_abi("w3", full, narrowed);
	report(narrowed[1] == 'b' && !narrowed[2],
	       "a character that does not fit is left out");
}

/* Those that have to say their own size. */
static void sized(void)
{
	D3DKMT_QUERYPROCESSOFFERINFO info = { .cbSize = sizeof(info) };
	D3DKMT_TRIMPROCESSCOMMITMENT trim = { .cbSize = sizeof(trim) };

	D3DKMTQueryProcessOfferInfo(&info);
	look("QueryProcessOfferInfo", LX_VDXGQUERYPROCESSOFFERINFO,
	     WIDE_D3DKMT_QUERYPROCESSOFFERINFO,
	     NARROW_D3DKMT_QUERYPROCESSOFFERINFO);
	D3DKMTTrimProcessCommitment(&trim);
	look("TrimProcessCommitment", LX_VDXGTRIMPROCESSCOMMITMENT,
	     WIDE_D3DKMT_TRIMPROCESSCOMMITMENT,
	     NARROW_D3DKMT_TRIMPROCESSCOMMITMENT);
}

int main(void)
{
	printf("TAP version 13\n");
	THUNK(EnumAdapters2, D3DKMT_ENUMADAPTERS2, LX_DXENUMADAPTERS2);
	THUNK(EnumAdapters3, D3DKMT_ENUMADAPTERS3, LX_DXENUMADAPTERS3);
	THUNK(OpenAdapterFromLuid, D3DKMT_OPENADAPTERFROMLUID,
	      LX_DXOPENADAPTERFROMLUID);
	THUNK(CloseAdapter, D3DKMT_CLOSEADAPTER, LX_DXCLOSEADAPTER);
	THUNK(QueryClockCalibration, D3DKMT_QUERYCLOCKCALIBRATION,
	      LX_DXQUERYCLOCKCALIBRATION);
	THUNK(FlushHeapTransitions, D3DKMT_FLUSHHEAPTRANSITIONS,
	      LX_DXFLUSHHEAPTRANSITIONS);
	THUNK(QueryVideoMemoryInfo, D3DKMT_QUERYVIDEOMEMORYINFO,
	      LX_DXQUERYVIDEOMEMORYINFO);
	THUNK(ChangeVideoMemoryReservation, D3DKMT_CHANGEVIDEOMEMORYRESERVATION,
	      LX_DXCHANGEVIDEOMEMORYRESERVATION);
	THUNK(QueryStatistics, D3DKMT_QUERYSTATISTICS, LX_DXQUERYSTATISTICS);
	THUNK(EnumProcesses, D3DKMT_ENUMPROCESSES, LX_DXENUMPROCESSES);
	THUNK(IsFeatureEnabled, D3DKMT_ISFEATUREENABLED, LX_ISFEATUREENABLED);
	THUNK(CreateDevice, D3DKMT_CREATEDEVICE, LX_DXCREATEDEVICE);
	THUNK(DestroyDevice, D3DKMT_DESTROYDEVICE, LX_DXDESTROYDEVICE);
	THUNK(GetDeviceState, D3DKMT_GETDEVICESTATE, LX_DXGETDEVICESTATE);
	THUNK(MarkDeviceAsError, D3DKMT_MARKDEVICEASERROR, LX_DXMARKDEVICEASERROR);
	THUNK(WaitForIdle, D3DKMT_WAITFORIDLE, LX_VDXGWAITFORIDLE);
	THUNK(Escape, D3DKMT_ESCAPE, LX_DXESCAPE);
	THUNK(CreateAllocation, D3DKMT_CREATEALLOCATION, LX_DXCREATEALLOCATION);
	THUNK(CreateAllocation2, D3DKMT_CREATEALLOCATION, LX_DXCREATEALLOCATION);
	THUNK(DestroyAllocation2, D3DKMT_DESTROYALLOCATION2, LX_DXDESTROYALLOCATION2);
	THUNK(Lock2, D3DKMT_LOCK2, LX_DXLOCK2);
	THUNK(Unlock2, D3DKMT_UNLOCK2, LX_DXUNLOCK2);
	THUNK(InvalidateCache, D3DKMT_INVALIDATECACHE, LX_DXINVALIDATECACHE);
	THUNK(SetAllocationPriority, D3DKMT_SETALLOCATIONPRIORITY,
	      LX_DXSETALLOCATIONPRIORITY);
	THUNK(GetAllocationPriority, D3DKMT_GETALLOCATIONPRIORITY,
	      LX_DXGETALLOCATIONPRIORITY);
	THUNK(QueryAllocationResidency, D3DKMT_QUERYALLOCATIONRESIDENCY,
	      LX_DXQUERYALLOCATIONRESIDENCY);
	THUNK(UpdateAllocationProperty, D3DDDI_UPDATEALLOCPROPERTY,
	      LX_DXUPDATEALLOCPROPERTY);
	THUNK(ShareObjectWithHost, D3DKMT_SHAREOBJECTWITHHOST,
	      LX_DXSHAREOBJECTWITHHOST);
	THUNK(QueryResourceInfo, D3DKMT_QUERYRESOURCEINFO, LX_DXQUERYRESOURCEINFO);
	THUNK(QueryResourceInfoFromNtHandle, D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE,
	      LX_DXQUERYRESOURCEINFOFROMNTHANDLE);
	THUNK(OpenResource, D3DKMT_OPENRESOURCE, LX_DXOPENRESOURCE);
	THUNK(OpenResource2, D3DKMT_OPENRESOURCE, LX_DXOPENRESOURCE);
	THUNK(OpenResourceFromNtHandle, D3DKMT_OPENRESOURCEFROMNTHANDLE,
	      LX_DXOPENRESOURCEFROMNTHANDLE);
	THUNK(GetSharedResourceAdapterLuid, D3DKMT_GETSHAREDRESOURCEADAPTERLUID,
	      LX_DXGETSHAREDRESOURCEADAPTERLUID);
	THUNK(CreatePagingQueue, D3DKMT_CREATEPAGINGQUEUE, LX_DXCREATEPAGINGQUEUE);
	THUNK(DestroyPagingQueue, D3DDDI_DESTROYPAGINGQUEUE, LX_DXDESTROYPAGINGQUEUE);
	THUNK(MakeResident, D3DDDI_MAKERESIDENT, LX_DXMAKERESIDENT);
	THUNK(Evict, D3DKMT_EVICT, LX_DXEVICT);
	THUNK(OfferAllocations, D3DKMT_OFFERALLOCATIONS, LX_DXOFFERALLOCATIONS);
	THUNK(ReclaimAllocations2, D3DKMT_RECLAIMALLOCATIONS2,
	      LX_DXRECLAIMALLOCATIONS2);
	sized();
	THUNK(ReserveGpuVirtualAddress, D3DDDI_RESERVEGPUVIRTUALADDRESS,
	      LX_DXRESERVEGPUVIRTUALADDRESS);
	THUNK(MapGpuVirtualAddress, D3DDDI_MAPGPUVIRTUALADDRESS,
	      LX_DXMAPGPUVIRTUALADDRESS);
	THUNK(UpdateGpuVirtualAddress, D3DKMT_UPDATEGPUVIRTUALADDRESS,
	      LX_DXUPDATEGPUVIRTUALADDRESS);
	THUNK(FreeGpuVirtualAddress, D3DKMT_FREEGPUVIRTUALADDRESS,
	      LX_DXFREEGPUVIRTUALADDRESS);
	THUNK(CreateContext, D3DKMT_CREATECONTEXT, LX_DXCREATECONTEXT);
	THUNK(CreateContextVirtual, D3DKMT_CREATECONTEXTVIRTUAL,
	      LX_DXCREATECONTEXTVIRTUAL);
	THUNK(DestroyContext, D3DKMT_DESTROYCONTEXT, LX_DXDESTROYCONTEXT);
	THUNK(CreateHwContext, D3DKMT_CREATEHWCONTEXT, LX_DXCREATEHWCONTEXT);
	THUNK(DestroyHwContext, D3DKMT_DESTROYHWCONTEXT, LX_DXDESTROYHWCONTEXT);
	THUNK(CreateHwQueue, D3DKMT_CREATEHWQUEUE, LX_DXCREATEHWQUEUE);
	THUNK(DestroyHwQueue, D3DKMT_DESTROYHWQUEUE, LX_DXDESTROYHWQUEUE);
	THUNK(SubmitCommand, D3DKMT_SUBMITCOMMAND, LX_DXSUBMITCOMMAND);
	THUNK(SubmitCommandToHwQueue, D3DKMT_SUBMITCOMMANDTOHWQUEUE,
	      LX_DXSUBMITCOMMANDTOHWQUEUE);
	THUNK(Render, D3DKMT_RENDER, LX_DXRENDER);
	THUNK(SetContextSchedulingPriority, D3DKMT_SETCONTEXTSCHEDULINGPRIORITY,
	      LX_DXSETCONTEXTSCHEDULINGPRIORITY);
	THUNK(GetContextSchedulingPriority, D3DKMT_GETCONTEXTSCHEDULINGPRIORITY,
	      LX_DXGETCONTEXTSCHEDULINGPRIORITY);
	THUNK(SetContextInProcessSchedulingPriority, D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY,
	      LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY);
	THUNK(GetContextInProcessSchedulingPriority, D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY,
	      LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY);
	THUNK(CreateSynchronizationObject2, D3DKMT_CREATESYNCHRONIZATIONOBJECT2,
	      LX_DXCREATESYNCHRONIZATIONOBJECT);
	THUNK(DestroySynchronizationObject, D3DKMT_DESTROYSYNCHRONIZATIONOBJECT,
	      LX_DXDESTROYSYNCHRONIZATIONOBJECT);
	THUNK(OpenSynchronizationObject, D3DKMT_OPENSYNCHRONIZATIONOBJECT,
	      LX_DXOPENSYNCHRONIZATIONOBJECT);
	THUNK(OpenSyncObjectFromNtHandle2, D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2,
	      LX_DXOPENSYNCOBJECTFROMNTHANDLE2);
	THUNK(WaitForSynchronizationObject2, D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2,
	      LX_DXWAITFORSYNCHRONIZATIONOBJECT);
	THUNK(SignalSynchronizationObject2, D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2,
	      LX_DXSIGNALSYNCHRONIZATIONOBJECT);
	THUNK(WaitForSynchronizationObjectFromCpu, D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU,
	      LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU);
	THUNK(SignalSynchronizationObjectFromCpu, D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU,
	      LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU);
	THUNK(WaitForSynchronizationObjectFromGpu, D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU,
	      LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU);
	THUNK(SignalSynchronizationObjectFromGpu, D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU,
	      LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU);
	THUNK(SignalSynchronizationObjectFromGpu2, D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2,
	      LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2);
	THUNK(SubmitWaitForSyncObjectsToHwQueue, D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE,
	      LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE);
	THUNK(SubmitSignalSyncObjectsToHwQueue, D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE,
	      LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE);
	THUNK(CreateSyncFile, D3DKMT_CREATESYNCFILE, LX_DXCREATESYNCFILE);
	THUNK(WaitSyncFile, D3DKMT_WAITSYNCFILE, LX_DXWAITSYNCFILE);
	THUNK(OpenSyncObjectFromSyncFile, D3DKMT_OPENSYNCOBJECTFROMSYNCFILE,
	      LX_DXOPENSYNCOBJECTFROMSYNCFILE);

	query_adapter_info();
	share_objects();
	dma_bufs();
	first_versions();
	create_first_version();
	characters();
	driver_store();
	no_display();
	printf("1..%u\n", count);
	return failures ? 1 : 0;
}
#endif
