// SPDX-License-Identifier: MIT
/*
 * gpuva_engine.c: what the GPU sees at addresses of a reservation after updates
 */
#include "engine.h"
#include "update.h"

#define PAGES	16

/**
 * struct view - a reservation, and memory to look at it through
 * @gpu: the device
 * @source: memory whose page n begins with n + 1
 * @out: what the GPU has read, a word for each page
 * @t: the same device, for updates
 */
struct view {
	struct gpu gpu;
	struct memory source;
	struct memory out;
	struct tiles t;
};

static struct view need_view(void)
{
	struct view v = { .gpu = need_gpu() };
	unsigned int i;

	v.source = need_memory(&v.gpu, PAGES * PAGE);
	v.out = need_memory(&v.gpu, PAGE);
	for (i = 0; i < PAGES; i++)
		v.source.cpu[i * PAGE / 4] = i + 1;
	v.t.adapter = v.gpu.adapter;
	v.t.device = v.gpu.device;
	v.t.context = need_context(v.gpu.device);
	v.t.allocation = v.source.handle;
	REQUIRE_STATUS(kmt_create_fence(v.gpu.device, 0, 0, &v.t.fence, &v.t.value),
		       STATUS_SUCCESS);
	v.t.queue = v.gpu.paging;
	v.t.at = need_reservation(v.gpu.adapter, UNIT, RESERVE_ZERO);
	return v;
}

/* page n of the reservation begins with the n-th of @expected */
static void expect_pages(struct view *v, const uint32_t *expected)
{
	struct vdxg_commands c = commands(&v->gpu);
	unsigned int i;

	memset(v->out.cpu, 0xff, PAGES * 4);
	for (i = 0; i < PAGES; i++)
		vdxg_commands_copy(&c, v->out.gpu + i * 4, v->t.at + i * PAGE, 4);
	REQUIRE(run(&v->gpu, &c) == ACTIVE);
	for (i = 0; i < PAGES; i++)
		if (!EXPECT_EQ(v->out.cpu[i], expected[i]))
			test_note("page %u", i);
}

static void T54_tiles_are_replicated(void)
{
	static const uint32_t three[PAGES] = { 0, 5, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6, 7 };
	static const uint32_t cut[PAGES] = { 0, 5, 6, 7, 5, 1, 1, 5, 6, 7, 5, 6, 7 };
	struct view v = need_view();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;

	op = map_op(&v.t, v.t.at + PAGE, 12 * PAGE, 3 * PAGE, 4 * PAGE);
	need_update(&v.t, &op, 1);
	expect_pages(&v, three);
	op = map_op(&v.t, v.t.at + 5 * PAGE, 2 * PAGE, PAGE, 0);
	need_update(&v.t, &op, 1);
	expect_pages(&v, cut);
}

static void copies(void)
{
	static const uint32_t mapped[PAGES] = { 1, 2, 3, 4, 0, 0, 9, 9 };
	static const uint32_t up[PAGES] = { 1, 2, 1, 2, 3, 4, 0, 0, 9, 9 };
	static const uint32_t down[PAGES] = { 2, 3, 4, 0, 0, 9, 9, 0, 9, 9 };
	struct view v = need_view();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[2] = {
		map_op(&v.t, v.t.at, 4 * PAGE, 0, 0),
		map_op(&v.t, v.t.at + 6 * PAGE, 2 * PAGE, PAGE, 8 * PAGE),
	};

	need_update(&v.t, ops, 2);
	expect_pages(&v, mapped);
	/* over itself, in both directions */
	ops[0] = copy_op(v.t.at + 2 * PAGE, v.t.at, 8 * PAGE);
	need_update(&v.t, ops, 1);
	expect_pages(&v, up);
	ops[0] = copy_op(v.t.at, v.t.at + 3 * PAGE, 8 * PAGE);
	need_update(&v.t, ops, 1);
	expect_pages(&v, down);
}

static void unmapped_reads_as_zero(void)
{
	static const uint32_t some[PAGES] = { 1, 0, 0, 4 };
	static const uint32_t none[PAGES];
	struct view v = need_view();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION ops[2] = {
		map_op(&v.t, v.t.at, 4 * PAGE, 0, 0),
		unmap_op(v.t.at + PAGE, 2 * PAGE, PROTECT_ZERO),
	};

	need_update(&v.t, ops, 2);
	expect_pages(&v, some);
	EXPECT_STATUS(kmt_destroy(v.gpu.device, 0, &v.source.handle, 1, DESTROY_SYNCHRONOUS),
		      STATUS_SUCCESS);
	expect_pages(&v, none);
}

static void map_is_read_write(void)
{
	struct view v = need_view();
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op = map_op(&v.t, v.t.at, PAGE, 0, 3 * PAGE);
	struct vdxg_commands c = commands(&v.gpu);

	need_update(&v.t, &op, 1);
	vdxg_commands_fill(&c, v.t.at, 4, 77);
	EXPECT_EQ(run(&v.gpu, &c), ACTIVE);
	EXPECT_EQ(v.source.cpu[3 * PAGE / 4], 77);
	op = protect_op(&v.t, v.t.at, PAGE, 0, 0);
	need_update(&v.t, &op, 1);
	c = commands(&v.gpu);
	vdxg_commands_fill(&c, v.t.at, 4, 78);
	EXPECT_EQ(run(&v.gpu, &c), PAGE_FAULT);
	EXPECT_EQ(need_fault(v.gpu.device).FaultedVirtualAddress, v.t.at);
}

static const struct test_case cases[] = {
	CASE(T54_tiles_are_replicated, "each repetition shows the same pages, also where it was cut"),
	CASE(copies, "copies of mappings, over themselves in both directions"),
	CASE(unmapped_reads_as_zero, "what is unmapped, or destroyed, is the reservation again"),
	CASE(map_is_read_write, "Map lets the GPU write, MapProtect only if it says so"),
};

TEST_MAIN(cases)
