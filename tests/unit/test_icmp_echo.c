/* SPDX-License-Identifier: MIT */
/* The echo request byte by byte, and what proves a reply at each size of payload. */
#include "fake.h"

#include "probe/probe.h"

static const struct rp_config config = {.payload_length = 56};
static const struct probe_env env = {.config = &config, .key = {{9}}, .identifier = 0xbeef, .port_turn = 1};

static const struct rp_probe third = {
	.target = 0x01020304,
	.source = {RP_FAMILY_IPV4, {10, 0, 0, 1}},
	.destination = {RP_FAMILY_IPV4, {10, 0, 0, 2}},
	.sequence = 3,
	.length = 20,
	.time_to_live = 17,
	.type_of_service = 0xb8,
	.dont_fragment = true,
};

static struct rp_probe third_of(uint16_t length)
{
	struct rp_probe probe = third;

	probe.length = length;
	return probe;
}

/* Offsets of RFC 791 and RFC 792. */
TEST(layout)
{
	uint8_t out[100];

	assert_int_equal(probe_icmp_echo.build(&env, &third, out, sizeof out), 48);
	assert_int_equal(out[0], 0x45);
	assert_int_equal(out[1], 0xb8);
	assert_int_equal(out[2] << 8 | out[3], 48);
	assert_int_equal(out[6], 0x40); /* DF */
	assert_int_equal(out[8], 17);
	assert_int_equal(out[9], 1);
	assert_memory_equal(out + 12, ((uint8_t[]){10, 0, 0, 1, 10, 0, 0, 2}), 8);
	assert_int_equal(checksum_finish(checksum_add(0, out, 20)), 0);
	assert_memory_equal(out + 20, ((uint8_t[]){8, 0}), 2);
	assert_memory_equal(out + 24, ((uint8_t[]){0xbe, 0xef, 0, 3}), 4);
	assert_int_equal(checksum_finish(checksum_add(0, out + 20, 28)), 0);
	assert_memory_equal(out + 36, ((uint8_t[]){1, 2, 3, 4, 0, 0, 0, 0}), 8); /* target, high sequence */
	assert_memory_equal(out + 44, ((uint8_t[]){16, 17, 18, 19}), 4);         /* counts up */
}

TEST(pattern_repeats)
{
	struct rp_config patterned = {.pattern = {0xab, 0xcd, 0xef}, .pattern_length = 3};
	struct probe_env of = {.config = &patterned, .port_turn = 1};
	uint8_t out[100];

	assert_int_equal(probe_icmp_echo.build(&of, &third, out, sizeof out), 48);
	assert_memory_equal(out + 44, ((uint8_t[]){0xcd, 0xef, 0xab, 0xcd}), 4); /* bytes 16 to 19 of the pattern */
}

TEST(sizes)
{
	struct rp_probe largest = third_of(65507), larger = third_of(65508), none = third_of(0);
	uint8_t *out = malloc(65535);

	assert_non_null(out);
	assert_int_equal(probe_icmp_echo.build(&env, &largest, out, 65535), 65535);
	assert_int_equal(probe_icmp_echo.build(&env, &largest, out, 65534), 0);
	assert_int_equal(probe_icmp_echo.build(&env, &larger, out, 65535), 0);
	assert_int_equal(probe_icmp_echo.build(&env, &none, out, 28), 28);
	assert_int_equal(probe_icmp_echo.build(&env, &none, out, 27), 0);
	free(out);
}

/* What is made of an answer to that probe, whose payload is of the run's length. */
static struct match judge(const struct rp_probe *probe, const struct fake_packet *answer)
{
	struct rp_config of_run = {.payload_length = probe->length};
	struct probe_env of = env;
	struct rp_packet packet;
	struct match match;

	of.config = &of_run;
	rp_packet_parse(&packet, answer->bytes, answer->length);
	probe_icmp_echo.match(&of, &packet, &match);
	if (match.kind == MATCH_REPLY || match.kind == MATCH_ERROR)
		match.suspicion = probe_icmp_echo.verify(&of, probe, &packet, &match);
	return match;
}

static struct fake_packet packet_of(const struct rp_probe *probe)
{
	struct fake_packet packet = {0};

	packet.length = probe_icmp_echo.build(&env, probe, packet.bytes, sizeof packet.bytes);
	return packet;
}

/* A reply to `third` with that payload, changed in one byte at `flip` (-1: none), and `cut` shorter. */
static struct match judge_reply(uint16_t length, int flip, size_t cut)
{
	struct rp_probe probe = third_of(length);
	struct fake_packet packet = packet_of(&probe), reply = fake_echo_reply(&packet);

	if (flip >= 0)
		reply.bytes[28 + flip] ^= 1;
	reply.length -= cut;
	reply.bytes[3] = (uint8_t)(reply.bytes[3] - cut);
	fake_icmp_checksum(&reply);
	return judge(&probe, &reply);
}

TEST(proof_at_every_size)
{
	for (uint16_t size = 0; size <= 64; size++) {
		struct match match = judge_reply(size, -1, 0);

		assert_int_equal(match.kind, MATCH_REPLY);
		assert_int_equal(match.suspicion, RP_SUSPECT_NONE);
		assert_int_equal(match.sequence, 3);
		assert_int_equal(match.authenticated, size > 0);
		assert_int_equal(match.target, size >= 16 ? third.target : TARGET_UNKNOWN);
		assert_int_equal(rp_addr_ipv4_value(match.destination), 0x0a000002);
	}
}

TEST(every_byte_of_the_name_is_proven)
{
	for (int flip = 0; flip < 16; flip++)
		assert_int_equal(judge_reply(56, flip, 0).suspicion, RP_SUSPECT_COOKIE);
	for (uint16_t size = 1; size <= 8; size++)
		for (int flip = 0; flip < size; flip++)
			assert_int_equal(judge_reply(size, flip, 0).suspicion, RP_SUSPECT_COOKIE);
	assert_int_equal(judge_reply(56, 16, 0).suspicion, RP_SUSPECT_NONE); /* the pattern is not the proof */
	assert_int_equal(judge_reply(15, 8, 0).suspicion, RP_SUSPECT_NONE);
}

TEST(every_part_of_the_probe_is_proven)
{
	for (uint16_t size = 1; size <= 20; size++) {
		struct rp_probe probe = third_of(size), other = probe;
		struct fake_packet packet = packet_of(&probe), reply = fake_echo_reply(&packet);

		other.destination.bytes[3] = 9;
		reply.bytes[15] = 9;
		fake_icmp_checksum(&reply);
		assert_int_not_equal(judge(&other, &reply).suspicion, RP_SUSPECT_NONE);
		other = probe;
		other.target++;
		reply = fake_echo_reply(&packet);
		assert_int_not_equal(judge(&other, &reply).suspicion, RP_SUSPECT_NONE);
		other = probe;
		other.sequence += 65536;
		assert_int_not_equal(judge(&other, &reply).suspicion, RP_SUSPECT_NONE);
	}
}

/* Who was not asked (anycast, broadcast, translators) must have the whole keyed value. */
TEST(another_address_answers)
{
	for (uint16_t size = 0; size <= 20; size++) {
		struct rp_probe probe = third_of(size);
		struct fake_packet packet = packet_of(&probe), reply = fake_echo_reply(&packet);

		reply.bytes[15] = 9;
		assert_int_equal(judge(&probe, &reply).suspicion, size < 8 ? RP_SUSPECT_SOURCE : RP_SUSPECT_NONE);
	}
}

TEST(shortened_answers)
{
	assert_int_equal(judge_reply(56, -1, 36).suspicion, RP_SUSPECT_NONE); /* 20 bytes came back */
	assert_int_equal(judge_reply(56, -1, 40).suspicion, RP_SUSPECT_NONE); /* 16 */
	assert_int_equal(judge_reply(56, -1, 41).suspicion, RP_SUSPECT_TRUNCATED);
	assert_int_equal(judge_reply(56, -1, 56).suspicion, RP_SUSPECT_TRUNCATED);
	assert_int_equal(judge_reply(8, -1, 1).suspicion, RP_SUSPECT_TRUNCATED);
	assert_int_equal(judge_reply(4, -1, 1).suspicion, RP_SUSPECT_TRUNCATED);
}

/* RFC 792: 8 bytes behind the quoted IPv4 header, RFC 1812: as many as fit. What is quoted of the name must be
 * right. */
TEST(errors_are_checked_as_far_as_they_quote)
{
	for (uint16_t size = 0; size <= 20; size++) {
		struct rp_probe probe = third_of(size);
		struct fake_packet sent = packet_of(&probe);
		size_t named = size >= 16 ? 16 : size < 8 ? size : 8;

		for (size_t quoted = 0; quoted <= size; quoted++) {
			struct fake_packet error =
				fake_icmp_error(&sent, 0x0a0000fe, RP_ICMP_TIME_EXCEEDED, 0, 28 + quoted);

			struct match match = judge(&probe, &error);
			assert_int_equal(match.kind, MATCH_ERROR);
			assert_int_equal(match.suspicion, RP_SUSPECT_NONE);
			assert_int_equal(match.sequence, 3);
			assert_int_equal(match.authenticated, quoted > 0);
			assert_int_equal(match.remarks, 0);
			for (size_t flip = 0; flip < quoted; flip++) {
				struct fake_packet forged = error;

				forged.bytes[28 + 28 + flip] ^= 0x80;
				fake_icmp_checksum(&forged);
				assert_int_equal(judge(&probe, &forged).suspicion,
						 flip < named ? RP_SUSPECT_QUOTE : RP_SUSPECT_NONE);
			}
		}
	}
}

/* Some translators put the address back in the outer header only. */
TEST(a_quote_with_another_source_is_remarked)
{
	struct fake_packet sent = packet_of(&third);

	sent.bytes[15] = 77;
	struct fake_packet error = fake_icmp_error(&sent, 0x0a0000fe, RP_ICMP_TIME_EXCEEDED, 0, 28);
	struct match match = judge(&third, &error);
	assert_int_equal(match.suspicion, RP_SUSPECT_NONE);
	assert_int_equal(match.remarks, RP_REMARK_UNTRANSLATED);
}

/* The header holds 16 bits of the sequence, the payload 32 more. */
TEST(long_series)
{
	static const uint64_t sequences[] = {65535, 65536, (1 << 24) - 1, 1 << 24, (UINT64_C(1) << 47) + 65535};
	static const uint16_t sizes[] = {0, 4, 8, 16, 56};

	for (size_t i = 0; i < LENGTH_OF(sequences) * LENGTH_OF(sizes); i++) {
		struct rp_probe probe = third_of(sizes[i % 5]);

		probe.sequence = sequences[i / 5];
		struct fake_packet sent = packet_of(&probe);
		const struct fake_packet answers[] = {fake_echo_reply(&sent),
						      fake_icmp_error(&sent, 0x0a0000fe, RP_ICMP_TIME_EXCEEDED, 0, 28)};
		for (size_t k = 0; k < 2; k++) {
			struct match match = judge(&probe, &answers[k]);

			assert_int_equal(match.kind, k == 0 ? MATCH_REPLY : MATCH_ERROR);
			assert_int_equal(match.suspicion, RP_SUSPECT_NONE);
			assert_int_equal(match.span, k == 0 && probe.length >= 16 ? UINT64_C(1) << 48 : 65536);
			assert_int_equal(match.sequence, probe.sequence % match.span);
		}
	}
}
