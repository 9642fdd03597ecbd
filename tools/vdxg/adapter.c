// SPDX-License-Identifier: MIT
/*
 * adapter.c: finds adapters and asks them everything
 *
 * A query that an adapter does not answer leaves its field 0 or empty: the command also
 * runs on other drivers of /dev/dxg. Only a failing enumeration ends it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <vdxg.h>

#include "tool.h"

#define REG_SZ 1

static NTSTATUS query(const struct adapter *adapter, KMTQUERYADAPTERINFOTYPE type, void *data,
		      size_t size)
{
	D3DKMT_QUERYADAPTERINFO args = {
		.hAdapter = adapter->handle,
		.Type = type,
		.pPrivateDriverData = data,
		.PrivateDriverDataSize = size,
	};

	return D3DKMTQueryAdapterInfo(&args);
}

/* Names are ASCII, and both strings have room for the same number of characters. */
static void narrow(char *text, size_t size, const WCHAR *wide)
{
	size_t i;

	for (i = 0; i + 1 < size && wide[i]; i++)
		text[i] = wide[i] < 0x80 ? (char)wide[i] : '?';
	text[i] = '\0';
}

static void read_registry(const struct adapter *adapter, const char *value, char *text)
{
	struct {
		D3DDDI_QUERYREGISTRY_INFO info;
		WCHAR room[NAME_SIZE];
	} data;
	WCHAR *string = data.info.OutputString;
	size_t i;

	text[0] = '\0';
	memset(&data, 0, sizeof(data));
	data.info.QueryType = D3DDDI_QUERYREGISTRY_ADAPTERKEY;
	data.info.ValueType = REG_SZ;
	for (i = 0; value[i]; i++)
		data.info.ValueName[i] = value[i];
	if (query(adapter, KMTQAITYPE_QUERYREGISTRY, &data, sizeof(data)) == STATUS_SUCCESS &&
	    data.info.Status == D3DDDI_QUERYREGISTRY_STATUS_SUCCESS)
		narrow(text, NAME_SIZE, string);
}

static void read_identity(struct adapter *adapter)
{
	D3DKMT_QUERY_ADAPTER_UNIQUE_GUID guid;
	D3DKMT_UMD_DRIVER_VERSION version;
	D3DKMT_ADAPTERREGISTRYINFO names;
	D3DKMT_ADAPTERADDRESS address;
	D3DKMT_QUERY_DEVICE_IDS ids;
	D3DKMT_ADAPTERTYPE type;
	UINT wddm;

	if (query(adapter, KMTQAITYPE_ADAPTERREGISTRYINFO, &names, sizeof(names)) == STATUS_SUCCESS)
		narrow(adapter->name, sizeof(adapter->name), names.AdapterString);
	if (query(adapter, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type)) == STATUS_SUCCESS)
		adapter->software = type.SoftwareDevice;
	if (query(adapter, KMTQAITYPE_DRIVERVERSION, &wddm, sizeof(wddm)) == STATUS_SUCCESS)
		adapter->wddm = wddm;
	if (query(adapter, KMTQAITYPE_UMD_DRIVER_VERSION, &version, sizeof(version)) ==
	    STATUS_SUCCESS)
		adapter->version = version.DriverVersion.QuadPart;
	if (query(adapter, KMTQAITYPE_QUERY_ADAPTER_UNIQUE_GUID, &guid, sizeof(guid)) ==
	    STATUS_SUCCESS)
		narrow(adapter->guid, sizeof(adapter->guid), guid.AdapterUniqueGUID);
	if (query(adapter, KMTQAITYPE_ADAPTERADDRESS, &address, sizeof(address)) ==
	    STATUS_SUCCESS && address.FunctionNumber != 0xffff) {
		adapter->pci = true;
		adapter->bus = address.BusNumber;
		adapter->slot = address.DeviceNumber;
		adapter->function = address.FunctionNumber;
	}
	memset(&ids, 0, sizeof(ids));
	if (query(adapter, KMTQAITYPE_PHYSICALADAPTERDEVICEIDS, &ids, sizeof(ids)) ==
	    STATUS_SUCCESS) {
		adapter->vendor = ids.DeviceIds.VendorID;
		adapter->device = ids.DeviceIds.DeviceID;
	}
	read_registry(adapter, "DrmDriver", adapter->driver);
	read_registry(adapter, "DrmNode", adapter->node);
}

static void read_sizes(struct adapter *adapter)
{
	D3DKMT_SEGMENTSIZEINFO sizes;

	if (query(adapter, KMTQAITYPE_GETSEGMENTSIZE, &sizes, sizeof(sizes)) != STATUS_SUCCESS)
		return;
	adapter->dedicated_video = sizes.DedicatedVideoMemorySize;
	adapter->dedicated_system = sizes.DedicatedSystemMemorySize;
	adapter->shared_system = sizes.SharedSystemMemorySize;
}

/**
 * adapter_read_segments - ask an adapter what it counts now
 * @adapter: its segments are filled
 *
 * Return: whether it answered.
 */
bool adapter_read_segments(struct adapter *adapter)
{
	D3DKMT_QUERYSTATISTICS args;
	unsigned int i, count;

	memset(&args, 0, sizeof(args));
	args.Type = D3DKMT_QUERYSTATISTICS_ADAPTER;
	args.AdapterLuid = adapter->luid;
	if (D3DKMTQueryStatistics(&args) != STATUS_SUCCESS)
		return false;
	count = args.QueryResult.AdapterInformation.NbSegments;
	if (count > ARRAY_SIZE(adapter->segments))
		return false;
	for (i = 0; i < count; i++) {
		const D3DKMT_QUERYSTATISTICS_SEGMENT_INFORMATION *info =
			&args.QueryResult.SegmentInformation;
		struct segment *segment = &adapter->segments[i];

		memset(&args, 0, sizeof(args));
		args.Type = D3DKMT_QUERYSTATISTICS_SEGMENT;
		args.AdapterLuid = adapter->luid;
		args.QuerySegment.SegmentId = i;
		if (D3DKMTQueryStatistics(&args) != STATUS_SUCCESS)
			return false;
		segment->limit = info->CommitLimit;
		segment->committed = info->BytesCommitted;
		segment->resident = info->BytesResident;
		segment->allocations = info->Memory.AllocsCommitted;
		segment->aperture = info->Aperture;
		segment->system = info->SegmentProperties.SystemMemory;
	}
	adapter->num_segments = count;
	return true;
}

/**
 * segment_name - what people call a segment
 * @id: its number
 *
 * Return: the name.
 */
const char *segment_name(unsigned int id)
{
	static const char *const names[] = { "system", "local", "aperture" };

	return id < ARRAY_SIZE(names) ? names[id] : "other";
}

/**
 * adapters_open - enumerate and open all adapters
 * @count: how many there are
 *
 * Return: an array for adapters_close(). Ends the program if the driver cannot be asked.
 */
struct adapter *adapters_open(unsigned int *count)
{
	D3DKMT_ENUMADAPTERS2 args = { 0 };
	struct adapter *adapters;
	NTSTATUS status;
	unsigned int i;

	status = D3DKMTEnumAdapters2(&args);
	if (status != STATUS_SUCCESS)
		die("enumerating the adapters failed: %s", status_name(status));
	args.pAdapters = calloc(args.NumAdapters + 1, sizeof(*args.pAdapters));
	if (!args.pAdapters)
		die("out of memory");
	status = D3DKMTEnumAdapters2(&args);
	if (status != STATUS_SUCCESS)
		die("enumerating the adapters failed: %s", status_name(status));

	adapters = calloc(args.NumAdapters + 1, sizeof(*adapters));
	if (!adapters)
		die("out of memory");
	for (i = 0; i < args.NumAdapters; i++) {
		adapters[i].index = i;
		adapters[i].handle = args.pAdapters[i].hAdapter;
		adapters[i].luid = args.pAdapters[i].AdapterLuid;
		read_identity(&adapters[i]);
		read_sizes(&adapters[i]);
		adapter_read_segments(&adapters[i]);
	}
	*count = args.NumAdapters;
	free(args.pAdapters);
	return adapters;
}

/**
 * adapters_close - give back what adapters_open() opened
 * @adapters: the array
 * @count: its length
 */
void adapters_close(struct adapter *adapters, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		D3DKMT_CLOSEADAPTER args = { .hAdapter = adapters[i].handle };

		D3DKMTCloseAdapter(&args);
	}
	free(adapters);
}

static bool matches(const struct adapter *adapter, const char *which)
{
	char luid[32];

	snprintf(luid, sizeof(luid), "%08x:%08x", (unsigned int)adapter->luid.HighPart,
		 (unsigned int)adapter->luid.LowPart);
	return !strcasecmp(which, luid) || !strcasecmp(which, adapter->name) ||
	       !strcasecmp(which, adapter->driver) || !strcasecmp(which, adapter->node);
}

/**
 * adapter_choose - find the adapter a user means
 * @adapters: all adapters
 * @count: how many
 * @which: number, LUID, name, driver or DRM node; NULL: the first with hardware
 *	behind it, else the first
 *
 * Return: the adapter. Ends the program if there is none.
 */
struct adapter *adapter_choose(struct adapter *adapters, unsigned int count, const char *which)
{
	unsigned int i;
	char *end;

	if (!count)
		die("the driver has no adapter: start it with software=1, or bind a GPU");
	if (!which) {
		for (i = 0; i < count; i++) {
			if (!adapters[i].software)
				return &adapters[i];
		}
		return &adapters[0];
	}
	i = strtoul(which, &end, 10);
	if (isdigit((unsigned char)which[0]) && !*end && i < count)
		return &adapters[i];
	for (i = 0; i < count; i++) {
		if (which[0] && matches(&adapters[i], which))
			return &adapters[i];
	}
	die("no adapter '%s': 'vdxg info' lists them", which);
}

/**
 * status_name - the name of a status
 * @status: an NTSTATUS
 *
 * Return: its name, or its number in a buffer that the next call uses again.
 */
const char *status_name(NTSTATUS status)
{
	static char number[16];
	const char *name = vdxg_status_name(status);

	if (name)
		return name;
	snprintf(number, sizeof(number), "0x%08x", (unsigned int)status);
	return number;
}

/**
 * size_text - a size for people
 * @bytes: the size
 * @text: is written
 * @size: room in @text
 *
 * Return: @text.
 */
char *size_text(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = bytes / 1024.0;
	unsigned int unit = 0;

	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	if (value == (uint64_t)value)
		snprintf(text, size, "%" PRIu64 " %s", (uint64_t)value, units[unit]);
	else
		snprintf(text, size, "%.1f %s", value, units[unit]);
	return text;
}
