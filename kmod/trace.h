/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h: tracepoints (tracefs, events/vdxg)
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vdxg

#if !defined(VDXG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VDXG_TRACE_H

#include <linux/tracepoint.h>

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

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
