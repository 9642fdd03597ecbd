// SPDX-License-Identifier: MIT
/*
 * gpuva_exit.c: a process with very many mappings ends
 *
 * Mappings are many when each page of a reservation is one of its own: a single call makes 50,000 of them.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine.h"
#include "update.h"

#define MAX_OPS	50000U

/* so many mappings, one for each page, of two pages of the allocation in turn */
static void map_many(struct tiles *t, uint64_t at, unsigned int count)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION *ops = calloc(MAX_OPS, sizeof(*ops));
	unsigned int i, n;

	REQUIRE(ops);
	for (; count; count -= n, at += n * PAGE) {
		n = count < MAX_OPS ? count : MAX_OPS;
		for (i = 0; i < n; i++)
			ops[i] = map_op(t, at + i * PAGE, PAGE, 0, i % 2 * PAGE);
		need_update(t, ops, n);
	}
	free(ops);
}

/* a process that has so many mappings and uses them; writes a byte when it has them, and waits */
static pid_t start_owner(unsigned int count, int *ready)
{
	int fds[2];
	pid_t pid;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		uint64_t bytes = (count * PAGE + UNIT - 1) / UNIT * UNIT;
		struct tiles t = need_tiles();

		t.at = need_reservation(t.adapter, bytes, RESERVE_ZERO);
		map_many(&t, t.at, count);
		REQUIRE(write(fds[1], "", 1) == 1);
		pause();
	}
	close(fds[1]);
	*ready = fds[0];
	return pid;
}

static void wait_ready(int ready)
{
	char byte;

	REQUIRE(read(ready, &byte, 1) == 1);
	close(ready);
}

/* the debug kernels need many times as long for each */
static unsigned int many(void)
{
	struct utsname name;

	REQUIRE(!uname(&name));
	return test_rounds(strstr(name.release, "-vdxg-") ? 4 : 100) * 1000;
}

static void killed_with_many(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct usage before = need_usage();
	struct vdxg_commands c;
	int ready;
	pid_t pid;

	pid = start_owner(many(), &ready);
	wait_ready(ready);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	REQUIRE(!kill(pid, SIGKILL));
	/* the engine and the addresses of others do not wait for it */
	c = commands(&gpu);
	vdxg_commands_fill(&c, a.gpu, 4096, 1);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT_STATUS(kmt_free_va(gpu.adapter, need_mapping(gpu.paging.handle, a.handle, 1), PAGE),
		      STATUS_SUCCESS);
	EXPECT_EQ(test_wait(pid), 128 + SIGKILL);
	expect_usage_back(before);
}

/* the allocation goes, and its mappings with it; the reservation stays, and reads as zero */
static void allocation_with_many(void)
{
	unsigned int count = many() / 10;
	uint64_t bytes = (count * PAGE + UNIT - 1) / UNIT * UNIT;
	struct tiles t = need_tiles();

	t.at = need_reservation(t.adapter, bytes, RESERVE_ZERO);
	map_many(&t, t.at, count);
	EXPECT_STATUS(kmt_destroy_one(t.device, t.allocation), STATUS_SUCCESS);
	EXPECT(!va_is_free(t.adapter, t.at, bytes));
	t.allocation = need_allocation(t.device, 16 * PAGE);
	map_many(&t, t.at, count);
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, bytes), STATUS_SUCCESS);
	EXPECT(va_is_free(t.adapter, t.at, bytes));
}

static const struct test_case cases[] = {
	CASE(killed_with_many, "a process with 100,000 mappings is killed"),
	CASE(allocation_with_many, "an allocation that is mapped 10,000 times is destroyed"),
};

TEST_MAIN(cases)
