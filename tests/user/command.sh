#!/bin/sh
# SPDX-License-Identifier: MIT
#
# command.sh: "vdxg info" and "vdxg demo", and what they say where they cannot
#
# vm-when: kernel=6.1|6.12

number=0
failed=0
out=/tmp/command.$$
node=/dev/dxg

# result OK NAME: one case
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		sed 's/^/# /' $out | tail -n 40
		echo "not ok $number $2"
	fi
}

# fails NAME STATUS PATTERN COMMAND...: one line that says why, and the exit status
fails() {
	name=$1
	status=$2
	pattern=$3
	shift 3
	"$@" >$out 2>&1
	[ $? = $status ] && grep -qE "$pattern" $out
	result $? "$name"
}

echo "TAP version 13"
vdxg info >$out 2>&1 && grep -q '^Adapter 0: ' $out && grep -q '  LUID ' $out &&
	grep -q '  DRM device ' $out && grep -q ' aperture ' $out
result $? "info: adapters, LUIDs, DRM devices and segments"
vdxg info --json >$out 2>&1 && grep -q '"segments"' $out
result $? "json: output for programs"
asuser vdxg info >$out 2>&1
result $? "info_user: who is not root may look"
vdxg demo >$out 2>&1 && grep -qE '^All [0-9]+ steps went as expected' $out
result $? "demo: every step goes as expected"
asuser vdxg demo >$out 2>&1
result $? "demo_user: who is not root may try"

fails "no_module: where there is no node it names the module" 1 'vdxg: .*not loaded.*modprobe vdxg' \
	env VDXG_DEVICE=/dev/nothing vdxg info
fails "demo_no_module: the demonstration too" 1 'vdxg: .*not loaded.*modprobe vdxg' \
	env VDXG_DEVICE=/dev/nothing vdxg demo
mode=$(stat -c %a $node)
chmod 600 $node
fails "permission: where the node may not be opened it says so" 1 'vdxg: /dev/.*: permission denied' \
	asuser vdxg info
fails "demo_permission: the demonstration too" 1 'vdxg: /dev/.*: permission denied' asuser vdxg demo
chmod $mode $node
fails "another_device: a node of something else" 1 'vdxg: enumerating the adapters failed' \
	env VDXG_DEVICE=/dev/null vdxg info
fails "no_adapter: an adapter that is not there" 1 "vdxg: no adapter 'nothing'" \
	vdxg info --adapter nothing
fails "no_command: a command that is none" 64 "no command 'nothing'" vdxg nothing

echo "1..$number"
rm -f $out
exit $failed
