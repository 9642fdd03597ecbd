/* SPDX-License-Identifier: MIT */
/*
 * gpuva.h: short forms of the calls about GPU virtual addresses, for the tests (see kmt.h)
 */
#ifndef VDXG_TEST_GPUVA_H
#define VDXG_TEST_GPUVA_H

#include "paging.h"

#define PAGE		4096ULL
#define UNIT		65536ULL
#define VA_BITS		48
#define VA_END		(1ULL << VA_BITS)

#define PROTECT_WRITE	(1ULL << 0)
#define PROTECT_EXECUTE	(1ULL << 1)
#define PROTECT_ZERO	(1ULL << 2)
#define PROTECT_NO_ACCESS	(1ULL << 3)
#define PROTECT_SYSTEM_USE_ONLY	(1ULL << 4)

#define RESERVE_NO_ACCESS	0
#define RESERVE_ZERO		1
#define RESERVE_NO_COMMIT	2

/* by an adapter or a paging queue; @base 0: anywhere */
static inline NTSTATUS kmt_reserve_va(D3DKMT_HANDLE adapter_or_queue, uint64_t base, uint64_t bytes,
				      uint32_t type, uint64_t *address)
{
	D3DDDI_RESERVEGPUVIRTUALADDRESS reserve = {
		.hAdapter = adapter_or_queue,
		.BaseAddress = base,
		.Size = bytes,
		.ReservationType = type,
		.PagingFenceValue = 77,
	};
	NTSTATUS status = D3DKMTReserveGpuVirtualAddress(&reserve);

	if (!status)
		EXPECT_EQ(reserve.PagingFenceValue, 0);
	*address = status ? 0 : reserve.VirtualAddress;
	return status;
}

static inline uint64_t need_reservation(D3DKMT_HANDLE adapter_or_queue, uint64_t bytes,
					uint32_t type)
{
	uint64_t address = 0;

	REQUIRE_STATUS(kmt_reserve_va(adapter_or_queue, 0, bytes, type, &address), STATUS_SUCCESS);
	return address;
}

static inline NTSTATUS kmt_map_args(D3DDDI_MAPGPUVIRTUALADDRESS *args)
{
	NTSTATUS status;

	args->PagingFenceValue = 77;
	status = D3DKMTMapGpuVirtualAddress(args);
	if (!status)
		EXPECT_EQ(args->PagingFenceValue, 0);
	return status;
}

/* pages from the beginning of @allocation on; @base 0: anywhere, and then @address is set */
static inline NTSTATUS kmt_map_va(D3DKMT_HANDLE queue, D3DKMT_HANDLE allocation, uint64_t base,
				  uint64_t pages, uint64_t protection, uint64_t *address)
{
	D3DDDI_MAPGPUVIRTUALADDRESS map = {
		.hPagingQueue = queue,
		.BaseAddress = base,
		.hAllocation = allocation,
		.SizeInPages = pages,
		.Protection = { .Value = protection },
	};
	NTSTATUS status = kmt_map_args(&map);

	if (!status && base)
		EXPECT_EQ(map.VirtualAddress, base);
	if (!status && address)
		*address = map.VirtualAddress;
	return status;
}

static inline uint64_t need_mapping(D3DKMT_HANDLE queue, D3DKMT_HANDLE allocation, uint64_t pages)
{
	uint64_t address = 0;

	REQUIRE_STATUS(kmt_map_va(queue, allocation, 0, pages, PROTECT_WRITE, &address),
		       STATUS_SUCCESS);
	return address;
}

static inline NTSTATUS kmt_free_va(D3DKMT_HANDLE adapter, uint64_t address, uint64_t bytes)
{
	D3DKMT_FREEGPUVIRTUALADDRESS args = {
		.hAdapter = adapter,
		.BaseAddress = address,
		.Size = bytes,
	};

	return D3DKMTFreeGpuVirtualAddress(&args);
}

/* nothing is in the range: a reservation of just that succeeds, and is given back */
static inline bool va_is_free(D3DKMT_HANDLE adapter, uint64_t address, uint64_t bytes)
{
	uint64_t at;

	if (kmt_reserve_va(adapter, address, bytes, RESERVE_ZERO, &at))
		return false;
	EXPECT_STATUS(kmt_free_va(adapter, address, bytes), STATUS_SUCCESS);
	return true;
}

#endif
