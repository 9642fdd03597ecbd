// SPDX-License-Identifier: GPL-2.0-only
/*
 * fence_test.c: monitored fences (kmod/sched/fence.c)
 *
 * The random test compares a fence with a plain list of waiters. It prints its seed.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "sched/fence.h"

struct probe {
	struct vdxg_fence_waiter waiter;
	unsigned int fired;
};

static void count_fire(struct vdxg_fence_waiter *waiter)
{
	container_of(waiter, struct probe, waiter)->fired++;
}

static enum vdxg_fence_added add(struct vdxg_fence *fence, struct probe *probe, u64 value)
{
	probe->waiter.value = value;
	probe->waiter.fire = count_fire;
	probe->fired = 0;
	return vdxg_fence_add_waiter(fence, &probe->waiter);
}

static struct vdxg_fence *need_fence(struct kunit *test, struct vdxg_fence_group *group,
				     u64 initial, unsigned int flags)
{
	struct vdxg_fence *fence = vdxg_fence_create(group, initial, flags);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	return fence;
}

static void values(struct kunit *test)
{
	struct vdxg_fence_group group;
	struct vdxg_fence *fence, *other;

	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 7, VDXG_FENCE_VISIBLE);
	other = need_fence(test, &group, 8, VDXG_FENCE_VISIBLE);
	KUNIT_EXPECT_PTR_NE(test, fence->page, other->page);
	KUNIT_EXPECT_EQ(test, *(u64 *)page_address(fence->page), 7);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 9, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, *(u64 *)page_address(fence->page), 9);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(other), 8);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 9, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 8, false), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(fence), 9);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 1, true), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(fence), 1);
	vdxg_fence_put(fence);
	vdxg_fence_put(other);
	KUNIT_EXPECT_TRUE(test, list_empty(&group.fences));
}

static void waiters(struct kunit *test)
{
	struct vdxg_fence_group group;
	struct vdxg_fence *fence;
	struct probe probes[4];

	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 5, 0);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[0], 5), VDXG_FENCE_REACHED);
	KUNIT_EXPECT_FALSE(test, vdxg_fence_remove_waiter(fence, &probes[0].waiter));
	KUNIT_EXPECT_EQ(test, add(fence, &probes[0], 8), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[1], 6), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[2], 7), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[3], 7), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_TRUE(test, vdxg_fence_remove_waiter(fence, &probes[3].waiter));
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 7, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, probes[0].fired, 0);
	KUNIT_EXPECT_EQ(test, probes[1].fired, 1);
	KUNIT_EXPECT_EQ(test, probes[2].fired, 1);
	KUNIT_EXPECT_EQ(test, probes[3].fired, 0);
	KUNIT_EXPECT_FALSE(test, vdxg_fence_remove_waiter(fence, &probes[1].waiter));
	/* a rewind lets nobody go, and those who come after it wait */
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 1, true), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[1], 2), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 100, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, probes[0].fired, 1);
	KUNIT_EXPECT_EQ(test, probes[1].fired, 1);
	vdxg_fence_put(fence);
}

static void death(struct kunit *test)
{
	struct vdxg_fence_group group;
	struct vdxg_fence *fence, *keeps;
	struct probe probes[2];

	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 5, VDXG_FENCE_VISIBLE);
	keeps = need_fence(test, &group, 5, VDXG_FENCE_KEEP_VALUE);
	KUNIT_EXPECT_EQ(test, add(fence, &probes[0], VDXG_FENCE_MAX), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, add(keeps, &probes[1], 6), VDXG_FENCE_WAITING);
	vdxg_fence_group_kill(&group);
	KUNIT_EXPECT_EQ(test, probes[0].fired, 1);
	KUNIT_EXPECT_EQ(test, probes[1].fired, 1);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(fence), VDXG_FENCE_MAX);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(keeps), 5);
	KUNIT_EXPECT_TRUE(test, vdxg_fence_reached(keeps, 6));
	KUNIT_EXPECT_EQ(test, add(keeps, &probes[1], 6), VDXG_FENCE_REACHED);
	KUNIT_EXPECT_EQ(test, vdxg_fence_wait(keeps, 6), STATUS_DEVICE_REMOVED);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 1, true), STATUS_DEVICE_REMOVED);
	KUNIT_EXPECT_EQ(test, vdxg_fence_value(fence), VDXG_FENCE_MAX);
	KUNIT_EXPECT_NULL(test, vdxg_fence_create(&group, 0, VDXG_FENCE_VISIBLE));
	vdxg_fence_put(fence);
	vdxg_fence_put(keeps);
}

static void crowd(struct kunit *test)
{
	struct vdxg_fence_group group;
	struct vdxg_fence *fence;
	struct probe *probes, more;
	unsigned int i, fired = 0;

	probes = kvcalloc(VDXG_FENCE_MAX_WAITERS, sizeof(*probes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, probes);
	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 0, 0);
	for (i = 0; i < VDXG_FENCE_MAX_WAITERS; i++)
		if (add(fence, &probes[i], 1 + i % 2) != VDXG_FENCE_WAITING)
			break;
	KUNIT_EXPECT_EQ(test, i, VDXG_FENCE_MAX_WAITERS);
	KUNIT_EXPECT_EQ(test, add(fence, &more, 1), VDXG_FENCE_CROWDED);
	KUNIT_EXPECT_EQ(test, vdxg_fence_wait(fence, 1), STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, add(fence, &more, 2), VDXG_FENCE_WAITING);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 2, false), STATUS_SUCCESS);
	for (i = 0; i < VDXG_FENCE_MAX_WAITERS; i++)
		fired += probes[i].fired;
	KUNIT_EXPECT_EQ(test, fired, VDXG_FENCE_MAX_WAITERS);
	vdxg_fence_put(fence);
	kvfree(probes);
}

static int sleep_on(void *arg)
{
	struct vdxg_fence *fence = arg;
	int status = vdxg_fence_wait(fence, 10);

	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return status;
}

static void sleepers(struct kunit *test)
{
	struct vdxg_fence_group group;
	struct task_struct *tasks[3];
	struct vdxg_fence *fence;
	unsigned int i;

	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 0, VDXG_FENCE_VISIBLE);
	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		tasks[i] = kthread_run(sleep_on, fence, "fence-test");
		KUNIT_ASSERT_FALSE(test, IS_ERR(tasks[i]));
	}
	while (READ_ONCE(fence->num_waiters) < ARRAY_SIZE(tasks))
		schedule_timeout_interruptible(1);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 9, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, READ_ONCE(fence->num_waiters), 3);
	KUNIT_EXPECT_EQ(test, vdxg_fence_signal(fence, 10, false), STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		KUNIT_EXPECT_EQ(test, kthread_stop(tasks[i]), STATUS_SUCCESS);
	vdxg_fence_put(fence);
}

#define MODEL_WAITERS	64
#define MODEL_STEPS	20000

/* A waiter as the model sees it. */
struct model {
	struct probe probe;
	bool waiting;
	unsigned int fired;
};

static void model_signal(struct model *models, u64 value)
{
	unsigned int i;

	for (i = 0; i < MODEL_WAITERS; i++)
		if (models[i].waiting && models[i].probe.waiter.value <= value) {
			models[i].waiting = false;
			models[i].fired++;
		}
}

static void against_a_model(struct kunit *test)
{
	struct rnd_state random;
	struct vdxg_fence_group group;
	struct vdxg_fence *fence;
	struct model *models, *m;
	u32 seed = get_random_u32();
	u64 now = 0, value;
	unsigned int step;
	bool rewind;

	kunit_info(test, "seed %u", seed);
	prandom_seed_state(&random, seed);
	models = kunit_kcalloc(test, MODEL_WAITERS, sizeof(*models), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, models);
	vdxg_fence_group_init(&group);
	fence = need_fence(test, &group, 0, VDXG_FENCE_VISIBLE);
	for (step = 0; step < MODEL_STEPS; step++) {
		m = &models[prandom_u32_state(&random) % MODEL_WAITERS];
		value = now + prandom_u32_state(&random) % 16 - min(now, 8ULL);
		switch (prandom_u32_state(&random) % 3) {
		case 0:
			if (m->waiting)
				break;
			m->fired = 0;
			m->waiting = value > now;
			KUNIT_ASSERT_EQ(test, add(fence, &m->probe, value),
					m->waiting ? VDXG_FENCE_WAITING : VDXG_FENCE_REACHED);
			break;
		case 1:
			KUNIT_ASSERT_EQ(test, m->waiting, m->waiting &&
					vdxg_fence_remove_waiter(fence, &m->probe.waiter));
			m->waiting = false;
			break;
		default:
			rewind = !(prandom_u32_state(&random) % 8);
			if (value >= now || rewind) {
				now = value;
				model_signal(models, value);
				KUNIT_ASSERT_EQ(test, vdxg_fence_signal(fence, value, rewind),
						STATUS_SUCCESS);
			} else {
				KUNIT_ASSERT_EQ(test, vdxg_fence_signal(fence, value, rewind),
						STATUS_INVALID_PARAMETER);
			}
		}
		KUNIT_ASSERT_EQ(test, vdxg_fence_value(fence), now);
		KUNIT_ASSERT_EQ(test, m->probe.fired, m->fired);
	}
	vdxg_fence_kill(fence);
	model_signal(models, VDXG_FENCE_MAX);
	for (m = models; m < models + MODEL_WAITERS; m++)
		KUNIT_EXPECT_EQ(test, m->probe.fired, m->fired);
	vdxg_fence_put(fence);
}

static struct kunit_case fence_cases[] = {
	KUNIT_CASE(values),
	KUNIT_CASE(waiters),
	KUNIT_CASE(death),
	KUNIT_CASE(crowd),
	KUNIT_CASE(sleepers),
	KUNIT_CASE(against_a_model),
	{}
};

static struct kunit_suite fence_suite = {
	.name = "vdxg-fence",
	.test_cases = fence_cases,
};

kunit_test_suite(fence_suite);
