// SPDX-License-Identifier: GPL-2.0-only
/*
 * status_test.c: the table of statuses and errnos, both ways (kmod/status.c, uapi/vdxg_status.h)
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <d3dkmthk.h>

#include "status.h"

/* What a status becomes and, in a library, comes back as. */
struct pair {
	const char *name;
	int status;
	int err;
};

static const struct pair pairs[] = {
#define PAIR(name, err)	{ #name, name, err },
	VDXG_STATUS_ERRNO(PAIR)
#undef PAIR
};

/* The inverse, as a library has it. */
static int status_of_errno(int err)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].err == err)
			return pairs[i].status;
	return STATUS_UNSUCCESSFUL;
}

static void status_in_table(struct kunit *test)
{
	const struct pair *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, vdxg_status_to_result(pair->status), -pair->err);
	KUNIT_EXPECT_EQ(test, status_of_errno(pair->err), pair->status);
	KUNIT_EXPECT_LT_MSG(test, pair->status, -MAX_ERRNO, "a failure");
	KUNIT_EXPECT_GT(test, pair->err, 0);
	KUNIT_EXPECT_LE(test, pair->err, MAX_ERRNO);
	/* Libraries take these for something else. */
	KUNIT_EXPECT_NE_MSG(test, pair->err, EFAULT, "an argument structure that cannot be read");
	KUNIT_EXPECT_NE_MSG(test, pair->err, ENOTTY, "a descriptor of another process");
	KUNIT_EXPECT_NE_MSG(test, pair->err, EINTR, "no status at all");
}

KUNIT_ARRAY_PARAM_DESC(pair, pairs, name);

/* Statuses that leave as they are. */
struct plain {
	const char *name;
	int status;
};

#define PLAIN(name)	{ #name, name }

static const struct plain failures[] = {
	PLAIN(STATUS_UNSUCCESSFUL),
	PLAIN(STATUS_NOT_IMPLEMENTED),
	PLAIN(STATUS_CONFLICTING_ADDRESSES),
	PLAIN(STATUS_OBJECT_NAME_NOT_FOUND),
	PLAIN(STATUS_PRIVILEGE_NOT_HELD),
	PLAIN(STATUS_INTEGER_OVERFLOW),
	PLAIN(STATUS_GRAPHICS_NO_VIDEO_MEMORY),
	PLAIN(STATUS_GRAPHICS_CANT_LOCK_MEMORY),
	PLAIN(STATUS_GRAPHICS_TOO_MANY_REFERENCES),
	PLAIN(STATUS_GRAPHICS_TRY_AGAIN_LATER),
	PLAIN(STATUS_GRAPHICS_TRY_AGAIN_NOW),
	PLAIN(STATUS_GRAPHICS_ALLOCATION_INVALID),
	PLAIN(STATUS_GRAPHICS_UNSWIZZLING_APERTURE_UNAVAILABLE),
	PLAIN(STATUS_GRAPHICS_UNSWIZZLING_APERTURE_UNSUPPORTED),
	PLAIN(STATUS_GRAPHICS_CANT_EVICT_PINNED_ALLOCATION),
	PLAIN(STATUS_GRAPHICS_INVALID_ALLOCATION_USAGE),
	PLAIN(STATUS_GRAPHICS_CANT_RENDER_LOCKED_ALLOCATION),
	PLAIN(STATUS_GRAPHICS_ALLOCATION_CLOSED),
	PLAIN(STATUS_GRAPHICS_INVALID_ALLOCATION_INSTANCE),
	PLAIN(STATUS_GRAPHICS_INVALID_ALLOCATION_HANDLE),
	PLAIN(STATUS_GRAPHICS_WRONG_ALLOCATION_DEVICE),
	PLAIN(STATUS_GRAPHICS_ALLOCATION_CONTENT_LOST),
	PLAIN(STATUS_GRAPHICS_GPU_EXCEPTION_ON_DEVICE),
};

static void failure_unchanged(struct kunit *test)
{
	const struct plain *plain = test->param_value;

	KUNIT_EXPECT_EQ(test, vdxg_status_to_result(plain->status), plain->status);
	KUNIT_EXPECT_LT_MSG(test, plain->status, -MAX_ERRNO,
			    "the C library must not take it for an errno");
}

KUNIT_ARRAY_PARAM_DESC(failure, failures, name);

static const struct plain successes[] = {
	PLAIN(STATUS_SUCCESS),
	PLAIN(STATUS_ABANDONED),
	PLAIN(STATUS_TIMEOUT),
	PLAIN(STATUS_PENDING),
};

static void success_unchanged(struct kunit *test)
{
	const struct plain *plain = test->param_value;

	KUNIT_EXPECT_EQ(test, vdxg_status_to_result(plain->status), plain->status);
	KUNIT_EXPECT_GE(test, plain->status, 0);
}

KUNIT_ARRAY_PARAM_DESC(success, successes, name);

/* What is no NTSTATUS goes through as well. */
static const struct plain errnos[] = {
	{ "-EFAULT: the argument structure cannot be read", -EFAULT },
	{ "-ERESTARTNOINTR: a wait to be restarted", -513 },
	{ "-ENOTTY: not the opener", -ENOTTY },
};

static void errno_unchanged(struct kunit *test)
{
	const struct plain *plain = test->param_value;

	KUNIT_EXPECT_EQ(test, vdxg_status_to_result(plain->status), plain->status);
}

KUNIT_ARRAY_PARAM_DESC(errno, errnos, name);

/* Two statuses with one errno, or one with two, would not come back. */
static void status_table_has_no_duplicates(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (j = 0; j < i; j++) {
			KUNIT_EXPECT_NE_MSG(test, pairs[i].err, pairs[j].err, "%s and %s",
					    pairs[i].name, pairs[j].name);
			KUNIT_EXPECT_NE_MSG(test, pairs[i].status, pairs[j].status, "%s and %s",
					    pairs[i].name, pairs[j].name);
		}
	}
}

/* No failure status of any kind may look like an errno, known to us or not. */
static void no_failure_is_taken_for_another(struct kunit *test)
{
	unsigned int code;
	int status;

	for (code = 1; code <= 0x3ff; code++) {
		status = (int)(0xc0000000U | code);
		if (status_of_errno(-vdxg_status_to_result(status)) == status)
			continue;
		KUNIT_EXPECT_EQ(test, vdxg_status_to_result(status), status);
	}
}

static struct kunit_case status_cases[] = {
	KUNIT_CASE_PARAM(status_in_table, pair_gen_params),
	KUNIT_CASE_PARAM(failure_unchanged, failure_gen_params),
	KUNIT_CASE_PARAM(success_unchanged, success_gen_params),
	KUNIT_CASE_PARAM(errno_unchanged, errno_gen_params),
	KUNIT_CASE(status_table_has_no_duplicates),
	KUNIT_CASE(no_failure_is_taken_for_another),
	{}
};

static struct kunit_suite status_suite = {
	.name = "vdxg_status",
	.test_cases = status_cases,
};

kunit_test_suite(status_suite);
