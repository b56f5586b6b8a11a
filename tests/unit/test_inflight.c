/* SPDX-License-Identifier: MIT */
/* The table of probes, by hand and against a naive model under random use. */
#include "unit.h"

#include "base/rng.h"
#include "core/inflight.h"

static uint32_t add(struct inflight *table, uint32_t target, uint64_t number, int64_t deadline)
{
	return inflight_add(table, &(struct rp_probe){.target = target}, number, 0, deadline);
}

TEST(found_by_what_the_answer_names)
{
	struct inflight *table;

	assert_int_equal(inflight_new(&table, 4, true), 0);
	uint32_t slot = add(table, 1, 42, 10);
	assert_int_equal(inflight_find(table, 1, 0, 42), slot);
	assert_int_equal(inflight_find(table, 2, 0, 42), SLOT_NONE);
	assert_int_equal(inflight_find(table, 17, 0, 42), SLOT_NONE); /* of the same bucket */
	assert_int_equal(inflight_find(table, 1, 1, 42), SLOT_NONE);
	assert_int_equal(inflight_find(table, 1, 0, 43), SLOT_NONE);
	inflight_free(table);
}

TEST(waiting_is_never_evicted)
{
	struct inflight *table;

	assert_int_equal(inflight_new(&table, 2, true), 0);
	uint32_t first = add(table, 0, 1, 10);
	add(table, 0, 2, 20);
	assert_true(inflight_full(table));
	assert_int_equal(add(table, 0, 3, 30), SLOT_NONE);
	inflight_finish(table, first, SLOT_ANSWERED);
	assert_int_equal(inflight_find(table, 0, 0, 1), first); /* still known */
	assert_int_equal(add(table, 0, 3, 30), first);
	assert_int_equal(inflight_find(table, 0, 0, 1), SLOT_NONE); /* until its slot is needed */
	assert_int_equal(inflight_find(table, 0, 0, 3), first);
	inflight_free(table);
}

TEST(earliest_deadline_first)
{
	static const int64_t deadlines[] = {50, 10, 40, 30, 20};
	struct inflight *table;

	assert_int_equal(inflight_new(&table, 8, true), 0);
	for (uint64_t i = 0; i < 5; i++)
		add(table, 0, i, deadlines[i]);
	for (int64_t deadline = 10; deadline <= 50; deadline += 10) {
		uint32_t slot = inflight_first(table);
		assert_int_equal(inflight_slot(table, slot)->deadline, deadline);
		inflight_finish(table, slot, SLOT_EXPIRED);
	}
	assert_int_equal(inflight_first(table), SLOT_NONE);
	inflight_free(table);
}

TEST(forgotten_is_not_found)
{
	struct inflight *table;

	assert_int_equal(inflight_new(&table, 2, true), 0);
	inflight_finish(table, add(table, 0, 1, 10), SLOT_FREE);
	assert_int_equal(inflight_find(table, 0, 0, 1), SLOT_NONE);
	assert_int_equal(inflight_waiting(table), 0);
	for (uint64_t i = 2; i < 10; i++) /* the slot comes round again without harm */
		inflight_finish(table, add(table, 0, i, 10), i % 2 ? SLOT_FREE : SLOT_ANSWERED);
	inflight_free(table);
}

/* The model: numbers in the order they finished, and a plain array of deadlines. */
#define MODEL_SIZE 32

TEST(same_as_a_naive_model)
{
	struct rng rng;
	struct inflight *table;
	struct {
		uint64_t number;
		int64_t deadline;
		bool waiting;
	} model[MODEL_SIZE] = {0};
	uint64_t next = 1;

	rng_init(&rng, 1);
	assert_int_equal(inflight_new(&table, MODEL_SIZE, true), 0);
	for (int step = 0; step < 20000; step++) {
		unsigned at = (unsigned)rng_below(&rng, MODEL_SIZE);

		if (step % 5000 == 4999) /* larger, it has the same */
			assert_int_equal(inflight_grow(table, MODEL_SIZE + (uint32_t)step / 100), 0);
		if (model[at].waiting) {
			uint32_t slot = inflight_find(table, 0, 0, model[at].number);
			assert_int_not_equal(slot, SLOT_NONE);
			assert_int_equal(inflight_slot(table, slot)->deadline, model[at].deadline);
			model[at].waiting = rng_below(&rng, 2) == 0;
			if (model[at].waiting) { /* until sooner or later than before */
				model[at].deadline = (int64_t)rng_below(&rng, 1000);
				inflight_arm(table, slot, model[at].deadline);
			} else {
				inflight_finish(table, slot, rng_below(&rng, 3) == 0 ? SLOT_EXPIRED : SLOT_ANSWERED);
			}
		} else {
			model[at].number = next++;
			model[at].deadline = (int64_t)rng_below(&rng, 1000);
			model[at].waiting = true;
			assert_int_not_equal(add(table, 0, model[at].number, model[at].deadline), SLOT_NONE);
		}

		uint32_t waiting = 0;
		int64_t earliest = INT64_MAX;
		for (unsigned i = 0; i < MODEL_SIZE; i++) {
			waiting += model[i].waiting;
			if (model[i].waiting && model[i].deadline < earliest)
				earliest = model[i].deadline;
		}
		assert_int_equal(inflight_waiting(table), waiting);
		uint32_t first = inflight_first(table);
		if (waiting == 0)
			assert_int_equal(first, SLOT_NONE);
		else
			assert_int_equal(inflight_slot(table, first)->deadline, earliest);
	}
	inflight_free(table);
}
