/* SPDX-License-Identifier: MIT */
/*
 * notify.h: notifications, for the tests: descriptors as the kernel has them, and another process
 */
#ifndef VDXG_TEST_NOTIFY_H
#define VDXG_TEST_NOTIFY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "raw.h"
#include "vidmm_escape.h"

/**
 * struct neighbour - another process that requires local memory, and does what it is told
 * @pid: the process
 * @up: what it says
 * @down: what it is told
 */
struct neighbour {
	pid_t pid;
	int up;
	int down;
};

/* what a neighbour is told: to require, to reserve, to end */
enum { REQUIRE_BYTES, RESERVE_BYTES, END };

struct order {
	uint64_t what;
	uint64_t bytes;
};

static inline void be_neighbour(int up, int down)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), a;
	struct queue queue = need_queue(device);
	struct order order;

	while (read(down, &order, sizeof(order)) == sizeof(order) && order.what != END) {
		if (order.what == REQUIRE_BYTES) {
			a = need_local(device, order.bytes);
			need_resident(&queue, &a, 1);
		} else {
			REQUIRE_STATUS(kmt_reserve(adapter, LOCAL_GROUP, order.bytes),
				       STATUS_SUCCESS);
		}
		REQUIRE(write(up, "", 1) == 1);
	}
	test_exit();
}

static inline struct neighbour need_neighbour(void)
{
	struct neighbour n;
	int up[2], down[2];

	REQUIRE(!pipe(up) && !pipe(down));
	n.pid = fork();
	REQUIRE(n.pid >= 0);
	if (!n.pid) {
		close(down[1]);
		be_neighbour(up[1], down[0]);
	}
	close(up[1]);
	close(down[0]);
	n.up = up[0];
	n.down = down[1];
	return n;
}

static inline void tell(const struct neighbour *n, uint64_t what, uint64_t bytes)
{
	struct order order = { what, bytes };
	char byte;

	REQUIRE(write(n->down, &order, sizeof(order)) == sizeof(order));
	REQUIRE(what == END || read(n->up, &byte, 1) == 1);
	if (what == END)
		EXPECT(!test_wait(n->pid));
}

/**
 * struct listener - a descriptor that tells of a device
 * @raw: the caller
 * @fd: the descriptor
 */
struct listener {
	struct raw raw;
	int fd;
};

static inline int raw_register(const struct raw *raw, __u32 device, __u32 events, int *fd)
{
	struct vdxg_registernotification args = { .device = device, .events = events };
	int status = raw_call(raw->fd, LX_VDXGREGISTERNOTIFICATION, &args);

	*fd = args.descriptor;
	return status;
}

static inline struct listener need_listener(__u32 events)
{
	struct listener l = { .raw = need_raw() };

	REQUIRE_STATUS(raw_register(&l.raw, l.raw.device, events, &l.fd), STATUS_SUCCESS);
	return l;
}

static inline struct vdxg_notification need_record(int fd)
{
	struct vdxg_notification record;

	REQUIRE(read(fd, &record, sizeof(record)) == sizeof(record));
	return record;
}

#endif
