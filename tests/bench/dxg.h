/* SPDX-License-Identifier: MIT */
/*
 * dxg.h: a caller of /dev/dxg by bare ioctls, so that no library is measured
 */
#ifndef VDXG_BENCH_DXG_H
#define VDXG_BENCH_DXG_H

#include <stdint.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "bench.h"

/* Allocations that one call of struct dxg's creates or destroys, at most. */
#define DXG_BATCH	256

/**
 * struct dxg - a device, and the arguments of the calls on it, so that filling them in is not measured
 * @fd: the device node
 * @adapter: handle
 * @device: handle
 * @data: describes one allocation of a page
 * @infos: @data for each of a batch
 * @handles: of a batch
 */
struct dxg {
	int fd;
	uint32_t adapter;
	uint32_t device;
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 infos[DXG_BATCH];
	uint32_t handles[DXG_BATCH];
};

struct dxg *dxg_open(bool software);
void dxg_create(struct dxg *dxg, uint32_t count);
void dxg_destroy(struct dxg *dxg, const uint32_t *handles, uint32_t count);
void dxg_populate(struct dxg *dxg, uint32_t *handles, uint32_t count);

#endif
