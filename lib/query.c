// SPDX-License-Identifier: MIT
/*
 * query.c: D3DKMTQueryAdapterInfo()
 *
 * Most buffers go to the kernel as they are.  Those with text do not: WCHAR is
 * wchar_t in this library, as in WSL's, and UTF-16 in the kernel.  A path below
 * Windows' driver store becomes one that can be opened, as there.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "device.h"
#include "shape.h"

#define QUERYADAPTERINFO "uupu"

/* The registry's types of text */
#define REG_SZ		1
#define REG_EXPAND_SZ	2
#define REG_MULTI_SZ	7

struct text_query {
	KMTQUERYADAPTERINFOTYPE type;
	const char *shape;
	size_t native, abi;	/* sizes */
};

static const struct text_query text_queries[] = {
	{ KMTQAITYPE_UMDRIVERNAME, "uw260",
	  sizeof(D3DKMT_UMDFILENAMEINFO),
	  sizeof(struct d3dkmt_umdfilenameinfo) },
	{ KMTQAITYPE_UMOPENGLINFO, "w260uu",
	  sizeof(D3DKMT_OPENGLINFO), sizeof(struct d3dkmt_openglinfo) },
	{ KMTQAITYPE_ADAPTERREGISTRYINFO, "w260w260w260w260",
	  sizeof(D3DKMT_ADAPTERREGISTRYINFO),
	  sizeof(struct d3dkmt_adapterregistryinfo) },
	{ KMTQAITYPE_ADAPTERREGISTRYINFO_RENDER, "w260w260w260w260",
	  sizeof(D3DKMT_ADAPTERREGISTRYINFO),
	  sizeof(struct d3dkmt_adapterregistryinfo) },
	{ KMTQAITYPE_NODEMETADATA, "uuw32ubb",
	  sizeof(D3DKMT_NODEMETADATA), sizeof(struct d3dkmt_nodemetadata) },
	{ KMTQAITYPE_QUERY_ADAPTER_UNIQUE_GUID, "w40",
	  sizeof(D3DKMT_QUERY_ADAPTER_UNIQUE_GUID),
	  sizeof(struct d3dkmt_query_adapter_unique_guid) },
	{ KMTQUITYPE_GPUVERSION, "uw32w32",
	  sizeof(D3DKMT_GPUVERSION), sizeof(struct d3dkmt_gpuversion) },
	{ KMTQAITYPE_DRIVER_DESCRIPTION, "w4096",
	  sizeof(D3DKMT_DRIVER_DESCRIPTION),
	  sizeof(struct d3dkmt_driver_description) },
	{ KMTQAITYPE_DRIVER_DESCRIPTION_RENDER, "w4096",
	  sizeof(D3DKMT_DRIVER_DESCRIPTION),
	  sizeof(struct d3dkmt_driver_description) },
};

/*
 * Where Windows has the files of a driver, and where they are here: the same
 * directory as in WSL, which "make install" creates.
 */
#define WINDOWS_STORE	"\\filerepository\\"
#define LINUX_STORE	L"/usr/lib/wsl/drivers/"

static size_t match_store(const WCHAR *text)
{
	const char *store = WINDOWS_STORE;
	size_t i;

	for (i = 0; store[i]; i++) {
		if (!text[i] || text[i] > 0x7f || tolower(text[i]) != store[i])
			return 0;
	}
	return i;
}

/* Turn a path below Windows' driver store into one here, in place. */
static void find_in_store(WCHAR *text, size_t room)
{
	const size_t head = ARRAY_SIZE(LINUX_STORE) - 1;
	const WCHAR *rest;
	size_t i, length, match = 0;

	for (rest = text; *rest && !match; rest++)
		match = match_store(rest);
	if (!match)
		return;
	rest += match - 1;
	length = wcslen(rest);
	if (head + length + 1 > room)
		return;
	wmemmove(text + head, rest, length + 1);
	wmemcpy(text, LINUX_STORE, head);
	for (i = head; text[i]; i++) {
		if (text[i] == '\\')
			text[i] = '/';
	}
}

static NTSTATUS query(const D3DKMT_QUERYADAPTERINFO *args, void *data,
		      size_t size)
{
	D3DKMT_QUERYADAPTERINFO copy = *args;

	copy.pPrivateDriverData = data;
	copy.PrivateDriverDataSize = size;
	return vdxg_call(LX_DXQUERYADAPTERINFO, &copy, QUERYADAPTERINFO);
}

/* The types that name a file of the driver. */
static void find_files(const D3DKMT_QUERYADAPTERINFO *args)
{
	D3DKMT_UMDFILENAMEINFO *umd = args->pPrivateDriverData;
	D3DKMT_OPENGLINFO *gl = args->pPrivateDriverData;

	if (args->Type == KMTQAITYPE_UMDRIVERNAME)
		find_in_store(umd->UmdFileName, ARRAY_SIZE(umd->UmdFileName));
	else if (args->Type == KMTQAITYPE_UMOPENGLINFO)
		find_in_store(gl->UmdOpenGlIcdFileName,
			      ARRAY_SIZE(gl->UmdOpenGlIcdFileName));
}

static NTSTATUS query_text(const D3DKMT_QUERYADAPTERINFO *args,
			   const struct text_query *t)
{
	NTSTATUS status;
	void *abi;

	if (args->PrivateDriverDataSize != t->native)
		return STATUS_INVALID_PARAMETER;
	abi = calloc(1, t->abi);
	if (!abi)
		return STATUS_NO_MEMORY;
	vdxg_shape_to_abi(t->shape, args->pPrivateDriverData, abi);
	status = query(args, abi, t->abi);
	if (NT_SUCCESS(status)) {
		vdxg_shape_from_abi(t->shape, abi, args->pPrivateDriverData);
		find_files(args);
	}
	free(abi);
	return status;
}

/* One string, which may be a path; its size shrinks with it. */
static void widen_string(D3DDDI_QUERYREGISTRY_INFO *native, const __u16 *units,
			 size_t count, size_t room)
{
	size_t i;

	for (i = 0; i < count; i++)
		native->OutputString[i] = units[i];
	/* REG_MULTI_SZ has zeroes inside */
	if (native->ValueType == REG_MULTI_SZ || !count || units[count - 1])
		return;
	find_in_store(native->OutputString, room / sizeof(WCHAR));
	native->OutputValueSize = (wcslen(native->OutputString) + 1) *
				  sizeof(WCHAR);
}

static bool is_text(const D3DDDI_QUERYREGISTRY_INFO *info)
{
	return info->QueryType == D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH ||
	       info->QueryType == D3DDDI_QUERYREGISTRY_DRIVERIMAGEPATH ||
	       info->ValueType == REG_SZ || info->ValueType == REG_EXPAND_SZ ||
	       info->ValueType == REG_MULTI_SZ;
}

/*
 * The value that follows the description is as long as the buffer allows, and
 * is text or not, so sizes are in units of the one or the other.
 */
static NTSTATUS query_registry(const D3DKMT_QUERYADAPTERINFO *args)
{
	static const char shape[] = "uuw260u4";
	const size_t native_head = offsetof(D3DDDI_QUERYREGISTRY_INFO,
					    OutputString);
	const size_t head = offsetof(struct d3dddi_queryregistry_info,
				     output_qword);
	D3DDDI_QUERYREGISTRY_INFO *native = args->pPrivateDriverData;
	struct d3dddi_queryregistry_info *abi;
	size_t room, size;
	NTSTATUS status;
	bool text;

	if (args->PrivateDriverDataSize < sizeof(*native))
		return STATUS_INVALID_PARAMETER;
	text = is_text(native);
	room = args->PrivateDriverDataSize - native_head;
	size = head + (text ? room / sizeof(WCHAR) * sizeof(__u16) : room);
	if (size < sizeof(*abi))
		size = sizeof(*abi);
	abi = calloc(1, size);
	if (!abi)
		return STATUS_NO_MEMORY;
	vdxg_shape_to_abi(shape, native, abi);
	status = query(args, abi, size);
	if (!NT_SUCCESS(status))
		goto out;

	native->Status = (D3DDDI_QUERYREGISTRY_STATUS)abi->status;
	native->OutputValueSize = abi->output_value_size;
	if (text)
		native->OutputValueSize = abi->output_value_size /
					  sizeof(__u16) * sizeof(WCHAR);
	if (abi->status != D3DDDI_QUERYREGISTRY_STATUS_SUCCESS)
		goto out;
	if (native->OutputValueSize > room) {
		status = STATUS_UNSUCCESSFUL;
	} else if (text) {
		widen_string(native, (const __u16 *)&abi->output_qword,
			     abi->output_value_size / sizeof(__u16), room);
	} else {
		memcpy(native->OutputBinary, &abi->output_qword,
		       abi->output_value_size);
	}
out:
	free(abi);
	return status;
}

/**
 * D3DKMTQueryAdapterInfo - ask an adapter
 * @args: hAdapter, Type, pPrivateDriverData of PrivateDriverDataSize bytes,
 *	which must be those of the type's structure
 *
 * Return: SUCCESS; INVALID_PARAMETER, a wrong size too; NOT_SUPPORTED, the
 * type; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTQueryAdapterInfo and KMTQUERYADAPTERINFOTYPE
 */
VDXG_PUBLIC NTSTATUS
D3DKMTQueryAdapterInfo(const D3DKMT_QUERYADAPTERINFO *args)
{
	size_t i;

	if (!args || !args->pPrivateDriverData)
		return STATUS_INVALID_PARAMETER;
	if (args->Type == KMTQAITYPE_QUERYREGISTRY)
		return query_registry(args);
	for (i = 0; i < ARRAY_SIZE(text_queries); i++) {
		if (args->Type == text_queries[i].type)
			return query_text(args, &text_queries[i]);
	}
	return vdxg_call(LX_DXQUERYADAPTERINFO, args, QUERYADAPTERINFO);
}
