// SPDX-License-Identifier: MIT
/*
 * debugfs_look.c: the tables in debugfs and the tracepoints of the memory manager
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paging.h"

#define DEBUGFS "/sys/kernel/debug/vdxg"
#define TRACEFS "/sys/kernel/tracing"

static const char *table_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/%08x-%08x/%s", test_adapter.luid_high, test_adapter.luid_low, name);
	return path;
}

/* a whole file; the caller frees it */
static char *need_text(const char *path)
{
	size_t size = 1 << 20, length = 0;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY);
	ssize_t n;

	REQUIRE(text && fd >= 0);
	while ((n = read(fd, text + length, size - 1 - length)) > 0)
		length += n;
	REQUIRE(!n);
	close(fd);
	text[length] = 0;
	return text;
}

static void need_root(void)
{
	if (geteuid())
		test_skip("needs root");
}

static void root_only(void)
{
	static const char *const names[] = { "segments", "clients", "victims", "allocations" };
	struct stat st;
	size_t i;

	need_root();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		REQUIRE(!stat(table_path(names[i]), &st));
		EXPECT_EQ(st.st_mode & 07777, 0400);
		EXPECT_EQ(st.st_uid, 0);
	}
	test_drop_root();
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT(open(table_path(names[i]), O_RDONLY) < 0);
}

static void adds_up(void)
{
	D3DKMT_HANDLE device, list[3];
	unsigned long long capacity, used, size, sum = 0;
	char *text, *line, *save, class[32];
	SEGMENT_STATISTICS info;
	uint32_t priority, last = 0;
	struct queue queue;
	int pid, mine = 0;

	need_root();
	device = need_device();
	queue = need_queue(device);
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_LOCAL, 3, list);
	need_resident(&queue, list, 3);
	REQUIRE_STATUS(kmt_evict(device, list + 1, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_statistics(1, &info), STATUS_SUCCESS);

	text = need_text(table_path("segments"));
	line = strstr(text, "\nlocal ");
	REQUIRE(line && sscanf(line, " local %llu %llu", &capacity, &used) == 2);
	EXPECT_EQ(capacity << 10, info.CommitLimit);
	EXPECT_EQ(used << 10, info.BytesResident);
	free(text);

	text = need_text(table_path("allocations"));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "local %31s %x %*u %d %llu", class, &priority, &pid, &size) == 4)
			sum += size;
	EXPECT_EQ(sum << 10, info.BytesResident);
	free(text);

	/* the one that nobody requires goes first */
	text = need_text(table_path("victims"));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "local %31s %x %*u %d %llu", class, &priority, &pid, &size) != 4 ||
		    pid != getpid())
			continue;
		EXPECT_EQ(size, 1024);
		EXPECT(!strcmp(class, mine ? "required" : "unreferenced"));
		EXPECT(priority >= last);
		last = priority;
		mine++;
	}
	EXPECT_EQ(mine, 3);
	free(text);
}

/* the file is at an allocation, whose adapter goes */
static void survives_unbind(void)
{
	static const char driver[] = "/sys/bus/virtio/drivers/virtio_gpu/";
	D3DKMT_HANDLE device, list[256];
	char path[128], name[16] = "", byte[512];
	int i, fd;

	need_root();
	for (i = 0; i < 16 && !name[0]; i++) {
		snprintf(path, sizeof(path), "%svirtio%d", driver, i);
		if (!access(path, F_OK))
			snprintf(name, sizeof(name), "virtio%d", i);
	}
	if (!name[0])
		test_skip("needs a virtio-gpu");
	device = need_device();
	need_allocations(device, 4096, ARRAY_SIZE(list), list);
	for (i = 0; i < (int)ARRAY_SIZE(list); i++)
		need_lock(device, list[i]);
	fd = open(table_path("allocations"), O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT(read(fd, byte, sizeof(byte)) == sizeof(byte));
	snprintf(path, sizeof(path), "%sunbind", driver);
	REQUIRE(test_write_file(path, name));
	EXPECT(access(table_path("segments"), F_OK) < 0);
	EXPECT(read(fd, byte, sizeof(byte)) < 0);
	EXPECT_EQ(errno, EIO);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	close(fd);
	snprintf(path, sizeof(path), "%sbind", driver);
	REQUIRE(test_write_file(path, name));
}

/* another process with a device, until @end is closed */
static pid_t need_other(int *end)
{
	int up[2], down[2];
	pid_t child;
	char byte;

	REQUIRE(!pipe(up) && !pipe(down));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		close(down[1]);
		need_device();
		REQUIRE(write(up[1], "", 1) == 1);
		REQUIRE(!read(down[0], &byte, 1));
		test_exit();
	}
	REQUIRE(read(up[0], &byte, 1) == 1);
	close(down[0]);
	*end = down[1];
	return child;
}

static void events(void)
{
	static const char *const names[] = { "vdxg_create:", "vdxg_make_resident:", "vdxg_evict:", "vdxg_move:",
					     "vdxg_budget:", "vdxg_destroy:" };
	D3DKMT_HANDLE device, allocation;
	char mine[32], theirs[32], *text, *line, *save;
	unsigned int seen = 0;
	struct queue queue;
	pid_t other;
	size_t i;
	int end;

	need_root();
	/* what I require is missing in its budget, not in mine */
	other = need_other(&end);
	REQUIRE(test_write_file(TRACEFS "/trace", "0"));
	REQUIRE(test_write_file(TRACEFS "/events/vdxg/enable", "1"));
	device = need_device();
	queue = need_queue(device);
	allocation = need_local(device, MIB);
	need_lock(device, allocation);
	need_resident(&queue, &allocation, 1);
	EXPECT_STATUS(kmt_evict(device, &allocation, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
	REQUIRE(test_write_file(TRACEFS "/events/vdxg/enable", "0"));

	text = need_text(TRACEFS "/trace");
	snprintf(mine, sizeof(mine), "process=%d ", getpid());
	snprintf(theirs, sizeof(theirs), "process=%d ", other);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (strstr(line, names[i]) &&
			    strstr(line, strcmp(names[i], "vdxg_budget:") ? mine : theirs))
				seen |= 1U << i;
	EXPECT_EQ(seen, (1U << ARRAY_SIZE(names)) - 1);
	free(text);
	close(end);
	EXPECT(!test_wait(other));
}

static const struct test_case cases[] = {
	CASE(root_only, "the tables are for root only"),
	CASE(adds_up, "the tables agree with QueryStatistics, and victims are in order"),
	CASE(events, "what happens to an allocation fires tracepoints"),
	CASE_HARDWARE(survives_unbind, "a file that is open when its adapter goes"),
};

TEST_MAIN(cases)
