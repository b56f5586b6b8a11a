/* SPDX-License-Identifier: MIT */
/*
 * The policy of rp_sandbox(): what a run may still ask of the kernel. A program of the build, which has libseccomp
 * turn the policy into filters and prints them as a table for seal.c; so no start pays for making them.
 *
 * What a run does not need is answered with ENOSYS. A C library that one day prefers a newer call falls back to the
 * older one then, as on an older kernel; EPERM it would take for the last word, and a person for a missing
 * privilege or a firewall. What only an exploit would call ends the process.
 *
 * usage: seccomp_policy [ARCHITECTURE]    (in libseccomp's words; else this machine's)
 */
#include <rprobe/rprobe.h>

#include <asm/ioctls.h>
#include <asm/termbits.h> /* what TCGETS2 is made of */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/seccomp.h"

#define COMPARISONS_MAX 2
#define FILTER_MAX      512

/* What a call must be for, or its arguments must be. Several rules for one call: one of them is enough. */
struct rule {
	const char *call;
	struct scmp_arg_cmp where[COMPARISONS_MAX];
	unsigned count;
};

#define ANY(call)                                                                                                      \
	{                                                                                                              \
		call, {{0}}, 0                                                                                         \
	}
#define ONE(call, arg)                                                                                                 \
	{                                                                                                              \
		call, {arg}, 1                                                                                         \
	}
#define BOTH(call, arg, other)                                                                                         \
	{                                                                                                              \
		call, {arg, other}, 2                                                                                  \
	}
#define IS(arg, value)                                                                                                 \
	{                                                                                                              \
		arg, SCMP_CMP_EQ, value, 0                                                                             \
	}
#define HAS(arg, mask, value)                                                                                          \
	{                                                                                                              \
		arg, SCMP_CMP_MASKED_EQ, mask, value                                                                   \
	}

/* Calls that an architecture does not have are passed over; those of 32 bits have some with time64 in the name. */
static const struct rule run[] = {
	/* packets, and questions to rtnetlink, on the sockets that are open; connect() asks for a route where that is refused; a
	 * device may be removed and made again */
	ANY("sendmsg"),
	ANY("sendmmsg"),
	ANY("send"),
	ANY("sendto"),
	ANY("recvmsg"),
	ANY("recvmmsg"),
	ANY("recvmmsg_time64"),
	ANY("recv"),
	ANY("recvfrom"),
	ANY("connect"),
	ANY("getsockname"),
	ANY("getsockopt"),
	BOTH("setsockopt", IS(1, SOL_SOCKET), IS(2, SO_BINDTODEVICE)),
	BOTH("setsockopt", IS(1, SOL_SOCKET), IS(2, SO_TIMESTAMPING)), /* counting them begins anew */
	BOTH("setsockopt", IS(1, SOL_SOCKET), IS(2, SO_BINDTOIFINDEX)),
	ONE("ioctl", IS(1, SIOCGIFINDEX)),
	ONE("ioctl", IS(1, SIOCGIFNAME)),
	ONE("ioctl", IS(1, SIOCGIFMTU)),

	/* outputs, on what is open; the terminal is asked for its size and for whom it belongs to */
	ANY("read"),
	ANY("readv"),
	ANY("write"),
	ANY("writev"),
	ANY("pwrite64"),
	ANY("ftruncate"),
	ANY("ftruncate64"),
	ANY("lseek"),
	ANY("_llseek"),
	ANY("fstat"),
	ANY("fstat64"),
	ANY("newfstatat"),
	ANY("fstatat64"),
	ANY("statx"),
	ANY("close"),
	ONE("ioctl", IS(1, TCGETS)),
	ONE("ioctl", IS(1, TCGETS2)),
	ONE("ioctl", IS(1, TIOCGWINSZ)),
	ONE("ioctl", IS(1, TIOCGPGRP)),
	ONE("ioctl", IS(1, TIOCOUTQ)), /* = SIOCOUTQ */
	ANY("getpgrp"),
	ONE("getpgid", IS(0, 0)),

	/* the loop */
	ANY("epoll_ctl"),
	ANY("epoll_wait"),
	ANY("epoll_pwait"),
	ANY("epoll_pwait2"),
	ANY("poll"),
	ANY("ppoll"),
	ANY("ppoll_time64"),
	ANY("timerfd_settime"),
	ANY("timerfd_settime64"),
	ANY("signalfd4"),

	/* time */
	ANY("clock_gettime"),
	ANY("clock_gettime64"),
	ANY("clock_nanosleep"),
	ANY("clock_nanosleep_time64"),
	ANY("gettimeofday"),
	ANY("nanosleep"),
	ANY("time"),

	/* signals, and the end by one of them */
	ANY("rt_sigaction"),
	ANY("rt_sigprocmask"),
	ANY("rt_sigreturn"),
	ANY("sigreturn"),
	ANY("restart_syscall"),
	ANY("getpid"),
	ANY("gettid"),
	ONE("tgkill", IS(0, SEAL_OWN_PROCESS)),
	ONE("tkill", IS(0, SEAL_OWN_PROCESS)),
	ANY("exit"),
	ANY("exit_group"),

	/* memory, none of which becomes code */
	ANY("brk"),
	ONE("mmap", HAS(2, PROT_EXEC, 0)),
	ONE("mmap2", HAS(2, PROT_EXEC, 0)),
	ONE("mprotect", HAS(2, PROT_EXEC, 0)),
	ANY("mremap"),
	ANY("munmap"),
	ANY("madvise"),
	ANY("futex"),
	ANY("futex_time64"),
	ANY("getrandom"),
};

/* To look names up besides: by UDP and TCP, with what /etc says, read as it is. */
static const struct rule names[] = {
	BOTH("socket", IS(0, AF_INET), HAS(1, 0xf, SOCK_DGRAM)),
	BOTH("socket", IS(0, AF_INET), HAS(1, 0xf, SOCK_STREAM)),
	BOTH("socket", IS(0, AF_INET6), HAS(1, 0xf, SOCK_DGRAM)),
	BOTH("socket", IS(0, AF_INET6), HAS(1, 0xf, SOCK_STREAM)),
	ANY("bind"),
	ANY("setsockopt"),
	ANY("getpeername"),
	ONE("open", HAS(1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)),
	ONE("openat", HAS(2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)),
	ANY("stat"),
	ANY("stat64"),
	ONE("fcntl", IS(1, F_GETFD)),
	ONE("fcntl", IS(1, F_SETFD)),
	ONE("fcntl", IS(1, F_GETFL)),
	ONE("fcntl", IS(1, F_SETFL)),
	ONE("fcntl64", IS(1, F_GETFD)),
	ONE("fcntl64", IS(1, F_SETFD)),
	ONE("fcntl64", IS(1, F_GETFL)),
	ONE("fcntl64", IS(1, F_SETFL)),
	ONE("ioctl", IS(1, FIONBIO)),
	ONE("ioctl", IS(1, FIONREAD)),
	ANY("uname"),
};

/* No library calls these behind the back of a program that looks at sockets. */
static const char *const deadly[] = {
	"execve",
	"execveat",
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"pidfd_getfd",
	"init_module",
	"finit_module",
	"delete_module",
	"kexec_load",
	"kexec_file_load",
	"bpf",
	"perf_event_open",
	"userfaultfd",
	"mount",
	"umount2",
	"pivot_root",
	"chroot",
	"setns",
	"unshare",
	"open_by_handle_at",
	"keyctl",
	"add_key",
	"request_key",
	"io_uring_setup",
};

/* The mmap of 32 bits on an x86 takes its arguments from memory, where no filter sees them. C libraries call mmap2 there. */
static bool hides_arguments(uint32_t architecture, const char *call)
{
	return architecture == SCMP_ARCH_X86 && strcmp(call, "mmap") == 0;
}

static int add(scmp_filter_ctx filter, uint32_t architecture, const struct rule *rules, size_t count)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < count; i++) {
		int number = seccomp_syscall_resolve_name(rules[i].call);

		if (number != __NR_SCMP_ERROR && !hides_arguments(architecture, rules[i].call))
			error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, rules[i].count, rules[i].where);
	}
	return error;
}

static int add_deadly(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < sizeof deadly / sizeof deadly[0]; i++) {
		int number = seccomp_syscall_resolve_name(deadly[i]);

		if (number != __NR_SCMP_ERROR)
			error = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 0);
	}
	return error;
}

/* Calls of another architecture, as int 0x80 makes them, are an exploit's. A tree, since the kernel asks the filter
 * about every call when it takes it. */
static int begin(scmp_filter_ctx filter, uint32_t architecture)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (error == 0)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (error == 0 && architecture != seccomp_arch_native()) {
		error = seccomp_arch_add(filter, architecture);
		if (error == 0)
			error = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
	}
	return error;
}

/* libseccomp gives its filter to a file alone. */
static int print(scmp_filter_ctx filter, const char *name)
{
	struct sock_filter code[FILTER_MAX];
	int fd = memfd_create(name, MFD_CLOEXEC);
	int error = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);
	ssize_t size = error == 0 ? pread(fd, code, sizeof code, 0) : 0;

	if (error == 0 && (size <= 0 || size == (ssize_t)sizeof code))
		error = -E2BIG;
	printf("static const struct sock_filter %s[] = {\n", name);
	for (size_t i = 0; error == 0 && i < (size_t)size / sizeof code[0]; i++)
		printf("\t{%#x, %u, %u, %#x},\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
	printf("};\n");
	if (fd >= 0)
		close(fd);
	return error;
}

static int make(uint32_t architecture, const char *name, bool with_names)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error = filter != NULL ? begin(filter, architecture) : -ENOMEM;

	if (error == 0)
		error = add(filter, architecture, run, sizeof run / sizeof run[0]);
	if (error == 0 && with_names)
		error = add(filter, architecture, names, sizeof names / sizeof names[0]);
	if (error == 0)
		error = add_deadly(filter);
	if (error == 0)
		error = print(filter, name);
	seccomp_release(filter);
	return error;
}

int main(int argc, char **argv)
{
	uint32_t architecture = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : seccomp_arch_native();
	int error = architecture != 0 ? make(architecture, "seal_run", false) : -EINVAL;

	if (error == 0)
		error = make(architecture, "seal_run_and_names", true);
	if (error < 0)
		fprintf(stderr, "seccomp_policy: %s\n", strerror(-error));
	return error < 0 || fflush(stdout) != 0;
}
