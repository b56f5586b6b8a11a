/* SPDX-License-Identifier: MIT */
/* Hides that a name is a target before it has an address, and what becomes of it when it has one. */
#include "rsyn/await.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "cli/die.h"
#include "tool/names.h"

/* Between two lookups of a name that has no address yet. */
#define LOOK_UP_AGAIN INT64_C(500000000)

struct awaited {
	struct tool *tool;
	const struct pairs *pairs;
	uint32_t target;
	bool told;
};

/* What is excluded stays without an address once the scan has begun; until then pairs_asked() sees to it. */
static bool come(void *user, const struct rp_found *found)
{
	struct awaited *awaited = user;
	struct tool *tool = awaited->tool;
	bool excluded = found->count > 0 && tool->session != NULL && awaited->pairs->excluded != NULL &&
			rp_targets_find(awaited->pairs->excluded, found->addresses[0]) >= 0;

	if (found->count == 0 || excluded) {
		if ((excluded || !awaited->told) && !tool->run.quiet)
			warn(tool->about->name, "%s: %s%s", found->name,
			     excluded ? "its address is excluded" : found->why, excluded ? "" : "; waiting for it");
		awaited->told = true;
		return !excluded;
	}
	struct rp_addr before = rp_targets_at(tool->targets, awaited->target).address;
	if (rp_targets_move(tool->targets, awaited->target, found->addresses[0]) < 0)
		return true;
	if (tool->session != NULL)
		rp_session_moved(tool->session, awaited->target, before);
	return false;
}

static bool all_ascii(const struct pairs *pairs)
{
	for (int i = 0; i < pairs->count; i++)
		if (!ascii_only(pairs->list[i].host))
			return false;
	return true;
}

/* The same name is the same target. */
static const struct pair *named_before(const struct await *await, const struct pairs *pairs, int index)
{
	for (int i = 0; i < index; i++)
		if (await->list[i].tool != NULL && strcmp(pairs->list[i].host, pairs->list[index].host) == 0)
			return &pairs->list[i];
	return NULL;
}

/* 1: it is no name, but an address or a range. */
static int await_name(struct await *await, const struct pairs *pairs, int index, const struct awaited *awaited)
{
	const struct pair *before = named_before(await, pairs, index);
	struct rp_targets *targets = awaited->tool->targets;
	struct pair *pair = &pairs->list[index];
	uint32_t target = rp_targets_count(targets);
	int result = before != NULL ? 0 : rp_targets_add_name(targets, pair->host);

	if (result != 0)
		return result;
	pair->first = before != NULL ? before->first : target;
	pair->last = pair->first + 1;
	pair->known = true;
	if (before != NULL)
		return 0;
	await->list[index] = *awaited;
	await->list[index].target = target;
	return rp_names_find(awaited->tool->names, pair->host, 0, LOOK_UP_AGAIN, come, &await->list[index]);
}

int await_names(struct await *await, struct tool *tool, struct pairs *pairs)
{
	const struct awaited awaited = {.tool = tool, .pairs = pairs};
	struct pairs so_far = *pairs;
	struct rp_error why = {""};
	int result = all_ascii(pairs) ? names_open(tool, NULL) : -EILSEQ;

	if (result < 0)
		return result;
	await->list = calloc((size_t)pairs->count + 1, sizeof *await->list);
	if (await->list == NULL)
		return -ENOMEM;
	pairs->targets = tool->targets;
	for (int i = 0; i < pairs->count; i++) {
		result = await_name(await, pairs, i, &awaited);
		so_far.count = i + 1;
		if (result > 0)
			result = pairs_resolve(&so_far, tool->targets, &why);
		if (result < 0)
			die(tool->about->name, "%s", why.text[0] != '\0' ? why.text : strerror(-result));
	}
	rp_names_settle(tool->names, NAMES_HEAD_START);
	return 0;
}

void await_free(struct await *await)
{
	free(await->list);
}
