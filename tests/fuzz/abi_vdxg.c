// SPDX-License-Identifier: MIT
/*
 * abi_vdxg.c: the table of calls of vdxg.h
 */
#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "adjust.h"
#include "fuzz.h"

#define T struct shared_descriptor
static const struct field shared_resource[] = { OUT(fd, NT_RESOURCE), END };
static const struct field shared_sync[] = { OUT(fd, NT_SYNC), END };
#undef T

#define T struct vdxg_opennthandlefromname
static const struct field open_resource_name[] = {
	FLAGS(desired_access, 0xf2020003), OUT(nt_handle, NT_RESOURCE), END
};
static const struct field open_sync_name[] = {
	FLAGS(desired_access, 0xf2020003), RANGE(flags, 1, 1), OUT(nt_handle, NT_SYNC), END
};
#undef T

#define T struct vdxg_opensyncobjectfromnthandle
static const struct field open_sync_nt[] = {
	IN(nt_handle, NT_SYNC), OUT(sync_object, SYNC), END
};
#undef T

#define T struct d3dkmt_shareobjects
static const struct field share_named_sync[] = {
	LIST(objects, object_count, SYNC, 1, 1), FLAGS(desired_access, 0xf2020003),
	POINTER(shared_handle, struct shared_descriptor, shared_sync), END
};
static const struct field share_named_resource[] = {
	LIST(objects, object_count, RESOURCE, 1, 1), FLAGS(desired_access, 0xf2020003),
	POINTER(shared_handle, struct shared_descriptor, shared_resource), END
};
static const struct field share_set[] = {
	LIST(objects, object_count, RESOURCE, 3, 3), FLAGS(desired_access, 0xf2020003),
	POINTER(shared_handle, struct shared_descriptor, shared_resource), END
};
#undef T

#define T struct vdxg_createkeyedmutex
static const struct field create_mutex[] = {
	RANGE(initial_value, 0, 3), BUFFER(private_data, private_data_size, 0, 64),
	FLAGS(flags, VDXG_KEYED_MUTEX_NT_SECURITY_SHARING), OUT(shared_handle, GLOBAL_MUTEX),
	OUT(keyed_mutex, KEYED_MUTEX), END
};
#undef T

#define T struct vdxg_openkeyedmutex
static const struct field open_mutex[] = {
	IN(shared_handle, GLOBAL_MUTEX), FLAGS(flags, VDXG_KEYED_MUTEX_DATA),
	BUFFER(private_data, private_data_size, 64, 64), OUT(keyed_mutex, KEYED_MUTEX), END
};
static const struct field open_mutex_nt[] = {
	IN(nt_handle, NT_RESOURCE), RANGE(flags, VDXG_KEYED_MUTEX_NT_HANDLE, 3),
	BUFFER(private_data, private_data_size, 64, 64), OUT(keyed_mutex, KEYED_MUTEX), END
};
#undef T

#define T struct vdxg_destroykeyedmutex
static const struct field destroy_mutex[] = { GONE(keyed_mutex, KEYED_MUTEX), END };
#undef T

/* the deadline is soon: adjust_acquire() */
#define T struct vdxg_acquirekeyedmutex
static const struct field acquire_mutex[] = {
	IN(keyed_mutex, KEYED_MUTEX), RANGE(key, 0, 3),
	BUFFER(private_data, private_data_size, 64, 64), END
};
#undef T

#define T struct vdxg_releasekeyedmutex
static const struct field release_mutex[] = {
	IN(keyed_mutex, KEYED_MUTEX), RANGE(key, 0, 3), RANGE(fence_value, 0, 20),
	BUFFER(private_data, private_data_size, 0, 64), END
};
#undef T

#define T struct vdxg_exportdmabuf
static const struct field export_dma_buf[] = {
	IN(device, DEVICE), IN(allocation, ALLOCATION), FLAGS(flags, VDXG_DMA_BUF_INHERIT),
	OUT(fd, DMA_BUF), END
};
#undef T

#define T struct vdxg_importdmabuf
static const struct field import_dma_buf[] = {
	IN(device, DEVICE), FLAGS(flags, VDXG_DMA_BUF_RESOURCE), IN(fd, DMA_BUF),
	OUT(resource, RESOURCE), OUT(allocation, ALLOCATION), END
};
#undef T

#define T struct vdxg_waitforidle
static const struct field wait_for_idle[] = { IN(device, DEVICE), END };
#undef T

#define T struct vdxg_registernotification
static const struct field register_notification[] = {
	IN(device, DEVICE), RANGE(events, 1, VDXG_NOTIFY_ALL), OUT(descriptor, NOTIFICATION), END
};
#undef T

/* process 0 is the caller */
#define T struct vdxg_queryprocessofferinfo
static const struct field process_offers[] = {
	RANGE(size, sizeof(T), sizeof(T)), RANGE(process, 0, 0), END
};
#undef T

#define T struct vdxg_trimprocesscommitment
static const struct field trim_commitment[] = {
	RANGE(size, sizeof(T), sizeof(T)), RANGE(process, 0, 0),
	FLAGS(flags, VDXG_TRIM_COMMITMENT_ALL), PAGES(decommit_requested, 0, 1 << 20), END
};
#undef T

const struct call abi_vdxg_calls[] = {
	CALL(LX_DXSHAREOBJECTS, share_named_sync, 3, .adjust = adjust_share_named),
	CALL(LX_DXSHAREOBJECTS, share_named_resource, 3, .adjust = adjust_share_named),
	CALL(LX_DXSHAREOBJECTS, share_set, 4, .adjust = adjust_share_set),
	CALL(LX_VDXGOPENNTHANDLEFROMNAME, open_resource_name, 2, .adjust = adjust_name),
	CALL(LX_VDXGOPENNTHANDLEFROMNAME, open_sync_name, 3, .adjust = adjust_name),
	CALL(LX_VDXGOPENSYNCOBJECTFROMNTHANDLE, open_sync_nt, 3),
	CALL(LX_VDXGCREATEKEYEDMUTEX, create_mutex, 4),
	CALL(LX_VDXGOPENKEYEDMUTEX, open_mutex, 2),
	CALL(LX_VDXGOPENKEYEDMUTEX, open_mutex_nt, 3),
	CALL(LX_VDXGDESTROYKEYEDMUTEX, destroy_mutex, 2),
	CALL(LX_VDXGACQUIREKEYEDMUTEX, acquire_mutex, 4, .adjust = adjust_acquire),
	CALL(LX_VDXGRELEASEKEYEDMUTEX, release_mutex, 4),
	CALL(LX_VDXGEXPORTDMABUF, export_dma_buf, 4),
	CALL(LX_VDXGIMPORTDMABUF, import_dma_buf, 4),
	CALL(LX_VDXGWAITFORIDLE, wait_for_idle, 1),
	CALL(LX_VDXGREGISTERNOTIFICATION, register_notification, 2),
	CALL(LX_VDXGQUERYPROCESSOFFERINFO, process_offers, 1),
	CALL(LX_VDXGTRIMPROCESSCOMMITMENT, trim_commitment, 2),
	{ 0 }
};
