/* SPDX-License-Identifier: MIT */
/*
 * adjust.h: what a valid call needs beyond what its fields say, for the tables
 */
#ifndef VDXG_FUZZ_ADJUST_H
#define VDXG_FUZZ_ADJUST_H

#include <stdint.h>

struct call_state;

/* what D3DKMTShareObjects writes */
struct shared_descriptor {
	uint64_t fd;
};

#define ADJUST(name) void adjust_##name(struct call_state *s, void *p)

ADJUST(query);
ADJUST(escape);
ADJUST(create);
ADJUST(destroy);
ADJUST(set_priority);
ADJUST(get_priority);
ADJUST(residency);
ADJUST(offer);
ADJUST(reclaim);
ADJUST(open);
ADJUST(open_nt);
ADJUST(sync);
ADJUST(wait_cpu);
ADJUST(signal_cpu);
ADJUST(share);
ADJUST(share_set);
ADJUST(share_named);
ADJUST(name);
ADJUST(acquire);
ADJUST(update);
ADJUST(submit);
ADJUST(submit_queue);
ADJUST(wait_gpu);
ADJUST(signal_gpu);
ADJUST(signal_gpu2);
ADJUST(signal_queue);
ADJUST(wait_queue);

#endif
