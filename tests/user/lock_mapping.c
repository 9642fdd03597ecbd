// SPDX-License-Identifier: MIT
/*
 * lock_mapping.c: what a process may and may not do to the address range that Lock2 returned
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kmt.h"

#define SIZE (4 * 4096)

static void *someone_elses(void *address)
{
	void *p = mmap(address, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	REQUIRE(p == address);
	memset(p, 0x5a, SIZE);
	return p;
}

static bool untouched(const unsigned char *p)
{
	int i;

	for (i = 0; i < SIZE; i++)
		if (p[i] != 0x5a)
			return false;
	return true;
}

static void not_inherited_by_fork(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);
	pid_t pid;

	*p = 7;
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		EXPECT_EQ(test_touch(p, false), SIGSEGV);
		EXPECT_EQ(test_touch(p + SIZE - 1, true), SIGSEGV);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_EQ(*p, 7);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void mremap_refused(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);
	char *elsewhere = test_pages(2 * SIZE);

	*p = 7;
	EXPECT(mremap(p, SIZE, 2 * SIZE, MREMAP_MAYMOVE) == MAP_FAILED);
	EXPECT(mremap(p, SIZE, 2 * SIZE, 0) == MAP_FAILED);
	EXPECT(mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere) == MAP_FAILED);
	EXPECT(mremap(p, 0, SIZE, MREMAP_MAYMOVE) == MAP_FAILED);
	EXPECT_EQ(test_touch(p + SIZE - 1, true), 0);
	EXPECT_EQ(*p, 7);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void no_split(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);

	EXPECT(munmap(p, 4096) < 0);
	EXPECT(munmap(p + SIZE - 4096, 4096) < 0);
	EXPECT(mprotect(p, 4096, PROT_READ) < 0);
	EXPECT_EQ(test_touch(p, true), 0);
	EXPECT_EQ(test_touch(p + SIZE - 1, true), 0);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(p, false), SIGSEGV);
}

static void never_executable(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	void *p = need_lock(device, allocation);

	EXPECT(mprotect(p, SIZE, PROT_READ | PROT_EXEC) < 0);
	/* less is allowed */
	EXPECT(!mprotect(p, SIZE, PROT_READ));
	EXPECT_EQ(test_touch(p, true), SIGSEGV);
	EXPECT(!mprotect(p, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(test_touch(p, true), 0);
}

static void munmap_before_unlock(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);

	p[5000] = 7;
	EXPECT(!munmap(p, SIZE));
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_INVALID_PARAMETER);
	p = need_lock(device, allocation);
	EXPECT_EQ(p[5000], 7);
	EXPECT(!munmap(p, SIZE));
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
}

static void other_mapping_survives(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), allocation;
	unsigned char *p;

	/* unlock */
	allocation = need_allocation(device, SIZE);
	p = someone_elses(need_lock(device, allocation));
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	EXPECT(untouched(p));
	EXPECT(need_lock(device, allocation) != (void *)p);
	/* destroy */
	allocation = need_allocation(device, SIZE);
	p = someone_elses(need_lock(device, allocation));
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT(untouched(p));
	/* destroy the device */
	allocation = need_allocation(device, SIZE);
	p = someone_elses(need_lock(device, allocation));
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(untouched(p));
}

/* the mapping of one allocation comes to lie where another's was */
static void another_allocations_mapping_survives(void)
{
	D3DKMT_HANDLE device = need_device(), first = need_allocation(device, SIZE);
	D3DKMT_HANDLE second = need_allocation(device, SIZE);
	char *p = need_lock(device, first), *q;

	EXPECT(!munmap(p, SIZE));
	q = need_lock(device, second);
	memset(q, 9, SIZE);
	EXPECT_STATUS(kmt_unlock(device, first), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(q, true), 0);
	EXPECT_EQ(q[SIZE - 1], 9);
	EXPECT_STATUS(kmt_unlock(device, second), STATUS_SUCCESS);
}

static void unmap_after_destroy(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);

	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT(test_gone(p));
	EXPECT(!munmap(p, SIZE));
	/* and what comes there then is ordinary memory */
	EXPECT(untouched(someone_elses(p)));
}

static void madvise_and_mlock(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation);

	memset(p, 7, SIZE);
	/* whether these work depends on the adapter; the content must not suffer */
	madvise(p, SIZE, MADV_DONTNEED);
	madvise(p, SIZE, MADV_FREE);
	madvise(p, SIZE, MADV_REMOVE);
	madvise(p, SIZE, MADV_DOFORK);
	madvise(p, SIZE, MADV_HUGEPAGE);
	madvise(p, SIZE, MADV_COLD);
	madvise(p, SIZE, MADV_PAGEOUT);
	if (!mlock(p, SIZE))
		munlock(p, SIZE);
	msync(p, SIZE, MS_SYNC);
	EXPECT_EQ(p[0], 7);
	EXPECT_EQ(p[SIZE - 1], 7);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	EXPECT(test_gone(p));
}

static void system_calls_see_it(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	char *p = need_lock(device, allocation), back[16];
	int fds[2];

	REQUIRE(!pipe(fds));
	memcpy(p + 4090, "over the edge", 14);
	EXPECT_EQ(write(fds[1], p + 4090, 14), 14);
	EXPECT_EQ(read(fds[0], back, 14), 14);
	EXPECT(!strcmp(back, "over the edge"));
	EXPECT_EQ(write(fds[1], "and back again", 15), 15);
	EXPECT_EQ(read(fds[0], p + SIZE - 15, 15), 15);
	EXPECT(!strcmp(p + SIZE - 15, "and back again"));
}

/* the structures of a call may themselves lie in a locked allocation */
static void arguments_within(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE), list[2];
	char *p = need_lock(device, allocation);
	D3DKMT_DESTROYALLOCATION2 *destroy = (void *)p;
	D3DKMT_LOCK2 *lock = (void *)(p + 4096);

	need_allocations(device, 4096, 2, list);
	lock->hDevice = device;
	lock->hAllocation = allocation;
	EXPECT_STATUS(D3DKMTLock2(lock), STATUS_SUCCESS);
	EXPECT(lock->pData == p);
	memcpy(p + 8192, list, sizeof(list));
	destroy->hDevice = device;
	destroy->phAllocationList = (void *)(p + 8192);
	destroy->AllocationCount = 2;
	EXPECT_STATUS(D3DKMTDestroyAllocation2(destroy), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 2), STATUS_INVALID_PARAMETER);
	/* even those of its own destruction */
	memcpy(p + 8192, &allocation, sizeof(allocation));
	destroy->AllocationCount = 1;
	EXPECT_STATUS(D3DKMTDestroyAllocation2(destroy), STATUS_SUCCESS);
	EXPECT(test_gone(p));
}

static void address_space_full(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, SIZE);
	struct vdxg_allocation_data data;
	void *p = NULL;

	/* sizes that fit no address space are refused at creation or at the lock, whatever else */
	vdxg_allocation_data_init(&data, 1ULL << 47);
	if (kmt_create(device, NULL, 0, &data, 0, 1, &allocation) == STATUS_SUCCESS)
		EXPECT(kmt_lock(device, allocation, &p) != STATUS_SUCCESS);
	EXPECT(!p);
}

static const struct test_case cases[] = {
	CASE(not_inherited_by_fork, "a forked child does not see it: SIGSEGV"),
	CASE(mremap_refused, "it can be neither grown, moved nor doubled"),
	CASE(no_split, "a part of it can be neither unmapped nor protected"),
	CASE(never_executable, "it cannot be made executable, but read-only"),
	CASE(munmap_before_unlock, "unmapping it before Unlock2 is harmless"),
	CASE(other_mapping_survives, "what the process mapped there in between is left alone"),
	CASE(another_allocations_mapping_survives, "so is another allocation's mapping"),
	CASE(unmap_after_destroy, "it can be unmapped after the allocation is gone"),
	CASE(madvise_and_mlock, "advice and mlock do not harm the content"),
	CASE(system_calls_see_it, "read(2) and write(2) work on it"),
	CASE(arguments_within, "arguments of calls may lie in it"),
	CASE(address_space_full, "what fits no address space is refused"),
};

TEST_MAIN(cases)
