/* SPDX-License-Identifier: MIT */
/* Hides how a pair is split, and which targets came of which. Its cost goes with what is named, not with hosts times ports. */
#include "rsyn/pairs.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int refuse(struct rp_error *error, const char *operand, const char *why)
{
	return error_set(error, -EINVAL, "'%s': %s", operand, why);
}

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

/* Both of what stands in trees begins with its text. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
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

static struct named *name_host(struct pairs *pairs, const char *text, size_t length)
{
	struct named **list = grow(pairs->hosts, pairs->host_count, &pairs->host_room, sizeof(*list));
	struct named *host = calloc(1, sizeof *host);
	struct named **at = NULL;

	if (list != NULL)
		pairs->hosts = list;
	if (host == NULL)
		return NULL;
	host->text = strndup(text, length);
	if (host->text != NULL && list != NULL)
		at = (struct named **)tsearch(host, &pairs->host_tree, by_text);
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

int pairs_add(struct pairs *pairs, const char *text, struct rp_error *error)
{
	struct pair *list = grow(pairs->list, pairs->count, &pairs->room, sizeof(*list));
	struct pair pair = {.ports = pairs->general};
	const char *colon = strchr(text, ':');
	struct rp_error why = {""};

	if (list != NULL)
		pairs->list = list;
	if (colon == NULL || misread(text) != NULL) {
		int result = pairs_check_plain(pairs, text, error);
		if (result < 0)
			return result;
	}
	if (colon == text)
		return refuse(error, text, "a host is needed before the colon");
	if (colon != NULL && write_ports(pairs, colon + 1, &pair.ports, &why) < 0)
		return refuse(error, text, why.text[0] != '\0' ? why.text : strerror(ENOMEM));
	pair.host = name_host(pairs, text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	if (pair.host == NULL || list == NULL)
		return refuse(error, text, strerror(ENOMEM));
	pairs->any_own |= colon != NULL;
	list[pairs->count++] = pair;
	return 0;
}

int pairs_check_plain(const struct pairs *pairs, const char *text, struct rp_error *error)
{
	if (misread(text) != NULL)
		return refuse(error, text, misread(text));
	return pairs->general != NULL ? 0 : refuse(error, text, "which ports? name them with -p, or as HOST:PORT");
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
		rp_targets_free(pairs->hosts[i]->found);
		free(pairs->hosts[i]);
	}
	for (size_t i = 0; i < pairs->list_count; i++)
		free_written(pairs->lists[i]);
	free(pairs->lists);
	for (size_t i = 0; i < pairs->joined_count; i++)
		rp_ports_free(pairs->joined[i]);
	free(pairs->joined);
	free(pairs->ports_of);
	free(pairs->hosts);
	free(pairs->list);
	rp_ports_free(pairs->all);
	rp_ports_free(pairs->general);
	rp_targets_free(pairs->excluded);
}

/* ---- looking up ------------------------------------------------------------------------------- */

/* Nobody needs to be asked, and it needs no set of its own. */
static bool is_address(const char *text, struct rp_addr *address)
{
	return rp_addr_parse(text, address) == 0 && rp_addr_ipv4_value(*address) != 0;
}

static int add_address(struct named *host, struct rp_addr address, struct rp_targets *targets)
{
	uint32_t count = rp_targets_count(targets);
	int result = rp_targets_add_address(targets, address, host->text, NULL);
	int64_t at = rp_targets_find(targets, address);

	host->first = at >= 0 ? (uint32_t)at : count;
	host->last = host->first + 1;
	host->known = result == 0;
	return result;
}

/* New targets stand in a row; hosts that were targets before are kept apart, in `found`, which is taken then. */
static int add_host(struct named *host, struct rp_targets *targets, struct rp_targets **found, struct rp_error *error)
{
	uint64_t repeated = rp_targets_repeated(targets);
	struct rp_target target = rp_targets_at(*found, 0);
	int result;

	host->first = rp_targets_count(targets);
	if (target.canonical != NULL) /* looked up, and not once more */
		result = rp_targets_add_address(targets, target.address, host->text, target.canonical);
	else
		result = rp_targets_add(targets, host->text, error);
	host->last = rp_targets_count(targets);
	if (result == 0 && rp_targets_repeated(targets) > repeated) {
		host->found = *found;
		*found = NULL;
	}
	host->known = result == 0;
	return result;
}

/* The hosts that have to be looked up, and room for what each of them is. */
static int ask_hosts(struct named *const *list, size_t count, const char **texts, struct rp_targets **found,
		     size_t *asked)
{
	struct rp_addr address;
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		if (list[i]->known || is_address(list[i]->text, &address))
			continue;
		result = rp_targets_new(&found[*asked]);
		texts[*asked] = list[i]->text;
		*asked += result == 0;
	}
	return result;
}

int pairs_resolve(struct pairs *pairs, size_t first, size_t count, struct rp_targets *targets, struct rp_error *error)
{
	struct named *const *list = pairs->hosts + first;
	const char **texts = calloc(count + 1, sizeof *texts);
	struct rp_targets **found = calloc(count + 1, sizeof *found);
	size_t asked = 0, next = 0;
	struct rp_addr address;
	int result = texts != NULL && found != NULL ? ask_hosts(list, count, texts, found, &asked) : -ENOMEM;

	if (result < 0) {
		error_set(error, result, "%s", strerror(-result));
		goto out;
	}
	if (asked > 0)
		result = rp_targets_add_each(found, texts, asked, error);
	for (size_t i = 0; i < count; i++) {
		int added = 0;

		if (list[i]->known)
			continue;
		if (is_address(list[i]->text, &address)) {
			added = add_address(list[i], address, targets);
		} else {
			if (rp_targets_count(found[next]) > 0)
				added = add_host(list[i], targets, &found[next], result == 0 ? error : NULL);
			next++;
		}
		if (result == 0)
			result = added;
	}
out:
	for (size_t i = 0; i < asked; i++)
		rp_targets_free(found[i]);
	free(found);
	free(texts);
	return result;
}

int pairs_exclude(struct pairs *pairs, const char *const *texts, size_t count, struct rp_error *error)
{
	/* The rest of 192.0.2.1,7-9 would be 0.0.0.7, or nothing, and 192.0.2.7 be probed. */
	for (size_t i = 0; i < count; i++)
		if (texts[i][strspn(texts[i], "0123456789-*")] == '\0')
			return refuse(error, texts[i],
				      "a comma stands between whole addresses, as in 192.0.2.1,192.0.2.7-9");
	int result = rp_targets_new(&pairs->excluded);
	return result < 0 ? result : rp_targets_add_all(pairs->excluded, texts, count, error);
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
