// SPDX-License-Identifier: GPL-2.0-only
/*
 * nt_handle.c: ShareObjects, OpenNtHandleFromName, OpenSyncObjectNtHandleFromName, and the
 * descriptors they make (see nt_handle.h)
 *
 * Names are those of one user in one PID namespace. Case does not matter, in ASCII.
 */
#include <linux/anon_inodes.h>
#include <linux/ctype.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <d3dkmthk.h>

#include "../gfp.h"
#include "../refuse.h"
#include "allocation.h"
#include "calls.h"
#include "keyed_mutex.h"
#include "nt_handle.h"
#include "process.h"
#include "sharing_resource.h"
#include "sync.h"

/* A name has at most so many characters. */
#define MAX_NAME	1024

/* Rights of an NT handle that let it be opened at all. */
#define USEFUL_RIGHTS	(VDXG_ACCESS_READ | VDXG_ACCESS_WAIT | VDXG_ACCESS_SIGNAL)

static DEFINE_MUTEX(names_lock);
static DEFINE_HASHTABLE(names, 8);

/* ---- names ---- */

/**
 * struct attributes - what object attributes say
 * @name: the name in lower case, or NULL
 * @length: its length in characters
 * @inherit: a descriptor stays open across exec
 */
struct attributes {
	u16 *name;
	u32 length;
	bool inherit;
};

static u32 hash_name(const u16 *name, u32 length)
{
	return jhash(name, length * sizeof(*name), 0);
}

static int read_name(u64 user, struct attributes *attributes)
{
	struct vdxg_unicode_string string;
	u32 i;

	if (copy_from_user(&string, u64_to_user_ptr(user), sizeof(string)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_attr.object_name", user,
				   "cannot be read");
	if (string.length % sizeof(u16) || string.length > MAX_NAME * sizeof(u16))
		return vdxg_refuse(STATUS_OBJECT_NAME_INVALID, "object_attr.object_name.length",
				   string.length, "too long, or half a character");
	if (!string.length)
		return STATUS_SUCCESS;
	attributes->name = kmalloc(string.length, VDXG_GFP);
	if (!attributes->name)
		return STATUS_NO_MEMORY;
	if (copy_from_user(attributes->name, u64_to_user_ptr(string.buffer), string.length))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_attr.object_name.buffer",
				   string.buffer, "cannot be read");
	attributes->length = string.length / sizeof(u16);
	for (i = 0; i < attributes->length; i++)
		if (attributes->name[i] < 0x80)
			attributes->name[i] = tolower(attributes->name[i]);
	return STATUS_SUCCESS;
}

/* Object attributes; none are as good as empty ones. */
static int read_attributes(u64 user, struct attributes *attributes)
{
	struct vdxg_object_attributes attr;

	memset(attributes, 0, sizeof(*attributes));
	if (!user)
		return STATUS_SUCCESS;
	if (copy_from_user(&attr, u64_to_user_ptr(user), sizeof(attr)) ||
	    attr.length != sizeof(attr) || attr.root_directory)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_attr", user,
				   "cannot be read, or not of this kind");
	attributes->inherit = attr.attributes & VDXG_OBJ_INHERIT;
	return attr.object_name ? read_name(attr.object_name, attributes) : STATUS_SUCCESS;
}

/*
 * What has a name among the caller's, under the lock; not if its last file is just being closed. Without a reference:
 * nobody who is refused may keep the name from whoever comes when that file is closed.
 */
static struct vdxg_nt_object *find_name(const struct attributes *attributes)
{
	struct vdxg_nt_object *object;

	hash_for_each_possible(names, object, link,
			       hash_name(attributes->name, attributes->length))
		if (object->length == attributes->length &&
		    !memcmp(object->name, attributes->name, object->length * sizeof(u16)) &&
		    vdxg_owner_is_current(&object->owner) && refcount_read(&object->refs))
			return object;
	return NULL;
}

/* ---- sets and their files ---- */

static void put_object(struct vdxg_nt_object *object)
{
	if (!refcount_dec_and_test(&object->refs))
		return;
	if (object->length) {
		mutex_lock(&names_lock);
		hash_del(&object->link);
		mutex_unlock(&names_lock);
		vdxg_owner_fini(&object->owner);
		kfree(object->name);
	}
	if (object->resource)
		vdxg_shared_unhold(object->resource);
	if (object->mutex)
		vdxg_shareable_put(&object->mutex->base);
	if (object->sync)
		vdxg_shareable_put(&object->sync->base);
	kfree(object);
}

static int name_object(struct vdxg_nt_object *object, struct attributes *attributes)
{
	bool taken;

	if (!attributes->length)
		return STATUS_SUCCESS;
	mutex_lock(&names_lock);
	taken = find_name(attributes);
	if (!taken) {
		vdxg_owner_init(&object->owner);
		object->name = attributes->name;
		object->length = attributes->length;
		attributes->name = NULL;
		hash_add(names, &object->link, hash_name(object->name, object->length));
	}
	mutex_unlock(&names_lock);
	return taken ? vdxg_refuse(STATUS_OBJECT_NAME_COLLISION, "object_attr.object_name.length",
				   attributes->length, "something of this user's has the name") :
		STATUS_SUCCESS;
}

static int nt_release(struct inode *inode, struct file *file)
{
	struct vdxg_nt_handle *nt = file->private_data;

	put_object(nt->object);
	kfree(nt);
	return 0;
}

/* As the owner it keeps the module as long as there is a file. */
static const struct file_operations nt_fops = {
	.owner = THIS_MODULE,
	.release = nt_release,
	.llseek = noop_llseek,
};

/* A descriptor that is not 0, which is no handle. */
static int unused_fd(unsigned int flags)
{
	int fd = get_unused_fd_flags(flags), other;

	if (fd)
		return fd;
	other = get_unused_fd_flags(flags);
	put_unused_fd(fd);
	return other;
}

/**
 * struct new_handle - a descriptor on its way to the caller
 * @fd: its number
 * @file: its file
 */
struct new_handle {
	int fd;
	struct file *file;
};

/* Make a descriptor for a set; the caller's reference on it goes to the file, also on failure. */
static int make_handle(struct vdxg_nt_object *object, u32 access, bool inherit,
		       struct new_handle *handle)
{
	struct vdxg_nt_handle *nt = kzalloc(sizeof(*nt), VDXG_GFP);

	if (!nt) {
		put_object(object);
		return STATUS_NO_MEMORY;
	}
	nt->object = object;
	nt->access = access;
	handle->file = anon_inode_getfile(object->kind == VDXG_NT_SYNC ?
					  vdxg_shared_sync_class.name :
					  vdxg_shared_resource_class.name,
					  &nt_fops, nt, O_RDWR);
	if (IS_ERR(handle->file)) {
		put_object(object);
		kfree(nt);
		return STATUS_NO_MEMORY;
	}
	nt->file = handle->file;
	handle->fd = unused_fd(inherit ? 0 : O_CLOEXEC);
	if (handle->fd > 0)
		return STATUS_SUCCESS;
	fput(handle->file);
	return STATUS_NO_MEMORY;
}

static void install_handle(const struct new_handle *handle, int status)
{
	if (!status) {
		fd_install(handle->fd, handle->file);
		return;
	}
	put_unused_fd(handle->fd);
	fput(handle->file);
}

/**
 * vdxg_nt_handle_get - what is behind a descriptor
 * @fd: the descriptor, not trusted
 * @kind: what it must be
 * @status: why not: STATUS_INVALID_PARAMETER for 0; STATUS_INVALID_HANDLE;
 *	STATUS_OBJECT_TYPE_MISMATCH; STATUS_ACCESS_DENIED
 *
 * Context: any task.
 * Return: the handle, which stays until vdxg_nt_handle_put(), or NULL.
 */
struct vdxg_nt_handle *vdxg_nt_handle_get(u64 fd, enum vdxg_nt_kind kind, int *status)
{
	struct vdxg_nt_handle *nt;
	struct file *file;

	*status = fd ? STATUS_INVALID_HANDLE : STATUS_INVALID_PARAMETER;
	file = fd && fd <= INT_MAX ? fget(fd) : NULL;
	if (!file) {
		vdxg_refuse(*status, "nt_handle", fd, "no descriptor");
		return NULL;
	}
	nt = file->f_op == &nt_fops ? file->private_data : NULL;
	if (!nt || nt->object->kind != kind)
		*status = vdxg_refuse(STATUS_OBJECT_TYPE_MISMATCH, "nt_handle", fd,
				      "a descriptor of something else");
	else if (!(nt->access & USEFUL_RIGHTS))
		*status = vdxg_refuse(STATUS_ACCESS_DENIED, "nt_handle", fd,
				      "gives no right to anything");
	else
		return nt;
	fput(file);
	return NULL;
}

/**
 * vdxg_nt_handle_put - undo vdxg_nt_handle_get()
 * @nt: the handle
 */
void vdxg_nt_handle_put(struct vdxg_nt_handle *nt)
{
	fput(nt->file);
}

/* ---- the calls ---- */

/* Generic rights as the specific ones they stand for; what else there is has no effect. */
static u32 map_access(u32 desired, enum vdxg_nt_kind kind)
{
	u32 all = kind == VDXG_NT_SYNC ? VDXG_ACCESS_WAIT | VDXG_ACCESS_SIGNAL : VDXG_ACCESS_WRITE;
	u32 access = desired & (all | VDXG_ACCESS_READ);

	if (desired & (VDXG_ACCESS_GENERIC_ALL | VDXG_ACCESS_MAXIMUM))
		access |= all | VDXG_ACCESS_READ;
	if (desired & VDXG_ACCESS_GENERIC_EXECUTE)
		access |= VDXG_ACCESS_READ;
	if (desired & VDXG_ACCESS_GENERIC_READ)
		access |= VDXG_ACCESS_READ | (kind == VDXG_NT_SYNC ? VDXG_ACCESS_WAIT : 0);
	if (desired & VDXG_ACCESS_GENERIC_WRITE)
		access |= VDXG_ACCESS_READ |
			  (kind == VDXG_NT_SYNC ? VDXG_ACCESS_SIGNAL : VDXG_ACCESS_WRITE);
	return access;
}

/* Whether a descriptor of a set may have the access that is desired of it. */
static int check_access(const struct vdxg_nt_object *object, u32 desired)
{
	u32 access = map_access(desired, object->kind);

	return access & ~object->rights ?
		vdxg_refuse(STATUS_ACCESS_DENIED, "desired_access", access,
			    "more than the one who shares has") : STATUS_SUCCESS;
}

/* Add a resource to a set; the process is locked. */
static int add_resource(struct vdxg_nt_object *object, struct vdxg_object *obj)
{
	struct vdxg_resource *resource = container_of(obj, struct vdxg_resource, obj);

	if (!resource->shared || !resource->shared->nt)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", obj->handle,
				   "not created for NT handles");
	object->kind = VDXG_NT_RESOURCE;
	object->rights = VDXG_ACCESS_READ | (resource->readonly ? 0 : VDXG_ACCESS_WRITE);
	object->resource = resource->shared;
	vdxg_shared_hold(object->resource);
	return STATUS_SUCCESS;
}

/*
 * Whoever opens a set with a resource takes turns with the other members, even to read: they come with
 * all rights, so the caller must have them.
 */
static int add_sync(struct vdxg_nt_object *object, struct vdxg_process *process, u32 handle)
{
	struct vdxg_sync_open *open = vdxg_sync_peek(process, handle);

	if (!open || !(open->sync->flags & D3DDDI_SYNC_NT_SECURITY_SHARING))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", handle,
				   "no handle, or not created for NT handles");
	if (!object->resource)
		object->rights = VDXG_ACCESS_READ | open->rights;
	else if (open->rights != VDXG_RIGHTS)
		return vdxg_refuse(STATUS_ACCESS_DENIED, "objects", handle,
				   "may not be both waited for and signalled");
	object->sync = open->sync;
	vdxg_shareable_get(&object->sync->base);
	return STATUS_SUCCESS;
}

static int add_mutex(struct vdxg_nt_object *object, struct vdxg_process *process, u32 handle)
{
	struct vdxg_keyed_mutex_open *open = vdxg_keyed_mutex_peek(process, handle);

	if (!open || !open->mutex->nt)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "objects", handle,
				   "no handle, or not created for NT handles");
	object->mutex = open->mutex;
	vdxg_shareable_get(&object->mutex->base);
	return STATUS_SUCCESS;
}

/* The sets there are: a resource; a sync object; a resource, a keyed mutex and a sync object. */
static int collect(struct vdxg_nt_object *object, struct vdxg_process *process,
		   const u32 *handles, u32 count)
{
	struct vdxg_object *resource;
	int status;

	resource = vdxg_handle_peek(&process->handles, handles[0], &vdxg_resource_class);
	if (!resource) {
		object->kind = VDXG_NT_SYNC;
		if (count != 1)
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", count,
					   "several, and the first is no resource");
		return add_sync(object, process, handles[0]);
	}
	status = add_resource(object, resource);
	if (status || count == 1)
		return status;
	if (count != D3DKMT_MAX_OBJECTS_PER_HANDLE)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", count,
				   "a resource alone, or with a keyed mutex and a sync object");
	status = add_mutex(object, process, handles[1]);
	return status ?: add_sync(object, process, handles[2]);
}

static int share(struct vdxg_process *process, const u32 *handles, u32 count, u32 desired,
		 struct attributes *attributes, struct new_handle *handle)
{
	struct vdxg_nt_object *object = kzalloc(sizeof(*object), VDXG_GFP);
	int status;

	if (!object)
		return STATUS_NO_MEMORY;
	refcount_set(&object->refs, 1);
	vdxg_process_lock(process);
	status = collect(object, process, handles, count);
	vdxg_process_unlock(process);
	if (!status)
		status = check_access(object, desired);
	if (!status)
		status = name_object(object, attributes);
	if (!status)
		return make_handle(object, map_access(desired, object->kind), attributes->inherit,
				   handle);
	put_object(object);
	return status;
}

/**
 * vdxg_share_objects - D3DKMTShareObjects
 * @call: the call; struct d3dkmt_shareobjects
 *
 * The descriptor keeps the objects, whatever happens to their handles.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for bad handles, for objects not created
 * NtSecuritySharing, and for sets that cannot be; STATUS_ACCESS_DENIED for more access than the
 * caller has; STATUS_OBJECT_NAME_INVALID; STATUS_OBJECT_NAME_COLLISION; STATUS_NO_MEMORY, also when
 * there are too many descriptors. (d3dkmthk, D3DKMTShareObjects;
 * Documentation/behaviour-sharing.rst)
 */
int vdxg_share_objects(struct vdxg_call *call)
{
	struct d3dkmt_shareobjects *args = call->args;
	u32 handles[D3DKMT_MAX_OBJECTS_PER_HANDLE];
	struct attributes attributes;
	struct new_handle handle;
	int status;

	if (!args->object_count || args->object_count > ARRAY_SIZE(handles) ||
	    copy_from_user(handles, u64_to_user_ptr(args->objects),
			   args->object_count * sizeof(*handles)))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "object_count", args->object_count,
				   "none, too many, or they cannot be read");
	status = read_attributes(args->object_attr, &attributes);
	if (!status)
		status = share(call->process, handles, args->object_count, args->desired_access,
			       &attributes, &handle);
	kfree(attributes.name);
	if (status)
		return status;
	if (put_user((u64)handle.fd, (u64 __user *)u64_to_user_ptr(args->shared_handle)))
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "shared_handle",
				     args->shared_handle, "cannot be written");
	install_handle(&handle, status);
	return status;
}

/* What has a name, referenced, if the caller may have it; under the lock. */
static int get_named(const struct attributes *attributes, const struct vdxg_opennthandlefromname *args,
		     enum vdxg_nt_kind kind, struct vdxg_nt_object **result)
{
	struct vdxg_nt_object *object = find_name(attributes);
	int status;

	lockdep_assert_held(&names_lock);
	if (object && object->kind != kind)
		return vdxg_refuse(STATUS_OBJECT_TYPE_MISMATCH, "object_attr", args->object_attr,
				   "the name of something else");
	if (object && !map_access(args->desired_access, kind))
		return vdxg_refuse(STATUS_ACCESS_DENIED, "desired_access", args->desired_access, "none");
	status = object ? check_access(object, args->desired_access) : STATUS_SUCCESS;
	if (status)
		return status;
	/* Its last file may have been closed since. */
	if (!object || !refcount_inc_not_zero(&object->refs))
		return vdxg_refuse(STATUS_OBJECT_NAME_NOT_FOUND, "object_attr", args->object_attr,
				   "no such name");
	*result = object;
	return STATUS_SUCCESS;
}

/**
 * vdxg_open_nt_handle_from_name - D3DKMTOpenNtHandleFromName, D3DKMTOpenSyncObjectNtHandleFromName
 * @call: the call; struct vdxg_opennthandlefromname
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER without attributes or a name;
 * STATUS_OBJECT_NAME_INVALID; STATUS_OBJECT_NAME_NOT_FOUND if the caller's user has nothing of that
 * name in the PID namespace; STATUS_OBJECT_TYPE_MISMATCH; STATUS_ACCESS_DENIED without any access
 * asked for, and for more than whoever gave the name had; STATUS_NO_MEMORY. (d3dkmthk,
 * D3DKMTOpenNtHandleFromName, D3DKMTOpenSyncObjectNtHandleFromName)
 */
int vdxg_open_nt_handle_from_name(struct vdxg_call *call)
{
	struct vdxg_opennthandlefromname *args = call->args;
	enum vdxg_nt_kind kind = args->flags & VDXG_NAME_OF_SYNC_OBJECT ? VDXG_NT_SYNC :
		VDXG_NT_RESOURCE;
	struct vdxg_nt_object *object;
	struct attributes attributes;
	struct new_handle handle;
	int status;

	if (args->flags & ~VDXG_NAME_OF_SYNC_OBJECT)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits");
	status = read_attributes(args->object_attr, &attributes);
	if (!status && !attributes.length)
		status = vdxg_refuse(STATUS_INVALID_PARAMETER, "object_attr", args->object_attr,
				     "no name");
	if (!status) {
		mutex_lock(&names_lock);
		status = get_named(&attributes, args, kind, &object);
		mutex_unlock(&names_lock);
	}
	kfree(attributes.name);
	if (status)
		return status;
	status = make_handle(object, map_access(args->desired_access, kind), attributes.inherit,
			     &handle);
	if (status)
		return status;
	args->nt_handle = handle.fd;
	status = vdxg_call_reply(call);
	install_handle(&handle, status);
	return status;
}

/* Open the object behind an NT handle on a device, or without one. */
static int open_sync(struct vdxg_call *call, struct vdxg_nt_handle *nt,
		     struct vdxg_device *device, u32 flags, struct vdxg_sync_open **open)
{
	struct vdxg_sync *sync = nt->object->sync;
	int status = STATUS_SUCCESS;

	if (!(nt->access & VDXG_ACCESS_WAIT))
		flags |= D3DDDI_SYNC_NO_WAIT;
	if (!(nt->access & VDXG_ACCESS_SIGNAL))
		flags |= D3DDDI_SYNC_NO_SIGNAL;
	vdxg_shareable_open(&sync->base);
	if (device) {
		status = vdxg_sync_open_on(device, sync, flags, open);
	} else {
		*open = vdxg_sync_open_new(sync, flags);
		if (!*open)
			status = STATUS_NO_MEMORY;
	}
	if (!status)
		(*open)->rights = nt->access & VDXG_RIGHTS;
	return status;
}

/**
 * vdxg_open_sync_from_nt_handle - D3DKMTOpenSyncObjectFromNtHandle
 * @call: the call; struct vdxg_opensyncobjectfromnthandle
 *
 * The handle belongs to the process, not to a device; a fence's value is not mapped.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE for what is no descriptor;
 * STATUS_OBJECT_TYPE_MISMATCH for one of something else; STATUS_ACCESS_DENIED; STATUS_NO_MEMORY.
 * (d3dkmthk, D3DKMTOpenSyncObjectFromNtHandle)
 */
int vdxg_open_sync_from_nt_handle(struct vdxg_call *call)
{
	struct vdxg_opensyncobjectfromnthandle *args = call->args;
	struct vdxg_sync_open *open;
	struct vdxg_nt_handle *nt;
	int status;

	if (args->reserved)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "reserved", args->reserved, "not 0");
	if (!args->nt_handle)
		return vdxg_refuse(STATUS_INVALID_HANDLE, "nt_handle", 0, "no descriptor");
	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_SYNC, &status);
	if (!nt)
		return status;
	status = open_sync(call, nt, NULL, 0, &open);
	vdxg_nt_handle_put(nt);
	return status ?: vdxg_sync_finish(call, open, &args->sync_object);
}

/**
 * vdxg_open_sync_from_nt_handle2 - D3DKMTOpenSyncObjectFromNtHandle2
 * @call: the call; struct d3dkmt_opensyncobjectfromnthandle2
 *
 * Return: as vdxg_open_sync_from_nt_handle(); STATUS_INVALID_PARAMETER for a bad device, flags, or
 * no NT handle; STATUS_DEVICE_REMOVED. (d3dkmthk, D3DKMTOpenSyncObjectFromNtHandle2)
 */
int vdxg_open_sync_from_nt_handle2(struct vdxg_call *call)
{
	struct d3dkmt_opensyncobjectfromnthandle2 *args = call->args;
	struct vdxg_sync_open *open;
	struct vdxg_device *device;
	struct vdxg_nt_handle *nt;
	int status;

	if (args->flags & ~D3DDDI_SYNC_FLAGS ||
	    (args->flags & D3DDDI_SYNC_NO_SIGNAL && args->flags & D3DDDI_SYNC_NO_WAIT))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags,
				   "undefined bits, or neither signal nor wait");
	device = vdxg_device_get(call->process, args->device);
	if (!device)
		return STATUS_INVALID_PARAMETER;
	nt = vdxg_nt_handle_get(args->nt_handle, VDXG_NT_SYNC, &status);
	if (!nt)
		goto put_device;
	status = open_sync(call, nt, device, args->flags, &open);
	vdxg_nt_handle_put(nt);
	if (status)
		goto put_device;
	if (open->map) {
		args->monitored_fence.fence_value_cpu_va = open->map->address;
		args->monitored_fence.fence_value_gpu_va = open->gpu_address;
	}
	status = vdxg_sync_finish(call, open, &args->sync_object.v);
put_device:
	vdxg_device_put(device);
	return status;
}
