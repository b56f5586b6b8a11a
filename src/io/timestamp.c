/* SPDX-License-Identifier: MIT */
/*
 * Time. Both clocks are slewed alike, so their offset is a constant between two steps of the wall clock, and
 * one measurement of it serves every stamp in between.
 */
#include "io/timestamp.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/ns.h"

/* Larger than what preemption between two readings of the clock can feign, smaller than any step that matters. */
#define STEP NS_PER_MS

static int64_t ns_of(struct timespec time)
{
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

static int64_t read_clock(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return ns_of(time);
}

int64_t timestamp_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t timestamp_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Brackets the wall clock between two readings of the monotonic clock; the tightest bracket of three counts. */
static int64_t measure_offset(void)
{
	int64_t tightest = INT64_MAX;
	int64_t offset = 0;
	int64_t before = timestamp_monotonic();

	for (int i = 0; i < 3; i++) {
		int64_t wall = timestamp_wall();
		int64_t after = timestamp_monotonic();

		if (after - before < tightest) {
			tightest = after - before;
			offset = wall - before - tightest / 2;
		}
		before = after;
	}
	return offset;
}

void timestamp_clock_init(struct timestamp_clock *clock)
{
	clock->offset = measure_offset();
	clock->previous = clock->offset;
}

bool timestamp_clock_update(struct timestamp_clock *clock)
{
	int64_t offset = timestamp_wall() - timestamp_monotonic();

	clock->previous = clock->offset;
	if (offset - clock->offset < STEP && clock->offset - offset < STEP)
		return false;
	offset = measure_offset();
	if (offset - clock->offset < STEP && clock->offset - offset < STEP)
		return false;
	clock->offset = offset;
	return true;
}

static struct rp_stamp timestamp_user(const struct timestamp_clock *clock, int64_t monotonic)
{
	return (struct rp_stamp){.ns = monotonic, .wall = monotonic + clock->offset, .clock = RP_CLOCK_USER};
}

/* The kernel writes three stamps: its own, one out of use, and the interface's. Zero where there is none. */
struct stamps {
	struct timespec kernel;
	struct timespec unused;
	struct timespec interface;
};

static struct stamps stamps_of_message(struct msghdr *message)
{
	struct stamps stamps = {0};

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPING)
			memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
	}
	return stamps;
}

struct rp_stamp timestamp_of_message(const struct timestamp_clock *clock, struct msghdr *message, int64_t now)
{
	struct stamps stamps = stamps_of_message(message);
	struct rp_stamp stamp = timestamp_user(clock, now);
	int64_t wall = ns_of(stamps.kernel);
	int64_t ns = wall - clock->offset;
	int64_t other = wall - clock->previous;

	stamp.hardware = ns_of(stamps.interface);
	if (wall == 0)
		return stamp;
	/* Of both sides of a step, the one that is nearer to now and not after it. */
	if (ns > now + STEP || (other > ns && other <= now))
		ns = other;
	if (ns > now + STEP)
		return stamp;
	stamp.ns = ns;
	stamp.wall = wall;
	stamp.clock = RP_CLOCK_KERNEL;
	return stamp;
}

static int enable(int fd, unsigned flags)
{
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) < 0 ? -errno : 0;
}

#define RECEIVE                                                                                                        \
	(SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_HARDWARE |                     \
	 SOF_TIMESTAMPING_RAW_HARDWARE)
#define TRANSMIT                                                                                                       \
	(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_OPT_ID |                         \
	 SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_TX_SWHW)

/* Not SO_TIMESTAMPNS: for a packet that came before stamping began it makes up a stamp when the packet is read. */
int timestamp_enable_receive(int fd)
{
	return enable(fd, RECEIVE);
}

int timestamp_enable_transmit(int fd)
{
	return enable(fd, TRANSMIT);
}

int timestamp_enable_both(int fd)
{
	int error = enable(fd, RECEIVE); /* without OPT_ID, so that counting begins anew */

	return error < 0 ? error : enable(fd, RECEIVE | TRANSMIT);
}

uint32_t timestamp_transmit_request(void)
{
	return SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE;
}

void timestamp_expect(struct timestamp_owners *owners, uint32_t id, uint32_t slot)
{
	__typeof__(&owners->of[0]) owner = &owners->of[id % TIMESTAMP_OWNERS];

	owner->id = id;
	owner->slot_plus_one = slot + 1;
	owner->stamped = false;
	owners->unstamped++;
}

bool timestamp_owner(struct timestamp_owners *owners, uint32_t id, uint32_t *slot)
{
	__typeof__(&owners->of[0]) owner = &owners->of[id % TIMESTAMP_OWNERS];

	if (owner->id != id || owner->slot_plus_one == 0)
		return false;
	if (!owner->stamped && owners->unstamped > 0)
		owners->unstamped--;
	owner->stamped = true;
	*slot = owner->slot_plus_one - 1;
	return true;
}
