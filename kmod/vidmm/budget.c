// SPDX-License-Identifier: GPL-2.0-only
/*
 * budget.c: how much of a segment group each process may require
 *
 * Let C be the capacity of the group's segment, N the number of processes with an account, and F = C / N the fair
 * part of each. A process's *share* is what it wants (the larger of what its devices require and what it has
 * reserved), but no more than F unless it has reserved more. Its *budget* is C less the shares of all others:
 *
 *	share  = max(min(demand, F), reservation)
 *	budget = C - (sum of all shares - own share), at least F where that leaves it
 *
 * So a process alone may have everything; one that asks for its part gets it, by the others' budgets shrinking; and
 * what nobody wants is everybody's. A budget never falls below the own share. Reservations are granted only as long as
 * they fit together.
 *
 * The sum of the shares is kept, so that a budget costs nothing to read.
 */
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "../trace.h"
#include "vidmm.h"

static unsigned long capacity(const struct vidmm *mm, enum vidmm_group group)
{
	return mm->segments[group == VIDMM_GROUP_LOCAL ? VIDMM_LOCAL : VIDMM_APERTURE].capacity;
}

/* Of a capacity, when all shares together and its own are these. */
static unsigned long budget_of(unsigned long all, unsigned long shares, unsigned long own)
{
	unsigned long others = shares - own;

	/* Reservations granted when there were fewer processes may leave less than the sum of fair parts. */
	return max(all - min(all, others), own);
}

/* The share of @client was @old: tell whose budgets that changes. */
static void trace_budgets(const struct vidmm_client *client, enum vidmm_group group,
			  unsigned long old)
{
	struct vidmm *mm = client->mm;
	unsigned long all = capacity(mm, group), shares = mm->shares[group];
	unsigned long before = shares - client->share[group] + old;
	const struct vidmm_client *other;

	list_for_each_entry(other, &mm->clients, link)
		trace_vdxg_budget(other, group,
				  budget_of(all, before,
					    other == client ? old : other->share[group]),
				  budget_of(all, shares, other->share[group]));
}

static void update_share(struct vidmm_client *client, enum vidmm_group group)
{
	struct vidmm *mm = client->mm;
	unsigned long fair = capacity(mm, group) / max(1U, mm->num_clients);
	unsigned long share = max(min(client->demand[group], fair), client->reservation[group]);
	unsigned long old = client->share[group];

	if (share == old)
		return;
	mm->shares[group] += share - old;
	client->share[group] = share;
	if (trace_vdxg_budget_enabled())
		trace_budgets(client, group, old);
}

/* Somebody may want to know. */
static void changed(struct vidmm *mm)
{
	if (!list_empty(&mm->watches))
		vidmm_watches_kick(mm);
}

/**
 * vidmm_budget - what a process may require of a group
 * @client: its account
 * @group: the group
 *
 * Context: under &vidmm.lock.
 * Return: pages.
 */
unsigned long vidmm_budget(const struct vidmm_client *client, enum vidmm_group group)
{
	const struct vidmm *mm = client->mm;

	lockdep_assert_held(&mm->lock);
	if (client->override[group])
		return client->override[group];
	return budget_of(capacity(mm, group), mm->shares[group], client->share[group]);
}

/**
 * vidmm_demand_changed - a process requires more or less
 * @client: its account
 * @group: the group
 * @pages: how much more, or less
 *
 * Context: under &vidmm.lock.
 */
void vidmm_demand_changed(struct vidmm_client *client, enum vidmm_group group, long pages)
{
	lockdep_assert_held(&client->mm->lock);
	client->demand[group] += pages;
	update_share(client, group);
	changed(client->mm);
}

/**
 * vidmm_clients_changed - there are more or fewer processes
 * @mm: the manager, its @num_clients up to date
 *
 * Context: under &vidmm.lock.
 */
void vidmm_clients_changed(struct vidmm *mm)
{
	struct vidmm_client *client;

	lockdep_assert_held(&mm->lock);
	list_for_each_entry(client, &mm->clients, link) {
		update_share(client, VIDMM_GROUP_LOCAL);
		update_share(client, VIDMM_GROUP_NON_LOCAL);
	}
	changed(mm);
}

/**
 * vidmm_available - what a process may reserve in all
 * @client: its account
 * @group: the group
 *
 * Half of what others have not reserved, so that no process can starve the rest.
 *
 * Context: under &vidmm.lock.
 * Return: pages, no more than its budget.
 */
unsigned long vidmm_available(const struct vidmm_client *client, enum vidmm_group group)
{
	const struct vidmm *mm = client->mm;
	unsigned long all = capacity(mm, group), others = 0;
	const struct vidmm_client *other;

	lockdep_assert_held(&mm->lock);
	list_for_each_entry(other, &mm->clients, link)
		if (other != client)
			others += other->reservation[group];
	return min((all - min(all, others)) / 2, vidmm_budget(client, group));
}

/**
 * vidmm_video_memory - what a process is told of a group
 * @mm: the manager
 * @client: its account, or NULL for one that has none yet
 * @group: the group
 * @info: the answer
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_video_memory(struct vidmm *mm, const struct vidmm_client *client,
			enum vidmm_group group, struct vidmm_video_memory *info)
{
	const struct vidmm_client newcomer = { .mm = mm };

	if (!client)
		client = &newcomer;
	spin_lock(&mm->lock);
	info->budget = (u64)vidmm_budget(client, group) << PAGE_SHIFT;
	info->usage = (u64)client->used[VIDMM_LOCAL + group] << PAGE_SHIFT;
	info->reservation = (u64)client->reservation[group] << PAGE_SHIFT;
	info->available = (u64)vidmm_available(client, group) << PAGE_SHIFT;
	spin_unlock(&mm->lock);
}

/**
 * vidmm_reserve - change the reservation of a process
 * @client: its account
 * @group: the group
 * @bytes: what it wants to be sure of, rounded up to pages
 *
 * Context: any but under &vidmm.lock.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER beyond what is available.
 */
int vidmm_reserve(struct vidmm_client *client, enum vidmm_group group, u64 bytes)
{
	struct vidmm *mm = client->mm;
	int status = STATUS_INVALID_PARAMETER;

	spin_lock(&mm->lock);
	if (bytes <= (u64)vidmm_available(client, group) << PAGE_SHIFT) {
		client->reservation[group] = vidmm_pages(bytes);
		update_share(client, group);
		changed(mm);
		status = STATUS_SUCCESS;
	}
	spin_unlock(&mm->lock);
	return status;
}

/**
 * vidmm_set_budget - let a test say what the budget is
 * @client: the account
 * @group: the group
 * @bytes: rounded up to pages; 0: what it would be
 *
 * What others get does not depend on it.
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_set_budget(struct vidmm_client *client, enum vidmm_group group, u64 bytes)
{
	struct vidmm *mm = client->mm;
	unsigned long all = capacity(mm, group);

	spin_lock(&mm->lock);
	client->override[group] = bytes > (u64)all << PAGE_SHIFT ? all : vidmm_pages(bytes);
	changed(mm);
	spin_unlock(&mm->lock);
}
