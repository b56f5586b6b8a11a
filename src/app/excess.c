/* SPDX-License-Identifier: MIT */
/* Counts what came in the present second, by kind. */
#include "app/excess.h"

#include "base/ns.h"

/* OUT_OMITTED_KINDS: not bounded, since nobody but we can make more of them than there are probes. */
static enum out_omitted_kind kind_of(const struct rp_event *event)
{
	switch (event->kind) {
	case RP_EVENT_SUSPECT:
		return event->suspicion == RP_SUSPECT_CHECKSUM ? OUT_OMITTED_CHECKSUM : OUT_OMITTED_SUSPECT;
	case RP_EVENT_DUPLICATE:
		return OUT_OMITTED_DUPLICATE;
	case RP_EVENT_REPEATED:
		return OUT_OMITTED_REPEATED;
	case RP_EVENT_ERROR:
		return OUT_OMITTED_ERROR;
	case RP_EVENT_SENT:
	case RP_EVENT_UNSENT:
	case RP_EVENT_REPLY:
	case RP_EVENT_LATE:
	case RP_EVENT_OVERDUE:
	case RP_EVENT_TIMEOUT:
	case RP_EVENT_OUTAGE:
	case RP_EVENT_PORT:
	case RP_EVENT_HOST:
	case RP_EVENT_ADDRESS:
	case RP_EVENT_DONE:
		break;
	}
	return OUT_OMITTED_KINDS;
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
