// SPDX-License-Identifier: MIT
/*
 * module_unload.c: the module cannot be unloaded while anything of it is in use
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"

static int unload(void)
{
	return syscall(SYS_delete_module, "vdxg", O_NONBLOCK) ? -errno : 0;
}

static void need_module(void)
{
	if (geteuid())
		test_skip("needs root");
	if (access("/sys/module/vdxg/refcnt", F_OK))
		test_skip("vdxg is not a loaded module here");
}

static void while_open(void)
{
	int fd;

	need_module();
	fd = test_open();
	EXPECT_STATUS(unload(), -EAGAIN);
	need_raw();
	EXPECT_STATUS(unload(), -EAGAIN);
	close(fd);
	EXPECT_STATUS(unload(), -EAGAIN);
}

static void while_mapped(void)
{
	struct d3dkmt_lock2 lock = { 0 };
	struct raw raw;
	int result;

	need_module();
	raw = need_raw();
	lock.device.v = raw.device;
	lock.allocation.v = raw.alone;
	REQUIRE_STATUS(raw_call(raw.fd, LX_DXLOCK2, &lock), 0);
	EXPECT_EQ(test_touch((void *)(uintptr_t)lock.data, true), 0);
	close(raw.fd);
	/* the mapping's code is ours, even if its memory is gone */
	EXPECT_STATUS(unload(), -EAGAIN);
	result = test_touch((void *)(uintptr_t)lock.data, true);
	EXPECT(!result || result == SIGBUS);
}

static const struct test_case cases[] = {
	CASE(while_open, "not while a descriptor is open"),
	CASE(while_mapped, "not while a mapping is left"),
};

TEST_MAIN(cases)
