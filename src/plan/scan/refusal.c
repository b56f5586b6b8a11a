/* SPDX-License-Identifier: MIT */
/*
 * What is done about probes that the kernel refuses to send (a local firewall, a route or an interface that is
 * away). A refusal is no try of the port, and says nothing about it: the port is tried again when the target's other
 * ports have been.
 *
 * Two refusals in a row pause the target, each time for twice as long while nothing can be sent to it, and after
 * each pause only a few probes are tried. So a firewall that allows so many SYNs a second gets about as many, a
 * route that is away for a moment costs about that moment, and targets that can be reached are not slowed down. A
 * target to which nothing could be sent for REFUSED_FOR is given up: what was never sent is unknown. Where several
 * share a limit, that time begins anew whenever one of them gets a probe through.
 */
#include "plan/scan/scan.h"

#include "base/ns.h"

/* The shortest pause, and the longest; with very many targets one that lets so many of them try in a second. */
#define PAUSE_LEAST (20 * NS_PER_MS)
#define PAUSE_MOST  (1000 * NS_PER_MS)
#define PAUSE_EACH  NS_PER_MS

/* How long nothing may be sent to a target, at least, before it is given up. */
#define REFUSED_FOR (3 * NS_PER_S)

/* More than a batch of the driver. */
#define CREDIT_MOST 128

bool refusal_allows(const struct host *host)
{
	return host->refusal.credit > 0;
}

void refusal_take(struct host *host)
{
	if (host->refusal.credit != CREDIT_FULL)
		host->refusal.credit--;
}

static int64_t longest_pause(const struct scan *scan)
{
	int64_t each = scan->paused * PAUSE_EACH;

	return each > PAUSE_MOST ? each : PAUSE_MOST;
}

static int64_t given_up_at(const struct scan *scan, const struct refusal *refusal)
{
	return (refusal->since > scan->relieved ? refusal->since : scan->relieved) + REFUSED_FOR;
}

/* Targets that were refused together do not come back together: a limit has no room for all of them at once. */
static int64_t spread(uint32_t target, int64_t pause)
{
	uint32_t mixed = target * UINT32_C(0x9e3779b9);

	return pause / 2 + (int64_t)((double)pause / 2 * (double)mixed / (double)UINT32_MAX);
}

/* Where the target has answered, what is refused may be some of its ports, and each of these is tried more than
 * once. */
static void pause_target(struct scan *scan, uint32_t target, int64_t now)
{
	struct refusal *refusal = &scan->hosts[target].refusal;
	int64_t longest = longest_pause(scan), most = given_up_at(scan, refusal) - now;

	refusal->pause = refusal->sent ? refusal->pause / 2 : 2 * refusal->pause;
	refusal->step = refusal->sent || scan->hosts[target].rto.answered == 0 ? 1 : 2 * refusal->step;
	if (refusal->pause < PAUSE_LEAST)
		refusal->pause = PAUSE_LEAST;
	if (refusal->pause > longest)
		refusal->pause = longest;
	if (refusal->step > CREDIT_MOST)
		refusal->step = CREDIT_MOST;
	refusal->credit = 0;
	refusal->sent = false;
	refusal->paused = true;
	scan->paused++;
	int64_t length = spread(target, refusal->pause);
	timers_set(&scan->timers, TIMER_PAUSE(scan, target), now + (length < most ? length : most));
}

void refusal_wake(struct scan *scan, uint32_t target)
{
	struct refusal *refusal = &scan->hosts[target].refusal;

	scan->paused--;
	refusal->paused = false;
	refusal->credit = refusal->step;
	item_wake(scan, target);
}

/* The first refusal only makes the next probes few. */
static void note_refusal(struct scan *scan, uint32_t target, int64_t now)
{
	struct refusal *refusal = &scan->hosts[target].refusal;

	if (refusal->since == RP_TIME_NONE)
		refusal->since = now;
	refusal->for_good |= now >= given_up_at(scan, refusal);
	if (refusal->for_good) {
		refusal->credit = 1;
		item_wake(scan, target);
	} else if (refusal->credit == CREDIT_FULL) {
		refusal->credit = refusal->step = 1;
		refusal->sent = true;
		item_wake(scan, target);
	} else if (!refusal->paused) {
		pause_target(scan, target, now);
	}
}

void refusal_unsent(struct scan *scan, const struct rp_probe *probe, int64_t now, const struct rp_event *cause)
{
	uint32_t index = TAG_ITEM(probe->tag);
	struct item *item = &scan->items[index];
	const struct refusal *refusal = &scan->hosts[probe->target].refusal;

	note_refusal(scan, probe->target, now);
	/* An earlier try may have been answered in the meantime. */
	if (item->status != ITEM_FLYING || item->attempts != probe->sequence)
		return;
	if (refusal->for_good) {
		decide_item(scan, probe->target, index, now, RP_STATE_UNKNOWN, RP_REASON_SEND_FAILED, cause, false);
		decide_give_up_unsent(scan, probe->target, now);
	} else {
		item->attempts--;
		item_push_unsent(scan, probe->target, index);
	}
}

void refusal_sent(struct scan *scan, uint32_t target, int64_t now)
{
	struct refusal *refusal = &scan->hosts[target].refusal;

	if (refusal->credit == CREDIT_FULL)
		return;
	refusal->since = RP_TIME_NONE;
	refusal->for_good = false;
	scan->relieved = now;
	if (refusal->paused)
		return;
	refusal->sent = true;
	refusal->credit = refusal->credit < CREDIT_MOST ? refusal->credit + 2 : CREDIT_FULL;
	item_wake(scan, target);
}
