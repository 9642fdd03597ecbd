/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDXG_IOCTL_H
#define VDXG_IOCTL_H

struct file;

const char *vdxg_ioctl_name(unsigned int cmd);
long vdxg_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
