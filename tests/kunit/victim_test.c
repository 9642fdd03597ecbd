// SPDX-License-Identifier: GPL-2.0-only
/*
 * victim_test.c: who loses its place first, and what becomes of the content (kmod/vidmm/)
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "vidmm/place.h"

#define LOCAL_ONLY	BIT(VIDMM_LOCAL - 1)
#define MAX_PLAYERS	6

/* How an allocation of one page got into the local segment. */
enum kind { UNREFERENCED, OFFERED_LOW, OFFERED_NORMAL, OFFERED_HIGH, WITHIN_BUDGET, OVER_BUDGET };

/**
 * struct player - an allocation that may have to go
 * @kind: what it is
 * @priority: its priority; 0 is normal
 */
struct player {
	enum kind kind;
	u32 priority;
};

struct order {
	const char *desc;
	struct player players[MAX_PLAYERS];
	unsigned int count;
	/* The players in the order in which they go. */
	const char *expected;
};

#define LOW	D3DDDI_ALLOCATIONPRIORITY_LOW
#define HIGH	D3DDDI_ALLOCATIONPRIORITY_HIGH
#define MINIMUM	D3DDDI_ALLOCATIONPRIORITY_MINIMUM
#define MAXIMUM	D3DDDI_ALLOCATIONPRIORITY_MAXIMUM

static const struct order orders[] = {
	{ "the oldest first", { {}, {}, {} }, 3, "012" },
	{ "a lower priority first", { { .priority = HIGH }, {}, { .priority = LOW } }, 3, "210" },
	{ "priorities one apart", { { .priority = 101 }, { .priority = 100 } }, 2, "10" },
	{ "offered low, normal, high", { { OFFERED_HIGH }, { OFFERED_NORMAL }, { OFFERED_LOW } },
	  3, "210" },
	{ "offered before unreferenced", { {}, { OFFERED_HIGH } }, 2, "10" },
	{ "unreferenced before required", { { WITHIN_BUDGET }, {} }, 2, "10" },
	{ "over budget before within", { { WITHIN_BUDGET }, { OVER_BUDGET } }, 2, "10" },
	{ "unreferenced before over budget", { { OVER_BUDGET }, {} }, 2, "10" },
	{ "an offer counts more than priority",
	  { { UNREFERENCED, MINIMUM }, { OFFERED_HIGH, MAXIMUM } }, 2, "10" },
	{ "a requirement counts more than priority",
	  { { WITHIN_BUDGET, MINIMUM }, { UNREFERENCED, MAXIMUM } }, 2, "10" },
	{ "a budget counts more than priority",
	  { { WITHIN_BUDGET, MINIMUM }, { OVER_BUDGET, MAXIMUM } }, 2, "10" },
	{ "all of them",
	  { { WITHIN_BUDGET }, { OVER_BUDGET }, {}, { OFFERED_HIGH }, { OFFERED_NORMAL },
	    { OFFERED_LOW } }, 6, "543210" },
};

/**
 * struct game - the players in the local segment
 * @rig: the rig
 * @modest: a client within its budget
 * @greedy: one over its budget
 * @allocs: the players' allocations
 * @counts: how often each is required
 * @num: how many
 */
struct game {
	struct rig *rig;
	struct vidmm_client *modest;
	struct vidmm_client *greedy;
	struct vidmm_alloc *allocs[MAX_PLAYERS];
	u32 counts[MAX_PLAYERS];
	unsigned int num;
};

static struct vidmm_client *client_for(struct game *game, enum kind kind)
{
	return kind == OVER_BUDGET ? game->greedy : game->modest;
}

static void enter(struct game *game, const struct player *player)
{
	struct kunit *test = game->rig->test;
	struct vidmm_client *client = client_for(game, player->kind);
	unsigned int i = game->num++;
	struct vidmm_ref ref = { .count = &game->counts[i] };
	u64 trim;

	ref.alloc = rig_alloc_in(client, 1, LOCAL_ONLY, 0);
	game->allocs[i] = ref.alloc;
	KUNIT_ASSERT_EQ(test, vidmm_populate(ref.alloc), STATUS_SUCCESS);
	spin_lock(&game->rig->mm.lock);
	vidmm_touch(ref.alloc);
	spin_unlock(&game->rig->mm.lock);
	if (player->priority)
		vidmm_set_priority(ref.alloc, player->priority);
	switch (player->kind) {
	case OFFERED_LOW:
		vidmm_offer(ref.alloc, D3DKMT_OFFER_PRIORITY_LOW, false);
		break;
	case OFFERED_NORMAL:
		vidmm_offer(ref.alloc, D3DKMT_OFFER_PRIORITY_NORMAL, false);
		break;
	case OFFERED_HIGH:
		vidmm_offer(ref.alloc, D3DKMT_OFFER_PRIORITY_HIGH, false);
		break;
	case WITHIN_BUDGET:
	case OVER_BUDGET:
		KUNIT_ASSERT_EQ(test, vidmm_require(client, &ref, 1, true, &trim),
				STATUS_SUCCESS);
		break;
	case UNREFERENCED:
		break;
	}
}

static void leave(struct game *game)
{
	struct vidmm_ref ref;
	unsigned int i;

	for (i = 0; i < game->num; i++) {
		ref.alloc = game->allocs[i];
		ref.count = &game->counts[i];
		vidmm_forget(ref.alloc->client, &ref);
		vidmm_alloc_put(ref.alloc);
	}
}

static struct game *new_game(struct kunit *test)
{
	struct game *game = kunit_kzalloc(test, sizeof(*game), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, game);
	game->rig = test->priv;
	game->modest = rig_client(game->rig);
	game->greedy = rig_client(game->rig);
	return game;
}

/* The next victim; -1 if there is none. */
static int victim(struct game *game, u64 before, bool force)
{
	struct vidmm_alloc *alloc;
	int i;

	spin_lock(&game->rig->mm.lock);
	alloc = vidmm_victim(&game->rig->mm, VIDMM_LOCAL, before, force);
	spin_unlock(&game->rig->mm.lock);
	if (!alloc)
		return -1;
	for (i = 0; i < game->num; i++)
		if (game->allocs[i] == alloc)
			return i;
	KUNIT_FAIL(game->rig->test, "a stranger");
	return -1;
}

/* Make the greedy client require more than its budget, and the modest one need its share. */
static void set_demand(struct game *game)
{
	spin_lock(&game->rig->mm.lock);
	vidmm_demand_changed(game->greedy, VIDMM_GROUP_LOCAL, RIG_LOCAL);
	vidmm_demand_changed(game->modest, VIDMM_GROUP_LOCAL, 1);
	spin_unlock(&game->rig->mm.lock);
}

static void reset_demand(struct game *game)
{
	spin_lock(&game->rig->mm.lock);
	vidmm_demand_changed(game->greedy, VIDMM_GROUP_LOCAL, -(long)RIG_LOCAL);
	vidmm_demand_changed(game->modest, VIDMM_GROUP_LOCAL, -1);
	spin_unlock(&game->rig->mm.lock);
}

static void victims_go_in_order(struct kunit *test)
{
	const struct order *order = test->param_value;
	struct game *game = new_game(test);
	unsigned int i;

	for (i = 0; i < order->count; i++)
		enter(game, &order->players[i]);
	set_demand(game);
	for (i = 0; i < order->count; i++) {
		int next = victim(game, U64_MAX, true);

		KUNIT_EXPECT_EQ_MSG(test, next, order->expected[i] - '0', "victim %u", i);
		if (next < 0)
			break;
		/* Who is pinned is passed over. */
		KUNIT_EXPECT_EQ(test, vidmm_pin(game->allocs[next]), STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ_MSG(test, victim(game, U64_MAX, true), -1, "nobody is left");
	for (i = 0; i < order->count; i++)
		vidmm_unpin(game->allocs[i]);
	reset_demand(game);
	leave(game);
}

KUNIT_ARRAY_PARAM_DESC(order, orders, desc);

static void only_force_takes_from_who_is_within_budget(struct kunit *test)
{
	static const struct player player = { WITHIN_BUDGET };
	struct game *game = new_game(test);

	enter(game, &player);
	KUNIT_EXPECT_EQ(test, victim(game, U64_MAX, false), -1);
	KUNIT_EXPECT_EQ(test, victim(game, U64_MAX, true), 0);
	leave(game);
}

static void who_was_used_since_stays(struct kunit *test)
{
	static const struct player player = {};
	struct game *game = new_game(test);
	u64 before;

	enter(game, &player);
	enter(game, &player);
	before = vidmm_new_stamp(&game->rig->mm);
	spin_lock(&game->rig->mm.lock);
	vidmm_touch(game->allocs[0]);
	spin_unlock(&game->rig->mm.lock);
	KUNIT_EXPECT_EQ(test, victim(game, before, true), 1);
	KUNIT_EXPECT_EQ(test, vidmm_pin(game->allocs[1]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, victim(game, before, true), -1);
	KUNIT_EXPECT_EQ(test, victim(game, U64_MAX, true), 0);
	vidmm_unpin(game->allocs[1]);
	leave(game);
}

/* What becomes of the content */

static void *content_of(struct vidmm_alloc *alloc)
{
	return page_address(pfn_to_page(vidmm_pfn(alloc, 0)));
}

static void evicted_content_comes_back(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *old = rig_alloc_in(client, 4, LOCAL_ONLY, 0);
	struct vidmm_alloc *new = rig_alloc_in(client, RIG_LOCAL, LOCAL_ONLY, 0);

	KUNIT_ASSERT_EQ(test, vidmm_populate(old), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, old->segment, VIDMM_LOCAL);
	strscpy(content_of(old), "content", PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(new, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, new->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, old->segment, VIDMM_SYSTEM);
	KUNIT_EXPECT_STREQ(test, content_of(old), "content");
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), RIG_LOCAL);
	KUNIT_EXPECT_EQ(test, client->evicted, 4);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(old, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, old->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, new->segment, VIDMM_SYSTEM);
	KUNIT_EXPECT_STREQ(test, content_of(old), "content");
	vidmm_alloc_put(old);
	vidmm_alloc_put(new);
}

static void failed_eviction_leaves_everything(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *old = rig_alloc_in(client, 4, LOCAL_ONLY, 0);
	struct vidmm_alloc *new = rig_alloc_in(client, RIG_LOCAL, LOCAL_ONLY, 0);

	KUNIT_ASSERT_EQ(test, vidmm_populate(old), STATUS_SUCCESS);
	strscpy(content_of(old), "content", PAGE_SIZE);
	mock_backend_fail(rig->aperture, 1, ULONG_MAX, -ENOMEM);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(new, U64_MAX, 0), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, old->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, new->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_STREQ(test, content_of(old), "content");
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_LOCAL].used, 4);
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_SYSTEM].used, 0);
	KUNIT_EXPECT_EQ(test, rig->mm.busy, 0);
	vidmm_alloc_put(old);
	vidmm_alloc_put(new);
}

struct discard {
	const char *desc;
	bool may_decommit;
	/* Somebody commits what was given up. */
	bool taken;
	u32 result;
};

static const struct discard discards[] = {
	{ "discarded", false, false, D3DDDI_RECLAIM_RESULT_DISCARDED },
	{ "decommitted", true, false, D3DDDI_RECLAIM_RESULT_DISCARDED },
	{ "decommitted, and nothing is left to commit", true, true,
	  D3DDDI_RECLAIM_RESULT_NOT_COMMITTED },
};

static void offered_content_is_given_up(struct kunit *test)
{
	const struct discard *c = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *old = rig_alloc_in(client, 4, LOCAL_ONLY, 0);
	struct vidmm_alloc *new = rig_alloc_in(client, RIG_LOCAL, LOCAL_ONLY, 0);
	unsigned long rest = RIG_COMMIT - RIG_LOCAL;
	u32 result = 99;

	KUNIT_ASSERT_EQ(test, vidmm_populate(old), STATUS_SUCCESS);
	vidmm_offer(old, D3DKMT_OFFER_PRIORITY_LOW, c->may_decommit);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(new, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, old->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(rig->aperture), 0, "nothing was saved");
	KUNIT_EXPECT_EQ(test, client->commit, RIG_LOCAL + (c->may_decommit ? 0 : 4));
	if (c->taken)
		KUNIT_EXPECT_EQ(test, vidmm_commit(client, rest, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_reclaim(old, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, result, c->result);
	KUNIT_EXPECT_EQ(test, !!old->offer, c->taken);
	KUNIT_EXPECT_EQ(test, client->commit,
			RIG_LOCAL + (c->taken ? rest : 4));
	if (c->taken)
		vidmm_uncommit(client, rest, 1);
	vidmm_alloc_put(old);
	vidmm_alloc_put(new);
}

KUNIT_ARRAY_PARAM_DESC(discard, discards, desc);

static struct kunit_case victim_cases[] = {
	KUNIT_CASE_PARAM(victims_go_in_order, order_gen_params),
	KUNIT_CASE(only_force_takes_from_who_is_within_budget),
	KUNIT_CASE(who_was_used_since_stays),
	KUNIT_CASE(evicted_content_comes_back),
	KUNIT_CASE(failed_eviction_leaves_everything),
	KUNIT_CASE_PARAM(offered_content_is_given_up, discard_gen_params),
	{}
};

static struct kunit_suite victim_suite = {
	.name = "vdxg_victim",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = victim_cases,
};

kunit_test_suite(victim_suite);
