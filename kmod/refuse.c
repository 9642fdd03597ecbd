// SPDX-License-Identifier: GPL-2.0-only
/*
 * refuse.c: why a call is refused (see refuse.h)
 */
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include <asm/syscall.h>

#include "ioctl.h"
#include "refuse.h"
#include "trace.h"

/*
 * The call that the task is in. Those who refuse are deep inside it and have better things to carry around, so
 * this asks the registers with which the task came into the kernel: the second argument of an ioctl is its word.
 */
static const char *current_call(void)
{
	unsigned long args[6];

	if (current->flags & PF_KTHREAD)
		return "none";
	syscall_get_arguments(current, task_pt_regs(current), args);
	return vdxg_ioctl_name(args[1]);
}

/**
 * vdxg_refuse - say why a call is refused
 * @status: what it answers; whatever it will, where that is not known yet
 * @field: the field of its structure that is the reason, by its name in the header of the interface
 * @value: its value, or what it led to
 * @why: what is wrong with it; a constant of this module
 *
 * Context: the task that made the call; any lock may be held.
 * Return: @status.
 */
int vdxg_refuse(int status, const char *field, u64 value, const char *why)
{
	if (trace_vdxg_refused_enabled())
		trace_vdxg_refused(current_call(), field, value, why);
	return status;
}
