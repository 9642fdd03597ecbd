// SPDX-License-Identifier: MIT
/*
 * bench.c: runs the benchmarks and prints what they measured
 *
 * Run as: bench [NAME...], by default all, in a machine that counts instructions (tests/bench/run does it).
 * A line of output is "name minimum median unit", or "name not supported".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define CGROUP "/sys/fs/cgroup"
#define EXIT_NOT_SUPPORTED 77

static const struct benchmark *const tables[] = { bench_peers, bench_yardstick, bench_memory,
						  bench_allocations, bench_sharing,
						  bench_residency, bench_engine, bench_gpuva };

/** not_supported - end a benchmark that the driver cannot run yet */
void not_supported(void)
{
	exit(EXIT_NOT_SUPPORTED);
}

/**
 * fail - end a benchmark that went wrong, and the run
 * @what: what it was doing
 * @result: what it got; -1 adds errno
 */
void fail(const char *what, int result)
{
	fprintf(stderr, "%s: 0x%x%s%s\n", what, result, result == -1 ? ", " : "",
		result == -1 ? strerror(errno) : "");
	exit(1);
}

/**
 * must_ioctl - an ioctl that is expected to return 0
 * @fd: where
 * @request: which
 * @arg: its argument
 * @what: its name
 *
 * For what is not measured. Ends the benchmark otherwise: as not supported where the driver says so.
 */
void must_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret == -1 && (errno == ENOTTY || errno == EPERM))
		not_supported();
	if (ret)
		fail(what, ret);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		fail(path, -1);
}

static void make_cgroup(void)
{
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP "/bench", 0755) && errno != EEXIST)
		fail("mkdir " CGROUP "/bench", -1);
}

/* What begin() and end() cost. */
static uint64_t overhead(void)
{
	struct samples s = { .wanted = BENCH_SAMPLES };
	double least = 1e9;
	unsigned int i;

	while (more(&s)) {
		begin(&s);
		end(&s, 1);
	}
	for (i = 0; i < s.count; i++)
		if (s.values[i] < least)
			least = s.values[i];
	return least;
}

/**
 * settle - let the kernel clean up after what has gone on
 *
 * A worker destroys what a process left, and statistics are collected once a second. The time costs nothing:
 * an idle machine skips it.
 */
void settle(void)
{
	sleep(3);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const struct benchmark *b, const char *suffix, struct samples *s)
{
	qsort(s->values, s->count, sizeof(s->values[0]), by_value);
	printf("%s%s %.0f %.0f %s\n", b->name, suffix, s->values[0], s->values[s->count / 2],
	       b->unit ? b->unit : "instructions/op");
	fflush(stdout);
}

/* Whether it went well; what is not supported yet went well too. */
static bool run_one(const struct benchmark *b, bool in_cgroup, struct samples *s)
{
	const char *suffix = in_cgroup ? "_memcg" : "";
	int status;
	pid_t pid;

	memset(s, 0, sizeof(*s));
	s->wanted = b->samples ? b->samples : BENCH_SAMPLES;
	s->skip = b->samples ? 1 : BENCH_WARM_UP;
	s->overhead = overhead();
	settle();
	pid = fork();
	if (pid < 0)
		fail("fork", -1);
	if (!pid) {
		if (in_cgroup)
			write_file(CGROUP "/bench/cgroup.procs", "0");
		b->run(s);
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid", -1);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_SUPPORTED) {
		printf("%s%s not supported\n", b->name, suffix);
		return true;
	}
	if (status) {
		printf("%s%s failed\n", b->name, suffix);
		return false;
	}
	report(b, suffix, s);
	return true;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	const struct benchmark *b;
	struct samples *s;
	bool ok = true;
	size_t i;

	make_cgroup();
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		fail("mmap", -1);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (b = tables[i]; b->name; b++) {
			if (!wanted(b->name, argc, argv))
				continue;
			ok &= run_one(b, false, s);
			if (!b->once)
				ok &= run_one(b, true, s);
		}
	}
	return ok ? 0 : 1;
}
