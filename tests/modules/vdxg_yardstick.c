// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel itself needs for something, for benchmarks to measure against.
 *
 * Writing a job to /sys/kernel/debug/vdxg_yardstick does it once; reading tells what it took, in
 * ticks of the time stamp counter, without the system call around it:
 *
 *	copy BYTES		the kernel's memcpy() of so much, up to 16 MiB
 *	clear BYTES		its memset() to 0
 *
 * In a machine that counts instructions (tests/bench/run) a tick is an instruction.
 */

#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define MAX_BYTES (16UL << 20)

static struct dentry *node;
static DEFINE_MUTEX(lock);
static u64 ticks;

static void copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}

static void clear(void *to, const void *from, size_t bytes)
{
	memset(to, 0, bytes);
}

static const struct {
	const char *word;
	void (*work)(void *to, const void *from, size_t bytes);
} jobs[] = {
	{ "copy", copy },
	{ "clear", clear },
};

static int measure(void (*work)(void *to, const void *from, size_t bytes), size_t bytes)
{
	void *to = vzalloc(bytes), *from = vzalloc(bytes);
	int err = -ENOMEM;
	u64 start;

	if (to && from) {
		/* once before: page tables and caches are warm then */
		work(to, from, bytes);
		start = get_cycles();
		work(to, from, bytes);
		ticks = get_cycles() - start;
		err = 0;
	}
	vfree(from);
	vfree(to);
	return err;
}

static ssize_t yardstick_write(struct file *file, const char __user *user, size_t count,
			       loff_t *pos)
{
	unsigned long bytes;
	char line[32];
	char *word, *number;
	int err = -EINVAL;
	size_t i;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, user, count))
		return -EFAULT;
	line[count] = '\0';
	number = strim(line);
	word = strsep(&number, " ");
	if (!number || kstrtoul(number, 10, &bytes) || !bytes || bytes > MAX_BYTES)
		return -EINVAL;
	mutex_lock(&lock);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		if (!strcmp(word, jobs[i].word))
			err = measure(jobs[i].work, bytes);
	mutex_unlock(&lock);
	return err ?: count;
}

static ssize_t yardstick_read(struct file *file, char __user *user, size_t count, loff_t *pos)
{
	char line[32];
	int length;

	mutex_lock(&lock);
	length = scnprintf(line, sizeof(line), "%llu\n", ticks);
	mutex_unlock(&lock);
	return simple_read_from_buffer(user, count, pos, line, length);
}

static const struct file_operations yardstick_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = yardstick_read,
	.write = yardstick_write,
};

static int __init yardstick_init(void)
{
	node = debugfs_create_file("vdxg_yardstick", 0600, NULL, NULL, &yardstick_fops);
	return PTR_ERR_OR_ZERO(node);
}

static void __exit yardstick_exit(void)
{
	debugfs_remove(node);
}

module_init(yardstick_init);
module_exit(yardstick_exit);
MODULE_DESCRIPTION("What the kernel itself needs, for vdxg's benchmarks");
MODULE_LICENSE("GPL");
