#!/bin/sh
# SPDX-License-Identifier: MIT
#
# refused.sh: "vdxg trace" says why calls are refused, and why it cannot, where it cannot
#
# Other tests make the mistakes; here it is seen what is said of them.
#
# vm-when: kernel=6.1|6.12

number=0
failed=0
out=/tmp/refused.$$

# result OK NAME: one case
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		sed 's/^/# /' $out.err $out | tail -n 40
		echo "not ok $number $2"
	fi
}

# says NAME PATTERN: the trace has a line
says() {
	grep -qE "$2" $out
	result $? "$1"
}

echo "TAP version 13"
: >$out
asuser vdxg trace 2>$out.err
[ $? = 1 ] && grep -q root $out.err
result $? "not_root: who is not root is told so"

unshare -m sh -c 'umount /sys/kernel/tracing; umount -l /sys/kernel/debug; vdxg trace' 2>$out.err
[ $? = 1 ] && grep -q 'mount -t tracefs' $out.err
result $? "not_mounted: without tracefs it says how to mount it"

vdxg trace >$out 2>$out.err &
pid=$!
until grep -q waiting $out.err || ! kill -0 $pid 2>/dev/null; do
	sleep 0.1
done
VDXG_TEST_ADAPTER=software /tests/user/destroy >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/create >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/lock >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/hw_queue >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/submit >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/adapter_types >/dev/null
VDXG_TEST_ADAPTER=software /tests/user/ioctl >/dev/null
# the last program makes this mistake: when its line is there, so are the others
tries=0
until grep -q 'STATUS_NOT_SUPPORTED: call=' $out || [ $tries = 600 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
ls -d /sys/kernel/tracing/instances/vdxg-$pid >/dev/null
result $? "instance: it traces in an instance of its own"
kill -INT $pid
wait $pid
result $? "interrupted: it ends well"
[ ! -e /sys/kernel/tracing/instances/vdxg-$pid ]
result $? "tidy: the instance is gone"

says "program: a line names the program and its thread" '^[0-9:.]* [^ ]+\[[0-9]+\] DX'
says "twice: a handle named twice" \
	'DXDESTROYALLOCATION2: STATUS_INVALID_PARAMETER: allocations=0x[0-9a-f]+: named twice'
says "handle: what is no handle" \
	': STATUS_INVALID_(PARAMETER|HANDLE): device=0x[0-9a-f]+: (never was|is no) '
says "flags: bits that are not defined" \
	'DXCREATEALLOCATION: STATUS_INVALID_PARAMETER: flags=0x[0-9a-f]+: undefined bits'
says "count: too many" 'DXCREATEALLOCATION: STATUS_INVALID_PARAMETER: alloc_count=0x10001: too many'
says "memory: what cannot be read" \
	'DXCREATEALLOCATION: STATUS_INVALID_PARAMETER: [a-z_.]+=0x[0-9a-f]+: cannot be read'
says "lock: an allocation that is not locked" \
	'DXUNLOCK2: STATUS_INVALID_PARAMETER: allocation=0x[0-9a-f]+: not locked'
says "hw_queue: a context that cannot have hardware queues" \
	'DXCREATEHWQUEUE: STATUS_INVALID_PARAMETER: context=0x[0-9a-f]+: created without HwQueueSupported'
says "hardware: a context that takes work only by its queues" \
	'DXRENDER: STATUS_INVALID_HANDLE: context=0x[0-9a-f]+: a hardware context'
says "query: an index inside of a query's data" \
	'DXQUERYADAPTERINFO: STATUS_INVALID_PARAMETER: private_data.physical_adapter_index=0x4d: there is one'
says "registry: a query for a value that there is not" \
	'DXQUERYADAPTERINFO: [A-Z0-9_x]+: private_data.value_name=0x0: there is no such value'
says "unsupported: a call that is not supported" ': STATUS_NOT_SUPPORTED: call=0x[0-9a-f]+: not supported'

echo "1..$number"
rm -f $out $out.err
exit $failed
