/* SPDX-License-Identifier: MIT */
/*
 * A session with a hand-driven world: time is a variable, what is sent is kept, answers are made from it.
 * Packets are made with wire/, which has scapy as its own oracle.
 *
 *     ECHO_TEST(duplicate_is_not_received)
 *     {
 *             fake->config.count = 2;
 *             fake_start(fake);
 *             fake_input(fake, fake_echo_reply(&fake->sent));
 *             ...
 */
#ifndef TESTS_UNIT_FAKE_H
#define TESTS_UNIT_FAKE_H

#include "unit.h"

#include "base/bytes.h"
#include "core/session.h"
#include "target/set.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

#define FAKE_EVENTS 512
#define FAKE_PACKET 2048

struct fake_packet {
	uint8_t bytes[FAKE_PACKET];
	size_t length;
	uint32_t slot;
};

struct fake {
	const struct probe_type *probe; /* NULL: what the config names; likewise */
	const struct plan_type *plan;
	struct rp_config config;
	struct rp_targets *targets;
	struct session *session;
	int64_t start, now;
	int route_error;
	struct rp_listener also;             /* hears all events, too; its function may be NULL */
	struct rp_event events[FAKE_EVENTS]; /* without the packets, which are gone */
	unsigned count;
	struct fake_packet sent; /* the last one */
	unsigned sent_count;
};

static void fake_event(void *user, const struct rp_event *event)
{
	struct fake *fake = user;

	assert_true(fake->count < FAKE_EVENTS);
	fake->events[fake->count] = *event;
	fake->events[fake->count++].packet = NULL;
	if (fake->also.event != NULL)
		fake->also.event(fake->also.user, event);
}

static int fake_route(void *user, struct rp_addr destination, struct rp_addr *source)
{
	(void)destination;
	*source = rp_addr_ipv4(0x0a000001); /* 10.0.0.1 */
	return ((struct fake *)user)->route_error;
}

/* A config for `target`; the test changes it before fake_open() or fake_start(). */
static inline void fake_init(struct fake *fake, enum rp_probe_type probe, const char *target, const char *ports)
{
	*fake = (struct fake){
		.start = 1000 * MS,
		.now = 1000 * MS,
		.config =
			{
				.probe = probe,
				.plan = probe == RP_PROBE_ICMP_ECHO ? RP_PLAN_SERIES : RP_PLAN_SCAN,
				.count = 1,
				.interval = 1000 * MS,
				.preload = 1,
				.timeout = RP_TIME_NONE,
				.deadline = RP_TIME_NONE,
				.time_to_live = 64,
				.payload_length = probe == RP_PROBE_ICMP_ECHO ? 56 : 0,
				.identifier = 0x1234,
				.max_retries = 2,
				.initial_rtt_timeout = 1000 * MS,
				.min_rtt_timeout = 100 * MS,
				.max_rtt_timeout = 10000 * MS,
			},
	};
	assert_int_equal(rp_targets_new(&fake->targets), 0);
	struct rp_ports *list = NULL;
	if (ports != NULL)
		assert_int_equal(rp_ports_parse(&list, ports, NULL), 0);
	assert_int_equal(rp_targets_set_ports(fake->targets, list), 0);
	rp_ports_free(list);
	if (target != NULL)
		assert_int_equal(set_add_text(fake->targets, target, NULL), 0);
}

static inline void fake_open(struct fake *fake)
{
	struct session_setup setup = {
		.probe = fake->probe,
		.plan = fake->plan,
		.key = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
		.identifier = 0x1234,
		.port_base = 40000,
		.port_count = 2,
		.now = fake->now,
		.wall_offset = 5,
		.route = fake_route,
		.user = fake,
	};

	fake->config.targets = fake->targets;
	assert_int_equal(session_new(&fake->session, &fake->config, &setup, &(struct rp_listener){fake_event, fake}),
			 0);
}

static inline void fake_fini(struct fake *fake)
{
	session_free(fake->session);
	rp_targets_free(fake->targets);
}

/* Sends the next probe, when one is due; `error` is what the kernel says to it. */
static inline bool fake_send_one(struct fake *fake, int error)
{
	struct frame frame = {.bytes = fake->sent.bytes, .size = sizeof fake->sent.bytes};

	assert_true(session_packet_size(fake->session) <= FAKE_PACKET);
	if (session_next(fake->session, fake->now, &frame) != 1)
		return false;
	fake->sent.length = frame.length;
	fake->sent.slot = frame.slot;
	fake->sent_count++;
	session_sent(fake->session, &frame, fake->now, error);
	return true;
}

/* Sends what is due now; how many. */
static inline unsigned fake_send(struct fake *fake)
{
	unsigned count = 0;

	while (count < 1000 && fake_send_one(fake, 0))
		count++;
	return count;
}

static inline unsigned fake_start(struct fake *fake)
{
	fake_open(fake);
	return fake_send(fake);
}

/* Lets so much time pass, stopping whenever the session wants to work. */
static inline void fake_run(struct fake *fake, int64_t duration)
{
	int64_t to = fake->now + duration;

	for (int steps = 0; steps < 100000 && !session_done(fake->session); steps++) {
		session_expire(fake->session, fake->now, fake->now);
		if (session_done(fake->session))
			return;
		fake_send(fake);
		int64_t due = session_deadline(fake->session);
		if (due > to)
			break;
		if (due > fake->now)
			fake->now = due;
	}
	if (fake->now < to && !session_done(fake->session))
		fake->now = to;
}

/* That packet comes now. */
static inline void fake_input(struct fake *fake, struct fake_packet packet)
{
	session_input(fake->session, packet.bytes, packet.length,
		      (struct rp_stamp){fake->now, fake->now + 5, RP_CLOCK_KERNEL, 0}, fake->now);
}

static inline unsigned fake_count(const struct fake *fake, enum rp_event_kind kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fake->count; i++)
		count += fake->events[i].kind == kind;
	return count;
}

/* The last event of that kind; the test fails when there is none. */
static inline const struct rp_event *fake_last(const struct fake *fake, enum rp_event_kind kind)
{
	for (unsigned i = fake->count; i-- > 0;) {
		if (fake->events[i].kind == kind)
			return &fake->events[i];
	}
	fail_msg("no event of kind %d", kind);
	abort();
}

static inline struct rp_stats fake_stats(const struct fake *fake)
{
	struct rp_stats stats;

	session_stats(fake->session, RP_ALL_TARGETS, &stats);
	assert_int_equal(stats.sent, stats.received + stats.lost + stats.late + stats.in_flight);
	return stats;
}

/* That packet must be told as suspect, for that reason, and count as no answer. */
static inline void fake_expect_suspect(struct fake *fake, struct fake_packet packet, enum rp_suspicion suspicion)
{
	unsigned before = fake->count;

	fake_input(fake, packet);
	assert_int_equal(fake->count, before + 1);
	assert_int_equal(fake->events[before].kind, RP_EVENT_SUSPECT);
	assert_int_equal(fake->events[before].suspicion, suspicion);
	assert_int_equal(fake_stats(fake).received, 0);
}

/* After a change of the ICMP message: its checksum again. */
static inline void fake_icmp_checksum(struct fake_packet *packet)
{
	uint8_t *icmp = packet->bytes + 20;

	icmp[2] = icmp[3] = 0;
	uint16_t sum = checksum_finish(checksum_add(0, icmp, packet->length - 20));
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
}

/* The echo reply to a probe. */
static inline struct fake_packet fake_echo_reply(const struct fake_packet *probe)
{
	struct fake_packet reply = *probe;

	memcpy(reply.bytes + 12, probe->bytes + 16, 4);
	memcpy(reply.bytes + 16, probe->bytes + 12, 4);
	reply.bytes[20] = RP_ICMP_ECHO_REPLY;
	fake_icmp_checksum(&reply);
	return reply;
}

/* An ICMP error from `from` that quotes `quoted` bytes of the probe. */
static inline struct fake_packet fake_icmp_error(const struct fake_packet *probe, uint32_t from, uint8_t type,
						 uint8_t code, size_t quoted)
{
	struct fake_packet error = {.length = 28 + quoted};
	struct writer writer = writer_of(error.bytes, sizeof error.bytes);

	ipv4_put(&writer, &(struct rp_ipv4){.version = 4,
					    .time_to_live = 60,
					    .protocol = RP_PROTOCOL_ICMP,
					    .total_length = (uint16_t)error.length,
					    .source = rp_addr_ipv4(from),
					    .destination = rp_addr_ipv4(0x0a000001)});
	writer_u8(&writer, type);
	writer_u8(&writer, code);
	writer_fill(&writer, 0, 6);
	writer_bytes(&writer, probe->bytes, quoted);
	fake_icmp_checksum(&error);
	return error;
}

/* A segment that answers a SYN. */
static inline struct fake_packet fake_segment(const struct fake_packet *probe, uint8_t flags, uint32_t acknowledgment)
{
	struct fake_packet answer = {.length = 40};
	struct rp_packet syn;

	rp_packet_parse(&syn, probe->bytes, probe->length);
	struct writer writer = writer_of(answer.bytes, sizeof answer.bytes);
	ipv4_put(&writer, &(struct rp_ipv4){.version = 4,
					    .time_to_live = 61,
					    .protocol = RP_PROTOCOL_TCP,
					    .total_length = 40,
					    .source = syn.ip.destination,
					    .destination = syn.ip.source});
	tcp_put(&writer,
		&(struct rp_tcp){.source_port = syn.tcp.destination_port,
				 .destination_port = syn.tcp.source_port,
				 .sequence = 77,
				 .acknowledgment = acknowledgment,
				 .flags = flags},
		syn.ip.destination, syn.ip.source, NULL, 0);
	assert_false(writer.failed);
	return answer;
}

static inline uint32_t fake_isn(const struct fake_packet *probe)
{
	struct rp_packet syn;

	rp_packet_parse(&syn, probe->bytes, probe->length);
	return syn.tcp.sequence;
}

static inline uint16_t fake_source_port(const struct fake_packet *probe)
{
	return (uint16_t)(probe->bytes[20] << 8 | probe->bytes[21]);
}

/* A test with a `struct fake *fake` that is initialised, and cleared away: one echo request, one port. */
#define FAKE_TEST(name, ...)                                                                                           \
	static void with_##name(struct fake *fake);                                                                    \
	TEST(name)                                                                                                     \
	{                                                                                                              \
		struct fake fake;                                                                                      \
                                                                                                                       \
		fake_init(&fake, __VA_ARGS__);                                                                         \
		with_##name(&fake);                                                                                    \
		fake_fini(&fake);                                                                                      \
	}                                                                                                              \
	static void with_##name(struct fake *fake)
#define ECHO_TEST(name) FAKE_TEST(name, RP_PROBE_ICMP_ECHO, "10.0.0.2", NULL)
#define SYN_TEST(name)  FAKE_TEST(name, RP_PROBE_TCP_SYN, "10.0.0.2", "22")

#endif
