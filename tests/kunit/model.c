// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c: what a memory manager must be like, computed the slow way (see model.h)
 *
 * No function of vidmm/ computes anything here: what it says is compared with sums over all allocations.
 */
#include <linux/mm.h>

#include <d3dkmthk.h>

#include "model.h"
#include "vidmm/place.h"

static bool is_required(const struct model_alloc *a)
{
	unsigned int device;

	for (device = 0; device < MODEL_DEVICES; device++)
		if (a->counts[device])
			return true;
	return false;
}

static unsigned int group_of(const struct vidmm_alloc *mem)
{
	unsigned int slot, id;

	for (slot = 0; slot < D3DDDI_SEGMENTPREFERENCE_SLOTS; slot++) {
		id = mem->preferred >> slot * 6 & 0x1f;
		if (id && mem->supported & BIT(id - 1))
			return id - VIDMM_LOCAL;
	}
	return mem->supported & BIT(VIDMM_LOCAL - 1) ? VIDMM_GROUP_LOCAL : VIDMM_GROUP_NON_LOCAL;
}

static unsigned long capacity_of(unsigned int group)
{
	return group == VIDMM_GROUP_LOCAL ? RIG_LOCAL : RIG_APERTURE;
}

/**
 * model_demand - what the devices of a client require
 * @model: the model
 * @client: index
 * @group: of allocations that prefer this group
 *
 * Return: pages; what two devices require counts twice.
 */
unsigned long model_demand(const struct model *model, unsigned int client, unsigned int group)
{
	const struct model_alloc *a;
	unsigned long pages = 0;
	unsigned int device;

	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++)
		for (device = 0; a->mem && device < MODEL_DEVICES; device++)
			if (a->client == client && group_of(a->mem) == group && a->counts[device])
				pages += a->mem->npages;
	return pages;
}

static unsigned long share_of(const struct model *model, unsigned int client, unsigned int group)
{
	unsigned long fair = capacity_of(group) / MODEL_CLIENTS;

	return max(min(model_demand(model, client, group), fair),
		   model->reservation[client][group]);
}

/**
 * model_budget - what a client may require
 * @model: the model
 * @client: index
 * @group: of this group
 *
 * Return: pages, as kmod/vidmm/budget.c describes it.
 */
unsigned long model_budget(const struct model *model, unsigned int client, unsigned int group)
{
	unsigned long all = capacity_of(group), others = 0;
	unsigned int i;

	for (i = 0; i < MODEL_CLIENTS; i++)
		if (i != client)
			others += share_of(model, i, group);
	return max(all - min(all, others), share_of(model, client, group));
}

/**
 * model_commit - what a client has committed
 * @model: the model
 * @client: index
 *
 * Return: pages.
 */
unsigned long model_commit(const struct model *model, unsigned int client)
{
	const struct model_alloc *a;
	unsigned long pages = 0;

	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++)
		if (a->mem && a->client == client && !(a->mem->state & VIDMM_DECOMMITTED))
			pages += a->mem->npages;
	return pages;
}

/**
 * model_content - where an allocation's content is
 * @mem: an allocation with memory of a mock backend
 */
u64 *model_content(struct vidmm_alloc *mem)
{
	return page_address(pfn_to_page(vidmm_pfn(mem, 0)));
}

/* Bytes per segment add up, and nothing is resident beyond what there is. */
static void check_segments(const struct model *model)
{
	unsigned long pages[VIDMM_NUM_SEGMENTS] = {}, allocs[VIDMM_NUM_SEGMENTS] = {};
	struct kunit *test = model->rig->test;
	struct vidmm *mm = &model->rig->mm;
	const struct model_alloc *a;
	unsigned int id;

	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++) {
		if (!a->mem)
			continue;
		pages[a->mem->segment] += a->mem->npages;
		allocs[a->mem->segment]++;
		KUNIT_EXPECT_TRUE_MSG(test, a->mem->place || a->mem->segment == VIDMM_NOWHERE,
				      "memory without a place");
		if (a->mem->place)
			KUNIT_EXPECT_PTR_EQ_MSG(test, a->mem->place->alloc, a->mem,
						"another one's place");
		if (vidmm_in_gpu_segment(a->mem))
			KUNIT_EXPECT_TRUE_MSG(test, a->mem->supported & BIT(a->mem->segment - 1),
					      "in a segment that it does not support");
	}
	for (id = VIDMM_LOCAL; id < VIDMM_NUM_SEGMENTS; id++) {
		KUNIT_EXPECT_EQ_MSG(test, mm->segments[id].used, pages[id], "segment %u", id);
		KUNIT_EXPECT_EQ_MSG(test, mm->segments[id].allocs, allocs[id], "segment %u", id);
	}
	KUNIT_EXPECT_LE(test, pages[VIDMM_LOCAL], RIG_LOCAL);
	KUNIT_EXPECT_LE(test, pages[VIDMM_APERTURE], RIG_APERTURE);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(model->rig->local), pages[VIDMM_LOCAL]);
	KUNIT_EXPECT_EQ(test, mock_backend_pages(model->rig->aperture),
			pages[VIDMM_APERTURE] + pages[VIDMM_SYSTEM]);
	KUNIT_EXPECT_EQ_MSG(test, mm->busy, 0, "nobody does anything");
}

static void check_client(const struct model *model, unsigned int index)
{
	unsigned long used[VIDMM_NUM_SEGMENTS] = {}, purgeable[VIDMM_NUM_SEGMENTS] = {};
	const struct vidmm_client *client = model->clients[index];
	unsigned long allocs = 0, offered = 0;
	struct kunit *test = model->rig->test;
	const struct model_alloc *a;
	unsigned int i;

	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++) {
		if (!a->mem || a->client != index)
			continue;
		allocs++;
		used[a->mem->segment] += a->mem->npages;
		if (a->offer) {
			offered += a->mem->npages;
			purgeable[a->mem->segment] += a->mem->npages;
		}
	}
	for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, client->used[i], used[i], "client %u, segment %u", index,
				    i);
		KUNIT_EXPECT_EQ_MSG(test, client->purgeable[i], purgeable[i],
				    "client %u, segment %u", index, i);
	}
	KUNIT_EXPECT_EQ_MSG(test, client->allocs, allocs, "client %u", index);
	KUNIT_EXPECT_EQ_MSG(test, client->offered, offered, "client %u", index);
	KUNIT_EXPECT_EQ_MSG(test, client->commit, model_commit(model, index), "client %u", index);
	for (i = 0; i < VIDMM_NUM_GROUPS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, client->demand[i], model_demand(model, index, i),
				    "client %u, group %u", index, i);
		spin_lock(&client->mm->lock);
		offered = vidmm_budget(client, i);
		spin_unlock(&client->mm->lock);
		KUNIT_EXPECT_EQ_MSG(test, offered, model_budget(model, index, i),
				    "budget of client %u, group %u", index, i);
	}
}

/* Counts match, and nobody's content is anybody else's. */
static void check_alloc(const struct model *model, const struct model_alloc *a)
{
	unsigned int device, required = 0;
	struct kunit *test = model->rig->test;
	struct vidmm_alloc *mem = a->mem;
	u64 content;

	for (device = 0; device < MODEL_DEVICES; device++)
		required += a->counts[device] > 0;
	KUNIT_EXPECT_EQ(test, mem->required, required);
	KUNIT_EXPECT_EQ(test, !!mem->offer, a->offer);
	KUNIT_EXPECT_EQ(test, mem->busy, 0);
	if (mem->state & VIDMM_DISCARDED)
		KUNIT_EXPECT_TRUE_MSG(test, a->offer, "discarded, and never offered");
	if (mem->state & VIDMM_DECOMMITTED)
		KUNIT_EXPECT_TRUE(test, a->may_decommit);
	if (mem->segment == VIDMM_NOWHERE)
		KUNIT_EXPECT_TRUE_MSG(test, a->offer || !a->content, "content without memory");
	if (mem->segment == VIDMM_NOWHERE || mem->segment == VIDMM_SWAPPED)
		return;
	content = *model_content(mem);
	KUNIT_EXPECT_TRUE_MSG(test, content == a->content,
			      "holds %llx, not %llx", content, a->content);
}

/* In which order an allocation loses its place: the smaller the sooner. */
static unsigned int rank_of(const struct model *model, const struct model_alloc *a)
{
	unsigned int group = a->mem->segment - VIDMM_LOCAL;

	if (a->offer)
		return a->mem->offer - D3DKMT_OFFER_PRIORITY_LOW;
	if (!is_required(a))
		return 3;
	return model_demand(model, a->client, group) > model_budget(model, a->client, group) ? 4 : 5;
}

static bool goes_before(const struct model *model, const struct model_alloc *a,
			const struct model_alloc *b)
{
	unsigned int x = rank_of(model, a), y = rank_of(model, b);

	if (x != y)
		return x < y;
	if (a->mem->priority != b->mem->priority)
		return a->mem->priority < b->mem->priority;
	return a->mem->stamp < b->mem->stamp;
}

static void check_victim(const struct model *model, unsigned int id)
{
	struct vidmm *mm = &model->rig->mm;
	const struct model_alloc *a, *first = NULL, *chosen = NULL;
	struct vidmm_alloc *victim;

	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++)
		if (a->mem && a->mem->segment == id && (!first || goes_before(model, a, first)))
			first = a;
	spin_lock(&mm->lock);
	victim = vidmm_victim(mm, id, U64_MAX, true);
	spin_unlock(&mm->lock);
	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++)
		if (a->mem && a->mem == victim)
			chosen = a;
	/* Those that nobody has used yet are alike: any of them may be the one. */
	KUNIT_EXPECT_EQ_MSG(model->rig->test, !!chosen, !!first, "a victim of segment %u", id);
	KUNIT_EXPECT_FALSE_MSG(model->rig->test, chosen && goes_before(model, first, chosen),
			       "another victim of segment %u", id);
}

/**
 * model_check - compare the manager with the model
 * @model: the model; nobody does anything with the manager meanwhile
 */
void model_check(const struct model *model)
{
	const struct model_alloc *a;
	unsigned int i;

	check_segments(model);
	for (i = 0; i < MODEL_CLIENTS; i++)
		check_client(model, i);
	for (a = model->allocs; a < model->allocs + MODEL_ALLOCS; a++)
		if (a->mem)
			check_alloc(model, a);
	check_victim(model, VIDMM_LOCAL);
	check_victim(model, VIDMM_APERTURE);
}
