// SPDX-License-Identifier: MIT
/*
 * submit.c: SubmitCommand and SubmitCommandToHwQueue: what they take, and the order in which things get done
 */
#include "engine.h"

static void arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		other = need_device_of(adapter), context = need_context(device),
		foreign = need_context(other), a = need_allocation(device, 4096),
		sync_only = need_context_flags(device, CONTEXT_SYNCHRONIZATION_ONLY);
	const D3DKMT_HANDLE bad[] = { 0, adapter, device, a, sync_only, context | 1, 0xdeadbec0 };
	D3DKMT_SUBMITCOMMAND submit;
	D3DKMT_HANDLE history = a;
	size_t i;

	EXPECT_STATUS(D3DKMTSubmitCommand(NULL), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_submit(bad[i], 0, 0), STATUS_INVALID_PARAMETER);
#define REFUSED(change) do { \
	submit = submit_args(context, 0x10000, 64); \
	change; \
	EXPECT_STATUS(D3DKMTSubmitCommand(&submit), STATUS_INVALID_PARAMETER); \
} while (0)
	REFUSED(submit.Commands = 0);
	REFUSED(submit.Commands = 4);
	REFUSED(submit.Commands = -8ULL);
	REFUSED(submit.CommandLength = 4);
	REFUSED(submit.CommandLength = VDXG_MAX_COMMAND_BYTES + 8);
	REFUSED(submit.BroadcastContextCount = 0);
	REFUSED(submit.BroadcastContextCount = 65);
	REFUSED(submit.NumPrimaries = 17);
	REFUSED(submit.NumPrimaries = 1);
	REFUSED((submit.NumPrimaries = 1, submit.WrittenPrimaries[0] = context));
	REFUSED((submit.NumHistoryBuffers = 1, submit.HistoryBufferArray = &history));
	REFUSED(submit.PrivateDriverDataSize = 1);
	REFUSED(submit.Flags.PresentRedirected = 1);
	REFUSED(submit.Flags.Reserved = 1);
	REFUSED((submit.BroadcastContextCount = 2, submit.BroadcastContext[1] = context));
	REFUSED((submit.BroadcastContextCount = 2, submit.BroadcastContext[1] = foreign));
	REFUSED((submit.BroadcastContextCount = 2, submit.BroadcastContext[1] = a));
#undef REFUSED
	/* none of these did anything */
	EXPECT_EQ(kmt_execution(device), ACTIVE);
	submit = submit_args(context, 0, 0);
	submit.NumPrimaries = 1;
	submit.WrittenPrimaries[0] = a;
	submit.Flags.NoKmdAccess = 1;
	EXPECT_STATUS(D3DKMTSubmitCommand(&submit), STATUS_SUCCESS);
}

static void hw_arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_allocation(device, 4096);
	struct hw_queue queue = need_hw_queue(device);
	D3DKMT_SUBMITCOMMANDTOHWQUEUE submit = { .hHwQueue = queue.handle, .NumPrimaries = 1 };
	D3DKMT_HANDLE primary = a;
	struct hw_queue wrong = { .handle = device };

	EXPECT_STATUS(kmt_submit_hw(&wrong, 0, 0, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_submit_hw(&queue, 4, 8, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_submit_hw(&queue, 0, 8, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTSubmitCommandToHwQueue(&submit), STATUS_INVALID_PARAMETER);
	submit.WrittenPrimaries = &primary;
	EXPECT_STATUS(D3DKMTSubmitCommandToHwQueue(&submit), STATUS_SUCCESS);
	primary = device;
	EXPECT_STATUS(D3DKMTSubmitCommandToHwQueue(&submit), STATUS_INVALID_PARAMETER);
	submit.NumPrimaries = 17;
	EXPECT_STATUS(D3DKMTSubmitCommandToHwQueue(&submit), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(kmt_execution(device), ACTIVE);
}

/* many in a row: each finds what the one before left */
static void in_order(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c;
	uint32_t i, n = 64, bytes = 0;

	/* copy word i to i + 1: by the end word 0 is everywhere, if all were done in order */
	a.cpu[0] = 99;
	for (i = 0; i < n; i++) {
		vdxg_commands_begin(&c, gpu.buffer.cpu + i * 64, 256);
		vdxg_commands_copy(&c, a.gpu + 4 * i + 4, a.gpu + 4 * i, 4);
		bytes = vdxg_commands_end(&c);
	}
	for (i = 0; i < n; i++)
		REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu + i * 256, bytes, i + 1),
			       STATUS_SUCCESS);
	wait_hw(&gpu.queue, n);
	for (i = 0; i <= n; i++)
		EXPECT_EQ(a.cpu[i], 99);
}

static void broadcast(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c = commands(&gpu);
	D3DKMT_SUBMITCOMMAND submit;
	uint32_t i;

	vdxg_commands_fill(&c, a.gpu, 4, 7);
	submit = submit_args(0, gpu.buffer.gpu, vdxg_commands_end(&c));
	submit.BroadcastContextCount = 64;
	for (i = 0; i < 64; i++)
		submit.BroadcastContext[i] = need_context(gpu.device);
	EXPECT_STATUS(D3DKMTSubmitCommand(&submit), STATUS_SUCCESS);
	for (i = 0; i < 64; i++)
		EXPECT_STATUS(kmt_destroy_context(submit.BroadcastContext[i]), STATUS_SUCCESS);
	EXPECT_EQ(a.cpu[0], 7);
}

/* a context that is destroyed lets finish what can */
static void destroy_finishes(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 1 << 20);
	D3DKMT_HANDLE context = need_context(gpu.device);
	struct vdxg_commands c = commands(&gpu);
	uint32_t bytes;

	vdxg_commands_delay(&c, 2000000);
	vdxg_commands_fill(&c, a.gpu, 1 << 20, 3);
	bytes = vdxg_commands_end(&c);
	EXPECT_STATUS(kmt_submit(context, gpu.buffer.gpu, bytes), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_submit(context, gpu.buffer.gpu, bytes), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	EXPECT_EQ(a.cpu[0], 3);
	EXPECT_EQ(a.cpu[(1 << 18) - 1], 3);
}

/* the queue has an end, and whoever submits more waits for room: nothing is lost */
static void many(void)
{
	struct gpu gpu = need_gpu();
	struct vdxg_commands c = commands(&gpu);
	uint32_t bytes;
	uint64_t i;

	vdxg_commands_delay(&c, 10000000);
	bytes = vdxg_commands_end(&c);
	REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu, bytes, 1), STATUS_SUCCESS);
	for (i = 2; i <= 10000; i++)
		REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, 0, 0, i), STATUS_SUCCESS);
	wait_hw(&gpu.queue, 10000);
	EXPECT_EQ(*gpu.queue.value, 10000);
}

static const struct test_case cases[] = {
	CASE(arguments, "bad contexts, addresses, counts and flags are refused"),
	CASE(hw_arguments, "the same for hardware queues"),
	CASE(in_order, "a queue does everything in order"),
	CASE(broadcast, "a command buffer goes to 64 contexts"),
	CASE(destroy_finishes, "destroying a context lets finish what was submitted"),
	CASE(many, "more than a queue holds"),
};

TEST_MAIN(cases)
