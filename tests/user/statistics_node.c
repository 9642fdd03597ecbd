// SPDX-License-Identifier: MIT
/*
 * statistics_node.c: QueryStatistics of the node: what the software engine has done, for all and for a process
 */
#include <unistd.h>

#include "engine.h"

/* QUEUE_PACKET_TYPE of Windows */
#define RENDER	0
#define WAIT	4
#define SIGNAL	5

typedef D3DKMT_QUERYSTATISTICS_PROCESS_NODE_INFORMATION node_information;

static node_information ask(uint32_t type, HANDLE process)
{
	D3DKMT_QUERYSTATISTICS query = {
		.Type = type,
		.AdapterLuid = {
			.LowPart = test_adapter.luid_low,
			.HighPart = test_adapter.luid_high,
		},
		.hProcess = process,
	};

	REQUIRE_STATUS(D3DKMTQueryStatistics(&query), STATUS_SUCCESS);
	return type == D3DKMT_QUERYSTATISTICS_NODE ? query.QueryResult.NodeInformation.GlobalInformation :
		query.QueryResult.ProcessNodeInformation;
}

static node_information mine(void)
{
	return ask(D3DKMT_QUERYSTATISTICS_PROCESS_NODE, NULL);
}

static node_information all(void)
{
	return ask(D3DKMT_QUERYSTATISTICS_NODE, NULL);
}

#define SUBMITTED(info, kind)	((info).PacketStatistics.QueuePacket[kind].PacketSubmited)
#define COMPLETED(info, kind)	((info).PacketStatistics.QueuePacket[kind].PacketCompleted)

/* until all that this process has submitted is completed: the fence says so a moment earlier */
static node_information settled(void)
{
	node_information info;

	do {
		sched_yield();
		info = mine();
	} while (COMPLETED(info, RENDER) != SUBMITTED(info, RENDER) ||
		 COMPLETED(info, WAIT) != SUBMITTED(info, WAIT) ||
		 COMPLETED(info, SIGNAL) != SUBMITTED(info, SIGNAL));
	return info;
}

static void running_time(void)
{
	struct gpu gpu = need_gpu();
	node_information before = mine(), all_before = all(), after, all_after;
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_delay(&c, 3000000);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	after = settled();
	all_after = all();
	/* the delay alone is 3000 microseconds */
	EXPECT(after.RunningTime.QuadPart >= before.RunningTime.QuadPart + 3000);
	EXPECT(all_after.RunningTime.QuadPart >= all_before.RunningTime.QuadPart + 3000);
	EXPECT(after.ContextSwitch > before.ContextSwitch);
	EXPECT(all_after.ContextSwitch >= after.ContextSwitch);
}

static void packets(void)
{
	struct gpu gpu = need_gpu();
	node_information before = settled(), blocked, after;
	const volatile uint64_t *value;
	const UINT64 one = 1;
	D3DKMT_HANDLE fence;
	D3DKMT_SUBMITWAITFORSYNCOBJECTSTOHWQUEUE wait = {
		.hHwQueue = gpu.queue.handle,
		.ObjectCount = 1,
		.ObjectHandleArray = &fence,
		.FenceValueArray = &one,
	};
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU signal = {
		.hDevice = gpu.device,
		.ObjectCount = 1,
		.ObjectHandleArray = &fence,
		.FenceValueArray = &one,
	};
	struct vdxg_commands c = commands(&gpu);
	uint32_t bytes;
	int i;

	vdxg_commands_nop(&c, 8);
	bytes = vdxg_commands_end(&c);
	REQUIRE_STATUS(kmt_create_fence(gpu.device, 0, 0, &fence, &value), STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTSubmitWaitForSyncObjectsToHwQueue(&wait), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu, bytes, ++gpu.last),
			       STATUS_SUCCESS);
	blocked = mine();
	EXPECT_EQ(SUBMITTED(blocked, WAIT), SUBMITTED(before, WAIT) + 1);
	EXPECT_EQ(COMPLETED(blocked, WAIT), COMPLETED(before, WAIT));
	EXPECT_EQ(SUBMITTED(blocked, RENDER), SUBMITTED(before, RENDER) + 3);
	EXPECT_EQ(COMPLETED(blocked, RENDER), COMPLETED(before, RENDER));
	REQUIRE_STATUS(D3DKMTSignalSynchronizationObjectFromCpu(&signal), STATUS_SUCCESS);
	wait_hw(&gpu.queue, gpu.last);
	after = settled();
	EXPECT_EQ(COMPLETED(after, WAIT), COMPLETED(before, WAIT) + 1);
	EXPECT_EQ(COMPLETED(after, RENDER), COMPLETED(before, RENDER) + 3);
	EXPECT_EQ(after.PacketStatistics.DmaPacket[0].PacketCompleted, COMPLETED(after, RENDER));
	EXPECT_EQ(after.PacketStatistics.DmaPacket[0].PacketFaulted, 0);
}

static void faults(void)
{
	struct gpu gpu = need_gpu();
	struct memory absent = need_absent_memory(&gpu, 4096);
	node_information before = settled(), after;
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, absent.gpu, 4096, 1);
	EXPECT_EQ(run(&gpu, &c), PAGE_FAULT);
	after = settled();
	EXPECT_EQ(after.PacketStatistics.DmaPacket[0].PacketFaulted,
		  before.PacketStatistics.DmaPacket[0].PacketFaulted + 1);
}

/* another process has its own, and what it did stays in the sum when it is gone */
static void by_process(void)
{
	node_information before = all(), after;
	int child = fork();

	REQUIRE(child >= 0);
	if (!child) {
		struct gpu gpu = need_gpu();
		struct vdxg_commands c = commands(&gpu);

		vdxg_commands_nop(&c, 8);
		EXPECT_EQ(run(&gpu, &c), ACTIVE);
		EXPECT_EQ(SUBMITTED(settled(), RENDER), 1);
		test_exit();
	}
	EXPECT_EQ(test_wait(child), 0);
	need_device();
	EXPECT_EQ(SUBMITTED(mine(), RENDER), 0);
	EXPECT_EQ(mine().RunningTime.QuadPart, 0);
	after = all();
	EXPECT(SUBMITTED(after, RENDER) > SUBMITTED(before, RENDER));
}

static const struct test_case cases[] = {
	CASE(running_time, "the time in which commands were executed, in microseconds, and switches"),
	CASE(packets, "what was submitted and what is over, by kind"),
	CASE(faults, "command buffers that ended in a fault"),
	CASE(by_process, "a process's share, and the sum with those who are gone"),
};

TEST_MAIN(cases)
