// SPDX-License-Identifier: MIT
/*
 * create.c: CreateAllocation2 with private driver data: counts, sizes, resources, refusals
 */
#include "kmt.h"
#include "raw.h"

static void stand_alone(void)
{
	static const uint64_t sizes[] = { 1, 4095, 4096, 4097, 65536, 1 << 20 };
	D3DKMT_HANDLE device = need_device(), handle;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = need_allocation(device, sizes[i]);
		EXPECT(is_local_handle(handle));
		EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
	}
}

static void outputs(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.hGlobalShare = 0xdeadbeef,
		.NumAllocations = 1,
		.pAllocationInfo2 = &info,
	};

	vdxg_allocation_data_init(&data, 4096);
	REQUIRE_STATUS(D3DKMTCreateAllocation2(&create), STATUS_SUCCESS);
	EXPECT_EQ(create.hDevice, device);
	EXPECT_EQ(create.hResource, 0);
	EXPECT_EQ(create.hGlobalShare, 0);
	EXPECT_EQ(create.NumAllocations, 1);
	EXPECT(create.pAllocationInfo2 == &info);
	EXPECT(info.pPrivateDriverData == &data);
	EXPECT_EQ(info.PrivateDriverDataSize, sizeof(data));
	EXPECT(is_local_handle(info.hAllocation));
}

static void first_version(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data[3];
	D3DDDI_ALLOCATIONINFO info[3] = { 0 };
	D3DKMT_CREATEALLOCATION create = {
		.hDevice = device,
		.NumAllocations = 3,
		.pAllocationInfo = info,
	};
	unsigned char *p;
	int i;

	for (i = 0; i < 3; i++) {
		vdxg_allocation_data_init(&data[i], 4096 << i);
		info[i].pPrivateDriverData = &data[i];
		info[i].PrivateDriverDataSize = sizeof(data[i]);
	}
	SET_FLAGS(create.Flags, CREATE_RESOURCE);
	REQUIRE_STATUS(D3DKMTCreateAllocation(&create), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(info[i].hAllocation, create.hResource + (i + 1) * HANDLE_STEP);
		EXPECT(info[i].pPrivateDriverData == &data[i]);
		p = need_lock(device, info[i].hAllocation);
		EXPECT_EQ(test_touch(p + (4096 << i) - 1, true), 0);
	}
	EXPECT_STATUS(kmt_destroy_resource(device, create.hResource), STATUS_SUCCESS);
}

static void resource_without_allocations(void)
{
	D3DKMT_HANDLE device = need_device(), resource = 0, added;
	struct vdxg_allocation_data data;

	EXPECT_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, NULL, 0, 0, NULL),
		      STATUS_SUCCESS);
	EXPECT(is_local_handle(resource));
	vdxg_allocation_data_init(&data, 4096);
	EXPECT_STATUS(kmt_create(device, &resource, 0, &data, 0, 1, &added), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(device, added), STATUS_INVALID_PARAMETER);
}

static void nothing_without_resource(void)
{
	D3DKMT_HANDLE device = need_device();

	EXPECT_STATUS(kmt_create(device, NULL, 0, NULL, 0, 0, NULL), STATUS_INVALID_PARAMETER);
}

static void add_to_resource(void)
{
	D3DKMT_HANDLE device = need_device(), first[2], more[3], same;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 2, first);
	struct vdxg_allocation_data data;
	int i;

	same = resource;
	vdxg_allocation_data_init(&data, 4096);
	EXPECT_STATUS(kmt_create(device, &same, 0, &data, 0, 3, more), STATUS_SUCCESS);
	EXPECT_EQ(same, resource);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		EXPECT_STATUS(kmt_destroy_one(device, more[i]), STATUS_INVALID_PARAMETER);
}

static void add_to_shared_resource(void)
{
	static const uint32_t shared[] = { CREATE_SHARED,
					   CREATE_SHARED | CREATE_NT_SECURITY_SHARING };
	D3DKMT_HANDLE device = need_device(), handle, resource;
	struct vdxg_allocation_data data;
	struct live before;
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	for (i = 0; i < ARRAY_SIZE(shared); i++) {
		resource = 0;
		REQUIRE_STATUS(kmt_create(device, &resource, CREATE_RESOURCE | shared[i], &data, 0,
					  1, &handle),
			       STATUS_SUCCESS);
		before = count_live(device);
		EXPECT_STATUS(kmt_create(device, &resource, 0, &data, 0, 1, &handle),
			      STATUS_INVALID_PARAMETER);
		EXPECT_SAME_LIVE(count_live(device), before);
		EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	}
}

static void resource_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	D3DKMT_HANDLE device2 = need_device_of(adapter), owned, handle;
	D3DKMT_HANDLE resource = need_resource(device, 4096, 1, &owned);
	const D3DKMT_HANDLE bad[] = { 0x1eadbeed, 0xdeadbec0, owned, device, resource | 1 };
	struct vdxg_allocation_data data;
	D3DKMT_HANDLE in_out;
	struct live before;
	NTSTATUS status;
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	before = count_live(device);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		in_out = bad[i];
		EXPECT_STATUS(kmt_create(device, &in_out, 0, &data, 0, 1, &handle),
			      STATUS_INVALID_HANDLE);
		EXPECT_EQ(in_out, bad[i]);
		EXPECT_EQ(handle, 0);
		EXPECT_STATUS(kmt_create(device, &in_out, CREATE_RESOURCE, &data, 0, 1, &handle),
			      STATUS_INVALID_HANDLE);
	}
	/* one of another device: refused, with either status */
	in_out = resource;
	status = kmt_create(device2, &in_out, 0, &data, 0, 1, &handle);
	EXPECT(status == STATUS_INVALID_HANDLE || status == STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void private_data_bad(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	struct vdxg_allocation_data good, data;
	struct live before = count_live(device);

#define REFUSED(change)                                                          \
	do {                                                                     \
		data = good;                                                     \
		change;                                                          \
		EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), \
			      STATUS_INVALID_PARAMETER);                         \
		if (!EXPECT_EQ(handle, 0))                                       \
			test_note("with %s", #change);                           \
	} while (0)
	vdxg_allocation_data_init(&good, 4096);
	REFUSED(data.magic = 0);
	REFUSED(data.magic ^= 1);
	REFUSED(data.version = 0);
	REFUSED(data.version++);
	REFUSED(data.size = 0);
	REFUSED(data.size--);
	REFUSED(data.size++);
	REFUSED(data.bytes = 0);
	REFUSED(data.flags |= VDXG_ALLOC_FLAGS + 1);
	REFUSED(data.flags |= 0x80000000);
	REFUSED(data.alignment = 3);
	REFUSED(data.alignment = 4097);
	REFUSED(data.supported_segments = 1 << 2);
	REFUSED(data.supported_segments = 0x80000001);
	REFUSED(data.preferred_segments = 3);
	REFUSED(data.preferred_segments = 31);
	REFUSED(data.preferred_segments = 1 | 3 << 6);
	REFUSED(data.preferred_segments = 1 << 30);
	REFUSED(data.preferred_segments = 1U << 31);
	REFUSED(data.reserved[0] = 1);
	REFUSED(data.reserved[1] = 1);
	REFUSED(data.reserved[2] = 0x80000000);
#undef REFUSED
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void private_data_size_bad(void)
{
	static const uint32_t sizes[] = { 0,
					  1,
					  sizeof(struct vdxg_allocation_data) - 1,
					  sizeof(struct vdxg_allocation_data) + 1,
					  65536,
					  0x80000000,
					  0xffffffff };
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data[2];
	D3DDDI_ALLOCATIONINFO2 info = { .pPrivateDriverData = data };
	D3DKMT_CREATEALLOCATION create = { .hDevice = device,
					   .NumAllocations = 1,
					   .pAllocationInfo2 = &info };
	struct live before = count_live(device);
	size_t i;

	vdxg_allocation_data_init(&data[0], 4096);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		info.PrivateDriverDataSize = sizes[i];
		EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	}
	info.PrivateDriverDataSize = sizeof(data[0]);
	info.pPrivateDriverData = NULL;
	EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	info.pPrivateDriverData = test_unmapped();
	EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	info.pPrivateDriverData = test_straddle(sizeof(data[0]));
	EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void one_bad_of_many(void)
{
	D3DKMT_HANDLE device = need_device(), handles[8], resource = 0;
	struct live before = count_live(device);
	struct vdxg_allocation_data data[8];
	int bad, i;

	for (bad = 0; bad < 8; bad++) {
		for (i = 0; i < 8; i++)
			vdxg_allocation_data_init(&data[i], 4096);
		data[bad].magic = 0;
		EXPECT_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, data, 1, 8, handles),
			      STATUS_INVALID_PARAMETER);
		EXPECT_EQ(resource, 0);
		for (i = 0; i < 8; i++)
			EXPECT_EQ(handles[i], 0);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void size_absurd(void)
{
	static const uint64_t sizes[] = { 1ULL << 44,	       1ULL << 52,
					  1ULL << 63,	       ~0ULL,
					  ~0ULL - 4095,	       ~0ULL - 4096,
					  (1ULL << 32) * 4096, (1ULL << 32) * 4096 * 2 + 4096 };
	D3DKMT_HANDLE device = need_device(), handle;
	struct live before = count_live(device);
	struct vdxg_allocation_data data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		vdxg_allocation_data_init(&data, sizes[i]);
		if (!EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle),
				   STATUS_GRAPHICS_NO_VIDEO_MEMORY))
			test_note("size 0x%llx", (unsigned long long)sizes[i]);
		EXPECT_EQ(handle, 0);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void size_above_segment(void)
{
	D3DKMT_HANDLE device = need_device(), handle;
	struct vdxg_allocation_data data;
	uint32_t segment;

	for (segment = VDXG_SEGMENT_LOCAL; segment <= VDXG_SEGMENT_APERTURE; segment++) {
		vdxg_allocation_data_init(&data, need_capacity(segment));
		vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET(segment));
		EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, handle), STATUS_SUCCESS);
		data.bytes++;
		EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &handle),
			      STATUS_GRAPHICS_NO_VIDEO_MEMORY);
	}
}

/* If a failing call kept what it had committed, the amount would run out. */
static void failures_commit_nothing(void)
{
	D3DKMT_HANDLE device = need_device(), handles[2];
	struct vdxg_allocation_data data[2];
	int i;

	vdxg_allocation_data_init(&data[0], need_capacity(VDXG_SEGMENT_LOCAL) / 4);
	vdxg_allocation_data_init(&data[1], 4096);
	for (i = 0; i < 256; i++) {
		data[1].magic = 0;
		EXPECT_STATUS(kmt_create(device, NULL, 0, data, 1, 2, handles),
			      STATUS_INVALID_PARAMETER);
		data[1].magic = VDXG_ALLOCATION_MAGIC;
		data[1].bytes = ~0ULL;
		EXPECT_STATUS(kmt_create(device, NULL, 0, data, 1, 2, handles),
			      STATUS_GRAPHICS_NO_VIDEO_MEMORY);
		/* nor does a destroyed one */
		REQUIRE_STATUS(kmt_create(device, NULL, 0, data, 1, 1, handles), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, handles[0]), STATUS_SUCCESS);
	}
}

static void count_huge(void)
{
	static const uint32_t counts[] = { 65537, 0x02aaaaab, 0x10000000, 0x80000000, 0xffffffff };
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DDDI_ALLOCATIONINFO info1 = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DKMT_CREATEALLOCATION create = { .hDevice = device };
	struct live before = count_live(device);
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		create.NumAllocations = counts[i];
		create.pAllocationInfo2 = &info;
		EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
		create.pAllocationInfo = &info1;
		EXPECT_STATUS(D3DKMTCreateAllocation(&create), STATUS_INVALID_PARAMETER);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void flags_bad(void)
{
	static const uint32_t bad[] = {
		CREATE_PROTECTED,
		CREATE_WRITE_COMBINED,
		CREATE_CACHED,
		CREATE_OPEN_CROSS_ADAPTER,
		CREATE_SHARED,
		CREATE_NT_SECURITY_SHARING,
		CREATE_RESOURCE | CREATE_NT_SECURITY_SHARING,
		1U << 22,
		1U << 23,
		1U << 30,
		1U << 31,
	};
	D3DKMT_HANDLE device = need_device(), handle;
	struct live before = count_live(device);
	struct vdxg_allocation_data data;
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!EXPECT_STATUS(kmt_create(device, NULL, bad[i], &data, 0, 1, &handle),
				   STATUS_INVALID_PARAMETER))
			test_note("with flags 0x%x", bad[i]);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void allocation_info_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 good = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DDDI_ALLOCATIONINFO2 info;
	D3DKMT_CREATEALLOCATION create = { .hDevice = device,
					   .NumAllocations = 1,
					   .pAllocationInfo2 = &info };
	struct live before = count_live(device);
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	for (i = 0; i < 5; i++) {
		info = good;
		info.Reserved[i] = 1;
		EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	}
	for (i = 3; i < 32; i++) {
		info = good;
		SET_FLAGS(info.Flags, 1U << i);
		EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	}
	/* stereo needs primary */
	info = good;
	SET_FLAGS(info.Flags, 1U << 1);
	EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(device), before);
}

/* By the bare call: in a 32-bit program the library itself reads and writes the array. */
static void array_pointer_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	struct d3dddi_allocationinfo2 info[2], *end;
	struct d3dkmt_createallocation create = { .device.v = device, .alloc_count = 2 };
	struct live before = count_live(device);
	int i, raw = test_open();

	vdxg_allocation_data_init(&data, 4096);
	memset(info, 0, sizeof(info));
	for (i = 0; i < 2; i++) {
		info[i].priv_drv_data = (uintptr_t)&data;
		info[i].priv_drv_data_size = sizeof(data);
	}
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), -EINVAL);
	create.allocation_info = (uintptr_t)test_unmapped();
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), -EINVAL);
	/* only the first entry can be read */
	end = test_page_end(info, sizeof(info));
	create.allocation_info = (uintptr_t)(end + 1);
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), -EINVAL);
	/* the handles cannot be written */
	create.allocation_info = (uintptr_t)test_readonly(info, sizeof(info));
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), -EINVAL);
	create.flags = D3DKMT_CREATE_RESOURCE;
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), -EINVAL);
	EXPECT_EQ(create.resource.v, 0);
	EXPECT_SAME_LIVE(count_live(device), before);
	/* no byte beyond the array is touched */
	create.allocation_info = (uintptr_t)end;
	EXPECT_STATUS(raw_call(raw, LX_DXCREATEALLOCATION, &create), 0);
	EXPECT_STATUS(kmt_destroy_resource(device, create.resource.v), STATUS_SUCCESS);
}

static void runtime_data_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct vdxg_allocation_data data;
	D3DDDI_ALLOCATIONINFO2 info = { .pPrivateDriverData = &data,
					.PrivateDriverDataSize = sizeof(data) };
	D3DKMT_CREATEALLOCATION create = { .hDevice = device,
					   .NumAllocations = 1,
					   .pAllocationInfo2 = &info };
	struct live before = count_live(device);
	char byte = 0;
	const struct {
		void *pointer;
		uint32_t size;
	} bad[] = {
		{ NULL, 4 }, { test_unmapped(), 4 }, { test_straddle(4), 4 }, { &byte, 0xffffffff },
	};
	size_t i;

	vdxg_allocation_data_init(&data, 4096);
	SET_FLAGS(create.Flags, CREATE_RESOURCE);
	/* the runtime's, then the driver's own of a resource: nobody will read either */
	for (i = 0; i < 2 * ARRAY_SIZE(bad); i++) {
		bool runtime = i < ARRAY_SIZE(bad);
		void *pointer = bad[i % ARRAY_SIZE(bad)].pointer;
		uint32_t size = bad[i % ARRAY_SIZE(bad)].size;

		create.hResource = 0;
		create.pPrivateRuntimeData = runtime ? pointer : NULL;
		create.PrivateRuntimeDataSize = runtime ? size : 0;
		create.pPrivateDriverData = runtime ? NULL : pointer;
		create.PrivateDriverDataSize = runtime ? 0 : size;
		if (!EXPECT_STATUS(D3DKMTCreateAllocation2(&create), STATUS_INVALID_PARAMETER))
			test_note("%s, %u bytes at %p", runtime ? "runtime" : "driver", size, pointer);
	}
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void device_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), handle;
	D3DKMT_HANDLE allocation = need_allocation(device, 4096), gone = need_device_of(adapter);
	const D3DKMT_HANDLE bad[] = { 0, adapter, allocation, device | 1, 0xdeadbec0, gone };
	struct vdxg_allocation_data data;
	size_t i;

	REQUIRE_STATUS(kmt_destroy_device(gone), STATUS_SUCCESS);
	vdxg_allocation_data_init(&data, 4096);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_create(bad[i], NULL, 0, &data, 0, 1, &handle),
			      STATUS_INVALID_PARAMETER);
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTCreateAllocation(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreateAllocation2(NULL), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(stand_alone, "stand-alone allocations of odd and even sizes"),
	CASE(outputs, "only the outputs are written"),
	CASE(first_version, "CreateAllocation converts its array both ways"),
	CASE(resource_without_allocations, "an empty resource can be created and filled later"),
	CASE(nothing_without_resource, "no allocation and no resource is refused"),
	CASE(add_to_resource, "allocations can be added to a resource that is not shared"),
	CASE(add_to_shared_resource, "nothing can be added to a shared resource"),
	CASE(resource_bad, "a bogus, wrong-typed or foreign resource is refused"),
	CASE(private_data_bad, "private data that is not exactly right is refused"),
	CASE(private_data_size_bad, "private data of a wrong size, or unreadable, is refused"),
	CASE(one_bad_of_many, "one bad entry among eight: nothing is created"),
	CASE(size_absurd, "absurd and overflowing sizes are GRAPHICS_NO_VIDEO_MEMORY"),
	CASE(size_above_segment,
	     "more than the segment holds is GRAPHICS_NO_VIDEO_MEMORY, exactly as much is not"),
	CASE(failures_commit_nothing, "a failing call commits no memory"),
	CASE(count_huge, "huge counts are refused"),
	CASE(flags_bad, "reserved, kernel-only and contradictory flags are refused"),
	CASE(allocation_info_bad, "reserved fields and flags of an entry are refused"),
	CASE(array_pointer_bad,
	     "an unreadable or read-only array is refused and nothing is created"),
	CASE(runtime_data_bad, "unreadable or huge private data of a resource is refused"),
	CASE(device_bad, "a bogus, stale or wrong-typed device is refused"),
	CASE(null_argument, "NULL is refused"),
};

TEST_MAIN(cases)
