// SPDX-License-Identifier: MIT
/*
 * residency.c: making allocations resident, evicting them, and how processes end
 *
 * The local segment of the software adapter must hold LOCAL_PAGES (tests/bench/run says so to the module).
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dxg.h"

#define MIB		(1ULL << 20)
#define PAGE		4096ULL
#define LOCAL_PAGES	(1UL << 20)

/* What a renderer does with a short-lived buffer, on the GPU; the peer is virtio-gpu's own dumb buffer. */
static void resident_destroy(struct samples *s, uint64_t bytes)
{
	struct dxg *dxg = dxg_open(false);
	uint32_t handle;

	dxg_describe(dxg, bytes, VDXG_SEGMENT_SET_LOCAL);
	while (more(s)) {
		begin(s);
		handle = dxg_create_one(dxg);
		dxg_make_resident(dxg, &handle, 1);
		dxg_destroy(dxg, &handle, 1);
		end(s, 1);
	}
}

static void virtio_resident_destroy_4k(struct samples *s)
{
	resident_destroy(s, PAGE);
}

static void virtio_resident_destroy_1m(struct samples *s)
{
	resident_destroy(s, MIB);
}

static uint32_t residency(struct dxg *dxg, uint32_t handle)
{
	uint32_t status = 0;
	struct d3dkmt_queryallocationresidency query = {
		.device.v = dxg->device,
		.allocations = (uintptr_t)&handle,
		.allocation_count = 1,
		.residency_status = (uintptr_t)&status,
	};

	must_ioctl(dxg->fd, LX_DXQUERYALLOCATIONRESIDENCY, &query, "QueryAllocationResidency");
	return status;
}

static void must_be(struct dxg *dxg, uint32_t handle, uint32_t wanted)
{
	uint32_t status = residency(dxg, handle);

	if (status != wanted)
		fail("where an allocation is", status);
}

static void evict_page_in_1m(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t handle;

	dxg_describe(dxg, MIB, VDXG_SEGMENT_SET_LOCAL);
	handle = dxg_create_one(dxg);
	dxg_make_resident(dxg, &handle, 1);
	while (more(s)) {
		begin(s);
		dxg_evict(dxg, &handle, 1, false);
		dxg_make_resident(dxg, &handle, 1);
		end(s, 1);
	}
	/* and it is not that nothing happened */
	dxg_evict(dxg, &handle, 1, false);
	must_be(dxg, handle, D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT);
	dxg_make_resident(dxg, &handle, 1);
	must_be(dxg, handle, D3DKMT_ALLOCATIONRESIDENCYSTATUS_RESIDENTINGPUMEMORY);
}

/* The rest of the local segment, from which nobody takes it. */
static void occupy(struct dxg *dxg, uint64_t pages)
{
	uint32_t handle;

	dxg_describe(dxg, pages * PAGE, VDXG_SEGMENT_SET_LOCAL);
	handle = dxg_create_one(dxg);
	dxg_make_resident(dxg, &handle, 1);
}

/*
 * The local segment is full of allocations that nobody requires, and one more has to enter: the one that had to
 * leave last. No content is copied, so their size does not matter.
 */
static void victim(struct samples *s, uint32_t count)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t *handles = malloc((count + 1) * sizeof(*handles));
	uint64_t pages = LOCAL_PAGES / count;
	uint32_t i, n;

	if (!handles)
		fail("malloc", -1);
	if (LOCAL_PAGES % count)
		occupy(dxg, LOCAL_PAGES % count);
	dxg_describe(dxg, pages * PAGE, VDXG_SEGMENT_SET_LOCAL);
	dxg_populate(dxg, handles, count + 1);
	for (i = 0; i < count; i += n) {
		n = count - i < DXG_BATCH ? count - i : DXG_BATCH;
		dxg_make_resident(dxg, handles + i, n);
		dxg_evict(dxg, handles + i, n, true);
	}
	while (more(s)) {
		must_be(dxg, handles[i], D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT);
		begin(s);
		dxg_make_resident(dxg, &handles[i], 1);
		end(s, 1);
		dxg_evict(dxg, &handles[i], 1, true);
		i = (i + 1) % (count + 1);
	}
}

static void victim_1k(struct samples *s)
{
	victim(s, 1000);
}

static void victim_1m(struct samples *s)
{
	victim(s, 1000000);
}

/* What was evicted comes back, all at once. */
static void make_resident(struct samples *s, uint32_t count)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t *handles = malloc(count * sizeof(*handles));

	if (!handles)
		fail("malloc", -1);
	dxg_describe(dxg, PAGE, VDXG_SEGMENT_SET_LOCAL);
	dxg_populate(dxg, handles, count);
	while (more(s)) {
		begin(s);
		dxg_make_resident(dxg, handles, count);
		end(s, count);
		dxg_evict(dxg, handles, count, false);
		must_be(dxg, handles[count - 1], D3DKMT_ALLOCATIONRESIDENCYSTATUS_NOTRESIDENT);
	}
}

static void make_resident_1024(struct samples *s)
{
	make_resident(s, 1024);
}

static void make_resident_10240(struct samples *s)
{
	make_resident(s, 10240);
}

/* Run only when nobody else wants to. */
static void give_way(void)
{
	const struct sched_param param = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &param))
		fail("sched_setscheduler", -1);
}

/* A process with idle allocations; it ends when the caller closes the writing end of @go. */
static pid_t start_process(uint32_t count, const int go[2])
{
	pid_t pid = fork();
	struct dxg *dxg;
	char byte;

	if (pid)
		return pid;
	close(go[1]);
	dxg = dxg_open(true);
	dxg_populate(dxg, NULL, count);
	_exit(read(go[0], &byte, 1) != 0);
}

/* From the end of a process to that of the last allocation it had. */
static uint64_t exit_cost(struct dxg *dxg, uint32_t count)
{
	uint64_t before = dxg_live(dxg), start;
	int go[2], status;
	pid_t pid;

	if (pipe(go))
		fail("pipe", -1);
	pid = start_process(count, go);
	if (pid < 0)
		fail("fork", -1);
	while (dxg_live(dxg) != before + count)
		usleep(1000);
	settle();
	start = __rdtsc();
	close(go[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("the process", status);
	while (dxg_live(dxg) != before)
		sched_yield();
	start = __rdtsc() - start;
	close(go[0]);
	return start;
}

#define EXIT_COUNT 100000

/* What a process without allocations needs is taken off. */
static void exit_per_allocation(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	uint64_t none;

	give_way();
	while (more(s)) {
		none = exit_cost(dxg, 0);
		sample(s, ((double)exit_cost(dxg, EXIT_COUNT) - none) / EXIT_COUNT);
	}
}

const struct benchmark bench_residency[] = {
	{ .name = "virtio_resident_destroy_4k", .run = virtio_resident_destroy_4k },
	{ .name = "virtio_resident_destroy_1m", .run = virtio_resident_destroy_1m },
	{ .name = "evict_page_in_1m", .run = evict_page_in_1m },
	{ .name = "victim_1k", .run = victim_1k, .once = true },
	{ .name = "victim_1m", .run = victim_1m, .once = true },
	{ .name = "make_resident_1024", .run = make_resident_1024, .samples = 15 },
	{ .name = "make_resident_10240", .run = make_resident_10240, .samples = 15 },
	{ .name = "exit_per_allocation", .run = exit_per_allocation, .samples = 3 },
	{ }
};
