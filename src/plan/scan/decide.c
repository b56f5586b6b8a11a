/* SPDX-License-Identifier: MIT */
/*
 * What is decided, and when it is final. Of the evidence a SYN-ACK counts before a RST, and a RST before an ICMP error;
 * silence is none. Silence decides when the tries are used up and the patience with that target is over. A target is
 * reported a short time after its last RST or error: load balancers and middleboxes have been seen to send a RST just
 * before the SYN-ACK, which then wins and is marked as a conflict.
 */
#include "plan/scan/scan.h"

#include "base/ns.h"
#include "target/set.h"

/* How long after an answer one may come that weighs more, beyond the round trip, and at most. */
#define SETTLE      (10 * NS_PER_MS)
#define SETTLE_MOST (200 * NS_PER_MS)

/* A target with so many open ports, and hardly any closed, is asked for ports nobody opens. */
#define OPEN_TO_SUSPECT 10
#define OPEN_PER_CLOSED 9

/* Where every dynamic port was asked for, a target answers everything if all but one in so many are open. */
#define ALL_BUT 20

/* Silent ports for each refused by ICMP that make a rate limit likely. */
#define SILENT_PER_REFUSED 3

/* The item of a host's own decision: no port of it is one. */
static uint32_t host_item(const struct host *host)
{
	return host->items + host->port_count;
}

static void push(struct scan *scan, uint32_t index, int64_t now)
{
	struct decisions *decisions = &scan->decisions;

	scan->items[index].decided_next = ITEM_NONE;
	if (decisions->first == ITEM_NONE)
		decisions->first = index;
	else
		scan->items[decisions->last].decided_next = index;
	decisions->last = index;
	decisions->time = now;
}

/* Nothing that came in this moment decided the item. */
static struct rp_event silence(const struct item *item)
{
	return (struct rp_event){
		.rtt = RP_TIME_NONE,
		.tx_queue = RP_TIME_NONE,
		.rx_wakeup = RP_TIME_NONE,
		.sent.ns = RP_TIME_NONE,
		.received.ns = RP_TIME_NONE,
		.attempt = item->attempts,
		.wrong_data_offset = UINT32_MAX,
	};
}

/* ---- ports ------------------------------------------------------------------------------------ */

static bool is_sought(const struct scan *scan, enum rp_state state)
{
	switch (scan->config->sought) {
	case RP_STATE_UNKNOWN:
		return false;
	case RP_STATE_CLOSED:
		return scan->config->wait_interval > 0 ? state == RP_STATE_CLOSED || state == RP_STATE_FILTERED
						       : state == RP_STATE_CLOSED;
	case RP_STATE_OPEN:
	case RP_STATE_FILTERED:
		break;
	}
	return state == scan->config->sought;
}

static void count(struct host *host, const struct item *item, int change)
{
	uint32_t by = (uint32_t)change;

	switch ((enum rp_state)item->state) {
	case RP_STATE_OPEN:
		host->open += by;
		break;
	case RP_STATE_CLOSED:
		host->closed += by;
		break;
	case RP_STATE_FILTERED:
		if (item->reason == RP_REASON_NO_RESPONSE)
			host->silent += by;
		else
			host->refused += by;
		break;
	case RP_STATE_UNKNOWN:
		break;
	}
}

/* Nearly all is open: three dynamic ports that nobody asked for show whether that means anything. */
static void launch_canaries(struct scan *scan, uint32_t target)
{
	struct host *host = &scan->hosts[target];

	if (host->suspected || scan->config->sought != RP_STATE_UNKNOWN || host->open < OPEN_TO_SUSPECT ||
	    host->open < OPEN_PER_CLOSED * host->closed)
		return;
	host->suspected = true;
	for (uint32_t i = 0; i < CANARIES; i++) {
		if (item_port(host, host->items + host->port_count + i) == 0)
			return;
	}
	host->canaries = CANARIES;
	host->undecided += CANARIES;
	item_wake(scan, target);
}

static void note_syn_ack(struct host *host, const struct rp_event *cause)
{
	if (cause == NULL || cause->packet == NULL || cause->reason != RP_REASON_SYN_ACK)
		return;

	const struct rp_packet *packet = cause->packet;
	struct make make = {packet->ip.time_to_live, packet->tcp.options_length, packet->tcp.window};
	if (host->make.ttl == 0)
		host->make = make;
	host->full_syn_ack |= make.window > 0 && make.options_length > 0;
	host->mixed_ttls |= make.ttl != host->make.ttl;
	host->mixed_makes |= make.ttl != host->make.ttl || make.window != host->make.window ||
			     make.options_length != host->make.options_length;
}

/* The bytes of the packet are gone when it is reported. */
static void remember(struct sighting *seen, const struct rp_event *cause)
{
	bool answer = cause != NULL && cause->packet != NULL && cause->kind != RP_EVENT_UNSENT;

	seen->event.packet = NULL;
	if (!answer)
		return;
	*seen = (struct sighting){*cause, *cause->packet};
	seen->packet.bytes = seen->packet.payload = seen->packet.tcp.options = NULL;
	seen->packet.quote = (struct rp_quote){0};
	seen->event.packet = &seen->packet;
	seen->event.probe = NULL;
	seen->event.probe_packet = NULL;
}

/* Another state is sought: the item rests, and remembers what it is in the meantime. */
static void rest(struct scan *scan, uint32_t index, int64_t now, enum rp_state state, enum rp_reason reason,
		 const struct rp_event *cause)
{
	struct item *item = &scan->items[index];

	remember(&scan->seen[index], cause);

	item->state = (uint8_t)state;
	item->reason = (uint8_t)reason;
	item->silent = 0;
	item->status = ITEM_RESTING;
	timers_set(&scan->timers, TIMER_ITEM(scan, index), now + scan->config->wait_interval);
}

static bool is_evidence(enum rp_reason reason)
{
	return reason != RP_REASON_NO_RESPONSE && reason != RP_REASON_SEND_FAILED && reason != RP_REASON_NO_ADDRESS;
}

/* Of two proven answers the one that weighs more counts, whichever comes first: they come from two queues. That the
 * host accepts weighs more than that it refuses, and what it said itself more than what was said on the way. */
static unsigned weight(enum rp_state state, enum rp_reason reason)
{
	if (!is_evidence(reason))
		return 0;
	switch (state) {
	case RP_STATE_FILTERED:
		return 1;
	case RP_STATE_CLOSED:
	case RP_STATE_UNKNOWN: /* its time was over */
		return 2;
	case RP_STATE_OPEN:
		break;
	}
	return 3;
}

static bool accepts(const struct item *item, enum rp_state state, enum rp_reason reason)
{
	unsigned known = weight((enum rp_state)item->state, (enum rp_reason)item->reason);

	return item->status != ITEM_DECIDED || weight(state, reason) > known ||
	       (known == 0 && state != RP_STATE_UNKNOWN);
}

void decide_item(struct scan *scan, uint32_t target, uint32_t index, int64_t now, enum rp_state state,
		 enum rp_reason reason, const struct rp_event *cause, bool late)
{
	struct item *item = &scan->items[index];
	struct host *host = &scan->hosts[target];
	bool decided = item->status == ITEM_DECIDED;

	if (!accepts(item, state, reason))
		return;
	if (scan->config->wait_interval > 0 && !is_sought(scan, state)) {
		if (!decided) /* what was sought has been seen: nothing undoes that */
			rest(scan, index, now, state, reason, cause);
		return;
	}
	if (item->status == ITEM_EXHAUSTED)
		host->exhausted--;
	item->as_seen = false;
	item->late = late;
	item->conflict = decided && item->state == RP_STATE_CLOSED;
	if (decided)
		count(host, item, -1);
	item->status = ITEM_DECIDED;
	item->state = (uint8_t)state;
	item->reason = (uint8_t)reason;
	if (weight(state, reason) > 0 && state != RP_STATE_OPEN) {
		int64_t rtt = host->rto.srtt != RP_TIME_NONE ? host->rto.srtt : 0;
		host->settled_at = now + (rtt + SETTLE < SETTLE_MOST ? rtt + SETTLE : SETTLE_MOST);
	}
	if (!decided)
		host->undecided--;
	note_syn_ack(host, cause);
	if (item_is_canary(host, index)) {
		if (state == RP_STATE_OPEN)
			host->canaries_open++;
		return;
	}
	count(host, item, 1);
	if (cause != NULL) {
		scan->decisions.cause = cause;
		scan->decisions.cause_item = index;
	}
	push(scan, index, now);
	launch_canaries(scan, target);
	scan->satisfied |= scan->config->sought_first && is_sought(scan, state);
}

/* ---- targets ---------------------------------------------------------------------------------- */

static unsigned findings(const struct host *host)
{
	unsigned found = 0;

	if (host->canaries > 0 ? host->canaries_open == host->canaries
			       : host->suspected && host->open > host->port_count - host->port_count / ALL_BUT)
		found |= RP_FINDING_ANSWERS_EVERYTHING | (host->mixed_makes ? 0U : RP_FINDING_ONE_MAKE);
	if (host->mixed_ttls)
		found |= RP_FINDING_MIXED_TTLS;
	if (host->open >= OPEN_TO_SUSPECT && !host->full_syn_ack)
		found |= RP_FINDING_EMPTY_SYN_ACKS;
	if (host->refused > 0 && host->silent >= SILENT_PER_REFUSED * host->refused)
		found |= RP_FINDING_ICMP_LIMITED;
	if (host->ban.found)
		found |= RP_FINDING_BANNED;
	else if (host->look.found || rst_limit_is_plain(host) || rst_limit_is_likely(host))
		found |= RP_FINDING_RST_LIMITED | (host->silent > 0 && !host->look.sure ? RP_FINDING_MAYBE_CLOSED : 0U);
	return found;
}

void decide_finish(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];

	host->finished = true;
	timers_clear(&scan->timers, target);
	scan->unfinished--;
	push(scan, host_item(host), now);
}

static void give_up_item(struct scan *scan, uint32_t target, uint32_t index, int64_t now, enum rp_reason reason)
{
	struct item *item = &scan->items[index];

	if (item->status != ITEM_RESTING && item->reason == RP_REASON_NONE) {
		item->state = RP_STATE_UNKNOWN;
		item->reason = (uint8_t)reason;
	}
	if (item->status == ITEM_EXHAUSTED)
		scan->hosts[target].exhausted--;
	item->status = ITEM_DECIDED;
	scan->hosts[target].undecided--;
	if (item_is_canary(&scan->hosts[target], index))
		return;
	item->as_seen = scan->seen != NULL;
	item->late = item->conflict = false;
	push(scan, index, now);
}

void decide_give_up(struct scan *scan, uint32_t target, int64_t now, enum rp_reason reason)
{
	struct host *host = &scan->hosts[target];

	for (uint32_t index = host->items; index < host->items + host->port_count && host->undecided > 0; index++) {
		if (scan->items[index].status != ITEM_DECIDED)
			give_up_item(scan, target, index, now, reason);
	}
	if (!host->finished)
		decide_finish(scan, target, now);
}

void decide_give_up_unsent(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	uint32_t end = host->items + host->port_count + host->canaries;

	for (uint32_t index = host->items; index < end && host->undecided > 0; index++) {
		uint8_t status = scan->items[index].status;

		if (status == ITEM_NEW || status == ITEM_QUEUED)
			give_up_item(scan, target, index, now, RP_REASON_SEND_FAILED);
	}
}

/* What came last about an item that another answer was waited for, if that is what it is in. */
static struct rp_event as_seen(const struct scan *scan, uint32_t index)
{
	const struct item *item = &scan->items[index];
	const struct sighting *seen = &scan->seen[index];
	struct rp_event event = silence(item);

	if (seen->event.packet == NULL || seen->event.reason != item->reason)
		return event;
	event = seen->event;
	event.attempt = item->attempts;
	return event;
}

bool decide_next(struct scan *scan, struct rp_event *event)
{
	struct decisions *decisions = &scan->decisions;
	uint32_t index = decisions->first;

	if (index == ITEM_NONE) {
		decisions->cause = NULL;
		return false;
	}
	const struct item *item = &scan->items[index];
	uint32_t target = item_target(scan, index);
	const struct host *host = &scan->hosts[target];
	bool port = index != host_item(host),
	     caused = port && decisions->cause != NULL && decisions->cause_item == index;

	decisions->first = item->decided_next;
	if (port && item->as_seen)
		*event = as_seen(scan, index);
	else
		*event = caused ? *decisions->cause : silence(port ? item : &scan->items[host->items]);
	event->kind = port ? RP_EVENT_PORT : RP_EVENT_HOST;
	event->time = decisions->time;
	event->target = target;
	event->address = set_address(scan->config->targets, target);
	event->findings = port ? 0 : findings(host);
	event->late = port && item->late;
	event->conflict = port && item->conflict;
	if (port) {
		event->remarks |= item->remarks;
		event->port = item_port(host, index);
		event->state = item->state;
		event->reason = item->reason;
	}
	return true;
}
