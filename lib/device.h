/* SPDX-License-Identifier: MIT */
/*
 * device.h: one ioctl on the device node of this process
 *
 * Every function of the library ends in vdxg_call(): it gives the kernel the
 * caller's structure in the layout of uapi/ and returns an NTSTATUS.
 */
#ifndef VDXG_LIB_DEVICE_H
#define VDXG_LIB_DEVICE_H

#include "include/d3dkmthk.h"
#include "include/vdxg.h"
#include "uapi/d3dkmthk.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define VDXG_PUBLIC __attribute__((visibility("default")))

/**
 * vdxg_call - call the kernel
 * @request: LX_DX*
 * @args: the structure, under its Windows name; NULL is refused
 * @shape: how its members follow each other; see shape.h
 *
 * Return: the status.  Without a device it is STATUS_UNSUCCESSFUL.
 */
NTSTATUS vdxg_call(unsigned long request, const void *args, const char *shape);

/**
 * vdxg_call_root - as vdxg_call(), for the functions everything starts with
 * @request: LX_DX*
 * @args: the structure
 * @shape: its shape
 *
 * A process made by clone() without fork handlers still has its parent's open
 * file, which the kernel answers with ENOTTY; an application may have closed
 * ours.  These calls need no handle, so they open the device again and retry.
 */
NTSTATUS vdxg_call_root(unsigned long request, const void *args,
			const char *shape);

/* status.c: what an ioctl that failed with @err means */
NTSTATUS vdxg_status_from_errno(int err);

#endif
