/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pool.h: allocations that were destroyed, kept to be created again
 *
 * What the slab allocator does for one object, accounting it to a memory cgroup and clearing it included, is more
 * than everything else about creating and destroying an allocation. So each account keeps the kernel memory of a few
 * that its process has destroyed, with the places (vidmm/place.h) of those that had memory. It stays charged to whom it
 * was charged to.
 *
 *	got = vdxg_pool_take(&pool, objects, count);
 *	... the rest from the cache ...
 *	kept = vdxg_pool_give(&pool, objects, count);
 *	... the rest to the cache ...
 *	vdxg_pool_take(&pool, objects, VDXG_POOL_MAX);		in the end
 *
 * With KASAN nothing is kept, so that it sees every use of what has been destroyed.
 */
#ifndef VDXG_POOL_H
#define VDXG_POOL_H

#include <linux/bitops.h>
#include <linux/minmax.h>

/* Objects of an account that are kept. */
#define VDXG_POOL_MAX	(IS_ENABLED(CONFIG_KASAN) ? 0U : 256U)

/**
 * struct vdxg_pool - objects that nobody uses
 * @taken: bit 0: somebody looks at it; who comes then does without
 * @count: how many there are
 * @objects: the objects
 */
struct vdxg_pool {
	unsigned long taken;
	unsigned int count;
	void *objects[256];
};

static inline void vdxg_pool_init(struct vdxg_pool *pool)
{
	pool->taken = 0;
	pool->count = 0;
}

/**
 * vdxg_pool_take - take objects, the ones given last
 * @pool: the pool
 * @objects: where they go
 * @count: how many are wanted
 *
 * Context: any.
 * Return: how many there were.
 */
static inline unsigned int vdxg_pool_take(struct vdxg_pool *pool, void **objects,
					  unsigned int count)
{
	unsigned int i;

	if (test_and_set_bit_lock(0, &pool->taken))
		return 0;
	count = min(count, pool->count);
	pool->count -= count;
	for (i = 0; i < count; i++)
		objects[i] = pool->objects[pool->count + i];
	clear_bit_unlock(0, &pool->taken);
	return count;
}

/**
 * vdxg_pool_give - keep objects
 * @pool: the pool
 * @objects: the objects
 * @count: how many
 *
 * Context: any.
 * Return: how many were kept, the first of them.
 */
static inline unsigned int vdxg_pool_give(struct vdxg_pool *pool, void **objects,
					  unsigned int count)
{
	unsigned int i;

	if (test_and_set_bit_lock(0, &pool->taken))
		return 0;
	count = min(count, VDXG_POOL_MAX - pool->count);
	for (i = 0; i < count; i++)
		pool->objects[pool->count + i] = objects[i];
	pool->count += count;
	clear_bit_unlock(0, &pool->taken);
	return count;
}

#endif
