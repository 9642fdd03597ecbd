/* SPDX-License-Identifier: MIT */
/*
 * nt_handle.h: object attributes as the kernel reads them
 */
#ifndef VDXG_LIB_NT_HANDLE_H
#define VDXG_LIB_NT_HANDLE_H

#include "device.h"

/* The kernel takes 1,024; more, so that it sees that a name is longer. */
#define VDXG_NAME_MAX	1026

/**
 * struct vdxg_attributes - object attributes in the kernel's layout
 * @attr: the attributes
 * @string: their name
 * @name: its characters
 */
struct vdxg_attributes {
	struct vdxg_object_attributes attr;
	struct vdxg_unicode_string string;
	uint16_t name[VDXG_NAME_MAX];
};

/* Returns what to hand to the kernel: an address in @to, or 0 for NULL. */
uint64_t vdxg_attributes_to_abi(const OBJECT_ATTRIBUTES *from,
				struct vdxg_attributes *to);

#endif
