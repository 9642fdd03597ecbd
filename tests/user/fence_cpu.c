// SPDX-License-Identifier: MIT
/*
 * fence_cpu.c: waiting for monitored fences and signalling them from the CPU
 *
 * What begins with S18 is a row of section 1.8 of the measured Windows behaviour. No wait here
 * depends on time: a thread that is to be asleep is watched in /proc until it is.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "share.h"

static void S18_other_types(void)
{
	D3DKMT_HANDLE device = need_device();
	int type;

	for (type = D3DDDI_SYNCHRONIZATION_MUTEX; type <= D3DDDI_FENCE; type++) {
		D3DKMT_CREATESYNCHRONIZATIONOBJECT2 args = { 0 };

		REQUIRE_STATUS(kmt_create_sync(device, type, 0, &args), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_wait(device, args.hSyncObject, 0, 0), STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_signal(device, args.hSyncObject, 0), STATUS_INVALID_PARAMETER);
	}
}

static void S18_monitored_fence(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 1, 0);
	int event = need_event();
	uint64_t one = 1;

	EXPECT_STATUS(kmt_wait(device, fence.handle, 0, event), STATUS_SUCCESS);
	EXPECT(fired(event));
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, event), STATUS_SUCCESS);
	EXPECT(fired(event));
	EXPECT_STATUS(kmt_wait(device, fence.handle, 2, event), STATUS_SUCCESS);
	EXPECT(!fired(event));
	EXPECT_STATUS(kmt_signal(device, fence.handle, 2), STATUS_SUCCESS);
	EXPECT(fired(event));
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(*fence.value, 2);
	EXPECT_STATUS(kmt_signal_many(device, &fence.handle, &one, 1, SIGNAL_REWIND),
		      STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 1);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 2, event), STATUS_SUCCESS);
	EXPECT(!fired(event));
	EXPECT_STATUS(kmt_signal(device, fence.handle, 2), STATUS_SUCCESS);
	EXPECT(fired(event));
	EXPECT(!fired(event));
}

static void satisfied_blocking(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 10, 0);

	EXPECT_STATUS(kmt_wait(device, fence.handle, 9, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 10, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 10), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, UINT64_MAX), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, fence.handle, UINT64_MAX, 0), STATUS_SUCCESS);
}

static void any_and_all(void)
{
	D3DKMT_HANDLE device = need_device(), handles[3];
	uint64_t values[3] = { 5, 5, 5 };
	int any = need_event(), all = need_event();
	int i;

	for (i = 0; i < 3; i++)
		handles[i] = need_fence(device, 0, 0).handle;
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 3, any, WAIT_ANY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 3, all, 0), STATUS_SUCCESS);
	EXPECT(!fired(any) && !fired(all));
	EXPECT_STATUS(kmt_signal(device, handles[1], 4), STATUS_SUCCESS);
	EXPECT(!fired(any) && !fired(all));
	EXPECT_STATUS(kmt_signal(device, handles[1], 5), STATUS_SUCCESS);
	EXPECT(fired(any) && !fired(all));
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 3, 0, WAIT_ANY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, handles[0], 6), STATUS_SUCCESS);
	EXPECT(!fired(any) && !fired(all));
	EXPECT_STATUS(kmt_signal(device, handles[2], 5), STATUS_SUCCESS);
	EXPECT(!fired(any) && fired(all));
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 3, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 3, any, WAIT_ANY), STATUS_SUCCESS);
	EXPECT(fired(any));
}

static void same_fence_twice(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	D3DKMT_HANDLE handle = fence.handle, handles[2] = { handle, handle };
	uint64_t values[2] = { 1, 2 };
	int event = need_event();

	EXPECT_STATUS(kmt_wait_many(device, handles, values, 2, event, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, handle, 1), STATUS_SUCCESS);
	EXPECT(!fired(event));
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 2, 0), STATUS_SUCCESS);
	EXPECT(fired(event));
	EXPECT_EQ(*fence.value, 2);
	/* the second would go back behind the first: neither is done */
	values[0] = 9;
	values[1] = 8;
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(*fence.value, 2);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 2, SIGNAL_REWIND), STATUS_SUCCESS);
	EXPECT_EQ(*fence.value, 8);
}

static void counts(void)
{
	D3DKMT_HANDLE device = need_device(), handles[33];
	uint64_t values[33] = { 0 };
	int i;

	for (i = 0; i < 33; i++)
		handles[i] = need_fence(device, 0, 0).handle;
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 32, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 32, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 33, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 33, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 0, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait_many(device, NULL, values, 1, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait_many(device, handles, NULL, 1, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, test_unmapped(), 1, 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait_many(device, handles, values, 1, 0, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 1, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 1, 2), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 1, 8), STATUS_INVALID_PARAMETER);
}

static void nothing_on_failure(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence a = need_fence(device, 0, 0), b = need_fence(device, 9, 0);
	D3DKMT_HANDLE handles[2] = { a.handle, b.handle };
	uint64_t values[2] = { 5, 8 };
	int event = need_event();

	EXPECT_STATUS(kmt_wait(device, a.handle, 5, event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(*a.value, 0);
	handles[1] = device;
	EXPECT_STATUS(kmt_signal_many(device, handles, values, 2, 0), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(*a.value, 0);
	EXPECT(!fired(event));
}

static void of_another_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_HANDLE one = need_device_of(adapter), two = need_device_of(adapter);
	struct fence fence = need_fence(one, 0, 0);

	EXPECT_STATUS(kmt_signal(two, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait(two, fence.handle, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal(0, fence.handle, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_signal(one, fence.handle, 1), STATUS_SUCCESS);
}

static void no_signal_no_wait(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence no_signal = need_fence(device, 0, SYNC_NO_SIGNAL);
	struct fence no_wait = need_fence(device, 0, SYNC_NO_WAIT);

	EXPECT_STATUS(kmt_signal(device, no_signal.handle, 1), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_wait(device, no_signal.handle, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait(device, no_wait.handle, 0, 0), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(kmt_signal(device, no_wait.handle, 1), STATUS_SUCCESS);
}

static void event_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 1, 0);

	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, 9999), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, test_open()), STATUS_OBJECT_TYPE_MISMATCH);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 2, 9999), STATUS_INVALID_HANDLE);
}

/* ---- threads that wait ---- */

struct waiter {
	pthread_t thread;
	D3DKMT_HANDLE device, fence;
	uint64_t value;
	volatile int tid;
	volatile NTSTATUS status;
	volatile bool back;
};

static void *wait_in_thread(void *arg)
{
	struct waiter *w = arg;

	w->tid = syscall(SYS_gettid);
	w->status = kmt_wait(w->device, w->fence, w->value, 0);
	w->back = true;
	return NULL;
}

/* Is the thread in the wait? It may be on its way, so ask until it is. */
static void need_asleep(const struct waiter *w)
{
	char path[64], line[256] = "";
	FILE *file;

	while (!w->tid)
		sched_yield();
	for (;;) {
		snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", w->tid);
		file = fopen(path, "r");
		REQUIRE(file);
		REQUIRE(fgets(line, sizeof(line), file));
		fclose(file);
		/* the ioctl, and not "running" */
		if (atoi(line) == SYS_ioctl && line[0] != 'r')
			return;
		sched_yield();
	}
}

static void start_waiter(struct waiter *w, D3DKMT_HANDLE device, D3DKMT_HANDLE fence,
			 uint64_t value)
{
	*w = (struct waiter) { .device = device, .fence = fence, .value = value };
	REQUIRE(!pthread_create(&w->thread, NULL, wait_in_thread, w));
	need_asleep(w);
}

static NTSTATUS join_waiter(struct waiter *w)
{
	REQUIRE(!pthread_join(w->thread, NULL));
	return w->status;
}

static void blocking(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	struct waiter w[3];
	int i;

	for (i = 0; i < 3; i++)
		start_waiter(&w[i], device, fence.handle, i + 1);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w[0]), STATUS_SUCCESS);
	EXPECT(!w[1].back && !w[2].back);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 3), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w[1]), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w[2]), STATUS_SUCCESS);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

static void signals_do_not_end_a_wait(void)
{
	struct sigaction action = { .sa_handler = count_signal };
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	struct waiter w;
	int i;

	REQUIRE(!sigaction(SIGUSR1, &action, NULL));
	start_waiter(&w, device, fence.handle, 1);
	for (i = 1; i <= 20; i++) {
		REQUIRE(!pthread_kill(w.thread, SIGUSR1));
		while (signals < i)
			sched_yield();
		need_asleep(&w);
		EXPECT(!w.back);
	}
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w), STATUS_SUCCESS);
}

static void device_destroyed(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int event = need_event();
	struct waiter w;

	start_waiter(&w, device, fence.handle, 1);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w), STATUS_DEVICE_REMOVED);
	EXPECT(fired(event));
}

static void fence_destroyed(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int event = need_event();
	struct waiter w;

	start_waiter(&w, device, fence.handle, 1);
	EXPECT_STATUS(kmt_wait(device, fence.handle, 1, event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(fence.handle), STATUS_SUCCESS);
	EXPECT_STATUS(join_waiter(&w), STATUS_SUCCESS);
	EXPECT(fired(event));
}

static void killed_while_waiting(void)
{
	D3DKMT_HANDLE device;
	struct waiter w;
	int fds[2], pid;
	char byte;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		device = need_device();
		start_waiter(&w, device, need_fence(device, 0, 0).handle, 1);
		REQUIRE(write(fds[1], "x", 1) == 1);
		pause();
		_exit(0);
	}
	REQUIRE(read(fds[0], &byte, 1) == 1);
	kill(pid, SIGKILL);
	EXPECT_EQ(test_wait(pid), 128 + SIGKILL);
}

static void left_waiting(void)
{
	D3DKMT_HANDLE device = need_device();
	struct fence fence = need_fence(device, 0, 0);
	int event = need_event(), i;

	/* nobody ever signals these: the process ends with them */
	for (i = 1; i <= 1000; i++)
		EXPECT_STATUS(kmt_wait(device, fence.handle, i, event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_signal(device, fence.handle, 500), STATUS_SUCCESS);
}

struct race {
	D3DKMT_HANDLE device, fence;
	volatile bool stop;
};

static void *race_waiter(void *arg)
{
	struct race *r = arg;
	uint64_t value;
	int event = need_event();

	for (value = 1; !r->stop; value++) {
		if (value & 1)
			EXPECT_STATUS(kmt_wait(r->device, r->fence, value, event), STATUS_SUCCESS);
		else
			EXPECT_STATUS(kmt_wait(r->device, r->fence, value, 0), STATUS_SUCCESS);
	}
	close(event);
	return NULL;
}

static void waits_against_signals(void)
{
	unsigned int i, rounds = test_rounds(2000);
	struct race r = { .device = need_device() };
	pthread_t threads[2];

	r.fence = need_fence(r.device, 0, 0).handle;
	for (i = 0; i < 2; i++)
		REQUIRE(!pthread_create(&threads[i], NULL, race_waiter, &r));
	for (i = 1; i <= rounds; i++)
		EXPECT_STATUS(kmt_signal(r.device, r.fence, i), STATUS_SUCCESS);
	r.stop = true;
	EXPECT_STATUS(kmt_signal(r.device, r.fence, UINT64_MAX), STATUS_SUCCESS);
	for (i = 0; i < 2; i++)
		REQUIRE(!pthread_join(threads[i], NULL));
}

static const struct test_case cases[] = {
	CASE(S18_other_types, "mutexes, semaphores and legacy fences are not for the CPU"),
	CASE(S18_monitored_fence, "waits with an event, signals, the rewind rule"),
	CASE(satisfied_blocking, "a satisfied wait does not block"),
	CASE(any_and_all, "any of several fences, and all of them"),
	CASE(same_fence_twice, "one fence twice in a list"),
	CASE(counts, "32 fences at once, no more, no fewer than one; bad arrays and flags"),
	CASE(nothing_on_failure, "a signal that is refused signals none of its fences"),
	CASE(of_another_device, "a fence is its device's"),
	CASE(no_signal_no_wait, "NoSignal and NoWait are ACCESS_DENIED"),
	CASE(event_bad, "what is no event is refused"),
	CASE(blocking, "a waiter sleeps until its value is there, and no longer"),
	CASE(signals_do_not_end_a_wait, "a wait goes on after a signal handler"),
	CASE(device_destroyed, "waits end with their device"),
	CASE(fence_destroyed, "waits end with the last handle of the fence"),
	CASE(killed_while_waiting, "a waiter can be killed"),
	CASE(left_waiting, "a process ends that still waits"),
	CASE(waits_against_signals, "waits against signals in several threads"),
};

TEST_MAIN(cases)
