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
	if (rng_chance(&rule->rng, rule->loss)) {
		rule->counters.dropped[DROPPED_REPLY]++;
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
static void draw_lots(struct world *world, struct rule *rule, const struct request *request)
{
	uint64_t asked = mix((uint64_t)request->destination << 16 | request->destination_port, request->protocol);
	uint64_t before = world->asked[asked % ASKED]++;

	rule->rng = mix(mix(mix(world->seed, (uint64_t)(rule - world->rules)), asked), before);
}

static void meet(struct world *world, struct rule *rule, const struct request *request)
{
	struct rule_counters *counters = &rule->counters;

	counters->seen++;
	draw_lots(world, rule, request);
	if (rng_chance(&rule->rng, rule->bogus))
		forge(world, rule, request);
	if (says_nothing(world, rule, request))
		counters->dropped[DROPPED_SILENT]++;
	else if (rule->every && counters->seen % rule->every == 0)
		counters->dropped[DROPPED_EVERY]++;
	else if (in_burst(rule))
		counters->dropped[DROPPED_BURST]++;
	else if (rng_chance(&rule->rng, rule->loss))
		counters->dropped[DROPPED_REQUEST]++;
	else
		answer(world, rule, request);
}

void world_input(struct world *world, const uint8_t *bytes, size_t length, int64_t now)
{
	struct request request;

	world->now = now;
	packet_parse(&request, bytes, length);
	world->seen[request.kind]++;
	if (request.kind != SEEN_ECHO && request.kind != SEEN_SYN)
		return;
	if ((request.destination ^ world->network) & world->mask) {
		world->outside++;
		return;
	}
	for (unsigned i = 0; i < world->rule_count; i++) {
		struct rule *rule = &world->rules[i];

		if (rule_matches(rule, request.destination, request.protocol, request.destination_port)) {
			meet(world, rule, &request);
			return;
		}
	}
	world->unmatched++;
}

void world_flush(struct world *world, int64_t now)
{
	const uint8_t *bytes;
	struct queued queued;

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
