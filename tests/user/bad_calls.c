// SPDX-License-Identifier: MIT
/*
 * bad_calls.c: what every call refuses, whatever it is about
 *
 * Each call there is gets structures that cannot be read, structures in which every bit is set (bad handles,
 * huge counts and sizes, reserved bits, pointers to nowhere), and structures in which every word is a handle of
 * another process. Special cases are in the tests of each call.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "raw.h"

#define NUM_CALLS	(ARRAY_SIZE(calls) + ARRAY_SIZE(vdxg_calls))
#define ROOM		2048

static const struct call *call_number(size_t i)
{
	return i < ARRAY_SIZE(calls) ? &calls[i] : &vdxg_calls[i - ARRAY_SIZE(calls)];
}

static void unreadable(void)
{
	int fd = test_open();
	size_t i, j;

	for (i = 0; i < NUM_CALLS; i++) {
		const struct call *call = call_number(i);
		void *bad[] = {
			NULL, test_unmapped(), test_straddle(_IOC_SIZE(call->request)),
			(void *)-4096L, (void *)-1L,
		};

		for (j = 0; j < ARRAY_SIZE(bad); j++)
			if (!EXPECT_STATUS(raw_call(fd, call->request, bad[j]), -EFAULT))
				test_note("%s, %p", call->name, bad[j]);
	}
}

/* Refused for what it says: not as a call that nobody knows, nor as one that cannot be read. */
static bool refused(int status)
{
	return status < 0 && status != -EFAULT && status != -ENOTTY && status != -EINTR;
}

static void all_ones(void)
{
	struct raw raw = need_raw();
	char ones[ROOM], before[ROOM];
	size_t i;
	int status;

	memset(before, 0xff, sizeof(before));
	for (i = 0; i < NUM_CALLS; i++) {
		const struct call *call = call_number(i);

		memset(ones, 0xff, sizeof(ones));
		status = raw_call(raw.fd, call->request, ones);
		if (!EXPECT(refused(status)) || !EXPECT(!memcmp(ones, before, sizeof(ones))))
			test_note("%s: %s", call->name, status_name(status));
	}
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
}

static void use_everywhere(int fd, __u32 handle)
{
	__u32 words[ROOM / sizeof(__u32)];
	size_t i, j;
	int status;

	for (i = 0; i < NUM_CALLS; i++) {
		const struct call *call = call_number(i);

		for (j = 0; j < ARRAY_SIZE(words); j++)
			words[j] = handle;
		status = raw_call(fd, call->request, words);
		if (!EXPECT(refused(status)))
			test_note("%s: %s", call->name, status_name(status));
	}
}

static void handles_of_another_process(void)
{
	struct raw raw = need_raw();
	const __u32 handles[] = { raw.adapter, raw.device, raw.resource, raw.owned, raw.alone };
	struct d3dkmt_destroyallocation2 destroy = {
		.device.v = raw.device,
		.resource.v = raw.resource,
	};
	int pid = fork();
	size_t i;

	REQUIRE(pid >= 0);
	if (!pid) {
		int fd = test_open();

		for (i = 0; i < ARRAY_SIZE(handles); i++)
			use_everywhere(fd, handles[i]);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	/* all of them are still there */
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.owned), 0);
	EXPECT_STATUS(raw_call(raw.fd, LX_DXDESTROYALLOCATION2, &destroy), 0);
}

/* Two processes have the same numbers for things of their own. */
static void same_handles_in_two_processes(void)
{
	struct raw raw = need_raw();
	int pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		struct raw mine = need_raw();

		EXPECT_EQ(mine.device, raw.device);
		EXPECT_EQ(mine.alone, raw.alone);
		EXPECT_STATUS(raw_destroy(mine.fd, mine.device, mine.alone), 0);
		EXPECT_STATUS(raw_destroy(mine.fd, mine.device, mine.alone), -EINVAL);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
}

static const struct test_case cases[] = {
	CASE_ONCE(unreadable, "no structure, or not all of it, or the kernel's: EFAULT"),
	CASE(all_ones, "every bit set is refused, and nothing is written"),
	CASE(handles_of_another_process, "handles of another process are refused everywhere"),
	CASE(same_handles_in_two_processes, "a handle is its process's"),
};

TEST_MAIN(cases)
