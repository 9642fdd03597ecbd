// SPDX-License-Identifier: MIT
/*
 * killed.c: a process that holds memory of a GPU and is killed
 *
 * "make witness" runs it under QEMU's trace of GPU resources, which must be balanced
 * afterwards: what the process had on the device is gone with it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/user/kmt.h"

#define ALLOCATIONS	16
#define BYTES		(256 * 1024)

/* Fills stand-alone allocations and a resource, so that all are on the device, and dies. */
static void hold_and_die(void)
{
	D3DKMT_HANDLE device = need_device(), handles[2 * ALLOCATIONS];
	unsigned int i;

	need_allocations(device, BYTES, ALLOCATIONS, handles);
	need_resource(device, BYTES, ALLOCATIONS, handles + ALLOCATIONS);
	for (i = 0; i < ARRAY_SIZE(handles); i++)
		memset(need_lock(device, handles[i]), 0x5a, BYTES);
	raise(SIGKILL);
}

static void killed_with_locked_memory(void)
{
	pid_t child = fork();
	int status;

	REQUIRE(child >= 0);
	if (!child) {
		hold_and_die();
		_exit(1);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const struct test_case cases[] = {
	CASE(killed_with_locked_memory, "a process dies of SIGKILL with locked allocations"),
};

TEST_MAIN(cases)
