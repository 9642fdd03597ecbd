// SPDX-License-Identifier: GPL-2.0-only
/*
 * deferral_test.c: allocations whose end waits for the work of their device
 * (kmod/object/deferral.c)
 *
 * The work is a packet that waits until the test lets it go.
 */
#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "fixture.h"
#include "object/calls.h"
#include "object/device.h"
#include "sched/queue.h"

/**
 * struct hurdle - a packet that waits
 * @packet: what the queue knows
 * @open: it waits no longer
 */
struct hurdle {
	struct vdxg_packet packet;
	bool open;
};

static enum vdxg_ran run_hurdle(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct hurdle *hurdle = container_of(packet, struct hurdle, packet);

	return READ_ONCE(hurdle->open) ? VDXG_RAN_DONE : VDXG_RAN_BLOCKED;
}

static void release_hurdle(struct vdxg_packet *packet)
{
	kfree(container_of(packet, struct hurdle, packet));
}

static const struct vdxg_packet_ops hurdle_ops = {
	.name = "hurdle",
	.brief = true,
	.run = run_hurdle,
	.release = release_hurdle,
};

static struct hurdle *add_hurdle(struct kunit *test, struct vdxg_queue *queue)
{
	struct hurdle *hurdle = kzalloc(sizeof(*hurdle), GFP_KERNEL);
	LIST_HEAD(packets);

	KUNIT_ASSERT_NOT_NULL(test, hurdle);
	vdxg_packet_init(&hurdle->packet, &hurdle_ops, queue);
	list_add_tail(&hurdle->packet.link, &packets);
	KUNIT_ASSERT_EQ(test, vdxg_packets_submit(&packets), STATUS_SUCCESS);
	return hurdle;
}

/* The packet, and the memory of it, may be gone when this returns. */
static void open_hurdle(struct hurdle *hurdle)
{
	struct vdxg_queue *queue = hurdle->packet.queue;

	vdxg_queue_get(queue);
	WRITE_ONCE(hurdle->open, true);
	vdxg_queue_wake(queue);
	vdxg_queue_put(queue);
}

static struct vdxg_device *device_at(struct fixture *f, struct d3dkmthandle handle)
{
	struct vdxg_device *device;

	vdxg_process_lock(f->process);
	device = vdxg_device_peek(f->process, handle);
	vdxg_process_unlock(f->process);
	KUNIT_ASSERT_NOT_NULL(f->test, device);
	return device;
}

static struct vdxg_queue *new_queue(struct kunit *test, struct vdxg_device *device)
{
	struct vdxg_queue *queue = vdxg_queue_create(&device->timeline);

	KUNIT_ASSERT_NOT_NULL(test, queue);
	return queue;
}

static void end_queue(struct vdxg_queue *queue)
{
	vdxg_queue_close(queue, false);
	vdxg_queue_put(queue);
}

/* Everything deferred so far has been released. */
static void wait_released(struct vdxg_device *device)
{
	vdxg_deferral_wait(device, device->deferral.queued);
}

static void waits_for_what_was_queued(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = device_at(f, handle);
	struct vdxg_queue *one = new_queue(test, device), *two = new_queue(test, device);
	struct fixture_counters before, full;
	struct hurdle *first, *second, *later;
	u32 handles[3];

	fixture_count(f, &before);
	first = add_hurdle(test, one);
	second = add_hurdle(test, two);
	fixture_create(f, handle, 0, 0, handles, 3);
	fixture_count(f, &full);
	KUNIT_EXPECT_EQ(test, vdxg_destroy(f->process, handle, 0, handles, 3, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_NULL(test, fixture_peek(f, handles[0], &vdxg_allocation_class));
	later = add_hurdle(test, one);
	fixture_expect_counters(f, &full);
	open_hurdle(first);
	fixture_expect_counters(f, &full);
	open_hurdle(second);
	wait_released(device);
	fixture_expect_counters(f, &before);
	open_hurdle(later);
	end_queue(one);
	end_queue(two);
}

static void assumed_not_in_use(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = device_at(f, handle);
	struct vdxg_queue *queue = new_queue(test, device);
	struct hurdle *hurdle = add_hurdle(test, queue);
	struct fixture_counters before;
	u32 flags, handles[3];

	fixture_count(f, &before);
	for (flags = 0; flags <= D3DKMT_DESTROY_SYNCHRONOUS; flags += D3DKMT_DESTROY_SYNCHRONOUS) {
		fixture_create(f, handle, 0, 0, handles, 3);
		KUNIT_EXPECT_EQ(test, vdxg_destroy(f->process, handle, 0, handles, 3, flags |
						   D3DKMT_DESTROY_ASSUME_NOT_IN_USE),
				STATUS_SUCCESS);
		fixture_expect_counters(f, &before);
	}
	open_hurdle(hurdle);
	end_queue(queue);
}

/* The device ends, and with it the work, while something is deferred. */
static void device_ends(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = device_at(f, handle);
	struct vdxg_queue *queue = new_queue(test, device);
	struct fixture_counters before;
	u32 handles[6];

	fixture_count(f, &before);
	add_hurdle(test, queue);
	fixture_create(f, handle, 0, 0, handles, 6);
	KUNIT_EXPECT_EQ(test, vdxg_destroy(f->process, handle, 0, handles, 3, 0), STATUS_SUCCESS);
	vdxg_object_get(&device->obj);
	KUNIT_EXPECT_EQ(test, fixture_destroy_device(f, handle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, device->deferral.queued, 2);
	end_queue(queue);
	wait_released(device);
	fixture_expect_counters(f, &before);
	vdxg_device_put(device);
}

static void device_fails(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = device_at(f, handle);
	struct vdxg_queue *queue = new_queue(test, device);
	struct fixture_counters before;
	u32 allocation;

	fixture_count(f, &before);
	add_hurdle(test, queue);
	fixture_create(f, handle, 0, 0, &allocation, 1);
	KUNIT_EXPECT_EQ(test, vdxg_destroy(f->process, handle, 0, &allocation, 1, 0),
			STATUS_SUCCESS);
	vdxg_device_set_error(device, D3DKMT_DEVICEEXECUTION_HUNG);
	wait_released(device);
	fixture_expect_counters(f, &before);
	end_queue(queue);
}

/* Random work on several queues, random destructions; each is released when its work is done. */

#define QUEUES	4
#define STEPS	300

struct batch {
	u64 ticket;
	u64 hurdles[QUEUES];
};

struct model {
	struct vdxg_queue *queues[QUEUES];
	struct hurdle *open[QUEUES][STEPS];
	u64 added[QUEUES];
	u64 opened[QUEUES];
	struct batch batches[STEPS];
	unsigned int num_batches;
};

static bool may_go(const struct model *m, const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < QUEUES; i++)
		if (m->opened[i] < batch->hurdles[i])
			return false;
	return true;
}

static void check(struct kunit *test, struct vdxg_device *device, const struct model *m)
{
	unsigned int i;

	for (i = 0; i < m->num_batches && may_go(m, &m->batches[i]); i++)
		vdxg_deferral_wait(device, m->batches[i].ticket);
	KUNIT_EXPECT_EQ(test, READ_ONCE(device->deferral.released), i ? m->batches[i - 1].ticket : 0);
}

static void add_batch(struct kunit *test, struct vdxg_device *device,
		      struct d3dkmthandle handle, struct model *m, u32 count)
{
	struct batch *batch = &m->batches[m->num_batches];
	struct fixture *f = test->priv;
	u32 handles[8];

	fixture_create(f, handle, 0, 0, handles, count);
	KUNIT_EXPECT_EQ(test, vdxg_destroy(f->process, handle, 0, handles, count, 0),
			STATUS_SUCCESS);
	/* one that has nothing to wait for is no batch */
	if (m->num_batches ? device->deferral.queued == m->batches[m->num_batches - 1].ticket :
	    !device->deferral.queued)
		return;
	batch->ticket = device->deferral.queued;
	memcpy(batch->hurdles, m->added, sizeof(batch->hurdles));
	m->num_batches++;
}

static void against_a_model(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct d3dkmthandle handle = fixture_device(f);
	struct vdxg_device *device = device_at(f, handle);
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u32 seed = get_random_u32();
	struct fixture_counters before;
	struct rnd_state random;
	unsigned int i, q;

	KUNIT_ASSERT_NOT_NULL(test, m);
	kunit_info(test, "seed %u", seed);
	prandom_seed_state(&random, seed);
	fixture_count(f, &before);
	for (i = 0; i < QUEUES; i++)
		m->queues[i] = new_queue(test, device);
	for (i = 0; i < STEPS; i++) {
		q = prandom_u32_state(&random) % QUEUES;
		switch (prandom_u32_state(&random) % 3) {
		case 0:
			m->open[q][m->added[q]++] = add_hurdle(test, m->queues[q]);
			break;
		case 1:
			if (m->opened[q] < m->added[q])
				open_hurdle(m->open[q][m->opened[q]++]);
			break;
		default:
			add_batch(test, device, handle, m, 1 + prandom_u32_state(&random) % 8);
		}
		check(test, device, m);
	}
	for (q = 0; q < QUEUES; q++) {
		while (m->opened[q] < m->added[q])
			open_hurdle(m->open[q][m->opened[q]++]);
		end_queue(m->queues[q]);
	}
	wait_released(device);
	fixture_expect_counters(f, &before);
}

static struct kunit_case deferral_cases[] = {
	KUNIT_CASE(waits_for_what_was_queued),
	KUNIT_CASE(assumed_not_in_use),
	KUNIT_CASE(device_ends),
	KUNIT_CASE(device_fails),
	KUNIT_CASE(against_a_model),
	{}
};

static struct kunit_suite deferral_suite = {
	.name = "vdxg-deferral",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = deferral_cases,
};

kunit_test_suite(deferral_suite);
