/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpumap.h: how the CPU sees allocations
 *
 * A process may have opened the device node read-only (libdxg does), so its mappings are of another file:
 * one read-write file of a pseudo file system of ours for each process (&struct vidmm_cpuspace), in which
 * every mapping has pages of its own. A mapping (&struct vidmm_cpumap) keeps its address while the content
 * moves: the mover zaps it, and the next access faults the pages in from where they are then.
 * A mapping of a single page (vidmm_cpumap_create_page()) shows the value of a fence: it can only be read.
 * One of a file of somebody else's (vidmm_cpumap_create_file()), a dma-buf, is what any number of VMAs of
 * that file show.
 */
#ifndef VDXG_CPUMAP_H
#define VDXG_CPUMAP_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct file;
struct inode;
struct page;
struct vidmm_alloc;
struct vm_area_struct;

/**
 * struct vidmm_cpuspace - the CPU mappings of a process
 * @lock: protects the fields below, and makes one mapping at a time
 * @file: the file that is mapped, made with the first mapping
 * @next: the first page of @file that no mapping has used; they are never used again
 */
struct vidmm_cpuspace {
	struct mutex lock;
	struct file *file;
	unsigned long next;
};

/**
 * struct vidmm_cpumap - an allocation, or a page, in an address space
 * @refs: its owner, and the VMA
 * @lock: held while pages are inserted; protects @alloc and @page
 * @alloc: the allocation; NULL when the mapping has been taken down
 * @page: the page, referenced, where it is not an allocation; NULL when the mapping has been taken down
 * @readonly: the process cannot write
 * @link: in &vidmm_alloc.maps; under &vidmm.lock
 * @file: the file of its space, referenced; or NULL
 * @inode: then the inode of the file it is of, referenced
 * @offset: its first page in @file
 * @npages: its length in pages
 * @address: where the process sees it
 */
struct vidmm_cpumap {
	refcount_t refs;
	struct mutex lock;
	struct vidmm_alloc *alloc;
	struct page *page;
	bool readonly;
	struct hlist_node link;
	struct file *file;
	struct inode *inode;
	unsigned long offset;
	unsigned long npages;
	unsigned long address;
};

int vidmm_cpumap_init(void);
void vidmm_cpumap_exit(void);
void vidmm_cpuspace_init(struct vidmm_cpuspace *space);
void vidmm_cpuspace_fini(struct vidmm_cpuspace *space);
int vidmm_cpumap_create(struct vidmm_cpuspace *space, struct vidmm_alloc *alloc, bool readonly,
			struct vidmm_cpumap **map);
int vidmm_cpumap_create_page(struct vidmm_cpuspace *space, struct page *page,
			     struct vidmm_cpumap **map);
struct vidmm_cpumap *vidmm_cpumap_create_file(struct vidmm_alloc *alloc, struct file *file);
int vidmm_cpumap_mmap(struct vidmm_cpumap *map, struct vm_area_struct *vma);
void vidmm_cpumap_destroy(struct vidmm_cpumap *map);
void vidmm_cpumaps_zap(struct vidmm_alloc *alloc);
bool vidmm_is_cpumap(const struct vm_area_struct *vma);

#endif
