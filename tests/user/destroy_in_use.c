// SPDX-License-Identifier: MIT
/*
 * destroy_in_use.c: a command buffer that uses what has been destroyed since it was submitted (T11)
 *
 * A hardware queue waits for a fence; behind that is a command buffer that reads an allocation, which
 * is destroyed before the fence is signalled.
 */
#include "engine.h"

#define BYTES	65536
#define WORDS	(BYTES / 4)

/**
 * struct scene - work that waits
 * @gpu: the device
 * @source: what the work reads, all words 0x5a5a
 * @target: where it copies it
 * @fence: what it waits for
 */
struct scene {
	struct gpu gpu;
	struct memory source, target;
	D3DKMT_HANDLE fence;
};

static struct scene need_scene(void)
{
	struct scene s = { .gpu = need_gpu() };
	D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE wait = {
		.hHwQueue = s.gpu.queue.handle,
		.ObjectCount = 1,
		.ObjectHandleArray = &s.fence,
	};
	struct vdxg_commands c;
	uint64_t one = 1;
	unsigned int i;

	s.source = need_memory(&s.gpu, BYTES);
	s.target = need_memory(&s.gpu, BYTES);
	for (i = 0; i < WORDS; i++)
		s.source.cpu[i] = 0x5a5a;
	REQUIRE_STATUS(kmt_create_fence(s.gpu.device, 0, 0, &s.fence, NULL), STATUS_SUCCESS);
	wait.FenceValueArray = (const void *)&one;
	REQUIRE_STATUS(D3DKMTSubmitWaitForSyncObjectsToHwQueue(&wait), STATUS_SUCCESS);
	c = commands(&s.gpu);
	vdxg_commands_copy(&c, s.target.gpu, s.source.gpu, BYTES);
	REQUIRE_STATUS(kmt_submit_hw(&s.gpu.queue, s.gpu.buffer.gpu, vdxg_commands_end(&c),
				     ++s.gpu.last), STATUS_SUCCESS);
	return s;
}

static void let_go(const struct scene *s)
{
	uint64_t one = 1;
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU signal = {
		.hDevice = s->gpu.device,
		.ObjectCount = 1,
		.ObjectHandleArray = &s->fence,
		.FenceValueArray = (const void *)&one,
	};

	EXPECT_STATUS(D3DKMTSignalSynchronizationObjectFromCpu(&signal), STATUS_SUCCESS);
	wait_hw(&s->gpu.queue, s->gpu.last);
}

static void T11_there_until_retired(void)
{
	struct scene s = need_scene();
	struct usage after = need_usage();
	struct vdxg_commands c;
	unsigned int i;

	after.allocs--;
	after.committed -= BYTES;
	after.resident -= BYTES;
	EXPECT_STATUS(kmt_destroy_one(s.gpu.device, s.source.handle), STATUS_SUCCESS);
	let_go(&s);
	EXPECT_EQ(kmt_execution(s.gpu.device), ACTIVE);
	for (i = 0; i < WORDS && EXPECT_EQ(s.target.cpu[i], 0x5a5a); i++)
		;
	/* now it has gone, and with it the address */
	expect_usage_back(after);
	EXPECT(va_is_free(s.gpu.adapter, s.source.gpu, BYTES));
	c = commands(&s.gpu);
	vdxg_commands_copy(&c, s.target.gpu, s.source.gpu, 4);
	EXPECT_EQ(run(&s.gpu, &c), PAGE_FAULT);
	EXPECT_EQ(need_fault(s.gpu.device).FaultedVirtualAddress, s.source.gpu);
}

static void assumed_not_in_use(void)
{
	struct scene s = need_scene();

	EXPECT_STATUS(kmt_destroy(s.gpu.device, 0, &s.source.handle, 1,
				  DESTROY_ASSUME_NOT_IN_USE), STATUS_SUCCESS);
	EXPECT(va_is_free(s.gpu.adapter, s.source.gpu, BYTES));
	let_go(&s);
	EXPECT_EQ(kmt_execution(s.gpu.device), PAGE_FAULT);
	EXPECT_EQ(need_fault(s.gpu.device).FaultedVirtualAddress, s.source.gpu);
	EXPECT_EQ(s.target.cpu[0], 0);
}

static const struct test_case cases[] = {
	CASE(T11_there_until_retired, "it finds it there, with its content; what comes later faults"),
	CASE(assumed_not_in_use, "AssumeNotInUse: it faults"),
};

TEST_MAIN(cases)
