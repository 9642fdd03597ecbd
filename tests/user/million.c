// SPDX-License-Identifier: MIT
/*
 * million.c: a million allocations, which is what the memory manager is built for
 *
 * vm-options: --mem 3072 --timeout 900 --module-params "commit_limit_mb=16384 local_mb=64 aperture_mb=64 drm_limit_mb=64"
 * vm-when: long=yes kernel=6.12 bits=64
 *
 * Only "make check-long" runs it: it takes minutes, and a machine with much memory.
 */
#include <signal.h>
#include <unistd.h>

#include "paging.h"

#define MILLION		1000000U
#define BATCH		10000U
#define RESIDENT	20000U

static D3DKMT_HANDLE *need_million(D3DKMT_HANDLE device)
{
	D3DKMT_HANDLE *handles = calloc(MILLION, sizeof(*handles));
	unsigned int i;

	REQUIRE(handles);
	for (i = 0; i < MILLION; i += BATCH)
		need_allocations_in(device, 4096, VDXG_SEGMENT_SET_LOCAL, BATCH, handles + i);
	return handles;
}

static void every_handle_answers_once(void)
{
	D3DKMT_HANDLE device = need_device(), *handles = need_million(device);
	uint64_t random = test_seed();
	unsigned int i, j;

	EXPECT(need_usage().allocs >= MILLION);
	for (i = 0; i < 1000; i++) {
		j = test_random(&random) % MILLION;
		EXPECT_EQ(need_residency(device, handles[j]), NOT_RESIDENT);
	}
	for (i = 0; i < MILLION; i += BATCH)
		REQUIRE_STATUS(kmt_destroy_list(device, handles + i, BATCH), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, handles[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, handles[MILLION - 1]), STATUS_INVALID_PARAMETER);
	free(handles);
}

/* more than fits, in one go after the other, among a million that nobody uses */
static void some_are_used(void)
{
	D3DKMT_HANDLE device = need_device(), *handles = need_million(device);
	struct queue queue = need_queue(device);
	uint64_t random = test_seed();
	unsigned int i, j;

	for (i = 0; i < RESIDENT; i++)
		write_pattern(device, handles[i * 50], 4096, i);
	for (i = 0; i < RESIDENT; i++) {
		j = test_random(&random) % RESIDENT;
		need_resident(&queue, &handles[j * 50], 1);
		if (i % 16 == 0)
			expect_pattern(device, handles[j * 50], 4096, j);
		EXPECT_STATUS(kmt_evict(device, &handles[j * 50], 1, EVICT_ONLY_IF_NECESSARY),
			      STATUS_SUCCESS);
	}
	for (i = 0; i < RESIDENT && !test_failed(); i++)
		expect_pattern(device, handles[i * 50], 4096, i);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	free(handles);
}

static void a_process_with_a_million_is_killed(void)
{
	struct usage before = need_usage();
	int fds[2];
	pid_t pid;
	char byte;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		need_million(need_device());
		REQUIRE(write(fds[1], "", 1) == 1);
		for (;;)
			pause();
	}
	close(fds[1]);
	REQUIRE(read(fds[0], &byte, 1) == 1);
	EXPECT_EQ(need_usage().allocs, before.allocs + MILLION);
	REQUIRE(!kill(pid, SIGKILL));
	EXPECT_EQ(test_wait(pid), 128 + SIGKILL);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(every_handle_answers_once, "a million are created, found, and destroyed in lists"),
	CASE(some_are_used, "twenty thousand of a million are used, more than fits"),
	CASE(a_process_with_a_million_is_killed, "a process with a million leaves nothing"),
};

TEST_MAIN(cases)
