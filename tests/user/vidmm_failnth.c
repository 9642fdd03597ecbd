// SPDX-License-Identifier: MIT
/*
 * vidmm_failnth.c: every allocation and every copy of the calls about properties, notifications and commitment fails once
 *
 * As failnth.c: each call runs again and again with its first failure point, its second, and so on, until none is left.
 *
 * vm-when: kernel=debug
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "failnth.h"
#include "notify.h"

static D3DKMT_HANDLE adapter, device, allocation, resource, members[20];
static struct queue queue;
static struct raw raw;

static void start(void)
{
	failnth_start();
	adapter = need_adapter();
	device = need_device_of(adapter);
	queue = need_queue(device);
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_ALL, 1, &allocation);
	resource = need_resource(device, 4096, ARRAY_SIZE(members), members);
	need_resident(&queue, &allocation, 1);
	raw = need_raw();
}

static NTSTATUS set_segment(uint32_t set, uint32_t flags)
{
	D3DDDI_UPDATEALLOCPROPERTY args = {
		.hPagingQueue = queue.handle,
		.hAllocation = allocation,
		.SupportedSegmentSet = set,
		.PropertyMaskValue = D3DDDI_UPDATEALLOC_SET_SUPPORTED_SEGMENT_SET |
				     D3DDDI_UPDATEALLOC_SET_ACCESSED_PHYSICALLY,
	};
	NTSTATUS status;

	args.Flags.Value = flags;
	status = D3DKMTUpdateAllocationProperty(&args);
	failnth_disarm();
	if (status == STATUS_PENDING) {
		wait_value(&queue, args.PagingFenceValue);
		status = STATUS_SUCCESS;
	}
	return status;
}

/* to the aperture, with a run there, and back */
static NTSTATUS update(void)
{
	NTSTATUS status = set_segment(VDXG_SEGMENT_SET_APERTURE,
				      D3DDDI_UPDATEALLOC_ACCESSED_PHYSICALLY);

	if (status != STATUS_SUCCESS)
		EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(set_segment(VDXG_SEGMENT_SET_LOCAL, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, allocation), RESIDENT_IN_GPU_MEMORY);
	return status;
}

static NTSTATUS register_notification(void)
{
	struct vdxg_registernotification args = {
		.device = raw.device,
		.events = VDXG_NOTIFY_ALL,
	};
	int ret = test_ioctl(raw.fd, LX_VDXGREGISTERNOTIFICATION, &args);

	failnth_disarm();
	if (!ret)
		REQUIRE(!close(args.descriptor));
	return ret == -ENOMEM ? STATUS_NO_MEMORY : ret ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static NTSTATUS escape(void)
{
	NTSTATUS status = kmt_force_out(adapter, device, resource, 0, 0);

	failnth_disarm();
	return status;
}

static NTSTATUS delay(void)
{
	D3DKMT_VIDMM_ESCAPE args = { .DelayExecution = { queue.handle, 0, 0, 0 } };
	NTSTATUS status = kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_DELAYEXECUTION, &args);

	failnth_disarm();
	/* what follows must find the queue idle */
	EXPECT_STATUS(kmt_wake(adapter, true), STATUS_SUCCESS);
	return status;
}

static NTSTATUS reclaim(void)
{
	D3DKMT_RECLAIMALLOCATIONS args = {
		.hDevice = device,
		.HandleList = members,
		.NumAllocations = ARRAY_SIZE(members),
	};
	NTSTATUS status = D3DKMTReclaimAllocations(&args);

	failnth_disarm();
	return status;
}

static NTSTATUS trim_commitment(void)
{
	D3DKMT_TRIMPROCESSCOMMITMENT args = { .cbSize = sizeof(args), .DecommitRequested = MIB };
	NTSTATUS status = D3DKMTTrimProcessCommitment(&args);

	failnth_disarm();
	return status;
}

static NTSTATUS query_offers(void)
{
	D3DKMT_QUERYPROCESSOFFERINFO args = { .cbSize = sizeof(args) };
	NTSTATUS status = D3DKMTQueryProcessOfferInfo(&args);

	failnth_disarm();
	return status;
}

static NTSTATUS invalidate(void)
{
	D3DKMT_INVALIDATECACHE args = { .hDevice = device, .hAllocation = allocation, .Length = MIB };
	NTSTATUS status = D3DKMTInvalidateCache(&args);

	failnth_disarm();
	return status;
}

static void properties(void)
{
	start();
	failnth_sweep("UpdateAllocationProperty", update);
	EXPECT_STATUS(kmt_validate(adapter, 0), STATUS_SUCCESS);
	failnth_sweep("InvalidateCache", invalidate);
}

static void notifications(void)
{
	start();
	failnth_sweep("RegisterNotification", register_notification);
}

static void escapes(void)
{
	start();
	failnth_sweep("Escape, evict", escape);
	failnth_sweep("Escape, delay", delay);
}

static void commitment(void)
{
	start();
	failnth_sweep("ReclaimAllocations", reclaim);
	failnth_sweep("TrimProcessCommitment", trim_commitment);
	failnth_sweep("QueryProcessOfferInfo", query_offers);
}

static const struct test_case cases[] = {
	CASE(properties, "UpdateAllocationProperty: everything or nothing"),
	CASE(notifications, "a registration that fails leaves nothing"),
	CASE(escapes, "test hooks fail with a documented status"),
	CASE(commitment, "reclaiming, and taking commitment back"),
};

TEST_MAIN(cases)
