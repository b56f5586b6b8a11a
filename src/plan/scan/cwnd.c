/* SPDX-License-Identifier: MIT */
/* Hides the trial. */
#include "plan/scan/cwnd.h"

#define WINDOW_FIRST 1024
#define WINDOW_LEAST 32
#define WINDOW_MOST  16384

/* A period says something about loss after this many tries. */
#define TRIES_LEAST 32

/* Loss this much above chance is worth a trial. It was in vain if less than this share of the answers comes. The loss
 * itself would tell too late: an answer tells of tries that were lost long before. */
#define LOSS_RISE    0.05
#define ANSWERS_STAY 0.75

void cwnd_init(struct cwnd *cwnd)
{
	*cwnd = (struct cwnd){.window = WINDOW_FIRST,
			      .began = WINDOW_FIRST,
			      .before = WINDOW_FIRST,
			      .threshold = WINDOW_MOST,
			      .since = INT64_MIN};
}

static void shrink(struct cwnd *cwnd, double answers)
{
	cwnd->saved = cwnd->before;
	cwnd->trial = answers;
	cwnd->settling = true;
	cwnd->window = cwnd->before / 2 > WINDOW_LEAST ? cwnd->before / 2 : WINDOW_LEAST;
}

/* The period is over, and this was its loss, and so many answers came in a ns. */
static void judge(struct cwnd *cwnd, double loss, double answers)
{
	if (cwnd->saved != 0 && cwnd->settling) {
		cwnd->settling = false;
		return;
	}
	if (cwnd->saved != 0 && answers < ANSWERS_STAY * cwnd->trial) {
		cwnd->window = cwnd->saved;
		cwnd->chance = loss;
		cwnd->saved = 0;
		return;
	}
	if (cwnd->saved != 0) {
		cwnd->saved = 0;
		cwnd->threshold = cwnd->window;
	}
	if (loss > cwnd->chance + LOSS_RISE)
		shrink(cwnd, answers);
	else if (loss < cwnd->chance)
		cwnd->chance = (cwnd->chance + loss) / 2;
}

static void grow(struct cwnd *cwnd)
{
	uint32_t needed = cwnd->window < cwnd->threshold ? 1 : cwnd->window;

	if (cwnd->saved != 0 || cwnd->window >= WINDOW_MOST || ++cwnd->credit < needed)
		return;
	cwnd->credit = 0;
	cwnd->window++;
}

void cwnd_answer(struct cwnd *cwnd, int64_t now, int64_t period, unsigned lost)
{
	uint32_t tries;

	if (cwnd->since == INT64_MIN)
		cwnd->since = now;
	cwnd->answered++;
	cwnd->lost += lost;
	tries = cwnd->answered + cwnd->lost;
	if (now - cwnd->since >= period && tries >= TRIES_LEAST) {
		judge(cwnd, (double)cwnd->lost / tries, (double)cwnd->answered / (double)(now - cwnd->since));
		cwnd->since = now;
		cwnd->before = cwnd->began;
		cwnd->began = cwnd->window;
		cwnd->answered = cwnd->lost = 0;
	}
	grow(cwnd);
}
