// SPDX-License-Identifier: MIT
/*
 * race_submit.c: submitting against destroying, against errors, and against the end of the process
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "race.h"

/**
 * struct sides - what both threads have
 * @gpu: the device
 * @context: a context of it
 * @bytes: of the command buffer
 * @bad: of one that faults, behind it
 */
struct sides {
	struct gpu gpu;
	D3DKMT_HANDLE context;
	uint32_t bytes;
	uint64_t bad;
};

static struct sides need_sides(D3DKMT_HANDLE adapter)
{
	struct sides s = { .gpu = need_gpu_on(adapter) };
	struct memory a = need_memory(&s.gpu, 65536);
	struct vdxg_commands c = commands(&s.gpu);

	vdxg_commands_fill(&c, a.gpu, 65536, 1);
	s.bytes = vdxg_commands_end(&c);
	vdxg_commands_begin(&c, (char *)s.gpu.buffer.cpu + 8192, 64);
	vdxg_commands_fill(&c, 0x1000, 4, 1);
	vdxg_commands_end(&c);
	s.bad = s.gpu.buffer.gpu + 8192;
	s.context = need_context(s.gpu.device);
	return s;
}

/* whatever else happens, each of these is an answer */
static void submit_some(void *arg)
{
	struct sides *s = arg;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		NTSTATUS status = kmt_submit(s->context, s->gpu.buffer.gpu, s->bytes);

		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER ||
		       status == STATUS_DEVICE_REMOVED);
		status = kmt_submit_hw(&s->gpu.queue, s->gpu.buffer.gpu, s->bytes, i + 1);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_INVALID_PARAMETER ||
		       status == STATUS_DEVICE_REMOVED);
	}
}

static void destroy_context(void *arg)
{
	struct sides *s = arg;

	EXPECT_STATUS(kmt_destroy_context(s->context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_hw_queue(s->gpu.queue.handle), STATUS_SUCCESS);
}

static void destroy_device(void *arg)
{
	struct sides *s = arg;

	EXPECT_STATUS(kmt_destroy_device(s->gpu.device), STATUS_SUCCESS);
}

static void submit_bad(void *arg)
{
	struct sides *s = arg;

	EXPECT_STATUS(kmt_submit(s->context, s->bad, 56), STATUS_SUCCESS);
}

static void unmap_and_destroy(void *arg)
{
	struct sides *s = arg;

	EXPECT_STATUS(kmt_free_va(s->gpu.adapter, s->gpu.buffer.gpu, COMMANDS_ROOM), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(s->gpu.device, s->gpu.buffer.handle), STATUS_SUCCESS);
}

static void against(void (*other)(void *), bool device_lives)
{
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned int round, rounds = test_rounds(20);
	uint64_t random = test_seed();

	for (round = 0; round < rounds && !test_failed(); round++) {
		struct sides s = need_sides(adapter);

		race(submit_some, other, &s, &random);
		if (device_lives)
			EXPECT_STATUS(kmt_destroy_device(s.gpu.device), STATUS_SUCCESS);
	}
}

static void with_destroy_context(void)
{
	against(destroy_context, true);
}

static void with_destroy_device(void)
{
	against(destroy_device, false);
}

static void with_a_fault(void)
{
	against(submit_bad, true);
}

static void with_unmapping(void)
{
	against(unmap_and_destroy, true);
}

/* a child that has work on the engine, ended in the middle of it */
static void end_child(bool killed)
{
	struct usage before = need_usage();
	unsigned int round, rounds = test_rounds(5);

	for (round = 0; round < rounds; round++) {
		int pid = fork(), status;

		REQUIRE(pid >= 0);
		if (!pid) {
			struct sides s = need_sides(need_adapter());

			submit_some(&s);
			if (killed)
				raise(SIGKILL);
			_exit(0);
		}
		REQUIRE(waitpid(pid, &status, 0) == pid);
		EXPECT_EQ(WIFSIGNALED(status), killed);
	}
	expect_usage_back(before);
}

static void with_exit(void)
{
	end_child(false);
}

static void with_kill(void)
{
	end_child(true);
}

static const struct test_case cases[] = {
	CASE(with_destroy_context, "submitting while the context is destroyed"),
	CASE(with_destroy_device, "submitting while the device is destroyed"),
	CASE(with_a_fault, "submitting while the device gets into error"),
	CASE(with_unmapping, "executing while the command buffer is unmapped and destroyed"),
	CASE(with_exit, "a process exits with work on the engine"),
	CASE(with_kill, "a process is killed with work on the engine"),
};

TEST_MAIN(cases)
