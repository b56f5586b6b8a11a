/* SPDX-License-Identifier: MIT */
/*
 * Targets as they are named, by operands and lists alike: HOST, whose ports -p names, and HOST:PORTS. What was named is what
 * has a row in every output: each name, also of an address that has another one, and what cannot be probed. An address that is
 * named several times, in whatever notation, is one.
 */
#ifndef RSYN_PAIRS_H
#define RSYN_PAIRS_H

#include <rprobe/rprobe.h>

/* A host, however often it is named. */
struct named {
	char *text;               /* owned */
	const char *file;         /* the list that names it first; NULL: an operand; borrowed */
	uint32_t line;            /* of that list */
	bool refused;             /* as it is written; the text is all of it */
	bool name;                /* neither address nor range: it is looked up */
	bool known;               /* among the targets */
	enum rp_reason bad;       /* why it cannot be probed; NONE: it can */
	char *why;                /* owned: the same as a sentence, once it has been looked up in vain; NULL */
	uint32_t first, last;     /* rows that it brought: from the first to before the last */
	struct rp_targets *found; /* all of a range, where some were targets before; NULL */
	uint32_t again;           /* how often it is named besides */
};

/* Ports as they are written, however often. */
struct written {
	char *text;             /* owned */
	struct rp_ports *ports; /* likewise */
};

struct pair {
	struct named *host;
	const struct rp_ports *ports; /* NULL: nobody knows */
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
	bool all_addresses;          /* a name's targets are all of its addresses, not the first alone */
	bool apart;                  /* names may come to have other addresses: none shares the probes of another */

	/* what becomes of it, by rows; NULL: all have the same */
	struct rp_ports *all;           /* owned */
	const struct rp_ports **asked;  /* what each row was asked for */
	const struct rp_ports **probed; /* what is probed for it; NULL: what is asked */
	const struct rp_ports *
		*merged;          /* likewise, and what is asked of those that cannot be probed; NULL: what is probed */
	struct rp_ports **joined; /* of targets with several pairs; owned */
	size_t joined_count;
};

/* Who is told of hosts that cannot be probed, and of addresses of names that are not. */
struct pairs_teller {
	void (*bad)(void *user, const struct named *host, const char *why);
	void (*others)(void *user, const struct rp_found *found);
	void *user;
};

/* `general` is taken: the ports of who has none of its own; NULL: none. */
void pairs_init(struct pairs *pairs, struct rp_ports *general, const char *without);
void pairs_free(struct pairs *pairs);

/* What would be misread is a bad target, and told. 0 or -ENOMEM. */
int pairs_add(struct pairs *pairs, const char *text, const char *file, uint32_t line,
	      const struct pairs_teller *teller);

/* Why it may not be added, with the ports of -p; NULL: it may. */
const char *pairs_refuse_plain(const struct pairs *pairs, const char *text);

/* In this order: addresses and ranges are added to the targets, then names (how many are still without an address; may be
 * repeated), then what cannot be probed, names without an address included. 0 or positive, or -ENOMEM. */
int pairs_add_numeric(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller);
int pairs_add_names(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller);
int pairs_add_bad(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller);

/* Adds an address of a name: a target, or where it is one already a further name of it. The name is known then. 0 or -ENOMEM. */
int pairs_add_address(const struct pairs *pairs, struct rp_targets *targets, struct named *host, const char *canonical,
		      struct rp_addr address);

/* Which ports each row has, once they are all there: fills `all`, `asked`, `probed` and `merged`. Rows of nobody's pair have
 * those of -p. 0 or -ENOMEM. */
int pairs_assign(struct pairs *pairs, const struct rp_targets *targets);

/* How many addresses are named more than once. */
uint64_t pairs_repeated(const struct pairs *pairs, const struct rp_targets *targets);

#endif
