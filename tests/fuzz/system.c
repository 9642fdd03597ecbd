// SPDX-License-Identifier: MIT
/*
 * system.c: what a program does besides calls: fork, exec, signals, descriptors, memory
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "fuzz.h"

#define PAGE 4096UL

/** device_path - the device node */
const char *device_path(void)
{
	const char *path = getenv("VDXG_DEVICE");

	return path && *path ? path : "/dev/dxg";
}

/* ---- memory ------------------------------------------------------------------- */

struct range {
	char *address;
	size_t length;
	unsigned int how;
};

static void touch(void *arg)
{
	struct range *r = arg;
	volatile char *p = r->address;
	size_t i;

	for (i = 0; i < r->length; i += PAGE) {
		char c = p[i];

		if (r->how & 1)
			p[i] = c;
	}
}

/* pages that Lock2 or a fence gave: not wherever else an old address may lead */
static bool is_ours(struct call_state *s, uint64_t address)
{
	return address && !(address & (PAGE - 1)) &&
	       (address < (uintptr_t)s->arena - PAGE || address > (uintptr_t)s->arena + ARENA_SIZE);
}

static void touch_memory(struct call_state *s)
{
	struct range r = { (char *)(uintptr_t)pool_pick(s, ADDRESS), (1 + draw(s, 4)) * PAGE,
			   draw(s, 2) };

	if (is_ours(s, (uintptr_t)r.address))
		try_memory(touch, &r);
}

static void change_memory(struct call_state *s)
{
	char *p = (char *)(uintptr_t)pool_pick(s, ADDRESS);
	size_t length = (1 + draw(s, 3)) * PAGE;
	unsigned char present[3];

	/* nothing but what is there: an old address may lead to somebody's stack */
	if (!is_ours(s, (uintptr_t)p) || mincore(p, length, present))
		return;
	switch (draw(s, 7)) {
	case 0:
		mprotect(p, length, draw(s, 2) ? PROT_READ : PROT_NONE);
		break;
	case 1:
		madvise(p, length, draw(s, 2) ? MADV_DONTNEED : MADV_WILLNEED);
		break;
	case 2:
		madvise(p, length, draw(s, 2) ? MADV_DONTFORK : MADV_DOFORK);
		break;
	case 3:
		mlock(p, length);
		break;
	case 4:
		msync(p, length, MS_SYNC);
		break;
	case 5:
		syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0);
		madvise(p, length, 23 /* MADV_POPULATE_WRITE */);
		break;
	default:
		munmap(p, PAGE);
	}
}

/* a system call that reads or writes such memory, in place of an instruction */
static void use_memory(struct call_state *s)
{
	char *p = (char *)(uintptr_t)pool_pick(s, ADDRESS);
	int fds[2];

	if (!is_ours(s, (uintptr_t)p) || pipe2(fds, O_NONBLOCK | O_CLOEXEC))
		return;
	if (write(fds[1], p, PAGE) > 0 && read(fds[0], p, PAGE) < 0)
		errno = 0;
	close(fds[0]);
	close(fds[1]);
}

/* ---- descriptors ------------------------------------------------------------------ */

static void reopen(struct call_state *s)
{
	int *fd = &s->worker->fds[draw(s, 4) ? 1 : 0];
	int new = open(device_path(), O_RDWR | O_CLOEXEC);

	if (new < 0)
		return;
	/* under the number it had: other threads use it */
	dup3(new, *fd, O_CLOEXEC);
	close(new);
}

static void new_event(struct call_state *s)
{
	int fd = eventfd(draw(s, 2), EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd >= 0)
		pool_put(s, EVENT, fd);
}

static void read_event(struct call_state *s)
{
	uint64_t value;
	int fd = pool_pick(s, EVENT);

	if (fd > 2 && read(fd, &value, sizeof(value)) < 0)
		errno = 0;
}

static void use_file(struct call_state *s)
{
	int fd = draw(s, 2) ? s->worker->fds[0] : (int)pool_pick(s, NT_SYNC + draw(s, 5));
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT };
	char text[16] = "";
	void *p;

	if (fd <= 2)
		return;
	switch (draw(s, 6)) {
	case 0:
		poll(&poll_fd, 1, 0);
		break;
	case 1:
		if (read(fd, text, sizeof(text)) < 0)
			errno = 0;
		break;
	case 2:
		if (write(fd, text, sizeof(text)) < 0)
			errno = 0;
		break;
	case 3:
		p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, draw(s, 4) * PAGE);
		if (p != MAP_FAILED)
			munmap(p, PAGE);
		break;
	case 4:
		lseek(fd, 0, SEEK_SET);
		break;
	default:
		ioctl(fd, next_random(&s->random) & 0x3fff47ff, s->arena);
	}
}

static void close_one(struct call_state *s)
{
	int fd = pool_pick(s, NT_SYNC + draw(s, 5));

	if (fd > 2)
		close(fd);
}

struct descriptor_message {
	struct msghdr header;
	struct iovec vector;
	char kind;
	char control[CMSG_SPACE(sizeof(int))];
};

static void prepare(struct descriptor_message *m)
{
	memset(m, 0, sizeof(*m));
	m->vector.iov_base = &m->kind;
	m->vector.iov_len = 1;
	m->header.msg_iov = &m->vector;
	m->header.msg_iovlen = 1;
	m->header.msg_control = m->control;
	m->header.msg_controllen = sizeof(m->control);
}

static void send_descriptor(struct call_state *s)
{
	struct descriptor_message m;
	struct cmsghdr *c;
	int fd;

	prepare(&m);
	m.kind = NT_SYNC + draw(s, 5);
	fd = pool_pick(s, m.kind);
	if (draw(s, 8) == 0)
		fd = s->worker->fds[0];
	if (fd <= 2)
		return;
	c = CMSG_FIRSTHDR(&m.header);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	sendmsg(s->worker->socket[draw(s, 2)], &m.header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void receive_descriptor(struct call_state *s)
{
	struct descriptor_message m;
	struct cmsghdr *c;
	int fd;

	prepare(&m);
	if (recvmsg(s->worker->socket[draw(s, 2)], &m.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
		return;
	c = CMSG_FIRSTHDR(&m.header);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (IS_DESCRIPTOR(m.kind) && m.kind < KINDS) {
		s->device = 0;
		pool_put(s, m.kind, fd);
	} else {
		close(fd);
	}
}

/* global handles are numbers, so that another process can be told of them: by a guess, here */
static void guess_global(struct call_state *s)
{
	enum kind kind = GLOBAL_RESOURCE + draw(s, 3);

	s->device = 0;
	pool_put(s, kind, 0x40000002 + 0x40 * draw(s, 32));
}

/* ---- processes ----------------------------------------------------------------------- */

/* In the child nobody else runs: what a parent's descriptor answers, then one of its own. */
static void child(struct call_state *s)
{
	struct d3dkmt_openadapterfromluid open_adapter = { 0 };
	struct range r = { (char *)(uintptr_t)pool_pick(s, ADDRESS), PAGE, 1 };
	int fd;

	memcpy(&open_adapter.adapter_luid, &shared->luids[0], 8);
	ioctl(s->worker->fds[0], LX_DXOPENADAPTERFROMLUID, &open_adapter);
	if (is_ours(s, (uintptr_t)r.address))
		try_memory(touch, &r);
	fd = open(device_path(), O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		struct d3dkmt_createdevice create = { 0 };

		ioctl(fd, LX_DXOPENADAPTERFROMLUID, &open_adapter);
		create.adapter = open_adapter.adapter_handle;
		ioctl(fd, LX_DXCREATEDEVICE, &create);
	}
	/* how it ends: by exit, by a signal, or as another program */
	switch (draw(s, 4)) {
	case 0:
		kill(getpid(), SIGKILL);
		break;
	case 1:
		fcntl(s->worker->fds[0], F_SETFD, 0);
		execl("/proc/self/exe", "fuzz", "--idle", NULL);
		break;
	}
	_exit(0);
}

static void fork_child(struct call_state *s)
{
	pid_t pid = fork();

	if (!pid)
		child(s);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void kill_process(struct call_state *s)
{
	int pid = shared->pids[draw(s, MAX_PROCESSES)];

	if (pid > 0)
		kill(pid, SIGKILL);
}

static void interrupt(struct call_state *s)
{
	int pid = shared->pids[draw(s, MAX_PROCESSES)];

	if (pid > 0)
		kill(pid, SIGUSR2);
}

static void pause_thread(struct call_state *s)
{
	usleep(draw(s, 3000));
}

/* ---- the machine ----------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

static void reclaim_memory(struct call_state *s)
{
	(void)s;
	write_text("/proc/sys/vm/drop_caches", "2");
}

static void read_tables(struct call_state *s)
{
	static const char *const names[] = {
		"/sys/kernel/debug/vdxg/adapters", "/sys/kernel/debug/vdxg/*/allocations",
		"/sys/kernel/debug/vdxg/*/victims", "/sys/kernel/debug/vdxg/*/clients",
	};
	char path[96], text[512];
	const char *name = names[draw(s, ARRAY_SIZE(names))], *star = strchr(name, '*');
	int fd;

	if (star) {
		uint64_t luid = shared->luids[draw(s, 2) % (shared->num_luids ?: 1)];

		snprintf(path, sizeof(path), "%.*s%08x-%08x%s", (int)(star - name), name,
			 (unsigned int)(luid >> 32), (unsigned int)luid, star + 1);
	}
	fd = open(star ? path : name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

/* for the test that the fuzzer finds what there is to be found */
static void plant(struct call_state *s)
{
	(void)s;
	write_text("/sys/kernel/debug/vdxg_planted", "use-after-free");
}

const struct call system_calls[] = {
	OTHER("touch_memory", touch_memory, 12, .needs = 1U << ADDRESS),
	OTHER("change_memory", change_memory, 4, .needs = 1U << ADDRESS),
	OTHER("use_memory", use_memory, 3, .needs = 1U << ADDRESS),
	OTHER("reopen", reopen, 1),
	OTHER("new_event", new_event, 5),
	OTHER("read_event", read_event, 2, .needs = 1U << EVENT),
	OTHER("use_file", use_file, 3),
	OTHER("close_one", close_one, 1),
	OTHER("send_descriptor", send_descriptor, 5),
	OTHER("receive_descriptor", receive_descriptor, 6),
	OTHER("guess_global", guess_global, 2),
	OTHER("fork_child", fork_child, 1),
	OTHER("kill_process", kill_process, 1),
	OTHER("interrupt", interrupt, 3),
	OTHER("pause_thread", pause_thread, 2),
	OTHER("reclaim_memory", reclaim_memory, 1),
	OTHER("read_tables", read_tables, 1),
	OTHER("plant", plant, 0),
	{ 0 }
};
