/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gpuva_tree.h: the entries of an address space, for those who change it
 *
 * &vidmm_va_space.ranges and &vidmm_va_space.mapped are trees of &struct vidmm_va, ordered by address,
 * whose entries do not overlap. Each entry knows the largest gap before any entry below it, so that a gap
 * is found in logarithmic time. Addresses are counted in pages of the GPU here.
 *
 * A range that was mapped is one entry, or several that follow one another where parts of it have been
 * mapped anew: all but the first are @continued. A reservation is one entry of @ranges; what is mapped
 * into it is in @mapped, so that taking that out again needs no memory.
 *
 * All functions want &vidmm_va_space.lock, except those that allocate and free entries.
 */
#ifndef VDXG_GPUVA_TREE_H
#define VDXG_GPUVA_TREE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "gpuva.h"

/* What the addresses of an entry mean. */
enum vidmm_va_kind {
	VIDMM_VA_IS_RESERVED,	/* what @mapped says, else what @zero says */
	VIDMM_VA_IS_MEMORY,
	VIDMM_VA_IS_FENCE,
	VIDMM_VA_IS_ZERO,
	VIDMM_VA_IS_NO_ACCESS,
};

/**
 * struct vidmm_va - addresses with the same meaning
 * @node: in &vidmm_va_space.ranges or &vidmm_va_space.mapped
 * @first: the first page
 * @end: the one after the last
 * @gap: free pages before it that can be used: from a multiple of VIDMM_VA_UNIT on
 * @max_gap: the largest @gap in its subtree
 * @link: of memory, in &vidmm_va_owner.mappings; else in whatever list its creator has
 * @owner: whose memory
 * @page: the page of a fence, referenced
 * @reservation: which reservation it is: no other of the space ever has the same number
 * @offset: the first page of the memory that it uses
 * @period: it begins there anew after so many pages; 0: never
 * @phase: with @period, the page after @offset that @first means
 * @kind: what it is
 * @write: it may be written
 * @zero: of a reservation: reads as zero where nothing is mapped
 * @inner: it is in &vidmm_va_space.mapped
 * @continued: belongs to the same range as what ends where it begins
 * @driver_protection: opaque
 */
struct vidmm_va {
	struct rb_node node;
	u64 first;
	u64 end;
	u64 gap;
	u64 max_gap;
	struct hlist_node link;
	union {
		struct vidmm_va_owner *owner;
		struct page *page;
		u64 reservation;
	};
	u32 offset;
	u32 period;
	u32 phase;
	u8 kind;
	bool write : 1;
	bool zero : 1;
	bool inner : 1;
	bool continued : 1;
	u64 driver_protection;
};

static inline u64 vidmm_va_page(u64 bytes)
{
	return bytes >> VIDMM_VA_PAGE_SHIFT;
}

static inline struct vidmm_va *vidmm_va_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vidmm_va, node);
}

static inline struct vidmm_va *vidmm_va_next(struct vidmm_va *va)
{
	return vidmm_va_of(rb_next(&va->node));
}

static inline struct rb_root *vidmm_va_root(struct vidmm_va_space *space, const struct vidmm_va *va)
{
	return va->inner ? &space->mapped : &space->ranges;
}

/* gpuva_tree.c */
struct vidmm_va *vidmm_va_new(struct vidmm_va_space *space);
void vidmm_va_delete(struct vidmm_va_space *space, struct vidmm_va *va);
struct vidmm_va *vidmm_va_find(struct rb_root *root, u64 page);
bool vidmm_va_find_gap(struct rb_root *root, u64 pages, u64 min, u64 max, u64 *first);
void vidmm_va_insert(struct vidmm_va_space *space, struct vidmm_va *va);
void vidmm_va_remove(struct vidmm_va_space *space, struct vidmm_va *va);
bool vidmm_va_cut_splits(struct rb_root *root, u64 first, u64 end);
void vidmm_va_cut(struct vidmm_va_space *space, struct rb_root *root, u64 first, u64 end,
		  struct vidmm_va **spare);
void vidmm_va_clone(struct vidmm_va *copy, const struct vidmm_va *va, u64 first, u64 end);

/* gpuva.c */
void vidmm_va_set_up(struct vidmm_va *va, u64 first, const struct vidmm_va_mapping *mapping);
int vidmm_va_put_inner(struct vidmm_va_space *space, struct vidmm_va *reservation,
		       struct vidmm_va *va);

#endif
