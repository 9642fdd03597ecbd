/* SPDX-License-Identifier: MIT */
/*
 * demo.h: the parts of the demonstration
 */
#ifndef VDXG_TOOL_DEMO_H
#define VDXG_TOOL_DEMO_H

#include <stdbool.h>

#include "tool.h"

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

bool step(struct demo *demo, bool success, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool answered(struct demo *demo, const char *what, NTSTATUS status, NTSTATUS expected);
void demo_forgotten(struct demo *demo);

#endif
