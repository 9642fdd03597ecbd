/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * turn.h: what the engine asks of the memory manager while it runs work of a process
 *
 * Before work of a process runs, whatever its devices require is brought to the GPU:
 *
 *	if (vidmm_demoted(client))
 *		status = vidmm_bring_back(client, &pages);
 *
 * While memory is pinned, the engine looks at it with vidmm_vaddr(), and says so afterwards:
 * vidmm_used(), vidmm_written().
 */
#ifndef VDXG_TURN_H
#define VDXG_TURN_H

#include "../backend/usermem.h"
#include "place.h"
#include "vidmm.h"

int vidmm_bring_back(struct vidmm_client *client, u64 *pages);
void *vidmm_vaddr(const struct vidmm_alloc *alloc, unsigned long index);
void vidmm_used(struct vidmm_alloc *alloc);
void vidmm_written(struct vidmm_alloc *alloc, unsigned long first, unsigned long npages);

/* May the engine write to an allocation? Not to pages that their process only lets it read. */
static inline bool vidmm_writable(const struct vidmm_alloc *alloc)
{
	return !(alloc->flags & VIDMM_EXISTING) || vdxg_usermem_writable(&alloc->place->memory);
}

/* Does a client require something that is not in a segment of the GPU? */
static inline bool vidmm_demoted(const struct vidmm_client *client)
{
	return READ_ONCE(client->required[VIDMM_SYSTEM].rb_root.rb_node) ||
	       READ_ONCE(client->required[VIDMM_SWAPPED].rb_root.rb_node);
}

#endif
