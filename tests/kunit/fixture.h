/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixture.h: a process with an adapter, for the tests of objects
 *
 * The adapter's local segment is a mock backend, its process belongs to no task. Calls go to the
 * real handlers: their arguments are in the kernel, the arrays that these point to in user memory
 * of the test's thread. What a test leaves behind is destroyed by fixture_exit(), which expects
 * that nothing remains then.
 *
 *	static struct kunit_suite suite = {
 *		.init = fixture_init,
 *		.exit = fixture_exit,
 *		...
 *
 *	struct fixture *f = test->priv;
 *	struct d3dkmthandle device = fixture_device(f);
 *	u32 resource = fixture_create(f, device, D3DKMT_CREATE_RESOURCE, 0, handles, 3);
 */
#ifndef VDXG_FIXTURE_H
#define VDXG_FIXTURE_H

#include <kunit/test.h>

#include <d3dkmthk.h>

#include "mock_backend.h"
#include "object/adapter.h"
#include "object/allocation.h"
#include "object/process.h"

/* Capacity of the local segment in pages. */
#define FIXTURE_LOCAL_PAGES	BIT(16)
/* Allocations of one call at most. */
#define FIXTURE_MAX_CREATE	1024U
/* Handles of one list at most: one more than there may be. */
#define FIXTURE_MAX_LIST	65537U
/* Pages of each allocation. */
#define FIXTURE_PAGES		3UL

/**
 * struct fixture_counters - what must be as before when nothing has happened
 * @allocs: allocations of the adapter
 * @commit: pages committed on it
 * @local: pages used of its local segment
 * @backend: pages its backend handed out
 */
struct fixture_counters {
	unsigned long allocs;
	unsigned long commit;
	unsigned long local;
	unsigned long backend;
};

/**
 * struct fixture - a process with an adapter
 * @test: the test
 * @local: the backend of the adapter's local segment
 * @adapter: the adapter; NULL after fixture_remove_adapter()
 * @mm: its memory manager, there as long as anybody refers to the adapter
 * @process: the process; NULL after fixture_end_process()
 * @open: its handle to the adapter
 * @user: user memory for arrays; descriptions of allocations come first
 * @described: how many there are
 * @global: the global share handle that the last creation returned
 */
struct fixture {
	struct kunit *test;
	struct mock_backend *local;
	struct vdxg_adapter *adapter;
	struct vidmm *mm;
	struct vdxg_process *process;
	struct d3dkmthandle open;
	void __user *user;
	u32 described;
	u32 global;
};

int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);
void fixture_remove_adapter(struct fixture *f);
void fixture_end_process(struct fixture *f);

struct d3dkmthandle fixture_device(struct fixture *f);
u32 fixture_create(struct fixture *f, struct d3dkmthandle device, u32 flags, u32 resource,
		   u32 *handles, u32 count);
int fixture_destroy2(struct fixture *f, struct d3dkmthandle device, u32 resource,
		     const u32 *handles, u32 count, u32 flags);
int fixture_destroy_device(struct fixture *f, struct d3dkmthandle device);
u64 fixture_lock(struct fixture *f, struct d3dkmthandle device, u32 handle);
bool fixture_accessible(u64 address);
int fixture_unlock(struct fixture *f, struct d3dkmthandle device, u32 handle);

struct vdxg_object *fixture_peek(struct fixture *f, u32 handle, const struct vdxg_class *class);
struct vdxg_allocation *fixture_get(struct fixture *f, u32 handle);
void fixture_count(struct fixture *f, struct fixture_counters *counters);
void fixture_expect_counters(struct fixture *f, const struct fixture_counters *expected);

#endif
