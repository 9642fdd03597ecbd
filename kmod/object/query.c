// SPDX-License-Identifier: GPL-2.0-only
/*
 * query.c: D3DKMTQueryAdapterInfo
 *
 * One line of a table for each type: its number, the exact size of its buffer, whether
 * the caller's bytes are an input, and the function that fills the buffer. To add a type,
 * write the function and the line.
 *
 *	STATUS_INVALID_PARAMETER	NULL buffer, wrong size, bad pointer, node or adapter
 *	STATUS_NOT_SUPPORTED		a type without a line
 *
 * KMTQAITYPE_UMDRIVERPRIVATE has no line: it is between the two halves of one vendor's
 * driver, and there is no user-mode driver here. A vendor's library that asks must learn
 * that this is not its GPU.
 *
 * Strings are UTF-16, 2 bytes a character, whatever wchar_t is to the caller.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../gfp.h"
#include "../refuse.h"
#include "calls.h"
#include "process.h"
#include "query.h"

/* INTERFACE_TYPE of Windows: how the GPU is attached. */
#define BUS_TYPE_INTERNAL	0
#define BUS_TYPE_PCI		5

/* D3DKMT_ADAPTERADDRESS.FunctionNumber of what is not a PCI device. */
#define FUNCTION_NOT_PCI	0xffff

/**
 * vdxg_query_string - store a string as UTF-16
 * @dst: where; all of it is written
 * @count: how many characters it holds, the terminating 0 included
 * @src: ASCII, cut off where @dst ends
 */
void vdxg_query_string(__u16 *dst, size_t count, const char *src)
{
	size_t i;

	memset(dst, 0, count * sizeof(*dst));
	for (i = 0; i + 1 < count && src[i]; i++)
		dst[i] = (unsigned char)src[i] < 0x80 ? src[i] : '?';
}

static u64 bytes(unsigned long npages)
{
	return (u64)npages << PAGE_SHIFT;
}

/**
 * vdxg_query_segment_sizes - how much memory an adapter has, by kind
 * @adapter: the adapter
 * @info: is filled
 *
 * The formula of Windows: half of the machine's memory, 64 MiB at least, is available for
 * graphics; a local segment that is system memory (the software adapter's) comes out of
 * that, and the aperture may use the rest.
 */
void vdxg_query_segment_sizes(struct vdxg_adapter *adapter, struct d3dkmt_segmentsizeinfo *info)
{
	u64 graphics = max_t(u64, bytes(totalram_pages() / 2), SZ_64M);
	u64 local = bytes(adapter->mm.segments[VIDMM_LOCAL].capacity);
	u64 aperture = bytes(adapter->mm.segments[VIDMM_APERTURE].capacity);

	info->dedicated_video_memory_size = adapter->desc.software ? 0 : local;
	info->dedicated_system_memory_size = adapter->desc.software ? min(local, graphics) : 0;
	info->shared_system_memory_size =
		min(aperture, graphics - info->dedicated_system_memory_size);
}

/**
 * vdxg_query_gpu_version - an adapter's firmware and architecture
 * @adapter: the adapter
 * @version: is filled, but for the index
 */
void vdxg_query_gpu_version(struct vdxg_adapter *adapter, struct d3dkmt_gpuversion *version)
{
	vdxg_query_string(version->bios_version, ARRAY_SIZE(version->bios_version), "");
	vdxg_query_string(version->gpu_architecture, ARRAY_SIZE(version->gpu_architecture),
			  adapter->desc.driver);
}

static int fill_segment_size(struct vdxg_adapter *adapter, void *data)
{
	vdxg_query_segment_sizes(adapter, data);
	return STATUS_SUCCESS;
}

static int fill_segment_group_size(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_segmentgroupsizeinfo *info = data;

	vdxg_query_segment_sizes(adapter, &info->legacy_info);
	info->local_memory = bytes(adapter->mm.segments[VIDMM_LOCAL].capacity);
	info->non_local_memory = info->legacy_info.shared_system_memory_size;
	return STATUS_SUCCESS;
}

static int fill_guid(struct vdxg_adapter *adapter, void *data)
{
	BUILD_BUG_ON(sizeof(adapter->guid) != sizeof(struct d3dkmt_guid));
	memcpy(data, &adapter->guid, sizeof(adapter->guid));
	return STATUS_SUCCESS;
}

static int fill_unique_guid(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_query_adapter_unique_guid *info = data;
	char text[40];

	snprintf(text, sizeof(text), "{%pUL}", &adapter->guid);
	vdxg_query_string(info->adapter_unique_guid, ARRAY_SIZE(info->adapter_unique_guid), text);
	return STATUS_SUCCESS;
}

static int fill_address(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_adapteraddress *address = data;

	address->bus_number = adapter->desc.bus;
	address->device_number = adapter->desc.slot;
	address->function_number = adapter->desc.is_pci ? adapter->desc.function : FUNCTION_NOT_PCI;
	return STATUS_SUCCESS;
}

static int fill_registry_info(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_adapterregistryinfo *info = data;

	vdxg_query_string(info->adapter_string, ARRAY_SIZE(info->adapter_string),
			  adapter->desc.name);
	vdxg_query_string(info->chip_type, ARRAY_SIZE(info->chip_type), adapter->desc.driver);
	return STATUS_SUCCESS;
}

static int fill_description(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_driver_description *info = data;

	vdxg_query_string(info->driver_description, ARRAY_SIZE(info->driver_description),
			  adapter->desc.name);
	return STATUS_SUCCESS;
}

/* For flag words and BOOLs all of which are 0: nothing of what they could announce is there. */
static int fill_nothing(struct vdxg_adapter *adapter, void *data)
{
	return STATUS_SUCCESS;
}

static int fill_virtual_address_info(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_virtualaddressinfo *info = data;

	info->flags = VDXG_GPU_VA_BITS ? D3DKMT_VIRTUALADDRESS_SUPPORTED : 0;
	return STATUS_SUCCESS;
}

static int fill_wddm_version(struct vdxg_adapter *adapter, void *data)
{
	*(u32 *)data = VDXG_WDDM_VERSION;
	return STATUS_SUCCESS;
}

static int fill_driver_version(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_umd_driver_version *version = data;

	version->driver_version = VDXG_DRIVER_VERSION;
	return STATUS_SUCCESS;
}

static int fill_adapter_type(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_adaptertype *type = data;

	/* It renders and it does not display: the display stays with the DRM driver. */
	type->value = D3DKMT_ADAPTERTYPE_RENDER_SUPPORTED;
	if (adapter->desc.software)
		type->value |= D3DKMT_ADAPTERTYPE_SOFTWARE_DEVICE;
	return STATUS_SUCCESS;
}

static int fill_wddm_2_0_caps(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_wddm_caps *caps = data;

	/* Fences have 64 bits, also where the engine signals them. */
	caps->value = D3DKMT_WDDM_2_0_SUPPORT_SURPRISE_REMOVAL |
		D3DKMT_WDDM_2_0_SUPPORT_64BIT_ATOMICS;
	if (VDXG_GPU_VA_BITS)
		caps->value |= D3DKMT_WDDM_2_0_GPUMMU_SUPPORTED;
	return STATUS_SUCCESS;
}

/* A vendor's library that finds this takes hardware queues for its work, and they are there. */
static int fill_wddm_2_7_caps(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_wddm_caps *caps = data;

	caps->value = D3DKMT_WDDM_2_7_HWSCH_SUPPORTED | D3DKMT_WDDM_2_7_HWSCH_ENABLED |
		D3DKMT_WDDM_2_7_HWSCH_ENABLED_BY_DEFAULT;
	return STATUS_SUCCESS;
}

static int fill_wddm_2_9_caps(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_wddm_caps *caps = data;

	/* All bits of the state: always on. */
	caps->value = D3DKMT_WDDM_2_9_HWSCH_SUPPORT_STATE | D3DKMT_WDDM_2_9_HWSCH_ENABLED;
	return STATUS_SUCCESS;
}

static int fill_node_metadata(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_nodemetadata *node = data;

	if (node->node_ordinal_and_adapter_index >= VDXG_NUM_NODES)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data.node_ordinal",
				   node->node_ordinal_and_adapter_index,
				   "no such node or physical adapter");
	/* What the command stream of vdxg.h can do is to copy and to fill. */
	node->engine_type = DXGK_ENGINE_TYPE_COPY;
	node->gpummu_supported = VDXG_GPU_VA_BITS != 0;
	vdxg_query_string(node->friendly_name, ARRAY_SIZE(node->friendly_name), "software engine");
	return STATUS_SUCCESS;
}

static int fill_one(struct vdxg_adapter *adapter, void *data)
{
	*(u32 *)data = 1;
	return STATUS_SUCCESS;
}

static int fill_device_ids(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_query_device_ids *info = data;
	const struct vdxg_adapter_desc *desc = &adapter->desc;

	/* The software adapter has none: a borrowed id would make somebody load a driver. */
	info->device_ids.vendor_id = desc->vendor;
	info->device_ids.device_id = desc->device;
	info->device_ids.sub_vendor_id = desc->subsystem_vendor;
	info->device_ids.sub_system_id = desc->subsystem;
	info->device_ids.revision_id = desc->revision;
	info->device_ids.bus_type = desc->is_pci ? BUS_TYPE_PCI : BUS_TYPE_INTERNAL;
	return STATUS_SUCCESS;
}

static int fill_gpummu_caps(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_query_gpummu_caps *caps = data;

	if (VDXG_GPU_VA_BITS)
		caps->flags = D3DKMT_GPUMMU_READ_ONLY_MEMORY | D3DKMT_GPUMMU_CACHE_COHERENT_MEMORY;
	caps->virtual_address_bit_count = VDXG_GPU_VA_BITS;
	return STATUS_SUCCESS;
}

static int fill_node_perf_data(struct vdxg_adapter *adapter, void *data)
{
	struct d3dkmt_node_perfdata *node = data;

	if (node->node_ordinal >= VDXG_NUM_NODES || node->physical_adapter_index)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data.node_ordinal",
				   node->node_ordinal, "no such node or physical adapter");
	/* No clock and no voltage to tell. */
	return STATUS_SUCCESS;
}

static int fill_gpu_version(struct vdxg_adapter *adapter, void *data)
{
	vdxg_query_gpu_version(adapter, data);
	return STATUS_SUCCESS;
}

/*
 * What the caller's bytes mean: nothing, the number of a physical adapter (there is one,
 * 0), or something the function checks. Whatever lies behind the input is cleared before
 * the function runs.
 */
enum query_input {
	INPUT_NONE,
	INPUT_PHYSICAL_ADAPTER,
	INPUT_NODE,
	INPUT_NODE_AND_PHYSICAL_ADAPTER,
};

static const u8 input_size[] = {
	[INPUT_NONE] = 0,
	[INPUT_PHYSICAL_ADAPTER] = sizeof(u32),
	[INPUT_NODE] = sizeof(u32),
	[INPUT_NODE_AND_PHYSICAL_ADAPTER] = 2 * sizeof(u32),
};

/**
 * struct query - a type of D3DKMTQueryAdapterInfo
 * @size: of the buffer, exactly; 0: not supported
 * @input: what the caller's bytes mean
 * @fill: fills a buffer that is zero behind the input
 */
struct query {
	u16 size;
	u8 input;
	int (*fill)(struct vdxg_adapter *adapter, void *data);
};

#define QUERY(type, object, in, fn) \
	[type] = { .size = sizeof(object), .input = (in), .fill = (fn) }

static const struct query queries[] = {
	QUERY(KMTQAITYPE_GETSEGMENTSIZE, struct d3dkmt_segmentsizeinfo, INPUT_NONE,
	      fill_segment_size),
	QUERY(KMTQAITYPE_ADAPTERGUID, struct d3dkmt_guid, INPUT_NONE, fill_guid),
	QUERY(KMTQAITYPE_ADAPTERADDRESS, struct d3dkmt_adapteraddress, INPUT_NONE, fill_address),
	QUERY(KMTQAITYPE_ADAPTERREGISTRYINFO, struct d3dkmt_adapterregistryinfo, INPUT_NONE,
	      fill_registry_info),
	QUERY(KMTQAITYPE_CHECKDRIVERUPDATESTATUS, u32, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_VIRTUALADDRESSINFO, struct d3dkmt_virtualaddressinfo, INPUT_NONE,
	      fill_virtual_address_info),
	QUERY(KMTQAITYPE_DRIVERVERSION, u32, INPUT_NONE, fill_wddm_version),
	QUERY(KMTQAITYPE_ADAPTERTYPE, struct d3dkmt_adaptertype, INPUT_NONE, fill_adapter_type),
	QUERY(KMTQAITYPE_WDDM_1_2_CAPS, struct d3dkmt_wddm_1_2_caps, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_UMD_DRIVER_VERSION, struct d3dkmt_umd_driver_version, INPUT_NONE,
	      fill_driver_version),
	QUERY(KMTQAITYPE_DIRECTFLIP_SUPPORT, u32, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_WDDM_1_3_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_WDDM_2_0_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_wddm_2_0_caps),
	QUERY(KMTQAITYPE_NODEMETADATA, struct d3dkmt_nodemetadata, INPUT_NODE, fill_node_metadata),
	QUERY(KMTQAITYPE_PHYSICALADAPTERCOUNT, u32, INPUT_NONE, fill_one),
	QUERY(KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, struct d3dkmt_query_device_ids,
	      INPUT_PHYSICAL_ADAPTER, fill_device_ids),
	QUERY(KMTQAITYPE_QUERY_GPUMMU_CAPS, struct d3dkmt_query_gpummu_caps,
	      INPUT_PHYSICAL_ADAPTER, fill_gpummu_caps),
	QUERY(KMTQAITYPE_GETSEGMENTGROUPSIZE, struct d3dkmt_segmentgroupsizeinfo,
	      INPUT_PHYSICAL_ADAPTER, fill_segment_group_size),
	QUERY(KMTQAITYPE_KMD_DRIVER_VERSION, struct d3dkmt_umd_driver_version, INPUT_NONE,
	      fill_driver_version),
	QUERY(KMTQAITYPE_ADAPTERGUID_RENDER, struct d3dkmt_guid, INPUT_NONE, fill_guid),
	QUERY(KMTQAITYPE_ADAPTERADDRESS_RENDER, struct d3dkmt_adapteraddress, INPUT_NONE,
	      fill_address),
	QUERY(KMTQAITYPE_ADAPTERREGISTRYINFO_RENDER, struct d3dkmt_adapterregistryinfo, INPUT_NONE,
	      fill_registry_info),
	QUERY(KMTQAITYPE_CHECKDRIVERUPDATESTATUS_RENDER, u32, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_DRIVERVERSION_RENDER, u32, INPUT_NONE, fill_wddm_version),
	QUERY(KMTQAITYPE_ADAPTERTYPE_RENDER, struct d3dkmt_adaptertype, INPUT_NONE,
	      fill_adapter_type),
	QUERY(KMTQAITYPE_WDDM_1_2_CAPS_RENDER, struct d3dkmt_wddm_1_2_caps, INPUT_NONE,
	      fill_nothing),
	QUERY(KMTQAITYPE_WDDM_1_3_CAPS_RENDER, struct d3dkmt_wddm_caps, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_QUERY_ADAPTER_UNIQUE_GUID, struct d3dkmt_query_adapter_unique_guid,
	      INPUT_NONE, fill_unique_guid),
	QUERY(KMTQAITYPE_NODEPERFDATA, struct d3dkmt_node_perfdata,
	      INPUT_NODE_AND_PHYSICAL_ADAPTER, fill_node_perf_data),
	/* Temperature, power, clocks: nobody measures them, 0 is "not known". */
	QUERY(KMTQAITYPE_ADAPTERPERFDATA, struct d3dkmt_adapter_perfdata, INPUT_PHYSICAL_ADAPTER,
	      fill_nothing),
	QUERY(KMTQAITYPE_ADAPTERPERFDATA_CAPS, struct d3dkmt_adapter_perfdatacaps,
	      INPUT_PHYSICAL_ADAPTER, fill_nothing),
	QUERY(KMTQUITYPE_GPUVERSION, struct d3dkmt_gpuversion, INPUT_PHYSICAL_ADAPTER,
	      fill_gpu_version),
	QUERY(KMTQAITYPE_DRIVER_DESCRIPTION, struct d3dkmt_driver_description, INPUT_NONE,
	      fill_description),
	QUERY(KMTQAITYPE_DRIVER_DESCRIPTION_RENDER, struct d3dkmt_driver_description, INPUT_NONE,
	      fill_description),
	QUERY(KMTQAITYPE_WDDM_2_7_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_wddm_2_7_caps),
	QUERY(KMTQAITYPE_WDDM_2_9_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_wddm_2_9_caps),
	QUERY(KMTQAITYPE_CROSSADAPTERRESOURCE_SUPPORT, u32, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_WDDM_3_0_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_nothing),
	QUERY(KMTQAITYPE_WDDM_3_1_CAPS, struct d3dkmt_wddm_caps, INPUT_NONE, fill_nothing),
};

static const struct query *find_query(u32 type)
{
	if (type >= ARRAY_SIZE(queries))
		return NULL;
	type = array_index_nospec(type, ARRAY_SIZE(queries));
	return queries[type].size ? &queries[type] : NULL;
}

static int answer(struct vdxg_adapter *adapter, const struct query *query, void __user *user)
{
	u32 in = input_size[query->input];
	void *data;
	int status;

	data = kzalloc(query->size, VDXG_GFP);
	if (!data)
		return STATUS_NO_MEMORY;
	if (copy_from_user(data, user, in))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data", (uintptr_t)user,
				     "cannot be read");
	else if (query->input == INPUT_PHYSICAL_ADAPTER && *(u32 *)data)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER,
				     "private_data.physical_adapter_index", *(u32 *)data,
				     "there is one physical adapter, 0");
	else
		status = query->fill(adapter, data);
	if (status == STATUS_SUCCESS && copy_to_user(user, data, query->size))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data", (uintptr_t)user,
				     "cannot be written");
	kfree(data);
	return status;
}

/**
 * vdxg_query_adapter_info - D3DKMTQueryAdapterInfo
 * @call: with a struct d3dkmt_queryadapterinfo
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, buffer or size;
 * STATUS_DEVICE_REMOVED; STATUS_NOT_SUPPORTED for a type that is not answered;
 * STATUS_NO_MEMORY; for a registry query also STATUS_OBJECT_NAME_NOT_FOUND and
 * STATUS_OBJECT_TYPE_MISMATCH.
 */
int vdxg_query_adapter_info(struct vdxg_call *call)
{
	const struct d3dkmt_queryadapterinfo *args = call->args;
	void __user *user = u64_to_user_ptr(args->private_data);
	struct vdxg_adapter_open *open;
	u32 type = args->type;
	const struct query *query = find_query(type);
	int status;

	open = vdxg_adapter_open_get(call->process, args->adapter);
	if (!open)
		return STATUS_INVALID_PARAMETER;
	if (vdxg_adapter_removed(open->adapter))
		status = STATUS_DEVICE_REMOVED;
	else if (type == KMTQAITYPE_QUERYREGISTRY)
		status = vdxg_query_registry(open->adapter, user, args->private_data_size);
	else if (!query)
		status = vdxg_refuse(STATUS_NOT_SUPPORTED, "type", type, "not answered");
	else if (!user || args->private_data_size != query->size)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data_size",
				     args->private_data_size, "not the size of this type");
	else
		status = answer(open->adapter, query, user);
	vdxg_object_put(&open->obj);
	return status;
}
