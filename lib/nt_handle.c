// SPDX-License-Identifier: MIT
/*
 * nt_handle.c: NT handles by name, and opening them without a device
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * An NT handle is a descriptor.  Names belong to a user in a PID namespace.
 */
#include <string.h>

#include "nt_handle.h"

/* One wide character more of the name, in UTF-16. */
static size_t add_char(uint16_t *to, uint32_t c)
{
	if (c < 0x10000) {
		to[0] = c;
		return 1;
	}
	if (c > 0x10ffff) {
		to[0] = 0xfffd;
		return 1;
	}
	to[0] = 0xd800 + ((c - 0x10000) >> 10);
	to[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
	return 2;
}

uint64_t vdxg_attributes_to_abi(const OBJECT_ATTRIBUTES *from,
				struct vdxg_attributes *to)
{
	const UNICODE_STRING *name;
	size_t i, n = 0, count;

	if (!from)
		return 0;
	memset(to, 0, sizeof(*to));
	to->attr.length = from->Length == sizeof(*from) ? sizeof(to->attr) : 0;
	to->attr.root_directory = (uintptr_t)from->RootDirectory;
	to->attr.attributes = from->Attributes;
	name = from->ObjectName;
	if (!name)
		return (uintptr_t)&to->attr;
	count = name->Buffer ? name->Length / sizeof(WCHAR) : 0;
	for (i = 0; i < count && n + 2 <= VDXG_NAME_MAX; i++)
		n += add_char(to->name + n, name->Buffer[i]);
	to->string.length = n * sizeof(uint16_t);
	to->string.maximum_length = to->string.length;
	to->string.buffer = (uintptr_t)to->name;
	to->attr.object_name = (uintptr_t)&to->string;
	return (uintptr_t)&to->attr;
}

static NTSTATUS open_by_name(DWORD access, const OBJECT_ATTRIBUTES *attributes,
			     uint32_t flags, HANDLE *handle)
{
	struct vdxg_opennthandlefromname args;
	struct vdxg_attributes abi;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.desired_access = access;
	args.flags = flags;
	args.object_attr = vdxg_attributes_to_abi(attributes, &abi);
	status = vdxg_call(LX_VDXGOPENNTHANDLEFROMNAME, &args, "uuqq");
	if (NT_SUCCESS(status))
		*handle = (HANDLE)(uintptr_t)args.nt_handle;
	return status;
}

/**
 * D3DKMTOpenNtHandleFromName - a descriptor of a shared resource, by its name
 * @args: dwDesiredAccess, pObjAttrib; out hNtHandle
 *
 * Return: SUCCESS; INVALID_PARAMETER; OBJECT_NAME_NOT_FOUND;
 * OBJECT_TYPE_MISMATCH; ACCESS_DENIED, no access asked for, or more than who
 * gave the name had; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenNtHandleFromName
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenNtHandleFromName(D3DKMT_OPENNTHANDLEFROMNAME *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return open_by_name(args->dwDesiredAccess, args->pObjAttrib, 0,
			    &args->hNtHandle);
}

/**
 * D3DKMTOpenSyncObjectNtHandleFromName - the same of a synchronization object
 * @args: dwDesiredAccess, pObjAttrib; out hNtHandle
 *
 * Return: as D3DKMTOpenNtHandleFromName()
 * Source: d3dkmthk.h, D3DKMTOpenSyncObjectNtHandleFromName
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenSyncObjectNtHandleFromName(
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return open_by_name(args->dwDesiredAccess, args->pObjAttrib,
			    VDXG_NAME_OF_SYNC_OBJECT, &args->hNtHandle);
}

/**
 * D3DKMTOpenSyncObjectFromNtHandle - open one by a descriptor
 * @args: hNtHandle; out hSyncObject
 *
 * The first version of D3DKMTOpenSyncObjectFromNtHandle2(): of no device.
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; OBJECT_TYPE_MISMATCH;
 * ACCESS_DENIED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenSyncObjectFromNtHandle
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenSyncObjectFromNtHandle(D3DKMT_OPENSYNCOBJECTFROMNTHANDLE *args)
{
	return vdxg_call(LX_VDXGOPENSYNCOBJECTFROMNTHANDLE, args, "pu");
}
