// SPDX-License-Identifier: MIT
/*
 * escape_vidmm.c: D3DKMTEscape, and the test hooks of the memory manager
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "vidmm_escape.h"

#define FIRST_HOOK	D3DKMT_VIDMMESCAPETYPE_SETFAULT
#define LAST_HOOK	D3DKMT_VIDMMESCAPETYPE_SET_EVICTION_CONFIG

static void arguments(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_VIDMM_ESCAPE escape = { .Type = D3DKMT_VIDMMESCAPETYPE_VALIDATE_INTEGRITY };
	D3DKMT_ESCAPE args = { 0 };
	char data[64] = "";
	void *readonly;

	EXPECT_STATUS(D3DKMTEscape(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTEscape(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_escape(device, 0, 0, data, sizeof(data)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_escape(adapter, adapter, 0, data, sizeof(data)),
		      STATUS_INVALID_PARAMETER);
	args.hAdapter = adapter;
	args.Flags.Value = 1U << 4;
	EXPECT_STATUS(D3DKMTEscape(&args), STATUS_INVALID_PARAMETER);
	/* the driver's own escapes, of which there are none, and Windows' that are not here */
	EXPECT_STATUS(kmt_escape(adapter, 0, D3DKMT_ESCAPE_DRIVERPRIVATE, data, sizeof(data)),
		      STATUS_NOT_SUPPORTED);
	EXPECT_STATUS(kmt_escape(adapter, device, D3DKMT_ESCAPE_VIDSCH, data, sizeof(data)),
		      STATUS_NOT_SUPPORTED);
	/* and those that nobody knows */
	EXPECT_STATUS(kmt_escape(adapter, 0, 40, data, sizeof(data)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_escape(adapter, 0, ~0U, data, sizeof(data)), STATUS_INVALID_PARAMETER);
	need_root();
	EXPECT_STATUS(kmt_escape(adapter, 0, D3DKMT_ESCAPE_VIDMM, &escape, sizeof(escape)),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_escape(adapter, 0, D3DKMT_ESCAPE_VIDMM, &escape, sizeof(escape) - 1),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_escape(adapter, 0, D3DKMT_ESCAPE_VIDMM, NULL, sizeof(escape)),
		      STATUS_INVALID_PARAMETER);
	readonly = test_readonly(&escape, sizeof(escape));
	EXPECT_STATUS(kmt_escape(adapter, 0, D3DKMT_ESCAPE_VIDMM, readonly, sizeof(escape)),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_vidmm(adapter, 0, LAST_HOOK, &escape), STATUS_NOT_SUPPORTED);
	EXPECT_STATUS(kmt_vidmm(adapter, 0, LAST_HOOK + 1, &escape), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_validate(adapter, 3), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_set_intervals(adapter, 2, 1, 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_set_intervals(adapter, 0, 1, 1), STATUS_INVALID_PARAMETER);
}

static void for_the_privileged(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, MIB);
	struct queue queue = need_queue(device);
	D3DKMT_VIDMM_ESCAPE escape;
	uint32_t type;

	need_resident(&queue, &a, 1);
	test_drop_root();
	for (type = FIRST_HOOK; type <= LAST_HOOK + 1; type++) {
		memset(&escape, 0, sizeof(escape));
		EXPECT_STATUS(kmt_vidmm(adapter, device, type, &escape), STATUS_ACCESS_DENIED);
	}
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
}

static void evict_what_is_named(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[3], resource,
		other = need_device_of(adapter), theirs = need_local(other, MIB);
	struct queue queue = need_queue(device);

	need_root();
	resource = need_resource(device, MIB, 2, list);
	list[2] = need_local(device, MIB);
	write_pattern(device, list[2], MIB, 1);
	need_resident(&queue, list, 3);
	EXPECT_STATUS(kmt_force_out(adapter, device, 0, list[2], 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[2]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[0]), RESIDENT_IN_GPU_MEMORY);
	expect_pattern(device, list[2], MIB, 1);
	EXPECT_STATUS(kmt_force_out(adapter, device, resource, 0, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[1]), NOT_RESIDENT);
	/* it is still required: asking for its place brings it back */
	need_resident(&queue, &list[2], 1);
	EXPECT_EQ(need_residency(device, list[2]), RESIDENT_IN_GPU_MEMORY);
	expect_pattern(device, list[2], MIB, 1);
	EXPECT_STATUS(kmt_evict(device, &list[2], 1, 0), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, &list[2], 1, 0), STATUS_SUCCESS);

	EXPECT_STATUS(kmt_force_out(adapter, device, resource, list[0], 0),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_force_out(adapter, device, 0, theirs, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_force_out(adapter, device, list[0], 0, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_force_out(adapter, 0, 0, list[0], 0), STATUS_INVALID_PARAMETER);
}

static void evict_a_process(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[3],
		mine = need_local(device, MIB);
	struct queue queue = need_queue(device);
	int up[2], down[2];
	char byte;
	pid_t child;
	uint32_t i;

	need_root();
	need_resident(&queue, &mine, 1);
	REQUIRE(!pipe(up) && !pipe(down));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		D3DKMT_HANDLE dev = need_device();
		struct queue q = need_queue(dev);

		need_allocations_in(dev, MIB, VDXG_SEGMENT_SET_ALL, 3, list);
		need_resident(&q, list, 3);
		REQUIRE(write(up[1], "", 1) == 1 && read(down[0], &byte, 1) == 1);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(need_residency(dev, list[i]), NOT_RESIDENT);
		test_exit();
	}
	REQUIRE(read(up[0], &byte, 1) == 1);
	EXPECT_STATUS(kmt_force_out(adapter, 0, 0, 0, child), STATUS_SUCCESS);
	REQUIRE(write(down[1], "", 1) == 1);
	EXPECT(!test_wait(child));
	EXPECT_EQ(need_residency(device, mine), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_force_out(adapter, 0, 0, 0, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, mine), NOT_RESIDENT);
	EXPECT_STATUS(kmt_force_out(adapter, 0, 0, 0, 0x7ffffff0), STATUS_INVALID_HANDLE);
}

static void evict_by_size(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[3];
	D3DKMT_VIDMM_ESCAPE escape = { .EvictByCriteria = { MIB, 2 * MIB, { { { 0, 0 } } } } };
	struct queue queue = need_queue(device);
	uint32_t i;

	need_root();
	for (i = 0; i < 3; i++)
		list[i] = need_local(device, (1ULL << i) * MIB);
	need_resident(&queue, list, 3);
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA, &escape),
		      STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[0]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[1]), NOT_RESIDENT);
	EXPECT_EQ(need_residency(device, list[2]), RESIDENT_IN_GPU_MEMORY);
	/* no primaries, so none is evicted */
	escape.EvictByCriteria.MaximumSize = 0;
	escape.EvictByCriteria.Value = 1;
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA, &escape),
		      STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[2]), RESIDENT_IN_GPU_MEMORY);
	escape.EvictByCriteria.Value = 0;
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA, &escape),
		      STATUS_SUCCESS);
	EXPECT_EQ(need_residency(device, list[2]), NOT_RESIDENT);
	escape.EvictByCriteria.Value = 2;
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_EVICT_BY_CRITERIA, &escape),
		      STATUS_INVALID_PARAMETER);
}

static void budget(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device, a, b;
	D3DKMT_VIDMM_ESCAPE escape = { 0 };
	uint64_t before = need_video_memory(adapter, LOCAL_GROUP).Budget;
	struct queue queue;

	need_root();
	/* without a device there is no account */
	EXPECT_STATUS(kmt_set_budget(adapter, MIB, MIB), STATUS_INVALID_PARAMETER);
	device = need_device_of(adapter);
	queue = need_queue(device);
	a = need_local(device, 2 * MIB);
	b = need_local(device, MIB);
	need_resident(&queue, &a, 1);
	EXPECT_STATUS(kmt_set_budget(adapter, 2 * MIB, MIB), STATUS_SUCCESS);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).Budget, 2 * MIB);
	EXPECT_EQ(need_video_memory(adapter, NON_LOCAL_GROUP).Budget, MIB);
	EXPECT_STATUS(kmt_make_resident(&queue, &b, 1, 0), STATUS_NO_MEMORY);
	EXPECT_STATUS(kmt_set_budget(adapter, MIB, MIB), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_GET_BUDGET, &escape),
		      STATUS_SUCCESS);
	EXPECT_EQ(escape.GetBudget.NumBytesToTrim, MIB);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	EXPECT_STATUS(kmt_set_budget(adapter, 0, 0), STATUS_SUCCESS);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).Budget, before);
	need_resident(&queue, &b, 1);
}

static void delay(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		a = need_local(device, MIB);
	D3DKMT_VIDMM_ESCAPE escape = { 0 };
	struct queue queue = need_queue(device);
	D3DDDI_MAKERESIDENT args;
	uint64_t first;

	need_root();
	first = need_delay(adapter, &queue, 200);
	EXPECT_EQ(first, 1);
	/* what comes after it waits for it, if it is still there */
	if (kmt_make_resident_args(&args, queue.handle, &a, 1, 0) == STATUS_PENDING)
		EXPECT_EQ(args.PagingFenceValue, first + 1);
	EXPECT_STATUS(kmt_wake(adapter, true), STATUS_SUCCESS);
	EXPECT(*queue.value >= first);
	wait_value(&queue, args.PagingFenceValue);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_GPU_MEMORY);
	first = *queue.value + 1;
	EXPECT_EQ(need_delay(adapter, &queue, 0), first);
	escape.DelayExecution.hPagingQueue = queue.handle;
	escape.DelayExecution.Milliseconds = 10001;
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_DELAYEXECUTION, &escape),
		      STATUS_INVALID_PARAMETER);
	escape.DelayExecution.hPagingQueue = device;
	escape.DelayExecution.Milliseconds = 1;
	EXPECT_STATUS(kmt_vidmm(adapter, 0, D3DKMT_VIDMMESCAPETYPE_DELAYEXECUTION, &escape),
		      STATUS_INVALID_PARAMETER);
}

/* an update behind a delay; a third of them cannot be done any more when its turn comes */
static void updates_wait(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), a;
	D3DDDI_UPDATEALLOCPROPERTY args = { 0 }, invalid;
	struct queue queue = need_queue(device);
	uint32_t state;
	NTSTATUS status;

	need_root();
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_ALL, 1, &a);
	write_pattern(device, a, MIB, 1);
	need_resident(&queue, &a, 1);
	need_delay(adapter, &queue, 300);
	args.hPagingQueue = queue.handle;
	args.hAllocation = a;
	args.SupportedSegmentSet = VDXG_SEGMENT_SET_APERTURE;
	args.SetSupportedSegmentSet = 1;
	invalid = args;
	invalid.PropertyMaskValue = 0;
	invalid.SetPreferredSegment = 1;
	invalid.PreferredSegment.Value = VDXG_SEGMENT_LOCAL;
	status = D3DKMTUpdateAllocationProperty(&args);
	if (status != STATUS_PENDING)
		test_skip("the delay was over before the update");
	EXPECT(args.PagingFenceValue > 1);
	status = D3DKMTUpdateAllocationProperty(&invalid);
	if (status != STATUS_PENDING)
		test_skip("the delay was over before the second update");
	EXPECT_EQ(invalid.PagingFenceValue, args.PagingFenceValue + 1);
	wait_value(&queue, invalid.PagingFenceValue);
	EXPECT_EQ(need_residency(device, a), RESIDENT_IN_SHARED_MEMORY);
	expect_pattern(device, a, MIB, 1);
	EXPECT_STATUS(kmt_device_state(device, &state), STATUS_SUCCESS);
	EXPECT_EQ(state, D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
}

/* a process and a device whose queue does not get on delay no other */
static void delays_nobody_else(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		second = need_device_of(adapter), a = need_local(second, MIB), b;
	struct queue queue = need_queue(device), other = need_queue(second);
	uint32_t ms = 200;
	uint64_t value;
	pid_t child;

	need_root();
	do {
		value = need_delay(adapter, &queue, ms);
		need_resident(&other, &a, 1);
		EXPECT_STATUS(kmt_evict(second, &a, 1, 0), STATUS_SUCCESS);
		child = fork();
		REQUIRE(child >= 0);
		if (!child) {
			D3DKMT_HANDLE theirs = need_device();
			struct queue q = need_queue(theirs);

			b = need_local(theirs, MIB);
			need_resident(&q, &b, 1);
			test_exit();
		}
		EXPECT(!test_wait(child));
		/* on a slow machine the delay has to be longer to show it */
		if (*queue.value < value)
			return;
		ms *= 2;
	} while (ms <= 10000);
	EXPECT(*queue.value < value);
}

static void integrity(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), list[4], b;
	struct queue queue = need_queue(device);
	uint32_t segment;

	need_root();
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_ALL, 4, list);
	need_allocations_in(device, MIB, VDXG_SEGMENT_SET_APERTURE, 1, &b);
	need_resident(&queue, list, 3);
	need_resident(&queue, &b, 1);
	need_lock(device, list[3]);
	EXPECT_STATUS(kmt_evict(device, list, 1, EVICT_ONLY_IF_NECESSARY), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_evict(device, list + 1, 1, 0), STATUS_SUCCESS);
	for (segment = 0; segment <= VDXG_SEGMENT_APERTURE; segment++)
		EXPECT_STATUS(kmt_validate(adapter, segment), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_list(device, list, 4), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_validate(adapter, 0), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(arguments, "bad arguments, unknown types, and the driver's own"),
	CASE(for_the_privileged, "test hooks are for the privileged: ACCESS_DENIED"),
	CASE(evict_what_is_named, "an allocation or a resource leaves although it is required"),
	CASE(evict_a_process, "everything of one process leaves, and of nobody else"),
	CASE(evict_by_size, "everything of a size leaves"),
	CASE(budget, "a budget that is set holds until it is taken back"),
	CASE(delay, "a paging queue can be delayed, and goes on in order"),
	CASE(updates_wait, "UpdateAllocationProperty queued: PENDING; one that cannot be done any more puts the device in error"),
	CASE(delays_nobody_else, "a paging queue that does not get on delays no other device or process"),
	CASE(integrity, "what is counted is what is there"),
};

TEST_MAIN(cases)
