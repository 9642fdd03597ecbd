// SPDX-License-Identifier: MIT
/*
 * dma_buf_export.c: allocations as dma-bufs: mapped, handed to vgem and virtio-gpu, outliving everything
 */
#include <sys/socket.h>

#include "dma_buf.h"
#include "paging.h"
#include "race.h"

#define SIZE	(3 * 4096)

/* in any segment, as most are */
static D3DKMT_HANDLE need_locked(D3DKMT_HANDLE device, void **p, uint32_t seed)
{
	D3DKMT_HANDLE allocation = need_allocation(device, SIZE);

	*p = need_lock(device, allocation);
	fill(*p, SIZE, seed);
	return allocation;
}

static void same_memory(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	void *p, *q;
	int fd;

	allocation = need_locked(device, &p, 1);
	fd = need_export(device, allocation);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), SIZE);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	q = need_mmap(fd, SIZE);
	EXPECT(filled(q, SIZE, 1));
	fill(q, SIZE, 2);
	EXPECT(filled(p, SIZE, 2));
	EXPECT_EQ(dma_buf_sync(fd, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START), 0);
	EXPECT_EQ(dma_buf_sync(fd, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END), 0);
	/* a part of it */
	EXPECT_EQ(munmap((char *)q + 4096, 4096), 0);
	EXPECT(filled(q, 4096, 2));
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void before_it_is_touched(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	int fd = need_export(device, allocation);
	char *q;

	EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
	q = need_mmap(fd, SIZE);
	EXPECT_EQ(q[0] | q[SIZE - 1], 0);
	fill(q, SIZE, 3);
	EXPECT(filled(need_lock(device, allocation), SIZE, 3));
}

static void one_for_an_allocation(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	ino_t inode;
	int a, b, fd;

	need_allocations(device, SIZE, 2, list);
	a = need_export(device, list[0]);
	b = need_export(device, list[0]);
	EXPECT_EQ(inode_of(a), inode_of(b));
	fd = need_export(device, list[1]);
	inode = inode_of(a);
	EXPECT_NE(inode_of(fd), inode);
	EXPECT_STATUS(vdxg_export_dma_buf(device, list[0], VDXG_DMA_BUF_INHERIT, &fd),
		      STATUS_SUCCESS);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(inode_of(fd), inode);
	close(a);
	close(b);
	close(fd);
	need_export(device, list[0]);
}

static void refused(void)
{
	D3DKMT_HANDLE device = need_device(), other = need_device(), allocation, resource, local;
	struct vdxg_allocation_data data;
	struct live before;
	int fd = -2;

	resource = need_resource(device, SIZE, 1, &allocation);
	vdxg_allocation_data_init(&data, SIZE);
	vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_LOCAL);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &local), STATUS_SUCCESS);
	before = count_live(device);
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(0, allocation, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(other, allocation, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(device, 0, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(device, device, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(device, resource, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, 2, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, ~0U, &fd),
		      STATUS_INVALID_PARAMETER);
	/* no other driver reaches the local segment */
	EXPECT_STATUS(vdxg_export_dma_buf(device, local, 0, &fd), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(fd, -2);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, 0, &fd), STATUS_INVALID_PARAMETER);
}

static void existing_memory(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	int fd;

	REQUIRE_STATUS(kmt_create_over(device, test_pages(65536), 65536, 0, &allocation),
		       STATUS_SUCCESS);
	EXPECT_STATUS(vdxg_export_dma_buf(device, allocation, 0, &fd), STATUS_INVALID_PARAMETER);
}

static void read_only(void)
{
	D3DKMT_HANDLE device = need_device();
	struct shared shared = need_shared(device, SIZE, 1, SHARED_NT), opened;
	HANDLE handle;
	int fd;

	REQUIRE_STATUS(kmt_share_as(&shared.resource, 1, NULL, VDXG_ACCESS_READ, &handle),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_open_nt(device, handle, 1, &opened), STATUS_SUCCESS);
	/* whoever gets the descriptor could write */
	EXPECT_STATUS(vdxg_export_dma_buf(device, opened.allocations[0], 0, &fd),
		      STATUS_ACCESS_DENIED);
	EXPECT_STATUS(vdxg_export_dma_buf(device, shared.allocations[0], 0, &fd), STATUS_SUCCESS);
}

static void mappings_refused(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE), hidden;
	struct vdxg_allocation_data data;
	int fd = need_export(device, allocation);

	EXPECT(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	EXPECT(mmap(NULL, SIZE + 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 4096) == MAP_FAILED);
	/* the CPU does not see it through a descriptor either */
	vdxg_allocation_data_init(&data, SIZE);
	vdxg_allocation_data_flags(&data, 0);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &hidden), STATUS_SUCCESS);
	fd = need_export(device, hidden);
	EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_EQ(errno, EACCES);
}

/* ---- moves ---- */

static void mapping_follows(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct queue queue = need_queue(device);
	void *p, *q;
	int fd, i;

	allocation = need_locked(device, &p, 4);
	fd = need_export(device, allocation);
	q = need_mmap(fd, SIZE);
	/* to system memory and back, each time with new content */
	for (i = 0; i < 3; i++) {
		EXPECT(filled(q, SIZE, 4 + i));
		need_resident(&queue, &allocation, 1);
		EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
		EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
		EXPECT(filled(q, SIZE, 4 + i));
		fill(q, SIZE, 5 + i);
		EXPECT(filled(p, SIZE, 5 + i));
	}
}

static NTSTATUS offer(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	D3DKMT_OFFERALLOCATIONS args = {
		.hDevice = device,
		.HandleList = &allocation,
		.NumAllocations = 1,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};

	return D3DKMTOfferAllocations(&args);
}

static NTSTATUS reclaim(const struct queue *queue, D3DKMT_HANDLE allocation)
{
	D3DDDI_RECLAIM_RESULT result;
	D3DKMT_RECLAIMALLOCATIONS2 args = {
		.hPagingQueue = queue->handle,
		.NumAllocations = 1,
		.HandleList = &allocation,
		.pResults = &result,
	};
	NTSTATUS status = D3DKMTReclaimAllocations2(&args);

	if (status != STATUS_PENDING)
		return status;
	wait_value(queue, args.PagingFenceValue);
	return STATUS_SUCCESS;
}

static void offered(void)
{
	D3DKMT_HANDLE device = need_device(), list[1];
	struct queue queue = need_queue(device);
	uint32_t handle;
	int vgem = need_vgem(), fd, again;
	void *q;

	list[0] = need_allocation(device, SIZE);
	fd = need_export(device, list[0]);
	q = need_mmap(fd, SIZE);
	fill(q, SIZE, 6);
	EXPECT_STATUS(offer(device, list[0]), STATUS_SUCCESS);
	/* nobody gets hold of what is on offer */
	EXPECT_STATUS(vdxg_export_dma_buf(device, list[0], 0, &again), STATUS_INVALID_PARAMETER);
	EXPECT(prime_to_handle(vgem, fd, &handle));
	EXPECT_EQ(errno, EBUSY);
	EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_STATUS(reclaim(&queue, list[0]), STATUS_SUCCESS);
	REQUIRE(!prime_to_handle(vgem, fd, &handle));
	/* what somebody has got hold of may be offered, but is not given up */
	EXPECT_STATUS(offer(device, list[0]), STATUS_SUCCESS);
	EXPECT(filled(q, SIZE, 6));
	close_gem(vgem, handle);
	EXPECT_STATUS(reclaim(&queue, list[0]), STATUS_SUCCESS);
}

/* ---- other drivers ---- */

static void vgem_holds_it(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct queue queue = need_queue(device);
	int vgem = need_vgem(), fd, again;
	uint32_t handle, same;
	void *p;

	allocation = need_locked(device, &p, 7);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_GPU_MEMORY);
	fd = need_export(device, allocation);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_GPU_MEMORY);
	REQUIRE(!prime_to_handle(vgem, fd, &handle));
	/* where other drivers reach it, with its content and address */
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	EXPECT(filled(p, SIZE, 7));
	/* where it stays */
	need_resident(&queue, &allocation, 1);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	fill(p, SIZE, 8);
	/* vgem knows it for what it is */
	REQUIRE(!prime_to_handle(vgem, fd, &same));
	EXPECT_EQ(same, handle);
	again = need_prime_fd(vgem, handle);
	EXPECT_EQ(inode_of(again), inode_of(fd));
	EXPECT(filled(need_mmap(again, SIZE), SIZE, 8));
	close(again);
	close_gem(vgem, handle);
	/* and goes when nobody needs it there */
	need_resident(&queue, &allocation, 1);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
	EXPECT(filled(p, SIZE, 8));
}

/* more than half a chunk: an object of the device for itself, which goes when it leaves the device */
#define LARGE	(2 * MIB)

static D3DKMT_HANDLE need_large(D3DKMT_HANDLE device, void **p, uint32_t seed)
{
	D3DKMT_HANDLE allocation = need_allocation(device, LARGE);

	*p = need_lock(device, allocation);
	fill(*p, LARGE, seed);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_GPU_MEMORY);
	return allocation;
}

/*
 * virtio-gpu takes nobody's memory, which it says when it has attached and mapped it. It attaches under a lock that
 * freeing its objects takes, too.
 */
static void virtio_gpu_refuses(void)
{
	D3DKMT_HANDLE device = need_device(), allocation, large;
	struct queue queue = need_queue(device);
	int card = open_card("virtio_gpu", true);
	uint32_t handle;
	void *p, *q;

	if (card < 0)
		test_skip("needs a virtio-gpu");
	allocation = need_locked(device, &p, 9);
	large = need_large(device, &q, 16);
	EXPECT(prime_to_handle(card, need_export(device, allocation), &handle));
	EXPECT(prime_to_handle(card, need_export(device, large), &handle));
	need_resident(&queue, &allocation, 1);
	need_resident(&queue, &large, 1);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &large, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, large), NOT_RESIDENT);
	EXPECT(prime_to_handle(card, need_export(device, large), &handle));
	EXPECT(filled(p, SIZE, 9));
	EXPECT(filled(q, LARGE, 16));
}

struct offering {
	int card, fd, stop;
};

static void *offer_to_card(void *arg)
{
	struct offering *o = arg;
	uint32_t handle;

	while (!__atomic_load_n(&o->stop, __ATOMIC_SEQ_CST))
		EXPECT(prime_to_handle(o->card, o->fd, &handle));
	return NULL;
}

/* What moves takes the device's lock, and who attaches under it must not wait for what moves. */
static void attach_against_moves(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct offering o = { .card = open_card("virtio_gpu", true) };
	struct queue queue = need_queue(device);
	unsigned int i;
	pthread_t thread;
	void *p;

	if (o.card < 0)
		test_skip("needs a virtio-gpu");
	allocation = need_large(device, &p, 17);
	o.fd = need_export(device, allocation);
	REQUIRE(!pthread_create(&thread, NULL, offer_to_card, &o));
	for (i = 0; i < test_rounds(40); i++) {
		need_resident(&queue, &allocation, 1);
		EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	}
	__atomic_store_n(&o.stop, 1, __ATOMIC_SEQ_CST);
	REQUIRE(!pthread_join(thread, NULL));
	EXPECT(filled(p, LARGE, 17));
}

static void vgem_takes_an_object(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	int vgem = need_vgem(), fd;
	uint32_t handle;
	void *p;

	allocation = need_large(device, &p, 18);
	fd = need_export(device, allocation);
	REQUIRE(!prime_to_handle(vgem, fd, &handle));
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_SHARED_MEMORY);
	EXPECT(filled(p, LARGE, 18));
	close_gem(vgem, handle);
}

static void beyond_the_budget(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct vdxg_allocation_data data;
	int vgem = need_vgem(), fd;
	uint32_t handle;
	NTSTATUS status;

	/* the aperture's size: as large as an allocation can be, but held it must be paid for */
	vdxg_allocation_data_init(&data, need_capacity(VDXG_SEGMENT_APERTURE));
	status = kmt_create(device, NULL, 0, &data, 0, 1, &allocation);
	REQUIRE_STATUS(status, STATUS_SUCCESS);
	fd = need_export(device, allocation);
	REQUIRE(!prime_to_handle(vgem, need_export(device, need_allocation(device, SIZE)),
				    &handle));
	EXPECT(prime_to_handle(vgem, fd, &handle));
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_EQ(need_residency(device, allocation), NOT_RESIDENT);
}

/* ---- who goes first ---- */

static void allocation_first(void)
{
	struct usage before = need_usage(), now;
	D3DKMT_HANDLE device = need_device(), allocation;
	void *p, *q;
	int fd;

	allocation = need_locked(device, &p, 10);
	fd = need_export(device, allocation);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	q = need_mmap(fd, SIZE);
	EXPECT(filled(q, SIZE, 10));
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(filled(q, SIZE, 10));
	/* whose it was pays for it */
	now = need_usage();
	EXPECT_EQ(now.allocs, before.allocs + 1);
	EXPECT_EQ(now.committed, before.committed + SIZE);
	close(fd);
	EXPECT(filled(q, SIZE, 10));
	EXPECT_EQ(munmap(q, SIZE), 0);
	expect_usage_back(before);
}

static void descriptor_first(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), allocation;
	int vgem = need_vgem(), fd;
	uint32_t handle;
	void *p;

	allocation = need_locked(device, &p, 11);
	fd = need_export(device, allocation);
	REQUIRE(!prime_to_handle(vgem, fd, &handle));
	close(fd);
	fill(p, SIZE, 12);
	fd = need_prime_fd(vgem, handle);
	EXPECT(filled(need_mmap(fd, SIZE), SIZE, 12));
	close_gem(vgem, handle);
	close(fd);
	EXPECT(filled(p, SIZE, 12));
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	/* the mapping of the descriptor is still there */
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
}

static void other_driver_last(void)
{
	struct usage before = need_usage();
	D3DKMT_HANDLE device = need_device(), allocation;
	int vgem = need_vgem(), fd;
	uint32_t handle;
	void *p, *q;

	allocation = need_locked(device, &p, 13);
	fd = need_export(device, allocation);
	REQUIRE(!prime_to_handle(vgem, fd, &handle));
	close(fd);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	fd = need_prime_fd(vgem, handle);
	q = need_mmap(fd, SIZE);
	EXPECT(filled(q, SIZE, 13));
	EXPECT_EQ(munmap(q, SIZE), 0);
	close(fd);
	EXPECT_EQ(need_usage().allocs, before.allocs + 1);
	close_gem(vgem, handle);
	expect_usage_back(before);
}

static void process_first(void)
{
	struct usage before = need_usage();
	int pair[2], fd, status;
	void *q;
	pid_t pid;

	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE device = need_device(), allocation;
		void *p;

		allocation = need_locked(device, &p, 14);
		give_fd(pair[1], need_export(device, allocation));
		test_exit();
	}
	fd = receive_fd(pair[0]);
	status = test_wait(pid);
	EXPECT_EQ(status, 0);
	q = need_mmap(fd, SIZE);
	EXPECT(filled(q, SIZE, 14));
	fill(q, SIZE, 15);
	EXPECT(filled(q, SIZE, 15));
	EXPECT_EQ(munmap(q, SIZE), 0);
	close(fd);
	expect_usage_back(before);
}

static void keeps_the_module(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char with[16] = "", without[16] = "";
	int fd, knob;

	knob = open("/sys/module/vdxg/refcnt", O_RDONLY);
	if (knob < 0)
		test_skip("vdxg is not a loaded module here");
	REQUIRE(pread(knob, without, sizeof(without) - 1, 0) > 0);
	fd = need_export(device, allocation);
	REQUIRE(pread(knob, with, sizeof(with) - 1, 0) > 0);
	EXPECT_EQ(atoi(with), atoi(without) + 1);
	close(fd);
	REQUIRE(pread(knob, with, sizeof(with) - 1, 0) > 0);
	EXPECT_EQ(atoi(with), atoi(without));
}

/* ---- races ---- */

static void export_one(void *arg)
{
	struct race_state *s = arg;
	int fd = -1;
	void *p;

	s->first = vdxg_export_dma_buf(s->device, s->list[0], 0, &fd);
	if (s->first != STATUS_SUCCESS)
		return;
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(p != MAP_FAILED);
	EXPECT_EQ(test_touch(p, true), 0);
	EXPECT_EQ(munmap(p, SIZE), 0);
	close(fd);
}

static void destroy_one(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_one(s->device, s->list[0]);
}

static void export_against_destroy(void)
{
	unsigned int i, rounds = test_rounds(100);
	struct usage before = need_usage();
	uint64_t random = test_seed();
	struct race_state s = { 0 };

	s.device = need_device();
	for (i = 0; i < rounds && !test_failed(); i++) {
		s.list[0] = need_allocation(s.device, SIZE);
		race(export_one, destroy_one, &s, &random);
		EXPECT(s.first == STATUS_SUCCESS || s.first == STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_usage_back(before);
}

static void export_against_itself(void)
{
	unsigned int i, rounds = test_rounds(100);
	struct usage before = need_usage();
	uint64_t random = test_seed();
	struct race_state s = { 0 };

	s.device = need_device();
	s.list[0] = need_allocation(s.device, SIZE);
	for (i = 0; i < rounds && !test_failed(); i++) {
		/* one looks for the dma-buf that the other is closing */
		race(export_one, export_one, &s, &random);
		EXPECT_STATUS(s.first, STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_destroy_device(s.device), STATUS_SUCCESS);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(same_memory, "a descriptor maps the allocation's memory"),
	CASE(before_it_is_touched, "exporting touches no memory, mapping the descriptor does"),
	CASE(one_for_an_allocation, "the same dma-buf each time; inherited by exec only if asked for"),
	CASE(refused, "bad handles and flags, and what may live in local memory only; state unchanged"),
	CASE(existing_memory, "the caller's own memory is not exported"),
	CASE(read_only, "what was opened for reading is not exported: ACCESS_DENIED"),
	CASE(mappings_refused, "private mappings, beyond the end, and of what the CPU may not see"),
	CASE(mapping_follows, "a mapping shows the content wherever it moves"),
	CASE(offered, "what is on offer cannot be used; what is used is not given up"),
	CASE(vgem_holds_it, "while vgem has it, it stays in the aperture segment"),
	CASE(virtio_gpu_refuses, "virtio-gpu attaches, refuses and lets go"),
	CASE(attach_against_moves, "virtio-gpu attaching what goes to and fro"),
	CASE(vgem_takes_an_object, "vgem attaches what has an object of the device for itself"),
	CASE(beyond_the_budget, "what is held counts against the budget: ENOMEM"),
	CASE(allocation_first, "allocation, device, descriptor, mapping, in this order"),
	CASE(descriptor_first, "descriptor, other driver, allocation, in this order"),
	CASE(other_driver_last, "another driver's handle keeps the memory"),
	CASE(process_first, "a descriptor sent over a socket survives the process"),
	CASE(keeps_the_module, "a descriptor holds a reference on the module"),
	CASE(export_against_destroy, "exporting against destroying"),
	CASE(export_against_itself, "exporting and closing in two threads"),
};

TEST_MAIN(cases)
