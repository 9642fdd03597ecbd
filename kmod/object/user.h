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

/* Words, a constant, without a call; between user_read_access_begin() and its end. False on a page fault. */
static __always_inline bool vdxg_get_words(u64 *to, const u64 __user *from, unsigned int n)
{
	unsigned int i;

#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		unsafe_get_user(to[i], &from[i], fault);
	return true;
fault:
	return false;
}

/* The opposite. */
static __always_inline bool vdxg_put_words(u64 __user *to, const u64 *from, unsigned int n)
{
	unsigned int i;

#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		unsafe_put_user(from[i], &to[i], fault);
	return true;
fault:
	return false;
}

/* So many words, if @count has that bit; moves on. */
static __always_inline bool vdxg_get_piece(u64 **to, const u64 __user **from, unsigned long count,
					   unsigned int n)
{
	const u64 __user *source = *from;
	u64 *target = *to;

	if (!(count & n))
		return true;
	/* The compiler would add all there is to know of them to each word's address. */
	OPTIMIZER_HIDE_VAR(source);
	OPTIMIZER_HIDE_VAR(target);
	if (!vdxg_get_words(target, source, n))
		return false;
	*from = source + n;
	*to = target + n;
	return true;
}

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
	unsigned long count = n / sizeof(u64);
	const u64 __user *words = from;
	u64 *out = to;
	bool good;

	if (n % sizeof(u64) || n > VDXG_COPY_WORDS_MAX)
		return _copy_from_user(to, from, n);
	if (should_fail_usercopy() || !user_read_access_begin(from, n))
		return n;
	/* By the bits of the number, so that nothing is counted. */
	good = vdxg_get_piece(&out, &words, count, 1) && vdxg_get_piece(&out, &words, count, 2) &&
	       vdxg_get_piece(&out, &words, count, 4) && vdxg_get_piece(&out, &words, count, 8) &&
	       vdxg_get_piece(&out, &words, count, 16);
	user_read_access_end();
	return good ? 0 : n;
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
	unsigned long count = n / sizeof(u64);
	u64 __user *words = to;
	const u64 *in = from;
	bool good;

	if (n % sizeof(u64) || n > VDXG_COPY_WORDS_MAX)
		return _copy_to_user(to, from, n);
	if (should_fail_usercopy() || !user_write_access_begin(to, n))
		return n;
	good = (!(count & 1) || vdxg_put_words(words, in, 1)) &&
	       (!(count & 2) || vdxg_put_words(words + (count & 1), in + (count & 1), 2)) &&
	       (!(count & 4) || vdxg_put_words(words + (count & 3), in + (count & 3), 4)) &&
	       (!(count & 8) || vdxg_put_words(words + (count & 7), in + (count & 7), 8)) &&
	       (!(count & 16) || vdxg_put_words(words, in, 16));
	user_write_access_end();
	return good ? 0 : n;
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
	bool good;

	if (!user_read_access_begin(from, n * sizeof(*from)))
		return false;
	good = vdxg_get_words(to, from, n);
	user_read_access_end();
	return good;
}

/* The same for a structure by its type, whose size is a multiple of 8. */
#define vdxg_read_struct(to, from) ({ \
	BUILD_BUG_ON(sizeof(*(to)) % sizeof(u64) || sizeof(*(to)) > 16 * sizeof(u64)); \
	vdxg_read_words((u64 *)(to), (const u64 __user *)(from), sizeof(*(to)) / sizeof(u64)); \
})

#endif
