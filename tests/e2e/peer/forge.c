/* SPDX-License-Identifier: MIT */
/* Forgeries. Each is what an attacker off the path, or another program's answer, can look like. */
#include <string.h>

#include "world.h"

#define ICMP_PROHIBITED (3 << 8 | 13)
#define ICMP_NO_HOST    (3 << 8 | 1)
#define COOKIE_SIZE     8

/* An error that quotes so many bytes behind the IP header, with a sequence so far on. */
static size_t put_wrong_error(uint8_t *out, const struct envelope *envelope, uint16_t type_code,
			      const struct request *request, uint32_t quote, int64_t sequence)
{
	struct rule rule = {.error_quote = quote, .error_sequence = sequence, .error_flip = RULE_NONE};

	return put_error(out, envelope, type_code, 0, request, &rule);
}

static void forge_echo(struct world *world, struct rule *rule, const struct request *request)
{
	uint64_t draw = rng_next(&rule->rng);
	struct envelope envelope = answer_envelope(world, rule, request);
	uint8_t *message = world->packet + packet_ip_size(envelope.options);
	uint16_t sequence = request->echo_sequence;
	size_t length;

	if (draw % 4 == 0) {
		length = put_wrong_error(message, &envelope, ICMP_NO_HOST, request, RULE_NONE, 1000);
		world_send_forged(world, rule, &envelope, length);
		return;
	}
	/* Without room for a keyed value only the sequence number tells a forgery. */
	if (draw % 4 == 1 || request->payload_length < COOKIE_SIZE)
		sequence = (uint16_t)(sequence + 500);
	else if (draw % 4 == 2)
		envelope.source = request->destination ^ 1;
	length = put_echo_reply(message, &envelope, request->identifier, sequence, request->payload,
				request->payload_length);
	if (sequence == request->echo_sequence) {
		message[8 + draw / 4 % COOKIE_SIZE] ^= 0x10;
		packet_sum(&envelope, message, length);
	}
	world_send_forged(world, rule, &envelope, length);
}

static void forge_segment(struct world *world, struct rule *rule, const struct request *request)
{
	uint64_t draw = rng_next(&rule->rng);
	struct envelope envelope = answer_envelope(world, rule, request);
	uint8_t *message = world->packet + packet_ip_size(envelope.options);
	struct segment segment = {
		.source_port = request->destination_port,
		.destination_port = request->source_port,
		.sequence = (uint32_t)draw,
		.acknowledgment = request->tcp_sequence + 1,
		.flags = TCP_SYN | TCP_ACK,
		.window = 1024,
	};
	size_t length;

	switch (draw % 6) {
	case 0: /* acknowledges something near */
		segment.acknowledgment += 1 + (uint32_t)(draw >> 32) % 100;
		break;
	case 1: /* the sequence number itself */
		segment.acknowledgment--;
		break;
	case 2: /* another port's */
		segment.source_port ^= 1;
		break;
	case 3: /* a blind reset */
		segment.flags = TCP_RST | TCP_ACK;
		segment.acknowledgment = (uint32_t)(draw >> 32);
		break;
	case 4: /* no answer to a SYN */
		segment.flags = TCP_ACK;
		break;
	case 5: /* an error about another segment */
		envelope.protocol = PROTOCOL_ICMP;
		length = put_wrong_error(message, &envelope, ICMP_PROHIBITED, request, 8, 1);
		world_send_forged(world, rule, &envelope, length);
		return;
	}
	length = put_segment(message, &envelope, &segment);
	world_send_forged(world, rule, &envelope, length);
}

void forge(struct world *world, struct rule *rule, const struct request *request)
{
	if (request->kind == SEEN_ECHO)
		forge_echo(world, rule, request);
	else
		forge_segment(world, rule, request);
}
