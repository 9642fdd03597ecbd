// SPDX-License-Identifier: MIT
/*
 * legacy_sync.c: fences of the old kind, semaphores and mutexes in the order of a context's work:
 * WaitForSynchronizationObject, SignalSynchronizationObject and their second versions
 */
#include "gpusync.h"

static D3DKMT_HANDLE need_sync(D3DKMT_HANDLE device, int type, uint32_t first, uint32_t second)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };

	switch (type) {
	case D3DDDI_SEMAPHORE:
		create.Info.Semaphore.MaxCount = first;
		create.Info.Semaphore.InitialCount = second;
		break;
	case D3DDDI_FENCE:
		create.Info.Fence.FenceValue = first;
		break;
	default:
		create.Info.SynchronizationMutex.InitialState = first;
	}
	REQUIRE_STATUS(kmt_create_sync(device, type, 0, &create), STATUS_SUCCESS);
	return create.hSyncObject;
}

static NTSTATUS wait2(D3DKMT_HANDLE context, const D3DKMT_HANDLE *objects, uint32_t n,
		      uint64_t value)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT2 wait = { .hContext = context, .ObjectCount = n };

	memcpy(wait.ObjectHandleArray, objects, (n < 32 ? n : 32) * sizeof(*objects));
	wait.Fence.FenceValue = value;
	return D3DKMTWaitForSynchronizationObject2(&wait);
}

static NTSTATUS signal2(D3DKMT_HANDLE context, const D3DKMT_HANDLE *objects, uint32_t n,
			uint64_t value)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 signal = { .hContext = context, .ObjectCount = n };

	memcpy(signal.ObjectHandleArray, objects, (n < 32 ? n : 32) * sizeof(*objects));
	signal.Fence.FenceValue = value;
	return D3DKMTSignalSynchronizationObject2(&signal);
}

/* the first versions */
static NTSTATUS wait1(D3DKMT_HANDLE context, D3DKMT_HANDLE object)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECT wait = { .hContext = context, .ObjectCount = 1 };

	wait.ObjectHandleArray[0] = object;
	return D3DKMTWaitForSynchronizationObject(&wait);
}

static NTSTATUS signal1(D3DKMT_HANDLE context, D3DKMT_HANDLE object)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT signal = { .hContext = context, .ObjectCount = 1 };

	signal.ObjectHandleArray[0] = object;
	return D3DKMTSignalSynchronizationObject(&signal);
}

/* a fence that the context signals when it gets here */
static struct fence need_mark(D3DKMT_HANDLE device, D3DKMT_HANDLE context)
{
	struct fence fence = need_fence(device, 0, 0);

	REQUIRE_STATUS(gpu_signal(context, fence.handle, 1), STATUS_SUCCESS);
	return fence;
}

static void expect_passed(D3DKMT_HANDLE device, const struct fence *mark)
{
	EXPECT_STATUS(kmt_wait(device, mark->handle, 1, 0), STATUS_SUCCESS);
}

static void expect_blocked(D3DKMT_HANDLE device, const struct fence *mark)
{
	let_run(device);
	EXPECT_EQ(*mark->value, 0);
}

static void fences(void)
{
	D3DKMT_HANDLE device = need_device(), waiter = need_context(device);
	D3DKMT_HANDLE signaller = need_context(device), fence = need_sync(device, D3DDDI_FENCE, 5, 0);
	struct fence mark;

	EXPECT_STATUS(wait2(waiter, &fence, 1, 5), STATUS_SUCCESS);
	mark = need_mark(device, waiter);
	expect_passed(device, &mark);
	EXPECT_STATUS(wait2(waiter, &fence, 1, 7), STATUS_SUCCESS);
	mark = need_mark(device, waiter);
	EXPECT_STATUS(signal2(signaller, &fence, 1, 6), STATUS_SUCCESS);
	expect_blocked(device, &mark);
	EXPECT_STATUS(signal2(signaller, &fence, 1, 7), STATUS_SUCCESS);
	expect_passed(device, &mark);
	EXPECT_STATUS(signal2(signaller, &fence, 1, 6), STATUS_INVALID_PARAMETER);
}

/* The newer calls take the older objects, too. */
static void newer_calls(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	D3DKMT_HANDLE fence = need_sync(device, D3DDDI_FENCE, 0, 0);
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 2, 0);
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU wait = { 0 };
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMGPU2 signal = { 0 };
	D3DKMT_HANDLE other = need_context(device), both[2] = { fence, semaphore };
	struct fence mark;

	wait.hContext = context;
	wait.ObjectCount = 2;
	wait.ObjectHandleArray = both;
	wait.FenceValue = 3;
	EXPECT_STATUS(D3DKMTWaitForSynchronizationObjectFromGpu(&wait), STATUS_SUCCESS);
	mark = need_mark(device, context);
	expect_blocked(device, &mark);
	EXPECT_STATUS(gpu_signal(other, semaphore, 0), STATUS_SUCCESS);
	expect_blocked(device, &mark);
	/* the first version has no place for its value */
	EXPECT_STATUS(gpu_signal(other, fence, 3), STATUS_INVALID_PARAMETER);
	signal.ObjectCount = 1;
	signal.ObjectHandleArray = &fence;
	signal.BroadcastContextCount = 1;
	signal.BroadcastContextArray = &other;
	signal.FenceValue = 3;
	EXPECT_STATUS(D3DKMTSignalSynchronizationObjectFromGpu2(&signal), STATUS_SUCCESS);
	expect_passed(device, &mark);
}

static void semaphores(void)
{
	D3DKMT_HANDLE device = need_device(), waiter = need_context(device);
	D3DKMT_HANDLE signaller = need_context(device);
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 2, 1);
	struct fence mark;
	unsigned int i;

	EXPECT_STATUS(wait1(waiter, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, waiter);
	expect_passed(device, &mark);
	/* as many as there can be, and no more */
	for (i = 0; i < 5; i++)
		EXPECT_STATUS(signal1(signaller, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, signaller);
	expect_passed(device, &mark);
	EXPECT_STATUS(wait1(waiter, semaphore), STATUS_SUCCESS);
	EXPECT_STATUS(wait1(waiter, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, waiter);
	expect_passed(device, &mark);
	EXPECT_STATUS(wait1(waiter, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, waiter);
	expect_blocked(device, &mark);
	EXPECT_STATUS(signal1(signaller, semaphore), STATUS_SUCCESS);
	expect_passed(device, &mark);
}

/* One unit lets one go on. */
static void one_each(void)
{
	D3DKMT_HANDLE device = need_device(), signaller = need_context(device), waiters[8];
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 8, 0);
	unsigned int i, j, passed;
	struct fence marks[8];

	for (i = 0; i < 8; i++) {
		waiters[i] = need_context(device);
		EXPECT_STATUS(wait1(waiters[i], semaphore), STATUS_SUCCESS);
		marks[i] = need_mark(device, waiters[i]);
	}
	for (i = 0; i < 8; i++) {
		uint64_t ones[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
		D3DKMT_HANDLE handles[8];
		uint32_t n = 0;

		for (j = 0; j < 8; j++)
			if (!*marks[j].value)
				handles[n++] = marks[j].handle;
		EXPECT_STATUS(signal1(signaller, semaphore), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_wait_many(device, handles, ones, n, 0, WAIT_ANY), STATUS_SUCCESS);
		let_run(device);
		for (j = 0, passed = 0; j < 8; j++)
			passed += *marks[j].value;
		EXPECT_EQ(passed, i + 1);
	}
}

static void mutexes(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device();
	D3DKMT_HANDLE context = need_context(device), second = need_context(device);
	D3DKMT_HANDLE foreign = need_context(other), global, mutex, opened;
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	struct fence mark;

	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX, SYNC_SHARED, &create),
		       STATUS_SUCCESS);
	mutex = create.hSyncObject;
	global = create.Info.SharedHandle;
	REQUIRE_STATUS(kmt_open_sync(global, &opened), STATUS_SUCCESS);
	/* nobody has it: signalling does not make it two */
	EXPECT_STATUS(signal1(context, mutex), STATUS_SUCCESS);
	EXPECT_STATUS(wait1(context, mutex), STATUS_SUCCESS);
	mark = need_mark(device, context);
	expect_passed(device, &mark);

	EXPECT_STATUS(wait1(foreign, opened), STATUS_SUCCESS);
	mark = need_mark(other, foreign);
	expect_blocked(other, &mark);
	/* a device that does not own it cannot release it */
	foreign = need_context(other);
	EXPECT_STATUS(signal1(foreign, opened), STATUS_SUCCESS);
	expect_blocked(other, &mark);
	/* any context of the owner can */
	EXPECT_STATUS(signal1(second, mutex), STATUS_SUCCESS);
	expect_passed(other, &mark);

	/* the owner goes: somebody else has it */
	EXPECT_STATUS(wait1(context, mutex), STATUS_SUCCESS);
	mark = need_mark(device, context);
	expect_blocked(device, &mark);
	EXPECT_STATUS(kmt_destroy_device(other), STATUS_SUCCESS);
	expect_passed(device, &mark);
}

static void owned_from_the_start(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	D3DKMT_HANDLE second = need_context(device);
	D3DKMT_HANDLE mutex = need_sync(device, D3DDDI_SYNCHRONIZATION_MUTEX, 1, 0);
	struct fence mark;

	EXPECT_STATUS(wait1(context, mutex), STATUS_SUCCESS);
	mark = need_mark(device, context);
	expect_blocked(device, &mark);
	EXPECT_STATUS(signal1(second, mutex), STATUS_SUCCESS);
	expect_passed(device, &mark);
}

/* Two contexts that want the same two in opposite order: each gets both, one after the other. */
static void all_at_once(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_context(device), b = need_context(device);
	D3DKMT_HANDLE signaller = need_context(device);
	D3DKMT_HANDLE x = need_sync(device, D3DDDI_SEMAPHORE, 1, 0);
	D3DKMT_HANDLE y = need_sync(device, D3DDDI_SEMAPHORE, 1, 0);
	D3DKMT_HANDLE xy[2] = { x, y }, yx[2] = { y, x };
	struct fence mark_a, mark_b;

	EXPECT_STATUS(wait2(a, xy, 2, 0), STATUS_SUCCESS);
	EXPECT_STATUS(signal2(a, yx, 2, 0), STATUS_SUCCESS);
	mark_a = need_mark(device, a);
	EXPECT_STATUS(wait2(b, yx, 2, 0), STATUS_SUCCESS);
	EXPECT_STATUS(signal2(b, xy, 2, 0), STATUS_SUCCESS);
	mark_b = need_mark(device, b);
	EXPECT_STATUS(signal1(signaller, x), STATUS_SUCCESS);
	expect_blocked(device, &mark_a);
	expect_blocked(device, &mark_b);
	EXPECT_STATUS(signal1(signaller, y), STATUS_SUCCESS);
	expect_passed(device, &mark_a);
	expect_passed(device, &mark_b);
}

static void destroyed(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 1, 0);
	struct gate gate = need_gate(device);
	struct fence mark;

	EXPECT_STATUS(wait1(context, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, context);
	EXPECT_STATUS(signal1(gate.context, semaphore), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(semaphore), STATUS_SUCCESS);
	/* the other context is still going to signal it */
	expect_blocked(device, &mark);
	open_gate(&gate);
	expect_passed(device, &mark);

	semaphore = need_sync(device, D3DDDI_SEMAPHORE, 1, 0);
	EXPECT_STATUS(wait1(context, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, context);
	expect_blocked(device, &mark);
	EXPECT_STATUS(kmt_destroy_sync(semaphore), STATUS_SUCCESS);
	expect_passed(device, &mark);
}

static void broadcast(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 4, 0);
	struct gate gates[2] = { need_gate(device), need_gate(device) };
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 signal = {
		.hContext = context,
		.ObjectCount = 1,
		.BroadcastContextCount = 2,
	};
	int event = need_event();
	struct fence mark;

	EXPECT_STATUS(wait1(context, semaphore), STATUS_SUCCESS);
	mark = need_mark(device, context);
	signal.hContext = need_context(device);
	signal.ObjectHandleArray[0] = semaphore;
	signal.BroadcastContext[0] = gates[0].context;
	signal.BroadcastContext[1] = gates[1].context;
	EXPECT_STATUS(D3DKMTSignalSynchronizationObject2(&signal), STATUS_SUCCESS);
	expect_blocked(device, &mark);
	open_gate(&gates[1]);
	expect_blocked(device, &mark);
	open_gate(&gates[0]);
	expect_passed(device, &mark);

	signal.ObjectCount = 0;
	SET_FLAGS(signal.Flags, SIGNAL_CPU_EVENT);
	signal.CpuEventHandle = handle_of(event);
	EXPECT_STATUS(D3DKMTSignalSynchronizationObject2(&signal), STATUS_SUCCESS);
	EXPECT(event_came(event, LONG_MS));
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), list[33];
	D3DKMT_HANDLE semaphore = need_sync(device, D3DDDI_SEMAPHORE, 1, 1);
	struct fence fence = need_fence(device, 0, 0);
	D3DKMT_HANDLE twice[2] = { semaphore, semaphore };
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECT2 signal = { .hContext = context, .ObjectCount = 1 };
	unsigned int i;

	for (i = 0; i < 33; i++)
		list[i] = semaphore;
	EXPECT_STATUS(wait2(context, list, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(wait2(context, list, 33, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(wait2(context, twice, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(wait2(0, list, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(wait2(context, &fence.handle, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(signal2(context, list, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(signal2(context, list, 33, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(signal2(0, list, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(signal2(context, &fence.handle, 1, 1), STATUS_INVALID_PARAMETER);
	signal.ObjectHandleArray[0] = semaphore;
	signal.BroadcastContextCount = 65;
	EXPECT_STATUS(D3DKMTSignalSynchronizationObject2(&signal), STATUS_INVALID_PARAMETER);
	signal.BroadcastContextCount = 1;
	EXPECT_STATUS(D3DKMTSignalSynchronizationObject2(&signal), STATUS_INVALID_PARAMETER);
	signal.BroadcastContextCount = 0;
	for (i = 3; i < 32; i++) {
		SET_FLAGS(signal.Flags, 1U << i);
		EXPECT_STATUS(D3DKMTSignalSynchronizationObject2(&signal),
			      STATUS_INVALID_PARAMETER);
	}
}

static const struct test_case cases[] = {
	CASE(fences, "fences of the old kind are reached, and do not go back"),
	CASE(newer_calls, "the calls for monitored fences take the older objects"),
	CASE(semaphores, "a semaphore counts, up to its maximum"),
	CASE(one_each, "one unit lets one waiter go on"),
	CASE(mutexes, "a mutex has an owner, the device, and survives it"),
	CASE(owned_from_the_start, "InitialState: its creator has it"),
	CASE(all_at_once, "several are taken all at once, or none"),
	CASE(destroyed, "nobody waits for what nobody can signal"),
	CASE(broadcast, "a broadcast signals when the last context has got there"),
	CASE(arguments_bad, "bad handles, numbers, flags and kinds are refused"),
};

TEST_MAIN(cases)
