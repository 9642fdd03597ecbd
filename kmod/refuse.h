/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * refuse.h: why a call is refused
 *
 * Whoever refuses a call says what it was that is wrong, as well as the status:
 *
 *	if (args->flags & ~D3DDDI_EVICT_ALL)
 *		return vdxg_refuse(STATUS_INVALID_PARAMETER, "flags", args->flags, "undefined bits");
 *
 * It is an event for whoever traces vdxg_refused ("vdxg trace" does), and nothing otherwise: nothing is ever
 * logged for a program's mistakes, and a call that succeeds pays nothing.
 */
#ifndef VDXG_REFUSE_H
#define VDXG_REFUSE_H

#include <linux/compiler.h>
#include <linux/types.h>

int __cold vdxg_refuse(int status, const char *field, u64 value, const char *why);

#endif
