// SPDX-License-Identifier: MIT
/*
 * keyed_mutex.c: keyed mutexes
 *
 * The contracts are those of Microsoft's pages of the same names ("Source").
 * Every function answers STATUS_INVALID_PARAMETER for a NULL argument.
 */
#include <string.h>
#include <time.h>

#include "device.h"

#define NS_PER_SECOND	1000000000ULL
/* From 1601, where the time of Windows begins, to 1970, in 100 ns. */
#define EPOCH_DIFFERENCE 116444736000000000LL

/**
 * D3DKMTCreateKeyedMutex2 - make a keyed mutex
 * @args: InitialValue, the first key; private data and Flags; out the handles
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateKeyedMutex2
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateKeyedMutex2(D3DKMT_CREATEKEYEDMUTEX2 *args)
{
	struct vdxg_createkeyedmutex create;
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&create, 0, sizeof(create));
	create.initial_value = args->InitialValue;
	create.private_data = (uintptr_t)args->pPrivateRuntimeData;
	create.private_data_size = args->PrivateRuntimeDataSize;
	create.flags = args->Flags.Value;
	status = vdxg_call(LX_VDXGCREATEKEYEDMUTEX, &create, "qquuuu");
	if (NT_SUCCESS(status)) {
		args->hSharedHandle = create.shared_handle;
		args->hKeyedMutex = create.keyed_mutex;
	}
	return status;
}

/**
 * D3DKMTCreateKeyedMutex - make a keyed mutex
 * @args: InitialValue, the first key; out the handles
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTCreateKeyedMutex
 */
VDXG_PUBLIC NTSTATUS D3DKMTCreateKeyedMutex(D3DKMT_CREATEKEYEDMUTEX *args)
{
	D3DKMT_CREATEKEYEDMUTEX2 args2;
	NTSTATUS status;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&args2, 0, sizeof(args2));
	args2.InitialValue = args->InitialValue;
	status = D3DKMTCreateKeyedMutex2(&args2);
	if (NT_SUCCESS(status)) {
		args->hSharedHandle = args2.hSharedHandle;
		args->hKeyedMutex = args2.hKeyedMutex;
	}
	return status;
}

static NTSTATUS open_mutex(struct vdxg_openkeyedmutex *open, void *data,
			   UINT size, D3DKMT_HANDLE *handle)
{
	NTSTATUS status;

	open->private_data = (uintptr_t)data;
	open->private_data_size = size;
	status = vdxg_call(LX_VDXGOPENKEYEDMUTEX, open, "uuqquu");
	if (NT_SUCCESS(status))
		*handle = open->keyed_mutex;
	return status;
}

/**
 * D3DKMTOpenKeyedMutex - open a keyed mutex by its global handle
 * @args: hSharedHandle; out hKeyedMutex
 *
 * Return: SUCCESS; INVALID_PARAMETER; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenKeyedMutex
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenKeyedMutex(D3DKMT_OPENKEYEDMUTEX *args)
{
	struct vdxg_openkeyedmutex open;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&open, 0, sizeof(open));
	open.shared_handle = args->hSharedHandle;
	return open_mutex(&open, NULL, 0, &args->hKeyedMutex);
}

/**
 * D3DKMTOpenKeyedMutex2 - open a keyed mutex by its global handle
 * @args: hSharedHandle, room for the private data; out hKeyedMutex
 *
 * There has to be room for the data, which are not written, as on Windows.
 *
 * Return: SUCCESS; INVALID_PARAMETER, also too little room; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenKeyedMutex2
 */
VDXG_PUBLIC NTSTATUS D3DKMTOpenKeyedMutex2(D3DKMT_OPENKEYEDMUTEX2 *args)
{
	struct vdxg_openkeyedmutex open;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&open, 0, sizeof(open));
	open.shared_handle = args->hSharedHandle;
	open.flags = VDXG_KEYED_MUTEX_DATA;
	return open_mutex(&open, args->pPrivateRuntimeData,
			  args->PrivateRuntimeDataSize, &args->hKeyedMutex);
}

/**
 * D3DKMTOpenKeyedMutexFromNtHandle - open the one shared with a resource
 * @args: hNtHandle, room for the private data; out hKeyedMutex
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE; OBJECT_TYPE_MISMATCH,
 * there is no keyed mutex behind it; NO_MEMORY
 * Source: d3dkmthk.h, D3DKMTOpenKeyedMutexFromNtHandle
 */
VDXG_PUBLIC NTSTATUS
D3DKMTOpenKeyedMutexFromNtHandle(D3DKMT_OPENKEYEDMUTEXFROMNTHANDLE *args)
{
	struct vdxg_openkeyedmutex open;

	if (!args)
		return STATUS_INVALID_PARAMETER;
	memset(&open, 0, sizeof(open));
	open.nt_handle = (uintptr_t)args->hNtHandle;
	open.flags = VDXG_KEYED_MUTEX_DATA | VDXG_KEYED_MUTEX_NT_HANDLE;
	return open_mutex(&open, args->pPrivateRuntimeData,
			  args->PrivateRuntimeDataSize, &args->hKeyedMutex);
}

/**
 * D3DKMTDestroyKeyedMutex - close a keyed mutex
 * @args: hKeyedMutex; if it has acquired the mutex that is abandoned
 *
 * Return: SUCCESS; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTDestroyKeyedMutex
 */
VDXG_PUBLIC NTSTATUS
D3DKMTDestroyKeyedMutex(const D3DKMT_DESTROYKEYEDMUTEX *args)
{
	return vdxg_call(LX_VDXGDESTROYKEYEDMUTEX, args, "u");
}

static int64_t now_in(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * (int64_t)NS_PER_SECOND + now.tv_nsec;
}

/*
 * A time of Windows, in 100 ns: below 0 from now on, else since 1601.  The
 * kernel wants a point in time, so that a signal does not prolong the wait.
 */
static uint64_t deadline_of(const LARGE_INTEGER *timeout)
{
	int64_t t, now, ns;

	if (!timeout)
		return VDXG_DEADLINE_NEVER;
	t = timeout->QuadPart;
	if (!t)
		return 0;
	now = now_in(CLOCK_MONOTONIC);
	if (t > 0) {
		t -= EPOCH_DIFFERENCE;
		t = now_in(CLOCK_REALTIME) / 100 - t;
		if (t >= 0)
			return 0;
	}
	if (t < -(INT64_MAX / 200))
		return VDXG_DEADLINE_NEVER;
	ns = -t * 100;
	return now > INT64_MAX - 1 - ns ? VDXG_DEADLINE_NEVER :
		(uint64_t)(now + ns);
}

static NTSTATUS acquire(D3DKMT_HANDLE mutex, UINT64 key,
			const LARGE_INTEGER *timeout, UINT64 *fence_value,
			void *data, UINT size)
{
	struct vdxg_acquirekeyedmutex args;
	NTSTATUS status;

	memset(&args, 0, sizeof(args));
	args.keyed_mutex = mutex;
	args.key = key;
	args.deadline = deadline_of(timeout);
	args.private_data = (uintptr_t)data;
	args.private_data_size = size;
	status = vdxg_call(LX_VDXGACQUIREKEYEDMUTEX, &args, "uuqqqq");
	if (NT_SUCCESS(status))
		*fence_value = args.fence_value;
	return status;
}

/**
 * D3DKMTAcquireKeyedMutex2 - acquire a keyed mutex
 * @args: hKeyedMutex, Key, pTimeout (NULL: for ever), room for the private
 *	data or NULL; out FenceValue, what the last owner left
 *
 * Return: SUCCESS; TIMEOUT; ABANDONED; INVALID_PARAMETER; NO_MEMORY, with
 * private data
 * Source: d3dkmthk.h, D3DKMTAcquireKeyedMutex2
 */
VDXG_PUBLIC NTSTATUS D3DKMTAcquireKeyedMutex2(D3DKMT_ACQUIREKEYEDMUTEX2 *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return acquire(args->hKeyedMutex, args->Key, args->pTimeout,
		       &args->FenceValue, args->pPrivateRuntimeData,
		       args->PrivateRuntimeDataSize);
}

/**
 * D3DKMTAcquireKeyedMutex - acquire a keyed mutex
 * @args: hKeyedMutex, Key, pTimeout (NULL: for ever); out FenceValue
 *
 * Return: SUCCESS; TIMEOUT; ABANDONED; INVALID_PARAMETER
 * Source: d3dkmthk.h, D3DKMTAcquireKeyedMutex
 */
VDXG_PUBLIC NTSTATUS D3DKMTAcquireKeyedMutex(D3DKMT_ACQUIREKEYEDMUTEX *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return acquire(args->hKeyedMutex, args->Key, args->pTimeout,
		       &args->FenceValue, NULL, 0);
}

static NTSTATUS release(D3DKMT_HANDLE mutex, UINT64 key, UINT64 fence_value,
			const void *data, UINT size)
{
	struct vdxg_releasekeyedmutex args;

	memset(&args, 0, sizeof(args));
	args.keyed_mutex = mutex;
	args.key = key;
	args.fence_value = fence_value;
	args.private_data = (uintptr_t)data;
	args.private_data_size = size;
	return vdxg_call(LX_VDXGRELEASEKEYEDMUTEX, &args, "uuqqq");
}

/**
 * D3DKMTReleaseKeyedMutex2 - release a keyed mutex
 * @args: hKeyedMutex, Key for the next, FenceValue for it, private data that
 *	replace the stored ones, or NULL
 *
 * Return: SUCCESS; INVALID_PARAMETER, also of a mutex that is not acquired;
 * NO_MEMORY, with private data
 * Source: d3dkmthk.h, D3DKMTReleaseKeyedMutex2
 */
VDXG_PUBLIC NTSTATUS D3DKMTReleaseKeyedMutex2(D3DKMT_RELEASEKEYEDMUTEX2 *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return release(args->hKeyedMutex, args->Key, args->FenceValue,
		       args->pPrivateRuntimeData, args->PrivateRuntimeDataSize);
}

/**
 * D3DKMTReleaseKeyedMutex - release a keyed mutex
 * @args: hKeyedMutex, Key for the next, FenceValue for it
 *
 * Return: SUCCESS; INVALID_PARAMETER, also of a mutex that is not acquired
 * Source: d3dkmthk.h, D3DKMTReleaseKeyedMutex
 */
VDXG_PUBLIC NTSTATUS D3DKMTReleaseKeyedMutex(D3DKMT_RELEASEKEYEDMUTEX *args)
{
	if (!args)
		return STATUS_INVALID_PARAMETER;
	return release(args->hKeyedMutex, args->Key, args->FenceValue, NULL, 0);
}
