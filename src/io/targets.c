/* SPDX-License-Identifier: MIT */
/*
 * Targets by name: what is neither address nor range is asked of the resolver. Hides that a name without an address
 * stands among the targets at one that nobody can have (0.0.0.0/8) until it moves.
 */
#include <rprobe/rprobe.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/resolve.h"
#include "target/addrset.h"

/* A DNS name as text. */
#define NAME_SIZE 256

/* An address in any form, the older ones too (127.1, 0x7f.1, 2130706433), which ping takes: no name, nobody is asked. */
static bool is_number(const char *text, uint32_t *address)
{
	struct in_addr number;

	if (strchr(text, ' ') != NULL || inet_aton(text, &number) == 0)
		return false;
	*address = ntohl(number.s_addr);
	return true;
}

/* What can be nobody's name is not asked for, let alone again and again. The words about IPv6 are the resolver's. */
static int check_name(const char *text, struct rp_error *error)
{
	char address[NAME_SIZE];
	struct in6_addr ipv6;

	if (text[0] == '\0')
		return error_set(error, -EINVAL, "the host is an empty string: an address or a name is needed");
	if (strchr(text, ':') == NULL && strpbrk(text, "/ ") == NULL)
		return 0;
	snprintf(address, sizeof address, "%.*s", (int)strcspn(text, "%"), text);
	if (inet_pton(AF_INET6, address, &ipv6) == 1)
		return error_set(error, -EINVAL, "%s: Address family for hostname not supported (give an IPv4 address)",
				 text);
	return error_set(error, -EINVAL, "'%s': neither an address nor a name of a host, which has no '%c' in it", text,
			 text[strcspn(text, ":/ ")]);
}

int rp_targets_add(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	char canonical[NAME_SIZE];
	struct rp_addr address;
	uint32_t number;
	bool numeric = is_number(text, &number);

	/* The address of no host is this host, as connect() has it. */
	if (numeric && number == 0)
		return addrset_add_address(targets, rp_addr_ipv4(INADDR_LOOPBACK), text, NULL);
	int result = addrset_add_text(targets, text, error);
	if (result <= 0)
		return result;
	if (numeric)
		return addrset_add_address(targets, rp_addr_ipv4(number), text, NULL);
	result = check_name(text, error);
	if (result == 0)
		result = resolve_name(text, &address, canonical, sizeof canonical, error);
	if (result < 0)
		return result;
	result = addrset_add_address(targets, address, text, canonical);
	return result < 0 ? error_set(error, result, "%s: %s", text, strerror(-result)) : result;
}

/* What is looked up beforehand, side by side. */
struct early {
	struct rp_loop *loop;
	struct rp_addr address; /* family NONE: not found, or not looked up */
	char *canonical;        /* owned */
};

static bool keep_early(void *user, const struct rp_found *found)
{
	struct early *early = user;

	if (found->count > 0 && (early->canonical = strdup(found->canonical)) != NULL)
		early->address = found->addresses[0];
	if (found->error == -EAGAIN)
		rp_loop_quit(early->loop); /* the others would wait for nothing, too */
	return false;
}

/* International names need the system's resolver. */
static bool may_be_looked_up(const char *text)
{
	uint32_t address;
	bool letters = false;

	for (const char *at = text; *at != '\0'; at++) {
		if ((unsigned char)*at > '~' || *at == '/' || *at == ' ')
			return false;
		letters |= strchr("0123456789.,-*", *at) == NULL;
	}
	return letters && !is_number(text, &address);
}

/* What cannot be found so is left to the system's resolver, which may know other ways, and says what is wrong. */
static void look_up_early(const char *const *texts, size_t count, struct early *early)
{
	struct rp_loop *loop = NULL;
	struct rp_names *names = NULL;

	if (rp_loop_new(&loop) == 0 && rp_names_open(&names, loop, NULL) == 0) {
		for (size_t i = 0; i < count; i++) {
			early[i].loop = loop;
			if (may_be_looked_up(texts[i]))
				rp_names_find(names, texts[i], 0, 0, keep_early, &early[i]);
		}
		rp_names_settle(names, INT64_MAX);
	}
	rp_names_close(names);
	rp_loop_free(loop);
}

int rp_targets_add_all(struct rp_targets *targets, const char *const *texts, size_t count, struct rp_error *error)
{
	struct early *early = calloc(count + 1, sizeof *early);
	int result = early ? 0 : error_set(error, -ENOMEM, "out of memory");

	if (early && count > 1)
		look_up_early(texts, count, early);
	for (size_t i = 0; i < count && result == 0; i++) {
		if (early[i].address.family == RP_FAMILY_NONE)
			result = rp_targets_add(targets, texts[i], error);
		else
			result = addrset_add_address(targets, early[i].address, texts[i], early[i].canonical);
	}
	for (size_t i = 0; early && i < count; i++)
		free(early[i].canonical);
	free(early);
	return result;
}

int rp_targets_add_name(struct rp_targets *targets, const char *name)
{
	uint32_t index = rp_targets_count(targets);
	uint32_t place = index + 1;

	if (!may_be_looked_up(name))
		return 1;
	while (addrset_find(targets, rp_addr_ipv4(place)) >= 0)
		place++;
	int result = addrset_add_address(targets, rp_addr_ipv4(place), name, name);
	return result < 0 ? result
			  : moves_add(addrset_moves(targets), index, (struct rp_addr){.family = RP_FAMILY_NONE});
}

int rp_targets_move(struct rp_targets *targets, uint32_t index, struct rp_addr address)
{
	return address.family == RP_FAMILY_IPV4 ? moves_add(addrset_moves(targets), index, address) : -EINVAL;
}

int rp_targets_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical)
{
	return addrset_add_address(targets, address, name, canonical);
}

int64_t rp_targets_find(const struct rp_targets *targets, struct rp_addr address)
{
	return addrset_find(targets, address);
}
