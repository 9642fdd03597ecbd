// SPDX-License-Identifier: MIT
/*
 * race_share.c: opening and sharing against the end of what is shared: of the object, its device, its
 * descriptor, its name and its creator
 *
 * Who opens gets everything or nothing. Afterwards nothing is left: the adapter counts what it counted, a number
 * answers no more, and a wait for a fence that nobody signals has been let go, but not a moment too early.
 */
#include <signal.h>

#include "race.h"
#include "share.h"

#define ROUNDS	60
#define PAGE	4096
#define CONTENT	0x5a5a1234U
#define INITIAL	7
/* Never signalled. */
#define FAR	(1ULL << 40)

static const wchar_t name[] = L"Race";

/* What is shared: a resource by number, or by descriptor a resource, a fence, or both with a keyed mutex. */
enum kind { NUMBER, RESOURCE, FENCE, SET, KINDS };

/**
 * struct state - what the two sides share
 * @adapter: adapter
 * @device: the creator's device
 * @other: the opener's device
 * @watcher: a device that only looks
 * @kind: what is shared
 * @how: one way or another, of two
 * @shared: the resource, of two allocations
 * @fence: the fence
 * @mutex: the keyed mutex
 * @event: fires when nobody has the fence any more
 * @handle: the descriptor
 * @handles: descriptors of the two sides
 * @opened: what was opened
 * @first: status of one side
 * @second: of the other
 * @pid: the creator's process
 */
struct state {
	D3DKMT_HANDLE adapter, device, other, watcher;
	enum kind kind;
	bool how;
	struct shared shared;
	struct fence fence;
	D3DKMT_HANDLE mutex;
	int event;
	HANDLE handle, handles[2];
	struct opener opened;
	NTSTATUS first, second;
	pid_t pid;
};

/* Run @round so many times, with all kinds from @kind on; at the end everything is as before. */
static void rounds_of(void (*round)(struct state *s, uint64_t *random), enum kind kind, unsigned int normal)
{
	struct state s = { .adapter = need_adapter(), .event = need_event() };
	unsigned int i, rounds = test_rounds(normal);
	uint64_t random = test_seed();
	struct live live;

	s.device = need_device_of(s.adapter);
	s.other = need_device_of(s.adapter);
	s.watcher = need_device_of(s.adapter);
	live = count_live(s.other);
	for (i = 0; i < rounds && !test_failed(); i++) {
		s.kind = kind + i % (KINDS - kind);
		s.how = test_random(&random) & 1;
		round(&s, &random);
	}
	/* what has failed may have left something for ever */
	if (test_failed())
		return;
	expect_usage_back(live.usage);
	EXPECT_SAME_LIVE(count_live(s.other), live);
}

static bool has_resource(const struct state *s)
{
	return s->kind != FENCE;
}

static bool has_fence(const struct state *s)
{
	return s->kind == FENCE || s->kind == SET;
}

static void fresh_resource(struct state *s, uint32_t flags)
{
	uint32_t *data;

	s->shared = need_shared(s->device, PAGE, 2, flags);
	data = need_lock(s->device, s->shared.allocations[1]);
	*data = CONTENT;
}

/* A fence, and a wait that ends with it, though it keeps none of its handles. */
static void fresh_fence(struct state *s)
{
	struct fence opened;
	HANDLE handle;

	s->fence = need_fence(s->device, INITIAL, SYNC_SHARED | SYNC_NT);
	handle = need_share(s->fence.handle);
	REQUIRE_STATUS(kmt_open_sync_nt(s->watcher, handle, 0, &opened), STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_wait(s->watcher, opened.handle, FAR, s->event), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_sync(opened.handle), STATUS_SUCCESS);
	close(fd_of(handle));
}

static void fresh(struct state *s)
{
	D3DKMT_CREATEKEYEDMUTEX2 create = { .Flags.NtSecuritySharing = 1 };

	if (has_resource(s))
		fresh_resource(s, s->kind == NUMBER ? SHARED : SHARED_NT);
	if (has_fence(s))
		fresh_fence(s);
	if (s->kind != SET)
		return;
	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&create), STATUS_SUCCESS);
	s->mutex = create.hKeyedMutex;
}

static NTSTATUS share_as(const struct state *s, const wchar_t *as, HANDLE *handle)
{
	const D3DKMT_HANDLE set[] = { s->shared.resource, s->mutex, s->fence.handle };

	return s->kind == FENCE ? kmt_share_as(&s->fence.handle, 1, as, ACCESS_ALL, handle) :
		kmt_share_as(set, s->kind == SET ? 3 : 1, as, ACCESS_ALL, handle);
}

static void need_fresh_shared(struct state *s, const wchar_t *as)
{
	fresh(s);
	if (s->kind != NUMBER)
		REQUIRE_STATUS(share_as(s, as, &s->handle), STATUS_SUCCESS);
}

static void close_handle(const struct state *s)
{
	if (s->kind != NUMBER)
		EXPECT(!close(fd_of(s->handle)));
}

static void destroy_mutex(D3DKMT_HANDLE mutex)
{
	EXPECT_STATUS(D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) { mutex }), STATUS_SUCCESS);
}

/* Destroy it, a resource perhaps in two steps. */
static void destroy_original(const struct state *s)
{
	if (has_resource(s) && s->how)
		EXPECT_STATUS(kmt_destroy_one(s->device, s->shared.allocations[0]), STATUS_SUCCESS);
	if (has_resource(s))
		EXPECT_STATUS(kmt_destroy_resource(s->device, s->shared.resource), STATUS_SUCCESS);
	if (has_fence(s))
		EXPECT_STATUS(kmt_destroy_sync(s->fence.handle), STATUS_SUCCESS);
	if (s->kind == SET)
		destroy_mutex(s->mutex);
}

/* Open it, of a resource @n allocations, on the opener's device. */
static NTSTATUS open_by(struct state *s, HANDLE handle, uint32_t n)
{
	struct fence fence;
	NTSTATUS status;

	init_opener(&s->opened, s->other, s->shared.global, handle, n);
	if (s->kind == FENCE) {
		status = kmt_open_sync_nt(s->other, handle, 0, &fence);
		s->opened.nt.hSyncObject = fence.handle;
	} else if (s->kind == NUMBER) {
		status = D3DKMTOpenResource2(&s->opened.global);
		s->opened.nt.hResource = s->opened.global.hResource;
	} else {
		status = D3DKMTOpenResourceFromNtHandle(&s->opened.nt);
	}
	return status;
}

static void open_it(void *arg)
{
	struct state *s = arg;

	s->first = open_by(s, s->handle, 2);
}

static void expect_content(D3DKMT_HANDLE device, D3DKMT_HANDLE allocation)
{
	const uint32_t *data = need_lock(device, allocation);

	EXPECT_EQ(*data, CONTENT);
}

/* What open_by() has opened is all there; then it goes. */
static void use_opened(const struct state *s)
{
	const D3DKMT_OPENRESOURCEFROMNTHANDLE *nt = &s->opened.nt;

	if (has_resource(s)) {
		expect_content(s->other, s->opened.info[nt->NumAllocations - 1].hAllocation);
		EXPECT_STATUS(kmt_destroy_resource(s->other, nt->hResource), STATUS_SUCCESS);
	}
	if (has_fence(s)) {
		EXPECT(!fired(s->event));
		EXPECT_STATUS(kmt_signal(s->other, nt->hSyncObject, INITIAL + 1), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_destroy_sync(nt->hSyncObject), STATUS_SUCCESS);
	}
	if (s->kind == SET)
		destroy_mutex(nt->hKeyedMutex);
}

/* Nobody has anything of it any more. */
static void expect_gone(const struct state *s)
{
	D3DKMT_QUERYRESOURCEINFO query = { .hDevice = s->watcher, .hGlobalShare = s->shared.global };

	if (s->kind == NUMBER)
		EXPECT_STATUS(D3DKMTQueryResourceInfo(&query), STATUS_INVALID_PARAMETER);
	if (has_fence(s))
		EXPECT(fired(s->event));
}

/* Whether a call has done what it was to do; it may fail in this way only. */
static bool succeeded(NTSTATUS status, NTSTATUS failure)
{
	if (status != STATUS_SUCCESS)
		EXPECT_STATUS(status, failure);
	return status == STATUS_SUCCESS;
}

/* ---- opening and sharing ---- */

/* In one order or the other; a descriptor has everything as long as it is one. */
static void end_it(void *arg)
{
	struct state *s = arg;

	if (s->how)
		destroy_original(s);
	close_handle(s);
	if (!s->how)
		destroy_original(s);
}

static void end_round(struct state *s, uint64_t *random)
{
	need_fresh_shared(s, NULL);
	race(open_it, end_it, s, random);
	if (succeeded(s->first, s->kind == NUMBER ? STATUS_INVALID_PARAMETER : STATUS_INVALID_HANDLE))
		use_opened(s);
	expect_gone(s);
}

static void open_against_end(void)
{
	rounds_of(end_round, NUMBER, ROUNDS);
}

static void destroy_device(void *arg)
{
	struct state *s = arg;

	s->second = kmt_destroy_device(s->how ? s->device : s->other);
}

static void device_round(struct state *s, uint64_t *random)
{
	const D3DKMT_HANDLE device = s->device, other = s->other;

	s->device = need_device_of(s->adapter);
	s->other = need_device_of(s->adapter);
	need_fresh_shared(s, NULL);
	race(open_it, destroy_device, s, random);
	EXPECT_STATUS(s->second, STATUS_SUCCESS);
	/* what has a descriptor outlives its creator's device */
	if (s->how && s->kind != NUMBER)
		EXPECT_STATUS(s->first, STATUS_SUCCESS);
	if (succeeded(s->first, STATUS_INVALID_PARAMETER)) {
		if (s->how)
			use_opened(s);
		else if (s->kind == SET)
			destroy_mutex(s->opened.nt.hKeyedMutex);
	}
	if (!s->how)
		destroy_original(s);
	else if (s->kind == SET)
		destroy_mutex(s->mutex);
	close_handle(s);
	expect_gone(s);
	EXPECT_STATUS(kmt_destroy_device(s->how ? s->other : s->device), STATUS_SUCCESS);
	s->device = device;
	s->other = other;
}

static void open_against_device(void)
{
	rounds_of(device_round, NUMBER, ROUNDS);
}

static void share_it(void *arg)
{
	struct state *s = arg;

	s->first = share_as(s, NULL, &s->handle);
}

static void destroy_it(void *arg)
{
	destroy_original(arg);
}

/* The allocations of a descriptor: both, but the first one may have gone before it was made. */
static uint32_t count_shared(const struct state *s)
{
	D3DKMT_QUERYRESOURCEINFOFROMNTHANDLE query = { .hDevice = s->other, .hNtHandle = s->handle };

	if (!has_resource(s))
		return 0;
	EXPECT_STATUS(D3DKMTQueryResourceInfoFromNtHandle(&query), STATUS_SUCCESS);
	EXPECT(query.NumAllocations == 2 || (query.NumAllocations == 1 && s->how));
	return query.NumAllocations;
}

static void share_round(struct state *s, uint64_t *random)
{
	fresh(s);
	race(share_it, destroy_it, s, random);
	if (succeeded(s->first, STATUS_INVALID_PARAMETER)) {
		REQUIRE_STATUS(open_by(s, s->handle, count_shared(s)), STATUS_SUCCESS);
		use_opened(s);
		close_handle(s);
	}
	expect_gone(s);
}

static void share_against_destroy(void)
{
	rounds_of(share_round, RESOURCE, ROUNDS);
}

/* ---- names ---- */

static NTSTATUS open_name(enum kind kind, HANDLE *handle)
{
	UNICODE_STRING string = { sizeof(name) - sizeof(*name), sizeof(name), (wchar_t *)name };
	OBJECT_ATTRIBUTES attributes = { .Length = sizeof(attributes), .ObjectName = &string };
	D3DKMT_OPENSYNCOBJECTNTHANDLEFROMNAME sync = { ACCESS_ALL, &attributes, NULL };
	D3DKMT_OPENNTHANDLEFROMNAME other = { ACCESS_ALL, &attributes, NULL };
	NTSTATUS status = kind == FENCE ? D3DKMTOpenSyncObjectNtHandleFromName(&sync) :
		D3DKMTOpenNtHandleFromName(&other);

	*handle = kind == FENCE ? sync.hNtHandle : other.hNtHandle;
	return status;
}

static void expect_no_name(const struct state *s)
{
	HANDLE handle;

	EXPECT_STATUS(open_name(s->kind, &handle), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void close_and_name(void *arg)
{
	struct state *s = arg;

	close_handle(s);
	s->first = share_as(s, name, &s->handles[0]);
}

static void name_it(void *arg)
{
	struct state *s = arg;

	s->second = share_as(s, name, &s->handles[1]);
}

static void two_names_round(struct state *s, uint64_t *random)
{
	bool first, second;

	need_fresh_shared(s, name);
	race(close_and_name, name_it, s, random);
	first = succeeded(s->first, STATUS_OBJECT_NAME_COLLISION);
	second = succeeded(s->second, STATUS_OBJECT_NAME_COLLISION);
	EXPECT_EQ(first + second, 1);
	if (first)
		close(fd_of(s->handles[0]));
	if (second)
		close(fd_of(s->handles[1]));
	expect_no_name(s);
	destroy_original(s);
	expect_gone(s);
}

static void two_take_one_name(void)
{
	rounds_of(two_names_round, RESOURCE, ROUNDS);
}

static void open_the_name(void *arg)
{
	struct state *s = arg;

	s->first = open_name(s->kind, &s->handles[0]);
}

static void name_round(struct state *s, uint64_t *random)
{
	need_fresh_shared(s, name);
	race(open_the_name, end_it, s, random);
	if (succeeded(s->first, STATUS_OBJECT_NAME_NOT_FOUND)) {
		REQUIRE_STATUS(open_by(s, s->handles[0], 2), STATUS_SUCCESS);
		use_opened(s);
		close(fd_of(s->handles[0]));
	}
	expect_no_name(s);
	expect_gone(s);
}

static void name_against_close(void)
{
	rounds_of(name_round, RESOURCE, ROUNDS);
}

/* ---- the creator's end ---- */

/* In the child: a resource by number, which it tells, and a name of this and that for ever. */
static void create_until_killed(int fd)
{
	struct state s = { .device = need_device() };
	D3DKMT_HANDLE global;

	fresh_resource(&s, SHARED);
	global = s.shared.global;
	fresh_resource(&s, SHARED_NT);
	s.fence = need_fence(s.device, INITIAL, SYNC_SHARED | SYNC_NT);
	REQUIRE(write(fd, &global, sizeof(global)) == sizeof(global));
	while (!test_failed()) {
		s.kind = s.kind == FENCE ? RESOURCE : FENCE;
		/* the parent may have the name still */
		if (succeeded(share_as(&s, name, &s.handle), STATUS_OBJECT_NAME_COLLISION))
			close_handle(&s);
	}
	test_exit();
}

static void kill_creator(void *arg)
{
	struct state *s = arg;

	kill(s->pid, SIGKILL);
	EXPECT_EQ(test_wait(s->pid), 128 + SIGKILL);
	__atomic_store_n(&s->pid, 0, __ATOMIC_SEQ_CST);
}

/* By number, or by the name, which may be that of the other kind now, or of nothing. */
static void open_once(struct state *s, enum kind kind)
{
	NTSTATUS status;

	s->kind = kind;
	if (kind != NUMBER) {
		status = open_name(kind, &s->handle);
		if (status == STATUS_OBJECT_TYPE_MISMATCH || !succeeded(status, STATUS_OBJECT_NAME_NOT_FOUND))
			return;
	}
	if (succeeded(open_by(s, s->handle, 2), kind == NUMBER ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS))
		use_opened(s);
	close_handle(s);
}

static void open_until_gone(void *arg)
{
	struct state *s = arg;
	unsigned int i;

	for (i = 0; __atomic_load_n(&s->pid, __ATOMIC_SEQ_CST) && !test_failed(); i++)
		open_once(s, i % SET);
}

static void killed_round(struct state *s, uint64_t *random)
{
	struct usage before = need_usage();
	int fds[2];

	REQUIRE(!pipe(fds));
	s->pid = fork();
	REQUIRE(s->pid >= 0);
	if (!s->pid)
		create_until_killed(fds[1]);
	REQUIRE(read(fds[0], &s->shared.global, sizeof(s->shared.global)) == sizeof(s->shared.global));
	race(kill_creator, open_until_gone, s, random);
	/* names go with the process, its memory a little later */
	s->kind = FENCE;
	expect_no_name(s);
	expect_usage_back(before);
	s->kind = NUMBER;
	EXPECT_STATUS(open_by(s, NULL, 2), STATUS_INVALID_PARAMETER);
	close(fds[0]);
	close(fds[1]);
}

static void creator_killed(void)
{
	rounds_of(killed_round, NUMBER, ROUNDS / 6);
}

static const struct test_case cases[] = {
	CASE(open_against_end, "what is shared ends, and its descriptor: all of it opens, or nothing"),
	CASE(open_against_device, "it is opened while the creator's or the opener's device goes"),
	CASE(share_against_destroy, "what is being shared is destroyed: it is shared, or not"),
	CASE(two_take_one_name, "two threads take a name while its last descriptor is closed: one gets it"),
	CASE(name_against_close, "a name is opened while its last descriptor is closed"),
	CASE(creator_killed, "a process is killed while another opens what it shares"),
};

TEST_MAIN(cases)
