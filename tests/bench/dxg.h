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
 * @luid: the adapter's
 * @device: handle
 * @queue: handle of a paging queue, made by dxg_open()
 * @data: describes one allocation, of a page unless dxg_describe() said otherwise
 * @infos: @data for each of a batch
 * @handles: of a batch
 */
struct dxg {
	int fd;
	uint32_t adapter;
	struct winluid luid;
	uint32_t device;
	uint32_t queue;
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 infos[DXG_BATCH];
	uint32_t handles[DXG_BATCH];
};

struct dxg *dxg_open(bool software);
void dxg_describe(struct dxg *dxg, uint64_t bytes, uint32_t segments);
void dxg_create(struct dxg *dxg, uint32_t count);
uint32_t dxg_create_one(struct dxg *dxg);
void dxg_destroy(struct dxg *dxg, const uint32_t *handles, uint32_t count);
void dxg_populate(struct dxg *dxg, uint32_t *handles, uint32_t count);
void dxg_make_resident(struct dxg *dxg, const uint32_t *handles, uint32_t count);
void dxg_evict(struct dxg *dxg, const uint32_t *handles, uint32_t count, bool keep);
uint64_t dxg_live(struct dxg *dxg);

#endif
