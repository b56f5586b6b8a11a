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

void cwnd_init(struct cwnd *congestion)
{
	*congestion = (struct cwnd){.window = WINDOW_FIRST,
				    .began = WINDOW_FIRST,
				    .before = WINDOW_FIRST,
				    .threshold = WINDOW_MOST,
				    .since = INT64_MIN};
}

static void shrink(struct cwnd *congestion, double answers)
{
	congestion->saved = congestion->before;
	congestion->trial = answers;
	congestion->settling = true;
	congestion->window = congestion->before / 2 > WINDOW_LEAST ? congestion->before / 2 : WINDOW_LEAST;
}

/* The period is over, and this was its loss, and so many answers came in a ns. */
static void judge(struct cwnd *congestion, double loss, double answers)
{
	if (congestion->saved != 0 && congestion->settling) {
		congestion->settling = false;
		return;
	}
	if (congestion->saved != 0 && answers < ANSWERS_STAY * congestion->trial) {
		congestion->window = congestion->saved;
		congestion->chance = loss;
		congestion->saved = 0;
		return;
	}
	if (congestion->saved != 0) {
		congestion->saved = 0;
		congestion->threshold = congestion->window;
	}
	if (loss > congestion->chance + LOSS_RISE)
		shrink(congestion, answers);
	else if (loss < congestion->chance)
		congestion->chance = (congestion->chance + loss) / 2;
}

static void grow(struct cwnd *congestion)
{
	uint32_t needed = congestion->window < congestion->threshold ? 1 : congestion->window;

	if (congestion->saved != 0 || congestion->window >= WINDOW_MOST || ++congestion->credit < needed)
		return;
	congestion->credit = 0;
	congestion->window++;
}

void cwnd_answer(struct cwnd *congestion, int64_t now, int64_t period, unsigned lost)
{
	uint32_t tries;

	if (congestion->since == INT64_MIN)
		congestion->since = now;
	congestion->answered++;
	congestion->lost += lost;
	tries = congestion->answered + congestion->lost;
	if (now - congestion->since >= period && tries >= TRIES_LEAST) {
		judge(congestion, (double)congestion->lost / tries,
		      (double)congestion->answered / (double)(now - congestion->since));
		congestion->since = now;
		congestion->before = congestion->began;
		congestion->began = congestion->window;
		congestion->answered = congestion->lost = 0;
	}
	grow(congestion);
}
