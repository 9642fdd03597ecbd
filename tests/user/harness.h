/* SPDX-License-Identifier: MIT */
/*
 * harness.h: the frame of every test program in this directory
 *
 * One program tests one behaviour. It has a static table of cases, each with a name and a
 * description, and ends in TEST_MAIN(table):
 *
 *	static void D4_same_handle_again(void)
 *	{
 *		EXPECT_EQ(1 + 1, 2);
 *	}
 *
 *	static const struct test_case cases[] = {
 *		CASE(D4_same_handle_again, "what must hold"),
 *	};
 *
 *	TEST_MAIN(cases)
 *
 * Every case runs in a process of its own, once for each adapter, so that cases share no handles;
 * cases that need no adapter (CASE_ONCE) run once. The output is TAP, as kselftest prints it. A
 * case fails if a check fails, if its process dies, if it does not end in VDXG_TIMEOUT seconds (a
 * net under a hang, not a measure), or if the kernel is tainted by a warning or an oops after it.
 *
 * Run as: program [--list] [case...]
 *	VDXG_TEST_ADAPTER=hardware|software	only such adapters; default: all
 *	VDXG_TEST_ADAPTER=turns			each case on one, the next case on another
 *	VDXG_SEED=n				of the cases with random parts; printed
 *	VDXG_ROUNDS=n, or xn			rounds of the race cases, or n times as many
 *	VDXG_TIMEOUT=n				seconds until a case is given up; default 600
 *
 * A name that begins with A, D or T and a number is that row of the measured Windows behaviour
 * (A: creating, D: destroying) or of the list of testable assertions (T).
 */
#ifndef VDXG_TEST_HARNESS_H
#define VDXG_TEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define TEST_ONCE	0x1	/* not once for each adapter */
#define TEST_HARDWARE	0x2	/* skipped on software adapters */

struct test_case {
	const char *name;
	const char *what;
	void (*run)(void);
	unsigned int flags;
};

#define CASE(fn, what) { #fn, what, fn, 0 }
#define CASE_ONCE(fn, what) { #fn, what, fn, TEST_ONCE }
#define CASE_HARDWARE(fn, what) { #fn, what, fn, TEST_HARDWARE }

/**
 * struct test_adapter - the adapter the running case is about
 * @luid_low: low part of its LUID
 * @luid_high: high part
 * @software: no hardware behind it
 */
struct test_adapter {
	uint32_t luid_low;
	int32_t luid_high;
	bool software;
};

extern struct test_adapter test_adapter;

int test_main(int argc, char **argv, const struct test_case *cases, size_t n);

/*
 * A program whose cases execute it anew defines this: "program --helper ..." calls it with what
 * follows, instead of running cases.
 */
int test_helper(int argc, char **argv) __attribute__((weak));

#define TEST_MAIN(cases) \
	int main(int argc, char **argv) \
	{ \
		return test_main(argc, argv, cases, ARRAY_SIZE(cases)); \
	}

/* ---- checks: EXPECT goes on after a failure, REQUIRE ends the case ---- */

void test_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void test_stop(void) __attribute__((noreturn));
void test_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
unsigned int test_failed(void);
void test_exit(void) __attribute__((noreturn));
const char *status_name(int status);

#define EXPECT(cond) ({ \
	bool ok__ = (cond); \
	if (!ok__) \
		test_fail(__FILE__, __LINE__, "%s", #cond); \
	ok__; })

#define REQUIRE(cond) do { \
	if (!EXPECT(cond)) \
		test_stop(); \
} while (0)

#define EXPECT_EQ(a, b) ({ \
	unsigned long long a__ = (unsigned long long)(a), b__ = (unsigned long long)(b); \
	if (a__ != b__) \
		test_fail(__FILE__, __LINE__, "%s is 0x%llx, not %s (0x%llx)", #a, a__, #b, b__); \
	a__ == b__; })

#define EXPECT_NE(a, b) ({ \
	unsigned long long a__ = (unsigned long long)(a), b__ = (unsigned long long)(b); \
	if (a__ == b__) \
		test_fail(__FILE__, __LINE__, "%s is 0x%llx, as is %s", #a, a__, #b); \
	a__ != b__; })

/* of an NTSTATUS, or of what test_ioctl() returns */
#define EXPECT_STATUS(call, status) ({ \
	int a__ = (call), b__ = (status); \
	if (a__ != b__) \
		test_fail(__FILE__, __LINE__, "%s: %s, not %s", #call, \
			  status_name(a__), status_name(b__)); \
	a__ == b__; })

#define REQUIRE_STATUS(call, status) do { \
	if (!EXPECT_STATUS(call, status)) \
		test_stop(); \
} while (0)

/* ---- helpers ---- */

size_t test_page_size(void);
void *test_pages(size_t bytes);
void *test_unmapped(void);
void *test_readonly(const void *content, size_t bytes);
void *test_page_end(const void *content, size_t bytes);
void *test_straddle(size_t bytes);
int test_touch(volatile void *address, bool write);
bool test_gone(volatile void *address);
int test_open(void);
const char *test_device_path(void);
int test_ioctl(int fd, unsigned long request, void *arg);
uint64_t test_seed(void);
uint64_t test_random(uint64_t *state);
unsigned int test_rounds(unsigned int normal);
int test_wait(int pid);
void test_drop_root(void);
long test_status_kb(const char *field);
bool test_write_file(const char *path, const char *text);

#endif
