/* SPDX-License-Identifier: MIT */
/*
 * How many probes may be in flight. The window grows with every answer; when loss rises it is halved, on trial: if as
 * many answers come as before, the path was full and the window stays there; if they become fewer with it, the loss is
 * chance, and the window comes back and takes that loss for given. So it backs off where that helps, and random loss
 * never makes it collapse.
 */
#ifndef PLAN_SCAN_CWND_H
#define PLAN_SCAN_CWND_H

#include <stdbool.h>
#include <stdint.h>

struct cwnd {
	uint32_t window;
	uint32_t threshold; /* below it the window grows by one with each answer, above once in a window of them */
	uint32_t credit;    /* answers counted towards the next growth */
	uint32_t saved;     /* the window before the trial; 0: none is on */
	bool settling;      /* the losses of this period are from before the trial */
	double trial;       /* the answers a ns before it */
	double chance;      /* the loss that does not depend on the window */
	int64_t since;      /* this period */
	uint32_t began;     /* the window when it began, and when the one before it did: it is the latter's loss ... */
	uint32_t before;    /* ... that shows now */
	uint32_t answered, lost;
};

void cwnd_init(struct cwnd *cwnd);

/* A port was answered after `lost` unanswered tries; `period` is how long the loss of a try takes to show. */
void cwnd_answer(struct cwnd *cwnd, int64_t now, int64_t period, unsigned lost);

#endif
