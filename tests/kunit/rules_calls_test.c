// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules_calls_test.c: those of the testable assertions about memory that are about calls, by their numbers
 * (see rules_test.c)
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "fixture.h"
#include "object/calls.h"

#define NUM 3

/* Room for a list and for what comes out, behind what the fixture itself uses. */
struct lists {
	u32 __user *in;
	u32 __user *out;
};

static struct lists new_lists(struct kunit *test, const u32 *handles, u32 count)
{
	struct lists lists;

	lists.in = (u32 __user *)kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL((const void __force *)lists.in));
	lists.out = lists.in + PAGE_SIZE / sizeof(u32) / 2;
	KUNIT_ASSERT_EQ(test, copy_to_user(lists.in, handles, count * sizeof(*handles)), 0);
	return lists;
}

static u32 answer(struct kunit *test, const struct lists *lists)
{
	u32 value = 0;

	KUNIT_EXPECT_EQ(test, get_user(value, lists->out), 0);
	return value;
}

/* The memory behind a handle, which the handle keeps. */
static struct vidmm_alloc *mem_of(struct fixture *f, u32 handle)
{
	struct vdxg_allocation *allocation = fixture_get(f, handle);
	struct vidmm_alloc *mem = vdxg_allocation_mem(allocation);

	vdxg_allocation_put(allocation);
	return mem;
}

static void T33_either_resources_or_allocations(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	u32 handles[NUM], resource;
	struct lists lists;
	struct d3dkmt_offerallocations args = {
		.device = device,
		.allocation_count = 1,
		.priority = D3DKMT_OFFER_PRIORITY_LOW,
	};
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };

	resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, NUM);
	handles[1] = resource;
	lists = new_lists(test, handles, 2);
	args.resources = (uintptr_t)(lists.in + 1);
	args.allocations = (uintptr_t)lists.in;
	KUNIT_EXPECT_EQ(test, vdxg_offer_allocations(&call), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mem_of(f, handles[0])->offer, 0);
	args.resources = 0;
	args.allocations = 0;
	KUNIT_EXPECT_EQ(test, vdxg_offer_allocations(&call), STATUS_INVALID_PARAMETER);
	args.resources = (uintptr_t)(lists.in + 1);
	KUNIT_EXPECT_EQ(test, vdxg_offer_allocations(&call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mem_of(f, handles[0])->offer, D3DKMT_OFFER_PRIORITY_LOW);
	KUNIT_EXPECT_EQ(test, mem_of(f, handles[2])->offer, D3DKMT_OFFER_PRIORITY_LOW);
}

static void T41_priority_of_a_resource_is_that_of_all(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	u32 handles[NUM], other, resource, i, low = D3DDDI_ALLOCATIONPRIORITY_LOW;
	struct d3dkmt_setallocationpriority args = { .device = device };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	struct lists lists = new_lists(test, &low, 1);

	resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, NUM);
	fixture_create(f, device, 0, 0, &other, 1);
	args.resource.v = resource;
	args.priorities = (uintptr_t)lists.in;
	KUNIT_EXPECT_EQ(test, vdxg_set_allocation_priority(&call), STATUS_SUCCESS);
	for (i = 0; i < NUM; i++)
		KUNIT_EXPECT_EQ(test, mem_of(f, handles[i])->priority, low);
	KUNIT_EXPECT_EQ(test, mem_of(f, other)->priority,
			D3DDDI_ALLOCATIONPRIORITY_NORMAL);
}

static void T42_a_resource_is_as_resident_as_its_farthest(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	u32 handles[NUM], resource, i;
	struct d3dkmt_queryallocationresidency args = { .device = device };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	struct lists lists;

	resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, NUM);
	lists = new_lists(test, handles, NUM);
	args.resource.v = resource;
	args.residency_status = (uintptr_t)lists.out;
	for (i = 0; i < NUM; i++) {
		KUNIT_EXPECT_EQ(test, vdxg_query_allocation_residency(&call), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, answer(test, &lists),
				D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT);
		KUNIT_EXPECT_EQ(test, vidmm_populate(mem_of(f, handles[i])),
				STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, vdxg_query_allocation_residency(&call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, answer(test, &lists),
			D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY);
}

static void T60_locks_nest_and_balance(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct d3dkmt_lock2 args = { .device = device, .flags = 1 };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	u64 address;
	u32 handle;

	fixture_create(f, device, 0, 0, &handle, 1);
	args.allocation.v = handle;
	KUNIT_EXPECT_EQ_MSG(test, vdxg_lock2(&call), STATUS_INVALID_PARAMETER, "flags");
	args.flags = 1U << 31;
	KUNIT_EXPECT_EQ_MSG(test, vdxg_lock2(&call), STATUS_INVALID_PARAMETER, "flags");
	address = fixture_lock(f, device, handle);
	KUNIT_EXPECT_NE(test, address, 0);
	KUNIT_EXPECT_EQ(test, fixture_lock(f, device, handle), address);
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, device, handle), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, fixture_accessible(address));
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, device, handle), STATUS_SUCCESS);
	KUNIT_EXPECT_FALSE(test, fixture_accessible(address));
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, device, handle), STATUS_INVALID_PARAMETER);
}

static struct kunit_case rules_calls_cases[] = {
	KUNIT_CASE(T33_either_resources_or_allocations),
	KUNIT_CASE(T41_priority_of_a_resource_is_that_of_all),
	KUNIT_CASE(T42_a_resource_is_as_resident_as_its_farthest),
	KUNIT_CASE(T60_locks_nest_and_balance),
	{}
};

static struct kunit_suite rules_calls_suite = {
	.name = "vdxg_rules_calls",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = rules_calls_cases,
};

kunit_test_suite(rules_calls_suite);
