// SPDX-License-Identifier: MIT
/*
 * process_offer_info.c: QueryProcessOfferInfo, TrimProcessCommitment, and the first ReclaimAllocations
 */
#include <unistd.h>

#include "paging.h"

#define ALLOW_DECOMMIT	(1U << 1)
#define LAZY		(1U << 0)
#define ONLY_REPURPOSED	(1U << 1)

static NTSTATUS offer_info(uint64_t process, D3DKMT_QUERYPROCESSOFFERINFO *info)
{
	memset(info, 0, sizeof(*info));
	info->cbSize = sizeof(*info);
	info->hProcess = (HANDLE)(uintptr_t)process;
	return D3DKMTQueryProcessOfferInfo(info);
}

static D3DKMT_QUERYPROCESSOFFERINFO need_info(void)
{
	D3DKMT_QUERYPROCESSOFFERINFO info;

	REQUIRE_STATUS(offer_info(0, &info), STATUS_SUCCESS);
	return info;
}

static NTSTATUS trim(uint64_t process, uint32_t flags, uint64_t bytes, uint64_t *done)
{
	D3DKMT_TRIMPROCESSCOMMITMENT args = {
		.cbSize = sizeof(args),
		.hProcess = (HANDLE)(uintptr_t)process,
		.Flags.Value = flags,
		.DecommitRequested = bytes,
	};
	NTSTATUS status = D3DKMTTrimProcessCommitment(&args);

	*done = args.NumBytesDecommitted;
	return status;
}

static void need_offer(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, int priority, uint32_t flags)
{
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = device,
		.HandleList = &allocation,
		.NumAllocations = 1,
		.Priority = priority,
		.Flags.Value = flags,
	};

	REQUIRE_STATUS(D3DKMTOfferAllocations(&offer), STATUS_SUCCESS);
}

static NTSTATUS reclaim(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation, BOOL *discarded)
{
	D3DKMT_RECLAIMALLOCATIONS args = {
		.hDevice = device,
		.HandleList = &allocation,
		.pDiscarded = discarded,
		.NumAllocations = 1,
	};

	return D3DKMTReclaimAllocations(&args);
}

static void what_may_go(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	D3DKMT_QUERYPROCESSOFFERINFO info;
	BOOL discarded = 2;

	EXPECT_EQ(need_info().DecommittableBytes, 0);
	need_allocations(device, MIB, 3, list);
	need_offer(device, list[0], D3DKMT_OFFER_PRIORITY_LOW, 0);
	EXPECT_EQ(need_info().DecommittableBytes, 0);
	need_offer(device, list[1], D3DKMT_OFFER_PRIORITY_HIGH, ALLOW_DECOMMIT);
	info = need_info();
	EXPECT_EQ(info.DecommittableBytes, MIB);
	/* the second offer allows it */
	need_offer(device, list[0], D3DKMT_OFFER_PRIORITY_LOW, ALLOW_DECOMMIT);
	EXPECT_EQ(need_info().DecommittableBytes, 2 * MIB);
	/* and the third does not: the last one counts */
	need_offer(device, list[0], D3DKMT_OFFER_PRIORITY_LOW, 0);
	EXPECT_EQ(need_info().DecommittableBytes, MIB);
	need_offer(device, list[0], D3DKMT_OFFER_PRIORITY_LOW, ALLOW_DECOMMIT);
	EXPECT_EQ(need_info().DecommittableBytes, 2 * MIB);
	EXPECT_STATUS(reclaim(device, list[0], &discarded), STATUS_SUCCESS);
	EXPECT_EQ(discarded, 0);
	EXPECT_EQ(need_info().DecommittableBytes, MIB);
	EXPECT_STATUS(kmt_destroy_one(device, list[1]), STATUS_SUCCESS);
	EXPECT_EQ(need_info().DecommittableBytes, 0);
	EXPECT_EQ(need_info().DecommitUniqueness, info.DecommitUniqueness);
}

static void in_order(void)
{
	D3DKMT_HANDLE device = need_device(), list[3];
	uint64_t unique = need_info().DecommitUniqueness, done;
	BOOL discarded;
	uint32_t i;

	need_allocations(device, MIB, 3, list);
	for (i = 0; i < 3; i++)
		write_pattern(device, list[i], MIB, i);
	need_offer(device, list[0], D3DKMT_OFFER_PRIORITY_HIGH, ALLOW_DECOMMIT);
	need_offer(device, list[1], D3DKMT_OFFER_PRIORITY_LOW, ALLOW_DECOMMIT);
	need_offer(device, list[2], D3DKMT_OFFER_PRIORITY_LOW, 0);
	/* lazily: not now */
	EXPECT_STATUS(trim(0, LAZY, 4 * MIB, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, 0);
	/* nothing has lost its content yet */
	EXPECT_STATUS(trim(0, ONLY_REPURPOSED, 4 * MIB, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, 0);
	EXPECT_EQ(need_info().DecommitUniqueness, unique);
	/* whole allocations, the least worth first */
	EXPECT_STATUS(trim(0, 0, 4096, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, MIB);
	EXPECT_NE(need_info().DecommitUniqueness, unique);
	EXPECT_EQ(need_info().DecommittableBytes, MIB);
	EXPECT_STATUS(reclaim(device, list[1], &discarded), STATUS_SUCCESS);
	EXPECT(discarded);
	EXPECT_STATUS(reclaim(device, list[2], &discarded), STATUS_SUCCESS);
	EXPECT(!discarded);
	expect_pattern(device, list[2], MIB, 2);
	EXPECT_STATUS(trim(getpid(), 0, ~0ULL, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, MIB);
	EXPECT_STATUS(trim(0, 0, ~0ULL, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, 0);
	EXPECT_STATUS(reclaim(device, list[0], NULL), STATUS_SUCCESS);
	/* what was given up is zero, and can be used */
	EXPECT_EQ(*(uint64_t *)need_lock(device, list[0]), 0);
}

static void what_is_repurposed(void)
{
	D3DKMT_HANDLE device = need_device(), a = need_allocation(device, MIB);
	uint64_t done;

	/* never touched: nobody else has its memory, but nothing of it is committed any more */
	need_offer(device, a, D3DKMT_OFFER_PRIORITY_LOW, ALLOW_DECOMMIT);
	EXPECT_STATUS(trim(0, 0, 1, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, MIB);
	EXPECT_EQ(need_info().DecommittableBytes, 0);
	EXPECT_STATUS(kmt_destroy_one(device, a), STATUS_SUCCESS);
	EXPECT_EQ(need_info().DecommittableBytes, 0);
}

static void other_processes(void)
{
	D3DKMT_HANDLE device, a;
	D3DKMT_QUERYPROCESSOFFERINFO info;
	int up[2], down[2];
	uint64_t done;
	char byte;
	pid_t child;

	need_device();
	REQUIRE(!pipe(up) && !pipe(down));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		device = need_device();
		a = need_allocation(device, MIB);
		need_offer(device, a, D3DKMT_OFFER_PRIORITY_LOW, ALLOW_DECOMMIT);
		REQUIRE(write(up[1], "", 1) == 1 && read(down[0], &byte, 1) == 1);
		EXPECT_EQ(need_info().DecommittableBytes, 0);
		test_exit();
	}
	REQUIRE(read(up[0], &byte, 1) == 1);
	EXPECT_STATUS(offer_info(child, &info), STATUS_SUCCESS);
	EXPECT_EQ(info.DecommittableBytes, MIB);
	EXPECT_STATUS(trim(child, 0, 1, &done), STATUS_SUCCESS);
	EXPECT_EQ(done, MIB);
	EXPECT_STATUS(offer_info(0x7ffffff0, &info), STATUS_INVALID_HANDLE);
	EXPECT_STATUS(trim(0x7ffffff0, 0, 1, &done), STATUS_INVALID_HANDLE);
	test_drop_root();
	EXPECT_STATUS(offer_info(1, &info), STATUS_ACCESS_DENIED);
	EXPECT_STATUS(trim(1, 0, 1, &done), STATUS_ACCESS_DENIED);
	REQUIRE(write(down[1], "", 1) == 1);
	EXPECT(!test_wait(child));
}

static void arguments(void)
{
	D3DKMT_QUERYPROCESSOFFERINFO info = { .cbSize = sizeof(info) - 8 };
	D3DKMT_TRIMPROCESSCOMMITMENT args = { .cbSize = sizeof(args) + 8 };
	D3DKMT_HANDLE device = need_device(), a = need_allocation(device, 4096);
	D3DKMT_HANDLE none = a;
	D3DKMT_RECLAIMALLOCATIONS both = {
		.hDevice = device,
		.HandleList = &a,
		.pResources = &none,
		.NumAllocations = 1,
	};
	uint64_t done;

	EXPECT_STATUS(D3DKMTQueryProcessOfferInfo(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTQueryProcessOfferInfo(&info), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTTrimProcessCommitment(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTTrimProcessCommitment(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(trim(0, 1U << 2, 1, &done), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTReclaimAllocations(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTReclaimAllocations(&both), STATUS_INVALID_PARAMETER);
	both.pResources = NULL;
	both.NumAllocations = 0;
	EXPECT_STATUS(D3DKMTReclaimAllocations(&both), STATUS_INVALID_PARAMETER);
	both.NumAllocations = 1;
	both.hDevice = a;
	EXPECT_STATUS(D3DKMTReclaimAllocations(&both), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(what_may_go, "DecommittableBytes is what is on offer with AllowDecommit"),
	CASE(in_order, "commitment goes by priority, whole allocations, and is told"),
	CASE(what_is_repurposed, "what has no memory can lose its commitment too"),
	CASE(other_processes, "of another process, if it is the same user's"),
	CASE(arguments, "bad arguments are refused"),
};

TEST_MAIN(cases)
