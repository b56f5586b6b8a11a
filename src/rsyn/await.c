/* SPDX-License-Identifier: MIT */
/* A name is a target before it has an address; here it gets one. */
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

/* What is excluded stays without an address once the scan has begun; until then pairs_assign() sees to it. */
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
	if (found->count > 1 && !tool->run.quiet)
		names_tell_others(tool, found);
	if (tool->session != NULL)
		rp_session_moved(tool->session, awaited->target, before);
	return false;
}

static bool is_awaited(const struct named *host)
{
	return host->name && !host->known && host->bad == RP_REASON_NONE;
}

static bool all_ascii(const struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->host_count; i++)
		if (is_awaited(pairs->hosts[i]) && !ascii_only(pairs->hosts[i]->text))
			return false;
	return true;
}

/* 1: it can be no name. */
static int await_name(struct named *host, struct awaited *awaited)
{
	struct rp_targets *targets = awaited->tool->targets;
	uint32_t target = rp_targets_count(targets);
	int result = rp_targets_add_name(targets, host->text);

	if (result != 0)
		return result;
	host->first = awaited->target = target;
	host->last = target + 1;
	host->known = true;
	return rp_names_find(awaited->tool->names, host->text, 0, LOOK_UP_AGAIN, come, awaited);
}

int await_names(struct await *await, struct tool *tool, struct pairs *pairs)
{
	int result = all_ascii(pairs) ? names_open(tool, NULL) : -EILSEQ;

	if (result < 0)
		return result;
	await->list = calloc(pairs->host_count + 1, sizeof *await->list);
	if (await->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < pairs->host_count; i++) {
		await->list[i] = (struct awaited){.tool = tool, .pairs = pairs};
		if (is_awaited(pairs->hosts[i]) && await_name(pairs->hosts[i], &await->list[i]) < 0)
			die(tool->about->name, "out of memory");
	}
	rp_names_settle(tool->names, NAMES_HEAD_START);
	return 0;
}

void await_free(struct await *await)
{
	free(await->list);
}
