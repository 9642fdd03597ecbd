// SPDX-License-Identifier: GPL-2.0-only
/*
 * imported.c: allocations in memory of another driver
 *
 * The GPU here is software, so that what it needs of a dma-buf is what the kernel's CPU needs: an address
 * (vmap), which also keeps the other driver from moving it. The CPU mappings of processes insert the page
 * frames behind that address, as they do for a device's memory, so that they can be taken away at any time.
 */
#include <linux/dma-buf.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../compat.h"
#include "../gfp.h"
#include "imported.h"

/**
 * struct imported - a dma-buf in use
 * @dma_buf: the dma-buf, referenced
 * @map: where the kernel sees it
 */
struct imported {
	struct dma_buf *dma_buf;
	struct iosys_map map;
};

/*
 * dma_buf_vmap(), but for its warning where the other driver fails: any caller can bring that about, with
 * too little memory for one. dma_buf_vunmap() is the opposite of both.
 */
static int map_quietly(struct dma_buf *dma_buf, struct iosys_map *map)
{
	int err = 0;

	if (!dma_buf->ops->vmap)
		return -EINVAL;
	vdxg_dma_buf_lock(dma_buf);
	if (!dma_buf->vmapping_counter) {
		iosys_map_clear(map);
		err = dma_buf->ops->vmap(dma_buf, map);
		if (!err)
			dma_buf->vmap_ptr = *map;
	}
	if (!err) {
		dma_buf->vmapping_counter++;
		*map = dma_buf->vmap_ptr;
	}
	vdxg_dma_buf_unlock(dma_buf);
	return err;
}

/**
 * vdxg_imported_open - memory out of a dma-buf
 * @dma_buf: the dma-buf; another reference is taken
 * @memory: the memory, for vdxg_imported_close(), or for the put of the backend
 *
 * Context: sleeps; runs functions of the other driver.
 * Return: 0 or a negative errno: -ENOMEM, or what the other driver says.
 */
int vdxg_imported_open(struct dma_buf *dma_buf, struct vdxg_memory *memory)
{
	struct imported *imported = kzalloc(sizeof(*imported), VDXG_GFP);
	int err;

	if (!imported)
		return -ENOMEM;
	err = map_quietly(dma_buf, &imported->map);
	if (err) {
		kfree(imported);
		return err;
	}
	get_dma_buf(dma_buf);
	imported->dma_buf = dma_buf;
	memory->priv = imported;
	memory->first = 0;
	return 0;
}

/**
 * vdxg_imported_close - undo vdxg_imported_open()
 * @memory: the memory
 *
 * Context: no locks; runs functions of the other driver.
 */
void vdxg_imported_close(struct vdxg_memory *memory)
{
	struct imported *imported = memory->priv;

	vdxg_dma_buf_vunmap(imported->dma_buf, &imported->map);
	dma_buf_put(imported->dma_buf);
	kfree(imported);
	memory->priv = NULL;
}

/**
 * vdxg_imported_dma_buf - where memory came from
 * @memory: the memory
 */
struct dma_buf *vdxg_imported_dma_buf(const struct vdxg_memory *memory)
{
	const struct imported *imported = memory->priv;

	return imported->dma_buf;
}

static void imported_put(struct vdxg_backend *be, unsigned long npages, struct vdxg_memory *memory)
{
	vdxg_imported_close(memory);
}

static void *imported_vaddr(struct vdxg_backend *be, const struct vdxg_memory *memory,
			    unsigned long index)
{
	const struct imported *imported = memory->priv;
	void *start = imported->map.is_iomem ? (void __force *)imported->map.vaddr_iomem :
		imported->map.vaddr;

	return start + (index << PAGE_SHIFT);
}

static unsigned long imported_pfn(struct vdxg_backend *be, const struct vdxg_memory *memory,
				  unsigned long index)
{
	void *address = imported_vaddr(be, memory, index);

	return is_vmalloc_addr(address) ? vmalloc_to_pfn(address) :
		page_to_pfn(virt_to_page(address));
}

static pgprot_t imported_prot(struct vdxg_backend *be, const struct vdxg_memory *memory,
			      pgprot_t prot)
{
	const struct imported *imported = memory->priv;

	return imported->map.is_iomem ? pgprot_writecombine(prot) : prot;
}

static const struct vdxg_backend_ops imported_ops = {
	.name = "imported",
	.put = imported_put,
	.pfn = imported_pfn,
	.vaddr = imported_vaddr,
	.prot = imported_prot,
};

struct vdxg_backend vdxg_imported_backend = {
	.ops = &imported_ops,
};
