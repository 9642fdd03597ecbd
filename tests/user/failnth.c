// SPDX-License-Identifier: MIT
/*
 * failnth.c: every allocation and every copy of every call fails once
 *
 * Each call runs again and again; the first time its first failure point fails, the next time its
 * second, and so on until none is left (/proc/PID/fail-nth). Whatever fails, the call must end in
 * a documented status, and then nothing may have changed: no handle given out, nothing counted,
 * what was to be destroyed alive.
 *
 * vm-when: kernel=debug
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "failnth.h"

#define MANY 20
#define HEAP (16 * 4096)

static D3DKMT_HANDLE adapter, device;
static D3DKMT_HANDLE list[MANY], resource, out;

static void start(void)
{
	failnth_start();
	adapter = need_adapter();
	device = need_device_of(adapter);
}

/* ---- the sweep ---- */

/**
 * struct sweep - a call and what belongs to it
 * @name: of the call
 * @prepare: makes what it needs
 * @call: makes the call
 * @undo: undoes @prepare and a successful @call
 * @cleanup: undoes @prepare alone; must succeed as if the call had never been
 */
struct sweep {
	const char *name;
	void (*prepare)(void);
	NTSTATUS (*call)(void);
	void (*undo)(void);
	void (*cleanup)(void);
};

static bool is_dead(D3DKMT_HANDLE h)
{
	uint32_t type;

	return kmt_query_adapter(h, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type)) !=
		       STATUS_SUCCESS &&
	       kmt_device_state(h, NULL) != STATUS_SUCCESS &&
	       kmt_get_priority(device, h, NULL) != STATUS_SUCCESS &&
	       kmt_residency(device, h, NULL, 0, &type) != STATUS_SUCCESS;
}

static D3DKMT_HANDLE probe(void)
{
	D3DKMT_HANDLE handle = need_adapter();

	EXPECT_STATUS(kmt_close_adapter(handle), STATUS_SUCCESS);
	return handle;
}

/* every handle that may have been given out since @before answers to nothing */
static void expect_nothing_since(D3DKMT_HANDLE before)
{
	D3DKMT_HANDLE h, now = probe();

	if (now < before || now - before > 200 * HANDLE_STEP)
		return;	/* the numbers began again */
	for (h = before; h < now; h += HANDLE_STEP)
		EXPECT(is_dead(h));
}

static void run_sweep(const struct sweep *s)
{
	unsigned int n, failed = 0, tolerated = 0, failures = test_failed();
	struct usage before, after;
	D3DKMT_HANDLE handle;
	NTSTATUS status;
	bool hit;

	for (n = 1; n < FAILNTH_POINTS && test_failed() == failures; n++) {
		if (s->prepare)
			s->prepare();
		handle = probe();
		before = need_usage();
		failnth_arm(n);
		status = s->call();
		hit = failnth_disarm();
		if (!hit) {
			EXPECT_STATUS(status, STATUS_SUCCESS);
			s->undo();
			break;
		}
		if (status == STATUS_SUCCESS) {
			tolerated++;
			s->undo();
			continue;
		}
		failed++;
		if (!failnth_documented(status))
			test_fail(__FILE__, __LINE__, "%s: %s", s->name, status_name(status));
		after = need_usage();
		EXPECT_EQ(after.allocs, before.allocs);
		EXPECT_EQ(after.committed, before.committed);
		EXPECT_EQ(after.resident, before.resident);
		expect_nothing_since(handle);
		if (s->cleanup)
			s->cleanup();
		if (test_failed() != failures)
			test_note("%s: at failure point %u, which gave %s", s->name, n,
				  status_name(status));
	}
	test_note("%s: %u failure points made it fail, %u did not", s->name, failed, tolerated);
	EXPECT(failed + tolerated > 0 && n < FAILNTH_POINTS);
}

/* ---- creating ---- */

static struct vdxg_allocation_data data;
static D3DDDI_ALLOCATIONINFO2 info[MANY];
static D3DKMT_CREATEALLOCATION create;
static D3DKMT_CREATESTANDARDALLOCATION standard;

static void prepare_create(uint32_t n, uint32_t flags)
{
	uint32_t i;

	vdxg_allocation_data_init(&data, HEAP);
	memset(info, 0, sizeof(info));
	for (i = 0; i < n; i++) {
		info[i].pPrivateDriverData = &data;
		info[i].PrivateDriverDataSize = sizeof(data);
	}
	memset(&create, 0, sizeof(create));
	create.hDevice = device;
	create.NumAllocations = n;
	create.pAllocationInfo2 = info;
	SET_FLAGS(create.Flags, flags);
}

static NTSTATUS call_create(void)
{
	return D3DKMTCreateAllocation2(&create);
}

static void prepare_one(void)
{
	prepare_create(1, 0);
}

static void undo_one(void)
{
	EXPECT_STATUS(kmt_destroy_one(device, info[0].hAllocation), STATUS_SUCCESS);
}

static void prepare_many(void)
{
	prepare_create(MANY, CREATE_RESOURCE);
}

static void undo_many(void)
{
	EXPECT_STATUS(kmt_destroy_resource(device, create.hResource), STATUS_SUCCESS);
}

static void prepare_shared(void)
{
	static char runtime[64];

	prepare_create(2, CREATE_RESOURCE | CREATE_SHARED);
	create.pPrivateRuntimeData = runtime;
	create.PrivateRuntimeDataSize = sizeof(runtime);
}

static void prepare_empty(void)
{
	prepare_create(0, CREATE_RESOURCE);
}

static char *heap;

static void prepare_heap(void)
{
	if (!heap)
		heap = test_pages(HEAP);
	prepare_create(1, CREATE_STANDARD_ALLOCATION | CREATE_EXISTING_SYSMEM);
	standard.Type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP;
	standard.ExistingHeapData.Size = HEAP;
	memset(info, 0, sizeof(info));
	info[0].pSystemMem = heap;
	create.pStandardAllocation = &standard;
}

static void creating(void)
{
	static const struct sweep sweeps[] = {
		{ "one allocation", prepare_one, call_create, undo_one, NULL },
		{ "a resource of 20", prepare_many, call_create, undo_many, NULL },
		{ "a shared resource", prepare_shared, call_create, undo_many, NULL },
		{ "an empty resource", prepare_empty, call_create, undo_many, NULL },
		{ "existing memory", prepare_heap, call_create, undo_one, NULL },
	};
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(sweeps); i++)
		run_sweep(&sweeps[i]);
}

/* ---- destroying ---- */

static D3DKMT_DESTROYALLOCATION2 destroy;

static NTSTATUS call_destroy(void)
{
	return D3DKMTDestroyAllocation2(&destroy);
}

static void prepare_destroy_list(void)
{
	need_allocations(device, HEAP, MANY, list);
	need_lock(device, list[0]);
	need_lock(device, list[1]);
	memset(&destroy, 0, sizeof(destroy));
	destroy.hDevice = device;
	destroy.phAllocationList = list;
	destroy.AllocationCount = MANY;
}

static void prepare_destroy_resource(void)
{
	resource = need_resource(device, HEAP, MANY, list);
	need_lock(device, list[0]);
	memset(&destroy, 0, sizeof(destroy));
	destroy.hDevice = device;
	destroy.hResource = resource;
}

static void prepare_destroy_both(void)
{
	prepare_destroy_resource();
	destroy.phAllocationList = list;
	destroy.AllocationCount = MANY;
}

static void prepare_destroy_synchronously(void)
{
	prepare_destroy_list();
	SET_FLAGS(destroy.Flags, DESTROY_SYNCHRONOUS);
}

static void expect_destroyed(void)
{
	int i;

	for (i = 0; i < MANY; i++)
		EXPECT_STATUS(kmt_get_priority(device, list[i], NULL), STATUS_INVALID_PARAMETER);
}

static void destroy_after_all(void)
{
	int i;

	for (i = 0; i < MANY; i++)
		EXPECT_STATUS(kmt_get_priority(device, list[i], NULL), STATUS_SUCCESS);
	/* still locked, too */
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(call_destroy(), STATUS_SUCCESS);
}

static void destroying(void)
{
	static const struct sweep sweeps[] = {
		{ "a list of 20", prepare_destroy_list, call_destroy, expect_destroyed,
		  destroy_after_all },
		{ "a resource", prepare_destroy_resource, call_destroy, expect_destroyed,
		  destroy_after_all },
		{ "both", prepare_destroy_both, call_destroy, expect_destroyed, destroy_after_all },
		{ "synchronously", prepare_destroy_synchronously, call_destroy, expect_destroyed,
		  destroy_after_all },
	};
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(sweeps); i++)
		run_sweep(&sweeps[i]);
}

/* ---- adapters and devices ---- */

static D3DKMT_ADAPTERINFO adapters[34];
static ULONG num_adapters;

static NTSTATUS call_open(void)
{
	return kmt_open_adapter(&out);
}

static void close_opened(void)
{
	EXPECT_STATUS(kmt_close_adapter(out), STATUS_SUCCESS);
}

static NTSTATUS call_enum(void)
{
	D3DKMT_ENUMADAPTERS2 enumerate = { .NumAdapters = ARRAY_SIZE(adapters),
					   .pAdapters = adapters };
	NTSTATUS status = D3DKMTEnumAdapters2(&enumerate);

	num_adapters = enumerate.NumAdapters;
	return status;
}

static void close_enumerated(void)
{
	ULONG i;

	for (i = 0; i < num_adapters; i++)
		EXPECT_STATUS(kmt_close_adapter(adapters[i].hAdapter), STATUS_SUCCESS);
}

static void prepare_close(void)
{
	out = need_adapter();
}

static NTSTATUS call_close(void)
{
	return kmt_close_adapter(out);
}

static void expect_closed(void)
{
	EXPECT_STATUS(kmt_close_adapter(out), STATUS_INVALID_PARAMETER);
}

static NTSTATUS call_create_device(void)
{
	return kmt_create_device(adapter, &out);
}

static void destroy_created(void)
{
	EXPECT_STATUS(kmt_destroy_device(out), STATUS_SUCCESS);
}

static D3DKMT_HANDLE owned;

static void prepare_destroy_device(void)
{
	out = need_device_of(adapter);
	owned = need_allocation(out, HEAP);
	need_lock(out, owned);
}

static NTSTATUS call_destroy_device(void)
{
	return kmt_destroy_device(out);
}

static void expect_device_gone(void)
{
	EXPECT_STATUS(kmt_device_state(out, NULL), STATUS_INVALID_PARAMETER);
}

static void destroy_device_after_all(void)
{
	EXPECT_STATUS(kmt_unlock(out, owned), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(out), STATUS_SUCCESS);
}

static uint32_t word;

static NTSTATUS call_query(void)
{
	return kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERTYPE, &word, sizeof(word));
}

static D3DKMT_DRIVER_DESCRIPTION description;

static NTSTATUS call_query_large(void)
{
	return kmt_query_adapter(adapter, KMTQAITYPE_DRIVER_DESCRIPTION, &description,
				 sizeof(description));
}

static NTSTATUS call_state(void)
{
	return kmt_device_state(device, &word);
}

static void nothing(void)
{
}

static void adapters_and_devices(void)
{
	static const struct sweep sweeps[] = {
		{ "open an adapter", NULL, call_open, close_opened, NULL },
		{ "enumerate", NULL, call_enum, close_enumerated, NULL },
		{ "close an adapter", prepare_close, call_close, expect_closed, close_opened },
		{ "create a device", NULL, call_create_device, destroy_created, NULL },
		{ "destroy a device", prepare_destroy_device, call_destroy_device,
		  expect_device_gone, destroy_device_after_all },
		{ "query an adapter", NULL, call_query, nothing, NULL },
		{ "query a text", NULL, call_query_large, nothing, NULL },
		{ "device state", NULL, call_state, nothing, NULL },
	};
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(sweeps); i++)
		run_sweep(&sweeps[i]);
}

/* ---- locking and properties ---- */

static D3DKMT_LOCK2 lock;

static void prepare_lock_of(uint32_t segments)
{
	vdxg_allocation_data_init(&data, HEAP);
	vdxg_allocation_data_segments(&data, segments);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, list), STATUS_SUCCESS);
	memset(&lock, 0, sizeof(lock));
	lock.hDevice = device;
	lock.hAllocation = list[0];
}

static void prepare_lock_local(void)
{
	prepare_lock_of(VDXG_SEGMENT_SET_LOCAL);
}

static void prepare_lock_aperture(void)
{
	prepare_lock_of(VDXG_SEGMENT_SET_APERTURE);
}

static NTSTATUS call_lock(void)
{
	return D3DKMTLock2(&lock);
}

static void unlock_and_destroy(void)
{
	EXPECT_EQ(test_touch(lock.pData, true), 0);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, list[0]), STATUS_SUCCESS);
}

static void lock_after_all(void)
{
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(call_lock(), STATUS_SUCCESS);
	unlock_and_destroy();
}

static void prepare_again(void)
{
	prepare_lock_local();
	need_lock(device, list[0]);
}

static void unlock_twice(void)
{
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	unlock_and_destroy();
}

static void unlock_once(void)
{
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, list[0]), STATUS_SUCCESS);
}

static NTSTATUS call_unlock(void)
{
	return kmt_unlock(device, list[0]);
}

static void expect_unlocked(void)
{
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(device, list[0]), STATUS_SUCCESS);
}

static NTSTATUS call_touch(void)
{
	/* a fault that finds no memory is tried again or raises SIGBUS; nobody is killed */
	return test_touch(lock.pData, true) ? STATUS_NO_MEMORY : STATUS_SUCCESS;
}

static void prepare_touch(void)
{
	prepare_lock_local();
	REQUIRE_STATUS(call_lock(), STATUS_SUCCESS);
}

static UINT values[MANY], results[MANY];

static void prepare_properties(void)
{
	int i;

	need_allocations(device, 4096, MANY, list);
	for (i = 0; i < MANY; i++)
		values[i] = 0xa0000000 + i;
}

static void expect_priorities(UINT first, UINT step)
{
	UINT priority;
	int i;

	for (i = 0; i < MANY; i++) {
		EXPECT_STATUS(kmt_get_priority(device, list[i], &priority), STATUS_SUCCESS);
		EXPECT_EQ(priority, first + i * step);
	}
	EXPECT_STATUS(kmt_destroy_list(device, list, MANY), STATUS_SUCCESS);
}

static NTSTATUS call_set_priority(void)
{
	D3DKMT_SETALLOCATIONPRIORITY set = { .hDevice = device,
					     .phAllocationList = list,
					     .AllocationCount = MANY,
					     .pPriorities = values };

	return D3DKMTSetAllocationPriority(&set);
}

static void expect_set(void)
{
	expect_priorities(0xa0000000, 1);
}

static void expect_not_set(void)
{
	expect_priorities(PRIORITY_NORMAL, 0);
}

static NTSTATUS call_get_priority(void)
{
	D3DKMT_GETALLOCATIONPRIORITY get = { .hDevice = device,
					     .phAllocationList = list,
					     .AllocationCount = MANY,
					     .pPriorities = results };

	return D3DKMTGetAllocationPriority(&get);
}

static NTSTATUS call_residency(void)
{
	return kmt_residency(device, 0, list, MANY, results);
}

static void locks_and_properties(void)
{
	static const struct sweep sweeps[] = {
		{ "first lock, local", prepare_lock_local, call_lock, unlock_and_destroy,
		  lock_after_all },
		{ "first lock, aperture", prepare_lock_aperture, call_lock, unlock_and_destroy,
		  lock_after_all },
		{ "second lock", prepare_again, call_lock, unlock_twice, unlock_once },
		{ "unlock", prepare_again, call_unlock, expect_unlocked, unlock_once },
		{ "touch", prepare_touch, call_touch, unlock_once, unlock_once },
		{ "set priorities", prepare_properties, call_set_priority, expect_set,
		  expect_not_set },
		{ "get priorities", prepare_properties, call_get_priority, expect_not_set,
		  expect_not_set },
		{ "residency", prepare_properties, call_residency, expect_not_set, expect_not_set },
	};
	size_t i;

	start();
	for (i = 0; i < ARRAY_SIZE(sweeps); i++)
		run_sweep(&sweeps[i]);
}

/* ---- the descriptor ---- */

static void opening_the_device(void)
{
	char text[64] = { 0 };
	int n, fd, error;
	bool hit;

	start();
	for (n = 1; n < FAILNTH_POINTS && !test_failed(); n++) {
		failnth_arm(n);
		fd = open(test_device_path(), O_RDWR | O_CLOEXEC);
		error = errno;
		hit = failnth_disarm();
		if (fd < 0) {
			EXPECT(error == ENOMEM || error == EFAULT || error == ENFILE);
			continue;
		}
		/* it is as good as any other */
		EXPECT_STATUS(test_ioctl(fd, 0xc0104714, text), STATUS_SUCCESS);
		close(fd);
		if (!hit)
			break;
	}
	EXPECT(n > 1 && n < FAILNTH_POINTS);
	test_note("%d failure points", n - 1);
}

static const struct test_case cases[] = {
	CASE(creating, "CreateAllocation2 in its forms"),
	CASE(destroying, "DestroyAllocation2 in its forms"),
	CASE(adapters_and_devices, "opening, enumerating, querying, closing, devices"),
	CASE(locks_and_properties, "Lock2, Unlock2, touching, priorities, residency"),
	CASE_ONCE(opening_the_device, "open of the device node"),
};

TEST_MAIN(cases)
