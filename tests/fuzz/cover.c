// SPDX-License-Identifier: MIT
/*
 * cover.c: which code of the module a program has reached, by kcov (Documentation/dev-tools/kcov of
 * the kernel), where the kernel has it and the module is built for it
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/types.h>

#include "fuzz.h"

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)
#define KCOV_TRACE_PC	0

#define WORDS (16 << 10)

/**
 * struct cover - what one thread records
 * @fd: descriptor of kcov
 * @area: number of addresses, and these
 */
struct cover {
	int fd;
	unsigned long *area;
};

/** cover_open - get ready to record, as root; NULL if there is no such thing */
struct cover *cover_open(void)
{
	struct cover *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (c->fd < 0 || ioctl(c->fd, KCOV_INIT_TRACE, WORDS))
		goto fail;
	c->area = mmap(NULL, WORDS * sizeof(*c->area), PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->area != MAP_FAILED)
		return c;
fail:
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return NULL;
}

/** cover_start - record what the calling thread reaches */
bool cover_start(struct cover *c)
{
	return c && !ioctl(c->fd, KCOV_ENABLE, KCOV_TRACE_PC);
}

/** cover_stop - add what has been reached since the last time, and begin anew */
void cover_stop(struct cover *c)
{
	unsigned long n = __atomic_load_n(&c->area[0], __ATOMIC_RELAXED), i;

	for (i = 1; i <= n && i < WORDS; i++) {
		uint64_t hash = c->area[i] * 0x9e3779b97f4a7c15ULL >> (64 - COVER_BITS);
		uint64_t bit = 1ULL << hash % 64;

		if (shared->cover[hash / 64] & bit)
			continue;
		if (!(__atomic_fetch_or(&shared->cover[hash / 64], bit, __ATOMIC_RELAXED) & bit))
			__atomic_add_fetch(&shared->fresh, 1, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&c->area[0], 0, __ATOMIC_RELAXED);
}
