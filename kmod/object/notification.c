// SPDX-License-Identifier: GPL-2.0-only
/*
 * notification.c: trims and budgets, as records to be read from a descriptor (LX_VDXGREGISTERNOTIFICATION)
 *
 * A descriptor is registered for one device and ends with it, or with its adapter: read() then returns 0. It can be read
 * by whoever has it, and polled. The library calls the callbacks of D3DKMTRegisterTrimNotification with what it reads.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include <d3dkmthk.h>
#include <vdxg.h>

#include "../gfp.h"
#include "../refuse.h"
#include "../vidmm/watch.h"
#include "adapter.h"
#include "calls.h"
#include "device.h"
#include "process.h"

/**
 * struct notification - what a descriptor is about
 * @watch: what there is to tell
 * @link: in &vdxg_device.notifications; under notifications_lock
 */
struct notification {
	struct vidmm_watch watch;
	struct list_head link;
};

/* Which of a device and a descriptor ends first. */
static DEFINE_MUTEX(notifications_lock);

static int notification_release(struct inode *inode, struct file *file)
{
	struct notification *n = file->private_data;

	mutex_lock(&notifications_lock);
	if (!list_empty(&n->link)) {
		list_del(&n->link);
		vidmm_watch_end(&n->watch);
	}
	mutex_unlock(&notifications_lock);
	kfree(n);
	return 0;
}

/* Write one record; 0 if there is none, or a negative error. */
static ssize_t read_one(struct notification *n, char __user *user)
{
	struct vdxg_notification record = { };
	struct vidmm_notice notice;

	if (!vidmm_watch_take(&n->watch, &notice))
		return 0;
	record.event = notice.event;
	record.trim = notice.trim;
	record.bytes = notice.bytes;
	if (!copy_to_user(user, &record, sizeof(record)))
		return sizeof(record);
	vidmm_watch_put_back(&n->watch, &notice);
	return -EFAULT;
}

static ssize_t notification_read(struct file *file, char __user *user, size_t count, loff_t *pos)
{
	struct notification *n = file->private_data;
	ssize_t done = 0, one;
	bool ended;

	if (count < sizeof(struct vdxg_notification))
		return -EINVAL;
	for (;;) {
		do {
			one = read_one(n, user + done);
			done += max_t(ssize_t, one, 0);
		} while (one > 0 && count - done >= sizeof(struct vdxg_notification));
		if (done)
			return done;
		if (one < 0)
			return one;
		if (vidmm_watch_ready(&n->watch, &ended))
			continue;
		if (ended)
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(n->watch.wait,
					     vidmm_watch_ready(&n->watch, &ended) || ended))
			return -ERESTARTSYS;
	}
}

static __poll_t notification_poll(struct file *file, poll_table *table)
{
	struct notification *n = file->private_data;
	__poll_t events = 0;
	bool ended;

	poll_wait(file, &n->watch.wait, table);
	if (vidmm_watch_ready(&n->watch, &ended))
		events |= EPOLLIN | EPOLLRDNORM;
	if (ended)
		events |= EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return events;
}

/* As the owner it keeps the module as long as there is a file. */
static const struct file_operations notification_fops = {
	.owner = THIS_MODULE,
	.read = notification_read,
	.poll = notification_poll,
	.release = notification_release,
	.llseek = noop_llseek,
};

/**
 * vdxg_notifications_end - a device dies: nothing is told about it any more
 * @device: the device, its process locked
 */
void vdxg_notifications_end(struct vdxg_device *device)
{
	struct notification *n, *next;

	mutex_lock(&notifications_lock);
	list_for_each_entry_safe(n, next, &device->notifications, link) {
		list_del_init(&n->link);
		vidmm_watch_end(&n->watch);
	}
	mutex_unlock(&notifications_lock);
}

/* A file that is not registered yet. */
static struct file *new_file(u32 events)
{
	struct notification *n = kzalloc(sizeof(*n), VDXG_GFP);
	struct file *file;

	if (!n)
		return NULL;
	vidmm_watch_init(&n->watch, events);
	INIT_LIST_HEAD(&n->link);
	file = anon_inode_getfile("[vdxg-notification]", &notification_fops, n, O_RDONLY);
	if (!IS_ERR(file))
		return file;
	kfree(n);
	return NULL;
}

/* Now or never: the device may have been destroyed meanwhile. */
static int publish(struct vdxg_process *process, struct vdxg_device *device,
		   struct notification *n)
{
	int status = STATUS_INVALID_PARAMETER;

	vdxg_process_lock(process);
	if (device->obj.handle) {
		mutex_lock(&notifications_lock);
		status = STATUS_NO_MEMORY;
		if (vidmm_watch_add(&n->watch, device->client)) {
			list_add(&n->link, &device->notifications);
			status = STATUS_SUCCESS;
		}
		mutex_unlock(&notifications_lock);
	}
	vdxg_process_unlock(process);
	return status;
}

static int register_for(struct vdxg_call *call, struct vdxg_device *device)
{
	struct vdxg_registernotification *args = call->args;
	int status = STATUS_NO_MEMORY;
	struct file *file;
	int fd;

	file = new_file(args->events);
	if (!file)
		return status;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto put_file;
	args->descriptor = fd;
	status = vdxg_call_reply(call);
	if (!status)
		status = publish(call->process, device, file->private_data);
	if (!status) {
		fd_install(fd, file);
		return status;
	}
	put_unused_fd(fd);
put_file:
	fput(file);
	return status;
}

static bool has_luid(const struct vdxg_device *device, const struct vdxg_registernotification *args)
{
	return (!args->luid_low && !args->luid_high) ||
	       (device->adapter->luid.a == args->luid_low &&
		device->adapter->luid.b == args->luid_high);
}

/**
 * vdxg_register_notification - be told to trim, and of budgets
 * @call: the call; struct vdxg_registernotification
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad device, another adapter's LUID, and unknown or no events;
 * STATUS_NO_MEMORY, also without descriptors, or if the process has too many of these on the adapter; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTRegisterTrimNotification;
 * Documentation/behaviour-memory.rst, "Trimming")
 */
int vdxg_register_notification(struct vdxg_call *call)
{
	struct vdxg_registernotification *args = call->args;
	struct vdxg_device *device;
	int status;

	if (!args->events || args->events & ~VDXG_NOTIFY_ALL || args->reserved)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "events", args->events,
				   "none, or undefined bits");
	device = vdxg_device_get(call->process, (struct d3dkmthandle){ .v = args->device });
	if (!device)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "device", args->device,
				   "no device of this process");
	if (!has_luid(device, args))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "luid_low", args->luid_low,
				     "not of the device's adapter");
	else if (vdxg_adapter_removed(device->adapter))
		status = STATUS_DEVICE_REMOVED;
	else
		status = register_for(call, device);
	vdxg_device_put(device);
	return status;
}
