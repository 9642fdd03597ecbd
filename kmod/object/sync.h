/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sync.h: synchronization objects and the handles to them
 *
 * A &struct vdxg_sync is the object, which several devices and processes may have; a &struct
 * vdxg_sync_open is what a handle points to. An open belongs to a device, or, opened by a global
 * handle, to the process. Whoever needs a fence of a device's own, as a paging queue does, makes it
 * thus:
 *
 *	status = vdxg_sync_new_fence(device, 0, 0, &open);
 *	open->system = true;			DestroySynchronizationObject refuses it
 *	... reserve open->obj's handle, reply with it and with open->map->address ...
 *	vdxg_sync_publish(process, open);	process locked
 *
 * and ends it with vdxg_sync_unpublish() and vdxg_syncs_close(). The fence itself is
 * open->sync->fence.
 */
#ifndef VDXG_SYNC_H
#define VDXG_SYNC_H

#include <linux/list.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../sched/fence.h"
#include "object.h"
#include "sharing.h"

/* VDXG_ACCESS_WAIT and VDXG_ACCESS_SIGNAL. */
#define VDXG_RIGHTS	(VDXG_ACCESS_WAIT | VDXG_ACCESS_SIGNAL)

struct eventfd_ctx;
struct vdxg_adapter;
struct vdxg_call;
struct vdxg_counter;
struct vdxg_device;
struct vdxg_process;
struct vidmm_cpumap;
struct vidmm_va_space;

/**
 * struct vdxg_sync - a synchronization object
 * @base: what sharing knows
 * @type: enum d3dddi_synchronizationobject_type
 * @flags: D3DDDI_SYNC_* it was created with
 * @adapter: its adapter, referenced
 * @fence: of a fence or a monitored fence, its value, referenced; else NULL
 * @event: of a CPU notification, the event, referenced; else NULL
 * @counter: of a semaphore or a mutex, its units, referenced; else NULL
 */
struct vdxg_sync {
	struct vdxg_shareable base;
	u32 type;
	u32 flags;
	struct vdxg_adapter *adapter;
	struct vdxg_fence *fence;
	struct eventfd_ctx *event;
	struct vdxg_counter *counter;
};

/**
 * struct vdxg_sync_open - a handle to a synchronization object
 * @obj: what the handle table knows
 * @link: in &vdxg_device.syncs or &vdxg_process.syncs
 * @device: its device, NULL for one of the process; no reference, as for an allocation
 * @sync: the object, opened
 * @flags: D3DDDI_SYNC_* of this open: what it may not do
 * @rights: what the NT handle it came from allows (nt_handle.h): nobody can share more
 * @map: where the process sees the value, or NULL
 * @space: the addresses of its process on its device's adapter, in which the GPU sees the value, too; or NULL
 * @gpu_address: where; 0 without @space
 * @system: belongs to another object, which destroys it
 */
struct vdxg_sync_open {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_device *device;
	struct vdxg_sync *sync;
	u32 flags;
	u32 rights;
	struct vidmm_cpumap *map;
	struct vidmm_va_space *space;
	u64 gpu_address;
	bool system;
};

extern const struct vdxg_class vdxg_sync_class;
extern const struct vdxg_shareable_class vdxg_shared_sync_class;

int vdxg_sync_new_fence(struct vdxg_device *device, u64 initial, u32 flags,
			struct vdxg_sync_open **result);
struct vdxg_sync_open *vdxg_sync_open_new(struct vdxg_sync *sync, u32 flags);
int vdxg_sync_open_on(struct vdxg_device *device, struct vdxg_sync *sync, u32 flags,
		      struct vdxg_sync_open **result);
struct vdxg_sync_open *vdxg_sync_peek(struct vdxg_process *process, u32 handle);
void vdxg_sync_publish(struct vdxg_process *process, struct vdxg_sync_open *open);
void vdxg_sync_unpublish(struct vdxg_process *process, struct vdxg_sync_open *open,
			 struct list_head *doomed);
void vdxg_syncs_close(struct list_head *doomed);
void vdxg_sync_undo(struct vdxg_process *process, struct vdxg_sync_open *open);
int vdxg_event_get(u64 handle, struct eventfd_ctx **event);
int vdxg_sync_finish(struct vdxg_call *call, struct vdxg_sync_open *open, u32 *handle);

/* sync_cpu.c */
void vdxg_waits_cancel(struct vdxg_device *device);
int vdxg_waits_init(void);
void vdxg_waits_exit(void);

static inline struct vdxg_sync *vdxg_sync_of(struct vdxg_shareable *obj)
{
	return container_of(obj, struct vdxg_sync, base);
}

#endif
