// SPDX-License-Identifier: MIT
/*
 * gpu_wait.c: WaitForSynchronizationObjectFromGpu
 */
#include "gpusync.h"

static void reached_already(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 7, 0), b = need_fence(device, 0, 0);

	EXPECT_STATUS(gpu_wait(context, a.handle, 0), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait(context, a.handle, 7), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, b.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*b.value, 1);
}

static void wait_before_signal(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);

	EXPECT_STATUS(gpu_wait(context, a.handle, 5), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, b.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*b.value, 0);
	/* not enough */
	EXPECT_STATUS(kmt_signal(device, a.handle, 4), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*b.value, 0);
	/* more than enough */
	EXPECT_STATUS(kmt_signal(device, a.handle, 6), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
}

static void in_order(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);
	unsigned int i;

	for (i = 1; i <= 20; i++) {
		EXPECT_STATUS(gpu_wait(context, a.handle, i), STATUS_SUCCESS);
		EXPECT_STATUS(gpu_signal(context, b.handle, i), STATUS_SUCCESS);
	}
	for (i = 1; i <= 20; i++) {
		EXPECT_STATUS(kmt_signal(device, a.handle, i), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_wait(device, b.handle, i, 0), STATUS_SUCCESS);
		EXPECT_EQ(*b.value, i);
	}
}

static void all_of_several(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), handles[32];
	struct fence fences[32], done = need_fence(device, 0, 0);
	uint64_t values[32];
	unsigned int i;

	for (i = 0; i < 32; i++) {
		fences[i] = need_fence(device, 0, 0);
		handles[i] = fences[i].handle;
		values[i] = i + 1;
	}
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 32), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	for (i = 32; i-- > 0;) {
		let_run(device);
		EXPECT_EQ(*done.value, 0);
		EXPECT_STATUS(kmt_signal(device, handles[i], values[i]), STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
}

static void chain(void)
{
	D3DKMT_HANDLE device = need_device(), contexts[16];
	struct fence fences[17];
	unsigned int i;

	fences[16] = need_fence(device, 0, 0);
	for (i = 16; i-- > 0;) {
		contexts[i] = need_context(device);
		fences[i] = need_fence(device, 0, 0);
		EXPECT_STATUS(gpu_wait(contexts[i], fences[i].handle, 1), STATUS_SUCCESS);
		EXPECT_STATUS(gpu_signal(contexts[i], fences[i + 1].handle, 1), STATUS_SUCCESS);
	}
	let_run(device);
	EXPECT_EQ(*fences[16].value, 0);
	EXPECT_STATUS(kmt_signal(device, fences[0].handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fences[16].handle, 1, 0), STATUS_SUCCESS);
}

static void another_process(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	struct fence b = need_fence(device, 0, SYNC_SHARED | SYNC_NT);
	HANDLE nt_a = need_share(a.handle), nt_b = need_share(b.handle);
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE mine = need_device(), queue = need_context(mine);
		struct fence x, y;

		REQUIRE_STATUS(kmt_open_sync_nt(mine, nt_a, 0, &x), STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_open_sync_nt(mine, nt_b, 0, &y), STATUS_SUCCESS);
		EXPECT_STATUS(gpu_wait(queue, x.handle, 1), STATUS_SUCCESS);
		EXPECT_STATUS(gpu_signal(queue, y.handle, 1), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_wait(mine, y.handle, 1, 0), STATUS_SUCCESS);
		test_exit();
	}
	EXPECT_STATUS(gpu_signal(context, a.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(test_wait(pid), 0);
}

static void no_wait(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence deaf = need_fence(device, 9, SYNC_NO_WAIT), fence = need_fence(device, 9, 0);
	D3DKMT_HANDLE handles[2] = { fence.handle, deaf.handle };
	uint64_t values[2] = { 1, 1 };

	EXPECT_STATUS(gpu_wait(context, deaf.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 2), STATUS_ACCESS_DENIED);
	/* of the handle, not of the fence */
	EXPECT_STATUS(gpu_signal(context, deaf.handle, 10), STATUS_SUCCESS);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device), gone;
	D3DKMT_HANDLE handles[33], other = need_device();
	struct fence fence = need_fence(device, 5, 0), foreign = need_fence(other, 5, 0);
	uint64_t values[33] = { 0 }, one = 1;
	unsigned int i;

	for (i = 0; i < 33; i++)
		handles[i] = fence.handle;
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 32), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 33), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait_many(context, NULL, values, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait_many(context, handles, NULL, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait_many(context, handles, test_unmapped(), 1),
		      STATUS_INVALID_PARAMETER);

	EXPECT_STATUS(gpu_wait(0, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait(device, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait(context, 0, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait(context, context, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_wait(context, foreign.handle, 1), STATUS_INVALID_PARAMETER);
	handles[1] = 0;
	EXPECT_STATUS(gpu_wait_many(context, handles, values, 2), STATUS_INVALID_PARAMETER);

	gone = need_context(device);
	EXPECT_STATUS(kmt_destroy_context(gone), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait(gone, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_wait(context, fence.handle, 1), STATUS_INVALID_PARAMETER);

	/* an event is not waited for */
	handles[0] = need_cpu_notification(device, need_event());
	EXPECT_STATUS(gpu_wait_many(context, handles, &one, 1), STATUS_INVALID_PARAMETER);
}

/* What was refused has left nothing in the queue. */
static void all_or_nothing(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence never = need_fence(device, 0, 0), done = need_fence(device, 0, 0);
	D3DKMT_HANDLE handles[2] = { never.handle, 0 };
	uint64_t values[2] = { 1, 1 };

	EXPECT_STATUS(gpu_wait_many(context, handles, values, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(gpu_signal(context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, done.handle, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(*never.value, 0);
}

static void fence_destroyed(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 0, 0);

	EXPECT_STATUS(gpu_wait(context, a.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(gpu_signal(context, b.handle, 1), STATUS_SUCCESS);
	let_run(device);
	EXPECT_EQ(*b.value, 0);
	EXPECT_STATUS(kmt_destroy_sync(a.handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, b.handle, 1, 0), STATUS_SUCCESS);
}

static void context_destroyed(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	struct fence done = need_fence(device, 0, 0);

	EXPECT_STATUS(gpu_signal(gate.context, done.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(gate.context), STATUS_SUCCESS);
	open_gate(&gate);
	let_run(device);
	EXPECT_EQ(*done.value, 0);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(reached_already, "what has been reached is not waited for"),
	CASE(wait_before_signal, "a wait may come first; less is not enough, more is"),
	CASE(in_order, "waits and signals of a context take their turn"),
	CASE(all_of_several, "with 32 fences all of them have to get there"),
	CASE(chain, "16 contexts that wait for each other"),
	CASE(another_process, "contexts of two processes wait for each other's fences"),
	CASE(no_wait, "NoWait: ACCESS_DENIED"),
	CASE(arguments_bad, "bad handles, numbers and arrays are refused"),
	CASE(all_or_nothing, "a call that was refused has queued nothing"),
	CASE(fence_destroyed, "nobody can signal it any more: the context goes on"),
	CASE(context_destroyed, "a context destroyed while it waits does no more"),
};

TEST_MAIN(cases)
