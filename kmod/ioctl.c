// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctl.c: from an ioctl to the function behind it
 *
 * One table says for every number of the ABI how large its structure is, which function handles it, and
 * whether it has outputs. A number that is in the table without a function is known but not supported, which
 * is an answer (STATUS_NOT_SUPPORTED); anything else is no ioctl of this device (ENOTTY).
 */
#include <linux/fs.h>
#include <linux/nospec.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "ioctl.h"
#include "object/calls.h"
#include "object/process.h"
#include "object/user.h"
#include "status.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * struct entry - an ioctl of the ABI
 * @cmd: its word, which includes the size of its structure
 * @handler: the function behind it, or NULL if it is not supported
 * @outputs: the structure goes back to the caller
 * @name: for the tracepoint
 */
struct entry {
	unsigned int cmd;
	int (*handler)(struct vdxg_call *call);
	bool outputs;
	const char *name;
};

/* The largest structure of the ABI. */
#define MAX_SIZE	sizeof(struct d3dkmt_querystatistics)

#define ENTRY(word, function, has_outputs) \
	[_IOC_NR(word)] = { word + BUILD_BUG_ON_ZERO(_IOC_SIZE(word) > MAX_SIZE), \
			    function, has_outputs, #word }
#define IN(word, function)	ENTRY(word, function, false)
#define INOUT(word, function)	ENTRY(word, function, true)
#define NONE(word)		ENTRY(word, NULL, false)

static const struct entry table[] = {
	INOUT(LX_DXOPENADAPTERFROMLUID, vdxg_open_adapter_from_luid),
	INOUT(LX_DXCREATEDEVICE, vdxg_create_device),
	NONE(LX_DXCREATECONTEXT),
	NONE(LX_DXCREATECONTEXTVIRTUAL),
	NONE(LX_DXDESTROYCONTEXT),
	INOUT(LX_DXCREATEALLOCATION, vdxg_create_allocation),
	INOUT(LX_DXCREATEPAGINGQUEUE, vdxg_create_paging_queue),
	NONE(LX_DXRESERVEGPUVIRTUALADDRESS),
	IN(LX_DXQUERYADAPTERINFO, vdxg_query_adapter_info),
	INOUT(LX_DXQUERYVIDEOMEMORYINFO, vdxg_query_video_memory_info),
	INOUT(LX_DXMAKERESIDENT, vdxg_make_resident),
	NONE(LX_DXMAPGPUVIRTUALADDRESS),
	NONE(LX_DXESCAPE),
	INOUT(LX_DXGETDEVICESTATE, vdxg_get_device_state),
	NONE(LX_DXSUBMITCOMMAND),
	INOUT(LX_DXCREATESYNCHRONIZATIONOBJECT, vdxg_create_sync),
	NONE(LX_DXSIGNALSYNCHRONIZATIONOBJECT),
	NONE(LX_DXWAITFORSYNCHRONIZATIONOBJECT),
	IN(LX_DXDESTROYALLOCATION2, vdxg_destroy_allocation2),
	INOUT(LX_DXENUMADAPTERS2, vdxg_enum_adapters2),
	IN(LX_DXCLOSEADAPTER, vdxg_close_adapter),
	IN(LX_DXCHANGEVIDEOMEMORYRESERVATION, vdxg_change_video_memory_reservation),
	NONE(LX_DXCREATEHWCONTEXT),
	NONE(LX_DXCREATEHWQUEUE),
	IN(LX_DXDESTROYDEVICE, vdxg_destroy_device),
	NONE(LX_DXDESTROYHWCONTEXT),
	NONE(LX_DXDESTROYHWQUEUE),
	IN(LX_DXDESTROYPAGINGQUEUE, vdxg_destroy_paging_queue),
	IN(LX_DXDESTROYSYNCHRONIZATIONOBJECT, vdxg_destroy_sync),
	INOUT(LX_DXEVICT, vdxg_evict),
	IN(LX_DXFLUSHHEAPTRANSITIONS, vdxg_flush_heap_transitions),
	NONE(LX_DXFREEGPUVIRTUALADDRESS),
	NONE(LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY),
	NONE(LX_DXGETCONTEXTSCHEDULINGPRIORITY),
	INOUT(LX_DXGETSHAREDRESOURCEADAPTERLUID, vdxg_get_shared_resource_adapter_luid),
	IN(LX_DXINVALIDATECACHE, vdxg_invalidate_cache),
	INOUT(LX_DXLOCK2, vdxg_lock2),
	NONE(LX_DXMARKDEVICEASERROR),
	IN(LX_DXOFFERALLOCATIONS, vdxg_offer_allocations),
	INOUT(LX_DXOPENRESOURCE, vdxg_open_resource),
	INOUT(LX_DXOPENSYNCHRONIZATIONOBJECT, vdxg_open_sync),
	IN(LX_DXQUERYALLOCATIONRESIDENCY, vdxg_query_allocation_residency),
	INOUT(LX_DXQUERYRESOURCEINFO, vdxg_query_resource_info),
	INOUT(LX_DXRECLAIMALLOCATIONS2, vdxg_reclaim_allocations2),
	NONE(LX_DXRENDER),
	IN(LX_DXSETALLOCATIONPRIORITY, vdxg_set_allocation_priority),
	NONE(LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY),
	NONE(LX_DXSETCONTEXTSCHEDULINGPRIORITY),
	IN(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU, vdxg_signal_from_cpu),
	NONE(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU),
	NONE(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2),
	NONE(LX_DXSUBMITCOMMANDTOHWQUEUE),
	NONE(LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE),
	NONE(LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE),
	IN(LX_DXUNLOCK2, vdxg_unlock2),
	NONE(LX_DXUPDATEALLOCPROPERTY),
	NONE(LX_DXUPDATEGPUVIRTUALADDRESS),
	IN(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, vdxg_wait_from_cpu),
	NONE(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU),
	IN(LX_DXGETALLOCATIONPRIORITY, vdxg_get_allocation_priority),
	NONE(LX_DXQUERYCLOCKCALIBRATION),
	INOUT(LX_DXENUMADAPTERS3, vdxg_enum_adapters3),
	IN(LX_DXSHAREOBJECTS, vdxg_share_objects),
	INOUT(LX_DXOPENSYNCOBJECTFROMNTHANDLE2, vdxg_open_sync_from_nt_handle2),
	INOUT(LX_DXQUERYRESOURCEINFOFROMNTHANDLE,
	      vdxg_query_resource_info_from_nt_handle),
	INOUT(LX_DXOPENRESOURCEFROMNTHANDLE, vdxg_open_resource_from_nt_handle),
	INOUT(LX_DXQUERYSTATISTICS, vdxg_query_statistics),
	NONE(LX_DXSHAREOBJECTWITHHOST),
	INOUT(LX_DXCREATESYNCFILE, vdxg_create_sync_file),
	NONE(LX_DXWAITSYNCFILE),
	INOUT(LX_DXOPENSYNCOBJECTFROMSYNCFILE, vdxg_open_sync_object_from_sync_file),
	NONE(LX_DXENUMPROCESSES),
	NONE(LX_ISFEATUREENABLED),
	INOUT(LX_VDXGOPENNTHANDLEFROMNAME, vdxg_open_nt_handle_from_name),
	INOUT(LX_VDXGOPENSYNCOBJECTFROMNTHANDLE, vdxg_open_sync_from_nt_handle),
	INOUT(LX_VDXGCREATEKEYEDMUTEX, vdxg_create_keyed_mutex),
	INOUT(LX_VDXGOPENKEYEDMUTEX, vdxg_open_keyed_mutex),
	IN(LX_VDXGDESTROYKEYEDMUTEX, vdxg_destroy_keyed_mutex),
	INOUT(LX_VDXGACQUIREKEYEDMUTEX, vdxg_acquire_keyed_mutex),
	IN(LX_VDXGRELEASEKEYEDMUTEX, vdxg_release_keyed_mutex),
};

static const struct entry *find_entry(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (nr >= ARRAY_SIZE(table))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(table));
	return cmd && table[nr].cmd == cmd ? &table[nr] : NULL;
}

/**
 * vdxg_ioctl - an ioctl on the device node
 * @file: an open of it
 * @cmd: the ioctl word
 * @arg: the caller's structure
 *
 * Return: see status.c; -ENOTTY for a word that is not in the ABI, and for a caller that is not the process
 * which opened the file; -EFAULT if the structure itself cannot be read or written.
 */
long vdxg_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* Not cleared: most structures are a tenth of it, and no handler looks beyond its own. */
	u8 args[MAX_SIZE] __aligned(8) __uninitialized;
	struct vdxg_call call = {
		.process = file->private_data,
		.args = args,
		.user = (void __user *)arg,
		.size = _IOC_SIZE(cmd),
	};
	const struct entry *entry = find_entry(cmd);
	int status;

	if (!entry || !vdxg_process_is_current(call.process))
		return -ENOTTY;
	if (vdxg_copy_in(args, call.user, call.size))
		return -EFAULT;
	if (!entry->handler)
		status = STATUS_NOT_SUPPORTED;
	else
		status = entry->handler(&call);
	if (entry->outputs && !call.replied && (status >= 0 || call.reply_on_failure) &&
	    vdxg_call_reply(&call))
		status = VDXG_STATUS_FAULT;
	trace_vdxg_ioctl(entry->name, status);
	return likely(!status) ? 0 : vdxg_status_to_result(status);
}
