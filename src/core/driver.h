/* SPDX-License-Identifier: MIT */
/*
 * Moves packets between a session and a path: the only code that does, for the tools and the tests alike. It is pure:
 * path and clock are handed in.
 *
 * A step reads stamps and answers, then gives up what is overdue, then sends. It gives up only what was due when
 * everything that had arrived by then has been read, whatever woke the caller: after a stop (SIGSTOP, a debugger, a
 * frozen cgroup) the answers that wait in a queue still count.
 */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include "core/path.h"
#include "core/session.h"

struct driver {
	/* set by the caller; everything is borrowed */
	struct session *session;
	const struct path_type *type;
	struct path *path;
	int64_t (*clock)(void *user); /* monotonic */
	void *user;

	bool closed;          /* by its caller, in a callback: nothing is sent or read any more */
	bool stopping;        /* the run ends with the next step, after all answers that are there */
	bool prompt;          /* the latest answers were there when sending ended */
	int64_t sent_at;      /* when sending ended */
	int64_t now;          /* of this step: after the latest reading */
	int64_t refused_at;   /* since then the kernel has had no room for the next frame; INT64_MAX: it has */
	unsigned starved;     /* frames that were given up for want of room, since one was sent */
	int64_t retry;        /* when that frame is tried again; INT64_MAX: the path says when */
	int64_t failed_at;    /* since then reading has failed; INT64_MAX: it has not */
	struct frame *frames; /* the batch */
	unsigned count;
	unsigned sent; /* of these, sent or refused */
	struct arrived arrived[PATH_BATCH];
	struct departed departed[PATH_BATCH];
};

void driver_init(struct driver *driver, struct session *session, const struct path_type *type, struct path *path,
		 int64_t (*clock)(void *user), void *user);

/* One step. When to step again at the latest, unless the path has something before; INT64_MAX: when the path has
 * something, or the session is done. A negative errno value: the path failed, and the session has ended with it. */
int64_t driver_step(struct driver *driver);

/* The caller cannot go on: the session ends with that negative errno value, if it has not yet. */
void driver_fail(struct driver *driver, int error);

#endif
