// SPDX-License-Identifier: MIT
/*
 * wait_for_idle.c: WaitForIdle
 */
#include <pthread.h>
#include <signal.h>

#include "gpusync.h"
#include "paging.h"

static void idle_already(void)
{
	D3DKMT_HANDLE device = need_device(), context;

	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	context = need_context(device);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
}

struct waiter {
	pthread_t thread;
	D3DKMT_HANDLE device;
	NTSTATUS status;
	int begun, done;
};

static void *wait_thread(void *arg)
{
	struct waiter *w = arg;

	__atomic_store_n(&w->begun, 1, __ATOMIC_SEQ_CST);
	w->status = kmt_wait_idle(w->device);
	__atomic_store_n(&w->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start_wait(struct waiter *w, D3DKMT_HANDLE device)
{
	*w = (struct waiter){ .device = device };
	REQUIRE(!pthread_create(&w->thread, NULL, wait_thread, w));
	while (!__atomic_load_n(&w->begun, __ATOMIC_SEQ_CST))
		sched_yield();
}

static void all_queues(void)
{
	D3DKMT_HANDLE device = need_device(), queue = need_hw_queue(device);
	struct gate gates[2] = { need_gate(device), need_gate(device) };
	struct fence fence = need_fence(device, 0, 0), done = need_fence(device, 0, 0);
	struct waiter w;

	EXPECT_STATUS(hw_wait(queue, fence.handle, 1), STATUS_SUCCESS);
	EXPECT_STATUS(hw_signal(queue, done.handle, 1), STATUS_SUCCESS);
	start_wait(&w, device);
	open_gate(&gates[1]);
	let_run(device);
	EXPECT(!__atomic_load_n(&w.done, __ATOMIC_SEQ_CST));
	open_gate(&gates[0]);
	let_run(device);
	EXPECT(!__atomic_load_n(&w.done, __ATOMIC_SEQ_CST));
	EXPECT_STATUS(kmt_signal(device, fence.handle, 1), STATUS_SUCCESS);
	pthread_join(w.thread, NULL);
	EXPECT_STATUS(w.status, STATUS_SUCCESS);
	EXPECT_EQ(*done.value, 1);
}

static void paging_too(void)
{
	D3DKMT_HANDLE device = need_device(), list[16];
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status;

	need_allocations(device, 64 * 4096, 16, list);
	status = kmt_make_resident_args(&args, queue.handle, list, 16, 0);
	EXPECT(status == STATUS_PENDING || status == STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	EXPECT(*queue.value >= args.PagingFenceValue);
}

static void other_devices(void)
{
	D3DKMT_HANDLE device = need_device(), busy = need_device();
	struct gate gate = need_gate(busy);

	need_context(device);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
	open_gate(&gate);
}

static void device_in_error(void)
{
	D3DKMT_HANDLE device = need_device();
	struct waiter w;

	need_gate(device);
	start_wait(&w, device);
	EXPECT_STATUS(kmt_mark_error(device, D3DKMT_DEVICE_ERROR_REASON_GENERIC), STATUS_SUCCESS);
	pthread_join(w.thread, NULL);
	EXPECT_STATUS(w.status, STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_SUCCESS);
}

static void device_destroyed(void)
{
	D3DKMT_HANDLE device = need_device();
	struct waiter w;

	need_gate(device);
	start_wait(&w, device);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	pthread_join(w.thread, NULL);
	/* it may have begun only then */
	EXPECT(w.status == STATUS_SUCCESS || w.status == STATUS_INVALID_PARAMETER);
}

static void ignore(int sig)
{
	(void)sig;
}

static void interrupted(void)
{
	D3DKMT_HANDLE device = need_device();
	struct gate gate = need_gate(device);
	struct sigaction action = { .sa_handler = ignore };
	struct waiter w;
	unsigned int i;

	sigaction(SIGUSR1, &action, NULL);
	start_wait(&w, device);
	for (i = 0; i < 100; i++) {
		pthread_kill(w.thread, SIGUSR1);
		sched_yield();
	}
	open_gate(&gate);
	pthread_join(w.thread, NULL);
	EXPECT_STATUS(w.status, STATUS_SUCCESS);
}

static void arguments_bad(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_wait_idle(0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_wait_idle(need_context(device)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wait_idle(device), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTWaitForIdle(NULL), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(idle_already, "an idle device is not waited for"),
	CASE(all_queues, "all contexts and hardware queues are"),
	CASE(paging_too, "and what is being paged in"),
	CASE(other_devices, "other devices are not"),
	CASE(device_in_error, "a device in error is idle"),
	CASE(device_destroyed, "the end of the device ends the wait"),
	CASE(interrupted, "signals do not"),
	CASE(arguments_bad, "bad handles are refused"),
};

TEST_MAIN(cases)
