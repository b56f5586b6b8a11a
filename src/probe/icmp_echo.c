/* SPDX-License-Identifier: MIT */
/*
 * ICMP echo (RFC 792). Hides the layout of the payload, which names and proves the probe:
 *
 *     0  keyed value over identifier, sequence and the target's index
 *     8  index of the target
 *    12  sequence, bits 16 to 47 (the header holds the lowest 16)
 *    16  pattern
 *
 * So an answer is known for what it is whoever sends it (anycast, broadcast, translators). A payload of 8
 * to 15 bytes holds a keyed value over identifier, sequence and destination alone, a shorter one the
 * pattern alone: its answers are matched by identifier, sequence and address, and not authenticated.
 *
 * An ICMP error may quote no more than 8 bytes of the probe, and translators change some of them (the
 * checksum), so errors are matched by destination, identifier and sequence and never by the keyed value.
 */
#include <string.h>

#include "probe/probe.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipopts.h"

#define COOKIE_SIZE 8
#define NAMED_SIZE  16 /* cookie, target and high sequence */

/* `target` is TARGET_UNKNOWN and `destination` given where the payload has no room for the index. */
static uint64_t echo_cookie(const struct probe_env *env, uint64_t sequence, uint32_t target, struct rp_addr destination)
{
	uint8_t what[2 + 8 + 4 + sizeof destination.bytes];
	struct writer writer = writer_of(what, sizeof what);

	writer_u16(&writer, env->identifier);
	writer_u32(&writer, (uint32_t)(sequence >> 32));
	writer_u32(&writer, (uint32_t)sequence);
	writer_u32(&writer, target);
	if (target == TARGET_UNKNOWN)
		writer_bytes(&writer, destination.bytes, sizeof destination.bytes);
	return mac_make(&env->key, what, writer_length(&writer));
}

static uint64_t echo_number(const struct probe_env *env, const struct probe *probe)
{
	(void)env;
	return probe->sequence;
}

/* The bytes of the payload from `at` on: they count up, or repeat the pattern. */
static void put_pattern(const struct probe_env *env, size_t at, uint8_t *bytes, size_t length)
{
	const size_t period = env->pattern_length;

	for (size_t i = 0; i < length; i++)
		bytes[i] = period > 0 ? env->pattern[(at + i) % period] : (uint8_t)(at + i);
}

/* Where the pattern begins: behind what names the probe. */
static size_t pattern_start(const struct probe_env *env)
{
	if (env->payload_length >= NAMED_SIZE)
		return NAMED_SIZE;
	return env->payload_length >= COOKIE_SIZE ? COOKIE_SIZE : 0;
}

static bool source_routed(const struct probe_env *env)
{
	return env->ip_option == RP_IP_OPTION_LOOSE_ROUTE || env->ip_option == RP_IP_OPTION_STRICT_ROUTE;
}

static uint8_t echo_options(const struct probe_env *env, const struct probe *probe, uint8_t options[OPTIONS_MAX])
{
	if (env->ip_option == RP_IP_OPTION_NONE)
		return 0;
	return ipopts_put(
		&(struct ipopts_of){
			.option = env->ip_option,
			.hops = env->hops,
			.hop_count = env->hop_count,
			.source = probe->source,
			.destination = probe->destination,
			.midnight_ms = env->midnight_ms,
		},
		options);
}

/* The payload, of the config's length. */
static void put_payload(const struct probe_env *env, const struct probe *probe, uint8_t *payload)
{
	struct writer writer = writer_of(payload, env->payload_length);
	bool named = env->payload_length >= NAMED_SIZE;
	size_t start = pattern_start(env);

	if (env->payload_length >= COOKIE_SIZE) {
		uint64_t cookie =
			echo_cookie(env, probe->sequence, named ? probe->target : TARGET_UNKNOWN, probe->destination);
		writer_u32(&writer, (uint32_t)(cookie >> 32));
		writer_u32(&writer, (uint32_t)cookie);
	}
	if (named) {
		writer_u32(&writer, probe->target);
		writer_u32(&writer, (uint32_t)(probe->sequence >> 16));
	}
	put_pattern(env, start, payload + start, env->payload_length - start);
}

static size_t echo_build(const struct probe_env *env, const struct probe *probe, uint8_t *out, size_t capacity)
{
	uint8_t options[OPTIONS_MAX];
	uint8_t options_length = echo_options(env, probe, options);
	size_t header_length = IPV4_HEADER_MIN + (size_t)options_length;
	size_t length = header_length + ICMP_HEADER_SIZE + (size_t)env->payload_length;

	if (length > capacity || length > UINT16_MAX)
		return 0;

	/* The payload is made where it will stand; icmp_put_echo() then copies it onto itself. */
	uint8_t *payload = out + header_length + ICMP_HEADER_SIZE;
	put_payload(env, probe, payload);

	struct rp_ipv4 ip = {
		.version = 4,
		.type_of_service = env->type_of_service,
		.time_to_live = env->time_to_live,
		.protocol = RP_PROTOCOL_ICMP,
		.dont_fragment = env->dont_fragment,
		.total_length = (uint16_t)length,
		.source = probe->source,
		.destination = source_routed(env) ? env->hops[0] : probe->destination,
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
	icmp_put_echo(&writer, &icmp, payload, env->payload_length);
	return writer.failed ? 0 : length;
}

/* The last number sent that has these lowest 16 bits; 0 when none was. */
static uint64_t sequence_widen(const struct probe_env *env, uint16_t low)
{
	uint64_t behind = (uint16_t)(env->last_sequence - low);

	return behind < env->last_sequence ? env->last_sequence - behind : 0;
}

static void claim_number(struct claim *claim, uint64_t number)
{
	claim->number = claim->with_data = claim->uncounted = number;
}

static void claim_doubt(struct claim *claim, enum rp_suspicion suspicion)
{
	claim->kind = CLAIM_SUSPECT;
	claim->suspicion = suspicion;
}

/* Reads what names the probe and checks the keyed value. */
static void claim_payload(const struct probe_env *env, const struct rp_packet *packet, uint64_t latest,
			  struct claim *claim)
{
	struct reader reader = reader_of(packet->payload, packet->payload_length);
	uint64_t cookie = (uint64_t)reader_u32(&reader) << 32;
	cookie |= reader_u32(&reader);

	if (env->payload_length >= NAMED_SIZE) {
		claim->target = reader_u32(&reader);
		claim_number(claim, (uint64_t)reader_u32(&reader) << 16 | packet->icmp.sequence);
		claim->authenticated = claim->target != TARGET_UNKNOWN &&
				       cookie == echo_cookie(env, claim->number, claim->target, packet->ip.source);
	} else {
		/* The answer to one of the last 65,536 probes, or a late one of the 65,536 before. */
		claim_number(claim, latest);
		claim->authenticated = cookie == echo_cookie(env, latest, TARGET_UNKNOWN, packet->ip.source);
		if (!claim->authenticated && latest > 65536) {
			claim_number(claim, latest - 65536);
			claim->authenticated =
				cookie == echo_cookie(env, claim->number, TARGET_UNKNOWN, packet->ip.source);
		}
	}
	if (!claim->authenticated || reader.failed)
		claim->target = TARGET_UNKNOWN; /* a stranger's number */
	if (reader.failed)
		claim_doubt(claim, RP_SUSPECT_TRUNCATED);
	else if (!claim->authenticated)
		claim_doubt(claim, latest == 0 ? RP_SUSPECT_NEVER_SENT : RP_SUSPECT_COOKIE);
}

static void claim_reply(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	uint64_t latest = sequence_widen(env, packet->icmp.sequence);

	claim->kind = CLAIM_REPLY;
	claim->destination = packet->ip.source;
	claim_number(claim, latest);
	if (packet->verdict == RP_PACKET_TRUNCATED)
		claim_doubt(claim, RP_SUSPECT_TRUNCATED);
	else if (packet->checksum != RP_CHECKSUM_GOOD)
		claim_doubt(claim, RP_SUSPECT_CHECKSUM);
	else if (env->payload_length >= COOKIE_SIZE)
		claim_payload(env, packet, latest, claim);
	else if (latest == 0)
		claim_doubt(claim, RP_SUSPECT_NEVER_SENT);
}

static void claim_error(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	claim->kind = CLAIM_ERROR;
	claim->destination = ipopts_final(&packet->quote.ip);
	claim_number(claim, sequence_widen(env, packet->quote.icmp.sequence));
	claim->reason = probe_icmp_reason(&packet->icmp);
	if (packet->verdict == RP_PACKET_TRUNCATED)
		claim_doubt(claim, RP_SUSPECT_TRUNCATED);
	else if (packet->checksum != RP_CHECKSUM_GOOD)
		claim_doubt(claim, RP_SUSPECT_CHECKSUM);
}

static void echo_claim(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	const struct rp_quote *quote = &packet->quote;

	*claim = (struct claim){.kind = CLAIM_FOREIGN, .target = TARGET_UNKNOWN};
	if (packet->ip.protocol != RP_PROTOCOL_ICMP || packet->verdict == RP_PACKET_OTHER ||
	    packet->verdict == RP_PACKET_MALFORMED)
		return;
	if (packet->icmp.type == RP_ICMP_ECHO_REPLY && packet->icmp.identifier == env->identifier)
		claim_reply(env, packet, claim);
	else if (quote->present && quote->ip.protocol == RP_PROTOCOL_ICMP && quote->icmp.type == RP_ICMP_ECHO &&
		 quote->icmp.identifier == env->identifier)
		claim_error(env, packet, claim);
}

/* Of bytes that are known to differ. */
static size_t first_difference(const uint8_t *one, const uint8_t *other)
{
	size_t at = 0;

	while (one[at] == other[at])
		at++;
	return at;
}

static uint32_t echo_compare(const struct probe_env *env, const struct probe *probe, const struct rp_packet *packet)
{
	size_t common = packet->payload_length < env->payload_length ? packet->payload_length : env->payload_length;
	uint8_t expected[128];
	size_t size;

	(void)probe; /* what names it was checked by the keyed value */
	for (size_t at = pattern_start(env); at < common; at += size) {
		size = common - at < sizeof expected ? common - at : sizeof expected;
		put_pattern(env, at, expected, size);
		if (memcmp(packet->payload + at, expected, size) != 0)
			return (uint32_t)(at + first_difference(packet->payload + at, expected));
	}
	return packet->payload_length == env->payload_length ? UINT32_MAX : (uint32_t)common;
}

const struct probe_type probe_icmp_echo = {
	.name = "icmp-echo",
	.protocol = RP_PROTOCOL_ICMP,
	.number = echo_number,
	.build = echo_build,
	.claim = echo_claim,
	.compare = echo_compare,
};
