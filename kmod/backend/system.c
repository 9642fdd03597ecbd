// SPDX-License-Identifier: GPL-2.0-only
/*
 * system.c: segment memory that is ordinary pages
 *
 * The backend of every aperture segment and of the software adapter's local segment. A run of
 * one page is the page itself, so that small allocations cost nothing beside it; a longer run
 * is an array of pages. The pages need not be contiguous; vdxg_memory.first says which of the
 * two forms it is.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "backend.h"

/* What vdxg_memory.priv is. */
enum { SINGLE, ARRAY };

/* So many pages are taken or freed between two looks at the scheduler and at a fatal signal. */
#define BATCH 256

/* The caller is told that there is no memory; nobody else is killed for it. */
#define PAGE_GFP (GFP_KERNEL | __GFP_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static void free_pages_array(struct page **pages, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		__free_page(pages[i]);
		if (i % BATCH == BATCH - 1)
			cond_resched();
	}
	kvfree(pages);
}

static int system_get(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct page **pages;
	unsigned long i;
	size_t size;

	if (npages == 1) {
		mem->priv = alloc_page(PAGE_GFP | __GFP_ZERO);
		mem->first = SINGLE;
		return mem->priv ? 0 : -ENOMEM;
	}
	if (!npages || npages > be->limit)
		return -ENOSPC;
	/* kvmalloc() warns of sizes beyond INT_MAX */
	if (check_mul_overflow((size_t)npages, sizeof(*pages), &size) || size > INT_MAX)
		return -ENOMEM;
	pages = kvmalloc(size, PAGE_GFP);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < npages; i++) {
		if (i % BATCH == BATCH - 1) {
			cond_resched();
			if (fatal_signal_pending(current))
				break;
		}
		pages[i] = alloc_page(PAGE_GFP | __GFP_ZERO);
		if (!pages[i])
			break;
	}
	if (i < npages) {
		free_pages_array(pages, i);
		return -ENOMEM;
	}
	mem->priv = pages;
	mem->first = ARRAY;
	return 0;
}

static void system_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	if (mem->first == SINGLE)
		__free_page(mem->priv);
	else
		free_pages_array(mem->priv, npages);
	mem->priv = NULL;
}

static struct page *page_of(const struct vdxg_memory *mem, unsigned long index)
{
	struct page **pages = mem->priv;

	return mem->first == ARRAY ? pages[index] : mem->priv;
}

static unsigned long system_pfn(struct vdxg_backend *be, const struct vdxg_memory *mem,
				unsigned long index)
{
	return page_to_pfn(page_of(mem, index));
}

static void *system_vaddr(struct vdxg_backend *be, const struct vdxg_memory *mem,
			  unsigned long index)
{
	return page_address(page_of(mem, index));
}

static void system_destroy(struct vdxg_backend *be)
{
	kfree(be);
}

static const struct vdxg_backend_ops system_ops = {
	.name = "system",
	.pages_refcounted = true,
	.get = system_get,
	.put = system_put,
	.pfn = system_pfn,
	.vaddr = system_vaddr,
	.destroy = system_destroy,
};

/**
 * vdxg_system_backend_create() - a backend of ordinary pages
 * @limit: pages that one run may have; the manager keeps the sum
 *
 * Return: the backend, to be ended by its &vdxg_backend_ops.destroy, or NULL without memory.
 */
struct vdxg_backend *vdxg_system_backend_create(unsigned long limit)
{
	struct vdxg_backend *be = kzalloc(sizeof(*be), GFP_KERNEL);

	if (be) {
		be->ops = &system_ops;
		be->limit = limit;
		be->shared_pool = true;
	}
	return be;
}
