# SPDX-License-Identifier: MIT
# Sourced by tests/everywhere and packaging/try-deb: makes bare Debian systems in directories and runs commands in them.
# The packages come from the mirror that this machine's apt uses. Needs root and debootstrap.
# shellcheck shell=sh

# bare_system RELEASE DIRECTORY: makes DIRECTORY a new bare system, a copy of that in $EVERYWHERE_CACHE if it is set.
bare_system() {
	if [ "${EVERYWHERE_CACHE:-}" ]; then
		[ -e "$EVERYWHERE_CACHE/$1/etc/debian_version" ] || bootstrap "$1" "$EVERYWHERE_CACHE/$1"
		mkdir -p "$2"
		cp -a "$EVERYWHERE_CACHE/$1/." "$2"
	else
		bootstrap "$1" "$2"
	fi
	# The settings of this machine's apt are for its mirror. Debian's own /etc/hosts has ::1 for localhost as well.
	apt-config dump --format '%F "%v";%n' Acquire >"$2/etc/apt/apt.conf.d/machine"
	echo 'Dpkg::Use-Pty "0";' >>"$2/etc/apt/apt.conf.d/machine"
	echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/fast"
	mkdir -p "$2/dev/net"
	mknod -m 666 "$2/dev/net/tun" c 10 200
	cp /etc/resolv.conf "$2/etc/"
	{ echo "::1 localhost ip6-localhost ip6-loopback" && cat /etc/hosts; } >"$2/etc/hosts"
}

# bootstrap RELEASE DIRECTORY: debootstrap, whose mounts end with it.
bootstrap() {
	[ "$(id -u)" -eq 0 ] || fail "a bare system needs root"
	command -v debootstrap >/dev/null || fail "debootstrap is not installed"
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 == "main" && $1 !~ /security/ { print $1; exit }')
	[ "$mirror" ] || fail "apt has no mirror of Debian (try apt-get update)"
	say "making a bare system of $1"
	remove_system "$2.new"
	mkdir -p "$2.new"
	unshare --mount --propagation private debootstrap --variant=minbase "$1" "$2.new" "$mirror" >"$2.log" 2>&1 ||
		{ tail -5 "$2.log"; fail "debootstrap failed, see $2.log"; }
	mv "$2.new" "$2"
}

# inside DIRECTORY COMMAND...: runs it as root of the system there, in its own mount and process namespaces. The directory
# becomes their root, since user namespaces cannot be made below chroot. They end, and the mounts with them, when COMMAND does.
inside() {
	env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root "CI=${CI:-}" \
		"DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-}" "http_proxy=${http_proxy:-}" \
		unshare --mount --pid --fork --kill-child --propagation private sh -euc '
		mount --bind "$1" "$1"
		cd "$1"
		mount -t proc proc proc
		mount -t sysfs sysfs sys
		mount -t cgroup2 cgroup sys/fs/cgroup 2>/dev/null || true
		mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=620 devpts dev/pts
		mount -t tmpfs -o mode=1777 tmpfs dev/shm
		pivot_root . .
		umount -l .
		cd /
		shift
		exec "$@"' sh "$@"
}

# remove_system DIRECTORY: never across a mount.
remove_system() {
	! findmnt -rno TARGET | grep -q "^$1\(/\|\$\)" || fail "something is mounted below $1"
	rm -rf --one-file-system "$1"
}
