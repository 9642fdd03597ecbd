/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shrink.h: giving memory back to a machine that runs short
 */
#ifndef VDXG_SHRINK_H
#define VDXG_SHRINK_H

int vdxg_shrink_init(void);
void vdxg_shrink_exit(void);

#endif
