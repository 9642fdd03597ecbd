/* SPDX-License-Identifier: MIT */
/*
 * demo.h: what the parts of the demonstration share
 */
#ifndef VDXG_TOOL_DEMO_H
#define VDXG_TOOL_DEMO_H

#include <stdbool.h>

#include "tool.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)

/**
 * struct demo - a demonstration
 * @adapter: on this adapter
 * @before: what it counted before
 * @device: the device
 * @good: what a successful step is marked with
 * @bad: and a failed one
 * @steps: steps so far
 * @failures: those that failed
 */
struct demo {
	struct adapter *adapter;
	struct adapter before;
	D3DKMT_HANDLE device;
	const char *good;
	const char *bad;
	unsigned int steps;
	unsigned int failures;
};

/* demo.c */
__attribute__((format(printf, 3, 4)))
bool step(struct demo *demo, bool success, const char *format, ...);
bool answered(struct demo *demo, const char *what, NTSTATUS status, NTSTATUS expected);
NTSTATUS lock(struct demo *demo, D3DKMT_HANDLE allocation, void **data);
NTSTATUS unlock(struct demo *demo, D3DKMT_HANDLE allocation);

/* overcommit.c */
void demo_overcommit(struct demo *demo);

/* demo_forgotten.c */
void demo_forgotten(struct demo *demo);

#endif
