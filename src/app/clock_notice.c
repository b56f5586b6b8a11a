/* SPDX-License-Identifier: MIT */
/* Says when a time stamp that is missing is worth a notice: from the first stamped answer on, or after one second. */
#include "app/clock_notice.h"

#include "base/ns.h"

bool clock_notice_tell(struct clock_notice *clocks, const struct rp_event *event)
{
	if (event->kind != RP_EVENT_REPLY || event->sequence == 0 || event->rtt == RP_TIME_NONE)
		return false;
	clocks->stamping |= event->received.clock != RP_CLOCK_USER;

	bool early = clocks->promised == RP_CLOCK_KERNEL && event->sent.clock != RP_CLOCK_USER && !clocks->stamping &&
		     event->time - clocks->asked < NS_PER_S;
	return event->clock > clocks->promised && !early;
}
