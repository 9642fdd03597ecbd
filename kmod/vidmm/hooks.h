/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h: what tests want of the manager that programs do not
 */
#ifndef VDXG_HOOKS_H
#define VDXG_HOOKS_H

#include "vidmm.h"

int vidmm_evict_one(struct vidmm_alloc *alloc);
int vidmm_evict_all(struct vidmm *mm, const struct vidmm_client *client, u64 min, u64 max);
bool vidmm_adds_up(struct vidmm *mm, unsigned int id);

#endif
