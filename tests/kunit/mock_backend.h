/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mock_backend.h: a backend that counts, fails on demand, and notices what is wrong
 *
 * It expects of its user that every run of pages is given back once, with the length it was taken
 * with, and before the backend is destroyed; otherwise the test fails. A run has one page of real
 * memory, whatever its length, so that large ones cost nothing and CPU mappings work.
 *
 *	mock = mock_backend_create(test, 1000);
 *	mock_backend_fail(mock, 3, 1, -ENOSPC);		the third get from now on
 *	vidmm_init(&mm, &mock->be, ...);
 *	...
 *	KUNIT_EXPECT_EQ(test, mock_backend_pages(mock), 0);
 *	mock->be.ops->destroy(&mock->be);
 */
#ifndef VDXG_MOCK_BACKEND_H
#define VDXG_MOCK_BACKEND_H

#include <kunit/test.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "backend/backend.h"

/**
 * struct mock_backend - a backend for tests
 * @be: what the manager sees
 * @test: the test that fails when something is wrong
 * @lock: protects the fields below
 * @runs: every run it handed out, given back or not
 * @gets: calls of get, failed ones too
 * @puts: calls of put
 * @pages: pages handed out and not given back
 * @fail_from: the call of get, counted as in @gets, that fails; 0 is none
 * @fail_count: so many fail
 * @fail_error: with what
 * @destroyed: destroy has been called
 * @during_get: called in the middle of get, without locks; may be NULL
 * @during_put: the same for put
 * @context: of these two
 */
struct mock_backend {
	struct vdxg_backend be;
	struct kunit *test;
	spinlock_t lock;	/* of the fields below */
	struct list_head runs;
	unsigned long gets;
	unsigned long puts;
	unsigned long pages;
	unsigned long fail_from;
	unsigned long fail_count;
	int fail_error;
	bool destroyed;
	void (*during_get)(struct mock_backend *mock);
	void (*during_put)(struct mock_backend *mock);
	void *context;
};

struct mock_backend *mock_backend_create(struct kunit *test, unsigned long limit);
void mock_backend_fail(struct mock_backend *mock, unsigned long nth, unsigned long count,
		       int error);
unsigned long mock_backend_pages(struct mock_backend *mock);

#endif
