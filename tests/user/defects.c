// SPDX-License-Identifier: MIT
/*
 * defects.c: what is wrong in the existing driver of this interface must not be wrong here
 *
 * Each case is named after a known defect. Several have tests of their own elsewhere:
 *
 *	two threads destroy one list		race_destroy: two_destroy_one_list
 *	handle generations do not cycle		handles: reuse_after_4096
 *	pinned memory is not charged, a mapping that is too short is not noticed
 *						existing: memlock_limit, shorter_than_the_size
 *	flags are passed on unchecked		destroy: T15_flags
 *	v1 padding becomes flags		destroy_v1: T14_dirty_padding
 *	an empty resource is refused		create: resource_without_allocations
 *	more than 1,024 handles are refused	counts
 *	unlocking unmaps somebody else		lock_mapping: other_mapping_survives
 *	destroying fails on a device in error	unbind_gpu: calls_after_unbind
 *	too small an array reports success	adapter_enum: too_small
 *
 * vm-when: kernel=6.1|6.12|debug-all
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "race.h"
#include "raw.h"

#define HEAP 0x10000

static void duplicate_in_list_is_freed_twice(void)
{
	D3DKMT_HANDLE device = need_device(), list[64];
	uint64_t random = test_seed();
	unsigned int i, n, from, to;

	for (i = 0; i < 200 && !test_failed(); i++) {
		n = 2 + test_random(&random) % 62;
		need_allocations(device, 4096, n, list);
		from = test_random(&random) % n;
		to = (from + 1 + test_random(&random) % (n - 1)) % n;
		D3DKMT_HANDLE kept = list[to];

		list[to] = list[from];
		EXPECT_STATUS(kmt_destroy_list(device, list, n), STATUS_INVALID_PARAMETER);
		list[to] = kept;
		EXPECT_STATUS(kmt_destroy_list(device, list, n), STATUS_SUCCESS);
	}
}

static void free_into_an_empty_free_list_panics(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE *list = calloc(8192, sizeof(*list));
	uint32_t round, i;

	REQUIRE(list);
	/* fill what there is, then free it all; lists, then one by one, from both ends */
	for (round = 0; round < 3; round++) {
		need_allocations(device, 4096, 8192, list);
		EXPECT_STATUS(kmt_destroy_list(device, list, 8192), STATUS_SUCCESS);
	}
	need_allocations(device, 4096, 1500, list);
	for (i = 0; i < 750; i++) {
		EXPECT_STATUS(kmt_destroy_one(device, list[i]), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, list[1499 - i]), STATUS_SUCCESS);
	}
}

static void rollback_frees_anothers_handle(void)
{
	D3DKMT_HANDLE device = need_device(), mine[16], out[8];
	struct vdxg_allocation_data data[8];
	int i, bad;

	need_allocations(device, 4096, 16, mine);
	for (bad = 0; bad < 8; bad++) {
		for (i = 0; i < 8; i++)
			vdxg_allocation_data_init(&data[i], 4096);
		data[bad].bytes = ~0ULL;
		EXPECT_STATUS(kmt_create(device, NULL, 0, data, 1, 8, out),
			      STATUS_GRAPHICS_NO_VIDEO_MEMORY);
		for (i = 0; i < 16; i++)
			EXPECT_STATUS(kmt_get_priority(device, mine[i], NULL), STATUS_SUCCESS);
	}
	EXPECT_STATUS(kmt_destroy_list(device, mine, 16), STATUS_SUCCESS);
}

/* By the bare call: in a 32-bit program the library itself reads and writes the array. */
static void handles_are_usable_before_the_call_is_done(void)
{
	D3DKMT_HANDLE device = need_device(),
		      expected = need_allocation(device, 4096) + HANDLE_STEP;
	size_t page = test_page_size();
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 *info;
	struct d3dkmt_createallocation create = { .device.v = device, .alloc_count = 100 };
	char *memory = test_pages(4 * page);
	int i;

	/* the last entries cannot be written, which the kernel learns late */
	vdxg_allocation_data_init(&data, 4096);
	info = (void *)memory;
	for (i = 0; i < 100; i++) {
		info[i].priv_drv_data = (uintptr_t)&data;
		info[i].priv_drv_data_size = sizeof(data);
	}
	REQUIRE(!mprotect(memory + 2 * page, page, PROT_READ));
	create.allocation_info = (uintptr_t)info;
	EXPECT_STATUS(raw_call(test_open(), LX_DXCREATEALLOCATION, &create), -EINVAL);
	for (i = 0; i < 200; i++)
		EXPECT_STATUS(kmt_destroy_one(device, expected + i * HANDLE_STEP),
			      STATUS_INVALID_PARAMETER);
	EXPECT_EQ(need_usage().allocs, 1);
}

/* By the bare call: a 32-bit program cannot name such a size to the library. */
static void heap_size_is_cut_to_32_bits(void)
{
	static const uint64_t sizes[] = { 0x100000000ULL + HEAP, 0x100000000ULL };
	struct d3dkmt_createstandardallocation standard = {
		.type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP,
	};
	struct d3dddi_allocationinfo2 info = { .sysmem = (uintptr_t)test_pages(HEAP) };
	struct d3dkmt_createallocation create = {
		.device.v = need_device(),
		.standard_allocation = (uintptr_t)&standard,
		.alloc_count = 1,
		.allocation_info = (uintptr_t)&info,
		.flags = D3DKMT_CREATE_EXISTING_SYSMEM | D3DKMT_CREATE_STANDARD_ALLOCATION,
	};
	int raw = test_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		standard.existing_heap_data.size = sizes[i];
		EXPECT(raw_call(raw, LX_DXCREATEALLOCATION, &create) < 0);
	}
	EXPECT_EQ(info.allocation.v, 0);
	standard.existing_heap_data.size = HEAP;
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), 0);
}

static void allocation_size_is_cut_to_32_bits(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	struct vdxg_allocation_data data;
	NTSTATUS status;

	/* either as large as asked for, or refused */
	vdxg_allocation_data_init(&data, 0x100000000ULL + 4096);
	status = kmt_create(device, NULL, 0, &data, 0, 1, &handle);
	if (status == STATUS_SUCCESS)
		EXPECT_EQ(need_usage().committed, 0x100000000ULL + 4096);
	else
		EXPECT(status == STATUS_GRAPHICS_NO_VIDEO_MEMORY || status == STATUS_NO_MEMORY);
}

static void memory_is_pinned_without_being_asked(void)
{
	D3DKMT_HANDLE device = need_device();
	char *memory = test_pages(HEAP);
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = {
		.pSystemMem = memory,
		.pPrivateDriverData = &data,
		.PrivateDriverDataSize = sizeof(data),
	};
	D3DKMT_CREATEALLOCATION create = { .hDevice = device,
					   .NumAllocations = 1,
					   .pAllocationInfo2 = &info };
	long charged = test_status_kb("VmPin") + test_status_kb("VmLck");

	/* without ExistingSysMem the pointer is refused, or at least not used */
	vdxg_allocation_data_init(&data, HEAP);
	if (D3DKMTCreateAllocation2(&create) == STATUS_SUCCESS)
		EXPECT(need_lock(device, info.hAllocation) != memory);
	EXPECT_EQ(test_status_kb("VmPin") + test_status_kb("VmLck"), charged);
}

static void lock_ignores_the_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE allocation = need_allocation(device, 4096);
	void *p = NULL;

	EXPECT_STATUS(kmt_lock(other, allocation, &p), STATUS_INVALID_PARAMETER);
	EXPECT(!p);
	need_lock(device, allocation);
	EXPECT_STATUS(kmt_unlock(other, allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void unknown_luid_opens_nothing_successfully(void)
{
	D3DKMT_OPENADAPTERFROMLUID open = {
		.AdapterLuid = { .LowPart = 0xfeedface, .HighPart = 0x7eedface },
		.hAdapter = need_adapter(),
	};
	D3DKMT_HANDLE mine = open.hAdapter;
	uint32_t type;

	EXPECT_STATUS(D3DKMTOpenAdapterFromLuid(&open), STATUS_INVALID_PARAMETER);
	/* and closes nothing */
	EXPECT_STATUS(kmt_query_adapter(mine, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type)),
		      STATUS_SUCCESS);
}

static void enum3_writes_past_the_array(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS3 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	uint64_t filter = 3;
	ULONG n;

	memcpy(&list.Filter, &filter, sizeof(filter));
	REQUIRE_STATUS(D3DKMTEnumAdapters3(&list), STATUS_SUCCESS);
	for (n = list.NumAdapters; n-- > 1;) {
		list.NumAdapters = n;
		list.pAdapters = test_page_end(NULL, n * sizeof(*info));
		EXPECT_STATUS(D3DKMTEnumAdapters3(&list), STATUS_BUFFER_TOO_SMALL);
	}
}

/*
 * The opener gives up its descriptor, and another process closes the last one. What the opener
 * had locked was mapped into the opener; the other process has something else at that address.
 */
static void last_close_unmaps_the_wrong_process(void)
{
	int fds[2], back[2], fd = test_open();
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, HEAP);
	char *p = need_lock(device, allocation), byte;
	int i;
	pid_t pid;

	REQUIRE(!pipe(fds) && !pipe(back));
	memset(p, 7, HEAP);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		char *q = mmap(p, HEAP, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		REQUIRE(q == p);
		memset(q, 9, HEAP);
		REQUIRE(read(fds[0], &byte, 1) == 1);
		/* whatever of the device is open here is closed */
		for (i = 3; i < 64; i++)
			if (i != back[1] && i != fds[0])
				close(i);
		for (i = 0; i < HEAP; i++)
			if (q[i] != 9)
				break;
		EXPECT_EQ(i, HEAP);
		test_exit();
	}
	for (i = 3; i < 64; i++)
		if (i != fds[1] && i != back[0])
			close(i);
	(void)fd;
	REQUIRE(write(fds[1], "", 1) == 1);
	EXPECT_EQ(test_wait(pid), 0);
}

static void killed_destroy_is_forgotten(void)
{
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(20);
	struct usage before = need_usage();
	D3DKMT_HANDLE *list = calloc(4096, sizeof(*list));
	pid_t pid;

	REQUIRE(list);
	for (i = 0; i < rounds && !test_failed(); i++) {
		struct timespec pause = { .tv_nsec = test_random(&random) % 5000000 };

		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			D3DKMT_HANDLE device = need_device();

			need_allocations(device, 4096, 4096, list);
			for (;;)
				kmt_destroy(device, 0, list, 4096, DESTROY_SYNCHRONOUS);
		}
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		test_wait(pid);
	}
	expect_usage_back(before);
}

static void callers_flood_the_log(void)
{
	enum { CALLS = 3000, LINES = 30 };
	int log, lines = 0;
	char line[2048];
	ssize_t n;
	pid_t pid;

	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (log < 0)
		test_skip("/dev/kmsg cannot be read here");
	lseek(log, 0, SEEK_END);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		D3DKMT_HANDLE device, handle;
		struct vdxg_allocation_data data;
		int i;

		test_drop_root();
		device = need_device();
		for (i = 0; i < CALLS; i++) {
			void *p;

			vdxg_allocation_data_init(&data, i % 2 ? 0 : ~0ULL);
			kmt_create(device, NULL, 0, &data, 0, 1, &handle);
			kmt_destroy_one(device, i);
			kmt_destroy_one(i, 0);
			kmt_lock(device, 0xdeadbec0, &p);
			kmt_close_adapter(i);
			kmt_query_adapter(need_adapter(), 9999, p, 4);
			kmt_create_over(device, test_unmapped(), HEAP, 0, &handle);
		}
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	while ((n = read(log, line, sizeof(line) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		line[n > 0 ? n : 0] = '\0';
		lines += n < 0 ? CALLS : !!strstr(line, "vdxg");
	}
	test_note("%d lines for %d failing calls", lines, 7 * CALLS);
	EXPECT(lines <= LINES);
}

static const struct test_case cases[] = {
	CASE(duplicate_in_list_is_freed_twice, "a duplicate anywhere in a list frees nothing"),
	CASE(free_into_an_empty_free_list_panics,
	     "handles are freed in any order, down to the last"),
	CASE(rollback_frees_anothers_handle,
	     "undoing a failed creation leaves other allocations alone"),
	CASE(handles_are_usable_before_the_call_is_done,
	     "a creation that fails late gives out no handle"),
	CASE(heap_size_is_cut_to_32_bits, "a heap of 4 GiB and more is not taken for a small one"),
	CASE(allocation_size_is_cut_to_32_bits, "nor is an allocation"),
	CASE(memory_is_pinned_without_being_asked, "pSystemMem counts only with ExistingSysMem"),
	CASE(lock_ignores_the_device,
	     "Lock2 and Unlock2 check that the device owns the allocation"),
	CASE(unknown_luid_opens_nothing_successfully,
	     "an unknown LUID is refused even if hAdapter was a handle"),
	CASE_ONCE(enum3_writes_past_the_array,
		  "EnumAdapters3 writes no more than there is room for"),
	CASE(last_close_unmaps_the_wrong_process,
	     "the last close in another process leaves its memory alone"),
	CASE(killed_destroy_is_forgotten, "what a killed process was destroying is destroyed"),
	CASE(callers_flood_the_log, "failing calls of an unprivileged process do not fill the log"),
};

TEST_MAIN(cases)
