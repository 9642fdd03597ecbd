// SPDX-License-Identifier: MIT
/*
 * unsupported.c: the functions that are there so that programs start
 *
 * Windows' gdi32 and WSL's library have them, and nothing here could stand
 * behind them; which and why is in include/d3dkmt_unsupported.h and
 * tests/abi/symbols.txt.  Each answers STATUS_NOT_SUPPORTED, whatever it is
 * given, and looks at nothing.
 */
#include "device.h"

#define D3DKMT_UNSUPPORTED(name, constness, structure) \
	VDXG_PUBLIC NTSTATUS D3DKMT##name(constness structure *args) \
	{ \
		(void)args; \
		return STATUS_NOT_SUPPORTED; \
	}
#define D3DKMT_UNSUPPORTED_PAIR(name, type1, type2) \
	VDXG_PUBLIC NTSTATUS D3DKMT##name(type1 first, type2 second) \
	{ \
		(void)first; \
		(void)second; \
		return STATUS_NOT_SUPPORTED; \
	}
#define D3DKMT_UNDOCUMENTED(name) \
	VDXG_PUBLIC NTSTATUS D3DKMT##name(VOID *args) \
	{ \
		(void)args; \
		return STATUS_NOT_SUPPORTED; \
	}
#include "include/d3dkmt_unsupported.h"
