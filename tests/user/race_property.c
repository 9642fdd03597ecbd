// SPDX-License-Identifier: MIT
/*
 * race_property.c: UpdateAllocationProperty and notifications, against everything that changes the same
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "notify.h"
#include "race.h"

#define ROUNDS	30
#define SIZE	(16 * 4096ULL)

static struct queue queue;
static volatile uint64_t *mapped;

static NTSTATUS place(D3DKMT_HANDLE allocation, uint32_t set, uint32_t flags)
{
	D3DDDI_UPDATEALLOCPROPERTY args = {
		.hPagingQueue = queue.handle,
		.hAllocation = allocation,
		.SupportedSegmentSet = set,
	};

	args.Flags.Value = flags;
	args.PropertyMaskValue = D3DDDI_UPDATEALLOC_SET_SUPPORTED_SEGMENT_SET |
				 D3DDDI_UPDATEALLOC_SET_ACCESSED_PHYSICALLY |
				 D3DDDI_UPDATEALLOC_SET_UNMOVEABLE;
	return D3DKMTUpdateAllocationProperty(&args);
}

static void expect_updated(NTSTATUS status)
{
	EXPECT(status == STATUS_SUCCESS || status == STATUS_PENDING);
}

/* from segment to segment, with and without a run */
static void move_about(void *arg)
{
	struct race_state *s = arg;
	uint32_t i;

	for (i = 0; i < 4; i++) {
		s->first = place(s->list[0], i & 1 ? VDXG_SEGMENT_SET_LOCAL :
				 VDXG_SEGMENT_SET_APERTURE, i);
		if (s->first != STATUS_SUCCESS && s->first != STATUS_PENDING)
			break;
	}
	race_stop(s);
}

static void destroy_it(void *arg)
{
	struct race_state *s = arg;

	s->second = kmt_destroy_one(s->device, s->list[0]);
}

static void write_meanwhile(void *arg)
{
	struct race_state *s = arg;
	uint64_t i, n = 0;

	while (!race_stopped(s)) {
		for (i = 0; i < SIZE / sizeof(*mapped); i += 512)
			mapped[i] = n + i;
		n++;
		for (i = 0; i < SIZE / sizeof(*mapped); i += 512)
			if (!EXPECT_EQ(mapped[i], n - 1 + i))
				return;
	}
}

static void require_and_evict(void *arg)
{
	struct race_state *s = arg;

	while (!race_stopped(s)) {
		s->second = kmt_make_resident(&queue, s->list, 1, 0);
		if (s->second == STATUS_SUCCESS)
			EXPECT_STATUS(kmt_evict(s->device, s->list, 1, EVICT_ONLY_IF_NECESSARY),
				      STATUS_SUCCESS);
	}
}

static void offer_and_reclaim(void *arg)
{
	struct race_state *s = arg;
	D3DKMT_OFFERALLOCATIONS offer = {
		.hDevice = s->device,
		.HandleList = s->list,
		.NumAllocations = 1,
		.Priority = D3DKMT_OFFER_PRIORITY_LOW,
	};
	D3DKMT_RECLAIMALLOCATIONS2 reclaim = {
		.hPagingQueue = queue.handle,
		.HandleList = s->list,
		.NumAllocations = 1,
	};
	NTSTATUS status;

	while (!race_stopped(s)) {
		EXPECT_STATUS(D3DKMTOfferAllocations(&offer), STATUS_SUCCESS);
		status = D3DKMTReclaimAllocations2(&reclaim);
		EXPECT(status == STATUS_SUCCESS || status == STATUS_PENDING);
	}
}

static void start(struct race_state *s)
{
	memset(s, 0, sizeof(*s));
	s->adapter = need_adapter();
	s->device = need_device_of(s->adapter);
	queue = need_queue(s->device);
}

static void fresh(struct race_state *s)
{
	s->n = 1;
	s->stop = 0;
	s->list[0] = need_local(s->device, SIZE);
}

static void expect_integrity(struct race_state *s)
{
	if (!geteuid()) {
		EXPECT_STATUS(kmt_wake(s->adapter, true), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_validate(s->adapter, 0), STATUS_SUCCESS);
	}
}

static void update_destroy(void)
{
	uint64_t random = test_seed();
	struct race_state s;
	unsigned int i;

	start(&s);
	for (i = 0; i < test_rounds(ROUNDS); i++) {
		fresh(&s);
		need_resident(&queue, s.list, 1);
		race(move_about, destroy_it, &s, &random);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
		if (s.first != STATUS_INVALID_PARAMETER)
			expect_updated(s.first);
	}
	expect_integrity(&s);
}

static void update_write(void)
{
	uint64_t random = test_seed();
	struct race_state s;
	unsigned int i;

	start(&s);
	fresh(&s);
	need_resident(&queue, s.list, 1);
	mapped = need_lock(s.device, s.list[0]);
	for (i = 0; i < test_rounds(ROUNDS); i++) {
		s.stop = 0;
		race(move_about, write_meanwhile, &s, &random);
		expect_updated(s.first);
	}
	expect_integrity(&s);
}

static void update_resident(void)
{
	uint64_t random = test_seed();
	struct race_state s;
	unsigned int i;

	start(&s);
	fresh(&s);
	for (i = 0; i < test_rounds(ROUNDS); i++) {
		s.stop = 0;
		race(move_about, require_and_evict, &s, &random);
		expect_updated(s.first);
		EXPECT_STATUS(s.second, STATUS_SUCCESS);
	}
	expect_integrity(&s);
	EXPECT_STATUS(kmt_evict(s.device, s.list, 1, 0), STATUS_INVALID_PARAMETER);
}

static void update_offer(void)
{
	uint64_t random = test_seed();
	struct race_state s;
	unsigned int i;

	start(&s);
	fresh(&s);
	need_resident(&queue, s.list, 1);
	for (i = 0; i < test_rounds(ROUNDS); i++) {
		s.stop = 0;
		race(move_about, offer_and_reclaim, &s, &random);
		expect_updated(s.first);
	}
	expect_integrity(&s);
}

/* ---- notifications ---- */

static struct raw raw;
static int fd;

static void register_it(void *arg)
{
	struct race_state *s = arg;

	s->first = raw_register(&raw, raw.device, VDXG_NOTIFY_ALL, &fd);
}

static void destroy_device(void *arg)
{
	struct race_state *s = arg;
	struct d3dkmt_destroydevice destroy = { .device.v = raw.device };

	s->second = raw_call(raw.fd, LX_DXDESTROYDEVICE, &destroy);
}

static void close_it(void *arg)
{
	(void)arg;
	REQUIRE(!close(fd));
}

static void register_destroy(void)
{
	uint64_t random = test_seed();
	struct vdxg_notification record;
	struct race_state s = { 0 };
	unsigned int i;

	for (i = 0; i < test_rounds(ROUNDS); i++) {
		raw = need_raw();
		race(register_it, destroy_device, &s, &random);
		EXPECT_EQ(s.second, 0);
		if (!s.first) {
			EXPECT_EQ(read(fd, &record, sizeof(record)), 0);
			REQUIRE(!close(fd));
		} else {
			EXPECT_STATUS(s.first, -EINVAL);
		}
		close(raw.fd);
	}
}

static void close_destroy(void)
{
	uint64_t random = test_seed();
	struct race_state s = { 0 };
	unsigned int i;

	for (i = 0; i < test_rounds(ROUNDS); i++) {
		raw = need_raw();
		register_it(&s);
		REQUIRE(!s.first);
		race(close_it, destroy_device, &s, &random);
		EXPECT_EQ(s.second, 0);
		close(raw.fd);
	}
}

static const struct test_case cases[] = {
	CASE(update_destroy, "an allocation is destroyed while it moves"),
	CASE(update_write, "a thread writes while the allocation moves, and finds what it wrote"),
	CASE(update_resident, "MakeResident and Evict while it moves: counts hold"),
	CASE(update_offer, "offer and reclaim while it moves"),
	CASE(register_destroy, "a notification is registered for a device that goes"),
	CASE(close_destroy, "descriptor and device end at once"),
};

TEST_MAIN(cases)
