// SPDX-License-Identifier: MIT
/*
 * create_standard.c: standard allocations over existing system memory, as measured on Windows
 *
 * Every row runs through CreateAllocation2 and through the first CreateAllocation, whose array
 * entries are smaller.
 *
 * vm-when: kernel=6.1|6.12|debug-all
 */
#include "kmt.h"

#define HEAP 0x10000

/* the call of row A2, which succeeds; the rows vary it */
struct base {
	D3DKMT_CREATEALLOCATION create;
	D3DKMT_CREATESTANDARDALLOCATION standard;
	D3DDDI_ALLOCATIONINFO v1[2];
	D3DDDI_ALLOCATIONINFO2 v2[2];
	void *memory;
	int version;
};

static void base_init(struct base *b, int version, D3DKMT_HANDLE device)
{
	int i;

	memset(b, 0, sizeof(*b));
	b->version = version;
	b->memory = test_pages(HEAP);
	b->standard.Type = D3DKMT_STANDARDALLOCATIONTYPE_EXISTINGHEAP;
	b->standard.ExistingHeapData.Size = HEAP;
	b->create.hDevice = device;
	b->create.hGlobalShare = 0xdeadbeef;
	b->create.pStandardAllocation = &b->standard;
	b->create.NumAllocations = 1;
	for (i = 0; i < 2; i++) {
		b->v1[i].pSystemMem = b->memory;
		b->v2[i].pSystemMem = b->memory;
	}
	if (version == 1)
		b->create.pAllocationInfo = b->v1;
	else
		b->create.pAllocationInfo2 = b->v2;
	SET_FLAGS(b->create.Flags, CREATE_EXISTING_SYSMEM | CREATE_STANDARD_ALLOCATION);
}

static NTSTATUS base_create(struct base *b)
{
	return b->version == 1 ? D3DKMTCreateAllocation(&b->create) :
				 D3DKMTCreateAllocation2(&b->create);
}

static D3DKMT_HANDLE base_handle(const struct base *b)
{
	return b->version == 1 ? b->v1[0].hAllocation : b->v2[0].hAllocation;
}

static void add_flags(struct base *b, uint32_t flags)
{
	SET_FLAGS(b->create.Flags, CREATE_EXISTING_SYSMEM | CREATE_STANDARD_ALLOCATION | flags);
}

/* for (version: both) with a fresh base each time */
#define EACH_VERSION(b, device) \
	for (int version = 1; version <= 2 && (base_init(b, version, device), 1); version++)

/* refused with @status, no handle given, nothing created */
static void expect_refused(struct base *b, D3DKMT_HANDLE device, NTSTATUS status)
{
	struct live before = count_live(device);

	if (!EXPECT_STATUS(base_create(b), status))
		test_note("through CreateAllocation, version %d", b->version);
	EXPECT_EQ(base_handle(b), 0);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static void A1_all_zero(void)
{
	D3DKMT_CREATEALLOCATION zero = { 0 };

	need_device();
	EXPECT_STATUS(D3DKMTCreateAllocation(&zero), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTCreateAllocation2(&zero), STATUS_INVALID_PARAMETER);
}

static void A2_base(void)
{
	D3DKMT_HANDLE device = need_device();
	HANDLE runtime = (HANDLE)(uintptr_t)0x1234567;
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.hPrivateRuntimeResourceHandle = runtime;
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT_EQ(b.create.hGlobalShare, 0);
		EXPECT_EQ(b.create.hResource, 0);
		EXPECT(is_local_handle(base_handle(&b)));
		EXPECT(b.create.hPrivateRuntimeResourceHandle == runtime);
		EXPECT_STATUS(kmt_destroy_one(device, base_handle(&b)), STATUS_SUCCESS);
	}
}

static void A3_sizes_stay_zero(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT_EQ(b.create.PrivateRuntimeDataSize, 0);
		EXPECT_EQ(b.create.PrivateDriverDataSize, 0);
		EXPECT_EQ(b.v1[0].PrivateDriverDataSize, 0);
		EXPECT_EQ(b.v2[0].PrivateDriverDataSize, 0);
	}
}

static void A4_private_driver_data_6_bytes(void)
{
	D3DKMT_HANDLE device = need_device();
	char data[6] = "12345";
	struct base b;

	EACH_VERSION(&b, device) {
		b.v1[0].pPrivateDriverData = b.v2[0].pPrivateDriverData = data;
		b.v1[0].PrivateDriverDataSize = b.v2[0].PrivateDriverDataSize = sizeof(data);
		EXPECT_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT(is_local_handle(base_handle(&b)));
		EXPECT(!strcmp(data, "12345"));
	}
}

static void A5_private_runtime_data(void)
{
	D3DKMT_HANDLE device = need_device();
	char data[4] = "abc";
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.pPrivateRuntimeData = data;
		b.create.PrivateRuntimeDataSize = sizeof(data);
		EXPECT_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT(is_local_handle(base_handle(&b)));
	}
}

static void A6_private_driver_data_size(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.PrivateDriverDataSize = 64;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A7_no_device(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.hDevice = 0;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A8_bogus_resource(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.hResource = 0x1eadbeed;
		expect_refused(&b, device, STATUS_INVALID_HANDLE);
		add_flags(&b, CREATE_RESOURCE);
		expect_refused(&b, device, STATUS_INVALID_HANDLE);
	}
}

static void A9_no_allocations(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.NumAllocations = 0;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		add_flags(&b, CREATE_RESOURCE);
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A10_type_0(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.standard.Type = 0;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		b.standard.Type = 99;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A11_no_memory_given(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.v1[0].pSystemMem = b.v2[0].pSystemMem = NULL;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A12_two_allocations(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.NumAllocations = 2;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A13_size_not_whole_pages(void)
{
	static const size_t sizes[] = { 0x1100, 0, 1, 0xfff, HEAP - 1 };
	D3DKMT_HANDLE device = need_device();
	struct base b;
	size_t i;

	EACH_VERSION(&b, device) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			b.standard.ExistingHeapData.Size = sizes[i];
			expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		}
	}
}

static void A14_one_flag_without_the_other(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		SET_FLAGS(b.create.Flags, CREATE_STANDARD_ALLOCATION);
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		SET_FLAGS(b.create.Flags, CREATE_EXISTING_SYSMEM);
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A15_shared_without_resource(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		add_flags(&b, CREATE_SHARED);
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		add_flags(&b, CREATE_SHARED | CREATE_NT_SECURITY_SHARING);
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void A16_resource(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		add_flags(&b, CREATE_RESOURCE);
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT_EQ(b.create.hGlobalShare, 0);
		EXPECT(is_local_handle(b.create.hResource));
		EXPECT(is_local_handle(base_handle(&b)));
		EXPECT_EQ(base_handle(&b), b.create.hResource + HANDLE_STEP);
		EXPECT_STATUS(kmt_destroy_resource(device, b.create.hResource), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_one(device, base_handle(&b)), STATUS_INVALID_PARAMETER);
	}
}

static void A17_add_to_resource(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE resource;
	struct base b;

	EACH_VERSION(&b, device) {
		add_flags(&b, CREATE_RESOURCE);
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		resource = b.create.hResource;

		base_init(&b, version, device);
		b.create.hResource = resource;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	}
}

static void A18_shared(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		add_flags(&b, CREATE_RESOURCE | CREATE_SHARED);
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT(is_global_handle(b.create.hGlobalShare));
		EXPECT(is_local_handle(b.create.hResource));
		EXPECT_STATUS(kmt_destroy_resource(device, b.create.hResource), STATUS_SUCCESS);
	}
}

static void A19_shared_by_nt_handle(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		add_flags(&b, CREATE_RESOURCE | CREATE_SHARED | CREATE_NT_SECURITY_SHARING);
		REQUIRE_STATUS(base_create(&b), STATUS_SUCCESS);
		EXPECT_EQ(b.create.hGlobalShare, 0);
		EXPECT(is_local_handle(b.create.hResource));
		EXPECT_STATUS(kmt_destroy_resource(device, b.create.hResource), STATUS_SUCCESS);
	}
}

static void memory_not_page_aligned(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.standard.ExistingHeapData.Size = 0x1000;
		b.v1[0].pSystemMem = b.v2[0].pSystemMem = (char *)b.memory + 64;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void standard_pointer_bad(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	EACH_VERSION(&b, device) {
		b.create.pStandardAllocation = NULL;
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		b.create.pStandardAllocation = test_unmapped();
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		b.create.pStandardAllocation = test_straddle(sizeof(b.standard));
		expect_refused(&b, device, STATUS_INVALID_PARAMETER);
	}
}

static void info_reserved(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;

	base_init(&b, 2, device);
	b.v2[0].Reserved[4] = 1;
	expect_refused(&b, device, STATUS_INVALID_PARAMETER);
}

static void standard_flags_reserved(void)
{
	D3DKMT_HANDLE device = need_device();
	struct base b;
	int bit;

	EACH_VERSION(&b, device) {
		for (bit = 0; bit < 32; bit += 5) {
			SET_FLAGS(b.standard.Flags, 1U << bit);
			expect_refused(&b, device, STATUS_INVALID_PARAMETER);
		}
	}
}

static const struct test_case cases[] = {
	CASE(A1_all_zero, "an all-zero structure is refused"),
	CASE(A2_base, "the base case gives a local handle and clears hGlobalShare"),
	CASE(A3_sizes_stay_zero, "sizes given as 0 stay 0"),
	CASE(A4_private_driver_data_6_bytes, "6 bytes of private data per allocation are accepted"),
	CASE(A5_private_runtime_data, "private runtime data without a resource is accepted"),
	CASE(A6_private_driver_data_size, "private data of the resource is refused"),
	CASE(A7_no_device, "hDevice 0 is refused"),
	CASE(A8_bogus_resource, "a bogus hResource is INVALID_HANDLE, with CreateResource or not"),
	CASE(A9_no_allocations, "NumAllocations 0 is refused, with CreateResource or not"),
	CASE(A10_type_0, "standard type 0, and an unknown one, are refused"),
	CASE(A11_no_memory_given, "pSystemMem NULL is refused"),
	CASE(A12_two_allocations, "two standard allocations at once are refused"),
	CASE(A13_size_not_whole_pages, "a size that is not whole pages is refused"),
	CASE(A14_one_flag_without_the_other, "ExistingSysMem and StandardAllocation only together"),
	CASE(A15_shared_without_resource, "CreateShared without CreateResource is refused"),
	CASE(A16_resource, "CreateResource numbers the resource before its allocation"),
	CASE(A17_add_to_resource, "a standard allocation cannot be added to a resource"),
	CASE(A18_shared, "CreateShared gives a global handle"),
	CASE(A19_shared_by_nt_handle, "with NtSecuritySharing there is no global handle"),
	CASE(memory_not_page_aligned, "pSystemMem within a page is refused"),
	CASE(standard_pointer_bad, "a NULL, unmapped or cut-off description is refused"),
	CASE(info_reserved, "reserved words of the description must be 0"),
	CASE(standard_flags_reserved, "reserved flags of the description are refused"),
};

TEST_MAIN(cases)
