// SPDX-License-Identifier: MIT
/*
 * peers.c: what other interfaces of the same kernel cost: the yardsticks
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xf86drm.h>

#include "peers.h"

/**
 * open_drm - open the primary node of a DRM driver
 * @driver: its name
 *
 * Return: the descriptor; ends the benchmark if there is none.
 */
int open_drm(const char *driver)
{
	drmVersionPtr version;
	char path[32];
	bool found;
	int i, fd;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		found = version && !strcmp(version->name, driver);
		drmFreeVersion(version);
		if (found)
			return fd;
		close(fd);
	}
	fail(driver, -1);
}

/**
 * create_dumb - create a dumb buffer
 * @fd: a primary node
 * @width: in pixels of 4 bytes
 * @height: in pixels
 *
 * Return: its handle.
 */
uint32_t create_dumb(int fd, uint32_t width, uint32_t height)
{
	struct drm_mode_create_dumb create = { .width = width, .height = height, .bpp = 32 };

	if (drmIoctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &create))
		fail("CREATE_DUMB", -1);
	return create.handle;
}

static void create_destroy_dumb(struct samples *s, const char *driver, uint32_t width,
				uint32_t height)
{
	int fd = open_drm(driver);

	while (more(s)) {
		begin(s);
		drmCloseBufferHandle(fd, create_dumb(fd, width, height));
		end(s, 1);
	}
}

static void getpid_call(struct samples *s)
{
	while (more(s)) {
		begin(s);
		syscall(SYS_getpid);
		end(s, 1);
	}
}

static void vgem_create_destroy(struct samples *s)
{
	create_destroy_dumb(s, "vgem", 32, 32);
}

static void virtio_dumb_create_destroy_4k(struct samples *s)
{
	create_destroy_dumb(s, "virtio_gpu", 32, 32);
}

static void virtio_dumb_create_destroy_1m(struct samples *s)
{
	create_destroy_dumb(s, "virtio_gpu", 512, 512);
}

static void memfd_create_close(struct samples *s)
{
	int fd;

	while (more(s)) {
		begin(s);
		fd = memfd_create("bench", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, 4096))
			fail("memfd", -1);
		close(fd);
		end(s, 1);
	}
}

const struct benchmark bench_peers[] = {
	{ .name = "getpid", .run = getpid_call },
	{ .name = "vgem_create_destroy", .run = vgem_create_destroy },
	{ .name = "virtio_dumb_create_destroy_4k", .run = virtio_dumb_create_destroy_4k },
	{ .name = "virtio_dumb_create_destroy_1m", .run = virtio_dumb_create_destroy_1m },
	{ .name = "memfd_create_close", .run = memfd_create_close },
	{ }
};
