// SPDX-License-Identifier: GPL-2.0-only
/*
 * drm.c: finds DRM devices and makes adapters of them
 *
 * Each device whose driver is named by the parameter "drm" is attached: an in-kernel client is
 * opened on it (drm_client), which is never DRM master, and an adapter gets its memory from
 * drm_memory.c. No device node is opened: the first opener of a primary node would become
 * master.
 *
 * A device may be unbound from its driver at any time. The bus tells us before the driver's
 * remove(), which is when the adapter is removed and everything on the device freed; when a
 * driver was bound it tells us too, and all devices are looked through again, in a work item.
 * In between, what keeps a DRM device alive while we look at it is the device_lock() of the
 * device its driver is bound to: drivers come and go under it. The driver's module is pinned
 * while attached.
 *
 * Lock order: device_lock(), then attachments_lock, a leaf.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/drm_client.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include "../object/adapter.h"
#include "../parameter.h"
#include "drm.h"

/* QEMU's virtio-gpu refuses beyond 256 MiB in all, the console's frame buffer included. */
#define VIRTIO_LIMIT_MB	240

static char *drivers = "virtio_gpu";
module_param_named(drm, drivers, charp, 0444);
MODULE_PARM_DESC(drm,
		 "DRM drivers whose devices become adapters, comma-separated (default: virtio_gpu)");

static unsigned int limit_mb;
module_param_named(drm_limit_mb, limit_mb, vdxg_mb, 0444);
MODULE_PARM_DESC(drm_limit_mb,
		 "MiB to take from a DRM device (default: 240 on virtio_gpu, else half of the RAM)");

/**
 * struct attachment - a DRM device in use
 * @link: in attachments
 * @bound: the device that the driver is bound to, referenced
 * @client: our client; it holds a reference on the DRM device
 * @owner: the driver's module, pinned
 * @memory: the backend, ours until it is detached
 * @adapter: what was made of it
 */
struct attachment {
	struct list_head link;
	struct device *bound;
	struct drm_client_dev client;
	struct module *owner;
	struct vdxg_backend *memory;
	struct vdxg_adapter *adapter;
};

static LIST_HEAD(attachments);
static DEFINE_MUTEX(attachments_lock);

/* Set at exit: nothing is attached any more. */
static bool stopping;

static void scan(struct work_struct *work);
static DECLARE_WORK(scan_work, scan);

static bool is_wanted(const char *driver)
{
	const char *item = drivers;
	size_t len;

	while (item && *item) {
		len = strcspn(item, ",");
		if (len == strlen(driver) && !strncmp(item, driver, len))
			return true;
		item += len;
		item += *item == ',';
	}
	return false;
}

static void describe(struct vdxg_adapter_desc *desc, struct drm_device *drm, struct device *bound)
{
	struct pci_dev *pci;

	strscpy(desc->name, drm->driver->name, sizeof(desc->name));
	strscpy(desc->driver, drm->driver->name, sizeof(desc->driver));
	strscpy(desc->node, dev_name(drm->primary->kdev), sizeof(desc->node));
	desc->software = !bound->driver;
	if (!dev_is_pci(drm->dev))
		return;
	pci = to_pci_dev(drm->dev);
	desc->is_pci = true;
	desc->vendor = pci->vendor;
	desc->device = pci->device;
	desc->subsystem_vendor = pci->subsystem_vendor;
	desc->subsystem = pci->subsystem_device;
	desc->revision = pci->revision;
	desc->bus = pci->bus->number;
	desc->slot = PCI_SLOT(pci->devfn);
	desc->function = PCI_FUNC(pci->devfn);
}

static unsigned long device_limit(const struct drm_device *drm)
{
	if (limit_mb)
		return vdxg_mb_pages(limit_mb);
	if (!strcmp(drm->driver->name, "virtio_gpu"))
		return vdxg_mb_pages(VIRTIO_LIMIT_MB);
	return totalram_pages() / 2;
}

static bool is_attached(const struct drm_device *drm)
{
	struct attachment *att;
	bool found = false;

	mutex_lock(&attachments_lock);
	list_for_each_entry(att, &attachments, link)
		found |= att->client.dev == drm;
	mutex_unlock(&attachments_lock);
	return found;
}

static int attach_memory(struct attachment *att, struct drm_device *drm)
{
	struct vdxg_adapter_desc desc = {};
	int ret;

	ret = drm_client_init(drm, &att->client, "vdxg", NULL);
	if (ret)
		return ret;
	att->memory = vdxg_drm_memory_create(&att->client, device_limit(drm));
	if (IS_ERR(att->memory)) {
		ret = PTR_ERR(att->memory);
		goto err_client;
	}
	describe(&desc, drm, att->bound);
	att->adapter = vdxg_adapter_create(&desc, att->memory);
	if (IS_ERR(att->adapter)) {
		ret = PTR_ERR(att->adapter);
		goto err_memory;
	}
	return 0;

err_memory:
	vdxg_drm_memory_detach(att->memory);
err_client:
	drm_client_release(&att->client);
	return ret;
}

/* With the device_lock of @bound, to which @drm's driver is bound, or with its module pinned. */
static void attach(struct drm_device *drm, struct device *bound)
{
	const char *node = dev_name(drm->primary->kdev);
	struct attachment *att;
	int ret = -EOPNOTSUPP;

	if (!is_wanted(drm->driver->name) || is_attached(drm) || READ_ONCE(stopping))
		return;
	if (!try_module_get(drm->driver->fops->owner))
		return;
	att = kzalloc(sizeof(*att), GFP_KERNEL);
	if (!att)
		goto err_module;
	att->bound = get_device(bound);
	att->owner = drm->driver->fops->owner;

	if (!drm_core_check_feature(drm, DRIVER_MODESET) || !drm->driver->dumb_create)
		goto err_attachment;
	ret = attach_memory(att, drm);
	if (ret)
		goto err_attachment;

	mutex_lock(&attachments_lock);
	list_add_tail(&att->link, &attachments);
	mutex_unlock(&attachments_lock);
	pr_info("%s %s is an adapter with %lu MiB\n", drm->driver->name, node,
		att->memory->limit >> (20 - PAGE_SHIFT));
	return;

err_attachment:
	if (ret == -EOPNOTSUPP)
		pr_info_ratelimited("%s %s is no KMS device with dumb buffers: no adapter\n",
				    drm->driver->name, node);
	else
		pr_warn_ratelimited("%s %s cannot be an adapter: error %d\n",
				    drm->driver->name, node, ret);
	put_device(att->bound);
	kfree(att);
err_module:
	module_put(drm->driver->fops->owner);
}

/* Called with the device_lock of the attachment's device, off the list. */
static void detach(struct attachment *att)
{
	struct drm_device *drm = att->client.dev;

	pr_info("%s %s is no adapter any more\n", drm->driver->name,
		dev_name(drm->primary->kdev));
	vdxg_adapter_remove(att->adapter);
	vdxg_drm_memory_detach(att->memory);
	drm_client_release(&att->client);
	module_put(att->owner);
	put_device(att->bound);
	kfree(att);
}

static struct attachment *unlist(const struct device *bound)
{
	struct attachment *att;

	mutex_lock(&attachments_lock);
	list_for_each_entry(att, &attachments, link) {
		if (att->bound == bound) {
			list_del(&att->link);
			mutex_unlock(&attachments_lock);
			return att;
		}
	}
	mutex_unlock(&attachments_lock);
	return NULL;
}

/* The driver core calls this with the device_lock of the device. */
static int bus_event(struct notifier_block *nb, unsigned long action, void *data)
{
	struct attachment *att;

	switch (action) {
	case BUS_NOTIFY_BOUND_DRIVER:
		schedule_work(&scan_work);
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		/* one device may have several DRM devices */
		while ((att = unlist(data)))
			detach(att);
		break;
	}
	return NOTIFY_OK;
}

/* Of a device without a driver, such as vkms makes, only the end of its module's init tells. */
static int module_event(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == MODULE_STATE_LIVE)
		schedule_work(&scan_work);
	return NOTIFY_OK;
}

static struct notifier_block pci_nb = { .notifier_call = bus_event };
static struct notifier_block platform_nb = { .notifier_call = bus_event };
static struct notifier_block virtio_nb = { .notifier_call = bus_event };
static struct notifier_block module_nb = { .notifier_call = module_event };

/* The virtio bus is not exported: that of the first virtio device found. */
static typeof_member(struct device, bus) virtio_bus;

static int match_virtio(struct device *dev, void *unused)
{
	return dev->bus && !strcmp(dev->bus->name, "virtio");
}

static int match_card(struct device *dev, void *unused)
{
	return dev->type && dev->type->name && !strcmp(dev->type->name, "drm_minor") &&
	       strstarts(dev_name(dev), "card");
}

static int attach_card(struct device *card, void *bound)
{
	struct drm_minor *minor;

	if (!match_card(card, NULL))
		return 0;
	/* cleared when the minor is unregistered */
	minor = dev_get_drvdata(card);
	if (minor)
		attach(minor->dev, bound);
	return 0;
}

/*
 * Pins the module of a device without a driver: vkms names it as itself. A module's entry in
 * sysfs, once found, keeps its struct module in memory.
 */
static struct module *pin_module_of(const struct device *dev)
{
	struct module *owner = NULL;
	struct kobject *kobj;

	kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, dev_name(dev));
	if (!kobj)
		return NULL;
	owner = container_of(kobj, struct module_kobject, kobj)->mod;
	if (owner && (owner->state != MODULE_STATE_LIVE || !try_module_get(owner)))
		owner = NULL;
	kobject_put(kobj);
	return owner;
}

/* @dev is a device that a DRM device may name as its parent, on the PCI or the platform bus. */
static int scan_device(struct device *dev, void *unused)
{
	struct device *bound;
	struct device *card;
	struct module *owner;

	/* virtio-gpu's DRM device names the PCI device; its driver is bound to a child of that */
	bound = device_find_child(dev, NULL, match_virtio);
	if (bound && !virtio_bus && !bus_register_notifier(bound->bus, &virtio_nb))
		virtio_bus = bound->bus;
	if (!bound)
		bound = get_device(dev);

	card = device_find_child(dev, NULL, match_card);
	if (card) {
		put_device(card);
		device_lock(bound);
		if (bound->driver) {
			device_for_each_child(dev, bound, attach_card);
		} else {
			owner = pin_module_of(bound);
			if (owner) {
				device_for_each_child(dev, bound, attach_card);
				module_put(owner);
			}
		}
		device_unlock(bound);
	}
	put_device(bound);
	return 0;
}

static void scan(struct work_struct *work)
{
	bus_for_each_dev(&pci_bus_type, NULL, NULL, scan_device);
	bus_for_each_dev(&platform_bus_type, NULL, NULL, scan_device);
}

/**
 * vdxg_drm_init() - make adapters of the DRM devices, now and when they come
 *
 * Return: 0 or a negative error.
 */
int vdxg_drm_init(void)
{
	int ret;

	ret = bus_register_notifier(&pci_bus_type, &pci_nb);
	if (ret)
		return ret;
	ret = bus_register_notifier(&platform_bus_type, &platform_nb);
	if (ret)
		goto err_pci;
	ret = register_module_notifier(&module_nb);
	if (ret)
		goto err_platform;
	schedule_work(&scan_work);
	flush_work(&scan_work);
	return 0;

err_platform:
	bus_unregister_notifier(&platform_bus_type, &platform_nb);
err_pci:
	bus_unregister_notifier(&pci_bus_type, &pci_nb);
	cancel_work_sync(&scan_work);
	return ret;
}

/* Detaches one device, excluding an unbind at the same time; false when there is none left. */
static bool detach_one(void)
{
	struct attachment *att;
	struct device *bound = NULL;

	mutex_lock(&attachments_lock);
	att = list_first_entry_or_null(&attachments, struct attachment, link);
	if (att)
		bound = get_device(att->bound);
	mutex_unlock(&attachments_lock);
	if (!bound)
		return false;
	device_lock(bound);
	att = unlist(bound);
	if (att)
		detach(att);
	device_unlock(bound);
	put_device(bound);
	return true;
}

/**
 * vdxg_drm_exit() - remove all adapters of DRM devices and let go of these
 */
void vdxg_drm_exit(void)
{
	unregister_module_notifier(&module_nb);
	WRITE_ONCE(stopping, true);
	cancel_work_sync(&scan_work);
	while (detach_one())
		;
	if (virtio_bus)
		bus_unregister_notifier(virtio_bus, &virtio_nb);
	bus_unregister_notifier(&platform_bus_type, &platform_nb);
	bus_unregister_notifier(&pci_bus_type, &pci_nb);
	/* scheduled meanwhile, with nothing to do */
	cancel_work_sync(&scan_work);
}
