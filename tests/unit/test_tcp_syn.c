/* SPDX-License-Identifier: MIT */
/* The SYN byte by byte, and that every probe has a number of its own. */
#include "fake.h"

#include "probe/probe.h"

static const struct rp_config config = {.window = -1};
static const struct probe_env env = {
	.config = &config, .key = {{1}}, .port_base = 40000, .port_count = 2, .port_turn = 1};

static struct rp_probe probe_of(uint16_t port, uint64_t sequence)
{
	return (struct rp_probe){
		.source = rp_addr_ipv4(0x0a000001),
		.destination = rp_addr_ipv4(0x0a000002),
		.port = port,
		.source_port = 40000,
		.sequence = sequence,
		.time_to_live = 50,
		.dont_fragment = true,
	};
}

/* The initial sequence number of a probe, from its packet. */
static uint32_t number_of(const struct probe_env *of, const struct rp_probe *probe)
{
	struct rp_packet packet;
	uint8_t out[60];

	rp_packet_parse(&packet, out, probe_tcp_syn.build(of, probe, out, sizeof out));
	return packet.tcp.sequence;
}

static uint32_t number(uint16_t port, uint64_t sequence)
{
	struct rp_probe probe = probe_of(port, sequence);

	return number_of(&env, &probe);
}

TEST(layout)
{
	struct rp_probe probe = probe_of(443, 1);
	uint8_t out[60];
	size_t length = probe_tcp_syn.build(&env, &probe, out, sizeof out);

	assert_int_equal(length, out[2] << 8 | out[3]);
	assert_int_equal(out[8], 50);
	assert_int_equal(out[9], 6);
	assert_memory_equal(out + 20, ((uint8_t[]){0x9c, 0x40, 0x01, 0xbb}), 4); /* 40000 to 443 */
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
	uint32_t first = number(80, 1);
	struct probe_env other = env;
	struct rp_probe probe = probe_of(80, 1);

	assert_int_equal(number(80, 1), first);
	assert_int_not_equal(number(81, 1), first);
	assert_int_not_equal(number(80, 2), first);
	probe.source_port = 40001;
	assert_int_not_equal(number_of(&env, &probe), first);
	probe = probe_of(80, 1);
	probe.destination = rp_addr_ipv4(0x0a000003);
	assert_int_not_equal(number_of(&env, &probe), first);
	probe = probe_of(80, 1);
	other.key.bytes[15] = 1;
	assert_int_not_equal(number_of(&other, &probe), first);
}

/* RFC 9293 section 3.10.7.4: what lies in the window of a half-open connection is answered by a valid RST. No window
 * is beyond 65535 before it is scaled, and nothing is scaled in the handshake. */
TEST(no_number_lies_in_the_window_of_another)
{
	struct probe_env in_turn = env;
	uint32_t series[256], scan[256];

	in_turn.port_count = in_turn.port_turn = 7;
	for (unsigned i = 0; i < 256; i++) {
		struct rp_probe probe = probe_of(80, 7 + i * 7);

		series[i] = number_of(&in_turn, &probe);
		scan[i] = number(80, 1 + i);
	}
	for (unsigned i = 0; i < 256; i++) {
		for (unsigned k = 0; k < 256; k++) {
			assert_true(i == k || series[i] - series[k] > 65535);
			assert_true(i == k || scan[i] - scan[k] > 65535);
		}
	}
}

static struct match judge(const struct probe_env *of, const struct rp_probe *probe, uint8_t flags,
			  uint32_t acknowledgment)
{
	uint8_t bytes[40];
	struct writer writer = writer_of(bytes, sizeof bytes);
	struct rp_ipv4 ip = {
		.version = 4,
		.time_to_live = 64,
		.protocol = 6,
		.total_length = 40,
		.source = probe->destination,
		.destination = probe->source,
	};
	struct rp_tcp tcp = {
		.source_port = probe->port,
		.destination_port = probe->source_port,
		.acknowledgment = acknowledgment,
		.flags = flags,
	};
	struct rp_packet packet;
	struct match match;

	ipv4_put(&writer, &ip);
	tcp_put(&writer, &tcp, ip.source, ip.destination, NULL, 0);
	rp_packet_parse(&packet, bytes, sizeof bytes);
	probe_tcp_syn.match(of, &packet, &match);
	if (match.kind == MATCH_REPLY && match.span > 0)
		match.suspicion = probe_tcp_syn.verify(of, probe, &packet, &match);
	return match;
}

/* RFC 9293 section 3.10.7.3: the SYN, and no more and no less. */
TEST(answers_name_the_probe)
{
	static const struct {
		uint8_t flags;
		int beside;
		bool proven;
		unsigned remarks;
	} cases[] = {
		{RP_TCP_SYN | RP_TCP_ACK, 1, true, 0},
		{RP_TCP_SYN | RP_TCP_ACK, 0, false, 0}, /* a SYN-ACK must acknowledge the SYN */
		{RP_TCP_SYN | RP_TCP_ACK, 2, false, 0},
		{RP_TCP_RST | RP_TCP_ACK, 1, true, 0},
		{RP_TCP_RST | RP_TCP_ACK, 0, true, RP_REMARK_SHORT_ACK}, /* some stacks do not count it in a RST */
		{RP_TCP_RST | RP_TCP_ACK, -1, false, 0},
		{RP_TCP_RST | RP_TCP_ACK, 2, false, 0},
		{RP_TCP_RST | RP_TCP_SYN | RP_TCP_ACK, 1, true, RP_REMARK_SYN_RESET},
		{RP_TCP_RST | RP_TCP_SYN | RP_TCP_ACK, 0, false, RP_REMARK_SYN_RESET},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		for (uint64_t sequence = 1; sequence < 1000; sequence += 111) {
			struct rp_probe probe = probe_of(443, sequence);
			struct match match =
				judge(&env, &probe, cases[i].flags, number(443, sequence) + (uint32_t)cases[i].beside);
			bool proven = match.span > 0 && match.suspicion == RP_SUSPECT_NONE;

			assert_int_equal(match.kind, MATCH_REPLY);
			assert_int_equal(proven, cases[i].proven);
			assert_int_equal(match.remarks, cases[i].remarks);
			if (proven)
				assert_int_equal(match.sequence, sequence % 256);
		}
	}
}

/* Ports that take turns: the port tells the rest of the sequence. */
TEST(sequences_of_a_series)
{
	for (uint16_t ports = 1; ports <= 256; ports++) {
		struct probe_env in_turn = env;

		in_turn.port_count = in_turn.port_turn = ports;
		assert_int_equal(probe_tcp_syn.span(&in_turn), 256u * ports);
		for (uint64_t sequence = 1; sequence < 200000; sequence += 4999) {
			struct rp_probe probe = probe_of(443, sequence);

			probe.source_port = (uint16_t)(40000 + sequence % ports);
			struct match match =
				judge(&in_turn, &probe, RP_TCP_SYN | RP_TCP_ACK, number_of(&in_turn, &probe) + 1);
			assert_int_equal(match.sequence, sequence % (256u * ports));
			assert_true(match.authenticated);
		}
	}
}

TEST(what_names_no_probe)
{
	struct rp_probe probe = probe_of(443, 1), other = probe;

	assert_int_equal(judge(&env, &probe, RP_TCP_SYN, 1000).suspicion, RP_SUSPECT_UNPROVEN);
	assert_int_equal(judge(&env, &probe, RP_TCP_SYN, 1000).doubts, RP_REMARK_BARE_SYN);
	assert_int_equal(judge(&env, &probe, RP_TCP_RST, 1000).doubts, RP_REMARK_BARE_RESET);
	other.port = 40000;
	assert_int_equal(judge(&env, &other, RP_TCP_SYN, 1000).suspicion, RP_SUSPECT_UNPROVEN);
	other = probe;
	other.source_port = 40002;
	assert_int_equal(judge(&env, &other, RP_TCP_SYN | RP_TCP_ACK, 1000).kind, MATCH_FOREIGN);
	other.source_port = 0;
	assert_int_equal(judge(&env, &other, RP_TCP_SYN | RP_TCP_ACK, 1000).kind, MATCH_FOREIGN);
	assert_int_equal(judge(&env, &probe, RP_TCP_SYN | RP_TCP_ACK, number(443, 1) + (1 << 23)).span, 0);
	assert_int_equal(judge(&env, &probe, RP_TCP_ACK, 1000).suspicion, RP_SUSPECT_CHALLENGE);
	for (unsigned nth = 0; nth < 3; nth++) {
		uint32_t isn = number(443, nth);
		struct match match = judge(&env, &probe, RP_TCP_ACK, isn + 1);

		assert_int_equal(match.kind, MATCH_REPLY);
		assert_int_equal(match.state, RP_STATE_OPEN);
		assert_int_equal(match.sequence, nth);
		assert_true(match.earlier);
		/* The number of a connection between other ports, and one beside it. */
		other = probe_of(444, 1);
		assert_int_equal(judge(&env, &other, RP_TCP_ACK, isn + 1).kind, MATCH_SUSPECT);
		other = probe_of(443, 1);
		other.source_port = 40001;
		assert_int_equal(judge(&env, &other, RP_TCP_ACK, isn + 1).kind, MATCH_SUSPECT);
		assert_int_equal(judge(&env, &probe, RP_TCP_ACK, isn).kind, MATCH_SUSPECT);
		assert_int_equal(judge(&env, &probe, RP_TCP_ACK, isn + 2).kind, MATCH_SUSPECT);
	}
}

/* SEG.SEQ + SEG.LEN (RFC 9293 section 3.10.7.1): the SYN, and 10 bytes with it. */
TEST(data_is_acknowledged_or_not)
{
	struct rp_probe probe = probe_of(443, 5);
	uint32_t isn = number(443, 5);

	probe.length = 10;
	for (uint32_t data = 0; data <= 20; data++) {
		struct match match = judge(&env, &probe, RP_TCP_SYN | RP_TCP_ACK, isn + 1 + data);

		assert_int_equal(match.sequence, 5);
		assert_int_equal(match.data, data);
		assert_int_equal(match.authenticated, data == 0 || data == 10);
	}
}

/* What the quote's source is does not matter: the error came to ours. */
TEST(errors_quote_the_number)
{
	struct rp_probe probe = probe_of(443, 2);

	for (unsigned i = 0; i < 3; i++) {
		struct fake_packet sent = {0};
		struct rp_packet packet;
		struct match match;

		sent.length = probe_tcp_syn.build(&env, &probe, sent.bytes, sizeof sent.bytes);
		if (i == 1)
			sent.bytes[15] = 77;
		if (i == 2)
			sent.bytes[27] ^= 1;
		struct fake_packet error = fake_icmp_error(&sent, 0x0a0000fe, RP_ICMP_DESTINATION_UNREACHABLE, 13, 28);
		rp_packet_parse(&packet, error.bytes, error.length);
		probe_tcp_syn.match(&env, &packet, &match);
		assert_int_equal(match.kind, MATCH_ERROR);
		assert_int_equal(match.remarks, i == 1 ? RP_REMARK_UNTRANSLATED : 0);
		assert_int_equal(match.span, i < 2 ? 256 : 0);
		assert_int_equal(match.unmatched, RP_SUSPECT_UNVERIFIED);
		if (i < 2)
			assert_int_equal(probe_tcp_syn.verify(&env, &probe, &packet, &match), RP_SUSPECT_NONE);
	}
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
