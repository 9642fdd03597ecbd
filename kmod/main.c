// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c: the module, its device node, and the software adapter
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/namei.h>

#include "backend/backend.h"
#include "compat.h"
#include "debugfs.h"
#include "ioctl.h"
#include "object/adapter.h"
#include "object/allocation.h"
#include "object/deferral.h"
#include "object/fdinfo.h"
#include "object/process.h"
#include "object/sharing.h"
#include "object/shrink.h"
#include "object/sync.h"
#include "parameter.h"
#include "sched/engine.h"
#include "sched/foreign.h"
#include "sched/sync_point.h"
#include "vidmm/cpumap.h"
#include "vidmm/paging.h"
#include "vidmm/place.h"

static ushort mode = 0666;
module_param(mode, ushort, 0444);
MODULE_PARM_DESC(mode, "Permissions of the device node (default 0666, as on WSL)");

static bool software = true;
module_param(software, bool, 0444);
MODULE_PARM_DESC(software, "Offer an adapter in system memory (default yes)");

static unsigned int local_mb;
module_param(local_mb, vdxg_mb, 0444);
MODULE_PARM_DESC(local_mb,
		 "Size of the software adapter's local segment in MiB (default: a quarter of RAM)");

static char *software_move = "transfer";
module_param(software_move, charp, 0444);
MODULE_PARM_DESC(software_move,
		 "How the software adapter moves memory: transfer (pages change their owner, default) or copy (local memory is a pool of its own)");

static struct vdxg_adapter *software_adapter;

static int vdxg_open(struct inode *inode, struct file *file)
{
	struct vdxg_process *process = vdxg_process_open();

	if (IS_ERR(process))
		return PTR_ERR(process);
	file->private_data = process;
	return 0;
}

static int vdxg_release(struct inode *inode, struct file *file)
{
	vdxg_process_close(file->private_data);
	return 0;
}

static void vdxg_show_fdinfo(struct seq_file *m, struct file *file)
{
	vdxg_fdinfo_show(m, file->private_data);
}

/* The structures are laid out alike for 32- and 64-bit callers, so one function does for both. */
static const struct file_operations vdxg_fops = {
	.owner = THIS_MODULE,
	.show_fdinfo = vdxg_show_fdinfo,
	.open = vdxg_open,
	.release = vdxg_release,
	.unlocked_ioctl = vdxg_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice vdxg_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dxg",
	.fops = &vdxg_fops,
};

static bool exists(const char *name)
{
	struct path path;

	if (kern_path(name, LOOKUP_FOLLOW, &path))
		return false;
	path_put(&path);
	return true;
}

/* On WSL Microsoft's driver has the name already. */
static int register_node(void)
{
	vdxg_misc.mode = mode & 0777;
	if (exists("/sys/class/misc/dxg") || exists("/dev/dxg")) {
		vdxg_misc.name = "vdxg";
		pr_info("vdxg: /dev/dxg is there already, this is /dev/vdxg\n");
	}
	return misc_register(&vdxg_misc);
}

static int create_software_adapter(void)
{
	static const struct vdxg_adapter_desc desc = {
		.name = "software adapter",
		.driver = "vdxg",
		.software = true,
	};
	unsigned long pages = local_mb ? vdxg_mb_pages(local_mb) : totalram_pages() / 4;
	struct vdxg_backend *local = vdxg_system_backend_create(pages);
	struct vdxg_adapter *adapter;

	if (!local)
		return -ENOMEM;
	local->shared_pool = strcmp(software_move, "copy");
	adapter = vdxg_adapter_create(&desc, local);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	software_adapter = adapter;
	return 0;
}

static void remove_software_adapter(void)
{
	if (software_adapter)
		vdxg_adapter_remove(software_adapter);
}

static int __init vdxg_init(void)
{
	int err;

	if (strcmp(software_move, "transfer") && strcmp(software_move, "copy")) {
		pr_err("vdxg: software_move=%s: it is transfer or copy\n", software_move);
		return -EINVAL;
	}
	vdxg_debugfs_init();
	err = vdxg_allocation_init();
	if (err)
		goto debugfs_exit;
	err = vidmm_place_init();
	if (err)
		goto allocation_exit;
	err = vidmm_cpumap_init();
	if (err)
		goto place_exit;
	err = vidmm_va_init();
	if (err)
		goto cpumap_exit;
	err = vdxg_shrink_init();
	if (err)
		goto va_exit;
	err = vidmm_paging_init();
	if (err)
		goto shrink_exit;
	err = vdxg_engine_init();
	if (err)
		goto paging_exit;
	err = vdxg_waits_init();
	if (err)
		goto engine_exit;
	err = vdxg_sync_points_init();
	if (err)
		goto waits_exit;
	err = vdxg_foreign_init();
	if (err)
		goto sync_points_exit;
	err = vdxg_deferrals_init();
	if (err)
		goto foreign_exit;
	err = vdxg_process_init();
	if (err)
		goto deferrals_exit;
	if (software) {
		err = create_software_adapter();
		if (err)
			goto process_exit;
	}
	err = vdxg_drm_init();
	if (err)
		goto remove_software;
	err = register_node();
	if (err)
		goto drm_exit;
	return 0;
drm_exit:
	vdxg_drm_exit();
remove_software:
	remove_software_adapter();
process_exit:
	vdxg_process_exit();
deferrals_exit:
	vdxg_deferrals_exit();
foreign_exit:
	vdxg_foreign_exit();
sync_points_exit:
	vdxg_sync_points_exit();
waits_exit:
	vdxg_waits_exit();
engine_exit:
	vdxg_engine_exit();
paging_exit:
	vidmm_paging_exit();
shrink_exit:
	vdxg_shrink_exit();
va_exit:
	vidmm_va_exit();
cpumap_exit:
	vidmm_cpumap_exit();
place_exit:
	vidmm_place_exit();
allocation_exit:
	vdxg_allocation_exit();
debugfs_exit:
	vdxg_debugfs_exit();
	return err;
}

static void __exit vdxg_exit(void)
{
	misc_deregister(&vdxg_misc);
	/* Nobody has it open; what the last ones left is being torn down. */
	vdxg_process_exit();
	vdxg_sync_points_exit();
	vdxg_waits_exit();
	vidmm_paging_exit();
	vdxg_drm_exit();
	remove_software_adapter();
	vdxg_engine_exit();
	vdxg_deferrals_exit();
	vdxg_foreign_exit();
	vdxg_shrink_exit();
	vidmm_va_exit();
	vidmm_cpumap_exit();
	vidmm_place_exit();
	vdxg_allocation_exit();
	vdxg_sharing_exit();
	vdxg_debugfs_exit();
}

module_init(vdxg_init);
module_exit(vdxg_exit);

MODULE_LICENSE("GPL");
VDXG_IMPORT_NS_DMA_BUF;
MODULE_DESCRIPTION("Virtual WDDM GPU: the D3DKMT interface of /dev/dxg with a video memory manager");
