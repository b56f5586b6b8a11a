/* SPDX-License-Identifier: MIT */
/*
 * Targets by name: what is neither address nor range is asked of the resolver. Hides that a name without an address
 * stands among the targets at one that nobody can have (0.0.0.0/8) until it moves.
 */
#include <rprobe/rprobe.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"
#include "io/lookup.h"
#include "io/resolve.h"
#include "target/addrset.h"

/* A DNS name as text. */
#define NAME_SIZE 256

/* An address in any notation that ping takes, the older ones too (127.1, 0x7f.1, 2130706433): no resolver is asked for it. */
static bool is_number(const char *text, uint32_t *address)
{
	struct in_addr number;

	if (strchr(text, ' ') != NULL || inet_aton(text, &number) == 0)
		return false;
	*address = ntohl(number.s_addr);
	return true;
}

/* What cannot be a name is refused before a resolver is asked. The words about IPv6 are the resolver's own. */
static int check_name(const char *text, struct rp_error *error)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strcspn(text, "%"); /* an interface may stand behind an IPv6 address */
	struct in6_addr ipv6;

	if (text[0] == '\0')
		return error_set(error, -EINVAL, "the host is an empty string: an address or a name is needed");
	if (strchr(text, ':') == NULL && strpbrk(text, "/ ") == NULL)
		return 0;
	if (length < sizeof address)
		memcpy(address, text, length);
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

	/* 0.0.0.0 means this host, as with connect(). */
	if (numeric && number == 0)
		return addrset_add_address(targets, rp_addr_ipv4(INADDR_LOOPBACK), text, NULL, error);
	int result = addrset_add_text(targets, text, error);
	if (result <= 0)
		return result;
	if (numeric)
		return addrset_add_address(targets, rp_addr_ipv4(number), text, NULL, error);
	result = check_name(text, error);
	if (result == 0)
		result = resolve_name(text, &address, canonical, sizeof canonical, error);
	if (result < 0)
		return result;
	return addrset_add_address(targets, address, text, canonical, error);
}

/* Neither an address nor a range, in whatever notation. */
static bool is_name(const char *text)
{
	uint32_t address;

	return text[strspn(text, "0123456789.,-*")] != '\0' && strpbrk(text, "/: ") == NULL &&
	       !is_number(text, &address);
}

static int add_found(struct rp_targets *targets, const char *text, const struct lookup *found, struct rp_error *error)
{
	if (!found->name)
		return rp_targets_add(targets, text, error);
	if (found->result < 0)
		return error_set(error, found->result, "%s", found->text ? found->text : strerror(-found->result));
	return addrset_add_address(targets, found->address, text, found->text, error);
}

/* All to the set `one`, up to the first error, or, where `one` is NULL, each to its own set. */
static int add_all(struct rp_targets *one, struct rp_targets *const *each, const char *const *texts, size_t count,
		   struct rp_error *error)
{
	struct lookup *list = calloc(count + 1, sizeof *list);
	int result = 0;

	if (!list)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		list[i].name = is_name(texts[i]) ? texts[i] : NULL;
	lookup_run(list, count, each != NULL);
	for (size_t i = 0; i < count && (each || result == 0); i++) {
		int added = add_found(each ? each[i] : one, texts[i], &list[i], result == 0 ? error : NULL);

		if (result == 0)
			result = added;
	}
	lookup_fini(list, count);
	free(list);
	return result;
}

int rp_targets_add_all(struct rp_targets *targets, const char *const *texts, size_t count, struct rp_error *error)
{
	return add_all(targets, NULL, texts, count, error);
}

int rp_targets_add_each(struct rp_targets *const *sets, const char *const *texts, size_t count, struct rp_error *error)
{
	return add_all(NULL, sets, texts, count, error);
}

int rp_targets_add_name(struct rp_targets *targets, const char *name)
{
	return is_name(name) && ascii_only(name) ? addrset_add_unknown(targets, name) : 1;
}

int rp_targets_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical)
{
	return addrset_add_address(targets, address, name, canonical, NULL);
}

int64_t rp_targets_find(const struct rp_targets *targets, struct rp_addr address)
{
	return addrset_find(targets, address);
}
