// SPDX-License-Identifier: MIT
/*
 * hw_queue.c: hardware contexts, hardware queues and their progress fences
 */
#include "gpu.h"

static D3DKMT_HANDLE need_hw_context(D3DKMT_HANDLE device)
{
	D3DKMT_CREATEHWCONTEXT create = { .hDevice = device };

	REQUIRE_STATUS(D3DKMTCreateHwContext(&create), STATUS_SUCCESS);
	return create.hHwContext;
}

static NTSTATUS destroy_hw_context(D3DKMT_HANDLE context)
{
	D3DKMT_DESTROYHWCONTEXT destroy = { .hHwContext = context };

	return D3DKMTDestroyHwContext(&destroy);
}

static void create_and_destroy(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_hw_context(device);
	struct hw_queue queue;

	REQUIRE_STATUS(kmt_create_hw_queue(context, 0, &queue), STATUS_SUCCESS);
	EXPECT(is_local_handle(queue.handle));
	EXPECT_EQ(queue.fence, queue.handle + HANDLE_STEP);
	EXPECT_EQ(*queue.value, 0);
	/* the process can read it, nothing else */
	EXPECT(test_touch((volatile void *)queue.value, true));
	EXPECT_STATUS(kmt_destroy_hw_queue(queue.handle), STATUS_SUCCESS);
	EXPECT(test_gone((volatile void *)queue.value));
	EXPECT_STATUS(kmt_destroy_hw_queue(queue.handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_submit_hw(&queue, 0, 0, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy_hw_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(destroy_hw_context(context), STATUS_INVALID_PARAMETER);
}

static void the_right_context(void)
{
	D3DKMT_HANDLE device = need_device(), hw = need_hw_context(device),
		plain = need_context(device),
		supported = need_context_flags(device, CONTEXT_HW_QUEUE_SUPPORTED);
	D3DKMT_RENDER render = { .hContext = hw };
	struct hw_queue queue;

	EXPECT_STATUS(kmt_create_hw_queue(plain, 0, &queue), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_hw_queue(supported, 0, &queue), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_hw_queue(hw, 0, &queue), STATUS_SUCCESS);
	/* nothing is submitted to the hardware context itself */
	EXPECT_STATUS(kmt_submit(hw, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTRender(&render), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_submit(supported, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_submit(queue.handle, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_context(hw), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy_hw_context(plain), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_context(supported), STATUS_SUCCESS);
}

static void arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		context = need_hw_context(device);
	const D3DKMT_HANDLE bad[] = { 0, adapter, device, context | 1, 0xdeadbec0 };
	D3DKMT_CREATEHWCONTEXT create = { .hDevice = device };
	struct hw_queue queue;
	uint32_t bit;
	size_t i;

	EXPECT_STATUS(D3DKMTCreateHwContext(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyHwContext(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreateHwQueue(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyHwQueue(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTSubmitCommandToHwQueue(NULL), STATUS_INVALID_PARAMETER);
	SET_FLAGS(create.Flags, 1);
	EXPECT_STATUS(D3DKMTCreateHwContext(&create), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_STATUS(kmt_create_hw_queue(bad[i], 0, &queue), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_hw_queue(bad[i]), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(destroy_hw_context(bad[i]), STATUS_INVALID_PARAMETER);
	}
	for (bit = 0; bit < 32; bit++)
		EXPECT_STATUS(kmt_create_hw_queue(context, 1U << bit, &queue),
			      bit < 4 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
}

static void progress(void)
{
	D3DKMT_HANDLE device = need_device();
	struct hw_queue one = need_hw_queue(device), two = need_hw_queue(device);
	D3DKMT_DESTROYSYNCHRONIZATIONOBJECT destroy = { .hSyncObject = one.fence };
	uint64_t id;

	for (id = 1; id <= 100; id++) {
		REQUIRE_STATUS(kmt_submit_hw(&one, 0, 0, id), STATUS_SUCCESS);
		wait_hw(&one, id);
		EXPECT_EQ(*one.value, id);
	}
	EXPECT_EQ(*two.value, 0);
	/* it never goes back */
	EXPECT_STATUS(kmt_submit_hw(&one, 0, 0, 5), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_submit_hw(&one, 0, 0, 101), STATUS_SUCCESS);
	wait_hw(&one, 101);
	EXPECT_EQ(*one.value, 101);
	EXPECT_STATUS(D3DKMTDestroySynchronizationObject(&destroy), STATUS_INVALID_PARAMETER);
}

static void goes_with_the_context(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_hw_context(device);
	struct hw_queue queue, other;

	REQUIRE_STATUS(kmt_create_hw_queue(context, 0, &queue), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_create_hw_queue(context, 0, &other), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_submit_hw(&queue, 0, 0, 1), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_hw_queue(other.handle), STATUS_SUCCESS);
	EXPECT_STATUS(destroy_hw_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_hw_queue(queue.handle), STATUS_INVALID_PARAMETER);
	EXPECT(test_gone((volatile void *)queue.value));
	queue = need_hw_queue(device);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_hw_queue(queue.handle), STATUS_INVALID_PARAMETER);
	EXPECT(test_gone((volatile void *)queue.value));
}

static const struct test_case cases[] = {
	CASE(create_and_destroy, "a queue and its fence live and die together"),
	CASE(the_right_context, "which contexts have hardware queues, and which have another"),
	CASE(arguments, "bad handles and flags are refused"),
	CASE(progress, "the progress fence follows what is done, and never goes back"),
	CASE(goes_with_the_context, "contexts and devices take hardware queues with them"),
};

TEST_MAIN(cases)
