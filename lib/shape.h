/* SPDX-License-Identifier: MIT */
/*
 * shape.h: from a structure as a program has it to the one the kernel has
 *
 * Both have the same members in the same order.  They differ in two things: a
 * pointer of a 32-bit program takes 4 bytes there and 8 here, and a character
 * is a wchar_t there and UTF-16 here.  A shape says what follows what, one
 * letter a member, each followed by how many there are if that is not one:
 *
 *	b	byte
 *	u	32-bit word or handle
 *	h	handle that has 64 bits to itself
 *	q	64-bit word
 *	p	pointer, or a HANDLE
 *	w	array of characters
 *
 * D3DKMT_EVICT {hDevice, NumAllocations, AllocationList, Flags,
 * NumBytesToTrim} is "uupuq".  Padding is not written down: it follows from
 * the alignment.
 */
#ifndef VDXG_LIB_SHAPE_H
#define VDXG_LIB_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Do the pointers in a structure of this shape have another size here? */
static inline bool vdxg_shape_differs(const char *shape)
{
	return sizeof(void *) != 8 && strpbrk(shape, "ph");
}

/* Copy @native into the zeroed @abi. */
void vdxg_shape_to_abi(const char *shape, const void *native, void *abi);

/*
 * Copy what the kernel changed in @abi back into @native.  Members that are as
 * they were are not written: the structure may be a constant.
 */
void vdxg_shape_from_abi(const char *shape, const void *abi, void *native);

#endif
