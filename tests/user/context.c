// SPDX-License-Identifier: MIT
/*
 * context.c: contexts: making and destroying them, their priorities
 */
#include "gpu.h"

#define FLAGS 0x3f

static void create_and_destroy(void)
{
	D3DKMT_HANDLE device = need_device(), first = need_context(device),
		second = need_context(device);

	EXPECT(is_local_handle(first));
	EXPECT_EQ(second, first + HANDLE_STEP);
	EXPECT_STATUS(kmt_destroy_context(first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(first), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_submit(first, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_submit(second, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(second), STATUS_SUCCESS);
}

static void arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), context;
	const D3DKMT_HANDLE bad[] = { 0, adapter, device | 1, 0xdeadbec0 };
	D3DKMT_CREATECONTEXTVIRTUAL create;
	uint32_t bit;
	size_t i;

	EXPECT_STATUS(D3DKMTCreateContextVirtual(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyContext(NULL), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_STATUS(kmt_create_context(bad[i], 0, &context), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_context(bad[i]), STATUS_INVALID_PARAMETER);
	}
	EXPECT_STATUS(kmt_destroy_context(device), STATUS_INVALID_PARAMETER);
	for (bit = 0; bit < 32; bit++)
		EXPECT_STATUS(kmt_create_context(device, 1U << bit, &context),
			      FLAGS & 1U << bit ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	create = (D3DKMT_CREATECONTEXTVIRTUAL) { .hDevice = device, .NodeOrdinal = 1 };
	EXPECT_STATUS(D3DKMTCreateContextVirtual(&create), STATUS_INVALID_PARAMETER);
	create = (D3DKMT_CREATECONTEXTVIRTUAL) { .hDevice = device, .EngineAffinity = 2 };
	EXPECT_STATUS(D3DKMTCreateContextVirtual(&create), STATUS_INVALID_PARAMETER);
	create = (D3DKMT_CREATECONTEXTVIRTUAL) { .hDevice = device, .EngineAffinity = 1 };
	EXPECT_STATUS(D3DKMTCreateContextVirtual(&create), STATUS_SUCCESS);
	create = (D3DKMT_CREATECONTEXTVIRTUAL) { .hDevice = device, .PrivateDriverDataSize = 4 };
	EXPECT_STATUS(D3DKMTCreateContextVirtual(&create), STATUS_INVALID_PARAMETER);
	create.pPrivateDriverData = &bit;
	EXPECT_STATUS(D3DKMTCreateContextVirtual(&create), STATUS_SUCCESS);
}

static void legacy(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_CREATECONTEXT create = {
		.hDevice = device,
		.pCommandBuffer = &create,
		.CommandBufferSize = 1,
		.pAllocationList = (void *)&create,
		.AllocationListSize = 2,
		.pPatchLocationList = (void *)&create,
		.PatchLocationListSize = 3,
	};
	D3DKMT_RENDER render = { .CommandLength = 0 };

	EXPECT_STATUS(D3DKMTCreateContext(NULL), STATUS_INVALID_PARAMETER);
	REQUIRE_STATUS(D3DKMTCreateContext(&create), STATUS_SUCCESS);
	EXPECT(is_local_handle(create.hContext));
	EXPECT(!create.pCommandBuffer && !create.CommandBufferSize);
	EXPECT(!create.pAllocationList && !create.AllocationListSize);
	EXPECT(!create.pPatchLocationList && !create.PatchLocationListSize);
	EXPECT_STATUS(kmt_submit(create.hContext, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTRender(&render), STATUS_INVALID_HANDLE);
	render.hContext = create.hContext;
	EXPECT_STATUS(D3DKMTRender(&render), STATUS_NOT_SUPPORTED);
	render.BroadcastContextCount = 65;
	EXPECT_STATUS(D3DKMTRender(&render), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_context(create.hContext), STATUS_SUCCESS);
}

static void goes_with_the_device(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);

	EXPECT_STATUS(kmt_submit(context, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_INVALID_PARAMETER);
}

static NTSTATUS set_priority(D3DKMT_HANDLE context, int priority, bool in_process)
{
	D3DKMT_SETCONTEXTSCHEDULINGPRIORITY set = { context, priority };
	D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY set2 = { context, priority };

	return in_process ? D3DKMTSetContextInProcessSchedulingPriority(&set2) :
		D3DKMTSetContextSchedulingPriority(&set);
}

static NTSTATUS get_priority(D3DKMT_HANDLE context, int *priority, bool in_process)
{
	D3DKMT_GETCONTEXTSCHEDULINGPRIORITY get = { context, 99 };
	D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY get2 = { context, 99 };
	NTSTATUS status = in_process ? D3DKMTGetContextInProcessSchedulingPriority(&get2) :
		D3DKMTGetContextSchedulingPriority(&get);

	*priority = in_process ? get2.Priority : get.Priority;
	return status;
}

static void priorities(void)
{
	D3DKMT_HANDLE device = need_device(), context = need_context(device);
	int priority, got, in_process;

	EXPECT_STATUS(D3DKMTSetContextSchedulingPriority(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTGetContextSchedulingPriority(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTSetContextInProcessSchedulingPriority(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTGetContextInProcessSchedulingPriority(NULL), STATUS_INVALID_PARAMETER);
	for (in_process = 0; in_process < 2; in_process++) {
		EXPECT_STATUS(get_priority(context, &got, in_process), STATUS_SUCCESS);
		EXPECT_EQ(got, 0);
		for (priority = -9; priority <= 9; priority++) {
			bool good = priority >= -7 && priority <= 7;

			EXPECT_STATUS(set_priority(context, priority, in_process),
				      good ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
			EXPECT_STATUS(get_priority(context, &got, in_process), STATUS_SUCCESS);
			EXPECT_EQ(got, good ? priority : priority < 0 ? 0 : 7);
		}
		/* D3DKMT_SETCONTEXTSCHEDULINGPRIORITY_ABSOLUTE, and normal */
		EXPECT_STATUS(set_priority(context, 1 << 30 | 1, in_process),
			      STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(set_priority(device, 0, in_process), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(get_priority(0, &got, in_process), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(set_priority(context, -3, 0), STATUS_SUCCESS);
	}
	EXPECT_STATUS(get_priority(context, &got, false), STATUS_SUCCESS);
	EXPECT_EQ(got, -3);
	EXPECT_STATUS(get_priority(context, &got, true), STATUS_SUCCESS);
	EXPECT_EQ(got, 7);
}

static void many(void)
{
	D3DKMT_HANDLE device = need_device(), context = 0, other;
	unsigned int i, n = 0;

	for (i = 0; i < 5000; i++) {
		NTSTATUS status = kmt_create_context(device, 0, &other);

		if (status == STATUS_NO_MEMORY)
			break;
		REQUIRE_STATUS(status, STATUS_SUCCESS);
		context = other;
		n++;
	}
	EXPECT_EQ(n, 4096);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_context(device, 0, &context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(create_and_destroy, "only a live context can be used and destroyed"),
	CASE(arguments, "bad devices, nodes, engines, flags and private data are refused"),
	CASE(legacy, "CreateContext has no buffers to give, Render is not supported"),
	CASE(goes_with_the_device, "a device takes its contexts with it"),
	CASE(priorities, "both priorities range from -7 to 7 and are independent"),
	CASE(many, "a device has 4,096 queues at most"),
};

TEST_MAIN(cases)
