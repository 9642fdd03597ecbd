// SPDX-License-Identifier: MIT
/*
 * hw_queue_sync.c: SubmitWaitForSyncObjectsToHwQueue and SubmitSignalSyncObjectsToHwQueue
 */
#include "gpusync.h"

static void wait_and_signal(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);

	EXPECT_STATUS(hw_wait(queue, a.handle, 2), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal(queue, b.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, a.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*b.value, 0);
	EXPECT_STATUS(kmt_signal(device, a.handle, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
}

/* Queues of one context do not wait for each other unless they are told to. */
static void queues_are_independent(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATEHWCONTEXT context = { .hDevice = device };
	D3DKMT_CREATEHWQUEUE one = { 0 }, two = { 0 };
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);

	REQUIRE_STATUS(D3DKMTCreateHwContext(&context), STATUS_SUCCESS);
	one.hHwContext = context.hHwContext;
	two.hHwContext = context.hHwContext;
	REQUIRE_STATUS(D3DKMTCreateHwQueue(&one), STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTCreateHwQueue(&two), STATUS_SUCCESS);
	EXPECT_STATUS(hw_wait(one.hHwQueue, a.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal(one.hHwQueue, b.handle, 2), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal(two.hHwQueue, b.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*b.value, 1);
	EXPECT_STATUS(hw_signal(two.hHwQueue, a.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 2, 0), STATUS_SUCCESS);
}

static void broadcast(void)
{
	D3DKMT_HANDLE device = need_device(), queues[3];
	struct fence gates[3], done = need_fence(device, 0, 0);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		queues[i] = need_hw_queue(device);
		gates[i] = need_fence(device, 0, 0);
		EXPECT_STATUS(hw_wait(queues[i], gates[i].handle, 1), STATUS_SUCCESS);
	}
	EXPECT_STATUS(hw_signal_many(queues, 3, done.handle, 1, 0), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		let_run(device);
		EXPECT_EQ(*done.value, 0);
		EXPECT_STATUS(kmt_signal(device, gates[i].handle, 1), STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
}

static void flags(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device);
	struct fence gate = need_fence(device, 0, 0), fence = need_fence(device, 5, 0);
	unsigned int i;

	EXPECT_STATUS(hw_signal(queue, fence.handle, 4), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal_many(&queue, 1, fence.handle, 4, SIGNAL_REWIND), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 4);
	EXPECT_STATUS(hw_wait(queue, gate.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal_many(&queue, 1, fence.handle, 9, SIGNAL_AT_SUBMISSION),
		      STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 9);
	/* there is no room for an event */
	EXPECT_STATUS(hw_signal_many(&queue, 1, fence.handle, 9, SIGNAL_CPU_EVENT),
		      STATUS_INVALID_PARAMETER);
	for (i = 3; i < 32; i++)
		EXPECT_STATUS(hw_signal_many(&queue, 1, fence.handle, 9, 1U << i),
			      STATUS_INVALID_PARAMETER);
}

static void rights(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device);
	struct fence dumb = need_fence(device, 0, SYNC_NO_SIGNAL);
	struct fence deaf = need_fence(device, 0, SYNC_NO_WAIT);

	EXPECT_STATUS(hw_signal(queue, dumb.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(hw_wait(queue, deaf.handle, 1), STATUS_ACCESS_DENIED);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device), queues[65];
	D3DKMT_HANDLE context = need_context(device), objects[33];
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };
	struct fence fence = need_fence(device, 0, 0);
	D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE wait = { .hHwQueue = queue };
	uint64_t values[33] = { 0 };
	unsigned int i;

	for (i = 0; i < 33; i++)
		objects[i] = fence.handle;
	for (i = 0; i < 65; i++)
		queues[i] = queue;
	EXPECT_STATUS(hw_wait(0, fence.handle, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_wait(context, fence.handle, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait(queue, fence.handle, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(queue, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_wait(queue, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal(context, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal_many(queues, 0, fence.handle, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal_many(queues, 64, fence.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal_many(queues, 65, fence.handle, 1, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal_many(NULL, 1, fence.handle, 1, 0), STATUS_INVALID_PARAMETER);
	wait.ObjectHandleArray = objects;
	wait.FenceValueArray = (const void *)values;
	for (i = 0; i < 34; i++) {
		wait.ObjectCount = i;
		EXPECT_STATUS(D3DKMTSubmitWaitForSyncObjectsToHwQueue(&wait),
			      i && i < 33 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	}
	/* monitored fences only */
	create.Info.Semaphore.MaxCount = 1;
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_SEMAPHORE, 0, &create), STATUS_SUCCESS);
	EXPECT_STATUS(hw_wait(queue, create.hSyncObject, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal(queue, create.hSyncObject, 0), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_FENCE, 0, &create), STATUS_SUCCESS);
	EXPECT_STATUS(hw_wait(queue, create.hSyncObject, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(hw_signal(queue, create.hSyncObject, 0), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(wait_and_signal, "a hardware queue waits and signals in order"),
	CASE(queues_are_independent, "two queues of a context, one waits, the other goes on"),
	CASE(broadcast, "a signal of three queues waits for the last"),
	CASE(flags, "AllowFenceRewind, SignalAtSubmission, and the flags there are not"),
	CASE(rights, "NoSignal and NoWait: ACCESS_DENIED"),
	CASE(arguments_bad, "bad handles, numbers and kinds are refused"),
};

TEST_MAIN(cases)
