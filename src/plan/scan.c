/* SPDX-License-Identifier: MIT */
/*
 * The scan: each port of each target until its state is known. Hides order, retries, timeouts and window.
 *
 * Order: the first port of every target, then the second, so that no target takes the load alone.
 *
 * Timeout: RFC 6298's estimate for each target (srtt + 4 rttvar, within the configured bounds), the initial
 * one until the target has answered anything. A round trip is only taken from the try that was answered,
 * so Karn's ambiguity does not arise.
 *
 * Retries: a silent port is tried twice as often as any answered port of its target needed, and twice more, so
 * the tries grow with the loss that is seen: with 400 ports and a third of the tries lost, one run in 200 takes
 * a port for silent that is not. A target that never answered gets SILENT_TRIES. A port out of
 * tries is benched: loss may show later, on its neighbours. When all that is left of a target sits on the
 * bench, it is tried again or decided.
 *
 * Window: how many probes may be in flight. It grows by one with every answer and is halved, at most once
 * in a round trip, when an answer to a retry shows loss.
 */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ns.h"

#define SILENT_TRIES 3
#define SPARE_TRIES  2

#define WINDOW_FIRST    1024
#define WINDOW_LEAST    256
#define WINDOW_MOST     16384
#define WINDOW_PATIENCE (100 * NS_PER_MS) /* between two halvings, where no round trip is known */

#define ITEMS_MAX (UINT32_C(1) << 26)
#define ITEM_NONE UINT32_MAX

enum item_status {
	ITEM_NEW,
	ITEM_FLYING,
	ITEM_QUEUED,
	ITEM_BENCHED,
	ITEM_DECIDED,
};

/* One port of one target. */
struct item {
	uint32_t next; /* in the queue of retries */
	uint8_t status;
	uint8_t attempts;
	uint8_t state;
	uint8_t reason;
};

struct host {
	int64_t srtt; /* RP_TIME_NONE before the first */
	int64_t rttvar;
	uint32_t undecided; /* ports */
	uint32_t benched;
	uint8_t best; /* the highest try that was answered */
	bool answered;
};

struct scan {
	const struct plan_type *type;
	const struct rp_config *config;
	struct plan_sink sink;
	struct item *items; /* port index x targets + target */
	struct host *hosts;
	uint32_t targets;
	uint32_t total;
	uint32_t fresh; /* the next item never tried */
	uint32_t undecided;
	uint32_t flying;
	uint32_t window;
	int64_t halved; /* when the window was halved last */
	uint32_t queue_head, queue_tail;
};

static int scan_open(struct plan **plan, const struct rp_config *config, struct plan_sink sink)
{
	struct scan *scan = calloc(1, sizeof *scan);
	uint64_t total = (uint64_t)rp_targets_count(config->targets) * rp_ports_count(config->ports);

	if (scan == NULL)
		return -ENOMEM;
	scan->type = &plan_scan;
	scan->config = config;
	scan->sink = sink;
	scan->targets = rp_targets_count(config->targets);
	scan->total = scan->undecided = (uint32_t)total;
	scan->window = WINDOW_FIRST;
	scan->halved = INT64_MIN;
	scan->queue_head = scan->queue_tail = ITEM_NONE;
	if (total <= ITEMS_MAX) {
		scan->items = calloc(total > 0 ? total : 1, sizeof *scan->items);
		scan->hosts = calloc(scan->targets > 0 ? scan->targets : 1, sizeof *scan->hosts);
	}
	if (scan->items == NULL || scan->hosts == NULL) {
		free(scan->items);
		free(scan->hosts);
		free(scan);
		return total > ITEMS_MAX ? -E2BIG : -ENOMEM;
	}
	for (uint32_t i = 0; i < scan->targets; i++) {
		scan->hosts[i].undecided = rp_ports_count(config->ports);
		scan->hosts[i].srtt = RP_TIME_NONE;
	}
	*plan = (struct plan *)scan;
	return 0;
}

static void scan_close(struct plan *plan)
{
	struct scan *scan = (struct scan *)plan;

	free(scan->items);
	free(scan->hosts);
	free(scan);
}

/* ---- timeouts and tries ----------------------------------------------------------------------- */

/* RFC 6298 section 2. */
static void host_sample(struct host *host, int64_t rtt)
{
	if (host->srtt == RP_TIME_NONE) {
		host->srtt = rtt;
		host->rttvar = rtt / 2;
		return;
	}
	int64_t error = rtt - host->srtt;
	host->rttvar += ((error < 0 ? -error : error) - host->rttvar) / 4;
	host->srtt += error / 8;
}

static int64_t host_timeout(const struct scan *scan, const struct host *host)
{
	const struct rp_config *config = scan->config;
	int64_t timeout = host->srtt == RP_TIME_NONE ? config->initial_rtt_timeout : host->srtt + 4 * host->rttvar;

	if (timeout < config->min_rtt_timeout)
		return config->min_rtt_timeout;
	return timeout < config->max_rtt_timeout ? timeout : config->max_rtt_timeout;
}

static unsigned host_tries(const struct scan *scan, const struct host *host)
{
	unsigned allowed = 1 + scan->config->max_retries;
	unsigned wanted = host->answered ? 2U * host->best + SPARE_TRIES : SILENT_TRIES;

	return wanted < allowed ? wanted : allowed;
}

static void window_loss(struct scan *scan, const struct host *host, int64_t now)
{
	int64_t patience = host->srtt == RP_TIME_NONE ? WINDOW_PATIENCE : host->srtt;

	if (scan->halved != INT64_MIN && now - scan->halved < patience)
		return;
	scan->halved = now;
	scan->window = scan->window / 2 > WINDOW_LEAST ? scan->window / 2 : WINDOW_LEAST;
}

/* ---- the states of an item -------------------------------------------------------------------- */

static void queue_push(struct scan *scan, uint32_t index)
{
	scan->items[index].status = ITEM_QUEUED;
	scan->items[index].next = ITEM_NONE;
	if (scan->queue_tail != ITEM_NONE)
		scan->items[scan->queue_tail].next = index;
	else
		scan->queue_head = index;
	scan->queue_tail = index;
}

/* The first queued item that is still to be tried; the decided ones on the way are dropped. */
static uint32_t queue_first(struct scan *scan)
{
	while (scan->queue_head != ITEM_NONE && scan->items[scan->queue_head].status != ITEM_QUEUED) {
		scan->queue_head = scan->items[scan->queue_head].next;
		if (scan->queue_head == ITEM_NONE)
			scan->queue_tail = ITEM_NONE;
	}
	return scan->queue_head;
}

static void queue_pop(struct scan *scan)
{
	uint32_t index = scan->queue_head;

	scan->queue_head = scan->items[index].next;
	if (scan->queue_head == ITEM_NONE)
		scan->queue_tail = ITEM_NONE;
}

static void tell(const struct scan *scan, enum rp_event_kind kind, uint32_t index, int64_t now,
		 const struct rp_event *cause)
{
	const struct item *item = &scan->items[index];
	uint32_t target = index % scan->targets;
	struct rp_event event = {
		.rtt = RP_TIME_NONE,
		.held = RP_TIME_NONE,
		.woken = RP_TIME_NONE,
		.sent.ns = RP_TIME_NONE,
		.received.ns = RP_TIME_NONE,
		.attempt = item->attempts,
		.wrong_data_offset = UINT32_MAX,
	};

	if (cause != NULL)
		event = *cause;
	event.kind = kind;
	event.time = now;
	event.target = target;
	event.address = rp_targets_at(scan->config->targets, target).address;
	if (kind == RP_EVENT_PORT) {
		event.port = rp_ports_at(scan->config->ports, index / scan->targets);
		event.state = item->state;
		event.reason = item->reason;
	}
	scan->sink.tell(scan->sink.user, &event);
}

/* `cause` is what the listener was told of the deciding answer; NULL for silence. */
static void item_decide(struct scan *scan, uint32_t index, int64_t now, enum rp_state state, enum rp_reason reason,
			const struct rp_event *cause)
{
	struct item *item = &scan->items[index];
	struct host *host = &scan->hosts[index % scan->targets];
	bool first = item->status != ITEM_DECIDED;

	if (item->status == ITEM_BENCHED)
		host->benched--;
	item->status = ITEM_DECIDED;
	item->state = (uint8_t)state;
	item->reason = (uint8_t)reason;
	tell(scan, RP_EVENT_PORT, index, now, cause);
	if (!first)
		return;
	scan->undecided--;
	host->undecided--;
	if (host->undecided == 0)
		tell(scan, RP_EVENT_HOST, index, now, NULL);
}

/* All that is left of a target is on the bench: loss seen meanwhile earns further tries, else it is over. */
static void host_clear_bench(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	unsigned tries = host_tries(scan, host);

	if (host->benched == 0 || host->benched < host->undecided)
		return;
	for (uint32_t index = target; index < scan->total; index += scan->targets) {
		if (scan->items[index].status != ITEM_BENCHED)
			continue;
		if (scan->items[index].attempts < tries) {
			host->benched--;
			queue_push(scan, index);
		} else {
			item_decide(scan, index, now, RP_STATE_FILTERED, RP_REASON_NO_RESPONSE, NULL);
		}
	}
}

static void item_timeout(struct scan *scan, uint32_t index, const struct probe *probe)
{
	struct item *item = &scan->items[index];
	struct host *host = &scan->hosts[probe->target];

	if (item->status != ITEM_FLYING || probe->attempt != item->attempts)
		return;
	if (item->attempts < host_tries(scan, host)) {
		queue_push(scan, index);
	} else {
		item->status = ITEM_BENCHED;
		host->benched++;
	}
}

/* An open port stays open; otherwise the latest evidence counts, and silence is none. */
static bool item_accepts(const struct item *item, enum rp_state state)
{
	return item->status != ITEM_DECIDED || (state == RP_STATE_OPEN && item->state != RP_STATE_OPEN) ||
	       (item->reason == RP_REASON_NO_RESPONSE && state != RP_STATE_UNKNOWN);
}

/* ---- the plan --------------------------------------------------------------------------------- */

static int64_t scan_due(const struct plan *plan)
{
	const struct scan *scan = (const struct scan *)plan;
	bool more = scan->queue_head != ITEM_NONE || scan->fresh < scan->total;

	return more && scan->flying < scan->window ? INT64_MIN : INT64_MAX;
}

static enum plan_answer scan_next(struct plan *plan, int64_t now, struct probe *probe)
{
	struct scan *scan = (struct scan *)plan;
	uint32_t index = queue_first(scan);

	(void)now;
	if (scan->flying >= scan->window)
		return PLAN_WAIT;
	if (index != ITEM_NONE)
		queue_pop(scan);
	else if (scan->fresh < scan->total)
		index = scan->fresh++;
	else
		return PLAN_WAIT;

	struct item *item = &scan->items[index];
	uint32_t target = index % scan->targets;
	item->status = ITEM_FLYING;
	item->attempts++;
	scan->flying++;
	*probe = (struct probe){
		.target = target,
		.destination = rp_targets_at(scan->config->targets, target).address,
		.port = rp_ports_at(scan->config->ports, index / scan->targets),
		.attempt = item->attempts,
		.tag = index,
		.timeout = host_timeout(scan, &scan->hosts[target]),
	};
	return PLAN_PROBE;
}

static void scan_reply(struct scan *scan, int64_t now, const struct plan_news *news)
{
	struct item *item = &scan->items[news->probe->tag];
	struct host *host = &scan->hosts[news->probe->target];
	/* When an earlier try was answered too, only slowly, the retry shows no loss. */
	bool needed = item->status != ITEM_DECIDED;

	host->answered = true;
	if (needed && news->probe->attempt > host->best)
		host->best = (uint8_t)news->probe->attempt;
	if (news->rtt != RP_TIME_NONE && !news->duplicate)
		host_sample(host, news->rtt);
	if (needed && !news->late && news->probe->attempt > 1)
		window_loss(scan, host, now);
	else if (scan->window < WINDOW_MOST)
		scan->window++;
	if (item_accepts(item, news->state))
		item_decide(scan, news->probe->tag, now, news->state, news->reason, news->event);
}

static void scan_news(struct plan *plan, int64_t now, const struct plan_news *news)
{
	struct scan *scan = (struct scan *)plan;
	uint32_t index = news->probe->tag;

	if (news->concluded)
		scan->flying--;
	switch (news->kind) {
	case PLAN_NEWS_SENT:
		break;
	case PLAN_NEWS_UNSENT:
		/* An earlier try may have been answered while this one waited to be sent. */
		if (scan->items[index].status != ITEM_DECIDED)
			item_decide(scan, index, now, RP_STATE_UNKNOWN, RP_REASON_SEND_FAILED, news->event);
		break;
	case PLAN_NEWS_REPLY:
		scan_reply(scan, now, news);
		break;
	case PLAN_NEWS_ERROR:
		if (news->state != RP_STATE_UNKNOWN && item_accepts(&scan->items[index], news->state))
			item_decide(scan, index, now, news->state, news->reason, news->event);
		break;
	case PLAN_NEWS_TIMEOUT:
		item_timeout(scan, index, news->probe);
		break;
	}
	host_clear_bench(scan, news->probe->target, now);
}

static int64_t scan_ends(const struct plan *plan)
{
	const struct scan *scan = (const struct scan *)plan;

	return scan->undecided == 0 ? INT64_MIN : INT64_MAX;
}

/* What is undecided at the end stays unknown: the run was cut short. */
static void scan_finish(struct plan *plan, int64_t now)
{
	struct scan *scan = (struct scan *)plan;

	for (uint32_t index = 0; index < scan->total && scan->undecided > 0; index++) {
		if (scan->items[index].status != ITEM_DECIDED)
			item_decide(scan, index, now, RP_STATE_UNKNOWN, RP_REASON_NONE, NULL);
	}
}

const struct plan_type plan_scan = {
	.name = "scan",
	.open = scan_open,
	.next = scan_next,
	.news = scan_news,
	.due = scan_due,
	.ends = scan_ends,
	.finish = scan_finish,
	.close = scan_close,
};
