// SPDX-License-Identifier: MIT
/*
 * residency.c: paging queues, residency, offer and reclaim, GPU virtual
 * addresses
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.  STATUS_PENDING is
 * success: wait until the paging queue's fence reaches PagingFenceValue.
 */
#include <string.h>

#include "device.h"

/**
 * D3DKMTCreatePagingQueue - make a queue for paging, and its fence
 * @args: hDevice, Priority, PhysicalAdapterIndex; the rest is out
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreatePagingQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreatePagingQueue(D3DKMT_CREATEPAGINGQUEUE *args)
{
	return vdxg_call(LX_DXCREATEPAGINGQUEUE, args, "u4pu");
}

/**
 * D3DKMTDestroyPagingQueue - finish what is queued, then destroy the queue
 * @args: hPagingQueue
 *
 * The fence and the address it is read at go with it.
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyPagingQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTDestroyPagingQueue(D3DDDI_DESTROYPAGINGQUEUE *args)
{
	return vdxg_call(LX_DXDESTROYPAGINGQUEUE, args, "u");
}

/**
 * D3DKMTMakeResident - add allocations to what the device needs in memory
 * @args: hPagingQueue, AllocationList, Flags; out NumAllocations,
 *	PagingFenceValue, NumBytesToTrim
 *
 * All or none; each call counts, see D3DKMTEvict().
 *
 * Return: SUCCESS; PENDING; NO_MEMORY, over budget; INVALID_PARAMETER;
 * DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTMakeResident; d3dumddi.h, PFND3DDDI_MAKERESIDENTCB
 */
VDXG_PUBLIC NTSTATUS D3DKMTMakeResident(D3DDDI_MAKERESIDENT *args)
{
	return vdxg_call(LX_DXMAKERESIDENT, args, "uuppuqq");
}

/**
 * D3DKMTEvict - take back one D3DKMTMakeResident() of each allocation
 * @args: hDevice, AllocationList, Flags; out NumBytesToTrim
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTEvict; d3dumddi.h, PFND3DDDI_EVICTCB
 */
VDXG_PUBLIC NTSTATUS D3DKMTEvict(D3DKMT_EVICT *args)
{
	return vdxg_call(LX_DXEVICT, args, "uupuq");
}

/**
 * D3DKMTOfferAllocations - let the system have the memory and its content
 * @args: hDevice, pResources or HandleList, Priority, Flags
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED, opened for reading only;
 * DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTOfferAllocations
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOfferAllocations(const D3DKMT_OFFERALLOCATIONS *args)
{
	return vdxg_call(LX_DXOFFERALLOCATIONS, args, "uppuuu");
}

/**
 * D3DKMTReclaimAllocations2 - take offered allocations back
 * @args: hPagingQueue, pResources or HandleList; out pDiscarded or pResults,
 *	PagingFenceValue
 *
 * Return: SUCCESS; PENDING; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTReclaimAllocations2
 */
VDXG_PUBLIC NTSTATUS
D3DKMTReclaimAllocations2(D3DKMT_RECLAIMALLOCATIONS2 *args)
{
	return vdxg_call(LX_DXRECLAIMALLOCATIONS2, args, "uupppq");
}

/**
 * D3DKMTQueryProcessOfferInfo - what can be taken back of a process's commitment
 * @args: cbSize, hProcess (NULL: the caller); the rest is out
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTQueryProcessOfferInfo
 */
VDXG_PUBLIC NTSTATUS
D3DKMTQueryProcessOfferInfo(D3DKMT_QUERYPROCESSOFFERINFO *args)
{
	D3DKMT_QUERYPROCESSOFFERINFO copy;
	NTSTATUS status;

	if (!args || args->cbSize != sizeof(*args))
		return STATUS_INVALID_PARAMETER;
	copy = *args;
	copy.cbSize = sizeof(struct vdxg_queryprocessofferinfo);
	status = vdxg_call(LX_VDXGQUERYPROCESSOFFERINFO, &copy, "upq2");
	args->DecommitUniqueness = copy.DecommitUniqueness;
	args->DecommittableBytes = copy.DecommittableBytes;
	return status;
}

/**
 * D3DKMTTrimProcessCommitment - take commitment of a process's offers back
 * @args: cbSize, hProcess (NULL: the caller), Flags, DecommitRequested; out
 *	NumBytesDecommitted
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTTrimProcessCommitment
 */
VDXG_PUBLIC NTSTATUS
D3DKMTTrimProcessCommitment(D3DKMT_TRIMPROCESSCOMMITMENT *args)
{
	D3DKMT_TRIMPROCESSCOMMITMENT copy;
	NTSTATUS status;

	if (!args || args->cbSize != sizeof(*args))
		return STATUS_INVALID_PARAMETER;
	copy = *args;
	copy.cbSize = sizeof(struct vdxg_trimprocesscommitment);
	status = vdxg_call(LX_VDXGTRIMPROCESSCOMMITMENT, &copy, "upuq2");
	args->NumBytesDecommitted = copy.NumBytesDecommitted;
	return status;
}

/**
 * D3DKMTReclaimAllocations - the same, without a paging queue
 * @args: hDevice, pResources or HandleList; out pDiscarded
 *
 * A paging queue of its own does it, and destroying that waits for it.
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTReclaimAllocations
 */
VDXG_PUBLIC NTSTATUS
D3DKMTReclaimAllocations(const D3DKMT_RECLAIMALLOCATIONS *args)
{
	D3DKMT_CREATEPAGINGQUEUE create;
	D3DDDI_DESTROYPAGINGQUEUE destroy;
	D3DKMT_RECLAIMALLOCATIONS2 reclaim;
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&create, 0, sizeof(create));
	create.hDevice = args->hDevice;
	status = D3DKMTCreatePagingQueue(&create);
	if (!NT_SUCCESS(status))
		return status;
	memset(&reclaim, 0, sizeof(reclaim));
	reclaim.hPagingQueue = create.hPagingQueue;
	reclaim.NumAllocations = args->NumAllocations;
	reclaim.pResources = args->pResources;
	reclaim.HandleList = args->HandleList;
	reclaim.pDiscarded = args->pDiscarded;
	status = D3DKMTReclaimAllocations2(&reclaim);
	destroy.hPagingQueue = create.hPagingQueue;
	D3DKMTDestroyPagingQueue(&destroy);
	return status == STATUS_PENDING ? STATUS_SUCCESS : status;
}

/**
 * D3DKMTUpdateAllocationProperty - change where an allocation may live
 * @args: hPagingQueue, hAllocation, the properties and which of them to set;
 *	out PagingFenceValue
 *
 * Return: SUCCESS; PENDING; INVALID_PARAMETER; NO_MEMORY; UNSUCCESSFUL
 * Source: d3dkmthk.h, D3DKMTUpdateAllocationProperty
 */
VDXG_PUBLIC NTSTATUS
D3DKMTUpdateAllocationProperty(D3DDDI_UPDATEALLOCPROPERTY *args)
{
	return vdxg_call(LX_DXUPDATEALLOCPROPERTY, args, "u5qu");
}

/**
 * D3DKMTReserveGpuVirtualAddress - reserve a range of GPU virtual addresses
 * @args: hPagingQueue or hAdapter, the range, Size, ReservationType; out
 *	VirtualAddress, PagingFenceValue
 *
 * Return: SUCCESS; PENDING; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTReserveGpuVirtualAddress
 */
VDXG_PUBLIC NTSTATUS
D3DKMTReserveGpuVirtualAddress(D3DDDI_RESERVEGPUVIRTUALADDRESS *args)
{
	return vdxg_call(LX_DXRESERVEGPUVIRTUALADDRESS, args, "uq4uq3");
}

/**
 * D3DKMTMapGpuVirtualAddress - map an allocation for the GPU
 * @args: hPagingQueue, the range, hAllocation, which pages, Protection; out
 *	VirtualAddress, PagingFenceValue
 *
 * Return: SUCCESS; PENDING; INVALID_PARAMETER; ACCESS_DENIED, Write on what was
 * opened for reading only; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTMapGpuVirtualAddress;
 * d3dumddi.h, PFND3DDDI_MAPGPUVIRTUALADDRESSCB
 */
VDXG_PUBLIC NTSTATUS
D3DKMTMapGpuVirtualAddress(D3DDDI_MAPGPUVIRTUALADDRESS *args)
{
	return vdxg_call(LX_DXMAPGPUVIRTUALADDRESS, args, "uq3uq4uq3");
}

/**
 * D3DKMTUpdateGpuVirtualAddress - change many mappings in order, after a fence
 * @args: hDevice, hContext, hFenceObject, Operations, FenceValue, Flags
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED, as D3DKMTMapGpuVirtualAddress()
 * and for the fence
 * Source: d3dkmthk.h, D3DKMTUpdateGpuVirtualAddress
 */
VDXG_PUBLIC NTSTATUS
D3DKMTUpdateGpuVirtualAddress(const D3DKMT_UPDATEGPUVIRTUALADDRESS *args)
{
	return vdxg_call(LX_DXUPDATEGPUVIRTUALADDRESS, args, "u4pq3u");
}

/**
 * D3DKMTFreeGpuVirtualAddress - free a range of GPU virtual addresses
 * @args: hAdapter, BaseAddress, Size
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTFreeGpuVirtualAddress
 */
VDXG_PUBLIC NTSTATUS
D3DKMTFreeGpuVirtualAddress(const D3DKMT_FREEGPUVIRTUALADDRESS *args)
{
	return vdxg_call(LX_DXFREEGPUVIRTUALADDRESS, args, "uqq");
}
