// SPDX-License-Identifier: GPL-2.0-only
/*
 * move_test.c: who may touch an allocation when, and what happens when its device goes
 * (kmod/vidmm/)
 *
 * No test depends on time: where one thread has to wait for another, the test looks until it does.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched/signal.h>

#include <d3dkmthk.h>

#include "rig.h"

/* Threads and rounds of the races. */
#define THREADS		3
#define ROUNDS		300
#define STRESS_STEPS	20000

/* Until somebody waits for the manager. */
static void until_somebody_waits(struct rig *rig)
{
	/* Who waits stays on the queue, so this needs no barrier. */
	while (!waitqueue_active(&rig->mm.wait))
		usleep_range(100, 1000);
}

static int claim_main(void *data)
{
	return vidmm_claim(data, 0);
}

static int pin_main(void *data)
{
	return vidmm_pin(data);
}

static int remove_main(void *data)
{
	vidmm_remove(data);
	return STATUS_SUCCESS;
}

static struct vidmm_alloc *populated(struct rig *rig, struct vidmm_client *client,
				     unsigned long npages)
{
	struct vidmm_alloc *alloc = rig_alloc(client, npages);

	KUNIT_EXPECT_EQ(rig->test, vidmm_populate(alloc), STATUS_SUCCESS);
	return alloc;
}

/* Pins and claims */

static const int pin_counts[] = { 1, 2, 5 };

static void describe_pins(const int *pins, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d pinned", *pins);
}

KUNIT_ARRAY_PARAM(pins, pin_counts, describe_pins);

static void claim_waits_for_every_pin(struct kunit *test)
{
	const int pins = *(const int *)test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	struct rig_thread *thread;
	int i;

	for (i = 0; i < pins; i++)
		KUNIT_EXPECT_EQ(test, vidmm_pin(alloc), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->busy, pins);
	KUNIT_EXPECT_EQ(test, rig->mm.busy, pins);
	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, VIDMM_NOWAIT), STATUS_PENDING);
	thread = rig_thread_start(test, claim_main, alloc);
	until_somebody_waits(rig);
	for (i = 0; i < pins; i++) {
		KUNIT_EXPECT_FALSE(test, rig_thread_done(thread));
		KUNIT_EXPECT_EQ(test, READ_ONCE(alloc->busy), pins - i);
		vidmm_unpin(alloc);
	}
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, thread), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->busy, -1);
	vidmm_release(alloc);
	KUNIT_EXPECT_EQ(test, alloc->busy, 0);
	vidmm_alloc_put(alloc);
}

struct waiter {
	const char *desc;
	int (*main)(void *data);
	int busy;
};

static const struct waiter waiters[] = {
	{ "a pin", pin_main, 1 },
	{ "another claim", claim_main, -1 },
};

static void waits_for_a_claim(struct kunit *test)
{
	const struct waiter *waiter = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	struct rig_thread *thread;

	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, VIDMM_NOWAIT), STATUS_PENDING);
	thread = rig_thread_start(test, waiter->main, alloc);
	until_somebody_waits(rig);
	KUNIT_EXPECT_FALSE(test, rig_thread_done(thread));
	KUNIT_EXPECT_EQ(test, READ_ONCE(alloc->busy), -1);
	vidmm_release(alloc);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, thread), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->busy, waiter->busy);
	if (waiter->busy > 0)
		vidmm_unpin(alloc);
	else
		vidmm_release(alloc);
	vidmm_alloc_put(alloc);
}

KUNIT_ARRAY_PARAM_DESC(waiter, waiters, desc);

static void killed_waiter_has_nothing(struct kunit *test)
{
	const struct waiter *waiter = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	struct rig_thread *thread;

	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	thread = rig_thread_start(test, waiter->main, alloc);
	until_somebody_waits(rig);
	send_sig(SIGKILL, thread->task, 1);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, thread), STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, alloc->busy, -1);
	KUNIT_EXPECT_EQ(test, rig->mm.busy, 1);
	vidmm_release(alloc);
	vidmm_alloc_put(alloc);
}

/* DEBUG_ATOMIC_SLEEP would complain. */
static void trypin_works_under_a_spinlock(struct kunit *test)
{
	static DEFINE_SPINLOCK(lock);
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	bool stable, claimed, gone;
	int status = -1, removed;
	unsigned long pfn;

	spin_lock(&lock);
	stable = vidmm_trypin(alloc, &status);
	pfn = vidmm_pfn(alloc, 1);
	vidmm_unpin(alloc);
	spin_unlock(&lock);
	KUNIT_EXPECT_TRUE(test, stable);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, pfn_valid(pfn));

	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	spin_lock(&lock);
	claimed = vidmm_trypin(alloc, &status);
	spin_unlock(&lock);
	KUNIT_EXPECT_FALSE_MSG(test, claimed, "somebody moves it");
	vidmm_release(alloc);

	vidmm_remove(&rig->mm);
	spin_lock(&lock);
	gone = vidmm_trypin(alloc, &removed);
	spin_unlock(&lock);
	KUNIT_EXPECT_TRUE_MSG(test, gone, "the answer is known");
	KUNIT_EXPECT_EQ(test, removed, STATUS_DEVICE_REMOVED);
	vidmm_alloc_put(alloc);
}

/* Removal */

struct removal {
	const char *desc;
	bool claimed;
	int pins;
};

static const struct removal removals[] = {
	{ "for a pin", false, 1 },
	{ "for three pins", false, 3 },
	{ "for a claim", true },
};

static void removal_waits(struct kunit *test)
{
	const struct removal *removal = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = populated(rig, client, 2), *other = populated(rig, client, 3);
	struct rig_thread *thread;
	int i;

	if (removal->claimed)
		KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	for (i = 0; i < removal->pins; i++)
		KUNIT_EXPECT_EQ(test, vidmm_pin(alloc), STATUS_SUCCESS);
	thread = rig_thread_start(test, remove_main, &rig->mm);
	until_somebody_waits(rig);
	KUNIT_EXPECT_TRUE(test, rig->mm.removed);
	KUNIT_EXPECT_EQ_MSG(test, vidmm_pin(other), STATUS_DEVICE_REMOVED, "nobody new comes in");
	KUNIT_EXPECT_EQ(test, vidmm_claim(other, 0), STATUS_DEVICE_REMOVED);
	KUNIT_EXPECT_EQ(test, vidmm_populate(other), STATUS_DEVICE_REMOVED);
	KUNIT_EXPECT_FALSE(test, rig_thread_done(thread));
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(rig->local), 5, "the content is there yet");
	if (removal->claimed)
		vidmm_release(alloc);
	for (i = 0; i < removal->pins; i++)
		vidmm_unpin(alloc);
	rig_thread_join(test, thread);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), 0);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_TRUE(test, alloc->state & VIDMM_LOST);
	vidmm_alloc_put(alloc);
	vidmm_alloc_put(other);
}

KUNIT_ARRAY_PARAM_DESC(removal, removals, desc);

static void waiters_learn_of_the_removal(struct kunit *test)
{
	const struct waiter *waiter = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	struct rig_thread *thread, *remover;

	KUNIT_EXPECT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	thread = rig_thread_start(test, waiter->main, alloc);
	until_somebody_waits(rig);
	remover = rig_thread_start(test, remove_main, &rig->mm);
	while (!READ_ONCE(rig->mm.removed))
		usleep_range(100, 1000);
	vidmm_release(alloc);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, thread), STATUS_DEVICE_REMOVED);
	rig_thread_join(test, remover);
	KUNIT_EXPECT_EQ(test, alloc->busy, 0);
	vidmm_alloc_put(alloc);
}

static void removal_takes_local_content_only(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *empty = rig_alloc(client, 1);
	struct vidmm_alloc *local = populated(rig, client, 1);
	struct vidmm_alloc *offered = populated(rig, client, 2);
	struct vidmm_alloc *required = populated(rig, client, 3);
	struct vidmm_alloc *aperture = rig_alloc_in(client, 4, 0, VIDMM_APERTURE);
	struct vidmm_ref ref = { .alloc = required };
	u32 count = 0;
	u64 trim;

	ref.count = &count;
	KUNIT_EXPECT_EQ(test, vidmm_populate(aperture), STATUS_SUCCESS);
	vidmm_offer(offered, D3DKMT_OFFER_PRIORITY_LOW, false);
	KUNIT_EXPECT_EQ(test, vidmm_require(client, &ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), 6);
	vidmm_remove(&rig->mm);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), 0);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->aperture), 4);
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_LOCAL].used, 0);
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_LOCAL].allocs, 0);
	KUNIT_EXPECT_TRUE(test, local->state & VIDMM_LOST);
	KUNIT_EXPECT_TRUE(test, offered->state & VIDMM_LOST);
	KUNIT_EXPECT_TRUE(test, required->state & VIDMM_LOST);
	KUNIT_EXPECT_FALSE(test, aperture->state & VIDMM_LOST);
	KUNIT_EXPECT_FALSE_MSG(test, empty->state & VIDMM_LOST, "it had nothing to lose");
	vidmm_forget(client, &ref);
	vidmm_alloc_put(empty);
	vidmm_alloc_put(local);
	vidmm_alloc_put(offered);
	vidmm_alloc_put(required);
	vidmm_alloc_put(aperture);
}

/* Somebody frees an allocation, and is in the middle of giving its memory back. */

struct slow_put {
	struct completion entered;
	struct completion go_on;
};

static void slow_put(struct mock_backend *mock)
{
	struct slow_put *slow = mock->context;

	mock->during_put = NULL;
	complete(&slow->entered);
	wait_for_completion(&slow->go_on);
}

static struct slow_put *make_puts_slow(struct kunit *test, struct mock_backend *mock)
{
	struct slow_put *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slow);
	init_completion(&slow->entered);
	init_completion(&slow->go_on);
	mock->context = slow;
	mock->during_put = slow_put;
	return slow;
}

static int put_main(void *data)
{
	vidmm_alloc_put(data);
	return STATUS_SUCCESS;
}

static void removal_waits_for_memory_on_its_way_back(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = populated(rig, rig_client(rig), 2);
	struct slow_put *slow = make_puts_slow(test, rig->local);
	struct rig_thread *putter, *remover;

	putter = rig_thread_start(test, put_main, alloc);
	wait_for_completion(&slow->entered);
	remover = rig_thread_start(test, remove_main, &rig->mm);
	until_somebody_waits(rig);
	KUNIT_EXPECT_FALSE(test, rig_thread_done(remover));
	complete(&slow->go_on);
	rig_thread_join(test, putter);
	rig_thread_join(test, remover);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), 0);
}

static int page_in_main(void *data)
{
	return vidmm_page_in(data, U64_MAX, 0);
}

/* Who waits for room because somebody is busy must look again when he is not. */
static void waiting_for_room_ends_with_a_pin(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *going = rig_alloc_in(client, 2, BIT(VIDMM_LOCAL - 1), 0);
	struct vidmm_alloc *coming = rig_alloc_in(client, RIG_LOCAL, BIT(VIDMM_LOCAL - 1), 0);
	struct vidmm_alloc *pinned = rig_alloc_in(client, 1, BIT(VIDMM_LOCAL - 1), 0);
	struct slow_put *slow = make_puts_slow(test, rig->local);
	struct rig_thread *putter, *pager;

	KUNIT_EXPECT_EQ(test, vidmm_populate(going), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_populate(pinned), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_pin(pinned), STATUS_SUCCESS);
	putter = rig_thread_start(test, put_main, going);
	wait_for_completion(&slow->entered);
	pager = rig_thread_start(test, page_in_main, coming);
	while (!READ_ONCE(rig->mm.waiting))
		usleep_range(100, 1000);
	vidmm_unpin(pinned);
	complete(&slow->go_on);
	rig_thread_join(test, putter);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, pager), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, coming->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, pinned->segment, VIDMM_SYSTEM);
	vidmm_alloc_put(coming);
	vidmm_alloc_put(pinned);
}

/* Nobody is left to make room: that is an answer, not a reason to wait on. */
static void waiting_for_room_ends_when_memory_is_back(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *going = rig_alloc_in(client, 2, BIT(VIDMM_APERTURE - 1), 0);
	struct vidmm_alloc *coming = rig_alloc_in(client, RIG_LOCAL, BIT(VIDMM_LOCAL - 1), 0);
	struct slow_put *slow = make_puts_slow(test, rig->aperture);
	struct rig_thread *putter, *pager;

	/* Room that is promised to nobody who could be evicted. */
	rig->mm.segments[VIDMM_LOCAL].used = 1;
	KUNIT_EXPECT_EQ(test, vidmm_populate(going), STATUS_SUCCESS);
	putter = rig_thread_start(test, put_main, going);
	wait_for_completion(&slow->entered);
	pager = rig_thread_start(test, page_in_main, coming);
	while (!READ_ONCE(rig->mm.waiting))
		usleep_range(100, 1000);
	complete(&slow->go_on);
	rig_thread_join(test, putter);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, pager), STATUS_NO_MEMORY);
	rig->mm.segments[VIDMM_LOCAL].used = 0;
	vidmm_alloc_put(coming);
}

/* Races */

/**
 * struct race - threads that drop references while the device goes, perhaps
 * @allocs: allocations, each with a reference for each thread
 * @count: how many
 * @barrier: threads that are not there yet
 */
struct race {
	struct vidmm_alloc *allocs[8];
	unsigned int count;
	atomic_t barrier;
};

static void meet(struct race *race)
{
	atomic_dec(&race->barrier);
	while (atomic_read(&race->barrier) > 0)
		cond_resched();
}

static int drop_main(void *data)
{
	struct race *race = data;
	unsigned int i;

	meet(race);
	for (i = 0; i < race->count; i++)
		vidmm_alloc_put(race->allocs[i]);
	return STATUS_SUCCESS;
}

struct put_race {
	const char *desc;
	bool removed;
	unsigned int rounds;
};

static const struct put_race put_races[] = {
	{ "against each other", false, ROUNDS },
	/* A manager can be removed once. */
	{ "against the removal", true, 1 },
};

static void last_references_are_dropped(struct kunit *test)
{
	const struct put_race *c = test->param_value;
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct rig_thread *threads[THREADS];
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->count = ARRAY_SIZE(race->allocs);
	for (round = 0; round < c->rounds; round++) {
		for (i = 0; i < race->count; i++) {
			race->allocs[i] = rig_alloc(client, 1);
			refcount_set(&race->allocs[i]->refs, THREADS);
			if (i % 4)
				KUNIT_EXPECT_EQ(test, vidmm_populate(race->allocs[i]),
						STATUS_SUCCESS);
		}
		atomic_set(&race->barrier, THREADS + c->removed);
		for (i = 0; i < THREADS; i++)
			threads[i] = rig_thread_start(test, drop_main, race);
		if (c->removed) {
			meet(race);
			vidmm_remove(&rig->mm);
		}
		for (i = 0; i < THREADS; i++)
			rig_thread_join(test, threads[i]);
		KUNIT_ASSERT_EQ(test, atomic_read(&rig->live), 0);
		KUNIT_ASSERT_EQ(test, mock_backend_pages(rig->local), 0);
		KUNIT_ASSERT_EQ(test, vidmm_totals(&rig->mm).commit, 0);
	}
}

KUNIT_ARRAY_PARAM_DESC(put_race, put_races, desc);

/* As many removals as there are managers. */
static void removal_races_with_the_last_references(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct rig *outer = test->priv, *rig;
	struct rig_thread *thread;
	struct vidmm_client *client;
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->count = ARRAY_SIZE(race->allocs);
	for (round = 0; round < ROUNDS; round++) {
		KUNIT_ASSERT_EQ(test, rig_init(test), 0);
		rig = test->priv;
		client = rig_client(rig);
		for (i = 0; i < race->count; i++) {
			race->allocs[i] = rig_alloc(client, 1);
			KUNIT_EXPECT_EQ(test, vidmm_populate(race->allocs[i]), STATUS_SUCCESS);
		}
		atomic_set(&race->barrier, 2);
		thread = rig_thread_start(test, drop_main, race);
		meet(race);
		vidmm_remove(&rig->mm);
		rig_thread_join(test, thread);
		rig_exit(test);
		test->priv = outer;
	}
}

/**
 * struct stress - threads that pin and claim a few allocations at random
 * @rig: the rig
 * @allocs: the allocations
 * @inside: of each, -1 if somebody has claimed it, else the number of those who have pinned it
 * @wrong: times somebody was where he should not have been
 * @seed: of the first thread
 */
struct stress {
	struct rig *rig;
	struct vidmm_alloc *allocs[3];
	atomic_t inside[3];
	atomic_t wrong;
	atomic_t seed;
};

static int stress_main(void *data)
{
	struct stress *stress = data;
	struct rnd_state rnd;
	unsigned int step, i;

	prandom_seed_state(&rnd, atomic_inc_return(&stress->seed));
	for (step = 0; step < STRESS_STEPS; step++) {
		i = prandom_u32_state(&rnd) % ARRAY_SIZE(stress->allocs);
		if (prandom_u32_state(&rnd) % 4) {
			if (vidmm_pin(stress->allocs[i]))
				atomic_inc(&stress->wrong);
			if (atomic_inc_return(&stress->inside[i]) <= 0)
				atomic_inc(&stress->wrong);
			cond_resched();
			atomic_dec(&stress->inside[i]);
			vidmm_unpin(stress->allocs[i]);
		} else {
			if (vidmm_claim(stress->allocs[i], 0))
				atomic_inc(&stress->wrong);
			if (atomic_cmpxchg(&stress->inside[i], 0, -1000))
				atomic_inc(&stress->wrong);
			cond_resched();
			if (atomic_cmpxchg(&stress->inside[i], -1000, 0) != -1000)
				atomic_inc(&stress->wrong);
			vidmm_release(stress->allocs[i]);
		}
	}
	return STATUS_SUCCESS;
}

static void claims_are_exclusive(struct kunit *test)
{
	struct stress *stress = kunit_kzalloc(test, sizeof(*stress), GFP_KERNEL);
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct rig_thread *threads[THREADS];
	u32 seed = get_random_u32() >> 1;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, stress);
	kunit_info(test, "seed %u", seed);
	stress->rig = rig;
	atomic_set(&stress->seed, seed);
	for (i = 0; i < ARRAY_SIZE(stress->allocs); i++)
		stress->allocs[i] = populated(rig, client, 1);
	for (i = 0; i < THREADS; i++)
		threads[i] = rig_thread_start(test, stress_main, stress);
	for (i = 0; i < THREADS; i++)
		rig_thread_join(test, threads[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&stress->wrong), 0);
	for (i = 0; i < ARRAY_SIZE(stress->allocs); i++)
		vidmm_alloc_put(stress->allocs[i]);
}

static struct kunit_case move_cases[] = {
	KUNIT_CASE_PARAM(claim_waits_for_every_pin, pins_gen_params),
	KUNIT_CASE_PARAM(waits_for_a_claim, waiter_gen_params),
	KUNIT_CASE_PARAM(killed_waiter_has_nothing, waiter_gen_params),
	KUNIT_CASE(trypin_works_under_a_spinlock),
	KUNIT_CASE_PARAM(removal_waits, removal_gen_params),
	KUNIT_CASE_PARAM(waiters_learn_of_the_removal, waiter_gen_params),
	KUNIT_CASE(removal_takes_local_content_only),
	KUNIT_CASE(removal_waits_for_memory_on_its_way_back),
	KUNIT_CASE(waiting_for_room_ends_with_a_pin),
	KUNIT_CASE(waiting_for_room_ends_when_memory_is_back),
	KUNIT_CASE_PARAM(last_references_are_dropped, put_race_gen_params),
	KUNIT_CASE(removal_races_with_the_last_references),
	KUNIT_CASE(claims_are_exclusive),
	{}
};

static struct kunit_suite move_suite = {
	.name = "vdxg_move",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = move_cases,
};

kunit_test_suite(move_suite);
