// SPDX-License-Identifier: MIT
/*
 * worker.c: the processes and threads of a program
 *
 * The first thread of a process opens the device, runs what is to be run before there are threads,
 * and then watches them: one that is in an operation for too long is interrupted, and if that does
 * not help, the process kills itself, which is something that happens to programs, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fuzz.h"

/* a tick of the watch, and ticks until a thread is interrupted, and given up */
#define TICK_US		2000
#define TICKS_SIGNAL	8
#define TICKS_KILL	250

/**
 * struct thread - one of a process
 * @worker: the process
 * @index: which; FIRST_THREAD for the first
 * @thread: the thread
 * @cover: what it records, or NULL
 * @progress: operations it has begun
 * @ended: it has run all
 */
struct thread {
	struct worker *worker;
	unsigned int index;
	pthread_t thread;
	struct cover *cover;
	unsigned long progress;
	bool ended;
};

static __thread sigjmp_buf back, memory_back;
static __thread volatile sig_atomic_t armed, memory_armed;

static void on_stuck(int signal)
{
	(void)signal;
	if (armed)
		siglongjmp(back, 1);
}

static void on_nothing(int signal)
{
	(void)signal;
}

static void on_memory(int sig)
{
	if (memory_armed)
		siglongjmp(memory_back, 1);
	signal(sig, SIG_DFL);
}

/** catch_signals - be ready for those that an operation may raise or get */
void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_stuck };

	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = on_nothing;
	sigaction(SIGUSR2, &action, NULL);
	action.sa_handler = on_memory;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/** try_memory - do something with memory that may not be there; whether it was */
bool try_memory(void (*run)(void *), void *arg)
{
	if (sigsetjmp(memory_back, 1)) {
		memory_armed = 0;
		return false;
	}
	memory_armed = 1;
	run(arg);
	memory_armed = 0;
	return true;
}

/** let_go - run an operation that the watch may interrupt; whether it came to its end */
bool let_go(void (*run)(struct call_state *), struct call_state *s)
{
	if (sigsetjmp(back, 1)) {
		armed = 0;
		memory_armed = 0;
		return false;
	}
	armed = 1;
	run(s);
	armed = 0;
	return true;
}

static void run_op(struct thread *t, struct call_state *s, const struct op *op)
{
	s->call = call_of(op->call);
	s->op = op;
	s->random = op->seed;
	s->used = 0;
	s->device = 0;
	s->resource = 0;
	s->num_outs = 0;
	s->num_sites = 0;
	__atomic_add_fetch(&t->progress, 1, __ATOMIC_RELAXED);
	let_go(s->call->word ? call_run : s->call->run, s);
	if (t->cover)
		cover_stop(t->cover);
}

static void run_thread(struct thread *t)
{
	const struct program *p = t->worker->program;
	struct call_state s = { .worker = t->worker, .arena = arena_new() };
	unsigned int i;

	s.fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (!cover_start(t->cover))
		t->cover = NULL;
	for (i = 0; i < p->num; i++)
		if (p->ops[i].process == t->worker->index && p->ops[i].thread == t->index)
			run_op(t, &s, &p->ops[i]);
	__atomic_store_n(&t->ended, true, __ATOMIC_RELEASE);
}

static void *thread_main(void *arg)
{
	run_thread(arg);
	return NULL;
}

/* wait for all threads; false if one does not end */
static bool watch(struct thread *threads, unsigned int n)
{
	unsigned long seen[MAX_THREADS] = { 0 };
	unsigned int ticks[MAX_THREADS] = { 0 }, left = n, i;

	while (left) {
		usleep(TICK_US);
		left = 0;
		for (i = 0; i < n; i++) {
			unsigned long now = __atomic_load_n(&threads[i].progress, __ATOMIC_RELAXED);

			if (__atomic_load_n(&threads[i].ended, __ATOMIC_ACQUIRE))
				continue;
			left++;
			ticks[i] = now == seen[i] ? ticks[i] + 1 : 0;
			seen[i] = now;
			if (ticks[i] > TICKS_KILL)
				return false;
			if (ticks[i] && ticks[i] % TICKS_SIGNAL == 0)
				pthread_kill(threads[i].thread, SIGUSR1);
		}
	}
	return true;
}

static void become_user(unsigned int index)
{
	unsigned int id = 1000 + index % 2;

	if (setgroups(0, NULL) || setresgid(id, id, id) || setresuid(id, id, id))
		_exit(1);
	/* else /proc/self is root's */
	prctl(PR_SET_DUMPABLE, 1);
}

/**
 * worker_run - be a process of a program
 * @w: which
 *
 * Return: whether everything of it has run.
 */
bool worker_run(struct worker *w)
{
	static struct thread first, threads[MAX_THREADS];
	unsigned int i;

	catch_signals();
	first.worker = w;
	first.index = FIRST_THREAD;
	first.cover = cover_open();
	for (i = 0; i < w->program->threads; i++) {
		threads[i].worker = w;
		threads[i].index = i;
		threads[i].cover = cover_open();
	}
	if (w->program->users & 1 << w->index)
		become_user(w->index);
	for (i = 0; i < ARRAY_SIZE(w->fds); i++) {
		w->fds[i] = open(device_path(), O_RDWR | O_CLOEXEC);
		if (w->fds[i] < 0)
			_exit(1);
	}
	run_thread(&first);
	for (i = 0; i < w->program->threads; i++)
		if (pthread_create(&threads[i].thread, NULL, thread_main, &threads[i]))
			_exit(1);
	return watch(threads, w->program->threads);
}
