/* SPDX-License-Identifier: MIT */
/*
 * A kind of probe and a plan that no table names are handed to a session as pointers, and to the packet filter and
 * an output: all that they need is in their own tables. The probe is a UDP datagram to a port that should be closed,
 * the plan climbs: each probe has a time to live, a type of service, a length and a source port of its own.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "fake.h"

#include "base/strbuf.h"
#include "core/driver.h"
#include "io/filter.h"
#include "out/out.h"
#include "plan/plan.h"
#include "probe/probe.h"
#include "wire/checksum.h"

/* ---- the probe: RFC 768 ------------------------------------------------------------------------ */

#define UDP        17
#define UDP_HEADER 8

static uint64_t udp_span(const struct probe_env *env)
{
	return env->port_count;
}

/* The sum is keyed: nobody else can make the datagram, and eight bytes of it are quoted. The first two bytes of
 * payload make it right: a kernel drops a datagram with a wrong one and sends no error. */
static void put_header(const struct probe_env *env, const struct rp_probe *probe, uint8_t header[UDP_HEADER])
{
	struct writer writer = writer_of(header, UDP_HEADER);

	writer_u16(&writer, probe->source_port);
	writer_u16(&writer, probe->port);
	writer_u16(&writer, (uint16_t)(UDP_HEADER + probe->length));
	writer_u16(&writer, (uint16_t)mac_make(&env->key, &probe->sequence, sizeof probe->sequence));
}

static size_t udp_build(const struct probe_env *env, const struct rp_probe *probe, uint8_t *out, size_t capacity)
{
	struct writer writer = writer_of(out, capacity);
	uint8_t header[UDP_HEADER];
	uint32_t sum = checksum_pseudo(probe->source, probe->destination, UDP, UDP_HEADER + probe->length);

	if (probe->length < sizeof(uint16_t))
		return 0;
	put_header(env, probe, header);
	ipv4_put(&writer, &(struct rp_ipv4){
				  .version = 4,
				  .type_of_service = probe->type_of_service,
				  .time_to_live = probe->time_to_live,
				  .dont_fragment = probe->dont_fragment,
				  .protocol = UDP,
				  .total_length = (uint16_t)(IPV4_HEADER_MIN + UDP_HEADER + probe->length),
				  .source = probe->source,
				  .destination = probe->destination,
			  });
	writer_bytes(&writer, header, sizeof header);
	writer_u16(&writer, checksum_finish(checksum_add(sum, header, sizeof header)));
	writer_fill(&writer, 0, probe->length - sizeof(uint16_t));
	return writer.failed ? 0 : writer_length(&writer);
}

static void udp_match(const struct probe_env *env, const struct rp_packet *packet, struct match *match)
{
	struct reader reader = reader_of(packet->quote.payload, packet->quote.payload_length);

	*match = (struct match){.kind = MATCH_FOREIGN, .target = TARGET_UNKNOWN};
	if (!packet->quote.present || packet->quote.ip.protocol != UDP)
		return;
	match_error(match, packet);
	match->source_port = reader_u16(&reader);
	match->port = reader_u16(&reader);
	match->sequence = (uint16_t)(match->source_port - env->port_base);
	match->span = env->port_count;
	match->unmatched = RP_SUSPECT_QUOTE;
	match->state = match->reason == RP_REASON_PORT_UNREACH ? RP_STATE_CLOSED : RP_STATE_FILTERED;
}

static enum rp_suspicion udp_verify(const struct probe_env *env, const struct rp_probe *probe,
				    const struct rp_packet *packet, struct match *match)
{
	uint8_t header[UDP_HEADER];

	put_header(env, probe, header);
	match->authenticated = memcmp(packet->quote.payload, header, sizeof header) == 0;
	return match->authenticated ? RP_SUSPECT_NONE : RP_SUSPECT_QUOTE;
}

static const struct probe_type toy_udp = {
	.name = "udp",
	.protocol = UDP,
	.ports = true,
	.states = true,
	.needs_source = true,
	.span = udp_span,
	.build = udp_build,
	.match = udp_match,
	.verify = udp_verify,
};

/* ---- the plan --------------------------------------------------------------------------------- */

#define STEPS 4

struct climb {
	const struct rp_config *config;
	uint16_t port_base;
	unsigned asked, concluded, reached;
};

static int climb_open(struct plan **plan, const struct plan_setup *setup)
{
	struct climb *climb = calloc(1, sizeof *climb);

	assert_non_null(climb);
	climb->config = setup->config;
	climb->port_base = setup->port_base;
	*plan = (struct plan *)climb;
	return 0;
}

static void climb_close(struct plan *plan)
{
	free(plan);
}

static struct plan_pace climb_pace(const struct rp_config *config, uint32_t a_round)
{
	(void)config, (void)a_round;
	return (struct plan_pace){.period = SECOND, .count = 10, .burst = 2};
}

static uint32_t climb_capacity(const struct rp_config *config, uint64_t a_round)
{
	(void)config, (void)a_round;
	return STEPS;
}

static int64_t climb_due(const struct plan *plan)
{
	return ((const struct climb *)plan)->asked < STEPS ? INT64_MIN : INT64_MAX;
}

static enum plan_answer climb_next(struct plan *plan, int64_t now, struct rp_probe *probe)
{
	struct climb *climb = (struct climb *)plan;

	(void)now;
	if (climb->asked == STEPS)
		return PLAN_WAIT;
	climb->asked++;
	probe->destination = rp_targets_at(climb->config->targets, 0).address;
	probe->port = (uint16_t)(33433 + climb->asked);
	probe->sequence = climb->asked;
	probe->time_to_live = (uint8_t)climb->asked;
	probe->type_of_service = (uint8_t)(4 * climb->asked);
	probe->length = (uint16_t)(100 * climb->asked);
	probe->dont_fragment = climb->asked % 2 == 0;
	probe->source_port = (uint16_t)(climb->port_base + climb->asked % 2);
	probe->tag = UINT64_MAX - climb->asked;
	probe->timeout = SECOND;
	return PLAN_PROBE;
}

static void climb_news(struct plan *plan, int64_t now, const struct plan_news *news)
{
	struct climb *climb = (struct climb *)plan;

	(void)now;
	assert_true(news->kind == PLAN_NEWS_ERROR || news->kind == PLAN_NEWS_TIMEOUT);
	assert_int_equal(news->probe->tag, UINT64_MAX - news->probe->sequence);
	climb->concluded += news->concluded;
	climb->reached += news->state == RP_STATE_CLOSED;
}

static struct plan_end climb_ends(const struct plan *plan)
{
	const struct climb *climb = (const struct climb *)plan;

	return (struct plan_end){.at = climb->concluded == STEPS ? INT64_MIN : INT64_MAX,
				 .why = climb->reached > 0 ? RP_END_REACHED : RP_END_COMPLETE,
				 .waited = true};
}

static const struct plan_type toy_climb = {
	.name = "climb",
	.chooses_ports = true,
	.hears = PLAN_HEARS(PLAN_NEWS_ERROR) | PLAN_HEARS(PLAN_NEWS_TIMEOUT),
	.pace = climb_pace,
	.capacity = climb_capacity,
	.open = climb_open,
	.next = climb_next,
	.news = climb_news,
	.due = climb_due,
	.ends = climb_ends,
	.close = climb_close,
};

/* ---- a path with three routers ---------------------------------------------------------------- */

struct path {
	struct fake *fake;
	struct frame frame;
	uint8_t bytes[FAKE_PACKET];
	struct fake_packet answers[STEPS];
	unsigned sent, read;
	struct strbuf *text;
	struct out *out;
};

static unsigned path_room(struct path *path, int64_t now, struct frame **frames)
{
	(void)now;
	path->frame = (struct frame){.bytes = path->bytes, .size = sizeof path->bytes};
	*frames = &path->frame;
	return 1;
}

/* The datagram runs into a router as far on as its time to live, and the fourth is the target. The third says
 * nothing. */
static int path_send(struct path *path, struct frame *frames, unsigned count)
{
	struct fake_packet probe = {.length = frames->length};
	bool reached = frames->bytes[8] == STEPS;

	memcpy(probe.bytes, frames->bytes, frames->length);
	assert_int_equal(frames->bytes[9], UDP);
	uint32_t sum = checksum_pseudo(rp_addr_ipv4(0x0a000001), rp_addr_ipv4(0x0a000002), UDP, frames->length - 20);
	assert_int_equal(checksum_finish(checksum_add(sum, frames->bytes + 20, frames->length - 20)), 0);
	assert_int_equal(frames->bytes[1], 4 * frames->bytes[8]);
	assert_int_equal(frames->length, 28 + 100u * frames->bytes[8]);
	assert_int_equal(frames->bytes[6], frames->bytes[8] % 2 == 0 ? 0x40 : 0);
	if (frames->bytes[8] != 3)
		path->answers[path->sent++] = fake_icmp_error(
			&probe, reached ? 0x0a000002 : 0x0a0000f0u + frames->bytes[8],
			reached ? RP_ICMP_DESTINATION_UNREACHABLE : RP_ICMP_TIME_EXCEEDED, reached ? 3 : 0, 28);
	return (int)count;
}

static int path_stamps(struct path *path, struct departed *departed, unsigned count)
{
	(void)path, (void)departed, (void)count;
	return 0;
}

static int path_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	*now = path->fake->now;
	if (path->read == path->sent || count == 0)
		return 0;
	const struct fake_packet *answer = &path->answers[path->read++];
	*arrived = (struct arrived){
		.bytes = answer->bytes, .length = answer->length, .stamp = {.ns = *now, .clock = RP_CLOCK_KERNEL}};
	return 1;
}

static bool path_readable(const struct path *path)
{
	return path->read < path->sent;
}

static void path_look(struct path *path)
{
	(void)path;
}

static int64_t path_seen(const struct path *path)
{
	return path->fake->now;
}

static const struct path_type toy_path = {
	.name = "toy",
	.room = path_room,
	.send = path_send,
	.stamps = path_stamps,
	.read = path_read,
	.readable = path_readable,
	.look = path_look,
	.seen = path_seen,
};

static int64_t path_clock(void *user)
{
	return ((const struct fake *)user)->now;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static void climb(struct fake *fake, struct path *path)
{
	struct driver driver;

	fake->probe = &toy_udp;
	fake->plan = &toy_climb;
	fake_open(fake);
	*path = (struct path){.fake = fake};
	driver_init(&driver, fake->session, &toy_path, path, path_clock, fake);
	for (unsigned i = 0; i < 100 && !session_done(fake->session); i++) {
		int64_t next = driver_step(&driver);

		if (next > fake->now && next < INT64_MAX)
			fake->now = next;
	}
	assert_true(session_done(fake->session));
}

FAKE_TEST(through_the_driver, RP_PROBE_TCP_SYN, "10.0.0.2", "33434-33437")
{
	static struct path path;

	climb(fake, &path);
	assert_int_equal(fake_last(fake, RP_EVENT_DONE)->end, RP_END_REACHED);
	assert_int_equal(fake_stats(fake).sent, STEPS);
	assert_int_equal(fake_stats(fake).errors, STEPS - 1);
	assert_int_equal(fake_stats(fake).lost, STEPS);
	const struct rp_event *last = fake_last(fake, RP_EVENT_ERROR);
	assert_int_equal(last->sequence, STEPS);
	assert_int_equal(last->state, RP_STATE_CLOSED);
	assert_true(last->authenticated);
	assert_int_equal(fake_count(fake, RP_EVENT_TIMEOUT), STEPS);
}

/* What the kernel would let through is asked of the program itself. */
FAKE_TEST(what_is_expected, RP_PROBE_TCP_SYN, "10.0.0.2", "33434-33437")
{
	static struct path path;
	struct filter filter = {.fd = -1};

	climb(fake, &path);
	assert_int_equal(filter_attach_errors(&filter, toy_udp.protocol, 40000, 2), 0);
	assert_true(filter.refused);
	for (unsigned i = 0; i < path.sent; i++)
		assert_true(filter_passes(&filter, path.answers[i].bytes, path.answers[i].length));
	path.answers[0].bytes[28 + 20] ^= 1; /* another port */
	path.answers[1].bytes[28 + 9] = 6;   /* TCP */
	for (unsigned i = 0; i < 2; i++)
		assert_false(filter_passes(&filter, path.answers[i].bytes, path.answers[i].length));
}

/* Forged, the error quotes another datagram. */
FAKE_TEST(what_is_not_believed, RP_PROBE_TCP_SYN, "10.0.0.2", "33434-33437")
{
	struct fake_packet error;

	fake->probe = &toy_udp;
	fake->plan = &toy_climb;
	fake_open(fake);
	assert_true(fake_send_one(fake, 0));
	for (unsigned at = 20; at < 28; at++) {
		struct fake_packet other = fake->sent;

		other.bytes[at] ^= 1;
		error = fake_icmp_error(&other, 0x0a0000f1, RP_ICMP_TIME_EXCEEDED, 0, 28);
		fake_expect_suspect(fake, error, RP_SUSPECT_QUOTE);
	}
}

static void show(void *user, const struct rp_event *event)
{
	const struct rp_probe *probe = event->probe;

	if (event->kind != RP_EVENT_SENT)
		return;
	++*(unsigned *)user;
	assert_int_equal(probe->time_to_live, probe->sequence);
	assert_int_equal(probe->type_of_service, 4 * probe->sequence);
	assert_int_equal(probe->length, 100 * probe->sequence);
	assert_int_equal(probe->dont_fragment, probe->sequence % 2 == 0);
	assert_int_equal(probe->source_port, 40000 + probe->sequence % 2);
	assert_int_equal(rp_addr_ipv4_value(probe->source), 0x0a000001);
	assert_int_equal(probe->port, event->port);
}

FAKE_TEST(events_show_the_probe, RP_PROBE_TCP_SYN, "10.0.0.2", "33434-33437")
{
	static struct path path;
	unsigned shown = 0;

	fake->also = (struct rp_listener){show, &shown};
	climb(fake, &path);
	assert_int_equal(shown, STEPS);
}

FAKE_TEST(through_an_output, RP_PROBE_TCP_SYN, "10.0.0.2", "33434-33437")
{
	static struct path path;
	struct out_results results = {.config = &fake->config};
	struct out_run run = {.tool = "toy", .probe = "udp", .plan = "climb", .ports = true, .results = &results};
	struct strbuf text;
	struct out *out;

	climb(fake, &path);
	results.grid = rp_targets_probed(fake->targets);
	strbuf_init(&text);
	assert_int_equal(out_new(&out, &out_json, &run), 0);
	for (unsigned i = 0; i < fake->count && fake->events[i].kind != RP_EVENT_DONE; i++)
		out_json.event(out, &fake->events[i], &text);
	assert_non_null(strstr(text.text, "\"event\":\"error\""));
	assert_non_null(strstr(text.text, "\"port\":33437,\"seq\":4"));
	out_free(out, &out_json);
	strbuf_fini(&text);
}
