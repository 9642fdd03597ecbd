#!/bin/sh
# SPDX-License-Identifier: MIT
#
# readme.sh: the first program of README.md, which tools/check has compiled, does what it says

echo "TAP version 13"
echo "1..1"
if [ ! -x /tests/readme/first ]; then
	echo "ok 1 first_program # SKIP tools/check compiles it"
	exit 0
fi
said=$(/tests/readme/first 2>&1)
if [ $? = 0 ] && [ "$said" = "hello from GPU memory" ]; then
	echo "ok 1 first_program: it says hello from GPU memory"
else
	echo "# $said"
	echo "not ok 1 first_program: it says hello from GPU memory"
	exit 1
fi
