/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h: a fuzzer that knows the interface
 *
 *	fuzz.c		the command line
 *	run.c		runs programs one after the other and looks whether the kernel complains
 *	program.c	makes programs from a seed, changes them, writes and reads them
 *	worker.c	the processes and threads of a program
 *	call.c		makes one call: builds its structure, spoils it, keeps what comes out
 *	abi*.c		the table of calls: one line for each field; this is what to extend
 *	adjust.c	what a valid call needs beyond that
 *	system.c	what a program does besides: fork, signals, descriptors, memory
 *	cover.c		which code of the module a program has reached
 *
 * A program is a list of operations on some processes of several threads. An operation is a call,
 * a seed from which everything in its structure follows, and how it is spoilt, so that a program
 * can be made again from its text, and operations left out of it one by one. What an operation
 * names (handles, descriptors, addresses) is looked up when it runs, in pools of what earlier ones
 * got.
 */
#ifndef VDXG_FUZZ_H
#define VDXG_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- what calls name ------------------------------------------------------ */

enum kind {
	NOTHING, ADAPTER, DEVICE, RESOURCE, ALLOCATION, SYNC, PAGING_QUEUE, CONTEXT, HW_CONTEXT,
	HW_QUEUE, KEYED_MUTEX, GLOBAL_RESOURCE, GLOBAL_SYNC, GLOBAL_MUTEX, ADDRESS, GPU_ADDRESS,
	/* descriptors */
	NT_SYNC, NT_RESOURCE, SYNC_FILE, DMA_BUF, EVENT, NOTIFICATION,
	KINDS
};

#define IS_DESCRIPTOR(kind) ((kind) >= NT_SYNC)
#define POOL_SIZE 16

/**
 * struct thing - something a process has got from a call
 * @value: handle, descriptor or address; 0 is none
 * @device: handle of the device it belongs to, or 0
 * @resource: of the resource, or 0
 */
struct thing {
	uint64_t value;
	uint32_t device, resource;
};

/* ---- the table of calls ---------------------------------------------------- */

enum what {
	WHAT_IN,	/* names a thing of a kind */
	WHAT_GONE,	/* likewise; it is gone if the call succeeds */
	WHAT_OUT,	/* becomes a new one */
	WHAT_INOUT,	/* names one or becomes a new one */
	WHAT_RANGE,	/* a number from low to high */
	WHAT_FLAGS,	/* any bits of high, most of them 0 */
	WHAT_LUID,	/* an adapter's */
	WHAT_PAGES,	/* bytes, some whole pages */
	WHAT_LIST,	/* points to handles of a kind, as many as another field says */
	WHAT_LIST_GONE,
	WHAT_ARRAY,	/* points to structures */
	WHAT_BUFFER,	/* points to bytes */
};

/**
 * struct field - a field of a structure
 * @name: its name
 * @offset: where
 * @size: in bytes
 * @what: what it holds
 * @kind: of what things
 * @count: offset of the field with the length of what it points to; NO_COUNT: one
 * @low: least value, or length
 * @high: greatest
 * @fields: of what it points to
 * @element: bytes of an element of it
 */
struct field {
	const char *name;
	uint16_t offset, size;
	uint8_t what, kind;
	uint16_t count;
	uint64_t low, high;
	const struct field *fields;
	uint32_t element;
};

#define NO_COUNT 0xffff

struct call_state;

/**
 * struct call - a call, or something else a program does
 * @name: its name in the header
 * @word: ioctl word; 0 if it is something else
 * @fields: of its structure; ends with one without name
 * @weight: how often, compared with others
 * @adjust: makes a valid structure of what the fields alone gave, or NULL
 * @run: what to do if it is no call
 * @needs: kinds without which it cannot succeed, a bit for each
 */
struct call {
	const char *name;
	unsigned long word;
	const struct field *fields;
	unsigned int weight;
	void (*adjust)(struct call_state *s, void *args);
	void (*run)(struct call_state *s);
	uint32_t needs;
};

#define FIELD(f, ...) { .name = #f, .offset = offsetof(T, f), .size = sizeof(((T *)0)->f), \
			__VA_ARGS__ }
#define IN(f, k)	FIELD(f, .what = WHAT_IN, .kind = (k))
#define GONE(f, k)	FIELD(f, .what = WHAT_GONE, .kind = (k))
#define OUT(f, k)	FIELD(f, .what = WHAT_OUT, .kind = (k))
#define INOUT(f, k)	FIELD(f, .what = WHAT_INOUT, .kind = (k))
#define RANGE(f, l, h)	FIELD(f, .what = WHAT_RANGE, .low = (l), .high = (h))
#define FLAGS(f, mask)	FIELD(f, .what = WHAT_FLAGS, .high = (mask))
#define LUID(f)		FIELD(f, .what = WHAT_LUID)
#define PAGES(f, l, h)	FIELD(f, .what = WHAT_PAGES, .low = (l), .high = (h))
/* pointers: the field with the length, least and most */
#define LIST(f, c, k, l, h) \
	FIELD(f, .what = WHAT_LIST, .kind = (k), .count = offsetof(T, c), .low = (l), .high = (h))
#define LIST_GONE(f, c, k, l, h) \
	FIELD(f, .what = WHAT_LIST_GONE, .kind = (k), .count = offsetof(T, c), .low = (l), \
	      .high = (h))
#define ARRAY(f, c, type, fs, l, h) \
	FIELD(f, .what = WHAT_ARRAY, .count = offsetof(T, c), .low = (l), .high = (h), \
	      .fields = (fs), .element = sizeof(type))
#define POINTER(f, type, fs) \
	FIELD(f, .what = WHAT_ARRAY, .count = NO_COUNT, .low = 1, .high = 1, .fields = (fs), \
	      .element = sizeof(type))
#define BUFFER(f, c, l, h) \
	FIELD(f, .what = WHAT_BUFFER, .count = offsetof(T, c), .low = (l), .high = (h))
#define END { 0 }

#define CALL(w, fs, wt, ...) { .name = #w "." #fs, .word = (w), .fields = (fs), .weight = (wt), __VA_ARGS__ }
#define OTHER(n, fn, wt, ...) { .name = (n), .run = (fn), .weight = (wt), __VA_ARGS__ }

extern const struct call *const tables[];
unsigned int calls_init(void);
const struct call *call_of(unsigned int index);
int call_find(const char *name);

extern const struct call abi_calls[], abi_gpu_calls[], abi_vdxg_calls[], system_calls[];

/* ---- programs --------------------------------------------------------------- */

#define MAX_PROCESSES	3
#define MAX_THREADS	3
#define MAX_OPS		1024
#define MAX_CALLS	192
/* in place of a thread: before the threads are made */
#define FIRST_THREAD	0xf

/* how an operation is spoilt */
#define HOW_FIELDS	0x07	/* so many fields get bad values */
#define HOW_STRUCT	0x08	/* the structure itself is not where it should be */
#define HOW_FAIL	0x10	/* an allocation or a copy in the kernel fails */

struct op {
	uint8_t process, thread, how, call;
	uint32_t seed;
};

/**
 * struct program - what runs at once
 * @processes: how many
 * @threads: of each
 * @users: which of them are an ordinary user's, a bit for each
 * @num: operations
 * @ops: these
 */
struct program {
	uint8_t processes, threads, users;
	uint16_t num;
	struct op ops[MAX_OPS];
};

uint64_t next_random(uint64_t *state);
void program_generate(struct program *p, uint64_t seed);
void program_change(struct program *p, const struct program *other, uint64_t seed);
void program_print(const struct program *p, FILE *f);
bool program_read(struct program *p, FILE *f);

/* ---- running ------------------------------------------------------------------ */

#define COVER_BITS 16

/**
 * struct count - what became of a call
 * @tried: how often it was made
 * @valid: of these, as they should be
 * @succeeded: with success
 * @unsupported: answered NOT_SUPPORTED
 */
struct count {
	unsigned long tried, valid, succeeded, unsupported;
};

/**
 * struct shared - what all processes see
 * @counts: by call
 * @luids: of the adapters
 * @num_luids: how many
 * @progress: operations so far of each thread of each process
 * @pids: of the processes
 * @fresh: blocks of code that no program had reached before this one
 * @cover: which have been reached, a bit for each, by a hash
 * @verbose: say what is done
 */
struct shared {
	struct count counts[MAX_CALLS];
	uint64_t luids[16];
	unsigned int num_luids;
	int pids[MAX_PROCESSES];
	unsigned int fresh;
	uint64_t cover[(1 << COVER_BITS) / 64];
	bool verbose;
};

extern struct shared *shared;

/**
 * struct worker - a process of a program
 * @index: which
 * @program: the program
 * @fds: opens of the device
 * @socket: to and from the others
 * @pools: what it has
 */
struct worker {
	unsigned int index;
	const struct program *program;
	int fds[2];
	int socket[2];
	struct thing pools[KINDS][POOL_SIZE];
};

/**
 * struct out - a field that will have something new
 * @address: where
 * @size: of the field
 * @kind: of what
 * @was: what was there before
 */
struct out {
	void *address;
	uint8_t size, kind, what;
	uint64_t was;
};

#define MAX_SITES 256

/**
 * struct site - a place that can be spoilt
 * @address: where
 * @size: in bytes
 * @what: what is there
 * @name: of the field
 */
struct site {
	void *address;
	uint8_t size, what;
	const char *name;
};

/**
 * struct call_state - one operation on its way
 * @worker: the process
 * @call: what to do
 * @op: how
 * @random: what follows from its seed
 * @arena: memory for structures, of this thread
 * @used: of it
 * @device: what it is about, or 0
 * @resource: likewise
 * @outs: what may come out
 * @sites: what can be spoilt
 */
struct call_state {
	struct worker *worker;
	const struct call *call;
	const struct op *op;
	uint64_t random;
	char *arena;
	size_t used;
	uint32_t device, resource;
	struct out outs[MAX_SITES];
	unsigned int num_outs;
	struct site sites[MAX_SITES];
	unsigned int num_sites;
	int fail_nth;
};

#define ARENA_SIZE (1 << 20)

int run_seed(uint64_t seed, unsigned int seconds, unsigned long calls, int plant);
int run_file(const char *path, unsigned int times);
int rebuild(uint64_t back, uint64_t plant);
bool worker_run(struct worker *w);
void *arena_new(void);
void call_run(struct call_state *s);
int call_ioctl(struct call_state *s, unsigned long word, void *args);
uint32_t draw(struct call_state *s, uint32_t below);
uint64_t pool_pick(struct call_state *s, enum kind kind);
void pool_put(struct call_state *s, enum kind kind, uint64_t value);
void *arena_take(struct call_state *s, size_t size);
const char *device_path(void);
bool try_memory(void (*run)(void *), void *arg);
void catch_signals(void);
bool let_go(void (*run)(struct call_state *), struct call_state *s);

struct cover;
struct cover *cover_open(void);
bool cover_start(struct cover *c);
void cover_stop(struct cover *c);

#endif
