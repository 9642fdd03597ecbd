/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execute.h: packets that execute command buffers (see queue.h)
 *
 * A command buffer lies at a GPU virtual address of the process whose queue it is; what it consists of
 * is in uapi/vdxg.h. It is read when it is executed, not before.
 */
#ifndef VDXG_EXECUTE_H
#define VDXG_EXECUTE_H

#include <linux/types.h>

struct vdxg_fence;
struct vdxg_packet;
struct vdxg_queue;

/**
 * struct vdxg_commands_at - a command buffer
 * @address: where it is
 * @bytes: its length; 0 is an empty one
 * @null: do not execute it, only be done with it in order
 * @progress: signalled when it is done, or NULL
 * @value: what that gets
 */
struct vdxg_commands_at {
	u64 address;
	u32 bytes;
	bool null;
	struct vdxg_fence *progress;
	u64 value;
};

struct vdxg_packet *vdxg_execute_packet(struct vdxg_queue *queue,
					const struct vdxg_commands_at *commands);

#endif
