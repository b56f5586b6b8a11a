/* SPDX-License-Identifier: MIT */
/*
 * What becomes of the ports that stayed silent. They wait until nothing else is left of their target; then loss seen
 * meanwhile earns them further tries, and when patience is over they are filtered.
 *
 * Between these comes a second look, since the target may limit its RSTs (rst_limit.c). Where RSTs came, a few of the
 * silent ports are asked again, slowly; if one answers, or the limit is plain, all are, about as fast as RSTs came
 * before, for as long as that finds anything. Where it ends before all were asked and none answered, that is reported
 * of the target; likewise where the tries were used up before it could begin, and the answers to them do not look like
 * chance.
 */
#include "plan/scan/scan.h"

#include "base/ns.h"

/* Fewer closed ports are not worth a second look, nor are fewer silent ones unless as many tries of closed ports were
 * lost as ports are closed. */
#define LOOK_LEAST 4

/* How long after the last RST it begins: limits count by the second. Who has less patience than this with silence (-T5)
 * looks only where the limit is plain. */
#define LOOK_AFTER    (1100 * NS_PER_MS)
#define LOOK_PATIENCE (500 * NS_PER_MS)

/* How many ports are asked first to see whether it is worth asking all, and how often some of these are asked. */
#define LOOK_SAMPLE 64
#define LOOK_STEP   (100 * NS_PER_MS)

/* It ends after so many silent ports in a row, if asking them took two seconds, and if they are half as many as the
 * closed ones found: it takes no more than half as long again as these did. */
#define LOOK_VAIN 256

/* Ports are asked in steps of about this share of them all, the golden section, so that any row of them is a sample. */
#define LOOK_STRIDE 0.618034

unsigned silent_tries(const struct scan *scan, const struct host *host)
{
	return host->look.stage != LOOK_NOT_YET || rst_limit_is_plain(host) ? 1 : rto_tries(&host->rto, scan->config);
}

/* The greatest that both have (Euclid). */
static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b > 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint32_t silent_stride(uint32_t ports)
{
	uint32_t stride = (uint32_t)(ports * LOOK_STRIDE) + 1;

	while (common_divisor(stride, ports) > 1)
		stride++;
	return stride;
}

/* Queues so many silent ports again, or all that are left of this turn; returns how many. */
static uint32_t ask_again(struct scan *scan, uint32_t target, uint32_t count)
{
	struct host *host = &scan->hosts[target];
	uint32_t asked = 0;

	for (; asked < count && host->look.cursor < host->port_count; host->look.cursor++) {
		uint64_t at = host->look.backwards ? host->port_count - 1 - host->look.cursor : host->look.cursor;
		uint32_t index = host->items + (uint32_t)(at * host->look.stride % host->port_count);

		if (scan->items[index].status != ITEM_EXHAUSTED)
			continue;
		if (scan->items[index].attempts > scan->config->max_retries) {
			host->look.skipped = true;
			continue;
		}
		host->exhausted--;
		item_push(scan, target, index);
		asked++;
	}
	host->look.vain += asked;
	return asked;
}

static bool is_worth_a_look(const struct scan *scan, const struct host *host)
{
	bool few = host->exhausted < LOOK_LEAST && host->resets.lost < host->closed;

	return host->closed >= LOOK_LEAST && !few &&
	       (scan->config->patience >= LOOK_PATIENCE || rst_limit_is_plain(host));
}

/* A second as we count it may hold RSTs of two of the target's seconds, so the limit may be half of the most that was
 * counted: it begins with that half, and becomes faster for as long as all answer. RSTs that came for ports already
 * decided are in no count, so there may be none. */
static void set_pace(struct host *host)
{
	uint32_t most = host->resets.most > 0 ? host->resets.most : 1;
	uint32_t least = most > 1 ? most / 2 : 1;

	if (host->look.pace > 0 && host->look.vain <= host->look.pace / 8 + 1)
		host->look.pace += host->look.pace / 16 + 1;
	else
		host->look.pace = least;
	if (host->look.pace > most)
		host->look.pace = most;
}

/* All that are silent, or the sample, have been asked. If that found something, or began too soon after the last RST
 * to find anything, the next turn follows; else the look is over. */
static void end_turn(struct host *host, int64_t now)
{
	struct look *look = &host->look;
	int64_t rested = host->resets.last + LOOK_AFTER;

	if (look->answered == look->before && look->began >= rested) {
		look->sure = look->stage == LOOK_ON && !look->skipped;
		look->stage = LOOK_OVER;
		return;
	}
	if (look->cursor >= host->port_count) {
		look->cursor = 0;
		look->backwards = !look->backwards; /* first those that were asked last, and maybe too fast */
		look->next = look->answered > look->before || now > rested ? now : rested;
		look->began = look->next;
	}
	look->stage = LOOK_ON;
	look->before = look->answered;
}

static bool is_in_vain(const struct host *host)
{
	const struct look *look = &host->look;

	return look->vain >= LOOK_VAIN && look->vain >= 2 * look->pace && look->vain >= host->closed / 2;
}

/* Where the limit is not plain, only a sample is asked for the time being. */
static void begin_look(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	struct look *look = &host->look;

	look->answered = look->before = host->open + host->closed;
	look->began = now;
	look->stride = silent_stride(host->port_count);
	if (rst_limit_is_plain(host))
		look->stage = LOOK_ON;
	else
		look->stage = ask_again(scan, target, LOOK_SAMPLE) > 0 ? LOOK_SAMPLES : LOOK_OVER;
}

/* If so, the target's alarm is set. */
static bool is_early(struct scan *scan, uint32_t target, int64_t now)
{
	int64_t next = scan->hosts[target].look.next;

	if (now < next)
		timers_set(&scan->timers, target, next);
	return now < next;
}

static void note_answers(struct host *host)
{
	uint32_t answered = host->open + host->closed;

	if (answered > host->look.answered)
		host->look.vain = 0;
	host->look.answered = answered;
}

/* As many as are due in one step. */
static void ask_some(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	struct look *look = &host->look;

	set_pace(host);
	uint32_t asked = ask_again(scan, target, (uint32_t)(look->pace * LOOK_STEP / NS_PER_S) + 1);
	look->next = now + (asked > 1 ? asked : 1) * NS_PER_S / look->pace;
	timers_set(&scan->timers, target, look->next);
}

/* One step of the second look; false when there is nothing to look for, or when it is over. */
static bool look_again(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	struct look *look = &host->look;
	bool all_back = host->exhausted == host->undecided;

	if (look->stage == LOOK_OVER || (!all_back && look->stage != LOOK_ON))
		return false;
	if (look->stage == LOOK_NOT_YET) {
		if (!is_worth_a_look(scan, host))
			return false;
		look->stage = LOOK_WAITS;
		look->next = host->resets.last + LOOK_AFTER;
	}
	if (is_early(scan, target, now))
		return true;
	if (look->stage == LOOK_WAITS) {
		begin_look(scan, target, now);
		if (look->stage != LOOK_ON)
			return look->stage == LOOK_SAMPLES;
	}
	note_answers(host);
	if (look->stage == LOOK_SAMPLES || (all_back && look->cursor >= host->port_count))
		end_turn(host, now);
	if (is_in_vain(host))
		look->stage = LOOK_OVER;
	if (look->stage == LOOK_OVER)
		return false;
	look->found = true;
	if (!is_early(scan, target, now))
		ask_some(scan, target, now);
	return true;
}

/* Those with fewer tries than the loss demands are tried once more. */
static void try_again(struct scan *scan, uint32_t target)
{
	struct host *host = &scan->hosts[target];

	for (uint32_t index = host->items; index < host->items + host->port_count + CANARIES && host->exhausted > 0;
	     index++) {
		if (scan->items[index].status != ITEM_EXHAUSTED || scan->items[index].attempts >= host->silent_tries)
			continue;
		host->exhausted--;
		item_push(scan, target, index);
	}
}

/* Who has banned us says nothing by silence. */
static void decide(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	enum rp_state state = host->ban.found ? RP_STATE_UNKNOWN : RP_STATE_FILTERED;

	for (uint32_t index = host->items; index < host->items + host->port_count + CANARIES && host->exhausted > 0;
	     index++) {
		struct item *item = &scan->items[index];

		if (item->status == ITEM_EXHAUSTED)
			decide_item(scan, target, index, now, state, RP_REASON_NO_RESPONSE, NULL, false);
	}
}

void silent_judge(struct scan *scan, uint32_t target, int64_t now)
{
	struct host *host = &scan->hosts[target];
	unsigned tries = silent_tries(scan, host);
	int64_t patience = host->rto.answered > 0 ? scan->config->patience : scan->config->silent_patience;
	int64_t far = host->last_at + rto_patience(&host->rto);

	if (host->look.stage == LOOK_NOT_YET && host->exhausted == host->undecided && tries > host->silent_tries) {
		host->silent_tries = (uint8_t)(tries < UINT8_MAX ? tries : UINT8_MAX);
		try_again(scan, target);
	}
	if ((!host->ban.found && look_again(scan, target, now)) || host->exhausted < host->undecided)
		return;
	ban_judge(scan, target, true);
	if (ban_is_pending(host))
		return;
	int64_t until = host->fresh_at + patience > far ? host->fresh_at + patience : far;
	if (now < until)
		timers_set(&scan->timers, target, until);
	else
		decide(scan, target, now);
}
