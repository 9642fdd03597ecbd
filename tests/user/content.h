/* SPDX-License-Identifier: MIT */
/*
 * content.h: several processes with four times as much as the GPU has, each byte of which is checked
 *
 * Included by content_transfer.c and content_copy.c, which differ in how the software adapter moves memory. The
 * segments are small (vm-options of both), so that everybody's content is evicted and comes back all the time.
 */
#ifndef VDXG_TEST_CONTENT_H
#define VDXG_TEST_CONTENT_H

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "paging.h"

#define PROCESSES	4
#define ALLOCATIONS	32
#define AT_ONCE		4

static inline uint64_t evictions(void)
{
	D3DKMT_QUERYSTATISTICS query;

	memset(&query, 0, sizeof(query));
	query.Type = D3DKMT_QUERYSTATISTICS_ADAPTER;
	query.AdapterLuid.LowPart = test_adapter.luid_low;
	query.AdapterLuid.HighPart = test_adapter.luid_high;
	REQUIRE_STATUS(D3DKMTQueryStatistics(&query), STATUS_SUCCESS);
	return query.QueryResult.AdapterInformation.PagingFault.Evictions.Count;
}

/* an adapter whose local segment the options have made small; others need no test of this */
static inline uint64_t need_small_segment(void)
{
	uint64_t capacity = need_capacity(VDXG_SEGMENT_LOCAL);

	if (capacity > 64 * MIB)
		test_skip("the local segment is not small: see vm-options in the source");
	return capacity;
}

/* one of the processes: works on allocations of its own, which nobody else may ever see or change */
static inline void work_on_content(uint64_t bytes, unsigned int rounds, uint64_t random)
{
	D3DKMT_HANDLE device = need_device(), list[ALLOCATIONS], chosen[AT_ONCE];
	uint64_t seeds[ALLOCATIONS], unique = (uint64_t)getpid() << 32;
	struct queue queue = need_queue(device);
	unsigned int i, j, first;

	need_allocations_in(device, bytes, VDXG_SEGMENT_SET_LOCAL, ALLOCATIONS, list);
	for (i = 0; i < ALLOCATIONS; i++) {
		seeds[i] = unique++;
		write_pattern(device, list[i], bytes, seeds[i]);
	}
	for (i = 0; i < rounds && !test_failed(); i++) {
		first = test_random(&random) % ALLOCATIONS;
		for (j = 0; j < AT_ONCE; j++)
			chosen[j] = list[(first + j) % ALLOCATIONS];
		REQUIRE_STATUS(kmt_make_resident(&queue, chosen, AT_ONCE, CANT_TRIM_FURTHER),
			       STATUS_SUCCESS);
		expect_pattern(device, list[first], bytes, seeds[first]);
		if (i % 2) {
			seeds[first] = unique++;
			write_pattern(device, list[first], bytes, seeds[first]);
		}
		REQUIRE_STATUS(kmt_evict(device, chosen, AT_ONCE,
					 i % 3 ? EVICT_ONLY_IF_NECESSARY : 0), STATUS_SUCCESS);
	}
	for (i = 0; i < ALLOCATIONS; i++)
		expect_pattern(device, list[i], bytes, seeds[i]);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static void several_processes(void)
{
	uint64_t capacity = need_small_segment(), random = test_seed(), before = evictions();
	/* what all of it takes depends on the bytes that are moved and looked at */
	unsigned int i, rounds = test_rounds(480 / (capacity / MIB));
	uint64_t bytes = capacity / ALLOCATIONS;
	struct usage usage = need_usage();
	pid_t pids[PROCESSES];

	for (i = 0; i < PROCESSES; i++) {
		uint64_t seed = test_random(&random);

		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (!pids[i]) {
			work_on_content(bytes, rounds, seed);
			test_exit();
		}
	}
	for (i = 0; i < PROCESSES; i++)
		EXPECT_EQ(test_wait(pids[i]), 0);
	test_note("%llu evictions", (unsigned long long)(evictions() - before));
	/* a third of the rounds evict all they have had */
	EXPECT(evictions() - before >= PROCESSES * rounds / 3);
	expect_usage_back(usage);
}

/* ---- threads that write while content moves ---- */

#define WRITERS	2

/**
 * struct writer - a thread that counts in memory
 * @words: one word in each page
 * @pages: how many
 * @written: what each must be at the end
 * @stop: end
 */
struct writer {
	volatile uint64_t *words;
	uint64_t pages;
	uint64_t written;
	int *stop;
};

static inline void *write_words(void *arg)
{
	struct writer *w = arg;
	uint64_t i;

	while (!__atomic_load_n(w->stop, __ATOMIC_SEQ_CST)) {
		for (i = 0; i < w->pages; i++)
			w->words[i * 512]++;
		w->written++;
	}
	return NULL;
}

static void writers(void)
{
	uint64_t capacity = need_small_segment(), bytes = capacity / 8, i;
	D3DKMT_HANDLE device = need_device(), list[WRITERS], other = need_local(device, capacity);
	struct queue queue = need_queue(device);
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	unsigned int n, rounds = test_rounds(15);
	int stop = 0;

	need_allocations_in(device, bytes, VDXG_SEGMENT_SET_LOCAL, WRITERS, list);
	for (n = 0; n < WRITERS; n++) {
		writers[n] = (struct writer){ need_lock(device, list[n]), bytes / 4096, 0, &stop };
		REQUIRE(!pthread_create(&threads[n], NULL, write_words, &writers[n]));
	}
	for (n = 0; n < rounds && !test_failed(); n++) {
		/* they come, and have to go again */
		need_resident(&queue, list, WRITERS);
		EXPECT_STATUS(kmt_evict(device, list, WRITERS, n % 2 ? EVICT_ONLY_IF_NECESSARY : 0),
			      STATUS_SUCCESS);
		need_resident(&queue, &other, 1);
		EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
		EXPECT_STATUS(kmt_evict(device, &other, 1, 0), STATUS_SUCCESS);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	for (n = 0; n < WRITERS; n++) {
		REQUIRE(!pthread_join(threads[n], NULL));
		for (i = 0; i < writers[n].pages; i++)
			if (!EXPECT_EQ(writers[n].words[i * 512], writers[n].written))
				break;
		test_note("%llu writes of each page", (unsigned long long)writers[n].written);
		EXPECT_STATUS(kmt_unlock(device, list[n]), STATUS_SUCCESS);
	}
}

/* ---- killed in the middle of it ---- */

static inline void page_for_ever(uint64_t bytes)
{
	D3DKMT_HANDLE device = need_device(), list[ALLOCATIONS];
	struct queue queue = need_queue(device);
	uint64_t random = getpid();
	D3DDDI_MAKERESIDENT args;
	unsigned int i;

	need_allocations_in(device, bytes, VDXG_SEGMENT_SET_LOCAL, ALLOCATIONS, list);
	for (;;) {
		i = test_random(&random) % (ALLOCATIONS - AT_ONCE);
		kmt_make_resident_args(&args, queue.handle, list + i, AT_ONCE, CANT_TRIM_FURTHER);
		test_touch(need_lock(device, list[i]), true);
		kmt_unlock(device, list[i]);
		kmt_evict(device, list + i, AT_ONCE, EVICT_ONLY_IF_NECESSARY);
	}
}

static void killed_while_paging(void)
{
	uint64_t bytes = need_small_segment() / 16, random = test_seed();
	unsigned int n, i, rounds = test_rounds(3);
	struct usage usage = need_usage();
	struct timespec pause = { 0 };
	pid_t pids[2];

	for (n = 0; n < rounds && !test_failed(); n++) {
		for (i = 0; i < 2; i++) {
			pids[i] = fork();
			REQUIRE(pids[i] >= 0);
			if (!pids[i])
				page_for_ever(bytes);
		}
		pause.tv_nsec = test_random(&random) % 40000000;
		nanosleep(&pause, NULL);
		for (i = 0; i < 2; i++) {
			REQUIRE(!kill(pids[i], SIGKILL));
			EXPECT_EQ(test_wait(pids[i]), 128 + SIGKILL);
		}
		/* another finds everything as it was: the whole segment */
		expect_usage_back(usage);
		work_on_content(bytes / 2, 1, test_random(&random));
	}
}

static const struct test_case cases[] = {
	CASE(several_processes, "four processes with four times as much as fits: nobody's content is lost or mixed up"),
	CASE(writers, "no write through a mapping is lost while the content moves"),
	CASE(killed_while_paging, "processes killed in the middle of paging leave nothing behind"),
};

#endif
