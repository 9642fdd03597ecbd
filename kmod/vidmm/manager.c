// SPDX-License-Identifier: GPL-2.0-only
/*
 * manager.c: the memory manager of an adapter, its segments, and the accounts of its clients
 */
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "../trace.h"
#include "vidmm.h"
#include "watch.h"

static void init_segment(struct vidmm_segment *segment, struct vdxg_backend *backend)
{
	segment->backend = backend;
	segment->capacity = backend->limit;
}

/**
 * vidmm_init - set a manager up
 * @mm: the manager
 * @local: where the local segment's memory comes from; @local->limit pages are its capacity
 * @aperture: the same for the aperture segment
 * @commit_limit: pages that the allocations of one client may have in all
 *
 * Context: any.
 */
void vidmm_init(struct vidmm *mm, struct vdxg_backend *local, struct vdxg_backend *aperture,
		unsigned long commit_limit)
{
	memset(mm, 0, sizeof(*mm));
	spin_lock_init(&mm->lock);
	init_waitqueue_head(&mm->wait);
	init_segment(&mm->segments[VIDMM_LOCAL], local);
	init_segment(&mm->segments[VIDMM_APERTURE], aperture);
	/* What is evicted keeps its pages, or gets some, like what the aperture maps. */
	init_segment(&mm->segments[VIDMM_SYSTEM], aperture);
	mm->segments[VIDMM_SYSTEM].capacity = ULONG_MAX;
	init_segment(&mm->segments[VIDMM_SWAPPED], &vdxg_shmem_backend);
	INIT_LIST_HEAD(&mm->clients);
	vidmm_watches_init(mm);
	mm->commit_limit = commit_limit;
	mm->pfn_maps = !local->ops->pages_refcounted || !aperture->ops->pages_refcounted;
}

/**
 * vidmm_remove - the device is gone
 * @mm: its manager
 *
 * Afterwards nothing can be pinned, claimed or populated, and the local segment is empty: the content is
 * lost, CPU mappings answer with SIGBUS. Allocations remain until they are destroyed.
 *
 * Context: sleeps until those who use the memory have finished.
 */
void vidmm_remove(struct vidmm *mm)
{
	spin_lock(&mm->lock);
	mm->removed = true;
	spin_unlock(&mm->lock);
	vidmm_watches_end(mm);
	wait_event(mm->wait, !READ_ONCE(mm->busy));
	vidmm_lose_local(mm);
	wait_event(mm->wait, !READ_ONCE(mm->busy));
}

/**
 * vidmm_client_init - open an account for the calling process
 * @client: the account, zeroed
 * @mm: the manager
 * @ops: its owner's
 *
 * Context: no locks.
 */
void vidmm_client_init(struct vidmm_client *client, struct vidmm *mm,
		       const struct vidmm_client_ops *ops)
{
	client->mm = mm;
	client->alive = true;
	client->ops = ops;
	client->pid = task_tgid_nr(current);
	get_task_comm(client->comm, current->group_leader);
	client->memcg = get_mem_cgroup_from_mm(current->mm);
	vidmm_va_space_init(&client->va);
	spin_lock(&mm->lock);
	list_add_tail(&client->link, &mm->clients);
	mm->num_clients++;
	vidmm_clients_changed(mm);
	spin_unlock(&mm->lock);
}

static void release_client(struct vidmm_client *client)
{
	struct vidmm *mm = client->mm;

	spin_lock(&mm->lock);
	list_del(&client->link);
	spin_unlock(&mm->lock);
	mutex_destroy(&client->va.lock);
	mem_cgroup_put(client->memcg);
	client->ops->release(client);
}

/**
 * vidmm_client_leave - the process is gone
 * @client: its account, released with its last allocation
 *
 * Context: no locks; may sleep.
 */
void vidmm_client_leave(struct vidmm_client *client)
{
	struct vidmm *mm = client->mm;
	bool last;

	vidmm_va_space_clear(&client->va);
	spin_lock(&mm->lock);
	client->alive = false;
	client->reservation[VIDMM_GROUP_LOCAL] = 0;
	client->reservation[VIDMM_GROUP_NON_LOCAL] = 0;
	mm->num_clients--;
	vidmm_clients_changed(mm);
	last = !client->allocs;
	spin_unlock(&mm->lock);
	if (last)
		release_client(client);
}

/**
 * vidmm_commit - promise memory to a client
 * @client: the account
 * @npages: how much, in pages
 * @allocs: for how many allocations
 *
 * No page is touched; the promise only counts.
 *
 * Context: any but under &vidmm.lock.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY beyond the client's limit.
 */
int vidmm_commit(struct vidmm_client *client, unsigned long npages, unsigned long allocs)
{
	struct vidmm *mm = client->mm;
	int status = STATUS_NO_MEMORY;

	spin_lock(&mm->lock);
	if (npages <= mm->commit_limit && client->commit <= mm->commit_limit - npages) {
		client->commit += npages;
		client->allocs += allocs;
		mm->commit += npages;
		mm->allocs += allocs;
		mm->stats.created += allocs;
		trace_vdxg_create(client, npages, allocs);
		status = STATUS_SUCCESS;
	}
	spin_unlock(&mm->lock);
	return status;
}

/**
 * vidmm_uncommit - take a promise back
 * @client: the account; gone afterwards, if its process is and this was its last allocation
 * @npages: how much
 * @allocs: of how many allocations
 *
 * Context: no locks; may sleep.
 */
void vidmm_uncommit(struct vidmm_client *client, unsigned long npages, unsigned long allocs)
{
	struct vidmm *mm = client->mm;
	bool last;

	spin_lock(&mm->lock);
	client->commit -= npages;
	client->allocs -= allocs;
	mm->commit -= npages;
	mm->allocs -= allocs;
	mm->stats.destroyed += allocs;
	trace_vdxg_destroy(client, npages, allocs);
	last = !client->alive && !client->allocs;
	spin_unlock(&mm->lock);
	if (last)
		release_client(client);
}
