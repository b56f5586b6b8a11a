/* SPDX-License-Identifier: MIT */
/* Names that are found in the first moment become targets as those that are looked up before a run: one probe serves
 * all names of an address. Each of the others is a target of its own, without an address until it is found. */
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
	struct named *host;   /* NULL: nothing is awaited here */
	struct rp_addr found; /* in the first moment; family NONE: it was not */
	uint32_t target;      /* where it was not */
	bool told;
};

/* What is excluded stays without an address once the scan has begun; until then the targets see to it. */
static bool come(void *user, const struct rp_found *found)
{
	struct awaited *awaited = user;
	struct app *app = awaited->app;
	bool excluded = found->count > 0 && app->session != NULL && app->excluded != NULL &&
			rp_targets_find(app->excluded, found->addresses[0]) >= 0;

	if (found->count == 0 || excluded) {
		if ((excluded || !awaited->told) && !app->run.quiet)
			warn(app->about->name, "%s: %s%s%s", found->name,
			     excluded ? "its address is excluded" : found->why, excluded ? "" : "; waiting for it",
			     excluded ? "" : command_hint(found->name));
		awaited->told = true;
		return !excluded;
	}
	if (found->count > 1 && !app->run.quiet)
		names_report_others(app, found);
	if (app->session == NULL) {
		awaited->found = found->addresses[0];
		return false;
	}
	return rp_targets_move(app->targets, awaited->target, found->addresses[0]) < 0;
}

static bool is_awaited(const struct named *host)
{
	return !host->known && host->bad == RP_REASON_NONE;
}

static bool all_ascii(const struct named_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (is_awaited(hosts->list[i]) && !ascii_only(hosts->list[i]->text))
			return false;
	return true;
}

int await_names(struct await *await, struct app *app, struct named_hosts *hosts)
{
	int result = all_ascii(hosts) ? names_open(app, NULL) : -EILSEQ;

	if (result < 0)
		return result;
	await->list = calloc(hosts->count + 1, sizeof *await->list);
	result = await->list != NULL ? 0 : -ENOMEM;
	for (size_t i = 0; i < hosts->count && result == 0; i++) {
		struct awaited *awaited = &await->list[i];
		struct named *host = hosts->list[i];

		*awaited = (struct awaited){.app = app};
		if (!is_awaited(host) || strpbrk(host->text, "/ ") != NULL) /* no name has one */
			continue;
		awaited->host = host;
		result = rp_resolver_find(app->names, host->text, 0, LOOK_UP_AGAIN, come, awaited);
	}
	rp_resolver_settle(app->names, NAMES_HEAD_START);
	for (size_t i = 0; i < hosts->count && result == 0; i++)
		if (await->list[i].host != NULL) {
			await->list[i].target = rp_targets_count(app->targets);
			result = named_place(hosts, await->list[i].host, await->list[i].found, hosts->list[i]->text);
		}
	if (result < 0)
		die(app->about->name, "out of memory");
	return 0;
}

void await_free(struct await *await)
{
	free(await->list);
}
