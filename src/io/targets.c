/* SPDX-License-Identifier: MIT */
/* Targets as text: addresses in the older notations, too, and what is neither address nor range is asked of the resolver. */
#include <rprobe/rprobe.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/error.h"
#include "io/gai.h"
#include "io/source.h"
#include "target/addrset.h"

/* An address in any notation that ping takes, the older ones too (127.1, 0x7f.1, 2130706433): no resolver is asked for it. */
static bool is_number(const char *text, uint32_t *address)
{
	struct in_addr number;

	if (strchr(text, ' ') != NULL || inet_aton(text, &number) == 0)
		return false;
	*address = ntohl(number.s_addr);
	return true;
}

int rp_targets_add_numeric(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	uint32_t number;
	bool numeric = is_number(text, &number);

	/* 0.0.0.0 means this host, as with connect(). */
	if (numeric && number == 0)
		return addrset_add_address(targets, rp_addr_ipv4(INADDR_LOOPBACK), text, NULL, error);
	int result = addrset_add_text(targets, text, error);
	if (result == 1 && numeric)
		result = addrset_add_address(targets, rp_addr_ipv4(number), text, NULL, error);
	return result;
}

int rp_targets_add(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	char canonical[GAI_NAME_SIZE];
	struct rp_addr *addresses = NULL;
	int result = rp_targets_add_numeric(targets, text, error);

	if (result <= 0)
		return result;
	result = gai_check(text, error);
	if (result == 0)
		result = gai_ask(text, &addresses, canonical, sizeof canonical, error);
	if (result > 0)
		result = addrset_add_address(targets, addresses[0], text, canonical, error);
	free(addresses);
	return result;
}

/* Neither an address nor a range, in whatever notation. */
static bool is_name(const char *text)
{
	uint32_t address;

	return text[strspn(text, "0123456789.,-*")] != '\0' && strpbrk(text, "/: ") == NULL &&
	       !is_number(text, &address);
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
