// SPDX-License-Identifier: GPL-2.0-only
/*
 * watch.c: telling a process to trim, and what its budget is (see watch.h)
 *
 * All watches of a manager are looked at together, by a work item: whoever changes something under &vidmm.lock only
 * sees that it runs, and without watches does not even that.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "watch.h"

/* Until the escape SET_TRIM_INTERVALS says otherwise. */
#define TRIM_MIN	(1 * HZ)
#define TRIM_MAX	(10 * HZ)
#define TRIM_IDLE	(60 * HZ)

/* A unit of the escape's intervals is 100 ns. */
#define UNITS_PER_SECOND	10000000ULL

static bool is_nearly_full(const struct vidmm_segment *segment)
{
	return segment->used > segment->capacity / 4 * 3;
}

/* How long until the next periodic trim of a client; under the manager's lock. */
static unsigned long interval(const struct vidmm *mm, const struct vidmm_watch *watch)
{
	if (watch->idle)
		return mm->trim_idle;
	return is_nearly_full(&mm->segments[VIDMM_LOCAL]) ||
	       is_nearly_full(&mm->segments[VIDMM_APERTURE]) ? mm->trim_min : mm->trim_max;
}

/* What the clock has to tell; under the manager's lock. */
static unsigned int look_at_clock(const struct vidmm *mm, struct vidmm_watch *watch)
{
	bool active = watch->activity != watch->client->activity;
	unsigned int trim = 0;

	if (watch->idle && active) {
		trim = D3DDDI_TRIM_RESTART_PERIODIC;
		watch->idle = false;
	} else if (time_after_eq(jiffies, watch->due)) {
		/* The first interval without anything new only makes it idle. */
		if (active || watch->idle)
			trim = D3DDDI_TRIM_PERIODIC;
		watch->idle = !active;
	} else {
		return 0;
	}
	watch->activity = watch->client->activity;
	watch->due = jiffies + interval(mm, watch);
	return trim;
}

static void tell_trim(struct vidmm_watch *watch, unsigned int trim)
{
	/* The two about periodic trims exclude each other: the last one counts. */
	if (trim & (D3DDDI_TRIM_PERIODIC | D3DDDI_TRIM_RESTART_PERIODIC))
		watch->trim &= ~(D3DDDI_TRIM_PERIODIC | D3DDDI_TRIM_RESTART_PERIODIC);
	watch->trim |= trim;
	watch->pending |= VDXG_NOTIFY_TRIM;
}

static void look_at_budget(struct vidmm_watch *watch)
{
	unsigned long over = vidmm_excess(watch->client);

	/* Whoever was told, and did nothing yet, is told again only if it is more now. */
	if (over > watch->over)
		tell_trim(watch, D3DDDI_TRIM_TO_BUDGET);
	watch->over = over;
	if (over)
		return;
	watch->trim &= ~D3DDDI_TRIM_TO_BUDGET;
	if (!watch->trim)
		watch->pending &= ~VDXG_NOTIFY_TRIM;
}

/* Under the manager's lock. */
static void look(struct vidmm *mm, struct vidmm_watch *watch)
{
	unsigned int group, trim = 0;
	unsigned long budget;

	if (watch->wants & VDXG_NOTIFY_TRIM)
		trim = look_at_clock(mm, watch);
	spin_lock(&watch->lock);
	if (trim)
		tell_trim(watch, trim);
	if (watch->wants & VDXG_NOTIFY_TRIM)
		look_at_budget(watch);
	for (group = 0; group < VIDMM_NUM_GROUPS; group++) {
		budget = vidmm_budget(watch->client, group);
		if (watch->budget[group] != budget)
			watch->pending |= watch->wants & VDXG_NOTIFY_BUDGET_LOCAL << group;
		watch->budget[group] = budget;
	}
	if (watch->pending)
		wake_up_all(&watch->wait);
	spin_unlock(&watch->lock);
}

static void work(struct work_struct *work)
{
	struct vidmm *mm = container_of(to_delayed_work(work), struct vidmm, watch_work);
	unsigned long next = MAX_JIFFY_OFFSET;
	struct vidmm_watch *watch;
	bool any = false;

	spin_lock(&mm->lock);
	mm->watch_kicked = false;
	list_for_each_entry(watch, &mm->watches, link) {
		look(mm, watch);
		if (!(watch->wants & VDXG_NOTIFY_TRIM))
			continue;
		any = true;
		next = min(next, time_after(watch->due, jiffies) ? watch->due - jiffies : 1);
	}
	/* Not after vidmm_watches_end(): there are none then. */
	if (any)
		mod_delayed_work(system_unbound_wq, &mm->watch_work, next);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_watches_kick - look at all watches soon
 * @mm: the manager, which has some
 *
 * Context: under &vidmm.lock.
 */
void vidmm_watches_kick(struct vidmm *mm)
{
	lockdep_assert_held(&mm->lock);
	if (mm->watch_kicked)
		return;
	mm->watch_kicked = true;
	mod_delayed_work(system_unbound_wq, &mm->watch_work, 0);
}

/**
 * vidmm_watches_init - set up what a manager has to watch with
 * @mm: the manager
 */
void vidmm_watches_init(struct vidmm *mm)
{
	INIT_LIST_HEAD(&mm->watches);
	INIT_DELAYED_WORK(&mm->watch_work, work);
	mm->trim_min = TRIM_MIN;
	mm->trim_max = TRIM_MAX;
	mm->trim_idle = TRIM_IDLE;
}

/* Under the manager's lock. */
static void end(struct vidmm_watch *watch)
{
	list_del_init(&watch->link);
	watch->client->watches--;
	spin_lock(&watch->lock);
	watch->ended = true;
	wake_up_all(&watch->wait);
	spin_unlock(&watch->lock);
}

/**
 * vidmm_watches_end - the device is gone: so are all watches
 * @mm: a manager that is removed
 *
 * Context: sleeps until nobody looks any more.
 */
void vidmm_watches_end(struct vidmm *mm)
{
	struct vidmm_watch *watch, *next;

	spin_lock(&mm->lock);
	list_for_each_entry_safe(watch, next, &mm->watches, link)
		end(watch);
	spin_unlock(&mm->lock);
	cancel_delayed_work_sync(&mm->watch_work);
}

/**
 * vidmm_watch_init - set a watch up
 * @watch: the watch
 * @wants: VDXG_NOTIFY_*: what it is for
 */
void vidmm_watch_init(struct vidmm_watch *watch, unsigned int wants)
{
	memset(watch, 0, sizeof(*watch));
	INIT_LIST_HEAD(&watch->link);
	watch->wants = wants;
	spin_lock_init(&watch->lock);
	init_waitqueue_head(&watch->wait);
}

/**
 * vidmm_watch_add - begin to watch
 * @watch: after vidmm_watch_init()
 * @client: whose; lives until vidmm_watch_end()
 *
 * A client that is over its budget now is told so; what its budgets are it is told when they change.
 *
 * Context: no locks but the process's.
 * Return: false if the client has VIDMM_MAX_WATCHES of them.
 */
bool vidmm_watch_add(struct vidmm_watch *watch, struct vidmm_client *client)
{
	struct vidmm *mm = client->mm;
	unsigned int group;

	watch->client = client;
	spin_lock(&mm->lock);
	if (client->watches == VIDMM_MAX_WATCHES) {
		spin_unlock(&mm->lock);
		return false;
	}
	watch->activity = client->activity;
	watch->due = jiffies + interval(mm, watch);
	for (group = 0; group < VIDMM_NUM_GROUPS; group++)
		watch->budget[group] = vidmm_budget(client, group);
	if (mm->removed) {
		watch->ended = true;
	} else {
		list_add_tail(&watch->link, &mm->watches);
		client->watches++;
		vidmm_watches_kick(mm);
	}
	spin_unlock(&mm->lock);
	return true;
}

/**
 * vidmm_watch_end - end a watch, if it has not ended yet
 * @watch: the watch; what it has to tell can still be taken
 *
 * Context: no locks but the process's.
 */
void vidmm_watch_end(struct vidmm_watch *watch)
{
	struct vidmm *mm = watch->client->mm;

	spin_lock(&mm->lock);
	if (!list_empty(&watch->link))
		end(watch);
	spin_unlock(&mm->lock);
}

/**
 * vidmm_watch_take - take something that there is to tell
 * @watch: the watch
 * @notice: the thing
 *
 * Return: whether there was anything.
 */
bool vidmm_watch_take(struct vidmm_watch *watch, struct vidmm_notice *notice)
{
	unsigned int group;

	spin_lock(&watch->lock);
	notice->event = watch->pending & -watch->pending;
	watch->pending &= ~notice->event;
	notice->trim = 0;
	notice->bytes = 0;
	if (notice->event == VDXG_NOTIFY_TRIM) {
		notice->trim = watch->trim;
		if (watch->trim & D3DDDI_TRIM_TO_BUDGET)
			notice->bytes = (u64)watch->over << PAGE_SHIFT;
		watch->trim = 0;
	} else if (notice->event) {
		group = notice->event == VDXG_NOTIFY_BUDGET_LOCAL ? VIDMM_GROUP_LOCAL :
			VIDMM_GROUP_NON_LOCAL;
		notice->bytes = (u64)watch->budget[group] << PAGE_SHIFT;
	}
	spin_unlock(&watch->lock);
	return notice->event;
}

/**
 * vidmm_watch_put_back - undo vidmm_watch_take()
 * @watch: the watch
 * @notice: what was taken
 */
void vidmm_watch_put_back(struct vidmm_watch *watch, const struct vidmm_notice *notice)
{
	spin_lock(&watch->lock);
	watch->pending |= notice->event;
	/* Of the two about periodic trims, one that came meanwhile counts. */
	if (watch->trim & (D3DDDI_TRIM_PERIODIC | D3DDDI_TRIM_RESTART_PERIODIC))
		watch->trim |= notice->trim & D3DDDI_TRIM_TO_BUDGET;
	else
		watch->trim |= notice->trim;
	spin_unlock(&watch->lock);
}

/**
 * vidmm_watch_ready - is there anything to take?
 * @watch: the watch
 * @ended: nothing comes any more
 */
bool vidmm_watch_ready(struct vidmm_watch *watch, bool *ended)
{
	bool ready;

	spin_lock(&watch->lock);
	ready = watch->pending;
	*ended = watch->ended;
	spin_unlock(&watch->lock);
	return ready;
}

/**
 * vidmm_watches_flush - look at all watches now
 * @mm: the manager
 *
 * Context: sleeps.
 */
void vidmm_watches_flush(struct vidmm *mm)
{
	spin_lock(&mm->lock);
	if (!list_empty(&mm->watches))
		vidmm_watches_kick(mm);
	spin_unlock(&mm->lock);
	flush_delayed_work(&mm->watch_work);
}

static unsigned long to_jiffies(u32 units)
{
	return max_t(unsigned long, div64_u64((u64)units * HZ, UNITS_PER_SECOND), 1);
}

/**
 * vidmm_set_trim_intervals - change the intervals of periodic trims
 * @mm: the manager
 * @min: while a segment is nearly full, in units of 100 ns; never less than a tick of the kernel
 * @max: otherwise, not less than @min
 * @idle: for a client that requires nothing new
 *
 * They begin anew for everybody.
 *
 * Context: no locks.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER.
 */
int vidmm_set_trim_intervals(struct vidmm *mm, u32 min, u32 max, u32 idle)
{
	struct vidmm_watch *watch;

	if (!min || max < min || !idle)
		return STATUS_INVALID_PARAMETER;
	spin_lock(&mm->lock);
	mm->trim_min = to_jiffies(min);
	mm->trim_max = to_jiffies(max);
	mm->trim_idle = to_jiffies(idle);
	list_for_each_entry(watch, &mm->watches, link)
		watch->due = jiffies + interval(mm, watch);
	if (!list_empty(&mm->watches))
		vidmm_watches_kick(mm);
	spin_unlock(&mm->lock);
	return STATUS_SUCCESS;
}
