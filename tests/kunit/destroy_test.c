// SPDX-License-Identifier: GPL-2.0-only
/*
 * destroy_test.c: what DestroyAllocation2 accepts, and that it does all or nothing
 * (kmod/object/destroy.c)
 *
 * Every case plays in the same scene (struct scene). Handles are written as words: a letter for
 * their owner and a number, "r2" is the third allocation of resource R. What should happen is
 * worked out here from the owners alone.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include "fixture.h"
#include "object/calls.h"

/* Allocations of each owner. */
#define EACH	4
#define MAX_LIST	8

/*
 * The owners, as letters: stand-alone on the first device, four of its resources, and two of the
 * second device.
 */
static const char owners[] = "arsxebt";

/**
 * struct scene - two devices and what they have
 * @f: the fixture
 * @device: the first device
 * @other: the second one
 * @resources: by owner: R and S, X is shared, E is empty, T the second device's; 0 for stand-alone
 * @handles: by owner, its allocations
 * @stale: an allocation of the first device that is gone
 * @stale_resource: a resource that is gone
 * @global: the global share handle of X
 */
struct scene {
	struct fixture *f;
	struct d3dkmthandle device;
	struct d3dkmthandle other;
	u32 resources[sizeof(owners)];
	u32 handles[sizeof(owners)][EACH];
	u32 stale;
	u32 stale_resource;
	u32 global;
};

static unsigned int owner_index(char owner)
{
	return strchr(owners, owner) - owners;
}

static unsigned int size_of(char owner)
{
	return owner == 'e' ? 0 : EACH;
}

static struct d3dkmthandle device_of(struct scene *scene, char owner)
{
	return owner == 'b' || owner == 't' ? scene->other : scene->device;
}

static struct scene *build_scene(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	struct fixture *f = test->priv;
	u32 handles[EACH], i;

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->f = f;
	scene->device = fixture_device(f);
	scene->other = fixture_device(f);
	for (i = 0; owners[i]; i++) {
		char owner = owners[i];
		u32 flags = owner == 'a' || owner == 'b' ? 0 : D3DKMT_CREATE_RESOURCE;

		if (owner == 'x')
			flags |= D3DKMT_CREATE_SHARED;
		scene->resources[i] =
			fixture_create(f, device_of(scene, owner), flags, 0, scene->handles[i],
				       size_of(owner));
		if (owner == 'x')
			scene->global = f->global;
	}
	KUNIT_ASSERT_EQ(test, scene->global & 0x3f, 2);

	fixture_create(f, scene->device, 0, 0, handles, 1);
	scene->stale = handles[0];
	KUNIT_ASSERT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(f, scene->device, 0, handles, 1, 0));
	scene->stale_resource = fixture_create(f, scene->device, D3DKMT_CREATE_RESOURCE, 0,
					       handles, 1);
	KUNIT_ASSERT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(f, scene->device, scene->stale_resource, NULL, 0, 0));
	return scene;
}

/* What a word names. */
static u32 handle_named(struct scene *scene, const char *word)
{
	unsigned int owner;

	if (strchr(owners, word[0]) && word[1] >= '0' && word[1] < '0' + EACH)
		return scene->handles[owner_index(word[0])][word[1] - '0'];
	if (word[0] >= 'A' && word[0] <= 'Z' && strchr(owners, word[0] - 'A' + 'a')) {
		owner = owner_index(word[0] - 'A' + 'a');
		return scene->resources[owner];
	}
	if (!strncmp(word, "stale", 5))
		return scene->stale;
	if (!strncmp(word, "gone", 4))
		return scene->stale_resource;
	if (!strncmp(word, "global", 6))
		return scene->global;
	if (!strncmp(word, "device", 6))
		return scene->device.v;
	if (!strncmp(word, "open", 4))
		return scene->f->open.v;
	if (!strncmp(word, "low", 3))
		return scene->handles[0][0] | 1;
	if (!strncmp(word, "unique", 6))
		return scene->handles[0][0] ^ 0xc0000000;
	if (!strncmp(word, "ones", 4))
		return ~0U;
	KUNIT_EXPECT_STREQ(scene->f->test, word, "null");
	return 0;
}

static u32 parse_list(struct scene *scene, const char *words, u32 *list)
{
	u32 n = 0;

	while (*words) {
		KUNIT_ASSERT_LT(scene->f->test, n, MAX_LIST);
		list[n++] = handle_named(scene, words);
		words = strchrnul(words, ' ');
		words += *words == ' ';
	}
	return n;
}

/* Whether the allocations and resources that should be there are, and no others. */
static void expect_alive(struct scene *scene, const bool alive[][EACH], const bool *resources)
{
	struct kunit *test = scene->f->test;
	unsigned int i, j;

	for (i = 0; owners[i]; i++) {
		for (j = 0; j < size_of(owners[i]); j++)
			KUNIT_EXPECT_EQ_MSG(test, alive[i][j],
					    !!fixture_peek(scene->f, scene->handles[i][j],
							   &vdxg_allocation_class),
					    "%c%u", owners[i], j);
		if (scene->resources[i])
			KUNIT_EXPECT_EQ_MSG(test, resources[i],
					    !!fixture_peek(scene->f, scene->resources[i],
							   &vdxg_resource_class),
					    "resource %c", owners[i]);
	}
}

/* Every list with every resource */

struct list_case {
	const char *desc;
	const char *words;
	/* Whose they all are; '-' for none, '+' for more than one owner, '!' for a bad list. */
	char owner;
};

static const struct list_case lists[] = {
	{ "no list", "", '-' },
	{ "one stand-alone", "a1", 'a' },
	{ "all stand-alone", "a0 a1 a2 a3", 'a' },
	{ "stand-alone backwards", "a3 a2 a0", 'a' },
	{ "one of R", "r2", 'r' },
	{ "all of R", "r0 r1 r2 r3", 'r' },
	{ "all of R in another order", "r2 r0 r3 r1", 'r' },
	{ "some of S", "s1 s3", 's' },
	{ "one of the shared X", "x0", 'x' },
	{ "all of the shared X", "x0 x1 x2 x3", 'x' },
	{ "stand-alone, then of R", "a0 r0", '+' },
	{ "of R, then stand-alone", "r0 a0", '+' },
	{ "R with a stand-alone one in the middle", "r0 a0 r1", '+' },
	{ "of R, then of S", "r0 r1 s0", '+' },
	{ "of S, then of R", "s0 r1 r0", '+' },
	{ "of R, then of the shared X", "r0 x0", '+' },
	{ "of the shared X, then stand-alone", "x0 a0", '+' },
	{ "stand-alone twice in a row", "a0 a0", '!' },
	{ "stand-alone twice, apart", "a0 a1 a2 a0", '!' },
	{ "of R twice", "r3 r0 r1 r3", '!' },
	{ "of X twice", "x1 x1", '!' },
	{ "the second device's", "t0", '!' },
	{ "stand-alone, then the second device's", "a0 t0", '!' },
	{ "the second device's, then stand-alone", "t0 a0", '!' },
	{ "of R, then the second device's", "r0 r1 t0", '!' },
	{ "stale", "stale", '!' },
	{ "stand-alone, then stale", "a0 a1 stale", '!' },
	{ "stale, then of R", "stale r0", '!' },
	{ "R, a stale one in the middle", "r0 stale r1", '!' },
	{ "a resource in the list", "R", '!' },
	{ "its own resource after the allocations", "r0 r1 R", '!' },
	{ "a device in the list", "a0 device", '!' },
	{ "an adapter in the list", "open a0", '!' },
	{ "a null handle", "null", '!' },
	{ "a null handle at the end", "a0 a1 null", '!' },
	{ "a low bit set", "low", '!' },
	{ "another uniqueness", "a1 unique", '!' },
	{ "all ones", "r0 ones", '!' },
	{ "a global share handle", "x0 global", '!' },
};

struct resource_case {
	const char *desc;
	const char *word;
	/* Which one; '-' for none, '!' for a bad one. */
	char owner;
};

static const struct resource_case resources[] = {
	{ "no resource", "null", '-' },
	{ "R", "R", 'r' },
	{ "S", "S", 's' },
	{ "the shared X", "X", 'x' },
	{ "the empty E", "E", 'e' },
	{ "the second device's T", "T", '!' },
	{ "a resource that is gone", "gone", '!' },
	{ "an allocation as resource", "r0", '!' },
	{ "a device as resource", "device", '!' },
	{ "an adapter as resource", "open", '!' },
	{ "a global share handle as resource", "global", '!' },
	{ "all ones as resource", "ones", '!' },
};

struct combination {
	const struct resource_case *resource;
	const struct list_case *list;
};

/* The next one; false after the last. */
static bool next_combination(struct combination *c)
{
	if (!c->resource) {
		c->resource = resources;
		c->list = lists;
	} else if (++c->list == lists + ARRAY_SIZE(lists)) {
		c->list = lists;
		c->resource++;
	}
	return c->resource < resources + ARRAY_SIZE(resources);
}

/* All of them, but for those that are wrong twice. */
static const void *combination_gen_params(const void *prev, char *desc)
{
	static struct combination combination;

	if (!prev)
		combination.resource = NULL;
	do {
		if (!next_combination(&combination))
			return NULL;
	} while (combination.resource->owner == '!' && strchr("!+", combination.list->owner));
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s; %s", combination.resource->desc,
		 combination.list->desc);
	return &combination;
}

static bool should_succeed(const struct combination *c)
{
	if (c->resource->owner == '!' || c->list->owner == '!' || c->list->owner == '+')
		return false;
	return c->resource->owner == '-' || c->list->owner == '-' ||
	       c->resource->owner == c->list->owner;
}

static void destroy_combination(struct kunit *test)
{
	const struct combination *c = test->param_value;
	bool alive[sizeof(owners)][EACH], alive_resources[sizeof(owners)];
	struct scene *scene = build_scene(test);
	struct fixture_counters counters;
	unsigned int i, j, owner;
	u32 list[MAX_LIST], count;

	memset(alive, true, sizeof(alive));
	memset(alive_resources, true, sizeof(alive_resources));
	fixture_count(scene->f, &counters);
	count = parse_list(scene, c->list->words, list);
	if (should_succeed(c)) {
		if (c->resource->owner != '-') {
			owner = owner_index(c->resource->owner);
			memset(alive[owner], false, sizeof(alive[owner]));
			alive_resources[owner] = false;
			counters.allocs -= size_of(c->resource->owner);
			counters.commit -= size_of(c->resource->owner) * FIXTURE_PAGES;
		} else {
			for (i = 0; owners[i]; i++)
				for (j = 0; j < count * EACH; j++)
					if (list[j / EACH] == scene->handles[i][j % EACH])
						alive[i][j % EACH] = false;
			counters.allocs -= count;
			counters.commit -= count * FIXTURE_PAGES;
		}
	}
	KUNIT_EXPECT_EQ(test, vdxg_destroy(scene->f->process, scene->device,
					   handle_named(scene, c->resource->word), list, count, 0),
			should_succeed(c) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	expect_alive(scene, alive, alive_resources);
	fixture_expect_counters(scene->f, &counters);
	if (should_succeed(c))
		return;
	/* A failed call must leave no mark: what was wrong only in company is right alone. */
	for (i = 0; owners[i]; i++)
		for (j = 0; j < size_of(owners[i]); j++)
			KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
					vdxg_destroy(scene->f->process, device_of(scene, owners[i]),
						     0, &scene->handles[i][j], 1, 0));
}

/* The device */

struct device_case {
	const char *desc;
	const char *word;
};

static const struct device_case devices[] = {
	{ "the second device", "other" },
	{ "null", "null" },
	{ "all ones", "ones" },
	{ "an allocation", "a0" },
	{ "a resource", "R" },
	{ "an adapter", "open" },
	{ "a stale handle", "stale" },
};

static void destroy_on_wrong_device(struct kunit *test)
{
	const struct device_case *c = test->param_value;
	struct scene *scene = build_scene(test);
	struct fixture_counters counters;
	struct d3dkmthandle device;
	u32 resource = scene->resources[owner_index('r')];

	device.v = strcmp(c->word, "other") ? handle_named(scene, c->word) : scene->other.v;
	fixture_count(scene->f, &counters);
	KUNIT_EXPECT_EQ(test, STATUS_INVALID_PARAMETER,
			vdxg_destroy(scene->f->process, device, 0, scene->handles[0], 2, 0));
	KUNIT_EXPECT_EQ(test, STATUS_INVALID_PARAMETER,
			vdxg_destroy(scene->f->process, device, resource, NULL, 0, 0));
	KUNIT_EXPECT_EQ(test, STATUS_INVALID_PARAMETER,
			vdxg_destroy(scene->f->process, device, resource,
				     scene->handles[owner_index('r')], EACH, 0));
	KUNIT_EXPECT_EQ_MSG(test, vdxg_destroy(scene->f->process, device, 0, NULL, 0, 0),
			    device.v == scene->other.v ? STATUS_SUCCESS :
			    STATUS_INVALID_PARAMETER, "nothing named, but the device must be one");
	fixture_expect_counters(scene->f, &counters);
}

KUNIT_ARRAY_PARAM_DESC(device, devices, desc);

/* Long lists */

struct long_case {
	const char *desc;
	u32 count;
	/* Where the handle is that spoils the list; @count for nowhere. */
	u32 bad;
	/* What it is. */
	enum { STALE, REPEATED, OF_RESOURCE } how;
};

static const struct long_case longs[] = {
	{ "31", 31, 31 },
	{ "32: the last that need no memory", 32, 32 },
	{ "33: the first that do", 33, 33 },
	{ "1,000", 1000, 1000 },
	{ "32, the last is stale", 32, 31, STALE },
	{ "33, the last is stale", 33, 32, STALE },
	{ "1,000, the first is stale", 1000, 0, STALE },
	{ "1,000, one in the middle is stale", 1000, 500, STALE },
	{ "1,000, the last is stale", 1000, 999, STALE },
	{ "1,000, the last is the first", 1000, 999, REPEATED },
	{ "33, the last is the first", 33, 32, REPEATED },
	{ "1,000, the first is of a resource", 1000, 0, OF_RESOURCE },
	{ "1,000, the last is of a resource", 1000, 999, OF_RESOURCE },
};

static void destroy_long_list(struct kunit *test)
{
	const struct long_case *c = test->param_value;
	bool good = c->bad == c->count;
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	u32 *list = kunit_kcalloc(test, c->count, sizeof(*list), GFP_KERNEL);
	struct fixture_counters before, counters;
	u32 i, alive = 0, other;

	KUNIT_ASSERT_NOT_NULL(test, list);
	fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, &other, 1);
	fixture_count(f, &before);
	fixture_create(f, device, 0, 0, list, c->count);
	if (!good) {
		KUNIT_ASSERT_EQ(test, STATUS_SUCCESS,
				fixture_destroy2(f, device, 0, &list[c->bad], 1, 0));
		if (c->how == REPEATED)
			list[c->bad] = list[0];
		else if (c->how == OF_RESOURCE)
			list[c->bad] = other;
	}
	fixture_count(f, &counters);
	KUNIT_EXPECT_EQ(test, fixture_destroy2(f, device, 0, list, c->count, 0),
			good ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	fixture_expect_counters(f, good ? &before : &counters);
	for (i = 0; i < c->count; i++)
		alive += i != c->bad && fixture_peek(f, list[i], &vdxg_allocation_class);
	KUNIT_EXPECT_EQ(test, alive, good ? 0 : c->count - 1);
}

KUNIT_ARRAY_PARAM_DESC(long, longs, desc);

static void destroy_65536_but_not_65537(struct kunit *test)
{
	const u32 most = FIXTURE_MAX_LIST - 1;
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	u32 *list = kunit_kcalloc(test, most + 1, sizeof(*list), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < most; i += FIXTURE_MAX_CREATE)
		fixture_create(f, device, 0, 0, list + i, FIXTURE_MAX_CREATE);
	fixture_create(f, device, 0, 0, list + most, 1);
	KUNIT_EXPECT_EQ(test, fixture_destroy2(f, device, 0, list, most + 1, 0),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, f->mm->allocs, most + 1);
	KUNIT_EXPECT_EQ(test, fixture_destroy2(f, device, 0, list, most, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, f->mm->allocs, 1);
}

/* The arguments of the call */

struct args_case {
	const char *desc;
	/* By name, or null. */
	const char *resource;
	/* NULL for a null pointer, "unmapped" for one to nowhere. */
	const char *list;
	u32 count;
	u32 flags;
	int status;
	/* Allocations that go. */
	u32 destroyed;
};

static const struct args_case args_cases[] = {
	{ "nothing named", "null", NULL, 0, 0, STATUS_SUCCESS, 0 },
	{ "a list of length 0", "null", "a0", 0, 0, STATUS_SUCCESS, 0 },
	{ "a null list with a length", "null", NULL, 1, 0, STATUS_INVALID_PARAMETER, 0 },
	{ "a null list with the greatest length", "null", NULL, ~0U, 0,
	  STATUS_INVALID_PARAMETER, 0 },
	{ "a resource and a null list: the length is ignored", "R", NULL, ~0U, 0,
	  STATUS_SUCCESS, EACH },
	{ "a resource and a list of length 0", "R", "a0", 0, 0, STATUS_SUCCESS, EACH },
	{ "a resource and a list that cannot be read, of length 0", "R", "unmapped", 0, 0,
	  STATUS_SUCCESS, EACH },
	{ "a resource and its allocations", "R", "r0 r1 r2 r3", 4, 0, STATUS_SUCCESS, EACH },
	{ "a resource and one of its allocations: all go", "R", "r2", 1, 0, STATUS_SUCCESS, EACH },
	{ "a list that cannot be read", "null", "unmapped", 1, 0, STATUS_INVALID_PARAMETER, 0 },
	{ "a resource and a list that cannot be read", "R", "unmapped", 1, 0,
	  STATUS_INVALID_PARAMETER, 0 },
	{ "more handles than there may be", "null", "a0", 65537, 0, STATUS_INVALID_PARAMETER, 0 },
	{ "the greatest length", "null", "a0", ~0U, 0, STATUS_INVALID_PARAMETER, 0 },
	{ "a length whose size is 0 in 32 bits", "null", "a0", 1U << 30, 0,
	  STATUS_INVALID_PARAMETER, 0 },
	{ "AssumeNotInUse", "null", "a0 a1", 2, D3DKMT_DESTROY_ASSUME_NOT_IN_USE,
	  STATUS_SUCCESS, 2 },
	{ "SynchronousDestroy", "null", "a0 a1", 2, D3DKMT_DESTROY_SYNCHRONOUS,
	  STATUS_SUCCESS, 2 },
	{ "both flags, with a resource", "S", NULL, 0,
	  D3DKMT_DESTROY_ASSUME_NOT_IN_USE | D3DKMT_DESTROY_SYNCHRONOUS, STATUS_SUCCESS, EACH },
};

static void destroy_arguments(struct kunit *test)
{
	const struct args_case *c = test->param_value;
	struct scene *scene = build_scene(test);
	struct fixture_counters counters;
	u32 resource = handle_named(scene, c->resource);
	int status;

	fixture_count(scene->f, &counters);
	if (c->list && !strcmp(c->list, "unmapped")) {
		struct d3dkmt_destroyallocation2 args = {
			.device = scene->device,
			.resource.v = resource,
			.allocations = 0x1000,
			.alloc_count = c->count,
			.flags = c->flags,
		};
		struct vdxg_call call = {
			.process = scene->f->process,
			.args = &args,
			.size = sizeof(args),
		};

		status = vdxg_destroy_allocation2(&call);
	} else {
		u32 *copied = NULL;

		if (c->list) {
			/* What lies after the list is all zeroes. */
			copied = kunit_kcalloc(test, FIXTURE_MAX_LIST, sizeof(*copied),
					       GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, copied);
			parse_list(scene, c->list, copied);
		}
		status = fixture_destroy2(scene->f, scene->device, resource, copied, c->count,
					  c->flags);
	}
	KUNIT_EXPECT_EQ(test, status, c->status);
	counters.allocs -= c->destroyed;
	counters.commit -= c->destroyed * FIXTURE_PAGES;
	fixture_expect_counters(scene->f, &counters);
}

KUNIT_ARRAY_PARAM_DESC(args, args_cases, desc);

static void destroy_refuses_reserved_flags(struct kunit *test)
{
	struct scene *scene = build_scene(test);
	struct fixture_counters counters;
	u32 bit;

	fixture_count(scene->f, &counters);
	for (bit = 2; bit < 32; bit++) {
		KUNIT_EXPECT_EQ_MSG(test, STATUS_INVALID_PARAMETER,
				    fixture_destroy2(scene->f, scene->device, 0,
						     scene->handles[0], 1, 1U << bit),
				    "bit %u", bit);
		KUNIT_EXPECT_EQ_MSG(test, STATUS_INVALID_PARAMETER,
				    fixture_destroy2(scene->f, scene->device, 0, NULL, 0,
						     1U << bit | 1),
				    "bit %u, nothing named", bit);
	}
	fixture_expect_counters(scene->f, &counters);
}

/* What happens with what they have */

static void destroy_gives_memory_back(struct kunit *test)
{
	struct scene *scene = build_scene(test);
	struct fixture_counters before;
	unsigned int i;

	fixture_count(scene->f, &before);
	KUNIT_ASSERT_EQ(test, before.backend, 0);
	for (i = 0; i < EACH; i++)
		fixture_lock(scene->f, scene->device, scene->handles[0][i]);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(scene->f->local), EACH * FIXTURE_PAGES);
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(scene->f, scene->device, 0, scene->handles[0], EACH, 0));
	before.allocs -= EACH;
	before.commit -= EACH * FIXTURE_PAGES;
	fixture_expect_counters(scene->f, &before);
}

static void destroy_unmaps_locked_memory(struct kunit *test)
{
	struct scene *scene = build_scene(test);
	u64 address = fixture_lock(scene->f, scene->device, scene->handles[0][0]);

	KUNIT_EXPECT_TRUE(test, fixture_accessible(address));
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(scene->f, scene->device, 0, scene->handles[0], 1, 0));
	KUNIT_EXPECT_FALSE(test, fixture_accessible(address));
}

static void emptied_resource_stays(struct kunit *test)
{
	struct scene *scene = build_scene(test);
	u32 r = owner_index('r'), added;

	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			vdxg_destroy(scene->f->process, scene->device, 0, scene->handles[r], EACH, 0));
	fixture_create(scene->f, scene->device, 0, scene->resources[r], &added, 1);
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			vdxg_destroy(scene->f->process, scene->device, scene->resources[r],
				     &added, 1, 0));
	KUNIT_EXPECT_EQ(test, STATUS_INVALID_PARAMETER,
			vdxg_destroy(scene->f->process, scene->device, scene->resources[r],
				     NULL, 0, 0));
}

static void destroy_works_after_removal(struct kunit *test)
{
	struct scene *scene = build_scene(test);
	struct fixture *f = scene->f;

	fixture_lock(f, scene->device, scene->handles[0][0]);
	fixture_remove_adapter(f);
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(f->local), 0, "the device's memory is gone");
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(f, scene->device, 0, scene->handles[0], EACH, 0));
	KUNIT_EXPECT_EQ(test, STATUS_INVALID_PARAMETER,
			fixture_destroy2(f, scene->device, 0, scene->handles[0], EACH, 0));
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS,
			fixture_destroy2(f, scene->device, scene->resources[owner_index('r')],
					 NULL, 0, 0));
	KUNIT_EXPECT_EQ(test, STATUS_SUCCESS, fixture_destroy_device(f, scene->device));
}

/* Two threads, one list */

#define RACE_ROUNDS	300

/**
 * struct race - two threads that destroy the same
 * @f: the fixture
 * @device: where
 * @resource: the resource, or 0
 * @list: the list
 * @count: its length
 * @start: both are there
 */
struct race {
	struct fixture *f;
	struct d3dkmthandle device;
	u32 resource;
	const u32 *list;
	u32 count;
	struct completion start;
};

struct racer {
	struct race *race;
	struct completion done;
	int status;
};

static int race_thread(void *data)
{
	struct racer *racer = data;
	struct race *race = racer->race;

	wait_for_completion(&race->start);
	racer->status = vdxg_destroy(race->f->process, race->device, race->resource, race->list,
				     race->count, 0);
	complete(&racer->done);
	return 0;
}

static void start_racer(struct kunit *test, struct racer *racer, struct race *race)
{
	struct task_struct *task;

	racer->race = race;
	init_completion(&racer->done);
	task = kthread_run(race_thread, racer, "vdxg-racer");
	if (IS_ERR(task)) {
		KUNIT_FAIL(test, "no thread");
		complete(&racer->done);
	}
}

struct race_case {
	const char *desc;
	bool resource;
	bool list;
};

static const struct race_case race_cases[] = {
	{ "the same list", false, true },
	{ "the same resource", true, false },
	{ "the same resource with its list", true, true },
};

static void two_threads_destroy_the_same(struct kunit *test)
{
	const struct race_case *c = test->param_value;
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct racer *racers = kunit_kcalloc(test, 2, sizeof(*racers), GFP_KERNEL);
	struct fixture *f = test->priv;
	struct fixture_counters before;
	u32 round, list[EACH];

	KUNIT_ASSERT_NOT_NULL(test, race);
	KUNIT_ASSERT_NOT_NULL(test, racers);
	race->f = f;
	race->device = fixture_device(f);
	fixture_count(f, &before);
	for (round = 0; round < RACE_ROUNDS; round++) {
		race->resource = fixture_create(f, race->device,
						c->resource ? D3DKMT_CREATE_RESOURCE : 0, 0,
						list, EACH);
		race->list = list;
		race->count = c->list ? EACH : 0;
		init_completion(&race->start);
		start_racer(test, &racers[0], race);
		start_racer(test, &racers[1], race);
		complete_all(&race->start);
		wait_for_completion(&racers[0].done);
		wait_for_completion(&racers[1].done);
		KUNIT_ASSERT_NE(test, racers[0].status, racers[1].status);
		KUNIT_ASSERT_EQ(test, racers[0].status ?: racers[1].status,
				STATUS_INVALID_PARAMETER);
	}
	fixture_expect_counters(f, &before);
}

KUNIT_ARRAY_PARAM_DESC(race, race_cases, desc);

static struct kunit_case destroy_cases[] = {
	KUNIT_CASE_PARAM(destroy_combination, combination_gen_params),
	KUNIT_CASE_PARAM(destroy_on_wrong_device, device_gen_params),
	KUNIT_CASE_PARAM(destroy_long_list, long_gen_params),
	KUNIT_CASE_SLOW(destroy_65536_but_not_65537),
	KUNIT_CASE_PARAM(destroy_arguments, args_gen_params),
	KUNIT_CASE(destroy_refuses_reserved_flags),
	KUNIT_CASE(destroy_gives_memory_back),
	KUNIT_CASE(destroy_unmaps_locked_memory),
	KUNIT_CASE(emptied_resource_stays),
	KUNIT_CASE(destroy_works_after_removal),
	KUNIT_CASE_PARAM(two_threads_destroy_the_same, race_gen_params),
	{}
};

static struct kunit_suite destroy_suite = {
	.name = "vdxg_destroy",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = destroy_cases,
};

kunit_test_suite(destroy_suite);
