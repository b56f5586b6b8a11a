/* SPDX-License-Identifier: MIT */
/* What sessions need of a loop besides the public rp_loop_*(), which are implemented in loop.c. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <rprobe/rprobe.h>

/* A session on a loop: rp_loop_run() ends when all are done. */
struct loop_member {
	struct loop_member *next;
	void (*failed)(void *user,
		       int error); /* the loop can no longer wait: a negative errno value. `done` is set before. */
	void *user;
	bool done;
	int error; /* the session has failed: rp_loop_run() returns it */
};

/* `member` is borrowed until loop_leave(). */
void loop_join(struct rp_loop *loop, struct loop_member *member);
void loop_leave(struct rp_loop *loop, struct loop_member *member);

#endif
