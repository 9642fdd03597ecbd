// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_test.c: command buffers on an engine whose clock stands still unless it sleeps (kmod/sched/execute.c,
 * command.c, access.c)
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "rig.h"
#include "sched/execute.h"
#include "sched/fence.h"
#include "sched/queue.h"
#include "vidmm/gpuva.h"
#include "vidmm/turn.h"

/* Memory of a machine: a page of commands, and one of data. */
#define COMMANDS	0
#define DATA		1

static u64 the_time;

static u64 mock_now(const struct vdxg_clock *clock)
{
	return the_time;
}

static void mock_sleep(const struct vdxg_clock *clock, struct vdxg_packet *packet, u64 ns)
{
	the_time += ns;
}

static const struct vdxg_clock mock_clock = {
	.now = mock_now,
	.sleep = mock_sleep,
};

static void no_reference(struct vdxg_timeline *timeline)
{
}

static const struct vdxg_timeline_ops machine_ops = {
	.get = no_reference,
	.put = no_reference,
};

/**
 * struct machine - an engine with a process on a memory manager
 * @test: the test
 * @rig: the manager
 * @engine: the engine
 * @fences: fences
 * @turns: the process
 * @timeline: its device
 * @queue: a queue of it
 * @progress: signalled by what is submitted
 * @last: the last value
 * @alloc: memory, of a page each
 * @owner: the bindings
 * @resident: how often they are resident
 * @address: where they are
 */
struct machine {
	struct kunit *test;
	struct rig *rig;
	struct vdxg_engine *engine;
	struct vdxg_fence_group fences;
	struct vdxg_engine_client turns;
	struct vdxg_timeline timeline;
	struct vdxg_queue *queue;
	struct vdxg_fence *progress;
	u64 last;
	struct vidmm_alloc *alloc[2];
	struct vidmm_va_owner *owner[2];
	u32 resident[2];
	u64 address[2];
};

static void map_memory(struct machine *m, struct vidmm_client *client, unsigned int i)
{
	struct vidmm_ref ref;
	struct vidmm_va_mapping mapping = {
		.bytes = PAGE_SIZE,
		.period = PAGE_SIZE,
		.protection = D3DDDIGPUVA_PROTECTION_WRITE,
	};
	const struct vidmm_va_where anywhere = { };
	u64 trim;

	m->alloc[i] = rig_alloc_in(client, 1, BIT(VIDMM_LOCAL - 1), 0);
	ref = (struct vidmm_ref){ m->alloc[i], &m->resident[i] };
	KUNIT_ASSERT_EQ(m->test, vidmm_require(client, &ref, 1, true, &trim), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(m->test, vidmm_page_in(m->alloc[i], vidmm_new_stamp(&m->rig->mm), 0),
			STATUS_SUCCESS);
	m->owner[i] = vidmm_va_owner_create(&client->va, m->alloc[i], m, &m->resident[i],
					    0x40000040 + i * 0x40);
	KUNIT_ASSERT_NOT_NULL(m->test, m->owner[i]);
	mapping.owner = m->owner[i];
	KUNIT_ASSERT_EQ(m->test, vidmm_va_map(&client->va, &anywhere, &mapping, &m->address[i]),
			STATUS_SUCCESS);
}

static struct machine *need_machine(struct kunit *test)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct vidmm_client *client;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->test = test;
	m->rig = test->priv;
	client = rig_client(m->rig);
	the_time = 1000;
	m->engine = vdxg_engine_create(&mock_clock);
	KUNIT_ASSERT_NOT_NULL(test, m->engine);
	vdxg_fence_group_init(&m->fences);
	m->progress = vdxg_fence_create(&m->fences, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, m->progress);
	vdxg_engine_client_init(&m->turns);
	m->timeline.mm = client;
	m->timeline.owner = m;
	vdxg_timeline_init(&m->timeline, m->engine, &m->turns, &machine_ops);
	m->queue = vdxg_queue_create(&m->timeline);
	KUNIT_ASSERT_NOT_NULL(test, m->queue);
	map_memory(m, client, COMMANDS);
	map_memory(m, client, DATA);
	return m;
}

static void drop_machine(struct machine *m)
{
	unsigned int i;

	vdxg_queue_close(m->queue, false);
	vdxg_queue_put(m->queue);
	flush_work(&m->engine->work);
	vdxg_timeline_fini(&m->timeline);
	vdxg_engine_put(m->engine);
	vdxg_fence_put(m->progress);
	for (i = 0; i < ARRAY_SIZE(m->alloc); i++) {
		struct vidmm_ref ref = { m->alloc[i], &m->resident[i] };

		vidmm_va_owner_unmap(m->owner[i]);
		vidmm_va_owner_put(m->owner[i]);
		vidmm_forget(m->timeline.mm, &ref);
		vidmm_alloc_put(m->alloc[i]);
	}
}

/* The kernel's view of one of the pages; nothing moves here while a test writes. */
static void *page(struct machine *m, unsigned int i)
{
	return vidmm_vaddr(m->alloc[i], 0);
}

static struct vdxg_commands begin(struct machine *m)
{
	struct vdxg_commands c;

	vdxg_commands_begin(&c, page(m, COMMANDS), PAGE_SIZE);
	return c;
}

static void submit_bytes(struct machine *m, u32 bytes)
{
	const struct vdxg_commands_at commands = {
		.address = m->address[COMMANDS],
		.bytes = bytes,
		.progress = m->progress,
		.value = ++m->last,
	};
	struct vdxg_packet *packet = vdxg_execute_packet(m->queue, &commands);
	LIST_HEAD(packets);

	KUNIT_ASSERT_NOT_NULL(m->test, packet);
	list_add(&packet->link, &packets);
	KUNIT_EXPECT_EQ(m->test, vdxg_packets_submit(&packets), STATUS_SUCCESS);
}

static void submit(struct machine *m, struct vdxg_commands *c)
{
	submit_bytes(m, vdxg_commands_end(c));
}

static void finish(struct machine *m)
{
	flush_work(&m->engine->work);
	KUNIT_EXPECT_EQ(m->test, m->queue->length, 0);
}

static void executes(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);
	u32 *data = page(m, DATA);

	vdxg_commands_fill(&c, m->address[DATA], 64, 0x12345678);
	vdxg_commands_copy(&c, m->address[DATA] + 1024, m->address[DATA], 32);
	vdxg_commands_timestamp(&c, m->address[DATA] + 2048);
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), 1);
	KUNIT_EXPECT_EQ(test, data[15], 0x12345678);
	KUNIT_EXPECT_EQ(test, data[16], 0);
	KUNIT_EXPECT_EQ(test, data[256 + 7], 0x12345678);
	KUNIT_EXPECT_EQ(test, data[256 + 8], 0);
	KUNIT_EXPECT_EQ(test, *(u64 *)&data[512], 1000);
	KUNIT_EXPECT_EQ(test, m->alloc[COMMANDS]->busy, 0);
	KUNIT_EXPECT_EQ(test, m->alloc[DATA]->busy, 0);
	drop_machine(m);
}

static void delays(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);

	vdxg_commands_delay(&c, 1999ULL * NSEC_PER_MSEC);
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_EQ(test, the_time, 1000 + 1999ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), 1);
	KUNIT_EXPECT_FALSE(test, m->timeline.hung);
	/* each buffer has the whole limit */
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_FALSE(test, m->timeline.hung);
	drop_machine(m);
}

static void runaways(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);

	vdxg_commands_delay(&c, 1000ULL * NSEC_PER_SEC);
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_TRUE(test, m->timeline.hung);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&m->timeline), 0);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), VDXG_FENCE_MAX);
	/* not much later than the limit of two seconds */
	KUNIT_EXPECT_GT(test, the_time, 2ULL * NSEC_PER_SEC);
	KUNIT_EXPECT_LT(test, the_time, 2ULL * NSEC_PER_SEC + 10 * NSEC_PER_MSEC);
	drop_machine(m);
}

static void without_limit(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);

	m->queue->no_timeout = true;
	vdxg_commands_delay(&c, 10ULL * NSEC_PER_SEC);
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_FALSE(test, m->timeline.hung);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), 1);
	drop_machine(m);
}

static void faults(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);
	struct vdxg_fault fault;

	vdxg_commands_fill(&c, m->address[DATA], PAGE_SIZE + 4, 1);
	submit(m, &c);
	finish(m);
	KUNIT_EXPECT_EQ(test, vdxg_timeline_error(&m->timeline),
			D3DKMT_DEVICEEXECUTION_ERROR_DMAPAGEFAULT);
	vdxg_timeline_last_fault(&m->timeline, &fault);
	KUNIT_EXPECT_EQ(test, fault.address, m->address[DATA] + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, fault.missing, VDXG_FAULT_NO_MAPPING);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), VDXG_FENCE_MAX);
	KUNIT_EXPECT_EQ(test, m->alloc[COMMANDS]->busy, 0);
	KUNIT_EXPECT_EQ(test, m->alloc[DATA]->busy, 0);
	drop_machine(m);
}

/* What is required comes back before anything runs, even if it does not use it. */
static void brings_back(struct kunit *test)
{
	struct machine *m = need_machine(test);
	struct vdxg_commands c = begin(m);
	struct vidmm_client *other = rig_client(m->rig);
	struct vidmm_alloc *big = rig_alloc_in(other, RIG_LOCAL, BIT(VIDMM_LOCAL - 1), 0);
	struct vidmm_ref ref;
	u32 resident = 0, bytes;
	u64 trim;

	vdxg_commands_fill(&c, m->address[DATA], 4, 9);
	bytes = vdxg_commands_end(&c);
	ref = (struct vidmm_ref){ big, &resident };
	KUNIT_ASSERT_EQ(test, vidmm_require(other, &ref, 1, true, &trim), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, vidmm_page_in(big, vidmm_new_stamp(&m->rig->mm), 0), STATUS_SUCCESS);
	KUNIT_EXPECT_FALSE(test, vidmm_in_gpu_segment(m->alloc[COMMANDS]));
	KUNIT_EXPECT_FALSE(test, vidmm_in_gpu_segment(m->alloc[DATA]));
	submit_bytes(m, bytes);
	finish(m);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(m->progress), 1);
	KUNIT_EXPECT_TRUE(test, vidmm_in_gpu_segment(m->alloc[DATA]));
	KUNIT_EXPECT_EQ(test, *(u32 *)page(m, DATA), 9);
	vidmm_forget(other, &ref);
	vidmm_alloc_put(big);
	drop_machine(m);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(executes),
	KUNIT_CASE(delays),
	KUNIT_CASE(runaways),
	KUNIT_CASE(without_limit),
	KUNIT_CASE(faults),
	KUNIT_CASE(brings_back),
	{ }
};

static struct kunit_suite suite = {
	.name = "engine",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
