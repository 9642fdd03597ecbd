// SPDX-License-Identifier: MIT
/*
 * keyed_mutex.c: keyed mutexes of both versions
 *
 * What begins with S18 is a row of section 1.8 of the measured Windows behaviour.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "share.h"

static D3DKMT_HANDLE need_mutex(uint64_t key, D3DKMT_HANDLE *global)
{
	D3DKMT_CREATEKEYEDMUTEX create = { .InitialValue = key };

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex(&create), STATUS_SUCCESS);
	EXPECT(is_local_handle(create.hKeyedMutex));
	EXPECT(is_global_handle(create.hSharedHandle));
	if (global)
		*global = create.hSharedHandle;
	return create.hKeyedMutex;
}

static NTSTATUS open_mutex(D3DKMT_HANDLE global, D3DKMT_HANDLE *mutex)
{
	D3DKMT_OPENKEYEDMUTEX open = { .hSharedHandle = global };
	NTSTATUS status = D3DKMTOpenKeyedMutex(&open);

	*mutex = open.hKeyedMutex;
	return status;
}

static NTSTATUS destroy(D3DKMT_HANDLE mutex)
{
	return D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) { mutex });
}

/* Does not wait. */
static NTSTATUS try_acquire(D3DKMT_HANDLE mutex, uint64_t key, uint64_t *fence_value)
{
	LARGE_INTEGER now = { .QuadPart = 0 };
	D3DKMT_ACQUIREKEYEDMUTEX acquire = {
		.hKeyedMutex = mutex, .Key = key, .pTimeout = &now, .FenceValue = 0xdead,
	};
	NTSTATUS status = D3DKMTAcquireKeyedMutex(&acquire);

	if (fence_value)
		*fence_value = acquire.FenceValue;
	return status;
}

static NTSTATUS release(D3DKMT_HANDLE mutex, uint64_t key, uint64_t fence_value)
{
	return D3DKMTReleaseKeyedMutex(&(D3DKMT_RELEASEKEYEDMUTEX) { mutex, key, fence_value });
}

static void S18_create_open_destroy(void)
{
	D3DKMT_HANDLE global, mutex, first, second;

	EXPECT_STATUS(D3DKMTCreateKeyedMutex(NULL), STATUS_INVALID_PARAMETER);
	mutex = need_mutex(0, &global);
	EXPECT_STATUS(D3DKMTOpenKeyedMutex(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(open_mutex(0, &first), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(open_mutex(mutex, &first), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(open_mutex(global, &first), STATUS_SUCCESS);
	EXPECT_STATUS(open_mutex(global, &second), STATUS_SUCCESS);
	EXPECT(is_local_handle(first) && first != second);
	EXPECT_STATUS(D3DKMTDestroyKeyedMutex(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy(0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy(mutex), STATUS_SUCCESS);
	EXPECT_STATUS(destroy(mutex), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy(global), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(destroy(first), STATUS_SUCCESS);
	EXPECT_STATUS(open_mutex(global, &first), STATUS_SUCCESS);
	EXPECT_STATUS(destroy(first), STATUS_SUCCESS);
	EXPECT_STATUS(destroy(second), STATUS_SUCCESS);
	EXPECT_STATUS(open_mutex(global, &first), STATUS_INVALID_PARAMETER);
}

static void S18_second_version(void)
{
	char data[8] = "runtime", buffer[16];
	D3DKMT_CREATEKEYEDMUTEX2 create = { .PrivateRuntimeDataSize = sizeof(data) };
	D3DKMT_OPENKEYEDMUTEX2 open = { 0 };

	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTOpenKeyedMutexFromNtHandle(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_INVALID_PARAMETER);
	create.pPrivateRuntimeData = data;
	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	open.hSharedHandle = create.hSharedHandle;
	open.PrivateRuntimeDataSize = sizeof(data);
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_INVALID_PARAMETER);
	open.pPrivateRuntimeData = buffer;
	open.PrivateRuntimeDataSize = sizeof(data) - 1;
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_INVALID_PARAMETER);
	open.PrivateRuntimeDataSize = sizeof(data);
	memset(buffer, 0x55, sizeof(buffer));
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_SUCCESS);
	EXPECT_EQ(buffer[0], 0x55);
	open.PrivateRuntimeDataSize = sizeof(buffer);
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_SUCCESS);

	memset(&create, 0, sizeof(create));
	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	open.hSharedHandle = create.hSharedHandle;
	EXPECT_STATUS(D3DKMTOpenKeyedMutex2(&open), STATUS_SUCCESS);
	create.Flags.NtSecuritySharing = 1;
	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	EXPECT_EQ(create.hSharedHandle, 0);
	create.Flags.Value = 2;
	EXPECT_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_INVALID_PARAMETER);
}

static void S18_acquire_release(void)
{
	D3DKMT_HANDLE mutex = need_mutex(0, NULL);
	uint64_t fence;

	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(try_acquire(0x1eadbeed, 0, &fence), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(fence, 0xdead);
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(release(0x1eadbeed, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(release(mutex, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(try_acquire(mutex, 1, &fence), STATUS_TIMEOUT);
	EXPECT_EQ(fence, 0);
	EXPECT_STATUS(try_acquire(mutex, 0, &fence), STATUS_SUCCESS);
	EXPECT_EQ(fence, 0);
	EXPECT_STATUS(try_acquire(mutex, 0, &fence), STATUS_TIMEOUT);
	EXPECT_STATUS(release(mutex, 1, 1234), STATUS_SUCCESS);
	EXPECT_STATUS(release(mutex, 1, 1234), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(try_acquire(mutex, 0, &fence), STATUS_TIMEOUT);
	EXPECT_EQ(fence, 0);
	EXPECT_STATUS(try_acquire(mutex, 1, &fence), STATUS_SUCCESS);
	EXPECT_EQ(fence, 1234);
}

static void only_the_owner_releases(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global), other;

	REQUIRE_STATUS(open_mutex(global, &other), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(mutex, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(other, 0, NULL), STATUS_TIMEOUT);
	EXPECT_STATUS(release(other, 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(release(mutex, 7, 0), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(other, 7, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(release(mutex, 0, 0), STATUS_INVALID_PARAMETER);
}

static void private_data(void)
{
	char data[4] = "abc", buffer[4] = "", next[4] = "xyz";
	D3DKMT_CREATEKEYEDMUTEX2 create = {
		.pPrivateRuntimeData = data, .PrivateRuntimeDataSize = sizeof(data),
	};
	D3DKMT_ACQUIREKEYEDMUTEX2 acquire = { 0 };
	D3DKMT_RELEASEKEYEDMUTEX2 release2 = { 0 };

	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	acquire.hKeyedMutex = release2.hKeyedMutex = create.hKeyedMutex;
	acquire.pPrivateRuntimeData = buffer;
	acquire.PrivateRuntimeDataSize = 3;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex2(&acquire), STATUS_INVALID_PARAMETER);
	acquire.PrivateRuntimeDataSize = 4;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex2(&acquire), STATUS_SUCCESS);
	EXPECT(!memcmp(buffer, "abc", 4));
	release2.pPrivateRuntimeData = next;
	release2.PrivateRuntimeDataSize = 5;
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex2(&release2), STATUS_INVALID_PARAMETER);
	release2.PrivateRuntimeDataSize = 4;
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex2(&release2), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex2(&acquire), STATUS_SUCCESS);
	EXPECT(!memcmp(buffer, "xyz", 4));
	/* a fault gives the mutex back */
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex2(&release2), STATUS_SUCCESS);
	acquire.pPrivateRuntimeData = test_unmapped();
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex2(&acquire), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(try_acquire(create.hKeyedMutex, 0, NULL), STATUS_SUCCESS);
}

/* ---- waiting ---- */

struct waiter {
	pthread_t thread;
	D3DKMT_HANDLE mutex;
	uint64_t key;
	LARGE_INTEGER *timeout;
	volatile int tid;
	NTSTATUS status;
	uint64_t fence_value;
};

static void *acquire_in_thread(void *arg)
{
	struct waiter *w = arg;
	D3DKMT_ACQUIREKEYEDMUTEX acquire = {
		.hKeyedMutex = w->mutex, .Key = w->key, .pTimeout = w->timeout,
	};

	w->tid = syscall(SYS_gettid);
	w->status = D3DKMTAcquireKeyedMutex(&acquire);
	w->fence_value = acquire.FenceValue;
	return NULL;
}

static void start(struct waiter *w, D3DKMT_HANDLE mutex, uint64_t key, LARGE_INTEGER *timeout)
{
	char path[64], line[256] = "";
	FILE *file;

	*w = (struct waiter) { .mutex = mutex, .key = key, .timeout = timeout };
	REQUIRE(!pthread_create(&w->thread, NULL, acquire_in_thread, w));
	while (!w->tid)
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", w->tid);
	do {
		file = fopen(path, "r");
		if (!file)
			return;
		REQUIRE(fgets(line, sizeof(line), file));
		fclose(file);
		sched_yield();
	} while (line[0] == 'r' || atoi(line) != SYS_ioctl);
}

static NTSTATUS join(struct waiter *w)
{
	REQUIRE(!pthread_join(w->thread, NULL));
	return w->status;
}

static void waits_for_its_key(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global), other;
	struct waiter w;

	REQUIRE_STATUS(open_mutex(global, &other), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(mutex, 0, NULL), STATUS_SUCCESS);
	start(&w, other, 5, NULL);
	EXPECT_STATUS(release(mutex, 4, 1), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(mutex, 4, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(release(mutex, 5, 99), STATUS_SUCCESS);
	EXPECT_STATUS(join(&w), STATUS_SUCCESS);
	EXPECT_EQ(w.fence_value, 99);
}

static void S18_abandoned(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global), other, third;
	struct waiter w;

	REQUIRE_STATUS(open_mutex(global, &other), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(mutex, 0, NULL), STATUS_SUCCESS);
	start(&w, other, 0, NULL);
	EXPECT_STATUS(destroy(mutex), STATUS_SUCCESS);
	EXPECT_STATUS(join(&w), STATUS_ABANDONED);
	EXPECT_STATUS(try_acquire(other, 0, NULL), STATUS_ABANDONED);
	REQUIRE_STATUS(open_mutex(global, &third), STATUS_SUCCESS);
	EXPECT_STATUS(try_acquire(third, 0, NULL), STATUS_ABANDONED);
	EXPECT_STATUS(release(other, 0, 0), STATUS_INVALID_PARAMETER);
}

static void own_handle_destroyed(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global), other;
	struct waiter w;

	REQUIRE_STATUS(open_mutex(global, &other), STATUS_SUCCESS);
	start(&w, other, 1, NULL);
	EXPECT_STATUS(destroy(other), STATUS_SUCCESS);
	EXPECT_STATUS(join(&w), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(try_acquire(mutex, 0, NULL), STATUS_SUCCESS);
}

static void owner_exits(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global), other;
	int pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		REQUIRE_STATUS(open_mutex(global, &other), STATUS_SUCCESS);
		EXPECT_STATUS(try_acquire(other, 0, NULL), STATUS_SUCCESS);
		test_exit();
	}
	EXPECT_EQ(test_wait(pid), 0);
	/* its teardown is a worker's: it may still hold the mutex, but not for ever */
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&(D3DKMT_ACQUIREKEYEDMUTEX) { .hKeyedMutex = mutex }),
		      STATUS_ABANDONED);
}

static void times_out(void)
{
	D3DKMT_HANDLE mutex = need_mutex(0, NULL);
	LARGE_INTEGER relative = { .QuadPart = -200000 }, absolute = { .QuadPart = 1 };
	D3DKMT_ACQUIREKEYEDMUTEX acquire = { .hKeyedMutex = mutex, .Key = 1 };

	acquire.pTimeout = &relative;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_TIMEOUT);
	acquire.pTimeout = &absolute;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_TIMEOUT);
	acquire.Key = 0;
	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_SUCCESS);
}

static void nothing(int signal)
{
	(void)signal;
}

static void signals_do_not_end_a_wait(void)
{
	struct sigaction action = { .sa_handler = nothing };
	D3DKMT_HANDLE mutex = need_mutex(0, NULL);
	struct waiter w;
	int i;

	REQUIRE(!sigaction(SIGUSR1, &action, NULL));
	EXPECT_STATUS(try_acquire(mutex, 0, NULL), STATUS_SUCCESS);
	start(&w, mutex, 1, NULL);
	for (i = 0; i < 20; i++)
		REQUIRE(!pthread_kill(w.thread, SIGUSR1));
	EXPECT_STATUS(release(mutex, 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(join(&w), STATUS_SUCCESS);
}

struct turn {
	D3DKMT_HANDLE mutex;
	unsigned int number, of, rounds;
	uint64_t *counter;
};

static void *take_turns(void *arg)
{
	struct turn *t = arg;
	D3DKMT_ACQUIREKEYEDMUTEX acquire = { .hKeyedMutex = t->mutex, .Key = t->number };
	unsigned int i;

	for (i = 0; i < t->rounds; i++) {
		EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_SUCCESS);
		EXPECT_EQ(*t->counter % t->of, t->number);
		EXPECT_EQ(acquire.FenceValue, *t->counter);
		++*t->counter;
		EXPECT_STATUS(release(t->mutex, (t->number + 1) % t->of, *t->counter),
			      STATUS_SUCCESS);
	}
	return NULL;
}

static void three_in_turn(void)
{
	D3DKMT_HANDLE global, mutex = need_mutex(0, &global);
	struct turn turns[3];
	pthread_t threads[3];
	uint64_t counter = 0;
	int i;

	for (i = 0; i < 3; i++) {
		turns[i] = (struct turn) { mutex, i, 3, test_rounds(200), &counter };
		if (i)
			REQUIRE_STATUS(open_mutex(global, &turns[i].mutex), STATUS_SUCCESS);
		REQUIRE(!pthread_create(&threads[i], NULL, take_turns, &turns[i]));
	}
	for (i = 0; i < 3; i++)
		REQUIRE(!pthread_join(threads[i], NULL));
	EXPECT_EQ(counter, 3 * turns[0].rounds);
}

static const struct test_case cases[] = {
	CASE_ONCE(S18_create_open_destroy, "creating, opening by the global handle, destroying"),
	CASE_ONCE(S18_second_version, "private data need a buffer, and room"),
	CASE_ONCE(S18_acquire_release, "keys and fence values"),
	CASE_ONCE(only_the_owner_releases, "the handle that acquired it releases it"),
	CASE_ONCE(private_data, "private data are handed over"),
	CASE_ONCE(waits_for_its_key, "a waiter gets it with its key"),
	CASE_ONCE(S18_abandoned, "the owner's handle destroyed: abandoned, for good"),
	CASE_ONCE(own_handle_destroyed, "a wait ends with its own handle"),
	CASE_ONCE(owner_exits, "the owner's process ends: abandoned"),
	CASE_ONCE(times_out, "times from now on, and points in time"),
	CASE_ONCE(signals_do_not_end_a_wait, "a wait goes on after a signal handler"),
	CASE_ONCE(three_in_turn, "three threads in turn"),
};

TEST_MAIN(cases)
