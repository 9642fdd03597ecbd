#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fetches one of Debian's stock kernels and prints the directory it was unpacked to.
#
#	tools/kernel/stock.sh 6.1|6.12
#
# The newest image that has matching headers, found by pattern in apt's lists, is
# unpacked below the XDG cache and never installed:
#
#	DIR/release             the kernel release
#	DIR/vmlinuz
#	DIR/lib/modules/...     with modules.dep
#	DIR/build               headers: KDIR for "make -C DIR/build M=..."

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cache.sh"

series=${1:?usage: stock.sh 6.1|6.12}
case $series in
6.1) pattern='6\.1\.[0-9]+-[0-9]+-amd64' ;;
6.12) pattern='6\.12\.[0-9]+\+deb12-amd64' ;;
*) die "no stock kernel $series: 6.1 or 6.12" ;;
esac

# Prints the newest release with headers and an image, and the image package's name.
resolve() {
	local names release image

	names=$(apt-cache pkgnames linux-)
	for release in $(grep -xE "linux-headers-$pattern" <<<"$names" |
			 sed 's/^linux-headers-//' | sort -rV); do
		for image in "linux-image-$release" "linux-image-$release-unsigned"; do
			# a name that is only mentioned by others has no record of its own
			if [ -n "$(apt_version "$image")" ] &&
			   [ -n "$(apt_version "linux-headers-$release")" ]; then
				echo "$release $image"
				return
			fi
		done
	done
}

# The unpacked headers name each other by absolute paths below /usr: make those $1's.
relocate_headers() {
	local file link target

	while IFS= read -r file; do
		sed -i "s#/usr/\(src\|lib\)/linux-#$1/usr/\1/linux-#g" "$file"
	done < <(grep -rlE '/usr/(src|lib)/linux-' "$1"/usr/src/*/Makefile \
		 "$1"/usr/src/*/.kernelvariables 2>/dev/null)
	while IFS= read -r link; do
		target=$(readlink "$link")
		case $target in
		/usr/*) ln -sfn "$1$target" "$link" ;;
		esac
	done < <(find "$1/usr/src" -maxdepth 2 -type l)
}

mkdir -p "$CACHE/stock"
exec 9>"$CACHE/stock/.lock-$series"
flock 9

read -r release image <<<"$(remembered "stock-$series" resolve)"
if [ -z "$release" ]; then
	release=$(ls "$CACHE/stock" | grep -xE "$pattern" | sort -V | tail -n 1)
	[ -n "$release" ] || die "apt knows no stock kernel $series: run apt-get update"
fi
out=$CACHE/stock/$release

if [ ! -e "$out/.complete" ]; then
	say "downloading Debian's kernel $release and its headers (about 1 minute)"
	command -v depmod >/dev/null || die "missing: depmod (package kmod)"
	rm -rf "$out"
	mkdir -p "$out/deb"
	fetch_deb "$out/deb" "$image"
	fetch_deb "$out/deb" "linux-headers-$release"
	for package in $(dpkg-deb -f "$out/deb/linux-headers-$release"_*.deb Depends |
			 grep -oE 'linux-(headers-[^ ,]*-common|kbuild-[^ ,]*)'); do
		fetch_deb "$out/deb" "$package"
	done
	for deb in "$out"/deb/*.deb; do
		dpkg-deb -x "$deb" "$out"
	done
	rm -r "$out/deb"
	relocate_headers "$out"
	depmod -b "$out" "$release"
	ln -s "boot/vmlinuz-$release" "$out/vmlinuz"
	ln -s "usr/src/linux-headers-$release" "$out/build"
	echo "$release" >"$out/release"
	touch "$out/.complete"
fi
echo "$out"
