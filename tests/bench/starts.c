/* SPDX-License-Identifier: MIT */
/*
 * Starts a command again and again and says what each start took. A program of its own because a process inherits the
 * peak memory of what it was before exec: this one is small.
 *
 *   starts UID COUNT COMMAND...    a line for each: WALL_NS CPU_NS PEAK_KB; the command's output goes to /dev/null
 */
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t ns_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t ns_of(struct timeval time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_usec * INT64_C(1000);
}

static void become(uid_t user, char **command)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || close(null) < 0)
		_exit(126);
	if (user != 0 && (setgroups(0, NULL) < 0 || setgid(user) < 0 || setuid(user) < 0))
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	for (int left = atoi(argv[2]); left > 0; left--) {
		struct rusage usage;
		int64_t start = ns_now();
		int status;
		pid_t child = fork();

		if (child == 0)
			become((uid_t)atoi(argv[1]), argv + 3);
		if (child < 0 || wait4(child, &status, 0, &usage) < 0)
			return 2;
		int64_t wall = ns_now() - start;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			fprintf(stderr, "starts: %s: status %d\n", argv[3], status);
			return 1;
		}
		printf("%lld %lld %ld\n", (long long)wall, (long long)(ns_of(usage.ru_utime) + ns_of(usage.ru_stime)),
		       usage.ru_maxrss);
		fflush(stdout);
	}
	return 0;
}
