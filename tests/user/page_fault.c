// SPDX-License-Identifier: MIT
/*
 * page_fault.c: what happens where the GPU touches what it cannot, and the report of it (T11, T28)
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "engine.h"

/* run what has been written, which must fail like that */
static void expect_fault(struct gpu *gpu, struct vdxg_commands *c, uint64_t address, bool write,
			 uint32_t code)
{
	D3DKMT_DEVICEPAGEFAULT_STATE fault;

	EXPECT_EQ(run(gpu, c), PAGE_FAULT);
	fault = need_fault(gpu->device);
	EXPECT_EQ(fault.FaultedVirtualAddress, address);
	EXPECT_EQ(fault.PageFaultFlags, write ? DXGK_PAGE_FAULT_WRITE : 0);
	EXPECT_EQ(fault_code(&fault), code);
	/* nobody waits for what will not come, and nothing is accepted any more */
	EXPECT_EQ(*gpu->queue.value, UINT64_MAX);
	EXPECT_STATUS(kmt_submit_hw(&gpu->queue, 0, 0, 9), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_submit(need_context(gpu->device), 0, 0), STATUS_DEVICE_REMOVED);
}

static void no_mapping(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, a.gpu, 65536 + 4, 1);
	expect_fault(&gpu, &c, a.gpu + 65536, true, VDXG_FAULT_NO_MAPPING);
	EXPECT_EQ(a.cpu[16383], 1);
}

static void null_pointer(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_copy(&c, a.gpu, 0, 16);
	expect_fault(&gpu, &c, 0, false, VDXG_FAULT_NO_MAPPING);
}

static void buffer_not_mapped(void)
{
	struct gpu gpu = need_gpu();
	D3DKMT_DEVICEPAGEFAULT_STATE fault;

	REQUIRE_STATUS(kmt_submit_hw(&gpu.queue, 0x7f0000000000, 64, 1), STATUS_SUCCESS);
	wait_hw(&gpu.queue, 1);
	EXPECT_EQ(kmt_execution(gpu.device), PAGE_FAULT);
	fault = need_fault(gpu.device);
	EXPECT_EQ(fault.FaultedVirtualAddress, 0x7f0000000000);
	EXPECT_EQ(fault_code(&fault), VDXG_FAULT_NO_MAPPING);
}

static void T28_not_resident(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_absent_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, a.gpu + 4096, 4096, 1);
	expect_fault(&gpu, &c, a.gpu + 4096, true, VDXG_FAULT_NOT_RESIDENT);
	EXPECT_EQ(a.cpu[1024], 0);
}

static void evicted(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, a.gpu, 4096, 1);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT_STATUS(kmt_evict(gpu.device, &a.handle, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	c = commands(&gpu);
	vdxg_commands_copy(&c, gpu.buffer.gpu + 8192, a.gpu, 4096);
	expect_fault(&gpu, &c, a.gpu, false, VDXG_FAULT_NOT_RESIDENT);
}

static void T11_destroyed(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);

	EXPECT_STATUS(kmt_destroy_one(gpu.device, a.handle), STATUS_SUCCESS);
	vdxg_commands_fill(&c, a.gpu, 4096, 1);
	expect_fault(&gpu, &c, a.gpu, true, VDXG_FAULT_NO_MAPPING);
}

static void read_only(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);
	uint64_t address;

	REQUIRE_STATUS(kmt_map_va(gpu.paging.handle, a.handle, 0, 16, 0, &address), STATUS_SUCCESS);
	a.cpu[0] = 77;
	vdxg_commands_copy(&c, a.gpu + 4096, address, 4);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT_EQ(a.cpu[1024], 77);
	c = commands(&gpu);
	vdxg_commands_fill(&c, address, 4, 1);
	expect_fault(&gpu, &c, address, true, VDXG_FAULT_READ_ONLY);
	EXPECT_EQ(a.cpu[0], 77);
}

static void no_access(void)
{
	struct gpu gpu = need_gpu();
	uint64_t address = need_reservation(gpu.adapter, 65536, RESERVE_NO_ACCESS);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, address + 4, 4, 1);
	expect_fault(&gpu, &c, address + 4, true, VDXG_FAULT_NO_ACCESS);
}

/* the addresses are of the process, but what is resident is a matter of each device */
static void another_device(void)
{
	struct gpu gpu = need_gpu(), other = need_gpu_on(gpu.adapter);
	struct memory a = need_memory(&other, 65536);
	struct vdxg_commands c = commands(&gpu);

	vdxg_commands_fill(&c, a.gpu, 4, 1);
	expect_fault(&gpu, &c, a.gpu, true, VDXG_FAULT_NOT_RESIDENT);
	/* and so is an error */
	EXPECT_EQ(kmt_execution(other.device), ACTIVE);
	c = commands(&other);
	vdxg_commands_fill(&c, a.gpu, 4, 2);
	EXPECT_EQ(run(&other, &c), ACTIVE);
	EXPECT_EQ(a.cpu[0], 2);
}

static void first_one_stays(void)
{
	struct gpu gpu = need_gpu();
	struct vdxg_commands c = commands(&gpu);
	D3DKMT_DEVICEPAGEFAULT_STATE fault = need_fault(gpu.device);

	EXPECT_EQ(fault.FaultedVirtualAddress, 0);
	EXPECT_EQ(fault_code(&fault), 0);
	vdxg_commands_fill(&c, 0x123000, 4, 1);
	vdxg_commands_fill(&c, 0x456000, 4, 1);
	expect_fault(&gpu, &c, 0x123000, true, VDXG_FAULT_NO_MAPPING);
}

static void existing_memory_to_read(void)
{
	struct gpu gpu = need_gpu();
	uint32_t *pages = test_pages(65536);
	struct vdxg_commands c = commands(&gpu);
	D3DKMT_HANDLE allocation;
	uint64_t address;

	REQUIRE_STATUS(kmt_create_over(gpu.device, pages, 65536, CREATE_READ_ONLY, &allocation),
		       STATUS_SUCCESS);
	pages[0] = 5;
	need_resident(&gpu.paging, &allocation, 1);
	REQUIRE_STATUS(kmt_map_va(gpu.paging.handle, allocation, 0, 16, PROTECT_WRITE, &address),
		       STATUS_SUCCESS);
	vdxg_commands_copy(&c, gpu.buffer.gpu + 8192, address, 4);
	EXPECT_EQ(run(&gpu, &c), ACTIVE);
	EXPECT_EQ(gpu.buffer.cpu[2048], 5);
	c = commands(&gpu);
	vdxg_commands_fill(&c, address, 4, 1);
	expect_fault(&gpu, &c, address, true, VDXG_FAULT_READ_ONLY);
	EXPECT_EQ(pages[0], 5);
}

/* the kernel's log, from now on */
static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	REQUIRE(fd >= 0);
	lseek(fd, 0, SEEK_END);
	return fd;
}

static bool log_has(int fd, const char *text)
{
	char line[2048];
	ssize_t n;

	while ((n = read(fd, line, sizeof(line) - 1)) > 0) {
		line[n] = 0;
		if (strstr(line, text))
			return true;
	}
	return false;
}

/* whether the log has the report of a fault */
static bool reported(D3DKMT_HANDLE adapter, int log)
{
	struct gpu gpu = need_gpu_on(adapter);
	struct memory a = need_absent_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);
	char text[256];

	vdxg_commands_nop(&c, 16);
	vdxg_commands_fill(&c, a.gpu + 8, 4, 1);
	EXPECT_EQ(run(&gpu, &c), PAGE_FAULT);
	snprintf(text, sizeof(text),
		 "[%d]: device 0x%x is in error: page fault at 0x%llx, allocation 0x%x, written for fill (command buffer at 0x%llx, offset 32): not resident on this device",
		 getpid(), gpu.device, (unsigned long long)a.gpu + 8, a.handle,
		 (unsigned long long)gpu.buffer.gpu);
	EXPECT_STATUS(kmt_destroy_device(gpu.device), STATUS_SUCCESS);
	return log_has(log, text);
}

/* the log takes only so many in a second, and the cases before have had theirs */
static void report(void)
{
	struct timespec pause = { .tv_nsec = 50000000 };
	D3DKMT_HANDLE adapter = need_adapter();
	int log = open_log();
	unsigned int i;

	for (i = 0; i < 200 && !reported(adapter, log); i++)
		nanosleep(&pause, NULL);
	EXPECT(i < 200);
}

#define FAULTS		100
/* Lines that may follow each other at once: of two seconds, in each of which 5 are taken. */
#define LINES_AT_ONCE	10

/* a device is put in error; that takes little */
static void fault_once(D3DKMT_HANDLE adapter)
{
	D3DKMT_HANDLE device = need_device_of(adapter);
	struct hw_queue queue = need_hw_queue(device);

	REQUIRE_STATUS(kmt_submit_hw(&queue, 0x7f0000000000, 64, 1), STATUS_SUCCESS);
	wait_hw(&queue, 1);
	EXPECT_EQ(kmt_execution(device), PAGE_FAULT);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

/* the microseconds at which the log took our lines about faults; returns how many there are */
static unsigned int our_lines(int log, uint64_t *times)
{
	unsigned int n = 0;
	char line[2048], own[64];
	ssize_t got;

	snprintf(own, sizeof(own), "[%d]: device 0x", getpid());
	while ((got = read(log, line, sizeof(line) - 1)) > 0 && n < FAULTS) {
		line[got] = 0;
		if (strstr(line, own) && strstr(line, "is in error: page fault"))
			REQUIRE(sscanf(line, "%*u,%*u,%" SCNu64, &times[n++]) == 1);
	}
	return n;
}

/* However fast they come: no more than so many lines in half a second. There is a second between them. */
static void rate(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	uint64_t times[FAULTS];
	int log = open_log();
	unsigned int i, n;

	for (i = 0; i < FAULTS; i++)
		fault_once(adapter);
	n = our_lines(log, times);
	test_note("%u faults, %u lines", FAULTS, n);
	for (i = LINES_AT_ONCE; i < n; i++)
		if (!EXPECT(times[i] - times[i - LINES_AT_ONCE] > 500000))
			break;
}

#define TRACEFS "/sys/kernel/tracing"

static void event(void)
{
	struct gpu gpu = need_gpu();
	struct memory a = need_absent_memory(&gpu, 65536);
	struct vdxg_commands c = commands(&gpu);
	static char trace[1 << 20];
	char text[256];
	size_t used = 0;
	ssize_t n;
	int fd;

	/* opening it like this forgets what programs before this one have left */
	fd = open(TRACEFS "/trace", O_WRONLY | O_TRUNC);
	REQUIRE(fd >= 0 && !close(fd));
	REQUIRE(test_write_file(TRACEFS "/events/vdxg/vdxg_page_fault/enable", "1"));
	vdxg_commands_copy(&c, gpu.buffer.gpu + 8192, a.gpu, 4);
	EXPECT_EQ(run(&gpu, &c), PAGE_FAULT);
	REQUIRE(test_write_file(TRACEFS "/events/vdxg/vdxg_page_fault/enable", "0"));
	snprintf(text, sizeof(text),
		 "vdxg_page_fault: process=%d device=0x%x address=0x%llx allocation=0x%x write=0 missing=resident buffer=0x%llx offset=16 doing=copy",
		 getpid(), gpu.device, (unsigned long long)a.gpu, a.handle,
		 (unsigned long long)gpu.buffer.gpu);
	fd = open(TRACEFS "/trace", O_RDONLY);
	REQUIRE(fd >= 0);
	while ((n = read(fd, trace + used, sizeof(trace) - 1 - used)) > 0)
		used += n;
	close(fd);
	EXPECT(strstr(trace, text));
}

static const struct test_case cases[] = {
	CASE(no_mapping, "the first address without a mapping"),
	CASE(null_pointer, "address 0 is no address"),
	CASE(buffer_not_mapped, "the command buffer itself"),
	CASE(T28_not_resident, "memory that was not made resident"),
	CASE(evicted, "memory that was evicted, even if it is still in its place"),
	CASE(T11_destroyed, "memory that was destroyed"),
	CASE(read_only, "writing where it was mapped to be read"),
	CASE(no_access, "a reservation without access"),
	CASE(another_device, "each device has its own residency, and its own errors"),
	CASE(first_one_stays, "the first fault is the one that is reported"),
	CASE(existing_memory_to_read, "the process's own pages, which it only lets be read"),
	CASE(report, "the log names process, device, address, allocation, operation and what is missing"),
	CASE(rate, "only a few of many faults are in the log"),
	CASE(event, "and so does the tracepoint"),
};

TEST_MAIN(cases)
