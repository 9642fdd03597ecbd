// SPDX-License-Identifier: GPL-2.0-only
/*
 * watch_test.c: what a client is told (kmod/vidmm/watch.c)
 */
#include <kunit/test.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "rig.h"
#include "vidmm/watch.h"

/* An interval that never ends. */
#define FOREVER	U32_MAX

static struct vidmm_watch *new_watch(struct kunit *test, struct vidmm_client *client,
				     unsigned int wants)
{
	struct vidmm_watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, watch);
	KUNIT_ASSERT_EQ(test, vidmm_set_trim_intervals(client->mm, FOREVER, FOREVER, FOREVER),
			STATUS_SUCCESS);
	vidmm_watch_init(watch, wants);
	KUNIT_ASSERT_TRUE(test, vidmm_watch_add(watch, client));
	return watch;
}

static void demand(struct vidmm_client *client, long pages)
{
	spin_lock(&client->mm->lock);
	vidmm_demand_changed(client, VIDMM_GROUP_LOCAL, pages);
	spin_unlock(&client->mm->lock);
}

static u32 take(struct vidmm_watch *watch, struct vidmm_notice *notice)
{
	vidmm_watches_flush(watch->client->mm);
	return vidmm_watch_take(watch, notice) ? notice->event : 0;
}

static void over_the_budget(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct vidmm_watch *watch = new_watch(test, client, VDXG_NOTIFY_TRIM);
	struct vidmm_notice notice;

	demand(client, RIG_LOCAL);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	/* the fair part of two is five pages; the other takes two of the ten */
	demand(other, 2);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), VDXG_NOTIFY_TRIM);
	KUNIT_EXPECT_EQ(test, notice.trim, D3DDDI_TRIM_TO_BUDGET);
	KUNIT_EXPECT_EQ(test, notice.bytes, 2 << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	/* less of it is no news, more is */
	demand(client, -1);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	demand(other, 1);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), VDXG_NOTIFY_TRIM);
	KUNIT_EXPECT_EQ(test, notice.bytes, 2 << PAGE_SHIFT);
	/* what has passed before it is taken is not told */
	demand(other, 1);
	vidmm_watches_flush(&rig->mm);
	demand(other, -4);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	demand(client, 1 - (long)RIG_LOCAL);
	vidmm_watch_end(watch);
	vidmm_watches_end(&rig->mm);
}

static void budgets(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct vidmm_watch *watch = new_watch(test, client, VDXG_NOTIFY_BUDGET_LOCAL);
	struct vidmm_notice notice;

	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	demand(other, 3);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), VDXG_NOTIFY_BUDGET_LOCAL);
	KUNIT_EXPECT_EQ(test, notice.bytes, (RIG_LOCAL - 3) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, notice.trim, 0);
	/* a fault on its way to the reader */
	vidmm_watch_put_back(watch, &notice);
	demand(other, 1);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), VDXG_NOTIFY_BUDGET_LOCAL);
	KUNIT_EXPECT_EQ(test, notice.bytes, (RIG_LOCAL - 4) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	KUNIT_EXPECT_EQ(test, vidmm_reserve(other, VIDMM_GROUP_NON_LOCAL, PAGE_SIZE),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, take(watch, &notice), 0);
	demand(other, -4);
	vidmm_watch_end(watch);
	vidmm_watches_end(&rig->mm);
}

/* Each client has a demand of its own; what nobody watches costs nothing. */
static void ends(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_watch *watch = new_watch(test, client, VDXG_NOTIFY_ALL), *late;
	struct vidmm_notice notice;
	bool ended;

	vidmm_set_budget(client, VIDMM_GROUP_LOCAL, PAGE_SIZE);
	vidmm_watches_flush(&rig->mm);
	vidmm_remove(&rig->mm);
	KUNIT_EXPECT_TRUE(test, vidmm_watch_ready(watch, &ended));
	KUNIT_EXPECT_TRUE(test, ended);
	KUNIT_EXPECT_TRUE(test, vidmm_watch_take(watch, &notice));
	KUNIT_EXPECT_EQ(test, notice.event, VDXG_NOTIFY_BUDGET_LOCAL);
	KUNIT_EXPECT_FALSE(test, vidmm_watch_ready(watch, &ended));
	/* who comes after that has ended already */
	late = new_watch(test, client, VDXG_NOTIFY_TRIM);
	KUNIT_EXPECT_FALSE(test, vidmm_watch_ready(late, &ended));
	KUNIT_EXPECT_TRUE(test, ended);
	vidmm_watch_end(late);
	vidmm_watch_end(watch);
	KUNIT_EXPECT_TRUE(test, list_empty(&rig->mm.watches));
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&rig->mm.watch_work));
}

static void intervals(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, vidmm_set_trim_intervals(&rig->mm, 0, 1, 1),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vidmm_set_trim_intervals(&rig->mm, 2, 1, 1),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vidmm_set_trim_intervals(&rig->mm, 1, 1, 0),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vidmm_set_trim_intervals(&rig->mm, 10000000, 20000000, U32_MAX),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, rig->mm.trim_min, HZ);
	KUNIT_EXPECT_EQ(test, rig->mm.trim_max, 2 * HZ);
	/* never less than a tick */
	KUNIT_EXPECT_EQ(test, vidmm_set_trim_intervals(&rig->mm, 1, 1, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, rig->mm.trim_min, 1);
}

static struct kunit_case watch_cases[] = {
	KUNIT_CASE(over_the_budget),
	KUNIT_CASE(budgets),
	KUNIT_CASE(ends),
	KUNIT_CASE(intervals),
	{}
};

static struct kunit_suite watch_suite = {
	.name = "vdxg_watch",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = watch_cases,
};

kunit_test_suite(watch_suite);
