/* SPDX-License-Identifier: MIT */
/*
 * peers.h: dumb buffers of other drivers
 */
#ifndef VDXG_BENCH_PEERS_H
#define VDXG_BENCH_PEERS_H

#include <stdint.h>

#include "bench.h"

int open_drm(const char *driver);
uint32_t create_dumb(int fd, uint32_t width, uint32_t height);

#endif
