/* SPDX-License-Identifier: MIT */
/*
 * Whether a target limits its RSTs. Some systems (BSD's net.inet.icmp.icmplim, firewalls) send so many a second and no
 * more, and a closed port whose RST is kept back looks filtered.
 */
#include "plan/scan/scan.h"

#include "base/ns.h"

/* Fewer RSTs say nothing about a rate. */
#define RSTS_LEAST 4

/* How many seconds with about as many RSTs as the one before count. Where we send at a rate of our own only one
 * does: there the answers of any host come evenly. */
#define EVEN_MOST 20

/* RSTs came at one rate, second by second, and many tries of closed ports were lost, but hardly any of open ones. The
 * more such seconds there are, the less loss it takes, as the congestion window adapts to the rate. */
bool rst_limit_is_plain(const struct host *host)
{
	const struct resets *resets = &host->resets;

	return (uint64_t)resets->lost * resets->even >= 2 * (uint64_t)host->closed && host->closed > 0 &&
	       host->open_lost <= 1 + host->open / 4;
}

/* What is lost by chance comes with the next try or the one after it, so that each brings less than the one before,
 * and all that follow the first together not twice as much. What is kept back comes when its time is there,
 * whichever try that is. */
bool rst_limit_is_likely(const struct host *host)
{
	const uint16_t *by_try = host->resets.by_try;
	bool looked = host->look.stage == LOOK_OVER && !host->look.skipped;

	if (looked || host->silent == 0 || by_try[0] < RSTS_LEAST)
		return false;
	if (host->closed >= 3U * by_try[0] + RSTS_LEAST)
		return true;
	for (unsigned i = 1; i < TRIES_COUNTED; i++) {
		unsigned before = by_try[i - 1], least = before - before / 4 + RSTS_LEAST;

		if (by_try[i] >= least || (by_try[i] >= before && before >= 2 * RSTS_LEAST))
			return true;
	}
	return false;
}

/* Seconds are counted from the first RST on; those without any do not count, as nothing may have been asked. */
void rst_limit_note(const struct scan *scan, struct host *host, int64_t now, unsigned lost)
{
	bool paced = scan->config->max_rate > 0 || scan->config->scan_delay > 0;
	struct resets *resets = &host->resets;
	int64_t past;

	if (resets->last == 0)
		resets->since = now;
	resets->last = now;
	resets->lost += lost;
	uint16_t *by_try = &resets->by_try[lost < TRIES_COUNTED ? lost : TRIES_COUNTED - 1];
	if (*by_try < UINT16_MAX)
		++*by_try;
	past = (now - resets->since) / NS_PER_S;
	if (past > 0) {
		uint32_t before = resets->before, slack = before / 4;

		if (resets->count >= RSTS_LEAST && resets->count + slack >= before && resets->count <= before + slack &&
		    resets->even < (paced ? 1 : EVEN_MOST))
			resets->even++;
		resets->before = resets->count;
		resets->count = 0;
		resets->since += past * NS_PER_S;
	}
	resets->count++;
	if (resets->count > resets->most)
		resets->most = resets->count;
}
