/* SPDX-License-Identifier: MIT */
/*
 * How often a failure is reported. A series may fail a thousand times a second: another kind of failure is reported at
 * once, the same again after about a second, with the number of those in between, whatever other kinds come in turns
 * with it. A scan, and a series that waits for a host to answer or to fall silent, report the same failure once.
 */
#include "app/notices.h"

#include <errno.h>
#include <inttypes.h>

#include "base/ns.h"
#include "out/out.h"

/* Less than the second that lies between most probes. */
#define PAUSE (900 * NS_PER_MS)

static struct unsent_kind *kind_of(struct unsent *unsent, int error)
{
	for (unsigned i = 0; i < unsent->kind_count && i < UNSENT_KINDS; i++)
		if (unsent->kinds[i].error == error)
			return &unsent->kinds[i];
	struct unsent_kind *kind = &unsent->kinds[unsent->kind_count++ % UNSENT_KINDS];
	*kind = (struct unsent_kind){0};
	return kind;
}

static bool report_failure(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
			   struct strbuf *text)
{
	bool patient = config->plan == RP_PLAN_SCAN || config->until_answered > 0 || config->until_silent > 0;
	struct unsent_kind *kind = kind_of(unsent, event->error);
	bool again = kind->error != 0;

	unsent->row++;
	unsent->cut_off |= event->error == ENODEV || event->error == EADDRNOTAVAIL;
	unsent->target = event->target;
	if (again && (patient || event->time - kind->told < PAUSE)) {
		kind->untold++;
		return false;
	}
	out_unsent_text(text, event, config);
	if (kind->untold > 0)
		strbuf_addf(text, " (and %" PRIu64 " more before it)", kind->untold);
	*kind = (struct unsent_kind){.error = event->error, .told = event->time};
	return true;
}

/* A scan sends to others all the time, so one probe that was sent says nothing, unless no packet at all could leave
 * before. */
static bool report_scan_recovery(struct unsent *unsent, struct strbuf *text)
{
	uint64_t row = unsent->row;

	unsent->row = 0;
	if (!unsent->cut_off)
		return false;
	unsent->cut_off = false;
	unsent->kind_count = 0;
	strbuf_addf(text, "sending works again; %" PRIu64 " probe%s not sent", row, row == 1 ? " was" : "s were");
	return true;
}

static bool report_recovery(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
			    struct strbuf *text)
{
	uint64_t row = unsent->row;
	char address[RP_ADDR_TEXT_SIZE];

	if (config->plan == RP_PLAN_SCAN)
		return report_scan_recovery(unsent, text);
	if (row == 0 || event->target != unsent->target)
		return false;
	unsent->row = 0;
	if (unsent->recovered != 0 && event->time - unsent->recovered < PAUSE)
		return false;
	unsent->recovered = event->time;
	strbuf_addf(text, "%s: sending works again, from probe %" PRIu64 " on; %" PRIu64 " before it %s not sent",
		    rp_addr_format(event->address, address), event->sequence, row, row == 1 ? "was" : "were");
	return true;
}

bool unsent_report(struct unsent *unsent, const struct rp_event *event, const struct rp_config *config,
		   struct strbuf *text)
{
	if (event->kind == RP_EVENT_UNSENT)
		return report_failure(unsent, event, config, text);
	return event->kind == RP_EVENT_SENT && report_recovery(unsent, event, config, text);
}

/* A missing stamp is excused until the first answer that has one, and for a second at most. */
bool clock_notice_report(struct clock_notice *clocks, const struct rp_event *event)
{
	if (event->kind != RP_EVENT_REPLY || event->sequence == 0 || event->rtt == RP_TIME_NONE)
		return false;
	clocks->stamping |= event->received.clock != RP_CLOCK_USER;

	bool early = clocks->promised == RP_CLOCK_KERNEL && event->sent.clock != RP_CLOCK_USER && !clocks->stamping &&
		     event->time - clocks->asked < NS_PER_S;
	return event->clock > clocks->promised && !early;
}
