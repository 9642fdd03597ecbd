/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keyed_mutex.h: keyed mutexes and the handles to them
 *
 * A keyed mutex is free with a key, and who acquires it must name that key; releasing it sets the
 * key for the next. It belongs to the process, not to a device. If the handle that has acquired it
 * is destroyed, the mutex is abandoned for good.
 */
#ifndef VDXG_KEYED_MUTEX_H
#define VDXG_KEYED_MUTEX_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "object.h"
#include "sharing.h"

struct vdxg_process;

/**
 * struct vdxg_keyed_mutex - a keyed mutex
 * @base: what sharing knows
 * @nt: shared as a member of a set behind an NT handle, not by a global handle
 * @lock: protects what follows
 * @wait: those who want it
 * @owner: the handle that has acquired it, or NULL
 * @abandoned: its owner went without releasing it
 * @key: who names it may have it
 * @fence_value: what the last owner left for the next
 * @data: the runtime's private data
 * @data_size: their size; never changes
 */
struct vdxg_keyed_mutex {
	struct vdxg_shareable base;
	bool nt;
	struct mutex lock;
	wait_queue_head_t wait;
	struct vdxg_keyed_mutex_open *owner;
	bool abandoned;
	u64 key;
	u64 fence_value;
	void *data;
	u32 data_size;
};

/**
 * struct vdxg_keyed_mutex_open - a handle to a keyed mutex
 * @obj: what the handle table knows
 * @link: in &vdxg_process.keyed_mutexes
 * @mutex: the mutex, opened
 * @closed: the handle is gone; under the mutex's lock
 */
struct vdxg_keyed_mutex_open {
	struct vdxg_object obj;
	struct list_head link;
	struct vdxg_keyed_mutex *mutex;
	bool closed;
};

struct vdxg_keyed_mutex_open *vdxg_keyed_mutex_open_new(struct vdxg_keyed_mutex *mutex);
struct vdxg_keyed_mutex_open *vdxg_keyed_mutex_peek(struct vdxg_process *process, u32 handle);
void vdxg_keyed_mutex_publish(struct vdxg_process *process, struct vdxg_keyed_mutex_open *open);
void vdxg_keyed_mutexes_unpublish(struct vdxg_process *process, struct list_head *doomed);
void vdxg_keyed_mutexes_close(struct list_head *doomed);
int vdxg_keyed_mutex_copy_data(struct vdxg_keyed_mutex *mutex, u64 user, u32 size, u32 *written);

#endif
