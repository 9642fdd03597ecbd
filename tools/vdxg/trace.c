// SPDX-License-Identifier: MIT
/*
 * trace.c: vdxg trace: why calls are refused, as they are
 *
 * Reads the events vdxg_refused (call, process, field, value and reason) and vdxg_ioctl (the status) from an
 * instance of tracefs of its own, so that it disturbs nobody else who traces. A refused call is one line:
 *
 *	14:02:07.113 demo[412] CreateAllocation: STATUS_INVALID_PARAMETER: alloc_count=0x10001: too many
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define MAX_TASKS	64
#define TEXT		160

/**
 * struct refusal - the last reason that a task was given
 * @task: its name and number as tracefs writes them
 * @call: the call
 * @reason: field, value and reason
 */
struct refusal {
	char task[40];
	char call[64];
	char reason[TEXT];
};

/**
 * struct tracer - what is followed
 * @root: where tracefs is
 * @instance: our instance in it
 * @refusals: by task
 * @next: which to use again next
 */
static struct tracer {
	const char *root;
	char instance[96];
	struct refusal refusals[MAX_TASKS];
	unsigned int next;
} tracer;

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* "" if that worked, else why not */
static const char *write_text(const char *name, const char *text)
{
	char path[256];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/%s", tracer.instance, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return strerror(errno);
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error ? strerror(error) : "";
}

static void remove_instance(void)
{
	if (*tracer.instance)
		rmdir(tracer.instance);
}

static void find_root(void)
{
	static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[128];
	size_t i;

	if (geteuid())
		die("trace reads the kernel's events, which only root may");
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		snprintf(path, sizeof(path), "%s/events", roots[i]);
		if (!access(path, F_OK)) {
			tracer.root = roots[i];
			return;
		}
	}
	die("tracefs is not mounted: mount -t tracefs none %s", roots[0]);
}

static void make_instance(void)
{
	const char *why;
	char path[128];

	snprintf(path, sizeof(path), "%s/events/vdxg/vdxg_refused", tracer.root);
	if (access(path, F_OK))
		die("%s: %s: is the module loaded, and of this version?", path, strerror(errno));
	snprintf(tracer.instance, sizeof(tracer.instance), "%s/instances/vdxg-%d", tracer.root,
		 (int)getpid());
	if (mkdir(tracer.instance, 0700)) {
		int error = errno;

		*tracer.instance = '\0';
		die("%s: %s", tracer.root, strerror(error));
	}
	atexit(remove_instance);
	why = write_text("events/vdxg/vdxg_ioctl/filter", "status < 0");
	if (!*why)
		why = write_text("events/vdxg/vdxg_ioctl/enable", "1");
	if (!*why)
		why = write_text("events/vdxg/vdxg_refused/enable", "1");
	if (*why)
		die("%s: %s", tracer.instance, why);
}

static struct refusal *refusal_of(const char *task, bool add)
{
	struct refusal *r;
	unsigned int i;

	for (i = 0; i < MAX_TASKS; i++)
		if (!strcmp(tracer.refusals[i].task, task))
			return &tracer.refusals[i];
	if (!add)
		return NULL;
	r = &tracer.refusals[tracer.next++ % MAX_TASKS];
	memset(r, 0, sizeof(*r));
	snprintf(r->task, sizeof(r->task), "%s", task);
	return r;
}

/* "LX_DXLOCK2" is the ioctl of Lock2; what is in the header is what one can search for */
static const char *short_name(const char *call)
{
	return strncmp(call, "LX_", 3) ? call : call + 3;
}

static void on_refused(const char *task, char *text)
{
	struct refusal *r = refusal_of(task, true);
	char *field = strstr(text, " field="), *value = strstr(text, " value=");
	char *why = strstr(text, " why=");

	if (!field || !value || !why || sscanf(text, "call=%63s", r->call) != 1)
		return;
	*value = '\0';
	*why = '\0';
	snprintf(r->reason, sizeof(r->reason), "%s=%s: %s", field + 7, value + 7, why + 5);
}

/* The call has ended: say so, with the last reason that was given in it. */
static void on_ended(const char *task, const char *text)
{
	struct refusal *r = refusal_of(task, false);
	unsigned int status;
	struct timespec now;
	struct tm local;
	char call[64];

	if (sscanf(text, "%63s status=%x", call, &status) != 2)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	printf("%02d:%02d:%02d.%03ld %s %s: %s", local.tm_hour, local.tm_min, local.tm_sec,
	       now.tv_nsec / 1000000, task, short_name(call), status_name(status));
	if (r && !strcmp(r->call, call))
		printf(": %s", r->reason);
	printf("\n");
	if (r)
		*r->call = '\0';
}

/* A line of trace_pipe: "   task-pid   [cpu] flags  time: event: text" */
static void on_line(char *line)
{
	char *event = strstr(line, ": vdxg_"), *text, *dash, *end;
	char name[24], task[40];
	unsigned int pid;

	line[strcspn(line, "\n")] = '\0';
	/* the name may contain everything, even a '-' */
	end = strstr(line, " [");
	if (!event || !end)
		return;
	*end = '\0';
	dash = strrchr(line, '-');
	if (!dash)
		return;
	*dash = '\0';
	pid = strtoul(dash + 1, NULL, 10);
	snprintf(name, sizeof(name), "%.23s", line + strspn(line, " "));
	snprintf(task, sizeof(task), "%s[%u]", name, pid);
	event += 2;
	text = strstr(event, ": ");
	if (!text)
		return;
	text += 2;
	if (!strncmp(event, "vdxg_refused:", 13))
		on_refused(task, text);
	else if (!strncmp(event, "vdxg_ioctl:", 11))
		on_ended(task, text);
}

/**
 * trace_command - vdxg trace
 *
 * Goes on until it is interrupted.
 *
 * Return: the program's exit status.
 */
int trace_command(void)
{
	struct sigaction action = { .sa_handler = on_stop };
	char path[128], line[1024];
	FILE *pipe;

	find_root();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	make_instance();
	snprintf(path, sizeof(path), "%s/trace_pipe", tracer.instance);
	pipe = fopen(path, "r");
	if (!pipe)
		die("%s: %s", path, strerror(errno));
	setvbuf(stdout, NULL, _IOLBF, 0);
	fprintf(stderr, "vdxg: waiting for calls that are refused; end with Ctrl-C\n");
	while (!stopped && !ferror(stdout) && fgets(line, sizeof(line), pipe))
		on_line(line);
	fclose(pipe);
	return 0;
}
