/* SPDX-License-Identifier: MIT */
/* The engine with echo requests on a hand-driven world: which answers are believed, and why others are not. */
#include "fake.h"

ECHO_TEST(forged_echo_replies)
{
	static const struct {
		uint8_t at; /* a bit of this byte is another */
		bool repaired;
		enum rp_suspicion suspicion;
	} cases[] = {
		{22, false, RP_SUSPECT_CHECKSUM},
		{28, true, RP_SUSPECT_COOKIE},     /* the keyed value */
		{36, true, RP_SUSPECT_COOKIE},     /* the target */
		{26, true, RP_SUSPECT_NEVER_SENT}, /* sequence + 256 */
	};
	struct fake_packet forged;

	fake_start(fake);
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		forged = fake_echo_reply(&fake->sent);
		forged.bytes[cases[i].at] ^= 1;
		if (cases[i].repaired)
			fake_icmp_checksum(&forged);
		fake_expect_suspect(fake, forged, cases[i].suspicion);
	}
	forged = fake_echo_reply(&fake->sent);
	forged.length = 28 + 4; /* 4 bytes of payload came back */
	forged.bytes[3] = 32;
	fake_icmp_checksum(&forged);
	fake_expect_suspect(fake, forged, RP_SUSPECT_TRUNCATED);

	forged = fake_echo_reply(&fake->sent);
	forged.length -= 10; /* shorter than it says */
	fake_expect_suspect(fake, forged, RP_SUSPECT_TRUNCATED);
}

ECHO_TEST(foreign_is_no_event)
{
	fake_start(fake);
	unsigned before = fake->count;
	struct fake_packet foreign = fake_echo_reply(&fake->sent);
	foreign.bytes[24] ^= 1; /* identifier */
	fake_icmp_checksum(&foreign);
	fake_input(fake, foreign);
	fake_input(fake, fake->sent); /* our own request, on loopback */
	fake_input(fake, (struct fake_packet){.length = 0});
	assert_int_equal(fake->count, before);
}

ECHO_TEST(another_address_may_answer)
{
	fake_start(fake);
	struct fake_packet reply = fake_echo_reply(&fake->sent);
	reply.bytes[15] = 9; /* 10.0.0.9 has the keyed value: it was asked */
	fake_input(fake, reply);
	assert_true(fake_last(fake, RP_EVENT_REPLY)->different_address);
}

ECHO_TEST(changed_payload_is_reported)
{
	fake_start(fake);
	struct fake_packet reply = fake_echo_reply(&fake->sent);
	reply.bytes[28 + 40] ^= 0x10;
	fake_icmp_checksum(&reply);
	fake_input(fake, reply);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->wrong_data_offset, 40);
}

ECHO_TEST(sequence_wraps)
{
	struct fake_packet first = {0};

	fake->config.count = 0;
	fake->config.interval = 1 * MS;
	fake->config.timeout = 10 * MS;
	fake_open(fake);
	for (int i = 0; i < 65537; i++) {
		fake_send(fake);
		if (i == 0)
			first = fake_echo_reply(&fake->sent);
		fake->count = 0;
		fake_input(fake, fake_echo_reply(&fake->sent));
		fake->now += 1 * MS;
	}
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->sequence, 65537);
	assert_int_equal(fake_stats(fake).received, 65537);
	/* The same 16 bits of the cycle before: its slot is long gone, and it is not taken for the new one. */
	fake_input(fake, first);
	assert_int_equal(fake_count(fake, RP_EVENT_DUPLICATE), 0);
	assert_int_equal(fake_count(fake, RP_EVENT_SUSPECT), 1);
}

/* The header holds 16 bits of the sequence, and a short payload nothing more: the keyed value tells the rounds
 * apart. */
TEST(late_answer_of_the_round_before)
{
	for (uint16_t length = 4; length <= 16; length += 4) {
		struct fake_packet third = {0};
		struct fake fake;

		fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
		fake.config.count = 0;
		fake.config.interval = MS / 10;
		fake.config.payload_length = length;
		fake_open(&fake);
		for (unsigned i = 1; i <= 65536 + 3; i++, fake.now += MS / 10, fake.count = 0) {
			assert_true(fake_send_one(&fake, 0));
			if (i == 3)
				third = fake_echo_reply(&fake.sent);
		}
		fake_input(&fake, third);
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->sequence, 3);
		fake_input(&fake, fake_echo_reply(&fake.sent));
		assert_int_equal(fake_last(&fake, RP_EVENT_REPLY)->sequence, 65536 + 3);
		fake_fini(&fake);
	}
}

/* Targets that nobody named answer for a broadcast address with what they were sent. */
ECHO_TEST(short_payload_from_another_address)
{
	struct fake_packet reply;

	fake->config.payload_length = 8;
	fake_start(fake);
	reply = fake_echo_reply(&fake->sent);
	reply.bytes[15] = 9;
	fake_input(fake, reply);
	assert_true(fake_last(fake, RP_EVENT_REPLY)->different_address);
	assert_true(fake_last(fake, RP_EVENT_REPLY)->authenticated);
}

/* A payload that names nothing: the second target's turn has not come, so nothing was sent to it, and nothing
 * forgotten. */
FAKE_TEST(guess_of_what_comes_next, RP_PROBE_ICMP_ECHO, "10.0.0.2-3", NULL)
{
	fake->config.payload_length = 4;
	assert_int_equal(fake_start(fake), 1);
	struct fake_packet guess = fake_echo_reply(&fake->sent);
	guess.bytes[15] = 3;
	fake_expect_suspect(fake, guess, RP_SUSPECT_NEVER_SENT);
}
