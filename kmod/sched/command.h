/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command.h: the commands of a command buffer, one after the other (uapi/vdxg.h)
 *
 * A &struct vdxg_commander is at some place in a command buffer. It goes on by slices:
 *
 *	struct vdxg_commander c = { .timeline = timeline, .packet = packet, .address = address,
 *				    .bytes = bytes };
 *
 *	status = vdxg_commands_run(&c, slice);
 *
 * STATUS_SUCCESS is the end of the buffer, STATUS_PENDING the end of the slice. Anything else is the end of the
 * device: c.fault says why.
 */
#ifndef VDXG_COMMAND_H
#define VDXG_COMMAND_H

#include <linux/types.h>

#include <vdxg.h>

#include "queue.h"

/**
 * union vdxg_any_command - a command
 */
union vdxg_any_command {
	struct vdxg_command head;
	struct vdxg_command_fill fill;
	struct vdxg_command_copy copy;
	struct vdxg_command_timestamp timestamp;
	struct vdxg_command_delay delay;
};

/**
 * struct vdxg_commander - a command buffer that is being executed
 * @timeline: the device
 * @packet: whose packet it is, to see whether it is cancelled
 * @address: where the buffer is
 * @bytes: its length; when it has been begun, what its header says
 * @offset: of the current command, or 0 before the header has been read
 * @command: the current command, as it was when it was read
 * @current_read: there is one
 * @done: so much of it has been done, in bytes or nanoseconds
 * @fault: what it stumbled over
 */
struct vdxg_commander {
	struct vdxg_timeline *timeline;
	struct vdxg_packet *packet;
	u64 address;
	u32 bytes;
	u32 offset;
	union vdxg_any_command command;
	bool current_read;
	u64 done;
	struct vdxg_fault fault;
};

int vdxg_commands_run(struct vdxg_commander *c, struct vdxg_slice *slice);

#endif
