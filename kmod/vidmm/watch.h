/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h: telling a process to trim, and what its budget is
 *
 * A watch belongs to a client and collects what there is to tell, until its owner takes it: what happens twice before
 * that is told once. Three things make the manager look: a budget or what is required changes, a trim interval ends,
 * or a client that was idle is busy again.
 *
 *	vidmm_watch_init(watch, VDXG_NOTIFY_TRIM);
 *	vidmm_watch_add(watch, client);
 *	... wait on watch->wait until vidmm_watch_take(watch, &notice) ...
 *	vidmm_watch_end(watch);
 *
 * Periodic trims come at intervals, which nothing else depends on: the shortest while a segment is nearly full, the
 * longest otherwise, and a third one for a client that has required nothing new since the last. A client that was idle
 * and begins again is told to restart.
 */
#ifndef VDXG_WATCH_H
#define VDXG_WATCH_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "vidmm.h"

/**
 * struct vidmm_notice - something to tell
 * @event: one VDXG_NOTIFY_*
 * @trim: for VDXG_NOTIFY_TRIM, D3DDDI_TRIM_*
 * @bytes: to trim, or of the budget
 */
struct vidmm_notice {
	u32 event;
	u32 trim;
	u64 bytes;
};

/* Watches of a client: all of a manager are looked at under its lock. */
#define VIDMM_MAX_WATCHES	64U

/**
 * struct vidmm_watch - what there is to tell a client
 * @link: in &vidmm.watches; under &vidmm.lock
 * @client: whose; NULL once it has ended
 * @wants: VDXG_NOTIFY_*
 * @activity: &vidmm_client.activity when it was looked at last; under &vidmm.lock
 * @idle: the client was idle then; under &vidmm.lock
 * @due: when the trim interval ends, in jiffies; under &vidmm.lock
 * @lock: protects the fields below; taken inside &vidmm.lock
 * @pending: VDXG_NOTIFY_*: what has not been taken yet
 * @trim: D3DDDI_TRIM_*: likewise
 * @over: pages that its client requires beyond its budgets
 * @budget: its client's budgets, by group
 * @ended: nothing comes any more
 * @wait: for something to take, and for the end
 */
struct vidmm_watch {
	struct list_head link;
	struct vidmm_client *client;
	unsigned int wants;
	u64 activity;
	bool idle;
	unsigned long due;
	spinlock_t lock;
	unsigned int pending;
	unsigned int trim;
	unsigned long over;
	unsigned long budget[VIDMM_NUM_GROUPS];
	bool ended;
	wait_queue_head_t wait;
};

void vidmm_watches_init(struct vidmm *mm);
void vidmm_watches_end(struct vidmm *mm);
void vidmm_watch_init(struct vidmm_watch *watch, unsigned int wants);
bool vidmm_watch_add(struct vidmm_watch *watch, struct vidmm_client *client);
void vidmm_watch_end(struct vidmm_watch *watch);
bool vidmm_watch_take(struct vidmm_watch *watch, struct vidmm_notice *notice);
void vidmm_watch_put_back(struct vidmm_watch *watch, const struct vidmm_notice *notice);
bool vidmm_watch_ready(struct vidmm_watch *watch, bool *ended);
void vidmm_watches_flush(struct vidmm *mm);
int vidmm_set_trim_intervals(struct vidmm *mm, u32 min, u32 max, u32 idle);

#endif
