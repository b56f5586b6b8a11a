/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous resolver: c-ares, and nothing else knows it. It reads the hosts file and asks name servers, as
 * /etc/resolv.conf and the hosts line of /etc/nsswitch.conf say. It is loaded when a program asks for it.
 *
 * Its sockets are watched by an epoll descriptor of the caller's; answers are given from within cares_ready(), or
 * from within the question itself where the hosts file knows.
 */
#ifndef IO_CARES_H
#define IO_CARES_H

#include <rprobe/rprobe.h>

struct cares;

/* -ELIBACC: it is not installed. -ENOTSUP: this library was built without it. */
int cares_open(struct cares **cares, int epoll_fd);

/* Reads the system's settings anew, which may have changed since; not while a question is open. */
void cares_renew(struct cares *cares);

/* Every open question is answered with -ECANCELED. */
void cares_close(struct cares *cares);

/* A socket is ready (EPOLLIN, EPOLLOUT), or, with -1, time has passed. */
void cares_ready(struct cares *cares, int fd, uint32_t events);

/* In how many nanoseconds cares_ready() has something to do without a socket; INT64_MAX: never. */
int64_t cares_patience(struct cares *cares);

/* The name of an address, NULL: none came. It may be anything, and lives until the callback returns. */
void cares_ask_name(struct cares *cares, struct rp_addr address, void (*answer)(void *user, const char *name),
		    void *user);

/* The IPv4 addresses of a name. What the callback gets lives until it returns. */
void cares_ask_addresses(struct cares *cares, const char *name,
			 void (*answer)(void *user, const struct rp_found *found), void *user);

#endif
