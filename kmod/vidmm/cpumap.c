// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpumap.c: CPU mappings of allocations (see cpumap.h)
 *
 * The VMA is VM_DONTCOPY (a forked child does not see the memory), VM_DONTEXPAND, and cannot be split. It
 * holds a reference on its mapping, so it may outlive the allocation: an access is then SIGBUS.
 *
 * Where every segment consists of ordinary pages these are inserted with their reference count, so that
 * O_DIRECT, process_vm_readv() and debuggers work on them. Where some memory is a device's, bare page frames
 * are inserted: nothing may hold on to a page that goes back to the device.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../compat.h"
#include "cpumap.h"
#include "turn.h"
#include "vidmm.h"

#define VDXG_FS_MAGIC	0x76647867	/* "vdxg" */

static struct vfsmount *vdxg_mount;

static void put_map(struct vidmm_cpumap *map)
{
	if (!refcount_dec_and_test(&map->refs))
		return;
	if (map->page)
		put_page(map->page);
	mutex_destroy(&map->lock);
	if (map->file)
		fput(map->file);
	else
		iput(map->inode);
	kfree(map);
}

static vm_fault_t insert(struct vm_area_struct *vma, unsigned long address, unsigned long pfn,
			 pgprot_t prot)
{
	int err;

	if (vma->vm_flags & VM_PFNMAP)
		return vmf_insert_pfn_prot(vma, address, pfn, prot);
	err = vm_insert_page(vma, address, pfn_to_page(pfn));
	/* -EBUSY: another thread faulted on the same page and won. */
	if (err && err != -EBUSY)
		return vmf_error(err);
	return VM_FAULT_NOPAGE;
}

/*
 * Let the mover finish, or bring content back, and have the access tried again: without mmap_lock wherever
 * the caller lets us drop it. Where not, waiting with it is safe, since no mover needs it.
 */
static vm_fault_t wait_and_retry(struct vm_fault *vmf, struct vidmm_cpumap *map)
{
	bool drop = fault_flag_allow_retry_first(vmf->flags);
	struct vidmm_alloc *alloc = map->alloc;
	bool of_file = map->inode;
	int status;

	/* Who does not want to wait keeps mmap_lock. */
	if (drop && vmf->flags & FAULT_FLAG_RETRY_NOWAIT) {
		mutex_unlock(&map->lock);
		return VM_FAULT_RETRY;
	}
	refcount_inc(&alloc->refs);
	mutex_unlock(&map->lock);
	if (drop)
		mmap_read_unlock(vmf->vma->vm_mm);
	/* Waits for the mover. Where the content cannot be brought back the access fails. */
	status = of_file ? vidmm_populate(alloc) : vidmm_swap_in(alloc);
	vidmm_alloc_put(alloc);
	if (status && !drop)
		return VM_FAULT_SIGBUS;
	return drop ? VM_FAULT_RETRY : VM_FAULT_NOPAGE;
}

static vm_fault_t cpumap_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct vidmm_cpumap *map = vma->vm_private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	struct vidmm_alloc *alloc;
	int status;

	mutex_lock(&map->lock);
	if (map->page) {
		ret = insert(vma, vmf->address, page_to_pfn(map->page), vma->vm_page_prot);
		goto unlock;
	}
	alloc = map->alloc;
	if (!alloc)
		goto unlock;
	if (!vidmm_trypin(alloc, &status))
		return wait_and_retry(vmf, map);
	if (status)
		goto unlock;
	/* Lock2 has seen to it that there is memory; nobody did for a file. */
	if (alloc->segment == VIDMM_SWAPPED || (alloc->segment == VIDMM_NOWHERE && map->inode)) {
		vidmm_unpin(alloc);
		return wait_and_retry(vmf, map);
	}
	WRITE_ONCE(alloc->touched, true);
	if (alloc->segment != VIDMM_NOWHERE) {
		vidmm_used(alloc);
		ret = insert(vma, vmf->address, vidmm_pfn(alloc, vmf->pgoff - map->offset),
			     vidmm_prot(alloc, vma->vm_page_prot));
	}
	vidmm_unpin(alloc);
unlock:
	mutex_unlock(&map->lock);
	return ret;
}

static void cpumap_open(struct vm_area_struct *vma)
{
	struct vidmm_cpumap *map = vma->vm_private_data;

	refcount_inc(&map->refs);
}

static void cpumap_close(struct vm_area_struct *vma)
{
	put_map(vma->vm_private_data);
}

static int cpumap_may_split(struct vm_area_struct *vma, unsigned long address)
{
	return -EINVAL;
}

static int cpumap_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static const struct vm_operations_struct cpumap_vm_ops = {
	.fault = cpumap_fault,
	.open = cpumap_open,
	.close = cpumap_close,
	.may_split = cpumap_may_split,
	.mremap = cpumap_mremap,
};

/* A file's mappings are like any other's: split, moved, and inherited. */
static const struct vm_operations_struct file_vm_ops = {
	.fault = cpumap_fault,
	.open = cpumap_open,
	.close = cpumap_close,
};

/**
 * vidmm_is_cpumap - is this one of our CPU mappings?
 * @vma: any VMA, its mmap_lock held
 */
bool vidmm_is_cpumap(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &cpumap_vm_ops || vma->vm_ops == &file_vm_ops;
}

/* What waits for its VMA. The file may outlive the space, so this is kept in the file. */
static void set_pending(struct file *file, struct vidmm_cpumap *map)
{
	spin_lock(&file->f_lock);
	file->private_data = map;
	spin_unlock(&file->f_lock);
}

/* The pending mapping, if it is to be this VMA's; with a reference. */
static struct vidmm_cpumap *take_pending(struct file *file, struct vm_area_struct *vma)
{
	struct vidmm_cpumap *map;

	spin_lock(&file->f_lock);
	map = file->private_data;
	if (map && map->offset == vma->vm_pgoff && map->npages == vma_pages(vma) &&
	    !(map->readonly && vma->vm_flags & VM_WRITE)) {
		refcount_inc(&map->refs);
		file->private_data = NULL;
	} else {
		map = NULL;
	}
	spin_unlock(&file->f_lock);
	return map;
}

/* A page, or memory that may be a device's or another driver's. */
static vm_flags_t how_inserted(const struct vidmm_alloc *alloc)
{
	return alloc && (vidmm_of(alloc)->pfn_maps || alloc->flags & VIDMM_IMPORTED) ?
		VM_IO | VM_PFNMAP : VM_MIXEDMAP;
}

/*
 * The pending mapping is place_map()'s, but remap_file_pages() in another thread gets here too and may take it;
 * then place_map() fails, and the mapping is taken down.
 */
static int cpuspace_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vidmm_cpumap *map = take_pending(file, vma);

	if (!map)
		return -EINVAL;
	vma->vm_private_data = map;
	vma->vm_ops = &cpumap_vm_ops;
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP | how_inserted(map->alloc));
	vm_flags_clear(vma, VM_MAYEXEC | (map->readonly ? VM_MAYWRITE : 0));
	return 0;
}

static const struct file_operations cpuspace_fops = {
	.owner = THIS_MODULE,
	.mmap = cpuspace_mmap,
	.llseek = noop_llseek,
};

/**
 * vidmm_cpuspace_init - set up a process's mappings
 * @space: its mappings
 */
void vidmm_cpuspace_init(struct vidmm_cpuspace *space)
{
	mutex_init(&space->lock);
}

/**
 * vidmm_cpuspace_fini - the process is gone
 * @space: its mappings; VMAs may still be there, if the address space is
 */
void vidmm_cpuspace_fini(struct vidmm_cpuspace *space)
{
	if (space->file)
		fput(space->file);
	mutex_destroy(&space->lock);
}

static struct file *make_file(void)
{
	struct inode *inode = alloc_anon_inode(vdxg_mount->mnt_sb);
	struct file *file;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	/* What __fput() gives back and alloc_file_pseudo() does not take. */
	__module_get(THIS_MODULE);
	file = alloc_file_pseudo(inode, vdxg_mount, "vdxg", O_RDWR, &cpuspace_fops);
	if (IS_ERR(file)) {
		module_put(THIS_MODULE);
		iput(inode);
	}
	return file;
}

/* The file of the space, made when it is needed first; under its lock. */
static struct file *get_file_of(struct vidmm_cpuspace *space)
{
	struct file *file = space->file;

	if (!file) {
		file = make_file();
		if (IS_ERR(file))
			return file;
		space->file = file;
	}
	return get_file(file);
}

static void zap(struct vidmm_cpumap *map)
{
	unmap_mapping_range(map->file ? map->file->f_mapping : map->inode->i_mapping,
			    (loff_t)map->offset << PAGE_SHIFT, (loff_t)map->npages << PAGE_SHIFT, 1);
}

/* Map @npages of a mapping without anything behind it yet into the calling process. */
static struct vidmm_cpumap *make_map(struct vidmm_cpuspace *space, unsigned long npages)
{
	struct vidmm_cpumap *map;

	lockdep_assert_held(&space->lock);
	map = kzalloc(sizeof(*map), VDXG_GFP);
	if (!map)
		return NULL;
	map->file = get_file_of(space);
	if (IS_ERR(map->file)) {
		kfree(map);
		return NULL;
	}
	refcount_set(&map->refs, 1);
	mutex_init(&map->lock);
	map->npages = npages;
	map->offset = space->next;
	space->next += npages;
	return map;
}

/* No CPU reaches anything through it any more, even if a VMA is left. */
static void take_down(struct vidmm_cpumap *map)
{
	struct page *page;

	if (map->alloc) {
		struct vidmm *mm = vidmm_of(map->alloc);

		spin_lock(&mm->lock);
		hlist_del_init(&map->link);
		spin_unlock(&mm->lock);
	}
	mutex_lock(&map->lock);
	page = map->page;
	map->page = NULL;
	map->alloc = NULL;
	mutex_unlock(&map->lock);
	if (page)
		put_page(page);
	/* Who inserted pages before this has finished, and nobody will any more. */
	zap(map);
}

/* Give it its place in the address space; on failure it is gone. */
static int place_map(struct vidmm_cpumap *map)
{
	unsigned long address;

	set_pending(map->file, map);
	address = vm_mmap(map->file, 0, map->npages << PAGE_SHIFT,
			  PROT_READ | (map->readonly ? 0 : PROT_WRITE), MAP_SHARED,
			  map->offset << PAGE_SHIFT);
	set_pending(map->file, NULL);
	if (IS_ERR_VALUE(address)) {
		take_down(map);
		put_map(map);
		return STATUS_NO_MEMORY;
	}
	map->address = address;
	return STATUS_SUCCESS;
}

/**
 * vidmm_cpumap_create - map an allocation into the calling process
 * @space: the process's mappings, locked
 * @alloc: the allocation, with memory; the caller's reference is there until vidmm_cpumap_destroy()
 * @readonly: the process may not write
 * @result: the mapping
 *
 * Context: takes mmap_lock; sleeps.
 * Return: STATUS_SUCCESS, or STATUS_NO_MEMORY: no memory or no room in the address space.
 */
int vidmm_cpumap_create(struct vidmm_cpuspace *space, struct vidmm_alloc *alloc, bool readonly,
			struct vidmm_cpumap **result)
{
	struct vidmm_cpumap *map = make_map(space, alloc->npages);
	struct vidmm *mm = vidmm_of(alloc);
	int status;

	if (!map)
		return STATUS_NO_MEMORY;
	map->alloc = alloc;
	map->readonly = readonly;
	/* Before there is a VMA, so that no page is inserted that a mover does not know of. */
	spin_lock(&mm->lock);
	hlist_add_head(&map->link, &alloc->maps);
	spin_unlock(&mm->lock);
	status = place_map(map);
	if (!status)
		*result = map;
	return status;
}

/**
 * vidmm_cpumap_create_page - let the calling process read a page
 * @space: the process's mappings, locked
 * @page: an ordinary page; the mapping takes references of its own
 * @result: the mapping, for vidmm_cpumap_destroy()
 *
 * Context: takes mmap_lock; sleeps.
 * Return: as vidmm_cpumap_create().
 */
int vidmm_cpumap_create_page(struct vidmm_cpuspace *space, struct page *page,
			     struct vidmm_cpumap **result)
{
	struct vidmm_cpumap *map = make_map(space, 1);
	int status;

	if (!map)
		return STATUS_NO_MEMORY;
	get_page(page);
	map->page = page;
	map->readonly = true;
	status = place_map(map);
	if (!status)
		*result = map;
	return status;
}

/**
 * vidmm_cpumap_create_file - let a file show an allocation
 * @alloc: the allocation; the caller's reference is there until vidmm_cpumap_destroy()
 * @file: the file, with an inode of its own; may be closed, and its inode gone from it, before that
 *
 * Context: sleeps.
 * Return: the mapping, for vidmm_cpumap_mmap() and vidmm_cpumap_destroy(), or NULL without memory.
 */
struct vidmm_cpumap *vidmm_cpumap_create_file(struct vidmm_alloc *alloc, struct file *file)
{
	struct vidmm_cpumap *map = kzalloc(sizeof(*map), VDXG_GFP);
	struct vidmm *mm = vidmm_of(alloc);

	if (!map)
		return NULL;
	refcount_set(&map->refs, 1);
	mutex_init(&map->lock);
	map->inode = file_inode(file);
	ihold(map->inode);
	map->npages = alloc->npages;
	map->alloc = alloc;
	spin_lock(&mm->lock);
	hlist_add_head(&map->link, &alloc->maps);
	spin_unlock(&mm->lock);
	return map;
}

/**
 * vidmm_cpumap_mmap - mmap() of a file that shows an allocation
 * @map: the mapping
 * @vma: the VMA, within the allocation
 *
 * Context: mmap_lock held; sleeps.
 * Return: 0; -EINVAL for a private mapping: what moves cannot be copied on write.
 */
int vidmm_cpumap_mmap(struct vidmm_cpumap *map, struct vm_area_struct *vma)
{
	if (is_cow_mapping(vma->vm_flags))
		return -EINVAL;
	refcount_inc(&map->refs);
	vma->vm_private_data = map;
	vma->vm_ops = &file_vm_ops;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP | how_inserted(map->alloc));
	return 0;
}

/* Unmap what the calling process has mapped at the address, if it is this mapping. */
static void unmap_ours(struct vidmm_cpumap *map)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool ours;

	/* A worker: the process is gone, or has closed its last descriptor. Or a file. */
	if (!mm || map->inode)
		return;
	mmap_read_lock(mm);
	vma = find_vma(mm, map->address);
	ours = vma && vma->vm_start == map->address && vidmm_is_cpumap(vma) &&
	       vma->vm_private_data == map;
	mmap_read_unlock(mm);
	/* Between the two only the process itself could put something else there. */
	if (ours)
		vm_munmap(map->address, map->npages << PAGE_SHIFT);
}

/**
 * vidmm_cpumap_destroy - take a mapping down
 * @map: the mapping; gone afterwards
 *
 * Afterwards no CPU reaches the allocation or page through it. Called by the process that has it, it is removed from
 * the address space too, if it is still there.
 *
 * Context: no locks; takes mmap_lock; sleeps.
 */
void vidmm_cpumap_destroy(struct vidmm_cpumap *map)
{
	take_down(map);
	unmap_ours(map);
	put_map(map);
}

/**
 * vidmm_cpumaps_zap - make every CPU that sees an allocation fault
 * @alloc: the allocation, claimed or lost, so that no page is inserted meanwhile
 *
 * Context: no locks; sleeps.
 */
void vidmm_cpumaps_zap(struct vidmm_alloc *alloc)
{
	struct vidmm *mm = vidmm_of(alloc);
	struct vidmm_cpumap *map, *previous = NULL;

	/*
	 * The reference keeps a mapping, not its place in the list: when it was taken down meanwhile, start
	 * again. To zap twice does no harm.
	 */
	spin_lock(&mm->lock);
	map = hlist_entry_safe(alloc->maps.first, struct vidmm_cpumap, link);
	while (map) {
		refcount_inc(&map->refs);
		spin_unlock(&mm->lock);
		if (previous)
			put_map(previous);
		zap(map);
		previous = map;
		spin_lock(&mm->lock);
		map = hlist_entry_safe(hlist_unhashed(&map->link) ? alloc->maps.first :
				       map->link.next, struct vidmm_cpumap, link);
	}
	spin_unlock(&mm->lock);
	if (previous)
		put_map(previous);
}

static int init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, VDXG_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: the mount would pin the module. */
static struct file_system_type vdxg_fs = {
	.name = "vdxg",
	.init_fs_context = init_fs_context,
	.kill_sb = kill_anon_super,
};

/**
 * vidmm_cpumap_init - mount the pseudo file system
 *
 * Return: 0 or a negative errno.
 */
int vidmm_cpumap_init(void)
{
	vdxg_mount = kern_mount(&vdxg_fs);
	return PTR_ERR_OR_ZERO(vdxg_mount);
}

/**
 * vidmm_cpumap_exit - unmount it; nothing is mapped any more
 */
void vidmm_cpumap_exit(void)
{
	kern_unmount(vdxg_mount);
}
