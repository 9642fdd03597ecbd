/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vidmm.h: the video memory manager of one adapter
 *
 * A &struct vidmm manages the segments of an adapter; a &struct vidmm_alloc is memory of it: a size, a
 * placement, a content, a priority. The manager knows neither handles nor user pointers nor DRM, so that
 * KUnit drives it directly, with a mock backend.
 *
 * An allocation is created without memory: creating commits an amount and touches no page. vidmm_populate()
 * gives it memory in the first of its preferred segments that has room.
 *
 * Moving. &vidmm_alloc.busy is 0 while the allocation is stable, the number of those who look at its pages
 * while it is pinned (vidmm_pin()), and -1 while one caller moves it (vidmm_claim()). It changes under
 * &vidmm.lock only; input and output run without the lock. Whoever meets a claimed allocation waits for it.
 *
 * Statuses are NTSTATUS values as in uapi/d3dkmthk.h; 0 is success.
 */
#ifndef VDXG_VIDMM_H
#define VDXG_VIDMM_H

#include <linux/list.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "../backend/backend.h"

/* Segment numbers as in the ABI: 0 is the implicit system memory. */
enum vidmm_segment_id {
	VIDMM_NOWHERE = 0,
	VIDMM_LOCAL = 1,
	VIDMM_APERTURE = 2,
	VIDMM_NUM_SEGMENTS = 3,
};

/**
 * struct vidmm_segment - one segment of an adapter
 * @backend: where its memory comes from
 * @capacity: pages it may hold
 * @used: pages it holds now; under &vidmm.lock
 * @allocs: allocations it holds now; under &vidmm.lock
 * @resident: list of these, oldest first; under &vidmm.lock
 */
struct vidmm_segment {
	struct vdxg_backend *backend;
	unsigned long capacity;
	unsigned long used;
	unsigned long allocs;
	struct list_head resident;
};

/**
 * struct vidmm - the memory manager of one adapter
 * @lock: innermost lock: counters, lists and &vidmm_alloc.busy; nothing sleeps or copies under it
 * @segments: by &enum vidmm_segment_id; entry 0 is not used
 * @commit: pages committed by all allocations that live
 * @commit_limit: at most so many for one client
 * @allocs: number of allocations that live
 * @busy: pins, claims and releases under way
 * @removed: the device is gone: nothing can be pinned, claimed or populated any more
 * @pfn_maps: CPU mappings hold bare page frames, since a segment's pages are not reference-counted
 * @wait: for an allocation that is not busy any more, and for @busy to become 0
 */
struct vidmm {
	spinlock_t lock;
	struct vidmm_segment segments[VIDMM_NUM_SEGMENTS];
	unsigned long commit;
	unsigned long commit_limit;
	unsigned long allocs;
	unsigned long busy;
	bool removed;
	bool pfn_maps;
	wait_queue_head_t wait;
};

struct vidmm_alloc;
struct vidmm_client;

/**
 * struct vidmm_client_ops - what the owner of clients and allocations does for the manager
 *
 * Called without locks, may sleep.
 */
struct vidmm_client_ops {
	/** @release: the process is gone and so are its allocations, which may live longer */
	void (*release)(struct vidmm_client *client);
	/** @free: an allocation has no reference and no memory any more */
	void (*free)(struct vidmm_alloc *alloc);
};

/**
 * struct vidmm_client - the account of one process with one adapter
 * @mm: the adapter's manager
 * @commit: pages its allocations commit; under &vidmm.lock
 * @allocs: how many there are; under &vidmm.lock
 * @alive: the process is there; under &vidmm.lock
 * @ops: its owner's
 */
struct vidmm_client {
	struct vidmm *mm;
	unsigned long commit;
	unsigned long allocs;
	bool alive;
	const struct vidmm_client_ops *ops;
};

/* Properties of an allocation that never change. */
#define VIDMM_CPU_VISIBLE	0x01	/* Lock2 may map it */
#define VIDMM_CACHED		0x02	/* the CPU maps it cached */
#define VIDMM_EXISTING		0x04	/* over the caller's own pages: never moves */

/**
 * struct vidmm_alloc - memory of an adapter
 * @client: whose account it is on
 * @npages: its size
 * @refs: one for each binding, and for whoever uses it without one
 * @priority: 32-bit eviction priority, higher stays longer
 * @busy: 0 stable, n pinned n times, -1 claimed; under &vidmm.lock
 * @flags: VIDMM_CPU_VISIBLE and so on
 * @supported: bit n: may live in segment n + 1
 * @segment: where it lives now, VIDMM_NOWHERE without memory; under &vidmm.lock or a claim
 * @lost: its content went with the device
 * @preferred: the segments it wants, first first, as D3DDDI_SEGMENTPREFERENCE
 * @memory: the pages, where @segment is not VIDMM_NOWHERE
 * @link: in &vidmm_segment.resident
 * @maps: its CPU mappings (&vidmm_cpumap.link); under &vidmm.lock
 */
struct vidmm_alloc {
	struct vidmm_client *client;
	unsigned long npages;
	refcount_t refs;
	u32 priority;
	int busy;
	u8 flags;
	u8 supported;
	u8 segment;
	bool lost;
	u32 preferred;
	struct vdxg_memory memory;
	struct list_head link;
	struct hlist_head maps;
};

/**
 * struct vidmm_alloc_desc - what a new allocation is to be
 * @bytes: size in bytes, rounded up to pages
 * @flags: VIDMM_CPU_VISIBLE and so on
 * @supported: bit n: may live in segment n + 1
 * @preferred: as D3DDDI_SEGMENTPREFERENCE; 0 is local, then aperture
 * @priority: not 0
 */
struct vidmm_alloc_desc {
	u64 bytes;
	u32 preferred;
	u32 priority;
	u8 flags;
	u8 supported;
};

/* manager.c */
void vidmm_init(struct vidmm *mm, struct vdxg_backend *local, struct vdxg_backend *aperture,
		unsigned long commit_limit);
void vidmm_remove(struct vidmm *mm);
void vidmm_client_init(struct vidmm_client *client, struct vidmm *mm,
		       const struct vidmm_client_ops *ops);
void vidmm_client_leave(struct vidmm_client *client);
int vidmm_commit(struct vidmm_client *client, unsigned long npages, unsigned long allocs);
void vidmm_uncommit(struct vidmm_client *client, unsigned long npages, unsigned long allocs);

/* alloc.c */
int vidmm_desc_check(const struct vidmm *mm, struct vidmm_alloc_desc *desc);
void vidmm_alloc_init(struct vidmm_alloc *alloc, struct vidmm_client *client,
		      const struct vidmm_alloc_desc *desc);
void vidmm_alloc_adopt(struct vidmm_alloc *alloc, const struct vdxg_memory *memory);
void vidmm_alloc_empty(struct vidmm_alloc *alloc);
void vidmm_alloc_put(struct vidmm_alloc *alloc);
void vidmm_lose_local(struct vidmm *mm);
int vidmm_populate(struct vidmm_alloc *alloc);
int vidmm_pin(struct vidmm_alloc *alloc);
bool vidmm_trypin(struct vidmm_alloc *alloc, int *status);
void vidmm_unpin(struct vidmm_alloc *alloc);
int vidmm_claim(struct vidmm_alloc *alloc);
void vidmm_release(struct vidmm_alloc *alloc);
unsigned long vidmm_pfn(const struct vidmm_alloc *alloc, unsigned long index);

static inline struct vidmm *vidmm_of(const struct vidmm_alloc *alloc)
{
	return alloc->client->mm;
}

/* Any value will do; whoever chooses a victim next sees it. */
static inline void vidmm_set_priority(struct vidmm_alloc *alloc, u32 priority)
{
	WRITE_ONCE(alloc->priority, priority);
}

static inline unsigned long vidmm_pages(u64 bytes)
{
	return DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

#endif
