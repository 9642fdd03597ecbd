// SPDX-License-Identifier: MIT
/*
 * pressure.c: a machine with little memory gets back what it may have, and swaps the rest
 *
 * vm-options: --mem 320 --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 * vm-when: kernel=6.1|6.12 bits=64
 *
 * The debug kernel itself needs more memory than this. Swap is compressed memory (zram).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "paging.h"

#define SWAP		"/dev/zram0"
#define SWAP_BYTES	(256 * MIB)
#define ALLOCATIONS	64
#define TRIES		3000

/* A swap area is a page that says so at its end, and how many pages follow. */
static void make_swap_area(void)
{
	static union {
		struct {
			char boot[1024];
			uint32_t version, last_page, bad_pages;
		} info;
		char bytes[4096];
	} header;
	int fd = open(SWAP, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	header.info.version = 1;
	header.info.last_page = SWAP_BYTES / 4096 - 1;
	memcpy(header.bytes + sizeof(header) - 10, "SWAPSPACE2", 10);
	REQUIRE(write(fd, &header, sizeof(header)) == sizeof(header));
	close(fd);
}

static void need_swap(void)
{
	char size[32];

	if (geteuid())
		test_skip("needs root");
	/* those that are built in do not exist */
	if (system("for m in zsmalloc lz4_compress lz4hc_compress zram; do "
		   "insmod /lib/modules/$m.ko; done 2>/dev/null; true"))
		test_note("no shell");
	if (access(SWAP, F_OK))
		test_skip("no zram in this kernel");
	snprintf(size, sizeof(size), "%llu", (unsigned long long)SWAP_BYTES);
	REQUIRE(test_write_file("/sys/block/zram0/disksize", size));
	make_swap_area();
	REQUIRE(!swapon(SWAP, 0));
}

static void end_swap(void)
{
	EXPECT(!swapoff(SWAP));
	EXPECT(test_write_file("/sys/block/zram0/reset", "1"));
}

static unsigned long meminfo_kb(const char *field)
{
	unsigned long kb = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	REQUIRE(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)) && line[strlen(field)] == ':')
			kb = strtoul(line + strlen(field) + 1, NULL, 10);
	fclose(f);
	return kb;
}

/* as the kernel asks everybody for memory when it runs short, only that it does not */
static void ask_for_memory(void)
{
	REQUIRE(test_write_file("/proc/sys/vm/drop_caches", "2"));
}

/* bytes that have been evicted and are in ordinary memory */
static uint64_t evicted_bytes(void)
{
	SEGMENT_STATISTICS info;

	REQUIRE_STATUS(kmt_statistics(0, &info), STATUS_SUCCESS);
	return info.BytesResident;
}

/* four times what the local segment has, all with content, most of it evicted */
static void need_evicted(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE *list)
{
	unsigned int i;

	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_LOCAL, ALLOCATIONS, list);
	for (i = 0; i < ALLOCATIONS; i++) {
		need_resident(queue, &list[i], 1);
		write_pattern(device, list[i], MIB, i);
		EXPECT_STATUS(kmt_evict(device, &list[i], 1, EVICT_ONLY_IF_NECESSARY),
			      STATUS_SUCCESS);
	}
	EXPECT(evicted_bytes() >= (ALLOCATIONS - 16) * MIB);
}

static void expect_all(D3DKMT_HANDLE device, const D3DKMT_HANDLE *list)
{
	unsigned int i;

	for (i = 0; i < ALLOCATIONS && !test_failed(); i++)
		expect_pattern(device, list[i], MIB, i);
}

static void evicted_content_leaves_memory(void)
{
	D3DKMT_HANDLE device, list[ALLOCATIONS];
	struct timespec pause = { .tv_nsec = 1000000 };
	struct queue queue;
	unsigned int i;

	need_swap();
	device = need_device();
	queue = need_queue(device);
	need_evicted(device, &queue, list);
	/* a worker does it, some at a time */
	for (i = 0; i < TRIES && evicted_bytes(); i++) {
		ask_for_memory();
		nanosleep(&pause, NULL);
	}
	EXPECT_EQ(evicted_bytes(), 0);
	/* it is not resident, and comes back where it is needed */
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	need_resident(&queue, list, 16);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	expect_all(device, list);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	end_swap();
}

/* more memory than there is; it is all the same, so that swap holds it */
static pid_t start_hog(int *ready)
{
	size_t bytes = (meminfo_kb("MemAvailable") << 10) + 24 * MIB, i;
	int fds[2];
	pid_t pid;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		REQUIRE(p != MAP_FAILED);
		for (i = 0; i < bytes; i += 4096)
			p[i] = 1;
		REQUIRE(write(fds[1], "", 1) == 1);
		for (;;)
			pause();
	}
	close(fds[1]);
	*ready = fds[0];
	return pid;
}

static void another_takes_the_memory(void)
{
	D3DKMT_HANDLE device, list[ALLOCATIONS];
	struct queue queue;
	unsigned int i;
	int ready;
	char byte;
	pid_t pid;

	need_swap();
	device = need_device();
	queue = need_queue(device);
	need_evicted(device, &queue, list);
	pid = start_hog(&ready);
	/* it got what it wanted: nobody was killed for it */
	EXPECT_EQ(read(ready, &byte, 1), 1);
	EXPECT(meminfo_kb("SwapFree") < meminfo_kb("SwapTotal"));
	test_note("%lu KiB in swap, %llu evicted in memory",
		  meminfo_kb("SwapTotal") - meminfo_kb("SwapFree"),
		  (unsigned long long)evicted_bytes() >> 10);
	/* and we work on */
	for (i = 0; i < ALLOCATIONS && !test_failed(); i++) {
		need_resident(&queue, &list[i], 1);
		expect_pattern(device, list[i], MIB, i);
		EXPECT_STATUS(kmt_evict(device, &list[i], 1, 0), STATUS_SUCCESS);
	}
	REQUIRE(!kill(pid, SIGKILL));
	EXPECT_EQ(test_wait(pid), 128 + SIGKILL);
	expect_all(device, list);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	end_swap();
}

static NTSTATUS offer_all(D3DKMT_HANDLE device, const D3DKMT_HANDLE *list)
{
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = list,
		.NumAllocations = ALLOCATIONS,
		.Priority = D3DKMT_OFFER_PRIORITY_NORMAL,
	};

	return D3DKMTOfferAllocations(&offer);
}

/* swap or not: what is on offer goes first, and is written nowhere */
static void offered_content_is_given_up(void)
{
	D3DKMT_HANDLE device = need_device(), list[ALLOCATIONS];
	struct queue queue = need_queue(device);
	D3DDDI_RECLAIM_RESULT results[ALLOCATIONS];
	D3DKMT_RECLAIMALLOCATIONS2 reclaim = {
		.hPagingQueue = queue.handle,
		.NumAllocations = ALLOCATIONS,
		.HandleList = list,
		.pResults = results,
	};
	unsigned int i, discarded = 0;

	if (geteuid())
		test_skip("needs root");
	need_evicted(device, &queue, list);
	EXPECT_STATUS(offer_all(device, list), STATUS_SUCCESS);
	for (i = 0; i < TRIES && evicted_bytes(); i++)
		ask_for_memory();
	EXPECT_EQ(evicted_bytes(), 0);
	EXPECT_STATUS(D3DKMTReclaimAllocations2(&reclaim), STATUS_SUCCESS);
	for (i = 0; i < ALLOCATIONS && !test_failed(); i++) {
		discarded += results[i] == D3DDDI_RECLAIM_RESULT_DISCARDED;
		if (results[i] == D3DDDI_RECLAIM_RESULT_OK) {
			expect_pattern(device, list[i], MIB, i);
			continue;
		}
		EXPECT_EQ(results[i], D3DDDI_RECLAIM_RESULT_DISCARDED);
		EXPECT_EQ(*(uint64_t *)need_lock(device, list[i]), 0);
	}
	EXPECT(discarded >= ALLOCATIONS - 16);
}

/* A device's objects that nothing is in are kept for whoever comes next, but not from a machine that wants memory. */
static void kept_memory_is_given_back(void)
{
	D3DKMT_HANDLE device = need_device(), list[8];
	struct timespec pause = { .tv_nsec = 1000000 };
	struct queue queue = need_queue(device);
	unsigned long before, i;

	if (geteuid())
		test_skip("needs root");
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_LOCAL, ARRAY_SIZE(list), list);
	need_resident(&queue, list, ARRAY_SIZE(list));
	for (i = 0; i < ARRAY_SIZE(list); i++)
		write_pattern(device, list[i], MIB, i);
	EXPECT_STATUS(kmt_destroy_list(device, list, ARRAY_SIZE(list)), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	before = meminfo_kb("Shmem");
	for (i = 0; i < TRIES && meminfo_kb("Shmem") + 6 * 1024 > before; i++) {
		ask_for_memory();
		nanosleep(&pause, NULL);
	}
	EXPECT(meminfo_kb("Shmem") + 6 * 1024 <= before);
}

static const struct test_case cases[] = {
	CASE(evicted_content_leaves_memory, "evicted content goes to swap when the machine asks for memory"),
	CASE(another_takes_the_memory,
	     "a process takes more memory than there is: it gets it, and our content is what it was"),
	CASE_HARDWARE(kept_memory_is_given_back, "so is what a device only keeps for later"),
	CASE(offered_content_is_given_up, "what is on offer is given up, not swapped"),
};

TEST_MAIN(cases)
