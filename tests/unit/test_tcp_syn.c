/* SPDX-License-Identifier: MIT */
/* The SYN byte by byte, and that every probe has a number of its own. */
#include "fake.h"

#include "probe/probe.h"

static const struct probe_env env = {
	.key = {{1}}, .time_to_live = 50, .dont_fragment = true, .port_base = 40000, .port_count = 2};

static struct probe probe_of(uint16_t port, unsigned attempt, uint64_t sequence)
{
	struct probe probe = {
		.source = rp_addr_ipv4(0x0a000001),
		.destination = rp_addr_ipv4(0x0a000002),
		.port = port,
		.source_port = 40000,
		.attempt = attempt,
		.sequence = sequence,
	};

	probe.number = probe_tcp_syn.number(&env, &probe);
	return probe;
}

TEST(bytes)
{
	struct probe probe = probe_of(443, 1, 0);
	uint8_t out[60];
	size_t length = probe_tcp_syn.build(&env, &probe, out, sizeof out);

	assert_int_equal(length, out[2] << 8 | out[3]);
	assert_int_equal(out[8], 50);
	assert_int_equal(out[9], 6);
	assert_memory_equal(out + 20, ((uint8_t[]){0x9c, 0x40, 0x01, 0xbb}), 4); /* 40000 to 443 */
	assert_int_equal((uint32_t)out[24] << 24 | (uint32_t)out[25] << 16 | out[26] << 8 | out[27],
			 (uint32_t)probe.number);
	assert_memory_equal(out + 28, ((uint8_t[]){0, 0, 0, 0}), 4); /* acknowledges nothing */
	assert_int_equal(out[32] >> 4, (length - 20) / 4);
	assert_int_equal(out[33], 0x02);                                   /* SYN */
	assert_memory_equal(out + 40, ((uint8_t[]){2, 4, 0x05, 0xb4}), 4); /* MSS 1460 */
	uint32_t sum = checksum_pseudo(probe.source, probe.destination, 6, length - 20);
	assert_int_equal(checksum_finish(checksum_add(sum, out + 20, length - 20)), 0);
	assert_int_equal(probe_tcp_syn.build(&env, &probe, out, length - 1), 0);
}

TEST(every_probe_has_its_own_number)
{
	uint64_t first = probe_of(80, 1, 0).number;
	struct probe_env other = env;
	struct probe probe = probe_of(80, 1, 0);

	assert_int_equal(probe_of(80, 1, 0).number, first);
	assert_int_not_equal(probe_of(81, 1, 0).number, first);
	assert_int_not_equal(probe_of(80, 2, 0).number, first);
	assert_int_not_equal(probe_of(80, 1, 2).number, first);
	probe.source_port = 40001;
	assert_int_not_equal((uint32_t)probe_tcp_syn.number(&env, &probe), (uint32_t)first);
	probe.source_port = 40000;
	probe.destination = rp_addr_ipv4(0x0a000003);
	assert_int_not_equal((uint32_t)probe_tcp_syn.number(&env, &probe), (uint32_t)first);
	probe = probe_of(80, 1, 0);
	other.key.bytes[15] = 1;
	assert_int_not_equal((uint32_t)probe_tcp_syn.number(&other, &probe), (uint32_t)first);
}

/* The ports in turn, a scan's second one for where the first is in use. */
TEST(source_ports)
{
	struct probe probe = {.source = rp_addr_ipv4(1), .destination = rp_addr_ipv4(2), .attempt = 1};
	struct probe_env many = env;

	for (probe.sequence = 1; probe.sequence < 1000; probe.sequence++) {
		many.port_count = (uint16_t)(1 + probe.sequence % 256);
		probe_number(&probe_tcp_syn, &many, &probe);
		assert_in_range(probe.source_port, 40000, 40000 + many.port_count - 1);
		uint16_t before = probe.source_port;
		probe.sequence++;
		probe_number(&probe_tcp_syn, &many, &probe);
		probe.sequence--;
		assert_int_equal(probe.source_port, before + 1 == 40000 + many.port_count ? 40000 : before + 1);
	}
	probe.sequence = 0;
	probe_number(&probe_tcp_syn, &env, &probe);
	assert_int_equal(probe.source_port, 40000);
	probe.turn = 1;
	probe_number(&probe_tcp_syn, &env, &probe);
	assert_int_equal(probe.source_port, 40001);
	many.port_count = 1;
	probe_number(&probe_tcp_syn, &many, &probe);
	assert_int_equal(probe.source_port, 40000);
}

/* RFC 9293 section 3.10.7.4: what lies in the window of a half-open connection is answered by a valid RST. No window is beyond
 * 65535 before it is scaled, and nothing is scaled in the handshake. */
TEST(no_number_lies_in_the_window_of_another)
{
	uint32_t series[256], scan[256];

	for (unsigned i = 0; i < 256; i++) {
		series[i] = (uint32_t)probe_of(80, 1, 7 + i * env.port_count).number;
		scan[i] = (uint32_t)probe_of(80, 1 + i, 0).number;
		if (i <= PROBE_BEHIND)
			assert_int_equal(probe_tcp_syn.behind(probe_of(80, 1, 0).number, i),
					 probe_of(80, 1 + i, 0).number);
	}
	for (unsigned i = 0; i < 256; i++) {
		for (unsigned k = 0; k < 256; k++) {
			assert_true(i == k || series[i] - series[k] > 65535);
			assert_true(i == k || scan[i] - scan[k] > 65535);
		}
	}
}

static struct claim claim_in(const struct probe_env *of, uint8_t flags, uint16_t source_port, uint16_t destination_port,
			     uint32_t acknowledgment)
{
	uint8_t bytes[40];
	struct writer writer = writer_of(bytes, sizeof bytes);
	struct rp_ipv4 ip = {
		.version = 4,
		.time_to_live = 64,
		.protocol = 6,
		.total_length = 40,
		.source = rp_addr_ipv4(0x0a000002),
		.destination = rp_addr_ipv4(0x0a000001),
	};
	struct rp_tcp tcp = {
		.source_port = source_port,
		.destination_port = destination_port,
		.acknowledgment = acknowledgment,
		.flags = flags,
	};
	struct rp_packet packet;
	struct claim claim;

	ipv4_put(&writer, &ip);
	tcp_put(&writer, &tcp, ip.source, ip.destination, NULL, 0);
	rp_packet_parse(&packet, bytes, sizeof bytes);
	probe_tcp_syn.claim(of, &packet, &claim);
	return claim;
}

static struct claim claim_of(uint8_t flags, uint16_t source_port, uint16_t destination_port)
{
	return claim_in(&env, flags, source_port, destination_port, 1000);
}

#define NAME(number) ((uint64_t)40000 << 32 | (number))

TEST(claims)
{
	struct claim claim = claim_of(RP_TCP_SYN | RP_TCP_ACK, 443, 40000);

	assert_int_equal(claim.kind, CLAIM_REPLY);
	assert_int_equal(claim.number, NAME(999));
	assert_int_equal(claim.uncounted, NAME(999)); /* a SYN-ACK must acknowledge the SYN */
	assert_int_equal(claim.port, 443);

	claim = claim_of(RP_TCP_RST | RP_TCP_ACK, 443, 40000);
	assert_int_equal(claim.number, NAME(999));
	assert_int_equal(claim.uncounted, NAME(1000)); /* some stacks do not count it in a RST */

	assert_int_equal(claim_of(RP_TCP_SYN | RP_TCP_ACK, 443, 40001).number, (uint64_t)40001 << 32 | 999);
	assert_int_equal(claim_of(RP_TCP_SYN | RP_TCP_ACK, 443, 40002).kind, CLAIM_FOREIGN);
	assert_int_equal(claim_of(RP_TCP_SYN | RP_TCP_ACK, 443, 0).kind, CLAIM_FOREIGN);
	assert_int_equal(claim_of(RP_TCP_SYN, 443, 40000).suspicion, RP_SUSPECT_UNPROVEN);
	assert_int_equal(claim_of(RP_TCP_SYN, 40000, 40000).suspicion, RP_SUSPECT_UNPROVEN);
	assert_int_equal(claim_of(RP_TCP_ACK, 443, 40000).suspicion, RP_SUSPECT_CHALLENGE);
	for (unsigned nth = 0; nth < 3; nth++) {
		uint32_t number = (uint32_t)probe_of(443, nth, 0).number;

		claim = claim_in(&env, RP_TCP_ACK, 443, 40000, number + 1);
		assert_int_equal(claim.kind, CLAIM_REPLY);
		assert_int_equal(claim.state, RP_STATE_OPEN);
		assert_int_equal(claim.number, NAME(number));
		assert_true(claim.earlier);
		/* The number of a connection between other ports, and one beside it. */
		assert_int_equal(claim_in(&env, RP_TCP_ACK, 444, 40000, number + 1).kind, CLAIM_SUSPECT);
		assert_int_equal(claim_in(&env, RP_TCP_ACK, 443, 40001, number + 1).kind, CLAIM_SUSPECT);
		assert_int_equal(claim_in(&env, RP_TCP_ACK, 443, 40000, number).kind, CLAIM_SUSPECT);
		assert_int_equal(claim_in(&env, RP_TCP_ACK, 443, 40000, number + 2).kind, CLAIM_SUSPECT);
	}
}

/* SEG.SEQ + SEG.LEN (RFC 9293 section 3.10.7.1): the SYN, and 10 bytes with it. */
TEST(data_is_acknowledged_or_not)
{
	struct probe_env with_data = env;

	with_data.payload_length = 10;
	struct claim claim = claim_in(&with_data, RP_TCP_RST | RP_TCP_ACK, 443, 40000, 1000);
	assert_int_equal(claim.number, NAME(999));
	assert_int_equal(claim.with_data, NAME(989));
	assert_int_equal(claim.uncounted, NAME(1000));
	assert_int_equal(claim_of(RP_TCP_RST | RP_TCP_ACK, 443, 40000).with_data, NAME(999));
}

TEST(icmp_reasons)
{
	/* By RFC 792 and RFC 1812 code. */
	static const char *const reasons[17] = {
		"net-unreach",      "host-unreach",        "proto-unreach",        "port-unreach",
		"frag-needed",      "source-route-failed", "net-unknown",          "host-unknown",
		"source-isolated",  "net-prohibited",      "host-prohibited",      "net-unreach-tos",
		"host-unreach-tos", "admin-prohibited",    "precedence-violation", "precedence-cutoff",
		"dest-unreach",
	};

	for (uint8_t code = 0; code < 17; code++)
		assert_string_equal(rp_reason_name(probe_icmp_reason(&(struct rp_icmp){.type = 3, .code = code})),
				    reasons[code]);
	assert_int_equal(probe_icmp_reason(&(struct rp_icmp){.type = 11}), RP_REASON_TIME_EXCEEDED);
	assert_int_equal(probe_icmp_reason(&(struct rp_icmp){.type = 12}), RP_REASON_PARAM_PROBLEM);
	assert_int_equal(probe_icmp_reason(&(struct rp_icmp){.type = 4}), RP_REASON_SOURCE_QUENCH);
	assert_int_equal(probe_icmp_reason(&(struct rp_icmp){.type = 5}), RP_REASON_REDIRECT);
	assert_int_equal(probe_icmp_reason(&(struct rp_icmp){.type = 8}), RP_REASON_NONE);
}
