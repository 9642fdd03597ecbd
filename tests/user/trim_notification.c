// SPDX-License-Identifier: MIT
/*
 * trim_notification.c: being told to trim
 *
 * vm-when: kernel=6.1|6.12|debug-all
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <pthread.h>

#include "notify.h"

/* units of 100 ns */
#define MS		10000U
#define FOREVER		0xffffffffU

#define PERIODIC	D3DDDI_TRIM_PERIODIC
#define RESTART		D3DDDI_TRIM_RESTART_PERIODIC
#define TO_BUDGET	D3DDDI_TRIM_TO_BUDGET

/**
 * struct told - what a callback has been told
 * @lock: protects the fields below
 * @changed: they have changed
 * @flags: of the last call
 * @bytes: likewise
 * @times: calls
 * @hold: calls do not return
 * @unregister: calls unregister this
 */
struct told {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t flags;
	uint64_t bytes;
	unsigned int times;
	bool hold;
	void *unregister;
};

#define TOLD { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER }

static struct told told = TOLD;

static NTSTATUS unregister(void *handle, PFND3DKMT_TRIMNOTIFICATIONCALLBACK callback)
{
	D3DKMT_UNREGISTERTRIMNOTIFICATION args = { .Handle = handle, .Callback = callback };

	return D3DKMTUnregisterTrimNotification(&args);
}

static void callback(D3DKMT_TRIMNOTIFICATION *n)
{
	struct told *t = n->Context;

	pthread_mutex_lock(&t->lock);
	t->flags = n->Flags.Value;
	t->bytes = n->NumBytesToTrim;
	t->times++;
	pthread_cond_broadcast(&t->changed);
	while (t->hold)
		pthread_cond_wait(&t->changed, &t->lock);
	if (t->unregister)
		EXPECT_STATUS(unregister(t->unregister, NULL), STATUS_SUCCESS);
	pthread_mutex_unlock(&t->lock);
}

static NTSTATUS register_args(D3DKMT_REGISTERTRIMNOTIFICATION *args, D3DKMT_HANDLE device,
			      struct told *t)
{
	memset(args, 0, sizeof(*args));
	args->AdapterLuid.LowPart = test_adapter.luid_low;
	args->AdapterLuid.HighPart = test_adapter.luid_high;
	args->hDevice = device;
	args->Callback = callback;
	args->Context = t;
	return D3DKMTRegisterTrimNotification(args);
}

static void *need_registration(D3DKMT_HANDLE device, struct told *t)
{
	D3DKMT_REGISTERTRIMNOTIFICATION args;

	REQUIRE_STATUS(register_args(&args, device, t), STATUS_SUCCESS);
	return args.Handle;
}

/* else they come whenever the machine is slow enough */
static void need_no_periodic_trims(D3DKMT_HANDLE adapter)
{
	need_root();
	REQUIRE_STATUS(kmt_set_intervals(adapter, FOREVER, FOREVER, FOREVER), STATUS_SUCCESS);
}

/* until a callback has been called so often */
static void wait_times(struct told *t, unsigned int times)
{
	pthread_mutex_lock(&t->lock);
	while (t->times < times)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static void others_need_room(void)
{
	struct neighbour n = need_neighbour();
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[4];
	uint64_t alone = need_video_memory(adapter, LOCAL_GROUP).Budget, to_trim;
	struct queue queue = need_queue(device);
	void *handle;

	need_no_periodic_trims(adapter);
	handle = need_registration(device, &told);
	need_allocations_in(device, alone / 4, VDXG_SEGMENT_SET_LOCAL, 4, list);
	need_resident(&queue, list, 4);
	tell(&n, REQUIRE_BYTES, alone / 4);
	wait_times(&told, 1);
	EXPECT_EQ(told.flags, TO_BUDGET);
	EXPECT_EQ(told.bytes, alone / 4);
	/* who does as told is within his budget again */
	EXPECT_STATUS(kmt_evict_trim(device, list, 1, 0, &to_trim), STATUS_SUCCESS);
	EXPECT_EQ(to_trim, 0);
	tell(&n, RESERVE_BYTES, alone / 2);
	wait_times(&told, 2);
	EXPECT_EQ(told.flags, TO_BUDGET);
	EXPECT_EQ(told.bytes, alone / 4);
	EXPECT_STATUS(unregister(handle, NULL), STATUS_SUCCESS);
	tell(&n, END, 0);
}

static void budget_is_set(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 4 * MIB), b = need_local(device, MIB);
	struct queue queue = need_queue(device);
	struct vdxg_notification record;
	struct listener l;
	int late;

	need_no_periodic_trims(adapter);
	l = need_listener(VDXG_NOTIFY_TRIM);
	fcntl(l.fd, F_SETFL, O_NONBLOCK);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	EXPECT(read(l.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
	EXPECT_STATUS(kmt_set_budget(adapter, MIB, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	record = need_record(l.fd);
	EXPECT_EQ(record.event, VDXG_NOTIFY_TRIM);
	EXPECT_EQ(record.trim, TO_BUDGET);
	EXPECT_EQ(record.bytes, 3 * MIB);
	/* it knows; only more is news */
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	EXPECT(read(l.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
	EXPECT_STATUS(kmt_make_resident(&queue, &b, 1, CANT_TRIM_FURTHER), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	record = need_record(l.fd);
	EXPECT_EQ(record.bytes, 4 * MIB);
	/* who registers when he is over it already is told at once */
	REQUIRE_STATUS(raw_register(&l.raw, l.raw.device, VDXG_NOTIFY_TRIM, &late),
		       STATUS_SUCCESS);
	EXPECT_EQ(need_record(late).bytes, 4 * MIB);
	/* and who is within it again before he asks is not told */
	EXPECT_STATUS(kmt_set_budget(adapter, 4096, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_set_budget(adapter, 0, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	EXPECT(read(l.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
}

static void use(D3DKMT_HANDLE device, const struct queue *queue, D3DKMT_HANDLE a)
{
	need_resident(queue, &a, 1);
	REQUIRE_STATUS(kmt_evict(device, &a, 1, 0), STATUS_SUCCESS);
}

static void periodic(void)
{
	struct listener l = need_listener(VDXG_NOTIFY_TRIM);
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	struct vdxg_notification record;
	unsigned int i, pause = 1000;

	need_root();
	/* idle ones are told too */
	REQUIRE_STATUS(kmt_set_intervals(adapter, 5 * MS, 10 * MS, 10 * MS), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		record = need_record(l.fd);
		EXPECT_EQ(record.event, VDXG_NOTIFY_TRIM);
		EXPECT(record.trim == PERIODIC || record.trim == RESTART);
		EXPECT_EQ(record.bytes, 0);
	}
	/* or not for a long time; when they go on they are told to begin anew */
	REQUIRE_STATUS(kmt_set_intervals(adapter, 5 * MS, 10 * MS, FOREVER), STATUS_SUCCESS);
	do {
		use(device, &queue, a);
		record = need_record(l.fd);
		EXPECT(record.trim == PERIODIC || record.trim == RESTART);
		usleep(pause);
		pause *= 2;
	} while (record.trim != RESTART);
	REQUIRE_STATUS(kmt_set_intervals(adapter, 1000 * MS, 10000 * MS, 60000 * MS),
		       STATUS_SUCCESS);
}

static void arguments(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_REGISTERTRIMNOTIFICATION args = { .hDevice = device };
	struct raw raw = need_raw();
	struct vdxg_registernotification request = { .device = raw.device, .events = 8 };
	int fd;

	EXPECT_STATUS(D3DKMTRegisterTrimNotification(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTRegisterTrimNotification(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(register_args(&args, 0, &told), STATUS_INVALID_PARAMETER);
	args.hDevice = device;
	args.AdapterLuid.LowPart++;
	EXPECT_STATUS(D3DKMTRegisterTrimNotification(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTUnregisterTrimNotification(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(unregister(NULL, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(unregister(&args, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(unregister(NULL, callback), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(raw_call(raw.fd, LX_VDXGREGISTERNOTIFICATION, &request), -EINVAL);
	EXPECT_STATUS(raw_register(&raw, raw.device, 0, &fd), -EINVAL);
	request.events = VDXG_NOTIFY_TRIM;
	request.reserved = 1;
	EXPECT_STATUS(raw_call(raw.fd, LX_VDXGREGISTERNOTIFICATION, &request), -EINVAL);
	EXPECT_STATUS(raw_register(&raw, raw.adapter, VDXG_NOTIFY_TRIM, &fd), -EINVAL);
}

static void descriptor(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 2 * MIB);
	struct pollfd p = { .events = POLLIN };
	struct queue queue = need_queue(device);
	struct vdxg_notification records[4];
	struct d3dkmt_destroydevice destroy;
	struct listener l;

	need_no_periodic_trims(adapter);
	l = need_listener(VDXG_NOTIFY_ALL);
	p.fd = l.fd;
	need_resident(&queue, &a, 1);
	EXPECT(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	EXPECT(read(l.fd, records, sizeof(records[0]) - 1) < 0 && errno == EINVAL);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	EXPECT_STATUS(kmt_set_budget(adapter, MIB, MIB), STATUS_SUCCESS);
	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT_EQ(p.revents, POLLIN);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	/* what cannot be written is not lost; as many as fit come together */
	EXPECT(read(l.fd, test_unmapped(), sizeof(records)) < 0 && errno == EFAULT);
	EXPECT_EQ(read(l.fd, records, sizeof(records)), 3 * sizeof(records[0]));
	EXPECT_EQ(records[0].event, VDXG_NOTIFY_TRIM);
	EXPECT_EQ(records[0].bytes, MIB);
	EXPECT_EQ(records[1].event, VDXG_NOTIFY_BUDGET_LOCAL);
	EXPECT_EQ(records[1].bytes, MIB);
	EXPECT_EQ(records[2].event, VDXG_NOTIFY_BUDGET_NON_LOCAL);
	EXPECT_EQ(records[2].bytes, MIB);
	/* it ends with the device, after what there still is to read */
	EXPECT_STATUS(kmt_set_budget(adapter, 2 * MIB, MIB), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_wake(adapter, false), STATUS_SUCCESS);
	destroy.device.v = l.raw.device;
	EXPECT_STATUS(raw_call(l.raw.fd, LX_DXDESTROYDEVICE, &destroy), STATUS_SUCCESS);
	EXPECT_EQ(need_record(l.fd).bytes, 2 * MIB);
	EXPECT_EQ(read(l.fd, records, sizeof(records)), 0);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT(p.revents & POLLHUP);
	close(l.fd);
}

/* ---- callbacks ---- */

static struct told waited = TOLD;
static bool returned;

static void *unregister_thread(void *handle)
{
	EXPECT_STATUS(unregister(handle, NULL), STATUS_SUCCESS);
	__atomic_store_n(&returned, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* over the budget, so that every callback that is registered is called at once */
static D3DKMT_HANDLE need_over_budget(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, 2 * MIB);
	struct queue queue = need_queue(device);

	need_no_periodic_trims(adapter);
	need_resident(&queue, &a, 1);
	REQUIRE_STATUS(kmt_set_budget(adapter, MIB, 0), STATUS_SUCCESS);
	return device;
}

static void unregistering_waits(void)
{
	D3DKMT_HANDLE device = need_over_budget();
	pthread_t thread;
	unsigned int i;
	void *handle;

	waited.hold = true;
	handle = need_registration(device, &waited);
	wait_times(&waited, 1);
	REQUIRE(!pthread_create(&thread, NULL, unregister_thread, handle));
	for (i = 0; i < 100; i++) {
		EXPECT(!__atomic_load_n(&returned, __ATOMIC_SEQ_CST));
		sched_yield();
	}
	pthread_mutex_lock(&waited.lock);
	EXPECT(!returned);
	waited.hold = false;
	pthread_cond_broadcast(&waited.changed);
	pthread_mutex_unlock(&waited.lock);
	pthread_join(thread, NULL);
	EXPECT(returned);
	EXPECT_EQ(waited.times, 1);
	EXPECT_STATUS(unregister(handle, NULL), STATUS_INVALID_PARAMETER);
}

static void unregisters_itself(void)
{
	D3DKMT_HANDLE device = need_over_budget();

	pthread_mutex_lock(&waited.lock);
	waited.unregister = need_registration(device, &waited);
	pthread_mutex_unlock(&waited.lock);
	wait_times(&waited, 1);
	/* the lock is free when the callback has returned, or is about to */
	pthread_mutex_lock(&waited.lock);
	EXPECT_STATUS(unregister(waited.unregister, NULL), STATUS_INVALID_PARAMETER);
	pthread_mutex_unlock(&waited.lock);
}

static void all_of_a_callback(void)
{
	D3DKMT_HANDLE device = need_over_budget();
	struct told second = TOLD;
	void *handle = need_registration(device, &told);

	need_registration(device, &second);
	wait_times(&told, 1);
	wait_times(&second, 1);
	EXPECT_EQ(second.flags, TO_BUDGET);
	EXPECT_EQ(second.bytes, MIB);
	EXPECT_STATUS(unregister(NULL, callback), STATUS_SUCCESS);
	EXPECT_STATUS(unregister(handle, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(unregister(NULL, callback), STATUS_INVALID_PARAMETER);
}

static void forked(void)
{
	D3DKMT_HANDLE device = need_over_budget();
	void *handle = need_registration(device, &told);
	pid_t child;

	wait_times(&told, 1);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		EXPECT_STATUS(unregister(handle, NULL), STATUS_INVALID_PARAMETER);
		handle = need_registration(need_over_budget(), &waited);
		wait_times(&waited, 1);
		EXPECT_EQ(told.times, 1);
		EXPECT_STATUS(unregister(handle, NULL), STATUS_SUCCESS);
		test_exit();
	}
	EXPECT(!test_wait(child));
	EXPECT_STATUS(unregister(handle, NULL), STATUS_SUCCESS);
}

static void device_first(void)
{
	D3DKMT_HANDLE device = need_over_budget();
	void *handle = need_registration(device, &told);

	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(unregister(handle, NULL), STATUS_SUCCESS);
}

static void so_many(void)
{
	enum { MOST = 64 };
	struct raw raw = need_raw();
	int fds[MOST], more, i;

	for (i = 0; i < MOST; i++)
		REQUIRE_STATUS(raw_register(&raw, raw.device, VDXG_NOTIFY_TRIM, &fds[i]), STATUS_SUCCESS);
	EXPECT_STATUS(raw_register(&raw, raw.device, VDXG_NOTIFY_TRIM, &more), -ENOMEM);
	close(fds[0]);
	EXPECT_STATUS(raw_register(&raw, raw.device, VDXG_NOTIFY_TRIM, &fds[0]), STATUS_SUCCESS);
	for (i = 0; i < MOST; i++)
		close(fds[i]);
}

static const struct test_case cases[] = {
	CASE(so_many, "a process has 64 registrations on an adapter, and no more"),
	CASE(others_need_room, "what others require and reserve: TrimToBudget, with the bytes"),
	CASE(budget_is_set, "over the budget is told once, and again if it is more"),
	CASE(periodic, "periodic trims come at intervals, and begin anew after idleness"),
	CASE(arguments, "bad arguments are refused"),
	CASE(descriptor, "the descriptor: poll, read, faults, and its end"),
	CASE(unregistering_waits, "unregistering waits for a callback that is running"),
	CASE(unregisters_itself, "a callback can unregister itself"),
	CASE(all_of_a_callback, "a callback alone names all its registrations"),
	CASE(forked, "a child of fork() has none of its parent's registrations"),
	CASE(device_first, "a device can be destroyed before it is unregistered"),
};

TEST_MAIN(cases)
