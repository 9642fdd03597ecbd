/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h: tracepoints (tracefs, events/vdxg; Documentation/looking.rst says how to read them)
 *
 * Processes are numbered as the first namespace numbers them. An allocation is a hashed pointer, the same as in
 * debugfs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vdxg

#if !defined(VDXG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VDXG_TRACE_H

#include <linux/tracepoint.h>

#include <vdxg.h>

#include "sched/queue.h"
#include "vidmm/vidmm.h"

#define vdxg_show_segment(segment) \
	__print_symbolic(segment, { VIDMM_NOWHERE, "nowhere" }, { VIDMM_LOCAL, "local" }, \
			 { VIDMM_APERTURE, "aperture" }, { VIDMM_SYSTEM, "system" }, \
			 { VIDMM_SWAPPED, "swapped" })
#define vdxg_show_group(group) \
	__print_symbolic(group, { VIDMM_GROUP_LOCAL, "local" }, \
			 { VIDMM_GROUP_NON_LOCAL, "non-local" })
#define vdxg_show_offer(offer) \
	__print_symbolic(offer, { D3DKMT_OFFER_PRIORITY_LOW, "low" }, \
			 { D3DKMT_OFFER_PRIORITY_NORMAL, "normal" }, \
			 { D3DKMT_OFFER_PRIORITY_HIGH, "high" })
#define vdxg_show_result(result) \
	__print_symbolic(result, { D3DDDI_RECLAIM_RESULT_OK, "ok" }, \
			 { D3DDDI_RECLAIM_RESULT_DISCARDED, "discarded" })
#define vdxg_show_why(why) \
	__print_symbolic(why, { VIDMM_WHY_USED, "used" }, { VIDMM_WHY_REQUIRED, "required" }, \
			 { VIDMM_WHY_EVICTED, "evicted" }, { VIDMM_WHY_ROOM, "room" }, \
			 { VIDMM_WHY_MEMORY, "memory" })

#define vdxg_show_missing(missing) \
	__print_symbolic(missing, { VDXG_FAULT_NO_MAPPING, "mapping" }, \
			 { VDXG_FAULT_NO_ACCESS, "access" }, { VDXG_FAULT_READ_ONLY, "write" }, \
			 { VDXG_FAULT_NOT_RESIDENT, "resident" }, \
			 { VDXG_FAULT_OFFERED, "reclaim" }, { VDXG_FAULT_MALFORMED, "command" })

TRACE_EVENT(vdxg_ioctl,
	TP_PROTO(const char *name, int status),
	TP_ARGS(name, status),
	TP_STRUCT__entry(
		__field(const char *, name)
		__field(int, status)
	),
	TP_fast_assign(
		__entry->name = name;
		__entry->status = status;
	),
	TP_printk("%s status=0x%08x", __entry->name, __entry->status)
);

/* Why a call is refused; it ends with vdxg_ioctl, which has the status. */
TRACE_EVENT(vdxg_refused,
	TP_PROTO(const char *call, const char *field, u64 value, const char *why),
	TP_ARGS(call, field, value, why),
	TP_STRUCT__entry(
		__field(const char *, call)
		__field(pid_t, process)
		__field(const char *, field)
		__field(u64, value)
		__field(const char *, why)
	),
	TP_fast_assign(
		__entry->call = call;
		__entry->process = current->tgid;
		__entry->field = field;
		__entry->value = value;
		__entry->why = why;
	),
	TP_printk("call=%s process=%d field=%s value=0x%llx why=%s", __entry->call,
		  __entry->process, __entry->field, __entry->value, __entry->why)
);

/* Batches of allocations, as one call makes or ends them. */
DECLARE_EVENT_CLASS(vdxg_batch,
	TP_PROTO(const struct vidmm_client *client, unsigned long pages, unsigned long count),
	TP_ARGS(client, pages, count),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(unsigned long, count)
		__field(unsigned long, pages)
	),
	TP_fast_assign(
		__entry->process = client->pid;
		__entry->count = count;
		__entry->pages = pages;
	),
	TP_printk("process=%d count=%lu pages=%lu", __entry->process, __entry->count, __entry->pages)
);

DEFINE_EVENT(vdxg_batch, vdxg_create,
	TP_PROTO(const struct vidmm_client *client, unsigned long pages, unsigned long count),
	TP_ARGS(client, pages, count)
);

DEFINE_EVENT(vdxg_batch, vdxg_destroy,
	TP_PROTO(const struct vidmm_client *client, unsigned long pages, unsigned long count),
	TP_ARGS(client, pages, count)
);

/* What a process asks for; whether anything moves is another event. */
DECLARE_EVENT_CLASS(vdxg_residency,
	TP_PROTO(const struct vidmm_client *client, const struct vidmm_alloc *alloc),
	TP_ARGS(client, alloc),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(const void *, alloc)
		__field(unsigned long, pages)
		__field(u32, priority)
		__field(u32, required)
		__field(unsigned int, segment)
	),
	TP_fast_assign(
		__entry->process = client->pid;
		__entry->alloc = alloc;
		__entry->pages = alloc->npages;
		__entry->priority = READ_ONCE(alloc->priority);
		__entry->required = READ_ONCE(alloc->required);
		__entry->segment = READ_ONCE(alloc->segment);
	),
	TP_printk("process=%d alloc=%p pages=%lu priority=0x%08x segment=%s required=%u",
		  __entry->process, __entry->alloc, __entry->pages, __entry->priority,
		  vdxg_show_segment(__entry->segment), __entry->required)
);

DEFINE_EVENT(vdxg_residency, vdxg_make_resident,
	TP_PROTO(const struct vidmm_client *client, const struct vidmm_alloc *alloc),
	TP_ARGS(client, alloc)
);

DEFINE_EVENT(vdxg_residency, vdxg_evict,
	TP_PROTO(const struct vidmm_client *client, const struct vidmm_alloc *alloc),
	TP_ARGS(client, alloc)
);

TRACE_EVENT(vdxg_move,
	TP_PROTO(const struct vidmm_alloc *alloc, unsigned int from, unsigned int to,
		 enum vidmm_why why),
	TP_ARGS(alloc, from, to, why),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(const void *, alloc)
		__field(unsigned long, pages)
		__field(u32, priority)
		__field(unsigned int, from)
		__field(unsigned int, to)
		__field(unsigned int, why)
	),
	TP_fast_assign(
		__entry->process = alloc->client->pid;
		__entry->alloc = alloc;
		__entry->pages = alloc->npages;
		__entry->priority = READ_ONCE(alloc->priority);
		__entry->from = from;
		__entry->to = to;
		__entry->why = why;
	),
	TP_printk("process=%d alloc=%p pages=%lu priority=0x%08x from=%s to=%s why=%s",
		  __entry->process, __entry->alloc, __entry->pages, __entry->priority,
		  vdxg_show_segment(__entry->from), vdxg_show_segment(__entry->to),
		  vdxg_show_why(__entry->why))
);

TRACE_EVENT(vdxg_discard,
	TP_PROTO(const struct vidmm_alloc *alloc, enum vidmm_why why),
	TP_ARGS(alloc, why),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(const void *, alloc)
		__field(unsigned long, pages)
		__field(u32, priority)
		__field(unsigned int, offer)
		__field(unsigned int, segment)
		__field(unsigned int, why)
	),
	TP_fast_assign(
		__entry->process = alloc->client->pid;
		__entry->alloc = alloc;
		__entry->pages = alloc->npages;
		__entry->priority = alloc->priority;
		__entry->offer = alloc->offer;
		__entry->segment = alloc->segment;
		__entry->why = why;
	),
	TP_printk("process=%d alloc=%p pages=%lu priority=0x%08x segment=%s offer=%s why=%s",
		  __entry->process, __entry->alloc, __entry->pages, __entry->priority,
		  vdxg_show_segment(__entry->segment), vdxg_show_offer(__entry->offer),
		  vdxg_show_why(__entry->why))
);

TRACE_EVENT(vdxg_offer,
	TP_PROTO(const struct vidmm_alloc *alloc, unsigned int offer),
	TP_ARGS(alloc, offer),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(const void *, alloc)
		__field(unsigned long, pages)
		__field(u32, priority)
		__field(unsigned int, segment)
		__field(unsigned int, offer)
	),
	TP_fast_assign(
		__entry->process = alloc->client->pid;
		__entry->alloc = alloc;
		__entry->pages = alloc->npages;
		__entry->priority = alloc->priority;
		__entry->segment = alloc->segment;
		__entry->offer = offer;
	),
	TP_printk("process=%d alloc=%p pages=%lu priority=0x%08x segment=%s offer=%s",
		  __entry->process, __entry->alloc, __entry->pages, __entry->priority,
		  vdxg_show_segment(__entry->segment), vdxg_show_offer(__entry->offer))
);

TRACE_EVENT(vdxg_reclaim,
	TP_PROTO(const struct vidmm_alloc *alloc, u32 result),
	TP_ARGS(alloc, result),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(const void *, alloc)
		__field(unsigned long, pages)
		__field(u32, priority)
		__field(unsigned int, segment)
		__field(u32, result)
	),
	TP_fast_assign(
		__entry->process = alloc->client->pid;
		__entry->alloc = alloc;
		__entry->pages = alloc->npages;
		__entry->priority = alloc->priority;
		__entry->segment = alloc->segment;
		__entry->result = result;
	),
	TP_printk("process=%d alloc=%p pages=%lu priority=0x%08x segment=%s result=%s",
		  __entry->process, __entry->alloc, __entry->pages, __entry->priority,
		  vdxg_show_segment(__entry->segment), vdxg_show_result(__entry->result))
);

/* Nothing where the budget stays. */
TRACE_EVENT_CONDITION(vdxg_budget,
	TP_PROTO(const struct vidmm_client *client, enum vidmm_group group, unsigned long before,
		 unsigned long after),
	TP_ARGS(client, group, before, after),
	TP_CONDITION(before != after),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(unsigned int, group)
		__field(unsigned long, before)
		__field(unsigned long, after)
	),
	TP_fast_assign(
		__entry->process = client->pid;
		__entry->group = group;
		__entry->before = before;
		__entry->after = after;
	),
	TP_printk("process=%d group=%s old=%lu new=%lu", __entry->process,
		  vdxg_show_group(__entry->group), __entry->before, __entry->after)
);

/* What put a device in error; "missing" is a VDXG_FAULT_*. */
TRACE_EVENT(vdxg_page_fault,
	TP_PROTO(const struct vidmm_client *client, u32 device, const struct vdxg_fault *fault),
	TP_ARGS(client, device, fault),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(u32, device)
		__field(u64, address)
		__field(u32, allocation)
		__field(u32, flags)
		__field(u32, missing)
		__field(u64, buffer)
		__field(u32, offset)
		__field(const char *, doing)
	),
	TP_fast_assign(
		__entry->process = client->pid;
		__entry->device = device;
		__entry->address = fault->address;
		__entry->allocation = fault->handle;
		__entry->flags = fault->flags;
		__entry->missing = fault->missing;
		__entry->buffer = fault->buffer;
		__entry->offset = fault->offset;
		__entry->doing = fault->doing;
	),
	TP_printk("process=%d device=0x%x address=0x%llx allocation=0x%x write=%d missing=%s buffer=0x%llx offset=%u doing=%s",
		  __entry->process, __entry->device, __entry->address, __entry->allocation,
		  __entry->flags & DXGK_PAGE_FAULT_WRITE ? 1 : 0,
		  vdxg_show_missing(__entry->missing), __entry->buffer, __entry->offset,
		  __entry->doing)
);

/* A command buffer ran too long. */
TRACE_EVENT(vdxg_reset,
	TP_PROTO(const struct vidmm_client *client, u32 device, u64 buffer, u64 ns),
	TP_ARGS(client, device, buffer, ns),
	TP_STRUCT__entry(
		__field(pid_t, process)
		__field(u32, device)
		__field(u64, buffer)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->process = client->pid;
		__entry->device = device;
		__entry->buffer = buffer;
		__entry->ns = ns;
	),
	TP_printk("process=%d device=0x%x buffer=0x%llx ns=%llu", __entry->process,
		  __entry->device, __entry->buffer, __entry->ns)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
