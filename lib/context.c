// SPDX-License-Identifier: MIT
/*
 * context.c: devices, contexts, hardware queues and what is submitted to them
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.
 */
#include "device.h"

/**
 * D3DKMTCreateDevice - make a device: the owner of allocations and contexts
 * @args: hAdapter, Flags; out hDevice, the rest is NULL and 0
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateDevice
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateDevice(D3DKMT_CREATEDEVICE *args)
{
	return vdxg_call(LX_DXCREATEDEVICE, args, "huupupupu");
}

/**
 * D3DKMTDestroyDevice - destroy a device and all it owns
 * @args: hDevice
 *
 * Works on a device in error and on one whose adapter is gone.
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyDevice
 */
VDXG_PUBLIC NTSTATUS D3DKMTDestroyDevice(const D3DKMT_DESTROYDEVICE *args)
{
	return vdxg_call(LX_DXDESTROYDEVICE, args, "u");
}

/**
 * D3DKMTGetDeviceState - is the device alive, and what stopped it
 * @args: hDevice, StateType; out the member of that type
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTGetDeviceState
 */
VDXG_PUBLIC NTSTATUS D3DKMTGetDeviceState(D3DKMT_GETDEVICESTATE *args)
{
	return vdxg_call(LX_DXGETDEVICESTATE, args, "uuq6");
}

/**
 * D3DKMTMarkDeviceAsError - put a device into error
 * @args: hDevice, Reason
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTMarkDeviceAsError
 */
VDXG_PUBLIC NTSTATUS
D3DKMTMarkDeviceAsError(const D3DKMT_MARKDEVICEASERROR *args)
{
	return vdxg_call(LX_DXMARKDEVICEASERROR, args, "uu");
}

/**
 * D3DKMTWaitForIdle - wait until a device has done what it has to do
 * @args: hDevice
 *
 * What its contexts and queues have when the call is made; they may be given
 * more meanwhile.
 *
 * Return: SUCCESS, also when the device is in error; INVALID_PARAMETER;
 * DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTWaitForIdle
 */
VDXG_PUBLIC NTSTATUS D3DKMTWaitForIdle(const D3DKMT_WAITFORIDLE *args)
{
	return vdxg_call(LX_VDXGWAITFORIDLE, args, "u");
}

/**
 * D3DKMTEscape - a word with the driver, or a test hook
 * @args: hAdapter, hDevice, Type, Flags, pPrivateDriverData (in and out)
 *
 * Return: SUCCESS; INVALID_PARAMETER; NOT_SUPPORTED
 * Source: d3dkmthk.h, D3DKMTEscape
 */
VDXG_PUBLIC NTSTATUS D3DKMTEscape(const D3DKMT_ESCAPE *args)
{
	return vdxg_call(LX_DXESCAPE, args, "u4puu");
}

/**
 * D3DKMTCreateContext - make a context that names its allocations
 * @args: hDevice, NodeOrdinal, EngineAffinity, Flags, private data; the
 *	rest is out
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateContext
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateContext(D3DKMT_CREATECONTEXT *args)
{
	return vdxg_call(LX_DXCREATECONTEXT, args, "u4puuupupupuq");
}

/**
 * D3DKMTCreateContextVirtual - make a context that uses GPU virtual addresses
 * @args: hDevice, NodeOrdinal, EngineAffinity, Flags, private data; out
 *	hContext
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateContextVirtual
 */
VDXG_PUBLIC NTSTATUS
D3DKMTCreateContextVirtual(D3DKMT_CREATECONTEXTVIRTUAL *args)
{
	return vdxg_call(LX_DXCREATECONTEXTVIRTUAL, args, "u4puuu");
}

/**
 * D3DKMTDestroyContext - destroy a context
 * @args: hContext
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyContext
 */
VDXG_PUBLIC NTSTATUS D3DKMTDestroyContext(const D3DKMT_DESTROYCONTEXT *args)
{
	return vdxg_call(LX_DXDESTROYCONTEXT, args, "u");
}

/**
 * D3DKMTCreateHwContext - make a context for hardware queues
 * @args: hDevice, NodeOrdinal, EngineAffinity, Flags, private data; out
 *	hHwContext
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateHwContext
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateHwContext(D3DKMT_CREATEHWCONTEXT *args)
{
	return vdxg_call(LX_DXCREATEHWCONTEXT, args, "u5pu");
}

/**
 * D3DKMTDestroyHwContext - destroy such a context
 * @args: hHwContext
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyHwContext
 */
VDXG_PUBLIC NTSTATUS
D3DKMTDestroyHwContext(const D3DKMT_DESTROYHWCONTEXT *args)
{
	return vdxg_call(LX_DXDESTROYHWCONTEXT, args, "u");
}

/**
 * D3DKMTCreateHwQueue - make a hardware queue and its progress fence
 * @args: hHwContext, Flags, private data; the rest is out
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateHwQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateHwQueue(D3DKMT_CREATEHWQUEUE *args)
{
	return vdxg_call(LX_DXCREATEHWQUEUE, args, "u3puupq");
}

/**
 * D3DKMTDestroyHwQueue - destroy a hardware queue and its fence
 * @args: hHwQueue
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyHwQueue
 */
VDXG_PUBLIC NTSTATUS D3DKMTDestroyHwQueue(const D3DKMT_DESTROYHWQUEUE *args)
{
	return vdxg_call(LX_DXDESTROYHWQUEUE, args, "u");
}

/**
 * D3DKMTSubmitCommand - queue a command buffer on one or more contexts
 * @args: Commands (a GPU virtual address), CommandLength, Flags, contexts,
 *	private data, primaries, history buffers
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSubmitCommand
 */
VDXG_PUBLIC NTSTATUS D3DKMTSubmitCommand(const D3DKMT_SUBMITCOMMAND *args)
{
	return vdxg_call(LX_DXSUBMITCOMMAND, args, "quuquu64puuu16up");
}

/**
 * D3DKMTSubmitCommandToHwQueue - queue a command buffer on a hardware queue
 * @args: hHwQueue, HwQueueProgressFenceId: signalled when it is done,
 *	CommandBuffer (a GPU virtual address), CommandLength, private data
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSubmitCommandToHwQueue
 */
VDXG_PUBLIC NTSTATUS
D3DKMTSubmitCommandToHwQueue(const D3DKMT_SUBMITCOMMANDTOHWQUEUE *args)
{
	return vdxg_call(LX_DXSUBMITCOMMANDTOHWQUEUE, args, "uqquupup");
}

/**
 * D3DKMTRender - submit a command buffer of a context without virtual addresses
 * @args: hContext, the command, allocation and patch location lists; out the
 *	buffers to use next
 *
 * Command buffers have addresses here: D3DKMTSubmitCommand.
 *
 * Return: INVALID_HANDLE for a bad context; INVALID_PARAMETER; else NOT_SUPPORTED
 * Source: d3dkmthk.h, D3DKMTRender
 */
VDXG_PUBLIC NTSTATUS D3DKMTRender(D3DKMT_RENDER *args)
{
	return vdxg_call(LX_DXRENDER, args, "u5pupupuuquu64uqpu");
}

/**
 * D3DKMTSetContextSchedulingPriority - prefer a context to those of others
 * @args: hContext, Priority: -7 to 7
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTSetContextSchedulingPriority
 */
VDXG_PUBLIC NTSTATUS D3DKMTSetContextSchedulingPriority(
	const D3DKMT_SETCONTEXTSCHEDULINGPRIORITY *args)
{
	return vdxg_call(LX_DXSETCONTEXTSCHEDULINGPRIORITY, args, "uu");
}

/**
 * D3DKMTGetContextSchedulingPriority - what that priority is
 * @args: hContext; out Priority
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTGetContextSchedulingPriority
 */
VDXG_PUBLIC NTSTATUS
D3DKMTGetContextSchedulingPriority(D3DKMT_GETCONTEXTSCHEDULINGPRIORITY *args)
{
	return vdxg_call(LX_DXGETCONTEXTSCHEDULINGPRIORITY, args, "uu");
}

/**
 * D3DKMTSetContextInProcessSchedulingPriority - prefer a context to the
 *	process's others
 * @args: hContext, Priority: -7 to 7
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTSetContextInProcessSchedulingPriority
 */
VDXG_PUBLIC NTSTATUS D3DKMTSetContextInProcessSchedulingPriority(
	const D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY *args)
{
	return vdxg_call(LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY, args,
			 "uu");
}

/**
 * D3DKMTGetContextInProcessSchedulingPriority - what that priority is
 * @args: hContext; out Priority
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTGetContextInProcessSchedulingPriority
 */
VDXG_PUBLIC NTSTATUS D3DKMTGetContextInProcessSchedulingPriority(
	D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY *args)
{
	return vdxg_call(LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY, args,
			 "uu");
}
