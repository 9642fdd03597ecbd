// SPDX-License-Identifier: MIT
/*
 * yardstick.c: what the kernel itself needs, measured by tests/modules/vdxg_yardstick.c
 *
 *	while (more(s))
 *		sample(s, yardstick("copy 1048576"));
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yardstick.h"

#define NODE "/sys/kernel/debug/vdxg_yardstick"

/**
 * yardstick - let the kernel do something
 * @job: what, as the module's source lists
 *
 * Return: instructions it took, without the system call; ends the benchmark without the module.
 */
double yardstick(const char *job)
{
	char line[32] = "";
	int fd = open(NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		not_supported();
	if (write(fd, job, strlen(job)) != (ssize_t)strlen(job) ||
	    pread(fd, line, sizeof(line) - 1, 0) <= 0)
		fail(job, -1);
	close(fd);
	return strtod(line, NULL);
}

static void copy_1m(struct samples *s)
{
	while (more(s))
		sample(s, yardstick("copy 1048576"));
}

const struct benchmark bench_yardstick[] = {
	{ .name = "copy_1m", .run = copy_1m, .samples = 15, .once = true },
	{ }
};
