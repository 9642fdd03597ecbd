// SPDX-License-Identifier: GPL-2.0-only
/*
 * keyed_mutex.c: CreateKeyedMutex, OpenKeyedMutex, DestroyKeyedMutex, AcquireKeyedMutex,
 * ReleaseKeyedMutex, of both versions (see keyed_mutex.h)
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../gfp.h"
#include "../refuse.h"
#include "calls.h"
#include "keyed_mutex.h"
#include "nt_handle.h"
#include "process.h"

/* Private data of one mutex, at most. */
#define MAX_DATA	4096U

static struct vdxg_keyed_mutex *mutex_of(struct vdxg_shareable *obj)
{
	return container_of(obj, struct vdxg_keyed_mutex, base);
}

static void release_mutex(struct vdxg_shareable *obj)
{
	struct vdxg_keyed_mutex *mutex = mutex_of(obj);

	kfree(mutex->data);
	mutex_destroy(&mutex->lock);
	kfree(mutex);
}

static const struct vdxg_shareable_class shared_mutex_class = {
	.name = "DxgkSharedKeyedMutexObject",
	.release = release_mutex,
};

static void release_open(struct vdxg_object *obj)
{
	struct vdxg_keyed_mutex_open *open = container_of(obj, struct vdxg_keyed_mutex_open, obj);

	vdxg_shareable_close(&open->mutex->base);
	kfree(open);
}

static const struct vdxg_class keyed_mutex_class = {
	.name = "keyed mutex",
	.release = release_open,
};

/**
 * vdxg_keyed_mutex_open_new - what a handle to a mutex will point to
 * @mutex: the mutex; the caller's open becomes this one's, also on failure
 *
 * Context: sleeps.
 * Return: the open, not published, or NULL without memory.
 */
struct vdxg_keyed_mutex_open *vdxg_keyed_mutex_open_new(struct vdxg_keyed_mutex *mutex)
{
	struct vdxg_keyed_mutex_open *open = kzalloc(sizeof(*open), VDXG_GFP);

	if (!open) {
		vdxg_shareable_close(&mutex->base);
		return NULL;
	}
	vdxg_object_init(&open->obj, &keyed_mutex_class);
	INIT_LIST_HEAD(&open->link);
	open->mutex = mutex;
	return open;
}

/**
 * vdxg_keyed_mutex_peek - look a keyed mutex up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the open, good until the lock is dropped, or NULL.
 */
struct vdxg_keyed_mutex_open *vdxg_keyed_mutex_peek(struct vdxg_process *process, u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle, &keyed_mutex_class);

	return obj ? container_of(obj, struct vdxg_keyed_mutex_open, obj) : NULL;
}

/**
 * vdxg_keyed_mutex_publish - let the handle of an open answer
 * @process: the process, locked
 * @open: an open with a reserved handle
 */
void vdxg_keyed_mutex_publish(struct vdxg_process *process, struct vdxg_keyed_mutex_open *open)
{
	vdxg_handle_publish(&process->handles, &open->obj);
	list_add_tail(&open->link, &process->keyed_mutexes);
}

static void unpublish(struct vdxg_process *process, struct vdxg_keyed_mutex_open *open,
		      struct list_head *doomed)
{
	vdxg_handle_unpublish(&process->handles, &open->obj);
	list_move_tail(&open->link, doomed);
}

/**
 * vdxg_keyed_mutexes_unpublish - let all keyed mutexes of a process die
 * @process: the process, locked
 * @doomed: where they go, for vdxg_keyed_mutexes_close()
 */
void vdxg_keyed_mutexes_unpublish(struct vdxg_process *process, struct list_head *doomed)
{
	struct vdxg_keyed_mutex_open *open, *next;

	list_for_each_entry_safe(open, next, &process->keyed_mutexes, link)
		unpublish(process, open, doomed);
}

/**
 * vdxg_keyed_mutexes_close - release unpublished opens; what they had acquired is abandoned
 * @doomed: list of them
 *
 * Context: no locks; sleeps.
 */
void vdxg_keyed_mutexes_close(struct list_head *doomed)
{
	struct vdxg_keyed_mutex_open *open, *next;

	list_for_each_entry_safe(open, next, doomed, link) {
		struct vdxg_keyed_mutex *mutex = open->mutex;

		mutex_lock(&mutex->lock);
		open->closed = true;
		if (mutex->owner == open) {
			mutex->owner = NULL;
			mutex->abandoned = true;
		}
		mutex_unlock(&mutex->lock);
		/* Also those who wait through this very handle. */
		wake_up_all(&mutex->wait);
		vdxg_object_put(&open->obj);
	}
}

/* Reserve the handle of an open, answer, and publish it; or take it back. */
static int finish(struct vdxg_call *call, struct vdxg_keyed_mutex_open *open, u32 *handle)
{
	struct vdxg_process *process = call->process;
	int status;

	vdxg_process_lock(process);
	status = vdxg_handle_reserve(&process->handles, &open->obj);
	vdxg_process_unlock(process);
	if (!status) {
		*handle = open->obj.handle;
		status = vdxg_call_reply(call);
	}
	vdxg_process_lock(process);
	if (!status) {
		vdxg_keyed_mutex_publish(process, open);
		vdxg_shareable_announce(&open->mutex->base);
	} else if (open->obj.handle) {
		vdxg_handle_abandon(&process->handles, &open->obj);
	}
	vdxg_process_unlock(process);
	if (status)
		vdxg_object_put(&open->obj);
	return status;
}

static int init_mutex(struct vdxg_keyed_mutex *mutex, const struct vdxg_createkeyedmutex *args)
{
	mutex->data_size = args->private_data_size;
	if (mutex->data_size) {
		mutex->data = kmalloc(mutex->data_size, VDXG_GFP);
		if (!mutex->data)
			return STATUS_NO_MEMORY;
		if (copy_from_user(mutex->data, u64_to_user_ptr(args->private_data),
				   mutex->data_size))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data",
					   args->private_data, "cannot be read");
	}
	return mutex->nt ? STATUS_SUCCESS : vdxg_shareable_make_global(&mutex->base);
}

/**
 * vdxg_create_keyed_mutex - D3DKMTCreateKeyedMutex, D3DKMTCreateKeyedMutex2
 * @call: the call; struct vdxg_createkeyedmutex
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY. (d3dkmthk,
 * D3DKMTCreateKeyedMutex2)
 */
int vdxg_create_keyed_mutex(struct vdxg_call *call)
{
	struct vdxg_createkeyedmutex *args = call->args;
	struct vdxg_keyed_mutex_open *open;
	struct vdxg_keyed_mutex *mutex;
	int status;

	if (args->flags & ~VDXG_KEYED_MUTEX_NT_SECURITY_SHARING ||
	    args->private_data_size > MAX_DATA)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data_size",
				   args->private_data_size, "too large, or undefined bits in flags");
	mutex = kzalloc(sizeof(*mutex), VDXG_GFP);
	if (!mutex)
		return STATUS_NO_MEMORY;
	vdxg_shareable_init(&mutex->base, &shared_mutex_class);
	mutex->nt = args->flags & VDXG_KEYED_MUTEX_NT_SECURITY_SHARING;
	mutex_init(&mutex->lock);
	init_waitqueue_head(&mutex->wait);
	mutex->key = args->initial_value;
	status = init_mutex(mutex, args);
	if (status) {
		vdxg_shareable_close(&mutex->base);
		return status;
	}
	args->shared_handle = mutex->base.global;
	open = vdxg_keyed_mutex_open_new(mutex);
	if (!open)
		return STATUS_NO_MEMORY;
	return finish(call, open, &args->keyed_mutex);
}

/* The mutex an open names, with one more open. */
static struct vdxg_keyed_mutex *find_mutex(const struct vdxg_openkeyedmutex *args, int *status)
{
	struct vdxg_keyed_mutex *mutex = NULL;
	struct vdxg_shareable *obj;
	struct vdxg_nt_handle *nt;

	if (!(args->flags & VDXG_KEYED_MUTEX_NT_HANDLE)) {
		obj = vdxg_global_open(args->shared_handle, &shared_mutex_class);
		if (obj)
			return mutex_of(obj);
		*status = vdxg_refuse(STATUS_INVALID_PARAMETER, "shared_handle",
				      args->shared_handle, "no global handle of this user's");
		return NULL;
	}
	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_RESOURCE, status);
	if (!nt)
		return NULL;
	mutex = nt->object->mutex;
	if (mutex)
		vdxg_shareable_open(&mutex->base);
	else
		*status = vdxg_refuse(STATUS_OBJECT_TYPE_MISMATCH, "nt_handle", args->nt_handle,
				      "without a keyed mutex");
	vdxg_nt_handle_put(nt);
	return mutex;
}

/**
 * vdxg_open_keyed_mutex - D3DKMTOpenKeyedMutex, D3DKMTOpenKeyedMutex2,
 * D3DKMTOpenKeyedMutexFromNtHandle
 * @call: the call; struct vdxg_openkeyedmutex
 *
 * The private data are not handed out, but whoever asks for them has to have room for them.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad global handle or too small a buffer;
 * as vdxg_nt_handle_get() for an NT handle; STATUS_OBJECT_TYPE_MISMATCH for one without a keyed
 * mutex; STATUS_NO_MEMORY. (d3dkmthk, D3DKMTOpenKeyedMutex2)
 */
int vdxg_open_keyed_mutex(struct vdxg_call *call)
{
	struct vdxg_openkeyedmutex *args = call->args;
	struct vdxg_keyed_mutex_open *open;
	struct vdxg_keyed_mutex *mutex;
	int status;

	if (args->flags & ~(VDXG_KEYED_MUTEX_DATA | VDXG_KEYED_MUTEX_NT_HANDLE))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	mutex = find_mutex(args, &status);
	if (!mutex)
		return status;
	if (args->flags & VDXG_KEYED_MUTEX_DATA &&
	    ((args->private_data_size && !args->private_data) ||
	     args->private_data_size < mutex->data_size)) {
		vdxg_shareable_close(&mutex->base);
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data_size",
				   args->private_data_size, "no room for the private data");
	}
	open = vdxg_keyed_mutex_open_new(mutex);
	if (!open)
		return STATUS_NO_MEMORY;
	return finish(call, open, &args->keyed_mutex);
}

/**
 * vdxg_destroy_keyed_mutex - D3DKMTDestroyKeyedMutex
 * @call: the call; struct vdxg_destroykeyedmutex
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk,
 * D3DKMTDestroyKeyedMutex)
 */
int vdxg_destroy_keyed_mutex(struct vdxg_call *call)
{
	struct vdxg_destroykeyedmutex *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_keyed_mutex_open *open;
	LIST_HEAD(doomed);

	vdxg_process_lock(process);
	open = vdxg_keyed_mutex_peek(process, args->keyed_mutex);
	if (open)
		unpublish(process, open, &doomed);
	vdxg_process_unlock(process);
	if (!open)
		return STATUS_INVALID_PARAMETER;
	vdxg_keyed_mutexes_close(&doomed);
	return STATUS_SUCCESS;
}

/* The open behind a handle, referenced. */
static struct vdxg_keyed_mutex_open *get_open(struct vdxg_process *process, u32 handle)
{
	struct vdxg_object *obj = vdxg_handle_get(&process->handles, handle, &keyed_mutex_class);

	return obj ? container_of(obj, struct vdxg_keyed_mutex_open, obj) : NULL;
}

/**
 * vdxg_keyed_mutex_copy_data - hand the private data of a mutex out
 * @mutex: the mutex
 * @user: where they go, or NULL
 * @size: how much room there is
 * @written: how much was written
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for memory that cannot be written; STATUS_NO_MEMORY.
 */
int vdxg_keyed_mutex_copy_data(struct vdxg_keyed_mutex *mutex, u64 user, u32 size, u32 *written)
{
	u32 n = min(size, mutex->data_size);
	void *data;
	int status;

	*written = user ? n : 0;
	if (!*written)
		return STATUS_SUCCESS;
	/* No copy to user space under a lock. */
	data = kmalloc(n, VDXG_GFP);
	if (!data)
		return STATUS_NO_MEMORY;
	mutex_lock(&mutex->lock);
	memcpy(data, mutex->data, n);
	mutex_unlock(&mutex->lock);
	status = copy_to_user(u64_to_user_ptr(user), data, n) ?
		vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data", user, "cannot be written") :
		STATUS_SUCCESS;
	kfree(data);
	return status;
}

/* Take the mutex if it can be had; whether the caller need not wait. */
static bool try_acquire(struct vdxg_keyed_mutex_open *open, u64 key, u64 *fence_value, int *status)
{
	struct vdxg_keyed_mutex *mutex = open->mutex;
	bool done = true;

	mutex_lock(&mutex->lock);
	if (open->closed) {
		*status = mutex->abandoned ? STATUS_ABANDONED : STATUS_INVALID_PARAMETER;
	} else if (mutex->abandoned) {
		*status = STATUS_ABANDONED;
	} else if (!mutex->owner && mutex->key == key) {
		mutex->owner = open;
		*fence_value = mutex->fence_value;
		*status = STATUS_SUCCESS;
	} else {
		done = false;
	}
	mutex_unlock(&mutex->lock);
	return done;
}

static void release(struct vdxg_keyed_mutex_open *open, u64 key, u64 fence_value)
{
	struct vdxg_keyed_mutex *mutex = open->mutex;

	lockdep_assert_held(&mutex->lock);
	mutex->owner = NULL;
	mutex->key = key;
	mutex->fence_value = fence_value;
	wake_up_all(&mutex->wait);
}

/* try_acquire() takes a mutex, so a task that tries must not look as if it slept. */
static int acquire(struct vdxg_keyed_mutex_open *open, const struct vdxg_acquirekeyedmutex *args,
		   u64 *fence_value)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct vdxg_keyed_mutex *mutex = open->mutex;
	long left = MAX_SCHEDULE_TIMEOUT;
	int status = STATUS_TIMEOUT;

	add_wait_queue(&mutex->wait, &wait);
	while (!try_acquire(open, args->key, fence_value, &status)) {
		if (args->deadline < VDXG_DEADLINE_NEVER) {
			s64 ns = args->deadline - ktime_get_ns();

			if (!args->deadline || ns <= 0) {
				status = STATUS_TIMEOUT;
				break;
			}
			left = min_t(u64, nsecs_to_jiffies64(ns) + 1, MAX_SCHEDULE_TIMEOUT - 1);
		}
		if (signal_pending(current)) {
			status = -ERESTARTNOINTR;
			break;
		}
		wait_woken(&wait, TASK_INTERRUPTIBLE, left);
	}
	remove_wait_queue(&mutex->wait, &wait);
	return status;
}

/**
 * vdxg_acquire_keyed_mutex - D3DKMTAcquireKeyedMutex, D3DKMTAcquireKeyedMutex2
 * @call: the call; struct vdxg_acquirekeyedmutex
 *
 * Return: STATUS_SUCCESS; STATUS_TIMEOUT if it could not be had until the deadline;
 * STATUS_ABANDONED; STATUS_INVALID_PARAMETER for a bad handle, also one that is destroyed
 * meanwhile, and for too small a buffer; STATUS_NO_MEMORY for a copy of the private data. (d3dkmthk,
 * D3DKMTAcquireKeyedMutex2)
 */
int vdxg_acquire_keyed_mutex(struct vdxg_call *call)
{
	struct vdxg_acquirekeyedmutex *args = call->args;
	struct vdxg_keyed_mutex_open *open = get_open(call->process, args->keyed_mutex);
	struct vdxg_keyed_mutex *mutex;
	u64 fence_value = 0;
	int status;
	u32 written;

	if (!open)
		return STATUS_INVALID_PARAMETER;
	mutex = open->mutex;
	if (args->private_data && args->private_data_size < mutex->data_size) {
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "private_data_size",
				     args->private_data_size, "no room for the private data");
		goto put_open;
	}
	status = acquire(open, args, &fence_value);
	if (status < 0)
		goto put_open;
	args->fence_value = fence_value;
	if (status == STATUS_SUCCESS) {
		status = vdxg_keyed_mutex_copy_data(mutex, args->private_data,
						    args->private_data_size, &written);
		if (!status)
			status = vdxg_call_reply(call);
		if (status) {
			mutex_lock(&mutex->lock);
			if (mutex->owner == open)
				release(open, args->key, fence_value);
			mutex_unlock(&mutex->lock);
		}
	}
put_open:
	vdxg_object_put(&open->obj);
	return status;
}

/**
 * vdxg_release_keyed_mutex - D3DKMTReleaseKeyedMutex, D3DKMTReleaseKeyedMutex2
 * @call: the call; struct vdxg_releasekeyedmutex
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle, one that has not acquired the
 * mutex, and for more private data than it was created with; STATUS_NO_MEMORY for a copy of it. (d3dkmthk,
 * D3DKMTReleaseKeyedMutex2)
 */
int vdxg_release_keyed_mutex(struct vdxg_call *call)
{
	struct vdxg_releasekeyedmutex *args = call->args;
	struct vdxg_keyed_mutex_open *open = get_open(call->process, args->keyed_mutex);
	int status = STATUS_INVALID_PARAMETER;
	struct vdxg_keyed_mutex *mutex;
	void *data = NULL;

	if (!open)
		return STATUS_INVALID_PARAMETER;
	mutex = open->mutex;
	if (args->private_data && args->private_data_size) {
		if (args->private_data_size > mutex->data_size) {
			vdxg_refuse(status, "private_data_size", args->private_data_size,
				    "more than it was created with");
			goto put_open;
		}
		data = kmalloc(args->private_data_size, VDXG_GFP);
		if (!data)
			status = STATUS_NO_MEMORY;
		if (!data || copy_from_user(data, u64_to_user_ptr(args->private_data),
					    args->private_data_size)) {
			vdxg_refuse(status, "private_data", args->private_data,
				    "cannot be read, or no memory for it");
			goto free_data;
		}
	}
	mutex_lock(&mutex->lock);
	if (mutex->owner == open) {
		if (data)
			memcpy(mutex->data, data, args->private_data_size);
		release(open, args->key, args->fence_value);
		status = STATUS_SUCCESS;
	} else {
		vdxg_refuse(status, "keyed_mutex", args->keyed_mutex, "not acquired by this handle");
	}
	mutex_unlock(&mutex->lock);
free_data:
	kfree(data);
put_open:
	vdxg_object_put(&open->obj);
	return status;
}
