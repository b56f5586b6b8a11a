/* SPDX-License-Identifier: MIT */
/*
 * The system-call filter, tried from inside: a process seals itself as a tool does and makes one call. How the kernel
 * answers is told by the end of the process; without a filter every call here would succeed, or fail in another way.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include <rprobe/rprobe.h>

/* Of 32 bits: mmap2 has mmap's arguments; an x86 has a mmap besides, whose arguments are in memory, where no filter
 * sees them. */
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif

enum outcome {
	THROUGH = 0,
	REFUSED = ENOSYS,
	KILLED = -SIGSYS,
	UNSEALED = 255,
};

struct call {
	const char *name;
	long number;
	long arguments[4];
	enum outcome outcome;
};

static enum outcome outcome_of(const struct call *call)
{
	const long *a = call->arguments;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || rp_sandbox() < 0)
			_exit(UNSEALED);
		/* A descriptor of -1 is enough to see that memory may be asked for. */
		_exit(syscall(call->number, a[0], a[1], a[2], a[3], -1, 0) < 0 && errno == ENOSYS ? REFUSED : THROUGH);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? (enum outcome) - WTERMSIG(status) : (enum outcome)WEXITSTATUS(status);
}

TEST(calls)
{
	__attribute__((unused))
	const long hidden[] = {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
	const long here = AT_FDCWD, null = (long)"/dev/null", other = getppid();
	const long code = (long)((uintptr_t)test_calls & ~(uintptr_t)4095);
	const struct call calls[] = {
		{"execve", SYS_execve, {(long)"/bin/true"}, KILLED},
		{"execveat", SYS_execveat, {here, (long)"/bin/true"}, KILLED},
		{"ptrace", SYS_ptrace, {0}, KILLED},
		{"process_vm_readv", SYS_process_vm_readv, {other}, KILLED},
		{"unshare", SYS_unshare, {CLONE_NEWUSER}, KILLED},
		{"bpf", SYS_bpf, {0}, KILLED},
		{"clone", SYS_clone, {SIGCHLD}, REFUSED},
		{"open for reading", SYS_openat, {here, null, O_RDONLY | O_CLOEXEC}, REFUSED},
		{"open for writing", SYS_openat, {here, null, O_WRONLY}, REFUSED},
		{"open for both", SYS_openat, {here, null, O_RDWR}, REFUSED},
		{"create", SYS_openat, {here, null, O_RDONLY | O_CREAT}, REFUSED},
		{"truncate", SYS_openat, {here, null, O_RDONLY | O_TRUNC}, REFUSED},
		{"unlink", SYS_unlinkat, {here, (long)"no such file"}, REFUSED},
		{"raw socket", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}, REFUSED},
		{"packet socket", SYS_socket, {AF_PACKET, SOCK_DGRAM}, REFUSED},
		{"local socket", SYS_socket, {AF_UNIX, SOCK_STREAM}, REFUSED},
		{"UDP socket", SYS_socket, {AF_INET, SOCK_DGRAM | SOCK_CLOEXEC}, REFUSED},
		{"TCP socket", SYS_socket, {AF_INET6, SOCK_STREAM | SOCK_NONBLOCK}, REFUSED},
		{"bind", SYS_bind, {-1}, REFUSED},
		{"listen", SYS_listen, {-1}, REFUSED},
		{"kill another", SYS_kill, {other, 0}, REFUSED},
		{"tgkill another", SYS_tgkill, {other, other, 0}, REFUSED},
		{"TIOCSTI: type for the user", SYS_ioctl, {0, TIOCSTI}, REFUSED},
		{"TIOCGWINSZ", SYS_ioctl, {-1, TIOCGWINSZ}, THROUGH},
		{"another filter", SYS_prctl, {PR_SET_SECCOMP}, REFUSED},
		{"memory", MMAP, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE}, THROUGH},
		{"memory for code", MMAP, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, REFUSED},
#if defined SYS_mmap && defined SYS_mmap2
		{"memory for code by arguments in memory", SYS_mmap, {(long)hidden}, REFUSED},
#endif
		{"memory that is code", SYS_mprotect, {code, 4096, PROT_READ | PROT_EXEC}, REFUSED},
		{"stamps that are counted anew", SYS_setsockopt, {-1, SOL_SOCKET, SO_TIMESTAMPING}, THROUGH},
		{"write", SYS_write, {-1}, THROUGH},
		{"a number of no call", 100000, {0}, REFUSED},
	};
	unsigned wrong = 0;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		print_message("# this kernel knows no filters\n");
		return;
	}
	for (size_t i = 0; i < LENGTH_OF(calls); i++) {
		enum outcome outcome = outcome_of(&calls[i]);

		if (outcome != calls[i].outcome)
			print_error("%s: %d and not %d\n", calls[i].name, outcome, calls[i].outcome);
		wrong += outcome != calls[i].outcome;
	}
	assert_int_equal(wrong, 0);
}

/* The own process may be ended by a signal, which is how a tool ends after SIGTERM; nobody else may. */
TEST(own_signals)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && rp_sandbox() <= 0)
			raise(SIGTERM);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}
