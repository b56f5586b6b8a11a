/* SPDX-License-Identifier: MIT */
/*
 * Operands: HOST, whose ports -p names, and HOST:PORTS. A host given several times is one target with all of its
 * ports, under its first name.
 */
#ifndef RSYN_PAIRS_H
#define RSYN_PAIRS_H

#include <rprobe/rprobe.h>

struct pair {
	const char *operand;
	char *host;               /* owned */
	struct rp_ports *ports;   /* NULL: those of -p */
	uint32_t first, last;     /* targets that it brought: from the first to before the last */
	struct rp_targets *hosts; /* all of it, where some were targets before; NULL */
	bool known;               /* resolved, and among the targets */
};

struct pairs {
	struct pair *list;
	int count;
	bool any_own;             /* one has ports of its own */
	char *text;               /* all ports, in -p's syntax; owned */
	struct rp_ports *general; /* those of -p; NULL */
	const struct rp_targets *targets;
	struct rp_targets *listed;   /* those of -iL, where pairs have ports of their own; NULL: none */
	struct rp_targets *excluded; /* never probed, whatever else says; NULL: none */
};

/* Reads the operands; `ports` is what -p says; NULL: there are none but
 * those of the operands; empty: they come from elsewhere. 0, or -EINVAL with the reason. */
int pairs_read(struct pairs *pairs, const char **operands, int count, const char *ports, struct rp_error *error);
void pairs_free(struct pairs *pairs);

/* Looks up the hosts that are not known yet and adds them to the targets. 0, or the error of the first that
 * could not be looked up; the others are tried all the same. */
int pairs_resolve(struct pairs *pairs, struct rp_targets *targets, struct rp_error *error);

/* Whether a word of a list can be a target: it has the ports of -p. */
int pairs_check_listed(const struct pairs *pairs, const char *text, struct rp_error *error);

/* Makes it one more operand ... */
int pairs_append(struct pairs *pairs, const char *text, struct rp_error *error);

/* ... or, where they may be many, all at once targets that are added elsewhere. Names are looked up now. */
int pairs_list(struct pairs *pairs, const char *const *texts, size_t count, struct rp_error *error);

/* Addresses that are never probed: what -iL and operands take, without ports. Names are looked up now. */
int pairs_exclude(struct pairs *pairs, const char *const *texts, size_t count, struct rp_error *error);

/* Is every port of every target asked for, so that nobody needs to ask? */
bool pairs_uniform(const struct pairs *pairs);

/* Is that port of that target to be probed? For rp_config.asked; `user` is the struct pairs. */
bool pairs_asked(const void *user, uint32_t target, uint16_t port);

#endif
