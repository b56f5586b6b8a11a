/* SPDX-License-Identifier: MIT */
/* A path on which packets never end: the driver's caller gets to see to other work, such as signals. */
#include "fake.h"

#include "core/driver.h"

struct path {
	struct fake *fake;
	int64_t cost; /* of a batch, ns */
	uint8_t junk[40];
	struct frame frame;
	uint8_t bytes[65535];
	unsigned batches;
};

static unsigned room(struct path *path, int64_t now, struct frame **frames)
{
	(void)now;
	path->frame = (struct frame){.bytes = path->bytes, .size = sizeof path->bytes};
	*frames = &path->frame;
	return 1;
}

static int send_frames(struct path *path, struct frame *frames, unsigned count)
{
	(void)path, (void)frames;
	return (int)count;
}

static int stamps(struct path *path, struct departed *departed, unsigned count)
{
	(void)path, (void)departed, (void)count;
	return 0;
}

static int read_junk(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	path->fake->now += path->cost;
	path->batches++;
	*now = path->fake->now;
	for (unsigned i = 0; i < count; i++)
		arrived[i] = (struct arrived){.bytes = path->junk, .length = sizeof path->junk, .stamp = {.ns = *now}};
	return (int)count;
}

static bool readable(const struct path *path)
{
	(void)path;
	return true;
}

static void look(struct path *path)
{
	(void)path;
}

static int64_t seen(const struct path *path)
{
	return path->fake->now;
}

static int64_t clock_of(void *user)
{
	const struct fake *fake = user;

	return fake->now;
}

static const struct path_type flood = {
	.name = "flood",
	.room = room,
	.send = send_frames,
	.stamps = stamps,
	.read = read_junk,
	.readable = readable,
	.look = look,
	.seen = seen,
};

/* However long a batch takes to look up and to report. Signals are to be served within 100 ms. */
FAKE_TEST(a_step_is_bounded_in_time, RP_PROBE_TCP_SYN, "10.0.0.2", "22")
{
	static const int64_t costs[] = {MS / 100, MS, 10 * MS, 50 * MS};
	struct driver driver;

	fake_open(fake);
	for (size_t i = 0; i < LENGTH_OF(costs); i++) {
		static struct path path;
		int64_t began = fake->now;

		path = (struct path){.fake = fake, .cost = costs[i]};
		driver_init(&driver, fake->session, &flood, &path, clock_of, fake);
		assert_true(driver_step(&driver) <= fake->now);
		assert_true(fake->now - began <= 100 * MS);
		assert_true(path.batches > 0);
		if (costs[i] < MS)
			assert_true(path.batches > 100); /* and still reads as much as it can */
	}
}
