// SPDX-License-Identifier: MIT
/*
 * library.c: the libraries as programs find them: their names, what has no answer, and the
 * functions that need no call of their own in the kernel
 *
 * That they export every name is tested without a machine (tools/check abi).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kmt.h"

#define OFFER_PRIORITY_HIGH	3

typedef NTSTATUS (*any_function)(const void *);

static void *need_library(const char *name)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		test_note("%s", dlerror());
	REQUIRE(library != NULL);
	return library;
}

/* as container tool kits and compute runtimes do */
static void dxcore_by_bare_name(void)
{
	static const char * const names[] = {
		"D3DKMTEnumAdapters2", "D3DKMTEnumAdapters3", "D3DKMTQueryAdapterInfo",
		"D3DKMTCreateAllocation2", "D3DKMTDestroyAllocation2", "D3DKMTPresent",
	};
	void *dxcore = need_library("libdxcore.so"), *d3dkmt = need_library("libd3dkmt.so.1");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		void *function = dlsym(dxcore, names[i]);

		/* the very function, so that the state behind it is shared */
		if (!EXPECT(function != NULL && function == dlsym(d3dkmt, names[i])))
			test_note("%s", names[i]);
	}
}

static void one_state(void)
{
	void *dxcore = need_library("libdxcore.so");
	any_function close_adapter = (any_function)dlsym(dxcore, "D3DKMTCloseAdapter");
	D3DKMT_CLOSEADAPTER args = { .hAdapter = need_adapter() };

	REQUIRE(close_adapter != NULL);
	EXPECT_STATUS(close_adapter(&args), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(args.hAdapter), STATUS_INVALID_PARAMETER);
}

static void no_answer(void)
{
	uint64_t zero[64] = { 0 };

#define ANSWERS(name, call) { \
	if (!EXPECT_STATUS(call, STATUS_NOT_SUPPORTED)) \
		test_note("D3DKMT%s", name); \
}
#define D3DKMT_UNSUPPORTED(name, constness, structure) \
	ANSWERS(#name, D3DKMT##name((void *)zero)) \
	ANSWERS(#name " of NULL", D3DKMT##name(NULL))
#define D3DKMT_UNSUPPORTED_PAIR(name, first, second) \
	ANSWERS(#name, D3DKMT##name((first)0, (second)0))
#define D3DKMT_UNDOCUMENTED(name) \
	ANSWERS(#name, D3DKMT##name(zero))
#include <d3dkmt_unsupported.h>
}

/* what Windows answers of displays that are not there */
static void displays(void)
{
	D3DKMT_OPENADAPTERFROMGDIDISPLAYNAME gdi = { .DeviceName = L"\\\\.\\DISPLAY1" };
	D3DKMT_OPENADAPTERFROMHDC hdc = { 0 };
	D3DKMT_SETVIDPNSOURCEOWNER owner = { 0 };
	D3DKMT_CHECKVIDPNEXCLUSIVEOWNERSHIP check = { 0 };

	EXPECT_STATUS(D3DKMTOpenAdapterFromGdiDisplayName(NULL), STATUS_UNSUCCESSFUL);
	EXPECT_STATUS(D3DKMTOpenAdapterFromGdiDisplayName(&gdi), STATUS_UNSUCCESSFUL);
	EXPECT_STATUS(D3DKMTOpenAdapterFromHdc(&hdc), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCheckVidPnExclusiveOwnership(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCheckVidPnExclusiveOwnership(&check), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(D3DKMTCheckExclusiveOwnership(), 0);
	EXPECT_STATUS(D3DKMTReleaseProcessVidPnSourceOwners(NULL), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTSetVidPnSourceOwner(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTSetVidPnSourceOwner(&owner), STATUS_INVALID_PARAMETER);
	owner.hDevice = need_device();
	EXPECT_STATUS(D3DKMTSetVidPnSourceOwner(&owner), STATUS_SUCCESS);
	owner.VidPnSourceCount = 1;
	EXPECT_STATUS(D3DKMTSetVidPnSourceOwner(&owner), STATUS_INVALID_PARAMETER);
}

/* the DRM node of the adapter under test, or L"" */
static void node_of(D3DKMT_HANDLE adapter, WCHAR *node, size_t room)
{
	struct {
		D3DDDI_QUERYREGISTRY_INFO info;
		WCHAR text[32];
	} query = {
		.info = {
			.QueryType = D3DDDI_QUERYREGISTRY_ADAPTERKEY,
			.ValueName = L"DrmNode",
			.ValueType = 1,
		},
	};
	NTSTATUS status = kmt_query_adapter(adapter, KMTQAITYPE_QUERYREGISTRY, &query,
					    sizeof(query));

	node[0] = 0;
	if (status == STATUS_SUCCESS)
		wcsncpy(node, query.info.OutputString, room);
}

static NTSTATUS open_name(const WCHAR *name, D3DKMT_OPENADAPTERFROMDEVICENAME *open)
{
	memset(open, 0, sizeof(*open));
	open->pDeviceName = name;
	return D3DKMTOpenAdapterFromDeviceName(open);
}

static void expect_ours(const WCHAR *name)
{
	D3DKMT_OPENADAPTERFROMDEVICENAME open;

	if (!EXPECT_STATUS(open_name(name, &open), STATUS_SUCCESS))
		return;
	EXPECT(is_local_handle(open.hAdapter));
	EXPECT_EQ(open.AdapterLuid.LowPart, test_adapter.luid_low);
	EXPECT_STATUS(kmt_close_adapter(open.hAdapter), STATUS_SUCCESS);
}

static void device_name(void)
{
	static const WCHAR * const bad[] = {
		L"", L"card99", L"/dev/dri/", L"/dev/dri/../null", L"/dev/null",
		L"\\\\?\\PCI#VEN_1AF4", L"a-name-that-is-longer-than-any-node-is", L"..",
	};
	D3DKMT_OPENADAPTERFROMDEVICENAME open;
	D3DKMT_HANDLE adapter = need_adapter();
	WCHAR node[32], path[64], other[16];
	char entry[1024];
	size_t i;
	struct live before = count_live(0);

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(open_name(bad[i], &open), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(open_name(NULL, &open), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenAdapterFromDeviceName(NULL), STATUS_INVALID_PARAMETER);
	node_of(adapter, node, ARRAY_SIZE(node));
	EXPECT_EQ(node[0] == 0, test_adapter.software);
	if (node[0]) {
		expect_ours(node);
		swprintf(path, ARRAY_SIZE(path), L"/dev/dri/%ls", node);
		expect_ours(path);
		/* the render node of the same device, if it has one */
		for (i = 128; i < 192; i++) {
			snprintf(entry, sizeof(entry), "/sys/class/drm/renderD%zu/device/drm/%ls", i,
				 node);
			swprintf(other, ARRAY_SIZE(other), L"renderD%zu", i);
			if (!access(entry, F_OK))
				expect_ours(other);
		}
	}
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void reclaim_without_queue(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 65536);
	BOOL discarded = 7;
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = &allocation,
		.NumAllocations = 1,
		.Priority = OFFER_PRIORITY_HIGH,
	};
	D3DKMT_RECLAIMALLOCATIONS reclaim = {
		.hDevice = device,
		.HandleList = &allocation,
		.pDiscarded = &discarded,
		.NumAllocations = 1,
	};
	struct live before;

	memcpy(need_lock(device, allocation), "kept", sizeof("kept"));
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	before = count_live(device);
	EXPECT_STATUS(D3DKMTOfferAllocations(&offer), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTReclaimAllocations(&reclaim), STATUS_SUCCESS);
	EXPECT_EQ(discarded, 0);
	EXPECT(!strcmp(need_lock(device, allocation), "kept"));
	reclaim.HandleList = NULL;
	EXPECT_STATUS(D3DKMTReclaimAllocations(&reclaim), STATUS_INVALID_PARAMETER);
	reclaim.hDevice = 0;
	EXPECT_STATUS(D3DKMTReclaimAllocations(&reclaim), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTReclaimAllocations(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void stable_power_state(void)
{
	D3DKMT_SETSTABLEPOWERSTATE state = { .hAdapter = need_adapter(), .Enabled = 1 };

	EXPECT_STATUS(D3DKMTSetStablePowerState(&state), STATUS_SUCCESS);
	state.hAdapter ^= 0xc0000000;
	EXPECT_STATUS(D3DKMTSetStablePowerState(&state), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTSetStablePowerState(NULL), STATUS_INVALID_PARAMETER);
}

static void share_in_a_structure(void)
{
	D3DKMT_HANDLE device = need_device(), resource = 0, allocation;
	struct vdxg_allocation_data data;
	HANDLE descriptor = NULL;
	D3DKMT_SHAREOBJECTS share = {
		.ObjectCount = 1,
		.ObjectHandleArray = &resource,
		.DesiredAccess = SHARED_ALLOCATION_ALL_ACCESS,
		.pSharedNtHandle = &descriptor,
	};

	vdxg_allocation_data_init(&data, 4096);
	REQUIRE_STATUS(kmt_create(device, &resource, CREATE_RESOURCE | CREATE_SHARED |
				  CREATE_NT_SECURITY_SHARING, &data, sizeof(data), 1, &allocation),
		       STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTShareObjectsInternal(&share), STATUS_SUCCESS);
	EXPECT(fcntl((int)(intptr_t)descriptor, F_GETFD) & FD_CLOEXEC);
	EXPECT_STATUS(D3DKMTShareObjectsInternal(NULL), STATUS_INVALID_PARAMETER);
}

static void close_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned int tries;

	D3DKMTCloseDxCoreDevice();
	D3DKMTCloseDxCoreDevice();
	/* the next call opens it again, as a process that has nothing */
	EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_INVALID_PARAMETER);
	for (tries = 0; tries < 3; tries++) {
		adapter = need_adapter();
		EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_SUCCESS);
		D3DKMTCloseDxCoreDevice();
	}
}

static const struct test_case cases[] = {
	CASE_ONCE(dxcore_by_bare_name, "libdxcore.so is found by its bare name and has the functions"),
	CASE(one_state, "what one library opened the other closes"),
	CASE_ONCE(no_answer, "a function that nothing stands behind says so, whatever it is given"),
	CASE(displays, "no name leads to a display, and nobody owns one"),
	CASE(device_name, "an adapter opens by its DRM nodes"),
	CASE(reclaim_without_queue, "ReclaimAllocations reclaims before it returns"),
	CASE(stable_power_state, "the clocks are stable"),
	CASE(share_in_a_structure, "ShareObjectsInternal shares"),
	CASE(close_device, "CloseDxCoreDevice destroys everything, and the device opens again"),
};

TEST_MAIN(cases)
