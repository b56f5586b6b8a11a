/* SPDX-License-Identifier: MIT */
/* Open ports that remember half-open connections, by the model that the simulated network has too. */
#include "world.h"

#define WINDOW 64240

static struct half_open_tuple tuple_of(const struct request *request)
{
	return (struct half_open_tuple){request->source, request->destination, request->source_port,
					request->destination_port};
}

static enum sent kind_of(const struct half_open_segment *segment)
{
	if (segment->reset)
		return SENT_RST;
	return segment->syn ? SENT_SYN_ACK : SENT_CHALLENGE;
}

static void put(struct world *world, struct rule *rule, enum sent kind, const struct half_open_segment *from)
{
	const struct request request = {
		.source = from->tuple.client, .destination = from->tuple.server, .protocol = PROTOCOL_TCP};
	struct envelope envelope = answer_envelope(world, rule, &request);
	struct segment segment = {
		.source_port = from->tuple.server_port,
		.destination_port = from->tuple.client_port,
		.sequence = from->sequence,
		.acknowledgment = from->acknowledgment,
		.flags = (uint8_t)(TCP_ACK | (from->syn ? TCP_SYN : 0) | (from->reset ? TCP_RST : 0)),
		.window = from->reset ? 0 : WINDOW,
		.only_mss = rule->only_mss,
	};
	size_t length = put_segment(world->packet + packet_ip_size(envelope.options), &envelope, &segment);

	world_send(world, rule, kind, &envelope, length, 0);
}

void listener_input(struct world *world, struct rule *rule, const struct request *request)
{
	struct half_open_segment answer;
	struct half_open_tuple tuple = tuple_of(request);
	bool syn = request->kind == SEEN_SYN;

	if (syn ? half_open_syn(world->half_open, tuple, request->tcp_sequence, world->now, &answer)
		: half_open_reset(world->half_open, tuple, request->tcp_sequence, world->now, &answer))
		put(world, rule, kind_of(&answer), &answer);
	else if (syn)
		rule->counters.dropped[DROPPED_RATE]++;
}

void listener_repeat(struct world *world, struct rule *rule, const struct half_open_segment *segment)
{
	put(world, rule, SENT_REPEAT, segment);
}
