/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parameter.h: parameters of the module that are sizes in MiB
 *
 *	static unsigned int local_mb;
 *	module_param(local_mb, vdxg_mb, 0444);
 *
 * Loading the module with more than VDXG_MOST_MB fails, and the kernel says in a line which value of which
 * parameter it was.
 */
#ifndef VDXG_PARAMETER_H
#define VDXG_PARAMETER_H

#include <linux/mm.h>
#include <linux/moduleparam.h>

/* As much as there are GPU virtual addresses. Sums of a few such sizes in bytes do not overflow. */
#define VDXG_MOST_MB	(1U << (48 - 20))

extern const struct kernel_param_ops param_ops_vdxg_mb;

#define param_check_vdxg_mb(name, p)	param_check_uint(name, p)

/**
 * vdxg_mb_pages - the pages of a size
 * @mb: at most VDXG_MOST_MB
 */
static inline unsigned long vdxg_mb_pages(unsigned int mb)
{
	return (unsigned long)mb << (20 - PAGE_SHIFT);
}

#endif
