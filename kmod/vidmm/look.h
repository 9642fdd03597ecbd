/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * look.h: the memory manager as a person sees it
 *
 * Copies of what is under &vidmm.lock, taken without holding it for long: a moment later the manager may have
 * gone on.
 */
#ifndef VDXG_LOOK_H
#define VDXG_LOOK_H

#include "vidmm.h"

/**
 * struct vidmm_look_alloc - an allocation with memory
 * @id: what it is called, only to be shown with %p
 * @pid: whose it is
 * @npages: its size
 * @priority: its eviction priority
 * @stamp: when it was last used
 * @segment: where it is
 * @class: its &enum vidmm_class
 * @required: bindings whose device requires it
 * @busy: as &vidmm_alloc.busy
 * @offset: its first page in its segment, if it is contiguous; else VIDMM_NO_RUN
 */
struct vidmm_look_alloc {
	const void *id;
	pid_t pid;
	unsigned long npages;
	u32 priority;
	u64 stamp;
	unsigned int segment;
	unsigned int class;
	u32 required;
	int busy;
	unsigned long offset;
};

/**
 * struct vidmm_look_client - an account
 * @pid: whose it is
 * @comm: what that was called
 * @alive: it is still there
 * @allocs: number of its allocations
 * @commit: pages committed
 * @offered: pages on offer
 * @evicted: pages evicted so far
 * @used: pages held, by segment
 * @purgeable: those of them on offer
 * @demand: pages required, by group
 * @budget: pages it may require, by group
 * @reservation: pages reserved, by group
 */
struct vidmm_look_client {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	bool alive;
	unsigned long allocs;
	unsigned long commit;
	unsigned long offered;
	u64 evicted;
	unsigned long used[VIDMM_NUM_SEGMENTS];
	unsigned long purgeable[VIDMM_NUM_SEGMENTS];
	unsigned long demand[VIDMM_NUM_GROUPS];
	unsigned long budget[VIDMM_NUM_GROUPS];
	unsigned long reservation[VIDMM_NUM_GROUPS];
};

/**
 * struct vidmm_look_segment - a segment
 * @capacity: pages it may hold
 * @used: pages it holds
 * @allocs: allocations it holds
 * @evicted: pages evicted from it so far, by priority class
 */
struct vidmm_look_segment {
	unsigned long capacity;
	unsigned long used;
	unsigned long allocs;
	u64 evicted[VIDMM_NUM_PRIORITY_CLASSES];
};

/**
 * struct vidmm_cursor - a walk over the allocations that may be evicted
 * @row: the one it is at
 * @alloc: the same, referenced; NULL at either end
 * @client: whose tree it is in, for VIDMM_REQUIRED and VIDMM_KEPT
 * @segment: the segment of the tree
 * @class: the class of the tree
 */
struct vidmm_cursor {
	struct vidmm_look_alloc row;
	struct vidmm_alloc *alloc;
	struct vidmm_client *client;
	unsigned int segment;
	unsigned int class;
};

void vidmm_look_at_client(const struct vidmm_client *client, struct vidmm_look_client *look);
unsigned int vidmm_look_clients(struct vidmm *mm, struct vidmm_look_client *looks,
				unsigned int room);
void vidmm_look_segments(struct vidmm *mm, struct vidmm_look_segment *looks);
unsigned int vidmm_look_victims(struct vidmm *mm, unsigned int id, struct vidmm_look_alloc *looks,
				unsigned int room);
void vidmm_cursor_begin(struct vidmm_cursor *cursor);
bool vidmm_cursor_next(struct vidmm *mm, struct vidmm_cursor *cursor);
void vidmm_cursor_end(struct vidmm_cursor *cursor);

#endif
