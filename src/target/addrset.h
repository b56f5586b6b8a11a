/* SPDX-License-Identifier: MIT */
/*
 * The targets of a run: addresses and ranges in the order they were given, each with its name and each address
 * once. A range costs one entry whatever its size. The public rp_targets_*() but rp_targets_add(), which also resolves
 * names (io/resolve), are implemented here.
 */
#ifndef TARGET_ADDRSET_H
#define TARGET_ADDRSET_H

#include <rprobe/rprobe.h>

#include "target/moves.h"

/* Adds `text` when it has the form of an address or a range of them: 4 numbers with dots and any of
 * "*,/-" (192.0.2.1, 192.0.2.0/24, 192.0.2.1-50,200). 0 added; 1 it is not of that form and may be a name;
 * -EINVAL it is of that form and cannot be (octet over 255, mask over 32, backwards range), or there would be more than
 * UINT32_MAX - 1 targets, -ENOMEM: `error` says so. */
int addrset_add_text(struct rp_targets *targets, const char *text, struct rp_error *error);

/* Adds one address under the name it was asked by; both texts are copied, `canonical` may be NULL. -EINVAL it is no IPv4
 * address, or one too many, -ENOMEM: `error` says so. */
int addrset_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical,
			struct rp_error *error);

/* The index of the target with that address; -ENOENT. Cost grows with the logarithm of the entries. */
int64_t addrset_find(const struct rp_targets *targets, struct rp_addr address);

/* The nth (from 0) target that came to have that address later, or had it since; -ENOENT. */
int64_t addrset_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t nth);

/* Where targets have moved to; rp_targets_at() knows. */
struct moves *addrset_moves(struct rp_targets *targets);

#endif
