/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user.h: the caller's memory, where it is read and written often
 *
 * The plain functions are right everywhere else. For small structures most of what they do is to find out, on
 * each call, what is known here: how large the kernel's side is.
 */
#ifndef VDXG_USER_H
#define VDXG_USER_H

#include <linux/types.h>
#include <linux/uaccess.h>

/**
 * vdxg_copy_in - copy_from_user() for a size that only the caller knows to be right
 * @to: an object of at least @n bytes; hardened usercopy does not look it up
 * @from: the caller's memory, not trusted
 * @n: bytes
 *
 * Context: may sleep.
 * Return: 0, or the number of bytes that could not be read.
 */
static inline unsigned long vdxg_copy_in(void *to, const void __user *from, unsigned long n)
{
	return _copy_from_user(to, from, n);
}

/**
 * vdxg_copy_out - the opposite of vdxg_copy_in()
 * @to: the caller's memory, not trusted
 * @from: an object of at least @n bytes
 * @n: bytes
 *
 * Context: may sleep.
 * Return: 0, or the number of bytes that could not be written.
 */
static inline unsigned long vdxg_copy_out(void __user *to, const void *from, unsigned long n)
{
	return _copy_to_user(to, from, n);
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
