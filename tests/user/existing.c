// SPDX-License-Identifier: MIT
/*
 * existing.c: standard allocations over the caller's own memory: pinning, charging, checks
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine.h"

#define SIZE 0x10000

static D3DKMT_HANDLE need_over(D3DKMT_HANDLE device, void *memory, uint64_t size)
{
	D3DKMT_HANDLE handle;

	REQUIRE_STATUS(kmt_create_over(device, memory, size, 0, &handle), STATUS_SUCCESS);
	return handle;
}

static long charged_kb(void)
{
	return test_status_kb("VmPin") + test_status_kb("VmLck");
}

static void lock_returns_own_pointer(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(SIZE);
	D3DKMT_HANDLE handle = need_over(device, memory, SIZE);
	void *p = NULL;

	memory[0] = 1;
	EXPECT_STATUS(kmt_lock(device, handle, &p), STATUS_SUCCESS);
	EXPECT(p == memory);
	EXPECT_STATUS(kmt_lock(device, handle, &p), STATUS_SUCCESS);
	EXPECT(p == memory);
	EXPECT_STATUS(kmt_unlock(device, handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_unlock(device, handle), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(memory[0], 1);
}

static void memory_outlives_allocation(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	char *memory = test_pages(SIZE);
	D3DKMT_HANDLE handle = need_over(device, memory, SIZE);
	void *p;

	memset(memory, 7, SIZE);
	REQUIRE_STATUS(kmt_lock(device, handle, &p), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
	EXPECT_EQ(memory[0], 7);
	EXPECT_EQ(memory[SIZE - 1], 7);

	need_over(device, memory, SIZE);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(memory, true), 0);
	EXPECT_EQ(memory[SIZE - 1], 7);
	EXPECT(!munmap(memory, SIZE));
}

static void same_memory_twice(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(SIZE);
	D3DKMT_HANDLE first = need_over(device, memory, SIZE),
		      second = need_over(device, memory + 4096, 8192);

	EXPECT_NE(first, second);
	EXPECT_STATUS(kmt_destroy_one(device, first), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, second), STATUS_SUCCESS);
}

static uint64_t frame_of(void *address)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, &entry, 8, (uintptr_t)address / 4096 * 8) == 8);
	close(fd);
	return entry & ((1ULL << 55) - 1);
}

/*
 * Pages that are only mapped are copied at the first write after a fork, and the writer gets the
 * copy; pinned pages must stay the parent's, else the GPU would see another page than the
 * process.
 */
static void pages_stay_over_fork(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(SIZE);
	uint64_t before[SIZE / 4096];
	int fds[2], i;
	char byte;
	pid_t pid;

	memset(memory, 1, SIZE);
	if (!frame_of(memory))
		test_skip("page frame numbers are visible to root only");
	need_over(device, memory, SIZE);
	for (i = 0; i < SIZE / 4096; i++)
		before[i] = frame_of(memory + i * 4096);
	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		close(fds[1]);
		/* holds its copy of the address space until the parent is done */
		test_touch(memory, false);
		EXPECT_EQ(read(fds[0], &byte, 1), 0);
		EXPECT_EQ(memory[0], 1);
		test_exit();
	}
	close(fds[0]);
	memset(memory, 2, SIZE);
	for (i = 0; i < SIZE / 4096; i++)
		EXPECT_EQ(frame_of(memory + i * 4096), before[i]);
	close(fds[1]);
	EXPECT_EQ(test_wait(pid), 0);
}

static void charge_and_release(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), handle;
	char *memory = test_pages(SIZE);
	long before = charged_kb();

	handle = need_over(device, memory, SIZE);
	EXPECT_EQ(charged_kb(), before + SIZE / 1024);
	EXPECT_STATUS(kmt_destroy(device, 0, &handle, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	EXPECT_EQ(charged_kb(), before);
	/* a refused call charges nothing */
	EXPECT_STATUS(kmt_create_over(device, test_unmapped(), SIZE, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_EQ(charged_kb(), before);
	need_over(device, memory, SIZE);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_EQ(charged_kb(), before);
}

static void memlock_limit(void)
{
	struct rlimit limit = { SIZE, SIZE };
	D3DKMT_HANDLE device, handle;
	char *memory = test_pages(4 * SIZE);
	struct live before;

	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	test_drop_root();
	device = need_device();
	before = count_live(device);
	EXPECT_STATUS(kmt_create_over(device, memory, SIZE + 4096, 0, &handle), STATUS_NO_MEMORY);
	EXPECT_SAME_LIVE(count_live(device), before);
	REQUIRE_STATUS(kmt_create_over(device, memory, SIZE, 0, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy(device, 0, &handle, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	/* the limit holds for all together */
	REQUIRE_STATUS(kmt_create_over(device, memory, SIZE / 2, 0, &handle), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_create_over(device, memory + SIZE, SIZE / 2, 0, &handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_over(device, memory + 2 * SIZE, 4096, 0, &handle),
		      STATUS_NO_MEMORY);
}

static void shorter_than_the_size(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	char *memory = test_pages(2 * SIZE);
	struct live before = count_live(device);
	long charged = charged_kb();

	REQUIRE(!munmap(memory + SIZE, SIZE));
	EXPECT_STATUS(kmt_create_over(device, memory, SIZE + 4096, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, memory + SIZE - 4096, SIZE, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, memory - 4096 * 16, SIZE * 4, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
	EXPECT_EQ(charged_kb(), charged);
	need_over(device, memory, SIZE);
}

static void hole_in_the_middle(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	char *memory = test_pages(SIZE);

	REQUIRE(!munmap(memory + SIZE / 2, 4096));
	EXPECT_STATUS(kmt_create_over(device, memory, SIZE, 0, &handle), STATUS_INVALID_PARAMETER);
}

static void several_mappings(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(SIZE);

	/* two mappings beside each other, as a grown heap has them */
	REQUIRE(!mprotect(memory, SIZE / 2, PROT_READ));
	REQUIRE(!mprotect(memory, SIZE / 2, PROT_READ | PROT_WRITE | PROT_EXEC));
	need_over(device, memory, SIZE);
}

static void read_only_memory(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	char *memory = test_pages(SIZE), *half = test_pages(SIZE);

	memset(memory, 7, SIZE);
	REQUIRE(!mprotect(memory, SIZE, PROT_READ));
	EXPECT_STATUS(kmt_create_over(device, memory, SIZE, 0, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, memory, SIZE, CREATE_READ_ONLY, &handle),
		      STATUS_SUCCESS);
	EXPECT_EQ(memory[SIZE - 1], 7);
	EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);

	REQUIRE(!mprotect(half + SIZE - 4096, 4096, PROT_READ));
	EXPECT_STATUS(kmt_create_over(device, half, SIZE, 0, &handle), STATUS_INVALID_PARAMETER);
}

static void inaccessible_memory(void)
{
	D3DKMT_HANDLE device = need_device(), handle;

	EXPECT_STATUS(kmt_create_over(device, test_unmapped(), SIZE, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, test_unmapped(), SIZE, CREATE_READ_ONLY, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, (void *)-(long)SIZE, SIZE, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, (void *)4096, SIZE, 0, &handle),
		      STATUS_INVALID_PARAMETER);
}

static void sizes_overflow(void)
{
	static const uint64_t sizes[] = { 1ULL << 32, 1ULL << 44, 1ULL << 63, -4096ULL, -65536ULL };
	D3DKMT_HANDLE device = need_device(), handle;
	char *memory = test_pages(SIZE);
	long charged = charged_kb();
	NTSTATUS status;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i] != (uint64_t)(SIZE_T)sizes[i])
			continue;	/* a 32-bit caller cannot say it */
		status = kmt_create_over(device, memory, sizes[i], 0, &handle);
		/* too much for a segment, for the process's limit, or longer than what is mapped */
		EXPECT(status == STATUS_INVALID_PARAMETER || status == STATUS_NO_MEMORY ||
		       status == STATUS_GRAPHICS_NO_VIDEO_MEMORY);
		EXPECT_EQ(handle, 0);
	}
	EXPECT_EQ(charged_kb(), charged);
}

static void locked_range(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	char *locked = need_lock(device, need_allocation(device, SIZE));

	*locked = 1;
	EXPECT_STATUS(kmt_create_over(device, locked, SIZE, 0, &handle), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, locked, SIZE, CREATE_READ_ONLY, &handle),
		      STATUS_INVALID_PARAMETER);
}

static void io_memory(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	unsigned long from = 0;
	char line[512];
	FILE *f;

	f = fopen("/proc/self/maps", "r");
	REQUIRE(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, "[vvar"))
			from = strtoul(line, NULL, 16);
	fclose(f);
	if (!from)
		test_skip("no [vvar] mapping in this process to try");
	EXPECT_STATUS(kmt_create_over(device, (void *)from, 4096, 0, &handle),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_create_over(device, (void *)from, 4096, CREATE_READ_ONLY, &handle),
		      STATUS_INVALID_PARAMETER);
}

static void shared_memory_file(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	int fd = memfd_create("vdxg", 0);
	char *memory, byte = 0;

	REQUIRE(fd >= 0 && !ftruncate(fd, SIZE));
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(memory != MAP_FAILED);
	handle = need_over(device, memory, SIZE);
	memset(memory, 7, SIZE);
	EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
	EXPECT_EQ(pread(fd, &byte, 1, SIZE - 1), 1);
	EXPECT_EQ(byte, 7);
}

static void read_all(const volatile char *memory)
{
	size_t i;

	for (i = 0; i < SIZE; i += 4096)
		EXPECT_EQ(memory[i], 0);
}

/*
 * What was only read of a file without content is nowhere but in its pages, and they are clean: the kernel gives them
 * up when it likes, and what the GPU wrote there with them, unless they are dirty when they are released.
 */
static void written_by_the_gpu(void)
{
	struct gpu gpu = need_gpu();
	struct vdxg_commands c;
	int fd = memfd_create("vdxg", 0), clean = memfd_create("vdxg", 0);
	char *memory, *other;
	D3DKMT_HANDLE handle, read_only;
	uint32_t word = 0;
	off_t at;

	if (geteuid())
		test_skip("needs root");
	REQUIRE(fd >= 0 && clean >= 0 && !ftruncate(fd, SIZE) && !ftruncate(clean, SIZE));
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, clean, 0);
	REQUIRE(memory != MAP_FAILED && other != MAP_FAILED);
	read_all(memory);
	read_all(other);
	handle = need_over(gpu.device, memory, SIZE);
	REQUIRE_STATUS(kmt_create_over(gpu.device, other, SIZE, CREATE_READ_ONLY, &read_only),
		       STATUS_SUCCESS);
	need_resident(&gpu.paging, &handle, 1);
	c = commands(&gpu);
	vdxg_commands_fill(&c, need_mapping(gpu.paging.handle, handle, SIZE / PAGE), SIZE,
			   0x07070707);
	REQUIRE(run(&gpu, &c) == ACTIVE);
	EXPECT_STATUS(kmt_destroy(gpu.device, 0, &handle, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy(gpu.device, 0, &read_only, 1, DESTROY_SYNCHRONOUS),
		      STATUS_SUCCESS);
	REQUIRE(!munmap(memory, SIZE) && !munmap(other, SIZE));
	REQUIRE(test_write_file("/proc/sys/vm/drop_caches", "1"));
	for (at = 0; at < SIZE; at += 4096) {
		EXPECT_EQ(pread(fd, &word, 4, at), 4);
		EXPECT_EQ(word, 0x07070707);
	}
	/* else nothing was given up, and nothing tested */
	EXPECT_EQ(lseek(clean, 0, SEEK_DATA), -1);
}

/* pages of a file that the process truncates are still the allocation's */
static void truncated_file(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	int fd = memfd_create("vdxg", 0);
	char *memory;

	REQUIRE(fd >= 0 && !ftruncate(fd, SIZE));
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(memory != MAP_FAILED);
	handle = need_over(device, memory, SIZE);
	REQUIRE(!ftruncate(fd, 0));
	EXPECT_EQ(test_touch(memory, false), SIGBUS);
	EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
}

static void unmapped_while_pinned(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	char *memory = test_pages(SIZE);
	long before = charged_kb();

	handle = need_over(device, memory, SIZE);
	REQUIRE(!munmap(memory, SIZE));
	EXPECT_STATUS(kmt_destroy(device, 0, &handle, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	EXPECT_EQ(charged_kb(), before);
}

static void residency_is_shared_memory(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(SIZE);
	D3DKMT_HANDLE handle = need_over(device, memory, SIZE);
	uint32_t status = 0;

	EXPECT_STATUS(kmt_residency(device, 0, &handle, 1, &status), STATUS_SUCCESS);
	EXPECT(status == RESIDENT_IN_SHARED_MEMORY || status == NOT_RESIDENT);
}

static const struct test_case cases[] = {
	CASE(lock_returns_own_pointer, "Lock2 returns the caller's pointer, and counts"),
	CASE(memory_outlives_allocation, "destroying leaves the memory and its content alone"),
	CASE(same_memory_twice, "two allocations over the same memory"),
	CASE(pages_stay_over_fork, "the pages are pinned: a fork does not replace them"),
	CASE(charge_and_release, "pinned pages are charged, and no longer when they are released"),
	CASE(memlock_limit, "beyond RLIMIT_MEMLOCK: NO_MEMORY, and nothing created"),
	CASE(shorter_than_the_size, "memory shorter than the size is refused"),
	CASE(hole_in_the_middle, "memory with a hole is refused"),
	CASE(several_mappings, "memory of several mappings is accepted"),
	CASE(read_only_memory, "memory that cannot be written needs the ReadOnly flag"),
	CASE(inaccessible_memory, "memory that cannot be accessed at all is refused"),
	CASE(sizes_overflow, "sizes that overflow are refused"),
	CASE(locked_range, "the mapping of another allocation is refused"),
	CASE(io_memory, "a mapping of device memory is refused"),
	CASE(shared_memory_file, "shared memory works and keeps what is written"),
	CASE(written_by_the_gpu, "what the GPU wrote to shared memory stays when the kernel gives up clean pages"),
	CASE(truncated_file, "a file truncated under the allocation"),
	CASE(unmapped_while_pinned, "memory unmapped under the allocation is released with it"),
	CASE(residency_is_shared_memory, "it never counts as the GPU's own memory"),
};

TEST_MAIN(cases)
