// SPDX-License-Identifier: GPL-2.0-only
/*
 * hold_test.c: allocations that other drivers use (kmod/vidmm/hold.c), and memory of theirs
 */
#include <kunit/test.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "vidmm/place.h"

#define ANYWHERE	(BIT(VIDMM_LOCAL - 1) | BIT(VIDMM_APERTURE - 1))

static unsigned long demand(struct vidmm_client *client)
{
	return client->demand[VIDMM_GROUP_NON_LOCAL];
}

/* Where the content is when it is held first. */
struct place_case {
	const char *desc;
	unsigned int segment;
};

static const struct place_case places[] = {
	{ "from nowhere", VIDMM_NOWHERE },
	{ "from local memory", VIDMM_LOCAL },
	{ "from the aperture", VIDMM_APERTURE },
	{ "from system memory", VIDMM_SYSTEM },
};

KUNIT_ARRAY_PARAM_DESC(place, places, desc);

static void bring_to(struct kunit *test, struct vidmm_alloc *alloc, unsigned int segment)
{
	if (segment == VIDMM_NOWHERE)
		return;
	KUNIT_ASSERT_EQ(test, vidmm_populate(alloc), STATUS_SUCCESS);
	if (segment == VIDMM_SYSTEM)
		KUNIT_ASSERT_EQ(test, vidmm_page_out(alloc, 0), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, alloc->segment, segment);
}

static void held_in_the_aperture(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc;

	alloc = rig_alloc_in(client, 3, ANYWHERE, c->segment == VIDMM_APERTURE ?
			     RIG_PREFER(VIDMM_APERTURE, VIDMM_LOCAL) :
			     RIG_PREFER(VIDMM_LOCAL, VIDMM_APERTURE));
	bring_to(test, alloc, c->segment);
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_APERTURE);
	KUNIT_EXPECT_EQ(test, demand(client), 3);
	/* held twice it counts once */
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, VIDMM_IN_PLACE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, demand(client), 3);
	vidmm_unhold(alloc);
	/* nobody makes it leave */
	KUNIT_EXPECT_EQ(test, vidmm_page_out(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_APERTURE);
	spin_lock(&rig->mm.lock);
	KUNIT_EXPECT_NULL(test, vidmm_victim(&rig->mm, VIDMM_APERTURE, U64_MAX, true));
	spin_unlock(&rig->mm.lock);
	vidmm_unhold(alloc);
	KUNIT_EXPECT_EQ(test, demand(client), 0);
	spin_lock(&rig->mm.lock);
	KUNIT_EXPECT_PTR_EQ(test, vidmm_victim(&rig->mm, VIDMM_APERTURE, U64_MAX, true), alloc);
	spin_unlock(&rig->mm.lock);
	KUNIT_EXPECT_EQ(test, vidmm_page_out(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_SYSTEM);
	vidmm_alloc_put(alloc);
}

static void others_leave_for_it(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *full, *alloc = rig_alloc(client, 3);

	full = rig_alloc_in(client, RIG_APERTURE, BIT(VIDMM_APERTURE - 1), VIDMM_APERTURE);
	bring_to(test, full, VIDMM_APERTURE);
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, full->segment, VIDMM_SYSTEM);
	vidmm_unhold(alloc);
	vidmm_alloc_put(alloc);
	vidmm_alloc_put(full);
}

static void not_beyond_the_budget(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *most = rig_alloc(client, RIG_LOCAL), *rest = rig_alloc(client, RIG_LOCAL);
	struct vidmm_alloc *one = rig_alloc(client, 1);

	KUNIT_EXPECT_EQ(test, vidmm_hold(most, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_hold(rest, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, demand(client), RIG_APERTURE);
	KUNIT_EXPECT_EQ(test, vidmm_hold(one, 0), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, demand(client), RIG_APERTURE);
	KUNIT_EXPECT_EQ(test, one->segment, VIDMM_NOWHERE);
	vidmm_unhold(most);
	KUNIT_EXPECT_EQ(test, vidmm_hold(one, 0), STATUS_SUCCESS);
	vidmm_unhold(rest);
	vidmm_unhold(one);
	vidmm_alloc_put(one);
	vidmm_alloc_put(rest);
	vidmm_alloc_put(most);
}

static void no_memory_changes_nothing(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = rig_alloc(client, 3);

	bring_to(test, alloc, VIDMM_LOCAL);
	mock_backend_fail(rig->aperture, 1, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, alloc->holds, 0);
	KUNIT_EXPECT_EQ(test, demand(client), 0);
	/* below a lock nothing is copied out of a device's memory */
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, VIDMM_IN_PLACE), STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, demand(client), 0);
	vidmm_alloc_put(alloc);
}

static void offers_of_what_is_held(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = rig_alloc(client, 3);
	u32 result;

	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_SUCCESS);
	vidmm_offer(alloc, D3DKMT_OFFER_PRIORITY_LOW, true);
	spin_lock(&rig->mm.lock);
	KUNIT_EXPECT_NULL(test, vidmm_victim_offered(&rig->mm));
	KUNIT_EXPECT_EQ(test, rig->mm.offered, 0);
	spin_unlock(&rig->mm.lock);
	/* who has it already may have it once more, on offer or not */
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_SUCCESS);
	vidmm_unhold(alloc);
	vidmm_unhold(alloc);
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_INVALID_PARAMETER);
	spin_lock(&rig->mm.lock);
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_APERTURE].used, 3);
	spin_unlock(&rig->mm.lock);
	KUNIT_EXPECT_EQ(test, vidmm_reclaim(alloc, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, result, D3DDDI_RECLAIM_RESULT_OK);
	vidmm_alloc_put(alloc);
}

static void removed_adapter_leaves_it(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = rig_alloc(client, 3), *other = rig_alloc(client, 3);

	bring_to(test, other, VIDMM_LOCAL);
	bring_to(test, alloc, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, vidmm_hold(alloc, 0), STATUS_SUCCESS);
	vidmm_remove(&rig->mm);
	KUNIT_EXPECT_EQ(test, other->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_APERTURE);
	KUNIT_EXPECT_EQ(test, vidmm_hold(other, 0), STATUS_DEVICE_REMOVED);
	vidmm_unhold(alloc);
	vidmm_alloc_put(alloc);
	vidmm_alloc_put(other);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(held_in_the_aperture, place_gen_params),
	KUNIT_CASE(others_leave_for_it),
	KUNIT_CASE(not_beyond_the_budget),
	KUNIT_CASE(no_memory_changes_nothing),
	KUNIT_CASE(offers_of_what_is_held),
	KUNIT_CASE(removed_adapter_leaves_it),
	{}
};

static struct kunit_suite suite = {
	.name = "vdxg_hold",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
