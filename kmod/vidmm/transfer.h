/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transfer.h: one allocation gets memory in a segment, or goes to another with its content
 *
 * Room in the destination is promised first (it counts as used), then the content moves without locks, then the result
 * is committed under the lock. The caller has claimed the allocation:
 *
 *	status = vidmm_room_need(alloc, id, &room);
 *	... under &vidmm.lock, until it succeeds ...
 *	vidmm_room_take(mm, &room);
 *	... and without it ...
 *	status = vidmm_transfer(alloc, &room, VIDMM_WHY_REQUIRED);
 *
 * vidmm_room_try() is the first two of these for who takes nobody's room. vidmm_fill() and vidmm_transfer() keep the
 * promise or, on failure, take it back; who gives up before frees &vidmm_room.run.
 *
 * For the rest of the manager: programs' calls want move.c, and whoever has others leave for it room.c.
 */
#ifndef VDXG_TRANSFER_H
#define VDXG_TRANSFER_H

#include "vidmm.h"

/**
 * struct vidmm_room - what somebody who moves is promised
 * @id: the segment
 * @npages: so many pages of it
 * @run: if it is accessed physically, its run; until the promise is kept or taken back
 * @later: what it leaves is freed by a worker, if it is a device's
 */
struct vidmm_room {
	unsigned int id;
	unsigned long npages;
	struct vidmm_run *run;
	bool later;
};

int vidmm_room_need(struct vidmm_alloc *alloc, unsigned int id, struct vidmm_room *room);
bool vidmm_room_take(struct vidmm *mm, struct vidmm_room *room);
bool vidmm_room_try(struct vidmm_alloc *alloc, unsigned int id, struct vidmm_room *room);
int vidmm_fill(struct vidmm_alloc *alloc, struct vidmm_room *room, enum vidmm_why why);
int vidmm_transfer(struct vidmm_alloc *alloc, struct vidmm_room *room, enum vidmm_why why);
int vidmm_transfer_beyond(struct vidmm_alloc *alloc, unsigned int id, enum vidmm_why why);

/* Whether a segment has so many pages that nobody uses; under &vidmm.lock. */
static inline bool vidmm_has_pages(const struct vidmm_segment *segment, unsigned long npages)
{
	return npages <= segment->capacity && segment->used <= segment->capacity - npages;
}

#endif
