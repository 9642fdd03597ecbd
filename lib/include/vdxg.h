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

/*
 * An allocation as a dma-buf, with which other Linux drivers use its memory,
 * and an allocation in the memory of a dma-buf.  See lib/dma_buf.c.  Both
 * return an NTSTATUS.
 *
 *	vdxg_export_dma_buf(device, allocation, 0, &fd);
 *	drmPrimeFDToHandle(card, fd, &handle);
 *
 *	drmPrimeHandleToFD(card, handle, DRM_CLOEXEC | DRM_RDWR, &fd);
 *	vdxg_import_dma_buf(device, fd, NULL, &allocation, &bytes);
 */
int vdxg_export_dma_buf(unsigned int hDevice, unsigned int hAllocation,
			unsigned int flags, int *fd);
int vdxg_import_dma_buf(unsigned int hDevice, int fd, unsigned int *hResource,
			unsigned int *hAllocation, unsigned long long *bytes);

#ifdef __cplusplus
}
#endif

#endif /* _VDXG_H_ */
