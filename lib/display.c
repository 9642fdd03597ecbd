// SPDX-License-Identifier: MIT
/*
 * display.c: the functions about displays that have an answer without one
 *
 * Adapters here have no sources of video (VidPN sources): the display stays
 * with the DRM driver.  So no name of a display and no device context leads to
 * an adapter, every number of a source is wrong, and nobody owns one.  The
 * statuses are those that Windows gives for what does not exist; functions
 * that would need a display are in unsupported.c.
 */
#include <string.h>

#include "device.h"

/**
 * D3DKMTOpenAdapterFromGdiDisplayName - open the adapter of a display
 * @args: DeviceName, such as \\.\DISPLAY1
 *
 * Return: UNSUCCESSFUL, which is what Windows says of a name that is NULL,
 * empty, or of a display that is not part of the desktop
 * Source: d3dkmthk.h, D3DKMTOpenAdapterFromGdiDisplayName
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenAdapterFromGdiDisplayName(
	D3DKMT_OPENADAPTERFROMGDIDISPLAYNAME *args)
{
	(void)args;
	return STATUS_UNSUCCESSFUL;
}

/**
 * D3DKMTOpenAdapterFromHdc - open the adapter of a device context
 * @args: hDc
 *
 * Return: INVALID_PARAMETER: there are no device contexts
 * Source: d3dkmthk.h, D3DKMTOpenAdapterFromHdc
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenAdapterFromHdc(D3DKMT_OPENADAPTERFROMHDC *args)
{
	(void)args;
	return STATUS_INVALID_PARAMETER;
}

/**
 * D3DKMTCheckExclusiveOwnership - has anybody taken a display for itself
 *
 * Return: FALSE
 * Source: d3dkmthk.h, D3DKMTCheckExclusiveOwnership
 */
VDXG_PUBLIC BOOLEAN D3DKMTCheckExclusiveOwnership(VOID)
{
	return FALSE;
}

/**
 * D3DKMTCheckVidPnExclusiveOwnership - has anybody taken this source
 * @args: hAdapter, VidPnSourceId
 *
 * Return: INVALID_PARAMETER: no adapter has a source
 * Source: d3dkmthk.h, D3DKMTCheckVidPnExclusiveOwnership
 */
VDXG_PUBLIC NTSTATUS D3DKMTCheckVidPnExclusiveOwnership(
	const D3DKMT_CHECKVIDPNEXCLUSIVEOWNERSHIP *args)
{
	(void)args;
	return STATUS_INVALID_PARAMETER;
}

/**
 * D3DKMTSetVidPnSourceOwner - take sources for a device, or give all back
 * @args: hDevice, VidPnSourceCount: 0 gives all back
 *
 * Return: SUCCESS, nothing is named, so that nothing is to be given back;
 * INVALID_PARAMETER, no such device, or a source is named; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTSetVidPnSourceOwner
 */
VDXG_PUBLIC NTSTATUS
D3DKMTSetVidPnSourceOwner(const D3DKMT_SETVIDPNSOURCEOWNER *args)
{
	D3DKMT_GETDEVICESTATE state;

	if (!args || args->VidPnSourceCount)
		return STATUS_INVALID_PARAMETER;
	memset(&state, 0, sizeof(state));
	state.hDevice = args->hDevice;
	state.StateType = D3DKMT_DEVICESTATE_EXECUTION;
	return D3DKMTGetDeviceState(&state);
}

/**
 * D3DKMTReleaseProcessVidPnSourceOwners - give back the sources of a process
 * @hProcess: the process, which has none
 *
 * Return: SUCCESS
 * Source: d3dkmthk.h, D3DKMTReleaseProcessVidPnSourceOwners
 */
VDXG_PUBLIC NTSTATUS D3DKMTReleaseProcessVidPnSourceOwners(HANDLE hProcess)
{
	(void)hProcess;
	return STATUS_SUCCESS;
}
