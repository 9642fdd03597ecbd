/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call.h: one ioctl on its way through the driver
 *
 * A handler gets the kernel's copy of the argument structure and returns an NTSTATUS. The dispatcher
 * (ioctl.c) checks the size, copies the structure in, and copies it out again where the call has outputs.
 * A handler that creates something calls vdxg_call_reply() itself, before it publishes the handles: a
 * fault then undoes everything.
 */
#ifndef VDXG_CALL_H
#define VDXG_CALL_H

#include <linux/types.h>

#include <d3dkmthk.h>

#include "user.h"

struct vdxg_process;

/**
 * struct vdxg_call - one ioctl
 * @process: the caller
 * @args: the kernel's copy of the argument structure
 * @user: the caller's argument structure, or NULL for a call from a KUnit test
 * @size: its size in bytes
 * @replied: the outputs have been written
 * @reply_on_failure: write the outputs although the status is a failure
 */
struct vdxg_call {
	struct vdxg_process *process;
	void *args;
	void __user *user;
	u32 size;
	bool replied;
	bool reply_on_failure;
};

/*
 * A page fault on the argument structure itself: not an NTSTATUS, but the errno EFAULT, which libraries
 * turn into STATUS_UNSUCCESSFUL.
 */
#define VDXG_STATUS_FAULT (-EFAULT)

/**
 * vdxg_call_reply_sized - vdxg_call_reply() where the size is a constant
 * @call: the call
 * @size: the size of its structure
 *
 * Return: as vdxg_call_reply().
 */
static inline int vdxg_call_reply_sized(struct vdxg_call *call, unsigned long size)
{
	if (call->user && vdxg_copy_out(call->user, call->args, size))
		return VDXG_STATUS_FAULT;
	call->replied = true;
	return 0;
}

/**
 * vdxg_call_reply - write the outputs of a call to its caller
 * @call: the call
 *
 * Return: 0, or VDXG_STATUS_FAULT if the caller's memory cannot be written.
 */
static inline int vdxg_call_reply(struct vdxg_call *call)
{
	return vdxg_call_reply_sized(call, call->size);
}

/**
 * vdxg_call_reply_again - write the outputs of a call that has been done
 * @call: the call; vdxg_call_reply() has shown that they can be written, before anything changed
 *
 * If the caller has taken that memory away meanwhile, what has been done stays.
 */
static inline void vdxg_call_reply_again(struct vdxg_call *call)
{
	(void)vdxg_call_reply(call);
}

#endif
