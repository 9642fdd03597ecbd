// SPDX-License-Identifier: MIT
/*
 * handles.c: how handles are numbered, and that stale ones are refused
 */
#include "kmt.h"

static void one_sequence(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device, allocation, list[3], resource;

	EXPECT(is_local_handle(adapter));
	device = need_device_of(adapter);
	EXPECT_EQ(device, adapter + HANDLE_STEP);
	allocation = need_allocation(device, 4096);
	EXPECT_EQ(allocation, device + HANDLE_STEP);
	resource = need_resource(device, 4096, 3, list);
	EXPECT_EQ(resource, allocation + HANDLE_STEP);
	EXPECT_EQ(list[0], resource + HANDLE_STEP);
	EXPECT_EQ(list[1], list[0] + HANDLE_STEP);
	EXPECT_EQ(list[2], list[1] + HANDLE_STEP);
	EXPECT_EQ(need_adapter(), list[2] + HANDLE_STEP);
}

static void enumeration_is_sequential(void)
{
	D3DKMT_ADAPTERINFO info[32];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	ULONG i;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++) {
		EXPECT(is_local_handle(info[i].hAdapter));
		EXPECT_EQ(info[i].hAdapter, info[0].hAdapter + i * HANDLE_STEP);
	}
}

static void freed_slot_is_not_reused_at_once(void)
{
	D3DKMT_HANDLE device = need_device(), first = need_allocation(device, 4096), second;

	EXPECT_STATUS(kmt_destroy_one(device, first), STATUS_SUCCESS);
	second = need_allocation(device, 4096);
	EXPECT_EQ(second, first + HANDLE_STEP);
	EXPECT_STATUS(kmt_destroy_one(device, first), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, second), STATUS_SUCCESS);
}

#define INDEX(h) ((h) >> 6 & 0xffffff)
#define UNIQUE(h) ((h) >> 30)
#define QUARANTINE 4096
#define CHURN (3 * QUARANTINE + 100)

/*
 * Create and destroy one allocation again and again. Slots come back only when QUARANTINE others
 * were freed, the oldest first, each time with the next of the values 1, 2, 3 in the top bits.
 */
static void reuse_after_4096(void)
{
	static struct {
		D3DKMT_HANDLE last;
		uint32_t freed_at;
	} slots[2 * QUARANTINE];
	D3DKMT_HANDLE device = need_device(), handle, previous = device, first = 0;
	uint32_t i, index, reused = 0, expected_index = 0;

	for (i = 0; i < CHURN; i++) {
		handle = need_allocation(device, 4096);
		REQUIRE(is_local_handle(handle));
		index = INDEX(handle);
		REQUIRE(index < ARRAY_SIZE(slots));
		if (!slots[index].last) {
			EXPECT_EQ(UNIQUE(handle), 1);
			EXPECT_EQ(handle, previous + HANDLE_STEP);
			previous = handle;
			EXPECT_EQ(reused, 0);
		} else {
			if (!reused++)
				expected_index = INDEX(first);
			EXPECT_EQ(UNIQUE(handle), UNIQUE(slots[index].last) % 3 + 1);
			EXPECT(i - slots[index].freed_at >= QUARANTINE - 1);
			EXPECT_EQ(index, expected_index);
			/* the value it had before must not work again */
			EXPECT_STATUS(kmt_destroy_one(device, slots[index].last),
				      STATUS_INVALID_PARAMETER);
			expected_index++;
			if (expected_index > INDEX(previous))
				expected_index = INDEX(first);
		}
		if (!first)
			first = handle;
		if (test_failed()) {
			test_note("at round %u, handle 0x%x", i, handle);
			test_stop();
		}
		slots[index].last = handle;
		slots[index].freed_at = i;
		REQUIRE_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
	}
	EXPECT(reused > 2 * QUARANTINE);
	EXPECT(INDEX(previous) - INDEX(first) + 1 >= QUARANTINE);
	EXPECT(INDEX(previous) - INDEX(first) + 1 <= QUARANTINE + 2);
}

static void never_valid(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE handle = need_allocation(device, 4096);
	static const uint32_t wrong[] = { 0,	      1,	  0x3f,	      0x40,
					  0x3fffffff, 0x40000001, 0xffffffff, 0xffffffc0,
					  0x7fffffc0, 0x80000000, 0xbfffffc0 };
	uint32_t bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_STATUS(kmt_get_priority(device, wrong[i], NULL), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_device_state(wrong[i], NULL), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_close_adapter(wrong[i]), STATUS_INVALID_PARAMETER);
	}
	/* instance bits and the unique bits count */
	for (bit = 0; bit < 6; bit++)
		EXPECT_STATUS(kmt_get_priority(device, handle | 1U << bit, NULL),
			      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, handle ^ 0x80000000, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, handle ^ 0xc0000000, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, handle, NULL), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(one_sequence,
	     "consecutive objects of all kinds are 0x40 apart, a resource before its allocations"),
	CASE(enumeration_is_sequential, "enumerated adapters are numbered in sequence"),
	CASE(freed_slot_is_not_reused_at_once, "a freed handle is not given out next"),
	CASE(reuse_after_4096,
	     "slots are reused after 4,096 frees, oldest first; old handles stay refused"),
	CASE(never_valid, "values that are no handle, or not quite one, are refused"),
};

TEST_MAIN(cases)
