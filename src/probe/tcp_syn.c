/* SPDX-License-Identifier: MIT */
/*
 * TCP SYN (RFC 9293). Hides how a segment names and proves the probe that it answers: every probe has its
 * own initial sequence number, keyed over addresses, ports, number and try, and an answer must acknowledge
 * it (section 3.10.7.3); an ICMP error must quote it. The sequence number is the probe's `number`.
 */
#include "probe/probe.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

/* What a Linux host announces on Ethernet: filters treat a bare SYN with suspicion. */
#define SYN_MSS          1460
#define SYN_WINDOW       64240
#define SYN_WINDOW_SCALE 7

static uint64_t syn_number(const struct probe_env *env, const struct probe *probe)
{
	uint8_t what[2 * sizeof probe->source.octets + 2 + 2 + 4 + 8];
	struct writer writer = writer_of(what, sizeof what);

	writer_bytes(&writer, probe->source.octets, sizeof probe->source.octets);
	writer_bytes(&writer, probe->destination.octets, sizeof probe->destination.octets);
	writer_u16(&writer, env->source_port);
	writer_u16(&writer, probe->port);
	writer_u32(&writer, probe->attempt);
	writer_u32(&writer, (uint32_t)(probe->sequence >> 32));
	writer_u32(&writer, (uint32_t)probe->sequence);
	return (uint32_t)cookie_make(&env->key, what, writer_length(&writer));
}

static size_t syn_build(const struct probe_env *env, const struct probe *probe, uint8_t *out, size_t capacity)
{
	struct rp_tcp tcp = {
		.source_port = env->source_port,
		.destination_port = probe->port,
		.sequence = (uint32_t)probe->number,
		.flags = RP_TCP_SYN,
		.window = SYN_WINDOW,
		.has_mss = true,
		.mss = SYN_MSS,
		.sack_permitted = true,
		.has_window_scale = true,
		.window_scale = SYN_WINDOW_SCALE,
	};
	struct rp_ipv4 ip = {
		.version = 4,
		.type_of_service = env->type_of_service,
		.time_to_live = env->time_to_live,
		.protocol = RP_PROTOCOL_TCP,
		.dont_fragment = env->dont_fragment,
		.source = probe->source,
		.destination = probe->destination,
	};

	/* The segment first: the length of its options decides the total length. */
	if (capacity < IPV4_HEADER_MIN)
		return 0;
	struct writer writer = writer_of(out + IPV4_HEADER_MIN, capacity - IPV4_HEADER_MIN);
	tcp_put(&writer, &tcp, probe->source, probe->destination, NULL, 0);
	if (writer.failed)
		return 0;
	size_t length = IPV4_HEADER_MIN + writer_length(&writer);
	ip.total_length = (uint16_t)length;
	writer = writer_of(out, IPV4_HEADER_MIN);
	ipv4_put(&writer, &ip);
	return length;
}

static void claim_doubt(struct claim *claim, enum rp_suspicion suspicion)
{
	claim->kind = CLAIM_SUSPECT;
	claim->suspicion = suspicion;
}

/* What the flags say (SYN.md: the order is nmap's, SYN and ACK before RST). */
static void claim_flags(const struct probe_env *env, const struct rp_tcp *tcp, struct claim *claim)
{
	bool syn = tcp->flags & RP_TCP_SYN, ack = tcp->flags & RP_TCP_ACK, rst = tcp->flags & RP_TCP_RST;

	claim->number = claim->alternate = tcp->acknowledgment - UINT32_C(1);
	if (syn && ack) {
		claim->state = RP_STATE_OPEN;
		claim->reason = RP_REASON_SYN_ACK;
	} else if (rst && ack) {
		claim->alternate = tcp->acknowledgment; /* some stacks do not count the SYN */
		claim->state = RP_STATE_CLOSED;
		claim->reason = RP_REASON_RESET;
	} else if (syn && !rst && tcp->source_port != env->source_port) {
		/* A simultaneous open (section 3.5): it acknowledges nothing, so it proves nothing either. */
		claim->any_number = true;
		claim->state = RP_STATE_OPEN;
		claim->reason = RP_REASON_SPLIT_HANDSHAKE;
	} else if (syn && !rst) {
		claim->kind = CLAIM_FOREIGN; /* our own probe, seen on loopback */
	} else {
		claim_doubt(claim, RP_SUSPECT_FLAGS);
	}
	claim->authenticated = !claim->any_number;
}

static void claim_segment(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	claim->kind = CLAIM_REPLY;
	claim->destination = packet->ip.source;
	claim->port = packet->tcp.source_port;
	if (packet->verdict == RP_PACKET_TRUNCATED)
		claim_doubt(claim, RP_SUSPECT_TRUNCATED);
	else if (packet->verdict == RP_PACKET_MALFORMED)
		claim_doubt(claim, RP_SUSPECT_MALFORMED);
	else if (packet->checksum == RP_CHECKSUM_BAD)
		claim_doubt(claim, RP_SUSPECT_CHECKSUM);
	else
		claim_flags(env, &packet->tcp, claim);
}

static void claim_error(const struct rp_packet *packet, struct claim *claim)
{
	claim->kind = CLAIM_ERROR;
	claim->destination = packet->quote.ip.destination;
	claim->port = packet->quote.tcp.destination_port;
	claim->number = claim->alternate = packet->quote.tcp.sequence;
	claim->authenticated = true;
	claim->reason = probe_icmp_reason(&packet->icmp);
	claim->state = claim->reason == RP_REASON_NONE ? RP_STATE_UNKNOWN : RP_STATE_FILTERED;
	if (packet->verdict == RP_PACKET_TRUNCATED)
		claim_doubt(claim, RP_SUSPECT_TRUNCATED);
	else if (packet->checksum != RP_CHECKSUM_GOOD)
		claim_doubt(claim, RP_SUSPECT_CHECKSUM);
}

static void syn_claim(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	const struct rp_quote *quote = &packet->quote;

	*claim = (struct claim){.kind = CLAIM_FOREIGN, .target = TARGET_UNKNOWN};
	if (packet->verdict == RP_PACKET_OTHER)
		return;
	if (packet->ip.protocol == RP_PROTOCOL_TCP && packet->tcp.destination_port == env->source_port)
		claim_segment(env, packet, claim);
	else if (packet->ip.protocol == RP_PROTOCOL_ICMP && quote->present && quote->ip.protocol == RP_PROTOCOL_TCP &&
		 quote->tcp.source_port == env->source_port)
		claim_error(packet, claim);
}

const struct probe_type probe_tcp_syn = {
	.name = "tcp-syn",
	.protocol = RP_PROTOCOL_TCP,
	.number = syn_number,
	.build = syn_build,
	.claim = syn_claim,
};
