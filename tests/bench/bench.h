/* SPDX-License-Identifier: MIT */
/*
 * bench.h: the frame of the benchmarks (tests/bench/run starts them in a machine that counts instructions)
 *
 * A benchmark is one function in a table. It sets up what it needs and measures in a loop; what is between
 * begin() and end() counts, for so many operations at once:
 *
 *	static void getpid_call(struct samples *s)
 *	{
 *		while (more(s)) {
 *			begin(s);
 *			syscall(SYS_getpid);
 *			end(s, 1);
 *		}
 *	}
 *
 *	const struct benchmark bench_peers[] = {
 *		{ .name = "getpid", .run = getpid_call },
 *		{ }
 *	};
 *
 * Each runs in a process of its own, as root, once in the root cgroup and once in a memory cgroup. A call
 * that the driver does not know yet ends it: call not_supported(), or make the call by must_ioctl(), which
 * does so.
 */
#ifndef VDXG_BENCH_H
#define VDXG_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <x86intrin.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Odd, so that one of them is the median. */
#define BENCH_SAMPLES	301
#define BENCH_WARM_UP	100

/**
 * struct samples - what a benchmark has measured
 * @overhead: of begin() and end() themselves
 * @start: when begin() was called
 * @skip: samples that are still thrown away
 * @wanted: how many are to be kept
 * @count: how many there are
 * @values: per operation
 */
struct samples {
	uint64_t overhead;
	uint64_t start;
	unsigned int skip;
	unsigned int wanted;
	unsigned int count;
	double values[BENCH_SAMPLES];
};

/**
 * struct benchmark - one of the table
 * @name: as in bench.json
 * @run: measures
 * @unit: "instructions/op" where it is NULL
 * @samples: how many, after one that is thrown away, where the usual number takes too long
 * @once: only in the root cgroup
 */
struct benchmark {
	const char *name;
	void (*run)(struct samples *s);
	const char *unit;
	unsigned int samples;
	bool once;
};

/* The tables; each ends with an empty entry. */
extern const struct benchmark bench_peers[];
extern const struct benchmark bench_allocations[];
extern const struct benchmark bench_gpuva[];
extern const struct benchmark bench_memory[];
extern const struct benchmark bench_residency[];
extern const struct benchmark bench_engine[];
extern const struct benchmark bench_sharing[];
extern const struct benchmark bench_yardstick[];

/* Whether to measure once more. */
static inline bool more(const struct samples *s)
{
	return s->count < s->wanted;
}

static inline void sample(struct samples *s, double value)
{
	if (s->skip)
		s->skip--;
	else
		s->values[s->count++] = value;
}

/* With -icount the time stamp counter counts instructions; nothing is executed out of order. */
static inline void begin(struct samples *s)
{
	s->start = __rdtsc();
}

static inline void end(struct samples *s, unsigned int operations)
{
	uint64_t spent = __rdtsc() - s->start;

	sample(s, ((double)spent - s->overhead) / operations);
}

void settle(void);
_Noreturn void not_supported(void);
_Noreturn void fail(const char *what, int result);
void must_ioctl(int fd, unsigned long request, void *arg, const char *what);

#endif
