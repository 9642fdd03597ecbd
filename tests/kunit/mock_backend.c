// SPDX-License-Identifier: GPL-2.0-only
/*
 * mock_backend.c: a backend for tests (see mock_backend.h)
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "mock_backend.h"

/**
 * struct run - pages handed out
 * @link: in &mock_backend.runs
 * @npages: how many
 * @page: what all of them are
 * @out: not given back yet
 */
struct run {
	struct list_head link;
	unsigned long npages;
	struct page *page;
	bool out;
};

static struct mock_backend *mock_of(struct vdxg_backend *be)
{
	return container_of(be, struct mock_backend, be);
}

static bool fails_now(struct mock_backend *mock)
{
	bool fails;

	spin_lock(&mock->lock);
	mock->gets++;
	fails = mock->fail_from && mock->gets >= mock->fail_from &&
		mock->gets - mock->fail_from < mock->fail_count;
	spin_unlock(&mock->lock);
	return fails;
}

static int mock_get(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct mock_backend *mock = mock_of(be);
	struct run *run;

	might_sleep();
	KUNIT_EXPECT_FALSE_MSG(mock->test, mock->destroyed, "get after destroy");
	KUNIT_EXPECT_GT(mock->test, npages, 0);
	if (mock->during_get)
		mock->during_get(mock);
	if (fails_now(mock))
		return mock->fail_error;
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	run->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!run->page) {
		kfree(run);
		return -ENOMEM;
	}
	run->npages = npages;
	run->out = true;
	spin_lock(&mock->lock);
	list_add(&run->link, &mock->runs);
	mock->pages += npages;
	spin_unlock(&mock->lock);
	mem->priv = run;
	mem->first = 0;
	return 0;
}

static void mock_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct mock_backend *mock = mock_of(be);
	struct run *run = mem->priv;
	struct page *page;

	might_sleep();
	KUNIT_EXPECT_FALSE_MSG(mock->test, mock->destroyed, "put after destroy");
	if (mock->during_put)
		mock->during_put(mock);
	spin_lock(&mock->lock);
	mock->puts++;
	page = run->page;
	if (run->out)
		mock->pages -= run->npages;
	else
		page = NULL;
	run->out = false;
	run->page = NULL;
	spin_unlock(&mock->lock);
	KUNIT_EXPECT_EQ_MSG(mock->test, npages, run->npages, "given back with another length");
	KUNIT_EXPECT_NOT_NULL_MSG(mock->test, page, "given back twice");
	if (page)
		__free_page(page);
}

static unsigned long mock_pfn(struct vdxg_backend *be, const struct vdxg_memory *mem,
			      unsigned long index)
{
	struct run *run = mem->priv;

	KUNIT_EXPECT_LT_MSG(mock_of(be)->test, index, run->npages, "a page beyond the end");
	return page_to_pfn(run->page);
}

static void *mock_vaddr(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index)
{
	struct run *run = mem->priv;

	KUNIT_EXPECT_LT_MSG(mock_of(be)->test, index, run->npages, "a page beyond the end");
	return page_address(run->page);
}

static void mock_destroy(struct vdxg_backend *be)
{
	struct mock_backend *mock = mock_of(be);
	struct run *run, *next;

	KUNIT_EXPECT_FALSE_MSG(mock->test, mock->destroyed, "destroyed twice");
	KUNIT_EXPECT_EQ_MSG(mock->test, mock->pages, 0, "pages not given back");
	mock->destroyed = true;
	list_for_each_entry_safe(run, next, &mock->runs, link) {
		if (run->page)
			__free_page(run->page);
		kfree(run);
	}
	INIT_LIST_HEAD(&mock->runs);
}

static const struct vdxg_backend_ops mock_ops = {
	.name = "mock",
	.pages_refcounted = true,
	.get = mock_get,
	.put = mock_put,
	.pfn = mock_pfn,
	.vaddr = mock_vaddr,
	.destroy = mock_destroy,
};

/**
 * mock_backend_create - a backend that works
 * @test: the test, which the structure (not what it handed out) lives as long as
 * @limit: pages it says it has; it does not refuse more
 *
 * Return: the backend; without memory the test ends.
 */
struct mock_backend *mock_backend_create(struct kunit *test, unsigned long limit)
{
	struct mock_backend *mock = kunit_kzalloc(test, sizeof(*mock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mock);
	mock->be.ops = &mock_ops;
	mock->be.limit = limit;
	mock->test = test;
	spin_lock_init(&mock->lock);
	INIT_LIST_HEAD(&mock->runs);
	return mock;
}

/**
 * mock_backend_fail - let get fail
 * @mock: the backend
 * @nth: the first that fails; the next is 1
 * @count: so many fail; ULONG_MAX for all
 * @error: -ENOMEM, -ENOSPC, -ENODEV
 */
void mock_backend_fail(struct mock_backend *mock, unsigned long nth, unsigned long count,
		       int error)
{
	spin_lock(&mock->lock);
	mock->fail_from = mock->gets + nth;
	mock->fail_count = count;
	mock->fail_error = error;
	spin_unlock(&mock->lock);
}

/**
 * mock_backend_pages - pages that are handed out now
 * @mock: the backend
 */
unsigned long mock_backend_pages(struct mock_backend *mock)
{
	unsigned long pages;

	spin_lock(&mock->lock);
	pages = mock->pages;
	spin_unlock(&mock->lock);
	return pages;
}
