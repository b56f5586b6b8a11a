/* SPDX-License-Identifier: MIT */
/*
 * TCP SYN (RFC 9293). Hides how a segment names and proves the probe that it answers: every probe has its own initial sequence
 * number, and an answer must acknowledge it (section 3.10.7.3); an ICMP error must quote it. A probe's `number` is its source
 * port and its sequence number.
 *
 * The sequence number is a keyed value of addresses and ports, and STEP more for each further probe between the same ports. A
 * target whose SYN-ACK, or our RST to it, was lost keeps the connection half open and answers the next SYN by what it knows of
 * the first: with a challenge ACK that acknowledges the first number (RFC 5961 section 4), which is proven by the key and
 * says that the port is open; or, were the new number in the window of the old one, with a valid RST (RFC 9293 section
 * 3.10.7.4), which would call an open port closed. STEP is larger than any window of a connection that is half open.
 */
#include "probe/probe.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

/* Where the checksum stands in a TCP header. */
#define CHECKSUM_AT 16

/* Between two sequence numbers of the same addresses and ports, of which there are 256. */
#define STEP (UINT32_C(1) << 24)

/* On Ethernet. */
#define SYN_MSS 1460

/* What systems announce. */
static const struct {
	uint16_t window;
	bool mss;
	bool scaled; /* with a window scale, and SACK permitted */
	uint8_t window_scale;
} systems[] = {
	[RP_SYN_LINUX] = {64240, true, true, 7},
	[RP_SYN_WINDOWS] = {64240, true, true, 8},
	[RP_SYN_MSS] = {1024, true, false, 0},
	[RP_SYN_BARE] = {1024, false, false, 0},
};

static uint64_t name_of(uint16_t source_port, uint32_t sequence)
{
	return (uint64_t)source_port << 32 | sequence;
}

/* What the sequence numbers of all probes between these ports begin with. */
static uint32_t syn_key(const struct probe_env *env, struct rp_addr source, struct rp_addr destination,
			uint16_t source_port, uint16_t port)
{
	uint8_t what[2 * sizeof source.bytes + 2 + 2];
	struct writer writer = writer_of(what, sizeof what);

	writer_bytes(&writer, source.bytes, sizeof source.bytes);
	writer_bytes(&writer, destination.bytes, sizeof destination.bytes);
	writer_u16(&writer, source_port);
	writer_u16(&writer, port);
	return (uint32_t)mac_make(&env->key, what, writer_length(&writer));
}

static uint64_t syn_number(const struct probe_env *env, const struct probe *probe)
{
	uint32_t nth = (uint32_t)(probe->sequence / env->port_count) + probe->attempt;
	uint32_t key = syn_key(env, probe->source, probe->destination, probe->source_port, probe->port);

	return name_of(probe->source_port, key + nth * STEP);
}

_Static_assert(2 * (PROBE_BEHIND + 1) * (uint64_t)STEP <= UINT64_C(1) << 32, "what is behind is not what is before");

static uint64_t syn_behind(uint64_t number, unsigned nth)
{
	return name_of((uint16_t)(number >> 32), (uint32_t)number + nth * STEP);
}

static struct rp_tcp syn_header(const struct probe_env *env, const struct probe *probe)
{
	struct rp_tcp tcp = {
		.source_port = probe->source_port,
		.destination_port = probe->port,
		.sequence = (uint32_t)probe->number,
		.flags = env->ecn ? RP_TCP_SYN | RP_TCP_ECE | RP_TCP_CWR : RP_TCP_SYN,
		.window = env->window >= 0 ? (uint16_t)env->window : systems[env->syn_options].window,
		.has_mss = systems[env->syn_options].mss,
		.mss = SYN_MSS,
		.sack_permitted = systems[env->syn_options].scaled,
		.has_window_scale = systems[env->syn_options].scaled,
		.window_scale = systems[env->syn_options].window_scale,
	};

	return tcp;
}

/* Data counts up, or repeats the pattern; its length is the config's. */
static void put_with_data(struct writer *writer, const struct probe_env *env, const struct rp_tcp *tcp,
			  const struct probe *probe)
{
	uint8_t data[RP_SYN_DATA_MAX];

	for (size_t i = 0; i < env->payload_length; i++)
		data[i] = env->pattern_length > 0 ? env->pattern[i % env->pattern_length] : (uint8_t)i;
	tcp_put(writer, tcp, probe->source, probe->destination, data, env->payload_length);
}

static size_t syn_build(const struct probe_env *env, const struct probe *probe, uint8_t *out, size_t capacity)
{
	struct rp_tcp tcp = syn_header(env, probe);
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
	if (env->payload_length > 0)
		put_with_data(&writer, env, &tcp, probe);
	else
		tcp_put(&writer, &tcp, probe->source, probe->destination, NULL, 0);
	if (writer.failed)
		return 0;
	if (env->wrong_checksum)
		out[IPV4_HEADER_MIN + CHECKSUM_AT] ^= 0x55;
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

static bool is_ours(const struct probe_env *env, uint16_t port)
{
	return port - (unsigned)env->port_base < env->port_count;
}

/* On loopback our own segments come back, and those the kernel sends in our name. */
static bool is_own(const struct probe_env *env, const struct rp_packet *packet)
{
	return is_ours(env, packet->tcp.source_port) && rp_addr_equal(packet->ip.source, packet->ip.destination);
}

/* Whether an ACK alone acknowledges the SYN of a probe between these ports, whichever. */
static bool is_keyed(const struct probe_env *env, const struct rp_packet *packet)
{
	uint32_t key = syn_key(env, packet->ip.destination, packet->ip.source, packet->tcp.destination_port,
			       packet->tcp.source_port);

	return (packet->tcp.acknowledgment - 1 - key) % STEP == 0;
}

/*
 * What the flags say. A RST refuses, also beside a SYN: in SYN-SENT it is looked at first (section 3.10.7.3), and so does the
 * kernel's connect(). An ACK alone that acknowledges a SYN of ours comes from a target that holds the connection half open
 * since then, and is asked again: the port is open. Any other ACK is about another connection, and what acknowledges nothing
 * proves nothing.
 */
static void claim_flags(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim)
{
	const struct rp_tcp *tcp = &packet->tcp;
	bool syn = tcp->flags & RP_TCP_SYN, ack = tcp->flags & RP_TCP_ACK, rst = tcp->flags & RP_TCP_RST;
	uint32_t acknowledged = tcp->acknowledgment - 1;

	claim->number = claim->uncounted = name_of(tcp->destination_port, acknowledged);
	claim->with_data = name_of(tcp->destination_port, acknowledged - env->payload_length);
	claim->authenticated = true;
	if (syn && ack && !rst) {
		claim->state = RP_STATE_OPEN;
		claim->reason = RP_REASON_SYN_ACK;
	} else if (rst && ack) {
		if (syn)
			claim->remarks = RP_REMARK_SYN_RESET;
		else
			claim->uncounted = name_of(tcp->destination_port, tcp->acknowledgment);
		claim->state = RP_STATE_CLOSED;
		claim->reason = RP_REASON_RESET;
	} else if (ack && !(tcp->flags & RP_TCP_FIN)) {
		if (!is_keyed(env, packet))
			claim_doubt(claim, RP_SUSPECT_CHALLENGE);
		claim->earlier = true;
		claim->state = RP_STATE_OPEN;
		claim->reason = RP_REASON_ACK;
	} else if (!ack && syn != rst) {
		if (is_own(env, packet))
			claim->kind = CLAIM_FOREIGN;
		else
			claim_doubt(claim, RP_SUSPECT_UNPROVEN);
	} else {
		claim_doubt(claim, RP_SUSPECT_FLAGS);
	}
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
		claim_flags(env, packet, claim);
}

static void claim_error(const struct rp_packet *packet, struct claim *claim)
{
	claim->kind = CLAIM_ERROR;
	claim->destination = packet->quote.ip.destination;
	claim->port = packet->quote.tcp.destination_port;
	claim->number = claim->with_data = claim->uncounted =
		name_of(packet->quote.tcp.source_port, packet->quote.tcp.sequence);
	claim->authenticated = true;
	claim->reason = probe_icmp_reason(&packet->icmp);
	/* A redirect is followed and a quenched probe is tried again: neither decides. */
	claim->state = claim->reason == RP_REASON_REDIRECT || claim->reason == RP_REASON_SOURCE_QUENCH
			       ? RP_STATE_UNKNOWN
			       : RP_STATE_FILTERED;
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
	if (packet->ip.protocol == RP_PROTOCOL_TCP && is_ours(env, packet->tcp.destination_port))
		claim_segment(env, packet, claim);
	else if (packet->ip.protocol == RP_PROTOCOL_ICMP && quote->present && quote->ip.protocol == RP_PROTOCOL_TCP &&
		 is_ours(env, quote->tcp.source_port))
		claim_error(packet, claim);
}

const struct probe_type probe_tcp_syn = {
	.name = "tcp-syn",
	.protocol = RP_PROTOCOL_TCP,
	.number = syn_number,
	.behind = syn_behind,
	.build = syn_build,
	.claim = syn_claim,
};
