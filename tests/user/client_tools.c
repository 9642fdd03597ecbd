// SPDX-License-Identifier: MIT
/*
 * client_tools.c: the calls, in their order, of three small programs written for WSL: Microsoft's
 * libdxgtest, NVIDIA's container tool kit, and fastfetch
 *
 * What each needs is in Documentation/clients.rst. A case fails where the program would stop, or show
 * nothing.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "kmt.h"
#include "raw.h"

#define MINIMUM_VERSION	2800	/* the older tool kit's; the newer asks for 2700 */
#define FETCH_SLOTS	64

static bool ours(uint32_t low, int32_t high)
{
	return low == test_adapter.luid_low && high == test_adapter.luid_high;
}

/* ---- libdxgtest ---- */

static void *five_devices(void *arg)
{
	const D3DKMT_HANDLE *adapter = arg;
	int i;

	for (i = 0; i < 5; i++)
		EXPECT_STATUS(kmt_destroy_device(need_device_of(*adapter)), STATUS_SUCCESS);
	return NULL;
}

static void test_one(const D3DKMT_ADAPTERINFO *info)
{
	D3DKMT_OPENADAPTERFROMLUID open = { .AdapterLuid = info->AdapterLuid };
	D3DKMT_DRIVER_DESCRIPTION *description = calloc(1, sizeof(*description));
	D3DKMT_QUERY_DEVICE_IDS ids = { .PhysicalAdapterIndex = 0 };
	D3DKMT_CREATECONTEXTVIRTUAL context = { .NodeOrdinal = 0 };
	D3DKMT_HANDLE adapter = info->hAdapter;
	D3DKMT_DESTROYCONTEXT destroy;
	uint32_t type = 0, caps;
	pthread_t thread;

	REQUIRE(description != NULL);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERTYPE_RENDER, &type, 4),
		      STATUS_SUCCESS);
	EXPECT(type & ADAPTERTYPE_RENDER_SUPPORTED);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, &ids,
					sizeof(ids)), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_WDDM_2_7_CAPS, &caps, 4),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_DRIVER_DESCRIPTION, description,
					sizeof(*description)), STATUS_SUCCESS);
	EXPECT(description->DriverDescription[0]);
	free(description);

	REQUIRE_STATUS(D3DKMTOpenAdapterFromLuid(&open), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(open.hAdapter), STATUS_SUCCESS);
	five_devices(&adapter);
	REQUIRE(!pthread_create(&thread, NULL, five_devices, &adapter));
	pthread_join(thread, NULL);
	context.hDevice = need_device_of(adapter);
	REQUIRE_STATUS(D3DKMTCreateContextVirtual(&context), STATUS_SUCCESS);
	destroy.hContext = context.hContext;
	EXPECT_STATUS(D3DKMTDestroyContext(&destroy), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(context.hDevice), STATUS_SUCCESS);
}

static void libdxgtest(void)
{
	D3DKMT_ADAPTERINFO info[16];
	D3DKMT_ENUMADAPTERS3 list = {
		.Filter.IncludeComputeOnly = 1,
		.NumAdapters = ARRAY_SIZE(info),
		.pAdapters = info,
	};
	ULONG i;

	REQUIRE_STATUS(D3DKMTEnumAdapters3(&list), STATUS_SUCCESS);
	REQUIRE(list.NumAdapters >= 1);
	for (i = 0; i < list.NumAdapters; i++) {
		if (ours(info[i].AdapterLuid.LowPart, info[i].AdapterLuid.HighPart))
			test_one(&info[i]);
		EXPECT_STATUS(kmt_close_adapter(info[i].hAdapter), STATUS_SUCCESS);
	}
}

/* ---- the container tool kit: everything through dlsym, text as wchar_t ---- */

typedef NTSTATUS (*enum3_function)(D3DKMT_ENUMADAPTERS3 *);
typedef NTSTATUS (*query_function)(const D3DKMT_QUERYADAPTERINFO *);

static NTSTATUS ask(query_function query, D3DKMT_HANDLE adapter, int type, void *data, size_t size)
{
	D3DKMT_QUERYADAPTERINFO args = {
		.hAdapter = adapter,
		.Type = type,
		.pPrivateDriverData = data,
		.PrivateDriverDataSize = size,
	};

	return query(&args);
}

static void store_exists(query_function query, D3DKMT_HANDLE adapter)
{
	D3DDDI_QUERYREGISTRY_INFO first = {
		.QueryType = D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH,
	}, *second;
	char path[MAX_PATH + 1];
	size_t size;
	int fd;

	REQUIRE_STATUS(ask(query, adapter, KMTQAITYPE_QUERYREGISTRY, &first, sizeof(first)),
		       STATUS_SUCCESS);
	REQUIRE(first.OutputValueSize > 0 && first.OutputValueSize <= MAX_PATH * sizeof(wchar_t));
	size = sizeof(first) + first.OutputValueSize;
	second = calloc(1, size);
	REQUIRE(second != NULL);
	second->QueryType = D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH;
	REQUIRE_STATUS(ask(query, adapter, KMTQAITYPE_QUERYREGISTRY, second, size), STATUS_SUCCESS);
	EXPECT_EQ(second->Status, D3DDDI_QUERYREGISTRY_STATUS_SUCCESS);
	EXPECT_EQ(second->OutputValueSize, (wcslen(second->OutputString) + 1) * sizeof(wchar_t));
	snprintf(path, sizeof(path), "%ls", second->OutputString);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!EXPECT(fd >= 0))
		test_note("%s", path);
	close(fd);
	free(second);
}

static void container_tool_kit(void)
{
	void *dxcore = dlopen("libdxcore.so", RTLD_LAZY);
	D3DKMT_ENUMADAPTERS3 list = { .NumAdapters = 0 };
	enum3_function enumerate;
	query_function query;
	uint32_t version, i;

	REQUIRE(dxcore != NULL);
	EXPECT(dlsym(dxcore, "D3DKMTEnumAdapters2"));
	enumerate = (enum3_function)dlsym(dxcore, "D3DKMTEnumAdapters3");
	query = (query_function)dlsym(dxcore, "D3DKMTQueryAdapterInfo");
	REQUIRE(enumerate && query);
	REQUIRE_STATUS(enumerate(&list), STATUS_SUCCESS);
	list.pAdapters = calloc(list.NumAdapters, sizeof(*list.pAdapters));
	REQUIRE(list.pAdapters != NULL);
	REQUIRE_STATUS(enumerate(&list), STATUS_SUCCESS);
	REQUIRE(list.NumAdapters >= 1);
	for (i = 0; i < list.NumAdapters; i++) {
		if (!ours(list.pAdapters[i].AdapterLuid.LowPart,
			  list.pAdapters[i].AdapterLuid.HighPart))
			continue;
		EXPECT_STATUS(ask(query, list.pAdapters[i].hAdapter, KMTQAITYPE_DRIVERVERSION,
				  &version, sizeof(version)), STATUS_SUCCESS);
		EXPECT(version >= MINIMUM_VERSION);
		store_exists(query, list.pAdapters[i].hAdapter);
	}
	free(list.pAdapters);
}

/* ---- fastfetch: bare ioctls, text in UTF-16 ---- */

static int fetch(int fd, __u32 adapter, int type, void *data, size_t size)
{
	struct d3dkmt_queryadapterinfo args = {
		.adapter.v = adapter,
		.type = type,
		.private_data = (uintptr_t)data,
		.private_data_size = size,
	};

	return raw_call(fd, LX_DXQUERYADAPTERINFO, &args);
}

static void fetch_memory(int fd, struct winluid luid)
{
	struct d3dkmt_querystatistics args;
	__u16 group;

	for (group = 0; group < 2; group++) {
		memset(&args, 0, sizeof(args));
		args.type = D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE;
		args.adapter_luid = luid;
		args.query2.id = group;
		EXPECT_STATUS(raw_call(fd, LX_DXQUERYSTATISTICS, &args), 0);
		EXPECT(args.result.usage.allocated_bytes + args.result.usage.free_bytes);
	}
}

static void fetch_one(int fd, const struct d3dkmt_adapterinfo *info)
{
	__u32 adapter = info->adapter_handle.v, version = 0;
	struct d3dkmt_adaptertype type = { 0 };
	struct d3dkmt_adapteraddress address;
	struct d3dkmt_query_device_ids ids = { 0 };
	struct d3dkmt_umd_driver_version driver;
	struct d3dkmt_adapterregistryinfo registry;
	struct d3dkmt_nodemetadata node = { 0 };
	struct d3dkmt_node_perfdata perf = { 0 };
	struct d3dkmt_adapter_perfdata adapter_perf = { 0 };
	struct d3dkmt_segmentsizeinfo sizes;

	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type)), 0);
	EXPECT_EQ(!!(type.value & D3DKMT_ADAPTERTYPE_SOFTWARE_DEVICE), test_adapter.software);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_DRIVERVERSION, &version, sizeof(version)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_ADAPTERADDRESS, &address, sizeof(address)), 0);
	EXPECT(test_adapter.software ? address.function_number == 0xffff :
	       address.function_number < 8);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, &ids, sizeof(ids)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_UMD_DRIVER_VERSION, &driver, sizeof(driver)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_ADAPTERREGISTRYINFO, &registry,
			    sizeof(registry)), 0);
	/* the name it prints */
	EXPECT(registry.adapter_string[0] >= ' ' && registry.adapter_string[0] < 0x7f);
	if (version >= KMT_DRIVERVERSION_WDDM_3_1)
		fetch_memory(fd, info->adapter_luid);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_GETSEGMENTSIZE, &sizes, sizeof(sizes)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_NODEMETADATA, &node, sizeof(node)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_NODEPERFDATA, &perf, sizeof(perf)), 0);
	EXPECT_STATUS(fetch(fd, adapter, KMTQAITYPE_ADAPTERPERFDATA, &adapter_perf,
			    sizeof(adapter_perf)), 0);
}

static void fastfetch(void)
{
	struct d3dkmt_adapterinfo info[FETCH_SLOTS];
	struct d3dkmt_enumadapters2 list = {
		.num_adapters = FETCH_SLOTS,
		.adapters = (uintptr_t)info,
	};
	int fd = open(test_device_path(), O_RDWR | O_CLOEXEC);
	__u32 i;

	REQUIRE(fd >= 0);
	REQUIRE_STATUS(raw_call(fd, LX_DXENUMADAPTERS2, &list), 0);
	REQUIRE(list.num_adapters >= 1 && list.num_adapters <= FETCH_SLOTS);
	for (i = 0; i < list.num_adapters; i++) {
		struct d3dkmt_closeadapter close = { .adapter_handle = info[i].adapter_handle };

		if (ours(info[i].adapter_luid.a, info[i].adapter_luid.b))
			fetch_one(fd, &info[i]);
		EXPECT_STATUS(raw_call(fd, LX_DXCLOSEADAPTER, &close), 0);
	}
	close(fd);
}

static const struct test_case cases[] = {
	CASE(libdxgtest, "libdxgtest finds an adapter and runs its tests on it"),
	CASE(container_tool_kit, "NVIDIA's container tool kit finds an adapter and its driver store"),
	CASE(fastfetch, "fastfetch has something to show"),
};

TEST_MAIN(cases)
