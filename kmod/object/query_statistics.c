// SPDX-License-Identifier: GPL-2.0-only
/*
 * query_statistics.c: D3DKMTQueryStatistics
 *
 * Segments are counted as segment sets count them, 0 to NbSegments - 1:
 *
 *	0	system memory: what is committed and has no place on the GPU now
 *	1	local
 *	2	aperture
 *
 * so the committed bytes of all segments together are what the adapter has promised. A
 * counter that nobody keeps reads 0. The types about processes, nodes and display sources
 * are STATUS_NOT_SUPPORTED.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "calls.h"
#include "query.h"

static void adapter_statistics(struct d3dkmt_querystatistics_adapter_information *info)
{
	info->nb_segments = VIDMM_NUM_SEGMENTS;
	info->node_count = VDXG_NUM_NODES;
	/* No display sources: the display stays with the DRM driver. */
}

static int segment_statistics(struct vidmm *mm, u32 id,
			      struct d3dkmt_querystatistics_segment_information *info)
{
	unsigned long committed, resident = 0;
	u32 allocs_committed, allocs_resident = 0;
	int i;

	if (id >= VIDMM_NUM_SEGMENTS)
		return STATUS_INVALID_PARAMETER;

	spin_lock(&mm->lock);
	if (id == VIDMM_NOWHERE) {
		committed = mm->commit;
		allocs_committed = mm->allocs;
		for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++) {
			committed -= mm->segments[i].used;
			allocs_committed -= mm->segments[i].allocs;
		}
	} else {
		resident = mm->segments[id].used;
		allocs_resident = mm->segments[id].allocs;
		committed = resident;
		allocs_committed = allocs_resident;
		info->commit_limit = (u64)mm->segments[id].capacity << PAGE_SHIFT;
	}
	spin_unlock(&mm->lock);

	info->bytes_committed = (u64)committed << PAGE_SHIFT;
	info->bytes_resident = (u64)resident << PAGE_SHIFT;
	info->memory.allocs_committed = allocs_committed;
	info->memory.allocs_resident = allocs_resident;
	info->aperture = id == VIDMM_APERTURE;
	if (id != VIDMM_LOCAL)
		info->segment_properties = D3DKMT_QUERYSTATISTICS_SEGMENT_SYSTEM_MEMORY;
	return STATUS_SUCCESS;
}

static void segment_usage(struct vidmm *mm, int id,
			  struct d3dkmt_querystatistics_memory_usage *info)
{
	unsigned long used, capacity;

	spin_lock(&mm->lock);
	used = mm->segments[id].used;
	capacity = mm->segments[id].capacity;
	spin_unlock(&mm->lock);
	info->allocated_bytes = (u64)used << PAGE_SHIFT;
	info->free_bytes = (u64)(capacity - used) << PAGE_SHIFT;
}

static int group_segment(u16 group)
{
	return group == D3DKMT_MEMORY_SEGMENT_GROUP_LOCAL ? VIDMM_LOCAL : VIDMM_APERTURE;
}

static int fill(struct vdxg_adapter *adapter, const struct d3dkmt_querystatistics *args,
		struct d3dkmt_querystatistics_result *result)
{
	const struct d3dkmt_querystatistics_query2 *query2 = &args->query2;

	switch (args->type) {
	case D3DKMT_QUERYSTATISTICS_ADAPTER:
		adapter_statistics(&result->adapter);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT:
		return segment_statistics(&adapter->mm, args->query_id, &result->segment);
	case D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER:
		if (args->query_id)
			return STATUS_INVALID_PARAMETER;
		/* Temperature, power, clocks: nobody measures them, 0 is "not known". */
		vdxg_query_gpu_version(adapter, &result->physical_adapter.gpu_version);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE:
		if (query2->physical_adapter_index ||
		    (query2->id != VIDMM_LOCAL && query2->id != VIDMM_APERTURE))
			return STATUS_INVALID_PARAMETER;
		segment_usage(&adapter->mm, query2->id, &result->usage);
		return STATUS_SUCCESS;
	case D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE:
		if (query2->physical_adapter_index ||
		    query2->id > D3DKMT_MEMORY_SEGMENT_GROUP_NON_LOCAL)
			return STATUS_INVALID_PARAMETER;
		segment_usage(&adapter->mm, group_segment(query2->id), &result->usage);
		return STATUS_SUCCESS;
	default:
		return STATUS_NOT_SUPPORTED;
	}
}

/**
 * vdxg_query_statistics - D3DKMTQueryStatistics
 * @call: with a struct d3dkmt_querystatistics; its result is an output
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a LUID, segment, group or physical
 * adapter that does not exist; STATUS_NOT_SUPPORTED for a type that is not answered.
 */
int vdxg_query_statistics(struct vdxg_call *call)
{
	struct d3dkmt_querystatistics *args = call->args;
	struct vdxg_adapter *adapter;
	int status;

	adapter = vdxg_adapter_find(args->adapter_luid);
	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	/* Every byte the caller gets back is one of its own, 0, or a counter. */
	memset(&args->result, 0, sizeof(args->result));
	status = fill(adapter, args, &args->result);
	vdxg_adapter_put(adapter);
	return status;
}
