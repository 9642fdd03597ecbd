// SPDX-License-Identifier: MIT
/*
 * limits_commit.c: one process exceeds the commit limit: it gets a status, another goes on
 * undisturbed
 *
 * vm-options: --module-params "commit_limit_mb=64"
 */
#include <stdio.h>

#include "limits.h"

static uint64_t commit_limit(void)
{
	FILE *f = fopen("/sys/module/vdxg/parameters/commit_limit_mb", "r");
	unsigned long mb = 0;

	if (f) {
		if (fscanf(f, "%lu", &mb) != 1)
			mb = 0;
		fclose(f);
	}
	if (!mb)
		test_skip("load the module with commit_limit_mb=64");
	return mb * MIB;
}

static void exceed_commit(void)
{
	uint64_t limit = commit_limit();
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE handles[2048], handle, resource = 0;
	struct vdxg_allocation_data data;
	uint64_t total = 0;
	int n = 0;

	/* what fits the segment but not what is left is NO_MEMORY and commits nothing */
	vdxg_allocation_data_init(&data, MIB);
	while (n < 2048 &&
	       kmt_create(device, NULL, 0, &data, 0, 1, &handles[n]) == STATUS_SUCCESS) {
		n++;
		total += MIB;
	}
	EXPECT_EQ(total, limit);
	EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, &data, 0, 1, &handle),
		      STATUS_NO_MEMORY);
	EXPECT_EQ(resource, 0);
	EXPECT_EQ(handle, 0);
	/* the limit is the process's, not the device's */
	EXPECT_STATUS(kmt_create(other, NULL, 0, &data, 0, 1, &handle), STATUS_NO_MEMORY);
	/* half of a call fits: none of it is made */
	EXPECT_STATUS(kmt_destroy_one(device, handles[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 2, handles), STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, handles), STATUS_SUCCESS);
	/* and what is there can be used */
	EXPECT_EQ(test_touch(need_lock(device, handles[0]), true), 0);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create(other, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
}

static void commit(void)
{
	commit_limit();
	beside_a_neighbour(exceed_commit);
}

static const struct test_case cases[] = {
	CASE(commit, "the commit limit: NO_MEMORY, all or nothing, per process"),
};

TEST_MAIN(cases)
