// SPDX-License-Identifier: MIT
/*
 * failnth_paging.c: every allocation and every copy of the calls about memory fails once
 *
 * As failnth.c, for residency, paging queues, offers and budgets. Whatever fails, the answer is a documented one, the
 * counts are what they were, and content is never lost.
 *
 * vm-when: kernel=debug long=yes
 * vm-options: --module-params "local_mb=8 aperture_mb=8 drm_limit_mb=8 software_move=copy"
 */
#include "failnth.h"
#include "paging.h"

/* More than a call keeps on its stack. */
#define MANY	40
#define BYTES	65536

static D3DKMT_HANDLE adapter, device, list[MANY], other;
static struct queue queue;

static void start(void)
{
	uint32_t i;

	failnth_start();
	adapter = need_adapter();
	device = need_device_of(adapter);
	queue = need_queue(device);
	need_allocations_in(device, BYTES, VDXG_SEGMENT_SET_LOCAL, MANY, list);
	for (i = 0; i < MANY; i++)
		write_pattern(device, list[i], BYTES, i);
	other = need_local(device, need_capacity(VDXG_SEGMENT_LOCAL));
}

/* no allocation is required by this device any more, and each holds what it held */
static void expect_as_before(void)
{
	uint32_t i;

	for (i = 0; i < MANY; i++) {
		EXPECT_STATUS(kmt_evict(device, &list[i], 1, 0), STATUS_INVALID_PARAMETER);
		expect_pattern(device, list[i], BYTES, i);
	}
}

/* everything is somewhere else */
static void press(void)
{
	need_resident(&queue, &other, 1);
	EXPECT_STATUS(kmt_evict(device, &other, 1, 0), STATUS_SUCCESS);
}

/* failnth_sweep() arms the next point before it calls: what comes before the call proper must not be hit */
static int point;

static void arm_again(void)
{
	failnth_arm(point);
}

static NTSTATUS make_resident(uint32_t n)
{
	D3DDDI_MAKERESIDENT args;
	NTSTATUS status;

	point++;
	failnth_disarm();
	press();
	arm_again();
	status = kmt_make_resident_args(&args, queue.handle, list, n, 0);
	failnth_disarm();
	if (status == STATUS_PENDING) {
		wait_value(&queue, args.PagingFenceValue);
		status = STATUS_SUCCESS;
	}
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_evict(device, list, n, 0), STATUS_SUCCESS);
	expect_as_before();
	return status;
}

static NTSTATUS make_one_resident(void)
{
	return make_resident(1);
}

static NTSTATUS make_many_resident(void)
{
	return make_resident(MANY);
}

/* Evict moves nothing that it cannot move now, so it succeeds where only the list can be had. */
static NTSTATUS evict(uint32_t n)
{
	NTSTATUS status;

	point++;
	failnth_disarm();
	need_resident(&queue, list, n);
	arm_again();
	status = kmt_evict(device, list, n, 0);
	failnth_disarm();
	if (status != STATUS_SUCCESS)
		EXPECT_STATUS(kmt_evict(device, list, n, 0), STATUS_SUCCESS);
	expect_as_before();
	return status;
}

static NTSTATUS evict_one(void)
{
	return evict(1);
}

static NTSTATUS evict_many(void)
{
	return evict(MANY);
}

static NTSTATUS create_queue(void)
{
	struct queue fresh;
	NTSTATUS status;

	status = kmt_create_queue(device, 1, &fresh);
	failnth_disarm();
	if (status == STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_queue(fresh.handle), STATUS_SUCCESS);
	return status;
}

static NTSTATUS destroy_queue(void)
{
	struct queue fresh;
	NTSTATUS status;

	point++;
	failnth_disarm();
	fresh = need_queue(device);
	arm_again();
	status = kmt_destroy_queue(fresh.handle);
	failnth_disarm();
	if (status != STATUS_SUCCESS)
		EXPECT_STATUS(kmt_destroy_queue(fresh.handle), STATUS_SUCCESS);
	return status;
}

static NTSTATUS offer_list(void)
{
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = list,
		.NumAllocations = MANY,
		.Priority = D3DKMT_OFFER_PRIORITY_HIGH,
	};

	return D3DKMTOfferAllocations(&offer);
}

static NTSTATUS reclaim_list(D3DDDI_RECLAIM_RESULT *results)
{
	D3DKMT_RECLAIMALLOCATIONS2 reclaim = {
		.hPagingQueue = queue.handle,
		.NumAllocations = MANY,
		.HandleList = list,
		.pResults = results,
	};
	NTSTATUS status = D3DKMTReclaimAllocations2(&reclaim);

	if (status != STATUS_PENDING)
		return status;
	wait_value(&queue, reclaim.PagingFenceValue);
	return STATUS_SUCCESS;
}

static NTSTATUS offer(void)
{
	D3DDDI_RECLAIM_RESULT results[MANY];
	NTSTATUS status;

	status = offer_list();
	failnth_disarm();
	EXPECT_STATUS(reclaim_list(results), STATUS_SUCCESS);
	EXPECT_EQ(results[MANY - 1], D3DDDI_RECLAIM_RESULT_OK);
	expect_as_before();
	return status;
}

static NTSTATUS reclaim(void)
{
	D3DDDI_RECLAIM_RESULT results[MANY];
	NTSTATUS status;

	point++;
	failnth_disarm();
	EXPECT_STATUS(offer_list(), STATUS_SUCCESS);
	arm_again();
	status = reclaim_list(results);
	failnth_disarm();
	if (status != STATUS_SUCCESS)
		EXPECT_STATUS(reclaim_list(results), STATUS_SUCCESS);
	expect_as_before();
	return status;
}

static NTSTATUS query_memory(void)
{
	D3DKMT_QUERYVIDEOMEMORYINFO info;
	NTSTATUS status = kmt_video_memory(adapter, 0, LOCAL_GROUP, &info);

	failnth_disarm();
	return status;
}

static NTSTATUS change_reservation(void)
{
	NTSTATUS status = kmt_reserve(adapter, LOCAL_GROUP, MIB);

	failnth_disarm();
	if (status != STATUS_SUCCESS)
		EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).CurrentReservation, 0);
	EXPECT_STATUS(kmt_reserve(adapter, LOCAL_GROUP, 0), STATUS_SUCCESS);
	return status;
}

static NTSTATUS flush(void)
{
	D3DKMT_FLUSHHEAPTRANSITIONS flush = { .hAdapter = adapter };
	NTSTATUS status = D3DKMTFlushHeapTransitions(&flush);

	failnth_disarm();
	return status;
}

static void sweep(const char *name, NTSTATUS (*call)(void))
{
	point = 0;
	failnth_sweep(name, call);
}

static void residency(void)
{
	start();
	sweep("MakeResident of one", make_one_resident);
	sweep("MakeResident of many", make_many_resident);
	sweep("Evict of one", evict_one);
	sweep("Evict of many", evict_many);
}

static void queues(void)
{
	start();
	sweep("CreatePagingQueue", create_queue);
	sweep("DestroyPagingQueue", destroy_queue);
}

static void offers(void)
{
	start();
	sweep("OfferAllocations", offer);
	sweep("ReclaimAllocations2", reclaim);
}

static void budgets(void)
{
	start();
	sweep("QueryVideoMemoryInfo", query_memory);
	sweep("ChangeVideoMemoryReservation", change_reservation);
	sweep("FlushHeapTransitions", flush);
}

static const struct test_case cases[] = {
	CASE(residency, "MakeResident and Evict, which move content"),
	CASE(queues, "CreatePagingQueue and DestroyPagingQueue"),
	CASE(offers, "OfferAllocations and ReclaimAllocations2"),
	CASE(budgets, "QueryVideoMemoryInfo, ChangeVideoMemoryReservation, FlushHeapTransitions"),
};

TEST_MAIN(cases)
