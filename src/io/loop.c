/* SPDX-License-Identifier: MIT */
/*
 * The loop waits in epoll_wait() and nowhere else.
 *
 * The timer is a timerfd and not epoll's own timeout: the kernel lets the latter be late by a thousandth of its
 * length (1 ms in 1 s), a timerfd wakes at its nanosecond. It is set only when something is due earlier than it
 * is set for; one that fires too early costs one turn, where setting it anew for every probe would cost each a
 * system call.
 *
 * A wait that fails, or one for signals that cannot begin, is repeated for a second, as reading is (core/driver): what makes it fail may pass.
 */
#include "io/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "io/timestamp.h"

#define SIGNALS_MAX 8
#define EVENTS_MAX  8

/* A wait that fails is repeated after so many ms, for so long. */
#define RETRY_MS     1
#define FAILING_MOST NS_PER_S

struct changes {
	int fd;
	struct loop_fd *watch;
};

struct signal_handler {
	int signal;
	void (*handler)(void *user, int signal);
	void *user;
};

struct rp_loop {
	int epoll_fd;
	int timer_fd;
	int signal_fd;
	struct changes *watches;
	size_t watch_count;
	size_t watch_capacity;
	struct signal_handler handlers[SIGNALS_MAX];
	size_t handler_count;
	sigset_t signals;
	bool signals_changed;
	int64_t armed;     /* what the timer is set for; INT64_MAX: not set */
	bool fired;        /* the timer has expired and is still readable */
	int64_t failed_at; /* since then waiting has failed; INT64_MAX: it has not */
	int64_t (*step)(void *user, int error);
	void *step_user;
	bool quit;
};

static int control(struct rp_loop *loop, int operation, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(loop->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

int rp_loop_new(struct rp_loop **result)
{
	struct rp_loop *loop = calloc(1, sizeof *loop);
	int error;

	if (!loop)
		return -ENOMEM;
	loop->signal_fd = -1;
	loop->armed = loop->failed_at = INT64_MAX;
	sigemptyset(&loop->signals);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	error = loop->epoll_fd < 0 || loop->timer_fd < 0 ? -errno
							 : control(loop, EPOLL_CTL_ADD, loop->timer_fd, EPOLLIN);
	if (error < 0) {
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
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop->watches);
	free(loop);
}

static struct changes *find_watch(struct rp_loop *loop, int fd)
{
	for (size_t i = 0; i < loop->watch_count; i++)
		if (loop->watches[i].fd == fd)
			return &loop->watches[i];
	return NULL;
}

int loop_add(struct rp_loop *loop, int fd, uint32_t events, struct loop_fd *watch)
{
	int error;

	if (loop->watch_count == loop->watch_capacity) {
		size_t capacity = loop->watch_capacity + 8;
		struct changes *watches = realloc(loop->watches, capacity * sizeof *watches);

		if (!watches)
			return -ENOMEM;
		loop->watches = watches;
		loop->watch_capacity = capacity;
	}
	error = control(loop, EPOLL_CTL_ADD, fd, events);
	if (error < 0)
		return error;
	loop->watches[loop->watch_count++] = (struct changes){.fd = fd, .watch = watch};
	return 0;
}

int loop_modify(struct rp_loop *loop, int fd, uint32_t events, struct loop_fd *watch)
{
	struct changes *entry = find_watch(loop, fd);

	if (!entry)
		return -ENOENT;
	entry->watch = watch;
	return control(loop, EPOLL_CTL_MOD, fd, events);
}

/* Events are looked up by descriptor when they are dispatched, so one of a watch removed meanwhile finds nothing. */
void loop_remove(struct rp_loop *loop, int fd)
{
	struct changes *entry = find_watch(loop, fd);

	if (!entry)
		return;
	*entry = loop->watches[--loop->watch_count];
	control(loop, EPOLL_CTL_DEL, fd, 0);
}

void loop_set_step(struct rp_loop *loop, int64_t (*step)(void *user, int error), void *user)
{
	loop->step = step;
	loop->step_user = user;
}

int rp_loop_on_signals(struct rp_loop *loop, const int *signals, size_t count, void (*handler)(void *user, int signal),
		       void *user)
{
	sigset_t set = loop->signals;

	if (count > SIGNALS_MAX - loop->handler_count)
		return -ENOSPC;
	for (size_t i = 0; i < count; i++)
		if (sigaddset(&set, signals[i]) < 0)
			return -errno;
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	loop->signals = set;
	loop->signals_changed = true;
	for (size_t i = 0; i < count; i++)
		loop->handlers[loop->handler_count++] =
			(struct signal_handler){.signal = signals[i], .handler = handler, .user = user};
	return 0;
}

/* One signalfd for all signals registered since the last wait: they are blocked already, so none is lost. */
static int watch_signals(struct rp_loop *loop)
{
	int fd = signalfd(loop->signal_fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (loop->signal_fd < 0)
		error = control(loop, EPOLL_CTL_ADD, fd, EPOLLIN);
	if (error < 0) {
		close(fd);
		return error;
	}
	loop->signal_fd = fd;
	loop->signals_changed = false;
	return 0;
}

static void dispatch_signals(struct rp_loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
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
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return -errno;
	loop->armed = deadline;
	loop->fired = false; /* setting it makes it unreadable */
	return 0;
}

static void dispatch(struct rp_loop *loop, const struct epoll_event *event)
{
	struct changes *entry;

	if (event->data.fd == loop->timer_fd) {
		loop->fired = true;
		loop->armed = INT64_MAX;
		return;
	}
	if (event->data.fd == loop->signal_fd) {
		dispatch_signals(loop);
		return;
	}
	entry = find_watch(loop, event->data.fd);
	if (entry)
		entry->watch->ready(entry->watch->user, event->events);
}

/* Where the timer cannot be set, epoll's own timeout does. */
static int timeout_until(int64_t deadline, int64_t now)
{
	int64_t ms = deadline == INT64_MAX ? -1 : (deadline - now) / NS_PER_MS + 1;

	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int wait_failed(struct rp_loop *loop, int error)
{
	int64_t now = timestamp_monotonic();

	if (loop->failed_at == INT64_MAX)
		loop->failed_at = now;
	poll(NULL, 0, RETRY_MS);
	return now - loop->failed_at < FAILING_MOST ? 0 : error;
}

/* Waits until the deadline or an event, and handles what came. */
static int turn(struct rp_loop *loop, int64_t deadline)
{
	struct epoll_event events[EVENTS_MAX];
	int timeout = -1;
	int count;

	if (deadline != INT64_MAX && deadline <= timestamp_monotonic())
		timeout = 0;
	else if ((deadline < loop->armed || loop->fired) && set_timer(loop, deadline) < 0)
		timeout = timeout_until(deadline, timestamp_monotonic());
	count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, timeout);
	if (count < 0)
		return errno == EINTR ? 0 : wait_failed(loop, -errno);
	loop->failed_at = INT64_MAX;
	for (int i = 0; i < count; i++)
		dispatch(loop, &events[i]);
	return 0;
}

int rp_loop_run(struct rp_loop *loop)
{
	int result = 0;

	while (result == 0 && !loop->quit) {
		int64_t deadline = INT64_MAX;
		int error = loop->signals_changed ? watch_signals(loop) : 0;

		if (error < 0) {
			result = wait_failed(loop, error);
			continue;
		}
		if (loop->step)
			deadline = loop->step(loop->step_user, 0);
		if (deadline < 0)
			result = (int)deadline;
		else if (!loop->quit)
			result = turn(loop, deadline);
	}
	if (result < 0 && loop->step)
		loop->step(loop->step_user, result);
	loop->quit = false;
	return result;
}

void rp_loop_quit(struct rp_loop *loop)
{
	loop->quit = true;
}
