// SPDX-License-Identifier: MIT
/*
 * dma_buf_failnth.c: every allocation and every copy of the calls about dma-bufs fails once
 *
 * As failnth.c, for ExportDmaBuf and ImportDmaBuf, and for what other drivers and programs do with an export. Whatever
 * fails, the answer is a documented one, nothing is left, and nobody holds the memory.
 *
 * vm-when: kernel=debug
 */
#include "dma_buf.h"
#include "failnth.h"
#include "paging.h"

#define SIZE	(3 * 4096)

/* @own is exported as @own_fd, @foreign is vgem's memory, and @fresh is never exported but by what is tried */
static D3DKMT_HANDLE device, own, foreign, fresh;
static struct queue queue;
static int vgem, own_fd, foreign_fd;
static void *content;

static void start(void)
{
	failnth_start();
	device = need_device();
	queue = need_queue(device);
	vgem = need_vgem();
	foreign_fd = need_prime_fd(vgem, need_dumb(vgem, SIZE));
	foreign = need_import(device, foreign_fd);
	own = need_allocation(device, SIZE);
	own_fd = need_export(device, own);
	content = need_lock(device, own);
	fill(content, SIZE, 1);
	fresh = need_allocation(device, SIZE);
}

/* what another driver holds does not leave the GPU's memory */
static void expect_not_held(D3DKMT_HANDLE allocation)
{
	need_resident(&queue, &allocation, 1);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
}

/* Each of these undoes what it did, if it did it, and says how the call ended. */

static NTSTATUS export(D3DKMT_HANDLE allocation)
{
	int fd = -1;
	NTSTATUS status = vdxg_export_dma_buf(device, allocation, 0, &fd);

	failnth_disarm();
	EXPECT_EQ(fd >= 0, status == STATUS_SUCCESS);
	if (fd >= 0)
		close(fd);
	return status;
}

static NTSTATUS export_first(void)
{
	return export(fresh);
}

static NTSTATUS export_again(void)
{
	return export(own);
}

static NTSTATUS export_foreign(void)
{
	return export(foreign);
}

static NTSTATUS import(D3DKMT_HANDLE where, int fd, bool in_resource)
{
	D3DKMT_HANDLE resource = 0, allocation = 0;
	struct usage before;
	NTSTATUS status;

	failnth_disarm_first();
	before = need_usage();
	failnth_rearm();
	status = vdxg_import_dma_buf(where, fd, in_resource ? &resource : NULL, &allocation, NULL);
	failnth_disarm();
	EXPECT_EQ(!!allocation, status == STATUS_SUCCESS);
	if (resource)
		EXPECT_STATUS(kmt_destroy_resource(where, resource), STATUS_SUCCESS);
	else if (allocation)
		EXPECT_STATUS(kmt_destroy_one(where, allocation), STATUS_SUCCESS);
	expect_usage_back(before);
	return status;
}

static NTSTATUS import_own(void)
{
	return import(device, own_fd, false);
}

static NTSTATUS import_own_resource(void)
{
	return import(device, own_fd, true);
}

static NTSTATUS import_foreign(void)
{
	return import(device, foreign_fd, false);
}

/* nobody has it but who tries: vgem maps it anew each time */
static NTSTATUS import_fresh_foreign(void)
{
	uint32_t handle;
	NTSTATUS status;
	int fd;

	failnth_disarm_first();
	handle = need_dumb(vgem, SIZE);
	fd = need_prime_fd(vgem, handle);
	status = import(device, fd, true);
	close(fd);
	close_gem(vgem, handle);
	return status;
}

/* a device of another adapter, or 0 */
static D3DKMT_HANDLE there;

static void find_another_adapter(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	ULONG i;

	there = 0;
	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters && !there; i++)
		if (info[i].AdapterLuid.LowPart != test_adapter.luid_low)
			there = need_device_of(info[i].hAdapter);
	if (!there)
		test_skip("needs two adapters");
}

/* on the GPU, and required by nobody: so that it has to move */
static void prepare_own(void)
{
	failnth_disarm_first();
	need_resident(&queue, &own, 1);
	EXPECT_STATUS(kmt_evict(device, &own, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	failnth_rearm();
}

/* out of the GPU's memory, and back when it is not needed there */
static NTSTATUS import_there(void)
{
	D3DKMT_HANDLE copy = 0;
	NTSTATUS status;

	prepare_own();
	status = vdxg_import_dma_buf(there, own_fd, NULL, &copy, NULL);
	failnth_disarm();
	EXPECT_EQ(!!copy, status == STATUS_SUCCESS);
	if (copy)
		EXPECT_STATUS(kmt_destroy_one(there, copy), STATUS_SUCCESS);
	EXPECT(filled(content, SIZE, 1));
	expect_not_held(own);
	return status;
}

/* ---- what others do with an export ---- */

static NTSTATUS errno_to_status(int ret)
{
	if (ret >= 0)
		return STATUS_SUCCESS;
	return errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_UNSUCCESSFUL;
}

static NTSTATUS map(void)
{
	NTSTATUS status;
	void *p;
	int fd;

	failnth_disarm_first();
	fd = need_export(device, fresh);
	failnth_rearm();
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	status = errno_to_status(p == MAP_FAILED ? -1 : 0);
	failnth_disarm();
	if (status == STATUS_SUCCESS) {
		fill(p, SIZE, 2);
		EXPECT(filled(p, SIZE, 2));
		EXPECT(!munmap(p, SIZE));
	} else {
		EXPECT_STATUS(status, STATUS_NO_MEMORY);
	}
	close(fd);
	EXPECT_STATUS(kmt_destroy_one(device, fresh), STATUS_SUCCESS);
	fresh = need_allocation(device, SIZE);
	return status;
}

static NTSTATUS attach(void)
{
	uint32_t handle = 0;
	NTSTATUS status;

	prepare_own();
	status = errno_to_status(prime_to_handle(vgem, own_fd, &handle));
	failnth_disarm();
	/* DRM does not undo what it cannot answer: it is the same handle when asked again */
	if (status == STATUS_UNSUCCESSFUL)
		REQUIRE(!prime_to_handle(vgem, own_fd, &handle));
	if (handle)
		close_gem(vgem, handle);
	EXPECT(filled(content, SIZE, 1));
	expect_not_held(own);
	return status;
}

static void exports(void)
{
	struct live before;
	int fd;

	start();
	before = count_live(device);
	fd = dup(own_fd);
	close(fd);
	failnth_sweep("ExportDmaBuf", export_first);
	failnth_sweep("ExportDmaBuf of what is exported", export_again);
	failnth_sweep("ExportDmaBuf of what was imported", export_foreign);
	EXPECT_EQ(dup(own_fd), fd);
	EXPECT_SAME_LIVE(count_live(device), before);
	/* a descriptor would keep it, but nobody has one */
	EXPECT_STATUS(kmt_destroy_one(device, fresh), STATUS_SUCCESS);
	before.usage.allocs--;
	before.usage.committed -= SIZE;
	expect_usage_back(before.usage);
}

static void imports(void)
{
	struct live before;

	start();
	before = count_live(device);
	failnth_sweep("ImportDmaBuf", import_own);
	failnth_sweep("ImportDmaBuf, in a resource", import_own_resource);
	failnth_sweep("ImportDmaBuf of another driver", import_foreign);
	failnth_sweep("ImportDmaBuf of another driver, mapped anew", import_fresh_foreign);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT(filled(content, SIZE, 1));
}

static void between_adapters(void)
{
	start();
	find_another_adapter();
	failnth_sweep("ImportDmaBuf of another adapter", import_there);
}

static void others(void)
{
	struct usage before;

	start();
	before = need_usage();
	failnth_sweep("mmap of an export", map);
	failnth_sweep("attaching vgem", attach);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(exports, "ExportDmaBuf fails whole"),
	CASE(imports, "ImportDmaBuf fails whole, of our memory and of another driver's"),
	CASE(between_adapters, "an import of another adapter fails and holds nothing there"),
	CASE(others, "so do mapping an export, and another driver that takes it"),
};

TEST_MAIN(cases)
