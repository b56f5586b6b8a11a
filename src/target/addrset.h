/* SPDX-License-Identifier: MIT */
/*
 * The targets of a run: addresses and ranges in the order they were given, each with its name and each address
 * once. A range costs one entry whatever its size. The forms of addresses are read in spec.c; what resolves names is in
 * io/targets.c.
 */
#ifndef TARGET_ADDRSET_H
#define TARGET_ADDRSET_H

#include <rprobe/rprobe.h>

struct run;

/* Adds `text` when it has the form of an address or a range of them: 4 numbers with dots and any of
 * "*,/-" (192.0.2.1, 192.0.2.0/24, 192.0.2.1-50,200). 0 added; 1 it is not of that form and may be a name;
 * -EINVAL it is of that form and cannot be (octet over 255, mask over 32, backwards range), or there would be more than
 * UINT32_MAX - 1 targets, -ENOMEM: `error` says so. */
int addrset_add_text(struct rp_targets *targets, const char *text, struct rp_error *error);

/* Adds one address under the name it was asked by; both texts are copied, `canonical` may be NULL. -EINVAL it is no IPv4
 * address, or one too many, -ENOMEM: `error` says so. */
int addrset_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical,
			struct rp_error *error);

/* Adds a name whose address is not known yet. 0 or a negative errno value. */
int addrset_add_unknown(struct rp_targets *targets, const char *name);

int addrset_add_range(struct rp_targets *targets, uint32_t first, uint32_t last, struct rp_error *error);

/* Room for `more` ranges of so many addresses together, however they are cut, so that addrset_add_run() cannot fail half
 * way. -EINVAL, -ENOMEM as above. */
int addrset_reserve(struct rp_targets *targets, uint32_t more, uint64_t addresses, struct rp_error *error);

/* Within what was reserved. The last run that was new; NULL: nothing was. */
struct run *addrset_add_run(struct rp_targets *targets, uint32_t first, uint32_t last);

/* The index of the target with that address; -ENOENT. Cost grows with the logarithm of the entries. */
int64_t addrset_find(const struct rp_targets *targets, struct rp_addr address);

/* The next target that came to have that address later, or had it since; -ENOENT. `*cursor` is 0 at first. */
int64_t addrset_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t *cursor);

#endif
