// SPDX-License-Identifier: MIT
/*
 * fdinfo.c: /proc/PID/fdinfo of the device node, in the keys of DRM's usage statistics
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "paging.h"

/* what follows @key in the fdinfo of a descriptor of this process */
static char *need_value(int fd, const char *key)
{
	static char line[256];
	char path[64];
	size_t length = strlen(key);
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	REQUIRE(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, length) || line[length] != ':')
			continue;
		fclose(f);
		line[strcspn(line, "\n")] = 0;
		return line + length + 1 + strspn(line + length + 1, " \t");
	}
	fclose(f);
	test_fail(__FILE__, __LINE__, "no key %s", key);
	test_stop();
}

static uint64_t need_bytes(int fd, const char *key)
{
	unsigned long long kib;
	char unit[8];

	REQUIRE(sscanf(need_value(fd, key), "%llu %7s", &kib, unit) == 2);
	EXPECT(!strcmp(unit, "KiB"));
	return kib << 10;
}

static void keys(void)
{
	int fd = test_open(), again = test_open();
	char id[32];

	EXPECT(!strcmp(need_value(fd, "drm-driver"), "vdxg"));
	snprintf(id, sizeof(id), "%s", need_value(fd, "drm-client-id"));
	EXPECT(!strcmp(need_value(again, "drm-client-id"), id));
	EXPECT_EQ(need_bytes(fd, "drm-total-local"), 0);
	EXPECT_EQ(need_bytes(fd, "drm-total-system"), 0);
}

static void clients_differ(void)
{
	int fd = test_open(), up[2];
	unsigned long long mine = strtoull(need_value(fd, "drm-client-id"), NULL, 10), theirs;
	pid_t child;

	REQUIRE(!pipe(up));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		theirs = strtoull(need_value(test_open(), "drm-client-id"), NULL, 10);
		REQUIRE(write(up[1], &theirs, sizeof(theirs)) == sizeof(theirs));
		test_exit();
	}
	REQUIRE(read(up[0], &theirs, sizeof(theirs)) == sizeof(theirs));
	EXPECT_NE(mine, theirs);
	EXPECT(!test_wait(child));
}

static void follows(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_local(device, 2 * MIB), b;
	struct queue queue = need_queue(device);
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = &a,
		.NumAllocations = 1,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};
	int fd = test_open();

	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_APERTURE, 1, &b);
	/* created, but not touched */
	EXPECT_EQ(need_bytes(fd, "drm-total-system"), 3 * MIB);
	EXPECT_EQ(need_bytes(fd, "drm-resident-system"), 0);
	need_resident(&queue, &a, 1);
	need_resident(&queue, &b, 1);
	EXPECT_EQ(need_bytes(fd, "drm-total-local"), 2 * MIB);
	EXPECT_EQ(need_bytes(fd, "drm-resident-local"), 2 * MIB);
	EXPECT_EQ(need_bytes(fd, "drm-purgeable-local"), 0);
	EXPECT_EQ(need_bytes(fd, "drm-resident-aperture"), MIB);
	EXPECT_EQ(need_bytes(fd, "drm-total-system"), 0);
	EXPECT_STATUS(D3DKMTOfferAllocations(&offer), STATUS_SUCCESS);
	EXPECT_EQ(need_bytes(fd, "drm-purgeable-local"), 2 * MIB);
	EXPECT_STATUS(kmt_evict(device, &b, 1, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_bytes(fd, "drm-resident-aperture"), 0);
	EXPECT_EQ(need_bytes(fd, "drm-total-system"), MIB);
	EXPECT_EQ(need_bytes(fd, "drm-resident-system"), MIB);
	EXPECT_STATUS(kmt_destroy_one(device, a), STATUS_SUCCESS);
	EXPECT_EQ(need_bytes(fd, "drm-total-local"), 0);
}

static const struct test_case cases[] = {
	CASE_ONCE(keys, "driver and client id; all opens of a process are one client"),
	CASE_ONCE(clients_differ, "another process is another client"),
	CASE(follows, "total, resident and purgeable follow the allocations"),
};

TEST_MAIN(cases)
