// SPDX-License-Identifier: MIT
/*
 * windows.c: the structures of the library's header are those of Windows
 *
 * All of it is asserted when this is compiled: as 64-bit C, 32-bit C and C++,
 * and with the types of DirectX-Headers, as C and C++.  To run it says what was
 * asserted.
 */
#include <stddef.h>
#include <stdio.h>

#include <d3dkmthk.h>
#include <vdxg.h>
#include "uapi/d3dkmthk.h"

#if defined(VDXG_USE_WINADAPTER) != defined(DECLARE_HANDLE)
#error "not the types that were asked for"
#endif

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#define NATIVE(wide, narrow)	(sizeof(void *) == 8 ? (wide) : (narrow))

#define STRUCT(name, wide, narrow) \
	_Static_assert(sizeof(name) == NATIVE(wide, narrow), \
		       "sizeof(" #name ") is not " #wide ", " #narrow);
#define FIELD(name, member, wide, narrow) \
	_Static_assert(offsetof(name, member) == NATIVE(wide, narrow), \
		       #member " of " #name " is not at " #wide ", " #narrow);
#include "windows.inc"
#undef STRUCT
#undef FIELD

/* Statistics have neither pointers nor text: they are what the kernel has. */
#define SAME(name, kernel) \
	_Static_assert(sizeof(name) == sizeof(struct kernel), \
		       #name " has not the size of struct " #kernel)
SAME(D3DKMT_QUERYSTATISTICS_RESULT, d3dkmt_querystatistics_result);
SAME(D3DKMT_QUERYSTATISTICS_ADAPTER_INFORMATION, d3dkmt_querystatistics_adapter_information);
SAME(D3DKMT_QUERYSTATISTICS_PHYSICAL_ADAPTER_INFORMATION,
	d3dkmt_querystatistics_physical_adapter_information);
SAME(D3DKMT_QUERYSTATISTICS_NODE_INFORMATION, d3dkmt_querystatistics_node_information);
SAME(D3DKMT_QUERYSTATISTICS_PROCESS_INFORMATION, d3dkmt_querystatistics_process_information);

static const char * const asserted[] = {
#define STRUCT(name, wide, narrow) \
	#name ": " #wide " bytes, with 32-bit pointers " #narrow,
#define FIELD(name, member, wide, narrow)
#include "windows.inc"
};

int main(void)
{
	const unsigned int n = ARRAY_SIZE(asserted);
	unsigned int i;

	printf("TAP version 13\n1..%u\n", n);
	for (i = 0; i < n; i++)
		printf("ok %u - %s\n", i + 1, asserted[i]);
	return 0;
}
