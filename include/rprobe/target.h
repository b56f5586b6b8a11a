/* SPDX-License-Identifier: MIT */
/* Who is probed: the target set, and which ports of each target. */
#ifndef RPROBE_TARGET_H
#define RPROBE_TARGET_H

#include <rprobe/event.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rp_targets;
struct rp_ports;

/* What went wrong, as one sentence for a person: it names the thing and has no trailing newline. */
struct rp_error {
	char text[512];
};

/* ---- targets ---------------------------------------------------------------------------------- */

/* One target of a run; the pointers live as long as the rp_targets. */
struct rp_target {
	struct rp_addr address; /* family NONE: that of a name is not known (yet) */
	const char *name;       /* as it was given; NULL for an element of a range, whose name is its address */
	const char *canonical;  /* the resolver's canonical name, or NULL when an address was given */
	bool follows;           /* it has no probes of its own: another target at its address is probed for it, ... */
	uint32_t leader;        /* ... this one */
	enum rp_reason bad;     /* it is not probed at all, for this reason; NONE: it is */
	bool removed;           /* it is not probed any more */
	void *user;             /* of rp_targets_set_user() */
};

int rp_targets_new(struct rp_targets **targets);
void rp_targets_free(struct rp_targets *targets);

/* Adds what `text` names: an address, a name (looked up now; the first IPv4 address counts), a network
 * 192.0.2.0/24, or ranges by octet 192.0.2.1-50,200. An address that is a target already is not added again,
 * and keeps its name. -EINVAL not understood, or nobody's name, -ENOENT no such name,
 * -EAGAIN the resolver did not answer, -EAFNOSUPPORT the name has no IPv4 address. */
int rp_targets_add(struct rp_targets *targets, const char *text, struct rp_error *error);

/* Adds `text` where it is an address in any notation, a network or a range: no resolver is asked. 0 added; 1 it is
 * of none of these forms, and may be a name; negative as of rp_targets_add(). */
int rp_targets_add_numeric(struct rp_targets *targets, const char *text, struct rp_error *error);

/* Adds a name: always a target of its own. Where its address is a target already it follows that one; with family
 * NONE its address is not known yet, and probes to it are not sent until rp_targets_move() tells it. Texts are
 * copied. -EINVAL no IPv4 address, or too many targets, -ENOMEM. */
int rp_targets_add_name(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical);

/* Adds what cannot be probed, so that it has a place among the results. -EINVAL too many, -ENOMEM. */
int rp_targets_add_bad(struct rp_targets *targets, const char *name, enum rp_reason reason);

/* Targets may also be added, moved and removed while a session probes them, from its listener, too: a series then
 * has them in its next round, and those that are there keep their ports. A scan only lets them move (-EBUSY). */

/* Gives a target another address, or its first: RP_EVENT_ADDRESS follows at once. Answers from the last 8 addresses
 * of a target count as its own. -EINVAL no IPv4 address, -ENOMEM. */
int rp_targets_move(struct rp_targets *targets, uint32_t index, struct rp_addr address);

/* Probes a target no more; what is under way to it is waited for. It keeps its index and its statistics, and is
 * probed again when its address is added again. -EINVAL no such target, -ENOMEM. */
int rp_targets_remove(struct rp_targets *targets, uint32_t index);

/* Keeps a pointer of the caller's with a target, which rp_targets_at() returns. -EINVAL no such target, -ENOMEM. */
int rp_targets_set_user(struct rp_targets *targets, uint32_t index, void *user);

/* None of its addresses is probed, whatever names it: targets at them have no ports. Borrowed; to be set before they
 * are added. */
void rp_targets_exclude(struct rp_targets *targets, const struct rp_targets *excluded);

/* The index of the first target that was added with that address, or -ENOENT. */
int64_t rp_targets_find(const struct rp_targets *targets, struct rp_addr address);

/* The next target that follows the target `index`, in the order in which they were added; -ENOENT there is none.
 * `*cursor` is 0 at first. */
int64_t rp_targets_follower(const struct rp_targets *targets, uint32_t index, uint32_t *cursor);

uint32_t rp_targets_count(const struct rp_targets *targets);

/* How many addresses were not added because they were targets already. */
uint64_t rp_targets_repeated(const struct rp_targets *targets);

/* The target of index 0 to count - 1. */
struct rp_target rp_targets_at(const struct rp_targets *targets, uint32_t index);

/* ---- ports ------------------------------------------------------------------------------------ */

/* Reads ports in nmap's syntax: 22  22-25,80  -25  65530-  -  ssh,http  http*  [20-25]  T:22.
 * The caller frees the result. -EINVAL with the reason in `error`. */
int rp_ports_parse(struct rp_ports **ports, const char *text, struct rp_error *error);
void rp_ports_free(struct rp_ports *ports);

/* The first `count` ports of the library's ranking: a list made by hand, then the other registered services in
 * ascending order. The caller frees the result. -EINVAL when there are not as many. */
int rp_ports_top(struct rp_ports **ports, uint32_t count, struct rp_error *error);

/* Takes these out, in the same syntax, even if none is left. -EINVAL with the reason in `error`. */
int rp_ports_exclude(struct rp_ports *ports, const char *text, struct rp_error *error);

/* All that are in any of these lists; none, without lists. The caller frees the result. */
int rp_ports_join(struct rp_ports **ports, const struct rp_ports *const *lists, size_t count);
uint32_t rp_ports_count(const struct rp_ports *ports);

/* The port of index 0 to count - 1, in ascending order. */
uint16_t rp_ports_at(const struct rp_ports *ports, uint32_t index);

/* The index of a port, or -ENOENT. */
int64_t rp_ports_find(const struct rp_ports *ports, uint16_t port);

/* The service registered for a TCP port, or NULL. */
const char *rp_service_name(uint16_t port);

/* ---- ports of targets ------------------------------------------------------------------------- */

/* What is named from now on is asked for these ports, also where it is a target already; the list is copied. NULL: for
 * port 0 alone, which stands for none, as it is at first. -ENOMEM. */
int rp_targets_set_ports(struct rp_targets *targets, const struct rp_ports *ports);

/* The copy of these, which lives as long as the targets; NULL: none were set. */
const struct rp_ports *rp_targets_current_ports(const struct rp_targets *targets);

/* All ports that were set so far; NULL: none were. */
const struct rp_ports *rp_targets_all_ports(const struct rp_targets *targets);

/* ---- the grid --------------------------------------------------------------------------------- */

/* Which ports of which targets: each pair has a number, target by target, and keeps it. Whoever keeps something of
 * each pair has an array, and looks nothing up. */
struct rp_grid;

/* As the targets were named: also what cannot be probed, and of each target only what it was asked for itself. */
const struct rp_grid *rp_targets_asked(const struct rp_targets *targets);

/* As they are probed: of each target what is asked of it and of those that follow it; nothing of these, and of what
 * is bad. */
const struct rp_grid *rp_targets_probed(const struct rp_targets *targets);

/* As they are probed, and what was asked of those that are bad: for who shows each address once. */
const struct rp_grid *rp_targets_merged(const struct rp_targets *targets);

/* The ports of a target, perhaps none. */
const struct rp_ports *rp_grid_ports(const struct rp_grid *grid, uint32_t target);

/* A target and one of its ports: 0 where none were set, as for ICMP. */
struct rp_pair {
	uint32_t target;
	uint16_t port;
};

/* How many pairs there are; the number of one, or -ENOENT; and the pair of a number. */
uint64_t rp_grid_count(const struct rp_grid *grid);
int64_t rp_grid_number(const struct rp_grid *grid, uint32_t target, uint16_t port);
struct rp_pair rp_grid_pair(const struct rp_grid *grid, uint64_t number);

#ifdef __cplusplus
}
#endif

#endif
