/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.h: where the memory of a segment lives
 *
 * A backend hands out runs of pages and takes them back; it knows nothing of allocations, handles or
 * processes, and the memory manager (vidmm/) knows nothing of DRM. There are two: system.c (ordinary
 * pages, always there) and drm.c (dumb buffers of a KMS driver). KUnit brings a third one, a mock that
 * fails on demand.
 *
 * A segment of an adapter points to one backend instance. The manager decides how much of a backend may be
 * used; the backend still refuses (-ENOSPC) what its device would refuse silently.
 */
#ifndef VDXG_BACKEND_H
#define VDXG_BACKEND_H

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>

struct device;
struct vdxg_adapter;
struct vdxg_backend;

/**
 * struct vdxg_memory - a run of pages that a backend handed out
 * @priv: the backend's own: a page, an array of pages, a chunk of a device object
 * @first: the backend's own: the first page within @priv, or what @priv is
 */
struct vdxg_memory {
	void *priv;
	unsigned long first;
};

/**
 * struct vdxg_backend_ops - what a backend can do
 *
 * All functions sleep and are called without locks.
 */
struct vdxg_backend_ops {
	/** @name: for the log and debugfs */
	const char *name;
	/**
	 * @pages_refcounted: the pages are ordinary ones, whose reference count keeps them alive, so that
	 * a CPU mapping may use vm_insert_page(); otherwise it inserts bare page frame numbers
	 */
	bool pages_refcounted;
	/**
	 * @get: take @npages zeroed pages, charged to the active memory cgroup (set_active_memcg()),
	 * and not out of what another one has paid for.
	 * Returns 0, -ENOMEM (no memory, or the cgroup is full), -ENOSPC (the device is full) or -ENODEV
	 * (the device is gone).
	 */
	int (*get)(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem);
	/**
	 * @put: give them back. The caller has removed every CPU mapping. The next one who gets them finds
	 * them zeroed.
	 */
	void (*put)(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem);
	/**
	 * @put_later: the same by a worker, for a caller who may hold locks of any device's driver: what it frees
	 * counts until it is freed; NULL where @put takes none
	 */
	void (*put_later)(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem);
	/**
	 * @pfn: the page frame of page @index of @mem; may be called under a spinlock
	 */
	unsigned long (*pfn)(struct vdxg_backend *be, const struct vdxg_memory *mem,
			     unsigned long index);
	/**
	 * @prot: the page protection a CPU mapping of @mem must have, made from @prot; NULL where ordinary
	 * cached memory is right
	 */
	pgprot_t (*prot)(struct vdxg_backend *be, const struct vdxg_memory *mem, pgprot_t prot);
	/**
	 * @vaddr: where the kernel sees page @index of @mem; NULL where a page has no fixed place, and
	 * @read and @write copy one instead
	 */
	void *(*vaddr)(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index);
	/** @read: copy page @index to @to; 0 or a negative errno */
	int (*read)(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index,
		    void *to);
	/** @write: copy @from to page @index; 0 or a negative errno */
	int (*write)(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index,
		     const void *from);
	/**
	 * @flush: the CPU wrote pages @first to @first + @npages of @mem: bring them to the device. NULL
	 * where the CPU writes the device's memory itself.
	 */
	int (*flush)(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long first,
		     unsigned long npages);
	/** @trim: give cached, unused memory back to the machine; NULL where there is none. */
	void (*trim)(struct vdxg_backend *be);
	/** @cached: how many pages that would be, more or less; where there is @trim */
	unsigned long (*cached)(struct vdxg_backend *be);
	/** @destroy: end the backend; everything it handed out has been given back */
	void (*destroy)(struct vdxg_backend *be);
};

/**
 * struct vdxg_backend - a source of segment memory
 * @ops: what it can do
 * @limit: pages it can hand out at most
 * @dev: the device whose memory it is, only compared; or NULL
 * @shared_pool: its pages are ordinary ones, which any other backend with @shared_pool can take over as they
 *	are, together with their &struct vdxg_memory
 */
struct vdxg_backend {
	const struct vdxg_backend_ops *ops;
	unsigned long limit;
	const struct device *dev;
	bool shared_pool;
};

/**
 * struct vdxg_adapter_desc - what an adapter says of itself
 * @name: for people, such as "virtio_gpu"
 * @driver: the DRM driver, or "vdxg" for the software adapter
 * @node: the DRM device's primary node, such as "card0"; empty for the software adapter
 * @software: no hardware behind it (KMTQAITYPE_ADAPTERTYPE's SoftwareDevice)
 * @is_pci: the fields after it hold
 * @vendor: PCI vendor
 * @device: PCI device
 * @subsystem_vendor: PCI subsystem vendor
 * @subsystem: PCI subsystem device
 * @revision: PCI revision
 * @bus: PCI bus number
 * @slot: PCI device number on the bus
 * @function: PCI function
 */
struct vdxg_adapter_desc {
	char name[64];
	char driver[32];
	char node[16];
	bool software;
	bool is_pci;
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem;
	u8 revision;
	u8 bus;
	u8 slot;
	u8 function;
};

/* Where evicted content goes under memory pressure; one for all. */
extern struct vdxg_backend vdxg_shmem_backend;

struct vdxg_backend *vdxg_system_backend_create(unsigned long limit);

int vdxg_drm_init(void);
void vdxg_drm_exit(void);

#endif
