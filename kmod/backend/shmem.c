// SPDX-License-Identifier: GPL-2.0-only
/*
 * shmem.c: where evicted content goes when the machine itself runs short of memory
 *
 * A run is a file of its own in shared memory, which the kernel swaps out as it pleases. Its pages have no fixed
 * place, so they are read and written one by one.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>

#include "backend.h"

static int shmem_get(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	struct file *file = shmem_file_setup("vdxg", (loff_t)npages << PAGE_SHIFT, VM_NORESERVE);

	if (IS_ERR(file))
		return PTR_ERR(file);
	mem->priv = file;
	mem->first = 0;
	return 0;
}

static void shmem_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *mem)
{
	fput(mem->priv);
}

static struct page *page_at(const struct vdxg_memory *mem, unsigned long index)
{
	struct file *file = mem->priv;

	return shmem_read_mapping_page_gfp(file->f_mapping, index,
					   GFP_HIGHUSER | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
}

static int shmem_read(struct vdxg_backend *be, const struct vdxg_memory *mem, unsigned long index,
		      void *to)
{
	struct page *page = page_at(mem, index);

	if (IS_ERR(page))
		return PTR_ERR(page);
	memcpy(to, page_address(page), PAGE_SIZE);
	put_page(page);
	return 0;
}

static int shmem_write(struct vdxg_backend *be, const struct vdxg_memory *mem,
		       unsigned long index, const void *from)
{
	struct page *page = page_at(mem, index);

	if (IS_ERR(page))
		return PTR_ERR(page);
	memcpy(page_address(page), from, PAGE_SIZE);
	set_page_dirty(page);
	put_page(page);
	return 0;
}

static const struct vdxg_backend_ops shmem_ops = {
	.name = "shmem",
	.get = shmem_get,
	.put = shmem_put,
	.read = shmem_read,
	.write = shmem_write,
};

struct vdxg_backend vdxg_shmem_backend = {
	.ops = &shmem_ops,
	.limit = ULONG_MAX,
};
