/* SPDX-License-Identifier: MIT */
/*
 * Names while a loop runs: the public rp_resolver_*(). Hides what is asked when, and what is remembered.
 *
 * A child process asks (io/resolver_process). An answer is never waited for: who asks too early goes without.
 */
#include <rprobe/rprobe.h>

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/ns.h"
#include "io/resolver_process.h"
#include "io/timestamp.h"

/* Addresses whose names are remembered. */
#define CACHE_SIZE 256

/* Who asks for a name that the hosts file has gets it at once: it takes the child less than this, in ms. */
#define HOSTS_FILE_MS 3

/* An address without a name is asked for again after this. */
#define RETRY_AFTER (60 * NS_PER_S)

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

/* A question under way: one of the two, or none. */
struct asked {
	struct lookup *lookup;
	struct cached *cached;
};

struct rp_resolver {
	struct rp_loop *loop;
	struct rp_watch *watch;
	struct rp_timer *timer;
	struct resolver_process process;
	struct resolver_answer *answer; /* owned: room for one */
	bool held;                      /* it stands there, and is taken in the next turn */
	struct asked asked[RESOLVER_ASKED_MAX];
	unsigned active;
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

static void lookup_answer(struct lookup *lookup, const struct resolver_answer *answer)
{
	struct rp_resolver *names = lookup->names;
	bool good = answer->error == 0;
	const struct rp_found found = {
		.name = lookup->name,
		.canonical = good ? answer->text : lookup->name,
		.addresses = answer->addresses,
		.count = good ? answer->count : 0,
		.error = answer->error,
		.why = good ? NULL : answer->text,
	};

	if (!lookup->found(lookup->user, &found) || lookup->every == 0) {
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

static void cached_answer(struct cached *cached, const struct resolver_answer *answer);

static void take_answer(struct rp_resolver *names)
{
	struct asked asked = names->asked[names->answer->id % RESOLVER_ASKED_MAX];

	names->asked[names->answer->id % RESOLVER_ASKED_MAX] = (struct asked){0};
	names->active -= asked.lookup || asked.cached;
	if (asked.lookup)
		lookup_answer(asked.lookup, names->answer);
	if (asked.cached)
		cached_answer(asked.cached, names->answer);
}

/* There is no child, or it has ended: as if no name server answered. */
static void give_up(struct rp_resolver *names, uint32_t id)
{
	names->answer->id = id;
	names->answer->error = -EAGAIN;
	names->answer->count = 0;
	snprintf(names->answer->text, sizeof names->answer->text, "the process that looks names up has ended");
	take_answer(names);
}

static void ask(struct rp_resolver *names, struct asked asked)
{
	struct resolver_question question = {0};
	uint32_t id = 0;

	while (names->asked[id].lookup || names->asked[id].cached)
		id++;
	names->asked[id] = asked;
	names->active++;
	question.id = id;
	if (asked.cached)
		question.address = rp_addr_ipv4_value(asked.cached->address);
	if (asked.lookup)
		snprintf(question.name, sizeof question.name, "%s", asked.lookup->name);
	if (resolver_process_ask(&names->process, &question) < 0)
		give_up(names, id);
}

static void turn(struct rp_resolver *names)
{
	int64_t now = timestamp_monotonic();

	/* Who is answered may ask again: the turn under way does that, too. */
	if (names->turning)
		return;
	names->turning = true;
	if (names->held)
		take_answer(names);
	names->held = false;
	while (names->active < RESOLVER_ASKED_MAX && is_due(names, now))
		ask(names, (struct asked){.lookup = pop(names)});
	bool room = names->active < RESOLVER_ASKED_MAX && names->waiting > 0;
	rp_timer_set(names->timer, room ? names->heap[0]->due : INT64_MAX);
	names->turning = false;
}

static void names_ready(void *user, unsigned ready)
{
	struct rp_resolver *names = user;
	int got = 1;

	(void)ready;
	turn(names);
	names->turning = true; /* who is answered may ask again, and is served below */
	for (unsigned i = 0; i < RESOLVER_ASKED_MAX && got == 1; i++) {
		got = resolver_process_read(&names->process, names->answer, MSG_DONTWAIT);
		if (got == 1)
			take_answer(names);
	}
	if (got < 0) {
		rp_watch_close(names->watch);
		names->watch = NULL;
		resolver_process_close(&names->process);
		for (uint32_t id = 0; id < RESOLVER_ASKED_MAX; id++)
			if (names->asked[id].lookup || names->asked[id].cached)
				give_up(names, id);
	}
	names->turning = false;
	turn(names);
}

static void names_due(void *user, int64_t now)
{
	(void)now;
	turn(user);
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

static void cached_answer(struct cached *cached, const struct resolver_answer *answer)
{
	cached->asked = false;
	cached->retry = after(RETRY_AFTER);
	if (answer->error != 0 || !is_hostname(answer->text))
		return;
	memcpy(cached->name, answer->text, strlen(answer->text) + 1);
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

/* Whoever else is answered meanwhile gets its answer in the next turn, and not from in here. */
static void wait_for_hosts_file(struct rp_resolver *names, const struct cached *cached)
{
	struct pollfd answers = {.fd = names->process.fd, .events = POLLIN};

	while (cached->asked && !names->held && poll(&answers, 1, HOSTS_FILE_MS) > 0 &&
	       resolver_process_read(&names->process, names->answer, MSG_DONTWAIT) == 1) {
		names->held = names->asked[names->answer->id % RESOLVER_ASKED_MAX].lookup != NULL;
		if (names->held)
			rp_timer_set(names->timer, 0);
		else
			take_answer(names);
	}
}

const char *rp_resolver_of(struct rp_resolver *names, struct rp_addr address)
{
	struct cached *cached = cache_place(names, address);

	if (!cached)
		return NULL;
	if (!cached->asked && cached->retry <= timestamp_monotonic() && names->active < RESOLVER_ASKED_MAX &&
	    !names->held) {
		cached->asked = true;
		ask(names, (struct asked){.cached = cached});
		if (!names->turning)
			wait_for_hosts_file(names, cached);
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

int rp_resolver_open(struct rp_resolver **result, struct rp_loop *loop, struct rp_error *error)
{
	struct rp_resolver *names = calloc(1, sizeof *names);
	int code;

	if (!names)
		return error_set(error, -ENOMEM, "out of memory");
	names->loop = loop;
	names->process.fd = -1;
	names->answer = malloc(sizeof *names->answer);
	code = names->answer ? rp_loop_timer(loop, &names->timer, names_due, names) : -ENOMEM;
	if (code == 0)
		code = resolver_process_open(&names->process);
	if (code == 0)
		code = rp_loop_watch(loop, &names->watch, names->process.fd, POLLIN, names_ready, names);
	if (code < 0) {
		rp_resolver_close(names);
		return error_set(error, code, "names cannot be looked up beside the probes: %s", strerror(-code));
	}
	*result = names;
	return 0;
}

void rp_resolver_close(struct rp_resolver *names)
{
	if (!names)
		return;
	rp_watch_close(names->watch);
	rp_timer_close(names->timer);
	resolver_process_close(&names->process);
	for (uint32_t id = 0; id < RESOLVER_ASKED_MAX; id++)
		if (names->asked[id].lookup)
			lookup_free(names->asked[id].lookup);
	while (names->waiting > 0)
		lookup_free(pop(names));
	free(names->heap);
	free(names->answer);
	free(names);
}
