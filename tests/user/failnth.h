/* SPDX-License-Identifier: MIT */
/*
 * failnth.h: let the n-th allocation or copy of a call fail, for every n
 *
 *	static NTSTATUS create(void)
 *	{
 *		status = D3DKMTCreate...;
 *		failnth_disarm();		what comes now must not fail
 *		... undo it if it succeeded ...
 *		return status;
 *	}
 *
 *	failnth_start();
 *	failnth_sweep("Create", create);
 *
 * A test that uses it says "vm-when: kernel=debug". The machine looks for leaks at its end.
 */
#ifndef VDXG_TEST_FAILNTH_H
#define VDXG_TEST_FAILNTH_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "kmt.h"

/* More points than any call has. */
#define FAILNTH_POINTS		2000

/* What is tolerated succeeds, so that only so many successes say that no point is left. */
#define FAILNTH_SUCCESSES	20

static int failnth_fd = -1;

static inline void failnth_knob(const char *fault, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", fault, name);
	test_write_file(path, value);
}

/* skips the case where nothing can be made to fail */
static inline void failnth_start(void)
{
	if (access("/sys/kernel/debug/failslab", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	failnth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (failnth_fd < 0 || access("/sys/kernel/debug/failslab", F_OK))
		test_skip("needs root and a kernel with CONFIG_FAULT_INJECTION (the debug kernel)");
	/* before 6.5 one name, later another */
	failnth_knob("failslab", "ignore-gfp-wait", "N");
	failnth_knob("failslab", "cache-filter", "N");
	failnth_knob("failslab", "verbose", "0");
	failnth_knob("fail_page_alloc", "ignore-gfp-wait", "N");
	failnth_knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	failnth_knob("fail_page_alloc", "min-order", "0");
	failnth_knob("fail_page_alloc", "verbose", "0");
	failnth_knob("fail_usercopy", "verbose", "0");
}

static inline void failnth_arm(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	REQUIRE(pwrite(failnth_fd, text, length, 0) == length);
}

/* the point that failnth_sweep() is at, or 0 */
static int failnth_point;

/* first thing in a call that has to prepare something, which must not fail */
static inline void failnth_disarm_first(void)
{
	if (pwrite(failnth_fd, "0", 1, 0) != 1)
		REQUIRE(pwrite(failnth_fd, "0", 1, 0) == 1);
}

/* and then */
static inline void failnth_rearm(void)
{
	failnth_arm(failnth_point);
}

/* returns whether the failure has happened */
static inline bool failnth_disarm(void)
{
	char text[16] = "";
	ssize_t n = pread(failnth_fd, text, sizeof(text) - 1, 0);
	/* if it is the reading that failed, the call itself was not reached by it */
	bool hit = n > 0 && !strtol(text, NULL, 10);

	/* writing may be what fails, once */
	if (pwrite(failnth_fd, "0", 1, 0) != 1)
		REQUIRE(pwrite(failnth_fd, "0", 1, 0) == 1);
	return hit;
}

static inline bool failnth_documented(NTSTATUS status)
{
	/* a fault on the structure itself is EFAULT, which the library makes UNSUCCESSFUL */
	return status == STATUS_NO_MEMORY || status == STATUS_INVALID_PARAMETER ||
	       status == STATUS_UNSUCCESSFUL;
}

/* @call undoes what it did and returns how it ended: with success, or with a documented status */
static inline void failnth_sweep(const char *name, NTSTATUS (*call)(void))
{
	unsigned int n, failed = 0, in_a_row = 0;
	NTSTATUS status;

	for (n = 1; n < FAILNTH_POINTS && in_a_row < FAILNTH_SUCCESSES; n++) {
		failnth_point = n;
		failnth_arm(n);
		status = call();
		failnth_disarm();
		in_a_row = status == STATUS_SUCCESS ? in_a_row + 1 : 0;
		failed += status != STATUS_SUCCESS;
		if (status != STATUS_SUCCESS && !failnth_documented(status))
			test_fail(__FILE__, __LINE__, "%s: point %u: %s", name, n,
				  status_name(status));
	}
	test_note("%s: %u failure points made it fail", name, failed);
	EXPECT(failed > 0 && n < FAILNTH_POINTS);
}

#endif
