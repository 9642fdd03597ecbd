// SPDX-License-Identifier: MIT
/*
 * program.c: makes programs from a seed, changes them, writes and reads them
 *
 * The same seed makes the same program, in the machine and outside of it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

const struct call *const tables[] = { abi_calls, abi_gpu_calls, abi_vdxg_calls, system_calls, NULL };

static const struct call *all[MAX_CALLS];
static uint32_t brings[MAX_CALLS], needs[MAX_CALLS];
static unsigned int num_calls, total_weight;

/** next_random - the next number of a generator */
uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* what a call brings and needs, from its fields; what only a list names is not needed */
static void look_at(const struct field *fields, uint32_t *in, uint32_t *out)
{
	const struct field *f;

	for (f = fields; f && f->name; f++) {
		if (f->what == WHAT_IN || f->what == WHAT_GONE)
			*in |= 1U << f->kind;
		else if (f->what == WHAT_OUT || f->what == WHAT_INOUT)
			*out |= 1U << f->kind;
		else if (f->what == WHAT_LIST || f->what == WHAT_LIST_GONE)
			*in |= 1U << f->kind;
		if (f->fields)
			look_at(f->fields, in, out);
	}
}

/** calls_init - get ready; how many calls there are */
unsigned int calls_init(void)
{
	const struct call *c;
	unsigned int t;

	for (t = 0; tables[t]; t++) {
		for (c = tables[t]; c->name; c++) {
			if (num_calls == MAX_CALLS)
				abort();
			needs[num_calls] = c->needs;
			look_at(c->fields, &needs[num_calls], &brings[num_calls]);
			if (!strcmp(c->name, "new_event"))
				brings[num_calls] = 1U << EVENT;
			all[num_calls++] = c;
			total_weight += c->weight;
		}
	}
	return num_calls;
}

/** call_of - a call by its number */
const struct call *call_of(unsigned int index)
{
	return all[index];
}

/** call_find - its number by its name, or -1 */
int call_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < num_calls; i++)
		if (!strcmp(all[i]->name, name))
			return i;
	return -1;
}

static uint32_t below(uint64_t *random, uint32_t n)
{
	return (next_random(random) >> 32) % n;
}

static unsigned int pick_call(uint64_t *random, uint32_t have)
{
	unsigned int i = 0, tries;

	for (tries = 0; tries < 12; tries++) {
		uint32_t weight = below(random, total_weight);

		for (i = 0; weight >= all[i]->weight; i++)
			weight -= all[i]->weight;
		if (!(needs[i] & ~have))
			break;
	}
	return i;
}

/* most operations are good ones: bad ones do not get deep */
static uint8_t pick_how(uint64_t *random)
{
	uint8_t how = 0;

	switch (below(random, 8)) {
	case 0:
	case 1:
		how = 1;
		break;
	case 2:
		how = 1 + below(random, 4);
		break;
	}
	if (!below(random, 40))
		how |= HOW_STRUCT;
	if (!below(random, 12))
		how |= HOW_FAIL;
	return how;
}

static struct op make_op(struct program *p, uint64_t *random, uint32_t *have)
{
	struct op op = { .process = below(random, p->processes) };

	op.thread = below(random, p->threads);
	op.call = pick_call(random, have[op.process]);
	op.how = pick_how(random);
	op.seed = next_random(random);
	have[op.process] |= brings[op.call];
	return op;
}

static void add_first(struct program *p, unsigned int process, const char *name, uint32_t seed)
{
	struct op *op = &p->ops[p->num++];

	*op = (struct op){ .process = process, .thread = FIRST_THREAD, .call = call_find(name),
			   .seed = seed };
}

/**
 * program_generate - make a program
 * @p: it
 * @seed: from which it follows
 */
void program_generate(struct program *p, uint64_t seed)
{
	static const char *const first[] = {
		"LX_DXOPENADAPTERFROMLUID.open_adapter", "LX_DXCREATEDEVICE.create_device",
		"LX_DXCREATEPAGINGQUEUE.create_paging_queue",
		"LX_DXCREATEALLOCATION.create_allocation",
		"LX_DXCREATESYNCHRONIZATIONOBJECT.create_sync", "new_event",
	};
	uint64_t random = seed;
	uint32_t have[MAX_PROCESSES];
	unsigned int i, j, num;

	memset(p, 0, sizeof(*p));
	p->processes = 1 + below(&random, MAX_PROCESSES);
	p->threads = 1 + below(&random, MAX_THREADS);
	p->users = below(&random, 2) ? 0 : below(&random, 1 << MAX_PROCESSES);
	for (i = 0; i < p->processes; i++) {
		for (j = 0; j < ARRAY_SIZE(first); j++)
			add_first(p, i, first[j], next_random(&random));
		have[i] = 1U << ADAPTER | 1U << DEVICE | 1U << PAGING_QUEUE | 1U << ALLOCATION |
			  1U << SYNC | 1U << ADDRESS | 1U << EVENT;
	}
	/* processes cost more than calls, so most programs have many */
	num = 100 + below(&random, MAX_OPS - 100 - p->num);
	for (i = 0; i < num; i++)
		p->ops[p->num++] = make_op(p, &random, have);
}

static void remove_ops(struct program *p, unsigned int first, unsigned int n)
{
	memmove(&p->ops[first], &p->ops[first + n], (p->num - first - n) * sizeof(p->ops[0]));
	p->num -= n;
}

static void insert_op(struct program *p, unsigned int at, struct op op)
{
	if (p->num == MAX_OPS)
		p->num--;
	memmove(&p->ops[at + 1], &p->ops[at], (p->num - at) * sizeof(p->ops[0]));
	p->ops[at] = op;
	p->num++;
}

static void change_once(struct program *p, const struct program *other, uint64_t *random)
{
	uint32_t have[MAX_PROCESSES] = { ~0U, ~0U, ~0U };
	unsigned int at = below(random, p->num), n, i;

	switch (below(random, 8)) {
	case 0:
		n = 1 + below(random, 32);
		if (at + n < p->num)
			remove_ops(p, at, n);
		break;
	case 1:
		p->ops[at].seed = next_random(random);
		break;
	case 2:
		p->ops[at].how = pick_how(random);
		break;
	case 3:		/* the same once more, perhaps by another thread */
		insert_op(p, at, p->ops[at]);
		if (p->ops[at].thread != FIRST_THREAD)
			p->ops[at].thread = below(random, p->threads);
		break;
	case 4:		/* a piece of the other */
		n = 1 + below(random, 64);
		i = below(random, other->num);
		for (; n && i < other->num; n--, i++) {
			struct op op = other->ops[i];

			op.process %= p->processes;
			if (op.thread != FIRST_THREAD)
				op.thread %= p->threads;
			insert_op(p, at, op);
			at = at + 1 < p->num ? at + 1 : at;
		}
		break;
	default:
		insert_op(p, at, make_op(p, random, have));
	}
}

/**
 * program_change - make another program of one
 * @p: it
 * @other: where it may take something from
 * @seed: from which the changes follow
 */
void program_change(struct program *p, const struct program *other, uint64_t seed)
{
	uint64_t random = seed;
	unsigned int n = 1 + below(&random, 12);

	while (n--)
		if (p->num)
			change_once(p, other, &random);
	if (!below(&random, 16))
		p->users ^= 1 << below(&random, MAX_PROCESSES);
}

/** program_print - write a program as text */
void program_print(const struct program *p, FILE *f)
{
	unsigned int i;

	fprintf(f, "program processes=%u threads=%u users=%u\n", p->processes, p->threads,
		p->users);
	for (i = 0; i < p->num; i++)
		fprintf(f, "%u.%u %s how=0x%x seed=0x%08x\n", p->ops[i].process, p->ops[i].thread,
			all[p->ops[i].call]->name, p->ops[i].how, p->ops[i].seed);
	fprintf(f, "end\n");
}

static bool read_op(struct op *op, const char *line)
{
	unsigned int process, thread, how, seed;
	char name[96];
	int call;

	if (sscanf(line, "%u.%u %95s how=%x seed=%x", &process, &thread, name, &how, &seed) != 5)
		return false;
	call = call_find(name);
	if (call < 0 || process >= MAX_PROCESSES ||
	    (thread >= MAX_THREADS && thread != FIRST_THREAD))
		return false;
	*op = (struct op){ process, thread, how, call, seed };
	return true;
}

/**
 * program_read - read a program from text
 * @p: it
 * @f: where from
 *
 * Return: false at the end of the file, or if the text is wrong, which is said.
 */
bool program_read(struct program *p, FILE *f)
{
	unsigned int processes, threads, users;
	bool begun = false;
	char line[256];

	memset(p, 0, sizeof(*p));
	while (fgets(line, sizeof(line), f)) {
		if (*line == '#' || *line == '\n')
			continue;
		if (sscanf(line, "program processes=%u threads=%u users=%u", &processes, &threads,
			   &users) == 3 && processes && processes <= MAX_PROCESSES && threads &&
		    threads <= MAX_THREADS) {
			begun = true;
			p->processes = processes;
			p->threads = threads;
			p->users = users;
		} else if (begun && !strcmp(line, "end\n")) {
			return true;
		} else if (!begun || p->num == MAX_OPS || !read_op(&p->ops[p->num++], line)) {
			fprintf(stderr, "fuzz: no operation: %s", line);
			return false;
		}
	}
	return false;
}
