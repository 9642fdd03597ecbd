# SPDX-License-Identifier: MIT
#
# Sourced by the scripts of tools/: where downloads and kernels are kept, and how to
# say things. CACHE is outside the tree so that "make clean" and a fresh clone keep it.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/vdxg

say() {
	echo "${0##*/}: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# fetch_deb DIR PACKAGE: the newest version of a package, into DIR, not installed.
fetch_deb() {
	# apt's sandbox user cannot write below root's home; it says so, and that is noise
	(cd "$1" && apt-get -qq -o APT::Sandbox::User=root download "$2" >/dev/null) ||
		die "cannot download $2: is the network up, and did apt-get update run?"
}

# apt_version PACKAGE: the newest version apt could download; nothing if there is none.
apt_version() {
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

# remembered NAME COMMAND...: what the command printed, asked again only when apt's lists
# have changed since (apt takes a second for an answer).
remembered() {
	local memo=$CACHE/apt-$1

	if [ ! -s "$memo" ] || [ /var/lib/apt/lists -nt "$memo" ]; then
		mkdir -p "$CACHE"
		"${@:2}" >"$memo.$$"
		mv "$memo.$$" "$memo"
	fi
	cat "$memo"
}
