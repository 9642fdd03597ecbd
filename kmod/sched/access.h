/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * access.h: the engine's way to memory: GPU virtual addresses of the process that runs
 *
 *	struct vdxg_side sides[] = {
 *		{ .address = to, .access = VIDMM_VA_WRITE },
 *		{ .address = from, .access = VIDMM_VA_READ },
 *	};
 *	u64 bytes = wanted;
 *
 *	status = vdxg_access_begin(timeline, sides, 2, here, &bytes);
 *	if (!status) {
 *		vdxg_access_copy(&sides[0], &sides[1], bytes);
 *		vdxg_access_end(sides, 2, bytes);
 *	}
 *
 * In between the memory is pinned: whoever wants to move it waits. So *bytes* must be little, and
 * nothing may be waited for.
 */
#ifndef VDXG_ACCESS_H
#define VDXG_ACCESS_H

#include <linux/types.h>

#include "../vidmm/gpuva.h"

struct vdxg_timeline;

/* Of one access, at most. */
#define VDXG_MAX_SIDES	2U

/**
 * struct vdxg_side - an address that is used
 * @address: where
 * @access: what for
 * @what: what is there
 * @run: where that is
 * @offered: it is a fault since its memory is on offer
 */
struct vdxg_side {
	u64 address;
	enum vidmm_va_access access;
	enum vidmm_va_result what;
	struct vidmm_va_run run;
	bool offered;
};

int vdxg_access_begin(struct vdxg_timeline *timeline, struct vdxg_side *sides, unsigned int count,
		      bool here, u64 *bytes);
void vdxg_access_end(struct vdxg_side *sides, unsigned int count, u64 bytes);
void vdxg_access_fill(const struct vdxg_side *to, u32 value, u64 bytes);
void vdxg_access_copy(const struct vdxg_side *to, const struct vdxg_side *from, u64 bytes);
void vdxg_access_read(const struct vdxg_side *from, void *to, u64 bytes);
void vdxg_access_write(const struct vdxg_side *to, const void *from, u64 bytes);

#endif
