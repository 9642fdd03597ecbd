/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export.h: allocations as dma-bufs, for other drivers
 *
 * An export keeps the memory, and the account it is charged to, until the last descriptor is closed and
 * the last driver has let go, whatever happens to handles, devices and processes. There is one for an
 * allocation, so that a second one is the same dma-buf to whoever compares.
 */
#ifndef VDXG_EXPORT_H
#define VDXG_EXPORT_H

struct dma_buf;
struct vidmm_alloc;

struct vidmm_alloc *vdxg_exported(const struct dma_buf *dma_buf);

#endif
