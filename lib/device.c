// SPDX-License-Identifier: MIT
/*
 * device.c: the device node: opened by the first call, once in a process
 *
 * The node is $VDXG_DEVICE, else /dev/dxg, else /dev/vdxg.  The descriptor is
 * kept in an atomic and never changes while the process lives, so a call costs
 * one load beside the ioctl.  It is closed across exec, and a child made by
 * fork() opens its own, because handles belong to the process that made them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "shape.h"

static const char * const default_paths[] = { "/dev/dxg", "/dev/vdxg" };

static atomic_int device_fd = -1;
static atomic_int open_error;
static _Atomic(const char *) device_path;

/* The node behind device_fd: a descriptor can be closed behind our back. */
static _Atomic(dev_t) device_rdev;

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static bool is_device(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
	       st.st_rdev == atomic_load(&device_rdev);
}

/* In a child of fork(), before anything else runs there. */
static void forget_device(void)
{
	int fd = atomic_exchange(&device_fd, -1);

	if (fd >= 0 && is_device(fd))
		close(fd);
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, forget_device);
}

__attribute__((destructor)) static void close_device(void)
{
	forget_device();
}

/**
 * D3DKMTCloseDxCoreDevice - close the device node
 *
 * With it everything the process has is destroyed.  The next call opens it
 * again.  No other call may be running: its descriptor would be closed under
 * it, and perhaps given to another file.
 *
 * Source: WSL's libdxg; not documented
 */
VDXG_PUBLIC VOID D3DKMTCloseDxCoreDevice(VOID)
{
	forget_device();
}

static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		/* the one that is there and refuses is the one to report */
		if (!atomic_load(&open_error) || errno != ENOENT) {
			atomic_store(&device_path, path);
			atomic_store(&open_error, errno);
		}
		return -1;
	}
	if (!fstat(fd, &st))
		atomic_store(&device_rdev, st.st_rdev);
	atomic_store(&device_path, path);
	atomic_store(&open_error, 0);
	return fd;
}

static int open_node(void)
{
	const char *path = secure_getenv("VDXG_DEVICE");
	size_t i;
	int fd;

	pthread_once(&fork_once, watch_forks);
	atomic_store(&open_error, 0);
	if (path && *path)
		return open_path(path);
	for (i = 0; i < ARRAY_SIZE(default_paths); i++) {
		fd = open_path(default_paths[i]);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* Put a new descriptor in the place of @old; whoever is first wins. */
static int open_device(int old)
{
	int fd = open_node();

	if (fd < 0)
		return -1;
	if (!atomic_compare_exchange_strong(&device_fd, &old, fd)) {
		close(fd);
		return old;
	}
	return fd;
}

static int get_device(void)
{
	int fd = atomic_load_explicit(&device_fd, memory_order_acquire);

	return fd >= 0 ? fd : open_device(-1);
}

/*
 * The kernel does not know us behind @fd.  Its number stays when the file is
 * the device: another thread may be about to use it.
 */
static int reopen_device(int fd)
{
	int new;

	if (!is_device(fd))
		return open_device(fd);
	new = open_node();
	if (new < 0)
		return -1;
	dup3(new, fd, O_CLOEXEC);
	close(new);
	return fd;
}

static NTSTATUS status_of(int ret)
{
	return ret == -1 ? vdxg_status_from_errno(errno) : ret;
}

/* Run the ioctl on the structure as the kernel has it. */
static NTSTATUS call(unsigned long request, void *args, bool root)
{
	int fd = get_device();
	int ret;

	if (fd < 0)
		return STATUS_UNSUCCESSFUL;
	ret = ioctl(fd, request, args);
	if (ret == -1 && root && (errno == ENOTTY || errno == EBADF)) {
		fd = reopen_device(fd);
		if (fd < 0)
			return STATUS_UNSUCCESSFUL;
		ret = ioctl(fd, request, args);
	}
	return status_of(ret);
}

static NTSTATUS convert_and_call(unsigned long request, void *args,
				 const char *shape, bool root)
{
	/* the largest structure of the interface, aligned as each needs */
	uint64_t abi[sizeof(struct d3dkmt_querystatistics) / 8];
	uint64_t before[sizeof(abi) / 8];
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	if (!vdxg_shape_differs(shape))
		return call(request, args, root);
	memset(abi, 0, sizeof(abi));
	vdxg_shape_to_abi(shape, args, abi);
	memcpy(before, abi, sizeof(abi));
	status = call(request, abi, root);
	/* a call without outputs may have unmapped what its arguments lie in */
	if (memcmp(before, abi, sizeof(abi)))
		vdxg_shape_from_abi(shape, abi, args);
	return status;
}

NTSTATUS vdxg_call(unsigned long request, const void *args, const char *shape)
{
	/* some of Windows' prototypes say const and write nevertheless */
	return convert_and_call(request, (void *)args, shape, false);
}

NTSTATUS vdxg_call_root(unsigned long request, const void *args,
			const char *shape)
{
	return convert_and_call(request, (void *)args, shape, true);
}

VDXG_PUBLIC const char *vdxg_device_path(void)
{
	const char *path;

	get_device();
	path = atomic_load(&device_path);
	return path ? path : default_paths[0];
}

VDXG_PUBLIC int vdxg_open_error(void)
{
	return get_device() < 0 ? atomic_load(&open_error) : 0;
}
