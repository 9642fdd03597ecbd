// SPDX-License-Identifier: MIT
/*
 * limits.c: one process exceeds a limit of the system: it gets a status, nobody is killed,
 * another goes on undisturbed
 *
 * vm-when: kernel=6.1|6.12|debug-all
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "limits.h"

/* ---- RLIMIT_MEMLOCK ---- */

static void exceed_memlock(void)
{
	struct rlimit limit = { 256 << 10, 256 << 10 };
	D3DKMT_HANDLE device, handles[64], handle;
	char *memory = test_pages(8 * MIB);
	int n;

	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	test_drop_root();
	device = need_device();
	for (n = 0; n < 64; n++)
		if (kmt_create_over(device, memory + n * 65536, 65536, 0, &handles[n]))
			break;
	/* four of 64 KiB fit, the fifth does not, nor do the next; each goes away whole */
	EXPECT_EQ(n, 4);
	EXPECT_STATUS(kmt_create_over(device, memory + n * 65536, 65536, 0, &handle),
		      STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_destroy(device, 0, handles, 1, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_create_over(device, memory + n * 65536, 65536, 0, &handle),
		      STATUS_SUCCESS);
	/* ordinary allocations have nothing to do with it */
	EXPECT_EQ(test_touch(need_lock(device, need_allocation(device, MIB)), true), 0);
}

static void memlock(void)
{
	beside_a_neighbour(exceed_memlock);
}

/* ---- the memory cgroup ---- */

static char cgroup[128];

static bool write_cgroup(const char *file, const char *text)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	return test_write_file(path, text);
}

static void make_cgroup(const char *limit)
{
	const char *root = "/sys/fs/cgroup";
	char path[160];

	if (geteuid())
		test_skip("needs root");
	if (access("/sys/fs/cgroup/cgroup.controllers", F_OK)) {
		root = "/tmp/vdxg-cgroup";
		mkdir(root, 0755);
		if (mount("cgroup2", root, "cgroup2", 0, NULL))
			test_skip("no cgroup2 file system can be mounted here");
	}
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", root);
	if (!test_write_file(path, "+memory"))
		test_skip(
			"no memory cgroups here (CONFIG_MEMCG), or of version 1");
	snprintf(cgroup, sizeof(cgroup), "%s/vdxg-limits-%d", root, getpid());
	REQUIRE(!mkdir(cgroup, 0755));
	REQUIRE(write_cgroup("memory.max", limit));
	write_cgroup("memory.swap.max", "0");
}

static long oom_kills(void)
{
	char path[192], line[128];
	long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.events", cgroup);
	f = fopen(path, "r");
	REQUIRE(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "oom_kill %ld", &n);
	fclose(f);
	return n;
}

static void exceed_cgroup(void)
{
	D3DKMT_HANDLE device, handles[64];
	NTSTATUS status;
	char *p, *small;
	void *q;
	int n;

	REQUIRE(write_cgroup("cgroup.procs", "0"));
	device = need_device();
	small = need_lock(device, need_allocation(device, MIB));
	memset(small, 7, MIB);
	need_allocations(device, MIB, 48, handles);
	for (n = 0; n < 48; n++) {
		status = kmt_lock(device, handles[n], &q);
		if (status != STATUS_SUCCESS)
			break;
		p = q;
		memset(p, n, MIB);
	}
	/* 24 MiB do not hold 24 and the first one */
	EXPECT(n < 24);
	EXPECT_STATUS(status, STATUS_NO_MEMORY);
	test_note("%d MiB of 24 were ours", n + 1);
	EXPECT_STATUS(kmt_lock(device, handles[47], &q), STATUS_NO_MEMORY);
	/* what it has is untouched, and what it gives back can be had again */
	EXPECT_EQ(small[MIB - 1], 7);
	EXPECT(n >= 4);
	EXPECT_STATUS(kmt_destroy(device, 0, handles, 4, DESTROY_SYNCHRONOUS), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(device, handles[47], &q), STATUS_SUCCESS);
}

/* memory of this process with gaps in it, for which this process' cgroup has paid */
static void leave_gaps(void)
{
	D3DKMT_HANDLE device = need_device(), handles[32];
	int i;

	need_allocations(device, MIB, 32, handles);
	for (i = 0; i < 32; i++)
		memset(need_lock(device, handles[i]), 1, MIB);
	for (i = 0; i < 32; i += 2)
		EXPECT_STATUS(kmt_destroy_one(device, handles[i]), STATUS_SUCCESS);
}

static void memory_cgroup(void)
{
	make_cgroup("25165824");
	/* the process in the cgroup must not get its memory out of what another one has paid for */
	leave_gaps();
	beside_a_neighbour(exceed_cgroup);
	EXPECT_EQ(oom_kills(), 0);
	rmdir(cgroup);
}

static void exceed_cgroup_by_handles(void)
{
	D3DKMT_HANDLE device, *handles = calloc(MAX_HANDLES, sizeof(*handles));
	struct vdxg_allocation_data data;
	NTSTATUS status = STATUS_SUCCESS;
	int calls;

	REQUIRE(handles);
	REQUIRE(write_cgroup("cgroup.procs", "0"));
	device = need_device();
	/* kernel memory for objects is charged, too; no page of any allocation is touched */
	vdxg_allocation_data_init(&data, 1);
	for (calls = 0; calls < 200 && status == STATUS_SUCCESS; calls++)
		status = kmt_create(device, NULL, 0, &data, 0, 4096, handles);
	EXPECT_STATUS(status, STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
}

static void cgroup_and_many_objects(void)
{
	struct usage before = need_usage();

	make_cgroup("16777216");
	beside_a_neighbour(exceed_cgroup_by_handles);
	EXPECT_EQ(oom_kills(), 0);
	rmdir(cgroup);
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(memlock, "RLIMIT_MEMLOCK: NO_MEMORY for pinned memory only"),
	CASE(memory_cgroup, "the memory cgroup: Lock2 is NO_MEMORY and nobody is killed"),
	CASE(cgroup_and_many_objects, "the memory cgroup, exceeded by kernel objects alone"),
};

TEST_MAIN(cases)
