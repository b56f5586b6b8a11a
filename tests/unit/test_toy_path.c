/* SPDX-License-Identifier: MIT */
/*
 * A toy path: a wire in memory that turns each echo request into its reply, 10 ms later. It is handed to the driver as
 * a pointer, and no other file knows it. (The simulated kernel of tests/sim is another one.)
 */
#include <errno.h>

#include "fake.h"

#include "core/driver.h"

#define WIRE  8
#define DELAY (10 * MS)

struct path {
	struct fake *fake;
	struct frame frames[WIRE];
	uint8_t bytes[WIRE][FAKE_PACKET];
	struct {
		uint8_t bytes[FAKE_PACKET];
		size_t length;
		uint32_t slot;
		int64_t sent;
	} packets[WIRE]; /* on the wire, the oldest first */
	unsigned count, stamped;
};

static unsigned toy_room(struct path *path, int64_t now, struct frame **frames)
{
	(void)now;
	for (unsigned i = 0; i < WIRE; i++)
		path->frames[i] = (struct frame){.bytes = path->bytes[i], .size = FAKE_PACKET};
	*frames = path->frames;
	return WIRE;
}

/* The other one's address is the target's, which answers. */
static void turn_round(uint8_t *packet, size_t length)
{
	uint8_t source[4];

	memcpy(source, packet + 12, sizeof source);
	memcpy(packet + 12, packet + 16, sizeof source);
	memcpy(packet + 16, source, sizeof source);
	packet[20] = RP_ICMP_ECHO_REPLY;
	packet[22] = packet[23] = 0;
	uint16_t sum = checksum_finish(checksum_add(0, packet + 20, length - 20));
	packet[22] = (uint8_t)(sum >> 8);
	packet[23] = (uint8_t)sum;
}

static int toy_send(struct path *path, struct frame *frames, unsigned count)
{
	unsigned sent = 0;

	for (; sent < count && path->count < WIRE; sent++, path->count++) {
		memcpy(path->packets[path->count].bytes, frames[sent].bytes, frames[sent].length);
		path->packets[path->count].length = frames[sent].length;
		path->packets[path->count].slot = frames[sent].slot;
		path->packets[path->count].sent = path->fake->now;
	}
	return sent > 0 ? (int)sent : -ENOBUFS;
}

static int toy_stamps(struct path *path, struct departed *departed, unsigned count)
{
	unsigned given = 0;

	for (; given < count && path->stamped < path->count; given++, path->stamped++)
		departed[given] =
			(struct departed){path->packets[path->stamped].slot,
					  {.ns = path->packets[path->stamped].sent, .clock = RP_CLOCK_KERNEL}};
	return (int)given;
}

static bool toy_readable(const struct path *path)
{
	return path->count > 0 && path->packets[0].sent + DELAY <= path->fake->now;
}

/* One packet at a time: its bytes live until the next call. */
static int toy_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	static uint8_t bytes[FAKE_PACKET];

	*now = path->fake->now;
	if (!toy_readable(path) || count == 0)
		return 0;
	memcpy(bytes, path->packets[0].bytes, path->packets[0].length);
	turn_round(bytes, path->packets[0].length);
	*arrived = (struct arrived){
		bytes, path->packets[0].length, {.ns = path->packets[0].sent + DELAY, .clock = RP_CLOCK_KERNEL}};
	memmove(path->packets, path->packets + 1, --path->count * sizeof *path->packets);
	path->stamped -= path->stamped > 0;
	return 1;
}

static void toy_look(struct path *path)
{
	(void)path;
}

static int64_t toy_seen(const struct path *path)
{
	return path->fake->now;
}

static int64_t clock_of(void *user)
{
	return ((const struct fake *)user)->now;
}

static const struct path_type toy = {
	.name = "toy",
	.room = toy_room,
	.send = toy_send,
	.stamps = toy_stamps,
	.read = toy_read,
	.readable = toy_readable,
	.look = toy_look,
	.seen = toy_seen,
};

FAKE_TEST(a_run_by_a_toy_path, RP_PROBE_ICMP_ECHO, "10.0.0.2-3", NULL)
{
	static struct path path;
	struct driver driver;

	path = (struct path){.fake = fake};
	fake->config.count = 3;
	fake_open(fake);
	driver_init(&driver, fake->session, &toy, &path, clock_of, fake);
	for (unsigned steps = 0; !session_done(fake->session); steps++) {
		int64_t next = driver_step(&driver);

		assert_true(steps < 100);
		if (path.count > 0 && path.packets[0].sent + DELAY < next)
			next = path.packets[0].sent + DELAY;
		if (next > fake->now && next < INT64_MAX)
			fake->now = next;
	}
	assert_int_equal(fake_count(fake, RP_EVENT_SENT), 6);
	assert_int_equal(fake_count(fake, RP_EVENT_REPLY), 6);
	assert_int_equal(fake_last(fake, RP_EVENT_REPLY)->rtt, DELAY);
	assert_int_equal(fake_stats(fake).rtt_min, DELAY);
	assert_int_equal(fake_stats(fake).lost, 0);
	/* Two targets take turns within each second. */
	assert_int_equal(fake->now - fake->start, 2 * SECOND + SECOND / 2 + DELAY);
}
