/* SPDX-License-Identifier: MIT */
/* Targets by name: what is neither address nor range is asked of the resolver. */
#include <rprobe/rprobe.h>

#include <errno.h>
#include <string.h>

#include "io/error.h"
#include "io/resolve.h"
#include "target/addrset.h"

/* A DNS name as text. */
#define NAME_SIZE 256

int rp_targets_add(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	char canonical[NAME_SIZE];
	struct rp_addr address;
	int result = addrset_add_text(targets, text, error);

	if (result <= 0)
		return result;
	result = resolve_name(text, &address, canonical, sizeof canonical, error);
	if (result < 0)
		return result;
	result = addrset_add_address(targets, address, text, canonical);
	return result < 0 ? error_set(error, result, "%s: %s", text, strerror(-result)) : result;
}
