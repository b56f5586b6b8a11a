/* SPDX-License-Identifier: MIT */
/*
 * The simulated kernel: a path between the driver and the net. One packet is read at a time, so that each event is
 * known to be about it.
 */
#include "kernel.h"

#include <errno.h>

#include "alloc.h"
#include "check.h"

bool happens(struct run *run, int64_t of_a_million)
{
	return of_a_million > 0 && rng_below(&run->rng, 1000000) < (uint64_t)of_a_million;
}

static struct rp_stamp stamp_of(const struct run *run, int64_t ns, enum rp_clock clock)
{
	return (struct rp_stamp){.ns = ns, .wall = ns + run->wall_offset, .clock = clock};
}

void kernel_judge(struct run *run)
{
	if (run->given == NULL)
		return;
	check_delivery(run, run->given);
	run->delivery = NULL;
	free(run->given);
	free(run->exact);
	run->given = NULL;
}

static unsigned kernel_room(struct path *path, int64_t now, struct frame **frames)
{
	struct run *run = (struct run *)path;

	(void)now;
	kernel_judge(run);
	run->batch_known = false;
	run->handed = NO_PROBE;
	*frames = run->frames;
	return PATH_BATCH;
}

static void learn(struct run *run, const struct frame *frame, uint64_t *probe)
{
	const uint8_t *bytes = frame->bytes;

	if (!bytes_header_sound(bytes, frame->length) || !bytes_inner_sound(bytes, frame->length) || bytes[0] != 0x45 ||
	    get16(bytes + 2) != frame->length || get32(bytes + 16) != rp_addr_ipv4_value(frame->next) ||
	    get32(bytes + 12) != OUR_ADDRESS || bytes[8] != run->config.time_to_live)
		run_fail(run, "a probe that is no sound packet");
	*probe = check_add(run, &(struct truth){.handed = run->now, .slot = frame->slot});
}

static void learn_batch(struct run *run, const struct frame *frames, unsigned count)
{
	if (run->batch_known)
		return;
	for (unsigned i = 0; i < count; i++)
		learn(run, &frames[i], &run->probes[i]);
	run->batch_known = true;
	if (happens(run, run->driver.full))
		run->full_until = run->now + run->driver.full_for;
}

/* The error of the next call, 0: none. */
static int fault_next(const struct fault *fault, uint64_t *calls)
{
	uint64_t call = ++*calls;

	return call >= fault->from && call - fault->from < fault->count ? fault->with : 0;
}

/* A firewall's limit: a bucket that fills again at the rate. */
static bool is_over_limit(struct run *run)
{
	const struct driver_settings *driver = &run->driver;
	int64_t each = driver->refuse_rate > 0 ? SECOND / driver->refuse_rate : 0;

	if (each == 0)
		return false;
	if (run->allowed < run->now)
		run->allowed = run->now;
	if (run->allowed + each > run->now + driver->refuse_burst * each)
		return true;
	run->allowed += each;
	return false;
}

static bool is_refused(struct run *run, const uint8_t *bytes)
{
	const struct driver_settings *driver = &run->driver;
	int64_t since = run->now - run->start - driver->refuse_from;

	return happens(run, driver->refuse) || (since >= 0 && since < driver->refuse_for) ||
	       (driver->refuse_port > 0 && bytes[9] == 6 &&
		get16(bytes_inner(bytes) + 2) >= driver->refuse_port) ||
	       (driver->refuse_address > 0 && get32(bytes + 16) == (uint32_t)driver->refuse_address) ||
	       is_over_limit(run);
}

/* What the kernel says to one packet. */
static int answer_send(struct run *run, const struct frame *frame, uint64_t probe)
{
	struct truth *truth = &run->truths[probe];
	int fault = fault_next(&run->send_fault, &run->sends);

	if (fault == EAGAIN)
		run->full_until = run->now + 1; /* and then EPOLLOUT wakes the driver */
	if (fault != 0)
		return fault;
	if (run->now < run->full_until)
		return (int)run->driver.full_with;
	if (is_refused(run, frame->bytes))
		return (int)run->driver.refuse_with;
	truth->sent_at = run->now;
	truth->departed = net_send(run->world, run->now, probe, frame->bytes, frame->length);
	run->leaves = truth->departed;
	if (!happens(run, run->driver.stamp_missing))
		net_stamp(run->world,
			  truth->departed + (happens(run, run->driver.stamp_late) ? run->driver.stamp_late_by : 0),
			  probe);
	return 0;
}

static int kernel_send(struct path *path, struct frame *frames, unsigned count)
{
	struct run *run = (struct run *)path;
	bool inside = alloc_count(false);

	kernel_judge(run);
	learn_batch(run, frames, count);
	run->handed = run->probes[frames - run->frames];
	run->refused = answer_send(run, frames, run->handed);
	run->work++;
	alloc_count(inside);
	return run->refused == 0 ? 1 : -run->refused;
}

/* What has arrived: stamps have a queue of their own. */
static struct net_delivery *take_packet(struct run *run)
{
	while (net_first(run->world) <= run->now) {
		struct net_delivery *delivery = net_take(run->world);

		if (delivery == NULL)
			continue;
		run->work++;
		run->read_up_to = delivery->at;
		if (delivery->stamp) {
			if (run->stamp_count == run->stamp_room) {
				run->stamp_room = run->stamp_room * 2 + 64;
				run->stamps = realloc(run->stamps, run->stamp_room * sizeof(struct net_delivery *));
				assert_non_null(run->stamps);
			}
			run->stamps[run->stamp_count++] = delivery;
		} else if (run->driver.receive_buffer > 0 && ++run->taken > run->driver.receive_buffer) {
			run->overrun++;
			free(delivery);
		} else {
			return delivery;
		}
	}
	run->read_up_to = run->now;
	run->ready = false;
	return NULL;
}

static int kernel_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	struct run *run = (struct run *)path;
	bool inside = alloc_count(false);
	struct net_delivery *delivery;
	int result = 0;

	kernel_judge(run);
	*now = run->now;
	int fault = fault_next(&run->read_fault, &run->reads);

	if (fault == 0 && happens(run, run->driver.read_fails))
		fault = (int)run->driver.read_fails_with;
	if (fault != 0) {
		result = -fault;
	} else if (count > 0 && (delivery = take_packet(run)) != NULL) {
		run->exact = malloc(delivery->length + (delivery->length == 0));
		assert_non_null(run->exact);
		memcpy(run->exact, delivery->bytes, delivery->length);
		*arrived = (struct arrived){run->exact, delivery->length, stamp_of(run, delivery->at, RP_CLOCK_KERNEL)};
		if (happens(run, run->driver.receive_unstamped))
			arrived->stamp = stamp_of(run, run->now, RP_CLOCK_USER);
		run->delivery = run->given = delivery;
		run->believed = run->told = 0;
		result = 1;
	}
	alloc_count(inside);
	return result;
}

static int kernel_stamps(struct path *path, struct departed *departed, unsigned count)
{
	struct run *run = (struct run *)path;
	bool inside = alloc_count(false);
	unsigned given = 0;

	for (; given < count && given < run->stamp_count; given++) {
		struct truth *truth = &run->truths[run->stamps[given]->probe];

		truth->stamped = true;
		departed[given] = (struct departed){truth->slot, stamp_of(run, truth->departed, RP_CLOCK_KERNEL)};
		free(run->stamps[given]);
	}
	run->stamp_count -= given;
	if (given > 0)
		memmove(run->stamps, run->stamps + given, run->stamp_count * sizeof(struct net_delivery *));
	alloc_count(inside);
	return (int)given;
}

static bool kernel_readable(const struct path *path)
{
	struct run *run = (struct run *)(uintptr_t)path;

	kernel_judge(run);
	return run->ready || run->stamp_count > 0;
}

static void kernel_look(struct path *path)
{
	((struct run *)path)->ready = true;
}

static int64_t kernel_seen(const struct path *path)
{
	const struct run *run = (const struct run *)path;

	kernel_judge((struct run *)(uintptr_t)path);
	return run->read_up_to;
}

const struct path_type kernel_path = {
	.name = "simulated",
	.room = kernel_room,
	.send = kernel_send,
	.stamps = kernel_stamps,
	.read = kernel_read,
	.readable = kernel_readable,
	.look = kernel_look,
	.seen = kernel_seen,
};
