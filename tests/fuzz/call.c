// SPDX-License-Identifier: MIT
/*
 * call.c: makes one call
 *
 * The structure is filled field by field from the table; then, if the operation says so, some of
 * the places that were filled get values that are likely to be wrong. What a call that succeeds has
 * written into its outputs goes into the pools of the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#include "fuzz.h"

#define PAGE 4096UL

/**
 * draw - a number below @below, the next that follows from the seed of the operation
 * @s: the operation
 * @below: more than 0
 */
uint32_t draw(struct call_state *s, uint32_t below)
{
	return (next_random(&s->random) >> 32) % below;
}

/**
 * arena_new - memory for the structures of a thread
 *
 * The page after it cannot be touched, the one before can only be read.
 */
void *arena_new(void)
{
	char *p = mmap(NULL, ARENA_SIZE + 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p, PAGE, PROT_READ) ||
	    mprotect(p + PAGE + ARENA_SIZE, PAGE, PROT_NONE))
		_exit(1);
	return p + PAGE;
}

/** arena_take - zeroed memory for this operation */
void *arena_take(struct call_state *s, size_t size)
{
	void *p = s->arena + s->used;

	size = (size + 15) & ~15UL;
	if (s->used + size > ARENA_SIZE)
		return s->arena;
	s->used += size;
	return memset(p, 0, size);
}

/* ---- pools ------------------------------------------------------------------- */

static bool fits(const struct call_state *s, const struct thing *thing)
{
	return (!s->device || !thing->device || thing->device == s->device) &&
	       (!s->resource || !thing->resource || thing->resource == s->resource);
}

/**
 * pool_pick - something of a kind that the process has; if it can, one that fits to what the call
 * names already
 * @s: the operation
 * @kind: of what
 *
 * Return: its handle, descriptor or address; 0 if there is none.
 */
uint64_t pool_pick(struct call_state *s, enum kind kind)
{
	struct thing *pool = s->worker->pools[kind];
	unsigned int first = draw(s, POOL_SIZE), i;
	struct thing *found = NULL;

	for (i = 0; i < POOL_SIZE; i++) {
		struct thing *thing = &pool[(first + i) % POOL_SIZE];

		if (!thing->value)
			continue;
		if (fits(s, thing)) {
			found = thing;
			break;
		}
		if (!found)
			found = thing;
	}
	if (!found)
		return 0;
	if (kind == DEVICE)
		s->device = found->value;
	else if (kind == RESOURCE)
		s->resource = found->value;
	if (!s->device)
		s->device = found->device;
	return found->value;
}

/**
 * pool_put - the process has something new
 * @s: the operation that brought it
 * @kind: what it is
 * @value: its handle, descriptor or address
 */
void pool_put(struct call_state *s, enum kind kind, uint64_t value)
{
	struct thing *thing = &s->worker->pools[kind][draw(s, POOL_SIZE)];

	/* descriptors end some time; the standard ones are not ours */
	if (IS_DESCRIPTOR(kind) && thing->value > 2 && thing->value != value)
		close(thing->value);
	if (kind == DEVICE)
		s->device = value;
	if (kind == RESOURCE)
		s->resource = value;
	thing->value = value;
	thing->device = s->device;
	thing->resource = kind == RESOURCE ? 0 : s->resource;
}

/* forget something, and what belonged to it, so that most handles in the pools are good ones */
static void pool_forget(struct call_state *s, enum kind kind, uint64_t value)
{
	unsigned int k, i;

	if (!draw(s, 6))
		return;
	for (k = 0; k < KINDS; k++) {
		for (i = 0; i < POOL_SIZE; i++) {
			struct thing *thing = &s->worker->pools[k][i];

			if ((k == kind && thing->value == value) ||
			    (kind == DEVICE && thing->device == value) ||
			    (kind == RESOURCE && thing->resource == value))
				if (!IS_DESCRIPTOR(k))
					thing->value = 0;
		}
	}
}

/* ---- building ------------------------------------------------------------------ */

static uint64_t get(const void *p, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, p, size);
	return value;
}

static void set(void *p, unsigned int size, uint64_t value)
{
	memcpy(p, &value, size);
}

static void add_site(struct call_state *s, const struct field *f, void *p, unsigned int size,
		     uint8_t what)
{
	if (s->num_sites < MAX_SITES)
		s->sites[s->num_sites++] = (struct site){ p, size, what, f->name };
}

static void add_out(struct call_state *s, void *p, unsigned int size, uint8_t kind, uint8_t what)
{
	if (s->num_outs < MAX_SITES)
		s->outs[s->num_outs++] = (struct out){ p, size, kind, what, get(p, size) };
}

/* a number between, more often near the ends */
static uint64_t between(struct call_state *s, uint64_t low, uint64_t high)
{
	uint64_t span = high - low + 1;

	switch (draw(s, 8)) {
	case 0:
		return low;
	case 1:
		return high;
	default:
		return low + (span ? next_random(&s->random) % span : 0);
	}
}

static void build(struct call_state *s, const struct field *fields, char *p);

static void fill_list(struct call_state *s, const struct field *f, char *at, uint32_t n)
{
	uint32_t *list = arena_take(s, n * sizeof(*list));
	uint32_t i;

	for (i = 0; i < n; i++) {
		list[i] = pool_pick(s, f->kind);
		add_site(s, f, &list[i], sizeof(*list), WHAT_IN);
		if (f->what == WHAT_LIST_GONE)
			add_out(s, &list[i], sizeof(*list), f->kind, WHAT_GONE);
	}
	set(at, f->size, (uintptr_t)list);
}

static void fill_array(struct call_state *s, const struct field *f, char *at, uint32_t n)
{
	char *array = arena_take(s, (size_t)n * f->element);
	uint32_t i;

	for (i = 0; i < n; i++)
		build(s, f->fields, array + i * f->element);
	set(at, f->size, (uintptr_t)array);
}

static void fill_buffer(struct call_state *s, const struct field *f, char *at, uint32_t n)
{
	uint32_t *buffer = arena_take(s, n + 8);
	uint32_t i;

	for (i = 0; i < n / 4 && i < 16; i++)
		buffer[i] = draw(s, 8);
	set(at, f->size, n ? (uintptr_t)buffer : 0);
}

static void fill_pointer(struct call_state *s, const struct field *f, char *p)
{
	uint32_t n = f->count == NO_COUNT ? f->low : between(s, f->low, f->high);
	char *at = p + f->offset;

	if (f->count != NO_COUNT)
		/* all lengths of the interface are 32 bits wide, or little-endian ones of 64 */
		set(p + f->count, 4, n);
	if (f->what == WHAT_ARRAY)
		fill_array(s, f, at, n);
	else if (f->what == WHAT_BUFFER)
		fill_buffer(s, f, at, n);
	else
		fill_list(s, f, at, n);
}

static void fill_field(struct call_state *s, const struct field *f, char *p)
{
	char *at = p + f->offset;

	switch (f->what) {
	case WHAT_IN:
	case WHAT_GONE:
	case WHAT_INOUT:
		set(at, f->size, pool_pick(s, f->kind));
		if (f->what != WHAT_IN)
			add_out(s, at, f->size, f->kind, f->what);
		break;
	case WHAT_OUT:
		add_out(s, at, f->size, f->kind, f->what);
		return;
	case WHAT_RANGE:
		set(at, f->size, between(s, f->low, f->high));
		break;
	case WHAT_FLAGS:
		set(at, f->size, draw(s, 2) ? 0 : f->high & next_random(&s->random) &
		    next_random(&s->random));
		break;
	case WHAT_PAGES:
		set(at, f->size, between(s, f->low, f->high) * PAGE);
		break;
	case WHAT_LUID:
		if (shared->num_luids)
			set(at, f->size, shared->luids[draw(s, shared->num_luids)]);
		break;
	default:
		fill_pointer(s, f, p);
	}
	add_site(s, f, at, f->size, f->what);
	if (f->what >= WHAT_LIST && f->count != NO_COUNT)
		add_site(s, f, p + f->count, 4, WHAT_RANGE);
}

static void build(struct call_state *s, const struct field *fields, char *p)
{
	const struct field *f;

	for (f = fields; f->name; f++)
		fill_field(s, f, p);
}

/* ---- spoiling -------------------------------------------------------------------- */

static uint64_t bad_pointer(struct call_state *s, uint64_t was)
{
	uintptr_t arena = (uintptr_t)s->arena;
	const uint64_t values[] = {
		0, 1, PAGE, arena - PAGE, arena - 8, arena + ARENA_SIZE, arena + ARENA_SIZE - 4,
		arena + ARENA_SIZE - 12, was + 1, was + 2, 0x7ffffffff000, 0x800000000000,
		0xffff888000000000, 0xffffffffffffffff, 0xfffffffffffff000, 0xffffffff81000000,
		pool_pick(s, ADDRESS),
	};

	return values[draw(s, ARRAY_SIZE(values))];
}

static uint64_t bad_handle(struct call_state *s, uint64_t was)
{
	switch (draw(s, 7)) {
	case 0:
		return 0;
	case 1:
		return was ^ 1U << draw(s, 32);
	case 2:
		return was + 0x40 * (1 + draw(s, 4));
	case 3:
		return 0x40000000 + 0x40 * draw(s, 64);
	case 4:
		return next_random(&s->random);
	default:
		return pool_pick(s, 1 + draw(s, KINDS - 1));
	}
}

static uint64_t bad_number(struct call_state *s, uint64_t was)
{
	static const uint64_t values[] = {
		0, 1, 2, 31, 32, 33, 0xff, 0xffff, 0x10000, 0x10001, 0x1000000, 0x7fffffff,
		0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x3fffffffffff, 0x7fffffffffffffff,
		0x8000000000000000, 0xfffffffffffff000, 0xffffffffffffffff,
	};

	switch (draw(s, 4)) {
	case 0:
		return was + 1;
	case 1:
		return was - 1;
	case 2:
		return was ^ 1ULL << draw(s, 64);
	default:
		return values[draw(s, ARRAY_SIZE(values))];
	}
}

static void spoil(struct call_state *s)
{
	struct site *site;
	uint64_t was;

	if (!s->num_sites)
		return;
	site = &s->sites[draw(s, s->num_sites)];
	was = get(site->address, site->size);
	if (site->what >= WHAT_LIST)
		was = bad_pointer(s, was);
	else if (site->what <= WHAT_INOUT)
		was = bad_handle(s, was);
	else
		was = bad_number(s, was);
	set(site->address, site->size, was);
}

/* any word of the structure, reserved ones too */
static void spoil_word(struct call_state *s, char *p, unsigned int size)
{
	unsigned int word = draw(s, size / 4) * 4;

	set(p + word, 4, bad_number(s, get(p + word, 4)));
}

/* the structure where it cannot be read, or not written, or not to its end */
static void *misplace(struct call_state *s, void *args, unsigned int size)
{
	char *end = s->arena + ARENA_SIZE;

	switch (draw(s, 5)) {
	case 0:
		return memcpy(end - size, args, size);
	case 1:
		memcpy(end - size + 4, args, size - 4);
		return end - size + 4;
	case 2:		/* in the page before: it can be read, and holds zeroes */
		return s->arena - PAGE;
	case 3:
		return NULL;
	default:
		return (void *)(uintptr_t)bad_pointer(s, (uintptr_t)args);
	}
}

/* ---- calling ----------------------------------------------------------------------- */

/**
 * call_ioctl - an ioctl, on one of the descriptors of the process
 * @s: the operation
 * @word: ioctl word
 * @args: structure
 *
 * Return: what it returned, or the negative errno.
 */
int call_ioctl(struct call_state *s, unsigned long word, void *args)
{
	int ret = ioctl(s->worker->fds[draw(s, 8) ? 0 : 1], word, args);

	return ret == -1 ? -errno : ret;
}

/* let the n-th allocation or copy of the next call of this thread fail */
static bool arm_failure(struct call_state *s)
{
	char text[8];
	int n;

	if (s->fail_nth < 0)
		return false;
	n = snprintf(text, sizeof(text), "%u", 1 + draw(s, 24));
	return pwrite(s->fail_nth, text, n, 0) == n;
}

static void disarm_failure(struct call_state *s)
{
	if (pwrite(s->fail_nth, "0", 1, 0) != 1)
		s->fail_nth = -1;
}

static void keep(struct call_state *s)
{
	unsigned int i;

	for (i = 0; i < s->num_outs; i++) {
		struct out *out = &s->outs[i];
		uint64_t now = get(out->address, out->size);

		if (out->what == WHAT_GONE) {
			if (out->was)
				pool_forget(s, out->kind, out->was);
		} else if (now && now != out->was) {
			pool_put(s, out->kind, now);
		}
	}
}

/* what two variants of a call differ in is named after a point */
static void tell(const struct call_state *s, int status)
{
	unsigned int i;

	dprintf(2, "  %u.%u %s how=0x%x seed=0x%08x", s->op->process, s->op->thread, s->call->name,
		s->op->how, s->op->seed);
	for (i = 0; i < s->num_sites && i < 12; i++)
		dprintf(2, " %s=0x%llx", s->sites[i].name,
			(unsigned long long)get(s->sites[i].address, s->sites[i].size));
	dprintf(2, " -> 0x%x\n", status);
}

static void count(const struct call_state *s, int status)
{
	struct count *c = &shared->counts[s->op->call];
	bool valid = !s->op->how;

	__atomic_add_fetch(&c->tried, 1, __ATOMIC_RELAXED);
	if (valid)
		__atomic_add_fetch(&c->valid, 1, __ATOMIC_RELAXED);
	if (status >= 0)
		__atomic_add_fetch(&c->succeeded, 1, __ATOMIC_RELAXED);
	if (status == -EPERM)
		__atomic_add_fetch(&c->unsupported, 1, __ATOMIC_RELAXED);
}

/**
 * call_run - run an operation that is a call
 * @s: the operation; its outputs go into the pools
 */
void call_run(struct call_state *s)
{
	const struct call *call = s->call;
	unsigned int size = (call->word >> 16) & 0x3fff, i;
	char *args = arena_take(s, size);
	void *where = args;
	bool armed = false;
	int status;

	build(s, call->fields, args);
	if (call->adjust)
		call->adjust(s, args);
	for (i = 0; i < (s->op->how & HOW_FIELDS); i++) {
		if (draw(s, 6))
			spoil(s);
		else
			spoil_word(s, args, size);
	}
	/* what was there before a call counts as no output of it */
	for (i = 0; i < s->num_outs; i++)
		s->outs[i].was = get(s->outs[i].address, s->outs[i].size);
	if (s->op->how & HOW_STRUCT)
		where = misplace(s, args, size);
	if (s->op->how & HOW_FAIL)
		armed = arm_failure(s);
	status = call_ioctl(s, call->word, where);
	if (armed)
		disarm_failure(s);
	count(s, status);
	if (shared->verbose)
		tell(s, status);
	if (status >= 0 && where == args)
		keep(s);
}
