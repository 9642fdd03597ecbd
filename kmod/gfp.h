/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gfp.h: how memory is allocated on behalf of a caller
 */
#ifndef VDXG_GFP_H
#define VDXG_GFP_H

#include <linux/gfp.h>

/*
 * Charged to the caller's memory cgroup. If that is full, or the machine is, the call fails with
 * STATUS_NO_MEMORY: nobody is killed for it, and nothing is logged.
 */
#define VDXG_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

#endif
