/* SPDX-License-Identifier: MIT */
/* Targets whose addresses change: the list of moves, and the engine that probes them. */
#include "fake.h"

#include <errno.h>

#include "target/readdress.h"

#define A 0x0a000002
#define B 0x0a000003
#define C 0x0a000004

static uint32_t present(const struct readdress *moves, uint32_t target)
{
	struct rp_addr address = rp_addr_ipv4(A);

	readdress_apply(moves, target, &address);
	return rp_addr_ipv4_value(address);
}

/* Those that have or had an address, in the order in which they came. */
static bool found(const struct readdress *moves, uint32_t address, unsigned count, const uint32_t *targets)
{
	uint32_t cursor = 0;

	for (unsigned i = 0; i < count; i++)
		if (readdress_find(moves, rp_addr_ipv4(address), &cursor) != targets[i])
			return false;
	return readdress_find(moves, rp_addr_ipv4(address), &cursor) == -ENOENT;
}

TEST(the_last_address_counts)
{
	struct readdress moves = {0};

	assert_int_equal(present(&moves, 7), A);
	assert_int_equal(readdress_add(&moves, 7, rp_addr_ipv4(B)), 0);
	assert_int_equal(readdress_add(&moves, 8, rp_addr_ipv4(C)), 0);
	assert_int_equal(present(&moves, 7), B);
	assert_int_equal(present(&moves, 8), C);
	assert_int_equal(present(&moves, 9), A);
	assert_true(found(&moves, B, 1, (const uint32_t[]){7}));
	readdress_fini(&moves);
}

/* A name that goes round among many addresses costs no more than the last of them. */
TEST(few_addresses_are_remembered)
{
	struct readdress moves = {0};

	assert_int_equal(readdress_add(&moves, 1, rp_addr_ipv4(B)), 0);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(readdress_add(&moves, 0, rp_addr_ipv4(C + i % 100)), 0);
	assert_true(moves.count <= MOVES_MAX + 1);
	assert_int_equal(present(&moves, 0), C + 99);
	assert_int_equal(present(&moves, 1), B);
	assert_true(found(&moves, C + 99 - (MOVES_MAX - 1), 1, (const uint32_t[]){0}));
	assert_true(found(&moves, C + 99 - MOVES_MAX, 0, NULL));
	/* There and back again is two addresses. */
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(readdress_add(&moves, 1, rp_addr_ipv4(i % 2 ? B : A)), 0);
	assert_int_equal(present(&moves, 1), B);
	assert_true(found(&moves, A, 1, (const uint32_t[]){1}));
	readdress_fini(&moves);
}

/* A hundred thousand names of one address and as many of an address each: what one look-up per target costs when
 * each is in a walk along all of them would take minutes. */
TEST(many_targets)
{
	const uint32_t many = 100000;
	struct readdress moves = {0};
	uint32_t cursor = 0;

	for (uint32_t i = 0; i < many; i++) {
		assert_int_equal(readdress_add(&moves, i, rp_addr_ipv4(B)), 0);
		assert_int_equal(readdress_add(&moves, many + i, rp_addr_ipv4(C + i)), 0);
	}
	for (uint32_t i = 0; i < many; i++) {
		assert_int_equal(readdress_find(&moves, rp_addr_ipv4(B), &cursor), i);
		assert_int_equal(present(&moves, i), B);
		assert_int_equal(present(&moves, many + i), C + i);
		assert_true(found(&moves, C + i, 1, (const uint32_t[]){many + i}));
	}
	assert_int_equal(readdress_find(&moves, rp_addr_ipv4(B), &cursor), -ENOENT);
	readdress_fini(&moves);
}

/* ---- the engine ---- */

static void move(struct fake *fake, uint32_t target, uint32_t to)
{
	struct rp_addr before = rp_targets_at(fake->targets, target).address;

	assert_int_equal(rp_targets_move(fake->targets, target, rp_addr_ipv4(to)), 0);
	session_moved(fake->session, fake->now, target, before);
}

static uint32_t destination(const struct fake_packet *packet)
{
	struct rp_packet parsed;

	rp_packet_parse(&parsed, packet->bytes, packet->length);
	return rp_addr_ipv4_value(parsed.ip.destination);
}

/* Without room for the target's index in the payload, too: there the address alone tells whose answer it is. */
TEST(answers_of_both_addresses_count)
{
	static const uint16_t payloads[] = {56, 8, 0};

	for (size_t i = 0; i < LENGTH_OF(payloads); i++) {
		struct fake fake;
		struct fake_packet probes[4];

		fake_init(&fake, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL);
		fake.config.count = 4;
		fake.config.payload_length = payloads[i];
		fake_open(&fake);
		for (unsigned k = 0; k < 4; k++) {
			if (k == 2)
				move(&fake, 0, B);
			fake_run(&fake, SECOND - (k == 0));
			probes[k] = fake.sent;
			assert_int_equal(fake.sent_count, k + 1);
			assert_int_equal(destination(&probes[k]), k < 2 ? A : B);
		}
		const struct rp_event *event = fake_last(&fake, RP_EVENT_ADDRESS);
		assert_int_equal(rp_addr_ipv4_value(event->address), B);
		assert_int_equal(rp_addr_ipv4_value(event->from), A);
		assert_int_equal(event->target, 0);

		for (unsigned k = 0; k < 3; k++) {
			fake_input(&fake, fake_echo_reply(&probes[k]));
			event = fake_last(&fake, RP_EVENT_REPLY);
			assert_int_equal(event->sequence, k + 1);
			assert_int_equal(rp_addr_ipv4_value(event->address), k < 2 ? A : B);
			assert_false(event->different_address);
		}
		fake_input(&fake, fake_icmp_error(&probes[3], 0x0a0000fe, RP_ICMP_TIME_EXCEEDED, 0, 28));
		assert_int_equal(fake_last(&fake, RP_EVENT_ERROR)->sequence, 4);
		struct rp_stats stats = fake_stats(&fake);
		assert_int_equal(stats.received, 3);
		assert_int_equal(stats.suspect, 0);
		fake_fini(&fake);
	}
}

TEST(a_name_without_an_address_is_not_probed)
{
	struct fake one, *fake = &one;

	fake_init(fake, RP_PROBE_ICMP_ECHO, NULL, NULL);
	assert_int_equal(rp_targets_add_name(fake->targets, (struct rp_addr){0}, "late.example", "late.example"), 0);
	fake->config.count = 3;
	fake_open(fake);
	fake_run(fake, 1500 * MS);
	assert_int_equal(fake->sent_count, 0);
	assert_int_equal(fake_count(fake, RP_EVENT_UNSENT), 2);
	assert_int_equal(fake_last(fake, RP_EVENT_UNSENT)->error, EDESTADDRREQ);
	move(fake, 0, B);
	fake_run(fake, SECOND);
	assert_int_equal(fake->sent_count, 1);
	assert_int_equal(destination(&fake->sent), B);
	fake_input(fake, fake_echo_reply(&fake->sent));
	assert_int_equal(fake_stats(fake).received, 1);
	fake_fini(fake);
}

/* Two names of one host, and the same port: each has its own answer. */
FAKE_TEST(two_targets_at_one_address, RP_PROBE_TCP_SYN, "10.0.0.2-3", "22")
{
	struct fake_packet answers[2];

	fake_open(fake);
	move(fake, 1, A);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(fake_send_one(fake, 0));
		assert_int_equal(destination(&fake->sent), A);
		answers[i] = fake_segment(&fake->sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake->sent) + 1);
	}
	for (unsigned i = 0; i < 2; i++)
		fake_input(fake, answers[i]);
	assert_int_equal(fake_count(fake, RP_EVENT_PORT), 2);
	assert_int_equal(fake_count(fake, RP_EVENT_SUSPECT), 0);
	assert_int_equal(fake_count(fake, RP_EVENT_DUPLICATE), 0);
}

/* In whatever order the answers come; the search for whose they are begins where it ended. */
FAKE_TEST(many_targets_at_one_address, RP_PROBE_TCP_SYN, "10.0.0.2-6", "22")
{
	static const unsigned order[] = {3, 4, 0, 2, 1};
	struct fake_packet answers[LENGTH_OF(order)];

	fake_open(fake);
	for (uint32_t target = 1; target < LENGTH_OF(order); target++)
		move(fake, target, A);
	for (unsigned i = 0; i < LENGTH_OF(order); i++) {
		assert_true(fake_send_one(fake, 0));
		answers[i] = fake_segment(&fake->sent, RP_TCP_SYN | RP_TCP_ACK, fake_isn(&fake->sent) + 1);
	}
	for (unsigned i = 0; i < LENGTH_OF(order); i++)
		fake_input(fake, answers[order[i]]);
	assert_int_equal(fake_count(fake, RP_EVENT_PORT), LENGTH_OF(order));
	assert_int_equal(fake_count(fake, RP_EVENT_DUPLICATE) + fake_count(fake, RP_EVENT_SUSPECT), 0);
}
