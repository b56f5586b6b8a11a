/* SPDX-License-Identifier: MIT */
/* The window against two paths: one that loses by chance, one that carries so many probes and no more. */
#include "unit.h"

#include "base/rng.h"
#include "plan/scan/cwnd.h"

#define PERIOD INT64_C(100000000)

/* A period: every probe of the window is sent, and lost with that probability or answered; as likely were its ports
 * tried in vain before. */
static void period(struct cwnd *congestion, struct rng *rng, int64_t *now, double loss)
{
	uint32_t probes = congestion->window < 2000 ? congestion->window : 2000;

	*now += PERIOD;
	for (uint32_t i = 0; i < probes; i++) {
		unsigned lost = 0;
		while ((double)(rng_next(rng) >> 11) * 0x1p-53 < loss)
			lost++;
		if ((double)(rng_next(rng) >> 11) * 0x1p-53 >= loss)
			cwnd_answer(congestion, *now, PERIOD, lost);
	}
}

TEST(chance_does_not_make_it_collapse)
{
	struct cwnd congestion;
	struct rng rng;
	int64_t now = 0;
	uint32_t least = UINT32_MAX;

	rng_init(&rng, 1);
	cwnd_init(&congestion);
	for (unsigned i = 0; i < 60; i++) {
		period(&congestion, &rng, &now, 0.36);
		least = congestion.window < least ? congestion.window : least;
	}
	assert_true(least >= 512); /* one trial */
	assert_true(congestion.window > 1024);
}

TEST(full_path_makes_it_back_off)
{
	struct cwnd congestion;
	struct rng rng;
	int64_t now = 0;

	rng_init(&rng, 2);
	cwnd_init(&congestion);
	for (unsigned i = 0; i < 60; i++) {
		double over = 1 - 100.0 / congestion.window; /* it carries 100 */
		period(&congestion, &rng, &now, over > 0 ? over : 0);
	}
	assert_in_range(congestion.window, 40, 200);
}

TEST(no_loss_lets_it_grow)
{
	struct cwnd congestion;
	struct rng rng;
	int64_t now = 0;

	rng_init(&rng, 3);
	cwnd_init(&congestion);
	for (unsigned i = 0; i < 30; i++)
		period(&congestion, &rng, &now, 0);
	assert_int_equal(congestion.window, 16384);
}
