// SPDX-License-Identifier: MIT
/*
 * victims.c: the same calls drive the same allocations out, each time
 *
 * First more than fits is made resident, then come random calls about residency, and command buffers that use
 * the memory, from a seed. After each of them it is written down what is on the GPU. No rule about victims reads
 * the clock, so that a second device that does the same has the same written down. (gpu_order.c holds the same of the
 * order in which work ends.)
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "engine.h"

#define PARTS	16
#define STEPS	100

/**
 * struct record - what was on the GPU after a step
 * @what: what was done, and with which part
 * @status: how it ended
 * @parts: a bit for each part on the GPU
 */
struct record {
	unsigned int what;
	NTSTATUS status;
	uint32_t parts;
};

/**
 * struct actor - a device with too much memory
 * @gpu: the device
 * @parts: allocations that can be in the local segment only
 * @addresses: where the GPU sees them
 * @required: how often each is required
 * @random: the state of the sequence
 */
struct actor {
	struct gpu gpu;
	D3DKMT_HANDLE parts[PARTS];
	uint64_t addresses[PARTS];
	unsigned int required[PARTS];
	uint64_t random;
};

static struct actor need_actor(uint64_t seed)
{
	struct actor a = { .gpu = need_gpu(), .random = seed };
	uint64_t bytes = need_capacity(VDXG_SEGMENT_LOCAL) / (PARTS / 2) / UNIT * UNIT;
	unsigned int i;

	need_allocations_in(a.gpu.device, bytes, VDXG_SEGMENT_SET_LOCAL, PARTS, a.parts);
	for (i = 0; i < PARTS; i++)
		a.addresses[i] = need_mapping(a.gpu.paging.handle, a.parts[i], 1);
	return a;
}

static NTSTATUS set_priority(struct actor *a, unsigned int part)
{
	static const UINT priorities[] = {
		D3DDDI_ALLOCATIONPRIORITY_MINIMUM, D3DDDI_ALLOCATIONPRIORITY_LOW,
		D3DDDI_ALLOCATIONPRIORITY_NORMAL, D3DDDI_ALLOCATIONPRIORITY_HIGH,
	};
	D3DKMT_SETALLOCATIONPRIORITY set = {
		.hDevice = a->gpu.device,
		.phAllocationList = &a->parts[part],
		.AllocationCount = 1,
		.pPriorities = &priorities[part % ARRAY_SIZE(priorities)],
	};

	return D3DKMTSetAllocationPriority(&set);
}

static NTSTATUS use(struct actor *a, unsigned int part)
{
	struct vdxg_commands c = commands(&a->gpu);

	vdxg_commands_fill(&c, a->addresses[part], PAGE, part);
	REQUIRE(EXPECT_EQ(run(&a->gpu, &c), ACTIVE));
	return STATUS_SUCCESS;
}

static NTSTATUS step(struct actor *a, unsigned int part, unsigned int what)
{
	NTSTATUS status;

	switch (what) {
	case 0:
	case 1:
		status = kmt_make_resident(&a->gpu.paging, &a->parts[part], 1,
					   what ? CANT_TRIM_FURTHER : 0);
		a->required[part] += status == STATUS_SUCCESS;
		return status;
	case 2:
	case 3:
		if (!a->required[part])
			return STATUS_SUCCESS;
		a->required[part]--;
		return kmt_evict(a->gpu.device, &a->parts[part], 1, EVICT_ONLY_IF_NECESSARY);
	case 4:
		return set_priority(a, part);
	default:
		return a->required[part] ? use(a, part) : STATUS_SUCCESS;
	}
}

static uint32_t on_gpu(struct actor *a)
{
	uint32_t results[PARTS], parts = 0;
	unsigned int i;

	REQUIRE_STATUS(kmt_residency(a->gpu.device, 0, a->parts, PARTS, results), STATUS_SUCCESS);
	for (i = 0; i < PARTS; i++)
		parts |= (results[i] == RESIDENT_IN_GPU_MEMORY) << i;
	return parts;
}

/* 7 of the 8 that fit, then 4 of them may go, and 4 others come; returns which part, and sets what with it */
static unsigned int choose(struct actor *a, unsigned int i, unsigned int *what)
{
	if (i < 15) {
		*what = i >= 7 && i < 11 ? 2 : 1;
		return i < 7 ? i : i - 7 + (i >= 11) * 4;
	}
	*what = test_random(&a->random) % 6;
	return test_random(&a->random) % PARTS;
}

static void act(uint64_t seed, struct record *records)
{
	struct actor a = need_actor(seed);
	unsigned int i, part, what;

	for (i = 0; i < STEPS; i++) {
		part = choose(&a, i, &what);
		records[i].what = what << 8 | part;
		records[i].status = step(&a, part, what);
		records[i].parts = on_gpu(&a);
	}
	EXPECT_STATUS(kmt_destroy_device(a.gpu.device), STATUS_SUCCESS);
}

static void the_same_each_time(void)
{
	struct record one[STEPS] = { 0 }, two[STEPS] = { 0 };
	struct usage before = need_usage();
	uint64_t seed = test_seed();
	unsigned int i, driven_out = 0;

	act(seed, one);
	expect_usage_back(before);
	act(seed, two);
	for (i = 0; i < STEPS; i++) {
		if (memcmp(&one[i], &two[i], sizeof(one[i]))) {
			test_fail(__FILE__, __LINE__, "step %u (0x%x): %s and %s, 0x%x and 0x%x", i,
				  one[i].what, status_name(one[i].status),
				  status_name(two[i].status), one[i].parts, two[i].parts);
			break;
		}
		driven_out += i && one[i - 1].parts & ~one[i].parts;
	}
	test_note("%u times something was driven out", driven_out);
	EXPECT(driven_out > 0);
}

static const struct test_case cases[] = {
	CASE(the_same_each_time, "the same calls have the same victims"),
};

TEST_MAIN(cases)
