// SPDX-License-Identifier: MIT
/*
 * sharing.c: sharing resources, and fences from the CPU
 */
#include "dxg.h"

/* A resource of one allocation, shared by a global handle. */
static void create_shared(struct dxg *dxg, struct d3dkmt_createallocation *create)
{
	create->resource.v = 0;
	must_ioctl(dxg->fd, LX_DXCREATEALLOCATION, create, "CreateAllocation2");
}

static struct d3dkmt_createallocation shared_resource(struct dxg *dxg)
{
	return (struct d3dkmt_createallocation) {
		.device.v = dxg->device,
		.alloc_count = 1,
		.allocation_info = (uintptr_t)dxg->infos,
		.flags = D3DKMT_CREATE_RESOURCE | D3DKMT_CREATE_SHARED,
	};
}

static void destroy_resource(struct dxg *dxg, uint32_t resource)
{
	struct d3dkmt_destroyallocation2 destroy = {
		.device.v = dxg->device,
		.resource.v = resource,
	};

	must_ioctl(dxg->fd, LX_DXDESTROYALLOCATION2, &destroy, "DestroyAllocation2");
}

static void create_resource(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	struct d3dkmt_createallocation create = shared_resource(dxg);

	while (more(s)) {
		begin(s);
		create_shared(dxg, &create);
		end(s, 1);
		destroy_resource(dxg, create.resource.v);
	}
}

static void open_resource(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	struct d3dkmt_createallocation create = shared_resource(dxg);
	struct d3dddi_openallocationinfo2 info = { 0 };
	struct vdxg_allocation_data data;
	struct d3dkmt_openresource open = {
		.device.v = dxg->device,
		.allocation_count = 1,
		.open_alloc_info = (uintptr_t)&info,
		.total_priv_drv_data = (uintptr_t)&data,
	};

	create_shared(dxg, &create);
	open.global_share = create.global_share;
	while (more(s)) {
		open.total_priv_drv_data_size = sizeof(data);
		begin(s);
		must_ioctl(dxg->fd, LX_DXOPENRESOURCE, &open, "OpenResource");
		end(s, 1);
		destroy_resource(dxg, open.resource.v);
	}
}

/* Signal a monitored fence, and wait for what it has reached. */
static void fence_signal_wait(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	struct d3dkmt_createsynchronizationobject2 create = {
		.device.v = dxg->device,
		.info.type = D3DDDI_MONITORED_FENCE,
	};
	uint64_t value = 0;
	struct d3dkmt_signalsynchronizationobjectfromcpu signal = {
		.device.v = dxg->device,
		.object_count = 1,
		.objects = (uintptr_t)&create.sync_object,
		.fence_values = (uintptr_t)&value,
	};
	struct d3dkmt_waitforsynchronizationobjectfromcpu wait = {
		.device.v = dxg->device,
		.object_count = 1,
		.objects = (uintptr_t)&create.sync_object,
		.fence_values = (uintptr_t)&value,
	};

	must_ioctl(dxg->fd, LX_DXCREATESYNCHRONIZATIONOBJECT, &create,
		   "CreateSynchronizationObject2");
	while (more(s)) {
		value++;
		begin(s);
		must_ioctl(dxg->fd, LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU, &signal, "Signal");
		must_ioctl(dxg->fd, LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, &wait, "Wait");
		end(s, 1);
	}
}

const struct benchmark bench_sharing[] = {
	{ .name = "create_resource", .run = create_resource },
	{ .name = "open_resource", .run = open_resource },
	{ .name = "fence_signal_wait", .run = fence_signal_wait },
	{ }
};
