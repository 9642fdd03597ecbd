/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rig.h: a memory manager on mock backends, for the tests of vidmm/
 *
 *	static struct kunit_suite suite = {
 *		.init = rig_init,
 *		.exit = rig_exit,
 *		...
 *
 *	struct rig *rig = test->priv;
 *	struct vidmm_client *client = rig_client(rig);
 *	struct vidmm_alloc *alloc = rig_alloc(client, 3);
 *
 * What a test leaves behind it must put itself; rig_exit() expects that nothing is left.
 */
#ifndef VDXG_RIG_H
#define VDXG_RIG_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/sched.h>

#include "mock_backend.h"
#include "vidmm/vidmm.h"

/* Capacities of the segments, and what one client may commit, in pages. */
#define RIG_LOCAL	10UL
#define RIG_APERTURE	20UL
#define RIG_COMMIT	100UL

#define RIG_MAX_CLIENTS	8

/**
 * struct rig_account - a client
 * @client: what the manager knows
 * @released: times it was released
 * @left: vidmm_client_leave() has been called by the test
 */
struct rig_account {
	struct vidmm_client client;
	int released;
	bool left;
};

/**
 * struct rig - a memory manager
 * @test: the test
 * @mm: the manager
 * @local: the backend of the local segment
 * @aperture: that of the aperture, and of system memory
 * @accounts: clients
 * @num_accounts: how many
 * @live: allocations not yet freed
 */
struct rig {
	struct kunit *test;
	struct vidmm mm;
	struct mock_backend *local;
	struct mock_backend *aperture;
	struct rig_account accounts[RIG_MAX_CLIENTS];
	unsigned int num_accounts;
	atomic_t live;
};

/**
 * struct rig_thread - a thread that does one thing
 * @function: the thing
 * @data: its argument
 * @task: the thread
 * @done: it has done it
 * @status: what @function returned
 */
struct rig_thread {
	int (*function)(void *data);
	void *data;
	struct task_struct *task;
	struct completion done;
	int status;
};

int rig_init(struct kunit *test);
void rig_exit(struct kunit *test);
struct vidmm_client *rig_client(struct rig *rig);
void rig_leave(struct rig *rig, struct vidmm_client *client);
bool rig_released(struct vidmm_client *client);
struct vidmm_alloc *rig_alloc(struct vidmm_client *client, unsigned long npages);
struct vidmm_alloc *rig_alloc_in(struct vidmm_client *client, unsigned long npages, u8 supported,
				 u32 preferred);

struct rig_thread *rig_thread_start(struct kunit *test, int (*function)(void *data), void *data);
int rig_thread_join(struct kunit *test, struct rig_thread *thread);
bool rig_thread_done(struct rig_thread *thread);

/* D3DDDI_SEGMENTPREFERENCE with two slots. */
#define RIG_PREFER(first, second)	((first) | (second) << 6)

#endif
