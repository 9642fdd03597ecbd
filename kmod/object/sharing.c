// SPDX-License-Identifier: GPL-2.0-only
/*
 * sharing.c: global share handles
 *
 * A resource created shared without NT security gets a number that is the same for everybody. It looks like a
 * handle, but for its low six bits, which are 2, so that neither is ever taken for the other.
 */
#include <linux/idr.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "sharing.h"

#define GLOBAL_TAG	2U
#define GLOBAL_TOP	(1U << 30)
#define INDEX_SHIFT	6
#define MAX_INDEX	((1U << 24) - 1)

static DEFINE_IDA(globals);

/**
 * vdxg_global_alloc - a new global share handle
 * @handle: the handle
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY.
 */
int vdxg_global_alloc(u32 *handle)
{
	int index = ida_alloc_max(&globals, MAX_INDEX, VDXG_GFP);

	if (index < 0)
		return STATUS_NO_MEMORY;
	*handle = GLOBAL_TOP | index << INDEX_SHIFT | GLOBAL_TAG;
	return STATUS_SUCCESS;
}

/**
 * vdxg_global_free - give it back
 * @handle: from vdxg_global_alloc(), or 0
 */
void vdxg_global_free(u32 handle)
{
	if (handle)
		ida_free(&globals, (handle & ~GLOBAL_TOP) >> INDEX_SHIFT);
}

void vdxg_sharing_exit(void)
{
	ida_destroy(&globals);
}
