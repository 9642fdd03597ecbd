/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * foreign.h: allocations described by another driver's private data
 */
#ifndef VDXG_FOREIGN_H
#define VDXG_FOREIGN_H

#include <linux/types.h>

struct vdxg_allocation_data;

int vdxg_foreign_data(u64 user, u32 size, struct vdxg_allocation_data *data);

#endif
