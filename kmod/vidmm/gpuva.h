/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gpuva.h: the GPU virtual addresses of a process on an adapter
 *
 * A process has one address space on each adapter (&vidmm_client.va), which all its devices share. An
 * address is free, or belongs to a range: one that was reserved (vidmm_va_reserve()), which faults or
 * reads as zero where nothing is mapped into it, or one that was mapped in free space (vidmm_va_map()).
 * Whatever is mapped is the memory of an owner, which is what the space knows of an allocation's binding
 * to a device: a binding that goes takes its mappings along.
 *
 *	owner = vidmm_va_owner_create(space, alloc, device, &resident, handle);
 *	status = vidmm_va_map(space, &where, &mapping, &address);
 *	...
 *	vidmm_va_owner_unmap(owner);	the binding goes
 *	vidmm_va_owner_put(owner);
 *
 * The engine asks for one run of addresses after the other:
 *
 *	result = vidmm_va_translate(space, device, address, VIDMM_VA_WRITE, &run);
 *	if (result == VIDMM_VA_MEMORY) {
 *		bytes = min(bytes, run.bytes);
 *		status = vidmm_pin(run.alloc);
 *		... vidmm_pfn(run.alloc, run.offset >> PAGE_SHIFT) ...
 *		vidmm_unpin(run.alloc);
 *	}
 *	vidmm_va_run_put(&run);
 *
 * The answer holds a reference on the memory, so that it stays whatever becomes of the mapping and of the
 * allocation; it may move, which pinning it prevents. No lock is held: whoever frees an address that the
 * engine is using does not wait for it.
 *
 * The space knows neither handles nor user pointers. Addresses and sizes are in bytes.
 */
#ifndef VDXG_GPUVA_H
#define VDXG_GPUVA_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct page;
struct vidmm_alloc;

/* Addresses have so many bits; QUERY_GPUMMU_CAPS says so too. */
#define VIDMM_VA_BITS		48
#define VIDMM_VA_END		BIT_ULL(VIDMM_VA_BITS)
/* Mappings come in pages of the GPU, reservations in larger units. */
#define VIDMM_VA_PAGE_SHIFT	12
#define VIDMM_VA_PAGE		BIT_ULL(VIDMM_VA_PAGE_SHIFT)
#define VIDMM_VA_UNIT		BIT_ULL(16)
/* The first address: below it nothing can be, so that a null pointer faults. */
#define VIDMM_VA_START		VIDMM_VA_UNIT
/* Ranges and mappings of one space, at most. */
#define VIDMM_VA_MAX		BIT(24)

/**
 * struct vidmm_va_space - an address space
 * @lock: protects the space, its owners and their mappings; innermost but for &vidmm.lock
 * @ranges: what has been reserved, or mapped in free space, by address; knows the gaps
 * @mapped: what has been mapped into reservations, by address
 * @count: entries of both
 * @work: entries that have been made, deleted, or compared with others: what operations cost
 * @reservations: how many there have been: gives each a number of its own
 * @dead: the process is gone
 */
struct vidmm_va_space {
	struct mutex lock;
	struct rb_root ranges;
	struct rb_root mapped;
	unsigned long count;
	u64 work;
	u64 reservations;
	bool dead;
};

/**
 * struct vidmm_va_owner - the binding of an allocation, as its mappings know it
 * @refs: the binding, and operations that are queued
 * @space: where it is mapped; lives as long as there are bindings
 * @alloc: the memory; NULL when the binding is gone; under &vidmm_va_space.lock
 * @bytes: its size
 * @device: whose binding it is; only compared
 * @resident: how often that device has made it resident, for as long as there is @alloc
 * @handle: what to call it in reports
 * @unique: mappings with D3DGPU_UNIQUE_DRIVER_PROTECTION; under &vidmm_va_space.lock
 * @mappings: its mappings; under &vidmm_va_space.lock
 */
struct vidmm_va_owner {
	refcount_t refs;
	struct vidmm_va_space *space;
	struct vidmm_alloc *alloc;
	u64 bytes;
	const void *device;
	const u32 *resident;
	u32 handle;
	u32 unique;
	struct hlist_head mappings;
};

/**
 * struct vidmm_va_where - where a range is to be
 * @base: here; or 0: choose, in units of VIDMM_VA_UNIT, the lowest that is free
 * @minimum: not below this
 * @maximum: not beyond this, rounded down; 0: anywhere
 */
struct vidmm_va_where {
	u64 base;
	u64 minimum;
	u64 maximum;
};

/**
 * struct vidmm_va_mapping - what addresses are to mean
 * @owner: whose memory; NULL with D3DDDIGPUVA_PROTECTION_ZERO or _NO_ACCESS
 * @bytes: how many addresses
 * @offset: where in the memory the first is
 * @period: after so many bytes the memory begins anew at @offset; @bytes if it does not
 * @protection: D3DDDIGPUVA_PROTECTION_*
 * @driver_protection: opaque, but for D3DGPU_UNIQUE_DRIVER_PROTECTION
 */
struct vidmm_va_mapping {
	struct vidmm_va_owner *owner;
	u64 bytes;
	u64 offset;
	u64 period;
	u64 protection;
	u64 driver_protection;
};

/* What the engine wants to do at an address. */
enum vidmm_va_access {
	VIDMM_VA_READ,
	VIDMM_VA_WRITE,
	/* Read commands. As there is no NO_EXECUTE_MEMORY among the capabilities, the same as to read. */
	VIDMM_VA_EXECUTE,
};

/* What is there. From VIDMM_VA_UNMAPPED on it is a fault, and this is the reason. */
enum vidmm_va_result {
	VIDMM_VA_MEMORY,	/* memory of an allocation */
	VIDMM_VA_FENCE,		/* the value of a fence, to read: the first bytes of a page, then zeroes */
	VIDMM_VA_ZERO,		/* reads as zero, writes are discarded */
	VIDMM_VA_UNMAPPED,	/* nothing was ever reserved or mapped here, or it has been freed */
	VIDMM_VA_NO_ACCESS,	/* reserved, or mapped, to be no access */
	VIDMM_VA_READ_ONLY,	/* it may not be written */
	VIDMM_VA_NOT_RESIDENT,	/* memory that the device has not made resident */
};

/**
 * struct vidmm_va_run - addresses that go on in the same way
 * @bytes: how many, from the one that was asked for to the end of its mapping; at least 1. For a fault,
 *	1, and for an address beyond the end of all
 * @alloc: for VIDMM_VA_MEMORY, the memory, referenced
 * @offset: for VIDMM_VA_MEMORY, the byte of it; for VIDMM_VA_FENCE, of the page
 * @page: for VIDMM_VA_FENCE, the page, referenced
 * @handle: for VIDMM_VA_MEMORY and what is wrong with it, the handle of the allocation, for reports
 */
struct vidmm_va_run {
	u64 bytes;
	struct vidmm_alloc *alloc;
	u64 offset;
	struct page *page;
	u32 handle;
};

/* gpuva_tree.c */
int vidmm_va_init(void);
void vidmm_va_exit(void);
void vidmm_va_space_clear(struct vidmm_va_space *space);

/* gpuva.c */
void vidmm_va_space_init(struct vidmm_va_space *space);
int vidmm_va_check(const struct vidmm_va_mapping *mapping);
int vidmm_va_reserve(struct vidmm_va_space *space, const struct vidmm_va_where *where, u64 bytes,
		     bool zero, u64 driver_protection, u64 *address);
int vidmm_va_map(struct vidmm_va_space *space, const struct vidmm_va_where *where,
		 const struct vidmm_va_mapping *mapping, u64 *address);
int vidmm_va_map_page(struct vidmm_va_space *space, struct page *page, u64 *address);
void vidmm_va_unmap_page(struct vidmm_va_space *space, u64 address);
int vidmm_va_free(struct vidmm_va_space *space, u64 address, u64 bytes);
struct vidmm_va_owner *vidmm_va_owner_create(struct vidmm_va_space *space,
					     struct vidmm_alloc *alloc, const void *device,
					     const u32 *resident, u32 handle);
void vidmm_va_owner_unmap(struct vidmm_va_owner *owner);
void vidmm_va_owner_put(struct vidmm_va_owner *owner);

/* gpuva_translate.c */
enum vidmm_va_result vidmm_va_translate(struct vidmm_va_space *space, const void *device,
					u64 address, enum vidmm_va_access access,
					struct vidmm_va_run *run);
void vidmm_va_run_put(struct vidmm_va_run *run);

/* Is it a fault? */
static inline bool vidmm_va_faulted(enum vidmm_va_result result)
{
	return result >= VIDMM_VA_UNMAPPED;
}

static inline void vidmm_va_owner_get(struct vidmm_va_owner *owner)
{
	refcount_inc(&owner->refs);
}

#endif
