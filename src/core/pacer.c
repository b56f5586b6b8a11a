/* SPDX-License-Identifier: MIT */
/* The schedule of a run: `next` moves by whole gaps from where it began, and fractions of a ns are carried over. */
#include "core/pacer.h"

/* How much of a stall is made up for: scheduling hiccups, not a suspended machine. */
#define CATCH_UP_NS INT64_C(100000000)

/* The instant some gaps later. */
static void pacer_advance(struct pacer *pacer, int64_t gaps)
{
	uint64_t parts = pacer->owed + (uint64_t)gaps * pacer->rest;

	pacer->next += gaps * pacer->gap + (int64_t)(parts / pacer->count);
	pacer->owed = (uint32_t)(parts % pacer->count);
}

void pacer_init(struct pacer *pacer, int64_t now, int64_t period, uint32_t count, unsigned burst)
{
	*pacer = (struct pacer){
		.gap = period / count,
		.rest = (uint32_t)(period % count),
		.count = count,
		.burst = burst > 0 ? burst : 1,
	};
	int64_t ahead; /* a burst of more than the clock can count is cut */
	if (__builtin_mul_overflow(pacer->gap, pacer->burst - 1, &ahead))
		ahead = INT64_MAX;
	pacer->next = pacer->taken = now - ahead;
}

void pacer_change(struct pacer *pacer, int64_t period, uint32_t count)
{
	pacer->gap = period / count;
	pacer->rest = (uint32_t)(period % count);
	pacer->count = count;
	pacer->owed = 0;
}

bool pacer_ready(const struct pacer *pacer, int64_t now)
{
	return pacer->gap == 0 || pacer->next <= now;
}

int64_t pacer_due(const struct pacer *pacer)
{
	return pacer->gap == 0 ? INT64_MIN : pacer->next;
}

int64_t pacer_wake(const struct pacer *pacer)
{
	int64_t due = pacer_due(pacer);

	return due > pacer->taken && pacer->slack > pacer->gap ? due + pacer->slack - pacer->gap : due;
}

void pacer_take(struct pacer *pacer, int64_t now)
{
	if (pacer->gap == 0)
		return;
	pacer->taken = now;
	pacer_advance(pacer, 1);
	if (pacer->next > now)
		return;
	double gap = (double)pacer->gap + (double)pacer->rest / pacer->count;
	int64_t due = (int64_t)((double)(now - pacer->next) / gap) + 1;
	int64_t most = CATCH_UP_NS / pacer->gap;
	if (most < pacer->burst - 1)
		most = pacer->burst - 1;
	if (due > most)
		pacer_advance(pacer, due - most); /* given up in gaps: the grid stays */
}
