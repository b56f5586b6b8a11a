/* SPDX-License-Identifier: MIT */
#include "app/eta.h"

#include "base/ns.h"

/* A sample each time so much of the time elapsed has passed again: all of them are about its latest half. */
#define SAMPLE_PARTS 16
#define SAMPLE_LEAST (20 * NS_PER_MS)

/* Judgements agree when what they leave differs by no more than this factor, or by so much. */
#define AGREE      1.25
#define AGREE_TIME (500 * NS_PER_MS)

/* The tries of a silent port, where nothing ever answered, and where something has and nothing else is known. */
#define TRIES_UNHEARD 3
#define TRIES_HEARD   4

/* More loss than this makes the number of tries that silence takes grow until the end. */
#define LOSS_MOST 0.04

/* So few that are silent may only be under way. */
#define SILENT_FEW 0.05

void eta_init(struct eta *eta, const struct rp_config *config, uint64_t ports, int64_t now)
{
	*eta = (struct eta){.config = config, .ports = ports, .started = now};
}

/* How many tries a silent port gets. */
static unsigned tries(const struct eta *eta)
{
	unsigned allowed = 1 + eta->config->max_retries, least = eta->answered > 0 ? TRIES_HEARD : TRIES_UNHEARD;
	unsigned most = allowed < ETA_TRIES ? allowed : ETA_TRIES, seen = 1;

	while (seen < most && eta->sent[seen + 1] > 0 && eta->sent[seen + 1] >= eta->sent[2] / 8)
		seen++;
	if (seen < TRIES_UNHEARD || eta->lost[seen] <= eta->sent[2] / 8)
		seen = seen > least ? seen : least; /* a further try may not show yet */
	return seen < most ? seen : most;
}

static double silent(const struct eta *eta)
{
	return eta->tried > eta->answered ? (double)(eta->tried - eta->answered) : 0;
}

/* How many silent ports are done, in parts. */
static double silent_done(const struct eta *eta)
{
	double parts = ((double)eta->given_up - (double)eta->retried) / tries(eta), most = silent(eta);

	return parts < 0 ? 0 : parts < most ? parts : most;
}

static const struct eta_sample *oldest(const struct eta *eta)
{
	return &eta->samples[eta->count < ETA_SAMPLES ? 0 : eta->next];
}

static bool is_lossy(const struct eta *eta)
{
	return (double)eta->retried > LOSS_MOST * (double)(eta->answered + eta->retried) && silent(eta) > 0;
}

/* Some ports answer and others do not: none of these has had all its tries, or targets that answer are among others,
 * which get fewer. */
static bool is_mixed(const struct eta *eta)
{
	bool several = rp_targets_count(eta->config->targets) > 1 && eta->config->max_retries >= TRIES_UNHEARD;

	return eta->answered > 0 && silent(eta) > SILENT_FEW * (double)eta->tried &&
	       (several || eta->lost[tries(eta)] <= eta->sent[2] / 8);
}

/* Not fmax(), which would have the program load the mathematical library: a tenth of its start. */
static double later(double one, double other)
{
	return one > other ? one : other;
}

/* When it is over, if it goes on as lately; RP_TIME_NONE: nobody knows. */
static int64_t judge(const struct eta *eta, int64_t now)
{
	const struct eta_sample begin = {.time = eta->started}, *since = eta->count > 0 ? oldest(eta) : &begin;
	int64_t silence = eta->answered > 0 ? eta->config->patience : eta->config->silent_patience;
	int64_t last = eta->tried < eta->ports ? now : eta->last_tried;
	double parts = silent_done(eta), done = (double)eta->answered + parts, elapsed = (double)(now - since->time);
	double ends = (double)now;

	if (is_lossy(eta) || is_mixed(eta))
		return RP_TIME_NONE;
	if (done > since->done)
		ends += ((double)eta->ports - done) * elapsed / (done - since->done);
	else if (eta->tried < eta->ports || eta->answered > 0)
		return RP_TIME_NONE;
	/* The silent ones that were tried, where all others are done already. */
	if (parts > since->parts)
		ends = later(ends, (double)now + (silent(eta) - parts) * elapsed / (parts - since->parts));
	if (silent(eta) > 0)
		ends = later(ends, (double)(last + silence));
	return ends < (double)INT64_MAX ? (int64_t)ends : RP_TIME_NONE;
}

static void take_sample(struct eta *eta, int64_t now)
{
	struct eta_sample sample = {.time = now, .parts = silent_done(eta), .ends = judge(eta, now)};

	sample.done = (double)eta->answered + sample.parts;

	eta->samples[eta->next] = sample;
	eta->next = (eta->next + 1) % ETA_SAMPLES;
	if (eta->count < ETA_SAMPLES)
		eta->count++;
}

void eta_event(struct eta *eta, const struct rp_event *event)
{
	int64_t last = eta->count > 0 ? eta->samples[(eta->next + ETA_SAMPLES - 1) % ETA_SAMPLES].time : eta->started;
	int64_t pause = (event->time - eta->started) / SAMPLE_PARTS;

	if (event->time - last >= (pause > SAMPLE_LEAST ? pause : SAMPLE_LEAST))
		take_sample(eta, event->time);
	if (event->kind == RP_EVENT_SENT) {
		eta->sent[event->attempt < ETA_TRIES ? event->attempt : ETA_TRIES]++;
		if (event->attempt == 1 && eta->tried < eta->ports) {
			eta->tried++;
			eta->last_tried = event->time;
		}
	}
	if (event->kind == RP_EVENT_TIMEOUT) {
		eta->lost[event->attempt < ETA_TRIES ? event->attempt : ETA_TRIES]++;
		eta->given_up++;
	}
	if (event->kind == RP_EVENT_PORT && event->packet != NULL && eta->answered < eta->tried) {
		eta->answered++;
		eta->retried += event->attempt > 0 ? event->attempt - 1 : 0;
	}
}

static bool agree(double a, double b)
{
	double more = a > b ? a : b, less = a > b ? b : a;

	return more - less <= (double)AGREE_TIME || (less > 0 && more / less <= AGREE);
}

int64_t eta_left(const struct eta *eta, int64_t now)
{
	int64_t ends = judge(eta, now);

	unsigned judged = 0;

	if (ends == RP_TIME_NONE || ends < now)
		return -1;
	for (unsigned i = 0; i < eta->count; i++) {
		const struct eta_sample *sample = &eta->samples[i];

		if (sample->ends == RP_TIME_NONE)
			continue;
		if (!agree((double)(sample->ends - now), (double)(ends - now)))
			return -1;
		judged++;
	}
	return judged >= eta->count / 2 ? ends - now : -1;
}
