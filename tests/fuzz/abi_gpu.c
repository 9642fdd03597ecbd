// SPDX-License-Identifier: MIT
/*
 * abi_gpu.c: the table of calls: GPU addresses, contexts, queues, work
 */
#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "adjust.h"
#include "fuzz.h"

/* ---- GPU addresses ----------------------------------------------------------- */

#define T struct d3dddi_reservegpuvirtualaddress
static const struct field reserve_va[] = {
	IN(adapter, ADAPTER), PAGES(size, 16, 256), RANGE(reservation_type, 0, 1),
	OUT(virtual_address, GPU_ADDRESS), END
};
#undef T

#define T struct d3dddi_mapgpuvirtualaddress
static const struct field map_va[] = {
	IN(paging_queue, PAGING_QUEUE), IN(allocation, ALLOCATION), RANGE(size_in_pages, 1, 16),
	FLAGS(protection, 3), OUT(virtual_address, GPU_ADDRESS), END
};
static const struct field map_va_at[] = {
	IN(paging_queue, PAGING_QUEUE), IN(base_address, GPU_ADDRESS), IN(allocation, ALLOCATION),
	RANGE(offset_in_pages, 0, 1), RANGE(size_in_pages, 1, 4), FLAGS(protection, 3),
	OUT(virtual_address, GPU_ADDRESS), END
};
#undef T

#define T struct d3dddi_updategpuvirtualaddress_operation
static const struct field update_operation[] = {
	RANGE(operation, 0, 3), IN(map.base_address, GPU_ADDRESS), PAGES(map.size, 1, 4),
	IN(map.allocation, ALLOCATION), PAGES(map.allocation_offset, 0, 1),
	PAGES(map.allocation_size, 1, 4), END
};
#undef T

#define T struct d3dkmt_updategpuvirtualaddress
static const struct field update_va[] = {
	IN(device, DEVICE), IN(context, CONTEXT), IN(fence_object, SYNC),
	ARRAY(operations, num_operations, struct d3dddi_updategpuvirtualaddress_operation,
	      update_operation, 1, 4),
	RANGE(fence_value, 0, 40), FLAGS(flags, D3DKMT_UPDATEGPUVA_DO_NOT_WAIT), END
};
#undef T

#define T struct d3dkmt_freegpuvirtualaddress
static const struct field free_va[] = {
	IN(adapter, ADAPTER), GONE(base_address, GPU_ADDRESS), PAGES(size, 1, 256), END
};
#undef T

/* ---- contexts and queues ------------------------------------------------------- */

#define T struct d3dkmt_createcontext
static const struct field create_context[] = {
	IN(device, DEVICE), RANGE(engine_affinity, 0, 1), FLAGS(flags, D3DDDI_CREATECONTEXT_FLAGS),
	RANGE(client_hint, 0, 17), OUT(context, CONTEXT), END
};
#undef T

#define T struct d3dkmt_createcontextvirtual
static const struct field create_context_virtual[] = {
	IN(device, DEVICE), RANGE(engine_affinity, 0, 1),
	FLAGS(flags, D3DDDI_CREATECONTEXT_FLAGS & ~D3DDDI_CREATECONTEXT_INITIAL_DATA),
	RANGE(client_hint, 0, 17), OUT(context, CONTEXT), END
};
#undef T

#define T struct d3dkmt_destroycontext
static const struct field destroy_context[] = { GONE(context, CONTEXT), END };
#undef T

#define T struct d3dkmt_createhwcontext
static const struct field create_hw_context[] = {
	IN(device, DEVICE), RANGE(engine_affinity, 0, 1), OUT(hw_context, HW_CONTEXT), END
};
#undef T

#define T struct d3dkmt_destroyhwcontext
static const struct field destroy_hw_context[] = { GONE(hw_context, HW_CONTEXT), END };
#undef T

#define T struct d3dkmt_createhwqueue
static const struct field create_hw_queue[] = {
	IN(context, HW_CONTEXT), FLAGS(flags, D3DDDI_CREATEHWQUEUE_FLAGS), OUT(queue, HW_QUEUE),
	OUT(queue_progress_fence, SYNC), OUT(queue_progress_fence_cpu_va, ADDRESS), END
};
#undef T

#define T struct d3dkmt_destroyhwqueue
static const struct field destroy_hw_queue[] = { GONE(queue, HW_QUEUE), END };
#undef T

#define T struct d3dkmt_setcontextschedulingpriority
static const struct field set_context_priority[] = {
	IN(context, CONTEXT), RANGE(priority, 0, 7), END
};
#undef T

#define T struct d3dkmt_setcontextinprocessschedulingpriority
static const struct field set_inner_priority[] = {
	IN(context, CONTEXT), RANGE(priority, 0, 7), END
};
#undef T

#define T struct d3dkmt_getcontextschedulingpriority
static const struct field get_context_priority[] = { IN(context, CONTEXT), END };
#undef T

#define T struct d3dkmt_getcontextinprocessschedulingpriority
static const struct field get_inner_priority[] = { IN(context, CONTEXT), END };
#undef T

/* ---- work ------------------------------------------------------------------------ */

#define T struct d3dkmt_submitcommand
static const struct field submit_command[] = {
	IN(command_buffer, GPU_ADDRESS), RANGE(command_length, 0, 256),
	FLAGS(flags, D3DKMT_SUBMITCOMMAND_NULL_RENDERING), RANGE(broadcast_context_count, 1, 1),
	IN(broadcast_context[0], CONTEXT), BUFFER(priv_drv_data, priv_drv_data_size, 0, 64), END
};
#undef T

#define T struct d3dkmt_submitcommandtohwqueue
static const struct field submit_to_queue[] = {
	IN(hwqueue, HW_QUEUE), RANGE(hwqueue_progress_fence_id, 1, 40),
	IN(command_buffer, GPU_ADDRESS), RANGE(command_length, 0, 256),
	BUFFER(priv_drv_data, priv_drv_data_size, 0, 64), END
};
#undef T

#define T struct d3dkmt_render
static const struct field render[] = {
	IN(context, CONTEXT), RANGE(command_length, 0, 64), FLAGS(flags, D3DKMT_RENDER_FLAGS), END
};
#undef T

#define T struct d3dkmt_signalsynchronizationobject2
static const struct field signal2[] = {
	IN(context, CONTEXT), RANGE(object_count, 1, 2), IN(object_array[0], SYNC),
	IN(object_array[1], SYNC), FLAGS(flags, D3DDDICB_SIGNAL_FLAGS),
	RANGE(fence.fence_value, 0, 40), END
};
#undef T

#define T struct d3dkmt_waitforsynchronizationobject2
static const struct field wait2[] = {
	IN(context, CONTEXT), RANGE(object_count, 1, 2), IN(object_array[0], SYNC),
	IN(object_array[1], SYNC), RANGE(fence.fence_value, 0, 10), END
};
#undef T

#define T struct d3dkmt_waitforsynchronizationobjectfromgpu
static const struct field wait_gpu[] = {
	IN(context, CONTEXT), LIST(objects, object_count, SYNC, 1, 3),
	FIELD(monitored_fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256,
	      .high = 256), END
};
#undef T

#define T struct d3dkmt_signalsynchronizationobjectfromgpu
static const struct field signal_gpu[] = {
	IN(context, CONTEXT), LIST(objects, object_count, SYNC, 1, 3),
	FIELD(monitored_fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256,
	      .high = 256), END
};
#undef T

#define T struct d3dkmt_signalsynchronizationobjectfromgpu2
static const struct field signal_gpu2[] = {
	LIST(objects, object_count, SYNC, 1, 3), FLAGS(flags, D3DDDICB_SIGNAL_FLAGS),
	LIST(contexts, context_count, CONTEXT, 1, 2),
	FIELD(monitored_fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256,
	      .high = 256), END
};
static const struct field signal_event_gpu2[] = {
	RANGE(flags, D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT, D3DDDICB_SIGNAL_ENQUEUE_CPU_EVENT),
	LIST(contexts, context_count, CONTEXT, 1, 2), IN(cpu_event_handle, EVENT), END
};
#undef T

#define T struct d3dkmt_submitsignalsyncobjectstohwqueue
static const struct field signal_queue[] = {
	FLAGS(flags, D3DDDICB_SIGNAL_FLAGS), LIST(hwqueues, hwqueue_count, HW_QUEUE, 1, 2),
	LIST(objects, object_count, SYNC, 1, 3),
	FIELD(fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256, .high = 256), END
};
#undef T

#define T struct d3dkmt_submitwaitforsyncobjectstohwqueue
static const struct field wait_queue[] = {
	IN(hwqueue, HW_QUEUE), LIST(objects, object_count, SYNC, 1, 3),
	FIELD(fence_values, .what = WHAT_BUFFER, .count = NO_COUNT, .low = 256, .high = 256), END
};
#undef T

const struct call abi_gpu_calls[] = {
	CALL(LX_DXRESERVEGPUVIRTUALADDRESS, reserve_va, 4),
	CALL(LX_DXMAPGPUVIRTUALADDRESS, map_va, 8),
	CALL(LX_DXMAPGPUVIRTUALADDRESS, map_va_at, 4),
	CALL(LX_DXUPDATEGPUVIRTUALADDRESS, update_va, 4, .adjust = adjust_update),
	CALL(LX_DXFREEGPUVIRTUALADDRESS, free_va, 3),
	CALL(LX_DXCREATECONTEXT, create_context, 2),
	CALL(LX_DXCREATECONTEXTVIRTUAL, create_context_virtual, 6),
	CALL(LX_DXDESTROYCONTEXT, destroy_context, 2),
	CALL(LX_DXCREATEHWCONTEXT, create_hw_context, 3),
	CALL(LX_DXDESTROYHWCONTEXT, destroy_hw_context, 1),
	CALL(LX_DXCREATEHWQUEUE, create_hw_queue, 3),
	CALL(LX_DXDESTROYHWQUEUE, destroy_hw_queue, 1),
	CALL(LX_DXSETCONTEXTSCHEDULINGPRIORITY, set_context_priority, 1),
	CALL(LX_DXSETCONTEXTINPROCESSSCHEDULINGPRIORITY, set_inner_priority, 1),
	CALL(LX_DXGETCONTEXTSCHEDULINGPRIORITY, get_context_priority, 1),
	CALL(LX_DXGETCONTEXTINPROCESSSCHEDULINGPRIORITY, get_inner_priority, 1),
	CALL(LX_DXSUBMITCOMMAND, submit_command, 8, .adjust = adjust_submit),
	CALL(LX_DXSUBMITCOMMANDTOHWQUEUE, submit_to_queue, 5, .adjust = adjust_submit_queue),
	CALL(LX_DXRENDER, render, 1),
	CALL(LX_DXSIGNALSYNCHRONIZATIONOBJECT, signal2, 3),
	CALL(LX_DXWAITFORSYNCHRONIZATIONOBJECT, wait2, 3),
	CALL(LX_DXWAITFORSYNCHRONIZATIONOBJECTFROMGPU, wait_gpu, 4, .adjust = adjust_wait_gpu),
	CALL(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU, signal_gpu, 4, .adjust = adjust_signal_gpu),
	CALL(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2, signal_gpu2, 3,
	     .adjust = adjust_signal_gpu2),
	CALL(LX_DXSIGNALSYNCHRONIZATIONOBJECTFROMGPU2, signal_event_gpu2, 2),
	CALL(LX_DXSUBMITSIGNALSYNCOBJECTSTOHWQUEUE, signal_queue, 3,
	     .adjust = adjust_signal_queue),
	CALL(LX_DXSUBMITWAITFORSYNCOBJECTSTOHWQUEUE, wait_queue, 3, .adjust = adjust_wait_queue),
	{ 0 }
};
