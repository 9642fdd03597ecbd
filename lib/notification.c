// SPDX-License-Identifier: MIT
/*
 * notification.c: callbacks that are told to trim, and of budgets
 *
 * The kernel has a descriptor for each registration, from which a thread of its
 * own reads and calls back.  No lock is held during a callback, so it may call
 * whatever it likes, also to unregister itself.
 *
 * Unregistering from another thread waits for a callback that is running: when
 * it returns none runs, and none will.  Whoever unregisters must not hold what
 * his callback waits for.  A callback that unregisters itself returns first.
 *
 * A child of fork() has none of the threads, so there the registrations are
 * forgotten, as are all handles.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"

#define REGISTERNOTIFICATION	"u6"

/**
 * struct registration - a callback
 * @next: in the list
 * @budget: it is about budgets, else about trims
 * @trim: the callback, if it is about trims
 * @changed: the callback, if it is about budgets
 * @context: what it is given
 * @fd: the kernel's descriptor
 * @stop: an eventfd: the thread is to end
 * @thread: reads and calls back
 * @own: its own callback unregisters it: the thread frees it
 */
struct registration {
	struct registration *next;
	bool budget;
	PFND3DKMT_TRIMNOTIFICATIONCALLBACK trim;
	PFND3DKMT_BUDGETCHANGENOTIFICATIONCALLBACK changed;
	void *context;
	int fd;
	int stop;
	pthread_t thread;
	bool own;
};

static struct registration *registrations;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void free_registration(struct registration *r)
{
	close(r->fd);
	close(r->stop);
	free(r);
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

/* The memory of one whose callback runs is left: its thread is not here to end it. */
static void in_child(void)
{
	struct registration *r;

	while (registrations) {
		r = registrations;
		registrations = r->next;
		free_registration(r);
	}
	pthread_mutex_init(&lock, NULL);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, in_parent, in_child);
}

static void call_back(struct registration *r, const struct vdxg_notification *record)
{
	D3DKMT_TRIMNOTIFICATION trim = {
		.Context = r->context,
		.Flags.Value = record->trim,
		.NumBytesToTrim = record->bytes,
	};
	D3DKMT_BUDGETCHANGENOTIFICATION changed = {
		.Context = r->context,
		.Budget = record->bytes,
	};

	if (r->budget)
		r->changed(&changed);
	else
		r->trim(&trim);
}

static bool stopped(struct registration *r)
{
	struct pollfd poll_stop = { .fd = r->stop, .events = POLLIN };

	return r->own || poll(&poll_stop, 1, 0) > 0;
}

/* Until it is to stop, or the device is gone: then there is only the end to wait for. */
static void *run(void *arg)
{
	struct registration *r = arg;
	struct pollfd fds[] = {
		{ .fd = r->stop, .events = POLLIN },
		{ .fd = r->fd, .events = POLLIN },
	};
	struct vdxg_notification record;

	while (!stopped(r)) {
		if (poll(fds, 2, -1) < 0 || fds[0].revents || !fds[1].revents)
			continue;
		if (read(r->fd, &record, sizeof(record)) == sizeof(record))
			call_back(r, &record);
		else if (errno != EINTR && errno != EAGAIN)
			fds[1].fd = -1;
	}
	if (r->own)
		free_registration(r);
	return NULL;
}

/* Signals are for the program's threads. */
static int start(struct registration *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->thread, NULL, run, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

/* Ask the kernel, and begin; @r is freed on failure. */
static NTSTATUS begin(struct registration *r, struct vdxg_registernotification *args,
		      void **handle)
{
	NTSTATUS status;

	pthread_once(&fork_once, watch_forks);
	status = vdxg_call(LX_VDXGREGISTERNOTIFICATION, args, REGISTERNOTIFICATION);
	if (!NT_SUCCESS(status)) {
		free(r);
		return status;
	}
	r->fd = args->descriptor;
	r->stop = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_lock(&lock);
	if (r->stop < 0 || start(r)) {
		pthread_mutex_unlock(&lock);
		free_registration(r);
		return STATUS_NO_MEMORY;
	}
	r->next = registrations;
	registrations = r;
	*handle = r;
	pthread_mutex_unlock(&lock);
	return STATUS_SUCCESS;
}

/**
 * D3DKMTRegisterTrimNotification - be called back to trim
 * @args: AdapterLuid, hDevice, Callback, Context; out Handle
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMTRegisterTrimNotification
 */
VDXG_PUBLIC NTSTATUS
D3DKMTRegisterTrimNotification(D3DKMT_REGISTERTRIMNOTIFICATION *args)
{
	struct vdxg_registernotification request = { .events = VDXG_NOTIFY_TRIM };
	struct registration *r;

	if (!args || !args->Callback)
		return STATUS_INVALID_PARAMETER;
	r = calloc(1, sizeof(*r));
	if (!r)
		return STATUS_NO_MEMORY;
	r->trim = args->Callback;
	r->context = args->Context;
	request.luid_low = args->AdapterLuid.LowPart;
	request.luid_high = args->AdapterLuid.HighPart;
	request.device = args->hDevice;
	return begin(r, &request, &args->Handle);
}

/**
 * D3DKMTRegisterBudgetChangeNotification - be called back when a budget changes
 * @args: hDevice, Callback, Context; out Handle
 *
 * The budget is that of the local segment group.
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY; DEVICE_REMOVED
 * Source: d3dkmthk.h, D3DKMT_REGISTERBUDGETCHANGENOTIFICATION
 */
VDXG_PUBLIC NTSTATUS D3DKMTRegisterBudgetChangeNotification(
	D3DKMT_REGISTERBUDGETCHANGENOTIFICATION *args)
{
	struct vdxg_registernotification request = {
		.events = VDXG_NOTIFY_BUDGET_LOCAL,
	};
	struct registration *r;

	if (!args || !args->Callback)
		return STATUS_INVALID_PARAMETER;
	r = calloc(1, sizeof(*r));
	if (!r)
		return STATUS_NO_MEMORY;
	r->budget = true;
	r->changed = args->Callback;
	r->context = args->Context;
	request.device = args->hDevice;
	return begin(r, &request, &args->Handle);
}

/* End one that is not in the list any more. */
static void finish(struct registration *r)
{
	const uint64_t one = 1;

	if (pthread_equal(r->thread, pthread_self())) {
		pthread_detach(r->thread);
		r->own = true;
		return;
	}
	while (write(r->stop, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(r->thread, NULL);
	free_registration(r);
}

/* Take one out of the list: by its handle, or by its callback. */
static struct registration *take(const void *handle, bool budget,
				 PFND3DKMT_TRIMNOTIFICATIONCALLBACK callback)
{
	struct registration **link, *r = NULL;

	pthread_mutex_lock(&lock);
	for (link = &registrations; *link; link = &(*link)->next) {
		r = *link;
		if (r->budget == budget && (handle ? r == handle : r->trim == callback)) {
			*link = r->next;
			break;
		}
		r = NULL;
	}
	pthread_mutex_unlock(&lock);
	return r;
}

/**
 * D3DKMTUnregisterTrimNotification - be called back no more
 * @args: Handle, or NULL and a Callback: all registrations of that one
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTUnregisterTrimNotification
 */
VDXG_PUBLIC NTSTATUS
D3DKMTUnregisterTrimNotification(D3DKMT_UNREGISTERTRIMNOTIFICATION *args)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct registration *r;

	if (!args || (!args->Handle && !args->Callback))
		return STATUS_INVALID_PARAMETER;
	while ((r = take(args->Handle, false, args->Callback))) {
		finish(r);
		status = STATUS_SUCCESS;
		if (args->Handle)
			break;
	}
	return status;
}

/**
 * D3DKMTUnregisterBudgetChangeNotification - be called back no more
 * @args: Handle
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION
 */
VDXG_PUBLIC NTSTATUS D3DKMTUnregisterBudgetChangeNotification(
	const D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION *args)
{
	struct registration *r;

	if (!args || !args->Handle)
		return STATUS_INVALID_PARAMETER;
	r = take(args->Handle, true, NULL);
	if (!r)
		return STATUS_INVALID_PARAMETER;
	finish(r);
	return STATUS_SUCCESS;
}
