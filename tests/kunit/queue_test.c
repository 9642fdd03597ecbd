// SPDX-License-Identifier: GPL-2.0-only
/*
 * queue_test.c: packets, queues and the engine's choices (kmod/sched/queue.c, engine.c, packet.c)
 *
 * Packets here write their number down when they are run or cancelled. The engine is held while they are
 * submitted, so that the order in which it takes them does not depend on the moment.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include <d3dkmthk.h>

#include "rig.h"
#include "sched/counter.h"
#include "sched/fence.h"
#include "sched/packet.h"
#include "sched/queue.h"

#define MAX_NOTES	4096
#define CANCELLED	1000000

/**
 * struct bench - an engine, and what it did
 * @engine: the engine
 * @fences: fences
 * @clients: processes
 * @timelines: a device of each
 * @refs: references on timelines
 * @notes: packets that were run, in order; CANCELLED + the reason is added for those cancelled
 * @count: how many
 * @live: packets not released
 */
struct bench {
	struct vdxg_engine *engine;
	struct vdxg_fence_group fences;
	struct vdxg_engine_client clients[3];
	struct vdxg_timeline timelines[3];
	atomic_t refs;
	u32 notes[MAX_NOTES];
	atomic_t count;
	atomic_t live;
};

static struct bench *the_bench;

struct note {
	struct vdxg_packet packet;
	u32 name;
	u32 slices;
	u64 work;
};

static void write_down(u32 name)
{
	u32 i = atomic_inc_return(&the_bench->count) - 1;

	if (i < MAX_NOTES)
		the_bench->notes[i] = name;
}

static enum vdxg_ran run_note(struct vdxg_packet *packet, struct vdxg_slice *slice)
{
	struct note *note = container_of(packet, struct note, packet);

	slice->used = note->work;
	write_down(note->name);
	if (note->slices && note->slices--)
		return VDXG_RAN_AGAIN;
	return VDXG_RAN_DONE;
}

static void cancel_note(struct vdxg_packet *packet, enum vdxg_cancel why)
{
	write_down(container_of(packet, struct note, packet)->name + CANCELLED * why);
}

static void release_note(struct vdxg_packet *packet)
{
	atomic_dec(&the_bench->live);
	kfree(container_of(packet, struct note, packet));
}

static const struct vdxg_packet_ops note_ops = {
	.name = "note",
	.brief = true,
	.run = run_note,
	.cancel = cancel_note,
	.release = release_note,
};

static void get_timeline(struct vdxg_timeline *timeline)
{
	atomic_inc(&the_bench->refs);
}

static void put_timeline(struct vdxg_timeline *timeline)
{
	atomic_dec(&the_bench->refs);
}

static const struct vdxg_timeline_ops bench_ops = {
	.get = get_timeline,
	.put = put_timeline,
};

static int bench_init(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->engine = vdxg_engine_create(&vdxg_engine_clock);
	KUNIT_ASSERT_NOT_NULL(test, b->engine);
	vdxg_fence_group_init(&b->fences);
	for (i = 0; i < ARRAY_SIZE(b->clients); i++) {
		vdxg_engine_client_init(&b->clients[i]);
		vdxg_timeline_init(&b->timelines[i], b->engine, &b->clients[i], &bench_ops);
	}
	the_bench = b;
	test->priv = b;
	return 0;
}

static void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, atomic_read(&b->live), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->refs), 0);
	KUNIT_EXPECT_EQ(test, b->engine->packets, 0);
	for (i = 0; i < ARRAY_SIZE(b->clients); i++) {
		KUNIT_EXPECT_EQ(test, b->timelines[i].closing, 0);
		KUNIT_EXPECT_EQ(test, b->timelines[i].unfinished, 0);
		vdxg_timeline_fini(&b->timelines[i]);
	}
	/* Its last work may still be on its way out. */
	flush_work(&b->engine->work);
	vdxg_engine_put(b->engine);
}

static struct vdxg_queue *need_queue(struct kunit *test, unsigned int client)
{
	struct bench *b = test->priv;
	struct vdxg_queue *queue = vdxg_queue_create(&b->timelines[client]);

	KUNIT_ASSERT_NOT_NULL(test, queue);
	return queue;
}

static void drop_queue(struct vdxg_queue *queue)
{
	vdxg_queue_close(queue, false);
	vdxg_queue_put(queue);
}

static struct vdxg_packet *need_note(struct kunit *test, struct vdxg_queue *queue, u32 name)
{
	struct note *note = kzalloc(sizeof(*note), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, note);
	atomic_inc(&the_bench->live);
	vdxg_packet_init(&note->packet, &note_ops, queue);
	note->name = name;
	return &note->packet;
}

static int submit(struct vdxg_packet *packet)
{
	LIST_HEAD(packets);
	int status;

	list_add(&packet->link, &packets);
	status = vdxg_packets_submit(&packets);
	if (status)
		vdxg_packets_drop(&packets);
	return status;
}

static void need_submit(struct kunit *test, struct vdxg_queue *queue, u32 name)
{
	KUNIT_EXPECT_EQ(test, submit(need_note(test, queue, name)), STATUS_SUCCESS);
}

/* Let everything run that can. */
static void let_run(struct kunit *test)
{
	struct bench *b = test->priv;

	vdxg_engine_hold(b->engine, false);
	flush_work(&b->engine->work);
}

static void expect_notes(struct kunit *test, const u32 *notes, u32 count)
{
	struct bench *b = test->priv;
	u32 i;

	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), count);
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_EQ_MSG(test, b->notes[i], notes[i], "note %u", i);
}

#define EXPECT_NOTES(test, ...) do { \
	static const u32 notes__[] = { __VA_ARGS__ }; \
	expect_notes(test, notes__, ARRAY_SIZE(notes__)); \
} while (0)

static void an_idle_engine_runs_here(struct kunit *test)
{
	struct vdxg_queue *queue = need_queue(test, 0);

	need_submit(test, queue, 1);
	EXPECT_NOTES(test, 1);
	KUNIT_EXPECT_EQ(test, queue->submitted, queue->retired);
	need_submit(test, queue, 2);
	EXPECT_NOTES(test, 1, 2);
	drop_queue(queue);
}

static void order_in_a_queue(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *queue = need_queue(test, 0);
	u32 i, expected[100];

	vdxg_engine_hold(b->engine, true);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		expected[i] = i;
		need_submit(test, queue, i);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), 0);
	KUNIT_EXPECT_LT(test, queue->retired, queue->submitted);
	let_run(test);
	expect_notes(test, expected, ARRAY_SIZE(expected));
	KUNIT_EXPECT_EQ(test, queue->retired, queue->submitted);
	drop_queue(queue);
}

static void priorities(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *low = need_queue(test, 0), *normal = need_queue(test, 1),
		*high = need_queue(test, 2), *rather = need_queue(test, 1);

	vdxg_engine_hold(b->engine, true);
	need_submit(test, low, 1);
	need_submit(test, normal, 2);
	need_submit(test, rather, 3);
	need_submit(test, high, 4);
	need_submit(test, low, 5);
	need_submit(test, normal, 6);
	need_submit(test, high, 7);
	/* also of what is ready already */
	vdxg_queue_set_priority(low, -7, 7);
	vdxg_queue_set_priority(high, 7, -7);
	vdxg_queue_set_priority(rather, 0, 1);
	let_run(test);
	EXPECT_NOTES(test, 4, 7, 3, 2, 6, 1, 5);
	drop_queue(low);
	drop_queue(normal);
	drop_queue(high);
	drop_queue(rather);
}

/* So much work of the highest priority, then one of those who wait, and so on. */
static void patience(struct kunit *test)
{
	const u32 most = VDXG_ENGINE_PATIENCE / VDXG_ENGINE_QUANTUM;
	struct vdxg_queue *low = need_queue(test, 0), *normal = need_queue(test, 1),
		*high = need_queue(test, 2);
	struct vdxg_packet *packet = need_note(test, high, 7);
	struct note *note = container_of(packet, struct note, packet);
	struct bench *b = test->priv;
	u32 i, n = 3 * (most + 1) + most, expected[4 * 64];

	KUNIT_ASSERT_LE(test, n, ARRAY_SIZE(expected));
	vdxg_engine_hold(b->engine, true);
	vdxg_queue_set_priority(low, -7, 0);
	vdxg_queue_set_priority(high, 7, 0);
	note->work = VDXG_ENGINE_QUANTUM;
	note->slices = 4 * most - 1;
	KUNIT_EXPECT_EQ(test, submit(packet), STATUS_SUCCESS);
	need_submit(test, normal, 1);
	need_submit(test, low, 2);
	need_submit(test, normal, 3);
	for (i = 0; i < n; i++)
		expected[i] = 7;
	/* the first has not used up its turn with one packet */
	expected[most] = 1;
	expected[2 * most + 1] = 3;
	expected[3 * most + 2] = 2;
	let_run(test);
	expect_notes(test, expected, n);
	drop_queue(low);
	drop_queue(normal);
	drop_queue(high);
}

static void turns(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *queues[] = { need_queue(test, 0), need_queue(test, 0),
					need_queue(test, 1) };
	u32 i;

	vdxg_engine_hold(b->engine, true);
	/* half a turn each; the first process has two queues, but no more turns for it */
	for (i = 0; i < 12; i++) {
		struct vdxg_packet *packet = need_note(test, queues[i % 3], i % 3);

		container_of(packet, struct note, packet)->work = VDXG_ENGINE_QUANTUM / 2;
		KUNIT_EXPECT_EQ(test, submit(packet), STATUS_SUCCESS);
	}
	let_run(test);
	EXPECT_NOTES(test, 0, 1, 2, 2, 0, 1, 2, 2, 0, 1, 0, 1);
	for (i = 0; i < ARRAY_SIZE(queues); i++)
		drop_queue(queues[i]);
}

static void long_packets_are_sliced(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *two = need_queue(test, 1);
	struct vdxg_packet *packet = need_note(test, one, 1);
	struct note *note = container_of(packet, struct note, packet);

	vdxg_engine_hold(b->engine, true);
	note->work = VDXG_ENGINE_QUANTUM;
	note->slices = 2;
	KUNIT_EXPECT_EQ(test, submit(packet), STATUS_SUCCESS);
	need_submit(test, one, 2);
	need_submit(test, two, 3);
	let_run(test);
	EXPECT_NOTES(test, 1, 3, 1, 1, 2);
	drop_queue(one);
	drop_queue(two);
}

static void waits_and_signals(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *two = need_queue(test, 1);
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0);
	LIST_HEAD(packets);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	list_add_tail(&vdxg_wait_packet(one, fence, 2)->link, &packets);
	list_add_tail(&need_note(test, one, 1)->link, &packets);
	KUNIT_EXPECT_EQ(test, vdxg_packets_submit(&packets), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, list_empty(&packets));
	KUNIT_EXPECT_EQ(test, one->state, VDXG_QUEUE_BLOCKED);
	need_submit(test, two, 2);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(two, fence, 1, false)), STATUS_SUCCESS);
	flush_work(&b->engine->work);
	EXPECT_NOTES(test, 2);
	/* waking it for nothing does nothing */
	vdxg_queue_wake(one);
	flush_work(&b->engine->work);
	KUNIT_EXPECT_EQ(test, one->state, VDXG_QUEUE_BLOCKED);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(two, fence, 2, false)), STATUS_SUCCESS);
	flush_work(&b->engine->work);
	EXPECT_NOTES(test, 2, 1);
	/* what is reached already does not block */
	KUNIT_EXPECT_EQ(test, submit(vdxg_wait_packet(one, fence, 1)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, one->state, VDXG_QUEUE_IDLE);
	drop_queue(one);
	drop_queue(two);
	vdxg_fence_put(fence);
}

/* As many queues as a device can have may wait for a semaphore, and not one more. */
static void too_many_wait_for_a_counter(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue **queues = kvcalloc(VDXG_COUNTER_MAX_WAITERS, sizeof(*queues), GFP_KERNEL), *more;
	struct vdxg_counter *counter = vdxg_semaphore_create(VDXG_COUNTER_MAX_WAITERS, 0);
	struct vdxg_counter_owner owner;
	u32 i;

	KUNIT_ASSERT_TRUE(test, queues && counter);
	vdxg_counter_owner_init(&owner);
	for (i = 0; i < VDXG_COUNTER_MAX_WAITERS; i++) {
		queues[i] = need_queue(test, 0);
		KUNIT_ASSERT_EQ(test, submit(vdxg_acquire_packet(queues[i], &owner, &counter, 1)),
				STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, counter->num_waiters, VDXG_COUNTER_MAX_WAITERS);
	more = need_queue(test, 1);
	KUNIT_EXPECT_EQ(test, submit(vdxg_acquire_packet(more, &owner, &counter, 1)), STATUS_SUCCESS);
	flush_work(&b->engine->work);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&b->timelines[1]),
			D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&b->timelines[0]), 0);
	/* who waits goes on, one a unit; who is cancelled does not wait */
	vdxg_counter_signal(counter, &owner);
	flush_work(&b->engine->work);
	KUNIT_EXPECT_EQ(test, counter->num_waiters, VDXG_COUNTER_MAX_WAITERS - 1);
	KUNIT_EXPECT_EQ(test, counter->count, 0);
	drop_queue(more);
	for (i = 0; i < VDXG_COUNTER_MAX_WAITERS; i++)
		drop_queue(queues[i]);
	KUNIT_EXPECT_EQ(test, counter->num_waiters, 0);
	vdxg_counter_put(counter);
	kvfree(queues);
}

static void failing(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *other = need_queue(test, 0),
		*foreign = need_queue(test, 1), *late;
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0),
		*keeps = vdxg_fence_create(&b->fences, 0, VDXG_FENCE_KEEP_VALUE);
	LIST_HEAD(packets);

	KUNIT_ASSERT_TRUE(test, fence && keeps);
	vdxg_engine_hold(b->engine, true);
	need_submit(test, one, 1);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(one, fence, 5, false)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(one, keeps, 5, false)), STATUS_SUCCESS);
	need_submit(test, other, 2);
	need_submit(test, foreign, 3);
	vdxg_timeline_fail(&b->timelines[0], D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
	vdxg_timeline_fail(&b->timelines[0], D3DKMT_DEVICEEXECUTION_ERROR_OUTOFMEMORY);
	flush_work(&b->engine->work);
	/* cancelled even though the engine is held, and the other device goes on */
	EXPECT_NOTES(test, 1 + CANCELLED * VDXG_CANCEL_RESET, 2 + CANCELLED * VDXG_CANCEL_RESET);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&b->timelines[0]),
			D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(fence), VDXG_FENCE_MAX);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(keeps), 0);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, one, 9)), STATUS_DEVICE_REMOVED);
	late = need_queue(test, 0);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, late, 9)), STATUS_DEVICE_REMOVED);
	/* all or none */
	list_add_tail(&need_note(test, foreign, 9)->link, &packets);
	list_add_tail(&need_note(test, one, 9)->link, &packets);
	KUNIT_EXPECT_EQ(test, vdxg_packets_submit(&packets), STATUS_DEVICE_REMOVED);
	vdxg_packets_drop(&packets);
	KUNIT_EXPECT_EQ(test, foreign->length, 1);
	let_run(test);
	KUNIT_EXPECT_EQ(test, b->notes[2], 3);
	drop_queue(one);
	drop_queue(other);
	drop_queue(late);
	drop_queue(foreign);
	vdxg_fence_put(fence);
	vdxg_fence_put(keeps);
}

static void reset_of_one(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *other = need_queue(test, 0);

	vdxg_engine_hold(b->engine, true);
	need_submit(test, one, 1);
	need_submit(test, other, 2);
	vdxg_queue_reset(one);
	let_run(test);
	EXPECT_NOTES(test, 1 + CANCELLED * VDXG_CANCEL_RESET, 2);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&b->timelines[0]), 0);
	KUNIT_EXPECT_TRUE(test, b->timelines[0].hung);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, one, 9)), STATUS_DEVICE_REMOVED);
	need_submit(test, other, 3);
	drop_queue(one);
	drop_queue(other);
}

static void closing(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *other = need_queue(test, 0);
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0),
		*after = vdxg_fence_create(&b->fences, 0, 0);

	KUNIT_ASSERT_TRUE(test, fence && after);
	/* what is ready is waited for */
	need_submit(test, one, 1);
	vdxg_queue_close(one, false);
	KUNIT_EXPECT_EQ(test, one->length, 0);
	EXPECT_NOTES(test, 1);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, one, 9)), STATUS_INVALID_PARAMETER);
	/* what is blocked is not, and its fence stays */
	KUNIT_EXPECT_EQ(test, submit(vdxg_wait_packet(other, fence, 1)), STATUS_SUCCESS);
	need_submit(test, other, 2);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(other, after, 1, false)), STATUS_SUCCESS);
	vdxg_queue_close(other, false);
	EXPECT_NOTES(test, 1, 2 + CANCELLED * VDXG_CANCEL_CLOSED);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(after), 0);
	vdxg_queue_put(one);
	vdxg_queue_put(other);
	vdxg_fence_put(fence);
	vdxg_fence_put(after);
}

/* What others of the process do may take for ever: only the queue's own work is waited for. */
static void closing_beside_others(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *blocked = need_queue(test, 0), *runs = need_queue(test, 0);
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	KUNIT_EXPECT_EQ(test, submit(vdxg_wait_packet(blocked, fence, 1)), STATUS_SUCCESS);
	need_submit(test, blocked, 1);
	KUNIT_EXPECT_EQ(test, blocked->state, VDXG_QUEUE_BLOCKED);
	vdxg_engine_hold(b->engine, true);
	need_submit(test, runs, 2);
	vdxg_queue_close(blocked, false);
	EXPECT_NOTES(test, 1 + CANCELLED * VDXG_CANCEL_CLOSED);
	let_run(test);
	EXPECT_NOTES(test, 1 + CANCELLED * VDXG_CANCEL_CLOSED, 2);
	vdxg_queue_put(blocked);
	drop_queue(runs);
	vdxg_fence_put(fence);
}

/* What is closed together finishes together. */
static void closing_together(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *other = need_queue(test, 0);
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0);
	struct vdxg_packet *packet = need_note(test, other, 2);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	KUNIT_EXPECT_EQ(test, submit(vdxg_wait_packet(one, fence, 1)), STATUS_SUCCESS);
	need_submit(test, one, 1);
	vdxg_engine_hold(b->engine, true);
	container_of(packet, struct note, packet)->slices = MAX_NOTES / 2;
	KUNIT_EXPECT_EQ(test, submit(packet), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, submit(vdxg_signal_packet(other, fence, 1, false)), STATUS_SUCCESS);
	vdxg_queue_shut(one);
	vdxg_queue_shut(other);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, other, 9)), STATUS_INVALID_PARAMETER);
	vdxg_engine_hold(b->engine, false);
	drop_queue(one);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), MAX_NOTES / 2 + 2);
	KUNIT_EXPECT_EQ(test, b->notes[MAX_NOTES / 2], 2);
	KUNIT_EXPECT_EQ(test, b->notes[MAX_NOTES / 2 + 1], 1);
	drop_queue(other);
	vdxg_fence_put(fence);
}

/**
 * struct wake_count - somebody who waits for an engine, and counts how often he is woken by the test itself
 * @entry: in &vdxg_engine.wait
 * @test: the thread of the test
 * @count: how often
 */
struct wake_count {
	struct wait_queue_entry entry;
	struct task_struct *test;
	unsigned int count;
};

static int count_wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct wake_count *wakes = container_of(entry, struct wake_count, entry);

	/* The engine's worker wakes him, too. */
	if (current == wakes->test)
		wakes->count++;
	return 0;
}

/* A device with many queues fails: everybody is woken once, not for each queue. */
static void failing_with_many(struct kunit *test)
{
	enum { MANY = 300 };
	struct bench *b = test->priv;
	struct wake_count wakes = { .test = current };
	struct vdxg_queue **queues = kunit_kcalloc(test, MANY, sizeof(*queues), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, queues);
	init_waitqueue_func_entry(&wakes.entry, count_wake);
	vdxg_engine_hold(b->engine, true);
	for (i = 0; i < MANY; i++) {
		queues[i] = need_queue(test, 0);
		need_submit(test, queues[i], i);
	}
	add_wait_queue(&b->engine->wait, &wakes.entry);
	vdxg_timeline_fail(&b->timelines[0], D3DKMT_DEVICEEXECUTION_ERROR_DMAFAULT);
	remove_wait_queue(&b->engine->wait, &wakes.entry);
	KUNIT_EXPECT_EQ(test, wakes.count, 1);
	flush_work(&b->engine->work);
	/* each has been cancelled, and just once */
	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), MANY);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ_MSG(test, b->notes[i], i + CANCELLED * VDXG_CANCEL_RESET,
				    "note %u", i);
	KUNIT_EXPECT_TRUE(test, vdxg_timeline_idle(&b->timelines[0]));
	KUNIT_EXPECT_EQ(test, submit(need_note(test, queues[0], 9)), STATUS_DEVICE_REMOVED);
	for (i = 0; i < MANY; i++)
		drop_queue(queues[i]);
}

static int submit_it(void *packet)
{
	return submit(packet);
}

/* Fill a queue, and let three threads wait for room in it. */
static void need_crowd(struct kunit *test, struct vdxg_queue *queue, struct rig_thread **threads)
{
	u32 i;

	for (i = 0; i < VDXG_QUEUE_LENGTH; i++)
		need_submit(test, queue, i);
	for (i = 0; i < 3; i++)
		threads[i] = rig_thread_start(test, submit_it, need_note(test, queue, i));
	/* Whoever is seen here sleeps, or is about to: either way it finds the queue full. */
	while (!waitqueue_active(&queue->room))
		msleep(20);
	KUNIT_EXPECT_EQ(test, queue->length, VDXG_QUEUE_LENGTH);
}

/* Room is for one after the other; nobody is forgotten, also where there will be none. */
static void waiting_for_room(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *queue = need_queue(test, 0);
	struct rig_thread *threads[3];
	u32 i;

	vdxg_engine_hold(b->engine, true);
	need_crowd(test, queue, threads);
	vdxg_engine_hold(b->engine, false);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, rig_thread_join(test, threads[i]), STATUS_SUCCESS);
	flush_work(&b->engine->work);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), VDXG_QUEUE_LENGTH + 3);
	vdxg_engine_hold(b->engine, true);
	need_crowd(test, queue, threads);
	vdxg_queue_reset(queue);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, rig_thread_join(test, threads[i]), STATUS_DEVICE_REMOVED);
	drop_queue(queue);
}

static void stopping(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_queue *one = need_queue(test, 0), *two = need_queue(test, 1);
	struct vdxg_fence *fence = vdxg_fence_create(&b->fences, 0, 0);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	KUNIT_EXPECT_EQ(test, submit(vdxg_wait_packet(one, fence, 1)), STATUS_SUCCESS);
	need_submit(test, one, 1);
	vdxg_engine_stop(b->engine);
	EXPECT_NOTES(test, 1 + CANCELLED * VDXG_CANCEL_REMOVED);
	KUNIT_EXPECT_EQ(test, submit(need_note(test, two, 9)), STATUS_DEVICE_REMOVED);
	drop_queue(one);
	drop_queue(two);
	vdxg_fence_put(fence);
}

struct probe {
	struct vdxg_barrier barrier;
	u32 at;
};

static void fire_probe(struct vdxg_barrier *barrier)
{
	container_of(barrier, struct probe, barrier)->at = atomic_read(&the_bench->count);
}

static void barriers(struct kunit *test)
{
	struct bench *b = test->priv;
	struct vdxg_timeline *timeline = &b->timelines[0];
	struct vdxg_queue *one = need_queue(test, 0), *two = need_queue(test, 0);
	struct probe first = { .barrier.fire = fire_probe }, second = first, never = first;

	KUNIT_EXPECT_FALSE(test, vdxg_barrier_add(timeline, &first.barrier));
	KUNIT_EXPECT_FALSE(test, vdxg_barrier_remove(timeline, &first.barrier));
	vdxg_engine_hold(b->engine, true);
	vdxg_queue_set_priority(one, 1, 0);
	need_submit(test, one, 1);
	need_submit(test, two, 2);
	KUNIT_EXPECT_TRUE(test, vdxg_barrier_add(timeline, &first.barrier));
	need_submit(test, one, 3);
	need_submit(test, two, 4);
	KUNIT_EXPECT_TRUE(test, vdxg_barrier_add(timeline, &second.barrier));
	KUNIT_EXPECT_TRUE(test, vdxg_barrier_add(timeline, &never.barrier));
	need_submit(test, two, 5);
	KUNIT_EXPECT_FALSE(test, vdxg_timeline_idle(timeline));
	KUNIT_EXPECT_TRUE(test, vdxg_barrier_remove(timeline, &never.barrier));
	let_run(test);
	EXPECT_NOTES(test, 1, 3, 2, 4, 5);
	KUNIT_EXPECT_EQ(test, first.at, 3);
	KUNIT_EXPECT_EQ(test, second.at, 4);
	KUNIT_EXPECT_EQ(test, never.at, 0);
	KUNIT_EXPECT_FALSE(test, vdxg_barrier_remove(timeline, &second.barrier));
	KUNIT_EXPECT_TRUE(test, vdxg_timeline_idle(timeline));
	/* cancelling retires too */
	vdxg_engine_hold(b->engine, true);
	need_submit(test, one, 6);
	KUNIT_EXPECT_TRUE(test, vdxg_barrier_add(timeline, &first.barrier));
	vdxg_timeline_fail(timeline, D3DKMT_DEVICEEXECUTION_STOPPED);
	flush_work(&b->engine->work);
	KUNIT_EXPECT_EQ(test, first.at, 6);
	drop_queue(one);
	drop_queue(two);
}

/* Where in the notes the last packet of timeline 0 is of those submitted before @limit; 1 is the first. */
static u32 last_before(struct bench *b, u32 limit)
{
	u32 i, last = 0;

	for (i = 0; i < atomic_read(&b->count); i++)
		if (b->notes[i] < limit && b->notes[i] % 2 == 0)
			last = i + 1;
	return last;
}

/* Barriers at random, over queues of random priorities; packets of the other device have odd names. */
static void barriers_against_a_model(struct kunit *test)
{
	enum { QUEUES = 8, STEPS = 300, PROBES = 40 };
	struct bench *b = test->priv;
	struct probe *probes = kunit_kcalloc(test, PROBES, sizeof(*probes), GFP_KERNEL);
	struct vdxg_queue *queues[2][QUEUES];
	u32 limits[PROBES], i, device, count = 0, seed = get_random_u32();
	struct rnd_state random;

	KUNIT_ASSERT_NOT_NULL(test, probes);
	kunit_info(test, "seed %u", seed);
	prandom_seed_state(&random, seed);
	for (i = 0; i < 2 * QUEUES; i++)
		queues[i % 2][i / 2] = need_queue(test, i % 2);
	vdxg_engine_hold(b->engine, true);
	need_submit(test, queues[0][0], 0);
	for (i = 1; i < STEPS; i++) {
		struct vdxg_queue *queue;

		device = prandom_u32_state(&random) % 2;
		queue = queues[device][prandom_u32_state(&random) % QUEUES];
		vdxg_queue_set_priority(queue, prandom_u32_state(&random) % 15 - 7, 0);
		need_submit(test, queue, 2 * i + device);
		if (count == PROBES || prandom_u32_state(&random) % 4)
			continue;
		limits[count] = 2 * i + 2;
		probes[count].barrier.fire = fire_probe;
		KUNIT_EXPECT_TRUE(test, vdxg_barrier_add(&b->timelines[0],
							 &probes[count++].barrier));
	}
	let_run(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->count), STEPS);
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_EQ_MSG(test, probes[i].at, last_before(b, limits[i]), "barrier %u", i);
	for (i = 0; i < 2 * QUEUES; i++)
		drop_queue(queues[i % 2][i / 2]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_idle_engine_runs_here),
	KUNIT_CASE(order_in_a_queue),
	KUNIT_CASE(priorities),
	KUNIT_CASE(patience),
	KUNIT_CASE(turns),
	KUNIT_CASE(long_packets_are_sliced),
	KUNIT_CASE(waits_and_signals),
	KUNIT_CASE(too_many_wait_for_a_counter),
	KUNIT_CASE(failing),
	KUNIT_CASE(failing_with_many),
	KUNIT_CASE(reset_of_one),
	KUNIT_CASE(closing),
	KUNIT_CASE(closing_beside_others),
	KUNIT_CASE(closing_together),
	KUNIT_CASE(waiting_for_room),
	KUNIT_CASE(stopping),
	KUNIT_CASE(barriers),
	KUNIT_CASE(barriers_against_a_model),
	{ }
};

static struct kunit_suite suite = {
	.name = "queue",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
