// SPDX-License-Identifier: MIT
/*
 * dma_buf_failnth.c: every allocation and every copy of exporting, importing and attaching fails once
 *
 * As share_failnth.c. What vgem does to import an export runs our functions too: the failures of its own are
 * of no interest, but must leave nothing of ours behind.
 *
 * vm-when: kernel=debug
 */
#include <xf86drm.h>

#include "failnth.h"
#include "dma_buf.h"

#define SIZE	(3 * 4096)

static D3DKMT_HANDLE device, allocation;
static int vgem, own_fd, vgem_fd;

static NTSTATUS export(void)
{
	int fd;
	NTSTATUS status = vdxg_export_dma_buf(device, allocation, 0, &fd);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		close(fd);
	return status;
}

static NTSTATUS import(int fd)
{
	D3DKMT_HANDLE resource, imported;
	NTSTATUS status = vdxg_import_dma_buf(device, fd, &resource, &imported, NULL);

	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	return status;
}

static NTSTATUS import_own(void)
{
	return import(own_fd);
}

static NTSTATUS import_vgem(void)
{
	return import(vgem_fd);
}

static NTSTATUS map_descriptor(void)
{
	D3DKMT_HANDLE fresh = 0;
	NTSTATUS status = STATUS_NO_MEMORY;
	int fd = -1;
	void *p;

	failnth_disarm();
	fresh = need_allocation(device, SIZE);
	fd = need_export(device, fresh);
	failnth_arm(failnth_point);
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	failnth_disarm();
	if (p != MAP_FAILED) {
		EXPECT_EQ(test_touch(p, true), 0);
		munmap(p, SIZE);
		status = STATUS_SUCCESS;
	}
	close(fd);
	EXPECT_STATUS(kmt_destroy_one(device, fresh), STATUS_SUCCESS);
	return status;
}

static NTSTATUS attach_vgem(void)
{
	uint32_t handle;
	int err = drmPrimeFDToHandle(vgem, own_fd, &handle);

	failnth_disarm();
	if (err)
		return STATUS_NO_MEMORY;
	close_gem(vgem, handle);
	return STATUS_SUCCESS;
}

static void calls(void)
{
	struct usage before;

	vgem = need_vgem();
	failnth_start();
	device = need_device();
	allocation = need_allocation(device, SIZE);
	vgem_fd = need_prime_fd(vgem, need_dumb(vgem, SIZE));
	need_lock(device, allocation);
	before = need_usage();
	failnth_sweep("vdxg_export_dma_buf", export);
	own_fd = need_export(device, allocation);
	failnth_sweep("vdxg_import_dma_buf, ours", import_own);
	failnth_sweep("vdxg_import_dma_buf, vgem's", import_vgem);
	failnth_sweep("mmap of an export", map_descriptor);
	failnth_sweep("vgem attaches", attach_vgem);
	close(own_fd);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(calls, "calls for dma-bufs fail whole"),
};

TEST_MAIN(cases)
