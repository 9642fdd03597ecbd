// SPDX-License-Identifier: MIT
/*
 * sharing.c: sharing objects and opening shared resources
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.  An NT handle is a file
 * descriptor: pass it on over a socket, close it with close().
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "nt_handle.h"
#include "shape.h"

#define OPENALLOCATIONINFO	"upu"
#define OPENALLOCATIONINFO2	"upuq7"

/* Descriptions converted without asking for memory. */
#define FEW	8

/**
 * D3DKMTShareObjects - make a descriptor of objects
 * @cObjects: 1 to 3
 * @hObjects: a resource or a synchronization object; or a resource, a keyed
 *	mutex and a synchronization object
 * @pObjectAttributes: a name and OBJ_INHERIT, or NULL
 * @dwDesiredAccess: what an opener may do
 * @phSharedNtHandle: out, a descriptor, closed across exec
 *
 * The objects must have been made with NtSecuritySharing.
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED, more access than an object
 * was opened with; OBJECT_NAME_COLLISION; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTShareObjects
 */
VDXG_PUBLIC NTSTATUS D3DKMTShareObjects(UINT cObjects,
					const D3DKMT_HANDLE *hObjects,
					POBJECT_ATTRIBUTES pObjectAttributes,
					DWORD dwDesiredAccess,
					HANDLE *phSharedNtHandle)
{
	struct vdxg_attributes attributes;
	struct d3dkmt_shareobjects args;
	uint64_t descriptor = 0;
	NTSTATUS status;

	if (!phSharedNtHandle)
		return STATUS_INVALID_PARAMETER;
	memset(&args, 0, sizeof(args));
	args.object_count = cObjects;
	args.objects = (uintptr_t)hObjects;
	args.object_attr = vdxg_attributes_to_abi(pObjectAttributes,
						  &attributes);
	args.desired_access = dwDesiredAccess;
	args.shared_handle = (uintptr_t)&descriptor;
	status = vdxg_call(LX_DXSHAREOBJECTS, &args, "q5");
	if (NT_SUCCESS(status))
		*phSharedNtHandle = (HANDLE)(uintptr_t)descriptor;
	return status;
}

/**
 * D3DKMTShareObjectsInternal - the same, with its arguments in a structure
 * @args: as those of D3DKMTShareObjects()
 *
 * Return: as D3DKMTShareObjects()
 * Source: WSL's libdxg; not documented
 */
VDXG_PUBLIC NTSTATUS D3DKMTShareObjectsInternal(D3DKMT_SHAREOBJECTS *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return D3DKMTShareObjects(args->ObjectCount, args->ObjectHandleArray,
				  args->pObjectAttributes, args->DesiredAccess,
				  args->pSharedNtHandle);
}

/**
 * D3DKMTShareObjectWithHost - give an object to the host of a virtual machine
 * @args: hDevice, hObject; out hVailProcessNtHandle
 *
 * Return: SUCCESS; INVALID_PARAMETER; NOT_SUPPORTED, there is no host
 * Source: WSL's /dev/dxg; not documented
 */
VDXG_PUBLIC NTSTATUS D3DKMTShareObjectWithHost(D3DKMT_SHAREOBJECTWITHHOST *args)
{
	return vdxg_call(LX_DXSHAREOBJECTWITHHOST, args, "uuqq");
}

/**
 * D3DKMTQueryResourceInfo - the sizes that opening a resource needs
 * @args: hDevice, hGlobalShare; the sizes are out
 *
 * pPrivateRuntimeData is not written.
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; INTEGER_OVERFLOW
 * Source: d3dkmthk.h, D3DKMTQueryResourceInfo
 */
VDXG_PUBLIC NTSTATUS D3DKMTQueryResourceInfo(D3DKMT_QUERYRESOURCEINFO *args)
{
	return vdxg_call(LX_DXQUERYRESOURCEINFO, args, "uupu4");
}

/**
 * D3DKMTQueryResourceInfoFromNtHandle - the same, by a descriptor
 * @args: hDevice, hNtHandle; the sizes are out
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; OBJECT_TYPE_MISMATCH;
 * DEVICE_REMOVED; INTEGER_OVERFLOW
 * Source: d3dkmthk.h, D3DKMTQueryResourceInfoFromNtHandle
 */
VDXG_PUBLIC NTSTATUS D3DKMTQueryResourceInfoFromNtHandle(
	D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE *args)
{
	return vdxg_call(LX_DXQUERYRESOURCEINFOFROMNTHANDLE, args, "uppu4");
}

/*
 * Open with entries in the kernel's layout in place of those at *@list, @count
 * of @shape, @stride apart.
 */
static NTSTATUS open_converted(unsigned long request, void *args,
			       const char *args_shape, void **list, UINT count,
			       const char *shape, size_t stride)
{
	struct d3dddi_openallocationinfo2 few[FEW], *infos = few;
	char *native = *list;
	NTSTATUS status;
	UINT i;

	if (count > VDXG_MAX_LIST || (count && !native))
		return STATUS_INVALID_PARAMETER;
	if (count > FEW) {
		infos = calloc(count, sizeof(*infos));
		if (!infos)
			return STATUS_NO_MEMORY;
	} else {
		memset(few, 0, sizeof(few));
	}
	for (i = 0; i < count; i++)
		vdxg_shape_to_abi(shape, native + i * stride, &infos[i]);
	*list = infos;
	status = vdxg_call(request, args, args_shape);
	*list = native;
	for (i = 0; i < count; i++)
		vdxg_shape_from_abi(shape, &infos[i], native + i * stride);
	if (infos != few)
		free(infos);
	return status;
}

static NTSTATUS open_by_share(D3DKMT_OPENRESOURCE *args, const char *shape,
			      size_t stride)
{
	D3DKMT_OPENRESOURCE copy = *args;
	NTSTATUS status;

	status = open_converted(LX_DXOPENRESOURCE, &copy, "u3ppupupuu",
				(void **)&copy.pOpenAllocationInfo,
				args->NumAllocations, shape, stride);
	args->TotalPrivateDriverDataBufferSize =
		copy.TotalPrivateDriverDataBufferSize;
	args->hResource = copy.hResource;
	return status;
}

/**
 * D3DKMTOpenResource2 - open a resource by its global handle
 * @args: hDevice, hGlobalShare, buffers of the sizes D3DKMTQueryResourceInfo()
 *	tells; out hResource and the hAllocation of each entry of
 *	pOpenAllocationInfo2
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTOpenResource2
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenResource2(D3DKMT_OPENRESOURCE *args)
{
	if (args && vdxg_shape_differs(OPENALLOCATIONINFO2))
		return open_by_share(args, OPENALLOCATIONINFO2,
				     sizeof(D3DDDI_OPENALLOCATIONINFO2));
	return vdxg_call(LX_DXOPENRESOURCE, args, "u3ppupupuu");
}

/**
 * D3DKMTOpenResource - the same, with entries of the first version
 * @args: as D3DKMTOpenResource2(), but pOpenAllocationInfo
 *
 * Return: as D3DKMTOpenResource2()
 * Source: d3dkmthk.h, D3DKMTOpenResource
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenResource(D3DKMT_OPENRESOURCE *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return open_by_share(args, OPENALLOCATIONINFO,
			     sizeof(D3DDDI_OPENALLOCATIONINFO));
}

/**
 * D3DKMTOpenResourceFromNtHandle - open a resource by a descriptor
 * @args: as D3DKMTOpenResource2(), but hNtHandle; out also hKeyedMutex and
 *	hSyncObject, 0 where the descriptor has none
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; OBJECT_TYPE_MISMATCH;
 * NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTOpenResourceFromNtHandle
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenResourceFromNtHandle(D3DKMT_OPENRESOURCEFROMNTHANDLE *args)
{
	static const char shape[] = "upupupupupuupuu";

	if (args && vdxg_shape_differs(OPENALLOCATIONINFO2))
		return open_converted(LX_DXOPENRESOURCEFROMNTHANDLE, args,
				      shape, (void **)&args->pOpenAllocationInfo2,
				      args->NumAllocations, OPENALLOCATIONINFO2,
				      sizeof(D3DDDI_OPENALLOCATIONINFO2));
	return vdxg_call(LX_DXOPENRESOURCEFROMNTHANDLE, args, shape);
}

/**
 * D3DKMTGetSharedResourceAdapterLuid - which adapter a shared resource is on
 * @args: hGlobalShare or hNtHandle; out AdapterLuid
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE
 * Source: d3dkmthk.h, D3DKMTGetSharedResourceAdapterLuid
 */
VDXG_PUBLIC NTSTATUS
D3DKMTGetSharedResourceAdapterLuid(D3DKMT_GETSHAREDRESOURCEADAPTERLUID *args)
{
	return vdxg_call(LX_DXGETSHAREDRESOURCEADAPTERLUID, args, "upuu");
}
