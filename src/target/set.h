/* SPDX-License-Identifier: MIT */
/*
 * The target set: addresses, ranges and names in the order in which they were named, each address probed once. A range
 * costs one entry whatever its size. The forms of addresses are read in spec.c; what resolves names is in io/targets.c.
 */
#ifndef TARGET_SET_H
#define TARGET_SET_H

#include <rprobe/target.h>

/* Names the addresses of `text` where it has the form of an address or a range of them: 4 numbers with dots and any of
 * "*,/-" (192.0.2.1, 192.0.2.0/24, 192.0.2.1-50,200). 0 added; 1 it is not of that form and may be a name;
 * -EINVAL it is of that form and cannot be (a number over 255, a mask over 32, a backwards range), or there would be
 * more than UINT32_MAX - 1 targets, -ENOMEM: `error` says so. */
int set_add_text(struct rp_targets *targets, const char *text, struct rp_error *error);

/* Names one address, which was written as `text`; it is copied. */
int set_add_address(struct rp_targets *targets, struct rp_addr address, const char *text, struct rp_error *error);

int set_add_range(struct rp_targets *targets, uint32_t first, uint32_t last, struct rp_error *error);

/* Room for `more` ranges of so many addresses together, however they are cut, so that set_add_span() cannot fail half
 * way. -EINVAL, -ENOMEM as above. */
int set_reserve(struct rp_targets *targets, uint32_t more, uint64_t addresses, struct rp_error *error);

/* Within what was reserved. The last entry that was new; NULL: none was. */
struct entry;
struct entry *set_add_span(struct rp_targets *targets, uint32_t first, uint32_t last);

/* Where a target is; no family while that is not known. */
struct rp_addr set_address(const struct rp_targets *targets, uint32_t index);

/* The next further target that has or had that address since it was added; -ENOENT. `*cursor` is 0 at first, and may
 * be kept. */
int64_t set_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t *cursor);

/* Who hears of changes: see watch.h. */
struct watch **set_watches(struct rp_targets *targets);

/* Makes the numbers of pairs; -ENOMEM, also where memory was out before. */
int set_ready(const struct rp_targets *targets);

#endif
