/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gpuva_update.h: several changes of a reservation at once, made later
 *
 * What tiled resources need: pages of a reservation that reads as zero are mapped, unmapped, or become
 * what other pages are.
 *
 *	update->space = space;
 *	... fill update->ops[0 ... update->count - 1]; owners are referenced by the update ...
 *	status = vidmm_va_update_check(update);		now
 *	status = vidmm_va_update_op(update, 0, &work);	later, and so on
 *	vidmm_va_update_release(update);
 *
 * What is found when an update is checked is remembered by the number of the reservation: what has been
 * freed since is not touched, even if something else has been reserved there.
 */
#ifndef VDXG_GPUVA_UPDATE_H
#define VDXG_GPUVA_UPDATE_H

#include <linux/types.h>

#include "gpuva.h"

/**
 * struct vidmm_va_op - one change
 * @address: the first address that changes
 * @source: for a copy, the first address that it is copied from; else 0
 * @mapping: what it is changed to; of a copy, only the size counts. The owner is referenced
 * @inherit: the driver protection is the reservation's
 */
struct vidmm_va_op {
	u64 address;
	u64 source;
	struct vidmm_va_mapping mapping;
	bool inherit;
};

/**
 * struct vidmm_va_update - changes, in order
 * @space: the space
 * @target: number of the reservation that they are in
 * @source: of the one that is copied from, or 0
 * @count: how many
 * @ops: what they are
 */
struct vidmm_va_update {
	struct vidmm_va_space *space;
	u64 target;
	u64 source;
	u32 count;
	struct vidmm_va_op ops[];
};

int vidmm_va_update_check(struct vidmm_va_update *update);
int vidmm_va_update_op(struct vidmm_va_update *update, u32 index, u64 *work);
void vidmm_va_update_release(struct vidmm_va_update *update);

#endif
