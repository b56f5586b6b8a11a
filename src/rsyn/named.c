/* SPDX-License-Identifier: MIT */
/* Names and what cannot be probed are kept by their texts, so that each is looked up and reported once. */
#include "rsyn/named.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

/* What was likely meant otherwise than it would be read; NULL: nothing. The number 80 alone is the address 0.0.0.80. */
static const char *misread(const char *text)
{
	const char *colon = strchr(text, ':');

	if (*text == '\0')
		return "a target is empty: name a host, an address or a network";
	if (strstr(text, "://") != NULL)
		return "a target is no URL: write HOST or HOST:PORTS";
	if (*text == '[' || (colon != NULL && strchr(colon + 1, ':') != NULL && strchr(colon + 1, '[') == NULL))
		return "IPv6 is not supported, and HOST:PORTS has one colon: name an IPv4 address";
	if (strlen(text) <= 5 && text[strspn(text, "0123456789")] == '\0' && strcmp(text, "0") != 0)
		return "a port, or a target? ports stand together, without blanks: -p 22,80";
	return NULL;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* A host may be named well and badly: web:22 and, without -p, web. */
static int by_text(const void *a, const void *b)
{
	const struct named *one = a, *other = b;
	int order = strcmp(one->text, other->text);

	return order != 0 ? order : (int)one->refused - (int)other->refused;
}

/* The host of that text, and whether it is new; NULL: out of memory. */
static struct named *named_of(struct named_hosts *hosts, const char *text, bool refused, bool *new)
{
	struct named *host = calloc(1, sizeof *host), **at = NULL;
	struct named **grown = array_grow(hosts->list, hosts->count, &hosts->room, sizeof(*grown));

	if (grown != NULL)
		hosts->list = grown;
	if (host != NULL) {
		host->text = strdup(text);
		host->refused = refused;
	}
	if (host != NULL && host->text != NULL && grown != NULL)
		at = (struct named **)tsearch(host, &hosts->tree, by_text);
	*new = at != NULL &&*at == host;
	if (*new) {
		hosts->list[hosts->count++] = host;
		return host;
	}
	if (host != NULL)
		free(host->text);
	free(host);
	return at != NULL ? *at : NULL;
}

/* What it is asked for wherever it is named. */
static int add_ports(struct named_hosts *hosts, struct named *host, const struct rp_ports *ports)
{
	const struct rp_ports *both[] = {ports, host->ports};
	struct rp_ports *all = NULL;
	int result = 0;

	if (ports == host->ports)
		return 0;
	if (host->ports != NULL)
		result = rp_ports_join(&all, both, 2);
	if (result == 0)
		result = rp_targets_set_ports(hosts->targets, all != NULL ? all : ports);
	rp_ports_free(all);
	host->ports = rp_targets_current_ports(hosts->targets);
	return result;
}

static int keep(struct named_hosts *hosts, const char *text, const struct rp_ports *ports, const char *file,
		uint32_t line, const char *why, bool refused)
{
	bool new;
	struct named *host = named_of(hosts, text, refused, &new);

	if (host == NULL)
		return -ENOMEM;
	if (new) {
		host->file = file;
		host->line = line;
	} else {
		host->again++;
	}
	if (why != NULL)
		host->bad = RP_REASON_BAD_TARGET;
	if (why != NULL && new) /* reported where it stands first */
		hosts->reporter.bad(hosts->reporter.user, host, why);
	return add_ports(hosts, host, ports);
}

static int read_ports(struct named_hosts *hosts, const char *text, struct rp_error *error)
{
	struct rp_ports *ports = NULL;
	int result = rp_ports_parse(&ports, text, error);

	if (result == 0 && hosts->without != NULL)
		result = rp_ports_exclude(ports, hosts->without, error);
	if (result == 0)
		result = rp_targets_set_ports(hosts->targets, ports);
	rp_ports_free(ports);
	return result;
}

int named_add(struct named_hosts *hosts, const char *text, const char *file, uint32_t line)
{
	const char *colon = strchr(text, ':'), *why = misread(text);
	struct rp_error error = {""};
	int result = rp_targets_set_ports(hosts->targets, hosts->general);

	if (why == NULL && colon == NULL && hosts->portless)
		why = "which ports? name them with -p, or as HOST:PORT";
	if (why == NULL && colon == text)
		why = "a host is needed before the colon";
	if (why == NULL && colon != NULL && result == 0)
		result = read_ports(hosts, colon + 1, &error);
	if (result < 0 && error.text[0] == '\0')
		return result;
	if (result < 0)
		why = error.text;
	const struct rp_ports *ports = rp_targets_current_ports(hosts->targets);
	hosts->any_own |= ports != hosts->general;
	if (why != NULL) {
		struct rp_error sentence;

		error_set(&sentence, 0, "'%s': %s", text, why);
		return keep(hosts, text, ports, file, line, sentence.text, true);
	}
	char *name = strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	if (name == NULL)
		return -ENOMEM;
	result = rp_targets_add_numeric(hosts->targets, name, &error);
	if (result != 0 && result != -ENOMEM)
		result = keep(hosts, name, ports, file, line, result < 0 ? error.text : NULL, false);
	free(name);
	return result;
}

static void nothing(void *user)
{
	(void)user;
}

void named_free(struct named_hosts *hosts)
{
	tdestroy(hosts->tree, nothing);
	for (size_t i = 0; i < hosts->count; i++) {
		free(hosts->list[i]->text);
		free(hosts->list[i]->why);
		free(hosts->list[i]);
	}
	free(hosts->list);
}

/* ---- names ------------------------------------------------------------------------------------ */

static void refuse(const struct named_hosts *hosts, struct named *host, enum rp_reason reason, const char *why)
{
	host->bad = reason;
	hosts->reporter.bad(hosts->reporter.user, host, why);
}

int named_place(const struct named_hosts *hosts, struct named *host, struct rp_addr address, const char *canonical)
{
	uint32_t target = rp_targets_count(hosts->targets);
	bool apart = hosts->apart && rp_targets_find(hosts->targets, address) >= 0;
	struct rp_addr first = apart ? (struct rp_addr){.family = RP_FAMILY_NONE} : address;
	int result = rp_targets_set_ports(hosts->targets, host->ports);

	host->known = true;
	host->rows++;
	if (result == 0)
		result = rp_targets_add_name(hosts->targets, first, host->text, canonical);
	return result == 0 && apart ? rp_targets_move(hosts->targets, target, address) : result;
}

struct asking {
	struct named_hosts *hosts;
	struct named **asked;
	int left;
	int result;
};

static void take_answer(void *user, size_t index, const struct rp_found *found)
{
	struct asking *asking = user;
	const struct named_hosts *hosts = asking->hosts;
	struct named *host = asking->asked[index];
	unsigned used = hosts->all_addresses || found->count == 0 ? found->count : 1;

	if (found->count == 0 && error_is_exhaustion(found->error)) {
		asking->result = found->error;
		return;
	}
	if (found->count == 0) {
		free(host->why);
		host->why = strdup(found->why);
		if (found->error == -EINVAL)
			refuse(hosts, host, RP_REASON_BAD_TARGET, found->why);
		else
			asking->left++;
		return;
	}
	if (used < found->count)
		hosts->reporter.others(hosts->reporter.user, found);
	for (unsigned i = 0; i < used && asking->result == 0; i++)
		asking->result = named_place(hosts, host, found->addresses[i], found->canonical);
}

int named_look_up(struct named_hosts *hosts)
{
	const char **names = calloc(hosts->count + 1, sizeof *names);
	struct asking asking = {.hosts = hosts, .asked = calloc(hosts->count + 1, sizeof(*asking.asked))};
	size_t count = 0;

	if (names == NULL || asking.asked == NULL)
		asking.result = -ENOMEM;
	for (size_t i = 0; asking.result == 0 && i < hosts->count; i++) {
		struct named *host = hosts->list[i];

		if (host->known || host->bad != RP_REASON_NONE)
			continue;
		asking.asked[count] = host;
		names[count++] = host->text;
	}
	if (count > 0) {
		const struct named_reporter *reporter = &hosts->reporter;
		int result = reporter->look_up != NULL
				     ? reporter->look_up(reporter->look_up_user, names, count, take_answer, &asking)
				     : rp_resolver_look_up(names, count, take_answer, &asking);
		asking.result = asking.result < 0 ? asking.result : result;
	}
	free(names);
	free(asking.asked);
	return asking.result < 0 ? asking.result : asking.left;
}

int named_add_bad(struct named_hosts *hosts)
{
	int result = 0;

	for (size_t i = 0; i < hosts->count && result == 0; i++) {
		struct named *host = hosts->list[i];

		if (!host->known && host->bad == RP_REASON_NONE)
			refuse(hosts, host, RP_REASON_NO_ADDRESS, host->why != NULL ? host->why : host->text);
		if (host->bad == RP_REASON_NONE)
			continue;
		host->rows = 1;
		result = rp_targets_set_ports(hosts->targets, host->ports);
		if (result == 0)
			result = rp_targets_add_bad(hosts->targets, host->text, host->bad);
	}
	return result;
}

uint64_t named_repeated(const struct named_hosts *hosts)
{
	uint64_t repeated = rp_targets_repeated(hosts->targets);

	for (size_t i = 0; i < hosts->count; i++)
		repeated += (uint64_t)hosts->list[i]->again * hosts->list[i]->rows;
	return repeated;
}
