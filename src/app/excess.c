/* SPDX-License-Identifier: MIT */
/* Counts what came in the present second, by kind. */
#include "app/excess.h"

#include "base/ns.h"

/* OUT_OMITTED_KINDS: not bounded, since nobody but we can make more of them than there are probes. */
static enum out_omitted_kind kind_of(const struct rp_event *event)
{
	if (event->kind == RP_EVENT_SUSPECT)
		return event->suspicion == RP_SUSPECT_CHECKSUM ? OUT_OMITTED_CHECKSUM : OUT_OMITTED_SUSPECT;
	return event->kind == RP_EVENT_DUPLICATE  ? OUT_OMITTED_DUPLICATE
	       : event->kind == RP_EVENT_REPEATED ? OUT_OMITTED_REPEATED
	       : event->kind == RP_EVENT_ERROR    ? OUT_OMITTED_ERROR
						  : OUT_OMITTED_KINDS;
}

bool excess_allows(struct excess *excess, const struct rp_event *event)
{
	enum out_omitted_kind kind = kind_of(event);

	excess->sent += event->kind == RP_EVENT_SENT;
	if (kind == OUT_OMITTED_KINDS)
		return true;
	if (excess->shown[kind] < EXCESS_LINES + excess->sent + excess->before) {
		excess->shown[kind]++;
		return true;
	}
	excess->omitted.count[kind]++;
	return false;
}

bool excess_due(const struct excess *excess, const struct rp_event *event)
{
	return event->time - excess->since >= NS_PER_S || event->kind == RP_EVENT_DONE;
}

bool excess_take(struct excess *excess, const struct rp_event *event, struct out_omitted *omitted)
{
	int64_t passed = event->time - excess->since;
	bool any = false;

	*omitted = excess->omitted;
	omitted->wall = event->wall;
	for (unsigned kind = 0; kind < OUT_OMITTED_KINDS; kind++)
		any |= omitted->count[kind] > 0;
	*excess = (struct excess){.since = event->time, .before = passed < 2 * NS_PER_S ? excess->sent : 0};
	return any;
}
