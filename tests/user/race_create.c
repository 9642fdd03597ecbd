// SPDX-License-Identifier: MIT
/*
 * race_create.c: creating against creating, and against changes of the memory it is over
 */
#include <sys/mman.h>
#include <unistd.h>

#include "race.h"

#define ROUNDS 100
#define HEAP (16 * 4096)

static D3DKMT_HANDLE other[RACE_MAX];

static void create_first(void *arg)
{
	struct race_state *s = arg;

	need_allocations(s->device, 4096, s->n, s->list);
}

static void create_second(void *arg)
{
	struct race_state *s = arg;

	need_allocations(s->device, 4096, s->n, other);
}

static void handles_are_distinct(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	uint32_t j, k;

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.n = 1 + test_random(&random) % RACE_MAX;
		race(create_first, create_second, &s, &random);
		for (j = 0; j < s.n; j++) {
			EXPECT(is_local_handle(s.list[j]));
			for (k = 0; k < s.n; k++)
				EXPECT_NE(s.list[j], other[k]);
			/* one call's handles are consecutive all the same */
			EXPECT_EQ(s.list[j], s.list[0] + j * HANDLE_STEP);
			EXPECT_EQ(other[j], other[0] + j * HANDLE_STEP);
		}
		if (rounds > 60 && i > 60)
			EXPECT_STATUS(kmt_destroy_list(s.device, other, s.n), STATUS_SUCCESS);
	}
}

static char *heap;

static void create_over_heap(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_create_over(s->device, heap, HEAP, 0, &s->list[0]);
}

static void unmap_heap(void *arg)
{
	(void)arg;
	munmap(heap + HEAP / 2, HEAP / 2);
}

static void protect_heap(void *arg)
{
	(void)arg;
	mprotect(heap, HEAP, PROT_READ);
}

static void discard_heap(void *arg)
{
	(void)arg;
	madvise(heap, HEAP, MADV_DONTNEED);
}

static void fork_over_heap(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	REQUIRE(pid >= 0);
	if (!pid)
		_exit(0);
	test_wait(pid);
}

static void pinning_against_changes(void)
{
	static void (*const changes[])(void *) = { unmap_heap, protect_heap, discard_heap,
						   fork_over_heap };
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();
	long charged = test_status_kb("VmPin") + test_status_kb("VmLck");

	for (i = 0; i < rounds && !test_failed(); i++) {
		heap = test_pages(HEAP);
		if (i % 2)
			memset(heap, 1, HEAP);
		race(create_over_heap, changes[i % ARRAY_SIZE(changes)], &s, &random);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		if (s.first == STATUS_SUCCESS)
			EXPECT_STATUS(kmt_destroy(s.device, 0, s.list, 1, DESTROY_SYNCHRONOUS),
				      STATUS_SUCCESS);
		munmap(heap, HEAP);
	}
	expect_usage_back(before);
	EXPECT_EQ(test_status_kb("VmPin") + test_status_kb("VmLck"), charged);
}

static struct vdxg_allocation_data shared_data;

static void flip_data(void *arg)
{
	struct race_state *s = arg;

	while (!race_stopped(s)) {
		shared_data.bytes = 4096;
		shared_data.magic = 0;
		shared_data.bytes = ~0ULL;
		shared_data.magic = VDXG_ALLOCATION_MAGIC;
	}
}

static void create_from_flipping(void *arg)
{
	struct race_state *s = arg;
	int i;

	for (i = 0; i < 50; i++) {
		s->first = kmt_create(s->device, NULL, 0, &shared_data, 0, 1, s->list);
		EXPECT(s->first == STATUS_SUCCESS || s->first == STATUS_INVALID_PARAMETER ||
		       s->first == STATUS_GRAPHICS_NO_VIDEO_MEMORY);
		if (s->first == STATUS_SUCCESS)
			EXPECT_STATUS(kmt_destroy_one(s->device, s->list[0]), STATUS_SUCCESS);
	}
	race_stop(s);
}

/* the kernel must look at the caller's memory once only */
static void arguments_change_meanwhile(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS) / 10 + 1;

	vdxg_allocation_data_init(&shared_data, 4096);
	for (i = 0; i < rounds && !test_failed(); i++) {
		s.stop = 0;
		race(flip_data, create_from_flipping, &s, &random);
	}
}

static const struct test_case cases[] = {
	CASE(handles_are_distinct,
	     "two threads create: all handles differ, each call's are consecutive"),
	CASE(pinning_against_changes,
	     "memory unmapped, protected, discarded or forked while it is being pinned"),
	CASE(arguments_change_meanwhile,
	     "private data that another thread changes during the call"),
};

TEST_MAIN(cases)
