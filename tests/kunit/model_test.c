// SPDX-License-Identifier: GPL-2.0-only
/*
 * model_test.c: random sequences of operations on the memory manager, compared with a model (model.c)
 *
 * Every operation's status is predicted as far as it does not depend on a backend that fails, and after every one
 * the whole state is checked. The seed is printed; vdxg.model_seed=n repeats it in every case.
 */
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include <d3dkmthk.h>

#include "model.h"
#include "vidmm/paging.h"

#define STEPS	2000
#define MAX_REFS	4

static uint model_seed;
module_param(model_seed, uint, 0444);
MODULE_PARM_DESC(model_seed, "Seed of the model checker (default: another one for each case)");

/**
 * struct run - a sequence of operations
 * @test: the test
 * @model: what is known
 * @rnd: where the next operation comes from
 * @failing: the backends fail now and then
 * @armed: one of them may fail now
 * @next_content: what is written next: no two contents are alike
 * @step: number of the operation
 */
struct run {
	struct kunit *test;
	struct model model;
	struct rnd_state rnd;
	bool failing;
	bool armed;
	u64 next_content;
	unsigned int step;
};

static u32 below(struct run *run, u32 limit)
{
	return prandom_u32_state(&run->rnd) % limit;
}

static bool one_in(struct run *run, u32 n)
{
	return !below(run, n);
}

/* Any allocation, or NULL if the place is empty. */
static struct model_alloc *any(struct run *run)
{
	struct model_alloc *a = &run->model.allocs[below(run, MODEL_ALLOCS)];

	return a->mem ? a : NULL;
}

/* What must have succeeded, but for a backend that fails. */
static bool succeeded(struct run *run, int status)
{
	if (run->armed && (status == STATUS_NO_MEMORY || status == STATUS_GRAPHICS_NO_VIDEO_MEMORY))
		return false;
	KUNIT_EXPECT_EQ(run->test, status, STATUS_SUCCESS);
	return status == STATUS_SUCCESS;
}

static void create(struct run *run)
{
	struct model_alloc *a = &run->model.allocs[below(run, MODEL_ALLOCS)];
	static const u8 supported[] = { 0, 0, BIT(VIDMM_LOCAL - 1), BIT(VIDMM_APERTURE - 1) };
	unsigned long npages = 1 + below(run, 4);
	u8 set = supported[below(run, ARRAY_SIZE(supported))];
	u32 preferred = 0;

	if (a->mem)
		return;
	memset(a, 0, sizeof(*a));
	a->client = below(run, MODEL_CLIENTS);
	if (model_commit(&run->model, a->client) + npages > RIG_COMMIT)
		return;
	if (!set && one_in(run, 2))
		preferred = RIG_PREFER(VIDMM_APERTURE, VIDMM_LOCAL);
	a->mem = rig_alloc_in(run->model.clients[a->client], npages, set, preferred);
}

static void destroy(struct run *run)
{
	struct model_alloc *a = any(run);
	struct vidmm_ref ref;
	unsigned int device;

	if (!a)
		return;
	for (device = 0; device < MODEL_DEVICES; device++) {
		ref.alloc = a->mem;
		ref.count = &a->counts[device];
		vidmm_forget(run->model.clients[a->client], &ref);
		KUNIT_EXPECT_EQ(run->test, a->counts[device], 0);
	}
	vidmm_alloc_put(a->mem);
	a->mem = NULL;
}

/* As Lock2 does, and the CPU then reads and writes. */
static void use(struct run *run)
{
	struct model_alloc *a = any(run);
	int status;

	if (!a)
		return;
	status = vidmm_populate(a->mem);
	if (a->offer) {
		KUNIT_EXPECT_EQ(run->test, status, STATUS_INVALID_PARAMETER);
		return;
	}
	if (!succeeded(run, status))
		return;
	KUNIT_EXPECT_EQ(run->test, vidmm_pin(a->mem), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(run->test, *model_content(a->mem) == a->content);
	if (one_in(run, 2)) {
		a->content = run->next_content++;
		*model_content(a->mem) = a->content;
	}
	vidmm_unpin(a->mem);
}

/* A few allocations of one device; one may be there twice. */
static u32 choose(struct run *run, unsigned int client, struct vidmm_ref *refs)
{
	unsigned int device = below(run, MODEL_DEVICES), wanted = 1 + below(run, MAX_REFS), i;
	struct model_alloc *a;
	u32 count = 0;

	for (i = 0; i < 3 * MAX_REFS && count < wanted; i++) {
		a = any(run);
		if (!a || a->client != client)
			continue;
		refs[count].alloc = a->mem;
		refs[count++].count = &a->counts[device];
	}
	return count;
}

/* Pages beyond the limits if the counts were as they are now, in groups where the demand grew. */
static unsigned long excess(struct run *run, unsigned int client, const unsigned long *before,
			    bool to_maximum)
{
	static const unsigned long capacities[] = { RIG_LOCAL, RIG_APERTURE };
	unsigned long demand, limit, sum = 0;
	unsigned int group;

	for (group = 0; group < VIDMM_NUM_GROUPS; group++) {
		demand = model_demand(&run->model, client, group);
		limit = to_maximum ? capacities[group] : model_budget(&run->model, client, group);
		if (demand > before[group] && demand > limit)
			sum += demand - limit;
	}
	return sum;
}

static void add_to(struct vidmm_ref *refs, u32 count, int what)
{
	u32 i;

	for (i = 0; i < count; i++)
		*refs[i].count += what;
}

static void page_in_required(struct run *run, unsigned int client, struct vidmm_ref *refs,
			     u32 count, u64 before)
{
	int status = vidmm_page_in_list(refs, count, before, VIDMM_NOWAIT);
	u32 i;

	/* Those that came first may be where the last one has to be, and none of them may go. */
	if (count > 1 && status == STATUS_NO_MEMORY) {
		vidmm_undo_require(run->model.clients[client], refs, count);
		return;
	}
	if (!succeeded(run, status)) {
		vidmm_undo_require(run->model.clients[client], refs, count);
		return;
	}
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_TRUE(run->test, refs[i].alloc->offer ||
				  vidmm_in_gpu_segment(refs[i].alloc));
}

static void require(struct run *run)
{
	unsigned int client = below(run, MODEL_CLIENTS), group;
	unsigned long before[VIDMM_NUM_GROUPS], over;
	bool to_maximum = one_in(run, 4);
	struct vidmm_ref refs[MAX_REFS];
	u64 stamp, to_trim = 0;
	u32 count;
	int status;

	count = choose(run, client, refs);
	if (!count)
		return;
	for (group = 0; group < VIDMM_NUM_GROUPS; group++)
		before[group] = model_demand(&run->model, client, group);
	/* The counts are the model's too, so see what would be, and take it back. */
	add_to(refs, count, 1);
	over = excess(run, client, before, to_maximum);
	add_to(refs, count, -1);
	stamp = vidmm_new_stamp(&run->model.rig->mm);
	status = vidmm_require(run->model.clients[client], refs, count, to_maximum, &to_trim);
	KUNIT_EXPECT_EQ(run->test, status, over ? STATUS_NO_MEMORY : STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(run->test, to_trim, (u64)over << PAGE_SHIFT);
	if (!status)
		page_in_required(run, client, refs, count, stamp);
}

static void unrequire(struct run *run)
{
	unsigned int client = below(run, MODEL_CLIENTS);
	struct vidmm_ref refs[MAX_REFS];
	bool enough = true;
	int status;
	u32 count, i;

	count = choose(run, client, refs);
	if (!count)
		return;
	add_to(refs, count, -1);
	for (i = 0; i < count; i++)
		enough = enough && (s32)*refs[i].count >= 0;
	add_to(refs, count, 1);
	status = vidmm_unrequire(run->model.clients[client], refs, count, one_in(run, 2));
	KUNIT_EXPECT_EQ(run->test, status, enough ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
}

static void offer(struct run *run)
{
	struct model_alloc *a = any(run);
	bool may_decommit = one_in(run, 3);

	if (!a)
		return;
	vidmm_offer(a->mem, D3DKMT_OFFER_PRIORITY_LOW + below(run, 4), may_decommit);
	a->offer = true;
	/* What has gone stays gone. */
	a->may_decommit = may_decommit || a->mem->state & VIDMM_DECOMMITTED;
}

static void reclaim(struct run *run)
{
	struct model_alloc *a = any(run);
	u32 expected = D3DDDI_RECLAIM_RESULT_OK, result = 99;

	if (!a)
		return;
	if (a->mem->state & VIDMM_DISCARDED)
		expected = D3DDDI_RECLAIM_RESULT_DISCARDED;
	if (a->mem->state & VIDMM_DECOMMITTED &&
	    model_commit(&run->model, a->client) + a->mem->npages > RIG_COMMIT)
		expected = D3DDDI_RECLAIM_RESULT_NOT_COMMITTED;
	KUNIT_EXPECT_EQ(run->test, vidmm_reclaim(a->mem, &result), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(run->test, result, expected);
	if (result == D3DDDI_RECLAIM_RESULT_NOT_COMMITTED)
		return;
	if (result == D3DDDI_RECLAIM_RESULT_DISCARDED)
		a->content = 0;
	a->offer = false;
	a->may_decommit = false;
}

static void set_priority(struct run *run)
{
	static const u32 priorities[] = { 1, D3DDDI_ALLOCATIONPRIORITY_LOW,
					  D3DDDI_ALLOCATIONPRIORITY_NORMAL,
					  D3DDDI_ALLOCATIONPRIORITY_NORMAL + 1, U32_MAX };
	struct model_alloc *a = any(run);

	if (a)
		vidmm_set_priority(a->mem, priorities[below(run, ARRAY_SIZE(priorities))]);
}

static void page_in(struct run *run)
{
	struct model_alloc *a = any(run);

	if (!a || !succeeded(run, vidmm_page_in(a->mem, U64_MAX, 0)))
		return;
	KUNIT_EXPECT_TRUE(run->test, a->offer || vidmm_in_gpu_segment(a->mem));
}

static void page_out(struct run *run)
{
	struct model_alloc *a = any(run);

	if (!a || !succeeded(run, vidmm_page_out(a->mem, 0)))
		return;
	KUNIT_EXPECT_TRUE(run->test, a->mem->required || !vidmm_in_gpu_segment(a->mem));
}

/* The machine runs short of memory. */
static void shrink(struct run *run)
{
	struct vidmm *mm = &run->model.rig->mm;
	struct vidmm_alloc *victim;

	if (one_in(run, 2)) {
		vidmm_swap_out(mm, 1 + below(run, 8));
		return;
	}
	victim = vidmm_discard_one(mm);
	if (!victim)
		return;
	KUNIT_EXPECT_EQ(run->test, victim->segment, VIDMM_NOWHERE);
	vidmm_alloc_put(victim);
}

static void swap_in(struct run *run)
{
	struct model_alloc *a = any(run);

	if (!a || !succeeded(run, vidmm_swap_in(a->mem)))
		return;
	KUNIT_EXPECT_NE(run->test, a->mem->segment, VIDMM_SWAPPED);
}

static void reserve(struct run *run)
{
	unsigned int client = below(run, MODEL_CLIENTS), group = below(run, VIDMM_NUM_GROUPS);
	unsigned long npages = one_in(run, 2) ? 0 : below(run, 8);

	if (!vidmm_reserve(run->model.clients[client], group, (u64)npages << PAGE_SHIFT))
		run->model.reservation[client][group] = npages;
}

/* From now on one of the backends fails, for a while. */
static void fail(struct run *run)
{
	struct rig *rig = run->model.rig;

	if (!run->failing)
		return;
	mock_backend_fail(one_in(run, 2) ? rig->local : rig->aperture, 1 + below(run, 3),
			  1 + below(run, 3), one_in(run, 2) ? -ENOMEM : -ENOSPC);
	run->armed = true;
}

static void end_failing(struct run *run)
{
	mock_backend_fail(run->model.rig->local, 1, 0, -ENOMEM);
	mock_backend_fail(run->model.rig->aperture, 1, 0, -ENOMEM);
	run->armed = false;
}

static void (*const operations[])(struct run *run) = {
	create, create, create, destroy, use, use, use, require, require, require, unrequire,
	unrequire, offer, reclaim, reclaim, set_priority, page_in, page_out, shrink, swap_in,
	reserve, fail, end_failing,
};

static struct run *begin(struct kunit *test)
{
	struct run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->test = test;
	run->next_content = 0x100;
	run->model.rig = test->priv;
	for (i = 0; i < MODEL_CLIENTS; i++)
		run->model.clients[i] = rig_client(run->model.rig);
	return run;
}

static void end(struct run *run)
{
	struct model_alloc *a;
	struct vidmm_ref ref;
	unsigned int device;

	end_failing(run);
	for (a = run->model.allocs; a < run->model.allocs + MODEL_ALLOCS; a++) {
		for (device = 0; a->mem && device < MODEL_DEVICES; device++) {
			ref.alloc = a->mem;
			ref.count = &a->counts[device];
			vidmm_forget(a->mem->client, &ref);
		}
		if (a->mem)
			vidmm_alloc_put(a->mem);
	}
}

struct setting {
	const char *desc;
	u32 seed;
	bool failing;
};

static const struct setting settings[] = {
	{ "seed 1", 1, false },
	{ "seed 2", 2, false },
	{ "seed 1, backends that fail", 1, true },
	{ "seed 2, backends that fail", 2, true },
	{ "any seed", 0, false },
	{ "any seed, backends that fail", 0, true },
};

static void manager_is_as_the_model(struct kunit *test)
{
	const struct setting *setting = test->param_value;
	u32 seed = model_seed ?: setting->seed ?: get_random_u32() | 1;
	struct run *run = begin(test);

	kunit_info(test, "seed %u", seed);
	run->failing = setting->failing;
	prandom_seed_state(&run->rnd, seed);
	for (run->step = 0; run->step < STEPS; run->step++) {
		operations[below(run, ARRAY_SIZE(operations))](run);
		model_check(&run->model);
		if (test->status == KUNIT_FAILURE) {
			kunit_info(test, "at step %u of seed %u", run->step, seed);
			break;
		}
		cond_resched();
	}
	end(run);
}

KUNIT_ARRAY_PARAM_DESC(setting, settings, desc);

static struct kunit_case model_cases[] = {
	KUNIT_CASE_PARAM(manager_is_as_the_model, setting_gen_params),
	{}
};

static struct kunit_suite model_suite = {
	.name = "vdxg_model",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
