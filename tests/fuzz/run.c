// SPDX-License-Identifier: MIT
/*
 * run.c: runs programs one after the other and looks whether the kernel complains
 *
 * Before a program runs, a line says how it is made:
 *
 *	+NUMBER SEED PARENT OTHER
 *
 * A PARENT of -1: from the seed alone; else it is that program changed. From these lines every
 * program can be made again where the machine is gone: rebuild(). A program that has reached code
 * no earlier one did may become a parent.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "uapi/d3dkmthk.h"

#include "fuzz.h"

#define MAX_CORPUS	1024
/*
 * seconds until a program is killed, and until it is a hang that it does not die: long, since a
 * machine that others starve is no finding
 */
#define LIMIT		60
#define LIMIT_DEATH	600
/* a call that was made so often as it should be, without success, never will */
#define ENOUGH		2000

struct shared *shared;

static int kmsg = -1;

/* ---- what the kernel says --------------------------------------------------------- */

static const char *const reports[] = {
	"BUG: ", "WARNING: ", "KASAN: ", "UBSAN: ", "ODEBUG: ", "Oops: ", "general protection",
	"Call Trace:", "refcount_t:", "possible recursive", "possible circular", "possible irq",
	"inconsistent lock state", "bad unlock balance", "lock held when returning",
	"suspicious RCU", "sleeping function called", "list_add corruption", "list_del corruption",
	"Bad page state", "Bad rss-counter", "overwritten", "blocked for more than",
};

static void open_kmsg(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
}

/* whether the kernel has reported anything since the last time */
static bool complained(void)
{
	char line[8192];
	bool found = false;
	ssize_t n;
	size_t i;

	if (kmsg < 0)
		return false;
	for (;;) {
		n = read(kmsg, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return found;
		line[n] = '\0';
		/* the kernel has data races of its own */
		if (strstr(line, "KCSAN: ") && !strstr(line, "[vdxg]"))
			continue;
		for (i = 0; i < ARRAY_SIZE(reports) && !found; i++)
			if (strstr(line, reports[i])) {
				found = true;
				printf("# the kernel: %s", strchr(line, ';') + 1);
			}
	}
}

static void note_kmsg(const char *text, unsigned long number)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		dprintf(fd, "fuzz: %s %lu\n", text, number);
		close(fd);
	}
}

/* ---- one program -------------------------------------------------------------------- */

static void start_process(const struct program *p, unsigned int index, int sockets[2])
{
	static struct worker w;
	pid_t pid = fork();

	if (pid < 0)
		exit(1);
	if (pid) {
		shared->pids[index] = pid;
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	w.index = index;
	w.program = p;
	w.socket[0] = sockets[0];
	w.socket[1] = sockets[1];
	if (!worker_run(&w))
		kill(getpid(), SIGKILL);
	_exit(0);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void show_stack(pid_t pid)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n > 0)
		printf("# process %d does not die:\n%.*s", pid, (int)n, text);
}

/* Wait for the processes; false if one does not die when it is killed. */
static bool wait_processes(unsigned int n)
{
	uint64_t start = now_ms();
	bool killed = false;
	unsigned int left = n, i;
	struct timespec limit = { .tv_nsec = 200000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		for (i = 0; i < n; i++) {
			if (shared->pids[i] > 0 &&
			    waitpid(shared->pids[i], NULL, WNOHANG) == shared->pids[i]) {
				shared->pids[i] = 0;
				left--;
			}
		}
		if (!left)
			return true;
		sigtimedwait(&set, NULL, &limit);
		if (!killed && now_ms() - start > LIMIT * 1000) {
			killed = true;
			for (i = 0; i < n; i++)
				if (shared->pids[i] > 0)
					kill(shared->pids[i], SIGKILL);
		}
		if (now_ms() - start > (LIMIT + LIMIT_DEATH) * 1000ULL)
			break;
	}
	for (i = 0; i < n; i++)
		if (shared->pids[i] > 0)
			show_stack(shared->pids[i]);
	return false;
}

/* Run a program to its end; false if the kernel complains of it, or it does not end. */
static bool run_program(const struct program *p)
{
	int sockets[2];
	unsigned int i;
	bool ended;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets))
		exit(1);
	memset(shared->pids, 0, sizeof(shared->pids));
	for (i = 0; i < p->processes; i++)
		start_process(p, i, sockets);
	ended = wait_processes(p->processes);
	close(sockets[0]);
	close(sockets[1]);
	if (!ended)
		printf("# a program does not end\n");
	return !complained() && ended;
}

/* ---- many of them --------------------------------------------------------------------- */

static void find_adapters(void)
{
	struct d3dkmt_adapterinfo info[16] = { 0 };
	struct d3dkmt_enumadapters2 list = {
		.num_adapters = ARRAY_SIZE(info),
		.adapters = (uintptr_t)info,
	};
	unsigned int i;
	pid_t pid = fork();

	/* in a child, so that this process never becomes one of the driver's */
	if (!pid) {
		int fd = open(device_path(), O_RDWR | O_CLOEXEC);

		if (fd < 0 || ioctl(fd, LX_DXENUMADAPTERS2, &list))
			_exit(1);
		for (i = 0; i < list.num_adapters && i < ARRAY_SIZE(shared->luids); i++)
			memcpy(&shared->luids[i], &info[i].adapter_luid, 8);
		shared->num_luids = i;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (!shared->num_luids) {
		printf("Bail out! no adapters\n");
		exit(1);
	}
}

static void set_up(void)
{
	sigset_t set;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		exit(1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	find_adapters();
	open_kmsg();
}

static unsigned long calls_made(void)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < MAX_CALLS; i++)
		sum += shared->counts[i].tried;
	return sum;
}

/* One case for each call: a supported one that never succeeds tests nothing. */
static bool report_calls(unsigned int num, unsigned int *number)
{
	unsigned int i;
	bool good = true;

	for (i = 0; i < num; i++) {
		const struct count *c = &shared->counts[i];
		bool supported = c->succeeded || c->unsupported * 2 <= c->tried;
		bool ok = c->succeeded || !supported || c->valid < ENOUGH;

		if (!call_of(i)->word)
			continue;
		printf("%sok %u %s: tried %lu, succeeded %lu%s\n", ok ? "" : "not ", ++*number,
		       call_of(i)->name, c->tried, c->succeeded,
		       supported ? "" : ", not supported");
		good &= ok;
	}
	return good;
}

/**
 * struct corpus - programs that others are made from
 * @programs: these
 * @numbers: of each
 * @num: how many
 */
static struct corpus {
	struct program *programs;
	long numbers[MAX_CORPUS];
	unsigned int num;
} corpus;

static void keep_program(const struct program *p, long number)
{
	unsigned int at = corpus.num < MAX_CORPUS ? corpus.num++ : (unsigned int)number % MAX_CORPUS;

	corpus.programs[at] = *p;
	corpus.numbers[at] = number;
}

/* Make the next program, and say how. */
static void next_program(struct program *p, long number, uint64_t *random)
{
	uint64_t seed = next_random(random);
	uint64_t choice = next_random(random);
	unsigned int parent, other;

	if (!corpus.num || choice % 8 < 3) {
		program_generate(p, seed);
		printf("+%ld %" PRIx64 " -1 -1\n", number, seed);
		return;
	}
	parent = (choice >> 8) % corpus.num;
	other = (choice >> 32) % corpus.num;
	*p = corpus.programs[parent];
	program_change(p, &corpus.programs[other], seed);
	printf("+%ld %" PRIx64 " %ld %ld\n", number, seed, corpus.numbers[parent],
	       corpus.numbers[other]);
}

static void add_plant(struct program *p)
{
	struct op *op = &p->ops[p->num / 2];

	op->call = call_find("plant");
	op->how = 0;
	op->thread = 0;
	op->process = 0;
	p->users = 0;
}

static unsigned int blocks(void)
{
	unsigned int n = 0, i;

	for (i = 0; i < ARRAY_SIZE(shared->cover); i++)
		n += __builtin_popcountll(shared->cover[i]);
	return n;
}

/**
 * run_seed - run programs that follow from a seed
 * @seed: it
 * @seconds: for how long, at least
 * @calls: how many calls, at least
 * @plant: number of a program that makes a mistake on purpose, or -1
 *
 * Return: 0, or 1 if the kernel complained or a call that is supported never succeeded.
 */
int run_seed(uint64_t seed, unsigned int seconds, unsigned long calls, int plant)
{
	unsigned int num_calls = calls_init(), number = 0;
	uint64_t random = seed, start, ms;
	struct program program;
	long made = 0;
	bool good = true;

	set_up();
	corpus.programs = calloc(MAX_CORPUS, sizeof(*corpus.programs));
	if (!corpus.programs)
		return 1;
	printf("TAP version 13\n# seed %" PRIu64 "\n", seed);
	start = now_ms();
	while (good && (now_ms() - start < seconds * 1000ULL || calls_made() < calls)) {
		next_program(&program, made, &random);
		if (made == plant) {
			add_plant(&program);
			printf("# planted\n");
		}
		if (made % 16 == 0)
			note_kmsg("program", made);
		shared->fresh = 0;
		good = run_program(&program);
		if (shared->fresh)
			keep_program(&program, made);
		made++;
	}
	ms = now_ms() - start + 1;
	printf("%sok %u programs without a report\n", good ? "" : "not ", ++number);
	printf("# %ld programs, %lu calls in %" PRIu64 " s, %" PRIu64 " calls/s, %u blocks of code\n",
	       made, calls_made(), ms / 1000, calls_made() * 1000 / ms, blocks());
	if (good)
		good = report_calls(num_calls, &number);
	printf("1..%u\n", number);
	return !good;
}

/**
 * run_file - run the programs of a file
 * @path: the file
 * @times: how often each
 *
 * Return: 0, or 1 if the kernel complained.
 */
int run_file(const char *path, unsigned int times)
{
	FILE *f = fopen(path, "r");
	struct program program;
	unsigned int number = 0, i;

	calls_init();
	if (!f) {
		perror(path);
		return 1;
	}
	set_up();
	shared->verbose = getenv("VDXG_VERBOSE");
	while (program_read(&program, f)) {
		printf("+%u\n", number);
		note_kmsg("program", number++);
		for (i = 0; i < times; i++)
			if (!run_program(&program))
				return 1;
	}
	fclose(f);
	return 0;
}

/* ---- afterwards -------------------------------------------------------------------------- */

/**
 * struct made - how a program was made
 * @seed: from what
 * @parent: number of another, or -1
 * @other: likewise
 */
struct made {
	uint64_t seed;
	long parent, other;
};

/* The program of a number: its parents first. */
static struct program make_again(const struct made *list, long number)
{
	struct program p, other;

	if (list[number].parent < 0) {
		program_generate(&p, list[number].seed);
		return p;
	}
	p = make_again(list, list[number].parent);
	other = make_again(list, list[number].other);
	program_change(&p, &other, list[number].seed);
	return p;
}

/**
 * rebuild - write the programs that were running, from the lines of a run
 * @back: how many before the last one, at most
 * @plant: as it was for run_seed()
 *
 * Return: 0, or 1 if standard input has no such lines.
 */
int rebuild(uint64_t back, uint64_t plant)
{
	struct made *list = NULL;
	long num = 0, number, first, i;
	struct program p;
	char line[512];

	calls_init();
	while (fgets(line, sizeof(line), stdin)) {
		struct made m;

		if (sscanf(line, "+%ld %" SCNx64 " %ld %ld", &number, &m.seed, &m.parent, &m.other) != 4)
			continue;
		if (number != num || m.parent >= num || m.other >= num)
			return 1;
		if (num % 1024 == 0)
			list = realloc(list, (num + 1024) * sizeof(*list));
		if (!list)
			return 1;
		list[num++] = m;
	}
	if (!num)
		return 1;
	first = num - 1 > (long)back ? num - 1 - (long)back : 0;
	for (i = first; i < num; i++) {
		printf("# program %ld\n", i);
		p = make_again(list, i);
		if ((uint64_t)i == plant)
			add_plant(&p);
		program_print(&p, stdout);
	}
	return 0;
}
