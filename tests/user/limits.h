/* SPDX-License-Identifier: MIT */
/*
 * limits.h: a neighbour, for tests in which one process exceeds a limit
 */
#ifndef VDXG_TEST_LIMITS_H
#define VDXG_TEST_LIMITS_H

#include <fcntl.h>
#include <unistd.h>

#include "kmt.h"

#define MIB (1ULL << 20)

/* ---- the neighbour: writes and reads its own memory until it is told to stop ---- */

static int neighbour_fd;

static inline void neighbour_start(pid_t *pid)
{
	int fds[2], ready[2];
	char byte;

	REQUIRE(!pipe(fds) && !pipe(ready));
	*pid = fork();
	REQUIRE(*pid >= 0);
	if (!*pid) {
		D3DKMT_HANDLE device = need_device(), allocation;
		unsigned int i = 0, j;
		unsigned char *p;

		close(fds[1]);
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
		do {
			allocation = need_allocation(device, MIB);
			p = need_lock(device, allocation);
			memset(p, ++i, MIB);
			for (j = 0; j < MIB; j += 512)
				if (p[j] != (unsigned char)i)
					break;
			EXPECT_EQ(j, MIB);
			EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
			if (i == 1)
				REQUIRE(write(ready[1], "", 1) == 1);
		} while (!test_failed() && read(fds[0], &byte, 1) < 0);
		test_exit();
	}
	close(fds[0]);
	close(ready[1]);
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	neighbour_fd = fds[1];
}

static inline void neighbour_stop(pid_t pid)
{
	close(neighbour_fd);
	EXPECT_EQ(test_wait(pid), 0);
}

/* run @exceed in a process of its own beside a neighbour */
static inline void beside_a_neighbour(void (*exceed)(void))
{
	pid_t neighbour, pid;

	neighbour_start(&neighbour);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		exceed();
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	neighbour_stop(neighbour);
}

#endif
