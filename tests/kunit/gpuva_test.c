// SPDX-License-Identifier: GPL-2.0-only
/*
 * gpuva_test.c: address spaces (kmod/vidmm/gpuva.c, gpuva_tree.c) against a model that has one entry for
 * each page, and the rules one by one
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "vidmm/gpuva_tree.h"
#include "vidmm/gpuva_update.h"

/* The model's window: so many pages from the first address on. */
#define WINDOW		256U
#define BASE		VIDMM_VA_START
#define LIMIT		(BASE + WINDOW * VIDMM_VA_PAGE)
#define OWNERS		3U
#define OWNER_PAGES	12U
#define STEPS		800U
#define UNIT		(VIDMM_VA_UNIT / VIDMM_VA_PAGE)

#define CAN_WRITE		D3DDDIGPUVA_PROTECTION_WRITE
#define ZERO		D3DDDIGPUVA_PROTECTION_ZERO
#define NO_ACCESS	D3DDDIGPUVA_PROTECTION_NO_ACCESS
#define UNIQUE		D3DGPU_UNIQUE_DRIVER_PROTECTION

/* A page that is mapped to nothing else is what its reservation says. */
enum state { FREE, FAULTS, ZEROES, MEMORY };

/**
 * struct page_model - what a page must be
 * @state: what it is
 * @range: which range it belongs to; no two have the same number
 * @reserved: that range was reserved
 * @fill: what it is where nothing is mapped into the reservation
 * @owner: of memory, whose
 * @offset: which page of it
 * @write: it can be written
 * @protection: its driver protection
 */
struct page_model {
	enum state state;
	u32 range;
	bool reserved;
	enum state fill;
	u32 owner;
	u32 offset;
	bool write;
	u64 protection;
};

/**
 * struct world - a space and the model of it
 * @test: the test
 * @client: whose space
 * @allocs: memory
 * @owners: the same as the space knows it
 * @resident: how often it is resident
 * @pages: the model
 * @ranges: the number of the last range
 * @random: for the next number
 */
struct world {
	struct kunit *test;
	struct vidmm_client *client;
	struct vidmm_alloc *allocs[OWNERS];
	struct vidmm_va_owner *owners[OWNERS];
	u32 resident[OWNERS];
	struct page_model pages[WINDOW];
	u32 ranges;
	struct rnd_state random;
};

static void bear(struct world *w, u32 i)
{
	w->allocs[i] = rig_alloc(w->client, OWNER_PAGES);
	w->resident[i] = 1;
	w->owners[i] = vidmm_va_owner_create(&w->client->va, w->allocs[i], w, &w->resident[i],
					     i + 1);
	KUNIT_ASSERT_NOT_NULL(w->test, w->owners[i]);
}

static void die(struct world *w, u32 i)
{
	vidmm_va_owner_unmap(w->owners[i]);
	vidmm_va_owner_put(w->owners[i]);
	vidmm_alloc_put(w->allocs[i]);
}

static struct world *make_world(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->test = test;
	w->client = rig_client(test->priv);
	for (i = 0; i < OWNERS; i++)
		bear(w, i);
	return w;
}

static void end_world(struct world *w)
{
	u32 i;

	for (i = 0; i < OWNERS; i++)
		die(w, i);
}

static u32 below(struct world *w, u32 limit)
{
	return prandom_u32_state(&w->random) % limit;
}

static u64 address_of(u32 page)
{
	return BASE + page * VIDMM_VA_PAGE;
}

/* ---- what must hold of the trees ---- */

static u64 check_subtree(struct world *w, struct rb_node *node)
{
	struct vidmm_va *va = vidmm_va_of(node), *prev;
	u64 end, usable, max;

	if (!node)
		return 0;
	prev = vidmm_va_of(rb_prev(node));
	end = prev ? prev->end : vidmm_va_page(VIDMM_VA_START);
	usable = round_up(end, UNIT);
	KUNIT_EXPECT_LT(w->test, va->first, va->end);
	KUNIT_EXPECT_LE_MSG(w->test, end, va->first, "entries overlap");
	KUNIT_EXPECT_EQ_MSG(w->test, va->gap, va->first > usable ? va->first - usable : 0,
			    "gap before %llx", va->first);
	KUNIT_EXPECT_TRUE_MSG(w->test, !va->continued || (prev && prev->end == va->first),
			      "%llx continues nothing", va->first);
	max = max3(va->gap, check_subtree(w, node->rb_left), check_subtree(w, node->rb_right));
	KUNIT_EXPECT_EQ_MSG(w->test, va->max_gap, max, "largest gap at %llx", va->first);
	return max;
}

static u32 count_tree(struct rb_root *root)
{
	struct rb_node *node;
	u32 count = 0;

	for (node = rb_first(root); node; node = rb_next(node))
		count++;
	return count;
}

static void check_trees(struct world *w)
{
	struct vidmm_va_space *space = &w->client->va;
	struct vidmm_va *va;
	u32 unique, i;

	check_subtree(w, space->ranges.rb_node);
	check_subtree(w, space->mapped.rb_node);
	KUNIT_EXPECT_EQ(w->test, space->count,
			count_tree(&space->ranges) + count_tree(&space->mapped));
	for (i = 0; i < OWNERS; i++) {
		unique = 0;
		hlist_for_each_entry(va, &w->owners[i]->mappings, link) {
			KUNIT_EXPECT_PTR_EQ(w->test, va->owner, w->owners[i]);
			unique += !!(va->driver_protection & UNIQUE);
		}
		KUNIT_EXPECT_EQ(w->test, w->owners[i]->unique, unique);
	}
}

/* ---- the space says the same as the model ---- */

static bool run_goes_on(const struct page_model *a, const struct page_model *b)
{
	return a->state == b->state &&
	       (a->state != MEMORY || (a->owner == b->owner && a->offset + 1 == b->offset));
}

static void check_page(struct world *w, u32 page)
{
	const struct page_model *model = &w->pages[page];
	struct kunit *test = w->test;
	struct vidmm_va_run run;
	enum vidmm_va_result result, expected;
	u64 rest, i;

	result = vidmm_va_translate(&w->client->va, w, address_of(page) + 8, VIDMM_VA_READ, &run);
	expected = model->state == MEMORY ? VIDMM_VA_MEMORY :
		   model->state == ZEROES ? VIDMM_VA_ZERO :
		   model->state == FAULTS ? VIDMM_VA_NO_ACCESS : VIDMM_VA_UNMAPPED;
	KUNIT_EXPECT_EQ_MSG(test, result, expected, "page %u", page);
	if (result == VIDMM_VA_MEMORY && expected == result) {
		KUNIT_EXPECT_PTR_EQ(test, run.alloc, w->allocs[model->owner]);
		KUNIT_EXPECT_EQ_MSG(test, run.offset, model->offset * VIDMM_VA_PAGE + 8,
				    "page %u", page);
		KUNIT_EXPECT_EQ(test, run.handle, model->owner + 1);
	}
	if (!vidmm_va_faulted(result)) {
		KUNIT_EXPECT_EQ(test, run.bytes % VIDMM_VA_PAGE, VIDMM_VA_PAGE - 8);
		rest = (run.bytes + 8) / VIDMM_VA_PAGE;
		KUNIT_EXPECT_LE(test, page + rest, WINDOW);
		for (i = page + 1; i < min(page + rest, (u64)WINDOW); i++)
			KUNIT_EXPECT_TRUE_MSG(test, run_goes_on(&w->pages[i - 1], &w->pages[i]),
					      "run from %u ends before %llu", page, i);
	}
	vidmm_va_run_put(&run);
	result = vidmm_va_translate(&w->client->va, w, address_of(page), VIDMM_VA_WRITE, &run);
	if (expected == VIDMM_VA_MEMORY && !model->write)
		expected = VIDMM_VA_READ_ONLY;
	KUNIT_EXPECT_EQ_MSG(test, result, expected, "page %u", page);
	vidmm_va_run_put(&run);
}

static void check_world(struct world *w)
{
	u32 page;

	check_trees(w);
	for (page = 0; page < WINDOW; page++)
		check_page(w, page);
}

/* ---- the model's own idea of what a call does ---- */

static bool all_free(struct world *w, u32 first, u32 count)
{
	for (; count; count--, first++)
		if (w->pages[first].state != FREE)
			return false;
	return true;
}

static bool same_range(struct world *w, u32 first, u32 count)
{
	u32 i;

	for (i = first; i < first + count; i++)
		if (w->pages[i].state == FREE || w->pages[i].range != w->pages[first].range)
			return false;
	return true;
}

/* The lowest place for so many pages, or WINDOW. */
static u32 lowest(struct world *w, u32 count, u32 min, u32 max)
{
	u32 first;

	for (first = round_up(min, UNIT); first + count <= max; first += UNIT)
		if (all_free(w, first, count))
			return first;
	return WINDOW;
}

/* What comes after a hole is a range of its own. */
static void renumber(struct world *w, u32 page)
{
	u32 old;

	if (page == WINDOW || w->pages[page].state == FREE)
		return;
	old = w->pages[page].range;
	w->ranges++;
	for (; page < WINDOW && w->pages[page].state != FREE && w->pages[page].range == old; page++)
		w->pages[page].range = w->ranges;
}

static void model_free(struct world *w, u32 first, u32 count)
{
	u32 last = w->pages[first + count - 1].range, i;

	for (i = first; i < first + count; i++)
		memset(&w->pages[i], 0, sizeof(w->pages[i]));
	if (i < WINDOW && w->pages[i].state != FREE && w->pages[i].range == last)
		renumber(w, i);
}

static bool model_conflict(struct world *w, u32 owner, u32 offset, u32 count, u64 protection)
{
	const struct page_model *page;

	for (page = w->pages; page < w->pages + WINDOW; page++)
		if (page->state == MEMORY && page->owner == owner && page->offset >= offset &&
		    page->offset < offset + count && page->protection != protection &&
		    (page->protection | protection) & UNIQUE)
			return true;
	return false;
}

/* ---- steps ---- */

static void step_reserve(struct world *w)
{
	u32 count = UNIT * (1 + below(w, 3)), first = UNIT * below(w, WINDOW / UNIT), i;
	struct vidmm_va_where where = { .maximum = LIMIT };
	bool zero = below(w, 2), expect;
	u64 address = 0;
	int status;

	if (below(w, 2)) {
		where.base = address_of(first);
		expect = first + count <= WINDOW && all_free(w, first, count);
		if (first + count > WINDOW)
			return;
	} else {
		where.minimum = address_of(first);
		first = lowest(w, count, first, WINDOW);
		expect = first < WINDOW;
	}
	status = vidmm_va_reserve(&w->client->va, &where, count * VIDMM_VA_PAGE, zero, 0, &address);
	KUNIT_EXPECT_EQ(w->test, status, expect ? STATUS_SUCCESS :
			where.base ? STATUS_INVALID_PARAMETER : STATUS_NO_MEMORY);
	if (status)
		return;
	KUNIT_EXPECT_EQ(w->test, address, address_of(first));
	w->ranges++;
	for (i = first; i < first + count; i++)
		w->pages[i] = (struct page_model){ .state = zero ? ZEROES : FAULTS,
			.fill = zero ? ZEROES : FAULTS, .range = w->ranges, .reserved = true };
}

static void model_map(struct world *w, u32 first, u32 count, const struct vidmm_va_mapping *m,
		      u32 owner)
{
	bool fresh = w->pages[first].state == FREE;
	struct page_model *page;
	u32 i;

	if (fresh)
		w->ranges++;
	for (i = 0; i < count; i++) {
		page = &w->pages[first + i];
		if (fresh)
			page->range = w->ranges;
		page->state = m->protection & ZERO ? ZEROES :
			      m->protection & NO_ACCESS ? FAULTS : MEMORY;
		page->owner = owner;
		page->offset = (m->offset + i * VIDMM_VA_PAGE % m->period) / VIDMM_VA_PAGE;
		page->write = m->protection & CAN_WRITE;
		page->protection = m->driver_protection;
	}
}

/* Protections of memory; now and then, of none. */
static void random_mapping(struct world *w, struct vidmm_va_mapping *m, u32 count, u32 *owner)
{
	static const u64 protections[] = { 0, 0, 5, UNIQUE | 1, UNIQUE | 2 };
	u32 pages = count, offset;

	*owner = below(w, OWNERS);
	m->bytes = count * VIDMM_VA_PAGE;
	m->period = m->bytes;
	m->offset = 0;
	m->owner = NULL;
	m->driver_protection = protections[below(w, ARRAY_SIZE(protections))];
	switch (below(w, 8)) {
	case 0:
		m->protection = ZERO;
		return;
	case 1:
		m->protection = NO_ACCESS;
		return;
	default:
		break;
	}
	while (pages > OWNER_PAGES || (pages > 1 && !below(w, 3) && pages % 2 == 0))
		pages = pages % 2 ? 1 : pages / 2;
	offset = below(w, OWNER_PAGES - pages + 1);
	m->owner = w->owners[*owner];
	m->offset = offset * VIDMM_VA_PAGE;
	m->period = pages * VIDMM_VA_PAGE;
	m->protection = below(w, 2) ? CAN_WRITE : 0;
}

static void step_map(struct world *w)
{
	u32 count = 1 + below(w, 20), first = below(w, WINDOW), owner;
	struct vidmm_va_where where = { .maximum = LIMIT };
	struct vidmm_va_mapping m;
	u64 address = 0;
	bool expect;
	int status;

	random_mapping(w, &m, count, &owner);
	if (below(w, 3)) {
		if (first + count > WINDOW)
			return;
		where.base = address_of(first);
		expect = all_free(w, first, count) ||
			 (same_range(w, first, count) && (m.owner || w->pages[first].reserved));
	} else {
		where.minimum = address_of(first);
		first = lowest(w, count, first, WINDOW);
		expect = first < WINDOW;
	}
	if (m.owner && model_conflict(w, owner, m.offset / VIDMM_VA_PAGE, m.period / VIDMM_VA_PAGE,
				      m.driver_protection))
		expect = false;
	status = vidmm_va_map(&w->client->va, &where, &m, &address);
	KUNIT_EXPECT_EQ_MSG(w->test, !status, expect, "status %x, %u pages at %u", status, count,
			    first);
	if (status)
		return;
	KUNIT_EXPECT_EQ(w->test, address, address_of(first));
	model_map(w, first, count, &m, owner);
}

static void step_free(struct world *w)
{
	u32 first = below(w, WINDOW), count = 1 + below(w, below(w, 4) ? 8 : WINDOW - first), i;
	bool expect = true;
	int status;

	if (first + count > WINDOW)
		return;
	/* Whole ranges, more often than not. */
	if (below(w, 2) && w->pages[first].state != FREE) {
		while (first && same_range(w, first - 1, 2))
			first--;
		for (count = 1; first + count < WINDOW && same_range(w, first, count + 1);)
			count++;
	}
	for (i = first; i < first + count; i++)
		expect &= w->pages[i].state != FREE;
	status = vidmm_va_free(&w->client->va, address_of(first), count * VIDMM_VA_PAGE);
	KUNIT_EXPECT_EQ(w->test, status, expect ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	if (!status)
		model_free(w, first, count);
}

static void step_destroy(struct world *w)
{
	u32 owner = below(w, OWNERS), i;

	die(w, owner);
	bear(w, owner);
	for (i = 0; i < WINDOW; i++) {
		struct page_model *page = &w->pages[i];

		if (page->state != MEMORY || page->owner != owner)
			continue;
		if (page->reserved) {
			page->state = page->fill;
			page->protection = 0;
		} else {
			model_free(w, i, 1);
		}
	}
}

/* Some pages of a reservation that reads as zero: of that of @first, if there is one. */
static bool pick_range(struct world *w, u32 *first, u32 *count)
{
	u32 tries;

	for (tries = 0; tries < 8; tries++) {
		*first = below(w, WINDOW);
		*count = 1 + below(w, 12);
		if (*first + *count <= WINDOW && same_range(w, *first, *count) &&
		    w->pages[*first].reserved && w->pages[*first].fill == ZEROES)
			return true;
	}
	return false;
}

/* A change, or something that is none; no more than one that conflicts. */
static void random_op(struct world *w, struct vidmm_va_op *op, u32 *to, u32 *count, u32 *from,
		      u32 *owner)
{
	memset(op, 0, sizeof(*op));
	op->address = address_of(*to);
	if (from) {
		op->source = address_of(*from);
		op->mapping.bytes = *count * VIDMM_VA_PAGE;
	} else {
		random_mapping(w, &op->mapping, *count, owner);
		op->inherit = below(w, 2);
		if (op->mapping.owner)
			vidmm_va_owner_get(op->mapping.owner);
	}
}

static void model_copy(struct world *w, u32 to, u32 from, u32 count)
{
	struct page_model *copy = kunit_kcalloc(w->test, count, sizeof(*copy), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(w->test, copy);
	memcpy(copy, &w->pages[from], count * sizeof(*copy));
	for (i = 0; i < count; i++) {
		copy[i].range = w->pages[to + i].range;
		w->pages[to + i] = copy[i];
	}
	kunit_kfree(w->test, copy);
}

/* One change is checked, and made at once. */
static void step_update(struct world *w)
{
	struct vidmm_va_update *update = kunit_kzalloc(w->test, struct_size(update, ops, 1),
						       GFP_KERNEL);
	struct vidmm_va_op *op = &update->ops[0];
	u32 to, count, from, other, owner = 0;
	int status, expect = STATUS_SUCCESS;
	bool copy = below(w, 2);
	u64 work;

	KUNIT_ASSERT_NOT_NULL(w->test, update);
	if (!pick_range(w, &to, &count) || (copy && !pick_range(w, &from, &other)))
		goto free;
	if (copy)
		count = min(count, other);
	random_op(w, op, &to, &count, copy ? &from : NULL, &owner);
	update->space = &w->client->va;
	update->count = 1;
	status = vidmm_va_update_check(update);
	KUNIT_EXPECT_EQ(w->test, status, STATUS_SUCCESS);
	if (op->inherit)
		op->mapping.driver_protection = 0;
	if (op->mapping.owner &&
	    model_conflict(w, owner, op->mapping.offset / VIDMM_VA_PAGE,
			   op->mapping.period / VIDMM_VA_PAGE, op->mapping.driver_protection))
		expect = STATUS_INVALID_PARAMETER;
	if (!status)
		status = vidmm_va_update_op(update, 0, &work);
	KUNIT_EXPECT_EQ(w->test, status, expect);
	if (!status && copy)
		model_copy(w, to, from, count);
	else if (!status)
		model_map(w, to, count, &op->mapping, owner);
	vidmm_va_update_release(update);
free:
	kunit_kfree(w->test, update);
}

static void random_steps(struct kunit *test)
{
	struct world *w = make_world(test);
	u32 seed = get_random_u32(), i;
	unsigned long before;

	kunit_info(test, "seed %u", seed);
	prandom_seed_state(&w->random, seed);
	for (i = 0; i < STEPS; i++) {
		before = w->client->va.count;
		switch (below(w, 20)) {
		case 16 ... 19:
			step_update(w);
			break;
		case 0 ... 1:
			step_reserve(w);
			break;
		case 2 ... 9:
			step_map(w);
			break;
		case 10:
			step_destroy(w);
			break;
		default:
			step_free(w);
			break;
		}
		check_trees(w);
		if (i % 16 == 0 || before == w->client->va.count)
			check_world(w);
		if (test->status == KUNIT_FAILURE)
			break;
	}
	check_world(w);
	end_world(w);
}

/* ---- the rules one by one ---- */

static int reserve_at(struct world *w, u64 base, u64 bytes)
{
	const struct vidmm_va_where where = { .base = base };
	u64 address;

	return vidmm_va_reserve(&w->client->va, &where, bytes, true, 0, &address);
}

static int map_at(struct world *w, u64 base, u32 owner, u64 pages, u64 protection, u64 driver)
{
	const struct vidmm_va_where where = { .base = base };
	struct vidmm_va_mapping m = {
		.owner = protection & (ZERO | NO_ACCESS) ? NULL : w->owners[owner],
		.bytes = pages * VIDMM_VA_PAGE,
		.period = pages * VIDMM_VA_PAGE,
		.protection = protection,
		.driver_protection = driver,
	};
	u64 address;

	return vidmm_va_map(&w->client->va, &where, &m, &address);
}

static enum vidmm_va_result look(struct world *w, const void *device, u64 address)
{
	struct vidmm_va_run run;
	enum vidmm_va_result result;

	result = vidmm_va_translate(&w->client->va, device, address, VIDMM_VA_READ, &run);
	vidmm_va_run_put(&run);
	return result;
}

struct bad_place {
	const char *desc;
	struct vidmm_va_where where;
	u64 bytes;
	int status;
};

static const struct bad_place bad_places[] = {
	{ "nothing", {}, 0, STATUS_INVALID_PARAMETER },
	{ "half a unit", {}, VIDMM_VA_UNIT / 2, STATUS_INVALID_PARAMETER },
	{ "a base between units", { .base = BASE + VIDMM_VA_PAGE }, VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "a minimum between units", { .minimum = VIDMM_VA_PAGE }, VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "a base beyond the end", { .base = VIDMM_VA_END }, VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "a base far beyond the end", { .base = -VIDMM_VA_UNIT }, VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "an end beyond the end", { .base = VIDMM_VA_END - VIDMM_VA_UNIT }, 2 * VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "an end that wraps", { .base = VIDMM_VA_UNIT }, -VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "a minimum above the maximum", { .minimum = 2 * VIDMM_VA_UNIT, .maximum = VIDMM_VA_UNIT },
	  VIDMM_VA_UNIT, STATUS_INVALID_PARAMETER },
	{ "a minimum beyond the end", { .minimum = VIDMM_VA_END }, VIDMM_VA_UNIT,
	  STATUS_INVALID_PARAMETER },
	{ "no room below the maximum", { .minimum = VIDMM_VA_UNIT, .maximum = 2 * VIDMM_VA_UNIT },
	  2 * VIDMM_VA_UNIT, STATUS_NO_MEMORY },
	{ "more than there is", {}, VIDMM_VA_END, STATUS_NO_MEMORY },
};

KUNIT_ARRAY_PARAM_DESC(bad_place, bad_places, desc);

static void bad_places_are_refused(struct kunit *test)
{
	const struct bad_place *bad = test->param_value;
	struct world *w = make_world(test);
	u64 address;

	KUNIT_EXPECT_EQ(test, vidmm_va_reserve(&w->client->va, &bad->where, bad->bytes, true, 0,
					       &address), bad->status);
	KUNIT_EXPECT_EQ(test, w->client->va.count, 0);
	end_world(w);
}

static void the_ends_of_the_space_are_reachable(struct kunit *test)
{
	struct world *w = make_world(test);
	struct vidmm_va_where where = {};
	u64 address;

	KUNIT_EXPECT_EQ(test, reserve_at(w, VIDMM_VA_END - VIDMM_VA_UNIT, VIDMM_VA_UNIT),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, reserve_at(w, VIDMM_VA_START, VIDMM_VA_UNIT), STATUS_SUCCESS);
	/* All that is left. */
	KUNIT_EXPECT_EQ(test, vidmm_va_reserve(&w->client->va, &where,
					       VIDMM_VA_END - VIDMM_VA_START - 2 * VIDMM_VA_UNIT,
					       true, 0, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, VIDMM_VA_START + VIDMM_VA_UNIT);
	KUNIT_EXPECT_EQ(test, vidmm_va_reserve(&w->client->va, &where, VIDMM_VA_UNIT, true, 0,
					       &address), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, look(w, w, VIDMM_VA_END - 1), VIDMM_VA_ZERO);
	KUNIT_EXPECT_EQ(test, look(w, w, VIDMM_VA_END), VIDMM_VA_UNMAPPED);
	KUNIT_EXPECT_EQ(test, look(w, w, U64_MAX), VIDMM_VA_UNMAPPED);
	KUNIT_EXPECT_EQ(test, look(w, w, 0), VIDMM_VA_UNMAPPED);
	end_world(w);
}

static void only_its_device_finds_it_resident(struct kunit *test)
{
	struct world *w = make_world(test);

	KUNIT_ASSERT_EQ(test, map_at(w, BASE, 0, 1, 0, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, look(w, w, BASE), VIDMM_VA_MEMORY);
	KUNIT_EXPECT_EQ(test, look(w, test, BASE), VIDMM_VA_NOT_RESIDENT);
	w->resident[0] = 0;
	KUNIT_EXPECT_EQ(test, look(w, w, BASE), VIDMM_VA_NOT_RESIDENT);
	KUNIT_EXPECT_EQ(test, look(w, NULL, BASE), VIDMM_VA_MEMORY);
	end_world(w);
}

static void an_answer_keeps_the_memory(struct kunit *test)
{
	struct world *w = make_world(test);
	struct vidmm_va_run run;

	KUNIT_ASSERT_EQ(test, map_at(w, BASE, 0, 1, 0, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_va_translate(&w->client->va, w, BASE, VIDMM_VA_READ, &run),
			VIDMM_VA_MEMORY);
	die(w, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&run.alloc->refs), 1);
	KUNIT_EXPECT_EQ(test, look(w, w, BASE), VIDMM_VA_UNMAPPED);
	vidmm_va_run_put(&run);
	bear(w, 0);
	end_world(w);
}

static void unique_protection_is_lifted_by_no_access(struct kunit *test)
{
	struct world *w = make_world(test);

	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, UNIQUE | 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, UNIQUE | 2), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, 1), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, UNIQUE | 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, NO_ACCESS, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, UNIQUE | 2), STATUS_SUCCESS);
	/* Another allocation, and not the same pages. */
	KUNIT_EXPECT_EQ(test, map_at(w, BASE + 8 * VIDMM_VA_PAGE, 1, 2, 0, 3), STATUS_SUCCESS);
	check_trees(w);
	end_world(w);
}

static void a_fence_is_freed_by_nobody_else(struct kunit *test)
{
	struct world *w = make_world(test);
	struct vidmm_va_run run;
	struct page *page = alloc_page(GFP_KERNEL);
	u64 address;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, vidmm_va_map_page(&w->client->va, page, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_va_free(&w->client->va, address, VIDMM_VA_PAGE),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, map_at(w, address, 0, 1, 0, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vidmm_va_translate(&w->client->va, w, address + 4, VIDMM_VA_READ,
						 &run), VIDMM_VA_FENCE);
	KUNIT_EXPECT_PTR_EQ(test, run.page, page);
	KUNIT_EXPECT_EQ(test, run.offset, 4);
	vidmm_va_run_put(&run);
	KUNIT_EXPECT_EQ(test, vidmm_va_translate(&w->client->va, w, address, VIDMM_VA_WRITE, &run),
			VIDMM_VA_READ_ONLY);
	vidmm_va_unmap_page(&w->client->va, address);
	KUNIT_EXPECT_EQ(test, look(w, w, address), VIDMM_VA_UNMAPPED);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
	end_world(w);
}

static void nothing_is_mapped_in_a_dead_space(struct kunit *test)
{
	struct world *w = make_world(test);

	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, map_at(w, BASE, 0, 2, 0, UNIQUE), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, map_at(w, BASE + VIDMM_VA_UNIT, 1, 2, 0, 0), STATUS_SUCCESS);
	vidmm_va_space_clear(&w->client->va);
	check_trees(w);
	KUNIT_EXPECT_EQ(test, w->client->va.count, 0);
	KUNIT_EXPECT_EQ(test, look(w, w, BASE), VIDMM_VA_UNMAPPED);
	KUNIT_EXPECT_EQ(test, map_at(w, BASE, 0, 2, 0, 0), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_NO_MEMORY);
	end_world(w);
}

/* An update of one change of one page at @to, of the first owner's memory, or a copy from @from. */
static struct vidmm_va_update *make_update(struct world *w, u64 to, u64 from)
{
	struct vidmm_va_update *update = kunit_kzalloc(w->test, struct_size(update, ops, 1),
						       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, update);
	update->space = &w->client->va;
	update->count = 1;
	update->ops[0].address = to;
	update->ops[0].source = from;
	update->ops[0].mapping.bytes = VIDMM_VA_PAGE;
	update->ops[0].mapping.period = VIDMM_VA_PAGE;
	if (!from) {
		update->ops[0].mapping.owner = w->owners[0];
		vidmm_va_owner_get(w->owners[0]);
	}
	return update;
}

/* What it changes, so that its process pays for it: what it makes, and what that replaces. */
static void an_update_counts_what_it_changes(struct kunit *test)
{
	const u64 from = BASE + 4 * VIDMM_VA_UNIT;
	struct world *w = make_world(test);
	struct vidmm_va_update *update;
	u64 work, i;

	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, reserve_at(w, from, VIDMM_VA_UNIT), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, map_at(w, from + 2 * i * VIDMM_VA_PAGE, 0, 1, 0, 0), STATUS_SUCCESS);
	update = make_update(w, BASE, from);
	update->ops[0].mapping.bytes = VIDMM_VA_UNIT;
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vidmm_va_update_op(update, 0, &work), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, work, 3);
	KUNIT_EXPECT_EQ(test, vidmm_va_update_op(update, 0, &work), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, work, 6);
	vidmm_va_update_release(update);
	check_trees(w);
	end_world(w);
}

struct late {
	const char *desc;
	bool copy;
	/* What happens between the check and the change. */
	bool freed;
	bool reserved_again;
	bool destroyed;
	enum vidmm_va_result result;
};

static const struct late lates[] = {
	{ "nothing", .result = VIDMM_VA_MEMORY },
	{ "nothing, and a copy", .copy = true, .result = VIDMM_VA_MEMORY },
	{ "it is freed", .freed = true, .result = VIDMM_VA_UNMAPPED },
	{ "it is freed, before a copy", .copy = true, .freed = true, .result = VIDMM_VA_UNMAPPED },
	{ "it is reserved again", .freed = true, .reserved_again = true, .result = VIDMM_VA_ZERO },
	{ "the allocation is destroyed", .destroyed = true, .result = VIDMM_VA_ZERO },
	{ "what is copied is destroyed", .copy = true, .destroyed = true, .result = VIDMM_VA_ZERO },
};

KUNIT_ARRAY_PARAM_DESC(late, lates, desc);

static void what_is_gone_is_not_updated(struct kunit *test)
{
	const struct late *late = test->param_value;
	const u64 from = BASE + 4 * VIDMM_VA_UNIT;
	struct world *w = make_world(test);
	struct vidmm_va_update *update;
	u64 work;

	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, reserve_at(w, from, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, map_at(w, from, 0, 1, 0, 0), STATUS_SUCCESS);
	update = make_update(w, BASE, late->copy ? from : 0);
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_SUCCESS);
	if (late->freed)
		KUNIT_EXPECT_EQ(test, vidmm_va_free(&w->client->va, BASE, VIDMM_VA_UNIT),
				STATUS_SUCCESS);
	if (late->reserved_again)
		KUNIT_EXPECT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	if (late->destroyed) {
		die(w, 0);
		bear(w, 0);
	}
	KUNIT_EXPECT_EQ(test, vidmm_va_update_op(update, 0, &work), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, look(w, w, BASE), late->result);
	vidmm_va_update_release(update);
	check_trees(w);
	end_world(w);
}

struct bad_update {
	const char *desc;
	u64 to;
	u64 from;
};

/* There is a reservation of one unit at BASE and at four units beyond, and one that faults between them. */
static const struct bad_update bad_updates[] = {
	{ "of what is free", BASE + VIDMM_VA_UNIT },
	{ "between pages", BASE + 8 },
	{ "of what was mapped", BASE + 3 * VIDMM_VA_UNIT },
	{ "of a reservation that faults", BASE + 2 * VIDMM_VA_UNIT },
	{ "beyond the end", VIDMM_VA_END },
	{ "at the end of all numbers", -VIDMM_VA_PAGE },
	{ "from what is free", BASE, BASE + VIDMM_VA_UNIT },
	{ "from between pages", BASE, BASE + 1 },
	{ "from what was mapped", BASE, BASE + 3 * VIDMM_VA_UNIT },
	{ "from a reservation that faults", BASE, BASE + 2 * VIDMM_VA_UNIT },
	{ "from the end of all numbers", BASE, -VIDMM_VA_PAGE },
};

KUNIT_ARRAY_PARAM_DESC(bad_update, bad_updates, desc);

static void bad_updates_are_refused(struct kunit *test)
{
	const struct vidmm_va_where where = { .base = BASE + 2 * VIDMM_VA_UNIT };
	const struct bad_update *bad = test->param_value;
	struct world *w = make_world(test);
	struct vidmm_va_update *update;
	u64 address;

	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE + 4 * VIDMM_VA_UNIT, VIDMM_VA_UNIT),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_va_reserve(&w->client->va, &where, VIDMM_VA_UNIT, false, 0,
					       &address), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, map_at(w, BASE + 3 * VIDMM_VA_UNIT, 0, 1, 0, 0), STATUS_SUCCESS);
	update = make_update(w, bad->to, bad->from);
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_INVALID_PARAMETER);
	vidmm_va_update_release(update);
	end_world(w);
}

static void an_update_is_of_one_reservation(struct kunit *test)
{
	struct world *w = make_world(test);
	struct vidmm_va_update *update = kunit_kzalloc(test, struct_size(update, ops, 2),
						       GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, update);
	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE, VIDMM_VA_UNIT), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, reserve_at(w, BASE + VIDMM_VA_UNIT, VIDMM_VA_UNIT), STATUS_SUCCESS);
	update->space = &w->client->va;
	update->count = 2;
	for (i = 0; i < 2; i++) {
		update->ops[i].address = BASE + i * VIDMM_VA_PAGE;
		update->ops[i].mapping.bytes = VIDMM_VA_PAGE;
		update->ops[i].mapping.protection = NO_ACCESS;
	}
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_SUCCESS);
	update->ops[1].address += VIDMM_VA_UNIT;
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_INVALID_PARAMETER);
	/* Copies may come from another, but all from the same. */
	for (i = 0; i < 2; i++) {
		update->ops[i].address = BASE;
		update->ops[i].source = BASE + VIDMM_VA_UNIT + i * VIDMM_VA_PAGE;
	}
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_SUCCESS);
	update->ops[1].source = BASE;
	KUNIT_EXPECT_EQ(test, vidmm_va_update_check(update), STATUS_INVALID_PARAMETER);
	end_world(w);
}

static struct kunit_case gpuva_cases[] = {
	KUNIT_CASE_PARAM(bad_places_are_refused, bad_place_gen_params),
	KUNIT_CASE(the_ends_of_the_space_are_reachable),
	KUNIT_CASE(only_its_device_finds_it_resident),
	KUNIT_CASE(an_answer_keeps_the_memory),
	KUNIT_CASE(unique_protection_is_lifted_by_no_access),
	KUNIT_CASE(a_fence_is_freed_by_nobody_else),
	KUNIT_CASE(nothing_is_mapped_in_a_dead_space),
	KUNIT_CASE(an_update_counts_what_it_changes),
	KUNIT_CASE_PARAM(what_is_gone_is_not_updated, late_gen_params),
	KUNIT_CASE_PARAM(bad_updates_are_refused, bad_update_gen_params),
	KUNIT_CASE(an_update_is_of_one_reservation),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite gpuva_suite = {
	.name = "vdxg_gpuva",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = gpuva_cases,
};

kunit_test_suite(gpuva_suite);
