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

/* many short ones are no long one */
static void each_by_itself(void)
{
	struct gpu gpu = need_gpu();
	uint32_t bytes = long_delay(&gpu, 4000000);
	uint64_t i;

	set_limit("1000");
	for (i = 1; i <= 8; i++)
		REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu, bytes, i),
			       STATUS_SUCCESS);
	wait_hw(&gpu.queue, 8);
	set_limit("2000");
	EXPECT_EQ(*gpu.queue.value, 8);
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

static const struct test_case cases[] = {
	CASE(stopped, "a runaway buffer is stopped, and its context reset, but no other"),
	CASE(not_with_disable_gpu_timeout, "DisableGpuTimeout lets it run"),
	CASE(each_by_itself, "each buffer has the whole limit"),
	CASE(destroy_does_not_wait_for_ever, "a context that is destroyed has a limit"),
};

TEST_MAIN(cases)
