/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * D3DKMTQueryStatistics: what a type asks for and what the result holds.
 * Included by d3dkmthk.h.
 */
#ifndef _UAPI_D3DKMT_STATISTICS_H
#define _UAPI_D3DKMT_STATISTICS_H

#include <linux/types.h>

/* Type, then the member of the result it fills. */
enum d3dkmt_querystatistics_type {
	D3DKMT_QUERYSTATISTICS_ADAPTER			= 0,
	D3DKMT_QUERYSTATISTICS_PROCESS			= 1,
	D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER		= 2,
	D3DKMT_QUERYSTATISTICS_SEGMENT			= 3,
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT		= 4,
	D3DKMT_QUERYSTATISTICS_NODE			= 5,
	D3DKMT_QUERYSTATISTICS_PROCESS_NODE		= 6,
	D3DKMT_QUERYSTATISTICS_VIDPNSOURCE		= 7,
	D3DKMT_QUERYSTATISTICS_PROCESS_VIDPNSOURCE	= 8,
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP	= 9,
	D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER		= 10,
	D3DKMT_QUERYSTATISTICS_ADAPTER2			= 11,
	D3DKMT_QUERYSTATISTICS_SEGMENT2			= 12,
	D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER2		= 13,
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT2		= 14,
	D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP2	= 15,
	D3DKMT_QUERYSTATISTICS_SEGMENT_USAGE		= 16,
	D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE	= 17,
	D3DKMT_QUERYSTATISTICS_NODE2			= 18,
	D3DKMT_QUERYSTATISTICS_PROCESS_NODE2		= 19,
};

#define D3DKMT_QUERYSTATISTICS_RESULT_SIZE	0x308

struct d3dkmt_querystatistics_result {
	char size[D3DKMT_QUERYSTATISTICS_RESULT_SIZE];
};

struct d3dkmt_querystatistics {
	__u32 type;			/* enum d3dkmt_querystatistics_type */
	struct winluid adapter_luid;
	__u32 reserved;
	__aligned_u64 process;		/* a pid; 0: the caller */
	struct d3dkmt_querystatistics_result result;	/* out */
	union {
		__u32 query_id;
		__aligned_u64 query;
	};
};

#endif /* _UAPI_D3DKMT_STATISTICS_H */
