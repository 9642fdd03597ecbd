// SPDX-License-Identifier: MIT
/*
 * gpuva_update.c: UpdateGpuVirtualAddress: what is refused, when it is done, and how the fence tells. What
 * the addresses mean afterwards is in KUnit's vdxg_gpuva, and in gpuva_engine.c.
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "gpu.h"
#include "gpuva.h"
#include "update.h"

static void T54_fence_value_plus_one(void)
{
	struct tiles t = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, 4 * PAGE, 0, 0);

	EXPECT_STATUS(kmt_update(&t, &op, 1, 5, 0), STATUS_SUCCESS);
	/* it waits: nobody has signalled 5 */
	EXPECT_EQ(*t.value, 0);
	EXPECT_STATUS(kmt_signal_cpu(t.device, t.fence, 5), STATUS_SUCCESS);
	wait_fence(&t, 6);
	EXPECT_EQ(*t.value, 6);
}

static void need_wait(D3DKMT_HANDLE context, D3DKMT_HANDLE fence, uint64_t value)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU wait = { .hContext = context, .ObjectCount = 1 };

	wait.ObjectHandleArray = &fence;
	wait.MonitoredFenceValueArray = (const void *)&value;
	REQUIRE_STATUS(D3DKMTWaitForSynchronizationObjectFromGpu(&wait), STATUS_SUCCESS);
}

static void need_signal(D3DKMT_HANDLE context, D3DKMT_HANDLE fence, uint64_t value)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU signal = { .hContext = context, .ObjectCount = 1 };

	signal.ObjectHandleArray = &fence;
	signal.MonitoredFenceValueArray = (const void *)&value;
	REQUIRE_STATUS(D3DKMTSignalSynchronizationObjectFromGpu(&signal), STATUS_SUCCESS);
}

/* Who waits for the value that an update will signal waits for the update, though the fence has no handle any more. */
static void fence_destroyed(void)
{
	struct tiles t = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, 4 * PAGE, 0, 0);
	D3DKMT_HANDLE first = need_context(t.device), last = need_context(t.device), gate, done;
	D3DKMT_DESTROYSYNCHRONIZATIONOBJECT destroy = { .hSyncObject = t.fence };
	const volatile uint64_t *value;

	REQUIRE_STATUS(kmt_create_fence(t.device, 0, 0, &gate, NULL), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_create_fence(t.device, 0, 0, &done, &value), STATUS_SUCCESS);
	need_wait(first, gate, 1);
	need_signal(first, t.fence, 5);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 5, 0), STATUS_SUCCESS);
	need_wait(last, t.fence, 6);
	need_signal(last, done, 1);
	EXPECT_STATUS(D3DKMTDestroySynchronizationObject(&destroy), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(need_context(t.device)), STATUS_SUCCESS);
	EXPECT_EQ(*value, 0);
	EXPECT_STATUS(kmt_signal_cpu(t.device, gate, 1), STATUS_SUCCESS);
	while (!*value)
		sched_yield();
}

static void T54_do_not_wait(void)
{
	struct tiles t = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, 4 * PAGE, 0, 0);

	EXPECT_STATUS(kmt_update(&t, &op, 1, 5, UPDATE_DO_NOT_WAIT), STATUS_SUCCESS);
	wait_fence(&t, 6);
	EXPECT_EQ(*t.value, 6);
}

static void T54_replicates(void)
{
	struct tiles t = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, 16 * PAGE, 2 * PAGE, 0);

	need_update(&t, &op, 1);
	op = map_op(&t, t.at, 16 * PAGE, PAGE, 15 * PAGE);
	need_update(&t, &op, 1);
	op = map_op(&t, t.at, 16 * PAGE, 16 * PAGE, 0);
	need_update(&t, &op, 1);
	/* not a divisor, larger, not within the allocation, not in pages */
	op = map_op(&t, t.at, 16 * PAGE, 3 * PAGE, 0);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 9, 0), STATUS_INVALID_PARAMETER);
	op = map_op(&t, t.at, 8 * PAGE, 16 * PAGE, 0);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 9, 0), STATUS_INVALID_PARAMETER);
	op = map_op(&t, t.at, 16 * PAGE, 2 * PAGE, 15 * PAGE);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 9, 0), STATUS_INVALID_PARAMETER);
	op = map_op(&t, t.at, 16 * PAGE, 2048, 0);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 9, 0), STATUS_INVALID_PARAMETER);
}

static void one_reservation(void)
{
	struct tiles t = need_tiles();
	uint64_t other = need_reservation(t.adapter, UNIT, RESERVE_ZERO);
	uint64_t faults = need_reservation(t.adapter, UNIT, RESERVE_NO_ACCESS);
	uint64_t mapped = need_mapping(t.queue.handle, t.allocation, 4);
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[2] = {
		map_op(&t, t.at, PAGE, 0, 0), map_op(&t, other, PAGE, 0, 0),
	};

	EXPECT_STATUS(kmt_update(&t, ops, 2, 9, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_update(&t, ops + 1, 1, 1, UPDATE_DO_NOT_WAIT), STATUS_SUCCESS);
	ops[0] = map_op(&t, faults, PAGE, 0, 0);
	EXPECT_STATUS(kmt_update(&t, ops, 1, 9, 0), STATUS_INVALID_PARAMETER);
	ops[0] = map_op(&t, mapped, PAGE, 0, 0);
	EXPECT_STATUS(kmt_update(&t, ops, 1, 9, 0), STATUS_INVALID_PARAMETER);
	ops[0] = map_op(&t, t.at + 15 * PAGE, 2 * PAGE, 0, 0);
	EXPECT_STATUS(kmt_update(&t, ops, 1, 9, 0), STATUS_INVALID_PARAMETER);
	/* copies may come from another one, all from the same */
	ops[0] = copy_op(t.at, other, 4 * PAGE);
	ops[1] = copy_op(t.at + 4 * PAGE, other + 8 * PAGE, 8 * PAGE);
	EXPECT_STATUS(kmt_update(&t, ops, 2, 2, UPDATE_DO_NOT_WAIT), STATUS_SUCCESS);
	ops[1] = copy_op(t.at + 4 * PAGE, t.at + 8 * PAGE, 4 * PAGE);
	EXPECT_STATUS(kmt_update(&t, ops, 2, 9, 0), STATUS_INVALID_PARAMETER);
	ops[0] = copy_op(t.at, faults, PAGE);
	EXPECT_STATUS(kmt_update(&t, ops, 1, 9, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static void bad_operations(void)
{
	struct tiles t = need_tiles();
	D3DKMT_HANDLE foreign = need_allocation(need_device(), PAGE);
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op, good = map_op(&t, t.at, PAGE, 0, 0);
	const struct {
		const char *what;
		D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;
	} bad[] = {
		{ "an unknown operation", { .OperationType = 4 } },
		{ "an operation below all", { .OperationType = -1 } },
		{ "no size", map_op(&t, t.at, 0, 0, 0) },
		{ "half a page", map_op(&t, t.at, 2048, 0, 0) },
		{ "a base within a page", map_op(&t, t.at + 1, PAGE, 0, 0) },
		{ "a size that wraps", map_op(&t, t.at, -PAGE, PAGE, 0) },
		{ "an offset within a page", map_op(&t, t.at, PAGE, 0, 1) },
		{ "an offset at the end", map_op(&t, t.at, PAGE, 0, 16 * PAGE) },
		{ "an offset that wraps", map_op(&t, t.at, 2 * PAGE, 0, -PAGE) },
		{ "unmap to memory", unmap_op(t.at, PAGE, PROTECT_WRITE) },
		{ "unmap to both", unmap_op(t.at, PAGE, PROTECT_ZERO | PROTECT_NO_ACCESS) },
		{ "unmap nothing", unmap_op(t.at, 0, PROTECT_ZERO) },
		{ "copy nothing", copy_op(t.at, t.at, 0) },
		{ "copy from 0", copy_op(t.at, 0, PAGE) },
		{ "copy from within a page", copy_op(t.at, t.at + 8, PAGE) },
		{ "copy a size that wraps", copy_op(t.at, t.at, -PAGE) },
		{ "protect with an allocation", protect_op(&t, t.at, PAGE, PROTECT_NO_ACCESS, 0) },
		{ "protect for the system", protect_op(&t, t.at, PAGE, PROTECT_SYSTEM_USE_ONLY, 0) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION both[2] = { good, bad[i].op };

		if (!EXPECT_STATUS(kmt_update(&t, both, 2, 1, UPDATE_DO_NOT_WAIT),
				   STATUS_INVALID_PARAMETER))
			test_note("with %s", bad[i].what);
	}
	op = good;
	op.Map.hAllocation = 0;
	EXPECT_STATUS(kmt_update(&t, &op, 1, 1, UPDATE_DO_NOT_WAIT), STATUS_INVALID_PARAMETER);
	op.Map.hAllocation = foreign;
	EXPECT_STATUS(kmt_update(&t, &op, 1, 1, UPDATE_DO_NOT_WAIT), STATUS_INVALID_PARAMETER);
	/* none of them was queued */
	EXPECT_EQ(*t.value, 0);
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static void bad_arguments(void)
{
	struct tiles t = need_tiles(), other = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, PAGE, 0, 0);
	D3DKMT_UPDATEGPUVIRTUALADDRESS good = update_args(&t, &op, 1, 3, UPDATE_DO_NOT_WAIT), bad;
	D3DKMT_HANDLE silent;

#define BAD(field, value) do { \
	bad = good; \
	bad.field = (value); \
	if (!EXPECT_STATUS(D3DKMTUpdateGpuVirtualAddress(&bad), STATUS_INVALID_PARAMETER)) \
		test_note("with " #field " " #value); \
} while (0)
	BAD(hDevice, 0);
	BAD(hDevice, t.context);
	BAD(hContext, 0);
	BAD(hContext, t.device);
	BAD(hContext, other.context);
	BAD(hFenceObject, 0);
	BAD(hFenceObject, other.fence);
	BAD(hFenceObject, t.queue.fence);
	BAD(NumOperations, 0);
	BAD(NumOperations, MAX_HANDLES + 1);
	BAD(Operations, NULL);
	BAD(Operations, test_unmapped());
	BAD(Reserved0, 1);
	BAD(Reserved1, 1);
	BAD(FenceValue, ~0ULL);
	BAD(Flags.Value, 2);
	BAD(Flags.Value, 0x80000001);
	/* the second operation lies beyond the end of the page */
	bad = good;
	bad.Operations = test_page_end(&op, sizeof(op));
	bad.NumOperations = 2;
	EXPECT_STATUS(D3DKMTUpdateGpuVirtualAddress(&bad), STATUS_INVALID_PARAMETER);
#undef BAD
	REQUIRE_STATUS(kmt_create_fence(t.device, FENCE_NO_SIGNAL, 0, &silent, NULL),
		       STATUS_SUCCESS);
	bad = good;
	bad.hFenceObject = silent;
	EXPECT_STATUS(D3DKMTUpdateGpuVirtualAddress(&bad), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(D3DKMTUpdateGpuVirtualAddress(&good), STATUS_SUCCESS);
	wait_fence(&t, 4);
}

static void in_order(void)
{
	struct tiles t = need_tiles();
	const uint64_t unique = D3DGPU_UNIQUE_DRIVER_PROTECTION;
	/* only in this order no protections conflict */
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[] = {
		protect_op(&t, t.at, 2 * PAGE, 0, unique | 1),
		unmap_op(t.at, 2 * PAGE, PROTECT_NO_ACCESS),
		protect_op(&t, t.at, 2 * PAGE, PROTECT_WRITE, unique | 2),
		unmap_op(t.at, 2 * PAGE, PROTECT_ZERO),
		map_op(&t, t.at + PAGE, 2 * PAGE, 0, 0),
		copy_op(t.at + 2 * PAGE, t.at, 4 * PAGE),
	};

	need_update(&t, ops, ARRAY_SIZE(ops));
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

static void late_failure(void)
{
	struct tiles t = need_tiles();
	const uint64_t unique = D3DGPU_UNIQUE_DRIVER_PROTECTION;
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[] = {
		protect_op(&t, t.at, 2 * PAGE, 0, unique | 1),
		protect_op(&t, t.at + 4 * PAGE, 2 * PAGE, 0, unique | 2),
	};

	EXPECT_STATUS(kmt_update(&t, ops, 2, 1, UPDATE_DO_NOT_WAIT), STATUS_SUCCESS);
	while (kmt_execution(t.device) == D3DKMT_DEVICEEXECUTION_ACTIVE)
		sched_yield();
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
	EXPECT_STATUS(kmt_update(&t, ops, 1, 1, UPDATE_DO_NOT_WAIT), STATUS_DEVICE_REMOVED);
}

static void freed_before(void)
{
	struct tiles t = need_tiles();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&t, t.at, 2 * PAGE, 0, 0);
	uint64_t at;

	/* ignored where the addresses are free, and where somebody else has them */
	EXPECT_STATUS(kmt_update(&t, &op, 1, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal_cpu(t.device, t.fence, 1), STATUS_SUCCESS);
	wait_fence(&t, 2);
	EXPECT(va_is_free(t.adapter, t.at, UNIT));
	EXPECT_STATUS(kmt_reserve_va(t.adapter, t.at, UNIT, RESERVE_ZERO, &at), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_update(&t, &op, 1, 3, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(t.queue.handle, t.allocation, t.at, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal_cpu(t.device, t.fence, 3), STATUS_SUCCESS);
	wait_fence(&t, 4);
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, UNIT), STATUS_SUCCESS);
	EXPECT_EQ(kmt_execution(t.device), D3DKMT_DEVICEEXECUTION_ACTIVE);
}

struct blocked {
	struct tiles *t;
	int done;
};

static void *update_once_more(void *arg)
{
	struct blocked *b = arg;
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(b->t, b->t->at, PAGE, 0, 0);

	EXPECT_STATUS(kmt_update(b->t, &op, 1, 1, 0), STATUS_SUCCESS);
	__atomic_store_n(&b->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* so many changes, then one that waits, or not */
static void fill(struct tiles *t, unsigned int n)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(t, t->at, PAGE, 0, 0);
	unsigned int i;

	for (i = 0; i < n; i++)
		REQUIRE_STATUS(kmt_update(t, &op, 1, 1, 0), STATUS_SUCCESS);
}

static void blocks_beyond_128(void)
{
	struct tiles t = need_tiles();
	struct blocked b = { .t = &t };
	pthread_t thread;

	/* with 128 queued there is room for one more; with 129 there is not */
	fill(&t, 129);
	REQUIRE(!pthread_create(&thread, NULL, update_once_more, &b));
	usleep(20000);
	EXPECT(!__atomic_load_n(&b.done, __ATOMIC_SEQ_CST));
	EXPECT_STATUS(kmt_signal_cpu(t.device, t.fence, 1), STATUS_SUCCESS);
	pthread_join(thread, NULL);
	EXPECT(b.done);
}

static void killed_while_blocked(void)
{
	struct tiles t;
	int ready[2];
	char byte;
	pid_t child;

	REQUIRE(!pipe(ready));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		t = need_tiles();
		fill(&t, 129);
		REQUIRE(write(ready[1], "x", 1) == 1);
		fill(&t, 1);
		test_exit();
	}
	REQUIRE(read(ready[0], &byte, 1) == 1);
	EXPECT(!kill(child, SIGKILL));
	EXPECT_EQ(test_wait(child), 128 + SIGKILL);
}

static void device_goes_while_blocked(void)
{
	struct tiles t = need_tiles();

	fill(&t, 100);
	EXPECT_STATUS(kmt_destroy_context(t.context), STATUS_SUCCESS);
	t.context = need_context(t.device);
	fill(&t, 100);
	EXPECT_STATUS(kmt_destroy_device(t.device), STATUS_SUCCESS);
	EXPECT(!va_is_free(t.adapter, t.at, UNIT));
	EXPECT_STATUS(kmt_free_va(t.adapter, t.at, UNIT), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(T54_fence_value_plus_one, "waits for the fence's value, then signals the next one"),
	CASE(fence_destroyed, "a fence without a handle is still waited for, and signalled"),
	CASE(T54_do_not_wait, "with DoNotWait it does not wait, but signals"),
	CASE(T54_replicates, "a part of the allocation that divides the range is repeated"),
	CASE(one_reservation, "all is in one reservation that reads as zero, all sources in another"),
	CASE(bad_operations, "each field of an operation; the good one before it is not queued"),
	CASE(bad_arguments, "each field of the call, one at a time"),
	CASE(in_order, "operations of one call are made in their order"),
	CASE(late_failure, "what has become impossible puts the device in error"),
	CASE(freed_before, "what was freed before it came to it is left alone"),
	CASE(blocks_beyond_128, "a caller waits while more than 128 operations are queued"),
	CASE(killed_while_blocked, "and can be killed meanwhile"),
	CASE(device_goes_while_blocked, "a context or device goes with operations that wait"),
};

TEST_MAIN(cases)
