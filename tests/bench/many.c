/* SPDX-License-Identifier: MIT */
/*
 * many TARGETS SECONDS: probes 10.0.0.0 and the TARGETS - 1 addresses behind it once a second each, by the library, and
 * prints how many probes left in each second and the memory that it took. Nobody answers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rprobe/rprobe.h>

#define SECOND       INT64_C(1000000000)
#define SECONDS_MOST 3600

struct count {
	int64_t began; /* when the first probe left */
	uint64_t seconds[SECONDS_MOST + 1];
	uint64_t unsent, lost;
	enum rp_end end;
};

static void on_event(void *user, const struct rp_event *event)
{
	struct count *count = user;

	if (event->kind == RP_EVENT_SENT) {
		if (count->began == 0)
			count->began = event->time;
		int64_t second = (event->time - count->began) / SECOND;
		count->seconds[second < SECONDS_MOST ? second : SECONDS_MOST]++;
	}
	count->unsent += event->kind == RP_EVENT_UNSENT;
	count->lost += event->kind == RP_EVENT_TIMEOUT;
	if (event->kind == RP_EVENT_DONE)
		count->end = event->end;
}

static int fail(const char *what, int error, const struct rp_error *why)
{
	fprintf(stderr, "many: %s: %s %s\n", what, strerror(-error), why != NULL ? why->text : "");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct count count;
	struct rp_error why = {""};
	struct rp_loop *loop;
	struct rp_sockets *sockets;
	struct rp_targets *targets;
	struct rp_session *session;
	struct rp_config config;
	struct rusage usage;
	uint32_t number = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	uint64_t seconds = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	char range[64];

	if (number == 0 || number > UINT32_C(1) << 24 || seconds == 0 || seconds > SECONDS_MOST) {
		fprintf(stderr, "usage: many TARGETS SECONDS\n");
		return 2;
	}
	int error = rp_sockets_open(&sockets, RP_SOCKETS_ICMP, &why);
	if (error < 0)
		return fail("sockets", error, &why);
	error = rp_loop_new(&loop);
	if (error == 0)
		error = rp_targets_new(&targets);
	for (uint32_t first = 0; error == 0 && first < number; first += 256) {
		uint32_t last = number - first < 256 ? number - first - 1 : 255;
		snprintf(range, sizeof range, "10.%" PRIu32 ".%" PRIu32 ".0-%" PRIu32, first >> 16, first >> 8 & 255,
			 last);
		error = rp_targets_add(targets, range, &why);
	}
	if (error < 0)
		return fail("targets", error, &why);
	rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
	config.targets = targets;
	config.count = seconds;
	config.interval = SECOND;
	config.timeout = SECOND;
	error = rp_session_open(&session, loop, sockets, &config, &(struct rp_listener){on_event, &count}, &why);
	if (error < 0)
		return fail("session", error, &why);
	error = rp_loop_run(loop);
	if (error < 0)
		return fail("loop", error, NULL);
	getrusage(RUSAGE_SELF, &usage);
	for (uint64_t i = 0; i < SECONDS_MOST && (i < seconds || count.seconds[i] > 0); i++)
		printf("%" PRIu64 "\n", count.seconds[i]);
	printf("unsent %" PRIu64 "\nlost %" PRIu64 "\nend %s\nkilobytes %ld\ncpu %.2f\n", count.unsent, count.lost,
	       rp_end_name(count.end), usage.ru_maxrss,
	       (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 + (double)usage.ru_stime.tv_sec +
		       (double)usage.ru_stime.tv_usec / 1e6);
	rp_session_close(session);
	rp_targets_free(targets);
	rp_loop_free(loop);
	rp_sockets_close(sockets);
	return EXIT_SUCCESS;
}
