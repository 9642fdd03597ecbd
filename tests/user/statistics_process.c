// SPDX-License-Identifier: MIT
/*
 * statistics_process.c: QueryStatistics about processes
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <unistd.h>

#include "paging.h"

static NTSTATUS ask(uint32_t type, uint64_t process, uint32_t id, D3DKMT_QUERYSTATISTICS *query)
{
	memset(query, 0, sizeof(*query));
	query->Type = type;
	query->AdapterLuid.LowPart = test_adapter.luid_low;
	query->AdapterLuid.HighPart = test_adapter.luid_high;
	query->hProcess = (HANDLE)(uintptr_t)process;
	query->QueryProcessSegment.SegmentId = id;
	return D3DKMTQueryStatistics(query);
}

static uint64_t need_committed(uint32_t segment)
{
	D3DKMT_QUERYSTATISTICS query;

	REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT, 0, segment, &query), STATUS_SUCCESS);
	return query.QueryResult.ProcessSegmentInformation.BytesCommitted;
}

static D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP_INFORMATION need_group(uint32_t group)
{
	D3DKMT_QUERYSTATISTICS query;

	REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP, 0, group, &query), STATUS_SUCCESS);
	return query.QueryResult.ProcessSegmentGroupInformation;
}

static void follows_memory(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), a;
	struct queue queue = need_queue(device);
	D3DKMT_QUERYSTATISTICS query;

	EXPECT_EQ(need_committed(0) + need_committed(1) + need_committed(2), 0);
	a = need_local(device, MIB);
	EXPECT_EQ(need_committed(0), MIB);
	EXPECT_EQ(need_committed(1), 0);
	need_resident(&queue, &a, 1);
	EXPECT_EQ(need_committed(0), 0);
	EXPECT_EQ(need_committed(1), MIB);
	EXPECT_EQ(need_group(LOCAL_GROUP).Requested, MIB);
	EXPECT_EQ(need_group(LOCAL_GROUP).Usage, MIB);
	EXPECT_EQ(need_group(LOCAL_GROUP).Budget, need_video_memory(adapter, LOCAL_GROUP).Budget);
	EXPECT_EQ(need_group(NON_LOCAL_GROUP).Requested, 0);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_group(LOCAL_GROUP).Requested, 0);
	EXPECT_EQ(need_committed(0), MIB);
	EXPECT_EQ(need_committed(1), 0);
	REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER, 0, 0, &query), STATUS_SUCCESS);
	EXPECT_EQ(query.QueryResult.ProcessAdapterInformation.NbSegments, 3);
	EXPECT_EQ(query.QueryResult.ProcessAdapterInformation.CommitmentData.TotalBytesEvictedFromProcess, MIB);
	REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS, 0, 0, &query), STATUS_SUCCESS);
	EXPECT_EQ(query.QueryResult.ProcessInformation.NodeCount, 1);
}

static void whose(void)
{
	D3DKMT_QUERYSTATISTICS query;
	uint32_t type;

	for (type = D3DKMT_QUERYSTATISTICS_PROCESS; type <= D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER; type++) {
		EXPECT_STATUS(ask(type, 0, 0, &query), STATUS_SUCCESS);
		EXPECT_STATUS(ask(type, (uintptr_t)-1, 0, &query), STATUS_SUCCESS);
		EXPECT_STATUS(ask(type, getpid(), 0, &query), STATUS_SUCCESS);
		EXPECT_STATUS(ask(type, 0xdeadbeef, 0, &query), STATUS_INVALID_HANDLE);
	}
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT, 0, 3, &query), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT_GROUP, 0, 2, &query), STATUS_INVALID_PARAMETER);
	test_drop_root();
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS, 1, 0, &query), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_SEGMENT, 1, 1, &query), STATUS_ACCESS_DENIED);
}

static const struct test_case cases[] = {
	CASE(follows_memory, "what a process has follows its allocations from segment to segment"),
	CASE(whose, "which processes, segments and groups may be asked about"),
};

TEST_MAIN(cases)
