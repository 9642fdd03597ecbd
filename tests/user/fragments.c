// SPDX-License-Identifier: MIT
/*
 * fragments.c: what a process may require finds room, whatever sizes it is of
 *
 * A device's memory comes in objects, of which small allocations share one: what is left in them counts as free,
 * and so must be enough for others.
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "engine.h"

#define MOST	64

/**
 * struct part - an allocation that can be in the local segment only, and is required
 * @handle: its handle; 0 if there is none
 * @gpu: where the GPU sees it
 * @cpu: where the CPU does
 * @npages: its size
 * @value: what is in it
 */
struct part {
	D3DKMT_HANDLE handle;
	uint64_t gpu;
	uint32_t *cpu;
	uint32_t npages, value;
};

/* returns how MakeResident ended; the GPU has written all of it then */
static NTSTATUS add_part(struct gpu *gpu, struct part *part, uint32_t npages, uint32_t value)
{
	struct vdxg_commands c;
	NTSTATUS status;

	*part = (struct part){ .npages = npages, .value = value };
	need_allocations_in(gpu->device, npages * PAGE, VDXG_SEGMENT_SET_LOCAL, 1, &part->handle);
	status = kmt_make_resident(&gpu->paging, &part->handle, 1, CANT_TRIM_FURTHER);
	if (status) {
		EXPECT_STATUS(kmt_destroy_one(gpu->device, part->handle), STATUS_SUCCESS);
		part->handle = 0;
		return status;
	}
	part->gpu = need_mapping(gpu->paging.handle, part->handle, npages);
	part->cpu = need_lock(gpu->device, part->handle);
	c = commands(gpu);
	vdxg_commands_fill(&c, part->gpu, npages * PAGE, value);
	REQUIRE(EXPECT_EQ(run(gpu, &c), ACTIVE));
	return status;
}

/* it is on the GPU, and both the GPU and the CPU find in it what was written */
static void expect_part(struct gpu *gpu, struct part *part)
{
	struct vdxg_commands c = commands(gpu);
	uint32_t i;

	vdxg_commands_copy(&c, gpu->buffer.gpu + 8192, part->gpu + (part->npages - 1) * PAGE, 4);
	REQUIRE(EXPECT_EQ(run(gpu, &c), ACTIVE));
	EXPECT_EQ(gpu->buffer.cpu[2048], part->value);
	EXPECT_EQ(need_residency(gpu->device, part->handle), RESIDENT_IN_GPU_MEMORY);
	for (i = 0; i < part->npages; i++)
		REQUIRE(EXPECT_EQ(part->cpu[i * (PAGE / 4)], part->value));
}

/* as many of one size as count: less than an object more than half of which each needs */
static void expect_all_fit(uint32_t npages)
{
	struct usage before = need_usage();
	uint32_t pages = need_capacity(VDXG_SEGMENT_LOCAL) / PAGE;
	struct gpu gpu = need_gpu();
	struct part parts[MOST];
	uint32_t i, n = (pages - COMMANDS_ROOM / PAGE) / npages;

	REQUIRE(n <= MOST);
	for (i = 0; i < n; i++)
		REQUIRE_STATUS(add_part(&gpu, &parts[i], npages, i + 1), STATUS_SUCCESS);
	for (i = 0; i < n; i++)
		expect_part(&gpu, &parts[i]);
	EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	expect_usage_back(before);
}

static void shared_objects(void)
{
	expect_all_fit(200);
}

static void beside_a_small_one(void)
{
	expect_all_fit(448);
}

static void any_sizes(void)
{
	struct usage before = need_usage();
	struct part parts[MOST] = { 0 }, *part;
	uint64_t random = test_seed();
	struct gpu gpu = need_gpu();
	uint32_t i, npages, full = 0, rounds = test_rounds(300);
	NTSTATUS status;

	for (i = 0; i < rounds; i++) {
		part = &parts[test_random(&random) % MOST];
		npages = test_random(&random) % (test_random(&random) % 4 ? 300 : 700) + 1;
		if (part->handle) {
			expect_part(&gpu, part);
			EXPECT_STATUS(kmt_destroy_one(gpu.device, part->handle), STATUS_SUCCESS);
			part->handle = 0;
			continue;
		}
		status = add_part(&gpu, part, npages, i + 1);
		full += status == STATUS_NO_MEMORY;
		REQUIRE(status == STATUS_SUCCESS || status == STATUS_NO_MEMORY);
	}
	test_note("%u times there was no room", full);
	EXPECT(full > 0);
	for (i = 0; i < MOST; i++)
		if (parts[i].handle)
			expect_part(&gpu, &parts[i]);
	EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(shared_objects, "allocations of a size of which objects hold two and a half"),
	CASE(beside_a_small_one, "large allocations, and a small one in an object of its own"),
	CASE(any_sizes, "allocations of any sizes come and go; what counts as free is free"),
};

TEST_MAIN(cases)
