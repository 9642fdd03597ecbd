// SPDX-License-Identifier: GPL-2.0-only
/*
 * foreign.c: allocations described by another driver's private data
 *
 * The user-mode driver of a GPU says what an allocation is in bytes that only its own kernel half
 * understands. Such an allocation is refused, with a line in the log, because its size is not known. With
 * the parameter foreign_size it is made with that size, so that a driver gets further than its first
 * allocation: it may live in any segment and can be locked. The bytes are not kept: who opens a shared one
 * gets what a struct vdxg_allocation_data says of it.
 */
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include <vdxg.h>

#include "../refuse.h"
#include "allocation.h"
#include "foreign.h"

static unsigned long foreign_size;
module_param(foreign_size, ulong, 0644);
MODULE_PARM_DESC(foreign_size,
		 "Size in bytes of an allocation whose private driver data is another driver's (default 0: refused)");

/* Private data of one allocation, at most; what one message to a Windows host could carry. */
#define MAX_FOREIGN_DATA	(128U << 10)

/* A driver that does it does it again. */
static DEFINE_RATELIMIT_STATE(lines, 60 * HZ, 3);

/**
 * vdxg_foreign_data - what to make of private driver data that is not ours
 * @user: where the caller has it
 * @size: its size in bytes, 0 included
 * @data: becomes a description
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, unless foreign_size lets it pass, and for data that
 * cannot be read or is too long.
 */
int vdxg_foreign_data(u64 user, u32 size, struct vdxg_allocation_data *data)
{
	unsigned long bytes = READ_ONCE(foreign_size);

	if (size > MAX_FOREIGN_DATA || fault_in_readable(u64_to_user_ptr(user), size))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_info.priv_drv_data", user,
				   "too long, or cannot be read");
	if (__ratelimit(&lines))
		pr_info("vdxg: %s[%d]: the private driver data of an allocation, %u bytes, is not vdxg's%s\n",
			current->comm, task_tgid_nr(current), size,
			bytes ? ": made with foreign_size" : ": refused (see the parameter foreign_size)");
	if (!bytes)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "allocation_info.priv_drv_data_size",
				   size, "not a struct vdxg_allocation_data");
	vdxg_allocation_data_init(data, bytes);
	return STATUS_SUCCESS;
}
