/* SPDX-License-Identifier: MIT */
/*
 * Names while a loop runs: the public rp_resolver_*(). Hides what is asked when, and what is remembered.
 *
 * The sockets of c-ares are in an epoll descriptor of their own, which is one descriptor to the loop.
 * An answer is never waited for: who asks too early goes without.
 */
#include <rprobe/rprobe.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/ns.h"
#include "io/cares.h"
#include "io/timestamp.h"

/* Addresses whose names are remembered. */
#define CACHE_SIZE 256

/* Questions under way at once: more would overrun a name server, and the socket that its answers come to. */
#define ACTIVE_MAX 64

/* An address without a name is asked for again after this. */
#define RETRY_AFTER (60 * NS_PER_S)

/* How long a turn may ask. */
#define TURN_MOST (10 * NS_PER_MS)

#define EVENTS_MAX 16

/* A DNS name as text, and the final 0. */
#define NAME_SIZE 256

struct cached {
	struct rp_resolver *names;
	struct rp_addr address; /* family NONE: free */
	bool asked;             /* the answer is outstanding */
	int64_t retry;          /* when it may be asked for again; INT64_MAX: its name is known */
	char name[NAME_SIZE];
};

/* A name whose addresses are wanted. */
struct lookup {
	struct rp_resolver *names;
	char *name;
	int64_t due;
	int64_t every;
	bool (*found)(void *user, const struct rp_found *found);
	void *user;
};

struct rp_resolver {
	struct rp_loop *loop;
	struct rp_watch *watch;
	struct rp_timer *timer;
	int epoll_fd;
	struct cares *cares;
	unsigned active;
	bool stale; /* no name server answered: there may be others by now */
	bool closing;
	bool turning;
	struct lookup **heap; /* owned: the lookups that are not under way, by due */
	size_t waiting, room;
	size_t lookups;  /* those under way, too: there is room for all of them */
	unsigned oldest; /* of the cache */
	struct cached cache[CACHE_SIZE];
};

/* ---- the turn: what is due is asked, and the timer set ---------------------------------------- */

static int64_t after(int64_t delay)
{
	int64_t now = timestamp_monotonic();

	return delay < INT64_MAX - now ? now + delay : INT64_MAX;
}

static void swap(struct rp_resolver *names, size_t a, size_t b)
{
	struct lookup *lookup = names->heap[a];

	names->heap[a] = names->heap[b];
	names->heap[b] = lookup;
}

/* The children of n are 2n + 1 and 2n + 2, and due no earlier. */
static void push(struct rp_resolver *names, struct lookup *lookup)
{
	size_t at = names->waiting++;

	names->heap[at] = lookup;
	for (; at > 0 && names->heap[at]->due < names->heap[(at - 1) / 2]->due; at = (at - 1) / 2)
		swap(names, at, (at - 1) / 2);
}

static struct lookup *pop(struct rp_resolver *names)
{
	struct lookup *first = names->heap[0];

	names->heap[0] = names->heap[--names->waiting];
	for (size_t at = 0, child = 1; child < names->waiting; at = child, child = 2 * at + 1) {
		child += child + 1 < names->waiting && names->heap[child + 1]->due < names->heap[child]->due;
		if (names->heap[at]->due <= names->heap[child]->due)
			break;
		swap(names, at, child);
	}
	return first;
}

static void lookup_free(struct lookup *lookup)
{
	lookup->names->lookups--;
	free(lookup->name);
	free(lookup);
}

static void lookup_answer(void *user, const struct rp_found *found)
{
	struct lookup *lookup = user;
	struct rp_resolver *names = lookup->names;

	names->active--;
	names->stale |= found->error == -EAGAIN;
	if (names->closing || !lookup->found(lookup->user, found) || lookup->every == 0) {
		lookup_free(lookup);
		return;
	}
	lookup->due = after(lookup->every);
	push(names, lookup);
}

static bool is_due(const struct rp_resolver *names, int64_t now)
{
	return names->waiting > 0 && names->heap[0]->due <= now;
}

/* The hosts file is read on the spot, once for each name: with many of them the loop is to see to others in between. */
static void ask_what_is_due(struct rp_resolver *names)
{
	int64_t began = timestamp_monotonic();

	while (is_due(names, began) && names->active < ACTIVE_MAX && timestamp_monotonic() - began < TURN_MOST) {
		struct lookup *lookup = pop(names);

		names->active++;
		cares_ask_addresses(names->cares, lookup->name, lookup_answer, lookup);
	}
}

static int64_t next_turn(struct rp_resolver *names)
{
	int64_t next = after(cares_patience(names->cares));

	if (names->active < ACTIVE_MAX && is_due(names, next))
		next = names->heap[0]->due;
	return next;
}

static void turn(struct rp_resolver *names)
{
	/* The hosts file answers at once, and who is answered may ask again: the turn under way does that, too. */
	if (names->turning)
		return;
	names->turning = true;
	if (names->stale && names->active == 0) {
		cares_renew(names->cares);
		names->stale = false;
	}
	ask_what_is_due(names);
	rp_timer_set(names->timer, next_turn(names));
	names->turning = false;
}

static void names_ready(void *user, unsigned ready)
{
	struct rp_resolver *names = user;
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(names->epoll_fd, events, EVENTS_MAX, 0);

	(void)ready;
	names->turning = true; /* who is answered may ask again, and is served below */
	for (int i = 0; i < count; i++)
		cares_ready(names->cares, events[i].data.fd, events[i].events);
	names->turning = false;
	turn(names);
}

static void names_due(void *user, int64_t now)
{
	struct rp_resolver *names = user;

	(void)now;
	names->turning = true;
	cares_ready(names->cares, -1, 0);
	names->turning = false;
	turn(names);
}

/* ---- names of addresses ----------------------------------------------------------------------- */

/* Letters, digits, '-' and '_' between dots: what may stand in a hosts file. */
static bool is_hostname(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= NAME_SIZE)
		return false;
	for (size_t i = 0, label = 0; i < length; i++) {
		bool dot = name[i] == '.';

		if (!dot && !isascii(name[i]))
			return false;
		if (!dot && !isalnum((unsigned char)name[i]) && name[i] != '_' && (name[i] != '-' || label == 0))
			return false;
		label = dot ? 0 : label + 1;
		if (dot && (i == 0 || name[i - 1] == '.'))
			return false;
	}
	return true;
}

static void cached_answer(void *user, const char *name)
{
	struct cached *cached = user;

	cached->names->active--;
	cached->asked = false;
	cached->retry = after(RETRY_AFTER);
	if (!name || !is_hostname(name))
		return;
	memcpy(cached->name, name, strlen(name) + 1);
	cached->retry = INT64_MAX;
}

/* The place of an address: its own, else the one that was taken longest ago; NULL: all of these wait. */
static struct cached *cache_place(struct rp_resolver *names, struct rp_addr address)
{
	struct cached *place = NULL;

	for (unsigned i = 0; i < CACHE_SIZE && names->cache[i].address.family != RP_FAMILY_NONE; i++)
		if (rp_addr_equal(names->cache[i].address, address))
			return &names->cache[i];
	for (unsigned i = 0; i < CACHE_SIZE && !place; i++) {
		struct cached *oldest = &names->cache[names->oldest];

		names->oldest = (names->oldest + 1) % CACHE_SIZE;
		if (!oldest->asked)
			place = oldest;
	}
	if (place)
		*place = (struct cached){.names = names, .address = address, .retry = INT64_MIN};
	return place;
}

const char *rp_resolver_of(struct rp_resolver *names, struct rp_addr address)
{
	struct cached *cached = cache_place(names, address);

	if (!cached)
		return NULL;
	if (!cached->asked && cached->retry <= timestamp_monotonic() && names->active < ACTIVE_MAX) {
		names->active++;
		cached->asked = true;
		cares_ask_name(names->cares, address, cached_answer, cached);
		turn(names);
	}
	return cached->name[0] ? cached->name : NULL;
}

/* ---- addresses of names ----------------------------------------------------------------------- */

int rp_resolver_find(struct rp_resolver *names, const char *name, int64_t delay, int64_t every,
		     bool (*found)(void *user, const struct rp_found *found), void *user)
{
	struct lookup *lookup = calloc(1, sizeof *lookup);
	char *copy = strdup(name);
	struct lookup **heap = array_grow(names->heap, names->lookups, &names->room, sizeof(*heap));

	if (heap)
		names->heap = heap;
	if (!lookup || !copy || !heap) {
		free(lookup);
		free(copy);
		return -ENOMEM;
	}
	*lookup = (struct lookup){.names = names,
				  .name = copy,
				  .due = delay > 0 ? after(delay) : INT64_MIN,
				  .every = every,
				  .found = found,
				  .user = user};
	names->lookups++;
	push(names, lookup);
	turn(names);
	return 0;
}

int rp_resolver_settle(struct rp_resolver *names, int64_t patience)
{
	int64_t until = after(patience);
	int error = 0;

	for (int64_t now = timestamp_monotonic(); error == 0 && now < until; now = timestamp_monotonic()) {
		if (names->active == 0 && !is_due(names, now))
			break;
		error = rp_loop_dispatch(names->loop, until);
	}
	return error;
}

/* ---- opening and closing ---------------------------------------------------------------------- */

static int refuse(int code, struct rp_error *error)
{
	const char *why = strerror(-code);

	if (code == -ELIBACC)
		why = "the library c-ares (libcares.so.2) is not installed";
	if (code == -ENOTSUP)
		why = "this build is without c-ares";
	return error_set(error, code, "names cannot be looked up beside the probes: %s", why);
}

int rp_resolver_open(struct rp_resolver **result, struct rp_loop *loop, struct rp_error *error)
{
	struct rp_resolver *names = calloc(1, sizeof *names);
	int code;

	if (!names)
		return error_set(error, -ENOMEM, "out of memory");
	names->loop = loop;
	names->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	code = names->epoll_fd < 0 ? -errno : rp_loop_timer(loop, &names->timer, names_due, names);
	if (code == 0)
		code = cares_open(&names->cares, names->epoll_fd);
	if (code == 0)
		code = rp_loop_watch(loop, &names->watch, names->epoll_fd, EPOLLIN, names_ready, names);
	if (code < 0) {
		rp_resolver_close(names);
		return refuse(code, error);
	}
	*result = names;
	return 0;
}

void rp_resolver_close(struct rp_resolver *names)
{
	if (!names)
		return;
	names->closing = true;
	rp_watch_close(names->watch);
	rp_timer_close(names->timer);
	cares_close(names->cares);
	while (names->waiting > 0)
		lookup_free(pop(names));
	free(names->heap);
	if (names->epoll_fd >= 0)
		close(names->epoll_fd);
	free(names);
}
