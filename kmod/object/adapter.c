// SPDX-License-Identifier: GPL-2.0-only
/*
 * adapter.c: the GPUs this driver offers: EnumAdapters2, EnumAdapters3, OpenAdapterFromLuid, CloseAdapter
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "../debugfs.h"
#include "../gfp.h"
#include "../parameter.h"
#include "../refuse.h"
#include "../sched/engine.h"
#include "adapter.h"
#include "calls.h"
#include "process.h"

/*
 * What EnumAdapters2 answers to a NULL array: the most there can ever be, as on Windows 11, not the number
 * there is.
 */
#define MAX_ADAPTERS	34

static unsigned int aperture_mb;
module_param(aperture_mb, vdxg_mb, 0444);
MODULE_PARM_DESC(aperture_mb, "Size of an adapter's aperture segment in MiB (default: half of RAM)");

static unsigned int commit_limit_mb;
module_param(commit_limit_mb, vdxg_mb, 0444);
MODULE_PARM_DESC(commit_limit_mb,
		 "Memory one process may allocate on an adapter, in MiB (default: RAM and the local segment)");

static LIST_HEAD(adapters);
static unsigned int num_adapters;
static DEFINE_MUTEX(adapters_lock);

static void free_adapter(struct kref *ref)
{
	struct vdxg_adapter *adapter = container_of(ref, struct vdxg_adapter, ref);

	vdxg_engine_put(adapter->engine);
	adapter->local->ops->destroy(adapter->local);
	adapter->aperture->ops->destroy(adapter->aperture);
	kfree(adapter);
}

void vdxg_adapter_get(struct vdxg_adapter *adapter)
{
	kref_get(&adapter->ref);
}

void vdxg_adapter_put(struct vdxg_adapter *adapter)
{
	kref_put(&adapter->ref, free_adapter);
}

/* Never one that was there before, nor one of the system's own small ones. */
static struct winluid new_luid(void)
{
	static atomic_t next = ATOMIC_INIT(0x10000);

	return (struct winluid){ .a = atomic_inc_return(&next) };
}

/**
 * vdxg_adapter_create - offer a GPU
 * @desc: what it says of itself
 * @local: where the memory of its local segment comes from; destroyed with the adapter, also on failure
 *
 * Context: sleeps.
 * Return: the adapter, for vdxg_adapter_remove(), or an error pointer.
 */
struct vdxg_adapter *vdxg_adapter_create(const struct vdxg_adapter_desc *desc,
					 struct vdxg_backend *local)
{
	unsigned long ram = totalram_pages();
	struct vdxg_backend *aperture;
	struct vdxg_adapter *adapter;
	int err = -ENOMEM;

	aperture = vdxg_system_backend_create(aperture_mb ? vdxg_mb_pages(aperture_mb) : ram / 2);
	if (!aperture)
		goto destroy_local;
	adapter = kzalloc(sizeof(*adapter), GFP_KERNEL);
	if (!adapter)
		goto destroy_aperture;
	adapter->engine = vdxg_engine_create(&vdxg_engine_clock);
	if (!adapter->engine)
		goto free_adapter;
	kref_init(&adapter->ref);
	adapter->desc = *desc;
	adapter->luid = new_luid();
	guid_gen(&adapter->guid);
	vdxg_fence_group_init(&adapter->fences);
	adapter->local = local;
	adapter->aperture = aperture;
	vidmm_init(&adapter->mm, local, aperture,
		   commit_limit_mb ? vdxg_mb_pages(commit_limit_mb) : ram + local->limit);

	mutex_lock(&adapters_lock);
	err = -ENOSPC;
	if (num_adapters == MAX_ADAPTERS)
		goto unlock;
	num_adapters++;
	/* Hardware before software, each in the order it appeared. */
	if (desc->software) {
		list_add_tail(&adapter->link, &adapters);
	} else {
		struct vdxg_adapter *other;

		list_for_each_entry(other, &adapters, link)
			if (other->desc.software)
				break;
		list_add_tail(&adapter->link, &other->link);
	}
	mutex_unlock(&adapters_lock);
	vdxg_debugfs_add(adapter);
	return adapter;
unlock:
	mutex_unlock(&adapters_lock);
	vdxg_engine_put(adapter->engine);
free_adapter:
	kfree(adapter);
destroy_aperture:
	aperture->ops->destroy(aperture);
destroy_local:
	local->ops->destroy(local);
	return ERR_PTR(err);
}

/**
 * vdxg_adapter_remove - the device behind an adapter goes away
 * @adapter: from vdxg_adapter_create(); not to be used afterwards
 *
 * When this returns, nothing of the device's memory is in use any more. Those who have the adapter open get
 * STATUS_DEVICE_REMOVED, and can destroy what they have.
 *
 * Context: sleeps.
 */
void vdxg_adapter_remove(struct vdxg_adapter *adapter)
{
	mutex_lock(&adapters_lock);
	list_del_init(&adapter->link);
	num_adapters--;
	mutex_unlock(&adapters_lock);
	vdxg_debugfs_remove(adapter);
	vdxg_engine_stop(adapter->engine);
	vidmm_remove(&adapter->mm);
	vdxg_fence_group_kill(&adapter->fences);
	vdxg_adapter_put(adapter);
}

static void trim(struct vdxg_backend *backend)
{
	if (backend->ops->trim)
		backend->ops->trim(backend);
}

/**
 * vdxg_adapter_trim - give what is only kept for later back to the machine
 * @adapter: the adapter, referenced
 *
 * Context: no locks; sleeps.
 */
void vdxg_adapter_trim(struct vdxg_adapter *adapter)
{
	trim(adapter->local);
	trim(adapter->aperture);
}

/**
 * vdxg_adapter_next - walk over the adapters without holding a lock
 * @adapter: the last one, whose reference is dropped; NULL to begin
 * @reclaim: the caller reclaims memory: end early rather than wait
 *
 * Return: the next one, referenced; NULL at the end, or when @adapter has been removed.
 */
struct vdxg_adapter *vdxg_adapter_next(struct vdxg_adapter *adapter, bool reclaim)
{
	struct list_head *link = adapter ? &adapter->link : &adapters;
	struct vdxg_adapter *next = NULL;

	if (reclaim ? mutex_trylock(&adapters_lock) : (mutex_lock(&adapters_lock), 1)) {
		if (!list_empty(link) && link->next != &adapters) {
			next = list_entry(link->next, struct vdxg_adapter, link);
			vdxg_adapter_get(next);
		}
		mutex_unlock(&adapters_lock);
	}
	if (adapter)
		vdxg_adapter_put(adapter);
	return next;
}

static void release_open(struct vdxg_object *obj)
{
	struct vdxg_adapter_open *open = container_of(obj, struct vdxg_adapter_open, obj);

	vdxg_adapter_put(open->adapter);
	kfree(open);
}

static const struct vdxg_class adapter_open_class = {
	.name = "adapter",
	.release = release_open,
};

/**
 * vdxg_adapter_open_get - look an adapter handle up
 * @process: the process
 * @handle: the handle, not trusted
 *
 * Context: takes the process's lock; sleeps.
 * Return: the open, referenced, or NULL.
 */
struct vdxg_adapter_open *vdxg_adapter_open_get(struct vdxg_process *process,
						struct d3dkmthandle handle)
{
	struct vdxg_object *obj = vdxg_handle_get(&process->handles, handle.v,
						  &adapter_open_class);

	return obj ? container_of(obj, struct vdxg_adapter_open, obj) : NULL;
}

/* An open of an adapter, not published; takes over the caller's reference on the adapter. */
static struct vdxg_adapter_open *new_open(struct vdxg_adapter *adapter)
{
	struct vdxg_adapter_open *open = kzalloc(sizeof(*open), VDXG_GFP);

	if (!open) {
		vdxg_adapter_put(adapter);
		return NULL;
	}
	vdxg_object_init(&open->obj, &adapter_open_class);
	open->adapter = adapter;
	return open;
}

static int reserve_opens(struct vdxg_process *process, struct list_head *opens)
{
	struct vdxg_adapter_open *open;
	int status = STATUS_SUCCESS;

	vdxg_process_lock(process);
	list_for_each_entry(open, opens, link) {
		status = vdxg_handle_reserve(&process->handles, &open->obj);
		if (status)
			break;
	}
	vdxg_process_unlock(process);
	return status;
}

static void publish_opens(struct vdxg_process *process, struct list_head *opens)
{
	struct vdxg_adapter_open *open;

	vdxg_process_lock(process);
	list_for_each_entry(open, opens, link)
		vdxg_handle_publish(&process->handles, &open->obj);
	list_splice_tail(opens, &process->adapters);
	vdxg_process_unlock(process);
}

static void undo_opens(struct vdxg_process *process, struct list_head *opens)
{
	struct vdxg_adapter_open *open, *next;

	vdxg_process_lock(process);
	list_for_each_entry(open, opens, link)
		if (open->obj.handle)
			vdxg_handle_abandon(&process->handles, &open->obj);
	vdxg_process_unlock(process);
	list_for_each_entry_safe(open, next, opens, link)
		vdxg_object_put(&open->obj);
}

/* Opens of all adapters there are. */
static int open_all(struct list_head *opens, u32 *count)
{
	struct vdxg_adapter_open *open = NULL;
	struct vdxg_adapter *adapter;
	int status = STATUS_SUCCESS;

	*count = 0;
	mutex_lock(&adapters_lock);
	list_for_each_entry(adapter, &adapters, link) {
		vdxg_adapter_get(adapter);
		open = new_open(adapter);
		if (!open) {
			status = STATUS_NO_MEMORY;
			break;
		}
		list_add_tail(&open->link, opens);
		++*count;
	}
	mutex_unlock(&adapters_lock);
	return status;
}

static int write_infos(struct list_head *opens, struct d3dkmt_adapterinfo __user *user)
{
	struct vdxg_adapter_open *open;

	list_for_each_entry(open, opens, link) {
		struct d3dkmt_adapterinfo info = {
			.adapter_handle.v = open->obj.handle,
			.adapter_luid = open->adapter->luid,
		};

		if (copy_to_user(user++, &info, sizeof(info)))
			return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapters",
					   (uintptr_t)(user - 1), "cannot be written");
	}
	return STATUS_SUCCESS;
}

/* Both enumerations: @count is the room in the array and becomes the number of adapters. */
static int enumerate(struct vdxg_call *call, u64 array, u32 *count)
{
	u32 room = *count, found;
	LIST_HEAD(opens);
	int status;

	if (!array) {
		*count = MAX_ADAPTERS;
		return STATUS_SUCCESS;
	}
	status = open_all(&opens, &found);
	if (!status && found > room)
		status = vdxg_refuse(STATUS_BUFFER_TOO_SMALL, "num_adapters", room,
				     "there are more");
	if (!status)
		status = reserve_opens(call->process, &opens);
	if (!status)
		status = write_infos(&opens, u64_to_user_ptr(array));
	if (!status) {
		*count = found;
		status = vdxg_call_reply(call);
	}
	if (status)
		undo_opens(call->process, &opens);
	else
		publish_opens(call->process, &opens);
	return status;
}

/**
 * vdxg_enum_adapters2 - D3DKMTEnumAdapters2
 * @call: the call; struct d3dkmt_enumadapters2
 *
 * Every adapter it returns is open and wants to be closed. Without an array, @num_adapters becomes the most
 * there can be.
 *
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL; STATUS_INVALID_PARAMETER for an array that cannot be
 * written; STATUS_NO_MEMORY. (d3dkmthk, D3DKMTEnumAdapters2)
 */
int vdxg_enum_adapters2(struct vdxg_call *call)
{
	struct d3dkmt_enumadapters2 *args = call->args;

	return enumerate(call, args->adapters, &args->num_adapters);
}

/**
 * vdxg_enum_adapters3 - D3DKMTEnumAdapters3
 * @call: the call; struct d3dkmt_enumadapters3
 *
 * As EnumAdapters2. All our adapters render, so that no filter takes any away.
 *
 * Return: as vdxg_enum_adapters2(); STATUS_INVALID_PARAMETER also for an unknown filter bit. (d3dkmthk,
 * D3DKMTEnumAdapters3)
 */
int vdxg_enum_adapters3(struct vdxg_call *call)
{
	struct d3dkmt_enumadapters3 *args = call->args;

	if (args->filter & ~(D3DKMT_ENUMADAPTERS_INCLUDE_COMPUTE_ONLY |
			     D3DKMT_ENUMADAPTERS_INCLUDE_DISPLAY_ONLY))
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "filter", args->filter,
				   "undefined bits");
	return enumerate(call, args->adapters, &args->adapter_count);
}

/**
 * vdxg_adapter_find - the adapter with a LUID
 * @luid: the LUID
 *
 * Return: the adapter with a reference, or NULL.
 */
struct vdxg_adapter *vdxg_adapter_find(struct winluid luid)
{
	struct vdxg_adapter *adapter;

	mutex_lock(&adapters_lock);
	list_for_each_entry(adapter, &adapters, link) {
		if (adapter->luid.a == luid.a && adapter->luid.b == luid.b) {
			vdxg_adapter_get(adapter);
			mutex_unlock(&adapters_lock);
			return adapter;
		}
	}
	mutex_unlock(&adapters_lock);
	return NULL;
}

/**
 * vdxg_open_adapter_from_luid - D3DKMTOpenAdapterFromLuid
 * @call: the call; struct d3dkmt_openadapterfromluid
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a LUID that no adapter has; STATUS_NO_MEMORY.
 * (d3dkmthk, D3DKMTOpenAdapterFromLuid)
 */
int vdxg_open_adapter_from_luid(struct vdxg_call *call)
{
	struct d3dkmt_openadapterfromluid *args = call->args;
	struct vdxg_adapter *adapter = vdxg_adapter_find(args->adapter_luid);
	struct vdxg_adapter_open *open;
	LIST_HEAD(opens);
	int status;

	if (!adapter)
		return vdxg_refuse(STATUS_INVALID_PARAMETER, "adapter_luid", args->adapter_luid.a,
				   "no adapter has this LUID");
	open = new_open(adapter);
	if (!open)
		return STATUS_NO_MEMORY;
	list_add(&open->link, &opens);
	status = reserve_opens(call->process, &opens);
	if (!status) {
		args->adapter_handle.v = open->obj.handle;
		status = vdxg_call_reply(call);
	}
	if (status)
		undo_opens(call->process, &opens);
	else
		publish_opens(call->process, &opens);
	return status;
}

/**
 * vdxg_close_adapter - D3DKMTCloseAdapter
 * @call: the call; struct d3dkmt_closeadapter
 *
 * Devices created through the handle go on.
 *
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a bad handle. (d3dkmthk, D3DKMTCloseAdapter)
 */
int vdxg_close_adapter(struct vdxg_call *call)
{
	struct d3dkmt_closeadapter *args = call->args;
	struct vdxg_process *process = call->process;
	struct vdxg_object *obj;

	vdxg_process_lock(process);
	obj = vdxg_handle_peek(&process->handles, args->adapter_handle.v, &adapter_open_class);
	if (obj) {
		list_del(&container_of(obj, struct vdxg_adapter_open, obj)->link);
		vdxg_handle_unpublish(&process->handles, obj);
	}
	vdxg_process_unlock(process);
	if (!obj)
		return STATUS_INVALID_PARAMETER;
	vdxg_object_put(obj);
	return STATUS_SUCCESS;
}
