// SPDX-License-Identifier: MIT
/*
 * drm_master.c: whoever opens the graphics card while vdxg uses it can still become its master
 *
 * vm-when: gpu=virtio
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <xf86drm.h>

#include "kmt.h"

static void first_opener_is_master(void)
{
	D3DKMT_HANDLE device = need_device(), list[4];
	char path[64];
	int card, fd, found = 0, i;

	need_allocations(device, 1 << 20, 4, list);
	for (i = 0; i < 4; i++)
		need_lock(device, list[i]);
	for (card = 0; card < 8; card++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", card);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		found++;
		EXPECT(drmIsMaster(fd));
		EXPECT_EQ(drmDropMaster(fd), 0);
		EXPECT_EQ(drmSetMaster(fd), 0);
		EXPECT(drmIsMaster(fd));
		close(fd);
	}
	if (!found)
		test_skip("no /dev/dri/card here");
	/* and it did not cost us anything */
	EXPECT_EQ(test_touch(need_lock(device, list[0]), true), 0);
	EXPECT_STATUS(kmt_destroy_list(device, list, 4), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE_HARDWARE(first_opener_is_master, "a program that opens the card becomes DRM master"),
};

TEST_MAIN(cases)
