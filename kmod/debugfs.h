/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debugfs.h: tables to look at in /sys/kernel/debug/vdxg (see debugfs.c)
 */
#ifndef VDXG_DEBUGFS_H
#define VDXG_DEBUGFS_H

struct vdxg_adapter;

void vdxg_debugfs_init(void);
void vdxg_debugfs_exit(void);
void vdxg_debugfs_add(struct vdxg_adapter *adapter);
void vdxg_debugfs_remove(struct vdxg_adapter *adapter);

#endif
