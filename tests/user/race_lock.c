// SPDX-License-Identifier: MIT
/*
 * race_lock.c: Lock2, and threads that use the mapping, against everything that ends it
 *
 * An address that Lock2 returned may be given to somebody else's mapping once the allocation is
 * gone, so nothing here maps memory while a thread writes to such an address.
 */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "race.h"

#define ROUNDS 40
#define SIZE (8 * 4096)

static char *mapped;

static void fresh(struct race_state *s)
{
	s->n = 1;
	s->stop = 0;
	s->list[0] = need_allocation(s->device, SIZE);
}

static void lock_it(void *arg)
{
	struct race_state *s = arg;
	void *p;

	s->first = kmt_lock(s->device, s->list[0], &p);
}

static void unlock_it(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_unlock(s->device, s->list[0]);
}

static void destroy_it(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_one(s->device, s->list[0]);
	race_stop(s);
}

static void destroy_device(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_device(s->device);
	race_stop(s);
}

static void write_until_gone(void *arg)
{
	struct race_state *s = arg;
	unsigned int i = 0;

	/* the other side ends the mapping, so this ends */
	while (!test_touch(mapped + i++ * 4096 % SIZE, true))
		;
	s->first = STATUS_SUCCESS;
}

static void write_until_stopped(void *arg)
{
	struct race_state *s = arg;
	unsigned int i = 0;

	while (!race_stopped(s))
		test_touch(mapped + i++ * 4096 % SIZE, true);
}

static void lock_against_destroy(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		if (i % 2)
			need_lock(s.device, s.list[0]);
		race(lock_it, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
	}
	expect_usage_back(before);
}

static void writer_against_destroy(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		race(write_until_gone, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void writer_against_device(void)
{
	struct race_state s = { .adapter = need_adapter() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device_of(s.adapter);
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		race(write_until_gone, destroy_device, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void lock_against_device(void)
{
	struct race_state s = { .adapter = need_adapter() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device_of(s.adapter);
		fresh(&s);
		race(lock_it, destroy_device, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
	}
	expect_usage_back(before);
}

static void two_first_locks(void *arg)
{
	struct race_state *s = arg;
	void *p;

	s->second = kmt_lock(s->device, s->list[0], &p);
}

static void first_lock_twice(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	void *p;

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		race(lock_it, two_first_locks, &s, &random);
		EXPECT_STATUS(s.first, STATUS_SUCCESS);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		p = need_lock(s.device, s.list[0]);
		EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_SUCCESS);
		EXPECT_EQ(test_touch(p, true), 0);
		EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_one(s.device, s.list[0]), STATUS_SUCCESS);
	}
}

static void last_unlock_against_lock(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	char *p;

	fresh(&s);
	p = need_lock(s.device, s.list[0]);
	*p = 7;
	for (i = 0; i < rounds && !test_failed(); i++) {
		race(lock_it, unlock_it, &s, &random);
		EXPECT_STATUS(s.first, STATUS_SUCCESS);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		/* locked once now, wherever that is */
		p = need_lock(s.device, s.list[0]);
		EXPECT_EQ(*p, 7);
		EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(s.device, s.list[0]), STATUS_INVALID_PARAMETER);
}

static void unmap_it(void *arg)
{
	(void)arg;
	munmap(mapped, SIZE);
}

static void munmap_against_unlock(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		race(unmap_it, unlock_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(s.device, s.list[0]), STATUS_SUCCESS);
	}
}

static void munmap_against_destroy(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		race(unmap_it, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void mremap_it(void *arg)
{
	struct race_state *s = arg;

	while (!race_stopped(s)) {
		EXPECT(mremap(mapped, SIZE, 2 * SIZE, MREMAP_MAYMOVE) == MAP_FAILED);
		EXPECT(mprotect(mapped, 4096, PROT_READ) < 0);
	}
}

static void mremap_against_destroy(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		race(mremap_it, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
}

static void fork_children(void *arg)
{
	struct race_state *s = arg;
	pid_t pid;
	int i;

	for (i = 0; i < 3; i++) {
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid)
			_exit(test_touch(mapped, false) == SIGSEGV ? 0 : 1);
		EXPECT_EQ(test_wait(pid), 0);
	}
	race_stop(s);
}

static void writer_against_fork(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS) / 4 + 1;

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		mapped = need_lock(s.device, s.list[0]);
		memset(mapped, 7, SIZE);
		race(write_until_stopped, fork_children, &s, &random);
		EXPECT_EQ(mapped[SIZE - 1], 7);
		EXPECT_STATUS(kmt_destroy_one(s.device, s.list[0]), STATUS_SUCCESS);
	}
}

static void query_it(void *arg)
{
	struct race_state *s = arg;
	uint32_t residency, priority;
	UINT value = 0xa0000000;
	D3DKMT_SETALLOCATIONPRIORITY set = { .hDevice = s->device,
					     .phAllocationList = s->list,
					     .AllocationCount = 1,
					     .pPriorities = &value };
	D3DKMT_INVALIDATECACHE invalidate = { .hDevice = s->device,
					      .hAllocation = s->list[0],
					      .Length = SIZE };
	NTSTATUS status;

	do {
		status = kmt_residency(s->device, 0, s->list, 1, &residency);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
		status = kmt_get_priority(s->device, s->list[0], &priority);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
		status = D3DKMTSetAllocationPriority(&set);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
		status = D3DKMTInvalidateCache(&invalidate);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
	} while (!race_stopped(s));
}

static void queries_against_destroy(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s);
		if (i % 2)
			need_lock(s.device, s.list[0]);
		race(query_it, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
}

static const struct test_case cases[] = {
	CASE(lock_against_destroy, "Lock2 against DestroyAllocation2"),
	CASE(writer_against_destroy,
	     "a thread that writes through the mapping against DestroyAllocation2"),
	CASE(writer_against_device, "such a thread against DestroyDevice"),
	CASE(lock_against_device, "Lock2 against DestroyDevice"),
	CASE(first_lock_twice, "two threads lock first: both count"),
	CASE(last_unlock_against_lock, "the last Unlock2 against another Lock2"),
	CASE(munmap_against_unlock, "munmap of the locked range against Unlock2"),
	CASE(munmap_against_destroy, "munmap of the locked range against DestroyAllocation2"),
	CASE(mremap_against_destroy, "mremap and mprotect of it against DestroyAllocation2"),
	CASE(writer_against_fork, "a writing thread against fork"),
	CASE(queries_against_destroy, "queries and priorities against DestroyAllocation2"),
};

TEST_MAIN(cases)
