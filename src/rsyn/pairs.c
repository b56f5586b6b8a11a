/* SPDX-License-Identifier: MIT */
/* Hides how an operand is split, and which targets came of which. */
#include "rsyn/pairs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static int refuse(struct rp_error *error, const char *operand, const char *why)
{
	snprintf(error->text, sizeof error->text, "'%s': %s", operand, why);
	return -EINVAL;
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

static int read_operand(struct pair *pair, const char *operand, const char *ports, struct rp_error *error)
{
	const char *colon = strchr(operand, ':');
	struct rp_error why = {""};

	if (misread(operand) != NULL)
		return refuse(error, operand, misread(operand));
	*pair = (struct pair){.operand = operand};
	pair->host = colon != NULL ? strndup(operand, (size_t)(colon - operand)) : strdup(operand);
	if (pair->host == NULL)
		return -ENOMEM;
	if (colon == NULL)
		return ports != NULL ? 0 : refuse(error, operand, "which ports? name them with -p, or as HOST:PORT");
	if (colon == operand)
		return refuse(error, operand, "a host is needed before the colon");
	if (rp_ports_parse(&pair->ports, colon + 1, &why) < 0)
		return refuse(error, operand, why.text);
	return 0;
}

/* -p's syntax of everything that is named anywhere. */
static int add_text(struct pairs *pairs, const char *ports)
{
	struct strbuf text;

	strbuf_init(&text);
	if (pairs->text != NULL)
		strbuf_addf(&text, "%s,", pairs->text);
	strbuf_add(&text, ports);
	free(pairs->text);
	pairs->text = text.failed ? NULL : strdup(text.text);
	strbuf_fini(&text);
	return pairs->text != NULL ? 0 : -ENOMEM;
}

int pairs_read(struct pairs *pairs, const char **operands, int count, const char *ports, struct rp_error *error)
{
	*pairs = (struct pairs){.list = calloc((size_t)count + 1, sizeof *pairs->list)};
	if (pairs->list == NULL)
		return -ENOMEM;
	if (ports != NULL && *ports != '\0' && add_text(pairs, ports) < 0)
		return -ENOMEM;
	for (int i = 0; i < count; i++) {
		struct pair *pair = &pairs->list[pairs->count++];
		int result = read_operand(pair, operands[i], ports, error);

		if (result < 0)
			return result;
		if (pair->ports == NULL)
			continue;
		pairs->any_own = true;
		if (add_text(pairs, strchr(operands[i], ':') + 1) < 0)
			return -ENOMEM;
	}
	if (pairs->any_own && ports != NULL && *ports != '\0' && rp_ports_parse(&pairs->general, ports, error) < 0)
		return -EINVAL;
	return 0;
}

void pairs_free(struct pairs *pairs)
{
	for (int i = 0; i < pairs->count; i++) {
		free(pairs->list[i].host);
		rp_ports_free(pairs->list[i].ports);
		rp_targets_free(pairs->list[i].hosts);
	}
	free(pairs->list);
	free(pairs->text);
	rp_ports_free(pairs->general);
	rp_targets_free(pairs->listed);
	rp_targets_free(pairs->excluded);
}

/* New targets stand in a row; hosts that were targets before are kept apart, in `found`, which is taken then. */
static int add_host(struct pair *pair, struct rp_targets *targets, struct rp_targets **found, struct rp_error *error)
{
	uint64_t repeated = rp_targets_repeated(targets);
	struct rp_target target = rp_targets_at(*found, 0);
	int result;

	pair->first = rp_targets_count(targets);
	if (target.canonical != NULL) /* looked up, and not once more */
		result = rp_targets_add_address(targets, target.address, pair->host, target.canonical);
	else
		result = rp_targets_add(targets, pair->host, error);
	pair->last = rp_targets_count(targets);
	if (result == 0 && rp_targets_repeated(targets) > repeated) {
		pair->hosts = *found;
		*found = NULL;
	}
	pair->known = result == 0;
	return result;
}

/* The hosts that are not known yet, and room for what each of them is. */
static int ask_hosts(const struct pairs *pairs, const char **hosts, struct rp_targets **found, size_t *count)
{
	int result = 0;

	for (int i = 0; i < pairs->count && result == 0; i++) {
		if (pairs->list[i].known)
			continue;
		result = rp_targets_new(&found[*count]);
		hosts[*count] = pairs->list[i].host;
		*count += result == 0;
	}
	return result;
}

int pairs_resolve(struct pairs *pairs, struct rp_targets *targets, struct rp_error *error)
{
	const char **hosts = calloc((size_t)pairs->count + 1, sizeof *hosts);
	struct rp_targets **found = calloc((size_t)pairs->count + 1, sizeof *found);
	size_t count = 0, next = 0;
	int result = hosts != NULL && found != NULL ? ask_hosts(pairs, hosts, found, &count) : -ENOMEM;

	pairs->targets = targets;
	if (result < 0) {
		snprintf(error->text, sizeof error->text, "%s", strerror(-result));
		goto out;
	}
	result = rp_targets_add_each(found, hosts, count, error);
	for (int i = 0; i < pairs->count; i++) {
		struct pair *pair = &pairs->list[i];

		if (pair->known)
			continue;
		int added = rp_targets_count(found[next]) > 0
				    ? add_host(pair, targets, &found[next], result == 0 ? error : NULL)
				    : 0;
		if (result == 0)
			result = added;
		next++;
	}
out:
	for (size_t i = 0; i < count; i++)
		rp_targets_free(found[i]);
	free(found);
	free(hosts);
	return result;
}

int pairs_check_listed(const struct pairs *pairs, const char *text, struct rp_error *error)
{
	if (misread(text) != NULL)
		return refuse(error, text, misread(text));
	if (strchr(text, ':') != NULL)
		return refuse(error, text, "a target of a list has no ports of its own: name ports with -p");
	if (pairs->any_own && pairs->general == NULL)
		return refuse(error, text, "which ports? name them with -p");
	return 0;
}

int pairs_append(struct pairs *pairs, const char *text, struct rp_error *error)
{
	struct pair *list;
	int result = pairs_check_listed(pairs, text, error);

	if (result < 0)
		return result;
	list = realloc(pairs->list, ((size_t)pairs->count + 1) * sizeof *list);
	if (list != NULL)
		pairs->list = list;
	char *host = list != NULL ? strdup(text) : NULL;
	if (host == NULL)
		return refuse(error, text, strerror(ENOMEM));
	list[pairs->count++] = (struct pair){.operand = host, .host = host};
	return 0;
}

int pairs_list(struct pairs *pairs, const char *const *texts, size_t count, struct rp_error *error)
{
	if (!pairs->any_own || count == 0)
		return 0;
	int result = rp_targets_new(&pairs->listed);
	return result < 0 ? result : rp_targets_add_all(pairs->listed, texts, count, error);
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

bool pairs_uniform(const struct pairs *pairs)
{
	return pairs->excluded == NULL && (!pairs->any_own || (pairs->count == 1 && pairs->general == NULL));
}

static bool pair_has(const struct pair *pair, const struct rp_targets *targets, uint32_t target)
{
	if (target >= pair->first && target < pair->last)
		return true;
	return pair->hosts != NULL && rp_targets_find(pair->hosts, rp_targets_at(targets, target).address) >= 0;
}

bool pairs_asked(const void *user, uint32_t target, uint16_t port)
{
	const struct pairs *pairs = user;
	struct rp_addr address = rp_targets_at(pairs->targets, target).address;

	if (pairs->excluded != NULL && rp_targets_find(pairs->excluded, address) >= 0)
		return false;
	if (!pairs->any_own)
		return true;
	for (int i = 0; i < pairs->count; i++) {
		const struct pair *pair = &pairs->list[i];

		if (pair->known && pair_has(pair, pairs->targets, target) &&
		    rp_ports_find(pair->ports != NULL ? pair->ports : pairs->general, port) >= 0)
			return true;
	}
	return pairs->listed != NULL && rp_targets_find(pairs->listed, address) >= 0 &&
	       rp_ports_find(pairs->general, port) >= 0;
}
