/* SPDX-License-Identifier: MIT */
/*
 * Reads targets as they are named, HOST or HOST:PORTS, by operands and lists alike. Addresses and ranges become targets
 * at once; names are collected, so that they are looked up side by side; what cannot be probed gets a row of its own.
 */
#ifndef RSYN_NAMED_H
#define RSYN_NAMED_H

#include <rprobe/rprobe.h>

/* A name, or what cannot be probed, however often it is named. */
struct named {
	char *text;                   /* owned */
	const char *file;             /* the list that names it first; NULL: an operand; borrowed */
	uint32_t line;                /* of that list */
	bool refused;                 /* as it is written; the text is all of it */
	bool known;                   /* it is among the targets */
	enum rp_reason bad;           /* why it cannot be probed; NONE: it can */
	char *why;                    /* owned: the same as a sentence, once it has been looked up in vain; NULL */
	const struct rp_ports *ports; /* the targets keep them; NULL: nobody knows */
	uint32_t rows, again;         /* how many targets it brought, and how often it is named besides */
};

/* Who reports what cannot be probed, and addresses of names that are not; and who looks names up. */
struct named_reporter {
	void (*bad)(void *user, const struct named *host, const char *why);
	void (*others)(void *user, const struct rp_found *found);
	void *user;
	int (*look_up)(void *user, const char *const *names, size_t count,
		       void (*found)(void *user, size_t index, const struct rp_found *found), void *found_user);
	void *look_up_user; /* as names_look_up(); NULL: rp_resolver_look_up() does it */
};

struct named_hosts {
	struct rp_targets *targets; /* borrowed, as the next two */
	struct named_reporter reporter;
	const char *without;            /* --exclude-ports; NULL */
	const struct rp_ports *general; /* those of -p, perhaps none; the targets keep them */
	bool portless;                  /* no ports were given for all */
	bool all_addresses;             /* a name's targets are all of its addresses, not the first alone */
	bool apart;                     /* names may come to have other addresses: none shares the probes of another */
	bool any_own;                   /* one has ports of its own */
	struct named **list;            /* in the order of their first naming */
	size_t count, room;
	void *tree; /* tsearch(), by their texts */
};

void named_free(struct named_hosts *hosts);

/* What would be misread is bad, and reported. 0 or -ENOMEM. */
int named_add(struct named_hosts *hosts, const char *text, const char *file, uint32_t line);

/* Looks the names up that are not known yet. How many are still without an address, or -ENOMEM. May be repeated. */
int named_look_up(struct named_hosts *hosts);

/* A name has that address, NONE: none yet; it is a target from now on. 0 or -ENOMEM. */
int named_place(const struct named_hosts *hosts, struct named *host, struct rp_addr address, const char *canonical);

/* At last: rows for what cannot be probed, names without an address included. 0 or -ENOMEM. */
int named_add_bad(struct named_hosts *hosts);

/* How many addresses are named more than once. */
uint64_t named_repeated(const struct named_hosts *hosts);

#endif
