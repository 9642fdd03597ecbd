#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds a guest kernel from Debian's linux-source-6.12 and prints its build directory.
#
#	tools/kernel/build.sh VARIANT [FRAGMENT...]
#	tools/kernel/build.sh --source		only fetches the source; prints its directory
#
# VARIANT.config (debug, kcsan) beside this script is merged over tinyconfig and
# base.config, then any further fragments in order. The result lives outside the tree,
# under the XDG cache, keyed by source version and a hash of the fragments, so a second
# call costs nothing. The directory has vmlinuz, release and lib/modules as those of
# stock.sh have, and DIR/build is the KDIR for modules. Progress goes to standard error,
# the directory's name to standard output.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cache.sh"

series=6.12
variant=${1:?usage: build.sh VARIANT [FRAGMENT...]}
shift
[ "$variant" = --source ] || [ -f "$here/$variant.config" ] || die "no such kernel variant: $variant"
fragments=("$here/base.config" "$here/$variant.config" "$@")

# Unpacks the source of the newest version apt knows and prints its directory.
kernel_source() {
	local version dir work

	version=$(remembered "source-$series" apt_version "linux-source-$series")
	dir=$CACHE/source/$version
	if [ -z "$version" ]; then
		dir=$(ls -d "$CACHE"/source/*/ 2>/dev/null | sort -V | tail -n 1)
		[ -n "$dir" ] || die "apt knows no linux-source-$series: run apt-get update"
		dir=${dir%/}
	fi
	if [ ! -e "$dir/Makefile" ]; then
		say "downloading and unpacking linux-source-$series $version (about 1 minute)"
		work=$(mktemp -d "$CACHE/unpack.XXXXXX")
		fetch_deb "$work" "linux-source-$series"
		dpkg-deb -x "$work"/*.deb "$work/x"
		mkdir -p "$work/src"
		tar -C "$work/src" --strip-components=1 -xf "$work"/x/usr/src/linux-source-*.tar.xz
		mkdir -p "$CACHE/source"
		rm -rf "$dir"
		mv "$work/src" "$dir"
		rm -rf "$work"
	fi
	echo "$dir"
}

# The lines of the fragments that set an option.
options() {
	grep -hE '^(CONFIG_|# CONFIG_.* is not set)' "${fragments[@]}"
}

# Stops unless every option of the fragments, the last word on each, is in the .config.
check_config() {
	local line name missing=

	while IFS= read -r line; do
		name=$(sed -E 's/^(# )?(CONFIG_[A-Z0-9_a-z]+).*/\2/' <<<"$line")
		case $line in
		"# "*) ! grep -q "^$name=" "$1/.config" ;;
		*) grep -qxF "$line" "$1/.config" ;;
		esac || missing+=" $name"
	done < <(options | awk '{ k = $1 == "#" ? $2 : $1; sub(/=.*/, "", k); last[k] = $0 }
		       END { for (k in last) print last[k] }')
	[ -z "$missing" ] || die "the $variant kernel's .config lacks what was asked for:$missing"
}

mkdir -p "$CACHE/kernel"
src=$(exec 9>"$CACHE/kernel/.lock-source"; flock 9; kernel_source)
if [ "$variant" = --source ]; then
	echo "$src"
	exit 0
fi
hash=$(options | sha256sum | cut -c1-12)
out=$CACHE/kernel/$variant-$(basename "$src")-$hash

exec 9>"$CACHE/kernel/.lock-$hash"
flock 9
if [ ! -e "$out/.complete" ]; then
	for tool in gcc flex bison bc depmod; do
		command -v $tool >/dev/null || die "missing: $tool (tools/deps.sh installs it)"
	done
	cc=gcc
	! command -v ccache >/dev/null || cc="ccache gcc"
	# a fixed date and user: identical trees hit ccache
	make=(make -s -C "$src" O="$out" CC="$cc" KBUILD_BUILD_TIMESTAMP=1970-01-01
	      KBUILD_BUILD_USER=vdxg KBUILD_BUILD_HOST=vdxg)
	say "building the $variant kernel (15 to 25 minutes on 2 cores, fewer with a warm ccache)"
	rm -rf "$out"
	mkdir -p "$out"
	"${make[@]}" tinyconfig >&2
	"$src/scripts/kconfig/merge_config.sh" -m -O "$out" "$out/.config" "${fragments[@]}" \
		>"$out/merge.log" 2>&1 || die "merge_config.sh failed: see $out/merge.log"
	"${make[@]}" olddefconfig >&2
	check_config "$out"
	[ -z "${CONFIG_ONLY:-}" ] || exit 0
	start=$SECONDS
	"${make[@]}" -j"${JOBS:-2}" bzImage modules >"$out/build.log" 2>&1 || {
		grep -E 'error|Error' "$out/build.log" | head -5 >&2
		die "the $variant kernel did not build: see $out/build.log"
	}
	say "built the $variant kernel in $((SECONDS - start)) s"
	"${make[@]}" INSTALL_MOD_PATH="$out" modules_install >>"$out/build.log" 2>&1 ||
		die "modules_install failed: see $out/build.log"
	ln -sfn arch/x86/boot/bzImage "$out/vmlinuz"
	ln -sfn . "$out/build"
	cp "$out/include/config/kernel.release" "$out/release"
	touch "$out/.complete"
fi
echo "$out"
