// SPDX-License-Identifier: GPL-2.0-only
/*
 * query_statistics_process.c: D3DKMTQueryStatistics, the types about a process
 *
 * They read the account of the process with the adapter. A process without one has used nothing; its budget is
 * what it would get. What nobody counts is 0.
 */
#include <linux/kernel.h>

#include "../refuse.h"
#include "../vidmm/look.h"
#include "client.h"
#include "process.h"
#include "query.h"

static u64 bytes(u64 npages)
{
	return npages << PAGE_SHIFT;
}

/* Segments as in query_statistics.c: 0 is what is committed and has no place on the GPU. */
static int process_segment(const struct vidmm_look_client *look, u32 id,
			   struct d3dkmt_querystatistics_process_segment_information *info)
{
	unsigned long on_gpu = look->used[VIDMM_LOCAL] + look->used[VIDMM_APERTURE];

	if (id >= VIDMM_NUM_GPU_SEGMENTS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "query_id", id, "no such segment");
	info->bytes_committed = bytes(id ? look->used[id] :
				      look->commit - min(on_gpu, look->commit));
	return STATUS_SUCCESS;
}

static int process_group(struct vidmm *mm, const struct vidmm_client *client, u32 group,
			 struct d3dkmt_querystatistics_process_segment_group_information *info)
{
	struct vidmm_look_client look = { };
	struct vidmm_video_memory memory;

	if (group > D3DKMT_MEMORY_SEGMENT_GROUP_NON_LOCAL)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "query_id", group, "no such group");
	if (client)
		vidmm_look_at_client(client, &look);
	vidmm_video_memory(mm, client, group, &memory);
	info->budget = memory.budget;
	info->requested = bytes(look.demand[group]);
	info->usage = memory.usage;
	return STATUS_SUCCESS;
}

static int process_node(struct vdxg_adapter *adapter, struct vidmm_client *client, u32 id,
			struct d3dkmt_querystatistics_process_node_information *info)
{
	if (id >= VDXG_NUM_NODES)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "query_id", id, "no such node");
	if (client)
		vdxg_query_node(adapter, vdxg_client_turns(client), info);
	return STATUS_SUCCESS;
}

static int fill(struct vdxg_adapter *adapter, struct vidmm_client *client,
		const struct vdxg_statistics_question *q,
		struct d3dkmt_querystatistics_result *result)
{
	struct vidmm_look_client look = { };

	if (client)
		vidmm_look_at_client(client, &look);
	switch (q->type) {
	case D3DKMT_QUERYSTATISTICS_PROCESS:
		result->process.node_count = VDXG_NUM_NODES;
		result->process.system_memory.bytes_allocated =
			bytes(look.used[VIDMM_APERTURE] + look.used[VIDMM_SYSTEM]);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER:
		result->process_adapter.nb_segments = VIDMM_NUM_GPU_SEGMENTS;
		result->process_adapter.node_count = VDXG_NUM_NODES;
		result->process_adapter.total_bytes_evicted_from_process = bytes(look.evicted);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT:
		return process_segment(&look, q->id, &result->process_segment);
	case D3DKMT_QUERYSTATISTICS_PROCESS_NODE:
		return process_node(adapter, client, q->id, &result->process_node);
	default:
		return process_group(&adapter->mm, client, q->id, &result->process_segment_group);
	}
}

/**
 * vdxg_query_process_statistics - the types about a process
 * @caller: who asks
 * @adapter: the adapter
 * @q: PROCESS, PROCESS_ADAPTER, PROCESS_SEGMENT, PROCESS_SEGMENT_GROUP or PROCESS_NODE
 * @result: the answer, zeroed
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a segment, group or node that does not
 * exist;
 * STATUS_INVALID_HANDLE for no process; STATUS_ACCESS_DENIED for another user's.
 */
int vdxg_query_process_statistics(struct vdxg_process *caller, struct vdxg_adapter *adapter,
				  const struct vdxg_statistics_question *q,
				  struct d3dkmt_querystatistics_result *result)
{
	struct vdxg_process *process;
	int status;

	status = vdxg_process_of(caller, q->process, &process);
	if (status)
		return status;
	status = fill(adapter, process ? vdxg_client_find(process, adapter) : NULL, q,
		      result);
	if (process)
		vdxg_process_put(process);
	return status;
}
