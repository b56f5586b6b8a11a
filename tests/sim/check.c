/* SPDX-License-Identifier: MIT */
/*
 * Compares events with the truth: every probe has a fate, and a second set of statistics is counted from the events by
 * the words of rprobe.h. Every event must be true, and everything true must be reported.
 */
#include "alloc.h"
#include "check.h"
#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static const char *const kind_names[RP_EVENT_DONE + 1] = {"sent",    "unsent", "reply",   "duplicate", "repeated",
							  "late",    "error",  "overdue", "timeout",   "outage",
							  "suspect", "port",   "host",    "address",   "done"};

/* What stands in a queue of this host is waited for so much longer. */
#define QUEUE_MOST (5 * SECOND + 20 * MS)

/* ---- what is told ----------------------------------------------------------------------------- */

#define EXPECT(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			run_fail(run, "%s of target %u port %u sequence %llu attempt %u: not " #condition,             \
				 kind_names[event->kind], event->target, event->port,                                  \
				 (unsigned long long)event->sequence, event->attempt);                                 \
	} while (0)

/* On the schedule, and late only by what the driver was: the k-th of a series is due at k intervals. */
static void check_schedule(const struct run *run, uint64_t index, const struct rp_event *event)
{
	const struct rp_config *config = &run->config;
	uint64_t each = rp_targets_count(run->targets) * (uint64_t)(run->port_set ? rp_ports_count(run->port_set) : 1);
	uint64_t k = index < config->preload ? 0 : index - (config->preload - 1);
	int64_t due = run->start + (int64_t)(k / each) * config->interval +
		      (int64_t)(k % each) * config->interval / (int64_t)each;

	EXPECT(event->time >= due);
	EXPECT(event->time <= due + run->driver.wake);
	EXPECT(event->schedule_lag == (index + 1 < config->preload ? RP_TIME_NONE : event->time - due));
}

static void hear_sent(struct run *run, const struct rp_event *event)
{
	EXPECT(run->handed != NO_PROBE);
	check_identify(run, run->handed, event);
	struct truth *truth = &run->truths[run->handed];
	EXPECT(!truth->sent && !truth->unsent && run->refused == 0);
	EXPECT(event->sent.ns == truth->sent_at);
	truth->sent = true;
	run->mine.sent++;
	run->mine.in_flight++;
	run->mine_of[event->target].sent++;
	run->mine_of[event->target].in_flight++;
	if (run->driver.exact)
		check_schedule(run, run->handed, event);
}

/* When a run ends, what is left of a batch for which there was no room is reported, from the packet on that was
 * tried last. */
static uint64_t unsent_probe(struct run *run)
{
	if (run->handed == NO_PROBE)
		return check_add(run, &(struct truth){.handed = run->now});
	for (unsigned i = 0; i < PATH_BATCH; i++)
		if (run->probes[i] >= run->handed && !run->truths[run->probes[i]].unsent)
			return run->probes[i];
	return run->handed;
}

static void hear_unsent(struct run *run, const struct rp_event *event)
{
	uint64_t index = unsent_probe(run);

	EXPECT(event->error == (run->handed != NO_PROBE ? run->refused : ENETUNREACH));
	EXPECT(event->error != 0);
	check_identify(run, index, event);
	run->truths[index].unsent = true;
	run->mine.unsent++;
	run->mine_of[event->target].unsent++;
}

/* The event is about the packet that the session was just given, and its times are the true ones. */
static void check_measure(const struct run *run, const struct rp_event *event, const struct truth *truth)
{
	const struct net_delivery *delivery = run->delivery;
	bool ours = delivery->probe == (uint64_t)(truth - run->truths);
	int64_t left = truth->stamped ? truth->departed : truth->sent_at;

	EXPECT(!delivery->forged);
	EXPECT(ours || delivery->altered);
	EXPECT(rp_addr_ipv4_value(event->from) == get32(delivery->bytes + 12));
	EXPECT(event->sent.ns == left);
	EXPECT(event->sent.clock == (truth->stamped ? RP_CLOCK_KERNEL : RP_CLOCK_USER));
	EXPECT((event->rtt == event->received.ns - left && event->kind != RP_EVENT_REPEATED) ||
	       (event->rtt == RP_TIME_NONE && (delivery->answer == ANSWER_OTHER || event->kind == RP_EVENT_REPEATED)));
	EXPECT(event->received.ns == (event->received.clock == RP_CLOCK_USER ? run->now : delivery->at));
	EXPECT(event->tx_queue == (truth->stamped ? truth->departed - truth->sent_at : RP_TIME_NONE));
	EXPECT(event->rx_wakeup == (event->received.clock == RP_CLOCK_USER ? RP_TIME_NONE : run->now - delivery->at));
}

static void measure(struct rp_stats *stats, int64_t rtt)
{
	stats->samples++;
	if (stats->samples == 1 || rtt < stats->rtt_min)
		stats->rtt_min = rtt;
	if (stats->samples == 1 || rtt > stats->rtt_max)
		stats->rtt_max = rtt;
}

/* An error is known by 8 bytes that no checksum covers: noise may make it one about another probe. */
static bool noise_in_an_error(const struct net_delivery *delivery)
{
	return delivery->altered && bytes_inner_sound(delivery->bytes, delivery->length) && delivery->bytes[9] == 1 &&
	       bytes_inner(delivery->bytes)[0] != 0;
}

static int64_t left_at(const struct truth *truth)
{
	return truth->stamped ? truth->departed : truth->sent_at;
}

/* Of a series: what is shown exceeds the timeout. The timeouts of a scan are its own. */
static bool is_late(const struct run *run, const struct rp_event *event, const struct truth *truth)
{
	int64_t timeout = run->config.timeout != RP_TIME_NONE ? run->config.timeout : 10 * SECOND;
	int64_t took = event->rtt != RP_TIME_NONE ? event->rtt : event->received.ns - truth->sent_at;

	return run->config.plan == RP_PLAN_SERIES && truth->stamped ? took > timeout : event->kind == RP_EVENT_LATE;
}

static void hear_answer(struct run *run, const struct rp_event *event)
{
	EXPECT(run->delivery != NULL &&
	       (run->delivery->answer == ANSWER_REPLY || run->delivery->answer == ANSWER_OTHER));
	struct truth *truth = check_find(run, event);
	struct rp_stats *mine = &run->mine, *mine_of = &run->mine_of[event->target];
	bool syn_ack = bytes_is_syn_ack(run->delivery->bytes);
	bool repeated = syn_ack && truth->accepted_at != 0 && event->received.ns - truth->accepted_at >= SECOND / 2;
	enum rp_event_kind again = repeated ? RP_EVENT_REPEATED : RP_EVENT_DUPLICATE;
	EXPECT(event->kind == (truth->answered ? again : is_late(run, event, truth) ? RP_EVENT_LATE : RP_EVENT_REPLY));
	EXPECT(truth->answered || event->was_given_up == truth->expired);
	EXPECT(event->kind != RP_EVENT_LATE || truth->expired);
	if (syn_ack && truth->accepted_at == 0)
		truth->accepted_at = event->received.ns;
	check_measure(run, event, truth);
	EXPECT(event->wrong_data_offset == run->delivery->difference);
	EXPECT(event->different_address == !rp_addr_equal(event->from, event->address));
	run->believed++;
	EXPECT(!(event->remarks & RP_REMARK_MAYBE_REPEATED) || (syn_ack && event->rtt >= SECOND));
	if (event->kind != RP_EVENT_LATE && event->rtt != RP_TIME_NONE &&
	    !(event->remarks & RP_REMARK_MAYBE_REPEATED)) {
		measure(mine, event->rtt), measure(mine_of, event->rtt);
		run->rtt_sum += (double)event->rtt;
		run->rtt_squares += (double)event->rtt * (double)event->rtt;
	}
	if (event->kind == RP_EVENT_DUPLICATE) {
		mine->duplicates++, mine_of->duplicates++;
	} else if (event->kind == RP_EVENT_REPEATED) {
		mine->repeated++, mine_of->repeated++;
	} else if (event->kind == RP_EVENT_LATE) {
		mine->lost--, mine->late++, mine_of->lost--, mine_of->late++;
	} else {
		bool other = event->wrong_data_offset != UINT32_MAX ||
			     (run->delivery->bytes[9] == 1 && bytes_inner(run->delivery->bytes)[1] != 0);
		*(truth->expired ? &mine->lost : &mine->in_flight) -= 1;
		*(truth->expired ? &mine_of->lost : &mine_of->in_flight) -= 1;
		mine->received++, mine->altered += other;
		mine_of->received++, mine_of->altered += other;
	}
	truth->answered_at = event->kind == RP_EVENT_REPLY ? event->received.ns : truth->answered_at;
	truth->answered = true;
}

static void hear_error(struct run *run, const struct rp_event *event)
{
	EXPECT(run->delivery != NULL);
	struct truth *truth = check_find(run, event);

	EXPECT(run->delivery->answer == ANSWER_ERROR || run->delivery->altered);
	check_measure(run, event, truth);
	run->believed++;

	uint8_t type = bytes_inner(run->delivery->bytes)[0];
	bool advice = type == 4 || type == 5; /* source quench, redirect: the probe goes on */
	run->mine.errors += !advice;
	run->mine_of[event->target].errors += !advice;
}

static void hear_timeout(struct run *run, const struct rp_event *event)
{
	struct truth *truth = check_find(run, event);
	bool series = run->config.plan == RP_PLAN_SERIES;
	int64_t least = run->config.min_rtt_timeout, age = event->time - left_at(truth);

	EXPECT(!truth->answered && !truth->expired);
	if (series)
		least = run->config.timeout != RP_TIME_NONE ? run->config.timeout : 10 * SECOND;
	if (age < least)
		run->ending = true; /* and nothing else may follow but the end */
	else if (series && !run->ending)
		EXPECT(age <= least + run->driver.wake + run->driver.full_for + (truth->stamped ? 0 : QUEUE_MOST));
	truth->expired = true;
	truth->expired_at = event->time;
	truth->left_at = left_at(truth);
	run->mine.in_flight--, run->mine.lost++;
	run->mine_of[event->target].in_flight--, run->mine_of[event->target].lost++;
}

/* A series remembers its probes for 20 s, and for as long as their timeout. */
static bool forgotten(const struct run *run, const struct net_delivery *delivery)
{
	int64_t timeout = run->config.timeout, memory = timeout > 20 * SECOND ? timeout : 20 * SECOND;

	return run->config.plan == RP_PLAN_SERIES && run->now - run->truths[delivery->probe].sent_at > memory;
}

static void hear_suspect(struct run *run, const struct rp_event *event)
{
	bool damaged = event->suspicion == RP_SUSPECT_CHECKSUM || event->suspicion == RP_SUSPECT_TRUNCATED ||
		       event->suspicion == RP_SUSPECT_MALFORMED;

	EXPECT(run->delivery != NULL);
	EXPECT(event->suspicion != RP_SUSPECT_NONE);
	if (event->suspicion == RP_SUSPECT_FORGOTTEN && !run->delivery->forged && !run->delivery->altered)
		EXPECT(forgotten(run, run->delivery));
	if (event->suspicion == RP_SUSPECT_NEVER_SENT || event->suspicion == RP_SUSPECT_QUOTE)
		EXPECT(run->delivery->forged || run->delivery->altered);
	run->suspects++;
	run->mine.corrupted += damaged;
	run->mine.suspect += !damaged;
}

static void hear_port(struct run *run, const struct rp_event *event)
{
	uint32_t port = 0;

	EXPECT(run->config.plan == RP_PLAN_SCAN);
	while (rp_ports_at(run->port_set, port) != event->port) {
		uint32_t most = rp_ports_count(run->port_set);
		uint32_t step = (uint32_t)(event->port - rp_ports_at(run->port_set, port));
		EXPECT(step < 65536);
		port = port + step < most ? port + step : most - 1;
		while (rp_ports_at(run->port_set, port) > event->port)
			port--;
	}
	struct port_truth *truth = &run->ports[(size_t)port * rp_targets_count(run->targets) + event->target];
	EXPECT(event->reason != RP_REASON_SOURCE_QUENCH &&
	       event->reason != RP_REASON_REDIRECT); /* RFC 792: no answers */
	/* Told again only to say more: open instead of something else, closed instead of an error from the way, or
	 * an answer instead of silence. */
	EXPECT(!truth->told || truth->reason == RP_REASON_NO_RESPONSE || truth->reason == RP_REASON_SEND_FAILED ||
	       (event->state == RP_STATE_OPEN && truth->state != RP_STATE_OPEN) ||
	       (event->state == RP_STATE_CLOSED && truth->state == RP_STATE_FILTERED));
	run->remarks |= event->remarks;
	*truth = (struct port_truth){(uint8_t)event->state, (uint8_t)event->reason, true};
}

static void check_ledger(const struct run *run, const struct rp_stats *is, const struct rp_stats *mine,
			 const struct rp_event *event)
{
	EXPECT(is->sent == mine->sent && is->unsent == mine->unsent);
	EXPECT(is->received == mine->received && is->altered == mine->altered);
	EXPECT(is->lost == mine->lost && is->late == mine->late);
	EXPECT(is->in_flight == mine->in_flight && is->errors == mine->errors);
	EXPECT(is->duplicates == mine->duplicates && is->repeated == mine->repeated);
	EXPECT(is->samples == mine->samples);
	EXPECT(is->samples == 0 || (is->rtt_min == mine->rtt_min && is->rtt_max == mine->rtt_max));
	/* The promises themselves, in numbers that cannot have wrapped round. */
	EXPECT(is->sent <= INT64_MAX && is->received <= is->sent && is->in_flight <= is->sent);
	EXPECT(is->lost <= is->sent && is->late <= is->sent);
	EXPECT(is->sent == is->received + is->lost + is->late + is->in_flight);
	EXPECT(is->samples == 0 || (is->rtt_min <= is->rtt_mean && is->rtt_mean <= is->rtt_max));
}

static void print_event(const struct run *run, const struct rp_event *event)
{
	fprintf(stderr, "%14.6f ms  %-9s target %u port %u sequence %llu attempt %u",
		(double)(event->time - run->start) / 1e6, kind_names[event->kind], event->target, event->port,
		(unsigned long long)event->sequence, event->attempt);
	if (event->rtt != RP_TIME_NONE)
		fprintf(stderr, "  rtt %.6f ms", (double)event->rtt / 1e6);
	if (event->suspicion != RP_SUSPECT_NONE)
		fprintf(stderr, "  %s", rp_suspicion_name(event->suspicion));
	if (event->reason != RP_REASON_NONE)
		fprintf(stderr, "  %s, %s", rp_state_name(event->state), rp_reason_name(event->reason));
	fputc('\n', stderr);
}

static void hear(struct run *run, const struct rp_event *event)
{
	EXPECT(!run->done);
	EXPECT(event->time == run->now);
	/* It follows the clock when that is set forward, and never goes back. */
	EXPECT(event->wall == event->time + run->wall_most && event->wall >= run->wall_told);
	run->wall_told = event->wall;
	EXPECT(event->kind == RP_EVENT_TIMEOUT || event->kind == RP_EVENT_OVERDUE || event->kind == RP_EVENT_UNSENT ||
	       event->kind == RP_EVENT_OUTAGE || !run->ending || event->kind >= RP_EVENT_PORT);
	switch (event->kind) {
	case RP_EVENT_SENT:
		hear_sent(run, event);
		break;
	case RP_EVENT_UNSENT:
		hear_unsent(run, event);
		break;
	case RP_EVENT_REPLY:
	case RP_EVENT_DUPLICATE:
	case RP_EVENT_REPEATED:
	case RP_EVENT_LATE:
		hear_answer(run, event);
		break;
	case RP_EVENT_ERROR:
		hear_error(run, event);
		break;
	case RP_EVENT_OVERDUE: {
		struct truth *truth = check_find(run, event);
		EXPECT(!truth->answered && !truth->expired && !truth->overdue);
		truth->overdue = true;
		break;
	}
	case RP_EVENT_TIMEOUT:
		hear_timeout(run, event);
		break;
	case RP_EVENT_OUTAGE:
		outages_hear(run, event);
		break;
	case RP_EVENT_SUSPECT:
		hear_suspect(run, event);
		break;
	case RP_EVENT_PORT:
		hear_port(run, event);
		break;
	case RP_EVENT_HOST:
		run->findings |= event->findings;
		run->host_told_at[run->hosts_told++] = event->time;
		break;
	case RP_EVENT_ADDRESS:
		break;
	case RP_EVENT_DONE:
		run->done = true;
		run->end = event->end;
		break;
	}
}

void check_event(void *user, const struct rp_event *event)
{
	struct run *run = user;
	struct rp_stats stats;
	bool inside = alloc_count(false);

	run->told++;
	if (run->verbose)
		print_event(run, event);
	if (run->also.event != NULL)
		run->also.event(run->also.user, event);
	hear(run, event);
	session_stats(run->session, RP_ALL_TARGETS, &stats);
	check_ledger(run, &stats, &run->mine, event);
	EXPECT(stats.corrupted == run->mine.corrupted && stats.suspect == run->mine.suspect);
	if (run->several && event->target < rp_targets_count(run->targets)) {
		session_stats(run->session, event->target, &stats);
		check_ledger(run, &stats, &run->mine_of[event->target], event);
	}
	json_event(run->json, event);
	alloc_count(inside);
}

/* ---- what is not told ------------------------------------------------------------------------- */

void check_delivery(struct run *run, const struct net_delivery *delivery)
{
	uint64_t expected = 0;

	run->forged += delivery->forged && !delivery->foreign;
	run->strays += delivery->foreign;
	if (run->done)
		return;
	if (!delivery->forged && delivery->answer != ANSWER_NONE && run->truths[delivery->probe].sent)
		expected = 1;
	if (delivery->foreign && run->told != 0)
		run_fail(run, "an event about a packet that is nothing to us");
	if (noise_in_an_error(delivery))
		return;
	/* Noise may have taken the SYN from a SYN-ACK, or changed the number: what is left counts if there is such a
	 * probe. */
	if (delivery->answer == ANSWER_OTHER && run->believed == 0)
		return;
	if (expected == 1 && run->believed == 0 && run->told > 0 && forgotten(run, delivery))
		return;
	if (run->believed != expected)
		run_fail(run, "a packet about probe %llu was believed %llu times and should be %llu times",
			 (unsigned long long)delivery->probe, (unsigned long long)run->believed,
			 (unsigned long long)expected);
}

/* Sent and neither answered nor given up: none, or when the run was cut short none but the young. Where answers can
 * no longer be read, any may be left. */
static void check_left(const struct run *run)
{
	int64_t young = run->config.interval;

	if (run->mine.samples > 0 && 2 * run->mine.rtt_max > young)
		young = 2 * run->mine.rtt_max;
	if (run->config.timeout != RP_TIME_NONE)
		young = run->config.timeout;
	for (uint64_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truths[i];

		if (!truth->sent || truth->answered || truth->expired || run->end == RP_END_ERROR)
			continue;
		if ((run->end == RP_END_COMPLETE && !run->config.count_replies) ||
		    (run->config.plan == RP_PLAN_SERIES && run->now - truth->departed >= young))
			run_fail(run, "probe %llu did not end", (unsigned long long)i);
	}
}

void check_end(struct run *run)
{
	uint32_t targets = rp_targets_count(run->targets);
	struct rp_event none = {.kind = RP_EVENT_DONE};
	struct rp_event *event = &none;
	double samples = (double)run->mine.samples, mean = run->rtt_sum / samples;

	if (!run->done)
		run_fail(run, "not over after %lld s", (long long)(run->driver.limit / SECOND));
	session_stats(run->session, RP_ALL_TARGETS, &run->total);
	check_left(run);
	/* Replies in time: neither further ones nor late ones make up for others. */
	if (run->config.count_replies && run->end == RP_END_COMPLETE)
		EXPECT(run->mine.received >= run->config.count * targets);
	if (samples > 0) {
		double mdev = sqrt(fmax(0, run->rtt_squares / samples - mean * mean));
		EXPECT(fabs((double)run->total.rtt_mean - mean) <= 1);
		/* Squares of large numbers lose digits. */
		EXPECT(fabs((double)run->total.rtt_mdev - mdev) <= 10 + mean / 1e5);
	}
	EXPECT(run->allocations == 0);
	if (run->config.plan == RP_PLAN_SERIES) {
		outages_check(run);
		return;
	}
	for (size_t i = 0; i < (size_t)targets * rp_ports_count(run->port_set); i++)
		EXPECT(run->ports[i].told);
	EXPECT(run->hosts_told == targets);
}
