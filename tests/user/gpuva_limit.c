// SPDX-License-Identifier: MIT
/*
 * gpuva_limit.c: how many mappings one operation of UpdateGpuVirtualAddress copies
 *
 * vm-when: kernel=6.12 bits=64
 */
#include "update.h"

#define MOST	262144U
#define OPS	65536U

static void copies(void)
{
	static D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[OPS];
	struct tiles t = need_tiles();
	uint64_t size = MOST * PAGE + UNIT, to = need_reservation(t.adapter, size, RESERVE_ZERO), value = 0;
	uint64_t from = need_reservation(t.adapter, size, RESERVE_ZERO);
	unsigned int i, page;

	/* each a mapping of its own */
	for (page = 0; page < MOST; page += OPS) {
		for (i = 0; i < OPS; i++)
			ops[i] = map_op(&t, from + (page + i) * PAGE, PAGE, 0, 0);
		REQUIRE_STATUS(kmt_update(&t, ops, OPS, value, 0), STATUS_SUCCESS);
		wait_fence(&t, ++value);
	}
	ops[0] = copy_op(to, from, size);
	REQUIRE_STATUS(kmt_update(&t, ops, 1, value, 0), STATUS_SUCCESS);
	wait_fence(&t, ++value);
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
	ops[1] = map_op(&t, from + MOST * PAGE, PAGE, 0, 0);
	REQUIRE_STATUS(kmt_update(&t, ops + 1, 1, value, 0), STATUS_SUCCESS);
	wait_fence(&t, ++value);
	REQUIRE_STATUS(kmt_update(&t, ops, 1, value, 0), STATUS_SUCCESS);
	wait_fence(&t, ++value);
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
}

static const struct test_case cases[] = {
	CASE_ONCE(copies, "a copy of 262,144 mappings is made, one of more puts the device in error"),
};

TEST_MAIN(cases)
