/* SPDX-License-Identifier: MIT */
/* Hides the schedule: `next` moves by whole gaps from where it began. */
#include "core/pacer.h"

/* How much of a stall is made up for: scheduling hiccups, not a suspended machine. */
#define CATCH_UP_NS INT64_C(100000000)

void pacer_init(struct pacer *pacer, int64_t now, int64_t gap, unsigned burst)
{
	*pacer = (struct pacer){.gap = gap, .burst = burst > 0 ? burst : 1};
	pacer->next = now - gap * (pacer->burst - 1);
}

bool pacer_ready(const struct pacer *pacer, int64_t now)
{
	return pacer->gap == 0 || pacer->next <= now;
}

int64_t pacer_due(const struct pacer *pacer)
{
	return pacer->gap == 0 ? INT64_MIN : pacer->next;
}

void pacer_take(struct pacer *pacer, int64_t now)
{
	if (pacer->gap == 0)
		return;
	pacer->next += pacer->gap;

	if (pacer->next > now)
		return;
	int64_t due = (now - pacer->next) / pacer->gap + 1;
	int64_t most = CATCH_UP_NS / pacer->gap;
	if (most < pacer->burst - 1)
		most = pacer->burst - 1;
	if (due > most)
		pacer->next += (due - most) * pacer->gap; /* given up in whole gaps: the grid stays */
}
