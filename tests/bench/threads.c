// SPDX-License-Identifier: MIT
/*
 * threads.c: two processes that create and destroy at once, against one
 *
 * Wall clock, so it says something on a quiet machine with two CPUs only; nothing fails because of it. Each
 * figure is the median of several runs. Run by "make bench-threads".
 */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#define RUNS		9
#define RUN_NS		300000000ULL
#define MOST		2

/**
 * struct meeting - what the processes share
 * @ready: how many are
 * @go: they may begin
 * @stop: and end
 * @made: how many each has created and destroyed
 */
struct meeting {
	unsigned int ready;
	unsigned int go;
	unsigned int stop;
	struct {
		unsigned long count;
		char apart[120];	/* no cache line of another's */
	} made[MOST];
};

static struct meeting *meeting;

static void need(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		_exit(1);
	}
}

static __u32 open_device(int fd)
{
	struct d3dkmt_adapterinfo info[16];
	struct d3dkmt_enumadapters2 list = { .num_adapters = 16, .adapters = (uintptr_t)info };
	struct d3dkmt_createdevice create = { 0 };

	need(ioctl(fd, LX_DXENUMADAPTERS2, &list), "EnumAdapters2");
	create.adapter = info[0].adapter_handle;
	need(ioctl(fd, LX_DXCREATEDEVICE, &create), "CreateDevice");
	return create.device.v;
}

static void create_destroy(int fd, __u32 device)
{
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 info = {
		.priv_drv_data = (uintptr_t)&data,
		.priv_drv_data_size = sizeof(data),
	};
	struct d3dkmt_createallocation create = {
		.device.v = device,
		.alloc_count = 1,
		.allocation_info = (uintptr_t)&info,
	};
	struct d3dkmt_destroyallocation2 destroy = {
		.device.v = device,
		.allocations = (uintptr_t)&info.allocation,
		.alloc_count = 1,
	};

	vdxg_allocation_data_init(&data, 4096);
	need(ioctl(fd, LX_DXCREATEALLOCATION, &create), "CreateAllocation2");
	need(ioctl(fd, LX_DXDESTROYALLOCATION2, &destroy), "DestroyAllocation2");
}

static void work(unsigned int index)
{
	int fd = open("/dev/dxg", O_RDWR | O_CLOEXEC);
	unsigned long count = 0;
	cpu_set_t cpus;
	__u32 device;

	need(fd, "/dev/dxg");
	CPU_ZERO(&cpus);
	CPU_SET(index, &cpus);
	need(sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity");
	device = open_device(fd);
	__atomic_add_fetch(&meeting->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&meeting->go, __ATOMIC_SEQ_CST))
		sched_yield();
	while (!__atomic_load_n(&meeting->stop, __ATOMIC_RELAXED)) {
		create_destroy(fd, device);
		count++;
	}
	meeting->made[index].count = count;
	_exit(0);
}

/* How many pairs per second @n processes make together. */
static double run(unsigned int n)
{
	struct timespec pause = { .tv_nsec = RUN_NS }, begin, end;
	unsigned long sum = 0;
	unsigned int i;
	int status;

	*meeting = (struct meeting){ 0 };
	for (i = 0; i < n; i++)
		if (!fork())
			work(i);
	while (__atomic_load_n(&meeting->ready, __ATOMIC_SEQ_CST) < n)
		usleep(1000);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	__atomic_store_n(&meeting->go, 1, __ATOMIC_SEQ_CST);
	nanosleep(&pause, NULL);
	__atomic_store_n(&meeting->stop, 1, __ATOMIC_SEQ_CST);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (i = 0; i < n; i++)
		if (wait(&status) < 0 || status)
			exit(1);
	for (i = 0; i < n; i++)
		sum += meeting->made[i].count;
	return sum / (end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	double rates[MOST][RUNS], one, two;
	unsigned int i, n;

	meeting = mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (meeting == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	/* in turns, so that what else the machine does meets both */
	for (i = 0; i < RUNS; i++)
		for (n = 0; n < MOST; n++)
			rates[n][i] = run(n + 1);
	for (n = 0; n < MOST; n++)
		qsort(rates[n], RUNS, sizeof(rates[n][0]), compare);
	one = rates[0][RUNS / 2];
	two = rates[1][RUNS / 2];
	printf("one process:   %8.0f created and destroyed per second\n", one);
	printf("two processes: %8.0f, %.2f times as many (aim: 1.7)\n", two, two / one);
	return 0;
}
