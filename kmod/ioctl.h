/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDXG_IOCTL_H
#define VDXG_IOCTL_H

struct file;

long vdxg_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
