/* SPDX-License-Identifier: MIT */
/* Derives the outages of a run from the fates of its probes, in order, once the run is over. */
#include <stdlib.h>

#include "base/array.h"
#include "check.h"

void outages_hear(struct run *run, const struct rp_event *event)
{
	const struct rp_outage *outage = event->outage;
	const struct rp_outage *latest =
		run->outage_count > 0 ? &run->outages[run->outage_count - 1].outage : &(struct rp_outage){0};

	/* What began is told again when it is over: one entry. */
	bool again = event->outage_state != RP_OUTAGE_BEGINS && event->outage_state != RP_OUTAGE_PASSED;
	size_t at = run->outage_count;
	while (again && at > 0 &&
	       (run->outages[at - 1].target != event->target || run->outages[at - 1].port != event->port))
		at--;
	if (again && (at == 0 || run->outages[at - 1].state != RP_OUTAGE_BEGINS ||
		      run->outages[at - 1].outage.first != outage->first))
		run_fail(run, "an outage from %llu to %llu is over that did not begin, after one from %llu",
			 (unsigned long long)outage->first, (unsigned long long)outage->last,
			 (unsigned long long)latest->first);
	if (again)
		at--;
	if (at == run->outage_room) {
		run->outage_room = run->outage_room ? run->outage_room * 2 : 64;
		run->outages = realloc(run->outages, run->outage_room * sizeof *run->outages);
		assert_non_null(run->outages);
	}
	run->outages[at] =
		(struct outage_told){event->target, event->port, event->outage_state, again, *outage, event->time};
	run->outage_count += !again;
}

static int by_series(const void *a, const void *b)
{
	const struct truth *one = *(const struct truth *const *)a, *other = *(const struct truth *const *)b;

	if (one->target != other->target)
		return one->target < other->target ? -1 : 1;
	if (one->port != other->port)
		return one->port < other->port ? -1 : 1;
	return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static int by_first(const void *a, const void *b)
{
	const struct outage_told *one = a, *other = b;

	if (one->target != other->target)
		return one->target < other->target ? -1 : 1;
	if (one->port != other->port)
		return one->port < other->port ? -1 : 1;
	return one->outage.first < other->outage.first ? -1 : 1;
}

static bool same_series(const struct truth *a, const struct truth *b)
{
	return a->target == b->target && a->port == b->port;
}

/* The run of loss that begins at *at, which is moved behind it. */
static void check_one(struct run *run, struct truth *const *sorted, uint64_t count, uint64_t *at,
		      const struct outage_told *told)
{
	const struct truth *first = sorted[*at], *last = first;
	uint64_t i = *at + 1;

	for (; i < count && same_series(sorted[i], first) && (sorted[i]->expired || !sorted[i]->answered); i++)
		last = sorted[i]->expired ? sorted[i] : last; /* at the end some are in flight */
	*at = i;
	bool over = i < count && same_series(sorted[i], first);
	int64_t end = over ? sorted[i]->answered_at : run->now;
	bool wrong = told->target != first->target || told->port != first->port ||
		     told->outage.first != first->sequence || told->outage.last != last->sequence ||
		     told->outage.start != first->left_at || told->outage.end != end ||
		     (told->state == RP_OUTAGE_GOES_ON) == over || told->state == RP_OUTAGE_BEGINS;

	if (wrong)
		run_fail(run,
			 "target %u port %u: an outage from %llu to %llu, %lld to %lld ns, was told as %d from %llu to "
			 "%llu, %lld to %lld ns",
			 first->target, first->port, (unsigned long long)first->sequence,
			 (unsigned long long)last->sequence, (long long)(first->left_at - run->start),
			 (long long)(end - run->start), told->state, (unsigned long long)told->outage.first,
			 (unsigned long long)told->outage.last, (long long)(told->outage.start - run->start),
			 (long long)(told->outage.end - run->start));
	/* At once known to be over: answered behind it before it was given up, and alone. */
	if (told->state == RP_OUTAGE_PASSED && (first != last || told->time != first->expired_at))
		run_fail(run, "the outage of probe %llu was over too soon", (unsigned long long)first->sequence);
	if (over && told->time < (end > last->expired_at ? end : last->expired_at))
		run_fail(run, "the end of the outage at %llu was told before it was known",
			 (unsigned long long)first->sequence);
}

void outages_check(struct run *run)
{
	struct truth **sorted = array_new(run->truth_count + 1, sizeof *sorted);
	uint64_t sent = 0, found = 0;
	int64_t longest = 0;

	assert_non_null(sorted);
	for (uint64_t i = 0; i < run->truth_count; i++)
		if (run->truths[i].sent)
			sorted[sent++] = &run->truths[i];
	qsort(sorted, (size_t)sent, sizeof *sorted, by_series);
	if (run->outage_count > 0)
		qsort(run->outages, run->outage_count, sizeof *run->outages, by_first);
	for (uint64_t at = 0; at < sent;) {
		if (!sorted[at]->expired) {
			at++;
			continue;
		}
		if (found == run->outage_count)
			run_fail(run, "an outage at %llu was not told", (unsigned long long)sorted[at]->sequence);
		const struct rp_outage *outage = &run->outages[found].outage;
		check_one(run, sorted, sent, &at, &run->outages[found++]);
		if (outage->end - outage->start > longest)
			longest = outage->end - outage->start;
	}
	free(sorted);
	if (found != run->outage_count || run->total.outages != found)
		run_fail(run, "%llu outages, %llu counted, %llu told", (unsigned long long)found,
			 (unsigned long long)run->total.outages, (unsigned long long)run->outage_count);
	if (found > 0 && run->total.longest.end - run->total.longest.start != longest)
		run_fail(run, "the longest outage is %lld ns and not %lld ns", (long long)longest,
			 (long long)(run->total.longest.end - run->total.longest.start));
}
