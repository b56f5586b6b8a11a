/* SPDX-License-Identifier: MIT */
/*
 * One epoll loop: descriptors, one absolute monotonic timer (timerfd), signals (signalfd). The public
 * rp_loop_*() are implemented here.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <rprobe/rprobe.h>

struct loop_fd {
	void (*ready)(void *user, uint32_t events); /* events: EPOLLIN, EPOLLERR, ... */
	void *user;
};

/* Watches a descriptor; `watch` is borrowed until loop_remove(), which a callback may call for any of them. */
int loop_add(struct rp_loop *loop, int fd, uint32_t events, struct loop_fd *watch);
int loop_modify(struct rp_loop *loop, int fd, uint32_t events, struct loop_fd *watch);
void loop_remove(struct rp_loop *loop, int fd);

/* Before each wait, `step` works and answers when it wants to be called again at the latest, as
 * an absolute monotonic time (INT64_MAX: when a descriptor is ready), or a negative errno value with which
 * the loop ends. `error` is 0, or the negative errno value with which the loop ends after this call: it can no longer
 * wait. One per loop. */
void loop_set_step(struct rp_loop *loop, int64_t (*step)(void *user, int error), void *user);

#endif
