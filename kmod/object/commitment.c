// SPDX-License-Identifier: GPL-2.0-only
/*
 * commitment.c: D3DKMTQueryProcessOfferInfo, D3DKMTTrimProcessCommitment
 *
 * Both are about all adapters of a process: what it has offered with AllowDecommit. What goes first is what is worth
 * least, by the priority of the offer.
 */
#include <vdxg.h>

#include "../refuse.h"
#include "adapter.h"
#include "allocation.h"
#include "calls.h"
#include "client.h"
#include "process.h"

static int find_process(struct vdxg_call *call, u32 size, u64 handle, struct vdxg_process **process)
{
	if (size != call->size)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "size", size, "not this structure's");
	return vdxg_process_of(call->process, handle, process);
}

/**
 * vdxg_query_process_offer_info - D3DKMTQueryProcessOfferInfo
 * @call: the call; struct vdxg_queryprocessofferinfo
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a wrong size; STATUS_INVALID_HANDLE for no process;
 * STATUS_ACCESS_DENIED for another user's. (d3dkmthk, D3DKMTQueryProcessOfferInfo;
 * Documentation/behaviour-memory.rst, "Offer and reclaim")
 */
int vdxg_query_process_offer_info(struct vdxg_call *call)
{
	struct vdxg_queryprocessofferinfo *args = call->args;
	struct vdxg_process *process;
	struct vdxg_offers offers = { };
	int status;

	status = find_process(call, args->size, args->process, &process);
	if (status)
		return status;
	if (process) {
		vdxg_clients_offers(process, &offers);
		vdxg_process_put(process);
	}
	args->decommit_uniqueness = offers.decommits;
	args->decommittable_bytes = offers.decommittable;
	return STATUS_SUCCESS;
}

/* The next allocation in a process's table, from an index on, referenced. */
static struct vdxg_allocation *next_allocation(struct vdxg_process *process, u32 *index)
{
	struct vdxg_object *obj;

	vdxg_process_lock(process);
	obj = vdxg_handle_next(&process->handles, index, &vdxg_allocation_class);
	if (obj)
		vdxg_object_get(obj);
	vdxg_process_unlock(process);
	return obj ? container_of(obj, struct vdxg_allocation, obj) : NULL;
}

/* Take commitment back of what is offered at one priority; returns bytes. */
static u64 decommit(struct vdxg_process *process, unsigned int priority, bool only_discarded,
		    u64 wanted)
{
	struct vdxg_allocation *allocation;
	struct vidmm_alloc *mem;
	u32 index = 0;
	u64 done = 0;

	while (done < wanted && !fatal_signal_pending(current) &&
	       (allocation = next_allocation(process, &index))) {
		mem = vdxg_allocation_mem(allocation);
		if (READ_ONCE(mem->offer) == priority)
			done += (u64)vidmm_decommit(mem, only_discarded) << PAGE_SHIFT;
		vdxg_allocation_put(allocation);
		cond_resched();
	}
	return done;
}

/**
 * vdxg_trim_process_commitment - D3DKMTTrimProcessCommitment
 * @call: the call; struct vdxg_trimprocesscommitment
 *
 * Return: as vdxg_query_process_offer_info(); STATUS_INVALID_PARAMETER also for an unknown flag. (d3dkmthk,
 * D3DKMTTrimProcessCommitment; Documentation/behaviour-memory.rst, "Offer and reclaim")
 */
int vdxg_trim_process_commitment(struct vdxg_call *call)
{
	struct vdxg_trimprocesscommitment *args = call->args;
	u64 wanted = args->decommit_requested, done = 0;
	struct vdxg_process *process;
	unsigned int priority;
	int status;

	if (args->flags & ~VDXG_TRIM_COMMITMENT_ALL)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	/* Whether the outputs can be written is known before anything changes. */
	status = vdxg_call_reply(call);
	if (!status)
		status = find_process(call, args->size, args->process, &process);
	if (status)
		return status;
	/* What is on offer goes anyway as soon as anybody needs it. */
	if (args->flags & VDXG_TRIM_COMMITMENT_LAZY)
		wanted = 0;
	for (priority = D3DKMT_OFFER_PRIORITY_LOW;
	     process && priority <= D3DKMT_OFFER_PRIORITY_HIGH && done < wanted; priority++)
		done += decommit(process, priority, args->flags & VDXG_TRIM_COMMITMENT_REPURPOSED,
				 wanted - done);
	if (process)
		vdxg_process_put(process);
	args->num_bytes_decommitted = done;
	vdxg_call_reply_again(call);
	return STATUS_SUCCESS;
}
