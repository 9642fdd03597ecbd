// SPDX-License-Identifier: MIT
/*
 * tdr.c: command buffers that run too long
 *
 * The limit is made small; what has to be stopped would run for much longer than a test may take.
 */
#include <fcntl.h>
#include <unistd.h>

#include "engine.h"

#define LIMIT "/sys/module/vdxg/parameters/tdr_ms"
#define FOR_EVER (1000ULL * 1000000000)

static void set_limit(const char *ms)
{
	REQUIRE(test_write_file(LIMIT, ms));
}

static uint32_t long_delay(struct gpu *gpu, uint64_t ns)
{
	struct vdxg_commands c = commands(gpu);

	vdxg_commands_delay(&c, ns);
	return vdxg_commands_end(&c);
}

static void stopped(void)
{
	struct gpu gpu = need_gpu();
	struct hw_queue other = need_hw_queue(gpu.device);

	set_limit("20");
	REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu, long_delay(&gpu, FOR_EVER), 1),
		       STATUS_SUCCESS);
	/* the other one is done before it, or after it, but it is */
	REQUIRE_STATUS(kmt_submit_hw(&other, 0, 0, 1), STATUS_SUCCESS);
	wait_hw(&gpu.queue, 1);
	set_limit("2000");
	EXPECT_EQ(*gpu.queue.value, UINT64_MAX);
	wait_hw(&other, 1);
	EXPECT_EQ(*other.value, 1);
	EXPECT_STATUS(kmt_submit_hw(&gpu.queue, 0, 0, 2), STATUS_DEVICE_REMOVED);
	EXPECT_EQ(kmt_execution(gpu.device), HUNG);
	/* only that context was reset */
	EXPECT_STATUS(kmt_submit_hw(&other, 0, 0, 2), STATUS_SUCCESS);
	wait_hw(&other, 2);
	EXPECT_EQ(*other.value, 2);
	EXPECT_STATUS(kmt_submit(need_context(gpu.device), 0, 0), STATUS_SUCCESS);
}

static void not_with_disable_gpu_timeout(void)
{
	struct gpu gpu = need_gpu();
	struct hw_queue queue;

	REQUIRE_STATUS(kmt_create_hw_queue(need_context_flags(gpu.device,
			CONTEXT_HW_QUEUE_SUPPORTED | CONTEXT_DISABLE_GPU_TIMEOUT), 0, &queue),
		       STATUS_SUCCESS);
	set_limit("5");
	REQUIRE_STATUS(kmt_submit_hw(&queue, gpu.buffer.gpu, long_delay(&gpu, 60000000), 1),
		       STATUS_SUCCESS);
	wait_hw(&queue, 1);
	set_limit("2000");
	EXPECT_EQ(*queue.value, 1);
	EXPECT_EQ(kmt_execution(gpu.device), ACTIVE);
}

static void destroy_does_not_wait_for_ever(void)
{
	struct gpu gpu = need_gpu();
	D3DKMT_HANDLE context = need_context_flags(gpu.device, CONTEXT_DISABLE_GPU_TIMEOUT);

	set_limit("20");
	REQUIRE_STATUS(kmt_submit(context, gpu.buffer.gpu, long_delay(&gpu, FOR_EVER)),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	set_limit("2000");
}

/* a context that waits for what will never be signalled */
static D3DKMT_HANDLE need_blocked(D3DKMT_HANDLE device)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMGPU wait = {
		.hContext = need_context(device),
		.ObjectCount = 1,
	};
	const uint64_t value = 1;
	D3DKMT_HANDLE fence;

	REQUIRE_STATUS(kmt_create_fence(device, 0, 0, &fence, NULL), STATUS_SUCCESS);
	wait.ObjectHandleArray = &fence;
	wait.MonitoredFenceValueArray = (const void *)&value;
	REQUIRE_STATUS(D3DKMTWaitForSynchronizationObjectFromGpu(&wait), STATUS_SUCCESS);
	return wait.hContext;
}

/* what another context does has no limit, and is not waited for */
static void destroy_waits_for_its_own_work(void)
{
	struct gpu gpu = need_gpu();
	D3DKMT_HANDLE endless = need_context_flags(gpu.device, CONTEXT_DISABLE_GPU_TIMEOUT),
		blocked = need_blocked(gpu.device), other = need_device_of(gpu.adapter);

	need_blocked(other);
	REQUIRE_STATUS(kmt_submit(endless, gpu.buffer.gpu, long_delay(&gpu, FOR_EVER)),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(blocked), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(other), STATUS_SUCCESS);
	set_limit("20");
	EXPECT_STATUS(kmt_destroy_context(endless), STATUS_SUCCESS);
	set_limit("2000");
}

/* nor does a process that exits wait with one device for another */
static void exit_does_not_wait_for_ever(void)
{
	struct usage before = need_usage();
	pid_t child;

	set_limit("20");
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE adapter = need_adapter(), context;
		struct gpu gpu;

		need_blocked(need_device_of(adapter));
		gpu = need_gpu_on(adapter);
		context = need_context_flags(gpu.device, CONTEXT_DISABLE_GPU_TIMEOUT);
		REQUIRE_STATUS(kmt_submit(context, gpu.buffer.gpu, long_delay(&gpu, FOR_EVER)),
			       STATUS_SUCCESS);
		test_exit();
	}
	EXPECT_EQ(test_wait(child), 0);
	expect_usage_back(before);
	set_limit("2000");
}

static const struct test_case cases[] = {
	CASE(stopped, "a runaway buffer is stopped, and its context reset, but no other"),
	CASE(not_with_disable_gpu_timeout, "DisableGpuTimeout lets it run"),
	CASE(destroy_does_not_wait_for_ever, "a context that is destroyed has a limit"),
	CASE(destroy_waits_for_its_own_work, "and does not wait for other contexts, which have none"),
	CASE(exit_does_not_wait_for_ever, "a process that exits has a limit on all its devices"),
};

TEST_MAIN(cases)
