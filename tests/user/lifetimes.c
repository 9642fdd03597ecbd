// SPDX-License-Identifier: MIT
/*
 * lifetimes.c: who keeps what alive, across processes
 *
 * A parent process makes one of everything that can be shared, and a child of its own opens it; this
 * process watches, and has the descriptors. Five things can end: the creator's objects, the descriptors, the
 * opened objects, the parent and the child. Each case ends one of them first and each of the others second,
 * so every pair comes in both orders, but for those that cannot: a process has no objects after its end.
 * After each end everybody who still has something uses it; what nobody has must be gone.
 *
 * The rule: what was shared by descriptor lives as long as the creator's object, the opened one or a
 * descriptor; what was shared by number, as long as one of the two objects.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "share.h"

#define PAGE	4096
/* Never reached. */
#define FAR	(1ULL << 40)

enum end { OBJECTS, DESCRIPTORS, OPENED, PARENT, CHILD, ENDS };

static const char * const names[] = {
	"the creator's objects", "the descriptors", "the opened objects", "the parent", "the child",
};

/* The resources, by how they are shared. */
enum { BY_NUMBER, BY_DESCRIPTOR, OF_THE_SET, RESOURCES };

/**
 * struct keys - what others open things by
 * @resource: number of a resource
 * @mutex: number of a keyed mutex
 * @nt: descriptors: of a resource, of a monitored fence, and of a set of all three kinds
 */
struct keys {
	D3DKMT_HANDLE resource, mutex;
	HANDLE nt[3];
};

/**
 * struct things - what a process has
 * @device: its device
 * @resources: a resource of each kind, of one allocation
 * @content: the allocations
 * @fences: the fence, and the one of the set
 * @mutexes: the keyed mutex, and the one of the set
 */
struct things {
	D3DKMT_HANDLE device;
	D3DKMT_HANDLE resources[RESOURCES];
	volatile uint64_t *content[RESOURCES];
	struct fence fences[2];
	D3DKMT_HANDLE mutexes[2];
};

/* ---- what a process does with its things ---- */

static void make(struct things *t, struct keys *k)
{
	D3DKMT_CREATEKEYEDMUTEX alone = { 0 };
	D3DKMT_CREATEKEYEDMUTEX2 member = { .Flags.NtSecuritySharing = 1 };
	struct shared shared;
	D3DKMT_HANDLE set[3];
	int i;

	t->device = need_device();
	for (i = 0; i < RESOURCES; i++) {
		shared = need_shared(t->device, PAGE, 1, i == BY_NUMBER ? SHARED : SHARED_NT);
		t->resources[i] = shared.resource;
		t->content[i] = need_lock(t->device, shared.allocations[0]);
		if (i == BY_NUMBER)
			k->resource = shared.global;
	}
	for (i = 0; i < 2; i++)
		t->fences[i] = need_fence(t->device, 0, SYNC_SHARED | SYNC_NT);
	REQUIRE_STATUS(D3DKMTCreateKeyedMutex(&alone), STATUS_SUCCESS);
	REQUIRE_STATUS(D3DKMTCreateKeyedMutex2(&member), STATUS_SUCCESS);
	t->mutexes[0] = alone.hKeyedMutex;
	t->mutexes[1] = member.hKeyedMutex;
	k->mutex = alone.hSharedHandle;
	k->nt[0] = need_share(t->resources[BY_DESCRIPTOR]);
	k->nt[1] = need_share(t->fences[0].handle);
	set[0] = t->resources[OF_THE_SET];
	set[1] = t->mutexes[1];
	set[2] = t->fences[1].handle;
	REQUIRE_STATUS(kmt_share_as(set, 3, NULL, ACCESS_ALL, &k->nt[2]), STATUS_SUCCESS);
}

static void open_by_number(struct things *t, const struct keys *k)
{
	D3DKMT_OPENKEYEDMUTEX mutex = { .hSharedHandle = k->mutex };
	struct shared opened;

	REQUIRE_STATUS(kmt_open_global(t->device, k->resource, 1, &opened), STATUS_SUCCESS);
	t->resources[BY_NUMBER] = opened.resource;
	t->content[BY_NUMBER] = need_lock(t->device, opened.allocations[0]);
	REQUIRE_STATUS(D3DKMTOpenKeyedMutex(&mutex), STATUS_SUCCESS);
	t->mutexes[0] = mutex.hKeyedMutex;
}

static void open_by_descriptor(struct things *t, const struct keys *k)
{
	struct shared opened;
	struct opener o;

	REQUIRE_STATUS(kmt_open_nt(t->device, k->nt[0], 1, &opened), STATUS_SUCCESS);
	t->resources[BY_DESCRIPTOR] = opened.resource;
	t->content[BY_DESCRIPTOR] = need_lock(t->device, opened.allocations[0]);
	REQUIRE_STATUS(kmt_open_sync_nt(t->device, k->nt[1], 0, &t->fences[0]), STATUS_SUCCESS);
	init_opener(&o, t->device, 0, k->nt[2], 1);
	REQUIRE_STATUS(D3DKMTOpenResourceFromNtHandle(&o.nt), STATUS_SUCCESS);
	t->resources[OF_THE_SET] = o.nt.hResource;
	t->content[OF_THE_SET] = need_lock(t->device, o.info[0].hAllocation);
	t->mutexes[1] = o.nt.hKeyedMutex;
	t->fences[1].handle = o.nt.hSyncObject;
	t->fences[1].value = NULL;
}

static void use(struct things *t, uint64_t value)
{
	int i;

	for (i = 0; i < RESOURCES; i++)
		if (t->resources[i])
			*t->content[i] = value;
	for (i = 0; i < 2; i++)
		if (t->fences[i].handle)
			EXPECT_STATUS(kmt_signal(t->device, t->fences[i].handle, value),
				      STATUS_SUCCESS);
}

static void check_mutex(D3DKMT_HANDLE mutex)
{
	D3DKMT_ACQUIREKEYEDMUTEX acquire = { .hKeyedMutex = mutex };
	D3DKMT_RELEASEKEYEDMUTEX release = { .hKeyedMutex = mutex };

	EXPECT_STATUS(D3DKMTAcquireKeyedMutex(&acquire), STATUS_SUCCESS);
	EXPECT_STATUS(D3DKMTReleaseKeyedMutex(&release), STATUS_SUCCESS);
}

/* Is everything as the last one who used it left it? */
static void check(struct things *t, uint64_t value)
{
	int i;

	for (i = 0; i < RESOURCES; i++)
		if (t->resources[i])
			EXPECT_EQ(*t->content[i], value);
	for (i = 0; i < 2; i++) {
		if (t->mutexes[i])
			check_mutex(t->mutexes[i]);
		if (!t->fences[i].handle)
			continue;
		EXPECT_STATUS(kmt_wait(t->device, t->fences[i].handle, value, 0), STATUS_SUCCESS);
		EXPECT_STATUS(kmt_signal(t->device, t->fences[i].handle, value - 1),
			      STATUS_INVALID_PARAMETER);
		if (t->fences[i].value)
			EXPECT_EQ(*t->fences[i].value, value);
	}
}

static void destroy(struct things *t)
{
	D3DKMT_HANDLE device = t->device;
	int i;

	for (i = 0; i < RESOURCES; i++)
		if (t->resources[i])
			EXPECT_STATUS(kmt_destroy_resource(device, t->resources[i]), STATUS_SUCCESS);
	for (i = 0; i < 2; i++) {
		if (t->fences[i].handle)
			EXPECT_STATUS(kmt_destroy_sync(t->fences[i].handle), STATUS_SUCCESS);
		if (t->mutexes[i])
			EXPECT_STATUS(D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) {
				t->mutexes[i] }), STATUS_SUCCESS);
	}
	*t = (struct things) { .device = device };
}

static void close_all(const struct keys *k)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(k->nt); i++)
		close(fd_of(k->nt[i]));
}

/* ---- the two processes ---- */

enum order { USE, LOOK, DESTROY, CLOSE };

/**
 * struct message - to a process, what to do; from it, how it went
 * @order: what to do
 * @value: for USE and LOOK
 * @pid: from it, who it is
 * @failed: checks that failed so far
 * @keys: from the creator, when it is ready
 */
struct message {
	enum order order;
	uint64_t value;
	pid_t pid;
	unsigned int failed;
	struct keys keys;
};

static void tell(int channel, const struct message *m)
{
	REQUIRE(write(channel, m, sizeof(*m)) == sizeof(*m));
}

static void serve(int channel, struct things *t, const struct keys *k)
{
	struct message m;

	while (read(channel, &m, sizeof(m)) == sizeof(m)) {
		switch (m.order) {
		case USE:
			use(t, m.value);
			break;
		case LOOK:
			check(t, m.value);
			break;
		case DESTROY:
			destroy(t);
			break;
		case CLOSE:
			close_all(k);
			break;
		}
		m.failed = test_failed();
		tell(channel, &m);
	}
	test_exit();
}

/* An allocation that nobody shares: when it is gone, so is all that the process had. */
static void need_marker(const struct things *t)
{
	need_allocation(t->device, PAGE);
}

static void be_child(int channel, const struct keys *k, int event)
{
	struct message ready = { .pid = getpid() };
	struct things t = { .device = need_device() };

	need_marker(&t);
	open_by_number(&t, k);
	open_by_descriptor(&t, k);
	REQUIRE_STATUS(kmt_wait(t.device, t.fences[0].handle, FAR, event), STATUS_SUCCESS);
	ready.failed = test_failed();
	tell(channel, &ready);
	serve(channel, &t, k);
}

static void be_parent(int channel, int of_child, const int events[2])
{
	struct message ready = { .pid = getpid() };
	struct things t;
	size_t i;
	pid_t pid;

	make(&t, &ready.keys);
	need_marker(&t);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		close(channel);
		be_child(of_child, &ready.keys, events[1]);
	}
	close(of_child);
	REQUIRE_STATUS(kmt_wait(t.device, t.fences[0].handle, FAR, events[0]), STATUS_SUCCESS);
	ready.failed = test_failed();
	tell(channel, &ready);
	for (i = 0; i < ARRAY_SIZE(ready.keys.nt); i++)
		give_fd(channel, fd_of(ready.keys.nt[i]));
	serve(channel, &t, &ready.keys);
}

/* ---- this process ---- */

/**
 * struct watch - a parent, a child, and what has ended
 * @mine: a device, to open things on
 * @keys: what to open them by
 * @before: what the adapter counted without them
 * @channels: to the parent and to the child
 * @pids: who they are
 * @events: tell them, through waits of theirs, that nobody will signal the fence
 * @ended: enum end
 * @value: what everybody must see
 */
struct watch {
	struct things mine;
	struct keys keys;
	struct usage before;
	int channels[2];
	pid_t pids[2];
	int events[2];
	bool ended[ENDS];
	uint64_t value;
};

/* Number 0 is the parent, 1 the child. */
static bool runs(const struct watch *w, int who)
{
	return !w->ended[who ? CHILD : PARENT];
}

static bool has_objects(const struct watch *w, int who)
{
	return runs(w, who) && !w->ended[who ? OPENED : OBJECTS];
}

static bool numbers_live(const struct watch *w)
{
	return has_objects(w, 0) || has_objects(w, 1);
}

static bool descriptors_live(const struct watch *w)
{
	return numbers_live(w) || !w->ended[DESCRIPTORS];
}

static void ask(struct watch *w, int who, enum order order)
{
	struct message m = { .order = order, .value = w->value };

	tell(w->channels[who], &m);
	REQUIRE(read(w->channels[who], &m, sizeof(m)) == sizeof(m));
	EXPECT_EQ(m.failed, 0);
}

static void start(struct watch *w)
{
	struct message ready;
	int pairs[2][2], i;

	memset(w, 0, sizeof(*w));
	w->mine.device = need_device();
	w->before = need_usage();
	for (i = 0; i < 2; i++) {
		REQUIRE(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pairs[i]));
		w->events[i] = need_event();
	}
	w->pids[0] = fork();
	REQUIRE(w->pids[0] >= 0);
	if (!w->pids[0]) {
		close(pairs[0][0]);
		close(pairs[1][0]);
		be_parent(pairs[0][1], pairs[1][1], w->events);
	}
	for (i = 0; i < 2; i++) {
		close(pairs[i][1]);
		w->channels[i] = pairs[i][0];
		REQUIRE(read(w->channels[i], &ready, sizeof(ready)) == sizeof(ready));
		EXPECT_EQ(ready.failed, 0);
		w->pids[i] = ready.pid;
		if (!i)
			w->keys = ready.keys;
	}
	for (i = 0; i < 3; i++)
		w->keys.nt[i] = handle_of(receive_fd(w->channels[0]));
}

static void kill_one(struct watch *w, int who)
{
	char byte;

	REQUIRE(!kill(w->pids[who], SIGKILL));
	/* the child is its parent's to wait for */
	if (!who)
		EXPECT_EQ(test_wait(w->pids[who]), 128 + SIGKILL);
	REQUIRE(read(w->channels[who], &byte, 1) <= 0);
	close(w->channels[who]);
}

static void end_one(struct watch *w, enum end end)
{
	int who;

	switch (end) {
	case OBJECTS:
		ask(w, 0, DESTROY);
		break;
	case OPENED:
		ask(w, 1, DESTROY);
		break;
	case DESCRIPTORS:
		close_all(&w->keys);
		for (who = 0; who < 2; who++)
			if (runs(w, who))
				ask(w, who, CLOSE);
		break;
	default:
		kill_one(w, end == CHILD);
	}
	w->ended[end] = true;
}

/* Wait until the adapter counts so many more: a process's end is a worker's, and takes a while. */
static void expect_allocations(const struct watch *w, unsigned int n)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < 60000 && need_usage().allocs != w->before.allocs + n; i++)
		nanosleep(&pause, NULL);
	EXPECT_EQ(need_usage().allocs, w->before.allocs + n);
}

static bool number_opens(const struct watch *w)
{
	D3DKMT_OPENKEYEDMUTEX mutex = { .hSharedHandle = w->keys.mutex };
	struct shared opened;
	NTSTATUS status;

	status = kmt_open_global(w->mine.device, w->keys.resource, 1, &opened);
	if (!status)
		kmt_destroy_resource(w->mine.device, opened.resource);
	if (D3DKMTOpenKeyedMutex(&mutex))
		return !status;
	D3DKMTDestroyKeyedMutex(&(D3DKMT_DESTROYKEYEDMUTEX) { mutex.hKeyedMutex });
	return true;
}

static void expect_no_number(const struct watch *w)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < 60000 && number_opens(w); i++)
		nanosleep(&pause, NULL);
	EXPECT(!number_opens(w));
}

static void expect_all(struct watch *w)
{
	int who;

	expect_allocations(w, runs(w, 0) + runs(w, 1) + numbers_live(w) + 2 * descriptors_live(w));
	/* One uses everything, and all see that. */
	w->value++;
	if (numbers_live(w))
		open_by_number(&w->mine, &w->keys);
	else
		expect_no_number(w);
	if (!w->ended[DESCRIPTORS])
		open_by_descriptor(&w->mine, &w->keys);
	if (numbers_live(w))
		ask(w, has_objects(w, 0) ? 0 : 1, USE);
	else
		use(&w->mine, w->value);
	check(&w->mine, w->value);
	destroy(&w->mine);
	for (who = 0; who < 2; who++) {
		if (has_objects(w, who))
			ask(w, who, LOOK);
		if (!runs(w, who))
			continue;
		if (descriptors_live(w))
			EXPECT(!sync_file_ended(w->events[who], 0));
		else
			EXPECT(sync_file_ended(w->events[who], LONG_MS));
	}
}

static void finish(struct watch *w)
{
	int who;

	for (who = 0; who < 2; who++) {
		if (runs(w, who))
			kill_one(w, who);
		close(w->events[who]);
	}
	if (!w->ended[DESCRIPTORS])
		close_all(&w->keys);
	expect_usage_back(w->before);
	EXPECT_STATUS(kmt_destroy_device(w->mine.device), STATUS_SUCCESS);
}

static void ends_first(enum end first)
{
	bool looked = false;
	struct watch w;
	int second;

	for (second = 0; second < ENDS && !test_failed(); second++) {
		if (second == (int)first || (first == PARENT && second == OBJECTS) ||
		    (first == CHILD && second == OPENED))
			continue;
		start(&w);
		if (!looked)
			expect_all(&w);
		end_one(&w, first);
		/* It is the same with every second one. */
		if (!looked)
			expect_all(&w);
		looked = true;
		end_one(&w, second);
		expect_all(&w);
		finish(&w);
		if (test_failed())
			test_note("first %s, then %s", names[first], names[second]);
	}
}

static void creator_first(void)
{
	ends_first(OBJECTS);
}

static void descriptor_first(void)
{
	ends_first(DESCRIPTORS);
}

static void opened_first(void)
{
	ends_first(OPENED);
}

static void parent_first(void)
{
	ends_first(PARENT);
}

static void child_first(void)
{
	ends_first(CHILD);
}

static const struct test_case cases[] = {
	CASE(creator_first, "the creator's objects, then each of the others"),
	CASE(descriptor_first, "the descriptors, then each of the others"),
	CASE(opened_first, "the opened objects, then each of the others"),
	CASE(parent_first, "the creator's process, then each of the others"),
	CASE(child_first, "the opener's process, then each of the others"),
};

TEST_MAIN(cases)
