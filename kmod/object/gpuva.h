/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gpuva.h: the GPU virtual addresses of allocations
 */
#ifndef VDXG_OBJECT_GPUVA_H
#define VDXG_OBJECT_GPUVA_H

#include <linux/types.h>

struct vdxg_allocation;
struct vdxg_device;
struct vdxg_va_companion;
struct vidmm_va_owner;

/* gpuva.c */
struct vidmm_va_owner *vdxg_va_owner(struct vdxg_allocation *allocation,
				     const struct vdxg_device *device, u32 handle);
void vdxg_va_unmap_allocation(struct vdxg_allocation *allocation);

/* gpuva_update.c */
void vdxg_va_companion_set_priority(struct vdxg_va_companion *companion, int priority,
				    int in_process);
void vdxg_va_companion_shut(struct vdxg_va_companion *companion);
void vdxg_va_companion_close(struct vdxg_va_companion *companion, bool kill);
void vdxg_va_companion_put(struct vdxg_va_companion *companion);

#endif
