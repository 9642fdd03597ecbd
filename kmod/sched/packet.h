/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h: packets that wait for fences and signal them (see queue.h)
 *
 * Each holds a reference on its fence. Both are brief.
 */
#ifndef VDXG_PACKET_H
#define VDXG_PACKET_H

#include <linux/types.h>

#include "queue.h"

struct vdxg_fence;

struct vdxg_packet *vdxg_wait_packet(struct vdxg_queue *queue, struct vdxg_fence *fence, u64 value);
struct vdxg_packet *vdxg_signal_packet(struct vdxg_queue *queue, struct vdxg_fence *fence, u64 value,
				       bool allow_rewind);
void vdxg_fence_give_up(struct vdxg_fence *fence, enum vdxg_cancel why);

#endif
