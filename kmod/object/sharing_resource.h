/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sharing_resource.h: what the resources that share memory have in common
 *
 * A resource created shared has a &struct vdxg_shared, and so has every resource opened from it. It
 * knows the memory of each allocation, in a slot, and the private data for whoever opens it. A slot
 * keeps its memory as long as it is bound by some resource, or an NT handle exists, which keeps
 * everything.
 */
#ifndef VDXG_SHARING_RESOURCE_H
#define VDXG_SHARING_RESOURCE_H

#include <linux/spinlock.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "sharing.h"

struct vdxg_adapter;
struct vidmm_alloc;

/**
 * struct vdxg_slot - an allocation of a shared resource
 * @mem: its memory, referenced; NULL when nobody has it any more
 * @bindings: how many resources have it bound
 * @sysmem: for existing system memory, where its creator has it
 * @data: what it is
 */
struct vdxg_slot {
	struct vidmm_alloc *mem;
	u32 bindings;
	u64 sysmem;
	struct vdxg_allocation_data data;
};

/**
 * struct vdxg_shared - a shared resource
 * @base: what sharing knows
 * @adapter: its adapter, referenced
 * @nt: shared by NT handles, not by a global one
 * @lock: protects @holds and the slots
 * @holds: how many NT handles there are
 * @runtime: the runtime's private data
 * @runtime_size: their size
 * @driver: the driver's private data of the resource
 * @driver_size: their size
 * @count: how many slots
 * @slots: the allocations
 */
struct vdxg_shared {
	struct vdxg_shareable base;
	struct vdxg_adapter *adapter;
	bool nt;
	spinlock_t lock;
	u32 holds;
	void *runtime;
	u32 runtime_size;
	void *driver;
	u32 driver_size;
	u32 count;
	struct vdxg_slot slots[];
};

extern const struct vdxg_shareable_class vdxg_shared_resource_class;

struct vdxg_shared *vdxg_shared_create(struct vdxg_adapter *adapter,
				       const struct d3dkmt_createallocation *args, int *status);
void vdxg_shared_add(struct vdxg_shared *shared, u32 slot, struct vidmm_alloc *mem);
struct vidmm_alloc *vdxg_shared_bind(struct vdxg_shared *shared, u32 slot);
void vdxg_shared_unbind(struct vdxg_shared *shared, u32 slot);
u32 vdxg_shared_live(struct vdxg_shared *shared);
void vdxg_shared_hold(struct vdxg_shared *shared);
void vdxg_shared_unhold(struct vdxg_shared *shared);

static inline struct vdxg_shared *vdxg_shared_of(struct vdxg_shareable *obj)
{
	return container_of(obj, struct vdxg_shared, base);
}

#endif
