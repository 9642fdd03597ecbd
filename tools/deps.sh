#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs what building and testing need, on Debian 12. Does nothing, at once and
# without root, where everything is there.

set -euo pipefail

packages=(
	# building: module, library, tools
	make gcc libc6-dev g++ binutils pkg-config libdrm-dev libjson-c-dev kmod xz-utils
	# 32-bit library and tests, the header beside DirectX-Headers
	gcc-multilib directx-headers-dev
	# kernels: fetching and building
	ca-certificates flex bison bc libelf-dev libssl-dev ccache
	# the virtual machine and its runner
	qemu-system-x86 busybox-static python3
	# sparse, checkpatch, the clean-clone check
	sparse perl git
)

die() {
	echo "deps.sh: $*" >&2
	exit 1
}

command -v apt-get >/dev/null || die "this is not Debian: install by hand: ${packages[*]}"
missing=()
for package in "${packages[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
		missing+=("$package")
done
# the kernels are found in apt's lists; a fresh system has none
lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null)
if [ ${#missing[@]} = 0 ] && [ -n "$lists" ]; then
	exit 0
fi
[ "$(id -u)" = 0 ] || die "missing: ${missing[*]:-lists of apt} (run tools/deps.sh as root)"

echo "deps.sh: installing ${missing[*]:-the lists of apt} (a minute or two)" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || die "apt-get update failed: is the network up?"
if [ ${#missing[@]} != 0 ]; then
	log=$(mktemp)
	apt-get -qq install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 || {
		tail -n 15 "$log" >&2
		die "apt-get install failed"
	}
	rm "$log"
fi
