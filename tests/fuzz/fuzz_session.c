/* SPDX-License-Identifier: MIT */
/*
 * A whole run, session and driver, against a world that the bytes drive: first what is to be done, then one step after
 * the other. Time, key and addresses are fixed, so an input is its own replay. The ledger is kept of the events alone,
 * the session must agree with it after every step, and the run must come to its end.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/bytes.h"
#include "core/driver.h"
#include "ledger.h"
#include "target/set.h"
#include "wire/checksum.h"
#include "wish.h"

#define MS       INT64_C(1000000)
#define PROBES   (LEDGER_PROBES - UNSOLD) /* after so many the run is stopped, before any slot is used twice */
#define RECENT   16                       /* probes that can be answered */
#define UNSOLD   4                        /* frames of a batch */
#define PACKET   1600                     /* of a longer probe the rest is zero */
#define ROUTER   0x0a0000fe
#define OURSELF  0x0a000001
#define STEP_CAP 20000
#define TIME_END (INT64_MAX / 16) /* 18 years of running: nothing is promised beyond */

struct sent {
	uint8_t bytes[PACKET];
	size_t length;
	uint32_t slot;
};

struct given {
	uint8_t *bytes; /* just as long as the packet: a sanitizer sees a read behind it */
	struct arrived arrived;
};

struct world {
	struct reader input;
	struct rp_config config;
	struct session *session;
	int64_t now, wall_offset, wall_most; /* ... the largest so far */
	struct ledger ledger;
	struct sent recent[RECENT];
	uint32_t numbers[LEDGER_PROBES]; /* TCP: the sequence numbers of what was sent */
	unsigned sent;
	unsigned bad_sends, bad_routes; /* how many of the next are refused */
	unsigned full, bad_reads;       /* how many of the next sends find no room, of the next reads fail */
	struct driver driver;
	struct frame frames[UNSOLD];
	uint8_t *frame_bytes;
	struct given given; /* what can be read */
	struct departed departed;
	bool has_packet, has_stamp;
};

/* ---- what is to be done ----------------------------------------------------------------------- */

static uint8_t take(struct world *world)
{
	return reader_u8(&world->input);
}

/* One of a table, by the next byte. */
#define pick(world, table) ((table)[take(world) % (sizeof(table) / sizeof((table)[0]))])

static int route(void *user, struct rp_addr destination, struct rp_addr *source)
{
	struct world *world = user;

	(void)destination;
	*source = rp_addr_ipv4(OURSELF);
	if (world->bad_routes == 0)
		return 0;
	world->bad_routes--;
	return -ENETUNREACH;
}

/* What is believed to be the answer to a SYN acknowledges one, perhaps with its data (a RST may leave out the one byte
 * that SYN is). */
static bool acknowledges(const struct world *world, const struct rp_tcp *tcp)
{
	for (unsigned i = 0; i < world->sent && i < LEDGER_PROBES; i++) {
		if (tcp->acknowledgment == world->numbers[i] + 1 ||
		    tcp->acknowledgment == world->numbers[i] + 1 + world->config.payload_length ||
		    (tcp->flags & RP_TCP_RST && tcp->acknowledgment == world->numbers[i]))
			return true;
	}
	return false;
}

static void on_event(void *user, const struct rp_event *event)
{
	struct world *world = user;
	bool answer =
		event->kind == RP_EVENT_REPLY || event->kind == RP_EVENT_DUPLICATE || event->kind == RP_EVENT_LATE;

	if (answer && event->packet->ip.protocol == RP_PROTOCOL_TCP && event->packet->tcp.flags & RP_TCP_ACK)
		check(acknowledges(world, &event->packet->tcp));
	ledger_event(&world->ledger, event);
}

static void open_session(struct world *world)
{
	struct session_setup setup = {
		.key = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
		.identifier = 0x1234,
		.port_base = 40000,
		.port_count = 2,
		.now = world->now,
		.wall_offset = world->wall_offset,
		.route = route,
		.user = world,
	};

	wish_take(&world->config, &world->input);
	check(session_new(&world->session, &world->config, &setup, &(struct rp_listener){on_event, world}) == 0);
}

/* ---- the path --------------------------------------------------------------------------------- */

static unsigned world_room(struct path *path, int64_t now, struct frame **frames)
{
	struct world *world = (struct world *)path;
	unsigned left = world->ledger.count < PROBES ? PROBES - world->ledger.count : 0;

	(void)now;
	*frames = world->frames;
	return left < UNSOLD ? left : UNSOLD;
}

static void note_sent(struct world *world, const struct frame *frame)
{
	struct sent *sent = &world->recent[world->sent++ % RECENT];
	struct rp_packet packet;

	rp_packet_parse(&packet, frame->bytes, frame->length);
	check(packet.verdict == RP_PACKET_OK);
	check((packet.checksum == RP_CHECKSUM_GOOD) != world->config.wrong_checksum);
	check(rp_addr_equal(packet.ip.destination, frame->next));
	world->numbers[(world->sent - 1) % LEDGER_PROBES] = packet.tcp.sequence;
	*sent = (struct sent){.length = frame->length < PACKET ? frame->length : PACKET, .slot = frame->slot};
	memcpy(sent->bytes, frame->bytes, sent->length);
}

static int world_send(struct path *path, struct frame *frames, unsigned count)
{
	static const int no_room[] = {-ENOBUFS, -ENOMEM, -EAGAIN, -EINTR};
	struct world *world = (struct world *)path;

	check(count > 0);
	if (world->full > 0)
		return no_room[world->full-- % 4];
	if (world->bad_sends > 0) {
		world->bad_sends--;
		return -EPERM;
	}
	note_sent(world, frames);
	return 1;
}

static int world_stamps(struct path *path, struct departed *departed, unsigned count)
{
	struct world *world = (struct world *)path;

	if (!world->has_stamp || count == 0)
		return 0;
	world->has_stamp = false;
	*departed = world->departed;
	return 1;
}

static int world_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	struct world *world = (struct world *)path;

	*now = world->now;
	if (world->bad_reads > 0) {
		world->bad_reads--;
		return -ENOMEM;
	}
	if (!world->has_packet || count == 0)
		return 0;
	world->has_packet = false;
	*arrived = world->given.arrived;
	return 1;
}

static bool world_readable(const struct path *path)
{
	const struct world *world = (const struct world *)path;

	return world->has_packet || world->has_stamp;
}

static void world_look(struct path *path)
{
	(void)path;
}

static int64_t world_seen(const struct path *path)
{
	const struct world *world = (const struct world *)path;

	return world->has_packet ? world->given.arrived.stamp.ns : world->now;
}

static const struct path_type world_path = {
	.name = "fuzzed",
	.room = world_room,
	.send = world_send,
	.stamps = world_stamps,
	.read = world_read,
	.readable = world_readable,
	.look = world_look,
	.seen = world_seen,
};

static int64_t world_clock(void *user)
{
	return ((const struct world *)user)->now;
}

static void open_driver(struct world *world)
{
	size_t size = session_packet_size(world->session);

	world->frame_bytes = calloc(UNSOLD, size);
	check(world->frame_bytes != NULL);
	for (unsigned i = 0; i < UNSOLD; i++)
		world->frames[i] = (struct frame){.bytes = world->frame_bytes + i * size, .size = size};
	driver_init(&world->driver, world->session, &world_path, (struct path *)world, world_clock, world);
}

/* All that is due now; when there is something to do next. */
static int64_t work(struct world *world)
{
	int64_t next = 0;

	for (unsigned i = 0; next <= world->now && !world->ledger.done && world->ledger.count < PROBES; i++) {
		check(i < 1000);
		next = driver_step(&world->driver);
		ledger_check(&world->ledger, world->session);
	}
	return next;
}

/* ---- receiving -------------------------------------------------------------------------------- */

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* The transport checksum of a packet, where one can be. */
static void fix_checksum(uint8_t *bytes, size_t length)
{
	size_t header = length >= 20 ? (bytes[0] & 15U) * 4 : 0;
	bool tcp = header >= 20 && bytes[9] == RP_PROTOCOL_TCP;
	size_t at = header + (tcp ? 16 : 2);
	uint32_t sum = 0;

	if (header < 20 || at + 2 > length)
		return;
	put16(bytes + at, 0);
	if (tcp)
		sum = checksum_add(RP_PROTOCOL_TCP + (uint32_t)(length - header), bytes + 12, 8);
	put16(bytes + at, checksum_finish(checksum_add(sum, bytes + header, length - header)));
}

/* Turns a probe into what may come back for it. */
static size_t answer(struct world *world, uint8_t *bytes, const struct sent *probe)
{
	static const uint8_t types[] = {3, 11, 12, 4, 5, 3, 3, 3};
	static const uint8_t flags[] = {0x12, 0x14, 0x04, 0x02, 0x52, 0x10};
	uint8_t kind = take(world);
	uint8_t detail = take(world);
	size_t length = probe->length;
	size_t header = (probe->bytes[0] & 15U) * 4;

	memcpy(bytes, probe->bytes, length);
	if (kind & 0x80) { /* an ICMP error with a part of the probe */
		size_t quoted = detail < length ? detail : length;

		memmove(bytes + 28, bytes, quoted);
		length = 28 + quoted;
		memset(bytes, 0, 28);
		bytes[0] = 0x45;
		bytes[9] = RP_PROTOCOL_ICMP;
		put32(bytes + 12, ROUTER);
		put32(bytes + 16, OURSELF);
		bytes[20] = types[kind & 7];
		bytes[21] = kind >> 3 & 15;
	} else {
		memcpy(bytes + 12, probe->bytes + 16, 4);
		memcpy(bytes + 16, probe->bytes + 12, 4);
		if (bytes[9] == RP_PROTOCOL_ICMP) {
			bytes[header] = RP_ICMP_ECHO_REPLY;
		} else {
			uint32_t isn = (uint32_t)probe->bytes[24] << 24 | (uint32_t)probe->bytes[25] << 16 |
				       (uint32_t)probe->bytes[26] << 8 | probe->bytes[27];

			memcpy(bytes + 20, probe->bytes + 22, 2);
			memcpy(bytes + 22, probe->bytes + 20, 2);
			put32(bytes + 28, isn + 1 - (detail & 3));
			bytes[33] = flags[kind % sizeof flags];
		}
	}
	put16(bytes + 2, (unsigned)length);
	return length;
}

static void receive(struct world *world, bool raw)
{
	static const enum rp_clock clocks[] = {RP_CLOCK_KERNEL, RP_CLOCK_USER, RP_CLOCK_HARDWARE};
	uint8_t bytes[PACKET + 28];
	size_t length = 0;
	uint8_t how = take(world);

	if (raw) {
		length = how < reader_left(&world->input) ? how : reader_left(&world->input);
		if (length > 0)
			memcpy(bytes, reader_take(&world->input, length), length);
	} else if (world->sent > 0) {
		length = answer(world, bytes, &world->recent[(world->sent - 1 - (how >> 4)) % RECENT]);
		for (unsigned i = how & 3; i > 0 && length > 0; i--) {
			uint8_t at = take(world);
			bytes[at % length] ^= take(world);
		}
		if (!(how & 4))
			fix_checksum(bytes, length);
		if (how & 8)
			length = take(world) % (length + 1);
	}

	enum rp_clock clock = pick(world, clocks);
	int64_t rx = world->now - take(world) * 100000, hardware = take(world) * 1000;
	free(world->given.bytes);
	world->given.bytes = malloc(length > 0 ? length : 1);
	check(world->given.bytes != NULL);
	memcpy(world->given.bytes, bytes, length);
	world->given.arrived = (struct arrived){world->given.bytes, length,
						(struct rp_stamp){rx, rx + world->wall_offset, clock, hardware}};
	world->has_packet = true;
}

static void stamp(struct world *world)
{
	static const int64_t delays[] = {0, 1000, 50000, 20 * MS, -MS, 5000 * MS};
	uint8_t which = take(world);
	int64_t tx = world->now + pick(world, delays), hardware = take(world) * 1000;
	enum rp_clock clock = which & 0x80 ? RP_CLOCK_USER : RP_CLOCK_KERNEL;

	if (world->sent <= which % RECENT)
		return;
	world->departed = (struct departed){world->recent[(world->sent - 1 - which % RECENT) % RECENT].slot,
					    (struct rp_stamp){tx, tx + world->wall_offset, clock, hardware}};
	world->has_stamp = true;
}

/* ---- the run ---------------------------------------------------------------------------------- */

/* To the next instant at which there is something to do. */
static void advance(struct world *world)
{
	int64_t deadline = session_deadline(world->session);

	if (deadline > world->now && deadline < INT64_MAX)
		world->now = deadline;
}

static void step(struct world *world)
{
	switch (take(world) % 12) {
	case 0:
		world->now += take(world) * MS;
		break;
	case 1:
		advance(world);
		break;
	case 2:
	case 3:
	case 4:
		receive(world, false);
		break;
	case 5:
		receive(world, true);
		break;
	case 6:
		stamp(world);
		break;
	case 7:
		world->bad_sends = take(world) % 8;
		break;
	case 8:
		world->bad_routes = take(world) % 8;
		break;
	case 9: /* packets are made and wait for room in the kernel, or nothing can be read, while time passes */
		world->full = take(world) % 16;
		world->bad_reads = world->full / 4;
		work(world);
		world->now += take(world) * 10 * MS;
		break;
	case 10: {
		int64_t offset = take(world) * 1000 * MS;
		session_set_wall_offset(world->session, offset);
		world->wall_offset = offset;
		world->wall_most = offset > world->wall_most ? offset : world->wall_most;
		break;
	}
	case 11:
		if (take(world) == 0xff)
			world->driver.stopping = true;
		break;
	}
	work(world);
}

/* Silence: the run must end by itself, unless it was asked not to. */
static void run_out(struct world *world)
{
	world->bad_sends = world->bad_routes = world->full = world->bad_reads = 0;
	for (unsigned steps = 0; !world->ledger.done && world->ledger.count < PROBES && world->now < TIME_END;
	     steps++) {
		check(steps < STEP_CAP);
		int64_t next = work(world);
		if (world->ledger.done || world->ledger.count >= PROBES)
			break;
		if (next == INT64_MAX) {
			check(world->config.timeout == INT64_MAX || world->config.count_replies);
			break;
		}
		world->now = next > world->now ? next : world->now;
	}
	session_end(world->session, world->now, RP_END_STOPPED, 0);
	check(world->ledger.done);
}

static void check_end(struct world *world)
{
	/* What comes after the end is no event. */
	check(session_deadline(world->session) == INT64_MAX);
	check(session_next(world->session, world->now, &world->frames[0]) == 0);
	receive(world, false);
	check(driver_step(&world->driver) == INT64_MAX);
	ledger_check_end(&world->ledger, world->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct world world = {.input = reader_of(bytes, length), .now = 1000000 * MS, .wall_offset = 5, .wall_most = 5};

	world.ledger = (struct ledger){.config = &world.config, .now = &world.now, .wall_most = &world.wall_most};
	open_session(&world);
	open_driver(&world);
	work(&world);
	while (!world.ledger.done && world.ledger.count < PROBES && world.now < TIME_END &&
	       reader_left(&world.input) > 0)
		step(&world);
	run_out(&world);
	check_end(&world);
	session_free(world.session);
	free(world.frame_bytes);
	free(world.given.bytes);
	wish_free(&world.config);
	return 0;
}
