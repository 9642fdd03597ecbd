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

static uint32_t find_adapter(int fd, bool software)
{
	struct d3dkmt_adapterinfo adapters[MAX_ADAPTERS];
	struct d3dkmt_enumadapters3 list = {
		.adapter_count = MAX_ADAPTERS,
		.adapters = (uintptr_t)adapters,
	};
	uint32_t i;

	must_ioctl(fd, LX_DXENUMADAPTERS3, &list, "EnumAdapters3");
	for (i = 0; i < list.adapter_count; i++)
		if (is_software(fd, adapters[i].adapter_handle) == software)
			return adapters[i].adapter_handle.v;
	not_supported();
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
	dxg->adapter = find_adapter(dxg->fd, software);
	create.adapter.v = dxg->adapter;
	must_ioctl(dxg->fd, LX_DXCREATEDEVICE, &create, "CreateDevice");
	dxg->device = create.device.v;
	vdxg_allocation_data_init(&dxg->data, 4096);
	for (i = 0; i < DXG_BATCH; i++) {
		dxg->infos[i].priv_drv_data = (uintptr_t)&dxg->data;
		dxg->infos[i].priv_drv_data_size = sizeof(dxg->data);
	}
	return dxg;
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
