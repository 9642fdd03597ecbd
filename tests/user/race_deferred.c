// SPDX-License-Identifier: MIT
/*
 * race_deferred.c: destroying what is in use, at the moment at which it is not any more
 *
 * One side destroys, the other signals what the work waits for, or puts an end to the context, the
 * device or the process. Whatever comes first, everything is released once.
 */
#include <signal.h>
#include <unistd.h>

#include "gpusync.h"
#include "race.h"

#define ROUNDS 60

struct side {
	struct gate gate;
	D3DKMT_HANDLE device, list[16];
	uint32_t n, flags;
	NTSTATUS destroyed, ended;
};

static void destroy(void *arg)
{
	struct side *s = arg;

	s->destroyed = kmt_destroy(s->device, 0, s->list, s->n, s->flags);
}

static void signal_it(void *arg)
{
	struct side *s = arg;

	s->ended = kmt_signal(s->device, s->gate.fence.handle, 1);
}

static void destroy_context(void *arg)
{
	struct side *s = arg;

	s->ended = kmt_destroy_context(s->gate.context);
}

static void mark_error(void *arg)
{
	struct side *s = arg;

	s->ended = kmt_mark_error(s->device, D3DKMT_DEVICE_ERROR_REASON_GENERIC);
}

static void destroy_device(void *arg)
{
	struct side *s = arg;

	s->ended = kmt_destroy_device(s->device);
}

static void rounds_of(void (*end)(void *), bool device_goes)
{
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();
	uint64_t random = test_seed();
	struct side s;

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device();
		s.gate = need_gate(s.device);
		s.n = 1 + test_random(&random) % 16;
		s.flags = test_random(&random) % 4;
		need_allocations(s.device, 4096 << test_random(&random) % 4, s.n, s.list);
		memset(need_lock(s.device, s.list[0]), 1, 4096);
		race(destroy, end, &s, &random);
		EXPECT_STATUS(s.ended, STATUS_SUCCESS);
		if (device_goes)
			EXPECT(s.destroyed == STATUS_SUCCESS ||
			       s.destroyed == STATUS_INVALID_PARAMETER);
		else
			EXPECT_STATUS(s.destroyed, STATUS_SUCCESS);
		if (!device_goes)
			EXPECT_STATUS(kmt_destroy_device(s.device), STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void against_signal(void)
{
	rounds_of(signal_it, false);
}

static void against_context(void)
{
	rounds_of(destroy_context, false);
}

static void against_error(void)
{
	rounds_of(mark_error, false);
}

static void against_device(void)
{
	rounds_of(destroy_device, true);
}

/* Many at once on one device, each with work of its own behind it. */
static void *destroyer(void *arg)
{
	D3DKMT_HANDLE device = (uintptr_t)arg, context = need_context(device), list[8];
	struct fence fence = need_fence(device, 0, 0);
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 1; i <= rounds && !test_failed(); i++) {
		EXPECT_STATUS(gpu_wait(context, fence.handle, i), STATUS_SUCCESS);
		need_allocations(device, 4096, 8, list);
		EXPECT_STATUS(kmt_destroy_list(device, list, 8), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_signal(device, fence.handle, i), STATUS_SUCCESS);
	}
	return NULL;
}

static void several_threads(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device();
	pthread_t threads[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		REQUIRE(!pthread_create(&threads[i], NULL, destroyer, (void *)(uintptr_t)device));
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	expect_usage_back(before);
}

/* A process that is killed while it destroys, and while its work goes on or waits. */
static void against_exit(void)
{
	unsigned int i, rounds = test_rounds(ROUNDS) / 4 + 1;
	struct usage before = need_usage();
	uint64_t random = test_seed();
	int fds[2];
	pid_t pid;
	char byte;

	for (i = 0; i < rounds && !test_failed(); i++) {
		struct timespec pause = { .tv_nsec = test_random(&random) % 3000000 };

		REQUIRE(!pipe(fds));
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			D3DKMT_HANDLE device = need_device();
			pthread_t thread;

			need_gate(device);
			REQUIRE(!pthread_create(&thread, NULL, destroyer,
						(void *)(uintptr_t)device));
			REQUIRE(write(fds[1], "", 1) == 1);
			destroyer((void *)(uintptr_t)device);
			pthread_join(thread, NULL);
			_exit(0);
		}
		close(fds[1]);
		REQUIRE(read(fds[0], &byte, 1) == 1);
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		/* it may have been done already */
		EXPECT(test_wait(pid) % (128 + SIGKILL) == 0);
		close(fds[0]);
	}
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(against_signal, "against the signal that ends the work"),
	CASE(against_context, "against the destruction of the context"),
	CASE(against_error, "against an error of the device"),
	CASE(against_device, "against the destruction of the device"),
	CASE(several_threads, "four threads, each with work of its own"),
	CASE(against_exit, "against the end of the process"),
};

TEST_MAIN(cases)
