/* SPDX-License-Identifier: MIT */
/*
 * vidmm_escape.h: short forms of the VIDMM escapes, for the tests (see kmt.h)
 */
#ifndef VDXG_TEST_VIDMM_ESCAPE_H
#define VDXG_TEST_VIDMM_ESCAPE_H

#include <unistd.h>

#include "paging.h"

static inline NTSTATUS kmt_escape(D3DKMT_HANDLE adapter, D3DKMT_HANDLE device, uint32_t type,
				  void *data, uint32_t size)
{
	D3DKMT_ESCAPE args = {
		.hAdapter = adapter,
		.hDevice = device,
		.Type = (D3DKMT_ESCAPETYPE)type,
		.pPrivateDriverData = data,
		.PrivateDriverDataSize = size,
	};

	return D3DKMTEscape(&args);
}

static inline NTSTATUS kmt_vidmm(D3DKMT_HANDLE adapter, D3DKMT_HANDLE device, uint32_t type,
				 D3DKMT_VIDMM_ESCAPE *escape)
{
	escape->Type = (D3DKMT_VIDMMESCAPETYPE)type;
	return kmt_escape(adapter, device, D3DKMT_ESCAPE_VIDMM, escape, sizeof(*escape));
}

/* a resource, an allocation, or all that a process has */
static inline NTSTATUS kmt_force_out(D3DKMT_HANDLE adapter, D3DKMT_HANDLE device,
				     D3DKMT_HANDLE resource, D3DKMT_HANDLE allocation,
				     uint64_t process)
{
	D3DKMT_VIDMM_ESCAPE escape = {
		.Evict = { resource, allocation, process },
	};

	return kmt_vidmm(adapter, device, D3DKMT_VIDMMESCAPETYPE_EVICT, &escape);
}

static inline NTSTATUS kmt_set_budget(D3DKMT_HANDLE adapter, uint64_t local, uint64_t system)
{
	D3DKMT_VIDMM_ESCAPE escape = { .SetBudget = { local, system } };

	return kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_SET_BUDGET, &escape);
}

static inline NTSTATUS kmt_set_intervals(D3DKMT_HANDLE adapter, uint32_t min, uint32_t max,
					 uint32_t idle)
{
	D3DKMT_VIDMM_ESCAPE escape = { .SetTrimIntervals = { min, max, idle } };

	return kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_SET_TRIM_INTERVALS, &escape);
}

static inline NTSTATUS kmt_wake(D3DKMT_HANDLE adapter, bool flush)
{
	D3DKMT_VIDMM_ESCAPE escape = { .Wake = { flush } };

	return kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_WAKE, &escape);
}

/* what is queued after this has to wait; returns the delay's own fence value */
static inline uint64_t need_delay(D3DKMT_HANDLE adapter, const struct queue *queue, uint32_t ms)
{
	D3DKMT_VIDMM_ESCAPE escape = { .DelayExecution = { queue->handle, 0, ms, 0 } };

	REQUIRE_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_DELAYEXECUTION, &escape),
		       STATUS_SUCCESS);
	return escape.DelayExecution.PagingFenceValue;
}

static inline NTSTATUS kmt_validate(D3DKMT_HANDLE adapter, uint32_t segment)
{
	D3DKMT_VIDMM_ESCAPE escape = { .VerifyIntegrity = { segment } };

	return kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_VALIDATE_INTEGRITY, &escape);
}

static inline void need_root(void)
{
	if (geteuid())
		test_skip("needs root");
}

#endif
