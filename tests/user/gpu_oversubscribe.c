// SPDX-License-Identifier: MIT
/*
 * gpu_oversubscribe.c: residency meets execution: what a device requires is on the GPU when its work runs, even
 * if all processes together require more than there is
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"

/* nearly all that the local segment of the adapter holds */
#define PARTS	8

static D3DKMT_HANDLE need_local_part(struct gpu *gpu, uint64_t bytes)
{
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE handle;

	vdxg_allocation_data_init(&data, bytes);
	vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_LOCAL);
	REQUIRE_STATUS(kmt_create(gpu->device, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
	return handle;
}

/**
 * struct set - a working set
 * @gpu: its device
 * @parts: allocations that can be in the local segment only
 * @addresses: where the GPU sees them
 * @bytes: of each
 */
struct set {
	struct gpu gpu;
	D3DKMT_HANDLE parts[PARTS];
	uint64_t addresses[PARTS];
	uint64_t bytes;
};

static struct set need_set(uint64_t bytes)
{
	struct set set = { .gpu = need_gpu(), .bytes = bytes / PARTS / 65536 * 65536 };
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		set.parts[i] = need_local_part(&set.gpu, set.bytes);
		REQUIRE_STATUS(kmt_make_resident(&set.gpu.paging, &set.parts[i], 1, CANT_TRIM_FURTHER),
			       STATUS_SUCCESS);
		set.addresses[i] = need_mapping(set.gpu.paging.handle, set.parts[i],
						set.bytes / PAGE);
	}
	return set;
}

static bool all_resident(struct set *set)
{
	uint32_t results[PARTS];
	unsigned int i;

	REQUIRE_STATUS(kmt_residency(set->gpu.device, 0, set->parts, PARTS, results),
		       STATUS_SUCCESS);
	for (i = 0; i < PARTS; i++)
		if (results[i] != RESIDENT_IN_GPU_MEMORY)
			return false;
	return true;
}

/* each part gets one more, and what it had is right */
static void touch_all(struct set *set, uint32_t value)
{
	struct vdxg_commands c = commands(&set->gpu);
	unsigned int i;

	for (i = 0; i < PARTS; i++) {
		vdxg_commands_copy(&c, set->gpu.buffer.gpu + 8192 + 4 * i, set->addresses[i], 4);
		vdxg_commands_fill(&c, set->addresses[i], 4096, value);
	}
	EXPECT_EQ(run(&set->gpu, &c), ACTIVE);
	for (i = 0; i < PARTS; i++)
		EXPECT_EQ(set->gpu.buffer.cpu[2048 + i], value - 1);
}

/* the second set drives the first one out; an empty submission of the first brings it back */
static void brought_back_before_execution(void)
{
	uint64_t bytes = need_capacity(VDXG_SEGMENT_LOCAL) / 10 * 7;
	struct set one;
	int pid, status, pipes[2][2];
	char c = 0;

	REQUIRE(!pipe(pipes[0]) && !pipe(pipes[1]));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		struct set two;

		REQUIRE(read(pipes[0][0], &c, 1) == 1);
		two = need_set(bytes);
		EXPECT(all_resident(&two));
		touch_all(&two, 1);
		REQUIRE(write(pipes[1][1], &c, 1) == 1);
		REQUIRE(read(pipes[0][0], &c, 1) == 1);
		touch_all(&two, 2);
		_exit(test_failed());
	}
	one = need_set(bytes);
	touch_all(&one, 1);
	REQUIRE(write(pipes[0][1], &c, 1) == 1);
	REQUIRE(read(pipes[1][0], &c, 1) == 1);
	EXPECT(!all_resident(&one));
	EXPECT_EQ(run_bytes(&one.gpu, 0), ACTIVE);
	EXPECT(all_resident(&one));
	touch_all(&one, 2);
	REQUIRE(write(pipes[0][1], &c, 1) == 1);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
}

/* more than there is, several processes at once: slow, but none of them fails */
static void in_turns(void)
{
	uint64_t bytes = need_capacity(VDXG_SEGMENT_LOCAL) / 10 * 7;
	unsigned int i, n = test_adapter.software ? test_rounds(4) : 1;
	int pids[3], status;

	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (!pids[i]) {
			struct set set = need_set(bytes);

			for (i = 1; i <= n; i++)
				touch_all(&set, i);
			_exit(test_failed());
		}
	}
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
		EXPECT_EQ(status, 0);
	}
}

static const struct test_case cases[] = {
	CASE(brought_back_before_execution, "what others drove out is there when work runs"),
	CASE(in_turns, "three processes that require twice what there is, all served"),
};

TEST_MAIN(cases)
