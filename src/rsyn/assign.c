/* SPDX-License-Identifier: MIT */
/*
 * Which ports each row has. Every pair lays a claim to each of its rows; these are sorted by row, so that the cost goes with
 * the pairs. Rows with one claim, as nearly all have, share the list of ports with whoever wrote the same. Names of one
 * address are rows of their own, and the first of them is probed for all of their ports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rsyn/pairs.h"

struct claims {
	const struct rp_ports **list; /* row by row */
	size_t *ends;                 /* by row: behind its last one */
};

/* The nth row of a host; false: it has no more. */
static bool row_of(const struct named *host, const struct rp_targets *targets, uint32_t nth, uint32_t *row)
{
	*row = host->first + nth;
	if (host->found == NULL)
		return *row < host->last;
	if (nth >= rp_targets_count(host->found))
		return false;
	*row = (uint32_t)rp_targets_find(targets, rp_targets_at(host->found, nth).address);
	return true;
}

static int sort_claims(const struct pairs *pairs, const struct rp_targets *targets, struct claims *claims)
{
	uint32_t count = rp_targets_count(targets), row;
	size_t *at = calloc((size_t)count + 1, sizeof *at);
	size_t all = 0;

	claims->ends = at;
	if (at == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->count; i++)
		for (uint32_t n = 0; row_of(pairs->list[i].host, targets, n, &row); n++)
			at[row] += pairs->list[i].ports != NULL;
	for (uint32_t i = 0; i < count; i++) {
		size_t own = at[i];

		at[i] = all;
		all += own;
	}
	claims->list = malloc((all + 1) * sizeof(*claims->list));
	if (claims->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->count; i++)
		for (uint32_t n = 0; pairs->list[i].ports != NULL && row_of(pairs->list[i].host, targets, n, &row); n++)
			claims->list[at[row]++] = pairs->list[i].ports;
	return 0;
}

/* The list for these claims; NULL: out of memory. */
static const struct rp_ports *join(struct pairs *pairs, const struct rp_ports *const *claims, size_t count)
{
	size_t same = 1;

	while (same < count && claims[same] == claims[0])
		same++;
	if (same >= count && count > 0)
		return claims[0];

	/* It grows when the count is a power of two. */
	if ((pairs->joined_count & (pairs->joined_count - 1)) == 0) {
		struct rp_ports **grown = realloc(pairs->joined, (2 * pairs->joined_count + 1) * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		pairs->joined = grown;
	}
	if (rp_ports_join(&pairs->joined[pairs->joined_count], claims, count) < 0)
		return NULL;
	return pairs->joined[pairs->joined_count++];
}

static int assign_each(struct pairs *pairs, const struct rp_targets *targets, const struct claims *claims)
{
	uint32_t count = rp_targets_count(targets);
	const struct rp_ports *none = join(pairs, NULL, 0);
	size_t begin = 0;

	pairs->asked = calloc((size_t)count + 1, sizeof(*pairs->asked));
	if (pairs->asked == NULL || none == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct rp_ports *ports = pairs->general;

		if (claims->ends != NULL) {
			ports = begin == claims->ends[i] ? none
							 : join(pairs, claims->list + begin, claims->ends[i] - begin);
			begin = claims->ends[i];
		}
		if (pairs->excluded != NULL && rp_targets_find(pairs->excluded, rp_targets_at(targets, i).address) >= 0)
			ports = none;
		if (ports == NULL)
			return -ENOMEM;
		pairs->asked[i] = ports;
	}
	return 0;
}

/* What the first name of an address is probed for: what any of them was asked for. NULL: out of memory. */
static const struct rp_ports *join_names(struct pairs *pairs, const struct rp_targets *targets, struct rp_addr address,
					 uint32_t first)
{
	const struct rp_ports **lists = NULL;
	size_t count = 1, room = 0;
	uint32_t cursor = 0;

	for (int64_t row = first; row >= 0; row = rp_targets_alias(targets, address, &cursor), count++) {
		if (count > room) {
			const struct rp_ports **grown = realloc(lists, 2 * count * sizeof(*lists));

			room = 2 * count;
			if (grown == NULL) {
				free(lists);
				return NULL;
			}
			lists = grown;
		}
		lists[count - 1] = pairs->asked[row];
	}
	const struct rp_ports *all = join(pairs, lists, count - 1);
	free(lists);
	return all;
}

/* One probe serves all names of an address; what has no address is not probed. */
static int assign_aliases(struct pairs *pairs, const struct rp_targets *targets)
{
	uint32_t count = rp_targets_count(targets);
	const struct rp_ports *none = join(pairs, NULL, 0);
	size_t size = ((size_t)count + 1) * sizeof(*pairs->probed);

	pairs->probed = malloc(size);
	pairs->merged = malloc(size);
	if (pairs->probed == NULL || pairs->merged == NULL || none == NULL)
		return -ENOMEM;
	memcpy(pairs->probed, pairs->asked, size);
	memcpy(pairs->merged, pairs->asked, size);
	for (uint32_t i = 0; i < count; i++) {
		struct rp_target target = rp_targets_at(targets, i);
		uint32_t cursor = 0;

		if (!target.alias)
			continue;
		pairs->probed[i] = none;
		if (target.address.family == RP_FAMILY_NONE)
			continue;
		pairs->merged[i] = none;
		if (rp_targets_alias(targets, target.address, &cursor) != i)
			continue;
		uint32_t first = (uint32_t)rp_targets_find(targets, target.address);
		pairs->probed[first] = pairs->merged[first] = join_names(pairs, targets, target.address, first);
		if (pairs->probed[first] == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* All that is asked for of anybody. */
static int join_all(struct pairs *pairs)
{
	const struct rp_ports **lists = malloc((pairs->list_count + 1) * sizeof(*lists));
	size_t count = 0;

	if (lists == NULL)
		return -ENOMEM;
	if (pairs->general != NULL)
		lists[count++] = pairs->general;
	for (size_t i = 0; i < pairs->list_count; i++)
		lists[count++] = pairs->lists[i]->ports;
	int result = rp_ports_join(&pairs->all, lists, count);
	free(lists);
	return result;
}

static bool all_alike(const struct pairs *pairs)
{
	const struct rp_ports *ports = pairs->general != NULL ? pairs->general : pairs->list[0].ports;

	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->list[i].ports != ports)
			return false;
	return pairs->excluded == NULL;
}

static bool any_alias(const struct pairs *pairs, const struct rp_targets *targets)
{
	for (size_t i = 0; i < pairs->host_count; i++) {
		const struct named *host = pairs->hosts[i];

		for (uint32_t row = host->first; (host->name || host->bad != RP_REASON_NONE) && row < host->last; row++)
			if (rp_targets_at(targets, row).alias)
				return true;
	}
	return false;
}

int pairs_assign(struct pairs *pairs, const struct rp_targets *targets)
{
	struct claims claims = {0};
	bool aliases = any_alias(pairs, targets);
	int result = join_all(pairs);

	if (result == 0 && (aliases || !all_alike(pairs))) {
		if (pairs->any_own)
			result = sort_claims(pairs, targets, &claims);
		if (result == 0)
			result = assign_each(pairs, targets, &claims);
		if (result == 0 && aliases)
			result = assign_aliases(pairs, targets);
	}
	free(claims.list);
	free(claims.ends);
	return result;
}
