/* SPDX-License-Identifier: MIT */
/* The loop by itself: descriptors, timers and signals, closed from any callback, run here or by another loop. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <rprobe/rprobe.h>

#define LIMIT (10 * SECOND)

struct world {
	struct rp_loop *loop;
	int pipes[2][2];
	struct rp_watch *watches[2];
	struct rp_timer *timers[3];
	unsigned calls[3];
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* Whether a poll() of another loop would return by now. */
static bool has_work(struct rp_loop *loop)
{
	return poll(&(struct pollfd){.fd = rp_loop_fd(loop), .events = POLLIN}, 1, 0) == 1;
}

static void open_world(struct world *world)
{
	*world = (struct world){.calls = {0}};
	assert_int_equal(rp_loop_new(&world->loop), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pipe(world->pipes[i]), 0);
}

static void close_world(struct world *world)
{
	for (unsigned i = 0; i < 4; i++)
		close(world->pipes[i / 2][i % 2]);
	rp_loop_free(world->loop);
}

static void write_both(const struct world *world)
{
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(write(world->pipes[i][1], "x", 1), 1);
}

static void watch_both(struct world *world, void (*ready)(void *user, unsigned events))
{
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
			rp_loop_watch(world->loop, &world->watches[i], world->pipes[i][0], POLLIN, ready, world), 0);
}

static void count(void *user, unsigned events)
{
	struct world *world = user;

	assert_true(events & POLLIN);
	world->calls[0]++;
}

TEST(a_descriptor_is_reported_while_it_is_readable)
{
	struct world world;

	open_world(&world);
	watch_both(&world, count);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(world.calls[0], 0);
	write_both(&world);
	assert_int_equal(rp_loop_dispatch(world.loop, now() + LIMIT), 0);
	assert_int_equal(world.calls[0], 2);
	assert_int_equal(rp_watch_set(world.watches[0], 0), 0);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(world.calls[0], 3);
	rp_watch_close(world.watches[0]);
	rp_watch_close(world.watches[1]);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(world.calls[0], 3);
	close_world(&world);
}

TEST(one_descriptor_is_watched_once)
{
	struct world world;
	struct rp_watch *again;

	open_world(&world);
	watch_both(&world, count);
	assert_int_equal(rp_loop_watch(world.loop, &again, world.pipes[0][0], POLLIN, count, &world), -EEXIST);
	rp_watch_close(world.watches[0]);
	rp_watch_close(world.watches[1]);
	close_world(&world);
}

static void close_both(void *user, unsigned events)
{
	struct world *world = user;

	count(user, events);
	rp_watch_close(world->watches[0]);
	rp_watch_close(world->watches[1]);
}

/* Both are ready: whichever is reported first closes itself and the other, which is then not reported. */
TEST(a_callback_closes_the_watch_that_is_next)
{
	struct world world;

	open_world(&world);
	watch_both(&world, close_both);
	write_both(&world);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(world.calls[0], 1);
	close_world(&world);
}

static void expire_and_close_others(void *user, int64_t time)
{
	struct world *world = user;

	assert_true(time <= now());
	world->calls[0]++;
	for (unsigned i = 0; i < 3; i++)
		rp_timer_close(world->timers[i]);
}

TEST(a_callback_closes_its_timer_and_those_that_are_next)
{
	struct world world;

	open_world(&world);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rp_loop_timer(world.loop, &world.timers[i], expire_and_close_others, &world), 0);
		rp_timer_set(world.timers[i], 0);
	}
	assert_int_equal(rp_loop_dispatch(world.loop, now() + LIMIT), 0);
	assert_int_equal(world.calls[0], 1);
	close_world(&world);
}

static void set_again(void *user, int64_t time)
{
	struct world *world = user;

	(void)time;
	rp_timer_set(world->timers[0], 0);
	if (++world->calls[0] == 5)
		rp_loop_quit(world->loop);
}

static void note_time(void *user, int64_t time)
{
	struct world *world = user;

	world->calls[1]++;
	assert_true(time >= 20 * MS);
}

/* One that is due at once, again and again, keeps no other and no descriptor waiting. */
TEST(a_turn_is_bounded)
{
	struct world world;

	open_world(&world);
	watch_both(&world, count);
	assert_int_equal(rp_loop_timer(world.loop, &world.timers[0], set_again, &world), 0);
	rp_timer_set(world.timers[0], 0);
	assert_int_equal(rp_loop_dispatch(world.loop, now() + LIMIT), 0);
	assert_int_equal(world.calls[0], 1);
	assert_int_equal(rp_loop_run(world.loop), 0);
	assert_int_equal(world.calls[0], 5);
	rp_timer_close(world.timers[0]);
	rp_watch_close(world.watches[0]);
	rp_watch_close(world.watches[1]);
	close_world(&world);
}

TEST(a_timer_is_not_early)
{
	struct world world;
	int64_t began = now();

	open_world(&world);
	assert_int_equal(rp_loop_timer(world.loop, &world.timers[1], note_time, &world), 0);
	rp_timer_set(world.timers[1], began + 20 * MS);
	while (world.calls[1] == 0)
		assert_int_equal(rp_loop_dispatch(world.loop, began + LIMIT), 0);
	assert_true(now() - began >= 20 * MS);
	rp_timer_set(world.timers[1], INT64_MAX);
	assert_int_equal(rp_loop_dispatch(world.loop, now() + MS), 0);
	assert_int_equal(world.calls[1], 1);
	rp_timer_close(world.timers[1]);
	close_world(&world);
}

/* What another loop waits for: readable from the moment at which there is something to do, and no longer. */
TEST(another_loop_sees_what_is_due)
{
	struct world world;

	open_world(&world);
	assert_false(has_work(world.loop));
	watch_both(&world, count);
	assert_false(has_work(world.loop));
	write_both(&world);
	assert_true(has_work(world.loop));
	rp_watch_close(world.watches[0]);
	rp_watch_close(world.watches[1]);
	assert_false(has_work(world.loop));
	assert_int_equal(rp_loop_timer(world.loop, &world.timers[0], set_again, &world), 0);
	rp_timer_set(world.timers[0], now() + LIMIT);
	assert_false(has_work(world.loop));
	rp_timer_set(world.timers[0], 0);
	assert_true(has_work(world.loop));
	for (unsigned i = 1; i < 4; i++) { /* work is left each time */
		assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
		assert_int_equal(world.calls[0], i);
		assert_true(has_work(world.loop));
	}
	rp_timer_set(world.timers[0], INT64_MAX);
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_false(has_work(world.loop));
	rp_timer_close(world.timers[0]);
	close_world(&world);
}

static void on_signal(void *user, int signal)
{
	struct world *world = user;

	assert_int_equal(signal, SIGUSR1);
	world->calls[2]++;
}

TEST(signals_come_through_the_loop_of_another)
{
	struct world world;

	open_world(&world);
	assert_false(has_work(world.loop));
	assert_int_equal(rp_loop_signals(world.loop, &(const int){SIGUSR1}, 1, on_signal, &world), 0);
	assert_false(has_work(world.loop));
	raise(SIGUSR1);
	assert_true(has_work(world.loop));
	assert_int_equal(rp_loop_dispatch(world.loop, 0), 0);
	assert_int_equal(world.calls[2], 1);
	assert_int_equal(rp_loop_signals(world.loop, &(const int){12345}, 1, on_signal, &world), -EINVAL);
	close_world(&world);
}

static void run_inside(void *user, int64_t time)
{
	struct world *world = user;

	(void)time;
	assert_int_equal(rp_loop_run(world->loop), -EBUSY);
	assert_int_equal(rp_loop_dispatch(world->loop, 0), -EBUSY);
	world->calls[0]++;
	rp_timer_close(world->timers[0]);
	rp_loop_free(world->loop);
}

TEST(a_callback_frees_the_loop_and_cannot_run_it)
{
	struct world world;

	open_world(&world);
	assert_int_equal(rp_loop_timer(world.loop, &world.timers[0], run_inside, &world), 0);
	rp_timer_set(world.timers[0], 0);
	assert_int_equal(rp_loop_run(world.loop), 0);
	assert_int_equal(world.calls[0], 1);
	world.loop = NULL;
	close_world(&world);
}
