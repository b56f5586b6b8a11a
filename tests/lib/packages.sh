# SPDX-License-Identifier: MIT
# Sourced by ./quickstart and ./run-tests: what to install, by package manager, and how.
# shellcheck shell=sh

# The system's own programs first: another python3 or meson in PATH may lack the modules that the packages bring.
PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
export PATH

say() { printf '==> %s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Runs a command as root.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		fail "this needs root, and sudo is not installed: $*"
	fi
}

package_manager() {
	for manager in apt-get dnf apk pacman; do
		command -v "$manager" >/dev/null 2>&1 && { echo "$manager"; return; }
	done
	echo none
}

# build_needs MANAGER, test_needs MANAGER: the names of the packages there.
build_needs() {
	case $1 in
	apt-get) echo gcc libc6-dev meson ninja-build pkg-config libcap-ng-dev libsodium-dev libjansson-dev libxml2-dev libseccomp-dev libcap2-bin ;;
	dnf) echo gcc meson ninja-build pkgconf-pkg-config libcap-ng-devel libsodium-devel jansson-devel libxml2-devel libseccomp-devel libcap ;;
	apk) echo gcc musl-dev linux-headers meson samurai pkgconf libcap-ng-dev libsodium-dev jansson-dev libxml2-dev libseccomp-dev libcap ;;
	pacman) echo gcc meson ninja pkgconf libcap-ng libsodium jansson libxml2 libseccomp libcap ;;
	*) echo a C compiler, meson, ninja, pkg-config, setcap, and the headers of libcap-ng, libsodium, jansson, libxml2 and libseccomp ;;
	esac
}

test_needs() {
	case $1 in
	apt-get) echo libcmocka-dev python3 python3-pytest python3-scapy python3-jsonschema nftables iproute2 strace tcpdump util-linux \
		sudo bash-completion zsh fish iputils-ping jc monitoring-plugins-basic nmap ndiff libxml2-utils python3-libnmap g++ clang binutils man-db groff-base libclang-rt-dev mandoc ;;
	dnf) echo libcmocka-devel python3 python3-pytest python3-scapy python3-jsonschema nftables iproute strace tcpdump util-linux \
		sudo bash-completion zsh fish iputils nmap libxml2 gcc-c++ clang binutils man-db groff-base mandoc libasan libubsan compiler-rt ;;
	apk) echo cmocka-dev python3 py3-pytest scapy py3-jsonschema nftables iproute2 strace tcpdump util-linux \
		sudo bash bash-completion zsh fish iputils nmap libxml2-utils g++ clang binutils mandoc groff compiler-rt ;;
	pacman) echo cmocka python python-pytest scapy python-jsonschema nftables iproute2 strace tcpdump util-linux \
		sudo bash-completion zsh fish iputils nmap gcc clang binutils man-db groff compiler-rt ;;
	*) echo cmocka, pytest, scapy, jsonschema, nft, ip, strace, tcpdump, unshare, sudo, bash-completion, zsh, fish, ping, jc, check_ping, nmap, xmllint, \
		g++, clang, binutils, man ;;
	esac
}

have_build_needs() {
	for program in cc meson ninja pkg-config setcap; do
		command -v "$program" >/dev/null 2>&1 || return 1
	done
	pkg-config --exists libcap-ng libsodium jansson libxml-2.0 libseccomp
}

have_test_needs() {
	for program in nft ip strace tcpdump unshare sudo zsh fish ping nmap xmllint g++ clang readelf man; do
		command -v "$program" >/dev/null 2>&1 || return 1
	done
	# On Arch mandoc would replace man-db.
	command -v mandoc >/dev/null 2>&1 || command -v pacman >/dev/null 2>&1 || return 1
	[ -e /usr/share/bash-completion/bash_completion ] &&
		printf 'int main(void){return 0;}' | clang -fsanitize=fuzzer-no-link,address -x c - -o /dev/null 2>/dev/null &&
		pkg-config --exists cmocka && python3 -c 'import pytest, scapy, jsonschema' 2>/dev/null
}

# install_needs build|test: nothing when it is all there.
install_needs() {
	"have_$1_needs" && return
	manager=$(package_manager)
	needs=$("$1_needs" "$manager")
	[ "$manager" != none ] || fail "no package manager known here; please install: $needs"
	say "installing with $manager: $needs"
	# The names are a list: they are to be split.
	# shellcheck disable=SC2086
	case $manager in
	apt-get)
		as_root apt-get update -qq
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $needs >/dev/null
		;;
	dnf) as_root dnf install -q -y $needs ;;
	apk) as_root apk add -q $needs ;;
	pacman) as_root pacman -Sy --needed --noconfirm $needs ;;
	esac
	"have_$1_needs" || fail "still not all there; needed: $needs"
}
