/* SPDX-License-Identifier: MIT */
/* Which rule a packet meets, whether it gets that far, and how what goes back travels. */
#include "world.h"

#include <string.h>
#include <unistd.h>

static void write_now(struct world *world, struct rule *rule, enum sent kind, const uint8_t *bytes, size_t length)
{
	if (write(world->fd, bytes, length) == (ssize_t)length)
		rule->counters.sent[kind]++;
	else
		rule->counters.dropped[DROPPED_WRITE]++;
}

static void send_at(struct world *world, struct rule *rule, enum sent kind, size_t length, int64_t due)
{
	if (due <= world->now)
		write_now(world, rule, kind, world->packet, length);
	else if (queue_push(world->queue, due, (uint16_t)(rule - world->rules), (uint16_t)kind, world->packet, length) <
		 0)
		rule->counters.dropped[DROPPED_OVERFLOW]++;
}

/* One bit behind the IP header: the kernel would drop a datagram with a damaged header itself. */
static void flip_bit(const struct envelope *envelope, uint8_t *packet, size_t length, uint64_t draw)
{
	size_t header = packet_ip_size(envelope->options);

	packet[header + draw % (length - header)] ^= (uint8_t)(1 << (draw >> 32) % 8);
}

static void deliver(struct world *world, struct rule *rule, enum sent kind, size_t length, int64_t after)
{
	int64_t due = world->now + rule->delay + after;

	if (rule->jitter)
		due += (int64_t)(rng_next(&rule->rng) % (uint64_t)rule->jitter);
	if (rng_chance(&rule->rng, rule->reorder)) {
		due += rule->reorder_by;
		rule->counters.reordered++;
	}
	send_at(world, rule, kind, length, due);
	if (rng_chance(&rule->rng, rule->duplicate)) {
		rule->counters.duplicated++;
		send_at(world, rule, kind, length, due);
	}
}

/* Of two answers the second goes first. */
static void swap(struct world *world, struct rule *rule, enum sent kind, size_t length)
{
	if (!rule->holds) {
		memcpy(rule->held, world->packet, length);
		rule->held_length = length;
		rule->held_kind = kind;
		rule->holds = true;
		return;
	}
	rule->holds = false;
	deliver(world, rule, kind, length, 0);
	memcpy(world->packet, rule->held, rule->held_length);
	deliver(world, rule, rule->held_kind, rule->held_length, 0);
}

void world_send(struct world *world, struct rule *rule, enum sent kind, const struct envelope *envelope, size_t length,
		int64_t after)
{
	length += packet_put_ip(world->packet, envelope, length);
	if (rng_chance(&rule->rng, rule->loss ? rule->loss : rule->loss_back)) {
		rule->counters.dropped[kind == SENT_REPEAT ? DROPPED_REPEAT : DROPPED_REPLY]++;
		return;
	}
	if (rng_chance(&rule->rng, rule->corrupt)) {
		flip_bit(envelope, world->packet, length, rng_next(&rule->rng));
		rule->counters.corrupted++;
	}
	if (rule->swap)
		swap(world, rule, kind, length);
	else
		deliver(world, rule, kind, length, after);
}

/* Before or after the true answer, as it happens. */
void world_send_forged(struct world *world, struct rule *rule, const struct envelope *envelope, size_t length)
{
	int64_t within = 2 * (rule->delay + rule->jitter);
	int64_t after = within ? (int64_t)(rng_next(&rule->rng) % (uint64_t)within) : 0;

	length += packet_put_ip(world->packet, envelope, length);
	send_at(world, rule, SENT_FORGED, length, world->now + after);
}

static bool says_nothing(const struct world *world, const struct rule *rule, const struct request *request)
{
	enum port_truth truth;

	if (rule->silent || !rule->population.given)
		return rule->silent;
	if (request->kind == SEEN_ECHO)
		return !truth_ping(&rule->population, world->seed, request->destination);
	truth = truth_port(&rule->population, world->seed, request->destination, request->destination_port);
	return truth == PORT_DEAD || truth == PORT_FILTERED;
}

static bool in_burst(struct rule *rule)
{
	if (rule->burst_left == 0 && rng_chance(&rule->rng, rule->burst))
		rule->burst_left = rule->burst_length;
	if (rule->burst_left == 0)
		return false;
	rule->burst_left--;
	return true;
}

/* What chance does to a request depends on whom it asks and on how often that was asked before, and on nothing else:
 * not on the order of requests to several, which is another in each run. */
static void draw_lots(struct world *world, struct rule *rule, uint32_t address, uint16_t port, unsigned purpose)
{
	uint64_t asked = mix((uint64_t)address << 16 | port, purpose);
	uint64_t before = world->asked[asked % ASKED]++;

	rule->rng = mix(mix(mix(world->seed, (uint64_t)(rule - world->rules)), asked), before);
}

/* Draws of their own, so that a RST or a repetition that comes sooner or later changes nothing for requests. */
#define PURPOSE_RESET  256
#define PURPOSE_REPEAT 257

static chance loss_there(const struct rule *rule)
{
	return rule->loss ? rule->loss : rule->loss_there;
}

/* A host bans who has sent so many SYNs to any of its ports, from then on and everywhere. */
static bool is_banned(const struct world *world, const struct rule *rule, uint32_t address)
{
	const struct host *host = &world->hosts[mix(address, 0) % ASKED];

	return rule->ban_after && host->syns > rule->ban_after &&
	       (rule->ban_for == 0 || world->now < host->banned_at + rule->ban_for);
}

/* A request that has arrived; false: from somebody who is banned. */
static bool hears(struct world *world, const struct rule *rule, const struct request *request)
{
	struct host *host = &world->hosts[mix(request->destination, 0) % ASKED];

	if (request->kind == SEEN_SYN && ++host->syns == rule->ban_after + 1)
		host->banned_at = world->now;
	return !is_banned(world, rule, request->destination);
}

static void meet(struct world *world, struct rule *rule, const struct request *request)
{
	struct rule_counters *counters = &rule->counters;

	counters->seen++;
	draw_lots(world, rule, request->destination, request->destination_port, request->protocol);
	if (rng_chance(&rule->rng, rule->bogus))
		forge(world, rule, request);
	if (rule->every && counters->seen % rule->every == 0)
		counters->dropped[DROPPED_EVERY]++;
	else if (in_burst(rule))
		counters->dropped[DROPPED_BURST]++;
	else if (rng_chance(&rule->rng, loss_there(rule)))
		counters->dropped[DROPPED_REQUEST]++;
	else if (!hears(world, rule, request))
		answer_banned(world, rule, request);
	else if (says_nothing(world, rule, request))
		counters->dropped[DROPPED_SILENT]++;
	else
		answer(world, rule, request);
}

/* Only connections that are half open care for a RST. */
static void meet_reset(struct world *world, struct rule *rule, const struct request *request)
{
	if (!rule->listen)
		return;
	draw_lots(world, rule, request->destination, request->destination_port, PURPOSE_RESET);
	if (rng_chance(&rule->rng, loss_there(rule)))
		rule->counters.dropped[DROPPED_RESET]++;
	else
		listener_input(world, rule, request);
}

static struct rule *find_rule(const struct world *world, uint32_t address, uint8_t protocol, uint16_t port)
{
	for (unsigned i = 0; i < world->rule_count; i++) {
		if (rule_matches(&world->rules[i], address, protocol, port))
			return &world->rules[i];
	}
	return NULL;
}

void world_input(struct world *world, const uint8_t *bytes, size_t length, int64_t now)
{
	struct request request;
	struct rule *rule;

	world->now = now;
	packet_parse(&request, bytes, length);
	world->seen[request.kind]++;
	if (request.kind != SEEN_ECHO && request.kind != SEEN_SYN && request.kind != SEEN_RST)
		return;
	rule = find_rule(world, request.destination, request.protocol, request.destination_port);
	if (request.kind == SEEN_RST) {
		if (rule)
			meet_reset(world, rule, &request);
		return;
	}
	if ((request.destination ^ world->network) & world->mask) {
		world->outside++;
		return;
	}
	if (rule)
		meet(world, rule, &request);
	else
		world->unmatched++;
}

static void repeat(struct world *world, int64_t now)
{
	struct half_open_segment segment;

	while (half_open_repeat(world->half_open, now, &segment)) {
		const struct half_open_tuple *tuple = &segment.tuple;
		struct rule *rule = find_rule(world, tuple->server, PROTOCOL_TCP, tuple->server_port);

		if (rule == NULL)
			continue;
		draw_lots(world, rule, tuple->server, tuple->server_port, PURPOSE_REPEAT);
		if (is_banned(world, rule, tuple->server))
			rule->counters.dropped[DROPPED_BANNED]++;
		else
			listener_repeat(world, rule, &segment);
	}
}

int64_t world_due(const struct world *world)
{
	int64_t queued = queue_due(world->queue), repeated = half_open_due(world->half_open);

	return queued < repeated ? queued : repeated;
}

void world_flush(struct world *world, int64_t now)
{
	const uint8_t *bytes;
	struct queued queued;

	repeat(world, now);
	while ((bytes = queue_pop(world->queue, now, &queued)))
		write_now(world, &world->rules[queued.tag], (enum sent)queued.kind, bytes, queued.length);
}

void world_end(struct world *world)
{
	struct queued queued;

	while (queue_pop(world->queue, QUEUE_NEVER, &queued))
		world->rules[queued.tag].counters.dropped[DROPPED_UNFINISHED]++;
	for (unsigned i = 0; i < world->rule_count; i++)
		world->rules[i].counters.dropped[DROPPED_UNFINISHED] += world->rules[i].holds;
}
