// SPDX-License-Identifier: MIT
/*
 * main.c: the vdxg command
 *
 *	vdxg info [--json]		the adapters, their segments and their DRM devices
 *	vdxg demo [--adapter WHICH]	one of everything that can be done with memory
 *	vdxg trace			why calls are refused, as they are
 */
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdxg.h>

#include "tool.h"

const char *argp_program_version = "vdxg " VDXG_VERSION;

/**
 * struct options - the command line
 * @command: "info", "demo" or "trace"
 * @adapter: which adapter, or NULL
 * @json: output for programs
 */
struct options {
	const char *command;
	const char *adapter;
	bool json;
};

static const struct argp_option option_table[] = {
	{ "adapter", 'a', "WHICH", 0,
	  "Use this adapter: its number, LUID, name, driver or DRM node", 0 },
	{ "json", 'j', NULL, 0, "Output for programs (info only)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'a':
		options->adapter = arg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->command)
			argp_error(state, "one command, please");
		options->command = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->command)
			argp_usage(state);
		if (strcmp(options->command, "info") && strcmp(options->command, "demo") &&
		    strcmp(options->command, "trace"))
			argp_error(state, "no command '%s'", options->command);
		if (options->json && strcmp(options->command, "info"))
			argp_error(state, "--json goes with info");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse,
	.args_doc = "info|demo|trace",
	.doc = "Show and try the vdxg virtual GPU memory manager.\v"
	       "info  lists the adapters, their memory segments and the DRM devices behind them.\n"
	       "demo  creates, writes, reads and destroys allocations, and checks each step.\n"
	       "trace shows why calls are refused, of all programs, until it is interrupted.\n"
	       "\n"
	       "The environment variable VDXG_DEVICE names the device node, /dev/dxg without it.",
};

/**
 * die - end the program with one line that says why
 * @format: as printf()
 */
void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "vdxg: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

/* The library answers one status, whatever keeps it from the driver: say what to do about it. */
static void check_device(void)
{
	const char *path = vdxg_device_path();
	int error = vdxg_open_error();

	switch (error) {
	case 0:
		return;
	case ENOENT:
	case ENXIO:
	case ENODEV:
		die("%s: the module is not loaded; as root: modprobe vdxg", path);
	case EACCES:
	case EPERM:
		die("%s: permission denied; its mode is the module's parameter 'mode'", path);
	default:
		die("%s: %s", path, strerror(error));
	}
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct adapter *adapters;
	unsigned int count;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!strcmp(options.command, "trace"))
		return trace_command();
	check_device();
	adapters = adapters_open(&count);
	if (!strcmp(options.command, "info"))
		ret = info_command(adapters, count, options.adapter, options.json);
	else
		ret = demo_command(adapter_choose(adapters, count, options.adapter),
				   options.adapter);
	adapters_close(adapters, count);
	return ret;
}
