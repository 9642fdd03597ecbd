// SPDX-License-Identifier: GPL-2.0-only
/*
 * client.c: accounts of processes with adapters (see client.h)
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "../sched/engine.h"
#include "../vidmm/look.h"
#include "adapter.h"
#include "allocation.h"
#include "client.h"
#include "process.h"

static void release_client(struct vidmm_client *mm)
{
	struct vdxg_client *client = container_of(mm, struct vdxg_client, mm);

	vdxg_allocations_free_pool(&client->pool);
	vdxg_adapter_put(client->adapter);
	kfree(client);
}

static const struct vidmm_client_ops client_ops = {
	.release = release_client,
	.free = vdxg_allocation_free,
};

static struct vdxg_client *find(struct vdxg_process *process, struct vdxg_adapter *adapter)
{
	struct vdxg_client *client;

	list_for_each_entry(client, &process->clients, link)
		if (client->adapter == adapter)
			return client;
	return NULL;
}

/**
 * vdxg_client_find - a process's account with an adapter
 * @process: the process
 * @adapter: the adapter
 *
 * Context: takes the process's lock; sleeps.
 * Return: the account, which lives as long as the process, or NULL if it has none.
 */
struct vidmm_client *vdxg_client_find(struct vdxg_process *process, struct vdxg_adapter *adapter)
{
	struct vdxg_client *client;

	vdxg_process_lock(process);
	client = find(process, adapter);
	vdxg_process_unlock(process);
	return client ? &client->mm : NULL;
}

/**
 * vdxg_client_of - a process's account with an adapter, opened if it has none
 * @process: the process
 * @adapter: the adapter
 *
 * Context: takes the process's lock; sleeps.
 * Return: the account, which lives as long as the process, or NULL without memory.
 */
struct vidmm_client *vdxg_client_of(struct vdxg_process *process, struct vdxg_adapter *adapter)
{
	struct vdxg_client *client;

	vdxg_process_lock(process);
	client = find(process, adapter);
	if (client)
		goto unlock;
	client = kzalloc(sizeof(*client), VDXG_GFP);
	if (!client)
		goto unlock;
	vidmm_client_init(&client->mm, &adapter->mm, &client_ops);
	vdxg_engine_client_init(&client->turns);
	client->adapter = adapter;
	vdxg_pool_init(&client->pool);
	vdxg_adapter_get(adapter);
	list_add(&client->link, &process->clients);
unlock:
	vdxg_process_unlock(process);
	return client ? &client->mm : NULL;
}

/**
 * vdxg_client_turns - the same account with the adapter's engine
 * @mm: from vdxg_client_of()
 */
struct vdxg_engine_client *vdxg_client_turns(struct vidmm_client *mm)
{
	return &container_of(mm, struct vdxg_client, mm)->turns;
}

/**
 * vdxg_clients_look - what a process has on all adapters together
 * @process: the process
 * @sum: zeroed; @commit, @used and @purgeable are filled
 *
 * Context: takes the process's lock; sleeps.
 */
void vdxg_clients_look(struct vdxg_process *process, struct vidmm_look_client *sum)
{
	struct vidmm_look_client one;
	struct vdxg_client *client;
	unsigned int i;

	vdxg_process_lock(process);
	list_for_each_entry(client, &process->clients, link) {
		vidmm_look_at_client(&client->mm, &one);
		sum->commit += one.commit;
		for (i = 0; i < VIDMM_NUM_SEGMENTS; i++) {
			sum->used[i] += one.used[i];
			sum->purgeable[i] += one.purgeable[i];
		}
	}
	vdxg_process_unlock(process);
}

/**
 * vdxg_clients_offers - what a process may lose of its commitment, on all adapters together
 * @process: the process
 * @offers: zeroed, is filled
 *
 * Context: takes the process's lock; sleeps.
 */
void vdxg_clients_offers(struct vdxg_process *process, struct vdxg_offers *offers)
{
	struct vdxg_client *client;
	struct vidmm *mm;

	vdxg_process_lock(process);
	list_for_each_entry(client, &process->clients, link) {
		mm = client->mm.mm;
		spin_lock(&mm->lock);
		offers->decommits += client->mm.decommits;
		offers->decommittable += (u64)client->mm.decommittable << PAGE_SHIFT;
		spin_unlock(&mm->lock);
	}
	vdxg_process_unlock(process);
}

/**
 * vdxg_clients_leave - the process is gone
 * @process: the process, without devices
 *
 * Context: no locks; may sleep.
 */
void vdxg_clients_leave(struct vdxg_process *process)
{
	struct vdxg_client *client, *next;

	list_for_each_entry_safe(client, next, &process->clients, link)
		vidmm_client_leave(&client->mm);
}
