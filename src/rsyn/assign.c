/* SPDX-License-Identifier: MIT */
/*
 * Which ports each target has. Every pair lays a claim to each of its targets; these are sorted by target, so that the cost
 * goes with the pairs. Targets with one claim, as nearly all have, share the list of ports with whoever wrote the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "rsyn/pairs.h"

struct claims {
	const struct rp_ports **list; /* target by target */
	size_t *ends;                 /* by target: behind its last one */
};

/* The nth target of a host; false: it has no more. */
static bool target_of(const struct named *host, const struct rp_targets *targets, uint32_t nth, uint32_t *target)
{
	*target = host->first + nth;
	if (host->found == NULL)
		return *target < host->last;
	if (nth >= rp_targets_count(host->found))
		return false;
	*target = (uint32_t)rp_targets_find(targets, rp_targets_at(host->found, nth).address);
	return true;
}

static int sort_claims(const struct pairs *pairs, const struct rp_targets *targets, struct claims *claims)
{
	uint32_t count = rp_targets_count(targets), target;
	size_t *at = calloc((size_t)count + 1, sizeof *at);
	size_t all = 0;

	claims->ends = at;
	if (at == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->count; i++)
		for (uint32_t n = 0; target_of(pairs->list[i].host, targets, n, &target); n++)
			at[target]++;
	for (uint32_t i = 0; i < count; i++) {
		size_t own = at[i];

		at[i] = all;
		all += own;
	}
	claims->list = malloc((all + 1) * sizeof(*claims->list));
	if (claims->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->count; i++)
		for (uint32_t n = 0; target_of(pairs->list[i].host, targets, n, &target); n++)
			claims->list[at[target]++] = pairs->list[i].ports;
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

	pairs->ports_of = calloc((size_t)count + 1, sizeof(*pairs->ports_of));
	if (pairs->ports_of == NULL || none == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct rp_ports *ports = pairs->general;

		if (claims->ends != NULL) {
			ports = join(pairs, claims->list + begin, claims->ends[i] - begin);
			begin = claims->ends[i];
		}
		if (pairs->excluded != NULL && rp_targets_find(pairs->excluded, rp_targets_at(targets, i).address) >= 0)
			ports = none;
		if (ports == NULL)
			return -ENOMEM;
		pairs->ports_of[i] = ports;
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

int pairs_assign(struct pairs *pairs, const struct rp_targets *targets)
{
	struct claims claims = {0};
	int result = join_all(pairs);

	if (result == 0 && !all_alike(pairs)) {
		if (pairs->any_own)
			result = sort_claims(pairs, targets, &claims);
		if (result == 0)
			result = assign_each(pairs, targets, &claims);
	}
	free(claims.list);
	free(claims.ends);
	return result;
}
