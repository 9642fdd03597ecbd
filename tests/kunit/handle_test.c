// SPDX-License-Identifier: GPL-2.0-only
/*
 * handle_test.c: the handle table (kmod/object/handle.c)
 *
 * Expected values are written out from the contract in handle.h, not computed by its macros. The
 * random test prints its seed; the module parameter kunit_seed repeats it. The real limit of 2^24
 * handles needs 128 MiB and is tried with kunit_long=1 only.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "object/handle.h"

static unsigned int kunit_seed;
module_param(kunit_seed, uint, 0444);
MODULE_PARM_DESC(kunit_seed, "Seed of the random KUnit tests (default 0: a new one each time)");

static bool kunit_long;
module_param(kunit_long, bool, 0444);
MODULE_PARM_DESC(kunit_long, "Run the KUnit tests that need much memory or time, too");

#define ENTRIES_PER_PAGE	(PAGE_SIZE / sizeof(long))

static void never_released(struct vdxg_object *obj)
{
	WARN(1, "the table dropped a reference that was not its own");
}

static const struct vdxg_class classes[] = {
	{ .name = "ants", .release = never_released },
	{ .name = "bees", .release = never_released },
	{ .name = "cats", .release = never_released },
};

static u32 handle_of(u32 index, u32 unique)
{
	return unique << 30 | index << 6;
}

static int handle_test_init(struct kunit *test)
{
	struct vdxg_handles *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	if (!table)
		return -ENOMEM;
	vdxg_handles_init(table);
	test->priv = table;
	return 0;
}

static void handle_test_exit(struct kunit *test)
{
	if (test->priv)
		vdxg_handles_fini(test->priv);
}

/*
 * The operations, each with the lock for itself: an assertion that fails ends the thread, which
 * must not hold it then.
 */
static int reserve(struct kunit *test, struct vdxg_object *obj)
{
	struct vdxg_handles *table = test->priv;
	int status;

	mutex_lock(&table->lock);
	status = vdxg_handle_reserve(table, obj);
	mutex_unlock(&table->lock);
	return status;
}

static void publish(struct kunit *test, struct vdxg_object *obj)
{
	struct vdxg_handles *table = test->priv;

	mutex_lock(&table->lock);
	vdxg_handle_publish(table, obj);
	mutex_unlock(&table->lock);
}

static void abandon(struct kunit *test, struct vdxg_object *obj)
{
	struct vdxg_handles *table = test->priv;

	mutex_lock(&table->lock);
	vdxg_handle_abandon(table, obj);
	mutex_unlock(&table->lock);
}

static void unpublish(struct kunit *test, struct vdxg_object *obj)
{
	struct vdxg_handles *table = test->priv;

	mutex_lock(&table->lock);
	vdxg_handle_unpublish(table, obj);
	mutex_unlock(&table->lock);
}

static struct vdxg_object *peek(struct kunit *test, u32 value, const struct vdxg_class *class)
{
	struct vdxg_handles *table = test->priv;
	struct vdxg_object *obj;

	mutex_lock(&table->lock);
	obj = vdxg_handle_peek(table, value, class);
	mutex_unlock(&table->lock);
	return obj;
}

static void set_limit(struct kunit *test, u32 limit)
{
	struct vdxg_handles *table = test->priv;

	table->limit = limit;
}

static struct vdxg_object *new_objects(struct kunit *test, u32 n, const struct vdxg_class *class)
{
	struct vdxg_object *objs = kunit_kcalloc(test, n, sizeof(*objs), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < n; i++)
		vdxg_object_init(&objs[i], class);
	return objs;
}

static void create(struct kunit *test, struct vdxg_object *obj)
{
	KUNIT_ASSERT_EQ(test, reserve(test, obj), STATUS_SUCCESS);
	publish(test, obj);
}

/* Order */

struct order {
	const char *desc;
	u32 count;
	/* Kinds, by index in classes[], over and over. */
	const char *kinds;
};

static const struct order orders[] = {
	{ "one", 1, "0" },
	{ "three of one kind", 3, "0" },
	{ "two kinds in turn", 64, "01" },
	{ "a resource before its allocations", 40, "1222" },
	{ "three kinds, over a page of entries", 2 * ENTRIES_PER_PAGE + 3, "0122" },
};

static void consecutive_handles_are_0x40_apart(struct kunit *test)
{
	const struct order *order = test->param_value;
	struct vdxg_object *objs = new_objects(test, order->count, &classes[0]);
	u32 i;

	for (i = 0; i < order->count; i++) {
		objs[i].class = &classes[order->kinds[i % strlen(order->kinds)] - '0'];
		create(test, &objs[i]);
		KUNIT_ASSERT_EQ(test, objs[i].handle, 0x40000000 + i * 0x40);
	}
	for (i = 0; i < order->count; i++)
		KUNIT_ASSERT_PTR_EQ(test, peek(test, objs[i].handle, objs[i].class), &objs[i]);
}

KUNIT_ARRAY_PARAM_DESC(order, orders, desc);

/* The life of one handle */

static void reserved_handle_does_not_answer(struct kunit *test)
{
	struct vdxg_object *obj = new_objects(test, 1, &classes[0]);
	u32 handle;

	KUNIT_EXPECT_EQ(test, reserve(test, obj), STATUS_SUCCESS);
	handle = obj->handle;
	KUNIT_EXPECT_NULL(test, peek(test, handle, &classes[0]));
	publish(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, peek(test, handle, &classes[0]), obj);
	KUNIT_EXPECT_EQ(test, obj->handle, handle);
	unpublish(test, obj);
	KUNIT_EXPECT_NULL(test, peek(test, handle, &classes[0]));
	KUNIT_EXPECT_EQ_MSG(test, obj->handle, 0, "a dead object says so");
}

static void abandoned_handle_does_not_answer(struct kunit *test)
{
	struct vdxg_object *objs = new_objects(test, 2, &classes[0]);
	u32 handle;

	KUNIT_EXPECT_EQ(test, reserve(test, &objs[0]), STATUS_SUCCESS);
	handle = objs[0].handle;
	abandon(test, &objs[0]);
	KUNIT_EXPECT_EQ(test, objs[0].handle, 0);
	KUNIT_EXPECT_NULL(test, peek(test, handle, &classes[0]));
	create(test, &objs[1]);
	KUNIT_EXPECT_EQ_MSG(test, objs[1].handle, handle + 0x40, "not used again at once");
}

static void get_takes_a_reference_and_peek_none(struct kunit *test)
{
	struct vdxg_object *obj = new_objects(test, 1, &classes[0]);
	struct vdxg_handles *table = test->priv;

	create(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, peek(test, obj->handle, &classes[0]), obj);
	KUNIT_EXPECT_EQ(test, refcount_read(&obj->refs), 1);
	KUNIT_EXPECT_PTR_EQ(test, vdxg_handle_get(table, obj->handle, &classes[0]), obj);
	KUNIT_EXPECT_EQ(test, refcount_read(&obj->refs), 2);
	KUNIT_EXPECT_NULL(test, vdxg_handle_get(table, obj->handle, &classes[1]));
	KUNIT_EXPECT_NULL(test, vdxg_handle_get(table, obj->handle + 0x40, &classes[0]));
	KUNIT_EXPECT_EQ(test, refcount_read(&obj->refs), 2);
	unpublish(test, obj);
	KUNIT_EXPECT_EQ_MSG(test, refcount_read(&obj->refs), 2, "references are the caller's now");
}

/* Values that are no handle, made from one that is: of index 2 in a table of 3. */

struct wrong {
	const char *desc;
	u32 and;
	u32 xor;
};

static const struct wrong wrongs[] = {
	{ "zero", 0, 0 },
	{ "all ones", 0, 0xffffffff },
	{ "bit 0 set", 0xffffffff, 0x01 },
	{ "bit 1 set, as in a global share handle", 0xffffffff, 0x02 },
	{ "bit 2 set", 0xffffffff, 0x04 },
	{ "bit 3 set", 0xffffffff, 0x08 },
	{ "bit 4 set", 0xffffffff, 0x10 },
	{ "bit 5 set", 0xffffffff, 0x20 },
	{ "uniqueness 0", 0x3fffffff, 0 },
	{ "uniqueness 2", 0x3fffffff, 0x80000000 },
	{ "uniqueness 3", 0x3fffffff, 0xc0000000 },
	{ "the next index, never used", 0x40000000, 3 << 6 },
	{ "an index of the same page, never used", 0x40000000, 100 << 6 },
	{ "an index beyond the first page", 0x40000000, 0x1000 << 6 },
	{ "the last index", 0x40000000, 0xffffff << 6 },
	{ "another bit of the index", 0xffffffff, 0x20000000 },
};

static void wrong_value_is_refused(struct kunit *test)
{
	const struct wrong *wrong = test->param_value;
	struct vdxg_object *objs = new_objects(test, 3, &classes[0]);
	u32 i;

	for (i = 0; i < 3; i++)
		create(test, &objs[i]);
	KUNIT_ASSERT_EQ(test, objs[2].handle, 0x40000080);
	KUNIT_EXPECT_NULL(test, peek(test, (objs[2].handle & wrong->and) ^ wrong->xor,
				     &classes[0]));
	KUNIT_EXPECT_PTR_EQ(test, peek(test, objs[2].handle, &classes[0]), &objs[2]);
}

KUNIT_ARRAY_PARAM_DESC(wrong, wrongs, desc);

static void empty_table_answers_nothing(struct kunit *test)
{
	u32 bit;

	KUNIT_EXPECT_NULL(test, peek(test, 0, &classes[0]));
	KUNIT_EXPECT_NULL(test, peek(test, 0xffffffff, &classes[0]));
	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_NULL(test, peek(test, 1U << bit, &classes[0]));
}

static void wrong_class_is_refused(struct kunit *test)
{
	struct vdxg_object *objs = new_objects(test, ARRAY_SIZE(classes), NULL);
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		objs[i].class = &classes[i];
		create(test, &objs[i]);
	}
	for (i = 0; i < ARRAY_SIZE(classes); i++)
		for (j = 0; j < ARRAY_SIZE(classes); j++)
			KUNIT_EXPECT_PTR_EQ(test, peek(test, objs[i].handle, &classes[j]),
					    i == j ? &objs[i] : NULL);
}

/* Reuse */

static void uniqueness_cycles_1_2_3_1(struct kunit *test)
{
	static const u32 cycle[] = { 1, 2, 3, 1, 2, 3, 1 };
	struct vdxg_object *obj = new_objects(test, 1, &classes[0]);
	u32 i, unique;

	set_limit(test, 1);
	for (i = 0; i < ARRAY_SIZE(cycle); i++) {
		create(test, obj);
		KUNIT_EXPECT_EQ(test, obj->handle, handle_of(0, cycle[i]));
		for (unique = 0; unique < 4; unique++)
			KUNIT_EXPECT_PTR_EQ_MSG(test, peek(test, handle_of(0, unique), &classes[0]),
						unique == cycle[i] ? obj : NULL,
						"uniqueness %u in round %u", unique, i);
		unpublish(test, obj);
	}
}

struct reuse {
	const char *desc;
	u32 freed;
	bool reused;
};

static const struct reuse reuses[] = {
	{ "1 free: a fresh one", 1, false },
	{ "4,095 free: a fresh one", 4095, false },
	{ "4,096 free: the oldest", 4096, true },
	{ "5,000 free: the oldest", 5000, true },
};

static void reuse_begins_at_4096(struct kunit *test)
{
	const struct reuse *reuse = test->param_value;
	u32 i, live = 10, total = reuse->freed + live;
	struct vdxg_object *objs = new_objects(test, total, &classes[0]);
	u32 last;

	for (i = 0; i < total; i++)
		create(test, &objs[i]);
	last = objs[total - 1].handle;
	/* Backwards, so that the oldest is not the lowest. */
	for (i = total - live; i-- > 0; )
		unpublish(test, &objs[i]);

	create(test, &objs[0]);
	KUNIT_EXPECT_EQ(test, objs[0].handle,
			reuse->reused ? handle_of(total - live - 1, 2) : last + 0x40);
}

KUNIT_ARRAY_PARAM_DESC(reuse, reuses, desc);

static void oldest_is_reused_first(struct kunit *test)
{
	const u32 total = 4096 + 500;
	struct vdxg_object *objs = new_objects(test, total, &classes[0]);
	u32 i, index;

	for (i = 0; i < total; i++)
		create(test, &objs[i]);
	/* An order that is neither up nor down: 1009 has no factor in common with 4596. */
	for (i = 0; i < total; i++)
		unpublish(test, &objs[i * 1009 % total]);
	/* As many as may be taken before fresh ones are. */
	for (i = 0; i <= 500; i++) {
		index = i * 1009 % total;
		create(test, &objs[index]);
		KUNIT_ASSERT_EQ(test, objs[index].handle, handle_of(index, 2));
	}
	index = i * 1009 % total;
	create(test, &objs[index]);
	KUNIT_EXPECT_EQ_MSG(test, objs[index].handle, handle_of(total, 1), "4,095 are kept back");
}

/* Exhaustion */

static const u32 limits[] = { 1, 2, ENTRIES_PER_PAGE - 1, ENTRIES_PER_PAGE, ENTRIES_PER_PAGE + 1,
			      4096, 4097 };

static void describe_limit(const u32 *limit, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u handles", *limit);
}

static void full_table_falls_back_then_refuses(struct kunit *test)
{
	const u32 limit = *(const u32 *)test->param_value;
	struct vdxg_object *objs = new_objects(test, limit + 1, &classes[0]);
	struct vdxg_object *last = &objs[limit];
	u32 i;

	set_limit(test, limit);
	for (i = 0; i < limit; i++) {
		create(test, &objs[i]);
		KUNIT_ASSERT_EQ(test, objs[i].handle, handle_of(i, 1));
	}
	KUNIT_EXPECT_EQ(test, reserve(test, last), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ_MSG(test, last->handle, 0, "no handle, nothing to abandon");
	KUNIT_EXPECT_EQ_MSG(test, reserve(test, last), STATUS_NO_MEMORY, "nor a second time");

	unpublish(test, &objs[limit / 2]);
	create(test, last);
	KUNIT_EXPECT_EQ_MSG(test, last->handle, handle_of(limit / 2, 2),
			    "the only free one, before 4,096 are");
	KUNIT_EXPECT_EQ(test, reserve(test, &objs[limit / 2]), STATUS_NO_MEMORY);
	for (i = 0; i < limit; i++)
		if (i != limit / 2)
			KUNIT_ASSERT_PTR_EQ(test, peek(test, handle_of(i, 1), &classes[0]),
					    &objs[i]);
}

KUNIT_ARRAY_PARAM(limit, limits, describe_limit);

static void sixteen_million_handles_are_all(struct kunit *test)
{
	struct vdxg_handles *table = test->priv;
	struct vdxg_object *obj;
	int status = 0;
	u32 i;

	if (!kunit_long)
		kunit_skip(test, "needs 128 MiB: load with kunit_long=1");
	obj = new_objects(test, 1, &classes[0]);
	for (i = 0; !status && i < 1U << 24; i++) {
		status = reserve(test, obj);
		if (obj->handle != handle_of(i, 1))
			break;
		cond_resched();
	}
	KUNIT_ASSERT_EQ_MSG(test, i, 1U << 24, "status %#x, handle %#x", status, obj->handle);
	KUNIT_EXPECT_EQ(test, table->limit, 1U << 24);
	KUNIT_EXPECT_EQ(test, reserve(test, obj), STATUS_NO_MEMORY);
	obj->handle = handle_of((1U << 24) - 1, 1);
	abandon(test, obj);
	create(test, obj);
	KUNIT_EXPECT_EQ(test, obj->handle, 0xbfffffc0);
	KUNIT_EXPECT_PTR_EQ(test, peek(test, 0xbfffffc0, &classes[0]), obj);
}

/* Random operations against a model */

#define MODEL_OBJECTS	8001U
#define MODEL_QUEUE	12000U
#define MODEL_OPS	160000U

enum state { IDLE, RESERVED, LIVE };

/**
 * struct model - what the table should be doing
 * @rnd: the source of randomness
 * @limit: the first index that is never used
 * @objs: objects
 * @state: what each of them is
 * @handle: the handle each has
 * @stale: the last handle each had before
 * @fresh: indexes used so far
 * @queue: free handles, oldest first, as a ring
 * @head: first entry of @queue
 * @num_free: length of @queue
 * @early: uses of an index again while there were fresh ones
 * @refused: times there was none
 */
struct model {
	struct rnd_state rnd;
	u32 limit;
	struct vdxg_object *objs;
	u8 state[MODEL_OBJECTS];
	u32 handle[MODEL_OBJECTS];
	u32 stale[MODEL_OBJECTS];
	u32 fresh;
	u32 queue[MODEL_QUEUE];
	u32 head;
	u32 num_free;
	u32 early;
	u32 refused;
};

static u32 model_take(struct model *m)
{
	u32 old;

	if (m->num_free < 4096 && m->fresh < m->limit)
		return handle_of(m->fresh++, 1);
	if (!m->num_free) {
		m->refused++;
		return 0;
	}
	if (m->fresh < m->limit)
		m->early++;
	old = m->queue[m->head];
	m->head = (m->head + 1) % MODEL_QUEUE;
	m->num_free--;
	switch (old >> 30) {
	case 1:
		return (old & 0x3fffffff) | 2U << 30;
	case 2:
		return (old & 0x3fffffff) | 3U << 30;
	default:
		return (old & 0x3fffffff) | 1U << 30;
	}
}

static void model_free(struct model *m, u32 i)
{
	m->queue[(m->head + m->num_free++) % MODEL_QUEUE] = m->handle[i];
	m->stale[i] = m->handle[i];
	m->handle[i] = 0;
	m->state[i] = IDLE;
}

/* Change one object: forth with the odds of @forth in 8, or back. */
static void step(struct kunit *test, struct model *m, u32 i, u32 forth)
{
	bool advance = prandom_u32_state(&m->rnd) % 8 < forth;

	switch (m->state[i]) {
	case IDLE:
		if (!advance)
			break;
		m->handle[i] = model_take(m);
		KUNIT_ASSERT_EQ(test, reserve(test, &m->objs[i]),
				m->handle[i] ? STATUS_SUCCESS : STATUS_NO_MEMORY);
		KUNIT_ASSERT_EQ(test, m->objs[i].handle, m->handle[i]);
		if (m->handle[i])
			m->state[i] = RESERVED;
		break;
	case RESERVED:
		if (advance) {
			publish(test, &m->objs[i]);
			m->state[i] = LIVE;
		} else {
			abandon(test, &m->objs[i]);
			model_free(m, i);
		}
		break;
	case LIVE:
		if (advance)
			break;
		unpublish(test, &m->objs[i]);
		model_free(m, i);
		break;
	}
}

static void check_object(struct kunit *test, struct model *m, u32 i)
{
	struct vdxg_object *found = m->state[i] == LIVE ? &m->objs[i] : NULL;

	KUNIT_ASSERT_EQ(test, m->objs[i].handle, m->handle[i]);
	if (m->handle[i])
		KUNIT_ASSERT_PTR_EQ(test, peek(test, m->handle[i], m->objs[i].class), found);
	/* Three uses later the same value is right again. */
	if (m->stale[i] && m->stale[i] != m->handle[i]) {
		found = peek(test, m->stale[i], m->objs[i].class);
		KUNIT_ASSERT_TRUE(test, !found || found->handle == m->stale[i]);
		KUNIT_ASSERT_PTR_NE(test, found, &m->objs[i]);
	}
}

/* How the load develops: grow, shrink so that reuse begins, fill the table, churn. */
static const u32 phases[] = { 7, 1, 7, 4, 1, 8, 8, 5 };

struct random {
	const char *desc;
	u32 limit;
	bool full;
};

static const struct random randoms[] = {
	{ "with fewer handles than objects", 7000, true },
	{ "with more handles than objects", MODEL_QUEUE, false },
};

static void random_operations_follow_the_model(struct kunit *test)
{
	const struct random *random = test->param_value;
	u32 seed = kunit_seed ?: get_random_u32();
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u32 i, op;

	KUNIT_ASSERT_NOT_NULL(test, m);
	kunit_info(test, "kunit_seed=%u", seed);
	prandom_seed_state(&m->rnd, seed);
	m->objs = new_objects(test, MODEL_OBJECTS, &classes[0]);
	for (i = 0; i < MODEL_OBJECTS; i++)
		m->objs[i].class = &classes[i % ARRAY_SIZE(classes)];
	m->limit = random->limit;
	set_limit(test, random->limit);
	for (op = 0; op < MODEL_OPS; op++) {
		i = prandom_u32_state(&m->rnd) % MODEL_OBJECTS;
		step(test, m, i, phases[op * ARRAY_SIZE(phases) / MODEL_OPS]);
		check_object(test, m, prandom_u32_state(&m->rnd) % MODEL_OBJECTS);
		cond_resched();
	}
	for (i = 0; i < MODEL_OBJECTS; i++)
		check_object(test, m, i);
	KUNIT_EXPECT_GT_MSG(test, random->full ? m->refused : m->early, 0,
			    "the run does not go where it should");
}

KUNIT_ARRAY_PARAM_DESC(random, randoms, desc);

static struct kunit_case handle_cases[] = {
	KUNIT_CASE_PARAM(consecutive_handles_are_0x40_apart, order_gen_params),
	KUNIT_CASE(reserved_handle_does_not_answer),
	KUNIT_CASE(abandoned_handle_does_not_answer),
	KUNIT_CASE(get_takes_a_reference_and_peek_none),
	KUNIT_CASE_PARAM(wrong_value_is_refused, wrong_gen_params),
	KUNIT_CASE(empty_table_answers_nothing),
	KUNIT_CASE(wrong_class_is_refused),
	KUNIT_CASE(uniqueness_cycles_1_2_3_1),
	KUNIT_CASE_PARAM(reuse_begins_at_4096, reuse_gen_params),
	KUNIT_CASE(oldest_is_reused_first),
	KUNIT_CASE_PARAM(full_table_falls_back_then_refuses, limit_gen_params),
	KUNIT_CASE_PARAM(random_operations_follow_the_model, random_gen_params),
	KUNIT_CASE_SLOW(sixteen_million_handles_are_all),
	{}
};

static struct kunit_suite handle_suite = {
	.name = "vdxg_handle",
	.init = handle_test_init,
	.exit = handle_test_exit,
	.test_cases = handle_cases,
};

kunit_test_suite(handle_suite);
