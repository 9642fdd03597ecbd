// SPDX-License-Identifier: GPL-2.0-only
/*
 * client.c: accounts of processes with adapters (see client.h)
 */
#include <linux/slab.h>

#include "../gfp.h"
#include "adapter.h"
#include "allocation.h"
#include "client.h"
#include "process.h"

/**
 * struct vdxg_client - an account
 * @mm: what the memory manager knows
 * @link: in &vdxg_process.clients
 * @adapter: the adapter, referenced
 */
struct vdxg_client {
	struct vidmm_client mm;
	struct list_head link;
	struct vdxg_adapter *adapter;
};

static void release_client(struct vidmm_client *mm)
{
	struct vdxg_client *client = container_of(mm, struct vdxg_client, mm);

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
	client->adapter = adapter;
	vdxg_adapter_get(adapter);
	list_add(&client->link, &process->clients);
unlock:
	vdxg_process_unlock(process);
	return client ? &client->mm : NULL;
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
