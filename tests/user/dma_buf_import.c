// SPDX-License-Identifier: MIT
/*
 * dma_buf_import.c: allocations in the memory of vgem, of virtio-gpu, of the kernel's own and of ours
 */
#include <linux/dma-heap.h>
#include <linux/memfd.h>
#include <linux/udmabuf.h>
#include <signal.h>

#include "dma_buf.h"
#include "paging.h"
#include "race.h"

#define SIZE	(3 * 4096)

/* What a driver has is what the allocation has. */
static void check_shared(D3DKMT_HANDLE device, int fd, void *theirs)
{
	struct queue queue = need_queue(device);
	unsigned long long bytes = 0;
	struct usage before = need_usage(), now;
	D3DKMT_HANDLE allocation = 0;
	void *p;

	fill(theirs, SIZE, 1);
	REQUIRE_STATUS(vdxg_import_dma_buf(device, fd, NULL, &allocation, &bytes), STATUS_SUCCESS);
	EXPECT(is_local_handle(allocation));
	EXPECT_EQ(bytes, SIZE);
	/* it counts for who imports it */
	now = need_usage();
	EXPECT_EQ(now.allocs, before.allocs + 1);
	EXPECT_EQ(now.committed, before.committed + SIZE);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	p = need_lock(device, allocation);
	EXPECT(filled(p, SIZE, 1));
	fill(p, SIZE, 2);
	EXPECT(filled(theirs, SIZE, 2));
	/* it stays where it is */
	need_resident(&queue, &allocation, 1);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	EXPECT(filled(p, SIZE, 2));
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT(test_gone(p));
	EXPECT(filled(theirs, SIZE, 2));
	expect_usage_back(before);
}

static void from_vgem(void)
{
	int vgem = need_vgem();
	uint32_t handle = need_dumb(vgem, SIZE);

	check_shared(need_device(), need_prime_fd(vgem, handle),
		     need_dumb_map(vgem, handle, SIZE));
}

static void from_virtio_gpu(void)
{
	int card = open_card("virtio_gpu", false);
	uint32_t handle;

	if (card < 0)
		test_skip("needs a virtio-gpu");
	handle = need_dumb(card, SIZE);
	check_shared(need_device(), need_prime_fd(card, handle),
		     need_dumb_map(card, handle, SIZE));
}

static void from_udmabuf(void)
{
	int node = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), file, fd;
	struct udmabuf_create create = { .size = SIZE };

	if (node < 0)
		test_skip("needs udmabuf");
	file = memfd_create("vdxg", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	REQUIRE(file >= 0 && !ftruncate(file, SIZE) && !fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK));
	create.memfd = file;
	fd = ioctl(node, UDMABUF_CREATE, &create);
	REQUIRE(fd >= 0);
	check_shared(need_device(), fd, need_mmap(file, SIZE));
}

static void from_heap(void)
{
	int node = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	struct dma_heap_allocation_data data = { .len = SIZE, .fd_flags = O_RDWR | O_CLOEXEC };

	if (node < 0)
		test_skip("needs the system dma-heap");
	REQUIRE(!ioctl(node, DMA_HEAP_IOCTL_ALLOC, &data));
	check_shared(need_device(), data.fd, need_mmap(data.fd, SIZE));
}

static void read_only(void)
{
	int node = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC), fd;
	struct dma_heap_allocation_data data = { .len = SIZE, .fd_flags = O_RDONLY | O_CLOEXEC };
	D3DKMT_HANDLE device = need_device(), allocation;
	void *p;

	if (node < 0)
		test_skip("needs the system dma-heap");
	REQUIRE(!ioctl(node, DMA_HEAP_IOCTL_ALLOC, &data));
	allocation = need_import(device, data.fd);
	p = need_lock(device, allocation);
	EXPECT_EQ(test_touch(p, false), 0);
	EXPECT_EQ(test_touch(p, true), SIGSEGV);
	EXPECT(mprotect(p, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, 0, &fd), STATUS_ACCESS_DENIED);
}

/* ---- ours ---- */

static void own(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device(), allocation, again;
	struct queue queue = need_queue(device);
	struct usage before;
	void *p, *q;
	int fd;

	allocation = need_allocation(device, SIZE);
	p = need_lock(device, allocation);
	fill(p, SIZE, 3);
	fd = need_export(device, allocation);
	before = need_usage();
	again = need_import(other, fd);
	/* the same memory, which counts once, and moves as before */
	EXPECT_EQ(need_usage().allocs, before.allocs);
	EXPECT_EQ(need_usage().committed, before.committed);
	q = need_lock(other, again);
	EXPECT_NE((uintptr_t)p, (uintptr_t)q);
	EXPECT(filled(q, SIZE, 3));
	fill(q, SIZE, 4);
	EXPECT(filled(p, SIZE, 4));
	need_resident(&queue, &allocation, 1);
	EXPECT_EQ(need_residency(other, again), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(other, again), NOT_RESIDENT);
	EXPECT(filled(q, SIZE, 4));
	/* creator first */
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	close(fd);
	EXPECT(test_gone(p));
	EXPECT(filled(q, SIZE, 4));
	/* exported from there it is the same memory again */
	allocation = need_import(device, need_export(other, again));
	EXPECT(filled(need_lock(device, allocation), SIZE, 4));
	EXPECT_STATUS(kmt_destroy_one(other, again), STATUS_SUCCESS);
}

static void own_in_another_process(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	void *p = need_lock(device, allocation);
	int fd = need_export(device, allocation);
	pid_t pid;

	fill(p, SIZE, 5);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE mine = need_device();
		void *q = need_lock(mine, need_import(mine, fd));

		EXPECT(filled(q, SIZE, 5));
		fill(q, SIZE, 6);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT(filled(p, SIZE, 6));
}

/* Of every adapter into every other. */
static void other_adapter(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	D3DKMT_HANDLE device = need_device(), allocation, there, copy;
	struct queue queue = need_queue(device);
	void *p, *q;
	ULONG i;
	int fd;

	allocation = need_allocation(device, SIZE);
	p = need_lock(device, allocation);
	fill(p, SIZE, 7);
	fd = need_export(device, allocation);
	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++) {
		if (info[i].AdapterLuid.LowPart == test_adapter.luid_low)
			continue;
		there = need_device_of(info[i].hAdapter);
		copy = need_import(there, fd);
		EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
		q = need_lock(there, copy);
		EXPECT(filled(q, SIZE, 7));
		fill(q, SIZE, 8);
		EXPECT(filled(p, SIZE, 8));
		EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_INVALID_PARAMETER);
		/* exported from there it is the dma-buf it was */
		EXPECT_EQ(inode_of(need_export(there, copy)), inode_of(fd));
		EXPECT_STATUS(kmt_destroy_device(there), STATUS_SUCCESS);
		fill(p, SIZE, 7);
		need_resident(&queue, &allocation, 1);
		EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
		EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
	}
}

/* ---- the rest of an allocation's life ---- */

static void in_a_resource(void)
{
	D3DKMT_HANDLE device = need_device(), resource = 0, allocation = 0;
	int vgem = need_vgem();
	uint32_t handle = need_dumb(vgem, SIZE);
	int fd = need_prime_fd(vgem, handle);
	void *p;

	REQUIRE_STATUS(vdxg_import_dma_buf(device, fd, &resource, &allocation, NULL),
		       STATUS_SUCCESS);
	EXPECT(is_local_handle(resource));
	EXPECT_EQ(allocation & 0x3fffffff, (resource & 0x3fffffff) + HANDLE_STEP);
	p = need_lock(device, allocation);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT(test_gone(p));
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_INVALID_PARAMETER);
	/* once more, with something of ours exported */
	allocation = need_allocation(device, SIZE);
	fd = need_export(device, allocation);
	REQUIRE_STATUS(vdxg_import_dma_buf(device, fd, &resource, &allocation, NULL),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
}

static void offered(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	int vgem = need_vgem();
	uint32_t handle = need_dumb(vgem, SIZE);
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = &allocation,
		.NumAllocations = 1,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};
	void *p;

	allocation = need_import(device, need_prime_fd(vgem, handle));
	fill(need_dumb_map(vgem, handle, SIZE), SIZE, 9);
	EXPECT_STATUS(D3DKMTOfferAllocations(&offer), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(device, allocation, &p), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

static void driver_first(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), allocation;
	int vgem = need_vgem(), fd;
	uint32_t handle = need_dumb(vgem, SIZE);
	void *p;

	fd = need_prime_fd(vgem, handle);
	allocation = need_import(device, fd);
	p = need_lock(device, allocation);
	fill(p, SIZE, 10);
	close_gem(vgem, handle);
	close(fd);
	close(vgem);
	EXPECT(filled(p, SIZE, 10));
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(test_gone(p));
	expect_usage_back(before);
}

static void process_first(void)
{
	struct usage before = need_usage();
	int vgem = need_vgem(), fd;
	uint32_t handle = need_dumb(vgem, SIZE);
	void *theirs = need_dumb_map(vgem, handle, SIZE);
	pid_t pid;

	fd = need_prime_fd(vgem, handle);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE mine = need_device();

		fill(need_lock(mine, need_import(mine, fd)), SIZE, 11);
		_exit(0);
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT(filled(theirs, SIZE, 11));
	expect_usage_back(before);
}

static void refused(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = 5, resource = 6;
	D3DKMT_HANDLE mine = need_allocation(device, SIZE);
	int vgem = need_vgem(), event = need_event(), raw = test_open(), fd, closed;
	uint32_t handle = need_dumb(vgem, SIZE);
	struct vdxg_importdmabuf args = { 0 };
	struct live before;

	fd = need_prime_fd(vgem, handle);
	closed = dup(fd);
	close(closed);
	before = count_live(device);
	EXPECT_STATUS(vdxg_import_dma_buf(device, fd, NULL, NULL, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_import_dma_buf(0, fd, &resource, &allocation, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_import_dma_buf(mine, fd, &resource, &allocation, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_import_dma_buf(device, -1, &resource, &allocation, NULL),
		      STATUS_INVALID_HANDLE);
	EXPECT_STATUS(vdxg_import_dma_buf(device, closed, &resource, &allocation, NULL),
		      STATUS_INVALID_HANDLE);
	EXPECT_STATUS(vdxg_import_dma_buf(device, event, &resource, &allocation, NULL),
		      STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(vdxg_import_dma_buf(device, vgem, &resource, &allocation, NULL),
		      STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_EQ(allocation, 5);
	EXPECT_EQ(resource, 6);
	args.device = device;
	args.fd = fd;
	args.flags = 2;
	EXPECT_STATUS(test_ioctl(raw, LX_VDXGIMPORTDMABUF, &args), -EINVAL);
	args.flags = 0;
	args.reserved = 1;
	EXPECT_STATUS(test_ioctl(raw, LX_VDXGIMPORTDMABUF, &args), -EINVAL);
	args.reserved = 0;
	EXPECT_STATUS(test_ioctl(raw, LX_VDXGIMPORTDMABUF, test_readonly(&args, sizeof(args))),
		      -EFAULT);
	EXPECT_STATUS(test_ioctl(raw, LX_VDXGIMPORTDMABUF, test_unmapped()), -EFAULT);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void too_large(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = 0;
	uint64_t bytes = need_capacity(VDXG_SEGMENT_APERTURE);
	struct drm_mode_create_dumb create = { .width = 1024, .bpp = 32 };
	int vgem = need_vgem();

	/* vgem takes no memory before it is used */
	create.height = bytes / 4096 + 1;
	REQUIRE(!drm_call(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &create));
	EXPECT_STATUS(vdxg_import_dma_buf(device, need_prime_fd(vgem, create.handle), NULL,
					  &allocation, NULL), STATUS_GRAPHICS_NO_VIDEO_MEMORY);
}

/* ---- races ---- */

static int race_fd;

static void import_one(void *arg)
{
	struct race_state *s = arg;

	s->first = vdxg_import_dma_buf(s->device, race_fd, NULL, &s->list[1], NULL);
	if (s->first == STATUS_SUCCESS)
		kmt_destroy_one(s->device, s->list[1]);
}

static void close_all(void *arg)
{
	struct race_state *s = arg;

	close(race_fd);
	s->second = kmt_destroy_one(s->device, s->list[0]);
}

static void import_against_close(void)
{
	unsigned int i, rounds = test_rounds(100);
	struct usage before = need_usage();
	uint64_t random = test_seed();
	struct race_state s = { 0 };

	s.device = need_device();
	for (i = 0; i < rounds && !test_failed(); i++) {
		s.list[0] = need_allocation(s.device, SIZE);
		race_fd = need_export(s.device, s.list[0]);
		race(import_one, close_all, &s, &random);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_HANDLE);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void destroy_device(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_device(s->device);
}

static void import_against_destroy(void)
{
	unsigned int i, rounds = test_rounds(50);
	struct usage before = need_usage();
	uint64_t random = test_seed();
	struct race_state s = { 0 };
	int vgem = need_vgem();

	s.adapter = need_adapter();
	race_fd = need_prime_fd(vgem, need_dumb(vgem, SIZE));
	for (i = 0; i < rounds && !test_failed(); i++) {
		s.device = need_device_of(s.adapter);
		race(import_one, destroy_device, &s, &random);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(from_vgem, "memory of vgem: content both ways, residency, account, destroyed"),
	CASE(from_virtio_gpu, "memory of virtio-gpu, through its own prime calls"),
	CASE(from_udmabuf, "memory of a file, by udmabuf"),
	CASE(from_heap, "memory of a dma-heap"),
	CASE(read_only, "a dma-buf opened for reading is locked for reading"),
	CASE(own, "an export of the same adapter is the same memory"),
	CASE(own_in_another_process, "in another process too"),
	CASE(other_adapter, "an export of another adapter is held there and shared here"),
	CASE(in_a_resource, "with a resource of its own"),
	CASE(offered, "what is imported may be offered, and stays"),
	CASE(driver_first, "the other driver's handle, descriptor and file go first"),
	CASE(process_first, "the importing process goes first"),
	CASE(refused, "bad devices, descriptors, flags and pointers; state unchanged"),
	CASE(too_large, "more than the adapter can have"),
	CASE(import_against_close, "importing against closing and destroying the export"),
	CASE(import_against_destroy, "importing against destroying the device"),
};

TEST_MAIN(cases)
