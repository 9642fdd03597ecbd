// SPDX-License-Identifier: MIT
/*
 * kernel.c: the structures and requests of uapi/ are those of /dev/dxg
 *
 * All of it is asserted when this is compiled: as 64-bit C, 32-bit C and C++.
 * To run it says what was asserted.
 */
#include <stddef.h>
#include <stdio.h>

#include "uapi/d3dkmthk.h"
#include "uapi/vdxg.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#define STRUCT(name, bytes) \
	_Static_assert(sizeof(struct name) == (bytes), \
		       "sizeof(struct " #name ") is not " #bytes);
#define FIELD(name, member, at) \
	_Static_assert(offsetof(struct name, member) == (at), \
		       #member " of struct " #name " is not at " #at);
#define WORD(name, member, bytes) \
	_Static_assert(sizeof(((struct name *)0)->member) == (bytes), \
		       #member " of struct " #name " is not " #bytes " bytes");
#define REQUEST(name, value) \
	_Static_assert((name) == (value), #name " is not " #value);
#include "kernel.inc"
#undef STRUCT
#undef FIELD
#undef WORD
#undef REQUEST

/* What all requests share. */
#define STRUCT(name, bytes)
#define FIELD(name, member, at)
#define WORD(name, member, bytes)
#define REQUEST(name, value) \
	_Static_assert(_IOC_TYPE(name) == 0x47 && \
		       _IOC_DIR(name) == (_IOC_READ | _IOC_WRITE) && \
		       (_IOC_NR(name) <= LX_DX_LAST_NR || \
			_IOC_NR(name) >= VDXG_IOCTL_BASE), \
		       #name " is not of /dev/dxg");
#include "kernel.inc"
#undef STRUCT
#undef FIELD
#undef WORD
#undef REQUEST

static const char * const asserted[] = {
#define STRUCT(name, bytes) "struct " #name ": " #bytes " bytes",
#define FIELD(name, member, at)
#define WORD(name, member, bytes) #name "." #member ": " #bytes " bytes",
#define REQUEST(name, value) #name ": " #value,
#include "kernel.inc"
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
