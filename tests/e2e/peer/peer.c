/* SPDX-License-Identifier: MIT */
/*
 * A network in one process: answers for a whole range of addresses on a TUN device, by rules (rule.h).
 *
 *   peer --network 10.64.0.0/10 [--device tun0] [--host 198.18.0.1] [--mtu 1500] [--rule 'MATCH: ACTION...']...
 *        [--seed N] [--idle SECONDS] [--report FILE]
 *   peer --truth [--rule ...]... [--seed N] ADDRESS[/LENGTH][:PORT]...
 *
 * It says "ready" on stderr, ends at SIGTERM when all that had been sent to it is read, at SIGINT when all answers are
 * sent, too, or when nothing came for --idle seconds, and writes one JSON object. It runs as root of a network
 * namespace that a test made.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "report.h"

#define RULES_MAX 256
#define BATCH     64 /* packets between two looks at the clock's queue and the signals */

struct options {
	const char *device;
	const char *network;
	const char *host;
	const char *report;
	uint32_t mtu;
	double idle; /* seconds; 0: for ever */
	bool truth;
};

static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void complain(const char *what, const char *why)
{
	fprintf(stderr, "peer: %s: %s\n", what, why);
	exit(2);
}

/* Reads what is there, a batch at most. */
static int64_t read_batch(struct world *world, int64_t now)
{
	uint8_t bytes[PACKET_MAX];

	for (unsigned i = 0; i < BATCH; i++) {
		ssize_t length = read(world->fd, bytes, sizeof bytes);

		if (length < 0)
			break;
		now = clock_now();
		world_input(world, bytes, (size_t)length, now);
	}
	return now;
}

/* Which signal came. */
static uint32_t read_signal(int signals)
{
	struct signalfd_siginfo info;

	return read(signals, &info, sizeof info) == (ssize_t)sizeof info ? info.ssi_signo : 0;
}

static void run(struct world *world, int signals, double idle)
{
	struct pollfd fds[] = {{.fd = world->fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int64_t now = clock_now(), last = now;
	uint32_t ending = 0;

	for (;;) {
		int64_t until = idle > 0 ? last + (int64_t)(idle * 1e9) : QUEUE_NEVER;
		int64_t due = world_due(world);
		int64_t wait = (due < until ? due : until) - now;
		bool last_look = ending == SIGTERM || (ending && queue_due(world->queue) == QUEUE_NEVER);
		struct timespec timeout = {0};

		if (wait > 0 && !last_look)
			timeout = (struct timespec){(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
		ppoll(fds, 2, !last_look && due == QUEUE_NEVER && until == QUEUE_NEVER ? NULL : &timeout, NULL);
		now = clock_now();
		if (fds[0].revents & POLLIN)
			last = now = read_batch(world, now);
		world->now = now;
		world_flush(world, now);
		if (!(fds[0].revents & POLLIN) && (last_look || now >= until))
			return;
		if (fds[1].revents) {
			ending = read_signal(signals);
			fds[1].fd = -1;
		}
	}
}

static int add_rule(struct world *world, const char *text)
{
	struct rule *rule = &world->rules[world->rule_count];
	char why[256];

	if (world->rule_count == RULES_MAX)
		complain(text, "too many rules");
	if (rule_parse(rule, text, why, sizeof why) < 0)
		complain(text, why);
	rule->held = malloc(PACKET_MAX);
	if (!rule->held)
		complain(text, strerror(errno));
	world->rule_count++;
	return 0;
}

static void parse_options(int argc, char **argv, struct options *options, struct world *world)
{
	static const struct option table[] = {
		{"device", required_argument, NULL, 'd'}, {"network", required_argument, NULL, 'n'},
		{"host", required_argument, NULL, 'h'},   {"mtu", required_argument, NULL, 'm'},
		{"rule", required_argument, NULL, 'r'},   {"seed", required_argument, NULL, 's'},
		{"idle", required_argument, NULL, 'i'},   {"report", required_argument, NULL, 'o'},
		{"truth", no_argument, NULL, 't'},        {NULL, 0, NULL, 0},
	};

	for (int c; (c = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		if (c == 'd')
			options->device = optarg;
		else if (c == 'n')
			options->network = optarg;
		else if (c == 'h')
			options->host = optarg;
		else if (c == 'm')
			options->mtu = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			add_rule(world, optarg);
		else if (c == 's')
			world->seed = strtoull(optarg, NULL, 10);
		else if (c == 'i')
			options->idle = strtod(optarg, NULL);
		else if (c == 'o')
			options->report = optarg;
		else if (c == 't')
			options->truth = true;
		else
			exit(2);
	}
	if (rule_parse_network(options->network, &world->network, &world->mask) < 0)
		complain(options->network, "not a network");
}

static void serve(struct world *world, const struct options *options)
{
	FILE *report = stdout;
	uint32_t host, mask;
	sigset_t stop;
	int signals;

	if (rule_parse_network(options->host, &host, &mask) < 0)
		complain(options->host, "not an address");
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signals = signalfd(-1, &stop, SFD_CLOEXEC);
	prctl(PR_SET_TIMERSLACK, 1);
	world->queue = queue_new(options->mtu + 256);
	world->half_open = half_open_new(world->seed);
	world->fd = device_open(options->device, host, world->network, world->mask, options->mtu);
	if (world->fd < 0 || signals < 0 || !world->queue || !world->half_open)
		complain(options->device, "cannot begin");
	fputs("ready\n", stderr);
	run(world, signals, options->idle);
	world_end(world);
	if (options->report)
		report = fopen(options->report, "we");
	if (!report)
		complain(options->report, strerror(errno));
	report_write(report, world, device_dropped(options->device));
	if (fclose(report) != 0)
		complain("report", strerror(errno));
	close(world->fd);
	close(signals);
	queue_free(world->queue);
	half_open_free(world->half_open);
}

int main(int argc, char **argv)
{
	struct options options = {.device = "tun0", .network = "10.64.0.0/10", .host = "198.18.0.1", .mtu = 1500};
	struct world *world = calloc(1, sizeof *world);

	if (world) {
		world->rules = calloc(RULES_MAX, sizeof *world->rules);
		world->asked = calloc(ASKED, sizeof *world->asked);
		world->hosts = calloc(ASKED, sizeof *world->hosts);
	}
	if (!world || !world->rules || !world->asked || !world->hosts)
		complain("memory", strerror(errno));
	world->seed = 1;
	parse_options(argc, argv, &options, world);
	if (options.truth) {
		for (int i = optind; i < argc; i++)
			if (report_truth(stdout, world, argv[i]) < 0)
				complain(argv[i], "not an address");
	} else {
		serve(world, &options);
	}
	for (unsigned i = 0; i < world->rule_count; i++)
		free(world->rules[i].held);
	free(world->rules);
	free(world->asked);
	free(world->hosts);
	free(world);
	return 0;
}
