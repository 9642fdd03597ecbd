/* SPDX-License-Identifier: MIT */
/*
 * The Windows types D3DKMT is written in, for a system that has none.
 *
 * Included by d3dkmthk.h.  Where DirectX-Headers' <wsl/winadapter.h> has been
 * included before, or VDXG_USE_WINADAPTER asks for it, its types are used and
 * only what it lacks is defined here.  WCHAR is wchar_t, as there.
 */
#ifndef _D3DKMT_TYPES_H_
#define _D3DKMT_TYPES_H_

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#ifdef VDXG_USE_WINADAPTER
#include <wsl/winadapter.h>
#endif

/* DECLARE_HANDLE: the mark of winadapter.h, and of Windows' own headers */
#ifndef DECLARE_HANDLE

typedef uint8_t UINT8, UCHAR, BYTE;
typedef uint16_t UINT16, USHORT, WORD;
typedef uint32_t UINT32, UINT, ULONG, DWORD, BOOL;
typedef int32_t INT32, INT, LONG;
typedef uint64_t UINT64, ULONGLONG, ULONG64;
typedef int64_t INT64, LONGLONG, LONG64;
typedef char BOOLEAN, CHAR;
typedef wchar_t WCHAR;
typedef size_t SIZE_T;
typedef float FLOAT;
typedef void VOID, *PVOID, *HANDLE;

#ifndef TRUE
#define TRUE	1
#define FALSE	0
#endif
#ifndef CONST
#define CONST	const
#endif
#ifndef APIENTRY
#define APIENTRY
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

typedef struct _LUID {
	ULONG LowPart;
	LONG HighPart;
} LUID;

typedef union _LARGE_INTEGER {
	struct {
		uint32_t LowPart;
		uint32_t HighPart;
	} u;
	int64_t QuadPart;
} LARGE_INTEGER;

typedef struct _GUID {
	uint32_t Data1;
	uint16_t Data2;
	uint16_t Data3;
	uint8_t Data4[8];
} GUID;

#endif /* DECLARE_HANDLE */

#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif

typedef int32_t NTSTATUS;

#ifndef NT_SUCCESS
#define NT_SUCCESS(status)	((NTSTATUS)(status) >= 0)
#endif

typedef struct _OBJECT_ATTRIBUTES OBJECT_ATTRIBUTES;
typedef OBJECT_ATTRIBUTES *POBJECT_ATTRIBUTES;

/* 64-bit members are 8-byte aligned on every machine, as on Windows. */
#ifndef D3DKMT_ALIGN64
#define D3DKMT_ALIGN64	__attribute__((aligned(8)))
#endif

typedef UINT D3DKMT_HANDLE;
typedef uint64_t D3DGPU_VIRTUAL_ADDRESS;
typedef uint64_t D3DGPU_SIZE_T;
typedef UINT D3DDDI_VIDEO_PRESENT_SOURCE_ID;
typedef UINT D3DDDI_VIDEO_PRESENT_TARGET_ID;

#endif /* _D3DKMT_TYPES_H_ */
