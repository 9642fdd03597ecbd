// SPDX-License-Identifier: MIT
/*
 * fence_gpu.c: the address at which the GPU sees the value of a monitored fence
 */
#include "engine.h"
#include "share.h"

/**
 * struct seen - a fence, and where the GPU sees its value
 * @handle: its handle
 * @gpu: the address
 */
struct seen {
	D3DKMT_HANDLE handle;
	uint64_t gpu;
};

static struct seen need_seen(D3DKMT_HANDLE device, uint32_t flags, uint64_t value)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = {
		.Info.MonitoredFence.InitialFenceValue = value,
		/* the call writes it, whatever is in there */
		.Info.MonitoredFence.FenceValueGPUVirtualAddress = 77,
	};

	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_MONITORED_FENCE, flags, &create),
		       STATUS_SUCCESS);
	return (struct seen) {
		create.hSyncObject,
		create.Info.MonitoredFence.FenceValueGPUVirtualAddress,
	};
}

/* have the GPU copy what is at @address; returns the execution state */
static uint32_t read_value(struct gpu *gpu, struct memory *to, uint64_t address, uint64_t *value)
{
	struct vdxg_commands c = commands(gpu);
	uint32_t state;

	to->cpu[0] = 0xdead;
	to->cpu[1] = 0xdead;
	vdxg_commands_copy(&c, to->gpu, address, sizeof(*value));
	state = run(gpu, &c);
	memcpy(value, to->cpu, sizeof(*value));
	return state;
}

static void follows(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct seen fence = need_seen(gpu.device, 0, 0x500000001);
	uint64_t value;

	REQUIRE(fence.gpu);
	EXPECT_EQ(fence.gpu % 8, 0);
	EXPECT_EQ(read_value(&gpu, &a, fence.gpu, &value), ACTIVE);
	EXPECT_EQ(value, 0x500000001);
	EXPECT_STATUS(kmt_signal(gpu.device, fence.handle, 0x700000003), STATUS_SUCCESS);
	EXPECT_EQ(read_value(&gpu, &a, fence.gpu, &value), ACTIVE);
	EXPECT_EQ(value, 0x700000003);
}

static void read_only(void)
{
	struct gpu gpu = need_gpu();
	struct seen fence = need_seen(gpu.device, 0, 5);
	struct vdxg_commands c = commands(&gpu);

	REQUIRE(fence.gpu);
	vdxg_commands_fill(&c, fence.gpu, 4, 99);
	EXPECT_EQ(run(&gpu, &c), PAGE_FAULT);
	EXPECT_EQ(need_fault(gpu.device).FaultedVirtualAddress, fence.gpu);
}

static void no_gpu_access(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_EQ(need_seen(device, SYNC_NO_GPU_ACCESS, 0).gpu, 0);
	EXPECT_NE(need_seen(device, 0, 0).gpu, 0);
}

static void opened(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	D3DKMT_HANDLE other = need_device_of(gpu.adapter);
	struct seen fence = need_seen(other, SYNC_SHARED | SYNC_NT, 5);
	D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 open = { .hDevice = gpu.device };
	uint64_t value, address;

	open.hNtHandle = need_share(fence.handle);
	REQUIRE_STATUS(D3DKMTOpenSyncObjectFromNtHandle2(&open), STATUS_SUCCESS);
	address = open.MonitoredFence.FenceValueGPUVirtualAddress;
	REQUIRE(address);
	/* the addresses are the process's, so that of another device does as well */
	EXPECT_EQ(read_value(&gpu, &a, fence.gpu, &value), ACTIVE);
	EXPECT_EQ(value, 5);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	/* and each who opened it has an address that stays */
	EXPECT_STATUS(kmt_signal(gpu.device, open.hSyncObject, 6), STATUS_SUCCESS);
	EXPECT_EQ(read_value(&gpu, &a, address, &value), ACTIVE);
	EXPECT_EQ(value, 6);
	open.hSyncObject = 0;
	SET_FLAGS(open.Flags, SYNC_NO_GPU_ACCESS);
	open.MonitoredFence.FenceValueGPUVirtualAddress = 77;
	REQUIRE_STATUS(D3DKMTOpenSyncObjectFromNtHandle2(&open), STATUS_SUCCESS);
	EXPECT_EQ(open.MonitoredFence.FenceValueGPUVirtualAddress, 0);
}

static void from_sync_file(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct fence fence = need_fence(gpu.device, 0, 0);
	D3DKMT_OPENSYNCOBJECTFROMSYNCFILE open = { .hDevice = gpu.device };
	uint64_t value;

	open.hSyncFile = need_sync_file(gpu.device, fence.handle, 1, PATIENT);
	REQUIRE_STATUS(D3DKMTOpenSyncObjectFromSyncFile(&open), STATUS_SUCCESS);
	REQUIRE(open.FenceValueGPUVirtualAddress);
	EXPECT_STATUS(kmt_signal(gpu.device, fence.handle, 1), STATUS_SUCCESS);
	/* the opened one follows the file, not the call */
	EXPECT_STATUS(kmt_wait(gpu.device, open.hSyncObject, open.FenceValue, 0), STATUS_SUCCESS);
	EXPECT_EQ(read_value(&gpu, &a, open.FenceValueGPUVirtualAddress, &value), ACTIVE);
	EXPECT_EQ(value, open.FenceValue);
}

static void destroyed(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct seen fence = need_seen(gpu.device, 0, 5);
	uint64_t value;

	REQUIRE(fence.gpu);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	EXPECT_EQ(read_value(&gpu, &a, fence.gpu, &value), PAGE_FAULT);
	EXPECT_EQ(need_fault(gpu.device).FaultedVirtualAddress, fence.gpu);
}

static const struct test_case cases[] = {
	CASE(follows, "the GPU reads the value that the fence has"),
	CASE(read_only, "the GPU does not write it"),
	CASE(no_gpu_access, "NoGPUAccess: no address"),
	CASE(opened, "each who opens a fence has an address of his own"),
	CASE(from_sync_file, "one opened from a sync file has an address, too"),
	CASE(destroyed, "with the fence the address is gone"),
};

TEST_MAIN(cases)
