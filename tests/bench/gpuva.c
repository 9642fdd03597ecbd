// SPDX-License-Identifier: MIT
/*
 * gpuva.c: GPU virtual addresses: mapping and freeing one page, with few and with many mappings
 */
#include <string.h>

#include "dxg.h"

#define PAGE	4096ULL

static uint64_t map(struct dxg *dxg, uint32_t allocation, uint64_t base)
{
	struct d3dddi_mapgpuvirtualaddress args = {
		.paging_queue.v = dxg->queue,
		.base_address = base,
		.allocation.v = allocation,
		.size_in_pages = 1,
	};

	must_ioctl(dxg->fd, LX_DXMAPGPUVIRTUALADDRESS, &args, "MapGpuVirtualAddress");
	return args.virtual_address;
}

static void unmap(struct dxg *dxg, uint64_t address)
{
	struct d3dkmt_freegpuvirtualaddress args = {
		.adapter.v = dxg->adapter,
		.base_address = address,
		.size = PAGE,
	};

	must_ioctl(dxg->fd, LX_DXFREEGPUVIRTUALADDRESS, &args, "FreeGpuVirtualAddress");
}

/* With @count mappings in the space; the new one goes where there is room. */
static void map_free(struct samples *s, uint32_t count)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t allocation = dxg_create_one(dxg), i;
	uint64_t at;

	for (i = 0; i < count; i++)
		map(dxg, allocation, 0);
	settle();
	while (more(s)) {
		begin(s);
		at = map(dxg, allocation, 0);
		unmap(dxg, at);
		end(s, 1);
	}
}

static void map_free_1k(struct samples *s)
{
	map_free(s, 1000);
}

static void map_free_1m(struct samples *s)
{
	map_free(s, 1000000);
}

const struct benchmark bench_gpuva[] = {
	{ .name = "map_free_1k", .run = map_free_1k },
	{ .name = "map_free_1m", .run = map_free_1m },
	{ }
};
