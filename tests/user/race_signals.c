// SPDX-License-Identifier: MIT
/*
 * race_signals.c: a storm of signals during calls: no call may be seen to be interrupted
 */
#include <signal.h>
#include <time.h>

#include "race.h"

#define ROUNDS 80

static unsigned int caught;

static void count_signal(int sig)
{
	(void)sig;
	__atomic_add_fetch(&caught, 1, __ATOMIC_RELAXED);
}

static pthread_t target;

static void *storm(void *arg)
{
	struct race_state *s = arg;
	struct timespec pause = { .tv_nsec = 20000 };

	while (!race_stopped(s)) {
		pthread_kill(target, SIGUSR1);
		pthread_kill(target, SIGUSR2);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void start(struct race_state *s, pthread_t *thread)
{
	struct sigaction action = { .sa_handler = count_signal };

	/* without SA_RESTART: a call that returns EINTR would show it */
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	target = pthread_self();
	s->stop = 0;
	REQUIRE(!pthread_create(thread, NULL, storm, s));
}

static void finish(struct race_state *s, pthread_t thread)
{
	race_stop(s);
	pthread_join(thread, NULL);
	test_note("%u signals", caught);
	EXPECT(caught > 0);
}

static void every_call(void)
{
	struct race_state s = { 0 };
	D3DKMT_HANDLE adapter, device, list[16], resource;
	D3DKMT_ADAPTERINFO info[34];
	unsigned int i, rounds = test_rounds(ROUNDS);
	uint32_t state, status[16];
	pthread_t thread;
	char *p;

	start(&s, &thread);
	for (i = 0; i < rounds && !test_failed(); i++) {
		D3DKMT_ENUMADAPTERS2 enumerate = { .NumAdapters = ARRAY_SIZE(info),
						   .pAdapters = info };
		ULONG j;

		adapter = need_adapter();
		device = need_device_of(adapter);
		EXPECT_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
		need_allocations(device, 65536, 16, list);
		p = need_lock(device, list[0]);
		memset(p, 1, 65536);
		EXPECT_STATUS(kmt_residency(device, 0, list, 16, status), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy(device, 0, list, 16, DESTROY_SYNCHRONOUS),
			      STATUS_SUCCESS);
		resource = need_resource(device, 4096, 16, list);
		need_lock(device, list[3]);
		EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
		EXPECT_STATUS(D3DKMTEnumAdapters2(&enumerate), STATUS_SUCCESS);
		for (j = 0; j < enumerate.NumAdapters; j++)
			EXPECT_STATUS(kmt_close_adapter(info[j].hAdapter), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_SUCCESS);
	}
	finish(&s, thread);
}

static void large_lists(void)
{
	struct race_state s = { 0 };
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE *list = calloc(MAX_HANDLES, sizeof(*list));
	unsigned int i, rounds = test_rounds(ROUNDS) / 40 + 1;
	pthread_t thread;

	REQUIRE(list);
	start(&s, &thread);
	for (i = 0; i < rounds && !test_failed(); i++) {
		need_allocations(device, 4096, 16384, list);
		EXPECT_STATUS(kmt_destroy_list(device, list, 16384), STATUS_SUCCESS);
	}
	finish(&s, thread);
}

static void page_faults(void)
{
	struct race_state s = { 0 };
	D3DKMT_HANDLE device = need_device(), allocation;
	unsigned int i, j, rounds = test_rounds(ROUNDS) / 10 + 1;
	pthread_t thread;
	char *p;

	start(&s, &thread);
	for (i = 0; i < rounds && !test_failed(); i++) {
		allocation = need_allocation(device, 64 * 4096);
		p = need_lock(device, allocation);
		for (j = 0; j < 64; j++)
			p[j * 4096] = j;
		for (j = 0; j < 64; j++)
			EXPECT_EQ(p[j * 4096], j);
		EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	}
	finish(&s, thread);
}

static const struct test_case cases[] = {
	CASE(every_call, "every call succeeds as if there were no signals"),
	CASE(large_lists, "so do long ones"),
	CASE(page_faults, "and faults in locked memory"),
};

TEST_MAIN(cases)
