/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * query.h: what an adapter says of itself and counts
 *
 * query.c answers D3DKMTQueryAdapterInfo, query_registry.c its registry queries,
 * query_statistics.c and query_statistics_process.c D3DKMTQueryStatistics, query_adapter.c the calls
 * of one question. All describe what works, not what
 * Windows would like to hear: a capability that is not implemented reads 0.
 */
#ifndef VDXG_QUERY_H
#define VDXG_QUERY_H

#include <linux/bits.h>
#include <linux/types.h>

#include "adapter.h"

struct vdxg_engine_client;
struct vdxg_process;

/* The driver's version, four parts of 16 bits as Windows prints it. */
#define VDXG_DRIVER_VERSION		BIT_ULL(32)
#define VDXG_DRIVER_VERSION_STRING	"0.1.0.0"

/* The WDDM level whose structures and calls are known here; the caps say which of them work. */
#define VDXG_WDDM_VERSION		KMT_DRIVERVERSION_WDDM_3_1

/* Bits of a GPU virtual address. */
#define VDXG_GPU_VA_BITS		VIDMM_VA_BITS

/* Engines of an adapter. */
#define VDXG_NUM_NODES			1

/**
 * struct vdxg_statistics_question - what a D3DKMTQueryStatistics asks, of one version or the other
 * @type: D3DKMT_QUERYSTATISTICS_*, of the first version
 * @id: a segment, group or node
 * @process: what names a process, for vdxg_process_of()
 */
struct vdxg_statistics_question {
	u32 type;
	u32 id;
	u64 process;
};

int vdxg_query_process_statistics(struct vdxg_process *caller, struct vdxg_adapter *adapter,
				  const struct vdxg_statistics_question *q,
				  struct d3dkmt_querystatistics_result *result);
int vdxg_query_registry(struct vdxg_adapter *adapter, void __user *data, u32 size);
void vdxg_query_segment_sizes(struct vdxg_adapter *adapter, struct d3dkmt_segmentsizeinfo *info);
void vdxg_query_gpu_version(struct vdxg_adapter *adapter, struct d3dkmt_gpuversion *version);
void vdxg_query_node(struct vdxg_adapter *adapter, const struct vdxg_engine_client *client,
		     struct d3dkmt_querystatistics_process_node_information *info);
void vdxg_query_string(__u16 *dst, size_t count, const char *src);

#endif
