/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user.h: the caller's memory, where it is read and written often
 *
 * The plain functions are right everywhere else. For small structures most of what they do is to find out, on
 * each call, what is known here: how large the kernel's side is.
 */
#ifndef VDXG_USER_H
#define VDXG_USER_H

#include <linux/fault-inject-usercopy.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/* Up to so many bytes are copied word by word; beyond, what the kernel's functions do first is worth it. */
#define VDXG_COPY_WORDS_MAX	128U

/**
 * vdxg_copy_in - copy_from_user() for a size that only the caller knows to be right
 * @to: an object of at least @n bytes, aligned to 8; hardened usercopy does not look it up
 * @from: the caller's memory, not trusted
 * @n: bytes
 *
 * Context: may sleep.
 * Return: 0, or the number of bytes that could not be read.
 */
static inline unsigned long vdxg_copy_in(void *to, const void __user *from, unsigned long n)
{
	const u64 __user *words = from;
	unsigned long i;
	u64 *out = to;

	if (n % sizeof(u64) || n > VDXG_COPY_WORDS_MAX)
		return _copy_from_user(to, from, n);
	if (should_fail_usercopy() || !user_read_access_begin(from, n))
		return n;
#pragma GCC unroll 4
	for (i = 0; i < n / sizeof(u64); i++)
		unsafe_get_user(out[i], &words[i], fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return n;
}

/**
 * vdxg_copy_out - the opposite of vdxg_copy_in()
 * @to: the caller's memory, not trusted
 * @from: an object of at least @n bytes, aligned to 8
 * @n: bytes
 *
 * Context: may sleep.
 * Return: 0, or the number of bytes that could not be written.
 */
static inline unsigned long vdxg_copy_out(void __user *to, const void *from, unsigned long n)
{
	const u64 *words = from;
	u64 __user *out = to;
	unsigned long i;

	if (n % sizeof(u64) || n > VDXG_COPY_WORDS_MAX)
		return _copy_to_user(to, from, n);
	if (should_fail_usercopy() || !user_write_access_begin(to, n))
		return n;
#pragma GCC unroll 4
	for (i = 0; i < n / sizeof(u64); i++)
		unsafe_put_user(words[i], &out[i], fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return n;
}

/**
 * vdxg_read_words - read a small structure word by word, without a call
 * @to: the structure
 * @from: the caller's, not trusted
 * @n: its length in words, a constant
 *
 * Context: may sleep.
 * Return: false on a page fault.
 */
static __always_inline bool vdxg_read_words(u64 *to, const u64 __user *from, unsigned int n)
{
	unsigned int i;

	if (!user_read_access_begin(from, n * sizeof(*from)))
		return false;
#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		unsafe_get_user(to[i], &from[i], fault);
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/* The same for a structure by its type, whose size is a multiple of 8. */
#define vdxg_read_struct(to, from) ({ \
	BUILD_BUG_ON(sizeof(*(to)) % sizeof(u64) || sizeof(*(to)) > 16 * sizeof(u64)); \
	vdxg_read_words((u64 *)(to), (const u64 __user *)(from), sizeof(*(to)) / sizeof(u64)); \
})

#endif
