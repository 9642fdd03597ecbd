/* SPDX-License-Identifier: MIT */
/*
 * dma_buf.h: dma-bufs of ours and of other drivers, for the tests (see kmt.h)
 *
 * The other drivers are vgem, which only has memory, and virtio-gpu; by drm.h. The machine has vgem as
 * a module, which need_vgem() loads.
 */
#ifndef VDXG_TEST_DMA_BUF_H
#define VDXG_TEST_DMA_BUF_H

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdxg.h>

#include "drm.h"
#include "share.h"

/* ---- ours ---- */

static inline int need_export(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	int fd = -1;

	REQUIRE_STATUS(vdxg_export_dma_buf(device, allocation, 0, &fd), STATUS_SUCCESS);
	REQUIRE(fd >= 0);
	return fd;
}

static inline D3DKMT_HANDLE need_import(D3DKMT_HANDLE device, int fd)
{
	D3DKMT_HANDLE allocation = 0;

	REQUIRE_STATUS(vdxg_import_dma_buf(device, fd, NULL, &allocation, NULL), STATUS_SUCCESS);
	REQUIRE(is_local_handle(allocation));
	return allocation;
}

/* ---- descriptors ---- */

static inline void *need_mmap(int fd, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

/* what tells one dma-buf from another */
static inline ino_t inode_of(int fd)
{
	struct stat st = { 0 };

	REQUIRE(!fstat(fd, &st));
	return st.st_ino;
}

static inline int dma_buf_sync(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync) ? -errno : 0;
}

/* ---- other drivers ---- */

static inline void load_module(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;		/* built in */
	syscall(SYS_finit_module, fd, "", 0);
	close(fd);
}

static inline int need_vgem(void)
{
	int fd = open_card("vgem", false);

	if (fd < 0) {
		if (geteuid())
			test_skip("needs root, to load vgem");
		/* without a GPU nobody has loaded what they need */
		load_module("drm_kms_helper");
		load_module("drm_shmem_helper");
		load_module("vgem");
		fd = open_card("vgem", false);
	}
	if (fd < 0)
		test_skip("needs vgem");
	return fd;
}

/* a dumb buffer; its size is @bytes */
static inline uint32_t need_dumb(int card, uint32_t bytes)
{
	struct drm_mode_create_dumb create = { .width = 1024, .height = bytes / 4096, .bpp = 32 };

	REQUIRE(!drm_call(card, DRM_IOCTL_MODE_CREATE_DUMB, &create));
	REQUIRE(create.size == bytes);
	return create.handle;
}

static inline void *need_dumb_map(int card, uint32_t handle, size_t bytes)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	void *p;

	REQUIRE(!drm_call(card, DRM_IOCTL_MODE_MAP_DUMB, &map));
	/* an offset of more than 32 bits */
	p = mmap64(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, card, map.offset);
	REQUIRE(p != MAP_FAILED);
	return p;
}

static inline int need_prime_fd(int card, uint32_t handle)
{
	int fd = handle_to_prime(card, handle);

	REQUIRE(fd >= 0);
	return fd;
}

static inline void close_gem(int card, uint32_t handle)
{
	struct drm_gem_close close = { .handle = handle };

	REQUIRE(!drm_call(card, DRM_IOCTL_GEM_CLOSE, &close));
}

/* ---- content ---- */

static inline void fill(void *p, size_t bytes, uint32_t seed)
{
	uint32_t *word = p;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i += 256)
		word[i] = seed + i;
}

/* whether fill() with this seed was the last that wrote there */
static inline bool filled(const void *p, size_t bytes, uint32_t seed)
{
	const volatile uint32_t *word = p;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i += 256)
		if (word[i] != seed + i)
			return false;
	return true;
}

#endif
