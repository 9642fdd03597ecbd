// SPDX-License-Identifier: MIT
/*
 * adapter_query.c: QueryAdapterInfo
 */
#include "kmt.h"

/* what every adapter answers; all inputs of these are happy with zeroes */
static const struct {
	const char *name;
	int type;
	uint32_t size;
} types[] = {
#define TYPE(name, size) { #name, KMTQAITYPE_##name, size }
	TYPE(GETSEGMENTSIZE, sizeof(D3DKMT_SEGMENTSIZEINFO)),
	TYPE(ADAPTERADDRESS, sizeof(D3DKMT_ADAPTERADDRESS)),
	TYPE(CHECKDRIVERUPDATESTATUS, 4),
	TYPE(DRIVERVERSION, 4),
	TYPE(ADAPTERTYPE, 4),
	TYPE(ADAPTERTYPE_RENDER, 4),
	TYPE(UMD_DRIVER_VERSION, 8),
	TYPE(PHYSICALADAPTERCOUNT, 4),
	TYPE(PHYSICALADAPTERDEVICEIDS, sizeof(D3DKMT_QUERY_DEVICE_IDS)),
	TYPE(GETSEGMENTGROUPSIZE, sizeof(D3DKMT_SEGMENTGROUPSIZEINFO)),
	TYPE(WDDM_2_0_CAPS, 4),
	TYPE(WDDM_2_7_CAPS, 4),
};

#define LARGEST 256

static void exact_size(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned char *data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		data = test_page_end(NULL, types[i].size);
		if (!EXPECT_STATUS(kmt_query_adapter(adapter, types[i].type, data, types[i].size),
				   STATUS_SUCCESS))
			test_note("type %s", types[i].name);
	}
}

static void wrong_size(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned char data[LARGEST];
	size_t i, j, k;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		const uint32_t sizes[] = {
			0, 1, types[i].size - 1, types[i].size + 1, 0x80000000, 0xffffffff
		};

		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			memset(data, 0, sizeof(data));
			if (!EXPECT_STATUS(kmt_query_adapter(adapter, types[i].type, data,
							     sizes[j]),
					   STATUS_INVALID_PARAMETER))
				test_note("type %s, size %u", types[i].name, sizes[j]);
			for (k = 0; k < sizeof(data); k++)
				if (!EXPECT_EQ(data[k], 0))
					break;
		}
	}
}

static void bad_pointer(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	void *unmapped = test_unmapped(), *readonly = test_readonly(NULL, 4096);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		int type = types[i].type;
		uint32_t size = types[i].size;

		EXPECT_STATUS(kmt_query_adapter(adapter, type, NULL, size),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_query_adapter(adapter, type, unmapped, size),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_query_adapter(adapter, type, readonly, size),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_query_adapter(adapter, type, test_straddle(size), size),
			      STATUS_INVALID_PARAMETER);
	}
}

static void adapter_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      closed = need_adapter();
	const D3DKMT_HANDLE bad[] = { 0,	   0xdeadbec0,		 device,
				      adapter | 1, adapter ^ 0xc0000000, closed };
	uint32_t type;
	size_t i;

	EXPECT_STATUS(kmt_close_adapter(closed), STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		type = 0x55aa;
		EXPECT_STATUS(kmt_query_adapter(bad[i], KMTQAITYPE_ADAPTERTYPE, &type,
						sizeof(type)),
			      STATUS_INVALID_PARAMETER);
		EXPECT_EQ(type, 0x55aa);
	}
}

static void type_unknown(void)
{
	static const int unknown[] = { -1, 9999, 0x7fffffff };
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned char data[LARGEST] = { 0 };
	NTSTATUS status;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		status = kmt_query_adapter(adapter, unknown[i], data, sizeof(data));
		EXPECT(status == STATUS_INVALID_PARAMETER || status == STATUS_NOT_SUPPORTED);
	}
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTQueryAdapterInfo(NULL), STATUS_INVALID_PARAMETER);
}

static void honest_values(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_SEGMENTSIZEINFO sizes = { 0 };
	D3DKMT_SEGMENTGROUPSIZEINFO groups = { 0 };
	uint32_t type = 0, render = 0, version = 0, update = 7, count = 0;
	uint64_t local = need_capacity(VDXG_SEGMENT_LOCAL);

	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_GETSEGMENTSIZE, &sizes, sizeof(sizes)),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_GETSEGMENTGROUPSIZE, &groups,
					sizeof(groups)),
		      STATUS_SUCCESS);
	EXPECT(!memcmp(&groups.LegacyInfo, &sizes, sizeof(sizes)));
	/* a software adapter's local segment is system memory, too */
	EXPECT_EQ(sizes.DedicatedVideoMemorySize, test_adapter.software ? 0 : local);
	EXPECT_EQ(groups.LocalMemory, local);
	EXPECT_EQ(local % 4096, 0);
	EXPECT(groups.NonLocalMemory <= need_capacity(VDXG_SEGMENT_APERTURE));
	EXPECT_EQ(groups.NonLocalMemory % 4096, 0);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type)),
		      STATUS_SUCCESS);
	EXPECT(type & ADAPTERTYPE_RENDER_SUPPORTED);
	EXPECT_EQ(!!(type & ADAPTERTYPE_SOFTWARE_DEVICE), test_adapter.software);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERTYPE_RENDER, &render,
					sizeof(render)),
		      STATUS_SUCCESS);
	EXPECT_EQ(render, type);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_DRIVERVERSION, &version,
					sizeof(version)),
		      STATUS_SUCCESS);
	/* container tool kits ask for 2.8, Windows' own tests for 3.1 */
	EXPECT(version >= 3100);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_CHECKDRIVERUPDATESTATUS, &update,
					sizeof(update)),
		      STATUS_SUCCESS);
	EXPECT_EQ(update, 0);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_PHYSICALADAPTERCOUNT, &count,
					sizeof(count)),
		      STATUS_SUCCESS);
	EXPECT_EQ(count, 1);
}

static void physical_adapter_index(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_QUERY_DEVICE_IDS ids = { .PhysicalAdapterIndex = 99 };
	D3DKMT_SEGMENTGROUPSIZEINFO groups = { .PhysicalAdapterIndex = 1 };

	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, &ids,
					sizeof(ids)),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_GETSEGMENTGROUPSIZE, &groups,
					sizeof(groups)),
		      STATUS_INVALID_PARAMETER);
}

static void wide_strings(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_DRIVER_DESCRIPTION *description = test_page_end(NULL, sizeof(*description));
	D3DKMT_ADAPTERREGISTRYINFO *registry = test_page_end(NULL, sizeof(*registry));

	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_DRIVER_DESCRIPTION, description,
					sizeof(*description)), STATUS_SUCCESS);
	EXPECT(description->DriverDescription[0] >= ' ' &&
	       description->DriverDescription[0] < 0x7f);
	EXPECT(wcslen(description->DriverDescription) > 3);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERREGISTRYINFO, registry,
					sizeof(*registry)),
		      STATUS_SUCCESS);
	EXPECT(wcslen(registry->AdapterString) > 3);
}

static const struct test_case cases[] = {
	CASE(exact_size, "every type answers a buffer of its size and writes no byte more"),
	CASE(wrong_size, "any other size is refused and nothing is written"),
	CASE(bad_pointer, "a NULL, unmapped, read-only or cut-off buffer is refused"),
	CASE(adapter_bad, "a bogus, closed or wrong-typed adapter is refused"),
	CASE(type_unknown, "an unknown type is refused"),
	CASE(null_argument, "NULL is refused"),
	CASE(honest_values, "sizes, types and versions are consistent"),
	CASE(physical_adapter_index, "there is no second physical adapter"),
	CASE(wide_strings, "texts arrive in the library's WCHAR"),
};

TEST_MAIN(cases)
