/* SPDX-License-Identifier: MIT */
/*
 * race.h: two threads that do something at the same moment
 *
 * The threads meet at a spinning barrier, so that they set off within a few instructions of each
 * other, and one of them then waits a random moment. VDXG_SEED repeats the moments, not the
 * scheduling.
 */
#ifndef VDXG_TEST_RACE_H
#define VDXG_TEST_RACE_H

#include <pthread.h>
#include <sched.h>

#include "kmt.h"

struct race_side {
	void (*run)(void *arg);
	void *arg;
	unsigned int delay;
	unsigned int *arrived;
};

static inline void *race_thread(void *p)
{
	struct race_side *side = p;
	volatile unsigned int i;

	__atomic_add_fetch(side->arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(side->arrived, __ATOMIC_SEQ_CST) < 2)
		sched_yield();
	for (i = 0; i < side->delay; i++)
		;
	side->run(side->arg);
	return NULL;
}

/* run @a and @b, each with @arg, at the same moment; returns when both have ended */
static inline void race(void (*a)(void *), void (*b)(void *), void *arg, uint64_t *random)
{
	unsigned int arrived = 0;
	uint64_t r = test_random(random);
	unsigned int delay = r >> 8 & ((1 << (r & 0xf)) - 1);
	struct race_side sides[2] = {
		{ a, arg, r & 0x10 ? delay : 0, &arrived },
		{ b, arg, r & 0x10 ? 0 : delay, &arrived },
	};
	pthread_t thread;

	REQUIRE(!pthread_create(&thread, NULL, race_thread, &sides[0]));
	race_thread(&sides[1]);
	pthread_join(thread, NULL);
}

#define RACE_MAX 64

/**
 * struct race_state - what the two sides share
 * @adapter: adapter
 * @device: device
 * @resource: a resource, or 0
 * @list: allocations
 * @n: how many
 * @first: status of one side
 * @second: of the other
 * @stop: for a side that goes on until the other has ended
 */
struct race_state {
	D3DKMT_HANDLE adapter, device, resource;
	D3DKMT_HANDLE list[RACE_MAX];
	uint32_t n;
	NTSTATUS first, second;
	int stop;
};

static inline bool race_stopped(struct race_state *s)
{
	return __atomic_load_n(&s->stop, __ATOMIC_SEQ_CST);
}

static inline void race_stop(struct race_state *s)
{
	__atomic_store_n(&s->stop, 1, __ATOMIC_SEQ_CST);
}

#endif
