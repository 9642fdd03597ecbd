// SPDX-License-Identifier: GPL-2.0-only
/*
 * run_test.c: contiguous places, and properties that change (kmod/vidmm/run.c, property.c)
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "vidmm/place.h"
#include "vidmm/run.h"

#define PAGES		200UL
#define PLAYERS		40
#define STEPS		4000

#define SET_PHYSICAL	D3DDDI_UPDATEALLOC_SET_ACCESSED_PHYSICALLY
#define SET_SUPPORTED	D3DDDI_UPDATEALLOC_SET_SUPPORTED_SEGMENT_SET
#define SET_PREFERRED	D3DDDI_UPDATEALLOC_SET_PREFERRED_SEGMENT
#define SET_UNMOVEABLE	D3DDDI_UPDATEALLOC_SET_UNMOVEABLE

#define LOCAL_ONLY	BIT(VIDMM_LOCAL - 1)
#define APERTURE_ONLY	BIT(VIDMM_APERTURE - 1)

/**
 * struct field - a segment of runs, and what a bitmap says of it
 * @segment: the segment
 * @used: its pages
 * @allocs: whose the runs are
 * @runs: those that have a place
 */
struct field {
	struct vidmm_segment segment;
	bool used[PAGES];
	struct vidmm_alloc allocs[PLAYERS];
	struct vidmm_run *runs[PLAYERS];
};

static void mark(struct kunit *test, struct field *field, const struct vidmm_run *run, bool used)
{
	unsigned long i;

	for (i = run->first; i < run->first + run->npages; i++) {
		KUNIT_ASSERT_LT(test, i, PAGES);
		KUNIT_ASSERT_NE(test, field->used[i], used);
		field->used[i] = used;
	}
}

/* The lowest place for a run, by trying all; PAGES if there is none. */
static unsigned long lowest(const struct field *field, unsigned long npages, unsigned long align)
{
	unsigned long first, i;

	for (first = 0; first + npages <= PAGES; first += align) {
		for (i = 0; i < npages && !field->used[first + i]; i++)
			;
		if (i == npages)
			return first;
	}
	return PAGES;
}

static void place(struct kunit *test, struct field *field, struct rnd_state *rnd, unsigned int i)
{
	struct vidmm_alloc *alloc = &field->allocs[i];
	unsigned long first;
	struct vidmm_run *run;

	alloc->npages = 1 + prandom_u32_state(rnd) % (prandom_u32_state(rnd) % 8 ? 16 : 100);
	alloc->order = prandom_u32_state(rnd) % 2 ? 0 : prandom_u32_state(rnd) % 6;
	run = vidmm_run_new(alloc);
	KUNIT_ASSERT_NOT_NULL(test, run);
	first = lowest(field, alloc->npages, 1UL << alloc->order);
	if (vidmm_run_place(&field->segment, run)) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(run->first, 1UL << alloc->order));
		if (!alloc->order)
			KUNIT_EXPECT_EQ(test, run->first, first);
		mark(test, field, run, true);
		field->runs[i] = run;
		return;
	}
	/* What cannot be had anywhere, or only where the gap just fits the alignment. */
	KUNIT_EXPECT_EQ(test, lowest(field, alloc->npages + (1UL << alloc->order) - 1, 1), PAGES);
	if (!alloc->order)
		KUNIT_EXPECT_EQ(test, first, PAGES);
	kfree(run);
}

static void take_away(struct kunit *test, struct field *field, unsigned int i)
{
	mark(test, field, field->runs[i], false);
	vidmm_run_remove(&field->segment, field->runs[i]);
	kfree(field->runs[i]);
	field->runs[i] = NULL;
}

static void runs_are_apart(struct kunit *test)
{
	struct field *field = kunit_kzalloc(test, sizeof(*field), GFP_KERNEL);
	u64 seed = get_random_u64();
	struct rnd_state rnd;
	unsigned int i, step;

	KUNIT_ASSERT_NOT_NULL(test, field);
	kunit_info(test, "seed 0x%llx", seed);
	prandom_seed_state(&rnd, seed);
	field->segment.capacity = PAGES;
	for (step = 0; step < STEPS; step++) {
		i = prandom_u32_state(&rnd) % PLAYERS;
		if (field->runs[i])
			take_away(test, field, i);
		else
			place(test, field, &rnd, i);
	}
	for (i = 0; i < PLAYERS; i++)
		if (field->runs[i])
			take_away(test, field, i);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&field->segment.runs));
}

/* Whatever the alignment, an empty segment can be filled. */
static void a_segment_can_be_filled(struct kunit *test)
{
	struct vidmm_segment segment = { .capacity = 10 };
	struct vidmm_alloc alloc = { .npages = 10, .order = 19 };
	struct vidmm_run *run = vidmm_run_new(&alloc);

	KUNIT_ASSERT_NOT_NULL(test, run);
	KUNIT_EXPECT_TRUE(test, vidmm_run_place(&segment, run));
	KUNIT_EXPECT_EQ(test, run->first, 0);
	vidmm_run_remove(&segment, run);
	segment.capacity = 9;
	KUNIT_EXPECT_FALSE(test, vidmm_run_place(&segment, run));
	kfree(run);
}

/* ---- properties ---- */

/**
 * struct thing - an allocation that a device may require
 * @ref: its binding
 * @count: how often it is required
 */
struct thing {
	struct vidmm_ref ref;
	u32 count;
};

static void make(struct kunit *test, struct thing *thing, struct vidmm_client *client,
		 unsigned long npages, u8 supported)
{
	thing->count = 0;
	thing->ref.alloc = rig_alloc_in(client, npages, supported, 0);
	thing->ref.count = &thing->count;
}

static int change(struct thing *thing, u32 mask, u32 supported, u32 preferred, u32 flags)
{
	struct vidmm_properties properties = {
		.mask = mask,
		.supported = supported,
		.preferred = preferred,
		.flags = flags,
	};

	return vidmm_set_properties(thing->ref.alloc->client, &thing->ref, &properties, 0);
}

static void make_physical(struct kunit *test, struct thing *thing)
{
	KUNIT_ASSERT_EQ(test, change(thing, SET_PHYSICAL, 0, 0,
				     D3DDDI_UPDATEALLOC_ACCESSED_PHYSICALLY), STATUS_SUCCESS);
}

static void bring(struct kunit *test, struct thing *thing)
{
	struct vidmm_alloc *alloc = thing->ref.alloc;
	u64 trim;

	KUNIT_ASSERT_EQ(test, vidmm_require(alloc->client, &thing->ref, 1, true, &trim),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(alloc, U64_MAX, 0), STATUS_SUCCESS);
}

static void unmake(struct thing *thing)
{
	vidmm_forget(thing->ref.alloc->client, &thing->ref);
	vidmm_alloc_put(thing->ref.alloc);
}

static void a_failed_move_changes_nothing(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct thing thing;

	make(test, &thing, client, 3, LOCAL_ONLY);
	bring(test, &thing);
	/* It tries once more with force. */
	mock_backend_fail(rig->aperture, 1, 2, -ENOMEM);
	KUNIT_EXPECT_EQ(test, change(&thing, SET_SUPPORTED | SET_PHYSICAL, APERTURE_ONLY, 0,
				     D3DDDI_UPDATEALLOC_ACCESSED_PHYSICALLY), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->supported, LOCAL_ONLY);
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->flags, 0);
	KUNIT_EXPECT_EQ(test, vidmm_offset(thing.ref.alloc), VIDMM_NO_RUN);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 3);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_NON_LOCAL], 0);
	KUNIT_EXPECT_EQ(test, rig->mm.segments[VIDMM_APERTURE].used, 0);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&rig->mm.segments[VIDMM_APERTURE].runs));
	KUNIT_EXPECT_EQ(test, change(&thing, SET_SUPPORTED, APERTURE_ONLY, 0, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->segment, VIDMM_APERTURE);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 0);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_NON_LOCAL], 3);
	unmake(&thing);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_NON_LOCAL], 0);
}

/* Another's device requires it too: it counts where it counted, until nobody does. */
static void others_keep_what_they_count(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct thing thing;
	struct vidmm_ref theirs;
	u32 count = 0;
	u64 trim;

	make(test, &thing, client, 2, 0);
	bring(test, &thing);
	theirs.alloc = thing.ref.alloc;
	theirs.count = &count;
	KUNIT_ASSERT_EQ(test, vidmm_require(other, &theirs, 1, true, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, change(&thing, SET_SUPPORTED, APERTURE_ONLY, 0, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->segment, VIDMM_APERTURE);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 2);
	KUNIT_EXPECT_EQ(test, other->demand[VIDMM_GROUP_LOCAL], 2);
	vidmm_forget(other, &theirs);
	vidmm_forget(client, &thing.ref);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 0);
	KUNIT_EXPECT_EQ(test, other->demand[VIDMM_GROUP_LOCAL], 0);
	bring(test, &thing);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_NON_LOCAL], 2);
	unmake(&thing);
}

static void only_runs_go_for_a_run(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct thing things[4], last;
	unsigned int i;

	/* 0-1, 2-3, 4-5 are runs, and two pages are anywhere; then 0-1 and 4-5 go */
	for (i = 0; i < 4; i++) {
		make(test, &things[i], client, 2, LOCAL_ONLY);
		if (i < 3)
			make_physical(test, &things[i]);
		bring(test, &things[i]);
	}
	KUNIT_EXPECT_EQ(test, vidmm_offset(things[2].ref.alloc), 4);
	KUNIT_EXPECT_EQ(test, vidmm_offset(things[3].ref.alloc), VIDMM_NO_RUN);
	unmake(&things[0]);
	unmake(&things[2]);
	/* six pages are free, and only six in a row from 4 on */
	make(test, &last, client, 6, LOCAL_ONLY);
	make_physical(test, &last);
	bring(test, &last);
	KUNIT_EXPECT_EQ(test, vidmm_offset(last.ref.alloc), 4);
	KUNIT_EXPECT_EQ(test, things[1].ref.alloc->segment, VIDMM_LOCAL);
	unmake(&last);
	/* with a run in the way, it is that which goes, not the older one that is nowhere */
	make(test, &last, client, 6, LOCAL_ONLY);
	make_physical(test, &last);
	make(test, &things[0], client, 2, LOCAL_ONLY);
	make_physical(test, &things[0]);
	bring(test, &things[0]);
	KUNIT_EXPECT_EQ(test, vidmm_offset(things[0].ref.alloc), 0);
	vidmm_forget(client, &things[1].ref);
	vidmm_forget(client, &things[3].ref);
	bring(test, &last);
	KUNIT_EXPECT_EQ(test, last.ref.alloc->segment, VIDMM_LOCAL);
	unmake(&last);
	unmake(&things[0]);
	unmake(&things[1]);
	unmake(&things[3]);
}

static void a_run_comes_and_goes(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_segment *local = &rig->mm.segments[VIDMM_LOCAL];
	struct thing thing;

	make(test, &thing, client, 4, 0);
	bring(test, &thing);
	make_physical(test, &thing);
	KUNIT_EXPECT_EQ(test, vidmm_offset(thing.ref.alloc), 0);
	/* in system memory it has none */
	KUNIT_EXPECT_EQ(test, vidmm_claim(thing.ref.alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_move_out(thing.ref.alloc), STATUS_SUCCESS);
	vidmm_release(thing.ref.alloc);
	KUNIT_EXPECT_EQ(test, vidmm_offset(thing.ref.alloc), VIDMM_NO_RUN);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&local->runs));
	KUNIT_EXPECT_EQ(test, vidmm_page_in(thing.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_offset(thing.ref.alloc), 0);
	KUNIT_EXPECT_EQ(test, change(&thing, SET_PHYSICAL, 0, 0, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_offset(thing.ref.alloc), VIDMM_NO_RUN);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&local->runs));
	KUNIT_EXPECT_EQ(test, thing.ref.alloc->segment, VIDMM_LOCAL);
	unmake(&thing);
}

static void the_unmoveable_stay_within_the_share(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct thing kept, more;
	struct vidmm_alloc *victim;

	/* the fair part of two is five pages */
	make(test, &kept, client, 3, LOCAL_ONLY);
	make(test, &more, client, 3, LOCAL_ONLY);
	bring(test, &kept);
	KUNIT_EXPECT_EQ(test, change(&kept, SET_UNMOVEABLE, 0, 0, D3DDDI_UPDATEALLOC_UNMOVEABLE),
			STATUS_SUCCESS);
	spin_lock(&rig->mm.lock);
	victim = vidmm_victim(&rig->mm, VIDMM_LOCAL, U64_MAX, true);
	spin_unlock(&rig->mm.lock);
	KUNIT_EXPECT_NULL(test, victim);
	bring(test, &more);
	spin_lock(&rig->mm.lock);
	victim = vidmm_victim(&rig->mm, VIDMM_LOCAL, U64_MAX, true);
	spin_unlock(&rig->mm.lock);
	KUNIT_EXPECT_PTR_EQ(test, victim, kept.ref.alloc);
	/* removing the device takes it too */
	vidmm_remove(&rig->mm);
	KUNIT_EXPECT_EQ(test, kept.ref.alloc->segment, VIDMM_NOWHERE);
	unmake(&kept);
	unmake(&more);
	KUNIT_EXPECT_EQ(test, other->demand[VIDMM_GROUP_LOCAL], 0);
}

/* ---- required while it is on the way out ---- */

static struct thing on_its_way;
static int status_meanwhile;

static void require_it(struct mock_backend *mock)
{
	struct vidmm_alloc *alloc = on_its_way.ref.alloc;
	u64 trim;

	mock->during_get = NULL;
	vidmm_require(alloc->client, &on_its_way.ref, 1, true, &trim);
	status_meanwhile = vidmm_page_in(alloc, U64_MAX, VIDMM_NOWAIT);
}

/* It is still seen where it was, but nobody may be told that it is there. */
static void required_on_the_way_out(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);

	make(test, &on_its_way, client, 2, LOCAL_ONLY);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(on_its_way.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	rig->aperture->during_get = require_it;
	KUNIT_EXPECT_EQ(test, vidmm_page_out(on_its_way.ref.alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, status_meanwhile, STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, on_its_way.ref.alloc->segment, VIDMM_SYSTEM);
	unmake(&on_its_way);
}

/* An Evict that is refused leaves the order of victims as it was. */
static void a_refused_evict_is_no_use(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct thing older, newer;
	struct vidmm_ref refs[2];

	make(test, &older, client, 1, LOCAL_ONLY);
	make(test, &newer, client, 1, LOCAL_ONLY);
	bring(test, &older);
	bring(test, &newer);
	refs[0] = older.ref;
	refs[1] = older.ref;
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, refs, 2, true), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, older.count, 1);
	KUNIT_EXPECT_LT(test, older.ref.alloc->stamp, newer.ref.alloc->stamp);
	unmake(&older);
	unmake(&newer);
}

/* ---- pages that the kernel holds on to ---- */

static struct page *page_of(struct thing *thing)
{
	return pfn_to_page(vidmm_pfn(thing->ref.alloc, 0));
}

/* Direct input into a page of it is under way: a copy would miss what comes. */
static void what_is_held_is_not_copied(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct thing held, other;
	struct page *page;

	make(test, &held, client, 6, LOCAL_ONLY);
	make(test, &other, client, 6, LOCAL_ONLY);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(held.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	page = page_of(&held);
	get_page(page);
	KUNIT_EXPECT_NE(test, vidmm_page_out(held.ref.alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, held.ref.alloc->segment, VIDMM_LOCAL);
	/* who needs its place does not get it, and does not try for ever */
	KUNIT_EXPECT_EQ(test, vidmm_page_in(other.ref.alloc, U64_MAX, 0), STATUS_NO_MEMORY);
	put_page(page);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(other.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, held.ref.alloc->segment, VIDMM_SYSTEM);
	unmake(&held);
	unmake(&other);
}

/* Nor is it swapped out; the next one is. */
static void what_is_held_is_passed_over(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct thing held, other;
	struct page *page;

	make(test, &held, client, 1, LOCAL_ONLY);
	make(test, &other, client, 1, LOCAL_ONLY);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(held.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(other.ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_page_out(held.ref.alloc, 0), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_page_out(other.ref.alloc, 0), STATUS_SUCCESS);
	page = page_of(&held);
	get_page(page);
	KUNIT_EXPECT_EQ(test, vidmm_swap_out(&rig->mm, 2), 1);
	KUNIT_EXPECT_EQ(test, held.ref.alloc->segment, VIDMM_SYSTEM);
	KUNIT_EXPECT_EQ(test, other.ref.alloc->segment, VIDMM_SWAPPED);
	put_page(page);
	KUNIT_EXPECT_EQ(test, vidmm_swap_out(&rig->mm, 2), 1);
	KUNIT_EXPECT_EQ(test, held.ref.alloc->segment, VIDMM_SWAPPED);
	unmake(&held);
	unmake(&other);
}

static struct kunit_case run_cases[] = {
	KUNIT_CASE(runs_are_apart),
	KUNIT_CASE(a_segment_can_be_filled),
	{}
};

static struct kunit_suite run_suite = {
	.name = "vdxg_run",
	.test_cases = run_cases,
};

static struct kunit_case property_cases[] = {
	KUNIT_CASE(a_failed_move_changes_nothing),
	KUNIT_CASE(others_keep_what_they_count),
	KUNIT_CASE(only_runs_go_for_a_run),
	KUNIT_CASE(a_run_comes_and_goes),
	KUNIT_CASE(the_unmoveable_stay_within_the_share),
	KUNIT_CASE(required_on_the_way_out),
	KUNIT_CASE(a_refused_evict_is_no_use),
	KUNIT_CASE(what_is_held_is_not_copied),
	KUNIT_CASE(what_is_held_is_passed_over),
	{}
};

static struct kunit_suite property_suite = {
	.name = "vdxg_property",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = property_cases,
};

kunit_test_suites(&run_suite, &property_suite);
