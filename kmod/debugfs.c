// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs.c: tables to look at in /sys/kernel/debug/vdxg (Documentation/looking.rst)
 *
 *	adapters		all of them, and which directory is whose
 *	DIRECTORY/segments	how full they are, what was evicted
 *	DIRECTORY/clients	the accounts of processes
 *	DIRECTORY/victims	who has to go next
 *	DIRECTORY/allocations	all that may be evicted
 *
 * For root only. Sizes are in KiB. Removing a directory waits for those who read in it, and afterwards nobody
 * can read what he has open, so that a file may use its adapter without a reference.
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "debugfs.h"
#include "object/adapter.h"
#include "vidmm/look.h"

/* Lines of victims for a segment. */
#define VICTIMS		32

#define FOR_ROOT	0400

static struct dentry *root;

static const char * const segment_names[VIDMM_NUM_SEGMENTS] = {
	[VIDMM_LOCAL] = "local",
	[VIDMM_APERTURE] = "aperture",
	[VIDMM_SYSTEM] = "system",
	[VIDMM_SWAPPED] = "swapped",
};

static const char * const class_names[] = {
	[VIDMM_OFFERED_LOW] = "offered-low",
	[VIDMM_OFFERED_NORMAL] = "offered-normal",
	[VIDMM_OFFERED_HIGH] = "offered-high",
	[VIDMM_UNREFERENCED] = "unreferenced",
	[VIDMM_REQUIRED] = "required",
	[VIDMM_KEPT] = "kept",
};

static u64 kib(u64 npages)
{
	return npages << (PAGE_SHIFT - 10);
}

static void directory_name(const struct vdxg_adapter *adapter, char *name, size_t size)
{
	snprintf(name, size, "%08x-%08x", adapter->luid.b, adapter->luid.a);
}

static int adapters_show(struct seq_file *m, void *unused)
{
	struct vdxg_adapter *adapter = NULL;
	char name[20];

	seq_printf(m, "%-17s %-10s %-16s %-10s %12s %12s\n", "directory", "luid", "driver", "node",
		   "local", "aperture");
	while ((adapter = vdxg_adapter_next(adapter, false))) {
		directory_name(adapter, name, sizeof(name));
		seq_printf(m, "%-17s 0x%-8x %-16s %-10s %12llu %12llu\n", name, adapter->luid.a,
			   adapter->desc.driver,
			   adapter->desc.node[0] ? adapter->desc.node : "-",
			   kib(adapter->local->limit), kib(adapter->aperture->limit));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(adapters);

static int segments_show(struct seq_file *m, void *unused)
{
	struct vdxg_adapter *adapter = m->private;
	struct vidmm_look_segment looks[VIDMM_NUM_SEGMENTS];
	unsigned int id, i;

	vidmm_look_segments(&adapter->mm, looks);
	seq_printf(m, "%-9s %12s %12s %9s %12s %12s %12s %12s %12s\n", "segment", "capacity", "used",
		   "allocs", "ev-minimum", "ev-low", "ev-normal", "ev-high", "ev-maximum");
	for (id = VIDMM_LOCAL; id < VIDMM_NUM_SEGMENTS; id++) {
		seq_printf(m, "%-9s ", segment_names[id]);
		if (id < VIDMM_NUM_GPU_SEGMENTS)
			seq_printf(m, "%12llu", kib(looks[id].capacity));
		else
			seq_printf(m, "%12s", "-");
		seq_printf(m, " %12llu %9lu", kib(looks[id].used), looks[id].allocs);
		for (i = 0; i < VIDMM_NUM_PRIORITY_CLASSES; i++)
			seq_printf(m, " %12llu", kib(looks[id].evicted[i]));
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(segments);

static void show_client(struct seq_file *m, struct vidmm_look_client *look)
{
	unsigned int i;
	char *c;

	/* Whatever a program calls itself, it is one column. */
	for (c = look->comm; *c; c++)
		if (!isascii(*c) || !isgraph(*c))
			*c = '?';
	seq_printf(m, "%7d %-5s %-16s %9lu %12llu %12llu %12llu", look->pid,
		   look->alive ? "yes" : "no", look->comm, look->allocs, kib(look->commit),
		   kib(look->offered), kib(look->evicted));
	for (i = VIDMM_LOCAL; i < VIDMM_NUM_SEGMENTS; i++)
		seq_printf(m, " %12llu", kib(look->used[i]));
	for (i = 0; i < VIDMM_NUM_GROUPS; i++)
		seq_printf(m, " %12llu %12llu %12llu", kib(look->demand[i]), kib(look->budget[i]),
			   kib(look->reservation[i]));
	seq_putc(m, '\n');
}

static int clients_show(struct seq_file *m, void *unused)
{
	struct vdxg_adapter *adapter = m->private;
	struct vidmm_look_client *looks = NULL;
	unsigned int room = 0, count, i;

	/* Some may come meanwhile. */
	while ((count = vidmm_look_clients(&adapter->mm, looks, room)) > room) {
		kvfree(looks);
		room = count + 16;
		looks = kvmalloc_array(room, sizeof(*looks), GFP_KERNEL);
		if (!looks)
			return -ENOMEM;
	}
	seq_printf(m, "%7s %-5s %-16s %9s %12s %12s %12s %12s %12s %12s %12s %12s %12s %12s %12s %12s %12s\n",
		   "pid", "alive", "comm", "allocs", "commit", "offered", "evicted", "local",
		   "aperture", "system", "swapped", "l-demand", "l-budget", "l-reserved",
		   "n-demand", "n-budget", "n-reserved");
	for (i = 0; i < count; i++)
		show_client(m, &looks[i]);
	kvfree(looks);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(clients);

static void show_alloc_header(struct seq_file *m)
{
	seq_printf(m, "%-9s %-14s %10s %16s %7s %12s %8s %5s %12s %-16s\n", "segment", "class",
		   "priority", "stamp", "pid", "size", "required", "busy", "offset",
		   "allocation");
}

static void show_alloc(struct seq_file *m, const struct vidmm_look_alloc *look)
{
	seq_printf(m, "%-9s %-14s 0x%08x %16llu %7d %12llu %8u %5d ",
		   segment_names[look->segment], class_names[look->class], look->priority,
		   look->stamp, look->pid, kib(look->npages), look->required, look->busy);
	/* Only what is accessed physically has a place of its own. */
	if (look->offset == VIDMM_NO_RUN)
		seq_printf(m, "%12s", "-");
	else
		seq_printf(m, "%12llu", kib(look->offset));
	seq_printf(m, " %p\n", look->id);
}

static int victims_show(struct seq_file *m, void *unused)
{
	struct vdxg_adapter *adapter = m->private;
	struct vidmm_look_alloc *looks;
	unsigned int id, count, i;

	looks = kcalloc(VICTIMS, sizeof(*looks), GFP_KERNEL);
	if (!looks)
		return -ENOMEM;
	show_alloc_header(m);
	for (id = VIDMM_LOCAL; id <= VIDMM_SYSTEM; id++) {
		count = vidmm_look_victims(&adapter->mm, id, looks, VICTIMS);
		for (i = 0; i < count; i++)
			show_alloc(m, &looks[i]);
	}
	kfree(looks);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(victims);

/**
 * struct walk - an open file of allocations
 * @mm: whose
 * @cursor: where it is
 * @at: the line of @cursor, of which 0 is the header
 */
struct walk {
	struct vidmm *mm;
	struct vidmm_cursor cursor;
	loff_t at;
};

static void *allocations_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct walk *walk = m->private;

	walk->at = ++*pos;
	return vidmm_cursor_next(walk->mm, &walk->cursor) ? walk : NULL;
}

static void *allocations_start(struct seq_file *m, loff_t *pos)
{
	struct walk *walk = m->private;
	loff_t at = 0;

	if (!*pos || *pos != walk->at) {
		vidmm_cursor_end(&walk->cursor);
		vidmm_cursor_begin(&walk->cursor);
		walk->at = 0;
		while (at < *pos)
			if (!allocations_next(m, walk, &at))
				return NULL;
	}
	return *pos && !walk->cursor.alloc ? NULL : walk;
}

static void allocations_stop(struct seq_file *m, void *v)
{
}

static int allocations_show(struct seq_file *m, void *v)
{
	struct walk *walk = v;

	if (!walk->at)
		show_alloc_header(m);
	else
		show_alloc(m, &walk->cursor.row);
	return 0;
}

static const struct seq_operations allocations_ops = {
	.start = allocations_start,
	.next = allocations_next,
	.stop = allocations_stop,
	.show = allocations_show,
};

static int allocations_open(struct inode *inode, struct file *file)
{
	struct vdxg_adapter *adapter = inode->i_private;
	struct walk *walk = __seq_open_private(file, &allocations_ops, sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->mm = &adapter->mm;
	vidmm_cursor_begin(&walk->cursor);
	return 0;
}

/* Also after the adapter is gone: the allocation that the cursor is at keeps its manager. */
static int allocations_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct walk *walk = m->private;

	vidmm_cursor_end(&walk->cursor);
	return seq_release_private(inode, file);
}

static const struct file_operations allocations_fops = {
	.owner = THIS_MODULE,
	.open = allocations_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = allocations_release,
};

/**
 * vdxg_debugfs_add - tables of an adapter
 * @adapter: the adapter
 *
 * Context: sleeps.
 */
void vdxg_debugfs_add(struct vdxg_adapter *adapter)
{
	char name[20];

	directory_name(adapter, name, sizeof(name));
	adapter->debugfs = debugfs_create_dir(name, root);
	debugfs_create_file("segments", FOR_ROOT, adapter->debugfs, adapter, &segments_fops);
	debugfs_create_file("clients", FOR_ROOT, adapter->debugfs, adapter, &clients_fops);
	debugfs_create_file("victims", FOR_ROOT, adapter->debugfs, adapter, &victims_fops);
	debugfs_create_file("allocations", FOR_ROOT, adapter->debugfs, adapter, &allocations_fops);
}

/**
 * vdxg_debugfs_remove - the tables of an adapter go before it
 * @adapter: the adapter
 *
 * Context: sleeps until nobody reads them.
 */
void vdxg_debugfs_remove(struct vdxg_adapter *adapter)
{
	debugfs_remove(adapter->debugfs);
}

/**
 * vdxg_debugfs_init - make the directory; that there is none is no error
 */
void vdxg_debugfs_init(void)
{
	root = debugfs_create_dir("vdxg", NULL);
	debugfs_create_file("adapters", FOR_ROOT, root, NULL, &adapters_fops);
}

/**
 * vdxg_debugfs_exit - remove the directory; there are no adapters any more
 */
void vdxg_debugfs_exit(void)
{
	debugfs_remove(root);
}
