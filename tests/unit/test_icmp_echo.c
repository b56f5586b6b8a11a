/* SPDX-License-Identifier: MIT */
/* The echo request byte by byte, and what proves a reply at each size of payload. */
#include "fake.h"

#include "probe/probe.h"

static struct probe_env env_of(uint16_t payload_length)
{
	return (struct probe_env){
		.key = {{9}},
		.time_to_live = 17,
		.type_of_service = 0xb8,
		.dont_fragment = true,
		.payload_length = payload_length,
		.identifier = 0xbeef,
		.last_sequence = 3,
	};
}

static const struct probe third = {
	.target = 0x01020304,
	.source = {RP_FAMILY_IPV4, {10, 0, 0, 1}},
	.destination = {RP_FAMILY_IPV4, {10, 0, 0, 2}},
	.sequence = 3,
};

/* Offsets of RFC 791 and RFC 792. */
TEST(bytes)
{
	struct probe_env env = env_of(20);
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
	struct probe_env env = env_of(20);
	uint8_t out[100];

	memcpy(env.pattern, (uint8_t[]){0xab, 0xcd, 0xef}, 3);
	env.pattern_length = 3;
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, sizeof out), 48);
	assert_memory_equal(out + 44, ((uint8_t[]){0xcd, 0xef, 0xab, 0xcd}), 4); /* bytes 16 to 19 of the pattern */
}

TEST(sizes)
{
	struct probe_env env = env_of(65507);
	uint8_t *out = malloc(65535);

	assert_non_null(out);
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, 65535), 65535);
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, 65534), 0);
	env.payload_length = 65508;
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, 65535), 0);
	env.payload_length = 0;
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, 28), 28);
	assert_int_equal(probe_icmp_echo.build(&env, &third, out, 27), 0);
	free(out);
}

/* The claim of the reply to `third` with that payload, changed in one byte at `flip` (-1: none). */
static struct claim reply_claim(uint16_t payload_length, int flip, size_t cut)
{
	struct probe_env env = env_of(payload_length);
	struct fake_packet probe = {0};
	struct rp_packet packet;
	struct claim claim;

	probe.length = probe_icmp_echo.build(&env, &third, probe.bytes, sizeof probe.bytes);
	struct fake_packet reply = fake_echo_reply(&probe);
	if (flip >= 0)
		reply.bytes[28 + flip] ^= 1;
	reply.length -= cut;
	reply.bytes[3] = (uint8_t)(reply.bytes[3] - cut);
	fake_icmp_checksum(&reply);
	rp_packet_parse(&packet, reply.bytes, reply.length);
	probe_icmp_echo.claim(&env, &packet, &claim);
	return claim;
}

TEST(proof_at_every_size)
{
	for (uint16_t size = 0; size <= 64; size++) {
		struct claim claim = reply_claim(size, -1, 0);

		assert_int_equal(claim.kind, CLAIM_REPLY);
		assert_int_equal(claim.number, 3);
		assert_int_equal(claim.authenticated, size >= 8);
		assert_int_equal(claim.target, size >= 16 ? third.target : TARGET_UNKNOWN);
		assert_int_equal(rp_addr_ipv4_value(claim.destination), 0x0a000002);
	}
}

TEST(every_byte_of_the_name_is_proven)
{
	for (int flip = 0; flip < 16; flip++) {
		assert_int_equal(reply_claim(56, flip, 0).suspicion, RP_SUSPECT_COOKIE);
		assert_int_equal(reply_claim(56, flip, 0).target, TARGET_UNKNOWN); /* nor is what it names believed */
	}
	for (int flip = 0; flip < 8; flip++)
		assert_int_equal(reply_claim(8, flip, 0).suspicion, RP_SUSPECT_COOKIE);
	assert_int_equal(reply_claim(56, 16, 0).kind, CLAIM_REPLY); /* the pattern is not the proof */
}

TEST(shortened_answers)
{
	assert_int_equal(reply_claim(56, -1, 36).kind, CLAIM_REPLY); /* 20 bytes came back */
	assert_int_equal(reply_claim(56, -1, 40).kind, CLAIM_REPLY); /* 16 */
	assert_int_equal(reply_claim(56, -1, 41).suspicion, RP_SUSPECT_TRUNCATED);
	assert_int_equal(reply_claim(56, -1, 56).suspicion, RP_SUSPECT_TRUNCATED);
	assert_int_equal(reply_claim(8, -1, 1).suspicion, RP_SUSPECT_TRUNCATED);
}

TEST(late_answer_of_the_cycle_before)
{
	struct probe_env env = env_of(8);
	struct probe probe = third;
	struct fake_packet sent = {0};
	struct rp_packet packet;
	struct claim claim;

	sent.length = probe_icmp_echo.build(&env, &probe, sent.bytes, sizeof sent.bytes);
	struct fake_packet reply = fake_echo_reply(&sent);
	rp_packet_parse(&packet, reply.bytes, reply.length);
	env.last_sequence = 65536 + 10;
	probe_icmp_echo.claim(&env, &packet, &claim);
	assert_int_equal(claim.kind, CLAIM_REPLY);
	assert_int_equal(claim.number, 3);
	env.last_sequence = 3 * 65536; /* two cycles ago: nobody waits for it */
	probe_icmp_echo.claim(&env, &packet, &claim);
	assert_int_equal(claim.kind, CLAIM_SUSPECT);
}

/* The header holds 16 bits of the number. */
TEST(long_series)
{
	static const uint64_t numbers[] = {65535, 65536, (1 << 24) - 1, 1 << 24, (UINT64_C(1) << 47) + 65535};
	static const uint16_t sizes[] = {0, 8, 16, 56};

	for (size_t i = 0; i < LENGTH_OF(numbers) * LENGTH_OF(sizes); i++) {
		struct probe_env env = env_of(sizes[i % 4]);
		struct probe probe = third;
		struct fake_packet sent = {0};

		probe.sequence = numbers[i / 4];
		sent.length = probe_icmp_echo.build(&env, &probe, sent.bytes, sizeof sent.bytes);
		const struct fake_packet answers[] = {fake_echo_reply(&sent),
						      fake_icmp_error(&sent, 0x0a0000fe, RP_ICMP_TIME_EXCEEDED, 0, 28)};
		for (uint64_t later = 0; later <= 65535; later += 13107) {
			env.last_sequence = probe.sequence + later;
			for (size_t k = 0; k < 2; k++) {
				struct rp_packet packet;
				struct claim claim;

				rp_packet_parse(&packet, answers[k].bytes, answers[k].length);
				probe_icmp_echo.claim(&env, &packet, &claim);
				assert_int_equal(claim.kind, k == 0 ? CLAIM_REPLY : CLAIM_ERROR);
				assert_int_equal(claim.number, probe.sequence);
			}
		}
	}
}
