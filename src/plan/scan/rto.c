/* SPDX-License-Identifier: MIT */
/*
 * Hides the estimates. A round trip is only taken from the try that was answered, so Karn's ambiguity does not arise.
 * The loss is that of the tries of answered ports; silent ports say nothing about it. Loss may be that of a few ports
 * and not of all, as where one of several paths is bad: what the others show says little about a port whose first try
 * was lost, so the tries after a loss are counted apart.
 */
#include "plan/scan/rto.h"

#define TRIES_LEAST 3

/* More tries are lost by no chance: what helps then is a second look (silent.c). */
#define TRIES_MOST 16

/* From the try after this one on each waits a quarter longer than the one before. A target that holds a half-open
 * connection whose SYN-ACK was lost answers retries twice a second only, and repeats the SYN-ACK after 1 and 3 s. */
#define TRIES_ALIKE 4

/* A late answer counts as a round trip up to so many times the timeout. A later one is that of a single slow port,
 * or the target's own retransmission. */
#define LATE_MOST 3

/* So many late ports are few. */
#define LATE_FEW 4

/* What is left to chance: that a port would have answered one more try. */
#define DOUBT 1e-6

/* A port that is to be no longer open. Its tries are few when it is first silent, so one more is taken for answered
 * and one for lost. */
#define GONE_LEAST   3
#define GONE_MOST    30
#define GONE_UNHEARD 5
#define GONE_DOUBT   1e-5

/* What is assumed before anything is known: a tenth of one try was lost. */
#define PRIOR_LOST  0.1
#define PRIOR_TRIES 1.0

/* Of tries after a loss: so many, lost at the rate of all tries. */
#define PRIOR_AGAIN 2.0

void rto_init(struct rto *rto)
{
	*rto = (struct rto){.srtt = RP_TIME_NONE};
}

static int64_t estimate(const struct rto *rto)
{
	return rto->srtt + 4 * rto->rttvar;
}

static int64_t bounded(int64_t timeout, const struct rp_config *config)
{
	if (timeout < config->min_rtt_timeout)
		return config->min_rtt_timeout;
	return timeout < config->max_rtt_timeout ? timeout : config->max_rtt_timeout;
}

/* RFC 6298 section 2. */
void rto_sample(struct rto *rto, int64_t rtt, bool late, const struct rp_config *config)
{
	if (rto->srtt == RP_TIME_NONE) {
		rto->srtt = rtt;
		rto->rttvar = rtt / 2;
		return;
	}
	if (late && rtt > LATE_MOST * bounded(estimate(rto), config))
		return;
	int64_t error = rtt - rto->srtt;

	rto->rttvar += ((error < 0 ? -error : error) - rto->rttvar) / 4;
	rto->srtt += error / 8;
}

void rto_answer(struct rto *rto, unsigned attempt, bool late)
{
	if (late && rto->answered == 0 && rto->late < LATE_FEW) {
		rto->late++;
		return;
	}
	rto->answered++;
	rto->lost += attempt - 1;
	rto->again += attempt > 1 ? attempt - 2 : 0;
}

static int64_t first_timeout(const struct rto *rto, const struct rto *group, const struct rp_config *config)
{
	int64_t initial = config->initial_rtt_timeout;

	if (rto->srtt != RP_TIME_NONE)
		return bounded(estimate(rto) < initial ? estimate(rto) : initial, config);
	if (group->srtt != RP_TIME_NONE && 2 * estimate(group) < initial)
		initial = 2 * estimate(group);
	return bounded(initial, config);
}

int64_t rto_timeout(const struct rto *rto, const struct rto *group, unsigned attempt, const struct rp_config *config)
{
	int64_t timeout = first_timeout(rto, group, config);

	for (unsigned i = TRIES_ALIKE; i < attempt && timeout < config->max_rtt_timeout; i++)
		timeout += timeout / 4;
	return bounded(timeout, config);
}

int64_t rto_patience(const struct rto *rto)
{
	return rto->srtt != RP_TIME_NONE ? rto->srtt + rto->srtt / 4 : 0;
}

unsigned rto_tries(const struct rto *rto, const struct rp_config *config)
{
	unsigned allowed = 1 + config->max_retries;
	unsigned most = allowed < TRIES_MOST ? allowed : TRIES_MOST;
	unsigned tries = 0;
	double loss = ((double)rto->lost + PRIOR_LOST) / ((double)rto->answered + rto->lost + PRIOR_TRIES);
	double again = ((double)rto->again + PRIOR_AGAIN * loss) / ((double)rto->lost + PRIOR_AGAIN);

	for (double doubt = 1; rto->answered > 0 && tries < most && doubt > DOUBT; tries++)
		doubt *= tries > 0 && again > loss ? again : loss;
	if (tries < TRIES_LEAST)
		tries = TRIES_LEAST;
	return tries < allowed ? tries : allowed;
}

unsigned rto_gone(const struct rto *rto)
{
	double loss = ((double)rto->lost + 1) / ((double)rto->answered + rto->lost + 2);
	double doubt = loss * loss * loss;
	unsigned tries = GONE_LEAST;

	if (rto->answered == 0)
		return GONE_UNHEARD;
	for (; doubt > GONE_DOUBT && tries < GONE_MOST; tries++)
		doubt *= loss;
	return tries;
}
