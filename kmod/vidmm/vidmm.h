/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vidmm.h: the video memory manager of one adapter
 *
 * A &struct vidmm manages the segments of an adapter; a &struct vidmm_alloc is memory of it: a size, a
 * placement, a content, a priority. The manager knows neither handles nor user pointers nor DRM, so that
 * KUnit drives it directly, with a mock backend.
 *
 * An allocation is created without memory: creating commits an amount and touches no page. vidmm_populate()
 * gives it memory in the first of its preferred segments that has room. What it needs only from then on
 * is apart from it, in its place (place.h), so that one that nobody has used is small.
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
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <d3dkmthk.h>

#include "../backend/backend.h"
#include "gpuva.h"

/*
 * Segment numbers as in the ABI, where 0 is the implicit system memory. For the manager memory of an
 * allocation that is in no segment of the GPU is in a segment of its own, which has no end.
 */
enum vidmm_segment_id {
	VIDMM_NOWHERE = 0,
	VIDMM_LOCAL = 1,
	VIDMM_APERTURE = 2,
	VIDMM_NUM_GPU_SEGMENTS = 3,
	VIDMM_SYSTEM = 3,
	/* And where that went under memory pressure. */
	VIDMM_SWAPPED = 4,
	VIDMM_NUM_SEGMENTS = 5,
};

/* The budget groups of the ABI, one for each segment of the GPU. */
enum vidmm_group {
	VIDMM_GROUP_LOCAL = 0,
	VIDMM_GROUP_NON_LOCAL = 1,
	VIDMM_NUM_GROUPS = 2,
};

/*
 * In which order allocations lose their place. Those that are required are ordered by client,
 * since a client's place in the order changes with its budget.
 */
enum vidmm_class {
	VIDMM_OFFERED_LOW,
	VIDMM_OFFERED_NORMAL,
	VIDMM_OFFERED_HIGH,
	VIDMM_UNREFERENCED,
	VIDMM_NUM_SEGMENT_CLASSES,
	VIDMM_REQUIRED = VIDMM_NUM_SEGMENT_CLASSES,
	/* Required and unmoveable: it goes only if its client wants more than its share. */
	VIDMM_KEPT,
	/* Not a candidate: over the caller's own pages, held, or without memory. */
	VIDMM_FIXED,
	/* Not a candidate either: another driver's memory. */
	VIDMM_FOREIGN,
};

/* Why an allocation moves or loses its content, for tracing. */
enum vidmm_why {
	VIDMM_WHY_USED,		/* the CPU wants to see it */
	VIDMM_WHY_REQUIRED,	/* a device requires it */
	VIDMM_WHY_EVICTED,	/* nobody requires it any more */
	VIDMM_WHY_ROOM,		/* another needs the room */
	VIDMM_WHY_MEMORY,	/* the machine runs short of memory */
};

/* Classes of priorities in the statistics: minimum, low, normal, high, maximum. */
#define VIDMM_NUM_PRIORITY_CLASSES	5

/**
 * struct vidmm_segment - one segment of an adapter
 * @backend: where its memory comes from
 * @capacity: pages it may hold
 * @used: pages it holds, or has promised to somebody who is moving in; under &vidmm.lock
 * @allocs: allocations it holds; under &vidmm.lock
 * @classes: the candidates for eviction by &enum vidmm_class, the next victim first; under &vidmm.lock
 * @runs: the places of those that are accessed physically, by offset (see run.h); under &vidmm.lock
 * @owners: the same by whose they are; under &vidmm.lock
 * @ranks: the same, the next victim first; under &vidmm.lock
 * @evicted: pages evicted from it so far, by priority class; under &vidmm.lock
 */
struct vidmm_segment {
	struct vdxg_backend *backend;
	unsigned long capacity;
	unsigned long used;
	unsigned long allocs;
	struct rb_root_cached classes[VIDMM_NUM_SEGMENT_CLASSES];
	struct rb_root runs;
	struct rb_root owners;
	struct rb_root_cached ranks;
	u64 evicted[VIDMM_NUM_PRIORITY_CLASSES];
};

/**
 * struct vidmm_stats - what the manager counts, for QueryStatistics; under &vidmm.lock
 * @created: allocations created
 * @destroyed: allocations destroyed
 * @faults: allocations paged in
 * @evictions: allocations evicted
 * @discards: offered allocations that lost their content
 * @reclaimed: allocations reclaimed
 * @moved_in: pages moved to a segment of the GPU
 * @moved_out: pages moved to system memory
 */
struct vidmm_stats {
	u64 created;
	u64 destroyed;
	u64 faults;
	u64 evictions;
	u64 discards;
	u64 reclaimed;
	u64 moved_in;
	u64 moved_out;
};

/**
 * struct vidmm - the memory manager of one adapter
 * @lock: innermost lock: counters, lists and &vidmm_alloc.busy; nothing sleeps or copies under it
 * @segments: by &enum vidmm_segment_id; entry 0 is not used
 * @clients: the accounts
 * @num_clients: how many of them are alive
 * @shares: by group, the sum of &vidmm_client.share
 * @commit: pages committed by all allocations that live
 * @commit_limit: at most so many for one client
 * @allocs: number of allocations that live
 * @stamp: the last stamp given out
 * @offered: pages of offered allocations in ordinary memory, which the machine may have
 * @busy: pins, claims and releases under way
 * @waiting: those of them that wait for room
 * @stats: counters
 * @removed: the device is gone: nothing can be pinned, claimed or populated any more
 * @watches: who is told of trims and budgets (&vidmm_watch.link)
 * @watch_work: looks at them
 * @watch_kicked: it will soon
 * @trim_min: jiffies between two periodic trims while a segment is nearly full
 * @trim_max: and otherwise
 * @trim_idle: and for a client that does nothing
 * @pfn_maps: CPU mappings hold bare page frames, since a segment's pages are not reference-counted
 * @foreign: the allocations in memory of other drivers; under @lock
 * @wait: for an allocation that is not busy any more, and for @busy to become 0
 */
struct vidmm {
	spinlock_t lock;
	struct vidmm_segment segments[VIDMM_NUM_SEGMENTS];
	struct list_head clients;
	unsigned int num_clients;
	unsigned long shares[VIDMM_NUM_GROUPS];
	unsigned long commit;
	unsigned long commit_limit;
	unsigned long allocs;
	u64 stamp;
	unsigned long offered;
	unsigned long busy;
	unsigned long waiting;
	struct vidmm_stats stats;
	struct list_head watches;
	struct delayed_work watch_work;
	bool watch_kicked;
	unsigned long trim_min;
	unsigned long trim_max;
	unsigned long trim_idle;
	bool removed;
	bool pfn_maps;
	struct rb_root_cached foreign;
	wait_queue_head_t wait;
};

struct vidmm_alloc;
struct vidmm_client;
struct vidmm_place;
struct vidmm_run;

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
 *
 * Everything in it is under &vidmm.lock, but for @va.
 *
 * @mm: the adapter's manager
 * @link: in &vidmm.clients
 * @pid: whose it is, for people: the process as the first namespace knows it
 * @comm: what it was called then
 * @commit: pages its allocations commit
 * @allocs: how many there are
 * @used: pages its allocations hold, by segment
 * @required: its allocations that devices require, by segment, the next victim first
 * @kept: likewise those that are unmoveable
 * @demand: by group, pages its devices require of allocations that prefer the group
 * @reservation: by group, pages it wants to be sure of
 * @share: by group, what of its demand counts against the others (see budget.c)
 * @turn: everything it requires counts as used at this stamp, at least: when the engine last brought
 *	it back
 * @override: by group, the budget a test has set, in pages; 0: none
 * @watches: how many it has (watch.h)
 * @activity: changes whenever its devices require something, or do not any more
 * @evicted: pages of its allocations evicted so far
 * @offered: pages it has offered and not reclaimed
 * @purgeable: those of them that have memory, by segment
 * @decommittable: pages of allocations on offer whose commitment may go, and has not gone
 * @decommits: how often one has gone
 * @alive: the process is there
 * @memcg: the memory cgroup its memory is charged to
 * @ops: its owner's
 * @va: its GPU virtual addresses; empty when the process is gone
 */
struct vidmm_client {
	struct vidmm *mm;
	struct list_head link;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	unsigned long commit;
	unsigned long allocs;
	unsigned long used[VIDMM_NUM_SEGMENTS];
	struct rb_root_cached required[VIDMM_NUM_SEGMENTS];
	struct rb_root_cached kept[VIDMM_NUM_GPU_SEGMENTS];
	unsigned long demand[VIDMM_NUM_GROUPS];
	unsigned long reservation[VIDMM_NUM_GROUPS];
	unsigned long share[VIDMM_NUM_GROUPS];
	u64 turn;
	unsigned long override[VIDMM_NUM_GROUPS];
	unsigned int watches;
	u64 activity;
	u64 evicted;
	unsigned long offered;
	unsigned long purgeable[VIDMM_NUM_SEGMENTS];
	unsigned long decommittable;
	u64 decommits;
	bool alive;
	struct mem_cgroup *memcg;
	const struct vidmm_client_ops *ops;
	struct vidmm_va_space va;
};

/* Properties of an allocation that never change. */
#define VIDMM_CPU_VISIBLE	0x01	/* Lock2 may map it */
#define VIDMM_CACHED		0x02	/* the CPU maps it cached */
#define VIDMM_EXISTING		0x04	/* over the caller's own pages: never moves */
#define VIDMM_IMPORTED		0x08	/* in memory of another driver: never moves */
/* And those that vidmm_set_properties() changes, under a claim and &vidmm.lock. */
#define VIDMM_PHYSICAL		0x10	/* contiguous in a segment of the GPU */
#define VIDMM_UNMOVEABLE	0x20	/* keeps its place while its client wants no more than its share */

/* The offset of an allocation that has no run of them. */
#define VIDMM_NO_RUN		ULONG_MAX

/* The content of an allocation. */
#define VIDMM_LOST		0x01	/* it went with the device */
#define VIDMM_DISCARDED		0x02	/* it was offered, and given up */
#define VIDMM_DECOMMITTED	0x04	/* so was the commitment */
#define VIDMM_MAY_DECOMMIT	0x08	/* offered with AllowDecommit */

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
 * @class: the tree it is in; under &vidmm.lock
 * @offer: 0, or a D3DKMT_OFFER_PRIORITY; under &vidmm.lock
 * @state: VIDMM_LOST and so on; under &vidmm.lock
 * @touched: somebody has seen its memory; until then it is all zero
 * @order: if it is contiguous, it begins at a multiple of so many pages, as a power of two
 * @group: the budget group it counts to while it is @required; under &vidmm.lock
 * @has_run: it is contiguous where it is (see run.h); under &vidmm.lock
 * @preferred: the segments it wants, in this order, as D3DDDI_SEGMENTPREFERENCE
 * @required: number of bindings whose device requires it; under &vidmm.lock
 * @holds: uses by other drivers, which keep it where it is (vidmm_hold()); under &vidmm.lock
 * @stamp: when it was last used: higher is later; under &vidmm.lock
 * @place: its place, made under a claim when it first gets memory, or left by a destroyed one that had some; else NULL
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
	u8 class;
	u8 offer;
	u8 state;
	bool touched;
	u8 order : 6;
	u8 group : 1;
	u8 has_run : 1;
	u32 preferred;
	u32 required;
	u32 holds;
	u64 stamp;
	struct vidmm_place *place;
	struct hlist_head maps;
};

/**
 * struct vidmm_alloc_desc - what a new allocation is to be
 * @bytes: size in bytes, rounded up to pages
 * @flags: VIDMM_CPU_VISIBLE and so on
 * @supported: bit n: may live in segment n + 1
 * @preferred: as D3DDDI_SEGMENTPREFERENCE; 0 is local, then aperture
 * @priority: not 0
 * @order: with VIDMM_PHYSICAL, its alignment in pages, as a power of two
 */
struct vidmm_alloc_desc {
	u64 bytes;
	u32 preferred;
	u32 priority;
	u8 flags;
	u8 supported;
	u8 order;
};

/* How hard to try. */
#define VIDMM_NOWAIT	0x01	/* STATUS_PENDING where it would have to wait for somebody */
#define VIDMM_IN_PLACE	0x02	/* STATUS_PENDING where it would have to copy out of a device's memory */
#define VIDMM_LATER	0x04	/* a lock of a device's driver is held: its memory is freed by a worker */

/**
 * struct vidmm_ref - the binding of an allocation to a device, for the residency calls
 * @alloc: the allocation, referenced
 * @count: how often it has been made resident; under &vidmm.lock
 */
struct vidmm_ref {
	struct vidmm_alloc *alloc;
	u32 *count;
};

/**
 * struct vidmm_placement - what an allocation says of its place
 * @preferred: as &vidmm_alloc.preferred
 * @flags: as &vidmm_alloc.flags
 * @supported: as &vidmm_alloc.supported
 */
struct vidmm_placement {
	u32 preferred;
	u8 flags;
	u8 supported;
};

/**
 * struct vidmm_properties - what is to change of an allocation
 * @mask: D3DDDI_UPDATEALLOC_SET_*: which of the others count
 * @supported: bit n: may live in segment n + 1
 * @preferred: as D3DDDI_SEGMENTPREFERENCE; 0 leaves it to the driver
 * @flags: D3DDDI_UPDATEALLOC_*
 */
struct vidmm_properties {
	u32 mask;
	u32 supported;
	u32 preferred;
	u32 flags;
};

/**
 * struct vidmm_video_memory - what a process is told of a segment group, in bytes
 * @budget: what it may require
 * @usage: what its allocations hold there
 * @reservation: what it has reserved
 * @available: what it may reserve in all
 */
struct vidmm_video_memory {
	u64 budget;
	u64 usage;
	u64 reservation;
	u64 available;
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
bool vidmm_preference_ok(u32 preferred, u32 supported);
int vidmm_desc_check_choice(const struct vidmm *mm, struct vidmm_alloc_desc *desc);
int vidmm_alloc_adopt(struct vidmm_alloc *alloc, const struct vdxg_memory *memory);
int vidmm_alloc_import(struct vidmm_alloc *alloc, const struct vdxg_memory *memory);
void vidmm_alloc_empty(struct vidmm_alloc *alloc);
void vidmm_alloc_put(struct vidmm_alloc *alloc);
void vidmm_lose_local(struct vidmm *mm);
int vidmm_pin(struct vidmm_alloc *alloc);
bool vidmm_trypin(struct vidmm_alloc *alloc, int *status);
void vidmm_unpin(struct vidmm_alloc *alloc);
int vidmm_claim(struct vidmm_alloc *alloc, unsigned int flags);
void vidmm_release(struct vidmm_alloc *alloc);
unsigned long vidmm_pfn(const struct vidmm_alloc *alloc, unsigned long index);
pgprot_t vidmm_prot(const struct vidmm_alloc *alloc, pgprot_t prot);

/* place.c; what only the manager itself wants is in place.h */
void vidmm_set_priority(struct vidmm_alloc *alloc, u32 priority);
unsigned int vidmm_preference(const struct vidmm_alloc *alloc, unsigned int index);
enum vidmm_group vidmm_group_of(const struct vidmm_alloc *alloc);
unsigned int vidmm_priority_class(u32 priority);

/* move.c */
int vidmm_populate(struct vidmm_alloc *alloc);
int vidmm_page_in(struct vidmm_alloc *alloc, u64 before, unsigned int flags);
int vidmm_page_out(struct vidmm_alloc *alloc, unsigned int flags);
int vidmm_move_out(struct vidmm_alloc *alloc);
int vidmm_swap_in(struct vidmm_alloc *alloc);
unsigned long vidmm_swap_out(struct vidmm *mm, unsigned long npages);

/* room.c */
int vidmm_enter_aperture(struct vidmm_alloc *alloc, unsigned int flags);
int vidmm_enter_preferred(struct vidmm_alloc *alloc, u64 before, unsigned int flags);
int vidmm_take_run(struct vidmm_alloc *alloc, u64 before, unsigned int flags);

/* discard.c */
void vidmm_discard(struct vidmm_alloc *alloc, enum vidmm_why why);
struct vidmm_alloc *vidmm_discard_one(struct vidmm *mm);
void vidmm_unpopulate(struct vidmm_alloc *alloc);
unsigned long vidmm_decommit(struct vidmm_alloc *alloc, bool only_discarded);

/* property.c */
int vidmm_check_properties(const struct vidmm_alloc *alloc,
			   const struct vidmm_properties *properties);
int vidmm_set_properties(struct vidmm_client *client, struct vidmm_ref *ref,
			 const struct vidmm_properties *properties, unsigned int flags);

/* residency.c */
u64 vidmm_new_stamp(struct vidmm *mm);
int vidmm_require(struct vidmm_client *client, struct vidmm_ref *refs, u32 count, bool to_maximum,
		  u64 *to_trim);
void vidmm_undo_require(struct vidmm_client *client, struct vidmm_ref *refs, u32 count);
int vidmm_unrequire(struct vidmm_client *client, struct vidmm_ref *refs, u32 count, bool keep);
void vidmm_forget(struct vidmm_client *client, struct vidmm_ref *ref);
unsigned long vidmm_excess(const struct vidmm_client *client);
u64 vidmm_trim_size(struct vidmm_client *client);

/* budget.c */
unsigned long vidmm_budget(const struct vidmm_client *client, enum vidmm_group group);
void vidmm_demand_changed(struct vidmm_client *client, enum vidmm_group group, long pages);
void vidmm_clients_changed(struct vidmm *mm);
unsigned long vidmm_available(const struct vidmm_client *client, enum vidmm_group group);
void vidmm_video_memory(struct vidmm *mm, const struct vidmm_client *client,
			enum vidmm_group group, struct vidmm_video_memory *info);
int vidmm_reserve(struct vidmm_client *client, enum vidmm_group group, u64 bytes);
void vidmm_set_budget(struct vidmm_client *client, enum vidmm_group group, u64 bytes);

/* watch.c */
void vidmm_watches_kick(struct vidmm *mm);

/* hold.c */
int vidmm_hold(struct vidmm_alloc *alloc, unsigned int flags);
bool vidmm_is_on(const struct vidmm_alloc *alloc, const struct device *dev);
void vidmm_unhold(struct vidmm_alloc *alloc);

/* offer.c */
bool vidmm_may_offer(struct vidmm_alloc *alloc);
void vidmm_offer(struct vidmm_alloc *alloc, unsigned int priority, bool may_decommit);
int vidmm_reclaim(struct vidmm_alloc *alloc, u32 *result);
unsigned long vidmm_decommittable(const struct vidmm_alloc *alloc);

static inline struct vidmm *vidmm_of(const struct vidmm_alloc *alloc)
{
	return alloc->client->mm;
}

/* Segments of the GPU that an allocation may name. */
#define VIDMM_SUPPORT_ALL	(BIT(VIDMM_LOCAL - 1) | BIT(VIDMM_APERTURE - 1))

/* The driver's choice. */
#define VIDMM_PREFER_LOCAL \
	(VIDMM_LOCAL | VIDMM_APERTURE << D3DDDI_SEGMENTPREFERENCE_SLOT_BITS)

/* The segment in a slot of a D3DDDI_SEGMENTPREFERENCE; 0 if it is empty. */
static inline unsigned int vidmm_slot(u32 preferred, unsigned int slot)
{
	unsigned int shift = slot * D3DDDI_SEGMENTPREFERENCE_SLOT_BITS;

	return preferred >> shift & D3DDDI_SEGMENTPREFERENCE_ID_MASK;
}

static inline unsigned long vidmm_pages(u64 bytes)
{
	return DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

/**
 * vidmm_desc_check - can an allocation be like this?
 * @mm: the manager
 * @desc: what it is to be; zero sets are replaced by the driver's choice
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for sizes and segments that make no sense;
 * STATUS_GRAPHICS_NO_VIDEO_MEMORY if it could fit in none of its segments even if they were empty.
 */
static inline int vidmm_desc_check(const struct vidmm *mm, struct vidmm_alloc_desc *desc)
{
	const struct vidmm_segment *local = &mm->segments[VIDMM_LOCAL];
	const struct vidmm_segment *aperture = &mm->segments[VIDMM_APERTURE];
	struct vidmm_alloc_desc copy;
	int status;

	/* What most are like: all is the driver's choice. */
	if (likely(desc->bytes && desc->priority && !desc->supported && !desc->preferred &&
		   desc->bytes <= (u64)max(local->capacity, aperture->capacity) << PAGE_SHIFT)) {
		desc->supported = VIDMM_SUPPORT_ALL;
		desc->preferred = VIDMM_PREFER_LOCAL;
		return STATUS_SUCCESS;
	}
	/* So that the caller's can stay in registers. */
	copy = *desc;
	status = vidmm_desc_check_choice(mm, &copy);
	*desc = copy;
	return status;
}

/**
 * vidmm_alloc_init - set up an allocation without memory
 * @alloc: the allocation, with one reference afterwards; its place, or NULL, is there before and stays
 * @client: the account its size has been committed on
 * @desc: as vidmm_desc_check() passed it
 *
 * Context: any.
 */
static inline void vidmm_alloc_init(struct vidmm_alloc *alloc, struct vidmm_client *client,
				    const struct vidmm_alloc_desc *desc)
{
	alloc->client = client;
	alloc->npages = vidmm_pages(desc->bytes);
	refcount_set(&alloc->refs, 1);
	alloc->priority = desc->priority;
	alloc->busy = 0;
	alloc->flags = desc->flags;
	alloc->supported = desc->supported;
	alloc->segment = VIDMM_NOWHERE;
	alloc->class = VIDMM_FIXED;
	alloc->offer = 0;
	alloc->state = 0;
	alloc->touched = false;
	alloc->order = desc->order;
	alloc->group = 0;
	alloc->has_run = false;
	alloc->preferred = desc->preferred;
	alloc->required = 0;
	alloc->holds = 0;
	alloc->stamp = 0;
	INIT_HLIST_HEAD(&alloc->maps);
}

/* What an allocation counts on its account; it is not on offer. */
static inline unsigned long vidmm_committed(const struct vidmm_alloc *alloc)
{
	return alloc->state & VIDMM_DECOMMITTED ? 0 : alloc->npages;
}

/*
 * Whether an allocation that is going away has nothing to give back. Without references only vidmm_lose_local()
 * changes the segment any more, and it only empties it: where there is nothing now, there is nothing to come.
 */
static inline bool vidmm_alloc_is_empty(const struct vidmm_alloc *alloc)
{
	/* Pairs with the end of take_memory(), which touches the allocation no more. */
	return !alloc->offer && smp_load_acquire(&alloc->segment) == VIDMM_NOWHERE;
}

static inline bool vidmm_in_gpu_segment(const struct vidmm_alloc *alloc)
{
	return alloc->segment == VIDMM_LOCAL || alloc->segment == VIDMM_APERTURE;
}

#endif
