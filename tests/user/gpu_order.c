// SPDX-License-Identifier: MIT
/*
 * gpu_order.c: in which order contexts of different priorities are served, the same each time
 *
 * Each context copies a number to the next place of a log that all share: first it copies the log one place
 * on, then its number to the front. While all of them are submitted the engine is kept busy with a delay
 * without end, of another device, which is then stopped by making the limit for that small. What the others
 * have to do fits into one piece, so that the limit is not for them.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"

#define CONTEXTS	12
#define LOG		64
#define LIMIT		"/sys/module/vdxg/parameters/tdr_ms"

static void set_priority(D3DKMT_HANDLE context, int priority, int in_process)
{
	D3DKMT_SETCONTEXTSCHEDULINGPRIORITY set = { context, priority };
	D3DKMT_SETCONTEXTINPROCESSSCHEDULINGPRIORITY set2 = { context, in_process };

	REQUIRE_STATUS(D3DKMTSetContextSchedulingPriority(&set), STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTSetContextInProcessSchedulingPriority(&set2), STATUS_SUCCESS);
}

/**
 * struct order - contexts that write down when they were served
 * @gpu: the device
 * @log: what they wrote, the last first
 * @scratch: for the move of the log
 * @numbers: their numbers
 * @contexts: the contexts
 * @offset: of the next command buffer
 * @busy: the device that keeps the engine busy
 */
struct order {
	struct gpu gpu;
	struct memory log, scratch, numbers;
	D3DKMT_HANDLE contexts[CONTEXTS];
	uint32_t offset;
	struct gpu busy;
};

/* another command buffer behind those written before; returns its length */
static uint32_t write_note(struct order *o, uint32_t number, uint64_t *address)
{
	struct vdxg_commands c;
	uint32_t bytes;

	vdxg_commands_begin(&c, (char *)o->gpu.buffer.cpu + o->offset, COMMANDS_ROOM - o->offset);
	vdxg_commands_copy(&c, o->scratch.gpu, o->log.gpu, LOG * 4);
	vdxg_commands_copy(&c, o->log.gpu + 4, o->scratch.gpu, LOG * 4);
	vdxg_commands_copy(&c, o->log.gpu, o->numbers.gpu + 4 * number, 4);
	bytes = vdxg_commands_end(&c);
	REQUIRE(bytes);
	*address = o->gpu.buffer.gpu + o->offset;
	o->offset += bytes;
	return bytes;
}

static struct order need_order(void)
{
	struct order o = { .gpu = need_gpu() };
	uint32_t i;

	o.log = need_memory(&o.gpu, 4096);
	o.scratch = need_memory(&o.gpu, 4096);
	o.numbers = need_memory(&o.gpu, 4096);
	for (i = 0; i < 1024; i++)
		o.numbers.cpu[i] = i;
	for (i = 0; i < CONTEXTS; i++)
		o.contexts[i] = need_context(o.gpu.device);
	return o;
}

/* keep the engine busy; returns when it is */
static void hold(struct order *o)
{
	D3DKMT_HANDLE context;
	struct memory begun;
	struct vdxg_commands c;

	o->busy = need_gpu_on(o->gpu.adapter);
	context = need_context(o->busy.device);
	set_priority(context, 7, 7);
	begun = need_memory(&o->busy, 4096);
	c = commands(&o->busy);
	vdxg_commands_fill(&c, begun.gpu, 4, 1);
	vdxg_commands_delay(&c, 1000ULL * 1000000000);
	REQUIRE(test_write_file(LIMIT, "1000000"));
	REQUIRE_STATUS(kmt_submit(context, o->busy.buffer.gpu, vdxg_commands_end(&c)),
		       STATUS_SUCCESS);
	while (!*(volatile uint32_t *)begun.cpu)
		sched_yield();
}

/* let the others begin */
static void let_go(struct order *o)
{
	REQUIRE(test_write_file(LIMIT, "1"));
	while (kmt_execution(o->busy.device) != HUNG)
		sched_yield();
}

static void submit_note(struct order *o, unsigned int context, uint32_t number)
{
	uint64_t address;
	uint32_t bytes = write_note(o, number, &address);

	REQUIRE_STATUS(kmt_submit(o->contexts[context], address, bytes), STATUS_SUCCESS);
}

/* until @n notes have been written, no two of them alike */
static void wait_notes(struct order *o, uint32_t n)
{
	volatile uint32_t *log = o->log.cpu;

	while (!log[n - 1] || log[0] == log[1])
		sched_yield();
	REQUIRE(test_write_file(LIMIT, "2000"));
	EXPECT_EQ(kmt_execution(o->gpu.device), ACTIVE);
}

static void by_priority(void)
{
	struct order o = need_order();
	static const int priorities[] = { 7, 0, -7, 3, 0, 6, -1, 0, 0, 5, 2, 1 };
	static const int in_process[] = { 0, 0, 7, 0, 2, 0, 0, -3, 1, 0, 0, 0 };
	static const uint32_t expected[] = { 5, 9, 3, 10, 11, 4, 8, 1, 7, 6, 2 };
	uint32_t i;

	for (i = 1; i < CONTEXTS; i++)
		set_priority(o.contexts[i], priorities[i], in_process[i]);
	hold(&o);
	for (i = 1; i < CONTEXTS; i++)
		submit_note(&o, i, i);
	let_go(&o);
	wait_notes(&o, CONTEXTS - 1);
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		if (!EXPECT_EQ(o.log.cpu[CONTEXTS - 2 - i], expected[i]))
			test_note("place %u", i);
}

#define NOTES 40

static void random_order(uint64_t seed, uint32_t *log)
{
	struct order o = need_order();
	uint64_t random = seed;
	uint32_t i;

	for (i = 1; i < CONTEXTS; i++)
		set_priority(o.contexts[i], (int)(test_random(&random) % 3) - 1,
			     (int)(test_random(&random) % 3) - 1);
	hold(&o);
	for (i = 1; i <= NOTES; i++)
		submit_note(&o, 1 + test_random(&random) % (CONTEXTS - 1), i);
	let_go(&o);
	wait_notes(&o, NOTES);
	memcpy(log, o.log.cpu, NOTES * sizeof(*log));
	EXPECT_STATUS(kmt_destroy_device(o.gpu.device), STATUS_SUCCESS);
}

static void the_same_each_time(void)
{
	uint32_t one[NOTES], two[NOTES];
	uint64_t seed = test_seed();

	random_order(seed, one);
	random_order(seed, two);
	EXPECT(!memcmp(one, two, sizeof(one)));
}

/* a process that keeps the engine busy, with the highest priority; when asked it says whether it is done */
static void be_urgent(int begun, int asked)
{
	struct gpu gpu = need_gpu();
	D3DKMT_HANDLE context = need_context_flags(gpu.device, CONTEXT_DISABLE_GPU_TIMEOUT);
	struct memory flags = need_memory(&gpu, 4096);
	struct vdxg_commands c = commands(&gpu);
	char byte;

	set_priority(context, 7, 7);
	vdxg_commands_fill(&c, flags.gpu, 4, 1);
	vdxg_commands_delay(&c, 20ULL * 1000000000);
	vdxg_commands_fill(&c, flags.gpu + 4, 4, 1);
	REQUIRE_STATUS(kmt_submit(context, gpu.buffer.gpu, vdxg_commands_end(&c)), STATUS_SUCCESS);
	while (!*(volatile uint32_t *)flags.cpu)
		sched_yield();
	REQUIRE(write(begun, "", 1) == 1);
	REQUIRE(read(asked, &byte, 1) == 1);
	byte = *(volatile uint32_t *)&flags.cpu[1];
	REQUIRE(write(begun, &byte, 1) == 1);
	pause();
}

static void everybody_gets_some(void)
{
	struct gpu gpu = need_gpu();
	D3DKMT_HANDLE context = need_context(gpu.device);
	struct memory a = need_memory(&gpu, 4096);
	struct vdxg_commands c = commands(&gpu);
	int pid, begun[2], asked[2];
	char byte;

	REQUIRE(!pipe(begun) && !pipe(asked));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		be_urgent(begun[1], asked[0]);
	REQUIRE(read(begun[0], &byte, 1) == 1);
	set_priority(context, -7, -7);
	vdxg_commands_fill(&c, a.gpu, 4, 9);
	REQUIRE_STATUS(kmt_submit(context, gpu.buffer.gpu, vdxg_commands_end(&c)), STATUS_SUCCESS);
	while (!*(volatile uint32_t *)a.cpu)
		sched_yield();
	REQUIRE(write(asked[1], "", 1) == 1);
	REQUIRE(read(begun[0], &byte, 1) == 1);
	EXPECT_EQ(byte, 0);
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
}

static const struct test_case cases[] = {
	CASE(by_priority, "higher priorities go first, then higher ones within the process"),
	CASE(the_same_each_time, "the same work is done in the same order"),
	CASE(everybody_gets_some, "work of the highest priority does not keep another process out until it is done"),
};

TEST_MAIN(cases)
