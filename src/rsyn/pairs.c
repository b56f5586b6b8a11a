/* SPDX-License-Identifier: MIT */
/* How a pair is split, and which rows came of which host. Its cost goes with what is named, not with hosts times ports. */
#include "rsyn/pairs.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

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
		return "IPv6 is not spoken, and HOST:PORTS has one colon: name an IPv4 address";
	if (strlen(text) <= 5 && text[strspn(text, "0123456789")] == '\0' && strcmp(text, "0") != 0)
		return "a port, or a target? ports stand together, without blanks: -p 22,80";
	return NULL;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* What is written begins with its text. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A host may be named well and badly: 192.0.2.1:22 and, without -p, 192.0.2.1. */
static int by_host(const void *a, const void *b)
{
	const struct named *one = a, *other = b;
	int order = strcmp(one->text, other->text);

	return order != 0 ? order : (int)one->refused - (int)other->refused;
}

/* Room for one more; NULL: out of memory, and the list is as it was. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	size_t more = 2 * count + 16;

	if (count < *room)
		return list;
	list = realloc(list, more * size);
	if (list != NULL)
		*room = more;
	return list;
}

/* NULL: out of memory. */
static struct named *name_host(struct pairs *pairs, const char *text, size_t length, bool refused)
{
	struct named **list = grow(pairs->hosts, pairs->host_count, &pairs->host_room, sizeof(*list));
	struct named *host = calloc(1, sizeof *host);
	struct named **at = NULL;

	if (list != NULL)
		pairs->hosts = list;
	if (host == NULL)
		return NULL;
	host->text = strndup(text, length);
	host->refused = refused;
	if (host->text != NULL && list != NULL)
		at = (struct named **)tsearch(host, &pairs->host_tree, by_host);
	if (at != NULL && *at == host) {
		pairs->hosts[pairs->host_count++] = host;
		return host;
	}
	free(host->text);
	free(host);
	if (at == NULL)
		return NULL;
	(*at)->again++;
	return *at;
}

static void free_written(struct written *written)
{
	rp_ports_free(written->ports);
	free(written->text);
	free(written);
}

static int write_ports(struct pairs *pairs, const char *text, const struct rp_ports **ports, struct rp_error *error)
{
	struct written **at = (struct written **)tfind(&text, &pairs->port_tree, by_text);
	struct written *written, **list;
	int result;

	if (at != NULL) {
		*ports = (*at)->ports;
		return 0;
	}
	list = grow(pairs->lists, pairs->list_count, &pairs->list_room, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	pairs->lists = list;
	written = calloc(1, sizeof *written);
	if (written == NULL)
		return -ENOMEM;
	written->text = strdup(text);
	result = written->text != NULL ? rp_ports_parse(&written->ports, text, error) : -ENOMEM;
	if (result == 0 && pairs->without != NULL)
		result = rp_ports_exclude(written->ports, pairs->without, error);
	if (result == 0 && tsearch(written, &pairs->port_tree, by_text) == NULL)
		result = -ENOMEM;
	if (result < 0) {
		free_written(written);
		return result;
	}
	pairs->lists[pairs->list_count++] = written;
	*ports = written->ports;
	return 0;
}

void pairs_init(struct pairs *pairs, struct rp_ports *general, const char *without)
{
	*pairs = (struct pairs){.general = general, .without = without};
}

const char *pairs_refuse_plain(const struct pairs *pairs, const char *text)
{
	const char *why = misread(text);

	if (why == NULL && pairs->general == NULL)
		why = "which ports? name them with -p, or as HOST:PORT";
	return why;
}

int pairs_add(struct pairs *pairs, const char *text, const char *file, uint32_t line, const struct pairs_teller *teller)
{
	struct pair *list = grow(pairs->list, pairs->count, &pairs->room, sizeof(*list));
	struct pair pair = {.ports = pairs->general};
	const char *colon = strchr(text, ':');
	const char *why = colon == NULL ? pairs_refuse_plain(pairs, text) : misread(text);
	struct rp_error error = {""};
	int result = 0;

	if (list == NULL)
		return -ENOMEM;
	pairs->list = list;
	if (why == NULL && colon == text)
		why = "a host is needed before the colon";
	if (why == NULL && colon != NULL)
		result = write_ports(pairs, colon + 1, &pair.ports, &error);
	if (result < 0 && error.text[0] != '\0')
		why = error.text;
	else if (result < 0)
		return result;
	size_t length = colon != NULL && why == NULL ? (size_t)(colon - text) : strlen(text);
	pair.host = name_host(pairs, text, length, why != NULL);
	if (pair.host == NULL)
		return -ENOMEM;
	if (pair.host->again == 0) {
		pair.host->file = file;
		pair.host->line = line;
	}
	pairs->any_own |= pair.ports != pairs->general;
	list[pairs->count++] = pair;
	if (why == NULL)
		return 0;
	pair.host->bad = RP_REASON_BAD_TARGET;
	if (pair.host->again > 0) /* reported where it stands first */
		return 0;
	struct rp_error sentence;
	error_set(&sentence, 0, "'%s': %s", text, why);
	teller->bad(teller->user, pair.host, sentence.text);
	return 0;
}

static void keep(void *user)
{
	(void)user;
}

void pairs_free(struct pairs *pairs)
{
	tdestroy(pairs->host_tree, keep);
	tdestroy(pairs->port_tree, keep);
	for (size_t i = 0; i < pairs->host_count; i++) {
		free(pairs->hosts[i]->text);
		free(pairs->hosts[i]->why);
		rp_targets_free(pairs->hosts[i]->found);
		free(pairs->hosts[i]);
	}
	for (size_t i = 0; i < pairs->list_count; i++)
		free_written(pairs->lists[i]);
	free(pairs->lists);
	for (size_t i = 0; i < pairs->joined_count; i++)
		rp_ports_free(pairs->joined[i]);
	free(pairs->joined);
	free(pairs->asked);
	free(pairs->probed);
	free(pairs->merged);
	free(pairs->hosts);
	free(pairs->list);
	rp_ports_free(pairs->all);
	rp_ports_free(pairs->general);
	rp_targets_free(pairs->excluded);
}

/* ---- what becomes targets --------------------------------------------------------------------- */

static void fail(struct named *host, enum rp_reason reason, const char *why, const struct pairs_teller *teller)
{
	host->bad = reason;
	teller->bad(teller->user, host, why);
}

/* New targets stand in a row. Where some were targets before, all are kept, in `found`; but an address is found at once. */
static int add_host(struct named *host, struct rp_targets *targets, struct rp_error *why)
{
	uint64_t repeated = rp_targets_repeated(targets);
	struct rp_addr address;

	host->first = rp_targets_count(targets);
	int result = rp_targets_add_numeric(targets, host->text, why);
	host->last = rp_targets_count(targets);
	host->known = result == 0;
	if (result != 0 || rp_targets_repeated(targets) == repeated)
		return result;
	if (rp_addr_parse(host->text, &address) == 0 && rp_addr_ipv4_value(address) != 0) {
		host->first = (uint32_t)rp_targets_find(targets, address);
		host->last = host->first + 1;
		return 0;
	}
	result = rp_targets_new(&host->found);
	return result < 0 ? result : rp_targets_add_numeric(host->found, host->text, why);
}

int pairs_add_numeric(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller)
{
	for (size_t i = 0; i < pairs->host_count; i++) {
		struct named *host = pairs->hosts[i];
		struct rp_error why = {""};
		int result = host->bad == RP_REASON_NONE ? add_host(host, targets, &why) : 0;

		if (result == -ENOMEM)
			return result;
		if (result < 0)
			fail(host, RP_REASON_BAD_TARGET, why.text, teller);
		host->name = result == 1;
	}
	return 0;
}

struct asking {
	struct pairs *pairs;
	struct rp_targets *targets;
	const struct pairs_teller *teller;
	struct named **hosts; /* those that are asked for */
	size_t left;
	int result;
};

/* What is a target already is probed for all of its names, but for those that may move. */
int pairs_add_address(const struct pairs *pairs, struct rp_targets *targets, struct named *host, const char *canonical,
		      struct rp_addr address)
{
	uint32_t row = rp_targets_count(targets);
	int result;

	if (!host->known)
		host->first = row;
	host->last = row + 1;
	host->known = true;
	if (rp_targets_find(targets, address) < 0)
		return rp_targets_add_address(targets, address, host->text, canonical);
	if (!pairs->apart)
		return rp_targets_add_alias(targets, address, host->text, canonical);
	result = rp_targets_add_name(targets, host->text);
	return result < 0 ? result : rp_targets_move(targets, row, address);
}

static void take_answer(void *user, size_t index, const struct rp_found *found)
{
	struct asking *asking = user;
	struct named *host = asking->hosts[index];
	unsigned used = asking->pairs->all_addresses || found->count == 0 ? found->count : 1;

	if (found->count == 0 && error_is_exhaustion(found->error)) {
		asking->result = found->error;
		return;
	}
	if (found->count == 0) {
		free(host->why);
		host->why = strdup(found->why);
		if (found->error == -EINVAL)
			fail(host, RP_REASON_BAD_TARGET, found->why, asking->teller);
		else
			asking->left++;
		return;
	}
	if (used < found->count)
		asking->teller->others(asking->teller->user, found);
	for (unsigned i = 0; i < used && asking->result == 0; i++)
		asking->result =
			pairs_add_address(asking->pairs, asking->targets, host, found->canonical, found->addresses[i]);
}

int pairs_add_names(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller)
{
	struct asking asking = {.pairs = pairs, .targets = targets, .teller = teller};
	const char **names = calloc(pairs->host_count + 1, sizeof *names);
	size_t count = 0;

	asking.hosts = calloc(pairs->host_count + 1, sizeof(*asking.hosts));
	if (names == NULL || asking.hosts == NULL)
		asking.result = -ENOMEM;
	for (size_t i = 0; asking.result == 0 && i < pairs->host_count; i++) {
		struct named *host = pairs->hosts[i];

		if (!host->name || host->known || host->bad != RP_REASON_NONE)
			continue;
		asking.hosts[count] = host;
		names[count++] = host->text;
	}
	if (count > 0) {
		int result = rp_resolver_look_up(names, count, take_answer, &asking);
		asking.result = asking.result < 0 ? asking.result : result;
	}
	free(names);
	free(asking.hosts);
	return asking.result < 0 ? asking.result : asking.left > 0;
}

int pairs_add_bad(struct pairs *pairs, struct rp_targets *targets, const struct pairs_teller *teller)
{
	for (size_t i = 0; i < pairs->host_count; i++) {
		struct named *host = pairs->hosts[i];

		if (!host->known && host->bad == RP_REASON_NONE)
			fail(host, RP_REASON_NO_ADDRESS, host->why != NULL ? host->why : host->text, teller);
		if (host->bad == RP_REASON_NONE)
			continue;
		host->first = rp_targets_count(targets);
		host->last = host->first + 1;
		int result = rp_targets_add_alias(targets, (struct rp_addr){.family = RP_FAMILY_NONE}, host->text,
						  host->text);
		if (result < 0)
			return result;
	}
	return 0;
}

uint64_t pairs_repeated(const struct pairs *pairs, const struct rp_targets *targets)
{
	uint64_t repeated = rp_targets_repeated(targets);

	for (size_t i = 0; i < pairs->host_count; i++) {
		const struct named *host = pairs->hosts[i];
		uint32_t size = host->found != NULL ? rp_targets_count(host->found) : host->last - host->first;

		repeated += (uint64_t)host->again * size;
	}
	return repeated;
}
