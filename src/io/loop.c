/* SPDX-License-Identifier: MIT */
/*
 * The loop waits in poll() and nowhere else. With epoll the kernel would call back for every packet that a socket
 * sends or receives, also while nobody waits: in a scan a twentieth of all. For a handful of descriptors
 * poll() costs no more.
 *
 * The timer is a timerfd and not the timeout of the wait: the kernel lets the latter be late by a thousandth of its
 * length (1 ms in 1 s), a timerfd wakes at its nanosecond. It is set only when something is due earlier than it
 * is set for; one that fires too early costs one turn, where setting it anew for every probe would cost each a
 * system call.
 */
#include "io/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "io/stamp.h"

#define SIGNALS_MAX 8

/* The timer, and the signals once there are any, come before what is watched. */
#define TIMER   0
#define SIGNALS 1
#define WATCHED 2

#define POLLS_MAX 16

struct signal_handler {
	int signal;
	void (*handler)(void *user, int signal);
	void *user;
};

struct rp_loop {
	struct pollfd polls[POLLS_MAX];
	struct loop_fd *watches[POLLS_MAX]; /* of the same index */
	size_t count;
	struct signal_handler handlers[SIGNALS_MAX];
	size_t handler_count;
	sigset_t signals;
	bool signals_changed;
	int64_t armed; /* what the timer is set for; INT64_MAX: not set */
	bool fired;    /* the timer has expired and is still readable */
	int64_t (*step)(void *user);
	void *step_user;
	bool quit;
};

int rp_loop_new(struct rp_loop **result)
{
	struct rp_loop *loop = calloc(1, sizeof *loop);
	int error;

	if (!loop)
		return -ENOMEM;
	loop->armed = INT64_MAX;
	sigemptyset(&loop->signals);
	loop->count = WATCHED;
	loop->polls[TIMER] =
		(struct pollfd){.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), .events = POLLIN};
	loop->polls[SIGNALS] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (loop->polls[TIMER].fd < 0) {
		error = -errno;
		rp_loop_free(loop);
		return error;
	}
	*result = loop;
	return 0;
}

void rp_loop_free(struct rp_loop *loop)
{
	if (!loop)
		return;
	for (size_t i = 0; i < WATCHED; i++)
		if (loop->polls[i].fd >= 0)
			close(loop->polls[i].fd);
	free(loop);
}

/* Its index; 0 when it is not watched. */
static size_t find_watch(const struct rp_loop *loop, int fd)
{
	for (size_t i = WATCHED; i < loop->count; i++)
		if (loop->polls[i].fd == fd)
			return i;
	return 0;
}

int loop_add(struct rp_loop *loop, int fd, short events, struct loop_fd *watch)
{
	if (loop->count == POLLS_MAX)
		return -ENOSPC;
	loop->polls[loop->count] = (struct pollfd){.fd = fd, .events = events};
	loop->watches[loop->count++] = watch;
	return 0;
}

void loop_modify(struct rp_loop *loop, int fd, short events)
{
	size_t i = find_watch(loop, fd);

	if (i > 0)
		loop->polls[i].events = events;
}

void loop_remove(struct rp_loop *loop, int fd)
{
	size_t i = find_watch(loop, fd);

	if (i == 0)
		return;
	loop->count--;
	loop->polls[i] = loop->polls[loop->count];
	loop->watches[i] = loop->watches[loop->count];
}

void loop_set_step(struct rp_loop *loop, int64_t (*step)(void *user), void *user)
{
	loop->step = step;
	loop->step_user = user;
}

int rp_loop_on_signal(struct rp_loop *loop, int signal, void (*handler)(void *user, int signal), void *user)
{
	sigset_t set;

	if (loop->handler_count == SIGNALS_MAX)
		return -ENOSPC;
	sigemptyset(&set);
	if (sigaddset(&set, signal) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	sigaddset(&loop->signals, signal);
	loop->signals_changed = true;
	loop->handlers[loop->handler_count++] =
		(struct signal_handler){.signal = signal, .handler = handler, .user = user};
	return 0;
}

/* One signalfd for all signals registered since the last wait: they are blocked already, so none is lost. */
static int watch_signals(struct rp_loop *loop)
{
	int *fd = &loop->polls[SIGNALS].fd;

	loop->signals_changed = false;
	*fd = signalfd(*fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

static void dispatch_signals(struct rp_loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->polls[SIGNALS].fd, &info, sizeof info) == (ssize_t)sizeof info)
		for (size_t i = 0; i < loop->handler_count; i++)
			if (loop->handlers[i].signal == (int)info.ssi_signo)
				loop->handlers[i].handler(loop->handlers[i].user, loop->handlers[i].signal);
}

static int set_timer(struct rp_loop *loop, int64_t deadline)
{
	struct itimerspec spec = {0}; /* all zero stops it */

	if (deadline != INT64_MAX) {
		spec.it_value.tv_sec = (time_t)(deadline / NS_PER_S);
		spec.it_value.tv_nsec = (long)(deadline % NS_PER_S);
	}
	if (timerfd_settime(loop->polls[TIMER].fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return -errno;
	loop->armed = deadline;
	loop->fired = false; /* setting it makes it unreadable */
	return 0;
}

static void dispatch(struct rp_loop *loop, size_t i)
{
	short events = loop->polls[i].revents;

	if (events == 0)
		return;
	loop->polls[i].revents = 0;
	if (i == SIGNALS) {
		dispatch_signals(loop);
	} else if (i == TIMER) {
		loop->fired = true;
		loop->armed = INT64_MAX;
	} else {
		loop->watches[i]->ready(loop->watches[i]->user, events);
	}
}

/* Waits until the deadline or an event, and handles what came. */
static int turn(struct rp_loop *loop, int64_t deadline)
{
	int timeout = -1;
	int error = 0;

	if (deadline != INT64_MAX && deadline <= stamp_monotonic())
		timeout = 0;
	else if (deadline < loop->armed || loop->fired)
		error = set_timer(loop, deadline);
	if (error < 0)
		return error;
	if (poll(loop->polls, loop->count, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
	/* Backwards: what a callback removes, the last takes the place of, and that has had its turn. */
	for (size_t i = loop->count; i-- > 0;)
		if (i < loop->count)
			dispatch(loop, i);
	return 0;
}

int rp_loop_run(struct rp_loop *loop)
{
	int result = 0;

	while (result == 0 && !loop->quit) {
		int64_t deadline = INT64_MAX;

		if (loop->signals_changed)
			result = watch_signals(loop);
		if (result == 0 && loop->step)
			deadline = loop->step(loop->step_user);
		if (deadline < 0)
			result = (int)deadline;
		else if (result == 0 && !loop->quit)
			result = turn(loop, deadline);
	}
	loop->quit = false;
	return result;
}

void rp_loop_quit(struct rp_loop *loop)
{
	loop->quit = true;
}
