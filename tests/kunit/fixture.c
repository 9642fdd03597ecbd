// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture.c: a process with an adapter, for the tests of objects (see fixture.h)
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include <vdxg.h>

#include "fixture.h"
#include "object/calls.h"

#define INFOS_SIZE	(FIXTURE_MAX_CREATE * sizeof(struct d3dddi_allocationinfo2))
#define LIST_SIZE	(FIXTURE_MAX_LIST * sizeof(u32))

/* What is where in user memory: descriptions, the private data of all of them, lists of handles. */
#define DATA_OFFSET	INFOS_SIZE
#define LIST_OFFSET	PAGE_ALIGN(DATA_OFFSET + sizeof(struct vdxg_allocation_data))
#define USER_SIZE	PAGE_ALIGN(LIST_OFFSET + LIST_SIZE)

/**
 * fixture_init - what a suite's init function is
 * @test: the test; its priv is the fixture afterwards
 */
int fixture_init(struct kunit *test)
{
	static const struct vdxg_adapter_desc desc = {
		.name = "mock",
		.driver = "vdxg",
		.software = true,
	};
	struct d3dkmt_openadapterfromluid args = {};
	struct vdxg_call call = { .args = &args, .size = sizeof(args) };
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct vdxg_adapter *adapter;

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->test = test;
	f->user = (void __user *)kunit_vm_mmap(test, NULL, 0, USER_SIZE, PROT_READ | PROT_WRITE,
					       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL((const void __force *)f->user));
	f->local = mock_backend_create(test, FIXTURE_LOCAL_PAGES);
	adapter = vdxg_adapter_create(&desc, &f->local->be);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, adapter);
	f->adapter = adapter;
	f->mm = &adapter->mm;
	f->process = vdxg_process_create();
	KUNIT_ASSERT_NOT_NULL(test, f->process);
	args.adapter_luid = adapter->luid;
	call.process = f->process;
	KUNIT_ASSERT_EQ(test, vdxg_open_adapter_from_luid(&call), STATUS_SUCCESS);
	f->open = args.adapter_handle;
	return 0;
}

/**
 * fixture_remove_adapter - the GPU goes away
 * @f: the fixture
 */
void fixture_remove_adapter(struct fixture *f)
{
	struct vdxg_adapter *adapter = f->adapter;

	f->adapter = NULL;
	vdxg_adapter_remove(adapter);
}

/**
 * fixture_end_process - the process ends with all it has
 * @f: the fixture
 */
void fixture_end_process(struct fixture *f)
{
	struct vdxg_process *process = f->process;

	f->process = NULL;
	vdxg_process_destroy_objects(process);
	vdxg_process_put(process);
}

/**
 * fixture_exit - what a suite's exit function is
 * @test: the test; fails if something is left when process and adapter are gone
 */
void fixture_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	if (f->process)
		fixture_end_process(f);
	if (f->adapter) {
		KUNIT_EXPECT_EQ_MSG(test, vidmm_totals(f->mm).allocs, 0, "allocations left");
		KUNIT_EXPECT_EQ_MSG(test, vidmm_totals(f->mm).commit, 0, "pages left committed");
		KUNIT_EXPECT_EQ_MSG(test, f->mm->segments[VIDMM_LOCAL].used, 0, "pages left used");
		KUNIT_EXPECT_EQ_MSG(test, f->mm->busy, 0, "somebody left busy");
		KUNIT_EXPECT_FALSE_MSG(test, f->local->destroyed, "an adapter that is there");
		fixture_remove_adapter(f);
	}
	if (f->local)
		KUNIT_EXPECT_TRUE_MSG(test, f->local->destroyed, "an adapter that nobody needs");
}

/**
 * fixture_device - CreateDevice
 * @f: the fixture
 *
 * Return: the device; without one the test ends.
 */
struct d3dkmthandle fixture_device(struct fixture *f)
{
	struct d3dkmt_createdevice args = { .adapter = f->open };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };

	KUNIT_ASSERT_EQ(f->test, vdxg_create_device(&call), STATUS_SUCCESS);
	return args.device;
}

/* Describe @count allocations, unless they are described already: calls only add handles. */
static void write_infos(struct fixture *f, u32 count)
{
	struct vdxg_allocation_data __user *user = f->user + DATA_OFFSET;
	struct d3dddi_allocationinfo2 __user *infos = f->user;
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 info = {
		.priv_drv_data = (uintptr_t)user,
		.priv_drv_data_size = sizeof(data),
	};

	vdxg_allocation_data_init(&data, FIXTURE_PAGES << PAGE_SHIFT);
	KUNIT_ASSERT_EQ(f->test, copy_to_user(user, &data, sizeof(data)), 0);
	for (; f->described < count; f->described++)
		KUNIT_ASSERT_EQ(f->test, 0, copy_to_user(&infos[f->described], &info,
							 sizeof(info)));
}

/**
 * fixture_create - CreateAllocation2
 * @f: the fixture
 * @device: where
 * @flags: D3DKMT_CREATE_RESOURCE and so on
 * @resource: the resource to add to, or 0
 * @handles: the allocations
 * @count: how many
 *
 * They have FIXTURE_PAGES pages each and prefer the local segment. A failure ends the test.
 *
 * Return: the new resource, or 0.
 */
u32 fixture_create(struct fixture *f, struct d3dkmthandle device, u32 flags, u32 resource,
		   u32 *handles, u32 count)
{
	struct d3dddi_allocationinfo2 __user *infos = f->user;
	struct d3dkmt_createallocation args = {
		.device = device,
		.resource.v = resource,
		.flags = flags,
		.alloc_count = count,
		.allocation_info = count ? (uintptr_t)f->user : 0,
	};
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	u32 i;

	KUNIT_ASSERT_LE(f->test, count, FIXTURE_MAX_CREATE);
	write_infos(f, count);
	KUNIT_ASSERT_EQ(f->test, vdxg_create_allocation(&call), STATUS_SUCCESS);
	for (i = 0; i < count; i++)
		KUNIT_ASSERT_EQ(f->test, get_user(handles[i], &infos[i].allocation.v), 0);
	f->global = args.global_share.v;
	return flags & D3DKMT_CREATE_RESOURCE ? args.resource.v : 0;
}

/**
 * fixture_destroy2 - DestroyAllocation2
 * @f: the fixture
 * @device: where
 * @resource: the resource, or 0
 * @handles: the list, or NULL
 * @count: what is said to be its length; @handles has as many, up to FIXTURE_MAX_LIST
 * @flags: D3DKMT_DESTROY_*
 *
 * Return: its status.
 */
int fixture_destroy2(struct fixture *f, struct d3dkmthandle device, u32 resource,
		     const u32 *handles, u32 count, u32 flags)
{
	struct d3dkmt_destroyallocation2 args = {
		.device = device,
		.resource.v = resource,
		.allocations = handles ? (uintptr_t)f->user + LIST_OFFSET : 0,
		.alloc_count = count,
		.flags = flags,
	};
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };
	size_t size = min(count, FIXTURE_MAX_LIST) * sizeof(*handles);

	if (handles)
		KUNIT_ASSERT_EQ(f->test, copy_to_user(f->user + LIST_OFFSET, handles, size), 0);
	return vdxg_destroy_allocation2(&call);
}

/**
 * fixture_destroy_device - DestroyDevice
 * @f: the fixture
 * @device: the device
 *
 * Return: its status.
 */
int fixture_destroy_device(struct fixture *f, struct d3dkmthandle device)
{
	struct d3dkmt_destroydevice args = { .device = device };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };

	return vdxg_destroy_device(&call);
}

/**
 * fixture_lock - Lock2
 * @f: the fixture
 * @device: where
 * @handle: the allocation
 *
 * A failure ends the test.
 *
 * Return: the address, in the memory of the test's thread.
 */
u64 fixture_lock(struct fixture *f, struct d3dkmthandle device, u32 handle)
{
	struct d3dkmt_lock2 args = { .device = device, .allocation.v = handle };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };

	KUNIT_ASSERT_EQ(f->test, vdxg_lock2(&call), STATUS_SUCCESS);
	return args.data;
}

/**
 * fixture_accessible - can the CPU write and read there?
 * @address: from fixture_lock()
 */
bool fixture_accessible(u64 address)
{
	u32 __user *user = u64_to_user_ptr(address);
	u32 value;

	return !put_user(0x5a17, user) && !get_user(value, user) && value == 0x5a17;
}

/**
 * fixture_unlock - Unlock2
 * @f: the fixture
 * @device: where
 * @handle: the allocation
 *
 * Return: its status.
 */
int fixture_unlock(struct fixture *f, struct d3dkmthandle device, u32 handle)
{
	struct d3dkmt_unlock2 args = { .device = device, .allocation.v = handle };
	struct vdxg_call call = { .process = f->process, .args = &args, .size = sizeof(args) };

	return vdxg_unlock2(&call);
}

/**
 * fixture_peek - what a handle names
 * @f: the fixture
 * @handle: the handle
 * @class: the kind it should be of
 *
 * Return: the object, without a reference, or NULL.
 */
struct vdxg_object *fixture_peek(struct fixture *f, u32 handle, const struct vdxg_class *class)
{
	struct vdxg_object *obj;

	vdxg_process_lock(f->process);
	obj = vdxg_handle_peek(&f->process->handles, handle, class);
	vdxg_process_unlock(f->process);
	return obj;
}

/**
 * fixture_get - an allocation with a reference
 * @f: the fixture
 * @handle: its handle
 *
 * Return: the allocation; without one the test ends.
 */
struct vdxg_allocation *fixture_get(struct fixture *f, u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_get(&f->process->handles, handle,
						  &vdxg_allocation_class);

	KUNIT_ASSERT_NOT_NULL(f->test, obj);
	return container_of(obj, struct vdxg_allocation, obj);
}

/**
 * fixture_count - take the counters down
 * @f: the fixture
 * @counters: where
 */
void fixture_count(struct fixture *f, struct fixture_counters *counters)
{
	struct vidmm_totals totals = vidmm_totals(f->mm);

	counters->allocs = totals.allocs;
	counters->commit = totals.commit;
	spin_lock(&f->mm->lock);
	counters->local = f->mm->segments[VIDMM_LOCAL].used;
	spin_unlock(&f->mm->lock);
	counters->backend = mock_backend_pages(f->local);
}

/**
 * fixture_expect_counters - compare the counters
 * @f: the fixture
 * @expected: what they should be
 */
void fixture_expect_counters(struct fixture *f, const struct fixture_counters *expected)
{
	struct fixture_counters now;

	fixture_count(f, &now);
	KUNIT_EXPECT_EQ(f->test, now.allocs, expected->allocs);
	KUNIT_EXPECT_EQ(f->test, now.commit, expected->commit);
	KUNIT_EXPECT_EQ(f->test, now.local, expected->local);
	KUNIT_EXPECT_EQ(f->test, now.backend, expected->backend);
}
