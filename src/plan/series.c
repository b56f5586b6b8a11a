/* SPDX-License-Identifier: MIT */
/*
 * The series: every target (and port) in turn, again and again. Hides when a series is over.
 *
 * Without a timeout of its own a probe is given up after 10 s, and after the last probe the run waits as
 * iputils does: twice the longest round trip, one interval at least, if anything was answered when it left, else
 * the 10 s. With a timeout (-W) it waits for each probe to be answered or given up, no longer.
 *
 * An adaptive series sends when the probe before is answered, or twice the usual round trip after it, an interval
 * while none is known; so does one with an interval of 0 (flood), which waits 10 ms.
 */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/ns.h"

#define WAIT_WITHOUT_REPLY (10 * NS_PER_S)
#define FLOOD_GAP          (10 * NS_PER_MS)

/* How long beyond its timeout a probe may stand in a queue of this host. */
#define QUEUE_PATIENCE (5 * NS_PER_S)

/* Some hosts send an error and the reply: after the error the reply has this long, or as long as any when the host
 * has done so before. */
#define ERROR_SETTLE (20 * NS_PER_MS)

/* Slots: enough for what can wait at once, and as many finished probes for duplicates and late answers. */
#define SERIES_SLOTS_LEAST 1024
#define SERIES_SLOTS_MOST  (1 << 20)

/* Of those that wait at once so many at most, however many were sent: 0.7 GB. */
#define SERIES_SLOTS_LIMIT (1 << 22)

/* Where a probe may wait for ever, at least so many do before the oldest is given up: 13 MB. */
#define SERIES_SLOTS_FOREVER (1 << 16)

/* A series without an interval follows the answers: this is so many round trips, and few enough for the cache. */
#define FLOOD_ROUNDS 4096

/* How long a series remembers probes, or as long as its timeout: beyond the longest default one. */
#define SERIES_MEMORY_NS INT64_C(20000000000)

struct ping {
	const struct plan_type *type;
	const struct rp_config *config;
	const struct rp_grid *grid;
	uint64_t *turns;      /* the pairs of a round, by number; NULL: all of them; owned */
	uint64_t *next_turns; /* those of the next round, where it has others */
	uint64_t each;        /* probes of a round */
	uint64_t next_each;
	uint64_t round, nth;   /* of the next probe: which round it is of, from 0, and where it stands there */
	uint64_t asked;        /* probes given out */
	uint64_t sent;         /* of these, sent */
	uint64_t unsent;       /* or refused */
	uint64_t replies;      /* answered in time */
	uint64_t concluded;    /* answered, in error, or given up: nothing more is expected */
	int64_t longest;       /* round trip */
	int64_t usual;         /* likewise, the moving average */
	int64_t last_sent;     /* or left this host, where it stood in a queue */
	int64_t patience;      /* with the last that was sent; INT64_MAX: until it is given up */
	int64_t settled;       /* the reply that followed an error would be here by now */
	uint64_t refused;      /* concluded by an error, and no reply yet */
	bool replied_after;    /* a reply has followed an error */
	bool answered;         /* anything at all */
	bool anything;         /* there is something to probe, or was */
	uint64_t answered_row; /* the latest probes whose fate is known, as far back as all were answered */
	uint64_t row_begins;   /* with this one */
	uint64_t silent_row;   /* likewise, as far back as none was */
	uint64_t errors;       /* of routers and of our own kernel */
};

static int ping_open(struct plan **plan, const struct plan_setup *setup)
{
	const struct rp_config *config = setup->config;
	struct ping *ping = calloc(1, sizeof *ping);

	if (ping == NULL)
		return -ENOMEM;
	ping->type = &plan_series;
	ping->config = config;
	ping->grid = rp_targets_probed(config->targets);
	ping->each = rp_grid_count(ping->grid);
	ping->next_each = ping->each;
	ping->anything = ping->each > 0;
	ping->last_sent = ping->settled = INT64_MIN;
	*plan = (struct plan *)ping;
	return 0;
}

static void ping_close(struct plan *plan)
{
	struct ping *ping = (struct ping *)plan;

	free(ping->turns);
	free(ping->next_turns);
	free(ping);
}

/* The round is over, and the next one may have other targets. */
static void ping_begin_round(struct ping *ping)
{
	ping->nth = 0;
	ping->each = ping->next_each;
	if (ping->next_turns == NULL)
		return;
	free(ping->turns);
	ping->turns = ping->next_turns;
	ping->next_turns = NULL;
}

static bool is_removed(const struct ping *ping, uint64_t number)
{
	return rp_targets_at(ping->config->targets, rp_grid_pair(ping->grid, number).target).removed;
}

/* Those that are there now are in turn from the next round on. */
static uint64_t ping_targets(struct plan *plan)
{
	struct ping *ping = (struct ping *)plan;
	uint64_t count = rp_grid_count(ping->grid), *turns = array_new(count + 1, sizeof *turns), each = 0;

	if (turns == NULL)
		return UINT64_MAX;
	for (uint64_t number = 0; number < count; number++)
		if (!is_removed(ping, number))
			turns[each++] = number;
	free(ping->next_turns);
	ping->next_turns = turns;
	ping->next_each = each;
	ping->anything |= each > 0;
	if (ping->nth == 0)
		ping_begin_round(ping);
	return each;
}

/* ---- what it takes ---------------------------------------------------------------------------- */

/* The least time from one probe to a target to the next one. */
static int64_t shortest_round(const struct rp_config *config)
{
	return config->adaptive ? config->floor : config->interval;
}

/* Of thousands of targets several share a wake, which costs more than a probe: none is later by more than this part
 * of its interval (the kernel's own timers are as late), and than half a millisecond. */
#define SLACK_PART 1000
#define SLACK_MOST (NS_PER_MS / 2)

static struct plan_pace series_pace(const struct rp_config *config, uint32_t a_round)
{
	int64_t period = shortest_round(config), slack = period / SLACK_PART;

	return (struct plan_pace){.period = period,
				  .count = a_round,
				  .burst = config->preload,
				  .slack = slack < SLACK_MOST ? slack : SLACK_MOST};
}

/* UINT64_MAX: nobody knows. */
static uint64_t probes_in_all(const struct rp_config *config, uint64_t a_round)
{
	uint64_t probes;

	if (config->count == 0 || config->count_replies || __builtin_mul_overflow(config->count, a_round, &probes))
		return UINT64_MAX;
	return probes > 0 ? probes : 1;
}

/* How many wait at once where nobody answers. */
static uint64_t probes_waiting(const struct rp_config *config, uint64_t a_round)
{
	int64_t timeout = config->timeout == RP_TIME_NONE ? WAIT_WITHOUT_REPLY : config->timeout;
	int64_t period = shortest_round(config);

	if (period <= 0 || config->adaptive || timeout / period >= SERIES_SLOTS_LIMIT)
		return 0;
	return a_round * ((uint64_t)(timeout / period) + 2);
}

static uint32_t series_capacity(const struct rp_config *config, uint64_t a_round)
{
	uint64_t all = probes_in_all(config, a_round);
	bool forever = config->timeout == INT64_MAX;
	int64_t memory = config->timeout > SERIES_MEMORY_NS && !forever ? config->timeout : SERIES_MEMORY_NS;
	uint64_t least = forever ? SERIES_SLOTS_FOREVER : SERIES_SLOTS_LEAST;
	int64_t period = shortest_round(config);
	uint64_t rounds = period > 0 ? (uint64_t)(memory / period) + 2 : FLOOD_ROUNDS;
	if (rounds > SERIES_SLOTS_MOST)
		rounds = SERIES_SLOTS_MOST;
	uint64_t slots = a_round * rounds + config->preload;
	if (slots < least)
		slots = least;
	if (slots > all)
		slots = all;
	uint64_t most = probes_waiting(config, a_round);
	most = most > SERIES_SLOTS_LIMIT ? SERIES_SLOTS_LIMIT : most < SERIES_SLOTS_MOST ? SERIES_SLOTS_MOST : most;
	return (uint32_t)(slots < most ? slots : most);
}

/* ---- which probe comes next ------------------------------------------------------------------- */

static bool ping_exhausted(const struct ping *ping)
{
	return ping->config->count > 0 && !ping->config->count_replies && ping->round >= ping->config->count;
}

/* How long an unanswered probe keeps the next one back. */
static int64_t ping_gap(const struct ping *ping)
{
	int64_t gap = 2 * ping->usual;

	if (ping->config->interval > 0 && !ping->answered)
		return ping->config->interval;
	return ping->config->interval > 0 && gap > FLOOD_GAP ? gap : FLOOD_GAP;
}

/* When next() would answer with a probe. */
static int64_t ping_due(const struct plan *plan)
{
	const struct ping *ping = (const struct ping *)plan;

	if (ping_exhausted(ping) || ping->each == 0)
		return INT64_MAX;
	if ((ping->config->interval > 0 && !ping->config->adaptive) || ping->asked < ping->config->preload)
		return INT64_MIN;
	if (ping->sent + ping->unsent < ping->asked + 1 - ping->config->preload)
		return INT64_MAX; /* handed out, the kernel's word is outstanding */
	if (ping->concluded + ping->config->preload > ping->sent + ping->unsent)
		return INT64_MIN;
	return ping->last_sent + ping_gap(ping);
}

/* The next pair of the round whose target was not removed meanwhile; false: the round had none left. */
static bool ping_take_turn(struct ping *ping, struct rp_pair *turn, uint64_t *round, struct rp_target *target)
{
	do {
		uint64_t number = ping->turns != NULL ? ping->turns[ping->nth] : ping->nth;

		*round = ping->round;
		*turn = rp_grid_pair(ping->grid, number);
		*target = rp_targets_at(ping->config->targets, turn->target);
		if (++ping->nth == ping->each) {
			ping->round++;
			ping_begin_round(ping);
		}
	} while (target->removed && ping->nth > 0);
	return !target->removed;
}

static enum plan_answer ping_next(struct plan *plan, int64_t now, struct rp_probe *probe)
{
	struct ping *ping = (struct ping *)plan;

	if (ping_due(plan) > now)
		return PLAN_WAIT;

	struct rp_pair turn;
	struct rp_target target;
	uint64_t round;
	if (!ping_take_turn(ping, &turn, &round, &target))
		return PLAN_WAIT;
	probe->target = turn.target;
	probe->port = turn.port;
	probe->sequence = round + 1;
	probe->timeout = ping->config->timeout != RP_TIME_NONE ? ping->config->timeout : WAIT_WITHOUT_REPLY;
	probe->destination = target.address;
	ping->asked++;
	return PLAN_PROBE;
}

/* The probe goes on. */
static bool is_advice(const struct plan_news *news)
{
	return news->kind == PLAN_NEWS_ERROR &&
	       (news->reason == RP_REASON_REDIRECT || news->reason == RP_REASON_SOURCE_QUENCH);
}

/* A probe from before the row may be given up when the row has begun, even in the moment that completes it. */
static void ping_count_rows(struct ping *ping, const struct plan_news *news)
{
	bool answer = news->kind == PLAN_NEWS_REPLY && !news->late && !news->duplicate;
	bool silence = news->kind == PLAN_NEWS_UNSENT ||
		       (news->concluded && (news->kind == PLAN_NEWS_ERROR || news->kind == PLAN_NEWS_TIMEOUT));

	ping->errors += news->kind == PLAN_NEWS_UNSENT || (news->kind == PLAN_NEWS_ERROR && news->concluded);
	if (answer)
		ping->silent_row = 0;
	if (silence && news->probe->sequence > ping->row_begins)
		ping->answered_row = 0;
	if (answer && ping->answered_row++ == 0)
		ping->row_begins = news->probe->sequence;
	/* What never left says nothing about the host. */
	ping->silent_row += silence && news->kind != PLAN_NEWS_UNSENT;
}

static void ping_departed(struct ping *ping, int64_t now)
{
	int64_t least = ping->config->adaptive ? 0 : ping->config->interval;

	ping->last_sent = now;
	ping->patience = 2 * ping->longest > least ? 2 * ping->longest : least;
	if (!ping->answered)
		ping->patience = INT64_MAX;
}

static void ping_answered(struct ping *ping, const struct plan_news *news)
{
	if (news->limit > ping->longest)
		ping->longest = news->limit;
	if (news->rtt != RP_TIME_NONE)
		ping->usual += ping->answered ? (news->rtt - ping->usual) / 8 : news->rtt;
	ping->answered = true;
}

static void ping_news(struct plan *plan, int64_t now, const struct plan_news *news)
{
	struct ping *ping = (struct ping *)plan;

	if (is_advice(news))
		return;
	ping_count_rows(ping, news);
	switch (news->kind) {
	case PLAN_NEWS_SENT:
		ping->sent++;
		ping_departed(ping, now);
		break;
	case PLAN_NEWS_LEFT:
		if (now > ping->last_sent)
			ping->last_sent = now;
		break;
	case PLAN_NEWS_UNSENT:
		ping->unsent++;
		ping->concluded++;
		ping_departed(ping, now);
		break;
	case PLAN_NEWS_REPLY:
		ping_answered(ping, news);
		if (news->concluded)
			ping->concluded++;
		if (!news->late && !news->duplicate)
			ping->replies++;
		if (!news->concluded && !news->given_up && !news->late && !news->duplicate) {
			ping->replied_after = true;
			ping->refused--;
		}
		break;
	case PLAN_NEWS_ERROR:
		/* Only the first about a probe: whoever repeats it must not keep the run alive. */
		if (news->concluded) {
			ping->settled = now + ERROR_SETTLE;
			ping->concluded++;
			ping->refused++;
		}
		break;
	case PLAN_NEWS_TIMEOUT:
		if (news->concluded)
			ping->concluded++;
		else
			ping->refused--;
		break;
	case PLAN_NEWS_DOUBT:
		break;
	}
}

static bool reached(uint64_t value, uint64_t wanted)
{
	return wanted > 0 && value >= wanted;
}

static enum rp_end ping_why(const struct ping *ping)
{
	const struct rp_config *config = ping->config;

	if (reached(ping->answered_row, config->until_answered) || reached(ping->silent_row, config->until_silent))
		return RP_END_REACHED;
	return reached(ping->errors, config->max_errors) ? RP_END_ERRORS : RP_END_COMPLETE;
}

static int64_t ping_ends_at(const struct ping *ping, enum rp_end why)
{
	const struct rp_config *config = ping->config;

	if (why != RP_END_COMPLETE || !ping->anything)
		return INT64_MIN;
	if (config->count == 0)
		return INT64_MAX;
	if (config->count_replies)
		return ping->replies / config->count >= ping->each ? INT64_MIN : INT64_MAX;
	if (!ping_exhausted(ping) || ping->sent + ping->unsent < ping->asked)
		return INT64_MAX;
	if (ping->concluded >= ping->asked && !(ping->refused > 0 && ping->replied_after))
		return ping->settled;
	if (config->timeout != RP_TIME_NONE || ping->patience == INT64_MAX)
		return INT64_MAX; /* each is given up in its time */
	return ping->last_sent + ping->patience;
}

/* A run that counts replies ends with the last of them, and the probes behind it are still under way. */
static struct plan_end ping_ends(const struct plan *plan)
{
	const struct ping *ping = (const struct ping *)plan;
	enum rp_end why = ping_why(ping);

	return (struct plan_end){.at = ping_ends_at(ping, why),
				 .why = why,
				 .waited = !ping->config->count_replies && why == RP_END_COMPLETE};
}

const struct plan_type plan_series = {
	.name = "series",
	.hears = PLAN_HEARS_ALL & ~PLAN_HEARS(PLAN_NEWS_DOUBT),
	.pace = series_pace,
	.capacity = series_capacity,
	.queue_patience = QUEUE_PATIENCE,
	.open = ping_open,
	.next = ping_next,
	.news = ping_news,
	.targets = ping_targets,
	.due = ping_due,
	.ends = ping_ends,
	.close = ping_close,
};
