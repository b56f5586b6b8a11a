/* SPDX-License-Identifier: MIT */
/*
 * TCP SYN (RFC 9293). Every probe has its own initial sequence number, and an answer must acknowledge it (section
 * 3.10.7.3); an ICMP error must quote it.
 *
 * The sequence number is a keyed value of addresses and ports, and STEP more for each further probe between the same
 * ports, so one subtraction tells which of them an answer is for. A target whose SYN-ACK, or our RST to it, was lost
 * keeps the connection half open and answers the next SYN by what it knows of the first: with a challenge ACK that
 * acknowledges the first number (RFC 5961 section 4), which is proven by the key and says that the port is open; or,
 * were the new number in the window of the old one, with a valid RST (RFC 9293 section 3.10.7.4), which would call
 * an open port closed. STEP is larger than any window of a connection that is half open.
 */
#include <string.h>

#include "probe/probe.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/payload.h"
#include "wire/tcp.h"

/* Where the checksum stands in a TCP header. */
#define CHECKSUM_AT 16

/* Between two sequence numbers of the same addresses and ports, of which there are 256. */
#define STEP  (UINT32_C(1) << 24)
#define TURNS 256

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

/* From what a sequence number that is acknowledged or quoted is counted: that of the probe of turn 0. */
static uint32_t syn_key(const struct probe_env *env, const struct rp_addr *source, const struct rp_addr *destination,
			uint16_t source_port, uint16_t port)
{
	const uint16_t ports[] = {source_port, port};
	uint8_t what[sizeof ports + 2 * sizeof source->bytes];
	size_t length = sizeof ports;

	memcpy(what, ports, sizeof ports);
	length += mac_put_address(what + length, source);
	length += mac_put_address(what + length, destination);
	return (uint32_t)mac_make(&env->key, what, length);
}

static uint64_t syn_span(const struct probe_env *env)
{
	return TURNS * (uint64_t)env->port_turn;
}

/* How many probes came before it between the same ports. */
static uint32_t syn_turn(const struct probe_env *env, const struct rp_probe *probe)
{
	return (uint32_t)(probe->sequence / env->port_turn);
}

static struct rp_tcp syn_header(const struct probe_env *env, const struct rp_probe *probe)
{
	const struct rp_config *config = env->config;
	uint32_t key = syn_key(env, &probe->source, &probe->destination, probe->source_port, probe->port);
	struct rp_tcp tcp = {
		.source_port = probe->source_port,
		.destination_port = probe->port,
		.sequence = key + syn_turn(env, probe) * STEP,
		.flags = config->ecn ? RP_TCP_SYN | RP_TCP_ECE | RP_TCP_CWR : RP_TCP_SYN,
		.window = config->window >= 0 ? (uint16_t)config->window : systems[config->syn_options].window,
		.has_mss = systems[config->syn_options].mss,
		.mss = SYN_MSS,
		.sack_permitted = systems[config->syn_options].scaled,
		.has_window_scale = systems[config->syn_options].scaled,
		.window_scale = systems[config->syn_options].window_scale,
	};

	return tcp;
}

static void put_with_data(struct writer *writer, const struct probe_env *env, const struct rp_tcp *tcp,
			  const struct rp_probe *probe)
{
	uint8_t data[RP_SYN_DATA_MAX];

	payload_fill(env->config, 0, data, probe->length);
	tcp_put(writer, tcp, probe->source, probe->destination, data, probe->length);
}

static size_t syn_build(const struct probe_env *env, const struct rp_probe *probe, uint8_t *out, size_t capacity)
{
	struct rp_tcp tcp = syn_header(env, probe);
	struct rp_ipv4 ip = {
		.version = 4,
		.type_of_service = probe->type_of_service,
		.time_to_live = probe->time_to_live,
		.protocol = RP_PROTOCOL_TCP,
		.dont_fragment = probe->dont_fragment,
		.source = probe->source,
		.destination = probe->destination,
	};

	/* The segment first: the length of its options decides the total length. */
	if (capacity < IPV4_HEADER_MIN)
		return 0;
	struct writer writer = writer_of(out + IPV4_HEADER_MIN, capacity - IPV4_HEADER_MIN);
	if (probe->length > 0)
		put_with_data(&writer, env, &tcp, probe);
	else
		tcp_put(&writer, &tcp, probe->source, probe->destination, NULL, 0);
	if (writer.failed)
		return 0;
	if (env->config->wrong_checksum)
		out[IPV4_HEADER_MIN + CHECKSUM_AT] ^= 0x55;
	size_t length = IPV4_HEADER_MIN + writer_length(&writer);
	ip.total_length = (uint16_t)length;
	writer = writer_of(out, IPV4_HEADER_MIN);
	ipv4_put(&writer, &ip);
	return length;
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

/* Reads the probe's sequence from a number that is its sequence number or, of an answer that counts data, a few
 * more. No other number is one of ours. A RST may leave the SYN out and be one less. */
static void match_sequence(const struct probe_env *env, struct match *match, const struct rp_addr *source,
			   uint32_t number, bool may_be_short)
{
	uint32_t past = number - syn_key(env, source, &match->destination, match->source_port, match->port);
	bool is_short = may_be_short && (past + 1) % STEP == 0;

	past += is_short;
	if (past % STEP > RP_SYN_DATA_MAX)
		return;
	match->data = (uint16_t)(past % STEP);
	match->sequence = past / STEP;
	if (env->port_turn > 1)
		match->sequence = match->sequence * env->port_turn + (uint16_t)(match->source_port - env->port_base);
	match->span = syn_span(env);
	match->remarks |= is_short ? RP_REMARK_SHORT_ACK : 0U;
}

/*
 * What the flags say. A RST refuses, also beside a SYN: in SYN-SENT it is looked at first (section 3.10.7.3), and so
 * does the kernel's connect(). An ACK alone that acknowledges a SYN of ours comes from a target that holds the
 * connection half open since then, and is asked again: the port is open. Any other ACK is about another connection,
 * and what acknowledges nothing proves nothing.
 */
static void match_flags(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	const struct rp_tcp *tcp = &packet->tcp;
	bool syn = tcp->flags & RP_TCP_SYN, ack = tcp->flags & RP_TCP_ACK, rst = tcp->flags & RP_TCP_RST;

	match->unmatched = RP_SUSPECT_ACKNOWLEDGMENT;
	match->state = rst ? RP_STATE_CLOSED : RP_STATE_OPEN;
	if (syn && ack && !rst) {
		match->reason = RP_REASON_SYN_ACK;
	} else if (rst && ack) {
		match->remarks = syn ? RP_REMARK_SYN_RESET : 0;
		match->reason = RP_REASON_RESET;
	} else if (ack && !(tcp->flags & RP_TCP_FIN)) {
		match->reason = RP_REASON_ACK;
		match->unmatched = RP_SUSPECT_CHALLENGE;
		match->doubts = RP_REMARK_CHALLENGED;
		match->earlier = true;
	} else if (!ack && syn != rst) {
		match->doubts = rst ? RP_REMARK_BARE_RESET : RP_REMARK_BARE_SYN;
		match_doubt(match, RP_SUSPECT_UNPROVEN);
		if (is_own(env, packet))
			match->kind = MATCH_FOREIGN;
	} else {
		match_doubt(match, RP_SUSPECT_FLAGS);
	}
}

static void match_segment(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	bool reset = (packet->tcp.flags & (RP_TCP_RST | RP_TCP_SYN)) == RP_TCP_RST;

	match->kind = MATCH_REPLY;
	match->destination = packet->ip.source;
	match->port = packet->tcp.source_port;
	match->source_port = packet->tcp.destination_port;
	if (packet->verdict == RP_PACKET_TRUNCATED)
		match_doubt(match, RP_SUSPECT_TRUNCATED);
	else if (packet->verdict == RP_PACKET_MALFORMED)
		match_doubt(match, RP_SUSPECT_MALFORMED);
	else if (packet->checksum == RP_CHECKSUM_BAD)
		match_doubt(match, RP_SUSPECT_CHECKSUM);
	else
		match_flags(env, packet, match);
	if (match->kind != MATCH_REPLY)
		return;
	match_sequence(env, match, &packet->ip.destination, packet->tcp.acknowledgment - 1, reset);
	if (match->earlier && (match->span == 0 || match->data > 0))
		match_doubt(match, RP_SUSPECT_CHALLENGE);
}

/* The source that the error was sent to is ours, whatever its quote says. */
static void match_quoted(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	const struct rp_tcp *tcp = &packet->quote.tcp;

	match_error(match, packet);
	match->port = tcp->destination_port;
	match->source_port = tcp->source_port;
	/* A redirect is followed and a quenched probe is tried again: neither decides. */
	match->state = icmp_is_advice(&packet->icmp) ? RP_STATE_UNKNOWN : RP_STATE_FILTERED;
	match->unmatched = RP_SUSPECT_UNVERIFIED;
	match->doubts = match->kind == MATCH_ERROR ? RP_REMARK_UNVERIFIED : 0;
	match_sequence(env, match, &packet->ip.destination, tcp->sequence, false);
	if (match->data > 0)
		match->span = 0;
}

static void syn_match(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	const struct rp_quote *quote = &packet->quote;

	*match = (struct match){.kind = MATCH_FOREIGN, .target = TARGET_UNKNOWN};
	if (packet->verdict == RP_PACKET_OTHER)
		return;
	if (packet->ip.protocol == RP_PROTOCOL_TCP && is_ours(env, packet->tcp.destination_port))
		match_segment(env, packet, match);
	else if (packet->ip.protocol == RP_PROTOCOL_ICMP && quote->present && quote->ip.protocol == RP_PROTOCOL_TCP &&
		 is_ours(env, quote->tcp.source_port))
		match_quoted(env, packet, match);
}

/* The sequence was read by the keyed value of the packet's addresses and ports: it is the probe's, if these are. */
static enum rp_suspicion syn_verify(const struct probe_env *env, const struct rp_probe *probe,
				    const struct rp_packet *packet, struct match *match)
{
	bool same = match->source_port == probe->source_port && match->port == probe->port &&
		    rp_addr_equal(packet->ip.destination, probe->source) &&
		    rp_addr_equal(match->destination, probe->destination);

	(void)env;
	match->authenticated = same && (match->data == 0 || match->data == probe->length);
	return match->authenticated ? RP_SUSPECT_NONE : match->unmatched;
}

const struct probe_type probe_tcp_syn = {
	.name = "tcp-syn",
	.protocol = RP_PROTOCOL_TCP,
	.ports = true,
	.states = true,
	.needs_source = true,
	.span = syn_span,
	.build = syn_build,
	.match = syn_match,
	.verify = syn_verify,
};
