// SPDX-License-Identifier: MIT
/*
 * harness.c: runs the cases of a test program and reports in TAP; see harness.h
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "kmt.h"

#define EXIT_PASS	0
#define EXIT_FAIL	1
#define EXIT_SKIP	4	/* as kselftest */
#define MAX_ADAPTERS	16
#define MAX_SHOWN	20	/* failed checks of a process that are printed */

/* TAINT_BAD_PAGE (KASAN too), TAINT_DIE, TAINT_WARN, TAINT_SOFTLOCKUP */
#define BAD_TAINTS	(1UL << 5 | 1UL << 7 | 1UL << 9 | 1UL << 14)

struct test_adapter test_adapter;

static unsigned int failures;
static char skip_file[64] = "/tmp/vdxg-test-skip.XXXXXX";

/* ---- reporting ---- */

static void vsay(const char *fmt, va_list ap)
{
	char text[1024];
	int n;

	n = snprintf(text, sizeof(text), "# ");
	n += vsnprintf(text + n, sizeof(text) - n - 1, fmt, ap);
	if (n > (int)sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '\n';
	/* one write: threads and children do not mix their lines */
	if (write(STDOUT_FILENO, text, n) != n)
		_exit(EXIT_FAIL);
}

/**
 * test_note - print a diagnostic line
 * @fmt: as printf, without the newline
 */
void test_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

/**
 * test_fail - note a failed check; the case goes on
 * @file: where
 * @line: where
 * @fmt: what is wrong
 */
void test_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char text[768];
	va_list ap;

	if (__atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST) > MAX_SHOWN)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	test_note("%s:%d: %s", base ? base + 1 : file, line, text);
}

/** test_failed - how many checks of this process have failed */
unsigned int test_failed(void)
{
	return failures;
}

/* of a build that counts lines: writes the counts */
void __gcov_dump(void) __attribute__((weak));

static void end(int status) __attribute__((noreturn));
static void end(int status)
{
	if (__gcov_dump)
		__gcov_dump();
	_exit(status);
}

/** test_stop - end the case, which failed */
void test_stop(void)
{
	end(EXIT_FAIL);
}

/** test_exit - end a process that the case forked: 0 if its checks held */
void test_exit(void)
{
	end(failures ? EXIT_FAIL : EXIT_PASS);
}

/**
 * test_skip - end the case, which cannot run here
 * @fmt: why, and what would make it run
 */
void test_skip(const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int fd, n;

	if (failures)
		_exit(EXIT_FAIL);
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	fd = open(skip_file, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, n) != n)
		test_note("skipped: %s", text);
	_exit(EXIT_SKIP);
}

/**
 * status_name - an NTSTATUS, or the negative errno that test_ioctl() returns, as text
 * @status: it
 *
 * Return: a name, or the number in a buffer that the fourth later call overwrites.
 */
const char *status_name(int status)
{
	static __thread char text[4][32];
	static __thread unsigned int next;
	static const struct {
		int status;
		const char *name;
	} names[] = {
		{ STATUS_SUCCESS, "SUCCESS" },
		{ STATUS_UNSUCCESSFUL, "UNSUCCESSFUL" },
		{ STATUS_INVALID_HANDLE, "INVALID_HANDLE" },
		{ STATUS_INVALID_PARAMETER, "INVALID_PARAMETER" },
		{ STATUS_NO_MEMORY, "NO_MEMORY" },
		{ STATUS_ACCESS_DENIED, "ACCESS_DENIED" },
		{ STATUS_BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL" },
		{ STATUS_NOT_SUPPORTED, "NOT_SUPPORTED" },
		{ STATUS_DEVICE_REMOVED, "DEVICE_REMOVED" },
		{ STATUS_GRAPHICS_NO_VIDEO_MEMORY, "GRAPHICS_NO_VIDEO_MEMORY" },
	};
	char *buffer;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].status == status)
			return names[i].name;
	if (status < 0 && status > -4096 && strerrorname_np(-status))
		return strerrorname_np(-status);
	buffer = text[next++ % ARRAY_SIZE(text)];
	snprintf(buffer, sizeof(text[0]), "0x%08x", (unsigned int)status);
	return buffer;
}

/* ---- helpers ---- */

/** test_page_size - bytes in a page */
size_t test_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void *map_pages(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

/**
 * test_pages - fresh, zeroed, private pages
 * @bytes: how many bytes
 */
void *test_pages(size_t bytes)
{
	return map_pages(bytes);
}

/** test_unmapped - an address where nothing is mapped, with 64 KiB of nothing after it */
void *test_unmapped(void)
{
	void *p = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* it stays reserved, so that nobody else's mapping comes there */
	REQUIRE(p != MAP_FAILED);
	return p;
}

/**
 * test_readonly - a copy in pages that cannot be written
 * @content: of what; NULL for zeroes
 * @bytes: its size
 */
void *test_readonly(const void *content, size_t bytes)
{
	size_t size = (bytes + test_page_size() - 1) & ~(test_page_size() - 1);
	void *p = map_pages(size);

	if (content)
		memcpy(p, content, bytes);
	REQUIRE(!mprotect(p, size, PROT_READ));
	return p;
}

/**
 * test_page_end - a copy that ends where the mapped memory ends
 * @content: of what; NULL for zeroes
 * @bytes: its size
 *
 * Who reads or writes one byte too much faults.
 */
void *test_page_end(const void *content, size_t bytes)
{
	size_t page = test_page_size();
	size_t size = (bytes + page - 1) & ~(page - 1);
	char *p = map_pages(size + page);

	REQUIRE(!mprotect(p + size, page, PROT_NONE));
	if (content)
		memcpy(p + size - bytes, content, bytes);
	return p + size - bytes;
}

/**
 * test_straddle - an address whose @bytes bytes are mapped but for the last
 * @bytes: how many bytes
 */
void *test_straddle(size_t bytes)
{
	return (char *)test_page_end(NULL, bytes) + 1;
}

static __thread sigjmp_buf touch_back;
static __thread volatile sig_atomic_t touch_armed;
static __thread volatile sig_atomic_t touch_signal;
static __thread void *volatile touch_address;

static void touch_handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (!touch_armed) {
		/* not one we wait for: say so, and let it kill the process */
		dprintf(STDOUT_FILENO, "# pid %d: signal %d, code %d, at %p\n", getpid(), sig,
			info->si_code, info->si_addr);
		signal(sig, SIG_DFL);
		return;
	}
	touch_signal = sig;
	touch_address = info->si_addr;
	siglongjmp(touch_back, 1);
}

/*
 * Before there are threads: one that installs it while another forks can leave the child without it,
 * but with the memory that says it is there.
 */
static void install_touch_handler(void)
{
	struct sigaction action = { .sa_sigaction = touch_handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/**
 * test_touch - read or write one byte; several threads may
 * @address: where
 * @write: write what is there already
 *
 * Return: 0, or the signal that it raised; the signal must name @address.
 */
int test_touch(volatile void *address, bool write)
{
	volatile char *p = address;

	touch_signal = 0;
	if (!sigsetjmp(touch_back, 1)) {
		char c;

		touch_armed = 1;
		c = *p;
		if (write)
			*p = c;
	}
	touch_armed = 0;
	if (touch_signal)
		EXPECT(touch_address == (void *)address);
	return touch_signal;
}

/**
 * test_gone - does touching an address raise a signal?
 * @address: where
 *
 * What Lock2 mapped is removed from the address space (SIGSEGV) when its owner destroys the
 * allocation, and left to fault (SIGBUS) when it ends otherwise.
 */
bool test_gone(volatile void *address)
{
	return test_touch(address, false) && test_touch(address, true);
}

/** test_device_path - the device node under test */
const char *test_device_path(void)
{
	const char *path = getenv("VDXG_DEVICE");

	return path && *path ? path : "/dev/dxg";
}

/** test_open - a descriptor of the device, for calls without the library; kept over exec */
int test_open(void)
{
	int fd = open(test_device_path(), O_RDWR);

	REQUIRE(fd >= 0);
	return fd;
}

/**
 * test_ioctl - one ioctl
 * @fd: descriptor
 * @request: number and size
 * @arg: argument
 *
 * Return: what it returned, or the negative errno.
 */
int test_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret == -1 ? -errno : ret;
}

/** test_seed - the seed of this run: VDXG_SEED, else a new one; printed by who asks first */
uint64_t test_seed(void)
{
	const char *text = getenv("VDXG_SEED");
	static uint64_t seed;

	if (seed)
		return seed;
	if (text && *text) {
		seed = strtoull(text, NULL, 0);
	} else {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		seed = (uint64_t)now.tv_sec << 20 ^ now.tv_nsec ^ getpid();
	}
	if (!seed)
		seed = 1;
	test_note("VDXG_SEED=0x%" PRIx64, seed);
	return seed;
}

/**
 * test_random - the next number
 * @state: of the generator; not 0; begin with test_seed()
 */
uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL;
}

/**
 * test_rounds - how often to repeat
 * @normal: unless VDXG_ROUNDS says otherwise: a number, or xN for N times as often
 */
unsigned int test_rounds(unsigned int normal)
{
	const char *text = getenv("VDXG_ROUNDS");

	if (text && *text == 'x')
		return normal * strtoul(text + 1, NULL, 0);
	return text && *text ? strtoul(text, NULL, 0) : normal;
}

/**
 * test_wait - wait for a child
 * @pid: it
 *
 * Return: its exit status, or 128 and the signal that killed it.
 */
int test_wait(int pid)
{
	int status;

	REQUIRE(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/** test_drop_root - become nobody, if root */
void test_drop_root(void)
{
	if (geteuid())
		return;
	REQUIRE(!setgroups(0, NULL));
	REQUIRE(!setresgid(65534, 65534, 65534));
	REQUIRE(!setresuid(65534, 65534, 65534));
	/* /proc/self belongs to root after that, unless the process is dumpable again */
	prctl(PR_SET_DUMPABLE, 1);
}

/**
 * test_status_kb - a line of /proc/self/status
 * @field: such as "VmPin"
 *
 * Return: its number.
 */
long test_status_kb(const char *field)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t n = strlen(field);
	char line[256];
	long kb = -1;

	REQUIRE(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, field, n) && line[n] == ':')
			kb = strtol(line + n + 1, NULL, 10);
	fclose(f);
	REQUIRE(kb >= 0);
	return kb;
}

/**
 * test_write_file - write a short text to a file, as in sysfs
 * @path: which
 * @text: what
 *
 * Return: whether that worked.
 */
bool test_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

/* ---- adapters ---- */

/*
 * List the adapters in a child, so that the program itself never becomes a process with handles.
 * The child writes struct test_adapter after struct test_adapter.
 */
static void list_adapters(int out)
{
	D3DKMT_ADAPTERINFO info[64];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	ULONG i;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++) {
		struct test_adapter adapter = {
			.luid_low = info[i].AdapterLuid.LowPart,
			.luid_high = info[i].AdapterLuid.HighPart,
		};
		uint32_t type = 0;
		D3DKMT_QUERYADAPTERINFO query = {
			.hAdapter = info[i].hAdapter,
			.Type = KMTQAITYPE_ADAPTERTYPE,
			.pPrivateDriverData = &type,
			.PrivateDriverDataSize = sizeof(type),
		};

		REQUIRE_STATUS(D3DKMTQueryAdapterInfo(&query), STATUS_SUCCESS);
		adapter.software = type & ADAPTERTYPE_SOFTWARE_DEVICE;
		REQUIRE(write(out, &adapter, sizeof(adapter)) == sizeof(adapter));
	}
	_exit(EXIT_PASS);
}

static size_t find_adapters(struct test_adapter *adapters)
{
	const char *want = getenv("VDXG_TEST_ADAPTER");
	struct test_adapter adapter;
	size_t n = 0;
	int fds[2];
	pid_t pid;

	REQUIRE(!pipe(fds));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		close(fds[0]);
		list_adapters(fds[1]);
	}
	close(fds[1]);
	while (n < MAX_ADAPTERS && read(fds[0], &adapter, sizeof(adapter)) == sizeof(adapter)) {
		if (want && !strcmp(want, "hardware") && adapter.software)
			continue;
		if (want && !strcmp(want, "software") && !adapter.software)
			continue;
		adapters[n++] = adapter;
	}
	close(fds[0]);
	if (test_wait(pid)) {
		test_note("cannot list the adapters: is the module loaded? (%s)",
			  test_device_path());
		printf("Bail out! no adapters\n");
		exit(EXIT_FAIL);
	}
	return n;
}

/* ---- running ---- */

static unsigned long taint(void)
{
	FILE *f = fopen("/proc/sys/kernel/tainted", "r");
	unsigned long value = 0;

	if (f) {
		if (fscanf(f, "%lu", &value) != 1)
			value = 0;
		fclose(f);
	}
	return value & BAD_TAINTS;
}

static unsigned int timeout_seconds(void)
{
	const char *text = getenv("VDXG_TIMEOUT");

	return text && *text ? strtoul(text, NULL, 0) : 600;
}

/* Wait for the process of a case; SIGCHLD is blocked. */
static int wait_case(pid_t pid, bool *timed_out)
{
	struct timespec limit = { .tv_sec = timeout_seconds() };
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	*timed_out = false;
	while (!waitpid(pid, &status, WNOHANG)) {
		if (sigtimedwait(&set, NULL, &limit) < 0 && errno == EAGAIN) {
			*timed_out = true;
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
	}
	/* whatever it left behind */
	kill(-pid, SIGKILL);
	return status;
}

/*
 * A process that ended may still be being cleared away. Cases compare what the adapter counts
 * before and after a call, so let what the last case left go first; if it does not go, some case
 * will say so.
 */
static void settle(void)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	struct usage usage;
	pid_t pid;
	int i;

	/* in a child: the case itself has not opened the device yet */
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		for (i = 0; i < 400 && kmt_usage(&usage) == STATUS_SUCCESS && usage.allocs; i++)
			nanosleep(&pause, NULL);
		_exit(EXIT_PASS);
	}
	test_wait(pid);
}

static int run_case(const struct test_case *c, unsigned int number, const char *where)
{
	unsigned long taint_before = taint();
	bool timed_out;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		sigset_t none;

		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		settle();
		c->run();
		test_exit();
	}
	setpgid(pid, pid);
	status = wait_case(pid, &timed_out);

	if (timed_out) {
		test_note("no end after %u seconds", timeout_seconds());
		status = EXIT_FAIL << 8;
	}
	if (taint() & ~taint_before) {
		test_note("the kernel warned or crashed: taint 0x%lx, see its log", taint());
		status = EXIT_FAIL << 8;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PASS) {
		printf("ok %u %s%s: %s\n", number, c->name, where, c->what);
		return EXIT_PASS;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		char why[256] = "";
		int fd = open(skip_file, O_RDONLY);
		ssize_t n = fd < 0 ? 0 : read(fd, why, sizeof(why) - 1);

		if (fd >= 0)
			close(fd);
		why[n > 0 ? n : 0] = '\0';
		printf("ok %u %s%s: %s # SKIP %s\n", number, c->name, where, c->what, why);
		return EXIT_SKIP;
	}
	if (WIFSIGNALED(status))
		test_note("killed by signal %d", WTERMSIG(status));
	printf("not ok %u %s%s: %s\n", number, c->name, where, c->what);
	return EXIT_FAIL;
}

static bool selected(const struct test_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

/* how often a case runs */
/* Does case @i run on adapter @a of these? Taking turns, each case runs on one, and the next on another. */
static bool runs_on(const struct test_case *c, size_t i, const struct test_adapter *adapters,
		    size_t n_adapters, size_t a)
{
	const char *want = getenv("VDXG_TEST_ADAPTER");

	if (c->flags & TEST_ONCE)
		return !a;
	if (!n_adapters)
		return false;
	if (!want || strcmp(want, "turns"))
		return true;
	return c->flags & TEST_HARDWARE ? !adapters[a].software : i % n_adapters == a;
}

/* what its line says of the adapter */
static const char *where_of(const struct test_case *c, const char *where)
{
	if (c->flags & TEST_ONCE)
		return "";
	return where;
}

/**
 * test_main - run the cases of a program
 * @argc: of main
 * @argv: of main
 * @cases: the table
 * @n: its length
 *
 * Return: 0 if none failed, 4 if all were skipped, else 1.
 */
int test_main(int argc, char **argv, const struct test_case *cases, size_t n)
{
	struct test_adapter adapters[MAX_ADAPTERS];
	unsigned int plan = 0, number = 0, failed = 0, skipped = 0;
	size_t n_adapters, a, i;
	sigset_t chld;
	int fd;

	install_touch_handler();
	if (argc > 1 && !strcmp(argv[1], "--helper") && test_helper)
		return test_helper(argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < n; i++)
			printf("%s: %s\n", cases[i].name, cases[i].what);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);

	n_adapters = find_adapters(adapters);
	for (a = 0; a < n_adapters || !a; a++)
		for (i = 0; i < n; i++)
			plan += selected(&cases[i], argc, argv) &&
				runs_on(&cases[i], i, adapters, n_adapters, a);
	printf("TAP version 13\n1..%u", plan);
	if (!plan) {
		printf(" # SKIP no such case, or no such adapter (VDXG_TEST_ADAPTER)\n");
		return EXIT_SKIP;
	}
	putchar('\n');

	fd = mkstemp(skip_file);
	if (fd >= 0) {
		fchmod(fd, 0666);
		close(fd);
	}
	for (a = 0; a < n_adapters || !a; a++) {
		const char *where = "";

		if (n_adapters) {
			test_adapter = adapters[a];
			where = test_adapter.software ? " [software]" : " [hardware]";
		}
		for (i = 0; i < n; i++) {
			int result;

			if (!selected(&cases[i], argc, argv) ||
			    !runs_on(&cases[i], i, adapters, n_adapters, a))
				continue;
			number++;
			if (cases[i].flags & TEST_HARDWARE && test_adapter.software) {
				printf("ok %u %s%s: %s # SKIP needs a hardware adapter\n", number,
				       cases[i].name, where, cases[i].what);
				skipped++;
				continue;
			}
			result = run_case(&cases[i], number, where_of(&cases[i], where));
			failed += result == EXIT_FAIL;
			skipped += result == EXIT_SKIP;
		}
	}
	unlink(skip_file);
	printf("# passed %u, failed %u, skipped %u\n", number - failed - skipped, failed, skipped);
	if (failed)
		return EXIT_FAIL;
	return skipped == number ? EXIT_SKIP : EXIT_PASS;
}
