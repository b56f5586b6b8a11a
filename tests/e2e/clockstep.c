/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a tool, steps its wall clock: CLOCKSTEP_AFTER_MS milliseconds after the first packet the clock jumps
 * by CLOCKSTEP_BY_S seconds, for clock_gettime() as for the kernel's stamps on packets from that moment on. The
 * machine's own clock, which others use, is left alone.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* wants time.h before it */

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

typedef int clock_gettime_function(clockid_t, struct timespec *);
typedef int recvmmsg_function(int, struct mmsghdr *, unsigned, int, struct timespec *);

static clock_gettime_function *real_clock_gettime;
static recvmmsg_function *real_recvmmsg;
static int64_t step_at = INT64_MAX; /* wall clock */
static int64_t step_after, step_by;

static int64_t ns_of(struct timespec time)
{
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

__attribute__((constructor)) static void prepare(void)
{
	const char *after = getenv("CLOCKSTEP_AFTER_MS"), *by = getenv("CLOCKSTEP_BY_S");

	*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	*(void **)&real_recvmmsg = dlsym(RTLD_NEXT, "recvmmsg");
	step_after = (after != NULL ? atoi(after) : 0) * NS_PER_MS;
	step_by = (by != NULL ? atoi(by) : 0) * NS_PER_S;
}

static void step(struct timespec *wall)
{
	int64_t ns = ns_of(*wall);

	if (ns < step_at)
		return;
	ns += step_by;
	*wall = (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

int clock_gettime(clockid_t id, struct timespec *time)
{
	int result = real_clock_gettime(id, time);

	if (result == 0 && id == CLOCK_REALTIME)
		step(time);
	return result;
}

#ifdef __GLIBC__
typedef int message_flags;
#else
typedef unsigned message_flags;
#endif

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, message_flags flags, struct timespec *timeout)
{
	int received = real_recvmmsg(fd, messages, count, flags, timeout);

	for (int i = 0; i < received; i++) {
		struct msghdr *message = &messages[i].msg_hdr;

		for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
			struct scm_timestamping stamps;

			if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
				continue;
			memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
			if (step_at == INT64_MAX && stamps.ts[0].tv_sec != 0)
				step_at = ns_of(*(struct timespec *)&stamps.ts[0]) + step_after;
			step((struct timespec *)&stamps.ts[0]);
			memcpy(CMSG_DATA(c), &stamps, sizeof stamps);
		}
	}
	return received;
}
