/* SPDX-License-Identifier: MIT */
/*
 * What libd3dkmt.so adds to D3DKMT, and the private driver data of an
 * allocation (uapi/vdxg.h).
 */
#ifndef _VDXG_H_
#define _VDXG_H_

#include "uapi/vdxg.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The device node in use, or the one that could not be opened. */
const char *vdxg_device_path(void);

/* 0, or the errno why the device node cannot be opened. */
int vdxg_open_error(void);

/* "STATUS_PENDING" and so on; NULL for a status this library never returns. */
const char *vdxg_status_name(int status);

#ifdef __cplusplus
}
#endif

#endif /* _VDXG_H_ */
