/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * status.h: how an NTSTATUS leaves the driver
 */
#ifndef VDXG_STATUS_H
#define VDXG_STATUS_H

long vdxg_status_to_result(int status);

#endif
