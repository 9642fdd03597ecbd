// SPDX-License-Identifier: MIT
/*
 * device_name.c: D3DKMTOpenAdapterFromDeviceName()
 *
 * On Windows the name is the path of a device interface.  What names a GPU to
 * Linux programs is a DRM node: "/dev/dri/card0", "/dev/dri/renderD128" or the
 * last part of it.  An adapter knows its primary node (the value DrmNode of
 * its registry key); sysfs knows which nodes are of one device.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define DRI		"/dev/dri/"
#define NODE_MAX	32	/* characters of a node's name */
#define REG_SZ		1

/* The last part of a node's path as bytes; false if it is not one. */
static bool node_name(const WCHAR *path, char *name)
{
	const char *dri = DRI;
	size_t i;

	for (i = 0; dri[i] && path[i] == (WCHAR)dri[i]; i++)
		;
	if (!dri[i])
		path += i;
	for (i = 0; path[i]; i++) {
		if (i == NODE_MAX - 1 || path[i] <= ' ' || path[i] >= 0x7f ||
		    path[i] == '/' || path[i] == '.')
			return false;
		name[i] = path[i];
	}
	name[i] = 0;
	return i;
}

/* The adapter's primary node; false for one that has none. */
static bool adapter_node(D3DKMT_HANDLE adapter, char *name)
{
	struct {
		D3DDDI_QUERYREGISTRY_INFO info;
		WCHAR room[NODE_MAX];
	} answer;
	D3DKMT_QUERYADAPTERINFO query;
	const WCHAR *text = answer.info.OutputString;
	size_t i;

	memset(&answer, 0, sizeof(answer));
	answer.info.QueryType = D3DDDI_QUERYREGISTRY_ADAPTERKEY;
	wcscpy(answer.info.ValueName, L"DrmNode");
	answer.info.ValueType = REG_SZ;
	memset(&query, 0, sizeof(query));
	query.hAdapter = adapter;
	query.Type = KMTQAITYPE_QUERYREGISTRY;
	query.pPrivateDriverData = &answer;
	query.PrivateDriverDataSize = sizeof(answer);
	if (D3DKMTQueryAdapterInfo(&query) ||
	    answer.info.Status != D3DDDI_QUERYREGISTRY_STATUS_SUCCESS)
		return false;
	for (i = 0; i < NODE_MAX - 1 && text[i]; i++)
		name[i] = text[i];
	name[i] = 0;
	return i;
}

/* Is @name the node @primary, or another of the same device? */
static bool same_device(const char *name, const char *primary)
{
	char path[128];

	if (!strcmp(name, primary))
		return true;
	snprintf(path, sizeof(path), "/sys/class/drm/%s/device/drm/%s", name,
		 primary);
	return !access(path, F_OK);
}

/**
 * D3DKMTOpenAdapterFromDeviceName - open the adapter of a DRM node
 * @args: pDeviceName; out hAdapter, AdapterLuid
 *
 * Return: SUCCESS; INVALID_PARAMETER, no adapter is behind that name; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenAdapterFromDeviceName
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenAdapterFromDeviceName(D3DKMT_OPENADAPTERFROMDEVICENAME *args)
{
	D3DKMT_ADAPTERINFO adapters[64];
	D3DKMT_ENUMADAPTERS2 all = { ARRAY_SIZE(adapters), adapters };
	char name[NODE_MAX], node[NODE_MAX];
	D3DKMT_HANDLE found = 0;
	NTSTATUS status;
	ULONG i;

	if (!args || !args->pDeviceName || !node_name(args->pDeviceName, name))
		return STATUS_INVALID_PARAMETER;
	status = D3DKMTEnumAdapters2(&all);
	if (!NT_SUCCESS(status))
		return status;
	for (i = 0; i < all.NumAdapters; i++) {
		D3DKMT_CLOSEADAPTER close = { adapters[i].hAdapter };

		if (!found && adapter_node(adapters[i].hAdapter, node) &&
		    same_device(name, node)) {
			found = adapters[i].hAdapter;
			args->hAdapter = found;
			args->AdapterLuid = adapters[i].AdapterLuid;
		} else {
			D3DKMTCloseAdapter(&close);
		}
	}
	return found ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
