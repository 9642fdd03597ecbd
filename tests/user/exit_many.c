// SPDX-License-Identifier: MIT
/*
 * exit_many.c: a process with very many allocations ends, and nobody else waits for that
 *
 * vm-when: kernel=6.1|6.12|debug-all
 */
#include <signal.h>
#include <unistd.h>

#include "paging.h"

#define BATCH		4096
#define ATTEMPTS	20

/* a process that has @count allocations; writes a byte when it has them, and waits */
static pid_t start_owner(unsigned int count, int *ready)
{
	D3DKMT_HANDLE *handles = calloc(BATCH, sizeof(*handles));
	int fds[2];
	pid_t pid;

	REQUIRE(handles && !pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE device = need_device();

		for (; count; count -= BATCH)
			need_allocations(device, 4096, BATCH, handles);
		REQUIRE(write(fds[1], "", 1) == 1);
		pause();
	}
	close(fds[1]);
	free(handles);
	*ready = fds[0];
	return pid;
}

static void wait_ready(int ready)
{
	char byte;

	REQUIRE(read(ready, &byte, 1) == 1);
	close(ready);
}

/* everything that a process does all the time */
static void work(D3DKMT_HANDLE device, const struct queue *queue)
{
	D3DKMT_HANDLE a = need_allocation(device, 4096);

	need_resident(queue, &a, 1);
	*(volatile char *)need_lock(device, a) = 1;
	EXPECT_STATUS(kmt_unlock(device, a), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, a), STATUS_SUCCESS);
}

/*
 * How often our work got done, from beginning to end, while the other's allocations went: some were
 * gone before it, some were left after it.
 */
static unsigned int work_meanwhile(D3DKMT_HANDLE device, const struct queue *queue, uint64_t ours,
				   uint64_t all)
{
	unsigned int done = 0;
	uint64_t before, after;

	do {
		before = need_usage().allocs;
		work(device, queue);
		after = need_usage().allocs;
		done += before < all && after > ours;
	} while (after > ours && !test_failed());
	return done;
}

static void others_go_on(void)
{
	unsigned int count = (1 + test_rounds(4)) * BATCH, attempt, done = 0;
	D3DKMT_HANDLE device = need_device();
	struct queue queue = need_queue(device);
	struct usage before = need_usage();
	int ready;
	pid_t pid;

	/* once is enough, and a process may well be gone before we look */
	for (attempt = 0; attempt < ATTEMPTS && !done; attempt++) {
		pid = start_owner(count, &ready);
		wait_ready(ready);
		EXPECT_EQ(need_usage().allocs, before.allocs + count);
		REQUIRE(!kill(pid, SIGKILL));
		done = work_meanwhile(device, &queue, before.allocs, before.allocs + count);
		EXPECT_EQ(test_wait(pid), 128 + SIGKILL);
		expect_usage_back(before);
	}
	test_note("%u times while %u allocations went, at attempt %u", done, count, attempt);
	EXPECT(done > 0);
}

/* the teardown of one does not wait for that of another, of which there may be many */
static void many_end_at_once(void)
{
	unsigned int count = (1 + test_rounds(1)) * BATCH, i;
	struct usage before = need_usage();
	pid_t pids[4];
	int ready[4];

	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_owner(count, &ready[i]);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		wait_ready(ready[i]);
	EXPECT_EQ(need_usage().allocs, before.allocs + ARRAY_SIZE(pids) * count);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		REQUIRE(!kill(pids[i], SIGKILL));
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(test_wait(pids[i]), 128 + SIGKILL);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(others_go_on, "another process gets all its work done while the allocations go"),
	CASE(many_end_at_once, "four such processes are killed together"),
};

TEST_MAIN(cases)
