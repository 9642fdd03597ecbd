// SPDX-License-Identifier: GPL-2.0-only
/*
 * parameter.c: parameters of the module that are sizes in MiB (see parameter.h)
 */
#include "parameter.h"

static int set_mb(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 0, VDXG_MOST_MB);
}

const struct kernel_param_ops param_ops_vdxg_mb = {
	.set = set_mb,
	.get = param_get_uint,
};
