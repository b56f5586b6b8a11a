/* SPDX-License-Identifier: MIT */
/* Keeps a byte for each port until its host's line is written, and the hosts that are decided in a queue. */
#include "out/json_scan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"
#include "out/json_fields.h"

/* How long after its last port was decided a host's line waits. A target repeats a SYN-ACK until 7 s after the first
 * (Linux). */
#define HOLD (10 * NS_PER_S)

#define NOBODY UINT32_MAX

struct tally {
	uint8_t *states; /* by index of the port; NULL while none is decided, and when the line is written */
	int64_t decided; /* when its last port was */
	unsigned findings;
	enum rp_reason reason; /* why it could not be probed; NONE: it was */
	uint32_t next;         /* in the queue */
	bool queued;
	bool written;
};

struct json_hosts {
	const struct out_run *run;
	uint32_t count;
	uint32_t first, last; /* of the queue */
	struct tally tallies[];
};

int json_scan_open(struct json_hosts **hosts, const struct out_run *run)
{
	uint32_t count = rp_targets_count(run->results->config->targets);

	*hosts = calloc(1, sizeof(**hosts) + count * sizeof(struct tally));
	if (!*hosts)
		return -ENOMEM;
	(*hosts)->run = run;
	(*hosts)->count = count;
	(*hosts)->first = (*hosts)->last = NOBODY;
	return 0;
}

void json_scan_close(struct json_hosts *hosts)
{
	for (uint32_t i = 0; hosts && i < hosts->count; i++)
		free(hosts->tallies[i].states);
	free(hosts);
}

static void keep_state(struct json_hosts *hosts, const struct rp_event *event, struct strbuf *text)
{
	struct tally *tally = &hosts->tallies[event->target];
	const struct rp_ports *ports = rp_grid_ports(hosts->run->results->grid, event->target);
	int64_t index = rp_ports_find(ports, event->port);

	if (index < 0 || event->state == RP_STATE_UNKNOWN)
		return;
	if (!tally->states)
		tally->states = calloc(rp_ports_count(ports), sizeof(*tally->states));
	if (tally->states)
		tally->states[index] = (uint8_t)event->state;
	else
		text->failed = true;
}

static void enqueue(struct json_hosts *hosts, uint32_t index)
{
	if (hosts->last == NOBODY)
		hosts->first = index;
	else
		hosts->tallies[hosts->last].next = index;
	hosts->last = index;
	hosts->tallies[index].next = NOBODY;
	hosts->tallies[index].queued = true;
}

bool json_scan_event(struct json_hosts *hosts, const struct rp_event *event, struct strbuf *text)
{
	if (event->target >= hosts->count)
		return true;

	struct tally *tally = &hosts->tallies[event->target];
	if (tally->written)
		return false;
	if (event->kind == RP_EVENT_PORT)
		keep_state(hosts, event, text);
	if (event->kind == RP_EVENT_HOST && !tally->queued) {
		tally->findings = event->findings;
		tally->reason = event->reason;
		tally->decided = event->time;
		enqueue(hosts, event->target);
	}
	return true;
}

static void write_line(struct json_hosts *hosts, uint32_t index, const struct rp_stats *stats, int64_t wall,
		       struct strbuf *text)
{
	struct tally *tally = &hosts->tallies[index];
	uint32_t counts[RP_STATE_FILTERED + 1] = {0};
	json_t *line = json_new_line("host", wall);

	for (uint32_t i = 0; i < rp_ports_count(rp_grid_ports(hosts->run->results->grid, index)); i++)
		counts[tally->states ? tally->states[i] : RP_STATE_UNKNOWN]++;
	free(tally->states);
	tally->states = NULL;
	tally->written = true;
	json_put_target(line, hosts->run, index, (struct rp_addr){0});
	json_put_integer(line, "open", counts[RP_STATE_OPEN]);
	json_put_integer(line, "closed", counts[RP_STATE_CLOSED]);
	json_put_integer(line, "filtered", counts[RP_STATE_FILTERED]);
	json_put_integer(line, "unknown", counts[RP_STATE_UNKNOWN]);
	json_object_set_new(line, "complete",
			    json_boolean(counts[RP_STATE_UNKNOWN] == 0 && stats->in_flight == 0 &&
					 tally->reason == RP_REASON_NONE));
	if (tally->reason != RP_REASON_NONE)
		json_put_text(line, "reason", rp_reason_name(tally->reason));
	json_put_bits(line, "findings", tally->findings, rp_finding_name);
	if (stats->sent + stats->unsent > 0) /* else too many hosts for counters of each */
		json_put_counts(line, stats);
	json_end_line(line, text);
}

void json_scan_write(struct json_hosts *hosts, const struct rp_event *event, struct strbuf *text)
{
	struct rp_stats stats;

	for (; hosts->first != NOBODY; hosts->first = hosts->tallies[hosts->first].next) {
		if (event->time - hosts->tallies[hosts->first].decided < HOLD)
			return;
		hosts->run->results->stats(hosts->run->results->user, hosts->first, &stats);
		if (stats.in_flight > 0)
			return;
		write_line(hosts, hosts->first, &stats, event->wall, text);
	}
	hosts->last = NOBODY;
}

void json_scan_finish(struct json_hosts *hosts, int64_t wall, struct strbuf *text)
{
	struct rp_stats stats;

	for (uint32_t i = 0; i < hosts->count; i++) {
		if (!hosts->tallies[i].queued && rp_ports_count(rp_grid_ports(hosts->run->results->grid, i)) > 0)
			enqueue(hosts, i);
	}
	for (uint32_t i = hosts->first; i != NOBODY; i = hosts->tallies[i].next) {
		hosts->run->results->stats(hosts->run->results->user, i, &stats);
		write_line(hosts, i, &stats, wall, text);
	}
}
