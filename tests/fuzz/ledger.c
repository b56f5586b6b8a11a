/* SPDX-License-Identifier: MIT */
/* Checks the order of events: only a probe in flight is answered, the end comes once, and so on. */
#include "ledger.h"

#include "fuzz.h"

/* The latest of that name: a try that the kernel refused is made again. */
static struct record *find(struct ledger *ledger, const struct rp_event *event)
{
	for (unsigned i = ledger->count; i-- > 0;) {
		struct record *record = &ledger->records[i];

		if (record->target == event->target && record->port == event->port &&
		    record->sequence == event->sequence && record->attempt == event->attempt)
			return record;
	}
	return NULL;
}

static void add(struct ledger *ledger, const struct rp_event *event, enum fate fate)
{
	const struct record *before = find(ledger, event);

	check((before == NULL || before->fate == FATE_REFUSED) && ledger->count < LEDGER_PROBES);
	check(event->attempt >= 1 && (ledger->config->plan == RP_PLAN_SCAN) == (event->sequence == 0));
	/* Whatever is forged, no port has more tries than are allowed. */
	if (ledger->config->plan == RP_PLAN_SCAN && ledger->config->wait_interval == 0)
		check(event->attempt <= 1 + ledger->config->max_retries);
	ledger->records[ledger->count++] = (struct record){.target = event->target,
							   .port = event->port,
							   .sequence = event->sequence,
							   .attempt = event->attempt,
							   .fate = fate};
	ledger->fates[fate]++;
}

static void change(struct ledger *ledger, const struct rp_event *event, enum fate from, enum fate to)
{
	struct record *record = find(ledger, event);

	check(record != NULL && record->fate == from);
	ledger->fates[from]--;
	ledger->fates[record->fate = to]++;
}

static void check_times(const struct ledger *ledger, const struct rp_event *event)
{
	check(event->time == *ledger->now && event->wall == *ledger->now + *ledger->wall_most);
	if (event->rtt != RP_TIME_NONE && event->clock == RP_CLOCK_HARDWARE)
		check(event->rtt >= 0 && event->rtt == event->received.hardware - event->sent.hardware);
	else if (event->rtt != RP_TIME_NONE)
		check(event->rtt >= 0 && event->rtt == event->received.ns - event->sent.ns);
	if (event->kind == RP_EVENT_SENT)
		check(event->schedule_lag == RP_TIME_NONE || event->schedule_lag >= 0);
	if (event->kind == RP_EVENT_REPLY || event->kind == RP_EVENT_DUPLICATE || event->kind == RP_EVENT_LATE ||
	    event->kind == RP_EVENT_ERROR || event->kind == RP_EVENT_SUSPECT)
		check(event->packet != NULL && rp_addr_equal(event->from, event->packet->ip.source));
}

static const struct rp_ports *ports_of(const struct ledger *ledger)
{
	return rp_targets_all_ports(ledger->config->targets);
}

static void check_port(struct ledger *ledger, const struct rp_event *event)
{
	uint32_t port = 0;

	while (port < rp_ports_count(ports_of(ledger)) && rp_ports_at(ports_of(ledger), port) != event->port)
		port++;
	check(port < rp_ports_count(ports_of(ledger)));
	ledger->port_told[event->target][port]++;
}

static bool is_asked(const struct ledger *ledger, uint32_t target, uint32_t port)
{
	const struct rp_config *config = ledger->config;

	return rp_ports_find(rp_grid_ports(rp_targets_probed(config->targets), target),
			     rp_ports_at(ports_of(ledger), port)) >= 0;
}

static void check_host(struct ledger *ledger, uint32_t target)
{
	check(ledger->host_told[target]++ == 0);
	for (uint32_t i = 0; i < rp_ports_count(ports_of(ledger)); i++)
		check((ledger->port_told[target][i] > 0) == is_asked(ledger, target, i));
}

void ledger_event(void *user, const struct rp_event *event)
{
	struct ledger *ledger = user;
	uint32_t targets = rp_targets_count(ledger->config->targets);

	check(!ledger->done);
	ledger->told++;
	check_times(ledger, event);
	if (event->kind == RP_EVENT_SUSPECT || event->kind == RP_EVENT_DONE)
		check(event->target < targets || event->target == UINT32_MAX);
	else
		check(event->target < targets &&
		      rp_addr_equal(event->address, rp_targets_at(ledger->config->targets, event->target).address));
	switch (event->kind) {
	case RP_EVENT_SENT:
		add(ledger, event, FATE_FLYING);
		break;
	case RP_EVENT_UNSENT:
		check(event->error > 0);
		add(ledger, event, FATE_REFUSED);
		break;
	case RP_EVENT_REPLY:
		change(ledger, event, event->was_given_up ? FATE_EXPIRED : FATE_FLYING, FATE_ANSWERED);
		break;
	case RP_EVENT_TIMEOUT:
		change(ledger, event, FATE_FLYING, FATE_EXPIRED);
		break;
	case RP_EVENT_LATE:
		change(ledger, event, FATE_EXPIRED, FATE_LATE);
		break;
	case RP_EVENT_DUPLICATE:
	case RP_EVENT_REPEATED: {
		const struct record *record = find(ledger, event);
		check(record != NULL && (record->fate == FATE_ANSWERED || record->fate == FATE_LATE));
		ledger->duplicates += event->kind == RP_EVENT_DUPLICATE;
		break;
	}
	case RP_EVENT_ERROR: {
		const struct record *record = find(ledger, event);
		check(record != NULL && record->fate != FATE_REFUSED);
		ledger->errors += event->packet->icmp.type != RP_ICMP_REDIRECT &&
				  event->packet->icmp.type != RP_ICMP_SOURCE_QUENCH;
		break;
	}
	case RP_EVENT_OVERDUE: {
		struct record *record = find(ledger, event);
		check(ledger->config->report_overdue && record != NULL && !record->overdue);
		check(record->fate == FATE_FLYING);
		record->overdue = true;
		break;
	}
	case RP_EVENT_OUTAGE:
		check(event->outage != NULL && event->outage->first <= event->outage->last);
		check(event->outage->start <= event->outage->end);
		break;
	case RP_EVENT_SUSPECT:
		check(event->suspicion != RP_SUSPECT_NONE);
		ledger->doubts++;
		break;
	case RP_EVENT_PORT:
		check_port(ledger, event);
		break;
	case RP_EVENT_HOST:
		check_host(ledger, event->target);
		break;
	case RP_EVENT_ADDRESS:
		break;
	case RP_EVENT_DONE:
		ledger->done = true;
		break;
	}
}

void ledger_check(const struct ledger *ledger, const struct session *session)
{
	struct rp_stats all;

	session_stats(session, RP_ALL_TARGETS, &all);
	check(all.sent == all.received + all.lost + all.late + all.in_flight);
	check(all.sent == ledger->count - ledger->fates[FATE_REFUSED] && all.unsent == ledger->fates[FATE_REFUSED]);
	check(all.received == ledger->fates[FATE_ANSWERED] && all.lost == ledger->fates[FATE_EXPIRED]);
	check(all.late == ledger->fates[FATE_LATE] && all.in_flight == ledger->fates[FATE_FLYING]);
	check(all.duplicates == ledger->duplicates && all.errors == ledger->errors);
	check(all.corrupted + all.suspect == ledger->doubts && all.samples <= all.received + all.duplicates);
	check(session_done(session) == ledger->done);
	if (all.samples > 0) {
		int64_t slack = all.rtt_max >> 40; /* of the doubles that the mean is made with */
		check(all.rtt_min >= 0 && all.rtt_min <= all.rtt_mean + slack && all.rtt_mean <= all.rtt_max + slack);
		check(all.rtt_min <= all.rtt_p50 && all.rtt_p50 <= all.rtt_p90 && all.rtt_p90 <= all.rtt_p95);
		check(all.rtt_p95 <= all.rtt_p99 && all.rtt_p99 <= all.rtt_p999 && all.rtt_p999 <= all.rtt_max);
	}
}

void ledger_check_end(const struct ledger *ledger, const struct session *session)
{
	struct rp_stats all, sum = {0};

	ledger_check(ledger, session);
	check(ledger->done);
	session_stats(session, RP_ALL_TARGETS, &all);
	for (uint32_t i = 0; i < rp_targets_count(ledger->config->targets); i++) {
		struct rp_stats one;

		if (ledger->config->plan == RP_PLAN_SCAN) {
			bool asked = false;
			for (uint32_t port = 0; port < rp_ports_count(ports_of(ledger)); port++)
				asked |= is_asked(ledger, i, port);
			check(ledger->host_told[i] == (asked ? 1 : 0));
		}

		session_stats(session, i, &one);
		check(one.sent == one.received + one.lost + one.late + one.in_flight);
		sum.sent += one.sent;
		sum.received += one.received;
		sum.duplicates += one.duplicates;
	}
	check(sum.sent == all.sent && sum.received == all.received && sum.duplicates == all.duplicates);
}
