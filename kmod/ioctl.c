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
#include "refuse.h"
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

/* The name comes apart from the word: a macro that is handed on is expanded. */
#define ENTRY(word, text, function, has_outputs) \
	[_IOC_NR(word)] = { word + BUILD_BUG_ON_ZERO(_IOC_SIZE(word) > MAX_SIZE), \
			    function, has_outputs, text }
#define IN(word, function)	ENTRY(word, #word, function, false)
#define INOUT(word, function)	ENTRY(word, #word, function, true)
#define NONE(word)		ENTRY(word, #word, NULL, false)

static const struct entry table[] = {
	INOUT(LX_DXOPENADAPTERFROMLUID, vdxg_open_adapter_from_luid),
	INOUT(LX_DXCREATEDEVICE, vdxg_create_device),
	INOUT(LX_DXCREATECONTEXT, vdxg_create_context),
	INOUT(LX_DXCREATECONTEXTVIRTUAL, vdxg_create_context_virtual),
	IN(LX_DXDESTROYCONTEXT, vdxg_destroy_context),
	INOUT(LX_DXCREATEALLOCATION, vdxg_create_allocation),
	INOUT(LX_DXCREATEPAGINGQUEUE, vdxg_create_paging_queue),
	INOUT(LX_DXRESERVEGPUVIRTUALADDRESS, vdxg_reserve_gpu_virtual_address),
	IN(LX_DXQUERYADAPTERINFO, vdxg_query_adapter_info),
	INOUT(LX_DXQUERYVIDEOMEMORYINFO, vdxg_query_video_memory_info),
	INOUT(LX_DXMAKERESIDENT, vdxg_make_resident),
	INOUT(LX_DXMAPGPUVIRTUALADDRESS, vdxg_map_gpu_virtual_address),
	IN(LX_DXESCAPE, vdxg_escape),
	INOUT(LX_DXGETDEVICESTATE, vdxg_get_device_state),
	IN(LX_DXSUBMITCOMMAND, vdxg_submit_command),
	INOUT(LX_DXCREATESYNCHRONIZATIONOBJECT, vdxg_create_sync),
	IN(LX_DXSIGNALSYNCHRONIZATIONOBJECT, vdxg_signal2),
	IN(LX_DXWAITFORSYNCHRONIZATIONOBJECT, vdxg_wait2),
	IN(LX_DXDESTROYALLOCATION2, vdxg_destroy_allocation2),
	INOUT(LX_DXENUMADAPTERS2, vdxg_enum_adapters2),
	IN(LX_DXCLOSEADAPTER, vdxg_close_adapter),
	IN(LX_DXCHANGEVIDEOMEMORYRESERVATION, vdxg_change_video_memory_reservation),
	INOUT(LX_DXCREATEHWCONTEXT, vdxg_create_hw_context),
	INOUT(LX_DXCREATEHWQUEUE, vdxg_create_hw_queue),
	IN(LX_DXDESTROYDEVICE, vdxg_destroy_device),
	IN(LX_DXDESTROYHWCONTEXT, vdxg_destroy_hw_context),
	IN(LX_DXDESTROYHWQUEUE, vdxg_destroy_hw_queue),
	IN(LX_DXDESTROYPAGINGQUEUE, vdxg_destroy_paging_queue),
	IN(LX_DXDESTROYSYNCHRONIZATIONOBJECT, vdxg_destroy_sync),
	INOUT(LX_DXEVICT, vdxg_evict),
	IN(LX_DXFLUSHHEAPTRANSITIONS, vdxg_flush_heap_transitions),
	IN(LX_DXFREEGPUVIRTUALADDRESS, vdxg_free_gpu_virtual_address),
	INOUT(LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY, vdxg_get_context_in_process_priority),
	INOUT(LX_DXGETCONTEXTSCHEDULINGPRIORITY, vdxg_get_context_priority),
	INOUT(LX_DXGETSHAREDRESOURCEADAPTERLUID, vdxg_get_shared_resource_adapter_luid),
	IN(LX_DXINVALIDATECACHE, vdxg_invalidate_cache),
	INOUT(LX_DXLOCK2, vdxg_lock2),
	IN(LX_DXMARKDEVICEASERROR, vdxg_mark_device_as_error),
	IN(LX_DXOFFERALLOCATIONS, vdxg_offer_allocations),
	INOUT(LX_DXOPENRESOURCE, vdxg_open_resource),
	INOUT(LX_DXOPENSYNCHRONIZATIONOBJECT, vdxg_open_sync),
	IN(LX_DXQUERYALLOCATIONRESIDENCY, vdxg_query_allocation_residency),
	INOUT(LX_DXQUERYRESOURCEINFO, vdxg_query_resource_info),
	INOUT(LX_DXRECLAIMALLOCATIONS2, vdxg_reclaim_allocations2),
	INOUT(LX_DXRENDER, vdxg_render),
	IN(LX_DXSETALLOCATIONPRIORITY, vdxg_set_allocation_priority),
	IN(LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY, vdxg_set_context_in_process_priority),
	IN(LX_DXSETCONTEXTSCHEDULINGPRIORITY, vdxg_set_context_priority),
	IN(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMCPU, vdxg_signal_from_cpu),
	IN(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU, vdxg_signal_from_gpu),
	IN(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2, vdxg_signal_from_gpu2),
	IN(LX_DXSUBMITCOMMANDTOHWQUEUE, vdxg_submit_command_to_hw_queue),
	IN(LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE, vdxg_signal_from_hw_queues),
	IN(LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE, vdxg_wait_on_hw_queue),
	IN(LX_DXUNLOCK2, vdxg_unlock2),
	INOUT(LX_DXUPDATEALLOCPROPERTY, vdxg_update_alloc_property),
	IN(LX_DXUPDATEGPUVIRTUALADDRESS, vdxg_update_gpu_virtual_address),
	IN(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMCPU, vdxg_wait_from_cpu),
	IN(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU, vdxg_wait_from_gpu),
	IN(LX_DXGETALLOCATIONPRIORITY, vdxg_get_allocation_priority),
	INOUT(LX_DXQUERYCLOCKCALIBRATION, vdxg_query_clock_calibration),
	INOUT(LX_DXENUMADAPTERS3, vdxg_enum_adapters3),
	IN(LX_DXSHAREOBJECTS, vdxg_share_objects),
	INOUT(LX_DXOPENSYNCOBJECTFROMNTHANDLE2, vdxg_open_sync_from_nt_handle2),
	INOUT(LX_DXQUERYRESOURCEINFOFROMNTHANDLE,
	      vdxg_query_resource_info_from_nt_handle),
	INOUT(LX_DXOPENRESOURCEFROMNTHANDLE, vdxg_open_resource_from_nt_handle),
	INOUT(LX_DXQUERYSTATISTICS, vdxg_query_statistics),
	NONE(LX_DXSHAREOBJECTWITHHOST),
	INOUT(LX_DXCREATESYNCFILE, vdxg_create_sync_file),
	IN(LX_DXWAITSYNCFILE, vdxg_wait_sync_file),
	INOUT(LX_DXOPENSYNCOBJECTFROMSYNCFILE, vdxg_open_sync_object_from_sync_file),
	INOUT(LX_DXENUMPROCESSES, vdxg_enum_processes),
	INOUT(LX_ISFEATUREENABLED, vdxg_is_feature_enabled),
	INOUT(LX_VDXGOPENNTHANDLEFROMNAME, vdxg_open_nt_handle_from_name),
	INOUT(LX_VDXGOPENSYNCOBJECTFROMNTHANDLE, vdxg_open_sync_from_nt_handle),
	INOUT(LX_VDXGCREATEKEYEDMUTEX, vdxg_create_keyed_mutex),
	INOUT(LX_VDXGOPENKEYEDMUTEX, vdxg_open_keyed_mutex),
	IN(LX_VDXGDESTROYKEYEDMUTEX, vdxg_destroy_keyed_mutex),
	INOUT(LX_VDXGACQUIREKEYEDMUTEX, vdxg_acquire_keyed_mutex),
	IN(LX_VDXGRELEASEKEYEDMUTEX, vdxg_release_keyed_mutex),
	INOUT(LX_VDXGEXPORTDMABUF, vdxg_export_dma_buf),
	INOUT(LX_VDXGIMPORTDMABUF, vdxg_import_dma_buf),
	IN(LX_VDXGWAITFORIDLE, vdxg_wait_for_idle),
	INOUT(LX_VDXGREGISTERNOTIFICATION, vdxg_register_notification),
	INOUT(LX_VDXGQUERYPROCESSOFFERINFO, vdxg_query_process_offer_info),
	INOUT(LX_VDXGTRIMPROCESSCOMMITMENT, vdxg_trim_process_commitment),
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
 * vdxg_ioctl_name - what a call is called
 * @cmd: the ioctl word
 *
 * Context: any.
 * Return: its name in the header; "none" for a word that is not in the ABI.
 */
const char *vdxg_ioctl_name(unsigned int cmd)
{
	const struct entry *entry = find_entry(cmd);

	return entry ? entry->name : "none";
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
	/* Found once: the compiler would do it again for each field. */
	OPTIMIZER_HIDE_VAR(entry);
	if (vdxg_copy_in(args, call.user, call.size))
		return -EFAULT;
	if (!entry->handler)
		status = vdxg_refuse(STATUS_NOT_SUPPORTED, "call", _IOC_NR(cmd), "not supported");
	else
		status = entry->handler(&call);
	if (entry->outputs && !call.replied && (status >= 0 || call.reply_on_failure) &&
	    vdxg_call_reply(&call))
		status = VDXG_STATUS_FAULT;
	trace_vdxg_ioctl(entry->name, status);
	return likely(!status) ? 0 : vdxg_status_to_result(status);
}
