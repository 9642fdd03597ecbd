/* SPDX-License-Identifier: MIT */
/*
 * share.h: short forms of the calls for sharing, fences and keyed mutexes, for the tests (see
 * kmt.h)
 */
#ifndef VDXG_TEST_SHARE_H
#define VDXG_TEST_SHARE_H

#include <linux/sync_file.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kmt.h"

#define SYNC_SHARED		(1U << 0)
#define SYNC_NT			(1U << 1)
#define SYNC_CROSS_ADAPTER	(1U << 2)
#define SYNC_TOP_OF_PIPELINE	(1U << 3)
#define SYNC_NO_SIGNAL		(1U << 4)
#define SYNC_NO_WAIT		(1U << 5)
#define SYNC_KEEP_VALUE		(1U << 6)
#define SYNC_NO_GPU_ACCESS	(1U << 7)

#define SHARED			(CREATE_RESOURCE | CREATE_SHARED)
#define SHARED_NT		(SHARED | CREATE_NT_SECURITY_SHARING)

#define ACCESS_WRITE		0x1U
#define ACCESS_WAIT		0x1U
#define ACCESS_SIGNAL		0x2U
#define ACCESS_ALL		0x10000000U

static inline HANDLE handle_of(int fd)
{
	return (HANDLE)(intptr_t)fd;
}

static inline int fd_of(HANDLE handle)
{
	return (int)(intptr_t)handle;
}

/* ---- synchronization objects ---- */

static inline NTSTATUS kmt_create_sync(D3DKMT_HANDLE device, int type, uint32_t flags,
				       D3DKMT_CREATESYNCHRONIZATIONOBJECT2 *create)
{
	create->hDevice = device;
	create->Info.Type = type;
	SET_FLAGS(create->Info.Flags, flags);
	return D3DKMTCreateSynchronizationObject2(create);
}

/**
 * struct fence - a monitored fence
 * @handle: its handle
 * @value: where its value is
 */
struct fence {
	D3DKMT_HANDLE handle;
	const volatile uint64_t *value;
};

static inline struct fence need_fence(D3DKMT_HANDLE device, uint64_t initial, uint32_t flags)
{
	D3DKMT_CREATESYNCHRONIZATIONOBJECT2 create = { 0 };

	create.Info.MonitoredFence.InitialFenceValue = initial;
	REQUIRE_STATUS(kmt_create_sync(device, D3DDDI_MONITORED_FENCE, flags, &create),
		       STATUS_SUCCESS);
	return (struct fence) {
		create.hSyncObject,
		create.Info.MonitoredFence.FenceValueCPUVirtualAddress,
	};
}

static inline NTSTATUS kmt_destroy_sync(D3DKMT_HANDLE sync)
{
	D3DKMT_DESTROYSYNCHRONIZATIONOBJECT destroy = { .hSyncObject = sync };

	return D3DKMTDestroySynchronizationObject(&destroy);
}

static inline NTSTATUS kmt_open_sync(D3DKMT_HANDLE global, D3DKMT_HANDLE *sync)
{
	D3DKMT_OPENSYNCHRONIZATIONOBJECT open = { .hSharedHandle = global };
	NTSTATUS status = D3DKMTOpenSynchronizationObject(&open);

	*sync = open.hSyncObject;
	return status;
}

static inline NTSTATUS kmt_open_sync_nt(D3DKMT_HANDLE device, HANDLE nt, uint32_t flags,
					struct fence *fence)
{
	D3DKMT_OPENSYNCOBJECTFROMNTHANDLE2 open = { .hNtHandle = nt, .hDevice = device };
	NTSTATUS status;

	SET_FLAGS(open.Flags, flags);
	status = D3DKMTOpenSyncObjectFromNtHandle2(&open);
	if (fence) {
		fence->handle = open.hSyncObject;
		fence->value = open.MonitoredFence.FenceValueCPUVirtualAddress;
	}
	return status;
}

static inline NTSTATUS kmt_signal_many(D3DKMT_HANDLE device, const D3DKMT_HANDLE *fences,
				       const uint64_t *values, uint32_t n, uint32_t flags)
{
	D3DKMT_SIGNALSYNCHRONIZATIONOBJECTFROMCPU signal = {
		.hDevice = device,
		.ObjectCount = n,
		.ObjectHandleArray = fences,
		.FenceValueArray = (const void *)values,
	};

	SET_FLAGS(signal.Flags, flags);
	return D3DKMTSignalSynchronizationObjectFromCpu(&signal);
}

static inline NTSTATUS kmt_signal(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value)
{
	return kmt_signal_many(device, &fence, &value, 1, 0);
}

#define SIGNAL_REWIND	(1U << 2)
#define WAIT_ANY	(1U << 0)

static inline NTSTATUS kmt_wait_many(D3DKMT_HANDLE device, const D3DKMT_HANDLE *fences,
				     const uint64_t *values, uint32_t n, int event, uint32_t flags)
{
	D3DKMT_WAITFORSYNCHRONIZATIONOBJECTFROMCPU wait = {
		.hDevice = device,
		.ObjectCount = n,
		.ObjectHandleArray = fences,
		.FenceValueArray = (const void *)values,
		.hAsyncEvent = handle_of(event),
	};

	SET_FLAGS(wait.Flags, flags);
	return D3DKMTWaitForSynchronizationObjectFromCpu(&wait);
}

/* Blocks, or with an event (a descriptor that is not 0) does not. */
static inline NTSTATUS kmt_wait(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value,
				int event)
{
	return kmt_wait_many(device, &fence, &value, 1, event, 0);
}

/* ---- sync files ---- */

/* Longer than anything here takes. */
#define LONG_MS	60000

static inline NTSTATUS kmt_create_sync_file(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value,
				     int *fd)
{
	D3DKMT_CREATESYNCFILE create = {
		.hDevice = device,
		.hMonitoredFence = fence,
		.FenceValue = value,
	};
	NTSTATUS status = D3DKMTCreateSyncFile(&create);

	*fd = create.hSyncFile;
	return status;
}

static inline NTSTATUS kmt_open_sync_file(D3DKMT_HANDLE device, int fd, struct fence *fence,
				   uint64_t *value)
{
	D3DKMT_OPENSYNCOBJECTFROMSYNCFILE open = { .hSyncFile = (UINT64)fd, .hDevice = device };
	NTSTATUS status = D3DKMTOpenSyncObjectFromSyncFile(&open);

	fence->handle = open.hSyncObject;
	fence->value = open.FenceValueCPUVirtualAddress;
	*value = open.FenceValue;
	return status;
}

/*
 * How long a sync file may take: longer than any test where it is to end otherwise, so that time decides nothing;
 * short where nobody signals it, for the module stays until it has ended.
 */
#define PATIENT		"600000"
#define IMPATIENT	"100"
#define DEFAULT_MS	"2000"

static inline int need_sync_file(D3DKMT_HANDLE device, D3DKMT_HANDLE fence, uint64_t value,
				 const char *ms)
{
	static const char parameter[] = "/sys/module/vdxg/parameters/sync_file_ms";
	NTSTATUS status;
	int fd;

	if (!test_write_file(parameter, ms))
		test_skip("needs root, to set the module's sync_file_ms");
	status = kmt_create_sync_file(device, fence, value, &fd);
	REQUIRE(test_write_file(parameter, DEFAULT_MS));
	REQUIRE_STATUS(status, STATUS_SUCCESS);
	return fd;
}

/* Whether it has ended, waiting for that up to @ms. */
static inline bool sync_file_ended(int fd, int ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, ms) == 1;
}

/* 1: reached; 0: not yet; else a negative errno. */
static inline int sync_file_status(int fd)
{
	struct sync_file_info info = { 0 };

	REQUIRE(!ioctl(fd, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(info.num_fences, 1);
	return info.status;
}

/* ---- events ---- */

static inline int need_event(void)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	REQUIRE(event > 0);
	return event;
}

/* Has the event been signalled, once, since it was asked last? */
static inline bool fired(int event)
{
	uint64_t count = 0;

	return read(event, &count, sizeof(count)) == sizeof(count) && count == 1;
}

/* ---- NT handles ---- */

static inline NTSTATUS kmt_share_as(const D3DKMT_HANDLE *objects, uint32_t n, const wchar_t *name,
				    uint32_t access, HANDLE *handle)
{
	UNICODE_STRING string = {
		.Length = name ? wcslen(name) * sizeof(*name) : 0,
		.MaximumLength = name ? wcslen(name) * sizeof(*name) : 0,
		.Buffer = (wchar_t *)name,
	};
	OBJECT_ATTRIBUTES attributes = {
		.Length = sizeof(attributes),
		.ObjectName = name ? &string : NULL,
	};

	*handle = NULL;
	return D3DKMTShareObjects(n, objects, &attributes, access, handle);
}

static inline NTSTATUS kmt_share(D3DKMT_HANDLE object, HANDLE *handle)
{
	return kmt_share_as(&object, 1, NULL, ACCESS_ALL, handle);
}

static inline HANDLE need_share(D3DKMT_HANDLE object)
{
	HANDLE handle;

	REQUIRE_STATUS(kmt_share(object, &handle), STATUS_SUCCESS);
	REQUIRE(handle);
	return handle;
}

/* a descriptor from a socket */
static inline int receive_fd(int from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec vec = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vec, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd;

	REQUIRE(recvmsg(from, &message, MSG_CMSG_CLOEXEC) == 1);
	REQUIRE(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static inline void give_fd(int to, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec vec = { "x", 1 };
	struct msghdr message = { .msg_iov = &vec, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	REQUIRE(sendmsg(to, &message, 0) == 1);
}

/* ---- shared resources ---- */

/**
 * struct shared - a shared resource, or one opened from it
 * @resource: its handle
 * @allocations: its allocations
 * @global: its global handle, or 0
 */
struct shared {
	D3DKMT_HANDLE resource;
	D3DKMT_HANDLE allocations[4];
	D3DKMT_HANDLE global;
};

/* Four bytes of the runtime's, as every test here shares them. */
static const uint32_t runtime_data = 0x600df00d;

static inline struct shared need_shared(D3DKMT_HANDLE device, uint64_t bytes, uint32_t n,
					uint32_t flags)
{
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info[4] = { 0 };
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.pPrivateRuntimeData = &runtime_data,
		.PrivateRuntimeDataSize = sizeof(runtime_data),
		.NumAllocations = n,
		.pAllocationInfo2 = info,
	};
	struct shared shared = { 0 };
	uint32_t i;

	vdxg_allocation_data_init(&data, bytes);
	SET_FLAGS(create.Flags, flags);
	for (i = 0; i < n; i++) {
		info[i].pPrivateDriverData = &data;
		info[i].PrivateDriverDataSize = sizeof(data);
	}
	REQUIRE_STATUS(D3DKMTCreateAllocation2(&create), STATUS_SUCCESS);
	shared.resource = create.hResource;
	shared.global = create.hGlobalShare;
	for (i = 0; i < n; i++)
		shared.allocations[i] = info[i].hAllocation;
	return shared;
}

/* Everything an open fills, with the right sizes for @n allocations and need_shared()'s data. */
struct opener {
	D3DDDI_OPENALLOCATIONINFO2 info[4];
	uint32_t runtime;
	struct vdxg_allocation_data total[4];
	D3DKMT_OPENRESOURCE global;
	D3DKMT_OPENRESOURCEFROMNTHANDLE nt;
};

static inline void init_opener(struct opener *o, D3DKMT_HANDLE device, D3DKMT_HANDLE global,
			       HANDLE nt, uint32_t n)
{
	memset(o, 0, sizeof(*o));
	o->global.hDevice = device;
	o->global.hGlobalShare = global;
	o->global.NumAllocations = n;
	o->global.pOpenAllocationInfo2 = o->info;
	o->global.pPrivateRuntimeData = &o->runtime;
	o->global.PrivateRuntimeDataSize = sizeof(o->runtime);
	o->global.pTotalPrivateDriverDataBuffer = o->total;
	o->global.TotalPrivateDriverDataBufferSize = n * sizeof(*o->total);
	o->nt.hDevice = device;
	o->nt.hNtHandle = nt;
	o->nt.NumAllocations = n;
	o->nt.pOpenAllocationInfo2 = o->info;
	o->nt.pPrivateRuntimeData = &o->runtime;
	o->nt.PrivateRuntimeDataSize = sizeof(o->runtime);
	o->nt.pTotalPrivateDriverDataBuffer = o->total;
	o->nt.TotalPrivateDriverDataBufferSize = n * sizeof(*o->total);
}

static inline NTSTATUS kmt_open_global(D3DKMT_HANDLE device, D3DKMT_HANDLE global, uint32_t n,
				       struct shared *shared)
{
	struct opener o;
	NTSTATUS status;
	uint32_t i;

	init_opener(&o, device, global, NULL, n);
	status = D3DKMTOpenResource2(&o.global);
	shared->resource = o.global.hResource;
	shared->global = 0;
	for (i = 0; i < n; i++)
		shared->allocations[i] = o.info[i].hAllocation;
	return status;
}

static inline NTSTATUS kmt_open_nt(D3DKMT_HANDLE device, HANDLE nt, uint32_t n,
				   struct shared *shared)
{
	struct opener o;
	NTSTATUS status;
	uint32_t i;

	init_opener(&o, device, 0, nt, n);
	status = D3DKMTOpenResourceFromNtHandle(&o.nt);
	shared->resource = o.nt.hResource;
	shared->global = 0;
	for (i = 0; i < n; i++)
		shared->allocations[i] = o.info[i].hAllocation;
	return status;
}

#endif
