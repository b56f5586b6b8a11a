#!/bin/sh
# SPDX-License-Identifier: MIT
# many.sh MANY [SECONDS]: a probe a second to each of 131,072 silent targets, in a private network; see README.md.
set -eu

[ "${2-}" = inside ] || exec "$(dirname "$0")/../lib/private.sh" "$0" "$1" inside "${2-60}"
ip link add v0 type veth peer name v1
ip link set v1 up
ip address add 10.254.0.1/16 dev v0
ip link set v0 up
ip route add 10.0.0.0/15 via 10.254.0.2 dev v0
ip neighbour add 10.254.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
exec "$1" 10.0.0.0/15 "$3"
