// SPDX-License-Identifier: GPL-2.0-only
/*
 * query_statistics.c: D3DKMTQueryStatistics
 *
 * Segments are counted as segment sets count them, 0 to NbSegments - 1:
 *
 *	0	system memory: what is committed and has no place on the GPU now; resident is
 *		what has been evicted to it, the rest has never been touched
 *	1	local
 *	2	aperture
 *
 * so the committed bytes of all segments together are what the adapter has promised.
 * Programs add up what is resident in segments with Aperture as shared memory, without as
 * the GPU's own: evicted content belongs to the former. A counter that nobody keeps reads
 * 0. The types about processes are in query_statistics_process.c. There are no display
 * sources, so that every number of one is wrong.
 *
 * The second version of a type (ADAPTER2, ...) names a physical adapter, of which there is
 * one, and is answered as the first.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../refuse.h"
#include "../sched/engine.h"
#include "calls.h"
#include "query.h"

static u64 bytes(u64 npages)
{
	return npages << PAGE_SHIFT;
}

static void adapter_statistics(struct vidmm *mm,
			       struct d3dkmt_querystatistics_adapter_information *info)
{
	struct vidmm_stats stats;

	spin_lock(&mm->lock);
	stats = mm->stats;
	spin_unlock(&mm->lock);
	/* No display sources: the display stays with the DRM driver. */
	info->nb_segments = VIDMM_NUM_GPU_SEGMENTS;
	info->node_count = VDXG_NUM_NODES;
	info->allocations.created.count = stats.created;
	info->allocations.destroyed.count = stats.destroyed;
	info->paging_fault.faults.count = stats.faults;
	info->paging_fault.faults.bytes = bytes(stats.moved_in);
	info->paging_fault.faults_reclaimed.count = stats.reclaimed;
	info->paging_fault.faults_lost_content.count = stats.discards;
	info->paging_fault.evictions.count = stats.evictions;
	info->paging_fault.evictions.bytes = bytes(stats.moved_out);
	info->paging_transfer.bytes_transferred_from_mdl_to_memory = bytes(stats.moved_in);
	info->paging_transfer.bytes_transferred_from_memory_to_mdl = bytes(stats.moved_out);
}

/* What is promised and in no segment of the GPU; under the manager's lock. */
static void system_statistics(struct vidmm *mm,
			      struct d3dkmt_querystatistics_segment_information *info)
{
	unsigned long used = 0, allocs = 0;
	int i;

	for (i = VIDMM_LOCAL; i < VIDMM_NUM_GPU_SEGMENTS; i++) {
		used += mm->segments[i].used;
		allocs += mm->segments[i].allocs;
	}
	/* What moves from segment to segment is counted in both. */
	info->bytes_committed = bytes(mm->commit - min(used, mm->commit));
	info->bytes_resident = bytes(mm->segments[VIDMM_SYSTEM].used);
	info->memory.allocs_committed = mm->allocs - min(allocs, mm->allocs);
	info->memory.allocs_resident = mm->segments[VIDMM_SYSTEM].allocs;
}

/* Under the manager's lock. */
static void gpu_statistics(const struct vidmm_segment *segment,
			   struct d3dkmt_querystatistics_segment_information *info)
{
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(info->total_bytes_evicted_by_priority) !=
		     VIDMM_NUM_PRIORITY_CLASSES);
	info->commit_limit = bytes(segment->capacity);
	info->bytes_committed = bytes(segment->used);
	info->bytes_resident = bytes(segment->used);
	info->memory.allocs_committed = segment->allocs;
	info->memory.allocs_resident = segment->allocs;
	for (i = 0; i < VIDMM_NUM_PRIORITY_CLASSES; i++) {
		info->total_bytes_evicted_by_priority[i] = bytes(segment->evicted[i]);
		info->memory.total_bytes_evicted += bytes(segment->evicted[i]);
	}
}

static int segment_statistics(struct vidmm *mm, u32 id,
			      struct d3dkmt_querystatistics_segment_information *info)
{
	if (id >= VIDMM_NUM_GPU_SEGMENTS)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "query_id", id, "no such segment");

	spin_lock(&mm->lock);
	if (id == VIDMM_NOWHERE)
		system_statistics(mm, info);
	else
		gpu_statistics(&mm->segments[id], info);
	spin_unlock(&mm->lock);

	if (id != VIDMM_LOCAL) {
		info->aperture = 1;
		info->segment_properties = D3DKMT_QUERYSTATISTICS_SEGMENT_SYSTEM_MEMORY;
	}
	return STATUS_SUCCESS;
}

/**
 * vdxg_query_node - what the engine has done
 * @adapter: whose engine
 * @client: for whom; NULL: for all
 * @info: zeroed, is filled
 *
 * Nothing is preempted: a packet that was interrupted goes on later. A packet that is cancelled counts as
 * completed, so that submitted less completed is what is queued.
 *
 * Context: any.
 */
void vdxg_query_node(struct vdxg_adapter *adapter, const struct vdxg_engine_client *client,
		     struct d3dkmt_querystatistics_process_node_information *info)
{
	struct vdxg_figures figures;
	int i;

	BUILD_BUG_ON(VDXG_PACKET_KINDS > D3DKMT_QUERYSTATISTICS_QUEUE_PACKETS);
	vdxg_engine_look(adapter->engine, client, &figures);
	info->running_time = div_u64(figures.running, NSEC_PER_USEC);
	info->context_switch = figures.switches;
	for (i = 0; i < VDXG_PACKET_KINDS; i++) {
		info->queue_packet[i].submitted = figures.submitted[i];
		info->queue_packet[i].completed = figures.retired[i];
	}
	/* Of the buffers themselves there is one kind, a client's. */
	info->dma_packet[0].submitted = figures.submitted[VDXG_PACKET_COMMANDS];
	info->dma_packet[0].completed = figures.retired[VDXG_PACKET_COMMANDS];
	info->dma_packet[0].faulted = figures.faulted;
}

static void segment_usage(struct vidmm *mm, int id,
			  struct d3dkmt_querystatistics_memory_usage *info)
{
	unsigned long used, capacity;

	spin_lock(&mm->lock);
	used = mm->segments[id].used;
	capacity = mm->segments[id].capacity;
	spin_unlock(&mm->lock);
	info->allocated_bytes = bytes(used);
	/* Existing system memory counts even where it exceeds the aperture. */
	info->free_bytes = bytes(capacity - min(used, capacity));
}

static int group_segment(u32 group)
{
	return group == D3DKMT_MEMORY_SEGMENT_GROUP_LOCAL ? VIDMM_LOCAL : VIDMM_APERTURE;
}

/* What a second version is the second version of; the others are themselves. */
static const u8 first_version[] = {
	[D3DKMT_QUERYSTATISTICS_ADAPTER2] = D3DKMT_QUERYSTATISTICS_ADAPTER,
	[D3DKMT_QUERYSTATISTICS_SEGMENT2] = D3DKMT_QUERYSTATISTICS_SEGMENT,
	[D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER2] = D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER,
	[D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT2] = D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT,
	[D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP2] =
		D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP,
	[D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE] = D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE,
	[D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE] = D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE,
	[D3DKMT_QUERYSTATISTICS_NODE2] = D3DKMT_QUERYSTATISTICS_NODE,
	[D3DKMT_QUERYSTATISTICS_PROCESS_NODE2] = D3DKMT_QUERYSTATISTICS_PROCESS_NODE,
};

/* Read the type and its selector; false for a physical adapter that does not exist. */
static bool read_question(const struct d3dkmt_querystatistics *args,
			  struct vdxg_statistics_question *q)
{
	q->type = args->type;
	q->id = args->query_id;
	q->process = args->process;
	if (q->type < D3DKMT_QUERYSTATISTICS_ADAPTER2 || q->type >= ARRAY_SIZE(first_version))
		return true;
	q->type = first_version[array_index_nospec(q->type, ARRAY_SIZE(first_version))];
	q->id = args->query2.id;
	return !args->query2.physical_adapter_index;
}

static int bad_id(u32 id, const char *why)
{
	return vdxg_refuse(STATUS_INVALID_PARAMETER, "query_id", id, why);
}

static int fill(struct vdxg_process *caller, struct vdxg_adapter *adapter,
		const struct vdxg_statistics_question *q,
		struct d3dkmt_querystatistics_result *result)
{
	switch (q->type) {
	case D3DKMT_QUERYSTATISTICS_ADAPTER:
		adapter_statistics(&adapter->mm, &result->adapter);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT:
		return segment_statistics(&adapter->mm, q->id, &result->segment);
	case D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER:
		if (q->id)
			return bad_id(q->id, "no such physical adapter");
		/* Temperature, power, clocks: nobody measures them, 0 is "not known". */
		vdxg_query_gpu_version(adapter, &result->physical_adapter.gpu_version);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE:
		if (q->id != VIDMM_LOCAL && q->id != VIDMM_APERTURE)
			return bad_id(q->id, "no such segment");
		segment_usage(&adapter->mm, q->id, &result->usage);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE:
		if (q->id > D3DKMT_MEMORY_SEGMENT_GROUP_NON_LOCAL)
			return bad_id(q->id, "no such group");
		segment_usage(&adapter->mm, group_segment(q->id), &result->usage);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_NODE:
		if (q->id >= VDXG_NUM_NODES)
			return bad_id(q->id, "no such node");
		/* There is no work of the system's: paging is nobody's command buffer. */
		vdxg_query_node(adapter, NULL, &result->node.global);
		result->node.node_perf_data.node_ordinal = q->id;
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_VIDPNSOURCE:
	case D3DKMT_QUERYSTATISTICS_PROCESS_VIDPNSOURCE:
		return bad_id(q->id, "there are no sources of video");
	case D3DKMT_QUERYSTATISTICS_PROCESS:
	case D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER:
	case D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT:
	case D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP:
	case D3DKMT_QUERYSTATISTICS_PROCESS_NODE:
		return vdxg_query_process_statistics(caller, adapter, q, result);
	default:
		return vdxg_refuse(STATUS_NOT_SUPPORTED, "type", q->type, "not answered");
	}
}

/**
 * vdxg_query_statistics - D3DKMTQueryStatistics
 * @call: with a struct d3dkmt_querystatistics; its result is an output
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a LUID, segment, group, node, source or
 * physical adapter that does not exist; STATUS_INVALID_HANDLE for no process; STATUS_ACCESS_DENIED for
 * another user's; STATUS_NOT_SUPPORTED for a type that is not answered.
 */
int vdxg_query_statistics(struct vdxg_call *call)
{
	struct d3dkmt_querystatistics *args = call->args;
	struct vdxg_statistics_question question;
	struct vdxg_adapter *adapter;
	int status;

	if (!read_question(args, &question))
		return bad_id(args->query_id, "no such physical adapter");
	adapter = vdxg_adapter_find(args->adapter_luid);
	if (!adapter)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter_luid", args->adapter_luid.a,
				   "no adapter has this LUID");
	/* Every byte the caller gets back is one of its own, 0, or a counter. */
	memset(&args->result, 0, sizeof(args->result));
	status = fill(call->process, adapter, &question, &args->result);
	vdxg_adapter_put(adapter);
	return status;
}
