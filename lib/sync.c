// SPDX-License-Identifier: MIT
/*
 * sync.c: synchronization objects
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.
 *
 * A union that holds a pointer beside 64-bit values is handed on as it is: a
 * 32-bit program must have zeroed it before it sets the pointer.
 */
#include <string.h>

#include "device.h"

/**
 * D3DKMTCreateSynchronizationObject2 - make a fence, semaphore or mutex
 * @args: hDevice, Info: Type, Flags and what the type needs; out what it
 *	returns, hSyncObject
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE, a CPU notification
 * without its event; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateSynchronizationObject2
 */
VDXG_PUBLIC NTSTATUS
D3DKMTCreateSynchronizationObject2(D3DKMT_CREATESYNCHRONIZATIONOBJECT2 *args)
{
	/* the pointers in Info end in the padding before the next member */
	return vdxg_call(LX_DXCREATESYNCHRONIZATIONOBJECT, args, "q12");
}

/**
 * D3DKMTCreateSynchronizationObject - make a semaphore or mutex
 * @args: hDevice, Info; out hSyncObject
 *
 * The first version of D3DKMTCreateSynchronizationObject2().
 *
 * Return: SUCCESS; INVALID_PARAMETER, other types too; DEVICE_REMOVED;
 * NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateSynchronizationObject
 */
VDXG_PUBLIC NTSTATUS
D3DKMTCreateSynchronizationObject(D3DKMT_CREATESYNCHRONIZATIONOBJECT *args)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args2;
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&args2, 0, sizeof(args2));
	args2.hDevice = args->hDevice;
	args2.Info.Type = args->Info.Type;
	switch (args->Info.Type) {
	case D3DDDI_SYNCHRONIZATION_MUTEX:
		args2.Info.SynchronizationMutex.InitialState =
			args->Info.SynchronizationMutex.InitialState;
		break;
	case D3DDDI_SEMAPHORE:
		args2.Info.Semaphore.MaxCount = args->Info.Semaphore.MaxCount;
		args2.Info.Semaphore.InitialCount =
			args->Info.Semaphore.InitialCount;
		break;
	default:
		return STATUS_INVALID_PARAMETER;
	}
	status = D3DKMTCreateSynchronizationObject2(&args2);
	if (NT_SUCCESS(status))
		args->hSyncObject = args2.hSyncObject;
	return status;
}

/**
 * D3DKMTDestroySynchronizationObject - destroy a synchronization object
 * @args: hSyncObject; not a paging queue's fence
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroySynchronizationObject
 */
VDXG_PUBLIC NTSTATUS D3DKMTDestroySynchronizationObject(
	const D3DKMT_DESTROYSYNCHRONIZATIONOBJECT *args)
{
	return vdxg_call(LX_DXDESTROYSYNCHRONIZATIONOBJECT, args, "u");
}

/**
 * D3DKMTOpenSynchronizationObject - open one by its global handle
 * @args: hSharedHandle; out hSyncObject
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenSynchronizationObject
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenSynchronizationObject(D3DKMT_OPENSYNCHRONIZATIONOBJECT *args)
{
	return vdxg_call(LX_DXOPENSYNCHRONIZATIONOBJECT, args, "uuq8");
}

/**
 * D3DKMTOpenSyncObjectFromNtHandle2 - open one by a descriptor
 * @args: hNtHandle, hDevice, Flags; out hSyncObject and, of a monitored fence,
 *	its addresses
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; OBJECT_TYPE_MISMATCH;
 * NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenSyncObjectFromNtHandle2
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenSyncObjectFromNtHandle2(D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 *args)
{
	return vdxg_call(LX_DXOPENSYNCOBJECTFROMNTHANDLE2, args, "puuuq8");
}

/**
 * D3DKMTWaitForSynchronizationObject2 - let a context wait
 * @args: hContext, up to 32 objects, the value of fences
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED; NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTWaitForSynchronizationObject2
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitForSynchronizationObject2(
	const D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 *args)
{
	return vdxg_call(LX_DXWAITFORSYNCHRONIZATIONOBJECT, args, "u34q8");
}

/**
 * D3DKMTWaitForSynchronizationObject - let a context wait, without fences
 * @args: hContext, up to 32 objects
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTWaitForSynchronizationObject
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitForSynchronizationObject(
	const D3DKMT_WAITFORSYNCHRONIZATIONOBJECT *args)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 args2;

	if (!args || args->ObjectCount > D3DDDI_MAX_OBJECT_WAITED_ON)
		return STATUS_INVALID_PARAMETER;
	memset(&args2, 0, sizeof(args2));
	args2.hContext = args->hContext;
	args2.ObjectCount = args->ObjectCount;
	memcpy(args2.ObjectHandleArray, args->ObjectHandleArray,
	       args->ObjectCount * sizeof(D3DKMT_HANDLE));
	return D3DKMTWaitForSynchronizationObject2(&args2);
}

/**
 * D3DKMTSignalSynchronizationObject2 - let contexts signal
 * @args: hContext, up to 32 objects, Flags, more contexts, the value of fences
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED; NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSignalSynchronizationObject2
 */
VDXG_PUBLIC NTSTATUS D3DKMTSignalSynchronizationObject2(
	const D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 *args)
{
	return vdxg_call(LX_DXSIGNALSYNCHRONIZATIONOBJECT, args, "u100q8");
}

/**
 * D3DKMTSignalSynchronizationObject - let a context signal, without fences
 * @args: hContext, up to 32 objects, Flags
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTSignalSynchronizationObject
 */
VDXG_PUBLIC NTSTATUS D3DKMTSignalSynchronizationObject(
	const D3DKMT_SIGNALSYNCHRONIZATIONOBJECT *args)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 args2;

	if (!args || args->ObjectCount > D3DDDI_MAX_OBJECT_SIGNALED)
		return STATUS_INVALID_PARAMETER;
	memset(&args2, 0, sizeof(args2));
	args2.hContext = args->hContext;
	args2.ObjectCount = args->ObjectCount;
	memcpy(args2.ObjectHandleArray, args->ObjectHandleArray,
	       args->ObjectCount * sizeof(D3DKMT_HANDLE));
	args2.Flags = args->Flags;
	return D3DKMTSignalSynchronizationObject2(&args2);
}

/**
 * D3DKMTWaitForSynchronizationObjectFromCpu - wait until fences reach values
 * @args: hDevice, objects and values, hAsyncEvent (NULL: block), Flags
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED, a fence made with NoWait;
 * DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTWaitForSynchronizationObjectFromCpu
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitForSynchronizationObjectFromCpu(
	const D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU *args)
{
	return vdxg_call(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, args,
			 "uup3u");
}

/**
 * D3DKMTSignalSynchronizationObjectFromCpu - set fences to values
 * @args: hDevice, objects and values, Flags
 *
 * Return: SUCCESS; INVALID_PARAMETER, going backwards too unless
 * AllowFenceRewind; ACCESS_DENIED, a fence made with NoSignal
 * Source: d3dkmthk.h, D3DKMTSignalSynchronizationObjectFromCpu
 */
VDXG_PUBLIC NTSTATUS D3DKMTSignalSynchronizationObjectFromCpu(
	const D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU *args)
{
	return vdxg_call(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU, args,
			 "uuppu");
}

/**
 * D3DKMTWaitForSynchronizationObjectFromGpu - let a context wait for values
 * @args: hContext, objects and values
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTWaitForSynchronizationObjectFromGpu
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitForSynchronizationObjectFromGpu(
	const D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU *args)
{
	return vdxg_call(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU, args,
			 "uupq8");
}

/**
 * D3DKMTSignalSynchronizationObjectFromGpu - let a context signal values
 * @args: hContext, objects and values
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTSignalSynchronizationObjectFromGpu
 */
VDXG_PUBLIC NTSTATUS D3DKMTSignalSynchronizationObjectFromGpu(
	const D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU *args)
{
	return vdxg_call(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU, args,
			 "uupq8");
}

/**
 * D3DKMTSignalSynchronizationObjectFromGpu2 - signal when all contexts got there
 * @args: objects, Flags, contexts, values; with EnqueueCpuEvent no object but
 *	CpuEventHandle
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTSignalSynchronizationObjectFromGpu2
 */
VDXG_PUBLIC NTSTATUS D3DKMTSignalSynchronizationObjectFromGpu2(
	const D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 *args)
{
	return vdxg_call(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2, args,
			 "upuupq8");
}

/**
 * D3DKMTSubmitWaitForSyncObjectsToHwQueue - let a hardware queue wait
 * @args: hHwQueue, objects and values
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTSubmitWaitForSyncObjectsToHwQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTSubmitWaitForSyncObjectsToHwQueue(
	const D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE *args)
{
	return vdxg_call(LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE, args, "uupp");
}

/**
 * D3DKMTSubmitSignalSyncObjectsToHwQueue - let hardware queues signal
 * @args: Flags, queues, objects and values
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTSubmitSignalSyncObjectsToHwQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTSubmitSignalSyncObjectsToHwQueue(
	const D3DKMT_SUBMITSIGNALSYNCOBJECTSTOHWQUEUE *args)
{
	return vdxg_call(LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE, args, "uupupp");
}

/**
 * D3DKMTCreateSyncFile - a sync_file that a fence signals
 * @args: hDevice, hMonitoredFence, FenceValue; out hSyncFile
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: WSL's /dev/dxg; Linux only
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateSyncFile(D3DKMT_CREATESYNCFILE *args)
{
	return vdxg_call(LX_DXCREATESYNCFILE, args, "uuqq");
}

/**
 * D3DKMTWaitSyncFile - let a context wait for a sync_file
 * @args: hSyncFile, hContext
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: WSL's /dev/dxg; Linux only
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitSyncFile(const D3DKMT_WAITSYNCFILE *args)
{
	return vdxg_call(LX_DXWAITSYNCFILE, args, "quu");
}

/**
 * D3DKMTOpenSyncObjectFromSyncFile - the fence behind a sync_file
 * @args: hSyncFile, hDevice; out hSyncObject, the value and the addresses
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: WSL's /dev/dxg; Linux only
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenSyncObjectFromSyncFile(D3DKMT_OPENSYNCOBJECTFROMSYNCFILE *args)
{
	return vdxg_call(LX_DXOPENSYNCOBJECTFROMSYNCFILE, args, "quuqpq");
}
