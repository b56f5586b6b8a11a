/* SPDX-License-Identifier: MIT */
/* Every way in which a probe can end, one after the other in one run: which counters move, by the words of rprobe.h,
 * that they always add up, and what is the loss. */
#include "fake.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "out/report.h"

#define TIMEOUT (300 * MS)
#define ROUTER  0x0a0000fe

/* The probe has just been sent and answers are made of it; it is all over before the next second. */
typedef void (*happening)(struct fake *fake, const struct fake_packet *probe);

static void wait_ms(struct fake *fake, int64_t ms)
{
	fake->now += ms * MS;
	session_expire(fake->session, fake->now, fake->now);
}

static void answer(struct fake *fake, const struct fake_packet *probe)
{
	wait_ms(fake, 10);
	fake_input(fake, fake_echo_reply(probe));
}

static void answer_twice(struct fake *fake, const struct fake_packet *probe)
{
	answer(fake, probe);
	answer(fake, probe);
}

static void silence(struct fake *fake, const struct fake_packet *probe)
{
	(void)probe;
	wait_ms(fake, 300);
}

static void answer_late(struct fake *fake, const struct fake_packet *probe)
{
	silence(fake, probe);
	answer(fake, probe);
}

static void answer_late_twice(struct fake *fake, const struct fake_packet *probe)
{
	answer_late(fake, probe);
	answer(fake, probe);
}

static void truncation(struct fake *fake, const struct fake_packet *probe)
{
	struct fake_packet reply = fake_echo_reply(probe);

	reply.length -= 30;
	fake_input(fake, reply);
	silence(fake, probe);
}

static void damage(struct fake *fake, const struct fake_packet *probe)
{
	struct fake_packet reply = fake_echo_reply(probe);

	reply.bytes[40] ^= 1;
	fake_input(fake, reply);
}

static void damage_alone(struct fake *fake, const struct fake_packet *probe)
{
	damage(fake, probe);
	silence(fake, probe);
}

static void damage_then_answer(struct fake *fake, const struct fake_packet *probe)
{
	damage(fake, probe);
	answer(fake, probe);
}

/* The reply with other bits in that byte, and a good checksum. */
static void change(struct fake *fake, const struct fake_packet *probe, size_t byte, uint8_t bits)
{
	struct fake_packet reply = fake_echo_reply(probe);

	reply.bytes[byte] ^= bits;
	fake_icmp_checksum(&reply);
	fake_input(fake, reply);
}

static void other_data(struct fake *fake, const struct fake_packet *probe)
{
	change(fake, probe, 70, 0xff);
}

static void forgery(struct fake *fake, const struct fake_packet *probe)
{
	change(fake, probe, 29, 1); /* the keyed value */
	silence(fake, probe);
}

static void answer_to_the_future(struct fake *fake, const struct fake_packet *probe)
{
	change(fake, probe, 26, 0x40); /* the sequence number: 16384 ahead */
	answer(fake, probe);
}

static void error_alone(struct fake *fake, const struct fake_packet *probe)
{
	fake_input(fake, fake_icmp_error(probe, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	silence(fake, probe);
}

static void error_then_answer(struct fake *fake, const struct fake_packet *probe)
{
	fake_input(fake, fake_icmp_error(probe, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	answer(fake, probe);
}

static void advice_then_answer(struct fake *fake, const struct fake_packet *probe)
{
	fake_input(fake, fake_icmp_error(probe, ROUTER, RP_ICMP_REDIRECT, 1, 28));
	answer(fake, probe);
}

static const struct {
	const char *name;
	happening happens;
	struct rp_stats adds;
} ways[] = {
	{"answered", answer, {.received = 1, .samples = 1}},
	{"answered twice", answer_twice, {.received = 1, .duplicates = 1, .samples = 2}},
	{"silence", silence, {.lost = 1}},
	{"answered late", answer_late, {.late = 1}},
	{"answered late, twice", answer_late_twice, {.late = 1, .duplicates = 1, .samples = 1}},
	{"damaged", damage_alone, {.lost = 1, .corrupted = 1}},
	{"damaged, then whole", damage_then_answer, {.received = 1, .corrupted = 1, .samples = 1}},
	{"cut short", truncation, {.lost = 1, .corrupted = 1}},
	{"other data", other_data, {.received = 1, .altered = 1, .samples = 1}},
	{"an error", error_alone, {.lost = 1, .errors = 1}},
	{"an error, then the answer", error_then_answer, {.received = 1, .errors = 1, .samples = 1}},
	{"a redirect, then the answer", advice_then_answer, {.received = 1, .samples = 1}},
	{"forged", forgery, {.lost = 1, .suspect = 1}},
	{"an answer to what was not sent", answer_to_the_future, {.received = 1, .suspect = 1, .samples = 1}},
};
#define WAYS LENGTH_OF(ways)

static void add(struct rp_stats *sum, const struct rp_stats *more)
{
	sum->received += more->received;
	sum->lost += more->lost;
	sum->late += more->late;
	sum->duplicates += more->duplicates;
	sum->altered += more->altered;
	sum->errors += more->errors;
	sum->corrupted += more->corrupted;
	sum->suspect += more->suspect;
	sum->samples += more->samples;
}

static void compare(const struct fake *fake, const struct rp_stats *want, const char *after)
{
	struct rp_stats is = fake_stats(fake); /* which add up */
	double loss = report_loss(&is);
	bool same = is.sent == want->sent && is.unsent == want->unsent && is.received == want->received &&
		    is.lost == want->lost && is.late == want->late && is.in_flight == want->in_flight &&
		    is.duplicates == want->duplicates && is.altered == want->altered && is.errors == want->errors &&
		    is.corrupted == want->corrupted && is.suspect == want->suspect && is.samples == want->samples;

	if (!same)
		fail_msg("after '%s': sent %d unsent %d received %d lost %d late %d in flight %d duplicates %d altered "
			 "%d errors %d corrupted %d suspect %d samples %d",
			 after, (int)is.sent, (int)is.unsent, (int)is.received, (int)is.lost, (int)is.late,
			 (int)is.in_flight, (int)is.duplicates, (int)is.altered, (int)is.errors, (int)is.corrupted,
			 (int)is.suspect, (int)is.samples);
	assert_true(loss >= 0 && loss <= 100);
	if (want->sent > want->in_flight)
		/* An x87 has more digits than a double in memory. */
		assert_true(fabs(loss - 100.0 * (double)want->lost / (double)(want->sent - want->in_flight)) < 1e-9);
}

ECHO_TEST(every_way)
{
	struct rp_stats want = {0};

	fake->config.count = 0;
	fake->config.timeout = TIMEOUT;
	fake_open(fake);
	for (size_t i = 0; i < 3 * WAYS; i++) { /* thrice, each behind every history of one more round */
		fake->now = fake->start + (int64_t)i * SECOND;
		assert_int_equal(fake_send(fake), 1);
		want.sent++;
		want.in_flight++;
		compare(fake, &want, "sending");
		struct fake_packet probe = fake->sent;
		ways[i % WAYS].happens(fake, &probe);
		want.in_flight--;
		add(&want, &ways[i % WAYS].adds);
		compare(fake, &want, ways[i % WAYS].name);
	}
	session_end(fake->session, fake->now, RP_END_STOPPED, 0);
	compare(fake, &want, "the end");
}

ECHO_TEST(could_not_be_sent)
{
	static const int errors[] = {EPERM, ENETUNREACH, EMSGSIZE, EACCES, EINVAL, ENODEV};
	struct rp_stats want = {0};

	fake->config.count = 0;
	fake_open(fake);
	for (size_t i = 0; i < LENGTH_OF(errors); i++) {
		assert_true(fake_send_one(fake, errors[i]));
		want.unsent++;
		compare(fake, &want, strerror(errors[i]));
		assert_int_equal(fake_last(fake, RP_EVENT_UNSENT)->error, errors[i]);
		fake->now += SECOND;
	}
	fake->route_error = -ENETUNREACH;
	fake_send(fake);
	want.unsent++;
	compare(fake, &want, "no route");
	assert_true(report_loss(&(struct rp_stats){.unsent = 7}) == 100);
}

/* Young probes are in flight when the run is cut short, older ones are lost. */
ECHO_TEST(cut_short)
{
	fake->config.count = 0;
	fake->config.timeout = TIMEOUT;
	fake_start(fake);
	wait_ms(fake, 990);
	fake->now += 10 * MS;
	fake_send(fake);
	session_end(fake->session, fake->now + TIMEOUT - 1, RP_END_STOPPED, 0);
	compare(fake, &(struct rp_stats){.sent = 2, .lost = 1, .in_flight = 1}, "the end");
}

/* Behind an error nothing is expected: such a probe is lost however young it is, also behind one in flight. */
ECHO_TEST(cut_short_behind_an_error)
{
	fake->config.count = 0;
	fake->config.preload = 2;
	fake->config.timeout = TIMEOUT;
	assert_int_equal(fake_start(fake), 2);
	fake_input(fake, fake_icmp_error(&fake->sent, ROUTER, RP_ICMP_DESTINATION_UNREACHABLE, 1, 28));
	session_end(fake->session, fake->now + 1, RP_END_STOPPED, 0);
	compare(fake, &(struct rp_stats){.sent = 2, .lost = 1, .in_flight = 1, .errors = 1}, "the end");
}
