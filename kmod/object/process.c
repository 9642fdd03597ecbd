// SPDX-License-Identifier: GPL-2.0-only
/*
 * process.c: clients of the driver (see process.h)
 */
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/threads.h>

#include "../gfp.h"
#include "../refuse.h"
#include "adapter.h"
#include "client.h"
#include "device.h"
#include "keyed_mutex.h"
#include "process.h"
#include "sync.h"

/* The processes that have the device open and are not being torn down. */
static LIST_HEAD(processes);
static DEFINE_MUTEX(processes_lock);
static struct workqueue_struct *teardown_queue;

static void free_process(struct kref *ref)
{
	struct vdxg_process *process = container_of(ref, struct vdxg_process, ref);

	vdxg_clients_leave(process);
	vidmm_cpuspace_fini(&process->space);
	vdxg_handles_fini(&process->handles);
	put_pid(process->pid);
	if (process->mm)
		mmdrop(process->mm);
	kfree(process);
}

void vdxg_process_get(struct vdxg_process *process)
{
	kref_get(&process->ref);
}

void vdxg_process_put(struct vdxg_process *process)
{
	kref_put(&process->ref, free_process);
}

/**
 * vdxg_process_destroy_objects - destroy everything a process has
 * @process: a process that makes no calls any more
 *
 * Context: sleeps.
 */
void vdxg_process_destroy_objects(struct vdxg_process *process)
{
	struct vdxg_sync_open *sync, *next;
	struct vdxg_adapter_open *open;
	struct vdxg_device *device;
	LIST_HEAD(doomed_mutexes);
	LIST_HEAD(doomed);

	for (;;) {
		vdxg_process_lock(process);
		device = list_first_entry_or_null(&process->devices, struct vdxg_device, link);
		if (!device)
			break;
		vdxg_device_unpublish(process, device);
		vdxg_process_unlock(process);
		vdxg_device_close(device, process->killed);
	}
	while ((open = list_first_entry_or_null(&process->adapters, struct vdxg_adapter_open,
						link))) {
		list_del(&open->link);
		vdxg_handle_unpublish(&process->handles, &open->obj);
		vdxg_object_put(&open->obj);
	}
	list_for_each_entry_safe(sync, next, &process->syncs, link)
		vdxg_sync_unpublish(process, sync, &doomed);
	vdxg_keyed_mutexes_unpublish(process, &doomed_mutexes);
	vdxg_process_unlock(process);
	vdxg_syncs_close(&doomed);
	vdxg_keyed_mutexes_close(&doomed_mutexes);
}

static void teardown(struct work_struct *work)
{
	struct vdxg_process *process = container_of(work, struct vdxg_process, teardown);

	mutex_lock(&processes_lock);
	list_del_init(&process->link);
	mutex_unlock(&processes_lock);
	/* After this no notifier callback runs or will run. */
	mmu_notifier_unregister(&process->notifier, process->mm);
	vdxg_process_destroy_objects(process);
	vdxg_process_put(process);
}

static void start_teardown(struct vdxg_process *process)
{
	if (!test_and_set_bit(0, &process->dying))
		queue_work(teardown_queue, &process->teardown);
}

/* Did a signal end it? Its address space may live a little longer than the process is known. */
static bool was_killed(const struct vdxg_process *process)
{
	struct task_struct *task;
	bool killed;

	rcu_read_lock();
	task = pid_task(process->pid, PIDTYPE_TGID);
	killed = task && READ_ONCE(task->signal->group_exit_code) & 0x7f;
	rcu_read_unlock();
	return killed;
}

static void mm_released(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct vdxg_process *process = container_of(notifier, struct vdxg_process, notifier);

	if (was_killed(process))
		process->killed = true;
	start_teardown(process);
}

static const struct mmu_notifier_ops notifier_ops = {
	.release = mm_released,
};

/**
 * vdxg_process_create - make a process that belongs to no task yet
 *
 * What KUnit tests use as it is; vdxg_process_open() gives it a task.
 *
 * Context: sleeps.
 * Return: the process with one reference, or NULL.
 */
struct vdxg_process *vdxg_process_create(void)
{
	static atomic64_t last_id;
	struct vdxg_process *process = kzalloc(sizeof(*process), VDXG_GFP);

	if (!process)
		return NULL;
	process->id = atomic64_inc_return(&last_id);
	kref_init(&process->ref);
	INIT_LIST_HEAD(&process->link);
	INIT_LIST_HEAD(&process->adapters);
	INIT_LIST_HEAD(&process->devices);
	INIT_LIST_HEAD(&process->syncs);
	INIT_LIST_HEAD(&process->keyed_mutexes);
	INIT_LIST_HEAD(&process->clients);
	INIT_WORK(&process->teardown, teardown);
	vdxg_handles_init(&process->handles);
	vidmm_cpuspace_init(&process->space);
	return process;
}

static struct vdxg_process *find_current(void)
{
	struct vdxg_process *process;

	list_for_each_entry(process, &processes, link)
		if (vdxg_process_is_current(process) && !test_bit(0, &process->dying))
			return process;
	return NULL;
}

/*
 * The caller's process, which nobody knows yet. Takes mmap_lock, which a caller can let somebody hold for as long as
 * he likes: so nobody else may have to wait for what is locked here.
 */
static struct vdxg_process *create_current(void)
{
	struct vdxg_process *process = vdxg_process_create();
	int err;

	if (!process)
		return ERR_PTR(-ENOMEM);
	process->pid = get_pid(task_tgid(current));
	process->mm = current->mm;
	mmgrab(process->mm);
	process->notifier.ops = &notifier_ops;
	err = mmu_notifier_register(&process->notifier, process->mm);
	if (!err)
		return process;
	vdxg_process_put(process);
	/* A signal is no reason to fail: open again when it has been dealt with. */
	return ERR_PTR(err == -EINTR ? -ERESTARTNOINTR : err);
}

/* Another thread was faster: take back what create_current() made. */
static void drop_current(struct vdxg_process *process)
{
	/* There is nothing to tear down. */
	set_bit(0, &process->dying);
	mmu_notifier_unregister(&process->notifier, process->mm);
	vdxg_process_put(process);
}

/* One more open of the caller's process: the one that is known, else @mine, if there is one. */
static struct vdxg_process *open_current(struct vdxg_process *mine)
{
	struct vdxg_process *process;

	mutex_lock(&processes_lock);
	process = find_current();
	if (!process && mine) {
		process = mine;
		list_add(&process->link, &processes);
	}
	if (process) {
		process->opens++;
		vdxg_process_get(process);
	}
	mutex_unlock(&processes_lock);
	return process;
}

/**
 * vdxg_process_open - the caller opens the device node
 *
 * Context: takes mmap_lock; sleeps.
 * Return: the caller's process with one more open, or an error pointer.
 */
struct vdxg_process *vdxg_process_open(void)
{
	struct vdxg_process *process, *mine;

	if (!current->mm)
		return ERR_PTR(-EINVAL);
	process = open_current(NULL);
	if (process)
		return process;
	mine = create_current();
	if (IS_ERR(mine))
		return mine;
	process = open_current(mine);
	if (process != mine)
		drop_current(mine);
	return process;
}

/* Whether the caller may ask about a task. */
static bool may_ask(struct task_struct *task)
{
	const struct cred *cred = get_task_cred(task);
	bool may = uid_eq(current_euid(), cred->uid) || ns_capable(cred->user_ns, CAP_SYS_PTRACE);

	put_cred(cred);
	return may;
}

static struct vdxg_process *find_by_pid(struct pid *pid)
{
	struct vdxg_process *process;

	mutex_lock(&processes_lock);
	list_for_each_entry(process, &processes, link) {
		if (process->pid == pid && !test_bit(0, &process->dying)) {
			vdxg_process_get(process);
			mutex_unlock(&processes_lock);
			return process;
		}
	}
	mutex_unlock(&processes_lock);
	return NULL;
}

/**
 * vdxg_process_of - the process that a call names with hProcess
 * @caller: the caller
 * @handle: 0 or ~0, of 32 bits or 64, is the caller, else a process id in the caller's namespace
 * @process: the process, referenced, or NULL if it is no client of the driver
 *
 * Context: sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_HANDLE if there is no such process; STATUS_ACCESS_DENIED if it is
 * another user's.
 */
int vdxg_process_of(struct vdxg_process *caller, u64 handle, struct vdxg_process **process)
{
	struct task_struct *task;
	struct pid *pid;
	int status;

	*process = NULL;
	if (!handle || handle == U64_MAX || handle == U32_MAX) {
		vdxg_process_get(caller);
		*process = caller;
		return STATUS_SUCCESS;
	}
	pid = handle <= PID_MAX_LIMIT ? find_get_pid(handle) : NULL;
	if (!pid)
		return vdxg_refuse(STATUS_INVALID_HANDLE, "process", handle, "there is none");
	status = STATUS_INVALID_HANDLE;
	task = get_pid_task(pid, PIDTYPE_TGID);
	if (task) {
		status = may_ask(task) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
		put_task_struct(task);
	}
	if (status)
		vdxg_refuse(status, "process", handle, "is gone, or another user's");
	else
		*process = find_by_pid(pid);
	put_pid(pid);
	return status;
}

static bool uses(struct vdxg_process *process, struct vdxg_adapter *adapter)
{
	struct vdxg_adapter_open *open;
	struct vdxg_device *device;
	bool found = false;

	vdxg_process_lock(process);
	list_for_each_entry(open, &process->adapters, link)
		found |= open->adapter == adapter;
	list_for_each_entry(device, &process->devices, link)
		found |= device->adapter == adapter;
	vdxg_process_unlock(process);
	return found;
}

/* Of those that are known, the one with the least id above @id, referenced; or NULL. */
static struct vdxg_process *next_process(u64 id)
{
	struct vdxg_process *process, *next = NULL;

	mutex_lock(&processes_lock);
	list_for_each_entry(process, &processes, link)
		if (process->id > id && (!next || process->id < next->id))
			next = process;
	if (next)
		vdxg_process_get(next);
	mutex_unlock(&processes_lock);
	return next;
}

/**
 * vdxg_process_list - the processes that use an adapter
 * @adapter: the adapter
 * @pids: their ids in the caller's pid namespace, as far as there is room; those without are left out
 * @room: entries of @pids
 *
 * Nobody waits for the list while one of the processes is waited for.
 *
 * Context: takes the lock of the list and of each process, one after the other; sleeps.
 * Return: how many there are.
 */
u32 vdxg_process_list(struct vdxg_adapter *adapter, u32 *pids, u32 room)
{
	struct vdxg_process *process;
	u32 count = 0;
	u64 id = 0;
	pid_t pid;

	while ((process = next_process(id))) {
		id = process->id;
		pid = pid_vnr(process->pid);
		if (pid && !test_bit(0, &process->dying) && uses(process, adapter)) {
			if (count < room)
				pids[count] = pid;
			count++;
		}
		vdxg_process_put(process);
	}
	return count;
}

/**
 * vdxg_process_close - a file that the process opened is gone
 * @process: from vdxg_process_open()
 *
 * Context: any task, whose it was or not; sleeps.
 */
void vdxg_process_close(struct vdxg_process *process)
{
	mutex_lock(&processes_lock);
	if (!--process->opens)
		start_teardown(process);
	mutex_unlock(&processes_lock);
	vdxg_process_put(process);
}

/**
 * vdxg_process_init - get ready for processes
 *
 * Return: 0 or -ENOMEM.
 */
int vdxg_process_init(void)
{
	teardown_queue = alloc_workqueue("vdxg-teardown", WQ_UNBOUND, 0);
	return teardown_queue ? 0 : -ENOMEM;
}

/**
 * vdxg_process_exit - wait for the last teardown; the device node is gone
 */
void vdxg_process_exit(void)
{
	destroy_workqueue(teardown_queue);
}
