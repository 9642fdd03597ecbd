/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * room.h: others leave a segment
 *
 * Who needs room in a segment has the next victim leave until there is some: vidmm_enter_preferred() and its like. Who
 * wants one out for another reason says so himself:
 *
 *	... under &vidmm.lock ...
 *	victim = vidmm_claim_victim(mm, id, U64_MAX, true, false);
 *	... and without it ...
 *	status = vidmm_leave(victim, VIDMM_WHY_ROOM);
 *	vidmm_release(victim);
 *	vidmm_alloc_put(victim);
 */
#ifndef VDXG_ROOM_H
#define VDXG_ROOM_H

#include "vidmm.h"

struct vidmm_alloc *vidmm_claim_victim(struct vidmm *mm, unsigned int id, u64 before, bool force,
				       bool run);
bool vidmm_pass_over(struct vidmm_alloc *victim, unsigned int *passed);
int vidmm_leave(struct vidmm_alloc *alloc, enum vidmm_why why);

#endif
