/* SPDX-License-Identifier: MIT */
/*
 * Runs the COMMAND that follows a scan, from a process that never probed. Probing changes a process for good:
 * no_new_privs, the capability sets and the system-call filter survive exec, and neither sudo nor a daemon would start
 * below them. So a child probes, and the process that was started, whose number the caller knows, keeps everything for
 * the command.
 */
#include "rsyn/command.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/die.h"
#include "app/signals.h"
#include "app/app.h"

/* As shells and env(1) have it. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127

/* What is for the run, and so is handed on to it. */
static const int handed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM};

/* Those that are served although the caller ignores them. */
static const int asked_for[] = {SIGCHLD, SIGQUIT, SIGUSR1};

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

const char *command_hint(const char *name)
{
	static const char hint[] = " (it is a program here: a COMMAND follows --)";
	const char *path = getenv("PATH");
	char file[4096];

	if (path == NULL || strpbrk(name, "./:") != NULL)
		return "";
	for (size_t length; *path != '\0'; path += length + (path[length] != '\0')) {
		length = strcspn(path, ":");
		int size = snprintf(file, sizeof file, "%.*s/%s", (int)length, path, name);

		if (length > 0 && size > 0 && (size_t)size < sizeof file && access(file, X_OK) == 0)
			return hint;
	}
	return "";
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

/*
 * In a set-user-ID start, and in one of a file with capabilities, the loader takes LD_LIBRARY_PATH, TMPDIR and others
 * out of the environment. It moves pointers only: the strings still stand where the kernel put them, between the last
 * argument and the name of the file. The command has no privilege that they could misuse, so it gets all of them; this
 * process reads none.
 */
static char **environment_of(char **command)
{
	char *begin = NULL,
	     *end = (char *)getauxval(AT_EXECFN); /* NOLINT(performance-no-int-to-ptr): it is an address */
	size_t count = 0, next = 0;

	for (char **word = command; *word != NULL; word++)
		begin = *word + strlen(*word) + 1;
	/* Another layout (an emulator's) is left alone. */
	bool odd = begin > end || (environ[0] != NULL && (environ[0] < begin || environ[0] >= end));

	if (getauxval(AT_SECURE) == 0 || odd)
		return environ;
	for (const char *at = begin; at < end; at += strlen(at) + 1)
		count++;
	char **list = calloc(count + 1, sizeof *list);
	if (list == NULL)
		return environ;
	for (char *at = begin; at < end; at += strlen(at) + 1)
		list[next++] = at;
	return list;
}

pid_t command_follow(const char *tool, char **command)
{
	pid_t self = getpid();
	/* Of a signal that the caller ignores (a shell does so in the background) none would come here. */
	const struct sigaction taken = {.sa_handler = SIG_DFL};
	struct sigaction before[sizeof asked_for / sizeof asked_for[0]];
	sigset_t signals, mask;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < sizeof handed_on / sizeof handed_on[0]; i++)
		sigaddset(&signals, handed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	for (size_t i = 0; i < sizeof asked_for / sizeof asked_for[0]; i++)
		sigaction(asked_for[i], &taken, &before[i]);
	pid_t child = fork();
	if (child < 0)
		die(tool, "cannot start a process: %s", strerror(errno));
	if (child > 0 && return_to_user() < 0)
		die(tool, "cannot return to the invoking user: %s", strerror(errno));
	int status = child > 0 ? wait_for(child, &signals) : 0;
	for (size_t i = 0; i < sizeof asked_for / sizeof asked_for[0]; i++)
		sigaction(asked_for[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (child == 0)
		return self;
	if (WIFSIGNALED(status))
		signals_end_by(WTERMSIG(status));
	if (WEXITSTATUS(status) != COMMAND_DUE)
		exit(WEXITSTATUS(status));
	execvpe(command[0], command, environment_of(command));
	int error = errno;
	warn(tool, "cannot run the command '%s': %s", command[0], strerror(error));
	exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

void command_tie(pid_t waiting)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != waiting)
		raise(SIGTERM);
}
