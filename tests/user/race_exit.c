// SPDX-License-Identifier: MIT
/*
 * race_exit.c: processes that end in the middle of calls, and descriptors that outlive them
 *
 * A child works in several threads until it is killed, exits or executes another program.
 * Afterwards everything it had must be gone, and the parent, which goes on all the time,
 * undisturbed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "race.h"

#define ROUNDS 10
#define THREADS 3

static void *work(void *arg)
{
	D3DKMT_HANDLE device = (uintptr_t)arg, list[8], resource;
	uint64_t random = getpid() ^ (uintptr_t)&list;
	void *p;

	for (;;) {
		/* another thread may be ending the process: any status will do, a crash will not */
		struct vdxg_allocation_data data;

		vdxg_allocation_data_init(&data, 4096 << test_random(&random) % 6);
		resource = 0;
		if (kmt_create(device, &resource, CREATE_RESOURCE, &data, 0, 8, list) !=
		    STATUS_SUCCESS)
			continue;
		if (kmt_lock(device, list[0], &p) == STATUS_SUCCESS)
			memset(p, 1, 4096);
		if (test_random(&random) % 2)
			kmt_destroy_list(device, list, 4);
		if (test_random(&random) % 4)
			kmt_destroy_resource(device, resource);
	}
	return NULL;
}

/* in the child: begin to work; tell the parent through @fd */
static void start_work(int fd)
{
	D3DKMT_HANDLE device = need_device();
	pthread_t thread;
	int i;

	for (i = 0; i < THREADS; i++)
		REQUIRE(!pthread_create(&thread, NULL, work, (void *)(uintptr_t)device));
	REQUIRE(write(fd, "", 1) == 1);
}

static void pause_random(uint64_t *random)
{
	struct timespec pause = { .tv_nsec = test_random(random) % 20000000 };

	nanosleep(&pause, NULL);
}

static void round_of(void (*end)(int fd, uint64_t *random), bool kill_it)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 65536);
	unsigned char *mine = need_lock(device, allocation);
	uint64_t random = test_seed();
	unsigned int i, j, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();
	int fds[2], status;
	char byte;
	pid_t pid;

	for (i = 0; i < rounds && !test_failed(); i++) {
		memset(mine, i, 65536);
		REQUIRE(!pipe2(fds, O_CLOEXEC));
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			random ^= i + 1;
			end(fds[1], &random);
			_exit(0);
		}
		close(fds[1]);
		/* it works now, or has gone already */
		if (read(fds[0], &byte, 1) < 0)
			test_stop();
		pause_random(&random);
		if (kill_it)
			kill(pid, SIGKILL);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		if (kill_it)
			EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		else
			EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		close(fds[0]);
		for (j = 0; j < 65536; j++)
			if (mine[j] != (unsigned char)i)
				break;
		EXPECT_EQ(j, 65536);
		if (i % 4 == 0)
			expect_usage_back(before);
	}
	expect_usage_back(before);
}

static void work_on(int fd, uint64_t *random)
{
	(void)random;
	start_work(fd);
	for (;;)
		pause();
}

static void killed(void)
{
	round_of(work_on, true);
}

static void then_exit(int fd, uint64_t *random)
{
	start_work(fd);
	pause_random(random);
	_exit(0);
}

static void exits(void)
{
	round_of(then_exit, false);
}

int test_helper(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static void then_execute(int fd, uint64_t *random)
{
	start_work(fd);
	pause_random(random);
	execl("/proc/self/exe", "test", "--helper", NULL);
	_exit(99);
}

static void executes(void)
{
	round_of(then_execute, false);
}

/* the thread that created everything ends before the others */
static void then_first_thread_ends(int fd, uint64_t *random)
{
	(void)random;
	start_work(fd);
	/* not pthread_exit(), which wants another library */
	syscall(SYS_exit, 0);
}

static void first_thread_ends(void)
{
	round_of(then_first_thread_ends, true);
}

static void then_fork(int fd, uint64_t *random)
{
	pid_t pid;
	int i;

	start_work(fd);
	for (i = 0; i < 5; i++) {
		pause_random(random);
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static void forks(void)
{
	round_of(then_fork, false);
}

/* ---- descriptors that another process holds ---- */

static int receive(int from)
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

	REQUIRE(recvmsg(from, &message, MSG_CMSG_CLOEXEC) == 1);
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void give(int to, int fd)
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

/*
 * The opener gives its descriptor away and is killed while it works. What it had must go although
 * the descriptor stays open here.
 */
static void descriptor_outlives_opener(void)
{
	uint64_t random = test_seed();
	unsigned int i, rounds = test_rounds(ROUNDS);
	struct usage before = need_usage();
	char buffer[64];
	int fds[2], fd;
	pid_t pid;

	for (i = 0; i < rounds && !test_failed(); i++) {
		REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			fd = test_open();
			give(fds[1], fd);
			work_on(fds[1], &random);
		}
		fd = receive(fds[0]);
		REQUIRE(read(fds[0], buffer, 1) == 1);
		pause_random(&random);
		memset(buffer, 0, sizeof(buffer));
		EXPECT_STATUS(test_ioctl(fd, 0xc0104714, buffer), -ENOTTY);
		kill(pid, SIGKILL);
		test_wait(pid);
		EXPECT_STATUS(test_ioctl(fd, 0xc0104714, buffer), -ENOTTY);
		if (i % 4 == 0)
			expect_usage_back(before);
		close(fd);
		close(fds[0]);
		close(fds[1]);
	}
	expect_usage_back(before);
}

static const struct test_case cases[] = {
	CASE(killed, "kill -9 in the middle of calls"),
	CASE(exits, "exit while other threads are in calls"),
	CASE(executes, "exec while other threads are in calls"),
	CASE(first_thread_ends, "the first thread ends, the others work on and are killed"),
	CASE(forks, "fork while other threads are in calls"),
	CASE(descriptor_outlives_opener,
	     "a descriptor held elsewhere keeps nothing of a killed process alive"),
};

TEST_MAIN(cases)
