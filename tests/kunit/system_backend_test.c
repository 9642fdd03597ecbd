// SPDX-License-Identifier: GPL-2.0-only
/*
 * system_backend_test.c: ordinary pages as segment memory (kmod/backend/system.c)
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vmstat.h>

#include "backend/backend.h"

/* Pages one run of the tested backend may have. */
#define LIMIT	2000UL

static int system_backend_init(struct kunit *test)
{
	struct vdxg_backend *be = vdxg_system_backend_create(LIMIT);

	test->priv = be;
	return be ? 0 : -ENOMEM;
}

static void system_backend_exit(struct kunit *test)
{
	struct vdxg_backend *be = test->priv;

	if (be)
		be->ops->destroy(be);
}

static struct page *page_of(struct vdxg_backend *be, const struct vdxg_memory *mem,
			    unsigned long index)
{
	return pfn_to_page(be->ops->pfn(be, mem, index));
}

static void describes_itself(struct kunit *test)
{
	struct vdxg_backend *be = test->priv;

	KUNIT_EXPECT_EQ(test, be->limit, LIMIT);
	KUNIT_EXPECT_STREQ(test, be->ops->name, "system");
	KUNIT_EXPECT_TRUE(test, be->ops->pages_refcounted);
}

static const unsigned long sizes[] = { 1, 2, 255, 256, 257, 512, 1023, LIMIT - 1, LIMIT };

static void describe_size(const unsigned long *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu pages", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, describe_size);

static void pages_are_zeroed_and_distinct(struct kunit *test)
{
	const unsigned long npages = *(const unsigned long *)test->param_value;
	struct vdxg_backend *be = test->priv;
	struct vdxg_memory mem;
	unsigned long i;
	u64 *words;

	KUNIT_ASSERT_EQ(test, be->ops->get(be, npages, &mem), 0);
	for (i = 0; i < npages; i++) {
		words = page_address(page_of(be, &mem, i));
		KUNIT_EXPECT_NULL(test, memchr_inv(words, 0, PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, page_count(page_of(be, &mem, i)), 1);
		/* Each gets a number of its own, at both ends. */
		words[0] = i + 1;
		words[PAGE_SIZE / sizeof(*words) - 1] = i + 1;
	}
	for (i = 0; i < npages; i++) {
		words = page_address(page_of(be, &mem, i));
		KUNIT_EXPECT_EQ(test, words[0], i + 1);
		KUNIT_EXPECT_EQ(test, words[PAGE_SIZE / sizeof(*words) - 1], i + 1);
	}
	be->ops->put(be, npages, &mem);
}

static void used_pages_come_back_zeroed(struct kunit *test)
{
	const unsigned long npages = *(const unsigned long *)test->param_value;
	struct vdxg_backend *be = test->priv;
	struct vdxg_memory mem;
	unsigned int round;
	unsigned long i;

	for (round = 0; round < 4; round++) {
		KUNIT_ASSERT_EQ(test, be->ops->get(be, npages, &mem), 0);
		for (i = 0; i < npages; i++) {
			void *data = page_address(page_of(be, &mem, i));

			KUNIT_EXPECT_NULL(test, memchr_inv(data, 0, PAGE_SIZE));
			memset(data, 0xa5, PAGE_SIZE);
		}
		be->ops->put(be, npages, &mem);
	}
}

static void put_drops_one_reference_of_each(struct kunit *test)
{
	const unsigned long npages = *(const unsigned long *)test->param_value;
	struct vdxg_backend *be = test->priv;
	struct page **pages = kunit_kcalloc(test, npages, sizeof(*pages), GFP_KERNEL);
	struct vdxg_memory mem;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_EQ(test, be->ops->get(be, npages, &mem), 0);
	for (i = 0; i < npages; i++) {
		pages[i] = page_of(be, &mem, i);
		get_page(pages[i]);
	}
	be->ops->put(be, npages, &mem);
	for (i = 0; i < npages; i++) {
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), 1);
		put_page(pages[i]);
	}
}

static void runs_share_no_page(struct kunit *test)
{
	static const unsigned long lengths[] = { 1, 1, 3, 256, 1, 300, 2 };
	struct vdxg_memory mem[ARRAY_SIZE(lengths)];
	struct vdxg_backend *be = test->priv;
	unsigned long i, j;
	u32 *word;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		KUNIT_ASSERT_EQ(test, be->ops->get(be, lengths[i], &mem[i]), 0);
		for (j = 0; j < lengths[i]; j++)
			*(u32 *)page_address(page_of(be, &mem[i], j)) = i + 1;
	}
	/* Every second one goes; the others do not mind. */
	for (i = 0; i < ARRAY_SIZE(lengths); i += 2)
		be->ops->put(be, lengths[i], &mem[i]);
	for (i = 1; i < ARRAY_SIZE(lengths); i += 2) {
		for (j = 0; j < lengths[i]; j++) {
			word = page_address(page_of(be, &mem[i], j));
			KUNIT_EXPECT_EQ(test, *word, i + 1);
		}
		be->ops->put(be, lengths[i], &mem[i]);
	}
}

struct refusal {
	const char *desc;
	unsigned long limit;
	unsigned long npages;
	int err;
};

static const struct refusal refusals[] = {
	{ "nothing", LIMIT, 0, -ENOSPC },
	{ "one page beyond the limit", LIMIT, LIMIT + 1, -ENOSPC },
	{ "the greatest number", LIMIT, ULONG_MAX, -ENOSPC },
	{ "an array whose size overflows", ULONG_MAX, ULONG_MAX / 4, -ENOMEM },
	{ "an array whose size is 0 when it overflows", ULONG_MAX, 1UL << 61, -ENOMEM },
	{ "an array of 2 GiB", ULONG_MAX, (1UL << 28), -ENOMEM },
};

static void impossible_sizes_are_refused(struct kunit *test)
{
	const struct refusal *refusal = test->param_value;
	struct vdxg_backend *be = test->priv;
	struct vdxg_memory mem;

	be->limit = refusal->limit;
	KUNIT_EXPECT_EQ(test, be->ops->get(be, refusal->npages, &mem), refusal->err);
}

KUNIT_ARRAY_PARAM_DESC(refusal, refusals, desc);

/* Enough rounds for a leak of one batch a round to show beside what others allocate meanwhile. */
#define KILLED_ROUNDS	200
#define NOISE_PAGES	(4096UL + KILLED_ROUNDS * 64)

/* A big get that is killed half-way gives back what it had. */
static void killed_get_gives_everything_back(struct kunit *test)
{
	struct vdxg_backend *be = test->priv;
	unsigned long before, after;
	struct vdxg_memory mem;
	unsigned int round;

	allow_signal(SIGKILL);
	before = global_zone_page_state(NR_FREE_PAGES);
	for (round = 0; round < KILLED_ROUNDS; round++) {
		send_sig(SIGKILL, current, 1);
		KUNIT_EXPECT_EQ(test, be->ops->get(be, LIMIT, &mem), -ENOMEM);
		flush_signals(current);
	}
	after = global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, before, after + NOISE_PAGES);
	disallow_signal(SIGKILL);
	KUNIT_ASSERT_EQ_MSG(test, be->ops->get(be, LIMIT, &mem), 0, "and the next one works");
	be->ops->put(be, LIMIT, &mem);
}

static struct kunit_case system_backend_cases[] = {
	KUNIT_CASE(describes_itself),
	KUNIT_CASE_PARAM(pages_are_zeroed_and_distinct, size_gen_params),
	KUNIT_CASE_PARAM(used_pages_come_back_zeroed, size_gen_params),
	KUNIT_CASE_PARAM(put_drops_one_reference_of_each, size_gen_params),
	KUNIT_CASE(runs_share_no_page),
	KUNIT_CASE_PARAM(impossible_sizes_are_refused, refusal_gen_params),
	KUNIT_CASE(killed_get_gives_everything_back),
	{}
};

static struct kunit_suite system_backend_suite = {
	.name = "vdxg_system_backend",
	.init = system_backend_init,
	.exit = system_backend_exit,
	.test_cases = system_backend_cases,
};

kunit_test_suite(system_backend_suite);
