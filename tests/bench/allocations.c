// SPDX-License-Identifier: MIT
/*
 * allocations.c: creating, destroying and locking allocations
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "dxg.h"

/* An ioctl of our type with a number that does not exist: ENOTTY, after the table has been looked at. */
static void empty_ioctl(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);

	while (more(s)) {
		begin(s);
		ioctl(dxg->fd, _IO('G', 0xff), NULL);
		end(s, 1);
	}
}

static void create_destroy(struct samples *s, uint32_t count)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t i;

	while (more(s)) {
		begin(s);
		dxg_create(dxg, count);
		for (i = 0; i < count; i++)
			dxg->handles[i] = dxg->infos[i].allocation.v;
		dxg_destroy(dxg, dxg->handles, count);
		end(s, count);
	}
}

static void create_destroy_1(struct samples *s)
{
	create_destroy(s, 1);
}

static void create_destroy_batch256(struct samples *s)
{
	create_destroy(s, DXG_BATCH);
}

/* Allocations out of the middle of many go, one at a time. */
static void destroy_live(struct samples *s, uint32_t count)
{
	struct dxg *dxg = dxg_open(true);
	uint32_t *handles = malloc(count * sizeof(*handles));
	uint32_t i, stride = count / (BENCH_WARM_UP + BENCH_SAMPLES);

	if (!handles)
		fail("malloc", -1);
	dxg_populate(dxg, handles, count);
	for (i = 0; more(s); i += stride) {
		begin(s);
		dxg_destroy(dxg, &handles[i], 1);
		end(s, 1);
	}
}

static void destroy_live_1k(struct samples *s)
{
	destroy_live(s, 1000);
}

static void destroy_live_1m(struct samples *s)
{
	destroy_live(s, 1000000);
}

/* The allocation has memory already; nobody touches the mapping. */
static void lock_unlock_1(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	struct d3dkmt_lock2 lock = { .device.v = dxg->device };
	struct d3dkmt_unlock2 unlock = { .device.v = dxg->device };

	dxg_create(dxg, 1);
	lock.allocation = dxg->infos[0].allocation;
	unlock.allocation = lock.allocation;
	while (more(s)) {
		begin(s);
		must_ioctl(dxg->fd, LX_DXLOCK2, &lock, "Lock2");
		must_ioctl(dxg->fd, LX_DXUNLOCK2, &unlock, "Unlock2");
		end(s, 1);
	}
}

const struct benchmark bench_allocations[] = {
	{ .name = "empty_ioctl", .run = empty_ioctl },
	{ .name = "create_destroy_1", .run = create_destroy_1 },
	{ .name = "create_destroy_batch256", .run = create_destroy_batch256 },
	{ .name = "destroy_live_1k", .run = destroy_live_1k },
	{ .name = "destroy_live_1m", .run = destroy_live_1m },
	{ .name = "lock_unlock_1", .run = lock_unlock_1 },
	{ }
};
