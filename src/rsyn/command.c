/* SPDX-License-Identifier: MIT */
/*
 * Hides that two processes run. Probing changes a process for good: no_new_privs, the capability sets and the
 * system-call filter survive exec, and below them neither sudo nor a daemon would start. So a child probes, and the
 * process that was started, whose number the caller knows, keeps all that it was given for the command.
 */
#include "rsyn/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/die.h"
#include "tool/tool.h"

/* What is for the run, and so is handed on to it. */
static const int handed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM};

char **command_cut(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		*argc = i;
		return argv[i + 1] != NULL ? &argv[i + 1] : NULL;
	}
	return NULL;
}

/* Waits for the child's end and hands signals on. Those of the terminal (they are the kernel's) it has got itself. */
static int wait_for(pid_t child, const sigset_t *signals)
{
	int status;

	for (;;) {
		siginfo_t info;
		int number = sigwaitinfo(signals, &info);

		if (number == SIGCHLD && waitpid(child, &status, WNOHANG) == child)
			return status;
		if (number > 0 && number != SIGCHLD && info.si_code <= 0)
			kill(child, number);
	}
}

/* What a set-user-ID start gave was for the probing. */
static int return_to_user(void)
{
	return setresgid(getgid(), getgid(), getgid()) < 0 || setresuid(getuid(), getuid(), getuid()) < 0 ? -1 : 0;
}

pid_t command_follow(const char *tool, char **command)
{
	pid_t self = getpid();
	/* Where a caller ignores its children's ends, none would be told. */
	const struct sigaction told = {.sa_handler = SIG_DFL};
	struct sigaction before;
	sigset_t signals, mask;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < sizeof handed_on / sizeof handed_on[0]; i++)
		sigaddset(&signals, handed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	sigaction(SIGCHLD, &told, &before);
	pid_t child = fork();
	if (child < 0)
		die(tool, "cannot start a process: %s", strerror(errno));
	if (child > 0 && return_to_user() < 0)
		die(tool, "cannot return to the invoking user: %s", strerror(errno));
	int status = child > 0 ? wait_for(child, &signals) : 0;
	sigaction(SIGCHLD, &before, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (child == 0)
		return self;
	if (WIFSIGNALED(status))
		tool_end_by_signal(WTERMSIG(status));
	if (WEXITSTATUS(status) != COMMAND_DUE)
		exit(WEXITSTATUS(status));
	execvp(command[0], command);
	die(tool, "%s: %s", command[0], strerror(errno));
}

void command_tie(pid_t waiting)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != waiting)
		raise(SIGTERM);
}
