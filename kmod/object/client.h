/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h: the account of a process with an adapter's memory manager
 *
 * One for each adapter the process has had a device on. It lives until the process is gone and so is the
 * memory it created, which others may still have open.
 */
#ifndef VDXG_CLIENT_H
#define VDXG_CLIENT_H

#include <linux/types.h>

#include "../sched/engine.h"
#include "../vidmm/vidmm.h"
#include "pool.h"

struct vdxg_adapter;
struct vdxg_process;
struct vidmm_look_client;

/**
 * struct vdxg_offers - what a process has offered with AllowDecommit, on all adapters
 * @decommits: how often it has lost some of its commitment
 * @decommittable: bytes it can lose
 */
struct vdxg_offers {
	u64 decommits;
	u64 decommittable;
};

/**
 * struct vdxg_client - an account
 * @mm: what the memory manager knows
 * @turns: what the engine knows
 * @link: in &vdxg_process.clients
 * @adapter: the adapter, referenced
 * @pool: kernel memory of allocations that were destroyed
 */
struct vdxg_client {
	struct vidmm_client mm;
	struct vdxg_engine_client turns;
	struct list_head link;
	struct vdxg_adapter *adapter;
	struct vdxg_pool pool;
};

/* Of an account that vdxg_client_of() has made. */
static inline struct vdxg_pool *vdxg_client_pool(struct vidmm_client *client)
{
	return &container_of(client, struct vdxg_client, mm)->pool;
}

struct vidmm_client *vdxg_client_of(struct vdxg_process *process, struct vdxg_adapter *adapter);
struct vidmm_client *vdxg_client_find(struct vdxg_process *process, struct vdxg_adapter *adapter);
struct vdxg_engine_client *vdxg_client_turns(struct vidmm_client *mm);
void vdxg_clients_look(struct vdxg_process *process, struct vidmm_look_client *sum);
void vdxg_clients_offers(struct vdxg_process *process, struct vdxg_offers *offers);
void vdxg_clients_leave(struct vdxg_process *process);

#endif
