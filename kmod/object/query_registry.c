// SPDX-License-Identifier: GPL-2.0-only
/*
 * query_registry.c: KMTQAITYPE_QUERYREGISTRY, the driver's keys in the Windows registry
 *
 * There is no registry; a few values that programs ask for are answered as if there was
 * one:
 *
 *	DRIVERSTOREPATH	where the files of the user-mode driver lie, in the Windows form:
 *			libraries replace everything up to "\FileRepository\" by
 *			/usr/lib/wsl/drivers/
 *	ADAPTERKEY	the values of find_adapter_value(); "DrmNode", "DrmDriver" are ours
 *	SERVICEKEY	nothing: STATUS_OBJECT_NAME_NOT_FOUND
 *	DRIVERIMAGEPATH	nothing
 *
 * A caller asks twice. The first time its buffer ends with the structure: the answer is
 * success with the status BUFFER_OVERFLOW in the structure, and the size of the value in
 * bytes. The second time the value fits.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../refuse.h"
#include "query.h"

/* Registry value types of Windows. */
#define REG_SZ		1
#define REG_QWORD	11

#define DRIVER_STORE_PATH "\\SystemRoot\\System32\\DriverStore\\FileRepository\\vdxg"

/* The longest string any value holds, with its terminating 0. */
#define MAX_VALUE	64

/**
 * struct registry_value - a value that was found
 * @type: REG_SZ or REG_QWORD
 * @string: the string, or NULL
 * @qword: the number
 */
struct registry_value {
	u32 type;
	const char *string;
	u64 qword;
};

static bool same_name(const __u16 *name, const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		if (name[i] >= 0x80 || tolower(name[i]) != tolower(text[i]))
			return false;
	}
	return !name[i];
}

static bool terminated(const __u16 *name)
{
	int i;

	for (i = 0; i < D3DKMT_MAX_PATH; i++) {
		if (!name[i])
			return true;
	}
	return false;
}

static int no_such_value(void)
{
	return vdxg_refuse(STATUS_OBJECT_NAME_NOT_FOUND, "private_data.value_name", 0,
			   "there is no such value");
}

static int bad(const char *field, u64 value, const char *why)
{
	return vdxg_refuse(STATUS_INVALID_PARAMETER, field, value, why);
}

static int find_adapter_value(struct vdxg_adapter *adapter, const __u16 *name,
			      struct registry_value *value)
{
	const struct {
		const char *name;
		const char *string;
	} strings[] = {
		{ "DriverDesc", adapter->desc.name },
		{ "DriverVersion", VDXG_DRIVER_VERSION_STRING },
		{ "ProviderName", "vdxg" },
		{ "HardwareInformation.AdapterString", adapter->desc.name },
		{ "HardwareInformation.ChipType", adapter->desc.driver },
		{ "DrmDriver", adapter->desc.driver },
		{ "DrmNode", adapter->desc.node },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		if (strings[i].string[0] && same_name(name, strings[i].name)) {
			value->type = REG_SZ;
			value->string = strings[i].string;
			return STATUS_SUCCESS;
		}
	}
	if (same_name(name, "HardwareInformation.qwMemorySize")) {
		struct d3dkmt_segmentsizeinfo sizes;

		vdxg_query_segment_sizes(adapter, &sizes);
		value->type = REG_QWORD;
		value->qword = sizes.dedicated_video_memory_size;
		return STATUS_SUCCESS;
	}
	return no_such_value();
}

static int find_value(struct vdxg_adapter *adapter, const struct d3dddi_queryregistry_info *info,
		      struct registry_value *value)
{
	int status;

	switch (info->query_type) {
	case D3DDDI_QUERYREGISTRY_ADAPTERKEY:
	case D3DDDI_QUERYREGISTRY_SERVICEKEY:
		if (info->query_flags & ~D3DDDI_QUERYREGISTRY_TRANSLATE_PATH ||
		    !terminated(info->value_name))
			return bad("private_data.query_flags", info->query_flags,
				   "undefined bits, or a name that does not end");
		if (info->query_type == D3DDDI_QUERYREGISTRY_SERVICEKEY)
			return no_such_value();
		status = find_adapter_value(adapter, info->value_name, value);
		/* The caller names the type, for it is what a library converts the value by. */
		if (status == STATUS_SUCCESS && info->value_type != value->type)
			return vdxg_refuse(STATUS_OBJECT_TYPE_MISMATCH, "private_data.value_type",
					   info->value_type, "the value is of another type");
		return status;
	case D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH:
	case D3DDDI_QUERYREGISTRY_DRIVERIMAGEPATH:
		if (info->query_flags)
			return bad("private_data.query_flags", info->query_flags, "undefined bits");
		if (info->query_type == D3DDDI_QUERYREGISTRY_DRIVERIMAGEPATH)
			return no_such_value();
		value->type = REG_SZ;
		value->string = DRIVER_STORE_PATH;
		return STATUS_SUCCESS;
	default:
		return bad("private_data.query_type", info->query_type, "there is no such query");
	}
}

/**
 * vdxg_query_registry - answer KMTQAITYPE_QUERYREGISTRY
 * @adapter: whose keys
 * @data: the caller's struct d3dddi_queryregistry_info, which the value is written behind
 * @size: of the caller's buffer
 *
 * Return: STATUS_SUCCESS, also if the value does not fit; STATUS_INVALID_PARAMETER;
 * STATUS_OBJECT_NAME_NOT_FOUND without such a value; STATUS_OBJECT_TYPE_MISMATCH if it is
 * of another type than the caller says.
 */
int vdxg_query_registry(struct vdxg_adapter *adapter, void __user *data, u32 size)
{
	const size_t head = offsetof(struct d3dddi_queryregistry_info, output_dword);
	struct registry_value value = {};
	struct d3dddi_queryregistry_info info;
	__u16 text[MAX_VALUE];
	const void *bytes;
	int status;

	BUILD_BUG_ON(sizeof(DRIVER_STORE_PATH) > MAX_VALUE);
	BUILD_BUG_ON(sizeof(adapter->desc.name) > MAX_VALUE);

	if (!data || size < sizeof(info) || copy_from_user(&info, data, head))
		return bad("private_data_size", size, "too small, or it cannot be read");
	/* There is one physical adapter. */
	if (info.physical_adapter_index)
		return bad("private_data.physical_adapter_index", info.physical_adapter_index,
			   "there is one physical adapter, 0");
	status = find_value(adapter, &info, &value);
	if (status != STATUS_SUCCESS)
		return status;

	if (value.string) {
		vdxg_query_string(text, ARRAY_SIZE(text), value.string);
		bytes = text;
		info.output_value_size = (strlen(value.string) + 1) * sizeof(text[0]);
	} else {
		bytes = &value.qword;
		info.output_value_size = sizeof(value.qword);
	}
	info.value_type = value.type;
	info.status = D3DDDI_QUERYREGISTRY_STATUS_SUCCESS;
	if (info.output_value_size > size - head)
		info.status = D3DDDI_QUERYREGISTRY_STATUS_BUFFER_OVERFLOW;
	else if (copy_to_user(data + head, bytes, info.output_value_size))
		return bad("private_data", (uintptr_t)data, "cannot be written");
	return copy_to_user(data, &info, head) ?
		bad("private_data", (uintptr_t)data, "cannot be written") : STATUS_SUCCESS;
}
