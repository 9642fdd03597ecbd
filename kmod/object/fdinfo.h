/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fdinfo.h: what /proc/PID/fdinfo says of an open of the device node
 */
#ifndef VDXG_FDINFO_H
#define VDXG_FDINFO_H

struct seq_file;
struct vdxg_process;

void vdxg_fdinfo_show(struct seq_file *m, struct vdxg_process *process);

#endif
