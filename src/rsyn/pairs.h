/* SPDX-License-Identifier: MIT */
/*
 * Targets as they are named, by operands and lists alike: HOST, whose ports -p names, and HOST:PORTS. A host given several
 * times is one target with all of its ports, under its first name.
 */
#ifndef RSYN_PAIRS_H
#define RSYN_PAIRS_H

#include <rprobe/rprobe.h>

/* A host, however often it is named. */
struct named {
	char *text;               /* owned */
	uint32_t first, last;     /* targets that it brought: from the first to before the last */
	struct rp_targets *found; /* all of it, where some were targets before; NULL */
	uint32_t again;           /* how often it is named besides */
	bool known;               /* looked up, and among the targets */
};

/* Ports as they are written, however often. */
struct written {
	char *text;             /* owned */
	struct rp_ports *ports; /* likewise */
};

struct pair {
	struct named *host;
	const struct rp_ports *ports;
};

struct pairs {
	struct pair *list;
	size_t count, room;
	struct named **hosts; /* in the order of their first naming */
	size_t host_count, host_room;
	struct written **lists;
	size_t list_count, list_room;
	void *host_tree, *port_tree; /* tsearch(): struct named, struct written by their texts */
	bool any_own;                /* one has ports of its own */
	struct rp_ports *general;    /* those of -p; NULL: there are none; owned */
	const char *without;         /* --exclude-ports; NULL; borrowed */
	struct rp_targets *excluded; /* never probed, whatever else says; NULL: none */

	/* what becomes of it */
	struct rp_ports *all;             /* owned */
	const struct rp_ports **ports_of; /* for rp_config.ports_of; NULL: all have the same */
	struct rp_ports **joined;         /* of targets with several pairs; owned */
	size_t joined_count;
};

/* `general` is taken: the ports of who has none of its own; NULL: none. */
void pairs_init(struct pairs *pairs, struct rp_ports *general, const char *without);
void pairs_free(struct pairs *pairs);

/* What would be misread is refused. 0, or -EINVAL with the reason. */
int pairs_add(struct pairs *pairs, const char *text, struct rp_error *error);

/* Whether it may be added, with the ports of -p. */
int pairs_check_plain(const struct pairs *pairs, const char *text, struct rp_error *error);

/* Looks up the hosts from the first-th on, so many, that are not known yet and adds them to the targets. 0, or the error of
 * the first that could not be looked up; the others are tried all the same. */
int pairs_resolve(struct pairs *pairs, size_t first, size_t count, struct rp_targets *targets, struct rp_error *error);

/* Addresses that are never probed: what lists and operands take, without ports. Names are looked up now. */
int pairs_exclude(struct pairs *pairs, const char *const *texts, size_t count, struct rp_error *error);

/* Which ports each target has, once they are all there: fills `all` and `ports_of`. Targets of nobody's pair have those of -p.
 * 0 or -ENOMEM. */
int pairs_assign(struct pairs *pairs, const struct rp_targets *targets);

/* How many addresses are named more than once. */
uint64_t pairs_repeated(const struct pairs *pairs, const struct rp_targets *targets);

#endif
