// SPDX-License-Identifier: MIT
/*
 * statistics_types.c: QueryStatistics: every type, its first and its second version
 */
#include "kmt.h"

#define LAST_TYPE	D3DKMT_QUERYSTATISTICS_PROCESS_NODE2
#define NO_SUCH		99

static NTSTATUS ask(uint32_t type, uint32_t selector, D3DKMT_QUERYSTATISTICS *query)
{
	memset(query, 0, sizeof(*query));
	memset(&query->QueryResult, 0xa5, sizeof(query->QueryResult));
	query->Type = type;
	query->AdapterLuid.LowPart = test_adapter.luid_low;
	query->AdapterLuid.HighPart = test_adapter.luid_high;
	query->QuerySegment.SegmentId = selector;
	return D3DKMTQueryStatistics(query);
}

/* the selector of a second version */
static uint32_t pair(uint16_t physical, uint16_t id)
{
	D3DKMT_QUERYSTATISTICS query = { .QuerySegment2 = { physical, id } };

	return query.QuerySegment.SegmentId;
}

/* a type, what it takes, and which type it is the second version of */
static const struct {
	uint32_t type;
	uint32_t good;
	uint32_t bad;
	int first;
} types[] = {
#define TYPE(name, good, bad) { D3DKMT_QUERYSTATISTICS_##name, good, bad, -1 }
#define TYPE2(name, good, bad) \
	{ D3DKMT_QUERYSTATISTICS_##name##2, good, bad, D3DKMT_QUERYSTATISTICS_##name }
	TYPE(ADAPTER, 0, 0),
	TYPE(PROCESS, 0, 0),
	TYPE(PROCESS_ADAPTER, 0, 0),
	TYPE(SEGMENT, 2, 3),
	TYPE(PROCESS_SEGMENT, 2, 3),
	TYPE(NODE, 0, NO_SUCH),
	TYPE(PROCESS_NODE, 0, NO_SUCH),
	TYPE(PROCESS_SEGMENT_GROUP, 1, 2),
	TYPE(PHYSICAL_ADAPTER, 0, 1),
	TYPE2(ADAPTER, 0, 0),
	TYPE2(SEGMENT, 2, 3),
	TYPE2(PROCESS_ADAPTER, 0, 0),
	TYPE2(PROCESS_SEGMENT, 2, 3),
	TYPE2(PROCESS_SEGMENT_GROUP, 1, 2),
	TYPE(SEGMENT_USAGE, 1, 0),
	TYPE(SEGMENT_GROUP_USAGE, 1, 2),
	TYPE2(NODE, 0, NO_SUCH),
	TYPE2(PROCESS_NODE, 0, NO_SUCH),
};

static bool is_pair(uint32_t type)
{
	return type > D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER;
}

static void every_type(void)
{
	D3DKMT_QUERYSTATISTICS query;
	uint32_t good, bad;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		good = is_pair(types[i].type) ? pair(0, types[i].good) : types[i].good;
		bad = is_pair(types[i].type) ? pair(0, types[i].bad) : types[i].bad;
		if (!EXPECT_STATUS(ask(types[i].type, good, &query), STATUS_SUCCESS))
			test_note("type %u", types[i].type);
		if (types[i].bad && !EXPECT_STATUS(ask(types[i].type, bad, &query),
						   STATUS_INVALID_PARAMETER))
			test_note("type %u", types[i].type);
		if (is_pair(types[i].type) &&
		    !EXPECT_STATUS(ask(types[i].type, pair(1, types[i].good), &query),
				   STATUS_INVALID_PARAMETER))
			test_note("type %u, another physical adapter", types[i].type);
	}
	EXPECT_STATUS(ask(LAST_TYPE + 1, 0, &query), STATUS_NOT_SUPPORTED);
	EXPECT_STATUS(ask(~0U, 0, &query), STATUS_NOT_SUPPORTED);
}

static void no_sources(void)
{
	D3DKMT_QUERYSTATISTICS query;

	REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_ADAPTER, 0, &query), STATUS_SUCCESS);
	EXPECT_EQ(query.QueryResult.AdapterInformation.VidPnSourceCount, 0);
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_VIDPNSOURCE, 0, &query),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(ask(D3DKMT_QUERYSTATISTICS_PROCESS_VIDPNSOURCE, 0, &query),
		      STATUS_INVALID_PARAMETER);
}

static void second_is_first(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_QUERYSTATISTICS first, second;
	size_t i;

	need_lock(device, need_allocation(device, 1 << 20));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].first < 0)
			continue;
		REQUIRE_STATUS(ask(types[i].first, types[i].good, &first), STATUS_SUCCESS);
		REQUIRE_STATUS(ask(types[i].type, pair(0, types[i].good), &second),
			       STATUS_SUCCESS);
		if (!EXPECT(!memcmp(&first.QueryResult, &second.QueryResult,
				    sizeof(first.QueryResult))))
			test_note("type %u", types[i].type);
	}
}

/* what is behind the answer is zeroed, not the caller's, nor anybody's */
static void nothing_else(void)
{
	D3DKMT_QUERYSTATISTICS query;
	const unsigned char *result = (const void *)&query.QueryResult;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		REQUIRE_STATUS(ask(types[i].type,
				   is_pair(types[i].type) ? pair(0, types[i].good) : types[i].good,
				   &query),
			       STATUS_SUCCESS);
		for (j = sizeof(query.QueryResult) - 8; j < sizeof(query.QueryResult); j++)
			EXPECT_EQ(result[j], 0);
	}
}

static void segment_group_usage(void)
{
	D3DKMT_QUERYSTATISTICS query;
	const D3DKMT_QUERYSTATISTICS_MEMORY_USAGE *usage =
		&query.QueryResult.SegmentGroupUsageInformation;
	uint32_t group;

	for (group = 0; group < 2; group++) {
		REQUIRE_STATUS(ask(D3DKMT_QUERYSTATISTICS_SEGMENT_GROUP_USAGE, pair(0, group),
				   &query),
			       STATUS_SUCCESS);
		EXPECT_EQ(usage->AllocatedBytes + usage->FreeBytes,
			  need_capacity(group ? VDXG_SEGMENT_APERTURE : VDXG_SEGMENT_LOCAL));
		EXPECT_EQ(usage->ZeroBytes + usage->ModifiedBytes + usage->StandbyBytes, 0);
	}
}

static void nobody(void)
{
	D3DKMT_QUERYSTATISTICS query = { .Type = D3DKMT_QUERYSTATISTICS_ADAPTER };

	EXPECT_STATUS(D3DKMTQueryStatistics(&query), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTQueryStatistics(NULL), STATUS_INVALID_PARAMETER);
	query.AdapterLuid.LowPart = test_adapter.luid_low;
	query.AdapterLuid.HighPart = test_adapter.luid_high;
	query.Type = D3DKMT_QUERYSTATISTICS_PROCESS_NODE;
	query.hProcess = (HANDLE)0x3ffffe;
	EXPECT_STATUS(D3DKMTQueryStatistics(&query), STATUS_INVALID_HANDLE);
}

static const struct test_case cases[] = {
	CASE(every_type, "each type answers, refuses what does not exist, and a second GPU"),
	CASE(no_sources, "there are no sources of video to count"),
	CASE(second_is_first, "the second version of a type answers as its first"),
	CASE(nothing_else, "what no counter fills is zero"),
	CASE(segment_group_usage, "used and free bytes of a group are its memory"),
	CASE(nobody, "no such adapter, no such process"),
};

TEST_MAIN(cases)
