/* SPDX-License-Identifier: MIT */
/*
 * Targets are runs of addresses in the order given, which indices count through. The runs are disjoint, and nodes of a
 * treap by address: an address given twice belongs to its first run, what is given later adds only the runs that nobody
 * has yet. Apart from the treap stand runs of one target each: names without an address, and aliases.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "target/addrset.h"
#include "target/readdress.h"

#define COUNT_MAX (UINT32_MAX - 1)
#define NONE      UINT32_MAX

#define OUT_OF_MEMORY "out of memory"

struct run {
	uint32_t first, last; /* addresses */
	uint32_t index;       /* of `first` */
	uint32_t left, right; /* in the treap, NONE for no child */
	char *name;           /* owned; NULL for a range */
	char *canonical;      /* owned; may be NULL */
	bool unknown;         /* it has no address of its own */
	bool alias;
};

struct rp_targets {
	struct run *runs;
	uint32_t runs_count, capacity;
	uint32_t added; /* ranges that brought something new: n of them have at most 2n - 1 runs */
	uint32_t root;
	uint32_t count;
	struct readdress moves;
	struct readdress aliases;
	uint64_t repeated;
};

int rp_targets_new(struct rp_targets **targets)
{
	*targets = calloc(1, sizeof(**targets));
	if (!*targets)
		return -ENOMEM;
	(*targets)->root = NONE;
	return 0;
}

void rp_targets_free(struct rp_targets *targets)
{
	if (!targets)
		return;
	for (uint32_t i = 0; i < targets->runs_count; i++) {
		free(targets->runs[i].name);
		free(targets->runs[i].canonical);
	}
	free(targets->runs);
	readdress_fini(&targets->moves);
	readdress_fini(&targets->aliases);
	free(targets);
}

uint32_t rp_targets_count(const struct rp_targets *targets)
{
	return targets->count;
}

uint64_t rp_targets_repeated(const struct rp_targets *targets)
{
	return targets->repeated;
}

struct rp_target rp_targets_at(const struct rp_targets *targets, uint32_t index)
{
	uint32_t low = 0, high = targets->runs_count;
	const struct run *run;

	/* The last run that starts at or before `index`. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (targets->runs[middle].index <= index)
			low = middle;
		else
			high = middle;
	}
	run = &targets->runs[low];
	struct rp_target target = {
		.name = run->name,
		.canonical = run->canonical,
		.alias = run->alias,
	};
	if (!run->unknown)
		target.address = rp_addr_ipv4(run->first + (index - run->index));
	readdress_apply(&targets->moves, index, &target.address);
	return target;
}

int64_t addrset_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t *cursor)
{
	return readdress_find(&targets->moves, address, cursor);
}

int64_t rp_targets_alias(const struct rp_targets *targets, struct rp_addr address, uint32_t *cursor)
{
	return readdress_find(&targets->aliases, address, cursor);
}

int rp_targets_move(struct rp_targets *targets, uint32_t index, struct rp_addr address)
{
	if (address.family != RP_FAMILY_IPV4 || index >= targets->count)
		return -EINVAL;
	return readdress_add(&targets->moves, index, address);
}

/* ---- the treap -------------------------------------------------------------------------------- */

/* Heap order by a bijective hash of the address: balanced for every order of arrival, and reproducible. */
static uint32_t priority(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

/* Apart from the treap. */
static struct run *run_append(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	struct run *run = &targets->runs[targets->runs_count++];

	*run = (struct run){.first = first, .last = last, .index = targets->count};
	targets->count += last - first + 1;
	return run;
}

static struct run *run_insert(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	struct run *p = targets->runs;
	uint32_t new = (uint32_t)(run_append(targets, first, last) - p);
	uint32_t *link = &targets->root, *left = &p[new].left, *right = &p[new].right;
	uint32_t node;

	while (*link != NONE && priority(p[*link].first) > priority(first))
		link = first < p[*link].first ? &p[*link].left : &p[*link].right;
	node = *link;
	*link = new;
	/* What hung there is split into what lies before and behind. */
	while (node != NONE) {
		if (p[node].first < first) {
			*left = node;
			left = &p[node].right;
			node = *left;
		} else {
			*right = node;
			right = &p[node].left;
			node = *right;
		}
	}
	*left = *right = NONE;
	return &p[new];
}

/* The runs next to `address`: the last that starts at or before it, the first that starts behind it. */
static void run_neighbours(const struct rp_targets *targets, uint32_t address, const struct run **before,
			   const struct run **behind)
{
	uint32_t node = targets->root;

	*before = *behind = NULL;
	while (node != NONE) {
		const struct run *run = &targets->runs[node];

		if (run->first <= address) {
			*before = run;
			node = run->right;
		} else {
			*behind = run;
			node = run->left;
		}
	}
}

int64_t addrset_find(const struct rp_targets *targets, struct rp_addr address)
{
	uint32_t value = rp_addr_ipv4_value(address);
	const struct run *run, *behind;

	if (address.family != RP_FAMILY_IPV4)
		return -ENOENT;
	run_neighbours(targets, value, &run, &behind);
	if (!run || value > run->last)
		return -ENOENT;
	return (int64_t)run->index + (value - run->first);
}

/* ---- adding ----------------------------------------------------------------------------------- */

int addrset_reserve(struct rp_targets *targets, uint32_t more, uint64_t addresses, struct rp_error *error)
{
	uint64_t need = 2 * ((uint64_t)targets->added + more);
	uint64_t capacity = targets->capacity ? targets->capacity : 16;
	void *grown;

	if (targets->count + addresses > COUNT_MAX)
		return error_set(error, -EINVAL, "too many targets: %u are the most", COUNT_MAX);
	while (capacity < need)
		capacity *= 2;
	if (capacity == targets->capacity)
		return 0;
	grown = capacity <= UINT32_MAX ? realloc(targets->runs, (size_t)capacity * sizeof(*targets->runs)) : NULL;
	if (!grown)
		return error_set(error, -ENOMEM, OUT_OF_MEMORY);
	targets->runs = grown;
	targets->capacity = (uint32_t)capacity;
	return 0;
}

struct run *addrset_add_run(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	uint64_t at = first; /* 64 bits, to stand behind 255.255.255.255 */
	struct run *new = NULL;

	while (at <= last) {
		const struct run *before, *behind;
		uint32_t end = last;

		run_neighbours(targets, (uint32_t)at, &before, &behind);
		if (before && before->last >= at) {
			end = before->last < last ? before->last : last;
			targets->repeated += end - at + 1;
		} else {
			if (behind && behind->first <= end)
				end = behind->first - 1;
			new = run_insert(targets, (uint32_t)at, end);
		}
		at = (uint64_t)end + 1;
	}
	targets->added += new != NULL;
	return new;
}

/* The names of a run; 0 or -ENOMEM. */
static int copy_names(struct run *names, const char *name, const char *canonical, struct rp_error *error)
{
	names->name = name ? strdup(name) : NULL;
	names->canonical = canonical ? strdup(canonical) : NULL;
	if ((!name || names->name) && (!canonical || names->canonical))
		return 0;
	free(names->name);
	free(names->canonical);
	return error_set(error, -ENOMEM, OUT_OF_MEMORY);
}

static void take_names(struct run *run, const struct run *names)
{
	if (run) {
		run->name = names->name;
		run->canonical = names->canonical;
		return;
	}
	free(names->name);
	free(names->canonical);
}

int addrset_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical,
			struct rp_error *error)
{
	uint32_t value = rp_addr_ipv4_value(address);
	struct run names;
	int rc;

	if (address.family != RP_FAMILY_IPV4)
		return error_set(error, -EINVAL, "'%.64s': no IPv4 address", name);
	rc = addrset_reserve(targets, 1, 1, error);
	if (rc == 0)
		rc = copy_names(&names, name, canonical, error);
	if (rc == 0)
		take_names(addrset_add_run(targets, value, value), &names);
	return rc;
}

static int add_apart(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical,
		     struct run **run)
{
	struct run names;
	int rc = addrset_reserve(targets, 1, 1, NULL);

	if (rc == 0)
		rc = copy_names(&names, name, canonical, NULL);
	if (rc < 0)
		return rc;
	*run = run_append(targets, rp_addr_ipv4_value(address), rp_addr_ipv4_value(address));
	(*run)->unknown = address.family == RP_FAMILY_NONE;
	take_names(*run, &names);
	targets->added++;
	return 0;
}

int addrset_add_unknown(struct rp_targets *targets, const char *name)
{
	struct run *run;

	return add_apart(targets, (struct rp_addr){.family = RP_FAMILY_NONE}, name, name, &run);
}

int rp_targets_add_alias(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical)
{
	uint32_t index = targets->count;
	struct run *run;
	int rc = add_apart(targets, address, name, canonical, &run);

	if (rc < 0)
		return rc;
	run->alias = true;
	if (address.family == RP_FAMILY_NONE)
		return 0;
	targets->repeated++;
	return readdress_add(&targets->aliases, index, address);
}

int addrset_add_range(struct rp_targets *targets, uint32_t first, uint32_t last, struct rp_error *error)
{
	int rc = addrset_reserve(targets, 1, (uint64_t)last - first + 1, error);

	if (rc == 0)
		addrset_add_run(targets, first, last);
	return rc;
}
