// SPDX-License-Identifier: MIT
/*
 * ioctl.c: the device node itself: numbers, sizes, statuses, who may call
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "raw.h"

static void every_number_is_known(void)
{
	bool seen[LX_DX_LAST_NR + 1] = { false };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_EQ(_IOC_TYPE(calls[i].request), 0x47);
		EXPECT_EQ(_IOC_DIR(calls[i].request), _IOC_READ | _IOC_WRITE);
		REQUIRE(_IOC_NR(calls[i].request) <= LX_DX_LAST_NR);
		EXPECT(!seen[_IOC_NR(calls[i].request)]);
		seen[_IOC_NR(calls[i].request)] = true;
	}
	for (i = 1; i <= LX_DX_LAST_NR; i++)
		EXPECT(seen[i]);
}

/*
 * A structure of zeroes names nothing that exists. A call that is not implemented answers
 * NOT_SUPPORTED; one that is, refuses the zeroes, or finds nothing to do. ENOTTY would tell a
 * library that it has been forked.
 */
static void every_number_answers(void)
{
	char zero[1024];
	int fd = test_open(), status;
	unsigned int unsupported = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(zero, 0, sizeof(zero));
		status = raw_call(fd, calls[i].request, zero);
		unsupported += status == -EPERM;
		if (!EXPECT(status != -ENOTTY && status != -EFAULT && status != -EINTR))
			test_note("%s: %s", calls[i].name, status_name(status));
	}
	test_note("%u of %zu calls are not supported", unsupported, ARRAY_SIZE(calls));
}

static void number_unknown(void)
{
	int fd = test_open();
	char buffer[64] = { 0 };
	unsigned int nr;

	for (nr = 0; nr < 256; nr++) {
		if (nr >= 1 && nr <= LX_DX_LAST_NR)
			continue;
		if (!EXPECT_STATUS(raw_call(fd, _IOWR(0x47, nr, __u64), buffer), -ENOTTY))
			test_note("number 0x%x", nr);
		EXPECT_STATUS(raw_call(fd, _IO(0x47, nr), buffer), -ENOTTY);
	}
	EXPECT_STATUS(raw_call(fd, TCGETS, buffer), -ENOTTY);
	EXPECT_STATUS(raw_call(fd, ~0UL, buffer), -ENOTTY);
	EXPECT_STATUS(raw_call(fd, 0, buffer), -ENOTTY);
}

static void size_or_direction_wrong(void)
{
	char buffer[2048] = { 0 };
	int fd = test_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		unsigned int nr = _IOC_NR(calls[i].request), size = _IOC_SIZE(calls[i].request);
		const unsigned long wrong[] = {
			_IOC(_IOC_READ | _IOC_WRITE, 0x47, nr, size - 1),
			_IOC(_IOC_READ | _IOC_WRITE, 0x47, nr, size + 1),
			_IOC(_IOC_READ | _IOC_WRITE, 0x47, nr, size + 8),
			_IOC(_IOC_READ | _IOC_WRITE, 0x47, nr, 0),
			_IOC(_IOC_READ | _IOC_WRITE, 0x47, nr, (1 << _IOC_SIZEBITS) - 1),
			_IOC(_IOC_READ, 0x47, nr, size),
			_IOC(_IOC_WRITE, 0x47, nr, size),
			_IOC(_IOC_NONE, 0x47, nr, size),
			_IOC(_IOC_READ | _IOC_WRITE, 0x48, nr, size),
		};
		size_t j;

		for (j = 0; j < ARRAY_SIZE(wrong); j++)
			if (!EXPECT_STATUS(raw_call(fd, wrong[j], buffer), -ENOTTY))
				test_note("%s as 0x%lx", calls[i].name, wrong[j]);
	}
}

static void statuses_travel(void)
{
	struct raw raw = need_raw();
	struct d3dkmt_adapterinfo info;
	struct d3dkmt_enumadapters2 list = { .adapters = (uintptr_t)&info };
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 entry = {
		.priv_drv_data = (uintptr_t)&data,
		.priv_drv_data_size = sizeof(data),
	};
	struct d3dkmt_createallocation create = {
		.device.v = raw.device,
		.alloc_count = 1,
		.allocation_info = (uintptr_t)&entry,
	};

	/* those that have an errno of their own */
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, 0xdeadbec0), -EINVAL);
	EXPECT_STATUS(raw_call(raw.fd, LX_DXENUMADAPTERS2, &list), -EOVERFLOW);
	vdxg_allocation_data_init(&data, 4096);
	create.resource.v = 0x1eadbeed;
	EXPECT_STATUS(raw_call(raw.fd, LX_DXCREATEALLOCATION, &create), -EBADF);
	/* and one that has none: the value itself */
	create.resource.v = 0;
	data.bytes = 1ULL << 52;
	EXPECT_STATUS(raw_call(raw.fd, LX_DXCREATEALLOCATION, &create),
		      STATUS_GRAPHICS_NO_VIDEO_MEMORY);
}

static void opened_read_only(void)
{
	struct raw raw = need_raw();
	struct d3dkmt_lock2 lock = { .device.v = raw.device, .allocation.v = raw.alone };

	close(raw.fd);
	raw.fd = open(test_device_path(), O_RDONLY | O_CLOEXEC);
	REQUIRE(raw.fd >= 0);
	REQUIRE_STATUS(raw_open_adapter(raw.fd, &raw.adapter), 0);
	REQUIRE_STATUS(raw_create_device(raw.fd, raw.adapter, &raw.device), 0);
	REQUIRE_STATUS(raw_create(raw.fd, raw.device, 0, NULL, &raw.alone), 0);
	lock.device.v = raw.device;
	lock.allocation.v = raw.alone;
	REQUIRE_STATUS(raw_call(raw.fd, LX_DXLOCK2, &lock), 0);
	EXPECT_EQ(test_touch((void *)(uintptr_t)lock.data, true), 0);
}

static void opens_share_handles(void)
{
	struct raw raw = need_raw();
	int second = test_open(), third;
	__u32 more;

	EXPECT_STATUS(raw_destroy(second, raw.device, raw.alone), 0);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), -EINVAL);
	/* until the last is closed */
	close(raw.fd);
	EXPECT_STATUS(raw_create(second, raw.device, 0, NULL, &more), 0);
	third = dup(second);
	close(second);
	EXPECT_STATUS(raw_destroy(third, raw.device, more), 0);
	close(third);
	third = test_open();
	EXPECT_STATUS(raw_destroy(third, raw.device, raw.owned), -EINVAL);
}

static void close_ends_mappings(void)
{
	struct raw raw = need_raw();
	struct d3dkmt_lock2 lock = { .device.v = raw.device, .allocation.v = raw.alone };
	void *p;
	int fd, result;

	REQUIRE_STATUS(raw_call(raw.fd, LX_DXLOCK2, &lock), 0);
	p = (void *)(uintptr_t)lock.data;
	EXPECT_EQ(test_touch(p, true), 0);
	close(raw.fd);
	/* teardown is not synchronous with close: the address works or is gone */
	result = test_touch(p, true);
	EXPECT(!result || result == SIGBUS || result == SIGSEGV);
	fd = test_open();
	EXPECT_STATUS(raw_destroy(fd, raw.device, raw.alone), -EINVAL);
	munmap(p, 4096);
}

static void only_ioctl(void)
{
	char buffer[16] = { 0 };
	int fd = test_open();

	EXPECT_EQ(read(fd, buffer, sizeof(buffer)), -1);
	EXPECT_EQ(write(fd, buffer, sizeof(buffer)), -1);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
}

static void everybody_may_open(void)
{
	struct stat st;

	REQUIRE(!stat(test_device_path(), &st));
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0666);
	test_drop_root();
	need_raw();
}

static void path_descriptor(void)
{
	int fd = open(test_device_path(), O_PATH);
	struct d3dkmt_enumadapters2 list = { 0 };

	REQUIRE(fd >= 0);
	EXPECT_STATUS(raw_call(fd, LX_DXENUMADAPTERS2, &list), -EBADF);
}

/* ---- callers that are not the opener ---- */

static int call_from_child(const struct raw *raw)
{
	struct d3dkmt_enumadapters2 list = { 0 };
	int status = raw_call(raw->fd, LX_DXENUMADAPTERS2, &list);

	EXPECT_STATUS(raw_destroy(raw->fd, raw->device, raw->alone), -ENOTTY);
	return status;
}

static void forked_child(void)
{
	struct raw raw = need_raw();
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		EXPECT_STATUS(call_from_child(&raw), -ENOTTY);
		/* with a descriptor of its own it is another process */
		close(raw.fd);
		raw.fd = test_open();
		EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), -EINVAL);
		need_raw();
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
}

static void vforked_child(void)
{
	static struct raw raw;
	static volatile int status;
	struct d3dkmt_enumadapters2 list = { 0 };
	pid_t pid;

	raw = need_raw();
	pid = vfork();
	if (!pid) {
		status = raw_call(raw.fd, LX_DXENUMADAPTERS2, &list);
		_exit(0);
	}
	REQUIRE(pid > 0);
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_STATUS(status, -ENOTTY);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
}

static void *thread_call(void *arg)
{
	struct raw *raw = arg;

	EXPECT_STATUS(raw_destroy(raw->fd, raw->device, raw->alone), 0);
	return NULL;
}

static void other_thread(void)
{
	struct raw raw = need_raw();
	pthread_t thread;

	REQUIRE(!pthread_create(&thread, NULL, thread_call, &raw));
	pthread_join(thread, NULL);
}

/* run as "--helper descriptor" in a program executed with an inherited descriptor */
int test_helper(int argc, char **argv)
{
	struct d3dkmt_enumadapters2 list = { 0 };
	int fd = argc > 0 ? atoi(argv[0]) : -1;

	EXPECT_STATUS(raw_call(fd, LX_DXENUMADAPTERS2, &list), -ENOTTY);
	EXPECT_STATUS(raw_call(test_open(), LX_DXENUMADAPTERS2, &list), 0);
	return test_failed();
}

static void execute(int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "test", "--helper", number, NULL);
	_exit(99);
}

static void executed_program(void)
{
	struct raw raw = need_raw();
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid)
		execute(raw.fd);
	EXPECT_EQ(test_wait(pid), 0);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);

	/* the opener itself: same thread group, another address space */
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		raw = need_raw();
		execute(raw.fd);
	}
	EXPECT_EQ(test_wait(pid), 0);
}

static void send_descriptor(int to, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec vec = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vec,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	REQUIRE(sendmsg(to, &message, 0) == 1);
}

static int receive_descriptor(int from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec vec = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vec,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd;

	REQUIRE(recvmsg(from, &message, 0) == 1);
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void passed_over_a_socket(void)
{
	struct raw raw;
	int fds[2];
	pid_t pid;

	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		struct d3dkmt_enumadapters2 list = { 0 };
		int fd = receive_descriptor(fds[1]);

		EXPECT_STATUS(raw_call(fd, LX_DXENUMADAPTERS2, &list), -ENOTTY);
		/* the sender closes its own; this one must not keep anything alive that matters */
		REQUIRE(write(fds[1], "", 1) == 1);
		EXPECT_STATUS(raw_call(fd, LX_DXENUMADAPTERS2, &list), -ENOTTY);
		test_exit();
	}
	raw = need_raw();
	send_descriptor(fds[0], raw.fd);
	REQUIRE(read(fds[0], fds, 1) == 1);
	EXPECT_STATUS(raw_destroy(raw.fd, raw.device, raw.alone), 0);
	close(raw.fd);
	EXPECT_EQ(test_wait(pid), 0);
}

static const struct test_case cases[] = {
	CASE_ONCE(every_number_is_known, "the table of this test names every number once"),
	CASE_ONCE(every_number_answers, "each of them answers, if only NOT_SUPPORTED"),
	CASE_ONCE(number_unknown, "an unknown number is ENOTTY"),
	CASE_ONCE(size_or_direction_wrong,
		  "a known number with a wrong size or direction is ENOTTY"),
	CASE(statuses_travel, "statuses with an errno come as it, others as the value"),
	CASE(opened_read_only, "a descriptor opened O_RDONLY can do everything, Lock2 too"),
	CASE(opens_share_handles,
	     "several opens of a process share handles until the last is closed"),
	CASE(close_ends_mappings, "closing the last descriptor with a locked allocation"),
	CASE_ONCE(only_ioctl, "read, write and mmap do not work"),
	CASE(everybody_may_open, "mode 0666: nobody can use it"),
	CASE_ONCE(path_descriptor, "an O_PATH descriptor is EBADF"),
	CASE(forked_child,
	     "a forked child gets ENOTTY on the inherited descriptor, and can open its own"),
	CASE(vforked_child, "so does a child that shares the address space"),
	CASE(other_thread, "another thread of the opener may call"),
	CASE(executed_program,
	     "a program executed with the descriptor gets ENOTTY, the opener itself too"),
	CASE(passed_over_a_socket, "a process that received the descriptor gets ENOTTY"),
};

TEST_MAIN(cases)
