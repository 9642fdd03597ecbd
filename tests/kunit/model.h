/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h: what a memory manager must be like, computed the slow way
 *
 * The model knows of each allocation what was done to it and nothing of where it is. model_check() compares the
 * manager with it: every sum, every order, every budget, and the content of every allocation that has memory.
 */
#ifndef VDXG_MODEL_H
#define VDXG_MODEL_H

#include "rig.h"

#define MODEL_CLIENTS	3
#define MODEL_DEVICES	2
#define MODEL_ALLOCS	24

/**
 * struct model_alloc - what is known of an allocation
 * @mem: the allocation; NULL where there is none
 * @client: index of the account
 * @counts: how often each device of that client requires it
 * @offer: it is on offer
 * @may_decommit: with the commitment
 * @content: what it must hold, 0 for zeroes; what is on offer may hold 0 instead
 */
struct model_alloc {
	struct vidmm_alloc *mem;
	unsigned int client;
	u32 counts[MODEL_DEVICES];
	bool offer;
	bool may_decommit;
	u64 content;
};

/**
 * struct model - what is known of a manager
 * @rig: the manager
 * @clients: its accounts
 * @reservation: pages that each has reserved, by group
 * @allocs: the allocations
 */
struct model {
	struct rig *rig;
	struct vidmm_client *clients[MODEL_CLIENTS];
	unsigned long reservation[MODEL_CLIENTS][VIDMM_NUM_GROUPS];
	struct model_alloc allocs[MODEL_ALLOCS];
};

unsigned long model_demand(const struct model *model, unsigned int client, unsigned int group);
unsigned long model_budget(const struct model *model, unsigned int client, unsigned int group);
unsigned long model_commit(const struct model *model, unsigned int client);
u64 *model_content(struct vidmm_alloc *mem);
void model_check(const struct model *model);

#endif
