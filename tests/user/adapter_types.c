// SPDX-License-Identifier: MIT
/*
 * adapter_types.c: every type of QueryAdapterInfo at the bare call, where text is UTF-16, and the registry's
 */
#include <stdio.h>
#include <string.h>

#include "gpu.h"
#include "gpuva.h"
#include "raw.h"

#define LAST_TYPE	100
#define LARGEST		16384
#define HEAD		offsetof(struct d3dddi_queryregistry_info, output_dword)

/* a type and its size here; what begins with an index wants it to be 0 */
static const struct {
	const char *name;
	uint32_t type;
	uint32_t size;
	bool indexed;
} types[] = {
#define TYPE(name, object)	{ #name, KMTQAITYPE_##name, sizeof(object), false }
#define INDEXED(name, object)	{ #name, KMTQAITYPE_##name, sizeof(object), true }
	TYPE(GETSEGMENTSIZE, struct d3dkmt_segmentsizeinfo),
	TYPE(ADAPTERGUID, struct d3dkmt_guid),
	TYPE(ADAPTERADDRESS, struct d3dkmt_adapteraddress),
	TYPE(ADAPTERREGISTRYINFO, struct d3dkmt_adapterregistryinfo),
	TYPE(CHECKDRIVERUPDATESTATUS, uint32_t),
	TYPE(VIRTUALADDRESSINFO, struct d3dkmt_virtualaddressinfo),
	TYPE(DRIVERVERSION, uint32_t),
	TYPE(ADAPTERTYPE, struct d3dkmt_adaptertype),
	TYPE(WDDM_1_2_CAPS, struct d3dkmt_wddm_1_2_caps),
	TYPE(UMD_DRIVER_VERSION, struct d3dkmt_umd_driver_version),
	TYPE(DIRECTFLIP_SUPPORT, uint32_t),
	TYPE(WDDM_1_3_CAPS, struct d3dkmt_wddm_caps),
	TYPE(WDDM_2_0_CAPS, struct d3dkmt_wddm_caps),
	INDEXED(NODEMETADATA, struct d3dkmt_nodemetadata),
	TYPE(PHYSICALADAPTERCOUNT, uint32_t),
	INDEXED(PHYSICALADAPTERDEVICEIDS, struct d3dkmt_query_device_ids),
	INDEXED(QUERY_GPUMMU_CAPS, struct d3dkmt_query_gpummu_caps),
	INDEXED(GETSEGMENTGROUPSIZE, struct d3dkmt_segmentgroupsizeinfo),
	TYPE(KMD_DRIVER_VERSION, struct d3dkmt_umd_driver_version),
	TYPE(ADAPTERGUID_RENDER, struct d3dkmt_guid),
	TYPE(ADAPTERADDRESS_RENDER, struct d3dkmt_adapteraddress),
	TYPE(ADAPTERREGISTRYINFO_RENDER, struct d3dkmt_adapterregistryinfo),
	TYPE(CHECKDRIVERUPDATESTATUS_RENDER, uint32_t),
	TYPE(DRIVERVERSION_RENDER, uint32_t),
	TYPE(ADAPTERTYPE_RENDER, struct d3dkmt_adaptertype),
	TYPE(WDDM_1_2_CAPS_RENDER, struct d3dkmt_wddm_1_2_caps),
	TYPE(WDDM_1_3_CAPS_RENDER, struct d3dkmt_wddm_caps),
	TYPE(QUERY_ADAPTER_UNIQUE_GUID, struct d3dkmt_query_adapter_unique_guid),
	INDEXED(NODEPERFDATA, struct d3dkmt_node_perfdata),
	INDEXED(ADAPTERPERFDATA, struct d3dkmt_adapter_perfdata),
	INDEXED(ADAPTERPERFDATA_CAPS, struct d3dkmt_adapter_perfdatacaps),
	{ "GPUVERSION", KMTQUITYPE_GPUVERSION, sizeof(struct d3dkmt_gpuversion), true },
	TYPE(DRIVER_DESCRIPTION, struct d3dkmt_driver_description),
	TYPE(DRIVER_DESCRIPTION_RENDER, struct d3dkmt_driver_description),
	TYPE(WDDM_2_7_CAPS, struct d3dkmt_wddm_caps),
	TYPE(WDDM_2_9_CAPS, struct d3dkmt_wddm_caps),
	TYPE(CROSSADAPTERRESOURCE_SUPPORT, uint32_t),
	TYPE(WDDM_3_0_CAPS, struct d3dkmt_wddm_caps),
	TYPE(WDDM_3_1_CAPS, struct d3dkmt_wddm_caps),
};

static int fd;
static __u32 handle;

static int ask(uint32_t type, void *data, uint32_t size)
{
	struct d3dkmt_queryadapterinfo args = {
		.adapter.v = handle,
		.type = type,
		.private_data = (uintptr_t)data,
		.private_data_size = size,
	};

	return raw_call(fd, LX_DXQUERYADAPTERINFO, &args);
}

static void start(void)
{
	fd = test_open();
	REQUIRE_STATUS(raw_open_adapter(fd, &handle), 0);
}

static void every_type(void)
{
	unsigned char *data;
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		data = test_page_end(NULL, types[i].size);
		if (!EXPECT_STATUS(ask(types[i].type, data, types[i].size), 0) ||
		    !EXPECT_STATUS(ask(types[i].type, data, types[i].size - 1), -EINVAL) ||
		    !EXPECT_STATUS(ask(types[i].type, data, types[i].size + 1), -EINVAL))
			test_note("%s", types[i].name);
		if (!types[i].indexed)
			continue;
		data[0] = 77;
		if (!EXPECT_STATUS(ask(types[i].type, data, types[i].size), -EINVAL))
			test_note("%s, with an index", types[i].name);
	}
}

static bool is_known(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return true;
	return type == KMTQAITYPE_QUERYREGISTRY;
}

/* the driver's private type among them: nobody shall take this for his GPU */
static void no_other(void)
{
	unsigned char *data = test_pages(LARGEST);
	uint32_t type;

	start();
	for (type = 0; type < LAST_TYPE; type++)
		if (!is_known(type) && !EXPECT_STATUS(ask(type, data, 64), -EPERM))
			test_note("type %u", type);
}

static uint32_t caps(uint32_t type)
{
	struct d3dkmt_wddm_caps caps = { .value = 0 };

	REQUIRE_STATUS(ask(type, &caps, sizeof(caps)), 0);
	return caps.value;
}

/* what is announced works, and what works is announced */
static void capabilities(void)
{
	struct d3dkmt_query_gpummu_caps mmu = { .physical_adapter_index = 0 };
	struct d3dkmt_virtualaddressinfo addresses = { .flags = 0 };
	D3DKMT_HANDLE device;

	start();
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_2_7_CAPS),
		  D3DKMT_WDDM_2_7_HWSCH_SUPPORTED | D3DKMT_WDDM_2_7_HWSCH_ENABLED |
		  D3DKMT_WDDM_2_7_HWSCH_ENABLED_BY_DEFAULT);
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_2_9_CAPS),
		  D3DKMT_WDDM_2_9_HWSCH_SUPPORT_STATE | D3DKMT_WDDM_2_9_HWSCH_ENABLED);
	device = need_device();
	need_hw_queue(device);
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_2_0_CAPS),
		  D3DKMT_WDDM_2_0_SUPPORT_SURPRISE_REMOVAL | D3DKMT_WDDM_2_0_GPUMMU_SUPPORTED |
		  D3DKMT_WDDM_2_0_SUPPORT_64BIT_ATOMICS);
	REQUIRE_STATUS(ask(KMTQAITYPE_QUERY_GPUMMU_CAPS, &mmu, sizeof(mmu)), 0);
	EXPECT(mmu.virtual_address_bit_count >= 40);
	REQUIRE_STATUS(ask(KMTQAITYPE_VIRTUALADDRESSINFO, &addresses, sizeof(addresses)), 0);
	EXPECT_EQ(addresses.flags, D3DKMT_VIRTUALADDRESS_SUPPORTED);
	/* no displays, no other adapter to share with, no fence of the hardware's own */
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_1_3_CAPS), 0);
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_3_0_CAPS), 0);
	EXPECT_EQ(caps(KMTQAITYPE_WDDM_3_1_CAPS), 0);
	EXPECT_EQ(caps(KMTQAITYPE_CROSSADAPTERRESOURCE_SUPPORT), 0);
}

/* an ASCII string as the ioctl has it */
static bool is_text(const void *text, size_t room, const char *start)
{
	__u16 unit;
	size_t i;

	for (i = 0; start[i] && i < room; i++) {
		/* structures of the interface may be packed */
		memcpy(&unit, (const char *)text + i * sizeof(unit), sizeof(unit));
		if (unit != (unsigned char)start[i])
			return false;
	}
	return !start[i];
}

static void identity(void)
{
	struct d3dkmt_query_adapter_unique_guid text;
	struct d3dkmt_umd_driver_version version[2];
	struct d3dkmt_guid guid[2];
	struct d3dkmt_nodemetadata node = { .node_ordinal_and_adapter_index = 0 };
	char first[10];

	start();
	REQUIRE_STATUS(ask(KMTQAITYPE_ADAPTERGUID, &guid[0], sizeof(guid[0])), 0);
	REQUIRE_STATUS(ask(KMTQAITYPE_ADAPTERGUID_RENDER, &guid[1], sizeof(guid[1])), 0);
	EXPECT(!memcmp(&guid[0], &guid[1], sizeof(guid[0])));
	REQUIRE_STATUS(ask(KMTQAITYPE_QUERY_ADAPTER_UNIQUE_GUID, &text, sizeof(text)), 0);
	/* the first part of a GUID is a little-endian number */
	snprintf(first, sizeof(first), "{%02X%02X%02X%02X", ((unsigned char *)guid)[3],
		 ((unsigned char *)guid)[2], ((unsigned char *)guid)[1],
		 ((unsigned char *)guid)[0]);
	EXPECT(is_text(text.adapter_unique_guid, ARRAY_SIZE(text.adapter_unique_guid), first));
	EXPECT_EQ(text.adapter_unique_guid[37], '}');
	EXPECT_EQ(text.adapter_unique_guid[38], 0);
	REQUIRE_STATUS(ask(KMTQAITYPE_UMD_DRIVER_VERSION, &version[0], sizeof(version[0])), 0);
	REQUIRE_STATUS(ask(KMTQAITYPE_KMD_DRIVER_VERSION, &version[1], sizeof(version[1])), 0);
	EXPECT_EQ(version[0].driver_version, version[1].driver_version);
	EXPECT_NE(version[0].driver_version, 0);
	REQUIRE_STATUS(ask(KMTQAITYPE_NODEMETADATA, &node, sizeof(node)), 0);
	EXPECT(is_text((char *)&node + offsetof(struct d3dkmt_nodemetadata, friendly_name),
		       ARRAY_SIZE(node.friendly_name), "software engine"));
	EXPECT(node.gpummu_supported);
}

/* ---- the registry ---- */

struct registry {
	struct d3dddi_queryregistry_info info;
	char more[256];
};

static struct registry registry(uint32_t query, const char *name, uint32_t type)
{
	struct registry r = { .info = { .query_type = query, .value_type = type } };
	size_t i;

	for (i = 0; name[i]; i++)
		r.info.value_name[i] = name[i];
	return r;
}

static int ask_registry(struct registry *r, size_t room)
{
	return ask(KMTQAITYPE_QUERYREGISTRY, r, sizeof(r->info) + room);
}

static const __u16 *output(const struct registry *r)
{
	return (const void *)((const char *)r + HEAD);
}

/* as programs ask: once for the size, once for the value */
static void driver_store(void)
{
	static const char store[] = "\\SystemRoot\\System32\\DriverStore\\FileRepository\\vdxg";
	struct registry r = registry(D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH, "", 0);

	start();
	REQUIRE_STATUS(ask_registry(&r, 0), 0);
	EXPECT_EQ(r.info.status, D3DDDI_QUERYREGISTRY_STATUS_BUFFER_OVERFLOW);
	EXPECT_EQ(r.info.output_value_size, 2 * sizeof(store));
	r = registry(D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH, "", 0);
	REQUIRE_STATUS(ask_registry(&r, sizeof(r.more)), 0);
	EXPECT_EQ(r.info.status, D3DDDI_QUERYREGISTRY_STATUS_SUCCESS);
	EXPECT_EQ(r.info.output_value_size, 2 * sizeof(store));
	EXPECT(is_text(output(&r), sizeof(store), store));
	r = registry(D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH, "", 0);
	r.info.query_flags = 1;
	EXPECT_STATUS(ask_registry(&r, sizeof(r.more)), -EINVAL);
}

static void registry_values(void)
{
	static const char * const strings[] = {
		"DriverDesc", "driverversion", "ProviderName", "HardwareInformation.ChipType",
		"HardwareInformation.AdapterString",
	};
	struct d3dkmt_segmentsizeinfo sizes;
	struct registry r;
	uint64_t bytes;
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, strings[i], 1);
		if (!EXPECT_STATUS(ask_registry(&r, sizeof(r.more)), 0))
			test_note("%s", strings[i]);
		EXPECT_EQ(r.info.status, D3DDDI_QUERYREGISTRY_STATUS_SUCCESS);
		EXPECT(r.info.output_value_size >= 4 && output(&r)[0] > ' ');
	}
	r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "HardwareInformation.qwMemorySize", 11);
	REQUIRE_STATUS(ask_registry(&r, 0), 0);
	EXPECT_EQ(r.info.output_value_size, sizeof(bytes));
	memcpy(&bytes, output(&r), sizeof(bytes));
	REQUIRE_STATUS(ask(KMTQAITYPE_GETSEGMENTSIZE, &sizes, sizeof(sizes)), 0);
	EXPECT_EQ(bytes, sizes.dedicated_video_memory_size);
}

static void registry_refused(void)
{
	struct registry r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "NoSuchValue", 1);
	size_t i;

	start();
	EXPECT_STATUS(ask_registry(&r, 64), STATUS_OBJECT_NAME_NOT_FOUND);
	r = registry(D3DDDI_QUERYREGISTRY_SERVICEKEY, "DriverDesc", 1);
	EXPECT_STATUS(ask_registry(&r, 64), STATUS_OBJECT_NAME_NOT_FOUND);
	r = registry(D3DDDI_QUERYREGISTRY_DRIVERIMAGEPATH, "", 1);
	EXPECT_STATUS(ask_registry(&r, 64), STATUS_OBJECT_NAME_NOT_FOUND);
	/* of another type than the caller thinks */
	r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "DriverDesc", 11);
	EXPECT_STATUS(ask_registry(&r, 64), -EPROTOTYPE);
	r = registry(99, "DriverDesc", 1);
	EXPECT_STATUS(ask_registry(&r, 64), -EINVAL);
	r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "DriverDesc", 1);
	r.info.physical_adapter_index = 1;
	EXPECT_STATUS(ask_registry(&r, 64), -EINVAL);
	/* a name that does not end */
	r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "", 1);
	for (i = 0; i < ARRAY_SIZE(r.info.value_name); i++)
		r.info.value_name[i] = 'a';
	EXPECT_STATUS(ask_registry(&r, 64), -EINVAL);
	/* too small, and memory that is not there or cannot be written */
	r = registry(D3DDDI_QUERYREGISTRY_ADAPTERKEY, "DriverDesc", 1);
	EXPECT_STATUS(ask(KMTQAITYPE_QUERYREGISTRY, &r, sizeof(r.info) - 1), -EINVAL);
	EXPECT_STATUS(ask(KMTQAITYPE_QUERYREGISTRY, NULL, sizeof(r)), -EINVAL);
	EXPECT_STATUS(ask(KMTQAITYPE_QUERYREGISTRY, test_unmapped(), sizeof(r)), -EINVAL);
	EXPECT_STATUS(ask(KMTQAITYPE_QUERYREGISTRY, test_readonly(&r, sizeof(r)), sizeof(r)),
		      -EINVAL);
}

static const struct test_case cases[] = {
	CASE(every_type, "each type answers its size at the ioctl, no other, and index 0 only"),
	CASE(no_other, "all other types are not supported, the driver's own too"),
	CASE(capabilities, "hardware queues and addresses are announced, and nothing that is not there"),
	CASE(identity, "GUIDs, versions and names agree with each other"),
	CASE(driver_store, "the driver store in its Windows form, first its size, then the path"),
	CASE(registry_values, "the values of an adapter's key, whatever the case of their names"),
	CASE(registry_refused, "no such value, another type, bad names and memory"),
};

TEST_MAIN(cases)
