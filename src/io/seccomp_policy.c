/* SPDX-License-Identifier: MIT */
/*
 * The policy of rp_sandbox(): what a run may still ask of the kernel. A program of the build, which has libseccomp
 * turn the policy into filters and prints them as a table for seccomp.c; so no start pays for making them.
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

/* What SO_TIMESTAMPING is in a program of 32 bits with a time_t of 64, which this program may not be. */
#define SO_TIMESTAMPING_32 65

#define COMPARISONS_MAX 2
#define FILTER_MAX      512

/* Some calls, and what their arguments must be. Several rules for one call: one of them is enough. */
struct rule {
	const char *calls; /* names with blanks between */
	struct scmp_arg_cmp where[COMPARISONS_MAX];
};

/* clang-format off */
#define ANY                   {{0}}
#define IS(arg, value)        {arg, SCMP_CMP_EQ, value, 0}
#define HAS(arg, mask, value) {arg, SCMP_CMP_MASKED_EQ, mask, value}
/* clang-format on */

/* Calls that an architecture does not have are passed over; those of 32 bits have some with time64 in the name. */
static const struct rule run[] = {
	/* packets, and questions to rtnetlink, on the sockets that are open; connect() asks for a route where that
	 * is refused; a device may be removed and made again */
	{"sendmsg sendmmsg send sendto recvmsg recvmmsg recvmmsg_time64 recv recvfrom connect "
	 "getsockname getsockopt",
	 ANY},
	{"setsockopt", {IS(1, SOL_SOCKET), IS(2, SO_BINDTODEVICE)}},
	{"setsockopt", {IS(1, SOL_SOCKET), IS(2, SO_TIMESTAMPING)}}, /* counting them begins anew */
	{"setsockopt", {IS(1, SOL_SOCKET), IS(2, SO_TIMESTAMPING_32)}},
	{"setsockopt", {IS(1, SOL_SOCKET), IS(2, SO_BINDTOIFINDEX)}},
	{"ioctl", {IS(1, SIOCGIFINDEX)}},
	{"ioctl", {IS(1, SIOCGIFNAME)}},
	{"ioctl", {IS(1, SIOCGIFMTU)}},

	/* outputs, on what is open; the terminal is asked for its size and for whom it belongs to */
	{"read readv write writev pwrite64 ftruncate ftruncate64 lseek _llseek fstat fstat64 newfstatat "
	 "fstatat64 statx close",
	 ANY},
	{"ioctl", {IS(1, TCGETS)}},
	{"ioctl", {IS(1, TCGETS2)}},
	{"ioctl", {IS(1, TIOCGWINSZ)}},
	{"ioctl", {IS(1, TIOCGPGRP)}},
	{"ioctl", {IS(1, TIOCOUTQ)}}, /* = SIOCOUTQ */
	{"getpgrp", ANY},
	{"getpgid", {IS(0, 0)}},

	/* the loop */
	{"epoll_ctl epoll_wait epoll_pwait epoll_pwait2 poll ppoll ppoll_time64 timerfd_settime "
	 "timerfd_settime64 signalfd4",
	 ANY},

	/* time */
	{"clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 gettimeofday nanosleep "
	 "time",
	 ANY},

	/* signals, and the end by one of them */
	{"rt_sigaction rt_sigprocmask rt_sigreturn sigreturn restart_syscall getpid gettid", ANY},
	{"tgkill tkill", {IS(0, SEAL_OWN_PROCESS)}},
	{"wait4 waitid", ANY}, /* for the end of the process that looks names up */
	{"exit exit_group", ANY},

	/* memory, none of which becomes code */
	{"brk", ANY},
	{"mmap mmap2 mprotect", {HAS(2, PROT_EXEC, 0)}},
	{"mremap munmap madvise futex futex_time64 getrandom", ANY},
};

/* No library calls these behind the back of a program that looks at sockets. */
static const struct rule deadly[] = {
	{"execve execveat ptrace process_vm_readv process_vm_writev pidfd_getfd init_module "
	 "finit_module delete_module kexec_load kexec_file_load bpf perf_event_open userfaultfd mount "
	 "umount2 pivot_root chroot setns unshare open_by_handle_at keyctl add_key request_key "
	 "io_uring_setup",
	 ANY},
};

/* The mmap of 32 bits on an x86 takes its arguments from memory, where no filter sees them. C libraries call mmap2
 * there. */
static bool hides_arguments(uint32_t architecture, const char *call)
{
	return architecture == SCMP_ARCH_X86 && strcmp(call, "mmap") == 0;
}

static int add(scmp_filter_ctx filter, uint32_t action, uint32_t architecture, const struct rule *rules, size_t count)
{
	int error = 0;
	char name[32];

	for (size_t i = 0; error == 0 && i < count; i++) {
		unsigned comparisons = 0;

		while (comparisons < COMPARISONS_MAX && rules[i].where[comparisons].op != 0)
			comparisons++;
		for (const char *at = rules[i].calls; error == 0 && sscanf(at, "%31s", name) == 1;) {
			int number = seccomp_syscall_resolve_name(name);

			at += strspn(at, " ") + strlen(name);
			if (number != __NR_SCMP_ERROR && !hides_arguments(architecture, name))
				error = seccomp_rule_add_array(filter, action, number, comparisons, rules[i].where);
		}
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

static int make(uint32_t architecture, const char *name)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error = filter != NULL ? begin(filter, architecture) : -ENOMEM;

	if (error == 0)
		error = add(filter, SCMP_ACT_ALLOW, architecture, run, sizeof run / sizeof run[0]);
	if (error == 0)
		error = add(filter, SCMP_ACT_KILL_PROCESS, architecture, deadly, sizeof deadly / sizeof deadly[0]);
	if (error == 0)
		error = print(filter, name);
	seccomp_release(filter);
	return error;
}

int main(int argc, char **argv)
{
	uint32_t architecture = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : seccomp_arch_native();
	int error = architecture != 0 ? make(architecture, "seal_run") : -EINVAL;

	if (error < 0)
		fprintf(stderr, "seccomp_policy: %s\n", strerror(-error));
	return error < 0 || fflush(stdout) != 0;
}
