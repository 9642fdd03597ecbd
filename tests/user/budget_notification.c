// SPDX-License-Identifier: MIT
/*
 * budget_notification.c: being told when a budget changes
 *
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include <pthread.h>

#include "notify.h"

/* what the callback has been told last, and how often */
struct told {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t budget;
	unsigned int times;
};

static struct told told = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 };

static void callback(D3DKMT_BUDGETCHANGENOTIFICATION *n)
{
	struct told *t = n->Context;

	pthread_mutex_lock(&t->lock);
	t->budget = n->Budget;
	t->times++;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

static void wait_for_budget(uint64_t budget)
{
	pthread_mutex_lock(&told.lock);
	while (told.budget != budget)
		pthread_cond_wait(&told.changed, &told.lock);
	pthread_mutex_unlock(&told.lock);
}

static void others_change_it(void)
{
	struct neighbour n = need_neighbour();
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	uint64_t alone = need_video_memory(adapter, LOCAL_GROUP).Budget;
	D3DKMT_REGISTERBUDGETCHANGENOTIFICATION args = {
		.hDevice = device,
		.Callback = callback,
		.Context = &told,
	};
	D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION end;

	REQUIRE_STATUS(D3DKMTRegisterBudgetChangeNotification(&args), STATUS_SUCCESS);
	tell(&n, REQUIRE_BYTES, alone / 4);
	wait_for_budget(alone - alone / 4);
	EXPECT_EQ(need_video_memory(adapter, LOCAL_GROUP).Budget, alone - alone / 4);
	tell(&n, RESERVE_BYTES, alone / 2);
	wait_for_budget(alone / 2);
	tell(&n, END, 0);
	wait_for_budget(alone);
	end.Handle = args.Handle;
	EXPECT_STATUS(D3DKMTUnregisterBudgetChangeNotification(&end), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTUnregisterBudgetChangeNotification(&end), STATUS_INVALID_PARAMETER);
}

/* the group that is not asked for says nothing, and what was not read is told once, as it is then */
static void told_once(void)
{
	struct neighbour n = need_neighbour();
	struct listener local = need_listener(VDXG_NOTIFY_BUDGET_LOCAL), other;
	uint64_t alone = need_video_memory(need_adapter(), LOCAL_GROUP).Budget;
	struct vdxg_notification record;

	REQUIRE_STATUS(raw_register(&local.raw, local.raw.device, VDXG_NOTIFY_BUDGET_NON_LOCAL,
				    &other.fd), STATUS_SUCCESS);
	need_root();
	fcntl(local.fd, F_SETFL, O_NONBLOCK);
	fcntl(other.fd, F_SETFL, O_NONBLOCK);
	EXPECT(read(local.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
	tell(&n, REQUIRE_BYTES, alone / 8);
	tell(&n, REQUIRE_BYTES, alone / 8);
	EXPECT_STATUS(kmt_wake(need_adapter(), false), STATUS_SUCCESS);
	record = need_record(local.fd);
	EXPECT_EQ(record.event, VDXG_NOTIFY_BUDGET_LOCAL);
	EXPECT_EQ(record.trim, 0);
	EXPECT_EQ(record.bytes, alone - alone / 4);
	EXPECT(read(local.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
	EXPECT(read(other.fd, &record, sizeof(record)) < 0 && errno == EAGAIN);
	tell(&n, END, 0);
}

static void arguments(void)
{
	D3DKMT_REGISTERBUDGETCHANGENOTIFICATION args = { .hDevice = need_device() };
	D3DKMT_UNREGISTERBUDGETCHANGENOTIFICATION end = { .Handle = &args };

	EXPECT_STATUS(D3DKMTRegisterBudgetChangeNotification(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTRegisterBudgetChangeNotification(&args), STATUS_INVALID_PARAMETER);
	args.Callback = callback;
	args.hDevice = 0;
	EXPECT_STATUS(D3DKMTRegisterBudgetChangeNotification(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTUnregisterBudgetChangeNotification(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTUnregisterBudgetChangeNotification(&end), STATUS_INVALID_PARAMETER);
	end.Handle = NULL;
	EXPECT_STATUS(D3DKMTUnregisterBudgetChangeNotification(&end), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(others_change_it, "what others require, reserve and give up is told"),
	CASE(told_once, "what changes twice before it is read is told once"),
	CASE(arguments, "bad arguments are refused"),
};

TEST_MAIN(cases)
