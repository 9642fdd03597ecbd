/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * foreign.h: fences of other drivers: dma_fences that queues wait for
 *
 *	packet = vdxg_foreign_packet(queue, dma);	the queue goes on when it has ended
 *	status = vdxg_foreign_follow(dma, fence);	a monitored fence reaches 1 then
 *
 * A dma_fence ends, that is the contract of all drivers; with an error or without, the work has not
 * more to come. Nothing here waits for one with a lock held, or signals one.
 */
#ifndef VDXG_FOREIGN_H
#define VDXG_FOREIGN_H

struct dma_fence;
struct vdxg_fence;
struct vdxg_packet;
struct vdxg_queue;

struct vdxg_packet *vdxg_foreign_packet(struct vdxg_queue *queue, struct dma_fence *dma);
int vdxg_foreign_follow(struct dma_fence *dma, struct vdxg_fence *fence);
int vdxg_foreign_init(void);
void vdxg_foreign_exit(void);

#endif
