#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stubs.sh LIBRARY: C for libdxcore.so, from what libd3dkmt.so exports
#
# Programs for WSL look for the D3DKMT functions in libdxcore.so. Ours is a filter (-F) on
# libd3dkmt.so: it has all its D3DKMT names, so that programs can be linked with it, and the
# dynamic linker takes the functions from the other library, so that a program with both has
# one state. The bodies below run only with a dynamic linker that knows no filters.

set -e
echo "/* made by lib/dxcore/stubs.sh */"
nm -D --defined-only "$1" | sed -n 's/.* T \(D3DKMT[A-Za-z0-9]*\)$/\1/p' | while read -r name; do
	echo "int $name(void);"
	echo "int $name(void)"
	echo "{"
	echo "	return (int)0xc00000bb; /* STATUS_NOT_SUPPORTED */"
	echo "}"
done
