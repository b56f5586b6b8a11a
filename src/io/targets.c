/* SPDX-License-Identifier: MIT */
/* Targets as text: addresses in the older notations, too, and what is neither address nor range is asked of the
 * resolver. */
#include <rprobe/rprobe.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/gai.h"
#include "target/set.h"

/* An address in any notation that ping takes, the older ones too (127.1, 0x7f.1, 2130706433): no resolver is asked
 * for it. */
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
		return set_add_address(targets, rp_addr_ipv4(INADDR_LOOPBACK), text, error);
	int result = set_add_text(targets, text, error);
	if (result == 1 && numeric)
		result = set_add_address(targets, rp_addr_ipv4(number), text, error);
	return result;
}

int rp_targets_add(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	char canonical[GAI_NAME_SIZE];
	struct rp_addr *addresses = NULL;
	struct rp_error why = {""};
	int result = rp_targets_add_numeric(targets, text, error);

	if (result <= 0)
		return result;
	result = gai_check(text, error);
	if (result == 0) {
		result = gai_ask(text, &addresses, canonical, sizeof canonical, &why);
		if (result < 0)
			error_set(error, result, "%s: %s", text, why.text);
	}
	if (result > 0)
		result = rp_targets_add_name(targets, addresses[0], text, canonical);
	free(addresses);
	return result;
}
