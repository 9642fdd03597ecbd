// SPDX-License-Identifier: GPL-2.0-only
/*
 * query_adapter.c: the calls that ask an adapter one thing: D3DKMTEnumProcesses,
 * D3DKMTIsFeatureEnabled, D3DKMTQueryClockCalibration
 */
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include <vdxg.h>

#include "../gfp.h"
#include "../refuse.h"
#include "calls.h"
#include "process.h"
#include "query.h"

/* DXGK_FEATURE_ID of Windows: hardware scheduling. */
#define FEATURE_HWSCH	0

/**
 * vdxg_enum_processes - D3DKMTEnumProcesses
 * @call: the call; struct d3dkmt_enumprocesses
 *
 * Those that have the adapter open or a device on it, if the caller's pid namespace has an id for
 * them. @buffer_count becomes their number, also if there is no buffer or a small one.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL; STATUS_INVALID_PARAMETER for a LUID that no adapter
 * has, or a buffer that cannot be written; STATUS_NO_MEMORY. (d3dkmthk, D3DKMTEnumProcesses)
 */
int vdxg_enum_processes(struct vdxg_call *call)
{
	struct d3dkmt_enumprocesses *args = call->args;
	u32 room = min_t(u64, args->buffer_count, VDXG_MAX_LIST);
	struct vdxg_adapter *adapter;
	int status = STATUS_SUCCESS;
	u32 *pids = NULL;
	u32 count;

	adapter = vdxg_adapter_find(args->adapter_luid);
	if (!adapter)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter_luid", args->adapter_luid.a,
				   "no such adapter");
	if (!args->buffer)
		room = 0;
	if (room) {
		pids = kvmalloc_array(room, sizeof(*pids), VDXG_GFP);
		if (!pids) {
			vdxg_adapter_put(adapter);
			return STATUS_NO_MEMORY;
		}
	}
	count = vdxg_process_list(adapter, pids, room);
	vdxg_adapter_put(adapter);
	args->buffer_count = count;
	if (args->buffer && count > room) {
		/* The caller learns how much room it needs. */
		call->reply_on_failure = true;
		status = vdxg_refuse(STATUS_BUFFER_TOO_SMALL, "buffer_count", room,
				     "there are more processes");
	} else if (args->buffer && copy_to_user(u64_to_user_ptr(args->buffer), pids,
						count * sizeof(*pids))) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "buffer", args->buffer,
				     "cannot be written");
	}
	kvfree(pids);
	return status;
}

/* The adapter behind a handle, still there; put with vdxg_object_put(). */
static int get_open(struct vdxg_call *call, struct d3dkmthandle handle,
		    struct vdxg_adapter_open **open)
{
	*open = vdxg_adapter_open_get(call->process, handle);
	if (!*open)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter", handle.v, "no such adapter");
	if (!vdxg_adapter_removed((*open)->adapter))
		return STATUS_SUCCESS;
	vdxg_object_put(&(*open)->obj);
	return STATUS_DEVICE_REMOVED;
}

/**
 * vdxg_is_feature_enabled - D3DKMTIsFeatureEnabled
 * @call: the call; struct d3dkmt_isfeatureenabled
 *
 * The features are those that Windows and a driver agree on. Hardware scheduling is there and on, as
 * KMTQAITYPE_WDDM_2_7_CAPS says: hardware queues work. Of every other the answer is that it is not known.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTIsFeatureEnabled)
 */
int vdxg_is_feature_enabled(struct vdxg_call *call)
{
	struct d3dkmt_isfeatureenabled *args = call->args;
	struct vdxg_adapter_open *open;
	int status;

	status = get_open(call, args->adapter, &open);
	if (status)
		return status;
	args->result = (struct dxgk_isfeatureenabled_result){ };
	if (args->feature_id == FEATURE_HWSCH) {
		args->result.version = 1;
		args->result.flags = DXGK_FEATURE_ENABLED | DXGK_FEATURE_KNOWN |
			DXGK_FEATURE_SUPPORTED_BY_DRIVER | DXGK_FEATURE_SUPPORTED_ON_CONFIG;
	}
	vdxg_object_put(&open->obj);
	return STATUS_SUCCESS;
}

/**
 * vdxg_query_clock_calibration - D3DKMTQueryClockCalibration
 * @call: the call; struct d3dkmt_queryclockcalibration
 *
 * The engine is software and has no clock of its own: both counters are CLOCK_MONOTONIC in nanoseconds.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTQueryClockCalibration)
 */
int vdxg_query_clock_calibration(struct vdxg_call *call)
{
	struct d3dkmt_queryclockcalibration *args = call->args;
	struct vdxg_adapter_open *open;
	int status;

	status = get_open(call, args->adapter, &open);
	if (status)
		return status;
	vdxg_object_put(&open->obj);
	if (args->node_ordinal >= VDXG_NUM_NODES || args->physical_adapter_index)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "node_ordinal", args->node_ordinal,
				   "no such node or physical adapter");
	args->clock_data = (struct dxgk_gpuclockdata){
		.gpu_frequency = NSEC_PER_SEC,
		.gpu_clock_counter = ktime_get_ns(),
	};
	args->clock_data.cpu_clock_counter = args->clock_data.gpu_clock_counter;
	return STATUS_SUCCESS;
}
