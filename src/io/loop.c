/* SPDX-License-Identifier: MIT */
/*
 * The loop waits in epoll_wait() and nowhere else.
 *
 * Its timer is a timerfd and not epoll's own timeout: the kernel lets the latter be late by a thousandth of its length
 * (1 ms in 1 s), a timerfd wakes at its nanosecond. It is set only when something is due earlier than it is set for;
 * one that fires too early costs one turn, where setting it anew for every probe would cost each a system call.
 *
 * A callback may close any watch, timer or session, and the loop itself: what is closed during a turn is freed at its
 * end, so events that were fetched before still find it.
 *
 * A wait that fails, or one for signals that cannot begin, is repeated for a second, as reading is (core/driver): what
 * makes it fail may pass.
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

_Static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLERR == EPOLLERR && POLLHUP == EPOLLHUP,
	       "the callers' flags are the kernel's");

#define SIGNALS_MAX 16
#define EVENTS_MAX  8

/* A wait that fails is repeated after so many ms, for so long. */
#define RETRY_MS     1
#define FAILING_MOST NS_PER_S

struct rp_watch {
	struct rp_loop *loop;
	int fd; /* -1: closed */
	void (*ready)(void *user, unsigned events);
	void *user;
	struct rp_watch *next; /* of the closed ones */
};

struct rp_timer {
	struct rp_loop *loop;
	int64_t when;                             /* INT64_MAX: not set */
	void (*expired)(void *user, int64_t now); /* NULL: closed */
	void *user;
	struct rp_timer *next;
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
	struct rp_watch *closed;
	struct rp_timer *timers; /* all; closed ones until the turn ends */
	struct loop_member *members;
	struct signal_handler handlers[SIGNALS_MAX];
	size_t handler_count;
	sigset_t signals;
	bool signals_changed;
	int64_t armed;     /* what the timerfd is set for; INT64_MAX: not set */
	bool fired;        /* it has expired and is still readable */
	int64_t failed_at; /* since then waiting has failed; INT64_MAX: it has not */
	bool joined;       /* another loop waits for epoll_fd, so the timerfd must be set whenever nobody waits here */
	bool busy;         /* in a turn */
	bool freed;        /* in a turn: to be freed at its end */
	bool has_closed;   /* something was closed in this turn */
	bool quit;
};

static int control(struct rp_loop *loop, int operation, int fd, uint32_t events, void *what)
{
	struct epoll_event event = {.events = events, .data.ptr = what};

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
	error = loop->epoll_fd < 0 || loop->timer_fd < 0
			? -errno
			: control(loop, EPOLL_CTL_ADD, loop->timer_fd, EPOLLIN, &loop->timer_fd);
	if (error < 0) {
		rp_loop_free(loop);
		return error;
	}
	*result = loop;
	return 0;
}

/* Frees what was closed. */
static void reap(struct rp_loop *loop)
{
	loop->has_closed = false;
	for (struct rp_timer **at = &loop->timers; *at;) {
		struct rp_timer *timer = *at;

		if (timer->expired) {
			at = &timer->next;
			continue;
		}
		*at = timer->next;
		free(timer);
	}
	while (loop->closed) {
		struct rp_watch *watch = loop->closed;

		loop->closed = watch->next;
		free(watch);
	}
}

void rp_loop_free(struct rp_loop *loop)
{
	if (!loop)
		return;
	loop->freed = true;
	if (loop->busy)
		return;
	reap(loop);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
}

/* ---- descriptors ------------------------------------------------------------------------------ */

int rp_loop_watch(struct rp_loop *loop, struct rp_watch **result, int fd, unsigned events,
		  void (*ready)(void *user, unsigned events), void *user)
{
	struct rp_watch *watch = malloc(sizeof *watch);
	int error;

	if (!watch)
		return -ENOMEM;
	*watch = (struct rp_watch){.loop = loop, .fd = fd, .ready = ready, .user = user};
	error = control(loop, EPOLL_CTL_ADD, fd, events, watch);
	if (error < 0)
		free(watch);
	else
		*result = watch;
	return error;
}

int rp_watch_set(struct rp_watch *watch, unsigned events)
{
	return control(watch->loop, EPOLL_CTL_MOD, watch->fd, events, watch);
}

void rp_watch_close(struct rp_watch *watch)
{
	if (!watch)
		return;
	control(watch->loop, EPOLL_CTL_DEL, watch->fd, 0, NULL);
	if (!watch->loop->busy) {
		free(watch);
		return;
	}
	watch->fd = -1;
	watch->next = watch->loop->closed;
	watch->loop->closed = watch;
	watch->loop->has_closed = true;
}

/* ---- timers ----------------------------------------------------------------------------------- */

static int64_t earliest(const struct rp_loop *loop)
{
	int64_t when = INT64_MAX;

	for (const struct rp_timer *timer = loop->timers; timer; timer = timer->next)
		when = timer->when < when ? timer->when : when;
	return when;
}

static int arm(struct rp_loop *loop, int64_t deadline)
{
	struct itimerspec spec = {0}; /* all zero stops it */

	if (deadline != INT64_MAX) {
		int64_t when = deadline > 0 ? deadline : 1;

		spec.it_value.tv_sec = (time_t)(when / NS_PER_S);
		spec.it_value.tv_nsec = (long)(when % NS_PER_S);
	}
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return -errno;
	loop->armed = deadline;
	loop->fired = false; /* setting it makes it unreadable */
	return 0;
}

/* Sets the timerfd where it is not set early enough, or has fired. */
static int arm_for(struct rp_loop *loop, int64_t deadline)
{
	return deadline < loop->armed || loop->fired ? arm(loop, deadline) : 0;
}

static void arm_if_joined(struct rp_loop *loop)
{
	if (loop->joined && !loop->busy)
		arm_for(loop, earliest(loop));
}

int rp_loop_timer(struct rp_loop *loop, struct rp_timer **result, void (*expired)(void *user, int64_t now), void *user)
{
	struct rp_timer *timer = malloc(sizeof *timer);

	if (!timer)
		return -ENOMEM;
	*timer = (struct rp_timer){
		.loop = loop, .when = INT64_MAX, .expired = expired, .user = user, .next = loop->timers};
	loop->timers = timer;
	*result = timer;
	return 0;
}

void rp_timer_set(struct rp_timer *timer, int64_t when)
{
	timer->when = when;
	arm_if_joined(timer->loop);
}

void rp_timer_close(struct rp_timer *timer)
{
	if (!timer)
		return;
	timer->when = INT64_MAX;
	timer->expired = NULL;
	timer->loop->has_closed = true;
	if (!timer->loop->busy)
		reap(timer->loop);
}

/* Each once at most, so that one that is due at once keeps nothing else waiting. */
static void expire(struct rp_loop *loop)
{
	int64_t now = timestamp_monotonic();

	for (struct rp_timer *timer = loop->timers; timer; timer = timer->next) {
		if (timer->when > now)
			continue;
		timer->when = INT64_MAX;
		timer->expired(timer->user, now);
	}
}

/* ---- signals ---------------------------------------------------------------------------------- */

int rp_loop_signals(struct rp_loop *loop, const int *signals, size_t count, void (*handler)(void *user, int signal),
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
	int fd, error = 0;

	if (!loop->signals_changed)
		return 0;
	fd = signalfd(loop->signal_fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (loop->signal_fd < 0)
		error = control(loop, EPOLL_CTL_ADD, fd, EPOLLIN, &loop->signal_fd);
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

/* ---- a turn ----------------------------------------------------------------------------------- */

static void dispatch(struct rp_loop *loop, const struct epoll_event *event)
{
	struct rp_watch *watch = event->data.ptr;

	if (event->data.ptr == &loop->timer_fd) {
		loop->fired = true;
		loop->armed = INT64_MAX;
	} else if (event->data.ptr == &loop->signal_fd) {
		dispatch_signals(loop);
	} else if (watch->fd >= 0) {
		watch->ready(watch->user, event->events);
	}
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

/* Waits until then, a timer or an event, and handles what came. */
static int wait_until(struct rp_loop *loop, int64_t deadline)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t next = earliest(loop);
	int timeout = -1;
	int count = watch_signals(loop);

	if (count < 0)
		return wait_failed(loop, count);
	if (next < deadline)
		deadline = next;
	if (deadline != INT64_MAX && deadline <= timestamp_monotonic())
		timeout = 0;
	else if (arm_for(loop, deadline) < 0)
		timeout = timeout_until(deadline, timestamp_monotonic());
	count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, timeout);
	if (count < 0)
		return errno == EINTR ? 0 : wait_failed(loop, -errno);
	loop->failed_at = INT64_MAX;
	for (int i = 0; i < count; i++)
		dispatch(loop, &events[i]);
	return 0;
}

/* One that works, NULL: none does. */
static struct loop_member *working(const struct rp_loop *loop)
{
	struct loop_member *member = loop->members;

	while (member && member->done)
		member = member->next;
	return member;
}

static bool is_over(const struct rp_loop *loop)
{
	return loop->quit || loop->freed || (loop->members && !working(loop));
}

/* Waits, handles what came, and what is due by then. */
static int turn(struct rp_loop *loop, int64_t until)
{
	int error = wait_until(loop, until);

	if (error == 0)
		expire(loop);
	if (loop->has_closed)
		reap(loop);
	return error;
}

/* With the error of a wait all sessions end. */
static void end_turn(struct rp_loop *loop, int error)
{
	struct loop_member *member;

	while (error < 0 && (member = working(loop)) != NULL) {
		member->done = true;
		member->failed(member->user, error);
	}
	reap(loop);
	loop->busy = false;
	if (loop->freed)
		rp_loop_free(loop);
	else
		arm_if_joined(loop);
}

int rp_loop_dispatch(struct rp_loop *loop, int64_t until)
{
	int error;

	if (loop->busy)
		return -EBUSY;
	loop->busy = true;
	error = turn(loop, until);
	end_turn(loop, error);
	return error;
}

int rp_loop_run(struct rp_loop *loop)
{
	int error = 0;

	if (loop->busy)
		return -EBUSY;
	loop->busy = true;
	expire(loop);
	while (error == 0 && !is_over(loop))
		error = turn(loop, INT64_MAX);
	for (const struct loop_member *member = loop->members; member && error == 0; member = member->next)
		error = member->error;
	loop->quit = false;
	end_turn(loop, error);
	return error;
}

void rp_loop_quit(struct rp_loop *loop)
{
	loop->quit = true;
}

/* ---- joined to others ------------------------------------------------------------------------- */

int rp_loop_fd(struct rp_loop *loop)
{
	loop->joined = true;
	watch_signals(loop);
	arm_if_joined(loop);
	return loop->epoll_fd;
}

void loop_join(struct rp_loop *loop, struct loop_member *member)
{
	member->next = loop->members;
	loop->members = member;
}

void loop_leave(struct rp_loop *loop, struct loop_member *member)
{
	struct loop_member **at = &loop->members;

	while (*at && *at != member)
		at = &(*at)->next;
	if (*at)
		*at = member->next;
}
