// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules_test.c: the testable assertions about memory, by their numbers, on the manager alone (kmod/vidmm/)
 *
 * T20 to T27 are about residency, T30 to T34 about offers, T40 to T42 about priorities. What of them is about
 * the arguments of calls is in rules_calls_test.c.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "sched/fence.h"
#include "vidmm/paging.h"
#include "vidmm/place.h"
#include "vidmm/turn.h"

#define LOCAL_ONLY	BIT(VIDMM_LOCAL - 1)

static void *content_of(struct vidmm_alloc *alloc)
{
	return page_address(pfn_to_page(vidmm_pfn(alloc, 0)));
}

/* An allocation in the local segment with something in it. */
static struct vidmm_alloc *filled(struct rig *rig, struct vidmm_client *client,
				  unsigned long npages, const char *text)
{
	struct vidmm_alloc *alloc = rig_alloc_in(client, npages, LOCAL_ONLY, 0);

	KUNIT_ASSERT_EQ(rig->test, vidmm_page_in(alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(rig->test, alloc->segment, VIDMM_LOCAL);
	strscpy(content_of(alloc), text, PAGE_SIZE);
	return alloc;
}

/* Everything else leaves the local segment, as far as it may. */
static void press(struct rig *rig, struct vidmm_client *client, unsigned long npages)
{
	struct vidmm_alloc *all = rig_alloc_in(client, npages, LOCAL_ONLY, 0);

	KUNIT_EXPECT_EQ(rig->test, vidmm_page_in(all, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(rig->test, all->segment, VIDMM_LOCAL);
	vidmm_alloc_put(all);
}

static int require(struct vidmm_ref *refs, u32 count, bool to_maximum, u64 *to_trim)
{
	struct vidmm_client *client = refs[0].alloc->client;
	u64 before = vidmm_new_stamp(client->mm);
	int status = vidmm_require(client, refs, count, to_maximum, to_trim);

	return status ?: vidmm_page_in_list(refs, count, before, 0);
}

static void T20_two_make_resident_need_two_evict(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	u32 count = 0;
	struct vidmm_ref ref = { rig_alloc_in(client, 2, LOCAL_ONLY, 0), &count };
	u64 trim;

	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, count, 2);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ(test, ref.alloc->class, VIDMM_REQUIRED);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 2);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_SYSTEM);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 0);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, false), STATUS_INVALID_PARAMETER);
	vidmm_alloc_put(ref.alloc);
}

static void T21_over_budget_changes_nothing(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct vidmm_ref refs[3], theirs;
	u32 counts[3] = { 0, 1, 0 }, count = 0;
	unsigned int i;
	u64 trim = 0;

	/* The other requires its part, so there is as much for us. */
	theirs.alloc = rig_alloc_in(other, RIG_LOCAL / 2, LOCAL_ONLY, 0);
	theirs.count = &count;
	KUNIT_EXPECT_EQ(test, require(&theirs, 1, false, &trim), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		refs[i].alloc = rig_alloc_in(client, 2, LOCAL_ONLY, 0);
		refs[i].count = &counts[i];
	}
	counts[1] = 0;
	KUNIT_EXPECT_EQ(test, require(&refs[1], 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, require(refs, 3, false, &trim), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, trim, (u64)(6 - RIG_LOCAL / 2) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, counts[0], 0);
	KUNIT_EXPECT_EQ(test, counts[1], 1);
	KUNIT_EXPECT_EQ(test, counts[2], 0);
	KUNIT_EXPECT_EQ(test, client->demand[VIDMM_GROUP_LOCAL], 2);
	KUNIT_EXPECT_EQ(test, refs[0].alloc->segment, VIDMM_NOWHERE);
	for (i = 0; i < 3; i++) {
		vidmm_forget(client, &refs[i]);
		vidmm_alloc_put(refs[i].alloc);
	}
	vidmm_forget(other, &theirs);
	vidmm_alloc_put(theirs.alloc);
}

/* Others may run on the GPU between the promise and its fulfilment, and bring theirs back. */
static void granted_in_spite_of_turns(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	struct vidmm_ref ref, theirs;
	u32 count = 0, their_count = 0;
	u64 trim, before, pages;

	theirs.alloc = rig_alloc_in(other, RIG_LOCAL, LOCAL_ONLY, 0);
	theirs.count = &their_count;
	KUNIT_EXPECT_EQ(test, require(&theirs, 1, true, &trim), STATUS_SUCCESS);
	ref.alloc = rig_alloc_in(client, 2, LOCAL_ONLY, 0);
	ref.count = &count;
	before = vidmm_new_stamp(&rig->mm);
	KUNIT_EXPECT_EQ(test, vidmm_require(client, &ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_bring_back(other, &pages), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_page_in_list(&ref, 1, before, 0), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vidmm_page_in_granted(&ref, 1, before, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_LOCAL);
	vidmm_forget(client, &ref);
	vidmm_alloc_put(ref.alloc);
	vidmm_forget(other, &theirs);
	vidmm_alloc_put(theirs.alloc);
}

static void T22_to_the_maximum_and_not_beyond(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig), *other = rig_client(rig);
	u32 counts[2] = {}, count = 0;
	struct vidmm_ref refs[2], theirs;
	u64 trim = 0;

	theirs.alloc = rig_alloc_in(other, RIG_LOCAL / 2, 0, 0);
	theirs.count = &count;
	KUNIT_EXPECT_EQ(test, require(&theirs, 1, false, &trim), STATUS_SUCCESS);
	refs[0].alloc = rig_alloc_in(client, RIG_LOCAL, LOCAL_ONLY, 0);
	refs[0].count = &counts[0];
	refs[1].alloc = rig_alloc_in(client, 1, LOCAL_ONLY, 0);
	refs[1].count = &counts[1];
	KUNIT_EXPECT_EQ(test, require(refs, 1, false, &trim), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, require(refs, 1, true, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, refs[0].alloc->segment, VIDMM_LOCAL);
	KUNIT_EXPECT_EQ_MSG(test, theirs.alloc->segment, VIDMM_APERTURE, "demoted, not evicted");
	KUNIT_EXPECT_EQ(test, require(&refs[1], 1, true, &trim), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, trim, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, counts[1], 0);
	vidmm_forget(client, &refs[0]);
	vidmm_forget(other, &theirs);
	vidmm_alloc_put(refs[0].alloc);
	vidmm_alloc_put(refs[1].alloc);
	vidmm_alloc_put(theirs.alloc);
}

/* A pager with a queue, of which nothing is done until it is let go. */
struct paging {
	struct vdxg_fence_group group;
	struct vdxg_fence *fence;
	struct vidmm_pager *pager;
	struct vidmm_paging_queue *queue;
};

static struct paging *new_paging(struct kunit *test)
{
	struct paging *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	vdxg_fence_group_init(&p->group);
	p->fence = vdxg_fence_create(&p->group, 0, 0);
	p->pager = vidmm_pager_create();
	KUNIT_ASSERT_NOT_NULL(test, p->fence);
	KUNIT_ASSERT_NOT_NULL(test, p->pager);
	p->queue = vidmm_paging_queue_create(p->pager, p->fence, 0);
	KUNIT_ASSERT_NOT_NULL(test, p->queue);
	return p;
}

static void end_paging(struct paging *p)
{
	vidmm_paging_queue_put(p->queue);
	vidmm_pager_put(p->pager);
	vdxg_fence_put(p->fence);
	/* Whoever did the last operation still has the queue for a moment. */
	vidmm_paging_flush();
}

static void T23_pending_values_are_signalled_in_order(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct paging *p = new_paging(test);
	struct vidmm_ref refs[3];
	u32 counts[3] = {};
	u64 value = 0, trim;
	unsigned int i;

	vidmm_pager_hold(p->pager, true);
	for (i = 0; i < 3; i++) {
		refs[i].alloc = rig_alloc_in(client, 2, LOCAL_ONLY, 0);
		refs[i].count = &counts[i];
		KUNIT_EXPECT_EQ(test, vidmm_require(client, &refs[i], 1, false, &trim),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, vidmm_queue_page_in(p->queue, &refs[i], 1, &value),
				STATUS_PENDING);
		KUNIT_EXPECT_EQ_MSG(test, value, i + 1, "0 is no value to wait for");
	}
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(p->fence), 0);
	KUNIT_EXPECT_EQ(test, refs[0].alloc->segment, VIDMM_NOWHERE);
	vidmm_pager_hold(p->pager, false);
	KUNIT_EXPECT_EQ(test, vdxg_fence_wait(p->fence, value), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, refs[i].alloc->segment, VIDMM_LOCAL);
	end_paging(p);
	for (i = 0; i < 3; i++) {
		vidmm_forget(client, &refs[i]);
		vidmm_alloc_put(refs[i].alloc);
	}
}

/* Who was required again while he is evicted is not there: the one who evicts him has not looked yet. */
static void T23_success_is_not_for_what_somebody_moves(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_alloc *alloc = filled(rig, rig_client(rig), 2, "content");

	KUNIT_ASSERT_EQ(test, vidmm_claim(alloc, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(alloc, U64_MAX, VIDMM_NOWAIT), STATUS_PENDING);
	vidmm_release(alloc);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(alloc, U64_MAX, VIDMM_NOWAIT), STATUS_SUCCESS);
	/* Who only looks at it does not move it. */
	KUNIT_ASSERT_EQ(test, vidmm_pin(alloc), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(alloc, U64_MAX, VIDMM_NOWAIT), STATUS_SUCCESS);
	vidmm_unpin(alloc);
	vidmm_alloc_put(alloc);
}

static void T24_two_devices_count_for_themselves(struct kunit *test)
{
	struct rig *rig = test->priv;
	/* The second device is of another process, which has opened the allocation. */
	struct vidmm_client *creator = rig_client(rig), *opener = rig_client(rig);
	u32 ours = 0, theirs = 0;
	struct vidmm_ref one = { rig_alloc_in(creator, 2, LOCAL_ONLY, 0), &ours };
	struct vidmm_ref two = { one.alloc, &theirs };
	u64 trim;

	KUNIT_EXPECT_EQ(test, require(&one, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_require(opener, &two, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, one.alloc->required, 2);
	KUNIT_EXPECT_EQ(test, creator->demand[VIDMM_GROUP_LOCAL], 2);
	KUNIT_EXPECT_EQ(test, opener->demand[VIDMM_GROUP_LOCAL], 2);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(creator, &one, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, one.alloc->segment, VIDMM_LOCAL, "the other needs it");
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(creator, &one, 1, false), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, theirs, 1);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(opener, &two, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, one.alloc->segment, VIDMM_SYSTEM);
	vidmm_alloc_put(one.alloc);
}

static void T25_only_if_necessary_stays_until_it_is(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	u32 count = 0;
	struct vidmm_ref ref = { rig_alloc_in(client, 2, LOCAL_ONLY, 0), &count };
	u64 trim;

	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, true), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, ref.alloc->class, VIDMM_REQUIRED, "ignored above 0");
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, true), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_LOCAL);
	press(rig, client, RIG_LOCAL - 2);
	KUNIT_EXPECT_EQ_MSG(test, ref.alloc->segment, VIDMM_LOCAL, "there is room beside it");
	press(rig, client, RIG_LOCAL - 1);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_SYSTEM);
	vidmm_alloc_put(ref.alloc);
}

/* There is no second copy, so what was not written to is kept all the same (behaviour-memory.rst). */
static void T26_what_was_not_written_to_is_kept(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	u32 count = 0;
	struct vidmm_ref ref = { filled(rig, client, 2, "content"), &count };
	u64 trim;

	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_unrequire(client, &ref, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_SYSTEM);
	KUNIT_EXPECT_STREQ(test, content_of(ref.alloc), "content");
	vidmm_alloc_put(ref.alloc);
}

static int drain_main(void *data)
{
	return vidmm_paging_queue_drain(data);
}

static void T27_draining_a_queue_waits(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct paging *p = new_paging(test);
	struct rig_thread *thread;
	u32 count = 0;
	struct vidmm_ref ref = { rig_alloc_in(client, 2, LOCAL_ONLY, 0), &count };
	u64 value, trim;

	vidmm_pager_hold(p->pager, true);
	KUNIT_EXPECT_EQ(test, vidmm_require(client, &ref, 1, false, &trim), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_queue_page_in(p->queue, &ref, 1, &value), STATUS_PENDING);
	KUNIT_EXPECT_FALSE(test, vidmm_paging_queue_idle(p->queue));
	thread = rig_thread_start(test, drain_main, p->queue);
	/* Who waits stays on the queue, so this needs no barrier. */
	while (!waitqueue_active(&p->pager->wait))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_FALSE(test, rig_thread_done(thread));
	vidmm_pager_hold(p->pager, false);
	KUNIT_EXPECT_EQ(test, rig_thread_join(test, thread), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, vidmm_paging_queue_idle(p->queue));
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_LOCAL);
	end_paging(p);
	vidmm_forget(client, &ref);
	vidmm_alloc_put(ref.alloc);
}

static void T30_without_pressure_nothing_is_lost(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = filled(rig, client, 2, "content");
	u32 result = 99;

	vidmm_offer(alloc, D3DKMT_OFFER_PRIORITY_LOW, true);
	KUNIT_EXPECT_EQ(test, client->offered, 2);
	KUNIT_EXPECT_EQ(test, vidmm_reclaim(alloc, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, result, D3DDDI_RECLAIM_RESULT_OK);
	KUNIT_EXPECT_EQ(test, client->offered, 0);
	KUNIT_EXPECT_STREQ(test, content_of(alloc), "content");
	KUNIT_EXPECT_EQ_MSG(test, vidmm_reclaim(alloc, &result), STATUS_SUCCESS, "again");
	KUNIT_EXPECT_EQ(test, result, D3DDDI_RECLAIM_RESULT_OK);
	vidmm_alloc_put(alloc);
}

static void T31_pressure_discards_low_then_normal_then_high(struct kunit *test)
{
	static const u32 priorities[] = { D3DKMT_OFFER_PRIORITY_HIGH, D3DKMT_OFFER_PRIORITY_LOW,
					  D3DKMT_OFFER_PRIORITY_NORMAL };
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *allocs[3];
	unsigned int i, taken;
	u32 result;

	for (i = 0; i < 3; i++) {
		allocs[i] = filled(rig, client, 2, "content");
		vidmm_offer(allocs[i], priorities[i], false);
	}
	for (taken = 1; taken <= 3; taken++) {
		press(rig, client, RIG_LOCAL - 6 + 2 * taken);
		KUNIT_EXPECT_EQ(test, allocs[1]->segment, VIDMM_NOWHERE);
		KUNIT_EXPECT_EQ(test, allocs[2]->segment, taken < 2 ? VIDMM_LOCAL : VIDMM_NOWHERE);
		KUNIT_EXPECT_EQ(test, allocs[0]->segment, taken < 3 ? VIDMM_LOCAL : VIDMM_NOWHERE);
	}
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(rig->aperture), 0, "nothing was saved");
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, vidmm_reclaim(allocs[i], &result), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, result, D3DDDI_RECLAIM_RESULT_DISCARDED);
		KUNIT_EXPECT_EQ(test, vidmm_populate(allocs[i]), STATUS_SUCCESS);
		KUNIT_EXPECT_STREQ_MSG(test, content_of(allocs[i]), "", "empty");
		vidmm_alloc_put(allocs[i]);
	}
}

static void T32_no_memory_for_the_cpu_while_offered(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *alloc = filled(rig, client, 2, "content");
	u32 result;

	vidmm_offer(alloc, D3DKMT_OFFER_PRIORITY_LOW, false);
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_INVALID_PARAMETER);
	press(rig, client, RIG_LOCAL);
	KUNIT_EXPECT_EQ(test, vidmm_populate(alloc), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vidmm_reclaim(alloc, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, vidmm_populate(alloc), STATUS_SUCCESS, "without any fence");
	vidmm_alloc_put(alloc);
}

static void T34_what_is_offered_is_not_paged_in(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	u32 count = 0, result;
	struct vidmm_ref ref = { filled(rig, client, 2, "content"), &count };
	u64 trim;

	KUNIT_EXPECT_EQ(test, require(&ref, 1, false, &trim), STATUS_SUCCESS);
	vidmm_offer(ref.alloc, D3DKMT_OFFER_PRIORITY_NORMAL, false);
	press(rig, client, RIG_LOCAL);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_NOWHERE);
	KUNIT_EXPECT_EQ(test, vidmm_page_in(ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, ref.alloc->segment, VIDMM_NOWHERE, "it is on offer yet");
	KUNIT_EXPECT_EQ_MSG(test, count, 1, "an offer changes no count");
	KUNIT_EXPECT_EQ(test, vidmm_reclaim(ref.alloc, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, ref.alloc->segment, VIDMM_NOWHERE, "reclaiming brings nothing");
	KUNIT_EXPECT_EQ(test, vidmm_page_in(ref.alloc, U64_MAX, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ref.alloc->segment, VIDMM_LOCAL);
	vidmm_forget(client, &ref);
	vidmm_alloc_put(ref.alloc);
}

static void T40_priority_then_least_recently_used(struct kunit *test)
{
	static const u32 priorities[] = { D3DDDI_ALLOCATIONPRIORITY_NORMAL + 1,
					  D3DDDI_ALLOCATIONPRIORITY_NORMAL,
					  D3DDDI_ALLOCATIONPRIORITY_NORMAL,
					  D3DDDI_ALLOCATIONPRIORITY_NORMAL, U32_MAX };
	static const unsigned int order[] = { 2, 3, 1, 0, 4 };
	struct rig *rig = test->priv;
	struct vidmm_client *client = rig_client(rig);
	struct vidmm_alloc *allocs[5];
	unsigned int i;

	for (i = 0; i < 5; i++) {
		allocs[i] = filled(rig, client, RIG_LOCAL / 5, "content");
		vidmm_set_priority(allocs[i], priorities[i]);
		spin_lock(&rig->mm.lock);
		vidmm_touch(allocs[i]);
		spin_unlock(&rig->mm.lock);
	}
	/* Used once more. */
	spin_lock(&rig->mm.lock);
	vidmm_touch(allocs[1]);
	spin_unlock(&rig->mm.lock);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ_MSG(test, allocs[order[i]]->segment, VIDMM_LOCAL, "%u", i);
		press(rig, client, (i + 1) * (RIG_LOCAL / 5));
		KUNIT_EXPECT_EQ_MSG(test, allocs[order[i]]->segment, VIDMM_SYSTEM, "%u", i);
	}
	for (i = 0; i < 5; i++)
		vidmm_alloc_put(allocs[i]);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE(T20_two_make_resident_need_two_evict),
	KUNIT_CASE(T21_over_budget_changes_nothing),
	KUNIT_CASE(granted_in_spite_of_turns),
	KUNIT_CASE(T22_to_the_maximum_and_not_beyond),
	KUNIT_CASE(T23_pending_values_are_signalled_in_order),
	KUNIT_CASE(T23_success_is_not_for_what_somebody_moves),
	KUNIT_CASE(T24_two_devices_count_for_themselves),
	KUNIT_CASE(T25_only_if_necessary_stays_until_it_is),
	KUNIT_CASE(T26_what_was_not_written_to_is_kept),
	KUNIT_CASE(T27_draining_a_queue_waits),
	KUNIT_CASE(T30_without_pressure_nothing_is_lost),
	KUNIT_CASE(T31_pressure_discards_low_then_normal_then_high),
	KUNIT_CASE(T32_no_memory_for_the_cpu_while_offered),
	KUNIT_CASE(T34_what_is_offered_is_not_paged_in),
	KUNIT_CASE(T40_priority_then_least_recently_used),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "vdxg_rules",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = rules_cases,
};

kunit_test_suite(rules_suite);
