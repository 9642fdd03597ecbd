#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the module for one kernel and prints the directory of the result.
#
#	tools/kbuild.sh KERNEL [VARIANT]
#
# KERNEL is 6.1 or 6.12 (Debian's, fetched), debug or kcsan (built), or a KDIR. VARIANT:
#
#	module		vdxg.ko in build/RELEASE (the default)
#	kunit		vdxg.ko with the KUnit suites of tests/kunit in build/RELEASE-kunit
#	coverage	vdxg.ko with gcov and the KUnit suites in build/RELEASE-coverage
#	kcov		vdxg.ko that tells a fuzzer what it reaches, in build/RELEASE-kcov
#	tests		the test-only modules of tests/modules in build/RELEASE-tests
#	sparse		like module, checked by sparse, in build/RELEASE
#
# Several kernels stand side by side: each directory mirrors the sources by symbolic
# links. Any warning fails the build. With ccache, a second clone compiles only what differs.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
top=$(dirname "$here")

kernel=${1:?usage: kbuild.sh KERNEL [VARIANT]}
variant=${2:-module}

case $kernel in
6.*) kdir=$("$here/kernel/stock.sh" "$kernel")/build ;;
/*) kdir=$kernel ;;
*) kdir=$("$here/kernel/build.sh" "$kernel")/build ;;
esac
[ -e "$kdir/include/config/auto.conf" ] || die "not a configured kernel tree: $kdir"
release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$kdir/include/generated/utsrelease.h")
out=$top/build/$release

sources=(kmod uapi Kbuild)
options=()
case $variant in
module) ;;
kunit)
	sources+=(tests/kunit)
	options+=(VDXG_KUNIT=1) ;;
coverage)
	sources+=(tests/kunit)
	options+=(VDXG_COVERAGE=1 VDXG_KUNIT=1) ;;
kcov) options+=(VDXG_KCOV=1) ;;
tests) ;;
sparse)
	command -v sparse >/dev/null || die "missing: sparse (tools/deps.sh installs it)"
	options+=(C=2 CHECK=sparse CF=-D__CHECK_ENDIAN__) ;;
*) die "no such variant: $variant" ;;
esac
case $variant in
module | sparse) ;;
*) out+=-$variant ;;
esac

mkdir -p "$out"
exec 9>"$out/.lock"
flock 9
find "$out" -xtype l -delete
if [ "$variant" = tests ]; then
	cp -asf "$top/tests/modules/." "$out/"
else
	for source in "${sources[@]}"; do
		[ -e "$top/$source" ] || die "missing: $source"
		mkdir -p "$out/$(dirname "$source")"
		cp -asf "$top/$source" "$out/$(dirname "$source")/"
	done
fi

# ccache knows a compilation by the names of its files, so the directory has the same name for every
# clone while it is built there. But for coverage: its counters are found by the names.
dir=$out
if [ "$variant" != coverage ] && command -v ccache >/dev/null; then
	options+=(CC="ccache gcc")
	export CCACHE_NOHASHDIR=1
	dir=$CACHE/module/$release
	mkdir -p "$CACHE/module"
	exec 8>"$dir.lock"
	flock 8
	ln -sfn "$out" "$dir"
fi

log=$out/$variant.log
# the jobs are ours, whatever the make that called this one was told
unset MAKEFLAGS MFLAGS
# no type information for BPF: it would need pahole, and says warnings of its own
status=0
make -j"$(nproc)" -C "$kdir" M="$dir" W=1 KCFLAGS=-Werror CONFIG_DEBUG_INFO_BTF_MODULES= "${options[@]}" modules \
	>"$log" 2>&1 || status=$?
sed -i "s|$dir/|$out/|g" "$log"
if [ $status != 0 ]; then
	grep -vE '^(make|  [A-Z]+ )' "$log" >&2 || true
	die "the module does not build for $release ($variant)"
fi
# modpost and sparse only warn
if grep -E '(warning|WARNING|error|ERROR):' "$log" >&2; then
	die "warnings for $release ($variant)"
fi
echo "$out"
