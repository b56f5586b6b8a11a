# SPDX-License-Identifier: MIT
# Sourced by what builds several trees, behind packages.sh.
# shellcheck shell=sh

werror=false
[ -z "${CI:-}" ] || werror=true

# build NAME OPTION...: sets build/NAME up once, and builds it.
build() {
	tree=build/$1
	shift
	if [ ! -e "$tree/build.ninja" ]; then
		say "preparing $tree"
		meson setup "$tree" -Dwerror=$werror "$@" >/dev/null
	fi
	say "building $tree"
	ninja -C "$tree" --quiet
}
