// SPDX-License-Identifier: MIT
/*
 * foreign_data.c: allocations that a vendor's user-mode driver describes
 *
 * The parameter foreign_size can be written while the module is loaded; each case sets it, and the last
 * leaves it as it was.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kmt.h"

#define PARAMETER	"/sys/module/vdxg/parameters/foreign_size"
#define MARK		"is not vdxg's"

static void set_size(unsigned long bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", bytes);
	REQUIRE(test_write_file(PARAMETER, text));
}

/* create one allocation with @size bytes of somebody's data at @data, which is not looked at */
static NTSTATUS create(D3DKMT_HANDLE device, const void *data, uint32_t size,
		       D3DKMT_HANDLE *allocation)
{
	D3DDDI_ALLOCATIONINFO2 info = {
		.pPrivateDriverData = (void *)data,
		.PrivateDriverDataSize = size,
		.VidPnSourceId = D3DDDI_ID_UNINITIALIZED,
	};
	D3DKMT_CREATEALLOCATION args = {
		.hDevice = device,
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
	};
	NTSTATUS status = D3DKMTCreateAllocation2(&args);

	*allocation = info.hAllocation;
	return status;
}

/* lines of the kernel's log with the mark, from its beginning */
static unsigned int lines(int log)
{
	unsigned int found = 0;
	char record[1024];
	ssize_t n;

	while ((n = read(log, record, sizeof(record) - 1)) > 0) {
		record[n] = 0;
		found += strstr(record, MARK) != NULL;
	}
	return found;
}

static void refused(void)
{
	struct vdxg_allocation_data ours;
	D3DKMT_HANDLE device = need_device(), allocation;
	static char blob[4096];
	struct live before = count_live(device);
	uint32_t size;

	set_size(0);
	for (size = 0; size <= sizeof(blob); size = size * 3 + 8)
		EXPECT_STATUS(create(device, blob, size, &allocation), STATUS_INVALID_PARAMETER);
	vdxg_allocation_data_init(&ours, 4096);
	ours.magic++;
	EXPECT_STATUS(create(device, &ours, sizeof(ours), &allocation), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void one_clear_line(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	unsigned int i, all;
	char blob[40] = "";

	REQUIRE(log >= 0);
	set_size(0);
	for (i = 0; i < 1000; i++)
		EXPECT_STATUS(create(device, blob, sizeof(blob), &allocation),
			      STATUS_INVALID_PARAMETER);
	all = lines(log);
	test_note("%u lines", all);
	EXPECT(all >= 1 && all < 100);
	close(log);
}

static void passes_with_a_size(void)
{
	static const unsigned long sizes[] = { 1, 4096, 100000, 1 << 20 };
	D3DKMT_HANDLE device = need_device(), allocation;
	struct live before = count_live(device);
	struct usage usage = need_usage();
	static char blob[300] = "a vendor's secret";
	char *memory;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		set_size(sizes[i]);
		if (!EXPECT_STATUS(create(device, blob, i ? sizeof(blob) : 0, &allocation),
				   STATUS_SUCCESS))
			continue;
		memory = need_lock(device, allocation);
		memory[0] = 1;
		memory[sizes[i] - 1] = 1;
		EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
	expect_usage_back(usage);
	/* ours still say their own */
	allocation = need_allocation(device, 4096);
	EXPECT_EQ(need_usage().committed - usage.committed, 4096);
}

static void checked_all_the_same(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct vdxg_allocation_data ours;
	struct live before = count_live(device);

	set_size(4096);
	EXPECT_STATUS(create(device, NULL, 8, &allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, test_unmapped(), 8, &allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, test_straddle(8), 8, &allocation), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, test_pages(4096), 128 * 1024 + 1, &allocation),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(create(device, test_pages(4096), ~0U, &allocation), STATUS_INVALID_PARAMETER);
	/* ours with a mistake stays a mistake */
	vdxg_allocation_data_init(&ours, 4096);
	ours.version = 77;
	EXPECT_STATUS(create(device, &ours, sizeof(ours), &allocation), STATUS_INVALID_PARAMETER);
	/* larger than any segment, than all memory, and what rounding up would wrap */
	set_size(1UL << (8 * sizeof(long) - 2));
	EXPECT(create(device, &before, 8, &allocation) != STATUS_SUCCESS);
	set_size(~0UL);
	EXPECT(create(device, &before, 8, &allocation) != STATUS_SUCCESS);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void refused_again(void)
{
	D3DKMT_HANDLE allocation;

	set_size(0);
	EXPECT_STATUS(create(need_device(), "", 1, &allocation), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(refused, "private driver data that is not ours is refused"),
	CASE_ONCE(one_clear_line, "the kernel's log says so, but not a thousand times"),
	CASE(passes_with_a_size, "with foreign_size it is made with that size, and works"),
	CASE(checked_all_the_same, "data must be readable, ours is still checked, a size must fit"),
	CASE(refused_again, "with foreign_size 0 it is refused again"),
};

TEST_MAIN(cases)
