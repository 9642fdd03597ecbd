// SPDX-License-Identifier: MIT
/*
 * command_stream.c: what commands do, and what command buffers are refused
 */
#include <stdlib.h>
#include <time.h>

#include "engine.h"

#define WORDS(bytes) ((bytes) / sizeof(uint32_t))

static void expect_words(const uint32_t *p, size_t n, uint32_t value)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!EXPECT_EQ(p[i], value)) {
			test_note("word %zu", i);
			break;
		}
}

static void fill(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 1 << 20);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, a.gpu, 1 << 20, 0x11111111);
	vdxg_commands_fill(&c, a.gpu + 4092, 8, 0x22222222);
	vdxg_commands_fill(&c, a.gpu + 100, 0, 0x33333333);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	expect_words(a.cpu, 1023, 0x11111111);
	expect_words(a.cpu + 1023, 2, 0x22222222);
	expect_words(a.cpu + 1025, WORDS(1 << 20) - 1025, 0x11111111);
}

static void copy(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 1 << 20), b = need_memory(&gpu, (1 << 20) + 8192);
	struct vdxg_commands c = commands(&gpu);
	size_t i;

	for (i = 0; i < WORDS(1 << 20); i++)
		a.cpu[i] = i;
	vdxg_commands_copy(&c, b.gpu + 4099, a.gpu, 1 << 20);
	vdxg_commands_copy(&c, b.gpu, a.gpu + 5, 3);
	vdxg_commands_copy(&c, a.gpu + 4096, a.gpu, 4096);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT(!memcmp((char *)b.cpu + 4099 + 8192, (char *)a.cpu + 8192, (1 << 20) - 8192));
	EXPECT(!memcmp((char *)b.cpu, (char *)a.cpu + 5, 3));
	EXPECT_EQ(((char *)b.cpu)[3], 0);
	EXPECT(!memcmp((char *)a.cpu + 4096, a.cpu, 4096));
}

/*
 * Two addresses of the same memory, @by bytes apart: in which order bytes are copied is not promised, but
 * what is written is what the source had, and only the destination is.
 */
static void copy_over_itself(struct gpu *gpu, const struct memory *a, uint64_t alias, int by)
{
	const size_t from = 131072, bytes = 300000;
	char *expected = malloc(a->bytes);
	struct vdxg_commands c = commands(gpu);

	REQUIRE(expected);
	memset(expected, 2, a->bytes);
	memset(expected + from, 1, bytes);
	memcpy(a->cpu, expected, a->bytes);
	memset(expected + from + by, 1, bytes);
	vdxg_commands_copy(&c, alias + from + by, a->gpu + from, bytes);
	EXPECT_EQ(run(gpu, &c), ACTIVE);
	if (!EXPECT(!memcmp(a->cpu, expected, a->bytes)))
		test_note("%d bytes apart", by);
	free(expected);
}

static void copy_between_aliases(void)
{
	static const int by[] = { 0, 1, -1, 4095, -4095, 4096, -4096, 70000, -70000 };
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 1 << 19);
	uint64_t alias = need_mapping(gpu.paging.handle, a.handle, (1 << 19) / PAGE);
	size_t i;

	EXPECT_NE(alias, a.gpu);
	for (i = 0; i < ARRAY_SIZE(by); i++)
		copy_over_itself(&gpu, &a, alias, by[i]);
}

static uint64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void timestamp_and_delay(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	const uint64_t *stamps = (void *)a.cpu;
	struct vdxg_commands c = commands(&gpu);
	uint64_t before = monotonic();

	vdxg_commands_timestamp(&c, a.gpu);
	vdxg_commands_delay(&c, 3000000);
	vdxg_commands_timestamp(&c, a.gpu + 8);
	vdxg_commands_nop(&c, 8);
	vdxg_commands_nop(&c, 4096);
	vdxg_commands_delay(&c, 0);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT(stamps[0] >= before);
	EXPECT(stamps[1] >= stamps[0] + 3000000);
	EXPECT(monotonic() >= stamps[1]);
}

static void after_the_end(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c = commands(&gpu);
	uint32_t bytes;

	vdxg_commands_fill(&c, a.gpu, 4, 1);
	bytes = vdxg_commands_end(&c);
	/* what follows is never looked at, nor what is beyond the header's length */
	memset((char *)gpu.buffer.cpu + bytes, 0xff, 64);
	gpu.buffer.cpu[2] = bytes + 32;
	EXPECT_EQ(run_bytes(&gpu, bytes + 64), ACTIVE);
	EXPECT_EQ(a.cpu[0], 1);
	/* it may also end without END */
	c = commands(&gpu);
	vdxg_commands_fill(&c, a.gpu, 4, 2);
	gpu.buffer.cpu[2] = c.bytes;
	EXPECT_EQ(run_bytes(&gpu, bytes + 64), ACTIVE);
	EXPECT_EQ(a.cpu[0], 2);
	c = commands(&gpu);
	EXPECT_EQ(run_bytes(&gpu, sizeof(struct vdxg_commands_header)), ACTIVE);
	EXPECT_EQ(run_bytes(&gpu, 0), ACTIVE);
}

static void null_rendering(void)
{
	D3DKMT_HANDLE context;
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c = commands(&gpu);
	D3DKMT_SUBMITCOMMAND submit;

	vdxg_commands_fill(&c, a.gpu, 4, 1);
	context = need_context_flags(gpu.device, CONTEXT_NULL_RENDERING);
	submit = submit_args(context, gpu.buffer.gpu, vdxg_commands_end(&c));
	EXPECT_STATUS(D3DKMTSubmitCommand(&submit), STATUS_SUCCESS);
	submit.BroadcastContext[0] = need_context(gpu.device);
	submit.Flags.NullRendering = 1;
	EXPECT_STATUS(D3DKMTSubmitCommand(&submit), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(submit.BroadcastContext[0]), STATUS_SUCCESS);
	EXPECT_EQ(a.cpu[0], 0);
	EXPECT_EQ(kmt_execution(gpu.device), ACTIVE);
}

static void zero_ranges(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	uint64_t zero = need_reservation(gpu.adapter, 65536, RESERVE_ZERO);
	struct vdxg_commands c = commands(&gpu);

	memset(a.cpu, 0xff, 65536);
	vdxg_commands_fill(&c, zero, 65536, 5);
	vdxg_commands_copy(&c, a.gpu, zero + 8, 4096);
	vdxg_commands_copy(&c, zero, a.gpu, 65536);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	expect_words(a.cpu, 1024, 0);
	expect_words(a.cpu + 1024, WORDS(65536) - 1024, 0xffffffff);
}

/* the GPU sees the value of a fence too, and cannot write it */
static void fence_values(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c;
	uint64_t i;

	REQUIRE(gpu.queue.gpu);
	for (i = 1; i <= 3; i++) {
		c = commands(&gpu);
		vdxg_commands_copy(&c, a.gpu, gpu.queue.gpu, 4096);
		EXPECT_EQ(run(&gpu, &c), ACTIVE);
		EXPECT_EQ(a.cpu[0], i - 1);
		expect_words(a.cpu + 1, 1023, 0);
	}
	c = commands(&gpu);
	vdxg_commands_fill(&c, gpu.queue.gpu, 4, 99);
	EXPECT_EQ(run(&gpu, &c), PAGE_FAULT);
}

/**
 * struct mistake - a word of a good command buffer that is not as it should be
 * @word: which
 * @value: what is there instead
 * @offset: what the fault names
 * @what: for people
 */
struct mistake {
	unsigned int word;
	uint32_t value;
	uint32_t offset;
	const char *what;
};

/* a fill, a copy, and a timestamp; words 4 to 11, 12 to 19, 20 to 23; END is 24 and 25 */
static uint32_t good_buffer(struct gpu *gpu, const struct memory *a)
{
	struct vdxg_commands c = commands(gpu);

	vdxg_commands_fill(&c, a->gpu, 4096, 1);
	vdxg_commands_copy(&c, a->gpu + 8192, a->gpu, 4096);
	vdxg_commands_timestamp(&c, a->gpu);
	return vdxg_commands_end(&c);
}

static const struct mistake mistakes[] = {
	{ 0, 0, 0, "no magic" },
	{ 1, 0x00100002, 0, "version" },
	{ 1, 0x00180001, 0, "size of the header" },
	{ 2, 8, 0, "shorter than its header" },
	{ 2, 20, 0, "not a multiple of 8" },
	{ 2, 4096, 0, "longer than what was submitted" },
	{ 3, 1, 0, "reserved field of the header" },
	{ 4, 0, 16, "opcode 0" },
	{ 4, 32 << 16, 16, "opcode 0 with a size" },
	{ 4, 32 << 16 | 7, 16, "opcode 7" },
	{ 4, 3, 16, "size 0" },
	{ 4, 24 << 16 | 3, 16, "size of a fill" },
	{ 4, 4 << 16 | 2, 16, "size of a nop" },
	{ 4, 12 << 16 | 2, 16, "size of a nop, not a multiple of 8" },
	{ 4, 4104 << 16 | 2, 16, "size of a nop, too long" },
	{ 4, 2048 << 16 | 2, 16, "nop beyond the end" },
	{ 5, 1, 16, "flags" },
	{ 8, 4098, 16, "fill: bytes not a multiple of 4" },
	{ 11, 1, 16, "fill: reserved field" },
	{ 18, 16384, 48, "copy: the ranges overlap" },
	{ 20, 24 << 16 | 5, 80, "size of a timestamp" },
	{ 24, 16 << 16 | 1, 96, "size of the end" },
};

static void malformed(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		const struct mistake *m = &mistakes[i];
		struct gpu gpu = need_gpu_on(adapter);
		struct memory a = need_memory(&gpu, 65536);
		uint32_t bytes = good_buffer(&gpu, &a);
		D3DKMT_DEVICEPAGEFAULT_STATE fault;

		gpu.buffer.cpu[m->word] = m->value;
		if (!EXPECT_EQ(run_bytes(&gpu, bytes), DMA_FAULT))
			test_note("%s", m->what);
		fault = need_fault(gpu.device);
		if (!EXPECT_EQ(fault.FaultedVirtualAddress, gpu.buffer.gpu + m->offset))
			test_note("%s", m->what);
		EXPECT_EQ(fault_code(&fault), VDXG_FAULT_MALFORMED);
		EXPECT_EQ(*gpu.queue.value, UINT64_MAX);
		EXPECT_STATUS(kmt_submit_hw(&gpu.queue, 0, 0, 9), STATUS_DEVICE_REMOVED);
		EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	}
}

static void beyond_the_last_address(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct gpu gpu = need_gpu_on(adapter);
		struct vdxg_commands c = commands(&gpu);
		D3DKMT_DEVICEPAGEFAULT_STATE fault;

		if (i == 0)
			vdxg_commands_fill(&c, -4096ULL, 8192, 1);
		if (i == 1)
			vdxg_commands_copy(&c, -1ULL, gpu.buffer.gpu, 2);
		if (i == 2)
			vdxg_commands_copy(&c, gpu.buffer.gpu, 1ULL << 63, 1ULL << 63 | 8);
		EXPECT_EQ(run(&gpu, &c), DMA_FAULT);
		fault = need_fault(gpu.device);
		EXPECT_EQ(fault.FaultedVirtualAddress, gpu.buffer.gpu + 16);
		EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	}
}

/* garbage never does more than to put the device in error */
static void random_buffers(void)
{
	uint64_t random = test_seed();
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned int round, i, rounds = test_rounds(40);

	for (round = 0; round < rounds; round++) {
		struct gpu gpu = need_gpu_on(adapter);
		struct memory a = need_memory(&gpu, 65536);
		uint32_t bytes = good_buffer(&gpu, &a);

		for (i = test_random(&random) % 4 + 1; i; i--)
			gpu.buffer.cpu[test_random(&random) % (bytes / 4)] ^=
				test_random(&random) & (test_random(&random) % 3 ? 0xff : ~0U);
		REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, gpu.buffer.gpu, bytes, 1),
			       STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	}
}

static const struct test_case cases[] = {
	CASE(fill, "fill writes a pattern, nothing else"),
	CASE(copy, "copy copies, however it is aligned"),
	CASE(copy_between_aliases, "a copy within the same memory writes what was there, in any order"),
	CASE(timestamp_and_delay, "timestamps are the time, and a delay takes it"),
	CASE(after_the_end, "where a command buffer ends"),
	CASE(null_rendering, "buffers with NullRendering are not executed"),
	CASE(zero_ranges, "zero ranges read as zero and are not written"),
	CASE(fence_values, "a progress fence is read at its GPU virtual address, and not written"),
	CASE(malformed, "a malformed buffer puts the device in error and names the offset"),
	CASE(beyond_the_last_address, "a range that ends beyond all addresses is malformed"),
	CASE(random_buffers, "damaged buffers do no harm"),
};

TEST_MAIN(cases)
