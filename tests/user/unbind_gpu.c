// SPDX-License-Identifier: MIT
/*
 * unbind_gpu.c: the GPU's driver is unbound through sysfs under a process that uses it, and bound
 * again
 *
 * vm-when: gpu=virtio
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "dma_buf.h"
#include "paging.h"
#include "race.h"
#include "share.h"
#include "unbind.h"

static NTSTATUS create_one(D3DKMT_HANDLE device)
{
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE handle;

	vdxg_allocation_data_init(&data, 65536);
	return kmt_create(device, NULL, 0, &data, 0, 1, &handle);
}

static void calls_after_unbind(void)
{
	D3DKMT_HANDLE adapter, device, owned, resource, list[2], out;
	LUID luid;
	uint32_t word;
	UINT priority = 5;
	void *p, *q;

	find_gpu();
	adapter = need_adapter();
	device = need_device_of(adapter);
	resource = need_resource(device, 65536, 1, &owned);
	need_allocations(device, 65536, 2, list);
	p = need_lock(device, list[0]);
	memset(p, 7, 65536);

	write_driver("unbind");
	EXPECT(test_gone(p));
	EXPECT_STATUS(create_one(device), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_lock(device, list[0], &q), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_lock(device, list[1], &q), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_create_device(adapter, &out), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_device_state(device, &word), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERTYPE, &word, sizeof(word)),
		      STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_residency(device, 0, list, 1, &word), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_get_priority(device, list[0], &priority), STATUS_DEVICE_REMOVED);
	/* it is not listed and cannot be opened */
	luid = hardware_luid();
	EXPECT(!luid.LowPart && !luid.HighPart);
	EXPECT_STATUS(kmt_open_adapter(&out), STATUS_INVALID_PARAMETER);
	/* tearing down works */
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_SUCCESS);

	luid = rebind();
	EXPECT(luid.LowPart != test_adapter.luid_low || luid.HighPart != test_adapter.luid_high);
	use_adapter(luid);
	device = need_device();
	need_allocations(device, 65536, 1, list);
	p = need_lock(device, list[0]);
	memset(p, 8, 65536);
	EXPECT_STATUS(kmt_destroy_one(device, list[0]), STATUS_SUCCESS);
}

/* Those who wait for a sync_file are other drivers, which must not wait for ever. */
static void sync_file_ends(void)
{
	D3DKMT_HANDLE device;
	struct fence fence;
	int reached, waiting;
	LUID luid;

	find_gpu();
	luid = hardware_luid();
	REQUIRE(luid.LowPart || luid.HighPart);
	use_adapter(luid);
	device = need_device();
	fence = need_fence(device, 0, 0);
	reached = need_sync_file(device, fence.handle, 0, PATIENT);
	waiting = need_sync_file(device, fence.handle, 1, PATIENT);
	write_driver("unbind");
	EXPECT(sync_file_ended(waiting, LONG_MS));
	EXPECT_EQ(sync_file_status(waiting), -ENODEV);
	EXPECT_EQ(sync_file_status(reached), 1);
	EXPECT_STATUS(kmt_create_sync_file(device, fence.handle, 1, &waiting),
		      STATUS_DEVICE_REMOVED);
	rebind();
}

static void T13_destroy_after_rebind(void)
{
	D3DKMT_HANDLE device, list[2];
	LUID luid;
	void *p;

	find_gpu();
	luid = hardware_luid();
	REQUIRE(luid.LowPart || luid.HighPart);
	use_adapter(luid);
	device = need_device();
	need_allocations(device, 65536, 2, list);
	p = need_lock(device, list[0]);
	write_driver("unbind");
	rebind();
	/* the old handles stay what they were */
	EXPECT(test_gone(p));
	EXPECT_STATUS(create_one(device), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static void software_adapter_undisturbed(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	D3DKMT_HANDLE device = 0, allocation;
	unsigned char *p;
	uint32_t type;
	ULONG i;

	find_gpu();
	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++) {
		REQUIRE_STATUS(kmt_query_adapter(info[i].hAdapter, KMTQAITYPE_ADAPTERTYPE, &type,
						 sizeof(type)),
			       STATUS_SUCCESS);
		if (type & ADAPTERTYPE_SOFTWARE_DEVICE)
			device = need_device_of(info[i].hAdapter);
	}
	if (!device)
		test_skip("no software adapter beside it");
	allocation = need_allocation(device, 65536);
	p = need_lock(device, allocation);
	memset(p, 7, 65536);
	write_driver("unbind");
	EXPECT_EQ(p[65535], 7);
	EXPECT_STATUS(create_one(device), STATUS_SUCCESS);
	rebind();
	EXPECT_EQ(p[0], 7);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

/* ---- dma-bufs ---- */

#define SIZE	(3 * 4096)

static void exported_memory_stays(void)
{
	D3DKMT_HANDLE device, list[2];
	int vgem = need_vgem(), fd[2];
	uint32_t handle, none;
	void *p, *q;

	find_gpu();
	use_adapter(hardware_luid());
	device = need_device();
	need_allocations(device, SIZE, 2, list);
	p = need_lock(device, list[0]);
	fill(p, SIZE, 1);
	fd[0] = need_export(device, list[0]);
	fd[1] = need_export(device, list[1]);
	REQUIRE(!prime_to_handle(vgem, fd[0], &handle));
	/* this one nobody uses but a process: it goes with the GPU */
	q = need_mmap(fd[1], SIZE);
	fill(q, SIZE, 2);
	write_driver("unbind");
	EXPECT(test_gone(p));
	EXPECT(test_gone(q));
	EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd[0], 0) == MAP_FAILED);
	EXPECT(prime_to_handle(vgem, fd[1], &none));
	EXPECT_EQ(errno, ENODEV);
	EXPECT_STATUS(vdxg_export_dma_buf(device, list[0], 0, &fd[1]), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	close_gem(vgem, handle);
	rebind();
}

static void imported_memory_goes(void)
{
	int vgem = need_vgem(), card = open_card("virtio_gpu", false), fd[2];
	D3DKMT_HANDLE device, imported[2], none;
	uint32_t handle;
	void *p, *q;

	find_gpu();
	REQUIRE(card >= 0);
	use_adapter(hardware_luid());
	device = need_device();
	/* of the GPU that goes, and of another driver */
	handle = need_dumb(card, SIZE);
	fd[0] = need_prime_fd(card, handle);
	fd[1] = need_prime_fd(vgem, need_dumb(vgem, SIZE));
	imported[0] = need_import(device, fd[0]);
	imported[1] = need_import(device, fd[1]);
	p = need_lock(device, imported[0]);
	q = need_lock(device, imported[1]);
	fill(p, SIZE, 3);
	fill(q, SIZE, 4);
	close(fd[0]);
	close_gem(card, handle);
	close(card);
	write_driver("unbind");
	EXPECT(test_gone(p));
	EXPECT(test_gone(q));
	EXPECT_STATUS(vdxg_import_dma_buf(device, fd[1], NULL, &none, NULL), STATUS_DEVICE_REMOVED);
	EXPECT(filled(need_mmap(fd[1], SIZE), SIZE, 4));
	EXPECT_STATUS(kmt_destroy_list(device, imported, 2), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	rebind();
}

/* ---- under load ---- */

static void create_until_stopped(void *arg)
{
	struct race_state *s = arg;
	struct vdxg_allocation_data data;
	NTSTATUS status;
	void *p;

	vdxg_allocation_data_init(&data, 65536);
	while (!race_stopped(s)) {
		status = kmt_create(s->device, NULL, 0, &data, 0, 8, s->list);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_DEVICE_REMOVED);
		if (status != STATUS_SUCCESS)
			continue;
		status = kmt_lock(s->device, s->list[0], &p);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_DEVICE_REMOVED);
		if (status == STATUS_SUCCESS)
			test_touch(p, true);
		EXPECT_STATUS(kmt_destroy_list(s->device, s->list, 8), STATUS_SUCCESS);
	}
}

static void unbind_now(void *arg)
{
	struct timespec pause = { .tv_nsec = 30000000 };
	struct race_state *s = arg;

	nanosleep(&pause, NULL);
	write_driver("unbind");
	race_stop(s);
}

static void create_against_unbind(void)
{
	unsigned int i, rounds = test_rounds(3);
	uint64_t random = test_seed();
	struct race_state s = { 0 };

	find_gpu();
	for (i = 0; i < rounds && !test_failed(); i++) {
		use_adapter(hardware_luid());
		s.device = need_device();
		s.stop = 0;
		race(create_until_stopped, unbind_now, &s, &random);
		EXPECT_STATUS(create_one(s.device), STATUS_DEVICE_REMOVED);
		EXPECT_STATUS(kmt_destroy_device(s.device), STATUS_SUCCESS);
		rebind();
	}
}

/* content comes and goes, in both directions, four times as much as fits */
static void page_until_stopped(void *arg)
{
	struct race_state *s = arg;
	struct queue queue;
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status;
	uint32_t i = 0;
	void *p;

	if (kmt_create_queue(s->device, 0, &queue) != STATUS_SUCCESS)
		return;
	while (!race_stopped(s)) {
		i = (i + 1) % s->n;
		status = kmt_make_resident_args(&args, queue.handle, &s->list[i], 1,
						CANT_TRIM_FURTHER);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_PENDING ||
		       status == STATUS_DEVICE_REMOVED);
		if (status == STATUS_DEVICE_REMOVED)
			continue;
		if (status == STATUS_PENDING)
			wait_value(&queue, args.PagingFenceValue);
		if (kmt_lock(s->device, s->list[i], &p) == STATUS_SUCCESS) {
			test_touch(p, true);
			EXPECT_STATUS(kmt_unlock(s->device, s->list[i]), STATUS_SUCCESS);
		}
		EXPECT_STATUS(kmt_evict(s->device, &s->list[i], 1, EVICT_ONLY_IF_NECESSARY),
			      STATUS_SUCCESS);
	}
}

static void page_against_unbind(void)
{
	unsigned int i, rounds = test_rounds(3);
	uint64_t random = test_seed(), bytes;
	struct race_state s = { 0 };

	find_gpu();
	for (i = 0; i < rounds && !test_failed(); i++) {
		use_adapter(hardware_luid());
		s.device = need_device();
		s.stop = 0;
		s.n = 16;
		bytes = need_capacity(VDXG_SEGMENT_LOCAL) / 4;
		need_allocations_in(s.device, bytes, VDXG_SEGMENT_SET_LOCAL, s.n, s.list);
		race(page_until_stopped, unbind_now, &s, &random);
		EXPECT_STATUS(create_one(s.device), STATUS_DEVICE_REMOVED);
		EXPECT_STATUS(kmt_destroy_list(s.device, s.list, s.n), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_device(s.device), STATUS_SUCCESS);
		rebind();
	}
}

/* each changes the adapter of the rest, so none relies on the one it was started for */
static const struct test_case cases[] = {
	CASE_HARDWARE(calls_after_unbind,
		      "calls answer DEVICE_REMOVED, tearing down works, a rebind is a new adapter"),
	CASE_ONCE(T13_destroy_after_rebind,
		  "what belonged to the old adapter is destroyed after the rebind"),
	CASE_ONCE(sync_file_ends, "a sync file whose adapter goes ends with ENODEV"),
	CASE_ONCE(exported_memory_stays, "what other drivers hold of a removed adapter stays"),
	CASE_ONCE(imported_memory_goes, "what was imported is let go of, the GPU's own memory too"),
	CASE_ONCE(software_adapter_undisturbed, "the software adapter goes on"),
	CASE_ONCE(create_against_unbind,
		  "a thread that creates, locks and destroys against the unbind"),
	CASE_ONCE(page_against_unbind, "content that comes and goes against the unbind"),
};

TEST_MAIN(cases)
