/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h: a client of the driver
 *
 * One &struct vdxg_process stands for one thread group in one address space; all its opens of the device
 * node share it, and nobody else may use them: after fork the child, after exec the new program, gets
 * ENOTTY. It ends when the address space dies or the last descriptor is closed, whichever is first: a worker
 * then destroys whatever it left.
 */
#ifndef VDXG_PROCESS_H
#define VDXG_PROCESS_H

#include <linux/kref.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include <d3dkmthk.h>

#include "../vidmm/cpumap.h"
#include "handle.h"

struct vdxg_adapter;
struct vdxg_adapter_open;
struct vdxg_device;

/**
 * struct vdxg_process - a client
 * @ref: one while it is alive, one for each open file and each device
 * @link: in the list of processes
 * @opens: open files; under the lock of that list
 * @pid: its thread group
 * @mm: its address space; the structure is held, not its content
 * @notifier: tells when the address space dies
 * @dying: teardown has been asked for
 * @killed: by a signal; set before @dying
 * @teardown: destroys what it left
 * @id: a number of its own, for fdinfo
 * @handles: its handles; @handles.lock protects the lists below and everything in them
 * @adapters: its opens of adapters
 * @devices: its devices
 * @syncs: synchronization objects it has opened without a device
 * @keyed_mutexes: its keyed mutexes
 * @clients: its accounts with adapters
 * @space: its CPU mappings
 */
struct vdxg_process {
	struct kref ref;
	struct list_head link;
	unsigned int opens;
	struct pid *pid;
	struct mm_struct *mm;
	struct mmu_notifier notifier;
	unsigned long dying;
	bool killed;
	struct work_struct teardown;
	u64 id;
	struct vdxg_handles handles;
	struct list_head adapters;
	struct list_head devices;
	struct list_head syncs;
	struct list_head keyed_mutexes;
	struct list_head clients;
	struct vidmm_cpuspace space;
};

struct vdxg_process *vdxg_process_create(void);
void vdxg_process_destroy_objects(struct vdxg_process *process);
struct vdxg_process *vdxg_process_open(void);
void vdxg_process_close(struct vdxg_process *process);
int vdxg_process_of(struct vdxg_process *caller, u64 handle, struct vdxg_process **process);
u32 vdxg_process_list(struct vdxg_adapter *adapter, u32 *pids, u32 room);
void vdxg_process_get(struct vdxg_process *process);
void vdxg_process_put(struct vdxg_process *process);
int vdxg_process_init(void);
void vdxg_process_exit(void);

/**
 * vdxg_process_is_current - is this the calling process?
 * @process: the opener of the file a call came through
 */
static inline bool vdxg_process_is_current(const struct vdxg_process *process)
{
	return process->mm == current->mm && process->pid == task_tgid(current);
}

static inline void vdxg_process_lock(struct vdxg_process *process)
{
	mutex_lock(&process->handles.lock);
}

static inline void vdxg_process_unlock(struct vdxg_process *process)
{
	mutex_unlock(&process->handles.lock);
}

struct vdxg_adapter_open *vdxg_adapter_open_get(struct vdxg_process *process,
						struct d3dkmthandle handle);

#endif
