// SPDX-License-Identifier: MIT
/*
 * fuzz.c: the command line of the fuzzer (see fuzz.h)
 *
 *	fuzz					as VDXG_SECONDS, VDXG_CALLS, VDXG_SEED and VDXG_PLANT say
 *	fuzz --replay FILE [TIMES]		the programs of a file
 *	fuzz --rebuild BACK [PLANT] <OUTPUT	the text of the last programs of a run
 *	fuzz --list				the calls it knows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

static uint64_t setting(const char *name, uint64_t normal)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : normal;
}

static int list_calls(void)
{
	unsigned int n = calls_init(), i;

	for (i = 0; i < n; i++)
		printf("%s\n", call_of(i)->name);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "--idle"))
		return 0;
	if (!strcmp(what, "--list"))
		return list_calls();
	if (!strcmp(what, "--replay") && argc > 2)
		return run_file(argv[2], argc > 3 ? strtoul(argv[3], NULL, 0) : 1);
	if (!strcmp(what, "--rebuild") && argc > 2)
		return rebuild(strtoull(argv[2], NULL, 0),
			       argc > 3 ? strtoull(argv[3], NULL, 0) : UINT64_MAX);
	return run_seed(setting("VDXG_SEED", time(NULL)), setting("VDXG_SECONDS", 60),
			setting("VDXG_CALLS", 0), (int)setting("VDXG_PLANT", UINT64_MAX));
}
