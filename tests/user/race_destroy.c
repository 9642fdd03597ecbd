// SPDX-License-Identifier: MIT
/*
 * race_destroy.c: destroying against destroying, and against the end of what it belongs to
 */
#include "race.h"

#define ROUNDS 60

static void fresh(struct race_state *s, uint64_t *random, bool resource)
{
	s->n = 1 + test_random(random) % RACE_MAX;
	s->resource = 0;
	s->stop = 0;
	if (resource)
		s->resource = need_resource(s->device, 4096, s->n, s->list);
	else
		need_allocations(s->device, 4096, s->n, s->list);
}

static void destroy_forwards(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_destroy_list(s->device, s->list, s->n);
}

static void destroy_backwards(void *arg)
{
	struct race_state *s = arg;
	D3DKMT_HANDLE list[RACE_MAX];
	uint32_t i;

	for (i = 0; i < s->n; i++)
		list[i] = s->list[s->n - 1 - i];
	s->second = kmt_destroy_list(s->device, list, s->n);
}

static void expect_none_alive(struct race_state *s)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		EXPECT_STATUS(kmt_get_priority(s->device, s->list[i], NULL),
			      STATUS_INVALID_PARAMETER);
}

static void expect_one_winner(struct race_state *s)
{
	EXPECT(s->first == STATUS_SUCCESS || s->first == STATUS_INVALID_PARAMETER);
	EXPECT(s->second == STATUS_SUCCESS || s->second == STATUS_INVALID_PARAMETER);
	EXPECT_EQ((s->first == STATUS_SUCCESS) + (s->second == STATUS_SUCCESS), 1);
}

static void two_destroy_one_list(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s, &random, i % 2);
		race(destroy_forwards, destroy_backwards, &s, &random);
		expect_one_winner(&s);
		expect_none_alive(&s);
		if (s.resource)
			EXPECT_STATUS(kmt_destroy_resource(s.device, s.resource), STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void destroy_lower_half(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_destroy_list(s->device, s->list, s->n / 2 + 1);
}

static void destroy_upper_half(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_list(s->device, s->list + s->n / 2, s->n - s->n / 2);
}

/* the lists have one allocation in common: the loser's others must all live */
static void overlapping_lists(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	uint32_t half;

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s, &random, false);
		half = s.n / 2;
		race(destroy_lower_half, destroy_upper_half, &s, &random);
		expect_one_winner(&s);
		if (s.first == STATUS_SUCCESS && s.n > half + 1)
			EXPECT_STATUS(kmt_destroy_list(s.device, s.list + half + 1, s.n - half - 1),
				      STATUS_SUCCESS);
		if (s.second == STATUS_SUCCESS && half)
			EXPECT_STATUS(kmt_destroy_list(s.device, s.list, half), STATUS_SUCCESS);
		expect_none_alive(&s);
	}
}

static void destroy_resource(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_resource(s->device, s->resource);
}

static void list_against_resource(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s, &random, true);
		race(destroy_forwards, destroy_resource, &s, &random);
		/* the resource survives a list, so its own destruction succeeds either way */
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		expect_none_alive(&s);
	}
	expect_usage_back(before);
}

static void destroy_resource_first(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_destroy(s->device, s->resource, s->list, 1, 0);
}

static void two_destroy_one_resource(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s, &random, true);
		race(destroy_resource_first, destroy_resource, &s, &random);
		expect_one_winner(&s);
		expect_none_alive(&s);
	}
}

static void add_to_resource(void *arg)
{
	struct race_state *s = arg;
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE added[4];
	D3DKMT_HANDLE resource = s->resource;

	vdxg_allocation_data_init(&data, 4096);
	s->first = kmt_create(s->device, &resource, 0, &data, 0, 4, added);
}

static void adding_against_destroying(void)
{
	struct race_state s = { .device = need_device() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		fresh(&s, &random, true);
		race(add_to_resource, destroy_resource, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		if (s.first != STATUS_SUCCESS)
			EXPECT_STATUS(s.first, STATUS_INVALID_HANDLE);
	}
	/* what was added in time went with the resource */
	expect_usage_back(before);
}

static void destroy_device(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_device(s->device);
}

static void list_against_device(void)
{
	struct race_state s = { .adapter = need_adapter() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device_of(s.adapter);
		fresh(&s, &random, i % 2);
		if (i % 3)
			need_lock(s.device, s.list[0]);
		race(destroy_forwards, destroy_device, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
	}
	expect_usage_back(before);
}

static void destroy_device_first(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_destroy_device(s->device);
}

static void two_destroy_one_device(void)
{
	struct race_state s = { .adapter = need_adapter() };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device_of(s.adapter);
		fresh(&s, &random, i % 2);
		race(destroy_device_first, destroy_device, &s, &random);
		expect_one_winner(&s);
	}
	expect_usage_back(before);
}

static void close_adapter(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_close_adapter(s->adapter);
}

static void list_against_adapter(void)
{
	struct race_state s = { 0 };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	NTSTATUS status;

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.adapter = need_adapter();
		s.device = need_device_of(s.adapter);
		fresh(&s, &random, i % 2);
		race(destroy_forwards, close_adapter, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		status = kmt_destroy_device(s.device);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER);
	}
}

static void create_device(void *arg)
{
	struct race_state *s = arg;

	s->first = kmt_create_device(s->adapter, &s->device);
}

static void device_against_adapter(void)
{
	struct race_state s = { 0 };
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);

	for (i = 0; i < rounds && !test_failed(); i++) {
		s.adapter = need_adapter();
		race(create_device, close_adapter, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		if (s.first == STATUS_SUCCESS)
			kmt_destroy_device(s.device);
	}
}

static const struct test_case cases[] = {
	CASE(two_destroy_one_list, "two threads destroy one list: exactly one succeeds"),
	CASE(overlapping_lists,
	     "two lists with one allocation in common: the loser destroys nothing"),
	CASE(list_against_resource, "a list against its resource"),
	CASE(two_destroy_one_resource, "two threads destroy one resource: exactly one succeeds"),
	CASE(adding_against_destroying, "adding to a resource against destroying it"),
	CASE(list_against_device, "a list against its device"),
	CASE(two_destroy_one_device, "two threads destroy one device: exactly one succeeds"),
	CASE(list_against_adapter, "a list against closing the adapter"),
	CASE(device_against_adapter, "creating a device against closing the adapter"),
};

TEST_MAIN(cases)
