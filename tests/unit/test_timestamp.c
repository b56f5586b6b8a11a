/* SPDX-License-Identifier: MIT */
/* The kernel's stamps, which are of the wall clock, as instants of the monotonic clock: also around a step of it. */
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* wants time.h before it */

#include "unit.h"

#include "io/timestamp.h"

#define NOW (500 * SECOND)        /* monotonic */
#define OLD (1700000000 * SECOND) /* the offset of the wall clock before the step */

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
}

/* What is made of a message that comes with these stamps; 0: none. */
static struct rp_stamp stamp_of(int64_t offset, int64_t previous, int64_t kernel, int64_t interface)
{
	const struct timespec times[3] = {timespec_of(kernel), {0}, timespec_of(interface)};
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof times)] = {0};
	struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_TIMESTAMPING;
	header->cmsg_len = CMSG_LEN(sizeof times);
	memcpy(CMSG_DATA(header), times, sizeof times);
	return timestamp_of_message(&(struct timestamp_clock){.offset = offset, .previous = previous}, &message, NOW);
}

TEST(between_steps)
{
	struct rp_stamp stamp = stamp_of(OLD, OLD, OLD + NOW - 3 * MS, 0);

	assert_int_equal(stamp.ns, NOW - 3 * MS);
	assert_int_equal(stamp.wall, OLD + NOW - 3 * MS);
	assert_int_equal(stamp.clock, RP_CLOCK_KERNEL);
	assert_int_equal(stamp.hardware, 0);
}

TEST(without_a_stamp)
{
	struct rp_stamp stamp = stamp_of(OLD, OLD, 0, 77);

	assert_int_equal(stamp.ns, NOW);
	assert_int_equal(stamp.wall, OLD + NOW);
	assert_int_equal(stamp.clock, RP_CLOCK_USER);
	assert_int_equal(stamp.hardware, 77);
}

/* Stamped before the step and after it, and read when the step is known. */
TEST(around_a_step)
{
	static const int64_t steps[] = {10 * SECOND, -10 * SECOND, 2 * MS, 3600 * SECOND, -3600 * SECOND};

	for (size_t i = 0; i < LENGTH_OF(steps); i++) {
		struct rp_stamp before = stamp_of(OLD + steps[i], OLD, OLD + NOW - MS / 2, 0);
		struct rp_stamp after = stamp_of(OLD + steps[i], OLD, OLD + steps[i] + NOW - MS / 2, 0);

		assert_int_equal(before.ns, NOW - MS / 2);
		assert_int_equal(before.clock, RP_CLOCK_KERNEL);
		assert_int_equal(after.ns, NOW - MS / 2);
		assert_int_equal(after.clock, RP_CLOCK_KERNEL);
	}
}

/* Of neither side of the step: a stamp later than now is none. */
TEST(of_the_future)
{
	struct rp_stamp stamp = stamp_of(OLD, OLD, OLD + NOW + 5 * SECOND, 0);

	assert_int_equal(stamp.ns, NOW);
	assert_int_equal(stamp.clock, RP_CLOCK_USER);
}
