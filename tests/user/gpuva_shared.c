// SPDX-License-Identifier: MIT
/*
 * gpuva_shared.c: a shared resource at GPU virtual addresses of two devices, of one process and of two
 */
#include "engine.h"
#include "share.h"

/* a resource opened, or made, by a device, at addresses of its own */
static struct memory need_mapped(struct gpu *gpu, D3DKMT_HANDLE allocation)
{
	struct memory m = { .handle = allocation, .bytes = UNIT };

	m.cpu = need_lock(gpu->device, allocation);
	m.gpu = need_mapping(gpu->paging.handle, allocation, UNIT / PAGE);
	return m;
}

/**
 * struct two - two devices of a process with the same memory
 * @gpus: the devices
 * @shared: the resource, as each of them knows it
 * @memory: where each sees it; resident for both
 */
struct two {
	struct gpu gpus[2];
	struct shared shared[2];
	struct memory memory[2];
};

static struct two need_two(void)
{
	struct two t = { 0 };
	unsigned int i;

	t.gpus[0] = need_gpu();
	t.gpus[1] = need_gpu_on(t.gpus[0].adapter);
	t.shared[0] = need_shared(t.gpus[0].device, UNIT, 1, SHARED);
	REQUIRE_STATUS(kmt_open_global(t.gpus[1].device, t.shared[0].global, 1, &t.shared[1]),
		       STATUS_SUCCESS);
	for (i = 0; i < 2; i++) {
		t.memory[i] = need_mapped(&t.gpus[i], t.shared[i].allocations[0]);
		need_resident(&t.gpus[i].paging, t.shared[i].allocations, 1);
	}
	return t;
}

static uint32_t fill_at(struct gpu *gpu, uint64_t address, uint32_t value)
{
	struct vdxg_commands c = commands(gpu);

	vdxg_commands_fill(&c, address, UNIT, value);
	return run(gpu, &c);
}

static void both_see_the_same(void)
{
	struct two t = need_two();
	struct memory copy = need_memory(&t.gpus[1], UNIT);
	struct vdxg_commands c;

	EXPECT_NE(t.memory[0].gpu, t.memory[1].gpu);
	EXPECT_EQ(fill_at(&t.gpus[0], t.memory[0].gpu, 5), ACTIVE);
	c = commands(&t.gpus[1]);
	vdxg_commands_copy(&c, copy.gpu, t.memory[1].gpu, UNIT);
	vdxg_commands_fill(&c, t.memory[1].gpu, 4, 6);
	EXPECT_EQ(run(&t.gpus[1], &c), ACTIVE);
	EXPECT_EQ(copy.cpu[0], 5);
	EXPECT_EQ(copy.cpu[UNIT / 4 - 1], 5);
	EXPECT_EQ(t.memory[0].cpu[0], 6);
	EXPECT_EQ(t.memory[0].cpu[1], 5);
}

/* each binding has its own residency, though the memory is in its place for the other */
static void each_has_its_residency(void)
{
	struct two t = need_two();
	D3DKMT_DEVICEPAGEFAULT_STATE fault;

	EXPECT_STATUS(kmt_evict(t.gpus[1].device, t.shared[1].allocations, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(fill_at(&t.gpus[0], t.memory[0].gpu, 7), ACTIVE);
	EXPECT_EQ(fill_at(&t.gpus[1], t.memory[1].gpu, 8), PAGE_FAULT);
	fault = need_fault(t.gpus[1].device);
	EXPECT_EQ(fault.FaultedVirtualAddress, t.memory[1].gpu);
	EXPECT_EQ(fault_code(&fault), VDXG_FAULT_NOT_RESIDENT);
	EXPECT_EQ(t.memory[0].cpu[0], 7);
}

/* the space is one, so that the other's address leads to the other's binding */
static void not_through_the_other(void)
{
	struct two t = need_two();
	D3DKMT_DEVICEPAGEFAULT_STATE fault;

	EXPECT_EQ(fill_at(&t.gpus[0], t.memory[1].gpu, 9), PAGE_FAULT);
	fault = need_fault(t.gpus[0].device);
	EXPECT_EQ(fault_code(&fault), VDXG_FAULT_NOT_RESIDENT);
	EXPECT_EQ(t.memory[0].cpu[0], 0);
}

/* a binding that goes takes its addresses along, and leaves those of the other, whichever is first */
static void one_goes(void)
{
	unsigned int first;

	for (first = 0; first < 2; first++) {
		struct two t = need_two();
		unsigned int other = 1 - first;

		EXPECT_STATUS(kmt_destroy_resource(t.gpus[first].device,
						   t.shared[first].resource), STATUS_SUCCESS);
		EXPECT(va_is_free(t.gpus[0].adapter, t.memory[first].gpu, UNIT));
		EXPECT(!va_is_free(t.gpus[0].adapter, t.memory[other].gpu, UNIT));
		EXPECT_EQ(fill_at(&t.gpus[other], t.memory[other].gpu, 10), ACTIVE);
		EXPECT_EQ(t.memory[other].cpu[0], 10);
		EXPECT_STATUS(kmt_destroy_device(t.gpus[other].device), STATUS_SUCCESS);
		EXPECT(va_is_free(t.gpus[0].adapter, t.memory[other].gpu, UNIT));
		EXPECT_STATUS(kmt_destroy_device(t.gpus[first].device), STATUS_SUCCESS);
	}
}

/* a conflict of protections is about the pages of one binding: the other device has its own */
static void protections_are_of_a_binding(void)
{
	const uint64_t unique = D3DGPU_UNIQUE_DRIVER_PROTECTION;
	struct two t = need_two();
	unsigned int i;

	for (i = 0; i < 2; i++) {
		D3DDDI_MAPGPUVIRTUALADDRESS map = {
			.hPagingQueue = t.gpus[i].paging.handle,
			.hAllocation = t.shared[i].allocations[0],
			.SizeInPages = 1,
			.DriverProtection = unique | (i + 1),
		};

		EXPECT_STATUS(kmt_free_va(t.gpus[0].adapter, t.memory[i].gpu, UNIT),
			      STATUS_SUCCESS);
		EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	}
}

/* another process has addresses of its own, which may be the same */
static void two_processes(void)
{
	struct gpu gpu = need_gpu();
	struct shared shared = need_shared(gpu.device, UNIT, 1, SHARED);
	struct memory m = need_mapped(&gpu, shared.allocations[0]);
	pid_t child;

	need_resident(&gpu.paging, shared.allocations, 1);
	EXPECT_EQ(fill_at(&gpu, m.gpu, 11), ACTIVE);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		struct gpu mine = need_gpu();
		struct shared opened;
		struct memory n;

		REQUIRE_STATUS(kmt_open_global(mine.device, shared.global, 1, &opened),
			       STATUS_SUCCESS);
		n = need_mapped(&mine, opened.allocations[0]);
		need_resident(&mine.paging, opened.allocations, 1);
		EXPECT_EQ(n.gpu, m.gpu);
		EXPECT_EQ(n.cpu[0], 11);
		EXPECT_EQ(fill_at(&mine, n.gpu, 12), ACTIVE);
		test_exit();
	}
	EXPECT_EQ(test_wait(child), 0);
	EXPECT_EQ(m.cpu[UNIT / 4 - 1], 12);
	EXPECT_EQ(fill_at(&gpu, m.gpu, 13), ACTIVE);
}

static const struct test_case cases[] = {
	CASE(both_see_the_same, "what one device writes the other reads, at an address of its own"),
	CASE(each_has_its_residency, "what is evicted by one device faults there only"),
	CASE(not_through_the_other, "the address of another device's binding is a fault"),
	CASE(one_goes, "destroying one binding frees its addresses and no others"),
	CASE(protections_are_of_a_binding, "unique driver protections do not conflict between devices"),
	CASE(two_processes, "two processes see the same memory, each in its own space"),
};

TEST_MAIN(cases)
