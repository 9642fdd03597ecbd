// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes on purpose, to prove that the debug kernel reports them.
 *
 * Writing a word to /sys/kernel/debug/vdxg_planted makes one mistake:
 *
 *	use-after-free		reads a freed object		(KASAN)
 *	out-of-bounds		writes past an array		(KASAN)
 *	shift			shifts by too much		(UBSAN)
 *	lock-inversion		takes two mutexes both ways	(lockdep)
 *	atomic-sleep		sleeps under a spinlock		(atomic sleep)
 *	leak			loses an object			(kmemleak)
 *	data-race		counts without a lock, if two do it at once	(KCSAN)
 *
 * "make check" runs each and fails unless the console has the report; the last one "make check-long".
 */

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define OBJECT_SIZE 96

static struct dentry *node;
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinlock);

/* READ_ONCE and WRITE_ONCE: the compiler must not see through a mistake and remove it */
static int sink;
static int too_much = 40;

static void use_after_free(void)
{
	char *object = kzalloc(OBJECT_SIZE, GFP_KERNEL);

	if (!object)
		return;
	OPTIMIZER_HIDE_VAR(object);
	kfree(object);
	WRITE_ONCE(sink, READ_ONCE(*object));
}

static void out_of_bounds(void)
{
	char *object = kzalloc(OBJECT_SIZE, GFP_KERNEL);

	if (!object)
		return;
	OPTIMIZER_HIDE_VAR(object);
	WRITE_ONCE(object[OBJECT_SIZE], 1);
	kfree(object);
}

static void shift(void)
{
	WRITE_ONCE(sink, 1 << READ_ONCE(too_much));
}

static void lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void atomic_sleep(void)
{
	spin_lock(&spinlock);
	might_sleep();
	spin_unlock(&spinlock);
}

/* several: a pointer left on a stack would hide a single one */
static void leak(void)
{
	int i;

	for (i = 0; i < 8; i++) {
		char *object = kzalloc(OBJECT_SIZE, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(object);
	}
}

static void count_plainly(void)
{
	static unsigned long count;
	int i;

	for (i = 0; i < 1000000; i++) {
		count++;
		barrier();
	}
}

static const struct {
	const char *word;
	void (*make)(void);
} mistakes[] = {
	{ "use-after-free", use_after_free },
	{ "out-of-bounds", out_of_bounds },
	{ "shift", shift },
	{ "lock-inversion", lock_inversion },
	{ "atomic-sleep", atomic_sleep },
	{ "leak", leak },
	{ "data-race", count_plainly },
};

static ssize_t planted_write(struct file *file, const char __user *user, size_t count,
			     loff_t *pos)
{
	char word[32];
	size_t i;

	if (count >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, user, count))
		return -EFAULT;
	word[count] = '\0';
	strim(word);

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(word, mistakes[i].word)) {
			mistakes[i].make();
			return count;
		}
	}
	return -EINVAL;
}

static const struct file_operations planted_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = planted_write,
};

static int __init planted_init(void)
{
	node = debugfs_create_file("vdxg_planted", 0200, NULL, NULL, &planted_fops);
	return PTR_ERR_OR_ZERO(node);
}

static void __exit planted_exit(void)
{
	debugfs_remove(node);
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("Mistakes on purpose, for vdxg's tests");
MODULE_LICENSE("GPL");
