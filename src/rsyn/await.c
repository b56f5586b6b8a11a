/* SPDX-License-Identifier: MIT */
/* Names that are found in the first moment become targets as those that are looked up before a run: one probe serves all names of
 * an address. Each of the others is a target of its own, without an address until it is found. */
#include "rsyn/await.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "app/die.h"
#include "rsyn/command.h"
#include "app/names.h"

/* Between two lookups of a name that has no address yet. */
#define LOOK_UP_AGAIN INT64_C(500000000)

struct awaited {
	struct app *app;
	const struct pairs *pairs;
	struct named *host;   /* NULL: nothing is awaited here */
	struct rp_addr found; /* in the first moment; family NONE: it was not */
	uint32_t target;      /* where it was not */
	bool told;
};

/* What is excluded stays without an address once the scan has begun; until then pairs_assign() sees to it. */
static bool come(void *user, const struct rp_found *found)
{
	struct awaited *awaited = user;
	struct app *app = awaited->app;
	bool excluded = found->count > 0 && app->session != NULL && awaited->pairs->excluded != NULL &&
			rp_targets_find(awaited->pairs->excluded, found->addresses[0]) >= 0;

	if (found->count == 0 || excluded) {
		if ((excluded || !awaited->told) && !app->run.quiet)
			warn(app->about->name, "%s: %s%s%s", found->name,
			     excluded ? "its address is excluded" : found->why, excluded ? "" : "; waiting for it",
			     excluded ? "" : command_hint(found->name));
		awaited->told = true;
		return !excluded;
	}
	if (found->count > 1 && !app->run.quiet)
		names_tell_others(app, found);
	if (app->session == NULL) {
		awaited->found = found->addresses[0];
		return false;
	}
	struct rp_addr before = rp_targets_at(app->targets, awaited->target).address;
	if (rp_targets_move(app->targets, awaited->target, found->addresses[0]) < 0)
		return true;
	rp_session_moved(app->session, awaited->target, before);
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

/* 0, or a negative errno value. */
static int place(struct pairs *pairs, struct awaited *awaited)
{
	struct rp_targets *targets = awaited->app->targets;
	struct named *host = awaited->host;

	if (host == NULL)
		return 0;
	if (awaited->found.family != RP_FAMILY_NONE)
		return pairs_add_address(pairs, targets, host, host->text, awaited->found);
	host->first = awaited->target = rp_targets_count(targets);
	host->last = host->first + 1;
	host->known = true;
	return rp_targets_add_name(targets, host->text);
}

int await_names(struct await *await, struct app *app, struct pairs *pairs)
{
	int result = all_ascii(pairs) ? names_open(app, NULL) : -EILSEQ;

	if (result < 0)
		return result;
	await->list = calloc(pairs->host_count + 1, sizeof *await->list);
	result = await->list != NULL ? 0 : -ENOMEM;
	for (size_t i = 0; i < pairs->host_count && result == 0; i++) {
		struct awaited *awaited = &await->list[i];
		struct named *host = pairs->hosts[i];

		*awaited = (struct awaited){.app = app, .pairs = pairs};
		if (!is_awaited(host) || strpbrk(host->text, "/ ") != NULL) /* no name has one */
			continue;
		awaited->host = host;
		result = rp_resolver_find(app->names, host->text, 0, LOOK_UP_AGAIN, come, awaited);
	}
	rp_resolver_settle(app->names, NAMES_HEAD_START);
	for (size_t i = 0; i < pairs->host_count && result == 0; i++)
		result = place(pairs, &await->list[i]);
	if (result < 0)
		die(app->about->name, "out of memory");
	return 0;
}

void await_free(struct await *await)
{
	free(await->list);
}
