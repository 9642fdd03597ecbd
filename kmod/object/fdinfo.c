// SPDX-License-Identifier: GPL-2.0-only
/*
 * fdinfo.c: what /proc/PID/fdinfo says of an open of the device node, in the keys of DRM's usage statistics
 *
 * An open is for all adapters, so the figures of a process are the sums over them: its allocations in the local
 * segments, in the apertures, and elsewhere. Total is what is committed, resident what has memory, purgeable what of that is
 * on offer. Every open of a process shows the same, with the same client id.
 */
#include <linux/seq_file.h>

#include "../vidmm/look.h"
#include "adapter.h"
#include "client.h"
#include "fdinfo.h"
#include "process.h"

static void show(struct seq_file *m, const char *what, const char *region, unsigned long npages)
{
	seq_printf(m, "drm-%s-%s:\t%llu KiB\n", what, region, (u64)npages << (PAGE_SHIFT - 10));
}

static void show_region(struct seq_file *m, const char *region, unsigned long total,
			unsigned long resident, unsigned long purgeable)
{
	show(m, "total", region, total);
	show(m, "resident", region, resident);
	show(m, "purgeable", region, purgeable);
}

/**
 * vdxg_fdinfo_show - the statistics of a process
 * @m: where to
 * @process: the process
 *
 * Context: sleeps.
 */
void vdxg_fdinfo_show(struct seq_file *m, struct vdxg_process *process)
{
	struct vidmm_look_client sum = { };
	unsigned long on_gpu;

	vdxg_clients_look(process, &sum);
	on_gpu = sum.used[VIDMM_LOCAL] + sum.used[VIDMM_APERTURE];
	seq_puts(m, "drm-driver:\tvdxg\n");
	seq_printf(m, "drm-client-id:\t%llu\n", process->id);
	show_region(m, "local", sum.used[VIDMM_LOCAL], sum.used[VIDMM_LOCAL],
		    sum.purgeable[VIDMM_LOCAL]);
	show_region(m, "aperture", sum.used[VIDMM_APERTURE], sum.used[VIDMM_APERTURE],
		    sum.purgeable[VIDMM_APERTURE]);
	show_region(m, "system", sum.commit - min(on_gpu, sum.commit), sum.used[VIDMM_SYSTEM],
		    sum.purgeable[VIDMM_SYSTEM]);
}
