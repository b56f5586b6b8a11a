/* SPDX-License-Identifier: MIT */
/* many RANGE SECONDS: a probe a second to each address of a range that never answers, and what left in each second. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <rprobe/rprobe.h>

#define SECOND       INT64_C(1000000000)
#define SECONDS_MOST 600

struct run {
	int64_t began; /* RP_TIME_NONE: not yet */
	uint64_t sent[SECONDS_MOST + 1];
};

static void on_event(void *user, const struct rp_event *event)
{
	struct run *run = user;

	if (event->kind != RP_EVENT_SENT)
		return;
	if (run->began == RP_TIME_NONE)
		run->began = event->time;
	int64_t second = (event->time - run->began) / SECOND;
	run->sent[second < SECONDS_MOST ? second : SECONDS_MOST]++;
}

int main(int argc, char **argv)
{
	static struct run run = {.began = RP_TIME_NONE};
	struct rp_sockets *sockets = NULL;
	struct rp_targets *targets = NULL;
	struct rp_session *session = NULL;
	struct rp_loop *loop = NULL;
	struct rp_error error = {""};
	struct rp_config config;
	struct rp_stats stats;
	struct rusage usage;
	int seconds = argc == 3 ? atoi(argv[2]) : 0;

	if (seconds < 1 || seconds > SECONDS_MOST)
		return 2;
	int rc = rp_sockets_open(&sockets, RP_SOCKETS_ICMP, &error);
	if (rc == 0)
		rc = rp_targets_new(&targets);
	if (rc == 0)
		rc = rp_targets_add(targets, argv[1], &error);
	if (rc == 0)
		rc = rp_loop_new(&loop);
	rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
	config.targets = targets;
	config.count = (uint64_t)seconds;
	config.timeout = SECOND;
	if (rc == 0)
		rc = rp_session_open(&session, loop, sockets, &config, &(struct rp_listener){on_event, &run}, &error);
	if (rc == 0)
		rc = rp_loop_run(loop);
	if (rc < 0) {
		fprintf(stderr, "many: %s\n", error.text);
		return 1;
	}
	rp_session_stats(session, RP_ALL_TARGETS, &stats);
	getrusage(RUSAGE_SELF, &usage);
	for (int i = 0; i <= SECONDS_MOST; i++)
		if (run.sent[i] > 0)
			printf("%" PRIu64 "\n", run.sent[i]);
	printf("sent %" PRIu64 ", unsent %" PRIu64 ", latest %" PRId64 " us, user %ld s, system %ld s, %ld kB\n",
	       stats.sent, stats.unsent, stats.schedule_lag.max / 1000, (long)usage.ru_utime.tv_sec,
	       (long)usage.ru_stime.tv_sec, usage.ru_maxrss);
	rp_session_close(session);
	rp_loop_free(loop);
	rp_targets_free(targets);
	rp_sockets_close(sockets);
	return 0;
}
