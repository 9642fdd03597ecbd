// SPDX-License-Identifier: MIT
/*
 * dma_buf.c: allocations as dma-bufs, for other drivers, and back
 *
 * Not part of D3DKMT; see vdxg.h.
 */
#include <string.h>

#include "device.h"

/**
 * vdxg_export_dma_buf - a descriptor with which other drivers use an allocation
 * @hDevice: the device
 * @hAllocation: its allocation, one that may live in the aperture segment
 * @flags: VDXG_DMA_BUF_INHERIT, or 0
 * @fd: out, a dma-buf, closed across exec without the flag
 *
 * The descriptor keeps the memory; close() it.  It can be mapped by mmap(), and
 * handed to any driver that takes dma-bufs (drmPrimeFDToHandle()), which may
 * write.  While one has it the memory stays in the aperture segment.
 *
 * Return: SUCCESS; INVALID_PARAMETER; ACCESS_DENIED, opened for reading only;
 * DEVICE_REMOVED; NO_MEMORY
 */
VDXG_PUBLIC int vdxg_export_dma_buf(unsigned int hDevice,
				    unsigned int hAllocation,
				    unsigned int flags, int *fd)
{
	struct vdxg_exportdmabuf args;
	NTSTATUS status;

	if (!fd)
		return STATUS_INVALID_PARAMETER;
	memset(&args, 0, sizeof(args));
	args.device = hDevice;
	args.allocation = hAllocation;
	args.flags = flags;
	status = vdxg_call(LX_VDXGEXPORTDMABUF, &args, "u4");
	if (NT_SUCCESS(status))
		*fd = args.fd;
	return status;
}

/**
 * vdxg_import_dma_buf - an allocation in the memory behind a descriptor
 * @hDevice: the device
 * @fd: a dma-buf; may be closed afterwards
 * @hResource: out, a new resource with the allocation; NULL: without one
 * @hAllocation: out, the allocation
 * @bytes: out, its size; may be NULL
 *
 * What was exported by vdxg_export_dma_buf() on the same adapter is that very
 * memory.
 *
 * Return: SUCCESS; INVALID_PARAMETER; INVALID_HANDLE, no descriptor;
 * OBJECT_TYPE_MISMATCH, no dma-buf; GRAPHICS_NO_VIDEO_MEMORY, too large;
 * DEVICE_REMOVED; NO_MEMORY
 */
VDXG_PUBLIC int vdxg_import_dma_buf(unsigned int hDevice, int fd,
				    unsigned int *hResource,
				    unsigned int *hAllocation,
				    unsigned long long *bytes)
{
	struct vdxg_importdmabuf args;
	NTSTATUS status;

	if (!hAllocation)
		return STATUS_INVALID_PARAMETER;
	memset(&args, 0, sizeof(args));
	args.device = hDevice;
	args.fd = fd;
	args.flags = hResource ? VDXG_DMA_BUF_RESOURCE : 0;
	status = vdxg_call(LX_VDXGIMPORTDMABUF, &args, "u6q");
	if (!NT_SUCCESS(status))
		return status;
	*hAllocation = args.allocation;
	if (hResource)
		*hResource = args.resource;
	if (bytes)
		*bytes = args.bytes;
	return status;
}
