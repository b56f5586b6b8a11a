/* SPDX-License-Identifier: MIT */
/*
 * Whether a target has banned us in the middle of the scan. Intrusion prevention systems do: from one moment on they
 * drop or refuse all that we send, and ports that are asked later look filtered or closed. So before a target is
 * finished, one port that answered is asked again, the last one that was found open, or else closed, if enough ports
 * were asked after it. It answers as before from nearly every host, which costs one probe and, as the target's
 * silence or its last RST is waited for anyway, no time. If it is silent as often as no loss explains, or refuses
 * five times, the target has banned us, or is gone: then what is silent is unknown, not filtered.
 *
 * A limit is no ban: SYN-ACKs are not limited, and where no port is open a closed one is asked after the second look
 * (silent.c), and not at all where RSTs are limited.
 */
#include "plan/scan/scan.h"

#include "base/ns.h"

/* Fewer ports asked after the last one that answered do not show a ban. */
#define PORTS_LEAST 10

/* So many tries are not lost by chance: at 20 % loss each way by one in 200,000. They are not made so fast that they
 * all fall into a short outage; an answer that is late counts. */
#define TRIES       12
#define TRIES_APART (250 * NS_PER_MS)

/* So many refusals of a port that was open, with no SYN-ACK, do not come from one of several machines that share the
 * address. */
#define REFUSALS       5
#define REFUSALS_APART (100 * NS_PER_MS)

bool ban_is_pending(const struct host *host)
{
	return host->ban.stage == BAN_ASKS || host->ban.stage == BAN_ASKED || host->ban.stage == BAN_RESTS;
}

static void ask(struct scan *scan, uint32_t target)
{
	scan->hosts[target].ban.stage = BAN_ASKS;
	item_wake(scan, target);
}

/* The last port in that state, if enough ports were asked after it; ITEM_NONE: there is none. */
static uint32_t last_of(const struct scan *scan, const struct host *host, enum rp_state state)
{
	for (uint32_t after = 0; after < host->port_count; after++) {
		uint32_t index = host->items + host->port_count - 1 - after;
		const struct item *item = &scan->items[index];

		if (item->status == ITEM_DECIDED && item->state == (uint8_t)state)
			return after >= PORTS_LEAST ? index : ITEM_NONE;
	}
	return ITEM_NONE;
}

static void begin(struct scan *scan, uint32_t target, enum rp_state state)
{
	struct ban *ban = &scan->hosts[target].ban;

	ban->item = last_of(scan, &scan->hosts[target], state);
	if (ban->item == ITEM_NONE) {
		ban->stage = BAN_OVER;
		return;
	}
	ban->before = scan->items[ban->item].attempts;
	ban->closed = state == RP_STATE_CLOSED;
	ban->began = RP_TIME_NONE;
	ask(scan, target);
}

void ban_judge(struct scan *scan, uint32_t target, bool silent)
{
	struct host *host = &scan->hosts[target];
	bool tried =
		host->fresh == host->port_count && host->flying == host->superseded && host->unsent.head == ITEM_NONE;

	if (host->ban.stage != BAN_NOT_YET || !tried || host->port_count <= PORTS_LEAST ||
	    scan->config->wait_interval > 0)
		return;
	/* Where more than half is lost, so many tries say nothing. */
	if (host->rto.lost > host->rto.answered)
		host->ban.stage = BAN_OVER;
	else if (host->open > 0)
		begin(scan, target, RP_STATE_OPEN);
	else if ((silent || (host->undecided == 0 && host->refused >= PORTS_LEAST)) && host->closed > 0 &&
		 !host->look.found && !rst_limit_is_plain(host) && !rst_limit_is_likely(host))
		begin(scan, target, RP_STATE_CLOSED);
}

uint32_t ban_take(struct host *host)
{
	struct ban *ban = &host->ban;

	if (ban->stage != BAN_ASKS)
		return ITEM_NONE;
	ban->stage = BAN_ASKED;
	ban->tries++;
	return ban->item;
}

int64_t ban_timeout(const struct host *host, int64_t usual)
{
	if (host->ban.tries == 1 && usual < TRIES_APART)
		return usual;
	return host->ban.tries < TRIES || usual < TRIES_APART ? TRIES_APART : usual;
}

/* It answers as before, or in a way that is no worse. */
static void clear(struct host *host)
{
	host->ban.stage = BAN_OVER;
	host->ban.found = false;
}

static bool is_about(const struct host *host, const struct plan_news *news)
{
	return TAG_ITEM(news->probe->tag) == host->ban.item && news->probe->sequence > host->ban.before;
}

static void note_silence(struct scan *scan, uint32_t target)
{
	struct ban *ban = &scan->hosts[target].ban;

	if (ban->tries < TRIES) {
		ask(scan, target);
		return;
	}
	ban->stage = BAN_OVER;
	ban->found = ban->refusals > 0 || !ban->others;
}

static void note_refusal(struct scan *scan, uint32_t target, int64_t now)
{
	struct ban *ban = &scan->hosts[target].ban;

	ban->refusals++;
	if (ban->refusals >= REFUSALS || ban->tries >= TRIES) {
		ban->stage = BAN_OVER;
		ban->found = true;
	} else if (ban->stage == BAN_ASKED) {
		ban->stage = BAN_RESTS;
		timers_set(&scan->timers, TIMER_BAN(scan, target), now + REFUSALS_APART);
	}
}

void ban_wake(struct scan *scan, uint32_t target)
{
	if (scan->hosts[target].ban.stage == BAN_RESTS)
		ask(scan, target);
}

/* An answer of another port to a probe that was sent after the first to this one: not all is silent. */
static void note_other(struct host *host, const struct plan_news *news)
{
	if (host->ban.began == RP_TIME_NONE || news->event == NULL || news->event->sent.ns <= host->ban.began)
		return;
	host->ban.others = true;
	if (news->state == RP_STATE_OPEN)
		clear(host);
}

void ban_news(struct scan *scan, int64_t now, const struct plan_news *news)
{
	uint32_t target = news->probe->target;
	struct host *host = &scan->hosts[target];
	struct ban *ban = &host->ban;
	bool about = is_about(host, news), last = about && news->probe->sequence == scan->items[ban->item].attempts;

	if (!ban_is_pending(host) && !(ban->found && about))
		return;
	switch (news->kind) {
	case PLAN_NEWS_SENT:
		if (about && ban->began == RP_TIME_NONE)
			ban->began = now;
		break;
	case PLAN_NEWS_LEFT:
		break;
	case PLAN_NEWS_UNSENT:
		if (last && host->refusal.for_good) {
			clear(host);
		} else if (last) {
			ban->tries--;
			ask(scan, target);
		}
		break;
	case PLAN_NEWS_REPLY:
		if (!about)
			note_other(host, news);
		else if (news->state == RP_STATE_OPEN || ban->closed)
			clear(host);
		else if (!ban->found)
			note_refusal(scan, target, now);
		break;
	case PLAN_NEWS_ERROR:
		if (about && !ban->found && news->state != RP_STATE_UNKNOWN)
			note_refusal(scan, target, now);
		break;
	case PLAN_NEWS_TIMEOUT:
		if (last && ban->stage == BAN_ASKED)
			note_silence(scan, target);
		break;
	case PLAN_NEWS_DOUBT:
		if (news->probe->port == item_port(host, ban->item) && news->remark == RP_REMARK_CHALLENGED)
			clear(host);
		break;
	}
}
