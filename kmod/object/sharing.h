/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sharing.h: what makes objects known outside their process
 */
#ifndef VDXG_SHARING_H
#define VDXG_SHARING_H

#include <linux/types.h>

int vdxg_global_alloc(u32 *handle);
void vdxg_global_free(u32 handle);
void vdxg_sharing_exit(void);

#endif
