/* SPDX-License-Identifier: MIT */
/*
 * yardstick.h: what the kernel itself needs for something; see yardstick.c
 */
#ifndef VDXG_BENCH_YARDSTICK_H
#define VDXG_BENCH_YARDSTICK_H

#include "bench.h"

double yardstick(const char *job);

#endif
