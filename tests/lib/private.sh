#!/bin/sh
# SPDX-License-Identifier: MIT
# private.sh COMMAND...: runs it as root of a private network, with a private mount table and an own /run, so that
# whatever it makes there is gone when it ends, however it ends. Exit 77 (skipped) where this is not allowed.
set -eu

PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
TMPDIR=/run
export PATH TMPDIR
flags=-nm
[ "$(id -u)" -eq 0 ] || flags=-Urnm
if ! unshare $flags sh -c 'mount -t tmpfs tmpfs /run && ip link set lo up' 2>/dev/null; then
	echo "SKIP: no private network namespace may be made here" >&2
	exit 77
fi
# The positional parameters are the inner shell's.
# shellcheck disable=SC2016
exec unshare $flags sh -c 'mount -t tmpfs tmpfs /run && mkdir -m 755 /run/netns && ip link set lo up && exec "$@"' sh "$@"
