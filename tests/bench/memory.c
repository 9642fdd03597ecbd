// SPDX-License-Identifier: MIT
/*
 * memory.c: the kernel memory of objects that nobody uses
 *
 * What becomes less is all free memory of the machine, so nothing is forgotten: slab objects, tables, pages.
 */
#include <stdio.h>

#include "dxg.h"
#include "peers.h"

#define OBJECTS	100000
#define ROUNDS	3

static double free_bytes(void)
{
	unsigned long kib = 0;
	char line[128];
	FILE *file;

	settle();
	/* gives cached free pages back to the lists that are counted */
	file = fopen("/proc/sys/vm/compact_memory", "w");
	if (!file || fputs("1", file) < 0 || fclose(file))
		fail("/proc/sys/vm/compact_memory", -1);
	file = fopen("/proc/meminfo", "r");
	if (!file)
		fail("/proc/meminfo", -1);
	while (!kib && fgets(line, sizeof(line), file))
		sscanf(line, "MemFree: %lu", &kib);
	fclose(file);
	return kib * 1024.0;
}

/* What a round created stays, so that nothing is given back while the next one is measured. */
static void memory_per_allocation(struct samples *s)
{
	struct dxg *dxg = dxg_open(true);
	double before;

	dxg_populate(dxg, NULL, DXG_BATCH);
	while (more(s)) {
		before = free_bytes();
		dxg_populate(dxg, NULL, OBJECTS);
		sample(s, (before - free_bytes()) / OBJECTS);
	}
}

static void memory_per_gem_object(struct samples *s)
{
	int i, fd = open_drm("vgem");
	double before;

	create_dumb(fd, 32, 32);
	while (more(s)) {
		before = free_bytes();
		for (i = 0; i < OBJECTS; i++)
			create_dumb(fd, 32, 32);
		sample(s, (before - free_bytes()) / OBJECTS);
	}
}

const struct benchmark bench_memory[] = {
	{ .name = "memory_per_gem_object", .run = memory_per_gem_object, .unit = "bytes",
	  .samples = ROUNDS, .once = true },
	{ .name = "memory_per_allocation", .run = memory_per_allocation, .unit = "bytes",
	  .samples = ROUNDS, .once = true },
	{ }
};
