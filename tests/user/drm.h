/* SPDX-License-Identifier: MIT */
/*
 * drm.h: the few calls of DRM that the tests make, by the kernel's header alone
 *
 * Not by libdrm, of which there is only one width on most machines: the tests are built for both.
 */
#ifndef VDXG_TEST_DRM_H
#define VDXG_TEST_DRM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libdrm/drm.h>

static inline int drm_call(int card, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(card, request, arg);
	} while (ret == -1 && (errno == EINTR || errno == EAGAIN));
	return ret;
}

/* the first card of a driver, without becoming its master; -1 if there is none */
static inline int open_card(const char *driver, bool render)
{
	char path[64], name[32];
	int i, fd;

	for (i = 0; i < 16; i++) {
		struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

		snprintf(path, sizeof(path), render ? "/dev/dri/renderD%d" : "/dev/dri/card%d",
			 render ? i + 128 : i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		memset(name, 0, sizeof(name));
		if (!drm_call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, driver))
			return fd;
		close(fd);
	}
	return -1;
}

/* a dma-buf becomes a buffer object of the card */
static inline int prime_to_handle(int card, int fd, uint32_t *handle)
{
	struct drm_prime_handle args = { .fd = fd };
	int ret = drm_call(card, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	if (!ret)
		*handle = args.handle;
	return ret;
}

/* a buffer object becomes a dma-buf; -1 if it cannot */
static inline int handle_to_prime(int card, uint32_t handle)
{
	struct drm_prime_handle args = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	return drm_call(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args) ? -1 : args.fd;
}

#endif
