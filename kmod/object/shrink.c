// SPDX-License-Identifier: GPL-2.0-only
/*
 * shrink.c: giving memory back to a machine that runs short
 *
 * Offered allocations lose their content at once. Evicted content is copied to shared memory, which the kernel can
 * swap, by a worker: that takes memory itself, which nobody can have while he reclaims some. Without room in swap it
 * would only take memory, so then it stays where it is. What a segment's device keeps for later goes by the worker, too.
 *
 * No lock is held while memory moves: putting what was discarded can end an adapter.
 */
#include <linux/atomic.h>
#include <linux/shrinker.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "../compat.h"
#include "adapter.h"
#include "shrink.h"

static struct shrinker *shrinker;
static atomic_long_t wanted;

static unsigned long cached(struct vdxg_backend *backend)
{
	return backend->ops->cached ? backend->ops->cached(backend) : 0;
}

static unsigned long all_cached(struct vdxg_adapter *adapter)
{
	return cached(adapter->local) + cached(adapter->aperture);
}

static void give(struct work_struct *work)
{
	long left = atomic_long_xchg(&wanted, 0);
	struct vdxg_adapter *adapter = NULL;

	while ((adapter = vdxg_adapter_next(adapter, false))) {
		left -= all_cached(adapter);
		vdxg_adapter_trim(adapter);
		if (left > 0 && get_nr_swap_pages() > 0)
			left -= vidmm_swap_out(&adapter->mm, left);
	}
}

static DECLARE_WORK(give_work, give);

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	struct vdxg_adapter *adapter = NULL;
	unsigned long pages = 0;

	while ((adapter = vdxg_adapter_next(adapter, true))) {
		pages += READ_ONCE(adapter->mm.offered) + all_cached(adapter);
		if (get_nr_swap_pages() > 0)
			pages += READ_ONCE(adapter->mm.segments[VIDMM_SYSTEM].used);
	}
	return pages ?: SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	struct vdxg_adapter *adapter = NULL;
	unsigned long freed = 0, later = 0;
	struct vidmm_alloc *alloc;

	while ((adapter = vdxg_adapter_next(adapter, true))) {
		while (freed < sc->nr_to_scan && (alloc = vidmm_discard_one(&adapter->mm))) {
			freed += alloc->npages;
			vidmm_alloc_put(alloc);
		}
		later += all_cached(adapter);
	}
	if (freed < sc->nr_to_scan && (later || get_nr_swap_pages() > 0)) {
		atomic_long_add(sc->nr_to_scan - freed, &wanted);
		queue_work(system_unbound_wq, &give_work);
	}
	return freed ?: SHRINK_STOP;
}

/**
 * vdxg_shrink_init - be asked when the machine runs short
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_shrink_init(void)
{
	shrinker = vdxg_shrinker_create("vdxg", count, scan);
	return shrinker ? 0 : -ENOMEM;
}

void vdxg_shrink_exit(void)
{
	vdxg_shrinker_destroy(shrinker);
	cancel_work_sync(&give_work);
}
