// SPDX-License-Identifier: GPL-2.0-only
/*
 * vidmm_test.c: descriptions, commitment, and where allocations get their memory (kmod/vidmm/)
 */
#include <kunit/test.h>

#include <d3dkmthk.h>

#include "rig.h"

#define LOCAL_ONLY	BIT(VIDMM_LOCAL - 1)
#define APERTURE_ONLY	BIT(VIDMM_APERTURE - 1)
#define BOTH		(LOCAL_ONLY | APERTURE_ONLY)

/* Descriptions */

struct desc_case {
	const char *desc;
	u64 bytes;
	u8 supported;
	u32 preferred;
	int status;
	/* What the sets become, where that is looked at. */
	u8 new_supported;
	u32 new_preferred;
	bool priority_0;
};

static const struct desc_case desc_cases[] = {
	{ "one byte, anywhere", 1, 0, 0, STATUS_SUCCESS, BOTH, RIG_PREFER(1, 2) },
	{ "no byte", 0, 0, 0, STATUS_INVALID_PARAMETER },
	{ "priority 0", 1, 0, 0, STATUS_INVALID_PARAMETER, .priority_0 = true },
	{ "local only", 1, LOCAL_ONLY, 0, STATUS_SUCCESS, LOCAL_ONLY },
	{ "aperture only", 1, APERTURE_ONLY, 0, STATUS_SUCCESS, APERTURE_ONLY },
	{ "a third segment", 1, 4, 0, STATUS_INVALID_PARAMETER },
	{ "the eighth segment besides", 1, BOTH | 0x80, 0, STATUS_INVALID_PARAMETER },
	{ "prefers the aperture", 1, 0, 2, STATUS_SUCCESS, BOTH, 2 },
	{ "prefers the aperture, then local", 1, 0, RIG_PREFER(2, 1), STATUS_SUCCESS, BOTH,
	  RIG_PREFER(2, 1) },
	{ "a preference in the last slot", 1, 0, 1 << 24, STATUS_SUCCESS, BOTH, 1 << 24 },
	{ "prefers segment 3", 1, 0, 3, STATUS_INVALID_PARAMETER },
	{ "prefers segment 3 in the last slot", 1, 0, 3 << 24, STATUS_INVALID_PARAMETER },
	{ "prefers segment 31", 1, 0, 31, STATUS_INVALID_PARAMETER },
	{ "prefers what it does not support", 1, LOCAL_ONLY, 2, STATUS_INVALID_PARAMETER },
	{ "prefers what it does not support, second", 1, LOCAL_ONLY, RIG_PREFER(1, 2),
	  STATUS_INVALID_PARAMETER },
	{ "bit 30 of the preference", 1, 0, 1 << 30, STATUS_INVALID_PARAMETER },
	{ "bit 31 of the preference", 1, 0, 1U << 31, STATUS_INVALID_PARAMETER },
	{ "as large as the aperture", RIG_APERTURE << PAGE_SHIFT, 0, 0, STATUS_SUCCESS },
	{ "a byte larger than the aperture", (RIG_APERTURE << PAGE_SHIFT) + 1, 0, 0,
	  STATUS_GRAPHICS_NO_VIDEO_MEMORY },
	{ "as large as the local segment, there only",
	  RIG_LOCAL << PAGE_SHIFT, LOCAL_ONLY, 0, STATUS_SUCCESS },
	{ "a byte larger than the local segment, there only",
	  (RIG_LOCAL << PAGE_SHIFT) + 1, LOCAL_ONLY, 0, STATUS_GRAPHICS_NO_VIDEO_MEMORY },
	{ "the greatest size", U64_MAX, 0, 0, STATUS_GRAPHICS_NO_VIDEO_MEMORY },
	{ "2^44 pages", 1ULL << 56, 0, 0, STATUS_GRAPHICS_NO_VIDEO_MEMORY },
};

static void description(struct kunit *test)
{
	const struct desc_case *c = test->param_value;
	struct vidmm_alloc_desc desc = {
		.bytes = c->bytes,
		.supported = c->supported,
		.preferred = c->preferred,
		.priority = c->priority_0 ? 0 : D3DDDI_ALLOCATIONPRIORITY_NORMAL,
	};
	struct rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, vidmm_desc_check(&rig->mm, &desc), c->status);
	KUNIT_EXPECT_EQ(test, desc.bytes, c->bytes);
	if (c->new_supported)
		KUNIT_EXPECT_EQ(test, desc.supported, c->new_supported);
	if (c->new_preferred)
		KUNIT_EXPECT_EQ(test, desc.preferred, c->new_preferred);
}

KUNIT_ARRAY_PARAM_DESC(desc, desc_cases, desc);

/* Commitment */

static void commit_limit_is_per_client(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *one = rig_client(rig), *two = rig_client(rig);

	KUNIT_EXPECT_EQ(test, vidmm_commit(one, RIG_COMMIT - 1, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_commit(one, 2, 1), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vidmm_commit(one, ULONG_MAX, 1), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, one->commit, RIG_COMMIT - 1);
	KUNIT_EXPECT_EQ(test, one->allocs, 1);
	KUNIT_EXPECT_EQ(test, vidmm_commit(one, 1, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, vidmm_commit(two, RIG_COMMIT, 3), STATUS_SUCCESS,
			    "what one has does not matter to another");
	KUNIT_EXPECT_EQ(test, rig->mm.commit, 2 * RIG_COMMIT);
	KUNIT_EXPECT_EQ(test, rig->mm.allocs, 5);
	vidmm_uncommit(one, RIG_COMMIT, 2);
	KUNIT_EXPECT_EQ(test, one->commit, 0);
	KUNIT_EXPECT_EQ(test, vidmm_commit(one, RIG_COMMIT, 1), STATUS_SUCCESS);
	vidmm_uncommit(one, RIG_COMMIT, 1);
	vidmm_uncommit(two, RIG_COMMIT, 3);
}

static void account_is_released_with_its_last_allocation(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *a = rig_alloc(client, 1), *b = rig_alloc(client, 2);

	rig_leave(rig, client);
	KUNIT_EXPECT_FALSE(test, rig_released(client));
	KUNIT_EXPECT_EQ(test, vidmm_populate(b), STATUS_SUCCESS);
	vidmm_alloc_put(a);
	KUNIT_EXPECT_FALSE(test, rig_released(client));
	refcount_inc(&b->refs);
	vidmm_alloc_put(b);
	KUNIT_EXPECT_FALSE(test, rig_released(client));
	vidmm_alloc_put(b);
	KUNIT_EXPECT_TRUE(test, rig_released(client));
}

static void account_without_allocations_is_released_at_once(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);

	vidmm_alloc_put(rig_alloc(client, 1));
	KUNIT_EXPECT_FALSE(test, rig_released(client));
	rig_leave(rig, client);
	KUNIT_EXPECT_TRUE(test, rig_released(client));
}

/* Where memory comes from */

struct place {
	const char *desc;
	unsigned long npages;
	u8 supported;
	u32 preferred;
	/* Pages taken before. */
	unsigned long local_used;
	unsigned long aperture_used;
	/* Gets that fail, and with what. */
	unsigned long local_fails;
	unsigned long aperture_fails;
	int err;
	int status;
	u8 segment;
};

static const struct place places[] = {
	{ "anywhere: local", 3, .segment = VIDMM_LOCAL },
	{ "local only", 3, LOCAL_ONLY, .segment = VIDMM_LOCAL },
	{ "aperture only", 3, APERTURE_ONLY, 2, .segment = VIDMM_APERTURE },
	{ "prefers the aperture", 3, 0, 2, .segment = VIDMM_APERTURE },
	{ "prefers the aperture, then local", 3, 0, RIG_PREFER(2, 1), .segment = VIDMM_APERTURE },
	{ "prefers local in the last slot only", 3, 0, 1 << 24, .segment = VIDMM_LOCAL },
	{ "all of local", RIG_LOCAL, .segment = VIDMM_LOCAL },
	{ "the rest of local", 4, .local_used = RIG_LOCAL - 4, .segment = VIDMM_LOCAL },
	{ "a page more than the rest of local", 5, .local_used = RIG_LOCAL - 4,
	  .segment = VIDMM_APERTURE },
	{ "more than all of local", RIG_LOCAL + 1, .segment = VIDMM_APERTURE },
	{ "local full", 1, .local_used = RIG_LOCAL, .segment = VIDMM_APERTURE },
	{ "aperture full, which it prefers", 1, 0, 2, .aperture_used = RIG_APERTURE,
	  .segment = VIDMM_LOCAL },
	{ "local full, and nowhere else", 1, LOCAL_ONLY, .local_used = RIG_LOCAL,
	  .segment = VIDMM_SYSTEM },
	{ "both full", 2, .local_used = RIG_LOCAL, .aperture_used = RIG_APERTURE - 1,
	  .segment = VIDMM_SYSTEM },
	{ "the device is full", 3, .local_fails = 1, .err = -ENOSPC, .segment = VIDMM_APERTURE },
	{ "no memory for the device", 3, .local_fails = 1, .err = -ENOMEM,
	  .segment = VIDMM_APERTURE },
	{ "the device is full, and nowhere else", 3, LOCAL_ONLY, .local_fails = 1, .err = -ENOSPC,
	  .segment = VIDMM_SYSTEM },
	{ "both fail, system memory does not", 3, .local_fails = 1, .aperture_fails = 1,
	  .err = -ENOMEM, .segment = VIDMM_SYSTEM },
	{ "everything fails", 3, .local_fails = 1, .aperture_fails = 2, .err = -ENOMEM,
	  .status = STATUS_NO_MEMORY },
	{ "everything is full", 3, .local_fails = 1, .aperture_fails = 2, .err = -ENOSPC,
	  .status = STATUS_NO_MEMORY },
	{ "the device is gone", 3, .local_fails = 1, .err = -ENODEV,
	  .status = STATUS_DEVICE_REMOVED },
};

/* Take room in a segment; NULL for none. */
static struct vidmm_alloc *fill(struct rig *rig, struct vidmm_client *client, u8 supported,
				unsigned long npages)
{
	struct vidmm_alloc *alloc;

	if (!npages)
		return NULL;
	alloc = rig_alloc_in(client, npages, supported, 0);
	KUNIT_EXPECT_EQ(rig->test, vidmm_populate(alloc), STATUS_SUCCESS);
	return alloc;
}

static void populate(struct kunit *test)
{
	const struct place *place = test->param_value;
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *local = fill(rig, client, LOCAL_ONLY, place->local_used);
	struct vidmm_alloc *aperture = fill(rig, client, APERTURE_ONLY, place->aperture_used);
	struct vidmm_alloc *alloc = rig_alloc_in(client, place->npages, place->supported,
						 place->preferred);
	struct mock_backend *mock = place->segment == VIDMM_LOCAL ? rig->local : rig->aperture;
	unsigned long used[VIDMM_NUM_SEGMENTS] = {}, gets, i;

	mock_backend_fail(rig->local, 1, place->local_fails, place->err);
	mock_backend_fail(rig->aperture, 1, place->aperture_fails, place->err);
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), place->status);
	KUNIT_EXPECT_EQ(test, alloc->segment, place->segment);
	KUNIT_EXPECT_EQ(test, alloc->busy, 0);
	used[VIDMM_LOCAL] = place->local_used;
	used[VIDMM_APERTURE] = place->aperture_used;
	if (place->segment)
		used[place->segment] += place->npages;
	for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, rig->mm.segments[i].used, used[i], "segment %lu", i);
		KUNIT_EXPECT_EQ_MSG(test, client->used[i], used[i], "segment %lu", i);
	}
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->local), used[VIDMM_LOCAL]);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(rig->aperture),
			used[VIDMM_APERTURE] + used[VIDMM_SYSTEM]);
	if (place->segment) {
		gets = mock->gets;
		KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ_MSG(test, mock->gets, gets, "it has memory already");
	} else if (place->status == STATUS_NO_MEMORY) {
		KUNIT_EXPECT_EQ_MSG(test, vidmm_populate(alloc), STATUS_SUCCESS,
				    "what failed can be tried again");
	}
	vidmm_alloc_put(alloc);
	if (local)
		vidmm_alloc_put(local);
	if (aperture)
		vidmm_alloc_put(aperture);
}

KUNIT_ARRAY_PARAM_DESC(place, places, desc);

static void place_stays(struct kunit *test)
{
	struct vidmm_client *client = rig_client(test->priv);
	const struct vidmm_alloc_desc desc = {
		.bytes = PAGE_SIZE,
		.preferred = VIDMM_PREFER_LOCAL,
		.priority = D3DDDI_ALLOCATIONPRIORITY_NORMAL,
		.supported = VIDMM_SUPPORT_ALL,
	};
	struct vidmm_alloc *alloc = rig_alloc(client, 1);
	const struct vidmm_place *place;

	KUNIT_EXPECT_NULL_MSG(test, alloc->place, "it has never had memory");
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_SUCCESS);
	place = alloc->place;
	KUNIT_ASSERT_NOT_NULL(test, place);
	vidmm_unpopulate(alloc);
	KUNIT_EXPECT_EQ(test, alloc->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_PTR_EQ(test, alloc->place, place);
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, alloc->place, place);
	/* what becomes of a destroyed one that is created again */
	vidmm_alloc_empty(alloc);
	vidmm_alloc_init(alloc, client, &desc);
	KUNIT_EXPECT_PTR_EQ(test, alloc->place, place);
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, alloc->place, place);
	vidmm_alloc_put(alloc);
}

static struct kunit_case vidmm_cases[] = {
	KUNIT_CASE_PARAM(description, desc_gen_params),
	KUNIT_CASE(commit_limit_is_per_client),
	KUNIT_CASE(account_is_released_with_its_last_allocation),
	KUNIT_CASE(account_without_allocations_is_released_at_once),
	KUNIT_CASE_PARAM(populate, place_gen_params),
	KUNIT_CASE(place_stays),
	{}
};

static struct kunit_suite vidmm_suite = {
	.name = "vdxg_vidmm",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = vidmm_cases,
};

kunit_test_suite(vidmm_suite);
