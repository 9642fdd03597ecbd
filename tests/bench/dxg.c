// SPDX-License-Identifier: MIT
/*
 * dxg.c: the calls that the benchmarks make on /dev/dxg; see dxg.h
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dxg.h"

#define MAX_ADAPTERS 16

static bool is_software(int fd, struct d3dkmthandle adapter)
{
	struct d3dkmt_adaptertype type;
	struct d3dkmt_queryadapterinfo query = {
		.adapter = adapter,
		.type = KMTQAITYPE_ADAPTERTYPE,
		.private_data = (uintptr_t)&type,
		.private_data_size = sizeof(type),
	};

	must_ioctl(fd, LX_DXQUERYADAPTERINFO, &query, "QueryAdapterInfo");
	return type.value & D3DKMT_ADAPTERTYPE_SOFTWARE_DEVICE;
}

static void find_adapter(struct dxg *dxg, bool software)
{
	struct d3dkmt_adapterinfo adapters[MAX_ADAPTERS];
	struct d3dkmt_enumadapters3 list = {
		.adapter_count = MAX_ADAPTERS,
		.adapters = (uintptr_t)adapters,
	};
	uint32_t i;

	must_ioctl(dxg->fd, LX_DXENUMADAPTERS3, &list, "EnumAdapters3");
	for (i = 0; i < list.adapter_count; i++) {
		if (is_software(dxg->fd, adapters[i].adapter_handle) != software)
			continue;
		dxg->adapter = adapters[i].adapter_handle.v;
		dxg->luid = adapters[i].adapter_luid;
		return;
	}
	not_supported();
}

static void create_queue(struct dxg *dxg)
{
	struct d3dkmt_createpagingqueue create = { .device.v = dxg->device };

	must_ioctl(dxg->fd, LX_DXCREATEPAGINGQUEUE, &create, "CreatePagingQueue");
	dxg->queue = create.paging_queue.v;
}

/**
 * dxg_open - become a caller with a device
 * @software: of the software adapter, else of the GPU
 *
 * Return: the caller, which lives as long as the process.
 */
struct dxg *dxg_open(bool software)
{
	struct dxg *dxg = aligned_alloc(4096, (sizeof(*dxg) + 4095) & ~4095UL);
	struct d3dkmt_createdevice create = { 0 };
	uint32_t i;

	if (!dxg)
		fail("aligned_alloc", -1);
	memset(dxg, 0, sizeof(*dxg));
	dxg->fd = open("/dev/dxg", O_RDWR | O_CLOEXEC);
	if (dxg->fd < 0)
		fail("/dev/dxg", -1);
	find_adapter(dxg, software);
	create.adapter.v = dxg->adapter;
	must_ioctl(dxg->fd, LX_DXCREATEDEVICE, &create, "CreateDevice");
	dxg->device = create.device.v;
	create_queue(dxg);
	vdxg_allocation_data_init(&dxg->data, 4096);
	for (i = 0; i < DXG_BATCH; i++) {
		dxg->infos[i].priv_drv_data = (uintptr_t)&dxg->data;
		dxg->infos[i].priv_drv_data_size = sizeof(dxg->data);
	}
	return dxg;
}

/**
 * dxg_describe - say what dxg_create() makes from now on
 * @dxg: the caller
 * @bytes: the size of each allocation
 * @segments: where it may live: VDXG_SEGMENT_SET_*, 0 for anywhere
 */
void dxg_describe(struct dxg *dxg, uint64_t bytes, uint32_t segments)
{
	vdxg_allocation_data_init(&dxg->data, bytes);
	vdxg_allocation_data_segments(&dxg->data, segments);
}

/**
 * dxg_create - create allocations without a resource
 * @dxg: the caller
 * @count: how many, up to DXG_BATCH; their handles are in @dxg->infos
 */
void dxg_create(struct dxg *dxg, uint32_t count)
{
	struct d3dkmt_createallocation create = {
		.device.v = dxg->device,
		.alloc_count = count,
		.allocation_info = (uintptr_t)dxg->infos,
	};
	int ret = ioctl(dxg->fd, LX_DXCREATEALLOCATION, &create);

	if (ret)
		fail("CreateAllocation2", ret);
}

/**
 * dxg_create_one - create one allocation
 * @dxg: the caller
 *
 * Return: its handle.
 */
uint32_t dxg_create_one(struct dxg *dxg)
{
	dxg_create(dxg, 1);
	return dxg->infos[0].allocation.v;
}

/**
 * dxg_destroy - destroy allocations
 * @dxg: the caller
 * @handles: theirs
 * @count: how many
 */
void dxg_destroy(struct dxg *dxg, const uint32_t *handles, uint32_t count)
{
	struct d3dkmt_destroyallocation2 destroy = {
		.device.v = dxg->device,
		.allocations = (uintptr_t)handles,
		.alloc_count = count,
	};
	int ret = ioctl(dxg->fd, LX_DXDESTROYALLOCATION2, &destroy);

	if (ret)
		fail("DestroyAllocation2", ret);
}

/**
 * dxg_populate - create any number of allocations
 * @dxg: the caller
 * @handles: where their handles go; NULL if nobody wants them
 * @count: how many
 */
void dxg_populate(struct dxg *dxg, uint32_t *handles, uint32_t count)
{
	uint32_t done, n, i;

	for (done = 0; done < count; done += n) {
		n = count - done < DXG_BATCH ? count - done : DXG_BATCH;
		dxg_create(dxg, n);
		for (i = 0; handles && i < n; i++)
			handles[done + i] = dxg->infos[i].allocation.v;
	}
}

/**
 * dxg_make_resident - make allocations resident; nobody must have to be waited for
 * @dxg: the caller
 * @handles: theirs
 * @count: how many
 */
void dxg_make_resident(struct dxg *dxg, const uint32_t *handles, uint32_t count)
{
	struct d3dddi_makeresident resident = {
		.paging_queue.v = dxg->queue,
		.alloc_count = count,
		.allocation_list = (uintptr_t)handles,
	};
	int ret = ioctl(dxg->fd, LX_DXMAKERESIDENT, &resident);

	if (ret)
		fail("MakeResident", ret);
}

/**
 * dxg_evict - undo dxg_make_resident()
 * @dxg: the caller
 * @handles: handles of the allocations
 * @count: how many
 * @keep: leave them where they are until their place is needed
 */
void dxg_evict(struct dxg *dxg, const uint32_t *handles, uint32_t count, bool keep)
{
	struct d3dkmt_evict evict = {
		.device.v = dxg->device,
		.alloc_count = count,
		.allocations = (uintptr_t)handles,
		.flags = keep ? D3DDDI_EVICT_ONLY_IF_NECESSARY : 0,
	};
	int ret = ioctl(dxg->fd, LX_DXEVICT, &evict);

	if (ret)
		fail("Evict", ret);
}

/**
 * dxg_live - count what lives
 * @dxg: the caller
 *
 * Return: allocations of its adapter, of all processes.
 */
uint64_t dxg_live(struct dxg *dxg)
{
	struct d3dkmt_querystatistics query = {
		.type = D3DKMT_QUERYSTATISTICS_ADAPTER,
		.adapter_luid = dxg->luid,
	};
	const struct d3dkmt_querystatistics_allocations *count =
		&query.result.adapter.allocations;

	must_ioctl(dxg->fd, LX_DXQUERYSTATISTICS, &query, "QueryStatistics");
	return count->created.count - count->destroyed.count;
}
