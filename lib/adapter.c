// SPDX-License-Identifier: MIT
/*
 * adapter.c: finding, opening and asking adapters
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument, and
 * STATUS_UNSUCCESSFUL where there is no device node.
 */
#include "device.h"

/**
 * D3DKMTEnumAdapters2 - list the adapters and open each
 * @args: NumAdapters: entries of pAdapters, then how many were written;
 *	with pAdapters NULL, the largest number there can be
 *
 * Close every adapter returned with D3DKMTCloseAdapter().
 *
 * Return: SUCCESS; BUFFER_TOO_SMALL; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTEnumAdapters2
 */
VDXG_PUBLIC NTSTATUS D3DKMTEnumAdapters2(const D3DKMT_ENUMADAPTERS2 *args)
{
	return vdxg_call_root(LX_DXENUMADAPTERS2, args, "up");
}

/**
 * D3DKMTEnumAdapters - as D3DKMTEnumAdapters2(), into an array of 16
 * @args: NumAdapters: how many were written
 *
 * Return: SUCCESS; INVALID_PARAMETER; BUFFER_TOO_SMALL, more than 16
 * Source: d3dkmthk.h, D3DKMTEnumAdapters
 */
VDXG_PUBLIC NTSTATUS D3DKMTEnumAdapters(const D3DKMT_ENUMADAPTERS *args)
{
	/* an output behind a const pointer, as on Windows */
	D3DKMT_ENUMADAPTERS *out = (D3DKMT_ENUMADAPTERS *)args;
	D3DKMT_ENUMADAPTERS2 args2;
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	args2.NumAdapters = MAX_ENUM_ADAPTERS;
	args2.pAdapters = out->Adapters;
	status = D3DKMTEnumAdapters2(&args2);
	if (NT_SUCCESS(status))
		out->NumAdapters = args2.NumAdapters;
	return status;
}

/**
 * D3DKMTEnumAdapters3 - as D3DKMTEnumAdapters2(), with a filter
 * @args: Filter: compute-only and display-only adapters are listed only when
 *	asked for
 *
 * Return: SUCCESS; BUFFER_TOO_SMALL; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTEnumAdapters3
 */
VDXG_PUBLIC NTSTATUS D3DKMTEnumAdapters3(D3DKMT_ENUMADAPTERS3 *args)
{
	return vdxg_call_root(LX_DXENUMADAPTERS3, args, "qup");
}

/**
 * D3DKMTOpenAdapterFromLuid - open the adapter of that LUID
 * @args: AdapterLuid; out hAdapter
 *
 * Return: SUCCESS; INVALID_PARAMETER, no such adapter; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenAdapterFromLuid
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenAdapterFromLuid(const D3DKMT_OPENADAPTERFROMLUID *args)
{
	return vdxg_call_root(LX_DXOPENADAPTERFROMLUID, args, "u3");
}

/**
 * D3DKMTCloseAdapter - close an adapter
 * @args: hAdapter
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTCloseAdapter
 */
VDXG_PUBLIC NTSTATUS D3DKMTCloseAdapter(const D3DKMT_CLOSEADAPTER *args)
{
	return vdxg_call(LX_DXCLOSEADAPTER, args, "u");
}

/**
 * D3DKMTQueryVideoMemoryInfo - budget and use of a process in a segment group
 * @args: hProcess (NULL: the caller), hAdapter, MemorySegmentGroup,
 *	PhysicalAdapterIndex; the rest is out
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE, no such process;
 * ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTQueryVideoMemoryInfo
 */
VDXG_PUBLIC NTSTATUS
D3DKMTQueryVideoMemoryInfo(D3DKMT_QUERYVIDEOMEMORYINFO *args)
{
	return vdxg_call(LX_DXQUERYVIDEOMEMORYINFO, args, "puuq4u");
}

/**
 * D3DKMTChangeVideoMemoryReservation - set the floor of a future budget
 * @args: hProcess, hAdapter, MemorySegmentGroup, Reservation: at most what
 *	D3DKMTQueryVideoMemoryInfo() calls AvailableForReservation
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; ACCESS_DENIED
 * Source: d3dkmthk.h, D3DKMTChangeVideoMemoryReservation
 */
VDXG_PUBLIC NTSTATUS D3DKMTChangeVideoMemoryReservation(
	const D3DKMT_CHANGEVIDEOMEMORYRESERVATION *args)
{
	return vdxg_call(LX_DXCHANGEVIDEOMEMORYRESERVATION, args, "puuqu");
}

/**
 * D3DKMTQueryStatistics - the counters of an adapter, process or segment
 * @args: Type, AdapterLuid, hProcess and the selector of the type; out
 *	QueryResult
 *
 * Return: SUCCESS; INVALID_PARAMETER; NOT_SUPPORTED
 * Source: d3dkmthk.h, D3DKMTQueryStatistics ("reserved for system use")
 */
VDXG_PUBLIC NTSTATUS D3DKMTQueryStatistics(const D3DKMT_QUERYSTATISTICS *args)
{
	return vdxg_call(LX_DXQUERYSTATISTICS, args, "u3pq97u");
}

/**
 * D3DKMTQueryClockCalibration - GPU and CPU clock at the same moment
 * @args: hAdapter, NodeOrdinal, PhysicalAdapterIndex; out ClockData
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTQueryClockCalibration
 */
VDXG_PUBLIC NTSTATUS
D3DKMTQueryClockCalibration(D3DKMT_QUERYCLOCKCALIBRATION *args)
{
	return vdxg_call(LX_DXQUERYCLOCKCALIBRATION, args, "u10");
}

/**
 * D3DKMTFlushHeapTransitions - finish what the adapter does in the background
 * @args: hAdapter
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTFlushHeapTransitions
 */
VDXG_PUBLIC NTSTATUS
D3DKMTFlushHeapTransitions(const D3DKMT_FLUSHHEAPTRANSITIONS *args)
{
	return vdxg_call(LX_DXFLUSHHEAPTRANSITIONS, args, "u");
}

/**
 * D3DKMTSetStablePowerState - keep the clocks as they are
 * @args: hAdapter, Enabled
 *
 * They never change here, so this only looks at the adapter.
 *
 * Return: SUCCESS; INVALID_PARAMETER; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSetStablePowerState
 */
VDXG_PUBLIC NTSTATUS
D3DKMTSetStablePowerState(const D3DKMT_SETSTABLEPOWERSTATE *args)
{
	UINT version;
	D3DKMT_QUERYADAPTERINFO query = {
		.Type = KMTQAITYPE_DRIVERVERSION,
		.pPrivateDriverData = &version,
		.PrivateDriverDataSize = sizeof(version),
	};

	if (!args)
		return STATUS_INVALID_PARAMETER;
	query.hAdapter = args->hAdapter;
	return D3DKMTQueryAdapterInfo(&query);
}

/**
 * D3DKMTEnumProcesses - which processes use an adapter
 * @args: AdapterLuid, Buffer for BufferCount process ids; out BufferCount
 *
 * Only processes of the caller's pid namespace.
 *
 * Return: SUCCESS; BUFFER_TOO_SMALL; INVALID_PARAMETER
 * Source: WSL's libdxcore; not documented
 */
VDXG_PUBLIC NTSTATUS D3DKMTEnumProcesses(D3DKMT_ENUMPROCESSES *args)
{
	return vdxg_call(LX_DXENUMPROCESSES, args, "uupq");
}

/**
 * D3DKMTIsFeatureEnabled - is a WDDM feature there and on
 * @args: hAdapter, FeatureId; out Result
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTIsFeatureEnabled
 */
VDXG_PUBLIC NTSTATUS D3DKMTIsFeatureEnabled(D3DKMT_ISFEATUREENABLED *args)
{
	return vdxg_call(LX_ISFEATUREENABLED, args, "u3");
}
