/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usermem.h: allocations over memory that the caller already has (standard allocations, EXISTINGHEAP)
 */
#ifndef VDXG_USERMEM_H
#define VDXG_USERMEM_H

#include "backend.h"

/* Knows how to put what vdxg_usermem_pin() made; nothing can be got from it. */
extern struct vdxg_backend vdxg_usermem_backend;

int vdxg_usermem_pin(u64 address, unsigned long npages, bool read_only, struct vdxg_memory *memory);
bool vdxg_usermem_writable(const struct vdxg_memory *memory);

#endif
