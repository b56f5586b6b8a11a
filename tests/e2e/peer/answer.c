/* SPDX-License-Identifier: MIT */
/* What a rule answers to one echo request or SYN. */
#include <string.h>

#include "world.h"

#define WINDOW 64240

/* How long after the last SYN of a run a challenge belongs to the next one. */
#define TAKEN_FOR INT64_C(2000000000)

/* Where iputils keeps the time: seconds, then microseconds, 8 bytes each and little-endian here. */
#define STAMP_SIZE 16

struct envelope answer_envelope(struct world *world, const struct rule *rule, const struct request *request)
{
	return (struct envelope){
		.source = rule->other_source ? rule->other_source : request->destination,
		.destination = request->source,
		.protocol = request->protocol,
		.time_to_live = (uint8_t)rule->time_to_live,
		.type_of_service = (uint8_t)rule->type_of_service,
		.identification = world->identification++,
		.options = rule->record_route     ? IP_OPTIONS_RECORD_ROUTE
			   : rule->unknown_option ? IP_OPTIONS_UNKNOWN
						  : IP_OPTIONS_NONE,
	};
}

static uint8_t *message_at(struct world *world, const struct envelope *envelope)
{
	return world->packet + packet_ip_size(envelope->options);
}

static void spoil_sum(const struct envelope *envelope, uint8_t *message)
{
	message[envelope->protocol == PROTOCOL_TCP ? 16 : 2] ^= 0x55;
}

static bool rate_allows(struct rule *rule, int64_t now)
{
	if (rule->error_rate == 0)
		return true;
	if (now < rule->error_next)
		return false;
	rule->error_next = now + 1000000000 / rule->error_rate;
	return true;
}

static void answer_error(struct world *world, struct rule *rule, const struct request *request)
{
	struct envelope envelope = answer_envelope(world, rule, request);
	uint8_t *message;
	size_t length;

	if (!rate_allows(rule, world->now)) {
		rule->counters.dropped[DROPPED_RATE]++;
		return;
	}
	envelope.protocol = PROTOCOL_ICMP;
	if (rule->error_from)
		envelope.source = rule->error_from;
	message = message_at(world, &envelope);
	length = put_error(message, &envelope, (uint16_t)(rule->error_type << 8 | rule->error_code),
			   rule->error_type == 12 ? rule->error_rest << 24 : rule->error_rest, request, rule);
	if (rule->bad_checksum)
		spoil_sum(&envelope, message);
	world_send(world, rule, SENT_ICMP_ERROR, &envelope, length, 0);
}

static void change_stamp(const struct rule *rule, uint8_t *payload, size_t length)
{
	uint64_t seconds;

	if (length < STAMP_SIZE)
		return;
	memcpy(&seconds, payload, sizeof seconds);
	seconds += (uint64_t)rule->move_stamp;
	memcpy(payload, &seconds, sizeof seconds);
	if (rule->zero_stamp)
		memset(payload, 0, STAMP_SIZE);
	if (rule->huge_stamp)
		memset(payload + 8, 0x7f, 8);
}

/* The payload as the rule wants it. `out` has room for the longest packet. */
static size_t make_payload(const struct rule *rule, const struct request *request, uint8_t *out)
{
	size_t length = request->payload_length;
	size_t room = PACKET_MAX - 128;

	memcpy(out, request->payload, length);
	if (length > rule->truncate)
		length = rule->truncate;
	for (uint32_t i = 0; i < rule->pad && length < room; i++)
		out[length++] = 0xa5;
	if (rule->flip < length)
		out[rule->flip] ^= 0xff;
	change_stamp(rule, out, length);
	return length;
}

static void answer_echo(struct world *world, struct rule *rule, const struct request *request, int64_t sequence_shift)
{
	struct envelope envelope = answer_envelope(world, rule, request);
	uint8_t *message = message_at(world, &envelope);
	uint16_t identifier = (uint16_t)(request->identifier + (rule->wrong_identifier ? 1 : 0));
	uint8_t *payload = message + 8;
	size_t length = make_payload(rule, request, payload);

	length = put_echo_reply(message, &envelope, identifier, (uint16_t)(request->echo_sequence + sequence_shift),
				payload, length);
	message[1] = (uint8_t)rule->code;
	packet_sum(&envelope, message, length);
	if (rule->bad_checksum)
		spoil_sum(&envelope, message);
	world_send(world, rule, SENT_ECHO_REPLY, &envelope, length, 0);
}

static enum sent kind_of(uint8_t flags)
{
	if (flags & TCP_RST)
		return SENT_RST;
	return (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) ? SENT_SYN_ACK : SENT_TCP_OTHER;
}

static bool reset_allowed(struct rule *rule, int64_t now)
{
	int64_t second = now / 1000000000;

	if (rule->reset_second != second)
		rule->reset_count = 0;
	rule->reset_second = second;
	return rule->reset_rate == 0 || rule->reset_count++ < rule->reset_rate;
}

/* As of a connection with that port (RFC 5961 section 4.2). */
static bool is_challenge(const struct rule *rule, const struct request *request)
{
	return rule->challenge && rule->taken_port == request->source_port;
}

static void answer_segment(struct world *world, struct rule *rule, const struct request *request, uint8_t flags,
			   int64_t after)
{
	struct envelope envelope = answer_envelope(world, rule, request);
	uint8_t *message = message_at(world, &envelope);
	uint64_t where = (uint64_t)request->destination << 16 | request->destination_port;
	bool reset = flags & TCP_RST;
	struct segment segment = {
		.source_port = (uint16_t)(request->destination_port + rule->other_port),
		.destination_port = request->source_port,
		.sequence = reset ? 0 : (uint32_t)mix(world->seed, where),
		.acknowledgment = request->tcp_sequence + 1 + (uint32_t)rule->wrong_acknowledgment,
		.flags = flags,
		.window = reset || rule->zero_window ? 0 : WINDOW,
		.only_mss = rule->only_mss,
		.data = rule->data < 1024 ? rule->data : 1024,
	};
	size_t length;

	if (reset && !reset_allowed(rule, world->now)) {
		rule->counters.dropped[DROPPED_RATE]++;
		return;
	}
	if (!(flags & TCP_ACK))
		segment.acknowledgment = 0;
	if (is_challenge(rule, request))
		segment.acknowledgment = (uint32_t)mix(world->seed + 1, where);
	length = put_segment(message, &envelope, &segment);
	if (rule->bad_checksum)
		spoil_sum(&envelope, message);
	world_send(world, rule, kind_of(flags), &envelope, length, after);
}

void answer_banned(struct world *world, struct rule *rule, const struct request *request)
{
	if (rule->ban_resets && request->kind == SEEN_SYN)
		answer_segment(world, rule, request, TCP_RST | TCP_ACK, 0);
	else
		rule->counters.dropped[DROPPED_BANNED]++;
}

void answer(struct world *world, struct rule *rule, const struct request *request)
{
	uint8_t first = rule->first_flags;

	if (rule->error) {
		answer_error(world, rule, request);
		if (!rule->then_reply)
			return;
	}
	if (request->kind == SEEN_ECHO) {
		answer_echo(world, rule, request, rule->wrong_sequence);
		if (rule->extra_sequence)
			answer_echo(world, rule, request, rule->extra_sequence);
		return;
	}
	if (rule->population.given &&
	    truth_port(&rule->population, world->seed, request->destination, request->destination_port) == PORT_OPEN)
		first = TCP_SYN | TCP_ACK;
	if (rule->listen && first == (TCP_SYN | TCP_ACK)) {
		listener_input(world, rule, request);
		return;
	}
	if (rule->challenge && world->now >= rule->taken_until)
		rule->taken_port = request->source_port;
	rule->taken_until = world->now + TAKEN_FOR;
	if (is_challenge(rule, request))
		first = TCP_ACK;
	answer_segment(world, rule, request, first, 0);
	if (rule->second_flags)
		answer_segment(world, rule, request, rule->second_flags, rule->second_after);
}
