// SPDX-License-Identifier: MIT
/*
 * gpu_failnth.c: every allocation and every copy of the calls about contexts and what is submitted to them
 * fails once
 *
 * As failnth.c. A submission that executes may itself be what fails: its device is in error then, and gone.
 *
 * vm-when: kernel=debug
 */
#include "failnth.h"
#include "engine.h"

static struct gpu gpu;
static D3DKMT_HANDLE context, hw_context;
static uint32_t bytes;

static void start(void)
{
	struct vdxg_commands c;

	failnth_start();
	gpu = need_gpu();
	context = need_context(gpu.device);
	hw_context = need_context_flags(gpu.device, CONTEXT_HW_QUEUE_SUPPORTED);
	c = commands(&gpu);
	vdxg_commands_fill(&c, gpu.buffer.gpu + 8192, 4096, 1);
	bytes = vdxg_commands_end(&c);
}

/* Each of these undoes what it did, if it did it, and says how the call ended. */

static NTSTATUS end(NTSTATUS status)
{
	failnth_disarm();
	return status;
}

static NTSTATUS create_context(void)
{
	D3DKMT_HANDLE made;
	NTSTATUS status = end(kmt_create_context(gpu.device, 0, &made));

	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_context(made), STATUS_SUCCESS);
	return status;
}

static NTSTATUS create_legacy_context(void)
{
	D3DKMT_CREATECONTEXT create = { .hDevice = gpu.device };
	NTSTATUS status = end(D3DKMTCreateContext(&create));

	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_context(create.hContext), STATUS_SUCCESS);
	return status;
}

static NTSTATUS create_hw_context(void)
{
	D3DKMT_CREATEHWCONTEXT create = { .hDevice = gpu.device };
	NTSTATUS status = end(D3DKMTCreateHwContext(&create));
	D3DKMT_DESTROYHWCONTEXT destroy = { .hHwContext = create.hHwContext };

	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(D3DKMTDestroyHwContext(&destroy), STATUS_SUCCESS);
	return status;
}

static NTSTATUS create_hw_queue(void)
{
	struct hw_queue made;
	NTSTATUS status = end(kmt_create_hw_queue(hw_context, 0, &made));

	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_hw_queue(made.handle), STATUS_SUCCESS);
	return status;
}

static NTSTATUS submit_empty(void)
{
	return end(kmt_submit(context, 0, 0));
}

static NTSTATUS submit_broadcast(void)
{
	D3DKMT_SUBMITCOMMAND submit = submit_args(context, 0, 0);

	submit.BroadcastContextCount = 2;
	submit.BroadcastContext[1] = hw_context;
	submit.NumPrimaries = 1;
	submit.WrittenPrimaries[0] = gpu.buffer.handle;
	return end(D3DKMTSubmitCommand(&submit));
}

static NTSTATUS submit_hw(void)
{
	D3DKMT_HANDLE primary = gpu.buffer.handle;
	D3DKMT_SUBMITCOMMANDTOHWQUEUE submit = {
		.hHwQueue = gpu.queue.handle,
		.HwQueueProgressFenceId = gpu.last + 1,
		.NumPrimaries = 1,
		.WrittenPrimaries = &primary,
	};
	NTSTATUS status = end(D3DKMTSubmitCommandToHwQueue(&submit));

	if (status != STATUS_SUCCESS)
		return status;
	wait_hw(&gpu.queue, ++gpu.last);
	return status;
}

static NTSTATUS set_priority(void)
{
	D3DKMT_SETCONTEXTSCHEDULINGPRIORITY set = { context, 3 };

	return end(D3DKMTSetContextSchedulingPriority(&set));
}

static NTSTATUS get_priority(void)
{
	D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY get = { .hContext = context };

	return end(D3DKMTGetContextInProcessSchedulingPriority(&get));
}

static NTSTATUS get_global_priority(void)
{
	D3DKMT_GETCONTEXTSCHEDULINGPRIORITY get = { .hContext = context };

	return end(D3DKMTGetContextSchedulingPriority(&get));
}

static NTSTATUS set_in_process_priority(void)
{
	static int priority;
	D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY set = { context, (priority + 1) % 8 };
	D3DKMT_GETCONTEXTINPROCESSSCHEDULINGPRIORITY get = { .hContext = context };
	NTSTATUS status = end(D3DKMTSetContextInProcessSchedulingPriority(&set));

	if (status == STATUS_SUCCESS)
		priority = set.Priority;
	EXPECT_STATUS(D3DKMTGetContextInProcessSchedulingPriority(&get), STATUS_SUCCESS);
	EXPECT_EQ(get.Priority, priority);
	return status;
}

/* never succeeds, but says so */
static NTSTATUS render(void)
{
	D3DKMT_RENDER args = { .hContext = context };
	NTSTATUS status = end(D3DKMTRender(&args));

	return status == STATUS_NOT_SUPPORTED ? STATUS_SUCCESS : status;
}

static NTSTATUS wait_for_idle(void)
{
	D3DKMT_WAITFORIDLE wait = { .hDevice = gpu.device };

	return end(D3DKMTWaitForIdle(&wait));
}

static NTSTATUS mark_as_error(void)
{
	D3DKMT_MARKDEVICEASERROR mark = { .Reason = D3DKMT_DEVICE_ERROR_REASON_GENERIC };
	NTSTATUS status;

	failnth_disarm_first();
	mark.hDevice = need_device_of(gpu.adapter);
	failnth_rearm();
	status = end(D3DKMTMarkDeviceAsError(&mark));
	EXPECT_EQ(kmt_execution(mark.hDevice), status == STATUS_SUCCESS ? HUNG : ACTIVE);
	EXPECT_STATUS(kmt_destroy_device(mark.hDevice), STATUS_SUCCESS);
	return status;
}

static void every_point(void)
{
	start();
	failnth_sweep("CreateContextVirtual", create_context);
	failnth_sweep("CreateContext", create_legacy_context);
	failnth_sweep("CreateHwContext", create_hw_context);
	failnth_sweep("CreateHwQueue", create_hw_queue);
	failnth_sweep("SubmitCommand", submit_empty);
	failnth_sweep("SubmitCommand, broadcast", submit_broadcast);
	failnth_sweep("SubmitCommandToHwQueue", submit_hw);
	failnth_sweep("SetContextSchedulingPriority", set_priority);
	failnth_sweep("GetContextSchedulingPriority", get_global_priority);
	failnth_sweep("GetContextInProcessSchedulingPriority", get_priority);
	failnth_sweep("SetContextInProcessSchedulingPriority", set_in_process_priority);
	failnth_sweep("Render", render);
	failnth_sweep("WaitForIdle", wait_for_idle);
	failnth_sweep("MarkDeviceAsError", mark_as_error);
	/* none of them did any harm */
	EXPECT_EQ(kmt_execution(gpu.device), ACTIVE);
	EXPECT_EQ(run_bytes(&gpu, bytes), ACTIVE);
	EXPECT_EQ(gpu.buffer.cpu[2048], 1);
}

/* Ending needs no memory: only the copy of the arguments may fail, and then nothing has happened. */
static void destroying(void)
{
	unsigned int n, denied = 0;
	struct hw_queue queue;
	D3DKMT_HANDLE made;

	start();
	for (n = 1; n < 30; n++) {
		made = need_context_flags(gpu.device, CONTEXT_HW_QUEUE_SUPPORTED);
		REQUIRE_STATUS(kmt_create_hw_queue(made, 0, &queue), STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_submit_hw(&queue, gpu.buffer.gpu, bytes, 1), STATUS_SUCCESS);
		failnth_arm(n);
		if (end(kmt_destroy_context(made)) != STATUS_SUCCESS) {
			denied++;
			EXPECT_STATUS(kmt_destroy_context(made), STATUS_SUCCESS);
		}
		EXPECT_STATUS(kmt_destroy_hw_queue(queue.handle), STATUS_INVALID_PARAMETER);
	}
	EXPECT(denied <= 2);
	EXPECT_EQ(kmt_execution(gpu.device), ACTIVE);
}

static const struct test_case cases[] = {
	CASE(every_point, "each failure is answered, and leaves nothing"),
	CASE(destroying, "destroying a context needs no memory"),
};

TEST_MAIN(cases)
