// SPDX-License-Identifier: GPL-2.0-only
/*
 * video_memory.c: D3DKMTQueryVideoMemoryInfo, D3DKMTChangeVideoMemoryReservation,
 * D3DKMTFlushHeapTransitions
 */
#include "../refuse.h"
#include "../vidmm/paging.h"
#include "adapter.h"
#include "calls.h"
#include "client.h"
#include "process.h"

/**
 * struct question - what both calls name
 * @open: the adapter's handle, referenced
 * @process: the process, referenced, or NULL if it is no client of the driver
 * @client: its account with the adapter, or NULL
 */
struct question {
	struct vdxg_adapter_open *open;
	struct vdxg_process *process;
	struct vidmm_client *client;
};

static int open_question(struct question *q, struct vdxg_process *caller, u64 process,
			 struct d3dkmthandle adapter, u32 group, u32 physical)
{
	int status;

	if (group > D3DKMT_MEMORY_SEGMENT_GROUP_NON_LOCAL || physical)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "memory_segment_group", group,
				   "no such group, or physical_adapter_index is not 0");
	q->open = vdxg_adapter_open_get(caller, adapter);
	if (!q->open)
		return STATUS_INVALID_PARAMETER;
	status = STATUS_DEVICE_REMOVED;
	if (!vdxg_adapter_removed(q->open->adapter))
		status = vdxg_process_of(caller, process, &q->process);
	if (status) {
		vdxg_object_put(&q->open->obj);
		return status;
	}
	q->client = q->process ? vdxg_client_find(q->process, q->open->adapter) : NULL;
	return STATUS_SUCCESS;
}

static void close_question(struct question *q)
{
	if (q->process)
		vdxg_process_put(q->process);
	vdxg_object_put(&q->open->obj);
}

/**
 * vdxg_query_video_memory_info - D3DKMTQueryVideoMemoryInfo
 * @call: the call; struct d3dkmt_queryvideomemoryinfo
 *
 * For a process that has no device on the adapter: what it would get.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_INVALID_HANDLE for no process;
 * STATUS_ACCESS_DENIED for another user's; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTQueryVideoMemoryInfo)
 */
int vdxg_query_video_memory_info(struct vdxg_call *call)
{
	struct d3dkmt_queryvideomemoryinfo *args = call->args;
	struct vidmm_video_memory info;
	struct question q;
	int status;

	status = open_question(&q, call->process, args->process, args->adapter,
			       args->memory_segment_group, args->physical_adapter_index);
	if (status)
		return status;
	vidmm_video_memory(&q.open->adapter->mm, q.client, args->memory_segment_group, &info);
	args->budget = info.budget;
	args->current_usage = info.usage;
	args->current_reservation = info.reservation;
	args->available_for_reservation = info.available;
	close_question(&q);
	return STATUS_SUCCESS;
}

/**
 * vdxg_change_video_memory_reservation - D3DKMTChangeVideoMemoryReservation
 * @call: the call; struct d3dkmt_changevideomemoryreservation
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, also for more than is available, and for a
 * process without a device on the adapter; STATUS_INVALID_HANDLE for no process;
 * STATUS_ACCESS_DENIED for another user's; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTChangeVideoMemoryReservation)
 */
int vdxg_change_video_memory_reservation(struct vdxg_call *call)
{
	struct d3dkmt_changevideomemoryreservation *args = call->args;
	struct question q;
	int status;

	status = open_question(&q, call->process, args->process, args->adapter,
			       args->memory_segment_group, args->physical_adapter_index);
	if (status)
		return status;
	status = STATUS_INVALID_PARAMETER;
	if (q.client)
		status = vidmm_reserve(q.client, args->memory_segment_group, args->reservation);
	if (status)
		vdxg_refuse(status, "reservation", args->reservation,
			    "more than is available, or no device on the adapter");
	close_question(&q);
	return status;
}

/**
 * vdxg_flush_heap_transitions - D3DKMTFlushHeapTransitions
 * @call: the call; struct d3dkmt_flushheaptransitions
 *
 * Waits for what paging queues have under way, and gives memory that is only kept for later back to
 * the machine.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_DEVICE_REMOVED. (d3dkmthk,
 * D3DKMTFlushHeapTransitions)
 */
int vdxg_flush_heap_transitions(struct vdxg_call *call)
{
	struct d3dkmt_flushheaptransitions *args = call->args;
	struct vdxg_adapter_open *open = vdxg_adapter_open_get(call->process, args->adapter);
	int status = STATUS_DEVICE_REMOVED;

	if (!open)
		return STATUS_INVALID_PARAMETER;
	if (!vdxg_adapter_removed(open->adapter)) {
		vidmm_paging_flush();
		vdxg_adapter_trim(open->adapter);
		status = STATUS_SUCCESS;
	}
	vdxg_object_put(&open->obj);
	return status;
}
