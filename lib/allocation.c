// SPDX-License-Identifier: MIT
/*
 * allocation.c: allocations and resources: creation, destruction, access by
 * the CPU, priority
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.
 *
 * The kernel knows the second version of an allocation's description only.
 * The first has its first six members, so the same shape, shortened, converts
 * both what an older program has and what a 32-bit program has.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "shape.h"

#define CREATEALLOCATION	"u3pupuupup"
#define ALLOCATIONINFO		"uppu3"
#define ALLOCATIONINFO2		"uppu3q7"

/* Descriptions converted without asking for memory. */
#define FEW	8

static NTSTATUS create_converted(D3DKMT_CREATEALLOCATION *args,
				 const char *shape, size_t stride)
{
	struct d3dddi_allocationinfo2 few[FEW], *infos = few;
	char *native = (char *)args->pAllocationInfo;
	D3DKMT_CREATEALLOCATION copy = *args;
	NTSTATUS status;
	UINT i;

	if (args->NumAllocations > VDXG_MAX_LIST ||
	    (args->NumAllocations && !native))
		return STATUS_INVALID_PARAMETER;
	if (args->NumAllocations > FEW) {
		infos = calloc(args->NumAllocations, sizeof(*infos));
		if (!infos)
			return STATUS_NO_MEMORY;
	} else {
		memset(few, 0, sizeof(few));
	}
	for (i = 0; i < args->NumAllocations; i++)
		vdxg_shape_to_abi(shape, native + i * stride, &infos[i]);

	copy.pAllocationInfo2 = (D3DDDI_ALLOCATIONINFO2 *)infos;
	status = vdxg_call(LX_DXCREATEALLOCATION, &copy, CREATEALLOCATION);
	args->hResource = copy.hResource;
	args->hGlobalShare = copy.hGlobalShare;
	args->Flags = copy.Flags;
	for (i = 0; i < args->NumAllocations; i++)
		vdxg_shape_from_abi(shape, &infos[i], native + i * stride);
	if (infos != few)
		free(infos);
	return status;
}

/**
 * D3DKMTCreateAllocation2 - create allocations, and a resource around them
 * @args: hDevice, Flags, NumAllocations descriptions in pAllocationInfo2, the
 *	runtime's and the driver's private data; out hResource, hGlobalShare
 *	and the hAllocation of each
 *
 * All or none.  What an allocation is, its size above all, is in its private
 * driver data: see struct vdxg_allocation_data.
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE, hResource names none;
 * NO_MEMORY; GRAPHICS_NO_VIDEO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTCreateAllocation2
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateAllocation2(D3DKMT_CREATEALLOCATION *args)
{
	if (args && vdxg_shape_differs(ALLOCATIONINFO2))
		return create_converted(args, ALLOCATIONINFO2,
					sizeof(D3DDDI_ALLOCATIONINFO2));
	return vdxg_call(LX_DXCREATEALLOCATION, args, CREATEALLOCATION);
}

/**
 * D3DKMTCreateAllocation - the same, with descriptions of the first version
 * @args: as D3DKMTCreateAllocation2(), but pAllocationInfo, whose entries are
 *	40 bytes, not 96
 *
 * Return: as D3DKMTCreateAllocation2()
 * Source: d3dkmthk.h, D3DKMTCreateAllocation
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateAllocation(D3DKMT_CREATEALLOCATION *args)
{
	UINT i;

	if (!args || args->NumAllocations > VDXG_MAX_LIST ||
	    (args->NumAllocations && !args->pAllocationInfo))
		return STATUS_INVALID_PARAMETER;
	/* the second version has a meaning for a bit that is reserved here */
	for (i = 0; i < args->NumAllocations; i++) {
		if (args->pAllocationInfo[i].Flags.Reserved)
			return STATUS_INVALID_PARAMETER;
	}
	return create_converted(args, ALLOCATIONINFO,
				sizeof(D3DDDI_ALLOCATIONINFO));
}

/**
 * D3DKMTDestroyAllocation2 - destroy a resource, allocations, or both
 * @args: hDevice, hResource, phAllocationList of AllocationCount, Flags
 *
 * With both, every listed allocation must belong to the resource.  All or
 * none.  The memory is given back when commands queued before no longer use
 * it; AssumeNotInUse does not wait for them, SynchronousDestroy lets the call
 * wait.  Needs no D3DKMTEvict() or D3DKMTUnlock2() before, and works on a
 * device in error or removed.
 *
 * Return: SUCCESS, also when nothing is named; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyAllocation2
 */
VDXG_PUBLIC NTSTATUS
D3DKMTDestroyAllocation2(const D3DKMT_DESTROYALLOCATION2 *args)
{
	return vdxg_call(LX_DXDESTROYALLOCATION2, args, "uupuu");
}

/**
 * D3DKMTDestroyAllocation - the same, without flags
 * @args: hDevice, hResource, phAllocationList of AllocationCount
 *
 * Return: as D3DKMTDestroyAllocation2()
 * Source: d3dkmthk.h, D3DKMTDestroyAllocation
 */
VDXG_PUBLIC NTSTATUS
D3DKMTDestroyAllocation(const D3DKMT_DESTROYALLOCATION *args)
{
	D3DKMT_DESTROYALLOCATION2 args2;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	/* member by member: where Flags is, the older structure has padding */
	args2.hDevice = args->hDevice;
	args2.hResource = args->hResource;
	args2.phAllocationList = args->phAllocationList;
	args2.AllocationCount = args->AllocationCount;
	args2.Flags.Value = 0;
	return D3DKMTDestroyAllocation2(&args2);
}

/**
 * D3DKMTLock2 - map an allocation for the CPU
 * @args: hDevice, hAllocation, Flags: 0; out pData
 *
 * The address stays the same, however often it is locked and wherever the
 * content moves, until the last D3DKMTUnlock2().  Nothing is synchronized
 * with the GPU.
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY; DEVICE_REMOVED;
 * GRAPHICS_ALLOCATION_BUSY; GRAPHICS_TOO_MANY_REFERENCES
 * Source: d3dkmthk.h, D3DKMTLock2; d3dumddi.h, PFND3DDDI_LOCK2CB
 */
VDXG_PUBLIC NTSTATUS D3DKMTLock2(D3DKMT_LOCK2 *args)
{
	return vdxg_call(LX_DXLOCK2, args, "u3p");
}

/**
 * D3DKMTUnlock2 - take back one D3DKMTLock2()
 * @args: hDevice, hAllocation
 *
 * Return: SUCCESS; INVALID_PARAMETER, not locked too
 * Source: d3dkmthk.h, D3DKMTUnlock2
 */
VDXG_PUBLIC NTSTATUS D3DKMTUnlock2(const D3DKMT_UNLOCK2 *args)
{
	return vdxg_call(LX_DXUNLOCK2, args, "uu");
}

/**
 * D3DKMTInvalidateCache - write back and drop the CPU's cached lines
 * @args: hDevice, hAllocation, Offset, Length
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTInvalidateCache
 */
VDXG_PUBLIC NTSTATUS D3DKMTInvalidateCache(const D3DKMT_INVALIDATECACHE *args)
{
	return vdxg_call(LX_DXINVALIDATECACHE, args, "uuqq");
}

/**
 * D3DKMTSetAllocationPriority - say what to evict last
 * @args: hDevice, hResource and one priority, or phAllocationList and one each
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSetAllocationPriority
 */
VDXG_PUBLIC NTSTATUS
D3DKMTSetAllocationPriority(const D3DKMT_SETALLOCATIONPRIORITY *args)
{
	return vdxg_call(LX_DXSETALLOCATIONPRIORITY, args, "uupup");
}

/**
 * D3DKMTGetAllocationPriority - read that back
 * @args: hDevice, hResource or phAllocationList; out pPriorities
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTGetAllocationPriority
 */
VDXG_PUBLIC NTSTATUS
D3DKMTGetAllocationPriority(const D3DKMT_GETALLOCATIONPRIORITY *args)
{
	return vdxg_call(LX_DXGETALLOCATIONPRIORITY, args, "uupup");
}

/**
 * D3DKMTQueryAllocationResidency - where allocations are
 * @args: hDevice, hResource (one answer for all of it) or phAllocationList;
 *	out pResidencyStatus
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTQueryAllocationResidency
 */
VDXG_PUBLIC NTSTATUS
D3DKMTQueryAllocationResidency(const D3DKMT_QUERYALLOCATIONRESIDENCY *args)
{
	return vdxg_call(LX_DXQUERYALLOCATIONRESIDENCY, args, "uupup");
}
