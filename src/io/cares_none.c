/* SPDX-License-Identifier: MIT */
/* In the place of cares.c where the headers of c-ares were not there when the library was built. */
#include "io/cares.h"

#include <errno.h>

int cares_open(struct cares **cares, int epoll_fd)
{
	(void)cares, (void)epoll_fd;
	return -ENOTSUP;
}

void cares_renew(struct cares *cares)
{
	(void)cares;
}

void cares_close(struct cares *cares)
{
	(void)cares;
}

void cares_ready(struct cares *cares, int fd, uint32_t events)
{
	(void)cares, (void)fd, (void)events;
}

int64_t cares_patience(struct cares *cares)
{
	(void)cares;
	return INT64_MAX;
}

void cares_ask_name(struct cares *cares, struct rp_addr address, void (*answer)(void *user, const char *name),
		    void *user)
{
	(void)cares, (void)address;
	answer(user, NULL);
}

void cares_ask_addresses(struct cares *cares, const char *name,
			 void (*answer)(void *user, const struct rp_found *found), void *user)
{
	(void)cares;
	answer(user, &(struct rp_found){.name = name, .error = -ENOTSUP, .why = ""});
}
