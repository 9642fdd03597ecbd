// SPDX-License-Identifier: MIT
/*
 * gpuva_map.c: ReserveGpuVirtualAddress, MapGpuVirtualAddress, FreeGpuVirtualAddress: which ranges there
 * are, and what is refused. What the GPU sees there is in gpuva_engine.c.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "gpuva.h"

#define BASE	0x40000000ULL

/* what most cases begin with */
struct world {
	D3DKMT_HANDLE adapter;
	D3DKMT_HANDLE device;
	D3DKMT_HANDLE allocation;
	struct queue queue;
};

static struct world need_world(void)
{
	struct world w = { .adapter = need_adapter() };

	w.device = need_device_of(w.adapter);
	w.queue = need_queue(w.device);
	w.allocation = need_allocation(w.device, 16 * PAGE);
	return w;
}

static void T50_base_in_use(void)
{
	struct world w = need_world();
	uint64_t at;

	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, 2 * UNIT, RESERVE_ZERO, &at), STATUS_SUCCESS);
	EXPECT_EQ(at, BASE);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, 2 * UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE + UNIT, UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE - UNIT, 2 * UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE + 2 * UNIT, UNIT, RESERVE_NO_ACCESS, &at),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE - UNIT, UNIT, RESERVE_NO_ACCESS, &at),
		      STATUS_SUCCESS);
}

static void T50_alignment(void)
{
	struct world w = need_world();
	D3DDDI_RESERVEGPUVIRTUALADDRESS reserve = { .hAdapter = w.adapter, .Size = UNIT };
	uint64_t at;

	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE + PAGE, UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, UNIT + PAGE, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	reserve.MinimumAddress = PAGE;
	EXPECT_STATUS(D3DKMTReserveGpuVirtualAddress(&reserve), STATUS_INVALID_PARAMETER);
	/* of the maximum programs give the last address that they want */
	reserve.MinimumAddress = BASE;
	reserve.MaximumAddress = BASE + 2 * UNIT - 1;
	EXPECT_STATUS(D3DKMTReserveGpuVirtualAddress(&reserve), STATUS_SUCCESS);
	EXPECT_EQ(reserve.VirtualAddress, BASE);
	EXPECT_STATUS(D3DKMTReserveGpuVirtualAddress(&reserve), STATUS_NO_MEMORY);
	EXPECT_EQ(need_reservation(w.adapter, UNIT, RESERVE_ZERO) % UNIT, 0);
	EXPECT_EQ(need_mapping(w.queue.handle, w.allocation, 1) % UNIT, 0);
}

static void reserve_bad_input(void)
{
	struct world w = need_world();
	uint64_t at;

	EXPECT_STATUS(kmt_reserve_va(0, BASE, UNIT, RESERVE_ZERO, &at), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.device, BASE, UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, 0, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, UNIT, RESERVE_NO_COMMIT, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE, UNIT, ~0U, &at), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, VA_END, UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, VA_END - UNIT, 2 * UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, -UNIT, 2 * UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, UNIT, -UNIT, RESERVE_ZERO, &at),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_reserve_va(w.adapter, 0, VA_END, RESERVE_ZERO, &at), STATUS_NO_MEMORY);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
}

static void reserve_by_queue(void)
{
	struct world w = need_world();
	uint64_t at = need_reservation(w.queue.handle, UNIT, RESERVE_ZERO);

	EXPECT(!va_is_free(w.adapter, at, UNIT));
	EXPECT_STATUS(kmt_free_va(w.adapter, at, UNIT), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, at, UNIT));
}

static void base_beats_limits(void)
{
	struct world w = need_world();
	D3DDDI_RESERVEGPUVIRTUALADDRESS reserve = {
		.hAdapter = w.adapter,
		.Size = UNIT,
		.BaseAddress = BASE,
		.MinimumAddress = 2 * BASE + 1,
		.MaximumAddress = UNIT,
	};

	EXPECT_STATUS(D3DKMTReserveGpuVirtualAddress(&reserve), STATUS_SUCCESS);
	EXPECT_EQ(reserve.VirtualAddress, BASE);
}

static void T51_nothing_has_no_allocation(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE q = w.queue.handle;
	uint64_t at;

	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 1, PROTECT_ZERO, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 1, PROTECT_NO_ACCESS, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, 0, BASE, 1, PROTECT_WRITE, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, 0, BASE, 1, PROTECT_ZERO | PROTECT_NO_ACCESS, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, 0, 0, 1, PROTECT_ZERO, &at), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, 0, BASE, 1, PROTECT_NO_ACCESS, NULL), STATUS_SUCCESS);
}

static void T51_nothing_over_what_was_mapped(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE q = w.queue.handle;
	uint64_t mapped = need_mapping(q, w.allocation, 4);
	uint64_t reserved = need_reservation(w.adapter, UNIT, RESERVE_NO_ACCESS);

	EXPECT_STATUS(kmt_map_va(q, 0, mapped, 1, PROTECT_ZERO, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, 0, mapped, 4, PROTECT_NO_ACCESS, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, reserved, 4, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, 0, reserved, 1, PROTECT_ZERO, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, 0, reserved + PAGE, 2, PROTECT_NO_ACCESS, NULL),
		      STATUS_SUCCESS);
}

static void map_where(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE q = w.queue.handle;
	uint64_t at;

	/* in free space, anew over all of it or part of it */
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 8, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 8, PROTECT_WRITE, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + 2 * PAGE, 3, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 8, 0, NULL), STATUS_SUCCESS);
	/* not partly */
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + 7 * PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE - PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	/* not over two ranges */
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + 8 * PAGE, 8, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + 7 * PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	/* of a reservation, in it */
	EXPECT_STATUS(kmt_reserve_va(w.adapter, BASE + UNIT, UNIT, RESERVE_ZERO, &at),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT + 15 * PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT - PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
}

static void map_limits(void)
{
	struct world w = need_world();
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = w.queue.handle,
		.hAllocation = w.allocation,
		.SizeInPages = 2,
		.MinimumAddress = BASE + PAGE,
		.MaximumAddress = BASE + UNIT + 2 * PAGE,
	};

	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	EXPECT_EQ(map.VirtualAddress, BASE + UNIT);
	EXPECT_STATUS(kmt_map_args(&map), STATUS_NO_MEMORY);
	map.MaximumAddress = ~0ULL;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	EXPECT_EQ(map.VirtualAddress, BASE + 2 * UNIT);
	map.MinimumAddress = BASE + 1;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
	map.MinimumAddress = BASE;
	map.MaximumAddress = BASE;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
}

static void map_bad_input(void)
{
	static const struct {
		const char *what;
		uint64_t base, offset, pages, protection, reserved1;
		uint32_t reserved0;
	} bad[] = {
		{ "no pages", .pages = 0 },
		{ "more pages than it has", .pages = 17 },
		{ "beyond its end", .pages = 2, .offset = 15 },
		{ "an offset at its end", .pages = 1, .offset = 16 },
		{ "an end that wraps", .pages = 2, .offset = ~0ULL },
		{ "an end that wraps in bytes", .pages = 1, .offset = 1ULL << 52 },
		{ "so many pages that bytes wrap", .pages = (1ULL << 52) + 1 },
		{ "all pages", .pages = ~0ULL },
		{ "a base within a page", .base = BASE + 1, .pages = 1 },
		{ "a base beyond the end", .base = VA_END, .pages = 1 },
		{ "an end beyond the end", .base = VA_END - PAGE, .pages = 2 },
		{ "a base in the first unit", .base = PAGE, .pages = 1 },
		{ "system use", .pages = 1, .protection = PROTECT_SYSTEM_USE_ONLY },
		{ "an unknown protection", .pages = 1, .protection = 1ULL << 63 },
		{ "Reserved0", .pages = 1, .reserved0 = 1 },
		{ "Reserved1", .pages = 1, .reserved1 = 1ULL << 40 },
	};
	struct world w = need_world();
	D3DKMT_HANDLE other = need_allocation(need_device(), PAGE);
	D3DDDI_MAPGPUVIRTUALADDRESS map;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&map, 0, sizeof(map));
		map.hPagingQueue = w.queue.handle;
		map.hAllocation = w.allocation;
		map.BaseAddress = bad[i].base;
		map.OffsetInPages = bad[i].offset;
		map.SizeInPages = bad[i].pages;
		map.Protection.Value = bad[i].protection;
		map.Reserved0 = bad[i].reserved0;
		map.Reserved1 = bad[i].reserved1;
		if (!EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER))
			test_note("with %s", bad[i].what);
	}
	EXPECT_STATUS(kmt_map_va(0, w.allocation, 0, 1, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(w.device, w.allocation, 0, 1, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.device, 0, 1, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(w.queue.handle, other, 0, 1, 0, NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, VA_END - PAGE, 1, 0, NULL),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, 0, 16, 0xf & ~0xcULL, NULL),
		      STATUS_SUCCESS);
}

static void bad_pointers(void)
{
	struct world w = need_world();
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = w.queue.handle,
		.BaseAddress = BASE,
		.hAllocation = w.allocation,
		.SizeInPages = 16,
	};
	D3DDDI_RESERVEGPUVIRTUALADDRESS reserve = {
		.hAdapter = w.adapter,
		.BaseAddress = BASE,
		.Size = UNIT,
	};

	/* the answer cannot be written: nothing has happened */
	EXPECT_STATUS(D3DKMTMapGpuVirtualAddress(test_readonly(&map, sizeof(map))),
		      STATUS_UNSUCCESSFUL);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
	EXPECT_STATUS(D3DKMTReserveGpuVirtualAddress(test_readonly(&reserve, sizeof(reserve))),
		      STATUS_UNSUCCESSFUL);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
	map.BaseAddress = 0;
	map.MinimumAddress = BASE;
	map.MaximumAddress = BASE + UNIT;
	EXPECT_STATUS(D3DKMTMapGpuVirtualAddress(test_readonly(&map, sizeof(map))),
		      STATUS_UNSUCCESSFUL);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
}

static void T52_unique_protection(void)
{
	const uint64_t unique = D3DGPU_UNIQUE_DRIVER_PROTECTION;
	struct world w = need_world();
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = w.queue.handle,
		.hAllocation = w.allocation,
		.SizeInPages = 4,
		.DriverProtection = unique | 1,
	};
	uint64_t at = need_reservation(w.adapter, UNIT, RESERVE_ZERO);

	map.BaseAddress = at;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	/* elsewhere, the same pages */
	map.BaseAddress = 0;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_free_va(w.adapter, map.VirtualAddress, 4 * PAGE), STATUS_SUCCESS);
	map.DriverProtection = unique | 2;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
	map.DriverProtection = 1;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
	map.OffsetInPages = 3;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
	map.OffsetInPages = 4;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	/* only no access lets it change */
	map.OffsetInPages = 0;
	map.BaseAddress = at;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_map_va(w.queue.handle, 0, at, 4, PROTECT_NO_ACCESS, NULL),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
}

static void protection_may_change(void)
{
	struct world w = need_world();
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = w.queue.handle,
		.hAllocation = w.allocation,
		.SizeInPages = 4,
		.BaseAddress = BASE,
		.DriverProtection = 1,
	};

	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	map.DriverProtection = 2;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	map.BaseAddress = BASE + UNIT;
	map.DriverProtection = 3;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_SUCCESS);
	map.DriverProtection = D3DGPU_UNIQUE_DRIVER_PROTECTION;
	EXPECT_STATUS(kmt_map_args(&map), STATUS_INVALID_PARAMETER);
}

static void T53_free_and_reserve_again(void)
{
	struct world w = need_world();
	uint64_t at, i;

	for (i = 0; i < 100; i++) {
		REQUIRE_STATUS(kmt_reserve_va(w.adapter, BASE, UNIT, RESERVE_ZERO, &at),
			       STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 3, 0, NULL),
			       STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_free_va(w.adapter, BASE, UNIT), STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 16, 0, NULL),
			       STATUS_SUCCESS);
		REQUIRE_STATUS(kmt_free_va(w.adapter, BASE, UNIT), STATUS_SUCCESS);
	}
	at = need_reservation(w.adapter, UNIT, RESERVE_ZERO);
	REQUIRE_STATUS(kmt_free_va(w.adapter, at, UNIT), STATUS_SUCCESS);
	EXPECT_EQ(need_reservation(w.adapter, UNIT, RESERVE_ZERO), at);
}

static void free_parts(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE q = w.queue.handle;
	uint64_t at;

	/* the middle of a reservation: what is left are two */
	REQUIRE_STATUS(kmt_reserve_va(w.adapter, BASE, 3 * UNIT, RESERVE_ZERO, &at),
		       STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT - PAGE, 2, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE + UNIT, UNIT), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, BASE + UNIT, UNIT));
	EXPECT(!va_is_free(w.adapter, BASE, UNIT));
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + 2 * UNIT, 2, 0, NULL), STATUS_SUCCESS);
	/* over the hole */
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE, 3 * UNIT), STATUS_INVALID_PARAMETER);
	EXPECT(!va_is_free(w.adapter, BASE, UNIT));
	/* what has been mapped there since is no part of either */
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + UNIT - PAGE, 2, 0, NULL),
		      STATUS_INVALID_PARAMETER);
	/* all three at once */
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE, 3 * UNIT), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, BASE, 3 * UNIT));
	/* single pages of a mapping */
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE + PAGE, PAGE), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE + PAGE, 1, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, w.allocation, BASE, 2, 0, NULL), STATUS_INVALID_PARAMETER);
}

static void free_bad_input(void)
{
	struct world w = need_world();
	uint64_t at = need_mapping(w.queue.handle, w.allocation, 16);

	EXPECT_STATUS(kmt_free_va(0, at, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.device, at, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, 0), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at + 8, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, PAGE + 8), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, UNIT + PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, -at), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, -PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, -PAGE, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, VA_END, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(w.adapter, at, UNIT), STATUS_INVALID_PARAMETER);
}

static void free_without_device(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	uint64_t at;

	EXPECT_STATUS(kmt_free_va(adapter, BASE, UNIT), STATUS_INVALID_PARAMETER);
	/* the space is the process's: no device is needed */
	at = need_reservation(adapter, UNIT, RESERVE_NO_ACCESS);
	EXPECT_STATUS(kmt_free_va(need_adapter(), at, UNIT), STATUS_SUCCESS);
}

static void T11_destroy_frees(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE q = w.queue.handle, other = need_allocation(w.device, 16 * PAGE);
	struct usage before = need_usage();
	D3DKMT_HANDLE mapped = need_allocation(w.device, 16 * PAGE);
	uint64_t at = need_reservation(w.adapter, UNIT, RESERVE_ZERO);

	EXPECT_STATUS(kmt_map_va(q, mapped, BASE, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, mapped, BASE + UNIT, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_map_va(q, mapped, at, 16, 0, NULL), STATUS_SUCCESS);
	/* part of a range that another allocation has too */
	EXPECT_STATUS(kmt_map_va(q, other, BASE + UNIT + PAGE, 1, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(w.device, mapped), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
	EXPECT(!va_is_free(w.adapter, BASE + UNIT, UNIT));
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE + UNIT, PAGE), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(w.adapter, BASE + UNIT + PAGE, PAGE), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, BASE + UNIT, UNIT));
	/* the reservation stays */
	EXPECT(!va_is_free(w.adapter, at, UNIT));
	EXPECT_STATUS(kmt_map_va(q, other, at, 16, 0, NULL), STATUS_SUCCESS);
	expect_usage_back(before);
}

static void destroy_device_frees(void)
{
	struct world w = need_world();
	D3DKMT_HANDLE second = need_device_of(w.adapter);
	uint64_t reserved = need_reservation(w.queue.handle, UNIT, RESERVE_ZERO);

	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(w.device), STATUS_SUCCESS);
	EXPECT(va_is_free(w.adapter, BASE, UNIT));
	/* that was the process's, not the device's */
	EXPECT(!va_is_free(w.adapter, reserved, UNIT));
	EXPECT_STATUS(kmt_free_va(w.adapter, reserved, UNIT), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(second), STATUS_SUCCESS);
}

static void devices_share_a_space(void)
{
	struct world w = need_world();
	struct world other = need_world();
	D3DKMT_HANDLE q = other.queue.handle;

	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	EXPECT(!va_is_free(other.adapter, BASE, UNIT));
	EXPECT_STATUS(kmt_map_va(q, other.allocation, BASE, 1, 0, NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(w.device), STATUS_SUCCESS);
	EXPECT(!va_is_free(other.adapter, BASE, UNIT));
	EXPECT_STATUS(kmt_free_va(other.adapter, BASE, PAGE), STATUS_SUCCESS);
	EXPECT(va_is_free(other.adapter, BASE, UNIT));
}

static void processes_do_not(void)
{
	struct world w = need_world();
	pid_t child;

	EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 16, 0, NULL), STATUS_SUCCESS);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		EXPECT(va_is_free(need_adapter(), BASE, UNIT));
		w = need_world();
		EXPECT_STATUS(kmt_map_va(w.queue.handle, w.allocation, BASE, 16, 0, NULL),
			      STATUS_SUCCESS);
		/* exits with all of it mapped */
		test_exit();
	}
	EXPECT_EQ(test_wait(child), 0);
	EXPECT(!va_is_free(w.adapter, BASE, UNIT));
}

static void gpummu_caps(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_QUERY_GPUMMU_CAPS caps = { 0 };
	uint64_t at;

	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_QUERY_GPUMMU_CAPS, &caps, sizeof(caps)),
		      STATUS_SUCCESS);
	REQUIRE(caps.Caps.VirtualAddressBitCount == VA_BITS);
	EXPECT_STATUS(kmt_reserve_va(adapter, (1ULL << caps.Caps.VirtualAddressBitCount) - UNIT,
				     UNIT, RESERVE_ZERO, &at), STATUS_SUCCESS);
}

static const struct test_case cases[] = {
	CASE(T50_base_in_use, "a range that meets another one is refused, one that touches it is not"),
	CASE(T50_alignment, "reservations are in units of 64 KiB; a maximum may be the last address"),
	CASE(reserve_bad_input, "each field of a reservation, one at a time"),
	CASE(reserve_by_queue, "a paging queue names the space as well as an adapter does"),
	CASE(base_beats_limits, "with a base the minimum and the maximum do not count"),
	CASE(T51_nothing_has_no_allocation, "Zero and NoAccess go without an allocation, memory with one"),
	CASE(T51_nothing_over_what_was_mapped, "Zero and NoAccess need free space or a reservation"),
	CASE(map_where, "a mapping is in free space, or wholly in one range"),
	CASE(map_limits, "minimum and maximum of a mapping, in pages"),
	CASE(map_bad_input, "each field of a mapping, one at a time"),
	CASE(bad_pointers, "an answer that cannot be written undoes what was done"),
	CASE(T52_unique_protection, "one driver protection for the same pages, until no access"),
	CASE(protection_may_change, "driver protections that are not unique do not conflict"),
	CASE(T53_free_and_reserve_again, "what was freed can be used at once"),
	CASE(free_parts, "part of a range can be freed; the rest goes on"),
	CASE(free_bad_input, "each field of a free, one at a time; and twice"),
	CASE(free_without_device, "the space is there without a device"),
	CASE(T11_destroy_frees, "destroying an allocation frees what it was mapped to"),
	CASE(destroy_device_frees, "so does destroying its device; reservations stay"),
	CASE(devices_share_a_space, "all devices of a process have the same space"),
	CASE(processes_do_not, "each process has its own, also after fork"),
	CASE(gpummu_caps, "the last address that the capabilities announce can be used"),
};

TEST_MAIN(cases)
