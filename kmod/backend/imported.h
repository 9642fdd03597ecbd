/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * imported.h: memory of another driver, that came as a dma-buf
 */
#ifndef VDXG_IMPORTED_H
#define VDXG_IMPORTED_H

#include "backend.h"

struct dma_buf;

/* Only put, pfn, vaddr and prot. */
extern struct vdxg_backend vdxg_imported_backend;

int vdxg_imported_open(struct dma_buf *dma_buf, struct vdxg_memory *memory);
void vdxg_imported_close(struct vdxg_memory *memory);
struct dma_buf *vdxg_imported_dma_buf(const struct vdxg_memory *memory);

#endif
