/* SPDX-License-Identifier: MIT */
/* Hides the grammar of patterns, kinds of stamps and hops. */
#include "rping/opts_call.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* Two digits make an octet; a last digit alone is an octet, too, as in iputils. */
int call_pattern(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;
	size_t digits = strlen(argument);

	if (digits == 0 || digits > 2 * sizeof(rping->pattern) ||
	    strspn(argument, "0123456789abcdefABCDEF") != digits) {
		snprintf(why, size, "patterns must be specified as hex digits: 1 to 32 of them");
		return -1;
	}
	rping->pattern_length = 0;
	for (size_t i = 0; i < digits; i += 2) {
		int octet = num_digit(argument[i]);

		if (i + 1 < digits)
			octet = octet * 16 + num_digit(argument[i + 1]);
		rping->pattern[rping->pattern_length++] = (uint8_t)octet;
	}
	return 0;
}

int opts_add_hop(struct rping_options *options, struct rp_addr hop, char *why, size_t size)
{
	if (options->hop_count == RP_HOPS_MAX) {
		snprintf(why, size, "%d hops at most", RP_HOPS_MAX);
		return -1;
	}
	options->hops[options->hop_count++] = hop;
	return 0;
}

int call_via(void *options, const char *argument, char *why, size_t size)
{
	for (const char *at = argument;; at++) {
		size_t length = strcspn(at, ",");
		char text[RP_ADDR_TEXT_SIZE];
		struct rp_addr hop;

		snprintf(text, sizeof text, "%.*s", (int)length, at);
		if (length >= sizeof text || rp_addr_parse(text, &hop) < 0) {
			snprintf(why, size, "an IPv4 address is needed, or several with commas between them");
			return -1;
		}
		if (opts_add_hop(options, hop, why, size) < 0)
			return -1;
		at += length;
		if (*at == '\0')
			return 0;
	}
}
