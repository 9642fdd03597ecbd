/* SPDX-License-Identifier: MIT */
/*
 * raw.h: the calls as bare ioctls, for tests of what a library cannot show
 *
 * raw_call() and what is built on it return a status as EXPECT_STATUS compares them: the negative
 * errno where the ioctl failed with one, else what it returned.
 */
#ifndef VDXG_TEST_RAW_H
#define VDXG_TEST_RAW_H

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "harness.h"

#define raw_call(fd, request, arg) test_ioctl(fd, request, arg)

/**
 * struct raw - a caller with a device of the adapter under test and two allocations
 * @fd: descriptor
 * @adapter: handle
 * @device: handle
 * @resource: handle
 * @owned: its allocation
 * @alone: an allocation without resource
 */
struct raw {
	int fd;
	__u32 adapter;
	__u32 device;
	__u32 resource;
	__u32 owned;
	__u32 alone;
};

static inline int raw_open_adapter(int fd, __u32 *adapter)
{
	struct d3dkmt_openadapterfromluid open = {
		.adapter_luid = { .a = test_adapter.luid_low, .b = test_adapter.luid_high },
	};
	int status = raw_call(fd, LX_DXOPENADAPTERFROMLUID, &open);

	*adapter = open.adapter_handle.v;
	return status;
}

static inline int raw_create_device(int fd, __u32 adapter, __u32 *device)
{
	struct d3dkmt_createdevice create = { .adapter.v = adapter };
	int status = raw_call(fd, LX_DXCREATEDEVICE, &create);

	*device = create.device.v;
	return status;
}

static inline int raw_create(int fd, __u32 device, __u32 flags, __u32 *resource, __u32 *allocation)
{
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 info = {
		.priv_drv_data = (uintptr_t)&data,
		.priv_drv_data_size = sizeof(data),
	};
	struct d3dkmt_createallocation create = {
		.device.v = device,
		.alloc_count = 1,
		.allocation_info = (uintptr_t)&info,
		.flags = flags,
	};
	int status;

	vdxg_allocation_data_init(&data, 4096);
	status = raw_call(fd, LX_DXCREATEALLOCATION, &create);
	if (resource)
		*resource = create.resource.v;
	*allocation = info.allocation.v;
	return status;
}

static inline int raw_destroy(int fd, __u32 device, __u32 allocation)
{
	struct d3dkmt_destroyallocation2 destroy = {
		.device.v = device,
		.allocations = (uintptr_t)&allocation,
		.alloc_count = 1,
	};

	return raw_call(fd, LX_DXDESTROYALLOCATION2, &destroy);
}

static inline struct raw need_raw(void)
{
	struct raw raw = { .fd = test_open() };

	REQUIRE_STATUS(raw_open_adapter(raw.fd, &raw.adapter), 0);
	REQUIRE_STATUS(raw_create_device(raw.fd, raw.adapter, &raw.device), 0);
	REQUIRE_STATUS(raw_create(raw.fd, raw.device, D3DKMT_CREATE_RESOURCE, &raw.resource,
				  &raw.owned),
		       0);
	REQUIRE_STATUS(raw_create(raw.fd, raw.device, 0, NULL, &raw.alone), 0);
	return raw;
}

#endif
