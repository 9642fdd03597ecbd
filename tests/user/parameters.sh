#!/bin/sh
# SPDX-License-Identifier: MIT
#
# parameters.sh: the parameters that the module reads when it is loaded, and the name of its node
#
# It loads the module anew for each, and as it was at the end.
#
# vm-when: kernel=6.1|6.12

module=/lib/modules/vdxg.ko
number=0
failed=0
out=/tmp/parameters.$$

# result OK NAME: one case
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		sed 's/^/# /' $out
		echo "not ok $number $2"
	fi
}

unload() {
	tries=0
	while [ -e /sys/module/vdxg ] && ! rmmod vdxg 2>$out; do
		tries=$((tries + 1))
		[ $tries = 50 ] && return 1
		sleep 0.2
	done
}

# load [PARAMETER...]: instead of what is loaded
load() {
	unload && insmod $module "$@" >$out 2>&1
}

# adapters [SOMETHING]: what vdxg info says has a line with it
adapters() {
	vdxg info >$out 2>&1
	grep -q "$1" $out
}

echo "TAP version 13"
if [ ! -e $module ] || [ ! -e /sys/module/vdxg/refcnt ]; then
	echo "1..0 # SKIP vdxg is not a loaded module here"
	exit 4
fi

! load software_move=teleport && [ ! -e /dev/dxg ] && dmesg | tail -n 5 | grep -q 'software_move=teleport'
result $? "nonsense: a way to move memory that there is not: it is not loaded, and the log says why"

refused=0
for size in local_mb aperture_mb commit_limit_mb drm_limit_mb; do
	# just too much, and what would be 16 where it is shifted
	for value in 268435457 17592186044432 -1; do
		! load $size=$value && [ ! -e /dev/dxg ] &&
			dmesg | tail -n 5 | grep -q "vdxg: .$value. invalid for parameter .$size." || {
			echo "$size=$value"
			refused=1
		}
	done
done >$out.sizes
cat $out.sizes >>$out
result $refused "sizes: more than there are GPU addresses: it is not loaded, and the log says which"

load local_mb=268435456 aperture_mb=268435456 commit_limit_mb=268435456 drm= &&
	[ "$(cat /sys/module/vdxg/parameters/local_mb)" = 268435456 ] && adapters 'software adapter' &&
	VDXG_TEST_ADAPTER=software /tests/user/destroy >$out
result $? "largest: with the largest sizes it works"

load mode=0640 && [ "$(stat -c %a /dev/dxg)" = 640 ]
result $? "mode: the permissions of the node"

load software=0 drm=no_such_driver && ! adapters 'software adapter' && [ -c /dev/dxg ]
result $? "nothing: a machine without an adapter has the node all the same"

load local_mb=12 software_move=copy drm= && adapters 'software adapter' &&
	[ "$(cat /sys/module/vdxg/parameters/local_mb)" = 12 ]
result $? "software: the software adapter alone, and its size"

unload && : >/dev/dxg && load drm= && [ -c /dev/vdxg ] && [ -f /dev/dxg ] &&
	VDXG_DEVICE=/dev/vdxg vdxg info >$out 2>&1
result $? "name: where /dev/dxg is something else, the node is /dev/vdxg"
unload && rm -f /dev/dxg

load && [ -c /dev/dxg ]
result $? "as it was: it can be loaded again"

echo "1..$number"
rm -f $out $out.sizes
exit $failed
