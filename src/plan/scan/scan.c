/* SPDX-License-Identifier: MIT */
/*
 * The scan: each port of each target is probed until its state is known, or until it is the one sought. What happened
 * to a probe arrives here and is passed to those it concerns; scan.h lists them.
 */
#include "plan/scan/scan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/ns.h"
#include "target/set.h"

#define ITEMS_MAX (UINT32_C(1) << 26)

/* How long the loss of a try takes to show where no round trip is known. */
#define PERIOD_LEAST (100 * NS_PER_MS)

/* Enough for what can wait at once, and as many finished probes for duplicates and late answers. */
#define PROBES_REMEMBERED (1 << 16)

/* What waits for a neighbour that does not answer stays in the buffer for 3 s, as much as the kernel holds for one
 * (212,992 bytes by default, which is the default of the buffer, too): the other targets need room beside it. The
 * kernel grants twice its net.core.wmem_max at most. */
#define SEND_BUFFER (16 << 20)

/* Further tries wait longer than the first, long after they have left the path. One that waits more than twice as
 * long takes as much less of the window, so that silence does not slow down what a narrow path carries. */
#define LOAD_FULL 256

static void scan_close(struct plan *plan)
{
	struct scan *scan = (struct scan *)plan;

	timers_fini(&scan->timers);
	free(scan->items);
	free(scan->hosts);
	free(scan->seen);
	free(scan);
}

/* A target of which nothing is asked counts as decided, and is not reported. */
static void open_host(struct scan *scan, uint32_t target, uint32_t items)
{
	const struct rp_ports *ports = rp_grid_ports(rp_targets_probed(scan->config->targets), target);
	struct host *host = &scan->hosts[target];

	*host = (struct host){
		.started = RP_TIME_NONE,
		.settled_at = INT64_MIN,
		.retries = {ITEM_NONE, ITEM_NONE},
		.unsent = {ITEM_NONE, ITEM_NONE},
		.refusal = {.since = RP_TIME_NONE, .credit = CREDIT_FULL},
		.ports = ports,
		.port_count = rp_ports_count(ports),
		.items = items,
		.undecided = rp_ports_count(ports),
	};
	rto_init(&host->rto);
	if (host->undecided > 0) {
		item_wake(scan, target);
	} else {
		host->finished = true;
		host->started = INT64_MIN + 1; /* long ago: those behind it are not kept from their timeouts */
	}
	scan->unfinished += !host->finished;
}

static int scan_open(struct plan **plan, const struct plan_setup *setup)
{
	const struct rp_config *config = setup->config;
	struct scan *scan = calloc(1, sizeof *scan);
	uint64_t targets = rp_targets_count(config->targets);
	uint64_t total = rp_grid_count(rp_targets_probed(config->targets)) + targets * CANARIES;
	uint32_t items = 0;
	int error = -ENOMEM;

	if (scan == NULL)
		return -ENOMEM;
	*scan = (struct scan){
		.type = &plan_scan,
		.config = config,
		.port_base = setup->port_base,
		.port_count = setup->port_count,
		.decisions = {.first = ITEM_NONE},
		.targets = (uint32_t)targets,
		.started = RP_TIME_NONE,
		.ring_head = HOST_NONE,
		.ring_tail = HOST_NONE,
		.relieved = INT64_MIN,
	};
	cwnd_init(&scan->cwnd);
	rto_init(&scan->group);
	if (total > ITEMS_MAX) {
		error = -E2BIG;
		goto out;
	}
	scan->items = array_new(total > 0 ? total : 1, sizeof *scan->items);
	scan->hosts = array_new(targets > 0 ? targets : 1, sizeof *scan->hosts);
	error = timers_init(&scan->timers, (uint32_t)(3 * targets + (config->wait_interval > 0 ? total : 0)));
	if (config->wait_interval > 0)
		scan->seen = array_new(total > 0 ? total : 1, sizeof *scan->seen);
	if (scan->items == NULL || scan->hosts == NULL || (config->wait_interval > 0 && scan->seen == NULL) ||
	    error < 0) {
		error = -ENOMEM;
		goto out;
	}
	for (uint32_t i = 0; i < scan->targets; i++) {
		open_host(scan, i, items);
		items += scan->hosts[i].port_count + CANARIES;
	}
	*plan = (struct plan *)scan;
	return 0;
out:
	scan_close((struct plan *)scan);
	return error;
}

/* ---- what to send ----------------------------------------------------------------------------- */

/* When the least rate that was asked for wants a probe, whatever is in flight. */
static int64_t rate_due(const struct scan *scan)
{
	if (scan->config->min_rate == 0 || scan->started == RP_TIME_NONE)
		return INT64_MAX;
	return scan->started + (int64_t)(scan->sent * NS_PER_S / scan->config->min_rate);
}

static bool is_window_open(const struct scan *scan)
{
	return scan->load < (uint64_t)scan->cwnd.window * LOAD_FULL;
}

static int64_t scan_due(const struct plan *plan)
{
	const struct scan *scan = (const struct scan *)plan;

	if (scan->ring_head == HOST_NONE)
		return INT64_MAX;
	return is_window_open(scan) ? INT64_MIN : rate_due(scan);
}

/* A port that is waited for is asked again and again: none of these tries is a further one. */
static int64_t usual_timeout(const struct scan *scan, const struct host *host, unsigned attempt)
{
	return rto_timeout(&host->rto, &scan->group, scan->config->wait_interval > 0 ? 1 : attempt, scan->config);
}

/* The first one, or the second where the target believes that the first is in use; who waits for a state takes them
 * in turn. */
static uint16_t source_port(const struct scan *scan, const struct item *item)
{
	unsigned nth = scan->config->wait_interval > 0 ? item->attempts : item->second_port;

	return (uint16_t)(scan->port_count > 0 ? scan->port_base + nth % scan->port_count : 0);
}

static enum plan_answer scan_next(struct plan *plan, int64_t now, struct rp_probe *probe)
{
	struct scan *scan = (struct scan *)plan;

	if (!is_window_open(scan) && rate_due(scan) > now)
		return PLAN_WAIT;
	uint32_t target;
	uint32_t index = sched_next(scan, &target);
	if (index == ITEM_NONE)
		return PLAN_WAIT;

	struct item *item = &scan->items[index];
	struct host *host = &scan->hosts[target];
	bool again = item->status == ITEM_DECIDED; /* it may have banned us */
	if (item->attempts < UINT16_MAX)
		item->attempts++;
	if (item->attempts == 1 && !item_is_canary(host, index))
		host->fresh_at = now;
	if (!again) {
		item->status = ITEM_FLYING;
		host->last_at = now;
	}
	if (host->started == RP_TIME_NONE)
		host->started = now;
	if (scan->started == RP_TIME_NONE)
		scan->started = now;
	int64_t first = usual_timeout(scan, host, 1);
	int64_t timeout = again ? ban_timeout(host, first) : usual_timeout(scan, host, item->attempts);
	uint16_t load = timeout > 2 * first ? (uint16_t)(LOAD_FULL * 2 * (double)first / (double)timeout) : LOAD_FULL;
	scan->sent++;
	scan->load += load;
	host->flying++;
	probe->target = target;
	probe->destination = set_address(scan->config->targets, target);
	probe->port = item_port(host, index);
	probe->source_port = source_port(scan, item);
	probe->sequence = item->attempts;
	probe->tag = TAG(index, load, scan->config->wait_interval == 0 && !item->second_port);
	probe->timeout = timeout;
	return PLAN_PROBE;
}

/* ---- what came of it -------------------------------------------------------------------------- */

static void scan_reply(struct scan *scan, int64_t now, const struct plan_news *news)
{
	uint32_t index = TAG_ITEM(news->probe->tag);
	struct host *host = &scan->hosts[news->probe->target];
	bool first = scan->items[index].status != ITEM_DECIDED;

	if (news->rtt != RP_TIME_NONE && !news->duplicate) {
		rto_sample(&host->rto, news->rtt, news->late, scan->config);
		rto_sample(&scan->group, news->rtt, news->late, scan->config);
	}
	if (first && scan->config->wait_interval == 0) {
		int64_t period = rto_timeout(&host->rto, &scan->group, 1, scan->config);

		rto_answer(&host->rto, (unsigned)news->probe->sequence, news->late);
		if (news->state == RP_STATE_CLOSED)
			rst_limit_note(scan, host, now, (unsigned)news->probe->sequence - 1);
		else
			host->open_lost += (unsigned)news->probe->sequence - 1;
		cwnd_answer(&scan->cwnd, now, period > PERIOD_LEAST ? period : PERIOD_LEAST,
			    (unsigned)news->probe->sequence - 1);
	}
	if (scan->config->wait_interval > 0 && !news->duplicate)
		rto_answer(&host->rto, scan->items[index].silent + 1U, news->late);
	decide_item(scan, news->probe->target, index, now, news->state, news->reason, news->event, news->late);
}

static void scan_timeout(struct scan *scan, int64_t now, uint32_t index, const struct rp_probe *probe)
{
	struct item *item = &scan->items[index];
	struct host *host = &scan->hosts[probe->target];

	/* At the end everything under way is given up, which says nothing. */
	if (item->status != ITEM_FLYING || probe->sequence != item->attempts || scan->satisfied)
		return;
	if (scan->config->wait_interval > 0) {
		if (item->silent < UINT8_MAX)
			item->silent++;
		bool gone = item->silent >= rto_gone(&host->rto);
		if (gone || scan->config->sought == RP_STATE_OPEN) {
			item->state = RP_STATE_FILTERED;
			item->reason = RP_REASON_NO_RESPONSE;
		}
		if (gone && scan->config->sought == RP_STATE_CLOSED)
			decide_item(scan, probe->target, index, now, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE, NULL,
				    false);
		else
			item_push(scan, probe->target, index);
	} else if (item_is_canary(host, index) && item->attempts >= CANARY_TRIES) {
		decide_item(scan, probe->target, index, now, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE, NULL, false);
	} else if (item->attempts < silent_tries(scan, host)) {
		item_push(scan, probe->target, index);
	} else {
		item->status = ITEM_EXHAUSTED;
		host->exhausted++;
	}
}

/* What is not proven decides nothing. But when the target believes that a connection with our port exists, it would
 * answer all tries from there alike: the next one goes at once, and once, from the other port. */
static void scan_doubt(struct scan *scan, const struct plan_news *news)
{
	uint32_t index = item_find(&scan->hosts[news->probe->target], news->probe->port);
	struct item *item = &scan->items[index != ITEM_NONE ? index : 0];

	if (index == ITEM_NONE || item->attempts == 0 || item->status == ITEM_DECIDED)
		return;
	item->remarks |= (uint8_t)news->remark;
	if (news->remark != RP_REMARK_CHALLENGED || item->second_port || item->attempts > scan->config->max_retries)
		return;
	item->second_port = true;
	if (item->status == ITEM_EXHAUSTED)
		scan->hosts[news->probe->target].exhausted--;
	else if (item->status == ITEM_FLYING && scan->config->wait_interval == 0)
		scan->hosts[news->probe->target].superseded++;
	if (item->status == ITEM_EXHAUSTED || item->status == ITEM_FLYING)
		item_push(scan, news->probe->target, index);
}

/* Nothing is known to be sent to where a name has no address; and who waits for a state asks again anyway. */
static void scan_unsent(struct scan *scan, int64_t now, const struct plan_news *news)
{
	uint32_t target = news->probe->target;
	bool found = set_address(scan->config->targets, target).family != RP_FAMILY_NONE;

	if (found && scan->config->wait_interval == 0)
		refusal_unsent(scan, news->probe, now, news->event);
	else
		decide_item(scan, target, TAG_ITEM(news->probe->tag), now, RP_STATE_UNKNOWN,
			    found ? RP_REASON_SEND_FAILED : RP_REASON_NO_ADDRESS, news->event, false);
}

/* Whether a target is finished, after anything that happened to it; else its alarm is set. */
static void judge_host(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];

	if (host->finished)
		return;
	ban_judge(scan, target, false);
	if (host->undecided > 0)
		silent_judge(scan, target, now);
	if (host->undecided > 0 || ban_is_pending(host))
		return;
	if (now < host->settled_at)
		timers_set(&scan->timers, target, host->settled_at);
	else if (host->flying == host->superseded) /* else what becomes of the last try leads here again */
		decide_finish(scan, target, now);
}

static void scan_news(struct plan *plan, int64_t now, const struct plan_news *news)
{
	struct scan *scan = (struct scan *)plan;
	uint32_t index = TAG_ITEM(news->probe->tag);
	uint32_t target = news->probe->target;

	if (news->concluded) {
		scan->load -= TAG_LOAD(news->probe->tag);
		scan->hosts[target].flying--;
		scan->hosts[target].superseded -= scan->items[index].second_port && TAG_FIRST(news->probe->tag);
		if (scan->config->per_target > 0)
			item_wake(scan, target);
	}
	switch (news->kind) {
	case PLAN_NEWS_SENT:
		refusal_sent(scan, target, now);
		ban_news(scan, now, news);
		return;
	case PLAN_NEWS_LEFT:
		return;
	case PLAN_NEWS_UNSENT:
		scan_unsent(scan, now, news);
		break;
	case PLAN_NEWS_REPLY:
		scan_reply(scan, now, news);
		break;
	case PLAN_NEWS_ERROR:
		if (news->state != RP_STATE_UNKNOWN)
			decide_item(scan, target, index, now, news->state, news->reason, news->event, news->late);
		else /* a router's advice decides nothing (RFC 792) */
			scan->items[index].remarks |=
				news->reason == RP_REASON_REDIRECT ? RP_REMARK_REDIRECT : RP_REMARK_SOURCE_QUENCH;
		break;
	case PLAN_NEWS_TIMEOUT:
		scan_timeout(scan, now, index, news->probe);
		break;
	case PLAN_NEWS_DOUBT:
		scan_doubt(scan, news);
		break;
	}
	ban_news(scan, now, news);
	judge_host(scan, target, now);
}

/* ---- time ------------------------------------------------------------------------------------- */

/* The targets start one after another, so they run into their timeouts in the same order. */
static int64_t host_timeout_due(const struct scan *scan)
{
	if (scan->config->host_timeout == 0 || scan->overdue >= scan->targets ||
	    scan->hosts[scan->overdue].started == RP_TIME_NONE)
		return INT64_MAX;
	return scan->hosts[scan->overdue].started + scan->config->host_timeout;
}

static int64_t scan_alarm(const struct plan *plan)
{
	const struct scan *scan = (const struct scan *)plan;
	int64_t timer = timers_first(&scan->timers), host = host_timeout_due(scan);

	return timer < host ? timer : host;
}

static void scan_wake(struct plan *plan, int64_t now)
{
	struct scan *scan = (struct scan *)plan;

	for (uint32_t id; timers_take(&scan->timers, now, &id);) {
		uint32_t index = id - TIMER_ITEM(scan, 0);

		if (id < TIMER_PAUSE(scan, 0))
			judge_host(scan, id, now);
		else if (id < TIMER_BAN(scan, 0))
			refusal_wake(scan, id - TIMER_PAUSE(scan, 0));
		else if (id < TIMER_ITEM(scan, 0))
			ban_wake(scan, id - TIMER_BAN(scan, 0));
		else if (scan->items[index].status == ITEM_RESTING)
			item_push(scan, item_target(scan, index), index);
	}
	for (; host_timeout_due(scan) <= now; scan->overdue++) {
		if (!scan->hosts[scan->overdue].finished)
			decide_give_up(scan, scan->overdue, now, RP_REASON_HOST_TIMEOUT);
	}
}

static struct plan_end scan_ends(const struct plan *plan)
{
	const struct scan *scan = (const struct scan *)plan;

	return (struct plan_end){.at = scan->unfinished == 0 || scan->satisfied ? INT64_MIN : INT64_MAX,
				 .why = RP_END_COMPLETE,
				 .waited = scan->unfinished == 0};
}

static struct plan_pace scan_pace(const struct rp_config *config, uint32_t a_round)
{
	struct plan_pace pace = {.period = NS_PER_S, .count = config->max_rate, .burst = 1};

	(void)a_round;
	if (config->scan_delay > 0 && (config->max_rate == 0 || config->scan_delay >= NS_PER_S / config->max_rate))
		pace = (struct plan_pace){.period = config->scan_delay, .count = 1, .burst = 1};
	else if (config->max_rate == 0)
		pace = (struct plan_pace){.period = 0, .count = 1, .burst = 1};
	return pace;
}

static uint32_t scan_capacity(const struct rp_config *config, uint64_t a_round)
{
	(void)config, (void)a_round;
	return PROBES_REMEMBERED;
}

/* What is undecided at the end stays as it was last seen, or unknown: the run was cut short. */
static void scan_finish(struct plan *plan, int64_t now)
{
	struct scan *scan = (struct scan *)plan;

	for (uint32_t target = 0; target < scan->targets && scan->unfinished > 0; target++) {
		if (!scan->hosts[target].finished)
			decide_give_up(scan, target, now, RP_REASON_NONE);
	}
}

static bool scan_decided(struct plan *plan, struct rp_event *event)
{
	return decide_next((struct scan *)plan, event);
}

const struct plan_type plan_scan = {
	.name = "scan",
	.attempts = true,
	.chooses_ports = true,
	.send_buffer = SEND_BUFFER,
	.hears = PLAN_HEARS_ALL & ~PLAN_HEARS(PLAN_NEWS_LEFT),
	.pace = scan_pace,
	.capacity = scan_capacity,
	.open = scan_open,
	.next = scan_next,
	.news = scan_news,
	.due = scan_due,
	.alarm = scan_alarm,
	.wake = scan_wake,
	.ends = scan_ends,
	.decided = scan_decided,
	.finish = scan_finish,
	.close = scan_close,
};
