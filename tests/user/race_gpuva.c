// SPDX-License-Identifier: MIT
/*
 * race_gpuva.c: mapping, updating and freeing GPU virtual addresses against destroying what is mapped, and
 * exit
 */
#include <signal.h>
#include <unistd.h>

#include "race.h"
#include "update.h"

/**
 * struct state - what the two sides share
 * @t: the device and the rest
 * @victim: an allocation that is destroyed
 */
struct state {
	struct tiles t;
	D3DKMT_HANDLE victim;
};

static struct state s;

static bool either(NTSTATUS status)
{
	return status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER;
}

static void destroy_victim(void *arg)
{
	const struct state *w = arg;

	EXPECT_STATUS(kmt_destroy_one(w->t.device, w->victim), STATUS_SUCCESS);
}

static void map_victim(void *arg)
{
	const struct state *w = arg;

	EXPECT(either(kmt_map_va(w->t.queue.handle, w->victim, w->t.at, 16, 0, NULL)));
	EXPECT(either(kmt_map_va(w->t.queue.handle, w->victim, 0, 16, 0, NULL)));
}

static void map_against_destroy(void)
{
	uint64_t random = test_seed();
	unsigned int i;

	s.t = need_tiles();
	for (i = 0; i < test_rounds(100) && !test_failed(); i++) {
		s.victim = need_allocation(s.t.device, 16 * PAGE);
		race(destroy_victim, map_victim, &s, &random);
		/* whoever was first, nothing of it is left */
		EXPECT(va_is_free(s.t.adapter, UNIT, s.t.at - UNIT) || s.t.at == UNIT);
		EXPECT(va_is_free(s.t.adapter, s.t.at + UNIT, UNIT));
	}
}

static void update_victim(void *arg)
{
	const struct state *w = arg;
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&w->t, w->t.at, 16 * PAGE, PAGE, 0);

	op.Map.hAllocation = w->victim;
	EXPECT(either(kmt_update(&w->t, &op, 1, *w->t.value, UPDATE_DO_NOT_WAIT)));
}

static void update_against_destroy(void)
{
	uint64_t random = test_seed();
	unsigned int i;

	s.t = need_tiles();
	for (i = 0; i < test_rounds(100) && !test_failed(); i++) {
		s.victim = need_allocation(s.t.device, 16 * PAGE);
		race(destroy_victim, update_victim, &s, &random);
	}
	EXPECT_EQ(kmt_execution(s.t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static void free_and_reserve(void *arg)
{
	const struct state *w = arg;
	uint64_t at;

	EXPECT_STATUS(kmt_free_va(w->t.adapter, w->t.at, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_reserve_va(w->t.adapter, w->t.at, UNIT, RESERVE_ZERO, &at), STATUS_SUCCESS);
}

static void update_own(void *arg)
{
	const struct state *w = arg;
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[] = {
		map_op(&w->t, w->t.at, 8 * PAGE, 2 * PAGE, 0),
		copy_op(w->t.at + PAGE, w->t.at, 15 * PAGE),
		unmap_op(w->t.at + 3 * PAGE, 5 * PAGE, PROTECT_NO_ACCESS),
	};

	EXPECT(either(kmt_update(&w->t, ops, ARRAY_SIZE(ops), *w->t.value, UPDATE_DO_NOT_WAIT)));
}

static void update_against_free(void)
{
	uint64_t random = test_seed();
	unsigned int i;

	s.t = need_tiles();
	for (i = 0; i < test_rounds(100) && !test_failed(); i++)
		race(free_and_reserve, update_own, &s, &random);
	EXPECT_EQ(kmt_execution(s.t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static void destroy_context(void *arg)
{
	const struct state *w = arg;

	EXPECT_STATUS(kmt_destroy_context(w->t.context), STATUS_SUCCESS);
}

static void update_against_context(void)
{
	uint64_t random = test_seed();
	unsigned int i;

	s.t = need_tiles();
	for (i = 0; i < test_rounds(100) && !test_failed(); i++) {
		race(destroy_context, update_own, &s, &random);
		s.t.context = need_context(s.t.device);
	}
}

static void map_and_exit(void)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;
	uint64_t random = test_seed();
	unsigned int i, j;
	bool killed;
	pid_t child;

	for (i = 0; i < test_rounds(8); i++) {
		killed = test_random(&random) & 1;
		child = fork();
		REQUIRE(child >= 0);
		if (!child) {
			s.t = need_tiles();
			for (j = 0; j < 200; j++)
				need_mapping(s.t.queue.handle, s.t.allocation, 16);
			op = map_op(&s.t, s.t.at, PAGE, 0, 0);
			REQUIRE_STATUS(kmt_update(&s.t, &op, 1, 1, 0), STATUS_SUCCESS);
			if (killed)
				kill(getpid(), SIGKILL);
			test_exit();
		}
		EXPECT_EQ(test_wait(child), killed ? 128 + SIGKILL : 0);
	}
}

static const struct test_case cases[] = {
	CASE(map_against_destroy, "an allocation is mapped or destroyed; nothing of it stays mapped"),
	CASE(update_against_destroy, "an allocation is destroyed while an update maps it"),
	CASE(update_against_free, "a reservation is freed and made anew while it is updated"),
	CASE(update_against_context, "a context goes while it is told to update"),
	CASE(map_and_exit, "a process ends, or is killed, with mappings and updates that wait"),
};

TEST_MAIN(cases)
