// SPDX-License-Identifier: GPL-2.0-only
/*
 * usermem.c: allocations over memory that the caller already has
 *
 * The pages are pinned for as long as the allocation lives, which can be longer than the caller's mapping of
 * them: FOLL_LONGTERM, so that they are moved out of places that must stay movable; charged to the caller's
 * RLIMIT_MEMLOCK; dirty when they are released, since the GPU may have written them.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../compat.h"
#include "../gfp.h"
#include "../vidmm/cpumap.h"
#include "usermem.h"

/* Pages pinned between two looks at pending signals, and unpinned between two at the scheduler. */
#define PIN_BATCH	512UL

/**
 * struct usermem - pinned pages
 * @mm: the address space whose limit they are charged to
 * @npages: how many
 * @writable: they may have been written
 * @pages: the pages
 */
struct usermem {
	struct mm_struct *mm;
	unsigned long npages;
	bool writable;
	struct page *pages[];
};

/*
 * Whether the range is mapped all through with this access, and by nothing of ours: the content of an allocation
 * moves, and would move away from under the pins. Pinning refuses the mappings of other devices by itself.
 */
static bool range_is_memory(struct mm_struct *mm, unsigned long address, unsigned long end,
			    vm_flags_t access)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	while (address < end) {
		vma = find_vma(mm, address);
		if (!vma || vma->vm_start > address || !(vma->vm_flags & access) ||
		    vidmm_is_cpumap(vma))
			break;
		address = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return address >= end;
}

static int pin_some(struct usermem *mem, unsigned long address, unsigned long count,
		    struct page **pages)
{
	int got;

	if (mem->writable)
		return pin_user_pages_fast(address, count, FOLL_LONGTERM | FOLL_WRITE, pages);
	got = pin_user_pages_fast(address, count, FOLL_LONGTERM | VDXG_FOLL_UNSHARE, pages);
	if (got == -EFAULT && VDXG_FOLL_UNSHARE)
		got = pin_user_pages_fast(address, count, FOLL_LONGTERM, pages);
	return got;
}

static int pin_all(struct usermem *mem, unsigned long address)
{
	unsigned long done = 0;
	int got;

	while (done < mem->npages) {
		if (fatal_signal_pending(current)) {
			got = -EINTR;
			goto unpin;
		}
		got = pin_some(mem, address + (done << PAGE_SHIFT),
			       min(PIN_BATCH, mem->npages - done), mem->pages + done);
		if (got <= 0)
			goto unpin;
		done += got;
		cond_resched();
	}
	return 0;
unpin:
	unpin_user_pages(mem->pages, done);
	return got ?: -EFAULT;
}

/**
 * vdxg_usermem_pin - pin pages of the calling process
 * @address: where they are, page-aligned
 * @npages: how many
 * @read_only: they need not be writable
 * @memory: what was pinned
 *
 * Context: takes mmap_lock; sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER if the range is not memory of the caller's all through, or
 * not writable, or the CPU mapping of a device (of an allocation, say); STATUS_NO_MEMORY beyond
 * RLIMIT_MEMLOCK, or without memory; STATUS_UNSUCCESSFUL if the caller is being killed.
 */
int vdxg_usermem_pin(u64 address, unsigned long npages, bool read_only, struct vdxg_memory *memory)
{
	struct mm_struct *mm = current->mm;
	struct usermem *mem;
	int err;

	if (address > TASK_SIZE_MAX || npages > (TASK_SIZE_MAX - address) >> PAGE_SHIFT ||
	    !range_is_memory(mm, address, address + (npages << PAGE_SHIFT),
			     read_only ? VM_READ : VM_WRITE))
		return STATUS_INVALID_PARAMETER;
	mem = kvmalloc(struct_size(mem, pages, npages), VDXG_GFP);
	if (!mem)
		return STATUS_NO_MEMORY;
	mem->mm = mm;
	mem->npages = npages;
	mem->writable = !read_only;
	err = account_locked_vm(mm, npages, true);
	if (err) {
		pr_notice_once("vdxg: %s[%d]: RLIMIT_MEMLOCK refuses to pin %lu KiB of its memory; raise it (ulimit -l)\n",
			       current->comm, task_tgid_nr(current), npages << (PAGE_SHIFT - 10));
		goto free;
	}
	err = pin_all(mem, address);
	if (err)
		goto unaccount;
	mmgrab(mm);
	memory->priv = mem;
	memory->first = 0;
	return STATUS_SUCCESS;
unaccount:
	account_locked_vm(mm, npages, false);
free:
	kvfree(mem);
	if (err == -ENOMEM)
		return STATUS_NO_MEMORY;
	return err == -EINTR ? STATUS_UNSUCCESSFUL : STATUS_INVALID_PARAMETER;
}

static void usermem_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *memory)
{
	struct usermem *mem = memory->priv;
	unsigned long i, n;

	for (i = 0; i < mem->npages; i += n) {
		n = min(PIN_BATCH, mem->npages - i);
		unpin_user_pages_dirty_lock(mem->pages + i, n, mem->writable);
		cond_resched();
	}
	account_locked_vm(mem->mm, mem->npages, false);
	mmdrop(mem->mm);
	kvfree(mem);
}

static unsigned long usermem_pfn(struct vdxg_backend *be, const struct vdxg_memory *memory,
				 unsigned long index)
{
	const struct usermem *mem = memory->priv;

	return page_to_pfn(mem->pages[index]);
}

static void *usermem_vaddr(struct vdxg_backend *be, const struct vdxg_memory *memory,
			   unsigned long index)
{
	const struct usermem *mem = memory->priv;

	return page_address(mem->pages[index]);
}

/**
 * vdxg_usermem_writable - may these pages be written?
 * @memory: from vdxg_usermem_pin()
 */
bool vdxg_usermem_writable(const struct vdxg_memory *memory)
{
	const struct usermem *mem = memory->priv;

	return mem->writable;
}

static const struct vdxg_backend_ops usermem_ops = {
	.name = "usermem",
	.pages_refcounted = true,
	.put = usermem_put,
	.pfn = usermem_pfn,
	.vaddr = usermem_vaddr,
};

struct vdxg_backend vdxg_usermem_backend = {
	.ops = &usermem_ops,
};
