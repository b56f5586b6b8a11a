/* SPDX-License-Identifier: MIT */
/*
 * ICMP echo (RFC 792). The payload names and proves the probe:
 *
 *     0  keyed value over sequence, index of the target and address probed
 *     8  index of the target
 * 12 sequence, bits 16 to 47 (the header holds the lowest 16) 16 pattern
 *
 * So an answer is known for what it is whoever sends it (anycast, broadcast, translators). A payload of 8 to 15
 * bytes holds the keyed value only, a shorter one as much of it as fits: their answers are matched by sequence and
 * address, or, as the whole value came back, by sequence where the run has a single target. Without payload nothing
 * proves an answer.
 *
 * An ICMP error quotes 8 bytes of the probe at least, and translators change some of them (the checksum). What it
 * quotes of the payload must be what was sent; where that is nothing, destination, identifier and sequence must do.
 */
#include <string.h>

#include "probe/probe.h"
#include "wire/icmp.h"
#include "wire/ipopts.h"
#include "wire/payload.h"
#include "wire/ipv4.h"

#define MAC_SIZE  8
#define NAME_SIZE 16 /* keyed value, target and high sequence */

/* What a header tells apart, and what a name does. */
#define HEADER_SPAN (UINT64_C(1) << 16)
#define NAME_SPAN   (UINT64_C(1) << 48)

static uint64_t echo_span(const struct probe_env *env)
{
	(void)env;
	return NAME_SPAN;
}

/* How much of the name fits into a payload. */
static size_t name_length(size_t payload)
{
	if (payload >= NAME_SIZE)
		return NAME_SIZE;
	return payload < MAC_SIZE ? payload : MAC_SIZE;
}

/* The identifier needs no proof: the key is drawn anew for each run. */
static void put_name(const struct probe_env *env, const struct rp_probe *probe, uint8_t name[NAME_SIZE])
{
	const uint32_t words[] = {probe->target, (uint32_t)probe->sequence};
	const uint16_t high = (uint16_t)(probe->sequence >> 32);
	uint8_t what[sizeof words + sizeof high + sizeof probe->destination.bytes];

	memcpy(what, words, sizeof words);
	memcpy(what + sizeof words, &high, sizeof high);
	size_t length = sizeof words + sizeof high;
	length += mac_put_address(what + length, &probe->destination);
	uint64_t mac = mac_make(&env->key, what, length);
	uint8_t *at = put_u32(name, (uint32_t)(mac >> 32));
	at = put_u32(at, (uint32_t)mac);
	at = put_u32(at, probe->target);
	put_u32(at, (uint32_t)(probe->sequence >> 16));
}

static uint8_t echo_options(const struct rp_config *config, const struct rp_probe *probe, uint8_t options[OPTIONS_MAX])
{
	if (config->ip_option == RP_IP_OPTION_NONE)
		return 0;
	return ipopts_put(
		&(struct ipopts_of){
			.option = config->ip_option,
			.hops = config->hops,
			.hop_count = config->hop_count,
			.source = probe->source,
			.destination = probe->destination,
			.midnight_ms = probe->midnight_ms,
		},
		options);
}

static void put_payload(const struct probe_env *env, const struct rp_probe *probe, uint8_t *payload)
{
	size_t named = name_length(probe->length);
	uint8_t name[NAME_SIZE];

	if (named > 0) {
		put_name(env, probe, name);
		memcpy(payload, name, named);
	}
	payload_fill(env->config, named, payload + named, probe->length - named);
}

static size_t echo_build(const struct probe_env *env, const struct rp_probe *probe, uint8_t *out, size_t capacity)
{
	const struct rp_config *config = env->config;
	uint8_t options[OPTIONS_MAX];
	uint8_t options_length = echo_options(config, probe, options);
	size_t header_length = IPV4_HEADER_MIN + (size_t)options_length;
	size_t length = header_length + ICMP_HEADER_SIZE + (size_t)probe->length;

	if (length > capacity || length > UINT16_MAX)
		return 0;

	/* The payload is made where it will stand; icmp_put_echo() then copies it onto itself. */
	uint8_t *payload = out + header_length + ICMP_HEADER_SIZE;
	put_payload(env, probe, payload);

	struct rp_ipv4 ip = {
		.version = 4,
		.type_of_service = probe->type_of_service,
		.time_to_live = probe->time_to_live,
		.protocol = RP_PROTOCOL_ICMP,
		.dont_fragment = probe->dont_fragment,
		.total_length = (uint16_t)length,
		.source = probe->source,
		.destination = ipopts_routes(config) ? config->hops[0] : probe->destination,
		.options = options,
		.options_length = options_length,
	};
	struct rp_icmp icmp = {
		.type = RP_ICMP_ECHO,
		.identifier = env->identifier,
		.sequence = (uint16_t)probe->sequence,
	};
	struct writer writer = writer_of(out, capacity);
	ipv4_put(&writer, &ip);
	icmp_put_echo(&writer, &icmp, payload, probe->length);
	return writer.failed ? 0 : length;
}

/* What header and payload, of the answer or quoted, say of the probe. */
static void match_name(const struct probe_env *env, const struct rp_icmp *icmp, const uint8_t *payload, size_t length,
		       struct match *match)
{
	match->sequence = icmp->sequence;
	match->span = HEADER_SPAN;
	if (length < NAME_SIZE || env->config->payload_length < NAME_SIZE)
		return;
	struct reader reader = reader_of(payload + MAC_SIZE, NAME_SIZE - MAC_SIZE);
	match->target = reader_u32(&reader);
	match->sequence |= (uint64_t)reader_u32(&reader) << 16;
	match->span = NAME_SPAN;
}

static void match_reply(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	match->kind = MATCH_REPLY;
	match->destination = packet->ip.source;
	if (packet->verdict == RP_PACKET_TRUNCATED)
		match_doubt(match, RP_SUSPECT_TRUNCATED);
	else if (packet->checksum != RP_CHECKSUM_GOOD)
		match_doubt(match, RP_SUSPECT_CHECKSUM);
	match_name(env, &packet->icmp, packet->payload, packet->payload_length, match);
}

static void echo_match(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	const struct rp_quote *quote = &packet->quote;

	*match = (struct match){.kind = MATCH_FOREIGN, .target = TARGET_UNKNOWN};
	if (packet->ip.protocol != RP_PROTOCOL_ICMP || packet->verdict == RP_PACKET_OTHER ||
	    packet->verdict == RP_PACKET_MALFORMED)
		return;
	if (packet->icmp.type == RP_ICMP_ECHO_REPLY && packet->icmp.identifier == env->identifier) {
		match_reply(env, packet, match);
	} else if (quote->present && quote->ip.protocol == RP_PROTOCOL_ICMP && quote->icmp.type == RP_ICMP_ECHO &&
		   quote->icmp.identifier == env->identifier) {
		match_error(match, packet);
		match->destination = ipopts_final(&quote->ip);
		match_name(env, &quote->icmp, quote->payload, quote->payload_length, match);
	}
}

/* Who was not asked proves itself by the whole keyed value. */
static enum rp_suspicion echo_verify(const struct probe_env *env, const struct rp_probe *probe,
				     const struct rp_packet *packet, struct match *match)
{
	bool reply = match->kind != MATCH_ERROR, asked = rp_addr_equal(match->destination, probe->destination);
	const uint8_t *payload = reply ? packet->payload : packet->quote.payload;
	size_t length = reply ? packet->payload_length : packet->quote.payload_length;
	size_t named = name_length(probe->length), there = length < named ? length : named;
	uint8_t name[NAME_SIZE];

	if (reply && there < named)
		return RP_SUSPECT_TRUNCATED;
	if (!asked && there < MAC_SIZE)
		return reply ? RP_SUSPECT_SOURCE : RP_SUSPECT_QUOTE;
	if (there == 0)
		return RP_SUSPECT_NONE;
	put_name(env, probe, name);
	match->authenticated = memcmp(name, payload, there) == 0;
	if (match->authenticated)
		return RP_SUSPECT_NONE;
	return reply ? RP_SUSPECT_COOKIE : RP_SUSPECT_QUOTE;
}

/* Of bytes that are known to differ. */
static size_t first_difference(const uint8_t *one, const uint8_t *other)
{
	size_t at = 0;

	while (one[at] == other[at])
		at++;
	return at;
}

/* What names the probe was proven before. */
static uint32_t echo_compare(const struct probe_env *env, const struct rp_probe *probe, const struct rp_packet *packet)
{
	size_t common = packet->payload_length < probe->length ? packet->payload_length : probe->length;
	uint8_t expected[128];
	size_t size;

	for (size_t at = name_length(probe->length); at < common; at += size) {
		size = common - at < sizeof expected ? common - at : sizeof expected;
		payload_fill(env->config, at, expected, size);
		if (memcmp(packet->payload + at, expected, size) != 0)
			return (uint32_t)(at + first_difference(packet->payload + at, expected));
	}
	return packet->payload_length == probe->length ? UINT32_MAX : (uint32_t)common;
}

const struct probe_type probe_icmp_echo = {
	.name = "icmp-echo",
	.protocol = RP_PROTOCOL_ICMP,
	.span = echo_span,
	.build = echo_build,
	.match = echo_match,
	.verify = echo_verify,
	.compare = echo_compare,
};
