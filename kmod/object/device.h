/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.h: a process's device on an adapter, the owner of allocations, resources and their residency
 */
#ifndef VDXG_DEVICE_H
#define VDXG_DEVICE_H

#include <linux/list.h>

#include <d3dkmthk.h>

#include "../sched/counter.h"
#include "../sched/queue.h"
#include "deferral.h"
#include "object.h"
#include "process.h"

struct vdxg_adapter;
struct vidmm_client;
struct vidmm_pager;

/**
 * struct vdxg_device - a device
 * @obj: what the handle table knows
 * @link: in &vdxg_process.devices
 * @process: its process, referenced
 * @adapter: its adapter, referenced
 * @client: the account of its process with its adapter
 * @resources: its resources; under the process's lock
 * @allocations: its allocations that belong to no resource; under the process's lock
 * @paging_queues: its paging queues; under the process's lock
 * @pager: does what they have to do
 * @timeline: the queues of its contexts, and whether it is in error
 * @contexts: its contexts; under the process's lock
 * @flags: D3DKMT_CREATEDEVICE_*
 * @syncs: its synchronization objects; under the process's lock
 * @waits: waits of CPUs for its fences; under the process's lock
 * @deferral: what it has destroyed and its work may still use
 * @mutexes: those that its contexts have taken
 * @notifications: who is told of trims and budgets (notification.c has the lock)
 * @doomed: allocations that vdxg_device_unpublish() left for vdxg_device_close()
 * @doomed_contexts: contexts, likewise
 * @doomed_queues: paging queues, likewise
 * @doomed_syncs: synchronization objects, likewise
 */
struct vdxg_device {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_process *process;
	struct vdxg_adapter *adapter;
	struct vidmm_client *client;
	struct list_head resources;
	struct list_head allocations;
	struct list_head paging_queues;
	struct vidmm_pager *pager;
	struct vdxg_timeline timeline;
	struct list_head contexts;
	u32 flags;
	struct list_head syncs;
	struct list_head waits;
	struct vdxg_deferral deferral;
	struct vdxg_counter_owner mutexes;
	struct list_head notifications;
	struct list_head doomed;
	struct list_head doomed_contexts;
	struct list_head doomed_queues;
	struct list_head doomed_syncs;
};

extern const struct vdxg_class vdxg_device_class;

struct vdxg_device *vdxg_device_get(struct vdxg_process *process, struct d3dkmthandle handle);
void vdxg_device_unpublish(struct vdxg_process *process, struct vdxg_device *device);
void vdxg_device_close(struct vdxg_device *device, bool kill);
void vdxg_device_set_error(struct vdxg_device *device, u32 state);
u32 vdxg_device_state(struct vdxg_device *device);

/* notification.c */
void vdxg_notifications_end(struct vdxg_device *device);

/**
 * vdxg_device_peek - look a device up
 * @process: the process, locked
 * @handle: the handle, not trusted
 *
 * Return: the device, good until the lock is dropped, or NULL.
 */
static inline struct vdxg_device *vdxg_device_peek(struct vdxg_process *process,
						   struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_peek(&process->handles, handle.v, &vdxg_device_class);

	return obj ? container_of(obj, struct vdxg_device, obj) : NULL;
}

static inline void vdxg_device_put(struct vdxg_device *device)
{
	vdxg_object_put(&device->obj);
}

#endif
