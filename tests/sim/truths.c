/* SPDX-License-Identifier: MIT */
/* The true fate of every probe, found by its number in the session's table or by what events call it. */
#include "alloc.h"
#include "base/array.h"
#include "check.h"

void check_open(struct run *run)
{
	uint32_t targets = rp_targets_count(run->targets);

	alloc_count(false);
	run->several = targets > 1;
	run->handed = NO_PROBE;
	run->table_size = 1024;
	run->table = array_new(run->table_size, sizeof *run->table);
	run->mine_of = calloc(targets, sizeof *run->mine_of);
	run->host_told_at = calloc(targets + 1, sizeof *run->host_told_at);
	run->ports = calloc((size_t)targets * (run->port_set ? rp_ports_count(run->port_set) : 1), sizeof *run->ports);
	run->mine = (struct rp_stats){.rtt_min = INT64_MAX, .rtt_max = INT64_MIN};
	assert_true(run->table && run->mine_of && run->host_told_at && run->ports);
}

void check_close(struct run *run)
{
	alloc_count(false);
	free(run->truths);
	free(run->table);
	free(run->mine_of);
	free(run->host_told_at);
	free(run->ports);
	free(run->outages);
}

static uint64_t place_of(const struct run *run, const struct truth *truth)
{
	uint64_t at = (truth->target * UINT64_C(31) + truth->port) * UINT64_C(1000003) + truth->sequence * 64 +
		      truth->attempt;

	for (at = at * UINT64_C(0x9e3779b97f4a7c15) >> 20;; at++) {
		uint64_t held = run->table[at & (run->table_size - 1)];
		const struct truth *other = &run->truths[held - 1];

		if (held == 0 || (other->target == truth->target && other->port == truth->port &&
				  other->sequence == truth->sequence && other->attempt == truth->attempt))
			return at & (run->table_size - 1);
	}
}

/* The probe's name is known: it can be found by it. */
void check_identify(struct run *run, uint64_t index, const struct rp_event *event)
{
	struct truth *truth = &run->truths[index];

	truth->target = event->target;
	truth->port = event->port;
	truth->sequence = event->sequence;
	truth->attempt = event->attempt;
	if (run->table_size < run->truth_room * 2) {
		free(run->table);
		run->table_size = run->truth_room * 2;
		run->table = array_new(run->table_size, sizeof *run->table);
		assert_non_null(run->table);
		for (uint64_t i = 0; i < run->truth_count; i++) {
			if (i != index && (run->truths[i].sent || run->truths[i].unsent))
				run->table[place_of(run, &run->truths[i])] = i + 1;
		}
	}
	uint64_t *place = &run->table[place_of(run, truth)];
	if (*place != 0 && !run->truths[*place - 1].unsent)
		run_fail(run, "the same probe twice");
	*place = index + 1;
}

struct truth *check_find(struct run *run, const struct rp_event *event)
{
	struct truth name = {
		.target = event->target, .port = event->port, .sequence = event->sequence, .attempt = event->attempt};
	uint64_t held = run->table[place_of(run, &name)];

	if (held == 0 || !run->truths[held - 1].sent)
		run_fail(run, "an event of kind %d about a probe that was never sent", event->kind);
	return &run->truths[held - 1];
}

uint64_t check_add(struct run *run, const struct truth *truth)
{
	if (run->truth_count == run->truth_room) {
		run->truth_room = run->truth_room ? run->truth_room * 2 : 512;
		run->truths = realloc(run->truths, (size_t)run->truth_room * sizeof *run->truths);
		assert_non_null(run->truths);
	}
	run->truths[run->truth_count] = *truth;
	return run->truth_count++;
}
