// SPDX-License-Identifier: GPL-2.0-only
/*
 * lifetime_test.c: how long objects live, and that what fails leaves nothing (kmod/object/)
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <vdxg.h>

#include "fixture.h"
#include "object/calls.h"
#include "object/device.h"

/* No user memory is there. */
#define UNMAPPED	((void __user *)0x1000)

/* Handles of the process that are reserved or answer. */
static u32 handles_in_use(struct fixture *f)
{
	u32 used;

	vdxg_process_lock(f->process);
	used = f->process->handles.fresh - f->process->handles.num_free;
	vdxg_process_unlock(f->process);
	return used;
}

/* References held across the end of an allocation */

enum how { BY_LIST, BY_RESOURCE, BY_DEVICE, BY_PROCESS };

struct ending_case {
	const char *desc;
	enum how by;
	bool locked;
};

static const struct ending_case endings[] = {
	{ "destroyed by a list", BY_LIST, false },
	{ "destroyed with its resource", BY_RESOURCE, false },
	{ "destroyed with its device", BY_DEVICE, false },
	{ "its process ends", BY_PROCESS, false },
	{ "locked, destroyed by a list", BY_LIST, true },
	{ "locked, destroyed with its resource", BY_RESOURCE, true },
	{ "locked, destroyed with its device", BY_DEVICE, true },
	{ "locked, its process ends", BY_PROCESS, true },
};

static void end(struct fixture *f, enum how by, struct d3dkmthandle device, u32 resource,
		const u32 *handles, u32 count)
{
	int status = STATUS_SUCCESS;

	switch (by) {
	case BY_LIST:
		status = vdxg_destroy(f->process, device, 0, handles, count, 0);
		break;
	case BY_RESOURCE:
		status = vdxg_destroy(f->process, device, resource, NULL, 0, 0);
		break;
	case BY_DEVICE:
		status = fixture_destroy_device(f, device);
		break;
	case BY_PROCESS:
		fixture_end_process(f);
		break;
	}
	KUNIT_EXPECT_EQ(f->test, status, STATUS_SUCCESS);
}

KUNIT_ARRAY_PARAM_DESC(ending, endings, desc);

static void allocation_lives_while_it_is_referenced(struct kunit *test)
{
	const struct ending_case *c = test->param_value;
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct vdxg_allocation *allocation;
	struct fixture_counters before;
	u32 handles[3], resource;
	u64 address = 0;

	fixture_count(f, &before);
	resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, 3);
	allocation = fixture_get(f, handles[1]);
	if (c->locked) {
		address = fixture_lock(f, device, handles[1]);
		KUNIT_EXPECT_TRUE(test, fixture_accessible(address));
	}
	end(f, c->by, device, resource, handles, 3);

	KUNIT_EXPECT_EQ_MSG(test, allocation->obj.handle, 0, "it has no handle any more");
	KUNIT_EXPECT_NULL(test, allocation->device);
	KUNIT_EXPECT_EQ_MSG(test, f->mm->allocs, before.allocs + 1, "the others are gone");
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(f->local), c->locked ? FIXTURE_PAGES : 0,
			    "its memory is there as long as it is");
	if (c->locked)
		KUNIT_EXPECT_FALSE_MSG(test, fixture_accessible(address), "but not for the CPU");
	vdxg_allocation_put(allocation);
	fixture_expect_counters(f, &before);
}

/* What another process has when it has opened a shared resource. */
static void memory_lives_longer_than_its_binding(struct kunit *test)
{
	const struct ending_case *c = test->param_value;
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct vdxg_allocation *allocation;
	struct fixture_counters before;
	struct vidmm_alloc *mem;
	u32 handles[3], resource;

	fixture_count(f, &before);
	resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, 3);
	allocation = fixture_get(f, handles[0]);
	mem = vdxg_allocation_mem(allocation);
	refcount_inc(&mem->refs);
	if (c->locked)
		fixture_lock(f, device, handles[0]);
	vdxg_allocation_put(allocation);
	end(f, c->by, device, resource, handles, 3);

	KUNIT_EXPECT_EQ(test, f->mm->allocs, before.allocs + 1);
	KUNIT_EXPECT_EQ(test, f->mm->commit, before.commit + FIXTURE_PAGES);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(f->local), c->locked ? FIXTURE_PAGES : 0);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&mem->maps));
	vidmm_alloc_put(mem);
	fixture_expect_counters(f, &before);
}

static void account_outlives_process_and_adapter(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct vdxg_allocation *allocation;
	struct vidmm_alloc *mem;
	u32 handles[2];

	fixture_create(f, device, 0, 0, handles, 2);
	fixture_lock(f, device, handles[0]);
	allocation = fixture_get(f, handles[0]);
	mem = vdxg_allocation_mem(allocation);
	refcount_inc(&mem->refs);
	vdxg_allocation_put(allocation);

	fixture_end_process(f);
	KUNIT_EXPECT_FALSE(test, mem->client->alive);
	KUNIT_EXPECT_EQ(test, mem->client->allocs, 1);
	KUNIT_EXPECT_EQ(test, mem->client->commit, FIXTURE_PAGES);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(f->local), FIXTURE_PAGES);
	fixture_remove_adapter(f);
	KUNIT_EXPECT_EQ_MSG(test, mock_backend_pages(f->local), 0, "the device took its memory");
	KUNIT_EXPECT_FALSE_MSG(test, f->local->destroyed, "the account keeps the adapter");
	vidmm_alloc_put(mem);
	KUNIT_EXPECT_TRUE(test, f->local->destroyed);
}

static void device_lives_while_it_is_referenced(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = vdxg_device_get(f->process, handle);
	u32 handles[2];

	KUNIT_ASSERT_NOT_NULL(test, device);
	fixture_create(f, handle, 0, 0, handles, 2);
	KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, handle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, f->mm->allocs, 0, "it has nothing any more");
	KUNIT_EXPECT_NULL(test, vdxg_device_get(f->process, handle));
	KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, handle), STATUS_INVALID_PARAMETER);
	fixture_end_process(f);
	fixture_remove_adapter(f);
	KUNIT_EXPECT_FALSE_MSG(test, f->local->destroyed, "it keeps the adapter");
	vdxg_device_put(device);
	KUNIT_EXPECT_TRUE(test, f->local->destroyed);
}

static void resource_lives_while_it_is_referenced(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct vdxg_resource *resource;
	u32 handle, handles[2];
	struct vdxg_object *obj;

	handle = fixture_create(f, device, D3DKMT_CREATE_RESOURCE | D3DKMT_CREATE_SHARED, 0,
				handles, 2);
	obj = vdxg_handle_get(&f->process->handles, handle, &vdxg_resource_class);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	resource = container_of(obj, struct vdxg_resource, obj);
	KUNIT_EXPECT_EQ(test, f->global & 0x3f, 2);
	KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, device), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, f->mm->allocs, 0);
	KUNIT_EXPECT_NULL(test, resource->device);
	KUNIT_EXPECT_TRUE(test, list_empty(&resource->allocations));
	vdxg_object_put(obj);
}

static void closed_adapter_leaves_its_devices(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmt_closeadapter args = { .adapter_handle = f->open };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	struct d3dkmthandle device = fixture_device(f);
	u32 handles[2];

	KUNIT_EXPECT_EQ(test, vdxg_close_adapter(&call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vdxg_close_adapter(&call), STATUS_INVALID_PARAMETER);
	fixture_create(f, device, 0, 0, handles, 2);
	fixture_lock(f, device, handles[0]);
	KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, device), STATUS_SUCCESS);
}

/* Much at once */

struct tree {
	const char *desc;
	u32 devices;
	u32 resources;
	u32 each;
	u32 alone;
	/* Every so many-th is locked; 0 is none. */
	u32 lock;
};

static const struct tree trees[] = {
	{ "an empty device", 1, 0, 0, 0, 0 },
	{ "one allocation", 1, 0, 0, 1, 1 },
	{ "an empty resource", 1, 1, 0, 0, 0 },
	{ "a resource of 100", 1, 1, 100, 0, 0 },
	{ "20 resources of 5, every third locked", 1, 20, 5, 0, 3 },
	{ "1,000 stand-alone, every tenth locked", 1, 0, 0, 1000, 10 },
	{ "3 devices, 10 resources of 5 and 50 stand-alone each, all locked", 3, 10, 5, 50, 1 },
	{ "50 devices with one locked allocation each", 50, 0, 0, 1, 1 },
	{ "10 devices, 20 empty resources each", 10, 20, 0, 0, 0 },
};

static void lock_some(struct fixture *f, const struct tree *tree, struct d3dkmthandle device,
		      const u32 *handles, u32 count)
{
	u32 i;

	for (i = 0; tree->lock && i < count; i += tree->lock)
		fixture_lock(f, device, handles[i]);
}

/* Grow one device's part of a tree; @handles has room for FIXTURE_MAX_CREATE. */
static struct d3dkmthandle grow(struct fixture *f, const struct tree *tree, u32 *handles)
{
	struct d3dkmthandle device = fixture_device(f);
	u32 i;

	for (i = 0; i < tree->resources; i++) {
		u32 flags = D3DKMT_CREATE_RESOURCE | (i & 1 ? D3DKMT_CREATE_SHARED : 0);

		fixture_create(f, device, flags, 0, handles, tree->each);
		lock_some(f, tree, device, handles, tree->each);
	}
	if (tree->alone)
		fixture_create(f, device, 0, 0, handles, tree->alone);
	lock_some(f, tree, device, handles, tree->alone);
	return device;
}

static u32 objects_of_device(const struct tree *tree)
{
	return 1 + tree->resources * (1 + tree->each) + tree->alone;
}

KUNIT_ARRAY_PARAM_DESC(tree, trees, desc);

static void device_takes_everything_with_it(struct kunit *test)
{
	const struct tree *tree = test->param_value;
	struct fixture *f = test->priv;
	u32 *handles = kunit_kcalloc(test, FIXTURE_MAX_CREATE, sizeof(u32), GFP_KERNEL);
	struct fixture_counters before, bystander;
	struct d3dkmthandle other, device;
	u32 i, used, other_handle;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	other = fixture_device(f);
	fixture_create(f, other, 0, 0, &other_handle, 1);
	fixture_lock(f, other, other_handle);
	for (i = 0; i < tree->devices; i++) {
		used = handles_in_use(f);
		fixture_count(f, &before);
		device = grow(f, tree, handles);
		KUNIT_EXPECT_EQ(test, handles_in_use(f), used + objects_of_device(tree));
		KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, device), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, handles_in_use(f), used);
		fixture_expect_counters(f, &before);
	}
	fixture_count(f, &bystander);
	KUNIT_EXPECT_EQ_MSG(test, bystander.allocs, 1, "another device keeps what it has");
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, other, other_handle), STATUS_SUCCESS);
}

static void process_takes_everything_with_it(struct kunit *test)
{
	const struct tree *tree = test->param_value;
	struct fixture *f = test->priv;
	u32 *handles = kunit_kcalloc(test, FIXTURE_MAX_CREATE, sizeof(u32), GFP_KERNEL);
	struct fixture_counters before;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	fixture_count(f, &before);
	for (i = 0; i < tree->devices; i++)
		grow(f, tree, handles);
	KUNIT_EXPECT_EQ(test, handles_in_use(f), 1 + tree->devices * objects_of_device(tree));
	vdxg_process_destroy_objects(f->process);
	KUNIT_EXPECT_EQ(test, handles_in_use(f), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->process->devices));
	KUNIT_EXPECT_TRUE(test, list_empty(&f->process->adapters));
	fixture_expect_counters(f, &before);
}

/* The device behind the adapter goes away */

static void removal_leaves_objects_to_be_destroyed(struct kunit *test)
{
	const struct tree *tree = test->param_value;
	struct fixture *f = test->priv;
	u32 *handles = kunit_kcalloc(test, FIXTURE_MAX_CREATE, sizeof(u32), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	for (i = 0; i < tree->devices; i++)
		grow(f, tree, handles);
	fixture_remove_adapter(f);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(f->local), 0);
	KUNIT_EXPECT_FALSE(test, f->local->destroyed);
	KUNIT_EXPECT_EQ_MSG(test, f->mm->allocs,
			    tree->devices * (tree->resources * tree->each + tree->alone),
			    "the allocations are there still");
	KUNIT_EXPECT_EQ(test, handles_in_use(f), 1 + tree->devices * objects_of_device(tree));
	fixture_end_process(f);
	KUNIT_EXPECT_TRUE(test, f->local->destroyed);
}

static void removed_device_refuses_new_things(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct d3dkmt_createdevice create = { .adapter = f->open };
	struct d3dkmt_createallocation resource = {
		.device = device,
		.flags = D3DKMT_CREATE_RESOURCE,
	};
	struct d3dkmt_lock2 lock = { .device = device };
	struct vdxg_call call = { .process = f->process };
	u32 handles[2];
	u64 address;

	fixture_create(f, device, 0, 0, handles, 2);
	address = fixture_lock(f, device, handles[0]);
	KUNIT_EXPECT_TRUE(test, fixture_accessible(address));
	fixture_remove_adapter(f);

	KUNIT_EXPECT_FALSE_MSG(test, fixture_accessible(address), "its memory is lost");
	call.args = &create;
	KUNIT_EXPECT_EQ(test, vdxg_create_device(&call), STATUS_DEVICE_REMOVED);
	call.args = &resource;
	KUNIT_EXPECT_EQ(test, vdxg_create_allocation(&call), STATUS_DEVICE_REMOVED);
	call.args = &lock;
	lock.allocation.v = handles[0];
	KUNIT_EXPECT_EQ(test, vdxg_lock2(&call), STATUS_DEVICE_REMOVED);
	lock.allocation.v = handles[1];
	KUNIT_EXPECT_EQ(test, vdxg_lock2(&call), STATUS_DEVICE_REMOVED);
	KUNIT_EXPECT_EQ_MSG(test, fixture_unlock(f, device, handles[0]), STATUS_SUCCESS,
			    "what was locked can be unlocked");
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, device, handles[0]), STATUS_INVALID_PARAMETER);
}

/* Calls that fail leave nothing */

static void late_fault_undoes_a_device(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmt_createdevice args = { .adapter = f->open };
	struct vdxg_call call = {
		.process = f->process,
		.args = &args,
		.user = UNMAPPED,
		.size = sizeof(args),
	};
	u32 used = handles_in_use(f);

	KUNIT_EXPECT_EQ(test, vdxg_create_device(&call), VDXG_STATUS_FAULT);
	KUNIT_EXPECT_EQ(test, handles_in_use(f), used);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->process->devices));
}

static void late_fault_undoes_an_open(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmt_openadapterfromluid args = { .adapter_luid = f->adapter->luid };
	struct vdxg_call call = {
		.process = f->process,
		.args = &args,
		.user = UNMAPPED,
		.size = sizeof(args),
	};
	u32 used = handles_in_use(f);

	KUNIT_EXPECT_EQ(test, vdxg_open_adapter_from_luid(&call), VDXG_STATUS_FAULT);
	KUNIT_EXPECT_EQ(test, handles_in_use(f), used);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&f->process->adapters));
}

static void late_fault_undoes_a_lock(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct d3dkmt_lock2 args = { .device = device };
	struct vdxg_call call = {
		.process = f->process,
		.args = &args,
		.user = UNMAPPED,
		.size = sizeof(args),
	};
	struct vdxg_allocation *allocation;
	u32 handle;

	fixture_create(f, device, 0, 0, &handle, 1);
	args.allocation.v = handle;
	KUNIT_EXPECT_EQ(test, vdxg_lock2(&call), VDXG_STATUS_FAULT);
	KUNIT_EXPECT_EQ(test, fixture_unlock(f, device, handle), STATUS_INVALID_PARAMETER);
	allocation = fixture_get(f, handle);
	KUNIT_EXPECT_NULL(test, allocation->map);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&vdxg_allocation_mem(allocation)->maps));
	vdxg_allocation_put(allocation);
	/* And the next one works. */
	fixture_lock(f, device, handle);
}

struct failure {
	const char *desc;
	enum { BAD_INFO, NO_HANDLE, NO_COMMIT, LATE_FAULT } how;
	/* Where: the allocation, handle or page that fails. */
	u32 at;
	u32 flags;
	int status;
};

#define FAIL_COUNT	20U

static const struct failure failures[] = {
	{ "the first description is bad", BAD_INFO, 0, 0, STATUS_INVALID_PARAMETER },
	{ "the 8th of 20 descriptions is bad", BAD_INFO, 7, 0, STATUS_INVALID_PARAMETER },
	{ "the 9th of 20 descriptions is bad", BAD_INFO, 8, 0, STATUS_INVALID_PARAMETER },
	{ "the last of 20 descriptions is bad", BAD_INFO, 19, D3DKMT_CREATE_RESOURCE,
	  STATUS_INVALID_PARAMETER },
	{ "no handle for the first", NO_HANDLE, 0, 0, STATUS_NO_MEMORY },
	{ "no handle for the resource", NO_HANDLE, 0, D3DKMT_CREATE_RESOURCE, STATUS_NO_MEMORY },
	{ "no handle for the first of the resource", NO_HANDLE, 1, D3DKMT_CREATE_RESOURCE,
	  STATUS_NO_MEMORY },
	{ "no handle for the last", NO_HANDLE, 19, 0, STATUS_NO_MEMORY },
	{ "nothing can be committed", NO_COMMIT, 0, 0, STATUS_NO_MEMORY },
	{ "one page too few can be committed", NO_COMMIT, FAIL_COUNT * FIXTURE_PAGES - 1, 0,
	  STATUS_NO_MEMORY },
	{ "half can be committed, of a shared resource", NO_COMMIT,
	  FAIL_COUNT * FIXTURE_PAGES / 2, D3DKMT_CREATE_RESOURCE | D3DKMT_CREATE_SHARED,
	  STATUS_NO_MEMORY },
	{ "the structure cannot be written", LATE_FAULT, 0, 0, VDXG_STATUS_FAULT },
	{ "the structure cannot be written, with a shared resource", LATE_FAULT, 0,
	  D3DKMT_CREATE_RESOURCE | D3DKMT_CREATE_SHARED, VDXG_STATUS_FAULT },
};

static void failed_creation_leaves_nothing(struct kunit *test)
{
	const struct failure *c = test->param_value;
	struct fixture *f = test->priv;
	struct d3dkmthandle device = fixture_device(f);
	struct d3dddi_allocationinfo2 __user *infos = f->user;
	struct d3dkmt_createallocation args = {
		.device = device,
		.flags = c->flags,
		.alloc_count = FAIL_COUNT,
		.allocation_info = (uintptr_t)infos,
	};
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	struct fixture_counters before;
	u32 handles[FAIL_COUNT], used;

	/* Leaves good descriptions in user memory. */
	fixture_create(f, device, 0, 0, handles, FAIL_COUNT);
	fixture_count(f, &before);
	used = handles_in_use(f);
	switch (c->how) {
	case BAD_INFO:
		KUNIT_ASSERT_EQ(test, put_user(1, &infos[c->at].reserved[4]), 0);
		break;
	case NO_HANDLE:
		vdxg_process_lock(f->process);
		f->process->handles.limit = f->process->handles.fresh + c->at;
		vdxg_process_unlock(f->process);
		break;
	case NO_COMMIT:
		f->mm->commit_limit = f->mm->commit + c->at;
		break;
	case LATE_FAULT:
		call.user = UNMAPPED;
		break;
	}
	KUNIT_EXPECT_EQ(test, vdxg_create_allocation(&call), c->status);
	fixture_expect_counters(f, &before);
	KUNIT_EXPECT_EQ(test, handles_in_use(f), used);
}

KUNIT_ARRAY_PARAM_DESC(failure, failures, desc);

static struct kunit_case lifetime_cases[] = {
	KUNIT_CASE_PARAM(allocation_lives_while_it_is_referenced, ending_gen_params),
	KUNIT_CASE_PARAM(memory_lives_longer_than_its_binding, ending_gen_params),
	KUNIT_CASE(account_outlives_process_and_adapter),
	KUNIT_CASE(device_lives_while_it_is_referenced),
	KUNIT_CASE(resource_lives_while_it_is_referenced),
	KUNIT_CASE(closed_adapter_leaves_its_devices),
	KUNIT_CASE_PARAM(device_takes_everything_with_it, tree_gen_params),
	KUNIT_CASE_PARAM(process_takes_everything_with_it, tree_gen_params),
	KUNIT_CASE_PARAM(removal_leaves_objects_to_be_destroyed, tree_gen_params),
	KUNIT_CASE(removed_device_refuses_new_things),
	KUNIT_CASE(late_fault_undoes_a_device),
	KUNIT_CASE(late_fault_undoes_an_open),
	KUNIT_CASE(late_fault_undoes_a_lock),
	KUNIT_CASE_PARAM(failed_creation_leaves_nothing, failure_gen_params),
	{}
};

static struct kunit_suite lifetime_suite = {
	.name = "vdxg_lifetime",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = lifetime_cases,
};

kunit_test_suite(lifetime_suite);
