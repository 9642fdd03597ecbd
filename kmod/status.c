// SPDX-License-Identifier: GPL-2.0-only
/*
 * status.c: how an NTSTATUS leaves the driver
 *
 * Libraries written for /dev/dxg turn an errno back into a status. Only where that gives the very status we
 * started from is the errno used (uapi/vdxg_status.h has the table); every other failure is the result of
 * the ioctl as it is: a large negative number, which the C library hands on, since errnos end at 4095.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include <d3dkmthk.h>

#include "status.h"

static const struct {
	int status;
	int err;
} errnos[] = {
#define ENTRY(status, err) { status, err },
	VDXG_STATUS_ERRNO(ENTRY)
#undef ENTRY
};

/**
 * vdxg_status_to_result - the result of an ioctl
 * @status: an NTSTATUS, or an errno that is none (-EFAULT, -ERESTARTNOINTR)
 *
 * Return: what the ioctl returns: 0, a positive success status, a negative errno, or the status itself.
 */
long vdxg_status_to_result(int status)
{
	size_t i;

	if (status >= 0)
		return status;
	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].status == status)
			return -errnos[i].err;
	return status;
}
