/* SPDX-License-Identifier: MIT */
/* Targets by name: what is neither address nor range is asked of the resolver. */
#include <rprobe/rprobe.h>

#include <arpa/inet.h>
#include <errno.h>
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
	result = resolve_name(text, &address, canonical, sizeof canonical, error);
	if (result < 0)
		return result;
	result = addrset_add_address(targets, address, text, canonical);
	return result < 0 ? error_set(error, result, "%s: %s", text, strerror(-result)) : result;
}

int rp_targets_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical)
{
	return addrset_add_address(targets, address, name, canonical);
}

int64_t rp_targets_find(const struct rp_targets *targets, struct rp_addr address)
{
	return addrset_find(targets, address);
}
