// SPDX-License-Identifier: MIT
/*
 * lock.c: Lock2 and Unlock2: pointers, counting, content, refusals
 *
 * vm-when: kernel=6.1|6.12|debug-all
 */
#include <signal.h>

#include "kmt.h"

#define PAGES 5

static void fill(volatile uint64_t *p, size_t bytes, uint64_t seed)
{
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		p[i] = seed + i * 0x9e3779b97f4a7c15ULL;
}

static bool holds(volatile uint64_t *p, size_t bytes, uint64_t seed)
{
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		if (p[i] != seed + i * 0x9e3779b97f4a7c15ULL)
			return false;
	return true;
}

static bool is_zero(volatile uint64_t *p, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		if (p[i])
			return false;
	return true;
}

static void T60_nested(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 4096);
	void *first = need_lock(device, allocation), *again;
	int i;

	for (i = 0; i < 10; i++) {
		EXPECT_STATUS(kmt_lock(device, allocation, &again), STATUS_SUCCESS);
		EXPECT(again == first);
	}
	for (i = 0; i < 10; i++) {
		EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
		EXPECT_EQ(test_touch(first, true), 0);
	}
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
	EXPECT_EQ(test_touch(first, false), SIGSEGV);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_INVALID_PARAMETER);
}

static void T60_unlock_without_lock(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 4096);

	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(test_touch(need_lock(device, allocation), true), 0);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_SUCCESS);
}

static void T60_flags(void)
{
	D3DKMT_HANDLE device = need_device(), allocation = need_allocation(device, 4096);
	int bit;

	for (bit = 0; bit < 32; bit++) {
		D3DKMT_LOCK2 lock = { .hDevice = device, .hAllocation = allocation };

		SET_FLAGS(lock.Flags, 1U << bit);
		EXPECT_STATUS(D3DKMTLock2(&lock), STATUS_INVALID_PARAMETER);
		EXPECT(!lock.pData);
	}
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_INVALID_PARAMETER);
}

static void zero_at_first(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	uint64_t *p;
	int round;

	/* the second round may get the memory of the first */
	for (round = 0; round < 2; round++) {
		allocation = need_allocation(device, PAGES * 4096);
		p = need_lock(device, allocation);
		EXPECT(is_zero(p, PAGES * 4096));
		fill(p, PAGES * 4096, 1);
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, DESTROY_SYNCHRONOUS),
			      STATUS_SUCCESS);
	}
}

static void content_stays(void)
{
	D3DKMT_HANDLE device = need_device(), list[4];
	uint64_t *p[4];
	int i, round;

	need_allocations(device, PAGES * 4096, 4, list);
	for (i = 0; i < 4; i++) {
		p[i] = need_lock(device, list[i]);
		fill(p[i], PAGES * 4096, i);
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4; i++)
			EXPECT(holds(p[i], PAGES * 4096, i));
		for (i = 0; i < 4; i++)
			EXPECT_STATUS(kmt_unlock(device, list[i]), STATUS_SUCCESS);
		for (i = 3; i >= 0; i--)
			p[i] = need_lock(device, list[i]);
	}
}

static void last_byte_and_no_further(void)
{
	static const uint64_t sizes[] = { 1, 4095, 4096, 4097, 3 * 4096, 65536, 1 << 20 };
	D3DKMT_HANDLE device = need_device();
	size_t i, pages;
	char *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = need_lock(device, need_allocation(device, sizes[i]));
		pages = (sizes[i] + 4095) & ~4095UL;
		EXPECT_EQ((uintptr_t)p % 4096, 0);
		EXPECT_EQ(test_touch(p, true), 0);
		EXPECT_EQ(test_touch(p + pages - 1, true), 0);
	}
}

static void segments(void)
{
	static const uint32_t sets[] = { 0, VDXG_SEGMENT_SET_LOCAL, VDXG_SEGMENT_SET_APERTURE,
					 VDXG_SEGMENT_SET_ALL };
	D3DKMT_HANDLE device = need_device(), allocation;
	struct vdxg_allocation_data data;
	uint32_t cached;
	uint64_t *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		for (cached = 0; cached < 2; cached++) {
			vdxg_allocation_data_init(&data, PAGES * 4096);
			vdxg_allocation_data_segments(&data, sets[i]);
			vdxg_allocation_data_flags(&data, VDXG_ALLOC_CPU_VISIBLE |
								  cached * VDXG_ALLOC_CACHED);
			REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &allocation),
				       STATUS_SUCCESS);
			p = need_lock(device, allocation);
			EXPECT(is_zero(p, PAGES * 4096));
			fill(p, PAGES * 4096, i);
			EXPECT(holds(p, PAGES * 4096, i));
			EXPECT_STATUS(kmt_destroy_one(device, allocation), STATUS_SUCCESS);
		}
	}
}

static void not_cpu_visible(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	struct vdxg_allocation_data data;
	void *p = NULL;

	vdxg_allocation_data_init(&data, 4096);
	vdxg_allocation_data_flags(&data, 0);
	REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &allocation), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_lock(device, allocation, &p), STATUS_INVALID_PARAMETER);
	EXPECT(!p);
	EXPECT_STATUS(kmt_unlock(device, allocation), STATUS_INVALID_PARAMETER);
}

static void handles_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE owned, resource = need_resource(device, 4096, 1, &owned);
	D3DKMT_HANDLE gone = need_allocation(device, 4096);
	const D3DKMT_HANDLE bad_devices[] = { 0, adapter, other, owned, device | 1, 0xdeadbec0 };
	const D3DKMT_HANDLE bad_allocations[] = { 0,	    adapter,   device,
						  resource, owned | 1, owned ^ 0xc0000000,
						  gone };
	void *p = NULL;
	size_t i;

	EXPECT_STATUS(kmt_destroy_one(device, gone), STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(bad_devices); i++) {
		EXPECT_STATUS(kmt_lock(bad_devices[i], owned, &p), STATUS_INVALID_PARAMETER);
		EXPECT(!p);
	}
	for (i = 0; i < ARRAY_SIZE(bad_allocations); i++) {
		EXPECT_STATUS(kmt_lock(device, bad_allocations[i], &p), STATUS_INVALID_PARAMETER);
		EXPECT(!p);
	}
	need_lock(device, owned);
	for (i = 0; i < ARRAY_SIZE(bad_devices); i++)
		EXPECT_STATUS(kmt_unlock(bad_devices[i], owned), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(bad_allocations); i++)
		EXPECT_STATUS(kmt_unlock(device, bad_allocations[i]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(device, owned), STATUS_SUCCESS);
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTLock2(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTUnlock2(NULL), STATUS_INVALID_PARAMETER);
}

static void T12_destroy_while_locked(void)
{
	D3DKMT_HANDLE device = need_device(), list[2];
	D3DKMT_HANDLE resource;
	char *p[2];
	int i;

	need_allocations(device, PAGES * 4096, 2, list);
	for (i = 0; i < 2; i++) {
		p[i] = need_lock(device, list[i]);
		/* twice: the count does not matter */
		need_lock(device, list[i]);
		p[i][4096] = 1;
	}
	EXPECT_STATUS(kmt_destroy_one(device, list[0]), STATUS_SUCCESS);
	EXPECT(test_gone(p[0] + 4096));
	EXPECT(test_gone(p[0] + PAGES * 4096 - 1));
	EXPECT_EQ(p[1][4096], 1);
	EXPECT_STATUS(kmt_unlock(device, list[0]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(device, list[1]), STATUS_SUCCESS);

	resource = need_resource(device, 4096, 2, list);
	for (i = 0; i < 2; i++)
		p[i] = need_lock(device, list[i]);
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
	for (i = 0; i < 2; i++)
		EXPECT(test_gone(p[i]));
}

static void many_at_once(void)
{
	enum { N = 500 };
	D3DKMT_HANDLE device = need_device(), list[N];
	uint64_t *p[N];
	int i;

	need_allocations(device, 4096, N, list);
	for (i = 0; i < N; i++) {
		p[i] = need_lock(device, list[i]);
		fill(p[i], 4096, i);
	}
	for (i = 0; i < N; i++)
		EXPECT(holds(p[i], 4096, i));
	for (i = 0; i < N; i += 2)
		EXPECT_STATUS(kmt_unlock(device, list[i]), STATUS_SUCCESS);
	for (i = 1; i < N; i += 2)
		EXPECT(holds(p[i], 4096, i));
	EXPECT_STATUS(kmt_destroy_list(device, list, N), STATUS_SUCCESS);
	for (i = 1; i < N; i += 2)
		if (!EXPECT(test_gone(p[i])))
			break;
}

/* what Lock2 maps comes and goes with the segment's size, not with what was ever locked */
static void more_than_the_segment_in_turn(void)
{
	D3DKMT_HANDLE device = need_device(), allocation;
	uint64_t size = need_capacity(VDXG_SEGMENT_LOCAL) / 4 & ~4095ULL;
	struct vdxg_allocation_data data;
	uint64_t *p;
	int i;

	if (size > 32 << 20)
		size = 32 << 20;
	for (i = 0; i < 6; i++) {
		vdxg_allocation_data_init(&data, size);
		vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_LOCAL);
		REQUIRE_STATUS(kmt_create(device, NULL, 0, &data, 0, 1, &allocation),
			       STATUS_SUCCESS);
		p = need_lock(device, allocation);
		p[size / 8 - 1] = i;
		EXPECT_STATUS(kmt_destroy(device, 0, &allocation, 1, DESTROY_SYNCHRONOUS),
			      STATUS_SUCCESS);
	}
}

static const struct test_case cases[] = {
	CASE(T60_nested, "nested locks give the same pointer and are counted"),
	CASE(T60_unlock_without_lock, "an unlock too many is refused"),
	CASE(T60_flags, "all flags are reserved"),
	CASE(zero_at_first, "memory reads zero at first, whoever had it before"),
	CASE(content_stays, "content stays over unlock and lock, and belongs to one allocation"),
	CASE(last_byte_and_no_further, "every byte up to the page's end can be written"),
	CASE(segments, "memory of each segment, cached or not"),
	CASE(not_cpu_visible, "an allocation that is not CPU visible cannot be locked"),
	CASE(handles_bad, "bad and foreign handles are refused"),
	CASE(null_argument, "NULL is refused"),
	CASE(T12_destroy_while_locked,
	     "destroying a locked allocation succeeds; its address is gone"),
	CASE(many_at_once, "500 locked allocations"),
	CASE(more_than_the_segment_in_turn, "destroyed memory is there again for the next"),
};

TEST_MAIN(cases)
