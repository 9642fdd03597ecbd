// SPDX-License-Identifier: GPL-2.0-only
/*
 * turn.c: the turns of processes on the engine, as far as they concern memory (see turn.h)
 *
 * What a client requires and others have driven out is in its trees of system memory and of what was
 * swapped, so that an empty tree says in no time that all is there. What it brings back must not drive
 * out the rest of what it requires: &vidmm_client.turn is a stamp that counts for all of it, so nothing
 * has to be touched.
 *
 * A client cannot require more than there is, so everything it requires finds room, if others give way.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "turn.h"

static struct vidmm_alloc *last_of(struct rb_root_cached *tree)
{
	struct rb_node *node = rb_last(&tree->rb_root);

	return node ? vidmm_placed(node) : NULL;
}

/* The most important of what is not there, referenced; under the lock. */
static struct vidmm_alloc *next_demoted(struct vidmm_client *client)
{
	struct vidmm_alloc *alloc;
	unsigned int id;

	for (id = VIDMM_SYSTEM; id <= VIDMM_SWAPPED; id++) {
		alloc = last_of(&client->required[id]);
		if (alloc && refcount_inc_not_zero(&alloc->refs))
			return alloc;
	}
	return NULL;
}

/* Bring everything back that can be had from those who used theirs before this. */
static int bring_back(struct vidmm_client *client, u64 *pages)
{
	struct vidmm *mm = client->mm;
	int status = STATUS_SUCCESS;
	struct vidmm_alloc *alloc;
	unsigned long most;
	u64 before;

	spin_lock(&mm->lock);
	before = ++mm->stamp;
	client->turn = before;
	/* No more than all of it once: if others take it away as fast, it is their turn. */
	most = client->allocs;
	while (!status && most-- && (alloc = next_demoted(client))) {
		spin_unlock(&mm->lock);
		status = vidmm_page_in(alloc, before, 0);
		*pages += alloc->npages;
		vidmm_alloc_put(alloc);
		cond_resched();
		spin_lock(&mm->lock);
	}
	spin_unlock(&mm->lock);
	return status;
}

/**
 * vidmm_bring_back - bring to the GPU what a client requires there
 * @client: the client
 * @pages: how many pages were brought
 *
 * Others may take some of it away again at any time; who needs it looks again. Who came later than this
 * keeps his place, so it is tried anew: then nobody has.
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_NO_MEMORY, if there is no memory for something; as vidmm_page_in().
 */
int vidmm_bring_back(struct vidmm_client *client, u64 *pages)
{
	unsigned int attempt;
	int status;

	*pages = 0;
	for (attempt = 0; attempt < VIDMM_ATTEMPTS; attempt++) {
		status = bring_back(client, pages);
		if (status != STATUS_NO_MEMORY)
			break;
		cond_resched();
	}
	return status;
}

/**
 * vidmm_used - the GPU or the CPU has used an allocation
 * @alloc: the allocation, pinned
 *
 * Context: any but under &vidmm.lock.
 */
void vidmm_used(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);

	spin_lock(&mm->lock);
	vidmm_touch(alloc);
	spin_unlock(&mm->lock);
}
